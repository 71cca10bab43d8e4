# daemon/render: sokuhod-render, a program of its own in a sandbox. It is built without sanitizers, which need system
# calls that the sandbox forbids.
libexec_PROGRAMS += sokuhod-render
sokuhod_render_SOURCES = \
	%D%/page.c \
	%D%/page.h \
	%D%/render.c \
	%D%/sandbox.c \
	%D%/sandbox.h
sokuhod_render_CPPFLAGS = -I$(srcdir)/daemon -D_GNU_SOURCE
sokuhod_render_CFLAGS = -std=gnu17 $(WARN) $(RENDER_CFLAGS) $(PANGO_CFLAGS) $(SECCOMP_CFLAGS) $(JSONC_CFLAGS)
sokuhod_render_LDFLAGS = $(RENDER_LDFLAGS)
sokuhod_render_LDADD = $(PANGO_LIBS) $(SECCOMP_LIBS) $(JSONC_LIBS)
