//! Rewrites as text. That both forms return the same rows is tried on a real server by
//! `tests/oracle/rewrites.py`, which runs `cases.tsv`.

use super::*;

type Rewriter = fn(&str, Dialect) -> Option<Rewrite>;

/// The rewritten statement, its lines joined by blanks.
fn apply(rewriter: Rewriter, sql: &str, dialect: Dialect) -> Option<(String, usize)> {
    let rewrite = rewriter(sql, dialect)?;
    assert!(!rewrite.notes.is_empty());
    for note in &rewrite.notes {
        assert!(note.ends_with('.') && !note.contains("000000"), "{note}");
    }
    let lines: Vec<_> = rewrite.sql.lines().map(str::trim_start).collect();
    Some((lines.join(" "), rewrite.placeholders))
}

#[rustfmt::skip]
const DONE: &[(Rewriter, Dialect, &str, &str, usize)] = &[
    (not_in_to_not_exists, Dialect::Postgres,
     "select u.id from users u where u.ok and u.id not in (select distinct o.uid from o where a = '?' or b > $1 order by 1) limit ?",
     "SELECT u.id FROM users u WHERE u.ok AND NOT EXISTS (SELECT NULL FROM o WHERE o.uid = u.id AND (a = $2 OR b > $1)) LIMIT $3", 2),
    (not_in_to_not_exists, Dialect::Postgres,
     "delete from s where uid <> all (select id from users where at > now() - interval '?') and d = date '?'",
     "DELETE FROM s WHERE NOT EXISTS (SELECT NULL FROM users WHERE users.id = s.uid AND at > now() - CAST($1 AS INTERVAL)) AND d = CAST($2 AS DATE)", 2),
    (not_in_to_not_exists, Dialect::Mysql,
     "update `a` set x = ? where y not in (select z from b)",
     "UPDATE `a` SET x = :p1 WHERE NOT EXISTS (SELECT NULL FROM b WHERE b.z = `a`.y)", 1),
    (offset_to_keyset, Dialect::Postgres,
     "SELECT id, t FROM posts WHERE a = $1 OR b ORDER BY t DESC, id DESC LIMIT $2 OFFSET $3",
     "SELECT id, t FROM posts WHERE (a = $1 OR b) AND (t, id) < ($3, $4) ORDER BY t DESC, id DESC LIMIT $2", 2),
    (offset_to_keyset, Dialect::Postgres,
     "select p.t as x from posts p join u using (id) order by x, p.id desc offset ? rows fetch next ? rows only",
     "SELECT p.t AS x FROM posts p JOIN u USING(id) WHERE p.t >= $1 AND (p.t > $1 OR (p.t = $1 AND p.id < $2)) ORDER BY x, p.id DESC FETCH FIRST $3 ROWS ONLY", 3),
    (offset_to_keyset, Dialect::Mysql,
     "select * from t order by a, b limit ?, ?",
     "SELECT * FROM t WHERE a >= :p1 AND (a > :p1 OR (a = :p1 AND b > :p2)) ORDER BY a, b LIMIT :p3", 3),
    (offset_to_keyset, Dialect::Sqlite,
     "select * from t order by a limit ? offset ?",
     "SELECT * FROM t WHERE a > ?1 ORDER BY a LIMIT ?2", 2),
    (or_to_union, Dialect::Postgres,
     "select u.id as n from users u where u.ok = true and (a = $1 or b = '?' or c in (select x from y)) order by u.id limit ?",
     "SELECT u.id AS n FROM users u WHERE u.ok = true AND a = $1 UNION ALL \
      SELECT u.id AS n FROM users u WHERE u.ok = true AND b = $2 AND (a = $1) IS NOT TRUE UNION ALL \
      SELECT u.id AS n FROM users u WHERE u.ok = true AND c IN (SELECT x FROM y) AND (a = $1 OR b = $2) IS NOT TRUE \
      ORDER BY n LIMIT $3", 2),
];

