# Tests. One row for each program or script; `make check TESTS=tests/unit/test_rule` runs one.
AM_TESTS_ENVIRONMENT = \
	LC_ALL=C.UTF-8; export LC_ALL; \
	SOKUHO_DATA_DIR='$(abs_top_srcdir)/rules'; export SOKUHO_DATA_DIR; \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	ASAN_OPTIONS=detect_leaks=1:$$ASAN_OPTIONS; export ASAN_OPTIONS;
TEST_EXTENSIONS = .sh .py
SH_LOG_COMPILER = $(SHELL)
PY_LOG_COMPILER = $(PYTHON3)

if HAVE_CMOCKA
UNIT_TESTS = \
	%D%/unit/test_alert \
	%D%/unit/test_aliases \
	%D%/unit/test_base \
	%D%/unit/test_batch \
	%D%/unit/test_calendar \
	%D%/unit/test_config \
	%D%/unit/test_correlation \
	%D%/unit/test_decode \
	%D%/unit/test_draft \
	%D%/unit/test_foreign \
	%D%/unit/test_frame \
	%D%/unit/test_officer \
	%D%/unit/test_encoding \
	%D%/unit/test_gather \
	%D%/unit/test_input \
	%D%/unit/test_inventory \
	%D%/unit/test_json \
	%D%/unit/test_judge \
	%D%/unit/test_need \
	%D%/unit/test_prefilter \
	%D%/unit/test_pulse \
	%D%/unit/test_reader \
	%D%/unit/test_regex_need \
	%D%/unit/test_rotation \
	%D%/unit/test_rule \
	%D%/unit/test_store \
	%D%/unit/test_unpack \
	%D%/unit/test_yaml
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
UNIT_LIBS = libsokuho.a $(LIBS_ALL) $(CMOCKA_LIBS)
UNIT_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%/unit $(CMOCKA_CFLAGS)
tests_unit_test_alert_SOURCES = %D%/unit/test_alert.c
tests_unit_test_alert_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_alert_LDADD = $(UNIT_LIBS)
tests_unit_test_aliases_SOURCES = %D%/unit/test_aliases.c
tests_unit_test_aliases_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_aliases_LDADD = $(UNIT_LIBS)
tests_unit_test_base_SOURCES = %D%/unit/test_base.c
tests_unit_test_base_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_base_LDADD = $(UNIT_LIBS)
tests_unit_test_batch_SOURCES = %D%/unit/test_batch.c
tests_unit_test_batch_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_batch_LDADD = $(UNIT_LIBS)
tests_unit_test_calendar_SOURCES = %D%/unit/test_calendar.c
tests_unit_test_calendar_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_calendar_LDADD = $(UNIT_LIBS)
tests_unit_test_config_SOURCES = %D%/unit/test_config.c
tests_unit_test_config_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_config_LDADD = $(UNIT_LIBS)
tests_unit_test_correlation_SOURCES = %D%/unit/test_correlation.c
tests_unit_test_correlation_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_correlation_LDADD = $(UNIT_LIBS)
tests_unit_test_decode_SOURCES = %D%/unit/test_decode.c
tests_unit_test_decode_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_decode_LDADD = $(UNIT_LIBS)
tests_unit_test_foreign_SOURCES = %D%/unit/test_foreign.c
tests_unit_test_foreign_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_foreign_LDADD = $(UNIT_LIBS)
tests_unit_test_draft_SOURCES = %D%/unit/test_draft.c
tests_unit_test_draft_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_draft_LDADD = $(UNIT_LIBS)
tests_unit_test_frame_SOURCES = %D%/unit/test_frame.c
tests_unit_test_frame_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_frame_LDADD = $(UNIT_LIBS)
tests_unit_test_officer_SOURCES = %D%/unit/test_officer.c
tests_unit_test_officer_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_officer_LDADD = $(UNIT_LIBS)
tests_unit_test_encoding_SOURCES = %D%/unit/test_encoding.c
tests_unit_test_encoding_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_encoding_LDADD = $(UNIT_LIBS)
tests_unit_test_gather_SOURCES = %D%/unit/test_gather.c
tests_unit_test_gather_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_gather_LDADD = $(UNIT_LIBS)
tests_unit_test_input_SOURCES = %D%/unit/test_input.c
tests_unit_test_input_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_input_LDADD = $(UNIT_LIBS)
tests_unit_test_inventory_SOURCES = %D%/unit/test_inventory.c
tests_unit_test_inventory_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_inventory_LDADD = $(UNIT_LIBS)
tests_unit_test_json_SOURCES = %D%/unit/test_json.c
tests_unit_test_json_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_json_LDADD = $(UNIT_LIBS)
tests_unit_test_judge_SOURCES = %D%/unit/test_judge.c
tests_unit_test_judge_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_judge_LDADD = $(UNIT_LIBS)
tests_unit_test_need_SOURCES = %D%/unit/test_need.c %D%/fuzz/need_fault.h
tests_unit_test_need_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_need_LDADD = $(UNIT_LIBS)
tests_unit_test_prefilter_SOURCES = %D%/unit/test_prefilter.c
tests_unit_test_prefilter_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_prefilter_LDADD = $(UNIT_LIBS)
tests_unit_test_pulse_SOURCES = %D%/unit/test_pulse.c
tests_unit_test_pulse_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pulse_LDADD = $(UNIT_LIBS)
tests_unit_test_reader_SOURCES = %D%/unit/test_reader.c
tests_unit_test_reader_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_reader_LDADD = $(UNIT_LIBS)
tests_unit_test_regex_need_SOURCES = %D%/unit/test_regex_need.c
tests_unit_test_regex_need_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_regex_need_LDADD = $(UNIT_LIBS)
tests_unit_test_rotation_SOURCES = %D%/unit/test_rotation.c
tests_unit_test_rotation_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_rotation_LDADD = $(UNIT_LIBS)
tests_unit_test_rule_SOURCES = %D%/unit/test_rule.c
tests_unit_test_rule_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_rule_LDADD = $(UNIT_LIBS)
tests_unit_test_store_SOURCES = %D%/unit/test_store.c
tests_unit_test_store_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_store_LDADD = $(UNIT_LIBS)
tests_unit_test_unpack_SOURCES = %D%/unit/test_unpack.c
tests_unit_test_unpack_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_unpack_LDADD = $(UNIT_LIBS)
tests_unit_test_yaml_SOURCES = %D%/unit/test_yaml.c
tests_unit_test_yaml_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_yaml_LDADD = $(UNIT_LIBS)

