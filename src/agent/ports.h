/*
 * ports: which interfaces are Heddle's, in which slot, and what the data path is told of each.
 *
 * The model. A port is wanted by name (or by --all). It has a slot as long as the interface exists,
 * and is attached as soon as the kernel lets it. ports_update compares what is wanted with what the
 * mirror knows of links and holds, and applies the difference; it may be called at any time and
 * does nothing when nothing changed. One thread.
 *
 * Stepping aside. Attaching a program to a veth takes segmentation offload (TSO) from its far end.
 * A sender with offloads sends checksums for the kernel to finish, so that nothing is forwarded
 * here either: that port would be worse off with Heddle than without. Such a port is given back to
 * the kernel, and tried again after a while.
 *
 * Refusing. Whether a device takes redirected frames is told by the kernel (xdp-features, since
 * Linux 6.3), and shows when it refuses some: what leaves by it is the kernel's from then on. It is
 * tried again when its features change, and after a while.
 */
#pragma once

#include "agent/config.h"
#include "datapath/datapath.h"
#include "mirror/mirror.h"

struct ports;

struct port_state {
	char name[IFNAMSIZ];
	uint32_t ifindex;
	uint8_t slot;
	bool attached;
	bool aside; /* detached for a while: all that arrives needs the kernel anyway */
	enum datapath_mode mode;
	enum reason egress; /* REASON_FORWARDED, or why frames may not leave by it */
	enum reason hold4,
		hold6;     /* why all that arrives is left to the kernel, or REASON_FORWARDED */
	char trouble[128]; /* why it is not attached, or not natively; "" if all is well */
};

/* NULL and errno ENOMEM. All stay the caller's. */
struct ports *ports_create(
	const struct config *config, struct datapath *datapath, struct mirror *mirror);
void ports_destroy(struct ports *ports);

/* Brings all ports up to date with the mirror. */
void ports_update(struct ports *ports);

/* To be called each second while frames arrive: gives ports back to the kernel that gain nothing,
 * and tries them again, and those that refused frames. Returns whether a port waits for that, so
 * that the calls must go on. */
bool ports_tick(struct ports *ports);

/* To be called when an interface is gone, before another may come with its ifindex. */
void ports_link_gone(struct ports *ports, uint32_t ifindex);

/* To be called when datapath_fd is readable: some device has refused frames. */
void ports_refused(struct ports *ports);

/* Detaches all; traffic goes by the kernel from here on. */
void ports_detach(struct ports *ports);

/* The port in a slot, or NULL; and by name. Valid until the next update. */
const struct port_state *ports_at(const struct ports *ports, unsigned int slot);
const struct port_state *ports_named(const struct ports *ports, const char *name);

/* Names wanted that are no interface now: the n-th, or NULL. */
const char *ports_missing(const struct ports *ports, unsigned int n);

/* Whether anything but Heddle and plain routing decides over this hold's traffic: false if
 * bypassed. */
bool ports_respects(const struct ports *ports, const struct mirror_hold *hold);
