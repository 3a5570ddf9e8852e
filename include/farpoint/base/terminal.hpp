// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// What people see on standard error: whole lines, and on a terminal one line at the bottom that is drawn again and
/// again. All functions are thread-safe.
namespace farpoint::terminal {

/// quiet: warnings and errors only. verbose: what goes into the log, too.
enum class Verbosity { quiet, normal, verbose };
void set_verbosity(Verbosity verbosity);
Verbosity verbosity();

/// True when standard error is a terminal that can redraw a line (TERM is not "dumb").
bool can_redraw();
/// True when the locale's characters are UTF-8.
bool is_unicode();

enum class Colour { red, yellow, green, faint };
/// `text` in the colour on such a terminal, unless NO_COLOR is set to something (no-color.org), and anywhere with
/// FORCE_COLOR or CLICOLOR_FORCE set to something but 0; else `text` as it is.
std::string painted(Colour colour, std::string_view text);

/// Characters of a line of the terminal; 80 when it does not say.
std::size_t width();

/// Draws the line at the bottom instead of the one before. Only where can_redraw(). `line`: without a line end, no
/// wider than the terminal.
void show_status(std::string_view line);
/// Prints a whole line, above that at the bottom, which is gone until it is drawn again. In one write, so that lines of
/// several processes do not mix.
void print_line(std::string_view line);

}  // namespace farpoint::terminal
