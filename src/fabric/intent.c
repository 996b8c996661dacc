/* intent: see intent.h. The defaults are read first, then the file. */
#include "fabric/intent.h"

#include "fabric/intent_check.h"
#include "fabric/intent_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 4 << 20 };

/* The defaults are such a file too: one way to say what a value is. */
static const char defaults[] =
	"# What holds unless the intent says otherwise.\n"
	"fabric: fabric\n"
	"shape: leaf-spine        # or clos (pods below super-spines), sites (leaf-spines that "
	"their\n"
	"                         #   borders join), custom (nodes and cables)\n"
	"pods: 0                  # of a clos; spines, leaves and borders are each pod's\n"
	"sites: []                # names, of sites; spines, leaves and borders are each site's\n"
	"super-spines: 0          # how many, or a list of names; as for all of these\n"
	"spines: 2\n"
	"leaves: 4\n"
	"borders: 0               # leaves for external routers, and to other sites\n"
	"hosts: 2                 # below each leaf\n"
	"links:\n"
	"  leaf-spine: {speed: 100G, count: 1, length: 15m}\n"
	"  spine-super: {speed: 400G, count: 1, length: 80m}\n"
	"  host: {speed: 25G, count: 1, length: 3m}\n"
	"  external: {speed: 100G, count: 1, length: 30m}\n"
	"  interconnect: {speed: 400G, count: 1, length: 80km} # between borders of sites\n"
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
	"optics:                  # what interconnects are made of; topology, equipment and "
	"services:\n"
	"                         #   GNPy's files, services called as links: "
	"east-border1:west-border1\n"
	"  {scale: 1000, restore: 2s} # in a twin: rates are a thousandth; when light is rerouted, "
	"or never\n"
	"applications: []         # in a twin: - {name: training, class: ai, hosts: [leaf1-h1, "
	"leaf2-h1]}; classes\n"
	"                         #   ai, xr, iot and web\n"
	"timers: {keepalive: 3s, hold: 9s, connect: 1s, advertisement: 0,\n"
	"  restart: 120s,         # 0 if bfd is\n"
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

const char *const intent_tier_words[] = {
	"leaf-spine", "spine-super", "host", "external", "interconnect", NULL};

uint32_t intent_pods(const struct intent *intent) {
	if (intent->shape == SHAPE_SITES)
		return (uint32_t)intent->sites.count;
	return intent->shape == SHAPE_CLOS ? intent->pods : 0;
}

int intent_beside(const char *path, const char *name, char *beside, size_t size) {
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash + 1 - path) : 0;

	return snprintf(beside, size, "%.*s%s", folder, path, name) < (int)size ? 0 : -ENAMETOOLONG;
}

int intent_line(const struct intent *intent, const char *key) {
	for (size_t i = 0; i < intent->line_count; i++)
		if (strcmp(intent->lines[i].key, key) == 0)
			return intent->lines[i].at.line;
	return 0;
}

bool intent_is_wrong(const struct intent *intent, const char *key) {
	for (size_t i = 0; i < intent->line_count; i++)
		if (strcmp(intent->lines[i].key, key) == 0 && intent->lines[i].at.is_wrong)
			return true;
	return false;
}

void intent_print_defaults(FILE *to) {
	fputs(defaults, to);
}

static void free_rack(void *element) {
	struct intent_rack *rack = element;

	free(rack->hosts.names);
}

static void free_external(void *element) {
	struct intent_external *external = element;

	free(external->attach.names);
	free(external->announces);
}

static void free_application(void *element) {
	struct intent_application *application = element;

	free(application->hosts.names);
	free(application->from.names);
	free(application->to.names);
}

static void mark_wrong(struct intent *intent, const char *key) {
	for (size_t i = 0; i < intent->line_count; i++)
		if (strcmp(intent->lines[i].key, key) == 0)
			intent->lines[i].at.is_wrong = true;
}

