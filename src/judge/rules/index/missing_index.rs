//! `missing-index`: indexes that, built together, take a part off the load: chosen over all
//! statements, with what the catalog, the plans and the logs tell.

use super::{held_rows, missing_index_mongodb, write_cost};
use crate::judge::advice::advisor::candidates::KeyRole;
use crate::judge::advice::advisor::choose::{self, Advised};
use crate::judge::advice::advisor::tables::SizeSource;
use crate::judge::advice::{catalog_names as names, known_index};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{
    Confidence, Fact, Finding, Impact, ImpactLabel, IndexVerdict, Severity, Verdict,
};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::catalog::{IndexDefinition, IndexKey, KeyPart};
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use std::collections::BTreeSet;

/// The rule.
pub static RULE: Rule = Rule {
    code: "IDX007",
    name: "missing-index",
    title: "An index would take a part off the load",
    target: "indexes",
    engines: super::ENGINES,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Classes that are listed as evidence.
const MAX_TOLD: usize = 5;

const DOCS: &str = "\
## What it finds

Indexes that are not there and that the logged statements ask for. All statements of a server are \
looked at together: their tests, joins, sort keys and the columns they read, the rows that plans \
measured or the catalog knows, the indexes that exist. The set is chosen so that one index serves many \
statements, and nothing is advised that an existing index does.

## Why it matters

A statement without a fitting index reads whole tables to find a few rows.

## What to do

Build the set together, one statement at a time, then compare EXPLAIN before and after. Columns that are \
tested for equality stand first, then lists, then sort keys, then one range; columns that are only \
read are stored beside them where that spares looking at the table.

The gain is estimated by a model of the planner's costs, not measured. Without snapshots of the \
catalog's statistics, sizes come from plans that read a whole table, else they are guessed from the time \
of the statements, with low confidence. A table of which no schema dump tells the indexes is left out.

Records of MongoDB count what each run read and what it returned: there the gain is what was read for \
nothing, at most, and no size is needed. Where no snapshot (`getIndexes`, `$indexStats`) tells the indexes \
of a collection, its findings are candidates of low confidence: look first. Commands with a collation are \
left out, as only an index with the same one serves them.

## When to ignore it

When the table is written far more than read, or the statements are about to change.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let of_engine = |label: &str| {
        evidence.facts.servers.iter().find(|server| {
            server.label == label
                && rule.engines.contains(&server.engine)
                && server.engine != Engine::Mongodb
                && server.apart.is_none()
        })
    };
    let of_mongodb = |server: &&ServerFacts| server.engine == Engine::Mongodb;
    let servers = evidence.facts.servers.iter().filter(|server| server.apart.is_none());
    for server in servers.filter(of_mongodb) {
        missing_index_mongodb::check(rule, evidence, server, out);
    }
    let labels: BTreeSet<_> = evidence.tables.iter().map(|table| &*table.server.label).collect();
    for server in labels.into_iter().filter_map(of_engine) {
        let mut taken = BTreeSet::new();
        for advised in choose::advise(evidence, server) {
            let Some(table) = evidence.tables.get(advised.candidate.table) else { continue };
            out.push(finding(rule, evidence, table, &advised, &mut taken));
        }
    }
}

