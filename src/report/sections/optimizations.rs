//! Recommended Optimizations: a block per finding, by the part of the system it changes.

use super::{heading, paragraph};
use crate::judge::finding::{Fix, FixKind};
use crate::judge::words;
use crate::model::event::Engine;
use crate::report::phrases::{place, saved};
use crate::report::types::{Found, Part, Report};
use crate::report::{engines, escape, layout};

/// Bytes of blocks; findings past it stand in the table and in JSON only.
const MAX_BYTES: usize = 110_000;

/// Parts with the target that selects them and what to collect where they are empty.
fn parts(report: &Report) -> [(Part, &'static str, &'static str, String); 6] {
    let is_known = report.indexes.known > 0;
    let indexes = match is_known {
        true => "No rule found a defect in the indexes that the catalog tells.".to_owned(),
        false => format!(
            "Nothing can be said without a catalog: add {}.",
            engines::each(report, engines::catalog)
        ),
    };
    let schema = match is_known {
        true => "No rule found a defect in the tables that the catalog tells.".to_owned(),
        false => format!(
            "Nothing can be said without the schema: add {}.",
            engines::each(report, engines::schema_dump)
        ),
    };
    let vacuum = match engines::has(report, Engine::Postgres) {
        true => "errors, checkpoints or vacuum",
        false => "or errors",
    };
    [
        (Part::Indexes, "indexes", "1. Indexes", indexes),
        (
            Part::Queries,
            "queries",
            "2. Queries",
            format!(
                "No rule found a defect in the {}. {}",
                engines::statements(report),
                engines::sentences(report, engines::log_plans)
            ),
        ),
        (Part::Schema, "schema", "3. Schema", schema),
        (
            Part::ConnectionPool,
            "connections",
            "4. Connection pool",
            format!(
                "Nothing can be said about pools without transaction times: for one peak week, add \
                 {}.",
                engines::each(report, engines::pool_statistics)
            ),
        ),
        (
            Part::Caching,
            "queries",
            "5. Caching",
            "Nothing is known about repeated parameters yet: a log with parameter values for one \
             busy hour shows which answers repeat."
                .to_owned(),
        ),
        (
            Part::Server,
            "server",
            "6. Server",
            format!("No rule found a defect in locks, temporary files, {vacuum}."),
        ),
    ]
}

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Recommended Optimizations");
    let mut left = MAX_BYTES;
    let mut omitted = 0u64;
    for (part, target, title, empty) in parts(report) {
        if !report.has_target(target) {
            continue;
        }
        heading(out, 3, title);
        let mut found = report.findings.iter().filter(|f| f.part == part).peekable();
        if found.peek().is_none() {
            paragraph(out, &empty);
        }
        for found in found {
            let mut text = String::new();
            block(report, found, &mut text);
            match left.checked_sub(text.len()) {
                Some(rest) => {
                    left = rest;
                    paragraph(out, text.trim());
                }
                None => {
                    // The table links here.
                    out.push_str(&format!("\n<a id=\"f{}\"></a>\n", found.number));
                    omitted += 1;
                }
            }
        }
    }
    if omitted > 0 {
        paragraph(
            out,
            &format!("{} more findings are in the JSON report in full.", words::count(omitted)),
        );
    }
}

fn block(report: &Report, found: &Found, out: &mut String) {
    let finding = &found.finding;
    let title = escape::prose(&finding.title);
    heading(out, 4, &format!("<a id=\"f{0}\"></a>F{0} · {title}", found.number));
    paragraph(out, &escape::prose(&finding.message));
    out.push('\n');
    let facts = finding.evidence.iter().map(|fact| {
        let place = fact
            .source
            .as_ref()
            .map_or(String::new(), |source| format!(" ({})", escape::code(&place(source))));
        format!("{}{place}", escape::prose(&fact.fact))
    });
    let facts: Vec<_> = facts.collect();
    if !facts.is_empty() {
        item(out, "Evidence", &facts.join("; "));
    }
    if !finding.excerpt.is_empty() {
        out.push('\n');
        paragraph(out, "In its plan:");
        paragraph(out, &escape::fence("text", &finding.excerpt.join("\n")));
    }
    let mut about = escape::code(&finding.subject.name);
    if let (Some(id), Some(anchor)) = (&finding.subject.query_id, &found.query_anchor) {
        about += &format!(" ([{id}](#{anchor}))");
    }
    if report.servers.len() > 1 {
        about += &format!(" on {}", escape::code(&finding.server));
    }
    item(out, "About", &about);
    let language = engines::language(engines::of(report, &finding.server));
    for fix in &finding.fixes {
        write_fix(fix, language, out);
    }
    let impact = &finding.impact;
    // What concerns no query's time has no share of it.
    let ceiling = match impact.share {
        0.0 => "not part of the load".to_owned(),
        share => format!("the ceiling is {} of the load", words::percent(share)),
    };
    let expected = match saved(found) {
        Some(saved) => format!("{saved}; {ceiling}"),
        None => format!("{}; {ceiling}", impact.label.word()),
    };
    out.push('\n');
    item(out, "Expected", &expected);
    for (name, text) in [("Cost and risk", &finding.trade_offs), ("Check", &finding.verify)] {
        if !text.is_empty() {
            item(out, name, &escape::prose(text));
        }
    }
    let severity = finding.severity.word();
    item(out, "Confidence", &format!("{} (severity {severity})", finding.confidence.word()));
    item(out, "Key", &escape::code(&finding.key));
}

fn item(out: &mut String, name: &str, text: &str) {
    out.push_str(&format!("- **{name}**: {text}\n"));
}

/// A fix; rewritten statements are in the language of the engine.
fn write_fix(fix: &Fix, statements: &str, out: &mut String) {
    let (label, language) = match fix.kind {
        FixKind::Sql => ("Do", "sql"),
        FixKind::Js => ("Do", "js"),
        FixKind::Rewrite => ("Rewrite", statements),
        FixKind::Config => ("Set", "ini"),
        FixKind::Code => ("Change", "text"),
    };
    let open = if fix.complete { "" } else { " (fill in the placeholders first)" };
    out.push('\n');
    paragraph(out, &format!("**{label}**{open}:"));
    let text = match fix.kind {
        FixKind::Js => &layout::script(&fix.text),
        _ => &fix.text,
    };
    paragraph(out, &escape::fence(language, text));
    if !fix.note.is_empty() {
        paragraph(out, &escape::prose(&fix.note));
    }
    if !fix.undo.is_empty() {
        paragraph(out, "**Undo**:");
        paragraph(out, &escape::fence(language, &fix.undo));
    }
}
