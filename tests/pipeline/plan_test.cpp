// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/plan.hpp"

#include <gtest/gtest.h>

#include "jobs.hpp"

namespace farpoint::pipeline {
namespace {

Config config_of(const std::string& pipeline, const std::string& pool = "{path: a.jsonl}") {
  return read_config(parse_yaml("corpus: {pool: [" + pool + "]}\npipeline: " + pipeline + "\n", "c.yaml"), "/folder");
}

std::string plan_complaint(const std::string& pipeline, const std::string& pool = "{path: a.jsonl}") {
  try {
    make_plan(config_of(pipeline, pool), jobs::all_jobs());
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(Plan, ResolvesColumnsToStages) {
  const auto plan = make_plan(
      config_of("[{embed: {as: a}}, {embed: {as: b, text: prompt}}, {select: {vectors: a, budget: {records: 3}}}]"),
      jobs::all_jobs());
  ASSERT_EQ(plan.groups.size(), 3U);
  const auto& select = plan.groups[2][0];
  EXPECT_EQ(select.folder(), "03-select");
  EXPECT_EQ(plan.groups[1][0].folder(), "02-embed-b");
  EXPECT_EQ(select.column_from[0].at("b"), 2U);
  EXPECT_TRUE(select.column_from[1].empty());  // no curated records, no columns of theirs
  EXPECT_EQ(select.ids_from, ingest_stage);
}

TEST(Plan, KnowsWhichStagesHaveChangedTheRecords) {
  const auto plan =
      make_plan(config_of("[{clean: {min_words: 2}}, {embed: {as: a}}, {dedup: {exact: true}}, {profile: {}}, "
                          "{clean: {html: strip}}, {profile: {path: again.json}}]"),
                jobs::all_jobs());
  const auto before = [&](std::size_t stage) { return plan.find(stage)->changed_by; };
  EXPECT_EQ(before(1), std::vector<std::size_t>{});
  EXPECT_EQ(before(4), (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(before(6), (std::vector<std::size_t>{1, 3, 5}));
  // Whether it rewrites hangs on its options.
  EXPECT_EQ(plan.find(6)->rewritten_by, std::vector<std::size_t>{5});
}

TEST(Plan, CuratedColumnsComeFromWhereTheyAreMade) {
  const auto plan = [](const std::string& curated) {
    const auto text =
        "corpus: {pool: [{path: a.jsonl}], curated: [" + curated +
        "]}\npipeline: [{embed: {as: v}}, {select: {vectors: v, curated: start, budget: {records: 3}}}]\n";
    return make_plan(read_config(parse_yaml(text, "c.yaml"), "/folder"), jobs::all_jobs());
  };
  EXPECT_EQ(plan("{path: b.jsonl}").end.column_from[1].at("v"), 1U);
  const auto vectors = plan("{path: b.npy, as: v}");
  EXPECT_EQ(vectors.end.column_from[0].at("v"), 1U);
  EXPECT_EQ(vectors.end.column_from[1].at("v"), ingest_stage);
  ASSERT_EQ(vectors.end.columns.size(), 1U);
  EXPECT_TRUE(vectors.end.columns[0].in_pool && vectors.end.columns[0].in_curated);
  EXPECT_TRUE(vectors.end.columns[0].unit_length);
  EXPECT_FALSE(vectors.end.columns[0].curated_unit_length);
  EXPECT_THROW(plan("{path: b.npy, as: w}"), ConfigError);
}

constexpr const char* curated_texts = "curated: [{path: b.jsonl}]";
constexpr const char* both = "curated: [{path: b.jsonl}], labelled: [{path: l.jsonl}]";

/// What the jobs of a plan treat beside the pool: "embed+curated embed classify".
std::string treated(const std::string& others, const std::string& pipeline, const std::string& until = "") {
  const auto text = "corpus: {pool: [{path: a.jsonl}], " + others + "}\npipeline: " + pipeline + "\n";
  const auto plan = make_plan(read_config(parse_yaml(text, "c.yaml"), "/folder"), jobs::all_jobs(), until);
  std::string all;
  for (const auto& group : plan.groups) {
    for (const auto& planned : group) {
      all += all.empty() ? planned.name : " " + planned.name;
      if (planned.treats[index_of(Population::curated)]) all += "+curated";
      if (planned.treats[index_of(Population::labelled)]) all += "+labelled";
    }
  }
  return all;
}

TEST(Plan, CuratedAndLabelledRecordsAreTreatedAsFarAsJobsUseThem) {
  EXPECT_EQ(treated(both,
                    "[{clean: {html: strip}}, {embed: {as: a}}, {embed: {as: b}}, {embed: {as: c}}, "
                    "{contrast: {vectors: a, as: like}}, {classify: {vectors: b, as: good, positive: good}}]"),
            "clean+curated+labelled embed+curated embed+labelled embed contrast classify");
  // `select` reads its column of the pool alone, unless it starts from the curated records.
  const std::string vectors = "{embed: {as: a}}, {contrast: {vectors: a, as: like}}, {embed: {as: b}}";
  EXPECT_EQ(treated(curated_texts, "[" + vectors + ", {select: {vectors: b, budget: {records: 3}}}]"),
            "embed+curated contrast embed select");
  EXPECT_EQ(treated(curated_texts, "[" + vectors + ", {select: {vectors: b, curated: start, budget: {records: 3}}}]"),
            "embed+curated contrast embed+curated select");
  // Vectors that are there already are not made.
  EXPECT_EQ(treated("curated: [{path: b.npy, as: v}]", "[{embed: {as: v}}, {contrast: {vectors: v, as: like}}]"),
            "embed contrast");
}

TEST(Plan, RecordsThatNoJobUsesAreTreatedByAllThatCan) {
  EXPECT_EQ(treated(both, "[{embed: {as: a}}, {embed: {as: b}}]"), "embed+curated+labelled embed+curated+labelled");
}

TEST(Plan, JobsBehindUntilUseRecordsToo) {
  const std::string vectors = "[{embed: {as: a}}, {embed: {as: b}}, {contrast: {vectors: a, as: like}}";
  EXPECT_EQ(treated(curated_texts, vectors + ", {filter: {keep: {like: {min: 0}}}}]", "contrast"),
            "embed+curated embed contrast");
  EXPECT_EQ(treated(curated_texts,
                    "[{embed: {as: a}}, {filter: {keep: {}}}, {embed: {as: b}}, "
                    "{contrast: {vectors: b, as: like}}]",
                    "filter"),
            "embed filter");
  // What cannot be planned yet may use anything.
  EXPECT_EQ(treated(curated_texts, vectors + ", {attach: {path: none.npy, as: c}}]", "contrast"),
            "embed+curated embed+curated contrast");
}

TEST(Plan, VectorSourcesAreColumns) {
  const auto plan =
      make_plan(config_of("[{select: {vectors: v, budget: {records: 3}}}]", "{path: a.npy, format: npy, as: v}"),
                jobs::all_jobs());
  EXPECT_EQ(plan.groups[0][0].column_from[0].at("v"), ingest_stage);
}

TEST(Plan, ImpossibleOrders) {
  EXPECT_NE(plan_complaint("[{select: {vectors: emb, budget: {records: 3}}}, {embed: {}}]")
                .find("'emb', which does not exist"),
            std::string::npos);
  EXPECT_EQ(plan_complaint("[{embed: {}}, {filter: {keep: {scroe: {min: 1}}}}]").rfind("c.yaml:2:42: ", 0), 0U);
  EXPECT_NE(plan_complaint("[{embed: {}}, {embed: {}}]")
                .find("c.yaml:2:26: 'embed' writes the column 'emb', which exists already"),
            std::string::npos);
  EXPECT_EQ(plan_complaint("[{embed: {as: v}}, {embed: {as: v}}]").rfind("c.yaml:2:43: ", 0), 0U);
  EXPECT_NE(plan_complaint("[{embed: {}}, {filter: {keep: {emb: {min: 1}}}}]").find("holds vectors"),
            std::string::npos);
  EXPECT_NE(plan_complaint("[{parallel: [{embed: {}}, {select: {vectors: emb, budget: {records: 1}}}]}]")
                .find("does not exist"),
            std::string::npos);
  EXPECT_NE(plan_complaint("[{parallel: [{embed: {}}, {export: {path: x}}]}]").find("cannot stand inside 'parallel'"),
            std::string::npos);
  EXPECT_NE(plan_complaint("[{embed: {}}]", "{path: a.npy, format: npy, as: v}").find("holds only vectors"),
            std::string::npos);
  EXPECT_NE(plan_complaint("[]", "{path: a.npy, format: npy, as: v}, {path: b.jsonl}").find("all sources must be"),
            std::string::npos);
  EXPECT_NE(
      plan_complaint("[{select: {vectors: emb, curated: start, budget: {records: 3}}}]").find("needs curated records"),
      std::string::npos);
}

TEST(Plan, ExportsHaveNamesOfTheirOwn) {
  EXPECT_EQ(plan_complaint("[{export: {path: ./summary.json}}]"),
            "c.yaml:2:28: 'export.path': 'farpoint-run/summary.json' belongs to the run itself; choose another name");
  EXPECT_NE(plan_complaint("[{export: {path: ../farpoint-run/subset.h5}}]").find("belongs to the run"),
            std::string::npos);
  EXPECT_NE(plan_complaint("[{export: {path: sub/}}]").find("c.yaml:2:28: "), std::string::npos);
  EXPECT_EQ(plan_complaint("[{export: {path: ../x.jsonl}}, {export: {path: /tmp/x.jsonl}}]"), "");
  EXPECT_EQ(plan_complaint("[{export: {path: a.jsonl}}, {export: {format: alpaca, path: ./a.jsonl}}]"),
            "c.yaml:2:71: 'export' writes 'a.jsonl', but the 'export' before it writes 'a.jsonl'; choose another name");
  EXPECT_NE(plan_complaint("[{export: {path: a/b}}, {export: {path: a}}]").find("choose another name"),
            std::string::npos);
  EXPECT_EQ(plan_complaint("[{export: {path: a.jsonl}}, {export: {path: a/b.jsonl}}, {export: {path: b.jsonl}}]"), "");
}

TEST(Plan, VectorsHaveNoTextsToExport) {
  const std::string pool = "{path: a.npy, as: v}";
  EXPECT_EQ(plan_complaint("[{export: {format: alpaca, path: x}}]", pool),
            "c.yaml:2:30: 'export.format': the pool 'a.npy' holds only vectors, and these have no texts to write as "
            "alpaca; use jsonl");
  EXPECT_EQ(plan_complaint("[{export: {path: x}}]", pool), "");
}

TEST(Plan, ColumnsHaveNamesOfTheirOwn) {
  EXPECT_EQ(plan_complaint("[{embed: {as: record}}]"),
            "c.yaml:2:25: 'record' cannot be the name of a column: every shard has a column of this name");
  for (const auto* name : {"''", "a/b", "/", ".", "..", "id", "kept", "rejects", "files", "\"a\\nb\"", "\"a\\0b\""}) {
    EXPECT_NE(plan_complaint(std::string("[{embed: {as: ") + name + "}}]").find("c.yaml:2:25: "), std::string::npos)
        << name;
  }
  EXPECT_NE(plan_complaint("[{embed: {as: " + std::string(101, 'x') + "}}]").find("100 bytes"), std::string::npos);
  EXPECT_EQ(plan_complaint("[{embed: {as: ppl.tokens}}, {embed: {as: '数'}}]"), "");
  EXPECT_NE(plan_complaint("[]", "{path: a.npy, as: line}").find("c.yaml:1:35: 'line' cannot be"), std::string::npos);
}

TEST(Plan, UntilLeavesOutWhatFollows) {
  const auto config = config_of("[{embed: {}}, {select: {vectors: emb, budget: {records: 3}}}]");
  EXPECT_EQ(make_plan(config, jobs::all_jobs(), "embed").groups.size(), 1U);
  EXPECT_EQ(make_plan(config, jobs::all_jobs(), "ingest").groups.size(), 0U);
  EXPECT_THROW(make_plan(config, jobs::all_jobs(), "sleep"), UsageError);
}

TEST(Plan, ResolvedConfigurationReadsBackTheSame) {
  const auto plan = make_plan(config_of("[{embed: {}}, {parallel: [{embed: {as: b, share: 2}}, {embed: {as: c}}]}]"),
                              jobs::all_jobs());
  const auto again = make_plan(read_config(parse_yaml(plan.resolved, "r.yaml"), "/elsewhere"), jobs::all_jobs());
  EXPECT_EQ(again.resolved, plan.resolved);
  EXPECT_NE(plan.resolved.find("max_reject_fraction: 0.05"), std::string::npos);
  EXPECT_NE(plan.resolved.find("/folder/a.jsonl"), std::string::npos);
}

}  // namespace
}  // namespace farpoint::pipeline
