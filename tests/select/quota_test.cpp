// SPDX-License-Identifier: Apache-2.0
#include "farpoint/select/quota.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "farpoint/base/error.hpp"

namespace farpoint::select {
namespace {

using Numbers = std::vector<std::uint64_t>;

std::vector<LabelQuota> with_candidates(const Numbers& candidates) {
  std::vector<LabelQuota> labels;
  for (const std::uint64_t count : candidates)
    labels.push_back({std::string(1, static_cast<char>('a' + labels.size() % 26)), count, {}, {}, {}});
  return labels;
}

Numbers most_of(const Quotas& quotas) {
  Numbers most;
  for (const auto& label : quotas.labels) most.push_back(label.most);
  return most;
}

std::uint64_t sum(const Numbers& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

std::string error_of(const std::vector<LabelQuota>& labels, std::optional<std::uint64_t> records,
                     std::optional<double> temperature = {}) {
  try {
    make_quotas(labels, records, temperature);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Quotas, LimitOnlyWhatIsNamed) {
  auto labels = with_candidates({10, 20, 30});
  labels[0].most = 4;
  labels[2].least = 7;

  const auto quotas = make_quotas(labels, {});

  EXPECT_EQ(most_of(quotas), (Numbers{4, Limits::no_limit, Limits::no_limit}));
  EXPECT_EQ(quotas.labels[1].least, 0);
  EXPECT_EQ(quotas.labels[2].least, 7);
  EXPECT_TRUE(quotas.unmet.empty());
}

TEST(Quotas, ReportMinimaAboveTheCandidates) {
  auto labels = with_candidates({10, 20, 30});
  labels[1].least = 21;
  labels[2].least = 30;

  const auto quotas = make_quotas(labels, 100);

  EXPECT_EQ(quotas.unmet, std::vector<std::size_t>{1});
  EXPECT_EQ(quotas.labels[1].least, 20);
}

TEST(Quotas, SharesAreExact) {
  auto labels = with_candidates({1000, 1000, 300, 100});
  labels[0].share = 0.5;
  labels[1].share = 0.25;

  // The other two divide a quarter three to one.
  EXPECT_EQ(most_of(make_quotas(labels, 100)), (Numbers{50, 25, 19, 6}));
  EXPECT_EQ(most_of(make_quotas(labels, 16)), (Numbers{8, 4, 3, 1}));
}

TEST(Quotas, FractionsGoToTheLargestRemainder) {
  auto labels = with_candidates({100, 100, 100});
  for (auto& label : labels) label.share = 1.0 / 3;

  EXPECT_EQ(most_of(make_quotas(labels, 10)), (Numbers{4, 3, 3}));
  EXPECT_EQ(most_of(make_quotas(labels, 11)), (Numbers{4, 4, 3}));
}

TEST(Quotas, OfDecimalSharesThatSumToOneLeaveNothing) {
  auto labels = with_candidates({100, 100, 100, 100});
  labels[0].share = 0.1;
  labels[1].share = 0.2;
  labels[2].share = 0.7;

  EXPECT_EQ(most_of(make_quotas(labels, 10)), (Numbers{1, 2, 7, 0}));
}

TEST(Quotas, GiveWhatALabelLacksToTheOthers) {
  auto labels = with_candidates({5, 100, 100});
  labels[0].share = 0.5;
  labels[1].share = 0.3;
  labels[2].share = 0.2;

  EXPECT_EQ(most_of(make_quotas(labels, 55)), (Numbers{5, 30, 20}));
  EXPECT_EQ(most_of(make_quotas(labels, 300)), (Numbers{5, 100, 100}));
}

TEST(Quotas, WithAShareOfZeroTakeNothing) {
  auto labels = with_candidates({50, 10});
  labels[0].share = 0;

  EXPECT_EQ(most_of(make_quotas(labels, 40)), (Numbers{0, 10}));
}

TEST(Quotas, HeatedLevelTheLabels) {
  const auto labels = with_candidates({10'000, 100});

  EXPECT_EQ(most_of(make_quotas(labels, 101, 1.0)), (Numbers{100, 1}));
  EXPECT_EQ(most_of(make_quotas(labels, 110, 2.0)), (Numbers{100, 10}));
  EXPECT_EQ(most_of(make_quotas(labels, 110, std::numeric_limits<double>::infinity())), (Numbers{55, 55}));
  EXPECT_EQ(most_of(make_quotas(labels, 500, std::numeric_limits<double>::infinity())), (Numbers{400, 100}));
  EXPECT_EQ(most_of(make_quotas(labels, 101, 0.001)), (Numbers{101, 0}));
  EXPECT_EQ(most_of(make_quotas(labels, 10'050, 0.001)), (Numbers{10'000, 50}));
}

TEST(Quotas, MaximaAndMinimaBindAllotments) {
  auto labels = with_candidates({1000, 1000, 1000, 1000});
  labels[0].most = 10;
  labels[1].least = 50;

  const auto quotas = make_quotas(labels, 100, 1.0);

  EXPECT_EQ(most_of(quotas), (Numbers{10, 50, 20, 20}));
  EXPECT_EQ(quotas.labels[1].least, 50);
}

TEST(Quotas, SayWhatIsWrong) {
  using testing::HasSubstr;
  auto labels = with_candidates({10, 10});
  EXPECT_THAT(error_of(labels, {}, 2.0), HasSubstr("set the budget to records or a fraction"));
  EXPECT_THAT(error_of(labels, 10, 0.0), HasSubstr("not at 0"));
  EXPECT_THAT(error_of(labels, 10, std::nan("")), HasSubstr("not at nan"));
  labels[1].share = 1.5;
  EXPECT_THAT(error_of(labels, 10), AllOf(HasSubstr("'b'"), HasSubstr("1.5")));
  labels[1].share = std::nan("");
  EXPECT_THAT(error_of(labels, 10), HasSubstr("'b'"));
  labels[1].share = 0.75;
  EXPECT_THAT(error_of(labels, {}), HasSubstr("set the budget to records or a fraction"));
  labels[0].share = 0.5;
  EXPECT_THAT(error_of(labels, 10), HasSubstr("sum to 1.25"));
  labels = with_candidates({10, 10});
  labels[1].least = 5;
  labels[1].most = 4;
  EXPECT_THAT(error_of(labels, {}), AllOf(HasSubstr("'b'"), HasSubstr("minimum of 5"), HasSubstr("maximum of 4")));
  labels[1].most = {};
  labels[0].least = 6;
  EXPECT_THAT(error_of(labels, 10), AllOf(HasSubstr("'b'"), HasSubstr("10 records"), HasSubstr("leave 4 of its 5")));
  EXPECT_EQ(error_of(labels, 11), "no error");
}

std::vector<LabelQuota> any_labels() {
  auto labels = with_candidates(*rc::gen::container<Numbers>(rc::gen::inRange<std::uint64_t>(0, 200)));
  double left = 1;
  for (auto& label : labels) {
    if (*rc::gen::inRange(0, 3) == 0) label.most = *rc::gen::inRange<std::uint64_t>(0, 120);
    if (*rc::gen::inRange(0, 3) == 0) {
      label.least = *rc::gen::inRange<std::uint64_t>(0, std::min<std::uint64_t>(label.most.value_or(40), 40) + 1);
    }
    if (*rc::gen::inRange(0, 3) == 0) {
      label.share = left * *rc::gen::element(0.0, 0.1, 0.25, 0.5, 1.0);
      left -= *label.share;
    }
  }
  return labels;
}

std::uint64_t sum_of_minima(const std::vector<LabelQuota>& labels) {
  std::uint64_t minima = 0;
  for (const auto& label : labels) minima += label.least.value_or(0);
  return minima;
}

RC_GTEST_PROP(QuotasProperty, SumToTheRecordsWithinTheirBounds, ()) {
  const auto labels = any_labels();
  const std::uint64_t records = sum_of_minima(labels) + *rc::gen::inRange<std::uint64_t>(0, 1000);
  const auto quotas = make_quotas(labels, records, *rc::gen::element(0.5, 1.0, 3.0, 100.0));

  std::uint64_t room = 0;
  double others = 0;
  double shares = 0;
  for (const auto& label : labels) {
    shares += label.share.value_or(0);
    if (!label.share) others += static_cast<double>(label.candidates);
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint64_t most = std::min(labels[i].most.value_or(Limits::no_limit), labels[i].candidates);
    const std::uint64_t least = std::min(labels[i].least.value_or(0), labels[i].candidates);
    const bool takes_part = labels[i].share ? *labels[i].share > 0 : shares < 1 - 1e-9 && others > 0;
    RC_ASSERT(quotas.labels[i].most <= most);
    RC_ASSERT(quotas.labels[i].most >= least);
    RC_ASSERT(quotas.labels[i].least == least);
    room += takes_part ? most : least;
  }
  RC_ASSERT(sum(most_of(quotas)) == std::min(records, room));
}

RC_GTEST_PROP(QuotasProperty, MoreCandidatesNeverGetLess, ()) {
  const auto labels = with_candidates(*rc::gen::container<Numbers>(rc::gen::inRange<std::uint64_t>(0, 200)));
  const auto most =
      most_of(make_quotas(labels, *rc::gen::inRange<std::uint64_t>(0, 3000), *rc::gen::element(1.0, 2.0, 5.0)));

  for (std::size_t a = 0; a < labels.size(); ++a) {
    for (std::size_t b = 0; b < labels.size(); ++b) {
      if (labels[a].candidates > labels[b].candidates) RC_ASSERT(most[a] >= most[b]);
    }
  }
}

RC_GTEST_PROP(QuotasProperty, DoNotDependOnTheOrderOfLabels, ()) {
  // Without two labels alike, whose order settles ties.
  auto labels = with_candidates(*rc::gen::unique<Numbers>(rc::gen::inRange<std::uint64_t>(1, 1000)));
  const std::uint64_t records = *rc::gen::inRange<std::uint64_t>(0, 3000);
  const auto forwards = most_of(make_quotas(labels, records, 3.0));

  std::reverse(labels.begin(), labels.end());
  auto backwards = most_of(make_quotas(labels, records, 3.0));
  std::reverse(backwards.begin(), backwards.end());

  RC_ASSERT(forwards == backwards);
}

}  // namespace
}  // namespace farpoint::select
