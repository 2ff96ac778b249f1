//! Holds the design in place: who may import whom, what each room must not touch, and that the
//! static tables, the folders and the files agree.
//!
//! Reads every path of `src/**/*.rs` (comments, texts and `#[cfg(test)]` modules left out), so that
//! `use` trees, `super::` and paths in the middle of an expression all count.

use querylens::judge::rules::RULES;
use querylens::read::input::Sample;
use querylens::read::logs::FORMATS;
use querylens::read::logs::envelope::{ENVELOPES, Fits};
use querylens::read::options::ReadOptions;
use querylens::read::plans::PLAN_READERS;
use querylens::read::recognise;
use querylens::report::RENDERERS;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

mod source;

use source::{Token, files, sources};

/// Each room and the rooms it may import, lowest first. `read` and `judge` do not know each other.
const ROOMS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("error", &["time"]),
    ("progress", &[]),
    ("collect", &[]),
    ("lang", &["error", "time"]),
    ("model", &["error", "time", "lang"]),
    ("read", &["error", "time", "lang", "model"]),
    ("judge", &["error", "time", "lang", "model"]),
    ("report", &["error", "time", "lang", "model", "judge"]),
    ("pipeline", &["error", "time", "lang", "model", "read", "progress"]),
    (
        "cli",
        &[
            "error", "time", "lang", "model", "read", "judge", "report", "pipeline", "progress",
            "collect",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Imports against the direction that are meant: (file, what it names, why).
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "error.rs",
    "read::input::InputError",
    "the public error holds the errors of inputs, so that a caller sees path, offset and cause",
)];

/// What modules below a prefix may import of this crate, more narrowly than their room.
const NARROWER: &[(&str, &[&str])] = &[
    ("read::input", &["read::input"]),
    (
        "judge::rules",
        &[
            "judge::rules",
            "judge::evidence",
            "judge::finding",
            "judge::advice",
            "judge::config",
            "judge::plan_words",
            "judge::words",
            "model",
            "lang",
            "time",
        ],
    ),
];

/// Paths of other crates, and the only modules that may name them.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("anyhow", &["main", "cli"]),
    ("clap", &["cli"]),
    ("indicatif", &["progress"]),
    ("memmap2", &["read::input::source"]),
    ("rayon", &["pipeline"]),
    ("serde_json::Value", &["read"]),
    ("std::env", &["cli"]),
    ("std::fs", &["read::input", "cli"]),
    ("std::time::Instant", &[]),
    ("std::time::SystemTime", &["read::input", "cli"]),
];

/// Words that may stand in few files only.
const WORDS_ONLY_IN: &[(&str, &[&str])] = &[
    ("unsafe", &["read::input::source"]),
    ("println", &[]),
    ("eprintln", &["cli"]),
    ("print", &["cli"]),
    ("dbg", &[]),
];

/// No file is longer than this.
const MAX_LINES: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a path is a prefix's own or below it.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn none(wrong: Vec<String>, what: &str) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

#[test]
fn rooms_import_downwards_only() {
    let mut wrong = Vec::new();
    let mut excepted = BTreeSet::new();
    for source in sources() {
        let room = source.module.split("::").next().unwrap_or_default();
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{}: the room '{room}' has no place", source.file));
            continue;
        };
        for path in source.own_paths() {
            let target = path.split("::").next().unwrap_or_default();
            if target == room || allowed.contains(&target) {
                continue;
            }
            match EXCEPTIONS.iter().find(|(file, named, _)| *file == source.file && *named == path)
            {
                Some((_, named, _)) => {
                    excepted.insert(*named);
                }
                None => wrong.push(format!("{} names {path}", source.file)),
            }
        }
    }
    none(wrong, "imports against the direction");
    assert_eq!(excepted.len(), EXCEPTIONS.len(), "an exception that nothing needs any more");
}

#[test]
fn narrow_modules_import_what_they_may() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (prefix, allowed) in NARROWER {
            if is_below(&source.module, prefix) {
                let paths = source.own_paths();
                let strays = paths.iter().filter(|path| !allowed.iter().any(|a| is_below(path, a)));
                wrong.extend(strays.map(|path| format!("{} names {path}", source.file)));
            }
        }
    }
    none(wrong, "imports that are too wide");
}

#[test]
fn tools_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for source in sources() {
        let is_in = |modules: &[&str]| modules.iter().any(|m| is_below(&source.module, m));
        for path in source.paths() {
            let path = path.join("::");
            for (tool, modules) in ONLY_IN {
                if is_below(&path, tool) && !is_in(modules) {
                    wrong.push(format!("{} names {path}", source.file));
                }
            }
        }
        for pair in source.tokens.windows(2) {
            let Token::Word(word) = &pair[0] else {
                continue;
            };
            for (tool, modules) in WORDS_ONLY_IN {
                let used = *tool == "unsafe" || pair[1] == Token::Mark('!');
                if word == tool && used && !is_in(modules) {
                    wrong.push(format!("{} says {word}", source.file));
                }
            }
        }
    }
    none(wrong, "tools in the wrong room");
}

