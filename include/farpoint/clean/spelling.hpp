// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace farpoint::clean {

/// The two files of a Hunspell dictionary.
struct SpellingDictionary {
  std::filesystem::path affixes;  ///< .aff
  std::filesystem::path words;    ///< .dic

  /// The dictionary for a language code, in the first folder that has one. "en_GB" or "en-GB" means that one alone;
  /// "en" any of the language: en, else en_US, else one named like "de_DE", else the first by name. Throws UsageError
  /// for what is no language code.
  static std::optional<SpellingDictionary> find(std::string_view code, std::span<const std::filesystem::path> folders);
  /// Where dictionaries usually are: the folders of $DICPATH, /usr/share/hunspell, /usr/share/myspell/dicts.
  static std::vector<std::filesystem::path> usual_folders();
};

/// How many of a text's words no dictionary knows. What is checked: runs of 2 to 40 Latin letters, apostrophes within
/// included ("don't"). What is not: words in capitals or with capitals inside ("NASA", "iPhone"), words with digits or
/// underscores, addresses, paths, code in backticks, and other scripts.
class Spelling {
 public:
  static constexpr std::size_t fewest_words = 5;

  /// A word is known if it is in the dictionary of any of `languages`, which are looked for in `folder`, or in the
  /// usual folders when it is empty. Takes some 10 MB and 50 ms a dictionary. Throws UsageError that says where it
  /// looked and what to install when a language has none, Error for a file that is no dictionary.
  explicit Spelling(std::span<const std::string> languages, const std::filesystem::path& folder = {});
  ~Spelling();
  Spelling(Spelling&&) noexcept;

  /// From 0 to 1; NaN where fewer than five words can be checked. Thread-safe: verdicts are kept in a table of bounded
  /// size that all threads share, and Hunspell is asked by one thread at a time, about once for each distinct word. The
  /// table knows words by 63 bits of their hash.
  double unknown_share(std::string_view utf8) const;

  /// The files that verdicts depend on, in the order of the languages.
  const std::vector<SpellingDictionary>& dictionaries() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace farpoint::clean
