#!/bin/sh
# library_test: what `meson install` puts in place is a library that a program of somebody else's
# compiles with by pkg-config alone, linked either way, and that says what `heddle optics path` does.
#
#   library_test.sh SOURCE BUILD HEDDLE      says what cmocka says, which tests/run counts
set -eu

source=$1 build=$2 heddle=$3
golden=$source/tests/golden/optics
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

meson install -C "$build" --no-rebuild --quiet --tags devel,runtime --destdir "$work" >/dev/null
description=$(find "$work" -name heddle-optics.pc)
export PKG_CONFIG_PATH="${description%/*}" PKG_CONFIG_SYSROOT_DIR="$work"
folder=$(pkg-config --variable=libdir heddle-optics)
cflags=$(pkg-config --cflags heddle-optics)

# verdict NAME STATUS: one case.
verdict() {
	echo "[ RUN      ] $1"
	if [ "$2" -eq 0 ]; then
		echo "[       OK ] $1"
	else
		echo "[  FAILED  ] $1"
		failed=1
	fi
}

# Each header needs nothing before it.
alone=0
find "$work" -path '*/heddle/*.h' | sed 's,.*/include/,,' >"$work/headers"
while read -r header; do
	# shellcheck disable=SC2086
	echo "#include <$header>" |
		${CC:-cc} -fsyntax-only -Wall -Wextra -Werror -x c - $cflags || alone=1
done <"$work/headers"
[ "$(wc -l <"$work/headers")" -gt 30 ] || alone=1
verdict installed_headers_stand_alone $alone

exported=0
nm -D --defined-only "$folder/libheddle-optics.so" | awk '{ print $3 }' >"$work/symbols"
grep -qx propagation_run "$work/symbols" || exported=1
grep -xE 'design_tell|document_read|whole_file_read|nearest_word' "$work/symbols" && exported=1
verdict only_what_headers_declare_is_exported $exported

"$heddle" optics path A B -t "$golden/line.json" -e "$golden/equipment.json" --json |
	jq -r '.receiver | [.frequency_THz, .gsnr_01nm_db] | transpose[] | @tsv' |
	awk '{ printf "%.5f THz %.6f dB\n", $1, $2 }' >"$work/wanted"

# With the shared library; then with the static one, when that is the only one left.
for linked in shared static; do
	same=0
	static=
	[ $linked = shared ] || static=--static
	[ $linked = shared ] || rm "$folder"/libheddle-optics.so*
	# shellcheck disable=SC2046,SC2086
	${CC:-cc} "$source/examples/optics_gsnr.c" -o "$work/gsnr" $cflags \
		$(pkg-config --libs $static heddle-optics) || same=1
	LD_LIBRARY_PATH=$folder "$work/gsnr" "$golden/equipment.json" "$golden/line.json" A B \
		>"$work/got" || same=1
	[ -s "$work/wanted" ] || same=1
	diff "$work/wanted" "$work/got" || same=1
	verdict "the_${linked}_library_says_what_path_says" $same
done
exit $failed
