/* sysctl: see sysctl.h. The files are those of the calling thread's network namespace. */
#include "mirror/sysctl.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

long sysctl_read(long otherwise, const char *format, ...) {
	static const char root[] = "/proc/sys/net/";
	char path[128], digits[32];
	va_list arguments;
	ssize_t size;
	int fd, used;

	used = snprintf(path, sizeof(path), "%s", root);
	va_start(arguments, format);
	vsnprintf(path + used, sizeof(path) - used, format, arguments);
	va_end(arguments);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return otherwise;
	size = read(fd, digits, sizeof(digits) - 1);
	close(fd);
	if (size <= 0)
		return otherwise;
	digits[size] = '\0';
	return strtol(digits, NULL, 10);
}
