#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Question: does k-center on the built-in vectors cover more kinds of records than chance?
# Method: t0_tasks.jsonl (12,000 records of 141 task templates, about equally many of each), budget 300; tasks among the chosen, beside the mean of
# 100 random draws. Usage: task_coverage.sh PROGRAM t0_tasks.jsonl
set -euo pipefail
program=$1 data=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cat >"$folder/config.yaml" <<END
corpus: {pool: [{path: $data}]}
pipeline: [embed: {}, select: {vectors: emb, budget: {records: 300}, assignment: false}, export: {path: subset.jsonl}]
END
"$program" run "$folder/config.yaml" --output "$folder/run" >/dev/null 2>&1
python3 "$here/../../examples/coverage.py" task "$data" "$folder/run/subset.jsonl"
