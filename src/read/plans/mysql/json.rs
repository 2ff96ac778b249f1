//! EXPLAIN FORMAT=JSON of MySQL and of MariaDB, in any text: two readers, since the documents of the
//! two products differ but for their frame.
//!
//! Finding is [`document`]'s, the structures are [`blocks`]'s and [`json_v2`]'s.

use super::head::Structure;
use super::{blocks, document, json_v2};
use crate::model::event::Engine;
use crate::model::plan::Plan;
use crate::read::plans::tree::parse_json;
use crate::read::plans::{Bounds, Found, Literals, PlanError, PlanMeta, PlanReader};

/// MySQL's, both versions.
pub static MYSQL: Json = Json(&PlanMeta {
    name: "mysql-json",
    engine: Engine::Mysql,
    title: "MySQL: EXPLAIN FORMAT=JSON, versions 1 and 2, also of EXPLAIN ANALYZE",
    bounds: Bounds::Marked,
    words: &["query_block", "query_plan", "operation"],
    samples: &[
        r#"{"query_block": {"select_id": 1, "cost_info": {"query_cost": "1.40"},
            "table": {"table_name": "t", "access_type": "ALL", "rows_examined_per_scan": 4}}}"#,
        r#"{"query": "select 1", "query_plan": {"operation": "Table scan on t",
            "access_type": "table", "table_name": "t"}, "query_type": "select"}"#,
        r#"{"inputs": [{"operation": "Table scan on t", "access_type": "table"}],
            "operation": "Limit: 1 row(s)", "access_type": "limit"}"#,
    ],
});

/// MariaDB's, measured or not.
pub static MARIADB: Json = Json(&PlanMeta {
    name: "mariadb-json",
    engine: Engine::Mariadb,
    title: "MariaDB: EXPLAIN FORMAT=JSON and ANALYZE FORMAT=JSON",
    bounds: Bounds::Marked,
    words: &["query_block"],
    samples: &[
        r#"{"query_block": {"select_id": 1, "r_loops": 1, "r_total_time_ms": 0.05,
            "table": {"table_name": "t", "access_type": "ALL", "r_loops": 1, "rows": 4,
            "r_rows": 4, "filtered": 100, "r_filtered": 100}}}"#,
        r#"{"query_block": {"select_id": 1, "nested_loop": [{"table": {"table_name": "t",
            "access_type": "ALL", "rows": 4, "filtered": 100}}]}}"#,
    ],
});

/// The reader of one product's documents.
#[derive(Debug)]
pub struct Json(&'static PlanMeta);

impl PlanReader for Json {
    fn meta(&self) -> &'static PlanMeta {
        self.0
    }

    fn find(&self, text: &str) -> Option<Found> {
        let mut at = 0;
        loop {
            let first = document::next(text, at)?;
            at = first.end;
            if first.engine == self.0.engine {
                // Those that begin behind it on the same line are part of what is found.
                while let Some(next) = on_same_line(text, at) {
                    at = next.end;
                }
                return Some(Found { start: first.start, end: at });
            }
        }
    }

    fn read(&self, text: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let mut plans = Vec::new();
        let mut at = 0;
        while let Some(document) = document::next(text, at) {
            at = document.end;
            plans.push(plan(&document, literals).map_err(|error| PlanError {
                // Undressed JSON may be longer than it was.
                offset: (document.start + error.offset).min(document.end),
                message: error.message,
            })?);
        }
        match plans.is_empty() {
            true => Err(PlanError::at(0, "no plan of MySQL or MariaDB in it")),
            false => Ok(plans),
        }
    }
}

/// The document that begins on the rest of a line. Without a bracket there, none is looked for.
fn on_same_line(text: &str, at: usize) -> Option<document::Document<'_>> {
    let rest = text.get(at..)?.as_bytes();
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    memchr::memchr(b'{', rest.get(..end)?)?;
    document::next(text, at).filter(|next| next.start < at + end)
}

fn plan(document: &document::Document<'_>, literals: Literals) -> Result<Plan, PlanError> {
    let (tree, _) = parse_json(&document.json)?;
    let reader = if document.engine == Engine::Mysql { &MYSQL } else { &MARIADB };
    let format = reader.0.name;
    match document.structure {
        Structure::Operations => json_v2::read(tree.root(), format, literals),
        Structure::Blocks => blocks::read(tree.root(), document.engine, format, literals),
    }
}
