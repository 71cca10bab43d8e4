#!/usr/bin/env python3
"""make bench: replay on one fixed log against tools that only read the same bytes, in one run; ratios count.

usage: bench.py SOKUHOCTL [MEGABYTES]"""
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time

ctl, megabytes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50
rng = random.Random(4608)
folder = tempfile.mkdtemp()
path = os.path.join(folder, "bench.log")
PROGRAMS = ["sshd[%d]: Connection closed by 10.0.%d.%d port %d", "CRON[%d]: (root) CMD (run-parts %d.%d.%d)",
            "systemd[%d]: Started Session %d.%d.%d of user u1001.", "kernel: [%d.0] eth0: link %d %d %d"]
written = 0
with open(path, "w") as f:
    while written < megabytes << 20:
        s = written // 4000
        line = "Jun 15 %02d:%02d:%02d host%03d " % (s // 3600 % 24, s // 60 % 60, s % 60, rng.randrange(200))
        line += rng.choice(PROGRAMS) % tuple(rng.randrange(255) for _ in range(4)) + "\n"
        written += f.write(line)


def timed(argv):
    start = time.monotonic()
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return time.monotonic() - start, p.stdout


timed(["wc", "-l", path])
reading, _ = timed(["wc", "-l", path])
grep, _ = timed(["grep", "-cE", "FOUND|CnC|Failed password", path])
replay, out = timed([ctl, "replay", "--json", "--as-of", "2026-12-31T00:00:00+09:00", path])
summary = json.loads(out.splitlines()[-1])
cpu = [l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")][:1]
print("machine: %s, %d CPUs, %s" % (cpu[0] if cpu else platform.machine(), os.cpu_count(), platform.release()))
print("input: %.0f MB, %d lines, %d rules" % (written / 1e6, summary["lines"], summary["rules"]["loaded"]))
print("wc -l    %8.2f s  %8.1f MB/s" % (reading, written / 1e6 / reading))
print("grep -E  %8.2f s  %8.1f MB/s" % (grep, written / 1e6 / grep))
print("replay   %8.2f s  %8.1f MB/s  %.0f lines/s" % (replay, written / 1e6 / replay, summary["lines"] / replay))
print("ratio replay/grep: %.4f" % (grep / replay))
os.unlink(path)
os.rmdir(folder)
