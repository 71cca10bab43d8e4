#!/bin/sh
# Every setting, command and long option has its entry in the manual; the pages are sound where mandoc is installed.
[ -x "$top_builddir/sokuhod" ] && [ -x "$top_builddir/sokuhoctl" ] || { echo "skipped: the programs are not built"; exit 77; }
man="$top_srcdir/daemon/man"
bad=0 n=0
entry() { # WORD FILE WHAT
	n=$((n + 1))
	grep -q -- "$1" "$man/$2" || { echo "$3 '$1' has no entry in $2"; bad=1; }
}
for name in $("$top_builddir/sokuhod" --print-settings | cut -d' ' -f1); do
	entry "Ic $(echo "$name" | sed 's/\[\]/\\[\\]/')\$" sokuhod.yaml.5 setting
done
for command in $("$top_builddir/sokuhoctl" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	entry "^\.Ss $command" sokuhoctl.1 command
done
for option in $(sed -n 's/.*{ "\([a-z][a-z-]*\)", \(no\|required\)_argument.*/\1/p' "$top_srcdir"/daemon/ctl/*.c | sort -u); do
	entry "Fl -$option\|--$option" sokuhoctl.1 option
done
if command -v mandoc > /dev/null; then
	for page in "$man"/*.[158]; do
		mandoc -Tlint -Wwarning "$page" || bad=1
	done
fi
echo "$n entries"
[ $bad -eq 0 ] && [ $n -gt 60 ]
