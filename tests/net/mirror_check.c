/*
 * mirror_check: runs a mirror in this network namespace and compares, for the borders of each
 * prefix and for addresses at random, what the tables say with what the kernel says.
 *
 *   mirror_check            loads once and compares
 *   mirror_check -f         follows; compares after each line on stdin, once the kernel is quiet
 *   mirror_check -t         loads once and prints how long it took, and the holds
 *
 * Every Ethernet link counts as a port. An answer is right if it is the kernel's own interface and
 * gateway (one of them, for a group), or leaves the packet to the kernel. Status 1 if one is wrong.
 */
#include "memory.h"

#include "mirror/attribute.h"
#include "mirror/mirror.h"
#include "table/fib4.h"
#include "table/fib6.h"
#include "table/nexthops.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RANDOM_ADDRESSES = 2000, BORDERS_MAX = 40000, QUIET_MS = 400, AUDIT_MS = 3000 };

struct answer {
	bool is_kernels; /* not unicast, or no route */
	uint32_t ifindex;
	sa_family_t family;
	uint8_t gateway[16];
};

struct check {
	struct memory memory;
	struct mirror *mirror;
	struct mnl_socket *kernel;
	uint32_t sequence;
	uint8_t ports;
	size_t compared, left, wrong;
};

static void port_changed(void *owner, const struct mirror_link *link) {
	struct check *check = owner;

	if (check->mirror && link->type == ARPHRD_ETHER)
		mirror_set_port(
			check->mirror, link->ifindex, (uint8_t)link->ifindex, REASON_FORWARDED);
}

static void set_ports(struct check *check) {
	const struct mirror_link *link;

	for (uint32_t after = 0; (link = mirror_next_link(check->mirror, after));
		after = link->ifindex)
		port_changed(check, link);
}

static void read_answer(const struct nlmsghdr *message, struct answer *answer) {
	const struct nlattr *attributes[RTA_VIA + 1];
	const struct rtmsg *header = mnl_nlmsg_get_payload(message);

	attributes_parse(message, sizeof(*header), attributes, RTA_VIA);
	answer->is_kernels = header->rtm_type != RTN_UNICAST;
	answer->ifindex = attribute_u32(attributes[RTA_OIF], 0);
	if (attributes[RTA_GATEWAY]) {
		answer->family = header->rtm_family;
		memcpy(answer->gateway, mnl_attr_get_payload(attributes[RTA_GATEWAY]),
			mnl_attr_get_payload_len(attributes[RTA_GATEWAY]));
	} else if (attributes[RTA_VIA]) {
		const struct rtvia *via = mnl_attr_get_payload(attributes[RTA_VIA]);

		answer->family = via->rtvia_family;
		memcpy(answer->gateway, via->rtvia_addr,
			mnl_attr_get_payload_len(attributes[RTA_VIA]) - sizeof(*via));
	}
}

static struct answer ask_kernel(struct check *check, sa_family_t family, const uint8_t *address) {
	struct answer answer = {0};
	_Alignas(8) char buffer[8192];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *header;
	ssize_t size;

	request->nlmsg_type = RTM_GETROUTE;
	request->nlmsg_flags = NLM_F_REQUEST;
	request->nlmsg_seq = ++check->sequence;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->rtm_family = (uint8_t)family;
	header->rtm_dst_len = family == AF_INET ? 32 : 128;
	mnl_attr_put(request, RTA_DST, family == AF_INET ? 4 : 16, address);
	mnl_socket_sendto(check->kernel, request, request->nlmsg_len);
	size = mnl_socket_recvfrom(check->kernel, buffer, sizeof(buffer));
	if (size <= 0) {
		perror("RTM_GETROUTE");
		exit(2);
	}
	if (((struct nlmsghdr *)buffer)->nlmsg_type == RTM_NEWROUTE)
		read_answer((struct nlmsghdr *)buffer, &answer);
	else
		answer.is_kernels = true;
	return answer;
}

