#!/bin/sh
# What we ship: lint prints nothing, every test and sample holds, at least 30 rules over 12 clauses.
ctl="$top_builddir/sokuhoctl"
[ -x "$ctl" ] || { echo "skipped: sokuhoctl is not built"; exit 77; }
out=$("$ctl" rules lint -c "$top_srcdir/contrib/demo/sokuhod.yaml" 2>&1) || { echo "$out"; exit 1; }
[ -z "$out" ] || { echo "rules lint prints: $out"; exit 1; }
"$ctl" rules test -c "$top_srcdir/contrib/demo/sokuhod.yaml" || exit 1
# one rule, one product
"$ctl" rules test c2-outbound | grep -q '^[1-9][0-9]* rule tests, 0 decode samples, 0 faults$' || { echo "rules test c2-outbound"; exit 1; }
"$ctl" rules test clamav | grep -q '^0 rule tests, [1-9][0-9]* decode samples, 0 faults$' || { echo "rules test clamav"; exit 1; }
# a slip in a field's name
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
cp -r "$SOKUHO_DATA_DIR/." "$data" && chmod -R u+w "$data"
cat > "$data/decode/slip.yaml" <<'EOF'
product: slip
when: [{program: slip}]
set: {evnet.category: malware, slip.colour: red}
map: {src: [source.pi, source.ip]}
EOF
slips=$(SOKUHO_DATA_DIR=$data "$ctl" rules lint 2>&1 | grep -c "slip.yaml:[34]:.*no rule of ours asks for '[^']*'; did you mean '\(event.category\|source.ip\)'?")
[ "$slips" -eq 2 ] || { echo "slips of ECS names: $slips"; SOKUHO_DATA_DIR=$data "$ctl" rules lint; exit 1; }
rules=$("$ctl" rules list | wc -l)
clauses=$("$ctl" rules list | awk '{ print $2 }' | sed 's/、/\n/g' | sort -u | wc -l)
echo "$rules rules, $clauses clauses"
[ "$rules" -ge 30 ] && [ "$clauses" -ge 12 ]
