// SPDX-License-Identifier: Apache-2.0
#include "ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "surroundings.hpp"

namespace farpoint::clean {

namespace {

using Octets = std::array<unsigned, 4>;

/// The end of four octets without leading zeros.
std::optional<std::size_t> parse_ipv4(std::string_view text, std::size_t at, Octets& octets) {
  for (unsigned& octet : octets) {
    if (&octet != octets.data() && byte_at(text, at++) != '.') return {};
    const std::size_t digits = digits_at(text, at, 4);
    if (digits < 1 || digits > 3 || (digits > 1 && text[at] == '0')) return {};
    octet = 0;
    for (std::size_t end = at + digits; at < end; ++at) octet = octet * 10 + static_cast<unsigned>(text[at] - '0');
    if (octet > 255) return {};
  }
  return at;
}

/// RFC 6890: this network, loopback and link-local ones; multicast, reserved, masks. Also networks as a whole, x.y.0.0,
/// which are numbers of versions more often. Private addresses do name somebody's machine.
bool identifies_nobody(const Octets& ip) {
  return ip[0] == 0 || ip[0] == 127 || (ip[0] == 169 && ip[1] == 254) || ip[0] >= 224 || (ip[2] == 0 && ip[3] == 0);
}

/// "1.2.3.4 Results": the number of a section.
bool heads_section(std::string_view text, std::size_t begin, std::size_t end, const Octets& numbers) {
  constexpr unsigned most_sections = 32;
  return std::ranges::all_of(numbers, [](unsigned n) { return n < most_sections; }) && is_at_line_start(text, begin) &&
         byte_at(text, end) == ' ' && (is_letter(byte_at(text, end + 1)) || byte_at(text, end + 1) < 0);
}

bool may_begin_ipv4(std::string_view text, std::size_t at) {
  if (!is_free_before(text, at)) return false;
  const char before = byte_at(text, at - 1);
  if (before == '.') return false;
  // "Chrome/1.2.3.4", "package-1.2.3.4", "-1.2.3.4"
  return (before != '/' && before != '-') || !is_word(byte_at(text, at - 2));
}

bool may_end_ipv4(std::string_view text, std::size_t at) {
  if (!is_free_behind(text, at)) return false;
  const char behind = byte_at(text, at);
  if (behind == '.') return !is_alphanumeric(byte_at(text, at + 1));
  return behind != '-' || !is_letter(byte_at(text, at + 1));
}

bool is_hexadecimal(char c) {
  return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/// Addresses in use begin with four digits, and are from few ranges; times, slices (`1::2`) and scopes (`a::b`) are
/// not.
bool is_address_of_somebody(const in6_addr& address, std::string_view written) {
  const std::uint8_t* bytes = address.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address) && written.find('.') != written.npos) {
    return !identifies_nobody({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  const bool global = (bytes[0] & 0xe0U) == 0x20;
  const bool unique_local = (bytes[0] & 0xfeU) == 0xfc;
  const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0U) == 0x80;
  return written.find(':') == 4 && (global || unique_local || link_local) && std::ranges::any_of(written, is_digit);
}

/// `rows[2000::100]`
bool is_slice(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view written = text.substr(begin, end - begin);
  return byte_at(text, begin - 1) == '[' && byte_at(text, end) == ']' &&
         std::ranges::count_if(written, is_digit) + 2 == static_cast<std::ptrdiff_t>(written.size());
}

}  // namespace

std::optional<Span> find_ipv4(std::string_view text, std::size_t at) {
  Octets octets{};
  const auto end = parse_ipv4(text, at, octets);
  if (!end || identifies_nobody(octets) || !may_begin_ipv4(text, at) || !may_end_ipv4(text, *end)) return {};
  if (is_behind_version_word(text, at) || heads_section(text, at, *end, octets)) return {};
  return Span{at, *end};
}

std::optional<Span> Ipv6Finder::find(std::string_view text, std::size_t colon, std::size_t floor) {
  if (colon < examined_) return {};
  std::size_t begin = colon;
  while (begin > floor && colon - begin < 5 && is_hexadecimal(text[begin - 1])) --begin;
  std::size_t end = colon;
  std::size_t colons = 0;
  for (; is_hexadecimal(byte_at(text, end)) || byte_at(text, end) == ':' || byte_at(text, end) == '.'; ++end) {
    colons += text[end] == ':' ? 1 : 0;
  }
  examined_ = end;
  while (end > colon && (text[end - 1] == '.' || (text[end - 1] == ':' && byte_at(text, end - 2) != ':'))) --end;
  constexpr std::size_t longest = INET6_ADDRSTRLEN - 1;
  if (colons < 2 || colon - begin > 4 || end - begin > longest) return {};
  if (!is_free_before(text, begin) || !is_free_behind(text, end)) return {};
  std::array<char, INET6_ADDRSTRLEN> written{};
  std::ranges::copy(text.substr(begin, end - begin), written.begin());
  in6_addr address{};
  if (inet_pton(AF_INET6, written.data(), &address) != 1) return {};
  if (!is_address_of_somebody(address, text.substr(begin, end - begin)) || is_slice(text, begin, end)) return {};
  return Span{begin, end};
}

}  // namespace farpoint::clean
