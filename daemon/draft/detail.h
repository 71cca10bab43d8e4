#ifndef SOKUHO_DRAFT_DETAIL_H
#define SOKUHO_DRAFT_DETAIL_H

#include "draft/phrase.h"

/* ⑤ of the form. key: which phrase it was made of, for people. */
int detail_compose(struct phrase_context *context, struct text *out, struct text *key,
		   struct err *err);
/* What a follow-up, a correction or a withdrawal puts in front of ⑤; nothing for the first report. */
void detail_issue_opener(struct phrase_context *context, const struct draft_issue *issue,
			 struct text *out);
/* The same for the telephone: no hashes, addresses or ports. */
void detail_spoken(struct phrase_context *context, struct text *out);

#endif
