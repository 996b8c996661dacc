/* ports: see ports.h. What the data path is told is computed afresh each time, from the link and
 * the holds; only a difference is written. */
#include "agent/ports.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NETDEV_XDP_ACT_NDO_XMIT of linux/netdev.h (6.3): the device takes redirected frames. */
enum { XDP_FEATURE_TRANSMIT = 1 << 2 };

/* A frame of at most this MTU lies in one buffer of any driver: a page (4096 bytes) less the
 * headroom that XDP asks for (256) and the kernel's own bookkeeping at the end (320). */
enum { ONE_BUFFER_MTU_MAX = 3000 };

/* A port steps aside when, for this many seconds on end, at least so many frames arrived and this
 * share of them had partial checksums; for a minute at first, twice as long each time again. */
enum {
	ASIDE_AFTER_SECONDS = 2,
	ASIDE_FRAMES_MIN = 1000,
	ASIDE_PERCENT = 90,
	ASIDE_SECONDS_MIN = 60,
	ASIDE_SECONDS_MAX = 3600,
};

/* A device that refused frames is tried again after ten seconds, twice as long each time again. */
enum { REFUSED_SECONDS_MIN = 10, REFUSED_SECONDS_MAX = 600 };

/* What ports_tick remembers of a slot. */
struct watch {
	uint64_t features; /* when it refused */
	int64_t refused_until;
	int64_t refused_seconds;    /* how long it is, or was last, not to be tried */
	bool was_without_carrier;   /* since it was tried last */
	uint64_t received, partial; /* at the last tick */
	unsigned int seconds;       /* on end that it gained nothing */
	int64_t aside_until;
	int64_t aside_seconds; /* how long it is, or was last, aside */
};

struct ports {
	const struct config *config;
	struct datapath *datapath;
	struct mirror *mirror;
	struct port_state slots[PORTS_MAX]; /* [0] stays empty */
	struct watch watches[PORTS_MAX];
	bool told_full; /* that there is no free slot */
};

struct ports *ports_create(
	const struct config *config, struct datapath *datapath, struct mirror *mirror) {
	struct ports *ports = calloc(1, sizeof(*ports));

	if (!ports)
		return NULL;
	ports->config = config;
	ports->datapath = datapath;
	ports->mirror = mirror;
	return ports;
}

void ports_destroy(struct ports *ports) {
	free(ports);
}

static bool is_named(const struct config *config, const char *name) {
	for (unsigned int i = 0; i < config->port_count; i++)
		if (strcmp(config->ports[i], name) == 0)
			return true;
	return false;
}

/* With --all: what has a driver of its own, and no device above or below it that wants frames. */
static bool can_be_port(const struct mirror_link *link) {
	if (link->type != ARPHRD_ETHER || (link->flags & IFF_LOOPBACK) || link->master)
		return false;
	return link->kind[0] == '\0' || strcmp(link->kind, "veth") == 0;
}

static bool is_wanted(const struct ports *ports, const struct mirror_link *link) {
	if (link->type != ARPHRD_ETHER)
		return false;
	return is_named(ports->config, link->name) ||
	       (ports->config->all_ports && can_be_port(link));
}

static struct port_state *slot_of(struct ports *ports, uint32_t ifindex) {
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports->slots[slot].ifindex == ifindex)
			return &ports->slots[slot];
	return NULL;
}

static struct port_state *take_slot(struct ports *ports, const struct mirror_link *link) {
	struct port_state *state = slot_of(ports, 0);

	if (!state) {
		if (!ports->told_full)
			log_warning("%s: all %d port slots are taken; left to the kernel",
				link->name, PORTS_MAX - 1);
		ports->told_full = true;
		return NULL;
	}
	ports->told_full = false;
	memset(state, 0, sizeof(*state));
	state->slot = (uint8_t)(state - ports->slots);
	state->ifindex = link->ifindex;
	memset(&ports->watches[state->slot], 0, sizeof(struct watch));
	datapath_forgive(ports->datapath, state->slot);
	datapath_reset_ledger(ports->datapath, state->slot);
	return state;
}

bool ports_respects(const struct ports *ports, const struct mirror_hold *hold) {
	return !ports->config->bypass[hold->kind];
}

static enum reason hold_reason(enum mirror_hold_kind kind) {
	static const enum reason reasons[HOLD_KINDS] = {
		[HOLD_NETFILTER] = REASON_NETFILTER,
		[HOLD_TRAFFIC_CONTROL] = REASON_TRAFFIC_CONTROL,
		[HOLD_XFRM] = REASON_XFRM,
		[HOLD_RULE] = REASON_RULE,
	};

	return reasons[kind];
}

