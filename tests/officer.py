#!/usr/bin/env python3
"""One night of an officer: from the log line to the closed incident, with 第1報, 訂正報 and 第2報; PDF, HTML and archive.

The expected texts were written by hand from the notice's example (rules/notice/r2-4608/profile.yaml, text_form) and its phrases."""
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import BUILD, CTL, DAEMON, ENV, SRC, Checks, need_programs

need_programs()
checks = Checks()
RENDER = os.path.join(BUILD, "sokuhod-render")
ENV["SOKUHO_RENDER"] = RENDER
place = tempfile.mkdtemp()
CONF = os.path.join(place, "sokuhod.yaml")


def write(name, text):
    with open(os.path.join(place, name), "w", encoding="utf-8") as f:
        f.write(text)
    return os.path.join(place, name)


write("inventory.yaml", """
departments: [{name: 防衛設計部, defence: "yes"}]
contracts:
  - {label: ○○式○○に関する契約, body: atla, office: 装備庁○○官, role: prime}
  - {label: ○○の補用品, body: gsdf, office: 陸自○○補給処, role: prime}
systems:
  - {id: fs1, label: 設計部ファイルサーバ, hosts: [fs1], classes: [protected], department: 防衛設計部,
     contracts: [○○式○○に関する契約, ○○の補用品]}
""")
write("sokuhod.yaml", """
company: {name: ○○(株), office: ○○事業所}
contact: {department: ○○課, name: ○○, phone: "03-○○○○-○○○○ (内線○○○○)"}
inventory: inventory.yaml
networks: [10.0.0.0/8]
sources: [{name: logs, kind: file, path: ['%s/*.log'], start: beginning}]
storage: {directory: state, socket: '%s/s'}
""" % (place, place))


def ctl(*args, want=0):
    p = subprocess.run([CTL, *args, "-c", CONF], env=ENV, capture_output=True, timeout=60)
    checks.that(p.returncode == want, "%s: exit %d, %d expected: %s" % (" ".join(args), p.returncode, want,
                                                                        p.stderr.decode()))
    return p.stdout.decode()


def daemon_start():
    p = subprocess.Popen([DAEMON, "-c", CONF], env=ENV, stderr=subprocess.DEVNULL)
    for _ in range(200):
        if os.path.exists(os.path.join(place, "s")):
            break
        time.sleep(0.05)
    return p


def daemon_stop(p):
    p.send_signal(signal.SIGTERM)
    p.wait(30)


def form(ident):
    """The part of the draft that goes out."""
    return ctl("draft", "show", ident).split("\n――――――――――")[0]


daemon = daemon_start()
now = int(time.time())
jst = time.gmtime(now + 9 * 3600)
with open(os.path.join(place, "clam.log"), "w") as f:
    f.write(time.strftime("%b %e %H:%M:%S", jst) + " fs1 clamd[5]: /srv/見積.exe: Win.Trojan.Test-1 FOUND\n")
ident = None
for _ in range(100):
    lines = ctl("incident", "list", "--json").splitlines()
    if lines:
        ident = json.loads(lines[0])["id"]
        break
    time.sleep(0.05)
checks.that(ident is not None, "the line is an incident")
AT = "%d年%d月%d日 %02d時%02d分" % (jst.tm_year, jst.tm_mon, jst.tm_mday, jst.tm_hour, jst.tm_min)

# before anybody decided: suspicion, nothing ticked, the candidate outside the form
HEAD = """① ○○(株) ○○事業所
② ○○課 ○○
③ 03-○○○○-○○○○ (内線○○○○)
"""
CONTRACTS = """⑦ ア ○○式○○に関する契約 (装備庁○○官)
イ ○○の補用品 (陸自○○補給処)
"""
TAIL = ("当該サーバ等における保護すべき情報の保存はあり（資産台帳による）。根拠とした記録は1件（syslog）。"
        "時刻は日本標準時（時刻帯を推定した記録を含む）。")
