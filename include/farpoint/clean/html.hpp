// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace farpoint::clean {

/// Removes HTML markup and decodes character references, once: `&amp;lt;` becomes `&lt;`. Sets `out` to the text that
/// is left and returns true; returns false, and leaves `out` alone, when there is nothing to remove or decode.
///
/// Only what is beyond doubt is a tag: the name of an element of HTML (or `math` and what lies in it) directly behind
/// `<` or `</`, and behind it nothing but attributes up to `>`. So comparisons, templates of C++ and tokens such as
/// `<|endoftext|>` stay; an opening tag without attributes that touches a word on its left, as in `List<object>`, needs
/// an end tag somewhere behind it. Comments, doctypes, `<?xml ...?>` and the wrappers of CDATA go; a comment without an
/// end stays. Of script, style, noscript, template, svg, iframe and object the contents go too, unless the end tag is
/// missing: then the tag goes alone.
///
/// Lines are those of innerText (HTML Standard, section 3.2.7): blocks begin and end lines, a blank line stands around
/// a paragraph, cells of a row are divided by tabs; white space beside a block's tag has no other meaning than the line
/// ends in it, and one blank line at most arises. Other white space, and all in pre, code and textarea, stays.
///
/// References are those with a `;`: decimal, hexadecimal (128 to 159 read as windows-1252, as browsers do), and the
/// names of HTML 4 with the common ones of HTML 5. Unknown ones stay, and those of controls.
///
/// Fenced code blocks and code spans of Markdown are copied as they are. Bytes that are not UTF-8 are text.
/// O(bytes), whatever they are. Thread-safe on an `out` that no other thread has; `utf8` must not lie in `out`.
bool strip_html(std::string_view utf8, std::string& out);

}  // namespace farpoint::clean
