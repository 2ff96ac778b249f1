//! Statements and what both readers make of them.

use super::*;

/// A shape on one line: verb, tables (`!` written), flags, then each list that is not empty.
fn brief(shape: &Shape) -> String {
    let column = |column: &ColumnRef| match &column.table {
        Some(table) => format!("{table}.{}", column.column),
        None => column.column.clone(),
    };
    let columns = |all: &[ColumnRef]| all.iter().map(column).collect::<Vec<_>>().join(",");
    let mut text = shape.verb.word().to_owned();
    for table in &shape.tables {
        let alias = table.alias.as_deref().map(|alias| format!(":{alias}")).unwrap_or_default();
        text += &format!(" {}{alias}{}", table.name, if table.written { "!" } else { "" });
    }
    for (flag, name) in [
        (shape.selects_star, "*"),
        (shape.has_where, "where"),
        (shape.aggregates, "aggregates"),
        (shape.orders_by_random, "random"),
        (shape.limit, "limit"),
        (shape.offset, "offset"),
        (shape.locks_rows, "locks"),
    ] {
        if flag {
            text += &format!(" +{name}");
        }
    }
    for predicate in &shape.predicates {
        let sign = match predicate.comparison {
            Comparison::Equal => "=",
            Comparison::Range => "<",
            Comparison::In => " in",
            Comparison::Like => " like",
            Comparison::Null => " null",
            Comparison::Other => "?",
        };
        let name = column(&predicate.column);
        let name = match &predicate.wrapped_in {
            Some(wrapper) => format!("{wrapper}({name})"),
            None => name,
        };
        let join = if predicate.join { "&" } else { "" };
        text += &format!(" | {name}{sign}{join}{}", if predicate.below_or { "^" } else { "" });
    }
    for or in &shape.ors {
        text += &format!(" | or {}", columns(&or.columns));
    }
    for not_in in &shape.not_ins {
        let left = not_in.column.as_ref().map(column).unwrap_or_default();
        let table = not_in.table.as_deref().unwrap_or("-");
        let returns = not_in.returns.as_deref().unwrap_or("-");
        text += &format!(" | {left} not in {table}.{returns}");
    }
    for found in &shape.correlated {
        let kind = if found.exists { "exists" } else { "subquery" };
        let place = if found.in_select_list { "per row" } else { "where" };
        text +=
            &format!(" | {kind} {place} {} by {}", found.tables.join(","), columns(&found.outer));
    }
    if !shape.order_by.is_empty() {
        let keys: Vec<_> = shape
            .order_by
            .iter()
            .map(|key| {
                let name = key.column.as_ref().map_or_else(|| "-".to_owned(), column);
                if key.descending { format!("{name}↓") } else { name }
            })
            .collect();
        text += &format!(" | by {}", keys.join(","));
    }
    text
}

