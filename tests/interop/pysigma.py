#!/usr/bin/env python3
"""pySigma reads our rules, and understands random rules as we do, event by event.

Run by hand or with `make check-interop`: pySigma comes from PyPI into a folder of its own. Without a network: SKIPPED.
SOKUHO_SEED=N repeats a run.
"""
import base64
import glob
import ipaddress
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from common import SRC, Checks, need_programs, replay, skip

need_programs()
VENV = os.environ.get("SOKUHO_PYSIGMA", os.path.join(tempfile.gettempdir(), "sokuho-pysigma"))


def pysigma_load():
    """Into this process; False when it cannot be had."""
    if not os.path.isdir(VENV):
        for command in ([sys.executable, "-m", "venv", VENV],
                        [os.path.join(VENV, "bin", "pip"), "install", "-q", "pysigma>=1.0"]):
            if subprocess.run(command, capture_output=True, timeout=300).returncode:
                return False
    sys.path[:0] = glob.glob(os.path.join(VENV, "lib", "python3*", "site-packages"))
    try:
        import sigma.conditions
    except ImportError:
        return False
    return True


if not pysigma_load():
    skip("pySigma cannot be installed here (PyPI is not reached)")
import sigma.conditions as conditions
import sigma.types as types
import yaml
from sigma.collection import SigmaCollection

checks = Checks()
seed = int(os.environ.get("SOKUHO_SEED", random.randrange(1 << 30)))
random.seed(seed)
print("SOKUHO_SEED=%d" % seed)


def values(event, field):
    value = event.get(field)
    return [] if field not in event else value if isinstance(value, list) else [value]


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def string_fits(want, have):
    """A SigmaString against one value; None has no text."""
    if have is None:
        return False
    pattern = "".join(re.escape(p) if isinstance(p, str) else ".*" if p == types.SpecialChars.WILDCARD_MULTI else "."
                      for p in want.s)
    flags = re.DOTALL | (0 if isinstance(want, types.SigmaCasedString) else re.IGNORECASE | re.ASCII)
    return re.fullmatch(pattern, text(have), flags) is not None


def number(value):
    return float(value) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text(value)) else None


def compare(want, have):
    have, limit = number(have), float(want.number.number)
    ops = types.CompareOperators
    return have is not None and {ops.LT: have < limit, ops.LTE: have <= limit, ops.GT: have > limit,
                                 ops.GTE: have >= limit, ops.NEQ: have != limit}[want.op]


def field_fits(field, want, event):
    have = values(event, field)
    if isinstance(want, types.SigmaExists):
        return (field in event) == want.exists
    if isinstance(want, types.SigmaExpansion):
        return any(field_fits(field, one, event) for one in want.values)
    if isinstance(want, types.SigmaNull):
        return not have or None in have
    for one in have:
        if isinstance(want, types.SigmaString):
            fits = string_fits(want, one)
        elif isinstance(want, types.SigmaNumber):
            fits = one is not None and number(one) == float(want.number)
        elif isinstance(want, types.SigmaRegularExpression):
            flags = sum(want.sigma_to_python_flags[f] for f in want.flags)
            fits = one is not None and re.search(str(want.regexp), text(one), flags) is not None
        elif isinstance(want, types.SigmaCIDRExpression):
            try:
                fits = ipaddress.ip_address(text(one)) in want.network
            except ValueError:
                fits = False
        elif isinstance(want, types.SigmaCompareExpression):
            fits = compare(want, one)
        elif isinstance(want, types.SigmaFieldReference):
            fits = any(one is not None and o is not None and text(o).lower() == text(one).lower()
                       for o in values(event, want.field))
        else:
            raise TypeError(type(want))
        if fits:
            return True
    return False


def holds(node, event, line):
    if isinstance(node, conditions.ConditionOR):
        return any(holds(a, event, line) for a in node.args)
    if isinstance(node, conditions.ConditionAND):
        return all(holds(a, event, line) for a in node.args)
    if isinstance(node, conditions.ConditionNOT):
        return not holds(node.args[0], event, line)
    if isinstance(node, conditions.ConditionFieldEqualsValueExpression):
        return field_fits(node.field, node.value, event)
    if isinstance(node, conditions.ConditionValueExpression):
        want = types.SigmaString("*" + str(node.value) + "*")
        return any(string_fits(want, v) for v in [line] + [x for f in event for x in values(event, f)])
    raise TypeError(type(node))


WORDS = ["cmd", "CMD", "a b", "-enc", "/x", "c:\\dir", "10", "7", "10.1.2.3", "192.0.2.9", "x*y", "q?", "\\", "日本", "true", ""]
FIELDS = ["f1", "f2", "f3"]
MODIFIERS = ["", "", "contains", "startswith", "endswith", "contains|all", "cased", "re", "re|i", "cidr", "exists", "lt",
             "gte", "neq", "windash", "contains|windash", "base64", "base64offset|contains", "wide|base64offset|contains",
             "fieldref", "contains|neq"]


