/*
 * ECS names (Elastic Common Schema 8) and the few of ours beside them: asset.id, person.id, verdict,
 * attack.class, host.first_seen.
 */
#include "base/ecs.h"

#include "base/map.h"

#include <pthread.h>

/* Sorted: a name's place stands for it. */
static const char *const names[] = {
	"agent.name", "agent.type", "asset.id", "attack.class", "client.ip", "cloud.account.id",
	"cloud.provider", "destination.address", "destination.domain", "destination.ip",
	"destination.port", "destination.user.name", "dns.answers.data", "dns.question.name",
	"dns.question.type", "dns.response_code", "email.attachments.file.name",
	"email.delivery_timestamp", "email.direction", "email.from.address", "email.message_id",
	"email.subject", "email.to.address", "error.code", "error.message", "event.action",
	"event.category", "event.code", "event.count", "event.dataset", "event.duration",
	"event.end", "event.id", "event.kind", "event.module", "event.outcome",
	"event.provider", "event.reason", "event.severity", "event.start", "event.type",
	"file.directory", "file.extension", "file.hash.md5", "file.hash.sha1",
	"file.hash.sha256", "file.name", "file.path", "file.size", "group.name", "host.domain",
	"host.first_seen", "host.hostname", "host.id", "host.ip", "host.mac", "host.name",
	"host.os.name", "http.request.body.bytes", "http.request.method",
	"http.request.referrer", "http.response.body.bytes", "http.response.status_code",
	"http.version", "log.level", "log.syslog.appname", "log.syslog.msgid", "message", "network.bytes",
	"network.direction", "network.packets", "network.protocol", "network.transport",
	"observer.hostname", "observer.ip", "observer.name", "observer.product",
	"observer.type", "observer.vendor", "person.id", "process.args", "process.command_line",
	"process.executable", "process.hash.sha256", "process.name",
	"process.parent.executable", "process.parent.name", "process.pid", "process.title",
	"registry.path", "rule.category", "rule.description", "rule.id", "rule.name",
	"rule.ruleset", "rule.version", "server.ip", "service.name", "source.address",
	"source.domain", "source.ip", "source.port", "source.user.name",
	"threat.indicator.name", "threat.name", "threat.tactic.name", "threat.technique.id",
	"tls.client.server_name", "tls.server.subject", "url.domain", "url.full",
	"url.original", "url.path", "url.query", "url.scheme", "user.domain", "user.email",
	"user.id", "user.name", "user_agent.original", "verdict", "vulnerability.id",
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* Of these the ones that are `long` in ECS. */
static const char *const numbers[] = {
	"destination.port", "event.count", "event.duration", "event.severity", "file.size",
	"http.request.body.bytes", "http.response.body.bytes", "http.response.status_code",
	"network.bytes", "network.packets", "process.pid", "source.port",
};

static bool group_is(const char *group, const char *name)
{
	for (; *name; name++, group++)
		if (*group != (*name == '.' ? '_' : *name))
			return false;
	return *group == '\0';
}

const char *ecs_from_group(const char *group)
{
	for (size_t i = 0; i < N_NAMES; i++)
		if (group_is(group, names[i]))
			return names[i];
	return group;
}

#define SLOTS 512
static struct {
	uint64_t hashes[N_NAMES];
	bool is_number[N_NAMES];
	uint8_t slots[SLOTS];		/* 0: free, else a rank + 1 */
} table;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool is_among(const char *const *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

static void table_fill(void)
{
	_Static_assert(N_NAMES < UINT8_MAX && 2 * N_NAMES < SLOTS, "the table is too small");
	for (size_t i = 0; i < N_NAMES; i++) {
		size_t slot;

		table.hashes[i] = hash_bytes_nocase(slice_of(names[i]));
		table.is_number[i] = is_among(numbers, sizeof(numbers) / sizeof(numbers[0]), names[i]);
		for (slot = table.hashes[i] % SLOTS; table.slots[slot];)
			slot = (slot + 1) % SLOTS;
		table.slots[slot] = (uint8_t)(i + 1);
	}
}

int ecs_rank_hashed(struct slice name, uint64_t hash)
{
	pthread_once(&once, table_fill);
	for (size_t slot = hash % SLOTS; table.slots[slot]; slot = (slot + 1) % SLOTS) {
		int rank = table.slots[slot] - 1;

		if (table.hashes[rank] == hash && slice_is(name, names[rank]))
			return rank;
	}
	return -1;
}

int ecs_rank(struct slice name)
{
	return ecs_rank_hashed(name, hash_bytes_nocase(name));
}

bool ecs_is_number(int rank)
{
	return rank >= 0 && table.is_number[rank];
}

const char *const *ecs_categories(size_t *n)
{
	static const char *const categories[] = {
		"api", "authentication", "configuration", "database", "driver", "email", "file", "host", "iam",
		"intrusion_detection", "library", "malware", "network", "package", "process", "registry", "session", "threat",
		"vulnerability", "web",
	};

	*n = sizeof(categories) / sizeof(categories[0]);
	return categories;
}

const char *const *ecs_names(size_t *n)
{
	*n = N_NAMES;
	return names;
}
