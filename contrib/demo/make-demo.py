#!/usr/bin/env python3
"""Writes the bundled day of logs: Monday 2026-06-15 at a company that does not exist.

The logs are kept in the tree; this script shows how they came to be and writes the same bytes
again (fixed seed, no clock, no network). People are u1001..., hosts ws-0101..., the company is
example.jp, outside addresses are those of RFC 5737. Malware names are those that products
print; no line carries anything harmful.

    python3 make-demo.py [DIRECTORY]        default: logs/ beside this file

What sokuhod must say about it stands in expected.yaml, written by hand from the notice.
"""

import datetime
import json
import pathlib
import random
import sys

R = random.Random(20260615)
JST = datetime.timezone(datetime.timedelta(hours=9))
DAY = datetime.datetime(2026, 6, 15, tzinfo=JST)

DEFENCE = list(range(101, 125))         # ws-0101..ws-0124, 10.10.11.0/24
CIVIL = list(range(201, 231))           # ws-0201..ws-0230, 10.10.20.0/24
OFFICE = list(range(301, 311))          # ws-0301..ws-0310, 10.10.30.0/24
SERVERS = {
    "def-fs1": "10.10.10.11", "def-cad1": "10.10.10.12", "pt-web1": "10.10.81.10",
    "ext-sv1": "10.10.81.20", "www1": "10.10.80.10", "mx1": "10.10.40.25",
    "dns1": "10.10.40.53", "log1": "10.10.40.14", "proxy1": "10.10.40.80",
}
ADMINS = ["u5001", "u5002"]
ADMIN_IP = "10.10.40.101"
MAIL_OUT = [("supplier.example.com", "198.51.100.25"), ("parts.example.net", "198.51.100.41"),
            ("news.example.org", "203.0.113.25"), ("customer.example.com", "203.0.113.44")]
SITES = [("www.example.com", "198.51.100.80"), ("docs.example.net", "198.51.100.81"),
         ("update.example.com", "203.0.113.80"), ("cdn.example.org", "203.0.113.81"),
         ("weather.example.net", "203.0.113.82"), ("parts.example.net", "198.51.100.41")]

files = {}


def host(n):
    return f"ws-{n:04d}"


def address(n):
    return f"10.10.{ {1: 11, 2: 20, 3: 30, 4: 60}[n // 100] }.{n % 100}"


def user(n):
    return f"u{n // 100}{n % 100:03d}"


def at(text):
    """A time of the day: '09:11:40' or seconds since midnight."""
    if isinstance(text, str):
        h, m, s = (int(x) for x in text.split(":"))
        text = h * 3600 + m * 60 + s
    return DAY + datetime.timedelta(seconds=text)


def work():
    """A moment at which people work."""
    return R.choice([R.uniform(8.4, 12.1), R.uniform(12.9, 17.6), R.uniform(8.4, 19.5)]) * 3600


def whole_day():
    return R.uniform(60, 86340)


def put(name, time, line):
    files.setdefault(name, []).append((time, line))


def syslog(name, time, where, program, text):
    put(name, time, f"{time:%b} {time.day:2d} {time:%H:%M:%S} {where} {program}: {text}")


def messages(time, where, program, text):
    syslog("messages.log", time, where, program, text)


# ---------------------------------------------------------------- routine: messages

def routine_cron():
    for where in ("log1", "www1", "mx1"):
        for hour in range(24):
            for minute in (0, 20, 40):
                t = at(hour * 3600 + minute * 60 + 1)
                pid = R.randint(2000, 60000)
                messages(t, where, f"CRON[{pid}]", "pam_unix(cron:session): session opened for "
                         "user root(uid=0) by (uid=0)")
                messages(t, where, f"CRON[{pid + 1}]",
                         "(root) CMD (/usr/local/sbin/collect-metrics >/dev/null 2>&1)")
                messages(t, where, f"CRON[{pid}]",
                         "pam_unix(cron:session): session closed for user root")


