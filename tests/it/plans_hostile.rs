//! Plans of MongoDB and SQLite that were damaged: whatever is read of them, nothing panics, and what
//! is found lies within the text.

use proptest::prelude::*;
use querylens::read::plans::{Literals, locate};
use std::path::Path;

/// Texts are cut and changed at about so many places each.
const PLACES: usize = 200;

fn fixtures() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans");
    let mut all = Vec::new();
    for engine in ["mongodb", "sqlite"] {
        for file in std::fs::read_dir(folder.join(engine)).expect("fixtures").flatten() {
            let name = file.path().display().to_string();
            if !name.ends_with(".expect") && !name.ends_with(".py") {
                all.push((name, std::fs::read_to_string(file.path()).expect("text")));
            }
        }
    }
    all.sort();
    all
}

/// Reads all that is there; how many plans that is.
fn read_all(text: &str) -> usize {
    let mut read = 0;
    let mut behind = 0;
    for located in locate(text) {
        let found = located.found;
        assert!(behind <= found.start && found.start < found.end, "{found:?}");
        behind = found.end;
        let document = text.get(found.start..found.end).expect("whole characters");
        match located.reader.read(document, Literals::Hide) {
            Ok(plans) => read += plans.len(),
            Err(error) => assert!(!error.message.is_empty() && error.offset <= document.len()),
        }
    }
    read
}

#[test]
fn texts_cut_anywhere_end() {
    for (name, text) in fixtures() {
        let whole = read_all(&text);
        assert!(whole > 0, "{name}");
        let step = (text.len() / PLACES).max(1);
        for at in (0..text.len()).step_by(step).filter(|at| text.is_char_boundary(*at)) {
            assert!(read_all(&text[..at]) <= whole, "{name} cut at {at}");
            read_all(&text[at..]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn changed_bytes_do_no_harm(
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let all = fixtures();
        let (_, text) = file.get(&all);
        let mut bytes = text.clone().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read_all(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn marks_in_any_order_do_no_harm(
        words in prop::collection::vec(prop::sample::select(&[
            "{", "}", "[", "]", "\"stage\":", "\"COLLSCAN\"", "queryPlanner:", "winningPlan:", ",",
            "\n", " ", "`--", "|--", "|  ", "QUERY PLAN\n", "SCAN t", "0|0|0|", "2|2|0|", "> ",
            "SCAN SUBQUERY 1", "1|0|0|", "EXPLAIN QUERY PLAN select 1;\n", "'", "\"", "/", "é", "(",
            "nscanned: 1", "inputStage:", "(cycles=", "loops=", " = ", "shards:", "stages:",
        ][..]), 0..60),
    ) {
        read_all(&words.concat());
    }
}
