/*
 * A draft in the form asked for: text and phone come from the control code; HTML is made of the sheet here; PDF by the
 * renderer, a process of its own that sees nothing but its standard input and output.
 */
#include "ctl/ctl.h"

#include "draft/draft.h"
#include "model/json.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PDF_MAX (64 << 20)

/* ------------------------------------------------------------ the renderer */

static int renderer_spawn(pid_t *pid, int *in, int *out, struct err *err)
{
	const char *program = getenv("SOKUHO_RENDER");
	char *const argv[] = { (char *)"sokuhod-render", NULL }, *const no_environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int to[2], from[2], rc;

	if (!program)
		program = SOKUHO_LIBEXEC_DIR "/sokuhod-render";
	if (pipe2(to, O_CLOEXEC) < 0)
		return err_set(err, ERR_IO, "no pipe for the renderer: %s", strerror(errno));
	if (pipe2(from, O_CLOEXEC) < 0) {
		close(to[0]);
		close(to[1]);
		return err_set(err, ERR_IO, "no pipe for the renderer: %s", strerror(errno));
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
	rc = posix_spawn(pid, program, &actions, NULL, argv, no_environment);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	if (rc == 0)
		return 0;
	close(to[1]);
	close(from[0]);
	return err_set(err, ERR_MISSING, "the renderer '%s' cannot be started: %s; --form html needs none",
		       program, strerror(rc));
}

/* Writes all of in while reading out: neither side waits for the other for ever. */
static void renderer_talk(int in, int out, struct slice text, struct text *pdf)
{
	char block[65536];
	ssize_t n = 1;

	fcntl(in, F_SETFL, O_NONBLOCK);
	while (n > 0 && pdf->len < PDF_MAX) {
		struct pollfd fds[2] = { { out, POLLIN, 0 }, { text.len ? in : -1, POLLOUT, 0 } };

		if (poll(fds, 2, 60000) <= 0)
			break;
		if (fds[1].revents) {
			ssize_t written = write(in, text.at, text.len);

			text = slice_cut(text, written > 0 ? (size_t)written : errno == EAGAIN ? 0 : text.len, text.len);
			if (!text.len)
				close(in);
		}
		if (fds[0].revents) {
			n = read(out, block, sizeof(block));
			if (n > 0)
				text_add_bytes(pdf, block, (size_t)n);
		}
	}
	if (text.len)
		close(in);
	close(out);
}

int ctl_render_pdf(struct json_object *sheet, struct text *pdf, struct err *err)
{
	int in = -1, out = -1, status;
	pid_t pid;

	if (renderer_spawn(&pid, &in, &out, err) < 0)
		return err->kind;
	signal(SIGPIPE, SIG_IGN);
	renderer_talk(in, out, slice_of(json_line(sheet)), pdf);
	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    !slice_starts(text_slice(pdf), SLICE("%PDF-")))
		return err_set(err, ERR_IO, "the renderer did not make a PDF (its words stand above); --form html "
			       "or text needs no renderer");
	return 0;
}

/* ------------------------------------------------------------ forms */

static int form_pdf(struct json_object *answer, struct text *out)
{
	struct err err;

	if (ctl_render_pdf(json_member(answer, "sheet"), out, &err) < 0)
		return ctl_fail_err(ctl_exit_of(&err), &err);
	return EXIT_DONE;
}

static int form_html(struct json_object *answer, struct text *out)
{
	draft_sheet_html(json_member(answer, "sheet"), out);
	return EXIT_DONE;
}

static int form_text(struct json_object *answer, struct text *out)
{
	draft_sheet_text(json_member(answer, "sheet"), false, out);
	return EXIT_DONE;
}

static int form_phone(struct json_object *answer, struct text *out)
{
	text_add(out, ctl_text(answer, "text"));
	return EXIT_DONE;
}

/* The same sheet on paper: plain lines on pages of A4. */
static int form_phone_pdf(struct json_object *answer, struct text *out)
{
	struct json_object *sheet = json_object_new_object();
	struct err err;
	int rc;

	json_object_object_add(sheet, "plain", json_object_new_string(ctl_text(answer, "text")));
	rc = ctl_render_pdf(sheet, out, &err);
	json_object_put(sheet);
	return rc < 0 ? ctl_fail_err(ctl_exit_of(&err), &err) : EXIT_DONE;
}

static int form_json(struct json_object *answer, struct text *out)
{
	text_addf(out, "%s\n", json_line(json_member(answer, "incident")));
	return EXIT_DONE;
}

static const struct {
	const char *name;
	int (*make)(struct json_object *answer, struct text *out);
} forms[] = {
	{ "text", form_text }, { "html", form_html }, { "pdf", form_pdf }, { "phone", form_phone },
	{ "phone-pdf", form_phone_pdf }, { "json", form_json },
};

static int write_out(const struct text *text, const char *path)
{
	FILE *file = path ? fopen(path, "wxe") : stdout;

	if (!file)
		return ctl_fail(EXIT_COULD_NOT, "'%s' cannot be written: %s", path, strerror(errno));
	if (fwrite(text->at, 1, text->len, file) != text->len || (path ? fclose(file) : fflush(file)) != 0)
		return ctl_fail(EXIT_COULD_NOT, "'%s' cannot be written: %s", path ? path : localised("standard output"),
				strerror(errno));
	return EXIT_DONE;
}

int ctl_form_write(struct json_object *answer, const char *path)
{
	const char *form = ctl_text(answer, "form");
	struct text out = { 0 };
	int code;

	for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
		if (strcmp(forms[k].name, form ? form : "text") != 0)
			continue;
		if (strstr(forms[k].name, "pdf") && !path && isatty(STDOUT_FILENO))
			return ctl_fail(EXIT_USAGE, "a PDF on a terminal helps nobody; --output FILE");
		code = forms[k].make(answer, &out);
		if (code == EXIT_DONE)
			code = write_out(&out, path);
		text_clear(&out);
		return code;
	}
	return ctl_fail(EXIT_USAGE, "unknown --form '%s'; one of text html pdf phone phone-pdf json", form);
}