/* The first hold on what arrives at (or, with `egress`, leaves by) an interface. */
static enum reason held(
	const struct ports *ports, uint32_t ifindex, sa_family_t family, bool egress) {
	size_t count;
	const struct mirror_hold *holds = mirror_holds(ports->mirror, &count);

	for (size_t i = 0; i < count; i++) {
		const struct mirror_hold *hold = &holds[i];

		if (!ports_respects(ports, hold) || hold->egress != egress)
			continue;
		if (hold->ifindex && hold->ifindex != ifindex)
			continue;
		if (hold->family == AF_UNSPEC || family == AF_UNSPEC || hold->family == family)
			return hold_reason(hold->kind);
	}
	return REASON_FORWARDED;
}

static enum reason ingress_hold(
	const struct ports *ports, const struct mirror_link *link, sa_family_t family) {
	bool forwarding = family == AF_INET ? link->forwarding4 : link->forwarding6;

	if (link->master || link->has_uppers)
		return REASON_ENSLAVED; /* tags, too: drivers that strip them hide them from XDP */
	if (!forwarding)
		return REASON_FORWARDING_OFF;
	return held(ports, link->ifindex, family, false);
}

/* Drivers whose frames may come with checksums that are yet to be computed: those of software. */
static bool may_have_partial_checksums(const struct mirror_link *link) {
	static const char *const drivers[] = {"virtio_net", "vif", "hv_netvsc", "vmxnet3"};
	char path[64], target[256];
	const char *driver;
	ssize_t length;

	if (link->kind[0])
		return true;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver", link->name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return true;
	target[length] = '\0';
	driver = strrchr(target, '/');
	driver = driver ? driver + 1 : target;
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(driver, drivers[i]) == 0)
			return true;
	return false;
}

static enum port_reverse_path reverse_path(uint8_t rp_filter) {
	switch (rp_filter) {
	case 0:
		return REVERSE_PATH_OFF;
	case 2:
		return REVERSE_PATH_LOOSE;
	default:
		return REVERSE_PATH_STRICT;
	}
}

static struct port describe(
	const struct ports *ports, const struct port_state *state, const struct mirror_link *link) {
	struct port port = {
		.ifindex = link->ifindex,
		.slot = state->slot,
		.reverse_path = reverse_path(link->rp_filter),
		.hold4 = ingress_hold(ports, link, AF_INET),
		.hold6 = ingress_hold(ports, link, AF_INET6),
	};

	memcpy(port.mac, link->mac, sizeof(port.mac));
	if (may_have_partial_checksums(link))
		port.flags |= PORT_PARTIAL_CHECKSUMS;
	if (link->send_redirects)
		port.flags |= PORT_SENDS_REDIRECTS;
	if (link->mtu > ONE_BUFFER_MTU_MAX)
		port.flags |= PORT_JUMBO_FRAMES;
	return port;
}

static bool any_native(const struct ports *ports) {
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports->slots[slot].attached && ports->slots[slot].mode == DATAPATH_NATIVE)
			return true;
	return false;
}

/* Frames of generic XDP are sent as the kernel's own; those of native XDP need the device's help.
 */
static enum reason egress_reason(
	const struct ports *ports, const struct port_state *state, const struct mirror_link *link) {
	if (!state->attached && !state->aside)
		return REASON_NOT_A_PORT;
	if (ports->watches[state->slot].refused_until)
		return REASON_CANNOT_TRANSMIT;
	if (link->xdp_features_known && !(link->xdp_features & XDP_FEATURE_TRANSMIT) &&
		any_native(ports))
		return REASON_CANNOT_TRANSMIT;
	return held(ports, link->ifindex, AF_UNSPEC, true);
}

static void say_what_is_left(const struct port_state *state, enum reason hold4, enum reason hold6) {
	if (hold4 == state->hold4 && hold6 == state->hold6)
		return;
	if (hold4)
		log_warning("%s: IPv4 is left to the kernel: %s", state->name, reason_text(hold4));
	if (hold6)
		log_warning("%s: IPv6 is left to the kernel: %s", state->name, reason_text(hold6));
	if (!hold4 && state->hold4)
		log_info("%s: IPv4 is forwarded by Heddle again", state->name);
	if (!hold6 && state->hold6)
		log_info("%s: IPv6 is forwarded by Heddle again", state->name);
}

static void set_trouble(struct port_state *state, const char *trouble) {
	if (strcmp(trouble, state->trouble) == 0)
		return;
	snprintf(state->trouble, sizeof(state->trouble), "%s", trouble);
	if (trouble[0])
		log_warning("%s: %s", state->name, trouble);
}

