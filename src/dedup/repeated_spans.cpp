// SPDX-License-Identifier: Apache-2.0
#include "farpoint/dedup/repeated_spans.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "farpoint/text/written_words.hpp"
#include "repeat_windows.hpp"
#include "repeated_fingerprints.hpp"
#include "window_hash.hpp"
#include "winnowing.hpp"

namespace farpoint::dedup {

namespace {

/// One text while it is looked at.
struct VisitedText {
  std::uint64_t id;
  std::uint32_t part;
  std::string_view text;
  std::size_t number;  ///< in the order of visit
};

/// Three passes over the texts. The first collects the fingerprints, the second compares the windows of those that
/// occur again (in rounds, each a visit of its own), the third makes spans of the windows that are repeats. Nothing of
/// a text is kept between them but how many fingerprints and windows it has; texts without a mark are passed over.
class SpanSearch {
 public:
  SpanSearch(comm::Communicator& comm, const VisitTexts& visit, const SpanOptions& options)
      : comm_(comm), visit_(visit), options_(options), winnowing_(options.tokens), window_hash_(options.tokens) {}

  SpanResult run() &&;

 private:
  struct Windows {
    std::uint64_t begin;
    std::uint64_t end;
  };

  void collect_fingerprints();
  std::uint64_t rounds() const;
  void compare_windows();
  void collect_spans();
  template <typename Marks, typename Use>
  void revisit(const Marks& marks, const std::vector<std::uint64_t>& offsets, Use use);
  void read_again(const VisitedText& visited);
  void add_spans(const VisitedText& visited);

  comm::Communicator& comm_;
  const VisitTexts& visit_;
  SpanOptions options_;
  Winnowing winnowing_;
  WindowHash window_hash_;
  RepeatedFingerprints fingerprints_;
  std::vector<std::uint64_t> fingerprint_offsets_{0};  ///< those of text t are from [t] to [t + 1]
  RepeatWindows windows_;
  std::vector<std::uint64_t> window_offsets_{0};
  std::uint64_t all_windows_ = 0;
  // Of the text that is looked at:
  std::vector<text::WrittenWord> words_;
  std::vector<Windows> candidates_;  ///< windows of repeated fingerprints
  SpanResult result_;
};

SpanResult SpanSearch::run() && {
  collect_fingerprints();
  if (comm::all_reduce(comm_, fingerprints_.repeated(), comm::Reduction::max) == 0) return std::move(result_);
  compare_windows();
  collect_spans();
  return std::move(result_);
}

void SpanSearch::collect_fingerprints() {
  visit_([this](std::uint64_t, std::uint32_t, std::string_view text) {
    words_.clear();
    text::append_written_words(text, words_);
    result_.tokens += words_.size();
    for (const Fingerprint& fingerprint : winnowing_.fingerprints(words_)) {
      fingerprints_.add(fingerprint.hash, fingerprint.tied);
      all_windows_ += fingerprint.end_window - fingerprint.first_window;
    }
    fingerprint_offsets_.push_back(fingerprints_.size());
  });
  result_.fingerprints = fingerprints_.size();
  fingerprints_.find(comm_);
}

/// In so many rounds the windows stay in the budget, if repeated fingerprints have as many as all have on average.
std::uint64_t SpanSearch::rounds() const {
  if (fingerprints_.repeated() == 0) return 1;
  const std::uint64_t windows_each = all_windows_ / fingerprints_.size() + 1;
  const std::uint64_t bytes = fingerprints_.repeated() * windows_each * RepeatWindows::bytes_a_window;
  return bytes / std::max<std::uint64_t>(options_.memory_budget, 1) + 1;
}

void SpanSearch::compare_windows() {
  const std::uint64_t rounds = comm::all_reduce(comm_, this->rounds(), comm::Reduction::max);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    window_offsets_.assign(1, 0);
    windows_.begin_round(round, rounds);
    revisit(fingerprints_, fingerprint_offsets_, [this](const VisitedText& visited) {
      window_offsets_.resize(visited.number + 1, window_offsets_.back());
      window_hash_.begin(visited.text, words_);
      std::uint64_t count = window_offsets_.back();
      for (const Windows& windows : candidates_) {
        for (std::uint64_t w = windows.begin; w < windows.end; ++w)
          windows_.add(window_hash_.of(w), visited.id, visited.part);
        count += windows.end - windows.begin;
      }
      window_offsets_.push_back(count);
    });
    window_offsets_.resize(fingerprint_offsets_.size(), window_offsets_.back());
    windows_.end_round(comm_);
  }
  result_.windows = windows_.size();
}

void SpanSearch::collect_spans() {
  revisit(windows_, window_offsets_, [this](const VisitedText& visited) { add_spans(visited); });
}

/// Visits the texts again and calls use(text) for those of whose fingerprints or windows one is marked.
template <typename Marks, typename Use>
void SpanSearch::revisit(const Marks& marks, const std::vector<std::uint64_t>& offsets, Use use) {
  std::size_t number = 0;
  const std::size_t texts = fingerprint_offsets_.size() - 1;
  visit_([&](std::uint64_t id, std::uint32_t part, std::string_view text) {
    const VisitedText visited{id, part, text, number++};
    if (number > texts) return;
    bool any = false;
    for (std::uint64_t i = offsets[visited.number]; i < offsets[number] && !any; ++i) any = marks.is_marked(i);
    if (!any) return;
    read_again(visited);
    use(visited);
  });
  if (number != texts)
    throw Error(fmt::format("there were {} texts, now there are {}: were files changed?", texts, number));
}

/// Makes words_ and candidates_.
void SpanSearch::read_again(const VisitedText& visited) {
  words_.clear();
  candidates_.clear();
  text::append_written_words(visited.text, words_);
  const auto fingerprints = winnowing_.fingerprints(words_);
  const std::uint64_t offset = fingerprint_offsets_[visited.number];
  if (offset + fingerprints.size() != fingerprint_offsets_[visited.number + 1]) {
    throw Error(fmt::format("record {}, text {}: it is not the same when it is read again: were files changed?",
                            visited.id, visited.part));
  }
  for (std::size_t i = 0; i < fingerprints.size(); ++i) {
    const Fingerprint& fingerprint = fingerprints[i];
    if (fingerprints_.is_marked(offset + i)) candidates_.push_back({fingerprint.first_window, fingerprint.end_window});
  }
}

/// Spans are the rows of tokens that repeats cover.
void SpanSearch::add_spans(const VisitedText& visited) {
  std::uint64_t ordinal = window_offsets_[visited.number];
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  const auto finish = [&] {
    if (begin == end) return;
    result_.spans.push_back({visited.id, visited.part, words_[begin].begin, words_[end - 1].end, end - begin});
  };
  for (const Windows& windows : candidates_) {
    for (std::uint64_t w = windows.begin; w < windows.end; ++w) {
      if (!windows_.is_marked(ordinal++)) continue;
      if (w > end || begin == end) {
        finish();
        begin = w;
      }
      end = w + options_.tokens;
    }
  }
  finish();
}

}  // namespace

SpanResult repeated_spans(comm::Communicator& comm, const VisitTexts& texts, const SpanOptions& options) {
  if (options.tokens < 2) throw UsageError(fmt::format("repeated spans of {} tokens: at least 2", options.tokens));
  return SpanSearch(comm, texts, options).run();
}

}  // namespace farpoint::dedup
