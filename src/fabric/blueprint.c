/* blueprint: see blueprint.h. */
#include "fabric/blueprint.h"

#include "fabric/state.h"

enum { PATH_BYTES = 4096 };

static void close_state(struct blueprint *blueprint) {
	if (!blueprint->shares_state)
		state_close(blueprint->state);
}

/* What is wrong with the intent and with its design is told together. */
static int design(struct blueprint *blueprint, struct mistakes *mistakes) {
	int error =
		fabric_create(&blueprint->intent, mistakes, blueprint->state, &blueprint->fabric);

	mistakes_tell(mistakes);
	if (!error)
		return 0;
	close_state(blueprint);
	intent_free(&blueprint->intent);
	return error;
}

/* The intent is read. */
static int open_with(
	struct blueprint *blueprint, struct mistakes *mistakes, const char *state_path) {
	int error = state_open(state_path, &blueprint->state);

	blueprint->shares_state = false;
	if (!error)
		return design(blueprint, mistakes);
	mistakes_tell(mistakes);
	intent_free(&blueprint->intent);
	return error;
}

/* What is wrong stays to be told; all is undone if it cannot be read. */
static int read_intent(struct blueprint *blueprint, struct mistakes *mistakes) {
	int error = intent_read(&blueprint->intent, mistakes);

	if (error)
		mistakes_drop(mistakes);
	return error;
}

int blueprint_open(struct blueprint *blueprint, const char *intent_path, const char *state_path) {
	struct mistakes mistakes = {.path = intent_path};
	int error = read_intent(blueprint, &mistakes);

	return error ? error : open_with(blueprint, &mistakes, state_path);
}

int blueprint_open_in(struct blueprint *blueprint, const char *intent_path, const char *folder) {
	struct mistakes mistakes = {.path = intent_path};
	char state_path[PATH_BYTES];
	int error = read_intent(blueprint, &mistakes);

	if (error)
		return error;
	snprintf(state_path, sizeof(state_path), "%s/state.json",
		folder ? folder : blueprint->intent.name);
	return open_with(blueprint, &mistakes, state_path);
}

int blueprint_open_after(
	struct blueprint *blueprint, const char *intent_path, const struct blueprint *before) {
	struct mistakes mistakes = {.path = intent_path};
	int error = read_intent(blueprint, &mistakes);

	if (error)
		return error;
	blueprint->shares_state = true;
	blueprint->state = before->state;
	return design(blueprint, &mistakes);
}

void blueprint_close(struct blueprint *blueprint) {
	fabric_destroy(blueprint->fabric);
	close_state(blueprint);
	intent_free(&blueprint->intent);
}
