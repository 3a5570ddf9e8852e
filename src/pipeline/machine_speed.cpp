// SPDX-License-Identifier: Apache-2.0
#include <ctime>
#include <string>

#include "farpoint/pipeline/estimate.hpp"

namespace farpoint::pipeline {

namespace {

/// Bytes a second that the reference machine parses of the text below (docs/estimate.md says which machine that is).
constexpr double reference_rate = 900e6;
constexpr double measured_seconds = 0.05;

/// Of this thread: others may be at work beside it.
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

double measure_core_speed() {
  std::string text;
  while (text.size() < 2000) text += R"(the speed of a core at \"texts\" such as this one\n )";
  const auto json = "{\"text\": \"" + text + "\"}";
  corpus::RecordParser parser;
  const double start = processor_seconds();
  double seconds = 0;
  std::uint64_t bytes = 0;
  while (seconds < measured_seconds) {
    for (int i = 0; i < 16; ++i) {
      static_cast<void>(parser.parse(json));
      bytes += json.size();
    }
    seconds = processor_seconds() - start;
  }
  return static_cast<double>(bytes) / seconds / reference_rate;
}

}  // namespace farpoint::pipeline
