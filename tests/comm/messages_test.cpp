// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "comm/sample.hpp"
#include "farpoint/base/error.hpp"
#include "farpoint/comm/collectives.hpp"
#include "mpi_world.hpp"

namespace farpoint::comm {
namespace {

TEST(Messages, ArriveInOrderWhateverTheirSize) {
  const std::vector<std::uint64_t> sizes{1, 0, 100'000, 3};
  if (world().rank() != 0) {
    for (const auto size : sizes) send(world(), std::span<const std::uint64_t>(values_of(world().rank(), size)), 0);
    return;
  }
  for (int source = 1; source < world().size(); ++source) {
    for (const auto size : sizes) {
      std::vector<std::uint64_t> values(size);

      receive(world(), std::span(values), source);

      EXPECT_EQ(values, values_of(source, size));
    }
  }
}

TEST(Messages, DoNotMixWithCollectiveCallsBetweenTheirTwoEnds) {
  const int last = world().size() - 1;
  if (last == 0) GTEST_SKIP() << "needs a second rank";
  const int text = world().rank();
  if (world().rank() == last) send(world(), std::span<const int>(&text, 1), 0);

  const auto gathered = gather(world(), std::span<const int>(&text, 1));

  if (world().rank() != 0) return;
  int received = -1;
  receive(world(), std::span(&received, 1), last);
  EXPECT_EQ(received, last);
  EXPECT_EQ(gathered.of(last).front(), last);
}

TEST(Messages, OfAnotherSizeThanExpectedAreAnError) {
  if (world().size() == 1) GTEST_SKIP() << "needs a second rank";
  const auto pair = world().split(world().rank() < 2 ? 0 : -1, 0);
  if (pair == nullptr) return;
  std::vector<int> values(3);

  if (pair->rank() == 1) {
    send(*pair, std::span<const int>(values).first(2), 0);
    send(*pair, std::span<const int>(values), 0);
  } else {
    EXPECT_THROW(receive(*pair, std::span(values), 1), Error) << "too short";
    EXPECT_THROW(receive(*pair, std::span(values).first(2), 1), Error) << "too long";
  }
}

TEST(Messages, ToOneselfOrToNobodyAreAnError) {
  int value = 0;

  EXPECT_THROW(send(world(), std::span<const int>(&value, 1), world().rank()), Error);
  EXPECT_THROW(receive(world(), std::span(&value, 1), world().size()), Error);
}

}  // namespace
}  // namespace farpoint::comm
