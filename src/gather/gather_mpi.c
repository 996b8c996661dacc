/* gather_mpi: the module that knows the Message Passing Interface; see gather.h. */
#include "gather/gather_module.h"

#include <errno.h>
#include <limits.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int gather_module_open(int *rank, int *size) {
	int provided;

	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
		return -EIO;
	MPI_Comm_rank(MPI_COMM_WORLD, rank);
	MPI_Comm_size(MPI_COMM_WORLD, size);
	return 0;
}

void gather_module_close(void) {
	MPI_Finalize();
}

/* What is counted in int cannot be more. */
static void give_up(size_t bytes) {
	fprintf(stderr, "heddle: error: %zu bytes are too much to gather\n", bytes);
	MPI_Abort(MPI_COMM_WORLD, 1);
}

/* From bytes that lie one after another. */
static char **split(const char *bytes, const int *lengths, const int *places, int size) {
	char **texts = calloc((size_t)size, sizeof(*texts));

	for (int i = 0; texts && i < size; i++)
		texts[i] = strndup(bytes + places[i], (size_t)lengths[i]);
	return texts;
}

static char **receive(const char *text, int length, const int *lengths, int size) {
	int *places = calloc((size_t)size, sizeof(*places));
	char **texts = NULL, *bytes;
	long long total = 0;

	for (int i = 0; places && i < size && total <= INT_MAX; i++) {
		places[i] = (int)total;
		total += lengths[i];
	}
	if (!places || total > INT_MAX)
		give_up((size_t)total);
	bytes = calloc((size_t)total + 1, 1);
	if (!bytes)
		MPI_Abort(MPI_COMM_WORLD, 1);
	MPI_Gatherv(text, length, MPI_CHAR, bytes, lengths, places, MPI_CHAR, 0, MPI_COMM_WORLD);
	texts = split(bytes, lengths, places, size);
	free(bytes);
	free(places);
	return texts;
}

char **gather_module_texts(const char *text) {
	int rank, size, length, *lengths;
	char **texts = NULL;

	if (strlen(text) > INT_MAX)
		give_up(strlen(text));
	length = (int)strlen(text);

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	lengths = calloc((size_t)size, sizeof(*lengths));
	if (!lengths)
		MPI_Abort(MPI_COMM_WORLD, 1);
	MPI_Gather(&length, 1, MPI_INT, lengths, 1, MPI_INT, 0, MPI_COMM_WORLD);
	if (rank == 0)
		texts = receive(text, length, lengths, size);
	else
		MPI_Gatherv(text, length, MPI_CHAR, NULL, NULL, NULL, MPI_CHAR, 0, MPI_COMM_WORLD);
	free(lengths);
	return texts;
}
