/*
 * application_iot: many devices, each of which now and then sends one small message, and hears that
 * it has come: thousands of flows of one packet each way, over UDP, each from a port that no other
 * under way has. A message that is not acknowledged in half a second is lost.
 */
#include "twin/application.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	MESSAGE_BYTES = 64,
	PORT_FIRST = 20000,
	UNDER_WAY_MAX = 4096,
	PORTS = 12000,  /* more than are under way: no two of these share one */
	BURST_MAX = 64, /* what is sent before what has come is looked at */
};

static const double PATIENCE_S = 0.5;

enum purpose { PAUSE };

/* One, from when it is sent until it is acknowledged or lost. */
struct message {
	struct application *application;
	struct endpoint endpoint;
	double sent;
};

struct sensors {
	struct endpoint *sinks;                 /* a host that is sent to, each */
	struct message messages[UNDER_WAY_MAX]; /* a ring: in the order in which they are sent */
	uint64_t next, oldest;
	double pause; /* between two, on average */
};

/* --- whom they are sent to --- */

static void on_sink(void *owner, uint32_t events) {
	const struct endpoint *sink = owner;
	struct sockaddr_in6 from;
	char text[MESSAGE_BYTES];
	socklen_t size = sizeof(from);
	ssize_t got;

	while ((got = recvfrom(sink->fd, text, sizeof(text), 0, (struct sockaddr *)&from, &size)) >=
		0)
		if (got == MESSAGE_BYTES)
			sendto(sink->fd, text, 1, 0, (const struct sockaddr *)&from, size);
}

/* --- devices --- */

/* An error is an ICMP message: somebody says that there is no way. */
static void on_acknowledged(void *owner, uint32_t events) {
	struct message *message = owner;
	char text[MESSAGE_BYTES];
	ssize_t got = recv(message->endpoint.fd, text, sizeof(text), 0);

	if (got < 0 && errno == EAGAIN)
		return;
	application_note(message->application, got < 0 ? OUTCOME_LOST : OUTCOME_DONE,
		got < 0 ? 0 : clock_now() - message->sent);
	endpoint_close(&message->endpoint);
}

static void give_up_messages(struct sensors *sensors, double now) {
	for (; sensors->oldest != sensors->next; sensors->oldest++) {
		struct message *message = &sensors->messages[sensors->oldest % UNDER_WAY_MAX];

		if (message->endpoint.fd >= 0 && now - message->sent < PATIENCE_S)
			return;
		if (message->endpoint.fd >= 0)
			application_note(message->application, OUTCOME_LOST, 0);
		endpoint_close(&message->endpoint);
	}
}

static void send_message(struct application *application, double now) {
	static const char text[MESSAGE_BYTES];
	struct sensors *sensors = application->own;
	struct message *message = &sensors->messages[sensors->next % UNDER_WAY_MAX];
	uint64_t device = sensors->next % application->intent->devices;
	uint16_t port = (uint16_t)(PORT_FIRST + sensors->next % PORTS);

	if (sensors->next - sensors->oldest == UNDER_WAY_MAX)
		return;
	sensors->next++;
	application_recover(application);
	*message = (struct message){.application = application,
		.endpoint = {.fd = -1, .ready = on_acknowledged, .owner = message},
		.sent = now};
	if (application_send_to(application, application_pair(application, device), 0, device % 2,
		    port, &message->endpoint) < 0 ||
		(send(message->endpoint.fd, text, sizeof(text), 0) < 0 && errno != EAGAIN)) {
		application_note(application, OUTCOME_LOST, 0);
		endpoint_close(&message->endpoint);
	}
}

/* Devices know nothing of each other: between two messages is half to one and a half of the pause.
 */
static void act(struct application *application) {
	struct sensors *sensors = application->own;
	double now = clock_now();

	give_up_messages(sensors, now);
	for (int n = 0; n < BURST_MAX && application->due <= now; n++) {
		double share = 0.5 + application_draw(application, PAUSE, sensors->next);

		send_message(application, now);
		application->due += share * sensors->pause;
		if (application->due < now - PATIENCE_S)
			application->due = now; /* the machine was busy: they are left out */
	}
}

/* --- its life --- */

static int open_sensors(struct application *application) {
	const struct intent_application *intent = application->intent;
	struct sensors *sensors = calloc(1, sizeof(*sensors));
	int error = 0;

	if (!sensors)
		return -ENOMEM;
	application->own = sensors;
	sensors->pause = intent->every_ms / 1e3 / intent->devices;
	sensors->sinks = calloc(application->to_count, sizeof(*sensors->sinks));
	if (!sensors->sinks)
		return -ENOMEM;
	for (size_t i = 0; i < application->to_count; i++)
		sensors->sinks[i] =
			(struct endpoint){.fd = -1, .ready = on_sink, .owner = &sensors->sinks[i]};
	for (size_t i = 0; i < application->to_count && !error; i++)
		error = application_receive_at(
			application, application->to[i], 0, &sensors->sinks[i]);
	application->due = clock_now();
	return error;
}

static void close_sensors(struct application *application) {
	struct sensors *sensors = application->own;

	if (!sensors)
		return;
	for (; sensors->oldest != sensors->next; sensors->oldest++)
		endpoint_close(&sensors->messages[sensors->oldest % UNDER_WAY_MAX].endpoint);
	for (size_t i = 0; sensors->sinks && i < application->to_count; i++)
		endpoint_close(&sensors->sinks[i]);
	free(sensors->sinks);
	free(sensors);
	application->own = NULL;
}

const struct application_player application_iot = {open_sensors, act, close_sensors};
