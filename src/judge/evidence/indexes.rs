//! What two indexes have to do with each other: equal, one covered by the other, fit for a
//! constraint. By method, keys in their order, operator class, collation, NULLs, sub-part,
//! condition, stored columns and uniqueness, as each engine has them.

use super::TableEvidence;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{
    Constraint, ConstraintKind, Index, IndexDefinition, IndexKey, KeyPart, NullsOrder, Table,
};
use crate::model::event::Engine;
use std::borrow::Cow;

/// An index of a table: one that a source tells, or one that a constraint must have.
#[derive(Clone, Debug)]
pub struct KnownIndex<'f> {
    /// Its name.
    pub name: &'f str,
    /// What it is made of.
    pub definition: Cow<'f, IndexDefinition>,
    /// What else is known of it.
    pub index: Option<&'f Index>,
}

impl KnownIndex<'_> {
    /// Whether a constraint stands on it, so that it goes with the constraint only.
    pub fn is_of_constraint(&self) -> bool {
        let definition = &self.definition;
        definition.is_primary || definition.is_exclusion || definition.constraint.is_some()
    }

    /// Its size in bytes, where a source tells it.
    pub fn size_bytes(&self) -> Option<u64> {
        self.index.and_then(|index| index.size_bytes.as_ref()).map(|told| told.value)
    }

    /// Whether the server can use it: built to its end, and not hidden from the optimizer.
    pub fn is_usable(&self) -> bool {
        let failed = self.index.and_then(|index| index.is_invalid.as_ref());
        self.definition.is_valid
            && self.definition.is_visible
            && !failed.is_some_and(|told| told.value)
    }
}

/// The indexes of a table by name, those of its constraints too.
pub fn of<'f>(table: &TableEvidence<'f>) -> Vec<KnownIndex<'f>> {
    of_table(table.table)
}

/// The same of a table that no evidence stands for.
pub fn of_table(table: &Table) -> Vec<KnownIndex<'_>> {
    let told = table.indexes.iter().filter_map(|(name, index)| {
        let definition = Cow::Borrowed(&index.definition.as_ref()?.value);
        Some(KnownIndex { name, definition, index: Some(index) })
    });
    let mut known: Vec<_> = told.collect();
    for (name, told) in &table.constraints {
        let is_primary = told.value.kind == ConstraintKind::Primary;
        let is_told = known.iter().any(|index| {
            let of = index.definition.constraint.as_deref();
            index.name == &**name || of == Some(name) || (is_primary && index.definition.is_primary)
        });
        if let (false, Some(definition)) = (is_told, implied(name, &told.value)) {
            known.push(KnownIndex { name, definition: Cow::Owned(definition), index: None });
        }
    }
    known.sort_by(|a, b| a.name.cmp(b.name));
    known
}

/// The index that a constraint must have.
fn implied(name: &str, constraint: &Constraint) -> Option<IndexDefinition> {
    let is_primary = constraint.kind == ConstraintKind::Primary;
    let has_one = is_primary || constraint.kind == ConstraintKind::Unique;
    (has_one && !constraint.columns.is_empty()).then(|| IndexDefinition {
        keys: constraint.columns.iter().map(|column| IndexKey::column(column)).collect(),
        is_unique: true,
        is_primary,
        constraint: Some(name.into()),
        ..IndexDefinition::default()
    })
}

/// How indexes compare on one table.
#[derive(Clone, Debug)]
pub struct Comparer {
    engine: Engine,
    /// The columns that every index of the table ends with, unseen: InnoDB's primary key.
    suffix: Vec<IndexKey>,
}

impl Comparer {
    /// Of a table.
    pub fn of(table: &TableEvidence<'_>) -> Self {
        let definition = table.table.definition.as_ref().map(|told| &told.value);
        let storage = definition.and_then(|d| d.storage_engine.as_deref());
        let is_clustered =
            table.dialect() == Some(Dialect::Mysql) && storage.is_none_or(|s| s == "innodb");
        let key = table.table.primary_key().filter(|_| is_clustered).unwrap_or_default();
        let suffix = key.iter().map(|column| IndexKey::column(column)).collect();
        Comparer { engine: table.server.engine, suffix }
    }

