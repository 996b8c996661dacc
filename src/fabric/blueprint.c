/* blueprint: see blueprint.h. */
#include "fabric/blueprint.h"

#include "fabric/state.h"

int blueprint_open(struct blueprint *blueprint, const char *intent_path, const char *state_path) {
	int error = intent_read(&blueprint->intent, intent_path);

	if (error)
		return error;
	error = state_open(state_path, &blueprint->state);
	if (error)
		goto no_state;
	error = fabric_create(
		&blueprint->intent, intent_path, blueprint->state, &blueprint->fabric);
	if (error)
		goto no_fabric;
	return 0;
no_fabric:
	state_close(blueprint->state);
no_state:
	intent_free(&blueprint->intent);
	return error;
}

void blueprint_close(struct blueprint *blueprint) {
	fabric_destroy(blueprint->fabric);
	state_close(blueprint->state);
	intent_free(&blueprint->intent);
}
