#!/bin/sh
# Every fuzz target takes its seeds, and every head of them, without a crash.
[ -x "$top_builddir/tests/fuzz/fuzz_syslog" ] || { echo "skipped: the fuzz targets are not built"; exit 77; }
for target in syslog json cef leef access kv xml rule regex_need control; do
	"$top_builddir/tests/fuzz/fuzz_$target" "$top_srcdir/tests/fuzz/seeds/$target" || exit 1
done
rm -rf /tmp/sokuho-fuzz-??????
