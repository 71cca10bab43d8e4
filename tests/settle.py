#!/usr/bin/env python3
"""A later line settles a verdict (`settles` of decode data): in replay, and in a daemon that is killed in between."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import CTL, DAEMON, ENV, SRC, Checks, ctl, need_programs, replay

need_programs()
checks = Checks()
top = tempfile.mkdtemp(prefix="sokuho-settle-")
FOUND = "Jun  1 10:%s pc%d clamonacc[5]: /tmp/%s: Win.Test.A-1 FOUND\n"
MOVED = "Jun  1 10:%s pc%d clamdscan[5]: /tmp/%s: moved to '/quarantine/x'\n"


def write(name, text):
    with open(os.path.join(top, name), "w") as f:
        f.write(text)
    return os.path.join(top, name)


def levels(text, *args):
    out, _ = replay("--all-implicated", "--as-of", "2026-12-31T00:00:00+09:00", *args, write("a.log", text))
    findings = [(o["level"], o["verdict"]) for o in out if o["kind"] == "finding"]
    return findings, [o["level"] for o in out if o["kind"] == "incident"], [o["findings"] for o in out if o["kind"] == "incident"]


UNKNOWN, SETTLED = [("report", "unknown")], [("review", "stopped")]
for words, text, want in (
        ("in order", FOUND % ("00:00", 1, "a") + MOVED % ("00:02", 1, "a"), SETTLED),
        ("the wrong order", MOVED % ("00:00", 1, "a") + FOUND % ("00:02", 1, "a"), UNKNOWN),
        ("too late", FOUND % ("00:00", 1, "a") + MOVED % ("01:02", 1, "a"), UNKNOWN),
        ("another host", FOUND % ("00:00", 1, "a") + MOVED % ("00:02", 2, "a"), UNKNOWN),
        ("another file", FOUND % ("00:00", 1, "a") + MOVED % ("00:02", 1, "b"), UNKNOWN),
        ("of clamd, for which nothing waits", FOUND.replace("clamonacc", "clamd") % ("00:00", 1, "a") + MOVED % ("00:02", 1, "a"), UNKNOWN),
        ("no other line", FOUND % ("00:00", 1, "a"), UNKNOWN)):
    got, incidents, counts = levels(text)
    checks.that(got == want and incidents == [want[0][0]] and counts == [1], "%s: %s %s %s" % (words, got, incidents, counts))
many = "".join(FOUND % ("%02d:%02d" % (n // 60, n % 60), n, "f%d" % n) for n in range(1, 600)) + MOVED % ("09:59", 590, "f590")
one = [levels(many, "--jobs", jobs) for jobs in ("1", "4")]
checks.that(one[0] == one[1] and one[0][0].count(SETTLED[0]) == 1 and one[0][0].count(UNKNOWN[0]) >= 598, "many, by one thread and by four")

DEFENDER = ('{"EventTime":"2026-06-01 10:00:%02d","Hostname":"PC001","EventID":%d,"SourceName":"Microsoft-Windows-Windows Defender",'
            '"Threat Name":"Trojan:Win32/Sample.A","Path":"file:_C:\\\\a.exe"}\n')
for code, want in ((1117, ["review"]), (1119, ["report"])):
    _, incidents, _ = levels(DEFENDER % (0, 1116) + DEFENDER % (3, code))
    checks.that(incidents == want, "Defender 1116, then %d: %s" % (code, incidents))

# the daemon: 6 s instead of 60
data = os.path.join(top, "rules")
shutil.copytree(os.path.join(SRC, "rules"), data)
path = os.path.join(data, "decode", "clamav.yaml")
with open(path) as f:
    text = f.read()
with open(path, "w") as f:
    f.write(text.replace("within: 60s", "within: 6s"))
env = dict(ENV, SOKUHO_DATA_DIR=data)
log, told = write("live.log", ""), os.path.join(top, "told")
write("tell.sh", "#!/bin/sh\ncat >> '%s'\n" % told)
os.chmod(os.path.join(top, "tell.sh"), 0o755)
write("inventory.yaml", "systems:\n" + "".join("  - {id: pc%d, label: 試験機%d, hosts: [pc%d], classes: [protected]}\n" % (n, n, n) for n in (1, 2, 3)))
conf = write("sokuhod.yaml", """company: {name: 試験, office: 試験}
inventory: inventory.yaml
sources: [{name: s, kind: file, path: ['%s'], start: beginning}]
targets: [{name: tell, kind: exec, command: ['%s/tell.sh']}]
alerts: {max_per_minute: 1000}
storage: {directory: '%s/state', socket: '%s/s'}
""" % (log, top, top, top))
os.mkdir(os.path.join(top, "state"))


def add(line, machine):
    now = time.strftime("%b %e %H:%M:%S", time.gmtime(time.time() + 9 * 3600))
    with open(log, "a") as f:
        f.write("%s pc%d %s\n" % (now, machine, line))


def incidents():
    out = subprocess.run([CTL, "incident", "list", "--json", "-c", conf], env=env, capture_output=True).stdout
    return {o["assets"][0]: o["level"] for o in map(json.loads, out.splitlines())}


def wait(good, seconds=10):
    end = time.time() + seconds
    while time.time() < end and not good():
        time.sleep(0.1)
    return good()


def tellings(machine):
    return open(told).read().count("試験機%d" % machine) if os.path.exists(told) else 0


def start():
    return subprocess.Popen([DAEMON, "-c", conf], env=env, stderr=open(os.path.join(top, "err"), "ab"))


daemon = start()
try:
    add("clamonacc[5]: /tmp/a: Win.Test.A-1 FOUND", 1)
    checks.that(wait(lambda: incidents().get("pc1") == "review"), "the incident is stored at once, at review")
    checks.that(tellings(1) == 0, "nobody is told while it waits")
    add("clamdscan[5]: /tmp/a: moved to '/quarantine/a'", 1)
    checks.that(wait(lambda: tellings(1) > 0), "settled: it is told")
    checks.that(incidents().get("pc1") == "review", "and stays at review")
    add("clamonacc[5]: /tmp/b: Win.Test.B-1 FOUND", 2)
    checks.that(wait(lambda: incidents().get("pc2") == "report", 30), "its time is over by the clock, though no line comes")
    checks.that(wait(lambda: tellings(2) > 0), "and it is told")
    before = tellings(2)
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    daemon = start()
    checks.that(not wait(lambda: tellings(2) > before, 9), "after a kill it is not told again")
    add("clamonacc[5]: /tmp/c: Win.Test.C-1 FOUND", 3)
    checks.that(wait(lambda: incidents().get("pc3") == "review"), "a third one waits")
    daemon.send_signal(signal.SIGKILL)
    daemon.wait()
    checks.that(tellings(3) == 0, "killed before it was told")
    daemon = start()
    checks.that(wait(lambda: incidents().get("pc3") == "report", 30) and wait(lambda: tellings(3) > 0), "after a kill it waits on, and is told")
    audit = subprocess.run([CTL, "audit", "export", "--json", "-c", conf], env=env, capture_output=True).stdout.decode()
    checks.that(audit.count('"settle"') == 3 and '"verdict":"stopped"' in audit.replace(" ", "").replace("\\", ""), "the chain has what was settled: " + audit[-900:])
    checks.that(subprocess.run([CTL, "audit", "verify", "-c", conf], env=env, capture_output=True).returncode == 0, "and holds")
finally:
    daemon.send_signal(signal.SIGTERM)
    daemon.wait(20)
print(open(os.path.join(top, "err")).read()[-600:] if checks.failed else "", end="")
shutil.rmtree(top)
checks.end()
