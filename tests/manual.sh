#!/bin/sh
# Every setting, command and long option has its entry in the manual, and the manual names no other; the commands stand in
# README.md too; the pages are sound where mandoc is installed.
[ -x "$top_builddir/sokuhod" ] && [ -x "$top_builddir/sokuhoctl" ] || { echo "skipped: the programs are not built"; exit 77; }
man="$top_srcdir/daemon/man"
ctl="$top_srcdir/daemon/ctl"
bad=0 n=0
fault() {
	echo "$1"
	bad=1
}
entry() { # WORD FILE WHAT
	n=$((n + 1))
	grep -q -- "$1" "$man/$2" || fault "$3 '$1' has no entry in $2"
}
options() { # FILE...: the long options of its tables
	grep -oh '{ "[a-z][a-z-]*", \(no\|required\)_argument' "$@" | cut -d'"' -f2 | sort -u
}
for name in $("$top_builddir/sokuhod" --print-settings | cut -d' ' -f1); do
	entry "Ic $(echo "$name" | sed 's/\[\]/\\[\\]/')\$" sokuhod.yaml.5 setting
done
for option in $(options "$top_srcdir/daemon/main.c"); do
	entry "Fl -$option" sokuhod.8 option
done
commands=$("$top_builddir/sokuhoctl" help | sed -n 's/^  \([a-z]*\) .*/\1/p')
for command in $commands; do
	entry "^\.Ss $command" sokuhoctl.1 command
	grep -q "sokuhoctl $command" "$top_srcdir/README.md" || fault "command '$command' is not in README.md"
	# the words of its help line, such as list|show|new
	for verb in $("$top_builddir/sokuhoctl" help | grep "^  $command " | cut -c14-53 | tr '|' '\n' | sed -n 's/^\([a-z][a-z]*\).*/\1/p'); do
		entry "^\.Ss $command .*\<$verb\>" sokuhoctl.1 "of the help,"
	done
done
# each command tells how it is called; replay's whole section of the manual is there
for command in $commands; do
	n=$((n + 1))
	"$top_builddir/sokuhoctl" "$command" --help 2>&1 | grep -q "^usage: sokuhoctl $command " || fault "sokuhoctl $command --help"
	[ "$("$top_builddir/sokuhoctl" "$command" --help)" = "$("$top_builddir/sokuhoctl" help "$command")" ] ||
		fault "help $command is not $command --help"
done
for option in $(sed -n '/^\.Ss replay/,/^\.Ss/s/^\.It Fl -\([a-z-]*\).*/\1/p' "$man/sokuhoctl.1"); do
	n=$((n + 1))
	"$top_builddir/sokuhoctl" replay --help | grep -q -- "--$option" || fault "replay --help has no --$option"
done
for action in new decide; do
	for option in $(sed -n "/^\.Ss incident $action/,/^\.Ss/s/^\.It Fl/Fl/p" "$man/sokuhoctl.1" | grep -o 'Fl -[a-z-]*' | cut -c5-); do
		n=$((n + 1))
		"$top_builddir/sokuhoctl" incident "$action" --help | grep -q -- "--$option" || fault "incident $action --help has no --$option"
	done
done
for command in $(sed -n 's/^\.Ss \([a-z]*\).*/\1/p' "$man/sokuhoctl.1"); do
	echo " " $commands " " | grep -q " $command " || fault "sokuhoctl.1 has '$command', sokuhoctl has not"
done
verbs=$(sed -n 's/.*{ "\([a-z]*\)", "\([a-z]*\)", "[a-z]*\.[a-z]*".*/\1 .*\\<\2\\>/p' "$ctl/officer.c"
	grep -o '{ "[a-z]*", \(rules_[a-z]*\|NULL\), [a-z]* }' "$ctl/rules.c" | sed 's/{ "\([a-z]*\)".*/rules .*\\<\1\\>/')
IFS='
'
for verb in $verbs; do
	entry "^\.Ss $verb" sokuhoctl.1 command
done
unset IFS
for option in $(options "$ctl"/*.c); do
	entry "Fl -$option\|--$option" sokuhoctl.1 option
done
known=$(options "$ctl"/*.c)
for option in $(grep -o 'Fl -[a-z][a-z-]*' "$man/sokuhoctl.1" | cut -c5- | sort -u); do
	case $option in help | version) continue ;; esac
	echo " " $known " " | grep -q -- " $option " || fault "sokuhoctl.1 has --$option, sokuhoctl has not"
done
if command -v mandoc > /dev/null; then
	for page in "$man"/*.[158]; do
		mandoc -Tlint -Wwarning "$page" || bad=1
	done
fi
echo "$n entries"
[ $bad -eq 0 ] && [ $n -gt 60 ]
