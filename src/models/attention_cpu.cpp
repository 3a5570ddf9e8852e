// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "attention.hpp"
#include "kernels.hpp"

namespace farpoint::models {

namespace {

/// What is the same for all sequences and heads.
AttentionTask common_task(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                          const at::Tensor& result, const AttentionRules& rules) {
  constexpr auto everything = std::numeric_limits<size_t>::max() / 4;
  const auto stride = [](const at::Tensor& tensor) { return static_cast<size_t>(tensor.stride(0)); };
  AttentionTask task;
  task.query_stride = stride(query);
  task.key_stride = stride(key);
  task.value_stride = stride(value);
  task.result_stride = stride(result);
  task.head_dim = static_cast<size_t>(query.size(2));
  task.group = static_cast<size_t>(query.size(1) / key.size(1));
  task.scale = static_cast<float>(rules.scale);
  const auto window = rules.window ? static_cast<size_t>(*rules.window) : everything;
  task.reach_back = rules.causal && rules.window ? window - 1 : window;
  task.reach_ahead = rules.causal ? 0 : window;
  return task;
}

/// The heads of a token must lie side by side for a kernel.
at::Tensor with_dense_heads(const at::Tensor& x) {
  const bool dense = x.stride(2) == 1 && (x.size(1) == 1 || x.stride(1) == x.size(2));
  return dense ? x : x.contiguous();
}

}  // namespace

at::Tensor attention_on_cpu(const at::Tensor& given_query, const at::Tensor& given_key, const at::Tensor& given_value,
                            const PackedBatch& batch, const AttentionRules& rules, Instructions instructions) {
  const at::Tensor query = with_dense_heads(given_query);
  const at::Tensor key = with_dense_heads(given_key);
  const at::Tensor value = with_dense_heads(given_value);
  const at::Tensor result = empty_rows(batch, query.sizes(), query.options());
  const auto& table = kernels_for(instructions);
  const auto attend = (query.scalar_type() == at::kFloat ? table.fp32 : table.bf16).attend;
  auto task = common_task(query, key, value, result, rules);
  // libtorch aligns what it allocates to 64 bytes.
  const at::Tensor workspace = at::empty(
      {static_cast<std::int64_t>(attention_workspace(static_cast<size_t>(batch.longest_context()), task.head_dim))},
      at::kFloat);
  task.workspace = workspace.mutable_data_ptr<float>();

  const auto item = static_cast<size_t>(query.element_size());
  const auto at_place = [&](const at::Tensor& x, std::int64_t token, size_t head) {
    return static_cast<char*>(x.data_ptr()) + (static_cast<size_t>(token * x.stride(0)) + head * task.head_dim) * item;
  };
  const auto kv_heads = static_cast<size_t>(key.size(1));
  for (std::int64_t s = 0; s < batch.sequences(); ++s) {
    const auto first = batch.starts[static_cast<std::size_t>(s)];
    task.length = static_cast<size_t>(batch.starts[static_cast<std::size_t>(s) + 1] - first);
    for (size_t head = 0; head < kv_heads; ++head) {
      const auto first_query = head * task.group;
      task.query = at_place(query, first, first_query);
      task.key = at_place(key, first, head);
      task.value = at_place(value, first, head);
      task.result = at_place(result, first, first_query);
      if (!batch.pasts.empty()) {
        const auto& [row, count] = batch.pasts[static_cast<std::size_t>(s)];
        const auto& keys = batch.cache->keys[rules.layer];
        const auto& values = batch.cache->values[rules.layer];
        task.past = static_cast<size_t>(count);
        task.past_key = at_place(keys, row, head);
        task.past_value = at_place(values, row, head);
        task.past_key_stride = static_cast<size_t>(keys.stride(0));
        task.past_value_stride = static_cast<size_t>(values.stride(0));
      }
      if (rules.distance_bias.defined()) {
        task.bias_stride = static_cast<size_t>(rules.distance_bias.stride(0));
        task.distance_bias = rules.distance_bias.const_data_ptr<float>() + first_query * task.bias_stride +
                             rules.distance_bias.size(1) / 2;
      }
      attend(task);
    }
  }
  return result.flatten(1);
}

}  // namespace farpoint::models
