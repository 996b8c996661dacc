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

static void take_document(struct intent_reading *reading) {
	const yaml_node_t *root = yaml_root(&reading->file);

	if (root)
		intent_take_keys(reading, root, intent_keys, reading->intent,
			"keys with values, as in 'spines: 2'");
}

static int read_into(struct intent *intent, const char *path, const char *text) {
	struct intent_reading reading = {.intent = intent};
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
