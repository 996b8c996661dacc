/* capture: see capture.h. */
#include "capture.h"

#include <sys/mman.h>
#include <unistd.h>

struct capture capture_begin(FILE *stream) {
	struct capture capture = {.stream = stream};

	fflush(stream);
	capture.saved = dup(fileno(stream));
	capture.file = memfd_create("captured", 0);
	assert_true(capture.saved >= 0 && capture.file >= 0);
	dup2(capture.file, fileno(stream));
	return capture;
}

char *capture_end(struct capture *capture) {
	off_t size;
	char *text;

	fflush(capture->stream);
	dup2(capture->saved, fileno(capture->stream));
	close(capture->saved);
	size = lseek(capture->file, 0, SEEK_END);
	text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(pread(capture->file, text, (size_t)size, 0), size);
	close(capture->file);
	return text;
}
