/*
 * one_way: sends frames from one interface to another, each with its number and the time, and says
 * what arrived at the other end: how many, how late, in which order, with how many bits wrong. The
 * time of arrival is the kernel's (SO_TIMESTAMPNS), so it does not matter when this program was
 * woken for it.
 *
 *   one_way --from NETNS/DEVICE --to NETNS/DEVICE [--count N] [--interval MICROSECONDS]
 *           [--bytes N] [--drain MILLISECONDS]
 *
 * --interval 0 sends as fast as it can. Prints one JSON object; "at_us" are quantiles of the time
 * from sending to arrival.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BYTES_MAX = 9018, ETHERTYPE_EXPERIMENT = 0x88b5 /* IEEE 802, local experiments */ };

/* What is certain of a frame: all but its number and its time, and these are in it twice. */
struct frame {
	uint8_t destination[6], source[6];
	uint16_t type;
	uint16_t padding;
	uint64_t numbers[2], times[2];
	uint8_t rest[BYTES_MAX - 48];
} __attribute__((packed));

struct journey {
	unsigned long count, interval_us, bytes, drain_ms;
	int from, to;
	struct frame template;
	uint64_t sent, arrived, corrupted, duplicates, reordered, next_number;
	uint8_t *seen;
	double *late_us;
	size_t late_count;
	uint64_t first_ns, last_ns; /* of arrivals */
};

static void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	fputs("one_way: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

static uint64_t now_ns(void) {
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now); /* as the kernel stamps */
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A packet socket on "NETNS/DEVICE". */
static int open_device(char *place, int protocol) {
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
	char path[256], *slash = strchr(place, '/');
	int namespace, fd, on = 1, buffer = 64 << 20;

	if (!slash)
		give_up("%s: expected NETNS/DEVICE", place);
	snprintf(path, sizeof(path), "/run/netns/%.*s", (int)(slash - place), place);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(namespace, CLONE_NEWNET) < 0)
		give_up("%s: %s", path, strerror(errno));
	close(namespace);
	address.sll_ifindex = (int)if_nametoindex(slash + 1);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	if (address.sll_ifindex == 0 || fd < 0 ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		give_up("%s: %s", place, strerror(errno));
	return fd;
}

static void make_template(struct frame *template) {
	memset(template, 0x5a, sizeof(*template));
	memset(template->destination, 0xff, sizeof(template->destination));
	memcpy(template->source, "\x02\x00\x00\x00\x00\x01", sizeof(template->source));
	template->type = htons(ETHERTYPE_EXPERIMENT);
	memset(template->numbers, 0, sizeof(template->numbers) + sizeof(template->times));
}

static void send_one(struct journey *journey) {
	struct frame *frame = &journey->template;

	frame->numbers[0] = frame->numbers[1] = journey->sent;
	frame->times[0] = frame->times[1] = now_ns();
	if (send(journey->from, frame, journey->bytes, 0) == (ssize_t)journey->bytes)
		journey->sent++;
	else if (errno != ENOBUFS)
		give_up("sending: %s", strerror(errno));
}

static unsigned int different_bits(const uint8_t *one, const uint8_t *other, size_t size) {
	unsigned int bits = 0;

	for (size_t i = 0; i < size; i++)
		bits += (unsigned int)__builtin_popcount(one[i] ^ other[i]);
	return bits;
}

static unsigned int wrong_bits(const struct journey *journey, const struct frame *frame) {
	const struct frame *template = &journey->template;
	size_t head = offsetof(struct frame, numbers), tail = offsetof(struct frame, rest);

	return different_bits((const uint8_t *)frame, (const uint8_t *)template, head) +
	       different_bits((const uint8_t *)frame + tail, (const uint8_t *)template + tail,
		       journey->bytes - tail) +
	       (unsigned int)__builtin_popcountll(frame->numbers[0] ^ frame->numbers[1]) +
	       (unsigned int)__builtin_popcountll(frame->times[0] ^ frame->times[1]);
}

static void note(struct journey *journey, const struct frame *frame, uint64_t arrival_ns) {
	unsigned int wrong = wrong_bits(journey, frame);

	if (wrong > 1)
		return; /* somebody else's */
	journey->arrived++;
	if (!journey->first_ns)
		journey->first_ns = arrival_ns;
	journey->last_ns = arrival_ns;
	journey->corrupted += wrong;
	if (wrong || frame->numbers[0] >= journey->count)
		return;
	if (journey->seen[frame->numbers[0]]++) {
		journey->duplicates++;
		return;
	}
	if (frame->numbers[0] < journey->next_number)
		journey->reordered++;
	else
		journey->next_number = frame->numbers[0] + 1;
	journey->late_us[journey->late_count++] =
		(double)(int64_t)(arrival_ns - frame->times[0]) / 1e3;
}

static uint64_t stamp_of(struct msghdr *message) {
	struct timespec stamp = {0};

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
		header = CMSG_NXTHDR(message, header))
		if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
	return (uint64_t)stamp.tv_sec * 1000000000 + (uint64_t)stamp.tv_nsec;
}

