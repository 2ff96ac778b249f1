//! The fingerprint's rules for brackets: lists of constants, rows, casts and subqueries.
//!
//! The second half of [`super::normalise`]: what opens, what an element was, what is left of it when
//! it closes, and which clause a keyword starts.

use super::frames::{Clause, Element, Frame, Last, MAX_DEPTH, Open};
use super::normalise::Normaliser;
use crate::lang::sql::keywords::Kw;
use crate::lang::sql::lexer::{Token, TokenKind};

impl Normaliser<'_, '_> {
    pub(super) fn open_parenthesis(&mut self) {
        let frame = &self.frame;
        let open = match self.last {
            Last::Keyword => match self.last_kw {
                Kw::In => Open::InList,
                Kw::Values if frame.clause == Clause::Values => Open::ValuesRow,
                Kw::On if frame.clause == Clause::SelectList => Open::Prefix,
                _ => Open::Group,
            },
            Last::Name => match self.last_kw {
                Kw::Cast => Open::Cast,
                Kw::Row => Open::RowCall,
                Kw::Any => Open::AnyCall,
                Kw::Operator => Open::Prefix,
                Kw::Case | Kw::Explain | Kw::Copy => Open::Group,
                _ => Open::Call,
            },
            Last::Comma if frame.clause == Clause::Values => Open::ValuesRow,
            _ => Open::Group,
        };
        let mark = match open {
            Open::Cast | Open::RowCall => self.name,
            _ => self.mark(),
        };
        let attached = match open {
            Open::Call => !self.names_table(),
            Open::Cast | Open::RowCall | Open::AnyCall => true,
            Open::Prefix => self.last_kw == Kw::Operator,
            _ => false,
        };
        if !attached {
            self.blank();
        }
        self.table_name = false;
        let clause = self.inner_clause(open);
        let opened = self.lexer.position().saturating_sub(1);
        self.push(b'(', Frame { opened, ..Frame::new(clause, open, mark) });
    }

    /// True where the name just written is that of a table, whose columns follow.
    fn names_table(&self) -> bool {
        self.frame.clause == Clause::Into || (self.frame.clause.is_utility() && self.table_name)
    }

    /// The clause inside a parenthesis, until a word says more.
    fn inner_clause(&mut self, open: Open) -> Clause {
        match self.frame.clause {
            Clause::Start => {
                self.frame.clause = Clause::Other;
                Clause::Expression
            }
            // A parenthesised join. A condition or a column list is none.
            Clause::From if open == Open::Group && !self.operand && self.last_kw != Kw::Using => {
                Clause::From
            }
            clause @ (Clause::Utility | Clause::Privileges) => clause,
            _ => Clause::Expression,
        }
    }

    pub(super) fn open_bracket(&mut self) {
        let nested = self.frame.open == Open::Array && !self.operand;
        let array = self.last == Last::Name && self.last_kw == Kw::Array;
        let mark = self.mark();
        if nested {
            self.blank();
        }
        let open = if nested || array { Open::Array } else { Open::Subscript };
        self.push(b'[', Frame::new(Clause::Expression, open, mark));
    }

    fn push(&mut self, bracket: u8, inner: Frame) {
        self.out.push(bracket);
        self.frame.element = Element::Mixed;
        if self.outer.len() < MAX_DEPTH {
            self.outer.push(self.frame);
            self.frame = inner;
        } else {
            self.excess = self.excess.saturating_add(1);
        }
        self.last = Last::Open;
        self.last_kw = Kw::None;
        self.operand = false;
    }

    /// A closing bracket. One that matches nothing is written as it comes.
    pub(super) fn close(&mut self, bracket: u8) {
        if self.excess > 0 {
            self.excess -= 1;
            return self.write_close(&[bracket], Last::Close);
        }
        if self.frame.open.is_bracket() != (bracket == b']') {
            return self.write_close(&[bracket], Last::Close);
        }
        let Some(outer) = self.outer.pop() else {
            return self.write_close(&[bracket], Last::Close);
        };
        if self.frame.elements > 0 || self.frame.element != Element::Empty {
            self.end_element();
        }
        let inner = std::mem::replace(&mut self.frame, outer);
        let constant = inner.all_constant && inner.elements > 0;
        match inner.open {
            Open::Group if constant && (inner.elements == 1 || outer.open.holds_rows()) => {
                self.restore(inner.mark);
                return self.constant();
            }
            Open::RowCall if constant && outer.open.holds_rows() => {
                self.restore(inner.mark);
                return self.constant();
            }
            Open::Array if constant && outer.open == Open::Array => {
                self.restore(inner.mark);
                return self.constant();
            }
            _ => {}
        }
        self.write_close(&[bracket], Last::Close);
        match inner.open {
            Open::InList if inner.all_constant => self.note_list(inner.elements),
            Open::Array => {
                if inner.all_constant {
                    self.last = Last::ConstantArray;
                }
                if outer.open == Open::AnyCall {
                    self.note_list(inner.elements);
                }
            }
            Open::ValuesRow => {
                self.end_row(inner.mark.length);
                self.skip_rows(inner.opened);
            }
            Open::Prefix => self.operand = false,
            _ => {}
        }
    }

