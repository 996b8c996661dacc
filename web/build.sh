#!/bin/bash
# build.sh [--optional] SOURCE WORK TABLE BYTES: builds the page of SOURCE in WORK, a copy, so that the
# source folder stays as it is; writes the C table and the assembler file that hold it. If it is
# optional and npm cannot get its packages, they hold none, which is said.
set -euo pipefail
optional=
if [[ $1 == --optional ]]; then
	optional=yes
	shift
fi
source=$1 work=$2
table=$(realpath -m "$3") bytes=$(realpath -m "$4")

mkdir -p "$work"
log=$(realpath "$work")/log
cd "$work"
rm -rf src public dist
cp -r "$source"/{src,public,index.html,package.json,package-lock.json,.npmrc,vite.config.js} .

fail() {
	cat "$log" >&2
	echo "web/build.sh: $1" >&2
	exit 1
}

leave_out() {
	[[ $optional ]] || fail "npm could not get the packages of the page (above); 'meson configure -Dpage=disabled' builds without it"
	tail -n 5 "$log" >&2
	echo "web/build.sh: WARNING: npm could not get the packages of the page (above), so it is left out; 'touch web/package.json' and build again, or 'meson configure -Dpage=enabled' to have that fail" >&2
	cp "$source/../src/http/page_none.c" "$table"
	: >"$bytes"
	exit 0
}

# Only when what is wanted has changed: it asks the network.
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --include=dev --ignore-scripts >"$log" 2>&1 || leave_out
fi
node node_modules/vite/bin/vite.js build >"$log" 2>&1 || fail "the page does not build (above)"
cp package-lock.json node_modules/.installed # they are whole: it has built
node "$source/embed.mjs" dist "$table" "$bytes"
