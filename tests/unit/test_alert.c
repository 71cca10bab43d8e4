/*
 * Telling people: the message in the outbox, programs of the site, mail and the journal. The mail server here is a
 * mock that answers every command with yes and keeps what it was sent; the real conversation is in system.py.
 */
#include "check.h"

#include "alert/alert.h"
#include "base/clock.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT_ONCE 8	/* programs that run together; see exec.c */

static struct {
	char folder[32];
	struct event_base *base;
	struct alert *alert;
} world;

struct outcome {
	int calls;
	bool sent;
	char error[256];
};

static void on_done(void *context, bool sent, const char *error)
{
	struct outcome *outcome = context;

	outcome->calls++;
	outcome->sent = sent;
	snprintf(outcome->error, sizeof(outcome->error), "%s", error ? error : "");
}

static int setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);	/* as main() does */
	strcpy(world.folder, "/tmp/sokuho-alert-XXXXXX");
	world.base = event_base_new();
	world.alert = alert_new(world.base, NULL);
	return mkdtemp(world.folder) && world.base && world.alert ? 0 : -1;
}

static int teardown(void **state)
{
	char pattern[64];
	glob_t found;

	(void)state;
	alert_free(world.alert);
	event_base_free(world.base);
	snprintf(pattern, sizeof(pattern), "%s/*", world.folder);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
		globfree(&found);
	}
	rmdir(world.folder);
	return 0;
}

static void turn(long ms)
{
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(world.base, &wait);
	event_base_loop(world.base, EVLOOP_NO_EXIT_ON_EMPTY);
}

static void wait_for(const struct outcome *outcome, int calls)
{
	for (int i = 0; i < 400 && outcome->calls < calls; i++)
		turn(10);
	assert_int_equal(outcome->calls, calls);
}

static void alert_restart(void)
{
	alert_free(world.alert);
	world.alert = alert_new(world.base, NULL);
}

/* `sh -c script sh FOLDER` */
static struct target_conf shell(const char *script)
{
	struct target_conf target = { .kind = (char *)"exec", .name = (char *)"t", .timeout = 20 * NS_PER_S };
	const char *words[] = { "/bin/sh", "-c", script, "sh", world.folder };

	for (size_t i = 0; i < COUNT(words); i++)
		strlist_add(&target.command, words[i]);
	return target;
}

static void tell(struct target_conf *target, const struct alert_message *message, struct outcome *outcome)
{
	struct err err;

	if (alert_send(world.alert, target, message, on_done, outcome, &err) < 0)
		fail_msg("%s", err.text);
}

