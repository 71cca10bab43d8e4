#ifndef SOKUHO_BASE_MEM_H
#define SOKUHO_BASE_MEM_H

#include <stddef.h>

/*
 * Memory that never fails: out of memory ends the process with one line, systemd
 * restarts it, and the saved state makes that safe.
 */
void *mem_zalloc(size_t size);
void *mem_realloc(void *old, size_t size);
void *mem_dup(const void *from, size_t size);
/* A NUL-terminated copy of len bytes. */
char *mem_strndup(const char *from, size_t len);
/* NULL in, NULL out. */
char *mem_strdup(const char *from);

/*
 * Room for `need` elements in a growing array: doubles *cap and moves the array when needed.
 * Use as: list = mem_grow(list, &cap, n + 1, sizeof(*list));
 */
void *mem_grow(void *list, size_t *cap, size_t need, size_t element);

/* An arena: many small pieces, dropped together. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *arena);
/* Forget every piece; keeps one block for reuse. */
void arena_reset(struct arena *arena);
/* Zeroed memory, aligned for any type; valid until reset or free. */
void *arena_alloc(struct arena *arena, size_t size);
/* As mem_grow(): what is new of the array is not zeroed. The one that was is left where it is. */
void *arena_grow(struct arena *arena, void *list, size_t *cap, size_t need, size_t element);
char *arena_strndup(struct arena *arena, const char *from, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A place to go back to: what was handed out since is forgotten, as if it had never been asked for. */
struct arena_mark {
	void *block;
	size_t used, total;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

#endif
