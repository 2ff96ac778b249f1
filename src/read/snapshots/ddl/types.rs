//! Types of columns as the server prints them: synonyms become the name that the catalog has.

use super::cursor::Cursor;
use crate::lang::sql::lexer::Dialect;

/// The type that follows, up to what says something else of the column; `None` where nothing stands
/// (SQLite needs no type). The flag says that it draws its numbers from a sequence of its own.
pub fn type_name(cursor: &mut Cursor<'_>, ends: impl Fn(&Cursor<'_>) -> bool) -> (Box<str>, bool) {
    let begin = *cursor;
    while !cursor.is_at_end() && !ends(cursor) {
        cursor.skip_one();
    }
    let written = begin.until(cursor);
    match begin.dialect {
        Dialect::Postgres => postgres(written),
        Dialect::Mysql => (mysql(written), written.is_at(&["serial"])),
        Dialect::Sqlite => (written.shown().to_lowercase().into(), false),
    }
}

/// A quoted or qualified name keeps its letters; the rest is in lower case, as PostgreSQL prints it.
fn postgres(written: Cursor<'_>) -> (Box<str>, bool) {
    let mut rest = written;
    if written.word_at(0).is_none() || written.mark_at(1) == Some(".") {
        let of_catalog = rest.eat(&["pg_catalog"]) && rest.eat_mark(".");
        if !of_catalog {
            return (written.shown(), false);
        }
    }
    let base = rest.word_at(0).unwrap_or_default().to_lowercase();
    let (name, words, has_sequence) = match base.as_str() {
        "int" | "int4" => ("integer", 1, false),
        "int2" => ("smallint", 1, false),
        "int8" => ("bigint", 1, false),
        "serial" | "serial4" => ("integer", 1, true),
        "smallserial" | "serial2" => ("smallint", 1, true),
        "bigserial" | "serial8" => ("bigint", 1, true),
        "bool" => ("boolean", 1, false),
        "float4" => ("real", 1, false),
        "float8" => ("double precision", 1, false),
        "float" => float(rest),
        "decimal" | "dec" => ("numeric", 1, false),
        "varchar" => ("character varying", 1, false),
        "char" if rest.is_word_at(1, "varying") => ("character varying", 2, false),
        "char" | "bpchar" | "character" if !rest.is_word_at(1, "varying") => {
            ("character", 1, false)
        }
        "varbit" => ("bit varying", 1, false),
        "timestamptz" => ("timestamp with time zone", 1, false),
        "timetz" => ("time with time zone", 1, false),
        _ => ("", 0, false),
    };
    rest.skip(words);
    let mut out = name.to_owned();
    if base == "float" {
        let _ = rest.group();
    }
    let is_time = matches!(base.as_str(), "timestamp" | "timestamptz" | "time" | "timetz");
    if is_time {
        return (time(&base, rest).into(), false);
    }
    let tail = rest.shown().to_lowercase();
    let glued = tail.starts_with(['(', '[']) || out.is_empty() || tail.is_empty();
    if name == "character" && !tail.starts_with('(') && base != "bpchar" {
        out.push_str("(1)");
    }
    if !glued {
        out.push(' ');
    }
    let tail = tail.replace(" (", "(").replace(", ", ",").replace("( ", "(");
    out.push_str(&tail);
    // The server knows no bounds and no number of dimensions.
    if let Some(at) = out.find('[').or_else(|| out.find(" array")) {
        out.truncate(at);
        out.push_str("[]");
    }
    (out.into(), has_sequence)
}

fn float(rest: Cursor<'_>) -> (&'static str, usize, bool) {
    let mut rest = rest;
    rest.skip(1);
    let digits = rest.group().and_then(|group| group.token_text().parse::<u32>().ok());
    (if digits.is_some_and(|digits| digits <= 24) { "real" } else { "double precision" }, 1, false)
}

/// `timestamp(3) with time zone`, with the zone said in any case.
fn time(base: &str, mut rest: Cursor<'_>) -> String {
    let mut has_zone = base.ends_with("tz");
    let name = base.strip_suffix("tz").unwrap_or(base);
    rest.eat(&[name]);
    let precision = rest.group().map(|group| format!("({})", group.shown())).unwrap_or_default();
    has_zone |= rest.eat(&["with", "time", "zone"]);
    rest.eat(&["without", "time", "zone"]);
    let zone = if has_zone { "with" } else { "without" };
    format!("{name}{precision} {zone} time zone{}", rest.shown())
}

/// Lower case but for the values of ENUM and SET, with the names that SHOW CREATE TABLE has.
fn mysql(written: Cursor<'_>) -> Box<str> {
    let mut rest = written;
    let base = rest.word_at(0).unwrap_or_default().to_lowercase();
    rest.skip(1);
    let name = match base.as_str() {
        "integer" | "int4" => "int",
        "bool" | "boolean" => "tinyint(1)",
        "int1" => "tinyint",
        "int2" => "smallint",
        "int3" | "middleint" => "mediumint",
        "int8" => "bigint",
        "dec" | "numeric" | "fixed" => "decimal",
        "character" if rest.eat(&["varying"]) => "varchar",
        "character" => "char",
        "double" => {
            rest.eat(&["precision"]);
            "double"
        }
        "real" | "float8" => "double",
        "float4" => "float",
        "serial" => "bigint unsigned",
        other => other,
    };
    let mut out = name.to_owned();
    if let Some(group) = rest.group() {
        let inside = group.shown().replace(", ", ",");
        out.push_str(&format!("({inside})"));
    }
    while !rest.is_at_end() {
        let word = rest.token_text().to_lowercase();
        out.push(' ');
        out.push_str(&word);
        rest.skip(1);
    }
    out.into()
}
