#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts what the tests read results with into .deps/test-tools: the Python packages of those who train on them, and what
# drives a browser. Quick and silent when it is there. The tests of it are left out where it is not.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.deps/test-tools
packages='pyarrow==26.0.1 pandas==3.1.1 datasets==5.2.0 h5py==3.16.0 numpy==2.4.6 playwright==1.65.2 mypy==2.4.1'
[ "$(cat "$folder/complete" 2>/dev/null)" != "$packages" ] || exit 0

echo "setup: fetching the Python packages of the tests" >&2
rm -rf "$folder.new"
# shellcheck disable=SC2086  # one word a package
/usr/bin/python3 -m pip install --quiet --no-compile --no-warn-script-location --disable-pip-version-check \
  --root-user-action=ignore --target "$folder.new" $packages
rm -rf "$folder"
mv "$folder.new" "$folder"
echo "$packages" >"$folder/complete"
