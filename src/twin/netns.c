/* netns: see netns.h. */
#include "twin/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = NETNS_NAME_MAX + 16, KILL_TRIES = 100, KILL_PAUSE_NS = 10000000 };

static void path_of(const char *name, char path[PATH_BYTES]) {
	snprintf(path, PATH_BYTES, "/run/netns/%s", name);
}

/* A folder whose mounts are seen in every mount namespace that shares it, as ip-netns(8) makes it.
 */
static int make_folder(void) {
	if (mkdir("/run/netns", 0755) < 0 && errno != EEXIST)
		return -errno;
	if (mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	if (mount("/run/netns", "/run/netns", "none", MS_BIND | MS_REC, NULL) < 0 ||
		mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL) < 0)
		return -errno;
	return 0;
}

static int make_file(const char *path) {
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int netns_create(const char *name) {
	char path[PATH_BYTES];
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), error = make_folder();

	path_of(name, path);
	if (home < 0 && !error)
		error = -errno;
	if (!error)
		error = make_file(path);
	if (error) {
		close(home);
		return error;
	}
	if (unshare(CLONE_NEWNET) < 0 ||
		mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0)
		error = -errno;
	setns(home, CLONE_NEWNET);
	close(home);
	if (error)
		unlink(path);
	return error;
}

int netns_delete(const char *name) {
	char path[PATH_BYTES];

	path_of(name, path);
	umount2(path, MNT_DETACH);
	return unlink(path) < 0 ? -errno : 0;
}

int netns_open(const char *name) {
	char path[PATH_BYTES];
	int fd;

	path_of(name, path);
	fd = open(name ? path : "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int netns_enter(int fd) {
	return setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

/* Sends `signal` to all that are in the namespace; how many there were. */
static unsigned int signal_processes(const struct stat *namespace, int signal) {
	DIR *folder = opendir("/proc");
	const struct dirent *entry;
	unsigned int found = 0;

	while (folder && (entry = readdir(folder))) {
		char path[300];
		struct stat status;
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		if (pid <= 1 || pid == getpid() || stat(path, &status) < 0 ||
			status.st_ino != namespace->st_ino || status.st_dev != namespace->st_dev)
			continue;
		found++;
		kill(pid, signal);
	}
	if (folder)
		closedir(folder);
	return found;
}

void netns_kill_processes(const char *name) {
	const struct timespec pause = {.tv_nsec = KILL_PAUSE_NS};
	char path[PATH_BYTES];
	struct stat namespace;

	path_of(name, path);
	if (stat(path, &namespace) < 0)
		return;
	for (int i = 0; i < KILL_TRIES && signal_processes(&namespace, SIGKILL); i++)
		nanosleep(&pause, NULL);
}
