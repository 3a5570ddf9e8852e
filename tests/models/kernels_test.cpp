// SPDX-License-Identifier: Apache-2.0
// The kernels of every kind of processor that this machine can run, against the formulas in float64.
#include "kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace farpoint::models {
namespace {

using Numbers = std::vector<double>;

/// A vector as a kernel sees it, in either type, and what these bytes mean.
class Buffer {
 public:
  Buffer(const Numbers& values, bool is_bf16) : is_bf16_(is_bf16), floats_(values.begin(), values.end()) {
    for (const auto value : floats_) halves_.push_back(round(value));
  }
  void* data() { return is_bf16_ ? static_cast<void*>(halves_.data()) : static_cast<void*>(floats_.data()); }
  double operator[](std::size_t i) const { return is_bf16_ ? widen(halves_[i]) : floats_[i]; }

 private:
  static std::uint16_t round(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }
  static float widen(std::uint16_t half) {
    const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
    float value = 0;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }

  bool is_bf16_;
  std::vector<float> floats_;
  std::vector<std::uint16_t> halves_;
};

Numbers random_numbers(std::size_t count, unsigned seed, double size = 1) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0, size);
  Numbers numbers(count);
  for (auto& number : numbers) number = normal(generator);
  return numbers;
}

struct Variant {
  Instructions instructions;
  bool is_bf16;
  const Kernels& kernels() const {
    const auto& table = kernels_for(instructions);
    return is_bf16 ? table.bf16 : table.fp32;
  }
  double tolerance() const { return is_bf16 ? 1e-2 : 3e-6; }
};

std::vector<Variant> variants() {
  std::vector<Variant> found;
  for (const auto instructions :
       {Instructions::portable, Instructions::avx2, Instructions::avx512, Instructions::avx512_bf16}) {
    if (instructions > best_instructions()) continue;
    found.push_back({instructions, false});
    found.push_back({instructions, true});
  }
  return found;
}

class KernelTest : public testing::TestWithParam<Variant> {
 protected:
  void expect_near(double value, double expected, const std::string& where) const {
    EXPECT_NEAR(value, expected, GetParam().tolerance() * std::max(1.0, std::abs(expected))) << where;
  }
};

struct Shape {
  std::size_t length, head_dim, kv_heads, group;
  std::size_t back, ahead;
  bool biased;
  std::size_t past = 0;  // of `length`: tokens that are there by their keys and values only
};

/// Queries, keys and values of a token lie in one row, as a model has them; those of the past in rows of their own.
struct AttentionRows {
  AttentionRows(const Shape& shape, bool is_bf16)
      : heads(shape.kv_heads * shape.group),
        stride((heads + 2 * shape.kv_heads) * shape.head_dim + 3),
        reach(shape.length - 1),
        numbers(random_numbers(shape.length * stride, 7)),
        all(numbers, is_bf16),
        rest(without_past(shape.past * stride), is_bf16),
        result(Numbers(shape.length * heads * shape.head_dim), is_bf16) {
    const auto random_bias = random_numbers(heads * (2 * reach + 1), 8);
    bias.assign(random_bias.begin(), random_bias.end());
  }

  /// The same rows, but that what is read of the past cannot be used as a part of the rest.
  Numbers without_past(std::size_t count) const {
    auto rest_numbers = numbers;
    std::fill_n(rest_numbers.begin(), count, std::numeric_limits<double>::quiet_NaN());
    return rest_numbers;
  }

  std::size_t heads, stride, reach;
  Numbers numbers;
  Buffer all, rest, result;
  std::vector<float> bias;
};

