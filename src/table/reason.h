/*
 * reason: why a frame went where it went. Every frame that a port receives is counted under exactly
 * one reason, and the ledger's rows are these. The order is an ABI between the BPF program and the
 * daemon that loaded it, never between releases.
 */
#pragma once

enum reason_fate {
	FATE_SENT,    /* forwarded by Heddle */
	FATE_KERNEL,  /* left to the kernel, untouched */
	FATE_DROPPED, /* dropped by Heddle */
	FATES
};

/* X(symbol, fate, name as shown and in JSON, what it means to an operator) */
#define REASONS(X)                                                                                 \
	X(FORWARDED, SENT, "forwarded", "sent out of another port by Heddle")                      \
	X(ARP, KERNEL, "arp", "ARP is the kernel's")                                               \
	X(TAGGED, KERNEL, "tagged", "a VLAN or MPLS tag")                                          \
	X(ETHERTYPE, KERNEL, "ethertype", "neither IPv4 nor IPv6")                                 \
	X(OTHER_MAC, KERNEL, "other-mac", "not sent to this port's MAC address alone")             \
	X(TRUNCATED, KERNEL, "truncated", "shorter than its headers say")                          \
	X(BAD_HEADER, KERNEL, "bad-header", "IP version or header length wrong")                   \
	X(BAD_CHECKSUM, KERNEL, "bad-checksum", "IPv4 header checksum wrong")                      \
	X(OPTIONS, KERNEL, "options", "IPv4 options or IPv6 hop-by-hop options")                   \
	X(TTL, KERNEL, "ttl", "TTL or hop limit used up")                                          \
	X(MARTIAN_SOURCE, KERNEL, "martian-source", "a source address that no host may use")       \
	X(MARTIAN_DESTINATION, KERNEL, "martian-destination", "a destination not to be routed")    \
	X(MULTICAST, KERNEL, "multicast", "a multicast destination")                               \
	X(LINK_LOCAL, KERNEL, "link-local", "an IPv6 link-local source or destination")            \
	X(LOCAL, KERNEL, "local", "for this machine itself")                                       \
	X(BROADCAST, KERNEL, "broadcast", "a broadcast destination")                               \
	X(NO_ROUTE, KERNEL, "no-route", "no route to the destination")                             \
	X(UNREACHABLE, KERNEL, "unreachable", "an unreachable route")                              \
	X(PROHIBIT, KERNEL, "prohibit", "a prohibit route")                                        \
	X(THROW, KERNEL, "throw", "a throw route")                                                 \
	X(UNRESOLVED, KERNEL, "unresolved", "the neighbour's MAC address is not known")            \
	X(TOO_BIG, KERNEL, "too-big", "larger than the MTU of the way out")                        \
	X(PARTIAL_CHECKSUM, KERNEL, "partial-checksum", "a checksum that the kernel must finish")  \
	X(NOT_A_PORT, KERNEL, "not-a-port", "the way out is no port of Heddle's")                  \
	X(CANNOT_TRANSMIT, KERNEL, "cannot-transmit", "the way out takes no redirected frames")    \
	X(LINK_DOWN, KERNEL, "link-down", "the way out is down")                                   \
	X(SAME_PORT, KERNEL, "same-port", "back out of the port it came by: a redirect is due")    \
	X(REVERSE_PATH, KERNEL, "reverse-path", "the source fails rp_filter")                      \
	X(FORWARDING_OFF, KERNEL, "forwarding-off", "forwarding is off for this port")             \
	X(ROUTE_FEATURE, KERNEL, "route-feature", "a route with encapsulation, TOS or metrics")    \
	X(TABLE_FULL, KERNEL, "table-full", "a route that Heddle's tables had no room for")        \
	X(RULE, KERNEL, "rule", "an ip rule decides")                                              \
	X(NETFILTER, KERNEL, "netfilter", "nftables or iptables rules decide")                     \
	X(TRAFFIC_CONTROL, KERNEL, "traffic-control", "a tc filter or a shaping qdisc decides")    \
	X(XFRM, KERNEL, "xfrm", "IPsec policies decide")                                           \
	X(ENSLAVED, KERNEL, "enslaved", "a bridge, bond, VRF, VLAN or macvlan has the port")       \
	X(NOT_A_HEDDLE_PORT, KERNEL, "unknown-port", "came by an interface that is no port")       \
	X(BLACKHOLE, DROPPED, "blackhole", "a blackhole route")                                    \
	X(REDIRECT_FAILED, DROPPED, "redirect-failed", "the way out refused the frame")

#define REASON_SYMBOL(symbol, fate, name, text) REASON_##symbol,
enum reason { REASONS(REASON_SYMBOL) REASON_COUNT };
#undef REASON_SYMBOL

/* User space only: the name ("no-route"), the sentence, the fate, and its name ("forwarded",
 * "kernel", "dropped"). Static strings. */
const char *reason_name(enum reason reason);
const char *reason_text(enum reason reason);
enum reason_fate reason_fate(enum reason reason);
const char *reason_fate_name(enum reason reason);