/* What a file of the folder holds; "" where there is none. */
static void contents(const char *name, struct text *out)
{
	char path[64], bytes[4096];
	size_t n;
	FILE *file;

	text_reset(out);
	text_add(out, "");
	snprintf(path, sizeof(path), "%s/%s", world.folder, name);
	file = fopen(path, "re");
	while (file && (n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		text_add_bytes(out, bytes, n);
	if (file)
		fclose(file);
}

/* ------------------------------------------------------------------ the message */

static void test_a_message_comes_back_from_the_outbox_as_it_was(void **state)
{
	static const char *const hostile[] = {
		"", "{\"level\":\"review\"}", "a\"b\\c", "line\r\nBcc: x@example.com\r\n\r\n.", "\033[2J\007\177",
		"<script>", "\u202eevil", "第3項(1)ケ", "=?UTF-8?B?AAAA?=", "%s%n%d",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		char *text = (char *)hostile[i], *json;
		struct alert_message in = { text, 4294967295u, text, text, text, text, text, text, text }, *out;
		struct err err;

		json = alert_message_to_json(&in);
		assert_null(strchr(json, '\n'));
		assert_int_equal(alert_message_from_json(json, &out, &err), 0);
		assert_int_equal(out->revision, in.revision);
		assert_string_equal(out->incident_id, text);
		assert_string_equal(out->level, text);
		assert_string_equal(out->clause, text);
		assert_string_equal(out->asset_label, text);
		assert_string_equal(out->reason, text);
		assert_string_equal(out->subject, text);
		assert_string_equal(out->body, text);
		assert_string_equal(out->document, text);
		alert_message_free(out);
		free(json);
	}
}

static void test_what_a_message_lacks_it_lacks_after_the_outbox_too(void **state)
{
	struct alert_message in = { .subject = (char *)"s" }, *out;
	char *json = alert_message_to_json(&in);
	struct err err;

	(void)state;
	assert_int_equal(alert_message_from_json(json, &out, &err), 0);
	assert_null(out->incident_id);
	assert_null(out->document);
	assert_string_equal(out->subject, "s");
	alert_message_free(out);
	free(json);
	alert_message_free(NULL);
}

static void test_an_outbox_that_was_damaged_gives_a_sentence(void **state)
{
	static const char *const broken[] = { "", "{", "[]", "null", "\"text\"", "7", "{\"subject\":" };

	(void)state;
	for (size_t i = 0; i < COUNT(broken); i++) {
		struct alert_message *out = NULL;
		struct err err = { 0 };

		assert_int_equal(alert_message_from_json(broken[i], &out, &err), ERR_CONFIG);
		assert_null(out);
		assert_true(err.text[0]);
	}
}

static void test_an_unknown_kind_is_refused_by_name(void **state)
{
	struct target_conf target = { .kind = (char *)"pigeon", .name = (char *)"roof" };
	struct alert_message message = { .subject = (char *)"s" };
	struct outcome outcome = { 0 };
	struct err err;

	(void)state;
	assert_true(alert_kind_exists("mail") && alert_kind_exists("exec") && alert_kind_exists("journal"));
	assert_false(alert_kind_exists("pigeon") || alert_kind_exists("") || alert_kind_exists(NULL));
	assert_int_equal(alert_send(world.alert, &target, &message, on_done, &outcome, &err), ERR_CONFIG);
	assert_non_null(strstr(err.text, "'roof'"));
	assert_non_null(strstr(err.text, "'pigeon'"));
	assert_int_equal(outcome.calls, 0);
}

/* ------------------------------------------------------------------ exec */

static void test_a_program_gets_the_document_and_only_a_small_environment(void **state)
{
	struct target_conf target = shell("cat >\"$1/in\"; env >\"$1/env\"; echo lost");
	struct alert_message message = { .incident_id = (char *)"I20260601-x", .level = (char *)"report",
					 .reason = (char *)"opened" };
	struct outcome outcome = { 0 };
	struct text document = { 0 }, got = { 0 };

	(void)state;
	setenv("SOKUHO_SECRET", "of the daemon", 1);
	for (int i = 0; i < 20000; i++)		/* more than a pipe holds */
		text_add(&document, "{\"a\":\"\\u0000 $(reboot) `id`\"}\n");
	message.document = document.at;
	tell(&target, &message, &outcome);
	wait_for(&outcome, 1);
	assert_true(outcome.sent);
	contents("in", &got);
	assert_int_equal(got.len, document.len);
	assert_memory_equal(got.at, document.at, got.len);
	contents("env", &got);
	assert_non_null(strstr(got.at, "SOKUHO_INCIDENT=I20260601-x\n"));
	assert_non_null(strstr(got.at, "SOKUHO_LEVEL=report\n"));
	assert_non_null(strstr(got.at, "SOKUHO_REASON=opened\n"));
	assert_null(strstr(got.at, "SOKUHO_SECRET"));
	unsetenv("SOKUHO_SECRET");
	text_clear(&document);
	text_clear(&got);
	strlist_clear(&target.command);
}

static void test_the_end_of_a_program_is_told_as_it_was(void **state)
{
	static const struct { const char *script; bool sent; const char *error; } cases[] = {
		{ "exit 0", true, "" },			/* did not read: its status counts */
		{ "cat >/dev/null; exit 3", false, "ended with status 3" },
		{ "kill -TERM $$", false, "ended by signal 15" },
	};
	struct text document = { 0 };
	struct alert_message message = { .level = (char *)"report" };

	(void)state;
	for (int i = 0; i < 20000; i++)
		text_add(&document, "0123456789abcdef");
	message.document = document.at;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct target_conf target = shell(cases[i].script);
		struct outcome outcome = { 0 };

		tell(&target, &message, &outcome);
		wait_for(&outcome, 1);
		assert_int_equal(outcome.sent, cases[i].sent);
		if (!strstr(outcome.error, cases[i].error))
			fail_msg("%s: %s", cases[i].script, outcome.error);
		strlist_clear(&target.command);
	}
	text_clear(&document);
}

static void test_a_program_that_is_not_there_is_named(void **state)
{
	struct target_conf target = { .kind = (char *)"exec", .name = (char *)"t" };
	struct alert_message message = { .level = (char *)"report" };
	struct outcome outcome = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(alert_send(world.alert, &target, &message, on_done, &outcome, &err), ERR_CONFIG);
	assert_int_equal(outcome.calls, 0);
	strlist_add(&target.command, "/nowhere/notify");
	tell(&target, &message, &outcome);
	wait_for(&outcome, 1);
	assert_false(outcome.sent);
	assert_non_null(strstr(outcome.error, "/nowhere/notify"));
	strlist_clear(&target.command);
}

static void test_a_program_that_hangs_is_ended_with_all_its_children(void **state)
{
	struct target_conf target = shell("sleep 60 & echo $! >\"$1/grandchild\"; wait");
	struct alert_message message = { .level = (char *)"report" };
	struct outcome outcome = { 0 };
	struct text pid = { 0 };
	char stat[64], line[256] = "";
	FILE *file;

	(void)state;
	target.timeout = NS_PER_S;
	tell(&target, &message, &outcome);
	wait_for(&outcome, 1);
	assert_false(outcome.sent);
	assert_non_null(strstr(outcome.error, "signal 9"));
	contents("grandchild", &pid);
	snprintf(stat, sizeof(stat), "/proc/%d/stat", atoi(pid.at));
	file = fopen(stat, "re");		/* gone, or a zombie that nobody has buried */
	if (file) {
		assert_non_null(fgets(line, sizeof(line), file));
		fclose(file);
		if (!strstr(line, ") Z") && !strstr(line, ") X"))
			fail_msg("the child's child still runs: %s", line);
	}
	text_clear(&pid);
	strlist_clear(&target.command);
}

static int stderr_to_file(void)
{
	char path[64];
	int fd, kept = dup(STDERR_FILENO);

	snprintf(path, sizeof(path), "%s/stderr", world.folder);
	fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && kept >= 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return kept;
}

static void stderr_back(int kept)
{
	dup2(kept, STDERR_FILENO);
	close(kept);
}

static void test_the_words_of_a_program_do_not_pass_for_ours(void **state)
{
	static const struct { const char *script, *first; } cases[] = {
		{ "printf 'no \\033[2Jroute\\nerror: store: forged\\n' >&2", "no \\x1b[2Jroute" },
		{ "printf 'to the end' >&2; exit 0", "to the end" },
		{ "head -c 300000 /dev/zero | tr '\\0' x >&2", "xxxxxxxxxx" },	/* more than a pipe holds */
	};
	struct alert_message message = { .level = (char *)"report" };
	struct text said = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct target_conf target = shell(cases[i].script);
		struct outcome outcome = { 0 };
		int kept = stderr_to_file();

		tell(&target, &message, &outcome);
		for (int k = 0; k < 400 && !outcome.calls; k++)
			turn(10);
		stderr_back(kept);
		assert_int_equal(outcome.calls, 1);
		assert_true(outcome.sent);
		contents("stderr", &said);
		if (!strstr(said.at, cases[i].first) || !strstr(said.at, "'/bin/sh' says"))
			fail_msg("%s: %s", cases[i].script, said.at);
		assert_null(strstr(said.at, "forged"));
		assert_ptr_equal(strchr(said.at, '\n'), said.at + said.len - 1);
		assert_true(said.len < 400);
		strlist_clear(&target.command);
	}
	text_clear(&said);
}

