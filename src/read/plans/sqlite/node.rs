//! The words of a plan's line.

use crate::model::plan::{Operator, Role, Value};
use std::borrow::Cow;

/// Words that lines begin with.
const BEGINNINGS: [&str; 27] = [
    "SCAN ",
    "SEARCH ",
    "USE TEMP B-TREE",
    "CO-ROUTINE ",
    "MATERIALIZE ",
    "MULTI-INDEX ",
    "INDEX ",
    "COMPOUND ",
    "LEFT-MOST SUBQUERY",
    "UNION ",
    "INTERSECT ",
    "EXCEPT ",
    "MERGE (",
    "LEFT",
    "RIGHT",
    "SCALAR SUBQUERY",
    "CORRELATED ",
    "LIST SUBQUERY",
    "EXECUTE ",
    "BLOOM FILTER ON ",
    "RECURSIVE STEP",
    "SETUP",
    "RIGHT-JOIN ",
    "REUSE ",
    "SUBQUERY ",
    "TABLE ",
    "UNION ALL",
];

/// Whether a text is a line of a plan.
pub(super) fn is_plan_line(text: &str) -> bool {
    BEGINNINGS.iter().any(|beginning| match *beginning {
        "LEFT" | "RIGHT" | "SETUP" => text == *beginning,
        _ => text.starts_with(beginning),
    })
}

/// What a line says.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Found<'a> {
    pub native: Cow<'a, str>,
    pub operator: Operator,
    pub role: Role,
    pub label: Option<&'a str>,
    pub relation: Option<&'a str>,
    pub alias: Option<&'a str>,
    pub index: Option<&'a str>,
    /// It reads a table in the order of the loop.
    pub is_table: bool,
    /// Words that are set if they stand there.
    flags: Vec<&'static str>,
    /// The condition on the index.
    condition: Option<&'a str>,
    /// The index that a virtual table chose.
    virtual_index: Option<&'a str>,
    /// The rows that old versions guess.
    pub guessed_rows: Option<f64>,
    /// What nobody knows.
    rest: Option<&'a str>,
}

impl<'a> Found<'a> {
    fn of(native: impl Into<Cow<'a, str>>, operator: Operator, role: Role) -> Self {
        Found {
            native: native.into(),
            operator,
            role,
            label: None,
            relation: None,
            alias: None,
            index: None,
            is_table: false,
            flags: Vec::new(),
            condition: None,
            virtual_index: None,
            guessed_rows: None,
            rest: None,
        }
    }

    /// What else it says: names, values, and whether they are words of the plan.
    pub fn details(&self, cycles: Option<f64>) -> Vec<(&'static str, Value, bool)> {
        let flags = self.flags.iter().map(|flag| (*flag, Value::Flag(true), true));
        let texts = [
            ("condition", self.condition, false),
            ("virtual_table_index", self.virtual_index, false),
            ("detail", self.rest, false),
        ];
        let texts = texts.into_iter().filter_map(|(name, text, is_plain)| {
            text.map(|text| (name, Value::Text(text.into()), is_plain))
        });
        let cycles = cycles.map(|cycles| ("cycles", Value::Number(cycles), true));
        flags.chain(texts).chain(cycles).collect()
    }

    /// Whether both look up one table by two indexes: the branches of an OR, which old versions
    /// print without a line above them.
    pub fn is_alternative_to(&self, other: &Found<'_>) -> bool {
        self.index.is_some()
            && other.index.is_some()
            && self.index != other.index
            && (self.relation, self.alias) == (other.relation, other.alias)
    }
}

