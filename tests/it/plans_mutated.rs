//! Short plans cut at every byte, and plans nested far too deep: they end in a message.

use querylens::read::plans::{Literals, PLAN_READERS, locate};

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
        let operations = format!("{}{leaf}{}", open.repeat(depth), close.repeat(depth));
        let blocks = format!(
            "{{\"query_block\": {{\"select_id\": 1, {}\"table\": {{\"rows\": 1}}{}}}}}",
            "\"filesort\": {".repeat(depth),
            "}".repeat(depth)
        );
        for text in [operations, blocks] {
            let located = locate(&text);
            assert_eq!(located.len(), 1);
            let plan = located[0].reader.read(&text, Literals::Hide);
            assert_eq!(plan.is_ok(), is_read, "{depth}: {:?}", plan.err());
        }
    }
}
