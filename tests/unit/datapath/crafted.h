/*
 * crafted: frames made by hand, and a router to decide them, for the tests of the stages. A plain
 * frame arrives at port 1 from 10.0.1.2 or fd00:1::2, UDP, and is forwarded; a test then spoils one
 * thing in it.
 */
#pragma once

#include "datapath/pipeline.h"
#include "datapath/userpath.h"
#include "memory.h"
#include "router.h"
#include "table/fib4.h"
#include "table/nexthops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct memory memory;
	struct router router;
	struct port port;
	struct frame frame;
	struct packet packet;
	struct decision decision;
	uint8_t *ip;
	uint8_t *transport;
	uint8_t bytes[4096];
};

/* A group's set-up and tear-down; the bench is *state. */
int bench_create(void **state);
int bench_destroy(void **state);

/* Port 1 as it was, and a plain frame for `destination`, of either family, with `payload` bytes
 * behind the UDP header. */
void craft(struct bench *bench, const char *destination, size_t payload);
/* The IPv4 header's checksum, after a change. */
void mend(struct bench *bench);
void set_source(struct bench *bench, const char *address);

/* What the stages say. */
enum reason parsed(struct bench *bench);
enum reason decided(struct bench *bench);
enum reason forwarded(struct bench *bench);

/* Both by name, so that a failure reads well. */
#define assert_reason(said, expected) assert_string_equal(reason_name(said), reason_name(expected))
