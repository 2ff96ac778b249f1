//! Index verdicts: which indexes should be built or dropped, each with the finding that says why.

use serde::Serialize;

/// Index verdicts. An index may stand in several lists.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "the names are the verdicts")]
pub struct Indexes {
    pub missing: Vec<ListedIndex>,
    pub unused: Vec<ListedIndex>,
    pub duplicate: Vec<ListedIndex>,
    pub redundant: Vec<ListedIndex>,
    pub unindexed_foreign_keys: Vec<ListedIndex>,
    pub invalid: Vec<ListedIndex>,
    /// How many indexes a catalog told, over all servers; 0 where none was read.
    #[serde(skip)]
    pub known: usize,
}

/// An index with a verdict.
#[derive(Clone, Debug, Serialize)]
pub struct ListedIndex {
    /// The label of its server.
    pub server: String,
    /// Its table.
    pub table: String,
    /// Its name; of one to be built, the name that its statement gives it.
    pub name: String,
    /// Its keys: `name`, `name desc`, an expression.
    pub columns: Vec<String>,
    /// The index that it duplicates or is covered by.
    pub other: Option<String>,
    /// The statement that makes it.
    pub ddl: String,
    /// Its size in bytes; `None` where no source tells it.
    pub size_bytes: Option<u64>,
    /// Ids of the classes that it serves.
    pub serves: Vec<String>,
    /// The key of the finding that says why.
    pub finding: String,
    /// The number of that finding.
    #[serde(skip)]
    pub number: usize,
}
