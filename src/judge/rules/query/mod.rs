//! Rules about the text and the numbers of query classes: one file each, and here what they share:
//! which classes they look at, and how they put a class into words.

pub mod correlated_subquery;
pub mod deep_offset;
pub mod dominant_class;
mod explain_rows;
pub mod function_on_column;
pub mod high_variance;
pub mod huge_in_list;
pub mod leading_wildcard;
pub mod missing_where;
pub mod mysql_filesort;
pub mod mysql_full_scan;
pub mod mysql_no_index_join;
pub mod mysql_temporary_on_disk;
pub mod not_in_subquery;
pub mod or_across_columns;
pub mod order_by_random;
mod plan_clues;
pub mod rows_examined_far_above_sent;
mod run_facts;
pub mod select_star;
pub mod single_row_insert_storm;

pub(super) use run_facts::wanted_index;

use super::{Rule, mongodb, weighs};
use crate::judge::advice::ident;
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::words;
use crate::lang::mongo::shape::Op;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::shape::{ColumnRef, Comparison, Predicate, Verb};
use crate::model::event::{Engine, Known};

/// A run that examines fewer rows than this has hardly anything to gain from an index.
const MANY_ROWS: f64 = 1000.0;
/// An estimate of rows that is off by more than this many times leads the optimizer astray.
const OFF_BY: f64 = 10.0;

/// The classes that weigh enough for a finding about their text, whose engine a rule knows and
/// whose statements are the user's to change: those that read nothing but the system catalogs
/// belong to tools.
fn weighty<'e, 'f>(
    rule: &'e Rule,
    evidence: &'e Evidence<'f>,
) -> impl Iterator<Item = &'e ClassEvidence<'f>> {
    evidence.weighty().filter(|class| weighs(rule, class) && !reads_catalogs_only(class))
}

/// The engines of most rules about texts.
const SERVERS: &[Engine] = &[Engine::Postgres, Engine::Mysql, Engine::Mariadb];
/// The engines of rules about numbers and happenings.
const ALL: &[Engine] = &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Mongodb];
/// The engines of rules about what only MySQL's slow log says.
const MYSQL: &[Engine] = &[Engine::Mysql, Engine::Mariadb];

/// Whether a class ran on MySQL or MariaDB.
fn is_mysql(class: &ClassEvidence<'_>) -> bool {
    class.server.engine.dialect() == Some(Dialect::Mysql)
}

/// Whether a class ran on MongoDB, whose words are its own.
fn is_mongodb(class: &ClassEvidence<'_>) -> bool {
    class.server.engine == Engine::Mongodb
}

/// What a run is of.
fn noun(class: &ClassEvidence<'_>) -> &'static str {
    if is_mongodb(class) { "operation" } else { "statement" }
}

/// What is said of PostgreSQL, or of MySQL and MariaDB.
fn by_engine<T>(class: &ClassEvidence<'_>, postgres: T, mysql: T) -> T {
    if is_mysql(class) { mysql } else { postgres }
}

fn reads_catalogs_only(class: &ClassEvidence<'_>) -> bool {
    let tables = &class.shape.tables;
    if is_mongodb(class) {
        return tables.iter().any(|table| mongodb::is_system(&table.name));
    }
    let catalogs = by_engine(
        class,
        &["pg_", "information_schema."][..],
        &["information_schema.", "performance_schema.", "mysql.", "sys."],
    );
    let in_catalog = |name: &str| catalogs.iter().any(|start| name.starts_with(start));
    !tables.is_empty() && tables.iter().all(|table| in_catalog(&table.name))
}

/// Whether the statement runs a plan over rows, so that a plan can explain its time.
fn runs_a_plan(class: &ClassEvidence<'_>) -> bool {
    if let Some(command) = class.command() {
        return !matches!(command.op, Op::Insert | Op::Command(_) | Op::Unknown);
    }
    matches!(
        class.shape.verb,
        Verb::Select | Verb::Insert | Verb::Update | Verb::Delete | Verb::Merge
    )
}

/// What a class costs: `113,204 calls took 14.2 h of logged time, 34 % of all`.
fn load(class: &ClassEvidence<'_>) -> String {
    let stats = &class.class.stats;
    format!(
        "{} took {} of logged time, {} of all",
        words::counted(stats.calls, if is_mongodb(class) { "operation" } else { "call" }),
        words::duration_us(stats.total_us as f64),
        words::percent(class.share)
    )
}

/// A name for a sentence: as SQL writes it, marked as code.
pub(super) fn name_words(name: &str) -> String {
    format!("`{}`", ident::quoted(name))
}

/// The tables of a class for a title: on `orders`, on `orders` and 2 more, or nothing.
fn on_tables(class: &ClassEvidence<'_>) -> String {
    let named = |name: &str| match is_mongodb(class) {
        true => format!("`{}`", ident::shown(name)),
        false => name_words(name),
    };
    match class.shape.tables.as_slice() {
        [] => String::new(),
        [table] => format!(" on {}", named(&table.name)),
        [table, rest @ ..] => format!(" on {} and {} more", named(&table.name), rest.len()),
    }
}

/// A column for a sentence: `orders.customer_id`, without the table where that is not known.
fn column_words(column: &ColumnRef) -> String {
    let name = ident::column(&column.column);
    match &column.table {
        Some(table) => format!("`{}.{name}`", ident::quoted(table)),
        None => format!("`{name}`"),
    }
}

/// The table of a column: its own, or the only one of the statement.
fn table_of<'e>(class: &'e ClassEvidence<'_>, column: &'e ColumnRef) -> Option<&'e str> {
    match (&column.table, class.shape.tables.as_slice()) {
        (Some(table), _) => Some(table),
        (None, [only]) => Some(&only.name),
        _ => None,
    }
}

