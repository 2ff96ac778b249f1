#!/usr/bin/env python3
"""Judges `querylens fingerprint` against PostgreSQL's own query ids and against libpg_query.

Two figures over PostgreSQL's regression SQL:
  split   of the server's query ids that were seen with several texts: the share whose texts get
          several fingerprints from us (goal: at most 12 %; libpg_query is printed beside it)
  merged  of our classes: the share holding texts that libpg_query tells apart (goal: at most 1 %)

Needs PostgreSQL 15 (server and psql), its source, pglast (`pip install pglast`) and querylens:

  harvest  fingerprint_oracle.py harvest --source postgresql-15.x --bin /usr/lib/postgresql/15/bin --out DIR
           runs src/test/regress/sql in schedule order on a fresh server with compute_query_id=on
           (not as root; test functions in C are missing unless DIR/lib/regress.so exists: the
           statements that need them fail and are logged without an id) and leaves DIR/log/pg.json
  judge    fingerprint_oracle.py judge --log DIR/log/pg.json --querylens target/release/querylens

What is judged: each distinct text of one statement that ended with a duration. Left out, and
counted in the output: records without an id, texts of several statements, texts that libpg_query
cannot parse (from the second figure only).
"""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

SETTINGS = """
port = 55999
unix_socket_directories = '{out}'
listen_addresses = ''
compute_query_id = on
logging_collector = on
log_destination = 'jsonlog'
log_directory = '{out}/log'
log_filename = 'pg'
log_min_duration_statement = 0
max_prepared_transactions = 2
statement_timeout = 60s
fsync = off
"""


def harvest(args):
    out, binaries = Path(args.out).resolve(), Path(args.bin)
    regress = Path(args.source).resolve() / "src/test/regress"
    data, run = out / "data", out / "regress"
    for folder in (run / "results", out / "testtablespace", out / "lib"):
        folder.mkdir(parents=True, exist_ok=True)
    for name in ("sql", "data", "expected"):
        shutil.copytree(regress / name, run / name, dirs_exist_ok=True)
    subprocess.run([binaries / "initdb", "-D", data, "-A", "trust", "--locale=C", "-E", "UTF8",
                    "-U", "postgres"], check=True, stdout=subprocess.DEVNULL)
    with open(data / "postgresql.conf", "a", encoding="utf-8") as conf:
        conf.write(SETTINGS.format(out=out))
    subprocess.run([binaries / "pg_ctl", "-D", data, "-w", "-l", out / "start.log", "start"], check=True)
    env = os.environ | {
        "PGHOST": str(out), "PGPORT": "55999", "PGUSER": "postgres", "PGTZ": "PST8PDT",
        "PGDATESTYLE": "Postgres, MDY", "PG_ABS_SRCDIR": str(run), "PG_ABS_BUILDDIR": str(run),
        "PG_LIBDIR": str(out / "lib"), "PG_DLSUFFIX": ".so"}
    psql = [binaries / "psql", "-X", "-q"]
    try:
        subprocess.run([*psql, "-d", "postgres", "-c", "create database regression template template0"],
                       env=env, check=True)
        for line in (regress / "parallel_schedule").read_text().splitlines():
            for test in line.removeprefix("test:").split() if line.startswith("test:") else ():
                with open(run / "results" / f"{test}.out", "wb") as result:
                    subprocess.run([*psql, "-d", "regression", "-v", "HIDE_TABLEAM=on", "-v",
                                    "HIDE_TOAST_COMPRESSION=on", "-f", run / "sql" / f"{test}.sql"],
                                   env=env, cwd=run, stdout=result, stderr=result, check=False)
    finally:
        subprocess.run([binaries / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop"], check=True)


def statements(path, left_out):
    """Distinct (query id, text) of single statements."""
    from pglast import parser
    found, single = {}, {}
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            message = json.loads(line)
            text = message.get("message", "")
            head, mark, sql = text.partition("  statement: ")
            if not mark or not head.startswith("duration:"):
                continue
            query_id = message.get("query_id", 0)
            if not query_id:
                left_out["records without a query id"] += 1
                continue
            if sql not in single:
                try:
                    single[sql] = len(parser.split(sql, with_parser=False)) == 1
                except Exception:
                    single[sql] = True
            if single[sql]:
                found[query_id, sql] = None
            else:
                left_out["records of several statements"] += 1
    return list(found)


def judge(args):
    from pglast import parser
    left_out = collections.Counter()
    pairs = statements(args.log, left_out)
    texts = list(dict.fromkeys(text for _, text in pairs))
    result = subprocess.run([args.querylens, "fingerprint", "-0"], check=True, stdout=subprocess.PIPE,
                            input="".join(text + "\0" for text in texts).encode()).stdout.decode()
    lines = result.splitlines()
    if len(lines) != len(texts):
        sys.exit(f"{len(texts)} statements in, {len(lines)} lines out")
    ours = dict(zip(texts, (line.partition("\t") for line in lines)))
    theirs = {}
    for text in texts:
        try:
            theirs[text] = parser.fingerprint(text)
        except Exception:
            left_out["texts libpg_query cannot parse"] += 1

    by_server = collections.defaultdict(list)
    for query_id, text in pairs:
        by_server[query_id].append(text)
    several = [group for group in by_server.values() if len(group) > 1]
    split = [group for group in several if len({ours[text][0] for text in group}) > 1]
    their_split = [g for g in several if len({theirs.get(text, text) for text in g}) > 1]

    classes = collections.defaultdict(dict)
    for text in texts:
        if text in theirs:
            classes[ours[text][0]].setdefault(theirs[text], text)
    merged = [group for group in classes.values() if len(group) > 1]

    if args.show:
        for group in split[:args.show]:
            print("SPLIT", *sorted({ours[text][2] for text in group}), sep="\n   ")
        for group in merged[:args.show]:
            print("MERGED", *(text.replace("\n", " ") for text in group.values()), sep="\n   ")
    for reason, count in sorted(left_out.items()):
        print(f"left out: {count} {reason}")
    print(f"texts {len(texts)}, server ids {len(by_server)}, with several texts {len(several)}, our classes {len(classes)}")
    print(f"split:  {len(split)} = {100 * len(split) / len(several):.1f} % (goal 12.0 %; "
          f"libpg_query {100 * len(their_split) / len(several):.1f} %)")
    print(f"merged: {len(merged)} = {100 * len(merged) / len(classes):.2f} % (goal 1.00 %)")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = arguments.add_subparsers(required=True)
    command = commands.add_parser("harvest")
    command.add_argument("--source", required=True)
    command.add_argument("--bin", required=True)
    command.add_argument("--out", required=True)
    command.set_defaults(run=harvest)
    command = commands.add_parser("judge")
    command.add_argument("--log", required=True)
    command.add_argument("--querylens", required=True)
    command.add_argument("--show", type=int, default=0, help="print the first N failures of each kind")
    command.set_defaults(run=judge)
    args = arguments.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
