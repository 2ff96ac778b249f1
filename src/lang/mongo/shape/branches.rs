//! The branches of a query's `$or`, each as predicates: an index serves one branch at a time. In: a
//! command as canonical text has it.

use super::super::doc::Value;
use super::predicates::{self, Predicate};

/// The predicates of each branch of the query's `$or`, of several the first; empty where there is none.
pub(super) fn read(command: Value<'_>) -> Vec<Vec<Predicate>> {
    let Some(query) = query(command) else { return Vec::new() };
    let Some(or) = query.children().find(|member| member.has_key("$or")) else { return Vec::new() };
    let branches = or.children().map(|branch| {
        let mut tested = Vec::new();
        predicates::read(branch, &mut tested);
        tested
    });
    branches.collect()
}

/// The query of a command, or the `$match` that its pipeline begins with.
fn query(command: Value<'_>) -> Option<Value<'_>> {
    let named = ["filter", "query", "q"].into_iter().find_map(|name| command.get(name));
    named.or_else(|| command.get("pipeline")?.first()?.get("$match"))
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;

    #[test]
    fn branches_are_told_apart() {
        for (command, expected) in [
            (r#"{"find":"c","filter":{"x":1,"$or":[{"a":1,"b":2},{"c":3}]}}"#, &["a b", "c"][..]),
            (r#"{"find":"c","filter":{"$and":[{"$or":[{"a":1},{"b":2}]}]}}"#, &["a", "b"]),
            (r#"{"aggregate":"c","pipeline":[{"$match":{"$or":[{"a":1},{"b":2}]}}]}"#, &["a", "b"]),
            (
                r#"{"delete":"c","deletes":[{"q":{"$or":[{"a":1},{"b":2}]},"limit":0}]}"#,
                &["a", "b"],
            ),
            (r#"{"find":"c","filter":{"a":1}}"#, &[]),
            (
                r#"{"find":"c","filter":{"$and":[{"$or":[{"a":1},{"b":2}]},{"$or":[{"c":1},{"d":2}]}]}}"#,
                &["a", "b"],
            ),
            (r#"{"aggregate":"c","pipeline":[{"$group":{"_id":"$a"}}]}"#, &[]),
        ] {
            let paths = |branch: Vec<Predicate>| {
                branch.into_iter().map(|p| p.path).collect::<Vec<_>>().join(" ")
            };
            let branches = Shape::read(command.as_bytes()).or_branches;
            assert_eq!(branches.into_iter().map(paths).collect::<Vec<_>>(), expected, "{command}");
        }
    }
}
