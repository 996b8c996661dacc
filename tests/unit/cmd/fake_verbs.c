/* fake_verbs: what steps of scenarios name, without a twin: nothing is done. */
#include "cmd/twin.h"

#define VERB(name)                                                                                 \
	int name(const struct twin_request *request) {                                             \
		return 0;                                                                          \
	}

VERB(twin_fail)
VERB(twin_restore)
VERB(twin_drain)
VERB(twin_undrain)
VERB(twin_kill)
VERB(twin_restart)
VERB(twin_light)
