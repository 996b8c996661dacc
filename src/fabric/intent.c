/* intent: see intent.h. Each key has a row in a table: its name, and how its value is taken. */
#include "fabric/intent.h"

#include "base/nearest.h"
#include "base/yaml_file.h"
#include "fabric/intent_check.h"
#include "fabric/prefix_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 4 << 20, PATH_BYTES = 4096 };

struct reading {
	struct intent *intent;
	struct yaml_file file;
	bool no_memory;
};

struct key {
	const char *name;
	void (*take)(struct reading *reading, const yaml_node_t *value, void *into);
	size_t offset; /* of what is taken, within `into` */
};

static void mistake(struct reading *reading, const yaml_node_t *node, const char *expected) {
	yaml_mistake(&reading->file, node, expected);
}

/* One more element, zeroed, at the end of an array; NULL without memory. */
static void *grow(struct reading *reading, void *array, size_t *count, size_t size) {
	void **elements = array;
	void *more = realloc(*elements, (*count + 1) * size);

	if (!more) {
		reading->no_memory = true;
		return NULL;
	}
	*elements = more;
	return memset((char *)more + (*count)++ * size, 0, size);
}

static void unknown_key(struct reading *reading, const yaml_node_t *node, const struct key *keys) {
	const char *names[32] = {NULL}, *nearest;
	char expected[512] = "";
	size_t used = 0, count = 0;

	for (const struct key *key = keys; key->name; key++)
		names[count++] = key->name;
	nearest = nearest_word(yaml_text(node), names);
	if (nearest)
		used = (size_t)snprintf(expected, sizeof(expected), "'%s'? One of ", nearest);
	for (size_t i = 0; i < count && used < sizeof(expected); i++)
		used += (size_t)snprintf(
			expected + used, sizeof(expected) - used, "%s%s", i ? ", " : "", names[i]);
	mistake(reading, node, expected);
}

/* Remembers where a key is said, for mistakes that show only when all is read. */
static void note_line(struct reading *reading, const struct key *key, const yaml_node_t *name) {
	struct intent *intent = reading->intent;

	if (intent->line_count < INTENT_LINES_MAX)
		intent->lines[intent->line_count++] =
			(struct intent_line){key->name, (int)name->start_mark.line + 1};
}

/* Takes each pair of a mapping by the key's row. */
static void take_keys(struct reading *reading, const yaml_node_t *mapping, const struct key *keys,
	void *into, const char *expected) {
	yaml_node_t *name, *value;

	if (!yaml_is_mapping(mapping)) {
		mistake(reading, mapping, expected);
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, mapping, n, &name, &value); n++) {
		const struct key *key = keys;

		while (key->name && strcmp(key->name, yaml_text(name)) != 0)
			key++;
		if (!key->name) {
			unknown_key(reading, name, keys);
			continue;
		}
		if (into == reading->intent || into == &reading->intent->timers)
			note_line(reading, key, name);
		key->take(reading, value, (char *)into + key->offset);
	}
}

static bool is_name(const char *text) {
	size_t length =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	return length > 0 && length < FABRIC_NAME_MAX && text[length] == '\0' && text[0] != '-';
}

static void take_name(struct reading *reading, const yaml_node_t *value, void *into) {
	if (is_name(yaml_text(value)))
		strcpy(into, yaml_text(value));
	else
		mistake(reading, value, "a name of letters, digits, '-' and '_', at most 31");
}

static bool parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *number) {
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *number >= least && *number <= most;
}

static void take_number_within(struct reading *reading, const yaml_node_t *value, uint64_t least,
	uint64_t most, uint32_t *into) {
	char expected[64];
	uint64_t number;

	if (parse_number(yaml_text(value), least, most, &number)) {
		*into = (uint32_t)number;
		return;
	}
	snprintf(expected, sizeof(expected), "a number from %llu to %llu",
		(unsigned long long)least, (unsigned long long)most);
	mistake(reading, value, expected);
}

static void take_count(struct reading *reading, const yaml_node_t *value, void *into) {
	take_number_within(reading, value, 0, INTENT_SWITCHES_MAX, into);
}

static void take_cable_count(struct reading *reading, const yaml_node_t *value, void *into) {
	take_number_within(reading, value, 1, 64, into);
}

