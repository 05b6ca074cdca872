/*
 * The answers to HTTP requests, made whole before they are sent.
 */
#ifndef SERVER_CORE_WEB_ANSWER_H
#define SERVER_CORE_WEB_ANSWER_H

#include "server/core/room/context.h"
#include "server/core/wire/http_response.h"

/*
 * Each sets what the peer of this client is sent next. Where there is no memory for
 * it, the connection ends.
 */

/* One line of text. After a status from 400 on, the connection ends. */
void web_answer_line(struct client *client, struct http_response response, const char *line);
void web_answer_error(struct client *client, enum http_status status, const char *reason);

void web_answer_page(struct chat *chat, struct client *client);
void web_answer_health(struct chat *chat, struct client *client);
void web_answer_metrics(struct chat *chat, struct client *client);

#endif
