/*
 * Mail by SMTP: libcurl's multi interface on our loop. A few at a time, the rest wait in order. The message is built
 * by curl's own MIME code; what goes into a header is escaped by escape_mail_header().
 */
#include "alert/sender.h"

#include "base/clock.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/mem.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AT_ONCE 4
#define TIMEOUT_DEFAULT 30L

struct mail {
	struct mail *next;
	struct mail_sender *sender;
	CURL *curl;
	curl_mime *mime;
	struct curl_slist *to, *headers;
	char *body;
	alert_done done;
	void *context;
	char error[CURL_ERROR_SIZE];
	bool running;
};

struct mail_sender {
	struct event_base *base;
	CURLM *multi;
	struct event *timer;
	struct mail *mails;		/* waiting and running, oldest first */
	int running;
};

static void mail_free(struct mail *m)
{
	curl_easy_cleanup(m->curl);
	curl_mime_free(m->mime);
	curl_slist_free_all(m->to);
	curl_slist_free_all(m->headers);
	free(m->body);
	free(m);
}

static void mail_remove(struct mail_sender *s, struct mail *m)
{
	struct mail **at = &s->mails;

	while (*at && *at != m)
		at = &(*at)->next;
	if (*at)
		*at = m->next;
	if (m->running) {
		curl_multi_remove_handle(s->multi, m->curl);
		s->running--;
	}
}

static void mails_begin(struct mail_sender *s)
{
	for (struct mail *m = s->mails; m && s->running < AT_ONCE; m = m->next) {
		if (m->running)
			continue;
		m->running = true;
		s->running++;
		curl_multi_add_handle(s->multi, m->curl);
	}
}

static void mails_collect(struct mail_sender *s)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(s->multi, &left))) {
		struct mail *m = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&m);
		mail_remove(s, m);
		m->done(m->context, code == CURLE_OK,
			code == CURLE_OK ? NULL : m->error[0] ? m->error : curl_easy_strerror(code));
		mail_free(m);
	}
	mails_begin(s);
}

static void on_socket(evutil_socket_t fd, short what, void *context)
{
	struct mail_sender *s = context;
	int action = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
	int running;

	curl_multi_socket_action(s->multi, fd, action, &running);
	mails_collect(s);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct mail_sender *s = context;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	mails_collect(s);
}

/* curl says which sockets it waits for; each has one event, kept with the socket. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
	struct mail_sender *s = context;
	struct event *event = socket_context;
	short kinds = (short)((what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0) |
			      EV_PERSIST);

	(void)easy;
	if (event)
		event_free(event);
	event = what == CURL_POLL_REMOVE ? NULL : event_new(s->base, fd, kinds, on_socket, s);
	if (event)
		event_add(event, NULL);
	curl_multi_assign(s->multi, fd, event);
	return 0;
}

static int watch_time(CURLM *multi, long ms, void *context)
{
	struct mail_sender *s = context;
	struct timeval wait = { ms / 1000, ms % 1000 * 1000 };

	(void)multi;
	if (ms < 0)
		event_del(s->timer);
	else
		event_add(s->timer, &wait);
	return 0;
}

static struct mail_sender *sender_new(struct event_base *base)
{
	struct mail_sender *s = mem_zalloc(sizeof(*s));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	s->base = base;
	s->multi = curl_multi_init();
	s->timer = event_new(base, -1, 0, on_timer, s);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(s->multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERFUNCTION, watch_time);
	curl_multi_setopt(s->multi, CURLMOPT_TIMERDATA, s);
	return s;
}

void mail_sender_free(struct mail_sender *s)
{
	if (!s)
		return;
	while (s->mails) {
		struct mail *m = s->mails;

		mail_remove(s, m);
		m->done(m->context, false, "the daemon stopped while it was being sent");
		mail_free(m);
	}
	curl_multi_cleanup(s->multi);
	event_free(s->timer);
	free(s);
}

static void header_add(struct mail *m, const char *name, const char *value)
{
	struct text line = { 0 };

	text_addf(&line, "%s: ", name);
	escape_mail_header(slice_of(value), &line);
	m->headers = curl_slist_append(m->headers, line.at);
	text_clear(&line);
}

/* RFC 5322: the date in words of C's locale, and an id that is unique. */
static void headers_build(struct mail *m, const struct target_conf *t,
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

static int curl_prepare(struct mail *m, const struct target_conf *t, struct err *err)
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
	curl_easy_setopt(m->curl, CURLOPT_PRIVATE, m);
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
	struct mail *m = mem_zalloc(sizeof(*m)), **end;

	if (!alert->mail)
		alert->mail = sender_new(alert->base);
	m->sender = alert->mail;
	m->body = mem_strdup(message->body);
	m->done = done;
	m->context = context;
	headers_build(m, target, message);
	if (curl_prepare(m, target, err) < 0) {
		mail_free(m);
		return err->kind;
	}
	for (end = &alert->mail->mails; *end; end = &(*end)->next)
		;
	*end = m;
	mails_begin(alert->mail);
	return 0;
}

const struct alert_kind mail_kind = { "mail", mail_start };
