//! `denormalize-counter`: rows of a child table counted again and again for each parent.

use super::asked::Asked;
use super::{about_table, tables};
use crate::judge::advice::counter::Counter;
use crate::judge::advice::{catalog_names as names, ident, rewrite};
use crate::judge::evidence::{ClassEvidence, Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, ImpactLabel, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::demand::{Demand, Role, Test, Within};
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::shape::Verb;
use crate::model::catalog::ConstraintKind;
use crate::model::event::{Engine, Known};
use std::collections::BTreeMap;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH017",
    name: "denormalize-counter",
    title: "Rows of a child are counted again and again",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Share of all logged time from which counting is worth a column and triggers.
const MIN_SHARE: f64 = 0.05;
/// Rows that are counted for each one returned.
const MIN_ROWS: f64 = 100.0;
/// Functions that fold rows: a statement with another one beside the count is not served by it.
const FOLDS: &[&str] = &["count(", "sum(", "avg(", "min(", "max(", "array_agg(", "string_agg("];

const DOCS: &str = "\
## What it finds

Statements with 5 % of the logged time or more that count rows of a table, or sum one column, for one \
value of a foreign key and by nothing else: `SELECT count(*) FROM comments WHERE post_id = 7`, or the \
same as a subquery for each parent. A hundred rows or more are read for each one returned, by the log, \
a plan or the planner's statistics, and no more logged statements write to the table than count one \
key's rows.

## Why it matters

The work grows with the rows of each parent, and is done anew for the same answer.

## What to do

A counter column in the parent, kept by triggers for INSERT, DELETE, a changed key and TRUNCATE, and \
filled once. Each write to the child then locks the parent's row until it commits.

## When to ignore it

When many sessions write rows of the same parent at once, an estimate does, or counting by an \
index-only scan is fast enough.
";

/// What a statement counts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Count {
    key: String,
    summed: Option<String>,
}

/// A class that counts.
struct Counting<'e, 'f> {
    class: &'e ClassEvidence<'f>,
    /// Rows that are counted for each one returned, and where that is known from.
    rows: f64,
    known_from: &'static str,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let mut asked = Asked::new(evidence);
    for table in tables(rule, evidence).filter(|table| !table.uses.is_empty()) {
        let writes = table.writes(evidence);
        let mut found: BTreeMap<Count, Vec<Counting<'_, '_>>> = BTreeMap::new();
        for (class, _) in table.classes(evidence).filter(|(_, one)| !one.is_write) {
            let is_select = class.share >= MIN_SHARE && class.shape.verb == Verb::Select;
            if !is_select {
                continue;
            }
            let Some(demand) = asked.demand(class) else { continue };
            let [place] = *asked.uses_of(table, &demand) else { continue };
            let Some(count) = counted(table, class, &demand, place) else { continue };
            // A run that counts for each parent answers many questions at once.
            let is_for_one = demand.uses.len() == 1;
            if is_for_one && writes > class.class.stats.calls {
                continue;
            }
            if let Some((rows, known_from)) = rows_counted(evidence, table, class, &count.key)
                && rows >= MIN_ROWS
            {
                found.entry(count).or_default().push(Counting { class, rows, known_from });
            }
        }
        for (count, classes) in found {
            out.extend(finding(rule, evidence, table, &count, &classes, writes));
        }
    }
}

/// What a statement counts of its use of the table, where it counts all rows of one key.
fn counted(
    table: &TableEvidence<'_>,
    class: &ClassEvidence<'_>,
    demand: &Demand,
    place: usize,
) -> Option<Count> {
    let used = demand.uses.get(place)?;
    let block = demand.blocks.get(used.block)?;
    let is_alone = demand.uses.iter().filter(|other| other.block == used.block).count() == 1;
    if !block.aggregates || !is_alone {
        return None;
    }
    let key = match &*used.filters {
        [only] if demand.uses.len() == 1 => {
            let is_key = only.test == Test::Equal && only.within == Within::Bare;
            is_key.then(|| only.column.clone())?
        }
        [] if block.role == Role::Value && block.is_correlated => joined_by(demand, place)?,
        _ => return None,
    };
    let groups_otherwise =
        block.group_by.iter().any(|group| !group.column.eq_ignore_ascii_case(&key));
    let summed = folded(&class.class.fingerprint)?;
    let is_read = |column: &String| {
        column.eq_ignore_ascii_case(&key)
            || summed.as_ref().is_some_and(|summed| summed.eq_ignore_ascii_case(column))
    };
    let summed = match &summed {
        Some(name) => Some(table.table.column(name)?.name.to_string()),
        None => None,
    };
    (!groups_otherwise && used.reads.iter().all(is_read)).then_some(Count { key, summed })
}

