/*
 * command: a verb of heddle. Each takes its own words (argv[0] is the verb) and returns the exit
 * status: 0 done, 1 failed, 2 wrong usage.
 */
#pragma once

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

int command_run(int argc, char **argv);
int command_show(int argc, char **argv);
int command_top(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_fabric(int argc, char **argv);
int command_optics(int argc, char **argv);
int command_twin(int argc, char **argv);
int command_wire(int argc, char **argv);
