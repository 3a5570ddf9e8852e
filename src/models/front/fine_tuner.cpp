// SPDX-License-Identifier: Apache-2.0
#include "farpoint/models/fine_tuner.hpp"

#include "model_library.hpp"

namespace farpoint::models {

FineTuner::FineTuner(const std::filesystem::path& folder, const FineTunerOptions& options)
    : implementation_(model_library().fine_tuner(folder, options)) {}
FineTuner::~FineTuner() = default;
FineTuner::FineTuner(FineTuner&&) noexcept = default;

const tokenizer::Tokenizer& FineTuner::tokenizer() const {
  return implementation_->tokenizer();
}

std::int64_t FineTuner::max_tokens() const {
  return implementation_->max_tokens();
}

std::uint64_t FineTuner::step() const {
  return implementation_->step();
}

std::uint64_t FineTuner::steps() const {
  return implementation_->steps();
}

const std::vector<double>& FineTuner::losses() const {
  return implementation_->losses();
}

double FineTuner::train(comm::Communicator& comm, std::span<const MicroBatch> mine) {
  return implementation_->train(comm, mine);
}

Classification FineTuner::classify(const tokenizer::TokenLists& texts) const {
  return implementation_->classify(texts);
}

void FineTuner::save_state(const std::filesystem::path& file, std::string_view fingerprint) const {
  implementation_->save_state(file, fingerprint);
}

bool FineTuner::load_state(const std::filesystem::path& file, std::string_view fingerprint) {
  return implementation_->load_state(file, fingerprint);
}

void FineTuner::save_folder(const std::filesystem::path& folder) const {
  implementation_->save_folder(folder);
}

}  // namespace farpoint::models
