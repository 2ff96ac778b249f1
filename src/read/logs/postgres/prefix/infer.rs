//! Finds the `log_line_prefix` of a source from a sample of its text.
//!
//! In: a few hundred KiB from several places of the source, and perhaps the setting a user stated. Out:
//! an [`InferredPrefix`]: the formats to read with, how well they fit, and why. Candidates come from
//! a list of settings in wide use and from the data (`template`); each is laid over the sample's
//! heads, and the one whose values make most sense wins. What it leaves over is tried again, since a
//! setting may change in the middle of a file.

use super::Prefix;
use super::fields::is_address;
use super::generic::{self, Rules};
use super::grammar::PrefixFormat;
use super::matcher::{Matcher, Strictness};
use super::template::{guesses, join_words, looks};
use super::tokens::{Kind, Token, tokenize};
use crate::time::{StampParser, ZoneTable};
use std::collections::{BTreeMap, BTreeSet};

/// Heads looked at, spread over the sample, and bytes of each.
const HEADS_MAX: usize = 20_000;
const HEADS_COMPARED: usize = 500;
const LINE_MAX: usize = 2048;
/// Formats one source may have, and groups of heads that guesses are drawn from.
const FORMATS_MAX: usize = 4;
const GROUPS_MAX: usize = 8;

/// Settings in wide use, the plainest first: of two that fit alike, the first is taken. `%m` stands
/// for the time in whatever form the sample has.
const KNOWN: &[&str] = &[
    "",
    "%m ",
    "%m [%p] ",
    "%m-%c-",
    "%m [%p] %u@%d ",
    "%m [%p] %q%u@%d ",
    "%m [%p-%l] %q%u@%d ",
    "%m [%p] %q%u@%d %a ",
    "%m [%p] %q%u@%d %h ",
    "%m [%p] %q%u@%d %a %h ",
    "%m [%p] %q%a ",
    "%m [%p] %b ",
    "%m [%p] %b %q%u@%d ",
    "%m:%r:%u@%d:[%p]:",
    "%m:%h:%u@%d:[%p]:",
    "%m [%p]: [%l-1] user=%u,db=%d ",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: user=%u,db=%d,app=%a,client=%h ",
    "user=%u,db=%d,app=%a,client=%h ",
    "%m rhost=%r app=%a:user=%u:db=%d:",
];

/// The formats to read a source with, and where they come from.
#[derive(Clone, Debug)]
pub struct InferredPrefix {
    /// In the order they are tried; more than one if the setting changed or the stated one is wrong.
    pub formats: Vec<PrefixFormat>,
    /// Whether the user gave the first format.
    pub stated: bool,
    /// Heads in the sample that the formats explain.
    pub matched: usize,
    /// Heads in the sample.
    pub sampled: usize,
    /// One line for the report: the setting, and how well it fits.
    pub explanation: String,
    /// The zone texts of the sample's stamps, sorted.
    pub zones: Vec<String>,
    pub(super) stamped: bool,
    pub(super) single_blank: bool,
}

impl InferredPrefix {
    /// Finds the formats from a sample of the source's text.
    pub fn infer(sample: &[u8], zones: &ZoneTable) -> Self {
        Sample::read(sample, zones).formats(None, zones)
    }

    /// Takes the format a user stated; where it does not fit, the sample's own are added.
    pub fn stated(format: PrefixFormat, sample: &[u8], zones: &ZoneTable) -> Self {
        Sample::read(sample, zones).formats(Some(format), zones)
    }
}

/// The lines of a sample that carry a severity word, and what they have in common.
struct Sample<'a> {
    heads: Vec<Head<'a>>,
    zones: BTreeSet<String>,
    rules: Rules,
}

struct Head<'a> {
    line: &'a [u8],
    /// The line up to its severity word.
    before: &'a [u8],
    stamped: bool,
}

