/* Heads and fields of every format, and the times of a stream. */
#include "check.h"

#include "base/mem.h"
#include "decode/decode.h"
#include "decode/through.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct decoder *decoder;

static int setup(void **state)
{
	struct problems problems = { 0 };
	const char *data = getenv("SOKUHO_DATA_DIR");

	(void)state;
	decoder = decoder_load(data ? data : "rules", &problems);
	check_no_problems(&problems);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	decoder_free(decoder);
	return 0;
}

static int64_t as_of(const char *text)
{
	int64_t t;

	assert_int_equal(time_parse_argument(text, OFFSET_JST, &t, NULL), 0);
	return t;
}

static struct stream *stream_for(const char *until)
{
	return stream_new(NULL, zone_find("Asia/Tokyo", NULL), as_of(until), (struct logsource){ 0 });
}

/* What a look at the line by itself, and then its head again, say of it. */
static void check_peeked(struct stream *stream, const struct record *want)
{
	struct record r = { .arena = want->arena, .raw = want->raw, .source = "t", .columns = want->columns };
	struct peek peek;

	decode_peek(stream, r.columns, r.raw, &peek);
	if (peek.flags & PEEK_MAYBE_TEXT && decode_knows_text(decoder, r.raw))
		peek.format = (uint8_t)decode_format_number("text");
	decode_head_peeked(&peek, &r);
	if (r.format != want->format || r.format_number != want->format_number || !slice_equal(r.host, want->host) ||
	    !slice_equal(r.program, want->program) || !slice_equal(r.pid, want->pid) || !slice_equal(r.message, want->message) ||
	    !slice_equal(r.structured, want->structured))
		fail_msg("'%.*s': its head is another one at the second look", (int)r.raw.len, r.raw.at);
}

static void check_head(struct stream *stream, const char *line, const char *format,
		       const char *host, const char *program, const char *time)
{
	struct record r = { .arena = arena_new(), .raw = slice_of(line), .source = "t" };
	char text[48];

	decode_head(decoder, stream, &r);
	if (!format)
		assert_null(r.format);
	else if (!r.format || strcmp(r.format, format) != 0)
		fail_msg("'%s' is %s, %s expected", line, r.format ? r.format : "nothing", format);
	if (host && !slice_is(r.host, host))
		fail_msg("'%s': host '%.*s'", line, (int)r.host.len, r.host.at);
	if (program && !slice_is(r.program, program))
		fail_msg("'%s': program '%.*s'", line, (int)r.program.len, r.program.at);
	check_peeked(stream, &r);
	time_format_rfc3339(r.time, r.utc_offset, text);
	if (time)
		assert_string_equal(text, time);
	arena_free(r.arena);
}

#define TEN(x) x x x x x x x x x x
#define MANY_BYTES(x) TEN(x) TEN(x) TEN(x) TEN(x) TEN(x) TEN(x) TEN(x)

