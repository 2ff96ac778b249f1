//! Law 5: a secret planted anywhere in a log is in no output, unless the user asks for literals.

use assert_cmd::Command;
use std::path::Path;

/// Each secret is unlike anything else in a report.
const WORD: &str = "hunter2secret";
const NUMBER: &str = "4929123456789012";

fn stderr_log() -> String {
    let at =
        |second: usize| format!("2026-11-23 10:00:{second:02}.000 UTC [77] app@shop web 10.0.0.9 ");
    let mut log = String::new();
    let statements = [
        format!("SELECT * FROM users WHERE email = '{WORD}' AND card = {NUMBER}"),
        format!("SELECT $${WORD}$$, $q${WORD}$q$, E'\\'{WORD}', U&'{WORD}', B'1', x'{NUMBER}'"),
        format!("SELECT 1 /* {WORD} */ -- {WORD}"),
        format!("UPDATE t SET a = '{WORD}', b = -{NUMBER}.5 WHERE id IN ({NUMBER}, 2)"),
        format!("ALTER ROLE bob PASSWORD '{WORD}'"),
        format!("SELECT '{WORD} and no end"),
        format!("no SQL at all, '{WORD}"),
        format!("COPY t FROM '/home/{WORD}/x.csv'"),
        format!("SET app.token = '{WORD}'"),
    ];
    for (second, sql) in statements.iter().enumerate() {
        log += &format!("{}LOG:  duration: 250.000 ms  execute <unnamed>: {sql}\n", at(second));
        log += &format!("{}DETAIL:  parameters: $1 = '{WORD}', $2 = '{NUMBER}'\n", at(second));
    }
    for (second, (message, detail)) in [
        (format!("invalid input syntax for type integer: \"{WORD}\""), String::new()),
        (
            "duplicate key value violates unique constraint \"users_email_key\"".to_owned(),
            format!("Key (email)=({WORD}) already exists."),
        ),
        (
            format!("value {NUMBER} is out of range"),
            format!("Failing row contains ({WORD}, {NUMBER})."),
        ),
        (format!("syntax error at or near \"{WORD}\" at character 8"), String::new()),
        (format!("could not open file \"/home/{WORD}/x\": No such file"), String::new()),
        (
            format!("password authentication failed for '{WORD}' from {WORD}@10.1.2.3"),
            String::new(),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        log += &format!("{}ERROR:  {message}\n", at(20 + second));
        log += &format!("{}DETAIL:  {detail}\n", at(20 + second));
        log += &format!("{}CONTEXT:  COPY t, line 1, column a: \"{WORD}\"\n", at(20 + second));
        log +=
            &format!("{}STATEMENT:  INSERT INTO t VALUES ('{WORD}', {NUMBER})\n", at(20 + second));
    }
    log += &format!(
        "{}LOG:  duration: 250.000 ms  plan:\n\t{{\"Query Text\": \"SELECT * FROM users WHERE email = '{WORD}'\",\n\t\"Plan\": {{\"Node Type\": \"Seq Scan\", \"Filter\": \"(email = '{WORD}'::text)\", \"Output\": [\"'{WORD}'\"]}}}}\n",
        at(40)
    );
    log += &format!(
        "{}LOG:  duration: 251.000 ms  plan:\n\tQuery Text: SELECT * FROM users WHERE email = '{WORD}'\n\tSeq Scan on users  (cost=0.00..1.00 rows=1 width=4)\n\t  Filter: ((email = '{WORD}'::text) AND (card = {NUMBER}))\n",
        at(41)
    );
    log += &format!("a foreign line that says {WORD} {NUMBER}\n");
    log
}

fn outputs(folder: &Path, extra: &[&str]) -> Vec<(String, String)> {
    let outcome = Command::cargo_bin("querylens")
        .expect("the binary")
        .args([
            "analyze", "logs", "-o", "r.md", "-o", "r.json", "--format", "summary", "--top", "all",
        ])
        .args(extra)
        .current_dir(folder)
        .assert()
        .success();
    let said = outcome.get_output();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it was written");
    vec![
        ("summary".to_owned(), text(&said.stdout)),
        ("standard error".to_owned(), text(&said.stderr)),
        ("markdown".to_owned(), file("r.md")),
        ("json".to_owned(), file("r.json")),
    ]
}

#[test]
fn planted_secrets_are_in_no_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).expect("a folder for the logs");
    std::fs::write(logs.join("a.log"), stderr_log()).expect("room");
    std::fs::write(logs.join("b.txt"), format!("what is {WORD}@example.org? '{WORD}' {NUMBER}\n"))
        .expect("room");
    for (name, text) in outputs(folder.path(), &[]) {
        for secret in [WORD, NUMBER] {
            let at = text.find(secret);
            let around = at.map(|at| {
                &text[text.floor_char_boundary(at.saturating_sub(200))
                    ..text.ceil_char_boundary((at + 60).min(text.len()))]
            });
            assert_eq!(around, None, "{secret} is in the {name}");
        }
    }
    let kept = outputs(folder.path(), &["--literals", "keep"]);
    assert!(
        kept.iter().any(|(name, text)| name == "markdown" && text.contains(WORD)),
        "they were asked for"
    );
}
