#!/usr/bin/env python3
"""An invented revision of the notice, with another clause, window, box text and form line, is data alone: no program changes."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import CTL, ENV, SRC, Checks, need_programs

need_programs()
checks = Checks()
place = tempfile.mkdtemp()
data = os.path.join(place, "rules")
os.mkdir(data)
for name in os.listdir(os.path.join(SRC, "rules")):
    if name != "notice":
        os.symlink(os.path.join(SRC, "rules", name), os.path.join(data, name))
folder = os.path.join(data, "notice", "x9-0001")
shutil.copytree(os.path.join(SRC, "rules", "notice", "r2-4608"), folder)


def edit(name, *pairs):
    path = os.path.join(folder, name)
    os.chmod(path, 0o644)
    text = open(path, encoding="utf-8").read().replace("profile_id: r2-4608", "profile_id: x9-0001")
    for old, new in pairs:
        checks.that(old in text, "%s has %r" % (name, old[:60]))
        text = text.replace(old, new, 1)
    open(path, "w", encoding="utf-8").write(text)
    return text


edit("profile.yaml",
     ('  - id: 2-a\n    label: 3(2)ア', '  - {id: 1-su, label: 3(1)ス, group: "1", quote: 無人機による妨害, scope: system_defence, exception: null,\n'
      '     vector: any, fact: jamming, en: jamming}\n  - id: 2-a\n    label: 3(2)ア'),
     ("facts:\n", "facts:\n  - {id: jamming, ja: 電波の妨害, en: jamming, own_fact_of: [1-su]}\n"),
     ("  - id: internal-bureau\n", "  - {id: drone, contract_group_quote: x, body_quote: 無人機局, desk_quote: 当直,\n"
      "     phones: [{number: '00-0000-0000', extensions: ['7'], extensions_quote: 内線7, when: unstated}]}\n  - id: internal-bureau\n"),
     ("保護すべき情報が保存されたサーバ等に不正アクセスが認められた。", "保護すべき情報が保存された機器に不正アクセスが認められた。"),
     ("  notes:\n    - id: note-1", "    - {mark: ⑧, id: weather, label_quote: 天候, type: text}\n  notes:\n    - id: note-1"))
table = open(os.path.join(folder, "decision-table.yaml"), encoding="utf-8").read()
cells = [l.replace('"1-ke"', '"1-su"').replace("fact: communication", "fact: jamming")
         for l in table.splitlines() if re.match(r'  - \{clause: "1-ke".*why:', l) and "fact: communication" in l]
edit("decision-table.yaml", ('  "1-ke": suspected', '  "1-su": suspected\n  "1-ke": suspected'),
     ("\ncells:\n", "\ncells:\n" + "\n".join(cells) + "\n"))
phrases = open(os.path.join(folder, "phrases.ja.yaml"), encoding="utf-8").read()
edit("phrases.ja.yaml", ('clauses:\n  "1-a":', 'clauses:\n  "1-su":\n    confirmed: "{asset_label}で妨害を確認した。"\n'
                         '    suspected: "{asset_label}で妨害の疑いがある。"\n    pointed_out: "{informant}から妨害の指摘を受けた。"\n'
                         '    spoken: {confirmed: "妨害を確認しました。", suspected: "妨害の疑いがあります。", pointed_out: "妨害の指摘を受けました。"}\n'
                         '    tails: [by_class, next]\n    measures: [周波数を記録する]\n  "1-a":'))
conf = os.path.join(place, "sokuhod.yaml")
open(os.path.join(place, "inventory.yaml"), "w").write(
    "contracts: [{label: 契約, body: drone, role: prime}]\nsystems: [{id: a, label: 管制卓, hosts: [a1], classes: [protected], contracts: [契約]}]\n")
open(conf, "w").write("notice: {profile: x9-0001}\ninventory: inventory.yaml\nstorage: {directory: state, socket: s}\n")
env = dict(ENV, SOKUHO_DATA_DIR=data)


def ctl(*args):
    p = subprocess.run([CTL, *args, "-c", conf], env=env, capture_output=True)
    checks.that(p.returncode == 0, "%s: %s" % (" ".join(args), p.stderr.decode()))
    return p.stdout.decode()


answer = json.loads(ctl("judge", "--clause", "1-su", "--class", "protected", "--certainty", "suspected", "--json"))
checks.that(answer["row"] == "1-su/protected/suspected" and answer["bases"] == ["s12-1-u"], "the new clause is judged: %s" % answer)
checks.that("無人機局 当直\n    00-0000-0000 内線7" in ctl("window", "--body", "drone"), "the new window")
i = json.loads(ctl("incident", "new", "--clause", "1-su", "--host", "a1", "--text", "妨害", "--json"))
draft = ctl("draft", "show", i["id"])
for words in ("管制卓で妨害の疑いがある。", "⑧ 未記入", "周波数を記録する", "無人機局 当直"):
    checks.that(words in draft, "the draft has %s:\n%s" % (words, draft))
ctl("draft", "set", i["id"], "weather", "晴れ")
checks.that("⑧ 晴れ" in ctl("draft", "show", i["id"]), "the new line is filled in")
html = ctl("draft", "export", i["id"], "--form", "html")
checks.that("<th>⑧ 天候</th><td>晴れ</td>" in html and "保存された機器に不正アクセス" in html, "the form has the new line and the new words")
checks.that("電波の妨害" in ctl("incident", "list"), "the new fact's name")
shutil.rmtree(place)
checks.end()
