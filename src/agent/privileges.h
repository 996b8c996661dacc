/* privileges: what the daemon keeps once it has opened what needs root. */
#pragma once

/*
 * Keeps CAP_NET_ADMIN (attaching to ports that appear, probing neighbours) and CAP_BPF, and lets
 * the system calls through that the loop makes (seccomp); any other ends the process, and the
 * kernel forwards on. 0, or a negative errno after a message.
 */
int privileges_drop(void);