/* Whether the data path knows the port now. */
static bool write_port(struct ports *ports, struct port_state *state, const struct port *port) {
	char trouble[128];

	if (memcmp(port, datapath_port(ports->datapath, state->slot), sizeof(*port)) == 0)
		return true;
	if (datapath_set_port(ports->datapath, port) < 0) {
		snprintf(trouble, sizeof(trouble),
			"its ifindex %u agrees with another port's in its lower 16 bits",
			state->ifindex);
		set_trouble(state, trouble);
		return false;
	}
	say_what_is_left(state, port->hold4, port->hold6);
	state->hold4 = port->hold4;
	state->hold6 = port->hold6;
	return true;
}

static void attach(struct ports *ports, struct port_state *state) {
	char detail[96] = "";
	char trouble[128] = "";
	int error = datapath_attach(ports->datapath, state->slot, ports->config->native_only,
		&state->mode, detail, sizeof(detail));

	state->attached = error == 0;
	if (error == -EBUSY)
		snprintf(trouble, sizeof(trouble),
			"another XDP program is attached; 'ip link set %s xdp off' removes it",
			state->name);
	else if (error)
		snprintf(trouble, sizeof(trouble), "cannot attach: %s", strerror(-error));
	else if (detail[0])
		snprintf(trouble, sizeof(trouble), "generic XDP, which is slow: %s", detail);
	set_trouble(state, trouble);
	if (state->attached)
		log_info("%s: forwarding, %s XDP, slot %u", state->name,
			state->mode == DATAPATH_NATIVE ? "native" : "generic", state->slot);
}

static void release(struct ports *ports, struct port_state *state) {
	struct port nothing = {.slot = state->slot};

	log_info("%s: gone", state->name);
	mirror_set_port(ports->mirror, state->ifindex, 0, REASON_NOT_A_PORT);
	datapath_detach(ports->datapath, state->slot);
	datapath_set_port(ports->datapath, &nothing);
	memset(state, 0, sizeof(*state));
}

void ports_link_gone(struct ports *ports, uint32_t ifindex) {
	struct port_state *state = slot_of(ports, ifindex);

	if (state)
		release(ports, state);
}

static void release_lost(struct ports *ports) {
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++) {
		struct port_state *state = &ports->slots[slot];
		const struct mirror_link *link;

		if (!state->ifindex)
			continue;
		link = mirror_link(ports->mirror, state->ifindex);
		if (!link || !is_wanted(ports, link))
			release(ports, state);
	}
}

static void update_ingress(struct ports *ports, const struct mirror_link *link) {
	struct port_state *state = slot_of(ports, link->ifindex);
	struct port port;

	if (!state)
		state = take_slot(ports, link);
	if (!state)
		return;
	memcpy(state->name, link->name, sizeof(state->name));
	port = describe(ports, state, link);
	if (write_port(ports, state, &port) && !state->attached && !state->aside)
		attach(ports, state);
}

static void update_egress(struct ports *ports, struct port_state *state) {
	const struct mirror_link *link = mirror_link(ports->mirror, state->ifindex);
	enum reason egress;

	if (!link)
		return;
	egress = egress_reason(ports, state, link);
	if (egress != state->egress && egress != REASON_FORWARDED)
		log_warning("%s: what leaves by it goes by the kernel: %s", state->name,
			reason_text(egress));
	state->egress = egress;
	mirror_set_port(ports->mirror, state->ifindex, state->slot, egress);
}

/* Frames that it still refuses then are counted, and it is put off for longer. */
static void send_again(struct ports *ports, struct port_state *state, struct watch *watch) {
	watch->refused_until = 0;
	datapath_forgive(ports->datapath, state->slot);
	update_egress(ports, state);
}

/* What a device refused while it lost its carrier says nothing of what it takes when that is back.
 */
static void heed_carrier(struct ports *ports, struct port_state *state, struct watch *watch) {
	const struct mirror_link *link = mirror_link(ports->mirror, state->ifindex);

	if (!link || !link->carrier) {
		watch->was_without_carrier = true;
		return;
	}
	if (watch->was_without_carrier && watch->refused_until) {
		watch->refused_seconds = 0;
		send_again(ports, state, watch);
	}
	watch->was_without_carrier = false;
}

void ports_update(struct ports *ports) {
	uint32_t after = 0;
	const struct mirror_link *link;

	release_lost(ports);
	while ((link = mirror_next_link(ports->mirror, after))) {
		after = link->ifindex;
		if (is_wanted(ports, link))
			update_ingress(ports, link);
	}
	/* Whether frames may leave depends on how all ports are attached: so, after that. */
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports->slots[slot].ifindex) {
			heed_carrier(ports, &ports->slots[slot], &ports->watches[slot]);
			update_egress(ports, &ports->slots[slot]);
		}
}

