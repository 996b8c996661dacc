/* support: what the tests of this room share; see support.h. */
#include "support.h"

static uint64_t random_state;

int seed_random(void **state) {
	const char *given = getenv("TEST_SEED");

	random_state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 2654435761u | 1;
	print_message("TEST_SEED=0x%llx\n", (unsigned long long)random_state);
	return 0;
}

/* xorshift64* */
uint32_t random_below(uint32_t limit) {
	assert_true(random_state);
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)(((random_state * 0x2545f4914f6cdd1du >> 32) * limit) >> 32);
}

void count_wait(struct grace *grace) {
	((struct counting_grace *)grace)->waits++;
}

void *zeroed(size_t count, size_t size) {
	size_t bytes = (count * size + 63) & ~(size_t)63;
	void *memory = aligned_alloc(64, bytes ? bytes : 64);

	assert_non_null(memory);
	return memset(memory, 0, bytes ? bytes : 64);
}
