#!/usr/bin/env python3
"""Runs every SQL text that the rules' fixtures print on a real PostgreSQL, beside the original.

    PGHOST=… PGPORT=… PGUSER=… tests/oracle/advice.py

Needs psql, a role that may create databases and extensions, and PostgreSQL 12 or later with
pg_trgm. It makes the database querylens_advice and drops it again. The tables hold what breaks
rewrites: NULLs, duplicates, ties, rows without a match. A rewrite must return the same rows as the
statement it replaces; an index must be used. A text for which there is no trial is a failure.
"""
import json
import pathlib
import re
import subprocess
import sys

RULES = pathlib.Path(__file__).parents[2] / "fixtures" / "rules"
DATABASE = "querylens_advice"
TABLES = """
CREATE TABLE customers (id int PRIMARY KEY, name text, email text, phone text, region int);
INSERT INTO customers SELECT i, 'name ' || i % 997,
  CASE WHEN i % 11 > 0 THEN 'User' || i % 20000 || '@example.com' END,
  CASE WHEN i % 7 > 0 THEN '030' || i % 9000 END, i % 9 FROM generate_series(1, 30000) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, status int, total int,
  created_at timestamptz, placed_at timestamp);
INSERT INTO orders SELECT i, 1 + i % 9000, i % 10, i, t, t AT TIME ZONE 'UTC' FROM (
  SELECT i, CASE WHEN i % 50 > 0 THEN timestamptz '2026-11-01 00:00+00' + i % 2000 * interval '30 min' END t
  FROM generate_series(1, 60000) i) AS rows;
CREATE TABLE order_items (id int PRIMARY KEY, order_id int NOT NULL, quantity int, sku int);
INSERT INTO order_items SELECT i, 1 + i % 40000, nullif(i % 5, 0), i % 9000 FROM generate_series(1, 90000) i;
CREATE TABLE products (id int PRIMARY KEY, name text, created_at timestamptz NOT NULL, category_id int,
  stock int, price int, featured bool, about text);
INSERT INTO products SELECT i, 'lamp ' || i % 90 || ' ' || md5(i::text),
  timestamptz '2026-01-01' + i % 500 * interval '1 h', i % 8, i % 40, i % 77,
  CASE i % 3 WHEN 0 THEN false WHEN 1 THEN true END, repeat(md5(i::text), 40) FROM generate_series(1, 60000) i;
CREATE TABLE search_cache (id int);
INSERT INTO search_cache SELECT generate_series(1, 100);
CREATE TABLE "Guest Book" (id int PRIMARY KEY, "E""Mail" text);
INSERT INTO "Guest Book" SELECT i, 'User' || i || '@example.com' FROM generate_series(1, 30000) i;
ANALYZE;
"""


def psql(sql, database=DATABASE):
    """Runs statements one by one, as they come; returns the lines they print."""
    done = subprocess.run(
        ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database],
        input=sql, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{done.stderr.strip()}\nin: {sql}")
    return done.stdout.splitlines()


def rows(sql):
    return sorted(psql(sql + ";"))


def call(sql, *values):
    """A statement with numbered placeholders, prepared and executed."""
    prepared = f"PREPARE trial AS {sql.rstrip(';')};\n"
    return psql(prepared + f"EXECUTE trial({', '.join(values)});" if values else sql + ";")


def same(what, old, new):
    if sorted(old) != sorted(new):
        raise RuntimeError(f"{what}: {len(old)} rows before, {len(new)} after")
    return f"{what}: the same {len(old)} rows"


def plan(sql):
    """The plan of a run with its time in milliseconds; the second run, so that caches are warm."""
    explain = f"EXPLAIN (ANALYZE, BUFFERS) {sql};"
    psql(explain)
    text = "\n".join(psql(explain))
    return text, float(re.search(r"Execution Time: ([\d.]+)", text).group(1))


