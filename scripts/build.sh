#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/build.sh PRESET [TARGET...]: configures build/PRESET once, then builds.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
# CMake runs again by itself when its files change, but for the presets, and not when what was fetched does.
configured=build/$preset/build.ninja
is_current() {
  local fetched
  for fetched in CMakePresets.json .deps/libtorch .deps/arrow .deps/test-tools/complete; do
    ! [ "$fetched" -nt "$configured" ] || return 1
  done
  [ -e "$configured" ]
}
is_current || cmake --preset "$preset" >"/tmp/farpoint-configure-$$.log" 2>&1 || {
  cat "/tmp/farpoint-configure-$$.log" >&2
  exit 1
}
rm -f "/tmp/farpoint-configure-$$.log"
targets=()
[ $# -gt 0 ] && targets=(--target "$@")
NINJA_STATUS='[%f/%t] ' cmake --build "build/$preset" -j "${JOBS:-$(nproc)}" "${targets[@]}"
