/* support: what the tests of this room share: numbers at random, memory, and grace that counts. */
#pragma once

#include "table/grace.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* A group's set-up: seeds the generator and prints the seed; TEST_SEED repeats a run. */
int seed_random(void **state);

/* 0 .. limit-1. */
uint32_t random_below(uint32_t limit);

struct counting_grace {
	struct grace grace;
	unsigned int waits;
};

void count_wait(struct grace *grace);

/* Memory as the tables want it: zero, in whole cache lines. */
void *zeroed(size_t count, size_t size);
