// SPDX-License-Identifier: Apache-2.0
// Question: do the rules that rewrite texts keep up with a corpus? Wanted: several hundred MB/s each on one core, so
// that all of cleaning stays above 25 MB/s. Method: 1,000 made-up texts of about 4 KB: English prose, source code,
// pages of HTML (a third markup), Chinese; bytes of UTF-8 per second of CPU.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "farpoint/base/random.hpp"
#include "farpoint/clean/html.hpp"
#include "farpoint/clean/unicode.hpp"
#include "farpoint/clean/white_space.hpp"

namespace {

using namespace farpoint::clean;

constexpr std::size_t texts = 1000;
constexpr std::size_t text_bytes = 4000;

std::uint64_t below(std::uint64_t end, std::uint64_t stream, std::uint64_t counter) {
  return farpoint::random_bits(1, stream, counter) % end;
}

std::string word(std::uint64_t stream, std::uint64_t counter) {
  std::string letters;
  const std::uint64_t length = 2 + below(8, stream, counter);
  for (std::uint64_t i = 0; i < length; ++i) letters += static_cast<char>('a' + below(26, counter % 1000, i));
  return letters;
}

struct English {
  static std::string piece(std::uint64_t stream, std::uint64_t i) {
    return word(stream, i) + (i % 120 == 119 ? ".\n\n" : i % 12 == 11 ? ", " : " ");
  }
};

/// As on the web: a few characters are not ASCII, so that no text is.
struct WebEnglish {
  static std::string piece(std::uint64_t stream, std::uint64_t i) {
    return i % 40 == 39 ? "it’s “" + word(stream, i) + "” – " : English::piece(stream, i);
  }
};

struct Code {
  static std::string piece(std::uint64_t stream, std::uint64_t i) {
    const std::string indent((i / 7 % 4) * 4, ' ');
    return indent + "if (" + word(stream, i) + " < " + word(stream, i + 1) + " && x) {\n" + indent + "    " +
           word(stream, i + 2) + "();\n" + indent + "}\n";
  }
};

struct Page {
  static std::string piece(std::uint64_t stream, std::uint64_t i) {
    std::string text;
    for (std::uint64_t k = 0; k < 8; ++k) text += word(stream, 8 * i + k) + " ";
    switch (i % 4) {
      case 0:
        return "<p class=\"text\">" + text + "&amp; " + text + "</p>\n";
      case 1:
        return "  <li><a href=\"https://example.org/page?id=7\">" + text + "</a></li>\n";
      case 2:
        return "<div id=\"d\"><b>" + text + "</b> &ndash; " + text + "<br/></div>\n";
      default:
        return text + "<!-- " + text + " -->" + text + "\n";
    }
  }
};

struct Chinese {
  static std::string piece(std::uint64_t stream, std::uint64_t i) {
    if (i % 12 == 11) return i % 96 == 95 ? "。\n" : "，";
    const auto code_point = static_cast<unsigned>(0x4e00 + below(4000, stream, i));
    return {static_cast<char>(0xe0 | code_point >> 12), static_cast<char>(0x80 | (code_point >> 6 & 0x3f)),
            static_cast<char>(0x80 | (code_point & 0x3f))};
  }
};

bool html(const std::string& text, std::string& out) {
  return strip_html(text, out);
}
bool nfc(const std::string& text, std::string& out) {
  return normalize_unicode(text, NormalForm::nfc, out);
}
bool nfkc(const std::string& text, std::string& out) {
  return normalize_unicode(text, NormalForm::nfkc, out);
}
bool spaces(const std::string& text, std::string& out) {
  return tidy_white_space(text, out);
}

template <typename Language, bool (*rule)(const std::string&, std::string&)>
void apply(benchmark::State& state) {
  std::vector<std::string> all(texts);
  std::int64_t bytes = 0;
  for (std::uint64_t i = 0; i < texts; ++i) {
    for (std::uint64_t k = 0; all[i].size() < text_bytes; ++k) all[i] += Language::piece(i, k);
    bytes += static_cast<std::int64_t>(all[i].size());
  }
  std::int64_t changed = 0;
  std::string out;

  for (auto _ : state) {
    changed = 0;
    for (const std::string& text : all) changed += rule(text, out) ? 1 : 0;
    benchmark::DoNotOptimize(out.data());
  }

  state.SetBytesProcessed(state.iterations() * bytes);
  state.counters["changed"] = static_cast<double>(changed);
}

BENCHMARK(apply<English, html>);
BENCHMARK(apply<WebEnglish, html>);
BENCHMARK(apply<Code, html>);
BENCHMARK(apply<Page, html>);
BENCHMARK(apply<Chinese, html>);
BENCHMARK(apply<English, nfc>);
BENCHMARK(apply<WebEnglish, nfc>);
BENCHMARK(apply<WebEnglish, nfkc>);
BENCHMARK(apply<Page, nfc>);
BENCHMARK(apply<Chinese, nfc>);
BENCHMARK(apply<Chinese, nfkc>);
BENCHMARK(apply<English, spaces>);
BENCHMARK(apply<WebEnglish, spaces>);
BENCHMARK(apply<Code, spaces>);
BENCHMARK(apply<Page, spaces>);
BENCHMARK(apply<Chinese, spaces>);

}  // namespace