/* Whether an id leads to the kernel's answer: by the mirror's own words for it, and its ifindex. */
static bool agrees(struct check *check, uint32_t id, const struct answer *answer,
	sa_family_t family, const uint8_t *address) {
	char text[128], wanted[INET6_ADDRSTRLEN];
	const struct nexthop *nexthop = nexthops_get(check->memory.mirror.nexthops, id);

	if (answer->is_kernels || nexthop->ifindex != answer->ifindex)
		return false;
	if (answer->family)
		inet_ntop(answer->family, answer->gateway, wanted, sizeof(wanted));
	else
		inet_ntop(family, address, wanted, sizeof(wanted));
	mirror_nexthop_text(check->mirror, id, text, sizeof(text));
	text[strcspn(text, " ")] = '\0';
	return !strcmp(text, wanted);
}

static bool some_member_agrees(struct check *check, uint32_t id, const struct answer *answer,
	sa_family_t family, const uint8_t *address) {
	struct nexthop_member members[NEXTHOP_MEMBERS_MAX];
	size_t count =
		nexthops_members(check->memory.mirror.nexthops, id, members, NEXTHOP_MEMBERS_MAX);

	for (size_t i = 0; i < count; i++) {
		if (agrees(check, members[i].nexthop, answer, family, address))
			return true;
	}
	return false;
}

static void tell_wrong(struct check *check, sa_family_t family, const uint8_t *address, uint32_t id,
	const struct answer *answer) {
	char text[128] = "?", where[INET6_ADDRSTRLEN], gateway[INET6_ADDRSTRLEN] = "-";

	if (check->wrong++ > 10)
		return;
	inet_ntop(family, address, where, sizeof(where));
	if (answer->family)
		inet_ntop(answer->family, answer->gateway, gateway, sizeof(gateway));
	mirror_nexthop_text(check->mirror, id, text, sizeof(text));
	printf("  %s: kernel %s ifindex %u gateway %s, tables %u (%s)\n", where,
		answer->is_kernels ? "keeps" : "sends", answer->ifindex, gateway, id, text);
}

/* What the data path keeps from the look-up: parse.h. */
static bool is_looked_up(sa_family_t family, const uint8_t *address) {
	if (family == AF_INET)
		return address[0] && address[0] != 127 && address[0] < 224;
	return address[0] && address[0] < 0xfe;
}

static void compare(struct check *check, sa_family_t family, const uint8_t *address) {
	uint32_t id, host_order;
	const struct nexthop *nexthop;
	struct answer answer;
	bool right;

	if (!is_looked_up(family, address))
		return;
	memcpy(&host_order, address, sizeof(host_order));
	id = family == AF_INET ? fib4_lookup(check->memory.mirror.fib4, ntohl(host_order))
			       : fib6_lookup(check->memory.mirror.fib6, address);
	nexthop = nexthops_get(check->memory.mirror.nexthops, id);
	check->compared++;
	if (nexthop->kind == NEXTHOP_VERDICT && reason_fate(nexthop->reason) == FATE_KERNEL) {
		check->left++;
		return;
	}
	answer = ask_kernel(check, family, address);
	if (nexthop->kind == NEXTHOP_VERDICT) /* a blackhole: the kernel answers with an error */
		right = answer.is_kernels;
	else if (nexthop->kind == NEXTHOP_GROUP)
		right = some_member_agrees(check, id, &answer, family, address);
	else
		right = agrees(check, id, &answer, family, address);
	if (!right)
		tell_wrong(check, family, address, id, &answer);
}

static void random_bytes(uint8_t *bytes, size_t count) {
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)random();
}

/* First and last address of a prefix, the two beside them, and one at random within. */
static void compare_borders(
	struct check *check, sa_family_t family, const uint8_t *prefix, unsigned int prefix_len) {
	size_t bytes = family == AF_INET ? 4 : 16;
	uint8_t first[16], last[16], within[16];

	random_bytes(within, bytes);
	for (size_t i = 0; i < bytes; i++) {
		unsigned int kept = prefix_len > 8 * i ? prefix_len - 8 * (unsigned int)i : 0;
		uint8_t below = kept >= 8 ? 0 : (uint8_t)(0xff >> kept);

		first[i] = prefix[i];
		last[i] = prefix[i] | below;
		within[i] = (uint8_t)(prefix[i] | (within[i] & below));
	}
	compare(check, family, first);
	compare(check, family, last);
	compare(check, family, within);
	for (size_t i = bytes; i-- > 0 && !first[i]--;)
		;
	for (size_t i = bytes; i-- > 0 && !++last[i];)
		;
	compare(check, family, first);
	compare(check, family, last);
}

