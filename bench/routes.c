/*
 * routes: puts a table of routes into the kernel as fast as it takes them, all of one family by one
 * gateway, as routing daemons do: many messages a system call, protocol BGP.
 *
 *   routes FILE DEVICE GATEWAY4 GATEWAY6
 *
 * FILE has a prefix a line ("-" for standard input). A route that is there already is left alone
 * and counted as refused. Prints one JSON object: routes, refused, seconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 256, MESSAGE_BYTES_MAX = 128 };

struct loader {
	struct mnl_socket *netlink;
	uint32_t ifindex;
	uint8_t gateway4[16], gateway6[16];
	char buffer[BATCH * MESSAGE_BYTES_MAX];
	size_t bytes;
	struct nlmsghdr *last;
	unsigned int waiting; /* messages in the buffer */
	unsigned long routes, refused;
};

static void __attribute__((noreturn)) give_up(const char *what) {
	fprintf(stderr, "routes: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void) {
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Only refusals are answered, and the batch's last message, by which its end is known. */
static void take_answers(struct loader *loader) {
	static char answers[8192];
	bool ended = false;

	while (!ended) {
		ssize_t bytes = mnl_socket_recvfrom(loader->netlink, answers, sizeof(answers));
		const struct nlmsghdr *answer = (const struct nlmsghdr *)answers;
		int left = (int)bytes;

		if (bytes < 0)
			give_up("netlink");
		for (; mnl_nlmsg_ok(answer, left); answer = mnl_nlmsg_next(answer, &left)) {
			const struct nlmsgerr *error = mnl_nlmsg_get_payload(answer);

			if (answer->nlmsg_type != NLMSG_ERROR)
				continue;
			if (error->error)
				loader->refused++;
			ended |= answer->nlmsg_seq == loader->last->nlmsg_seq;
		}
	}
}

static void send_batch(struct loader *loader) {
	if (loader->waiting == 0)
		return;
	loader->last->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(loader->netlink, loader->buffer, loader->bytes) < 0)
		give_up("netlink");
	take_answers(loader);
	loader->bytes = 0;
	loader->waiting = 0;
}

static void add_route(
	struct loader *loader, int family, const uint8_t *prefix, unsigned int prefix_len) {
	struct nlmsghdr *message = mnl_nlmsg_put_header(loader->buffer + loader->bytes);
	struct rtmsg *route = mnl_nlmsg_put_extra_header(message, sizeof(*route));
	size_t address_bytes = family == AF_INET ? 4 : 16;

	message->nlmsg_type = RTM_NEWROUTE;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
	message->nlmsg_seq = (uint32_t)++loader->routes;
	*route = (struct rtmsg){.rtm_family = (uint8_t)family,
		.rtm_dst_len = (uint8_t)prefix_len,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BGP,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST};
	mnl_attr_put(message, RTA_DST, address_bytes, prefix);
	mnl_attr_put(message, RTA_GATEWAY, address_bytes,
		family == AF_INET ? loader->gateway4 : loader->gateway6);
	mnl_attr_put_u32(message, RTA_OIF, loader->ifindex);
	loader->last = message;
	loader->bytes += MNL_ALIGN(message->nlmsg_len);
	if (++loader->waiting == BATCH)
		send_batch(loader);
}

static void add_line(struct loader *loader, char *line) {
	int family = strchr(line, ':') ? AF_INET6 : AF_INET;
	char *slash = strchr(line, '/');
	uint8_t prefix[16] = {0};

	if (!slash)
		return;
	*slash = '\0';
	if (inet_pton(family, line, prefix) == 1)
		add_route(loader, family, prefix, (unsigned int)atoi(slash + 1));
}

static void load(struct loader *loader, FILE *file) {
	double start = now();
	char line[128];

	while (fgets(line, sizeof(line), file))
		add_line(loader, line);
	send_batch(loader);
	printf("{\"routes\": %lu, \"refused\": %lu, \"seconds\": %.3f}\n", loader->routes,
		loader->refused, now() - start);
}

int main(int argc, char **argv) {
	static struct loader loader;
	FILE *file;

	if (argc != 5 || inet_pton(AF_INET, argv[3], loader.gateway4) != 1 ||
		inet_pton(AF_INET6, argv[4], loader.gateway6) != 1) {
		fputs("usage: routes FILE DEVICE GATEWAY4 GATEWAY6\n", stderr);
		return 2;
	}
	file = strcmp(argv[1], "-") ? fopen(argv[1], "re") : stdin;
	if (!file)
		give_up(argv[1]);
	loader.ifindex = if_nametoindex(argv[2]);
	if (loader.ifindex == 0)
		give_up(argv[2]);
	loader.netlink = mnl_socket_open(NETLINK_ROUTE);
	if (!loader.netlink || mnl_socket_bind(loader.netlink, 0, MNL_SOCKET_AUTOPID) < 0)
		give_up("netlink");
	load(&loader, file);
	mnl_socket_close(loader.netlink);
	fclose(file);
	return 0;
}
