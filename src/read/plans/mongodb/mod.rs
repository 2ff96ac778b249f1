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

pub(in crate::read) use scalar::number;

use super::{Bounds, Found, Literals, PlanError, PlanMeta, PlanReader};
use crate::lang::mongo::shell::{self, End};
use crate::model::event::Engine;
use crate::model::plan::{Plan, ReadsPlans};

static META: PlanMeta = PlanMeta {
    name: "mongodb-explain",
    engine: Engine::Mongodb,
    title: "MongoDB explain() as JSON or shell text",
    bounds: Bounds::Marked,
    words: &find::WORDS,
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

/// Reads the plan that stands with a run: the `execStats` of an operation, as Extended JSON.
#[derive(Debug)]
pub struct Profiled;

impl ReadsPlans for Profiled {
    fn plans(&self, operation: &[u8], keep_literals: bool) -> Result<Vec<Plan>, PlanError> {
        let text = String::from_utf8_lossy(operation);
        explain::of_operation(&text, keep_literals.into()).map(|plan| vec![plan])
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

#[cfg(test)]
mod tests {
    use super::explain::of_operation;
    use super::*;

    #[test]
    fn exec_stats_of_the_profiler_are_trees_of_either_engine() {
        let classic = r#"{"stage":"FETCH","nReturned":2,"executionTimeMillisEstimate":3,"works":4,"docsExamined":2,"inputStage":{"stage":"IXSCAN","nReturned":2,"works":4,"indexName":"a_1","indexBounds":{"a":["[\"hush\", \"hush\"]"]}}}"#;
        let slots = r#"{"stage":"filter","planNodeId":1,"nReturned":2,"opens":1,"filter":"s4 == hush","inputStage":{"stage":"scan","planNodeId":1,"nReturned":9,"opens":0,"numReads":9}}"#;
        for (text, expected) in
            [(classic, "FETCH orders -, IXSCAN orders a_1"), (slots, "filter - -, scan orders -")]
        {
            let text = format!("{{\"op\":\"query\",\"ns\":\"shop.orders\",\"execStats\":{text}}}");
            let plan = of_operation(&text, Literals::Hide).expect(&text);
            let name = |name: &Option<Box<str>>| name.as_deref().unwrap_or("-").to_owned();
            let shown: Vec<_> = plan
                .nodes
                .iter()
                .map(|node| {
                    format!("{} {} {}", node.native, name(&node.relation), name(&node.index))
                })
                .collect();
            assert_eq!(shown.join(", "), expected);
            assert!(!format!("{plan:?}").contains("hush"));
        }
        assert!(of_operation("{\"execStats\":{}}", Literals::Hide).is_err());
    }

    #[test]
    fn what_is_no_explain_is_left_alone() {
        for text in [
            "{\"op\":\"query\",\"ns\":\"a.b\",\"millis\":1,\"execStats\":{\"stage\":\"COLLSCAN\",\"nReturned\":1}}\n",
            "{\"stage\":\"production\",\"name\":\"x\"}\n",
            "{\"stages\":[\"winningPlan\"]}\n",
            "winningPlan: a word in a text\n",
        ] {
            assert_eq!(MongodbExplain.find(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        let text = "{ queryPlanner: { winningPlan: { stage: 'FETCH', inputStage: { stage: 'IXS";
        let found = MongodbExplain.find(text).expect("the beginning of an explain");
        let error = MongodbExplain.read(&text[found.start..found.end], Literals::Hide);
        let message = error.expect_err("no whole plan").message;
        assert_eq!(message, "the document is cut: its end is missing");
    }

    #[test]
    fn depth_and_length_cost_no_more_than_their_bytes() {
        let deep = format!(
            "{}{{\"stage\":\"EOF\"}}{}",
            "{\"stage\":\"A\",\"inputStage\":".repeat(5000),
            "}".repeat(5000)
        );
        let text = format!("{{\"queryPlanner\":{{\"winningPlan\":{deep}}}}}");
        let plan = MongodbExplain.read(&text, Literals::Hide).expect("a plan").remove(0);
        // What is nested deeper than any document can be is told as left out.
        assert_eq!(plan.nodes.last().map(|node| &*node.native), Some("[Object]"));
        let open = "{ stage: {\n".repeat(50_000);
        assert_eq!(MongodbExplain.find(&open), None);
    }
}
