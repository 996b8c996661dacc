/* optics_labels: what elements are called in pictures. */
#pragma once

#include <stddef.h>

/* How many bytes all names begin with alike, as whole words: "roadm " of "roadm Boston" and "roadm
 * Albany". 0 for fewer than two names. */
size_t labels_in_common(const char *const *names, size_t count);
