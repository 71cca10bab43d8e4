#!/usr/bin/env python3
"""Routine lines of a working day, as many as are asked for: nothing in them is to be reported.

usage: routine_lines.py LINES > routine.log"""
import json
import random
import sys

DOMAINS = ["www.example.com", "update.example.net", "cdn.example.org", "mail.example.jp", "intra.example.jp"]
USERS = ["t.sato", "h.suzuki", "k.tanaka", "m.ito", "y.kato", "svc_backup", "svc_scan"]
IMAGES = [r"C:\Windows\System32\svchost.exe", r"C:\Windows\explorer.exe", r"C:\Program Files\7-Zip\7zFM.exe",
          r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE", r"C:\Windows\System32\taskhostw.exe",
          r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe"]
PATHS = [r"C:\Users\%s\Documents\meeting.xlsx", r"C:\Users\%s\AppData\Local\Temp\~df12.tmp", r"C:\Users\%s\Downloads\manual.pdf"]


class Day:
    def __init__(self, seed=4608):
        self.rng = random.Random(seed)
        self.second = 0.0

    def step(self):
        self.second += self.rng.expovariate(4)
        s = int(self.second)
        self.clock = "%02d:%02d:%02d" % (s // 3600 % 24, s // 60 % 60, s % 60)
        self.day = 1 + s // 86400 % 28

    def iso(self):
        return "2026-06-%02dT%s" % (self.day, self.clock)

    def inside(self):
        return "10.%d.%d.%d" % (self.rng.randrange(1, 30), self.rng.randrange(256), self.rng.randrange(1, 255))

    def outside(self):
        return "%s.%d" % (self.rng.choice(["198.51.100", "203.0.113", "192.0.2"]), self.rng.randrange(1, 255))

    def port(self):
        return self.rng.randrange(1024, 65535)

    def pick(self, values):
        return self.rng.choice(values)

    def syslog(self, host, tag, text):
        return "Jun %2d %s %s %s: %s" % (self.day, self.clock, host, tag, text)


def windows_security(d):
    event, text, data = d.pick([
        (4624, "An account was successfully logged on.", {"TargetUserName": d.pick(USERS), "LogonType": "3", "IpAddress": d.inside()}),
        (4634, "An account was logged off.", {"TargetUserName": d.pick(USERS), "LogonType": "3"}),
        (4672, "Special privileges assigned to new logon.", {"SubjectUserName": d.pick(USERS)}),
        (4688, "A new process has been created.", {"NewProcessName": d.pick(IMAGES), "SubjectUserName": d.pick(USERS)}),
        (4768, "A Kerberos authentication ticket (TGT) was requested.", {"TargetUserName": d.pick(USERS), "Status": "0x0"}),
        (5156, "The Windows Filtering Platform has permitted a connection.", {"SourceAddress": d.inside(), "DestAddress": d.inside()}),
    ])
    return json.dumps({"@timestamp": d.iso() + "+09:00", "host": {"name": "PC%03d" % d.rng.randrange(400)}, "message": text,
                       "winlog": {"channel": "Security", "event_id": event, "provider_name": "Microsoft-Windows-Security-Auditing",
                                  "event_data": data}})


def windows_xml(d):
    return ("<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Service Control Manager'/>"
            "<EventID>7036</EventID><Level>4</Level><TimeCreated SystemTime='%s.000Z'/><Channel>System</Channel><Computer>PC%03d</Computer>"
            "</System><EventData><Data Name='param1'>%s</Data><Data Name='param2'>running</Data></EventData></Event>"
            % (d.iso(), d.rng.randrange(400), d.pick(["Windows Update", "Microsoft Defender Antivirus Service", "Print Spooler"])))


def sysmon(d):
    event, data = d.pick([
        (1, {"Image": d.pick(IMAGES), "CommandLine": d.pick(IMAGES), "ParentImage": r"C:\Windows\explorer.exe", "User": "EX\\" + d.pick(USERS)}),
        (3, {"Image": d.pick(IMAGES), "SourceIp": d.inside(), "DestinationIp": d.outside(), "DestinationPort": "443"}),
        (11, {"Image": d.pick(IMAGES), "TargetFilename": d.pick(PATHS) % d.pick(USERS)}),
        (22, {"Image": d.pick(IMAGES), "QueryName": d.pick(DOMAINS), "QueryStatus": "0"}),
    ])
    return json.dumps({"EventTime": d.iso().replace("T", " "), "Hostname": "PC%03d" % d.rng.randrange(400), "EventID": event,
                       "SourceName": "Microsoft-Windows-Sysmon", "Channel": "Microsoft-Windows-Sysmon/Operational", **data})


def postfix(d):
    queue = "%010X" % d.rng.getrandbits(40)
    tag, text = d.pick([
        ("smtpd", "connect from mail.example.com[%s]" % d.outside()),
        ("smtpd", "%s: client=mail.example.com[%s]" % (queue, d.outside())),
        ("smtpd", "NOQUEUE: reject: RCPT from unknown[%s]: 554 5.7.1 Service unavailable; Client host blocked using rbl.example.org; "
                  "listed as botnet, from=<a@example.com> to=<b@example.jp> proto=ESMTP helo=<x>" % d.outside()),
        ("cleanup", "%s: message-id=<%s@example.com>" % (queue, queue)),
        ("qmgr", "%s: from=<a@example.com>, size=%d, nrcpt=1 (queue active)" % (queue, d.port())),
        ("smtp", "%s: to=<b@example.jp>, relay=mx.example.jp[10.1.1.25]:25, delay=0.4, dsn=2.0.0, status=sent (250 OK)" % queue),
    ])
    return d.syslog("mx1", "postfix/%s[%d]" % (tag, d.rng.randrange(30000)), text)


def squid(d):
    code = d.pick(["TCP_MISS/200", "TCP_HIT/200", "TCP_TUNNEL/200", "TCP_DENIED/403", "TCP_MISS/304"])
    return "%d.%03d %6d %s %s %d GET http://%s/%d %s HIER_DIRECT/%s text/html" % (
        1780239600 + int(d.second), d.rng.randrange(1000), d.rng.randrange(900), d.inside(), code, d.port(), d.pick(DOMAINS), d.port(),
        d.pick(USERS), d.outside())


def antivirus(d):
    host = "PC%03d" % d.rng.randrange(400)
    return d.pick([
        lambda: d.syslog(host, "clamd[9]", "SelfCheck: Database status OK."),
        lambda: d.syslog(host, "clamscan[9]", "Infected files: 0"),
        lambda: d.syslog(host, "freshclam[9]", "daily.cvd updated (version: %d, sigs: 2000000), added Win.Trojan.Sample-1" % d.port()),
        lambda: "CEF:0|Example|Endpoint Security|5|201|Virus scan finished|1|rt=%s dhost=%s cnt=0 msg=No threats found"
                % (d.iso(), host),
        lambda: "LEEF:1.0|Example|Antivirus|5|definition-update|devTime=%s\thost=%s\tmsg=Virus definitions updated" % (d.iso(), host),
        lambda: json.dumps({"timestamp": d.iso(), "hostname": host, "event_type": "Audit_Event", "action": "Update",
                            "detail": "Detection engine updated", "severity": "Information"}),
        lambda: json.dumps({"timestamp": d.iso(), "hostname": host, "category": "Malware", "title": "Scan completed", "threats": 0,
                            "status": "clean"}),
        lambda: d.syslog(host, "SymantecServer", "Scan ID: %d,Begin: 2026-06-01 09:00:00,Completed,Scan Complete:  Risks: 0 Scanned: %d"
                         % (d.port(), d.port())),
        lambda: d.syslog(host, "agent[7]", "ウイルス定義ファイルを更新しました version=%d" % d.port()),
    ])()


def firewall(d):
    return d.pick([
        lambda: 'date=2026-06-%02d time=%s devname="FGT-A" devid="FGT000" logid="0000000013" type="traffic" subtype="forward" level="notice" '
                'srcip=%s srcport=%d dstip=%s dstport=443 action="%s" policyid=4 service="HTTPS" sentbyte=%d'
                % (d.day, d.clock, d.inside(), d.port(), d.outside(), d.pick(["accept", "close", "timeout"]), d.port()),
        lambda: 'date=2026-06-%02d time=%s devname="FGT-A" devid="FGT000" logid="0000000013" type="traffic" subtype="forward" level="warning" '
                'srcip=%s srcport=%d dstip=192.0.2.10 dstport=%d action="deny" policyid=0 service="tcp"'
                % (d.day, d.clock, d.outside(), d.port(), d.port()),
        lambda: d.syslog("asa1", "%ASA-4-106023", 'Deny tcp src outside:%s/%d dst inside:192.0.2.20/%d by access-group "in" [0x0, 0x0]'
                         % (d.outside(), d.port(), d.port())),
        lambda: d.syslog("asa1", "%ASA-6-302013", "Built outbound TCP connection %d for outside:%s/443 (%s/443) to inside:%s/%d (192.0.2.1/%d)"
                         % (d.port(), d.outside(), d.outside(), d.inside(), d.port(), d.port())),
        lambda: d.syslog("pa1", "1,2026/06/%02d %s,0001,TRAFFIC,end,2561,2026/06/%02d %s,%s,%s,0.0.0.0,0.0.0.0,Out,,,ssl,vsys1,trust,untrust"
                         % (d.day, d.clock, d.day, d.clock, d.inside(), d.outside()), "").rstrip(": "),
        lambda: d.syslog("fw2", "kernel", "[UFW BLOCK] IN=eth0 OUT= MAC=00 SRC=%s DST=192.0.2.30 LEN=40 PROTO=TCP SPT=%d DPT=%d"
                         % (d.outside(), d.port(), d.port())),
        lambda: 'id=firewall sn=00 time="2026-06-%02d %s" fw=192.0.2.1 pri=6 c=1024 m=537 msg="Connection Closed" src=%s dst=%s proto=tcp/https'
                % (d.day, d.clock, d.inside(), d.outside()),
        lambda: '<134>1 %s+09:00 cp1 CheckPoint 1 - [action:"Accept"; src:"%s"; dst:"%s"; service:"443"; product:"VPN-1 & FireWall-1"]'
                % (d.iso(), d.inside(), d.outside()),
    ])()


def servers(d):
    host = "sv%02d" % d.rng.randrange(30)
    return d.pick([
        lambda: d.syslog(host, "CRON[%d]" % d.port(), "(root) CMD (run-parts /etc/cron.hourly)"),
        lambda: d.syslog(host, "systemd[1]", "Started Daily apt download activities."),
        lambda: d.syslog(host, "sshd[%d]" % d.port(), "Accepted publickey for %s from %s port %d ssh2" % (d.pick(USERS), d.inside(), d.port())),
        lambda: d.syslog(host, "sudo", "  %s : TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/usr/bin/systemctl status" % d.pick(USERS)),
        lambda: '%s - - [%02d/Jun/2026:%s +0900] "GET /%s HTTP/1.1" %d %d "-" "Mozilla/5.0"'
                % (d.outside(), d.day, d.clock, d.pick(["", "news", "img/logo.png", "robots.txt"]), d.pick([200, 200, 304, 404]), d.port()),
        lambda: d.syslog("ns1", "named[8]", "client @0x7f00 %s#%d (%s): query: %s IN A + (10.0.0.53)"
                         % (d.inside(), d.port(), d.pick(DOMAINS), d.pick(DOMAINS))),
        lambda: d.syslog("dhcp1", "dhcpd[4]", "DHCPACK on %s to 00:00:5e:00:53:%02x via eth0" % (d.inside(), d.rng.randrange(256))),
        lambda: 'time="%s+09:00" level=info msg="request done" method=GET path=/healthz status=200 duration=%dms' % (d.iso(), d.rng.randrange(90)),
        lambda: json.dumps({"timestamp": d.iso(), "level": "info", "msg": "user logged in", "user": d.pick(USERS), "src_ip": d.inside()}),
    ])()


KINDS = [windows_security, windows_xml, sysmon, postfix, squid, antivirus, firewall, servers]


def lines(n):
    day = Day()
    for i in range(n):
        day.step()
        yield KINDS[i % len(KINDS)](day)


if __name__ == "__main__":
    for text in lines(int(sys.argv[1])):
        print(text)
