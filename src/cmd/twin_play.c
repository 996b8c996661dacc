/* twin_play: `heddle twin play`: does what a file says, at its times, and tells all that happened
 * as one timeline. */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/scenario.h"
#include "cmd/twin_timeline.h"

#include <stdio.h>
#include <string.h>

static int play_step(const struct twin_request *request, struct step *step) {
	struct twin_request asked = *request;
	char *words[STEP_WORDS_MOST];

	for (int i = 0; i < step->count; i++)
		words[i] = step->words[i];
	asked.words = words;
	asked.count = step->count;
	return step->act(&asked);
}

/* What is late is done at once. */
static int play(const struct twin_request *request, const struct scenario *scenario) {
	double began = clock_now();
	int status = EXIT_DONE;

	for (size_t i = 0; i < scenario->count && status == EXIT_DONE; i++) {
		clock_wait_until(began + scenario->steps[i].at_s);
		status = play_step(request, &scenario->steps[i]);
		if (status != EXIT_DONE)
			log_error("%s:%d: this did not come to what was expected",
				request->words[0], scenario->steps[i].line);
	}
	return status;
}

int twin_play(const struct twin_request *request) {
	struct twin_request asked = *request;
	struct scenario scenario = {0};
	int status = EXIT_FAILED;

	if (request->count != 1)
		return EXIT_USAGE;
	asked.is_played = true;
	if (scenario_read(&scenario, request->words[0]) == 0) {
		status = play(&asked, &scenario);
		(request->json ? timeline_print_json : timeline_print)(asked.timeline);
	}
	scenario_free(&scenario);
	return status == EXIT_DONE ? EXIT_DONE : EXIT_FAILED;
}
