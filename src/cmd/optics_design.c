/* optics_design: `heddle optics design` and `heddle optics check`. */
#include "cmd/optics_actions.h"
#include "cmd/command.h"

int optics_design(const struct optics_request *request) {
	return EXIT_FAILED;
}
int optics_check(const struct optics_request *request) {
	return EXIT_FAILED;
}