def used(fix, sql, name):
    """Builds the index of a fix; the statement must use it. Then takes it away again."""
    _, before = plan(sql)
    psql(fix["text"] + "\nANALYZE;")
    text, after = plan(sql)
    size = psql(f"SELECT pg_size_pretty(pg_relation_size('{name}'));")[0]
    psql(fix["undo"])
    if name not in text:
        raise RuntimeError(f"{name} is not used:\n{text}")
    return f"{name} ({size}) used: {before:.1f} ms before, {after:.1f} ms after"


def keyset(fix):
    old = "SELECT id, name, created_at FROM products WHERE category_id = 7 ORDER BY created_at DESC, id DESC LIMIT 250"
    pages, last = 0, None
    while True:
        page = psql(f"{old} OFFSET {pages * 250};")
        if last:
            here = call(fix["text"], "7", f"'{last[2]}'", last[0], "250")
            if here != page:
                raise RuntimeError(f"page {pages} differs")
        if not page:
            return f"keyset: {pages} pages alike, in order"
        last, pages = page[-1].split("|"), pages + 1


def trigram(fix):
    found = [used(fix, f"SELECT id FROM products WHERE name {how} '%{pattern}%'", "products_name_trgm_idx")
             for how, pattern in [("ILIKE", "LAMP 42 C4"), ("LIKE", "c4ca")]]
    return "; ".join(found)


def day(fix):
    found = []
    for column, zone in [("created_at", "Europe/Berlin"), ("placed_at", "UTC")]:
        zone_set = f"SET TimeZone = '{zone}'; "
        old = psql(zone_set + f"SELECT id FROM orders WHERE date({column}) = '2026-11-12';")
        new = fix["text"].replace("created_at", column)
        found.append(same(f"day of {column}", old, psql(zone_set + f"PREPARE t AS SELECT id FROM orders {new}; EXECUTE t('2026-11-12');")))
    return "; ".join(found)


def per_row(fix):
    join = fix["text"].replace("{1}", "sum(quantity)")
    old = "SELECT o.id, (SELECT sum(oi.quantity) FROM order_items oi WHERE oi.order_id = o.id) FROM orders o WHERE o.status = 3"
    return same("grouped join", rows(old), rows(f"SELECT o.id, per_row.value FROM orders o {join} WHERE o.status = 3"))


def sample(fix):
    source = fix["text"].replace("{1}", "20")
    text, ms = plan(f"SELECT id, name {source} WHERE stock > 3 ORDER BY random() LIMIT 5")
    _, before = plan("SELECT id, name FROM products WHERE stock > 3 ORDER BY random() LIMIT 5")
    assert "Sample Scan" in text, text
    return f"sample: {before:.1f} ms before, {ms:.1f} ms after"


def random_key(fix):
    text, ms = plan("SELECT id, name FROM products " + fix["text"].replace("{1}", "id"))
    assert "Index Scan using products_pkey" in text and "Index Cond" in text, text
    return f"random key: {ms:.1f} ms by the primary key"


def wanted(fix):
    script = fix["text"].replace("COPY wanted FROM STDIN;", "COPY wanted FROM STDIN;\n5\n5\n17\n8000\n\\.")
    script = re.sub(r"--.*\n", "", script)
    script = script.replace("COMMIT;", "SELECT id FROM orders WHERE customer_id IN (SELECT value FROM wanted);\nCOMMIT;")
    return same("temporary table", psql("SELECT id FROM orders WHERE customer_id IN (5, 5, 17, 8000);"), psql(script))


def array(fix):
    old = psql("SELECT id FROM orders WHERE customer_id IN (5, 5, 17, 8000);")
    new = call(f"SELECT id FROM orders WHERE {fix['text']}", "'{5,5,17,8000}'")
    none = call(f"SELECT id FROM orders WHERE {fix['text']}", "'{}'")
    assert not none
    return same("array", old, new)


def unchanged(fix):
    where = fix["text"].replace("{1}", "featured").replace("{2}", "false")
    end = "SELECT featured, count(*) FROM products GROUP BY 1; ROLLBACK;"
    old = psql(f"BEGIN; UPDATE products SET featured = false; {end}")
    return same("conditional update", old, psql(f"BEGIN; UPDATE products SET featured = false {where}; {end}"))


