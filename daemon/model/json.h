#ifndef SOKUHO_MODEL_JSON_H
#define SOKUHO_MODEL_JSON_H

#include "base/err.h"
#include "model/incident.h"

#include <json-c/json_object.h>

/*
 * The JSON that leaves the program (design section 5). Bytes of logs become valid UTF-8 here:
 * bad ones are U+FFFD. Every function returns a new object that the caller puts with
 * json_object_put(), or hands to another object.
 */
struct json_object *json_text(struct slice bytes);
struct json_object *json_text_or_null(const char *text);
struct json_object *json_strings(const struct strlist *list);
struct json_object *json_time(int64_t time, int utc_offset);
/* Fields by name, several values of one as an array. */
/* A finding as it was before it was judged. */
struct json_object *finding_state_to_json(const struct finding *finding);
struct finding *finding_state_from_json(struct json_object *object);
struct json_object *json_fields(const struct named_value *fields, size_t n);
/* {"kind":"finding", ...} as replay prints it. */
struct json_object *finding_to_json(const struct finding *finding);
/* The same, written over an object that is empty or was made of another finding, and of which nobody else holds a part. */
void finding_set_json(struct json_object *object, const struct finding *finding);
/* {"kind":"incident","id",...} as replay prints it. */
struct json_object *incident_line_to_json(const struct incident *incident);
/* The document sokuhod.incident/1; keys are only ever added to. */
struct json_object *incident_to_json(const struct incident *incident);
/* Read back what incident_to_json wrote. */
int incident_from_json(struct json_object *object, struct incident **out, struct err *err);
/* Evidence, fields and verdict of a hit that waits for others: for checkpoints. */
struct json_object *hit_to_json(const struct finding *hit);
struct finding *hit_from_json(struct json_object *object);
/* A member, NULL when it is absent or o is no object; the same as text, NULL when it is no text. Loans. */
struct json_object *json_member(struct json_object *o, const char *name);
const char *json_member_text(struct json_object *o, const char *name);
/* Entries of an array, 0 for anything else. */
size_t json_count(struct json_object *array);
/* One line, no blanks, slashes not escaped; owned by the object. */
const char *json_line(struct json_object *object);

#endif
