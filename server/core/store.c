/*
 * The store of a chat (store.h). The rule: what it has is not copied. Bans and claims are the same
 * lists in memory and for the disk.
 */
#include "server/core/store.h"

char *store_save(const struct chat *chat, size_t *len)
{
	const struct store view = { .bans = chat->bans, .claims = chat->claims,
		.motd = (char *)chat->motd };

	return store_text(&view, chat->now, len);
}

void store_load(struct chat *chat, struct store *store)
{
	chat->bans = store->bans;
	chat->claims = store->claims;
	store->bans = (struct bans){ 0 };
	store->claims = (struct claims){ 0 };
	chat->motd = store->motd;
	store->motd = NULL;
	if (claims_expire(&chat->claims, chat->now.time))
		chat->store_changes++;
	store_finish(store);
}
