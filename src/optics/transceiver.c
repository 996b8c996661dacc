/* transceiver: see transceiver.h. */
#include "optics/transceiver.h"

#include <math.h>

double transceiver_penalty(
	const struct transceiver_mode *mode, enum penalty_kind kind, double value) {
	const struct penalty_point *point = mode->penalties[kind];
	size_t count = mode->penalty_count[kind];

	if (!count)
		return 0;
	if (value < point[0].impairment || value > point[count - 1].impairment)
		return INFINITY;
	for (size_t i = 1; i < count; i++)
		if (value <= point[i].impairment)
			return point[i - 1].penalty_db +
			       (point[i].penalty_db - point[i - 1].penalty_db) *
				       (value - point[i - 1].impairment) /
				       (point[i].impairment - point[i - 1].impairment);
	return point[0].penalty_db;
}
