// SPDX-License-Identifier: Apache-2.0
#include "farpoint/text/beginning.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace farpoint::text {
namespace {

RC_GTEST_PROP(Beginning, is_a_whole_number_of_characters, ()) {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{"a", "é", "漢", "😀", "\n"});
  const auto pieces = *rc::gen::container<std::vector<std::string>>(piece);
  const auto count = *rc::gen::inRange<std::size_t>(0, 20);
  std::string text, expected;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    text += pieces[i];
    if (i < count) expected += pieces[i];
  }
  RC_ASSERT(beginning(text, count) == expected);
}

}  // namespace
}  // namespace farpoint::text
