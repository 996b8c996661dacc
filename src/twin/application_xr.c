/*
 * application_xr: headsets that send where they look, and get the frame that is seen from there:
 * so many times a second a packet up and a burst of them down, over UDP. From the pose to the whole
 * frame is what the network takes of motion to photon; a frame that takes longer than its budget is
 * late, one that is not whole after twice that is lost. A headset that cannot be opened is tried
 * again while the others play; its frames are lost.
 */
#include "twin/application.h"

#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static const double OPEN_AGAIN_S = 2;

enum { SLOTS = 512, WORDS = XR_PACKETS_MAX / 64, BATCH = 32, ROOM_BYTES = 1 << 20 };

/* What each packet begins with. */
struct piece {
	uint32_t frame;
	uint16_t number, count; /* of the pieces of the frame */
};

struct frame {
	uint32_t number;
	bool is_awaited;
	double posed;         /* clock_real() */
	uint64_t here[WORDS]; /* a bit a piece */
	unsigned int pieces;
};

struct headset {
	struct application *application;
	struct application_pair pair;
	unsigned int number;
	struct endpoint eyes, renderer; /* both, or none while it is not open */
	double open_at;                 /* when that is tried again */
	uint32_t next, oldest;          /* frames: the first that may be awaited */
	struct frame frames[SLOTS];
};

struct headsets {
	struct headset *all;
	size_t count, turn;  /* whose pose is next */
	unsigned int pieces; /* of a frame */
};

/* --- the renderer --- */

/* A frame goes out at once, as it comes from an encoder. */
static void render(const struct headset *headset, uint32_t frame, const struct sockaddr_in6 *to) {
	static char pixels[XR_PACKET_BYTES - sizeof(struct piece)];
	const struct headsets *headsets = headset->application->own;
	struct piece pieces[XR_PACKETS_MAX];
	struct iovec vectors[XR_PACKETS_MAX][2];
	struct mmsghdr messages[XR_PACKETS_MAX];

	for (unsigned int i = 0; i < headsets->pieces; i++) {
		pieces[i] = (struct piece){frame, (uint16_t)i, (uint16_t)headsets->pieces};
		vectors[i][0] = (struct iovec){&pieces[i], sizeof(pieces[i])};
		vectors[i][1] = (struct iovec){pixels, sizeof(pixels)};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = (void *)to,
						       .msg_namelen = sizeof(*to),
						       .msg_iov = vectors[i],
						       .msg_iovlen = 2}};
	}
	sendmmsg(headset->renderer.fd, messages, headsets->pieces, 0);
}

static void on_renderer(void *owner, uint32_t events) {
	struct headset *headset = owner;
	struct sockaddr_in6 from;
	struct piece pose;
	socklen_t size = sizeof(from);
	ssize_t got;

	while ((got = recvfrom(headset->renderer.fd, &pose, sizeof(pose), 0,
			(struct sockaddr *)&from, &size)) >= 0)
		if (got == sizeof(pose))
			render(headset, pose.frame, &from);
}

/* --- the headset --- */

static void end_frame(struct headset *headset, struct frame *frame, double seconds) {
	bool is_late = seconds * 1e3 > headset->application->intent->budget_ms;

	frame->is_awaited = false;
	application_note(headset->application, is_late ? OUTCOME_LATE : OUTCOME_DONE, seconds);
}

static void take_piece(struct headset *headset, const struct piece *piece, double at) {
	const struct headsets *headsets = headset->application->own;
	struct frame *frame = &headset->frames[piece->frame % SLOTS];
	uint64_t bit = 1ULL << piece->number % 64;

	if (!frame->is_awaited || frame->number != piece->frame ||
		piece->number >= headsets->pieces || frame->here[piece->number / 64] & bit)
		return;
	frame->here[piece->number / 64] |= bit;
	if (++frame->pieces == headsets->pieces)
		end_frame(headset, frame, at - frame->posed);
}

/* When the kernel had it. */
static double stamp_of(struct msghdr *message) {
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct timespec stamp;

	if (!control || control->cmsg_type != SCM_TIMESTAMPNS)
		return clock_real();
	memcpy(&stamp, CMSG_DATA(control), sizeof(stamp));
	return (double)stamp.tv_sec + (double)stamp.tv_nsec / 1e9;
}

