/* state: see state.h. Each pool is a JSON object; beside it a map of the numbers that are taken. */
#include "fabric/state.h"

#include "base/log.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

enum { NUMBER_MAX = 1 << 24 };

struct pool {
	char *name;
	json_t *numbers; /* key to number; in the document */
	bool *taken;
	uint32_t size;   /* of `taken` */
	uint32_t lowest; /* below it all are taken */
	UT_hash_handle hh;
};

struct state {
	json_t *document;
	struct pool *pools;
};

static bool mark_taken(struct pool *pool, uint32_t number) {
	if (number >= pool->size) {
		uint32_t size = number < 32 ? 64 : 2 * number;
		bool *taken = realloc(pool->taken, size);

		if (!taken)
			return false;
		memset(taken + pool->size, 0, size - pool->size);
		pool->taken = taken;
		pool->size = size;
	}
	pool->taken[number] = true;
	while (pool->lowest < pool->size && pool->taken[pool->lowest])
		pool->lowest++;
	return true;
}

static struct pool *find_pool(struct state *state, const char *name) {
	struct pool *pool;
	json_t *numbers;

	HASH_FIND_STR(state->pools, name, pool);
	if (pool)
		return pool;
	numbers = json_object_get(state->document, name);
	if (!numbers) {
		numbers = json_object();
		if (json_object_set_new(state->document, name, numbers) < 0)
			return NULL;
	}
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return NULL;
	pool->name = strdup(name);
	pool->numbers = numbers;
	HASH_ADD_KEYPTR(hh, state->pools, pool->name, strlen(pool->name), pool);
	return pool;
}

/* What the file says of one pool: each key a number of its own. */
static int check_pool(struct state *state, const char *path, const char *name, json_t *numbers) {
	struct pool *pool = json_is_object(numbers) ? find_pool(state, name) : NULL;
	const char *key;
	json_t *value;

	if (!pool) {
		log_error("%s: '%s': expected keys with numbers", path, name);
		return -EINVAL;
	}
	json_object_foreach(numbers, key, value) {
		json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;

		if (number < 0 || number >= NUMBER_MAX ||
			(number < pool->size && pool->taken[number])) {
			log_error("%s: '%s', '%s': expected a number of its own below %d", path,
				name, key, NUMBER_MAX);
			return -EINVAL;
		}
		if (!mark_taken(pool, (uint32_t)number))
			return -ENOMEM;
	}
	return 0;
}

static int read_file(struct state *state, const char *path) {
	json_error_t where;
	const char *name;
	json_t *numbers;

	if (access(path, F_OK) < 0 && errno == ENOENT) {
		state->document = json_object();
		return state->document ? 0 : -ENOMEM;
	}
	state->document = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
	if (!state->document && where.line > 0)
		log_error("%s:%d: not a state of a fabric: %s", path, where.line, where.text);
	else if (!state->document)
		log_error("%s: %s", path, where.text);
	else if (!json_is_object(state->document))
		log_error("%s: not a state of a fabric: expected an object of pools", path);
	if (!json_is_object(state->document))
		return -EINVAL;
	json_object_foreach(state->document, name, numbers) {
		int error = check_pool(state, path, name, numbers);

		if (error)
			return error;
	}
	return 0;
}

int state_open(const char *path, struct state **out) {
	struct state *state = calloc(1, sizeof(*state));
	int error = state ? 0 : -ENOMEM;

	if (!error && path)
		error = read_file(state, path);
	else if (!error && !(state->document = json_object()))
		error = -ENOMEM;
	if (error) {
		state_close(state);
		return error;
	}
	*out = state;
	return 0;
}

void state_close(struct state *state) {
	struct pool *pool, *next;

	if (!state)
		return;
	HASH_ITER(hh, state->pools, pool, next) {
		HASH_DEL(state->pools, pool);
		free(pool->name);
		free(pool->taken);
		free(pool);
	}
	json_decref(state->document);
	free(state);
}

uint32_t state_take(struct state *state, const char *pool_name, const char *key) {
	struct pool *pool = find_pool(state, pool_name);
	json_t *known = pool ? json_object_get(pool->numbers, key) : NULL;
	uint32_t number;

	if (known)
		return (uint32_t)json_integer_value(known);
	if (!pool || pool->lowest >= NUMBER_MAX)
		return UINT32_MAX;
	number = pool->lowest;
	if (json_object_set_new(pool->numbers, key, json_integer(number)) < 0 ||
		!mark_taken(pool, number))
		return UINT32_MAX;
	return number;
}

int state_write(const struct state *state, const char *path) {
	char draft[4096];
	int error = 0;

	if (snprintf(draft, sizeof(draft), "%s.new", path) >= (int)sizeof(draft))
		return -ENAMETOOLONG;
	errno = 0;
	if (json_dump_file(state->document, draft, JSON_INDENT(1) | JSON_SORT_KEYS) < 0 ||
		rename(draft, path) < 0)
		error = errno ? -errno : -EIO;
	if (error)
		log_error("%s: %s", path, strerror(-error));
	return error;
}