static size_t files_named(const char *head)
{
	char pattern[64];
	glob_t found;
	size_t n;

	snprintf(pattern, sizeof(pattern), "%s/%s*", world.folder, head);
	n = glob(pattern, 0, NULL, &found) == 0 ? found.gl_pathc : 0;
	if (n)
		globfree(&found);
	return n;
}

static void test_a_few_programs_run_at_once_and_the_rest_wait(void **state)
{
	struct target_conf target = shell("touch \"$1/began.$$\"; until test -e \"$1/go\"; do sleep 0.02; done");
	struct alert_message message = { .level = (char *)"report" };
	struct outcome outcome = { 0 };
	char path[64];
	int fd;

	(void)state;
	for (int i = 0; i < AT_ONCE + 3; i++)
		tell(&target, &message, &outcome);
	for (int i = 0; i < 300 && files_named("began.") < AT_ONCE; i++)
		turn(10);
	turn(100);
	assert_int_equal(files_named("began."), AT_ONCE);
	assert_int_equal(outcome.calls, 0);
	snprintf(path, sizeof(path), "%s/go", world.folder);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	wait_for(&outcome, AT_ONCE + 3);
	assert_true(outcome.sent);
	assert_int_equal(files_named("began."), AT_ONCE + 3);
	strlist_clear(&target.command);
}