    /// Whether two indexes serve the same statements in the same way; which rows they admit
    /// ([`IndexDefinition::is_unique`]) is not compared.
    pub fn are_equal(&self, a: &IndexDefinition, b: &IndexDefinition) -> bool {
        a.keys.len() == b.keys.len()
            && self.begins_with(&a.keys, &b.keys, false)
            && self.is_alike(a, b)
            && same_set(&a.include, &b.include)
    }

    /// Whether the keys of the shorter one begin the longer one, so that what the shorter one serves
    /// the longer one serves, too. Never for equal ones, nor where the method allows no prefix.
    pub fn is_prefix_of(&self, short: &IndexDefinition, long: &IndexDefinition) -> bool {
        let is_shorter = short.keys.len() < long.keys.len()
            || (short.keys.len() == long.keys.len() && !self.are_equal(short, long));
        is_shorter
            && has_prefixes(&short.method)
            && self.begins_with(&long.keys, &short.keys, true)
            && self.is_alike(short, long)
            && short.include.iter().all(|column| {
                let is_it = |other: &str| self.same_name(other, column);
                long.include.iter().any(|other| is_it(other))
                    || long.keys.iter().filter_map(IndexKey::column_name).any(is_it)
            })
    }

    /// Whether the longer one only spells out what the shorter one has anyway: the primary key
    /// behind its keys.
    pub fn spells_out_suffix(&self, long: &IndexDefinition, short: &IndexDefinition) -> bool {
        let Some(rest) = long.keys.get(short.keys.len()..).filter(|rest| !rest.is_empty()) else {
            return false;
        };
        let is_whole = |keys: &[IndexKey]| keys.iter().all(|key| key.prefix_length.is_none());
        rest.len() <= self.suffix.len()
            && is_whole(&short.keys)
            && self.begins_with(&self.suffix, rest, false)
            && self.is_prefix_of(short, long)
    }

    /// Whether an index finds rows by these columns: they are its first keys, in any order.
    pub fn serves(&self, index: &IndexDefinition, columns: &[Box<str>]) -> bool {
        let first = index.keys.get(..columns.len()).unwrap_or_default();
        !first.is_empty()
            && index.predicate.as_deref().is_none_or(|p| is_not_null_test(p, columns))
            && !index.is_sparse
            && matches!(&*index.method, "btree" | "hash")
            && (&*index.method != "hash" || index.keys.len() == columns.len())
            && columns.iter().all(|column| {
                first.iter().any(|key| {
                    key.prefix_length.is_none()
                        && key.column_name().is_some_and(|name| self.same_name(name, column))
                })
            })
    }

    /// Whether the keys of one begin with those of another; `shorter_parts` lets a sub-part of a
    /// column begin with a shorter one.
    fn begins_with(&self, keys: &[IndexKey], first: &[IndexKey], shorter_parts: bool) -> bool {
        let descends = |keys: &[IndexKey]| keys.first().is_some_and(|key| key.is_descending);
        // MongoDB walks an index either way and knows no order of NULLs of its own.
        let is_turned = self.engine == Engine::Mongodb && descends(keys) != descends(first);
        first.len() <= keys.len()
            && keys.iter().zip(first).all(|(key, first)| {
                let same_length = key.prefix_length == first.prefix_length;
                let is_within = first
                    .prefix_length
                    .is_some_and(|short| key.prefix_length.is_none_or(|long| short <= long));
                self.same_key(key, first, is_turned)
                    && (same_length || (shorter_parts && is_within))
            })
    }

    /// Equal in everything but keys, stored columns and uniqueness.
    fn is_alike(&self, a: &IndexDefinition, b: &IndexDefinition) -> bool {
        let condition = |d: &IndexDefinition| d.predicate.as_deref().map(squeezed);
        a.method == b.method
            && condition(a) == condition(b)
            && a.is_sparse == b.is_sparse
            && a.expires_after_s == b.expires_after_s
    }

