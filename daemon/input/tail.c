/*
 * One stream. Its position is always the beginning of a line: an unfinished line, or record of several, is simply read again,
 * so nothing needs to be kept in memory and the saved offset is exact. Each reading begins a little before the offset, where
 * the bytes must be those of the last time: a file that was truncated and written again cannot pass for the old one.
 */
#include "input/tail.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NULS_MIN 16		/* a hole: left where a file was truncated under a writer, or by a crash */
#define UNPACK_BYTES (16u << 10)	/* at once: what is damaged behind them costs none before them */
#define SKIP_BYTES (4u << 20)	/* of a packed file at once, where it was read before */

int tail_open(const char *path, struct stat *st, struct err *err)
{
	int fd;

	if (stat(path, st) < 0)
		return err_set(err, errno == EACCES ? ERR_PERM : ERR_MISSING, "'%s' cannot be read: %s",
			       path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_USAGE, "'%s' is %s, not a file that can be followed", path,
			       S_ISDIR(st->st_mode) ? "a directory" :
			       S_ISFIFO(st->st_mode) ? "a FIFO" : "a special file");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, st) < 0) {
		err_set(err, errno == EACCES ? ERR_PERM : ERR_IO, "'%s' cannot be opened: %s", path,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return err->kind;
	}
	return fd;
}

void tail_free(struct tail *t)
{
	if (!t)
		return;
	unpack_free(t->unpack);
	text_clear(&t->carry);
	if (t->fd >= 0)
		close(t->fd);
	position_clear(&t->at);
	position_clear(&t->was);
	free(t->real);
	free(t);
}

static bool is_wide(const struct tail *t)
{
	return t->decoding.framing != ENCODING_UTF8;
}

/* Decided by the first bytes of the stream, and again with each reading: nothing to be kept. */
static void framing_set(struct tail *t, const char *fresh, size_t len)
{
	struct slice head = t->at.offset ? (struct slice){ t->print.head, t->print.head_len } :
					   (struct slice){ fresh, len };

	t->decoding.encoding = ENCODING_AUTO;
	if (t->source->encoding)
		encoding_parse(t->source->encoding, &t->decoding.encoding);
	t->decoding.framing = encoding_framing(t->decoding.encoding, head);
}

static void line_give(struct tail *t, struct tail_reading *r, struct slice bytes, bool cut, uint32_t more)
{
	struct input_line line = {
		.source = t->source, .file = t->at.path, .stream = t->at.stream, .line = t->at.lines + 1,
		.offset = t->at.offset, .more = more, .cut = cut, .mtime = t->mtime,
	};

	if (!is_wide(t) && bytes.len && bytes.at[bytes.len - 1] == '\r')
		bytes.len--;
	line.original = bytes;
	arena_reset(r->arena);
	line.bytes = encoding_decode(r->transcoder, &t->decoding, bytes, r->arena, &line.repairs);
	t->repairs += line.repairs;
	if (is_wide(t) && line.bytes.len && line.bytes.at[line.bytes.len - 1] == '\r')
		line.bytes.len--;
	t->last_line = clock_now();
	r->lines++;
	r->callbacks->line(r->callbacks->context, &line);
}

static size_t nuls_at(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && !bytes[n])
		n++;
	return n < NULS_MIN ? 0 : n;
}

/* A record of several lines at the offset; how many bytes it is, 0 when there is none. *open: it is not finished. */
static size_t record_step(struct tail *t, struct tail_reading *r, const char *bytes, size_t len, bool final, bool *open)
{
	size_t max = len < r->line_max ? len : r->line_max, size;
	uint32_t more;

	*open = false;
	if (is_wide(t) || t->at.skipping || !r->callbacks->frame)
		return 0;
	size = r->callbacks->frame(t->source->format, (struct slice){ bytes, max }, final && max == len, &more, open);
	*open = *open && max == len && !r->flush;
	if (!more || *open)
		return 0;
	line_give(t, r, (struct slice){ bytes, size - (bytes[size - 1] == '\n') }, false, more);
	t->at.lines += more + 1;
	return size;
}

/* One line of what lies at the offset; how many bytes are done with, 0 when it is unfinished. */
static size_t line_step(struct tail *t, struct tail_reading *r, const char *bytes, size_t len, bool final)
{
	size_t hole = t->at.skipping ? 0 : nuls_at(bytes, len), end_len;
	size_t found = encoding_line_end(t->decoding.framing, bytes, len, &end_len);
	bool end = found != SIZE_MAX;
	size_t line = end ? found : is_wide(t) && !final ? len & ~(size_t)1 : len;
	size_t most = is_wide(t) ? r->line_max & ~(size_t)1 : r->line_max;

	if (hole)
		return is_wide(t) ? hole & ~(size_t)1 : hole;
	if (!end && !t->at.skipping && line <= r->line_max && !final)
		return 0;
	if (!t->at.skipping) {
		line_give(t, r, (struct slice){ bytes, line < most ? line : most }, line > r->line_max, 0);
		t->at.lines++;
	}
	t->at.skipping = !end && (t->at.skipping || line > r->line_max);
	return end ? line + end_len : line;
}

