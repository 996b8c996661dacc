/* log: see log.h. A message is built whole in one buffer, so that lines of threads do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static enum log_level highest = LOG_LEVEL_INFO;

void log_set_level(enum log_level level) {
	highest = level;
}

static void write_line(enum log_level level, const char *format, va_list arguments) {
	static const char *const syslog_prefix[] = {"<3>", "<4>", "<6>", "<7>"};
	static const char *const word[] = {"error: ", "warning: ", "", "debug: "};
	char line[LINE_MAX_BYTES];
	int used;

	if (level > highest)
		return;
	if (getenv("JOURNAL_STREAM"))
		used = snprintf(line, sizeof(line), "%s", syslog_prefix[level]);
	else
		used = snprintf(line, sizeof(line), "heddle: %s", word[level]);
	used += vsnprintf(line + used, sizeof(line) - used - 1, format, arguments);
	if (used > (int)sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* nobody is left to tell */
}

#define LOG_FUNCTION(name, level)                                                                  \
	void name(const char *format, ...) {                                                       \
		va_list arguments;                                                                 \
                                                                                                   \
		va_start(arguments, format);                                                       \
		write_line(level, format, arguments);                                              \
		va_end(arguments);                                                                 \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
