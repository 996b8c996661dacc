/* host_socket: UDP sockets of hosts of a twin, one for both families, and the addresses by which
 * hosts are reached. */
#pragma once

#include "fabric/fabric.h"

#include <netinet/in.h>

/* In the calling thread's namespace, at a port; does not block, tells when packets came
 * (SO_TIMESTAMPNS), and of ICMP errors. The descriptor, or a negative errno (-EADDRINUSE). */
int host_socket_open(uint16_t port);

/* v4-mapped for IPv4 (RFC 4291, section 2.5.5.2). */
struct sockaddr_in6 host_socket_mapped(const struct prefix *address, uint16_t port);

/* The host's address of that family (AF_UNSPEC: IPv4 if it has one); false if it has none. */
bool host_socket_address(const struct fabric *fabric, int host, sa_family_t family, uint16_t port,
	struct sockaddr_in6 *address);
