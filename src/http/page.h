/*
 * page: the files of the page (web/), as web/meson.build builds them into the binary. Constant; any
 * thread may read them.
 */
#pragma once

#include <stddef.h>

struct page_file {
	const char *path; /* as it is asked for: "/", "/assets/index-3fa9.js" */
	const char *type; /* media type */
	const unsigned char *bytes;
	size_t size;
	const char *etag; /* with its quotes, as the header has it */
};

/* Ends with a file without a path. Only that, and a count of 0, if the page is not built in. */
extern const struct page_file page_files[];
extern const size_t page_file_count;