static void test_what_is_under_way_at_the_end_is_not_called_sent(void **state)
{
	struct target_conf target = shell("exec sleep 60");
	struct alert_message message = { .level = (char *)"report" };
	struct outcome outcomes[AT_ONCE + 1] = { 0 };	/* the last one waits for its turn */

	(void)state;
	for (size_t i = 0; i < COUNT(outcomes); i++)
		tell(&target, &message, &outcomes[i]);
	turn(20);
	alert_restart();
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		assert_int_equal(outcomes[i].calls, 1);
		assert_false(outcomes[i].sent);
		assert_true(outcomes[i].error[0]);
	}
	strlist_clear(&target.command);
}

/* ------------------------------------------------------------------ mail */

struct mock {
	int listener;
	pid_t pid;			/* of the server's process */
	long late_ms;			/* it takes so long to accept a message */
	bool no_goodbye;		/* it never answers QUIT */
	int more;			/* conversations after the first */
	struct text mail;		/* envelope and message as they came */
	char url[64];
};

static void mock_open(struct mock *mock)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	mock->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(mock->listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(mock->listener, 8), 0);
	getsockname(mock->listener, (struct sockaddr *)&address, &len);
	snprintf(mock->url, sizeof(mock->url), "smtp://127.0.0.1:%d", ntohs(address.sin_port));
}

static void mock_answer(const struct mock *mock, const char *line, bool ends_message, FILE *client)
{
	const struct timespec late = { mock->late_ms / 1000, mock->late_ms % 1000 * 1000000 };

	if (ends_message)
		nanosleep(&late, NULL);
	if (strcmp(line, "DATA\r\n") == 0)
		fputs("354 go on\r\n", client);
	else if (!mock->no_goodbye || strcmp(line, "QUIT\r\n") != 0)
		fputs("250 yes\r\n", client);
}

/* One conversation, kept in the file `mail`. */
static void mock_talk(const struct mock *mock)
{
	FILE *client = fdopen(accept(mock->listener, NULL, NULL), "r+"), *keep;
	char line[2048], path[64];
	bool in_message = false, ends;

	snprintf(path, sizeof(path), "%s/mail", world.folder);
	keep = fopen(path, "we");
	if (!client || !keep)
		return;
	fputs("220 mock\r\n", client);
	for (fflush(client); fgets(line, sizeof(line), client); fflush(client)) {
		fputs(line, keep);
		fseek(client, 0, SEEK_CUR);	/* from reading to writing */
		ends = in_message && strcmp(line, ".\r\n") == 0;
		if (in_message && !ends)
			continue;
		in_message = strcmp(line, "DATA\r\n") == 0;
		mock_answer(mock, line, ends, client);
	}
	fclose(keep);
	fclose(client);
}