/// Rows that a run examines, on average of the runs whose record says it.
fn rows_examined(class: &ClassEvidence<'_>) -> Option<f64> {
    class.class.attributes().numbers(Known::RowsExamined)?.mean()
}

/// Whether the log itself shows that runs look at few rows, so that nothing in the text can cost much
/// by what it makes the server read.
fn examines_few(class: &ClassEvidence<'_>) -> bool {
    rows_examined(class).is_some_and(|rows| rows < MANY_ROWS)
}

/// How sure a suspicion about the text is that no plan confirms: the log's count of rows is one
/// source, the text alone is none.
fn weigh_text(finding: &mut Finding, class: &ClassEvidence<'_>) {
    match rows_examined(class) {
        Some(rows) => {
            let fact =
                format!("{} rows examined by a logged run on average", words::count(rows as u64));
            finding.evidence.push(Fact { fact, source: None });
        }
        None => candidate(finding),
    }
}

/// Makes a finding one of a pattern only: nothing but the text supports it.
fn candidate(finding: &mut Finding) {
    finding.confidence = Confidence::Low;
    finding.severity = finding.severity.min(Severity::Medium);
}

/// An equality with a constant that a plain index can serve and that all rows must pass: it may
/// leave few rows of its table, whatever else the statement tests.
fn narrows(predicate: &Predicate) -> bool {
    matches!(predicate.comparison, Comparison::Equal | Comparison::In)
        && predicate.wrapped_in.is_none()
        && !predicate.join
        && !predicate.below_or
}

/// Whether an equality on a table may leave so few of its rows that other tests on it are cheap.
fn is_narrowed(class: &ClassEvidence<'_>, table: &str) -> bool {
    class.shape.predicates.iter().any(|p| narrows(p) && table_of(class, &p.column) == Some(table))
}

/// Whether the statement asks for one row by its `id`: a habit of names, used to be silent only.
fn asks_for_one_row(class: &ClassEvidence<'_>) -> bool {
    class
        .shape
        .predicates
        .iter()
        .any(|p| p.comparison == Comparison::Equal && narrows(p) && p.column.column == "id")
}

/// Whether the function or cast stands right around the bare column and takes nothing else, so that
/// a fix may repeat it: `lower(email)` is, `lower(trim(email))` is not.
fn wraps_bare_column(class: &ClassEvidence<'_>, predicate: &Predicate, function: &str) -> bool {
    let text = &*class.class.fingerprint;
    let column = &*predicate.column.column;
    match function.strip_prefix("::") {
        Some(cast) => {
            text.contains(&format!("{column}::{cast}"))
                || text.contains(&format!("{column} as {cast})"))
        }
        None => text.split(&format!("{function}(")).skip(1).any(|rest| {
            let argument = rest.split(')').next().unwrap_or_default();
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '`' | '$');
            let name = ident::last_part(&argument.replace('`', "\""));
            // MySQL's columns have no case.
            let same = name == column || (is_mysql(class) && name.eq_ignore_ascii_case(column));
            argument.chars().all(is_name) && same
        }),
    }
}
