/* intent_values: see intent_values.h. */
#include "fabric/intent_values.h"

#include "base/nearest.h"
#include "base/number.h"
#include "fabric/speed.h"

#include <stdlib.h>
#include <string.h>

static bool is_name(const char *text) {
	size_t length =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	return length > 0 && length < FABRIC_NAME_MAX && text[length] == '\0' && text[0] != '-';
}

void intent_take_name(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	if (is_name(yaml_text(value)))
		strcpy(into, yaml_text(value));
	else
		intent_mistake(
			reading, value, "a name of letters, digits, '-' and '_', at most 31");
}

void intent_take_number(struct intent_reading *reading, const yaml_node_t *value, uint64_t least,
	uint64_t most, uint32_t *into) {
	char expected[64];
	uint64_t number;

	if (number_parse(yaml_text(value), least, most, &number)) {
		*into = (uint32_t)number;
		return;
	}
	snprintf(expected, sizeof(expected), "a number from %llu to %llu",
		(unsigned long long)least, (unsigned long long)most);
	intent_mistake(reading, value, expected);
}

void intent_take_count(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 0, INTENT_SWITCHES_MAX, into);
}

void intent_take_cable_count(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1, 64, into);
}

void intent_take_scale(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1, 1000000000, into);
}

void intent_take_asn(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1, 4294967294, into);
}

void intent_take_mtu(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 1280, 9216, into);
}

void intent_take_multiplier(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_number(reading, value, 2, 255, into);
}

/* "100ms", "3s", "0". */
void intent_take_duration(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	const char *text = yaml_text(value);
	size_t digits = strspn(text, "0123456789");
	uint64_t number = digits && digits < 10 ? strtoull(text, NULL, 10) : UINT64_MAX;
	uint64_t unit = strcmp(text + digits, "ms") == 0                ? 1
			: strcmp(text + digits, "s") == 0               ? 1000
			: strcmp(text + digits, "") == 0 && number == 0 ? 1
									: 0;

	if (digits == 0 || unit == 0 || number > 3600000 / unit)
		intent_mistake(reading, value, "a time, as in '100ms' or '3s', at most an hour");
	else
		*(uint32_t *)into = (uint32_t)(number * unit);
}

void intent_take_restore(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	if (strcmp(yaml_text(value), "never") == 0)
		*(uint32_t *)into = RESTORE_NEVER;
	else
		intent_take_duration(reading, value, into);
}

/* "15m", "0.5m", "2km". */
void intent_take_length(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	double metres = 0;
	const char *end = decimal_begin(yaml_text(value), &metres);

	if (end && strcmp(end, "km") == 0)
		metres *= 1000;
	else if (end && strcmp(end, "m") != 0)
		metres = 0;
	if (metres <= 0 || metres > 200000)
		intent_mistake(reading, value, "a length, as in '3m' or '2km', at most 200km");
	else
		*(uint32_t *)into = metres < 1 ? 1 : (uint32_t)(metres + 0.5);
}

/* "64K", "4M", "1.5G". */
void intent_take_bytes(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	static const char units[] = "KMG";
	double bytes = 0;
	const char *end = decimal_begin(yaml_text(value), &bytes);
	const char *unit = end && *end ? strchr(units, *end) : NULL;

	for (const char *each = units; unit && each <= unit; each++)
		bytes *= 1000;
	if (!end || (*end && (!unit || end[1])) || bytes < 1 || bytes > 1e9)
		intent_mistake(reading, value, "bytes, as in '64K' or '4M', at most 1G");
	else
		*(uint64_t *)into = (uint64_t)bytes;
}

void intent_take_speed(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	if (!speed_parse(yaml_text(value), into))
		intent_mistake(reading, value, "a speed, as in '25G', '400G' or '100M'");
}

void intent_take_watts(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	double watts;

	if (!decimal_parse(yaml_text(value), &watts) || watts > 100000)
		intent_mistake(reading, value, "watts, from 0 to 100000");
	else
		*(double *)into = watts;
}

static void take_prefix(struct intent_reading *reading, const yaml_node_t *value,
	struct prefix *into, sa_family_t family, const char *expected) {
	struct prefix prefix;

	if (prefix_parse(yaml_text(value), &prefix) < 0 || prefix.family != family)
		intent_mistake(reading, value, expected);
	else
		*into = prefix;
}

