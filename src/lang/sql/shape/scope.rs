//! Which table a name means: aliases, CTE names, nested queries.
//!
//! Owns the stack of FROM lists and, for each subquery under way, the outer columns and the tables
//! it has met. Unqualified columns belong to a table only where there is just one.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use super::{ColumnRef, Correlated, TableUse};

/// An item of a FROM list.
pub(super) struct Source {
    /// What qualifies its columns: the alias, else the table's own name. Empty where neither is.
    pub(super) qualifier: String,
    /// The table, where it is one (no CTE, function or derived table).
    pub(super) table: Option<String>,
}

/// A subquery under way.
struct Frame {
    /// Levels below this one are outside.
    base: usize,
    outer: Vec<ColumnRef>,
    tables: Vec<String>,
}

/// All that is in sight.
#[derive(Default)]
pub(super) struct Scopes {
    levels: Vec<Vec<Source>>,
    ctes: Vec<String>,
    frames: Vec<Frame>,
}

impl Scopes {
    pub(super) fn push(&mut self, sources: Vec<Source>) {
        self.levels.push(sources);
    }

    pub(super) fn pop(&mut self) {
        self.levels.pop();
    }

    /// How many CTE names are in sight, for [`forget_ctes`](Self::forget_ctes).
    pub(super) fn ctes(&self) -> usize {
        self.ctes.len()
    }

    pub(super) fn add_cte(&mut self, name: &Ident) {
        self.ctes.push(fold(name));
    }

    pub(super) fn forget_ctes(&mut self, back_to: usize) {
        self.ctes.truncate(back_to);
    }

    /// The full name of a table; `None` for a CTE and for a name that is computed.
    pub(super) fn table_name(&self, name: &ObjectName) -> Option<String> {
        let name = object_name(name)?;
        (!self.ctes.contains(&name)).then_some(name)
    }

    /// Enters a subquery.
    pub(super) fn enter_subquery(&mut self) {
        self.frames.push(Frame { base: self.levels.len(), outer: Vec::new(), tables: Vec::new() });
    }

    /// Leaves a subquery; what it was where it refers to a table outside.
    pub(super) fn leave_subquery(
        &mut self,
        in_select_list: bool,
        exists: bool,
    ) -> Option<Correlated> {
        let Frame { outer, tables, .. } = self.frames.pop()?;
        (!outer.is_empty()).then_some(Correlated { in_select_list, exists, tables, outer })
    }

    /// Notes that every subquery under way reads this table.
    pub(super) fn note_table(&mut self, table: &TableUse) {
        for frame in &mut self.frames {
            if !frame.tables.contains(&table.name) {
                frame.tables.push(table.name.clone());
            }
        }
    }

    /// An unqualified column.
    pub(super) fn plain(&self, column: &Ident) -> ColumnRef {
        let table = match self.levels.last().map(Vec::as_slice) {
            Some([only]) => only.table.clone(),
            _ => None,
        };
        ColumnRef { table, column: fold(column) }
    }

    /// A qualified column; a reference to an outer level is noted with the subqueries it crosses.
    pub(super) fn qualified(&mut self, parts: &[Ident]) -> Option<ColumnRef> {
        let (column, qualifiers) = parts.split_last()?;
        let Some(qualifier) = qualifiers.last() else {
            return Some(self.plain(column));
        };
        let qualifier = fold(qualifier);
        let mut column = ColumnRef { table: self.only_table(), column: fold(column) };
        if let Some((level, table)) = self.find(&qualifier) {
            column.table = table;
            for frame in &mut self.frames {
                if frame.base > level && !frame.outer.contains(&column) {
                    frame.outer.push(column.clone());
                }
            }
        }
        Some(column)
    }

    /// The table where there is no other in sight: fingerprints keep `u.id` but not the alias `u`.
    fn only_table(&self) -> Option<String> {
        match self.levels.as_slice() {
            [level] if level.len() == 1 => level[0].table.clone(),
            _ => None,
        }
    }

    /// The table behind a qualifier, where it is one.
    pub(super) fn table_behind(&self, qualifier: &ObjectName) -> Option<String> {
        match qualifier.0.last()? {
            ObjectNamePart::Identifier(ident) => self.find(&fold(ident))?.1,
            ObjectNamePart::Function(_) => None,
        }
    }

    fn find(&self, qualifier: &str) -> Option<(usize, Option<String>)> {
        self.levels.iter().enumerate().rev().find_map(|(level, sources)| {
            let source = sources.iter().find(|source| source.qualifier == qualifier)?;
            Some((level, source.table.clone()))
        })
    }
}

/// An identifier in lower case unless quoted.
pub(in crate::lang::sql) fn fold(ident: &Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// A name with its schema, folded.
pub(in crate::lang::sql) fn object_name(name: &ObjectName) -> Option<String> {
    let mut text = String::new();
    for part in &name.0 {
        let ObjectNamePart::Identifier(ident) = part else {
            return None;
        };
        if !text.is_empty() {
            text.push('.');
        }
        text.push_str(&fold(ident));
    }
    (!text.is_empty()).then_some(text)
}

/// The last part of a name, folded.
pub(in crate::lang::sql) fn last_part(name: &ObjectName) -> String {
    match name.0.last() {
        Some(ObjectNamePart::Identifier(ident)) => fold(ident),
        _ => String::new(),
    }
}
