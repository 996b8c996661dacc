/*
 * requests: what a twin's supervisor answers on its control socket:
 *
 *   {"processes": true}    a row each: name, pid (0: does not run), wanted, restarts, last_status
 *   {"faults": true}       a row for each link or node that was made to fail: {"link": id} …
 *   {"fail": {"link": id}}, with "silent": true if its carrier is to stay, or {"node": id}; ids are
 *                          the design's
 *   {"restore": {"link": id}}, {"node": id}, or {"all": true}
 *   {"drain": {"link": id}}, and {"undrain": …}: traffic is asked to take other ways
 *   {"apply": "/path/of/an/intent"}: makes the twin what that says, with a row {"step": "…"} for
 *                          each step, and {"waiting": "…"} for what is waited for
 *
 * "faults" has a row {"link": id, "drained": true} for each link that is drained. "fail",
 * "restore", "drain" and "undrain" answer with a row {"at": the moment before the change, in
 * CLOCK_REALTIME seconds}.
 */
#pragma once

#include "twin/control.h"

/* As twin_control_serve wants it; `owner` is a struct running. */
int requests_act(
	void *owner, const json_t *request, struct twin_answer *answer, char error[TWIN_ERROR_MAX]);
