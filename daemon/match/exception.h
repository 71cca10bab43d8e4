#ifndef SOKUHO_MATCH_EXCEPTION_H
#define SOKUHO_MATCH_EXCEPTION_H

#include "model/rule.h"
#include "settings/yaml.h"

/* Who decided, why and until when: `id reason approver second_approver expires` of a filter or tuning document. */
void exception_load(const struct yaml *yaml, const struct node *root, struct exception *out,
		    struct problems *problems);
void exception_clear(struct exception *exception);
/* For rules with a notice reason, approver and expires must be said. False after an error. */
bool exception_is_signed(const struct yaml *yaml, const struct node *root,
			 const struct exception *exception, struct problems *problems);
/* The section `tuning`: {rules, enabled, notice: {level}, incident: {by, within}}. */
void tuning_load(const struct yaml *yaml, const struct node *root, struct tuning *out,
		 struct problems *problems);
void tuning_clear(struct tuning *tuning);

#endif