def routine_systemd():
    units = [("logrotate.service", "Rotate log files"), ("apt-daily.service",
             "Daily apt download activities"), ("man-db.service", "Daily man-db regeneration"),
             ("fstrim.service", "Discard unused filesystem blocks"),
             ("systemd-tmpfiles-clean.service", "Cleanup of Temporary Directories")]
    for where in list(SERVERS) + [host(n) for n in DEFENCE[:10]]:
        for unit, title in R.sample(units, 3):
            t = whole_day()
            messages(at(t), where, "systemd[1]", f"Starting {unit} - {title}...")
            messages(at(t + 2), where, "systemd[1]", f"{unit}: Deactivated successfully.")
            messages(at(t + 2), where, "systemd[1]", f"Finished {unit} - {title}.")


def routine_ssh():
    for _ in range(70):
        where = R.choice(list(SERVERS))
        who = R.choice(ADMINS)
        t = work()
        pid = R.randint(2000, 60000)
        port = R.randint(40000, 60000)
        if R.random() < 0.12:           # somebody mistypes a passphrase once
            messages(at(t - 9), where, f"sshd[{pid}]",
                     f"Failed password for {who} from {ADMIN_IP} port {port} ssh2")
        messages(at(t), where, f"sshd[{pid}]", f"Accepted publickey for {who} from {ADMIN_IP} "
                 f"port {port} ssh2: ED25519 SHA256:{R.getrandbits(160):040x}")
        messages(at(t), where, f"sshd[{pid}]", "pam_unix(sshd:session): session opened for user "
                 f"{who}(uid=5001) by (uid=0)")
        if R.random() < 0.6:
            command = R.choice(["/usr/bin/systemctl status rsyslog", "/usr/bin/apt-get update",
                                "/usr/bin/journalctl -n 50", "/usr/bin/tail /var/log/messages"])
            messages(at(t + 20), where, "sudo", f"{who:>8} : TTY=pts/0 ; PWD=/home/{who} ; "
                     f"USER=root ; COMMAND={command}")
        messages(at(t + R.randint(60, 1500)), where, f"sshd[{pid}]",
                 f"pam_unix(sshd:session): session closed for user {who}")


def routine_probes():
    """The Internet knocks at the host that is reachable: one or two tries each, never in."""
    for _ in range(22):
        source = f"{R.choice(['198.51.100', '203.0.113', '192.0.2'])}.{R.randint(100, 250)}"
        name = R.choice(["root", "admin", "test", "oracle", "ubuntu"])
        t = whole_day()
        pid = R.randint(2000, 60000)
        port = R.randint(30000, 60000)
        if name != "root":
            messages(at(t), "ext-sv1", f"sshd[{pid}]",
                     f"Invalid user {name} from {source} port {port}")
        messages(at(t + 1), "ext-sv1", f"sshd[{pid}]", f"Connection closed by "
                 f"{'authenticating' if name == 'root' else 'invalid'} user {name} {source} "
                 f"port {port} [preauth]")


def routine_kernel():
    for n in DEFENCE + CIVIL[:6]:
        t = R.uniform(8.2, 9.2) * 3600
        up = R.uniform(10, 40)
        where = host(n)
        messages(at(t), where, "kernel", f"[{up:12.6f}] usb 1-4: New USB device found, "
                 "idVendor=046d, idProduct=c077, bcdDevice=72.00")
        messages(at(t), where, "kernel", f"[{up + .01:12.6f}] usb 1-4: Product: USB Optical Mouse")
        messages(at(t + 1), where, "kernel", f"[{up + 1.2:12.6f}] e1000e 0000:00:1f.6 eno1: NIC "
                 "Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx")
        messages(at(t + 3), where, "NetworkManager[612]", f"<info>  dhcp4 (eno1): state changed "
                 f"new lease, address={address(n)}")
    t = at("11:20:10")                  # a stick at a PC that is not ours to report, nothing on it
    messages(t, "ws-0212", "kernel", "[10210.220114] usb 2-1: New USB device found, "
             "idVendor=0781, idProduct=5567, bcdDevice= 1.00")
    messages(t, "ws-0212", "kernel", "[10211.301877] sd 6:0:0:0: [sdb] Attached SCSI removable disk")
    messages(at("11:41:02"), "ws-0212", "kernel", "[11462.118201] usb 2-1: USB disconnect, "
             "device number 5")


