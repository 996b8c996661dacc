/* optics_jobs: work that threads share out among themselves. */
#pragma once

#include <stddef.h>

/* Calls `work` in so many threads, or as many as there can be; this one is one of them. 0 jobs: one
 * for each core that this process may run on. Returns when all have. */
void jobs_run(size_t jobs, void *(*work)(void *owner), void *owner);
