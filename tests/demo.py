#!/usr/bin/env python3
"""The bundled day: incidents as contrib/demo/expected.yaml lists them by hand; the same bytes every time."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import CTL, ENV, SRC, Checks, need_programs, replay, skip

need_programs()
try:
    import yaml
except ImportError:
    skip("python3-yaml is not installed")
checks = Checks()
demo = os.path.join(SRC, "contrib", "demo")
want = yaml.safe_load(open(os.path.join(demo, "expected.yaml"), encoding="utf-8"))
ARGS = ["-c", os.path.join(demo, "sokuhod.yaml"), "--as-of", want["as_of"]]
LEVELS = ["record", "review", "urgent", "report"]

objects, process = replay(*ARGS, os.path.join(demo, "logs"))
checks.that(process.returncode == 0, "the demo replays: " + process.stderr.decode())
findings = [o for o in objects if o["kind"] == "finding"]
incidents = [o for o in objects if o["kind"] == "incident"]
summary = objects[-1]
text = {}
for name in os.listdir(os.path.join(demo, "logs")):
    text[name] = open(os.path.join(demo, "logs", name), encoding="utf-8").read().split("\n")


def rests_on(finding, row):
    """Does a line of its evidence hold these words?"""
    return any(os.path.basename(e["file"]) == row["file"] and row["has"] in text[row["file"]][e["line"] - 1]
               for e in finding["evidence"])


def fits(incident, row):
    allowed = set(row["assets"]) | set(row.get("assets_ok", []))
    return (incident["fact"] == row["fact"] and set(row["assets"]) <= set(incident["assets"]) <= allowed
            or incident["fact"] == row["fact"] == "spread" and set(row["assets"]) & set(incident["assets"]))


types = {}
for f in findings:
    for name, value in f["fields"].items():
        types.setdefault(name, set()).update(type(v).__name__ for v in (value if isinstance(value, list) else [value]))
checks.that(all(len(t) == 1 for t in types.values()),
            "a field has one type, whichever log it is from: %s" % {n: t for n, t in types.items() if len(t) > 1})
checks.that(types.get("source.port") == {"int"} and types.get("rule.id") == {"str"}, "as ECS says: %s" % types)
taken = set()
for row in want["incidents"]:
    found = [i for i in incidents if fits(i, row) and LEVELS.index(i["level"]) >= 2 and i["id"] not in taken]
    if not checks.that(len(found) == 1, "%s: %d incidents fit" % (row["label"], len(found))):
        continue
    got = found[0]
    taken.add(got["id"])
    checks.that(got["clauses"][:1] == row["clauses"][:1], "%s: clauses %s" % (row["label"], got["clauses"]))
    checks.that(set(got["clauses"]) <= set(row["clauses"]) | set(row.get("also_ok", [])),
                "%s: clauses %s are too many" % (row["label"], got["clauses"]))
    for key in ("level", "bases", "boxes"):
        checks.that(got[key] == row[key], "%s: %s is %s, %s expected" % (row["label"], key, got[key], row[key]))
    if "first" in row:
        whole = re.sub(r"\.\d+", "", got["first"])        # the hand knows seconds only
        checks.that(whole == row["first"], "%s: first %s" % (row["label"], got["first"]))
    if "last_not_before" in row:
        checks.that(got["last"] >= row["last_not_before"], "%s: last %s" % (row["label"], got["last"]))
    for e in row["evidence"]:
        checks.that(any(f["fact"] == row["fact"] and rests_on(f, e) for f in findings),
                    "%s: no finding rests on %s" % (row["label"], e["has"]))
for row in want["may_be"]:
    for i in incidents:
        if fits(i, row) and i["id"] not in taken:
            taken.add(i["id"])
            checks.that(LEVELS.index(i["level"]) <= LEVELS.index(row["level"]), row["label"] + ": " + i["level"])
for level, n in want["counts"].items():
    may = [i for i in incidents if any(fits(i, r) for r in want["may_be"])]
    have = [i for i in incidents if i["level"] == level and i not in may]
    checks.that(len(have) == n, "%d incidents of level %s, %d expected" % (len(have), level, n))
for row in want["at_most"]:
    levels = [f["level"] for f in findings if rests_on(f, row) and f["rule"] == f["rules"][-1] or
              rests_on(f, row) and len(f["evidence"]) == 1]
    checks.that(all(LEVELS.index(l) <= LEVELS.index(row["level"]) for l in levels),
                "%s: at most %s, is %s" % (row["has"], row["level"], levels))
    if "must_be" in row:
        checks.that(row["must_be"] in levels, "%s: must be %s" % (row["has"], row["must_be"]))
for row in want["silent"]:
    loud = [f["rule"] for f in findings if rests_on(f, row) and f["level"] != "record"]
    checks.that(not loud, "%s must be silent: %s" % (row["has"], loud))
checks.that(summary["lines"] == sum(summary["recognised"].values()) + summary["unrecognised"], "no line is lost")
checks.that(len({i["clauses"][0] for i in incidents if i["level"] == "report"}) >= 6, "at least six clauses")

# the same bytes, whatever the files' times and the place of the folder
copy = tempfile.mkdtemp()
shutil.copytree(demo, os.path.join(copy, "demo"))
for name in os.listdir(os.path.join(copy, "demo", "logs")):
    os.utime(os.path.join(copy, "demo", "logs", name), (1000000000, 1000000000))
outputs = []
for place in (demo, demo, os.path.join(copy, "demo")):
    p = subprocess.run([CTL, "replay", "--json", "-c", "sokuhod.yaml", "--as-of", want["as_of"], "logs"], env=ENV,
                       cwd=place, capture_output=True)
    outputs.append(re.sub(rb'"seconds":[0-9.e-]+', b'"seconds":0', p.stdout))
checks.that(outputs[0] == outputs[1] and outputs[0], "twice the same bytes")
checks.that(outputs[0] == outputs[2], "the same bytes with other file times")
shutil.rmtree(copy)
checks.end()
