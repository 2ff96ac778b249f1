//! Autovacuum: off while dead rows pile up, for the server or one table; too rare for a huge table.

use super::Case;
use crate::judge::advice::{catalog_names as names, setting};
use crate::judge::evidence::settings::Settings;
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::Severity;
use crate::judge::words;
use crate::model::catalog::TableKind;
use crate::model::facts::ServerFacts;
use crate::model::workload::examples::Place;

/// Rows from which a share of the table is too much to wait for.
const HUGE_ROWS: f64 = 1e7;
/// The server's default share.
const DEFAULT_SCALE: f64 = 0.2;
/// Shares below this are what is advised.
const SMALL_SCALE: f64 = 0.05;
/// Tables of one server that are named, those with most dead rows first.
const TABLES_MAX: usize = 5;

/// A table with its dead rows.
struct Dead<'e, 'f> {
    table: &'e TableEvidence<'f>,
    dead: u64,
    live: u64,
    place: Place,
}

/// What dead rows contradict.
pub(super) fn cases(evidence: &Evidence<'_>, server: &ServerFacts) -> Vec<Case> {
    let settings = Settings::of(server);
    let least = evidence.options.thresholds.dead_rows;
    let own = evidence.tables.iter().filter(|table| table.server.label == server.label);
    let mut tables: Vec<_> = own.filter_map(dead).filter(|dead| dead.dead >= least).collect();
    tables.sort_by(|a, b| b.dead.cmp(&a.dead).then_with(|| a.table.name.cmp(b.table.name)));
    let is_off = settings.flag("autovacuum") == Some(false);
    let off = tables.first().filter(|_| is_off).map(|_| of_server(&tables, settings));
    let of_tables = tables.iter().filter_map(|table| match switched_off(table) {
        true => Some(off_for_table(table)),
        false if is_off => None,
        false => too_rare(table, settings),
    });
    off.into_iter().chain(of_tables.take(TABLES_MAX)).collect()
}

fn dead<'e, 'f>(table: &'e TableEvidence<'f>) -> Option<Dead<'e, 'f>> {
    let states = table.table.activity.values().map(|series| &series.last);
    let state = states.max_by_key(|told| told.value.dead_rows)?;
    let (dead, live) = state.value.dead_rows.zip(state.value.live_rows)?;
    let place = state.origin.place;
    (table.kind() != TableKind::Partitioned).then_some(Dead { table, dead, live, place })
}

/// A storage parameter of a table, as its definition has it: `autovacuum_enabled=false`.
fn parameter<'f>(table: &Dead<'_, 'f>, wanted: &str) -> Option<&'f str> {
    let definition = table.table.table.definition.as_ref()?;
    definition.value.options.iter().find_map(|option| {
        let (name, value) = option.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('\''))
    })
}

fn switched_off(table: &Dead<'_, '_>) -> bool {
    let value = parameter(table, "autovacuum_enabled").map(str::to_ascii_lowercase);
    value.is_some_and(|value| matches!(value.as_str(), "false" | "off" | "0" | "no"))
}

fn of_server(tables: &[Dead<'_, '_>], settings: Settings<'_>) -> Case {
    let sum = tables.iter().fold(0u64, |sum, table| sum.saturating_add(table.dead));
    let mut facts: Vec<_> = tables.iter().take(TABLES_MAX).map(fact).collect();
    facts.push(("autovacuum is off".to_owned(), settings.place("autovacuum")));
    Case {
        setting: "autovacuum",
        of: String::new(),
        title: "Autovacuum is off, and dead rows pile up".to_owned(),
        message: format!(
            "{} dead rows stand in {}, and nothing comes for them but a vacuum by hand. Statistics of \
             the planner are not refreshed either.",
            words::count(sum),
            words::counted(tables.len() as u64, "table")
        ),
        severity: Severity::High,
        facts,
        fixes: vec![setting::of_server(
            &[("autovacuum", "on")],
            "It begins with the tables that have waited longest: at a quiet hour, since that is much \
             at once.",
        )],
        verify: "last_autovacuum in pg_stat_user_tables moves, and n_dead_tup falls.",
        trade_offs:
            "Vacuums run beside the queries; autovacuum_vacuum_cost_limit bounds their reads and \
                     writes."
                .to_owned(),
        observed_s: None,
    }
}

fn fact(table: &Dead<'_, '_>) -> (String, Option<Place>) {
    let of = names::table_words(table.table);
    let (dead, live) = (words::count(table.dead), words::count(table.live));
    (format!("{of}: {dead} dead rows beside {live} live ones"), Some(table.place))
}

fn off_for_table(table: &Dead<'_, '_>) -> Case {
    let of = names::table_words(table.table);
    Case {
        setting: "autovacuum_enabled",
        of: table.table.name.shown(),
        title: format!("Autovacuum is off for {of}, and dead rows pile up"),
        message: format!(
            "{of} has {} dead rows, and its storage parameter autovacuum_enabled keeps autovacuum away.",
            words::count(table.dead)
        ),
        severity: Severity::Medium,
        facts: vec![fact(table)],
        fixes: vec![setting::of_table(
            &names::table(table.table),
            &[("autovacuum_enabled", "true")],
            "Autovacuum comes to it as to all others; RESET would do the same.",
        )],
        verify: "last_autovacuum of the table in pg_stat_user_tables moves, and n_dead_tup falls.",
        trade_offs: "Vacuums of it run beside the queries.".to_owned(),
        observed_s: None,
    }
}

/// A huge table in which a share of all rows is very many.
fn too_rare(table: &Dead<'_, '_>, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "autovacuum_vacuum_scale_factor";
    let own = parameter(table, NAME).and_then(|value| value.parse::<f64>().ok());
    let scale = own.or_else(|| settings.number(NAME)).unwrap_or(DEFAULT_SCALE);
    let (live, dead) = (table.live as f64, table.dead as f64);
    let comes_at = scale * live;
    // Where more are dead, autovacuum is late for another reason.
    if live < HUGE_ROWS || scale <= SMALL_SCALE || dead < SMALL_SCALE * live || dead >= comes_at {
        return None;
    }
    let of = names::table_words(table.table);
    Some(Case {
        setting: NAME,
        of: table.table.name.shown(),
        title: format!("Autovacuum waits for {} dead rows of {of}", words::count(comes_at as u64)),
        message: format!(
            "{of} has {} dead rows already, and autovacuum comes at {} ({} of its rows). For this table a \
             share between 0.01 and 0.05 makes vacuums more frequent and each short.",
            words::count(table.dead),
            words::count(comes_at as u64),
            words::percent(scale)
        ),
        severity: Severity::Low,
        facts: vec![
            fact(table),
            match own.is_some() || settings.told(NAME).is_some() {
                true => (format!("{NAME} is {scale}"), settings.place(NAME)),
                false => (format!("{NAME} is not known: {scale} by default"), None),
            },
        ],
        fixes: vec![setting::of_table(
            &names::table(table.table),
            &[(NAME, "0.02")],
            "For this table only: small tables are served well by the share that the server has.",
        )],
        verify: "last_autovacuum of the table in pg_stat_user_tables moves more often, and n_dead_tup \
                 stays below a twentieth of its rows.",
        trade_offs: "Vacuums come more often; each reads all indexes of the table.".to_owned(),
        observed_s: None,
    })
}
