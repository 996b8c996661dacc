/* twin: see twin.h. What is common to raising and removing: names, and the removal itself. */
#include "twin/twin.h"

#include "base/log.h"
#include "twin/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { END_TRIES = 500, END_PAUSE_NS = 10000000 };

void twin_folder(const char *name, char path[TWIN_PATH_MAX]) {
	snprintf(path, TWIN_PATH_MAX, "/run/heddle/twin/%s", name);
}

void twin_state_path(const char *name, char path[TWIN_PATH_MAX]) {
	snprintf(path, TWIN_PATH_MAX, "/run/heddle/twin/%s/plan/state.json", name);
}

void twin_namespace(const char *name, const char *node, char text[TWIN_PATH_MAX]) {
	snprintf(text, TWIN_PATH_MAX, "%s.%s", name, node);
}

bool twin_name_is_right(const char *name) {
	size_t length =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

	if (length > 0 && length < FABRIC_NAME_MAX && name[length] == '\0' && name[0] != '-')
		return true;
	log_error("--name '%s': expected letters, digits, '-' and '_', at most %d", name,
		FABRIC_NAME_MAX - 1);
	return false;
}

size_t twin_each(void (*told)(void *owner, const char *name), void *owner) {
	DIR *folder = opendir("/run/heddle/twin");
	const struct dirent *entry;
	size_t count = 0;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.') {
			told(owner, entry->d_name);
			count++;
		}
	if (folder)
		closedir(folder);
	return count;
}

static void take_name(void *owner, const char *name) {
	snprintf(owner, TWIN_PATH_MAX, "%s", name);
}

int twin_find(const char *name, char found[TWIN_PATH_MAX]) {
	char folder[TWIN_PATH_MAX];
	size_t count;

	if (!name) {
		count = twin_each(take_name, found);
		if (count == 1)
			return 0;
		log_error(count ? "several twins run: expected --name, one that 'heddle twin "
				  "status' lists"
				: "no twin runs; 'heddle twin up' raises one");
		return -ENOENT;
	}
	if (!twin_name_is_right(name))
		return -ENOENT;
	twin_folder(name, folder);
	if (access(folder, F_OK) == 0) {
		take_name(found, name);
		return 0;
	}
	log_error("no twin '%s' runs; 'heddle twin up' raises one", name);
	return -ENOENT;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *at) {
	return remove(path);
}

/* Whether a process is a supervisor that lives: the number may be another's by now, and who was
 * killed keeps it until somebody waits (proc_pid_stat(5): its name, then its state). */
static bool is_supervisor(int pid) {
	char path[64], name[16] = "", state = 'Z';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fscanf(file, "%*d (%15[^)]) %c", name, &state) != 2)
		state = 'Z';
	fclose(file);
	return strcmp(name, "heddle-twin") == 0 && state != 'Z' && state != 'X';
}

pid_t twin_supervisor(const char *twin) {
	char folder[TWIN_PATH_MAX], path[TWIN_PATH_MAX + 32];
	FILE *file;
	int pid = 0;

	twin_folder(twin, folder);
	snprintf(path, sizeof(path), "%s/supervisor.pid", folder);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	fclose(file);
	return pid > 1 && is_supervisor(pid) ? pid : 0;
}

static void end_supervisor(const char *name) {
	const struct timespec pause = {.tv_nsec = END_PAUSE_NS};
	pid_t pid = twin_supervisor(name);

	if (!pid)
		return;
	kill(pid, SIGTERM);
	for (int i = 0; i < END_TRIES && twin_supervisor(name) == pid; i++)
		nanosleep(&pause, NULL);
	if (twin_supervisor(name) == pid)
		kill(pid, SIGKILL);
}

/* Heddle's daemons and wires are asked at sockets named after their namespace's inode
 * (heddle-run(1), heddle-wire(1)); who is killed leaves them. */
static void remove_sockets(unsigned long inode) {
	static const char *const folders[] = {"/run/heddle", "/run/heddle/wire"};
	char prefix[32], path[300];
	size_t length = (size_t)snprintf(prefix, sizeof(prefix), "%lu.", inode);

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		DIR *folder = opendir(folders[i]);
		const struct dirent *entry;

		while (folder && (entry = readdir(folder)))
			if (strncmp(entry->d_name, prefix, length) == 0) {
				snprintf(path, sizeof(path), "%s/%s", folders[i], entry->d_name);
				unlink(path);
			}
		if (folder)
			closedir(folder);
	}
}

int twin_remove_namespace(const char *name) {
	char path[300];
	struct stat status;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	netns_kill_processes(name);
	if (stat(path, &status) == 0)
		remove_sockets((unsigned long)status.st_ino);
	return netns_delete(name);
}

/* Calls `act` for each namespace that is named after a twin; how many there are. */
static size_t each_namespace(const char *name, int (*act)(const char *namespace)) {
	DIR *folder = opendir("/run/netns");
	const struct dirent *entry;
	size_t length = strlen(name), count = 0;

	while (folder && (entry = readdir(folder)))
		if (strncmp(entry->d_name, name, length) == 0 && entry->d_name[length] == '.') {
			count++;
			if (act)
				act(entry->d_name);
		}
	if (folder)
		closedir(folder);
	return count;
}

bool twin_has_namespaces(const char *name) {
	return each_namespace(name, NULL) > 0;
}

int twin_remove_folder(const char *path) {
	if (access(path, F_OK) < 0 || nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0)
		return 0;
	log_error("%s: %s", path, strerror(errno));
	return -errno;
}

/* A folder that was removed and made again meanwhile is another's. */
static bool is_still_there(const char *path, int fd) {
	struct stat now, then;

	return stat(path, &now) == 0 && fstat(fd, &then) == 0 && now.st_ino == then.st_ino;
}

int twin_lock(const char *name) {
	char folder[TWIN_PATH_MAX];
	int fd, error = 0;

	twin_folder(name, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		error = errno == EWOULDBLOCK ? -EBUSY : -errno;
	else if (!is_still_there(folder, fd))
		error = -ENOENT;
	if (!error)
		return fd;
	close(fd);
	return error;
}

/* Its supervisor may be about to begin; it is ended then. */
static int lock_without_supervisor(const char *name) {
	const struct timespec pause = {.tv_nsec = END_PAUSE_NS};
	int lock = -EBUSY;

	for (int i = 0; i < END_TRIES && lock == -EBUSY; i++) {
		end_supervisor(name);
		lock = twin_lock(name);
		if (lock == -EBUSY)
			nanosleep(&pause, NULL);
	}
	return lock;
}

int twin_down(const char *name) {
	char folder[TWIN_PATH_MAX];
	int lock, error;

	if (!twin_name_is_right(name))
		return -EINVAL;
	lock = lock_without_supervisor(name);
	if (lock == -ENOENT)
		return 0;
	twin_folder(name, folder);
	if (lock < 0) {
		log_error("%s: %s", folder, strerror(-lock));
		return lock;
	}
	each_namespace(name, twin_remove_namespace);
	error = twin_remove_folder(folder);
	close(lock);
	return error;
}
