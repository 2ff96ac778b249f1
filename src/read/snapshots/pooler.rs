//! Files of what a pooler before the server shows. Its pools serve the same work as the server's own
//! numbers tell, so they belong to a server of their own, like its log.

use super::file::{self, known_views};
use super::views::is_of_pooler;
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;

/// The score of a file with views of a pooler and of no server.
const SCORE: u8 = 89;

/// What PgBouncer's console shows.
pub struct PoolerSnapshot;

/// The name of the format.
pub(super) const NAME: &str = "pgbouncer-snapshot";

static META: FormatMeta = FormatMeta {
    name: NAME,
    engine: Engine::Postgres,
    title: "SHOW POOLS, STATS, DATABASES and CONFIG of PgBouncer",
    samples: &[
        "database,user,cl_active,cl_waiting,sv_active,sv_idle,sv_used,sv_tested,sv_login,maxwait,maxwait_us,pool_mode\nshop,app,3,1,20,0,0,0,0,2,500000,transaction\n",
    ],
    apart: Some("pgbouncer"),
    sample_map: None,
};

impl LogFormat for PoolerSnapshot {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let text = String::from_utf8_lossy(&sample.head);
        let views = known_views(&text, options.forced_view);
        let is_one = !views.is_empty() && views.iter().all(|(_, view)| is_of_pooler(view));
        if is_one { SCORE } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        file::open(sample, options)
    }
}
