#!/usr/bin/env python3
"""Exceptions and tuning of the site: what they change, what they must not, and what is said when they are wrong."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Checks, need_programs, replay

need_programs()
checks = Checks()
RULE = """title: t
id: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a01
name: test-malware
taxonomy: ecs
logsource: {category: antivirus}
detection: {a: {event.category: malware}, condition: a}
notice: {clauses: ['4'], fact: infection, shows: event}
---
title: pair
id: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a02
name: test-pair
correlation: {type: event_count, rules: [test-malware], group-by: [asset.id], timespan: 1h, condition: {gte: 2}}
notice: {clauses: ['4'], fact: spread, shows: event}
"""
SIGNED = "reason: known test files\napprover: chief\n"
UNTIL = "expires: 2026-12-31\n"
SECOND = "second_approver: officer\n"
FILTER = """title: test files
id: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a03
logsource: {category: antivirus}
filter:
  rules: [test-malware]
  known: {file.path|startswith: /srv/test/}
  condition: not known
"""
TUNING = "title: quieter\nid: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a04\ntuning: {rules: [test-malware], %s}\n"
ID = "7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a03"
GUARDED, OTHER, UNKNOWN = "pc1", "pc2", "pc9"
INVENTORY = """systems:
  - {id: one, hosts: [pc1], classes: [protected]}
  - {id: two, hosts: [pc2], classes: [other_defence]}
"""


def line(host, path, minute=0):
    return "Jun  1 10:%02d:00 %s clamd[5]: %s: Win.Test.A-1 FOUND" % (minute, host, path)


def run(site, *log):
    with tempfile.TemporaryDirectory() as folder:
        def write(name, text):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            return path
        write("rules.d/rule.yaml", RULE)
        if site:
            write("rules.d/site.yaml", site)
        out, p = replay("--as-of", "2026-12-01T00:00:00+09:00", "--rules", os.path.join(folder, "rules.d"),
                        "--inventory", write("inventory.yaml", INVENTORY), write("a.log", "\n".join(log) + "\n"))
        return [f for f in out if f["kind"] == "finding"], p


def expect(what, site, log, level, exception=None, reason=None):
    findings, p = run(site, *log)
    if not checks.that(len(findings) == 1, "%s: %d findings: %s" % (what, len(findings), p.stderr.decode()[-600:])):
        return
    f = findings[0]
    checks.that(f["level"] == level, "%s: level %s, not %s" % (what, f["level"], level))
    checks.that(f["exception"] == exception, "%s: exception %s" % (what, f["exception"]))
    checks.that(reason is None or any(reason in r for r in f["reasons"]), "%s: no reason '%s'" % (what, reason))


def refuse(what, site, words, code=2):
    _, p = run(site, line(OTHER, "/a"))
    said = p.stderr.decode()
    checks.that(p.returncode == code and words in said, "%s: exit %d, '%s' is not in: %s" %
                (what, p.returncode, words, said[-600:]))


inside, outside = "/srv/test/a.exe", "/home/a.exe"
full = SIGNED + UNTIL + FILTER
expect("without exception", "", [line(OTHER, inside)], "report")
expect("excepted", full, [line(OTHER, inside)], "record", ID, "known test files")
expect("excepted, host unknown", full, [line(UNKNOWN, inside)], "record", ID)
expect("not what the exception is for", full, [line(OTHER, outside)], "report")
expect("protected, one approver", full, [line(GUARDED, inside)], "report", None, "second approver")
expect("protected, two approvers", SECOND + full, [line(GUARDED, inside)], "review", ID)
# two correlations of one fact that complete with the same line: the first by name speaks, whichever comes first
MORE = """title: %s
id: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a1%d
name: test-%s
correlation: {type: event_count, rules: [test-malware], group-by: [asset.id], timespan: 1h, condition: {gte: 2}}
notice: {clauses: ['4'], fact: infection, shows: event}
"""
for order in ("ab", "ba"):
    findings, p = run("---\n".join(MORE % (c, "ab".index(c), c) for c in order), line(OTHER, outside), line(OTHER, outside, 5))
    both = [f for f in findings if {"test-a", "test-b"} <= set(f["rules"])]
    checks.that(p.returncode == 0 and len(both) == 1 and both[0]["rule"] == "test-a",
                "two correlations of one fact: exit %d, %s" % (p.returncode, [f["rule"] for f in findings]))

ours = full.replace("known: {file.path|startswith: /srv/test/}", "known: {asset.id: %s}")
expect("by what the inventory says", ours % "two", [line(OTHER, outside)], "record", ID)
expect("by what the inventory says, another host", ours % "two", [line(UNKNOWN, outside)], "urgent")
expired = SIGNED + "expires: 2026-05-31\n" + FILTER
expect("expired before the record", expired, [line(OTHER, inside)], "report")
expect("its last day", SIGNED + "expires: 2026-06-01\n" + FILTER, [line(OTHER, inside)], "record", ID)
refuse("expired", SIGNED + "expires: 2020-01-01\n" + FILTER, "has expired", 0)
findings, _ = run(full, line(OTHER, inside), line(OTHER, inside, 5))
checks.that(len(findings) == 2 and not any("test-pair" in f["rules"] for f in findings),
            "excepted hits are kept, but no correlation counts them")
findings, _ = run(full, line(GUARDED, inside), line(GUARDED, inside, 5))
checks.that(any("test-pair" in f["rules"] for f in findings), "a refused exception leaves correlations alone")

off, lower = TUNING % "enabled: false", TUNING % "notice: {level: record}"
T = ID[:-1] + "4"
expect("switched off", SIGNED + UNTIL + off, [line(OTHER, outside)], "record", T)
expect("switched off, protected", SIGNED + UNTIL + off, [line(GUARDED, outside)], "report", None, "second approver")
expect("switched off, protected, two approvers", SIGNED + SECOND + UNTIL + off, [line(GUARDED, outside)], "review", T)
expect("lower", SIGNED + UNTIL + lower, [line(OTHER, outside)], "record")
expect("lower, protected", SIGNED + UNTIL + lower, [line(GUARDED, outside)], "report")
expect("lower, protected, two approvers", SIGNED + SECOND + UNTIL + lower, [line(GUARDED, outside)], "review")

refuse("unsigned", FILTER, "`reason` is missing")
refuse("no end", SIGNED + FILTER, "`expires` is missing")
refuse("rule gone", full.replace("[test-malware]", "[test-malwar]"), "did you mean 'test-malware'")
refuse("a correlation", full.replace("[test-malware]", "[test-pair]"), "name the rules that it counts")
refuse("the same person twice", full + "second_approver: chief\n", "another person")
refuse("an unknown key", SIGNED + UNTIL + TUNING % "enable: false", "did you mean 'enabled'")
refuse("no date", SIGNED + "expires: soon\n" + FILTER, "is no date")
refuse("tuned twice", SIGNED + UNTIL + off + "---\n" + SIGNED + UNTIL + lower.replace("9a04", "9a05"), "tuned by")
checks.end()
