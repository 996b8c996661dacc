/* optics_actions: what `heddle optics` is asked, and the actions that answer. */
#pragma once

#include "optics/equipment.h"
#include "optics/network.h"
#include "optics/occupancy.h"
#include "optics/sim_params.h"
#include "optics/spectrum.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTICS_WORDS_MAX = 64, OPTICS_EXTRA_MAX = 16, OPTICS_AFTER_MAX = 6 };

struct optics_request {
	const char *topology, *equipment, *sim, *spectrum, *output;
	const char *extra[OPTICS_EXTRA_MAX]; /* equipment besides */
	size_t extra_count;
	double power_dbm; /* NAN: the library's */
	bool as_designed, compat, why, json;
	const char *risks, *lit; /* of a plan */
	bool bidir, redesign, real_load;
	enum slot_choice choice;
	uint64_t alternatives;
	const char *transceiver, *mode, *uncertainty;
	uint64_t samples, seed, jobs; /* jobs 0: one a core */
	enum amplifier_control control;
	const char *after[OPTICS_AFTER_MAX]; /* elements */
	size_t after_count;
	bool pairs; /* of cuts */
	const char *words[OPTICS_WORDS_MAX];
	size_t word_count;
};

/* What a request's files say, read and designed. */
struct optics_world {
	struct equipment equipment;
	struct network network;
	struct sim_params sim;
	struct spectrum load;
	double power_dbm; /* the reference's */
};

int optics_wrong_usage(void);

/* Reads all files of a request; designs the network unless it is taken as it is. `tell` as in
 * struct design_options, or NULL. 0, or a negative errno after messages; closed after 0 only. */
int optics_open(struct optics_world *world, const struct optics_request *request,
	void (*tell)(void *owner, const struct element *element, const char *why), void *owner);
void optics_close(struct optics_world *world);

int optics_check(const struct optics_request *request);
int optics_path(const struct optics_request *request);
int optics_design(const struct optics_request *request);
int optics_plan(const struct optics_request *request);
int optics_capacity(const struct optics_request *request);
int optics_margin(const struct optics_request *request);
int optics_margin_services(const struct optics_request *request); /* the other form of margin */
int optics_plot(const struct optics_request *request);
int optics_survive(const struct optics_request *request);
