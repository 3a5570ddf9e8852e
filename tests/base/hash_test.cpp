// SPDX-License-Identifier: Apache-2.0
#include "farpoint/base/hash.hpp"

#include <gtest/gtest.h>

namespace farpoint {
namespace {

TEST(Hash, ValuesAreFixed) {
  // XXH3 of no bytes, as its specification lists it: stored fingerprints must stay valid.
  EXPECT_EQ(hash128("").hex(), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(hash64(""), 0x2d06800538d394c2ULL);
}

TEST(Hasher, FieldsDoNotRunTogether) {
  const auto one = Hasher().add("ab").add("c").digest();
  const auto other = Hasher().add("a").add("bc").digest();
  EXPECT_NE(one, other);
  EXPECT_EQ(one, Hasher().add("ab").add("c").digest());
}

TEST(Hasher, RawBytesMayComeInPieces) {
  EXPECT_EQ(Hasher().add_raw("ab").add_raw("c").digest(), Hasher().add_raw("abc").digest());
  EXPECT_EQ(Hasher().add_raw("abc").digest(), hash128("abc"));
}

}  // namespace
}  // namespace farpoint
