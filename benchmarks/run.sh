#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the measurements of benchmarks/README.md one after the other. What needs something that is not there is passed over and said so.
#   FARPOINT_BENCH_PYTHON  a Python with numpy, torch, scikit-learn and rensa, for the comparisons with them
#   FARPOINT_PEERS_PYTHON  the Python of models/make_peers.sh, for the comparison with other libraries
#   FARPOINT_SHARED_DATA   the folder with t0_tasks.jsonl
set -euo pipefail
cd "$(dirname "$0")/.."
bin=build/release/bin
data=${FARPOINT_SHARED_DATA:-../shared/data}
python=${FARPOINT_BENCH_PYTHON:-python3}

section() { printf '\n== %s\n' "$1"; }
section "reading and finding records"
$bin/read_benchmark
section "parsing records"
$bin/parse_benchmark
section "built-in embedding"
$bin/embed_benchmark
section "tokenizers"
$bin/tokenizer_benchmark
section "ingest and embedding inside the program, memory"
benchmarks/pipeline/measure.py $bin/farpoint
section "reports"
benchmarks/report/measure.py $bin/farpoint
section "cleaning and deduplication, kernels"
for name in clean_text clean_rules clean_quality clean_exchange clean_language dedup contamination repeated_spans; do
  $bin/${name}_benchmark
done
section "cleaning and deduplication inside the program, beside rensa"
if "$python" -c 'import rensa' 2>/dev/null; then
  benchmarks/dedup/clean_and_dedup.py $bin/farpoint --python "$python"
else
  echo "passed over: FARPOINT_BENCH_PYTHON names no Python with rensa"
fi
section "task coverage"
if [ -f "$data/t0_tasks.jsonl" ]; then
  benchmarks/pipeline/task_coverage.sh "$bin/farpoint" "$data/t0_tasks.jsonl"
else
  echo "passed over: no t0_tasks.jsonl in $data"
fi
section "k-center against the loops that people write"
if "$python" -c 'import numpy, torch' 2>/dev/null; then
  "$python" benchmarks/select/compare_with_torch.py $bin/k_center_benchmark
else
  echo "passed over: FARPOINT_BENCH_PYTHON names no Python with numpy and torch"
fi
section "rate of the products of selection"
$bin/products_benchmark
section "k-center over ranks"
python3 benchmarks/select/scaling.py $bin/k_center_scaling
section "selection beside what people install"
"$python" benchmarks/select/compare_with_installed.py $bin/k_center_benchmark || echo "passed over: see benchmarks/select/README.md for what it needs"
section "linear classifiers beside scikit-learn"
"$python" benchmarks/learn/compare_with_sklearn.py $bin/linear_benchmark || echo "passed over: see benchmarks/learn/README.md for what it needs"
section "attention"
$bin/attention_benchmark
section "models against other libraries"
if [ -n "${FARPOINT_PEERS_PYTHON:-}" ] && [ -d "$data" ]; then
  texts=("$data/c4_demo.jsonl" "$data/alpaca_en_demo.json" "$data/gsm8k_train.jsonl")
  for peers in embedding perplexity; do
    "$FARPOINT_PEERS_PYTHON" "benchmarks/models/peers_$peers.py" --texts "${texts[@]}" --farpoint "$bin/models_benchmark"
  done
else
  echo "passed over: FARPOINT_PEERS_PYTHON names no Python of benchmarks/models/make_peers.sh"
fi
