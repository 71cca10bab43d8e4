#ifndef SOKUHO_CHOOSER_H
#define SOKUHO_CHOOSER_H

#include "batch.h"

/*
 * Keeps the prefilter fitting to what is read: chosen by a sample, watched while lines go by, chosen anew when rules
 * are tried on too many lines in vain. What is found never depends on the choice.
 */
struct chooser;

/* content is a loan. */
struct chooser *chooser_new(const struct content *content, enum prefilter_mode mode, bool any_logsource);
void chooser_free(struct chooser *chooser);
/* Chooses by these bytes: whole lines, a few MiB at most. Less than is worth it chooses nothing. */
void chooser_choose(struct chooser *chooser, struct slice sample);
/*
 * Chooses before anything was read, by the length of literals; the first lines that are watched make it better. Later choices are
 * made by a thread of their own, so that live lines do not wait.
 */
void chooser_choose_early(struct chooser *chooser);
/* For the next batch; valid as long as the chooser. */
const struct scanner *chooser_scanner(const struct chooser *chooser);
/* A batch was looked at. May choose anew. */
void chooser_watch(struct chooser *chooser, const struct batch *batch);
/* NULL before the first choice, and where there is no library. */
const struct prefilter *chooser_prefilter(const struct chooser *chooser);

/* Needs of a content's rules; for chooser and `rules lint --cost`. */
struct needs *content_needs(const struct content *content, bool any_logsource);

#endif
