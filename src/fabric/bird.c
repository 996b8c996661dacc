/* bird: see bird.h. */
#include "fabric/bird.h"

#include "fabric/intent_nodes.h"

static void write_announced(const struct intent_external *external, sa_family_t family, FILE *to) {
	char text[PREFIX_TEXT_MAX];

	fprintf(to, "protocol static announced%d {\n\t%s;\n", family == AF_INET ? 4 : 6,
		family == AF_INET ? "ipv4" : "ipv6");
	for (size_t i = 0; external && i < external->announce_count; i++)
		if (external->announces[i].family == family)
			fprintf(to, "\troute %s unreachable;\n",
				prefix_text(&external->announces[i], text));
	fputs("}\n", to);
}

static void write_session(const struct fabric *fabric, const struct fabric_node *node, size_t n,
	bool is_ipv4, FILE *to) {
	const struct fabric_port *far = &fabric->ports[fabric->ports[node->ports[n]].other];
	const struct intent_timers *timers = &fabric->intent->timers;
	char text[PREFIX_TEXT_MAX];

	fprintf(to,
		"protocol bgp session%zu_%d {\n\tlocal as %u;\n\tneighbor %s as %u;\n"
		"\thold time %u;\n",
		n + 1, is_ipv4 ? 4 : 6, node->asn,
		prefix_address_text(is_ipv4 ? &far->address4 : &far->address6, text),
		fabric->nodes[far->node].asn, timers->hold / 1000);
	if (timers->keepalive)
		fprintf(to, "\tkeepalive time %u;\n", timers->keepalive / 1000);
	fprintf(to, "%s\t%s { import all; export where source = RTS_STATIC; };\n}\n",
		timers->bfd ? "\tbfd;\n" : "", is_ipv4 ? "ipv4" : "ipv6");
}

void bird_write(const struct fabric *fabric, int id, FILE *to) {
	const struct fabric_node *node = &fabric->nodes[id];
	const struct intent_external *external = intent_external_of(fabric->intent, node->name);
	char text[PREFIX_TEXT_MAX];

	fprintf(to,
		"router id %s;\nprotocol device {}\nprotocol direct { ipv4; ipv6; interface "
		"\"lo\"; }\n"
		"protocol kernel kernel4 { ipv4 { export all; }; merge paths; }\n"
		"protocol kernel kernel6 { ipv6 { export all; }; merge paths; }\n",
		prefix_address_text(&node->loopback4, text));
	if (fabric->intent->timers.bfd)
		fprintf(to,
			"protocol bfd { interface \"*\" { interval %u ms; multiplier %u; }; }\n",
			fabric->intent->timers.bfd, fabric->intent->timers.bfd_multiplier);
	write_announced(external, AF_INET, to);
	write_announced(external, AF_INET6, to);
	for (size_t n = 0; n < node->port_count; n++) {
		write_session(fabric, node, n, true, to);
		write_session(fabric, node, n, false, to);
	}
}

bool bird_is_run_by(const struct fabric *fabric, int node) {
	const struct intent_external *external =
		intent_external_of(fabric->intent, fabric->nodes[node].name);

	return external && external->daemon == DAEMON_BIRD;
}
