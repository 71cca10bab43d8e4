/* The sheet as the form on one page of HTML: no script, no link, nothing from elsewhere; every text is escaped. */
#include "draft/draft.h"

#include "base/escape.h"
#include "model/json.h"

#include <json-c/json.h>
#include <string.h>

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\">"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	"<style>@page{size:A4;margin:18mm 16mm}"
	"body{font-family:'IPAexMincho','IPAexGothic','Noto Serif CJK JP',serif;font-size:10.5pt;line-height:1.5;"
	"max-width:178mm;margin:8mm auto}h1{font-size:13pt;text-align:center;font-weight:normal;margin:0}"
	"table{border-collapse:collapse;width:100%;margin:4mm 0}th,td{border:1px solid #000;padding:1.5mm 2mm;"
	"vertical-align:top;text-align:left;font-weight:normal}th{width:42mm}td{white-space:pre-wrap;"
	"overflow-wrap:anywhere}.in{padding-left:6mm}.d{text-align:center;font-size:16pt}.c{font-weight:bold}"
	"p{margin:1mm 0}.n{font-size:9pt}</style>\n<title>";

static const char *word(struct json_object *o, const char *name)
{
	const char *text = json_member_text(o, name);

	return text ? text : "";
}

static void add(struct text *out, const char *text)
{
	escape_html(slice_of(text), out);
}

static void boxes_html(struct json_object *sheet, struct json_object *boxes, bool inner, struct text *out)
{
	for (size_t k = 0; k < json_count(boxes); k++) {
		struct json_object *box = json_object_array_get_idx(boxes, k);
		bool ticked = json_object_get_boolean(json_member(box, "ticked"));
		const char *text = word(box, "text");

		text_addf(out, "<p%s>", inner ? " class=\"in\"" : "");
		add(out, word(sheet, ticked ? "checked" : "unchecked"));
		text_add(out, " ");
		add(out, word(box, "mark"));
		text_add(out, word(box, "mark")[0] ? " " : "");
		add(out, word(box, "quote"));
		text_add(out, text[0] ? "　" : "");
		add(out, text);
		text_add(out, "</p>");
		boxes_html(sheet, json_member(box, "boxes"), true, out);
	}
}

static void item_html(struct json_object *sheet, struct json_object *item, struct text *out)
{
	struct json_object *boxes = json_member(item, "boxes");

	text_add(out, "<tr><th>");
	add(out, word(item, "mark"));
	text_add(out, " ");
	add(out, word(item, "label"));
	text_add(out, word(item, "note")[0] ? "<p class=\"n\">" : "");
	add(out, word(item, "note"));
	text_add(out, word(item, "note")[0] ? "</p>" : "");
	text_add(out, "</th><td>");
	if (json_object_get_boolean(json_member(item, "changed"))) {
		text_add(out, "<span class=\"c\">");
		add(out, word(sheet, "change_mark"));
		text_add(out, "</span>");
	}
	boxes_html(sheet, boxes, false, out);
	if (!json_count(boxes) || json_object_get_boolean(json_member(item, "written")))
		add(out, word(item, "text"));
	text_add(out, "</td></tr>\n");
}

static void drill_html(struct json_object *sheet, struct text *out)
{
	if (!word(sheet, "drill")[0])
		return;
	text_add(out, "<p class=\"d\">");
	add(out, word(sheet, "drill"));
	text_add(out, "</p>\n");
}

static void title_html(struct json_object *sheet, struct text *out)
{
	struct json_object *title = json_member(sheet, "title");

	if (word(sheet, "head")[0]) {
		text_add(out, "<p>");
		add(out, word(sheet, "head"));
		text_add(out, "</p>\n");
	}
	for (size_t k = 0; k < json_count(title); k++) {
		text_add(out, "<h1>");
		add(out, json_object_get_string(json_object_array_get_idx(title, k)));
		text_add(out, "</h1>\n");
	}
	text_add(out, "<p>");
	add(out, word(sheet, "addressee_label"));
	text_add(out, " ");
	add(out, word(sheet, "addressee"));
	text_add(out, "</p>\n");
}

void draft_sheet_html(struct json_object *sheet, struct text *out)
{
	struct json_object *items = json_member(sheet, "items"), *notes = json_member(sheet, "notes");

	text_add(out, head);
	add(out, word(sheet, "drill"));
	add(out, word(sheet, "text_title"));
	text_add(out, "</title></head><body>\n");
	drill_html(sheet, out);
	title_html(sheet, out);
	text_add(out, "<table>\n");
	for (size_t k = 0; k < json_count(items); k++)
		item_html(sheet, json_object_array_get_idx(items, k), out);
	text_add(out, "</table>\n");
	for (size_t k = 0; k < json_count(notes); k++) {
		text_add(out, "<p class=\"n\">");
		add(out, json_object_get_string(json_object_array_get_idx(notes, k)));
		text_add(out, "</p>\n");
	}
	drill_html(sheet, out);
	text_add(out, "</body></html>\n");
}