impl<'a> Sample<'a> {
    fn read(text: &'a [u8], zones: &ZoneTable) -> Self {
        let mut stamps = StampParser::new(zones);
        let mut heads: Vec<Head<'a>> = Vec::new();
        // Hand-made logs have one blank after the colon; other programs' lines have, too, so it
        // counts only where no head has two.
        let mut single_blank = false;
        for one_blank in [false, true] {
            let rules = Rules { needs_stamp: false, single_blank: one_blank };
            heads.extend(
                text.split(|byte| *byte == b'\n')
                    .filter_map(|line| {
                        let line = line
                            .get(..line.len().min(LINE_MAX))
                            .filter(|l| !l.starts_with(b"\t"))?;
                        let label = generic::find_label(line, &mut stamps, rules)?;
                        let before = line.get(..label.start)?;
                        let stamped = generic::find_stamp(before, &mut stamps).is_some();
                        Some(Head { line, before, stamped })
                    })
                    .take(HEADS_MAX),
            );
            if !heads.is_empty() {
                single_blank = one_blank;
                break;
            }
        }
        // Messages without a stamp among stamped ones are other programs' or parts of a statement.
        let stamped = heads.iter().filter(|head| head.stamped).count() * 2 >= heads.len().max(1);
        heads.retain(|head| head.stamped || !stamped);
        let mut zone_texts = BTreeSet::new();
        for head in &heads {
            if let Some((at, stamp)) = generic::find_stamp(head.before, &mut stamps) {
                let from = at + stamp.zone.0;
                let zone = head.before.get(from..from + stamp.zone.1).unwrap_or_default();
                if !zone.is_empty() {
                    zone_texts.insert(String::from_utf8_lossy(zone).into_owned());
                }
            }
        }
        let rules = Rules { needs_stamp: stamped, single_blank };
        Self { heads, zones: zone_texts, rules }
    }

    fn formats(&self, stated: Option<PrefixFormat>, zones: &ZoneTable) -> InferredPrefix {
        let is_stated = stated.is_some();
        let sampled = self.heads.len();
        let mut stamps = StampParser::new(zones);
        let mut left: Vec<&Head<'a>> = self.heads.iter().collect();
        // Each format with the heads that it and none before it explains.
        let mut found: Vec<(PrefixFormat, usize)> = Vec::new();
        if let Some(format) = stated {
            left = unexplained(&left, &format, &mut stamps);
            found.push((format, sampled - left.len()));
        }
        // A few odd lines are better left to the generic finder than to a format of their own.
        let few = if is_stated { sampled / 10 } else { sampled / 50 };
        while found.len() < FORMATS_MAX && left.len() > few {
            let Some(format) = best_format(&left, &mut stamps) else {
                break;
            };
            let rest = unexplained(&left, &format, &mut stamps);
            let explained = left.len() - rest.len();
            if explained == 0 {
                break;
            }
            left = rest;
            found.push((format, explained));
        }
        InferredPrefix {
            explanation: explain(&found, is_stated, sampled),
            formats: found.into_iter().map(|(format, _)| format).collect(),
            stated: is_stated,
            matched: sampled - left.len(),
            sampled,
            zones: self.zones.iter().cloned().collect(),
            stamped: self.rules.needs_stamp,
            single_blank: self.rules.single_blank,
        }
    }
}

fn explain(found: &[(PrefixFormat, usize)], stated: bool, sampled: usize) -> String {
    if found.is_empty() {
        return format!("no log_line_prefix found in {sampled} sample lines");
    }
    let told = found.iter().enumerate().map(|(at, (format, explained))| {
        let source = if stated && at == 0 { "stated, fits" } else { "inferred from" };
        format!("'{}' ({source} {explained} of {sampled} sample lines)", format.text())
    });
    format!("log_line_prefix {}", told.collect::<Vec<_>>().join(", then "))
}

/// The heads that a format does not fit strictly.
fn unexplained<'h, 'a>(
    heads: &[&'h Head<'a>],
    format: &PrefixFormat,
    stamps: &mut StampParser<'_>,
) -> Vec<&'h Head<'a>> {
    let matcher = Matcher::new(format);
    let fits = |head: &&&Head<'a>| score(&matcher, head, stamps).is_none_or(|score| score < PASS);
    heads.iter().filter(fits).copied().collect()
}

