/* wiring: see wiring.h. The sockets are opened inside the namespace and work from anywhere; only
 * sysctls want the thread to be there. */
#include "twin/wiring.h"

#include "mirror/netlink.h"
#include "twin/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { REQUEST_BYTES = 4096 };

struct wiring {
	struct netlink netlink;
	int namespace_fd;
	int socket_fd; /* for ioctl */
};

static void ignore(void *context, const struct nlmsghdr *message) {
}

static int ask(struct wiring *wiring, struct nlmsghdr *request) {
	struct netlink_reader reader = {.read = ignore};

	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	return netlink_ask(&wiring->netlink, request, &reader);
}

int wiring_open(int namespace_fd, struct wiring **out) {
	struct wiring *wiring = calloc(1, sizeof(*wiring));
	int home = netns_open(NULL), error = home < 0 ? home : 0;

	if (!wiring)
		error = -ENOMEM;
	if (!error)
		error = netns_enter(namespace_fd);
	if (!error) {
		wiring->namespace_fd = namespace_fd;
		wiring->socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		error = wiring->socket_fd < 0
				? -errno
				: netlink_open(&wiring->netlink, NETLINK_ROUTE, NETLINK_ASK);
		netns_enter(home);
	}
	if (home >= 0)
		close(home);
	if (error)
		free(wiring);
	else
		*out = wiring;
	return error;
}

void wiring_close(struct wiring *wiring) {
	if (!wiring)
		return;
	netlink_close(&wiring->netlink);
	close(wiring->socket_fd);
	free(wiring);
}

int wiring_dump(struct wiring *wiring, uint16_t type, size_t header_bytes, sa_family_t family,
	void (*read)(void *context, const struct nlmsghdr *message), void *context) {
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[64];
	struct netlink_reader reader = {.read = read, .context = context};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	*(uint8_t *)mnl_nlmsg_put_extra_header(request, header_bytes) = (uint8_t)family;
	return netlink_ask(&wiring->netlink, request, &reader);
}

unsigned int wiring_index(struct wiring *wiring, const char *name) {
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(wiring->socket_fd, SIOCGIFINDEX, &request) < 0
		       ? 0
		       : (unsigned int)request.ifr_ifindex;
}

static struct ifinfomsg *begin_link(void *buffer, uint16_t type, uint16_t flags) {
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;

	request->nlmsg_type = type;
	request->nlmsg_flags = flags;
	link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	return link;
}

static int set_offload(struct wiring *wiring, const char *name, uint32_t command, bool on) {
	struct ethtool_value value = {.cmd = command, .data = on};
	struct ifreq request = {.ifr_data = (char *)&value};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(wiring->socket_fd, SIOCETHTOOL, &request) < 0 ? -errno : 0;
}

