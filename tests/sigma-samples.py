#!/usr/bin/env python3
"""Every sample of the Sigma specification loads with the rules that it names, and fires once on lines made for it."""
import json
import os
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import SHARED, Checks, need_programs, replay, skip

SAMPLES = os.path.join(SHARED, "sigma", "specification", "tests", "schema")
need_programs()
if not os.path.isdir(SAMPLES):
    skip("the samples of the Sigma specification (../shared/sigma/specification) are not here")
checks = Checks()


def lines(fields, step=1):
    """JSON lines, `step` seconds apart."""
    return [json.dumps(dict({"timestamp": "2026-06-01T%02d:%02d:%02dZ" % (
        i * step // 3600, i * step // 60 % 60, i * step % 60)}, **f)) for i, f in enumerate(fields)]


def rule(key, selection, logsource="{category: x}"):
    """A rule known by name, or by id where key is a UUID."""
    known = ("id: " if len(key) == 36 else "id: %08x-1111-4111-8111-111111111111\nname: " %
             zlib.crc32(key.encode())) + key
    return "title: supplied\n%s\nlogsource: %s\ndetection: {s: %s, condition: s}\n" % (known, logsource, selection)


FAILED = rule("5638f7c0-ac70-491d-8465-2a65075e0d86", "{x: failed}")
RECON = [rule("recon_cmd_" + c, "{cmd: %s}" % c) for c in "abc"]
PROC = "{category: process_creation, product: windows}"
pc = {"ComputerName": "pc1", "User": "u"}
flow = {"SourceIP": "192.0.2.1", "User": "u", "x": "1"}
evtx = {"Event": {"System": {"Provider": {"#attributes": {"Name": "Application Error"}}, "EventID": 1000,
                             "TimeCreated": {"#attributes": {"SystemTime": "2026-06-01T00:00:00Z"}},
                             "Channel": "Application", "Computer": "pc1"}, "EventData": {}}}
FILTERED = ("6f3e2987-db24-4c78-a860-b4f4095a7095", "df0841c0-9846-4e9f-ad8a-7df91571771b")

# sample: rules that it names, lines, the rule that fires
CASES = {
    "correlation/event_count": ([FAILED], lines([dict(pc, x="failed")] * 130, 10), "0e95725d-7320-415d-80f7-004da920fc11"),
    "correlation/event_count_ecs": ([FAILED], lines([{"x": "failed", "dns.question.name": "a"}] * 100, 10),
                                    "0e95725d-7320-415d-80f7-004da920fc11"),
    "correlation/temporal": (RECON, lines([dict(pc, cmd=c) for c in "bbac"]), "Recon"),
    "correlation/temporal_ordered": (RECON, lines([dict(pc, cmd=c) for c in "cbabc"]), "Recon ordered"),
    "correlation/value_avg": ([rule("rule_a_id", "{x: 1}")],
                              lines([dict(flow, BytesOut=n) for n in (400, 700, 401)]),
                              "Suspicious average network traffic"),
    "correlation/value_count": ([FAILED], lines([{"ComputerName": "pc1", "WorkstationName": "w", "x": "failed",
                                                  "User": "u%d" % (i // 2)} for i in range(200)]),
                                "0e95725d-7320-415d-80f7-004da920fc12"),
    "correlation/value_percentile": ([rule("process_creation", "{Image: '*'}")],
                                     lines([dict(pc, Image="rare.exe" if i == 60 else "usual.exe") for i in range(150)]),
                                     "A computer spawned a processes name in the last 24h than 1% of all the processes."),
    "correlation/value_sum": ([rule("website_access", "{x: 1}")],
                              lines([dict(flow, bytes_sent=n) for n in (500000, 500000, 1, 5)]),
                              "Possible Exfiltration to Website"),
    "filter/filter_1": ([rule(i, "{CommandLine|contains: %s}" % word, PROC) for i, word in zip(FILTERED, ("rar", "jump"))],
                        lines([{"CommandLine": "rar.exe a", "User": u} for u in ("adm_1", "user2")]), FILTERED[0]),
    "filter/filter_ecs": ([rule(i, "{x: %s}" % word, "{category: network, service: dns}")
                           for i, word in zip(FILTERED, ("one", "two"))],
                          lines([{"x": "one", "dns.question.name": n} for n in ("www.google.example", "other.example")]),
                          FILTERED[0]),
    "rules/rule_1": ([], [json.dumps(evtx)], "545a5da6-f103-4919-a519-e9aec1026ee4"),
    "rules/rule_ecs": ([], lines([{"dns.question.name": n} for n in ("SigmaHQ", "sigma")]),
                       "545a5da6-f103-4919-a519-e9aec1026ee4"),
}

# examples of the specification's text: correlations of correlations, and aliases
LOGIN = """title: chain
id: b180ead8-d58f-40b2-ae54-c8940995b9b6
correlation: {type: temporal_ordered, rules: [many, good], group-by: [User], timespan: 10m}
---
title: many
id: a8418a5a-5fc4-46b5-b23b-6c73beb19d41
name: many
correlation: {type: event_count, rules: [bad], group-by: [User], timespan: 10m, condition: {%s}}
---
title: bad
id: 53ba33fd-3a50-4468-a5ef-c583635cfa92
name: bad
logsource: {product: windows, service: security}
detection: {s: {EventID: [529, 4625]}, condition: s}
---
title: good
id: 4d0a2c83-c62c-4ed4-b475-c7e23a9269b8
name: good
logsource: {product: windows, service: security}
detection: {s: {EventID: [528, 4624]}, condition: s}
"""
ALIASES = """title: aliased
id: b180ead8-d58f-40b2-ae54-c8940995b9b7
correlation:
  type: temporal
  rules: [internal_error, new_connection]
  group-by: [internal_ip, remote_ip]
  timespan: 10s
  aliases:
    internal_ip: {internal_error: dst, new_connection: src}
    remote_ip: {internal_error: src, new_connection: dst}
"""


def login(code, user, minute):
    return json.dumps({"Event": {"System": {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Security-Auditing"}}, "EventID": code,
        "TimeCreated": {"#attributes": {"SystemTime": "2026-06-01T00:%02d:00Z" % minute}},
        "Channel": "Security", "Computer": "pc1"}, "EventData": {"User": user}}})


guesses = [login(4625, "a", m) for m in range(3)]
CHAIN, ALIASED = "b180ead8-d58f-40b2-ae54-c8940995b9b6", "b180ead8-d58f-40b2-ae54-c8940995b9b7"
ends = [{"status": 500, "src": "192.0.2.1", "dst": "10.1.1.1"}, {"kind": "connection", "src": "10.1.1.1", "dst": "192.0.2.1"}]
TEXTS = {
    # a chain through one that fires at once, and through one that waits for its window
    "chain": (LOGIN % "gte: 3", guesses + [login(4624, "a", 5)], CHAIN, 1),
    "chain, another user": (LOGIN % "gte: 3", guesses + [login(4624, "b", 5)], CHAIN, 0),
    "chain, the other order": (LOGIN % "gte: 3", [login(4624, "a", 0)] + [login(4625, "a", m) for m in (1, 2, 3)], CHAIN, 0),
    "chain that waits": (LOGIN % "eq: 3", guesses + [login(4624, "a", 5)] + [login(4625, "z", 59)], CHAIN, 1),
    "chain that waits, four": (LOGIN % "eq: 3", guesses + [login(4625, "a", 4), login(4624, "a", 5)], CHAIN, 0),
    "aliases": (ALIASES + "---\n" + rule("internal_error", "{status: 500}") + "---\n" +
                rule("new_connection", "{kind: connection}"), lines(ends), ALIASED, 1),
    "aliases, another address": (ALIASES + "---\n" + rule("internal_error", "{status: 500}") + "---\n" +
                                 rule("new_connection", "{kind: connection}"),
                                 lines([ends[0], dict(ends[1], dst="192.0.2.2")]), ALIASED, 0),
}
for name, (rules, log, fires, wanted) in TEXTS.items():
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "rules"))
        for file, text in (("rules/a.yml", rules), ("a.log", "\n".join(log) + "\n")):
            with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
                out.write(text)
        out, p = replay("--any-logsource", "--as-of", "2026-12-31T00:00:00Z", "--rules",
                        os.path.join(folder, "rules"), os.path.join(folder, "a.log"))
        n = sum(f["kind"] == "finding" and fires in f["rules"] for f in out)
        checks.that(n == wanted, "%s fired %d times: %s" % (name, n, p.stderr.decode("utf-8", "replace")[-500:]))

there = set()
for where, _, names in os.walk(SAMPLES):
    there.update(os.path.join(os.path.basename(where), n[:-4]) for n in names if n.endswith(".yml"))
checks.that(there == set(CASES), "samples without a case here: %s" % sorted(there ^ set(CASES)))
for name in sorted(there & set(CASES)):
    rules, log, fires = CASES[name]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(SAMPLES, name + ".yml"), encoding="utf-8") as sample:
            os.mkdir(os.path.join(folder, "rules"))
            with open(os.path.join(folder, "rules", "all.yml"), "w", encoding="utf-8") as out:
                out.write("\n---\n".join([sample.read()] + rules))
        path = os.path.join(folder, "a.log")
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(log) + "\n")
        out, p = replay("--any-logsource", "--as-of", "2026-12-31T00:00:00Z", "--rules",
                        os.path.join(folder, "rules"), path)
        n = sum(f["kind"] == "finding" and fires in f["rules"] and not f["exception"] for f in out)
        checks.that(n == 1, "%s fired %d times: %s" % (name, n, p.stderr.decode("utf-8", "replace")[-500:]))
checks.end()
