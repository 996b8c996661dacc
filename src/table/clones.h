/*
 * clones: functions that count bits in a loop, compiled once for any x86-64 and once for those with
 * the POPCNT instruction (all since 2008); the loader chooses. Private to the room.
 */
#pragma once

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#define POPULATION_COUNT_CLONES __attribute__((target_clones("default", "popcnt")))
#else
#define POPULATION_COUNT_CLONES
#endif
