/*
 * mistakes: what is wrong with a file that a person wrote, gathered while it is read and checked,
 * however often, and told at once, by line. One thread uses them at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct mistake;

/* Begins as {.path = …}. */
struct mistakes {
	const char *path; /* the caller's */
	struct mistake *list;
	size_t count;
	bool told_early; /* one at least: there was no memory for it */
};

/* Line 0: of the file as a whole. */
void __attribute__((format(printf, 3, 4)))
mistakes_add(struct mistakes *mistakes, int line, const char *format, ...);

bool mistakes_any(const struct mistakes *mistakes);

/* Tells them, "file:line: …", in the order of lines, then in that in which they were found; what is
 * the same in all is told once. Forgets them. 0, or -EINVAL if there were any. */
int mistakes_tell(struct mistakes *mistakes);

/* Forgets them untold. */
void mistakes_drop(struct mistakes *mistakes);
