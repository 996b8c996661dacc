/* flow_sizes: see flow_sizes.h. */
#include "twin/flow_sizes.h"

enum { PACKET_BYTES = 1460, POINTS_MAX = 12 };

struct point {
	double packets, share;
};

static const struct point points[][POINTS_MAX] = {
	[SIZES_WEB_SEARCH] = {{1, 0}, {6, 0.15}, {13, 0.2}, {19, 0.3}, {33, 0.4}, {53, 0.53},
		{133, 0.6}, {667, 0.7}, {1333, 0.8}, {3333, 0.9}, {6667, 0.97}, {20000, 1}},
	[SIZES_DATA_MINING] = {{1, 0}, {1, 0.5}, {2, 0.6}, {3, 0.7}, {7, 0.8}, {267, 0.9},
		{2107, 0.95}, {66667, 0.99}, {666667, 1}},
};

double flow_size_of(enum flow_sizes sizes, double share) {
	const struct point *upper = &points[sizes][1], *lower;

	while (upper->share < share && upper->share < 1)
		upper++;
	lower = upper - 1;
	return PACKET_BYTES *
	       (lower->packets + (upper->packets - lower->packets) * (share - lower->share) /
					 (upper->share - lower->share));
}
