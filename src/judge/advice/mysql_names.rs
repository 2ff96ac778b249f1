//! Identifiers in SQL that is generated for MySQL and MariaDB: in backticks where they have to be,
//! and tables in the spelling that the logged statement has.

use super::ident::{is_unprintable, parts, unquoted};
use crate::judge::evidence::ClassEvidence;
use crate::lang::sql::lexer::{Dialect, Lexer};

/// Words that MySQL (5.6 through 9) or MariaDB (through 11) refuse as a bare table or column name.
const RESERVED: &str = "accessible add all alter analyze and as asc asensitive before between bigint binary blob \
    both by call cascade case change char character check collate column condition constraint \
    continue convert create cross cube cume_dist current_date current_role current_time \
    current_timestamp current_user cursor database databases day_hour day_microsecond day_minute \
    day_second dec decimal declare default delayed delete delete_domain_id dense_rank desc \
    describe deterministic distinct distinctrow div do_domain_ids double drop dual each else \
    elseif empty enclosed escaped except exists exit explain external false fetch first_value \
    float float4 float8 for force foreign from fulltext function generated get grant group \
    grouping groups having high_priority hour_microsecond hour_minute hour_second if ignore \
    ignore_domain_ids in index infile inner inout insensitive insert int int1 int2 int3 int4 \
    int8 integer intersect interval into io_after_gtids io_before_gtids is iterate join \
    json_table key keys kill lag last_value lateral lead leading leave left library like limit \
    linear lines load localtime localtimestamp lock long longblob longtext loop low_priority \
    manual master_bind master_demote_to_replica master_demote_to_slave \
    master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext middleint \
    minute_microsecond minute_second mod modifies natural no_write_to_binlog not nth_value ntile \
    null numeric of offset on one_shot optimize optimizer_costs optionally or order out outer \
    outfile over page_checksum parallel parse_vcol_expr partition percent_rank portion precision \
    primary procedure purge qualify range rank read read_write reads real recursive \
    ref_system_id references regexp release rename repeat replace require resignal restrict \
    return returning revoke right rlike row row_number rows schema schemas second_microsecond \
    select sensitive separator set show signal smallint spatial specific sql sql_after_gtids \
    sql_before_gtids sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate \
    sqlwarning ssl starting stats_auto_recalc stats_persistent stats_sample_pages stored \
    straight_join system table tablesample terminated then tinyblob tinyint tinytext to trailing \
    trigger true undo union unique unlock unsigned update usage use using utc_date utc_time \
    utc_timestamp values varbinary varchar varcharacter varying virtual when where while window \
    with write xor year_month zerofill";

/// A column as it may stand in SQL. Its case means nothing to the server.
pub fn column(name: &str) -> String {
    quoted_part(&unquoted(name))
}

/// A table as it may stand in SQL, schema included. Shapes hold names in lower case, but the case
/// of a table's name counts on most systems, so that of the logged statement is taken.
pub fn table(class: &ClassEvidence<'_>, name: &str) -> String {
    let text = class.example().map_or("", |example| &*example.text);
    let parts: Vec<_> = parts(name).iter().map(|part| quoted_part(&spelled(text, part))).collect();
    parts.join(".")
}

/// A table that only a plan names, as SQL: left open where only its alias is known.
pub fn of_plan(name: Option<&str>) -> String {
    let quoted = |name| parts(name).iter().map(|part| quoted_part(part)).collect::<Vec<_>>();
    name.map_or_else(|| "{1}".to_owned(), |name| quoted(name).join("."))
}

/// A name as the statement writes it, where the statement has it in one spelling only.
fn spelled(text: &str, name: &str) -> String {
    let mut lexer = Lexer::new(text.as_bytes(), Dialect::Mysql);
    let mut found: Option<&str> = None;
    while let Some(token) = lexer.next_significant() {
        let word = text.get(token.start..token.end).unwrap_or_default();
        let word = word.trim_matches('`');
        if word.eq_ignore_ascii_case(name) {
            if found.is_some_and(|found| found != word) {
                return name.to_owned();
            }
            found = Some(word);
        }
    }
    found.unwrap_or(name).to_owned()
}

/// One part of a name as it may stand in SQL. MySQL knows no escapes in names: what cannot be seen
/// in a name is left as a question mark, which no table has.
pub fn quoted_part(part: &str) -> String {
    if is_bare(part) {
        return part.to_owned();
    }
    let shown = |c: char| if is_unprintable(c) { '?' } else { c };
    let inner: String = part.chars().map(shown).collect();
    format!("`{}`", inner.replace('`', "``"))
}

/// A string constant. A backslash escapes unless `NO_BACKSLASH_ESCAPES` is set, so a name that has
/// one, or anything that cannot be seen, comes as hexadecimal digits.
pub fn literal(text: &str) -> String {
    if text.chars().any(|c| c == '\\' || is_unprintable(c)) {
        let digits: String = text.bytes().map(|b| format!("{b:02X}")).collect();
        return format!("_utf8mb4 X'{digits}'");
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// The schema of a table as SQL: the one it is written with, else the session's.
pub fn schema_of(class: &ClassEvidence<'_>, name: &str) -> String {
    let text = class.example().map_or("", |example| &*example.text);
    match parts(name).as_slice() {
        [schema, _] => literal(&spelled(text, schema)),
        _ => "DATABASE()".to_owned(),
    }
}

/// The table without its schema, as a string constant.
pub fn table_literal(class: &ClassEvidence<'_>, name: &str) -> String {
    let text = class.example().map_or("", |example| &*example.text);
    literal(&spelled(text, &super::ident::last_part(name)))
}

fn is_bare(part: &str) -> bool {
    let mut bytes = part.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !RESERVED.split(' ').any(|word| word.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_mysql_needs_it_and_keep_their_case() {
        let cases = [
            ("orders", "orders", "'orders'"),
            ("Rank", "`Rank`", "'Rank'"),
            ("order items", "`order items`", "'order items'"),
            ("2fast", "`2fast`", "'2fast'"),
            ("we`ird", "`we``ird`", "'we`ird'"),
            ("it's", "`it's`", "'it''s'"),
            ("a\nb", "`a?b`", "_utf8mb4 X'610A62'"),
            ("a\\b", "`a\\b`", "_utf8mb4 X'615C62'"),
            ("", "``", "''"),
        ];
        for (name, sql, constant) in cases {
            assert_eq!(quoted_part(name), sql);
            assert_eq!(literal(name), constant);
        }
        let spelling = [
            ("select * from Orders where id = ?", "orders", "Orders"),
            ("select `Orders`.id from `Orders`", "orders", "Orders"),
            ("select ORDERS.id from Orders", "orders", "orders"),
            ("select 1", "orders", "orders"),
        ];
        for (text, name, written) in spelling {
            assert_eq!(spelled(text, name), written, "{text}");
        }
    }
}
