/* main: chooses the command. */
#include "cmd/command.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*command)(int argc, char **argv);
	const char *text;
} commands[] = {
	{"run", command_run, "forward for Linux: the daemon"},
	{"show", command_show, "ports, routes, next hops, neighbours, ledger; explain a decision"},
	{"top", command_top, "live rates of every port"},
	{"fabric", command_fabric, "design a data-center fabric from an intent"},
	{"optics", command_optics, "plan the wavelengths between data centers"},
	{"twin", command_twin, "raise a fabric on this machine"},
	{"wire", command_wire, "a link with delay, loss, rate: emulate one between two interfaces"},
	{"doctor", command_doctor, "what keeps this machine from forwarding at full rate"},
};

static void print_usage(FILE *to) {
	fputs("usage: heddle COMMAND [OPTION]...\n\n", to);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].text);
	fputs("\n'heddle COMMAND --help' tells more; so does 'man heddle-COMMAND'.\n", to);
}

int main(int argc, char **argv) {
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
		print_usage(stdout);
		return EXIT_DONE;
	}
	if (strcmp(name, "--version") == 0) {
		puts("heddle " HEDDLE_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].command(argc - 1, argv + 1);
	if (*name)
		fprintf(stderr, "heddle: '%s' is no command\n\n", name);
	print_usage(stderr);
	return EXIT_USAGE;
}