static void take_asn(struct reading *reading, const yaml_node_t *value, void *into) {
	take_number_within(reading, value, 1, 4294967294, into);
}

static void take_mtu(struct reading *reading, const yaml_node_t *value, void *into) {
	take_number_within(reading, value, 1280, 9216, into);
}

static void take_multiplier(struct reading *reading, const yaml_node_t *value, void *into) {
	take_number_within(reading, value, 2, 255, into);
}

/* "100ms", "3s", "0". */
static void take_duration(struct reading *reading, const yaml_node_t *value, void *into) {
	const char *text = yaml_text(value);
	size_t digits = strspn(text, "0123456789");
	uint64_t number = digits && digits < 10 ? strtoull(text, NULL, 10) : UINT64_MAX;
	uint64_t unit = strcmp(text + digits, "ms") == 0                ? 1
			: strcmp(text + digits, "s") == 0               ? 1000
			: strcmp(text + digits, "") == 0 && number == 0 ? 1
									: 0;

	if (digits == 0 || unit == 0 || number > 3600000 / unit)
		mistake(reading, value, "a time, as in '100ms' or '3s', at most an hour");
	else
		*(uint32_t *)into = (uint32_t)(number * unit);
}

/* "15m", "0.5m", "2km". */
static void take_length(struct reading *reading, const yaml_node_t *value, void *into) {
	char *end;
	double metres = strtod(yaml_text(value), &end);

	if (strcmp(end, "km") == 0)
		metres *= 1000;
	else if (strcmp(end, "m") != 0)
		metres = -1;
	if (!(metres > 0 && metres <= 200000))
		mistake(reading, value, "a length, as in '3m' or '2km', at most 200km");
	else
		*(uint32_t *)into = metres < 1 ? 1 : (uint32_t)(metres + 0.5);
}

bool speed_parse(const char *text, uint64_t *mbps) {
	char *end;
	double number = strtod(text, &end);
	double unit = strcmp(end, "M") == 0   ? 1
		      : strcmp(end, "G") == 0 ? 1000
		      : strcmp(end, "T") == 0 ? 1e6
					      : 0;

	if (text[0] < '0' || text[0] > '9' || unit == 0 ||
		!(number * unit >= 1 && number * unit <= 1e8))
		return false;
	*mbps = (uint64_t)(number * unit + 0.5);
	return true;
}

char *speed_text(uint64_t mbps, char *text) {
	if (mbps % 100 == 0 && mbps >= 1000)
		snprintf(text, 16, "%.*fG", mbps % 1000 != 0, (double)mbps / 1000);
	else
		snprintf(text, 16, "%lluM", (unsigned long long)mbps);
	return text;
}

static void take_speed(struct reading *reading, const yaml_node_t *value, void *into) {
	if (!speed_parse(yaml_text(value), into))
		mistake(reading, value, "a speed, as in '25G', '400G' or '100M'");
}

static void take_watts(struct reading *reading, const yaml_node_t *value, void *into) {
	char *end;
	double watts = strtod(yaml_text(value), &end);

	if (*yaml_text(value) == '\0' || *end || !(watts >= 0 && watts <= 100000))
		mistake(reading, value, "watts, from 0 to 100000");
	else
		*(double *)into = watts;
}

static void take_prefix(struct reading *reading, const yaml_node_t *value, struct prefix *into,
	sa_family_t family, const char *expected) {
	struct prefix prefix;

	if (prefix_parse(yaml_text(value), &prefix) < 0 || prefix.family != family)
		mistake(reading, value, expected);
	else
		*into = prefix;
}

static void take_prefix4(struct reading *reading, const yaml_node_t *value, void *into) {
	take_prefix(reading, value, into, AF_INET,
		"an IPv4 prefix, as in '10.1.0.0/16', with no bits set beyond its length");
}

static void take_prefix6(struct reading *reading, const yaml_node_t *value, void *into) {
	take_prefix(reading, value, into, AF_INET6,
		"an IPv6 prefix, as in 'fd00:1::/48', with no bits set beyond its length");
}

static void add_name(struct reading *reading, struct intent_names *names, const char *name) {
	fabric_name *place = grow(reading, &names->names, &names->count, sizeof(*names->names));

	if (place)
		strcpy(*place, name);
}

