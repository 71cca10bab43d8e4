# packaging: systemd unit, sysusers, and what distributions need
dist_sysusers_DATA = %D%/sysusers.d/sokuhod.conf
systemdsystemunit_DATA = %D%/systemd/sokuhod.service
CLEANFILES += %D%/systemd/sokuhod.service
EXTRA_DIST += \
	%D%/README.md \
	%D%/debian/changelog \
	%D%/debian/control \
	%D%/debian/copyright \
	%D%/debian/rules \
	%D%/debian/source/format \
	%D%/debian/sokuhod.install \
	%D%/rpm/sokuhod.spec \
	%D%/systemd/sokuhod.service.in

# The directory of the program is known only now: --prefix may be given to make as well.
%D%/systemd/sokuhod.service: %D%/systemd/sokuhod.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D%/systemd && \
	sed 's|@sbindir[@]|$(sbindir)|g' $(srcdir)/%D%/systemd/sokuhod.service.in >$@.new && \
	mv $@.new $@
