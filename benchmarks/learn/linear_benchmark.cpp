// SPDX-License-Identifier: Apache-2.0
// Our side of the comparison in README.md: linear_benchmark FILE N WIDTH binary|classes|grade THREADS L2 TOLERANCE
// FILE: float32 features [N, WIDTH], then float64 targets [N]. The last line is JSON.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/learn/linear.hpp"
#include "learn/linear_kernels.hpp"

namespace {

using namespace farpoint;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Data {
  std::vector<float> rows;
  std::vector<double> targets;
  std::vector<double> weights;
};

Data read_data(const std::string& file, std::size_t n, std::size_t width) {
  Data data{std::vector<float>(n * width), std::vector<double>(n), std::vector<double>(n, 1)};
  std::ifstream stream(file, std::ios::binary);
  stream.read(reinterpret_cast<char*>(data.rows.data()), static_cast<std::streamsize>(n * width * sizeof(float)));
  stream.read(reinterpret_cast<char*>(data.targets.data()), static_cast<std::streamsize>(n * sizeof(double)));
  if (!stream) throw UsageError(fmt::format("{}: cannot be read", file));
  return data;
}

learn::Task task_of(const std::string& name, learn::LinearOptions& options, const Data& data) {
  if (name == "binary") return learn::Task::binary;
  if (name == "grade") return learn::Task::grade;
  options.classes = static_cast<std::uint64_t>(*std::max_element(data.targets.begin(), data.targets.end())) + 1;
  return learn::Task::classes;
}

/// What add_products() would be with sums in float64.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void add_plain_products(const double* __restrict block, const double* __restrict factors, std::size_t stride,
                        double* __restrict sums) {
  for (std::size_t j = 0; j < stride; ++j) {
    double sum = sums[j];
    for (std::size_t r = 0; r < learn::block_rows; ++r) sum += block[r * stride + j] * factors[r];
    sums[j] = sum;
  }
}

/// One pass of a binary model on one thread, but for the losses: with exact sums, and with sums in float64.
template <typename Sum, typename AddProducts>
double pass_seconds(const Data& data, std::size_t width, AddProducts add_products) {
  const std::size_t stride = learn::padded(width);
  const std::vector<double> centre(stride, 0.1);
  const std::vector<double> factor(stride, 2);
  const std::vector<double> weights(stride, 0.01);
  std::vector<double> block(learn::block_rows * stride);
  std::array<double, learn::block_rows> products{};
  std::vector<Sum> sums(stride);
  const auto start = Clock::now();
  for (std::size_t first = 0; first + learn::block_rows <= data.targets.size(); first += learn::block_rows) {
    for (std::size_t r = 0; r < learn::block_rows; ++r) {
      learn::scale_row(data.rows.data() + (first + r) * width, centre.data(), factor.data(), width,
                       block.data() + r * stride);
    }
    learn::multiply_block(block.data(), weights.data(), stride, products.data());
    add_products(block.data(), products.data(), stride, sums.data());
  }
  return seconds_since(start);
}

/// The least of several, by turns.
std::array<double, 2> measure_passes(const Data& data, std::size_t width) {
  std::array<double, 2> least = {HUGE_VAL, HUGE_VAL};
  for (int round = 0; round < 9; ++round) {
    least[0] = std::min(least[0], pass_seconds<std::int64_t>(data, width, learn::add_products));
    least[1] = std::min(least[1], pass_seconds<double>(data, width, add_plain_products));
  }
  return least;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() != 7) {
    throw UsageError("linear_benchmark FILE N WIDTH binary|classes|grade THREADS L2 TOLERANCE");
  }
  const std::size_t width = std::stoul(arguments[2]);
  const Data data = read_data(arguments[0], std::stoul(arguments[1]), width);
  learn::LinearOptions options;
  options.task = task_of(arguments[3], options, data);
  options.l2 = std::stod(arguments[5]);
  options.tolerance = std::stod(arguments[6]);
  options.max_iterations = 1000;
  set_threads(std::stoi(arguments[4]));
  const auto comm = comm::make_local();
  const auto start = Clock::now();
  const auto fit = learn::fit_linear(*comm, {data.rows, width, data.targets, data.weights}, options);
  const double seconds = seconds_since(start);
  const auto [exact, plain] = measure_passes(data, width);
  std::cout << fmt::format(
      R"({{"seconds": {}, "loss": {:.12f}, "iterations": {}, "converged": {}, "exact_pass": {}, "plain_pass": {}}})"
      "\n",
      seconds, fit.loss, fit.iterations, fit.converged, exact, plain);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "linear_benchmark: " << error.what() << '\n';
    return 2;
  }
}
