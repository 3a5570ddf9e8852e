// SPDX-License-Identifier: Apache-2.0
#include "boilerplate.hpp"

#include <initializer_list>

#include "ascii.hpp"

namespace farpoint::clean {

namespace {

bool contains_javascript(std::string_view letters) {
  constexpr std::string_view wanted = "javascript";
  for (std::size_t i = 0; i + wanted.size() <= letters.size(); ++i) {
    if (lowered(letters[i]) == 'j' && begins_ignoring_case(letters.substr(i), wanted)) return true;
  }
  return false;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings) {
    if (ends_ignoring_case(text, ending)) return true;
  }
  return false;
}

}  // namespace

Boilerplate boilerplate_at(std::string_view text, std::size_t begin, std::size_t end) {
  const std::string_view letters = text.substr(begin, end - begin);
  const std::string_view before = text.substr(0, begin);
  Boilerplate found;
  found.javascript = contains_javascript(letters);
  switch (lowered(letters.front())) {
    case 'i':
      found.lorem_ipsum = begins_ignoring_case(letters, "ipsum") && ends_ignoring_case(before, "lorem ");
      break;
    case 'u':
      found.policy = begins_ignoring_case(letters, "use") && ends_ignoring_case(before, "terms of ");
      break;
    case 'p':
      found.policy = begins_ignoring_case(letters, "policy") && ends_with_any(before, {"privacy ", "cookie "});
      break;
    case 'c':
      found.policy = begins_ignoring_case(letters, "cookies") && ends_with_any(before, {"uses ", "use of ", "use "});
      break;
    default:
      break;
  }
  return found;
}

}  // namespace farpoint::clean