/* Elements of an array that are wrong go; their key is wrong then. */
static void leave_out(struct intent *intent, const char *key, void *array, size_t *count,
	size_t size, size_t at, void (*free_element)(void *element)) {
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		char *element = (char *)array + i * size;

		if (!((struct intent_place *)(element + at))->is_wrong) {
			memmove((char *)array + kept++ * size, element, size);
			continue;
		}
		mark_wrong(intent, key);
		if (free_element)
			free_element(element);
	}
	*count = kept;
}

#define LEAVE_OUT(key, type, array, count, free_element)                                           \
	leave_out(intent, key, intent->array, &intent->count, sizeof(struct type),                 \
		offsetof(struct type, at), free_element)

/* All but tenants: hosts belong to one, and refer to it by its name. */
static void leave_out_what_is_wrong(struct intent *intent) {
	for (size_t i = 0; i < intent->tenant_count; i++)
		if (intent->tenants[i].at.is_wrong)
			mark_wrong(intent, "tenants");
	LEAVE_OUT("racks", intent_rack, racks, rack_count, free_rack);
	LEAVE_OUT("external", intent_external, externals, external_count, free_external);
	LEAVE_OUT("policies", intent_policy, policies, policy_count, NULL);
	LEAVE_OUT("nodes", intent_node, nodes, node_count, NULL);
	LEAVE_OUT("cables", intent_cable, cables, cable_count, NULL);
	LEAVE_OUT("emulate", intent_emulation, emulations, emulation_count, NULL);
	LEAVE_OUT("applications", intent_application, applications, application_count,
		free_application);
}

static void take_document(struct intent_reading *reading) {
	const yaml_node_t *root = yaml_root(&reading->file);

	if (root)
		intent_take_keys(reading, root, intent_keys, reading->intent,
			"keys with values, as in 'spines: 2'");
}

static int read_into(struct intent *intent, struct mistakes *mistakes, const char *text) {
	struct intent_reading reading = {.intent = intent};
	int error = text ? yaml_file_parse(&reading.file, mistakes, text, strlen(text))
			 : yaml_file_read(&reading.file, mistakes, FILE_BYTES_MAX);

	if (error)
		return error;
	take_document(&reading);
	yaml_file_free(&reading.file);
	return reading.no_memory ? -ENOMEM : 0;
}

static int read_defaults(struct intent *intent) {
	struct mistakes none = {.path = "defaults"};
	int error = read_into(intent, &none, defaults);

	for (size_t i = 0; i < intent->tenant_count; i++)
		intent->tenants[i].at.line = 0; /* it is not the file's */
	intent->line_count = 0;
	return error ? error : mistakes_tell(&none);
}

/* Who restarts keeps forwarding; who dies in silence looks the same until BFD tells them apart. */
static void leave_out_restart_without_bfd(struct intent *intent) {
	if (!intent->timers.bfd && !intent_line(intent, "restart"))
		intent->timers.restart = 0;
}

int intent_read(struct intent *intent, struct mistakes *mistakes) {
	int error;

	memset(intent, 0, sizeof(*intent));
	error = read_defaults(intent);
	if (!error)
		error = read_into(intent, mistakes, NULL);
	if (error) {
		intent_free(intent);
		return error;
	}
	leave_out_restart_without_bfd(intent);
	intent_check(intent, mistakes);
	leave_out_what_is_wrong(intent);
	return 0;
}

void intent_free(struct intent *intent) {
	for (size_t i = 0; i < intent->rack_count; i++)
		free_rack(&intent->racks[i]);
	for (size_t i = 0; i < intent->external_count; i++)
		free_external(&intent->externals[i]);
	for (size_t i = 0; i < intent->application_count; i++)
		free_application(&intent->applications[i]);
	free(intent->super_spines.names);
	free(intent->spines.names);
	free(intent->leaves.names);
	free(intent->borders.names);
	free(intent->sites.names);
	free(intent->tenants);
	free(intent->racks);
	free(intent->externals);
	free(intent->policies);
	free(intent->nodes);
	free(intent->cables);
	free(intent->emulations);
	free(intent->applications);
}