# ---------------------------------------------------------------- routine: clamd

def clamd(time, where, text, pid=880):
    syslog("clamd.log", time, where, f"clamd[{pid}]", text)


def routine_clamd():
    hosts = ["www1", "def-fs1", "ext-sv1", "ws-0102", "ws-0108", "ws-0110", "ws-0116"]
    for where in hosts:
        for hour in range(0, 24):
            clamd(at(hour * 3600 + R.randint(0, 3500)), where,
                  "SelfCheck: Database status OK.")
        t = 3 * 3600 + R.randint(0, 1200)
        clamd(at(t), where, "Reading databases from /var/lib/clamav")
        clamd(at(t + 9), where, "Database correctly reloaded (8707432 signatures)")
    # The monthly function test with the harmless EICAR file
    clamd(at("16:30:05"), "ws-0110", "/home/u1010/test/eicar.com: Win.Test.EICAR_HDB-1 FOUND")


# ---------------------------------------------------------------- routine: mail

def queue_id():
    return f"4{R.getrandbits(36):09X}"


def mail(time, text, program="postfix/smtpd"):
    syslog("maillog.log", time, "mx1", f"{program}[{R.randint(1200, 9800)}]", text)


def amavis(time, text):
    syslog("maillog.log", time, "mx1", f"amavis[{R.randint(1200, 9800)}]", text)


def recipient(numbers):
    return f"{user(R.choice(numbers))}@example.jp"


def routine_mail():
    for i in range(105):
        domain, ip = R.choice(MAIL_OUT)
        to = recipient(DEFENCE + CIVIL + OFFICE)
        sender = f"{R.choice(['order', 'info', 'sales', 'support'])}@{domain}"
        t = work()
        q1, q2 = queue_id(), queue_id()
        size = R.randint(2400, 900000)
        mail(at(t), f"connect from mail.{domain}[{ip}]")
        mail(at(t + 1), f"{q1}: client=mail.{domain}[{ip}]")
        mail(at(t + 1), f"{q1}: message-id=<{R.getrandbits(48):012x}@{domain}>",
             "postfix/cleanup")
        mail(at(t + 1), f"{q1}: from=<{sender}>, size={size}, nrcpt=1 (queue active)",
             "postfix/qmgr")
        amavis(at(t + 2), f"({i:05d}-01) Passed CLEAN {{RelayedInbound}}, [{ip}]:"
               f"{R.randint(30000, 60000)} [{ip}] <{sender}> -> <{to}>, Queue-ID: {q1}, "
               f"mail_id: {R.getrandbits(60):015x}, Hits: {R.uniform(-3, 2):.3f}, size: {size}, "
               f"queued_as: {q2}, {R.randint(180, 2400)} ms")
        mail(at(t + 2), f"{q2}: to=<{to}>, relay=mbx1.example.jp[10.10.40.26]:25, delay=1.2, "
             "delays=0.3/0/0.2/0.7, dsn=2.6.0, status=sent (250 2.6.0 Queued mail for delivery)",
             "postfix/smtp")
        mail(at(t + 3), f"{q1}: removed", "postfix/qmgr")
    for _ in range(45):                 # spam that nobody lets in
        ip = f"203.0.113.{R.randint(120, 250)}"
        mail(at(whole_day()), f"NOQUEUE: reject: RCPT from unknown[{ip}]: 554 5.7.1 Service "
             f"unavailable; Client host [{ip}] blocked using zen.example.net; "
             f"from=<win@lottery.example.org> to=<{recipient(CIVIL)}> proto=ESMTP helo=<mail>")
    for i in range(12):
        ip = f"198.51.100.{R.randint(120, 250)}"
        amavis(at(whole_day()), f"({i + 600:05d}-02) Blocked SPAM {{DiscardedInbound,Quarantined}}"
               f", [{ip}]:{R.randint(30000, 60000)} [{ip}] <offer@shop.example.org> -> "
               f"<{recipient(CIVIL + OFFICE)}>, quarantine: s/spam-{R.getrandbits(40):010x}.gz, "
               f"Hits: {R.uniform(8, 22):.2f}, size: {R.randint(2000, 40000)}, 611 ms")