/// The candidate whose values make most sense over the heads.
fn best_format(heads: &[&Head<'_>], stamps: &mut StampParser<'_>) -> Option<PrefixFormat> {
    let step = heads.len().div_ceil(HEADS_COMPARED).max(1);
    let compared: Vec<&Head<'_>> = heads.iter().step_by(step).copied().collect();
    let mut best: Option<(i64, PrefixFormat)> = None;
    for text in candidates(&compared, stamps) {
        let Ok(format) = PrefixFormat::parse(&text) else {
            continue;
        };
        let matcher = Matcher::new(&format);
        let scores = compared.iter().map(|head| score(&matcher, head, stamps).unwrap_or(0));
        let total = scores.sum::<i64>();
        if total > best.as_ref().map_or(0, |(score, _)| *score) {
            best = Some((total, format));
        }
    }
    best.map(|(_, format)| format)
}

/// Known settings with the sample's form of time, then guesses from the heads' own looks.
fn candidates(heads: &[&Head<'_>], stamps: &mut StampParser<'_>) -> Vec<String> {
    let tokens: Vec<Vec<Token<'_>>> =
        heads.iter().map(|head| tokenize(head.before, stamps)).collect();
    let time = time_escape(&tokens);
    let mut texts: Vec<String> = KNOWN.iter().map(|text| text.replace("%m", time)).collect();
    let joined: Vec<Vec<Token<'_>>> =
        heads.iter().zip(&tokens).map(|(head, tokens)| join_words(head.before, tokens)).collect();
    for rows in [&tokens, &joined] {
        let mut groups: BTreeMap<Vec<u8>, Vec<Vec<Token<'_>>>> = BTreeMap::new();
        for row in rows {
            groups.entry(looks(row)).or_default().push(row.clone());
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
        for (_, group) in groups.iter().take(GROUPS_MAX) {
            for text in guesses(group) {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
    }
    texts
}

/// The escape of the form that most first stamps have.
fn time_escape(rows: &[Vec<Token<'_>>]) -> &'static str {
    let mut counts = [("%m", 0_usize), ("%t", 0), ("%n", 0)];
    for row in rows {
        let form = row.iter().find_map(|token| match token.kind {
            Kind::Stamp { fraction: true, .. } => Some(0),
            Kind::Stamp { fraction: false, .. } => Some(1),
            Kind::Epoch => Some(2),
            _ => None,
        });
        if let Some((_, count)) = form.and_then(|form| counts.get_mut(form)) {
            *count += 1;
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or("%m", |(escape, _)| escape)
}

const FULL: i64 = 1000;
/// From here on a head counts as explained.
const PASS: i64 = 600;

/// How much sense a format makes of a head: `None` if it does not fit.
fn score(matcher: &Matcher, head: &Head<'_>, stamps: &mut StampParser<'_>) -> Option<i64> {
    let mut prefix = Prefix::default();
    let (label, worth) = match matcher.find(head.line, stamps, Strictness::Strict, &mut prefix) {
        Some(label) => (label, FULL),
        None => (matcher.find(head.line, stamps, Strictness::Lenient, &mut prefix)?, FULL / 2),
    };
    // A format that ends at a later word took the first one for a value.
    let same_end = label.start == head.before.len();
    let timed = prefix.time.is_some() || !head.stamped;
    Some(if same_end && timed { worth - oddness(&prefix, matcher.has_host()) } else { 0 })
}

/// What speaks against the values of a match.
fn oddness(prefix: &Prefix<'_>, has_host: bool) -> i64 {
    let mut odd = 0;
    for name in [prefix.user, prefix.database].into_iter().flatten() {
        odd += 200 * i64::from(is_address(name));
        odd += 100 * i64::from(name.iter().any(|byte| b"=[](){}@:,;|".contains(byte)));
        odd += 50 * i64::from(name.iter().all(u8::is_ascii_digit));
    }
    if let Some(app) = prefix.app {
        let mut words = app.split(|byte| *byte == b' ');
        odd += i64::from(app.contains(&b' '));
        odd += 100 * i64::from(words.any(is_address));
        odd += 50 * i64::from(app.iter().any(|byte| b"=[]@".contains(byte)));
        odd += 20 * i64::from(app.last().is_some_and(|byte| b":,;|".contains(byte)));
    }
    // A session has a client; few clients are written as names.
    odd += 20 * i64::from(has_host && prefix.host.is_none() && prefix.user.is_some());
    odd + 5 * i64::from(prefix.host.is_some_and(|host| !is_address(host)))
}
