//! Masking of commands: what may enter the model and reports.
//!
//! In: a command as Extended JSON. Out: the same without the envelope and without constants, as
//! compact Extended JSON of one line. Constants are strings that name their kind (`"?number"`); of
//! a run of equal ones the first stands, with a count (`"… 29 more"`). What a fingerprint keeps stays:
//! names, field paths, directions, flags of operators. Both walk the same [`Place`]s, so a masked
//! command has the fingerprint of its original.

use super::doc::{Arena, Doc, Kind, Value};
use super::shape::RegexClass;
use super::shape::command::{self, Command, Op};
use super::shape::filter::{is_condition, is_operators};
use super::shape::place::Place;
use super::shape::{kinds, names, tables, words};

/// Stands for text that is withheld.
const WITHHELD: &str = "…";

/// Stands where a command ends early.
const REST: &str = "\"$elided\":\"rest\"";

/// Appends a command without its constants to `out`. Text that is no document becomes `…`.
pub fn mask_command(command: &[u8], out: &mut String) {
    let mut arena = Arena::default();
    let is_document = |doc: &Doc<'_>| matches!(doc.root().kind(), Kind::Object | Kind::Elided);
    let doc = Doc::read(command, &mut arena).filter(is_document);
    let Some(doc) = doc else { return out.push_str(WITHHELD) };
    let mut mask = Mask { out: Vec::with_capacity(command.len().min(4096)) };
    let found = Command::of(doc);
    mask.command(doc.root(), &found, found.is_cut);
    out.push_str(&String::from_utf8_lossy(&mask.out));
}

struct Mask {
    out: Vec<u8>,
}

impl Mask {
    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn word(&mut self, word: &str) {
        names::write_quoted(word.as_bytes(), &mut self.out);
    }

    /// A command, or what wraps one. At most as deep as the document.
    fn command(&mut self, document: Value<'_>, found: &Command<'_>, is_cut: bool) {
        let inner = command::unwrapped(document);
        let table = match (&found.op, found.name) {
            (Op::Update, Some(name)) if name.has_key("q") || name.has_key("u") => &tables::UPDATE,
            (Op::Delete, Some(name)) if name.has_key("q") => &tables::DELETE,
            (op, _) => op.table(),
        };
        self.push("{");
        let start = self.out.len();
        for member in document.children() {
            let name = member.key();
            if command::is_envelope(&name) && *name != *b"$db" {
                continue;
            }
            self.key(&name, start);
            let is_name = found.name.is_some_and(|name| name.is(member));
            if inner.is_some_and(|inner| inner.is(member)) {
                self.command(member, found, false);
            } else if *name == *b"$db" {
                self.value(member, Place::Label);
            } else if is_name && table.known(&name).is_none() {
                self.name(member, &found.op);
            } else {
                let is_wrapped = *name == *b"filter" && command::is_wrapper(member);
                let place = if is_wrapped {
                    Place::Table(table)
                } else {
                    Place::Table(table).member(&name)
                };
                self.value(member, shown(place));
            }
        }
        if is_cut {
            if self.out.len() > start {
                self.push(",");
            }
            self.push(REST);
        }
        self.push("}");
    }

    /// What stands behind the name of a command.
    fn name(&mut self, value: Value<'_>, op: &Op) {
        match value.kind() {
            Kind::String if command::is_named(op) => self.value(value, Place::Label),
            Kind::Object if *op == Op::Command("group".to_owned()) => {
                self.value(value, Place::Table(&tables::GROUP));
            }
            Kind::Number if !matches!(op, Op::GetMore) => self.push("1"),
            _ => self.value(value, Place::Options),
        }
    }

    fn key(&mut self, name: &[u8], start: usize) {
        if self.out.len() > start {
            self.push(",");
        }
        names::write_masked_path(name, &mut self.out);
        self.push(":");
    }

    fn value(&mut self, value: Value<'_>, place: Place) {
        match (value.kind(), place) {
            (_, Place::Script) => self.word("?js"),
            (Kind::Elided, _) => {
                self.push("{\"$elided\":");
                self.word(match value.text().as_ref() {
                    b"array" => "array",
                    b"items" => "items",
                    b"object" | b"" => "object",
                    _ => "text",
                });
                self.push("}");
            }
            (Kind::Object, _) => self.document(value, place),
            (Kind::Array, _) => self.array(value, place),
            _ => self.scalar(value, place),
        }
    }

    fn document(&mut self, value: Value<'_>, place: Place) {
        let place = place_within(value, place);
        self.push("{");
        let start = self.out.len();
        for member in value.children() {
            let name = member.key();
            let is_pattern = *name == *b"$regex" && matches!(place, Place::Condition);
            let options = || value.get("$options").map(Value::text).unwrap_or_default();
            match place.member(&name) {
                _ if is_pattern && member.kind() == Kind::String => {
                    self.key(&name, start);
                    self.word(RegexClass::of(&member.text(), &options()).pattern());
                }
                Place::Dropped if *name == *b"$options" => {
                    self.key(&name, start);
                    self.word(if member.text().contains(&b'i') { "i" } else { "" });
                }
                within => {
                    self.key(&name, start);
                    self.value(member, shown(within));
                }
            }
        }
        self.push("}");
    }