#[rustfmt::skip]
const REFUSED: &[(Rewriter, &[&str])] = &[
    (not_in_to_not_exists, &[
        "select * from a where x not in (select y from b) or z = ?",
        "select * from a", "select * from a where x in (select y from b)", "select * from",
        "select * from a where x not in (select y from b limit ?)",
        "select * from a where x not in (select max(y) from b)",
        "select * from a where x not in (select y from b union select z from c)",
        "select * from a where x + ? not in (select y from b)",
        "select * from a, c where x not in (select y from b)",
        "select * from a where x not in (select y from b, c)",
        "select * from a where x not in (select a.y from b)",
        "select * from a where x not in (select a.y from a)",
        "select * from a where x not in (select y from b) and c = interval '?' day",
    ]),
    (offset_to_keyset, &[
        "select * from t order by a limit ?", "select * from t limit ? offset ?",
        "select * from t order by a offset ?", "select * from t order by lower(a) limit ? offset ?",
        "select * from t order by ? limit ? offset ?",
        "select a + b as x from t order by x limit ? offset ?",
        "select * from t order by a nulls first limit ? offset ?",
        "select distinct a from t order by a limit ? offset ?",
        "select a, count(*) from t group by a order by a limit ? offset ?",
        "select a, sum(b) over (order by a) from t order by a limit ? offset ?",
        "select unnest(b) from t order by a limit ? offset ?",
        "select a from t union select a from s order by a limit ? offset ?",
        "select * from t order by a limit ? offset ? for update",
        "select x::varchar(10) from t order by a limit ? offset ?",
    ]),
    (or_to_union, &[
        "select a from t where a = ?", "select a from t where (a = ? or b = ?) and (c = ? or d = ?)",
        "select distinct a from t where a = ? or b = ?", "select max(a) from t where a = ? or b = ?",
        "select a from t where a = ? or b = ? for update", "select a from t where a = ? or b = ? order by c",
        "select t.*, u.* from t, u where t.a = ? or u.b = ? order by id",
        "select a from t where a = ? or b = ? or c = ? or d = ? or e = ?",
        "select a from t where a = ? or b = ? union select c from u",
        "update t set a = ? where a = ? or b = ?",
    ]),
];

#[test]
fn rewrites_keep_what_they_must() {
    for &(rewriter, dialect, sql, expected, placeholders) in DONE {
        let expected = Some((expected.to_owned(), placeholders));
        assert_eq!(apply(rewriter, sql, dialect), expected, "{sql}");
    }
}

/// The forms that were tried on a server are those that are written today.
#[test]
fn tried_rewrites_are_these() {
    for line in include_str!("cases.tsv").lines() {
        let fields: Vec<_> = line.split('\t').collect();
        let [kind, original, rewritten, constants] = fields[..] else {
            panic!("{line}");
        };
        let rewriter = match kind {
            "not-in" => not_in_to_not_exists,
            "keyset" => offset_to_keyset,
            _ => or_to_union,
        };
        let placeholders = constants.split(';').filter(|value| !value.is_empty()).count();
        let expected = Some((rewritten.to_owned(), placeholders));
        assert_eq!(apply(rewriter, original, Dialect::Postgres), expected, "{original}");
    }
}

#[test]
fn unsure_is_no_rewrite() {
    for (rewriter, statements) in REFUSED {
        for sql in *statements {
            assert_eq!(apply(*rewriter, sql, Dialect::Postgres), None, "{sql}");
        }
    }
}

/// No constant of an unmasked statement comes through.
#[test]
fn constants_become_placeholders() {
    let sql = "select id from t where (a = 'secret' or b = 4711) and c = E'se\\'cret' and d is null \
               and e = $$secret$$ order by id limit 4711";
    let rewrite = or_to_union(sql, Dialect::Postgres).unwrap();
    assert!(!rewrite.sql.contains("secret") && !rewrite.sql.contains("4711"));
    assert!(rewrite.sql.contains("d IS NULL"));
    assert_eq!(rewrite.placeholders, 5);
}
