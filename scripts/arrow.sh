#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts Arrow C++ into .deps/arrow, out of the PyPI wheel `pyarrow`: libraries and headers, with which Parquet files are
# read and written. Quick and silent when it is there. ARROW_ROOT names the folder of another one; a build without any
# is whole but for Parquet.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -z "${ARROW_ROOT:-}" ] || exit 0
folder=.deps/arrow
package='pyarrow==26.0.1'
[ "$(cat "$folder/complete" 2>/dev/null)" != "$package" ] || exit 0

echo "setup: fetching Arrow" >&2
rm -rf "$folder.new"
python3 -m pip install --quiet --no-deps --no-compile --no-warn-script-location --disable-pip-version-check \
  --root-user-action=ignore --target "$folder.new" "$package"
# What Python needs takes most of the room.
find "$folder.new/pyarrow" -mindepth 1 -maxdepth 1 ! -name include ! -name 'libarrow.so.*' ! -name 'libparquet.so.*' \
  -exec rm -rf {} +
rm -rf "$folder"
mv "$folder.new" "$folder"
echo "$package" >"$folder/complete"