    fn note_list(&mut self, elements: u32) {
        self.facts.max_list = self.facts.max_list.max(elements);
    }

    /// Drops a row that reads like the row before it.
    fn end_row(&mut self, start: usize) {
        self.frame.rows = self.frame.rows.saturating_add(1);
        self.facts.max_values_rows = self.facts.max_values_rows.max(self.frame.rows);
        let (kept_start, kept_end) = (self.frame.row_start, self.frame.row_end);
        let same = self.frame.rows > 1
            && self.out.get(kept_start..kept_end) == self.out.get(start..)
            && kept_end == self.frame.element_start;
        if same {
            self.out.truncate(kept_end);
        } else {
            self.frame.row_start = start;
            self.frame.row_end = self.out.len();
        }
    }

    pub(super) fn comma(&mut self) {
        self.end_element();
        self.frame.element_start = self.out.len();
        self.out.push(b',');
        self.last = Last::Comma;
        self.last_kw = Kw::None;
        self.operand = false;
        if self.frame.clause == Clause::JoinCondition {
            self.frame.clause = Clause::From;
        }
    }

    /// Ends an element of a list; a constant behind a constant is dropped where runs collapse.
    fn end_element(&mut self) {
        if self.excess > 0 {
            return;
        }
        let frame = &mut self.frame;
        let constant = frame.element == Element::Constant;
        frame.elements = frame.elements.saturating_add(1);
        frame.all_constant &= constant;
        if constant && frame.after_constant && frame.open.collapses() {
            let start = frame.element_start;
            self.out.truncate(start);
        }
        self.frame.after_constant = constant;
        self.frame.element = Element::Empty;
    }

    /// `as type` inside a cast: a constant swallows its cast, anything else keeps it.
    pub(super) fn cast_as(&mut self, token: Token) -> bool {
        if self.frame.element == Element::Constant && self.frame.elements == 0 {
            self.skip_to_close();
            if let Some(outer) = self.outer.pop() {
                let inner = std::mem::replace(&mut self.frame, outer);
                self.restore(inner.mark);
                self.constant();
            }
        } else {
            self.blank();
            self.write_lower(self.bytes(token));
            self.last = Last::Keyword;
            self.write_type();
        }
        true
    }

    /// Skips up to and with the parenthesis that closes the current one.
    fn skip_to_close(&mut self) {
        let mut depth = 0u32;
        while let Some(token) = self.next() {
            match token.kind {
                TokenKind::Punct(b'(') => depth = depth.saturating_add(1),
                TokenKind::Punct(b')') if depth == 0 => return,
                TokenKind::Punct(b')') => depth -= 1,
                _ => {}
            }
        }
        self.truncated = true;
    }

    /// Notes the clause that a keyword starts, before it is written.
    pub(super) fn enter_clause(&mut self, kw: Kw) {
        let clause = self.frame.clause;
        if self.excess > 0 {
            return;
        }
        let statement = match kw {
            Kw::Select => Clause::SelectList,
            Kw::With => Clause::With,
            Kw::Values => Clause::Values,
            Kw::Update => Clause::From,
            Kw::Insert | Kw::Delete | Kw::Merge | Kw::Replace => Clause::Other,
            _ if !clause.is_query() => return,
            Kw::From if self.last_kw != Kw::Distinct => Clause::From,
            // MySQL's `select straight_join`.
            Kw::Join if clause == Clause::SelectList => return,
            Kw::Join => Clause::From,
            Kw::Using if self.lexer.peek_byte() != Some(b'(') => Clause::From,
            Kw::On if self.next_word_is(b"duplicate") => Clause::Other,
            Kw::On => match clause {
                Clause::From => Clause::JoinCondition,
                Clause::SelectList => return,
                _ => Clause::Other,
            },
            // MERGE INTO takes an alias without AS.
            Kw::Into if self.last_kw == Kw::Merge => Clause::From,
            Kw::Into => Clause::Into,
            Kw::Returning => Clause::SelectList,
            Kw::Group if self.last_kw == Kw::Within => return,
            Kw::Where
            | Kw::Group
            | Kw::Limit
            | Kw::Offset
            | Kw::Fetch
            | Kw::For
            | Kw::Set
            | Kw::Union => Clause::Other,
            _ => return,
        };
        if self.starts_statement(kw) {
            self.frame.clause = statement;
        }
    }

    /// False for the words of a statement's start where they are none: `for update`, `with check
    /// option`, `on duplicate key update`, `grant select`.
    fn starts_statement(&self, kw: Kw) -> bool {
        let clause = self.frame.clause;
        match kw {
            Kw::Select | Kw::With | Kw::Values | Kw::Insert | Kw::Delete | Kw::Update => {}
            Kw::Merge | Kw::Replace => {}
            _ => return true,
        }
        match clause {
            Clause::Start => true,
            Clause::Explain => true,
            Clause::Privileges => false,
            Clause::Expression => self.last == Last::Open,
            Clause::Utility => {
                self.last == Last::Open
                    || matches!(self.last_kw, Kw::As | Kw::For | Kw::Do | Kw::Instead)
            }
            _ => match kw {
                Kw::Update => !matches!(self.last_kw, Kw::For | Kw::Key),
                Kw::With => !self.operand,
                _ => true,
            },
        }
    }
}
