#!/bin/sh
# What people and disks do wrong: one clear sentence each, the right exit code, and the rest goes on working.
ctl="$top_builddir/sokuhoctl"
[ -x "$ctl" ] || { echo "skipped: sokuhoctl is not built"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
failed=0 n=0
good='Jun  1 10:00:00 pc1 clamd[5]: /srv/a.exe: Win.Test.A-1 FOUND'
echo "$good" > good.log

# expect CODE WORD COMMAND...: exit code, and a word of the sentence on standard error
expect() {
	code=$1 word=$2; shift 2
	"$@" > out 2> err
	got=$?
	n=$((n + 1))
	if [ $got -ne "$code" ] || { [ -n "$word" ] && ! grep -q -- "$word" err; } || grep -q 'AddressSanitizer\|runtime error' err; then
		failed=$((failed + 1))
		echo "FAILED: $*: exit $got (want $code), want '$word' in:"; cat err
	fi
}
finds() {
	n=$((n + 1))
	grep -q '"kind":"finding"' out || { failed=$((failed + 1)); echo "FAILED: $1: the rest was not read"; }
}
says() {
	n=$((n + 1))
	grep -q -- "$1" out || { failed=$((failed + 1)); echo "FAILED: $2: no '$1' in:"; tail -3 out; }
}
as_of='--as-of 2026-12-31T00:00:00+09:00'

printf 'company: {name: [x\nalerts: {}\n' > c.yaml
expect 2 'c.yaml:2:.*not valid YAML' "$ctl" check -c c.yaml
printf 'compani: {name: x}\n' > c.yaml
expect 2 "c.yaml:1:1: error:.*did you mean 'company'" "$ctl" check -c c.yaml
printf 'company: {name: x}\ncompany: {name: y}\n' > c.yaml
expect 2 'c.yaml:2:1: error:.*stands twice' "$ctl" check -c c.yaml
printf 'sources:\n  - {name: a, path: /x, format: delimited}\n' > c.yaml
expect 2 "c.yaml:2:.*source 'a': format delimited needs 'columns:'" "$ctl" check -c c.yaml
printf 'sources:\n  - {name: a, path: /x, columns: [b]}\n' > c.yaml
expect 2 "c.yaml:2:.*'columns:' is for format delimited" "$ctl" check -c c.yaml
printf 'sources:\n  - {name: a, path: /x, format: delimited, columns: [b], delimiter: x}\n' > c.yaml
expect 2 "c.yaml:2:.*the delimiter is one byte" "$ctl" check -c c.yaml
columns() { printf 'sources:\n  - {name: a, path: /x, format: delimited, columns: [%s]}\n' "$1" > c.yaml; }
columns "$(seq -s, 2001)"
expect 2 "c.yaml:2:.*2001 columns, but a record holds at most 2000" "$ctl" check -c c.yaml
columns 'b, " "'
expect 2 "c.yaml:2:.*column 2 has no name" "$ctl" check -c c.yaml
columns '"b\0c"'
expect 2 "c.yaml:2:.*hold no control character" "$ctl" check -c c.yaml
columns 'b, "c\td"'
expect 2 "c.yaml:2:.*hold no control character" "$ctl" check -c c.yaml
columns '-, b, -, B'
expect 0 "c.yaml:2:.*warning.*columns 2 and 4 are both named 'B'" "$ctl" replay -c c.yaml $as_of good.log
expect 2 "the settings have no source 'b'" "$ctl" replay -c c.yaml --source b $as_of good.log
expect 2 "good.log': format delimited needs a source" "$ctl" replay --format delimited $as_of good.log
columns 'b, ""'
expect 2 "c.yaml:2:.*'' is not right.*not empty" "$ctl" check -c c.yaml
printf '2026/06/01 10:00:00,x,"y\na,b,c\n2026/06/01 10:00:01;x;y\n' > d.log
columns 'a, b, c'
expect 0 '' "$ctl" replay --json -c c.yaml --source a $as_of d.log
grep -q '"recognised":{"delimited":2},"unrecognised":1,"undated":1,"late":0,"sample":{"decoded":0,"failed":1}' out ||
	{ failed=$((failed + 1)); echo 'FAILED: broken, unrecognised and header lines are not counted so:'; grep summary out; }
mkdir r && cat > r/a.yaml <<X
title: t
id: 7c1f0c52-6f6e-4d0e-9d0a-5c6b7f8e9a01
logsource: {category: x}
detection:
  a:
    user|contain: x
  condition: a
X
expect 1 "r/a.yaml:6:5: error: unknown modifier 'contain'; did you mean 'contains'" "$ctl" rules lint --rules r
expect 2 'r/a.yaml:6:5: error' "$ctl" replay --rules r good.log
mkdir empty && echo x > empty/notes.txt
expect 1 'empty: error: no rules here' "$ctl" rules lint --rules empty
expect 1 'notes.txt: error: no rules here' "$ctl" rules lint --rules empty/notes.txt
echo 'rules: [empty]' > c.yaml
expect 0 '' "$ctl" rules lint -c c.yaml
echo 'rules: [empty/notes.txt]' > c.yaml
expect 1 'notes.txt: error: no rules here' "$ctl" rules lint -c c.yaml
expect 2 "rules lint: 'a' is one argument too many; all rules are read" "$ctl" rules lint a
expect 2 "rules list: 'a' is one argument too many$" "$ctl" rules list a
expect 2 "rules test: 'b' is one argument too many" "$ctl" rules test a b
expect 2 "no rule is called 'a', and no product" "$ctl" rules test a
mkdir named && cat > named/a.yaml <<X
title: t
name: first
logsource: {category: x}
detection: {a: {user: x}, condition: a}
tests:
  - lines:
      - {format: json, line: x}
      - {format: sylog, line: x}
---
title: t
name: again
correlation:
  type: event_count
  rules: [first, frist]
  timespan: 5m
  condition: {gte: 2}
---
title: t
name: circle
correlation: {type: event_count, timespan: 5m, condition: {gte: 2}, rules: [
  first,
  ring]}
---
title: t
name: ring
correlation: {type: event_count, timespan: 5m, condition: {gte: 2}, rules: [
  circle]}
---
title: t
filter:
  rules:
    - first
    - furst
  a: {user: y}
  condition: not a
reason: r
approver: p
expires: 2099-01-01
X
expect 1 "named/a.yaml:8:18: error: unknown format 'sylog'; did you mean 'syslog'?" "$ctl" rules lint --rules named
for fault in "14:18: error: .* refers to 'frist', which is not there; did you mean 'first'?" '22:3: error: .* counts itself' \
	     '27:3: error: .* counts itself' "33:7: error: it names rule 'furst', which is not there"; do
	expect 1 "named/a.yaml:$fault" "$ctl" rules lint --rules named
done
mkdir loop && ln -s . loop/self
expect 1 'loop/.*does a link lead back' "$ctl" rules lint --rules loop
cp -r "${SOKUHO_DATA_DIR:-$top_srcdir/rules}" data
printf 'product: Acme_x\ntitle: x\nwhen: [{format: csv}]\nverdict: {from: [a], default: maybe}\n---\nproduct: clamav\ntitle: x\nwhen: [{format: kv}]\n' > data/decode/z.yaml
for fault in "'csv'" 'stopped, not_stopped or unknown' 'of a-z, 0-9 and -' "another product is called 'clamav'"; do
	expect 1 "data/decode/z.yaml:.*$fault" env SOKUHO_DATA_DIR=data "$ctl" rules lint
done
cat > data/decode/z.yaml <<'EOF'
product: mine
title: x
when: [{program: minex}, {format: syslog, line: 'nothing of it'}]
samples:
  - line: 'Jun  1 10:00:00 pc1 mine[5]: hello'
EOF
expect 1 "z.yaml:5:.*entry 1 of its .when. wants another 'program', which is 'mine' here" env SOKUHO_DATA_DIR=data "$ctl" rules test mine
expect 1 "z.yaml:5:.*the .line. of entry 2 of its .when. does not match" env SOKUHO_DATA_DIR=data "$ctl" rules test mine
printf 'systems:\n  - {id: a, hosts: [a], networks: [10.0.0.0/99], classes: [protected]}\n' > i.yaml
expect 2 'i.yaml:2:.*10.0.0.0/99' "$ctl" replay --inventory i.yaml good.log
expect 2 'cannot be opened' "$ctl" replay -c no-such.yaml good.log

: > empty.log
expect 0 '' "$ctl" replay --json $as_of empty.log good.log; finds 'an empty file'
head -c 100000 /dev/urandom > binary.log
expect 0 '' "$ctl" replay --json $as_of binary.log good.log; finds 'a binary file'
printf '\001\002\003\004\005\006\n\n\001\002\003\004\005\006\n' > strange.log; printf '\n\n' > blank.log
expect 0 'strange.log: not one of its 3 lines was understood' "$ctl" replay --json $as_of strange.log blank.log good.log
grep -q 'blank.log: not one' err && { failed=$((failed + 1)); echo 'FAILED: empty lines are told as not understood'; }
finds 'a strange file'
{ head -c 10485760 /dev/zero | tr '\0' x; echo; echo "$good"; } > long.log
expect 0 '' "$ctl" replay --json $as_of long.log; finds 'a line of 10 MB'
says '"lines":2,.*"cut":1}' 'a line of 10 MB is counted as cut'
"$ctl" replay $as_of long.log > out 2> err; says ', cut 1$' 'and so it is for people'
{ echo '{'; yes '  "a": 1,' | head -c 5242880; } > endless.log
expect 0 '' timeout 20 sh -c '"$0" explain < endless.log' "$ctl"; says '^format: json' 'a record without end'
mkfifo fifo
expect 1 "'fifo' is a FIFO" "$ctl" replay --json $as_of fifo good.log; finds 'a FIFO'
expect 1 "'missing' cannot be read" "$ctl" replay --json $as_of missing good.log; finds 'a missing folder'
expect 3 'no input' "$ctl" replay --json $as_of missing
if [ "$(id -u)" -ne 0 ]; then
	echo "$good" > closed.log; chmod 0 closed.log
	expect 1 "'closed.log' cannot be" "$ctl" replay --json $as_of closed.log good.log; finds 'an unreadable log'
	echo 'inventory: i.yaml' > c.yaml; echo > i.yaml; chmod 0 i.yaml
	expect 3 'i.yaml: error: cannot be opened: Permission denied' "$ctl" check -c c.yaml
	chmod 0 c.yaml
	for command in check 'rules list' 'incident list' 'replay good.log'; do
		expect 3 'c.yaml: error: cannot be opened: Permission denied' "$ctl" $command -c c.yaml
	done
	expect 3 'c.yaml: error: cannot be opened: Permission denied' "$top_builddir/sokuhod" -c c.yaml
	chmod 600 c.yaml i.yaml
fi
expect 2 'unknown format' "$ctl" replay --format jsn good.log
expect 2 'is not a time' "$ctl" replay --as-of tomorrow good.log
expect 2 'did you mean .replay' "$ctl" repley good.log
expect 2 'usage' "$ctl" replay
echo "$n checks, $failed failed"
[ $failed -eq 0 ]
