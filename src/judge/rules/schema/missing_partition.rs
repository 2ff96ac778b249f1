//! `missing-partition`: partitions by time that end before, or soon after, the last time known.

use super::about_table;
use crate::judge::advice::catalog_names as names;
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::model::catalog::{Definition, PartitionKey, TableKind, TableName};
use crate::model::event::Engine;
use crate::time::{Civil, Timestamp};

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH018",
    name: "missing-partition",
    title: "Partitions by time end too soon",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;
/// Days ahead for which partitions should be there: a job that makes them runs each week at least.
const AHEAD_DAYS: i64 = 7;
/// Days after which a table that no logged statement writes to is taken for an archive.
const ARCHIVE_DAYS: i64 = 31;
/// `TO_DAYS('1970-01-01')`.
const TO_DAYS_OF_EPOCH: i64 = 719_528;

const DOCS: &str = "\
## What it finds

Tables with range partitions of time of which the last one ends before the last time in the snapshots \
and logs, or within 7 days of it, and that have no partition without an end. Low where a default \
partition takes the rows, or no logged statement writes and the end is a month past.

## Why it matters

A row behind the last partition is refused: every INSERT fails from that moment on. A default partition \
takes it, but grows without end, is read by every statement, and has to be emptied before a partition \
for these rows can be made.

## What to do

Make the next partitions, then let a job make them ahead of time (pg_partman, an event) and watch it.

## When to ignore it

When the table is an archive, or the schema dump is older than the job's last run.
";

/// How a bound of a partition stands for a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// A date or a time in quotes.
    Quoted,
    /// `TO_DAYS(…)`.
    ToDays,
    /// `UNIX_TIMESTAMP(…)`.
    UnixTimestamp,
    /// `YEAR(…)`.
    Year,
}

/// Where a partition ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Bound {
    year: i64,
    month: u8,
    day: u8,
    /// What stands behind the date: a time of day with its zone.
    rest: String,
}

impl Bound {
    /// From `2026-11-01 00:00:00+00`.
    fn of_text(text: &str) -> Option<Bound> {
        let (date, rest) = text.split_at_checked(10)?;
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let bound = Bound {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
            day: day.parse().ok()?,
            rest: rest.to_owned(),
        };
        let is_plain = |c: char| c.is_ascii_digit() || matches!(c, ' ' | ':' | '.' | '+' | '-');
        (bound.time().is_some() && rest.chars().all(is_plain)).then_some(bound)
    }

    fn of_time(time: Timestamp) -> Option<Bound> {
        Bound::of_text(time.rfc3339().get(..10)?)
    }

    /// Midnight of its date: the zone does not count where days do.
    fn time(&self) -> Option<Timestamp> {
        Some(Civil::date(self.year, self.month, self.day)?.to_timestamp(0))
    }

    fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// The end of a partition that follows, as long as the one between `before` and this.
    fn next(&self, before: &Bound) -> Option<Bound> {
        let months = |bound: &Bound| bound.year * 12 + i64::from(bound.month) - 1;
        let step = months(self) - months(before);
        if self.day == before.day && step > 0 {
            let next = months(self) + step;
            let month = u8::try_from(next.rem_euclid(12) + 1).ok()?;
            let bound = Bound { year: next.div_euclid(12), month, ..self.clone() };
            return bound.time().is_some().then_some(bound);
        }
        let (time, step_us) = (self.time()?, self.time()?.0 - before.time()?.0);
        let next = Bound::of_time(Timestamp(time.0.checked_add(step_us)?))?;
        (step_us > 0).then_some(Bound { rest: self.rest.clone(), ..next })
    }

    /// As it stands between the parentheses of a bound.
    fn sql(&self, form: Form) -> String {
        let (date, rest) = (self.date(), &self.rest);
        match form {
            Form::Quoted => format!("'{date}{rest}'"),
            Form::ToDays => format!("TO_DAYS('{date}')"),
            Form::UnixTimestamp => format!("UNIX_TIMESTAMP('{date}{rest}')"),
            Form::Year => self.year.to_string(),
        }
    }
}

