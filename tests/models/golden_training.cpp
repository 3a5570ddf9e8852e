// SPDX-License-Identifier: Apache-2.0
#include "golden_training.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace farpoint {

GoldenTraining golden_training() {
  std::ifstream file(GOLDEN_TRAINING);
  const auto json = nlohmann::json::parse(file);
  GoldenTraining training;
  json.at("batch").get_to(training.batch);
  json.at("micro_batch").get_to(training.micro_batch);
  json.at("learning_rate").get_to(training.learning_rate);
  json.at("warmup").get_to(training.warmup);
  json.at("weight_decay").get_to(training.weight_decay);
  json.at("clip").get_to(training.clip);
  json.at("texts").get_to(training.texts);
  json.at("targets").get_to(training.targets);
  json.at("weights").get_to(training.weights);
  json.at("losses").get_to(training.losses);
  return training;
}

std::vector<models::MicroBatch> GoldenTraining::micro_batches(std::uint64_t step,
                                                              const comm::Communicator& comm) const {
  std::vector<models::MicroBatch> mine;
  for (std::size_t begin = 0; begin < batch; begin += micro_batch) {
    models::MicroBatch micro;
    micro.place = begin / micro_batch;
    if (micro.place % static_cast<std::uint64_t>(comm.size()) != static_cast<std::uint64_t>(comm.rank())) continue;
    for (std::size_t i = begin; i < std::min(begin + micro_batch, batch); ++i) {
      const auto example = (static_cast<std::size_t>(step) * batch + i) % texts.size();
      micro.texts.emplace_back(texts[example]);
      micro.targets.push_back(targets[example]);
      micro.weights.push_back(weights[example]);
    }
    mine.push_back(std::move(micro));
  }
  return mine;
}

tokenizer::TokenLists GoldenTraining::tokens() const {
  tokenizer::TokenLists tokens;
  tokens.offsets.push_back(0);
  for (const auto& text : texts) {
    tokens.ids.insert(tokens.ids.end(), text.begin(), text.end());
    tokens.offsets.push_back(tokens.ids.size());
    tokens.truncated.push_back(0);
  }
  return tokens;
}

}  // namespace farpoint
