/*
 * Which files there are. A file that is not followed yet is one of these, asked in this order: the file of a position
 * that waits for it; one that was read to its end before, under another name; a copy of one that is followed
 * (copytruncate makes one, and gzip); an old one from before our time; a new one. What was copied or packed is judged
 * only when it is quiet, for it may be half written.
 */
#include "input/state.h"

#include "base/encoding.h"
#include "base/mem.h"
#include "base/unpack.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUIET (2 * NS_PER_S)
#define HOLD (30 * NS_PER_S)			/* then newer files wait no longer for one that never is quiet */
#define SHORT_AFTER (4 * NS_PER_S)		/* an archive that ends early gets a position that no other file wants */
#define GIVE_UP (15 * NS_PER_S)			/* then a gap is said; it may still be found */
#define KEEP (35 * 86400 * NS_PER_S)		/* positions of files that are gone or done */
#define OLD (30 * 86400 * NS_PER_S)		/* less than KEEP: nothing that was forgotten is read again */
#define WAITING_MAX 100000

enum look { LOOK_IN_PLACE, LOOK_ROTATED, LOOK_CURRENT };

static int64_t ns_of(struct timespec t)
{
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static bool same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static struct known *known_get(struct input *in, const struct source_conf *source, const struct stat *st)
{
	struct known *known;
	char key[96];

	inode_key(source, st->st_dev, st->st_ino, key);
	known = map_get(in->known, slice_of(key));
	if (!known) {
		known = mem_zalloc(sizeof(*known));
		map_put(in->known, slice_of(key), known);
	}
	if (known->size != st->st_size || !same_time(known->mtime, st->st_mtim) ||
	    !same_time(known->ctime, st->st_ctim))
		*known = (struct known){ .size = st->st_size, .mtime = st->st_mtim, .ctime = st->st_ctim,
					 .first = clock_monotonic() };
	known->scan = in->scan;
	return known;
}

/* Not written to for a while. The change time cannot be set by gzip or cp. */
static bool is_quiet(struct input *in, const struct known *known)
{
	int64_t age = clock_now() - ns_of(known->ctime);

	if (age >= QUIET || clock_monotonic() - known->first >= QUIET)
		return true;
	in->scan_soon = true;
	return false;
}

/* Newer files of the same name wait until this one is quiet: not for ever, for it may be none of theirs. */
static void hold(struct input *in, const struct source_conf *source, const char *path)
{
	struct hold *hold = map_get(in->holds, slice_of(path));
	char sentence[512];

	if (!hold) {
		hold = mem_zalloc(sizeof(*hold));
		hold->since = clock_monotonic();
		map_put(in->holds, slice_of(path), hold);
	}
	hold->scan = in->scan;
	if (clock_monotonic() - hold->since < HOLD) {
		strlist_add(&in->held, path);
	} else if (!hold->told) {
		hold->told = true;
		snprintf(sentence, sizeof(sentence), "'%.300s' does not come to rest: it is read when nobody has written to "
			 "it for 2 s, newer files wait no longer for it; if it is no log, let `rotated` leave it out", path);
		input_trouble(in, source, NULL, INPUT_NEWS, sentence);
	}
}

/* Copies may now be the only place of what was not read yet. */
static void copies_again(struct input *in)
{
	size_t cursor = 0;
	void *value;

	while (map_next(in->known, &cursor, NULL, &value))
		if (((struct known *)value)->as == KNOWN_COPY)
			((struct known *)value)->as = KNOWN_OPEN;
	in->scan_soon = true;
}

static void say_truncated(struct input *in, const struct source_conf *source, const struct position *p)
{
	uint64_t unread = p->seen > p->offset ? p->seen - p->offset : 0;
	char sentence[640];

	snprintf(sentence, sizeof(sentence),
		 "'%.300s' was truncated or rewritten after it was read up to byte %llu; %llu bytes more had been "
		 "seen, what is left is looked for in a copy; what was written between the copy and the "
		 "truncation is lost", p->path, (unsigned long long)p->offset, (unsigned long long)unread);
	input_trouble(in, source, NULL, INPUT_GAP, sentence);
	in->save_now = true;
}

void tail_truncated(struct input *in, struct tail *t)
{
	struct position old = t->at;

	say_truncated(in, t->source, &old);
	identity_of(&t->print, &old.id);
	old.truncated = true;
	if (old.offset || old.seen)
		waiting_add(in, &old);
	input_restart(in, t);
	copies_again(in);
}

static bool is_not(const struct known *known, uint64_t stream)
{
	for (unsigned i = 0; i < known->n_not; i++)
		if (known->not_streams[i] == stream)
			return true;
	return false;
}

static enum match waiting_best(struct input *in, const struct source_conf *source, const struct sight *s,
			       const struct known *known, bool in_place, size_t *index)
{
	enum match best = MATCH_OTHER;

	for (size_t i = 0; known->n_not < NOT_MAX && i < in->n_waiting; i++) {
		const struct position *p = &in->waiting[i];
		bool here = sight_in_place(s, p);
		enum match match;

		if ((in_place && !here) || (best != MATCH_OTHER && !here) || is_not(known, p->stream) ||
		    strcmp(p->source, source->name) != 0)
			continue;
		match = sight_matches(s, p);
		if (match == MATCH_OTHER)
			continue;
		best = match;
		*index = i;
		if (here)
			break;
	}
	return best;
}

/* Do both files hold the same bytes, as far as this one goes? */
static bool is_copy_of(const struct sight *s, const struct tail *t)
{
	char head[HEAD_MAX], mine[BEFORE_MAX], theirs[BEFORE_MAX];
	size_t have = t->print.head_len, before;
	uint64_t upto = s->size;
	struct stat st;

	if (t->fd >= 0 && !t->unpack && fstat(t->fd, &st) == 0) {
		ssize_t n = pread(t->fd, head, HEAD_MAX, 0);

		have = n > 0 ? (size_t)n : 0;
		upto = upto < (uint64_t)st.st_size ? upto : (uint64_t)st.st_size;
	} else {
		memcpy(head, t->print.head, have);
	}
	if (!s->head_len || have < s->head_len || memcmp(head, s->head, s->head_len) != 0)
		return false;
	if (s->packed || s->size <= HEAD_MAX || t->fd < 0 || t->unpack)
		return true;
	before = upto < BEFORE_MAX ? (size_t)upto : BEFORE_MAX;
	return upto == s->size &&
	       pread(s->fd, mine, before, (off_t)(upto - before)) == (ssize_t)before &&
	       pread(t->fd, theirs, before, (off_t)(upto - before)) == (ssize_t)before &&
	       memcmp(mine, theirs, before) == 0;
}

static bool is_copy(struct input *in, const struct source_conf *source, const struct sight *s)
{
	for (size_t i = 0; i < in->n_tails; i++)
		if (in->tails[i]->source == source && is_copy_of(s, in->tails[i]))
			return true;
	return false;
}

static struct tail *tail_new(struct input *in, const struct source_conf *source, const char *path,
			     const struct sight *s)
{
	struct tail *t = mem_zalloc(sizeof(*t));
	char *real = realpath(path, NULL);

	t->source = source;
	t->fd = s->fd;
	in->n_open++;
	t->mtime = ns_of(s->st.st_mtim);
	t->last_line = TIME_NONE;
	t->grown_at = clock_monotonic();
	t->open_at = UINT64_MAX;
	t->at.id.dev = s->st.st_dev;
	t->at.id.ino = s->st.st_ino;
	t->at.id.born = s->born;
	t->at.seen = s->size == SIZE_UNKNOWN ? 0 : s->size;
	t->changed = true;
	if (real && strcmp(real, path) != 0)
		t->real = real;
	else
		free(real);
	return t;
}

/* A position has its file again. */
static void tail_adopt(struct input *in, size_t waiting, const struct source_conf *source, const char *path,
		       const struct sight *s, enum look look)
{
	struct tail *t = tail_new(in, source, path, s);
	struct position *p = &in->waiting[waiting];
	struct identity place = t->at.id;
	uint64_t seen = t->at.seen;

	if (p->said && !p->done)
		input_trouble(in, source, NULL, INPUT_NEWS, "a file that was missing was found again");
	t->was = *p;
	t->was.source = mem_strdup(p->source);
	t->was.path = mem_strdup(p->path);
	t->at = *p;
	t->at.source = mem_strdup(p->source);
	t->at.path = mem_strdup(path);
	t->at.id.dev = place.dev;
	t->at.id.ino = place.ino;
	t->at.id.born = place.born;
	t->at.seen = s->packed ? p->seen : seen;
	if (!s->packed)			/* of a packed one they are made anew while it is compared */
		memcpy(t->print.marks, p->id.marks, sizeof(t->print.marks));
	t->rotated = look == LOOK_ROTATED || p->truncated || s->packed;
	t->at.done = t->at.truncated = t->at.said = false;
	t->at.when = 0;
	waiting_remove(in, waiting);
	if (!s->packed && !print_read(t->fd, t->at.offset, &t->print))
		memset(&t->print, 0, sizeof(t->print));	/* it changed meanwhile: the next reading sees it */
	if (s->packed && unpack_open(t->fd, path, &t->unpack, NULL) == 0) {
		struct unpack_member member;

		unpack_next(t->unpack, &member, NULL);
	}
	input_register(in, t);
}

/* Does a line end in front of this place? */
static bool line_ends_at(const struct sight *s, uint64_t at, enum encoding framing, size_t unit)
{
	char last[2] = "\n";
	size_t end_len;

	return pread(s->fd, last, unit, (off_t)(at - unit)) != (ssize_t)unit ||
	       encoding_line_end(framing, last, unit, &end_len) == 0;
}

/* Where a file begins that nobody has read. */
static uint64_t start_offset(const struct source_conf *source, bool first_start, const struct sight *s)
{
	int64_t age = clock_now() - ns_of(s->st.st_mtim), window;
	uint64_t size = (uint64_t)s->st.st_size;
	enum encoding encoding = ENCODING_AUTO, framing;
	size_t unit;

	if (!first_start || !source->start || strcmp(source->start, "beginning") == 0)
		return !first_start || source->start ? 0 : size;
	if (duration_parse(slice_of(source->start), &window))
		return age <= window ? 0 : size;
	/* the end: a line that is being written now is taken whole, later */
	if (source->encoding)
		encoding_parse(source->encoding, &encoding);
	framing = encoding_framing(encoding, (struct slice){ s->head, s->head_len });
	unit = framing == ENCODING_UTF8 ? 1 : 2;
	for (size = size / unit * unit; size > 0 && !line_ends_at(s, size, framing, unit);)
		size -= unit;
	return size;
}

static void tail_begin(struct input *in, const struct source_conf *source, const char *path,
		       const struct sight *s, enum look look, uint64_t offset)
{
	struct tail *t = tail_new(in, source, path, s);

	t->at.source = mem_strdup(source->name);
	t->at.path = mem_strdup(path);
	t->at.stream = in->callbacks.new_stream(in->callbacks.context);
	t->at.offset = offset;
	/* until something of it was read, it is known by what it was seen to begin with */
	identity_of_head(s, &t->at.id);
	in->save_now = true;
	t->rotated = look == LOOK_ROTATED || s->packed;
	if (offset && !print_read(t->fd, offset, &t->print))
		t->at.offset = 0;
	if (s->packed && unpack_open(t->fd, path, &t->unpack, NULL) == 0) {
		struct unpack_member member;

		unpack_next(t->unpack, &member, NULL);
	}
	input_register(in, t);
}

/* Followed already, perhaps under another name. */
static void tail_seen(struct input *in, struct tail *t, const char *path, enum look look)
{
	if (strcmp(t->at.path, path) == 0 || look != LOOK_CURRENT)
		return;
	if (map_get(in->by_path, slice_of(t->at.path)) == t)
		map_remove(in->by_path, slice_of(t->at.path));
	free(t->at.path);
	t->at.path = mem_strdup(path);
	if (!map_get(in->by_path, slice_of(path)))
		map_put(in->by_path, slice_of(path), t);
	t->changed = true;
}

/* A position was found in this file. True when the file now belongs to a tail. */
static bool waiting_found(struct input *in, size_t i, enum match match, struct known *known,
			  const struct source_conf *source, const char *path, const struct sight *s,
			  enum look look)
{
	struct position *p = &in->waiting[i];
	bool in_place = sight_in_place(s, p);
	bool all_read = match == MATCH_PREFIX || (p->done && s->size == p->offset) ||
			(p->done && in_place && (match == MATCH_SHORT || s->size == SIZE_UNKNOWN));
	bool too_soon = match == MATCH_SHORT && in->waiting_since[i] && clock_monotonic() - in->waiting_since[i] < SHORT_AFTER;

	if (!in_place && (!is_quiet(in, known) || too_soon)) {
		if (!p->done)
			hold(in, source, path);
		in->scan_soon = in->scan_soon || too_soon;
		return false;
	}
	if (!all_read) {
		tail_adopt(in, i, source, path, s, look);
		return true;
	}
	/* nothing in it is new */
	if (!p->done) {
		p->done = true;
		p->when = clock_now();
		in->waiting_since[i] = 0;
		in->waiting_changed[i] = true;
	}
	known->as = KNOWN_OLD;
	return false;
}

/* The file of a waiting position stands where it stood, but is another one: it was truncated while nobody looked. */
static void waiting_in_place(struct input *in, const struct source_conf *source, const struct sight *s,
			     const char *path)
{
	for (size_t i = 0; i < in->n_waiting; i++) {
		struct position *p = &in->waiting[i];

		if (!p->done && !p->truncated && sight_in_place(s, p) && strcmp(p->path, path) == 0 &&
		    strcmp(p->source, source->name) == 0) {
			say_truncated(in, source, p);
			p->truncated = true;
			in->waiting_changed[i] = true;
		}
	}
}

/* Something older of the same name is not read yet, for it may be half written. */
static bool is_held(const struct input *in, const char *path)
{
	for (size_t i = 0; i < in->held.n; i++)
		if (strncmp(in->held.at[i], path, strlen(path)) == 0)
			return true;
	return false;
}

/* A file that is nobody's. True when it now belongs to a tail. */
static bool file_unknown(struct input *in, const struct source_conf *source, const char *path,
			 const struct sight *s, struct known *known, enum look look, bool first)
{
	int64_t since = *(int64_t *)map_get(in->sources, slice_of(source->name));
	int64_t written = ns_of(s->st.st_mtim);
	uint64_t offset;

	waiting_in_place(in, source, s, path);
	if (!s->head_len)
		return false;		/* empty: it shows what it is when there is something in it */
	if (is_copy(in, source, s)) {
		known->as = KNOWN_COPY;
		return false;
	}
	if (look == LOOK_ROTATED && (written < since || clock_now() - written > OLD)) {
		known->as = KNOWN_OLD;
		return false;
	}
	if ((look == LOOK_ROTATED || s->packed) && !is_quiet(in, known)) {
		hold(in, source, path);
		return false;
	}
	if (look == LOOK_CURRENT && is_held(in, path))
		return false;
	offset = start_offset(source, first, s);
	if (s->packed && (offset || (!first && written < since))) {
		known->as = KNOWN_OLD;
		return false;
	}
	tail_begin(in, source, path, s, look, offset);
	return true;
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

static void file_look(struct input *in, const struct source_conf *source, const char *path, enum look look,
		      bool first)
{
	struct sight s = { .fd = -1 };
	enum match match;
	struct known *known;
	struct tail *tail;
	struct err err;
	char key[96];
	size_t i = 0;
	bool taken;

	if (stat(path, &s.st) == 0) {
		inode_key(source, s.st.st_dev, s.st.st_ino, key);
		tail = map_get(in->by_inode, slice_of(key));
		if (tail) {
			tail_seen(in, tail, path, look);
			return;
		}
		if (known_get(in, source, &s.st)->as != KNOWN_OPEN)
			return;
	}
	s.fd = tail_open(path, &s.st, &err);
	if (s.fd < 0) {
		bool gone = err.kind == ERR_MISSING && !is_link(path);	/* renamed just now */

		if (!gone && (look == LOOK_CURRENT || err.kind != ERR_USAGE))
			input_trouble(in, source, path, INPUT_UNREADABLE, err.text);
		return;
	}
	input_trouble_over(in, path);
	known = known_get(in, source, &s.st);
	if (!sight_read(&s, path)) {
		if (is_quiet(in, known))
			known->as = KNOWN_OLD;	/* packed, and damaged from its first byte on */
		close(s.fd);
		return;
	}
	match = waiting_best(in, source, &s, known, look == LOOK_IN_PLACE, &i);
	if (match != MATCH_OTHER)
		taken = waiting_found(in, i, match, known, source, path, &s, look);
	else
		taken = look != LOOK_IN_PLACE && file_unknown(in, source, path, &s, known, look, first);
	if (!taken)
		close(s.fd);
}

static void directory_of(const char *path, struct text *out)
{
	const char *slash = strrchr(path, '/');

	text_reset(out);
	if (!slash)
		text_add(out, ".");
	else if (slash == path)
		text_add(out, "/");
	else
		text_add_bytes(out, path, (size_t)(slash - path));
}

static void directory_watch(struct input *in, const char *path)
{
	struct text directory = { 0 };

	directory_of(path, &directory);
	if (!watch_directory(in->watch, directory.at))
		in->scan_soon = true;	/* no notification comes from there */
	text_clear(&directory);
}

static void pattern_look(struct input *in, const struct source_conf *source, const char *pattern,
			 enum look look, bool first)
{
	struct text directory = { 0 };
	glob_t found;

	directory_of(pattern, &directory);
	if (strpbrk(directory.at, "*?[") == NULL) {
		char sentence[512];

		if (access(directory.at, R_OK | X_OK) < 0 && look == LOOK_CURRENT) {
			snprintf(sentence, sizeof(sentence), "the directory '%.300s' cannot be read: %s; "
				 "it is looked at again and again", directory.at, strerror(errno));
			input_trouble(in, source, directory.at, INPUT_UNREADABLE, sentence);
		} else if (look == LOOK_CURRENT) {
			input_trouble_over(in, directory.at);
		}
		directory_watch(in, pattern);
	}
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			directory_watch(in, found.gl_pathv[i]);
			file_look(in, source, found.gl_pathv[i], look, first);
		}
		globfree(&found);
	}
	text_clear(&directory);
}

