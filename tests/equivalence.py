#!/usr/bin/env python3
"""The prefilter changes nothing: random rules over random lines give the same bytes with and without it.

SECONDS=600 runs longer, SOKUHO_SEED=n repeats one round. What differs is shrunk to a rule and a line."""
import base64
import glob
import json
import os
import random
import re
import shutil
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import SHARED, SRC, ctl, need_programs

WORTH = 64 * 1024       # below that no prefilter is made
FILLER = b"Jun 15 10:00:00 host9 filler[1]: nothing to be seen in this line\n"
AS_OF = ["--as-of", "2026-12-31T00:00:00+09:00"]
WAYS = [("none", "1"), ("literal", "3"), ("full", "1"), ("full", "3")]     # the first is what the others must equal

WORDS = [
    "Failed password", "Accepted", "root", "admin", "ET MALWARE Win32 CnC Checkin", "CnC", "ET SCAN", "trojan",
    "A Network Trojan was detected", "C:\\Windows\\System32\\cmd.exe", "\\\\server\\share\\a.dll", "\\new\\table\\run",
    "/etc/passwd", "../../", "a=b", "key=value=x", "x|y|z", '"quoted"', "-enc", "/enc", "–nop", "powershell", "UNION SELECT",
    "Kernel panic", "passes sick", "\u212aernel", "pa\u017f\u017fes", "Stra\u00dfe", "不正プログラム", "検知しました", "ウイルス%2F隔離",
    "%2e%2e", "%41dmin", "0x1c", "28", "007", "7", "7.0", "70", "-0", "true", "false", "TRUE", "null", "1e3", "1.50", "NaN",
    "9223372036854775807", "18446744073709551615", "99999999999999999999", "two\nlines", "cr\r lf", "cr\r\n", "line\n-end", "line\r-end",
    "\U0001f4a9\U0001f600", "tab\tstop", "bell\bfeed\f", "nul\0byte", "192.0.2.7", "10.1.2.3", "2001:db8::1", "198.51.100.", "deadbeefdeadbeefcafe0123456789ab",
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=", "blocked", "allowed", "drop", "alert", "Win.Test.EICAR_HDB-1", "FOUND", "a", "ab",
    "->", "::", "--", "'single'", "[x]", "(p)", "{b}", "*", "?", "\\*", "$9", "^", "SHA1=AAAA,MD5=BBBB", "CORP\\jdoe", "é",
]
TELLING = ["trojan", "worm", "Ransom.X", "C2 beacon", "port scan", "SQL injection", "brute force", "botnet", "DLP", "flood", "Win32/A"]
CONSTANTS = [
    ("event.category", ["malware", "intrusion_detection", "authentication", "network", "web"]),
    ("verdict", ["stopped", "not_stopped", "unknown"]),
    ("attack.class", ["c2", "exploit", "scan", "bruteforce", "policy", "compromise"]),
    ("observer.vendor", ["OISF", "ClamAV", "Fortinet", "Cisco", "Trend Micro"]),
    ("observer.type", ["ids", "firewall", "proxy", "mail-gateway"]), ("event.kind", ["alert", "event"]),
    ("event.action", ["login", "blocked", "allowed"]), ("event.outcome", ["failure", "success"]),
    ("network.direction", ["outbound", "internal"]), ("asset.id", ["host1"]), ("host.name", ["host1", "HOST2"]),
]
FIELDS = [
    "message", "user.name", "source.ip", "destination.ip", "rule.name", "rule.category", "alert.signature", "alert.category",
    "event_type", "act", "msg", "cs1", "malName", "cef.name", "cef.vendor", "url.original", "url.path", "url.query", "url.full",
    "user_agent.original", "process.name", "process.pid", "process.command_line", "http.response.status_code", "data.a",
    "data.b.c", "flag", "num", "CommandLine", "Image", "Hashes", "User", "file.path", "log.syslog.appname", "ProcessId",
    "http.request.referrer", "timestamp", "email.subject",
]
LOGSOURCES = [
    {"category": "nothing"}, {"category": "antivirus"}, {"category": "ids"}, {"category": "attack"}, {"category": "webserver"},
    {"product": "linux", "service": "sshd"}, {"product": "linux"}, {"product": "windows", "category": "process_creation"},
    {"category": "authentication"}, {"category": "ids", "product": "suricata"},
]


