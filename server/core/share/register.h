/*
 * The register: the records of people in the state of the shared log (record.h). Those of ours are
 * kept as we are; those of others are followed.
 */
#ifndef SERVER_CORE_SHARE_REGISTER_H
#define SERVER_CORE_SHARE_REGISTER_H

#include "server/core/share/record.h"
#include "server/core/share/share.h"

/* Puts and deletes what differs from what people are now, and lets go of nicks that nobody has. */
void register_update(struct chat *chat);

/* The log has answered a DEED_RECORD. */
void register_answered(struct chat *chat, const struct log_request *request, enum log_answer answer,
	uint64_t seq);

/* A record's key was set, to nothing if it was deleted. */
void register_follow(struct chat *chat, struct person_id id, uint64_t seq, struct slice payload);

/* The people of a node that is gone: ended by whoever is first to delete their record. */
void register_end(struct chat *chat, struct persona *person);
void register_ended(struct chat *chat, const struct log_request *request, enum log_answer answer);

#endif
