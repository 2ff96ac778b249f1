//! What a line of a plan in text form is, by its words alone.

use super::super::super::clean;
use super::super::operator::{labelled_role, operator};
use crate::model::plan::Operator;

/// What a line is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A node: behind an arrow, or the first one.
    Node,
    /// `CTE x`, `InitPlan 1 (returns $0)`, `SubPlan 2`: a name for the nodes below.
    Label,
    /// `Key: value` of a node.
    Property,
    /// What stands below a plan and is about the whole.
    Trailer,
    /// Nothing of these: a piece of a wrapped line, or something unknown.
    Other,
}

/// Keys of lines that are about the plan as a whole where they are not deeper than its root.
const TRAILERS: [&str; 16] = [
    "Planning Time",
    "Planning time",
    "Execution Time",
    "Execution time",
    "Total runtime",
    "Total Runtime",
    "Planning",
    "JIT",
    "Settings",
    "Query Identifier",
    "Serialization",
    "Query Parameters",
    "Optimizer",
    "Optimizer status",
    "Memory used",
    "Memory wanted",
];

/// What a line is, without the blanks and frames around it.
pub fn kind(line: &str) -> Kind {
    if arrow(line).is_some() || (has_numbers(line) && starts_as_node(line)) {
        return Kind::Node;
    }
    if line.starts_with("Trigger ") && (line.contains("calls=") || line.contains("time=")) {
        return Kind::Trailer;
    }
    match property(line) {
        Some((key, _)) if TRAILERS.contains(&key) => Kind::Trailer,
        Some(_) => Kind::Property,
        None if is_label(line) => Kind::Label,
        None => Kind::Other,
    }
}

/// The text behind an arrow. Operators of JSON values look alike, but no name of a node follows.
pub fn arrow(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("->")?;
    let node = rest.trim_start_matches([' ', '\t']);
    let is_node = node.len() < rest.len() && node.starts_with(|c: char| c.is_ascii_uppercase());
    is_node.then_some(node)
}

/// The key and the value of a line such as `Sort Key: a, b`.
pub fn property(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '/' | '-' | '_' | '.' | '#');
    let is_key = key.len() <= 60
        && key.starts_with(|c: char| c.is_alphabetic())
        && !key.ends_with(' ')
        && key.chars().all(is_word);
    let is_value = value.is_empty() || value.starts_with([' ', '\t']);
    (is_key && is_value).then(|| (key, value.trim()))
}

/// Whether a line names what is below it.
pub fn is_label(line: &str) -> bool {
    let name = line.strip_prefix("hashed ").unwrap_or(line);
    labelled_role(name).is_some()
        && !name.starts_with("CTE Scan on ")
        && name.len() <= 200
        && (name.starts_with("CTE ") || name.split(' ').count() <= 4)
}

/// Where the numbers of a node begin, and with them the end of its words.
pub fn numbers_start(line: &str) -> Option<usize> {
    const STARTS: [&str; 4] = ["(cost=", "(actual time=", "(actual rows=", "(never executed)"];
    STARTS.iter().filter_map(|start| line.find(start)).min()
}

fn has_numbers(line: &str) -> bool {
    numbers_start(line).is_some_and(|at| at > 0)
}

/// The words of a node that say what it is: those before ` using ` and ` on `.
pub fn native_words(line: &str) -> &str {
    let end = numbers_start(line).unwrap_or(line.len());
    let words = line.get(..end).unwrap_or(line);
    let cut = [" using ", " on "].iter().filter_map(|word| words.find(word)).min();
    words.get(..cut.unwrap_or(words.len())).unwrap_or(words).trim()
}

/// Whether a line begins with the words of a node of PostgreSQL itself.
pub fn starts_as_node(line: &str) -> bool {
    let words = native_words(line);
    operator(words) != Operator::Other || words == "ModifyTable"
}

/// Whether a line is the first one of a plan, by itself: it tells what the planner expected, or what
/// happened. MySQL's trees print an arrow before their root and no width.
pub fn is_sure_root(line: &str) -> bool {
    let node = arrow(line);
    if line.starts_with("-> ") && !line.starts_with("->  ") && !line.contains(" width=") {
        return false;
    }
    let words = node.unwrap_or(line);
    if !words.starts_with(|c: char| c.is_ascii_uppercase()) {
        return false;
    }
    let Some(at) = numbers_start(words).filter(|at| *at > 0) else { return false };
    let numbers = words.get(at..).unwrap_or_default();
    let is_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    match numbers.strip_prefix("(cost=") {
        // A cut line has no width.
        Some(cost) => is_digit(cost) && (cost.contains(" width=") || starts_as_node(words)),
        None => numbers.starts_with("(actual ") || starts_as_node(words),
    }
}

/// Whether a line is a whole node without numbers, as `COSTS OFF` prints it.
pub fn is_plain_node(line: &str) -> bool {
    let words = arrow(line).unwrap_or(line);
    if numbers_start(words).is_some() || !starts_as_node(words) {
        return false;
    }
    let native = native_words(words);
    let rest = words.get(native.len()..).unwrap_or_default();
    // ` on public.orders o`, ` using index on orders o`: a sentence goes on longer.
    let is_name = |c: char| c.is_alphanumeric() || "_.\"$*- ".contains(c);
    rest.split_whitespace().count() <= 5 && rest.chars().all(is_name)
}

/// Whether a line cannot belong to a plan: it ends one.
pub fn is_foreign(line: &str) -> bool {
    line.starts_with("Time: ")
        || line.starts_with("```")
        || line.starts_with("Query Text:")
        || clean::is_header(line)
        || is_log_record(line)
        || super::statement::echoed(line).is_some()
}

/// Whether a line is the head of a log record: it begins with a date.
pub fn is_log_record(line: &str) -> bool {
    let bytes = line.as_bytes();
    let date = b"dddd-dd-dd";
    bytes.len() > date.len()
        && date.iter().zip(bytes).all(|(form, byte)| match form {
            b'd' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_what_their_words_say() {
        for (line, expected) in [
            ("->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)", Kind::Node),
            ("->  Task", Kind::Node),
            ("Sort  (cost=0.00..1.00 rows=1 width=4)", Kind::Node),
            ("InitPlan 1 (returns $0)", Kind::Label),
            ("CTE top_orders", Kind::Label),
            ("SubPlan", Kind::Label),
            ("Filter: (a -> 'x'::text)", Kind::Property),
            ("I/O Timings: read=1.000", Kind::Property),
            ("Planning:", Kind::Trailer),
            ("Trigger a on b: time=1.000 calls=2", Kind::Trailer),
            ("-> 'x'::text)", Kind::Other),
            ("'a'::text)", Kind::Other),
            ("t=32.88..32.9", Kind::Other),
        ] {
            assert_eq!(kind(line), expected, "{line}");
        }
    }

    #[test]
    fn roots_are_told_from_sentences_and_other_engines() {
        for (line, sure, plain) in [
            ("Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)", true, false),
            ("Custom Scan (X)  (actual rows=1 loops=1)", true, false),
            ("Nested Loop  (cost=0.00..611.27 rows=13", true, false),
            (
                "-> Table scan on t  (cost=0.35 rows=1) (actual time=0.1..0.2 rows=1 loops=1)",
                false,
                false,
            ),
            ("Index Scan using i on public.t x", false, true),
            ("Seq Scan on t is slow, because it reads it all", false, false),
            ("costs (cost=1)", false, false),
            ("Sort", false, true),
        ] {
            assert_eq!((is_sure_root(line), is_plain_node(line)), (sure, plain), "{line}");
        }
    }
}