/// The only column by which a use is joined.
fn joined_by(demand: &Demand, place: usize) -> Option<String> {
    let sides = demand.joins.iter().flat_map(|(left, right)| [left, right]);
    let mut own = sides.filter(|side| side.at == place).map(|side| side.column.clone());
    let first = own.next()?;
    own.next().is_none().then_some(first)
}

/// The column that the only folding function of a text sums, or none where it counts rows. `None`
/// for all else.
fn folded(fingerprint: &str) -> Option<Option<String>> {
    let text = fingerprint.to_lowercase();
    let folds: usize = FOLDS.iter().map(|fold| text.matches(fold).count()).sum();
    if folds != 1 || text.contains(" having ") || text.contains(" over ") {
        return None;
    }
    let inside = |fold: &str| Some(text.split_once(fold)?.1.split_once(')')?.0.trim().to_owned());
    if let Some(inside) = inside("count(") {
        return matches!(&*inside, "*" | "?").then_some(None);
    }
    let column = ident::last_part(&inside("sum(")?.replace('`', "\""));
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    (!column.is_empty() && column.chars().all(is_name)).then_some(Some(column))
}

/// Rows that are read for each one that is returned: by the log, by a plan, else by the statistics.
fn rows_counted(
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    class: &ClassEvidence<'_>,
    key: &str,
) -> Option<(f64, &'static str)> {
    let mean = |known| class.class.attributes().numbers(known)?.mean();
    if let Some(examined) = mean(Known::RowsExamined) {
        let sent = mean(Known::RowsSent).unwrap_or(1.0).max(1.0);
        return Some((examined / sent, "by the log"));
    }
    let plans = evidence.plans.iter().filter(|plan| {
        plan.server.label == class.server.label
            && plan.class.is_some_and(|other| other.id == class.class.id)
    });
    let scans = plans.flat_map(|plan| plan.plan().nodes.iter().zip(&plan.metrics().nodes));
    let of_table = scans.filter(|(node, _)| {
        let relation = node.relation.as_deref().map(ident::last_part).unwrap_or_default();
        relation.eq_ignore_ascii_case(&table.name.name)
    });
    let measured = of_table.filter_map(|(node, metrics)| {
        Some(metrics.rows?.value / node.measured()?.loops.max(1) as f64)
    });
    if let Some(rows) = measured.reduce(f64::max) {
        return Some((rows, "by a plan"));
    }
    let rows = table.table.rows()?;
    let stats = table.table.column_stats.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    let distinct = stats.1.value.distinct_of(rows).filter(|distinct| *distinct >= 1.0)?;
    Some((rows / distinct, "by the planner's statistics"))
}