def emptied(fix):
    left = psql(f"BEGIN; {fix['text']} SELECT count(*) FROM search_cache; ROLLBACK;")
    assert left == ["0"], left
    return "truncate: empty, and back after ROLLBACK"


def anti_join(fix):
    old = "SELECT id, name FROM customers WHERE region = 3 AND id NOT IN (SELECT customer_id FROM orders WHERE status = 4)"
    text, ms = plan(old.replace("= 4", "< 9"))
    result = same("anti-join", psql(old + ";"), call(fix["text"], "3", "4"))
    text, after = plan(re.sub(r"\$2", "4", re.sub(r"\$1", "3", fix["text"])))
    assert "Anti Join" in text, text
    return result + f"; {ms:.1f} ms before, {after:.1f} ms after"


def union(fix):
    found = []
    for email, phone in [("User5@example.com", "0305"), ("User5@example.com", "0300000"), ("none", "03017"), ("none", "none")]:
        old = psql(f"SELECT id, name FROM customers WHERE email = '{email}' OR phone = '{phone}';")
        found.append(same("union", old, call(fix["text"], f"'{email}'", f"'{phone}'")))
    return "; ".join(found)


def both_indexes(fix):
    return used(fix, "SELECT id, name FROM customers WHERE email = 'User5@example.com' OR phone = '0305'", "customers_phone_idx")


def lower_index(fix):
    if "Guest Book" in fix["text"]:
        sql = """SELECT id FROM "Guest Book" WHERE lower("E""Mail") = 'user5@example.com'"""
        _, before = plan(sql)
        psql(fix["text"] + "\nANALYZE;")
        text, after = plan(sql)
        psql(fix["undo"])
        assert "Bitmap Index Scan" in text or "Index Scan" in text, text
        return f"index on a quoted name used: {before:.1f} ms before, {after:.1f} ms after"
    return used(fix, "SELECT id, name FROM customers WHERE lower(email) = 'user5@example.com'", "customers_email_lower_idx")


def inner_index(fix):
    sql = "SELECT o.id, (SELECT sum(oi.quantity) FROM order_items oi WHERE oi.order_id = o.id) FROM orders o WHERE o.id < 60"
    return used(fix, sql, "order_items_order_id_idx")


def own_index(fix):
    sql = "SELECT p.id FROM products p WHERE p.id < 40 AND p.price > (SELECT avg(q.price) FROM products q WHERE q.category_id = p.category_id)"
    return used(fix, sql, "products_category_id_idx")


def printed(fix):
    return f"prints {len(psql(fix['text']))} rows"


def setting(fix):
    name, value = fix["text"].split(" = ")
    return f"{name}: {psql(f'SET {name} = {value}; SHOW {name};')[0]}, back with {psql('SET ' + fix['undo'] + '; SHOW ' + name + ';')[0]}"


def shown(name):
    return psql(f"SHOW {name};", "postgres")[0]


def server_settings(fix):
    """ALTER SYSTEM and its undo: the file must take each value, and a reload must bring it."""
    names = re.findall(r"ALTER SYSTEM SET (\w+) = ", fix["text"])
    before = {name: shown(name) for name in names}
    psql(fix["text"], "postgres")
    pending = psql("SELECT pg_sleep(0.3); SELECT name FROM pg_settings WHERE pending_restart;", "postgres")
    after = {name: shown(name) for name in names}
    psql(fix["undo"], "postgres")
    psql("SELECT pg_sleep(0.3);", "postgres")
    assert names and pending == [""], f"{pending} need a restart"
    assert before == {name: shown(name) for name in names}, "not undone"
    return ", ".join(f"{name}: {before[name]} -> {after[name]} and back" for name in names)


