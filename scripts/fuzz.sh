#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scripts/fuzz.sh SECONDS [TARGET...]: runs the fuzzers of build/fuzz (all, or `safetensors record ...`) one after
# the other, each for SECONDS, from the inputs that are kept in tests/fuzz/corpus. New inputs go to
# build/fuzz/corpus/TARGET, findings to build/fuzz/findings/TARGET; what libFuzzer says to build/fuzz/TARGET.log.
# Returns 1 when there was a finding.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
build=build/fuzz
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for options in "$build"/fuzz/*.options; do
    target=$(basename "$options" .options)
    [ -x "$build/bin/fuzz_$target" ] && targets+=("$target")
  done
fi
# Allocations that a length in a file asks for fail as they do without sanitizers: as std::bad_alloc, which is a finding.
export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=2048:${ASAN_OPTIONS:-}
failed=0
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target" "$build/findings/$target"
  mapfile -t options <"$build/fuzz/$target.options"
  [ -e "tests/fuzz/$target.dict" ] && options+=("-dict=tests/fuzz/$target.dict")
  echo "fuzz: $target"
  # Out of memory, libFuzzer may wait for itself while it looks for the cause.
  timeout -k 10 $((seconds + 300)) "$build/bin/fuzz_$target" "${options[@]}" -max_total_time="$seconds" -timeout=100 -report_slow_units=100 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$build/findings/$target/" "$build/corpus/$target" "tests/fuzz/corpus/$target" \
    >"$build/$target.log" 2>&1 || { failed=1; echo "fuzz: $target ended with $?: see $build/$target.log" >&2; }
  findings=$(find "$build/findings/$target" -type f | wc -l)
  if [ "$findings" != 0 ]; then
    failed=1
    echo "fuzz: $target has findings ($findings): see $build/$target.log and $build/findings/$target" >&2
  fi
  tail -n 12 "$build/$target.log" | grep -E 'stat::|Done' || true
done
exit $failed
