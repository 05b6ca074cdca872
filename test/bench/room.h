/*
 * The clients of a run, all in one process: their connections to the server under test, what
 * they say and what becomes of what they receive. One epoll, nothing blocks.
 */
#ifndef ROOM_H
#define ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

#include "test/bench/histogram.h"
#include "test/bench/ledger.h"
#include "test/bench/peer.h"

enum room_state { CLIENT_CLOSED, CLIENT_CONNECTING, CLIENT_JOINING, CLIENT_JOINED };

struct room_client {
	int fd;
	enum room_state state;
	bool stalled;     /* joins, then reads nothing for now */
	bool receives;    /* false: only speaks, where the peer keeps the two apart */
	int32_t sender;   /* -1: says nothing */
	char *in;         /* an unfinished line */
	size_t in_len;
	char *out;        /* what the kernel did not take yet */
	size_t out_len;
};

struct room {
	const struct peer *peer;
	struct sockaddr_in server;
	int epoll;
	struct room_client *clients;
	uint32_t count;      /* receivers, then the senders that are none */
	uint32_t joined;
	uint32_t closed;     /* by the server */
	uint32_t *voices;    /* by sender: the client that speaks for it */
	size_t length;       /* of a payload */
	uint32_t window;     /* 0: paced */
	bool speaking;       /* a sender whose line is settled says the next one */
	struct ledger ledger;
	struct histogram latency;
	bool measuring;      /* latencies are recorded */
};

/* The settings are set by the caller: peer, server, length, window. 0, or -1 with errno. */
int room_init(struct room *r, uint32_t receivers, uint32_t senders);
void room_finish(struct room *r);

/* The last of every n/count receivers stalls from its joining on; nobody who speaks does. */
void room_stall(struct room *r, uint32_t count);
void room_resume(struct room *r);

/* Begins to connect clients from..to-1. 0, or -1 with errno. */
int room_connect(struct room *r, uint32_t from, uint32_t to);

/* A sender says so many lines at once. */
void room_say(struct room *r, uint32_t sender, uint32_t lines);

/* Waits for at most so many milliseconds and handles what happens; returns how much did. */
int room_turn(struct room *r, int timeout);

/* Whether all receivers that read have got everything that was said. */
bool room_settled(const struct room *r);

#endif
