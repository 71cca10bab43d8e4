/* A ring of buffers between the thread that unpacks and the one that reads. */
#include "replay/pump.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFERS 4
#define BUFFER_BYTES (256 * 1024)

struct buffer {
	char bytes[BUFFER_BYTES];
	long len;			/* 0 the end, negative an error */
};

struct pump {
	int fd;
	struct unpack *unpack;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled, emptied;
	struct buffer *ring;		/* BUFFERS */
	size_t head, tail;		/* filled up to head, emptied up to tail */
	size_t at;			/* taken of ring[tail] */
	bool stop;
	struct err err;
};

static struct buffer *wait_for_room(struct pump *p)
{
	struct buffer *buffer;

	pthread_mutex_lock(&p->lock);
	while (!p->stop && p->head - p->tail == BUFFERS)
		pthread_cond_wait(&p->emptied, &p->lock);
	buffer = p->stop ? NULL : &p->ring[p->head % BUFFERS];
	pthread_mutex_unlock(&p->lock);
	return buffer;
}

static long buffer_fill(struct pump *p, struct buffer *buffer)
{
	long len = 0, n = 1;

	while (len < BUFFER_BYTES && n > 0) {
		n = unpack_read(p->unpack, buffer->bytes + len, (size_t)(BUFFER_BYTES - len), &p->err);
		len += n > 0 ? n : 0;
	}
	return len ? len : n;		/* damage after good bytes is met again by the next read */
}

static void *pump_run(void *context)
{
	struct pump *p = context;
	struct buffer *buffer;
	long len;

	while ((buffer = wait_for_room(p))) {
		len = buffer_fill(p, buffer);
		pthread_mutex_lock(&p->lock);
		buffer->len = len;
		p->head++;
		pthread_cond_signal(&p->filled);
		pthread_mutex_unlock(&p->lock);
		if (len <= 0)
			break;
	}
	return NULL;
}

struct pump *pump_new(int fd, struct unpack *unpack)
{
	struct pump *p = mem_zalloc(sizeof(*p));

	p->fd = fd;
	p->unpack = unpack;
	p->ring = mem_zalloc(BUFFERS * sizeof(*p->ring));
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->filled, NULL);
	pthread_cond_init(&p->emptied, NULL);
	if (pthread_create(&p->thread, NULL, pump_run, p) != 0)
		abort();
	return p;
}

void pump_free(struct pump *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->emptied);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->filled);
	pthread_cond_destroy(&p->emptied);
	unpack_free(p->unpack);
	if (p->fd != STDIN_FILENO)
		close(p->fd);
	free(p->ring);
	free(p);
}

long pump_read(struct pump *p, void *to, size_t size, struct err *err)
{
	struct buffer *buffer;
	size_t left;

	pthread_mutex_lock(&p->lock);
	while (p->head == p->tail)
		pthread_cond_wait(&p->filled, &p->lock);
	buffer = &p->ring[p->tail % BUFFERS];
	pthread_mutex_unlock(&p->lock);
	if (buffer->len <= 0) {		/* stays: asked again, the answer is the same */
		if (buffer->len < 0)
			*err = p->err;
		return buffer->len;
	}
	left = (size_t)buffer->len - p->at;
	if (size > left)
		size = left;
	memcpy(to, buffer->bytes + p->at, size);
	p->at += size;
	if (p->at < (size_t)buffer->len)
		return (long)size;
	p->at = 0;
	pthread_mutex_lock(&p->lock);
	p->tail++;
	pthread_cond_signal(&p->emptied);
	pthread_mutex_unlock(&p->lock);
	return (long)size;
}
