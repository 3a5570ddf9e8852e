// SPDX-License-Identifier: Apache-2.0
#include "excerpts.hpp"

#include <algorithm>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>

#include "farpoint/comm/collectives.hpp"
#include "farpoint/comm/objects.hpp"
#include "farpoint/text/beginning.hpp"

namespace farpoint::jobs {

using namespace pipeline;

namespace {

/// A wanted record on its way to all ranks.
struct Order {
  std::uint64_t id = 0;
  std::uint32_t characters = 0;
  std::uint32_t vector = 0;
};

std::vector<Order> share_orders(comm::Communicator& comm, const std::map<std::uint64_t, Wanted>& wanted) {
  std::vector<Order> orders;
  if (comm.rank() == 0) {
    for (const auto& [id, want] : wanted) orders.push_back({id, want.characters, want.vector ? 1U : 0U});
  }
  std::uint64_t count = orders.size();
  comm::broadcast(comm, std::span(&count, 1));
  orders.resize(count);
  comm::broadcast(comm, std::span(orders));
  return orders;
}

/// Of each wanted record of the shard: its row, and what is wanted.
std::vector<std::pair<std::size_t, Order>> wanted_rows(std::span<const std::uint64_t> ids,
                                                       const std::vector<Order>& orders) {
  std::vector<std::pair<std::size_t, Order>> rows;
  if (ids.empty()) return rows;
  const auto by_id = [](const Order& order, std::uint64_t id) { return order.id < id; };
  for (auto order = std::lower_bound(orders.begin(), orders.end(), ids.front(), by_id);
       order != orders.end() && order->id <= ids.back(); ++order) {
    const auto at = std::lower_bound(ids.begin(), ids.end(), order->id);
    if (*at == order->id) rows.emplace_back(static_cast<std::size_t>(at - ids.begin()), *order);
  }
  return rows;
}

void take(const Shard& shard, const std::vector<std::pair<std::size_t, Order>>& rows, const std::string& vectors,
          std::vector<Excerpt>& taken) {
  const auto sources = shard.source_names();
  const auto* column = vectors.empty() ? nullptr : &shard.column(vectors);
  std::vector<std::size_t> places;
  for (const auto& [row, order] : rows) {
    places.push_back(row);
    Excerpt excerpt{order.id, std::string(sources[row]), "", {}};
    if (order.vector != 0 && column != nullptr) {
      const auto& values = column->as<std::vector<float>>();
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * column->width);
      excerpt.vector.assign(begin, begin + static_cast<std::ptrdiff_t>(column->width));
    }
    taken.push_back(std::move(excerpt));
  }
  auto at = taken.end() - static_cast<std::ptrdiff_t>(rows.size());
  auto order = rows.begin();
  shard.for_records(places, [&](std::size_t, const corpus::Record& record) {
    const auto text = corpus::view(record, corpus::TextView::full);
    at++->text = text::beginning(text, (order++)->second.characters);
  });
}

}  // namespace

Excerpts gather_excerpts(JobContext& context, std::map<std::uint64_t, Wanted> wanted, const std::string& vectors) {
  const auto orders = share_orders(context.comm(), wanted);
  std::vector<Excerpt> mine;
  context.for_each_shard(Population::pool, [&](const Shard& shard) {
    const auto rows = wanted_rows(shard.ids(), orders);
    if (!rows.empty()) take(shard, rows, vectors, mine);
  });
  Excerpts excerpts;
  for (auto& of_rank : comm::gather_objects(context.comm(), mine, 0)) {
    for (auto& excerpt : of_rank) excerpts.emplace(excerpt.id, std::move(excerpt));
  }
  return excerpts;
}

Json to_json(const Excerpts& excerpts, std::uint64_t id) {
  Json json{{"id", id}};
  const auto found = excerpts.find(id);
  if (found == excerpts.end()) return json;
  json["source"] = found->second.source;
  json["text"] = found->second.text;
  return json;
}

}  // namespace farpoint::jobs
