#!/usr/bin/env python3
"""Whether advised indexes pay: TPC-H on a real PostgreSQL 15, with primary keys only.

    pip install tpchgen-cli psycopg2-binary        # and the package postgresql-15-hypopg
    python3 benches/advice/tpch.py --querylens target/release/querylens --work DIR [--scale 0.3]
                                   [--foreign-keys] [--cap 15] [--skip-hypopg]

The 22 queries run with logging and auto_explain. querylens advises from the log and the schema dump
alone; what it lists under `indexes.missing` is built as it stands, and the queries run again. The
same with the indexes that a greedy search over HypoPG's hypothetical indexes finds. Prints a table
per query and the sums. The score is blocks touched: times on shared machines mean little.
"""
import argparse
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess

import psycopg2

HERE = pathlib.Path(__file__).resolve().parent
TABLES = ["region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem"]
SETTINGS = """listen_addresses = ''
shared_buffers = '512MB'
work_mem = '64MB'
maintenance_work_mem = '256MB'
max_wal_size = '4GB'
max_parallel_workers_per_gather = 0
jit = off
autovacuum = off
log_line_prefix = '%m [%p] %q%u@%d '
"""
LOGGING = {
    "log_min_duration_statement": "0", "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on", "auto_explain.log_buffers": "on", "auto_explain.log_format": "json",
}
# A greedy step must take off so much of the workload's estimated cost.
MIN_GAIN = 0.005
MAX_PAIR_COLUMNS = 8


class Server:
    def __init__(self, work, bindir):
        self.work, self.bindir = work, bindir

    def sh(self, command):
        command = command if os.getuid() else f"su nobody -s /bin/bash -c {json.dumps(command)}"
        subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)

    def start(self):
        shutil.rmtree(self.work / "data", ignore_errors=True)
        if not os.getuid():
            shutil.chown(self.work, "nobody")
        self.sh(f"{self.bindir}/initdb -D {self.work}/data -U postgres -A trust --no-locale -E UTF8")
        with open(self.work / "data" / "postgresql.conf", "a") as file:
            file.write(SETTINGS + f"unix_socket_directories = '{self.work}'\nport = 5498\n")
        (self.work / "server.log").unlink(missing_ok=True)
        self.sh(f"{self.bindir}/pg_ctl -D {self.work}/data -l {self.work}/server.log -w start")

    def stop(self):
        self.sh(f"{self.bindir}/pg_ctl -D {self.work}/data -m fast -w stop")

    def connect(self):
        connection = psycopg2.connect(host=str(self.work), port=5498, user="postgres", dbname="postgres")
        connection.autocommit = True
        return connection.cursor()


def load(server, cursor, scale, foreign_keys):
    data = server.work / f"tpch-{scale}"
    if not data.exists():
        subprocess.run(["tpchgen-cli", "csv", "-s", str(scale), "--output-dir", str(data)], check=True)
    cursor.execute((HERE / "tpch" / "schema.sql").read_text())
    for table in TABLES:
        with open(data / f"{table}.csv") as file:
            cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)", file)
    if foreign_keys:
        cursor.execute((HERE / "tpch" / "foreign_keys.sql").read_text())
    cursor.execute("VACUUM ANALYZE")


def queries():
    lines = (HERE / "tpch" / "queries.sql").read_text().splitlines()
    return [line.rstrip(";") for line in lines if line and not line.startswith("--")]


def logged_run(server, cap):
    """All queries once, as an application sends them, into the server's log. Gives the log of it."""
    start = (server.work / "server.log").stat().st_size
    one = server.connect()
    one.execute("LOAD 'auto_explain'")
    for setting, value in LOGGING.items():
        one.execute(f"SET {setting} = {value}")
    one.execute(f"SET statement_timeout = '{cap}s'")
    for query in queries():
        try:
            one.execute(query)
            one.fetchall()
        except psycopg2.errors.QueryCanceled:
            pass
    one.connection.close()
    log = server.work / "advise" / "postgresql.log"
    log.write_bytes((server.work / "server.log").read_bytes()[start:])
    return log


def measured(cursor, cap, runs=2):
    """Blocks, milliseconds and indexes of each query; without a number where it hits the cap."""
    cursor.execute(f"SET statement_timeout = '{cap}s'")
    out = []
    for query in queries():
        best = None
        for _ in range(runs):
            try:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {query}")
            except psycopg2.errors.QueryCanceled:
                break
            plan = cursor.fetchone()[0][0]
            if best is None or plan["Execution Time"] < best["Execution Time"]:
                best = plan
        if best is None:
            out.append((None, cap * 1000.0, set()))
            continue
        root = best["Plan"]
        blocks = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
        out.append((blocks, best["Execution Time"], set(indexes_of(root))))
    cursor.execute("SET statement_timeout = 0")
    return out


def indexes_of(node):
    if "Index Name" in node:
        yield node["Index Name"]
    for child in node.get("Plans", []):
        yield from indexes_of(child)


def build(cursor, ddls):
    """Builds indexes as they stand; gives name and bytes of each."""
    cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
    before = {name for (name,) in cursor.fetchall()}
    for ddl in ddls:
        cursor.execute(ddl)
    cursor.execute("VACUUM ANALYZE")
    cursor.execute("SELECT indexname, pg_relation_size(indexname::regclass) FROM pg_indexes WHERE schemaname = 'public'")
    return {name: size for name, size in cursor.fetchall() if name not in before}


