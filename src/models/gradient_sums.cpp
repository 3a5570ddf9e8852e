// SPDX-License-Identifier: Apache-2.0
#include "gradient_sums.hpp"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "farpoint/base/parallel.hpp"
#include "farpoint/comm/collectives.hpp"

namespace farpoint::models {

namespace {

constexpr double fixed_one = 0x1p40;
constexpr std::int64_t largest = std::int64_t{1} << 22;
/// Of numbers that are looked at together.
constexpr std::int64_t block_numbers = 1 << 14;
/// Of numbers that are reduced together.
constexpr std::size_t piece_numbers = 1 << 20;

/// What a gradient counts in greatest() whose greatest number is `size`.
std::int64_t counted(float size) {
  return size < static_cast<float>(largest) ? static_cast<std::int64_t>(size) + 1 : largest;
}

/// Unsigned, so that what is too large wraps as it does between ranks.
std::int64_t add_fixed(std::span<const float> values, std::uint64_t* sums) {
  float size = 0;
  bool finite = true;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float one = std::abs(values[i]);
    finite = finite && one < static_cast<float>(largest);
    size = one > size ? one : size;
    sums[i] += static_cast<std::uint64_t>(std::llrint(static_cast<double>(values[i]) * fixed_one));
  }
  return finite ? counted(size) : largest;
}

float to_float(std::uint64_t sum) {
  return static_cast<float>(from_fixed(static_cast<std::int64_t>(sum)));
}

std::span<std::uint64_t> numbers_of(const at::Tensor& tensor) {
  auto* const data = static_cast<std::uint64_t*>(tensor.mutable_data_ptr());
  return {data, static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

/// Of one weight. A table's rows are kept in the order in which they came; `slots` says where.
struct GradientSums::Sum {
  std::mutex mutex;
  at::Tensor dense;                 // int64, on the weight's device; undefined for tables
  std::vector<std::int32_t> slots;  // [rows] of a table, or none: -1 where there is no gradient
  std::vector<std::uint64_t> rows;
  std::size_t width = 0;

  bool is_table() const { return !dense.defined(); }

  std::uint64_t* row(std::size_t index) {
    auto& slot = slots[index];
    if (slot < 0) {
      slot = static_cast<std::int32_t>(rows.size() / width);
      rows.resize(rows.size() + width);
    }
    return rows.data() + static_cast<std::size_t>(slot) * width;
  }
  const std::uint64_t* row_if_there(std::size_t index) const {
    return slots[index] < 0 ? nullptr : rows.data() + static_cast<std::size_t>(slots[index]) * width;
  }
};

GradientSums::GradientSums(const std::vector<TrainedWeight>& weights) : weights_(weights) {
  for (const auto& weight : weights) {
    auto sum = std::make_unique<Sum>();
    if (weight.is_table) {
      sum->slots.assign(static_cast<std::size_t>(weight.value.size(0)), -1);
      sum->width = static_cast<std::size_t>(weight.value.size(1));
    } else {
      sum->dense = at::zeros(weight.value.sizes(), weight.value.options().dtype(at::kLong).requires_grad(false));
    }
    sums_.push_back(std::move(sum));
  }
}

GradientSums::~GradientSums() = default;

std::int64_t GradientSums::limit() {
  return largest;
}

void GradientSums::add(const std::vector<at::Tensor>& gradients) {
  const c10::NoGradGuard unrecorded;
  std::int64_t greatest = 0;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined()) continue;
    const std::lock_guard lock(sums_[i]->mutex);
    greatest = std::max(greatest,
                        sums_[i]->is_table() ? add_rows(*sums_[i], gradients[i]) : add_dense(*sums_[i], gradients[i]));
  }
  const std::lock_guard lock(mutex_);
  greatest_ += greatest;
}

std::int64_t GradientSums::add_dense(Sum& sum, const at::Tensor& gradient) {
  if (gradient.device().is_cpu()) {
    const at::Tensor dense = gradient.contiguous();
    const std::span values(dense.const_data_ptr<float>(), static_cast<std::size_t>(dense.numel()));
    return add_fixed(values, numbers_of(sum.dense).data());
  }
  sum.dense.add_((gradient.to(at::kDouble) * fixed_one).round_().to(at::kLong));
  const auto size = gradient.abs().max().item<float>();
  return std::isfinite(size) ? counted(size) : largest;
}

std::int64_t GradientSums::add_rows(Sum& sum, const at::Tensor& gradient) {
  // One that is not a table's lookup, such as that of a single row, is dense.
  const at::Tensor rows = gradient.is_sparse() ? gradient.coalesce() : gradient;
  const at::Tensor values = (rows.is_sparse() ? rows._values() : rows).to(at::kCPU).contiguous();
  const at::Tensor indices = rows.is_sparse() ? rows._indices()[0].to(at::kCPU).contiguous() : at::Tensor();
  std::int64_t greatest = 0;
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    const auto row = indices.defined() ? indices.const_data_ptr<std::int64_t>()[i] : i;
    const std::span numbers(values.const_data_ptr<float>() + static_cast<std::size_t>(i) * sum.width, sum.width);
    greatest = std::max(greatest, add_fixed(numbers, sum.row(static_cast<std::size_t>(row))));
  }
  return greatest;
}

