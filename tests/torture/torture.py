#!/usr/bin/env python3
"""The promise: no line lost, no incident doubled. Writers append numbered lines while real logrotate rotates by every
scheme, the daemon is killed and stopped at random moments, its disk fills, its database is locked, permissions change
and files are removed. Prints `lost` and `doubled`, which must be 0, and the seed.

usage: torture.py [--seconds N] [--kills N] [--seed N]"""
import argparse
import bz2
import collections
import glob
import gzip
import json
import lzma
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from common import CTL, DAEMON, ENV, Checks, need_programs, skip

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--kills", type=int, default=0, help="go on until so many kills")
parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
parser.add_argument("--keep", action="store_true", help="leave the folder")
args = parser.parse_args()
need_programs()
if not shutil.which("logrotate"):
    skip("logrotate is not installed")
if os.geteuid() != 0:
    skip("torture wants root: it takes permissions away and fills a small disk")
print("torture: seed %d" % args.seed, flush=True)
rng = random.Random(args.seed)
checks = Checks()
NOBODY = 65534
EVENT = re.compile(rb"/srv/n(\d+)\.bin: Win\.Trojan\.Torture-1 FOUND\n")
EVENTS, PAUSE = (120, 0.2) if args.kills else (40, 0.06)     # how many lines are incidents, and how fast they come
STEADY = 5      # seconds of undisturbed running after which nothing may be missing

top = tempfile.mkdtemp(prefix="sokuho-torture-")
os.chmod(top, 0o755)
logs, state = os.path.join(top, "logs"), os.path.join(top, "state")
os.mkdir(logs)
os.mkdir(state)
small_disk = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", state], capture_output=True).returncode == 0
os.chown(state, NOBODY, NOBODY)
os.chmod(state, 0o750)
if not small_disk:
    print("skipped: no tmpfs can be mounted here, the disk is not filled")

# name: options of logrotate
SCHEMES = {
    "create": "create 0644",
    "copy": "copytruncate",
    "delay": "create 0644\n compress\n delaycompress",
    "packed": "create 0644\n compress",
    "copypacked": "copytruncate\n compress",
    "dated": "create 0644\n dateext\n dateformat -%Y%m%d-%s",
    "xz": "create 0644\n compress\n compresscmd /usr/bin/xz\n compressext .xz",
}
for name, options in SCHEMES.items():
    with open(os.path.join(top, name + ".rotate"), "w") as f:
        f.write("%s/%s {\n rotate 1000\n missingok\n notifempty\n %s\n}\n" % (logs, name, options))
conf = os.path.join(top, "sokuhod.yaml")
with open(os.path.join(top, "inventory.yaml"), "w") as f:
    f.write("systems:\n  - {id: host1, label: 試験機, hosts: [host1], classes: [protected]}\n")
told = os.path.join(top, "told")
os.mkdir(told)
os.chown(told, NOBODY, NOBODY)
with open(os.path.join(top, "tell.sh"), "w") as f:
    # one file for each message: several may be told at once
    f.write("#!/bin/sh\nf='%s'/$(date +%%s%%N)-$$; cat > \"$f.tmp\" && mv \"$f.tmp\" \"$f\"\n" % told)
os.chmod(os.path.join(top, "tell.sh"), 0o755)
with open(conf, "w") as f:
    f.write("""company: {name: 試験, office: 試験}
inventory: inventory.yaml
sources:
  - {name: one, kind: file, path: ['%s/create', '%s/copy', '%s/delay', '%s/dated'], start: beginning}
  - {name: two, kind: file, path: ['%s/packed'], rotated: ['%s/packed.*'], start: beginning}
  - {name: three, kind: file, path: ['%s/xz', '%s/copypacked'], start: beginning}
targets:
  - {name: tell, kind: exec, command: ['%s/tell.sh']}
alerts: {max_per_minute: 1000}
storage: {directory: '%s', socket: '%s/s'}
""" % ((logs,) * 8 + (top, state, state)))


class Daemon:
    process = None
    since = None        # running undisturbed since

    def start(self):
        self.process = subprocess.Popen([DAEMON, "-c", conf], env=ENV, stderr=open(os.path.join(top, "err"), "ab"),
                                        user=NOBODY, group=NOBODY)
        self.since = time.time()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.since = None

    def steady(self):
        return self.since is not None and time.time() - self.since > STEADY + 2


daemon = Daemon()
counts = collections.Counter()
must = set()            # numbers that stood in a readable file long enough
must_be_told = set()    # of which a file was destroyed that the daemon knew


