/*
 * sokuhod-render: the sheet of a draft (JSON on standard input) to PDF (standard output). The two fonts are
 * opened and used once before anything is read; then the sandbox closes, and only then the input, which holds bytes of
 * logs, is touched.
 */
#include "render/page.h"
#include "render/sandbox.h"

#include <cairo-pdf.h>
#include <fcntl.h>
#include <fontconfig/fontconfig.h>
#include <json-c/json_tokener.h>
#include <pango/pangofc-fontmap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX (4 << 20)
#define DEPTH_MAX 32

/* In this order; the first that is installed and knows Japanese. */
static const char families[] = "IPAexMincho,IPAexGothic,Noto Serif CJK JP,Noto Sans CJK JP,Noto Serif JP,Noto Sans JP";
/* The Japanese fonts lack the tick of the form; any font that has it is asked for these marks. */
#define TICK 0x2611

struct font {
	char *file, *family;
};

static int fail(const char *sentence)
{
	fprintf(stderr, "sokuhod-render: %s\n", sentence);
	return 3;
}

/* The best font for a pattern, which is freed here. */
static FcPattern *font_match(FcPattern *wanted, struct font *font)
{
	FcChar8 *path = NULL, *name = NULL;
	FcResult result;
	FcPattern *match;

	FcConfigSubstitute(NULL, wanted, FcMatchPattern);
	FcDefaultSubstitute(wanted);
	match = FcFontMatch(NULL, wanted, &result);
	FcPatternDestroy(wanted);
	if (!match || FcPatternGetString(match, FC_FILE, 0, &path) != FcResultMatch ||
	    FcPatternGetString(match, FC_FAMILY, 0, &name) != FcResultMatch)
		return NULL;
	*font = (struct font){ strdup((const char *)path), strdup((const char *)name) };
	return match;
}

static bool font_japanese(struct font *font)
{
	FcPattern *wanted = FcNameParse((const FcChar8 *)families), *match;
	FcLangSet *languages = NULL;

	FcPatternAddString(wanted, FC_LANG, (const FcChar8 *)"ja");
	match = font_match(wanted, font);
	return match && FcPatternGetLangSet(match, FC_LANG, 0, &languages) == FcResultMatch &&
	       FcLangSetHasLang(languages, (const FcChar8 *)"ja") != FcLangDifferentLang;
}

static bool font_tick(struct font *font)
{
	FcPattern *wanted = FcPatternCreate(), *match;
	FcCharSet *marks = FcCharSetCreate(), *has = NULL;

	FcCharSetAddChar(marks, TICK);
	FcPatternAddCharSet(wanted, FC_CHARSET, marks);
	FcCharSetDestroy(marks);
	match = font_match(wanted, font);
	return match && FcPatternGetCharSet(match, FC_CHARSET, 0, &has) == FcResultMatch && FcCharSetHasChar(has, TICK);
}

/* A font map that knows these two: no text can make it look for another file. */
static PangoFontMap *fonts_new(const struct font *text, const struct font *tick)
{
	PangoFontMap *fonts = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	FcConfig *config = FcConfigCreate();

	if (!fonts || !config || !FcConfigAppFontAddFile(config, (const FcChar8 *)text->file) ||
	    !FcConfigAppFontAddFile(config, (const FcChar8 *)tick->file))
		return NULL;
	pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts), config);
	FcConfigDestroy(config);
	return fonts;
}

static cairo_status_t write_nothing(void *closure, const unsigned char *data, unsigned length)
{
	(void)closure;
	(void)data;
	(void)length;
	return CAIRO_STATUS_SUCCESS;
}

static cairo_status_t write_out(void *closure, const unsigned char *data, unsigned length)
{
	(void)closure;
	return fwrite(data, 1, length, stdout) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static int sheet_draw(cairo_write_func_t write, PangoFontMap *fonts, const char *family, struct json_object *sheet)
{
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(write, NULL, PAGE_WIDTH, PAGE_HEIGHT);
	cairo_t *cairo = cairo_create(surface);
	int rc = page_draw_sheet(cairo, fonts, family, sheet);

	cairo_destroy(cairo);
	cairo_surface_finish(surface);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		rc = -1;
	cairo_surface_destroy(surface);
	return rc;
}

/* Everything that would open a file later is opened by drawing a first page to nowhere. */
static void warm_up(PangoFontMap *fonts, const char *family)
{
	struct json_object *sheet = json_tokener_parse("{\"drill\":\"訓練\",\"title\":[\"様式 ABC abc 123\"],"
						       "\"addressee\":\"①□☑ ( ) \\u0627 \\ud83d\\ude00\",\"items\":[]}");

	sheet_draw(write_nothing, fonts, family, sheet);
	json_object_put(sheet);
}

static struct json_object *input_read(void)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *sheet = NULL;
	char *text = malloc(INPUT_MAX);
	size_t len = text ? fread(text, 1, INPUT_MAX, stdin) : 0;

	if (len && len < INPUT_MAX)
		sheet = json_tokener_parse_ex(tokener, text, (int)len);
	if (!sheet && len && len < INPUT_MAX)	/* a document without an end of line */
		sheet = json_tokener_parse_ex(tokener, "", 1);
	json_tokener_free(tokener);
	free(text);
	return sheet;
}

/* What must fail in the sandbox, tried: for the tests and for whoever packages this. */
static int sandbox_check(void)
{
	void *volatile block;		/* a compiler may not think an unused one away */

	if (open("/etc/passwd", O_RDONLY) >= 0 || open("/tmp/sokuhod-render-check", O_WRONLY | O_CREAT, 0600) >= 0)
		return fail("a file could be opened");
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return fail("a socket could be made");
	if (fork() >= 0)
		return fail("a process could be started");
	block = malloc(2UL << 30);
	if (block)
		return fail("memory has no limit");
	printf("no file, no socket, no process, no memory without limit\n");
	return 0;
}

int main(int argc, char **argv)
{
	struct json_object *sheet;
	PangoFontMap *fonts;
	struct font text, tick;
	char family[256];
	int rc;

	if (!font_japanese(&text))
		return fail("no Japanese font is installed; Debian has fonts-ipaexfont-mincho");
	if (!font_tick(&tick))
		return fail("no font has the tick of the form; Debian has fonts-dejavu-core");
	fonts = fonts_new(&text, &tick);
	if (!fonts)
		return fail("the fonts cannot be opened");
	snprintf(family, sizeof(family), "%s,%s", text.family, tick.family);
	warm_up(fonts, family);
	if (sandbox_enter() != 0)
		return fail("the system does not grant the sandbox (seccomp); nothing is drawn without it");
	if (argc > 1)
		return strcmp(argv[1], "--check") == 0 ? sandbox_check() : fail("--check is the only option");
	sheet = input_read();
	if (!json_object_is_type(sheet, json_type_object))
		return fail("the input is no sheet, or larger than 4 MiB");
	rc = sheet_draw(write_out, fonts, family, sheet);
	json_object_put(sheet);
	if (rc != 0 || fflush(stdout) != 0)
		return fail("the PDF could not be made");
	return 0;
}
