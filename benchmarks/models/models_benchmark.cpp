// SPDX-License-Identifier: Apache-2.0
// Our side of the comparison in README.md: models_benchmark FOLDER TEXTS.jsonl float32|bfloat16|float16 THREADS OUT.npy
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "farpoint/base/error.hpp"
#include "farpoint/base/machine.hpp"
#include "farpoint/model_files/model_folder.hpp"
#include "farpoint/models/embedder.hpp"
#include "farpoint/models/language_model.hpp"

namespace {

using namespace farpoint;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> read_texts(const std::string& file) {
  std::ifstream stream(file);
  if (!stream) throw UsageError(fmt::format("{}: cannot be read", file));
  std::vector<std::string> texts;
  for (std::string line; std::getline(stream, line);) texts.push_back(nlohmann::json::parse(line).at("text"));
  return texts;
}

template <typename Number>
void write_npy(const std::string& file, const std::vector<Number>& values, const std::string& shape) {
  auto header = fmt::format("{{'descr': '<f{}', 'fortran_order': False, 'shape': ({}), }}", sizeof(Number), shape);
  header.resize((10 + header.size() + 64) / 64 * 64 - 10 - 1, ' ');
  header += '\n';
  std::ofstream stream(file, std::ios::binary);
  const auto size = static_cast<std::uint16_t>(header.size());
  stream << std::string("\x93NUMPY\x01\x00", 8) << static_cast<char>(size & 0xff) << static_cast<char>(size >> 8);
  stream << header;
  stream.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size() * sizeof(Number)));
}

models::Execution execution_for(const std::string& precision) {
  models::Execution execution;
  if (precision == "bfloat16") execution.precision = models::Precision::bf16;
  if (precision == "float16") execution.precision = models::Precision::fp16;
  return execution;
}

void embed(const std::filesystem::path& folder, const std::vector<std::string_view>& texts,
           const models::Execution& execution, const std::string& output) {
  models::EmbedderOptions options;
  options.execution = execution;
  const models::Embedder embedder(folder, options);
  embedder.embed(embedder.tokenize(std::span(texts).first(std::min<std::size_t>(texts.size(), 32))));  // warm up
  auto start = Clock::now();
  const auto result = embedder.embed(texts);
  const auto seconds = seconds_since(start);
  start = Clock::now();
  embedder.tokenize(texts);
  const auto tokenizing = seconds_since(start);
  write_npy(output, result.vectors, fmt::format("{}, {}", texts.size(), embedder.dimension()));
  std::cout << fmt::format(
      "{{\"texts_per_second\": {:.2f}, \"tokens_per_second\": {:.1f}, \"tokenizer_share\": {:.4f}, \"vectors\": "
      "\"{}\"}}\n",
      static_cast<double>(texts.size()) / seconds, static_cast<double>(result.tokens) / seconds, tokenizing / seconds,
      output);
}

void score(const std::filesystem::path& folder, const std::vector<std::string_view>& texts,
           const models::Execution& execution, const std::string& output) {
  models::LanguageModelOptions options;
  options.execution = execution;
  const models::LanguageModel model(folder, options);
  const auto run = [&](std::span<const std::string_view> some, double& tokenized) {
    const auto start = Clock::now();
    const auto tokens = model.tokenizer().encode(some);
    tokenized = seconds_since(start);
    std::vector<models::ScoredSequence> sequences;
    for (std::size_t i = 0; i < tokens.size(); ++i) sequences.push_back({tokens[i], 1});
    return std::pair(model.score(sequences), tokens.ids.size());
  };
  double tokenized = 0;
  run(std::span(texts).first(std::min<std::size_t>(texts.size(), 2)), tokenized);  // warm up
  const auto start = Clock::now();
  const auto [likelihoods, tokens] = run(texts, tokenized);
  const auto seconds = seconds_since(start);
  std::vector<double> perplexities;
  for (const auto& one : likelihoods) {
    perplexities.push_back(std::exp(one.negative_log / static_cast<double>(one.tokens)));
  }
  write_npy(output, perplexities, fmt::format("{},", texts.size()));
  std::cout << fmt::format("{{\"tokens_per_second\": {:.2f}, \"tokenizer_share\": {:.4f}, \"perplexities\": \"{}\"}}\n",
                           static_cast<double>(tokens) / seconds, tokenized / seconds, output);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) {
    std::cerr << "usage: models_benchmark FOLDER TEXTS.jsonl float32|bfloat16|float16 THREADS OUT.npy\n";
    return 2;
  }
  try {
    const std::filesystem::path folder = arguments[1];
    const auto texts = read_texts(arguments[2]);
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    set_threads(std::stoi(arguments[4]));
    const auto opened = model_files::open_model_folder(folder);
    const bool scores = model_files::is_causal(opened.config.family) && !opened.sentence.found;
    (scores ? score : embed)(folder, views, execution_for(arguments[3]), arguments[5]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
