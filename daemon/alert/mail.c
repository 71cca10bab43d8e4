/*
 * Mail by SMTP: each mail in a thread of its own, a few at a time, the rest wait in order. libcurl's multi interface
 * would not do: it waits for the server's answer to the end of a message, and for its goodbye, where it stands, and on
 * the loop that would stop the daemon. Thread and loop share a pair of sockets and nothing else: the thread says how the
 * transfer ended, its end of the pair closed says that it has gone; the loop's end shut says that it must stop.
 * The message is built by curl's own MIME code; what goes into a header is escaped by escape_mail_header().
 */
#include "alert/sender.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 4
#define TIMEOUT_DEFAULT 30L
#define STOP_WAIT (2 * NS_PER_S)

/* All that a thread needs, and its own as soon as it runs. */
struct transfer {
	CURL *curl;
	curl_mime *mime;
	struct curl_slist *to, *headers;
	char *body;
	char error[CURL_ERROR_SIZE];
	int loop;			/* the thread's end of the pair */
};

struct outcome {
	bool sent;
	char error[CURL_ERROR_SIZE];
};

/* The loop's side of a mail. */
struct mail {
	struct mail *next;
	struct mail_sender *sender;
	struct transfer *transfer;	/* NULL: a thread has it */
	int thread;			/* our end of the pair */
	struct event *on_thread;
	alert_done done;		/* NULL once it was called */
	void *context;
};

struct mail_sender {
	struct event_base *base;
	struct mail *mails;		/* waiting and running, oldest first */
	int running;
};

static void transfer_free(struct transfer *t)
{
	if (!t)
		return;
	curl_easy_cleanup(t->curl);
	curl_mime_free(t->mime);
	curl_slist_free_all(t->to);
	curl_slist_free_all(t->headers);
	free(t->body);
	if (t->loop >= 0)
		close(t->loop);		/* last: the thread has gone */
	free(t);
}

static int must_stop(void *context, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
		     curl_off_t ulnow)
{
	struct transfer *t = context;
	struct pollfd loop = { t->loop, POLLIN, 0 };

	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return poll(&loop, 1, 0) > 0;
}

static void *transfer_run(void *context)
{
	struct transfer *t = context;
	CURLcode code = curl_easy_perform(t->curl);
	struct outcome outcome = { .sent = code == CURLE_OK };
	curl_socket_t server;

	if (!outcome.sent)
		snprintf(outcome.error, sizeof(outcome.error), "%s",
			 t->error[0] ? t->error : curl_easy_strerror(code));
	send(t->loop, &outcome, sizeof(outcome), MSG_NOSIGNAL);
	/* goodbye is said, its answer not waited for: no timeout of ours would hold there */
	if (curl_easy_getinfo(t->curl, CURLINFO_ACTIVESOCKET, &server) == CURLE_OK &&
	    server != CURL_SOCKET_BAD)
		shutdown(server, SHUT_RD);
	transfer_free(t);
	return NULL;
}

static void mail_tell(struct mail *m, bool sent, const char *error)
{
	alert_done done = m->done;

	m->done = NULL;
	if (done)
		done(m->context, sent, sent ? NULL : error);
}

static void mail_free(struct mail *m)
{
	struct mail **at = &m->sender->mails;

	while (*at && *at != m)
		at = &(*at)->next;
	if (*at)
		*at = m->next;
	if (m->on_thread)
		event_free(m->on_thread);
	if (m->thread >= 0) {
		close(m->thread);
		m->sender->running--;
	}
	free(m);
}

/* The end of a mail; it waits no more when `done` begins another. */
static void mail_end(struct mail *m, const char *error)
{
	transfer_free(m->transfer);
	m->transfer = NULL;
	mail_tell(m, false, error);
	mail_free(m);
}

