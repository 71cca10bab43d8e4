/* sokuhoctl: everything but the daemon itself. A table of commands. */
#include "ctl/ctl.h"

#include "base/log.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command commands[] = {
	{ "check", "", "load all that a start would; print every fault", ctl_check },
	{ "replay", "[options] PATH...|-", "dry run on old logs", ctl_replay },
	{ "explain", "[--rules DIR] [--format NAME] [LINE]", "every step for one line", ctl_explain },
	{ "judge", "--class K [options]", "what the notice says of a case", ctl_judge },
	{ "rules", "list|show|test|lint|coverage", "the rules", ctl_rules },
	{ "inventory", "list|lookup KEY", "what is ours", ctl_inventory },
	{ "status", "", "the running daemon", ctl_status },
	{ "reload", "", "load the configuration anew, all or nothing", ctl_reload },
	{ "alert", "test", "send a test alert to every target", ctl_alert },
	{ "incident", "list|show|new|decide|phone|sent|...", "the officer's work", ctl_incident },
	{ "draft", "show|set|export INCIDENT", "the report draft", ctl_draft },
	{ "audit", "verify|export [ID]", "the chain of what was seen and done", ctl_audit },
	{ "window", "[--body B] [--at T]", "whom to call now", ctl_window },
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(FILE *out)
{
	fprintf(out, "%s: sokuhoctl COMMAND [-c FILE] [--json] ...\n\n", ctl_say("usage"));
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-10s %-40s %s\n", commands[i].name, commands[i].arguments,
			ctl_say(commands[i].summary));
	fprintf(out, "\n%s\n", ctl_say("see sokuhoctl(1)"));
	return out == stdout ? EXIT_DONE : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const char *names[N_COMMANDS];
	struct err err;

	setlocale(LC_CTYPE, "C.UTF-8");
	log_set_level(LOG_LEVEL_WARN);
	if (argc < 2)
		return help(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0) {
		printf("sokuhoctl %s\n", PACKAGE_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, argv[1]) == 0) {
			int code = commands[i].run(argc - 1, argv + 1);

			return code == EXIT_USAGE && ctl_denied ? EXIT_COULD_NOT : code;
		}
	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	err_set(&err, ERR_USAGE, "unknown command '%s'; `sokuhoctl help` lists them", argv[1]);
	err_hint(&err, names, N_COMMANDS, argv[1]);
	return ctl_fail_err(EXIT_USAGE, &err);
}
