/*
 * page: the files of the page (web/), as they are built into the binary. Constant; any thread may
 * read them. Without npm at build time there are none, and page_file_count is 0.
 */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include <stddef.h>

struct page_file {
	const char *path; /* as it is asked for: "/", "/assets/index-3fa9.js" */
	const char *type; /* media type */
	const unsigned char *bytes;
	size_t size;
	const char *etag; /* with its quotes, as the header has it */
};

/* In the order of their paths, by strcmp. */
extern const struct page_file page_files[];
extern const size_t page_file_count;

#endif