# ---------------------------------------------------------------- routine: network

def eve(time, kind, source, sport, target, dport, proto, **more):
    record = {"timestamp": f"{time:%Y-%m-%dT%H:%M:%S}.{R.randint(0, 999999):06d}+0900",
              "flow_id": R.getrandbits(50), "in_iface": "ens192", "event_type": kind,
              "src_ip": source, "src_port": sport, "dest_ip": target, "dest_port": dport,
              "proto": proto}
    record.update(more)
    put("eve.json", time, json.dumps(record, separators=(",", ":")))


def alert(time, source, sport, target, dport, sid, name, category, severity, action,
          proto="TCP", **more):
    eve(time, "alert", source, sport, target, dport, proto,
        alert={"action": action, "gid": 1, "signature_id": sid, "rev": 2, "signature": name,
               "category": category, "severity": severity}, **more)


def routine_network():
    inside = [address(n) for n in DEFENCE + CIVIL + OFFICE] + ["10.10.60.3", "10.10.60.4"]
    for _ in range(260):
        t, ip = work(), R.choice(inside)
        site, target = R.choice(SITES)
        sport = R.randint(49200, 65000)
        eve(at(t), "dns", ip, R.randint(49200, 65000), SERVERS["dns1"], 53, "UDP",
            dns={"version": 2, "type": "query", "id": R.randint(1, 65535), "rrname": site,
                 "rrtype": R.choice(["A", "A", "AAAA"]), "tx_id": 0, "opcode": 0})
        if R.random() < 0.75:
            eve(at(t), "tls", ip, sport, target, 443, "TCP",
                tls={"sni": site, "version": "TLS 1.3"})
        else:
            eve(at(t), "http", ip, sport, target, 80, "TCP", tx_id=0,
                http={"hostname": site, "url": R.choice(["/", "/index.html", "/css/site.css",
                                                         "/news/2026/06.html"]),
                      "http_user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
                      "http_method": "GET", "protocol": "HTTP/1.1", "status": 200,
                      "length": R.randint(400, 90000)})
        eve(at(t + R.randint(1, 90)), "flow", ip, sport, target, 443, "TCP", app_proto="tls",
            flow={"pkts_toserver": R.randint(8, 90), "pkts_toclient": R.randint(8, 140),
                  "bytes_toserver": R.randint(900, 40000), "bytes_toclient":
                  R.randint(1200, 900000), "state": "closed", "reason": "timeout",
                  "alerted": False})
    for _ in range(24):                 # what every sensor at the edge sees all day
        source = f"{R.choice(['198.51.100', '203.0.113'])}.{R.randint(100, 250)}"
        sid, name, category = R.choice([
            (2001219, "ET SCAN Potential SSH Scan", "Attempted Information Leak"),
            (2010935, "ET SCAN Suspicious inbound to MSSQL port 1433", "Potentially Bad Traffic"),
            (2002911, "ET SCAN Potential VNC Scan 5900-5920", "Attempted Information Leak"),
            (2402000, "ET DROP Dshield Block Listed Source group 1", "Misc Attack")])
        alert(at(whole_day()), source, R.randint(30000, 60000),
              R.choice([SERVERS["www1"], SERVERS["pt-web1"], SERVERS["ext-sv1"]]),
              R.choice([22, 1433, 5900]), sid, name, category, 2, "blocked")
    for _ in range(14):
        alert(at(work()), R.choice(inside[24:]), R.randint(49200, 65000), "203.0.113.80", 80,
              2013504, "ET INFO GNU/Linux APT User-Agent Outbound likely related to package "
              "management", "Not Suspicious Traffic", 3, "allowed")


# ---------------------------------------------------------------- routine: web

AGENTS = ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/125.0 Safari/537.36", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) "
          "AppleWebKit/605.1.15", "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 "
          "Firefox/126.0"]
