/*
 * neighbour_room: room in the neighbour tables of the kernel's, of which there is one for IPv4 and
 * one for IPv6, shared by all network namespaces of the machine (arp(7), gc_thresh3). One that is
 * full refuses router advertisements and so BGP by link-local addresses, in every twin.
 */
#pragma once

#include <stddef.h>

/* Makes them larger, if need be, for so many links more, and says so. Where that is not allowed or
 * not there (in a container), a warning at most: a small twin does without. */
void neighbour_room_make(size_t links);
