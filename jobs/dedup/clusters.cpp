// SPDX-License-Identifier: Apache-2.0
#include "clusters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/text/beginning.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

constexpr std::size_t shown_clusters = 10;
constexpr std::size_t shown_members = 5;
constexpr std::size_t shown_characters = 200;

struct Cluster {
  std::uint64_t kept = 0;
  std::uint64_t size = 0;  ///< with the kept one
};

struct Member {
  std::uint64_t kept = 0;
  std::uint64_t id = 0;
  auto operator<=>(const Member&) const = default;
};

/// Of a text that is cut, with dots behind it.
std::string shown(std::string_view text) {
  const auto front = text::beginning(text, shown_characters);
  return std::string(front) + (front.size() < text.size() ? "..." : "");
}

/// Sizes of the clusters that belong to this rank.
std::vector<Cluster> count_members(comm::Communicator& comm, const Duplicates& found) {
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::vector<std::uint64_t>> to(ranks);
  for (std::size_t i = 0; i < found.ids.size(); ++i) {
    if (found.kept[i] == found.ids[i] || found.kept[i] == of_curated) continue;
    to[found.kept[i] % ranks].push_back(found.kept[i]);
  }
  std::vector<std::uint64_t> values, counts;
  for (const auto& list : to) {
    counts.push_back(list.size());
    values.insert(values.end(), list.begin(), list.end());
  }
  const auto received = comm::all_to_all(comm, std::span<const std::uint64_t>(values), counts);
  std::unordered_map<std::uint64_t, std::uint64_t> sizes;
  for (const auto kept : received.data) ++sizes.try_emplace(kept, 1).first->second;
  std::vector<Cluster> clusters;
  for (const auto& [kept, size] : sizes) clusters.push_back({kept, size});
  return clusters;
}

void keep_largest(std::vector<Cluster>& clusters) {
  std::sort(clusters.begin(), clusters.end(),
            [](const Cluster& a, const Cluster& b) { return a.size != b.size ? a.size > b.size : a.kept < b.kept; });
  if (clusters.size() > shown_clusters) clusters.resize(shown_clusters);
}

/// The lowest ids of the duplicates of each of `clusters`.
std::vector<Member> lowest_members(comm::Communicator& comm, const Duplicates& found,
                                   const std::vector<Cluster>& clusters) {
  std::vector<Member> members;
  for (const auto& cluster : clusters) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < found.ids.size() && count < shown_members; ++i) {
      if (found.kept[i] != cluster.kept || found.ids[i] == cluster.kept) continue;
      members.push_back({cluster.kept, found.ids[i]});
      ++count;
    }
  }
  auto all = comm::all_gather(comm, std::span<const Member>(members)).data;
  std::sort(all.begin(), all.end());
  return all;
}

/// How the texts of the kept records begin, by id, on every rank.
std::map<std::uint64_t, std::string> beginnings(PoolPass& pass, const DedupOptions& options,
                                                const std::vector<Cluster>& clusters) {
  std::map<std::uint64_t, std::string> texts;
  const bool has_texts = options.compares_texts() || options.substring.tokens;
  pass.for_each_shard([&](const Shard& shard) {
    const auto ids = shard.ids();
    for (const auto& cluster : clusters) {
      const auto at = std::lower_bound(ids.begin(), ids.end(), cluster.kept);
      if (!has_texts || at == ids.end() || *at != cluster.kept) continue;
      const auto views = shard.texts(options.text);
      texts[cluster.kept] = shown(views[static_cast<std::size_t>(at - ids.begin())]);
    }
  });
  std::vector<std::string> mine;
  for (const auto& [id, text] : texts) mine.push_back(nlohmann::json{{"id", id}, {"text", text}}.dump());
  std::string joined;
  for (const auto& line : mine) joined += line + "\n";
  for (const auto& of_rank : comm::all_gather_objects(pass.comm(), joined)) {
    for (std::size_t begin = 0; begin < of_rank.size();) {
      const auto end = of_rank.find('\n', begin);
      const auto line = nlohmann::json::parse(of_rank.substr(begin, end - begin));
      texts[line.at("id")] = line.at("text");
      begin = end + 1;
    }
  }
  return texts;
}

}  // namespace

ClusterReport describe_clusters(PoolPass& pass, const DedupOptions& options, const Duplicates& found) {
  auto& comm = pass.comm();
  auto clusters = count_members(comm, found);
  std::vector<std::uint64_t> by_size(64, 0);  // by the binary digits of size - 1
  std::uint64_t duplicates = 0;
  for (const auto& cluster : clusters) {
    ++by_size[static_cast<std::size_t>(std::bit_width(cluster.size - 1))];
    duplicates += cluster.size - 1;
  }
  pass.sum(by_size);
  duplicates = comm::all_reduce(comm, duplicates, comm::Reduction::sum);
  ClusterReport report;
  std::uint64_t count = 0;
  for (std::size_t digits = 1; digits < by_size.size(); ++digits) {
    if (by_size[digits] == 0) continue;
    count += by_size[digits];
    const auto low = (std::uint64_t{1} << (digits - 1)) + 1;
    const auto high = std::uint64_t{1} << digits;
    const auto range = low == high ? fmt::format("{}", low) : fmt::format("{}_to_{}", low, high);
    report.facts["clusters_of_" + range] = static_cast<double>(by_size[digits]);
  }
  report.facts["clusters"] = static_cast<double>(count);
  keep_largest(clusters);
  clusters = comm::all_gather(comm, std::span<const Cluster>(clusters)).data;
  keep_largest(clusters);
  report.facts["largest_cluster"] = clusters.empty() ? 0 : static_cast<double>(clusters.front().size);

  const auto members = lowest_members(comm, found, clusters);
  const auto texts = beginnings(pass, options, clusters);
  auto list = nlohmann::ordered_json::array();
  for (const auto& cluster : clusters) {
    auto duplicates_shown = nlohmann::ordered_json::array();
    for (const auto& member : members) {
      if (member.kept == cluster.kept && duplicates_shown.size() < shown_members) duplicates_shown.push_back(member.id);
    }
    nlohmann::ordered_json entry{{"kept", cluster.kept}, {"size", cluster.size}, {"duplicates", duplicates_shown}};
    if (const auto text = texts.find(cluster.kept); text != texts.end()) entry["text"] = text->second;
    list.push_back(std::move(entry));
  }
  report.examples = list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return report;
}

}  // namespace farpoint::jobs
