/*
 * publish: what the daemon says by HTTP (docs/internals/api.md): its ports and their rates, drops
 * by reason, metrics. Nothing can be done there. Nothing is counted while nobody listens or asks.
 */
#pragma once

struct agent;
struct publish;

/* Listens at agent->config.http. 0, or a negative errno after a message. */
int publish_open(struct agent *agent, struct publish **publish);
void publish_close(struct publish *publish);

/* Readable when there is something to do; publish_process then does it. publish_tick is to be
 * called each second or two besides. */
int publish_fd(const struct publish *publish);
void publish_process(struct publish *publish);
void publish_tick(struct publish *publish);
