#!/usr/bin/env python3
"""Do the tests of the rules notice a broken rule? Every condition on a field is made to hold never, each pattern by itself, and
each filter is dropped, one at a time; at least 95 of 100 such breaks must fail `rules test`. MUTATIONS says how many are tried,
spread evenly (make check-mutation: all)."""
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import CTL, ENV, SRC, Checks, need_programs, skip

try:
    import yaml
except ImportError:
    skip("no yaml module for Python")
NEVER = "zz-never-seen"


def conditions(node, path=()):
    """Where the detection asks for a value: every key, and every pattern of a list of patterns."""
    if isinstance(node, list) and path and "|re" in str(path[-1]) or not isinstance(node, (dict, list)):
        many = node if isinstance(node, list) else [node]
        for i in range(len(many)):
            yield path, i if isinstance(node, list) else None
    elif isinstance(node, list):
        if all(isinstance(item, dict) for item in node):
            for i, item in enumerate(node):
                yield from conditions(item, path + (i,))
        else:
            yield path, None
    else:
        for key, value in node.items():
            if key not in ("condition", "timeframe"):
                yield from conditions(value, path + (key,))


def broken(rule, path, item):
    rule = copy.deepcopy(rule)
    parent = rule["detection"]
    for key in path[:-1]:
        parent = parent[key]
    last = path[-1]
    if "|gte" in str(last) or "|cidr" in str(last):
        parent[last] = "9" * 18 if "|gte" in str(last) else "233.252.0.0/24"
    elif item is not None:
        parent[last][item] = NEVER
    elif "|exists" in str(last):
        parent[last] = "false" if parent[last] == "true" else "true"
    else:
        parent[last] = NEVER
    return rule


def mutants(files):
    for name, rules in files.items():
        for at, rule in enumerate(rules):
            if "notice" in rule:
                for path, item in conditions(rule.get("detection", {})):
                    words = "%s: %s" % (rule["name"], "/".join(map(str, path)) + ("" if item is None else "[%d]" % item))
                    yield words, name, rules[:at] + [broken(rule, path, item)] + rules[at + 1:]


def write(path, rules):
    with open(path, "w", encoding="utf-8") as f:
        for rule in rules:
            f.write("---\n%s\n" % re.sub('"(true|false)"', r"\1", json.dumps(rule, ensure_ascii=False)))


def rules_test(data):
    p = subprocess.run([CTL, "rules", "test", "--json"], env=dict(ENV, SOKUHO_DATA_DIR=data), capture_output=True, timeout=60)
    return p.returncode, p.stdout + p.stderr


need_programs()
checks = Checks()
with tempfile.TemporaryDirectory() as data:
    shutil.copytree(os.path.join(SRC, "rules"), data, dirs_exist_ok=True)
    for name in os.listdir(os.path.join(data, "decode")):       # samples say nothing here and take time
        path = os.path.join(data, "decode", name)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.split("\nsamples:")[0] + "\n")
    files = {}
    for folder in ("detect", "correlate"):
        for name in sorted(os.listdir(os.path.join(data, folder))):
            path = os.path.join(data, folder, name)
            with open(path, encoding="utf-8") as f:
                files[path] = list(yaml.load_all(f, Loader=yaml.BaseLoader))
            write(path, files[path])
    code, said = rules_test(data)
    checks.that(code == 0, "the rules as they are: exit %d, %s" % (code, said[:500]))
    every = list(mutants(files))
    wanted = min(int(os.environ.get("MUTATIONS", "60")) or len(every), len(every))
    tried = noticed = 0
    for i in range(wanted):
        words, path, rules = every[i * len(every) // wanted]
        write(path, rules)
        code, said = rules_test(data)
        write(path, files[path])
        if not checks.that(code in (0, 1), "%s: exit %d, %s" % (words, code, said[:300])):
            continue
        tried += 1
        noticed += code == 1
        if code == 0:
            print("not noticed: " + words)
checks.that(noticed * 100 >= tried * 95, "only %d of %d breaks are noticed" % (noticed, tried))
print("%d of %d breaks are noticed (%d there are)" % (noticed, tried, len(every)))
checks.end()
