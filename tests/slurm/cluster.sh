#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A private Slurm of two virtual nodes on this machine, for as long as a command runs:
#
#   cluster.sh COMMAND [ARGUMENTS]   starts it, runs COMMAND with SLURM_CONF and FARPOINT_CLUSTER (its folder) set, ends it,
#                                    exits with COMMAND's code
#   cluster.sh node NAME             inside COMMAND: is the daemon of node NAME, which must have ended before
#
# Real munged, slurmctld and slurmd (Debian: slurm-wlm, munge), reachable from this machine only, without systemd. All that
# they write lies in one temporary folder. FARPOINT_CLUSTER_LOGS names a folder for their logs.
#
# Where namespaces may be made, each node has its own host name, /etc/hosts and /dev/shm. Else all nodes share them, and
# Open MPI's shared memory, which goes by the host's name, mixes up ranks of different nodes: FARPOINT_CLUSTER_SHARED=1
# tells the command, whose ranks must then speak TCP.
set -u
PATH=$PATH:/usr/sbin:/sbin
nodes='node1 node2'
this=$(realpath "$0")

die() { echo "cluster.sh: $*" >&2; exit 1; }

# Whose parent is slow to wait for it has ended all the same.
alive() {
  local state
  state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)
  [ -n "$state" ] && [ "$state" != Z ] && [ "$state" != X ]
}

# Daemons get SIGTERM when whoever started them is killed.
daemon() { exec setsid setpriv --pdeathsig TERM "$@" >>"$FARPOINT_CLUSTER/log/$(basename "$1").out" 2>&1 </dev/null; }

run_node() {
  cd "$FARPOINT_CLUSTER" || exit 1
  echo $$ >"run/$1.pid"
  [ "$FARPOINT_CLUSTER_SHARED" = 1 ] && daemon slurmd -D -N "$1" -f "$SLURM_CONF"
  exec unshare --uts --mount --propagation private bash -c '
    hostname "$1" && mount --bind hosts /etc/hosts && mount -t tmpfs -o mode=1777,size=512m shm /dev/shm &&
    exec setsid setpriv --pdeathsig TERM slurmd -D -N "$1" -f "$SLURM_CONF"' bash "$1" >>log/slurmd.out 2>&1 </dev/null
}

