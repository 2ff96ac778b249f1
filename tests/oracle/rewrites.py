#!/usr/bin/env python3
"""Runs every rewrite of src/lang/sql/rewrite/cases.tsv beside its original on a PostgreSQL server.

    PGHOST=… PGPORT=… PGUSER=… python3 tests/oracle/rewrites.py

Connects with psql, creates the schema rewrite_trial, prepares both forms, executes them with every
combination of values over tables with NULLs, duplicates and ties and over empty ones, compares the
multisets of rows (pages and their order for keyset), and drops the schema. Exits 1 on a difference.
A NOT IN case is also run with NULLs in the compared columns, where its note says the forms differ.
"""
import itertools
import os
import pathlib
import subprocess
import sys

CASES = pathlib.Path(__file__).parents[2] / "src/lang/sql/rewrite/cases.tsv"
VALUES = {
    "text": ["NULL", "'a'", "'b'", "'paid'", "'none'"],
    "bigint": ["NULL", "0", "3"],
    "numeric": ["NULL", "0", "50", "1000"],
}
SCHEMA = """
drop schema if exists rewrite_trial cascade; create schema rewrite_trial;
create table users(id int primary key, email text, phone text, nick text, active bool, dept text,
  dept_rank int not null, created timestamp not null);
create table orders(id int primary key, user_id int, total numeric, status text, at timestamptz);
create table emp(id int primary key, boss int, dept text);
"""
ROWS = """
insert into users select g, (array['a','b','paid',null])[1 + g % 4], (array['a',null,'b'])[1 + g % 3],
  (array[null,'b'])[1 + g % 2], (array[true,false,null])[1 + g % 3], (array['a','b',null])[1 + g % 3],
  g % 4, timestamp '2020-01-01' + (g % 5) * interval '1 day' from generate_series(1, 23) g;
insert into orders select g, 1 + g % 9, (g % 7) * 20, (array['paid','a',null])[1 + g % 3],
  now() - (g % 3) * interval '5 days' from generate_series(1, 40) g;
insert into emp select g, 1 + g / 3, (array['a','b'])[1 + g % 2] from generate_series(1, 12) g;
"""
NULLS = "update orders set user_id = null where id % 5 = 0; update emp set boss = null where id < 3;"
DATA = {"filled": ROWS, "inner empty": ROWS + "truncate orders, emp;", "empty": "", "nulls": ROWS + NULLS}


def psql(script):
    env = dict(os.environ, PGOPTIONS="-c search_path=rewrite_trial -c client_min_messages=error")
    command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-P", "null=NULL", "-f", "-"]
    done = subprocess.run(command, input=script, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stderr}\n{script}")
    return done.stdout


def execute(name, values):
    return f"execute {name}{'(' + ', '.join(values) + ')' if values else ''};\n"


def types(prepare, name):
    query = f"select unnest(parameter_types) from pg_prepared_statements where name = '{name}';"
    return psql(prepare + query).splitlines()


def results(prepare, calls, table):
    """The rows of each call; of the table behind it, for a statement that writes."""
    script = prepare
    for call in calls:
        inner = f"begin;\n{call}table {table};\nrollback;\n" if table else call
        script += f"{inner}\\echo ----\n"
    return [block.splitlines() for block in psql(script).split("----\n")[:-1]]


def fixed(constants):
    return dict(item.split("=", 1) for item in constants.split(";") if "=" in item.split("<")[0])


def compare(original, rewritten, constants):
    """How many calls agree and how many do not."""
    prepare = f"prepare o as {original};\nprepare r as {rewritten};\n"
    choices = [VALUES[kind] for kind in types(prepare, "o")]
    known, count = fixed(constants), len(types(prepare, "r"))
    table = original.split()[2] if original.startswith("delete") else None
    calls = []
    for values in itertools.product(*choices):
        second = [known.get(str(at + 1), values[at] if at < len(values) else "") for at in range(count)]
        calls += [execute("o", values), execute("r", second)]
    blocks = results(prepare, calls, table)
    pairs = list(zip(blocks[::2], blocks[1::2]))
    agree = sum(sorted(first) == sorted(second) for first, second in pairs)
    return agree, len(pairs) - agree


def walk(original, rewritten, constants, size):
    """Pages by offset beside pages by key, each begun behind the last row of the page before."""
    prepare = f"prepare o as {original};\nprepare r as {rewritten};\n"
    keys = dict(item.split("<") for item in constants.split(";") if "<" in item)
    count, known, agree, differ = len(types(prepare, "r")), fixed(constants), 0, 0
    names = psql(f"create temp view v as {original.split(' limit ')[0].split(' offset ')[0]};"
                 "select attname from pg_attribute where attrelid = 'v'::regclass and attnum > 0"
                 " order by attnum;").split()
    offset, last = size, results(prepare, [execute("o", [str(size), "0"])], None)[0]
    while last:
        row = dict(zip(names, last[-1].split("|")))
        values = [known.get(str(at + 1)) or (f"'{row[keys[str(at + 1)]]}'" if str(at + 1) in keys
                  else str(size)) for at in range(count)]
        calls = [execute("o", [str(size), str(offset)]), execute("r", values)]
        last, by_key = results(prepare, calls, None)
        agree, differ = agree + (last == by_key), differ + (last != by_key)
        offset += size
    return agree, differ


def main():
    cases = [line.split("\t") for line in CASES.read_text().splitlines()]
    failed = 0
    for data, rows in DATA.items():
        psql(SCHEMA + rows)
        for number, (kind, original, rewritten, constants) in enumerate(cases, 1):
            if kind == "keyset":
                pages = [walk(original, rewritten, constants, size) for size in (1, 2, 7)]
                agree, differ = map(sum, zip(*pages))
            else:
                agree, differ = compare(original, rewritten, constants)
            expected = kind == "not-in" and data == "nulls"
            failed += differ and not expected
            verdict = "as noted" if expected and differ else "FAILED" if differ else "ok"
            print(f"{data:12} {number:2} {kind:7} {agree:4} agree {differ:4} differ  {verdict}")
    psql("drop schema rewrite_trial cascade;")
    sys.exit(1 if failed else 0)


main()
