// SPDX-License-Identifier: Apache-2.0
// Times k-center in one process; see README.md.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/corpus/npy.hpp"
#include "generated_vectors.hpp"
#include "plain_loop.hpp"

namespace {

using namespace farpoint;

constexpr std::string_view usage =
    "usage: k_center_benchmark VECTORS.npy|ROWSxDIMENSION RECORDS [REPEATS [POOL_SIZE]] [--only "
    "k_center|assignment|loop]\n"
    "                          [--no-warm-up] [--picks FILE]\n"
    "  --only        measure this alone; may be given several times\n"
    "  --no-warm-up  do not run each once before it is timed\n"
    "  --picks FILE  write the ids that k_center chose, one a line";

struct Options {
  std::string source;
  std::uint64_t records = 0;
  std::uint64_t repeats = 3;
  std::size_t pool_size = select::KCenterOptions{}.pool_size;
  std::vector<std::string> only;
  bool warm_up = true;
  std::string picks;

  bool wants(std::string_view what) const {
    return only.empty() || std::find(only.begin(), only.end(), what) != only.end();
  }
};

struct Input {
  std::size_t dimension = 0;
  std::vector<float> rows;
  std::vector<std::uint64_t> ids;
  select::Vectors view() const { return {rows, ids, dimension}; }
};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::uint64_t peak_mib() {
  return peak_memory() >> 20;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw UsageError(fmt::format("not a number: {}", text));
  return value;
}

Options parse(std::span<char* const> arguments) {
  Options options;
  std::vector<std::string> positional;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string argument = arguments[i];
    const auto value = [&] {
      if (i + 1 == arguments.size()) throw UsageError(fmt::format("{} needs a value\n{}", argument, usage));
      return std::string(arguments[++i]);
    };
    if (argument == "--only") {
      options.only.push_back(value());
    } else if (argument == "--no-warm-up") {
      options.warm_up = false;
    } else if (argument == "--picks") {
      options.picks = value();
    } else {
      positional.push_back(argument);
    }
  }
  if (positional.size() < 2 || positional.size() > 4) throw UsageError(std::string(usage));
  options.source = positional[0];
  options.records = number(positional[1]);
  if (positional.size() > 2) options.repeats = number(positional[2]);
  if (positional.size() > 3) options.pool_size = number(positional[3]);
  if (options.repeats == 0) throw UsageError("REPEATS must be positive");
  for (const auto& what : options.only) {
    if (what != "k_center" && what != "assignment" && what != "loop") {
      throw UsageError(fmt::format("--only {}: there are k_center, assignment and loop", what));
    }
  }
  return options;
}

Input generate(std::size_t n, std::size_t dimension) {
  Input input{dimension, std::vector<float>(n * dimension), std::vector<std::uint64_t>(n)};
  select::GeneratedVectors(n, dimension).make_range(0, input.rows);
  return input;
}

Input load(const std::string& path) {
  corpus::NpyFile file(path, corpus::Compression::none);
  Input input{file.width(), std::vector<float>(file.rows() * file.width()), std::vector<std::uint64_t>(file.rows())};
  file.read(0, file.rows(), std::span<float>(input.rows));
  parallel_for(file.rows(), 1024, [&](std::size_t, std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      select::normalize(std::span(input.rows).subspan(row * input.dimension, input.dimension));
    }
  });
  return input;
}

/// `source` is a file, or a size such as 60000x384.
Input make_input(const std::string& source) {
  const auto start = Clock::now();
  const auto by = source.find('x');
  const bool is_size = by != std::string::npos && source.find_first_not_of("0123456789x") == std::string::npos;
  const std::string_view text = source;
  Input input = is_size ? generate(number(text.substr(0, by)), number(text.substr(by + 1))) : load(source);
  std::iota(input.ids.begin(), input.ids.end(), std::uint64_t{0});
  fmt::print(stderr, "{} x {} in {:.1f} s: {} MiB of vectors, peak memory {} MiB\n", input.ids.size(), input.dimension,
             seconds_since(start), input.rows.size() * sizeof(float) >> 20, peak_mib());
  return input;
}

/// Calls `body` once to warm up and `repeats` times; prints a line of JSON with the best and the median seconds. The
/// peak memory is that of the process so far: say --only for that of one method.
template <typename Body>
void measure(std::string_view name, const Options& options, const Body& body) {
  if (options.warm_up) body();
  std::vector<double> seconds(options.repeats);
  std::string facts;
  for (double& time : seconds) {
    const auto start = Clock::now();
    facts = body();
    time = seconds_since(start);
  }
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{{\"name\": \"{}\", \"best\": {:.4f}, \"median\": {:.4f}, \"peak_mib\": {}{}}}\n", name, seconds.front(),
             seconds[seconds.size() / 2], peak_mib(), facts);
  std::fflush(stdout);
}

std::string run_k_center(const Input& input, const Options& options, bool assignment) {
  const auto comm = comm::make_local();
  select::KCenterOptions of_k_center;
  of_k_center.limits.records = options.records;
  of_k_center.assignment = assignment;
  of_k_center.pool_size = options.pool_size;
  const auto result = select::k_center(*comm, {input.view()}, {}, of_k_center);
  if (!options.picks.empty()) {
    std::ofstream file(options.picks);
    for (const auto id : result.ids) file << id << '\n';
  }
  const auto& costs = result.costs;
  const double share = static_cast<double>(costs.distances) / static_cast<double>(input.ids.size()) /
                       static_cast<double>(options.records);
  return fmt::format(
      ", \"passes\": {}, \"collectives\": {}, \"distances\": {:.3f}, \"screening\": {:.3f}, \"exact\": {:.3f}, "
      "\"pools\": {:.3f}, "
      "\"radius\": {:.9f}, \"last\": {}",
      costs.passes, costs.collectives, share, costs.screening_seconds, costs.exact_seconds, costs.pool_seconds,
      result.radius, result.ids.back());
}

void run(const Options& options) {
  const Input input = make_input(options.source);
  if (options.records == 0 || options.records > input.ids.size()) {
    throw UsageError("RECORDS must be 1 to the number of vectors");
  }
  if (options.wants("k_center")) measure("k_center", options, [&] { return run_k_center(input, options, false); });
  if (options.wants("assignment")) {
    measure("k_center with assignment", options, [&] { return run_k_center(input, options, true); });
  }
  if (options.wants("loop")) {
    measure("plain loop", options,
            [&] { return fmt::format(", \"last\": {}", select::plain_loop(input.view(), options.records).back()); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1)));
    return static_cast<int>(ExitCode::done);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  }
}
