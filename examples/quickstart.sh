#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Generates a corpus, chooses 150 of its 5,000 records on two ranks, and shows what the choice covers.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p quickstart
python3 examples/make_corpus.py 5000 >quickstart/corpus.jsonl
# The launcher refuses to start as root, and more ranks than cores, unless told.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
mpirun --oversubscribe --bind-to none -n 2 build/release/bin/farpoint run examples/quickstart.yaml --fresh
echo
python3 examples/coverage.py topic quickstart/corpus.jsonl quickstart/run/subset.jsonl
echo
echo "The result on one page, for a browser: quickstart/run/report.html"
echo "The subset: quickstart/run/subset.h5 and subset.jsonl. What the run holds: build/release/bin/farpoint inspect quickstart/run"
