//! The bracket stack of the fingerprint: which clause each level is in, what opened it, and what is
//! known of the element being written.
//!
//! Owns the data only; [`super::normalise`] drives it.

use crate::lang::sql::keywords::Kw;

/// Levels kept apart. Deeper brackets are written as they come, without rules of their own.
pub(super) const MAX_DEPTH: usize = 1000;

/// The part of a statement a level is in: decides where an alias can stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Clause {
    /// Nothing of the statement has been read.
    Start,
    /// Behind EXPLAIN: any statement may follow.
    Explain,
    /// A utility statement: no aliases; a query may start after AS, FOR, DO or `(`.
    Utility,
    /// A utility statement in which SELECT is no query (GRANT).
    Privileges,
    /// Between WITH and the statement proper.
    With,
    /// A select or RETURNING list: column aliases.
    SelectList,
    /// FROM, UPDATE or USING: table aliases.
    From,
    /// Behind ON in FROM.
    JoinCondition,
    /// Behind INTO: an alias only after AS.
    Into,
    /// A VALUES list.
    Values,
    /// WHERE, GROUP BY, SET and all others.
    Other,
    /// An expression in brackets.
    Expression,
}

impl Clause {
    /// True where the words of a query change the clause.
    pub(super) fn is_query(self) -> bool {
        matches!(
            self,
            Self::With
                | Self::SelectList
                | Self::From
                | Self::JoinCondition
                | Self::Into
                | Self::Values
                | Self::Other
        )
    }

    pub(super) fn is_utility(self) -> bool {
        matches!(self, Self::Utility | Self::Privileges | Self::Explain)
    }
}

/// What a bracket belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Open {
    /// The statement itself.
    Statement,
    /// A parenthesis on its own: grouping, row, subquery.
    Group,
    /// Arguments of a function, modifiers of a type, a list of columns.
    Call,
    /// `any(`, `all(`, `some(`.
    AnyCall,
    /// `cast(`.
    Cast,
    /// `row(`.
    RowCall,
    /// `distinct on (` and `operator(`: an operand follows the closing parenthesis.
    Prefix,
    /// `in (`.
    InList,
    /// A row of VALUES.
    ValuesRow,
    /// `array[`, or an array inside one.
    Array,
    /// `a[`.
    Subscript,
}

impl Open {
    /// True where runs of constants are written as one.
    pub(super) fn collapses(self) -> bool {
        matches!(self, Self::InList | Self::ValuesRow | Self::Array)
    }

    /// True where a row of constants counts as a constant.
    pub(super) fn holds_rows(self) -> bool {
        matches!(self, Self::InList | Self::Array)
    }

    pub(super) fn is_bracket(self) -> bool {
        matches!(self, Self::Array | Self::Subscript)
    }
}

/// What has been written of the current element of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Element {
    Empty,
    /// One constant and nothing else.
    Constant,
    Mixed,
}

/// What was written last: decides the blank before the next token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Last {
    /// Nothing.
    Start,
    /// The `;` between two statements.
    Semicolon,
    /// An identifier, or a word that may be one.
    Name,
    Keyword,
    Constant,
    /// An array of constants.
    ConstantArray,
    Open,
    Close,
    Comma,
    Dot,
    /// `::`, or the `:` of a slice.
    Colon,
    /// A sign that belongs to the operand behind it.
    Sign,
    Operator,
}

/// A place in the text to go back to, with the state that held there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) length: usize,
    pub(super) element: Element,
    pub(super) last: Last,
    pub(super) last_kw: Kw,
}

/// One level of brackets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) clause: Clause,
    pub(super) open: Open,
    pub(super) element: Element,
    /// The element before the current one was a constant.
    pub(super) after_constant: bool,
    /// Every element so far was a constant.
    pub(super) all_constant: bool,
    /// Elements ended.
    pub(super) elements: u32,
    /// Text length before the comma in front of the current element.
    pub(super) element_start: usize,
    /// Where to go back to if the whole bracket turns out to be a constant.
    pub(super) mark: Mark,
    /// Before the sign, or run of signs, written last.
    pub(super) sign: Mark,
    /// Rows of a VALUES list ended, and the text of the last one kept.
    pub(super) rows: u32,
    pub(super) row_start: usize,
    pub(super) row_end: usize,
    /// Where the bracket stands in the statement.
    pub(super) opened: usize,
}

impl Frame {
    pub(super) fn new(clause: Clause, open: Open, mark: Mark) -> Self {
        Self {
            clause,
            open,
            element: Element::Empty,
            after_constant: false,
            all_constant: true,
            elements: 0,
            element_start: 0,
            mark,
            sign: mark,
            rows: 0,
            row_start: 0,
            row_end: 0,
            opened: 0,
        }
    }

    /// The level of a statement.
    pub(super) fn statement() -> Self {
        let mark =
            Mark { length: 0, element: Element::Empty, last: Last::Start, last_kw: Kw::None };
        Self::new(Clause::Start, Open::Statement, mark)
    }
}
