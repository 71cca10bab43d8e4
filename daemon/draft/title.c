/* The short heading of an incident. It goes into lists and alerts, so it names nothing that is masked. */
#include "draft/phrase.h"

#include <string.h>

void draft_title(const struct notice *notice, const struct incident *incident, struct text *out)
{
	const struct node *title = node_get(notice->form_text, "title");
	const char *pattern = node_get_text(title, "pattern"), *asset = incident_label(incident);
	const char *mark = node_get_text(node_get(title, "marks"), phrase_wording(incident));

	if (!asset)
		asset = node_get_text(title, "unknown_asset");
	if (incident->drill)
		text_add(out, phrase_label(notice, "labels", "drill"));
	phrase_fill(pattern ? pattern : "{asset_label}: {fact_label}{mark}", out, "asset_label",
		    asset ? asset : "", "fact_label", notice_fact_label(notice, incident->fact), "mark",
		    mark ? mark : "", (const char *)NULL);
}