# Prints the first of three neighbouring ports that nobody listens on, below those that the kernel deals out.
free_ports() {
  local base port
  while true; do
    base=$((20000 + RANDOM % 12000))
    for port in $base $((base + 1)) $((base + 2)); do
      (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue 2
    done
    echo $base
    return
  done
}

# %n: each slurmd's own; without it in TmpFS, `srun --mpi=pmix` makes the same folder for both nodes, and fails.
# NoInAddrAny: not on all of the machine's addresses. cred_expire: a requeued job starts after 6 s, by default after 2 min.
# config_overrides: more processors and memory than there are. EnforcePartLimits: what can never run is refused, and does not wait.
write_config() {
  local port=$1 host=${HOSTNAME%%.*} user name address=NoCtldInAddrAny number=0
  user=$(id -un)
  case $FARPOINT_CLUSTER_SHARED:$(getent hosts "$host") in
    0:* | *:127.*) address+=,NoInAddrAny ;;
  esac
  cat >slurm.conf <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$PWD/munge/socket,cred_expire=5
CommunicationParameters=$address
StateSaveLocation=$PWD/state
SlurmdSpoolDir=$PWD/spool/%n
TmpFS=$PWD/tmp/%n
SlurmctldPidFile=$PWD/run/slurmctld
SlurmdPidFile=$PWD/run/slurmd.%n
SlurmctldLogFile=$PWD/log/slurmctld.log
SlurmdLogFile=$PWD/log/slurmd.%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$PWD/log/jobs.txt
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
EnforcePartLimits=ALL
KillWait=5
MinJobAge=3600
SlurmctldTimeout=30
SlurmdTimeout=60
PartitionName=main Nodes=${nodes// /,} Default=YES MaxTime=01:00:00 DefaultTime=00:05:00 DefMemPerCPU=100
END
  # Ranks may else crash in MPI_Init, once in a hundred starts on a busy machine.
  echo PMIxCollFence=ring >mpi.conf
  echo AutoDetect=off >gres.conf
  for name in $nodes; do
    number=$((number + 1))
    mkdir -p "spool/$name" "tmp/$name"
    [ "$FARPOINT_CLUSTER_SHARED" = 1 ] || host=$name
    echo "NodeName=$name NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + number)) CPUs=8 RealMemory=64000 Gres=gpu:2" >>slurm.conf
    # Any device will do for a GPU that is only counted.
    echo "NodeName=$name Name=gpu File=/dev/null" >>gres.conf
    echo "NodeName=$name Name=gpu File=/dev/zero" >>gres.conf
  done
  echo "127.0.0.1 localhost ${HOSTNAME%%.*} $nodes" >hosts
}

start() {
  local name i
  write_config "$(free_ports)"
  rm -rf state && mkdir state
  (daemon munged -F --key-file="$PWD/munge/key" --socket="$PWD/munge/socket" --pid-file="$PWD/munge/pid" \
    --log-file="$PWD/log/munged.log" --seed-file="$PWD/munge/seed") &
  echo $! >run/munged.pid
  for i in $(seq 50); do [ -S munge/socket ] && break; sleep 0.1; done
  (daemon slurmctld -D -f "$SLURM_CONF") &
  echo $! >run/slurmctld.pid
  for name in $nodes; do "$this" node "$name" & disown; done  # it may be killed, and that is no news
  for i in $(seq 150); do
    alive "$(cat run/slurmctld.pid)" || return 1
    [ "$(timeout 5 sinfo -h -o %T 2>/dev/null | sort -u)" = idle ] && return
    sleep 0.1
  done
  return 1
}

# A number belongs to another process when its own has ended long ago.
stop_one() {
  local pid i
  pid=$(cat "run/$1.pid" 2>/dev/null) || return
  grep -qzx -e "$2" -e ".*/$2" "/proc/$pid/cmdline" 2>/dev/null || return
  kill "$pid" 2>/dev/null
  for i in $(seq 50); do alive "$pid" || return; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null
}

# Jobs first, while there is someone to end them; munged last, since the others say goodbye through it.
stop() {
  local name i
  cd "$FARPOINT_CLUSTER" || return
  if alive "$(cat run/slurmctld.pid 2>/dev/null)"; then
    timeout 10 scancel --user "$(id -un)" 2>/dev/null
    for i in $(seq 50); do [ -z "$(timeout 5 squeue -h -o %i 2>/dev/null)" ] && break; sleep 0.2; done
  fi
  for name in $nodes; do stop_one "$name" slurmd; done
  stop_one slurmctld slurmctld
  stop_one munged munged
  # On a busy machine jobs may outlive those who should have ended them.
  for i in /proc/[0-9]*; do
    grep -qzxF "SLURM_CONF=$SLURM_CONF" "$i/environ" 2>/dev/null || continue
    grep -qzs -e '^SLURM_JOB_ID=' -e '^slurmstepd:' "$i/environ" "$i/cmdline" && kill -9 "${i#/proc/}"
  done
}

leave() {
  stop
  [ -z "${FARPOINT_CLUSTER_LOGS:-}" ] || cp -r log/. "$FARPOINT_CLUSTER_LOGS"
  cd / && rm -rf "$FARPOINT_CLUSTER"
}

[ $# -gt 0 ] || die "run what?"
if [ "$1" = node ]; then
  [ -n "${FARPOINT_CLUSTER:-}" ] || die "there is no cluster"
  run_node "$2"
fi
for program in munged slurmctld slurmd sinfo; do
  command -v $program >/dev/null || die "$program is missing: apt-get install --no-install-recommends slurm-wlm munge"
done
# A short name: a socket's path has at most 107 bytes.
FARPOINT_CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/cluster.XXXXXX") || exit 1
FARPOINT_CLUSTER_SHARED=1
unshare --uts --mount --propagation private bash -c 'hostname node1 && mount -t tmpfs shm /dev/shm' 2>/dev/null && FARPOINT_CLUSTER_SHARED=0
export FARPOINT_CLUSTER FARPOINT_CLUSTER_SHARED SLURM_CONF=$FARPOINT_CLUSTER/slurm.conf
began_in=$PWD
cd "$FARPOINT_CLUSTER" || exit 1
trap leave EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
chmod 755 . && mkdir -m 755 log munge run spool tmp
(umask 077 && head -c 128 /dev/urandom >munge/key)
# Another program may take a port before it is used.
for attempt in 1 2 3; do
  start && break
  stop
  [ $attempt = 3 ] && { tail -n 5 log/*.out log/*.log >&2; die "the cluster does not start"; }
done
cd "$began_in" || exit 1
"$@"
