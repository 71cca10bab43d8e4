/*
 * A pattern is cut into tokens once. Matching remembers only the last `*` (greedy, going
 * back to it on failure), which is quadratic at worst and needs no recursion.
 */
#include "base/glob.h"

#include "base/mem.h"

#include <stdlib.h>

enum token_kind { TOKEN_BYTE, TOKEN_ONE, TOKEN_MANY };

struct token {
	unsigned char kind;
	unsigned char byte;
};

struct glob {
	struct token *tokens;
	size_t n;
	bool cased;
	bool plain;		/* no wildcard inside: literal with open ends */
	unsigned open;
	char *literal;
	size_t literal_len;
};

static unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

struct glob *glob_new(struct slice p, unsigned open, bool cased)
{
	struct glob *glob = mem_zalloc(sizeof(*glob));

	glob->tokens = mem_zalloc((p.len + 1) * sizeof(*glob->tokens));
	glob->literal = mem_zalloc(p.len + 1);
	glob->cased = cased;
	glob->plain = true;
	glob->open = open;
	for (size_t i = 0; i < p.len; i++) {
		struct token token = { TOKEN_BYTE, (unsigned char)p.at[i] };

		if (p.at[i] == '\\' && i + 1 < p.len &&
		    (p.at[i + 1] == '*' || p.at[i + 1] == '?' || p.at[i + 1] == '\\'))
			token.byte = (unsigned char)p.at[++i];
		else if (p.at[i] == '*' || p.at[i] == '?')
			token.kind = p.at[i] == '*' ? TOKEN_MANY : TOKEN_ONE;
		if (token.kind == TOKEN_BYTE && !cased)
			token.byte = fold(token.byte);
		if (token.kind == TOKEN_MANY && glob->n == 0) {	/* a leading star opens the front */
			glob->open |= GLOB_OPEN_FRONT;
			continue;
		}
		if (token.kind == TOKEN_MANY && i + 1 == p.len) {
			glob->open |= GLOB_OPEN_BACK;
			continue;
		}
		glob->plain = glob->plain && token.kind == TOKEN_BYTE;
		glob->literal[glob->n] = (char)token.byte;
		glob->tokens[glob->n++] = token;
	}
	glob->literal_len = glob->n;
	return glob;
}

void glob_free(struct glob *glob)
{
	if (!glob)
		return;
	free(glob->tokens);
	free(glob->literal);
	free(glob);
}

static bool match_plain(const struct glob *g, struct slice text)
{
	struct slice literal = { g->literal, g->literal_len };

	switch (g->open) {
	case GLOB_WHOLE:
		return g->cased ? slice_equal(text, literal) : slice_equal_nocase(text, literal);
	case GLOB_OPEN_BACK:
		return g->cased ? slice_starts(text, literal) : slice_starts_nocase(text, literal);
	case GLOB_OPEN_FRONT:
		if (text.len < literal.len)
			return false;
		text = slice_cut(text, text.len - literal.len, text.len);
		return g->cased ? slice_equal(text, literal) : slice_equal_nocase(text, literal);
	default:
		if (!literal.len)
			return true;
		return (g->cased ? slice_find(text, literal, 0) :
				   slice_find_nocase(text, literal, 0)) != text.len;
	}
}

static bool token_takes(const struct glob *g, size_t i, char c)
{
	unsigned char u = (unsigned char)c;

	return g->tokens[i].kind == TOKEN_ONE ||
	       (g->tokens[i].kind == TOKEN_BYTE && g->tokens[i].byte == (g->cased ? u : fold(u)));
}

bool glob_matches(const struct glob *g, struct slice text)
{
	size_t i = 0, t = 0, star = 0, star_text = 0;
	bool have_star = g->open & GLOB_OPEN_FRONT;

	if (g->plain)
		return match_plain(g, text);
	for (;;) {
		if (i == g->n && (g->open & GLOB_OPEN_BACK || t == text.len))
			return true;
		if (i < g->n && g->tokens[i].kind == TOKEN_MANY) {
			have_star = true;
			star = ++i;
			star_text = t;
			continue;
		}
		if (t < text.len && i < g->n && token_takes(g, i, text.at[t])) {
			i++;
			t++;
			continue;
		}
		if (!have_star || star_text >= text.len)
			return false;
		i = star;
		t = ++star_text;
	}
}

int glob_first(const struct glob *g)
{
	return g->open & GLOB_OPEN_FRONT || !g->n || g->tokens[0].kind != TOKEN_BYTE ? -1 : g->tokens[0].byte;
}

uint32_t glob_bytes_of(struct slice text)
{
	uint32_t bytes = 0;

	for (size_t i = 0; i < text.len; i++)
		bytes |= UINT32_C(1) << (text.at[i] & 31);
	return bytes;
}

uint32_t glob_bytes(const struct glob *g)
{
	uint32_t bytes = 0;

	for (size_t i = 0; i < g->n; i++)
		if (g->tokens[i].kind == TOKEN_BYTE)
			bytes |= UINT32_C(1) << (g->tokens[i].byte & 31);
	return bytes;
}

struct need *glob_need(const struct glob *g, bool bounded)
{
	struct need *need = NULL;
	size_t from = 0;

	for (size_t i = 0; i <= g->n; i++) {
		struct slice run = { g->literal + from, i - from };
		unsigned bounds = (from == 0 && !(g->open & GLOB_OPEN_FRONT) ? NEED_BOUND_LEFT : 0) |
				  (i == g->n && !(g->open & GLOB_OPEN_BACK) ? NEED_BOUND_RIGHT : 0);

		if (i < g->n && g->tokens[i].kind == TOKEN_BYTE)
			continue;
		need = need_and(need, need_bounded(run, !g->cased, bounded ? bounds : 0));
		from = i + 1;
	}
	return need;
}

struct slice glob_text(const struct glob *glob)
{
	return glob->plain && !glob->open ? (struct slice){ glob->literal, glob->literal_len } : SLICE("");
}

bool glob_matches_empty(const struct glob *g)
{
	return glob_matches(g, SLICE(""));
}
