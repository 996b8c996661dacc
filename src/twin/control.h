/*
 * control: the socket by which a twin's supervisor is asked, /run/heddle/twin/NAME/control: the
 * protocol is that of heddle run's (agent/control.h), a JSON object a line, but one client is
 * answered after the other, each once, and only root may ask. Whoever is slow is hung up on.
 */
#pragma once

#include <jansson.h>

struct twin_control;
struct twin_answer; /* under way, to one client */

/* For as long as the process lives; its file goes with the twin's folder. 0, or a negative errno.
 */
int twin_control_open(const char *folder, struct twin_control **control);

/* Readable when somebody asks; twin_control_serve then has `act` act. What that returns, if
 * negative, is told as an error, in the words it has put into `error` or the errno's own. */
enum { TWIN_ERROR_MAX = 512 };
int twin_control_fd(const struct twin_control *control);
void twin_control_serve(struct twin_control *control,
	int (*act)(void *owner, const json_t *request, struct twin_answer *answer,
		char error[TWIN_ERROR_MAX]),
	void *owner);

/* One row; a reference is taken over. */
void twin_answer_row(struct twin_answer *answer, json_t *row);

/* From another process: as client_ask (agent/client.h), of the twin of this name. `row` NULL:
 * rows are not looked at. -ENOTCONN after a message if it has no supervisor. */
int twin_ask(const char *name, json_t *request, void (*row)(void *owner, const json_t *row),
	void *owner);

/* For requests that change something ("fail", "restore", "drain", "undrain"): `at` becomes the
 * moment of it, in CLOCK_REALTIME seconds. */
int twin_ask_change(const char *name, json_t *request, double *at);
