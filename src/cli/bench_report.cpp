// SPDX-License-Identifier: Apache-2.0
#include "bench_report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "farpoint/base/atomic_file.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/base/version.hpp"
#include "farpoint/comm/run.hpp"
#include "farpoint/pipeline/progress.hpp"

namespace farpoint::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr double least_change = 0.1;  // machines are shared: smaller ones say little

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::uint64_t core_count(const CoreMask& mask) {
  return std::accumulate(mask.begin(), mask.end(), std::uint64_t{0},
                         [](std::uint64_t sum, std::uint64_t word) { return sum + std::popcount(word); });
}

std::string compare(double ratio) {
  const auto* word = ratio > 1 + least_change ? "faster" : ratio < 1 - least_change ? "slower" : "";
  return fmt::format("{:>7.2f}x  {}", ratio, word);
}

const BenchedJob* find(const BenchReport& report, const std::string& name) {
  const auto job = std::find_if(report.jobs.begin(), report.jobs.end(), [&](const auto& j) { return j.name == name; });
  return job == report.jobs.end() ? nullptr : &*job;
}

}  // namespace

double BenchedJob::median_seconds() const {
  auto sorted = seconds;
  std::sort(sorted.begin(), sorted.end());
  const auto half = sorted.size() / 2;
  if (sorted.empty()) return 0;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

double BenchedJob::records_per_second() const {
  const auto time = median_seconds();
  return time > 0 ? static_cast<double>(records) / time : 0;
}

void BenchReport::add(const pipeline::RunSummary& summary) {
  device = summary.device;
  ranks = summary.ranks;
  threads = summary.threads;
  jobs.resize(summary.jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].name = summary.jobs[i].job;
    jobs[i].records = summary.jobs[i].tally.in;
    jobs[i].seconds.push_back(summary.jobs[i].seconds);
  }
}

BenchReport describe_machine() {
  BenchReport report;
  report.version = version;
  report.date = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                            fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
  report.host = host_name();
  report.processor = processor_name();
  report.transport = comm::transport();
  report.cores = core_count(usable_cores());
  report.memory = available_memory();
  return report;
}

std::string to_json(const BenchReport& report) {
  Json json{{"benchmark", "farpoint bench"}, {"version", report.version},     {"date", report.date},
            {"host", report.host},           {"processor", report.processor}, {"transport", report.transport},
            {"device", report.device},       {"cores", report.cores},         {"memory", report.memory},
            {"ranks", report.ranks},         {"threads", report.threads},     {"records", report.records},
            {"jobs", Json::array()}};
  for (const auto& job : report.jobs) {
    json["jobs"].push_back({{"job", job.name},
                            {"records", job.records},
                            {"seconds", job.seconds},
                            {"median_seconds", job.median_seconds()},
                            {"records_per_second", job.records_per_second()}});
  }
  return json.dump(2) + "\n";
}

BenchReport read_report(const std::filesystem::path& path) {
  try {
    const auto json = Json::parse(read_file(path));
    BenchReport report;
    report.version = json.at("version");
    report.date = json.at("date");
    report.host = json.at("host");
    report.processor = json.at("processor");
    report.ranks = json.at("ranks");
    report.threads = json.at("threads");
    report.records = json.at("records");
    for (const auto& job : json.at("jobs")) {
      report.jobs.push_back({job.at("job"), job.at("records"), job.at("seconds")});
    }
    return report;
  } catch (const Json::exception& error) {
    throw UsageError(
        fmt::format("{}: this is no report that `farpoint bench --save` wrote: {}", path.string(), error.what()));
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
}

std::string to_table(const BenchReport& report, const BenchReport* before) {
  const auto where = [](const BenchReport& r) {
    return fmt::format("{}, {}, {} rank{} of {} thread{}", r.processor, r.host, r.ranks, r.ranks == 1 ? "" : "s",
                       r.threads, r.threads == 1 ? "" : "s");
  };
  auto table = fmt::format("{:<12} {:>11} {:>9} {:>13}", "job", "records", "seconds", "records/s");
  table += before == nullptr ? "\n" : fmt::format(" {:>13} {:>8}\n", "before", "ratio");
  for (const auto& job : report.jobs) {
    const auto rate = job.records_per_second();
    table += fmt::format("{:<12} {:>11} {:>9.3f} {:>13}", job.name, pipeline::format_count(job.records),
                         job.median_seconds(), pipeline::format_count(static_cast<std::uint64_t>(rate)));
    const auto* old = before == nullptr ? nullptr : find(*before, job.name);
    if (old != nullptr && old->records_per_second() > 0) {
      table += fmt::format(" {:>13} {}", pipeline::format_count(static_cast<std::uint64_t>(old->records_per_second())),
                           compare(rate / old->records_per_second()));
    }
    while (table.back() == ' ') table.pop_back();
    table += '\n';
  }
  table += fmt::format("now:    {}, farpoint {}\n", where(report), report.version);
  if (before != nullptr)
    table += fmt::format("before: {}, farpoint {}, {}\n", where(*before), before->version, before->date);
  return table;
}

}  // namespace farpoint::cli
