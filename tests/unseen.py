#!/usr/bin/env python3
"""Products that nobody described: the generic rules name a right clause for each attack of unseen/lines.txt and are silent about each
routine line. A line there is `+CLAUSES LINE` or `- LINE`."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import SRC, Checks, need_programs, replay

need_programs()
checks = Checks()
wanted, product = [], ""
for text in open(os.path.join(SRC, "tests", "unseen", "lines.txt"), encoding="utf-8"):
    text = text.rstrip("\n")
    if text.startswith("== "):
        product = text[3:]
    elif text and not text.startswith("# "):
        clauses, line = text.split(" ", 1)
        wanted.append((product, set(clauses[1:].split(",")) if clauses[0] == "+" else None, line))
with tempfile.NamedTemporaryFile("w", suffix=".log", encoding="utf-8") as f:
    f.write("".join(line + "\n" for _, _, line in wanted))
    f.flush()
    out, p = replay("--as-of", "2026-12-31T00:00:00+09:00", "--all-implicated", f.name)
checks.that(p.returncode == 0 and out, "replay: exit %d" % p.returncode)
said = {}
for o in out:
    if o["kind"] == "finding" and o["level"] != "record":
        said.setdefault(o["line"], []).append(o)
for n, (product, clauses, line) in enumerate(wanted, 1):
    found = said.get(n, [])
    if clauses is None:
        checks.that(not found, "%s: %s says %s: %s" % (
            product, " ".join(o["rule"] for o in found), " ".join(o["clauses"][0] for o in found), line))
    else:
        checks.that(any(clauses & set(o["clauses"][:3]) for o in found), "%s: none of %s: %s" % (
            product, " ".join(sorted(clauses)), line))
print("%d attacks and %d routine lines of products nobody described" % (
    sum(c is not None for _, c, _ in wanted), sum(c is None for _, c, _ in wanted)))
checks.end()
