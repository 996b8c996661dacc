/* reference: see reference.h. */
#include "reference.h"

#include "fixture.h"

#include <stdlib.h>
#include <sys/stat.h>

const char *reference_folder(void) {
	static const char beside[] = SOURCE_FOLDER "/../shared/data/optics";
	const char *named = getenv("OPTICS_REFERENCE");
	struct stat is;

	if (named && *named)
		return named;
	if (stat(beside, &is) != 0) {
		print_message(
			"skipped: the reference's tables are not at hand; OPTICS_REFERENCE names "
			"their folder\n");
		skip();
	}
	return beside;
}
