#ifndef SOKUHO_MATCH_FOREIGN_H
#define SOKUHO_MATCH_FOREIGN_H

#include "model/record.h"
#include "model/rule.h"
#include "settings/notice.h"

/* sigma-map.yaml: what rules mean that have no `notice`, by their ATT&CK tags and logsource. */
struct foreign;

/* NULL after errors, which are in problems. notice may be NULL: clauses and facts are not checked. */
struct foreign *foreign_load(const char *path, const struct notice *notice,
			     struct problems *problems);
void foreign_free(struct foreign *foreign);
/*
 * Fills clauses, fact, shows and cap from the first row that fits; without one, and for the severities informational
 * and low, the cap is record. tags and foreign may be NULL.
 */
void foreign_apply(const struct foreign *foreign, const struct node *tags,
		   const struct logsource *logsource, const char *severity, struct meaning *meaning);

#endif
