/* intent_keys: see intent_keys.h. Each key has a row in a table: its name, and how its value is
 * taken. */
#include "fabric/intent_keys.h"

#include "fabric/intent_applications.h"
#include "fabric/intent_values.h"
#include "fabric/prefix_file.h"

#include <errno.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

#define AT(type, field) offsetof(struct type, field)

static const struct intent_key cabling_keys[] = {
	{"speed", intent_take_speed, AT(intent_cabling, speed_mbps)},
	{"count", intent_take_cable_count, AT(intent_cabling, count)},
	{"length", intent_take_length, AT(intent_cabling, length_m)},
	{0},
};

static void take_cabling(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_keys(reading, value, cabling_keys, into,
		"speed, count and length, as in '{speed: 100G, length: 15m}'");
}

static const struct intent_key links_keys[] = {
	{"leaf-spine", take_cabling, AT(intent, leaf_spine)},
	{"spine-super", take_cabling, AT(intent, spine_super)},
	{"host", take_cabling, AT(intent, host)},
	{"external", take_cabling, AT(intent, external)},
	{"interconnect", take_cabling, AT(intent, interconnect)},
	{0},
};

static void take_links(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_keys(reading, value, links_keys, reading->intent,
		"tiers, as in 'leaf-spine: {speed: 100G}'");
}

static const struct intent_key tenant_keys[] = {
	{"ipv4", intent_take_prefix4, AT(intent_tenant, ipv4)},
	{"ipv6", intent_take_prefix6, AT(intent_tenant, ipv6)},
	{0},
};

static void take_tenants(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	intent->tenant_count = 0;
	intent_take_named(reading, value, &intent->tenants, &intent->tenant_count,
		sizeof(struct intent_tenant), tenant_keys, AT(intent_tenant, at),
		"tenants, as in 'web: {ipv4: 10.1.0.0/16}'");
}

/* How many, or their names. */
static void take_hosts(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_rack *rack = into;

	intent_take_some(reading, value, &rack->hosts, "h");
	rack->says_hosts = true;
	rack->names_hosts = yaml_is_sequence(value);
}

static const struct intent_key rack_keys[] = {
	{"hosts", take_hosts, 0},
	{"tenant", intent_take_name, AT(intent_rack, tenant)},
	{"dual-homed-to", intent_take_name, AT(intent_rack, partner)},
	{0},
};

static void take_racks(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	intent_take_named(reading, value, &intent->racks, &intent->rack_count,
		sizeof(struct intent_rack), rack_keys, AT(intent_rack, at),
		"leaves, as in 'leaf3: {hosts: [db1, db2], tenant: db}'");
}

