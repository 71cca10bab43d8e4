#!/usr/bin/env python3
"""make bench: replay and whatever yardsticks are installed, in turn, on the same made-up logs; ratios count.

usage: bench.py SOKUHOCTL [--mb N] [--rounds N] [--write README]

Speed is that of whole processes, less a run on one line (start and compilation). --write puts the tables into the README."""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import make_input

parser = argparse.ArgumentParser()
parser.add_argument("ctl")
parser.add_argument("--mb", type=float, default=100)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--write")
A = parser.parse_args()
FOLDER = tempfile.mkdtemp(prefix="sokuho-bench-")
COUNTS = (50, 200, 1000)
SLICES = {"ripgrep -f": (40, 20, 1), "grep -P": (10, 4, 0.4), "SEC": (4, 1.5, 0.3), "wc -l": (100, 100, 100)}     # MB of a run, by rules
out = []


def say(line=""):
    print(line, flush=True)
    out.append(line)


def at(name):
    return os.path.join(FOLDER, name)


def write(name, text):
    os.makedirs(os.path.dirname(at(name)), exist_ok=True)
    with open(at(name), "w", encoding="ascii") as f:
        f.write(text)
    return at(name)


def cut(log, megabytes):
    """The first lines of a log; a file for each size."""
    path = "%s-%g" % (log, megabytes)
    if not os.path.exists(path):
        left = megabytes * 1e6
        with open(log, "rb") as i, open(path, "wb") as o:
            for line in i:
                o.write(line)
                left -= len(line)
                if left <= 0:
                    break
    return path


def seconds(argv, good=(0,)):
    with open(at("output"), "wb") as f:     # not /dev/null, where grep stops at the first match
        start = time.monotonic()
        code = subprocess.run(argv, stdout=f, stderr=subprocess.DEVNULL, env=dict(os.environ, LC_ALL="C")).returncode
        took = time.monotonic() - start
    if code not in good:
        sys.exit("exit %d: %s" % (code, " ".join(argv)))     # what fails must not look fast
    return took


def one_core(argv):
    return ["taskset", "-c", "0"] + argv if shutil.which("taskset") else argv


def replay(rules, threads, json=True):
    argv = [A.ctl, "replay", "--jobs", str(threads), "--as-of", "2026-12-31T00:00:00+09:00"] + ["--json"] * json
    argv += ["--any-logsource", "--rules", rules] if rules else []
    return lambda log: (one_core if threads == 1 else list)(argv + [log])


class Runner:
    """Commands on their slices, in turn, as many times as there are rounds."""

    def __init__(self):
        self.rows = []

    def add(self, name, command, log, megabytes, size=None, good=(0,)):
        slice_ = cut(log, megabytes) if megabytes else log
        self.rows.append((name, command, slice_, (size or os.path.getsize(slice_)) / 1e6, good))

    def run(self):
        start = {n: statistics.median(seconds(c(cut(LOGS["mix"], 0.0001)), g) for _ in range(3)) for n, c, _, _, g in self.rows}
        speeds = {row[0]: [] for row in self.rows}
        for _ in range(A.rounds):
            for name, command, log, megabytes, good in self.rows:
                speeds[name].append(megabytes / max(seconds(command(log), good) - start[name], 1e-4))
        return start, speeds


def spread(v):
    return "%.4g (%.3g–%.3g)" % (statistics.median(v), min(v), max(v))


def ratio(a, b):
    return "%.3g" % statistics.median(x / y for x, y in zip(a, b))


def yardsticks(r, n, k, kept):
    log = LOGS["mix"]
    r.add("wc -l", lambda p: one_core(["wc", "-l", p]), log, min(A.mb, SLICES["wc -l"][k]))
    patterns = write("rg-%d" % n, make_input.plain(kept))
    conf = write("sec-%d" % n, make_input.sec(kept))
    alternation = "|".join(make_input.plain(kept).split("\n")[:-1])
    found = {
        "ripgrep -f": ("rg", lambda p: ["rg", "--no-config", "-j1", "-a", "--no-unicode", "-c", "-f", patterns, "--regex-size-limit", "1G",
                                        "--dfa-size-limit", "1G", p]),
        "grep -P": ("grep", lambda p: ["grep", "-aPc", alternation, p]),
        "SEC": ("sec", lambda p: ["sec", "--conf=" + conf, "--input=" + p, "--notail", "--nointevents", "--nochildterm"]),
    }
    for name, (program, command) in found.items():
        if not shutil.which(program) or (name == "grep -P" and n > 50):     # refuses patterns as large as that
            continue
        r.add(name, (lambda c: lambda p: one_core(c(p)))(command), log, min(A.mb, SLICES[name][k]), good=(0, 1))


def against_yardsticks():
    for k, n in enumerate(COUNTS):
        kept, r = make_input.rules(n), Runner()
        folder = os.path.dirname(write("rules-%d/all.yaml" % n, make_input.sigma(kept)))
        r.add("replay, 1 thread", replay(folder, 1), LOGS["mix"], A.mb)
        r.add("replay, 2 threads", replay(folder, 2), LOGS["mix"], A.mb)
        yardsticks(r, n, k, kept)
        start, speeds = r.run()
        say("| %d rules | start s | MB/s, median (lowest–highest) | replay, 1 thread / this |\n|---|---|---|---|" % n)
        for name, v in speeds.items():
            say("| %s | %.2f | %s | %s |" % (name, start[name], spread(v), ratio(speeds["replay, 1 thread"], v)))
        say()


