/* page_none: what is linked when the page is not built (meson's option `page`). */
#include "http/page.h"

const struct page_file page_files[] = {{NULL, NULL, NULL, 0, NULL}};
const size_t page_file_count = 0;
