/*
 * netns: network namespaces with names, as ip-netns(8) has them: a name is a file in /run/netns
 * that the namespace is mounted on, so that `ip netns exec NAME` works. Single-threaded: entering
 * one is a matter of the calling thread.
 */
#pragma once

#include <stdbool.h>

enum { NETNS_NAME_MAX = 64 };

/* Makes one, with loopback down. 0, or a negative errno (-EEXIST). */
int netns_create(const char *name);

/* Takes the name away; the namespace goes with its last process. -ENOENT. */
int netns_delete(const char *name);

/* An fd of it, or a negative errno. -1 as a name stands for the caller's own. */
int netns_open(const char *name);

/* The calling thread is there from now on. */
int netns_enter(int fd);

/* Ends every process that is in it, but for the caller: SIGKILL, and waits until they are gone. */
void netns_kill_processes(const char *name);
