/*
 * checksum: finishes what a sender on the same machine left to its network card. A frame that comes
 * over a veth from TCP or UDP has, in place of its checksum, the sum of the pseudo-header alone
 * (CHECKSUM_PARTIAL in Linux); the kernel knows that, but whoever reads the frame does not.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Finishes the checksum of TCP or UDP (RFC 9293, 3.1; RFC 768; RFC 8200, 8.1) over IPv4 or IPv6,
 * behind any VLAN tags, if its field holds the folded sum of the pseudo-header and is not right as
 * it is. True if it did. A frame with a checksum that was wrong in just this way (once in 65,536)
 * is finished, too; any other, also one cut short, stays as it is.
 */
bool checksum_finish(uint8_t *frame, uint32_t length);
