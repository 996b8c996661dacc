/*
 * netfilter_hook: what hooks the way of forwarded packets besides chains: IPVS, NAT, BPF programs,
 * modules of any kind. Part of the reading in netfilter.c.
 */
#pragma once

#include <linux/netlink.h>

struct mirror;

/* Adds a hold for each hook that decides: 0, or a negative errno. */
int netfilter_hooks_read(struct mirror *mirror);

/* One message of the dump: the hold of a hook. */
void netfilter_hook_dumped(struct mirror *mirror, const struct nlmsghdr *message);

/* Where the kernel does not list its hooks: a hold if this file, /proc/net/ip_vs, has services. */
int netfilter_hook_read_ipvs(struct mirror *mirror, const char *path);
