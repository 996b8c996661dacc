/* fixture: spans and channels that tests of physics are made of. */
#pragma once

#include "optics/fibre.h"
#include "optics/raman.h"
#include "optics/spectrum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 80 km of standard fibre: 0.2 dB/km, 16.7 ps/nm/km, 83 um2; no connectors; silica's Raman gain. */
void fixture_fibre(struct fibre *fibre);
void fixture_fibre_free(void);

/* `count` channels of 32 GBd from 191.35 THz on, `spacing_hz` apart, launched at a power. */
void fixture_load(struct spectrum *spectrum, size_t count, double spacing_hz, double power_dbm);

/* Fails unless |one - other| <= most. */
void fixture_near(double one, double other, double most);

/* A file of this text in the tests' folder; its path. */
const char *fixture_file(const char *name, const char *text);
