/* wires: see wires.h. */
#include "twin/wires.h"

#include "agent/client.h"
#include "base/clock.h"
#include "base/local_socket.h"
#include "emulator/emulator.h"
#include "twin/netns.h"
#include "twin/twin.h"
#include "twin/wiring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { START_SECONDS = 20, LOOK_AGAIN_NS = 5000000 };

void wire_namespace(const char *twin, const struct fabric *fabric, int link, char *text) {
	const struct fabric_port *upper = &fabric->ports[fabric->links[link].ports[0]];

	snprintf(text, TWIN_PATH_MAX, "%s.%s:%s", twin, fabric->nodes[upper->node].name,
		upper->name);
}

static int switch_ipv6_off(const char *name) {
	int fd = netns_open(name), error;
	struct wiring *wiring;

	if (fd < 0)
		return fd;
	error = wiring_open(fd, &wiring);
	if (!error) {
		error = wiring_set_sysctl(wiring, "ipv6/conf/all/disable_ipv6", "1");
		if (!error)
			error = wiring_set_sysctl(wiring, "ipv6/conf/default/disable_ipv6", "1");
		wiring_close(wiring);
	}
	close(fd);
	return error;
}

int wire_create(const char *twin, const struct fabric *fabric, int link) {
	char name[TWIN_PATH_MAX];
	int error;

	wire_namespace(twin, fabric, link, name);
	error = netns_create(name);
	return error ? error : switch_ipv6_off(name);
}

int wire_delete(const char *twin, const struct fabric *fabric, int link) {
	char name[TWIN_PATH_MAX];

	wire_namespace(twin, fabric, link, name);
	return twin_remove_namespace(name);
}

int wire_lay(const struct nodes *nodes, int link) {
	const struct fabric *fabric = nodes->fabric;
	struct wiring *between;
	int error = wiring_open(nodes->wires[link], &between);

	for (int end = 0; end < 2 && !error; end++) {
		const struct fabric_port *port = &fabric->ports[fabric->links[link].ports[end]];

		error = wiring_add_veth(nodes->wirings[port->node], port->name, between,
			end ? "b" : "a", fabric->intent->mtu);
	}
	if (!error)
		wiring_close(between);
	return error;
}

int wire_set_carrier(const struct nodes *nodes, int link, bool is_up) {
	struct wiring *between;
	int error = wiring_open(nodes->wires[link], &between);

	if (error)
		return error;
	error = wiring_set_up(between, "b", is_up);
	wiring_close(between);
	return error;
}

/* The n-th setting as its option and value; what is as it is anyway is left out. */
static size_t put_setting(const struct wire_settings *settings, size_t n, const char **arguments,
	char *text, size_t size) {
	struct wire_settings usual;
	char value[WIRE_VALUE_BYTES], usual_value[WIRE_VALUE_BYTES];
	int length;

	wire_settings_init(&usual);
	wire_setting_text(settings, n, value);
	wire_setting_text(&usual, n, usual_value);
	if (strcmp(value, usual_value) == 0)
		return 0;
	if (strcmp(wire_setting_name(n), "down") == 0)
		length = snprintf(text, size, "--down");
	else
		length = snprintf(text, size, "--%s=%s", wire_setting_name(n), value);
	*arguments = text;
	return (size_t)length + 1;
}

void wire_arguments(const char *heddle_path, const struct wire_settings *settings,
	const char *arguments[WIRE_WORDS_MAX], char texts[WIRE_TEXTS_BYTES]) {
	size_t count = 0, used = 0;

	arguments[count++] = heddle_path;
	arguments[count++] = "wire";
	arguments[count++] = "a";
	arguments[count++] = "b";
	for (size_t n = 0; settings && wire_setting_name(n); n++) {
		size_t size = put_setting(
			settings, n, &arguments[count], texts + used, WIRE_TEXTS_BYTES - used);

		count += size > 0;
		used += size;
	}
	arguments[count] = NULL;
}

/* The path depends on the namespace that it is asked in. */
static int control_path(const struct nodes *nodes, int link, char *path) {
	int home = netns_open(NULL), error = home < 0 ? home : 0;

	if (!error)
		error = netns_enter(nodes->wires[link]);
	if (!error) {
		emulator_control_path("a", "b", path, LOCAL_SOCKET_PATH_BYTES);
		netns_enter(home);
	}
	if (home >= 0)
		close(home);
	return error;
}

int wire_await(const struct nodes *nodes, int link) {
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN_NS};
	double until = clock_now() + START_SECONDS;
	char path[LOCAL_SOCKET_PATH_BYTES];
	int error = control_path(nodes, link, path);

	while (!error && !local_socket_answers(path)) {
		if (clock_now() > until)
			return -ETIME;
		nanosleep(&pause, NULL);
	}
	return error;
}

static void ignore(void *owner, const json_t *row) {
}

/* The same for both directions. */
static int set_both(const struct nodes *nodes, int link, json_t *settings) {
	char path[LOCAL_SOCKET_PATH_BYTES];
	int error = control_path(nodes, link, path);

	if (error) {
		json_decref(settings);
		return error;
	}
	return client_ask(path, json_pack("{s:{s:O, s:o}}", "set", "a", settings, "b", settings),
		ignore, NULL);
}

int wire_change(const struct nodes *nodes, int link, const struct wire_settings *settings) {
	json_t *words = json_object();

	for (size_t n = 0; wire_setting_name(n); n++) {
		char value[WIRE_VALUE_BYTES];

		wire_setting_text(settings, n, value);
		json_object_set_new(words, wire_setting_name(n), json_string(value));
	}
	return set_both(nodes, link, words);
}

int wire_cut(const struct nodes *nodes, int link, bool is_cut) {
	return set_both(nodes, link, json_pack("{s:s}", "down", is_cut ? "yes" : "no"));
}

static uint64_t frames(const json_t *row, const char *key) {
	return (uint64_t)json_integer_value(json_object_get(json_object_get(row, "frames"), key));
}

static void add_counts(void *owner, const json_t *row) {
	struct wire_counts *counts = owner;

	counts->received += frames(row, "received");
	counts->delivered += frames(row, "delivered");
	counts->overflowed += frames(row, "overflowed");
	counts->lost += frames(row, "lost");
}

int wire_read_counts(const struct nodes *nodes, int link, struct wire_counts *counts) {
	char path[LOCAL_SOCKET_PATH_BYTES];
	int error = control_path(nodes, link, path);

	*counts = (struct wire_counts){0};
	return error ? error
		     : client_ask(path, json_pack("{s:s}", "show", "wire"), add_counts, counts);
}
