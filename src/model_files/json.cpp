// SPDX-License-Identifier: Apache-2.0
#include "json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>

#include "farpoint/base/error.hpp"

namespace farpoint::model_files {

namespace {

using nlohmann::json;

constexpr std::size_t most_bytes = 32U << 20;
constexpr int most_levels = 64;
constexpr std::size_t longest_excerpt = 100;

std::string cut(std::string text) {
  if (text.size() > longest_excerpt) text.replace(longest_excerpt, std::string::npos, "...");
  return text;
}

/// nlohmann keeps the last of equal keys without a word, and sets no bound on the depth.
class Strictness {
 public:
  explicit Strictness(const std::string& name) : name_(name) {}

  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (depth >= most_levels) throw UsageError(fmt::format("{}: more than {} levels of JSON", name_, most_levels));
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) {
        throw UsageError(fmt::format("{}: the key {} is there twice; which one counts?", name_, in_quotes(key)));
      }
    }
    return true;
  }

 private:
  const std::string& name_;
  std::vector<std::set<std::string>> keys_;
};

std::optional<std::int64_t> as_integer(const json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return std::nullopt;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return shown(json(std::string(text.substr(0, 2 * longest_excerpt))));
}

std::string shown(const json& value) {
  return cut(value.dump(-1, ' ', true, json::error_handler_t::replace));
}

json parse_json(std::string_view text, const std::string& name) {
  if (text.size() > most_bytes) {
    throw UsageError(fmt::format("{}: {} bytes; a file of settings has at most {}", name, text.size(), most_bytes));
  }
  // The parser takes a NUL byte for the end, whatever follows.
  if (text.find('\0') != std::string_view::npos) throw UsageError(fmt::format("{}: not JSON: it holds a NUL", name));
  try {
    Strictness strictness(name);
    return json::parse(text.begin(), text.end(), [&](int depth, json::parse_event_t event, json& value) {
      return strictness(depth, event, value);
    });
  } catch (const json::parse_error& error) {
    const std::string_view before = text.substr(0, std::min(error.byte, text.size()));
    throw UsageError(fmt::format("{}: not valid JSON at line {}; download or write it again", name,
                                 1 + std::count(before.begin(), before.end(), '\n')));
  } catch (const json::exception&) {
    throw UsageError(fmt::format("{}: holds a number that no computer number can hold", name));
  }
}

bool is_there(const std::filesystem::path& path) {
  std::error_code trouble;
  const bool found = std::filesystem::exists(path, trouble);
  if (trouble) throw Error(fmt::format("{}: cannot be looked for: {}", path.string(), trouble.message()));
  return found;
}

std::string read_text(const std::filesystem::path& file) {
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(file, unknown);
  std::string text(unknown ? 0 : std::min<std::uintmax_t>(size, most_bytes + 1), '\0');
  std::ifstream stream(file, std::ios::binary);
  if (unknown || !stream.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    throw Error(fmt::format("{}: cannot read: {}", file.string(), unknown ? unknown.message() : std::strerror(errno)));
  }
  return text;
}

json read_json(const std::filesystem::path& file) {
  return parse_json(read_text(file), file.string());
}

JsonObject::JsonObject(const json& object, std::string name) : object_(object), name_(std::move(name)) {
  if (!object.is_object()) throw UsageError(fmt::format("{}should be a JSON object, not {}", name_, shown(object)));
}

const json& JsonObject::value(const std::string& key) const {
  static const json null;
  const auto found = object_.find(key);
  return found == object_.end() ? null : *found;
}

bool JsonObject::is_set(const std::string& key) const {
  const json& found = value(key);
  if (found.is_boolean()) return found.get<bool>();
  if (found.is_number()) return found.get<double>() != 0;
  if (found.is_string()) return !found.get_ref<const std::string&>().empty();
  return !found.empty();
}

void JsonObject::refuse(const std::string& key, std::string_view reason) const {
  throw UsageError(fmt::format("{}{} is {}; {}", name_, in_quotes(key), shown(value(key)), reason));
}

std::optional<std::int64_t> JsonObject::integer(const std::string& key, std::int64_t least, std::int64_t most) const {
  if (!has(key)) return std::nullopt;
  const auto number = as_integer(value(key));
  if (!number || *number < least || *number > most) {
    refuse(key, fmt::format("it should be a whole number from {} to {}", least, most));
  }
  return number;
}

std::int64_t JsonObject::integer(const std::string& key, std::int64_t if_absent, std::int64_t least,
                                 std::int64_t most) const {
  return integer(key, least, most).value_or(if_absent);
}

std::optional<double> JsonObject::number(const std::string& key, double least, double most) const {
  if (!has(key)) return std::nullopt;
  const double number = value(key).is_number() ? value(key).get<double>() : std::nan("");
  // Also false for NaN.
  if (!(number >= least && number <= most))
    refuse(key, fmt::format("it should be a number from {} to {}", least, most));
  return number;
}

double JsonObject::number(const std::string& key, double if_absent, double least, double most) const {
  return number(key, least, most).value_or(if_absent);
}

bool JsonObject::flag(const std::string& key, bool if_absent) const {
  if (!has(key)) return if_absent;
  if (!value(key).is_boolean()) refuse(key, "it should be true or false");
  return value(key).get<bool>();
}

std::string JsonObject::text(const std::string& key, const std::string& if_absent) const {
  if (!has(key)) return if_absent;
  if (!value(key).is_string()) refuse(key, "it should be a text");
  return value(key).get<std::string>();
}

std::optional<std::vector<std::string>> JsonObject::texts(const std::string& key) const {
  if (!has(key)) return std::nullopt;
  const json& list = value(key);
  const auto is_text = [](const json& item) { return item.is_string(); };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_text)) refuse(key, "it should be a list of texts");
  return list.get<std::vector<std::string>>();
}

std::optional<JsonObject> JsonObject::object(const std::string& key) const {
  if (!has(key)) return std::nullopt;
  if (!value(key).is_object()) refuse(key, "it should be a JSON object");
  return JsonObject(value(key), fmt::format("{}{}.", name_, key));
}

std::vector<std::pair<std::string, const json*>> JsonObject::entries() const {
  std::vector<std::pair<std::string, const json*>> found;
  for (const auto& [key, item] : object_.items()) found.emplace_back(key, &item);
  return found;
}

std::string JsonObject::either(const std::string& key, const std::string& other) const {
  if (has(key) && has(other) && value(key) != value(other)) {
    refuse(key, fmt::format("but {}, another name of the same, is {}", in_quotes(other), shown(value(other))));
  }
  return has(other) ? other : key;
}

}  // namespace farpoint::model_files
