//! What ProxySQL's console shows: `stats_mysql_connection_pool`.

use crate::model::catalog::{Catalog, Pool, PoolName, Told, add_state};
use crate::read::snapshots::views::Rows;

/// Pools of connections to each server of a hostgroup.
pub fn pools(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(group), Some(host)) = (row.text("hostgroup"), row.text("srv_host")) else {
            continue;
        };
        let port = row.text("srv_port").map_or(String::new(), |port| format!(":{port}"));
        let (used, free) = (row.count("connused"), row.count("connfree"));
        let pool = Pool {
            active: used,
            idle: free,
            connections: used.zip(free).map(|(used, free)| used.saturating_add(free)),
            ..Pool::default()
        };
        let name = format!("hostgroup {group} {host}{port}");
        let name = PoolName { database: name.into(), user: None };
        add_state(&mut catalog.pools, name, Told::new(pool, row.origin()));
    }
}
