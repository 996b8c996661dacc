/* seat: where a page is served, and by whose token, as a folder knows it: "token", for its owner
 * alone, and "url". One server has it at a time; one that is started in place of another that was
 * killed has the same token and port, so that pages that are open go on. */
#pragma once

#include "http/http.h"

enum { SEAT_ADDRESS_BYTES = 128 };

struct seat {
	const char *folder; /* NULL: not taken */
	char token[HTTP_TOKEN_BYTES];
	int fd; /* of the token's file, locked */
};

/* 0, or a negative errno after a message: -EBUSY if another has it. `folder` outlives it. */
int seat_take(struct seat *seat, const char *folder);

/* Where to listen, if that is wanted: any port that is free is the last one's, if it can be had. */
void seat_address(const struct seat *seat, const char *wanted, char address[SEAT_ADDRESS_BYTES]);

/* Where it is served. 0, or a negative errno after a message. */
int seat_tell(const struct seat *seat, const char *url);

/* Removes both files. */
void seat_leave(struct seat *seat);
