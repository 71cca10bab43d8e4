#!/usr/bin/env python3
"""sokuhoctl and the daemon's socket: what a request needs, what it answers, and what it leaves alone."""
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import DAEMON, ENV, SRC, Checks, ctl, need_programs

need_programs()
checks = Checks()
place = tempfile.mkdtemp()
CONF, SOCKET = place + "/sokuhod.yaml", place + "/s"
LINE = "Jun  1 10:00:00 pc1 clamd[5]: /srv/a.exe: Win.Test.A-1 FOUND\n"


def write(name, text):
    with open(os.path.join(place, name), "w", encoding="utf-8") as f:
        f.write(text)


def configure(**changes):
    c = dict(directory=place + "/state", socket=SOCKET, more="")
    c.update(changes)
    write("sokuhod.yaml", """company: {name: 試験, office: 試験}
inventory: inventory.yaml
rules: [rules.d]
sources: [{name: logs, kind: file, path: ['%s/logs/*.log'], start: beginning}]
storage: {directory: '%s', socket: '%s'}
%s""" % (place, c["directory"], c["socket"], c["more"]))


def says(code, words, *args):
    """The command ends with the code, and the words are on standard error (code 0: standard output)."""
    p = ctl(*args, "-c", CONF)
    text = (p.stderr if code else p.stdout).decode()
    checks.that(p.returncode == code and all(w in text for w in words),
                "%s: exit %d (want %d), want %s in: %s" % (" ".join(args), p.returncode, code, words,
                                                          p.stdout.decode() + p.stderr.decode()))
    return text


def until(question, seconds=10):
    end = time.time() + seconds
    while time.time() < end and not question():
        time.sleep(0.05)
    return question()


def daemon_start():
    p = subprocess.Popen([DAEMON, "-c", CONF], env=ENV, stderr=open(place + "/err", "ab"))
    until(lambda: os.path.exists(SOCKET) or p.poll() is not None)
    return p


def incidents():
    p = ctl("incident", "list", "--json", "-c", CONF)
    return [json.loads(line) for line in p.stdout.splitlines()] if p.returncode == 0 else []


def test_a_request_needs_only_the_way_to_the_daemon(id):
    for name, text in (("rules.d/site.yaml", "title: [broken\n"), ("inventory.yaml", "systems: {\n")):
        write(name, text)
        says(0, [id], "incident", "list")
        says(0, ["pc1"], "incident", "show", id)
        says(0, ["① 試験 試験"], "draft", "show", id)
        says(0, ['"daemon"'], "status")
        says(2, ["the running set stays", name], "reload")
        write("rules.d/site.yaml", "")
        write("inventory.yaml", INVENTORY)
    configure(more="compani: {name: x}\n")
    says(0, [id], "incident", "list")
    says(2, ["the running set stays", "compani"], "reload")
    write("sokuhod.yaml", "storage: {directory: state, sockt: s}\n")
    says(2, ["sockt", "socket"], "incident", "list")
    configure()
    says(0, ["ok"], "reload")


