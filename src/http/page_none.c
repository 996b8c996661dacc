/* page_none: no page is built in. */
#include "http/page.h"

const struct page_file page_files[] = {{0}};
const size_t page_file_count = 0;
