/*
 * library: libmicrohttpd, loaded when somebody wants HTTP: it brings a dozen libraries of TLS with
 * it, of which nothing is used here, and which would add 2 ms to each start of heddle and 0.4 MB to
 * each daemon of a hundred.
 */
#pragma once

#include <microhttpd.h>

/* The functions that are used, with the types that the header gives them. */
#define MHD_FUNCTIONS(X)                                                                           \
	X(start_daemon)                                                                            \
	X(stop_daemon)                                                                             \
	X(run)                                                                                     \
	X(get_timeout)                                                                             \
	X(get_daemon_info)                                                                         \
	X(get_connection_info)                                                                     \
	X(lookup_connection_value)                                                                 \
	X(create_response_from_buffer)                                                             \
	X(create_response_from_callback)                                                           \
	X(add_response_header)                                                                     \
	X(queue_response)                                                                          \
	X(destroy_response)                                                                        \
	X(suspend_connection)                                                                      \
	X(resume_connection)

struct mhd {
#define MHD_MEMBER(name) __typeof__(&MHD_##name) name;
	MHD_FUNCTIONS(MHD_MEMBER)
#undef MHD_MEMBER
};
extern struct mhd mhd;

/* To be called first; again, it does nothing. 0, or -ENOENT after a message. */
int library_load(void);
