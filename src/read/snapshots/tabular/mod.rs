//! Rows out of any text that a client prints.

/// A table that a client printed.
#[derive(Clone, PartialEq, Debug)]
pub struct ResultSet {
    /// The name of the shape.
    pub shape: &'static str,
    /// The columns as printed; empty where the text has no header.
    pub columns: Vec<Box<str>>,
    /// The rows.
    pub rows: Vec<Row>,
    /// What stands right above and says what it is.
    pub title: Option<Box<str>>,
    /// Where it begins in the text.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Rows whose cells do not fit the header.
    pub dropped: u64,
    /// The line of the first of these.
    pub first_dropped: Option<u32>,
}

/// A row.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Its line, counted from the start of the text.
    pub line: u32,
    /// Its cells; `None` is NULL.
    pub cells: Vec<Option<Box<str>>>,
}

/// All result sets of a text.
pub fn result_sets(_: &str) -> Vec<ResultSet> {
    Vec::new()
}