SUSPECTED = """情報セキュリティ基準に基づく速報
%s④ 情報セキュリティ基準第12(1)ウ 事故の疑い又は事故につながるおそれ
⑤ 情報セキュリティ基準第12(1)ウ（事故の疑い又は事故につながるおそれ）として報告する。現時点で④の各項に当たることは認められていない。\
(名称省略)で悪意のあるコードを検知した。感染の経路は確認中。他の機器への拡大の有無及びおそれは確認中。検知は%s。\
検知名はWin.Trojan.Test-1（ClamAV）。%s感染の有無、感染範囲及び情報流出の有無は確認中。次回連絡の予定時刻は確認中。
⑥ 確認中
%s""" % (HEAD, AT, TAIL, CONTRACTS)
first = form(ident)
checks.that(first == SUSPECTED, "the suspected wording:\n%s\nis not\n%s" % (first, SUSPECTED))
shown = ctl("draft", "show", ident)
checks.that("☑" not in first and "6-2-1" not in first, "nothing is ticked and no code is written")
checks.that("見積" not in shown and "fs1" not in first, "no name of a file or host on a protected system")

# the call: what is on the sheet, then the record of it
sheet = ctl("draft", "export", ident, "--form", "phone").replace("\n    ", "")
for words in ("電話の手順 防衛装備庁 装備政策部 装備保全管理官", "080-8420-0628", "03-3268-3111 内線21040、21043",
              "「○○(株) ○○事業所の○○課 ○○です。折返しは03-○○○○-○○○○ (内線○○○○)です。」",
              "「第12(1)ウの報告先がこちらでよいか確認をお願いいたします。」",
              "「設計部ファイルサーバで悪意のあるコードへの感染の疑いがあります。成否は確認中です。」",
              "「根拠は、じょうほうセキュリティきじゅん だいじゅうに かっこいち ウです。」",
              "陸上自衛隊 陸上幕僚監部 装備計画部装備計画課 補給管理班"):
    checks.that(words in sheet, "the phone sheet says: " + words)
checks.that("Win.Trojan" not in sheet.split("言うこと")[1].split("つながらないとき")[0], "nothing unspeakable is said")
ctl("incident", "ack", ident)
checks.that("acknowledged by" in subprocess.run([CTL, "incident", "ack", ident, "-c", CONF], env=ENV,
                                               capture_output=True).stderr.decode(), "a second receipt is told of the first")
ctl("incident", "decide", ident, "--certainty", "confirmed", "--fact", "infection")
ctl("incident", "measure", ident, "isolate", "--how", "physical")
ctl("incident", "measure", ident, "notify", "--agency", "npa")
ctl("incident", "measure", ident, "other", "--text", "社内対策会議を緊急招集")
ctl("incident", "sent", ident, "--window", "atla", want=2)
ctl("draft", "export", ident, "--form", "phone", "--window", "msdf", want=2)
ctl("incident", "phone", ident, "--window", "atla", "--no-answer")
ctl("incident", "phone", ident, "--window", "atla", "--person", "当直", "--to", "03-0000-0000")

checks.that("sokuhoctl incident sent %s --window 'atla' --to '03-0000-0000'" % ident in ctl("incident", "show", ident),
            "what comes next is a whole command")
sheet = ctl("draft", "export", ident, "--form", "phone").replace("\n    ", "")
checks.that("相手 当直\n  ＞第1報の電話は済んでいる。残りは送付とその記録。" in sheet and sheet.count("済んだこと\n  なし") == 1,
            "each window's sheet says what was done:\n" + sheet)
checks.that("「保護すべき情報が保存されたサーバ等1台に、悪意のあるコードへの感染を認めました。検知は%s、ネットワークから物理的に切断済みです。」" % AT
            in sheet, "what is established is said first:\n" + sheet)

# 第1報, as the notice's example has it
DETAIL = ("%s、(名称省略)（設計部ファイルサーバ）で悪意のあるコードを検知し、感染を確認した。"
          "検知名はWin.Trojan.Test-1（ClamAV）。感染の経路は確認中。他の機器への拡大の有無及びおそれは確認中。%s"
          "感染範囲及び情報流出の有無は確認中。次回連絡の予定時刻は確認中。" % (AT, TAIL))
MEASURES = """⑥ ア サーバ等をネットワークから物理的に切断
イ 警察庁サイバーインテリジェンス情報共有ネットワークに通報
ウ 社内対策会議を緊急招集
"""
FIRST = """情報セキュリティ特約条項第6条第2項の速報
%s④ 6-2-1 ア 悪意のあるコードへの感染
⑤ %s
%s%s""" % (HEAD, DETAIL, MEASURES, CONTRACTS)
checks.that(form(ident) == FIRST, "第1報:\n%s\nis not\n%s" % (form(ident), FIRST))
ctl("incident", "sent", ident, "--window", "atla", "--to", "03-0000-0000")
checks.that(form(ident) == FIRST, "what went out stays as it was")

