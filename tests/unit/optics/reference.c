/* reference: see reference.h. */
#include "reference.h"

#include <stdlib.h>
#include <sys/stat.h>

const char *reference_folder(void) {
	static const char beside[] = SOURCE_FOLDER "/../shared/data/optics";
	const char *named = getenv("OPTICS_REFERENCE");
	struct stat is;

	if (named && *named)
		return named;
	return stat(beside, &is) == 0 ? beside : NULL;
}