static void mock_begin(struct mock *mock)
{
	mock_open(mock);
	mock->pid = fork();
	if (mock->pid == 0) {
		alarm(5);
		for (int i = 0; i <= mock->more; i++)
			mock_talk(mock);
		_exit(0);
	}
	assert_true(mock->pid > 0);
}

/* What the server got, with LF alone at the ends of lines. */
static void mock_end(struct mock *mock)
{
	size_t to = 0;

	close(mock->listener);
	waitpid(mock->pid, NULL, 0);
	contents("mail", &mock->mail);
	for (size_t from = 0; from < mock->mail.len; from++)
		if (mock->mail.at[from] != '\r' || mock->mail.at[from + 1] != '\n')
			mock->mail.at[to++] = mock->mail.at[from];
	mock->mail.at[mock->mail.len = to] = '\0';
}

static struct target_conf mail_target(const struct mock *mock)
{
	struct target_conf target = { .kind = (char *)"mail", .name = (char *)"m", .url = (char *)mock->url,
				      .from = (char *)"sokuhod@example.com", .timeout = 3 * NS_PER_S };

	strlist_add(&target.to, "soc@example.com");
	return target;
}

/* The header section as the server got it; a LF stands before and after each line. */
static char *mail_header(const struct mock *mock)
{
	const char *from = strstr(mock->mail.at, "DATA\n"), *to = from ? strstr(from, "\n\n") : NULL;

	assert_non_null(to);
	return slice_dup((struct slice){ from + 4, (size_t)(to + 1 - from) - 4 });
}

static void test_nothing_in_a_message_can_add_a_header_or_a_receiver(void **state)
{
	static const char *const hostile[] = {
		"a\r\nBcc: victim@example.org\r\n\r\nbody", "a\nBcc: victim@example.org", "a\rBcc: victim@example.org",
		"a\r\n.\r\nMAIL FROM:<x@example.org>", "報告\r\nBcc: victim@example.org\r\n\r\n",
		"a\u2028Bcc: victim@example.org", "\xff\r\nBcc: victim@example.org",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(hostile); i++) {
		struct mock mock = { 0 };
		struct target_conf target;
		struct outcome outcome = { 0 };
		struct alert_message message = { .subject = (char *)hostile[i], .incident_id = (char *)hostile[i],
						 .body = (char *)hostile[i] };
		char *header;

		mock_begin(&mock);
		target = mail_target(&mock);
		tell(&target, &message, &outcome);
		wait_for(&outcome, 1);
		mock_end(&mock);
		if (!outcome.sent)
			fail_msg("%s", outcome.error);
		header = mail_header(&mock);
		assert_null(strstr(header, "\nBcc:"));
		assert_null(strchr(header, '\r'));
		assert_null(strstr(mock.mail.at, "\nMAIL FROM:<x@"));
		assert_null(strstr(mock.mail.at, "\nRCPT TO:<victim@"));
		assert_non_null(strstr(header, "\nSubject: "));
		for (const char *c = header; *c; c++)
			assert_true((unsigned char)*c < 0x80);
		free(header);
		strlist_clear(&target.to);
		text_clear(&mock.mail);
	}
}

