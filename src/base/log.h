/*
 * log: what the daemon and the commands tell a person, one line a message on stderr.
 *
 * Under systemd (JOURNAL_STREAM set) each line starts with its syslog priority (sd-daemon(3)), so
 * that the journal can filter; on a terminal it starts with the program's name. Any thread may
 * call.
 */
#pragma once

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Messages above `level` are left out. The default is LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
