//! `querylens rules`: the catalogue, or one rule's page.

use super::output;
use crate::error::Error;
use crate::judge::rules::{RULES, Rule, find};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::fmt::Write;
use std::process::ExitCode;

/// List the rules, or explain one: what it finds, why it matters, what to do, when to ignore it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A rule's name or code
    rule: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let page = match &args.rule {
        None => catalogue(),
        Some(name) => match find(name) {
            Some(rule) => page(rule),
            None => {
                let hint =
                    nearest(name).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
                return Err(Error::Usage(format!(
                    "there is no rule '{name}'{hint} (querylens rules lists them)"
                ))
                .into());
            }
        },
    };
    output::to_stdout(page.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn catalogue() -> String {
    let mut out = String::new();
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    for rule in RULES {
        let _ = writeln!(
            out,
            "{}  {:width$}  {} (at most {})",
            rule.code,
            rule.name,
            rule.title,
            rule.at_most.word()
        );
    }
    let _ = writeln!(out, "\nquerylens rules NAME explains one.");
    out
}

fn page(rule: &Rule) -> String {
    let engines: Vec<_> = rule.engines.iter().map(|engine| engine.title()).collect();
    let mut out = format!(
        "{} {}: {}\n{} · at most {} · since {}\n",
        rule.code,
        rule.name,
        rule.title,
        engines.join(", "),
        rule.at_most.word(),
        rule.since
    );
    plain(rule.docs, &mut out);
    out
}

/// A Markdown page as plain text for a terminal.
fn plain(markdown: &str, out: &mut String) {
    let mut indent = "";
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(Tag::Heading { .. }) => out.push('\n'),
            Event::End(TagEnd::Heading(_)) => out.push('\n'),
            Event::Start(Tag::Paragraph) => out.push_str(indent),
            Event::End(TagEnd::Paragraph) => out.push('\n'),
            Event::Start(Tag::CodeBlock(_)) => indent = "    ",
            Event::End(TagEnd::CodeBlock) => indent = "",
            Event::Start(Tag::Item) => out.push_str("- "),
            Event::End(TagEnd::Item) => out.push('\n'),
            Event::Text(text) if !indent.is_empty() => {
                for line in text.lines() {
                    let _ = writeln!(out, "{indent}{line}");
                }
            }
            Event::Text(text) => out.push_str(&text),
            Event::Code(code) => {
                let _ = write!(out, "`{code}`");
            }
            Event::SoftBreak | Event::HardBreak => out.push('\n'),
            _ => {}
        }
    }
}

/// The rule whose name shares the most letters at its start.
fn nearest(name: &str) -> Option<&'static str> {
    let common =
        |rule: &Rule| rule.name.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
    RULES.iter().max_by_key(|rule| common(rule)).filter(|rule| common(rule) >= 3).map(|r| r.name)
}
