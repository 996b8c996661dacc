/*
 * link: see link.h. A change is applied in the order of its urgency: first the next hops over the
 * link (so that a link that is down is left by groups at once), then what the kernel silently drops
 * with it, last the listener.
 */
#include "mirror/link.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"
#include "mirror/sysctl.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS_MAX = 65536 };

/* The place of the first link whose ifindex is not below this one. */
static size_t place_of(const struct links *links, uint32_t ifindex) {
	size_t low = 0, high = links->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (links->sorted[middle]->shown.ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct link *link_create(struct mirror *mirror, uint32_t ifindex) {
	struct links *links = &mirror->links;
	size_t place = place_of(links, ifindex);
	struct link *link;

	if (links->count == LINKS_MAX) {
		mirror_tell_limit(mirror, LIMIT_LINKS, "more than 65536 links");
		return NULL;
	}
	if (links->count == links->capacity) {
		size_t capacity = links->capacity ? 2 * links->capacity : 64;
		struct link **sorted = realloc(links->sorted, capacity * sizeof(*sorted));

		if (!sorted)
			return NULL;
		links->sorted = sorted;
		links->capacity = capacity;
	}
	link = calloc(1, sizeof(*link));
	if (!link)
		return NULL;
	link->shown.ifindex = ifindex;
	memmove(&links->sorted[place + 1], &links->sorted[place],
		(links->count - place) * sizeof(*links->sorted));
	links->sorted[place] = link;
	links->count++;
	return link;
}

static void tell_changed(struct mirror *mirror, const struct link *link) {
	if (mirror->listener.link_changed)
		mirror->listener.link_changed(mirror->listener.owner, &link->shown);
}

static void tell_if_changed(
	struct mirror *mirror, const struct link *link, const struct mirror_link *before) {
	if (memcmp(before, &link->shown, sizeof(*before)))
		tell_changed(mirror, link);
}

/* IFLA_AF_SPEC, AF_INET6, IFLA_INET6_CONF: an array of numbers, of which DEVCONF_MTU6 is one. */
static uint32_t read_mtu6(const struct nlattr *families, uint32_t otherwise) {
	const struct nlattr *family[AF_INET6 + 1], *inet6[IFLA_INET6_CONF + 1];
	uint32_t mtu6;

	if (!families)
		return otherwise;
	attributes_parse_nest(families, family, AF_INET6);
	if (!family[AF_INET6])
		return otherwise;
	attributes_parse_nest(family[AF_INET6], inet6, IFLA_INET6_CONF);
	if (!attribute_has(inet6[IFLA_INET6_CONF], (DEVCONF_MTU6 + 1) * sizeof(mtu6)))
		return otherwise;
	memcpy(&mtu6,
		(const uint8_t *)mnl_attr_get_payload(inet6[IFLA_INET6_CONF]) +
			DEVCONF_MTU6 * sizeof(mtu6),
		sizeof(mtu6));
	return mtu6;
}

static void read_kinds(struct mirror_link *shown, const struct nlattr *info) {
	const struct nlattr *kinds[IFLA_INFO_SLAVE_KIND + 1];

	shown->kind[0] = shown->master_kind[0] = '\0';
	if (!info)
		return;
	attributes_parse_nest(info, kinds, IFLA_INFO_SLAVE_KIND);
	attribute_text(kinds[IFLA_INFO_KIND], shown->kind, sizeof(shown->kind));
	attribute_text(kinds[IFLA_INFO_SLAVE_KIND], shown->master_kind, sizeof(shown->master_kind));
}

static uint32_t read_xdp_program(const struct nlattr *xdp) {
	const struct nlattr *attributes[IFLA_XDP_PROG_ID + 1];

	if (!xdp)
		return 0;
	attributes_parse_nest(xdp, attributes, IFLA_XDP_PROG_ID);
	return attribute_u32(attributes[IFLA_XDP_PROG_ID], 0);
}

static void read_link(
	struct link *link, const struct ifinfomsg *header, const struct nlattr *const *attributes) {
	struct mirror_link *shown = &link->shown;

	memset(shown->name, 0, sizeof(shown->name));
	attribute_text(attributes[IFLA_IFNAME], shown->name, sizeof(shown->name));
	memset(shown->mac, 0, sizeof(shown->mac));
	if (attributes[IFLA_ADDRESS] &&
		mnl_attr_get_payload_len(attributes[IFLA_ADDRESS]) == sizeof(shown->mac))
		memcpy(shown->mac, mnl_attr_get_payload(attributes[IFLA_ADDRESS]),
			sizeof(shown->mac));
	shown->type = header->ifi_type;
	shown->flags = header->ifi_flags;
	shown->mtu = attribute_u32(attributes[IFLA_MTU], shown->mtu);
	shown->master = attribute_u32(attributes[IFLA_MASTER], 0);
	shown->carrier =
		attribute_u8(attributes[IFLA_CARRIER], header->ifi_flags & IFF_LOWER_UP ? 1 : 0);
	shown->xdp_program = read_xdp_program(attributes[IFLA_XDP]);
	memset(shown->kind, 0, sizeof(shown->kind));
	memset(shown->master_kind, 0, sizeof(shown->master_kind));
	read_kinds(shown, attributes[IFLA_LINKINFO]);
	link->lower = attributes[IFLA_LINK_NETNSID] ? 0 : attribute_u32(attributes[IFLA_LINK], 0);
	link->mtu6 = read_mtu6(attributes[IFLA_AF_SPEC], link->mtu6);
}

/* What lies on a link and takes frames from it by tag, by address, or all of them. Tunnels have a
 * link below them, too, but are reached by routing. */
static bool takes_frames(const char *kind) {
	static const char *const kinds[] = {
		"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "macsec"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kind, kinds[i]))
			return true;
	}
	return false;
}

/* What lies on a link is known from those devices alone, and of those in other namespaces nothing
 * is told here. */
static void update_uppers(struct mirror *mirror, uint32_t ifindex) {
	struct link *lower = link_find(&mirror->links, ifindex);
	bool has_uppers = false;

	if (!lower)
		return;
	for (size_t i = 0; i < mirror->links.count; i++) {
		const struct link *upper = mirror->links.sorted[i];

		has_uppers |= upper->lower == ifindex && takes_frames(upper->shown.kind);
	}
	if (lower->shown.has_uppers == has_uppers)
		return;
	lower->shown.has_uppers = has_uppers;
	tell_changed(mirror, lower);
}

static bool same_to_neighbours(const struct link *one, const struct link *other) {
	return one->shown.flags == other->shown.flags &&
	       one->shown.carrier == other->shown.carrier && one->shown.mtu == other->shown.mtu &&
	       one->mtu6 == other->mtu6 && one->shown.type == other->shown.type &&
	       !memcmp(one->shown.mac, other->shown.mac, sizeof(one->shown.mac));
}

/*
 * What the kernel does silently when a link goes down (fib_sync_down_dev, nexthop_flush_dev). The
 * carrier is seen gone some time before the kernel acts on it and notifies, so that a notification
 * without carrier counts, not the change: no next-hop object can be made on such a link.
 */
static void follow_down(struct mirror *mirror, const struct link *link, const struct link *before) {
	if (!link_can_carry(link) && !mirror->dumping &&
		nexthop_objects_link_down(mirror, link->shown.ifindex))
		mirror_want(mirror, REREAD_ALL); /* it may be back before the kernel has acted */
	if (link_is_up(before) && !link_is_up(link))
		paths_condemn_link_down(mirror, link->shown.ifindex);
}

static void link_apply(struct mirror *mirror, struct link *link, const struct link *before) {
	bool is_new = !before->shown.name[0];

	if (!same_to_neighbours(link, before) || is_new) {
		audit_disturb(mirror);
		neighbours_update_link(mirror, link->shown.ifindex);
	}
	follow_down(mirror, link, before);
	if (!same_to_neighbours(link, before) || is_new) {
		if (!link_is_up(before) && link_is_up(link))
			link->lost_addresses = false; /* fib_sync_up */
		paths_update_link(mirror, link->shown.ifindex);
		if (mirror->paths.dead_hops && !mirror->dumping)
			mirror_want(mirror, REREAD_ALL);
	}
	if (is_new || strcmp(before->shown.name, link->shown.name)) {
		mirror_want(mirror, REREAD_RULES); /* rules name links */
		if (is_new)
			mirror_want(mirror, REREAD_XDP_FEATURES);
	}
	if (before->lower != link->lower)
		update_uppers(mirror, before->lower);
	update_uppers(mirror, link->lower);
	if (!same_to_neighbours(link, before) || is_new ||
		strcmp(before->shown.name, link->shown.name))
		link_read_sysctls(mirror, link);
	if (memcmp(&before->shown, &link->shown, sizeof(link->shown)))
		tell_changed(mirror, link);
}

static void link_remove(struct mirror *mirror, struct link *link) {
	struct links *links = &mirror->links;
	size_t place = place_of(links, link->shown.ifindex);
	struct link gone = *link;

	audit_disturb(mirror);
	memmove(&links->sorted[place], &links->sorted[place + 1],
		(links->count - place - 1) * sizeof(*links->sorted));
	links->count--;
	free(link);
	neighbours_update_link(mirror, gone.shown.ifindex);
	nexthop_objects_link_down(mirror, gone.shown.ifindex);
	paths_condemn_link_gone(mirror, gone.shown.ifindex);
	paths_update_link(mirror, gone.shown.ifindex);
	update_uppers(mirror, gone.lower);
	mirror_want(mirror, REREAD_RULES);
	if (mirror->listener.link_gone)
		mirror->listener.link_gone(
			mirror->listener.owner, gone.shown.ifindex, gone.shown.name);
}

void link_handle(struct mirror *mirror, const struct nlmsghdr *message) {
	const struct nlattr *attributes[IFLA_MAX + 1];
	const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
	struct link *link, before;

	if (!attributes_parse(message, sizeof(*header), attributes, IFLA_MAX)) {
		mirror->statistics.malformed++;
		return;
	}
	if (header->ifi_family != AF_UNSPEC || header->ifi_index <= 0)
		return; /* a bridge port's state, told on the same group */
	link = link_find(&mirror->links, (uint32_t)header->ifi_index);
	if (message->nlmsg_type == RTM_DELLINK) {
		if (link)
			link_remove(mirror, link);
		return;
	}
	if (!link)
		link = link_create(mirror, (uint32_t)header->ifi_index);
	if (!link) {
		mirror->lost = true;
		return;
	}
	before = *link;
	link->generation = mirror->generation;
	read_link(link, header, attributes);
	link_apply(mirror, link, &before);
}

void links_sweep(struct mirror *mirror) {
	for (size_t i = mirror->links.count; i-- > 0;) {
		if (i < mirror->links.count &&
			mirror->links.sorted[i]->generation != mirror->generation)
			link_remove(mirror, mirror->links.sorted[i]);
	}
}

void links_free(struct links *links) {
	for (size_t i = 0; i < links->count; i++)
		free(links->sorted[i]);
	free(links->sorted);
}

/* IPv6 forwards by conf.all.forwarding, or (since 6.17) by the link's force_forwarding. */
static bool read_forwarding6(const char *name) {
	if (sysctl_read(0, "ipv6/conf/%s/disable_ipv6", name))
		return false;
	return sysctl_read(0, "ipv6/conf/all/forwarding") ||
	       sysctl_read(0, "ipv6/conf/%s/force_forwarding", name);
}

void link_read_sysctls(struct mirror *mirror, struct link *link) {
	struct mirror_link *shown = &link->shown;
	const char *name = shown->name;
	bool ignores4 = link->ignore_linkdown4, ignores6 = link->ignore_linkdown6;
	uint32_t mtu6 = link->mtu6;
	long strict;

	if (mirror->detached || !name[0] || strchr(name, '/') || name[0] == '.')
		return; /* a slash cannot be in a path, ".." should not */
	shown->forwarding4 = sysctl_read(0, "ipv4/conf/%s/forwarding", name) > 0;
	shown->forwarding6 = read_forwarding6(name);
	shown->send_redirects = sysctl_read(1, "ipv4/conf/%s/send_redirects", name) > 0 ||
				sysctl_read(1, "ipv4/conf/all/send_redirects") > 0;
	strict = sysctl_read(1, "ipv4/conf/%s/rp_filter", name); /* unreadable: the safe side */
	shown->rp_filter = (uint8_t)strict;
	strict = sysctl_read(1, "ipv4/conf/all/rp_filter");
	if (strict > shown->rp_filter)
		shown->rp_filter = (uint8_t)strict;
	link->ignore_linkdown4 =
		sysctl_read(0, "ipv4/conf/%s/ignore_routes_with_linkdown", name) > 0 ||
		sysctl_read(0, "ipv4/conf/all/ignore_routes_with_linkdown") > 0;
	link->ignore_linkdown6 =
		sysctl_read(0, "ipv6/conf/%s/ignore_routes_with_linkdown", name) > 0;
	link->mtu6 = (uint32_t)sysctl_read(link->mtu6, "ipv6/conf/%s/mtu", name);
	if (mtu6 != link->mtu6)
		neighbours_update_link(mirror, shown->ifindex);
	if (ignores4 != link->ignore_linkdown4 || ignores6 != link->ignore_linkdown6)
		paths_update_link(mirror, shown->ifindex);
}

void links_read_sysctls(struct mirror *mirror) {
	uint32_t after = 0;
	struct link *link;

	while ((link = link_next(&mirror->links, after))) {
		struct mirror_link before = link->shown;

		after = link->shown.ifindex;
		link_read_sysctls(mirror, link);
		tell_if_changed(mirror, link, &before);
	}
}

void link_set_xdp_features(struct mirror *mirror, uint32_t ifindex, uint64_t features) {
	struct link *link = link_find(&mirror->links, ifindex);
	struct mirror_link before;

	if (!link)
		return;
	before = link->shown;
	link->shown.xdp_features_known = true;
	link->shown.xdp_features = features;
	tell_if_changed(mirror, link, &before);
}

void link_set_port(struct mirror *mirror, struct link *link, uint8_t slot, enum reason egress) {
	if (link->slot == slot && link->egress == egress)
		return;
	link->slot = slot;
	link->egress = egress;
	neighbours_update_link(mirror, link->shown.ifindex);
}

bool link_is_up(const struct link *link) {
	return link->shown.flags & IFF_UP;
}

bool link_can_carry(const struct link *link) {
	return link_is_up(link) && link->shown.carrier;
}

bool link_is_ethernet(const struct link *link) {
	return link->shown.type == ARPHRD_ETHER &&
	       !(link->shown.flags & (IFF_NOARP | IFF_POINTOPOINT | IFF_LOOPBACK));
}

struct link *link_find(const struct links *links, uint32_t ifindex) {
	size_t place = place_of(links, ifindex);

	return place < links->count && links->sorted[place]->shown.ifindex == ifindex
		       ? links->sorted[place]
		       : NULL;
}

struct link *link_named(const struct links *links, const char *name) {
	for (size_t i = 0; i < links->count; i++) {
		if (!strcmp(links->sorted[i]->shown.name, name))
			return links->sorted[i];
	}
	return NULL;
}

struct link *link_next(const struct links *links, uint32_t after) {
	size_t place = after == UINT32_MAX ? links->count : place_of(links, after + 1);

	return place < links->count ? links->sorted[place] : NULL;
}