fn definition_of(advised: &Advised) -> IndexDefinition {
    let index = &advised.candidate.index;
    let key = |(text, falls): &(String, bool)| {
        let is_expression = text.contains('(');
        let mut key = IndexKey::column(text);
        if is_expression {
            key.part = KeyPart::Expression(text.as_str().into());
        }
        key.is_descending = *falls;
        key
    };
    IndexDefinition {
        keys: index.keys.iter().map(key).collect(),
        include: index.include.iter().map(|column| column.as_str().into()).collect(),
        method: index.method.into(),
        predicate: index.predicate.as_deref().map(Into::into),
        ..IndexDefinition::default()
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    advised: &Advised,
    taken: &mut BTreeSet<String>,
) -> Finding {
    let definition = definition_of(advised);
    let mut name = known_index::name_for(table, &definition);
    while !taken.insert(name.clone()) {
        name.push('2');
    }
    let of = names::table_words(table);
    let keys = known_index::keys_words(&definition);
    let handle = handle(table, &definition, &keys);
    let subject = format!("{}({})", table.name.shown(), keys.join(", "));
    let mut finding = rule.about_thing(evidence, table.server, "index", &handle, &subject);
    finding.severity = Severity::of_share(advised.load_share).max(Severity::Low).min(rule.at_most);
    finding.confidence = match (advised.size, table.table.column_stats.is_empty()) {
        (SizeSource::Catalog, false) => Confidence::High,
        (SizeSource::Time, _) => Confidence::Low,
        _ => Confidence::Medium,
    };
    if advised.size == SizeSource::Time {
        finding.severity = finding.severity.min(Severity::Medium);
    }
    finding.title = format!("An index on {of} ({}) is missing", keys.join(", "));
    let classes: Vec<_> = advised
        .serves
        .iter()
        .filter_map(|served| Some((evidence.classes.get(served.class)?, served.part)))
        .collect();
    finding.message = format!(
        "{} would find the rows of {of} by it, which no index of the table serves now. {}By a model of \
         the planner's costs it takes about {} off the load{}.",
        match classes.len() {
            1 => "One logged class".to_owned(),
            several => format!("{several} logged classes"),
        },
        reasons(advised, &definition),
        words::percent(advised.load_share),
        match classes.iter().any(|(class, _)| class.class.stats.calls == 0) {
            true => ", runs that were cut off counted with the time that they would have taken",
            false => "",
        }
    );
    for (class, part) in classes.iter().take(MAX_TOLD) {
        let stats = &class.class.stats;
        let ran = match (stats.calls, class.class.troubles().timeouts) {
            (0, cut) => format!("{} cut off by a timeout", words::counted(cut, "run")),
            (calls, _) => format!(
                "{}, {}",
                words::counted(calls, "call"),
                words::duration_us(stats.total_us as f64)
            ),
        };
        let fact = format!(
            "class {}: {ran}; estimated to lose {} of its time",
            class.class.id,
            words::percent(*part)
        );
        let source = class.example().map(|example| evidence.source(example));
        finding.evidence.push(Fact { fact, source });
    }
    let size = match (table.table.rows(), advised.size) {
        (Some(rows), _) => held_rows(evidence, table, rows),
        (None, SizeSource::Time) => Fact {
            fact: format!("no source tells the size of {of}: it is guessed from these times"),
            source: None,
        },
        (None, _) => Fact {
            fact: format!("the size of {of} is known from plans that read all of it"),
            source: None,
        },
    };
    finding.evidence.push(size);
    let saved_us: f64 =
        classes.iter().map(|(class, part)| class.class.stats.total_us as f64 * part).sum();
    finding.impact = Impact {
        label: ImpactLabel::Estimated,
        share: classes.iter().map(|(class, _)| class.share).sum::<f64>().min(1.0),
        saved_ms_low: Some(0.0),
        saved_ms_high: Some(saved_us / 1000.0),
    };
    let why = "Estimated, not measured: look at EXPLAIN of the statements before and after.";
    let fix = known_index::build_as(table, &name, &definition, why);
    finding.indexes.push(IndexVerdict {
        verdict: Verdict::Missing,
        table: table.name.shown(),
        name: name.clone(),
        columns: keys,
        other: None,
        ddl: fix.text.clone(),
        size_bytes: Some(advised.size_bytes as u64),
        serves: classes.iter().map(|(class, _)| class.class.id.to_string()).collect(),
    });
    finding.fixes.push(fix);
    finding.verify = format!(
        "EXPLAIN of the classes above shows {}; their mean time falls. If none uses it after an ANALYZE \
         of {of}, drop it.",
        names::words(&name)
    );
    finding.trade_offs = trade_offs(evidence, table, advised);
    finding
}

/// A stable name: the table, the keys, and what else tells two indexes on the same keys apart.
fn handle(table: &TableEvidence<'_>, definition: &IndexDefinition, keys: &[String]) -> String {
    let mut handle = format!("{}/{}", table.name.shown(), keys.join(","));
    if let Some(predicate) = &definition.predicate {
        handle.push_str(&format!("/where {predicate}"));
    }
    handle
}

/// Why the columns stand in their order.
fn reasons(advised: &Advised, definition: &IndexDefinition) -> String {
    let keys = known_index::keys_words(definition);
    let mut parts: Vec<String> = Vec::new();
    for (key, role) in keys.iter().zip(&advised.candidate.roles) {
        let why = match role {
            KeyRole::Equal => "is tested for equality",
            KeyRole::Joined => "is what it is joined by",
            KeyRole::Listed => "is tested against a list",
            KeyRole::Sorted => "stands in the order that is asked for",
            KeyRole::Ranged => "is tested by a range, behind which no column narrows what is read",
            KeyRole::Held => "is searched for what it holds",
            KeyRole::Read => "is only read, so that the table need not be looked at",
        };
        parts.push(format!("{} {why}", names::words(key)));
    }
    let mut text = format!("{}. ", parts.join(", then "));
    if !definition.include.is_empty() {
        text.push_str(&format!(
            "{} only stored with it, so that the table need not be looked at. ",
            match definition.include.as_slice() {
                [only] => format!("{} is", names::words(only)),
                columns => format!("{} are", names::columns_words(columns)),
            }
        ));
    }
    if let Some(predicate) = &definition.predicate {
        text.push_str(&format!(
            "It holds the rows with {} only, as the statements ask for no others. ",
            names::words(predicate)
        ));
    }
    text
}

fn trade_offs(evidence: &Evidence<'_>, table: &TableEvidence<'_>, advised: &Advised) -> String {
    let mut text = format!(
        "About {} to store (estimated), and one more index to maintain: {}.",
        words::bytes(advised.size_bytes as u64),
        write_cost(evidence, table)
    );
    if advised.updates > 0 && table.server.engine == Engine::Postgres {
        text.push_str(&format!(
            " {} set one of its columns: such an update can no longer be a HOT one.",
            words::counted(advised.updates, "logged run")
        ));
    }
    for keys in &advised.replaces {
        let keys: Vec<Box<str>> = keys.iter().map(|(key, _)| key.as_str().into()).collect();
        text.push_str(&format!(
            " The index on {} becomes redundant beside it.",
            names::columns_words(&keys)
        ));
    }
    text.push_str(&known_index::blocker(table, evidence));
    text
}
