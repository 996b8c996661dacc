/* nearest: the word that somebody meant who wrote another. */
#pragma once

#include <stddef.h>

/* The word of `words` (NULL-terminated) that takes the fewest insertions, deletions and
 * replacements of letters to become `text`; NULL if none is near: if it takes more than a third of
 * the letters, or two for short words. */
const char *nearest_word(const char *text, const char *const *words);
