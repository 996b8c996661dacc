/*
 * control_fuzz: bytes as what a client says to the control socket of an agent in a small world. The
 * first byte is the size of the pieces that it comes in. Each line is answered by rows of JSON, the
 * last of which is an end or an error; then the next line.
 */
#include "world.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { REQUESTS_BYTES_MAX = 16384, ANSWERS_BYTES_MAX = 8 << 20 };

static struct world *world;
static char answers[ANSWERS_BYTES_MAX];

static void clean_up(void) {
	world_destroy(world);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
	world = world_create();
	atexit(clean_up);
	return 0;
}

/* Speaks and listens until both sides are silent: how much was heard. */
static size_t converse(int client, const uint8_t *said, size_t size, size_t piece, bool *hung_up) {
	size_t sent = 0, heard = 0;

	*hung_up = false;
	for (int idle = 0; idle < 2;) {
		size_t left = size - sent < piece ? size - sent : piece;
		ssize_t out = left ? send(client, said + sent, left, MSG_NOSIGNAL) : 0;
		ssize_t in;

		control_process(world->agent.control);
		in = recv(client, answers + heard, sizeof(answers) - heard, 0);
		if (in == 0 || (in < 0 && errno == ECONNRESET)) {
			*hung_up = true;
			return heard;
		}
		sent += out > 0 ? (size_t)out : 0;
		heard += in > 0 ? (size_t)in : 0;
		assert(heard < sizeof(answers));
		idle = out > 0 || in > 0 ? 0 : idle + 1;
	}
	assert(sent == size);
	return heard;
}

/* How many answers have come to their end. */
static size_t check_answers(const char *text, size_t size) {
	const char *newline;
	size_t ended = 0;

	while ((newline = memchr(text, '\n', size))) {
		size_t length = (size_t)(newline - text);
		json_t *row = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);

		assert(json_is_object(row));
		ended += json_object_get(row, "end") || json_object_get(row, "error");
		json_decref(row);
		text += length + 1;
		size -= length + 1;
	}
	assert(size == 0);
	return ended;
}

static size_t count_lines(const uint8_t *bytes, size_t size) {
	size_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += bytes[i] == '\n';
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	size_t heard, ended;
	bool hung_up;
	int client;

	if (size < 2 || size > REQUESTS_BYTES_MAX)
		return 0;
	client = world_connect(world);
	assert(client >= 0);
	control_process(world->agent.control);
	heard = converse(client, bytes + 1, size - 1, 1 + bytes[0] * 16u, &hung_up);
	if (!hung_up) {
		ended = check_answers(answers, heard);
		assert(ended == count_lines(bytes + 1, size - 1));
	}
	close(client);
	control_process(world->agent.control);
	return 0;
}