def test_every_command_answers_in_json():
    def objects(*args, want=0):
        p = ctl(*args, "--json", "-c", CONF)
        checks.that(p.returncode == want, "%s --json: exit %d: %s" % (" ".join(args), p.returncode, p.stderr.decode()))
        try:
            return [json.loads(line) for line in p.stdout.decode().splitlines()] or [{}]
        except ValueError:
            checks.that(False, "%s --json prints: %s" % (" ".join(args), p.stdout.decode()))
            return [{}]

    check = objects("check")[0]
    checks.that(check["ok"] and check["sources"] == 1 and check["systems"] == 1 and check["rules"] > 30 and
                check["faults"] == [] and check["configuration"] == CONF, "check: %s" % check)
    host = objects("inventory", "lookup", "pc1")[0]
    checks.that(host["system"]["label"] == "設計端末" and host["system"]["classes"] == ["protected"] and
                host["person"] is None and host["site"] is None, "lookup: %s" % host)
    checks.that(objects("inventory", "lookup", "nobody")[0]["system"] is None, "what is not there is null")
    rules = objects("rules", "list")
    checks.that(len(rules) == check["rules"], "one line for each rule: %d of %d" % (len(rules), check["rules"]))
    rule = [o for o in rules if o["name"] == "malware-unknown-route"]
    checks.that(len(rule) == 1 and rule[0]["clauses"] == ["4"] and rule[0]["fact"] == "infection" and
                rule[0]["shows"] == "event", "the rule of clause 4: %s" % rule)
    checks.that(objects("rules", "show", "malware-unknown-route") == rule, "show prints the same object")
    tests = objects("rules", "test", "malware-unknown-route")[0]
    checks.that(tests["tests"] >= 2 and tests["samples"] == 0 and tests["faults"] == [], "rules test: %s" % tests)
    checks.that(objects("rules", "lint") == [{"faults": []}], "lint has nothing to say")
    cover = objects("rules", "coverage")[0]
    checks.that(cover["sources"] == 1 and cover["rules"] == check["rules"] and
                cover["rules"] - cover["reachable"] == len(cover["unreachable"]), "coverage: %s" % cover)
    checks.that(len(cover["clauses"]) >= 12 and sum(cover["clauses"]["2-u"].values()) ==
                sum("2-u" in r["clauses"] for r in rules if r["name"] not in [u["rule"] for u in cover["unreachable"]]),
                "coverage counts rules by clause: %s" % cover["clauses"])
    line = objects("explain", LINE.strip())[0]
    checks.that(line["format"] == "syslog" and line["products"] == ["clamav"] and line["fields"]["file.path"] == "/srv/a.exe"
                and "malware-unknown-route" in [r["name"] for r in line["rules"]]
                and line["findings"][0]["level"] == "report" and line["tried"] == [], "explain: %s" % line)
    miss = objects("explain", "Jun  1 10:00:00 pc1 cron[5]: hello")[0]
    checks.that(miss["rules"] == [] and miss["findings"] == [] and miss["tried"], "explain without a match: %s" % miss)
    write("rules.d/bad.yaml", "title: t\nid: 1\n")
    fault = objects("rules", "lint", want=1)[0]["faults"]
    checks.that(fault and fault[0]["kind"] == "error" and fault[0]["file"].endswith("bad.yaml") and fault[0]["line"] > 0,
                "a fault has its place: %s" % fault)
    checks.that(objects("check", want=2)[0]["ok"] is False, "check says that it is not well")
    os.remove(place + "/rules.d/bad.yaml")


def test_what_would_not_start_is_said():
    write("bare.yaml", "company: {name: 試験}\n")
    for args, code, words in (
            (("check",), 2, "no sources are configured"),
            (("rules", "coverage"), 0, "no source is configured"),
            (("rules", "show"), 2, "usage"),
            (("judge", "--class", "protected"), 2, "usage"),
            (("judge", "--certainty", "suspected"), 2, "usage")):
        p = ctl(*args, "-c", place + "/bare.yaml")
        text = (p.stdout + p.stderr).decode()
        checks.that(p.returncode == code and words in text, "%s: exit %d: %s" % (args, p.returncode, text))


def test_a_judgement_is_said_in_words():
    # 別紙様式④イ and the label of the clause, as the notice prints them
    text = says(0, ["第3項(1)シ", "情報セキュリティ基準第12(1)イ(ア)", "直ちに", "認められた",
                    "イ 保護すべき情報が保存されたサーバ等に不正アクセスが認められた。", "at once"],
                "judge", "--clause", "1-shi", "--class", "protected", "--certainty", "confirmed")
    checks.that("s12-1" not in text and '"' not in text, "no codes, no JSON: " + text)
    says(0, ["「準じた事態」の選択は残る", "なし / none"], "judge", "--clause", "1-ke", "--class", "none", "--certainty", "suspected")


def test_words_and_numbers_are_checked(id):
    says(2, ["opn", "open closed dismissed merged"], "incident", "list", "--status", "opn")
    says(0, [id], "incident", "list", "--status", "open")
    says(2, ["revision", "'abc' is not a number"], "incident", "decide", id, "--revision", "abc")
    says(2, ["-1", "is not a number"], "incident", "note", id, "x", "--revision", "-1")
    says(2, ["unknown clause '1-k'", "did you mean '1-"], "incident", "decide", id, "--clause", "1-k")
    says(2, ["unknown fact 'infektion'", "did you mean 'infection'"], "incident", "decide", id, "--fact", "infektion")
    says(2, ["unknown fact 'zzzzzz'", "one of infection unauthorised_access"], "incident", "decide", id, "--fact", "zzzzzz")
    says(2, ["unknown clause '1-k'", "did you mean '1-"], "judge", "--clause", "1-k", "--class", "none", "--certainty", "suspected")