static int64_t twice_within(int64_t seconds, int64_t least, int64_t most) {
	return 2 * seconds < least ? least : 2 * seconds > most ? most : 2 * seconds;
}

static void stop_sending(struct ports *ports, struct port_state *state, struct watch *watch) {
	const struct mirror_link *link = mirror_link(ports->mirror, state->ifindex);

	watch->features = link ? link->xdp_features : 0;
	watch->refused_seconds =
		twice_within(watch->refused_seconds, REFUSED_SECONDS_MIN, REFUSED_SECONDS_MAX);
	watch->refused_until = clock_seconds() + watch->refused_seconds;
	update_egress(ports, state);
}

void ports_refused(struct ports *ports) {
	datapath_process(ports->datapath);
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports->slots[slot].ifindex && !ports->watches[slot].refused_until &&
			datapath_refuses(ports->datapath, (uint8_t)slot))
			stop_sending(ports, &ports->slots[slot], &ports->watches[slot]);
}

static bool may_send_again(
	const struct ports *ports, const struct port_state *state, const struct watch *watch) {
	const struct mirror_link *link = mirror_link(ports->mirror, state->ifindex);

	return clock_seconds() >= watch->refused_until ||
	       (link && link->xdp_features != watch->features);
}

static void step_aside(struct ports *ports, struct port_state *state, struct watch *watch) {
	watch->aside_seconds =
		twice_within(watch->aside_seconds, ASIDE_SECONDS_MIN, ASIDE_SECONDS_MAX);
	watch->aside_until = clock_seconds() + watch->aside_seconds;
	watch->seconds = 0;
	state->attached = false;
	state->aside = true;
	datapath_step_aside(ports->datapath, state->slot);
	snprintf(state->trouble, sizeof(state->trouble),
		"aside: its senders leave checksums to the kernel; 'ethtool -K DEVICE tx off' "
		"there");
	log_warning(
		"%s: given back to the kernel for %ld s: nearly all frames that arrive have "
		"checksums for it to finish; 'ethtool -K DEVICE tx off' at the sender mends that",
		state->name, (long)watch->aside_seconds);
}

static void come_back(struct ports *ports, struct port_state *state) {
	state->aside = false;
	state->trouble[0] = '\0';
	attach(ports, state);
	update_egress(ports, state);
}

/* Whether the port gained nothing in the second past. */
static bool gained_nothing(const struct ports *ports, unsigned int slot, struct watch *watch) {
	struct ledger_entry entry;
	uint64_t received, partial;

	datapath_read_ledger(ports->datapath, slot, &entry);
	received = entry.received.packets - watch->received;
	partial = entry.reasons[REASON_PARTIAL_CHECKSUM].packets - watch->partial;
	watch->received += received;
	watch->partial += partial;
	return received >= ASIDE_FRAMES_MIN && partial * 100 >= received * ASIDE_PERCENT;
}

bool ports_tick(struct ports *ports) {
	bool some_wait = false;

	for (unsigned int slot = 1; slot < PORTS_MAX; slot++) {
		struct port_state *state = &ports->slots[slot];
		struct watch *watch = &ports->watches[slot];

		if (state->aside && clock_seconds() >= watch->aside_until)
			come_back(ports, state);
		if (state->attached && state->mode == DATAPATH_NATIVE) {
			watch->seconds =
				gained_nothing(ports, slot, watch) ? watch->seconds + 1 : 0;
			if (watch->seconds >= ASIDE_AFTER_SECONDS)
				step_aside(ports, state, watch);
		}
		if (watch->refused_until && may_send_again(ports, state, watch))
			send_again(ports, state, watch);
		some_wait |= state->aside || watch->refused_until;
	}
	return some_wait;
}

void ports_detach(struct ports *ports) {
	/* Nothing arrives any more before the ways out are closed. */
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		datapath_step_aside(ports->datapath, slot);
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++) {
		datapath_detach(ports->datapath, slot);
		ports->slots[slot].attached = false;
	}
}

const struct port_state *ports_at(const struct ports *ports, unsigned int slot) {
	return slot < PORTS_MAX && ports->slots[slot].ifindex ? &ports->slots[slot] : NULL;
}

const struct port_state *ports_named(const struct ports *ports, const char *name) {
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports->slots[slot].ifindex && strcmp(ports->slots[slot].name, name) == 0)
			return &ports->slots[slot];
	return NULL;
}

const char *ports_missing(const struct ports *ports, unsigned int n) {
	for (unsigned int i = 0; i < ports->config->port_count; i++)
		if (!mirror_link_named(ports->mirror, ports->config->ports[i]) && n-- == 0)
			return ports->config->ports[i];
	return NULL;
}