    /// Items, each in its place. Of three or more that look the same, one stands with a count.
    fn array(&mut self, value: Value<'_>, place: Place) {
        let place = place.item();
        self.push("[");
        let start = self.out.len();
        let mut last = start..start;
        let mut repeated = Repeated::default();
        let mut kept = 0;
        for item in value.children() {
            kept += 1;
            if item.kind() == Kind::More {
                repeated.count_told(&item.text());
                continue;
            }
            let before = self.out.len();
            self.value(item, place);
            let text = self.out.get(before..).unwrap_or_default();
            let is_name = text.starts_with(b"\"") && !text.starts_with(b"\"?");
            let may_repeat = !is_name && !matches!(place, Place::Stage);
            if may_repeat && self.out.get(last.clone()) == Some(text) {
                self.out.truncate(before);
                repeated.seen += 1;
            } else {
                let new = self.out.split_off(before);
                self.repeat(&mut repeated, last.clone());
                if self.out.len() > start {
                    self.push(",");
                }
                last = self.out.len()..self.out.len() + new.len();
                self.out.extend_from_slice(&new);
            }
        }
        repeated.told += value.len().saturating_sub(kept) as u64;
        self.repeat(&mut repeated, last);
        self.push("]");
    }

    /// Tells how often the last item is repeated.
    fn repeat(&mut self, repeated: &mut Repeated, last: std::ops::Range<usize>) {
        match std::mem::take(repeated) {
            Repeated { seen: 0, told: 0 } => {}
            Repeated { seen: 1, told: 0 } => {
                self.push(",");
                self.out.extend_from_within(last);
            }
            Repeated { seen, told } => {
                if self.out.last() != Some(&b'[') {
                    self.push(",");
                }
                self.push(&format!("\"… {} more\"", seen.saturating_add(told)));
            }
        }
    }

    fn scalar(&mut self, value: Value<'_>, place: Place) {
        let text = value.text();
        let is_string = kinds::is_own_string(value);
        let keep = |name: Option<&'static str>| name.filter(|_| is_string);
        match place {
            Place::Table(table) if table.short.is_some() => {
                let name = table.short.unwrap_or_default();
                self.scalar(value, shown(place.member(name.as_bytes())));
            }
            _ if matches!(value.kind(), Kind::Null | Kind::Undefined) => self.push("null"),
            _ if value.kind() == Kind::Regex => self.regex(value),
            Place::Expression | Place::Projection | Place::Attribute
                if is_string && text.len() > 1 && text.starts_with(b"$") =>
            {
                names::write_masked_path(&text, &mut self.out);
            }
            Place::Projection | Place::Attribute => match value.as_flag() {
                Some(shown) => self.push(if shown { "1" } else { "0" }),
                None => self.constant(value),
            },
            Place::Exists | Place::OnlyTrue => match value.as_flag() {
                Some(flag) => self.push(if flag { "true" } else { "false" }),
                None => self.constant(value),
            },
            Place::Count if value.as_flag() == Some(false) => self.push("0"),
            Place::DeleteLimit => match value.as_flag() {
                Some(flag) => self.push(if flag { "1" } else { "0" }),
                None => self.constant(value),
            },
            Place::Sort | Place::Hint if value.kind() == Kind::Number => {
                let descending = value.as_f64().is_some_and(|direction| direction < 0.0);
                self.push(if descending { "-1" } else { "1" });
            }
            Place::Types => {
                let by_number = value.as_i64().and_then(words::type_of_number);
                self.kept(by_number.or_else(|| keep(words::type_name(&text))), value);
            }
            Place::GeometryType => self.kept(keep(words::geometry(&text)), value),
            Place::Meta => self.kept(keep(words::meta(&text)), value),
            Place::Sort => self.kept(keep(words::index_kind(&text)), value),
            Place::Name | Place::Label | Place::Hint | Place::Namespace if is_string => {
                names::write_quoted(&text, &mut self.out);
            }
            Place::Path | Place::Rename if is_string => {
                names::write_masked_path(&text, &mut self.out);
            }
            Place::Namespace => match value.as_i64() {
                Some(index) => self.push(&index.to_string()),
                None => self.constant(value),
            },
            Place::Collation if words::is_collation_option(value) => {
                match value.kind() == Kind::String {
                    true => names::write_quoted(&text, &mut self.out),
                    false => self.out.extend_from_slice(&text),
                }
            }
            _ => self.constant(value),
        }
    }

    fn kept(&mut self, word: Option<&str>, value: Value<'_>) {
        match word {
            Some(word) => self.word(word),
            None => self.constant(value),
        }
    }

    fn constant(&mut self, value: Value<'_>) {
        self.word(kinds::word(value));
    }

    fn regex(&mut self, value: Value<'_>) {
        let (pattern, options) = value.regex().unwrap_or_default();
        let class = RegexClass::of(&pattern, &options);
        self.push("{\"$regularExpression\":{\"pattern\":");
        self.word(class.pattern());
        self.push(",\"options\":");
        self.word(if class.ignores_case { "i" } else { "" });
        self.push("}}");
    }
}

