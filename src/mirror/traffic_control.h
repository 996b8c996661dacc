/* traffic_control: qdiscs that filter or shape, and tcx programs. */
#pragma once

#include <linux/netlink.h>

struct mirror;

void traffic_control_read(struct mirror *mirror);
/* A RTM_NEWQDISC of the dump. */
void qdisc_dumped(struct mirror *mirror, const struct nlmsghdr *message);
