#!/usr/bin/env python3
"""make check-system: the daemon among real neighbours, as root: rsyslog writes, logrotate rotates, clamd (clamdscan)
detects, a real SMTP server (aiosmtpd) takes the mail. Each part that is not installed is skipped in words."""
import email
import email.header
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import DAEMON, ENV, Checks, ctl, need_programs, skip

need_programs()
if os.geteuid() != 0:
    skip("check-system wants root")
checks = Checks()
skipped = []
top = tempfile.mkdtemp()
os.chmod(top, 0o755)
logs = os.path.join(top, "logs")
os.mkdir(logs)
mails = os.path.join(top, "mails")
os.mkdir(mails)
conf = os.path.join(top, "sokuhod.yaml")
processes = []


def spawn(argv, **kw):
    p = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=open(os.path.join(top, "err"), "ab"), **kw)
    processes.append(p)
    return p


def wait(what, seconds=15):
    end = time.time() + seconds
    while time.time() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def incidents():
    p = ctl("incident", "list", "--json", "-c", conf)
    return [json.loads(l) for l in p.stdout.splitlines()] if p.returncode == 0 else []


SMTP = '''
import os, sys, time, uuid
from aiosmtpd.controller import Controller
class Keep:
    async def handle_DATA(self, server, session, envelope):
        name = sys.argv[1] + "/" + uuid.uuid4().hex
        with open(name + ".part", "wb") as f:
            f.write(envelope.content)
        os.rename(name + ".part", name + ".eml")
        return "250 OK"
Controller(Keep(), hostname="127.0.0.1", port=10025).start()
time.sleep(3600)
'''


def start_smtp():
    if subprocess.run([sys.executable, "-c", "import aiosmtpd"], stderr=subprocess.DEVNULL).returncode:
        skipped.append("no SMTP server: python3-aiosmtpd is not installed")
        return False
    spawn([sys.executable, "-c", SMTP, mails])
    return True


have_smtp = start_smtp()
open(conf, "w").write("""company: {name: 試験, office: 試験}
inventory: inventory.yaml
networks: [10.0.0.0/8]
sources:
  - {name: journal, kind: journal, namespace: sokuhotest, start: beginning, matches: ['SYSLOG_IDENTIFIER=clamd']}
  - {name: messages, kind: file, path: [%s/messages], rotated: ['%s/messages.*'], start: beginning}
targets:
  - {name: journal, kind: journal, level: review}
%s
alerts: {max_per_minute: 100}
storage: {directory: %s/state, socket: %s/s}
""" % (logs, logs, "  - {name: mail, kind: mail, level: review, url: 'smtp://127.0.0.1:10025', from: sokuhod@example.jp, "
       "to: [csirt@example.jp]}" if have_smtp else "", top, top))
open(os.path.join(top, "inventory.yaml"), "w").write(
    "systems:\n  - {id: fs01, label: 設計部ファイルサーバ, hosts: [fs01], classes: [protected]}\n")


def system_rsyslog_and_logrotate():
    if not shutil.which("rsyslogd") or not shutil.which("logrotate"):
        skipped.append("rsyslog or logrotate is not installed")
        return
    open(os.path.join(top, "rsyslog.conf"), "w").write("""module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="%s/log" CreatePath="on")
$LocalHostName fs01
$ActionFileDefaultTemplate RSYSLOG_TraditionalFileFormat
*.* %s/messages
""" % (top, logs))
    rsyslog = spawn(["rsyslogd", "-n", "-i", os.path.join(top, "pid"), "-f", os.path.join(top, "rsyslog.conf")])
    checks.that(wait(lambda: os.path.exists(os.path.join(top, "log"))), "rsyslog is up")
    rotate = os.path.join(top, "logrotate.conf")
    open(rotate, "w").write("%s/messages {\n rotate 5\n create 0644 root root\n postrotate\n  kill -HUP %d\n endscript\n}\n"
                            % (logs, rsyslog.pid))
    n = 0
    for turn in range(3):
        for _ in range(20):
            subprocess.run(["logger", "-u", os.path.join(top, "log"), "-t", "clamd",
                            "/srv/share/f%d.exe: Win.Trojan.System-%d FOUND" % (n, n)], check=True)
            n += 1
        subprocess.run(["logrotate", "-f", "-s", os.path.join(top, "lr.state"), rotate], check=True)
        time.sleep(0.5)
    checks.that(wait(lambda: sum(i["findings"] for i in incidents()) >= n),
                "%d lines through rsyslog and three rotations are %d findings" %
                (n, sum(i["findings"] for i in incidents())))
    time.sleep(1)
    checks.that(sum(i["findings"] for i in incidents()) == n, "and none is doubled")


def system_snippets():
    """What contrib offers to neighbours is read by them without a word."""
    folder = os.path.join(ENV.get("top_srcdir", "."), "contrib", "rsyslog")
    if shutil.which("rsyslogd") and os.path.isdir(folder):
        for name in sorted(n for n in os.listdir(folder) if n.startswith("50-")):
            p = subprocess.run(["rsyslogd", "-N1", "-f", os.path.join(folder, name)], capture_output=True)
            words = [l for l in p.stderr.decode().splitlines() if "config validation run" not in l.lower()]
            checks.that(p.returncode == 0 and not words, "rsyslog takes %s: %s" % (name, words))


JOURNALD = "/lib/systemd/systemd-journald"


