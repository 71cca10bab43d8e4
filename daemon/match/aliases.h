#ifndef SOKUHO_MATCH_ALIASES_H
#define SOKUHO_MATCH_ALIASES_H

#include "base/problem.h"
#include "model/lookup.h"

/* sigma-fields.yaml: what a field of a Sigma rule is called in the logs, by the rule's logsource. */
struct aliases;

/* NULL after errors, which are in problems. */
struct aliases *aliases_load(const char *path, struct problems *problems);
void aliases_free(struct aliases *aliases);
/* Adds the paths of a field in rules of this logsource: itself first. aliases and logsource may be NULL. */
void aliases_resolve(const struct aliases *aliases, const struct logsource *logsource,
		     const char *field, struct lookup *out);

#endif