#[test]
fn reports_name_no_rule() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| is_below(&source.module, "report")) {
        for token in &source.tokens {
            let Token::Text(text) = token else { continue };
            // A name of one word, such as `deadlocks`, is a word of the language, too.
            let named = RULES.iter().filter(|rule| {
                (rule.name.contains('-') && text.contains(rule.name)) || text.contains(rule.code)
            });
            wrong.extend(named.map(|rule| format!("{} names {}", source.file, rule.name)));
        }
    }
    none(wrong, "rules named by a renderer");
}

#[test]
fn files_are_short_and_say_what_they_own() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for path in files(&root().join(folder), "rs") {
            let text = fs::read_to_string(&path).expect("a readable source");
            let lines = text.lines().count();
            if lines >= MAX_LINES {
                wrong.push(format!("{}: {lines} lines", path.display()));
            }
            if !text.starts_with("//!") {
                wrong.push(format!("{}: no module header", path.display()));
            }
        }
    }
    none(wrong, "house style");
}

#[test]
fn every_rule_file_is_in_the_table() {
    let declared = [Token::Word("static".into()), Token::Word("RULE".into())];
    let mut in_files = BTreeSet::new();
    for source in sources().iter().filter(|s| is_below(&s.module, "judge::rules")) {
        if source.tokens.windows(2).any(|pair| pair == declared) {
            let stem = source.module.rsplit("::").next().unwrap_or_default();
            in_files.insert(stem.replace('_', "-"));
        }
    }
    let in_table: BTreeSet<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(in_files, in_table, "files of rules, and RULES");
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len(), "a code is used twice");

    let fixtures = fs::read_dir(root().join("fixtures/rules")).expect("fixtures/rules");
    let folders: BTreeSet<String> = fixtures
        .map(|entry| entry.expect("a readable entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, in_table, "folders of fixtures, and RULES");
}

#[test]
fn samples_are_recognised_by_their_own_format_only() {
    let names: BTreeSet<&str> = FORMATS.iter().map(|format| format.meta().name).collect();
    assert_eq!(names.len(), FORMATS.len(), "a name is used twice");
    for format in FORMATS {
        let own = format.meta();
        assert!(!own.samples.is_empty(), "{} has no sample", own.name);
        let map = own.sample_map.map(|map| map.parse().expect("a map"));
        let options = ReadOptions { map, ..ReadOptions::default() };
        let of_plans = PLAN_READERS.iter().flat_map(|reader| reader.meta().samples);
        let of_plans = of_plans.filter(|_| own.name == "plan");
        for text in own.samples.iter().chain(of_plans) {
            let sample =
                Sample { head: text.as_bytes().to_vec(), whole: true, ..Sample::default() };
            let taken = recognise(&sample, &options)
                .map(|r| r.guess.format.meta().name)
                .map_err(|guess| guess.map(|g| (g.guess.format.meta().name, g.guess.score)));
            assert_eq!(taken, Ok(own.name), "{text}");
            let others = FORMATS.iter().filter(|other| other.meta().name != own.name);
            for other in others {
                let score = other.sniff(&sample, &options);
                let least = format.sniff(&sample, &options);
                assert!(
                    score < 30 && score < least,
                    "{} takes a sample of {} with {score}: {text}",
                    other.meta().name,
                    own.name
                );
            }
        }
    }
}

#[test]
fn samples_are_taken_out_of_their_own_envelope() {
    let options = ReadOptions::default();
    let names: BTreeSet<&str> = ENVELOPES.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), ENVELOPES.len(), "a name is used twice");
    // Those that --map must explain are no logs without it.
    let formats = FORMATS.iter().filter(|format| format.meta().sample_map.is_none());
    let plain = formats.flat_map(|f| f.meta().samples).map(|text| (None, text));
    let carried = ENVELOPES.iter().flat_map(|k| k.samples.iter().map(|text| (Some(k.name), text)));
    for (own, text) in plain.chain(carried) {
        let sample = Sample { head: text.as_bytes().to_vec(), whole: true, ..Sample::default() };
        let found = ENVELOPES
            .iter()
            .find(|k| (k.detect)(&sample, &options, Fits::new(&options, 1)).is_some());
        assert_eq!(found.map(|kind| kind.name), own, "{text}");
        let is_carried = recognise(&sample, &options).map(|taken| !taken.carriers.is_empty());
        assert_eq!(is_carried.ok(), Some(own.is_some()), "{text}");
    }
}

#[test]
fn renderers_are_told_apart() {
    let mut taken = BTreeSet::new();
    for renderer in RENDERERS {
        assert!(taken.insert(renderer.name), "{} twice", renderer.name);
        assert!(!renderer.about.is_empty(), "{}", renderer.name);
    }
    let mut extensions = BTreeSet::new();
    for extension in RENDERERS.iter().flat_map(|renderer| renderer.extensions) {
        assert!(extensions.insert(extension), ".{extension} twice");
        let lower = extension.to_ascii_lowercase();
        assert_eq!(*extension, lower, "extensions are compared in lower case");
    }
}
