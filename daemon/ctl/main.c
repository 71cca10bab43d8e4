/* sokuhoctl: everything but the daemon itself. A table of commands. */
#include "ctl/ctl.h"

#include "base/log.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command commands[] = {
	{ "check", "", "load all that a start would; print every fault", ctl_check, NULL },
	{ "replay", "[options] PATH...|-", "dry run on old logs", ctl_replay,
	  "[--rules DIR]... [--inventory FILE] [--source NAME] [--format NAME]\n"
	  "  [--encoding NAME] [--timezone ZONE] [--as-of T] [--since T] [--until T] [--jobs N]\n"
	  "  [--min-level record|review|urgent|report] [--drafts DIR] [--drill] [--all-implicated]\n"
	  "  [--any-logsource] [--prefilter none|literal|full] PATH...|-" },
	{ "explain", "[--rules DIR] [--format NAME] [LINE|-]", "every step for one line", ctl_explain,
	  "[--rules DIR] [--inventory FILE] [--format NAME] [--as-of T] [--all-implicated] [LINE|-]" },
	{ "judge", "--class K [options]", "what the notice says of a case", ctl_judge,
	  "[--clause C] --class K... --certainty X [--fact F]...\n"
	  "  [--information protected|secret] [--leak] [--loss] [--destruction]" },
	{ "rules", "list|show|test|lint|coverage", "the rules", ctl_rules,
	  "[--rules DIR] list | show NAME | test [NAME] | lint [--cost SAMPLE [--any-logsource]] | coverage" },
	{ "inventory", "list|lookup KEY", "what is ours", ctl_inventory, NULL },
	{ "status", "", "the running daemon", ctl_status, NULL },
	{ "reload", "", "load the configuration anew, all or nothing", ctl_reload, NULL },
	{ "alert", "test", "send a test alert to every target", ctl_alert, NULL },
	{ "incident", "list|show|new|decide|phone|sent|...", "the officer's work", ctl_incident,
	  "list [--status S] | show ID | new ... | decide ID ... | approve ID | ack ID |\n"
	  "  handover ID --to NAME | note ID TEXT | measure ID isolate|notify|other ... |\n"
	  "  phone ID [--window W] --person NAME | phone ID --no-answer | sent ID [--window W] |\n"
	  "  correct ID --item ITEM --text TEXT --reason TEXT | correct ID --withdraw --reason TEXT |\n"
	  "  dismiss|close|reopen ID --reason TEXT | merge ID INTO | split ID --asset A |\n"
	  "  export ID --output FILE [--with-evidence --reason TEXT --approver NAME]\n"
	  "  (sokuhoctl(1) lists the options)" },
	{ "draft", "show|set|export INCIDENT", "the report draft", ctl_draft,
	  "show ID [--annotate] | set ID ITEM TEXT | set ID --release NAME --reason TEXT |\n"
	  "  export ID --form text|html|pdf|phone|phone-pdf|json [--with ID]... [--output FILE]" },
	{ "audit", "verify|export [ID]", "the chain of what was seen and done", ctl_audit, NULL },
	{ "window", "[--body B] [--at T]", "whom to call now", ctl_window, NULL },
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Of actions whose options an officer looks up in a hurry. */
static const struct {
	const char *command, *action, *usage;
} actions[] = {
	{ "incident", "new",
	  "--clause C|analogous|none --text TEXT [--asset A | --host H] [--fact F]\n"
	  "  [--at T] [--user U] [--file F] [--url U] [--signature S] [--src A] [--dst A]\n"
	  "  [--subject S] [--sender A] [--class K]... [--certainty X] [--information I]\n"
	  "  [--informant NAME --informant-ref NUMBER --contact-at T]\n"
	  "  [--from-subcontractor NAME] [--nearest C] [--drill]" },
	{ "incident", "decide",
	  "ID [--clause C] [--class K]... [--fact F]... [--certainty X] [--information I]\n"
	  "  [--leak] [--loss] [--destruction] [--box B]... [--exception --reason TEXT]\n"
	  "  [--nothing-stored METHOD --confirmer POST] [--revision N]" },
};

static int help(FILE *out)
{
	fprintf(out, "%s: sokuhoctl COMMAND [-c FILE] [--json] ...\n\n", localised("usage"));
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-10s %-40s %s\n", commands[i].name, commands[i].arguments,
			localised(commands[i].summary));
	fprintf(out, "\n%s\n", localised("see sokuhoctl(1)"));
	return out == stdout ? EXIT_DONE : EXIT_USAGE;
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static void usage_print(FILE *out, const struct command *c)
{
	fprintf(out, "%s: sokuhoctl %s [-c FILE] [--json] %s\n", localised("usage"), c->name, c->usage ? c->usage : c->arguments);
}

int ctl_usage(const char *command)
{
	usage_print(stderr, command_find(command));
	return EXIT_USAGE;
}

/* `replay --help`, and `rules test --help`. */
static bool help_is_asked(int argc, char **argv)
{
	for (int i = 2; i < argc && i < 4; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
		if (argv[i][0] == '-')
			break;
	}
	return false;
}

/* action: what stands behind the command, or NULL. */
static int command_help(const struct command *c, const char *action)
{
	size_t i = 0;

	while (i < sizeof(actions) / sizeof(actions[0]) &&
	       (!action || strcmp(actions[i].command, c->name) != 0 || strcmp(actions[i].action, action) != 0))
		i++;
	if (i < sizeof(actions) / sizeof(actions[0]))
		printf("%s: sokuhoctl %s %s %s\n", localised("usage"), c->name, action, actions[i].usage);
	else
		usage_print(stdout, c);
	printf("\n%s\n%s\n", localised(c->summary), localised("see sokuhoctl(1)"));
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	const char *names[N_COMMANDS];
	const struct command *command;
	struct err err;

	setlocale(LC_CTYPE, "C.UTF-8");
	log_set_level(LOG_LEVEL_WARN);
	opterr = 0;
	if (argc < 2)
		return help(stderr);
	if (strcmp(argv[1], "help") == 0 && argc > 2 && (command = command_find(argv[2])))
		return command_help(command, argc > 3 ? argv[3] : NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0) {
		printf("sokuhoctl %s\n", PACKAGE_VERSION);
		return EXIT_DONE;
	}
	command = command_find(argv[1]);
	if (command && help_is_asked(argc, argv))
		return command_help(command, argv[2]);
	if (command) {
		int code = command->run(argc - 1, argv + 1);

		return code == EXIT_USAGE && ctl_denied ? EXIT_COULD_NOT : code;
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i] = commands[i].name;
	err_set(&err, ERR_USAGE, "unknown command '%s'; `sokuhoctl help` lists them", argv[1]);
	err_hint(&err, names, N_COMMANDS, argv[1]);
	return ctl_fail_err(EXIT_USAGE, &err);
}