def test_errors_are_said_in_the_language_of_the_reader(id):
    cases = ((("repley",), 2, "エラー: 不明なコマンド 'repley'。`sokuhoctl help` で一覧を見る。'replay' のことか"),
             (("incident",), 2, "使い方: sokuhoctl incident"),
             (("incident", "show", "I9"), 3, "エラー: 事案 'I9' はない"),
             (("incident", "note", id, "x", "--revision", "77"), 2, "見たのは第77版、今は第1版"),
             (("incident", "close", id, "--force"), 2, "エラー: --reason がない：理由を言葉で書く\n"),
             (("incident", "decide", id, "--fact", "infektion"), 2, "エラー: 不明な事実 'infektion'。'infection' のことか\n"),
             (("window", "--body", "gdsf"), 2, "`sokuhoctl window` で一覧を見る。'gsdf' のことか\n"))
    for args, code, words in cases:
        for names, japanese in (({"LC_ALL": "ja_JP.UTF-8"}, True), ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "ja"}, True),
                                ({"LC_ALL": "", "LC_MESSAGES": "C", "LANG": "ja"}, False), ({"LC_ALL": "C.UTF-8"}, False)):
            p = ctl(*args, "-c", CONF, **names)
            text = p.stderr.decode()
            checks.that(p.returncode == code and (words in text) == japanese and ("エラー" in text or "使い方" in text) == japanese,
                        "%s %s: exit %d: %s" % (names, args, p.returncode, text))
    p = ctl("help", LC_ALL="ja_JP.UTF-8")
    checks.that("使い方" in p.stdout.decode() and "過去のログで試す" in p.stdout.decode(), "and so is the help: " + p.stdout.decode())
    with connect() as s:
        answer = ask(s, b'{"command":"incident.show","id":"I9"}')
        checks.that("there is no incident 'I9'" in answer["error"] and "事案 'I9' はない" in answer["error_ja"],
                    "the daemon says both: %s" % answer)


def test_reading_makes_no_state():
    configure(directory=place + "/nowhere", socket=place + "/none")
    for args in (("incident", "list"), ("incident", "show", "I1"), ("incident", "decide", "I1"), ("draft", "show", "I1"),
                 ("status",), ("reload",), ("alert", "test")):
        says(3, ["no state in '%s/nowhere'" % place], *args)
    checks.that(not os.path.exists(place + "/nowhere"), "nothing was made")
    configure()


def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    s.connect(SOCKET)
    return s


def ask(s, line):
    s.sendall(line + b"\n")
    return json.loads(s.makefile("rb").readline())


def test_the_name_of_a_file_is_text(id):
    """A log server names files as the sender likes."""
    write("logs/b\x1b[7m.log", LINE.replace("pc1", "pc2"))
    other = until(lambda: [i["id"] for i in incidents() if i["id"] != id])
    for args in (("incident", "show"), ("draft", "show", "--annotate")):
        text = says(0, ["b\\x1b[7m.log:1"], *args, (other or ["none"])[0])
        checks.that("\x1b" not in text, "no control character comes out: %r" % text)


def test_what_is_no_request_is_told_so():
    with connect() as s:
        for line, word in ((b"hello", "JSON object"), (b"", "JSON object"), (b"[1]", "JSON object"), (b"\xff\x00", "JSON object"),
                           (b'{"command":"incident.list"} x', "JSON object"), (b'{"command":"incident.list"', "JSON object"),
                           (b"[" * 100, "JSON object"), (b"{}", "a text"), (b'{"command":7}', "a text"),
                           (b'{"command":null}', "a text"), (b'{"command":"nothing"}', "'nothing'")):
            answer = ask(s, line)
            checks.that(answer["ok"] is False and answer["kind"] == "usage" and word in answer["error"], "%r: %s" % (line, answer))
        checks.that(ask(s, b' {"command":"incident.list"} ')["ok"], "and a request is still answered")


def test_idle_connections_shut_nobody_out(id):
    idle = [connect() for _ in range(32)]
    checks.that(ask(idle[0], b'{"command":"incident.list"}')["ok"], "the first is not the one that was silent longest")
    for _ in range(3):
        says(0, [id], "incident", "list")
    checks.that(idle[1].recv(1) == b"", "the one that was silent longest gave way")
    checks.that(ask(idle[0], b'{"command":"incident.list"}')["ok"] and ask(idle[31], b'{"command":"incident.list"}')["ok"],
                "the others stay")
    for s in idle:
        s.close()


