/* reference: where the reference planner's results are, for tests that skip without them. */
#pragma once

/* OPTICS_REFERENCE, or the folder beside the tree; NULL if it is not there. */
const char *reference_folder(void);
