/*
 * attribute: netlink attributes, checked before they are read. A table of pointers by type is
 * filled from a message or a nest; whatever is unknown, doubled or cut short is left out of it, so
 * that a reader asks only "is it there, and of the right size".
 */
#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* attributes[0 .. max]: the attributes in `size` bytes at `from`. */
static inline void attributes_parse_at(
	const void *from, size_t size, const struct nlattr **attributes, uint16_t max) {
	const struct nlattr *attribute = from;
	const char *end = (const char *)from + size;

	memset(attributes, 0, (max + 1u) * sizeof(*attributes));
	for (; mnl_attr_ok(attribute, (int)(end - (const char *)attribute));
		attribute = mnl_attr_next(attribute)) {
		if (mnl_attr_get_type(attribute) <= max)
			attributes[mnl_attr_get_type(attribute)] = attribute;
	}
}

/* The same, of a message after its header of `header_size` bytes. False if the message is shorter
 * than that. */
static inline bool attributes_parse(const struct nlmsghdr *message, size_t header_size,
	const struct nlattr **attributes, uint16_t max) {
	size_t size = mnl_nlmsg_get_payload_len(message), offset = MNL_ALIGN(header_size);

	if (size < header_size)
		return false;
	attributes_parse_at(mnl_nlmsg_get_payload_offset(message, header_size),
		size > offset ? size - offset : 0, attributes, max);
	return true;
}

static inline void attributes_parse_nest(
	const struct nlattr *nest, const struct nlattr **attributes, uint16_t max) {
	attributes_parse_at(
		mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), attributes, max);
}

/* Whether the attribute is there with at least `size` bytes. */
static inline bool attribute_has(const struct nlattr *attribute, size_t size) {
	return attribute && mnl_attr_get_payload_len(attribute) >= size;
}

static inline uint32_t attribute_u32(const struct nlattr *attribute, uint32_t otherwise) {
	return attribute_has(attribute, sizeof(uint32_t)) ? mnl_attr_get_u32(attribute) : otherwise;
}

static inline uint8_t attribute_u8(const struct nlattr *attribute, uint8_t otherwise) {
	return attribute_has(attribute, sizeof(uint8_t)) ? mnl_attr_get_u8(attribute) : otherwise;
}

/* Copies a string, cut to what fits and always ended; "" if the attribute is not there. */
static inline void attribute_text(const struct nlattr *attribute, char *text, size_t size) {
	size_t length = attribute ? mnl_attr_get_payload_len(attribute) : 0;

	if (length > size - 1)
		length = size - 1;
	if (length)
		memcpy(text, mnl_attr_get_payload(attribute), length);
	text[length] = '\0';
}
