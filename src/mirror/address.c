/* address: see address.h. */
#include "mirror/address.h"

#include "mirror/attribute.h"
#include "mirror/mirror_private.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <uthash.h>

enum { ADDRESSES_MAX = 1 << 18 };

struct address_key {
	uint32_t ifindex;
	uint8_t family;
	uint8_t prefix_len;
	uint8_t padding[2];
	uint8_t address[16];
};

struct address {
	struct address_key key;
	uint8_t generation;
	UT_hash_handle hh;
};

/* The local address: IFA_LOCAL where there is one (IPv4; a peer's address is in IFA_ADDRESS). */
static bool read_key(const struct nlmsghdr *message, struct address_key *key) {
	const struct nlattr *attributes[IFA_LOCAL + 1], *address;
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);

	memset(key, 0, sizeof(*key));
	if (!attributes_parse(message, sizeof(*header), attributes, IFA_LOCAL))
		return false;
	address = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
	if (!family_is_ip(header->ifa_family) ||
		!attribute_has(address, family_bytes(header->ifa_family)))
		return false;
	key->ifindex = header->ifa_index;
	key->family = header->ifa_family;
	key->prefix_len = header->ifa_prefixlen;
	memcpy(key->address, mnl_attr_get_payload(address), family_bytes(key->family));
	return true;
}

static bool is_held_elsewhere(const struct addresses *addresses, const struct address_key *key) {
	for (const struct address *other = addresses->table; other; other = other->hh.next) {
		if (other->key.family == key->family &&
			!memcmp(other->key.address, key->address, sizeof(key->address)))
			return true;
	}
	return false;
}

static void address_add(struct mirror *mirror, const struct address_key *key) {
	struct addresses *addresses = &mirror->addresses;
	struct link *link = link_find(&mirror->links, key->ifindex);
	struct address *address;

	if (addresses->count == ADDRESSES_MAX) {
		mirror_tell_limit(mirror, LIMIT_ADDRESSES, "more than 262144 own addresses");
		return; /* what leads there is known from table local all the same */
	}
	address = calloc(1, sizeof(*address));
	if (!address) {
		mirror->lost = true;
		return;
	}
	address->key = *key;
	address->generation = mirror->generation;
	HASH_ADD(hh, addresses->table, key, sizeof(address->key), address);
	addresses->count++;
	if (key->family != AF_INET || !link)
		return;
	link->addresses4++;
	if (link->lost_addresses) { /* fib_sync_up revives the hops */
		link->lost_addresses = false;
		paths_update_link(mirror, key->ifindex);
	}
	if (mirror->paths.dead_hops && !mirror->dumping)
		mirror_want(mirror, REREAD_ALL);
}

static void address_remove(struct mirror *mirror, struct address *address) {
	struct addresses *addresses = &mirror->addresses;
	struct address_key key = address->key;
	struct link *link = link_find(&mirror->links, key.ifindex);
	uint32_t source;

	HASH_DEL(addresses->table, address);
	addresses->count--;
	free(address);
	if (key.family != AF_INET)
		return;
	memcpy(&source, key.address, sizeof(source));
	if (!is_held_elsewhere(addresses, &key))
		paths_condemn_source(mirror, source);
	if (link && link->addresses4 && !--link->addresses4) {
		link->lost_addresses = true;
		paths_condemn_addresses(mirror, key.ifindex);
		paths_update_link(mirror, key.ifindex);
	}
}

void address_handle(struct mirror *mirror, const struct nlmsghdr *message) {
	struct address_key key;
	struct address *address;

	if (!read_key(message, &key)) {
		mirror->statistics.malformed++;
		return;
	}
	HASH_FIND(hh, mirror->addresses.table, &key, sizeof(key), address);
	if (address)
		address->generation = mirror->generation;
	if ((message->nlmsg_type == RTM_NEWADDR) == !!address)
		return;
	audit_disturb(mirror);
	if (address)
		address_remove(mirror, address);
	else
		address_add(mirror, &key);
}

void addresses_sweep(struct mirror *mirror) {
	struct address *address, *next;

	HASH_ITER(hh, mirror->addresses.table, address, next) {
		if (address->generation != mirror->generation)
			address_remove(mirror, address);
	}
}

void addresses_free(struct addresses *addresses) {
	struct address *address, *next;

	HASH_ITER(hh, addresses->table, address, next) {
		HASH_DEL(addresses->table, address);
		free(address);
	}
}
