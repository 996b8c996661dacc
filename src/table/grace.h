/*
 * grace: how a table waits until no reader holds what it retired. The owner of the readers gives
 * the function: the data path synchronises with running BPF programs; a test counts or does
 * nothing.
 */
#pragma once

struct grace {
	/* Returns when every reader that was running has finished. May block some milliseconds. */
	void (*wait)(struct grace *grace);
};
