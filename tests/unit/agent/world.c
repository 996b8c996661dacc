/* world: see world.h. */
#include "world.h"

#include "base/clock.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say_hold(struct fixture *fixture) {
	const struct mirror_hold hold = {.kind = HOLD_NETFILTER, .family = AF_INET6, .ifindex = 4};

	hold_begin(fixture->mirror);
	hold_add(fixture->mirror, &hold, "nftables chain ip6 filter forward (%d rules)", 2);
	hold_end(fixture->mirror, SOURCE_NETFILTER);
}

static void tell(struct fixture *fixture) {
	say_address(fixture, "10.0.2.1", 2);
	say_neighbour(fixture, "10.0.2.9", 2, NUD_REACHABLE, 2);
	say_neighbour(fixture, "10.0.3.9", 3, NUD_STALE, 3);
	say_neighbour(fixture, "10.0.3.10", 3, NUD_INCOMPLETE, 0);
	say_neighbour(fixture, "fe80::9", 4, NUD_PERMANENT, 4);
	say_route(fixture, (struct route_said){.prefix = "10.0.2.0/24", .dev = 2, .scope = 253});
	say_route(fixture, (struct route_said){.prefix = "10.0.2.1/32",
				   .type = RTN_LOCAL,
				   .dev = 2,
				   .table = RT_TABLE_LOCAL,
				   .scope = RT_SCOPE_HOST});
	say_route(fixture, (struct route_said){.prefix = "20.0.0.0/8",
				   .via = "10.0.2.9",
				   .dev = 2,
				   .metric = 20,
				   .protocol = 186});
	say_route(fixture, (struct route_said){.prefix = "21.0.0.0/8",
				   .hops = {{"10.0.2.9", 2, 1}, {"10.0.3.9", 3, 3}}});
	say_route(fixture, (struct route_said){.prefix = "50.0.0.0/8", .type = RTN_BLACKHOLE});
	say_route(fixture,
		(struct route_said){.prefix = "2001:db8::/32", .via = "fe80::9", .dev = 4});
	say_object(fixture, 7, "10.0.2.9", 2);
	say_object(fixture, 8, "10.0.3.9", 3);
	say_group(fixture, 9, (const uint32_t[]){7, 1, 8, 2, 0});
	say_route(fixture, (struct route_said){.prefix = "22.0.0.0/8", .object = 9});
	say_hold(fixture);
}

static void write_ledger(struct datapath *datapath) {
	struct ledger_entry *entry = &datapath->ledger[1];

	entry->received = (struct ledger_count){10, 1000};
	entry->reasons[REASON_FORWARDED] = (struct ledger_count){7, 700};
	entry->reasons[REASON_ARP] = (struct ledger_count){2, 200};
	entry->reasons[REASON_BLACKHOLE] = (struct ledger_count){1, 100};
}

static void open_ports(struct world *world) {
	struct agent *agent = &world->agent;

	for (int port = 2; port <= 4; port++) {
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "port%d", port);
		config_add_port(&agent->config, name);
	}
	agent->ports = ports_create(&agent->config, agent->datapath, agent->mirror);
	if (!agent->ports)
		abort();
	ports_update(agent->ports);
	/* The mirror was told of no sysctls, and takes forwarding for off. */
	for (int slot = 1; slot <= 3; slot++)
		world->datapath.ports[slot].hold4 = world->datapath.ports[slot].hold6 = 0;
}

struct world *world_create(void) {
	struct world *world = calloc(1, sizeof(*world));
	struct agent *agent = &world->agent;

	if (fixture_create((void **)&world->fixture))
		abort();
	world->datapath.tables = &world->fixture->memory.tables;
	config_init(&agent->config);
	agent->datapath = &world->datapath;
	agent->fib4 = world->fixture->memory.mirror.fib4;
	agent->fib6 = world->fixture->memory.mirror.fib6;
	agent->nexthops = world->fixture->memory.mirror.nexthops;
	agent->mirror = world->fixture->mirror;
	agent->started = clock_seconds();
	open_ports(world);
	tell(world->fixture);
	write_ledger(&world->datapath);
	snprintf(world->folder, sizeof(world->folder), "/tmp/heddle-test-XXXXXX");
	if (!mkdtemp(world->folder))
		abort();
	snprintf(agent->config.socket_path, sizeof(agent->config.socket_path), "%s/run/socket",
		world->folder);
	if (control_open(agent, &agent->control))
		abort();
	return world;
}

void world_destroy(struct world *world) {
	char run[64];

	control_close(world->agent.control);
	snprintf(run, sizeof(run), "%s/run", world->folder);
	rmdir(run);
	rmdir(world->folder);
	ports_destroy(world->agent.ports);
	fixture_destroy((void **)&world->fixture);
	free(world);
}

int world_connect(const struct world *world) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, world->agent.config.socket_path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}
