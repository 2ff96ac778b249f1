//! What [`missing-index`](super::missing_index) says of MongoDB's collections: the classes that lack
//! an index, joined with the indexes that snapshots and plans tell, and the finding for each index
//! that is advised.

use super::{Hints, held_by, held_rows};
use crate::judge::advice::advisor::mongodb::{self as advisor, Advised, Collections, Served};
use crate::judge::advice::mongodb_index::{self, Candidate};
use crate::judge::advice::{catalog_names as names, ident, known_index, mongodb_explain};
use crate::judge::evidence::indexes::{self, Comparer, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{
    Confidence, Fact, Finding, Impact, ImpactLabel, IndexVerdict, Severity, Verdict,
};
use crate::judge::rules::Rule;
use crate::judge::rules::mongodb::index_need::{self, Lacking};
use crate::judge::words;
use crate::model::catalog::{IndexDefinition, IndexKey, TableName};
use crate::model::facts::ServerFacts;

/// Classes that are listed as evidence.
const MAX_TOLD: usize = 5;

/// Looks at a server for the rule.
pub(super) fn check<'e>(
    rule: &'e Rule,
    evidence: &'e Evidence<'e>,
    server: &'e ServerFacts,
    out: &mut Vec<Finding>,
) {
    let mut lacking = index_need::of(rule, evidence, server);
    for one in &mut lacking {
        // Views have no indexes of their own.
        let has_rows = |candidate: &Candidate| {
            table_of(evidence, server, candidate).is_none_or(TableEvidence::holds_rows)
        };
        one.need.candidates.retain(has_rows);
    }
    let needs: Vec<_> = lacking.iter().map(|one| one.need.clone()).collect();
    let mut collections = Collections::new();
    index_need::observe(rule, evidence, server, &mut collections);
    for candidate in needs.iter().flat_map(|need| &need.candidates) {
        let place = (candidate.database.clone(), candidate.collection.clone());
        let known = collections.entry(place).or_default();
        let table = table_of(evidence, server, candidate);
        let told = table.into_iter().flat_map(indexes::of).filter(is_plain);
        for keys in told.map(|index| keys_of(&index.definition)) {
            if !known.indexes.contains(&keys) {
                known.indexes.push(keys);
            }
        }
    }
    let mut hints = Hints::default();
    for advised in advisor::advise(&needs, &collections) {
        let table = table_of(evidence, server, &advised.candidate);
        let served = advised.serves.iter();
        let served: Vec<_> =
            served.filter_map(|served| Some((lacking.get(served.class)?, *served))).collect();
        let about = About { evidence, server, table, advised: &advised, served };
        out.extend(about.finding(rule, &mut hints));
    }
}

/// The collection of a candidate, where a snapshot tells it.
fn table_of<'e>(
    evidence: &'e Evidence<'e>,
    server: &ServerFacts,
    candidate: &Candidate,
) -> Option<&'e TableEvidence<'e>> {
    let schema = Some(candidate.database.as_str().into());
    let name = TableName { schema, name: candidate.collection.as_str().into() };
    // Tables stand by server and name.
    let wanted = (&*server.label, &name);
    let at = evidence.tables.binary_search_by(|t| (&*t.server.label, t.name).cmp(&wanted)).ok()?;
    evidence.tables.get(at)
}

/// Whether an index serves any command by its first fields. One that is hidden does not, but stands
/// in the way of another one on the same fields.
fn is_plain(index: &KnownIndex<'_>) -> bool {
    let definition = &index.definition;
    let is_of_kind = |key: &IndexKey| key.operator_class.is_some() || key.collation.is_some();
    &*definition.method == "btree"
        && definition.predicate.is_none()
        && !definition.keys.iter().any(is_of_kind)
}

fn keys_of(definition: &IndexDefinition) -> Vec<(String, bool)> {
    let key =
        |key: &IndexKey| (key.column_name().unwrap_or_default().to_owned(), key.is_descending);
    definition.keys.iter().map(key).collect()
}

fn definition_of(candidate: &Candidate) -> IndexDefinition {
    let key = |(path, falls): &(String, bool)| {
        let mut key = IndexKey::column(path);
        key.is_descending = *falls;
        key
    };
    IndexDefinition { keys: candidate.keys.iter().map(key).collect(), ..IndexDefinition::default() }
}

/// An index that is advised, with all that a finding tells of it.
struct About<'a, 'e> {
    evidence: &'e Evidence<'e>,
    server: &'e ServerFacts,
    table: Option<&'e TableEvidence<'e>>,
    advised: &'a Advised,
    served: Vec<(&'a Lacking<'e>, Served)>,
}

