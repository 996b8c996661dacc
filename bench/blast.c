/*
 * blast: sends frames through a router as fast as one core can and says how many came out at the
 * other end, per second of wall time. The far end's device gets the sink for as long as it takes.
 *
 *   blast --from NETNS/DEVICE --to NETNS/DEVICE --router-mac MAC --source ADDRESS
 *         (--destination ADDRESS | --destinations FILE) [--frames N] [--bytes N] [--seconds S]
 *         [--rate PPS] [--generator-only] [--seed N]
 *
 * FILE has a prefix or address a line; each destination is a random address within a random one.
 * Prints one JSON object: sent, received, seconds, both per second, and how long its core was busy.
 */
#include "bench/blast.h"

#include "bench/blast.skel.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_FRAMES = 64 }; /* the kernel makes and sends so many together */

struct blast {
	const char *from_namespace, *from_device, *to_namespace, *to_device;
	uint8_t router_mac[MAC_BYTES];
	uint8_t source[16];
	sa_family_t family;
	const char *destination, *destinations_path;
	uint64_t frames;
	double seconds, rate;
	uint32_t bytes;
	bool generator_only;
	uint64_t random;
};

static void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...) {
	va_list arguments;

	va_start(arguments, format);
	fputs("blast: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(1);
}

static double now(void) {
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* xorshift64*: reproducible by --seed. */
static uint64_t next_random(struct blast *blast) {
	blast->random ^= blast->random >> 12;
	blast->random ^= blast->random << 25;
	blast->random ^= blast->random >> 27;
	return blast->random * 0x2545f4914f6cdd1d;
}

static sa_family_t parse_address(const char *text, uint8_t address[16]) {
	memset(address, 0, 16);
	if (inet_pton(AF_INET, text, address) == 1)
		return AF_INET;
	if (inet_pton(AF_INET6, text, address) == 1)
		return AF_INET6;
	give_up("'%s' is no address", text);
}

static void enter_namespace(const char *name) {
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		give_up("namespace %s: %s", name, strerror(errno));
	close(fd);
}

static unsigned int device_index(const char *name) {
	unsigned int index = if_nametoindex(name);

	if (index == 0)
		give_up("%s: no such device", name);
	return index;
}

static void make_template(
	struct blast *blast, struct blast_template *template, const uint8_t device_mac[MAC_BYTES]) {
	uint8_t *frame = (uint8_t *)template->words;
	uint8_t *ip = frame + ETHERNET_HEADER_BYTES;
	bool is_ipv6 = blast->family == AF_INET6;
	uint16_t ip_length = (uint16_t)(blast->bytes - ETHERNET_HEADER_BYTES);
	uint8_t *udp = ip + (is_ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
	uint16_t udp_length =
		(uint16_t)(ip_length - (is_ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES));

	memset(template, 0, sizeof(*template));
	template->is_ipv6 = is_ipv6;
	memcpy(frame + ETHERNET_DESTINATION, blast->router_mac, MAC_BYTES);
	memcpy(frame + ETHERNET_SOURCE, device_mac, MAC_BYTES);
	store16(frame + ETHERNET_TYPE, NET16(is_ipv6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4));
	if (is_ipv6) {
		ip[0] = 0x60;
		store16(ip + IPV6_PAYLOAD_LENGTH, NET16(udp_length));
		ip[IPV6_NEXT_HEADER] = PROTOCOL_UDP;
		ip[IPV6_HOP_LIMIT] = 64;
		memcpy(ip + IPV6_SOURCE, blast->source, 16);
	} else {
		ip[0] = IPV4_VERSION_4_IHL_5;
		store16(ip + IPV4_TOTAL_LENGTH, NET16(ip_length));
		ip[IPV4_TTL] = 64;
		ip[IPV4_PROTOCOL] = PROTOCOL_UDP;
		memcpy(ip + IPV4_SOURCE, blast->source, 4);
		template->checksum_rest = ipv4_header_sum(ip);
	}
	store16(udp, NET16(49152 + getpid() % 16384));
	store16(udp + TRANSPORT_DESTINATION_PORT, NET16(9)); /* discard */
	store16(udp + 4, NET16(udp_length));
	store16(udp + UDP_CHECKSUM, NET16(0x5eed)); /* no receiver looks; and not a partial one */
	template->ports = load32(udp);
}

static bool take_prefix(struct blast *blast, char *line, uint8_t address[16]) {
	char *slash = strchr(line, '/');
	unsigned int bits = blast->family == AF_INET ? 32 : 128;
	unsigned int prefix_len = bits;

	line[strcspn(line, " \t\n")] = '\0';
	if (slash) {
		*slash = '\0';
		prefix_len = (unsigned int)atoi(slash + 1);
	}
	memset(address, 0, 16);
	if (inet_pton(blast->family, line, address) != 1)
		return false;
	for (unsigned int bit = prefix_len; bit < bits; bit++)
		if (next_random(blast) & 1)
			address[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
	return true;
}

/* Reservoir sampling: each line of the file is equally likely to be among the destinations. */
static uint32_t read_destinations(struct blast *blast, struct blast_destination *destinations) {
	FILE *file = fopen(blast->destinations_path, "re");
	uint64_t seen = 0;
	char line[128];

	if (!file)
		give_up("%s: %s", blast->destinations_path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		uint8_t address[16];
		uint64_t place;

		if (!take_prefix(blast, line, address))
			continue;
		place = seen < BLAST_DESTINATIONS_MAX ? seen : next_random(blast) % (seen + 1);
		seen++;
		if (place < BLAST_DESTINATIONS_MAX)
			memcpy(destinations[place].address, address, 16);
	}
	fclose(file);
	if (seen == 0)
		give_up("%s: no destination of the source's family", blast->destinations_path);
	return seen < BLAST_DESTINATIONS_MAX ? (uint32_t)seen : BLAST_DESTINATIONS_MAX;
}

/* Fills up to a power of two by repeating, then shuffles. Returns the mask. */
static uint32_t fill_destinations(struct blast *blast, struct blast_destination *destinations) {
	uint32_t count = 1, size = 1;

	if (blast->destination) {
		uint8_t address[16];

		if (parse_address(blast->destination, address) != blast->family)
			give_up("source and destination are of different families");
		memcpy(destinations[0].address, address, 16);
	} else {
		count = read_destinations(blast, destinations);
	}
	while (size < count)
		size *= 2;
	for (uint32_t i = count; i < size; i++)
		destinations[i] = destinations[i - count];
	for (uint32_t i = size - 1; i > 0; i--) {
		uint32_t other = (uint32_t)(next_random(blast) % (i + 1));
		struct blast_destination kept = destinations[i];

		destinations[i] = destinations[other];
		destinations[other] = kept;
	}
	return size - 1;
}

static void read_mac(const char *device, uint8_t mac[MAC_BYTES]) {
	char path[96], text[32] = "";
	FILE *file;

	/* sysfs shows the namespace that it was mounted in: ask by ioctl-free means, ip's own. */
	snprintf(path, sizeof(path), "ip -br link show dev %s", device);
	file = popen(path, "r");
	if (!file || fscanf(file, "%*s %*s %31s", text) != 1 ||
		sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
			&mac[4], &mac[5]) != 6)
		give_up("%s: no MAC address", device);
	pclose(file);
}

static int attach_sink(const struct blast *blast, struct blast_bpf *program) {
	int link = bpf_link_create(bpf_program__fd(program->progs.blast_sink),
		(int)device_index(blast->to_device), BPF_XDP, NULL);

	if (link < 0)
		give_up("%s: cannot attach the sink: %s", blast->to_device, strerror(-link));
	return link;
}

/* One system call. A signal ends it early; the program's own count says how far it came. */
static void run(
	struct blast_bpf *program, uint32_t frame_bytes, unsigned int ifindex, uint32_t repeat) {
	static uint8_t frame[2048];
	struct xdp_md context = {.data_end = frame_bytes, .ingress_ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = frame_bytes,
		.ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = (int)repeat,
		.flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH_FRAMES);
	int error =
		bpf_prog_test_run_opts(bpf_program__fd(program->progs.blast_generate), &options);

	if (error && error != -EINTR)
		give_up("BPF_PROG_RUN: %s", strerror(-error));
}

/* What a call costs besides its frames: the kernel makes and unmakes a page pool, and waits for a
 * grace period, 0.1 to 25 ms. Frames are not sent. */
static double call_seconds(
	const struct blast *blast, struct blast_bpf *program, unsigned int ifindex) {
	double least = 1;

	program->bss->action = XDP_DROP;
	for (int i = 0; i < 5; i++) {
		double start = now();

		run(program, blast->bytes, ifindex, BATCH_FRAMES);
		least = now() - start < least ? now() - start : least;
	}
	return least;
}

static void on_alarm(int number) {
}

/* As fast as it goes, in one call. */
static double send_at_once(
	const struct blast *blast, struct blast_bpf *program, unsigned int ifindex) {
	const struct sigaction action = {.sa_handler = on_alarm};
	const struct itimerval limit = {
		.it_value = {.tv_sec = (time_t)blast->seconds,
			.tv_usec = (suseconds_t)((blast->seconds - (time_t)blast->seconds) * 1e6)}};
	double start;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &limit, NULL);
	start = now();
	run(program, blast->bytes, ifindex,
		blast->frames < INT32_MAX ? (uint32_t)blast->frames : INT32_MAX);
	return now() - start;
}

/* As many as are due, each time: evenly if a call costs little, else in bursts. */
static double send_at_rate(
	const struct blast *blast, struct blast_bpf *program, unsigned int ifindex) {
	double start = now(), end = blast->seconds > 0 ? start + blast->seconds : INFINITY;
	uint64_t sent = 0;

	while (sent < blast->frames && now() < end) {
		double due = (now() - start) * blast->rate - (double)sent;

		if (due < BATCH_FRAMES) {
			usleep((useconds_t)((BATCH_FRAMES - due) / blast->rate * 1e6));
			continue;
		}
		run(program, blast->bytes, ifindex, (uint32_t)due);
		sent += (uint32_t)due;
	}
	return now() - start;
}

/* What is still in queues of softirq when the last burst was given. */
static void drain(const struct blast_bpf *program) {
	uint64_t before;

	do {
		before = program->bss->sunk;
		usleep(20000);
	} while (program->bss->sunk != before);
}

/* How long this core has been anything but idle; to a hundredth of a second. */
static double busy_seconds(void) {
	FILE *file = fopen("/proc/stat", "re");
	unsigned long long idle, waiting;
	int core = sched_getcpu(), found;
	double busy = -1;
	char line[512];

	while (file && busy < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu%d %*u %*u %*u %llu %llu", &found, &idle, &waiting) == 3 &&
			found == core)
			busy = now() - (double)(idle + waiting) / (double)sysconf(_SC_CLK_TCK);
	if (file)
		fclose(file);
	return busy;
}

static void print_result(const struct blast_bpf *program, double seconds, double busy) {
	uint64_t sent = program->bss->next, received = program->bss->sunk;

	printf("{\"sent\": %" PRIu64 ", \"received\": %" PRIu64 ", \"seconds\": %.6f, "
	       "\"sent_pps\": %.0f, \"received_pps\": %.0f, \"busy_seconds\": %.2f}\n",
		sent, received, seconds, (double)sent / seconds, (double)received / seconds, busy);
}

enum {
	OPTION_FROM = 256,
	OPTION_TO,
	OPTION_MAC,
	OPTION_SOURCE,
	OPTION_DESTINATION,
	OPTION_DESTINATIONS,
	OPTION_FRAMES,
	OPTION_BYTES,
	OPTION_SECONDS,
	OPTION_RATE,
	OPTION_GENERATOR_ONLY,
	OPTION_SEED
};

static const struct option options[] = {
	{"from", required_argument, NULL, OPTION_FROM},
	{"to", required_argument, NULL, OPTION_TO},
	{"router-mac", required_argument, NULL, OPTION_MAC},
	{"source", required_argument, NULL, OPTION_SOURCE},
	{"destination", required_argument, NULL, OPTION_DESTINATION},
	{"destinations", required_argument, NULL, OPTION_DESTINATIONS},
	{"frames", required_argument, NULL, OPTION_FRAMES},
	{"bytes", required_argument, NULL, OPTION_BYTES},
	{"seconds", required_argument, NULL, OPTION_SECONDS},
	{"rate", required_argument, NULL, OPTION_RATE},
	{"generator-only", no_argument, NULL, OPTION_GENERATOR_ONLY},
	{"seed", required_argument, NULL, OPTION_SEED},
	{0},
};

/* "NETNS/DEVICE", taken apart in place. */
static void take_end(char *text, const char **namespace, const char **device) {
	char *slash = strchr(text, '/');

	if (!slash)
		give_up("'%s': expected NETNS/DEVICE", text);
	*slash = '\0';
	*namespace = text;
	*device = slash + 1;
}

static void take_option(struct blast *blast, int option, char *text) {
	switch (option) {
	case OPTION_FROM:
		take_end(text, &blast->from_namespace, &blast->from_device);
		break;
	case OPTION_TO:
		take_end(text, &blast->to_namespace, &blast->to_device);
		break;
	case OPTION_MAC:
		if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &blast->router_mac[0],
			    &blast->router_mac[1], &blast->router_mac[2], &blast->router_mac[3],
			    &blast->router_mac[4], &blast->router_mac[5]) != 6)
			give_up("'%s' is no MAC address", text);
		break;
	case OPTION_SOURCE:
		blast->family = parse_address(text, blast->source);
		break;
	case OPTION_DESTINATION:
		blast->destination = text;
		break;
	case OPTION_DESTINATIONS:
		blast->destinations_path = text;
		break;
	case OPTION_FRAMES:
		blast->frames = strtoull(text, NULL, 10);
		break;
	case OPTION_BYTES:
		blast->bytes = (uint32_t)atoi(text);
		break;
	case OPTION_SECONDS:
		blast->seconds = atof(text);
		blast->frames = UINT64_MAX / 2;
		break;
	case OPTION_RATE:
		blast->rate = atof(text);
		break;
	case OPTION_GENERATOR_ONLY:
		blast->generator_only = true;
		break;
	case OPTION_SEED:
		blast->random = strtoull(text, NULL, 10) | 1;
		break;
	default:
		give_up("see the top of bench/blast.c");
	}
}