def role_setting(fix):
    psql("DROP ROLE IF EXISTS app; CREATE ROLE app;")
    try:
        psql(fix["text"])
        set_to = psql("SELECT setconfig FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole WHERE rolname = 'app';")
        psql(fix["undo"])
        left = psql("SELECT setconfig FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole WHERE rolname = 'app';")
    finally:
        psql("DROP ROLE app;")
    assert set_to and not left, (set_to, left)
    return f"role: {set_to[0]}, undone"


def table_setting(fix):
    def options():
        return psql("SELECT reloptions FROM pg_class WHERE oid = 'order_items'::regclass;")[0]
    psql(fix["text"])
    set_to = options()
    psql(fix["undo"])
    assert set_to and not options(), "not undone"
    return f"table: {set_to}, undone"


def memory_trial(fix):
    sql = "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM products ORDER BY about;"
    before = "\n".join(psql("SET max_parallel_workers_per_gather = 0; SET work_mem = '4MB'; " + sql))
    after = "\n".join(psql(re.sub(r"-- here.*", sql, fix["text"])))
    assert "external merge" in before and "external merge" not in after, after
    assert shown("work_mem") == "4MB"
    return "work_mem of one transaction: the sort stays in memory"


def session_timeout(fix):
    set_to = psql(fix["text"] + " SHOW lock_timeout;")[0]
    return f"lock_timeout {set_to}, then {psql(fix['text'] + fix['undo'] + ' SHOW lock_timeout;')[0]}"


def rows_in_order(fix):
    sql = fix["text"].replace("{1}", "customer_id = 7").replace("{2}", "id").replace("accounts", "orders")
    text = "\n".join(psql(f"BEGIN; EXPLAIN {sql} ROLLBACK;"))
    assert text.startswith("LockRows") and "Sort" in text, text
    return "rows are locked in order"


def vacuum(fix):
    psql(fix["text"])
    return "vacuum of the whole database"


def kernel(fix):
    name, value = fix["text"].split(" = ")
    assert pathlib.Path("/proc/sys", *name.split(".")).exists() and value.isdigit()
    return f"{name} is a setting of this kernel"


TRIALS = {
    "archiver-failing": [printed],
    "cancelled-statements": [role_setting, server_settings],
    "checkpoints-too-frequent": [server_settings],
    "connections-exhausted": [printed],
    "crash-recovery": [kernel],
    "deadlocks": [rows_in_order],
    "lock-waits": [session_timeout, printed, session_timeout, printed, printed, printed, printed],
    "slow-autovacuum": [printed, server_settings, table_setting],
    "slow-logging-off": [server_settings],
    "temp-files": [memory_trial, role_setting, server_settings],
    "wraparound-near": [printed, printed, vacuum],
    "correlated-subquery": [per_row, inner_index, own_index],
    "deep-offset": [keyset],
    "function-on-column": [lower_index, day, lower_index],
    "high-variance": [setting],
    "huge-in-list": [wanted, array],
    "leading-wildcard": [trigram],
    "missing-where": [unchanged, emptied, unchanged],
    "not-in-subquery": [printed, anti_join],
    "or-across-columns": [both_indexes, union],
    "order-by-random": [sample, random_key],
    "select-star": [printed],
}


def main():
    psql(f"DROP DATABASE IF EXISTS {DATABASE};\nCREATE DATABASE {DATABASE};", "postgres")
    failed = 0
    try:
        psql(TABLES)
        for expect in sorted(RULES.glob("*/hit.expect")):
            rule = expect.parent.name
            findings = json.loads(expect.read_text())["findings"]
            fixes = [fix for finding in findings for fix in finding["fixes"] if fix["kind"] != "code"]
            trials = TRIALS.get(rule, [])
            if len(fixes) != len(trials):
                print(f"FAILED  {rule}: {len(fixes)} texts, {len(trials)} trials")
                failed += 1
            for fix, trial in zip(fixes, trials):
                try:
                    print(f"ok      {rule}: {trial(fix)}")
                except (RuntimeError, AssertionError) as error:
                    print(f"FAILED  {rule}: {error}")
                    failed += 1
    finally:
        psql(f"DROP DATABASE {DATABASE};", "postgres")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
