#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: mpirun.sh RANKS PROGRAM [ARGUMENTS]: starts PROGRAM on RANKS ranks of this machine, wherever the tests run.
# Ranks may outnumber the cores (--oversubscribe, yield when idle) and the user may be root in a container.
set -u
ranks=$1
shift
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_btl_base_warn_component_unused=0 OMPI_MCA_orte_base_help_aggregate=1
# Containers often forbid to read another process' memory, and Open MPI then fails on large messages.
export OMPI_MCA_btl_vader_single_copy_mechanism=none
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
# More threads than cores must not wait for each other by spinning.
export OMP_WAIT_POLICY=passive
# Open MPI itself leaks; leaks of our own code are caught by the tests that run without it.
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
exec mpirun --oversubscribe --bind-to none -n "$ranks" "$@"
