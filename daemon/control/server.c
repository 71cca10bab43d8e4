/*
 * The UNIX socket: one JSON request a line, one answer a line. The peer's uid is the actor; who may connect is decided
 * by the mode of the socket (0660, group of the daemon). When all places are taken a new connection gets that of the
 * one that has been silent longest: who only holds a connection keeps nobody out.
 */
#include "control/control.h"

#include "base/log.h"
#include "base/mem.h"
#include "model/json.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX (1 << 20)
#define ANSWER_MAX (256 << 20)
#define ANSWERS_MAX (1 << 20)	/* bytes that wait to be read by one client before it may ask more */
#define CLIENTS_MAX 32
#define IDLE_SECONDS 60

struct control_server {
	struct control *control;
	struct evconnlistener *listener;
	char *path;
	uint64_t heard;			/* connections and requests so far */
	struct bufferevent *open[CLIENTS_MAX];
};

struct client {
	struct control_server *server;
	long uid;
	size_t slot;
	uint64_t heard;			/* the server's count when it last said something */
};

static void client_close(struct bufferevent *bev, struct client *client)
{
	client->server->open[client->slot] = NULL;
	bufferevent_free(bev);
	free(client);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
	(void)what;
	client_close(bev, context);
}

/* Who does not read the answers is not asked for more questions. */
static void answer_lines(struct bufferevent *bev, struct client *client)
{
	struct evbuffer *in = bufferevent_get_input(bev), *out = bufferevent_get_output(bev);
	size_t len;
	char *line = NULL;

	while (evbuffer_get_length(out) < ANSWERS_MAX && (line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF))) {
		struct json_object *answer = control_handle_line(client->server->control, client->uid,
								 (struct slice){ line, len });
		const char *text = json_line(answer);

		bufferevent_write(bev, text, strlen(text));
		bufferevent_write(bev, "\n", 1);
		json_object_put(answer);
		free(line);
	}
	if (evbuffer_get_length(out) >= ANSWERS_MAX)
		bufferevent_disable(bev, EV_READ);
	else if (evbuffer_get_length(in) > REQUEST_MAX)
		client_close(bev, client);
}

static void on_read(struct bufferevent *bev, void *context)
{
	struct client *client = context;

	client->heard = ++client->server->heard;
	answer_lines(bev, client);
}

/* All answers went out. */
static void on_written(struct bufferevent *bev, void *context)
{
	bufferevent_enable(bev, EV_READ);
	answer_lines(bev, context);
}

static struct client *client_of(struct bufferevent *bev)
{
	void *client;

	bufferevent_getcb(bev, NULL, NULL, NULL, &client);
	return client;
}

static size_t slot_free(struct control_server *server)
{
	struct client *silent = NULL;
	size_t slot;

	for (slot = 0; slot < CLIENTS_MAX && server->open[slot]; slot++) {
		struct client *client = client_of(server->open[slot]);

		if (!silent || client->heard < silent->heard)
			silent = client;
	}
	if (slot == CLIENTS_MAX) {
		slot = silent->slot;
		client_close(server->open[slot], silent);
	}
	return slot;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd,
		      struct sockaddr *address, int len, void *context)
{
	struct control_server *server = context;
	struct timeval idle = { IDLE_SECONDS, 0 };
	struct ucred peer = { 0 };
	socklen_t size = sizeof(peer);
	struct bufferevent *bev;
	struct client *client;
	size_t slot;

	(void)address;
	(void)len;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		close(fd);
		return;
	}
	bev = bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!bev) {
		close(fd);
		return;
	}
	slot = slot_free(server);
	client = mem_zalloc(sizeof(*client));
	*client = (struct client){ server, (long)peer.uid, slot, ++server->heard };
	server->open[slot] = bev;
	bufferevent_setcb(bev, on_read, on_written, on_event, client);
	bufferevent_set_timeouts(bev, &idle, &idle);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static int socket_address(const char *path, struct sockaddr_un *address, struct err *err)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return err_set(err, ERR_CONFIG, "the socket path '%s' is too long (at most %zu bytes)",
			       path, sizeof(address->sun_path) - 1);
	memcpy(address->sun_path, path, strlen(path) + 1);
	return 0;
}

int control_server_new(struct event_base *base, const char *path, struct control *control,
		       struct control_server **out, struct err *err)
{
	struct control_server *server;
	struct sockaddr_un address;

	if (socket_address(path, &address, err) < 0)
		return err->kind;
	unlink(path);			/* the state lock is ours: nobody else listens here */
	server = mem_zalloc(sizeof(*server));
	server->control = control;
	server->path = mem_strdup(path);
	server->listener = evconnlistener_new_bind(base, on_accept, server,
						   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 2 * CLIENTS_MAX,
						   (struct sockaddr *)&address, sizeof(address));
	if (!server->listener) {
		err_set(err, ERR_IO, "cannot listen on '%s': %s", path, strerror(errno));
		free(server->path);
		free(server);
		return err->kind;
	}
	chmod(path, 0660);
	*out = server;
	return 0;
}

void control_server_free(struct control_server *server)
{
	if (!server)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (server->open[i])
			client_close(server->open[i], client_of(server->open[i]));
	evconnlistener_free(server->listener);
	unlink(server->path);
	free(server->path);
	free(server);
}

static int read_answer(int fd, struct text *answer, struct err *err)
{
	char block[65536];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0 && answer->len < ANSWER_MAX) {
		text_add_bytes(answer, block, (size_t)n);
		if (answer->at[answer->len - 1] == '\n')
			return 0;
	}
	return err_set(err, ERR_IO, "the daemon closed the connection without an answer");
}

int control_call(const char *path, struct json_object *request, struct json_object **out,
		 struct err *err)
{
	struct sockaddr_un address;
	struct text line = { 0 }, answer = { 0 };
	int fd, rc;

	if (socket_address(path, &address, err) < 0)
		return err->kind;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		rc = err_set(err, errno == EACCES ? ERR_PERM : ERR_MISSING,
			     "no daemon answers on '%s': %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	text_addf(&line, "%s\n", json_line(request));
	rc = send(fd, line.at, line.len, MSG_NOSIGNAL) == (ssize_t)line.len ?
		     read_answer(fd, &answer, err) :
		     err_set(err, ERR_IO, "the daemon does not take the request: %s", strerror(errno));
	close(fd);
	if (rc == 0) {
		*out = json_tokener_parse(answer.at);
		if (!*out)
			rc = err_set(err, ERR_IO, "the daemon's answer is not JSON");
	}
	text_clear(&line);
	text_clear(&answer);
	return rc;
}
