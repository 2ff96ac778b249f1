//! Rewritten statements as fixes: a whole statement that the SQL rewriter made, or a fragment
//! where only a part can be given. Preconditions stand in the note, open values are counted.

use crate::judge::evidence::ClassEvidence;
use crate::judge::finding::{Fix, FixKind};
use crate::lang::sql::rewrite::Rewrite;
use crate::model::workload::examples::MAX_TEXT_BYTES;

/// The statement of a class where it is known in full: its slowest example, unless it was cut.
pub fn statement<'a>(class: &'a ClassEvidence<'_>) -> Option<&'a str> {
    let example = class.example()?;
    let whole = !class.class.truncated && example.logged_bytes <= MAX_TEXT_BYTES as u64;
    whole.then_some(&*example.text)
}

/// A rewritten statement; its own notes say what it presumes, `more` what else it needs. It changes
/// code, so there is nothing to undo but the code.
pub fn whole(rewrite: Rewrite, more: &str) -> Fix {
    let mut note = rewrite.notes.join(" ");
    if !more.is_empty() {
        note.push(' ');
        note.push_str(more);
    }
    Fix {
        kind: FixKind::Rewrite,
        text: rewrite.sql,
        undo: String::new(),
        note,
        complete: rewrite.placeholders == 0,
    }
}

/// A part of a statement that has to be put in by hand. Open names are `{1}`, `{2}` …, open values
/// `$1`, `$2` … (`:p1` in MySQL); the note says what they stand for.
pub fn fragment(text: String, note: impl Into<String>) -> Fix {
    let complete = !has_placeholder(&text);
    Fix { kind: FixKind::Rewrite, text, undo: String::new(), note: note.into(), complete }
}

/// A change in the application that no SQL can express.
pub fn code(text: impl Into<String>, note: impl Into<String>) -> Fix {
    Fix {
        kind: FixKind::Code,
        text: text.into(),
        undo: String::new(),
        note: note.into(),
        complete: true,
    }
}

fn has_placeholder(text: &str) -> bool {
    let marked = |pair: &[u8]| matches!(pair, [b'$' | b'{', digit] if digit.is_ascii_digit());
    let named = |three: &[u8]| matches!(three, [b':', b'p', digit] if digit.is_ascii_digit());
    text.as_bytes().windows(2).any(marked) || text.as_bytes().windows(3).any(named)
}
