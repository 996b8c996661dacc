/*
 * wiring: links, addresses and routes of a namespace, made by netlink. One request, one answer:
 * what fails is told by the errno of the kernel's. Single-threaded.
 */
#pragma once

#include "fabric/prefix.h"

#include <stddef.h>

struct nlmsghdr;
struct wiring;

/* What is made from here on is made in that namespace (an fd that stays the caller's). */
int wiring_open(int namespace_fd, struct wiring **wiring);
void wiring_close(struct wiring *wiring);

/* A veth: `name` here, `peer_name` in the other namespace; both up, with this MTU, and with GRO, so
 * that each takes redirected frames. */
int wiring_add_veth(struct wiring *wiring, const char *name, struct wiring *peer,
	const char *peer_name, unsigned int mtu);
int wiring_delete_link(struct wiring *wiring, const char *name);
int wiring_set_up(struct wiring *wiring, const char *name, bool up);

struct wiring_link {
	unsigned int mtu;
	bool is_running; /* up, and so is its far end */
};
int wiring_look(struct wiring *wiring, const char *name, struct wiring_link *link);

/* Lets the sender compute checksums itself, so that what it sends can be forwarded by XDP. */
int wiring_compute_checksums(struct wiring *wiring, const char *name);

/* The address of a prefix whose host bits are set, without duplicate address detection. */
int wiring_add_address(struct wiring *wiring, const char *name, const struct prefix *address);

/* -ENODEV, -EADDRNOTAVAIL. */
int wiring_delete_address(struct wiring *wiring, const char *name, const struct prefix *address);

/* A way of a route: gateway (of the route's family) and device. */
struct wiring_hop {
	struct prefix gateway;
	const char *device;
};

/* A route by equal ways; `source` (AF_UNSPEC: none) is what the host's own packets come from. */
int wiring_add_route(struct wiring *wiring, const struct prefix *destination,
	const struct wiring_hop *hops, size_t count, const struct prefix *source);

/* Writes below /proc/sys/net of the namespace: "ipv4/ip_forward". */
int wiring_set_sysctl(struct wiring *wiring, const char *name, const char *value);

/* Six bytes; 0 or a negative errno. */
int wiring_mac(struct wiring *wiring, const char *name, uint8_t *mac);

/* All that the kernel has of a kind: RTM_GETROUTE and the like, with a header of so many bytes that
 * begins with the family, as all of them do. 0 or a negative errno. */
int wiring_dump(struct wiring *wiring, uint16_t type, size_t header_bytes, sa_family_t family,
	void (*read)(void *context, const struct nlmsghdr *message), void *context);

/* The ifindex of a link there, 0 if there is none. */
unsigned int wiring_index(struct wiring *wiring, const char *name);
