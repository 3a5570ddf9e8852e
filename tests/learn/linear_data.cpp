// SPDX-License-Identifier: Apache-2.0
#include "learn/linear_data.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "farpoint/base/random.hpp"
#include "farpoint/comm/local.hpp"

namespace farpoint::learn {

namespace {

constexpr std::array<double, 5> offsets = {0, 100, -0.5, 3, 7};
constexpr std::array<double, 5> scales = {1, 250, 0.001, 2, 0};
constexpr std::array<double, 5> mixes = {1, -0.5, 0.3, 0, 0};
constexpr std::uint64_t latent = 100;
constexpr std::uint64_t noise = 101;

double random_uniform(std::uint64_t seed, std::uint64_t stream, std::uint64_t i) {
  return std::ldexp(static_cast<double>(random_bits(seed, stream, i) >> 11), -53) - 0.5;
}

}  // namespace

Sample Sample::at(const std::vector<std::size_t>& places) const {
  Sample part{width, {}, {}, {}};
  for (const std::size_t i : places) {
    part.rows.insert(part.rows.end(), row(i).begin(), row(i).end());
    part.targets.push_back(targets[i]);
    part.weights.push_back(weights[i]);
  }
  return part;
}

Sample Sample::where(const std::function<bool(std::size_t)>& holds) const {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < size(); ++i) {
    if (holds(i)) places.push_back(i);
  }
  return at(places);
}

double golden_uniform(std::uint64_t i, std::uint64_t j) {
  auto x = static_cast<std::uint32_t>(i * 2654435761U + j * 40503U + 12345U);
  for (int round = 0; round < 2; ++round) x = (x ^ (x >> 16)) * 73244475U;
  return (x >> 16) / 65536.0 - 0.5;
}

double golden_target(Task task, std::size_t i) {
  const double value = golden_uniform(i, latent) + 0.5 * golden_uniform(i, noise);
  if (task == Task::binary) return value > 0.2 ? 1 : 0;
  if (task == Task::classes) return std::clamp(std::floor(3 * value + 1.5), 0.0, 2.0);
  return 3 + 2 * golden_uniform(i, latent) + 0.5 * golden_uniform(i, noise);
}

Sample golden_sample(Task task, bool weighted) {
  Sample sample{offsets.size(), {}, {}, {}};
  for (std::size_t i = 0; i < golden_size; ++i) {
    for (std::size_t j = 0; j < offsets.size(); ++j) {
      const double mixed = golden_uniform(i, j) + mixes[j] * golden_uniform(i, latent);
      sample.rows.push_back(static_cast<float>(offsets[j] + scales[j] * mixed));
    }
    sample.targets.push_back(golden_target(task, i));
    sample.weights.push_back(weighted ? static_cast<double>(i % 5) * 0.75 : 1);
  }
  return sample;
}

Sample random_sample(std::uint64_t seed, std::size_t size, std::uint64_t width, Task task) {
  Sample sample{width, {}, {}, {}};
  for (std::size_t i = 0; i < size; ++i) {
    const double hidden = random_uniform(seed, 1, i);
    for (std::uint64_t j = 0; j < width; ++j) {
      const std::uint64_t source = j % 7 == 6 ? j - 1 : j;
      const double share = j % 3 == 0 ? 0.8 : 0.1;
      const double size_of_feature = std::pow(10.0, static_cast<double>(j % 5) - 2);
      sample.rows.push_back(
          static_cast<float>(size_of_feature * (random_uniform(seed, 10 + source, i) + share * hidden)));
    }
    const double value = hidden + 0.6 * random_uniform(seed, 2, i);
    sample.targets.push_back(task == Task::grade    ? value
                             : task == Task::binary ? (value > 0.1 ? 1 : 0)
                                                    : std::clamp(std::floor(3 * value + 1.5), 0.0, 2.0));
    sample.weights.push_back(0.25 + 2 * (random_uniform(seed, 3, i) + 0.5));
  }
  return sample;
}

Fit fit_alone(const Sample& sample, const LinearOptions& options) {
  const auto comm = comm::make_local();
  return fit_linear(*comm, sample.view(), options);
}

LinearOptions options_of(Task task, double l2, double tolerance) {
  LinearOptions options;
  options.task = task;
  options.classes = 3;
  options.l2 = l2;
  options.tolerance = tolerance;
  options.max_iterations = 5000;
  return options;
}

}  // namespace farpoint::learn
