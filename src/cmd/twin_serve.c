/* twin_serve: `heddle twin serve`: the page and the metrics of a running twin by HTTP. What
 * somebody does there is `heddle twin play` of one step, in a process of its own: who serves goes
 * on serving.
 */
#include "cmd/twin.h"

#include "base/clock.h"
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/serving.h"
#include "twin/journal.h"
#include "view/view.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = TWIN_PATH_MAX + 32, LINE_BYTES = 512 };

struct player {
	char name[TWIN_PATH_MAX]; /* the twin's */
	char folder[TWIN_PATH_MAX];
	pid_t pid; /* 0: nothing is being done */
	char step[LINE_BYTES];
};

static void path_of(const struct player *player, const char *name, char path[PATH_BYTES]) {
	snprintf(path, PATH_BYTES, "%s/%s", player->folder, name);
}

/* A scenario of one step; JSON is YAML. */
static int write_step(struct player *player, const char *verb, const char *words) {
	json_t *scenario = json_pack("[{s:s, s:s}]", "at", "0s", verb, words);
	char path[PATH_BYTES];
	int error;

	path_of(player, "action.json", path);
	error = scenario ? json_dump_file(scenario, path, JSON_COMPACT) : -1;
	json_decref(scenario);
	snprintf(player->step, sizeof(player->step), "%s %s", verb, words);
	return error ? -EIO : 0;
}

static void __attribute__((noreturn)) play(const struct player *player) {
	static char self[4096];
	char action[PATH_BYTES], log[PATH_BYTES];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int nothing = open("/dev/null", O_RDWR), said;
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM); /* nobody would hear of it any more */
	path_of(player, "action.json", action);
	path_of(player, "action.log", log);
	said = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(nothing, STDIN_FILENO);
	dup2(nothing, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	if (length > 0)
		execl(self, "heddle", "twin", "play", "--json", "--name", player->name, action,
			NULL);
	_exit(127);
}

static int act(void *owner, const char *verb, const char *words, char error[HTTP_ERROR_MAX]) {
	struct player *player = owner;

	if (player->pid) {
		snprintf(error, HTTP_ERROR_MAX, "'%.200s' is being done; try again after it",
			player->step);
		return -EBUSY;
	}
	if (write_step(player, verb, words) < 0)
		return -EIO;
	player->pid = fork();
	if (player->pid == 0)
		play(player);
	if (player->pid > 0)
		return 0;
	player->pid = 0;
	return -errno;
}

/* What it said first is why it failed. */
static void note_failure(const struct player *player) {
	static const char prefix[] = "heddle: error: ";
	char path[PATH_BYTES], line[LINE_BYTES] = "", words[2 * LINE_BYTES + 16];
	const char *why = line;
	FILE *log;

	path_of(player, "action.log", path);
	log = fopen(path, "re");
	if (!log || !fgets(line, sizeof(line), log))
		why = "it did not come to what was expected";
	if (log)
		fclose(log);
	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, prefix, sizeof(prefix) - 1) == 0)
		why = line + sizeof(prefix) - 1;
	snprintf(words, sizeof(words), "%s: FAILED: %s", player->step, why);
	journal_write(player->folder, clock_real(), "done", words);
}

static void reap(void *owner) {
	struct player *player = owner;
	int status;

	if (!player->pid || waitpid(player->pid, &status, WNOHANG) != player->pid)
		return;
	player->pid = 0;
	if (status != 0)
		note_failure(player);
}

int twin_serve(const struct twin_request *request) {
	struct player player = {0};
	struct serving_source source = {
		.folder = player.folder, .act = act, .child_ended = reap, .owner = &player};
	int error;

	if (request->count)
		return EXIT_USAGE;
	if (view_open(request->name, &source.view) < 0)
		return EXIT_FAILED;
	snprintf(player.name, sizeof(player.name), "%s", view_name(source.view));
	twin_folder(player.name, player.folder);
	error = serve(&source, request->http ? request->http : "127.0.0.1:8080");
	view_close(source.view);
	return error ? EXIT_FAILED : EXIT_DONE;
}