/* A list of names. */
static void take_names(struct reading *reading, const yaml_node_t *value, void *into) {
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		mistake(reading, value, "a list of names");
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++)
		if (is_name(yaml_text(item)))
			add_name(reading, into, yaml_text(item));
		else
			mistake(reading, item,
				"a name of letters, digits, '-' and '_', at most 31");
}

/* A list of names, or how many: then they are numbered from 1. */
static void take_some(struct reading *reading, const yaml_node_t *value, struct intent_names *into,
	const char *stem) {
	uint64_t count;
	char name[FABRIC_NAME_MAX];

	into->count = 0;
	if (yaml_is_sequence(value)) {
		take_names(reading, value, into);
		return;
	}
	if (!parse_number(yaml_text(value), 0, INTENT_SWITCHES_MAX, &count)) {
		mistake(reading, value, "how many (at most 4096), or a list of names");
		return;
	}
	for (uint64_t i = 1; i <= count; i++) {
		snprintf(name, sizeof(name), "%s%llu", stem, (unsigned long long)i);
		add_name(reading, into, name);
	}
}

static void take_super_spines(struct reading *reading, const yaml_node_t *value, void *into) {
	take_some(reading, value, into, "super");
}

static void take_spines(struct reading *reading, const yaml_node_t *value, void *into) {
	take_some(reading, value, into, "spine");
}

static void take_leaves(struct reading *reading, const yaml_node_t *value, void *into) {
	take_some(reading, value, into, "leaf");
}

static void take_borders(struct reading *reading, const yaml_node_t *value, void *into) {
	take_some(reading, value, into, "border");
}

/* One of some words, by its place among them. */
static void take_word(
	struct reading *reading, const yaml_node_t *value, const char *const *words, int *into) {
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
	mistake(reading, value, expected);
}

static const char *const shape_words[] = {"leaf-spine", "clos", "custom", NULL};
static const char *const role_words[] = {
	"super-spine", "spine", "leaf", "border", "host", "external", NULL};
static const char *const daemon_words[] = {"frr", "bird", NULL};
static const char *const link_words[] = {"unnumbered", "numbered", NULL};

const char *fabric_role_name(enum fabric_role role) {
	return role_words[role];
}

static void take_shape(struct reading *reading, const yaml_node_t *value, void *into) {
	int word = *(enum intent_shape *)into;

	take_word(reading, value, shape_words, &word);
	*(enum intent_shape *)into = (enum intent_shape)word;
}

static void take_role(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent_node *node = into;
	int word = (int)node->role;

	take_word(reading, value, role_words, &word);
	node->role = (enum fabric_role)word;
	node->says_role = true;
}

static void take_daemon(struct reading *reading, const yaml_node_t *value, void *into) {
	int word = *(enum intent_daemon *)into;

	take_word(reading, value, daemon_words, &word);
	*(enum intent_daemon *)into = (enum intent_daemon)word;
}

static void take_link_addresses(struct reading *reading, const yaml_node_t *value, void *into) {
	int word = *(bool *)into;

	take_word(reading, value, link_words, &word);
	*(bool *)into = word == 1;
}

#define AT(type, field) offsetof(struct type, field)

static const struct key cabling_keys[] = {
	{"speed", take_speed, AT(intent_cabling, speed_mbps)},
	{"count", take_cable_count, AT(intent_cabling, count)},
	{"length", take_length, AT(intent_cabling, length_m)},
	{0},
};

static void take_cabling(struct reading *reading, const yaml_node_t *value, void *into) {
	take_keys(reading, value, cabling_keys, into,
		"speed, count and length, as in '{speed: 100G, length: 15m}'");
}

static const struct key links_keys[] = {
	{"leaf-spine", take_cabling, AT(intent, leaf_spine)},
	{"spine-super", take_cabling, AT(intent, spine_super)},
	{"host", take_cabling, AT(intent, host)},
	{"external", take_cabling, AT(intent, external)},
	{0},
};

static void take_links(struct reading *reading, const yaml_node_t *value, void *into) {
	take_keys(reading, value, links_keys, reading->intent,
		"tiers, as in 'leaf-spine: {speed: 100G}'");
}