def rotated_of(name):
    return glob.glob(os.path.join(logs, name + "[.-]*"))


def bytes_of(path):
    opener = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}.get(os.path.splitext(path)[1], open)
    with opener(path, "rb") as f:
        return f.read()


def numbers_of(path):
    return [int(n) for n in EVENT.findall(bytes_of(path))]


def rotate(name=None):
    name = name or rng.choice(list(SCHEMES))
    counts["rotate " + name] += 1
    p = subprocess.run(["logrotate", "-f", "-s", os.path.join(top, "lr.state"), os.path.join(top, name + ".rotate")],
                       capture_output=True)
    if p.returncode:        # two dated ones within a second; a file that may not be read just now
        counts["rotate refused"] += 1


def act_rotate():
    rotate()


def act_kill():
    counts["kill"] += 1
    daemon.kill()
    for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
        rotate()
        time.sleep(rng.random() * 0.2)
    if rng.random() < 0.2:
        time.sleep(rng.random())
    daemon.start()


def act_stop():
    counts["stop"] += 1
    daemon.process.send_signal(signal.SIGSTOP)
    for _ in range(rng.randrange(0, 4)):
        rotate()
        time.sleep(rng.random() * 0.2)
    time.sleep(rng.random())
    daemon.process.send_signal(signal.SIGCONT)
    daemon.since = time.time()


def act_full():
    if not small_disk:
        return
    counts["disk full"] += 1
    filler = os.path.join(state, "filler")
    try:
        with open(filler, "wb", buffering=0) as f:
            while True:
                f.write(b"x" * 65536)
    except OSError:
        pass
    time.sleep(rng.random() * 3)
    if rng.random() < 0.3:
        act_kill()
    os.remove(filler)
    daemon.since = time.time()


def act_busy():
    counts["database busy"] += 1
    path = os.path.join(state, "sokuhod.db")
    if not os.path.exists(path):
        return
    try:
        db = sqlite3.connect(path, timeout=2, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        time.sleep(rng.random() * 4)
        db.execute("ROLLBACK")
        db.close()
    except sqlite3.Error:
        counts["database busy, not taken"] += 1
    daemon.since = time.time()


def act_permission():
    counts["permission"] += 1
    path = rng.choice([logs, os.path.join(logs, rng.choice(list(SCHEMES)))])
    try:
        mode = os.stat(path).st_mode
        os.chmod(path, 0)
    except FileNotFoundError:
        return
    time.sleep(rng.random() * 2)
    if path != logs and rng.random() < 0.5:
        rotate(os.path.basename(path))
    for p in [path] + (rotated_of(os.path.basename(path)) if path != logs else []):
        try:
            os.chmod(p, 0o755 if p == logs else 0o644)
        except FileNotFoundError:
            pass
    daemon.since = time.time()


def act_remove():
    """A rotated file goes after a steady while: all of it must have been read. Or a live file goes unread."""
    name = rng.choice(list(SCHEMES))
    files = sorted(rotated_of(name), key=os.path.getmtime)
    if len(files) < 3:
        return
    counts["remove"] += 1
    if rng.random() < 0.5:
        while not daemon.steady():
            time.sleep(0.1)
        path = files[0]
        if time.time() - os.stat(path).st_ctime > STEADY:
            must.update(numbers_of(path))
        os.remove(path)
        return
    # a file that the daemon knows grows while it is stopped, and is gone when it comes back: that must be told. Nothing is rotated
    # meanwhile, so it has stood there for so long; a new one beside what is being packed is looked at only after 2 s
    time.sleep(STEADY)
    while not daemon.steady():
        time.sleep(0.1)
    daemon.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    daemon.kill()
    path = os.path.join(logs, name)
    if os.path.exists(path):
        if is_known(os.stat(path)):
            must_be_told.add(name)
        else:               # behind: what was there before it is not read yet
            counts["remove, not known yet"] += 1
        os.remove(path)
    daemon.start()


def positions():
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(state, "sokuhod.db"), uri=True, timeout=10)
    got = [json.loads(text) for (text,) in db.execute("SELECT json FROM position")]
    db.close()
    return got


def is_known(st):
    return any((p.get("dev"), p.get("ino")) == (st.st_dev, st.st_ino) and not p["done"] for p in positions())


ACTIONS = [(act_rotate, 10), (act_kill, 40 if args.kills else 6), (act_stop, 2), (act_full, 0.7), (act_busy, 0.7), (act_permission, 1), (act_remove, 0.7)]


