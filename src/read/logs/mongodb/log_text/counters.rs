//! What an operation's line says behind its documents: `keysExamined:9 locks:{ … } protocol:op_msg`.
//!
//! Names are followed by a colon, and where a value is neither quoted nor in brackets, it ends at a
//! blank. Two things are older and otherwise: `locks(micros) r:120 w:4` and `exception: text code:7`.

use super::slow::quoted_len;
use memchr::memchr_iter;

/// Every name that versions 2.2 to 4.2 write. No other is believed: in a damaged line it may be a
/// part of a document, and so a literal.
const NAMES: [&[u8]; 54] = [
    b"code",
    b"cursorExhausted",
    b"cursorid",
    b"docsExamined",
    b"errCode",
    b"errMsg",
    b"errName",
    b"exhaust",
    b"fastmod",
    b"fastmodinsert",
    b"flowControl",
    b"fromMultiPlanner",
    b"hasSortStage",
    b"idhack",
    b"keyUpdates",
    b"keysDeleted",
    b"keysExamined",
    b"keysInserted",
    b"locks",
    b"nMatched",
    b"nModified",
    b"nShards",
    b"nUpserted",
    b"ndeleted",
    b"ninserted",
    b"nmoved",
    b"nreturned",
    b"nscanned",
    b"nscannedObjects",
    b"ntoreturn",
    b"ntoskip",
    b"numYields",
    b"nupdated",
    b"ok",
    b"parameters",
    b"planCacheKey",
    b"prepareOpTime",
    b"prepareReadConflicts",
    b"protocol",
    b"queryHash",
    b"readTimestamp",
    b"remote",
    b"replanned",
    b"reslen",
    b"scanAndOrder",
    b"storage",
    b"terminationCause",
    b"timeActiveMicros",
    b"timeInactiveMicros",
    b"totalPreparedDurationMicros",
    b"upsert",
    b"usedDisk",
    b"wasPrepared",
    b"writeConflicts",
];

const OLD_LOCKS: &[u8] = b"locks(micros)";
const EXCEPTION: &[u8] = b"exception: ";

/// Whether a text begins with a counter of a name that is known.
pub(super) fn is_counter(text: &[u8]) -> bool {
    if text.starts_with(OLD_LOCKS) || text.starts_with(EXCEPTION) {
        return true;
    }
    let name_len = text.iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_valued = matches!(text.get(name_len..), Some([b':', value, ..]) if *value != b' ');
    is_valued && text.get(..name_len).is_some_and(|name| NAMES.binary_search(&name).is_ok())
}

/// What a counter says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value<'a> {
    /// A number, `true`, `op_msg`, `Timestamp(0, 0)` …
    Word(&'a [u8]),
    /// Between quotes, escaped.
    Quoted(&'a [u8]),
    /// With its brackets.
    Document(&'a [u8]),
    /// `r:120 w:4`: for how many microseconds locks were held, by mode.
    OldLocks(&'a [u8]),
    /// What went wrong, before 3.2; as it is.
    Exception(&'a [u8]),
}

/// The counters of a line, in its order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counters<'a> {
    rest: &'a [u8],
}

impl<'a> Counters<'a> {
    /// Of a text that begins at a counter.
    pub fn new(text: &'a [u8]) -> Self {
        Counters { rest: text }
    }

    /// The number that a counter of this name says.
    pub fn number(self, name: &[u8]) -> Option<&'a [u8]> {
        self.into_iter().find_map(|(found, value)| match value {
            Value::Word(word) if found == name && is_number(word) => Some(word),
            _ => None,
        })
    }

    /// Takes so many bytes.
    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, b""));
        self.rest = rest;
        taken
    }

    fn old_locks(&mut self) -> Value<'a> {
        self.take(OLD_LOCKS.len());
        let is_of_mode = |token: &&[u8]| matches!(token, [b'r' | b'R' | b'w' | b'W', b':', ..]);
        let tokens = self.rest.split(|byte| *byte == b' ').skip(1).take_while(is_of_mode);
        let len = tokens.map(|token| token.len() + 1).sum();
        Value::OldLocks(self.take(len).trim_ascii())
    }

    /// The text has no end of its own: the code stands behind it, or what always follows.
    fn exception(&mut self) -> Value<'a> {
        self.take(EXCEPTION.len());
        let is_end = |at: &usize| self.rest.get(at + 1..).is_some_and(is_counter);
        let len = memchr_iter(b' ', self.rest).find(is_end).unwrap_or(self.rest.len());
        Value::Exception(self.take(len))
    }

    fn value(&mut self) -> Value<'a> {
        // Before 2.6, yields stand behind a blank.
        if let [b' ', b'0'..=b'9', ..] = self.rest {
            self.take(1);
        }
        match self.rest {
            [b'{', ..] => Value::Document(self.take(bracketed_len(self.rest))),
            [b'"', behind @ ..] => {
                let len = quoted_len(behind);
                self.take(1);
                let inside = self.take(len);
                self.take(1);
                Value::Quoted(inside)
            }
            _ => {
                let mut depth = 0usize;
                let is_inside = |byte: &&u8| {
                    match byte {
                        b'(' => depth += 1,
                        b')' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    **byte != b' ' || depth > 0
                };
                let len = self.rest.iter().take_while(is_inside).count();
                let word = self.take(len);
                Value::Word(word.strip_suffix(b",").unwrap_or(word))
            }
        }
    }
}

