/* samples: see samples.h. */
#include "twin/samples.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KIND = 0x68647331, /* of files of this form */
	ROOM = 1 << 19,
	SPARED = 1 << 10, /* of the oldest: they may be overwritten at any moment */
};

/* How far back a summary goes for the least that it is to have. */
static const double REACH_S = 10;

struct sample {
	uint64_t at_ns; /* of CLOCK_REALTIME */
	float ms;
	uint16_t source, outcome;
};

struct ring {
	uint32_t kind, source_count;
	_Atomic uint64_t count; /* of samples ever written: the next is this one, modulo ROOM */
	struct sample_source sources[SAMPLE_SOURCES_MAX];
	struct sample samples[ROOM];
};

struct samples {
	int fd;
	struct ring *ring;
	float *values; /* of a summary */
	size_t room;
};

static int map(struct samples *samples, int protection) {
	struct stat status;
	void *ring;

	if (fstat(samples->fd, &status) < 0)
		return -errno;
	if (status.st_size != sizeof(struct ring))
		return -ENOENT;
	ring = mmap(NULL, sizeof(struct ring), protection, MAP_SHARED, samples->fd, 0);
	if (ring == MAP_FAILED)
		return -errno;
	samples->ring = ring;
	return 0;
}

/* NULL and errno. */
static struct samples *open_file(const char *path, int flags) {
	struct samples *samples = calloc(1, sizeof(*samples));

	if (!samples)
		return NULL;
	samples->fd = open(path, flags | O_CLOEXEC, 0644);
	if (samples->fd >= 0)
		return samples;
	free(samples);
	return NULL;
}

int samples_create(const char *path, struct samples **out) {
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct samples *samples = open_file(path, O_RDWR | O_CREAT);
	int error = 0;

	if (!samples)
		return -errno;
	if (fcntl(samples->fd, F_OFD_SETLK, &whole) < 0)
		error = errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	if (!error && ftruncate(samples->fd, sizeof(struct ring)) < 0)
		error = -errno;
	if (!error)
		error = map(samples, PROT_READ | PROT_WRITE);
	if (error) {
		samples_close(samples);
		return error;
	}
	if (samples->ring->kind != KIND || samples->ring->source_count > SAMPLE_SOURCES_MAX)
		memset(samples->ring, 0, offsetof(struct ring, samples));
	samples->ring->kind = KIND;
	for (size_t i = 0; i < samples->ring->source_count; i++)
		samples->ring->sources[i].is_present = false;
	*out = samples;
	return 0;
}

int samples_open(const char *path, struct samples **out) {
	struct samples *samples = open_file(path, O_RDONLY);
	int error;

	if (!samples)
		return -errno;
	error = map(samples, PROT_READ);
	if (!error && samples->ring->kind != KIND)
		error = -ENOENT;
	if (error)
		samples_close(samples);
	else
		*out = samples;
	return error;
}

void samples_close(struct samples *samples) {
	if (!samples)
		return;
	if (samples->ring)
		munmap(samples->ring, sizeof(struct ring));
	close(samples->fd);
	free(samples->values);
	free(samples);
}

bool samples_are_written(const struct samples *samples) {
	struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	return fcntl(samples->fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

int samples_add_source(struct samples *samples, const struct sample_source *source) {
	struct ring *ring = samples->ring;
	uint32_t n = 0;

	while (n < ring->source_count && strcmp(ring->sources[n].name, source->name) != 0)
		n++;
	if (n == SAMPLE_SOURCES_MAX)
		return -ENOSPC;
	ring->sources[n] = *source;
	if (n == ring->source_count)
		ring->source_count++;
	return (int)n;
}

const struct sample_source *samples_source(const struct samples *samples, int number) {
	const struct ring *ring = samples->ring;

	return number < (int)ring->source_count && number < SAMPLE_SOURCES_MAX &&
			       ring->sources[number].class < APPLICATION_CLASSES
		       ? &ring->sources[number]
		       : NULL;
}

void samples_add(struct samples *samples, int source, enum outcome outcome, double ms) {
	struct ring *ring = samples->ring;
	uint64_t count = atomic_load_explicit(&ring->count, memory_order_relaxed);

	ring->samples[count % ROOM] = (struct sample){.at_ns = (uint64_t)(clock_real() * 1e9),
		.ms = (float)ms,
		.source = (uint16_t)source,
		.outcome = (uint16_t)outcome};
	atomic_store_explicit(&ring->count, count + 1, memory_order_release);
}

/* --- summaries --- */

static int keep_value(struct samples *samples, size_t count, float value) {
	if (count == samples->room) {
		size_t room = samples->room ? 2 * samples->room : 1024;
		float *more = realloc(samples->values, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		samples->values = more;
		samples->room = room;
	}
	samples->values[count] = value;
	return 0;
}

/* One that is not lost. */
static void note_time(struct summary *summary, double at, double ms) {
	if (isnan(summary->worst_ms) || ms > summary->worst_ms) {
		summary->worst_ms = ms;
		summary->worst_at = at;
	}
}

static int by_value(const void *a, const void *b) {
	const float one = *(const float *)a, other = *(const float *)b;

	return one < other ? -1 : one > other;
}

/* The nearest rank: a value that was had. */
static double quantile(const float *values, size_t count, double share) {
	size_t rank = (size_t)ceil(share * (double)count);

	return values[rank > 0 ? rank - 1 : 0];
}

static void find_quantiles(float *values, size_t count, struct summary *summary) {
	if (count == 0)
		return;
	qsort(values, count, sizeof(*values), by_value);
	summary->p50_ms = quantile(values, count, 0.5);
	summary->p99_ms = quantile(values, count, 0.99);
	summary->p999_ms = quantile(values, count, 0.999);
}

static int count_in(struct samples *samples, const struct sample *sample, struct summary *summary) {
	double at = (double)sample->at_ns / 1e9;
	size_t kept = summary->done + summary->late;

	if (sample->outcome == OUTCOME_LOST) {
		summary->lost++;
		if (summary->last_lost_at == 0)
			summary->last_lost_at = at; /* the latest come first */
		return 0;
	}
	*(sample->outcome == OUTCOME_LATE ? &summary->late : &summary->done) += 1;
	note_time(summary, at, sample->ms);
	return keep_value(samples, kept, sample->ms);
}

int samples_summarize(struct samples *samples, int source, double from, double to, size_t least,
	struct summary *summary) {
	const struct ring *ring = samples->ring;
	uint64_t count = atomic_load_explicit(&ring->count, memory_order_acquire);
	uint64_t oldest = count > ROOM - SPARED ? count - (ROOM - SPARED) : 0;
	int error = 0;

	*summary = (struct summary){.p50_ms = NAN,
		.p99_ms = NAN,
		.p999_ms = NAN,
		.worst_ms = NAN,
		.seconds = to - from};
	for (uint64_t n = count; n-- > oldest && !error;) {
		const struct sample *sample = &ring->samples[n % ROOM];
		double at = (double)sample->at_ns / 1e9;
		size_t found = summary->done + summary->late + summary->lost;

		if (at <= from && (found >= least || at <= from - REACH_S))
			break;
		if (sample->source != source || at > to)
			continue;
		error = count_in(samples, sample, summary);
		if (at <= from)
			summary->seconds = to - at;
	}
	find_quantiles(samples->values, summary->done + summary->late, summary);
	return error;
}
