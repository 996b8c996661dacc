/* checksum_test: partial checksums are finished, by another way of adding up; all else stays. */
#include "capture.h"

#include "emulator/checksum.h"

enum { FRAME_MAX = 2048 };

struct packet {
	uint8_t frame[FRAME_MAX];
	uint32_t length, transport, transport_bytes, field;
	uint16_t pseudo;
};

/* RFC 1071 as it is written there: 16 bits at a time, in the order of the network. */
static uint32_t add(uint32_t sum, const uint8_t *bytes, uint32_t length) {
	for (uint32_t i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put16(uint8_t *at, uint32_t value) {
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* A frame of random bytes with the headers of what is asked for, and a partial checksum. */
static struct packet make(bool is_ipv6, bool is_udp, unsigned int tags, uint32_t payload) {
	struct packet packet = {.transport_bytes = (is_udp ? 8 : 20) + payload};
	uint32_t at = 12, sum;
	uint8_t *header;

	for (uint32_t i = 0; i < FRAME_MAX; i++)
		packet.frame[i] = (uint8_t)rand();
	for (; tags > 0; tags--, at += 4)
		put16(packet.frame + at, tags == 2 ? 0x88a8 : 0x8100);
	put16(packet.frame + at, is_ipv6 ? 0x86dd : 0x0800);
	header = packet.frame + at + 2;
	packet.transport = at + 2 + (is_ipv6 ? 40 : 24); /* IPv4 with an option */
	packet.length = packet.transport + packet.transport_bytes;
	if (is_ipv6) {
		header[0] = 0x60;
		put16(header + 4, packet.transport_bytes);
		header[6] = is_udp ? 17 : 6;
		sum = add(0, header + 8, 32);
	} else {
		header[0] = 0x46;
		put16(header + 2, 24 + packet.transport_bytes);
		put16(header + 6, 0x4000);
		header[9] = is_udp ? 17 : 6;
		sum = add(0, header + 12, 8);
	}
	sum += packet.transport_bytes + (is_udp ? 17 : 6);
	packet.pseudo = (uint16_t)add(sum, NULL, 0);
	packet.field = packet.transport + (is_udp ? 6 : 16);
	put16(packet.frame + packet.field, packet.pseudo);
	return packet;
}

static bool is_right(const struct packet *packet) {
	return add(packet->pseudo, packet->frame + packet->transport, packet->transport_bytes) ==
	       0xffff;
}

static void partial_checksums_are_finished(void **state) {
	for (unsigned int kind = 0; kind < 12; kind++)
		for (uint32_t payload = 0; payload < 1400; payload += 13) {
			struct packet packet = make(kind & 1, kind & 2, kind / 4, payload);

			assert_false(is_right(&packet));
			assert_true(checksum_finish(packet.frame, packet.length));
			assert_true(is_right(&packet));
		}
}

static void what_is_whole_stays(void **state) {
	for (unsigned int kind = 0; kind < 4; kind++) {
		struct packet packet = make(kind & 1, kind & 2, 0, 100), before;

		checksum_finish(packet.frame, packet.length);
		before = packet;
		assert_false(checksum_finish(packet.frame, packet.length));
		assert_memory_equal(packet.frame, before.frame, packet.length);
	}
}

static void what_is_wrong_otherwise_stays_wrong(void **state) {
	for (unsigned int kind = 0; kind < 4; kind++) {
		struct packet packet = make(kind & 1, kind & 2, 0, 100), before;

		packet.frame[packet.field] ^= 0x10;
		before = packet;
		assert_false(checksum_finish(packet.frame, packet.length));
		assert_memory_equal(packet.frame, before.frame, packet.length);
	}
}

static void fragments_stay(void **state) {
	struct packet packet = make(false, true, 0, 100);

	put16(packet.frame + 14 + 6, 0x2000);
	assert_false(checksum_finish(packet.frame, packet.length));
}

static void a_frame_cut_short_is_not_read_beyond_its_end(void **state) {
	for (unsigned int kind = 0; kind < 12; kind++) {
		struct packet packet = make(kind & 1, kind & 2, kind / 4, 10);

		for (uint32_t length = 0; length < packet.length; length++) {
			uint8_t *cut = malloc(length ? length : 1); /* for AddressSanitizer */

			memcpy(cut, packet.frame, length);
			assert_false(checksum_finish(cut, length));
			free(cut);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partial_checksums_are_finished),
		cmocka_unit_test(what_is_whole_stays),
		cmocka_unit_test(what_is_wrong_otherwise_stays_wrong),
		cmocka_unit_test(fragments_stay),
		cmocka_unit_test(a_frame_cut_short_is_not_read_beyond_its_end),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
