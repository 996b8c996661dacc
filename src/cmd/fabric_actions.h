/* fabric_actions: the actions of `heddle fabric` that have a file of their own, and what all of
 * them are asked with. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blueprint;

enum { FABRIC_WORDS_MAX = 2 };

struct fabric_request {
	const char *output, *state, *tables, *twin, *traffic;
	const char *words[FABRIC_WORDS_MAX]; /* after the action */
	int word_count;
	bool defaults, json, heddle, with_failures, pairs;
	uint64_t most;
};

/* Each returns the exit status. */
int fabric_verify(const struct fabric_request *request);
int fabric_collect(const struct fabric_request *request);
int fabric_whatif(const struct fabric_request *request);

/* Prints the usage to stderr; the status for that. */
int fabric_wrong_usage(void);

/* The design of an intent, with the state that the request names, or that of the last plan's
 * folder. 0, or a negative errno after messages. */
int fabric_open(
	const struct fabric_request *request, const char *intent_path, struct blueprint *blueprint);
