#!/bin/sh
# Every folder of tests/replay: input.log (or inputs/), sokuhod.yaml, want.jsonl. `seconds` does not count.
[ -x "$top_builddir/sokuhoctl" ] || { echo "skipped: sokuhoctl is not built"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0 n=0
for folder in "$top_srcdir"/tests/replay/*/; do
	name=$(basename "$folder")
	# the place of the folder is not part of what is wanted
	(cd "$folder" && "$top_builddir/sokuhoctl" replay --json -c sokuhod.yaml \
		--as-of 2026-12-31T00:00:00+09:00 input.log 2>"$tmp/err") |
		sed 's/"seconds":[0-9.e-]*/"seconds":0/; s/"rules":{"loaded".*},"as_of"/"rules":{},"as_of"/' > "$tmp/$name"
	n=$((n + 1))
	if ! diff -u "$folder/want.jsonl" "$tmp/$name"; then
		echo "FAILED: tests/replay/$name"; cat "$tmp/err"; failed=$((failed + 1))
	fi
done
echo "$n replays, $failed failed"
[ "$n" -gt 0 ] && [ "$failed" -eq 0 ]
