/*
 * ECS names (Elastic Common Schema 8) and the few of ours beside them: asset.id, person.id, verdict,
 * attack.class, host.first_seen.
 */
#include "base/ecs.h"

#include "base/map.h"

#include <pthread.h>

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

static char known[] = "known", number[] = "number";
static struct map *kinds;		/* name to one of the two */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void kinds_fill(void)
{
	kinds = map_new();
	for (size_t i = 0; i < N_NAMES; i++)
		map_put(kinds, slice_of(names[i]), known);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		map_put(kinds, slice_of(numbers[i]), number);
}

static const char *kind_of(struct slice name)
{
	pthread_once(&once, kinds_fill);
	return map_get(kinds, name);
}

bool ecs_is_known(struct slice name)
{
	return kind_of(name) != NULL;
}

bool ecs_is_number(struct slice name)
{
	return kind_of(name) == number;
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
