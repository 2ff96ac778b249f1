//! MongoDB's explain: of finds, writes and aggregations, of one server or of shards, by either
//! engine of execution, from 2.4 on; as Extended JSON or as a shell prints it.
//!
//! Whatever it was written as is brought to Extended JSON first (`lang::mongo::shell`). `find` knows
//! where documents stand, `explain` what a whole one says, `stage` one tree of stages, `slots` what
//! the slot-based engine measured, `pipeline` and `sharded` what stands around such trees, `legacy`
//! the form of 2.4. Literals go in `detail`, through `lang::mongo`.
//!
//! The tree is that of the stages that were run; plans that were not chosen are counted, and the
//! indexes they would have used are told, but they are no nodes.

mod bounds;
mod detail;
mod explain;
mod find;
mod legacy;
mod operator;
mod pipeline;
mod scalar;
mod sharded;
mod slots;
mod stage;

pub use explain::of_exec_stats;

use super::{Found, Literals, PlanError, PlanMeta, PlanReader};
use crate::lang::mongo::shell::{self, End};
use crate::model::event::Engine;
use crate::model::plan::Plan;

static META: PlanMeta = PlanMeta {
    name: "mongodb-explain",
    engine: Engine::Mongodb,
    title: "MongoDB explain() as JSON or shell text",
    samples: &[
        "{\"explainVersion\":\"1\",\"queryPlanner\":{\"namespace\":\"shop.orders\",\"winningPlan\":{\"stage\":\"COLLSCAN\",\"filter\":{\"status\":{\"$eq\":\"new\"}},\"direction\":\"forward\"},\"rejectedPlans\":[]},\"ok\":1}\n",
        "shop> db.orders.find({ status: 'new' }).explain()\n{\n  explainVersion: '1',\n  queryPlanner: {\n    namespace: 'shop.orders',\n    winningPlan: { stage: 'EOF' },\n    rejectedPlans: []\n  },\n  ok: 1\n}\n",
        "{ \"cursor\" : \"BasicCursor\", \"isMultiKey\" : false, \"n\" : 3, \"nscannedObjects\" : 9, \"nscanned\" : 9, \"millis\" : 0 }\n",
    ],
};

/// The name of the form.
const FORMAT: &str = META.name;

/// Reads explain documents.
pub struct MongodbExplain;

impl PlanReader for MongodbExplain {
    fn meta(&self) -> &'static PlanMeta {
        &META
    }

    fn find(&self, text: &str) -> Option<Found> {
        find::find(text)
    }

    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError> {
        let mut plans = Vec::new();
        let mut at = 0;
        while let Some(start) = find::next_document(document, at) {
            let (ejson, end) = transcribed(document, start)?;
            at = end;
            // Places within a transcript are not those of the text.
            let plan = explain::read(&ejson, literals)
                .map_err(|error| PlanError::at(start, error.message))?;
            plans.extend(plan);
        }
        match plans.is_empty() {
            true => Err(PlanError::at(0, "no explain document in it")),
            false => Ok(plans),
        }
    }
}

/// The document that begins at `start` as Extended JSON, and where it ends.
fn transcribed(text: &str, start: usize) -> Result<(String, usize), PlanError> {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let mut ejson = Vec::with_capacity(rest.len().min(1 << 20));
    let read = shell::to_ejson(rest, &mut ejson);
    let end = start + read.consumed;
    let message = match read.end {
        End::Closed => return Ok((String::from_utf8_lossy(&ejson).into_owned(), end)),
        End::Cut => "the document is cut: its end is missing",
        End::Broken => "neither JSON nor a shell's text from here on: a part of it is missing",
    };
    Err(PlanError::at(end, message))
}
