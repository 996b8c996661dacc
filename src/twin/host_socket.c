/* host_socket: see host_socket.h. */
#include "twin/host_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECEIVE_BUFFER = 4 << 20 };

struct sockaddr_in6 host_socket_mapped(const struct prefix *prefix, uint16_t port) {
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (prefix->family == AF_INET6) {
		memcpy(&address.sin6_addr, prefix->address, 16);
	} else {
		address.sin6_addr.s6_addr[10] = address.sin6_addr.s6_addr[11] = 0xff;
		memcpy(&address.sin6_addr.s6_addr[12], prefix->address, 4);
	}
	return address;
}

int host_socket_open(uint16_t port) {
	const int on = 1, off = 0, room = RECEIVE_BUFFER;
	const struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on)) < 0 ||
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)) < 0 ||
		bind(fd, (const struct sockaddr *)&here, sizeof(here)) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

bool host_socket_address(const struct fabric *fabric, int host, sa_family_t family, uint16_t port,
	struct sockaddr_in6 *address) {
	const struct fabric_node *node = &fabric->nodes[host];
	const struct fabric_port *first = &fabric->ports[node->ports[0]];
	const struct prefix *ipv4 = node->loopback4.family ? &node->loopback4 : &first->address4;
	const struct prefix *ipv6 = node->loopback6.family ? &node->loopback6 : &first->address6;
	const struct prefix *chosen = family == AF_INET6 || !ipv4->family ? ipv6 : ipv4;

	if (!chosen->family || (family != AF_UNSPEC && chosen->family != family))
		return false;
	*address = host_socket_mapped(chosen, port);
	return true;
}