def drop(cursor, names):
    for name in names:
        cursor.execute(f'DROP INDEX "{name}"')


def advised(server, args):
    folder = server.work / "advise"
    report = server.work / "report.json"
    subprocess.run([args.querylens, "analyze", str(folder), "-q", "-o", str(report), "-o", str(server.work / "report.md")], check=True)
    return [index["ddl"] for index in json.loads(report.read_text())["indexes"]["missing"]]


def hypopg_greedy(cursor):
    """Indexes on single columns and pairs that a query names, taken one by one by what they take off
    the estimated cost of all queries, until none takes off a worthwhile part."""
    cursor.execute("CREATE EXTENSION IF NOT EXISTS hypopg")
    cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
    columns = {}
    for table, column in cursor.fetchall():
        columns.setdefault(table, []).append(column)
    texts = queries()
    named = []
    candidates = {}
    for at, text in enumerate(texts):
        words = set(re.findall(r"[a-z_]+", text))
        for table in TABLES:
            used = [column for column in columns[table] if column in words]
            for keys in itertools.chain(itertools.permutations(used, 1), itertools.permutations(used[:MAX_PAIR_COLUMNS], 2)):
                candidates.setdefault((table, keys), set()).add(at)

    def cost(at):
        cursor.execute(f"EXPLAIN (FORMAT JSON) {texts[at]}")
        return cursor.fetchone()[0][0]["Plan"]["Total Cost"]

    def add(candidate):
        table, keys = candidate
        cursor.execute("SELECT indexrelid FROM hypopg_create_index(%s)", (f"CREATE INDEX ON {table} ({', '.join(keys)})",))
        return cursor.fetchone()[0]

    costs = [cost(at) for at in range(len(texts))]
    chosen = []
    while candidates:
        best = None
        for candidate, uses in candidates.items():
            oid = add(candidate)
            new = {at: cost(at) for at in uses}
            cursor.execute("SELECT hypopg_drop_index(%s)", (oid,))
            gain = sum(costs[at] - value for at, value in new.items())
            if best is None or gain > best[0]:
                best = (gain, candidate, new)
        gain, candidate, new = best
        if gain < MIN_GAIN * sum(costs):
            break
        add(candidate)
        for at, value in new.items():
            costs[at] = value
        del candidates[candidate]
        chosen.append(candidate)
        print(f"  HypoPG: {candidate[0]}({', '.join(candidate[1])}) takes off {gain:,.0f}", flush=True)
    cursor.execute("SELECT hypopg_reset()")
    return [f"CREATE INDEX ON {table} ({', '.join(keys)})" for table, keys in chosen]


def report(name, before, after, sizes):
    used = set().union(*(indexes for _, _, indexes in after))
    blocks = [b for b, _, _ in after]
    slower = [at + 1 for at, ((_, old, _), (_, new, _)) in enumerate(zip(before, after)) if new > 1.2 * old and new - old > 20]
    print(f"{name}: {len(sizes)} indexes, {sum(sizes.values()) / 1e6:.0f} MB, {len(used & set(sizes))} used; "
          f"{sum(b or 0 for b in blocks):,} blocks ({blocks.count(None)} queries at the cap), "
          f"{sum(ms for _, ms, _ in after) / 1000:.1f} s; slower by 1.2 and 20 ms: {slower or 'none'}")
    for index, size in sorted(sizes.items()):
        print(f"    {index} {size / 1e6:.1f} MB{'' if index in used else '  (not used)'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--querylens", default="target/release/querylens")
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--bindir", default="/usr/lib/postgresql/15/bin")
    parser.add_argument("--scale", default="0.3")
    parser.add_argument("--cap", type=int, default=15)
    parser.add_argument("--foreign-keys", action="store_true")
    parser.add_argument("--skip-hypopg", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(args.work / "advise", ignore_errors=True)
    (args.work / "advise").mkdir()
    server = Server(args.work.resolve(), args.bindir)
    server.start()
    try:
        cursor = server.connect()
        load(server, cursor, args.scale, args.foreign_keys)
        logged_run(server, args.cap)
        with open(args.work / "advise" / "schema.sql", "w") as file:
            subprocess.run([f"{args.bindir}/pg_dump", "-h", str(server.work), "-p", "5498", "-U", "postgres", "--schema-only", "postgres"], stdout=file, check=True)
        none = measured(cursor, args.cap)
        report("without", none, none, {})
        sizes = build(cursor, advised(server, args))
        own = measured(cursor, args.cap)
        report("querylens", none, own, sizes)
        drop(cursor, sizes)
        peer = [(None, 0.0, set())] * len(none)
        if not args.skip_hypopg:
            sizes = build(cursor, hypopg_greedy(cursor))
            peer = measured(cursor, args.cap)
            report("HypoPG greedy", none, peer, sizes)
        print("query  blocks: without  querylens  HypoPG   ms: without  querylens  HypoPG")
        for at, rows in enumerate(zip(none, own, peer), 1):
            print(f"Q{at:<5}", *(f"{blocks if blocks is not None else 'cap':>10}" for blocks, _, _ in rows), *(f"{ms:>10.1f}" for _, ms, _ in rows))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
