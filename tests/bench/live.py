#!/usr/bin/env python3
"""make bench, the live part: from write() to the stored incident, median and 99th percentile, beside a floor measured in
the same run on the same file system: an inotify wake-up and one durable commit, and nothing else.

usage: live.py SOKUHOD [SECONDS]"""
import ctypes
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

daemon, seconds = os.path.abspath(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 10
RATES = (1000, 20000)
SLACK = 0.020


def figures(values):
    values = sorted(values)
    return values[len(values) // 2] * 1e3, values[min(len(values) - 1, int(len(values) * 0.99))] * 1e3


def floor(folder, n=300):
    """A line appended; woken by inotify; one row committed with WAL and synchronous=FULL."""
    libc = ctypes.CDLL(None, use_errno=True)
    path = os.path.join(folder, "floor.log")
    open(path, "w").close()
    fd = libc.inotify_init1(0o2000000)
    libc.inotify_add_watch(fd, folder.encode(), 0x2)       # IN_MODIFY
    db = sqlite3.connect(os.path.join(folder, "floor.db"), isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute("CREATE TABLE t (a TEXT)")
    done, took = threading.Semaphore(0), []
    state = {"start": 0.0}

    def wait():
        for _ in range(n):
            while True:
                data = os.read(fd, 4096)
                if b"floor.log" in data:
                    break
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO t VALUES (?)", ("x" * 3000,))
            db.execute("COMMIT")
            took.append(time.monotonic() - state["start"])
            done.release()

    thread = threading.Thread(target=wait)
    thread.start()
    with open(path, "a") as f:
        for _ in range(n):
            state["start"] = time.monotonic()
            f.write("line\n")
            f.flush()
            done.acquire()
            time.sleep(0.01)
    thread.join()
    os.close(fd)
    db.close()
    return figures(took)


def live(folder, rate):
    """Numbered incidents among routine lines; when each is seen in the database by another connection."""
    log, state = os.path.join(folder, "live.log"), os.path.join(folder, "state%d" % rate)
    open(log, "w").close()
    conf = os.path.join(folder, "live.yaml")
    with open(conf, "w") as f:
        f.write("sources:\n  - {name: live, path: '%s', start: beginning}\nstorage: {directory: '%s', socket: '%s/s'}\n"
                % (log, state, folder))
    p = subprocess.Popen([daemon, "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    base = os.path.join(state, "sokuhod.db")
    while not os.path.exists(os.path.join(folder, "s")):
        if p.poll() is not None:
            sys.exit("the daemon ended at its start, with %d:\n%s" % (p.returncode, p.stderr.read().decode()))
        time.sleep(0.05)
    threading.Thread(target=p.stderr.read, daemon=True).start()
    time.sleep(1)
    written, seen, stop = {}, {}, threading.Event()

    def write():
        n, start = 0, time.monotonic()
        stamp, second = "", 0
        with open(log, "ab", buffering=0) as f:
            while time.monotonic() - start < seconds:
                now = int(time.time())
                if now != second:
                    second, stamp = now, time.strftime("%b %e %H:%M:%S", time.gmtime(now + 9 * 3600))
                batch = max(1, rate // 200)        # 200 writes a second
                lines = ["%s host%d sshd[7]: Connection closed by 10.0.0.%d port %d\n" % (stamp, i % 50, i % 250, n) for i in range(batch)]
                if n % 10 == 0:     # 20 incidents a second
                    lines[-1] = "%s host1 clamd[5]: /srv/n%d.bin: Win.Trojan.Bench-%d FOUND\n" % (stamp, n, n)
                    written[n] = time.monotonic()
                f.write("".join(lines).encode())
                n += 1
                time.sleep(max(0, start + n / 200 - time.monotonic()))
        stop.set()

    thread = threading.Thread(target=write)
    thread.start()
    db = sqlite3.connect("file:%s?mode=ro" % base, uri=True, timeout=5, isolation_level=None)
    version, end = None, None
    while end is None or (time.monotonic() < end and len(seen) < len(written)):
        now = db.execute("PRAGMA data_version").fetchone()[0]
        if now != version:
            version = now
            when = time.monotonic()
            since = (int(time.time()) - 5) * 1000000000
            for (document,) in db.execute("SELECT document FROM finding WHERE time > ?", (since,)):
                m = re.search(r"/srv/n(\d+)\.bin", document)
                if m and int(m.group(1)) not in seen:
                    seen[int(m.group(1))] = when
        else:
            time.sleep(0.0005)
        if stop.is_set() and end is None:
            end = time.monotonic() + 10
    thread.join()
    p.terminate()
    p.wait(30)
    return figures([seen[n] - written[n] for n in seen]), len(seen), len(written)


folder = tempfile.mkdtemp()
try:
    low, high = floor(folder)
    print("live: floor (inotify and one durable commit): median %.2f ms, p99 %.2f ms" % (low, high))
    for rate in RATES:
        (median, p99), seen, written = live(folder, rate)
        print("live: %d lines/s: median %.2f ms, p99 %.2f ms (floor + %.2f ms; %d of %d incidents stored)%s" %
              (rate, median, p99, p99 - high, seen, written, "" if p99 <= high + SLACK * 1e3 else "  MORE THAN THE FLOOR + 20 ms"))
finally:
    shutil.rmtree(folder, ignore_errors=True)
