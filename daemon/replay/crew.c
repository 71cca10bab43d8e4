/* One queue under one lock; a batch is handed over whole, so nothing else is shared. */
#include "replay/crew.h"

#include "base/mem.h"
#include "base/regex.h"

#include <pthread.h>
#include <stdlib.h>

struct job {
	struct batch *batch;
	const struct scanner *scanner;
	bool done;
	struct job *next;
};

/* A thread's memory for one prefilter; made anew when another one is used. */
struct hand {
	const struct prefilter *of;
	struct prefilter_scratch *scratch;
};

struct crew {
	pthread_t *threads;
	size_t n;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct job *waiting, **last;	/* not yet begun, oldest first */
	struct job *jobs;		/* begun or done, until waited for */
	struct hand own;		/* of the caller's thread */
	bool stop;
};

static void job_do(struct job *job, struct hand *hand)
{
	const struct prefilter *prefilter = job->scanner->prefilter;

	if (prefilter && hand->of != prefilter) {
		prefilter_scratch_free(hand->scratch);
		hand->scratch = prefilter_scratch_new(prefilter);
		hand->of = prefilter;
	}
	scanner_look(job->scanner, hand->scratch, job->batch);
}

static struct job *crew_take(struct crew *c)
{
	struct job *job = c->waiting;

	if (!job)
		return NULL;
	c->waiting = job->next;
	if (!c->waiting)
		c->last = &c->waiting;
	job->next = c->jobs;
	c->jobs = job;
	return job;
}

static void *crew_run(void *context)
{
	struct crew *c = context;
	struct hand hand = { 0 };
	struct job *job;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->stop && !c->waiting)
			pthread_cond_wait(&c->work, &c->lock);
		job = crew_take(c);
		if (!job)
			break;
		pthread_mutex_unlock(&c->lock);
		job_do(job, &hand);
		pthread_mutex_lock(&c->lock);
		job->done = true;
		pthread_cond_broadcast(&c->done);
	}
	pthread_mutex_unlock(&c->lock);
	prefilter_scratch_free(hand.scratch);
	regex_thread_end();
	return NULL;
}

struct crew *crew_new(size_t threads)
{
	struct crew *c = mem_zalloc(sizeof(*c));

	c->threads = mem_zalloc((threads + 1) * sizeof(*c->threads));
	c->last = &c->waiting;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->work, NULL);
	pthread_cond_init(&c->done, NULL);
	while (c->n < threads && pthread_create(&c->threads[c->n], NULL, crew_run, c) == 0)
		c->n++;			/* fewer threads than asked for do the same work */
	return c;
}

void crew_free(struct crew *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->work);
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->n; i++)
		pthread_join(c->threads[i], NULL);
	for (struct job *job = c->jobs, *next; job; job = next) {
		next = job->next;
		free(job);
	}
	prefilter_scratch_free(c->own.scratch);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->work);
	pthread_cond_destroy(&c->done);
	free(c->threads);
	free(c);
}

void crew_submit(struct crew *c, struct batch *batch, const struct scanner *scanner)
{
	struct job *job = mem_zalloc(sizeof(*job));

	*job = (struct job){ .batch = batch, .scanner = scanner };
	pthread_mutex_lock(&c->lock);
	*c->last = job;
	c->last = &job->next;
	pthread_cond_signal(&c->work);
	pthread_mutex_unlock(&c->lock);
}

static struct job **job_find(struct crew *c, const struct batch *batch)
{
	struct job **at = &c->jobs;

	while (*at && (*at)->batch != batch)
		at = &(*at)->next;
	return at;
}

void crew_wait(struct crew *c, struct batch *batch)
{
	struct job **at, *job;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		at = job_find(c, batch);
		if (*at && (*at)->done)
			break;
		job = c->n ? NULL : crew_take(c);
		if (job) {
			job_do(job, &c->own);
			job->done = true;
		} else {
			pthread_cond_wait(&c->done, &c->lock);
		}
	}
	job = *at;
	*at = job->next;
	pthread_mutex_unlock(&c->lock);
	free(job);
}