/* A mapping of names, each to an element of an array. */
static void take_named(struct reading *reading, const yaml_node_t *value, void *array,
	size_t *count, size_t size, const struct key *keys, size_t line_at, const char *expected) {
	yaml_node_t *name, *element;

	if (!yaml_is_mapping(value)) {
		mistake(reading, value, expected);
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, value, n, &name, &element); n++) {
		char *place = grow(reading, array, count, size);

		if (!place)
			return;
		take_name(reading, name, place); /* the name is the first of each such struct */
		*(int *)(place + line_at) = (int)name->start_mark.line + 1;
		take_keys(reading, element, keys, place, expected);
	}
}

static const struct key tenant_keys[] = {
	{"ipv4", take_prefix4, AT(intent_tenant, ipv4)},
	{"ipv6", take_prefix6, AT(intent_tenant, ipv6)},
	{0},
};

static void take_tenants(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	intent->tenant_count = 0;
	take_named(reading, value, &intent->tenants, &intent->tenant_count,
		sizeof(struct intent_tenant), tenant_keys, AT(intent_tenant, line),
		"tenants, as in 'web: {ipv4: 10.1.0.0/16}'");
}

/* How many, or their names. */
static void take_hosts(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent_rack *rack = into;

	take_some(reading, value, &rack->hosts, "h");
	rack->says_hosts = true;
	rack->names_hosts = yaml_is_sequence(value);
}

static const struct key rack_keys[] = {
	{"hosts", take_hosts, 0},
	{"tenant", take_name, AT(intent_rack, tenant)},
	{"dual-homed-to", take_name, AT(intent_rack, partner)},
	{0},
};

static void take_racks(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	take_named(reading, value, &intent->racks, &intent->rack_count, sizeof(struct intent_rack),
		rack_keys, AT(intent_rack, line),
		"leaves, as in 'leaf3: {hosts: [db1, db2], tenant: db}'");
}

static void take_announces(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent_external *external = into;
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		mistake(reading, value, "a list of prefixes");
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++) {
		struct prefix *place = grow(reading, &external->announces,
			&external->announce_count, sizeof(*external->announces));

		if (place && prefix_parse(yaml_text(item), place) < 0)
			mistake(reading, item,
				"a prefix, as in '0.0.0.0/0', with no bits set beyond its length");
	}
}

static bool is_text_name(const char *name) {
	size_t length = strlen(name);

	return length > 4 && length < INTENT_FILE_NAME_MAX && name[0] != '.' &&
	       !strchr(name, '/') && strcmp(name + length - 4, ".txt") == 0;
}

/* A file beside this one, and nowhere else: so the two can be kept, and moved, together; and of a
 * name that nothing else has where a twin keeps them. */
static void take_announces_file(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent_external *external = into;
	const char *name = yaml_text(value);
	char path[PATH_BYTES];

	if (!is_text_name(name) ||
		intent_beside(reading->file.path, name, path, sizeof(path)) < 0) {
		mistake(reading, value,
			"the name of a .txt file beside this one, as in 'isp1.txt', at most 63 "
			"letters");
		return;
	}
	strcpy(external->announces_file, name);
	if (prefix_file_read(path, &external->announces, &external->announce_count) < 0)
		mistake(reading, value, "a file with a prefix a line");
}

static const struct key external_keys[] = {
	{"asn", take_asn, AT(intent_external, asn)},
	{"attach", take_names, AT(intent_external, attach)},
	{"announces", take_announces, 0},
	{"announces-file", take_announces_file, 0},
	{"daemon", take_daemon, AT(intent_external, daemon)},
	{0},
};

static void take_externals(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	take_named(reading, value, &intent->externals, &intent->external_count,
		sizeof(struct intent_external), external_keys, AT(intent_external, line),
		"routers, as in 'isp1: {asn: 64999, attach: [border1]}'");
}

static void take_pair_of_names(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent_policy *policy = into;
	const yaml_node_t *one = yaml_item(&reading->file, value, 0);
	const yaml_node_t *other = yaml_item(&reading->file, value, 1);

	if (!one || !other || yaml_item(&reading->file, value, 2)) {
		mistake(reading, value, "two tenants, or a tenant and 'external', in a list");
		return;
	}
	take_name(reading, one, policy->one);
	take_name(reading, other, policy->other);
}

