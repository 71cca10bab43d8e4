/* Patterns compiled once; match data and the JIT stack belong to the thread. */
#include "base/regex.h"

#include "base/ecs.h"
#include "base/mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#define JIT_STACK_BYTES (512 * 1024)

struct regex {
	pcre2_code *code;
	bool jit;			/* the library could make machine code of it */
	uint32_t shortest;		/* no match has fewer bytes */
	size_t n_groups;		/* with the whole */
	size_t n_names;
	char **names;
	const char **fields;
	unsigned *groups;
};

static _Thread_local pcre2_match_data *match_data;
static _Thread_local pcre2_match_context *match_context;
static _Thread_local pcre2_jit_stack *jit_stack;

bool regex_pattern_is_utf(struct slice p)
{
	for (size_t i = 0; i < p.len; i++)
		if ((unsigned char)p.at[i] >= 0x80 ||
		    (p.at[i] == '\\' && i + 1 < p.len && strchr("pPX", p.at[i + 1])) ||
		    (p.at[i] == '\\' && i + 2 < p.len && p.at[i + 1] == 'x' && p.at[i + 2] == '{'))
			return true;
	return false;
}

static void regex_read_names(struct regex *r)
{
	uint32_t count = 0, size = 0;
	PCRE2_SPTR table = NULL;

	pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &table);
	r->names = mem_zalloc((count + 1) * sizeof(*r->names));
	r->groups = mem_zalloc((count + 1) * sizeof(*r->groups));
	r->fields = mem_zalloc((count + 1) * sizeof(*r->fields));
	for (uint32_t i = 0; i < count; i++) {
		const unsigned char *entry = table + i * size;

		r->groups[i] = (unsigned)entry[0] << 8 | entry[1];
		r->names[i] = mem_strdup((const char *)entry + 2);
		r->fields[i] = ecs_from_group(r->names[i]);
	}
	r->n_names = count;
}

int regex_new(struct slice pattern, unsigned flags, struct regex **out, struct err *err)
{
	uint32_t options = PCRE2_NEVER_BACKSLASH_C, captures = 0;
	PCRE2_SIZE at;
	pcre2_code *code;
	struct regex *r;
	int problem;

	if (regex_pattern_is_utf(pattern))
		options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	if (flags & REGEX_CASELESS)
		options |= PCRE2_CASELESS;
	if (flags & REGEX_MULTILINE)
		options |= PCRE2_MULTILINE;
	if (flags & REGEX_DOTALL)
		options |= PCRE2_DOTALL;
	code = pcre2_compile((PCRE2_SPTR)pattern.at, pattern.len, options, &problem, &at, NULL);
	if (!code) {
		char text[256];

		pcre2_get_error_message(problem, (PCRE2_UCHAR *)text, sizeof(text));
		return err_set(err, ERR_CONFIG, "the pattern does not compile at character %zu: %s",
			       at + 1, text);
	}
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &captures);
	if (captures >= REGEX_GROUPS_MAX) {
		pcre2_code_free(code);
		return err_set(err, ERR_CONFIG, "the pattern has %u groups, at most %d are allowed",
			       captures, REGEX_GROUPS_MAX - 1);
	}
	r = mem_zalloc(sizeof(*r));
	r->code = code;
	r->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
	r->n_groups = captures + 1;
	pcre2_pattern_info(code, PCRE2_INFO_MINLENGTH, &r->shortest);
	regex_read_names(r);
	*out = r;
	return 0;
}

void regex_free(struct regex *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_names; i++)
		free(r->names[i]);
	free(r->names);
	free(r->fields);
	free(r->groups);
	pcre2_code_free(r->code);
	free(r);
}

static void thread_prepare(void)
{
	if (match_data)
		return;
	match_data = pcre2_match_data_create(REGEX_GROUPS_MAX, NULL);
	match_context = pcre2_match_context_create(NULL);
	jit_stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_BYTES, NULL);
	if (!match_data || !match_context || !jit_stack)
		abort();
	pcre2_set_match_limit(match_context, REGEX_MATCH_LIMIT);
	pcre2_set_depth_limit(match_context, REGEX_MATCH_LIMIT);
	pcre2_jit_stack_assign(match_context, NULL, jit_stack);
}

void regex_thread_end(void)
{
	pcre2_match_data_free(match_data);
	pcre2_match_context_free(match_context);
	pcre2_jit_stack_free(jit_stack);
	match_data = NULL;
	match_context = NULL;
	jit_stack = NULL;
}

int regex_search(const struct regex *r, struct slice subject, struct regex_match *match)
{
	const PCRE2_SIZE *ovector;
	int rc;

	if (subject.len < r->shortest)
		return 0;
	thread_prepare();
	if (!subject.at)
		subject = SLICE("");
	/* the same answer; the short way only checks no arguments */
	rc = (r->jit ? pcre2_jit_match : pcre2_match)(r->code, (PCRE2_SPTR)subject.at, subject.len, 0, 0, match_data, match_context);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0)
		return ERR_LIMIT;
	if (!match)
		return 1;
	ovector = pcre2_get_ovector_pointer(match_data);
	match->n = (size_t)rc;
	for (size_t i = 0; i < r->n_groups; i++) {
		bool took_part = i < match->n && ovector[2 * i] != PCRE2_UNSET;

		match->start[i] = took_part ? ovector[2 * i] : 1;
		match->end[i] = took_part ? ovector[2 * i + 1] : 0;
	}
	return 1;
}

bool regex_matches_empty(const struct regex *r)
{
	return regex_search(r, SLICE(""), NULL) == 1;
}

size_t regex_names(const struct regex *r)
{
	return r->n_names;
}

const char *regex_name(const struct regex *r, size_t i, unsigned *group)
{
	*group = r->groups[i];
	return r->names[i];
}

const char *regex_field(const struct regex *r, size_t i, unsigned *group)
{
	*group = r->groups[i];
	return r->fields[i];
}