/* Where nothing is said, rotated files are looked for beside: `x.1`, `x.2.gz`, `x-20260601`. */
static void rotated_look(struct input *in, const struct source_conf *source, bool first)
{
	static const char *const ends[] = { ".[0-9]*", "-[0-9]*" };

	for (size_t i = 0; i < source->rotated.n; i++)
		pattern_look(in, source, source->rotated.at[i], LOOK_ROTATED, first);
	for (size_t i = 0; !source->rotated.n && i < source->path.n; i++)
		for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
			struct text pattern = { 0 };

			text_addf(&pattern, "%s%s", source->path.at[i], ends[k]);
			pattern_look(in, source, pattern.at, LOOK_ROTATED, first);
			text_clear(&pattern);
		}
}

static void source_look(struct input *in, const struct source_conf *source)
{
	bool first = !map_get(in->sources, slice_of(source->name)), waits = false;

	strlist_clear(&in->held);
	if (first) {
		int64_t *since = mem_zalloc(sizeof(*since));

		*since = clock_now();
		map_put(in->sources, slice_of(source->name), since);
		in->sources_changed = in->save_now = true;
	}
	for (size_t i = 0; i < in->n_waiting && !waits; i++)
		waits = !in->waiting[i].done;
	for (size_t i = 0; waits && i < source->path.n; i++)
		pattern_look(in, source, source->path.at[i], LOOK_IN_PLACE, first);
	rotated_look(in, source, first);
	for (size_t i = 0; i < source->path.n; i++)
		pattern_look(in, source, source->path.at[i], LOOK_CURRENT, first);
}

