//! A Markdown table. Cells are finished Markdown: data in them went through `escape`.

/// Which side a column is set to.
#[derive(Clone, Copy)]
pub enum Side {
    Left,
    Right,
}

/// A table in the making: a line per row.
pub struct Table {
    text: String,
    columns: usize,
}

impl Table {
    /// A table with its head. There is at least one column.
    pub fn new(columns: &[(&str, Side)]) -> Self {
        let mut table = Table { text: String::new(), columns: columns.len() };
        table.row(columns.iter().map(|(name, _)| (*name).to_owned()));
        table.row(columns.iter().map(|(_, side)| match side {
            Side::Left => "---".to_owned(),
            Side::Right => "---:".to_owned(),
        }));
        table
    }

    /// Adds a row; missing cells are empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.text.push('|');
        let mut left = self.columns;
        for cell in cells.into_iter().take(self.columns) {
            self.text.push(' ');
            self.text.push_str(&cell);
            self.text.push_str(" |");
            left -= 1;
        }
        self.text.push_str(&" |".repeat(left));
        self.text.push('\n');
    }

    /// Adds the table to a document as a block of its own.
    pub fn finish(self, out: &mut String) {
        if !(out.is_empty() || out.ends_with("\n\n")) {
            out.push('\n');
        }
        out.push_str(&self.text);
    }
}
