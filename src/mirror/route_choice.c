/* route_choice: see route_choice.h. */
#include "mirror/route_choice.h"

#include "mirror/mirror_private.h"
#include "mirror/route_list.h"
#include "table/rib.h"

#include <linux/rtnetlink.h>

static bool is_usable(const struct mirror *mirror, const struct route *route) {
	const struct path *path = path_of(mirror, route);

	return route->type == RTN_UNICAST ? path->usable : !path->condemned;
}

static uint32_t nexthop_of(const struct mirror *mirror, const struct route *route) {
	switch (route->type) {
	case RTN_UNICAST:
		return route->flags & ROUTE_IS_FEATURE ? REASON_ROUTE_FEATURE
						       : path_of(mirror, route)->id;
	case RTN_LOCAL:
	case RTN_ANYCAST:
		return REASON_LOCAL;
	case RTN_BROADCAST:
		return REASON_BROADCAST;
	case RTN_MULTICAST:
		return REASON_MULTICAST;
	case RTN_BLACKHOLE:
		return REASON_BLACKHOLE;
	case RTN_UNREACHABLE:
		return REASON_UNREACHABLE;
	case RTN_PROHIBIT:
		return REASON_PROHIBIT;
	case RTN_THROW:
		return REASON_THROW;
	default:
		return REASON_ROUTE_FEATURE;
	}
}

static struct choice choice_of(const struct mirror *mirror, uint32_t index) {
	const struct route *route = route_at(mirror, index);
	struct choice choice = {
		.present = true, .nexthop = nexthop_of(mirror, route), .route = index};

	if (route->type == RTN_UNICAST && choice.nexthop == path_of(mirror, route)->id)
		choice.on_link = path_of(mirror, route)->on_link;
	return choice;
}

static struct choice leave_to_kernel(uint32_t index, enum reason reason) {
	return (struct choice){.present = true, .nexthop = reason, .route = index};
}

static bool has_tos(const struct mirror *mirror, uint32_t first) {
	for (uint32_t i = first; i != ROUTE_NONE; i = route_at(mirror, i)->next) {
		if (route_at(mirror, i)->tos && !path_of(mirror, route_at(mirror, i))->condemned)
			return true;
	}
	return false;
}

static uint32_t first_usable(const struct mirror *mirror, uint32_t index) {
	while (index != ROUTE_NONE && !is_usable(mirror, route_at(mirror, index)))
		index = route_at(mirror, index)->next;
	return index;
}

/* Where two routes are equal to the kernel it chooses by more than order: among IPv4 default routes
 * by their neighbours (fib_select_default), among IPv6 routes by score (find_rr_leaf). */
static bool has_rival(
	const struct mirror *mirror, sa_family_t family, unsigned int prefix_len, uint32_t index) {
	const struct route *chosen = route_at(mirror, index), *rival;
	uint32_t other = first_usable(mirror, chosen->next);

	if (other == ROUTE_NONE || (family == AF_INET && prefix_len))
		return false;
	rival = route_at(mirror, other);
	return rival->is_local == chosen->is_local && rival->metric == chosen->metric &&
	       nexthop_of(mirror, rival) != nexthop_of(mirror, chosen);
}

static bool is_within_local(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len) {
	const struct rib *nets = mirror->routes.local_nets[family_index(family)];
	uint32_t count;

	return prefix_len && rib_count(nets) &&
	       !rib_match(nets, prefix, prefix_len - 1, NULL, NULL, &count);
}

struct choice route_choose(const struct mirror *mirror, sa_family_t family, const uint8_t *prefix,
	unsigned int prefix_len, uint32_t first) {
	uint32_t chosen = first_usable(mirror, first);

	if (chosen == ROUTE_NONE)
		return (struct choice){.route = ROUTE_NONE};
	if (has_tos(mirror, first) || has_rival(mirror, family, prefix_len, chosen))
		return leave_to_kernel(chosen, REASON_ROUTE_FEATURE);
	if (!route_at(mirror, chosen)->is_local &&
		is_within_local(mirror, family, prefix, prefix_len))
		return leave_to_kernel(chosen, REASON_LOCAL);
	return choice_of(mirror, chosen);
}

uint32_t route_connected_link(
	const struct mirror *mirror, sa_family_t family, const uint8_t *address) {
	const struct rib *prefixes = mirror->routes.prefixes[family_index(family)];
	unsigned int longest = (unsigned int)family_bytes(family) * 8, prefix_len;
	uint8_t prefix[16];
	uint32_t first;

	while (!rib_match(prefixes, address, longest, prefix, &prefix_len, &first)) {
		struct choice choice = route_choose(mirror, family, prefix, prefix_len, first);

		if (choice.present)
			return choice.on_link;
		if (!prefix_len)
			break;
		longest = prefix_len - 1;
	}
	return 0;
}
