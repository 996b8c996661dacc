/* optics_gsnr: GSNR of each channel from one transceiver to another, by libheddle-optics:
 *
 *     cc optics_gsnr.c $(pkg-config --cflags --libs heddle-optics) -o optics_gsnr
 *     ./optics_gsnr eqpt_config.json network.json "trx A" "trx B"
 */
#include <heddle/optics.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	struct sim_params sim;
	struct equipment equipment;
	struct network network;
	struct spectrum load;
	struct propagation propagation = {0};
	size_t count;
	int *way;

	sim_params_defaults(&sim);
	if (argc != 5 || equipment_read(&equipment, argv[1]) < 0 ||
		network_read(&network, &equipment, argv[2]) < 0)
		return 1;
	const double power_dbm = equipment.loads[0].power_dbm;
	const struct design_options how = {.power_dbm = power_dbm, .sim = &sim};
	const struct propagation_options options = {.power_dbm = power_dbm, .sim = &sim};
	const int from = network_find(&network, argv[3]), to = network_find(&network, argv[4]);

	if (from == ELEMENT_NONE || to == ELEMENT_NONE ||
		design_network(&network, &equipment, &how) < 0 ||
		load_full(&load, &equipment.loads[0], power_dbm) < 0)
		return 1;
	way = route_shortest_way(&network, from, to, &count);
	if (!way || propagation_run(&propagation, &network, way, count, &load, &options) < 0)
		return 1;
	for (size_t i = 0; i < propagation.spectrum.count; i++) {
		struct reception received;

		propagation_receive(&propagation, i, &received);
		printf("%.5f THz %.6f dB\n", propagation.spectrum.frequency_hz[i] / 1e12,
			received.gsnr_01nm_db);
	}
	propagation_free(&propagation);
	free(way);
	spectrum_free(&load);
	network_free(&network);
	equipment_free(&equipment);
	return 0;
}