/// Statements that the grammar accepts, and their shape.
#[rustfmt::skip]
const ACCEPTED: &[(&str, &str)] = &[
    // Aliases, joins, stars, order.
    ("SELECT * FROM users u WHERE u.email = '?' AND ? < age ORDER BY u.created_at DESC, id LIMIT ? OFFSET ?",
     "select users:u +* +where +limit +offset | users.email= | users.age< | by users.created_at↓,users.id"),
    ("select o.*, c.\"Name\" as n from shop.orders o join Customers as c on c.id = o.customer_id where n is not null order by n",
     "select shop.orders:o customers:c +* +where | customers.id=& | shop.orders.customer_id=& | n null | by customers.Name"),
    ("select a.x from a join b using (id) left join c on c.y between a.lo and a.hi, lateral (select z from d) e",
     "select a b c d | a.id=& | b.id=& | c.y<& | a.lo<& | a.hi<&"),
    ("select x, y from t where x in (?) and y = any(?) and z not in (?) and tag = any(tags) and v <> ?",
     "select t +where | t.x in | t.y= | t.z? | t.tag? | t.tags? | t.v?"),
    ("select count(*), max(a) from t group by b having sum(c) > ? and b like '?'",
     "select t +aggregates | t.b like"),
    ("select a from t union all (select * from s where s.q = ? limit ?) order by 1 limit ?",
     "select t s +* +where +limit | s.q= | by -"),
    ("select row_number() over (order by a) from t order by random() fetch first ? rows only",
     "select t +random +limit | by -"),
    ("select * from (select id from t) d", "select t"),
    ("select a from t for update skip locked", "select t +locks"),
    ("values (?), (?)", "select"),
    // Functions, casts and operators around the column, not around the constant.
    ("select 1 from t where lower(email) = lower('?') and date(created) >= current_date - ? and x::text = '?' and y = ?::int",
     "select t +where | lower(t.email)= | date(t.created)< | ::text(t.x)= | t.y="),
    ("select 1 from t where created + interval '?' > now() and extract(year from d) = ? and ts < now() - interval '?' and data->>'?' = '?'",
     "select t +where | +(t.created)< | extract(t.d)= | t.ts< | ->>(t.data)="),
    ("select 1 from t where data ? '?' and data @> '?' and not (a > ? or b = ?) and c ~ '?' and ok",
     "select t +where | t.data? | t.a? | t.b? | t.c like | t.ok?"),
    ("select 1 from t where (a, b) > ($1, $2) and c between ? and ? and d + e = ? and lo <= hi",
     "select t +where | t.a< | t.b< | t.c< | +(t.d)= | t.lo? | t.hi?"),
    // ORs.
    ("select 1 from t where a = ? or (b = ? or c is null)",
     "select t +where | t.a=^ | t.b=^ | t.c null^ | or t.a,t.b,t.c"),
    ("select 1 from t where a = ? or a = ?", "select t +where | t.a=^"),
    ("select 1 from t where (k = ? and a = ?) or (k = ? and b = ?)",
     "select t +where | t.k=^ | t.a=^ | t.b=^ | or t.a,t.b"),
    ("select 1 from t where a < ? or (a = ? and id < ?)", "select t +where | t.a<^ | t.a=^ | t.id<^"),
    ("select 1 from t where $1 is null or a = $1", "select t +where | t.a=^"),
    ("select 1 from a join b on a.x = b.x or a.y = b.y where not (a.z = ? and a.w = ?)",
     "select a b +where | a.x=&^ | b.x=&^ | a.y=&^ | b.y=&^ | a.z?^ | a.w?^"),
    // Subqueries.
    ("select 1 from t where t.id not in (select s.t_id from s where s.ok) and not (q in (select r from u))",
     "select t s u +where | t.id?& | s.ok? | t.q?& | t.id not in s.t_id | t.q not in u.r"),
    ("select 1 from t where x <> all (select y from s)", "select t s +where | t.x?& | t.x not in s.y"),
    ("select (select count(*) from o where o.u_id = u.id), u.* from users u where exists (select from v where v.id = u.vid and w = ?)",
     "select o users:u v +* +where | o.u_id=& | users.id=& | v.id=& | users.vid=& | v.w= \
      | subquery per row o by users.id | exists where v by users.vid"),
    ("select 1 from t where a = (select max(a) from t t2 where t2.b = t.b) and c in (select d from s where e = ?)",
     "select t s +where | t.a= | t.b=& | t.c in& | s.e= | subquery where t by t.b"),
    // CTEs.
    ("with recent as (select * from orders where at > ?), r2 (x) as materialized (select 1 from recent) select * from recent join r2 on x = ? join orders on true",
     "select orders +* | orders.at< | x="),
    ("with recursive tree as (select id from nodes where id = ? union all select n.id from nodes n join tree t on n.parent = t.id) select id from tree",
     "select nodes | nodes.id= | nodes.parent=& | id=&"),
    ("with users as (select id from users) select id from users", "select users"),
    ("with gone as (delete from logs where at < ? returning id) insert into archive (id) select id from gone where id > ?",
     "insert logs! archive! +where | logs.at< | id<"),
    // Writes.
    ("insert into t (a, b) values (?, ?) on conflict (a) do update set b = excluded.b where t.c > ? returning id", "insert t!"),
    ("insert into t select * from s where s.x = ? limit ?", "insert t! s +* +where +limit | s.x="),
    ("update t set a = (select max(b) from s where s.id = t.id) from u where u.id = t.uid",
     "update t! s u +where | s.id=& | t.id=& | u.id=& | t.uid=& | subquery per row s by t.id"),
    ("update t set a = ?", "update t!"),
    ("delete from t using s where s.id = t.id", "delete t! s +where | s.id=& | t.id=&"),
    ("delete from t as x", "delete t:x!"),
    ("merge into t using s on t.id = s.id when matched and t.v < ? then update set v = s.v when not matched then insert (id) values (s.id)",
     "merge t! s | t.id=& | s.id=&"),
    ("copy t (a, b) from stdin", "copy t!"),
    ("copy (select a from t where b = ?) to stdout", "copy t +where | t.b="),
    // Fingerprints have no aliases, but keep them as qualifiers.
    ("select u.a from users where u.b = ? and v.c in (?) order by n",
     "select users +where | users.b= | users.c in | by users.n"),
    // Which statement counts.
    ("/* c */ begin; set local x = '?'; -- c\n (select a from t);", "select t"),
];