static void put_veth(
	struct nlmsghdr *request, const char *peer_name, int peer_namespace_fd, unsigned int mtu) {
	struct nlattr *info = mnl_attr_nest_start(request, IFLA_LINKINFO), *kind, *peer;

	mnl_attr_put_strz(request, IFLA_INFO_KIND, "veth");
	kind = mnl_attr_nest_start(request, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(request, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(request, IFLA_IFNAME, peer_name);
	mnl_attr_put_u32(request, IFLA_MTU, mtu);
	mnl_attr_put_u32(request, IFLA_NET_NS_FD, (uint32_t)peer_namespace_fd);
	mnl_attr_nest_end(request, peer);
	mnl_attr_nest_end(request, kind);
	mnl_attr_nest_end(request, info);
}

int wiring_add_veth(struct wiring *wiring, const char *name, struct wiring *peer,
	const char *peer_name, unsigned int mtu) {
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[REQUEST_BYTES];
	struct nlmsghdr *request = (struct nlmsghdr *)buffer;
	int error;

	begin_link(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	mnl_attr_put_u32(request, IFLA_MTU, mtu);
	put_veth(request, peer_name, peer->namespace_fd, mtu);
	error = ask(wiring, request);
	if (!error)
		error = set_offload(wiring, name, ETHTOOL_SGRO, true);
	if (!error)
		error = set_offload(peer, peer_name, ETHTOOL_SGRO, true);
	if (!error)
		error = wiring_set_up(wiring, name, true);
	return error ? error : wiring_set_up(peer, peer_name, true);
}

int wiring_compute_checksums(struct wiring *wiring, const char *name) {
	return set_offload(wiring, name, ETHTOOL_STXCSUM, false);
}

int wiring_delete_link(struct wiring *wiring, const char *name) {
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[REQUEST_BYTES];
	struct ifinfomsg *link = begin_link(buffer, RTM_DELLINK, 0);

	link->ifi_index = (int)wiring_index(wiring, name);
	return link->ifi_index ? ask(wiring, (struct nlmsghdr *)buffer) : -ENODEV;
}

int wiring_set_up(struct wiring *wiring, const char *name, bool up) {
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[REQUEST_BYTES];
	struct ifinfomsg *link = begin_link(buffer, RTM_NEWLINK, 0);

	link->ifi_index = (int)wiring_index(wiring, name);
	link->ifi_change = IFF_UP;
	link->ifi_flags = up ? IFF_UP : 0;
	return link->ifi_index ? ask(wiring, (struct nlmsghdr *)buffer) : -ENODEV;
}

int wiring_look(struct wiring *wiring, const char *name, struct wiring_link *link) {
	struct ifreq request = {0};

	*link = (struct wiring_link){0};
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(wiring->socket_fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	link->is_running = (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	if (ioctl(wiring->socket_fd, SIOCGIFMTU, &request) < 0)
		return -errno;
	link->mtu = (unsigned int)request.ifr_mtu;
	return 0;
}

int wiring_mac(struct wiring *wiring, const char *name, uint8_t *mac) {
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(wiring->socket_fd, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	return 0;
}

static size_t address_bytes(sa_family_t family) {
	return prefix_bits(family) / 8;
}

static int change_address(struct wiring *wiring, uint16_t type, uint16_t flags, const char *name,
	const struct prefix *address) {
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[REQUEST_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifaddrmsg *header;

	request->nlmsg_type = type;
	request->nlmsg_flags = flags;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->ifa_family = (uint8_t)address->family;
	header->ifa_prefixlen = address->length;
	header->ifa_flags = address->family == AF_INET6 ? IFA_F_NODAD : 0;
	header->ifa_index = wiring_index(wiring, name);
	mnl_attr_put(request, IFA_LOCAL, address_bytes(address->family), address->address);
	mnl_attr_put(request, IFA_ADDRESS, address_bytes(address->family), address->address);
	return header->ifa_index ? ask(wiring, request) : -ENODEV;
}

int wiring_add_address(struct wiring *wiring, const char *name, const struct prefix *address) {
	return change_address(wiring, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, name, address);
}

int wiring_delete_address(struct wiring *wiring, const char *name, const struct prefix *address) {
	return change_address(wiring, RTM_DELADDR, 0, name, address);
}

static void put_hops(struct wiring *wiring, struct nlmsghdr *request, const struct wiring_hop *hops,
	size_t count) {
	struct nlattr *all = mnl_attr_nest_start(request, RTA_MULTIPATH);

	for (size_t i = 0; i < count; i++) {
		size_t before = request->nlmsg_len;
		struct rtnexthop *hop = mnl_nlmsg_put_extra_header(request, sizeof(*hop));

		hop->rtnh_ifindex = (int)wiring_index(wiring, hops[i].device);
		mnl_attr_put(request, RTA_GATEWAY, address_bytes(hops[i].gateway.family),
			hops[i].gateway.address);
		hop->rtnh_len = (uint16_t)(request->nlmsg_len - before);
	}
	mnl_attr_nest_end(request, all);
}

int wiring_add_route(struct wiring *wiring, const struct prefix *destination,
	const struct wiring_hop *hops, size_t count, const struct prefix *source) {
	_Alignas(NLMSG_ALIGNTO) uint8_t buffer[REQUEST_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct rtmsg *header;

	request->nlmsg_type = RTM_NEWROUTE;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->rtm_family = (uint8_t)destination->family;
	header->rtm_dst_len = destination->length;
	header->rtm_table = RT_TABLE_MAIN;
	header->rtm_protocol = RTPROT_STATIC;
	header->rtm_type = RTN_UNICAST;
	mnl_attr_put(request, RTA_DST, address_bytes(destination->family), destination->address);
	if (source->family)
		mnl_attr_put(request, RTA_PREFSRC, address_bytes(source->family), source->address);
	put_hops(wiring, request, hops, count);
	return ask(wiring, request);
}

int wiring_set_sysctl(struct wiring *wiring, const char *name, const char *value) {
	int home = netns_open(NULL), fd,
	    error = home < 0 ? home : netns_enter(wiring->namespace_fd);
	char path[256];

	if (error)
		return error;
	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	netns_enter(home);
	close(home);
	return error;
}
