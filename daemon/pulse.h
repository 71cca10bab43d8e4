#ifndef SOKUHO_PULSE_H
#define SOKUHO_PULSE_H

#include "model/record.h"
#include "settings/config.h"
#include "warning.h"

#include <json-c/json_object.h>

/*
 * The pulse of every source: what came, when, and whether it still makes sense. A source that is silent beyond
 * silent_after, whose lines are not recognised any more, or whose clock jumped, is told once, and once more when it is
 * well again. Time comes in; nothing here asks for it.
 */
struct pulse;

typedef void (*pulse_warn)(void *context, enum warning warning, const char *source, const char *sentence);

struct pulse *pulse_new(pulse_warn warn, void *context);
void pulse_free(struct pulse *pulse);
/* Saved and restored with the checkpoint, so that a restart neither repeats a warning nor forgets the rhythm. */
struct json_object *pulse_save(const struct pulse *pulse);
void pulse_restore(struct pulse *pulse, struct json_object *saved, int64_t now);

/* A record of a source, of so many lines, with its head decoded. */
void pulse_line(struct pulse *pulse, const char *source, const struct record *record, uint32_t lines, uint64_t repairs, int64_t now);
/* Once in a while, while sources are being read. */
void pulse_look(struct pulse *pulse, const struct config *config, int64_t now);
/* Adds what is known of a source to an object of status. */
void pulse_status(const struct pulse *pulse, const struct source_conf *source, struct json_object *out);

#endif