void intent_take_prefix4(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	take_prefix(reading, value, into, AF_INET,
		"an IPv4 prefix, as in '10.1.0.0/16', with no bits set beyond its length");
}

void intent_take_prefix6(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	take_prefix(reading, value, into, AF_INET6,
		"an IPv6 prefix, as in 'fd00:1::/48', with no bits set beyond its length");
}

static void add_name(struct intent_reading *reading, struct intent_names *names, const char *name) {
	fabric_name *place =
		intent_grow(reading, &names->names, &names->count, sizeof(*names->names));

	if (place)
		strcpy(*place, name);
}

/* A list of names. */
void intent_take_names(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		intent_mistake(reading, value, "a list of names");
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++)
		if (is_name(yaml_text(item)))
			add_name(reading, into, yaml_text(item));
		else
			intent_mistake(reading, item,
				"a name of letters, digits, '-' and '_', at most 31");
}

/* A list of names, or how many: then they are numbered from 1. */
void intent_take_some(struct intent_reading *reading, const yaml_node_t *value,
	struct intent_names *into, const char *stem) {
	uint64_t count;
	char name[FABRIC_NAME_MAX];

	if (yaml_is_sequence(value)) {
		into->count = 0;
		intent_take_names(reading, value, into);
		return;
	}
	if (!number_parse(yaml_text(value), 0, INTENT_SWITCHES_MAX, &count)) {
		intent_mistake(reading, value, "how many (at most 4096), or a list of names");
		return;
	}
	into->count = 0;
	for (uint64_t i = 1; i <= count; i++) {
		snprintf(name, sizeof(name), "%s%llu", stem, (unsigned long long)i);
		add_name(reading, into, name);
	}
}

void intent_take_super_spines(
	struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_some(reading, value, into, "super");
}

void intent_take_spines(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_some(reading, value, into, "spine");
}

void intent_take_leaves(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_some(reading, value, into, "leaf");
}

void intent_take_borders(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_some(reading, value, into, "border");
}

/* One of some words, by its place among them. */
void intent_take_word(struct intent_reading *reading, const yaml_node_t *value,
	const char *const *words, int *into) {
	const char *nearest = nearest_word(yaml_text(value), words);
	char expected[256];
	size_t used = 0;

	for (int i = 0; words[i]; i++)
		if (strcmp(yaml_text(value), words[i]) == 0) {
			*into = i;
			return;
		}
	if (nearest)
		used = (size_t)snprintf(expected, sizeof(expected), "'%s'? One of ", nearest);
	for (int i = 0; words[i]; i++)
		used += (size_t)snprintf(
			expected + used, sizeof(expected) - used, "%s%s", i ? ", " : "", words[i]);
	intent_mistake(reading, value, expected);
}

static const char *const shape_words[] = {"leaf-spine", "clos", "sites", "custom", NULL};
static const char *const role_words[] = {
	"super-spine", "spine", "leaf", "border", "host", "external", NULL};
static const char *const daemon_words[] = {"frr", "bird", NULL};
static const char *const link_words[] = {"unnumbered", "numbered", NULL};

const char *fabric_role_name(enum fabric_role role) {
	return role_words[role];
}

void intent_take_shape(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	int word = *(enum intent_shape *)into;

	intent_take_word(reading, value, shape_words, &word);
	*(enum intent_shape *)into = (enum intent_shape)word;
}

void intent_take_role(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_node *node = into;
	int word = (int)node->role;

	intent_take_word(reading, value, role_words, &word);
	node->role = (enum fabric_role)word;
	node->says_role = true;
}

void intent_take_daemon(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	int word = *(enum intent_daemon *)into;

	intent_take_word(reading, value, daemon_words, &word);
	*(enum intent_daemon *)into = (enum intent_daemon)word;
}

void intent_take_link_addresses(
	struct intent_reading *reading, const yaml_node_t *value, void *into) {
	int word = *(bool *)into;

	intent_take_word(reading, value, link_words, &word);
	*(bool *)into = word == 1;
}
