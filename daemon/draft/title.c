/* The short heading of an incident. It goes into lists and alerts, so it names nothing that is masked. */
#include "draft/phrase.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void draft_title(const struct notice *notice, const struct incident *incident, struct text *out)
{
	static const char *const pattern_default = "{asset_label}: {fact_label}{mark}";
	static struct yaml *file;
	static char *directory;
	const struct node *title;
	const char *pattern, *mark, *asset;

	if (!directory || strcmp(directory, notice->directory) != 0) {	/* read once for each profile */
		struct problems problems = { 0 };
		struct text path = { 0 };

		text_addf(&path, "%s/form-text.ja.yaml", notice->directory);
		yaml_free(file);
		file = yaml_load(path.at, &problems);
		free(directory);
		directory = mem_strdup(notice->directory);
		problems_clear(&problems);
		text_clear(&path);
	}
	title = file && file->n ? node_get(file->documents[0], "title") : NULL;
	pattern = node_get_text(title, "pattern");
	asset = incident_label(incident);
	if (!asset)
		asset = node_get_text(title, "unknown_asset");
	mark = node_get_text(node_get(title, "marks"),
			     incident->decided ? certainty_word(incident->certainty) :
			     incident->certainty == CERTAINTY_POINTED_OUT ? "pointed_out" : "suspected");
	phrase_fill(pattern ? pattern : pattern_default, out, "asset_label", asset ? asset : "",
		    "fact_label", notice_fact_label(notice, incident->fact), "mark", mark ? mark : "",
		    (const char *)NULL);
}
