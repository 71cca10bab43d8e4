#!/usr/bin/env python3
"""What people are told has its row in daemon/base/japanese.c, and every row is of use and takes the same arguments.

That is all that is localised(), every error of ctl/ and control/, and every fault of settings, rules and decode data, wherever it is found."""
import glob
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import CTL, SRC, Checks, ctl

checks = Checks()
TABLE = os.path.join(SRC, "daemon/base/japanese.c")
LITERAL = r'"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*'
CONVERSION = r"%(?:%|[-+ #0]*\d*(?:\.\d+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z])"


def read(path):
    with open(path, encoding="utf-8") as f:
        return re.sub(r"'\\?\"'", "'q'", re.sub(r'"\s*PRId64\s*"', "ld", f.read()))


def text(literal):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literal))


def has_words(sentence):
    return re.search(r"[A-Za-z]", re.sub(CONVERSION, "", sentence))


rows = [(text(a), text(b)) for a, b in re.findall(r"\{\s*(%s),\s*(%s)\s*\}" % (LITERAL, LITERAL), read(TABLE))]
known = dict(rows)
checks.that(len(rows) > 100 and len(known) == len(rows), "each sentence has one row: %d of %d" % (len(known), len(rows)))
sources = {p: read(p) for p in glob.glob(os.path.join(SRC, "daemon/**/*.c"), recursive=True) if p != TABLE}
literals = {text(l) for s in sources.values() for l in re.findall(LITERAL, s)}
for english, japanese in rows:
    checks.that(re.findall(CONVERSION, english) == re.findall(CONVERSION, japanese), "the same arguments: " + english)
    checks.that(english in literals, "nobody says: " + english)

told = 0
for path, source in sources.items():
    calls = "node_error|node_warning|problem_add|problem_both"
    if os.path.basename(os.path.dirname(path)) in ("ctl", "control"):
        calls += "|err_set|ctl_fail|request_need"
    for call in re.finditer(r"\blocalised\(\s*(?:[^\"()]*\?\s*)?((?:%s)(?:\s*:\s*(?:%s))?)\s*\)" % (LITERAL, LITERAL), source):
        for sentence in (text(l) for l in re.findall(LITERAL, call.group(1))):
            told += 1
            checks.that(sentence in known, "%s: no Japanese for: %s" % (os.path.basename(path), sentence))
    # of the arguments of one call, up to its semicolon: every text of more than one word
    for call in re.finditer(r"\b(?:%s)\(((?:%s|[^\";])*);" % (calls, LITERAL), source):
        found = [text(l) for l in re.findall(LITERAL, call.group(1))]
        for sentence in [f for f in found if " " in f]:
            told += 1
            checks.that(sentence in known or not has_words(sentence),
                        "%s: no Japanese for: %s" % (os.path.basename(path), sentence))
checks.that(told > 250, "the errors were found: %d" % told)

LINE = b"Jun  1 10:00:00 pc1 clamd[5]: /a: Win.Test.A-1 FOUND\n"
for language, words in (("ja_JP.UTF-8", ("事案 1 件", "前段の選別", "形式：syslog", "  理由 ")),
                        ("C.UTF-8", ("1 incidents", "prefilter: ", "format: syslog", "  because "))) if os.path.exists(CTL) else ():
    said = b"".join(ctl(*command, stdin=LINE, LC_ALL=language).stdout for command in (("replay", "-"), ("explain", "-"))).decode()
    for word in words:
        checks.that(word in said, "%s: '%s' is not in: %s" % (language, word, said[-600:]))
    checks.that(ctl("explain", stdin=LINE).stdout == ctl("explain", "-", stdin=LINE).stdout, "explain - reads standard input")
    checks.that("warning" in ctl("explain", CTL).stderr.decode(), "explain of a file's name says so")
checks.end()