# Fuzz targets: with --enable-fuzz under libFuzzer (make fuzz), else their seeds inside make check.
FUZZ_TARGETS = \
	%D%/fuzz/fuzz_access \
	%D%/fuzz/fuzz_aide \
	%D%/fuzz/fuzz_audit \
	%D%/fuzz/fuzz_cef \
	%D%/fuzz/fuzz_control \
	%D%/fuzz/fuzz_delimited \
	%D%/fuzz/fuzz_json \
	%D%/fuzz/fuzz_kv \
	%D%/fuzz/fuzz_leef \
	%D%/fuzz/fuzz_modsec \
	%D%/fuzz/fuzz_regex_need \
	%D%/fuzz/fuzz_rule \
	%D%/fuzz/fuzz_syslog \
	%D%/fuzz/fuzz_tsv \
	%D%/fuzz/fuzz_xml
check_PROGRAMS += $(FUZZ_TARGETS)
tests_fuzz_fuzz_access_SOURCES = %D%/fuzz/fuzz_access.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_audit_SOURCES = %D%/fuzz/fuzz_audit.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_access_LDADD = libsokuho.a $(LIBS_ALL)
tests_fuzz_fuzz_audit_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_access_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_audit_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_access_SOURCES += %D%/fuzz/run_seeds.c
tests_fuzz_fuzz_audit_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_aide_SOURCES = %D%/fuzz/fuzz_aide.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_aide_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_aide_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_aide_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_modsec_SOURCES = %D%/fuzz/fuzz_modsec.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_modsec_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_modsec_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_modsec_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_tsv_SOURCES = %D%/fuzz/fuzz_tsv.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_tsv_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_tsv_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_tsv_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_cef_SOURCES = %D%/fuzz/fuzz_cef.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_cef_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_cef_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_cef_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_control_SOURCES = %D%/fuzz/fuzz_control.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_control_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_control_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_control_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_json_SOURCES = %D%/fuzz/fuzz_json.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_json_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_json_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_regex_need_SOURCES = %D%/fuzz/fuzz_regex_need.c %D%/fuzz/fuzz.h %D%/fuzz/need_fault.h
tests_fuzz_fuzz_regex_need_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_regex_need_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_regex_need_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_kv_SOURCES = %D%/fuzz/fuzz_kv.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_kv_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_kv_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_kv_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_delimited_SOURCES = %D%/fuzz/fuzz_delimited.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_delimited_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_delimited_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_delimited_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_leef_SOURCES = %D%/fuzz/fuzz_leef.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_leef_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_leef_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_leef_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_rule_SOURCES = %D%/fuzz/fuzz_rule.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_rule_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_rule_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_rule_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_syslog_SOURCES = %D%/fuzz/fuzz_syslog.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_syslog_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_syslog_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_syslog_SOURCES += %D%/fuzz/run_seeds.c
endif
tests_fuzz_fuzz_xml_SOURCES = %D%/fuzz/fuzz_xml.c %D%/fuzz/fuzz.h %D%/fuzz/line.h
tests_fuzz_fuzz_xml_LDADD = libsokuho.a $(LIBS_ALL)
if FUZZ
tests_fuzz_fuzz_xml_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
else
tests_fuzz_fuzz_xml_SOURCES += %D%/fuzz/run_seeds.c
endif

