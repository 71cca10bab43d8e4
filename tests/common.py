"""What the test scripts share: where things are, running sokuhoctl, skipping in words."""
import json
import os
import subprocess
import sys

SRC = os.environ.get("top_srcdir", os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("top_builddir", SRC)
CTL = os.path.join(BUILD, "sokuhoctl")
DAEMON = os.path.join(BUILD, "sokuhod")
SHARED = os.environ.get("SOKUHO_SHARED", os.path.join(SRC, "..", "shared"))
ENV = dict(os.environ, SOKUHO_DATA_DIR=os.path.join(SRC, "rules"), LC_ALL="C.UTF-8")


def skip(words):
    print("skipped: " + words)
    sys.exit(77)


def need_programs():
    if not os.path.exists(CTL) or not os.path.exists(DAEMON):
        skip("sokuhod and sokuhoctl are not built")


def ctl(*args, stdin=None, timeout=300, **env):
    return subprocess.run([CTL, *args], env=dict(ENV, **env), input=stdin, capture_output=True, timeout=timeout)


def replay(*args, **kw):
    """Lines of `replay --json` as objects, and the process."""
    p = ctl("replay", "--json", *args, **kw)
    return [json.loads(line) for line in p.stdout.splitlines()], p


class Checks:
    """Counts; prints a sentence for each failure; ends the program."""

    def __init__(self):
        self.done = self.failed = 0

    def that(self, good, words):
        self.done += 1
        if not good:
            self.failed += 1
            print("FAILED: " + words)
        return good

    def end(self):
        print("%d checks, %d failed" % (self.done, self.failed))
        sys.exit(1 if self.failed or not self.done else 0)