/// Fills rows.result by the kernel, one call for each head of keys and values.
void attend(const Variant& variant, const Shape& shape, AttentionRows& rows) {
  std::vector<float> workspace(attention_workspace(shape.length, shape.head_dim) + 16);
  void* aligned = workspace.data();
  std::size_t space = workspace.size() * sizeof(float);
  std::align(64, space - 64, aligned, space);
  const std::size_t item = variant.is_bf16 ? 2 : 4;
  const auto place = [&](Buffer& buffer, std::size_t number) {
    return static_cast<char*>(buffer.data()) + number * item;
  };
  for (std::size_t kv = 0; kv < shape.kv_heads; ++kv) {
    const std::size_t key_at = (rows.heads + kv) * shape.head_dim;
    const std::size_t value_at = (rows.heads + shape.kv_heads + kv) * shape.head_dim;
    AttentionTask task;
    task.query = place(rows.rest, shape.past * rows.stride + kv * shape.group * shape.head_dim);
    task.key = place(rows.rest, shape.past * rows.stride + key_at);
    task.value = place(rows.rest, shape.past * rows.stride + value_at);
    task.result = place(rows.result, (shape.past * rows.heads + kv * shape.group) * shape.head_dim);
    task.query_stride = task.key_stride = task.value_stride = rows.stride;
    task.result_stride = rows.heads * shape.head_dim;
    task.length = shape.length - shape.past;
    task.past = shape.past;
    task.past_key = place(rows.all, key_at);
    task.past_value = place(rows.all, value_at);
    task.past_key_stride = task.past_value_stride = rows.stride;
    task.head_dim = shape.head_dim;
    task.group = shape.group;
    task.scale = 0.3F;
    task.reach_back = shape.back;
    task.reach_ahead = shape.ahead;
    task.bias_stride = 2 * rows.reach + 1;
    if (shape.biased) task.distance_bias = rows.bias.data() + kv * shape.group * task.bias_stride + rows.reach;
    task.workspace = static_cast<float*>(aligned);
    variant.kernels().attend(task);
  }
}

void check_attention(const Variant& variant, const Shape& shape) {
  AttentionRows rows(shape, variant.is_bf16);
  attend(variant, shape, rows);
  for (std::size_t head = 0; head < rows.heads; ++head) {
    const auto query_at = head * shape.head_dim;
    const auto key_at = (rows.heads + head / shape.group) * shape.head_dim;
    const auto value_at = (rows.heads + shape.kv_heads + head / shape.group) * shape.head_dim;
    for (std::size_t i = shape.past; i < shape.length; ++i) {
      Numbers sums(shape.head_dim);
      double total = 0;
      for (std::size_t j = 0; j < shape.length; ++j) {
        if (j + shape.back < i || j > i + shape.ahead) continue;
        double score = 0;
        for (std::size_t d = 0; d < shape.head_dim; ++d) {
          score += rows.all[i * rows.stride + query_at + d] * rows.all[j * rows.stride + key_at + d];
        }
        score *= 0.3F;
        if (shape.biased) score += rows.bias[head * (2 * rows.reach + 1) + j + rows.reach - i];
        total += std::exp(score);
        for (std::size_t d = 0; d < shape.head_dim; ++d) {
          sums[d] += std::exp(score) * rows.all[j * rows.stride + value_at + d];
        }
      }
      for (std::size_t d = 0; d < shape.head_dim; ++d) {
        EXPECT_NEAR(rows.result[(i * rows.heads + head) * shape.head_dim + d], sums[d] / total, variant.tolerance())
            << "length " << shape.length << ", head " << head << ", token " << i << ", number " << d;
      }
    }
  }
}

constexpr std::size_t all = 1U << 30;

TEST_P(KernelTest, Attention) {
  for (const std::size_t length : {1, 2, 7, 8, 9, 15, 16, 17, 33, 64, 131}) {
    check_attention(GetParam(), {length, 32, 2, 1, all, all, false});
    check_attention(GetParam(), {length, 8, 1, 1, all, 0, false});
  }
  check_attention(GetParam(), {70, 64, 2, 3, all, 0, false});
  check_attention(GetParam(), {70, 20, 1, 2, 7, 0, false});  // a causal window
  check_attention(GetParam(), {70, 16, 2, 1, 4, 4, false});  // a window to both sides
  check_attention(GetParam(), {70, 16, 2, 1, 0, 0, false});  // itself only
  for (const std::size_t head_dim : {1, 7, 17, 31}) check_attention(GetParam(), {35, head_dim, 2, 1, all, all, false});
  check_attention(GetParam(), {41, 16, 3, 1, all, all, true});
  check_attention(GetParam(), {41, 16, 1, 2, 9, 3, true});
}

TEST_P(KernelTest, AttentionToThePast) {
  for (const std::size_t past : {1, 15, 16, 17, 40, 69}) {
    check_attention(GetParam(), {70, 32, 2, 1, all, 0, false, past});
    check_attention(GetParam(), {70, 20, 1, 3, 7, 0, false, past});  // a window within it
    check_attention(GetParam(), {70, 16, 2, 2, 33, 0, true, past});  // one that begins in it
  }
}

