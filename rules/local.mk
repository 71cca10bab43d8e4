# Content: decode data, rules, notice profiles. Installed as it stands.
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/rules"
	cd $(srcdir)/%D% && find decode detect correlate notice freemail.yaml sigma-fields.yaml sigma-map.yaml -type f | while read f; do \
		$(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/rules/$$(dirname $$f)"; \
		$(INSTALL_DATA) "$$f" "$(DESTDIR)$(pkgdatadir)/rules/$$f"; done

uninstall-local:
	rm -rf "$(DESTDIR)$(pkgdatadir)/rules"

EXTRA_DIST += %D%/README.md %D%/decode %D%/detect %D%/correlate %D%/notice \
	%D%/freemail.yaml %D%/sigma-fields.yaml %D%/sigma-map.yaml
