"""Inputs of the benchmark, made by a seed: logs as a company has them, and rules for them.

A log is 43 % syslog, 20 % Suricata EVE, 20 % access log, 8 % proxy, 7 % CEF and 2 % near misses, which hold the words of a rule
without matching it. Rules come in nested sets, one in twenty without a literal; the first ones match."""
import random
import re

HOSTS = ["web1", "web2", "db1", "mx1", "fw1", "files", "app7", "app8", "ids1", "proxy2"]
USERS = ["tanaka", "suzuki", "sato", "ito", "backup", "deploy", "www-data", "root"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
          "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0", "curl/7.88.1", "Go-http-client/2.0"]
PATHS = ["/", "/index.html", "/static/app.js", "/api/v1/orders?page=%d", "/images/%d.png", "/login", "/favicon.ico", "/docs/%d/edit"]
SYLLABLES = ["ba", "do", "ke", "li", "mo", "nu", "ra", "sei", "to", "vex", "zan", "qui", "pho", "gur", "tal", "wyn"]


class Log:
    def __init__(self, seed, share=0.001, long=False):
        self.r, self.share, self.long, self.second = random.Random(seed), share, long, 0

    def ip(self):
        return "10.%d.%d.%d" % (self.r.randrange(4), self.r.randrange(256), self.r.randrange(1, 255))

    def far(self):
        return "%d.%d.%d.%d" % (self.r.randrange(45, 185), self.r.randrange(256), self.r.randrange(256), self.r.randrange(1, 255))

    def clock(self):
        self.second += self.r.random() < 0.03
        s = self.second
        return 1 + s // 86400 % 28, s // 3600 % 24, s // 60 % 60, s % 60

    def head(self, program):
        return "Jun %2d %02d:%02d:%02d %s %s[%d]: " % (*self.clock(), self.r.choice(HOSTS), program, self.r.randrange(300, 32000))

    def iso(self):
        return "2026-06-%02dT%02d:%02d:%02d.%06d+0900" % (*self.clock(), self.r.randrange(1000000))

    def syslog(self):
        r = self.r
        kind = r.randrange(9)
        if kind < 2:
            return self.head("sshd") + "Accepted publickey for %s from %s port %d ssh2: ED25519 SHA256:%032x" % (
                r.choice(USERS), self.ip(), r.randrange(1024, 65000), r.getrandbits(128))
        if kind == 2:
            return self.head("sshd") + "pam_unix(sshd:session): session opened for user %s(uid=%d) by (uid=0)" % (r.choice(USERS), r.randrange(2000))
        if kind == 3:
            return self.head("postfix/smtp") + "%010X: to=<%s@example.net>, relay=mx.example.net[%s]:25, delay=0.%d, dsn=2.0.0, status=sent (250 2.0.0 Ok)" % (
                r.getrandbits(40), r.choice(USERS), self.far(), r.randrange(99))
        if kind < 6:
            return self.head("kernel") + "ACCEPT IN=eth0 OUT=eth1 MAC=00:16:3e:%02x:%02x:%02x SRC=%s DST=%s LEN=%d TTL=63 ID=%d DF PROTO=TCP SPT=%d DPT=443 SYN" % (
                r.randrange(256), r.randrange(256), r.randrange(256), self.ip(), self.far(), r.randrange(40, 1500), r.randrange(65536), r.randrange(1024, 65000))
        if kind == 6:
            return self.head("CRON") + "(root) CMD (cd / && run-parts --report /etc/cron.hourly)"
        if kind == 7:
            return self.head("named") + "client @0x7f%010x %s#%d (www.example.jp): query: www.example.jp IN A +E(0)" % (
                r.getrandbits(40), self.ip(), r.randrange(1024, 65000))
        return self.head("clamd") + "/var/spool/mail/%016x/message.eml: OK" % r.getrandbits(64)

    def eve(self):
        r = self.r
        event = r.choice(["flow", "flow", "dns", "http", "tls", "alert"])
        extra = {"flow": '"flow":{"pkts_toserver":%d,"pkts_toclient":%d,"bytes_toserver":%d,"state":"closed","reason":"timeout"}' % (
                     r.randrange(5000), r.randrange(5000), r.randrange(5000000)),
                 "dns": '"dns":{"type":"query","id":%d,"rrname":"cdn%d.example.com","rrtype":"A","tx_id":0}' % (r.randrange(65536), r.randrange(900)),
                 "http": '"http":{"hostname":"update.example.org","url":"%s","http_user_agent":"%s","http_method":"GET","status":200,"length":%d}' % (
                     self.path().replace("/", "\\/"), r.choice(AGENTS).replace("/", "\\/"), r.randrange(90000)),
                 "tls": '"tls":{"subject":"CN=*.example.com","issuerdn":"C=JP, O=Example CA","serial":"%032X","sni":"api.example.com","version":"TLS 1.3"}' % r.getrandbits(128),
                 "alert": '"alert":{"action":"allowed","gid":1,"signature_id":%d,"rev":3,"signature":"ET INFO Observed Package Update %d","category":"Misc activity","severity":3}' % (
                     2000000 + r.randrange(50000), r.randrange(900))}[event]
        return '{"timestamp":"%s","flow_id":%d,"in_iface":"eth1","event_type":"%s","src_ip":"%s","src_port":%d,"dest_ip":"%s","dest_port":443,"proto":"TCP","app_proto":"tls",%s}' % (
            self.iso(), r.getrandbits(50), event, self.ip(), r.randrange(1024, 65000), self.far(), extra)

    def path(self):
        path = self.r.choice(PATHS)
        return path % self.r.randrange(9999) if "%" in path else path

    def access(self):
        r = self.r
        return '%s - - [%02d/Jun/2026:%02d:%02d:%02d +0900] "GET %s HTTP/1.1" %d %d "https://www.example.jp/" "%s"' % (
            self.far(), *self.clock(), self.path(), r.choice([200, 200, 200, 304, 404]), r.randrange(90000), r.choice(AGENTS))

    def proxy(self):
        r = self.r
        return "%d.%03d %6d %s TCP_TUNNEL/200 %d CONNECT api%d.example.com:443 %s HIER_DIRECT/%s -" % (
            1780000000 + self.clock()[3], r.randrange(1000), r.randrange(90000), self.ip(), r.randrange(900000), r.randrange(90), r.choice(USERS), self.far())

    def cef(self):
        r = self.r
        return "Jun %2d %02d:%02d:%02d fw1 CEF:0|Example|Gate|7.1|%d|traffic|3|src=%s dst=%s spt=%d dpt=443 proto=TCP act=allow cn1=%d cn1Label=bytes msg=session %d closed" % (
            *self.clock(), r.randrange(100, 900), self.ip(), self.far(), r.randrange(1024, 65000), r.randrange(900000), r.getrandbits(30))

    def near_miss(self):
        r = self.r
        return r.choice([lambda: self.head("sshd") + "Failed password rules are described in the handbook",
                         lambda: self.head("app") + "the word UNION and the word SELECT, %d times" % r.randrange(9),
                         lambda: self.head("clamd") + "nothing FOUND in %s" % self.path()])()

    def match(self):
        return self.head("sshd") + "Failed password for invalid user %s from %s port %d ssh2" % (
            self.r.choice(USERS), self.far(), self.r.randrange(1024, 65000)) if self.r.random() < 0.5 else self.eve().replace(
                '"proto"', '"note":"%s beacon","proto"' % family(self.r.randrange(3)))

    def line(self):
        if self.r.random() < self.share:
            line = self.match()
        else:
            line = self.r.choices((self.syslog, self.eve, self.access, self.proxy, self.cef, self.near_miss), (43, 20, 20, 8, 7, 2))[0]()
        if self.long:
            want, words = self.r.randrange(4096, 65536), []
            while want > 0:
                words.append("%x/%s" % (self.r.getrandbits(48), self.r.choice(SYLLABLES)))
                want -= len(words[-1]) + 1
            pad = " ".join(words)
            line = line[:-1] + ',"pad":"' + pad.replace("/", "\\/") + '"}' if line.endswith("}") else line + " " + pad
        return line

    def write(self, path, megabytes):
        left = megabytes * 1000000
        with open(path, "w", encoding="ascii") as f:
            while left > 0:
                left -= f.write(self.line() + "\n")