TEST_P(KernelTest, AttentionToScoresFarApart) {
  // Exponentials that overflow or vanish without the shift by the greatest score.
  const auto variant = GetParam();
  Buffer qkv({100, 0, 1, -100, 0, 2, 100, 0, 3}, variant.is_bf16);  // three tokens: query, key, value of one number
  Buffer keys({3, -3, 3}, variant.is_bf16);
  Buffer result(Numbers(3), variant.is_bf16);
  alignas(64) float workspace[2048] = {};
  static_assert(attention_workspace(3, 1) <= 2048);
  AttentionTask task{qkv.data(), keys.data(), nullptr, result.data(), 3, 1, 3, 1, 3, 1};
  task.value = static_cast<char*>(qkv.data()) + (variant.is_bf16 ? 4 : 8);  // behind two numbers
  task.reach_back = task.reach_ahead = all;
  task.workspace = workspace;
  variant.kernels().attend(task);
  EXPECT_NEAR(result[0], 2, 1e-5);  // between the first and the third
  EXPECT_NEAR(result[1], 2, 1e-5);  // the second
}

TEST_P(KernelTest, Norms) {
  for (const std::size_t width : {1, 5, 16, 33, 64, 100}) {
    constexpr std::size_t rows = 3;
    const auto stride = width + 2;
    const auto is_bf16 = GetParam().is_bf16;
    Buffer x(random_numbers(rows * stride, 1, 3), is_bf16);
    Buffer weight(random_numbers(width, 2), is_bf16);
    Buffer bias(random_numbers(width, 3), is_bf16);
    Buffer result(Numbers(rows * width), is_bf16);
    for (const bool centred : {false, true}) {
      NormTask task;
      task.x = x.data();
      task.weight = weight.data();
      task.bias = centred ? bias.data() : nullptr;
      task.result = result.data();
      task.rows = rows;
      task.width = width;
      task.stride = stride;
      task.eps = 1e-5F;
      (centred ? GetParam().kernels().layer_norm : GetParam().kernels().rms_norm)(task);
      for (std::size_t row = 0; row < rows; ++row) {
        double mean = 0;
        double square = 0;
        for (std::size_t i = 0; i < width; ++i) mean += centred ? x[row * stride + i] / double(width) : 0;
        for (std::size_t i = 0; i < width; ++i) square += std::pow(x[row * stride + i] - mean, 2) / double(width);
        for (std::size_t i = 0; i < width; ++i) {
          const auto normed = (x[row * stride + i] - mean) / std::sqrt(square + 1e-5) * weight[i];
          expect_near(result[row * width + i], normed + (centred ? bias[i] : 0), "width " + std::to_string(width));
        }
      }
    }
  }
}

TEST_P(KernelTest, NormsOfSums) {
  constexpr std::size_t rows = 2;
  constexpr std::size_t width = 37;
  const auto is_bf16 = GetParam().is_bf16;
  Buffer x(random_numbers(rows * width, 1), is_bf16);
  Buffer weight(Numbers(width, 1.0), is_bf16);
  for (const bool centred : {false, true}) {
    Buffer addend(random_numbers(rows * width, 2), is_bf16);
    const Buffer before = addend;
    Buffer result(Numbers(rows * width), is_bf16);
    Buffer expected(Numbers(rows * width), is_bf16);
    NormTask task{x.data(), addend.data(), weight.data(), nullptr, result.data(), rows, width, width, 1e-5F};
    const auto norm = centred ? GetParam().kernels().layer_norm : GetParam().kernels().rms_norm;
    norm(task);
    for (std::size_t i = 0; i < rows * width; ++i) expect_near(addend[i], x[i] + before[i], "sum");
    norm({addend.data(), nullptr, weight.data(), nullptr, expected.data(), rows, width, width, 1e-5F});
    for (std::size_t i = 0; i < rows * width; ++i) EXPECT_EQ(result[i], expected[i]);
  }
}