PAGES = ["/", "/company/", "/products/", "/products/pump.html", "/recruit/", "/contact/",
         "/topics/", "/topics/20260601.html", "/css/site.css", "/js/menu.js", "/img/logo.png",
         "/favicon.ico", "/sitemap.xml", "/en/"]


def access(time, source, request, status, size, referrer="-", agent=None):
    put("access.log", time, f'{source} - - [{time:%d/%b/%Y:%H:%M:%S} +0900] "{request}" '
        f'{status} {size} "{referrer}" "{agent or R.choice(AGENTS)}"')


def routine_web():
    for _ in range(150):
        source = f"{R.choice(['198.51.100', '203.0.113', '192.0.2'])}.{R.randint(1, 254)}"
        t = R.choice([work(), whole_day()])
        agent = R.choice(AGENTS)
        for i in range(R.randint(1, 5)):
            page = R.choice(PAGES)
            access(at(min(t + i, 86300)), source, f"GET {page} HTTP/1.1",
                   R.choice([200, 200, 200, 304]), R.randint(300, 60000),
                   "https://www.example.jp/" if i else "-", agent)
    for _ in range(60):
        access(at(whole_day()), "192.0.2.66", f"GET {R.choice(PAGES)} HTTP/1.1", 200,
               R.randint(300, 60000), "-", "Mozilla/5.0 (compatible; ExampleBot/2.1; "
               "+http://www.example.org/bot.html)")
    for _ in range(30):                 # addresses that people remember wrongly
        access(at(whole_day()), f"203.0.113.{R.randint(1, 254)}",
               f"GET {R.choice(['/index.php', '/topics/2024.html', '/robots.txt', '/ads.txt'])} "
               "HTTP/1.1", 404, 196)


# ---------------------------------------------------------------- routine: antivirus manager

def apex(time, event, name, text, severity=3):
    utc = time.astimezone(datetime.timezone.utc)
    header = f"{time:%b} {time.day:2d} {time:%H:%M:%S} av1 "
    put("antivirus.cef.log", time, header + f"CEF:0|Trend Micro|Apex Central|2019|{event}|{name}|"
        f"{severity}|deviceExternalId={R.randint(1000, 9999)} rt={utc:%b %d %Y %H:%M:%S} "
        f"GMT+00:00 {text}")


def detection(time, n, action, name, folder, file, mode="Real-time Scan"):
    apex(at(time), f"AV:{action}", name, f"cnt=1 dhost={host(n).upper()} duser={user(n)} "
         f"act={action} cs1Label=VLF_FunctionCode cs1={mode} cs5Label=VLF_FirstActionResult "
         f"cs5={action} dvchost=AV1 fname={file} filePath={folder} dst={address(n)} "
         "deviceNtDomain=SAMPLE")


def routine_antivirus():
    for _ in range(70):
        n = R.choice(CIVIL + OFFICE)
        apex(at(work()), "WB:7", "7", f"app=17 cntLabel=AggregatedCount cnt=1 dpt=80 act=1 "
             f"src={address(n)} cs1Label=SLF_PolicyName cs1=Internal User Policy "
             "deviceDirection=2 cat=36 dvchost=AV1 request=http://ads.example.org/banner/"
             f"{R.randint(1, 99)}.js duser={user(n)} shost={host(n).upper()}")


# ---------------------------------------------------------------- what happened that day

def incident_site_changed():
    """Malware in the pages of the company's own site."""
    clamd(at("03:20:10"), "www1", "/srv/www/htdocs/topics/index.html: "
          "Html.Malware.IframeInject-6612345-1 FOUND", 990)
    clamd(at("03:20:14"), "www1", "/srv/www/htdocs/js/menu.js: "
          "Html.Malware.IframeInject-6612345-1 FOUND", 990)


def incident_flood():
    """A server of a defence department is overrun."""
    t = 4 * 3600 + 600
    for i in range(3):
        messages(at(t + i * 61), "pt-web1", "kernel", f"[{881201.12 + i * 61:.6f}] TCP: "
                 "request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.  Check "
                 "SNMP counters.")
    for i in range(6):
        messages(at(t + 20 + i * 20), "pt-web1", "kernel", f"[{881221.2 + i * 20:.6f}] "
                 "nf_conntrack: nf_conntrack: table full, dropping packet")