static void test_heads_are_recognised(void **state)
{
	static const struct { const char *line, *format, *host, *program, *time; } cases[] = {
		{ "Jun  1 10:00:00 pc1 sshd[5]: hello", "syslog", "pc1", "sshd", "2026-06-01T10:00:00+09:00" },
		{ "<34>Jun  1 10:00:00 pc1 su: x", "syslog", "pc1", "su", NULL },
		{ "<165>1 2026-06-01T01:00:00.003Z pc2 app 12 ID47 [a@1 k=\"v]\"] msg", "syslog", "pc2", "app",
		  "2026-06-01T01:00:00.003+00:00" },
		{ "2026-06-01T10:00:00.123456+09:00 pc3 kernel: [1.0] usb", "syslog", "pc3", "kernel", NULL },
		{ "Jun  1 10:00:00 gw CEF:0|V|P|1|2|n|3|src=10.0.0.1", "cef", "gw", NULL, NULL },
		{ "CEF: 0|V|P|1|2|n|3|rt=Jun 01 2026 10:00:00 GMT+00:00 src=1.2.3.4", "cef", "", NULL,
		  "2026-06-01T10:00:00+00:00" },
		{ "{\"timestamp\":\"2026-06-01T10:00:00.1+0900\",\"event_type\":\"alert\"}", "json", "", NULL,
		  "2026-06-01T10:00:00.100+09:00" },
		{ "Jun  1 10:00:00 ids suricata[9]: {\"event_type\":\"alert\"}", "json", "ids", "suricata", NULL },
		{ "192.0.2.1 - - [01/Jun/2026:10:00:00 +0900] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"", "access",
		  NULL, NULL, "2026-06-01T10:00:00+09:00" },
		{ "[Mon Jun 01 10:00:00.5 2026] [error] [client 192.0.2.1] x", "text", NULL, NULL,
		  "2026-06-01T10:00:00.500+09:00" },
		{ "Mon Jun  1 10:00:00 2026 -> /a: Win.Test.B FOUND", "text", NULL, NULL, NULL },
		{ "Jun  1 10:00:00 fw1 date=2026-06-01 time=10:00:00 devname=F type=\"utm\" srcip=10.1.2.3", "kv", "fw1",
		  "", "2026-06-01T10:00:00+09:00" },
		{ "<189>date=2026-06-01 time=10:00:01 devname=F type=\"utm\" srcip=10.1.2.3", "kv", "", "",
		  "2026-06-01T10:00:01+09:00" },
		{ "id=firewall sn=1 time=\"2026-06-01 10:00:02\" msg=\"x\" src=192.0.2.1", "kv", "", "",
		  "2026-06-01T10:00:02+09:00" },
		{ "Jun  1 10:00:00 mx1 postfix/smtp[5]: 4AB: to=<a@b>, relay=x, delay=1, status=sent", "syslog", "mx1",
		  "postfix/smtp", NULL },
		{ "2026-06-01 10:00:00 -0500 something", "text", NULL, NULL, "2026-06-01T10:00:00-05:00" },
		{ "2026-06-01 10:00:00 UTC something", "text", NULL, NULL, "2026-06-01T10:00:00+00:00" },
		{ "2026-06-01 10:00:00 - something", "text", NULL, NULL, "2026-06-01T10:00:00+09:00" },
		{ "type=SYSCALL msg=audit(1780272000.5:1): pid=1\ntype=PATH msg=audit(1780272000.5:1): name=\"/a\"", "audit", "", NULL,
		  "2026-06-01T00:00:00.500+00:00" },
		{ "--a1b2c3d4-A--\n[01/Jun/2026:10:00:00 +0900] x\n--a1b2c3d4-Z--", "modsec", "", NULL, "2026-06-01T10:00:00+09:00" },
		{ "--a1b2c3d4-A--", NULL, "", NULL, NULL },
		{ "AIDE 0.15.1 found differences between database and filesystem!!\nStart timestamp: 2026-06-01 03:53:07 -0500\n", "aide",
		  "", NULL, "2026-06-01T03:53:07-05:00" },
		{ "  <Event>\r\n <a SystemTime=\"2026-06-01T01:00:00Z\"/>\r\n</Event>", "xml", "", NULL, "2026-06-01T01:00:00+00:00" },
		{ "{\n  \"Event\": {\n    \"SystemTime\": \"2026-06-01T01:00:00Z\"\n  }\n}", "json", "", NULL, "2026-06-01T01:00:00+00:00" },
		{ "{\"transaction\":{\"time\":\"01/Jun/2026:10:00:00 +0900\",\"id\":1}}", "json", "", NULL, "2026-06-01T10:00:00+09:00" },
		{ "Jun  1 10:00:00 pc1 audispd: type=LOGIN msg=audit(1780275600.123:5): pid=7", "audit", "pc1", "audispd", NULL },
		{ "Jun  1 10:00:00 pc1 audispd: node=pc2 type=LOGIN msg=audit(1780275600.123:5): pid=7", "audit", "pc2", "audispd", NULL },
		{ "Feb 30 10:00:00 pc1 sshd[5]: on no day of any year", "syslog", "pc1", "sshd", "2026-12-31T00:00:00+09:00" },
		{ "[Mon Jun 01 10:00:00.5 2026] " MANY_BYTES("\x01"), NULL, NULL, NULL, NULL },
		{ "[Mon Jun 01 10:00:00.5 2026] \x01\x01\x01 " MANY_BYTES("x"), "text", NULL, NULL, NULL },
		{ "a=1 b=2", NULL, "", "", NULL },
		{ "Jun  1 10:00:00 gw app[5]: Log type: IPS, src IP: 10.1.2.3, action: Deny, URL: http://x/", "kv", "gw", "app", NULL },
		{ "Jun  1 10:00:00 gw app[5]: Log type: IPS, src IP: 10.1.2.3, action: Deny", "syslog", "gw", "app", NULL },
		{ "Jun  1 10:00:00 gw app[5]: at 10:00:00, C:\\a, http://x/, std::bad_alloc, a: b, c", "syslog", "gw", "app", NULL },
		{ "Jun  1 10:00:00 gw LEEF:1.0|V|P|1|id|src=10.0.0.1", "leef", "gw", NULL, NULL },
		{ "LEEF:2.0|V|P|1|id|^|devTime=Jun 01 2026 10:00:00^src=10.0.0.1", "leef", "", NULL,
		  "2026-06-01T10:00:00+09:00" },
		{ "LEEF:3.0|V|P|1|id|src=10.0.0.1", NULL, "", NULL, NULL },
		{ "<Event><System><TimeCreated SystemTime='2026-06-01T01:00:00.5Z'/></System></Event>", "xml", "", "",
		  "2026-06-01T01:00:00.500+00:00" },
		{ "<14>1 2026-06-01T01:00:00Z epo1 EPOEvents - - [a@1 t=\"1\"] \xef\xbb\xbf<?xml version=\"1.0\"?><a/>", "xml",
		  "epo1", "EPOEvents", "2026-06-01T01:00:00+00:00" },
		{ "\"2026/06/01 10:00:00\",\"PC001\",\"a\"", "text", "", "", "2026-06-01T10:00:00+09:00" },
		{ "20260601 100000\tUser (a) has stopped it", "text", "", "", "2026-06-01T10:00:00+09:00" },
		{ "20260601 10000012 no time", NULL, "", "", NULL },
		{ "2026:06:01-10:00:00 utm1 afcd[5]: id=\"1\" name=\"a\" x=\"y\"", "kv", "utm1", "afcd", "2026-06-01T10:00:00+09:00" },
		{ "<134> 06/01/2026:01:00:00 GMT ns1 0-PPE-0 : default AAA", "syslog", "ns1", "", "2026-06-01T01:00:00+00:00" },
		{ "6/1/2026 1:00:00 PM started", "text", "", "", "2026-06-01T13:00:00+09:00" },
		{ "6/1/2026 12:00:00 AM started", "text", "", "", "2026-06-01T00:00:00+09:00" },
		{ "06/01/2026 10:00:00 amavis started", "text", "", "", "2026-06-01T10:00:00+09:00" },
		{ "25/06/2026 10:00:00 started", "text", "", "", "2026-06-25T10:00:00+09:00" },
		{ "01.06.2026 10:00:00 started", "text", "", "", "2026-06-01T10:00:00+09:00" },
		{ "192.0.2.1 :  <188>Jun  1 2026 10:00:00 fw1 %%01IPS/4/A(l):b", "syslog", "fw1", "", "2026-06-01T10:00:00+09:00" },
		{ "192.0.2.1 <b> is no priority", NULL, "", "", NULL },
		{ "2026-06-01 10:00:00\tAuth.Warning\t192.0.2.1\tsu: a", "syslog", "192.0.2.1", "su", "2026-06-01T10:00:00+09:00" },
		{ "2026-06-01\t10:00:00\tLocal7.Notice\t192.0.2.1\t<189>12: a", "syslog", "192.0.2.1", "12", "2026-06-01T10:00:00+09:00" },
		{ "2026-06-01 10:00:00\tAuth.Warning\t192.0.2.1\t1 2026-06-01T00:00:00Z dc1 CEF 6 m \xef\xbb\xbf" "0|V|P|1|2|n|3|src=10.0.0.1",
		  "cef", "dc1", "CEF", "2026-06-01T00:00:00+00:00" },
		{ "2026-06-01 10:00:00\tno level\there", "text", "", "", "2026-06-01T10:00:00+09:00" },
		{ "<13>Jun  1 10:00:00 h1 vectra_json -: {\"version\":\"6\"}", "json", "h1", "", NULL },
		{ "Jun  1 10:00:00 h1 app[5]: @cee: {\"version\":\"6\"}", "json", "h1", "app", NULL },
		{ "-: {\"time\":\"2026-06-01T01:00:00Z\"}", "json", "", "", "2026-06-01T01:00:00+00:00" },
		{ "Jun  1 10:00:00 h1 app[5]: failed to read: {\"version\":\"6\"}", "syslog", "h1", "app", NULL },
		{ "<b> is no document", NULL, "", "", NULL },
		{ "just words", NULL, "", "", NULL },
		{ "", NULL, NULL, NULL, NULL },
		{ "\x01\x02\x03\x04\x05\x06", NULL, NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stream *stream = stream_for("2026-12-31");

		check_head(stream, cases[i].line, cases[i].format, cases[i].host, cases[i].program,
			   cases[i].time);
		stream_free(stream);
	}
}

static void test_a_yearless_time_is_the_latest_possible(void **state)
{
	struct stream *stream = stream_for("2026-03-01");

	(void)state;
	check_head(stream, "Dec 31 23:59:59 h p: a", "syslog", "h", "p", "2025-12-31T23:59:59+09:00");
	check_head(stream, "Jan  1 00:00:01 h p: a", "syslog", "h", "p", "2026-01-01T00:00:01+09:00");
	check_head(stream, "Dec 31 23:59:58 h p: late", "syslog", "h", "p", "2025-12-31T23:59:58+09:00");
	check_head(stream, "no time at all", NULL, NULL, NULL, "2025-12-31T23:59:58+09:00");
	stream_free(stream);
	stream = stream_for("2026-03-01");
	check_head(stream, "Feb 29 12:00:00 h p: leap", "syslog", "h", "p", "2024-02-29T12:00:00+09:00");
	stream_free(stream);
}

static void fields_of(const char *line, struct record *r)
{
	struct stream *stream = stream_for("2026-12-31");

	*r = (struct record){ .arena = arena_new(), .raw = slice_of(line), .source = "t" };
	decode_head(decoder, stream, r);
	decode_fields(decoder, stream, r);
	stream_free(stream);
}

#define AUDIT(type, pairs) "type=" type " msg=audit(1.5:9): " pairs "\r\n"
/* Sections of another entry stand in the body of a request. */
#define MODSEC_BODY "--a1b2c3d4-A--\n[01/Jun/2026:10:00:00 +0900] Xy 198.51.100.9 40000 192.0.2.80 80\n--a1b2c3d4-C--\n" \
	"--ffffffff-B--\nGET /false HTTP/1.1\n--ffffffff-H--\nAction: false\n--a1b2c3d4-H--\nMessage: [id \"1 [id \"2\"]\n--a1b2c3d4-Z--"
#define MODSEC "--a1b2c3d4-A--\n[01/Jun/2026:10:00:00 +0900] Xy 198.51.100.9 40000 192.0.2.80 80\n--a1b2c3d4-B--\n" \
	"GET /item?id=1 HTTP/1.1\nHost: www.example.jp:8080\n\n--a1b2c3d4-F--\nHTTP/1.1 403 Forbidden\n\n--a1b2c3d4-H--\n" \
	"Message: Access denied. [id \"942100\"] [msg \"SQL [x] injection\"]\n\n--a1b2c3d4-Z--"

#define SUBJECT_LINE(subject) \
	"Jun  1 10:00:00 mx1 postfix/cleanup[5]: 4AB: warning: header Subject: " subject " from a.example[192.0.2.1]; " \
	"from=<a@a.example> to=<b@example.jp> proto=ESMTP helo=<a>"
/* A line as a collector writes it. */
#define CARRIED(name, line) "{\"" name "\":\"" line "\",\"stream\":\"stdout\",\"time\":\"2026-06-01T00:05:57Z\"}"
static void test_fields_come_out_as_logged(void **state)
{
	static const struct { const char *line, *name, *value; } cases[] = {
		{ "CEF:0|Ven\\|dor|P|1|id|na\\\\me|3|msg=a b c\\=d cs1Label=Mal Name cs1=X y src=1.2.3.4",
		  "cef.vendor", "Ven|dor" },
		{ "CEF:0|V|P|1|id|na\\\\me|3|msg=a b c\\=d src=1.2.3.4", "cef.name", "na\\me" },
		{ "{\"events\":[{\"p\":[{\"name\":\"visibility\",\"value\":\"public\"},{\"name\":\"a/b\",\"value\":\"c\"}]}]}",
		  "events.p.visibility", "public" },
		{ "{\"M\":[{\"Name\":\"Access\",\"NewValue\":[\"x\",\"y\"],\"OldValue\":\"z\"}]}", "M.Access", "y" },
		{ "{\"M\":[{\"name\":\"a\",\"value\":{\"b\":\"c\"}}]}", "M.value.b", "c" },
		{ "{\"srcIp\":\"203.0.113.9:443:X1\",\"dstIp\":\"[2001:db8::1]:443\"}", "source.ip", "203.0.113.9" },
		{ "{\"srcIp\":\"203.0.113.9:443:X1\",\"dstIp\":\"[2001:db8::1]:443\"}", "destination.ip", "[2001:db8::1]" },
		{ CARRIED("log", "203.0.113.5 - - [01/Jun/2026:10:00:00 +0900] \\\"GET /a%3Cb?q=%27 HTTP/1.1\\\" 200 5"), "url.path", "/a<b" },
		{ CARRIED("message", "Jun  1 10:00:00 web1 sshd[7]: Failed password for x from 192.0.2.7 port 5 ssh2"), "log.syslog.appname", "sshd" },
		{ CARRIED("message", "Jun  1 10:00:00 web1 sshd[7]: Failed password for x from 192.0.2.7 port 5 ssh2"), "host.name", "web1" },
		{ CARRIED("event.original", "<13>Jun  1 10:00:00 h CEF:0|V|P|1|id|n|3|filePath=C:\\\\\\\\new act=x"), "filePath", "C:\\new" },
		{ CARRIED("log", "{\\\"dst\\\":\\\"192.0.2.9\\\",\\\"m\\\":\\\"a\\\\\\\"b\\\"}"), "destination.ip", "192.0.2.9" },
		{ CARRIED("log", "{\\\"dst\\\":\\\"192.0.2.9\\\",\\\"m\\\":\\\"a\\\\\\\"b\\\"}"), "m", "a\"b" },
		{ CARRIED("log", "no line of its own, only words"), "stream", "stdout" },
		{ "192.0.2.1 -  -  [01/Jun/2026:10:00:00 +0900] \"GET /a HTTP/1.1\" 200 5 \"-\" \"x\" 12", "url.path", "/a" },
		{ "<110>Jun  1 10:00:00 node-1(id1) audit[7]: {\"a\":{\"b\":\"c\"}}", "host.name", "node-1" },
		{ "<110>Jun  1 10:00:00 node-1(id1) audit[7]: {\"a\":{\"b\":\"c\"}}", "a.b", "c" },
		{ "{\"src\":\"pc-1\",\"dst\":\"10.1.2.3.example.jp\"}", "source.domain", "pc-1" },
		{ "{\"src\":\"pc-1\",\"dst\":\"10.1.2.3.example.jp\"}", "source.ip", "" },
		{ "{\"src\":\"pc-1\",\"dst\":\"10.1.2.3.example.jp\"}", "destination.domain", "10.1.2.3.example.jp" },
		{ "{\"src\":\"10.1.2.3/5\",\"dst\":\"fe80::1\"}", "source.domain", "" },
		{ "{\"src\":\"10.1.2.3/5\",\"dst\":\"fe80::1\"}", "destination.ip", "fe80::1" },
		{ "CEF:0|V|P|1|id|n|3|msg=a b c\\=d src=1.2.3.4", "msg", "a b c=d" },
		{ "CEF:0|V|P|1|id|n|3|cs1Label=Mal Name cs1=X y src=1.2.3.4", "Mal Name", "X y" },
		{ "CEF:0|V|P|1|id|n|3|filePath=C:\\\\new\\\\tmp act=x", "filePath", "C:\\new\\tmp" },
		{ "CEF:0|V|P|1|id|n|3|msg=one\\n two\\r three act=x", "msg", "one\n two\r three" },
		{ "LEEF:1.0|V|P|1|id|usrName=a b\tsrc=10.0.0.1", "usrName", "a b" },
		{ "LEEF:1.0|V|P|1|id|usrName=a b\tsrc=10.0.0.1", "leef.event_id", "id" },
		{ "LEEF:1.0|V|P|1|id|usrName=a b src=10.0.0.1", "usrName", "a b" },
		{ "LEEF:2.0|V|P|1|id|^|a=x\ty^src=10.0.0.1", "a", "x\ty" },
		{ "LEEF:2.0|V|P|1|id|x7C|a=b|src=10.0.0.1", "src", "10.0.0.1" },
		{ "LEEF:2.0|V|P|1|id|a=b\tsrc=10.0.0.1", "src", "10.0.0.1" },
		{ SUBJECT_LINE("=?UTF-8?B?5LiN5g==?=?\t=?utf-8?B?raPjgarpgJrkv6E=?= end"), "email.subject", "不正な通信 end" },
		{ SUBJECT_LINE("=?ISO-2022-JP?B?GyRCSVRANSRKREw/LhsoQg==?="), "email.subject", "不正な通信" },
		{ SUBJECT_LINE("Re: =?windows-31j?B?h0CV8Y2Q?="), "email.subject", "Re: ①報告" },
		{ SUBJECT_LINE("=?utf-8?Q?=E4=B8=8D_a=3D?="), "email.subject", "不 a=" },
		{ SUBJECT_LINE("=?UTF-8*ja?B?5LiN5q2j44Gq6YCa5L"), "email.subject", "不正な通\xef\xbf\xbd" },
		{ SUBJECT_LINE("=?klingon?B?QUJD?= =?"), "email.subject", "=?klingon?B?QUJD?= =?" },
		{ SUBJECT_LINE("=?UTF-16LE?B?QUJD?="), "email.subject", "=?UTF-16LE?B?QUJD?=" },
		{ SUBJECT_LINE("a =? b"), "email.subject", "a =? b" },
		{ "a=1 msg=two words, here; path=\"C:\\\" c=\"x \\\"y\\\" z\" d=end", "msg", "two words, here" },
		{ "a=1 msg=two words, here; path=\"C:\\\" c=\"x \\\"y\\\" z\" d=end", "path", "C:\\" },
		{ "a=1 msg=two words, here; path=\"C:\\\" c=\"x \\\"y\\\" z\" d=end", "c", "x \\\"y\\\" z" },
		{ "a=1 empty= url=http://h/?q=1&r=2 d='it is'", "url", "http://h/?q=1&r=2" },
		{ "a=1 empty= url=http://h/?q=1&r=2 d='it is'", "d", "it is" },
		{ "Log type: IPS,note: a, b, src IP: 10.1.2.3, URL: http://x/?q=1, end: x", "note", "a, b" },
		{ "Log type: IPS,note: a, b, src IP: 10.1.2.3, URL: http://x/?q=1, end: x", "URL", "http://x/?q=1" },
		{ "Log type: IPS,note: a, b, src IP: 10.1.2.3, URL: http://x/?q=1, end: x", "src IP", "10.1.2.3" },
		{ "a:\"1\", b:\"2\", c:\"3\", d:\"4\"", "d", "4" },
		{ "[action:\"Drop\"; flags:\"4\"; src:\"192.0.2.1\"]", "src", "192.0.2.1" },
		{ "<14>1 2026-06-01T01:00:00Z h p - - [x@1 et=\"FOUND\" p1=\"a b\"] text", "p1", "a b" },
		{ "<14>1 2026-06-01T01:00:00Z h p - - [x@1 et=\"FOUND\" p1=\"a b\"] text", "message", "text" },
		{ "<e xmlns='n'><s><P Name='p' k='v'/></s><d><Data Name='Image'>C:\\a</Data><t> x </t></d></e>", "e.s.P.Name",
		  "p" },
		{ "<e xmlns='n'><s><P Name='p' k='v'/></s><d><Data Name='Image'>C:\\a</Data><t> x </t></d></e>", "e.s.P.k", "v" },
		{ "<e xmlns='n'><s><P Name='p' k='v'/></s><d><Data Name='Image'>C:\\a</Data><t> x </t></d></e>", "e.d.Image",
		  "C:\\a" },
		{ "<e xmlns='n'><s><P Name='p' k='v'/></s><d><Data Name='Image'>C:\\a</Data><t> x </t></d></e>", "e.d.t", "x" },
		{ "<e><t>a &amp; b</t></e>", "e.t", "a & b" },
		{ "<e><t><![CDATA[a]]></t><u>cut", "e.t", "a" },
		{ "{\"a\":{\"b\":[1,\"two\",null]},\"u\":\"\\u901f\"}", "a.b", "two" },
		{ "{\"a\":{\"b\":[1,\"two\",null]},\"u\":\"\\u901f\"}", "u", "速" },
		{ "{\"n\":-007,\"m\":-7}", "n", "-7" },
		{ "{\"m\":[-1,-007]}", "m", "-007" },
		{ "{\"big\":12345678901234567}", "big", "12345678901234567" },
		{ "{\"cut\":\"yes\",\"then\":{\"x\":1,\"y\":\"abc", "then.x", "1" },
		{ "192.0.2.1 - bob [01/Jun/2026:10:00:00 +0900] \"GET /a%2fb?x=%27 HTTP/1.1\" 404 5 \"-\" \"ua\"",
		  "url.path", "/a/b" },
		{ "192.0.2.1 - bob [01/Jun/2026:10:00:00 +0900] \"GET /a?x=%27 HTTP/1.1\" 404 5 \"-\" \"ua\"",
		  "url.query", "x='" },
		{ "192.0.2.1 - bob [01/Jun/2026:10:00:00 +0900] \"GET /a HTTP/1.1\" 404 5", "user.name", "bob" },
		{ AUDIT("SYSCALL", "pid=7 key=\"open") AUDIT("EXECVE", "a0=\"sh\" a1=616263206A") AUDIT("PATH", "name=2F61"), "a1", "abc j" },
		{ AUDIT("SYSCALL", "pid=7 key=\"open") AUDIT("EXECVE", "a0=\"sh\" a1=616263206A") AUDIT("PATH", "name=2F61"), "key", "open" },
		{ AUDIT("SYSCALL", "a0=55d0") AUDIT("EXECVE", "a0=\"sh\" a1=616263206A"), "process.command_line", "sh abc j" },
		{ AUDIT("SYSCALL", "a0=616263206A"), "a0", "616263206A" },
		{ AUDIT("SYSCALL", "pid=7") AUDIT("PATH", "name=\"/b\""), "auditd.serial", "9" },
		{ MODSEC, "modsec.msg", "SQL [x] injection" },
		{ MODSEC_BODY, "modsec.id", "1 [id \"2" },
		{ MODSEC, "url.query", "id=1" },
		{ MODSEC, "destination.domain", "www.example.jp" },
		{ MODSEC, "source.ip", "198.51.100.9" },
		{ MODSEC, "http.response.status_code", "403" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record r;

		fields_of(cases[i].line, &r);
		if (*cases[i].value ? !record_has_value(&r, cases[i].name, cases[i].value) : record_find(&r, cases[i].name) != NULL)
			fail_msg("%s: %s is '%.*s'", cases[i].line, cases[i].name,
				 (int)record_value(&r, cases[i].name).len,
				 record_value(&r, cases[i].name).at);
		arena_free(r.arena);
	}
}

static void test_the_body_of_a_request_is_no_section_of_its_entry(void **state)
{
	struct record r;

	(void)state;
	fields_of(MODSEC_BODY, &r);
	assert_null(record_find(&r, "modsec.action"));
	assert_null(record_find(&r, "url.original"));
	arena_free(r.arena);
}

static void test_a_line_with_escapes_is_told_apart(void **state)
{
#define AUDIT_LINE(type, pairs) "type=" type " msg=audit(1781485200.001:7): " pairs
#define ACCESS(target) "192.0.2.1 - - [01/Jun/2026:10:00:00 +0900] \"GET " target " HTTP/1.1\" 404 5"
	static const struct { const char *line; unsigned flags; } cases[] = {
		{ ACCESS("/a"), 0 },
		{ ACCESS("/100%"), PEEK_ESCAPED },
		{ ACCESS("/%41"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ ACCESS("/%%341"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ "{\"a\":\"b\\\\u0041\"}", PEEK_ESCAPED },
		{ CARRIED("log", "{\\\"a\\\":7}"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ CARRIED("log", "{ \\n \\\"a\\\":7}"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ CARRIED("log", "h - - [01/Jun/2026:10:00:00 +0900] \\\"GET /%41 HTTP/1.1\\\" 200 5"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ CARRIED("log", "h - - [01/Jun/2026:10:00:00 +0900] \\\"GET /a HTTP/1.1\\\" 200 5"), PEEK_ESCAPED },
		{ CARRIED("log", "CEF:0|V|P|1|i|n|3|a=b\\\\nc"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ CARRIED("log", "C:\\\\new\\\\temp"), PEEK_ESCAPED },
		{ "{\"a\":\"b\\\\\\u0041\"}", PEEK_ESCAPED | PEEK_OPAQUE },
		{ "Jun  1 10:00:00 h p: \\u0041 %41", 0 },
		{ AUDIT_LINE("PROCTITLE", "proctitle=2F62696E2F7368"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ AUDIT_LINE("PROCTITLE", "proctitle=2F62696E2F7368'x'"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ AUDIT_LINE("PROCTITLE", "proctitle=2F62696E2F736\x1dx"), PEEK_ESCAPED },
		{ AUDIT_LINE("PROCTITLE", "proctitle=2F62696E2F7368\x1dx"), PEEK_ESCAPED | PEEK_OPAQUE },
		{ AUDIT_LINE("PROCTITLE", "proctitle=2F62696E2F7368x"), PEEK_ESCAPED },
		{ AUDIT_LINE("EXECVE", "argc=1 a0=x"), PEEK_ESCAPED | PEEK_OPAQUE },
	};
	struct stream *stream = stream_for("2026-12-31");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct peek peek;

		decode_peek(stream, NULL, slice_of(cases[i].line), &peek);
		if ((peek.flags & (PEEK_ESCAPED | PEEK_OPAQUE)) != cases[i].flags)
			fail_msg("%s: %u", cases[i].line, peek.flags);
	}
	stream_free(stream);
}

static bool is_word(const void *test, struct slice value)
{
	return slice_is(value, test);
}

static void test_what_a_json_reader_writes_otherwise_is_known(void **state)
{
	static const struct { const char *value, *line; } cases[] = {
		{ "true", "{\"a\":TRUE}" }, { "false", "{\"a\":False}" }, { "NaN", "{\"a\":nan}" },
		{ "-Infinity", "{\"a\":-infinity}" }, { "9223372036854775807", "{\"a\":9223372036854775807}" },
		{ "18446744073709551615", "{\"a\":99999999999999999999}" },
	};
	struct need *need;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		need = NULL;
		assert_true(decoder_constant(decoder, "no.such.field", is_word, cases[i].value, &need));
		assert_true(need_holds(need, slice_of(cases[i].line)));
		need_free(need);
	}
	need = NULL;
	assert_false(decoder_constant(decoder, "no.such.field", is_word, "verily", &need));
}

/* A name that stands for a place in a format's lines stands in none of them. */
static void test_a_field_given_by_its_place_asks_for_no_name(void **state)
{
	static const char *const lines[] = { "CEF:0|V|P|1|13|trojan|5|src=10.0.0.5", "LEEF:1.0|V|P|1|trojan|src=10.0.0.5" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct need *need = decoder_name(decoder, "rule.name", false);
		struct record r;

		fields_of(lines[i], &r);
		assert_true(record_has_value(&r, "rule.name", "trojan"));
		assert_true(need_holds(need, slice_of(lines[i])));
		need_free(need);
		arena_free(r.arena);
	}
}

/* What keywords are asked of: the decoded fields, and not one of those that identity puts in their place. */
static void test_a_decoded_field_that_goes_is_no_longer_counted(void **state)
{
	struct record r = { .arena = arena_new() };

	(void)state;
	record_add(&r, SLICE("asset.id"), SLICE("as logged"), VALUE_STRING, true);
	record_add(&r, SLICE("user.name"), SLICE("u"), VALUE_STRING, true);
	r.n_decoded = r.n_fields;
	record_set(&r, "asset.id", SLICE("of the inventory"));
	assert_int_equal(r.n_fields, 2);
	assert_int_equal(r.n_decoded, 1);
	assert_true(slice_is(r.fields[0].name, "user.name"));
	arena_free(r.arena);
}

static void test_hostile_json_is_bounded(void **state)
{
	struct text line = { 0 };
	struct record r;

	(void)state;
	for (int i = 0; i < 200; i++)
		text_add(&line, "{\"a\":");
	fields_of(line.at, &r);
	assert_true(r.marks & (RECORD_TOO_DEEP | RECORD_BROKEN));
	arena_free(r.arena);
	text_reset(&line);
	text_add(&line, "{\"a\":[0");
	for (int i = 0; i < 5000; i++)
		text_add(&line, ",1");
	text_add(&line, "]}");
	fields_of(line.at, &r);
	assert_true(r.n_fields <= RECORD_FIELDS_MAX);
	assert_true(r.marks & RECORD_TOO_MANY_FIELDS);
	arena_free(r.arena);
	text_clear(&line);
}

/* No entity but the five, no depth without end; what is not bytes of the line is left out. */
static void test_hostile_xml_is_bounded(void **state)
{
	struct text line = { 0 };
	struct record r;

	(void)state;
	fields_of("<!DOCTYPE a [<!ENTITY e \"secret\">]><a><b>&e;</b></a>", &r);
	assert_null(record_find(&r, "a.b"));
	arena_free(r.arena);
	fields_of("<a><b>one<!-- -->two</b><c>x</c></a>", &r);
	assert_null(record_find(&r, "a.b"));
	assert_true(record_has_value(&r, "a.c", "x"));
	assert_true(r.marks & RECORD_BROKEN);
	arena_free(r.arena);
	for (int i = 0; i < 200; i++)
		text_add(&line, "<a>");
	text_add(&line, "</a>");
	fields_of(line.at, &r);
	assert_true(r.marks & RECORD_TOO_DEEP);
	arena_free(r.arena);
	text_clear(&line);
}

/* Names compare by letters and digits; whole names come before last parts of paths. */
static void test_unknown_products_are_read_by_telling_names(void **state)
{
	static const struct { const char *line, *name, *value; } cases[] = {
		{ "{\"Threat Name\":\"Win32/Sample.A\",\"x\":1}", "rule.name", "Win32/Sample.A" },
		{ "{\"event\":{\"detail\":{\"threat-name\":\"Win32/Sample.A\"}}}", "event.category", "malware" },
		{ "{\"a\":{\"src_ip\":\"192.0.2.1\"},\"SourceIP\":\"192.0.2.2\"}", "source.ip", "192.0.2.2" },
		{ "{\"a\":{\"name\":\"delete\"},\"action\":\"-\"}", "event.action", "" },
		{ "{\"threat_name\":\"N/A\",\"detectionName\":\"Trojan.Sample\",\"status\":\"x\",\"actionTaken\":\"none\"}",
		  "rule.name", "Trojan.Sample" },
		{ "{\"detectionName\":\"Trojan.Sample\",\"act\":\"strange\",\"status\":\"Quarantined\"}", "verdict", "stopped" },
		{ "{\"端末名\":\"pc1\",\"ウイルス名\":\"Trojan.Sample\",\"処理\":\"放置\"}", "host.name", "pc1" },
		{ "{\"端末名\":\"pc1\",\"ウイルス名\":\"Trojan.Sample\",\"処理\":\"駆除\"}", "verdict", "stopped" },
		{ "種別=不正通信 送信元=192.0.2.1 宛先=192.0.2.2 処理=遮断", "attack.class", "c2" },
		{ "{\"malware\":\"Trojan.Sample\",\"from\":\"a@example.net\",\"to\":\"b@example.jp\"}", "observer.type",
		  "mail-gateway" },
		{ "{\"attackData\":{\"clientIP\":\"192.0.2.1\",\"ruleMessages\":\"SQL Injection\",\"ruleActions\":\"alert\"}}",
		  "attack.class", "exploit" },
		{ "CEF:0|Sample|Dns|1|RPZ|Answer|7|src=192.0.2.1 InfobloxThreatProperty=MalwareC2_Generic", "attack.class", "c2" },
		{ "CEF:0|Sample|Edr|1|Malop|Malop|7|dvchost=pc1 cs1Label=malopDetectionType cs1=RANSOMWARE", "event.category", "malware" },
		{ "{\"malware\":\"Trojan.Sample\",\"from\":\"zone1\",\"to\":\"zone2\"}", "observer.type", "" },
		{ "a=1 attack_name=none src=192.0.2.1 action=drop", "attack.class", "" },
		{ "a=1 attack_name=\"Sample probe\" src=192.0.2.1 action=drop", "attack.class", "exploit" },
		{ "a=1 attack_name=\"Sample probe\" action=drop", "attack.class", "" },
		{ "Jun  1 10:00:00 gw1 x[5]: Intrusion seen src=192.0.2.1 sig_name=\"SQL Injection\" act=allowed", "attack.class", "exploit" },
		{ "Jun  1 10:00:00 gw1 x[5]: Intrusion seen src=192.0.2.1 sig_name=\"SQL Injection\"", "attack.class", "" },
		{ "Jun  1 10:00:00 gw1 sshd[5]: Intrusion seen src=192.0.2.1 sig_name=\"SQL Injection\" act=allowed", "attack.class", "" },
		{ "Log type: IPS, src IP: 192.0.2.1, attack type: SQL injection, action: Allow", "attack.class", "exploit" },
		{ "Log type: Botnet, src IP: 10.1.2.3, dst IP: 192.0.2.1, action: Deny", "attack.class", "c2" },
		{ "a=1 src=10.1.2.3 msg=\"Suspected Botnet initiator blocked: x\"", "attack.class", "c2" },
		{ "a=1 src=10.1.2.3 msg=\"Botnet filter database updated\"", "attack.class", "" },
		{ "a=1 b=2 msg=\"Suspected Botnet initiator blocked: x\"", "attack.class", "" },
		{ "CEF:0|Sample|Fw|1|1|Virus Alert: Sample.A (Trojan) blocked.|9|src=192.0.2.1", "verdict", "stopped" },
		{ "CEF:0|Sample|Fw|1|1|Virus Alert: Sample.A was not blocked.|9|src=192.0.2.1", "verdict", "not_stopped" },
		{ "CEF:0|Sample|Fw|1|1|Virus Alert: Sample.A (Trojan) blocked.|9|act=allowed", "verdict", "not_stopped" },
		{ "{\"malware_name\":\"Trojan.Sample\",\"final_status\":\"deleted\"}", "verdict", "stopped" },
		{ "{\"malware_name\":\"Trojan.Sample\",\"sensor_action\":\"TERMINATE\"}", "verdict", "stopped" },
		{ "{\"malware_name\":\"Trojan.Sample\",\"act\":\"配送\"}", "verdict", "not_stopped" },
		{ "{\"malware_name\":\"Trojan.Sample\",\"analystVerdict\":\"false_positive\"}", "event.category", "host" },
		{ "{\"QueryCategoryNames\":[\"Command and Control\"],\"SrcIP\":\"10.1.2.3\"}", "attack.class", "c2" },
		{ "{\"categories\":[{\"label\":\"Command and Control\"}],\"internalip\":\"10.1.2.3\"}", "attack.class", "c2" },
		{ "{\"malware_action\":\"Communication with C&C site\",\"src\":\"10.1.2.3\"}", "attack.class", "c2" },
		{ "{\"AlertName\":\"Suspected identity theft (pass-the-ticket)\"}", "attack.class", "compromise" },
		{ "{\"eventType\":\"user.account.report_suspicious_activity_by_enduser\"}", "attack.class", "compromise" },
		{ "{\"Title\":\"Data exfiltration\",\"ServiceSource\":\"Sample Cloud Apps\"}", "attack.class", "misoperation" },
		{ "{\"Title\":\"Data exfiltration\",\"ServiceSource\":\"Sample EDR\"}", "attack.class", "c2" },
		{ "{\"Title\":\"Mass download by a single user\"}", "attack.class", "misoperation" },
		{ "CEF:0|Sample|DLP|1|1|Drawings|5|INCIDENT_ID=1 RECIPIENTS=x@example.com", "attack.class", "misdirected" },
		{ "CEF:0|Sample|DLP|1|1|Drawings|5|suser=user1 fname=a.dwg", "attack.class", "misoperation" },
		{ "CEF:0|Sample|DLP|1|1|Agent updated|5|fname=agent.msi", "attack.class", "" },
		{ "CEF:0|Sample|DLP|1|1|Server started|1|msg=x", "attack.class", "" },
		{ "Incident ID: 1, Policy: Drawings, Sender: a@example.jp, Recipient: x@example.com", "attack.class", "misdirected" },
		{ "Incident ID: 1, Policy: Drawings, State: Open, Recipient: x@example.com", "attack.class", "" },
		{ "Incident ID: 1, State: Open, Sender: a@example.jp, Recipient: x@example.com", "attack.class", "" },
		{ "アラーム種別=Webアップロード 端末名=pc1 ファイル名=a.dwg", "attack.class", "misoperation" },
		{ "操作種別=Webアップロード 端末名=pc1 ファイル名=a.dwg", "attack.class", "" },
		{ "CEF:0|Sample|Filter|1|1|誤送信防止|5|suser=a@example.jp duser=x@example.com act=送信", "attack.class", "misdirected" },
		{ "CEF:0|Sample|Filter|1|1|マルウェア検知|5|suser=a@example.jp duser=x@example.com", "observer.type", "mail-gateway" },
		{ "CEF:0|Sample|Tap|1|1|Click Blocked|5|cat=malware request=http://x/", "event.category", "web" },
		{ "<134>1 2026-06-01T01:00:00Z h app 1 ID7 [a@1 x=\"y\"] text", "log.syslog.msgid", "ID7" },
		{ "<134>1 2026-06-01T01:00:00Z h app 1 - [a@1 x=\"y\"] text", "log.syslog.msgid", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct record r;

		fields_of(cases[i].line, &r);
		if (!slice_is(record_value(&r, cases[i].name), cases[i].value))
			fail_msg("%s: %s is '%.*s'", cases[i].line, cases[i].name,
				 (int)record_value(&r, cases[i].name).len, record_value(&r, cases[i].name).at);
		arena_free(r.arena);
	}
}

/* Cells, with and without quotes; a time in one cell or in two; the line of names is no record of anything. */
static void test_delimited_lines_are_cut_into_cells(void **state)
{
	static const struct { const char *line, *time; struct { const char *name, *value; } fields[3]; bool broken; } cases[] = {
		{ "2026/06/01,10:00:00,a,b", "2026-06-01T10:00:00+09:00", { { "x", "a" }, { "y", "b" } }, false },
		{ "1,2026-06-01 10:00:00,\"a, b\",", "2026-06-01T10:00:00+09:00", { { "x", "a, b" }, { "y", "" } }, false },
		{ "1,2,\"a \"\"b\"\", c\",\"open, d", NULL, { { "x", "a \"\"b\"\", c" }, { "y", "open" } }, true },
		{ "1,2,\"open, d,e", NULL, { { "x", "open" }, { "y", "d" } }, true },
		{ "1,2,\"a\",\"b\"", NULL, { { "x", "a" }, { "y", "b" } }, false },
		{ "1,2,\"", NULL, { { "x", "" }, { "y", "" } }, true },
		{ "1,2, a ,b,beyond", NULL, { { "x", "a" }, { "y", "b" } }, false },
		{ "DATE,Time,x,y", NULL, { { "x", "" }, { "date", "" } }, false },
	};
	static char *names[] = { "date", "time", "x", "y" };
	const struct strlist columns = { .at = names, .n = 4, .cap = 4 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stream *stream = stream_new("delimited", zone_find("Asia/Tokyo", NULL), as_of("2026-12-31"),
						   (struct logsource){ 0 });
		struct record r = { .arena = arena_new(), .raw = slice_of(cases[i].line), .source = "t" };
		char text[48];

		stream_set_columns(stream, &columns, ',');
		decode_head(decoder, stream, &r);
		decode_fields(decoder, stream, &r);
		assert_string_equal(r.format, "delimited");
		assert_true(cases[i].broken == ((r.marks & RECORD_BROKEN) != 0));
		time_format_rfc3339(r.time, r.utc_offset, text);
		assert_true(cases[i].time ? strcmp(text, cases[i].time) == 0 : r.undated);
		for (size_t k = 0; k < 3 && cases[i].fields[k].name; k++)
			if (!slice_is(record_value(&r, cases[i].fields[k].name), cases[i].fields[k].value))
				fail_msg("%s: %s is '%.*s'", cases[i].line, cases[i].fields[k].name,
					 (int)record_value(&r, cases[i].fields[k].name).len,
					 record_value(&r, cases[i].fields[k].name).at);
		arena_free(r.arena);
		stream_free(stream);
	}
}

static void test_samples_of_all_decode_data_hold(void **state)
{
	struct problems problems = { 0 };
	size_t run = 0;

	(void)state;
	decoder_test(decoder, NULL, &problems, &run);
	assert_true(run > 20);
	check_no_problems(&problems);
}

/* Lines name the columns of those behind them; what has not as many cells is no row. */
static void test_a_header_names_the_columns_of_the_rows_behind_it(void **state)
{
	static const struct { const char *line, *format, *time, *name, *value; } lines[] = {
		{ "#separator \\x09", "tsv", NULL, NULL, NULL },
		{ "1780275600.5\ta\tb\tc", NULL, NULL, NULL, NULL },
		{ "#fields\tts\tid.orig_h\tmsg\tnote", "tsv", NULL, NULL, NULL },
		{ "1780275600.5\t10.0.0.1\tx \\xe9\\x80\\x9f\\\\y\t-", "tsv", "2026-06-01T01:00:00.500+00:00", "msg", "x 速\\y" },
		{ "1780275600.5\t10.0.0.1\t\"x\t(empty)", "tsv", NULL, "msg", "\"x" },
		{ "1780275600.5\t10.0.0.1\t\"x\t(empty)", "tsv", NULL, "note", "" },
		{ "1780275600.5\t10.0.0.1\tx", NULL, NULL, NULL, NULL },
		{ "Jun  1 10:00:00 pc1 app[5]: a\tb", "syslog", NULL, NULL, NULL },
		{ "{\"a\":1}", "json", NULL, "a", "1" },
		{ "#close\t2026-06-01-11-00-00", "tsv", NULL, NULL, NULL },
		{ "#Fields: date time c-ip cs-uri-stem", "tsv", NULL, NULL, NULL },
		{ "2026-06-01 01:00:00 192.0.2.1 /a", "tsv", "2026-06-01T01:00:00+00:00", "cs-uri-stem", "/a" },
		{ "2026-06-01 01:00:00 192.0.2.1 \"/a b\" ", "tsv", "2026-06-01T01:00:00+00:00", "cs-uri-stem", "/a b" },
		{ "#Time Format: Local", "tsv", NULL, NULL, NULL },
		{ "#Fields: date time action src-ip", "tsv", NULL, NULL, NULL },
		{ "2026-06-01 01:00:00 DROP 192.0.2.1", "tsv", "2026-06-01T01:00:00+09:00", "action", "DROP" },
		{ "#Fields: date-time,client-ip,event-id", "tsv", NULL, NULL, NULL },
		{ "2026-06-01T01:00:00Z,192.0.2.1,\"a,b\"", "tsv", "2026-06-01T01:00:00+00:00", "event-id", "a,b" },
		{ "# just a comment", NULL, NULL, NULL, NULL },
	};
	struct stream *stream = stream_for("2026-12-31");

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct record r = { .arena = arena_new(), .raw = slice_of(lines[i].line), .source = "t" };

		check_head(stream, lines[i].line, lines[i].format, NULL, NULL, lines[i].time);
		decode_head(decoder, stream, &r);
		decode_fields(decoder, stream, &r);
		if (lines[i].name && !slice_is(record_value(&r, lines[i].name), lines[i].value))
			fail_msg("%s: %s is '%.*s'", lines[i].line, lines[i].name, (int)record_value(&r, lines[i].name).len,
				 record_value(&r, lines[i].name).at);
		arena_free(r.arena);
	}
	stream_free(stream);
}

/* What a client may write into a log does not rename the cells of others: only a file that begins so tells of itself. */
static void test_a_header_in_another_file_names_nothing(void **state)
{
	static const char *const access = "192.0.2.1 - - [01/Jun/2026:10:00:00 +0900] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"";
	struct stream *stream = stream_for("2026-12-31");

	(void)state;
	check_head(stream, access, "access", NULL, NULL, NULL);
	check_head(stream, "#Fields: a b c d e f g h i j", NULL, NULL, NULL, NULL);
	check_head(stream, access, "access", NULL, NULL, "2026-06-01T10:00:00+09:00");
	check_head(stream, "#Remark: 192.0.2.1 - - [01/Jun/2026:10:00:00 +0900] \"GET / HTTP/1.1\" 200 5", "access", NULL, NULL, NULL);
	stream_free(stream);
	stream = stream_new("tsv", zone_find("Asia/Tokyo", NULL), 0, (struct logsource){ 0 });
	assert_non_null(stream_read_header(stream, SLICE("file\tuser"), true));
	assert_null(stream_read_header(stream, SLICE("#fields\tb\ta"), false));
	stream_free(stream);
	stream = stream_new("tsv", zone_find("Asia/Tokyo", NULL), 0, (struct logsource){ 0 });
	assert_null(stream_read_header(stream, SLICE("# a comment"), true));
	assert_non_null(stream_read_header(stream, SLICE("#fields\tb\ta"), false));
	stream_free(stream);
}

/* In a file of columns named without a sign a number sign is a byte like others. */
static void test_a_row_may_begin_with_a_number_sign(void **state)
{
	struct stream *stream = stream_new("tsv", zone_find("Asia/Tokyo", NULL), 0, (struct logsource){ 0 });
	struct record r = { .arena = arena_new(), .raw = SLICE("#1.exe\tuser1"), .source = "t" };

	(void)state;
	check_head(stream, "file\tuser", "tsv", NULL, NULL, NULL);
	decode_head(decoder, stream, &r);
	decode_fields(decoder, stream, &r);
	assert_true(record_has_value(&r, "user", "user1"));
	arena_free(r.arena);
	stream_free(stream);
}

struct slow {
	const char *header, *front, *piece, *back;
};

/* Processor time of a line of about so many bytes of pieces, with a thousandth as many columns. */
static double time_of(const struct slow *slow, size_t bytes)
{
	struct stream *stream = stream_for("2026-12-31");
	struct record r = { .arena = arena_new(), .source = "t" };
	struct text header = { 0 }, line = { 0 };
	clock_t start;

	text_add(&header, slow->header);
	for (size_t k = 0; header.len && k < bytes / 1000; k++)
		text_addf(&header, " n%zu", k);
	text_add(&line, slow->front);
	for (int k = 0; line.len < bytes; k++)
		if (strchr(slow->piece, '%'))
			text_addf(&line, "<a>%06d</a>", k);
		else
			text_add(&line, slow->piece);
	text_add(&line, slow->back);
	stream_read_header(stream, text_slice(&header), true);
	r.raw = text_slice(&line);
	start = clock();
	decode_head(decoder, stream, &r);
	decode_fields(decoder, stream, &r);
	start = clock() - start;
	text_clear(&header);
	text_clear(&line);
	arena_free(r.arena);
	stream_free(stream);
	return (double)start;
}

/* No cost grows with the square of a line: eight times as long, one would cost 64 times as much. */
static void test_lines_made_to_be_slow_are_not(void **state)
{
	static const struct slow cases[] = {
		{ "#Fields:", "", "\"b ", "" },
		{ "", "--aaaaaaaa-A--\n[01/Jun/2026:10:00:00 +0900] x 192.0.2.1 1 192.0.2.2 80\n--aaaaaaaa-H--\nMessage: ", "[id \"",
		  "\n--aaaaaaaa-Z--" },
		{ "", "<Event>", "<a>%06d</a>", "</Event>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double part = time_of(&cases[i], 250000), whole = time_of(&cases[i], 2000000);

		if (whole > 30 * (part + CLOCKS_PER_SEC / 1000))
			fail_msg("%s: %.0f times as much", cases[i].piece, whole / part);
	}
}

/* A hostile file names new columns again and again: those beyond the limit name nothing. */
static void test_headers_are_bounded(void **state)
{
	struct stream *stream = stream_for("2026-12-31");
	char line[64];
	struct text longest = { 0 };
	int taken = 0;

	(void)state;
	stream_read_header(stream, SLICE("#separator \\x09"), true);
	text_add(&longest, "#fields\t");
	for (int i = 0; i < 65537; i++)
		text_add_char(&longest, 'a');
	assert_null(stream_read_header(stream, text_slice(&longest), false));
	text_clear(&longest);
	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "#fields\ta%d\tb", i);
		taken += stream_read_header(stream, slice_of(line), false) != NULL;
	}
	assert_int_equal(taken, 64);
	assert_non_null(stream_read_header(stream, SLICE("#fields\ta5\tb"), false));
	stream_free(stream);
}

/* A line that is carried may escape what it holds: all that may be decoded stands in the line as it is, or undone. */
static void test_what_is_carried_is_undone(void **state)
{
	static const struct { const char *line, *piece; } rows[] = {
		{ "{\"a\":\"x\\u002dy\"}", "x-y" },
		{ "{\"log\":\"\\u007b\\\"a\\\":\\\"x\\\\ty\\\"}\"}", "x\ty" },
		{ "{\"log\":\"{\\\"a\\\":\\\"x\\\\u002dy\\\"}\"}", "x-y" },
		{ "{\"log\":\"h - - [x] \\\"GET /?a=x\\u00252Dy HTTP/1.1\\\"\"}", "x-y" },
		{ "{\"log\":\"h - - [x] \\\"GET /?a=x\\u00252Dy HTTP/1.1\\\"\"}", "x%2Dy" },
		{ "{\"log\":\"CEF:0|a|b|c|d|e|5|f=x\\\\ty\"}", "\n" },	/* its escapes are others */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice line = slice_of(rows[i].line), out;
		char room[DECODE_UNESCAPED_MAX(200)];

		assert_true(line.len <= 200);
		out = (struct slice){ room, decode_unescape(decode_format_number("json"), line, room) };
		assert_true(out.len <= DECODE_UNESCAPED_MAX(line.len));
		if (slice_find(out, slice_of(rows[i].piece), 0) >= out.len)
			fail_msg("'%s' is not found of %s", rows[i].piece, rows[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_carried_is_undone),
		cmocka_unit_test(test_heads_are_recognised),
		cmocka_unit_test(test_a_yearless_time_is_the_latest_possible),
		cmocka_unit_test(test_fields_come_out_as_logged),
		cmocka_unit_test(test_the_body_of_a_request_is_no_section_of_its_entry),
		cmocka_unit_test(test_a_line_with_escapes_is_told_apart),
		cmocka_unit_test(test_what_a_json_reader_writes_otherwise_is_known),
		cmocka_unit_test(test_a_field_given_by_its_place_asks_for_no_name),
		cmocka_unit_test(test_a_decoded_field_that_goes_is_no_longer_counted),
		cmocka_unit_test(test_hostile_json_is_bounded),
		cmocka_unit_test(test_hostile_xml_is_bounded),
		cmocka_unit_test(test_unknown_products_are_read_by_telling_names),
		cmocka_unit_test(test_delimited_lines_are_cut_into_cells),
		cmocka_unit_test(test_a_header_names_the_columns_of_the_rows_behind_it),
		cmocka_unit_test(test_a_header_in_another_file_names_nothing),
		cmocka_unit_test(test_a_row_may_begin_with_a_number_sign),
		cmocka_unit_test(test_lines_made_to_be_slow_are_not),
		cmocka_unit_test(test_headers_are_bounded),
		cmocka_unit_test(test_samples_of_all_decode_data_hold),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
