/* xfrm: IPsec policies. */
#pragma once

#include <linux/netlink.h>

struct mirror;

void xfrm_read(struct mirror *mirror);
void xfrm_dumped(struct mirror *mirror, const struct nlmsghdr *message);
