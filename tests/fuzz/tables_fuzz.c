/* tables_fuzz: bytes as a file of a switch's table, as what ip(8) prints of it, or as a list of
 * prefixes: 'f', 'j' or 'p' first. A table that is read twice, the second time by what is known of
 * the first, is the same twice. */
#include "fabric/fib_file.h"
#include "fabric/fib_json.h"
#include "fabric/prefix_file.h"
#include "fabric/state.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char intent_text[] = "spines: 2\nleaves: 2\n";

/* A file of these bytes. */
static const char *put(const void *bytes, size_t size) {
	static int fd = -1;
	static char path[64];

	if (fd < 0)
		fd = memfd_create("file", 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert(ftruncate(fd, 0) == 0 && pwrite(fd, bytes, size, 0) == (ssize_t)size);
	return path;
}

static const struct fabric *design(void) {
	static struct intent intent;
	static struct fabric *fabric;
	static struct state *state;

	if (!fabric) {
		struct mistakes mistakes = {.path = put(intent_text, strlen(intent_text))};

		assert(intent_read(&intent, &mistakes) == 0);
		assert(state_open(NULL, &state) == 0);
		assert(fabric_create(&intent, &mistakes, state, &fabric) == 0);
	}
	return fabric;
}

static int read_table(bool is_json, struct fib_reader *reader, struct fib_set *set, uint32_t as,
	const char *text, size_t size) {
	const struct fabric *fabric = design();
	int node = fabric_find(fabric, "leaf1");
	const struct verify_place place = {
		.set = set, .node = as, .strange_port = (uint32_t)fabric->port_count};
	bool dead[256] = {0};

	assert(fabric->port_count <= 256);
	return is_json ? fib_json_parse(fabric, "table", text, size, node, &place)
		       : fib_reader_parse(reader, "table", text, size, node, &place, dead);
}

static void check_columns(const struct fib_set *set) {
	size_t count = fib_set_prefix_count(set);
	uint32_t *one = malloc((count + 1) * sizeof(*one)),
		 *other = malloc((count + 1) * sizeof(*other));

	assert(one && other && !fib_set_column(set, 0, one) && !fib_set_column(set, 1, other));
	assert(memcmp(one, other, count * sizeof(*one)) == 0);
	free(one);
	free(other);
}

static void check_table(bool is_json, const char *text, size_t size) {
	struct fib_reader *reader = fib_reader_create(design());
	struct fib_set *set = fib_set_create();
	int first, second;

	assert(reader && set);
	first = read_table(is_json, reader, set, 0, text, size);
	second = read_table(is_json, reader, set, 1, text, size);
	assert(first == second && (first == 0 || first == -EINVAL));
	assert(fib_set_finish(set) == 0);
	check_columns(set);
	fib_set_destroy(set);
	fib_reader_destroy(reader);
}

static void check_prefixes(const char *text, size_t size) {
	struct prefix *prefixes = NULL;
	size_t count = 0;

	prefix_file_read(put(text, size), &prefixes, &count);
	for (size_t i = 0; i < count; i++) {
		char written[PREFIX_TEXT_MAX];
		struct prefix again;

		assert(prefix_parse(prefix_text(&prefixes[i], written), &again) == 0);
		assert(prefix_compare(&again, &prefixes[i]) == 0);
	}
	free(prefixes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text;

	if (size == 0 || size > 8192)
		return 0;
	text = malloc(size); /* exact, so that a byte beyond is seen */
	assert(text);
	memcpy(text, bytes + 1, size - 1);
	text[size - 1] = '\0';
	if (bytes[0] == 'p')
		check_prefixes(text, size - 1);
	else if (bytes[0] == 'j' || bytes[0] == 'f')
		check_table(bytes[0] == 'j', text, size - 1);
	free(text);
	return 0;
}
