/* sokuhod: reads, judges, stores and tells, in the foreground, under systemd. */
#include "base/clock.h"
#include "base/japanese.h"
#include "base/log.h"
#include "service.h"

#include <event2/event.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { CODE_DONE = 0, CODE_USAGE = 2, CODE_COULD_NOT = 3 };

struct program {
	struct event_base *base;
	struct service *service;
};

static void on_stop(evutil_socket_t fd, short what, void *context)
{
	struct program *p = context;

	(void)fd;
	(void)what;
	sd_notify(0, "STOPPING=1");
	event_base_loopexit(p->base, NULL);
}

static void on_hup(evutil_socket_t fd, short what, void *context)
{
	struct program *p = context;
	struct err err;

	(void)fd;
	(void)what;
	sd_notify(0, "RELOADING=1");
	if (service_reload(p->service, &err) < 0)
		log_error("main", "%s", err.text);
	sd_notify(0, "READY=1");
}

static void on_watchdog(evutil_socket_t fd, short what, void *context)
{
	struct program *p = context;
	struct text line = { 0 };

	(void)fd;
	(void)what;
	text_add(&line, "WATCHDOG=1\nSTATUS=");
	service_status_line(p->service, &line);
	sd_notify(0, line.at);
	text_clear(&line);
}

static void print_problems(const struct problems *problems)
{
	struct text out = { 0 };

	problems_print(problems, japanese_is_asked(), &out);
	if (out.len)
		fputs(out.at, stderr);
	text_clear(&out);
}

static int usage(void)
{
	fprintf(stderr, "usage: sokuhod [-c FILE] [-v] [--print-settings] [--version]\n");
	return CODE_USAGE;
}

static int print_settings(void)
{
	struct text out = { 0 };

	config_print_settings(&out);
	fputs(out.at, stdout);
	text_clear(&out);
	return CODE_DONE;
}

static int program_run(struct program *p)
{
	struct timeval every = { 5, 0 };
	uint64_t watchdog_us = 0;
	struct event *events[] = {
		evsignal_new(p->base, SIGTERM, on_stop, p), evsignal_new(p->base, SIGINT, on_stop, p),
		evsignal_new(p->base, SIGHUP, on_hup, p),
		event_new(p->base, -1, EV_PERSIST, on_watchdog, p),
	};

	if (sd_watchdog_enabled(0, &watchdog_us) > 0) {
		every.tv_sec = (time_t)(watchdog_us / 2 / 1000000);
		every.tv_usec = (suseconds_t)(watchdog_us / 2 % 1000000);
	}
	for (size_t i = 0; i < 3; i++)
		event_add(events[i], NULL);
	event_add(events[3], &every);
	sd_notify(0, "READY=1");
	log_info("main", "ready");
	event_base_dispatch(p->base);
	for (size_t i = 0; i < 4; i++)
		event_free(events[i]);
	return CODE_DONE;
}

/* Room for the log files that may be open at once, and for ourselves. */
static void descriptors_raise(long files)
{
	struct rlimit limit;
	rlim_t want = (rlim_t)files + 256;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= want)
		return;
	limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < want)
		log_warn("main", "only %lu files can be open at once; lower limits.open_files or raise LimitNOFILE",
			 (unsigned long)limit.rlim_cur);
}

static int program_start(const char *config_path)
{
	struct content_options options = { .config_path = config_path };
	struct problems problems = { 0 };
	struct content *content = content_load(&options, &problems);
	struct program p = { 0 };
	struct err err;
	int code;

	if (content)
		content_check_start(content, &problems);
	print_problems(&problems);
	code = problems.denied ? CODE_COULD_NOT : problems.errors ? CODE_USAGE : CODE_DONE;
	problems_clear(&problems);
	if (code != CODE_DONE) {
		content_free(content);
		return code;
	}
	descriptors_raise(content->config->limits.open_files);
	p.base = event_base_new();
	if (!p.base)
		return CODE_COULD_NOT;
	if (service_new(p.base, config_path, content, &p.service, &err) < 0) {
		log_error("main", "%s", err.text);
		event_base_free(p.base);
		return CODE_COULD_NOT;
	}
	code = program_run(&p);
	service_free(p.service);
	event_base_free(p.base);
	log_info("main", "stopped");
	return code;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' }, { "print-settings", no_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'V' },	    { "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *config_path = NULL;
	int opt;

	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	while ((opt = getopt_long(argc, argv, "c:v", longs, NULL)) != -1) {
		switch (opt) {
		case 'c': config_path = optarg; break;
		case 'v': log_set_level(LOG_LEVEL_DEBUG); break;
		case 'p': return print_settings();
		case 'V': printf("sokuhod %s\n", PACKAGE_VERSION); return CODE_DONE;
		default: return usage();
		}
	}
	if (optind != argc)
		return usage();
	return program_start(config_path);
}
