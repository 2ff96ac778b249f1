//! Trees and tables of EXPLAIN that are damaged in any way: they are read in part or refused, and
//! never end the program.

use proptest::prelude::*;
use querylens::read::plans::{Literals, PLAN_READERS, locate};
use std::path::Path;

/// The documents of the fixtures.
fn documents() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans");
    let files = [
        "mysql/tree-forms.txt",
        "mysql/tree-analyze.txt",
        "mysql/table-forms.txt",
        "mariadb/table-analyze.txt",
        "mariadb/table-tabs.txt",
        "mariadb/table-vertical.txt",
    ];
    let mut documents = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(folder.join(file)).expect(file);
        documents.extend(
            locate(&text)
                .iter()
                .map(|located| text[located.found.start..located.found.end].to_owned()),
        );
    }
    documents
}

/// Finds and reads all in a text, by the reader that finds it and by all others.
fn read(text: &str) -> usize {
    for reader in PLAN_READERS.iter().filter(|reader| reader.meta().name.starts_with("mysql-t")) {
        let _ = reader.read(text, Literals::Hide);
    }
    let read = |located: &querylens::read::plans::Located| {
        let document = &text[located.found.start..located.found.end];
        located.reader.read(document, Literals::Hide).map_or(0, |plans| plans.len())
    };
    locate(text).iter().map(read).sum()
}

#[test]
fn a_document_cut_anywhere_is_read_in_part_or_refused() {
    let documents = documents();
    assert!(documents.len() > 60, "{}", documents.len());
    for document in documents {
        assert_eq!(read(&document), 1, "{document}");
        for end in (0..document.len()).filter(|end| document.is_char_boundary(*end)) {
            assert!(read(&document[..end]) <= 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn damaged_documents_never_end_the_program(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let documents = documents();
        let mut bytes = documents[which.index(documents.len())].clone().into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read(&String::from_utf8_lossy(&bytes));
    }
}