def samples():
    """Lines and fields that the decode data and the rules name themselves."""
    lines, fields = [], []
    for path in sorted(glob.glob(os.path.join(SRC, "rules", "decode", "*.yaml")) +
                       glob.glob(os.path.join(SRC, "rules", "detect", "*.yaml"))):
        for row in open(path, encoding="utf-8"):
            lines += [s.replace("''", "'") for s in re.findall(r"line: '((?:[^']|'')*)'", row)]
            for found in re.findall(r"fields: \{([^{}]*)\}", row):
                fields += re.findall(r"([a-z_.0-9]+): ([^,'\"\[\]{}]+)(?:,|$)", found)
    return [l for l in lines if len(l) > 40], fields


SAMPLE_LINES, SAMPLE_FIELDS = samples()


class Maker:
    """Everything random of one round; the same seed makes the same."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.words = self.r.sample(WORDS, 28) + ["%s%d" % (self.r.choice(WORDS)[:6], self.r.randrange(99)) for _ in range(4)]
        self.bases = self.r.sample(SAMPLE_LINES, min(40, len(SAMPLE_LINES)))

    def chance(self, p):
        return self.r.random() < p

    def piece(self, text):
        if len(text) < 3 or self.chance(0.4):
            return text
        at = self.r.randrange(len(text) - 1)
        return text[at:at + self.r.randrange(1, min(len(text) - at, 24) + 1)]

    def text(self):
        if self.chance(0.15):
            return self.piece(self.r.choice(self.bases))
        joint = self.r.choice(["", " ", "/", "\\", "=", "\"", "|", "-"])
        return joint.join(self.piece(self.r.choice(self.words)) for _ in range(self.r.choice([1, 1, 1, 2, 3])))

    def case(self, text):
        return self.r.choice([text, text, text, text.upper(), text.lower(), text.swapcase()])

    # rules ------------------------------------------------------------------------------------------------------

    def wild(self, text):
        if self.chance(0.75):
            return text
        at = self.r.randrange(len(text) + 1)
        return text[:at] + self.r.choice(["*", "?", "\\", "\\*", "*?"]) + text[at + self.r.randrange(3):]

    def regex_item(self, c):
        plain = re.escape(c) if ord(c) < 128 else c
        if c.isdigit():
            kinds = [plain, "\\d", "[0-9]", "[0-9a-f]", "[[:digit:]]", "\\w", "[^a-z ]", "[%s9]" % c]
        elif c.isascii() and c.isalpha():
            kinds = [plain, plain, "\\w", "[a-zA-Z]", "[%s%s]" % (c.lower(), c.upper()), "[[:alpha:]]", "\\D", "[^0-9]", "\\S"]
        elif c.isspace():
            kinds = ["\\s", "\\h", "[[:space:]]", "[ \\t]", "\\x%02x" % ord(c), "\\W"]
        elif ord(c) < 128:
            kinds = [plain, plain, "\\W", "\\x%02x" % ord(c), "[%s]" % plain if c not in "^" else plain, "[^\\w]", "[!-/]?"]
        else:
            kinds = [c, c, "[%s]" % c, "\\x{%x}" % ord(c), "\\p{L}", ".", "\\S+"]
        return self.r.choice(kinds + [plain, "."])

    def regex(self):
        subject = self.piece(self.text()) or "a"
        if self.chance(0.1):
            return self.r.choice(["[0-9a-f]{%d}", "\\w{%d,}", "[A-Za-z0-9+/=]{%d}", "(?:[0-9a-f]{2}){%d}", "[^ ]{%d}", ".{%d}",
                                  "(?:\\w+\\s?){%d}x", "(a|ab)*?(.*)*%dz", "(\\w+)+%d$"]) % self.r.choice([2, 8, 16, 20])
        out, i, exact = [], 0, self.chance(0.4)
        while i < len(subject):
            if self.chance(0.08) and i + 2 < len(subject):
                part = re.escape(subject[i:i + 2])
                out.append(self.r.choice(["(?:%s|zz)", "(%s)", "(?<n%d>%%s)" % i, "(?:%s)+", "(?:q?%s)", "(?=%s)", "(?i:%s)", "(?>%s)",
                                          "(?:%s){1,3}", "(%s|)", "(?:zzz)?%s", "(?!zz)%s", "(?<=%s)?"]) % part)
                if "(?=" not in out[-1] and "(?<=" not in out[-1]:
                    i += 2
                continue
            c = subject[i]
            item = (re.escape(c) if ord(c) < 128 else c) if exact and self.chance(0.9) else self.regex_item(c)
            if self.chance(0.08):
                item += self.r.choice(["+", "*", "?", "+?", "*?", "{1,2}", "{1}", "++", "{0,3}", ".*", ".*?", "[^\"]*", "\\b", "\\B?"])
            out.append(item)
            i += 1
        pattern = "".join(out)
        frame = self.r.choice(["%s"] * 8 + ["^%s", "%s$", "^%s$", "\\b%s\\b", "(?i)%s", "%s|zzzz", "(%s)\\s?\\1?", ".*%s.*", "(?m)^%s$",
                                            "(?s)%s.*", "\\A%s", "%s\\Z", "(?:%s)?x", "[^\\n]*%s", "%s(?#c)", "(?x) %s", "\\Q%s\\E"])
        return frame.replace("%s", pattern, 1)

    def number(self):
        return self.r.choice([7, 70, 0, 28, 200, 404, 22, 9223372036854775807, -1])

    def value(self, modifiers):
        if "re" in modifiers:
            return self.regex()
        if "cidr" in modifiers:
            return self.r.choice(["192.0.2.0/24", "10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"])
        if "exists" in modifiers:
            return self.chance(0.5)
        if {"lt", "lte", "gt", "gte"} & set(modifiers):
            return self.number()
        if "fieldref" in modifiers:
            return self.r.choice(FIELDS)
        if "expand" in modifiers:
            return "%nolist%"
        if not modifiers and self.chance(0.1):
            return self.r.choice([None, "", self.number(), True])
        return self.case(self.wild(self.text())) or "a"

    def modifiers(self):
        r = self.r
        kind = r.choice(["text"] * 6 + ["re"] * 5 + ["other", "encoded"])
        if kind == "text":
            out = r.choice([[], [], ["contains"], ["contains"], ["startswith"], ["endswith"], ["windash", "contains"]])
            out = out + ["cased"] if self.chance(0.2) else out
        elif kind == "re":
            out = ["re"] + [f for f in "ims" if self.chance(0.2)]
        elif kind == "encoded":
            out = r.choice([["base64"], ["base64offset", "contains"], ["wide", "base64offset", "contains"], ["utf16le", "contains"],
                            ["wide", "contains"], ["utf16", "base64", "contains"], ["utf16be", "contains"]])
        else:
            out = [r.choice(["cidr", "exists", "lt", "lte", "gt", "gte", "fieldref", "expand"])]
        return out + ["neq"] if self.chance(0.04) and out != ["exists"] else out

    def item(self):
        """One key of a map, and its value or values."""
        if self.chance(0.25):
            field, values = self.r.choice(CONSTANTS)
            value = self.r.sample(values, min(2, len(values))) if self.chance(0.3) else self.case(self.r.choice(values))
            modifier = self.r.choice(["", "", "", "|contains", "|cased", "|startswith", "|re", "|re|i", "|neq"])
            return field + modifier, value
        if self.chance(0.15):
            return self.r.choice(SAMPLE_FIELDS)
        modifiers = self.modifiers()
        field = self.r.choice(FIELDS) if self.chance(0.85) else ""
        if not field and modifiers[:1] not in ([], ["re"], ["contains"], ["cased"]):
            field = "message"
        value = self.value(modifiers)
        if self.chance(0.3) and modifiers != ["exists"]:
            value = [value] + [self.value(modifiers) for _ in range(self.r.choice([1, 1, 2, 15]))]
            if self.chance(0.4):
                modifiers = modifiers + ["all"]
                value = value[:3]
        return "|".join([field] + modifiers), value

    def search(self):
        if self.chance(0.2):
            return [self.text() or "a" for _ in range(self.r.randrange(1, 4))]
        maps = [dict(self.item() for _ in range(self.r.choice([1, 1, 1, 2, 3]))) for _ in range(self.r.choice([1, 1, 1, 1, 2, 3]))]
        return maps[0] if len(maps) == 1 else maps

    def rule(self, n):
        searches = {"sel_%d" % i: self.search() for i in range(self.r.choice([1, 1, 1, 2, 2, 3]))}
        names = list(searches)
        condition = " and ".join(names)
        if len(names) > 1:
            condition = self.r.choice([
                "1 of sel_*", "all of sel_*", "any of them", " or ".join(names), names[0] + " and not " + names[1],
                "not %s or %s" % (names[0], names[-1]), "not (%s or %s) and %s" % (names[0], names[1], names[-1]),
                "(%s or %s) and %s" % (names[0], names[-1], names[1]), condition, names[-1]])
        elif self.chance(0.06):
            condition = "not " + condition
        rule = {"title": "r%d" % n, "id": "00000000-0000-4000-8000-%012d" % n, "name": "eq-%d" % n, "status": "test",
                "logsource": self.r.choice(LOGSOURCES), "detection": dict(searches, condition=condition), "level": "low"}
        if self.chance(0.5):
            rule["notice"] = {"clauses": ["1-ke"], "fact": "communication", "shows": "hint"}
        return rule

    # lines ------------------------------------------------------------------------------------------------------

    def json_string(self, text, unicode):
        out = []
        for c in text:
            if c in '"\\':
                out.append("\\" + c)
            elif c == "/" and self.chance(0.3):
                out.append("\\/")
            elif c in "\n\r\t\b\f" and self.chance(0.95):
                out.append("\\" + "nrtbf"["\n\r\t\b\f".index(c)])
            elif (unicode and self.chance(0.2)) or (ord(c) < 32 and self.chance(0.9)):
                units = struct.unpack(">%dH" % (1 + (ord(c) > 0xffff)), c.encode("utf-16-be"))
                if self.chance(0.02):
                    units = (self.r.choice([0xd83d, 0xde00, 0, 0xd800]),) + units
                out += [("\\u%04x" if self.chance(0.5) else "\\u%04X") % u for u in units]
            else:
                out.append(c)
        return '"' + "".join(out) + '"'

    def json_value(self, unicode, depth=0):
        kind = self.r.random()
        if kind < 0.12:
            return self.r.choice(["true", "TRUE", "false", "False", "null", "NULL", "NaN", "Infinity", "-Infinity"])
        if kind < 0.3:
            return self.r.choice(["7", "7.0", "007", "-0", "1e3", "1E3", "0x1c", "28", "1.50", "70", "9223372036854775807", "-1",
                                  "9223372036854775808", "18446744073709551616", "99999999999999999999", "-99999999999999999999"])
        if kind < 0.4 and depth < 3:
            return "[" + ",".join(self.json_value(unicode, depth + 1) for _ in range(self.r.randrange(4))) + "]"
        if kind < 0.45 and depth < 3:
            return self.json_object([("a", self.json_value(unicode, depth + 1)), ("c", self.json_value(unicode, depth + 1))], unicode)
        if kind < 0.48:
            return "'" + self.text().replace("\\", "\\\\").replace("'", "\\'") + "'"
        return self.json_string(self.case(self.text()), unicode)

    def json_object(self, members, unicode):
        space = self.r.choice(["", "", " "])
        return "{" + ("," + space).join(self.json_string(k, unicode and self.chance(0.3)) + ":" + space + v
                                        for k, v in members) + "}"

    def json_line(self):
        unicode = self.chance(0.12)
        names = ["flag", "num", "CommandLine", "Image", "Hashes", "User", "msg", "act", "user", "url", "signature", "src_ip",
                 "message", "ProcessId", "data", "event_type", "action", "category", "timestamp", "file_name"]
        members = [(n, self.json_value(unicode)) for n in self.r.sample(names, self.r.randrange(1, 8))]
        if self.chance(0.4):
            alert = [(n, self.json_value(unicode)) for n in ("signature", "category", "action") if self.chance(0.8)]
            members += [("event_type", '"alert"'), ("flow_id", "7"), ("alert", self.json_object(alert, unicode))]
        if self.chance(0.5):
            members.insert(0, ("timestamp", '"2026-06-15T10:00:00.000001+0900"'))
        if self.chance(0.05):
            members += self.r.sample(members, 1)
        if self.chance(0.15):       # a list of pairs of a name and a value
            pairs = [self.json_object([(self.r.choice(["name", "Name", "key"]), self.json_string(n, unicode)),
                                       (self.r.choice(["value", "NewValue"]), self.json_value(unicode))], unicode)
                     for n in self.r.sample(names, self.r.randrange(1, 4))]
            members.append((self.r.choice(["parameters", "data"]), "[" + ",".join(pairs) + "]"))
        line = self.json_object(members, unicode)
        if self.chance(0.05):
            line = line.replace(",", self.r.choice([",,", " /* %s */," % self.text(), ",\t", ", \\"]), 1)
        return line

    def syslog_line(self):
        head = self.r.choice(["Jun 15 10:00:00 host1 ", "<34>Jun 15 10:00:00 HOST2 ", "2026-06-15T10:00:00+09:00 host1 ",
                              "<165>1 2026-06-15T10:00:00Z host1 app 7 ID47 [a b=\"%s\"] " % self.piece(self.text()), "", "Jun 15 10:00:00 "])
        tag = self.r.choice(["sshd[7]: ", "kernel: ", "app[70]: ", "CRON[28]: ", "clamd[5]: ", "suricata: ", "%s: " % self.piece("powershell")])
        if self.chance(0.08):
            return head + "postfix/cleanup[7]: 4AB: warning: header Subject: %s from a.example[192.0.2.7]; from=<a@a.example> to=<b@example.jp>" \
                % self.encoded_words(self.case(self.text()))
        body = self.r.choice(["Failed password for %s from 192.0.2.7 port 22 ssh2", "%s", "/tmp/%s: Win.Test.EICAR_HDB-1 FOUND",
                              "user=%s action=blocked", "type=AVC msg=audit(1): %s"])
        return head + tag + body.replace("%s", self.case(self.text()), 1)

    def encoded_words(self, text):
        """RFC 2047, in pieces, as mailers write subjects; now and then cut, or left as it is."""
        out = []
        while text:
            n = self.r.randrange(1, 20)
            charset = self.r.choice(["UTF-8", "utf-8", "ISO-2022-JP", "Shift_JIS"])
            try:
                piece = text[:n].encode(charset)
            except UnicodeEncodeError:
                charset, piece = "UTF-8", text[:n].encode("utf-8", "surrogatepass")
            text = text[n:]
            coded = base64.b64encode(piece).decode() if self.chance(0.7) else \
                "".join(chr(b) if chr(b).isalnum() else "=%02X" % b for b in piece)
            out.append("=?%s?%s?%s?=" % (charset, "B" if coded == base64.b64encode(piece).decode() else "Q", coded))
            if self.chance(0.1):
                out.append(self.piece(self.text()))
        line = self.r.choice([" ", "? ", "?\t"]).join(out)
        return line[:self.r.randrange(len(line) + 1)] if self.chance(0.1) else line

    def cef_escape(self, text, extra):
        for c in "\\" + extra:
            if self.chance(0.8):
                text = text.replace(c, "\\" + c)
        return text.replace("\r", "\\r").replace("\n", self.r.choice(["\\n", "\\r", "\n"]))

    def cef_line(self):
        if self.chance(0.2):        # the event's name says it, and nothing else
            name = self.cef_escape(self.case(self.r.choice(TELLING)), "|")
            return (self.r.choice(["", "Jun 15 10:00:00 host1 "]) +
                    self.r.choice(["CEF:0|V|P|1|13|%s|5|src=10.1.2.3", "LEEF:1.0|V|P|1|%s|src=10.1.2.3"]) % name)
        head = "|".join(self.cef_escape(self.text(), "|") for _ in range(5))
        keys = self.r.sample(["msg", "act", "src", "dst", "suser", "fname", "request", "cs1", "cs2", "rt", "cn1"], self.r.randrange(1, 7))
        pairs = " ".join(k + "=" + self.cef_escape(self.case(self.text()), "=|") for k in keys)
        label = " cs1Label=" + self.r.choice(["malName", "virus", "Signature"]) if self.chance(0.5) else ""
        return self.r.choice(["", "Jun 15 10:00:00 host1 ", "<9>"]) + "CEF:0|%s|%d|%s%s" % (head, self.r.randrange(10), pairs, label)

    def access_line(self):
        def quoted():
            text = self.text().replace('"', '\\"') if self.chance(0.8) else self.text()
            return "".join("%%%02X" % ord(c) if ord(c) < 128 and self.chance(0.1) else c for c in text) if self.chance(0.3) else text
        return '%s - %s [15/Jun/2026:10:00:00 +0900] "GET /%s?q=%s HTTP/1.1" %d %d "%s" "%s"' % (
            self.r.choice(["192.0.2.7", "10.1.2.3", "2001:db8::1"]), self.r.choice(["-", "admin"]), quoted(), quoted(),
            self.r.choice([200, 404, 7]), self.r.randrange(9999), quoted(), quoted())

    def audit_line(self):
        def value():
            text = self.case(self.text())
            hidden = self.chance(0.5) or any(c in text for c in '" \n')
            return text.encode("utf-8", "surrogatepass").hex().upper() if hidden else '"%s"' % text
        kind = self.r.choice(["EXECVE", "EXECVE", "PROCTITLE", "SYSCALL", "PATH", "USER_CMD"])
        pairs = {"EXECVE": ["a%d=%s" % (i, value()) for i in range(self.r.randrange(5))], "PROCTITLE": ["proctitle=" + value()],
                 "SYSCALL": ["a0=55d0", "pid=1202", "comm=" + value(), "exe=" + value()], "PATH": ["item=0", "name=" + value()],
                 "USER_CMD": ["pid=7", "msg='op=run cmd=%s acct=%s res=success'" % (value(), value())]}[kind]
        return self.r.choice(["", "node=host1 ", "Jun 15 10:00:00 host1 audispd: "]) + \
            "type=%s msg=audit(1781485200.%03d:%d): %s" % (kind, self.r.randrange(999), self.r.randrange(9999), " ".join(pairs))

    def several_lines(self):
        """One record over several lines."""
        def text():
            return self.case(self.text()).replace("\n", " ").replace("\r", " ")

        def audit():
            event, serial = self.audit_line().replace("\n", " "), self.r.randrange(9999)
            lines = [event] + [self.audit_line().replace("\n", " ") for _ in range(self.r.randrange(4))]
            return [re.sub(r"audit\([^)]*\)", "audit(1781485200.001:%d)" % serial, line) for line in lines]

        def modsec():
            return ["--a1b2c3d4-A--", "[15/Jun/2026:10:00:00 +0900] Xy 192.0.2.7 40 10.0.0.1 80", "--a1b2c3d4-B--",
                    "GET /%s?q=%s HTTP/1.1" % (text(), text()), "Host: " + text(), "User-Agent: " + text(), "", "--a1b2c3d4-H--",
                    'Message: Warning. [id "%s"] [msg "%s"] [data "%s"]' % (text(), text(), text()), "", "--a1b2c3d4-Z--"]

        def aide():
            return ["Start timestamp: 2026-06-15 10:00:00 +0900 (AIDE 0.18)", "", "Added entries:", "---"] + \
                ["f++++++++++++++++: /" + text() for _ in range(self.r.randrange(4))] + ["End timestamp: 2026-06-15 10:00:01 +0900"]

        def xml():
            def value():
                return text().replace("&", "&amp;").replace("<", "&lt;")
            return ['<Event xmlns="x">', "  <System>", "    <Computer>%s</Computer>" % value(), "  </System>"] + \
                ['  <Data Name="%s">%s</Data>' % (self.r.choice(["CommandLine", "Image", "Path"]), value()) for _ in range(3)] + ["</Event>"]

        def table():
            names = self.r.sample(["flag", "num", "CommandLine", "Image", "User", "msg", "act", "user", "url", "src_ip", "message", "event_type",
                                   "action", "category", "file_name", "note", "actions", "cs-method"], self.r.randrange(2, 7))
            tab = self.chance(0.6)

            def cell():
                value = text().replace("\t", " ")
                if tab and self.chance(0.5):
                    value = "".join(c if ord(c) < 127 and c != "\\" else "".join("\\x%02x" % b for b in c.encode("utf-8", "surrogatepass"))
                                    for c in value)
                return value if tab else value.replace(" ", "+") or "-"
            rows = [[self.r.choice(["1781485200.5", "x"])] + [cell() for _ in names] for _ in range(self.r.randrange(1, 6))]
            return [("#fields\t" if tab else "#Fields: ") + ("\t" if tab else " ").join(["ts"] + names)] + \
                [("\t" if tab else " ").join(row) for row in rows]

        def pretty():
            try:
                return json.dumps(json.loads(self.json_line()), indent=2, ensure_ascii=self.chance(0.5)).split("\n")
            except ValueError:
                return ["{", '  "msg": "x",', "}"]
        lines = self.r.choice([audit, audit, modsec, aide, xml, table, table, pretty])()
        if self.chance(0.2):
            lines.insert(self.r.randrange(len(lines) + 1), self.r.choice(["", text(), lines[0]]))
        if self.chance(0.1):
            del lines[self.r.randrange(len(lines))]
        return self.r.choice(["\n", "\n", "\r\n"]).join(lines).encode("utf-8", "surrogatepass")

    def carried(self, text):
        """As collectors and containers write a line that they read."""
        unicode = self.chance(0.12)
        members = [(self.r.choice(["log", "message", "raw", "event.original"]), self.json_string(text, unicode))]
        members += [(n, self.json_value(unicode)) for n in self.r.sample(["stream", "CommandLine", "msg", "User"], self.r.randrange(3))]
        self.r.shuffle(members)
        return self.json_object(members, unicode)

    def line(self):
        """Bytes without the newline at their end."""
        if self.chance(0.03):
            return self.mutate(self.several_lines())
        kind = self.r.choice([self.json_line] * 4 + [self.syslog_line, self.cef_line, self.cef_line, self.access_line, self.audit_line, self.text,
                                                     lambda: self.swap(self.r.choice(self.bases)), lambda: self.swap(self.r.choice(self.bases))])
        text = kind()
        if kind == self.json_line and self.chance(0.15):
            text = self.r.choice(["Jun 15 10:00:00 host1 app[7]: ", " ", "\ufeff", "\\ ", "x\\", "-: ", "Jun 15 10:00:00 host1 shipper -: "]) + text
        if kind in (self.syslog_line, self.cef_line) and self.chance(0.05):
            text = self.r.choice(["192.0.2.7 : <13>", "2026-06-15\t10:00:00\tLocal7.Notice\t192.0.2.7\t",
                                  "2026-06-15 10:00:00\tAuth.Warning\thost1\t1 2026-06-15T10:00:00Z host1 CEF 7 m \ufeff0|V|P|1|7|"]) + text
        if self.chance(0.1):
            text = self.carried(text)
        if self.chance(0.05):
            word = self.piece(self.r.choice(self.words))
            text += base64.b64encode(word.encode()).decode() if self.chance(0.5) else ""
        out = text.encode("utf-8", "surrogatepass")
        if self.chance(0.03):
            out += self.text().encode(self.r.choice(["utf-16-le", "utf-16-be", "cp932"]), "replace")
        return self.mutate(out).replace(b"\n", b" ")

    def swap(self, line):
        """A line of the samples with a word of ours in place of one of its own."""
        words = list(re.finditer(r"[\w.-]+", line))
        for _ in range(self.r.choice([0, 1, 1, 2])):
            w = self.r.choice(words)
            line = line[:w.start()] + self.text().replace('"', "") + line[w.end():]
            words = list(re.finditer(r"[\w.-]+", line)) or words
        return line

    def mutate(self, line):
        if self.chance(0.85) or not line:
            return line
        at = self.r.randrange(len(line))
        return self.r.choice([
            lambda: line[:at], lambda: line[:at] + bytes([self.r.randrange(256)]) + line[at + 1:], lambda: line[:at] + b"\0" + line[at:],
            lambda: line + b"\r", lambda: line[:at] + b"\r" + line[at:], lambda: line[:at] + b"\xff\xfe\xe3\x81" + line[at:],
            lambda: line[:at] + b"\\" + line[at:], lambda: line.replace(b"\\", b"\\\\"), lambda: line.replace(b"\\", b""), lambda: b"",
            lambda: line + b" " + b"x" * self.r.choice([300, 5000]) + line, lambda: line[:at] + line[at:] * self.r.choice([2, 300])])()

    def file(self):
        out = bytearray(b"#separator \\x09\n" if self.chance(0.5) else b"")      # only such a file may name columns
        while len(out) < 2 * WORTH or out.count(b"\n") < 500:
            out += self.line() + b"\n"
            if len(out) > 8 * WORTH:
                break
        return bytes(out[:-1] if self.chance(0.3) else out)


def cut(output):
    return re.sub(rb'"seconds":[0-9.e-]+', b'"seconds":0', output)


class Round:
    """Rules and lines in a folder, and what the ways of looking at them say."""

    def __init__(self, folder, rules, data):
        self.rules, self.path = os.path.join(folder, "rules"), os.path.join(folder, "lines.log")
        shutil.rmtree(self.rules, ignore_errors=True)
        os.mkdir(self.rules)
        for rule in rules:
            with open(os.path.join(self.rules, rule["name"] + ".yaml"), "w", encoding="utf-8") as f:
                json.dump(rule, f, ensure_ascii=False)
        self.write(data)

    def write(self, data):
        with open(self.path, "wb") as f:
            f.write(data)

    def run(self, way, any_logsource):
        prefilter, jobs = way
        p = ctl("replay", "--json", *AS_OF, "--prefilter=" + prefilter, "--jobs", jobs, "--rules", self.rules,
                *(["--any-logsource"] if any_logsource else []), self.path)
        if p.returncode not in (0, 1):
            return b"exit %d: " % p.returncode + p.stderr[-2000:]
        return cut(p.stdout)

    def drop_bad_rules(self):
        """Random patterns and values are not always rules: those that do not load go."""
        for _ in range(20):
            p = ctl("rules", "--rules", self.rules, "lint")
            bad = set(re.findall(r"(eq-\d+\.yaml):\d+:\d+: error", p.stderr.decode("utf-8", "replace")))
            if p.returncode == 0 or not bad:
                return p.returncode == 0
            for name in bad:
                os.unlink(os.path.join(self.rules, name))
        return False


def found(output):
    return {(rule, f["line"]) for f in map(json.loads, output.splitlines()) if f.get("kind") == "finding" for rule in f["rules"]}


def shrink(folder, rules, data, way, any_logsource, pair):
    """To the rule and the line alone, where that still differs."""
    lines, rule = data.split(b"\n"), [r for r in rules if r["name"] == pair[0]]
    smaller = [rule[0]]
    for texts in ([lines[pair[1] - 1]], lines):
        body = b"\n".join(texts) + b"\n"
        body += FILLER * max(0, (WORTH + 4096 - len(body)) // len(FILLER))
        r = Round(folder, smaller, body)
        if r.run(("none", "1"), any_logsource) != r.run(way, any_logsource):
            return "alone" if len(texts) == 1 else "with the lines beside it"
    return "only with the rules beside it"


def report(folder, seed, rules, data, way, any_logsource, want, have):
    print("DIFFERS: SOKUHO_SEED=%d, --prefilter=%s --jobs %s%s" % (seed, *way, " --any-logsource" if any_logsource else ""))
    if want.startswith(b"exit") or have.startswith(b"exit"):
        print(want[:300], have[:300])
        return
    pairs = sorted(found(want) ^ found(have))
    if not pairs:
        for a, b in zip(want.splitlines(), have.splitlines()):
            if a != b:
                print("  %s\n  %s" % (a[:600], b[:600]))
                return
    for pair in pairs[:3]:
        rule = [r for r in rules if r["name"] == pair[0]]
        print("  %s: line %d: %r" % ("lost" if pair in found(want) else "too much", pair[1], data.split(b"\n")[pair[1] - 1][:600]))
        if rule:
            print("  rule: %s" % json.dumps(rule[0], ensure_ascii=True))
            print("  differs %s" % shrink(folder, rules, data, way, any_logsource, pair))
    sys.stdout.flush()


def at_a_limit(output):
    return {rule for f in map(json.loads, output.splitlines()) if f.get("kind") == "finding" for rule in f["rules"]
            if any(reason.startswith("limit: a pattern") for reason in f["reasons"])}


def one_round(folder, seed, counts, without=frozenset()):
    """True when all ways agree.

    Where PCRE2 gives up, the full prefilter may know that there is no match, and then nothing is told: a round that differs
    and has such rules is done again without them. By literals alone nothing may differ."""
    maker = Maker(seed)
    rules = [maker.rule(i) for i in range(60)]
    data = maker.file()
    rules = [r for r in rules if r["name"] not in without]
    r = Round(folder, rules, data)
    if not r.drop_bad_rules():
        print("SOKUHO_SEED=%d: rules that do not load" % seed)
        return False
    for any_logsource in (True, False):
        want = None
        for way in WAYS:
            have = r.run(way, any_logsource)
            if want is None:
                want = have
                if not want.startswith(b"exit"):
                    counts["findings"] += len(found(want))
                    counts["rules"] += len({f[0] for f in found(want)})
                    counts["limits"] += want.count(b"limit: a pattern")
            if have != want and way[0] == "full" and b"exit" not in (want[:4], have[:4]):
                limited = at_a_limit(want)
                if limited:
                    counts["again"] += 1
                    return one_round(folder, seed, counts, without | limited)
            if have != want:
                report(folder, seed, rules, data, way, any_logsource, want, have)
                return False
    return True


def corpora(folder):
    """The shipped rules over what is there of real logs."""
    corpus = os.path.join(SHARED, "corpus")
    if not os.path.isdir(corpus):
        print("the corpus (../shared/corpus) is not here: random lines only")
        return True
    path, same = os.path.join(folder, "corpus.log"), True
    with open(path, "wb") as out:
        for name in sorted(glob.glob(os.path.join(corpus, "benign", "*.log"))):
            out.write(open(name, "rb").read().rstrip(b"\n") + b"\n")
        for name in sorted(glob.glob(os.path.join(corpus, "*.jsonl"))):
            for case in open(name, encoding="utf-8"):
                out.write("\n".join(json.loads(case)["lines"]).encode() + b"\n")
    for extra, ways in (([], WAYS[:3]), (["--any-logsource"], WAYS[::3])):
        outputs = [cut(ctl("replay", "--json", *AS_OF, "--all-implicated", "--prefilter=" + p, "--jobs", j, *extra, path).stdout)
                   for p, j in ways]
        if len(set(outputs)) != 1 or len(found(outputs[0])) < 100:
            print("DIFFERS on the corpus %s: %s" % (extra, [len(found(o)) for o in outputs]))
            same = False
    return same


def main():
    need_programs()
    seconds = float(os.environ.get("SECONDS", "12"))
    first = int(os.environ.get("SOKUHO_SEED", random.SystemRandom().randrange(1 << 31)))
    folder, counts = tempfile.mkdtemp(), dict(findings=0, rules=0, limits=0, again=0)
    print("SOKUHO_SEED=%d (a round each; SOKUHO_SEED= repeats, SECONDS= runs longer)" % first)
    good, rounds = "SOKUHO_SEED" in os.environ or corpora(folder), 0
    end = time.monotonic() + seconds
    while rounds == 0 or ("SOKUHO_SEED" not in os.environ and time.monotonic() < end):
        good = one_round(folder, first + rounds, counts) and good
        rounds += 1
    shutil.rmtree(folder)
    print("%d rounds (%d again), %d findings of %d rules, %d at a limit: %s" % (
        rounds, counts["again"], counts["findings"], counts["rules"], counts["limits"], "all ways agree" if good else "DIFFERENCES"))
    sys.exit(0 if good and counts["findings"] > 50 * rounds else 1)


if __name__ == "__main__":
    main()
