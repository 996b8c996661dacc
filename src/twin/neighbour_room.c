/* neighbour_room: see neighbour_room.h. */
#include "twin/neighbour_room.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* At each end of a link: the far end's addresses, and, of IPv6, some four groups. */
enum { ENTRIES_A_LINK = 2 * 8, PATH_BYTES = 80 };

static const struct table {
	const char *folder, *statistics;
} tables[] = {
	{"/proc/sys/net/ipv4/neigh/default", "/proc/net/stat/arp_cache"},
	{"/proc/sys/net/ipv6/neigh/default", "/proc/net/stat/ndisc_cache"},
};

/* 0 if it cannot be read. */
static uint64_t read_number(const char *path, const char *format) {
	FILE *file = fopen(path, "re");
	uint64_t number = 0;

	if (!file)
		return 0;
	if (fscanf(file, format, &number) != 1)
		number = 0;
	fclose(file);
	return number;
}

static int write_number(const char *path, uint64_t number) {
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	fprintf(file, "%" PRIu64 "\n", number);
	return fclose(file) == EOF ? -errno : 0;
}

/* Above the second threshold unused entries are thrown out when one is added; above the third none
 * is added. */
static void make_room_in(const struct table *table, size_t links) {
	char soft[PATH_BYTES], hard[PATH_BYTES];
	/* Below a line of titles the first number of the first line: entries, hexadecimal. */
	uint64_t needed = read_number(table->statistics, "%*[^\n] %" SCNx64), most, more;
	int error;

	needed += links * ENTRIES_A_LINK;
	snprintf(soft, sizeof(soft), "%s/gc_thresh2", table->folder);
	snprintf(hard, sizeof(hard), "%s/gc_thresh3", table->folder);
	most = read_number(hard, "%" SCNu64);
	if (most == 0 || most >= 2 * needed)
		return;
	for (more = most; more < 2 * needed;) /* in steps that double: so the next finds room */
		more *= 2;
	error = write_number(hard, more);
	if (!error)
		error = write_number(soft, more / 2);
	if (error)
		log_warning("%s: %s; %" PRIu64 " are for all namespaces, and this twin alone may "
			    "need %zu",
			hard, strerror(-error), most, links * ENTRIES_A_LINK);
	else
		log_info("%s was %" PRIu64 ", and is %" PRIu64 " now: all namespaces share it",
			hard, most, more);
}

void neighbour_room_make(size_t links) {
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		make_room_in(&tables[i], links);
}
