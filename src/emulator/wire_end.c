/* wire_end: see wire_end.h. */
#include "emulator/wire_end.h"

#include "base/log.h"
#include "emulator/ingress.skel.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

struct wire_end {
	char name[IFNAMSIZ];
	unsigned int ifindex;
	struct ingress_bpf *program;
	int link;    /* of the program; -1: not attached */
	int sending; /* the packet socket; -1: none */
	size_t queue_count;
	struct xdp_socket *queues[WIRE_END_QUEUES_MAX];
};

const char *wire_end_name(const struct wire_end *end) {
	return end->name;
}

bool wire_end_exists(const struct wire_end *end) {
	char name[IF_NAMESIZE];

	return if_indextoname(end->ifindex, name) != NULL;
}

size_t wire_end_queues(const struct wire_end *end) {
	return end->queue_count;
}

struct xdp_socket *wire_end_queue(struct wire_end *end, size_t queue) {
	return end->queues[queue];
}

static struct ifreq request_of(const struct wire_end *end) {
	struct ifreq request = {0};

	memcpy(request.ifr_name, end->name, IFNAMSIZ);
	return request;
}

static int check_ethernet(const struct wire_end *end) {
	struct ifreq request = request_of(end);

	if (ioctl(end->sending, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	if (request.ifr_hwaddr.sa_family == ARPHRD_ETHER)
		return 0;
	log_error("%s: is no Ethernet interface", end->name);
	return -EINVAL;
}

/* Of drivers that do not say, one. */
static size_t count_queues(const struct wire_end *end) {
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	struct ifreq request = request_of(end);

	request.ifr_data = (char *)&channels;
	if (ioctl(end->sending, SIOCETHTOOL, &request) < 0)
		return 1;
	if (channels.rx_count + channels.combined_count == 0)
		return 1;
	return channels.rx_count + channels.combined_count;
}

static int open_queues(struct wire_end *end) {
	size_t count = count_queues(end);
	struct ifreq request = request_of(end);
	bool in_pieces = true;

	if (count > WIRE_END_QUEUES_MAX) {
		log_error("%s: has %zu queues, and a wire serves %d; 'ethtool -L %s rx %d' or "
			  "'combined %d' makes them fewer",
			end->name, count, WIRE_END_QUEUES_MAX, end->name, WIRE_END_QUEUES_MAX,
			WIRE_END_QUEUES_MAX);
		return -E2BIG;
	}
	for (; end->queue_count < count; end->queue_count++) {
		int error = xdp_socket_open(end->name, (uint32_t)end->queue_count,
			&end->queues[end->queue_count], &in_pieces);

		if (error == -EBUSY)
			log_error("%s: another wire, or another program with AF_XDP, has its "
				  "queue %zu; end that first",
				end->name, end->queue_count);
		else if (error)
			log_error("%s: no AF_XDP socket for queue %zu: %s", end->name,
				end->queue_count, strerror(-error));
		if (error)
			return error;
	}
	if (!in_pieces && ioctl(end->sending, SIOCGIFMTU, &request) == 0 &&
		request.ifr_mtu + ETH_HLEN + 4 > XDP_SOCKET_PIECE_BYTES) {
		log_error("%s: its MTU is %d, and this kernel gives AF_XDP no frames above %d "
			  "bytes (Linux 6.6 does); 'ip link set %s mtu 1500'",
			end->name, request.ifr_mtu, XDP_SOCKET_PIECE_BYTES, end->name);
		return -EMSGSIZE;
	}
	return 0;
}

static int load(struct wire_end *end) {
	int error;

	libbpf_set_print(NULL); /* what it would say, the message below says to people */
	end->program = ingress_bpf__open();
	if (!end->program)
		return -errno;
	bpf_map__set_max_entries(end->program->maps.sockets, (uint32_t)end->queue_count);
	error = ingress_bpf__load(end->program);
	for (uint32_t queue = 0; !error && queue < end->queue_count; queue++) {
		int fd = xdp_socket_fd(end->queues[queue]);

		if (bpf_map_update_elem(
			    bpf_map__fd(end->program->maps.sockets), &queue, &fd, BPF_ANY) < 0)
			error = -errno;
	}
	if (error)
		log_error("%s: cannot load the BPF program: %s; a wire takes root and Linux 5.18",
			end->name, strerror(-error));
	return error;
}

/* In the driver; where that is refused, behind it. */
static int attach(struct wire_end *end) {
	static const uint32_t modes[] = {XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE};

	for (size_t i = 0; i < 2; i++) {
		LIBBPF_OPTS(bpf_link_create_opts, options, .flags = modes[i]);

		end->link = bpf_link_create(bpf_program__fd(end->program->progs.heddle_wire),
			(int)end->ifindex, BPF_XDP, &options);
		if (end->link >= 0)
			return 0;
		if (end->link == -EBUSY || end->link == -EEXIST) {
			log_error("%s: another XDP program is attached; end what attached it, or "
				  "'ip link set dev %s xdp off'",
				end->name, end->name);
			return -EBUSY;
		}
	}
	log_error("%s: cannot attach the BPF program: %s", end->name, strerror(-end->link));
	return end->link;
}

/* Protocol 0: it receives nothing. Past queueing disciplines: a wire has its own queue. */
static int open_sending(struct wire_end *end) {
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)end->ifindex};
	struct packet_mreq promiscuous = {
		.mr_ifindex = (int)end->ifindex, .mr_type = PACKET_MR_PROMISC};
	int past_queues = 1, buffer_bytes = 4 << 20; /* what a device may have on its ring */

	end->sending = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (end->sending < 0 ||
		bind(end->sending, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		setsockopt(end->sending, SOL_PACKET, PACKET_QDISC_BYPASS, &past_queues,
			sizeof(past_queues)) < 0 ||
		setsockopt(end->sending, SOL_SOCKET, SO_SNDBUFFORCE, &buffer_bytes,
			sizeof(buffer_bytes)) < 0 ||
		setsockopt(end->sending, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
			sizeof(promiscuous)) < 0) {
		int error = -errno;

		log_error("%s: cannot send by it: %s%s", end->name, strerror(-error),
			error == -EPERM ? "; a wire takes root" : "");
		return error;
	}
	return 0;
}

int wire_end_open(const char *interface, struct wire_end **out) {
	struct wire_end *end;
	int error;

	if (strlen(interface) >= IFNAMSIZ || if_nametoindex(interface) == 0) {
		log_error("%s: no such interface in this network namespace; 'ip link' lists them",
			interface);
		return -ENODEV;
	}
	end = calloc(1, sizeof(*end));
	if (!end)
		return -ENOMEM;
	memcpy(end->name, interface, strlen(interface));
	end->ifindex = if_nametoindex(interface);
	end->link = end->sending = -1;
	error = open_sending(end);
	if (!error)
		error = check_ethernet(end);
	if (!error)
		error = open_queues(end);
	if (!error)
		error = load(end);
	if (!error)
		error = attach(end);
	if (error) {
		wire_end_close(end);
		return error;
	}
	*out = end;
	return 0;
}

void wire_end_close(struct wire_end *end) {
	if (!end)
		return;
	if (end->link >= 0)
		close(end->link);
	ingress_bpf__destroy(end->program);
	for (size_t queue = 0; queue < end->queue_count; queue++)
		xdp_socket_close(end->queues[queue]);
	if (end->sending >= 0)
		close(end->sending);
	free(end);
}

struct wire_sent wire_end_send(struct wire_end *end, const struct iovec *frames, size_t count) {
	struct mmsghdr messages[WIRE_END_BURST_MAX];
	struct wire_sent taken = {0};

	for (size_t i = 0; i < count; i++)
		messages[i] = (struct mmsghdr){
			.msg_hdr = {.msg_iov = (struct iovec *)&frames[i], .msg_iovlen = 1}};
	/* It stops at a frame that is not taken, and tells so only if that is the first one. */
	for (size_t at = 0; at < count;) {
		int sent = sendmmsg(
			end->sending, messages + at, (unsigned int)(count - at), MSG_DONTWAIT);

		if (sent < 0) {
			at += errno != EINTR;
			continue;
		}
		for (int i = 0; i < sent; i++)
			taken.bytes += frames[at++].iov_len;
		taken.frames += (uint64_t)sent;
	}
	return taken;
}

uint64_t wire_end_missed(const struct wire_end *end) {
	uint64_t missed = __atomic_load_n(&end->program->bss->unserved, __ATOMIC_RELAXED);

	for (size_t queue = 0; queue < end->queue_count; queue++)
		missed += xdp_socket_missed(end->queues[queue]);
	return missed;
}
