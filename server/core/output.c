/*
 * Output (output.h). The rule: what was offered last is what was sent, since nothing else is
 * called in between.
 */
#include "server/core/output.h"

#include "server/core/command/command.h"
#include "server/core/command/join.h"
#include "server/core/readmission.h"
#include "server/core/room/context.h"
#include "server/core/room/delivery.h"
#include "server/core/room/presence.h"
#include "server/core/web.h"

_Static_assert((int)CHAT_IOV == (int)DELIVERY_PIECES + 1,
	"a plan fills what the shell has room for");

static void set_blocked(struct chat *chat, struct client *client, bool blocked)
{
	if (client->blocked == blocked)
		return;
	client->blocked = blocked;
	if (blocked)
		place_set_add(&chat->work.blocked, clients_index(&chat->clients, client));
	else
		place_set_remove(&chat->work.blocked, clients_index(&chat->clients, client));
}

int output_next(struct chat *chat, struct client *client, struct iovec iov[CHAT_IOV])
{
	struct delivery_plan *plan = &chat->plan;
	int head;

	if (client->state == CLIENT_HTTP)
		return web_output(client, iov);
	if (!delivery_next(chat, client, plan)) {
		/* A replay may have come to its end with nothing after it. */
		set_blocked(chat, client, delivery_is_pending(client));
		if (client->state == CLIENT_LEAVING)
			chat_change(chat, client);
		return 0;
	}
	if (plan->is_whole) {
		iov[0] = (struct iovec){ plan->frame.bytes, plan->frame.len };
		return 1;
	}
	head = plan->head_len > 0;
	if (head)
		iov[0] = (struct iovec){ plan->head, plan->head_len };
	for (int i = 0; i < plan->count; i++)
		iov[head + i] = plan->iov[i];
	return head + plan->count;
}

void output_sent(struct chat *chat, struct client *client, size_t len)
{
	bool whole = len == chat->plan.head_len + chat->plan.bytes;

	chat->counters.bytes_out += len;
	if (client->state == CLIENT_HTTP) {
		web_sent(chat, client, len);
		return;
	}
	if (len < UINT32_MAX - client->member.unread_bytes)
		client->member.unread_bytes += (uint32_t)len;
	else
		client->member.unread_bytes = UINT32_MAX;
	delivery_done(chat, client, &chat->plan, len);
	if (client->list != LIST_NONE)
		command_go_on(chat, client);
	if (client->task == TASK_MOVE && join_is_due(chat, client))
		chat_await(chat, client);
	set_blocked(chat, client, delivery_is_pending(client));
	/* Where the system took all, there is more to be sent at once. */
	if (client->blocked && whole)
		chat_owe(chat, client);
	if (!client->blocked)
		client->member.lagging = false;
	if (len > 0)
		client_drain(chat, client);
}

void output_hangup(struct chat *chat, struct client *client)
{
	client->deaf = true;
	chat_touch(chat, client);
	if (client->state == CLIENT_HTTP)
		client->state = CLIENT_GONE;
	if (client->state == CLIENT_REFUSED)
		readmission_end(chat, client);
	client->list = LIST_NONE;
	client->member.replay_end = 0;
	client->member.replay_back = 0;
	outbox_finish(&client->outbox);
	set_blocked(chat, client, false);
}
