/* reference: where the reference planner's results are, for tests that skip without them. */
#pragma once

/* OPTICS_REFERENCE, or the folder beside the tree. If it is not there, the case that asks is
 * skipped, and says why. */
const char *reference_folder(void);
