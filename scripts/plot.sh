#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts Observable Plot and d3, which draw the figures of reports, into .deps/plot, out of their npm packages. Quick and
# silent when they are there. The build writes them into the page, so users of the program need neither npm nor a network.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.deps/plot
# package, SHA-256 of its tarball, the file of it that the page needs
packages='d3@7.9.0 7e36605710a2ba54846797c8c6d888911341b215ae53257dc32a49a0b824355e d3.min.js
@observablehq/plot@0.6.17 4dcc9f7afd10caee8b2283c0075a5765610cfbbf6d7d93cdb153b3b5d3501afc plot.umd.min.js'
[ "$(cat "$folder/complete" 2>/dev/null)" != "$packages" ] || exit 0

echo "setup: fetching Observable Plot and d3" >&2
rm -rf "$folder.new"
mkdir -p "$folder.new"
while read -r package sum file; do
  tarball=$folder.new/$(npm pack --loglevel=error --pack-destination "$folder.new" "$package")
  if ! echo "$sum  $tarball" | sha256sum --check --status; then
    echo "plot.sh: $package is not what this project was tested with: its tarball has not the SHA-256 $sum" >&2
    exit 1
  fi
  tar -xzf "$tarball" -C "$folder.new" --strip-components=2 "package/dist/$file"
  tar -xzf "$tarball" -C "$folder.new" --transform "s,.*,$file.LICENSE," package/LICENSE
  rm "$tarball"
done <<<"$packages"
echo "$packages" >"$folder.new/complete"
rm -rf "$folder"
mv "$folder.new" "$folder"