/// The parent that a foreign key names, with the column that the key refers to.
fn parent_of<'e, 'f>(
    evidence: &'e Evidence<'f>,
    table: &TableEvidence<'f>,
    key: &str,
) -> Option<(&'e TableEvidence<'f>, &'f str, &'f str)> {
    table.table.constraints.values().find_map(|told| {
        let ConstraintKind::Foreign(references) = &told.value.kind else { return None };
        let [own] = &*told.value.columns else { return None };
        let parent = table.other(evidence, &references.table)?;
        let referred = match &*references.columns {
            [] => parent.table.primary_key()?,
            columns => columns,
        };
        let [referred] = referred else { return None };
        own.eq_ignore_ascii_case(key).then_some((parent, &**own, &**referred))
    })
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    count: &Count,
    classes: &[Counting<'_, '_>],
    writes: u64,
) -> Option<Finding> {
    let (parent, key, referred) = parent_of(evidence, table, &count.key)?;
    let counter = Counter { child: table, key, parent, referred, summed: count.summed.as_deref() };
    let column = counter.column();
    if parent.table.column(&column).is_some() || parent.name == table.name {
        return None;
    }
    let (of, to) = (names::table_words(table), names::table_words(parent));
    let share = classes.iter().map(|one| one.class.share).sum::<f64>().min(1.0);
    let mut finding = about_table(rule, evidence, table);
    finding.key.push_str(&format!(".{}", ident::shown(&column)));
    finding.severity = Severity::of_share(share).clamp(Severity::Low, rule.at_most);
    finding.confidence = Confidence::Medium;
    finding.impact.share = share;
    finding.impact.label = ImpactLabel::Estimated;
    finding.impact.saved_ms_low = Some(0.0);
    finding.impact.saved_ms_high = Some(share * evidence.total_us as f64 / 1e3);
    let what = match &count.summed {
        None => format!("the rows of {of}"),
        Some(summed) => format!("{} of {of}", names::words(summed)),
    };
    let does = if count.summed.is_some() { "summed" } else { "counted" };
    finding.title = format!(
        "{what} {} {does} again and again",
        match count.summed {
            None => "are",
            Some(_) => "is",
        }
    );
    let rows = classes.iter().map(|one| one.rows).fold(0.0, f64::max);
    finding.message = format!(
        "{} of logged time goes into reading the rows of one {} of {of}, up to {} for each row returned. \
         A column of {to} could hold the answer.",
        words::percent(share),
        names::words(key),
        words::count(rows as u64)
    );
    for one in classes {
        let fact = format!(
            "class {}: {}, {} of logged time; {} rows read for each one returned, {}",
            one.class.class.id,
            words::counted(one.class.class.stats.calls, "call"),
            words::percent(one.class.share),
            words::count(one.rows as u64),
            one.known_from
        );
        let source = one.class.example().map(|example| evidence.source(example));
        finding.evidence.push(Fact { fact, source });
    }
    let seconds = evidence.period_s(table.server);
    let rate = match seconds > 0.0 {
        true => format!(" ({:.2} a second on average)", writes as f64 / seconds),
        false => String::new(),
    };
    let fact = format!(
        "{} {of}{rate}; of a log that leaves statements out this is the least",
        match writes {
            1 => "1 logged run writes to".to_owned(),
            writes => format!("{} logged runs write to", words::count(writes)),
        }
    );
    finding.evidence.push(Fact { fact, source: table.source(evidence) });
    finding.fixes.push(counter.fix());
    finding.fixes.push(reading(&counter, &column));
    finding.verify = format!(
        "The column agrees with a count made anew for some rows of {to}, and the classes above leave \
         the log once they read it."
    );
    finding.trade_offs = format!(
        "Every write to {of} locks its row of {to} until it commits: writes of one parent queue behind \
         each other, and transactions that touch several parents may deadlock. The log shows{} {} of \
         them.{}",
        if seconds > 0.0 { " at least" } else { "" },
        match seconds > 0.0 {
            true => format!("{:.2} a second", writes as f64 / seconds),
            false => words::count(writes),
        },
        match table.server.engine {
            Engine::Postgres => " Each also leaves a dead version of the parent's row.",
            _ => "",
        }
    );
    Some(finding)
}

/// How the application reads the column.
fn reading(counter: &Counter<'_, '_>, column: &str) -> crate::judge::finding::Fix {
    let open = match counter.parent.dialect() {
        Some(Dialect::Mysql) => ":p1",
        _ => "$1",
    };
    let text = format!(
        "SELECT {} FROM {} WHERE {} = {open}",
        names::column(counter.parent, column),
        names::table(counter.parent),
        names::column(counter.parent, counter.referred)
    );
    rewrite::fragment(
        text,
        format!(
            "{open} is the key that was counted. A parent that is not there gives no row, where \
                 the count gave 0."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_plain_count_or_sum_is_kept_by_a_counter() {
        for (text, found) in [
            ("select count(*) from c where p = ?", Some(None)),
            ("select COUNT(?) from c where p = ?", Some(None)),
            ("select sum(c.votes) from c where p = ?", Some(Some("votes"))),
            ("select sum(`votes`) from c where p = ?", Some(Some("votes"))),
            ("select count(distinct x) from c where p = ?", None),
            ("select sum(a * b) from c where p = ?", None),
            ("select count(*), max(at) from c where p = ?", None),
            ("select count(*) from c where p = ? group by p having count(*) > ?", None),
            ("select count(*) over (partition by p) from c where p = ?", None),
            ("select sum(", None),
        ] {
            assert_eq!(folded(text), found.map(|column| column.map(str::to_owned)), "{text}");
        }
    }
}