    /// Whether two keys are the same, one of them read from its end if it is turned.
    fn same_key(&self, a: &IndexKey, b: &IndexKey, is_turned: bool) -> bool {
        let same_part = match (&a.part, &b.part) {
            (KeyPart::Column(a), KeyPart::Column(b)) => self.same_name(a, b),
            (KeyPart::Expression(a), KeyPart::Expression(b)) => squeezed(a) == squeezed(b),
            _ => false,
        };
        let nulls = |key: &IndexKey| {
            let by_default = if key.is_descending { NullsOrder::First } else { NullsOrder::Last };
            key.nulls.unwrap_or(by_default)
        };
        same_part
            && a.is_descending == (b.is_descending != is_turned)
            && (nulls(a) == nulls(b) || self.engine == Engine::Mongodb)
            && a.operator_class == b.operator_class
            && a.collation == b.collation
    }

    /// Columns have no case in MySQL and SQLite.
    fn same_name(&self, a: &str, b: &str) -> bool {
        match self.engine {
            Engine::Postgres | Engine::Mongodb => a == b,
            _ => a.eq_ignore_ascii_case(b),
        }
    }
}

/// Whether the order of keys means anything to a method, so that a prefix is an index of its own.
fn has_prefixes(method: &str) -> bool {
    method == "btree"
}

/// `column IS NOT NULL` for columns of the list: all that a foreign key looks for.
fn is_not_null_test(predicate: &str, columns: &[Box<str>]) -> bool {
    squeezed(predicate).replace(['(', ')'], "").split(" and ").all(|test| {
        let column = test.trim().strip_suffix(" is not null").map(|column| column.replace('"', ""));
        column.is_some_and(|column| columns.iter().any(|one| one.eq_ignore_ascii_case(&column)))
    })
}

/// An expression without what printing may add or leave out: the outermost parentheses, runs of
/// blanks, the case of letters outside quotes.
fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    for letter in text.trim().chars() {
        match (quote, letter) {
            (Some(open), _) => {
                out.push(letter);
                if letter == open {
                    quote = None;
                }
            }
            (None, '\'' | '"') => {
                out.push(letter);
                quote = Some(letter);
            }
            (None, letter) if letter.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            (None, letter) => out.extend(letter.to_lowercase()),
        }
    }
    match enclosed(&out) {
        Some(inner) => inner.to_owned(),
        None => out,
    }
}

/// What stands in the parentheses around a whole expression, if they belong together.
fn enclosed(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut depth = 0i32;
    for letter in inner.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    (depth == 0).then_some(inner)
}

