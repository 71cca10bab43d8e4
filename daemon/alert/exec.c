/*
 * A program of the site, with the incident document on its standard input. No shell, a small environment, a time
 * limit; its end is seen through a pidfd on our loop. What it writes on standard error is read to its end, and the first
 * line of it goes to our log under its name: its words never pass for ours.
 */
#include "alert/sender.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_ONCE 8
#define TIMEOUT_DEFAULT 30
#define SAID_MAX 200

struct child {
	struct child *next;
	struct exec_sender *sender;
	char **argv, **environment;
	char *document;
	size_t len, written;
	struct timeval timeout;
	alert_done done;
	void *context;
	pid_t pid;
	int input, errors, pidfd;
	char said[SAID_MAX + 1];	/* the first line on standard error */
	size_t said_len;
	bool said_all;
	struct event *on_input, *on_errors, *on_end, *on_timeout;
};

struct exec_sender {
	struct event_base *base;
	struct child *children;		/* waiting and running, oldest first */
	int running;
};

static void strings_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static void child_free(struct child *c)
{
	struct event *events[] = { c->on_input, c->on_errors, c->on_end, c->on_timeout };
	int files[] = { c->input, c->errors, c->pidfd };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i])
			event_free(events[i]);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i] >= 0)
			close(files[i]);
	strings_free(c->argv);
	strings_free(c->environment);
	free(c->document);
	free(c);
}

static void children_begin(struct exec_sender *s);

static void child_end(struct child *c, bool sent, const char *error)
{
	struct exec_sender *s = c->sender;
	struct child **at = &s->children;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
	if (c->pid > 0)
		s->running--;
	c->done(c->context, sent, error);
	child_free(c);
}

static void on_input(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;
	ssize_t n = write(fd, c->document + c->written, c->len - c->written);

	(void)what;
	if (n > 0)
		c->written += (size_t)n;
	/* all is written, or the program does not read it: its exit status counts */
	if (c->written == c->len || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		event_free(c->on_input);
		c->on_input = NULL;
		close(c->input);
		c->input = -1;
	}
}

static void said_add(struct child *c, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n && !c->said_all; i++) {
		c->said_all = bytes[i] == '\n' || c->said_len == SAID_MAX;
		if (!c->said_all && bytes[i])
			c->said[c->said_len++] = bytes[i];
	}
}

/* One read for each turn of the loop: a program that never stops talking has its time limit. */
static void on_errors(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;
	char block[4096];
	ssize_t n = read(fd, block, sizeof(block));

	(void)what;
	if (n > 0)
		said_add(c, block, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		event_del(c->on_errors);
}

static void on_end(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;
	struct exec_sender *s = c->sender;
	char error[256];
	int status = 0;

	(void)fd;
	(void)what;
	if (waitpid(c->pid, &status, WNOHANG) == 0)
		return;
	on_errors(c->errors, EV_READ, c);	/* its last words may have come with its end */
	if (c->said_len)
		log_warn("alert", "'%.200s' says on standard error: %s", c->argv[0], c->said);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		child_end(c, true, NULL);
	} else {
		if (WIFEXITED(status))
			snprintf(error, sizeof(error), "'%.200s' ended with status %d", c->argv[0],
				 WEXITSTATUS(status));
		else
			snprintf(error, sizeof(error), "'%.200s' was ended by signal %d", c->argv[0],
				 WTERMSIG(status));
		child_end(c, false, error);
	}
	children_begin(s);
}

static void on_timeout(evutil_socket_t fd, short what, void *context)
{
	struct child *c = context;

	(void)fd;
	(void)what;
	kill(-c->pid, SIGKILL);		/* its group; on_end reports it */
}

/* Standard input and error are pipes, standard output is dropped. */
static int child_spawn(struct child *c, int input, int errors)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, defaults;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(&c->pid, c->argv[0], &actions, &attributes, c->argv, c->environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (rc != 0)
		c->pid = 0;
	return rc;
}

