#!/usr/bin/env python3
"""Whether the advice pays: planted cases are explained, the printed fix is applied as it stands, and
the statement runs again, all on a real PostgreSQL 15. Prints a table.

    python3 tests/oracle/plan_advice.py [--querylens target/debug/querylens] [--bindir DIR] [--port N]

Every statement of a fix is sent by itself, as its note says. Times are the best of five runs; blocks
are shared ones, found in memory or read, and temporary ones.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "fixtures" / "rules"))
import plan_cases  # noqa: E402
import plan_server  # noqa: E402

RUNS = 5
# The first statement of a printed fix that changes something.
CHANGES = re.compile(r"^(CREATE|ANALYZE|VACUUM|ALTER) ", re.M)
RULES = [
    "seq-scan-discards-rows", "inner-seq-scan", "index-filter-discards-rows", "sort-spilled", "hash-spilled",
    "nested-loop-many-rows", "lossy-bitmap", "heap-fetches", "slow-trigger", "ordered-index-discards-rows",
    "sort-feeds-group", "sort-feeds-limit", "index-loose-condition", "pattern-filter", "default-estimate", "jit-overhead",
    "bitmap-and-of-two-indexes", "memoize-evictions", "build-side-larger", "temp-blocks-written",
]


def measured(server, side, settings):
    """The fastest of some runs: its plan, milliseconds, blocks."""
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {side.sql};"
    best = None
    for _ in range(RUNS):
        out = server.psql("planted", f"{settings}BEGIN;\n{explain}\nROLLBACK;", "-A", "-t")
        if best is None or json.loads(out)[0]["Execution Time"] < json.loads(best)[0]["Execution Time"]:
            best = out
    plan = json.loads(best)[0]
    root = plan["Plan"]
    blocks = sum(root.get(f"{kind} Blocks", 0) for kind in ("Shared Hit", "Shared Read", "Temp Read", "Temp Written"))
    return best, plan["Execution Time"], blocks


def shape(plan_text):
    def walk(node):
        yield node["Node Type"], node.get("Relation Name"), node.get("Index Name"), node.get("Sort Method"), node.get("Hash Batches")
        for child in node.get("Plans", []):
            yield from walk(child)
    return list(walk(json.loads(plan_text)[0]["Plan"]))


def finding_of(querylens, rule, plan_text):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(plan_text)
        file.flush()
        out = subprocess.run([querylens, "analyze", file.name, "--format", "json"], capture_output=True, text=True, check=True)
    found = [f for f in json.loads(out.stdout)["findings"] if f["rule"] == rule]
    return found[0] if found else None


def apply(server, finding):
    """Applies the first fix that changes the database or the session; gives the session's settings."""
    for fix in finding["fixes"]:
        text = fix["text"]
        if "SET LOCAL" in text or text.startswith("ALTER ROLE"):
            # {1} is the role that runs the statement: here the only one.
            role = [fix["text"].replace("{1}", "app") for fix in finding["fixes"] if fix["text"].startswith("ALTER ROLE")]
            server.psql("planted", role[0])
            return role[0], role[0].replace("ALTER ROLE app ", "").replace(" = ", " TO ") + "\n"
        if "create_index" in text:
            made = server.psql("planted", text, "-A", "-t").strip().split("|")[-1]
            server.psql("planted", made)
            return made, ""
        if fix["kind"] == "sql" and CHANGES.search(text):
            server.psql("planted", text)
            lines = [line for line in text.splitlines() if CHANGES.match(line)]
            return " ".join(lines), ""
    return None, ""


def main():
    arguments = sys.argv
    querylens = arguments[arguments.index("--querylens") + 1] if "--querylens" in arguments else str(ROOT / "target/debug/querylens")
    server = plan_server.started()
    rows = []
    try:
        server.psql("postgres", "CREATE DATABASE shop;")
        server.psql("shop", plan_cases.SHOP)
        for case in plan_cases.CASES:
            if case.rule not in RULES:
                continue
            side = case.hit
            server.database("planted", "shop")
            server.psql("postgres", "ALTER ROLE app RESET ALL;")
            for statements in side.prepare:
                server.psql("planted", statements)
            settings = "".join(f"SET {name} = '{value}';\n" for name, value in side.settings.items())
            plan, before_ms, before_blocks = measured(server, side, settings)
            finding = finding_of(querylens, case.rule, plan)
            if finding is None:
                rows.append((case.rule, "-", "not found", f"{before_ms:.1f}", "", "", f"{before_blocks}", "", ""))
                continue
            applied, session = apply(server, finding)
            after, after_ms, after_blocks = measured(server, side, settings + session)
            share = finding["impact"]["share"]
            rows.append((
                case.rule, applied or "-", f"{share:.0%} = {share * before_ms:.1f}", f"{before_ms:.1f}", f"{after_ms:.1f}",
                f"{before_ms - after_ms:.1f}", before_blocks, after_blocks, "yes" if shape(plan) != shape(after) else "no",
            ))
    finally:
        server.close()
    print("| rule | fix applied | claimed at most (ms) | before ms | after ms | saved ms | blocks before | blocks after | plan changed |")
    print("|---|---|---|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |")


if __name__ == "__main__":
    main()