def test_who_does_not_read_is_asked_for_no_more():
    """The answers that nobody reads stay few, and every question is answered once they are read."""
    line, asked, limit = b'{"command":"status"}\n', 0, 4 << 20
    with connect() as s:
        s.settimeout(2)
        try:
            while asked < limit:
                asked += s.send(line[asked % len(line):] + line * 100)
        except TimeoutError:
            pass
        checks.that(asked < limit, "a client that never reads is stopped: %d bytes of questions" % asked)
        answers, rest = 0, line[asked % len(line):] if asked % len(line) else b""
        s.setblocking(False)
        end, whole = time.time() + 30, asked // len(line) + bool(rest)
        while answers < whole and time.time() < end:
            try:
                rest = rest[s.send(rest):] if rest else rest
            except BlockingIOError:
                pass
            try:
                answers += s.recv(1 << 20).count(b"\n")
            except BlockingIOError:
                time.sleep(0.01)
        checks.that(answers == whole, "each of %d questions is answered: %d" % (whole, answers))


def test_what_needs_a_restart_is_not_reloaded():
    configure(directory=place + "/other")
    says(2, ["storage.directory", place + "/other", "restart"], "reload")
    configure(socket=place + "/other")
    with connect() as s:
        answer = ask(s, b'{"command":"reload"}')
    checks.that(answer["ok"] is False and "storage.socket" in answer["error"] and "restart" in answer["error"], "%s" % answer)
    configure()
    says(0, ["ok"], "reload")
    checks.that(not os.path.exists(place + "/other"), "nothing was made")


def test_the_readme_example_works():
    text = open(os.path.join(SRC, "README.md"), encoding="utf-8").read()
    rule = re.search(r"```yaml\n(.*?)```", text, re.S).group(1)
    name = re.search(r"^name: (\S+)", rule, re.M).group(1)
    commands = re.search(r"```sh\n(sokuhoctl rules test.*?)```", text, re.S).group(1).splitlines()
    os.mkdir(place + "/readme.d")
    write("readme.d/site.yaml", rule)
    checks.that(len(commands) == 3, "three commands: %s" % commands)
    for command in commands:
        words = [w.replace("./rules.d", place + "/readme.d") for w in shlex.split(command, comments=True)]
        p = ctl(*words[1:])
        checks.that(p.returncode == 0, "%s: %s" % (command, (p.stdout + p.stderr).decode()))
    checks.that("rule: " + name in p.stdout.decode(), "explain tells of the rule: " + p.stdout.decode())


def test_the_rule_of_the_rules_readme_works():
    text = open(os.path.join(SRC, "rules", "README.md"), encoding="utf-8").read()
    example = text[text.index("    title: "):text.index("Write rules for behaviours")]
    os.mkdir(place + "/rules-readme.d")
    write("rules-readme.d/site.yaml", re.sub("^    ", "", example, flags=re.M))
    p = ctl("rules", "test", "--rules", place + "/rules-readme.d")
    checks.that(p.returncode == 0 and b"3 rule tests" in p.stdout, "the example holds: %s" % (p.stdout + p.stderr).decode())
    p = ctl("rules", "lint", "--rules", place + "/rules-readme.d")
    checks.that(p.returncode == 0 and not p.stderr, "and nothing is to be said of it: %s" % (p.stdout + p.stderr).decode())


INVENTORY = "systems: [{id: pc1, label: 設計端末, hosts: [pc1], classes: [protected]}]\n"
os.mkdir(place + "/logs")
os.mkdir(place + "/rules.d")
write("inventory.yaml", INVENTORY)
write("logs/a.log", LINE)
configure()
daemon = daemon_start()
until(incidents)
id = (incidents() or [{"id": "none"}])[0]["id"]
test_a_request_needs_only_the_way_to_the_daemon(id)
test_every_command_answers_in_json()
test_what_would_not_start_is_said()
test_a_judgement_is_said_in_words()
test_the_readme_example_works()
test_the_rule_of_the_rules_readme_works()
test_words_and_numbers_are_checked(id)
test_errors_are_said_in_the_language_of_the_reader(id)
test_the_name_of_a_file_is_text(id)
test_reading_makes_no_state()
test_what_is_no_request_is_told_so()
test_idle_connections_shut_nobody_out(id)
test_who_does_not_read_is_asked_for_no_more()
test_what_needs_a_restart_is_not_reloaded()
daemon.terminate()
checks.that(daemon.wait(30) == 0, "the daemon ends cleanly")
p = ctl("incident", "show", "I9", "-c", CONF, LC_ALL="ja_JP.UTF-8")
checks.that("事案 'I9' はない" in p.stderr.decode(), "without a daemon too: " + p.stderr.decode())
says(3, ["no daemon"], "status")
says(3, ["no daemon"], "reload")
shutil.rmtree(place)
checks.end()