# what a person saw joins the incident of the same machine; what is new is told like a log hit
ctl("incident", "new", "--clause", "1-shi", "--host", "fs1", "--text", "見慣れない利用者", "--certainty", "suspected")
made = [i for i in map(json.loads, ctl("incident", "list", "--json").splitlines()) if i["id"] != ident]
checks.that(len(made) == 1 and made[0]["clauses"][0] == "1-shi", "another fact is another incident: %s" % made)
made = made[0]
for _ in range(60):
    if "alert" in ctl("audit", "export", made["id"], "--json"):
        break
    time.sleep(0.05)
checks.that("alert" in ctl("audit", "export", made["id"], "--json"), "it was told like a log hit")
ctl("incident", "new", "--clause", "1-shi", "--host", "fs1", "--text", "もう一人", "--certainty", "confirmed")
again = json.loads(ctl("incident", "show", made["id"], "--json"))
checks.that(again["findings"] == 2 and again["certainty"] == "suspected", "a further word changes no decision")

# one call about both: what is of the call is said once, what is of an incident for each
both = ctl("draft", "export", ident, "--form", "phone", "--window", "atla", "--with", made["id"]).replace("\n    ", "")
if os.environ.get("SOKUHO_SHOW"):
    print(both)
for words, times in (("「ご報告は2件です。1件目です。」", 1), ("「続けて、2件目です。」", 1), ("「速報です。", 1),
                     ("「根拠は、", 2), ("これまでにとった対応は、", 2), ("所定の様式を2通、お送りします。", 1), ("様式2通を", 1), ("事案 %s" % ident, 1),
                     ("第1報は電話も送付も済んでいる。", 1),
                     ("事案 %s" % made["id"], 1), ("incident phone %s --window atla --person" % ident, 1),
                     ("incident phone %s --window atla --person" % made["id"], 1)):
    checks.that(both.count(words) == times, "%d times on the sheet of two: %s\n%s" % (times, words, both))
told = both.split("FAXもメールも")[0]       # by night an exchange is told the number too, when nobody answers
checks.that(told.count("折返しは03-○○○○-○○○○") == 1, "who calls is said once:\n" + told)
for one in (ident, made["id"]):
    checks.that(re.search(one + "はこのほかの窓口にも要る：.*（gsdf）", both, re.S), "what else %s needs is said" % one)
checks.that(both.index("感染を認めました") < both.index("2件目です") < both.rindex("「根拠は、"), "one after the other")
ctl("draft", "export", ident, "--form", "phone", "--with", "I00000000-0000000000", want=3)
drill = json.loads(ctl("incident", "new", "--drill", "--clause", "4", "--host", "fs1", "--text", "訓練", "--json"))["id"]
ctl("draft", "export", ident, "--form", "phone", "--with", drill, want=2)
ctl("draft", "export", ident, "--form", "text", "--with", made["id"], want=2)

# a report on a protected system is dismissed by two persons: the second has an account of his own
dismissed = json.loads(ctl("incident", "new", "--clause", "3-i", "--host", "fs1", "--text", "納品前の感染", "--json"))["id"]
proposed = ctl("incident", "dismiss", dismissed, "--reason", "検体と確かめた")
checks.that("別の者が" in proposed, "who must agree is said: " + proposed)
ctl("incident", "dismiss", dismissed, "--reason", "同じ者", want=3)
if os.geteuid() == 0:
    os.chmod(place, 0o755)
    os.chmod(os.path.join(place, "s"), 0o666)
    p = subprocess.run([CTL, "incident", "dismiss", dismissed, "--reason", "確かめた", "-c", CONF], env=ENV, user=65534,
                       capture_output=True)
    checks.that(p.returncode == 0 and b"dismissed" in p.stdout, "the second agrees: %s %s" % (p.stdout.decode(), p.stderr.decode()))
else:
    print("skipped: a second account wants root")

# the drafts need no daemon
daemon_stop(daemon)
checks.that(form(ident) == FIRST, "the draft without a daemon")
checks.that("080-8420-0628" in ctl("window", "--body", "防衛装備庁", "--at", "2026-11-23T02:00+09:00").splitlines()[3],
            "the night number first, without a daemon")
ctl("incident", "phone", ident, "--window", "gsdf", "--person", "係員", "--to", "03-0000-0001")
ctl("incident", "sent", ident, "--window", "gsdf", "--to", "03-0000-0001")
checks.that("chain is whole" in ctl("audit", "verify"), "the chain without a daemon")
daemon = daemon_start()