TEST_P(KernelTest, Rotation) {
  for (const std::size_t head_dim : {2, 8, 32, 40, 64}) {
    constexpr std::size_t tokens = 3;
    constexpr std::size_t heads = 2;
    const auto half = head_dim / 2;
    const auto stride = heads * head_dim + 5;
    const auto before = random_numbers(tokens * stride, 4);
    Buffer x(before, GetParam().is_bf16);
    const Buffer original(before, GetParam().is_bf16);
    std::vector<float> cosine;
    std::vector<float> sine;
    for (std::size_t i = 0; i < tokens * half; ++i) {
      cosine.push_back(std::cos(static_cast<float>(i)));
      sine.push_back(std::sin(static_cast<float>(i)));
    }
    GetParam().kernels().rotate({x.data(), tokens, heads, head_dim, stride, cosine.data(), sine.data()});
    for (std::size_t token = 0; token < tokens; ++token) {
      for (std::size_t i = 0; i < heads * head_dim; ++i) {
        const auto pair = i % head_dim % half;
        const bool is_first = i % head_dim < half;
        const auto at = token * stride + i;
        const auto other = is_first ? at + half : at - half;
        const double expected = original[at] * cosine[token * half + pair] +
                                (is_first ? -1 : 1) * original[other] * sine[token * half + pair];
        expect_near(x[at], expected, "head_dim " + std::to_string(head_dim));
      }
      for (std::size_t i = heads * head_dim; i < stride; ++i)
        EXPECT_EQ(x[token * stride + i], original[token * stride + i]);
    }
  }
}

TEST_P(KernelTest, Gate) {
  for (const std::size_t width : {3, 16, 50}) {
    auto numbers = random_numbers(2 * 2 * width, 5, 10);
    numbers[0] = -200;
    numbers[1] = 200;
    Buffer x(numbers, GetParam().is_bf16);
    Buffer result(Numbers(2 * width), GetParam().is_bf16);
    const auto item = GetParam().is_bf16 ? 2U : 4U;
    GetParam().kernels().gate(
        {x.data(), static_cast<char*>(x.data()) + width * item, result.data(), 2, width, 2 * width});
    for (std::size_t i = 0; i < 2 * width; ++i) {
      const auto row = i / width * 2 * width + i % width;
      expect_near(result[i], x[row] / (1 + std::exp(-x[row])) * x[row + width], "width " + std::to_string(width));
    }
  }
}

TEST_P(KernelTest, LogSum) {
  constexpr std::size_t rows = 4;
  const std::vector<std::size_t> tiles{16, 5, 100};
  const std::int64_t words = 121;
  const std::vector<std::int64_t> targets{0, 18, 120, 60};
  std::vector<float> greatest(rows, -std::numeric_limits<float>::infinity());
  std::vector<float> sum(rows);
  std::vector<float> target(rows);
  Numbers expected(rows);
  Numbers expected_target(rows);
  std::int64_t first = 0;
  for (const auto width : tiles) {
    // The second tile holds by far the greatest logits, so that earlier sums are shifted, later ones vanish.
    const auto numbers = random_numbers(rows * width, static_cast<unsigned>(width), first == 16 ? 60 : 20);
    Buffer logits(numbers, GetParam().is_bf16);
    std::vector<std::int64_t> here;
    for (const auto one : targets) here.push_back(one - first);
    GetParam().kernels().add_log_sum(
        {logits.data(), rows, width, here.data(), greatest.data(), sum.data(), target.data()});
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < width; ++i) {
        expected[row] += std::exp(logits[row * width + i]);
        if (static_cast<std::int64_t>(i) == here[row]) expected_target[row] = logits[row * width + i];
      }
    }
    first += static_cast<std::int64_t>(width);
  }
  ASSERT_EQ(first, words);
  for (std::size_t row = 0; row < rows; ++row) {
    EXPECT_NEAR(greatest[row] + std::log(sum[row]), std::log(expected[row]), 1e-4);
    EXPECT_EQ(target[row], static_cast<float>(expected_target[row]));
  }
}

std::string name_of(const testing::TestParamInfo<Variant>& info) {
  const char* names[] = {"portable", "avx2", "avx512", "avx512_bf16"};
  return std::string(names[static_cast<int>(info.param.instructions)]) + (info.param.is_bf16 ? "_bf16" : "_fp32");
}
INSTANTIATE_TEST_SUITE_P(Processors, KernelTest, testing::ValuesIn(variants()), name_of);

}  // namespace
}  // namespace farpoint::models