static const struct key policy_keys[] = {{"deny", take_pair_of_names, 0}, {0}};
static const struct key node_keys[] = {
	{"role", take_role, 0},
	{"tenant", take_name, AT(intent_node, tenant)},
	{0},
};
static const struct key cable_keys[] = {
	{"from", take_name, AT(intent_cable, from)},
	{"to", take_name, AT(intent_cable, to)},
	{"speed", take_speed, AT(intent_cable, cabling.speed_mbps)},
	{"count", take_cable_count, AT(intent_cable, cabling.count)},
	{"length", take_length, AT(intent_cable, cabling.length_m)},
	{0},
};

/* One of them: each setting by the emulator's own reader. */
static void take_settings(
	struct reading *reading, const yaml_node_t *value, struct wire_settings *settings) {
	unsigned int before = reading->file.mistakes;
	char error[WIRE_ERROR_BYTES];
	yaml_node_t *name, *text;

	wire_settings_init(settings);
	if (!yaml_is_mapping(value)) {
		mistake(reading, value, "settings of 'heddle wire', as in '{delay: 600us}'");
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, value, n, &name, &text); n++) {
		int result = wire_settings_take(settings, yaml_text(name), yaml_text(text), error);

		if (result)
			mistake(reading, result == -ENOENT ? name : text, error);
	}
	if (reading->file.mistakes == before && wire_settings_check(settings, error))
		mistake(reading, value, error);
}

static void take_emulations(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;
	yaml_node_t *name, *settings;

	intent->emulation_count = 0;
	if (!yaml_is_mapping(value)) {
		mistake(reading, value, "links, as in 'leaf1:spine2: {delay: 600us}'");
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, value, n, &name, &settings); n++) {
		struct intent_emulation *emulation = grow(
			reading, &intent->emulations, &intent->emulation_count, sizeof(*emulation));

		if (!emulation)
			return;
		emulation->line = (int)name->start_mark.line + 1;
		if (strlen(yaml_text(name)) < INTENT_LINK_MAX)
			strcpy(emulation->link, yaml_text(name));
		else
			mistake(reading, name, "a tier, or a link, as in 'leaf1:spine2'");
		take_settings(reading, settings, &emulation->settings);
	}
}

static void take_policies(struct reading *reading, const yaml_node_t *value, void *into) {
	static const char expected[] = "policies, as in '- deny: [web, db]'";
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		mistake(reading, value, expected);
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++) {
		struct intent_policy *policy = grow(reading, &reading->intent->policies,
			&reading->intent->policy_count, sizeof(*policy));

		if (!policy)
			return;
		policy->line = (int)item->start_mark.line + 1;
		take_keys(reading, item, policy_keys, policy, expected);
	}
}

static void take_nodes(struct reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	take_named(reading, value, &intent->nodes, &intent->node_count, sizeof(struct intent_node),
		node_keys, AT(intent_node, line), "nodes, as in 'tor7: {role: leaf}'");
}

static void take_cables(struct reading *reading, const yaml_node_t *value, void *into) {
	static const char expected[] = "cables, as in '- {from: tor7, to: spine1, speed: 100G}'";
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		mistake(reading, value, expected);
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++) {
		struct intent_cable *cable = grow(reading, &reading->intent->cables,
			&reading->intent->cable_count, sizeof(*cable));

		if (!cable)
			return;
		cable->line = (int)item->start_mark.line + 1;
		take_keys(reading, item, cable_keys, cable, expected);
	}
}

static const struct key timer_keys[] = {
	{"keepalive", take_duration, AT(intent_timers, keepalive)},
	{"hold", take_duration, AT(intent_timers, hold)},
	{"connect", take_duration, AT(intent_timers, connect)},
	{"advertisement", take_duration, AT(intent_timers, advertisement)},
	{"restart", take_duration, AT(intent_timers, restart)},
	{"bfd", take_duration, AT(intent_timers, bfd)},
	{"bfd-multiplier", take_multiplier, AT(intent_timers, bfd_multiplier)},
	{0},
};

static void take_timers(struct reading *reading, const yaml_node_t *value, void *into) {
	take_keys(reading, value, timer_keys, into, "timers, as in '{keepalive: 3s, hold: 9s}'");
}

