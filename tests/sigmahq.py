#!/usr/bin/env python3
"""All published Sigma rules load, and each regression event is matched by the rule that its file names."""
import glob
import json
import os
import sys
import tempfile

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
    before = os.times()
    out, p = replay(*options, empty.name)
    after = os.times()      # processor time: other work on the machine does not count
    took = after.children_user + after.children_system - before.children_user - before.children_system
words = p.stderr.decode("utf-8", "replace")
if checks.that(out and "error:" not in words, "the published rules do not load: " + words[-2000:]):
    loaded = out[-1]["rules"]["loaded"]
    reachable = out[-1]["rules"]["reachable"]
    checks.that(reachable == loaded, "decode data can feed %d of %d rules" % (reachable, loaded))
    checks.that(loaded == written, "%d rules are written, %d loaded" % (written, loaded))
    print("loading took %.1f s" % took)
    checks.that(len(words.splitlines()) <= 20, "%d lines of warnings" % len(words.splitlines()))


def as_dumped(event):
    return event


def as_winlogbeat(event):
    system, data = event["Event"]["System"], event["Event"].get("EventData") or {}
    user_data = next(iter((event["Event"].get("UserData") or {"": {}}).values()))
    return {"@timestamp": system["TimeCreated"]["#attributes"]["SystemTime"],
            "event": {"code": str(system["EventID"]), "provider": system["Provider"]["#attributes"]["Name"]},
            "winlog": {"event_id": str(system["EventID"]), "channel": system["Channel"],
                       "provider_name": system["Provider"]["#attributes"]["Name"],
                       "computer_name": system["Computer"],
                       "event_data": {k: str(v) for k, v in data.items() if k[0] != "#"},
                       "user_data": {k: str(v) for k, v in user_data.items() if k[0] != "#"}}}


def as_nxlog(event):
    system, data = event["Event"]["System"], event["Event"].get("EventData") or {}
    user_data = next(iter((event["Event"].get("UserData") or {"": {}}).values()))
    flat = {"EventTime": system["TimeCreated"]["#attributes"]["SystemTime"][:19].replace("T", " "),
            "Hostname": system["Computer"], "EventID": system["EventID"], "Channel": system["Channel"],
            "SourceName": system["Provider"]["#attributes"]["Name"]}
    flat.update((k, v) for part in (data, user_data) for k, v in part.items() if k[0] != "#")
    return flat


files = sorted(glob.glob(os.path.join(SIGMA, "regression", "*.jsonl")))
for shape in (as_dumped, as_winlogbeat, as_nxlog):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for path in files:
            paths.append(os.path.join(folder, os.path.basename(path)))
            with open(path, encoding="utf-8") as events, open(paths[-1], "w", encoding="utf-8") as copy:
                copy.writelines(json.dumps(shape(json.loads(line))) + "\n" for line in events)
        out, p = replay(*options, *paths)
    found = {}
    for finding in out:
        if finding["kind"] == "finding":
            found.setdefault(os.path.basename(finding["file"]), set()).update(finding["rules"])
    checks.that(out and out[-1]["undated"] == 0, "%s: undated events" % shape.__name__)
    for path in files:
        name = os.path.basename(path)
        rule = name[:-len(".jsonl")]
        if rule in BROKEN:
            print("broken as published: %s: %s" % (rule, BROKEN[rule]))
        else:
            checks.that(rule in found.get(name, ()), "%s: no event of %s is matched by its rule" %
                        (shape.__name__, name))
checks.end()
