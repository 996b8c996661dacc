/* gather: see gather.h. */
#include "gather/gather.h"

#include "gather/gather_module.h"

#include "base/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the module is: beside what runs from a build's folder, or where it is installed. */
static void *load_module(void) {
	static const char *const places[] = {
		"src/gather/" GATHER_MODULE, "../" GATHER_FOLDER "/heddle/" GATHER_MODULE};
	char self[PATH_MAX] = "", path[2 * PATH_MAX], *slash;
	void *module = NULL;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return NULL;
	slash = strrchr(self, '/');
	if (slash)
		*slash = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !module; i++) {
		snprintf(path, sizeof(path), "%s/%s", self, places[i]);
		if (access(path, R_OK) == 0)
			module = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
	}
	return module;
}

int gather_open(struct gather *gather) {
	gather_open_function open;

	*gather = (struct gather){0, 1, NULL};
	if (!getenv("OMPI_COMM_WORLD_SIZE"))
		return 0;
	gather->module = load_module();
	if (!gather->module) {
		const char *why = dlerror();

		log_error("mpirun started us, but %s cannot be loaded%s%s; build Heddle with "
			  "libopenmpi-dev",
			GATHER_MODULE, why ? ": " : "", why ? why : "");
		return -ENOENT;
	}
	open = (gather_open_function)dlsym(gather->module, "gather_module_open");
	if (open && open(&gather->rank, &gather->size) == 0)
		return 0;
	log_error("the Message Passing Interface does not start");
	return -EIO;
}

static char **alone(const char *text) {
	char **texts = calloc(1, sizeof(*texts));

	if (texts)
		texts[0] = strdup(text);
	return texts;
}

char **gather_texts(const struct gather *gather, const char *text) {
	gather_texts_function texts;

	if (!gather->module)
		return alone(text);
	texts = (gather_texts_function)dlsym(gather->module, "gather_module_texts");
	return texts ? texts(text) : NULL;
}

void gather_close(struct gather *gather) {
	gather_close_function close;

	if (!gather->module)
		return;
	close = (gather_close_function)dlsym(gather->module, "gather_module_close");
	if (close)
		close();
	/* The module stays loaded: what it left behind at exit is in its code. */
	gather->module = NULL;
}
