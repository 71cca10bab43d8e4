#!/bin/sh
# The includes of daemon/ against tests/layers.txt: down, never sideways; libevent only where its line says.
cd "$top_srcdir/daemon" || exit 1
allowed="$top_srcdir/tests/layers.txt"
bad=0 n=0
for file in *.[ch] */*.[ch]; do
	case $file in */*) room=${file%%/*} ;; *) room=top ;; esac
	rooms=" $room $(sed -n "s/^$room://p" "$allowed") "
	grep -q "^$room:" "$allowed" || { echo "daemon/$file: room '$room' has no line in tests/layers.txt"; bad=1; }
	for other in $(sed -n 's/^#include "\([a-z]*\)[/.].*/\1/p' "$file"); do
		n=$((n + 1))
		case $other in columns | service | outbox | warning | pulse | live) other=top ;; batch | chooser | cost | settle) other=pipeline ;; esac
		case $rooms in *" $other "*) ;; *) echo "daemon/$file: room '$room' may not include '$other'"; bad=1 ;; esac
	done
	if grep -q '^#include <event2/' "$file"; then
		case " $(sed -n 's/^libevent://p' "$allowed") " in
		*" $room "*) ;; *) echo "daemon/$file: room '$room' may not know libevent"; bad=1 ;;
		esac
	fi
done
echo "$n includes"
[ $bad -eq 0 ] && [ $n -gt 100 ]
