//! What single formats cannot show: odd files, wrong settings, hostile bytes. The formats themselves
//! are walked from the fixtures.

use super::*;

fn zones() -> ZoneTable {
    ZoneTable::new(None).expect("no zone stated")
}

/// What the reader understood of each line, in short: `pid/user/database/app/host: message`.
fn told(inferred: &InferredPrefix, text: &str) -> Vec<String> {
    let zones = zones();
    let mut reader = PrefixReader::new(inferred, &zones);
    let tell = |line: &str| {
        let Some(head) = reader.head(line.as_bytes()) else {
            return "-".to_owned();
        };
        let name = |value: Option<&[u8]>| {
            value.map(|v| String::from_utf8_lossy(v).into_owned()).unwrap_or_default()
        };
        let prefix = head.prefix;
        let pid = prefix.pid.map(|pid| pid.to_string()).unwrap_or_default();
        let names = [prefix.user, prefix.database, prefix.app, prefix.host].map(name).join("/");
        format!("{pid}/{names}: {}", &line[head.message_at..])
    };
    text.lines().map(tell).collect()
}

#[test]
fn short_odd_files_are_inferred() {
    for (text, format, expected) in [
        ("LOG:  a\nERROR:  b\n", "", vec!["////: a", "////: b"]),
        ("LOG:  AUDIT: a\nERROR:  42P01: b\n", "", vec!["////: AUDIT: a", "////: b"]),
        (
            "2024-01-15 10:00:00.000 UTC [3001] app@appdb api: LOG:  a",
            "%m [%p] %q%u@%d %a: ",
            vec!["3001/app/appdb/api/: a"],
        ),
        (
            "2021-05-27 17:00:00 UTC:10.1.91.65:bob@db:[24743]:LOG: a",
            "%t:%h:%u@%d:[%p]:",
            vec!["24743/bob/db//10.1.91.65: a"],
        ),
        (
            "2020-03-11T20:40:43.000Z 2020-03-11 20:40:43 UTC::@:[12]:LOG:  a\n\
             2020-03-11T20:40:44.000Z 2020-03-11 20:40:44 UTC:::1(5):u@d:[13]:LOG:  b",
            "%m %t:%r:%u@%d:[%p]:",
            vec!["12////: a", "13/u/d//::1: b"],
        ),
        (
            // The setting changed in between.
            "2024-01-15 10:00:00.000 UTC [1] LOG:  a\n2024-01-15 10:00:01.000 UTC [1] LOG:  b\n\
             2024-01-15 10:00:02 UTC;2;bob;shop;LOG:  c\n2024-01-15 10:00:03 UTC;2;eve;shop;LOG:  d",
            "%m [%p] , %t;%p;%u;%d;",
            vec!["1////: a", "1////: b", "2/bob/shop//: c", "2/eve/shop//: d"],
        ),
        (
            // Other programs' lines among PostgreSQL's.
            "2024-01-15 10:00:00.000 UTC [1] LOG:  a\n\
             2024-01-15 10:00:00.000 P00   INFO: archive-push command begin\n\
             2024-01-15 10:00:00,123 INFO: no action. I am the leader\n\
             psql:x.sql:3: ERROR:  relation\n\
             TopMemoryContext: 99256 total in 6 blocks\n\
             \t'2024-01-15 10:00:00.000 UTC [1] LOG:  in a statement'",
            "%m [%p] ",
            vec!["1////: a", "-", "-", "-", "-", "-"],
        ),
        (
            "2024-01-15 10:00:00.000 UTC [7] bob@shop ERROR:  42P01: no such table\n\
             2024-01-15 10:00:00.000 UTC [7] bob@shop LOCATION:  parserOpenTable\n\
             2024-01-15 10:00:00.000 UTC [7] bob@shop STATEMENT:",
            "%m [%p] %q%u@%d ",
            vec!["7/bob/shop//: no such table", "7/bob/shop//: parserOpenTable", "7/bob/shop//: "],
        ),
    ] {
        let inferred = InferredPrefix::infer(text.as_bytes(), &zones());
        let formats: Vec<String> = inferred.formats.iter().map(PrefixFormat::text).collect();
        assert_eq!(told(&inferred, text), expected, "{}", inferred.explanation);
        let joined = formats.join(", ");
        assert_eq!(joined.replace("%q", ""), format.replace("%q", ""), "{text}");
    }
}

#[test]
fn a_wrong_stated_format_never_hides_the_log() {
    let text = "2024-01-15 10:00:00.000 UTC [3001] app@appdb psql LOG:  a\n\
                2024-01-15 10:00:01.000 UTC [3002] app@appdb my tool LOG:  b\n\
                2024-01-15 10:00:02.000 UTC [12] LOG:  c";
    let wrong = PrefixFormat::parse("%t %c user=%u ").expect("a valid format");
    // With a sample, the right format is found beside it.
    let beside = InferredPrefix::stated(wrong.clone(), text.as_bytes(), &zones());
    let expected = ["3001/app/appdb/psql/: a", "3002/app/appdb/my tool/: b", "12////: c"];
    assert_eq!(told(&beside, text), expected, "{}", beside.explanation);
    assert!(beside.explanation.contains("(stated, fits 0 of 3 sample lines), then '"));
    // Without one, messages, times, processes and what names itself are still understood.
    let alone = InferredPrefix::stated(wrong, b"", &zones());
    let expected = ["3001/app/appdb//: a", "3002/app/appdb//: b", "12////: c"];
    assert_eq!(told(&alone, text), expected);
}