namespace {

/// Reduces numbers that lie in many places, in pieces.
class Pieces {
 public:
  explicit Pieces(comm::Communicator& comm) : comm_(comm) {}

  void add(std::span<std::uint64_t> numbers) {
    while (!numbers.empty()) {
      const auto count = std::min(numbers.size(), piece_numbers - buffer_.size());
      buffer_.insert(buffer_.end(), numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count));
      places_.push_back(numbers.first(count));
      numbers = numbers.subspan(count);
      if (buffer_.size() == piece_numbers) flush();
    }
  }

  void flush() {
    comm::all_reduce(comm_, std::span(buffer_), comm::Reduction::sum);
    auto from = buffer_.begin();
    for (const auto place : places_) {
      std::copy_n(from, place.size(), place.begin());
      from += static_cast<std::ptrdiff_t>(place.size());
    }
    buffer_.clear();
    places_.clear();
  }

 private:
  comm::Communicator& comm_;
  std::vector<std::uint64_t> buffer_;
  std::vector<std::span<std::uint64_t>> places_;
};

}  // namespace

void GradientSums::reduce(comm::Communicator& comm) {
  if (comm.size() == 1) return;
  const c10::NoGradGuard unrecorded;
  Pieces pieces(comm);
  for (auto& sum : sums_) {
    if (sum->is_table()) {
      std::vector<std::uint8_t> touched(sum->slots.size());
      for (std::size_t row = 0; row < touched.size(); ++row) touched[row] = sum->slots[row] < 0 ? 0 : 1;
      comm::all_reduce(comm, std::span(touched), comm::Reduction::max);
      // All rows are there before one is looked at: they move when another comes.
      for (std::size_t row = 0; row < touched.size(); ++row) {
        if (touched[row] != 0) sum->row(row);
      }
      for (std::size_t row = 0; row < touched.size(); ++row) {
        if (touched[row] != 0) pieces.add({sum->row(row), sum->width});
      }
    } else if (sum->dense.device().is_cpu()) {
      pieces.add(numbers_of(sum->dense));
    } else {
      const at::Tensor host = sum->dense.to(at::kCPU);
      pieces.add(numbers_of(host));
      pieces.flush();
      sum->dense.copy_(host);
    }
  }
  pieces.flush();
}

void GradientSums::read(std::size_t weight, std::int64_t begin, std::span<float> out) const {
  const auto& sum = *sums_[weight];
  auto from = static_cast<std::size_t>(begin);
  if (!sum.is_table()) {
    const auto numbers = numbers_of(sum.dense).subspan(from, out.size());
    std::transform(numbers.begin(), numbers.end(), out.begin(), to_float);
    return;
  }
  while (!out.empty()) {
    const auto column = from % sum.width;
    const auto count = std::min(out.size(), sum.width - column);
    const auto* const row = sum.row_if_there(from / sum.width);
    if (row == nullptr) {
      std::fill_n(out.begin(), count, 0.0F);
    } else {
      std::transform(row + column, row + column + count, out.begin(), to_float);
    }
    out = out.subspan(count);
    from += count;
  }
}

at::Tensor GradientSums::gradient(std::size_t weight) const {
  const auto& sum = *sums_[weight];
  if (!sum.is_table()) return (sum.dense.to(at::kDouble) / fixed_one).to(at::kFloat);
  const at::Tensor host = at::empty(weights_[weight].value.sizes(), at::kFloat);
  read(weight, 0, {host.mutable_data_ptr<float>(), static_cast<std::size_t>(host.numel())});
  return host.to(weights_[weight].value.device());
}

double GradientSums::norm() const {
  const c10::NoGradGuard unrecorded;
  double squares = 0;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const auto& value = weights_[i].value;
    if (!value.device().is_cpu()) {
      squares += gradient(i).to(at::kDouble).pow(2).sum().item<double>();
      continue;
    }
    const auto count = static_cast<std::size_t>(value.numel());
    std::vector<double> of_block((count + block_numbers - 1) / block_numbers);
    parallel_for(count, block_numbers, [&](std::size_t, std::size_t begin, std::size_t end) {
      std::vector<float> numbers(end - begin);
      read(i, static_cast<std::int64_t>(begin), numbers);
      double sum = 0;
      for (const float number : numbers) sum += static_cast<double>(number) * static_cast<double>(number);
      of_block[begin / block_numbers] = sum;
    });
    for (const double sum : of_block) squares += sum;
  }
  return std::sqrt(squares);
}

void GradientSums::clear() {
  const c10::NoGradGuard unrecorded;
  for (auto& sum : sums_) {
    if (!sum->is_table()) sum->dense.zero_();
    std::fill(sum->slots.begin(), sum->slots.end(), -1);
    sum->rows.clear();
  }
  greatest_ = 0;
}

std::int64_t to_fixed(double value) {
  return std::llrint(value * fixed_one);
}

double from_fixed(std::int64_t value) {
  return static_cast<double>(value) / fixed_one;
}

}  // namespace farpoint::models
