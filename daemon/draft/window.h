#ifndef SOKUHO_DRAFT_WINDOW_H
#define SOKUHO_DRAFT_WINDOW_H

#include "draft/phrase.h"

/* Names of addressees beside the ids of the profile's windows. */
#define WINDOW_FALLBACK "fallback"
#define WINDOW_EXERCISE "exercise"	/* of a drill: the site's own number */
#define WINDOW_PRIME	"prime:"	/* followed by the contract's label */

/* The subcontract behind `prime:LABEL`, NULL for another addressee. */
const struct contract *window_prime(const struct draft_input *input, const char *window);
/* Do the incident's contracts say whom to call? Where not, a person chooses. */
bool window_is_named(const struct draft_input *input);
/* Whom: the window's name as the notice prints it, the prime's, or the exercise's. */
void window_name(const struct draft_input *input, const char *window, struct text *out);
/* The same with all its numbers, the one for the hour first; two columns of blanks in front. */
void window_print(const struct draft_input *input, const char *window, struct text *out);
/* Is it an office's working hour now, and who confirmed the numbers when? Two lines. */
void window_hours(const struct draft_input *input, struct text *out);
/* The phone for the hour, NULL when the window has none. */
const struct node *window_first_phone(const struct draft_input *input, const struct node *window);

#endif