static struct blast_destination *map_destinations(struct blast_bpf *program) {
	void *memory = mmap(NULL, BLAST_DESTINATIONS_MAX * sizeof(struct blast_destination),
		PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(program->maps.destinations), 0);

	if (memory == MAP_FAILED)
		give_up("cannot map the destinations: %s", strerror(errno));
	return memory;
}

int main(int argc, char **argv) {
	struct blast blast = {.frames = 4000000, .bytes = 64, .random = 88172645463325252};
	struct blast_bpf *program;
	uint8_t device_mac[MAC_BYTES];
	unsigned int ifindex;
	double seconds, overhead, busy;
	int option, sink = -1;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take_option(&blast, option, optarg);
	if (!blast.from_namespace || !blast.family ||
		(!blast.destination && !blast.destinations_path))
		give_up("--from, --source and a destination are needed");
	if (blast.bytes < BLAST_HEADER_BYTES || blast.bytes > 1514)
		give_up("--bytes: expected 64 to 1514");
	program = blast_bpf__open_and_load();
	if (!program)
		give_up("cannot load: %s", strerror(errno));
	if (blast.to_namespace) {
		enter_namespace(blast.to_namespace);
		sink = attach_sink(&blast, program);
	}
	enter_namespace(blast.from_namespace);
	ifindex = device_index(blast.from_device);
	read_mac(blast.from_device, device_mac);
	program->bss->destination_mask = fill_destinations(&blast, map_destinations(program));
	make_template(&blast, &program->bss->template, device_mac);
	overhead = call_seconds(&blast, program, ifindex);
	program->bss->next = 0;
	program->bss->action = blast.generator_only ? XDP_DROP : XDP_TX;
	busy = busy_seconds();
	if (blast.rate > 0)
		seconds = send_at_rate(&blast, program, ifindex);
	else
		seconds = send_at_once(&blast, program, ifindex) - overhead;
	busy = busy_seconds() - busy;
	drain(program);
	print_result(program, seconds, busy);
	if (sink >= 0)
		close(sink);
	blast_bpf__destroy(program);
	return 0;
}
