/* route_message: a RTM_NEWROUTE or RTM_DELROUTE taken apart and checked. */
#pragma once

#include "mirror/path.h"
#include "mirror/route.h"

struct route_message {
	sa_family_t family;
	uint8_t prefix[16];
	unsigned int prefix_len;
	struct route route;           /* without next, path and generation */
	struct path_content *content; /* the mirror's scratch space, until the next message */
};

enum route_concern { ROUTE_CONCERNS, ROUTE_IGNORED, ROUTE_MALFORMED };

enum route_concern route_message_read(
	struct mirror *mirror, const struct nlmsghdr *message, struct route_message *read);
