// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include "command_line/program.hpp"
#include "farpoint/comm/run.hpp"

int main(int argc, char** argv) {
  // The buffers of one shard serve the next one: given back to the system, each page would be cleared again.
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  return farpoint::comm::run(argc, argv, [&](farpoint::comm::Communicator& comm) {
    return farpoint::cli::run_command_line(comm, argc, argv);
  });
}
