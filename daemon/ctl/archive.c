/*
 * `incident export`: one archive (tar, gzip) with drafts, what was issued, the audit extract, the incident, and a manifest
 * of SHA-256 sums. Redacted by default: no log line and no field leaves the house, only where the evidence stands and its
 * sum. --with-evidence adds them and lists the names that are in them.
 */
#include "ctl/ctl.h"

#include "base/escape.h"
#include "base/hash.h"
#include "draft/draft.h"
#include "model/json.h"

#include <archive.h>
#include <archive_entry.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct package {
	struct archive *archive;
	struct text manifest;
	char folder[64];
	struct err err;
	int rc;
};

/* The plain sum, as sha256sum prints it. */
static void sum_add(struct slice bytes, struct text *out)
{
	unsigned char sum[32];

	hash_file_sha256(bytes, sum);
	for (size_t k = 0; k < sizeof(sum); k++)
		text_addf(out, "%02x", sum[k]);
}

static void file_add(struct package *p, const char *name, struct slice bytes, bool summed)
{
	struct archive_entry *entry;
	char path[160];

	if (p->rc < 0)
		return;
	entry = archive_entry_new();
	snprintf(path, sizeof(path), "%s/%s", p->folder, name);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_size(entry, (la_int64_t)bytes.len);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0640);
	if (archive_write_header(p->archive, entry) != ARCHIVE_OK ||
	    archive_write_data(p->archive, bytes.at, bytes.len) != (la_ssize_t)bytes.len)
		p->rc = err_set(&p->err, ERR_IO, "the archive cannot be written: %s",
				archive_error_string(p->archive));
	archive_entry_free(entry);
	if (!summed)
		return;
	sum_add(bytes, &p->manifest);
	text_addf(&p->manifest, "  %s\n", name);
}

static void lines_add(struct package *p, const char *name, struct json_object *list)
{
	struct text out = { 0 };

	text_add(&out, "");
	for (size_t k = 0; list && k < json_object_array_length(list); k++)
		text_addf(&out, "%s\n", json_line(json_object_array_get_idx(list, k)));
	file_add(p, name, text_slice(&out), true);
	text_clear(&out);
}

/* Every form of one sheet. PDF is left out, in words, where there is no renderer. */
static void sheet_add(struct package *p, const char *base, struct json_object *sheet)
{
	struct text text = { 0 }, html = { 0 }, pdf = { 0 };
	struct err err;
	char name[96];

	draft_sheet_text(sheet, false, &text);
	draft_sheet_html(sheet, &html);
	snprintf(name, sizeof(name), "%s.txt", base);
	file_add(p, name, text_slice(&text), true);
	snprintf(name, sizeof(name), "%s.html", base);
	file_add(p, name, text_slice(&html), true);
	snprintf(name, sizeof(name), "%s.pdf", base);
	if (ctl_render_pdf(sheet, &pdf, &err) == 0)
		file_add(p, name, text_slice(&pdf), true);
	else
		fprintf(stderr, "warning: %s\n", err.text);
	text_clear(&text);
	text_clear(&html);
	text_clear(&pdf);
}

static void issued_add(struct package *p, struct json_object *reports)
{
	for (size_t k = 0; reports && k < json_object_array_length(reports); k++) {
		struct json_object *report = json_object_array_get_idx(reports, k);
		char base[64];

		snprintf(base, sizeof(base), "issued-%s-%.16s", ctl_text(report, "serial"), ctl_text(report, "kind"));
		sheet_add(p, base, json_member(report, "sheet"));
	}
}

/* Where the evidence stands and its sum; not what it says. */
static void evidence_sums(struct package *p, struct json_object *incident)
{
	struct json_object *list = json_member(incident, "evidence");
	struct text out = { 0 };

	text_add(&out, "");
	for (size_t k = 0; list && k < json_object_array_length(list); k++) {
		struct json_object *e = json_object_array_get_idx(list, k);

		sum_add(slice_of(ctl_text(e, "raw")), &out);
		text_addf(&out, "  line %s of source %s at %s\n", ctl_text(e, "line"),
			  ctl_text(e, "source") ? ctl_text(e, "source") : "-", ctl_text(e, "time"));
	}
	file_add(p, "evidence-sums.txt", text_slice(&out), true);
	text_clear(&out);
}