static void compare_all(struct check *check) {
	unsigned int prefix_len = FIB_START;
	uint32_t prefix4, nexthop;
	uint8_t prefix6[16], address[16];

	check->compared = check->left = check->wrong = 0;
	for (size_t i = 0; i < BORDERS_MAX &&
			   !fib4_next(check->memory.mirror.fib4, &prefix4, &prefix_len, &nexthop);
		i++) {
		uint32_t prefix = htonl(prefix4);

		compare_borders(check, AF_INET, (const uint8_t *)&prefix, prefix_len);
	}
	prefix_len = FIB_START;
	for (size_t i = 0; i < BORDERS_MAX &&
			   !fib6_next(check->memory.mirror.fib6, prefix6, &prefix_len, &nexthop);
		i++)
		compare_borders(check, AF_INET6, prefix6, prefix_len);
	for (size_t i = 0; i < RANDOM_ADDRESSES; i++) {
		random_bytes(address, sizeof(address));
		compare(check, AF_INET, address);
		address[0] = 0x20;
		compare(check, AF_INET6, address);
	}
	printf("%zu compared, %zu to kernel, %zu wrong\n", check->compared, check->left,
		check->wrong);
	fflush(stdout);
}

/* Handles what comes until nothing has come for a while; `ms` is long enough for an audit if the
 * caller wants one. */
static void follow_until_quiet(struct check *check, int ms) {
	struct pollfd ready = {.fd = mirror_fd(check->mirror), .events = POLLIN};

	while (poll(&ready, 1, ms) > 0) {
		if (mirror_process(check->mirror)) {
			fprintf(stderr, "the mirror gave up\n");
			exit(2);
		}
	}
}

/* Follows the kernel, and compares after each line: "check", at once quiet, or "audit", later. */
static size_t follow(struct check *check) {
	struct pollfd ready[2] = {{.fd = mirror_fd(check->mirror), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN}};
	size_t wrong = 0;

	for (;;) {
		char line[64];
		ssize_t size;

		if (!poll(ready, 2, 1000))
			mirror_tick(check->mirror);
		if (ready[0].revents && mirror_process(check->mirror))
			exit(2);
		if (!ready[1].revents)
			continue;
		size = read(STDIN_FILENO, line, sizeof(line));
		if (size <= 0)
			return wrong;
		follow_until_quiet(check, memchr(line, 'a', (size_t)size) ? AUDIT_MS : QUIET_MS);
		set_ports(check);
		compare_all(check);
		wrong += check->wrong;
	}
}

static void print_holds(const struct mirror *mirror) {
	size_t count;
	const struct mirror_hold *holds = mirror_holds(mirror, &count);

	for (size_t i = 0; i < count; i++)
		printf("  ifindex %u family %u %s: %s\n", holds[i].ifindex, holds[i].family,
			holds[i].egress ? "egress" : "ingress", holds[i].text);
}

int main(int argc, char **argv) {
	static struct check check;
	struct mirror_listener listener = {.link_changed = port_changed, .owner = &check};
	struct mirror_statistics statistics;
	size_t wrong;

	srandom((unsigned int)time(NULL));
	memory_create(&check.memory, 4 << 20);
	check.kernel = mnl_socket_open(NETLINK_ROUTE);
	if (!check.kernel || mnl_socket_bind(check.kernel, 0, MNL_SOCKET_AUTOPID) ||
		mirror_open(&check.memory.mirror, &listener, &check.mirror))
		return 2;
	set_ports(&check);
	statistics = mirror_statistics(check.mirror);
	if (argc > 1 && !strcmp(argv[1], "-t")) {
		printf("%zu IPv4 and %zu IPv6 routes in %.2f s\n", statistics.routes4,
			statistics.routes6, statistics.load_seconds);
		print_holds(check.mirror);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "-f")) {
		wrong = follow(&check);
		statistics = mirror_statistics(check.mirror);
		printf("%llu messages, %llu overruns, %llu resyncs\n",
			(unsigned long long)statistics.messages,
			(unsigned long long)statistics.overruns,
			(unsigned long long)statistics.resyncs);
	} else {
		compare_all(&check);
		wrong = check.wrong;
	}
	mirror_close(check.mirror);
	mnl_socket_close(check.kernel);
	memory_destroy(&check.memory);
	return wrong ? 1 : 0;
}