def cost_table():
    """Cost against rules, lines, length of lines and share of matches; all in one run."""
    literal = {n: os.path.dirname(write("literal-%d/all.yaml" % n, make_input.sigma(make_input.rules(n, True)))) for n in (50, 1000)}
    full, r = at("rules-200"), Runner()
    base = "200 rules, mixed log"
    rows = [(base, full, "mix", A.mb, None), ("half of the lines", full, "mix", A.mb / 2, None),
            ("10 % of the lines match", full, "hits", A.mb, None), ("lines of 4–64 KiB", full, "long", A.mb, None),
            ("50 rules, each with a literal", literal[50], "mix", A.mb, None),
            ("1000 rules, each with a literal", literal[1000], "mix", A.mb, None), ("shipped rules", None, "mix", A.mb, None)]
    summary = "10 % of the lines match, summary alone"
    rows.insert(3, (summary, full, "hits", A.mb, None))
    for name, rules, log, megabytes, size in rows:
        for threads in (1, 2):
            r.add("%s, %d" % (name, threads), replay(rules, threads, name != summary), LOGS[log], megabytes)
    if "zstd" in LOGS:
        for threads in (1, 2):
            r.add("packed by zstd, %d" % threads, replay(full, threads), LOGS["zstd"], None, os.path.getsize(cut(LOGS["mix"], A.mb)))
        rows.append(("packed by zstd", full, "zstd", 0, None))
    _, speeds = r.run()
    say("| cost | µs/MB, 1 thread | MB/s, 1 thread | MB/s, 2 threads | 2 threads / 1 | speed / that of the first row, 1 and 2 threads |\n|---|---|---|---|---|---|")
    for name in [row[0] for row in rows]:
        one, two = speeds[name + ", 1"], speeds[name + ", 2"]
        say("| %s | %.0f | %s | %s | %s | %s, %s |" % (name, 1e6 / statistics.median(one), spread(one), spread(two), ratio(two, one),
                                                    ratio(one, speeds[base + ", 1"]), ratio(two, speeds[base + ", 2"])))
    say()


def shared(folder):
    """The comparison with a prototype and a plain PCRE2 loop that is kept beside the tree."""
    work, bench = at("shared"), os.path.join(folder, "bench")
    os.mkdir(work)
    subprocess.run(["make", "-s", "-C", os.path.join(bench, "proto"), "OUT=" + work, work + "/proto", work + "/gen_logs"], check=True)
    with open(at("shared/mix.log"), "wb") as f:
        subprocess.run([os.path.join(work, "gen_logs"), "-m", os.path.join(bench, "rules", "samples.tsv"), "-s", "500"], stdout=f, check=True)
    for n in COUNTS:
        os.makedirs(os.path.join(work, "rules-%d" % n))
        with open(os.path.join(work, "rules-%d" % n, "all.yaml"), "wb") as f:
            subprocess.run([sys.executable, os.path.join(bench, "convert", "convert.py"), "sigma", os.path.join(bench, "rules", "rules-%d.tsv" % n)],
                           stdout=f, stderr=subprocess.DEVNULL, check=True)
    product = "%s replay --json --jobs {threads} --any-logsource --rules %s/$(basename {rules} .tsv) {log}" % (A.ctl, work)
    p = subprocess.run([sys.executable, os.path.join(bench, "ratios.py"), "-w", at("shared/rw"), "-l", at("shared/mix.log"), "-p",
                        os.path.join(work, "proto"), "-n", str(A.rounds), "--product", product], capture_output=True, text=True)
    say(p.stdout if p.returncode == 0 else "ratios.py: " + p.stderr[-300:])


def machine():
    cpu = [l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")][:1]
    check = subprocess.run([A.ctl, "check"], capture_output=True, text=True).stdout
    library = [l for l in check.splitlines() if l.startswith("prefilter: ")]
    return "%s, %d CPUs, Linux %s; %s; %g MB a log, %d rounds, load %.1f at the start" % (
        cpu[0] if cpu else platform.machine(), os.cpu_count(), platform.release(), library[0] if library else "", A.mb, A.rounds, os.getloadavg()[0])


LOGS = {name: at(name + ".log") for name in ("mix", "hits", "long")}
A.ctl = os.path.abspath(A.ctl)
say("Machine: " + machine() + ".\n")
make_input.Log(4608).write(LOGS["mix"], A.mb)
make_input.Log(4609, share=0.1).write(LOGS["hits"], A.mb)
make_input.Log(4610, long=True).write(LOGS["long"], A.mb)
if shutil.which("zstd"):
    subprocess.run(["zstd", "-q", "-3", cut(LOGS["mix"], A.mb), "-o", at("mix.log.zst")], check=True)
    LOGS["zstd"] = at("mix.log.zst")
try:
    against_yardsticks()
    cost_table()
    if os.environ.get("SOKUHO_SHARED"):
        shared(os.environ["SOKUHO_SHARED"])
finally:
    shutil.rmtree(FOLDER)
if A.write:
    with open(A.write, encoding="utf-8") as f:
        front = f.read().split("<!-- measured -->")[0]
    with open(A.write, "w", encoding="utf-8") as f:
        f.write(front + "<!-- measured -->\n\n" + "\n".join(out).rstrip() + "\n")
