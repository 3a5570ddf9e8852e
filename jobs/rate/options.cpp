// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace farpoint::jobs {

using namespace pipeline;

Fields<RateOptions> RateOptions::fields() {
  using R = RateOptions;
  return {
      option("model", &R::model, "what rates, by its name under `models`: a causal language model, or a classifier")
          .need(),
      option("as", &R::as, "name of the column"),
      option("rating", &R::rating,
             "causal models: what they are asked for, by DEITA's prompts; unset: quality, or what `template` asks"),
      option("template", &R::prompt,
             "causal models: what they are asked, with the fields {instruction} (or {prompt}) and {output} (or "
             "{response})"),
      option("scale", &R::scale, "causal models: the ratings, numbers that are one token each; unset: 1 to 6"),
      option("turns", &R::turns,
             "causal models: what becomes of the ratings of a conversation's exchanges; unset: their sum"),
      option("text", &R::text, "classifiers: which view of the record is read; unset: full"),
      option("pair", &R::pair, "classifiers: read prompt and response as a pair of texts"),
      option("output", &R::output,
             "classifiers: what becomes of the outputs; unset: what the folder says (softmax over exclusive labels, "
             "sigmoid of others, raw for one output)"),
      option("label", &R::label,
             "classifiers: the label whose score the column is; unset: the only one, or the second of two"),
      option("expectation", &R::expectation,
             "classifiers: the mean of the labels, which are numbers, weighted by their probabilities"),
      option("max_tokens", &R::max_tokens,
             "tokens of a text; longer ones lose their end in a classifier, and have no rating by a causal model; "
             "unset: as the folder says"),
      option("batch_tokens", &R::batch_tokens,
             "tokens that go through the model at once; unset: what suits the device. Changes rounding"),
  };
}

void check_rate_options(const RateOptions& options, bool is_causal, const Node& where) {
  const auto refuse = [&](std::initializer_list<const char*> keys, std::string_view reason) {
    for (const char* key : keys) {
      const auto* node = where.find(key);
      if (node == nullptr || node->kind == Node::Kind::null) continue;
      throw ConfigError(where.place_of(key), fmt::format("'rate.{}' is for {}; leave it out", key, reason));
    }
  };
  if (is_causal) {
    refuse({"text", "pair", "output", "label", "expectation"}, "classifiers, and this model is a causal one");
    if (options.rating && options.prompt) {
      throw ConfigError(where.place_of("rating"), "'rate.rating' and 'rate.template' both say what is asked");
    }
    if (options.scale && options.scale->size() < 2) {
      throw ConfigError(where.place_of("scale"), "'rate.scale' needs two ratings at least");
    }
    return;
  }
  refuse({"rating", "template", "scale", "turns"}, "causal models, and this one is a classifier");
  if (options.pair.value_or(false) && options.text) {
    throw ConfigError(where.place_of("text"), "'rate.text': with 'pair' it is prompt and response that are read");
  }
  if (options.expectation.value_or(false) && options.label) {
    throw ConfigError(where.place_of("label"), "'rate.label': 'expectation' is over all labels; leave one of them out");
  }
  if (options.expectation.value_or(false) && options.output && *options.output != RateOutput::softmax) {
    throw ConfigError(where.place_of("output"), "'rate.output': an expectation needs softmax");
  }
}

}  // namespace farpoint::jobs
