/* seat: see seat.h. */
#include "cmd/seat.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { PATH_BYTES = 512 };

static void path_of(const struct seat *seat, const char *name, char path[PATH_BYTES]) {
	snprintf(path, PATH_BYTES, "%s/%s", seat->folder, name);
}

static int lock(struct seat *seat) {
	char path[PATH_BYTES];

	path_of(seat, "token", path);
	seat->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (seat->fd < 0)
		return -errno;
	return flock(seat->fd, LOCK_EX | LOCK_NB) < 0 ? -EBUSY : 0;
}

static int write_token(const struct seat *seat) {
	char line[HTTP_TOKEN_BYTES + 1];
	int size = snprintf(line, sizeof(line), "%s\n", seat->token);

	if (ftruncate(seat->fd, 0) < 0)
		return -errno;
	return pwrite(seat->fd, line, (size_t)size, 0) == size ? 0 : -EIO;
}

/* As a server that was killed has left it; false if there is none. */
static bool read_token(struct seat *seat) {
	enum { SIZE = HTTP_TOKEN_BYTES - 1 };
	char known[HTTP_TOKEN_BYTES] = "";

	if (pread(seat->fd, known, SIZE, 0) != SIZE || strspn(known, "0123456789abcdef") != SIZE)
		return false;
	memcpy(seat->token, known, sizeof(known));
	return true;
}

int seat_take(struct seat *seat, const char *folder) {
	int error;

	*seat = (struct seat){.folder = folder};
	error = lock(seat);
	if (!error && !read_token(seat)) {
		error = http_make_token(seat->token);
		if (!error)
			error = write_token(seat);
	}
	if (!error)
		return 0;
	if (error == -EBUSY)
		log_error("the page is served already; %s/url says where", folder);
	else
		log_error("%s/token: %s", folder, strerror(-error));
	if (seat->fd >= 0)
		close(seat->fd);
	seat->folder = NULL;
	return error;
}

static void read_url(const struct seat *seat, char *url, size_t size) {
	char path[PATH_BYTES];
	FILE *file;

	*url = '\0';
	path_of(seat, "url", path);
	file = fopen(path, "re");
	if (!file)
		return;
	if (!fgets(url, (int)size, file))
		*url = '\0';
	fclose(file);
}

void seat_address(const struct seat *seat, const char *wanted, char address[SEAT_ADDRESS_BYTES]) {
	static const char scheme[] = "http://";
	char url[SEAT_ADDRESS_BYTES], *end;

	snprintf(address, SEAT_ADDRESS_BYTES, "%s", wanted);
	if (strcmp(wanted, "0") != 0 && strcmp(wanted, "127.0.0.1:0") != 0)
		return;
	read_url(seat, url, sizeof(url));
	end = strrchr(url, '/');
	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || !end)
		return;
	*end = '\0';
	if (http_can_listen(url + sizeof(scheme) - 1))
		snprintf(address, SEAT_ADDRESS_BYTES, "%s", url + sizeof(scheme) - 1);
}

int seat_tell(const struct seat *seat, const char *url) {
	char path[PATH_BYTES];
	FILE *file;
	int error = 0;

	path_of(seat, "url", path);
	file = fopen(path, "we");
	if (!file || fprintf(file, "%s\n", url) < 0)
		error = -errno;
	if (file && fclose(file) == EOF)
		error = -errno;
	if (error)
		log_error("%s: %s", path, strerror(-error));
	return error;
}

void seat_leave(struct seat *seat) {
	char path[PATH_BYTES];

	if (!seat->folder)
		return;
	path_of(seat, "url", path);
	unlink(path);
	path_of(seat, "token", path);
	unlink(path);
	close(seat->fd);
	seat->folder = NULL;
}
