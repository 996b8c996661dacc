/* netfilter: nftables chains and flowtables, and iptables' tables, on the way of forwarded
 * packets. */
#pragma once

#include <linux/netlink.h>

struct mirror;

void netfilter_read(struct mirror *mirror);
/* A message of a dump of chains or flowtables. */
void netfilter_dumped(struct mirror *mirror, const struct nlmsghdr *message);
