/*
 * The form on A4: heading, addressee, a table of two columns for ①-⑦, the notes. A cell is drawn line by line, so that a
 * long text flows onto the next page and nothing is cut.
 */
#include "render/page.h"

#include <stdbool.h>
#include <string.h>

#define MARGIN 50.0
#define LABEL_WIDTH 140.0
#define PAD 5.0
#define TEXT_SIZE 10.0
#define NOTE_SIZE 8.5
#define TITLE_SIZE 12.5
#define PAGES_MAX 200
#define TEXT_MAX (256 << 10)

struct page {
	cairo_t *cairo;
	PangoContext *pango;
	const char *family;
	struct json_object *sheet;
	double y;
	int number;
};

static struct json_object *get(struct json_object *o, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(o, name, &value);
	return value;
}

static const char *word(struct json_object *o, const char *name)
{
	struct json_object *value = get(o, name);

	return value ? json_object_get_string(value) : "";
}

static size_t count(struct json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static PangoLayout *layout_new(struct page *p, const char *text, double size, double width)
{
	PangoLayout *layout = pango_layout_new(p->pango);
	PangoFontDescription *font = pango_font_description_from_string(p->family);
	size_t len = strlen(text);

	pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_auto_dir(layout, FALSE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_spacing(layout, 2 * PANGO_SCALE);
	pango_layout_set_text(layout, text, (int)(len < TEXT_MAX ? len : TEXT_MAX));
	return layout;
}

static double layout_height(PangoLayout *layout)
{
	int height;

	pango_layout_get_size(layout, NULL, &height);
	return (double)height / PANGO_SCALE;
}

/* Text at a place of its own, such as the marks of a drill and the page's number. */
static void text_at(struct page *p, const char *text, double size, double y)
{
	PangoLayout *layout = layout_new(p, text, size, PAGE_WIDTH - 2 * MARGIN);

	pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
	cairo_move_to(p->cairo, MARGIN, y);
	pango_cairo_show_layout(p->cairo, layout);
	g_object_unref(layout);
}

static void page_begin(struct page *p)
{
	p->number++;
	p->y = MARGIN;
	text_at(p, word(p->sheet, "drill"), 16, 20);
}

static void page_end(struct page *p)
{
	char number[32];

	snprintf(number, sizeof(number), "- %d -", p->number);
	text_at(p, number, NOTE_SIZE, PAGE_HEIGHT - 38);
	if (word(p->sheet, "drill")[0])
		text_at(p, word(p->sheet, "drill"), 12, PAGE_HEIGHT - 26);
	cairo_show_page(p->cairo);
}

static double room(const struct page *p)
{
	return PAGE_HEIGHT - MARGIN - p->y;
}

static void page_next(struct page *p)
{
	page_end(p);
	page_begin(p);
}

/* A block across the page; it moves to the next one whole where it does not fit. */
static void block(struct page *p, const char *text, double size, PangoAlignment alignment)
{
	double gap = size > NOTE_SIZE ? 3 : 1;
	PangoLayout *layout;

	if (!text[0])
		return;
	layout = layout_new(p, text, size, PAGE_WIDTH - 2 * MARGIN);
	pango_layout_set_alignment(layout, alignment);
	if (layout_height(layout) > room(p))
		page_next(p);
	cairo_move_to(p->cairo, MARGIN, p->y);
	pango_cairo_show_layout(p->cairo, layout);
	p->y += layout_height(layout) + gap;
	g_object_unref(layout);
}

static void frame(struct page *p, double top, double bottom)
{
	cairo_set_line_width(p->cairo, 0.7);
	cairo_rectangle(p->cairo, MARGIN, top, LABEL_WIDTH, bottom - top);
	cairo_rectangle(p->cairo, MARGIN + LABEL_WIDTH, top, PAGE_WIDTH - 2 * MARGIN - LABEL_WIDTH, bottom - top);
	cairo_stroke(p->cairo);
}

/* The cell's lines one by one; where the page ends, its frame is closed and opened again on the next. */
static void row(struct page *p, const char *label, const char *body)
{
	PangoLayout *left = layout_new(p, label, TEXT_SIZE, LABEL_WIDTH - 2 * PAD);
	PangoLayout *right = layout_new(p, body, TEXT_SIZE, PAGE_WIDTH - 2 * MARGIN - LABEL_WIDTH - 2 * PAD);
	PangoLayoutIter *line = pango_layout_get_iter(right);
	double left_height = layout_height(left), top;

	if (room(p) < left_height + 2 * PAD)
		page_next(p);
	top = p->y;
	cairo_move_to(p->cairo, MARGIN + PAD, top + PAD);
	pango_cairo_show_layout(p->cairo, left);
	p->y += PAD;
	do {
		int above, below, base = pango_layout_iter_get_baseline(line);
		double height;

		pango_layout_iter_get_line_yrange(line, &above, &below);
		height = (double)(below - above) / PANGO_SCALE;
		if (room(p) < height + PAD && p->number < PAGES_MAX) {
			frame(p, top, PAGE_HEIGHT - MARGIN);
			page_next(p);
			top = p->y;
			p->y += PAD;
			left_height = 0;
		}
		cairo_move_to(p->cairo, MARGIN + LABEL_WIDTH + PAD, p->y + (double)(base - above) / PANGO_SCALE);
		pango_cairo_show_layout_line(p->cairo, pango_layout_iter_get_line_readonly(line));
		p->y += height;
	} while (pango_layout_iter_next_line(line));
	if (p->y < top + PAD + left_height)
		p->y = top + PAD + left_height;
	p->y += PAD;
	frame(p, top, p->y);
	pango_layout_iter_free(line);
	g_object_unref(left);
	g_object_unref(right);
}

static void boxes_text(struct page *p, struct json_object *boxes, const char *indent, GString *out)
{
	for (size_t k = 0; k < count(boxes); k++) {
		struct json_object *box = json_object_array_get_idx(boxes, k);
		bool ticked = json_object_get_boolean(get(box, "ticked"));
		const char *mark = word(box, "mark"), *text = word(box, "text");

		g_string_append_printf(out, "%s%s%s %s%s%s%s%s", out->len ? "\n" : "", indent,
				       word(p->sheet, ticked ? "checked" : "unchecked"), mark, mark[0] ? " " : "",
				       word(box, "quote"), text[0] ? "　" : "", text);
		boxes_text(p, get(box, "boxes"), "　　", out);
	}
}

static void item_row(struct page *p, struct json_object *item)
{
	GString *label = g_string_new(NULL), *body = g_string_new(NULL);
	struct json_object *boxes = get(item, "boxes");
	const char *note = word(item, "note");

	g_string_append_printf(label, "%s %s%s%s", word(item, "mark"), word(item, "label"), note[0] ? "\n" : "", note);
	boxes_text(p, boxes, "", body);
	if (!count(boxes) || json_object_get_boolean(get(item, "written")))
		g_string_append_printf(body, "%s%s", body->len ? "\n" : "", word(item, "text"));
	if (json_object_get_boolean(get(item, "changed")))
		g_string_prepend(body, word(p->sheet, "change_mark"));
	row(p, label->str, body->str);
	g_string_free(label, TRUE);
	g_string_free(body, TRUE);
}

static void heading(struct page *p)
{
	struct json_object *title = get(p->sheet, "title");
	GString *to = g_string_new(NULL);

	block(p, word(p->sheet, "head"), TEXT_SIZE, PANGO_ALIGN_RIGHT);
	for (size_t k = 0; k < count(title); k++)
		block(p, json_object_get_string(json_object_array_get_idx(title, k)), TITLE_SIZE, PANGO_ALIGN_CENTER);
	g_string_append_printf(to, "%s　%s", word(p->sheet, "addressee_label"), word(p->sheet, "addressee"));
	p->y += 6;
	block(p, to->str, TEXT_SIZE, PANGO_ALIGN_LEFT);
	p->y += 4;
	g_string_free(to, TRUE);
}

/* Plain text line by line; a form feed begins a page. */
static void plain(struct page *p, const char *text)
{
	for (const char *end; text[0]; text = end[0] ? end + 1 : end) {
		char *line;

		end = text + strcspn(text, "\n");
		line = g_strndup(text, (size_t)(end - text));
		if (line[0] == '\f' && p->number < PAGES_MAX)
			page_next(p);
		else if (p->number < PAGES_MAX)
			block(p, line[0] ? line : " ", NOTE_SIZE, PANGO_ALIGN_LEFT);
		g_free(line);
	}
}

int page_draw_sheet(cairo_t *cairo, PangoFontMap *fonts, const char *family, struct json_object *sheet)
{
	struct page p = { .cairo = cairo, .pango = pango_font_map_create_context(fonts), .family = family,
			  .sheet = sheet };
	struct json_object *items = get(sheet, "items"), *notes = get(sheet, "notes");

	pango_context_set_language(p.pango, pango_language_from_string("ja"));
	page_begin(&p);
	if (get(sheet, "plain"))
		plain(&p, word(sheet, "plain"));
	else
		heading(&p);
	for (size_t k = 0; k < count(items); k++)
		item_row(&p, json_object_array_get_idx(items, k));
	p.y += 6;
	for (size_t k = 0; k < count(notes); k++)
		block(&p, json_object_get_string(json_object_array_get_idx(notes, k)), NOTE_SIZE, PANGO_ALIGN_LEFT);
	page_end(&p);
	g_object_unref(p.pango);
	return p.number < PAGES_MAX ? 0 : -1;
}