/// Reads the words of a line.
pub(super) fn read(text: &str) -> Found<'_> {
    use Operator as O;
    let text = text.strip_prefix("EXECUTE ").unwrap_or(text);
    if let Some(rest) = text.strip_prefix("SCAN ") {
        return access("SCAN", rest);
    }
    if let Some(rest) = text.strip_prefix("SEARCH ") {
        return access("SEARCH", rest);
    }
    if let Some(what) = text.strip_prefix("USE TEMP B-TREE FOR ") {
        let operator = match what {
            "GROUP BY" => O::Aggregate,
            _ if what.ends_with("ORDER BY") => O::Sort,
            _ => O::Unique,
        };
        return Found::of(text, operator, Role::Input);
    }
    let named = |native: &'static str, operator, role| {
        let name = text.get(native.len()..).map(str::trim).filter(|name| !name.is_empty());
        Found { label: name, ..Found::of(native, operator, role) }
    };
    let relation = |native: &'static str, operator| {
        let rest = text.get(native.len()..).unwrap_or_default().trim();
        let (name, rest) = name_of(rest);
        let condition = between_parentheses(rest);
        Found { relation: Some(name), condition, ..Found::of(native, operator, Role::Input) }
    };
    match text.split_once(' ').map_or(text, |(first, _)| first) {
        "CO-ROUTINE" => named("CO-ROUTINE", O::Other, Role::Cte),
        "MATERIALIZE" => named("MATERIALIZE", O::Materialize, Role::Cte),
        "MULTI-INDEX" => Found::of(text, O::BitmapCombine, Role::Input),
        "INDEX" | "LEFT" | "RIGHT" | "LEFT-MOST" => Found::of(text, O::Other, Role::Member),
        "COMPOUND" if text.contains("EXCEPT") || text.contains("INTERSECT") => {
            Found::of(words_of(text), O::SetOperation, Role::Input)
        }
        "COMPOUND" => Found::of(words_of(text), O::Append, Role::Input),
        "UNION" if text.contains("B-TREE") => Found::of(text, O::Unique, Role::Member),
        "UNION" => Found::of(text, O::Append, Role::Member),
        "INTERSECT" | "EXCEPT" => Found::of(text, O::SetOperation, Role::Member),
        "MERGE" if text.contains("UNION") => Found::of(text, O::MergeAppend, Role::Input),
        "MERGE" => Found::of(text, O::SetOperation, Role::Input),
        "CORRELATED" => {
            Found { label: subquery(text), ..Found::of(words_of(text), O::Other, Role::SubPlan) }
        }
        "SCALAR" | "LIST" | "SUBQUERY" => {
            Found { label: subquery(text), ..Found::of(words_of(text), O::Other, Role::InitPlan) }
        }
        "BLOOM" => relation("BLOOM FILTER ON", O::Filter),
        "RIGHT-JOIN" => relation("RIGHT-JOIN", O::Other),
        "RECURSIVE" => Found::of(words_of(text), O::RecursiveUnion, Role::Member),
        "SETUP" => Found::of(words_of(text), O::Other, Role::Member),
        _ => unknown(text),
    }
}

/// The words in capitals that a text begins with: what follows may be anything.
fn words_of(text: &str) -> &str {
    let is_word = |letter: char| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || matches!(letter, ' ' | '-')
    };
    let end = text.find(|letter| !is_word(letter)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim_end()
}

/// `SUBQUERY 1` of a line.
fn subquery(text: &str) -> Option<&str> {
    text.find("SUBQUERY ").and_then(|at| text.get(at..)).map(words_of)
}

fn unknown(text: &str) -> Found<'_> {
    let words = words_of(text);
    let rest = text.get(words.len()..).map(str::trim).filter(|rest| !rest.is_empty());
    let native = if words.is_empty() { "?" } else { words };
    Found { rest, ..Found::of(native, Operator::Other, Role::Input) }
}

/// A name and what follows it. Names with blanks are not quoted, so that a name ends where one of
/// the words begins that may follow it.
fn name_of(text: &str) -> (&str, &str) {
    const BEHIND: [&str; 6] =
        [" AS ", " USING ", " VIRTUAL TABLE ", " LEFT-JOIN", " (~", " BY INTEGER "];
    let behind = BEHIND.iter().filter_map(|word| text.find(word)).min();
    let parenthesis = text.find(" (").filter(|at| *at > 0);
    let end = behind.into_iter().chain(parenthesis).min().unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (name.trim(), rest)
}