/// What a document of the server's own takes, or the pattern of an index: its strings hold no quotes
/// and no brackets of their own.
pub(super) fn bracketed_len(text: &[u8]) -> usize {
    let mut depth = 0usize;
    let end = text.iter().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    end.map_or(text.len(), |end| end + 1)
}

impl<'a> Iterator for Counters<'a> {
    /// Name and value.
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.rest.is_empty() {
                return None;
            }
            if self.rest.starts_with(OLD_LOCKS) {
                return Some((b"locks(micros)", self.old_locks()));
            }
            if self.rest.starts_with(EXCEPTION) {
                return Some((b"exception", self.exception()));
            }
            let is_of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
            let name_len = self.rest.iter().take_while(is_of_name).count();
            let name = self.take(name_len);
            if self.rest.starts_with(b":") && NAMES.binary_search(&name).is_ok() {
                self.take(1);
                return Some((name, self.value()));
            }
            let len = self.rest.iter().take_while(|byte| **byte != b' ').count();
            self.take(len);
        }
    }
}

/// Whether a word is a whole number that JSON can hold.
pub(super) fn is_number(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let is_plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]);
    is_plain && digits.len() <= 20 && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_counters_of_every_version() {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = |line: &str| {
            let told = Counters::new(line.as_bytes()).map(|(name, value)| {
                let value = match value {
                    Value::Word(word) => text(word),
                    Value::Quoted(inside) => format!("<{}>", text(inside)),
                    Value::Document(document) => format!("<{}>", text(document)),
                    Value::OldLocks(modes) => format!("<{}>", text(modes)),
                    Value::Exception(what) => format!("<{}>", text(what)),
                };
                format!("{}={value}", text(name))
            });
            told.collect::<Vec<_>>().join(" | ")
        };
        for (line, expected) in [
            (
                "nscanned:5 keyUpdates:0  locks(micros) r:29773 w:4 nreturned:1",
                "nscanned=5 | keyUpdates=0 | locks(micros)=<r:29773 w:4> | nreturned=1",
            ),
            (
                "keyUpdates:0 numYields: 3 locks(micros)",
                "keyUpdates=0 | numYields=3 | locks(micros)=<>",
            ),
            (
                "exception: E11000 duplicate key: x code: y code:11000 numYields:0",
                "exception=<E11000 duplicate key: x code: y> | code=11000 | numYields=0",
            ),
            (
                "exception: not master locks(micros) w:1",
                "exception=<not master> | locks(micros)=<w:1>",
            ),
            (
                r#"ok:0 errMsg:"a \"b\" {" errName:NoSuch errCode:7 locks:{ Global: { r: 1 } } reslen:4"#,
                r#"ok=0 | errMsg=<a \"b\" {> | errName=NoSuch | errCode=7 | locks=<{ Global: { r: 1 } }> | reslen=4"#,
            ),
            (
                "parameters:{ a: 1 }, readTimestamp:Timestamp(0, 0), nMatched:1",
                "parameters=<{ a: 1 }> | readTimestamp=Timestamp(0, 0) | nMatched=1",
            ),
            ("unrecognized storage:{} allowDiskUse: False )( x", "storage=<{}>"),
            (r#"errMsg:"no end"#, "errMsg=<no end>"),
            ("locks:{ a: 1", "locks=<{ a: 1>"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
        assert!(NAMES.is_sorted());
        assert_eq!(Counters::new(b"nscanned:x ntoskip:-20 ").number(b"ntoskip"), Some(&b"-20"[..]));
        assert!(is_counter(b"nreturned:1") && !is_counter(b"nreturned: 1") && !is_counter(b"x:1"));
    }
}
