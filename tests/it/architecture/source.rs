//! The crate's own source as the architecture tests see it: files, tokens, and the paths that they
//! name.
//!
//! In: the files below `src/`. Out: [`Source`]s without comments and unit tests. What a path may be
//! is left to the tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One file of the crate, cut into what the tests look at.
pub struct Source {
    /// Below `src/`, with `/`.
    pub file: String,
    /// `read::input::paths`; `lib` and `main` for the two roots.
    pub module: String,
    pub tokens: Vec<Token>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    /// An identifier or keyword.
    Word(String),
    /// The content of a text literal.
    Text(String),
    /// `::`
    Colons,
    /// Any other character.
    Mark(char),
}

/// Every file below a folder with this extension, sorted.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
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
pub fn sources() -> Vec<Source> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let all = files(&src, "rs").into_iter().map(|path| {
        let below = path.strip_prefix(&src).expect("below src");
        let file = below.to_string_lossy().replace('\\', "/");
        let stem = file.trim_end_matches(".rs");
        let module = stem.strip_suffix("/mod").unwrap_or(stem).replace('/', "::");
        let text = fs::read_to_string(&path).expect("a readable source");
        let tokens = without_tests(tokens(&text));
        Source { file, module, tokens }
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
            let end = (i..chars.len()).find(|&end| !is_word(at(end))).unwrap_or(chars.len());
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
    let hashes = (i..).take_while(|&j| raw && at(j) == '#').take(chars.len()).count();
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
    let marker = [hash, open, word("cfg"), paren, word("test"), close_paren, close];
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
    pub fn paths(&self) -> Vec<Vec<String>> {
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
    pub fn own_paths(&self) -> BTreeSet<String> {
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
            let rest: Vec<&str> = path.iter().skip(supers.max(1)).map(String::as_str).collect();
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
