//! What a logged plan says about a suspicion: a few certain words of it, in any EXPLAIN format.
//! No rule; the rules about text ask it before they speak. Reading plans as trees is left to the
//! plan readers.

use super::explain_rows::{self, ExplainRow};
use crate::judge::advice::ident;
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::Fact;
use crate::judge::words;
use crate::lang::sql::shape::TableUse;
use crate::model::workload::class::PlanCapture;

/// What MySQL and MariaDB call a subquery that refers to the row outside.
const DEPENDENT: &str = "DEPENDENT SUBQUERY";

/// The slowest logged plan of a class, as far as the words in it go.
#[derive(Clone, Copy, Debug)]
pub struct PlanClues<'a> {
    plan: &'a PlanCapture,
    /// What the statement calls its tables: name and alias.
    tables: &'a [TableUse],
}

/// The plan of a class, when one was logged.
pub fn of<'a>(class: &'a ClassEvidence<'_>) -> Option<PlanClues<'a>> {
    let plan = class.class.plans.slowest.as_deref()?;
    Some(PlanClues { plan, tables: &class.shape.tables })
}

impl<'a> PlanClues<'a> {
    /// Whether a word stands in the plan.
    pub fn says(self, word: &str) -> bool {
        self.plan.text.contains(word)
    }

    /// The rows of a plan in MySQL's tabular form; none of any other.
    pub fn rows(self) -> Vec<ExplainRow<'a>> {
        match self.plan.format {
            explain_rows::FORMAT => explain_rows::read(&self.plan.text),
            _ => Vec::new(),
        }
    }

    /// The name of the table that a row of a plan calls by its alias.
    pub fn table_of(self, row: &ExplainRow<'a>) -> &'a str {
        let named = self.tables.iter().find(|table| table.alias.as_deref() == Some(row.table));
        named.map_or(row.table, |table| &*table.name)
    }

    /// Whether the plan reads any table from end to end.
    pub fn scans_any(self) -> bool {
        match self.plan.format {
            explain_rows::FORMAT => self.rows().iter().any(ExplainRow::is_scan),
            _ => self.says("Seq Scan"),
        }
    }

    /// Whether a subquery is run anew for rows of the statement around it.
    pub fn reruns_subquery(self) -> bool {
        match self.plan.format {
            explain_rows::FORMAT => self.rows().iter().any(|row| row.select_type == DEPENDENT),
            _ => self.says("SubPlan") && !self.says("hashed SubPlan"),
        }
    }

    /// Whether the plan reads a table, or a partition named after it, from end to end. Formats
    /// other than text name the table apart from the node; there any Seq Scan counts.
    pub fn scans(self, table: &str) -> bool {
        match self.plan.format {
            "text" => {}
            explain_rows::FORMAT => {
                let name = ident::last_part(table);
                let is_it = |row: &ExplainRow<'_>| {
                    row.table.eq_ignore_ascii_case(&name)
                        || ident::last_part(self.table_of(row)).eq_ignore_ascii_case(&name)
                };
                return self.rows().iter().any(|row| row.is_scan() && is_it(row));
            }
            _ => return self.says("Seq Scan"),
        }
        let name = ident::quoted_part(&ident::last_part(table));
        let qualified = format!(".{name}");
        self.plan.text.split("Seq Scan on ").skip(1).any(|rest| {
            let node = rest.lines().next().unwrap_or_default();
            node.starts_with(&name) || node.contains(&qualified)
        })
    }

    /// Whether a subquery that is run anew for each row finds its rows by an index.
    pub fn reruns_by_index(self) -> bool {
        self.rows().iter().any(|row| row.select_type == DEPENDENT && row.key.is_some())
    }

    /// How often the busiest subplan ran; in MySQL's tabular form, for how many rows at least.
    pub fn subplan_loops(self) -> Option<u64> {
        if self.plan.format == explain_rows::FORMAT {
            let rows = self.rows();
            let outer = rows.iter().filter(|row| row.is_outer());
            let passed = outer.map(|row| row.rows_known() * row.passed.unwrap_or(1.0));
            return self.reruns_subquery().then(|| passed.product::<f64>() as u64);
        }
        let mut most = None;
        for part in self.plan.text.split("SubPlan").skip(1) {
            let loops = ["loops=", "\"Actual Loops\": "]
                .iter()
                .find_map(|mark| part.split_once(mark))
                .and_then(|(_, rest)| leading_number(rest));
            most = most.max(loops);
        }
        most
    }

    /// The plan as evidence.
    pub fn fact(self, evidence: &Evidence<'_>, what: &str) -> Fact {
        Fact {
            fact: format!(
                "logged plan of a run of {}: {what}",
                words::duration_us(self.plan.duration_us as f64)
            ),
            source: Some(evidence.facts.source(self.plan.place)),
        }
    }
}

fn leading_number(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::workload::examples::Place;

    #[test]
    fn clues_are_read_from_text_and_json() {
        let plan = |format, text: &str| PlanCapture {
            duration_us: 1,
            time: None,
            place: Place { source: 0, offset: 0, line_in_chunk: 0 },
            format,
            text: text.into(),
        };
        let text = plan(
            "text",
            "Seq Scan on public.orders o  (actual time=0.1..9 rows=5 loops=1)\n  Filter: (NOT (SubPlan 1))\n  \
             SubPlan 1\n    ->  Index Scan using \"Seq\" on items (actual time=0..0 rows=1 loops=512)",
        );
        let clues = PlanClues { plan: &text, tables: &[] };
        assert!(clues.scans("shop.orders") && !clues.scans("items") && !clues.says("hashed"));
        assert_eq!(clues.subplan_loops(), Some(512));
        let json = plan(
            "json",
            r#"{"Node Type": "Seq Scan", "Relation Name": "o", "Actual Loops": 1, "Plans": [
               {"Parent Relationship": "SubPlan", "Actual Rows": 1, "Actual Loops": 77}]}"#,
        );
        let clues = PlanClues { plan: &json, tables: &[] };
        assert!(clues.scans("o"));
        assert_eq!(clues.subplan_loops(), Some(77));
        let table = plan(
            explain_rows::FORMAT,
            "id\tselect_type\ttable\ttype\trows\tr_rows\tr_filtered\tExtra\n\
             1\tPRIMARY\tc\tALL\t9\t400.00\t50.00\t\n\
             2\tDEPENDENT SUBQUERY\to\tref\t1\t1.00\t100.00\t",
        );
        let used = |name: &str, alias: &str| TableUse {
            name: name.to_owned(),
            alias: Some(alias.to_owned()),
            written: false,
        };
        let tables = [used("shop.customers", "c"), used("orders", "o")];
        let clues = PlanClues { plan: &table, tables: &tables };
        assert!(clues.scans("shop.customers") && !clues.scans("orders") && clues.scans_any());
        assert!(clues.reruns_subquery());
        assert_eq!(clues.subplan_loops(), Some(200));
        assert_eq!(PlanClues { plan: &plan("text", "SubPlan"), tables: &[] }.subplan_loops(), None);
    }
}
