/*
 * config_lines: a configuration of FRR as lines, each within the blocks that it stands in, so that
 * two can be compared, and the difference told as what a person would type into vtysh.
 *
 * The order of lines does not count. Some say one value (a timer, a description): the new line
 * takes the place of the old, and nothing is removed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config_lines;

/* Of a text, which is copied; "!" and the lines that only leave a block are left out. NULL without
 * memory. */
struct config_lines *config_lines_create(const char *text);
void config_lines_destroy(struct config_lines *config);

/* Writes what `after` has and `before` has not, within its blocks, in the order of `after`, and
 * returns how many lines that are, without those that only enter a block. */
size_t config_lines_write_added(
	const struct config_lines *before, const struct config_lines *after, FILE *to);

/* Writes what takes away that `before` has and `after` has not: with "no", what refers to others
 * first. */
size_t config_lines_write_removed(
	const struct config_lines *before, const struct config_lines *after, FILE *to);