def incident_mail():
    """An infected attachment is delivered, and found where Outlook puts opened attachments."""
    q1, q2 = "4C11A802E1", "4C11A802F7"
    sender, to, ip = "seikyu@billing.example.net", "u1004@example.jp", "198.51.100.177"
    mail(at("09:02:11"), f"connect from unknown[{ip}]")
    mail(at("09:02:12"), f"{q1}: client=unknown[{ip}]")
    mail(at("09:02:12"), f"{q1}: from=<{sender}>, size=184220, nrcpt=1 (queue active)",
         "postfix/qmgr")
    amavis(at("09:02:14"), "(02211-07) Passed INFECTED (Doc.Downloader.Emotet-9876543-0) "
           f"{{RelayedTaintedInbound}}, [{ip}]:40120 [{ip}] <{sender}> -> <{to}>, Queue-ID: {q1}, "
           "Message-ID: <20260615000210.99@billing.example.net>, mail_id: kPq1xT0aZb3F, Hits: -, "
           f"size: 184220, queued_as: {q2}, 912 ms")
    mail(at("09:02:14"), f"{q2}: to=<{to}>, relay=mbx1.example.jp[10.10.40.26]:25, delay=1.2, "
         "delays=0.3/0/0.2/0.7, dsn=2.6.0, status=sent (250 2.6.0 Queued mail for delivery)",
         "postfix/smtp")
    detection("09:11:40", 104, "Unable to clean", "TROJ_EMOTET.SMD",
              "C:\\\\Users\\\\u1004\\\\AppData\\\\Local\\\\Microsoft\\\\Windows\\\\INetCache\\\\"
              "Content.Outlook\\\\9QX1", "seikyu_0615.docm")


def incident_removable():
    """A stick is plugged in and clamd finds something on it."""
    messages(at("10:40:01"), "ws-0102", "kernel", "[ 7811.402211] usb 1-2: New USB device found, "
             "idVendor=0951, idProduct=1666, bcdDevice= 1.10")
    messages(at("10:40:01"), "ws-0102", "kernel", "[ 7811.402219] usb 1-2: Product: DataTraveler "
             "3.0")
    messages(at("10:40:02"), "ws-0102", "kernel", "[ 7812.512204] usb-storage 1-2:1.0: USB Mass "
             "Storage device detected")
    messages(at("10:40:03"), "ws-0102", "kernel", "[ 7813.611190] sd 6:0:0:0: [sdb] Attached SCSI "
             "removable disk")
    clamd(at("10:40:21"), "ws-0102", "/media/u1002/USBDATA/autorun.exe: "
          "Win.Worm.Autorun-2291-1 FOUND", 661)


def incident_callback():
    """A defence PC calls out, and the sensor only looks on; another call is blocked."""
    for i, t in enumerate(("13:02:10", "13:17:11", "13:32:09", "13:47:12", "14:02:10")):
        alert(at(t), address(107), 50102 + i * 40, "203.0.113.66", 443, 2032362,
              "ET MALWARE Cobalt Strike Beacon Observed",
              "Malware Command and Control Activity Detected", 1, "allowed", app_proto="tls")
    alert(at("15:21:44"), address(120), 51844, "198.51.100.144", 80, 2035002,
          "ET MALWARE Win32/Emotet CnC Activity (POST)",
          "Malware Command and Control Activity Detected", 1, "blocked", app_proto="http")


def incident_inside():
    """One defence PC attacks another over the network."""
    for i, t in enumerate(("14:31:02", "14:31:09", "14:31:40")):
        alert(at(t), address(112), 50200 + i, address(115), 445, 2025649,
              "ET EXPLOIT Possible ETERNALBLUE MS17-010 Echo Request (set)",
              "A Network Trojan was detected", 1, "allowed", app_proto="smb")


