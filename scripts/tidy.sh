#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/tidy.sh [FILE...]           all sources, or these; a header is read where some source includes it
#        scripts/tidy.sh --since REVISION    what differs from a revision of git
# clang-tidy with the checks of .clang-tidy; any finding fails. JOBS=n files at once. How files are compiled stands in
# build/release, of which only what is generated is built.
set -euo pipefail
cd "$(dirname "$0")/.."

# Not Debian's: since version 22 checks pass over the headers of libraries, in which clang-tidy spent most of its time.
tidy=.deps/clang-tidy
package='clang-tidy==23.1.4'
if [ "$(cat "$tidy/complete" 2>/dev/null)" != "$package" ]; then
  echo "tidy: fetching $package" >&2
  rm -rf "$tidy"
  /usr/bin/python3 -m pip install --quiet --no-compile --no-warn-script-location --disable-pip-version-check \
    --root-user-action=ignore --target "$tidy" "$package"
  echo "$package" >"$tidy/complete"
fi

scripts/build.sh release farpoint_model_library_interface_header farpoint_parquet_interface_header >/dev/null

case "${1:-}" in
  --since) mapfile -t files < <(git diff --name-only --diff-filter=d "$2" -- '*.cpp' '*.hpp') ;;
  *) files=("$@") ;;
esac
[ $# = 0 ] || [ ${#files[@]} -gt 0 ] || exit 0

# A source that includes the header: of its own folder, or of any if it is public.
includer() {
  local name=${1#include/} folder=
  [[ $1 == include/* ]] || { name=$(basename "$1") folder=$(dirname "$1")/; }
  { git grep -lE "#include \"([^\"]*/)?$name\"" -- "$folder*.cpp" || echo "tidy: no source includes $1" >&2; } | sed -n 1p
}

# What the compiler is given for a file: most tests of a program are compiled as one (FARPOINT_UNITY_TESTS).
compiled() {
  local source=$1
  [[ $source == *.cpp ]] || source=$(includer "$source")
  [ -n "$source" ] || return 0
  grep -lF "\"$PWD/$source\"" build/release/tests/*/CMakeFiles/*/Unity/*.cxx || echo "$source"
}

patterns=()
for file in ${files[@]+"${files[@]}"}; do
  [ -e "$file" ] || { echo "tidy: there is no file $file" >&2; exit 1; }
  for source in $(compiled "$file"); do patterns+=("^$PWD/${source//./\\.}\$"); done
done
[ $# = 0 ] || [ ${#patterns[@]} -gt 0 ] || exit 0
[ $# -gt 0 ] || patterns=("^$PWD/(src|jobs|benchmarks|tests)/.*\.cpp\$" "^$PWD/build/release/tests/.*/Unity/.*\.cxx\$")

# clang has no omp.h of its own; of GCC's headers it takes only what it finds nowhere else.
openmp=$(dirname "$(g++ -print-file-name=include/omp.h)")
bin=$tidy/clang_tidy/data/bin
/usr/bin/python3 "$bin/run-clang-tidy.py" -clang-tidy-binary "$bin/clang-tidy" -quiet -p build/release -j "${JOBS:-$(nproc)}" \
  -extra-arg=-idirafter"$openmp" -extra-arg=-Wno-error -extra-arg=-Wno-unknown-warning-option -extra-arg=-Wno-ignored-gch \
  -extra-arg=-Wno-deprecated-declarations "${patterns[@]}"  # GCC tells of ours, clang of those in libstdc++
