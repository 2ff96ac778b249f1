//! Findings of two rules that say the same of one statement: a plan shows what the text lets suspect,
//! or one fault in a plan follows from another. One of them stays, with what the other one knows.
//!
//! In: all findings, before they are ranked. Out: the same without the weaker twins. Which findings
//! are about one statement and one table their rules have said ([`Finding::tables`]).

use super::advice::ident;
use super::finding::{Finding, Impact, ImpactLabel};
use super::rules;
use std::collections::BTreeSet;

/// How two findings about one statement are known to be about one fault.
#[derive(Clone, Copy, Debug)]
enum Same {
    /// The statement has such a fault once.
    Statement,
    /// All tables of the weaker one are tables of the other.
    Tables,
}

/// The rule that stands back, the one that stays, and when they say the same. The one that stays
/// names the cause, or has the more exact fix. In the order in which they are looked at: a rule that
/// stands back for another must not be one that others have stood back for.
#[rustfmt::skip]
const TWINS: &[(&str, &str, Same)] = &[
    ("not-in-subplan",         "not-in-subquery",       Same::Tables),
    ("correlated-subquery",    "not-in-subquery",       Same::Tables),
    ("not-in-subplan",         "correlated-subquery",   Same::Tables),
    ("subplan-per-row",        "correlated-subquery",   Same::Tables),
    ("seq-scan-discards-rows", "function-on-column",    Same::Tables),
    ("seq-scan-discards-rows", "or-across-columns",     Same::Tables),
    ("seq-scan-discards-rows", "partitions-not-pruned", Same::Tables),
    ("pattern-filter",         "leading-wildcard",      Same::Tables),
    ("late-limit",             "deep-offset",           Same::Statement),
    ("nested-loop-many-rows",  "default-estimate",      Same::Tables),
    ("many-plan-trials",       "plan-flip",             Same::Statement),
    ("estimate-off",           "nested-loop-many-rows", Same::Tables),
];

/// Leaves one of two findings that say the same, with the evidence of both.
pub(super) fn merge(findings: &mut Vec<Finding>) {
    for (weaker, stronger, same) in TWINS {
        let mut at = 0;
        while at < findings.len() {
            let one = &findings[at];
            let is_twin = |other: &Finding| {
                other.rule == *stronger && is_of_one_statement(one, other) && same.fault(one, other)
            };
            let of_weaker = one.rule == *weaker;
            match of_weaker.then(|| findings.iter().position(is_twin)).flatten() {
                Some(other) => {
                    let one = findings.remove(at);
                    let other = if other > at { other - 1 } else { other };
                    take_over(&mut findings[other], one);
                }
                None => at += 1,
            }
        }
    }
}

/// The same class of the same server; of plans without a class the same plan.
fn is_of_one_statement(one: &Finding, other: &Finding) -> bool {
    one.server == other.server
        && match (&one.subject.query_id, &other.subject.query_id) {
            (Some(one), Some(other)) => one == other,
            (None, None) => one.plan_id.is_some() && one.plan_id == other.plan_id,
            _ => false,
        }
}

impl Same {
    fn fault(self, weaker: &Finding, stronger: &Finding) -> bool {
        match self {
            Same::Statement => true,
            Same::Tables => {
                let names = |finding: &Finding| -> BTreeSet<String> {
                    let last = |name: &String| ident::last_part(name).to_lowercase();
                    finding.tables.iter().map(last).collect()
                };
                names(weaker).is_subset(&names(stronger))
            }
        }
    }
}