static void test_a_japanese_subject_is_sent_as_an_encoded_word(void **state)
{
	struct mock mock = { 0 };
	struct outcome outcome = { 0 };
	struct alert_message message = { .subject = (char *)"速報対象の疑い", .incident_id = (char *)"I20260601-x",
					 .body = (char *)"第3項(1)ケ" };
	struct target_conf target;
	char *header;

	(void)state;
	mock_begin(&mock);
	target = mail_target(&mock);
	strlist_add(&target.to, "second@example.com");
	tell(&target, &message, &outcome);
	wait_for(&outcome, 1);
	mock_end(&mock);
	assert_true(outcome.sent);
	header = mail_header(&mock);
	/* printf 速報対象の疑い | base64 */
	assert_non_null(strstr(header, "\nSubject: =?UTF-8?B?6YCf5aCx5a++6LGh44Gu55aR44GE?=\n"));
	assert_non_null(strstr(header, "\nFrom: sokuhod@example.com\n"));
	assert_non_null(strstr(header, "\nAuto-Submitted: auto-generated\n"));
	assert_non_null(strstr(header, "\nX-Sokuhod-Incident: I20260601-x\n"));
	assert_non_null(strstr(header, "\nDate: "));
	assert_non_null(strstr(header, "\nMessage-ID: <"));
	assert_non_null(strstr(mock.mail.at, "RCPT TO:<soc@example.com>"));
	assert_non_null(strstr(mock.mail.at, "RCPT TO:<second@example.com>"));
	/* printf '第3項(1)ケ' | base64 */
	assert_non_null(strstr(mock.mail.at, "\n56ysM+mghSgxKeOCsQ==\n"));
	free(header);
	strlist_clear(&target.to);
	text_clear(&mock.mail);
}

static void test_mail_that_cannot_be_sent_says_why(void **state)
{
	struct mock mock = { 0 };
	struct outcome outcome = { 0 };
	struct alert_message message = { .subject = (char *)"s", .body = (char *)"b" };
	struct target_conf target;
	struct err err;

	(void)state;
	mock_open(&mock);
	target = mail_target(&mock);
	target.username = (char *)"u";
	assert_int_equal(alert_send(world.alert, &target, &message, on_done, &outcome, &err), ERR_CONFIG);
	target.password_file = (char *)"/nowhere/password";
	assert_int_equal(alert_send(world.alert, &target, &message, on_done, &outcome, &err), ERR_IO);
	assert_non_null(strstr(err.text, "/nowhere/password"));
	assert_int_equal(outcome.calls, 0);
	target.username = target.password_file = NULL;
	close(mock.listener);		/* nobody listens on its port any more */
	tell(&target, &message, &outcome);
	wait_for(&outcome, 1);
	assert_false(outcome.sent);
	assert_true(outcome.error[0]);
	strlist_clear(&target.to);
}

static void test_mails_under_way_at_the_end_are_not_called_sent(void **state)
{
	struct mock mock = { 0 };		/* listens, and never says a word */
	struct outcome outcomes[6] = { 0 };	/* more than are sent at once */
	struct alert_message message = { .subject = (char *)"s", .body = (char *)"b" };
	struct target_conf target;
	int64_t began;

	(void)state;
	mock_open(&mock);
	target = mail_target(&mock);
	target.timeout = 30 * NS_PER_S;
	for (size_t i = 0; i < COUNT(outcomes); i++)
		tell(&target, &message, &outcomes[i]);
	turn(50);
	began = clock_now();
	alert_restart();
	assert_true(clock_now() - began < 3 * NS_PER_S);
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		assert_int_equal(outcomes[i].calls, 1);
		assert_false(outcomes[i].sent);
	}
	strlist_clear(&target.to);
	close(mock.listener);
}

static void test_a_slow_mail_server_does_not_stop_the_loop(void **state)
{
	struct mock mock = { .late_ms = 1500 };
	struct outcome outcome = { 0 };
	struct alert_message message = { .subject = (char *)"s", .body = (char *)"b" };
	struct target_conf target;
	int64_t longest = 0;

	(void)state;
	mock_begin(&mock);
	target = mail_target(&mock);
	tell(&target, &message, &outcome);
	for (int i = 0; i < 400 && !outcome.calls; i++) {
		int64_t began = clock_now();

		turn(10);
		if (clock_now() - began > longest)
			longest = clock_now() - began;
	}
	assert_int_equal(outcome.calls, 1);
	assert_true(outcome.sent);
	assert_true(longest < NS_PER_S);
	mock_end(&mock);
	strlist_clear(&target.to);
	text_clear(&mock.mail);
}

