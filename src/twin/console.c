/* console: see console.h. */
#include "twin/console.h"

#include "base/clock.h"
#include "fabric/intent.h"
#include "twin/twin.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 2 * FABRIC_NAME_MAX, SAID_BYTES = 1 << 16, PATIENCE_S = 60 };

static void __attribute__((noreturn)) become(const char *const *arguments, int output_fd) {
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(output_fd, STDOUT_FILENO);
	dup2(output_fd, STDERR_FILENO);
	execvp(arguments[0], (char *const *)arguments);
	_exit(127);
}

/* What comes out of a pipe until its other end is closed, SAID_BYTES at most; false if that takes
 * too long. */
static bool listen_to(int fd, char *said) {
	struct pollfd event = {.fd = fd, .events = POLLIN};
	double until = clock_now() + PATIENCE_S, left;
	size_t used = 0;
	ssize_t size = 1;

	said[0] = '\0';
	while (size > 0 && used < SAID_BYTES - 1) {
		left = until - clock_now();
		if (left <= 0 || poll(&event, 1, (int)(left * 1e3) + 1) == 0)
			return false;
		size = read(fd, said + used, SAID_BYTES - 1 - used);
		used += size > 0 ? (size_t)size : 0;
		said[used] = '\0';
	}
	return true;
}

/* Runs a program, and takes what it says. Its exit status, or a negative errno: -ETIME if it was
 * ended because it took too long. */
static int run(const char *const *arguments, char *said) {
	int pipes[2], status = 0;
	bool is_done;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		become(arguments, pipes[1]);
	close(pipes[1]);
	is_done = listen_to(pipes[0], said);
	close(pipes[0]);
	if (pid > 0 && !is_done)
		kill(pid, SIGKILL);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	if (!is_done)
		return -ETIME;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

static void path_of(const char *folder, const char *node, const char *file, char *path) {
	snprintf(path, PATH_BYTES, "%s/nodes/%s%s%s", folder, node, file ? "/" : "",
		file ? file : "");
}

/* vtysh reads them from a file. */
static int keep_lines(const char *path, const char *lines) {
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	fputs(lines, file);
	return fclose(file) == EOF ? -errno : 0;
}

/* vtysh says what a daemon did not take after a '%', and ends with 0 all the same. */
int console_write_lines(
	const char *folder, const char *node, const char *lines, char *error, size_t error_size) {
	char path[PATH_BYTES], socket[PATH_BYTES], said[SAID_BYTES];
	const char *const arguments[] = {"vtysh", "--vty_socket", socket, "-f", path, NULL};
	int result;

	path_of(folder, node, NULL, socket);
	path_of(folder, node, "apply.conf", path);
	result = keep_lines(path, lines);
	if (result) {
		snprintf(error, error_size, "%s: %s", path, strerror(-result));
		return result;
	}
	result = run(arguments, said);
	if (result == 0 && !strchr(said, '%'))
		return 0;
	snprintf(error, error_size, "%s: FRR did not take the lines of %.80s: %.100s", node, path,
		result < 0 ? strerror(-result) : said);
	return result < 0 ? result : -EREMOTEIO;
}

int console_reload_bird(const char *folder, const char *node, char *error, size_t error_size) {
	char socket[PATH_BYTES], said[SAID_BYTES];
	const char *const arguments[] = {"birdc", "-s", socket, "configure", NULL};

	path_of(folder, node, "bird.ctl", socket);
	if (run(arguments, said) == 0 && strstr(said, "Reconfig"))
		return 0;
	snprintf(error, error_size, "%s: BIRD did not take its configuration: %.120s", node, said);
	return -EREMOTEIO;
}

/* A line a session, its state last. */
size_t console_bfd_sessions_up(const char *folder, const char *node) {
	char socket[PATH_BYTES], said[SAID_BYTES], *rest = said, *line;
	const char *const arguments[] = {
		"vtysh", "--vty_socket", socket, "-d", "bfdd", "-c", "show bfd peers brief", NULL};
	size_t count = 0;

	path_of(folder, node, NULL, socket);
	if (run(arguments, said) != 0)
		return 0;
	while ((line = strsep(&rest, "\n"))) {
		size_t end = strlen(line);

		while (end > 0 && line[end - 1] == ' ')
			end--;
		count += end > 3 && strncmp(line + end - 3, " up", 3) == 0;
	}
	return count;
}

/* The same sessions carry both families. */
size_t console_sessions_down(const char *folder, const char *node) {
	static const char *const families[] = {"ipv4Unicast", "ipv6Unicast"};
	char socket[PATH_BYTES], said[SAID_BYTES];
	const char *const arguments[] = {
		"vtysh", "--vty_socket", socket, "-c", "show bgp summary failed json", NULL};
	json_t *summary;
	size_t most = 0;

	path_of(folder, node, NULL, socket);
	summary = run(arguments, said) == 0 ? json_loads(said, 0, NULL) : NULL;
	for (int i = 0; i < 2; i++) {
		size_t count = json_object_size(
			json_object_get(json_object_get(summary, families[i]), "peers"));

		most = count > most ? count : most;
	}
	json_decref(summary);
	return most;
}
