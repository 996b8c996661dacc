/*
 * audit: everything that the kernel has, dumped, compared with what is known, and the difference
 * applied. At once, for the first dump and after notifications were lost; or under way for a while,
 * a bounded number of datagrams a turn, so that whoever else waits is served in between.
 *
 * What is dumped is some milliseconds old when it is read: the kernel fills a datagram ahead. So
 * for a prefix that a notification told of since the dump of routes began, the notification counts,
 * and the dump does not. Whatever else may make what is dumped untrue ends the audit in vain, and
 * it is begun again later.
 */
#pragma once

#include "mirror/netlink.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct mirror;
struct rib;

struct audit {
	bool under_way;
	struct netlink netlink; /* open while under way */
	unsigned int step;
	int error;          /* the first one */
	int step_error;     /* of the last step */
	sa_family_t family; /* of the routes that are being dumped, or AF_UNSPEC */
	struct rib *told;   /* their prefixes that notifications told of meanwhile */
};

/* All at once: 0, -EAGAIN if some of it changed meanwhile and must be done again, or another
 * negative errno after a logged message. */
int audit_at_once(struct mirror *mirror);

void audit_begin(struct mirror *mirror);
/* A turn: to be called when the audit's socket is readable. */
void audit_go_on(struct mirror *mirror);
/* Ends an audit that is under way, in vain; audit_disturb also wants another. */
void audit_cancel(struct mirror *mirror);
void audit_disturb(struct mirror *mirror);

/* From now on, prefixes of this family that are notified about are remembered. 0, or -ENOMEM. */
int audit_watch(struct mirror *mirror, sa_family_t family);
/* A notification told of this prefix. */
void audit_told(
	struct mirror *mirror, sa_family_t family, const uint8_t *prefix, unsigned int prefix_len);
/* Whether what is dumped of this prefix does not count. */
bool audit_passes_over(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len);
