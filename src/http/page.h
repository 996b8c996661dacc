/* page: the web page as it is built into the binary; made by web/meson.build. */
#pragma once

#include <stddef.h>

struct page_file {
	const char *path; /* "/", "/assets/index-abc.js" */
	const char *type; /* media type */
	const unsigned char *bytes;
	size_t size;
	const char *etag; /* quoted */
};

/* Ends with a file without a path. Only that, if the page is not built in. */
extern const struct page_file page_files[];
extern const size_t page_file_count;
