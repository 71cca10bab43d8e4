#ifndef SOKUHO_REPLAY_PUMP_H
#define SOKUHO_REPLAY_PUMP_H

#include "base/err.h"
#include "base/unpack.h"

/* A thread that unpacks ahead, a few buffers at most. */
struct pump;

/* Takes the file: fd (closed at the end) and the unpacker, which stands at the member to be read. */
struct pump *pump_new(int fd_take, struct unpack *unpack_take);
void pump_free(struct pump *pump);
/* Bytes, 0 at the end, negative after damage. Waits. */
long pump_read(struct pump *pump, void *to, size_t size, struct err *err);

#endif