static void on_eyes(void *owner, uint32_t events) {
	struct headset *headset = owner;
	struct piece pieces[BATCH];
	struct iovec vectors[BATCH];
	struct mmsghdr messages[BATCH];
	char controls[BATCH][CMSG_SPACE(sizeof(struct timespec))];
	int count;

	do {
		for (int i = 0; i < BATCH; i++) {
			vectors[i] = (struct iovec){&pieces[i], sizeof(pieces[i])};
			messages[i] =
				(struct mmsghdr){.msg_hdr = {.msg_iov = &vectors[i],
							 .msg_iovlen = 1,
							 .msg_control = controls[i],
							 .msg_controllen = sizeof(controls[i])}};
		}
		count = recvmmsg(headset->eyes.fd, messages, BATCH, 0, NULL);
		for (int i = 0; i < count; i++)
			if (messages[i].msg_len == sizeof(pieces[i]))
				take_piece(headset, &pieces[i], stamp_of(&messages[i].msg_hdr));
	} while (count == BATCH);
}

static void give_up_frames(struct headset *headset, double now) {
	double patience = 2 * headset->application->intent->budget_ms / 1e3;

	for (; headset->oldest != headset->next; headset->oldest++) {
		struct frame *frame = &headset->frames[headset->oldest % SLOTS];

		if (frame->is_awaited && now - frame->posed < patience)
			break;
		if (frame->is_awaited)
			application_note(headset->application, OUTCOME_LOST, 0);
		frame->is_awaited = false;
	}
}

static void send_pose(struct headset *headset) {
	struct frame *frame = &headset->frames[headset->next % SLOTS];
	const struct piece pose = {.frame = headset->next};
	double now = clock_real();

	give_up_frames(headset, now);
	*frame = (struct frame){.number = headset->next++, .is_awaited = true, .posed = now};
	send(headset->eyes.fd, &pose, sizeof(pose), 0); /* what is not sent is not answered */
}

static int open_headset(struct headset *headset) {
	const int room = ROOM_BYTES, on = 1;
	struct application *application = headset->application;
	int error = application_receive_at(
		application, headset->pair.to, headset->number, &headset->renderer);

	if (!error)
		error = application_send_to(application, headset->pair, headset->number,
			headset->number % 2, 0, &headset->eyes);
	if (error) {
		endpoint_close(&headset->renderer);
		headset->open_at = clock_now() + OPEN_AGAIN_S;
		return error;
	}
	/* Room for the largest frame; and when the kernel had its last piece. */
	setsockopt(headset->renderer.fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	setsockopt(headset->eyes.fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(headset->eyes.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	return 0;
}

static void open_again(struct headset *headset) {
	if (clock_now() >= headset->open_at && open_headset(headset) == 0)
		application_recover(headset->application);
}

static void play_headset(struct headset *headset) {
	if (headset->eyes.fd < 0)
		open_again(headset);
	if (headset->eyes.fd >= 0)
		send_pose(headset);
	else
		application_note(headset->application, OUTCOME_LOST, 0);
}

/* Headsets take turns, evenly. What is late by a frame, as when the machine is busy, is left out.
 */
static void act(struct application *application) {
	struct headsets *headsets = application->own;
	double now = clock_now(), frame = 1.0 / application->intent->frames;

	play_headset(&headsets->all[headsets->turn]);
	headsets->turn = (headsets->turn + 1) % headsets->count;
	application->due += frame / (double)headsets->count;
	if (application->due < now - frame)
		application->due = now;
}

/* --- its life --- */

static unsigned int pieces_of(const struct intent_application *intent) {
	double bytes = (double)intent->rate_mbps * 1e6 / 8 / intent->frames;

	return (unsigned int)fmin(XR_PACKETS_MAX, fmax(1, ceil(bytes / XR_PACKET_BYTES)));
}

static int open_headsets(struct application *application) {
	struct headsets *headsets = calloc(1, sizeof(*headsets));
	size_t count = application->intent->headsets;

	if (!headsets)
		return -ENOMEM;
	application->own = headsets;
	headsets->pieces = pieces_of(application->intent);
	headsets->all = calloc(count, sizeof(*headsets->all));
	if (!headsets->all)
		return -ENOMEM;
	for (size_t n = 0; n < count; n++) {
		struct headset *headset = &headsets->all[n];

		*headset = (struct headset){.application = application,
			.pair = application_pair(application, n),
			.number = (unsigned int)n,
			.eyes = {.fd = -1, .ready = on_eyes, .owner = headset},
			.renderer = {.fd = -1, .ready = on_renderer, .owner = headset}};
		open_headset(headset);
	}
	headsets->count = count;
	application->due = clock_now();
	return 0;
}

static void close_headsets(struct application *application) {
	struct headsets *headsets = application->own;

	for (size_t i = 0; headsets && i < headsets->count; i++) {
		endpoint_close(&headsets->all[i].eyes);
		endpoint_close(&headsets->all[i].renderer);
	}
	if (headsets)
		free(headsets->all);
	free(headsets);
	application->own = NULL;
}

const struct application_player application_xr = {open_headsets, act, close_headsets};
