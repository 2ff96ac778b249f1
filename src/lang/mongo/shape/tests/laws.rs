//! Laws over made-up commands and over any bytes.

use super::super::super::mask::mask_command;
use super::super::*;
use proptest::prelude::*;

/// Names that mean something somewhere, and some that mean nothing.
const NAMES: &[&str] = &[
    "a",
    "b.c",
    "x y",
    "0",
    "65f854622d7d6b4a0f60378a",
    "é",
    "$and",
    "$or",
    "$nor",
    "$eq",
    "$gt",
    "$in",
    "$all",
    "$not",
    "$elemMatch",
    "$exists",
    "$type",
    "$regex",
    "$options",
    "$near",
    "$geometry",
    "$expr",
    "$where",
    "$text",
    "$comment",
    "$set",
    "$push",
    "$each",
    "$pull",
    "$rename",
    "$match",
    "$sort",
    "$group",
    "$project",
    "$lookup",
    "$unwind",
    "$facet",
    "$unionWith",
    "$merge",
    "$limit",
    "$oid",
    "$date",
    "$elided",
    "$meta",
    "$hint",
    "$query",
    "query",
    "orderby",
    "filter",
    "pipeline",
    "from",
    "path",
    "coll",
    "type",
    "updates",
    "q",
    "u",
    "multi",
    "deletes",
    "limit",
    "sort",
    "hint",
    "collation",
    "locale",
    "key",
    "$literal",
    "sortBy",
    "explain",
    "$db",
    "ns",
    "nsInfo",
    "ops",
    "update",
    "$db.x",
    "low",
];

const SCALARS: &[&str] = &[
    "1",
    "-1",
    "0",
    "2.5",
    "true",
    "false",
    "null",
    r#""x""#,
    r#""$a.b""#,
    r#""$$ROOT""#,
    r#""?number""#,
    r#""… 3 more""#,
    r#""text""#,
    r#""textScore""#,
    r#""int""#,
    r#""Point""#,
    r#""a\"\u0001b""#,
    r#""""#,
    r#"{"$oid":"65f854622d7d6b4a0f60378a"}"#,
    r#"{"$numberLong":"5"}"#,
    r#"{"$date":{"$numberLong":"5"}}"#,
    r#"{"$regularExpression":{"pattern":"^a","options":"i"}}"#,
    r#"{"$regex":"a"}"#,
    r#"{"$minKey":1}"#,
    r#"{"$elided":"object"}"#,
    r#"{"$elided":"items"}"#,
    r#"{"low":1,"high":0,"unsigned":false}"#,
];

fn value() -> impl Strategy<Value = String> {
    let scalar = prop::sample::select(SCALARS).prop_map(str::to_owned);
    scalar.prop_recursive(5, 48, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..5)
                .prop_map(|members| document(&members)),
        ]
    })
}

fn document(members: &[(&str, String)]) -> String {
    let members: Vec<_> =
        members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn command() -> impl Strategy<Value = String> {
    let head = prop::sample::select(vec![
        (r#""find":"c""#, "filter"),
        (r#""find":"c""#, "sort"),
        (r#""aggregate":"c""#, "pipeline"),
        (r#""count":"c""#, "query"),
        (r#""update":"c""#, "updates"),
        (r#""delete":"c""#, "deletes"),
        (r#""findAndModify":"c""#, "update"),
        (r#""bulkWrite":1"#, "ops"),
        (r#""createIndexes":"c""#, "indexes"),
        (r#""group":{"ns":"c"}"#, "x"),
        (r#""mapReduce":"c""#, "out"),
        (r#""other":"c""#, "x"),
    ]);
    let more = prop::collection::vec((prop::sample::select(NAMES), value()), 0..4);
    (head, value(), more).prop_map(|((name, member), value, more)| {
        let more: String =
            more.iter().map(|(name, value)| format!(",\"{name}\":{value}")).collect();
        format!("{{{name},\"{member}\":{value}{more}}}")
    })
}

/// The laws of one command.
fn check(command: &[u8]) -> Result<(), TestCaseError> {
    let shape = Shape::read(command);
    let again = Shape::of_fingerprint(shape.text());
    prop_assert_eq!(again.as_ref().map(Shape::text), Some(shape.text()));
    prop_assert_eq!(again.map(|again| again.truncated), Some(shape.truncated));
    prop_assert!(!shape.text().chars().any(char::is_control));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_fingerprint_is_that_of_its_own_text_and_of_the_mask(command in command()) {
        check(command.as_bytes())?;
        let mut masked = String::new();
        mask_command(command.as_bytes(), &mut masked);
        let shape = Shape::read(command.as_bytes());
        let of_mask = Shape::read(masked.as_bytes());
        prop_assert_eq!(of_mask.text(), shape.text(), "{}", masked);
    }

    #[test]
    fn any_bytes_have_a_shape(
        mut bytes in prop::collection::vec(prop_oneof![
            prop::sample::select("{}[]\",:\\?/$a1-. …".as_bytes().to_vec()),
            any::<u8>(),
        ], 0..80),
        command in command(),
        at in any::<prop::sample::Index>(),
    ) {
        check(&bytes)?;
        let mut damaged = command.into_bytes();
        let at = at.index(damaged.len());
        bytes.truncate(3);
        damaged.splice(at..at, bytes);
        check(&damaged)?;
        let mut masked = String::new();
        mask_command(&damaged, &mut masked);
        prop_assert!(!masked.is_empty());
    }
}