/* Which names are in what leaves: for the approver to read. */
static void names_add(struct package *p, struct json_object *incident)
{
	static const char *const fields[] = { "host.name", "user.name", "user.email", "file.path", "file.name",
					      "email.subject", "email.from.address", "email.to.address",
					      "url.full", "url.path" };
	struct json_object *values = json_member(incident, "fields");
	struct text out = { 0 };

	text_add(&out, "");
	for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++)
		if (json_member(values, fields[k])) {
			text_addf(&out, "%s: ", fields[k]);
			escape_terminal(slice_of(json_object_get_string(json_member(values, fields[k]))), &out);
			text_add_char(&out, '\n');
		}
	file_add(p, "names.txt", text_slice(&out), true);
	fputs(out.at, stderr);
	text_clear(&out);
}

/* Keys that may hold names or the logs' own words do not leave without --with-evidence. */
static struct json_object *incident_redacted(struct json_object *incident)
{
	static const char *const gone[] = { "evidence", "fields", "assets", "reasons", "key", "notes", "work" };
	struct json_object *copy = NULL;

	json_object_deep_copy(incident, &copy, NULL);
	for (size_t k = 0; k < sizeof(gone) / sizeof(gone[0]); k++)
		json_object_object_del(copy, gone[k]);
	return copy;
}

/* An entry's hash stays; what it says of names does not. */
static struct json_object *audit_redacted(struct json_object *list)
{
	struct json_object *copy = NULL;

	json_object_deep_copy(list, &copy, NULL);
	for (size_t k = 0; k < json_object_array_length(copy); k++)
		json_object_object_del(json_object_array_get_idx(copy, k), "detail");
	return copy;
}

static void contents_add(struct package *p, struct json_object *answer)
{
	struct json_object *incident = json_member(answer, "incident"), *shown, *audit;
	bool full = json_object_get_boolean(json_member(answer, "with_evidence"));

	shown = full ? json_object_get(incident) : incident_redacted(incident);
	audit = full ? json_object_get(json_member(answer, "audit")) : audit_redacted(json_member(answer, "audit"));
	file_add(p, "incident.json", slice_of(json_line(shown)), true);
	sheet_add(p, "draft", json_member(answer, "sheet"));
	issued_add(p, json_member(answer, "issued"));
	lines_add(p, "audit.jsonl", audit);
	evidence_sums(p, incident);
	if (full) {
		lines_add(p, "findings.jsonl", json_member(answer, "findings"));
		lines_add(p, "evidence.jsonl", json_member(incident, "evidence"));
		names_add(p, incident);
	}
	file_add(p, "SHA256SUMS", text_slice(&p->manifest), false);
	json_object_put(shown);
	json_object_put(audit);
}

int ctl_archive_write(struct json_object *answer, const char *path)
{
	struct json_object *incident = json_member(answer, "incident");
	struct package p = { .archive = archive_write_new() };

	snprintf(p.folder, sizeof(p.folder), "%s%s",
		 json_object_get_boolean(json_member(incident, "drill")) ? "drill-" : "", ctl_text(incident, "id"));
	archive_write_set_format_pax_restricted(p.archive);
	archive_write_add_filter_gzip(p.archive);
	if (archive_write_open_filename(p.archive, path) != ARCHIVE_OK)
		p.rc = err_set(&p.err, ERR_IO, "'%s' cannot be written: %s", path, archive_error_string(p.archive));
	else
		contents_add(&p, answer);
	if (archive_write_close(p.archive) != ARCHIVE_OK && p.rc == 0)
		p.rc = err_set(&p.err, ERR_IO, "'%s' cannot be written: %s", path, archive_error_string(p.archive));
	archive_write_free(p.archive);
	text_clear(&p.manifest);
	if (p.rc < 0)
		return ctl_fail_err(EXIT_COULD_NOT, &p.err);
	printf("%s\n", path);
	return EXIT_DONE;
}
