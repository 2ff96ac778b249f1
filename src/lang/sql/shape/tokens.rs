//! A statement's shape by our own tokens, for what the grammar refuses: cut texts, other servers'
//! syntax, statements too long or too deep.
//!
//! Input: a statement cut into tokens. Output: a shape that is not exact and holds only what tokens
//! tell for certain: verb, tables, WHERE, LIMIT, OFFSET, stars, NOT IN over subqueries, ORDER BY
//! random(). One pass, whatever the text.

use std::collections::{BTreeMap, BTreeSet};

use super::super::keywords;
use super::super::lexer::TokenKind;
use super::text::Statement;
use super::{NotIn, Shape, TableUse, Verb};

/// What is open at one level of parentheses.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Its first word makes it a query or a statement: clauses in it mean what they say.
    query: Option<Verb>,
    /// Commas separate tables.
    in_from: bool,
    /// A table's name comes next.
    table_next: bool,
    /// That table is written to.
    written: bool,
    /// A parenthesis behind a name makes it a function.
    may_call: bool,
    /// The token before its opening parenthesis.
    before: Option<usize>,
    /// It holds the query of a CTE, whose name this token is.
    cte: Option<usize>,
    /// Its select is the outermost one or an arm of it.
    outermost: bool,
}

/// Reads a statement by its tokens.
pub(super) fn read(statement: &Statement) -> Shape {
    let mut reader = Reader {
        statement,
        shape: Shape { verb: statement.verb, ..Shape::default() },
        levels: vec![Level { query: Some(statement.verb), outermost: true, ..Level::default() }],
        ctes: BTreeSet::new(),
        tables: BTreeMap::new(),
        recursive: false,
        behind: None,
        on_conflict: false,
        in_limit: false,
        star: false,
        qualified_stars: BTreeSet::new(),
        top_table: false,
    };
    let mut index = 0;
    while index < statement.tokens.len() {
        index = reader.step(index);
    }
    reader.finish()
}

struct Reader<'s, 'a> {
    statement: &'s Statement<'a>,
    shape: Shape,
    levels: Vec<Level>,
    /// Names of the CTEs that are complete, or of all if recursive.
    ctes: BTreeSet<String>,
    /// Where each table stands in the shape.
    tables: BTreeMap<String, usize>,
    recursive: bool,
    /// What stood before the parenthesis whose partner was read last.
    behind: Option<usize>,
    on_conflict: bool,
    in_limit: bool,
    /// The outermost list has an unqualified star.
    star: bool,
    qualified_stars: BTreeSet<String>,
    /// The outermost FROM list has a table.
    top_table: bool,
}

impl Reader<'_, '_> {
    /// Reads the token at `index`; the index of the next one.
    fn step(&mut self, index: usize) -> usize {
        match self.statement.tokens[index].kind {
            TokenKind::Punct(b'(') => self.open(index),
            TokenKind::Punct(b')') => self.close(),
            TokenKind::Punct(b',') => {
                let top = self.levels.len() == 1;
                let level = self.level();
                level.table_next = level.in_from;
                if top && self.in_limit {
                    self.shape.offset = true;
                }
            }
            TokenKind::Word if self.keyword(index) => {}
            TokenKind::Word | TokenKind::QuotedIdent if self.level().table_next => {
                return self.table(index);
            }
            TokenKind::Op => self.star(index),
            _ => self.level().table_next = false,
        }
        index + 1
    }

    fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    fn open(&mut self, index: usize) {
        let before = index.checked_sub(1);
        let query = match self.lower(index + 1).as_str() {
            "select" | "values" | "with" | "table" => Some(Verb::Select),
            "insert" => Some(Verb::Insert),
            "update" => Some(Verb::Update),
            "delete" => Some(Verb::Delete),
            "merge" => Some(Verb::Merge),
            _ => None,
        };
        let cte = query.and_then(|_| self.cte_name(index));
        if let (true, Some(name)) = (self.recursive, cte) {
            self.add_cte(name);
        }
        const BEFORE_ARM: [&str; 6] = ["copy", "union", "except", "intersect", "all", "distinct"];
        let arm = query == Some(Verb::Select)
            && before.is_none_or(|before| {
                BEFORE_ARM.iter().any(|word| self.statement.is_word(before, word))
                    || (self.statement.is_punct(before, b'(') && self.levels.len() == index + 1)
            });
        let outermost = arm && self.level().outermost;
        // A join in parentheses.
        let nested = std::mem::take(&mut self.level().table_next) && query.is_none();
        self.levels.push(Level {
            query: query.or(if nested { Some(Verb::Select) } else { None }),
            in_from: nested,
            table_next: nested,
            written: false,
            may_call: nested,
            before,
            cte,
            outermost,
        });
    }

