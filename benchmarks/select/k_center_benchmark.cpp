// SPDX-License-Identifier: Apache-2.0
// Times k-center in one process; see README.md.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/random.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/corpus/npy.hpp"
#include "plain_loop.hpp"

namespace {

using namespace farpoint;

struct Input {
  std::size_t dimension = 0;
  std::vector<float> rows;
  std::vector<std::uint64_t> ids;
  select::Vectors view() const { return {rows, ids, dimension}; }
};

/// Vectors around a few hundred directions, with noise of different strength; made of bits that are the same
/// everywhere.
Input generate(std::size_t n, std::size_t dimension) {
  constexpr std::uint64_t clusters = 300;
  const auto uniform = [](std::uint64_t stream, std::uint64_t counter) {
    return static_cast<float>(static_cast<double>(random_bits(1, stream, counter)) * 0x1p-63 - 1);
  };
  Input input{dimension, std::vector<float>(n * dimension), std::vector<std::uint64_t>(n)};
  for (std::size_t row = 0; row < n; ++row) {
    const std::uint64_t cluster = random_bits(2, 0, row) % clusters;
    const float noise = 1 + uniform(3, row);
    for (std::size_t k = 0; k < dimension; ++k) {
      input.rows[row * dimension + k] = uniform(4, cluster * dimension + k) + noise * uniform(5, row * dimension + k);
    }
  }
  return input;
}

Input load(const std::string& path) {
  corpus::NpyFile file(path, corpus::Compression::none);
  Input input{file.width(), std::vector<float>(file.rows() * file.width()), std::vector<std::uint64_t>(file.rows())};
  file.read(0, file.rows(), std::span<float>(input.rows));
  return input;
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw UsageError(fmt::format("not a number: {}", text));
  return value;
}

/// `source` is a file, or a size such as 60000x384.
Input make_input(const std::string& source) {
  const auto by = source.find('x');
  const bool is_size = by != std::string::npos && source.find_first_not_of("0123456789x") == std::string::npos;
  const std::string_view text = source;
  Input input = is_size ? generate(number(text.substr(0, by)), number(text.substr(by + 1))) : load(source);
  std::iota(input.ids.begin(), input.ids.end(), std::uint64_t{0});
  for (std::size_t row = 0; row < input.ids.size(); ++row) {
    select::normalize(std::span(input.rows).subspan(row * input.dimension, input.dimension));
  }
  return input;
}

/// Calls `body` once to warm up and `repeats` times; prints a line of JSON with the best and the median seconds.
template <typename Body>
void measure(std::string_view name, std::uint64_t repeats, const Body& body) {
  body();
  std::vector<double> seconds(repeats);
  std::string facts;
  for (double& time : seconds) {
    const auto start = std::chrono::steady_clock::now();
    facts = body();
    time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  std::sort(seconds.begin(), seconds.end());
  fmt::print("{{\"name\": \"{}\", \"best\": {:.4f}, \"median\": {:.4f}{}}}\n", name, seconds.front(),
             seconds[seconds.size() / 2], facts);
  std::fflush(stdout);
}

std::string run_k_center(const Input& input, std::uint64_t records, bool assignment, std::size_t pool_size) {
  const auto comm = comm::make_local();
  select::KCenterOptions options;
  options.limits.records = records;
  options.assignment = assignment;
  options.pool_size = pool_size;
  const auto result = select::k_center(*comm, {input.view()}, {}, options);
  return fmt::format(", \"passes\": {}, \"collectives\": {}, \"radius\": {:.9f}, \"last\": {}", result.costs.passes,
                     result.costs.collectives, result.radius, result.ids.back());
}

void run(int argc, char** argv) {
  if (argc < 3) throw UsageError("usage: k_center_benchmark VECTORS.npy|ROWSxDIMENSION RECORDS [REPEATS [POOL_SIZE]]");
  const Input input = make_input(argv[1]);
  const std::uint64_t records = number(argv[2]);
  const std::uint64_t repeats = argc > 3 ? number(argv[3]) : 3;
  const std::size_t pool_size = argc > 4 ? number(argv[4]) : select::KCenterOptions{}.pool_size;
  if (records == 0 || records > input.ids.size()) throw UsageError("RECORDS must be 1 to the number of vectors");
  if (repeats == 0) throw UsageError("REPEATS must be positive");
  measure("k_center", repeats, [&] { return run_k_center(input, records, false, pool_size); });
  measure("k_center with assignment", repeats, [&] { return run_k_center(input, records, true, pool_size); });
  measure("plain loop", repeats,
          [&] { return fmt::format(", \"last\": {}", select::plain_loop(input.view(), records).back()); });
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc, argv);
    return static_cast<int>(ExitCode::done);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  }
}