fn between_parentheses(text: &str) -> Option<&str> {
    let start = text.find('(')?;
    let end = text.rfind(')').filter(|end| *end > start)?;
    text.get(start + 1..end)
}

/// A line that reads a table.
fn access<'a>(native: &'static str, text: &'a str) -> Found<'a> {
    let (text, guessed_rows) = guessed_rows(text);
    let is_constant = text == "CONSTANT ROW" || text.ends_with(" CONSTANT ROWS");
    if is_constant {
        let native =
            if text == "CONSTANT ROW" { "SCAN CONSTANT ROW" } else { "SCAN CONSTANT ROWS" };
        return Found { is_table: true, ..Found::of(native, Operator::RowSource, Role::Input) };
    }
    let text = text.strip_prefix("TABLE ").unwrap_or(text);
    let is_subquery = text.starts_with("SUBQUERY ") || text.starts_with('(');
    let (name, rest) = name_of(text);
    let mut found = Found::of(native, Operator::Other, Role::Input);
    (found.relation, found.is_table, found.guessed_rows) = (Some(name), true, guessed_rows);
    let rest = match rest.strip_prefix(" AS ") {
        Some(behind) => {
            let (alias, rest) = name_of(behind);
            found.alias = Some(alias);
            rest
        }
        None => rest,
    };
    if rest.ends_with(" LEFT-JOIN") {
        found.flags.push("left_join");
    }
    if let Some((_, index)) = rest.split_once(" VIRTUAL TABLE INDEX ") {
        found.virtual_index = index.split_whitespace().next();
        found.operator = Operator::CustomScan;
        return found;
    }
    let using = rest.split_once(" USING ").map(|(_, using)| using);
    let using = using.or(rest.split_once(" BY ").map(|(_, using)| using)).unwrap_or_default();
    let is_key = using.contains("PRIMARY KEY") || using.starts_with("ROWID");
    let is_covering = index(&mut found, using);
    found.condition = between_parentheses(rest);
    let is_one = found
        .condition
        .is_some_and(|condition| condition.ends_with("=?") && !condition.contains(" AND "));
    found.operator = match native {
        _ if is_subquery => Operator::DerivedScan,
        "SCAN" if using.is_empty() || is_key => Operator::FullScan,
        "SCAN" => Operator::FullIndexScan,
        _ if using.starts_with("INTEGER PRIMARY KEY") && is_one => Operator::KeyLookup,
        _ if is_covering => Operator::IndexOnlyScan,
        _ => Operator::IndexScan,
    };
    found
}

/// Reads which index is used; whether it covers the statement.
fn index<'a>(found: &mut Found<'a>, using: &'a str) -> bool {
    let Some((words, name)) = using.split_once("INDEX") else { return false };
    let is_kind = |word: &str| matches!(word, "AUTOMATIC" | "PARTIAL" | "COVERING");
    if !words.split_whitespace().all(is_kind) {
        return false;
    }
    for (word, flag) in
        [("AUTOMATIC", "automatic"), ("PARTIAL", "partial"), ("COVERING", "covering")]
    {
        if words.contains(word) {
            found.flags.push(flag);
        }
    }
    let name = name.strip_suffix(" LEFT-JOIN").unwrap_or(name);
    let name = name.find(" (").map_or(name, |end| name.get(..end).unwrap_or(name)).trim();
    found.index = Some(name).filter(|name| !name.is_empty() && !name.starts_with('('));
    words.contains("COVERING")
}

/// A line without ` (~1000 rows)`, which old versions put behind it.
fn guessed_rows(text: &str) -> (&str, Option<f64>) {
    let Some((before, rows)) = text.rsplit_once(" (~") else { return (text, None) };
    match rows.strip_suffix(" rows)").or(rows.strip_suffix(" row)")).map(str::parse) {
        Some(Ok(rows)) => (before, Some(rows)),
        _ => (text, None),
    }
}
