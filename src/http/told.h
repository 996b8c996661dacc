/* told: JSON as it is told by HTTP: a line, and whether it says something that the last one did
 * not. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* A line, to be freed; NULL without memory. The document's reference is taken over. */
char *told_text(json_t *document);

/* Whether a document's text is another than before (NULL: none), but for its time, "at", which
 * comes first. */
bool told_is_news(const char *before, const char *text);