TESTS += \
	%D%/seeds.sh \
	%D%/layers.sh \
	%D%/manual.sh \
	%D%/rules.sh \
	%D%/mutation.py \
	%D%/replay-cases.sh \
	%D%/demo.py \
	%D%/input-faults.sh \
	%D%/requests.py \
	%D%/japanese.py \
	%D%/daemon.py \
	%D%/officer.py \
	%D%/revision.py \
	%D%/corpus.py \
	%D%/routine.py \
	%D%/unseen.py \
	%D%/cost.py \
	%D%/equivalence.py \
	%D%/sigmahq.py \
	%D%/sigma-samples.py \
	%D%/exceptions.py \
	%D%/settle.py \
	%D%/validate_rules.py

# Programs that the scripts call.
%D%/seeds.log: $(FUZZ_TARGETS)
%D%/manual.log %D%/rules.log %D%/mutation.log %D%/replay-cases.log %D%/demo.log %D%/input-faults.log %D%/daemon.log %D%/revision.log %D%/officer.log %D%/corpus.log %D%/sigmahq.log %D%/sigma-samples.log \
%D%/exceptions.log %D%/cost.log %D%/equivalence.log: \
	sokuhod$(EXEEXT) sokuhoctl$(EXEEXT)
%D%/requests.log: sokuhod$(EXEEXT) sokuhoctl$(EXEEXT)
EXTRA_DIST += %D%/requests.py %D%/japanese.py

check-system: sokuhod$(EXEEXT) sokuhoctl$(EXEEXT)
	top_srcdir='$(abs_top_srcdir)'; top_builddir='$(abs_top_builddir)'; \
	SOKUHO_DATA_DIR='$(abs_top_srcdir)/rules'; \
	export top_srcdir top_builddir SOKUHO_DATA_DIR; \
	$(PYTHON3) $(srcdir)/%D%/system.py && $(PYTHON3) $(srcdir)/%D%/torture/torture.py --seconds 60
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' SOKUHO_STORM=1 \
	SOKUHO_DATA_DIR='$(abs_top_srcdir)/rules' $(PYTHON3) $(srcdir)/%D%/daemon.py

# What other programs make of our rules; fetches them.
check-interop: sokuhoctl$(EXEEXT)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' $(PYTHON3) $(srcdir)/%D%/interop/pysigma.py

.PHONY: torture
torture: sokuhod$(EXEEXT) sokuhoctl$(EXEEXT)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' \
	SOKUHO_DATA_DIR='$(abs_top_srcdir)/rules' $(PYTHON3) $(srcdir)/%D%/torture/torture.py --kills 1000

FUZZ_SECONDS = 60
fuzz: $(FUZZ_TARGETS)
	@for t in $(FUZZ_TARGETS); do n=$${t##*fuzz_}; mkdir -p fuzz-corpus/$$n; \
		SOKUHO_DATA_DIR='$(abs_top_srcdir)/rules' ./$$t -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
		fuzz-corpus/$$n $(srcdir)/%D%/fuzz/seeds/$$n || exit 1; done

bench: sokuhod$(EXEEXT) sokuhoctl$(EXEEXT)
	SOKUHO_DATA_DIR='$(abs_top_srcdir)/rules' $(PYTHON3) $(srcdir)/%D%/bench/bench.py $(BENCH_FLAGS) ./sokuhoctl
	SOKUHO_DATA_DIR='$(abs_top_srcdir)/rules' $(PYTHON3) $(srcdir)/%D%/bench/live.py ./sokuhod

check-routine: sokuhoctl$(EXEEXT)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' ROUTINE_LINES=200000 \
		$(PYTHON3) $(srcdir)/%D%/routine.py

check-mutation: sokuhod$(EXEEXT) sokuhoctl$(EXEEXT)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' MUTATIONS=0 $(PYTHON3) $(srcdir)/%D%/mutation.py

EXTRA_DIST += %D%/common.py %D%/README.md %D%/layers.txt %D%/unit/check.h %D%/fuzz/seeds %D%/replay %D%/interop \
	%D%/seeds.sh %D%/rules.sh %D%/layers.sh %D%/manual.sh %D%/replay-cases.sh %D%/demo.py %D%/input-faults.sh \
	%D%/daemon.py %D%/revision.py %D%/officer.py %D%/corpus.py %D%/cost.py %D%/equivalence.py %D%/sigmahq.py %D%/sigma-samples.py \
	%D%/exceptions.py %D%/settle.py %D%/validate_rules.py %D%/system.py %D%/bench/bench.py %D%/bench/make_input.py %D%/bench/live.py \
	%D%/bench/README.md \
	%D%/torture/torture.py %D%/torture/writer.py \
	%D%/mutation.py %D%/routine.py %D%/unseen.py %D%/unseen %D%/bench/routine_lines.py
