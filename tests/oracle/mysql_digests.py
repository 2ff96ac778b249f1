#!/usr/bin/env python3
"""Judges `querylens fingerprint --dialect mysql` against the server's own statement digests.

Takes a slow log written with long_query_time=0 and the events_statements_summary_by_digest of the
same run (tab-separated with a header line, as the client prints it). The log is cut into records by
a small strict parser of its own; every statement is given the text of its digest by a second
normaliser, written here after the server's rules (tokens, `?, ...`, `(...)`, synonyms), so that each
statement is known by its digest row and by our class. Reported:

  split   digest rows whose statements have several of our classes
  merged  our classes that hold statements of several digest rows
  joined  digest rows whose DIGEST_TEXT has the fingerprint of its statements (the join of a
          performance_schema dump with a log), and the calls on either side

Differences that are meant, counted apart: lists of any length and rows of any number are one
class; aliases, comments and hints go; the value of SET is one constant; TRUE and FALSE are
constants; a digest cut at max_digest_length joins nothing; PREPARE, EXECUTE and DEALLOCATE name
no statement (and 9.x names only that); what ran after the digests were read is in the log alone; a
5.6 server gives every statement of a multi-statement the text of the first.

  mysql_digests.py --log slow.log --digests digest.tsv --querylens target/release/querylens
"""
import argparse
import collections
import re
import subprocess
import sys

HEAD = re.compile(rb"# (Time|User@Host|Query_time|administrator command|Schema|Thread_id|Bytes_sent)\b")
TOKEN = re.compile(rb"""
    (?P<space>\s+|\#[^\n]*|--(?=[\s\x00-\x20]|$)[^\n]*|/\*(?!!).*?\*/|/\*!\d{5,6}|/\*!|\*/)
  | (?P<list>\.\.\.)
  | (?P<value>(?:[nNxXbB]|_\w+\s*(?=['"]))?(?:'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
      | <secret> | @\? | \?
      | (?<![\w$`.])(?:0x[0-9a-fA-F]+(?![\w$])|\d+(?![\w$.])|(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![\w$])))
  | (?P<name>`(?:[^`]|``)*`)
  | (?P<variable>@(?:[\w.$]+|'[^']*'|"[^"]*"|`[^`]*`))
  | (?P<word>@@[\w]+|[\w$\x80-\xff]+)
  | (?P<op><=>|->>|->|<=|>=|<>|!=|<<|>>|\|\||&&|:=|.)
""", re.X | re.S)
SYNONYMS = {
    b"character": b"char", b"varcharacter": b"varchar", b"integer": b"int", b"int8": b"bigint",
    b"distinctrow": b"distinct", b"system_user": b"user", b"schema": b"database", b"dec": b"decimal",
    b"current_timestamp": b"now", b"substr": b"substring", b"<>": b"!=", b"rlike": b"regexp",
    b"describe": b"explain", b"keys": b"indexes", b"fields": b"columns", b"some": b"any",
}


def records(log):
    """(admin, statement) of each record; header lines inside quotes and comments do not count."""
    at = log.find(b"# User@Host")
    while at >= 0:
        query_time = re.compile(rb"^# Query_time[^\n]*\n", re.M).search(log, at)
        if not query_time:
            return
        at = query_time.end()
        head = re.compile(rb"(?:use [^;\n]*;\n)?(?:SET timestamp=\d+;\n)?").match(log, at)
        at = head.end()
        admin = re.compile(rb"# administrator command: ([^\n]*?);?\n").match(log, at)
        if admin:
            yield True, admin.group(1)
            at = admin.end()
        else:
            end = statement_end(log, at)
            yield False, log[at:end]
            at = end
        at = log.find(b"\n# User@Host", at - 1)


STOP = re.compile(rb"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|/\*.*?\*/|(?:\#|--\s)(?:(?!;\n(?:\#\ |\S*mysqld,))[^\n])*|;\n(?=\#\ |\Z|\S*mysqld,)""",
    re.X | re.S)


def statement_end(log, at):
    for found in STOP.finditer(log, at):
        if found.group().startswith(b";"):
            return found.start()
    return len(log)


def digest(sql):
    """The digest text of a statement, spaces and case aside; that of a digest text is itself."""
    out = []
    for token in TOKEN.finditer(sql):
        kind, text = token.lastgroup, token.group()
        if kind == "space":
            continue
        if kind == "variable":
            text = b"@?"
        elif kind == "list":
            out += [b"?"] if out and out[-1] == b"," else [b"?", b",", b"?"]
            continue
        elif kind == "value":
            text = text if text.startswith(b"@") else b"?"
        elif kind == "name":
            text = text[1:-1].lower()
        elif text.lower() == b"null" and (not out or out[-1] not in (b"is", b"not")):
            text = b"?"
        else:
            text = SYNONYMS.get(text.lower(), text.lower()) if not out or out[-1] != b"." else text.lower()
        # An adjacent string belongs to the one before; a sign to its number.
        if text == b"?" and out[-1:] == [b"?"] and kind == "value":
            continue
        if text == b"?" and out[-1:] in ([b"-"], [b"+"]) and (len(out) < 2 or out[-2] in SIGNED):
            out.pop()
        out.append(text)
        reduce(out)
    return b" ".join(out)


