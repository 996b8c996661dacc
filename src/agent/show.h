/*
 * show: the answers of the control socket, a row at a time, so that a table of a million routes is
 * shown in bounded memory while it changes.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

struct agent;

/* A question under way. `next` makes the next row, a new reference, or NULL at the end. */
struct show {
	json_t *(*next)(struct show *show);
	struct agent *agent;
	json_t *request; /* borrowed; a reference of the control's */
	/* where it is */
	unsigned int step;
	size_t cursor;
	unsigned int prefix_len;
	unsigned char prefix[16];
};

/* A string of JSON from bytes that may be no UTF-8, as an interface's name or what an error quotes
 * half of; then with '?' for each byte that is not ASCII. A new reference. */
json_t *show_text(const char *text);

/* What a next hop is, in words; and a MAC address. New references. */
json_t *show_nexthop(const struct agent *agent, uint32_t id);
json_t *show_mac(const uint8_t mac[6]);

/* Starts answering; 0, or -EINVAL and a sentence in `error`. */
int show_start(
	struct show *show, struct agent *agent, json_t *request, char *error, size_t error_size);