impl<'e> About<'_, 'e> {
    /// `None` where nothing is left that it would serve.
    fn finding(&self, rule: &Rule, hints: &mut Hints<'e>) -> Option<Finding> {
        let (first, _) = self.served.first()?;
        let candidate = &self.advised.candidate;
        let definition = definition_of(candidate);
        let keys = known_index::keys_words(&definition).join(", ");
        let namespace = ident::shown(&format!("{}.{}", candidate.database, candidate.collection));
        let of = names::words(&namespace);
        let told = self.table.filter(|table| table.table.indexes_are_told);
        let handle = format!("{namespace}/{keys}");
        let subject = format!("{namespace}({keys})");
        let mut finding = rule.about_thing(self.evidence, self.server, "index", &handle, &subject);
        finding.tables = vec![namespace.clone()];
        finding.impact = self.impact();
        finding.severity =
            Severity::of_share(finding.impact.share).max(Severity::Low).min(rule.at_most);
        let scans = self.served.iter().any(|(lacking, _)| lacking.scans);
        finding.confidence = match (told, scans) {
            (Some(_), true) => Confidence::High,
            (Some(_), false) => Confidence::Medium,
            (None, _) => Confidence::Low,
        };
        if told.is_none() {
            finding.severity = finding.severity.min(Severity::Medium);
        }
        finding.title = match told {
            Some(_) => format!("An index on {of} ({keys}) is missing"),
            None => format!("An index on {of} ({keys}) may be missing"),
        };
        finding.message = self.message(&of, &definition, told.is_some());
        finding.evidence = self.facts(told);
        let commands: Vec<_> = self.served.iter().map(|(lacking, _)| lacking.command()).collect();
        let is_part = self
            .served
            .iter()
            .any(|(lacking, served)| served.is_part && !lacking.command().or_branches.is_empty());
        finding.fixes = vec![mongodb_index::fix_for(candidate, &commands, is_part, told.is_some())];
        finding.fixes.extend(mongodb_explain::look(first.class()));
        finding.indexes.push(IndexVerdict {
            verdict: Verdict::Missing,
            table: namespace,
            name: candidate.name(),
            columns: known_index::keys_words(&definition),
            other: None,
            ddl: candidate.build(),
            size_bytes: None,
            serves: self.ids(),
        });
        finding.verify = mongodb_explain::verify_reads_less(&format!(
            "IXSCAN with {} for the classes above",
            names::words(&candidate.name())
        ));
        let place = format!("{}.{}", candidate.database, candidate.collection);
        finding.trade_offs = format!(
            "{} How large it gets these files do not tell.",
            first.write_cost(self.evidence, &place)
        );
        if let Some(table) = told {
            self.add_redundant(table, &definition, hints, &mut finding);
        }
        Some(finding)
    }

    fn ids(&self) -> Vec<String> {
        self.served.iter().map(|(lacking, _)| lacking.class().class.id.to_string()).collect()
    }

    /// Between nothing and what the classes read for nothing.
    fn impact(&self) -> Impact {
        let saved_us: f64 = self.served.iter().map(|(_, served)| served.saved_us).sum();
        Impact {
            label: ImpactLabel::Estimated,
            share: (saved_us / self.evidence.total_us.max(1) as f64).clamp(0.0, 1.0),
            saved_ms_low: Some(0.0),
            saved_ms_high: Some(saved_us / 1e3),
        }
    }

    fn message(&self, of: &str, definition: &IndexDefinition, are_told: bool) -> String {
        let (who, is_of_use) = match self.served.len() {
            1 => ("1 logged class reads".to_owned(), "is of use"),
            classes => (format!("{classes} logged classes read"), "is of use to them"),
        };
        format!(
            "{who} far more of {of} than {is_of_use}{}. {} By what their runs read for nothing, the index \
             spares {} of all logged time at most.",
            match are_told {
                true =>
                    ", and no index that the snapshot tells begins with all the fields asked for",
                false => "; no snapshot tells the indexes of the collection",
            },
            self.reasons(definition),
            words::percent(self.impact().share)
        )
    }

    /// Why the fields stand in their order.
    fn reasons(&self, definition: &IndexDefinition) -> String {
        let candidate = &self.advised.candidate;
        let keys = known_index::keys_words(definition);
        let ends = [candidate.equalities, candidate.equalities + candidate.sorted, keys.len()];
        let whys = [
            "compared with values",
            "in the order that is asked for",
            "compared with ranges or long lists",
        ];
        let mut parts = Vec::new();
        let mut from = 0;
        for (end, why) in ends.into_iter().zip(whys) {
            let group = keys.get(from..end).unwrap_or_default();
            if !group.is_empty() {
                let fields: Vec<_> = group.iter().map(|key| names::words(key)).collect();
                parts.push(format!("{} ({why})", fields.join(", ")));
            }
            from = end;
        }
        format!("Its fields: {}.", parts.join(", then "))
    }

    fn facts(&self, told: Option<&TableEvidence<'_>>) -> Vec<Fact> {
        let classes = self.served.iter().take(MAX_TOLD);
        let mut facts: Vec<_> = classes.map(|(lacking, _)| lacking.fact(self.evidence)).collect();
        if let Some(table) = told {
            let known = indexes::of(table);
            let origin =
                known.iter().find_map(|index| Some(index.index?.definition.as_ref()?.origin));
            let shown: Vec<_> = known.iter().take(MAX_TOLD).map(|i| names::words(i.name)).collect();
            let more = if known.len() > MAX_TOLD { " and others" } else { "" };
            facts.push(Fact {
                fact: format!("indexes in the snapshot: {}{more}", shown.join(", ")),
                source: origin.map(|origin| self.evidence.facts.source(origin.place)),
            });
        }
        if let Some((table, rows)) = self.table.and_then(|table| Some((table, table.table.rows()?)))
        {
            facts.push(held_rows(self.evidence, table, rows));
        }
        facts
    }

    /// The indexes that the new one begins with: they can go when it is there.
    fn add_redundant(
        &self,
        table: &TableEvidence<'_>,
        definition: &IndexDefinition,
        hints: &mut Hints<'e>,
        finding: &mut Finding,
    ) {
        let comparer = Comparer::of(table);
        let hints = hints.of(self.evidence, self.server);
        let name = self.advised.candidate.name();
        for index in indexes::of(table) {
            let is_held = index.definition.is_unique
                || !index.is_usable()
                || index.is_of_constraint()
                || held_by(&index, hints).is_some();
            if is_held || !comparer.is_prefix_of(&index.definition, definition) {
                continue;
            }
            finding
                .trade_offs
                .push_str(&format!(" {} becomes redundant beside it.", names::words(index.name)));
            let why = format!(
                "Only when {} is built: it begins with the same fields.",
                names::words(&name)
            );
            finding.fixes.extend(known_index::drop(table, &index, &why));
        }
    }
}
