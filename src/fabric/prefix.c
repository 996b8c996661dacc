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
	unsigned int whole = length / 8;

	if (whole == 16)
		return;
	address[whole] &= (uint8_t) ~(0xff >> length % 8);
	memset(address + whole + 1, 0, 15 - whole);
}

/* A decimal number of at most three digits, without zeros before it; -1 if there is none. */
static int take_number(const char **at, const char *end, int most) {
	const char *from = *at;
	int number = 0;

	while (*at < end && **at >= '0' && **at <= '9' && *at - from < 3)
		number = 10 * number + (*(*at)++ - '0');
	return *at == from || number > most || (*at - from > 1 && *from == '0') ? -1 : number;
}

/* By hand: full tables are read so, in a tenth of the time of inet_pton. */
static bool parse_address4(const char *text, size_t size, uint8_t *address) {
	const char *end = text + size;

	for (int i = 0; i < 4; i++) {
		int number;

		if (i && (text == end || *text++ != '.'))
			return false;
		number = take_number(&text, end, 255);
		if (number < 0)
			return false;
		address[i] = (uint8_t)number;
	}
	return text == end;
}

static bool parse_address6(const char *text, size_t size, uint8_t *address) {
	char copy[PREFIX_TEXT_MAX];

	if (size >= sizeof(copy))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	return inet_pton(AF_INET6, copy, address) == 1;
}

int prefix_parse_bytes(const char *text, size_t size, struct prefix *prefix) {
	const char *slash = memchr(text, '/', size), *end = text + size;
	size_t address_size = slash ? (size_t)(slash - text) : size;
	struct prefix found = {0}, cleared;
	int length;

	found.family = memchr(text, ':', address_size) ? AF_INET6 : AF_INET;
	if (!(found.family == AF_INET ? parse_address4 : parse_address6)(
		    text, address_size, found.address))
		return -EINVAL;
	length = (int)prefix_bits(found.family);
	if (slash) {
		slash++;
		length = take_number(&slash, end, length);
		if (length < 0 || slash != end)
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

int prefix_parse(const char *text, struct prefix *prefix) {
	return prefix_parse_bytes(text, strlen(text), prefix);
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

bool prefix_is_apart(const struct prefix *prefix) {
	static const uint8_t zeros[15];
	const uint8_t *address = prefix->address;

	if (prefix->family == AF_INET)
		return address[0] == 127 || address[0] >= 224 ||
		       (address[0] == 169 && address[1] == 254);
	return address[0] == 0xff || (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) ||
	       (prefix->length == 128 && address[15] == 1 && !memcmp(address, zeros, 15));
}

int prefix_compare(const struct prefix *one, const struct prefix *other) {
	int order = (int)one->family - (int)other->family;

	if (!order)
		order = memcmp(one->address, other->address, sizeof(one->address));
	return order ? order : (int)one->length - (int)other->length;
}
