/* optics_way: see optics_way.h. */
#include "cmd/optics_way.h"

#include "base/log.h"
#include "cmd/optics_names.h"
#include "optics/flexgrid.h"
#include "optics/routes.h"
#include "optics/spectrum.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int *optics_way(const struct network *network, const char *from, const char *to, size_t *count) {
	int start = optics_find_transceiver(network, from);
	int end = optics_find_transceiver(network, to);
	int *way;

	if (start == ELEMENT_NONE || end == ELEMENT_NONE)
		return NULL;
	way = route_shortest_way(network, start, end, count);
	if (!way)
		log_error("%s: nothing leads from '%s' to '%s'", network->path, from, to);
	return way;
}

double optics_way_km(const struct network *network, const int *way, size_t count) {
	double km = 0;

	for (size_t i = 0; i < count; i++) {
		const struct fibre *fibre = network->elements[way[i]]->fibre;

		km += fibre ? fibre->length_m / 1e3 : 0;
	}
	return km;
}

void optics_way_failed(const struct network *network, const char *from, const char *to, int error) {
	if (error == -ENODATA)
		log_error("%s: no channel fits the bands of all amplifiers from '%s' to '%s'",
			network->path, from, to);
	else
		log_error("optics: %s", strerror(-error));
}

void optics_spectrum_failed(const struct network *network, int error) {
	if (error == -ERANGE)
		log_error("%s: the bands of all amplifiers and of the library's load are more than "
			  "%g THz wide together",
			network->path, SPECTRUM_CHANNELS_MAX * FLEXGRID_WIDTH_HZ / 1e12);
	else
		log_error("optics: %s", strerror(-error));
}
