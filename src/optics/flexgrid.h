/*
 * flexgrid: the flexible grid of ITU-T G.694.1: nominal central frequencies 193.1 THz + n * 6.25
 * GHz, slots of m * 12.5 GHz around them.
 */
#pragma once

#define FLEXGRID_ANCHOR_HZ 193.1e12
#define FLEXGRID_STEP_HZ   6.25e9
#define FLEXGRID_WIDTH_HZ  12.5e9

/* The n that is nearest to a frequency, and its frequency. */
int flexgrid_n(double frequency_hz);
double flexgrid_frequency(int n);

/* The edges of slot (n, m). */
double flexgrid_low(int n, int m);
double flexgrid_high(int n, int m);

/* The channels of a bit rate that a demand takes, INT_MAX for more; and the m that all of them take
 * side by side, each in a slot that holds `spacing_hz`. */
int flexgrid_channels(double demand_bit_rate, double bit_rate);
int flexgrid_width(int channels, double spacing_hz);