# questions in Japanese on a terminal
import pty
master, slave = pty.openpty()
p = subprocess.Popen([CTL, "incident", "new", "--drill", "-c", CONF], env=ENV, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
os.write(master, "1-a\n\nfs1\n\n\n\n不審なメール\n".encode())
out, err = p.communicate(timeout=30)
os.close(slave)
os.close(master)
checks.that(p.returncode == 0 and b"D2" in out and "【訓練】".encode() in out, "asked and recorded: %s %s" % (out.decode(), err.decode()))
drill = [i["id"] for i in map(json.loads, ctl("incident", "list", "--json").splitlines()) if i["drill"]]
ctl("incident", "export", drill[0], "--output", os.path.join(place, "drill.tar.gz"))
with tarfile.open(os.path.join(place, "drill.tar.gz")) as t:
    checks.that({m.name.split("/")[0] for m in t.getmembers()} == {"drill-" + drill[0]}, "the archive of a drill says so: %s" % t.getnames())
checks.that("どの例示に当たるか" in err.decode() and "主として防衛関連部門に属する社員が" in err.decode(), "the examples are the notice's")

# 訂正報
ctl("incident", "correct", ident, "--item", "phone", "--text", "03-1111-1111", "--reason", "内線の誤り")
CORRECTION = """訂正報 情報セキュリティ特約条項第6条第2項の速報
① ○○(株) ○○事業所
② ○○課 ○○
③ 【変更】03-1111-1111
④ 6-2-1 ア 悪意のあるコードへの感染
⑤ 第1報のうち③ 電話番号を次のとおり訂正する。
（訂正前）03-○○○○-○○○○ (内線○○○○)
（訂正後）03-1111-1111
（理由）内線の誤り
%s
%s%s""" % (DETAIL, MEASURES, CONTRACTS)
checks.that(form(ident) == CORRECTION, "訂正報:\n%s\nis not\n%s" % (form(ident), CORRECTION))


def said(*args):
    """What the sheet of a call says, line by line."""
    return re.findall("「([^」]*)」", ctl("draft", "export", *args, "--form", "phone", "--window", "atla")
                      .split("言うこと")[1].split("FAXもメールも")[0].replace("\n    ", ""))


WINDOW = "防衛装備庁 装備政策部 装備保全管理官"
FAREWELL = ["所定の様式をお送りします。FAX番号又は電子メールのアドレスをお願いいたします。復唱します。＿＿＿＿ですね。",
            "次は＿＿＿＿までにこちらからお電話いたします。",
            "お受けいただいた方のお名前をお願いいたします。＿＿＿＿様、時刻は＿＿＿＿ですね。ありがとうございました。"]


def greeting(kind, phone):
    return ["○○(株) ○○事業所の○○課 ○○です。折返しは%sです。" % phone, "%sです。%sでよろしいでしょうか。" % (kind, WINDOW)]


def checks_said(want, *args):
    have = [line for line in said(*args) if "内線21040" not in line]      # by night there is no exchange
    checks.that(have == want, "said:\n%s\nis not\n%s" % ("\n".join(have), "\n".join(want)))


checks_said(greeting("速報の訂正", "03-1111-1111") + [
    "訂正です。第1報のうち③ 電話番号を訂正いたします。", "対象は、設計部ファイルサーバの件です。",
    "訂正前は、03-○○○○-○○○○ (内線○○○○)。訂正後は、03-1111-1111。以上のとおり訂正いたします。", "訂正の理由は、内線の誤り。"]
    + FAREWELL, ident)
ctl("incident", "phone", ident, "--window", "atla", "--person", "当直")
ctl("incident", "sent", ident, "--window", "atla", "--to", "03-0000-0000")

# 第2報: a leak is established
ctl("incident", "decide", ident, "--certainty", "confirmed", "--fact", "infection", "--leak")
SECOND = """第2報 情報セキュリティ特約条項第6条第2項の速報
① ○○(株) ○○事業所
② ○○課 ○○
③ 03-1111-1111
④ 6-2-1 ア 悪意のあるコードへの感染
⑤ 第2報。前の報から変わった箇所に【変更】を付した。%s
%s%s""" % (DETAIL.replace("及びおそれは確認中。当該", "及びおそれは確認中。調査の結果、保護すべき情報の漏えいを確認した。当該"),
           MEASURES, CONTRACTS)
SECOND = SECOND.replace("⑤ ", "⑤ 【変更】")
checks.that(form(ident) == SECOND, "第2報:\n%s\nis not\n%s" % (form(ident), SECOND))
second = said(ident)
checks.that("第2報です。変わった点を申し上げます。" in second and "ほかの項目は、前の報のとおりです。" in second, "第2報 is announced: %s" % second)
checks.that(not any(l.startswith(("これまでにとった対応は", "影響のある主な契約は", "根拠は")) for l in second), "what stands is not said again: %s" % second)
checks.that("【変更】「" in ctl("draft", "export", ident, "--form", "phone", "--window", "atla"), "what changed is marked")
html = ctl("draft", "export", ident, "--form", "html")
for words in ("<th>① 会社名 (事業所名を含む)</th><td>○○(株) ○○事業所</td>", "☑ ア 保護すべき情報が保存されたサーバ等",
              "□ イ 保護すべき情報が保存されたサーバ等に不正アクセスが認められた。", "☑ 警察庁サイバーインテリジェンス情報共有ネットワーク",
              "□ その他の機関", "※3 防衛関連企業から", "情報セキュリティ基準第12(1)イの速報", "第2報"):
    checks.that(words in html, "the HTML has: " + words)
checks.that("<script" not in html and "src=" not in html and "href=" not in html, "the HTML needs nothing else")

# PDF: every field is found, the fonts are in it, nothing is cut
if os.path.exists(RENDER) and shutil.which("pdftotext"):
    p = subprocess.run([RENDER, "--check"], capture_output=True)
    checks.that(p.returncode == 0, "the sandbox holds: " + p.stderr.decode())
    pdf = os.path.join(place, "a.pdf")
    ctl("draft", "export", ident, "--form", "pdf", "--output", pdf)
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True).stdout.decode()
    flat = "".join(text.split())
    for words in ("①会社名(事業所名を含む)", "②連絡先部署、担当者名", "③電話番号", "④速報の内容", "⑥これまでにとった対応", "☑ア保護すべき情報",
                  "□ウ保護すべき情報", "⑦影響のある主な契約", "※1省内関係各署", "※2", "※3", "(宛先)防衛装備庁", "03-1111-1111"):
        checks.that(words in flat, "the PDF has: " + words)
    fonts = subprocess.run(["pdffonts", pdf], capture_output=True).stdout.decode().splitlines()[2:]
    checks.that(fonts and all(l.split()[-5] == "yes" for l in fonts), "every font is embedded: %s" % fonts)
    ctl("draft", "export", ident, "--form", "phone-pdf", "--window", "atla", "--output", pdf + "2")
    pages = subprocess.run(["pdfinfo", pdf + "2"], capture_output=True).stdout.decode()
    checks.that("Pages:           1\n" in pages, "the phone sheet is one page: " + pages)
    # long, wide, right-to-left, control characters: continuation pages, every line there
    nasty = json.dumps({"title": ["題"], "addressee": "宛", "drill": "【訓練】", "checked": "☑", "unchecked": "□", "notes": [],
                        "items": [{"mark": "⑤", "label": "詳細", "text": "\n".join(
                            "行%03d あ\u202e\u05d0\u0627\U0001F600\u0007x" % n for n in range(200)) + "長" * 3000, "boxes": []}]})
    p = subprocess.run([RENDER], input=nasty.encode(), capture_output=True)
    checks.that(p.returncode == 0, "hostile text is drawn: " + p.stderr.decode())
    with open(pdf, "wb") as f:
        f.write(p.stdout)
    text = subprocess.run(["pdftotext", pdf, "-"], capture_output=True).stdout.decode()
    checks.that(all("行%03d" % n in text for n in range(200)), "no line is cut")
    checks.that(text.count("【訓練】") >= 2 * text.count("- 1 -") + 4, "the mark of the drill is on every page, above and below")
    for bad in (b"", b"[]", b"{", b"\xff\xfe", b"{\"items\":[[]]}" * 2, b"[" * 100000):
        p = subprocess.run([RENDER], input=bad, capture_output=True)
        checks.that(p.returncode in (0, 3), "broken input ends in words: %r %d" % (bad[:20], p.returncode))
