// SPDX-License-Identifier: Apache-2.0
// Measures the rate of the products of selection beside what the machine can do; see README.md.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/parallel.hpp"
#include "fma_peak.hpp"
#include "generated_vectors.hpp"
#include "select/affinities.hpp"
#include "select/blas.hpp"

namespace {

using namespace farpoint;

constexpr std::size_t block_rows = 64;  // as RowBounds screens
constexpr std::size_t dimension = 384;
constexpr std::size_t row_count = 60'000;  // beyond most third-level caches

double process_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Operations a second, in 1e9. By the clock, and by the CPU time that all threads got: they agree on a quiet machine
/// when no thread waits, and on a busy one only the second says something about the code.
struct Rate {
  double clock = 0;
  double cpu = 0;
};

/// The best rates of several runs: what the machine can do when nobody disturbs it. `body` returns its operations.
template <typename Body>
Rate measure_rate(const Body& body) {
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;
  constexpr Seconds enough(1.0);
  constexpr int least_runs = 5;
  Rate best;
  body();
  const auto start = Clock::now();
  for (int run = 0; run < least_runs || Clock::now() - start < enough; ++run) {
    const auto begin = Clock::now();
    const double cpu_begin = process_cpu_seconds();
    const double operations = body() * 1e-9;
    const double cpu = process_cpu_seconds() - cpu_begin;
    best.clock = std::max(best.clock, operations / Seconds(Clock::now() - begin).count());
    best.cpu = std::max(best.cpu, operations / cpu * static_cast<double>(thread_count()));
  }
  return best;
}

Rate measure_fma() {
  constexpr std::uint64_t rounds = 4'000'000;
  return measure_rate([] {
    std::vector<double> operations(thread_count(), 0);
    parallel_for(thread_count(), 1, [&](std::size_t, std::size_t begin, std::size_t) {
      operations[begin] = static_cast<double>(select::multiply_and_add(rounds));
    });
    double all = 0;
    for (const double of_thread : operations) all += of_thread;
    return all;
  });
}

Rate measure_sgemm(std::size_t n) {
  std::vector<float> a(n * n, 0.5F), b(n * n, 0.25F), out(n * n);
  return measure_rate([&] {
    select::products(1, a.data(), n, b.data(), n, n, out.data());
    return 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  });
}

class Products {
 public:
  Products() : rows_(row_count * dimension), greatest_(row_count), two_(row_count) {
    select::GeneratedVectors(row_count, dimension).make_range(0, rows_);
  }

  /// The update of bounds. `step`: rows that far apart, as after rows were left alone.
  Rate greatest(std::size_t centre_count, std::size_t step, Instructions instructions = best_instructions()) {
    const auto centres = make_centres(centre_count);
    return measure(centre_count, step, [&](std::span<const float* const> rows, std::size_t first) {
      select::greatest_affinities(centres, 1, 0, rows, std::span(greatest_).subspan(first, rows.size()), instructions);
    });
  }

  /// The assignment.
  Rate two_greatest(std::size_t centre_count) {
    const auto centres = make_centres(centre_count);
    return measure(centre_count, 1, [&](std::span<const float* const> rows, std::size_t first) {
      select::two_greatest_hopeful_affinities(centres, 1, rows, std::span(two_).subspan(first, rows.size()));
    });
  }

 private:
  select::CentrePanels make_centres(std::size_t count) const {
    select::CentrePanels centres(dimension);
    centres.reserve(count);
    for (std::size_t c = 0; c < count; ++c) {
      centres.add(std::span(rows_).subspan(c * (row_count / count) * dimension, dimension), 0, 0);
    }
    return centres;
  }

  template <typename Kernel>
  Rate measure(std::size_t centre_count, std::size_t step, const Kernel& kernel) const {
    const std::size_t count = row_count / step;
    return measure_rate([&] {
      parallel_for(count, block_rows, [&](std::size_t, std::size_t begin, std::size_t end) {
        std::array<const float*, block_rows> rows;
        for (std::size_t i = begin; i < end; ++i) rows[i - begin] = rows_.data() + i * step * dimension;
        kernel(std::span(rows).first(end - begin), begin);
      });
      return 2.0 * static_cast<double>(count) * static_cast<double>(centre_count) * static_cast<double>(dimension);
    });
  }

  std::vector<float> rows_;
  std::vector<float> greatest_;
  std::vector<select::TopTwo> two_;
};

void show(std::string_view name, const Rate& rate, double fma, double sgemm) {
  fmt::print("{:40} {:8.1f} {:8.1f} {:8.1f} % {:8.1f} %\n", name, rate.clock, rate.cpu, 100 * rate.cpu / fma,
             100 * rate.cpu / sgemm);
}

void run() {
  fmt::print("{} threads, {} rows of {} numbers, blocks of {} rows; GFLOP/s, best of a second\n", thread_count(),
             row_count, dimension, block_rows);
  // Before and after, as clocks and neighbours change: a slow moment must not flatter the ratios.
  const Rate before = measure_fma();
  const Rate small = measure_sgemm(2048);
  const Rate large = measure_sgemm(4096);
  const Rate after = measure_fma();
  const Rate fma{std::max(before.clock, after.clock), std::max(before.cpu, after.cpu)};
  const double sgemm = std::max(small.cpu, large.cpu);
  fmt::print("{:40} {:>8} {:>8} {:>10} {:>10}\n", "", "clock", "CPU time", "of FMA", "of sgemm");
  show("FMA in registers", fma, fma.cpu, sgemm);
  show("BLAS sgemm, 2048 square", small, fma.cpu, sgemm);
  show("BLAS sgemm, 4096 square", large, fma.cpu, sgemm);
  Products products;
  for (const std::size_t centres : {60, 120, 1000}) {
    show(fmt::format("bounds, {} centres", centres), products.greatest(centres, 1), fma.cpu, sgemm);
    show(fmt::format("bounds, {} centres, every third row", centres), products.greatest(centres, 3), fma.cpu, sgemm);
  }
  show("assignment, 1000 centres", products.two_greatest(1000), fma.cpu, sgemm);
  show("bounds, 1000 centres, portable", products.greatest(1000, 1, Instructions::portable), fma.cpu, sgemm);
  if (best_instructions() < Instructions::avx512) return;
  show("bounds, 1000 centres, AVX2", products.greatest(1000, 1, Instructions::avx2), fma.cpu, sgemm);
}

}  // namespace

int main() {
  try {
    select::load_blas();
    run();
    return static_cast<int>(ExitCode::done);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return static_cast<int>(error.code());
  }
}
