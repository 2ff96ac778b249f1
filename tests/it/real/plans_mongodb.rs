//! Explain documents of a client's own tests, whose names say what they show.

use super::corpus;
use querylens::model::plan::{Operator, Plan};
use querylens::read::plans::{Literals, locate};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a viewer of plans says about one.
#[derive(PartialEq, Eq, Debug, Default)]
struct Seen {
    indexes: Vec<&'static str>,
    covered: bool,
    collection_scan: bool,
    sorts_in_memory: bool,
    shards: usize,
    returned: Option<u64>,
    nodes: usize,
}

fn seen(plan: &Plan) -> (BTreeSet<String>, bool, bool, bool, usize, Option<u64>, usize) {
    let any = |operator: Operator| plan.nodes.iter().any(|node| node.operator == operator);
    let indexes: BTreeSet<_> =
        plan.nodes.iter().filter_map(|node| node.index.as_deref().map(str::to_owned)).collect();
    let is_covered = !indexes.is_empty() && !any(Operator::Fetch) && !any(Operator::FullScan);
    let shards = plan.nodes.iter().filter_map(|node| node.text("shardName"));
    let shards: BTreeSet<_> = shards.collect();
    let rows = plan.root().and_then(|root| root.measured()).and_then(|ran| ran.rows);
    (
        indexes,
        is_covered,
        any(Operator::FullScan),
        any(Operator::Sort),
        shards.len(),
        rows.map(|rows| rows.value as u64),
        plan.nodes.len(),
    )
}

#[test]
fn plans_show_what_their_names_say() {
    let Some(folder) =
        corpus("mongodb/explain/compass", &["explain-plan-helper/simple_collscan_3.2.json"])
    else {
        return;
    };
    let scan = |nodes, returned| Seen {
        collection_scan: true,
        returned: Some(returned),
        nodes,
        ..Seen::default()
    };
    let indexed = |index, nodes| Seen { indexes: vec![index], nodes, ..Seen::default() };
    #[rustfmt::skip]
    let cases = [
        ("explain-plan-helper/simple_collscan_3.2.json", scan(1, 1000000)),
        ("explain-plan-helper/covered_index_3.2.json", Seen { covered: true, returned: Some(191665), ..indexed("age_1", 2) }),
        ("explain-plan-helper/sharded_mixed_index_3.2.json", Seen { shards: 3, collection_scan: true, returned: Some(22528), ..indexed("age_1", 9) }),
        ("explain-plan-helper/clustered_scan.json", Seen { returned: Some(1), nodes: 1, ..Seen::default() }),
        ("explain-plan-helper/express_clustered_scan.json", Seen { returned: Some(1), nodes: 1, ..Seen::default() }),
        ("explain-plan-helper/aggregate_$cursor_sbe.json", Seen { returned: Some(6), ..indexed("abbr_index", 6) }),
        ("explain-plan-helper/aggregate_$lookup_with_indexes.json", scan(3, 6)),
        ("explain-plan-helper/sharded_aggregate_$lookup_with_indexes.json", Seen { shards: 1, ..scan(4, 6) }),
        ("explain-plan-helper/multi-shard-aggregate-without-stages.json", Seen { shards: 2, returned: None, ..scan(9, 0) }),
        ("mongodb-explain-compat/in2.json", scan(2, 1000)),
        ("mongodb-explain-compat/out2.json", scan(2, 1000)),
        ("mongodb-explain-compat/in4.json", scan(1, 6048)),
        ("mongodb-explain-compat/query-planner-only.json", Seen { returned: None, ..scan(2, 0) }),
    ];
    for (name, expected) in cases {
        let text = std::fs::read_to_string(folder.join(name)).expect(name);
        let located = locate(&text);
        assert_eq!(located.len(), 1, "{name}");
        let found = located[0].found;
        let plans = located[0].reader.read(&text[found.start..found.end], Literals::Hide);
        let plans = plans.expect(name);
        let (indexes, covered, collection_scan, sorts_in_memory, shards, returned, nodes) =
            seen(&plans[0]);
        let expected_indexes = expected.indexes.iter().map(|index| (*index).to_owned()).collect();
        assert_eq!(indexes, expected_indexes, "{name}");
        let got = Seen {
            indexes: expected.indexes.clone(),
            covered,
            collection_scan,
            sorts_in_memory,
            shards,
            returned,
            nodes,
        };
        assert_eq!(got, expected, "{name}");
    }
}

/// The stages below a value, that of the slot machine left out.
fn stages(value: &Value) -> usize {
    let own = usize::from(value.get("stage").is_some_and(Value::is_string));
    let inner: usize = match value {
        Value::Object(members) => members.values().map(stages).sum(),
        Value::Array(items) => items.iter().map(stages).sum(),
        _ => 0,
    };
    own + inner
}

/// The stages that a document tells of, counted by what stands in it alone.
fn counted(document: &Value) -> usize {
    if let Some(list) = document["stages"].as_array() {
        let query = list[0].as_object().and_then(|first| first.values().next());
        return list.len() + query.map_or(0, counted);
    }
    if document.get("shards").is_some() {
        let merger = document["splitPipeline"]["mergerPart"].as_array().map_or(0, Vec::len);
        let shards = document["shards"].as_object().expect("shards");
        return merger + shards.values().map(counted).sum::<usize>();
    }
    let plan = &document["queryPlanner"]["winningPlan"];
    match plan.get("queryPlan") {
        Some(plan) => stages(plan),
        None => stages(plan).max(stages(&document["executionStats"]["executionStages"])),
    }
}

/// Every document is read, and no stage of what was run is lost.
#[test]
fn every_document_is_read() {
    let Some(folder) =
        corpus("mongodb/explain/compass", &["explain-plan-helper/simple_collscan_3.2.json"])
    else {
        return;
    };
    let mut read = 0;
    for group in std::fs::read_dir(folder).expect("folders").flatten() {
        for file in std::fs::read_dir(group.path()).expect("files").flatten() {
            let text = std::fs::read_to_string(file.path()).expect("text");
            for located in locate(&text) {
                let found = located.found;
                let plans = located.reader.read(&text[found.start..found.end], Literals::Hide);
                let nodes: Vec<_> = plans.iter().flatten().map(|plan| plan.nodes.len()).collect();
                let document = serde_json::from_str(&text).expect("strict JSON");
                assert_eq!(nodes, [counted(&document)], "{}", file.path().display());
                read += 1;
            }
        }
    }
    assert_eq!(read, 17);
}