else:
    print("no renderer or no pdftotext: the PDF is not tried")

ctl("incident", "phone", ident, "--window", "atla", "--person", "当直")
ctl("incident", "sent", ident, "--window", "atla", "--to", "03-0000-0000")
# 取下げ: the reason, and nothing that would still stand
ctl("incident", "correct", ident, "--withdraw", "--reason", "試験の検体であることを台帳で確かめた")
by = json.loads(ctl("incident", "show", ident, "--json"))["work"]["pending"]["by"]
WITHDRAWN = greeting("速報の取下げ", "03-1111-1111") + [
    "第2報を取り下げます。理由を申し上げます。", "対象は、設計部ファイルサーバの件です。", "理由は、試験の検体であることを台帳で確かめた。",
    "判断した者は、%sです。" % by] + FAREWELL
checks_said(WITHDRAWN, ident)
checks.that("緊急窓口に電話する" in ctl("incident", "show", ident), "a withdrawal that waits is what comes next")
ctl("incident", "phone", ident, "--window", "atla", "--person", "当直")
ctl("incident", "sent", ident, "--window", "atla")
checks_said(WITHDRAWN, ident)      # the next window hears the same
sent = json.loads(ctl("incident", "show", ident, "--json"))["work"]["sent"][-1]
checks.that(sent["to"] == "03-0000-0000", "where the form goes is known from the call: %s" % sent)
checks.that("することはない" in ctl("incident", "close", ident, "--reason", "対応を終えた"), "the end says that nothing is left")
checks.that("このまま掛けない" in ctl("draft", "export", ident, "--form", "phone"), "the sheet of a closed incident warns")
checks.that(json.loads(ctl("incident", "show", ident, "--json"))["status"] == "closed", "it is closed")

