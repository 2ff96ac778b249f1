//! One line below a node, `Key: value`, as the properties that the JSON form has for it: the same
//! names, values and units.

use super::super::names::{is_plain, is_unsaid_at_zero};
use super::super::references;
use super::node::leading_number;
use crate::model::plan::{Properties, Value};
use crate::read::plans::Builder;
use crate::read::plans::tree::number_or_text;

/// Properties that are lists in the JSON form.
const LISTS: [&str; 6] = [
    "Conflict Arbiter Indexes",
    "Group Key",
    "Output",
    "Presorted Key",
    "Sort Key",
    "Sort Methods Used",
];

/// Where properties go, and how texts lose their literals on the way.
pub struct Sink<'a> {
    /// Masks.
    pub builder: &'a Builder,
    /// What was read so far.
    pub out: Properties,
}

impl Sink<'_> {
    /// Adds a number, unless it is one that says nothing.
    fn number(&mut self, name: &str, text: &str) {
        match number_or_text(leading_number(text)) {
            Value::Number(0.0) if is_unsaid_at_zero(name) => {}
            Value::Text(text) if text.is_empty() => {}
            value => self.out.push(name, value),
        }
    }

    fn word(&mut self, name: &str, text: &str) {
        self.out.push(name, Value::Text(text.into()));
    }

    /// A text without its literals, if it may hold some.
    pub fn text(&self, name: &str, text: &str) -> Value {
        match is_plain(name) {
            true => Value::Text(text.into()),
            false => Value::Text(references::masked(self.builder, text)),
        }
    }

    /// The items of a list in one line.
    pub fn list(&self, name: &str, text: &str) -> Value {
        Value::List(split_list(text).into_iter().map(|item| self.text(name, item)).collect())
    }

    /// Adds what a line says.
    pub fn property(&mut self, key: &str, value: &str) {
        match key {
            "Buffers" => self.scoped(value, |scope, what| format!("{scope} {what} Blocks")),
            "I/O Timings" => self.scoped(value, |scope, what| match scope {
                // Up to 16 the blocks of tables, local ones included, go by no name.
                "" | "Shared/local" => format!("I/O {what} Time"),
                _ => format!("{scope} I/O {what} Time"),
            }),
            "WAL" => self.words(value, |what| match what {
                "fpi" => "WAL FPI".to_owned(),
                _ => format!("WAL {}", titled(what)),
            }),
            "Heap Blocks" => self.words(value, |what| format!("{} Heap Blocks", titled(what))),
            "Memory" => self.words(value, |what| format!("Memory {}", titled(what))),
            "Tuples" => {
                for what in ["inserted", "updated", "deleted", "skipped"] {
                    let count =
                        value.split_once(&format!("{what}=")).map_or("0", |(_, count)| count);
                    self.number(&format!("Tuples {}", titled(what)), count);
                }
            }
            "Full-sort Groups" | "Pre-sorted Groups" => self.sort_groups(key, value),
            "Sampling" => self.sampling(value),
            "Settings" => self.out.push(key, Value::Group(settings(value))),
            "Sort Method" | "Buckets" | "Batches" | "Planned Partitions" | "Hits" | "Storage" => {
                self.fields(key, value);
            }
            _ if LISTS.contains(&key) => {
                let list = self.list(key, value);
                self.out.push(key, list);
            }
            _ => match self.plain_value(key, value) {
                Value::Number(0.0) | Value::Flag(false) if is_unsaid_at_zero(key) => {}
                value => self.out.push(key, value),
            },
        }
    }

    /// A value of which nothing is known but its form.
    fn plain_value(&self, key: &str, value: &str) -> Value {
        let is_condition = key.ends_with("Filter") || key.ends_with("Cond");
        let is_id = key == "Query Identifier";
        let number = leading_number(value);
        let unit = value.get(number.len()..).unwrap_or_default().trim();
        match value {
            "true" | "false" if !is_condition => Value::Flag(value == "true"),
            _ if is_id => self.text(key, value),
            _ if !number.is_empty() && matches!(unit, "" | "kB" | "ms" | "bytes") => {
                number_or_text(number)
            }
            _ => self.text(key, value),
        }
    }

    /// `shared hit=1 read=2, temp read=3`: counts of several kinds, each of a scope that is told once.
    fn scoped(&mut self, value: &str, name: impl Fn(&str, &str) -> String) {
        for part in value.split(',') {
            let mut scope = String::new();
            for word in part.split_whitespace() {
                match word.split_once('=') {
                    None => scope = titled(word),
                    Some((what, count)) => self.number(&name(&scope, &titled(what)), count),
                }
            }
        }
    }

    /// `records=1 buffers full=2`: counts whose names may have several words.
    fn words(&mut self, value: &str, name: impl Fn(&str) -> String) {
        let mut before: Vec<&str> = Vec::new();
        for word in value.split_whitespace() {
            match word.split_once('=') {
                None => before.push(word),
                Some((what, count)) => {
                    before.push(what);
                    self.number(&name(&before.join(" ")), count);
                    before.clear();
                }
            }
        }
    }

    /// Several `Key: value` in one line, two blanks apart.
    fn fields(&mut self, first: &str, value: &str) {
        let is_hash = first == "Buckets";
        let line = format!("{first}: {value}");
        for (key, value) in line.split("  ").filter_map(|field| field.trim().split_once(": ")) {
            let value = value.trim();
            let name = match key {
                "Sort Method" => {
                    self.word("Sort Method", value);
                    continue;
                }
                "Memory" | "Disk" if first == "Sort Method" => {
                    self.number("Sort Space Used", value);
                    self.word("Sort Space Type", key);
                    continue;
                }
                "Storage" => {
                    self.word("Storage", value);
                    continue;
                }
                "Buckets" => "Hash Buckets",
                "Batches" if is_hash => "Hash Batches",
                "Batches" => "HashAgg Batches",
                "Memory Usage" => "Peak Memory Usage",
                "Hits" => "Cache Hits",
                "Misses" => "Cache Misses",
                "Evictions" => "Cache Evictions",
                "Overflows" => "Cache Overflows",
                other => other,
            };
            self.number(name, value);
            if let Some((_, original)) = value.split_once("(originally ") {
                self.number(&format!("Original {name}"), original);
            }
        }
    }

    /// `1  Sort Method: quicksort  Average Memory: 25kB  Peak Memory: 25kB` of an incremental sort.
    fn sort_groups(&mut self, key: &str, value: &str) {
        let mut fields = value.split("  ").map(str::trim);
        let mut group = Properties::default();
        group
            .push("Group Count", number_or_text(leading_number(fields.next().unwrap_or_default())));
        let mut spaces: Vec<(&str, Properties)> = Vec::new();
        for (name, value) in fields.filter_map(|field| field.split_once(": ")) {
            let number = number_or_text(leading_number(value));
            match name.split_once(' ') {
                Some(("Sort", "Method" | "Methods")) => {
                    let methods = value.split(", ").map(|method| Value::Text(method.into()));
                    group.push("Sort Methods Used", Value::List(methods.collect()));
                }
                Some((of @ ("Average" | "Peak"), kind)) => {
                    let at = spaces.iter().position(|(known, _)| *known == kind);
                    let at = at.unwrap_or_else(|| {
                        spaces.push((kind, Properties::default()));
                        spaces.len() - 1
                    });
                    spaces[at].1.push(format!("{of} Sort Space Used"), number);
                }
                _ => group.push(name, number),
            }
        }
        for (kind, space) in spaces {
            group.push(format!("Sort Space {kind}"), Value::Group(space));
        }
        self.out.push(key, Value::Group(group));
    }

    /// `system ('10'::real) REPEATABLE ('1'::double precision)`.
    fn sampling(&mut self, value: &str) {
        let (method, rest) = value.split_once(" (").unwrap_or((value, ""));
        self.word("Sampling Method", method);
        let (parameters, seed) = rest.split_once(") REPEATABLE (").unwrap_or((rest, ""));
        let close = |text: &str| text.strip_suffix(')').unwrap_or(text).to_owned();
        let parameters = self.list("Sampling Parameters", &close(parameters));
        self.out.push("Sampling Parameters", parameters);
        if !seed.is_empty() {
            let seed = self.text("Repeatable Seed", &close(seed));
            self.out.push("Repeatable Seed", seed);
        }
    }
}