/// Statements that are left to the tokens, and their shape.
#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    ("", "other"),
    (";;", "other"),
    ("begin; commit", "transaction"),
    ("prepare transaction '?'", "transaction"),
    ("set statement_timeout = ?", "utility"),
    ("explain analyze select * from t where a = ?", "utility t"),
    ("vacuum; drop table a, public.\"B\"", "ddl a! public.B!"),
    ("create table if not exists t (a int, b text)", "ddl t!"),
    ("truncate table only t, s", "ddl t! s!"),
    ("this is no sql", "other"),
    ("update only t set a = ? from only s where b = c", "update t! s +where"),
    // Cut off, or in a syntax the grammar does not know.
    ("select * from users u where u.id in (?, ?", "select users:u +* +where"),
    ("select a, 'cut of", "select"),
    ("with x as (select a from t where", "select t"),
    ("with x as (select a from t), y as (select b from x) update s set q = ? from y where !!", "update t s! +where"),
    ("select u.* from users as u, \"Odd\"\"Name\" o where o.id @@@ ? and extract(year from at) is distinct from ? limit ?, ? ~",
     "select users:u Odd\"Name:o +* +where +limit +offset"),
    ("select distinct a from t where x not in (select y from s where ] order by random() limit all",
     "select t s +where +aggregates +random | - not in -.-"),
];

#[test]
fn reads_statements_by_the_grammar_and_agrees_with_the_tokens() {
    for (sql, expected) in ACCEPTED {
        let shape = read(sql, Dialect::Postgres);
        assert_eq!(brief(&shape), *expected, "{sql}");
        assert!(shape.exact, "{sql}");
        let statement = Statement::first(sql, Dialect::Postgres).unwrap();
        let tokens = tokens::read(&statement);
        let names = |shape: &Shape| {
            let mut names: Vec<_> =
                shape.tables.iter().map(|table| (table.name.clone(), table.written)).collect();
            names.sort();
            names
        };
        let told = |shape: &Shape| {
            (shape.verb, shape.has_where, shape.limit, shape.offset, shape.orders_by_random)
        };
        assert_eq!((names(&tokens), told(&tokens)), (names(&shape), told(&shape)), "{sql}");
        assert!(!tokens.exact);
        assert!(shape.selects_star || !tokens.selects_star, "{sql}");
    }
}

#[test]
fn reads_by_tokens_what_the_grammar_refuses() {
    for (sql, expected) in REFUSED {
        let shape = read(sql, Dialect::Postgres);
        let expected = expected.replace("| - not in", "|  not in");
        assert_eq!((brief(&shape), shape.exact), (expected, false), "{sql}");
    }
}

