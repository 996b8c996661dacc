/* local_socket: see local_socket.h. */
#include "base/local_socket.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sockaddr_un address_of(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return address;
}

static void make_folders_of(const char *path) {
	char folder[LOCAL_SOCKET_PATH_BYTES];

	snprintf(folder, sizeof(folder), "%s", path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) < 0 && errno != EEXIST)
			log_warning("%s: %s", folder, strerror(errno));
		*slash = '/';
	}
}

/* A socket that nobody listens at any more is taken away; whatever else is there stays. */
static int make_way(const char *path) {
	struct stat status;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	return unlink(path) < 0 ? -errno : 0;
}

int local_socket_listen(const char *path, int backlog) {
	struct sockaddr_un address = address_of(path);
	int error, fd;
	mode_t mask;

	if (strlen(path) >= LOCAL_SOCKET_PATH_BYTES)
		return -ENAMETOOLONG;
	make_folders_of(path);
	error = make_way(path);
	if (error)
		return error;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0177); /* so that the socket is never more open than 0600 */
	error = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(mask);
	if (!error && listen(fd, backlog) < 0)
		error = -errno;
	if (error) {
		close(fd);
		return error;
	}
	return fd;
}

int local_socket_connect(const char *path) {
	struct sockaddr_un address = address_of(path);
	int fd, error;

	if (strlen(path) >= LOCAL_SOCKET_PATH_BYTES)
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

bool local_socket_answers(const char *path) {
	int fd = local_socket_connect(path);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}
