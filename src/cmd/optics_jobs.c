/* optics_jobs: see optics_jobs.h. */
#include "cmd/optics_jobs.h"

#include <pthread.h>
#include <sched.h>

enum { JOBS_MOST = 256 };

static size_t cores(void) {
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

void jobs_run(size_t jobs, void *(*work)(void *owner), void *owner) {
	pthread_t threads[JOBS_MOST];
	size_t started = 0;

	if (jobs == 0)
		jobs = cores();
	while (started + 1 < jobs && started < JOBS_MOST &&
		pthread_create(&threads[started], NULL, work, owner) == 0)
		started++;
	work(owner);
	while (started-- > 0)
		pthread_join(threads[started], NULL);
}
