//! Records of every shape, whole and told from any part that is long enough.

use super::*;

const HEAD: &str = "# Time: 2026-11-23T03:10:43.690849Z\n# User@Host: a[a] @ h [1.2.3.4]  Id: 4\n# Query_time: 0.1  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 1\n";

/// The statements of a text, by records, told from any prefix that is long enough.
fn statements(text: &str) -> Vec<String> {
    let heads = Heads::of(text.as_bytes());
    let text = text.as_bytes();
    let (mut at, mut found) = (0, Vec::new());
    while at < text.len() {
        let step = next(text, at, heads, true, &mut Known::default());
        // Whatever is said of a part of the text is said of all of it.
        for end in at..text.len() {
            let early = next(&text[..end], at, heads, false, &mut Known::default());
            assert!(early == Next::More || early == step, "{early:?} of {end}, then {step:?}");
        }
        at = match step {
            Next::Record(record) => {
                let said = |range: &Range<usize>| String::from_utf8_lossy(&text[range.clone()]);
                let mut line = match &record.body {
                    Body::Nothing => "nothing".to_owned(),
                    Body::Admin(command) => {
                        said(command).replace("administrator command:", "admin")
                    }
                    Body::Statement { text, is_cut } => {
                        format!("{}{}", said(text), if *is_cut { " (cut)" } else { "" })
                    }
                };
                let holds = match &record.body {
                    Body::Statement { text: range, .. } => lines_of(&text[range.clone()]).1,
                    _ => false,
                };
                line.push_str(if holds { " (holds a header)" } else { "" });
                line.push_str(if record.is_forced() { " (forced)" } else { "" });
                if let Some(database) = &record.database {
                    line = format!("[{}] {line}", said(database));
                }
                found.push(line);
                record.end
            }
            Next::Banner(end) | Next::Blank(end) => end,
            Next::Unknown(end) => {
                found.push(format!("unknown {}", end - at));
                end
            }
            Next::More => unreachable!("the text is whole"),
        };
    }
    found
}

#[test]
fn records_end_outside_literals() {
    let banner = "mysqld, Version: 8.0.46 (x). started with:\nTcp port: 1  Unix socket: s\nTime                 Id Command    Argument\n";
    let forged = format!("select 'a;\n{HEAD}SET timestamp=1;\nselect fake'");
    let cases: Vec<(String, Vec<&str>)> = vec![
        (
            format!(
                "{banner}{HEAD}SET timestamp=1;\nselect 1;\n{HEAD}use db;\nSET timestamp=1;\nselect 2;\n{banner}"
            ),
            vec!["select 1", "[db] select 2"],
        ),
        (
            format!(
                "{HEAD}SET timestamp=1;\n# a comment\nselect 1;\n{HEAD}SET timestamp=1;\n-- x\nselect 2\n"
            ),
            vec!["# a comment\nselect 1", "-- x\nselect 2 (cut)"],
        ),
        (
            format!(
                "{HEAD}SET timestamp=1;\nselect 1 -- it's;\n{HEAD}SET timestamp=1;\nselect 2 # x;"
            ),
            vec!["select 1 -- it's", "select 2 # x"],
        ),
        (
            format!(
                "{HEAD}use a;\nSET timestamp=1;\nUSE b;\n{HEAD}SET timestamp=9;\nSET timestamp=9;\n{HEAD}use `c`;\n{HEAD}SET timestamp=5;\n"
            ),
            vec!["[a] USE b", "SET timestamp=9", "use `c`", "SET timestamp=5"],
        ),
        (
            format!(
                "{HEAD}# administrator command: Quit;\n{HEAD}SET timestamp=1;\n# administrator command: Prepare;\n"
            ),
            vec!["admin Quit", "admin Prepare"],
        ),
        (format!("{HEAD}{HEAD}SET timestamp=1;\nselect 1;\n"), vec!["nothing", "select 1"]),
        (
            format!("tail of one;\n{HEAD}SET timestamp=1;\nselect 1;\n"),
            vec!["unknown 13", "select 1"],
        ),
        (
            format!(
                "{HEAD}SET timestamp=1;\nbegin\n select 1;\n select 2;\nend;\n\n{HEAD}SET timestamp=1;\nselect 'cut;\n"
            ),
            vec!["begin\n select 1;\n select 2;\nend", "select 'cut (cut) (forced)"],
        ),
        (
            format!("{HEAD}SET timestamp=1;\nselect 'open;\n{HEAD}SET timestamp=1;\nselect 2;\n"),
            vec!["select 'open (cut) (forced)", "select 2"],
        ),
        (
            format!("{HEAD}SET timestamp=1;\n{forged};\n{HEAD}SET timestamp=1;\nselect 2;\n"),
            vec!["FORGED", "select 2"],
        ),
        (
            format!(
                "{}use x;\r\nSET timestamp=1;\r\nselect 1;\r\n{HEAD}SET last_insert_id=3,insert_id=4,timestamp=1;\nselect 2;\n",
                HEAD.replace('\n', "\r\n")
            ),
            vec!["[x] select 1", "select 2"],
        ),
        (
            "# Query_time: 1  Lock_time: 0\nselect 1;\n# Query_time: 2\nselect 2;\n".to_owned(),
            vec!["select 1", "select 2"],
        ),
    ];
    for (text, expected) in cases {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|e| e.replace("FORGED", &format!("{forged} (holds a header)")))
            .collect();
        assert_eq!(statements(&text), expected, "{text}");
    }
}