/* Lines of one filled buffer; how many bytes of it are done with. */
static size_t buffer_give(struct tail *t, struct tail_reading *r, const char *bytes, size_t len, bool final)
{
	size_t at = 0, step = 1;

	while (at < len && step) {
		bool open;

		step = record_step(t, r, bytes + at, len - at, final, &open);
		if (!step && !open)
			step = line_step(t, r, bytes + at, len - at, final);
		at += step;
		t->at.offset += step;
	}
	t->changed = t->changed || at;
	return at;
}

static enum tail_result plain_read(struct tail *t, struct tail_reading *r)
{
	uint64_t done = 0;

	while (done < r->limit) {
		size_t before = t->print.before_len, room = before + r->line_max + 2, used;
		uint64_t offset = t->at.offset;
		ssize_t n = pread(t->fd, r->buffer, room, (off_t)(offset - before));

		if (n < 0)
			return TAIL_END;	/* said by the next look at it */
		if ((size_t)n < before || memcmp(r->buffer, t->print.before, before) != 0)
			return TAIL_REWRITTEN;
		framing_set(t, r->buffer + before, (size_t)n - before);
		used = buffer_give(t, r, r->buffer + before, (size_t)n - before,
				   r->final && (size_t)n < room);
		print_advance(&t->print, offset, r->buffer, used);
		done += used;
		if (!used || (size_t)n < room) {
			t->at.seen = offset - before + (uint64_t)n;
			return TAIL_END;
		}
	}
	return TAIL_MORE;
}

/* Bytes of a packed file into carry; what lies before the offset goes by and is compared. */
static enum tail_result packed_fill(struct tail *t, struct tail_reading *r)
{
	uint64_t passed = 0;

	while (t->carry.len <= r->line_max) {
		uint64_t to_skip = t->at.offset > t->unpacked ? t->at.offset - t->unpacked : 0;
		size_t most = r->line_max < UNPACK_BYTES ? r->line_max : UNPACK_BYTES;
		size_t room = to_skip && to_skip < most ? (size_t)to_skip : most;
		long n = unpack_read(t->unpack, r->buffer, room, NULL);

		if (n == 0 && to_skip && print_ends_in(&t->print, &t->at.id, t->at.offset, t->unpacked))
			return TAIL_SHORT;	/* all that it holds was read before it was packed */
		t->damaged = n < 0;
		if (n <= 0)
			return to_skip ? TAIL_OTHER : TAIL_FINISHED;
		t->unpacked += (uint64_t)n;
		if (!to_skip) {
			text_add_bytes(&t->carry, r->buffer, (size_t)n);
			continue;
		}
		/* the print follows the bytes as if they were read for the first time */
		text_reset(&t->carry);
		text_add_bytes(&t->carry, t->print.before, t->print.before_len);
		text_add_bytes(&t->carry, r->buffer, (size_t)n);
		print_advance(&t->print, t->unpacked - (uint64_t)n, t->carry.at, (size_t)n);
		text_reset(&t->carry);
		if (t->unpacked == t->at.offset) {
			struct identity id;

			identity_of(&t->print, &id);
			if (strcmp(id.before, t->at.id.before) != 0)
				return TAIL_OTHER;
		}
		passed += (uint64_t)n;
		if (passed >= SKIP_BYTES)
			return TAIL_MORE;
	}
	return TAIL_MORE;
}

static enum tail_result packed_read(struct tail *t, struct tail_reading *r)
{
	enum tail_result result = packed_fill(t, r);
	uint64_t offset = t->at.offset;
	struct text all = { 0 };
	size_t used;

	if (result == TAIL_OTHER || t->unpacked < offset)
		return result;
	framing_set(t, t->carry.at, t->carry.len);
	used = buffer_give(t, r, t->carry.at, t->carry.len, result == TAIL_FINISHED);
	text_add_bytes(&all, t->print.before, t->print.before_len);
	text_add_slice(&all, text_slice(&t->carry));
	print_advance(&t->print, offset, all.at ? all.at : "", used);
	text_reset(&t->carry);
	text_add_bytes(&t->carry, all.at ? all.at + (all.len - (t->unpacked - t->at.offset)) : "",
		       (size_t)(t->unpacked - t->at.offset));
	text_clear(&all);
	return result;
}

enum tail_result tail_read(struct tail *t, struct tail_reading *r)
{
	return t->unpack ? packed_read(t, r) : plain_read(t, r);
}

void tail_peek(struct tail *t, struct tail_reading *r)
{
	ssize_t n = pread(t->fd, r->buffer, r->line_max, (off_t)t->at.offset);

	size_t end_len;

	if (n > 0 && !t->at.skipping &&
	    encoding_line_end(t->decoding.framing, r->buffer, (size_t)n, &end_len) == SIZE_MAX)
		line_give(t, r, (struct slice){ r->buffer, (size_t)n }, false, 0);
}
