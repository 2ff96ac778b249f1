//! Real logs of replica sets, against a strict JSON parser that knows nothing of this program.

use querylens::lang::Language;
use querylens::lang::deed;
use querylens::model::event::{Apart, Known};
use querylens::model::facts::Facts;
use querylens::model::workload::attributes::Figures;
use querylens::pipeline::{Request, run};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Calls and microseconds.
type Sums = BTreeMap<(String, String, String), (u64, u64)>;

/// What one log holds.
#[derive(Default, PartialEq, Debug)]
struct Truth {
    /// By operation, namespace and plan summary.
    sums: Sums,
    keys_examined: u64,
    docs_examined: u64,
    returned: u64,
    apart: BTreeMap<&'static str, (u64, u64)>,
}

/// What comes first in an object, which a map of values would not keep.
#[derive(Default)]
struct First(String, String);

impl<'de> Deserialize<'de> for First {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<First, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = First;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object or a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<First, E> {
                Ok(First(text.to_owned(), String::new()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<First, A::Error> {
                let first = map.next_entry::<String, Value>()?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
                Ok(first.map_or_else(First::default, |(key, value)| First(key, text(value))))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// The names of what an operation ran, in their order.
#[derive(serde::Deserialize, Default)]
struct Commands {
    #[serde(default)]
    command: First,
    #[serde(default, rename = "originatingCommand")]
    origin: First,
}

#[derive(serde::Deserialize)]
struct Line {
    #[serde(default)]
    attr: Commands,
}

fn counted(path: &Path) -> Truth {
    let mut truth = Truth::default();
    // The write that each connection logged last, if it logged nothing since.
    let mut writes: BTreeMap<String, (String, String)> = BTreeMap::new();
    let text = std::fs::read_to_string(path).expect("a log");
    for line in text.lines() {
        let text = line;
        let line: Value = serde_json::from_str(text).expect("strict JSON");
        let attr = &line["attr"];
        let us = attr["durationMillis"].as_u64().unwrap_or(0) * 1000;
        let mut apart = |name| {
            let sum = truth.apart.entry(name).or_default();
            (sum.0, sum.1) = (sum.0 + 1, sum.1 + us);
        };
        match line["id"].as_u64() {
            Some(51801) => apart("applied"),
            Some(51803) => {
                let ns = attr["ns"].as_str().expect("a namespace").to_owned();
                let (database, _) = ns.split_once('.').unwrap_or((&ns, ""));
                let commands: Line = serde_json::from_str(text).expect("strict JSON");
                let First(mut name, mut target) = commands.attr.command;
                let context = line["ctx"].as_str().expect("a context").to_owned();
                let mut later = false;
                if name == "getMore" && attr["originatingCommand"].is_object() {
                    First(name, target) = commands.attr.origin;
                    later = true;
                }
                let is_write = name == "q";
                if is_write {
                    name = attr["type"].as_str().expect("a type").replace("remove", "delete");
                    target = ns.split_once('.').expect("a collection").1.to_owned();
                }
                let write = (name.clone(), format!("{database}.{target}"));
                let before = writes.remove(&context);
                if is_write {
                    writes.insert(context, write.clone());
                }
                match name.as_str() {
                    "hello" | "isMaster" | "ismaster" => apart("hello"),
                    "replSetHeartbeat" | "replSetUpdatePosition" => apart("heartbeat"),
                    "find" | "getMore" | "aggregate" if ns == "local.oplog.rs" => {
                        apart("oplog_read");
                    }
                    _ if later && attr["originatingCommand"]["awaitData"] == true => {
                        apart("await_data");
                    }
                    "update" | "delete" if !is_write && before == Some(write.clone()) => {
                        apart("write_twice");
                    }
                    _ => {
                        let plan = attr["planSummary"].as_str().unwrap_or("-").to_owned();
                        // Of a command without a collection, and of those that no class is told
                        // apart by, the namespace is left to the class.
                        let known = deed::of(&name, Language::Mongo).word;
                        let namespace = match known {
                            "command" => "*".to_owned(),
                            _ if target.is_empty() => format!("{database}.*"),
                            _ => format!("{database}.{target}"),
                        };
                        let sum = truth.sums.entry((known.to_owned(), namespace, plan));
                        let sum = sum.or_default();
                        (sum.0, sum.1) = (sum.0 + 1, sum.1 + us);
                        let number = |key| attr[key].as_u64().unwrap_or(0);
                        truth.keys_examined += number("keysExamined");
                        truth.docs_examined += number("docsExamined");
                        truth.returned += number("nreturned");
                    }
                }
            }
            _ => {}
        }
    }
    truth
}

fn told(facts: &Facts) -> Truth {
    let workload = &facts.servers[0].workload;
    let mut truth = Truth::default();
    for class in workload.classes().iter().filter(|class| class.stats.calls > 0) {
        let mut words = class.fingerprint.split(' ');
        let known = deed::of(&class.fingerprint, Language::Mongo).word;
        let namespace = match known {
            "command" => "*",
            _ => words.nth(1).unwrap_or_default(),
        };
        let namespace = match namespace.split_once('.') {
            None | Some((_, "")) if known != "command" => format!("{namespace}.*"),
            _ => namespace.to_owned(),
        };
        let mut add = |plan: &str, calls: u64, us: u64| {
            let key = (known.to_owned(), namespace.clone(), plan.to_owned());
            let sum = truth.sums.entry(key).or_default();
            (sum.0, sum.1) = (sum.0 + calls, sum.1 + us);
        };
        let (mut calls, mut us) = (class.stats.calls, class.stats.total_us);
        let mut known = class.attributes().known();
        let plans = known.find(|(known, _)| *known == Known::PlanSummary);
        if let Some((_, Figures::Words(plans))) = plans {
            assert_eq!(plans.rest().calls, 0, "few plans");
            for (plan, share) in plans.ranked(workload.names()) {
                add(plan, share.calls, share.total_us);
                (calls, us) = (calls - share.calls, us - share.total_us);
            }
        }
        if calls > 0 {
            add("-", calls, us);
        }
    }
    let (_, attributes) = workload.attributes();
    let sum = |known| attributes.numbers(known).map_or(0, |n| n.sum as u64);
    truth.keys_examined = sum(Known::KeysExamined);
    truth.docs_examined = sum(Known::DocsExamined);
    truth.returned = sum(Known::Returned);
    let apart = workload
        .apart()
        .map(|(why, stats): (Apart, _)| (why.name(), (stats.count, stats.total_us)));
    truth.apart = apart.collect();
    truth
}

#[test]
fn replica_sets_logs_give_what_a_strict_parser_counts() {
    let names = ["logs/hatchet/rs1.log", "logs/hatchet/rs3.log"];
    let Some(folder) = super::corpus("mongodb", &names) else { return };
    for name in names {
        let facts = run(&Request::of_paths([folder.join(name)])).expect("a readable log");
        assert_eq!(facts.inputs[0].skipped_bytes, 0, "{name}");
        assert_eq!(told(&facts), counted(&folder.join(name)), "{name}");
    }
}
