//! Damaged plans: every fixture, cut and with bytes changed, is read to an end without a panic, and
//! what is found lies in the text.

use querylens::read::plans::{Literals, PLAN_READERS, locate};
use std::path::Path;

/// Each fixture is damaged at about as many places.
const PLACES: usize = 120;
/// Bytes that mean something in some form.
const BYTES: &[u8] = b"\"{}[]:,\\/*-\n |x0\xff";

fn read(text: &str) {
    for located in locate(text) {
        let found = located.found;
        let document = text.get(found.start..found.end).expect("whole characters");
        if let Err(error) = located.reader.read(document, Literals::Hide) {
            assert!(error.offset <= document.len() && !error.message.is_empty(), "{error:?}");
        }
    }
    // A reader is also given what it did not find.
    for reader in PLAN_READERS {
        let _ = reader.read(text, Literals::Hide);
    }
}

#[test]
fn damaged_plans_are_read_to_an_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans");
    let mut damaged = 0;
    for path in super::plans::plan_files(&folder) {
        let bytes = std::fs::read(&path).expect("a file");
        let step = (bytes.len() / PLACES).max(1);
        for (turn, at) in (0..bytes.len()).step_by(step).enumerate() {
            read(&String::from_utf8_lossy(&bytes[..at]));
            let mut changed = bytes.clone();
            changed[at] = BYTES[turn % BYTES.len()];
            read(&String::from_utf8_lossy(&changed));
            damaged += 1;
        }
    }
    assert!(damaged > 0, "no fixture was found");
}

#[test]
fn a_small_plan_may_be_cut_anywhere() {
    for reader in PLAN_READERS {
        for sample in reader.meta().samples {
            let cuts = (0..sample.len()).filter(|at| sample.is_char_boundary(*at));
            cuts.for_each(|at| read(&sample[..at]));
        }
    }
}

#[test]
fn depth_ends_in_a_message() {
    let (open, close) = (r#"{"inputs": ["#, r#"], "operation": "Stream results", "limit": 1}"#);
    let leaf = r#"{"operation": "Table scan on t", "access_type": "table"}"#;
    for (depth, is_read) in [(900, true), (5_000, false), (100_000, false)] {
        let text = format!("{}{leaf}{}", open.repeat(depth), close.repeat(depth));
        let block = format!(
            "{{\"query_block\": {{\"select_id\": 1, {}\"table\": {{\"rows\": 1}}{}}}}}",
            "\"filesort\": {".repeat(depth),
            "}".repeat(depth)
        );
        for text in [text, block] {
            let located = locate(&text);
            assert_eq!(located.len(), 1);
            let plan = located[0].reader.read(&text, Literals::Hide);
            assert_eq!(plan.is_ok(), is_read, "{depth}: {:?}", plan.err());
        }
    }
}
