// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "farpoint/pipeline/summary.hpp"

namespace farpoint::cli {

/// How fast one job was.
struct BenchedJob {
  std::string name;
  std::uint64_t records = 0;    ///< that it read
  std::vector<double> seconds;  ///< of each repeat
  double median_seconds() const;
  double records_per_second() const;
};

/// What `farpoint bench` measures, and where.
struct BenchReport {
  std::string version;
  std::string date;  ///< UTC, ISO 8601
  std::string host;
  std::string processor;
  std::string transport;
  std::string device;
  std::uint64_t cores = 0;   ///< that rank 0 may use
  std::uint64_t memory = 0;  ///< bytes that rank 0 could have
  int ranks = 1;
  int threads = 1;            ///< of rank 0
  std::uint64_t records = 0;  ///< of the corpus
  std::vector<BenchedJob> jobs;

  /// Adds one repeat. All have the same jobs.
  void add(const pipeline::RunSummary& summary);
};

/// An empty report that says what this machine is.
BenchReport describe_machine();

std::string to_json(const BenchReport& report);
/// Throws UsageError naming the file when it cannot be read or is no report.
BenchReport read_report(const std::filesystem::path& path);

/// A line a job. With a report from before: its rate and the ratio to it; more than a tenth off is marked "slower" or
/// "faster".
std::string to_table(const BenchReport& report, const BenchReport* before);

}  // namespace farpoint::cli
