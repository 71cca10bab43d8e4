#!/usr/bin/env python3
"""`rules lint --cost` ranks rules on a sample and says why; every face names the prefilter's library."""
import json
import os
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Checks, ctl, need_programs

need_programs()
checks = Checks()
folder = tempfile.mkdtemp()
rules = os.path.join(folder, "rules")
os.mkdir(rules)
DETECTIONS = {
    "rare": "{m: {'|re': 'Failed password for \\w+ from'}, condition: m}",
    "common": "{m: ['session opened'], condition: m}",
    "bounded": "{m: {'|re': '(?: [A-Z0-9]{4}){3}'}, condition: m}",
    "run": "{m: {'|re': '[0-9a-f]{64}'}, condition: m}",
    "every": "{m: ['nowhere at all'], condition: not m}",
}
for n, (name, detection) in enumerate(DETECTIONS.items()):
    with open(os.path.join(rules, name + ".yaml"), "w") as f:
        f.write("title: %s\nid: 00000000-0000-4000-8000-%012d\nname: %s\nstatus: test\nlogsource: {category: cost}\n"
                "detection: %s\nlevel: low\n" % (name, n, name, detection))
sample = os.path.join(folder, "sample.log")
with open(sample, "w") as f:
    for i in range(4000):
        f.write("Jun 15 10:00:00 h cron[%d]: session opened for user root by (uid=0)\n" % i)
        if i % 1000 == 0:
            f.write("Jun 15 10:00:00 h sshd[%d]: Failed password for root from 192.0.2.7 port 22\n" % i)
            f.write('{"number":%d,"path":"escaped\\/slash"}\n' % i)


def costs(*args):
    p = ctl("rules", "--rules", rules, "--json", "lint", "--cost", sample, *args)
    checks.that(p.returncode == 0, "lint --cost: exit %d: %s" % (p.returncode, p.stderr.decode()))
    return [json.loads(line) for line in p.stdout.splitlines()]


LIBRARY = b"no prefilter library" not in ctl("check").stdout
rows = costs("--any-logsource")
by_name = {r["rule"]: r for r in rows}
WAYS = {"rare": "literal", "common": "literal", "bounded": "pattern", "run": "run", "every": "line"}
checks.that(sorted(by_name) == sorted(DETECTIONS), "not every rule is ranked: %s" % sorted(by_name))
checks.that([r["us_per_mb"] for r in rows] == sorted((r["us_per_mb"] for r in rows), reverse=True), "the order is not by cost")
mb = os.path.getsize(sample) / 1e6
for name, way in WAYS.items():
    row = by_name[name]
    checks.that(row["way"] == (way if LIBRARY else "line"), "%s is looked for by %s" % (name, row["way"]))
    checks.that((row["why"] is None) == (LIBRARY and name == "rare"), "%s: why is %s" % (name, row["why"]))
for name, hits in {"rare": 4, "common": 4000, "every": 4008, "run": 0}.items():
    got = by_name[name]["hits_per_mb"] * mb
    checks.that(abs(got - hits) < 0.01, "%s: %s hits, not %d" % (name, got, hits))
if LIBRARY:
    checks.that(abs(by_name["rare"]["tries_per_mb"] * mb - 4) < 0.01, "the rare literal is tried where it does not stand")
    checks.that("Failed password" in by_name["rare"]["looked_for"], "looked for: %s" % by_name["rare"]["looked_for"])
    for name in ("bounded", "run"):
        checks.that(by_name[name]["tries_per_mb"] == 0, "%s is tried on lines with an escape" % name)
    checks.that("bounded" in by_name["bounded"]["why"], "bounded: %s" % by_name["bounded"]["why"])
    checks.that(rows[0]["rule"] in ("every", "common"), "the dearest is %s" % rows[0]["rule"])
    checks.that({r["way"] for r in costs()} == {"none"}, "without a source of its logsource a rule is looked for")
p = ctl("rules", "--rules", rules, "lint", "--cost", sample, "--any-logsource")
checks.that(len(p.stdout.splitlines()) == 2 + len(DETECTIONS) and b"prefilter: " in p.stdout, "for people: %r" % p.stdout)
for args, code in ((["lint", "--cost", folder], 2), (["lint", "--cost", sample + ".gone"], 3), (["list", "--cost", sample], 2)):
    p = ctl("rules", "--rules", rules, *args)
    checks.that(p.returncode == code and len(p.stderr.splitlines()) == 1, "%s: exit %d: %r" % (args, p.returncode, p.stderr))
for p in (ctl("check"), ctl("replay", "--rules", rules, sample)):
    checks.that(p.stdout.count(b"prefilter: ") == 1, "the library is not named: %r" % p.stdout[-400:])
p = ctl("replay", "--rules", rules, "--prefilter=none", sample)
checks.that(b"prefilter: none" in p.stdout, "--prefilter=none is not named: %r" % p.stdout[-400:])
shutil.rmtree(folder)
checks.end()
