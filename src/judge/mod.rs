//! Judging: from facts to findings. Reads the model, opens no file, knows no clock, prints nothing.

pub mod advice;
pub mod config;
pub mod evidence;
pub mod finding;
pub mod plan_words;
pub mod rules;
mod twins;
pub mod words;

use evidence::Evidence;
use finding::Finding;
use std::cmp::Reverse;

/// Applies every rule that is switched on, leaves one of two findings that say the same, and ranks
/// what they found: findings that match the context first, then by severity, by share of the load, and by key.
pub fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let options = evidence.options;
    let mut findings = Vec::new();
    for rule in rules::RULES {
        if !options.disabled.iter().any(|name| name == rule.name) {
            (rule.check)(rule, evidence, &mut findings);
        }
    }
    twins::merge(&mut findings);
    findings.retain(|f| options.least.is_none_or(|least| f.severity >= least));
    let words = context_words(&options.context);
    findings.sort_by(|a, b| {
        let rank = |f: &Finding| (Reverse(matches(f, &words)), Reverse(f.severity));
        rank(a)
            .cmp(&rank(b))
            .then(b.impact.share.total_cmp(&a.impact.share))
            .then(a.key.cmp(&b.key))
    });
    findings
}

/// The words of a context that can match something: three letters or more, lower case.
fn context_words(context: &str) -> Vec<String> {
    context
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .collect()
}

/// How many of the words stand in a finding's subject, title or message.
fn matches(finding: &Finding, words: &[String]) -> usize {
    let text = format!(
        "{} {} {} {}",
        finding.subject.name,
        finding.title,
        finding.message,
        finding.subject.query_id.as_deref().unwrap_or_default()
    )
    .to_lowercase();
    words.iter().filter(|word| text.contains(word.as_str())).count()
}
