/* whole_file: see whole_file.h. */
#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_room(struct whole_file *file, size_t size) {
	char *more;

	if (size < file->room)
		return 0;
	more = realloc(file->text, size + size / 8 + 1);
	if (!more)
		return -ENOMEM;
	file->text = more;
	file->room = size + size / 8 + 1;
	return 0;
}

/* It may shrink or grow meanwhile: what is there by then is taken, up to what it was. */
static int read_all(struct whole_file *file, int fd, size_t size) {
	while (file->size < size) {
		ssize_t got = read(fd, file->text + file->size, size - file->size);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		file->size += (size_t)got;
	}
	return 0;
}

int whole_file_read(struct whole_file *file, const char *path, size_t bytes_max) {
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
	struct stat status = {0};

	file->size = 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		error = -errno;
	else if (!S_ISREG(status.st_mode))
		error = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
	else if ((size_t)status.st_size > bytes_max)
		error = -EFBIG;
	if (!error)
		error = make_room(file, (size_t)status.st_size);
	if (!error)
		error = read_all(file, fd, (size_t)status.st_size);
	if (!error)
		file->text[file->size] = '\0';
	if (fd >= 0)
		close(fd);
	return error;
}

void whole_file_free(struct whole_file *file) {
	free(file->text);
	*file = (struct whole_file){0};
}
