/*
 * Zones. The system's zone files (RFC 8536) are read directly: setting TZ and calling
 * mktime() would change the whole process, and a log's zone is not the machine's.
 */
#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_FILE_MAX 65536

struct zone {
	char *name;
	int fixed;		/* minutes, when n is 0; else what holds before the first change */
	size_t n;
	int64_t *at;		/* UTC seconds of each change */
	int *offset;		/* minutes from then on */
};

static struct map *zones;

static int64_t read_be(const unsigned char *at, int bytes)
{
	uint64_t n = at[0] & 0x80 ? ~UINT64_C(0) : 0;

	for (int i = 0; i < bytes; i++)
		n = n << 8 | at[i];
	return (int64_t)n;
}

/* The second, 64-bit block of the file; what follows the last change keeps its offset. */
static bool zone_read(struct zone *zone, const unsigned char *data, size_t len)
{
	size_t counts[6], skip = 44, types_at;

	for (int block = 0; block < 2; block++) {
		if (len < skip || memcmp(data + skip - 44, "TZif", 4) != 0)
			return false;
		for (int i = 0; i < 6; i++)
			counts[i] = (size_t)read_be(data + skip - 24 + 4 * i, 4);
		if (counts[3] > 4096 || counts[4] > 256 || counts[1] > 4096 || counts[5] > 4096)
			return false;
		if (block == 0)
			skip += counts[3] * 5 + counts[4] * 6 + counts[5] + counts[2] * 8 +
				counts[1] + counts[0] + 44;
	}
	types_at = skip + counts[3] * 9;
	if (len < types_at + counts[4] * 6 || counts[4] == 0)
		return false;
	zone->n = counts[3];
	zone->at = mem_zalloc(zone->n * sizeof(*zone->at));
	zone->offset = mem_zalloc(zone->n * sizeof(*zone->offset));
	zone->fixed = (int)(read_be(data + types_at, 4) / 60);
	for (size_t i = 0; i < zone->n; i++) {
		size_t type = data[skip + counts[3] * 8 + i];

		if (type >= counts[4])
			return false;
		zone->at[i] = read_be(data + skip + i * 8, 8);
		zone->offset[i] = (int)(read_be(data + types_at + type * 6, 4) / 60);
	}
	return true;
}

static bool zone_load(struct zone *zone, const char *name)
{
	unsigned char *data = mem_zalloc(ZONE_FILE_MAX);
	char path[256];
	bool good = false;
	FILE *file;

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	file = strstr(name, "..") || name[0] == '/' ? NULL : fopen(path, "re");
	if (file) {
		good = zone_read(zone, data, fread(data, 1, ZONE_FILE_MAX, file));
		fclose(file);
	}
	free(data);
	return good;
}

static bool zone_fixed(const char *name, int *out)
{
	int hours, minutes;
	char sign;

	if (strcmp(name, "UTC") == 0 || strcmp(name, "Z") == 0 || strcmp(name, "GMT") == 0)
		*out = 0;
	else if (strcmp(name, "Asia/Tokyo") == 0 || strcmp(name, "JST") == 0)
		*out = OFFSET_JST;	/* no summer time since 1951; needs no zone file */
	else if (sscanf(name, "%c%2d:%2d", &sign, &hours, &minutes) == 3 &&
		 (sign == '+' || sign == '-') && strlen(name) == 6 && hours < 16 && minutes < 60)
		*out = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
	else
		return false;
	return true;
}

const struct zone *zone_find(const char *name, struct err *err)
{
	struct zone *zone;

	if (!zones)
		zones = map_new();
	zone = map_get(zones, slice_of(name));
	if (zone)
		return zone;
	zone = mem_zalloc(sizeof(*zone));
	if (!zone_fixed(name, &zone->fixed) && !zone_load(zone, name)) {
		free(zone->at);
		free(zone->offset);
		free(zone);
		err_set(err, ERR_CONFIG,
			"unknown time zone '%s'; write Asia/Tokyo, UTC or an offset like +09:00", name);
		return NULL;
	}
	zone->name = mem_strdup(name);
	map_put(zones, slice_of(name), zone);
	return zone;
}

const char *zone_name(const struct zone *zone)
{
	return zone->name;
}

int zone_offset_at(const struct zone *zone, int64_t utc)
{
	int offset = zone->fixed;

	for (size_t i = 0; i < zone->n && zone->at[i] <= utc / NS_PER_S; i++)
		offset = zone->offset[i];
	return offset;
}

int zone_offset_at_local(const struct zone *zone, int64_t local)
{
	int guess = zone_offset_at(zone, local);

	return zone_offset_at(zone, local - (int64_t)guess * 60 * NS_PER_S);
}
