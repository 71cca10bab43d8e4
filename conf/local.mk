# conf: examples that work as they are. A file that stands at the site is never overwritten, and
# uninstall removes only what is still byte for byte the example.
conf_examples = %D%/sokuhod.yaml %D%/inventory.yaml %D%/rules.d/README
confdir = $(sysconfdir)/sokuhod
EXTRA_DIST += $(conf_examples)

install-data-hook: install-conf
uninstall-hook: uninstall-conf

.PHONY: install-conf uninstall-conf
install-conf:
	$(MKDIR_P) "$(DESTDIR)$(confdir)/rules.d"
	@for file in $(conf_examples); do \
		to="$(DESTDIR)$(confdir)/$${file#*conf/}"; \
		if test -e "$$to"; then echo "$$to is there, kept as it is"; \
		else echo "$(INSTALL_DATA) $(srcdir)/$$file $$to"; \
			$(INSTALL_DATA) "$(srcdir)/$$file" "$$to" || exit 1; fi; \
	done

uninstall-conf:
	@for file in $(conf_examples); do \
		to="$(DESTDIR)$(confdir)/$${file#*conf/}"; \
		if cmp -s "$(srcdir)/$$file" "$$to"; then rm -f "$$to"; \
		elif test -e "$$to"; then echo "$$to was changed, kept"; fi; \
	done
	@rmdir "$(DESTDIR)$(confdir)/rules.d" "$(DESTDIR)$(confdir)" 2>/dev/null || :
