/*
 * differential: sends the same frames through two routers and compares what comes out of every
 * port, byte for byte. The routers are namespaces with equal addresses and MACs: one is plain
 * Linux, the other has Heddle.
 *
 *   differential PLAIN-PREFIX OTHER-PREFIX FRAMES SEED
 *
 * The namespaces are PREFIXa, PREFIXb, PREFIXc, each with a device named like its letter and 0.
 * Order does not count; nor do the id of ICMP errors, the flow label of ICMPv6 errors, and what the
 * routers say for themselves (ND, MLD). Linux limits the rate of "destination unreachable", and
 * sends some only seconds later, when ARP has given up: where just one router sent such a one, that
 * is counted aside and is no difference. So is a frame that plain Linux alone did not send, if it
 * does when the same frames are sent again: a busy machine loses some. What Heddle alone did not
 * send is a difference, always.
 */
#include "frames.h"

#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORTS = 3, BATCH = 200, CAUGHT_MAX = 4096, QUIET_MS = 15 };

struct caught {
	uint16_t length;
	uint8_t frame[FRAME_BYTES_MAX + 64];
};

struct catch {
	size_t count;
	struct caught *frames;
};

struct router {
	int sockets[PORTS];
	struct catch catches[PORTS];
};

static void give_up(const char *what) {
	fprintf(stderr, "differential: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_socket(const char *prefix, char letter) {
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = NET16(0x0003)};
	int size = 64 << 20, one = 1;
	char path[64], device[3] = {letter, '0', '\0'};
	int namespace, fd;

	snprintf(path, sizeof(path), "/run/netns/%s%c", prefix, letter);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(namespace, CLONE_NEWNET) < 0)
		give_up(path);
	close(namespace);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	address.sll_ifindex = (int)if_nametoindex(device);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		give_up(device);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	return fd;
}

static void open_router(struct router *router, const char *prefix) {
	for (int port = 0; port < PORTS; port++) {
		router->sockets[port] = open_socket(prefix, (char)('a' + port));
		router->catches[port].frames = calloc(CAUGHT_MAX, sizeof(struct caught));
		if (!router->catches[port].frames)
			give_up("memory");
	}
}

/* What a router says for itself: neighbour discovery, multicast listener reports, ARP. */
static bool is_chatter(const uint8_t *frame, size_t length) {
	const uint8_t *ip = frame + ETHERNET_HEADER_BYTES;
	uint16_t type = NET16(load16(frame + ETHERNET_TYPE));

	if (type == ETHERTYPE_ARP)
		return true;
	if (type != ETHERTYPE_IPV6 || length < ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + 9)
		return false;
	if (ip[IPV6_NEXT_HEADER] == PROTOCOL_HOP_BY_HOP)
		return ipv6_is_link_local(ip + IPV6_SOURCE) || ipv6_is_reserved(ip + IPV6_SOURCE);
	return ip[IPV6_NEXT_HEADER] == PROTOCOL_ICMPV6 && ip[IPV6_HOP_LIMIT] == 255 &&
	       ip[IPV6_HEADER_BYTES] >= 133 && ip[IPV6_HEADER_BYTES] <= 137;
}

/* The router's own ICMP: its id (and so its checksum), or its flow label, is as it comes. */
static void normalise(struct caught *caught) {
	uint8_t *ip = caught->frame + ETHERNET_HEADER_BYTES;
	uint16_t type = NET16(load16(caught->frame + ETHERNET_TYPE));

	if (type == ETHERTYPE_IPV4 && ip[IPV4_PROTOCOL] == PROTOCOL_ICMP && ip[IPV4_TTL] == 64) {
		store16(ip + 4, 0);
		store16(ip + IPV4_CHECKSUM, 0);
	}
	if (type == ETHERTYPE_IPV6 && ip[IPV6_NEXT_HEADER] == PROTOCOL_ICMPV6 &&
		ip[IPV6_HOP_LIMIT] == 64)
		store32(ip, load32(ip) & NET32(~(uint32_t)IPV6_LABEL_BITS));
}

static void catch_frame(struct catch *catch, int fd) {
	struct caught *caught = &catch->frames[catch->count];
	ssize_t length = recv(fd, caught->frame, sizeof(caught->frame), MSG_DONTWAIT);

	if (length < ETHERNET_HEADER_BYTES || is_chatter(caught->frame, (size_t)length))
		return;
	caught->length = (uint16_t)length;
	memset(caught->frame + length, 0, sizeof(caught->frame) - (size_t)length);
	normalise(caught);
	if (catch->count + 1 < CAUGHT_MAX)
		catch->count++;
}

/* Catches until nothing has come for a while. */
static void catch_all(struct router *routers) {
	struct pollfd polled[2 * PORTS];

	for (int router = 0; router < 2; router++)
		for (int port = 0; port < PORTS; port++) {
			routers[router].catches[port].count = 0;
			polled[router * PORTS + port] = (struct pollfd){
				.fd = routers[router].sockets[port], .events = POLLIN};
		}
	while (poll(polled, 2 * PORTS, QUIET_MS) > 0)
		for (int i = 0; i < 2 * PORTS; i++)
			if (polled[i].revents & POLLIN)
				catch_frame(&routers[i / PORTS].catches[i % PORTS], polled[i].fd);
}