/* All that has come. */
static void receive(struct journey *journey) {
	struct frame frame;
	char control[256];
	struct iovec piece = {&frame, sizeof(frame)};

	for (;;) {
		struct msghdr message = {.msg_iov = &piece,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
		ssize_t size = recvmsg(journey->to, &message, MSG_DONTWAIT);

		if (size < 0)
			return;
		if (size == (ssize_t)journey->bytes)
			note(journey, &frame, stamp_of(&message));
	}
}

static void receive_until(struct journey *journey, uint64_t end_ns) {
	for (uint64_t now = now_ns(); now < end_ns; now = now_ns()) {
		struct pollfd poll_fd = {.fd = journey->to, .events = POLLIN};
		struct timespec left = {.tv_sec = (time_t)((end_ns - now) / 1000000000),
			.tv_nsec = (long)((end_ns - now) % 1000000000)};

		ppoll(&poll_fd, 1, &left, NULL);
		receive(journey);
	}
}

static void travel(struct journey *journey) {
	uint64_t next_ns;

	/* The kernel begins to stamp a moment after it was asked to. */
	receive_until(journey, now_ns() + 50000000);
	next_ns = now_ns();
	while (journey->sent < journey->count) {
		send_one(journey);
		if (journey->interval_us)
			receive_until(journey, next_ns += journey->interval_us * 1000);
		else if (journey->sent % 64 == 0)
			receive(journey);
	}
	receive_until(journey, now_ns() + journey->drain_ms * 1000000);
}

static int compare(const void *one, const void *other) {
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static void print(struct journey *journey) {
	static const unsigned int percents[] = {0, 10, 50, 90, 100};

	qsort(journey->late_us, journey->late_count, sizeof(double), compare);
	printf("{\"sent\": %" PRIu64 ", \"arrived\": %" PRIu64 ", \"corrupted\": %" PRIu64
	       ", \"duplicates\": %" PRIu64 ", \"reordered\": %" PRIu64 ", \"at_us\": {",
		journey->sent, journey->arrived, journey->corrupted, journey->duplicates,
		journey->reordered);
	for (size_t i = 0; i < 5; i++) {
		size_t at = (journey->late_count - (journey->late_count > 0)) * percents[i] / 100;

		printf("%s\"%u\": %.3f", i ? ", " : "", percents[i], journey->late_us[at]);
	}
	printf("}, \"arriving_seconds\": %.9f}\n",
		(double)(journey->last_ns - journey->first_ns) / 1e9);
}

int main(int argc, char **argv) {
	static const struct option options[] = {{"from", required_argument, NULL, 'f'},
		{"to", required_argument, NULL, 't'}, {"count", required_argument, NULL, 'c'},
		{"interval", required_argument, NULL, 'i'}, {"bytes", required_argument, NULL, 'b'},
		{"drain", required_argument, NULL, 'd'}, {0}};
	struct journey journey = {
		.count = 1000, .interval_us = 1000, .bytes = 100, .drain_ms = 300};
	char *from = NULL, *to = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'f':
			from = optarg;
			break;
		case 't':
			to = optarg;
			break;
		case 'c':
			journey.count = strtoul(optarg, NULL, 10);
			break;
		case 'i':
			journey.interval_us = strtoul(optarg, NULL, 10);
			break;
		case 'b':
			journey.bytes = strtoul(optarg, NULL, 10);
			break;
		case 'd':
			journey.drain_ms = strtoul(optarg, NULL, 10);
			break;
		default:
			give_up("see the top of tests/net/one_way.c");
		}
	if (!from || !to || journey.bytes < 64 || journey.bytes > BYTES_MAX || journey.count == 0)
		give_up("--from and --to are needed; --bytes is 64 to %d", BYTES_MAX);
	prctl(PR_SET_TIMERSLACK, 1);
	journey.seen = calloc(journey.count, 1);
	journey.late_us = calloc(journey.count + 1, sizeof(double));
	if (!journey.seen || !journey.late_us)
		give_up("no memory");
	make_template(&journey.template);
	journey.to = open_device(to, ETH_P_ALL);
	journey.from = open_device(from, 0);
	travel(&journey);
	print(&journey);
	free(journey.seen);
	free(journey.late_us);
	return 0;
}