def journal_start():
    """A journald of our own, in a namespace: real journal files, and nothing of the system's."""
    if not os.path.exists(JOURNALD) or not os.path.exists("/etc/machine-id"):
        skipped.append("systemd-journald is not installed")
        return None
    os.makedirs("/run/systemd/journal.sokuhotest", exist_ok=True)
    p = spawn([JOURNALD, "sokuhotest"])
    if wait(lambda: os.path.exists("/run/systemd/journal.sokuhotest/socket"), 5) and p.poll() is None:
        return p
    skipped.append("systemd-journald cannot run here")
    return None


def journal_log(n):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.sendto(b"SYSLOG_IDENTIFIER=clamd\nMESSAGE=/srv/j%d.exe: Win.Trojan.Journal-%d FOUND\n" % (n, n),
             "/run/systemd/journal.sokuhotest/socket")
    s.sendto(b"SYSLOG_IDENTIFIER=other\nMESSAGE=/srv/no%d.exe: Win.Trojan.Other-%d FOUND\n" % (n, n),
             "/run/systemd/journal.sokuhotest/socket")


def system_journal():
    global daemon
    journald = journal_start()
    if not journald:
        return
    try:
        before = sum(i["findings"] for i in incidents())
        n = 0
        for turn in range(3):
            for _ in range(20):
                journal_log(n)
                n += 1
            time.sleep(0.3)
            subprocess.run(["journalctl", "--namespace=sokuhotest", "--rotate"], capture_output=True)
        checks.that(wait(lambda: sum(i["findings"] for i in incidents()) - before >= n),
                    "%d journal entries and three rotations are %d findings" %
                    (n, sum(i["findings"] for i in incidents()) - before))
        daemon.kill()
        daemon.wait()
        for _ in range(10):
            journal_log(n)
            n += 1
        daemon = spawn([DAEMON, "-c", conf], env=ENV)
        checks.that(wait(lambda: sum(i["findings"] for i in incidents()) - before >= n), "after kill -9 it goes on at the cursor")
        time.sleep(1)
        checks.that(sum(i["findings"] for i in incidents()) - before == n,
                    "no entry is doubled, no other program is read: %d of %d" %
                    (sum(i["findings"] for i in incidents()) - before, n))
    finally:
        journald.terminate()
        journald.wait(10)
        processes.remove(journald)
        for folder in glob.glob("/var/log/journal/*.sokuhotest") + glob.glob("/run/log/journal/*.sokuhotest"):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree("/run/systemd/journal.sokuhotest", ignore_errors=True)


def mails_read():
    """The subject and the body of each mail that has arrived."""
    read = []
    for name in glob.glob(os.path.join(mails, "*.eml")):
        m = email.message_from_bytes(open(name, "rb").read())
        part = m.get_payload(0) if m.is_multipart() else m
        read.append((str(email.header.make_header(email.header.decode_header(m["Subject"]))),
                     part.get_payload(decode=True).decode("utf-8")))
    return read


def system_mail():
    if not have_smtp:
        return
    # the hits of the journal, whose host is no system of the inventory, send mails too: all are looked at
    def about(label):
        return [m for m in mails_read() if label in m[0]]
    checks.that(wait(lambda: about("設計部ファイルサーバ")), "a mail about the file server arrived")
    for subject, body in about("設計部ファイルサーバ"):
        checks.that("速報候補" in subject, "the subject is Japanese: " + subject)
        checks.that("緊急窓口" in body, "the body is Japanese")
    for subject, body in mails_read():
        checks.that(not re.search(r"[fj]\d+\.exe", subject + body), "no file name leaves the host: " + subject)


def system_clamd():
    if not shutil.which("clamscan"):
        skipped.append("clamav is not installed")
        return
    folder = os.path.join(top, "clam")
    os.mkdir(folder)
    # a signature of our own: the published database is not needed
    open(os.path.join(folder, "own.ndb"), "w").write("Sokuhod.Test.Sample:0:*:" + b"sokuhod-sample-4608".hex() + "\n")
    sample = os.path.join(top, "sample.bin")
    open(sample, "w").write("xx sokuhod-sample-4608 xx\n")
    out = subprocess.run(["clamscan", "--no-summary", "-d", os.path.join(folder, "own.ndb"), sample], capture_output=True)
    line = out.stdout.decode().splitlines()[0] if out.stdout else ""
    checks.that("FOUND" in line, "clamscan finds the sample: %s %s" % (line, out.stderr[-200:]))
    result = ctl("replay", "--json", "--as-of", "2026-12-31T00:00:00+09:00", "-c", conf, "-", stdin=(line + "\n").encode())
    checks.that(b'"rule.name":"Sokuhod.Test.Sample' in result.stdout, "a real line of clamscan is a finding")


def system_systemd():
    if not shutil.which("systemd-analyze"):
        skipped.append("systemd-analyze is not installed")
        return
    unit = os.path.join(ENV.get("top_builddir", "."), "packaging/systemd/sokuhod.service")
    if not os.path.exists(unit):
        skipped.append("the unit is not built")
        return
    text = open(unit).read()
    for want in ("Type=notify", "User=sokuhod", "WatchdogSec="):
        checks.that(want in text, "the unit has " + want)


try:
    daemon = spawn([DAEMON, "-c", conf], env=ENV)
    checks.that(wait(lambda: os.path.exists(os.path.join(top, "s"))), "the daemon is up")
    system_rsyslog_and_logrotate()
    system_journal()
    system_mail()
    system_clamd()
    system_snippets()
    system_systemd()
finally:
    for p in processes:
        p.send_signal(signal.SIGTERM)
    for p in processes:
        p.wait(20)
    if checks.failed:
        print(open(os.path.join(top, "err"), errors="replace").read()[-3000:])
    shutil.rmtree(top, ignore_errors=True)
for words in skipped:
    print("skipped: " + words)
checks.end()