document = os.path.join(place, "document.json")
ctl("draft", "export", ident, "--form", "json", "--output", document)
checks.that(os.path.exists(document) and open(document, encoding="utf-8").read() == ctl("incident", "show", ident, "--json")
            == ctl("draft", "export", ident, "--form", "json"), "the document goes where --output says")

# the archive: sums hold, no name leaves
tar = os.path.join(place, "x.tar.gz")
ctl("incident", "export", ident, "--output", tar)
with tarfile.open(tar) as t:
    files = {m.name.split("/", 1)[1]: t.extractfile(m).read() for m in t.getmembers()}
sums = dict(reversed(l.split("  ")) for l in files["SHA256SUMS"].decode().splitlines())
checks.that(set(sums) == set(files) - {"SHA256SUMS"}, "the manifest names every file: %s" % sorted(sums))
checks.that(all(hashlib.sha256(files[n]).hexdigest() == s for n, s in sums.items()), "every sum holds")
checks.that(files["issued-1-report.txt"].decode() == FIRST, "第1報 is in it as it went out")
checks.that(files["issued-2-correction.txt"].decode() == CORRECTION and files["issued-3-report.txt"].decode() == SECOND,
            "so are 訂正報 and 第2報")
checks.that(not any("見積".encode() in f or b"/srv/" in f or b"fs1" in f for f in files.values()), "redacted: no name is in it")
before = ctl("audit", "export", ident)
ctl("incident", "export", ident, want=2)
ctl("incident", "export", ident, "--output", tar + "2", "--with-evidence", want=2)
checks.that(ctl("audit", "export", ident) == before, "what did not leave is no export in the chain")
ctl("incident", "export", ident, "--output", tar + "2", "--with-evidence", "--reason", "警察の求め", "--approver", "室長")
with tarfile.open(tar + "2") as t:
    names = t.extractfile([m for m in t.getmembers() if m.name.endswith("names.txt")][0]).read().decode()
checks.that("見積" in names, "with evidence: the names in it are listed")
actions = [json.loads(l)["action"] for l in ctl("audit", "export", ident, "--json").splitlines()]
for action in ("observe", "alert", "incident.ack", "incident.decide", "incident.measure", "incident.phone", "incident.sent",
               "incident.correct", "draft.show", "incident.close", "incident.export"):
    checks.that(action in actions, "the chain has " + action)
checks.that("chain is whole" in ctl("audit", "verify"), "the chain is whole at the end")
daemon_stop(daemon)
import sqlite3
db = sqlite3.connect(os.path.join(place, "state", "sokuhod.db"))
db.execute("UPDATE action SET detail = replace(detail, '03-0000-0000', '03-9999-9999')")
db.commit()
db.close()
checks.that("chain is broken" in ctl("audit", "verify", want=1), "a number that was changed is found")
shutil.rmtree(place)
checks.end()
