/*
 * control: the socket by which people and programs ask the daemon.
 *
 * The protocol. A Unix stream socket of mode 0600. A client writes one JSON object on one line,
 * {"show": "ports"}; the daemon answers one JSON object a line, a row each, and last {"end": true}
 * or {"error": "…"}; then the client may ask again.
 *
 * Hostile and slow clients. Requests are bounded (CONTROL_REQUEST_MAX), answers are made a piece at
 * a time as the client takes them, clients are few (CONTROL_CLIENTS_MAX). When another wants a
 * place and all are taken, the client that has been idle longest loses its own: at once if no
 * answer to it is under way, or else after CONTROL_PATIENCE_SECONDS of taking nothing. Nothing here
 * blocks.
 */
#pragma once

struct agent;
struct control;

enum { CONTROL_CLIENTS_MAX = 32, CONTROL_REQUEST_MAX = 4096, CONTROL_PATIENCE_SECONDS = 10 };

/* Listens at agent->config.socket_path. -EADDRINUSE after a message if a daemon listens there. */
int control_open(struct agent *agent, struct control **control);
void control_close(struct control *control);

/* Readable when there is something to do; control_process then does it. */
int control_fd(const struct control *control);
void control_process(struct control *control);