static void test_a_server_that_never_says_goodbye_does_not_keep_other_mails(void **state)
{
	struct mock mock = { .no_goodbye = true, .more = 5 };
	struct outcome outcome = { 0 };		/* of six mails, more than are sent at once */
	struct alert_message message = { .subject = (char *)"s", .body = (char *)"b" };
	struct target_conf target;
	int64_t began = clock_now();

	(void)state;
	mock_begin(&mock);
	target = mail_target(&mock);
	for (int i = 0; i <= mock.more; i++)
		tell(&target, &message, &outcome);
	wait_for(&outcome, mock.more + 1);
	assert_true(outcome.sent);
	alert_restart();
	assert_true(clock_now() - began < 3 * NS_PER_S);
	assert_int_equal(outcome.calls, mock.more + 1);
	mock_end(&mock);
	assert_non_null(strstr(mock.mail.at, "QUIT\n"));
	strlist_clear(&target.to);
	text_clear(&mock.mail);
}

/* ------------------------------------------------------------------ journal */

static void test_without_a_journal_the_alert_is_one_line_on_standard_error(void **state)
{
	struct target_conf target = { .kind = (char *)"journal", .name = (char *)"j" };
	struct alert_message message = { .incident_id = (char *)"I20260601-x", .level = (char *)"report",
					 .subject = (char *)"対象\033[2J\nerror: forged" };
	struct outcome outcome = { 0 };
	struct text said = { 0 };
	int kept;

	(void)state;
	if (access("/run/systemd/journal/socket", W_OK) == 0) {
		print_message("a journal listens on this machine: left out\n");
		skip();
	}
	kept = stderr_to_file();
	tell(&target, &message, &outcome);
	stderr_back(kept);
	assert_int_equal(outcome.calls, 1);
	assert_true(outcome.sent);
	contents("stderr", &said);
	assert_non_null(strstr(said.at, "I20260601-x"));
	assert_non_null(strstr(said.at, "report"));
	assert_non_null(strstr(said.at, "対象"));
	assert_null(strchr(said.at, '\033'));
	assert_ptr_equal(strchr(said.at, '\n'), said.at + said.len - 1);
	text_clear(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message_comes_back_from_the_outbox_as_it_was),
		cmocka_unit_test(test_what_a_message_lacks_it_lacks_after_the_outbox_too),
		cmocka_unit_test(test_an_outbox_that_was_damaged_gives_a_sentence),
		cmocka_unit_test(test_an_unknown_kind_is_refused_by_name),
		cmocka_unit_test(test_a_program_gets_the_document_and_only_a_small_environment),
		cmocka_unit_test(test_the_end_of_a_program_is_told_as_it_was),
		cmocka_unit_test(test_a_program_that_is_not_there_is_named),
		cmocka_unit_test(test_a_program_that_hangs_is_ended_with_all_its_children),
		cmocka_unit_test(test_the_words_of_a_program_do_not_pass_for_ours),
		cmocka_unit_test(test_a_few_programs_run_at_once_and_the_rest_wait),
		cmocka_unit_test(test_what_is_under_way_at_the_end_is_not_called_sent),
		cmocka_unit_test(test_nothing_in_a_message_can_add_a_header_or_a_receiver),
		cmocka_unit_test(test_a_japanese_subject_is_sent_as_an_encoded_word),
		cmocka_unit_test(test_mail_that_cannot_be_sent_says_why),
		cmocka_unit_test(test_mails_under_way_at_the_end_are_not_called_sent),
		cmocka_unit_test(test_a_slow_mail_server_does_not_stop_the_loop),
		cmocka_unit_test(test_a_server_that_never_says_goodbye_does_not_keep_other_mails),
		cmocka_unit_test(test_without_a_journal_the_alert_is_one_line_on_standard_error),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
