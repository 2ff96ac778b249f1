//! One operation has one fingerprint, whoever wrote it down: as Extended JSON, as mongosh, the legacy
//! shell and the legacy log print it, within `explain`, and as a server's log and the profiler hold it.

use proptest::prelude::*;
use querylens::lang::mongo::fingerprint::Fingerprinter;
use querylens::lang::mongo::shell::to_ejson;
use querylens::pipeline::{Request, run};

/// A value in each of the forms.
#[derive(Clone, Debug)]
enum Node {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    /// As relaxed and canonical Extended JSON, mongosh, the legacy shell, and a log of 4.0.
    Leaf([String; 5]),
}

const FORMS: [&str; 5] = ["relaxed", "canonical", "mongosh", "legacy shell", "text log"];

fn leaf() -> impl Strategy<Value = Node> {
    let same = |text: String| Node::Leaf(std::array::from_fn(|_| text.clone()));
    prop_oneof![
        any::<bool>().prop_map(move |yes| same(yes.to_string())),
        Just(same("null".to_owned())),
        "[a-zA-Z][a-z ,:{}]{0,8}".prop_map(|text| {
            let double = format!("\"{text}\"");
            let single = format!("'{text}'");
            Node::Leaf([double.clone(), double.clone(), single, double.clone(), double])
        }),
        any::<i32>().prop_map(|n| Node::Leaf([
            n.to_string(),
            format!("{{\"$numberInt\":\"{n}\"}}"),
            n.to_string(),
            format!("NumberInt({n})"),
            n.to_string(),
        ])),
        any::<i64>().prop_map(|n| Node::Leaf([
            n.to_string(),
            format!("{{\"$numberLong\":\"{n}\"}}"),
            format!("Long('{n}')"),
            format!("NumberLong(\"{n}\")"),
            n.to_string(),
        ])),
        "[0-9a-f]{24}".prop_map(|id| {
            let wrapped = format!("{{\"$oid\":\"{id}\"}}");
            let double = format!("ObjectId(\"{id}\")");
            let single = format!("ObjectId('{id}')");
            Node::Leaf([wrapped.clone(), wrapped, single.clone(), double, single])
        }),
        (0i64..4_000_000_000_000).prop_map(|ms| Node::Leaf([
            "{\"$date\":\"2026-11-23T09:00:00Z\"}".to_owned(),
            format!("{{\"$date\":{{\"$numberLong\":\"{ms}\"}}}}"),
            "ISODate('2026-11-23T09:00:00.000Z')".to_owned(),
            "ISODate(\"2026-11-23T09:00:00Z\")".to_owned(),
            format!("new Date({ms})"),
        ])),
        ("\\^?[a-z]{1,5}", "i?").prop_map(|(pattern, options)| {
            let wrapped = format!(
                "{{\"$regularExpression\":{{\"pattern\":\"{pattern}\",\"options\":\"{options}\"}}}}"
            );
            let slashed = format!("/{pattern}/{options}");
            Node::Leaf([wrapped.clone(), wrapped, slashed.clone(), slashed.clone(), slashed])
        }),
    ]
}

fn condition() -> impl Strategy<Value = Node> {
    let operator = prop::sample::select(vec!["$eq", "$gt", "$lte", "$ne"]);
    let compared = (operator, leaf()).prop_map(|(name, value)| object(vec![(name, value)]));
    let listed = prop::collection::vec(leaf(), 1..5);
    let listed = listed.prop_map(|list| object(vec![("$in", Node::Array(list))]));
    prop_oneof![3 => leaf(), 2 => compared, 1 => listed]
}

fn filter() -> impl Strategy<Value = Node> {
    let name = prop::sample::select(vec!["status", "a.b", "items.0.sku", "_id", "odd name"]);
    let fields = prop::collection::btree_map(name, condition(), 1..4);
    let plain = fields.prop_map(|fields| object(fields.into_iter().collect())).boxed();
    let both = (plain.clone(), plain.clone());
    let either = both.prop_map(|(a, b)| object(vec![("$or", Node::Array(vec![a, b]))]));
    prop_oneof![3 => plain, 1 => either]
}