    fn close(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.behind = level.before;
            if let (false, Some(name)) = (self.recursive, level.cte) {
                self.add_cte(name);
            }
        }
    }

    /// The token that names the CTE whose query opens at `open`: `name [(columns)] AS [[NOT]
    /// MATERIALIZED] (`.
    fn cte_name(&self, open: usize) -> Option<usize> {
        let mut at = open.checked_sub(1)?;
        if self.statement.is_word(at, "materialized") {
            at = at.checked_sub(1)?;
            if self.statement.is_word(at, "not") {
                at = at.checked_sub(1)?;
            }
        }
        if !self.statement.is_word(at, "as") {
            return None;
        }
        let name = at.checked_sub(1)?;
        if self.statement.is_punct(name, b')') { self.behind } else { Some(name) }
    }

    fn add_cte(&mut self, name: usize) {
        if let Some(name) = self.identifier(name) {
            self.ctes.insert(name);
        }
    }

    /// Takes a keyword for what it says here; false where the word is a name.
    fn keyword(&mut self, index: usize) -> bool {
        let Some(verb) = self.level().query else {
            return false;
        };
        let previous = index.checked_sub(1);
        let starts = previous.is_none_or(|before| {
            self.statement.is_punct(before, b'(') || self.statement.is_punct(before, b')')
        });
        let word = self.lower(index);
        match word.as_str() {
            "with" => self.recursive |= self.statement.is_word(index + 1, "recursive"),
            "not" => self.not_in(index),
            "from" if previous.is_some_and(|before| self.statement.is_word(before, "distinct")) => {
            }
            // COPY … FROM names a file or a stream.
            "from" if verb == Verb::Copy => {}
            "from" => {
                let first = verb == Verb::Delete && !self.level().in_from;
                self.expect_table(true, first);
            }
            "join" | "straight_join" if self.level().in_from => self.expect_table(true, false),
            "using" if matches!(verb, Verb::Delete | Verb::Merge) => {
                let columns =
                    self.statement.is_punct(index + 1, b'(') && self.lower(index + 2) != "select";
                if !columns {
                    self.expect_table(true, false);
                }
            }
            "into" if matches!(verb, Verb::Insert | Verb::Merge) => self.expect_table(false, true),
            "update" if starts => self.expect_table(true, true),
            "copy" if index == 0 => {
                let written = !self.statement.is_punct(index + 1, b'(');
                self.expect_table(false, written);
            }
            "table" if starts => self.expect_table(false, false),
            "table" if verb == Verb::Ddl => self.expect_table(true, true),
            "table" if verb == Verb::Utility => self.expect_table(true, false),
            "only" | "lateral" | "if" | "exists" | "concurrently" | "low_priority" | "ignore"
            | "quick" | "delayed" => return self.level().table_next,
            "select" | "where" | "group" | "having" | "order" | "window" | "limit" | "offset"
            | "fetch" | "for" | "union" | "except" | "intersect" | "returning" | "set"
            | "values" | "conflict" => {
                self.level().in_from = false;
                self.level().table_next = false;
                self.clause(&word, index, verb);
            }
            _ => return false,
        }
        true
    }

    fn expect_table(&mut self, list: bool, written: bool) {
        let level = self.level();
        level.in_from |= list;
        level.table_next = true;
        level.written = written;
        level.may_call = !written;
    }

    fn clause(&mut self, word: &str, index: usize, verb: Verb) {
        let next = self.lower(index + 1);
        match word {
            "for" if matches!(next.as_str(), "update" | "share" | "no" | "key") => {
                self.shape.locks_rows |= matches!(verb, Verb::Select | Verb::Insert);
            }
            "order" if next == "by" => {
                self.shape.orders_by_random |=
                    matches!(self.lower(index + 2).as_str(), "random" | "rand")
                        && self.statement.is_punct(index + 3, b'(');
            }
            _ => {}
        }
        let selects = matches!(verb, Verb::Select | Verb::Insert | Verb::Other);
        if self.level().outermost {
            match word {
                "conflict" => self.on_conflict = true,
                "where" => self.shape.has_where |= !self.on_conflict,
                "group" if selects => self.shape.aggregates |= next == "by",
                "select" if next == "distinct" => self.shape.aggregates = true,
                _ => {}
            }
        }
        if self.levels.len() > 1 {
            return;
        }
        self.in_limit = word == "limit" && selects;
        match word {
            "limit" if selects => self.shape.limit |= !matches!(next.as_str(), "all" | "null"),
            "fetch" if selects => self.shape.limit |= matches!(next.as_str(), "first" | "next"),
            "offset" if selects => self.shape.offset = true,
            _ => {}
        }
    }

    fn not_in(&mut self, index: usize) {
        if self.statement.is_word(index + 1, "in")
            && self.statement.is_punct(index + 2, b'(')
            && self.statement.is_word(index + 3, "select")
        {
            self.shape.not_ins.push(NotIn { column: None, table: None, returns: None });
        }
    }

    /// A star of the outermost select list.
    fn star(&mut self, index: usize) {
        let outermost = self.level().outermost;
        let is_star = self.statement.text(self.statement.tokens[index]) == "*";
        self.level().table_next = false;
        let ends = index + 1 == self.statement.tokens.len()
            || self.statement.is_punct(index + 1, b',')
            || self.statement.is_word(index + 1, "from");
        let Some(before) = index.checked_sub(1) else {
            return;
        };
        if !outermost || !is_star || !ends {
            return;
        }
        if self.statement.is_punct(before, b'.') {
            let qualifier = before.checked_sub(1).and_then(|at| self.identifier(at));
            self.qualified_stars.extend(qualifier);
        } else {
            self.star |= self.statement.is_punct(before, b',')
                || ["select", "all", "distinct"]
                    .iter()
                    .any(|word| self.statement.is_word(before, word));
        }
    }

    /// The table whose name begins at `index`; the index behind the name and its alias.
    fn table(&mut self, index: usize) -> usize {
        let written = self.level().written;
        let listed = self.level().in_from;
        self.level().table_next = false;
        let Some(mut name) = self.identifier(index) else {
            return index + 1;
        };
        let mut next = index + 1;
        while self.statement.is_punct(next, b'.')
            && let Some(part) = self.identifier(next + 1)
        {
            name.push('.');
            name.push_str(&part);
            next += 2;
        }
        // Behind a table that is written to, a parenthesis holds columns.
        let call = self.level().may_call && self.statement.is_punct(next, b'(');
        if call || self.is_keyword(index) {
            return next;
        }
        if !written && self.ctes.contains(&name) {
            return next;
        }
        let alias = next + usize::from(self.statement.is_word(next, "as"));
        let alias = self.identifier(alias).filter(|_| !self.is_keyword(alias));
        next += usize::from(alias.is_some());
        self.top_table |= self.level().outermost && listed;
        let known = self.tables.get(&name).and_then(|&at| self.shape.tables.get_mut(at));
        match known {
            Some(table) => table.written |= written,
            None => {
                self.tables.insert(name.clone(), self.shape.tables.len());
                self.shape.tables.push(TableUse { name, alias, written });
            }
        }
        next
    }

    /// Whether the token at `index` is a word that cannot be an alias.
    fn is_keyword(&self, index: usize) -> bool {
        self.statement.tokens.get(index).is_some_and(|token| {
            let sql = self.statement.sql.as_bytes();
            token.kind == TokenKind::Word
                && !keywords::lookup(sql, token.start, token.end, self.statement.dialect)
                    .can_be_alias()
        })
    }

    /// The name at `index`: a word in lower case or a quoted identifier without its quotes.
    fn identifier(&self, index: usize) -> Option<String> {
        let token = *self.statement.tokens.get(index)?;
        let text = self.statement.text(token);
        match token.kind {
            TokenKind::Word => Some(text.to_lowercase()),
            TokenKind::QuotedIdent => {
                let quote = text.chars().last().filter(|_| token.terminated)?;
                let start = text.find(['"', '`', '['])? + 1;
                let inner = text.get(start..text.len() - quote.len_utf8())?;
                Some(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
            }
            _ => None,
        }
    }

    fn lower(&self, index: usize) -> String {
        self.statement.word(index).map(str::to_ascii_lowercase).unwrap_or_default()
    }

    fn finish(self) -> Shape {
        let shape = self.shape;
        if matches!(shape.verb, Verb::Transaction | Verb::Ddl | Verb::Utility) {
            // The clauses belong to a statement inside that is explained, prepared or stored.
            return Shape { verb: shape.verb, tables: shape.tables, ..Shape::default() };
        }
        let named = |table: &TableUse| {
            let own = table.name.rsplit('.').next().unwrap_or(&table.name);
            self.qualified_stars.contains(table.alias.as_deref().unwrap_or(own))
        };
        let selects_star = (self.star && self.top_table) || shape.tables.iter().any(named);
        Shape { selects_star, ..shape }
    }
}