/// The partitions of a table by time.
struct Ends {
    form: Form,
    /// Their ends, the last one first.
    ends: Vec<Bound>,
    has_default: bool,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in &evidence.tables {
        let definition = table.table.definition.as_ref().map(|told| &told.value);
        let Some(definition) = definition.filter(|d| d.kind == TableKind::Partitioned) else {
            continue;
        };
        let Some(key) = &definition.partition_key else { continue };
        if !rule.engines.contains(&table.server.engine) || !key.method.starts_with("range") {
            continue;
        }
        let ends = match table.server.engine {
            Engine::Postgres => of_postgres(table, key),
            _ => of_mysql(definition, key),
        };
        if let (Some(ends), Some(now)) = (ends, last_time(evidence, table))
            && let Some(last) = ends.ends.first()
            && let Some(end) = last.time()
            && end.0 <= now.0.saturating_add(AHEAD_DAYS * DAY_US)
        {
            out.push(finding(rule, evidence, table, &ends, last, now));
        }
    }
}

/// The last time that is known of a server: of its logs and of what its catalog told.
fn last_time(evidence: &Evidence<'_>, table: &TableEvidence<'_>) -> Option<Timestamp> {
    let logged = evidence.period(table.server).map(|(_, last)| last);
    let told = table.origin().and_then(|origin| origin.taken);
    let server = table.server.catalog.server.as_ref().and_then(|told| told.origin.taken);
    logged.into_iter().chain(told).chain(server).max()
}

fn of_postgres(table: &TableEvidence<'_>, key: &PartitionKey) -> Option<Ends> {
    if key.keys.len() != 1 {
        return None;
    }
    let mut found = Ends { form: Form::Quoted, ends: Vec::new(), has_default: false };
    for (_, part) in table.partitions() {
        let bounds = part.definition.as_ref()?.value.bounds.as_deref()?;
        if bounds.trim().eq_ignore_ascii_case("default") {
            found.has_default = true;
            continue;
        }
        let (_, to) = bounds.rsplit_once(" TO ")?;
        let end = to.trim_matches(['(', ')', ' ']).strip_prefix('\'')?.split('\'').next()?;
        found.ends.push(Bound::of_text(end)?);
    }
    found.ends.sort_by(|a, b| b.cmp(a));
    Some(found)
}

fn of_mysql(definition: &Definition, key: &PartitionKey) -> Option<Ends> {
    let [key] = &*key.keys else { return None };
    let key = key.to_lowercase();
    let form = match key.split_once('(').map(|(function, _)| function.trim()) {
        None => Form::Quoted,
        Some("to_days") => Form::ToDays,
        Some("unix_timestamp") => Form::UnixTimestamp,
        Some("year") => Form::Year,
        Some(_) => return None,
    };
    let mut found = Ends { form, ends: Vec::new(), has_default: false };
    for part in &definition.parts {
        let (_, end) = part.bounds.split_once("THAN")?;
        let end = end.trim_matches(['(', ')', ' ']);
        let number = || end.parse::<i64>().ok();
        let bound = match form {
            Form::Quoted => Bound::of_text(end.strip_prefix('\'')?.split('\'').next()?),
            Form::ToDays => {
                let days = number()?.checked_sub(TO_DAYS_OF_EPOCH)?;
                Bound::of_time(Timestamp(days.checked_mul(DAY_US)?))
            }
            Form::UnixTimestamp => Bound::of_time(Timestamp(number()?.checked_mul(1_000_000)?)),
            Form::Year => Bound::of_text(&format!("{:04}-01-01", number()?)),
        };
        found.ends.push(bound?);
    }
    found.ends.sort_by(|a, b| b.cmp(a));
    Some(found)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    ends: &Ends,
    last: &Bound,
    now: Timestamp,
) -> Finding {
    let of = names::table_words(table);
    let days = last.time().map_or(0, |end| (end.0 - now.0).div_euclid(DAY_US));
    let is_written = table.writes(evidence) > 0;
    let mut finding = about_table(rule, evidence, table);
    finding.severity = match (ends.has_default, days < 0) {
        (true, _) => Severity::Low,
        (false, true) if days < -ARCHIVE_DAYS && !is_written => Severity::Low,
        (false, true) => Severity::High,
        (false, false) => Severity::Medium,
    };
    finding.confidence = Confidence::High;
    let date = last.date();
    finding.title = match days < 0 {
        true => format!("The partitions of {of} ended on {date}"),
        false => format!("The partitions of {of} end on {date}"),
    };
    let (ended, fate) = (
        if days < 0 { "is before" } else { "is within a week of" },
        match ends.has_default {
            true => "later rows go to the default partition, which every statement has to read",
            false => "later rows are refused",
        },
    );
    finding.message = format!(
        "By the schema the last partition of {of} ends on {date}, which {ended} the last time known of \
         the server, {}: {fate}.",
        now.rfc3339()
    );
    finding.evidence.push(Fact {
        fact: format!("{of}: {} partitions by time, the last one to {date}", ends.ends.len()),
        source: table.source(evidence),
    });
    finding.fixes.push(fix(table, ends, last));
    finding.verify = format!("An INSERT into {of} with a time behind {date} succeeds.");
    finding.trade_offs =
        "Partitions made long ahead cost planning time in every statement that reads them all."
            .to_owned();
    finding
}

