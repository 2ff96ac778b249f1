//! Holds the design in place: who may import whom, what each room must not touch, and that the
//! static tables, the folders and the files agree.
//!
//! Reads every path of `src/**/*.rs` (comments, texts and `#[cfg(test)]` modules left out), so that
//! `use` trees, `super::` and paths in the middle of an expression all count.

use querylens::judge::rules::RULES;
use querylens::read::input::Sample;
use querylens::read::logs::FORMATS;
use querylens::read::options::ReadOptions;
use querylens::read::recognise;
use querylens::report::RENDERERS;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms it may import, lowest first. `read` and `judge` do not know each other.
const ROOMS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("error", &["time"]),
    ("progress", &[]),
    ("lang", &["error", "time"]),
    ("model", &["error", "time", "lang"]),
    ("read", &["error", "time", "lang", "model"]),
    ("judge", &["error", "time", "lang", "model"]),
    ("report", &["error", "time", "lang", "model", "judge"]),
    (
        "pipeline",
        &["error", "time", "lang", "model", "read", "progress"],
    ),
    (
        "cli",
        &[
            "error", "time", "lang", "model", "read", "judge", "report", "pipeline", "progress",
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

/// One file of the crate, cut into what the tests look at.
struct Source {
    /// Below `src/`, with `/`.
    file: String,
    /// `read::input::paths`; `lib` and `main` for the two roots.
    module: String,
    tokens: Vec<Token>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    /// An identifier or keyword.
    Word(String),
    /// The content of a text literal.
    Text(String),
    /// `::`
    Colons,
    /// Any other character.
    Mark(char),
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with this extension, sorted.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The crate without its unit tests.
fn sources() -> Vec<Source> {
    let src = root().join("src");
    let all = files(&src, "rs").into_iter().map(|path| {
        let below = path.strip_prefix(&src).expect("below src");
        let file = below.to_string_lossy().replace('\\', "/");
        let stem = file.trim_end_matches(".rs");
        let module = stem.strip_suffix("/mod").unwrap_or(stem).replace('/', "::");
        let text = fs::read_to_string(&path).expect("a readable source");
        let tokens = without_tests(tokens(&text));
        Source {
            file,
            module,
            tokens,
        }
    });
    let kept: Vec<Source> = all.filter(|s| !s.module.ends_with("::tests")).collect();
    assert!(kept.len() > 50, "only {} files were found", kept.len());
    kept
}

/// A lexer for as much Rust as paths need: comments and blanks go, texts are kept apart.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut tokens, mut i) = (Vec::new(), 0);
    while i < chars.len() {
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 0;
            while i < chars.len() {
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
                if depth == 0 {
                    break;
                }
            }
        } else if let Some((content, end)) = text_literal(&chars, i) {
            tokens.push(Token::Text(content));
            i = end;
        } else if c == '\'' || (c == 'b' && at(i + 1) == '\'') {
            // A character, or a lifetime, which has no closing quote.
            let start = i + 1 + usize::from(c == 'b');
            i = match (at(start), at(start + 1)) {
                ('\\', _) => (start + 2..chars.len())
                    .find(|&end| at(end) == '\'')
                    .map_or(chars.len(), |end| end + 1),
                (_, '\'') => start + 2,
                _ => start,
            };
        } else if is_word(c) {
            let end = (i..chars.len())
                .find(|&end| !is_word(at(end)))
                .unwrap_or(chars.len());
            tokens.push(Token::Word(chars[i..end].iter().collect()));
            i = end;
        } else if c == ':' && at(i + 1) == ':' {
            tokens.push(Token::Colons);
            i += 2;
        } else {
            if !c.is_whitespace() {
                tokens.push(Token::Mark(c));
            }
            i += 1;
        }
    }
    tokens
}

/// A text literal of any kind that begins here, and where it ends.
fn text_literal(chars: &[char], from: usize) -> Option<(String, usize)> {
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut i = from;
    while matches!(at(i), 'b' | 'c' | 'r') && i < from + 2 {
        i += 1;
    }
    let raw = i > from && at(i - 1) == 'r';
    let hashes = (i..)
        .take_while(|&j| raw && at(j) == '#')
        .take(chars.len())
        .count();
    i += hashes;
    if at(i) != '"' {
        return None;
    }
    let mut content = String::new();
    i += 1;
    while i < chars.len() {
        match at(i) {
            '\\' if !raw => {
                content.push(at(i + 1));
                i += 2;
            }
            '"' if (1..=hashes).all(|j| at(i + j) == '#') => {
                return Some((content, i + 1 + hashes));
            }
            c => {
                content.push(c);
                i += 1;
            }
        }
    }
    Some((content, i))
}

/// Takes out what follows `#[cfg(test)]` up to the end of its block or to its semicolon.
fn without_tests(tokens: Vec<Token>) -> Vec<Token> {
    let word = |w: &str| Token::Word(w.to_owned());
    let mark = ['#', '[', '(', ')', ']'].map(Token::Mark);
    let [hash, open, paren, close_paren, close] = mark;
    let marker = [
        hash,
        open,
        word("cfg"),
        paren,
        word("test"),
        close_paren,
        close,
    ];
    let (mut kept, mut i) = (Vec::new(), 0);
    while i < tokens.len() {
        if !tokens[i..].starts_with(&marker) {
            kept.push(tokens[i].clone());
            i += 1;
            continue;
        }
        i += marker.len();
        let mut depth = 0;
        while i < tokens.len() {
            match tokens[i] {
                Token::Mark('{') => depth += 1,
                Token::Mark('}') => depth -= 1,
                _ => {}
            }
            let ends = matches!(tokens[i], Token::Mark('}' | ';')) && depth == 0;
            i += 1;
            if ends {
                break;
            }
        }
    }
    kept
}

impl Source {
    /// Every path that the file names, `use` trees spelt out, as written.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        let mut i = 0;
        while i < self.tokens.len() {
            match &self.tokens[i] {
                Token::Word(word) if word != "use" => {
                    i = tree(&self.tokens, i, &[], &mut paths);
                }
                _ => i += 1,
            }
        }
        paths
    }

    /// The paths into this crate, from its root: `lang::sql::lexer::Dialect`.
    fn own_paths(&self) -> BTreeSet<String> {
        let module: Vec<&str> = match self.module.as_str() {
            "lib" | "main" => Vec::new(),
            module => module.split("::").collect(),
        };
        let resolved = self.paths().into_iter().filter_map(|path| {
            let first = path.first()?.as_str();
            let supers = path.iter().take_while(|part| *part == "super").count();
            let from: &[&str] = match first {
                "crate" | "querylens" => &[],
                "super" => &module[..module.len().checked_sub(supers)?],
                _ => return None,
            };
            let rest: Vec<&str> = path
                .iter()
                .skip(supers.max(1))
                .map(String::as_str)
                .collect();
            // `pub(crate)` and `pub(super)` import nothing.
            (!rest.is_empty()).then(|| [from, &rest].concat().join("::"))
        });
        resolved.collect()
    }
}

