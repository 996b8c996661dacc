/* fixture: see fixture.h. */
#include "fixture.h"

#include "optics/defaults.h"
#include "optics/physics.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const double loss_at[] = {FIBRE_REFERENCE_HZ}, loss[] = {0.2e-3};
static struct arena arena;

void fixture_fibre(struct fibre *fibre) {
	*fibre = (struct fibre){
		.length_m = 80e3,
		.loss_db_m = {loss_at, loss, 1},
		.dispersion = 1.67e-5,
		.dispersion_slope = NAN,
		.area_m2 = 83e-12,
		.pmd_coefficient = 1.265e-15,
		.raman = defaults_raman(&arena),
		.temperature_k = 283,
	};
}

void fixture_fibre_free(void) {
	arena_free(&arena);
}

void fixture_load(struct spectrum *spectrum, size_t count, double spacing_hz, double power_dbm) {
	assert_int_equal(spectrum_create(spectrum, count), 0);
	for (size_t i = 0; i < count; i++)
		spectrum_add(spectrum, &(struct channel){191.35e12 + (double)i * spacing_hz, 32e9,
					       spacing_hz, 0.15, INFINITY, 0, power_dbm});
	spectrum_launch(spectrum);
}

void fixture_near(double one, double other, double most) {
	if (!(fabs(one - other) <= most))
		fail_msg("%.12g is not within %g of %.12g", one, most, other);
}

const char *fixture_file(const char *name, const char *text) {
	static char folder[] = "/tmp/heddle-optics-XXXXXX", path[sizeof(folder) + 64];
	static int made;
	FILE *file;

	if (!made) {
		assert_non_null(mkdtemp(folder));
		made = 1;
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	return path;
}
