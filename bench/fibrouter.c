/* fibrouter: attaches the peer's program to the devices named, in this namespace, until killed. */
#include "bench/fibrouter.skel.h"

#include <bpf/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
	struct fibrouter_bpf *program = fibrouter_bpf__open_and_load();

	if (!program)
		return 1;
	for (int i = 1; i < argc; i++) {
		unsigned int ifindex = if_nametoindex(argv[i]);
		int link = bpf_link_create(
			bpf_program__fd(program->progs.fibrouter), (int)ifindex, BPF_XDP, NULL);

		if (link < 0 || bpf_map_update_elem(bpf_map__fd(program->maps.transmit), &ifindex,
					&ifindex, BPF_ANY) < 0) {
			fprintf(stderr, "fibrouter: %s: %s\n", argv[i], strerror(-link));
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
