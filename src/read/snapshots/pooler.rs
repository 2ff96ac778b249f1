//! Files of what a pooler before the server shows. Its pools serve the same work as the server's own
//! numbers tell, so they belong to a server of their own, like its log.

use super::file::{self, known_views};
use super::views::{ViewReader, is_of_pooler};
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;

/// The score of a file with views of a pooler and of no server.
const SCORE: u8 = 89;

/// What the console of a pooler shows; its engine tells which pooler.
pub struct PoolerSnapshot(&'static FormatMeta);

/// The name of PgBouncer's format.
pub(super) const NAME: &str = "pgbouncer-snapshot";

impl PoolerSnapshot {
    /// PgBouncer's.
    pub const PGBOUNCER: Self = PoolerSnapshot(&PGBOUNCER);
    /// ProxySQL's.
    pub const PROXYSQL: Self = PoolerSnapshot(&PROXYSQL);
}

static PGBOUNCER: FormatMeta = FormatMeta {
    name: NAME,
    engine: Engine::Postgres,
    title: "SHOW POOLS, STATS, DATABASES and CONFIG of PgBouncer",
    samples: &[
        "database,user,cl_active,cl_waiting,sv_active,sv_idle,sv_used,sv_tested,sv_login,maxwait,maxwait_us,pool_mode\nshop,app,3,1,20,0,0,0,0,2,500000,transaction\n",
    ],
    apart: Some("pgbouncer"),
    sample_map: None,
};

static PROXYSQL: FormatMeta = FormatMeta {
    name: "proxysql-snapshot",
    engine: Engine::Mysql,
    title: "stats_mysql_connection_pool of ProxySQL",
    samples: &[
        "hostgroup\tsrv_host\tsrv_port\tstatus\tConnUsed\tConnFree\tConnOK\tConnERR\tQueries\n1\tdb1\t3306\tONLINE\t12\t4\t90\t0\t5000\n",
    ],
    apart: Some("proxysql"),
    sample_map: None,
};

impl LogFormat for PoolerSnapshot {
    fn meta(&self) -> &'static FormatMeta {
        self.0
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let text = String::from_utf8_lossy(&sample.head);
        let views = known_views(&text, options.forced_view);
        let own = |view: &ViewReader| is_of_pooler(view) && view.engine == self.0.engine;
        let is_one = !views.is_empty() && views.iter().all(|(_, view)| own(view));
        if is_one { SCORE } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        file::open(sample, options)
    }
}
