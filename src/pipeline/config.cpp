// SPDX-License-Identifier: Apache-2.0
#include "farpoint/pipeline/config.hpp"

#include <fmt/format.h>

#include "farpoint/pipeline/column_name.hpp"

namespace farpoint::pipeline {

namespace {

/// `threads: auto | N`.
struct Threads {
  static std::optional<std::uint64_t> decode(const Node& node, const std::string& context) {
    if (node.kind == Node::Kind::null || node.text == "auto") return std::nullopt;
    if (node.text.find_first_not_of("0123456789") != std::string::npos) {
      throw_wrong_type(node, context, "auto or a whole number from 1");
    }
    const auto threads = Codec<std::uint64_t>::decode(node, context);
    check_bounds(node.place, context, threads, 1, 1024);
    return threads;
  }
  static Node encode(const std::optional<std::uint64_t>& threads) {
    return threads ? Codec<std::uint64_t>::encode(*threads) : Node::scalar("auto");
  }
};

/// What the file holds at the top.
struct Root {
  RunOptions run;
  CorpusOptions corpus;
  std::map<std::string, ModelOptions> models;
  Node pipeline;

  static Fields<Root> fields() {
    Field<Root> pipeline;
    pipeline.key = "pipeline";
    pipeline.help = "the jobs, in order";
    pipeline.type = "list of jobs";
    pipeline.decode = [](Root& root, const Node& node, const std::string&) { root.pipeline = node; };
    pipeline.encode = [](const Root& root) { return root.pipeline; };
    return {option("run", &Root::run, "this run"), option("corpus", &Root::corpus, "what is read"),
            option("models", &Root::models, "Hugging Face model folders, by the name that jobs use"), pipeline};
  }
};

const Node::Entry& only_entry(const Node& item, const std::string& context) {
  if (item.kind != Node::Kind::map || item.entries.size() != 1) {
    throw ConfigError(item.place, fmt::format("each entry of '{}' is one job with its options, such as "
                                              "'- embed: {{as: emb}}'",
                                              context));
  }
  return item.entries.front();
}

JobEntry read_job(const Node& item, const std::string& context) {
  const auto& entry = only_entry(item, context);
  return {entry.key, entry.value, entry.place, 1};
}

double read_share(const Node& node, const std::string& context) {
  const auto share = Codec<double>::decode(node, context);
  if (share <= 0 || share > 1e6) throw_wrong_type(node, context, "a number above 0, up to a million");
  return share;
}

JobGroup read_parallel(const Node& list) {
  if (list.kind != Node::Kind::list) throw_wrong_type(list, "parallel", "a list of jobs");
  if (list.items.empty()) throw ConfigError(list.place, "'parallel' needs at least one job");
  JobGroup group;
  for (const auto& item : list.items) {
    attempt([&] {
      auto job = read_job(item, "parallel");
      std::erase_if(job.options.entries, [&](const Node::Entry& entry) {
        if (entry.key != "share") return false;
        attempt([&] { job.share = read_share(entry.value, job.job + ".share"); });
        return true;
      });
      group.push_back(std::move(job));
    });
  }
  return group;
}

std::vector<JobGroup> read_pipeline(const Node& list) {
  if (list.kind == Node::Kind::null) return {};
  if (list.kind != Node::Kind::list) throw_wrong_type(list, "pipeline", "a list of jobs");
  std::vector<JobGroup> groups;
  for (const auto& item : list.items) {
    attempt([&] {
      const auto& entry = only_entry(item, "pipeline");
      if (entry.key == "parallel")
        groups.push_back(read_parallel(entry.value));
      else
        groups.push_back({read_job(item, "pipeline")});
    });
  }
  return groups;
}

/// A key, to be checked like a value that stands at its place.
Node key_as_value(const Node::Entry& entry) {
  Node node = Node::scalar(entry.key);
  node.place = entry.place;
  return node;
}

void check(const Root& root, const Node& node) {
  const auto& corpus = root.corpus;
  attempt([&] {
    if (!root.run.output.empty()) return;
    throw ConfigError(node.place_of("run.output"), "'run.output' must name a folder; '.' is the working folder");
  });
  attempt([&] {
    check_bounds(node.place_of("corpus.shard_records"), "corpus.shard_records", corpus.shard_records, 1, 1U << 24);
  });
  attempt([&] {
    // The parser of JSON counts bytes in 32 bits.
    check_bounds(node.place_of("corpus.max_record_bytes"), "corpus.max_record_bytes", corpus.max_record_bytes, 1,
                 1U << 31);
  });
  attempt([&] {
    if (corpus.max_reject_fraction >= 0 && corpus.max_reject_fraction <= 1) return;
    throw ConfigError(
        node.place_of("corpus.max_reject_fraction"),
        fmt::format("'corpus.max_reject_fraction' must be between 0 and 1, not {}", corpus.max_reject_fraction));
  });
  attempt([&] {
    const auto* given = node.find("corpus");
    const auto* pool = given == nullptr ? nullptr : given->find("pool");
    // Where it is missing or no list, that has been said.
    if (!corpus.pool.empty() || (given != nullptr && pool == nullptr)) return;
    if (pool != nullptr && !pool->items.empty()) return;
    if (pool != nullptr && pool->kind != Node::Kind::list && pool->kind != Node::Kind::null) return;
    throw ConfigError(node.place_of("corpus.pool"), "'corpus.pool' must list at least one source");
  });
}

}  // namespace

Fields<RunOptions> RunOptions::fields() {
  Field<RunOptions> threads;
  threads.key = "threads";
  threads.help =
      "threads of each rank; auto: the cores that the rank may use, divided among the ranks that may use them too";
  threads.type = "auto or whole number";
  threads.effect = Effect::speed;
  threads.decode = [](RunOptions& run, const Node& node, const std::string& context) {
    run.threads = Threads::decode(node, context);
  };
  threads.encode = [](const RunOptions& run) { return Threads::encode(run.threads); };
  return {
      option("output", &RunOptions::output, "folder of this run, relative to the working folder").speed(),
      option("seed", &RunOptions::seed, "of everything that is drawn"),
      option("device", &RunOptions::device, "where models run; k-center runs on a GPU only with cuda").speed(),
      option("stall_timeout", &RunOptions::stall_timeout,
             "seconds without a sign of life after which a rank is named and the run ended; 0: never (docs/status.md)")
          .speed(),
      threads};
}

Fields<CorpusOptions> CorpusOptions::fields() {
  return {
      option("pool", &CorpusOptions::pool, "candidates, in this order: it fixes the global ids").need(),
      option("curated", &CorpusOptions::curated, "what is already chosen or trusted"),
      option("labelled", &CorpusOptions::labelled, "examples with labels, from which 'classify' learns"),
      option("shard_records", &CorpusOptions::shard_records, "records in a shard; a rank holds a few shards in memory"),
      option("max_record_bytes", &CorpusOptions::max_record_bytes, "longer records are rejected (too_large)"),
      option("max_reject_fraction", &CorpusOptions::max_reject_fraction,
             "share of faulty records at which the run stops after ingest")
          .speed(),
  };
}

Fields<ModelOptions> ModelOptions::fields() {
  auto path = option("path", &ModelOptions::path, "the model's folder in the Hugging Face format (docs/models.md)");
  path.decode = [](ModelOptions& model, const Node& node, const std::string& context) {
    model.path = Codec<std::string>::decode(node, context);
    model.place = node.place;
  };
  path.required = true;
  return {path, option("precision", &ModelOptions::precision,
                       "of weights and activations; a CPU that cannot compute in bf16 or fp16 takes fp32")};
}

Fields<corpus::SourceSpec> OptionsOf<corpus::SourceSpec>::fields() {
  using corpus::SourceSpec;
  auto fields = option("fields", &SourceSpec::fields,
                       "keys of records with a schema of their own: prompt, response, system, text");
  fields.decode = [](SourceSpec& spec, const Node& node, const std::string& context) {
    static constexpr std::array<std::string_view, 4> known{"prompt", "response", "system", "text"};
    spec.fields = Codec<corpus::FieldMap>::decode(node, context);
    for (const auto& entry : node.entries) decode_name(key_as_value(entry), context, known);
  };
  auto as = option("as", &SourceSpec::as, "npy: name of the column that the vectors become");
  as.decode = [](SourceSpec& spec, const Node& node, const std::string& context) {
    spec.as = Codec<std::string>::decode(node, context);
    if (!spec.as.empty()) check_column_name(node.place, spec.as);
  };
  return {option("path", &SourceSpec::path,
                 "a file or a glob, relative to the configuration; ** as a whole name stands for any number of "
                 "folders, none included "
                 "(data/**/*.jsonl)")
              .need(),
          option("name", &SourceSpec::name, "the records' source; default: the file's name"),
          option("format", &SourceSpec::format, "auto looks at the name, then at the content"), as, fields};
}

Config read_config(const Node& root_node, const std::filesystem::path& folder) {
  if (root_node.kind != Node::Kind::map) {
    throw ConfigError(root_node.place, "a configuration is a map with the keys run, corpus, models, pipeline");
  }
  Root root = decode<Root>(root_node, "");
  check(root, root_node);
  // Only where problems are gathered: jobs may look at the first source, and where files of the run will lie.
  if (root.corpus.pool.empty()) root.corpus.pool.emplace_back();
  if (root.run.output.empty()) root.run.output = RunOptions().output;
  std::vector<JobGroup> pipeline;
  attempt([&] { pipeline = read_pipeline(root.pipeline); });
  return {root.run, root.corpus, root.models, std::move(pipeline), folder};
}

std::vector<std::pair<std::string, std::vector<FieldDoc>>> document_config() {
  return {{"run", document<RunOptions>()},
          {"corpus", document<CorpusOptions>()},
          {"corpus.pool[], corpus.curated[], corpus.labelled[]", document<corpus::SourceSpec>()},
          {"models.NAME", document<ModelOptions>()}};
}

}  // namespace farpoint::pipeline