#[test]
fn names_with_blanks_and_half_right_formats_are_read_leniently() {
    for (format, line, expected) in [
        (
            "%m [%p] %u@%d ",
            "2024-01-15 10:00:00.000 UTC [7] bob b@my db LOG:  a",
            "7/bob b/my db//: a",
        ),
        ("%m [%p] user=%u ", "2024-01-15 10:00:00.000 UTC [7] LOG:  a", "7////: a"),
        ("%m [%p] ", "  2024-01-15 10:00:00.000 UTC [7] LOG:  a", "7////: a"),
        ("%t [%p]", "1690547999.456 [7] LOG:  a", "7////: a"),
        (
            "%m %c %q%a ",
            "2024-01-15 10:00:00.000 UTC 6b03aafd.16c9 x LOG:  y LOG:  a",
            "5833///x/: y LOG:  a",
        ),
    ] {
        let format = PrefixFormat::parse(format).expect(format);
        let stated = InferredPrefix::stated(format, b"", &zones());
        assert_eq!(told(&stated, line), [expected], "{line}");
    }
}

#[test]
fn only_primary_lines_begin_records() {
    let text = b"2024-01-15 10:00:00.000 UTC [7] LOG:  a\n";
    let (zones, stated) = (zones(), InferredPrefix::infer(text, &zones()));
    let mut reader = PrefixReader::new(&stated, &zones);
    assert!(reader.is_record_start(b"2024-01-15 10:00:00.000 UTC [7] ERROR:  x"));
    assert!(!reader.is_record_start(b"2024-01-15 10:00:00.000 UTC [7] STATEMENT:  x"));
    assert!(!reader.is_record_start(b"\t2024-01-15 10:00:00.000 UTC [7] ERROR:  x"));
    assert!(!reader.is_record_start(b""));
}

#[test]
fn hostile_lines_neither_panic_nor_stall() {
    let seeds: [&[u8]; 5] = [
        b"2024-01-15 10:00:00.000 UTC [7] bob@shop my app 10.0.0.1(5) LOG:  a",
        b"1690547999.456 6b03aafd.16c9 3/1042 42P01 app=x y,db=[unknown] ERROR:  42P01: b",
        b"LOG:  LOG:  @@@[[[((( LOG: : ::: user=user=user= db=,= FATAL:",
        b"0000-00-00 99:99:99 +99:99 [99999999999999999999] \xff\xfe\x00 -- PANIC:  ",
        b"9999-12-31 23:59:60.999999999 -23:59:59 [-1-1-1] a@b@c ::1(((5))) STATEMENT:  x",
    ];
    let pieces: [&[u8]; 8] = [b" ", b"@", b":", b"=", b"[", b"\xc3", b"LOG:  ", b"user="];
    let mut sample = Vec::new();
    for seed in seeds {
        for at in 0..=seed.len() {
            for piece in pieces {
                sample.extend_from_slice(&seed[..at]);
                sample.extend_from_slice(piece);
                sample.extend_from_slice(&seed[at..]);
                sample.push(b'\n');
            }
        }
    }
    // Long lines of what the search branches on.
    for piece in pieces {
        sample.extend(piece.iter().cycle().take(200_000));
        sample.extend_from_slice(b"LOG:  x\n");
    }
    let zones = zones();
    let formats = ["", "%u%d%a%h%r%i%b", "%m [%p] %a %a %a %a %a %a LOG: ", "%-10p%20c%v%s%Q"];
    for format in formats {
        let format = PrefixFormat::parse(format).expect(format);
        let stated = InferredPrefix::stated(format, &sample, &zones);
        let mut reader = PrefixReader::new(&stated, &zones);
        for line in sample.split(|byte| *byte == b'\n') {
            let message_at = reader.head(line).map_or(0, |head| head.message_at);
            assert!(message_at <= line.len());
        }
    }
}

/// Remembering prefixes must change nothing, whatever the lines are.
#[test]
fn the_memo_gives_the_matchers_answer() {
    let log = include_bytes!("../../../../../fixtures/bench/stderr.log");
    let zones = zones();
    let inferred = InferredPrefix::infer(log, &zones);
    let mut plain = PrefixReader::new(&inferred, &zones).without_memo();
    let mut with_memo = PrefixReader::new(&inferred, &zones);
    assert!(with_memo.memo.is_some(), "this format is one to remember");
    let mut lines: Vec<Vec<u8>> = log.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    // The same lines with one byte changed, in the prefix and behind it.
    let changed: Vec<Vec<u8>> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| {
            let mut line = line.clone();
            let at = (number * 7) % line.len().min(90);
            line[at] = b" :[]@xL0\t"[number % 9];
            line
        })
        .collect();
    lines.extend(changed);
    for line in &lines {
        assert_eq!(with_memo.head(line), plain.head(line), "{}", String::from_utf8_lossy(line));
    }
}
