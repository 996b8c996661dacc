/* library: see library.h. */
#include "http/library.h"

#include "base/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* That of libmicrohttpd 0.9.71 and all since. */
static const char name[] = "libmicrohttpd.so.12";

struct mhd mhd;

/* A pointer to a function has no other way out of dlsym (dlsym(3)). */
static int find(void *library, const char *symbol, void *function) {
	void *found = dlsym(library, symbol);

	memcpy(function, &found, sizeof(found));
	if (!found)
		log_error("%s has no %s", name, symbol);
	return found ? 0 : -ENOENT;
}

int library_load(void) {
	void *library;
	int error = 0;

	if (mhd.run)
		return 0;
	library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		log_error("%s; the package libmicrohttpd12 has it", dlerror());
		return -ENOENT;
	}
#define MHD_FIND(function)                                                                         \
	if (!error)                                                                                \
		error = find(library, "MHD_" #function, &mhd.function);
	MHD_FUNCTIONS(MHD_FIND)
#undef MHD_FIND
	if (error)
		mhd.run = NULL;
	return error;
}
