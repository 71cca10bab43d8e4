#ifndef SOKUHO_BASE_ECS_H
#define SOKUHO_BASE_ECS_H

#include "base/str.h"

/*
 * The one table of ECS names that decode data and rules use. A named group of a pattern is a name with dots as
 * underscores: file_path is file.path.
 */
/* The ECS name for a group's name; the name itself when it is none of the table. */
const char *ecs_from_group(const char *group);
/* The allowed values of event.category. */
const char *const *ecs_categories(size_t *n);
/* All names, sorted; and a name's place among them, -1 when it is none. hash: hash_bytes_nocase(name). */
const char *const *ecs_names(size_t *n);
int ecs_rank(struct slice name);
int ecs_rank_hashed(struct slice name, uint64_t hash);
/* Is it of a number type (long) in ECS? */
bool ecs_is_number(int rank);

#endif
