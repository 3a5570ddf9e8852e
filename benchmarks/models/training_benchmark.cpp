// SPDX-License-Identifier: Apache-2.0
// Our side of peers_training.py: training_benchmark FOLDER TEXTS.jsonl float32|bfloat16 THREADS OUT.json
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "farpoint/base/machine.hpp"
#include "farpoint/comm/local.hpp"
#include "farpoint/models/fine_tuner.hpp"

namespace {

using namespace farpoint;
using Clock = std::chrono::steady_clock;

constexpr std::size_t batch_texts = 32;
constexpr std::size_t micro_texts = 8;
constexpr std::size_t longest = 128;

std::vector<std::string> read_texts(const std::string& file) {
  std::ifstream stream(file);
  std::vector<std::string> texts;
  for (std::string line; std::getline(stream, line);) texts.push_back(nlohmann::json::parse(line).at("text"));
  return texts;
}

/// Batch `step` of the texts; those of even numbers have the one label, the others the other.
std::vector<models::MicroBatch> batch_of(const tokenizer::TokenLists& texts, std::size_t step) {
  std::vector<models::MicroBatch> micros;
  const std::size_t end = std::min((step + 1) * batch_texts, texts.size());
  for (std::size_t i = step * batch_texts; i < end; ++i) {
    if (i % micro_texts == 0) micros.emplace_back().place = micros.size() - 1;
    micros.back().texts.push_back(texts[i]);
    micros.back().targets.push_back(static_cast<float>(i % 2));
    micros.back().weights.push_back(1);
  }
  return micros;
}

void train(char** arguments) {
  const auto texts = read_texts(arguments[2]);
  const std::size_t steps = texts.size() / batch_texts;
  models::FineTunerOptions options;
  options.labels = {"even", "odd"};
  options.steps = steps;
  options.max_tokens = static_cast<std::int64_t>(longest);
  options.execution.device = models::Device::cpu;
  if (std::string(arguments[3]) == "bfloat16") options.execution.precision = models::Precision::bf16;
  models::FineTuner tuner(arguments[1], options);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto tokens = tuner.tokenizer().encode(views, {.max_tokens = longest});
  const auto comm = comm::make_local();
  std::vector<double> losses;
  const auto step = [&](std::size_t number) { losses.push_back(tuner.train(*comm, batch_of(tokens, number))); };
  step(0);  // warms up
  const auto start = Clock::now();
  for (std::size_t i = 1; i < steps; ++i) step(i);
  const std::chrono::duration<double> seconds = Clock::now() - start;
  const auto trained = tokens.offsets[steps * batch_texts] - tokens.offsets[batch_texts];
  std::ofstream(arguments[5]) << nlohmann::json(losses);
  std::cout << fmt::format("{{\"tokens_per_second\": {:.1f}, \"losses\": \"{}\"}}\n",
                           static_cast<double>(trained) / seconds.count(), arguments[5]);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::cerr << "usage: training_benchmark FOLDER TEXTS.jsonl float32|bfloat16 THREADS OUT.json\n";
    return 2;
  }
  try {
    set_threads(std::stoi(arguments[4]));
    train(arguments);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