/* Our ends are kept in the child, whatever comes of it. */
static int child_start(struct child *c)
{
	int input[2], errors[2], rc;

	if (pipe2(input, O_CLOEXEC) < 0)
		return errno;
	c->input = input[1];
	if (pipe2(errors, O_CLOEXEC) < 0) {
		rc = errno;
		close(input[0]);
		return rc;
	}
	c->errors = errors[0];
	fcntl(c->input, F_SETFL, O_NONBLOCK);
	fcntl(c->errors, F_SETFL, O_NONBLOCK);
	rc = child_spawn(c, input[0], errors[1]);
	close(input[0]);
	close(errors[1]);
	return rc;
}

static void child_begin(struct child *c)
{
	struct exec_sender *s = c->sender;
	char error[256];
	int rc = child_start(c);

	if (rc != 0) {
		snprintf(error, sizeof(error), "'%.180s' cannot be run: %s", c->argv[0], strerror(rc));
		child_end(c, false, error);
		return;
	}
	s->running++;
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	c->on_input = event_new(s->base, c->input, EV_WRITE | EV_PERSIST, on_input, c);
	c->on_errors = event_new(s->base, c->errors, EV_READ | EV_PERSIST, on_errors, c);
	c->on_end = event_new(s->base, c->pidfd, EV_READ | EV_PERSIST, on_end, c);
	c->on_timeout = event_new(s->base, -1, 0, on_timeout, c);
	event_add(c->on_input, NULL);
	event_add(c->on_errors, NULL);
	event_add(c->on_end, NULL);
	event_add(c->on_timeout, &c->timeout);
}

static void children_begin(struct exec_sender *s)
{
	struct child *next;

	for (struct child *c = s->children; c && s->running < AT_ONCE; c = next) {
		next = c->next;
		if (c->pid == 0)
			child_begin(c);
	}
}

void exec_sender_free(struct exec_sender *s)
{
	if (!s)
		return;
	while (s->children) {
		struct child *c = s->children;

		if (c->pid > 0) {
			kill(-c->pid, SIGKILL);
			waitpid(c->pid, NULL, 0);
		}
		child_end(c, false, "the daemon stopped while it ran");
	}
	free(s);
}

static char *variable(const char *name, const char *value)
{
	struct text text = { 0 };

	text_addf(&text, "%s=%s", name, value ? value : "");
	return text_take(&text);
}

static int exec_start(struct alert *alert, const struct target_conf *target,
		      const struct alert_message *m, alert_done done, void *context,
		      struct err *err)
{
	struct child *c, **end;

	if (!target->command.n)
		return err_set(err, ERR_CONFIG, "target '%s' has no command", target->name);
	if (!alert->exec) {
		alert->exec = mem_zalloc(sizeof(*alert->exec));
		alert->exec->base = alert->base;
	}
	c = mem_zalloc(sizeof(*c));
	c->sender = alert->exec;
	c->input = c->errors = c->pidfd = -1;
	c->argv = mem_zalloc((target->command.n + 1) * sizeof(char *));
	for (size_t i = 0; i < target->command.n; i++)
		c->argv[i] = mem_strdup(target->command.at[i]);
	c->environment = mem_zalloc(5 * sizeof(char *));
	c->environment[0] = variable("PATH", "/usr/local/bin:/usr/bin:/bin");
	c->environment[1] = variable("SOKUHO_INCIDENT", m->incident_id);
	c->environment[2] = variable("SOKUHO_LEVEL", m->level);
	c->environment[3] = variable("SOKUHO_REASON", m->reason);
	c->document = mem_strdup(m->document ? m->document : "{}");
	c->len = strlen(c->document);
	c->timeout.tv_sec = target->timeout ? (time_t)(target->timeout / NS_PER_S) : TIMEOUT_DEFAULT;
	c->done = done;
	c->context = context;
	for (end = &alert->exec->children; *end; end = &(*end)->next)
		;
	*end = c;
	children_begin(alert->exec);
	return 0;
}

const struct alert_kind exec_kind = { "exec", exec_start };