/// Reads a path or a `use` tree; gives where it ends.
fn tree(tokens: &[Token], mut i: usize, prefix: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    loop {
        match tokens.get(i) {
            Some(Token::Word(word)) => path.push(word.clone()),
            Some(Token::Mark('*')) => path.push("*".to_owned()),
            Some(Token::Mark('{')) => {
                i += 1;
                while !matches!(tokens.get(i), None | Some(Token::Mark('}'))) {
                    i = match &tokens[i] {
                        // Another name for what came before.
                        Token::Word(word) if word == "as" => i + 2,
                        Token::Word(_) | Token::Mark('*') => tree(tokens, i, &path, paths),
                        _ => i + 1,
                    };
                }
                return i + 1;
            }
            // A turbofish ends what names a path.
            _ => {
                paths.push(path);
                return i;
            }
        }
        i += 1;
        if tokens.get(i) != Some(&Token::Colons) {
            paths.push(path);
            return i;
        }
        i += 1;
    }
}

/// Whether a path is a prefix's own or below it.
fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn none(wrong: Vec<String>, what: &str) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

#[test]
fn the_lexer_sees_what_it_must() {
    let text = r##"
        //! crate::comment
        use crate::lang::{sql::lexer::{self, Dialect as D}, id};
        pub(crate) use super::super::model::*; /* crate::no /* nested */ crate::no */
        fn f<'a>(x: &'a str) -> char { crate::time::now::<u8>(b'\'', "crate::text \" x", r#"a"b"#); '{' }
        #[cfg(test)]
        mod tests { use crate::cli; fn g() { } }
        #[cfg(test)] use crate::pipeline;
        fn h() -> querylens::read::X {}
    "##;
    let source = Source {
        file: String::new(),
        module: "judge::rules::query".to_owned(),
        tokens: without_tests(tokens(text)),
    };
    let expected = [
        "judge::model::*",
        "lang::id",
        "lang::sql::lexer::Dialect",
        "lang::sql::lexer::self",
        "read::X",
        "time::now",
    ];
    assert_eq!(source.own_paths().into_iter().collect::<Vec<_>>(), expected);
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
            match EXCEPTIONS
                .iter()
                .find(|(file, named, _)| *file == source.file && *named == path)
            {
                Some((_, named, _)) => {
                    excepted.insert(*named);
                }
                None => wrong.push(format!("{} names {path}", source.file)),
            }
        }
    }
    none(wrong, "imports against the direction");
    assert_eq!(
        excepted.len(),
        EXCEPTIONS.len(),
        "an exception that nothing needs any more"
    );
}

#[test]
fn narrow_modules_import_what_they_may() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (prefix, allowed) in NARROWER {
            if is_below(&source.module, prefix) {
                let paths = source.own_paths();
                let strays = paths
                    .iter()
                    .filter(|path| !allowed.iter().any(|a| is_below(path, a)));
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
    for source in sources()
        .iter()
        .filter(|source| is_below(&source.module, "report"))
    {
        for token in &source.tokens {
            let Token::Text(text) = token else { continue };
            let named = RULES
                .iter()
                .filter(|rule| text.contains(rule.name) || text.contains(rule.code));
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
    for source in sources()
        .iter()
        .filter(|s| is_below(&s.module, "judge::rules"))
    {
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
    let options = ReadOptions::default();
    let names: BTreeSet<&str> = FORMATS.iter().map(|format| format.meta().name).collect();
    assert_eq!(names.len(), FORMATS.len(), "a name is used twice");
    for format in FORMATS {
        let own = format.meta();
        assert!(!own.samples.is_empty(), "{} has no sample", own.name);
        for text in own.samples {
            let sample = Sample {
                head: text.as_bytes().to_vec(),
                whole: true,
                ..Sample::default()
            };
            let taken = recognise(&sample, &options)
                .map(|r| r.format.meta().name)
                .map_err(|guess| guess.map(|g| (g.format.meta().name, g.score)));
            assert_eq!(taken, Ok(own.name), "{text}");
            let others = FORMATS.iter().filter(|other| other.meta().name != own.name);
            for other in others {
                let score = other.sniff(&sample);
                let least = format.sniff(&sample);
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