/* False when the thread has gone and nothing more will be heard. */
static bool mail_hear(struct mail *m)
{
	struct outcome outcome;
	ssize_t n = recv(m->thread, &outcome, sizeof(outcome), MSG_DONTWAIT);

	if (n == (ssize_t)sizeof(outcome))
		mail_tell(m, outcome.sent, outcome.error);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void mails_begin(struct mail_sender *s);

static void on_thread(evutil_socket_t fd, short what, void *context)
{
	struct mail *m = context;
	struct mail_sender *s = m->sender;

	(void)fd;
	(void)what;
	if (mail_hear(m))
		return;
	mail_end(m, "the thread that sent it ended without a word");
	mails_begin(s);
}

/* Signals are the loop's: the thread takes none. */
static int thread_begin(struct transfer *t)
{
	pthread_attr_t detached;
	sigset_t all, before;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &detached, transfer_run, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
	return rc;
}

static int mail_begin(struct mail *m)
{
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return errno;
	m->transfer->loop = pair[1];
	rc = thread_begin(m->transfer);
	if (rc != 0) {
		close(pair[0]);
		return rc;
	}
	m->transfer = NULL;
	m->thread = pair[0];
	m->sender->running++;
	m->on_thread = event_new(m->sender->base, m->thread, EV_READ | EV_PERSIST, on_thread, m);
	event_add(m->on_thread, NULL);
	return 0;
}

static struct mail *mail_waiting(const struct mail_sender *s)
{
	struct mail *m = s->mails;

	while (m && !m->transfer)
		m = m->next;
	return m;
}

static void mails_begin(struct mail_sender *s)
{
	struct mail *m;
	int rc;

	while (s->running < AT_ONCE && (m = mail_waiting(s))) {
		rc = mail_begin(m);
		if (rc == 0)
			continue;
		mail_end(m, strerror(rc));
	}
}

static struct mail_sender *sender_new(struct event_base *base)
{
	struct mail_sender *s = mem_zalloc(sizeof(*s));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	s->base = base;
	return s;
}

/* What hears in time that it must stop has gone afterwards; the rest (a resolver, say) is left to itself. */
static void mails_stop(struct mail_sender *s)
{
	int64_t until = clock_now() + STOP_WAIT;

	for (struct mail *m = s->mails; m; m = m->next)
		if (m->thread >= 0)
			shutdown(m->thread, SHUT_WR);
	for (struct mail *m = s->mails; m; m = m->next) {
		struct pollfd thread = { m->thread, POLLIN, 0 };
		int64_t left;

		while (m->thread >= 0 && (left = until - clock_now()) > 0 && left <= STOP_WAIT &&
		       poll(&thread, 1, (int)(left / (NS_PER_S / 1000)) + 1) >= 0 && mail_hear(m))
			;
	}
}

void mail_sender_free(struct mail_sender *s)
{
	if (!s)
		return;
	mails_stop(s);
	while (s->mails)
		mail_end(s->mails, "the daemon stopped while it was being sent");
	free(s);
}

static void header_add(struct transfer *m, const char *name, const char *value)
{
	struct text line = { 0 };

	text_addf(&line, "%s: ", name);
	escape_mail_header(slice_of(value), &line);
	m->headers = curl_slist_append(m->headers, line.at);
	text_clear(&line);
}

/* RFC 5322: the date in words of C's locale, and an id that is unique. */
static void headers_build(struct transfer *m, const struct target_conf *t,
			  const struct alert_message *a)
{
	char date[64], id[128], sum[33];
	int64_t now = clock_now();
	time_t seconds = (time_t)(now / NS_PER_S);
	struct slice parts[2] = { slice_of(a->subject), { (const char *)&now, sizeof(now) } };
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &utc);
	hash_sha256_hex(parts, 2, 16, sum);
	snprintf(id, sizeof(id), "<%s@sokuhod>", sum);
	header_add(m, "From", t->from);
	for (size_t i = 0; i < t->to.n; i++)
		if (i == 0)
			header_add(m, "To", t->to.at[i]);
		else
			header_add(m, "Cc", t->to.at[i]);
	header_add(m, "Subject", a->subject);
	m->headers = curl_slist_append(m->headers, "Auto-Submitted: auto-generated");
	header_add(m, "Date", date);
	header_add(m, "Message-ID", id);
	if (a->incident_id)
		header_add(m, "X-Sokuhod-Incident", a->incident_id);
}

static int password_read(const char *path, char *out, size_t size, struct err *err)
{
	FILE *file = fopen(path, "re");

	if (!file || !fgets(out, (int)size, file)) {
		if (file)
			fclose(file);
		return err_set(err, ERR_IO, "the password file '%s' cannot be read", path);
	}
	fclose(file);
	out[strcspn(out, "\r\n")] = '\0';
	return 0;
}

static int curl_prepare(struct transfer *m, const struct target_conf *t, struct err *err)
{
	char password[256];
	curl_mimepart *part;

	m->curl = curl_easy_init();
	m->mime = curl_mime_init(m->curl);
	part = curl_mime_addpart(m->mime);
	curl_mime_data(part, m->body, CURL_ZERO_TERMINATED);
	curl_mime_type(part, "text/plain; charset=UTF-8");
	curl_mime_encoder(part, "base64");
	for (size_t i = 0; i < t->to.n; i++)
		m->to = curl_slist_append(m->to, t->to.at[i]);
	curl_easy_setopt(m->curl, CURLOPT_URL, t->url);
	curl_easy_setopt(m->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(m->curl, CURLOPT_MAIL_FROM, t->from);
	curl_easy_setopt(m->curl, CURLOPT_MAIL_RCPT, m->to);
	curl_easy_setopt(m->curl, CURLOPT_MIMEPOST, m->mime);
	curl_easy_setopt(m->curl, CURLOPT_HTTPHEADER, m->headers);
	curl_easy_setopt(m->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(m->curl, CURLOPT_XFERINFOFUNCTION, must_stop);
	curl_easy_setopt(m->curl, CURLOPT_XFERINFODATA, m);
	curl_easy_setopt(m->curl, CURLOPT_ERRORBUFFER, m->error);
	curl_easy_setopt(m->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(m->curl, CURLOPT_TIMEOUT,
			 t->timeout ? (long)(t->timeout / NS_PER_S) : TIMEOUT_DEFAULT);
	if (t->starttls)
		curl_easy_setopt(m->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	if (t->username) {
		if (!t->password_file ||
		    password_read(t->password_file, password, sizeof(password), err) < 0)
			return t->password_file ? err->kind :
				       err_set(err, ERR_CONFIG, "target '%s' has a username but no "
					       "password_file", t->name);
		curl_easy_setopt(m->curl, CURLOPT_USERNAME, t->username);
		curl_easy_setopt(m->curl, CURLOPT_PASSWORD, password);
	}
	return 0;
}

static int mail_start(struct alert *alert, const struct target_conf *target,
		      const struct alert_message *message, alert_done done, void *context,
		      struct err *err)
{
	struct transfer *t = mem_zalloc(sizeof(*t));
	struct mail *m, **end;

	if (!alert->mail)
		alert->mail = sender_new(alert->base);
	t->loop = -1;
	t->body = mem_strdup(message->body);
	headers_build(t, target, message);
	if (curl_prepare(t, target, err) < 0) {
		transfer_free(t);
		return err->kind;
	}
	m = mem_zalloc(sizeof(*m));
	*m = (struct mail){ .sender = alert->mail, .transfer = t, .thread = -1, .done = done,
			    .context = context };
	for (end = &alert->mail->mails; *end; end = &(*end)->next)
		;
	*end = m;
	mails_begin(alert->mail);
	return 0;
}

const struct alert_kind mail_kind = { "mail", mail_start };