static void take_announces(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_external *external = into;
	const yaml_node_t *item;

	if (!yaml_is_sequence(value)) {
		intent_mistake(reading, value, "a list of prefixes");
		return;
	}
	for (size_t n = 0; (item = yaml_item(&reading->file, value, n)); n++) {
		struct prefix *place = intent_grow(reading, &external->announces,
			&external->announce_count, sizeof(*external->announces));

		if (place && prefix_parse(yaml_text(item), place) < 0)
			intent_mistake(reading, item,
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
static void take_announces_file(
	struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_external *external = into;
	const char *name = yaml_text(value);
	char path[PATH_BYTES];

	if (!is_text_name(name) ||
		intent_beside(reading->file.mistakes->path, name, path, sizeof(path)) < 0) {
		intent_mistake(reading, value,
			"the name of a .txt file beside this one, as in 'isp1.txt', at most 63 "
			"letters");
		return;
	}
	strcpy(external->announces_file, name);
	if (prefix_file_read(path, &external->announces, &external->announce_count) < 0)
		intent_mistake(reading, value, "a file with a prefix a line");
}

static const struct intent_key external_keys[] = {
	{"asn", intent_take_asn, AT(intent_external, asn)},
	{"attach", intent_take_names, AT(intent_external, attach)},
	{"announces", take_announces, 0},
	{"announces-file", take_announces_file, 0},
	{"daemon", intent_take_daemon, AT(intent_external, daemon)},
	{0},
};

static void take_externals(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	intent_take_named(reading, value, &intent->externals, &intent->external_count,
		sizeof(struct intent_external), external_keys, AT(intent_external, at),
		"routers, as in 'isp1: {asn: 64999, attach: [border1]}'");
}

static void take_pair_of_names(
	struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_policy *policy = into;
	const yaml_node_t *one = yaml_item(&reading->file, value, 0);
	const yaml_node_t *other = yaml_item(&reading->file, value, 1);

	if (!one || !other || yaml_item(&reading->file, value, 2)) {
		intent_mistake(
			reading, value, "two tenants, or a tenant and 'external', in a list");
		return;
	}
	intent_take_name(reading, one, policy->one);
	intent_take_name(reading, other, policy->other);
}

static const struct intent_key policy_keys[] = {{"deny", take_pair_of_names, 0}, {0}};
static const struct intent_key node_keys[] = {
	{"role", intent_take_role, 0},
	{"tenant", intent_take_name, AT(intent_node, tenant)},
	{0},
};
static const struct intent_key cable_keys[] = {
	{"from", intent_take_name, AT(intent_cable, from)},
	{"to", intent_take_name, AT(intent_cable, to)},
	{"speed", intent_take_speed, AT(intent_cable, cabling.speed_mbps)},
	{"count", intent_take_cable_count, AT(intent_cable, cabling.count)},
	{"length", intent_take_length, AT(intent_cable, cabling.length_m)},
	{0},
};

/* One of them: each setting by the emulator's own reader. */
static void take_settings(
	struct intent_reading *reading, const yaml_node_t *value, struct wire_settings *settings) {
	size_t before = reading->file.mistakes->count;
	char error[WIRE_ERROR_BYTES];
	yaml_node_t *name, *text;

	wire_settings_init(settings);
	if (!yaml_is_mapping(value)) {
		intent_mistake(reading, value, "settings of 'heddle wire', as in '{delay: 600us}'");
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, value, n, &name, &text); n++) {
		int result = wire_settings_take(settings, yaml_text(name), yaml_text(text), error);

		if (result)
			intent_mistake(reading, result == -ENOENT ? name : text, error);
	}
	if (reading->file.mistakes->count == before && wire_settings_check(settings, error))
		intent_mistake(reading, value, error);
}

static void take_emulations(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;
	yaml_node_t *name, *settings;

	intent->emulation_count = 0;
	if (!yaml_is_mapping(value)) {
		intent_mistake(reading, value, "links, as in 'leaf1:spine2: {delay: 600us}'");
		return;
	}
	for (size_t n = 0; yaml_pair(&reading->file, value, n, &name, &settings); n++) {
		struct intent_emulation *emulation = intent_grow(
			reading, &intent->emulations, &intent->emulation_count, sizeof(*emulation));
		size_t before = reading->file.mistakes->count;

		if (!emulation)
			return;
		if (strlen(yaml_text(name)) < INTENT_LINK_MAX)
			strcpy(emulation->link, yaml_text(name));
		else
			intent_mistake(reading, name, "a tier, or a link, as in 'leaf1:spine2'");
		take_settings(reading, settings, &emulation->settings);
		emulation->at = intent_place_since(reading, name, before);
	}
}

static void take_policies(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	intent_take_list(reading, value, &intent->policies, &intent->policy_count,
		sizeof(struct intent_policy), policy_keys, AT(intent_policy, at),
		"policies, as in '- deny: [web, db]'");
}

static void take_nodes(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	intent_take_named(reading, value, &intent->nodes, &intent->node_count,
		sizeof(struct intent_node), node_keys, AT(intent_node, at),
		"nodes, as in 'tor7: {role: leaf}'");
}

static void take_cables(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent *intent = reading->intent;

	intent_take_list(reading, value, &intent->cables, &intent->cable_count,
		sizeof(struct intent_cable), cable_keys, AT(intent_cable, at),
		"cables, as in '- {from: tor7, to: spine1, speed: 100G}'");
}

static void take_optical_file(
	struct intent_reading *reading, const yaml_node_t *value, void *into) {
	const char *name = yaml_text(value);
	size_t length = strlen(name);

	if (length > 5 && length < INTENT_FILE_NAME_MAX && strcmp(name + length - 5, ".json") == 0)
		strcpy(into, name);
	else
		intent_mistake(reading, value,
			"the name of a .json file, from where this one is, at most 63 letters");
}

static const struct intent_key optics_keys[] = {
	{"topology", take_optical_file, AT(intent_optics, topology)},
	{"equipment", take_optical_file, AT(intent_optics, equipment)},
	{"services", take_optical_file, AT(intent_optics, services)},
	{"scale", intent_take_scale, AT(intent_optics, scale)},
	{"restore", intent_take_restore, AT(intent_optics, restore_ms)},
	{0},
};

static void take_optics(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	struct intent_optics *optics = into;

	wire_settings_init(&optics->emulation.settings);
	intent_take_keys(reading, value, optics_keys, into,
		"files, as in '{topology: line.json, equipment: dci.json, services: links.json}'");
}

static const struct intent_key timer_keys[] = {
	{"keepalive", intent_take_duration, AT(intent_timers, keepalive)},
	{"hold", intent_take_duration, AT(intent_timers, hold)},
	{"connect", intent_take_duration, AT(intent_timers, connect)},
	{"advertisement", intent_take_duration, AT(intent_timers, advertisement)},
	{"restart", intent_take_duration, AT(intent_timers, restart)},
	{"bfd", intent_take_duration, AT(intent_timers, bfd)},
	{"bfd-multiplier", intent_take_multiplier, AT(intent_timers, bfd_multiplier)},
	{0},
};

static void take_timers(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_keys(
		reading, value, timer_keys, into, "timers, as in '{keepalive: 3s, hold: 9s}'");
}

static const struct intent_key addressing_keys[] = {
	{"links", intent_take_link_addresses, AT(intent, numbered)},
	{"loopbacks-ipv4", intent_take_prefix4, AT(intent, loopbacks4)},
	{"loopbacks-ipv6", intent_take_prefix6, AT(intent, loopbacks6)},
	{"links-ipv4", intent_take_prefix4, AT(intent, links4)},
	{"links-ipv6", intent_take_prefix6, AT(intent, links6)},
	{"asn-base", intent_take_asn, AT(intent, asn_base)},
	{"mtu", intent_take_mtu, AT(intent, mtu)},
	{0},
};

static void take_addressing(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_keys(reading, value, addressing_keys, reading->intent,
		"addressing, as in '{links: unnumbered}'");
}

static const struct intent_key device_keys[] = {
	{"model", intent_take_name, AT(intent_device, name)},
	{"ports", intent_take_count, AT(intent_device, ports)},
	{"speed", intent_take_speed, AT(intent_device, speed_mbps)},
	{"watts", intent_take_watts, AT(intent_device, watts)},
	{0},
};

static void take_device(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_keys(reading, value, device_keys, into,
		"a device, as in '{model: sw64, ports: 64, speed: 400G, watts: 900}'");
}

static const struct intent_key devices_keys[] = {
	{"super-spine", take_device, ROLE_SUPER_SPINE * sizeof(struct intent_device)},
	{"spine", take_device, ROLE_SPINE * sizeof(struct intent_device)},
	{"leaf", take_device, ROLE_LEAF * sizeof(struct intent_device)},
	{"border", take_device, ROLE_BORDER * sizeof(struct intent_device)},
	{0},
};

static void take_devices(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	intent_take_keys(reading, value, devices_keys, into, "roles, as in 'leaf: {ports: 64}'");
}

static void take_frr_version(struct intent_reading *reading, const yaml_node_t *value, void *into) {
	const char *text = yaml_text(value);

	if (strlen(text) < sizeof(reading->intent->frr_version) && text[0] >= '7' &&
		text[strspn(text, "0123456789.")] == '\0')
		strcpy(into, text);
	else
		intent_mistake(reading, value, "a version of FRR, as in '8.4'");
}

const struct intent_key intent_keys[] = {
	{"fabric", intent_take_name, AT(intent, name)},
	{"shape", intent_take_shape, AT(intent, shape)},
	{"pods", intent_take_count, AT(intent, pods)},
	{"sites", intent_take_names, AT(intent, sites)},
	{"super-spines", intent_take_super_spines, AT(intent, super_spines)},
	{"spines", intent_take_spines, AT(intent, spines)},
	{"leaves", intent_take_leaves, AT(intent, leaves)},
	{"borders", intent_take_borders, AT(intent, borders)},
	{"hosts", intent_take_count, AT(intent, hosts_per_leaf)},
	{"links", take_links, 0},
	{"tenants", take_tenants, 0},
	{"racks", take_racks, 0},
	{"external", take_externals, 0},
	{"policies", take_policies, 0},
	{"nodes", take_nodes, 0},
	{"cables", take_cables, 0},
	{"emulate", take_emulations, 0},
	{"applications", intent_take_applications, 0},
	{"optics", take_optics, AT(intent, optics)},
	{"timers", take_timers, AT(intent, timers)},
	{"addressing", take_addressing, 0},
	{"devices", take_devices, AT(intent, devices)},
	{"frr", take_frr_version, AT(intent, frr_version)},
	{0},
};
