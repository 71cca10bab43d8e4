#!/usr/bin/env python3
"""Every case and every benign file of the corpus runs through replay: no crash, no lost line."""
import glob
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import SHARED, Checks, need_programs, replay, skip

need_programs()
corpus = os.path.join(SHARED, "corpus")
if not os.path.isdir(corpus):
    skip("the corpus (../shared/corpus) is not here")
checks = Checks()
folder = tempfile.mkdtemp()
AS_OF = ["--as-of", "2026-12-31T00:00:00+09:00"]


def run(paths, lines, what):
    out, p = replay(*AS_OF, "--all-implicated", *paths)
    if not checks.that(p.returncode == 0 and out, "%s: exit %d: %s" % (
            what, p.returncode, p.stderr.decode("utf-8", "replace")[-600:])):
        return
    s = out[-1]
    checks.that(s["kind"] == "summary", what + ": the last line is no summary")
    checks.that(sum(s["recognised"].values()) + s["unrecognised"] == s["lines"],
                what + ": recognised + unrecognised is not lines")
    checks.that(s["lines"] == lines, "%s: %d lines, %d counted" % (what, lines, s["lines"]))


def count(path):
    data = open(path, "rb").read()
    return data.count(b"\n") + (1 if data and not data.endswith(b"\n") else 0)


for path in sorted(glob.glob(os.path.join(corpus, "benign", "*.log"))):
    run([path], count(path), os.path.basename(path))
for family in sorted(glob.glob(os.path.join(corpus, "*.jsonl"))):
    # one file for each case, one run for each family
    paths, lines = [], 0
    for i, line in enumerate(open(family, encoding="utf-8")):
        case = json.loads(line)
        path = os.path.join(folder, case["id"] + ".log")
        with open(path, "w", encoding="utf-8", newline="\n") as f:
            f.write("\n".join(case["lines"]) + "\n")
        paths.append(path)
        lines += count(path)
    run(paths, lines, os.path.basename(family))
for path in glob.glob(os.path.join(folder, "*")):
    os.unlink(path)
os.rmdir(folder)
checks.end()
