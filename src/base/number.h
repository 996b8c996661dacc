/*
 * number: numbers as people write them: decimal, whole, and nothing else. The C library's readers
 * take blanks, signs, "0x1p3", "nan" and what is left of "10k", or of nothing at all.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Digits alone, of a number within these bounds; false, and *number as it was, if not. */
bool number_parse(const char *text, uint64_t least, uint64_t most, uint64_t *number);

/* "12", "0.5" or, as very small ones are printed, "1e-05", at the beginning of a text: what follows
 * it, a unit perhaps; NULL, and *value as it was, if it begins otherwise. */
const char *decimal_begin(const char *text, double *value);

/* The same, with nothing behind it. */
bool decimal_parse(const char *text, double *value);
