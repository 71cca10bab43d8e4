#!/usr/bin/env python3
"""Routine lines stay quiet: none at report, at most 5 in 200,000 at review. ROUTINE_LINES says how many (make check-routine: 200,000)."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import routine_lines
from common import Checks, need_programs, replay

need_programs()
wanted = int(os.environ.get("ROUTINE_LINES", "20000"))
checks = Checks()
with tempfile.NamedTemporaryFile("w", suffix=".log", encoding="utf-8") as f:
    for line in routine_lines.lines(wanted):
        f.write(line + "\n")
    # one line that is not routine, to see that the day is looked at
    f.write("Jun 30 10:00:00 pc1 clamd[5]: /tmp/a: Win.Trojan.Sample-1 FOUND\n")
    f.flush()
    out, p = replay("--as-of", "2026-12-31T00:00:00+09:00", "--all-implicated", f.name)
checks.that(p.returncode == 0, "replay: exit %d" % p.returncode)
checks.that(out[-1]["lines"] == wanted + 1, "%d lines counted" % out[-1]["lines"])
found = [o for o in out if o["kind"] == "finding" and o["line"] <= wanted]
for o in found:
    if o["level"] != "record":
        print("%s %s line %d" % (o["level"], o["rule"], o["line"]))
loud = [o for o in found if o["level"] in ("report", "urgent")]
review = [o for o in found if o["level"] == "review"]
checks.that(not loud, "%d findings at report or urgent" % len(loud))
checks.that(len(review) <= wanted * 5 // 200000, "%d findings at review in %d lines" % (len(review), wanted))
checks.that(any(o["kind"] == "finding" and o["line"] == wanted + 1 and o["level"] == "report" for o in out),
            "the one line that is not routine is not reported")
print("%d routine lines: %d at report or urgent, %d at review" % (wanted, len(loud), len(review)))
checks.end()
