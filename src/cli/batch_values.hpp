// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Values as batch scripts take them: quoted for the shell and for sbatch, times, memory. All are thread-safe.
namespace farpoint::cli {

bool has_control_characters(std::string_view text);
bool is_variable_name(std::string_view name);

/// One word of the shell that means exactly `text`.
std::string shell_word(std::string_view text);

/// One word of the shell in which $NAME and ${NAME} stand for variables, and nothing else means anything.
std::string shell_text(std::string_view text);

/// `name=value` as it stands behind #SBATCH: sbatch knows quotes and backslashes of its own.
std::string directive(std::string_view name, std::string_view value);

/// A path as --output takes it, in which a percent sign begins a pattern. Throws UsageError for a backslash, which
/// would turn all patterns off.
std::string output_pattern(const std::string& folder, std::string_view pattern);

/// Seconds of a time limit as Slurm writes it: minutes, M:S, H:M:S, D-H, D-H:M or D-H:M:S. Nothing for any other text,
/// and for no time at all.
std::optional<std::uint64_t> slurm_seconds(std::string_view text);

/// Memory as --mem takes it, "64G", from a whole number above 0 with one of the units K, M, G, T, KB, MB, GB, TB.
std::optional<std::string> slurm_memory(std::string_view text);

}  // namespace farpoint::cli