#[test]
fn reads_other_dialects() {
    for (dialect, sql, expected) in [
        (
            Dialect::Mysql,
            "SELECT `a` FROM `db`.`t` WHERE b = \"?\" LIMIT ?, ?",
            "select db.t +where +limit +offset | db.t.b=",
        ),
        (Dialect::Mysql, "replace into t values (?)", "insert t!"),
        (
            Dialect::Mysql,
            "update a join b on a.id = b.id set a.x = ?",
            "update a! b +where | a.id=& | b.id=&",
        ),
        (
            Dialect::Mysql,
            "update low_priority ignore t1, t2 set t1.a = t2.b where t1.id = t2.id",
            "update t1! t2 +where | t1.id=& | t2.id=&",
        ),
        (Dialect::Mysql, "delete quick ignore from t where a = ?", "delete t! +where | t.a="),
        (
            Dialect::Mysql,
            "select high_priority a from t where !b and c mod ? = ? and d = ? lock in share mode",
            "select t +where +locks | t.b? | %(t.c)= | t.d=",
        ),
        (
            Dialect::Mysql,
            "select straight_join a from t1 straight_join t2 on t1.id = t2.id where t1.a <=> ?",
            "select t1 t2 +where | t1.id=& | t2.id=& | t1.a=",
        ),
        (
            Dialect::Mysql,
            "insert into t (a) values (?) on duplicate key update a = values(a)",
            "insert t!",
        ),
        (
            Dialect::Mysql,
            "select a from t order by rand() limit ?",
            "select t +random +limit | by -",
        ),
        (Dialect::Sqlite, "select [a] from t where x = ?1", "select t +where | t.x="),
    ] {
        let shape = read(sql, dialect);
        assert_eq!((brief(&shape).as_str(), shape.exact), (expected, true), "{sql}");
    }
}

/// Deep, long and broken texts come back, by tokens, without a deep recursion or a long wait.
#[test]
fn survives_hostile_texts() {
    let repeated = |start: &str, part: &str, count: usize, end: &str| {
        format!("{start}{}{end}", part.repeat(count))
    };
    for (sql, exact) in [
        (repeated("select a from t where ", "(", 100_000, ""), false),
        (repeated("select a from t where a = ", "1+", 100_000, "1"), false),
        (repeated("select a from t where a = ", "1+", 1_900, "1"), false),
        (repeated("select a from t where a = ", "1+", 150, "1"), true),
        (repeated("select a from t where ", "a = ? or ", 900, "b = ?"), true),
        (repeated("select a from t where ", "not ", 10_000, "b"), false),
        (repeated("select a from t where a = ", "- ", 10_000, "b"), false),
        (repeated("select a from t where a = ", "case when ", 200, "b"), false),
        (repeated("select a from t where x = ", "f(", 49, "b"), false),
        (repeated("", "select a from t union ", 1_000, "select a from t"), false),
        (repeated("", "select a from t union ", 90, "select a from t"), true),
        (repeated("select a from t where a in (", "select a from t where a in (", 40, "?"), false),
        (repeated("select a from t where a", "::int", 1_500, " = ?"), false),
        (repeated("select a from t where a", "::int", 150, " = ?"), true),
        (repeated("select a from t, ", "t, ", 100_000, "t"), false),
        (repeated("with ", "x as (select a from t), ", 10_000, "t"), false),
        (repeated("select ", "'", 99_999, ""), false),
        (repeated("", "\u{fffd}(\u{0}; \"`$$", 20_000, ""), false),
        (repeated("/*", "/*", 20_000, ""), false),
        (repeated("select", " not in (select", 20_000, ""), false),
    ] {
        for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
            let started = std::time::Instant::now();
            let shape = read(&sql, dialect);
            if dialect == Dialect::Postgres {
                let start: String = sql.chars().take(60).collect();
                assert_eq!(shape.exact, exact, "{start}");
            }
            assert!(started.elapsed().as_secs() < 5);
        }
    }
}

/// Every prefix of every statement, cut anywhere, is read; verbs hold once their word is there.
#[test]
fn reads_cut_statements() {
    for (sql, _) in ACCEPTED {
        for (cut, _) in sql.char_indices() {
            let shape = read(&sql[..cut], Dialect::Postgres);
            assert!(shape.tables.len() <= 8, "{}", &sql[..cut]);
        }
    }
    assert_eq!(brief(&read("update t set a = ? whe", Dialect::Postgres)), "update t!");
}
