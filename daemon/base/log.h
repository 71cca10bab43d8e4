#ifndef SOKUHO_BASE_LOG_H
#define SOKUHO_BASE_LOG_H

/*
 * Our own words, on standard error; with the priority mark of sd-daemon(3) where the
 * journal reads it. Repeated messages of one room are limited to 20 a minute.
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level);
void log_write(enum log_level level, const char *room, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(room, ...) log_write(LOG_LEVEL_ERROR, room, __VA_ARGS__)
#define log_warn(room, ...) log_write(LOG_LEVEL_WARN, room, __VA_ARGS__)
#define log_info(room, ...) log_write(LOG_LEVEL_INFO, room, __VA_ARGS__)
#define log_debug(room, ...) log_write(LOG_LEVEL_DEBUG, room, __VA_ARGS__)

#endif
