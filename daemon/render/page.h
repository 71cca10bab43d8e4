#ifndef SOKUHO_RENDER_PAGE_H
#define SOKUHO_RENDER_PAGE_H

#include <json-c/json_object.h>
#include <pango/pangocairo.h>

/* Draws the sheet of a draft (draft/draft.h) on pages of A4. */
#define PAGE_WIDTH  595.28
#define PAGE_HEIGHT 841.89

/* 0, or -1 when the sheet would need more than a sane number of pages. */
int page_draw_sheet(cairo_t *cairo, PangoFontMap *fonts, const char *family, struct json_object *sheet);

#endif
