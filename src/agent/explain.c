/* explain: see explain.h. */
#include "agent/explain.h"

#include "agent/agent.h"
#include "agent/show.h"
#include "datapath/pipeline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FRAME_BYTES = ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + TCP_HEADER_BYTES };

struct question {
	sa_family_t family;
	uint8_t source[16], destination[16];
	uint8_t protocol;
	uint16_t source_port, destination_port;
	uint16_t length; /* of the IP packet */
	const struct port_state *ingress;
};

static int parse_address(const char *text, sa_family_t *family, uint8_t address[16]) {
	memset(address, 0, 16);
	if (inet_pton(AF_INET, text, address) == 1)
		*family = AF_INET;
	else if (inet_pton(AF_INET6, text, address) == 1)
		*family = AF_INET6;
	else
		return -EINVAL;
	return 0;
}

static const char *text_of(const json_t *request, const char *key) {
	return json_string_value(json_object_get(request, key));
}

static int64_t number_of(const json_t *request, const char *key, int64_t otherwise) {
	const json_t *value = json_object_get(request, key);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

/* Documentation addresses (RFC 5737, 3849) stand for "some host out there". */
static void default_source(struct question *question) {
	inet_pton(question->family, question->family == AF_INET ? "198.51.100.1" : "2001:db8::1",
		question->source);
}

static const struct port_state *first_port(const struct ports *ports) {
	for (unsigned int slot = 1; slot < PORTS_MAX; slot++)
		if (ports_at(ports, slot))
			return ports_at(ports, slot);
	return NULL;
}

static int read_question(const struct agent *agent, const json_t *request,
	struct question *question, char *error, size_t error_size) {
	const char *destination = text_of(request, "destination");
	const char *source = text_of(request, "source");
	const char *port = text_of(request, "port");
	sa_family_t source_family;
	int64_t length;

	memset(question, 0, sizeof(*question));
	if (!destination ||
		parse_address(destination, &question->family, question->destination) < 0) {
		snprintf(error, error_size, "'%.60s' is no IPv4 or IPv6 address",
			destination ? destination : "");
		return -EINVAL;
	}
	if (!source) {
		default_source(question);
	} else if (parse_address(source, &source_family, question->source) < 0 ||
		   source_family != question->family) {
		snprintf(error, error_size, "'%.60s' is no address of the destination's family",
			source);
		return -EINVAL;
	}
	question->protocol = (uint8_t)number_of(request, "protocol", PROTOCOL_UDP);
	question->source_port = (uint16_t)number_of(request, "source_port", 49152);
	question->destination_port = (uint16_t)number_of(request, "destination_port", 443);
	length = number_of(request, "length", 100);
	if (length < 60 || length > 9000) {
		snprintf(error, error_size, "length %lld: expected 60 to 9000 bytes",
			(long long)length);
		return -EINVAL;
	}
	question->length = (uint16_t)length;
	question->ingress = port ? ports_named(agent->ports, port) : first_port(agent->ports);
	if (!question->ingress) {
		snprintf(error, error_size, "'%.20s' is no port; 'heddle show ports' lists them",
			port ? port : "");
		return -EINVAL;
	}
	return 0;
}

static void write_ipv4(uint8_t *header, const struct question *question) {
	header[IPV4_VERSION_IHL] = IPV4_VERSION_4_IHL_5;
	store16(header + IPV4_TOTAL_LENGTH, NET16(question->length));
	header[IPV4_TTL] = 64;
	header[IPV4_PROTOCOL] = question->protocol;
	memcpy(header + IPV4_SOURCE, question->source, 4);
	memcpy(header + IPV4_DESTINATION, question->destination, 4);
	store16(header + IPV4_CHECKSUM, (uint16_t)~ipv4_header_sum(header));
}

static void write_ipv6(uint8_t *header, const struct question *question) {
	header[IPV6_VERSION_CLASS_LABEL] = 0x60;
	store16(header + IPV6_PAYLOAD_LENGTH, NET16(question->length - IPV6_HEADER_BYTES));
	header[IPV6_NEXT_HEADER] = question->protocol;
	header[IPV6_HOP_LIMIT] = 64;
	memcpy(header + IPV6_SOURCE, question->source, 16);
	memcpy(header + IPV6_DESTINATION, question->destination, 16);
}

/* The frame as it would arrive at the port, its checksum whole. */
static void write_frame(
	uint8_t bytes[FRAME_BYTES], const struct port *port, const struct question *question) {
	uint8_t *ip = bytes + ETHERNET_HEADER_BYTES;
	bool is_ipv6 = question->family == AF_INET6;
	uint8_t *transport = ip + (is_ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);

	memset(bytes, 0, FRAME_BYTES);
	mac_copy(bytes + ETHERNET_DESTINATION, port->mac);
	store16(bytes + ETHERNET_TYPE, NET16(is_ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4));
	if (is_ipv6)
		write_ipv6(ip, question);
	else
		write_ipv4(ip, question);
	store16(transport, NET16(question->source_port));
	store16(transport + TRANSPORT_DESTINATION_PORT, NET16(question->destination_port));
}

/* The prefix that decided, from the RIB. */
static void add_prefix(const struct agent *agent, const struct question *question, json_t *answer) {
	char text[INET6_ADDRSTRLEN];
	uint8_t prefix[16] = {0};
	unsigned int prefix_len;
	uint32_t nexthop, prefix4, address4;
	struct mirror_route route;
	int error;

	if (question->family == AF_INET) {
		memcpy(&address4, question->destination, 4);
		error = fib4_match(agent->fib4, ntohl(address4), &prefix4, &prefix_len, &nexthop);
		prefix4 = htonl(prefix4);
		memcpy(prefix, &prefix4, 4);
	} else {
		error = fib6_match(
			agent->fib6, question->destination, prefix, &prefix_len, &nexthop);
	}
	if (error) {
		json_object_set_new(answer, "prefix", json_null());
		return;
	}
	inet_ntop(question->family, prefix, text, sizeof(text));
	json_object_set_new(answer, "prefix", json_sprintf("%s/%u", text, prefix_len));
	json_object_set_new(answer, "route", show_nexthop(agent, nexthop));
	if (mirror_route(agent->mirror, question->family, prefix, prefix_len, &route) == 0) {
		json_object_set_new(answer, "metric", json_integer(route.metric));
		json_object_set_new(answer, "protocol", json_integer(route.protocol));
		json_object_set_new(answer, "nexthop_object", json_integer(route.nexthop_object));
		json_object_set_new(answer, "neighbour", json_boolean(route.neighbour));
	}
}

static void add_egress(const struct agent *agent, const struct decision *decision, json_t *answer) {
	const struct nexthop *nexthop = decision->nexthop;
	const struct port_state *egress = nexthop ? ports_at(agent->ports, nexthop->port) : NULL;
	const struct nexthop *first;

	if (!nexthop)
		return;
	first = nexthops_get(agent->nexthops, decision->route_nexthop);
	if (first->kind == NEXTHOP_GROUP) {
		uint32_t bucket = nexthop_bucket(first, decision->flow_hash);
		uint32_t member = fetch_bucket(datapath_tables(agent->datapath), bucket);

		json_object_set_new(answer, "flow_hash", json_integer(decision->flow_hash));
		json_object_set_new(answer, "bucket", json_integer(bucket - first->argument));
		json_object_set_new(answer, "member", show_nexthop(agent, member));
	}
	if (egress)
		json_object_set_new(answer, "egress", show_text(egress->name));
	if (decision->reason == REASON_FORWARDED) {
		json_object_set_new(answer, "destination_mac", show_mac(nexthop->destination_mac));
		json_object_set_new(answer, "source_mac", show_mac(nexthop->source_mac));
		json_object_set_new(answer, "mtu", json_integer(nexthop->argument));
	}
}

/* Whatever the stages would decide, a port that has no program is the kernel's. */
static json_t *explain_detached(const struct port_state *ingress) {
	return json_pack("{s:o, s:s, s:s, s:o}", "ingress", show_text(ingress->name), "decision",
		reason_fate_name(REASON_NOT_A_HEDDLE_PORT), "reason",
		reason_name(REASON_NOT_A_HEDDLE_PORT), "why", show_text(ingress->trouble));
}

json_t *explain(struct agent *agent, const json_t *request, char *error, size_t error_size) {
	struct question question;
	uint8_t bytes[FRAME_BYTES];
	struct decision decision = {0};
	struct port port;
	struct frame frame;
	json_t *answer;

	if (read_question(agent, request, &question, error, error_size) < 0)
		return NULL;
	if (!question.ingress->attached)
		return explain_detached(question.ingress);
	port = *datapath_port(agent->datapath, question.ingress->slot);
	port.flags &= ~PORT_PARTIAL_CHECKSUMS; /* the packet asked about is whole */
	write_frame(bytes, &port, &question);
	frame = (struct frame){.data = bytes,
		.end = bytes + sizeof(bytes),
		.length = ETHERNET_HEADER_BYTES + question.length};
	decision.reason = decide(datapath_tables(agent->datapath), &port, &frame,
		datapath_seed(agent->datapath), &decision);
	answer = json_pack("{s:o, s:s, s:s, s:s}", "ingress", show_text(question.ingress->name),
		"decision", reason_fate_name(decision.reason), "reason",
		reason_name(decision.reason), "why", reason_text(decision.reason));
	add_prefix(agent, &question, answer);
	add_egress(agent, &decision, answer);
	return answer;
}