/* Files that no longer stand at their path are rotated: read to the end, then closed. */
static bool tail_look(struct input *in, struct tail *t)
{
	bool there;
	struct stat st;

	if (t->unpack)
		return true;
	there = stat(t->at.path, &st) == 0 && st.st_dev == t->at.id.dev && st.st_ino == t->at.id.ino;
	if (t->fd < 0 && !there) {
		input_lose(in, t);
		copies_again(in);
		return false;
	}
	if (t->fd >= 0 && fstat(t->fd, &st) < 0)
		return true;
	if (!there && !t->rotated) {
		t->rotated = t->changed = true;
		t->grown_at = clock_monotonic();
	}
	if ((uint64_t)st.st_size < t->at.offset) {
		tail_truncated(in, t);
	} else if ((uint64_t)st.st_size != t->at.seen || ns_of(st.st_mtim) != t->mtime) {
		t->grown_at = clock_monotonic();
		input_queue(in, t);
	} else if ((uint64_t)st.st_size > t->at.offset && !t->peeked) {
		input_queue(in, t);
	}
	t->at.seen = (uint64_t)st.st_size;
	t->mtime = ns_of(st.st_mtim);
	return true;
}

/* Positions without a file: a gap is said once; they are kept for a while, for the file may come back. */
static void waiting_look(struct input *in)
{
	int64_t now = clock_now(), mono = clock_monotonic();

	for (size_t i = 0; i < in->n_waiting; i++) {
		struct position *p = &in->waiting[i];
		static struct source_conf nobody;
		char sentence[640];

		if (now - p->when > KEEP || in->n_waiting > WAITING_MAX) {
			char key[32];

			snprintf(key, sizeof(key), "%llu", (unsigned long long)p->stream);
			strlist_add(&in->forgotten, key);
			waiting_remove(in, i--);
			continue;
		}
		if (p->done || !in->waiting_since[i])
			continue;
		in->scan_soon = true;
		if (mono - in->waiting_since[i] < GIVE_UP)
			continue;
		nobody.name = p->source;
		snprintf(sentence, sizeof(sentence),
			 "'%.300s', read up to byte %llu of %llu, is nowhere to be found%s; what was written to "
			 "it after that is lost unless it comes back", p->path, (unsigned long long)p->offset,
			 (unsigned long long)p->seen, p->truncated ? " since it was truncated" : "");
		in->callbacks.trouble(in->callbacks.context, &nobody, INPUT_GAP, sentence);
		p->said = in->waiting_changed[i] = in->save_now = true;
		in->waiting_since[i] = 0;
	}
}

static void known_forget(struct input *in)
{
	size_t cursor = 0;
	struct slice key;
	void *value;

	while (map_next(in->known, &cursor, &key, &value))
		if (((struct known *)value)->scan != in->scan)
			free(map_remove(in->known, key));
	cursor = 0;
	while (map_next(in->holds, &cursor, &key, &value))
		if (((struct hold *)value)->scan != in->scan)
			free(map_remove(in->holds, key));
}

void scan_files(struct input *in)
{
	in->scan++;
	in->scan_wanted = in->scan_soon = false;
	for (size_t i = 0; i < in->n_tails; i++)
		if (!tail_look(in, in->tails[i]))
			i--;
	for (size_t i = 0; i < in->config->n_sources; i++)
		if (source_is_file(&in->config->sources[i]))
			source_look(in, &in->config->sources[i]);
	waiting_look(in);
	known_forget(in);
	in->last_scan = clock_monotonic();
}
