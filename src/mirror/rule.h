/* rule: ip rules; all but the kernel's own are holds. */
#pragma once

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

struct mirror;

struct rules {
	uint8_t defaults_seen[2]; /* by family: a bit for each of the kernel's own, while reading */
	bool answered[2];         /* the kernel has rules of this family, if perhaps none now */
};

void rules_read(struct mirror *mirror);

/* The parts of rules_read: begin, each RTM_NEWRULE of the dump, end. */
void rules_begin(struct mirror *mirror);
void rule_dumped(struct mirror *mirror, const struct nlmsghdr *message);
void rules_end(struct mirror *mirror);