/* An ICMP or ICMPv6 destination unreachable of the router's own, but for "fragmentation needed". */
static bool is_unreachable(const struct caught *caught) {
	const uint8_t *ip = caught->frame + ETHERNET_HEADER_BYTES;
	uint16_t type = NET16(load16(caught->frame + ETHERNET_TYPE));

	if (type == ETHERTYPE_IPV4)
		return ip[IPV4_PROTOCOL] == PROTOCOL_ICMP && ip[IPV4_TTL] == 64 &&
		       ip[IPV4_HEADER_BYTES] == 3 && ip[IPV4_HEADER_BYTES + 1] != 4;
	return type == ETHERTYPE_IPV6 && ip[IPV6_NEXT_HEADER] == PROTOCOL_ICMPV6 &&
	       ip[IPV6_HOP_LIMIT] == 64 && ip[IPV6_HEADER_BYTES] == 1;
}

static int compare_caught(const void *one, const void *other) {
	const struct caught *a = one, *b = other;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->frame, b->frame, a->length);
}

static void print_frame(const char *who, int port, const struct caught *caught) {
	printf("  only %s, port %c, %u bytes: ", who, 'a' + port, caught->length);
	for (int i = 0; i < caught->length && i < 80; i++)
		printf("%02x%s", caught->frame[i], i == 13 ? " " : "");
	putchar('\n');
}

struct tally {
	size_t sent, out, different, aside;
	size_t surplus; /* of one batch, not judged yet: from Heddle alone */
};

/* Counts the frames that came out of one router only. */
static void compare_port(struct router *routers, int port, struct tally *tally) {
	struct catch *plain = &routers[0].catches[port], *other = &routers[1].catches[port];
	size_t i = 0, j = 0;

	qsort(plain->frames, plain->count, sizeof(struct caught), compare_caught);
	qsort(other->frames, other->count, sizeof(struct caught), compare_caught);
	while (i < plain->count || j < other->count) {
		int order = i == plain->count ? 1
			    : j == other->count
				    ? -1
				    : compare_caught(&plain->frames[i], &other->frames[j]);

		if (order == 0) {
			i++;
			j++;
			continue;
		}
		if (is_unreachable(order < 0 ? &plain->frames[i] : &other->frames[j]))
			tally->aside++;
		else if ((order < 0 ? tally->different++ : tally->surplus++) < 4)
			print_frame(order < 0 ? "from plain Linux" : "from Heddle", port,
				order < 0 ? &plain->frames[i] : &other->frames[j]);
		if (order < 0)
			i++;
		else
			j++;
	}
}

static void send_batch(
	struct router *routers, struct frames *frames, size_t class_index, size_t count) {
	for (size_t n = 0; n < count; n++) {
		uint8_t frame[FRAME_BYTES_MAX + 256];
		size_t length = frames_make(frames, class_index, frame);

		for (int router = 0; router < 2; router++)
			if (send(routers[router].sockets[0], frame, length, 0) < 0 &&
				errno != EMSGSIZE && errno != EINVAL)
				give_up("send");
	}
}

static struct tally try_batch(
	struct router *routers, struct frames *frames, size_t class_index, size_t count) {
	struct tally tally = {.sent = count};

	send_batch(routers, frames, class_index, count);
	catch_all(routers);
	for (int port = 0; port < PORTS; port++) {
		compare_port(routers, port, &tally);
		tally.out += routers[0].catches[port].count;
	}
	return tally;
}

static void run_batch(struct router *routers, struct frames *frames, size_t class_index,
	size_t count, struct tally *tally) {
	struct frames same = *frames;
	struct tally batch = try_batch(routers, frames, class_index, count);

	if (batch.surplus && !batch.different) {
		struct tally again = try_batch(routers, &same, class_index, count);

		if (!again.surplus && !again.different) {
			puts("  not so when sent again: lost by plain Linux");
			batch.aside += batch.surplus;
			batch.surplus = 0;
		}
	}
	tally->sent += batch.sent;
	tally->out += batch.out;
	tally->aside += batch.aside;
	tally->different += batch.different + batch.surplus;
}

int main(int argc, char **argv) {
	struct frames frames = {.router_mac = {2, 0, 0, 0, 0, 1}, .host_mac = {2, 0, 0, 0, 0, 2}};
	static struct router routers[2];
	size_t total, classes = frames_class_count(), different = 0;

	if (argc != 5) {
		fprintf(stderr, "usage: differential PLAIN OTHER FRAMES SEED\n");
		return 2;
	}
	open_router(&routers[0], argv[1]);
	open_router(&routers[1], argv[2]);
	total = strtoul(argv[3], NULL, 10);
	frames.random = strtoull(argv[4], NULL, 10) | 1;
	printf("%-24s %8s %8s %10s %8s\n", "class", "sent", "came out", "different", "aside");
	for (size_t class_index = 0; class_index < classes; class_index++) {
		size_t wanted = total / classes + 1;
		struct tally tally = {0};

		while (tally.sent < wanted) {
			size_t left = wanted - tally.sent;

			run_batch(
				routers, &frames, class_index, left < BATCH ? left : BATCH, &tally);
		}
		printf("%-24s %8zu %8zu %10zu %8zu\n", frames_class_name(class_index), tally.sent,
			tally.out, tally.different, tally.aside);
		different += tally.different;
	}
	return different != 0;
}