def random_value(modifiers):
    word = random.choice(WORDS)
    if "cidr" in modifiers:
        return random.choice(["10.0.0.0/8", "192.0.2.0/24", "10.1.2.3/32"])
    if "exists" in modifiers:
        return random.choice([True, False])
    if modifiers in ("lt", "gte"):
        return random.choice([7, 8, 10])
    if "fieldref" in modifiers:
        return random.choice(FIELDS)
    if "re" in modifiers.split("|"):
        return random.choice(["^c", "[0-9]+", "d$", "x.y", "ENC", "a|b"])
    if "base64" in modifiers:
        return random.choice(["cmd", "dir", "abcd"])
    if modifiers == "" and random.random() < 0.3:
        return random.choice([7, 10, None, "c*", "*d", "?md", "x\\*y", "\\\\", "c:\\\\dir", "c:\\dir"])
    return word if word or not modifiers else "cmd"


def random_item():
    modifiers = random.choice(MODIFIERS)
    field = random.choice(FIELDS) + ("|" + modifiers if modifiers else "")
    n = 1 if "exists" in modifiers else random.choice((1, 1, 2, 3))
    n = max(n, 2) if "all" in modifiers else n
    some = [random_value(modifiers) for _ in range(n)]
    return field, some[0] if n == 1 else [s for s in some if s is not None] or "cmd"


def random_rule():
    names = random.sample(["sel_a", "sel_b", "filter", "_x"], random.randint(1, 4))
    detection = {}
    for name in names:
        if random.random() < 0.15:
            detection[name] = [w for w in random.sample(WORDS, 2) if w.strip("\\*?")] or ["cmd"]
        elif random.random() < 0.3:
            detection[name] = [dict([random_item()]), dict([random_item()])]
        else:
            detection[name] = dict(random_item() for _ in range(random.randint(1, 2)))
    terms = list(names) + ["1 of sel*", "all of sel*"] * any(n.startswith("sel") for n in names)
    terms += ["1 of them", "all of them"] * any(n[0] != "_" for n in names)
    condition = random.choice(terms)
    for _ in range(random.randint(0, 3)):
        term = random.choice(("", "not ")) + random.choice(terms)
        condition = random.choice(("%s and %s", "%s or %s", "(%s) and %s", "not (%s or %s)")) % (condition, term)
    detection["condition"] = condition
    return {"title": "random", "id": str(uuid.UUID(int=random.getrandbits(128), version=4)),
            "logsource": {"category": "x"}, "detection": detection}


def random_event():
    coded = base64.b64encode((random.choice(["", "x", "xy"]) + random.choice(["cmd", "dir", "abcd"]))
                             .encode(random.choice(["utf-8", "utf-16-le"]))).decode()
    pool = WORDS + [7, 8, 10, True, None, coded, "run -enc /x", "–enc", "7.0"]
    event = {f: random.choice(pool) for f in FIELDS if random.random() < 0.8}
    if random.random() < 0.2:
        event["f1"] = [random.choice(pool), random.choice(pool)]
    return event


rules = [random_rule() for _ in range(400)]
events = [random_event() for _ in range(120)]
lines = [json.dumps(e, ensure_ascii=False) for e in events]
with tempfile.TemporaryDirectory() as folder:
    os.mkdir(os.path.join(folder, "r"))
    with open(os.path.join(folder, "r", "all.yml"), "w", encoding="utf-8") as out:
        yaml.safe_dump_all(rules, out, allow_unicode=True)
    with open(os.path.join(folder, "a.log"), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    out, p = replay("--any-logsource", "--format", "json", "--as-of", "2026-12-31T00:00:00Z", "--rules",
                    os.path.join(folder, "r"), os.path.join(folder, "a.log"))
ours = {(f["line"], r) for f in out if f["kind"] == "finding" for r in f["rules"]}
checks.that(bool(out), "the random rules do not load: " + p.stderr.decode()[-1500:])
for rule in rules if out else ():
    parsed = SigmaCollection.from_dicts([rule]).rules[0].detection.parsed_condition[0].parsed
    for i, event in enumerate(events):
        want, have = holds(parsed, event, lines[i]), (i + 1, rule["id"]) in ours
        checks.that(want == have, "pySigma %s, we %s:\n  %s\n  %s" % (want, have, json.dumps(rule["detection"], ensure_ascii=False), lines[i]))

documents = []
for folder in ("detect", "correlate"):
    for path in sorted(glob.glob(os.path.join(SRC, "rules", folder, "*.yaml"))):
        with open(path, encoding="utf-8") as f:
            documents += [d for d in yaml.safe_load_all(f) if d]
for d in documents:         # a rule for every record says no logsource; pySigma wants one
    if d.get("logsource") == {}:
        d["logsource"] = {"category": "any"}
errors = SigmaCollection.from_dicts(documents, collect_errors=True).errors
checks.that(not errors, "pySigma does not read our rules: %s" % errors[:5])
checks.end()
