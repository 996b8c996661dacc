/* capture: what a piece of code writes to stdout or stderr. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct capture {
	FILE *stream;
	int saved; /* a copy of the stream's file descriptor */
	int file;
};

/* From here on the stream goes to a file; capture_end gives its text, for free(). */
struct capture capture_begin(FILE *stream);
char *capture_end(struct capture *capture);
