/* guests: who is connected, and by when each has to have asked: libmicrohttpd's own time limit
 * begins anew with each byte, so that a byte now and then would hold a connection for ever. */
#include "http/private.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <utlist.h>

struct http_guest {
	struct http_guest *prev, *next;
	int fd;
	double deadline;
	size_t answer_bytes; /* of the answer that it is to take */
	bool is_hung_up;
};

int guest_fd(struct MHD_Connection *connection) {
	const union MHD_ConnectionInfo *known =
		mhd.get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	return known ? known->connect_fd : -1;
}

void guests_note(void *context, struct MHD_Connection *connection, void **place,
	enum MHD_ConnectionNotificationCode code) {
	struct http *http = context;
	struct http_guest *guest = *place;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		guest = calloc(1, sizeof(*guest));
		*place = guest;
		if (!guest)
			return;
		guest->fd = guest_fd(connection);
		guest->deadline = clock_now() + HTTP_PATIENCE_SECONDS;
		DL_APPEND(http->guests, guest);
		http->guest_count++;
	} else if (guest) {
		http->answer_bytes -= guest->answer_bytes;
		DL_DELETE(http->guests, guest);
		http->guest_count--;
		free(guest);
	}
}

static struct http_guest *guest_of(struct MHD_Connection *connection) {
	const union MHD_ConnectionInfo *known =
		mhd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return known ? known->socket_context : NULL;
}

bool guest_may_take(struct http *http, struct MHD_Connection *connection, size_t bytes) {
	struct http_guest *guest = guest_of(connection);

	if (!guest || bytes > HTTP_ANSWERS_MAX - http->answer_bytes)
		return false;
	guest->answer_bytes += bytes;
	http->answer_bytes += bytes;
	return true;
}

void guest_has_taken(struct http *http, struct MHD_Connection *connection) {
	struct http_guest *guest = guest_of(connection);

	if (!guest)
		return;
	http->answer_bytes -= guest->answer_bytes;
	guest->answer_bytes = 0;
}

void guest_give(struct MHD_Connection *connection, unsigned int seconds) {
	struct http_guest *guest = guest_of(connection);

	if (guest)
		guest->deadline = seconds ? clock_now() + seconds : INFINITY;
}

void guests_sweep(struct http *http, double now) {
	struct http_guest *guest;

	DL_FOREACH(http->guests, guest) {
		if (guest->deadline >= now || guest->is_hung_up)
			continue;
		guest->is_hung_up = true;
		shutdown(guest->fd, SHUT_RDWR);
	}
}
