// SPDX-License-Identifier: Apache-2.0
// Question: what does attention within a text cost on each kind of processor, and how near is it to its products?
// Wanted: in bfloat16 with AVX512-BF16 no more than two thirds of the time that float32 takes. Method: one head,
// everything seen; texts as MiniLM has them (144 tokens, 32 numbers), as a Llama type has them (144, 64), and a long
// one. Queries, keys and values lie in one row, as models have them. Operations are those of the two products,
// multiplications and additions.
// Last result (2026-12-01, one core of a 4th generation EPYC), microseconds at 144 x 32 and 144 x 64: portable 100 and
// 187; AVX2 39 and 65; AVX-512 35 and 62; bfloat16 by AVX512-BF16 23 and 38. 2048 x 64 takes 42.6, 15.4, 11.4 and 6.2
// ms.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "farpoint/base/random.hpp"
#include "kernels.hpp"

namespace {

using namespace farpoint;
using namespace farpoint::models;

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};
using Workspace = std::unique_ptr<float, Free>;

Workspace workspace_for(std::size_t length, std::size_t head_dim) {
  constexpr std::size_t alignment = 64;
  const auto bytes = attention_workspace(length, head_dim) * sizeof(float);
  return Workspace(static_cast<float*>(std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment)));
}

/// Numbers of (-2, 2), whose upper halves are bfloat16.
template <typename Number>
std::vector<Number> numbers(std::size_t count) {
  std::vector<Number> found(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value =
        static_cast<float>(static_cast<std::int64_t>(random_bits(1, 2, i) >> 40U) - (1 << 23)) / (1 << 22);
    if constexpr (sizeof(Number) == 4) {
      found[i] = value;
    } else {
      found[i] = static_cast<Number>(__builtin_bit_cast(std::uint32_t, value) >> 16U);
    }
  }
  return found;
}

/// Number: float, or uint16_t for bfloat16.
template <Instructions instructions, typename Number>
void attend(benchmark::State& state) {
  if (best_instructions() < instructions) return state.SkipWithError("not with this processor");
  const auto length = static_cast<std::size_t>(state.range(0));
  const auto head_dim = static_cast<std::size_t>(state.range(1));
  const auto rows = numbers<Number>(3 * length * head_dim);
  std::vector<Number> result(length * head_dim);
  const auto workspace = workspace_for(length, head_dim);
  AttentionTask task;
  task.query = rows.data();
  task.key = rows.data() + head_dim;
  task.value = rows.data() + 2 * head_dim;
  task.result = result.data();
  task.query_stride = task.key_stride = task.value_stride = 3 * head_dim;
  task.result_stride = head_dim;
  task.length = length;
  task.head_dim = head_dim;
  task.scale = 0.2F;
  task.reach_back = task.reach_ahead = length;
  task.workspace = workspace.get();
  const auto& table = kernels_for(instructions);
  const auto kernel = (sizeof(Number) == 4 ? table.fp32 : table.bf16).attend;
  for (auto _ : state) {
    kernel(task);
    benchmark::ClobberMemory();
  }
  state.counters["operations"] = benchmark::Counter(4.0 * static_cast<double>(length * length * head_dim),
                                                    benchmark::Counter::kIsIterationInvariantRate);
}

void sizes(benchmark::internal::Benchmark* of) {
  of->Args({144, 32})->Args({144, 64})->Args({2048, 64})->Unit(benchmark::kMicrosecond);
}

BENCHMARK(attend<Instructions::portable, float>)->Apply(sizes);
BENCHMARK(attend<Instructions::avx2, float>)->Apply(sizes);
BENCHMARK(attend<Instructions::avx512, float>)->Apply(sizes);
BENCHMARK(attend<Instructions::avx512, std::uint16_t>)->Apply(sizes);
BENCHMARK(attend<Instructions::avx512_bf16, std::uint16_t>)->Apply(sizes);

}  // namespace