def incident_logon():
    """Passwords are guessed from outside until one fits."""
    t = 2 * 3600 + 40 * 60
    source = "198.51.100.77"
    for i in range(26):
        name = R.choice(["root", "admin", "u1015", "u1015"])
        messages(at(t + i * 5), "ext-sv1", f"sshd[{9100 + i}]", "Failed password for "
                 f"{'invalid user ' if name == 'admin' else ''}{name} from {source} port "
                 f"{41000 + i} ssh2")
    messages(at(t + 134), "ext-sv1", "sshd[9131]",
             f"Accepted password for u1015 from {source} port 41031 ssh2")
    messages(at(t + 134), "ext-sv1", "sshd[9131]",
             "pam_unix(sshd:session): session opened for user u1015(uid=1015) by (uid=0)")


def incident_spread():
    """The same worm on three PCs within the hour; the product stopped each of them."""
    for time, n in (("11:12:20", 121), ("11:31:05", 122), ("11:58:41", 123)):
        detection(time, n, "File quarantined", "WORM_DOWNAD.AD", "C:\\\\Windows\\\\System32",
                  f"x{n}.dll")


def incident_unknown():
    """Not cleaned, on a PC that the inventory does not know."""
    detection("16:05:12", 405, "Unable to quarantine", "TROJ_GULOADER.A",
              "C:\\\\Users\\\\u4005\\\\AppData\\\\Roaming", "setup_x64.exe")


def review_only():
    """Stopped, or tried in vain: somebody looks at it, nobody is woken."""
    detection("10:05:33", 109, "File quarantined", "TROJ_AGENT.XYZ",
              "C:\\\\Users\\\\u1009\\\\Downloads", "tool.zip")
    detection("15:44:02", 105, "File cleaned", "W97M_DLOADER.QP",
              "C:\\\\Users\\\\u1005\\\\Documents", "price.doc")
    amavis(at("10:20:31"), "(02290-03) Blocked INFECTED (Doc.Dropper.Agent-7654321-0) "
           "{DiscardedInbound,Quarantined}, [203.0.113.177]:51120 [203.0.113.177] "
           "<fax@scanner.example.org> -> <u1006@example.jp>, quarantine: v/virus-9dQk2f0aLmZ1, "
           "mail_id: 9dQk2f0aLmZ1, Hits: -, size: 90114, 702 ms")
    for i in range(9):                  # guessed, never in
        messages(at(18 * 3600 + 300 + i * 8), "ext-sv1", f"sshd[{11200 + i}]", "Failed password "
                 f"for root from 203.0.113.90 port {52000 + i} ssh2")
    alert(at("17:12:08"), "203.0.113.201", 44210, SERVERS["pt-web1"], 443, 2034125,
          "ET EXPLOIT Apache HTTP Server 2.4.49 - Path Traversal Attempt (CVE-2021-41773) M2",
          "Attempted Administrator Privilege Gain", 1, "blocked", app_proto="http")


def not_ours():
    """Not cleaned, but the inventory says in words that the PC is not ours to report."""
    detection("13:40:19", 215, "Unable to clean", "TROJ_DLOADR.BB",
              "C:\\\\Users\\\\u2015\\\\Downloads", "coupon.exe")
    detection("14:12:50", 222, "File quarantined", "ADW_BUNDLER.C",
              "C:\\\\Users\\\\u2022\\\\Downloads", "player.exe")


STEPS = [routine_cron, routine_systemd, routine_ssh, routine_probes, routine_kernel,
         routine_clamd, routine_mail, routine_network, routine_web, routine_antivirus,
         incident_site_changed, incident_flood, incident_mail, incident_removable,
         incident_callback, incident_inside, incident_logon, incident_spread, incident_unknown,
         review_only, not_ours]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                          else pathlib.Path(__file__).parent / "logs")
    folder.mkdir(parents=True, exist_ok=True)
    for step in STEPS:
        step()
    for name, lines in sorted(files.items()):
        lines.sort(key=lambda pair: pair[0])    # stable: lines of one moment keep their order
        (folder / name).write_text("".join(line + "\n" for _, line in lines), encoding="utf-8")
        print(f"{name}: {len(lines)} lines")
    print(f"total: {sum(map(len, files.values()))} lines")


if __name__ == "__main__":
    main()
