//! Walks `fixtures/prefix`: each file states a `log_line_prefix`, holds lines as PostgreSQL writes
//! them with it, and after each what it says. Both ways to read them are held to that: with the
//! format stated, and with the format inferred from the few lines of the file itself.

use querylens::read::logs::postgres::prefix::{Head, InferredPrefix, PrefixFormat, PrefixReader};
use querylens::time::ZoneTable;
use std::path::Path;

struct Fixture {
    name: String,
    format: PrefixFormat,
    /// Lines, each with what is expected of it.
    lines: Vec<(String, String)>,
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/prefix");
    let entries = std::fs::read_dir(folder).expect("fixtures/prefix");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fixture(path)).collect()
}

fn fixture(path: &Path) -> Fixture {
    let text = std::fs::read_to_string(path).expect("a readable fixture");
    let mut lines = text.lines();
    let stated = lines.next().and_then(|line| line.strip_prefix("prefix: ")).expect("a format");
    let format = PrefixFormat::parse(stated).expect("a valid format");
    let lines: Vec<&str> = lines.collect();
    let pairs = lines.chunks(2).map(|pair| match pair {
        [line, expected] => {
            let expected = expected.strip_prefix("=> ").expect("an expectation");
            (line.to_string(), expected.to_owned())
        }
        _ => panic!("{path:?}: a line without an expectation"),
    });
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    Fixture { name, format, lines: pairs.collect() }
}

/// A head in the words of the fixtures.
fn told(line: &str, head: Option<Head<'_>>) -> String {
    let Some(head) = head else {
        return "continuation".to_owned();
    };
    let prefix = head.prefix;
    let text = |value: Option<&[u8]>| value.map(|v| String::from_utf8_lossy(v).into_owned());
    let fields = [
        ("severity", Some(head.severity.name().to_owned())),
        ("message", Some(line[head.message_at..].to_owned())),
        ("time", prefix.time.map(|time| time.rfc3339())),
        ("pid", prefix.pid.map(|pid| pid.to_string())),
        ("user", text(prefix.user)),
        ("database", text(prefix.database)),
        ("app", text(prefix.app)),
        ("host", text(prefix.host)),
        ("line_num", prefix.line_num.map(|number| number.to_string())),
        ("sqlstate", text(prefix.sqlstate)),
        ("query_id", prefix.query_id.map(|id| id.to_string())),
        ("command_tag", text(prefix.command_tag)),
        ("backend_type", text(prefix.backend_type)),
        ("session", text(prefix.session)),
    ];
    let told = fields.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    told.collect::<Vec<_>>().join("\t")
}

/// What a reader says differently from the fixture.
fn differences(fixture: &Fixture, inferred: &InferredPrefix, zones: &ZoneTable) -> Vec<String> {
    let mut reader = PrefixReader::new(inferred, zones);
    let wrong = fixture.lines.iter().filter_map(|(line, expected)| {
        let told = told(line, reader.head(line.as_bytes()));
        (told != *expected)
            .then(|| format!("{}: {line}\n  told     {told}\n  expected {expected}", fixture.name))
    });
    wrong.collect()
}

#[test]
fn stated_formats_are_read() {
    let zones = ZoneTable::new(None).expect("no zone");
    let fixtures = fixtures();
    assert!(fixtures.len() >= 30, "{} formats", fixtures.len());
    let wrong = fixtures.iter().flat_map(|fixture| {
        let stated = InferredPrefix::stated(fixture.format.clone(), b"", &zones);
        differences(fixture, &stated, &zones)
    });
    assert_eq!(wrong.collect::<Vec<_>>().join("\n"), "");
}

#[test]
fn formats_are_inferred_from_short_files() {
    let zones = ZoneTable::new(None).expect("no zone");
    let wrong = fixtures().into_iter().flat_map(|fixture| {
        let sample: String = fixture.lines.iter().map(|(line, _)| format!("{line}\n")).collect();
        let inferred = InferredPrefix::infer(sample.as_bytes(), &zones);
        let mut wrong = differences(&fixture, &inferred, &zones);
        if let Some(first) = wrong.first_mut() {
            first.insert_str(0, &format!("{}\n", inferred.explanation));
        }
        wrong
    });
    assert_eq!(wrong.collect::<Vec<_>>().join("\n"), "");
}
