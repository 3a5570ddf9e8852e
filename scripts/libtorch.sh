#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts libtorch into .deps/libtorch, out of the PyPI wheel `torch`: libraries and C++ headers. Quick and silent when it
# is there. A machine with a torch wheel of its own (2.9 or later) needs none of this: LIBTORCH_ROOT names its folder.
# Usage: scripts/libtorch.sh [cpu|cuda|nvcc]   cuda: also what torch needs to use a GPU, and nvcc; nvcc: only nvcc
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-cpu}
[ -z "${LIBTORCH_ROOT:-}" ] || exit 0
folder=.deps/libtorch
[ ! -e "$folder/complete-$kind" ] || exit 0

packages='torch==2.15.0 nvidia-cuda-runtime==13.2.86 nvidia-cuda-cupti==13.2.86'
nvcc='nvidia-cuda-nvcc==13.2.86 nvidia-nvvm==13.2.86 nvidia-cuda-crt==13.2.86 nvidia-cuda-cccl==13.3.5.0.6'
gpu='nvidia-cuda-nvrtc==13.2.86 nvidia-nvtx==13.2.86 nvidia-cublas==13.4.1.3 nvidia-cufft==12.2.0.57
nvidia-cufile==1.17.1.22 nvidia-cusolver==12.2.0.11 nvidia-cusparse==12.7.10.12 nvidia-nvjitlink==13.5.37
nvidia-cudnn-cu13==9.26.0.51 nvidia-cusparselt-cu13==0.8.1 nvidia-nccl-cu13==2.30.7 nvidia-nvshmem-cu13==3.7.2'
case $kind in
  cpu) ;;
  nvcc) packages+=" $nvcc" ;;
  cuda) packages+=" $gpu $nvcc" ;;
  *) echo "libtorch.sh: '$kind' is none of cpu, cuda, nvcc" >&2; exit 2 ;;
esac

echo "setup: fetching libtorch ($kind)" >&2
rm -rf "$folder.new"
# One call for all: a second one with --target would replace the folder nvidia/.
# shellcheck disable=SC2086  # one word a package
python3 -m pip install --quiet --no-deps --no-compile --no-warn-script-location --disable-pip-version-check \
  --root-user-action=ignore --target "$folder.new" $packages
# The wheel's libgomp is older than the compiler's and would be found first.
rm -f "$folder.new/torch/lib/libgomp.so.1"
rm -rf "$folder"
mv "$folder.new" "$folder"
touch "$folder/complete-cpu" "$folder/complete-$kind"
[ "$kind" != cuda ] || touch "$folder/complete-nvcc"
