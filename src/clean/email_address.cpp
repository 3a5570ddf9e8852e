// SPDX-License-Identifier: Apache-2.0
#include "email_address.hpp"

#include <algorithm>
#include <array>

namespace farpoint::clean {

namespace {

// RFC 5321, section 4.5.3.1
constexpr std::size_t longest_local_part = 64;
constexpr std::size_t longest_domain = 255;
constexpr std::size_t longest_label = 63;

bool is_local(char c) {
  return is_word(c) || c == '.' || c == '-' || c == '+' || c == '%';
}

/// Where the local part begins that ends at `at`; `at` itself if there is none.
std::size_t local_part_begin(std::string_view text, std::size_t at, std::size_t floor) {
  std::size_t begin = at;
  while (begin > floor && is_local(text[begin - 1]) && !(text[begin - 1] == '.' && byte_at(text, begin) == '.')) {
    --begin;
    if (at - begin > longest_local_part) return at;
  }
  while (begin < at && !is_word(text[begin])) ++begin;
  return begin;
}

/// A name that a machine may have, but no network: `icon@2x.png`.
bool is_file_extension(std::string_view label) {
  static constexpr std::array<std::string_view, 14> extensions{"png", "jpg",  "jpeg", "gif", "svg", "webp", "css",
                                                               "pdf", "html", "json", "txt", "zip", "tar",  "exe"};
  return std::ranges::find(extensions, label) != extensions.end();
}

/// The end of the domain at `begin` and where its last label begins.
struct Domain {
  std::size_t end = 0;
  std::size_t last_label = 0;
};

std::optional<Domain> domain_at(std::string_view text, std::size_t begin) {
  Domain domain;
  for (std::size_t label = begin;;) {
    std::size_t end = label;
    while (is_alphanumeric(byte_at(text, end)) || byte_at(text, end) == '-') {
      if (++end - label > longest_label) return {};
    }
    while (end > label && text[end - 1] == '-') --end;
    if (end == label || text[label] == '-') break;
    domain = {end, label};
    if (end - begin > longest_domain) return {};
    if (byte_at(text, end) != '.') break;
    label = end + 1;
  }
  if (domain.last_label <= begin) return {};
  return domain;
}

bool is_top_level(std::string_view label) {
  if (label.starts_with("xn--")) return label.size() > 4;
  constexpr std::size_t longest = 24;
  return label.size() >= 2 && label.size() <= longest && std::ranges::all_of(label, is_letter) &&
         !is_file_extension(label);
}

/// `user@host.org:path`, as scp and git write it: what follows the colon has a slash, or ends with .git.
bool is_before_path(std::string_view text, std::size_t colon) {
  constexpr std::size_t farthest = 256;
  for (std::size_t i = colon + 1; i < text.size() && i - colon <= farthest && text[i] > ' '; ++i) {
    if (text[i] == '/' || text[i] == '~') return true;
    if (text[i] == '.' && text.substr(i).starts_with(".git")) return true;
  }
  return false;
}

/// `a@b.method(`: in addresses, a parenthesis follows only what is surely a domain.
bool is_method_call(std::string_view text, const Domain& domain) {
  static constexpr std::array<std::string_view, 6> common{"com", "org", "net", "edu", "gov", "info"};
  const std::string_view last = text.substr(domain.last_label, domain.end - domain.last_label);
  return byte_at(text, domain.end) == '(' && last.size() != 2 && std::ranges::find(common, last) == common.end();
}

}  // namespace

std::optional<Span> find_email(std::string_view text, std::size_t at, std::size_t floor) {
  const std::size_t begin = local_part_begin(text, at, floor);
  if (begin == at || text[at - 1] == '.') return {};
  // Handles of federated networks, and users in URLs.
  if (begin > 0 && (text[begin - 1] == '@' || text.substr(0, begin).ends_with("//"))) return {};
  const auto domain = domain_at(text, at + 1);
  if (!domain || !is_top_level(text.substr(domain->last_label, domain->end - domain->last_label))) return {};
  const char behind = byte_at(text, domain->end);
  if (behind == '@' || behind == '_' || is_method_call(text, *domain)) return {};
  if (behind == ':' && (text.substr(begin, at - begin) == "git" || is_before_path(text, domain->end))) return {};
  return Span{begin, domain->end};
}

std::optional<Span> find_email_of_number(std::string_view text, Span number, std::size_t floor) {
  std::size_t at = number.end;
  while (is_local(byte_at(text, at)) && at - number.begin <= longest_local_part) ++at;
  if (byte_at(text, at) != '@') return {};
  auto email = find_email(text, at, floor);
  if (email && email->begin >= number.end) return {};
  return email;
}

}  // namespace farpoint::clean
