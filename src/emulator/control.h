/*
 * control: the socket by which a wire is asked while it works (request.h says what). A Unix stream
 * socket of mode 0600.
 *
 * A client writes a line and reads its answer; then it may ask again. Requests, answers and clients
 * are bounded. When another wants a place and all are taken, the client that has been silent
 * longest loses its own; one that does not read what it asked for is hung up on. Nothing here
 * blocks.
 */
#pragma once

struct wire;
struct wire_control;

enum { WIRE_CONTROL_CLIENTS_MAX = 8 };

/* 0, or a negative errno after a message: -EADDRINUSE if a wire is asked there already. */
int wire_control_open(const char *path, struct wire *wire, struct wire_control **control);

/* Takes the socket away. */
void wire_control_close(struct wire_control *control);

/* Readable when there is something to do; wire_control_process then does it. */
int wire_control_fd(const struct wire_control *control);
void wire_control_process(struct wire_control *control);
