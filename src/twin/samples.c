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
	KIND = 0x68647332, /* of files of this form */
	ROOM = 1 << 19,
	SPARED = 1 << 10, /* of the oldest: they may be overwritten at any moment */
};

/* How far back a summary goes for its percentiles. */
static const double REACH_S = 10;

struct sample {
	uint64_t at_ns; /* of CLOCK_REALTIME */
	float ms;
	uint32_t before; /* how many ago its source had one; 0: never, or longer than the ring is */
	uint16_t source, outcome;
};

struct ring {
	uint32_t kind, source_count;
	_Atomic uint64_t count; /* of samples ever written: the next is this one, modulo ROOM */
	_Atomic uint64_t
		lasts[SAMPLE_SOURCES_MAX]; /* of each source: its number, from 1; 0: none */
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
			       ring->sources[number].kind < APPLICATION_KINDS
		       ? &ring->sources[number]
		       : NULL;
}

void samples_add(struct samples *samples, int source, enum outcome outcome, double ms) {
	struct ring *ring = samples->ring;
	uint64_t number = atomic_load_explicit(&ring->count, memory_order_relaxed) + 1;
	uint64_t last = atomic_load_explicit(&ring->lasts[source], memory_order_relaxed);

	ring->samples[(number - 1) % ROOM] =
		(struct sample){.at_ns = (uint64_t)(clock_real() * 1e9),
			.ms = (float)ms,
			.before = last && number - last < ROOM ? (uint32_t)(number - last) : 0,
			.source = (uint16_t)source,
			.outcome = (uint16_t)outcome};
	atomic_store_explicit(&ring->count, number, memory_order_release);
	atomic_store_explicit(&ring->lasts[source], number, memory_order_release);
}

/* --- summaries --- */

/* One that is walked back from the latest sample. */
struct walk {
	struct samples *samples;
	struct summary *summary;
	bool counts_lost;     /* as slower than all others */
	size_t kept, counted; /* values: all, and those of the summary */
	double oldest_at;     /* of the summary; NAN: of none */
	double oldest_began;
	double before_at; /* of the one before these; NAN: there is none */
};

static int keep_value(struct walk *walk, float value) {
	struct samples *samples = walk->samples;

	if (walk->kept == samples->room) {
		size_t room = samples->room ? 2 * samples->room : 1024;
		float *more = realloc(samples->values, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		samples->values = more;
		samples->room = room;
	}
	samples->values[walk->kept++] = value;
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

/* Of the latest values, as many as the summary has, but `least` if there are. The nearest rank: a
 * value that was had, unless one that was not is there. */
static double quantile(const struct walk *walk, double share, size_t least) {
	size_t count = walk->counted > least ? walk->counted : least;
	float *values = walk->samples->values;
	double value;

	if (count > walk->kept)
		return NAN;
	qsort(values, count, sizeof(*values), by_value);
	value = values[(size_t)ceil(share * (double)count) - 1];
	return isfinite(value) ? value : NAN;
}

static size_t ended(const struct summary *summary) {
	return summary->done + summary->late + summary->lost;
}

static void count_in(struct walk *walk, const struct sample *sample, double at) {
	struct summary *summary = walk->summary;

	if (sample->outcome == OUTCOME_BEGUN) {
		summary->begun++;
		return;
	}
	walk->oldest_at = at;
	walk->oldest_began = at - (double)sample->ms / 1e3;
	if (sample->outcome == OUTCOME_LOST) {
		summary->lost++;
		if (summary->last_lost_at == 0)
			summary->last_lost_at = at; /* the latest come first */
		return;
	}
	*(sample->outcome == OUTCOME_LATE ? &summary->late : &summary->done) += 1;
	note_time(summary, at, sample->ms);
}

static int keep(struct walk *walk, const struct sample *sample) {
	if (sample->outcome == OUTCOME_BEGUN)
		return 0;
	if (sample->outcome != OUTCOME_LOST)
		return keep_value(walk, sample->ms);
	return walk->counts_lost ? keep_value(walk, INFINITY) : 0;
}

/* Whether one that the summary does not have ends the walk: percentiles go on, for a while. */
static bool is_last(struct walk *walk, const struct sample *sample, double from, size_t least) {
	double at = (double)sample->at_ns / 1e9;

	if (least == 0)
		return true;
	if (isnan(walk->before_at) && sample->outcome != OUTCOME_BEGUN)
		walk->before_at = at;
	return !isnan(walk->before_at) && (at <= from - REACH_S || walk->kept >= SUMMARY_P999);
}

/* Back from the latest to the oldest that is there; each knows the one of its source before it. */
static int walk_back(
	struct walk *walk, int source, uint64_t oldest, double from, double to, size_t least) {
	const struct ring *ring = walk->samples->ring;
	uint64_t next = atomic_load_explicit(&ring->lasts[source], memory_order_acquire);
	int error = 0;

	while (next > oldest && !error) {
		const struct sample *sample = &ring->samples[(next - 1) % ROOM];
		double at = (double)sample->at_ns / 1e9;

		next = sample->before && sample->before < next ? next - sample->before : 0;
		if (at > to)
			continue;
		if (at > from || ended(walk->summary) < least) {
			count_in(walk, sample, at);
			error = keep(walk, sample);
			walk->counted = walk->kept;
		} else if (is_last(walk, sample, from, least)) {
			break;
		} else {
			error = keep(walk, sample);
		}
	}
	return error;
}

/* Of how long what was counted is: since the one before; or since the oldest that the ring has of
 * any source, or since the oldest of all that there were began. */
static double seconds_of(const struct walk *walk, uint64_t oldest, double from, double to) {
	const struct ring *ring = walk->samples->ring;
	double since = oldest ? (double)ring->samples[oldest % ROOM].at_ns / 1e9 : from;

	if (!(walk->oldest_at <= from))
		return to - fmin(to, fmax(since, from));
	if (!isnan(walk->before_at))
		return to - walk->before_at;
	return to - (oldest ? since : walk->oldest_began);
}

int samples_summarize(struct samples *samples, int source, double from, double to, size_t least,
	struct summary *summary) {
	const struct ring *ring = samples->ring;
	uint64_t count = atomic_load_explicit(&ring->count, memory_order_acquire);
	uint64_t oldest = count > ROOM - SPARED ? count - (ROOM - SPARED) : 0;
	struct walk walk = {.samples = samples,
		.summary = summary,
		.counts_lost = ring->sources[source].kind != APPLICATION_AI,
		.oldest_at = NAN,
		.before_at = NAN};
	int error;

	*summary = (struct summary){.p50_ms = NAN, .p99_ms = NAN, .p999_ms = NAN, .worst_ms = NAN};
	error = walk_back(&walk, source, oldest, from, to, least);
	if (error)
		return error;
	summary->seconds = seconds_of(&walk, oldest, from, to);
	if (walk.counted > 0)
		summary->p50_ms = quantile(&walk, 0.5, 1);
	summary->p99_ms = quantile(&walk, 0.99, SUMMARY_P99);
	summary->p999_ms = quantile(&walk, 0.999, SUMMARY_P999);
	return 0;
}
