/*
 * journal: what happened to a twin, of all who did something to it or saw something of it: a file
 * in its folder, timeline.jsonl, an entry a line: when (seconds of CLOCK_REALTIME), of which layer,
 * and in words. Entries are written whole; one that is found out late is behind others that came
 * after it: who tells them sorts.
 */
#pragma once

#include <stdint.h>
#include <stddef.h>

enum { JOURNAL_WORDS_MAX = 1024, JOURNAL_LAYER_MAX = 16 };

struct journal_entry {
	uint64_t id; /* from 1 on, in the order in which they were written */
	double at;
	char layer[JOURNAL_LAYER_MAX];
	char words[JOURNAL_WORDS_MAX];
};

/* Writes one; words that are too long are cut. 0, or a negative errno. */
int journal_write(const char *folder, double at, const char *layer, const char *words);

/* Where a reader is; zeroed at first. One thread each. */
struct journal_place {
	uint64_t id;
	long offset;
};

/* All that was written since, each told. How many, or a negative errno; 0 without a journal. */
int journal_read(const char *folder, struct journal_place *place,
	void (*told)(void *owner, const struct journal_entry *entry), void *owner);
