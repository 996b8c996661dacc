/* config_fuzz: bytes as a configuration file. It is taken whole, and then within its bounds, or the
 * configuration stays as it was. */
#include "agent/config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_bounds(const struct config *config) {
	const uint32_t sizes[] = {config->fib4_nodes, config->fib4_leaves, config->fib6_nodes,
		config->fib6_leaves, config->nexthops, config->buckets};

	assert(config->port_count <= CONFIG_PORTS_MAX);
	for (unsigned int i = 0; i < config->port_count; i++) {
		size_t length = strnlen(config->ports[i], IFNAMSIZ);

		assert(length > 0 && length < IFNAMSIZ && !strchr(config->ports[i], '/'));
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		assert(sizes[i] == 0 || (sizes[i] >= 1024 && sizes[i] <= 1 << 28));
	assert(config->socket_path[0] == '/');
	assert(memchr(config->socket_path, 0, sizeof(config->socket_path)));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static int fd = -1;
	static char path[64];
	static struct config config, before;

	if (size > 8192)
		return 0;
	if (fd < 0) {
		fd = memfd_create("config", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		config_init(&before);
	}
	config = before;
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		return 0;
	if (config_read(&config, path) < 0)
		assert(!memcmp(&config, &before, sizeof(config)));
	else
		check_bounds(&config);
	return 0;
}
