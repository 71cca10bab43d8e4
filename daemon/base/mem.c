/* Allocation that cannot fail, and arenas for what lives as long as one record. */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_FIRST 4096		/* many an arena needs no more */
#define ARENA_BLOCK 16384

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(16) unsigned char data[];
};

struct arena {
	struct block *blocks;
	size_t used;
};

static void *mem_checked(void *at, size_t size)
{
	if (at || size == 0)
		return at;
	fprintf(stderr, "sokuhod: out of memory (%zu bytes wanted); the saved state is intact\n",
		size);
	abort();
}

void *mem_zalloc(size_t size)
{
	return mem_checked(calloc(1, size ? size : 1), size);
}

void *mem_realloc(void *old, size_t size)
{
	return mem_checked(realloc(old, size ? size : 1), size ? size : 1);
}

void *mem_dup(const void *from, size_t size)
{
	void *to = mem_zalloc(size);

	if (size)
		memcpy(to, from, size);
	return to;
}

char *mem_strndup(const char *from, size_t len)
{
	char *to = mem_zalloc(len + 1);

	if (len)
		memcpy(to, from, len);
	return to;
}

char *mem_strdup(const char *from)
{
	return from ? mem_strndup(from, strlen(from)) : NULL;
}

void *mem_grow(void *list, size_t *cap, size_t need, size_t element)
{
	size_t want = *cap ? *cap : 8;

	if (need <= *cap)
		return list;
	if (need > SIZE_MAX / 2 / element)
		return mem_checked(NULL, need);
	while (want < need)
		want *= 2;
	list = mem_realloc(list, want * element);
	*cap = want;
	return list;
}

struct arena *arena_new(void)
{
	return mem_zalloc(sizeof(struct arena));
}

static void blocks_free(struct block *block)
{
	while (block) {
		struct block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	blocks_free(arena->blocks);
	free(arena);
}

void arena_reset(struct arena *arena)
{
	if (arena->blocks) {
		blocks_free(arena->blocks->next);
		arena->blocks->next = NULL;
		arena->blocks->used = 0;
		if (arena->blocks->size > 4 * ARENA_BLOCK) {
			free(arena->blocks);
			arena->blocks = NULL;
		}
	}
	arena->used = 0;
}

/* The bytes that were there before. */
static void *piece(struct arena *arena, size_t size)
{
	struct block *block = arena->blocks;
	size_t need = (size + 15) & ~(size_t)15;

	if (!block || block->size - block->used < need) {
		size_t usual = block ? ARENA_BLOCK : ARENA_FIRST, room = need > usual ? need : usual;

		block = mem_checked(malloc(sizeof(*block) + room), room);
		block->size = room;
		block->used = 0;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	block->used += need;
	arena->used += need;
	return block->data + block->used - need;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(piece(arena, size), 0, size);
}

void *arena_grow(struct arena *arena, void *list, size_t *cap, size_t need, size_t element)
{
	size_t want = *cap ? *cap : 4;
	void *more;

	if (need <= *cap)
		return list;
	while (want < need)
		want *= 2;
	more = piece(arena, want * element);
	if (*cap)
		memcpy(more, list, *cap * element);
	*cap = want;
	return more;
}

char *arena_strndup(struct arena *arena, const char *from, size_t len)
{
	char *to = piece(arena, len + 1);

	if (len)
		memcpy(to, from, len);
	to[len] = '\0';
	return to;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *to;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return arena_strndup(arena, "", 0);
	to = arena_alloc(arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(to, (size_t)len + 1, format, args);
	va_end(args);
	return to;
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){ arena->blocks, arena->blocks ? arena->blocks->used : 0, arena->used };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	while (arena->blocks && arena->blocks != mark.block && arena->blocks->next) {
		struct block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	if (arena->blocks)	/* the very first block stays, also when it is younger than the mark */
		arena->blocks->used = arena->blocks == mark.block ? mark.used : 0;
	arena->used = mark.total;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
