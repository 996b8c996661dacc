/*
 * wire_checksum_fuzz: bytes as a frame whose checksum may have to be finished. At most its two
 * bytes change, and what was finished is whole.
 */
#include "emulator/checksum.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	uint8_t *frame = malloc(size ? size : 1); /* of just this size, for AddressSanitizer */
	size_t changed = 0;
	bool finished;

	memcpy(frame, bytes, size);
	finished = checksum_finish(frame, (uint32_t)size);
	for (size_t i = 0; i < size; i++)
		changed += frame[i] != bytes[i];
	assert(finished ? changed >= 1 && changed <= 2 : changed == 0);
	assert(!checksum_finish(frame, (uint32_t)size));
	free(frame);
	return 0;
}
