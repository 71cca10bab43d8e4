#!/usr/bin/env python3
"""All published Sigma rules load, and each regression event is matched by the rule that its file names.

With SOKUHO_SLOW set (sanitizers) the time is not judged.
"""
import glob
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import SHARED, Checks, need_programs, replay, skip

# id: why no engine that does what the rule says can match its published event
BROKEN = {}

SIGMA = os.path.join(SHARED, "sigma")
FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")

need_programs()
if not os.path.isdir(SIGMA):
    skip("the published Sigma rules (../shared/sigma) are not here")
checks = Checks()
options = ["--as-of", "2026-12-31T00:00:00Z"]
for folder in FOLDERS:
    options += ["--rules", os.path.join(SIGMA, folder)]
written = sum(open(os.path.join(where, f), encoding="utf-8").read().count("\ndetection:")
              for folder in FOLDERS for where, _, names in os.walk(os.path.join(SIGMA, folder))
              for f in names if f.endswith(".yml"))

with tempfile.NamedTemporaryFile(suffix=".log") as empty:
    start = time.time()
    out, p = replay(*options, empty.name)
    took = time.time() - start
words = p.stderr.decode("utf-8", "replace")
if checks.that(out and "error:" not in words, "the published rules do not load: " + words[-2000:]):
    loaded = out[-1]["rules"]["loaded"]
    checks.that(loaded == written, "%d rules are written, %d loaded" % (written, loaded))
    print("loading took %.1f s" % took)
    checks.that(len(words.splitlines()) <= 20, "%d lines of warnings" % len(words.splitlines()))

files = sorted(glob.glob(os.path.join(SIGMA, "regression", "*.jsonl")))
out, p = replay(*options, *files)
found = {}
for finding in out:
    if finding["kind"] == "finding":
        found.setdefault(os.path.basename(finding["file"])[:-len(".jsonl")], set()).update(finding["rules"])
for path in files:
    rule = os.path.basename(path)[:-len(".jsonl")]
    if rule in BROKEN:
        print("broken as published: %s: %s" % (rule, BROKEN[rule]))
    else:
        checks.that(rule in found.get(rule, ()), "no event of %s.jsonl is matched by its rule" % rule)
checks.end()
