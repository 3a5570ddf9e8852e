// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "causal_model.hpp"
#include "pooling.hpp"

namespace farpoint::models {

namespace {

/// A continuation of a batch, and the sum of its tokens' losses so far.
struct Branch {
  std::size_t prefix = 0;  // its place in the batch
  std::span<const std::uint32_t> ids;
  double loss = 0;

  /// The last token's hidden state predicts nothing that is asked for.
  std::span<const std::uint32_t> read() const { return ids.first(ids.size() - 1); }
};

/// Some prefixes, and all their continuations.
class BranchBatch {
 public:
  BranchBatch(const CausalModel& model, const std::vector<const Branches*>& members) : model_(model) {
    for (std::size_t m = 0; m < members.size(); ++m) {
      starts_.push_back(starts_.back() + static_cast<std::int64_t>(members[m]->prefix.size()));
      prefixes_.push_back({members[m]->prefix});
      prefixes_.back().cache_row = starts_[m];
      for (const auto& continuation : members[m]->continuations) branches_.push_back({m, continuation, 0});
    }
    plan_groups();
  }

  const std::vector<Branch>& compute() {
    const at::Tensor last = read_prefixes();
    predict_first_tokens(last);
    for (const auto& group : groups_) predict_other_tokens(group);
    return branches_;
  }

 private:
  /// Branches that are read together: their tokens with those before them stay within a few batches, as some devices
  /// copy the keys of the prefix for each.
  void plan_groups() {
    const auto most = 4 * static_cast<std::size_t>(model_.model.placement.batch.most);
    std::size_t seen = 0;
    for (std::size_t b = 0; b < branches_.size(); ++b) {
      if (branches_[b].read().empty()) continue;
      const auto tokens = branches_[b].read().size() + prefixes_[branches_[b].prefix].ids.size();
      if (groups_.empty() || seen + tokens > most) {
        groups_.emplace_back();
        seen = 0;
      }
      groups_.back().push_back(b);
      seen += tokens;
    }
  }

  /// Rows of the cache: those of the prefixes, then those of one group after the other.
  std::int64_t cache_rows() const {
    std::int64_t most = 0;
    for (const auto& group : groups_) {
      std::int64_t rows = 0;
      for (const auto b : group) rows += static_cast<std::int64_t>(branches_[b].read().size());
      most = std::max(most, rows);
    }
    return starts_.back() + most;
  }

  /// The hidden state of each prefix's last token.
  at::Tensor read_prefixes() {
    if (!groups_.empty()) cache_ = model_.make_cache(cache_rows());
    const auto batch = model_.pack_sequences(prefixes_, groups_.empty() ? nullptr : &cache_);
    return last_tokens(model_.model.backbone->hidden(batch), batch);
  }

  void predict_first_tokens(const at::Tensor& last) {
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> targets;
    for (const auto& branch : branches_) {
      rows.push_back(static_cast<std::int64_t>(branch.prefix));
      targets.push_back(branch.ids[0]);
    }
    const at::Tensor losses = losses_of(last.index_select(0, on_device(rows)), targets);
    for (std::size_t b = 0; b < branches_.size(); ++b) branches_[b].loss = losses.const_data_ptr<float>()[b];
  }

  void predict_other_tokens(const std::vector<std::size_t>& group) {
    std::vector<SequenceView> sequences;
    std::vector<std::int64_t> targets;
    auto row = starts_.back();
    for (const auto b : group) {
      const auto& branch = branches_[b];
      const auto begin = starts_[branch.prefix];
      sequences.push_back({branch.read(), {}, {begin, starts_[branch.prefix + 1] - begin}, row});
      row += static_cast<std::int64_t>(branch.read().size());
      targets.insert(targets.end(), branch.ids.begin() + 1, branch.ids.end());
    }
    const auto batch = model_.pack_sequences(sequences, &cache_);
    const at::Tensor losses = losses_of(model_.model.backbone->hidden(batch), targets);
    const auto* loss = losses.const_data_ptr<float>();
    for (const auto b : group) {
      const auto count = branches_[b].read().size();
      branches_[b].loss = std::accumulate(loss, loss + count, branches_[b].loss);
      loss += count;
    }
  }

  at::Tensor on_device(const std::vector<std::int64_t>& numbers) const {
    return at::tensor(numbers, at::kLong).to(model_.model.placement.device);
  }
  at::Tensor losses_of(const at::Tensor& hidden, const std::vector<std::int64_t>& targets) const {
    return model_.head.negative_log_likelihoods(hidden, on_device(targets)).to(at::kCPU);
  }

  const CausalModel& model_;
  std::vector<SequenceView> prefixes_;
  std::vector<std::int64_t> starts_{0};  // of the prefixes in their batch, and where the last one ends
  std::vector<Branch> branches_;
  std::vector<std::vector<std::size_t>> groups_;  // those with more than one token
  KeyValueCache cache_;
};

std::string key_of(const Branches& branches) {
  std::string key;
  const auto add = [&](std::span<const std::uint32_t> ids) {
    key.append(std::to_string(ids.size())).append(":");
    key.append(reinterpret_cast<const char*>(ids.data()), ids.size_bytes());
  };
  add(branches.prefix);
  for (const auto& continuation : branches.continuations) add(continuation);
  return key;
}

/// Tokens that go through the model.
std::uint64_t cost_of(const Branches& branches) {
  std::uint64_t tokens = branches.prefix.size();
  for (const auto& continuation : branches.continuations) tokens += continuation.size() - 1;
  return tokens;
}

}  // namespace

std::vector<std::vector<double>> branch_losses(const CausalModel& model, std::span<const Branches> branches) {
  std::vector<std::string> keys;
  for (const auto& one : branches) keys.push_back(key_of(one));
  const auto distinct = find_distinct(branches.size(), [&](std::size_t i) -> std::string_view { return keys[i]; });
  std::vector<std::uint64_t> costs;
  std::vector<std::vector<double>> losses;
  for (const auto i : distinct.first) {
    costs.push_back(cost_of(branches[i]));
    losses.emplace_back(branches[i].continuations.size(), std::numeric_limits<double>::quiet_NaN());
  }
  run_batches(plan_batches(costs, model.model.placement.batch), model.model.placement.batch_run(),
              [&](std::span<const std::uint32_t> batch) {
                std::vector<const Branches*> members;
                for (const auto place : batch) members.push_back(&branches[distinct.first[place]]);
                BranchBatch computed(model, members);
                auto branch = computed.compute().begin();
                for (const auto place : batch) {
                  for (auto& loss : losses[place]) loss = (branch++)->loss;
                }
              });
  std::vector<std::vector<double>> result;
  for (const auto place : distinct.of_sequence) result.push_back(losses[place]);
  return result;
}

}  // namespace farpoint::models