fn object(members: Vec<(&str, Node)>) -> Node {
    Node::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn word(text: &str) -> Node {
    let (double, single) = (format!("\"{text}\""), format!("'{text}'"));
    Node::Leaf([double.clone(), double.clone(), single, double.clone(), double])
}

fn number(n: i32) -> Node {
    Node::Leaf([
        n.to_string(),
        format!("{{\"$numberInt\":\"{n}\"}}"),
        n.to_string(),
        n.to_string(),
        format!("{n}.0"),
    ])
}

fn command() -> impl Strategy<Value = Node> {
    let find = (filter(), any::<bool>(), 1..500i32).prop_map(|(filter, sorted, limit)| {
        let mut members = vec![("find", word("orders")), ("filter", filter)];
        if sorted {
            members.push(("sort", object(vec![("created", number(-1)), ("_id", number(1))])));
        }
        members.extend([("limit", number(limit)), ("$db", word("shop"))]);
        object(members)
    });
    let aggregate = filter().prop_map(|filter| {
        let group =
            object(vec![("_id", word("$status")), ("n", object(vec![("$sum", number(1))]))]);
        let stages = vec![
            object(vec![("$match", filter)]),
            object(vec![("$group", group)]),
            object(vec![("$sort", object(vec![("n", number(-1))]))]),
        ];
        object(vec![
            ("aggregate", word("orders")),
            ("pipeline", Node::Array(stages)),
            ("cursor", object(vec![])),
            ("$db", word("shop")),
        ])
    });
    let count = filter().prop_map(|filter| {
        object(vec![("count", word("orders")), ("query", filter), ("$db", word("shop"))])
    });
    prop_oneof![2 => find, 1 => aggregate, 1 => count]
}

fn write(node: &Node, form: usize, out: &mut String) {
    match node {
        Node::Leaf(texts) => out.push_str(&texts[form]),
        Node::Array(items) => {
            out.push_str("[ ");
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write(item, form, out);
            }
            out.push_str(" ]");
        }
        Node::Object(members) => {
            out.push_str("{ ");
            for (at, (key, value)) in members.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                let is_plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                match form {
                    2 if is_plain => out.push_str(key),
                    2 => out.push_str(&format!("'{key}'")),
                    4 => out.push_str(key),
                    _ => out.push_str(&format!("\"{key}\"")),
                }
                out.push_str(": ");
                write(value, form, out);
            }
            out.push_str(" }");
        }
    }
}

/// The command in a form, as Extended JSON.
fn written(command: &Node, form: usize) -> String {
    let mut text = String::new();
    write(command, form, &mut text);
    if form < 2 {
        return text;
    }
    let mut out = Vec::new();
    let read = to_ejson(text.as_bytes(), &mut out);
    assert_eq!(read.consumed, text.len(), "{text}");
    String::from_utf8(out).expect("JSON is text")
}

fn print(command: &str) -> String {
    let mut printer = Fingerprinter::default();
    let found = printer.run(command.as_bytes());
    assert!(!found.truncated, "{command}");
    String::from_utf8_lossy(found.text).into_owned()
}

/// The classes of a log or an export of the profiler.
fn classes(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("input");
    std::fs::write(&path, text).expect("room");
    let facts = run(&Request::of_paths([path])).expect("a readable input");
    let classes = facts.servers[0].workload.ranked();
    classes.into_iter().map(|class| class.fingerprint.to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_form_has_the_same_fingerprint(command in command()) {
        let expected = print(&written(&command, 0));
        for (form, name) in FORMS.iter().enumerate().skip(1) {
            prop_assert_eq!(&print(&written(&command, form)), &expected, "{}", name);
        }
        let explained = format!("{{\"explain\":{},\"$db\":\"shop\"}}", written(&command, 0));
        prop_assert_eq!(&print(&explained), &expected, "explain");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn logs_and_profiles_hold_the_same_classes(command in command()) {
        let expected = vec![print(&written(&command, 0))];
        let ejson = written(&command, 0);
        let verb = expected[0].split(' ').next().unwrap_or_default();
        let mut shell = String::new();
        write(&command, 4, &mut shell);
        for (name, text) in [
            ("structured", format!("{{\"t\":{{\"$date\":\"2026-11-23T09:00:01.250+00:00\"}},\"s\":\"I\",\"c\":\"COMMAND\",\"id\":51803,\"ctx\":\"conn1\",\"msg\":\"Slow query\",\"attr\":{{\"type\":\"command\",\"ns\":\"shop.orders\",\"command\":{ejson},\"durationMillis\":120}}}}\n")),
            ("text", format!("2026-11-23T09:00:01.250+0000 I COMMAND  [conn1] command shop.orders appName: \"web\" command: {verb} {shell} planSummary: COLLSCAN keysExamined:0 docsExamined:9 reslen:10 protocol:op_msg 120ms\n")),
            ("profile", format!("{{\"op\":\"query\",\"ns\":\"shop.orders\",\"command\":{ejson},\"millis\":120,\"planSummary\":\"COLLSCAN\",\"ts\":{{\"$date\":\"2026-11-23T09:00:01.250Z\"}},\"client\":\"10.0.0.7\",\"user\":\"\"}}\n")),
        ] {
            prop_assert_eq!(&classes(&text), &expected, "{}", name);
        }
    }
}