def family(i):
    """A made-up name, the same for the same number."""
    r = random.Random(i * 7919 + 17)
    return "".join(r.choice(SYLLABLES) for _ in range(3)).capitalize() + str(i % 97)


def rule(i):
    """Pattern and whether it is caseless; it compiles with PCRE2, Perl and ripgrep alike."""
    name = family(i)
    if i % 20 == 19:        # no literal that is rare
        return [(r"\b[0-9a-f]{%d}\b" % (40 + i // 20 % 40), False), (r"(?: [A-Z0-9]{4}){%d}" % (7 + i // 20 % 9), False),
                (r"[A-Za-z0-9+/]{%d,}=" % (120 + i // 20), False), (r"\s\d{2,3}(?:\.\d{1,3}){3}\s+\d{4,5}\s+[a-z]{9}\s", False)][i // 20 % 4]
    shapes = [
        (r"sshd\[\d+\]: Failed password for (?:invalid user )?(?P<user>\S+) from (?P<src>[0-9a-fA-F.:]+) port \d+", False),
        (r'"note":"%s (?P<what>[^"]*)"' % family(i // 6 % 3), False),
        (r"(?:union|%s)\s+(?:all\s+)?select\s.*from\s+\w+" % name.lower(), True),
    ] if i < 12 else []
    shapes += [
        (r"%s\[\d+\]: (?:error|denied) for (?P<user>\S+) from (?P<src>[0-9a-fA-F.:]+)" % name.lower(), False),
        (r'"signature":"ET [A-Z]+ %s [^"]*"' % name, False),
        (r'"(?:GET|POST) /%s/[^" ]*\.php\?[a-z]+=\d+' % name.lower(), False),
        (r"(?P<path>/\S+): (?:Win|Unix)\.[A-Za-z]+\.%s-\d+(?:-\d+)? FOUND$" % name, False),
        (r"\|%s\|\d+\|.*\bact=(?P<act>\w+)" % name, False),
        (r"(?:%s|%s|%s)/\d+\.\d+" % (name, family(i + 1000), family(i + 2000)), True),
    ]
    return shapes[i % len(shapes)]


def rules(n, literal_only=False):
    kept = [(i, *rule(i)) for i in range(n * 2 if literal_only else n) if not (literal_only and i % 20 == 19)]
    return kept[:n]


def sigma(kept):
    return "---\n".join(
        "title: bench %d\nid: 00000000-0000-4000-8000-%012d\nname: bench-%d\nstatus: test\nlogsource: {category: bench}\n"
        "detection:\n  line:\n    '|re%s': '%s'\n  condition: line\nlevel: low\n" % (i, i, i, "|i" if caseless else "", pattern.replace("'", "''"))
        for i, pattern, caseless in kept)


def plain(kept):
    """One pattern a line, without names, which may stand only once in all of them together."""
    return "".join(("(?i:%s)\n" if caseless else "%s\n") % re.sub(r"\(\?P<\w+>", "(?:", pattern) for _, pattern, caseless in kept)


def sec(kept):
    return "".join("type=Single\nptype=RegExp\ncontinue=TakeNext\npattern=%s%s\ndesc=rule %d\naction=none\n\n" % ("(?i)" if caseless else "", pattern, i)
                   for i, pattern, caseless in kept)
