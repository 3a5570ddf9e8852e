// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

namespace farpoint::jobs {

using namespace pipeline;
using corpus::TextView;

Fields<PerplexityOptions> PerplexityOptions::fields() {
  using P = PerplexityOptions;
  return {
      option("model", &P::model, "a causal language model, by its name under `models`").need(),
      option("as", &P::as, "name of the column; NAME.tokens has the number of scored tokens beside it"),
      option("text", &P::text, "which view of the record is scored"),
      option("condition", &P::condition, "prompt: score the response, given the prompt; unset: the text by itself"),
      option("answers", &P::answers,
             "with `condition: prompt`. last: the response; all: every answer of the conversation, given all before "
             "it, together, with NAME.answers, NAME.mean and NAME.max beside"),
      option("ifd", &P::ifd,
             "also write NAME.ifd: the perplexity of the response given the prompt over that of the response alone"),
      option("reverse", &P::reverse,
             "also write NAME.rifd: the perplexity of the prompt given the response over that of the prompt alone"),
      option("loss", &P::loss, "also write NAME.loss: the mean negative log-likelihood, whose exp NAME is"),
      option("template", &P::writing, "chat: the texts are written by the model's chat template"),
      option("max_tokens", &P::max_tokens, "tokens that the model sees at once; unset: as the folder says"),
      option("stride", &P::stride,
             "longer texts are read in windows, each so many tokens behind the last; unset: half a window"),
      option("batch_tokens", &P::batch_tokens,
             "tokens that go through the model at once; unset: what suits the device. Changes rounding"),
  };
}

void check_together(const PerplexityOptions& options, const Node& where) {
  const bool of_response = options.text == TextView::full || options.text == TextView::response;
  if (options.condition && !of_response) {
    throw ConfigError(where.place_of("text"),
                      "'perplexity.text': with 'condition: prompt' it is the response that is scored; leave out the "
                      "key 'text'");
  }
  if (options.writing == Writing::chat && !options.condition && options.text != TextView::full) {
    throw ConfigError(where.place_of("text"),
                      "'perplexity.text': with 'template: chat' it is the whole conversation that is scored; leave "
                      "out the key 'text', or give 'condition: prompt'");
  }
  if (options.every_answer() && !options.condition) {
    throw ConfigError(where.place_of("answers"),
                      "'perplexity.answers': 'all' scores answers given what stands before each; add 'condition: "
                      "prompt'");
  }
  if (options.every_answer() && options.reverse) {
    throw ConfigError(where.place_of("reverse"),
                      "'perplexity.reverse': there is one prompt for the last answer, but not for all; leave out "
                      "'answers: all', or ask in another job for the reverse");
  }
  if (options.writing == Writing::chat && options.reverse) {
    throw ConfigError(where.place_of("reverse"),
                      "'perplexity.reverse': no chat template writes a prompt behind its response; leave out "
                      "'template: chat', or ask in another job for the reverse");
  }
}

std::vector<std::string> column_endings(const PerplexityOptions& options) {
  std::vector<std::string> endings{"", ".tokens"};
  if (options.loss) endings.emplace_back(".loss");
  if (options.every_answer()) endings.insert(endings.end(), {".answers", ".mean", ".max"});
  if (options.ifd) endings.emplace_back(".ifd");
  if (options.reverse) endings.emplace_back(".rifd");
  return endings;
}

}  // namespace farpoint::jobs
