#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the packages that Farpoint needs on Debian 12, if any is missing. Quick and silent when all is there.
# Usage: scripts/setup.sh [--developer | --tests | --fuzz]    --developer: also what `make format` needs;
#                                                             --tests: also the browser, the shells and the Slurm that tests use;
#                                                             --fuzz: also the clang that `make fuzz` and the preset tsan use
set -euo pipefail

# package and the version that this project was built and tested with (upstream part)
packages='
g++ 4:12.2
make 4.3
cmake 3.25
ninja-build 1.11
ccache 4.
mold 1.10
pkg-config 1.8
openmpi-bin 4.1
libopenmpi-dev 4.1
libhdf5-dev 1.10
libopenblas-openmp-dev 0.3
libfaiss-dev 1.7
libeigen3-dev 3.4
liblbfgs-dev 1.10
libspectra-dev 1.0
libyaml-cpp-dev 0.7
libboost-serialization-dev 1.74
libspdlog-dev 1:1.10
libfmt-dev 9.1
libcli11-dev 2.1
nlohmann-json3-dev 3.11
libsimdjson-dev 3.0
libcld2-dev 0.0.0-git20150806
libicu-dev 72
libre2-dev 20220601
libhunspell-dev 1.7
libxxhash-dev 0.8
libzstd-dev 1.5
zlib1g-dev 1:1.2
librandom123-dev 1.14
libgtest-dev 1.12
libgmock-dev 1.12
librapidcheck-dev 0~1033
libbenchmark-dev 1.7
python3 3.11
python3-numpy 1:1.24
python3-h5py 3.7
python3-pip 23.0
'
# Crates are built with a recent cargo: Debian's own in its newer packages, which exclude cargo, rustc and rustup's links,
# so only where there is none.
has_recent_cargo() {
  local cargo version
  for cargo in $(type -ap cargo) "$HOME/.cargo/bin/cargo"; do
    version=$("$cargo" --version 2>/dev/null | sed -nE 's/^cargo ([0-9.]+).*/\1/p') || continue
    [ -n "$version" ] && printf '1.85\n%s\n' "$version" | sort -C -V && return
  done
  return 1
}
has_recent_cargo || packages+='
cargo-web 1.
rustc-web 1.
'
# npm fetches what draws the figures of reports. Debian's own npm excludes the nodejs of others, which has one.
command -v npm >/dev/null || packages+='
npm 9.
'
[ "${1:-}" = --developer ] && packages+='
clang-format-14 1:14
'

[ "${1:-}" = --fuzz ] && packages+='
clang-19 1:19.1
libclang-rt-19-dev 1:19.1
libomp-19-dev 1:19.1
'

[ "${1:-}" = --tests ] && packages+='
slurm-wlm 22.05
munge 0.5
chromium 1
fish 3.
zsh 5.
'

# Lists what of the above is not installed, and complains about other versions.
missing() {
  while read -r name version; do
    [ -n "$name" ] || continue
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$name" 2>/dev/null) || installed=
    case "$installed" in
      "installed $version"*) ;;
      installed*) echo "setup: $name is ${installed#installed }, not $version*: not tested with it" >&2 ;;
      *) echo "$name" ;;
    esac
  done <<<"$packages"
}

if ! command -v dpkg-query >/dev/null; then
  echo "setup: this is not Debian: install what scripts/setup.sh lists by hand, then 'make build' works" >&2
  exit 0
fi
to_install=$(missing)
[ -n "$to_install" ] || exit 0

run=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup: needs root or sudo to install:" $to_install >&2; exit 1; }
  run=sudo
fi
echo "setup: installing" $to_install >&2
$run apt-get update -qq
# Slurm is here for tests, which start their own: nothing is started that is installed.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap '$run rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' | $run tee $policy >/dev/null
  $run chmod 755 $policy
fi
# shellcheck disable=SC2086  # one word a package
$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $to_install >/dev/null