static const struct key addressing_keys[] = {
	{"links", take_link_addresses, AT(intent, numbered)},
	{"loopbacks-ipv4", take_prefix4, AT(intent, loopbacks4)},
	{"loopbacks-ipv6", take_prefix6, AT(intent, loopbacks6)},
	{"links-ipv4", take_prefix4, AT(intent, links4)},
	{"links-ipv6", take_prefix6, AT(intent, links6)},
	{"asn-base", take_asn, AT(intent, asn_base)},
	{"mtu", take_mtu, AT(intent, mtu)},
	{0},
};

static void take_addressing(struct reading *reading, const yaml_node_t *value, void *into) {
	take_keys(reading, value, addressing_keys, reading->intent,
		"addressing, as in '{links: unnumbered}'");
}

static const struct key device_keys[] = {
	{"model", take_name, AT(intent_device, name)},
	{"ports", take_count, AT(intent_device, ports)},
	{"speed", take_speed, AT(intent_device, speed_mbps)},
	{"watts", take_watts, AT(intent_device, watts)},
	{0},
};

static void take_device(struct reading *reading, const yaml_node_t *value, void *into) {
	take_keys(reading, value, device_keys, into,
		"a device, as in '{model: sw64, ports: 64, speed: 400G, watts: 900}'");
}

static const struct key devices_keys[] = {
	{"super-spine", take_device, ROLE_SUPER_SPINE * sizeof(struct intent_device)},
	{"spine", take_device, ROLE_SPINE * sizeof(struct intent_device)},
	{"leaf", take_device, ROLE_LEAF * sizeof(struct intent_device)},
	{"border", take_device, ROLE_BORDER * sizeof(struct intent_device)},
	{0},
};

static void take_devices(struct reading *reading, const yaml_node_t *value, void *into) {
	take_keys(reading, value, devices_keys, into, "roles, as in 'leaf: {ports: 64}'");
}

static void take_frr_version(struct reading *reading, const yaml_node_t *value, void *into) {
	const char *text = yaml_text(value);

	if (strlen(text) < sizeof(reading->intent->frr_version) && text[0] >= '7' &&
		text[strspn(text, "0123456789.")] == '\0')
		strcpy(into, text);
	else
		mistake(reading, value, "a version of FRR, as in '8.4'");
}

static const struct key keys[] = {
	{"fabric", take_name, AT(intent, name)},
	{"shape", take_shape, AT(intent, shape)},
	{"pods", take_count, AT(intent, pods)},
	{"super-spines", take_super_spines, AT(intent, super_spines)},
	{"spines", take_spines, AT(intent, spines)},
	{"leaves", take_leaves, AT(intent, leaves)},
	{"borders", take_borders, AT(intent, borders)},
	{"hosts", take_count, AT(intent, hosts_per_leaf)},
	{"links", take_links, 0},
	{"tenants", take_tenants, 0},
	{"racks", take_racks, 0},
	{"external", take_externals, 0},
	{"policies", take_policies, 0},
	{"nodes", take_nodes, 0},
	{"cables", take_cables, 0},
	{"emulate", take_emulations, 0},
	{"timers", take_timers, AT(intent, timers)},
	{"addressing", take_addressing, 0},
	{"devices", take_devices, AT(intent, devices)},
	{"frr", take_frr_version, AT(intent, frr_version)},
	{0},
};