/// How often an item is repeated behind itself.
#[derive(Default)]
struct Repeated {
    seen: u64,
    /// What a mask told already, or the document only counted.
    told: u64,
}

impl Repeated {
    /// Adds what `… 29 more` says.
    fn count_told(&mut self, text: &[u8]) {
        let digits = text.iter().filter(|byte| byte.is_ascii_digit());
        let count = digits.fold(0u64, |count, digit| {
            count.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        });
        self.told = self.told.saturating_add(count);
    }
}

/// What is no part of a fingerprint is shown all the same, without its constants.
fn shown(place: Place) -> Place {
    match place {
        Place::Dropped => Place::Options,
        place => place,
    }
}

/// What the members of a document are, where that depends on the document.
fn place_within(value: Value<'_>, place: Place) -> Place {
    match place {
        Place::Condition if !is_operators(value) => Place::Literal,
        Place::Element if is_condition(value) => Place::Condition,
        Place::Element => Place::Filter,
        Place::List if is_operators(value) => Place::Condition,
        Place::Update | Place::Pushed if !is_operators(value) => Place::Value,
        Place::Label => Place::Table(&tables::LABELS),
        place => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn constants_go_and_structure_stays() {
        for (command, expected) in [
            (r#"{"find":"orders","filter":{"status":"open","n":5,"at":{"$gte":{"$date":"2026-01-01T00:00:00Z"}},"gone":null,"x":{"$exists":true}},"sort":{"at":-1.0},"projection":{"_id":false,"a":7},"limit":20,"skip":0,"lsid":{"id":{"$uuid":"u"}},"comment":"c","$db":"shop"}"#,
             r#"{"find":"orders","filter":{"status":"?string","n":"?number","at":{"$gte":"?date"},"gone":null,"x":{"$exists":true}},"sort":{"at":-1},"projection":{"_id":0,"a":1},"limit":"?number","skip":0,"$db":"shop"}"#),
            (r#"{"find":"c","filter":{"a":{"$in":["x","y",3,4,5,6]},"b":[1,1,1],"r":{"$regex":"^secret","$options":"im"},"s":{"$regularExpression":{"pattern":"^s","options":""}},"65f854622d7d6b4a0f60378a":1,"l.0.z":1,"m.123456":1}}"#,
             r#"{"find":"c","filter":{"a":{"$in":["?string","?string","?number","… 3 more"]},"b":["?number","… 2 more"],"r":{"$regularExpression":{"pattern":"?","options":"i"}},"s":{"$regularExpression":{"pattern":"^?","options":""}},"<key>":"?number","l.0.z":"?number","m.#":"?number"}}"#),
            (r#"{"aggregate":"c","pipeline":[{"$match":{"a":"$no"}},{"$limit":5},{"$limit":5},{"$limit":5},{"$lookup":{"from":"d","localField":"l","foreignField":"f","as":"z"}},{"$set":{"p":{"$concat":["$a","s","$b"]},"f":{"$function":{"body":"code"}}}}],"hint":"a_1","collation":{"locale":"fr"}}"#,
             r#"{"aggregate":"c","pipeline":[{"$match":{"a":"?string"}},{"$limit":"?number"},{"$limit":"?number"},{"$limit":"?number"},{"$lookup":{"from":"d","localField":"l","foreignField":"f","as":"z"}},{"$set":{"p":{"$concat":["$a","?string","$b"]},"f":{"$function":"?js"}}}],"hint":"a_1","collation":{"locale":"fr"}}"#),
            (r#"{"insert":"c","documents":[{"a":1},{"a":2},{"a":3}],"ordered":true,"$db":"d"}"#,
             r#"{"insert":"c","documents":[{"a":"?number"},"… 2 more"],"$db":"d"}"#),
            (r#"{"update":"c","updates":[{"q":{"_id":1},"u":{"$set":{"a":{"b":"s"}}},"multi":false,"upsert":true}]}"#,
             r#"{"update":"c","updates":[{"q":{"_id":"?number"},"u":{"$set":{"a":{"b":"?string"}}},"multi":false,"upsert":true}]}"#),
            (r#"{"getMore":123,"collection":"c","$db":"d"}"#, r#"{"getMore":"?number","collection":"c","$db":"d"}"#),
            (r#"{"createUser":"bob","pwd":"hunter2"}"#, r#"{"createUser":"?string","pwd":"?string"}"#),
            (r#"{"explain":{"find":"c","filter":{"a":"s"}},"verbosity":"x"}"#, r#"{"explain":{"find":"c","filter":{"a":"?string"}}}"#),
            (r#"{"find":"c","filter":{"a":1,"b":{"$elided":"object"},"c":"cut"#,
             r#"{"find":"c","filter":{"a":"?number","b":{"$elided":"object"},"c":{"$elided":"object"}},"$elided":"rest"}"#),
            ("secret", "…"),
            ("", "…"),
            (r#""secret""#, "…"),
        ] {
            let mut out = String::new();
            mask_command(command.as_bytes(), &mut out);
            assert_eq!(out, expected, "{command}");
        }
    }
}
