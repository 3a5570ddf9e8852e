#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: soak.sh KILLS SECONDS: the soak of soak.py with the program of the release build; `make soak` calls it.
set -eu
cd "$(dirname "$0")/../.."
export FARPOINT_PROGRAM=$PWD/build/release/bin/farpoint FARPOINT_MPIRUN=$PWD/tests/mpirun.sh PYTHONDONTWRITEBYTECODE=1
python=/usr/bin/python3
[[ -x $python ]] || python=python3
N=$1 SECONDS_OF_SOAK=$2 exec "$python" tests/faults/soak.py
