#!/usr/bin/env python3
"""sokuhoctl and the daemon's socket: what a request needs, what it answers, and what it leaves alone."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import DAEMON, ENV, Checks, ctl, need_programs

need_programs()
checks = Checks()
place = tempfile.mkdtemp()
CONF, SOCKET = place + "/sokuhod.yaml", place + "/s"
LINE = "Jun  1 10:00:00 pc1 clamd[5]: /srv/a.exe: Win.Test.A-1 FOUND\n"


def write(name, text):
    with open(os.path.join(place, name), "w", encoding="utf-8") as f:
        f.write(text)


def configure(**changes):
    c = dict(directory=place + "/state", socket=SOCKET, more="")
    c.update(changes)
    write("sokuhod.yaml", """company: {name: 試験, office: 試験}
inventory: inventory.yaml
rules: [rules.d]
sources: [{name: logs, kind: file, path: ['%s/logs/*.log'], start: beginning}]
storage: {directory: '%s', socket: '%s'}
%s""" % (place, c["directory"], c["socket"], c["more"]))


def says(code, words, *args):
    """The command ends with the code, and the words are on standard error (code 0: standard output)."""
    p = ctl(*args, "-c", CONF)
    text = (p.stderr if code else p.stdout).decode()
    checks.that(p.returncode == code and all(w in text for w in words),
                "%s: exit %d (want %d), want %s in: %s" % (" ".join(args), p.returncode, code, words,
                                                          p.stdout.decode() + p.stderr.decode()))
    return text


def until(question, seconds=10):
    end = time.time() + seconds
    while time.time() < end and not question():
        time.sleep(0.05)
    return question()


def daemon_start():
    p = subprocess.Popen([DAEMON, "-c", CONF], env=ENV, stderr=open(place + "/err", "ab"))
    until(lambda: os.path.exists(SOCKET) or p.poll() is not None)
    return p


def incidents():
    p = ctl("incident", "list", "--json", "-c", CONF)
    return [json.loads(line) for line in p.stdout.splitlines()] if p.returncode == 0 else []


def test_a_request_needs_only_the_way_to_the_daemon(id):
    for name, text in (("rules.d/site.yaml", "title: [broken\n"), ("inventory.yaml", "systems: {\n")):
        write(name, text)
        says(0, [id], "incident", "list")
        says(0, ["pc1"], "incident", "show", id)
        says(0, ["① 試験 試験"], "draft", "show", id)
        says(0, ['"daemon"'], "status")
        says(2, ["the running set stays", name], "reload")
        write("rules.d/site.yaml", "")
        write("inventory.yaml", INVENTORY)
    configure(more="compani: {name: x}\n")
    says(0, [id], "incident", "list")
    says(2, ["the running set stays", "compani"], "reload")
    write("sokuhod.yaml", "storage: {directory: state, sockt: s}\n")
    says(2, ["sockt", "socket"], "incident", "list")
    configure()
    says(0, ["ok"], "reload")


INVENTORY = "systems: [{id: pc1, label: 設計端末, hosts: [pc1], classes: [protected]}]\n"
os.mkdir(place + "/logs")
os.mkdir(place + "/rules.d")
write("inventory.yaml", INVENTORY)
write("logs/a.log", LINE)
configure()
daemon = daemon_start()
until(incidents)
id = (incidents() or [{"id": "none"}])[0]["id"]
test_a_request_needs_only_the_way_to_the_daemon(id)
daemon.terminate()
checks.that(daemon.wait(30) == 0, "the daemon ends cleanly")
shutil.rmtree(place)
checks.end()
