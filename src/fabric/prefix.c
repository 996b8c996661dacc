/* prefix: see prefix.h. */
#include "fabric/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned int prefix_bits(sa_family_t family) {
	return family == AF_INET ? 32 : 128;
}

static void clear_beyond(uint8_t address[16], unsigned int length) {
	for (unsigned int bit = length; bit < 128; bit++)
		address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

int prefix_parse(const char *text, struct prefix *prefix) {
	char address[PREFIX_TEXT_MAX];
	const char *slash = strchr(text, '/');
	size_t size = slash ? (size_t)(slash - text) : strlen(text);
	struct prefix found = {0}, cleared;
	unsigned long length;
	char *end;

	if (size >= sizeof(address))
		return -EINVAL;
	memcpy(address, text, size);
	address[size] = '\0';
	found.family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(found.family, address, found.address) != 1)
		return -EINVAL;
	length = prefix_bits(found.family);
	if (slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return -EINVAL;
		length = strtoul(slash + 1, &end, 10);
		if (*end || length > prefix_bits(found.family))
			return -EINVAL;
	}
	found.length = (uint8_t)length;
	cleared = found;
	clear_beyond(cleared.address, found.length);
	if (memcmp(cleared.address, found.address, sizeof(found.address)) != 0)
		return -EINVAL;
	*prefix = found;
	return 0;
}

char *prefix_address_text(const struct prefix *prefix, char *text) {
	inet_ntop(prefix->family, prefix->address, text, PREFIX_TEXT_MAX);
	return text;
}

char *prefix_text(const struct prefix *prefix, char *text) {
	prefix_address_text(prefix, text);
	snprintf(text + strlen(text), PREFIX_TEXT_MAX - strlen(text), "/%u", prefix->length);
	return text;
}

uint64_t prefix_parts(const struct prefix *whole, unsigned int length) {
	if (length < whole->length || length > prefix_bits(whole->family))
		return 0;
	return length - whole->length >= 64 ? UINT64_MAX : UINT64_C(1) << (length - whole->length);
}

int prefix_part(const struct prefix *whole, unsigned int length, uint64_t n, struct prefix *part) {
	uint64_t parts = prefix_parts(whole, length);

	if (parts == 0 || (parts != UINT64_MAX && n >= parts))
		return -ERANGE;
	*part = *whole;
	part->length = (uint8_t)length;
	for (unsigned int bit = length; n && bit-- > whole->length; n >>= 1)
		if (n & 1)
			part->address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return 0;
}

bool prefix_contains(const struct prefix *outer, const struct prefix *inner) {
	struct prefix cut = *inner;

	if (outer->family != inner->family || inner->length < outer->length)
		return false;
	clear_beyond(cut.address, outer->length);
	return memcmp(cut.address, outer->address, sizeof(cut.address)) == 0;
}

bool prefix_overlaps(const struct prefix *one, const struct prefix *other) {
	return prefix_contains(one, other) || prefix_contains(other, one);
}

int prefix_compare(const struct prefix *one, const struct prefix *other) {
	int order = (int)one->family - (int)other->family;

	if (!order)
		order = memcmp(one->address, other->address, sizeof(one->address));
	return order ? order : (int)one->length - (int)other->length;
}