/// Adds to a finding what its weaker twin knows: evidence, the part of the plan, a measured impact, and
/// fixes that change something.
fn take_over(finding: &mut Finding, twin: Finding) {
    for fact in twin.evidence {
        if finding.evidence.iter().all(|known| known.fact != fact.fact) {
            finding.evidence.push(fact);
        }
    }
    for fix in twin.fixes.into_iter().filter(|fix| !fix.undo.is_empty()) {
        if finding.fixes.iter().all(|known| known.text != fix.text) {
            finding.fixes.push(fix);
        }
    }
    if finding.plan_id.is_none() {
        finding.plan_id = twin.plan_id;
        finding.excerpt = twin.excerpt;
    }
    let is_known = |impact: &Impact| impact.label != ImpactLabel::Unknown;
    if is_known(&twin.impact) && !is_known(&finding.impact) {
        finding.impact = twin.impact;
    }
    let at_most = rules::find(finding.rule).map(|rule| rule.at_most);
    let severity = finding.severity.max(twin.severity);
    finding.severity = at_most.map_or(severity, |at_most| severity.min(at_most));
    finding.confidence = finding.confidence.max(twin.confidence);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::finding::{Confidence, Fact, Fix, FixKind, Severity, Subject};

    fn finding(rule: &'static str, class: &str, tables: &[&str]) -> Finding {
        Finding {
            key: format!("{rule}/{class}"),
            rule,
            title: String::new(),
            severity: Severity::Medium,
            confidence: Confidence::Medium,
            subject: Subject {
                kind: "query",
                name: String::new(),
                query_id: Some(class.to_owned()),
            },
            server: "one".to_owned(),
            tables: tables.iter().map(|table| (*table).to_owned()).collect(),
            indexes: Vec::new(),
            message: String::new(),
            evidence: vec![Fact { fact: format!("seen by {rule}"), source: None }],
            plan_id: None,
            excerpt: Vec::new(),
            impact: Impact::unknown(),
            fixes: Vec::new(),
            verify: String::new(),
            trade_offs: String::new(),
        }
    }

    fn left(mut findings: Vec<Finding>) -> Vec<String> {
        merge(&mut findings);
        findings.into_iter().map(|finding| finding.key).collect()
    }

    #[test]
    fn every_twin_is_a_rule_and_nobody_takes_over_and_then_stands_back() {
        for (at, (weaker, stronger, _)) in TWINS.iter().enumerate() {
            for name in [weaker, stronger] {
                assert!(rules::find(name).is_some_and(|rule| rule.name == *name), "{name}");
            }
            let later = &TWINS[at + 1..];
            assert!(later.iter().all(|(again, _, _)| again != stronger), "{stronger}");
        }
    }

    #[test]
    fn one_of_two_stays_where_class_and_tables_are_the_same() {
        let text = ["function-on-column", "seq-scan-discards-rows"];
        type Of = (&'static str, &'static [&'static str]);
        // Classes and tables of the two, and how many stay.
        let cases: [(Of, Of, usize); 6] = [
            (("a", &["customers"]), ("a", &["public.Customers"]), 1),
            (("a", &["customers", "orders"]), ("a", &["orders"]), 1),
            (("a", &["customers"]), ("a", &["customers", "orders"]), 2),
            (("a", &["customers"]), ("a", &["orders"]), 2),
            (("a", &[]), ("a", &["orders"]), 2),
            (("a", &["customers"]), ("b", &["customers"]), 2),
        ];
        for ((class, of_text), (other, of_plan), count) in cases {
            let both = [finding(text[0], class, of_text), finding(text[1], other, of_plan)];
            for findings in [both.to_vec(), both.iter().rev().cloned().collect()] {
                let keys = left(findings);
                assert_eq!(keys.len(), count, "{of_text:?} {of_plan:?}: {keys:?}");
                assert!(keys.contains(&format!("{}/{class}", text[0])), "{keys:?}");
            }
        }
        let page = [finding("late-limit", "a", &["orders"]), finding("deep-offset", "a", &[])];
        assert_eq!(left(page.to_vec()), ["deep-offset/a"]);
    }

    #[test]
    fn what_the_weaker_one_knows_is_kept() {
        let mut plan = finding("seq-scan-discards-rows", "a", &["customers"]);
        plan.severity = Severity::Critical;
        plan.confidence = Confidence::High;
        plan.plan_id = Some("7".to_owned());
        plan.excerpt = vec!["-> Seq Scan on customers".to_owned()];
        plan.impact = Impact {
            label: ImpactLabel::Estimated,
            share: 0.2,
            saved_ms_low: Some(0.0),
            saved_ms_high: Some(9.0),
        };
        let fix = |text: &str, undo: &str| Fix {
            kind: FixKind::Sql,
            text: text.to_owned(),
            undo: undo.to_owned(),
            note: String::new(),
            complete: true,
        };
        plan.fixes = vec![fix("look", ""), fix("create a", "drop a"), fix("create b", "drop b")];
        let mut text = finding("function-on-column", "a", &["customers"]);
        text.fixes = vec![fix("create a", "drop a")];
        let mut findings = vec![plan.clone(), text];
        merge(&mut findings);
        let one = findings.pop().expect("one of two stays");
        let facts: Vec<_> = one.evidence.iter().map(|fact| &*fact.fact).collect();
        assert_eq!(facts, ["seen by function-on-column", "seen by seq-scan-discards-rows"]);
        assert_eq!(
            (one.plan_id, one.excerpt, one.impact),
            (plan.plan_id, plan.excerpt, plan.impact)
        );
        let texts: Vec<_> = one.fixes.iter().map(|fix| &*fix.text).collect();
        assert_eq!(texts, ["create a", "create b"]);
        // Never more severe than the rule that speaks may be.
        assert_eq!((one.severity, one.confidence), (Severity::High, Confidence::High));
    }
}
