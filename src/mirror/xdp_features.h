/* xdp_features: what links can do with XDP, told by generic netlink (family "netdev"). */
#pragma once

#include <linux/netlink.h>

struct mirror;

/* Finds the family and joins its group on the socket that is followed; without either, features
 * stay unknown. */
void xdp_features_open(struct mirror *mirror);
void xdp_features_read(struct mirror *mirror);
/* A message of the family: dumped or notified. */
void xdp_features_handle(struct mirror *mirror, const struct nlmsghdr *message);
