//! `SHOW GLOBAL STATUS` and `SHOW GLOBAL VARIABLES`: the same two columns.

use crate::model::catalog::{Catalog, ServerState, Setting, Told, add_state};
use crate::read::snapshots::secret::is_secret;
use crate::read::snapshots::views::counted::count;
use crate::read::snapshots::views::{Rows, View};

/// Counters that every status has.
const OF_STATUS: [&str; 3] = ["uptime", "threads_connected", "handler_read_rnd_next"];

/// The value of a row, by the names that `SHOW` and the tables behind it have for it.
fn value_of<'r>(row: &View<'r>) -> Option<&'r str> {
    row.text("value").or_else(|| row.text("variable_value"))
}

/// Counters or settings, by what is among them.
pub fn variables(rows: &Rows<'_>, catalog: &mut Catalog) {
    let name = |row: &View<'_>| row.text("variable_name").map(str::to_ascii_lowercase);
    let is_status =
        rows.iter().any(|row| name(&row).is_some_and(|name| OF_STATUS.contains(&name.as_str())));
    let mut state: Option<Told<ServerState>> = None;
    for row in rows.iter() {
        let (Some(name), Some(value)) = (name(&row), value_of(&row)) else { continue };
        if is_secret(&name, value) {
            continue;
        }
        if is_status {
            let Ok(number) = value.parse::<f64>() else { continue };
            let told = Told::new(number, row.origin());
            add_state(&mut catalog.counters, name.into(), told);
            continue;
        }
        let about = |state: &mut Option<Told<ServerState>>, note: fn(&mut ServerState, &str)| {
            let told = state.get_or_insert_with(|| Told::new(ServerState::default(), row.origin()));
            note(&mut told.value, value);
        };
        match name.as_str() {
            "version" => about(&mut state, |state, value| state.version = Some(value.into())),
            "server_uuid" | "server_uid" => {
                about(&mut state, |state, value| state.identity = Some(value.into()));
            }
            _ => {}
        }
        let setting = Setting { value: value.into(), unit: None, source: None };
        catalog.settings.insert(name.into(), Told::new(setting, row.origin()));
    }
    if state.is_some() {
        catalog.server = state;
    }
}

/// Transactions that wait for a row lock, one row for each that they wait for.
pub fn row_lock_waits(rows: &Rows<'_>, catalog: &mut Catalog) {
    count(rows, catalog, "row_lock_waits", |_| true);
}

/// Sessions whose row locks others wait for.
pub fn blockers(rows: &Rows<'_>, catalog: &mut Catalog) {
    count(rows, catalog, "row_lock_blockers", |_| true);
}

/// Open transactions, and those of them that wait for a lock.
pub fn transactions(rows: &Rows<'_>, catalog: &mut Catalog) {
    count(rows, catalog, "transactions_open", |_| true);
    count(rows, catalog, "transactions_waiting", |row| row.text("trx_state") == Some("LOCK WAIT"));
}

/// What a snapshot says of the server, as `querylens collect` asks for it.
pub fn state(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let state = ServerState {
            version: row.text("server_version").map(Into::into),
            is_replica: row.flag("read_only").filter(|is_read_only| *is_read_only),
            ..ServerState::default()
        };
        catalog.server = Some(Told::new(state, row.origin()));
    }
}
