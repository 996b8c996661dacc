/*
 * address: the namespace's own addresses. Kept for what their going does without a word: the kernel
 * drops IPv4 routes that preferred the address as a source, and, with a link's last IPv4 address,
 * all IPv4 routes over that link.
 */
#pragma once

#include <linux/netlink.h>
#include <stddef.h>

struct mirror;
struct address;

struct addresses {
	struct address *table; /* uthash */
	size_t count;
};

/* RTM_NEWADDR and RTM_DELADDR. */
void address_handle(struct mirror *mirror, const struct nlmsghdr *message);
void addresses_sweep(struct mirror *mirror);
void addresses_free(struct addresses *addresses);
