//! The statement of a plan: `Query Text:` as auto_explain prints it, or the `EXPLAIN` that was typed
//! above it.

/// Words that follow EXPLAIN.
const FOLLOWING: [&str; 19] = [
    "select", "insert", "update", "delete", "with", "values", "execute", "table", "merge",
    "create", "declare", "refresh", "analyze", "analyse", "verbose", "(", "costs", "buffers",
    "replace",
];

/// What stands behind the word EXPLAIN in a line that a person typed, with or without psql's prompt.
pub fn echoed(line: &str) -> Option<&str> {
    let typed = without_prompt(line.trim());
    let rest = typed.get(..7).filter(|word| word.eq_ignore_ascii_case("explain"))?;
    let rest = typed.get(rest.len()..)?;
    let words = rest.trim_start();
    let is_apart = rest.is_empty() || words.len() < rest.len() || rest.starts_with('(');
    let follows =
        |word: &&str| words.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    (is_apart && (words.is_empty() || FOLLOWING.iter().any(follows))).then_some(words)
}

/// A line without psql's prompt: `shop=# `, `shop-> `, `# `.
fn without_prompt(line: &str) -> &str {
    let Some((prompt, rest)) = line.split_once(['#', '>']) else { return line };
    let is_name = |c: char| c.is_alphanumeric() || "_=-('\"*!^~.@:/".contains(c);
    match prompt.len() <= 64 && prompt.chars().all(is_name) && rest.starts_with(' ') {
        true if prompt.is_empty()
            || prompt.ends_with(['=', '-', '(', '\'', '"', '*', '!', '^', '~']) =>
        {
            rest.trim_start()
        }
        _ => line,
    }
}

/// What the lines above a plan say.
#[derive(Debug, PartialEq, Default)]
pub struct Above {
    /// The statement.
    pub statement: Option<String>,
    /// What `Query Parameters:` says.
    pub parameters: Option<String>,
}

/// Reads the lines above a plan.
pub fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Above {
    let mut above = Above::default();
    let mut parts: Vec<&str> = Vec::new();
    let (mut is_open, mut is_echo, mut has_prompt) = (false, false, false);
    for line in lines {
        let line = line.trim_end();
        let text = line.trim_start();
        if let Some(rest) = text.strip_prefix("Query Text:") {
            parts = vec![rest.trim_start()];
            (is_open, is_echo, has_prompt) = (true, false, false);
        } else if let Some(parameters) = text.strip_prefix("Query Parameters:") {
            above.parameters = Some(parameters.trim().to_owned());
            is_open = false;
        } else if let Some(rest) = echoed(text) {
            parts = vec![rest];
            (is_open, is_echo) = (true, true);
            has_prompt = without_prompt(text) != text;
        } else if super::super::super::clean::is_header(text) {
            is_open = false;
        } else if is_open {
            parts.push(if has_prompt { without_prompt(line) } else { line });
        }
        is_open &= !(is_echo && text.ends_with(';'));
    }
    let statement = parts.join("\n");
    let statement = if is_echo { without_options(&statement) } else { &statement };
    let statement = statement.trim().trim_end_matches(';').trim_end();
    above.statement = (!statement.is_empty()).then(|| statement.to_owned());
    above
}

/// A statement without the options of EXPLAIN before it.
fn without_options(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    // `EXPLAIN (SELECT 1)` is a statement in parentheses; options begin with other words.
    if let Some(options) = rest.strip_prefix('(') {
        let first: String = options.trim_start().chars().take(6).collect();
        if !["select", "values", "table "].contains(&first.to_ascii_lowercase().as_str())
            && let Some((_, behind)) = options.split_once(')')
        {
            rest = behind.trim_start();
        }
    }
    for word in ["analyze", "analyse", "verbose"].iter().chain(&["verbose", "analyze"]) {
        let starts = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if starts
            && let Some(behind) =
                rest.get(word.len()..).filter(|b| b.starts_with(char::is_whitespace))
        {
            rest = behind.trim_start();
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_found_above_their_plans() {
        for (lines, expected) in [
            ("Query Text: select 1\n  from t;", "select 1\n  from t"),
            ("shop=# EXPLAIN ANALYZE SELECT a\nshop-# FROM t;", "SELECT a\nFROM t"),
            ("# explain (analyze, buffers) select 1;\n QUERY PLAN\n----", "select 1"),
            ("explain verbose (select 1) union (select 2)", "(select 1) union (select 2)"),
            ("EXPLAIN (VALUES (1))", "(VALUES (1))"),
            ("EXPLAIN\nSELECT a -> 'b' FROM t\n;", "SELECT a -> 'b' FROM t"),
            ("QUERY PLAN", ""),
        ] {
            let above = read(lines.lines());
            assert_eq!(above.statement.unwrap_or_default(), expected, "{lines}");
        }
        let above = read("Query Text: select $1\nQuery Parameters: $1 = '5'".lines());
        assert_eq!(above.parameters.as_deref(), Some("$1 = '5'"));
        for prose in ["Explain this to me", "explained select", "the plan: explain select"] {
            assert_eq!(echoed(prose), None, "{prose}");
        }
    }
}
