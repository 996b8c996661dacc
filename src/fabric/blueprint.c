/* blueprint: see blueprint.h. */
#include "fabric/blueprint.h"

#include "fabric/state.h"

enum { PATH_BYTES = 4096 };

static void close_state(struct blueprint *blueprint) {
	if (!blueprint->shares_state)
		state_close(blueprint->state);
}

/* The intent is read, and there is a state or the error that opening one came to; undone if it
 * fails. */
static int design(struct blueprint *blueprint, const char *intent_path, int error) {
	if (error)
		goto no_state;
	error = fabric_create(
		&blueprint->intent, intent_path, blueprint->state, &blueprint->fabric);
	if (error)
		goto no_fabric;
	return 0;
no_fabric:
	close_state(blueprint);
no_state:
	intent_free(&blueprint->intent);
	return error;
}

int blueprint_open(struct blueprint *blueprint, const char *intent_path, const char *state_path) {
	int error = intent_read(&blueprint->intent, intent_path);

	if (error)
		return error;
	blueprint->shares_state = false;
	return design(blueprint, intent_path, state_open(state_path, &blueprint->state));
}

int blueprint_open_in(struct blueprint *blueprint, const char *intent_path, const char *folder) {
	char state_path[PATH_BYTES];
	int error = intent_read(&blueprint->intent, intent_path);

	if (error)
		return error;
	snprintf(state_path, sizeof(state_path), "%s/state.json",
		folder ? folder : blueprint->intent.name);
	blueprint->shares_state = false;
	return design(blueprint, intent_path, state_open(state_path, &blueprint->state));
}

int blueprint_open_after(
	struct blueprint *blueprint, const char *intent_path, const struct blueprint *before) {
	int error = intent_read(&blueprint->intent, intent_path);

	if (error)
		return error;
	blueprint->shares_state = true;
	blueprint->state = before->state;
	return design(blueprint, intent_path, 0);
}

void blueprint_close(struct blueprint *blueprint) {
	fabric_destroy(blueprint->fabric);
	close_state(blueprint);
	intent_free(&blueprint->intent);
}
