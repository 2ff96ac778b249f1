#!/usr/bin/env python3
"""Compares `querylens fingerprint --id-style pt` with pt-query-digest itself.

  judge FILE...   every statement of slow logs: fingerprints and ids must be equal byte by byte
  write FILE      statements (apart by lines `~`) with the tool's fingerprint and id, in the form of
                  fixtures/fingerprint/pt-query-digest.txt, on standard output

Needs perl and the pt-query-digest of Percona Toolkit 3 (`--tool`), whose own code is called.
"""
import argparse
import re
import subprocess
import sys

PERL = r"""
use strict; use warnings; use Digest::MD5 qw(md5_hex);
require $ARGV[0];
my $rewriter = QueryRewriter->new(match_embedded_numbers => 0);
binmode STDIN; binmode STDOUT; local $/ = "\0";
while (my $sql = <STDIN>) {
   chomp $sql;
   my $text; { local $/ = "\n"; $text = $rewriter->fingerprint($sql); }
   print uc(md5_hex($text)), "\t", $text, "\0";
}
"""


def theirs(tool, statements):
    result = subprocess.run(["perl", "-e", PERL, tool], input=b"".join(sql + b"\0" for sql in statements),
                            check=True, stdout=subprocess.PIPE).stdout
    return [tuple(line.split(b"\t", 1)) for line in result.split(b"\0")[:-1]]


def ours(querylens, statements):
    result = subprocess.run([querylens, "fingerprint", "--dialect", "mysql", "--id-style", "pt", "-0"], check=True,
                            input=b"".join(sql + b"\0" for sql in statements), stdout=subprocess.PIPE).stdout
    return [tuple(line.split(b"\t", 1)) for line in result.split(b"\n")[:-1]]


def statements(path):
    """Whatever stands between the headers of a slow log; where a statement ends does not matter here."""
    with open(path, "rb") as file:
        log = file.read().replace(b"\0", b" ")
    found = {}
    for piece in re.split(rb"^# (?:Query_time|Time|User@Host)[^\n]*\n", log, flags=re.M):
        piece = re.sub(rb"^(?:use [^;\n]*;\n|SET timestamp=\d+;\n|#[^\n]*\n)+", b"", piece)
        sql = re.sub(rb";\n?\Z", b"", piece)
        # The tool needs minutes for a statement of megabytes.
        if sql.strip() and len(sql) < 20_000:
            found[sql] = None
    return list(found)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--tool", default="/usr/bin/pt-query-digest")
    commands = arguments.add_subparsers(required=True, dest="command")
    judge = commands.add_parser("judge")
    judge.add_argument("--querylens", required=True)
    judge.add_argument("files", nargs="+")
    commands.add_parser("write").add_argument("file")
    args = arguments.parse_args()
    if args.command == "write":
        with open(args.file, "rb") as file:
            cases = [sql.strip(b"\n") for sql in file.read().split(b"\n~\n")]
        for sql, (number, text) in zip(cases, theirs(args.tool, cases)):
            sys.stdout.buffer.write(b"\n%s\n> %s\n= %s\n" % (sql, text, number))
        return
    for path in args.files:
        cases = statements(path)
        left, right = ours(args.querylens, cases), theirs(args.tool, cases)
        if not len(left) == len(right) == len(cases):
            sys.exit(f"{path}: {len(cases)} statements, {len(left)} and {len(right)} answers")
        wrong = [case for case in zip(cases, left, right) if case[1][0] != case[2][0]]
        print(f"{path}: {len(cases)} statements, {len(wrong)} differ")
        for sql, own, other in wrong[:5]:
            print(f"   {sql[:200]!r}\n   ours   {own[1][:200]!r}\n   theirs {other[1][:200]!r}")


if __name__ == "__main__":
    main()