SIGNED = {b"(", b",", b"=", b"<", b">", b"+", b"-", b"*", b"/", b"select", b"and", b"or", b"between", b"values"}


def reduce(out):
    """`?, ?` of any length is `?, ...`; rows of one kind in a row are one."""
    if out[-3:] == [b"?", b",", b"?"]:
        out[-3:] = [b"?,..."]
    elif out[-3:] == [b"?,...", b",", b"?"]:
        out[-3:] = [b"?,..."]
    if out[-3:] == [b"(", b"?", b")"]:
        out[-3:] = [b"(?)"]
    elif out[-3:] == [b"(", b"?,...", b")"]:
        out[-3:] = [b"(...)"]
    if out[-1] in (b"(?)", b"(...)") and out[-2:-1] == [b","] and out[-3:-2] in ([out[-1]], [out[-1] + b"+"]):
        out[-3:] = [out[-1] + b"+"]


def meant(key):
    """What is left of a digest without what our classes do not tell apart."""
    key = re.sub(rb" as \S+", b"", key)
    key = re.sub(rb"\b(true|false)\b", b"?", key)
    key = re.sub(rb"\?(,\.\.\.)?( , \?(,\.\.\.)?)+", b"?,...", key)
    key = re.sub(rb"^set (.*?) = .*", rb"set \1 = ?", key)
    key = re.sub(rb"(\((?:[^()]|\([^()]*\))*\))( , \1)+", rb"\1", key)
    return re.sub(rb"\((\?|\.\.\.)\)\+?", b"(?)", key)


def fingerprints(querylens, statements):
    result = subprocess.run([querylens, "fingerprint", "--dialect", "mysql", "-0"], check=True,
                            input=b"".join(text.replace(b"\0", b" ") + b"\0" for text in statements),
                            stdout=subprocess.PIPE).stdout.split(b"\n")[:-1]
    if len(result) != len(statements):
        sys.exit(f"{len(statements)} statements in, {len(result)} lines out")
    return dict(zip(statements, (line.split(b"\t", 1)[1] for line in result)))


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--log", required=True)
    arguments.add_argument("--digests", required=True)
    arguments.add_argument("--querylens", required=True)
    args = arguments.parse_args()
    with open(args.log, "rb") as file:
        found = list(records(file.read()))
    statements = collections.Counter(sql.strip() for admin, sql in found if not admin)
    texts = collections.Counter()
    with open(args.digests, "rb") as file:
        head, *rows = (line.split(b"\t") for line in file.read().split(b"\n") if line)
    for row in rows:
        text, calls = (row[head.index(name)] for name in (b"DIGEST_TEXT", b"COUNT_STAR"))
        texts[text.replace(b"\\\\", b"\\").strip()] += int(calls)
    ours = fingerprints(args.querylens, list(statements) + list(texts))

    classes, digests = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    for sql, calls in statements.items():
        key = digest(sql)
        digests[key][ours[sql]] += calls
        classes[ours[sql]][key] += calls
    show = lambda text: text.decode(errors="replace")[:150]
    print(f"records {len(found)}, statements {sum(statements.values())}, digest rows {len(texts)}, "
          f"digests of the log {len(digests)}, our classes {len(classes)}")
    for key, held in digests.items():
        if len(held) > 1:
            print("SPLIT ", show(key), *(f"\n        {calls} {show(text)}" for text, calls in held.items()))
    for text, held in classes.items():
        if len({meant(key) for key in held}) > 1:
            print("MERGED", show(text), *(f"\n        {calls} {show(key)}" for key, calls in held.items()))
    by_text = collections.Counter()
    for text, calls in texts.items():
        by_text[ours[text]] += calls
    by_class = {text: sum(held.values()) for text, held in classes.items()}
    equal = 0
    for text in sorted(by_text.keys() | by_class.keys()):
        left, right = by_text.get(text, 0), by_class.get(text, 0)
        equal += left == right
        if left != right:
            print(f"CALLS  digests {left}, log {right}: {show(text)}")
    print(f"classes with the digests' calls: {equal} of {len(by_text.keys() | by_class.keys())}")


if __name__ == "__main__":
    main()