/// `a = 'x', b = 'y'`: settings with the values that they were set to.
fn settings(value: &str) -> Properties {
    let mut group = Properties::default();
    for (name, value) in split_list(value).into_iter().filter_map(|one| one.split_once(" = ")) {
        let value = value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')).unwrap_or(value);
        group.push(name, Value::Text(value.replace("''", "'").into()));
    }
    group
}

/// A word with a capital.
pub fn titled(word: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in word.split(' ') {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        words.push(first.into_iter().chain(letters).collect());
    }
    words.join(" ")
}

/// The items of a list as the text form prints it: commas inside brackets and quotes are the items'.
pub fn split_list(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut depth, mut quote, mut start) = (0_i32, None, 0);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b')' | b']' | b'}') => depth -= 1,
            (None, b',') if depth <= 0 => {
                items.push(text.get(start..at).unwrap_or_default().trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(text.get(start..).unwrap_or_default().trim());
    items.retain(|item| !item.is_empty());
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Engine;
    use crate::read::plans::Literals;

    fn shown(value: &Value) -> String {
        match value {
            Value::Nothing => "null".to_owned(),
            Value::Flag(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => text.to_string(),
            Value::List(items) => {
                format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join("|"))
            }
            Value::Group(group) => format!("{{{}}}", all(group)),
        }
    }

    fn all(properties: &Properties) -> String {
        let each = properties.iter().map(|(name, value)| format!("{name}={}", shown(value)));
        each.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn lines_become_the_properties_of_json() {
        let builder = Builder::new(Engine::Postgres, "test", Literals::Hide);
        for (line, expected) in [
            (
                "Buffers: shared hit=1 read=2, local hit=3, temp read=4 written=5",
                "Shared Hit Blocks=1, Shared Read Blocks=2, Local Hit Blocks=3, Temp Read Blocks=4, Temp Written Blocks=5",
            ),
            ("I/O Timings: read=1.500", "I/O Read Time=1.5"),
            (
                "I/O Timings: shared/local read=1.5, temp write=2.5",
                "I/O Read Time=1.5, Temp I/O Write Time=2.5",
            ),
            (
                "I/O Timings: shared read=1.5, local read=2.5",
                "Shared I/O Read Time=1.5, Local I/O Read Time=2.5",
            ),
            (
                "WAL: records=1 fpi=2 bytes=3 buffers full=4",
                "WAL Records=1, WAL FPI=2, WAL Bytes=3, WAL Buffers Full=4",
            ),
            ("Heap Blocks: exact=5 lossy=6", "Exact Heap Blocks=5, Lossy Heap Blocks=6"),
            (
                "Sort Method: external merge  Disk: 123kB",
                "Sort Method=external merge, Sort Space Used=123, Sort Space Type=Disk",
            ),
            (
                "Sort Method:  quicksort  Memory: 7kB",
                "Sort Method=quicksort, Sort Space Used=7, Sort Space Type=Memory",
            ),
            (
                "Buckets: 1024 (originally 512)  Batches: 4 (originally 1)  Memory Usage: 9kB",
                "Hash Buckets=1024, Original Hash Buckets=512, Hash Batches=4, Original Hash Batches=1, Peak Memory Usage=9",
            ),
            (
                "Batches: 5  Memory Usage: 41kB  Disk Usage: 360kB",
                "HashAgg Batches=5, Peak Memory Usage=41, Disk Usage=360",
            ),
            ("Planned Partitions: 4", "Planned Partitions=4"),
            (
                "Hits: 98  Misses: 2  Evictions: 0  Overflows: 0  Memory Usage: 1kB",
                "Cache Hits=98, Cache Misses=2, Cache Evictions=0, Cache Overflows=0, Peak Memory Usage=1",
            ),
            (
                "Full-sort Groups: 2  Sort Methods: quicksort, top-N heapsort  Average Memory: 25kB  Peak Memory: 26kB",
                "Full-sort Groups={Group Count=2, Sort Methods Used=[quicksort|top-N heapsort], \
                 Sort Space Memory={Average Sort Space Used=25, Peak Sort Space Used=26}}",
            ),
            ("Storage: Disk  Maximum Storage: 17kB", "Storage=Disk, Maximum Storage=17"),
            ("Memory: used=8kB  allocated=16kB", "Memory Used=8, Memory Allocated=16"),
            (
                "Tuples: inserted=3 skipped=1",
                "Tuples Inserted=3, Tuples Updated=0, Tuples Deleted=0, Tuples Skipped=1",
            ),
            (
                "Sampling: system ('10'::real) REPEATABLE ('1'::double precision)",
                "Sampling Method=system, Sampling Parameters=['?'::real], Repeatable Seed='?'::double precision",
            ),
            ("Settings: a = 'x, y', b = '8MB'", "Settings={a=x, y, b=8MB}"),
            (
                "Sort Key: a, f(b, c) DESC, ((d = 'x, 1'::text))",
                "Sort Key=[a|f(b, c) DESC|((d = '?'::text))]",
            ),
            ("Rows Removed by Filter: 3", "Rows Removed by Filter=3"),
            ("Rows Removed by Filter: 3.5", "Rows Removed by Filter=3.5"),
            ("Filter: (secret = 'x'::text)", "Filter=(secret = '?'::text)"),
            ("One-Time Filter: false", "One-Time Filter=false"),
            ("Disabled: true", "Disabled=true"),
            ("Query Identifier: -7160422128325372127", "Query Identifier=-7160422128325372127"),
            ("Workers Planned: 2", "Workers Planned=2"),
            ("Tuple data received from node: 4 bytes", "Tuple data received from node=4"),
        ] {
            let mut sink = Sink { builder: &builder, out: Properties::default() };
            let (key, value) = super::super::line::property(line).expect(line);
            sink.property(key, value);
            assert_eq!(all(&sink.out), expected, "{line}");
        }
    }
}