fn same_set(a: &[Box<str>], b: &[Box<str>]) -> bool {
    a.len() == b.len() && a.iter().all(|one| b.contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(keys: &[&str]) -> IndexDefinition {
        IndexDefinition {
            keys: keys.iter().map(|key| IndexKey::column(key)).collect(),
            ..IndexDefinition::default()
        }
    }

    fn comparer(engine: Engine, key: &[&str]) -> Comparer {
        Comparer { engine, suffix: key.iter().map(|column| IndexKey::column(column)).collect() }
    }

    /// An index on `a` that differs in one property.
    fn other(change: impl Fn(&mut IndexDefinition)) -> IndexDefinition {
        let mut one = index(&["a"]);
        change(&mut one);
        one
    }

    #[test]
    fn equal_means_equal_in_everything_that_statements_feel() {
        let postgres = comparer(Engine::Postgres, &[]);
        let plain = index(&["a"]);
        assert!(postgres.are_equal(&plain, &other(|i| i.is_unique = true)));
        assert!(postgres.are_equal(&plain, &other(|i| i.keys[0].nulls = Some(NullsOrder::Last))));
        let differing: [fn(&mut IndexDefinition); 9] = [
            |i| i.keys[0].is_descending = true,
            |i| i.keys[0].nulls = Some(NullsOrder::First),
            |i| i.keys[0].operator_class = Some("text_pattern_ops".into()),
            |i| i.keys[0].collation = Some("C".into()),
            |i| i.keys[0].part = KeyPart::Expression("lower(a)".into()),
            |i| i.keys[0].part = KeyPart::Column("A".into()),
            |i| i.predicate = Some("a > 0".into()),
            |i| i.include = vec!["b".into()],
            |i| i.method = "hash".into(),
        ];
        for (at, change) in differing.into_iter().enumerate() {
            let one = other(change);
            assert!(!postgres.are_equal(&plain, &one), "{at}");
        }
        // Without a difference in meaning.
        let condition = |text: &str| other(|i| i.predicate = Some(text.into()));
        assert!(postgres.are_equal(&condition("(b  IS NULL)"), &condition("b is null")));
        assert!(!postgres.are_equal(&condition("(b + 1) * 2 > 0"), &condition("b + (1 * 2) > 0")));
        assert!(!postgres.are_equal(&condition("(a) = (b)"), &condition("a) = (b")));
        let mysql = comparer(Engine::Mysql, &[]);
        assert!(mysql.are_equal(&index(&["A"]), &plain));
        // An index of MongoDB is walked either way, but the whole of it.
        let mongodb = comparer(Engine::Mongodb, &[]);
        let falling = |at: &[usize]| {
            let mut one = index(&["a", "b"]);
            at.iter().for_each(|at| one.keys[*at].is_descending = true);
            one
        };
        assert!(mongodb.are_equal(&falling(&[0]), &falling(&[1])));
        assert!(!mongodb.are_equal(&falling(&[]), &falling(&[1])));
        assert!(mongodb.is_prefix_of(&other(|i| i.keys[0].is_descending = true), &falling(&[1])));
        assert!(!postgres.are_equal(&falling(&[0]), &falling(&[1])));
    }

    #[test]
    fn a_prefix_is_covered_and_nothing_else() {
        let postgres = comparer(Engine::Postgres, &[]);
        let (a, ab, ba) = (index(&["a"]), index(&["a", "b"]), index(&["b", "a"]));
        assert!(postgres.is_prefix_of(&a, &ab) && !postgres.is_prefix_of(&ab, &a));
        assert!(!postgres.is_prefix_of(&a, &ba) && !postgres.is_prefix_of(&a, &a));
        let gin = |keys: &[&str]| IndexDefinition { method: "gin".into(), ..index(keys) };
        assert!(!postgres.is_prefix_of(&gin(&["a"]), &gin(&["a", "b"])));
        let including = other(|i| i.include = vec!["b".into()]);
        assert!(postgres.is_prefix_of(&including, &ab) && postgres.is_prefix_of(&a, &including));
        assert!(!postgres.is_prefix_of(&including, &index(&["a", "c"])));

        let mysql = comparer(Engine::Mysql, &["id"]);
        let part = |length| other(|i| i.keys[0].prefix_length = Some(length));
        assert!(mysql.is_prefix_of(&part(10), &a) && mysql.is_prefix_of(&part(10), &part(20)));
        assert!(!mysql.is_prefix_of(&part(20), &part(10)) && !mysql.is_prefix_of(&a, &part(10)));
        assert!(mysql.spells_out_suffix(&index(&["a", "id"]), &a));
        assert!(!mysql.spells_out_suffix(&ab, &a));
        assert!(!comparer(Engine::Mysql, &[]).spells_out_suffix(&index(&["a", "id"]), &a));
    }

    #[test]
    fn an_index_serves_columns_that_it_begins_with() {
        let postgres = comparer(Engine::Postgres, &[]);
        let columns: Vec<Box<str>> = vec!["a".into(), "b".into()];
        let one: Vec<Box<str>> = vec!["a".into()];
        assert!(postgres.serves(&index(&["b", "a", "c"]), &columns));
        assert!(!postgres.serves(&index(&["a", "c", "b"]), &columns));
        assert!(
            !postgres.serves(&index(&["a"]), &columns) && postgres.serves(&index(&["a"]), &one)
        );
        let partial = |text: &str| other(|i| i.predicate = Some(text.into()));
        assert!(postgres.serves(&partial("(a IS NOT NULL)"), &one));
        assert!(!postgres.serves(&partial("(a > 0)"), &one));
        assert!(!postgres.serves(&other(|i| i.method = "brin".into()), &one));
    }
}
