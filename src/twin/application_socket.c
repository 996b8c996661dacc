/* application_socket: sockets of hosts, each made in its host's namespace (application.h). */
#include "twin/application.h"

#include "twin/host_socket.h"
#include "twin/netns.h"
#include "twin/twin.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT_FIRST = 10000, WAITING_MAX = 128 };

static uint16_t port_of(const struct application *application, unsigned int port) {
	return (uint16_t)(PORT_FIRST + application->number * PORTS_EACH + port);
}

static const char *host_name(const struct application *application, int host) {
	return application->world->fabric->nodes[host].name;
}

/* Into the namespace of a host, which is opened when it is first needed. */
static int enter(struct application *application, int host) {
	struct application_world *world = application->world;
	char name[TWIN_PATH_MAX];
	int error;

	if (world->namespaces[host] < 0) {
		twin_namespace(world->twin, host_name(application, host), name);
		world->namespaces[host] = netns_open(name);
	}
	error = world->namespaces[host] < 0 ? -ENOENT : netns_enter(world->namespaces[host]);
	if (error)
		application_fail(application, "%s is not there", host_name(application, host));
	return error;
}

/* Of that type, in that host's namespace. */
static int make_socket(struct application *application, int host, int type) {
	int error = enter(application, host), fd;

	if (error)
		return error;
	fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	error = fd < 0 ? -errno : 0;
	netns_enter(application->world->home);
	if (error)
		application_fail(application, "a socket of %s: %s", host_name(application, host),
			strerror(-error));
	return error ? error : fd;
}

static void set_option(int fd, int level, int option, int value) {
	setsockopt(fd, level, option, &value, sizeof(value));
}

static int bind_port(struct application *application, int host, int fd, uint16_t port) {
	const struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int error;

	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (const struct sockaddr *)&here, sizeof(here)) == 0)
		return 0;
	error = -errno;
	application_fail(application, "port %u of %s: %s", port, host_name(application, host),
		strerror(-error));
	return error;
}

/* By the family that was asked for, if both ends have it. */
static int find_address(struct application *application, struct application_pair pair,
	unsigned int port, bool by_ipv6, struct sockaddr_in6 *address) {
	const struct fabric *fabric = application->world->fabric;
	sa_family_t families[] = {by_ipv6 ? AF_INET6 : AF_INET, by_ipv6 ? AF_INET : AF_INET6};
	struct sockaddr_in6 own;

	for (int i = 0; i < 2; i++)
		if (host_socket_address(fabric, pair.from, families[i], 0, &own) &&
			host_socket_address(
				fabric, pair.to, families[i], port_of(application, port), address))
			return 0;
	application_fail(application, "%s and %s have no addresses of one family",
		host_name(application, pair.from), host_name(application, pair.to));
	return -EADDRNOTAVAIL;
}

/* The error, after it is told. */
static int fail_to_reach(struct application *application, struct application_pair pair, int error) {
	application_fail(application, "%s does not reach %s: %s", host_name(application, pair.from),
		host_name(application, pair.to), strerror(-error));
	return error;
}

/* The socket becomes the endpoint's, or is closed. */
static int keep(struct application *application, struct endpoint *endpoint, int fd, int error,
	uint32_t events) {
	endpoint->fd = error ? -1 : fd;
	if (error)
		close(fd);
	else
		endpoint_watch(application->world, endpoint, events);
	return error;
}

int application_listen(
	struct application *application, int host, unsigned int port, struct endpoint *endpoint) {
	int fd = make_socket(application, host, SOCK_STREAM), error;

	endpoint->fd = -1;
	if (fd < 0)
		return fd;
	error = bind_port(application, host, fd, port_of(application, port));
	if (!error && listen(fd, WAITING_MAX) < 0) {
		error = -errno;
		application_fail(application, "listening at %s: %s", host_name(application, host),
			strerror(-error));
	}
	return keep(application, endpoint, fd, error, EPOLLIN);
}

int application_accept(const struct endpoint *endpoint) {
	int fd = accept4(endpoint->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return -errno;
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return fd;
}

int application_connect(struct application *application, struct application_pair pair,
	unsigned int port, bool by_ipv6, unsigned int patience_ms, struct endpoint *endpoint) {
	struct sockaddr_in6 to;
	int error = find_address(application, pair, port, by_ipv6, &to), fd;

	endpoint->fd = -1;
	fd = error ? error : make_socket(application, pair.from, SOCK_STREAM);
	if (fd < 0)
		return fd;
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)patience_ms);
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)
		error = fail_to_reach(application, pair, -errno);
	return keep(application, endpoint, fd, error, EPOLLOUT);
}

int application_receive_at(
	struct application *application, int host, unsigned int port, struct endpoint *endpoint) {
	int fd = make_socket(application, host, SOCK_DGRAM), error;

	endpoint->fd = -1;
	if (fd < 0)
		return fd;
	error = bind_port(application, host, fd, port_of(application, port));
	return keep(application, endpoint, fd, error, EPOLLIN);
}

int application_send_to(struct application *application, struct application_pair pair,
	unsigned int port, bool by_ipv6, uint16_t source_port, struct endpoint *endpoint) {
	struct sockaddr_in6 to;
	int error = find_address(application, pair, port, by_ipv6, &to), fd;

	endpoint->fd = -1;
	fd = error ? error : make_socket(application, pair.from, SOCK_DGRAM);
	if (fd < 0)
		return fd;
	error = bind_port(application, pair.from, fd, source_port);
	if (!error && connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		error = fail_to_reach(application, pair, -errno);
	return keep(application, endpoint, fd, error, EPOLLIN);
}

void endpoint_watch(struct application_world *world, struct endpoint *endpoint, uint32_t events) {
	struct epoll_event event = {.events = events, .data.ptr = endpoint};

	if (endpoint->events != events)
		epoll_ctl(world->epoll_fd, endpoint->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
			endpoint->fd, &event);
	endpoint->events = events;
}

/* What closes is watched no more. */
void endpoint_close(struct endpoint *endpoint) {
	if (endpoint->fd >= 0)
		close(endpoint->fd);
	endpoint->fd = -1;
	endpoint->events = 0;
}

/* TIME_WAIT of a minute for each of 1000 connections a second is more than a host has ports. */
void endpoint_reset(struct endpoint *endpoint) {
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (endpoint->fd >= 0)
		setsockopt(endpoint->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	endpoint_close(endpoint);
}
