#!/bin/bash
# build.sh SOURCE WORK TABLE BYTES: builds the page of SOURCE in WORK, a copy, so that the source folder
# stays as it is; writes the C table and the assembler file that hold it.
set -euo pipefail
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

# Only when what is wanted has changed: it asks the network.
if ! cmp -s package-lock.json node_modules/.installed; then
	npm ci --include=dev --ignore-scripts >"$log" 2>&1 || fail "npm could not get the packages of the page (above); 'meson configure -Dpage=disabled' builds without it"
fi
node node_modules/vite/bin/vite.js build >"$log" 2>&1 || fail "the page does not build (above)"
cp package-lock.json node_modules/.installed # they are whole: it has built
node "$source/embed.mjs" dist "$table" "$bytes"