fn fix(table: &TableEvidence<'_>, ends: &Ends, last: &Bound) -> Fix {
    let sql = names::table(table);
    let next = ends.ends.get(1).and_then(|before| last.next(before));
    let ending = format!("p{}", last.date().replace('-', ""));
    let open = Bound { rest: String::new(), ..last.clone() };
    let to = match &next {
        Some(next) => next.sql(ends.form),
        None => {
            open.sql(ends.form).replace(&open.date(), "{1}").replace(&open.year.to_string(), "{1}")
        }
    };
    let (text, undo) = match table.server.engine {
        Engine::Postgres => {
            let name = TableName::new(
                table.name.schema.as_deref(),
                &format!("{}_{ending}", table.name.name),
            );
            let name = names::of_name(table.server.engine, &name);
            let from = last.sql(ends.form);
            (
                format!(
                    "SET lock_timeout = '5s';\n\
                     CREATE TABLE {name} PARTITION OF {sql} FOR VALUES FROM ({from}) TO ({to});"
                ),
                format!("DROP TABLE {name};"),
            )
        }
        _ => (
            format!(
                "SET SESSION lock_wait_timeout = 5;\n\
                 ALTER TABLE {sql} ADD PARTITION (PARTITION {ending} VALUES LESS THAN ({to}));"
            ),
            format!("ALTER TABLE {sql} DROP PARTITION {ending};"),
        ),
    };
    let open = match next {
        Some(_) => {
            "It is as long as the one before it; go on in the same way for as long as needed."
        }
        None => "{1} is its end, in the form of the bounds that are there.",
    };
    let default = match ends.has_default {
        true => {
            " The server looks through the default partition under a lock and refuses while rows of \
             the new range are in it: move these first."
        }
        false => "",
    };
    Fix {
        kind: FixKind::Sql,
        text,
        undo,
        note: format!(
            "{open}{default} It locks the table for a moment and gives up after 5 s of waiting. The undo \
             takes the rows of the partition with it."
        ),
        complete: next.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_partition_is_as_long_as_the_last() {
        for (before, last, next) in [
            ("2026-10-01", "2026-11-01", Some("2026-12-01")),
            ("2026-10-01", "2027-01-01", Some("2027-04-01")),
            ("2025-01-01 00:00:00+00", "2026-01-01 00:00:00+00", Some("2027-01-01 00:00:00+00")),
            ("2026-11-24", "2026-12-01", Some("2026-12-08")),
            ("2026-11-30", "2026-12-01", Some("2026-12-02")),
            ("2026-11-01", "2026-11-01", None),
            ("9999-11-01", "9999-12-01", None),
        ] {
            let bound = |text| Bound::of_text(text).expect("a bound");
            let found = bound(last).next(&bound(before)).map(|b| b.sql(Form::Quoted));
            assert_eq!(found, next.map(|next| format!("'{next}'")), "{before} {last}");
        }
        for text in ["", "2026-13-01", "2026-11-01'); DROP", "minvalue", "2026-11-0ß"] {
            assert_eq!(Bound::of_text(text), None, "{text}");
        }
    }
}