def found_numbers():
    db = sqlite3.connect("file:%s?mode=ro" % os.path.join(state, "sokuhod.db"), uri=True, timeout=10)
    got = collections.Counter()
    for (document,) in db.execute("SELECT document FROM finding"):
        m = re.search(r"/srv/n(\d+)\.bin", document)
        if m:
            got[int(m.group(1))] += 1
    db.close()
    return got


def gaps_told():
    texts = []
    for name in sorted(os.listdir(told)):
        if name.endswith(".tmp"):
            continue
        try:
            with open(os.path.join(told, name), encoding="utf-8") as f:
                document = json.load(f)
        except ValueError:
            continue            # its writer was killed with the daemon; the alert is told again
        texts += [w["text"] for w in document.get("warnings", []) if w["warning"] == "gap"]
    return texts


def standing():
    numbers = set()
    for name in SCHEMES:
        for path in [os.path.join(logs, name)] + rotated_of(name):
            if os.path.exists(path):
                numbers.update(numbers_of(path))
    return numbers


stop = os.path.join(top, "stop")
writers = []
try:
    daemon.start()
    time.sleep(1)       # what is written before the first start is history
    for i, name in enumerate(SCHEMES):
        writers.append(subprocess.Popen([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "writer.py"),
                                         os.path.join(logs, name), str(i), str(len(SCHEMES)), stop,
                                         str(EVENTS), str(PAUSE)]))
    end = time.time() + args.seconds
    while counts["kill"] < args.kills if args.kills else time.time() < end:
        action = rng.choices([a for a, _ in ACTIONS], [w for _, w in ACTIONS])[0]
        action()
        time.sleep(rng.random() * 0.4)
        if not checks.that(daemon.process.poll() is None, "the daemon ended by itself: %s" % daemon.process.poll()):
            daemon.start()
    open(stop, "w").close()
    for w in writers:
        w.wait(30)
    written = set()
    for i, name in enumerate(SCHEMES):
        last = int(open(os.path.join(logs, "count-" + name)).read() or 0)
        written.update(n for n in range(i, last, len(SCHEMES)) if n // len(SCHEMES) % EVENTS == 0)
    stood = standing()
    must |= stood
    got, before = found_numbers(), None
    deadline = time.time() + 120
    while time.time() < deadline and not (must <= set(got) and got == before):
        time.sleep(2)
        before, got = got, found_numbers()
    time.sleep(20)      # what rests: unfinished lines, gaps, anything that would come twice
    got = found_numbers()
    lost, doubled = must - set(got), [n for n, k in got.items() if k > 1]
    strange = set(got) - written
    destroyed = written - stood - set(got)
    silent = [name for name in must_be_told if not any("/%s'" % name in text for text in gaps_told())]
    print("torture: %s" % ", ".join("%s %d" % c for c in sorted(counts.items())))
    print("torture: %d incidents written, %d stand in files, %d found, %d destroyed unread, %d gaps told" %
          (len(written), len(stood), len(got), len(destroyed), len(gaps_told())))
    print("torture: lost %d, doubled %d" % (len(lost), len(doubled)))
    for name, numbers in (("lost", lost), ("doubled", doubled)):
        for n in sorted(numbers)[:10]:
            print("  %s: %d of %s" % (name, n, list(SCHEMES)[n % len(SCHEMES)]))
    checks.that(not lost, "lines were lost (seed %d)" % args.seed)
    checks.that(not doubled, "incidents were doubled (seed %d)" % args.seed)
    checks.that(not strange, "lines that nobody wrote: %s" % sorted(strange)[:10])
    checks.that(not silent, "files of %s were destroyed and no gap was told" % silent)
    text = open(os.path.join(top, "err"), errors="replace").read()
    checks.that("Sanitizer" not in text and "runtime error" not in text, text[-2000:])
finally:
    for w in writers:
        w.kill()
    if daemon.process and daemon.process.poll() is None:
        daemon.process.terminate()
        daemon.process.wait(30)
    if args.keep or checks.failed:
        print("torture: the folder is %s" % top)
        if small_disk:
            shutil.copytree(state, os.path.join(top, "state-copy"), ignore=lambda d, names: ["s"])
    if small_disk:
        subprocess.run(["umount", "-l", state])
    if not args.keep and not checks.failed:
        shutil.rmtree(top, ignore_errors=True)
checks.end()
