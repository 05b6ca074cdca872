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

/* What there is to say of one of ours; what a record says of somebody elsewhere is so here, too. */
void register_describe(const struct chat *chat, const struct persona *person,
	const struct user *user, bool is_away, struct person_record *record);
void register_learn(struct chat *chat, struct persona *person, const struct person_record *record);

/* Asks for a record in place of the one that is known, or with no payload for none. */
bool register_put(struct chat *chat, const struct persona *person, struct slice payload,
	enum purpose purpose);

/* The log has answered a PURPOSE_RECORD. */
void register_answered(struct chat *chat, const struct log_request *request, enum log_answer answer,
	uint64_t seq);

/* A record's key was set, to nothing if it was deleted. */
void register_follow(struct chat *chat, struct person_id id, uint64_t seq, struct slice payload);

/* The people of a node that is gone: ended by whoever is first to delete their record. */
void register_end(struct chat *chat, struct persona *person);
void register_ended(struct chat *chat, const struct log_request *request, enum log_answer answer);

#endif