/* The defaults are such a file too: one way to say what a value is. */
static const char defaults[] =
	"# What holds unless the intent says otherwise.\n"
	"fabric: fabric\n"
	"shape: leaf-spine        # or clos (pods below super-spines), custom (nodes and cables)\n"
	"pods: 0                  # of a clos; spines, leaves and borders are each pod's\n"
	"super-spines: 0          # how many, or a list of names; as for all of these\n"
	"spines: 2\n"
	"leaves: 4\n"
	"borders: 0               # leaves for external routers\n"
	"hosts: 2                 # below each leaf\n"
	"links:\n"
	"  leaf-spine: {speed: 100G, count: 1, length: 15m}\n"
	"  spine-super: {speed: 400G, count: 1, length: 80m}\n"
	"  host: {speed: 25G, count: 1, length: 3m}\n"
	"  external: {speed: 100G, count: 1, length: 30m}\n"
	"tenants:\n"
	"  hosts: {ipv4: 10.0.0.0/12, ipv6: fd00:0:1::/48}\n"
	"racks: {}                # leaf: {hosts: 2, tenant: hosts, dual-homed-to: leaf}\n"
	"external: {}             # router: {asn: 65000, attach: [border1], announces: "
	"[0.0.0.0/0],\n"
	"                         #   announces-file: prefixes.txt}\n"
	"policies: []             # - deny: [tenant, tenant]\n"
	"nodes: {}                # name: {role: leaf, tenant: hosts}\n"
	"cables: []               # - {from: name, to: name, count: 1}; speed, length: its tier's\n"
	"emulate: {}              # in a twin: leaf1:spine2: {delay: 600us, rate: 400M, loss: "
	"0.1}, "
	"or\n"
	"                         #   leaf-spine: …, a tier; what else: heddle-wire(1)\n"
	"timers: {keepalive: 3s, hold: 9s, connect: 1s, advertisement: 0, restart: 120s,\n"
	"  bfd: 100ms, bfd-multiplier: 3}\n"
	"addressing: {links: unnumbered, loopbacks-ipv4: 10.255.0.0/16,\n"
	"  loopbacks-ipv6: fd00:0:ff::/64, links-ipv4: 10.254.0.0/16, links-ipv6: fd00:0:fe::/64,\n"
	"  asn-base: 4200000000, mtu: 1500}\n"
	"devices:                 # watts 0: not known, and left out of the report\n"
	"  super-spine: {model: any, ports: 64, speed: 400G, watts: 0}\n"
	"  spine: {model: any, ports: 64, speed: 400G, watts: 0}\n"
	"  leaf: {model: any, ports: 64, speed: 100G, watts: 0}\n"
	"  border: {model: any, ports: 64, speed: 100G, watts: 0}\n"
	"frr: 8.4\n";

int intent_beside(const char *path, const char *name, char *beside, size_t size) {
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash + 1 - path) : 0;

	return snprintf(beside, size, "%.*s%s", folder, path, name) < (int)size ? 0 : -ENAMETOOLONG;
}

int intent_line(const struct intent *intent, const char *key) {
	for (size_t i = 0; i < intent->line_count; i++)
		if (strcmp(intent->lines[i].key, key) == 0)
			return intent->lines[i].line;
	return 0;
}

void intent_print_defaults(FILE *to) {
	fputs(defaults, to);
}

static void take_document(struct reading *reading) {
	const yaml_node_t *root = yaml_root(&reading->file);

	if (root)
		take_keys(reading, root, keys, reading->intent,
			"keys with values, as in 'spines: 2'");
}

static int read_into(struct intent *intent, const char *path, const char *text) {
	struct reading reading = {.intent = intent};
	int error = text ? yaml_file_parse(&reading.file, path, text, strlen(text))
			 : yaml_file_read(&reading.file, path, FILE_BYTES_MAX);

	if (error)
		return error;
	take_document(&reading);
	if (!text && reading.file.mistakes == 0 && !reading.no_memory)
		reading.file.mistakes += intent_check(intent, path);
	yaml_file_free(&reading.file);
	if (reading.no_memory)
		return -ENOMEM;
	return reading.file.mistakes ? -EINVAL : 0;
}

int intent_read(struct intent *intent, const char *path) {
	int error;

	memset(intent, 0, sizeof(*intent));
	error = read_into(intent, "defaults", defaults);
	intent->line_count = 0;
	if (!error)
		error = read_into(intent, path, NULL);
	if (error)
		intent_free(intent);
	return error;
}

void intent_free(struct intent *intent) {
	for (size_t i = 0; i < intent->rack_count; i++)
		free(intent->racks[i].hosts.names);
	for (size_t i = 0; i < intent->external_count; i++) {
		free(intent->externals[i].attach.names);
		free(intent->externals[i].announces);
	}
	free(intent->super_spines.names);
	free(intent->spines.names);
	free(intent->leaves.names);
	free(intent->borders.names);
	free(intent->tenants);
	free(intent->racks);
	free(intent->externals);
	free(intent->policies);
	free(intent->nodes);
	free(intent->cables);
	free(intent->emulations);
}
