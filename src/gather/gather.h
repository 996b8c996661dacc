/*
 * gather: processes that share a computation over machines, as mpirun starts them, and give what
 * they found to the first of them.
 *
 * Without mpirun there is one. The Message Passing Interface is a module of its own (gather_mpi.c),
 * loaded only under mpirun: heddle itself does not need it.
 */
#pragma once

struct gather {
	int rank, size; /* which of how many */
	void *module;   /* NULL for one alone */
};

/* 0; or -ENOENT after a message if mpirun started us and the module is not there, or -EIO if it
 * does not work. */
int gather_open(struct gather *gather);

/* Texts of all, in the order of ranks; each to be freed, and the array. To be called by all; NULL
 * but for rank 0, or on failure after a message. */
char **gather_texts(const struct gather *gather, const char *text);

void gather_close(struct gather *gather);
