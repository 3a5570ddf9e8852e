// SPDX-License-Identifier: Apache-2.0
#include "html_entities.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace farpoint::clean {

namespace {

struct Entity {
  std::string_view name;
  std::uint32_t code_point;
};

// All names of HTML 4, and of HTML 5 short ones for ASCII, punctuation, Latin letters and common symbols.
constexpr Entity entities[] = {
    {"AElig", 0xC6},      {"AMP", 0x26},        {"Aacute", 0xC1},     {"Abreve", 0x102},    {"Acirc", 0xC2},
    {"Agrave", 0xC0},     {"Alpha", 0x391},     {"Amacr", 0x100},     {"Aogon", 0x104},     {"Aring", 0xC5},
    {"Atilde", 0xC3},     {"Auml", 0xC4},       {"Because", 0x2235},  {"Beta", 0x392},      {"COPY", 0xA9},
    {"Cacute", 0x106},    {"Ccaron", 0x10C},    {"Ccedil", 0xC7},     {"Ccirc", 0x108},     {"Cdot", 0x10A},
    {"Cedilla", 0xB8},    {"Chi", 0x3A7},       {"Copf", 0x2102},     {"Dagger", 0x2021},   {"Dcaron", 0x10E},
    {"Del", 0x2207},      {"Delta", 0x394},     {"Dot", 0xA8},        {"DotEqual", 0x2250}, {"Dstrok", 0x110},
    {"ENG", 0x14A},       {"ETH", 0xD0},        {"Eacute", 0xC9},     {"Ecaron", 0x11A},    {"Ecirc", 0xCA},
    {"Edot", 0x116},      {"Egrave", 0xC8},     {"Element", 0x2208},  {"Emacr", 0x112},     {"Eogon", 0x118},
    {"Epsilon", 0x395},   {"Eta", 0x397},       {"Euml", 0xCB},       {"Exists", 0x2203},   {"ForAll", 0x2200},
    {"GT", 0x3E},         {"Gamma", 0x393},     {"Gbreve", 0x11E},    {"Gcedil", 0x122},    {"Gcirc", 0x11C},
    {"Gdot", 0x120},      {"Gt", 0x226B},       {"Hat", 0x5E},        {"Hcirc", 0x124},     {"Hstrok", 0x126},
    {"IJlig", 0x132},     {"Iacute", 0xCD},     {"Icirc", 0xCE},      {"Idot", 0x130},      {"Ifr", 0x2111},
    {"Igrave", 0xCC},     {"Im", 0x2111},       {"Imacr", 0x12A},     {"Implies", 0x21D2},  {"Integral", 0x222B},
    {"Iogon", 0x12E},     {"Iota", 0x399},      {"Itilde", 0x128},    {"Iuml", 0xCF},       {"Jcirc", 0x134},
    {"Kappa", 0x39A},     {"Kcedil", 0x136},    {"LT", 0x3C},         {"Lacute", 0x139},    {"Lambda", 0x39B},
    {"Lcaron", 0x13D},    {"Lcedil", 0x13B},    {"Lmidot", 0x13F},    {"Lstrok", 0x141},    {"Lt", 0x226A},
    {"Mu", 0x39C},        {"Nacute", 0x143},    {"Ncaron", 0x147},    {"Ncedil", 0x145},    {"NewLine", 0xA},
    {"Nopf", 0x2115},     {"NotEqual", 0x2260}, {"NotTilde", 0x2241}, {"Ntilde", 0xD1},     {"Nu", 0x39D},
    {"OElig", 0x152},     {"Oacute", 0xD3},     {"Ocirc", 0xD4},      {"Odblac", 0x150},    {"Ograve", 0xD2},
    {"Omacr", 0x14C},     {"Omega", 0x3A9},     {"Omicron", 0x39F},   {"Oslash", 0xD8},     {"Otilde", 0xD5},
    {"Ouml", 0xD6},       {"OverBar", 0x203E},  {"PartialD", 0x2202}, {"Phi", 0x3A6},       {"Pi", 0x3A0},
    {"Prime", 0x2033},    {"Product", 0x220F},  {"Psi", 0x3A8},       {"QUOT", 0x22},       {"Qopf", 0x211A},
    {"REG", 0xAE},        {"Racute", 0x154},    {"Rcaron", 0x158},    {"Rcedil", 0x156},    {"Re", 0x211C},
    {"Rfr", 0x211C},      {"Rho", 0x3A1},       {"RightTee", 0x22A2}, {"Ropf", 0x211D},     {"Sacute", 0x15A},
    {"Scaron", 0x160},    {"Scedil", 0x15E},    {"Scirc", 0x15C},     {"Sigma", 0x3A3},     {"Sqrt", 0x221A},
    {"Square", 0x25A1},   {"SuchThat", 0x220B}, {"Sum", 0x2211},      {"Superset", 0x2283}, {"THORN", 0xDE},
    {"TRADE", 0x2122},    {"Tab", 0x9},         {"Tau", 0x3A4},       {"Tcaron", 0x164},    {"Tcedil", 0x162},
    {"Theta", 0x398},     {"Tilde", 0x223C},    {"Tstrok", 0x166},    {"Uacute", 0xDA},     {"Ubreve", 0x16C},
    {"Ucirc", 0xDB},      {"Udblac", 0x170},    {"Ugrave", 0xD9},     {"Umacr", 0x16A},     {"UnderBar", 0x5F},
    {"Uogon", 0x172},     {"UpArrow", 0x2191},  {"UpTee", 0x22A5},    {"Uparrow", 0x21D1},  {"Upsi", 0x3D2},
    {"Upsilon", 0x3A5},   {"Uring", 0x16E},     {"Utilde", 0x168},    {"Uuml", 0xDC},       {"Verbar", 0x2016},
    {"Vert", 0x2016},     {"Wcirc", 0x174},     {"Xi", 0x39E},        {"Yacute", 0xDD},     {"Ycirc", 0x176},
    {"Yuml", 0x178},      {"Zacute", 0x179},    {"Zcaron", 0x17D},    {"Zdot", 0x17B},      {"Zeta", 0x396},
    {"Zopf", 0x2124},     {"aacute", 0xE1},     {"abreve", 0x103},    {"acirc", 0xE2},      {"acute", 0xB4},
    {"aelig", 0xE6},      {"agrave", 0xE0},     {"alefsym", 0x2135},  {"aleph", 0x2135},    {"alpha", 0x3B1},
    {"amacr", 0x101},     {"amp", 0x26},        {"and", 0x2227},      {"ang", 0x2220},      {"angle", 0x2220},
    {"angmsd", 0x2221},   {"angst", 0xC5},      {"aogon", 0x105},     {"ap", 0x2248},       {"apos", 0x27},
    {"approx", 0x2248},   {"aring", 0xE5},      {"ast", 0x2A},        {"asymp", 0x2248},    {"atilde", 0xE3},
    {"auml", 0xE4},       {"bdquo", 0x201E},    {"becaus", 0x2235},   {"because", 0x2235},  {"beta", 0x3B2},
    {"bigstar", 0x2605},  {"bot", 0x22A5},      {"bottom", 0x22A5},   {"bprime", 0x2035},   {"brvbar", 0xA6},
    {"bsemi", 0x204F},    {"bsol", 0x5C},       {"bull", 0x2022},     {"bullet", 0x2022},   {"cacute", 0x107},
    {"cap", 0x2229},      {"caret", 0x2041},    {"ccaron", 0x10D},    {"ccedil", 0xE7},     {"ccirc", 0x109},
    {"cdot", 0x10B},      {"cedil", 0xB8},      {"cent", 0xA2},       {"check", 0x2713},    {"chi", 0x3C7},
    {"cir", 0x25CB},      {"circ", 0x2C6},      {"circledR", 0xAE},   {"clubs", 0x2663},    {"clubsuit", 0x2663},
    {"colon", 0x3A},      {"comma", 0x2C},      {"commat", 0x40},     {"compfn", 0x2218},   {"cong", 0x2245},
    {"conint", 0x222E},   {"copy", 0xA9},       {"copysr", 0x2117},   {"crarr", 0x21B5},    {"cross", 0x2717},
    {"cup", 0x222A},      {"curren", 0xA4},     {"dArr", 0x21D3},     {"dagger", 0x2020},   {"darr", 0x2193},
    {"dash", 0x2010},     {"dcaron", 0x10F},    {"ddagger", 0x2021},  {"deg", 0xB0},        {"delta", 0x3B4},
    {"diams", 0x2666},    {"die", 0xA8},        {"div", 0xF7},        {"divide", 0xF7},     {"dollar", 0x24},
    {"doteq", 0x2250},    {"dstrok", 0x111},    {"eacute", 0xE9},     {"ecaron", 0x11B},    {"ecirc", 0xEA},
    {"edot", 0x117},      {"egrave", 0xE8},     {"ell", 0x2113},      {"emacr", 0x113},     {"empty", 0x2205},
    {"emptyset", 0x2205}, {"emptyv", 0x2205},   {"emsp", 0x2003},     {"emsp13", 0x2004},   {"emsp14", 0x2005},
    {"eng", 0x14B},       {"ensp", 0x2002},     {"eogon", 0x119},     {"epsi", 0x3B5},      {"epsilon", 0x3B5},
    {"epsiv", 0x3F5},     {"equals", 0x3D},     {"equiv", 0x2261},    {"esdot", 0x2250},    {"eta", 0x3B7},
    {"eth", 0xF0},        {"euml", 0xEB},       {"euro", 0x20AC},     {"excl", 0x21},       {"exist", 0x2203},
    {"female", 0x2640},   {"fflig", 0xFB00},    {"filig", 0xFB01},    {"flat", 0x266D},     {"fllig", 0xFB02},
    {"fnof", 0x192},      {"forall", 0x2200},   {"frac12", 0xBD},     {"frac13", 0x2153},   {"frac14", 0xBC},
    {"frac15", 0x2155},   {"frac16", 0x2159},   {"frac18", 0x215B},   {"frac23", 0x2154},   {"frac25", 0x2156},
    {"frac34", 0xBE},     {"frac35", 0x2157},   {"frac38", 0x215C},   {"frac45", 0x2158},   {"frac56", 0x215A},
    {"frac58", 0x215D},   {"frac78", 0x215E},   {"frasl", 0x2044},    {"gE", 0x2267},       {"gamma", 0x3B3},
    {"gbreve", 0x11F},    {"gcirc", 0x11D},     {"gdot", 0x121},      {"ge", 0x2265},       {"geq", 0x2265},
    {"geqq", 0x2267},     {"geqslant", 0x2A7E}, {"ges", 0x2A7E},      {"gg", 0x226B},       {"grave", 0x60},
    {"gt", 0x3E},         {"hArr", 0x21D4},     {"hairsp", 0x200A},   {"half", 0xBD},       {"harr", 0x2194},
    {"hbar", 0x210F},     {"hcirc", 0x125},     {"hearts", 0x2665},   {"hellip", 0x2026},   {"horbar", 0x2015},
    {"hslash", 0x210F},   {"hstrok", 0x127},    {"hybull", 0x2043},   {"hyphen", 0x2010},   {"iacute", 0xED},
    {"icirc", 0xEE},      {"iexcl", 0xA1},      {"iff", 0x21D4},      {"igrave", 0xEC},     {"ijlig", 0x133},
    {"imacr", 0x12B},     {"image", 0x2111},    {"imagpart", 0x2111}, {"imath", 0x131},     {"in", 0x2208},
    {"infin", 0x221E},    {"inodot", 0x131},    {"int", 0x222B},      {"integers", 0x2124}, {"iogon", 0x12F},
    {"iota", 0x3B9},      {"iquest", 0xBF},     {"isin", 0x2208},     {"isinv", 0x2208},    {"itilde", 0x129},
    {"iuml", 0xEF},       {"jcirc", 0x135},     {"kappa", 0x3BA},     {"kcedil", 0x137},    {"kgreen", 0x138},
    {"lArr", 0x21D0},     {"lE", 0x2266},       {"lacute", 0x13A},    {"lambda", 0x3BB},    {"lang", 0x27E8},
    {"laquo", 0xAB},      {"larr", 0x2190},     {"lbrace", 0x7B},     {"lbrack", 0x5B},     {"lcaron", 0x13E},
    {"lcedil", 0x13C},    {"lceil", 0x2308},    {"lcub", 0x7B},       {"ldquo", 0x201C},    {"ldquor", 0x201E},
    {"le", 0x2264},       {"leq", 0x2264},      {"leqq", 0x2266},     {"leqslant", 0x2A7D}, {"les", 0x2A7D},
    {"lesssim", 0x2272},  {"lfloor", 0x230A},   {"ll", 0x226A},       {"lmidot", 0x140},    {"lowast", 0x2217},
    {"lowbar", 0x5F},     {"loz", 0x25CA},      {"lozenge", 0x25CA},  {"lpar", 0x28},       {"lrm", 0x200E},
    {"lsaquo", 0x2039},   {"lsim", 0x2272},     {"lsqb", 0x5B},       {"lsquo", 0x2018},    {"lsquor", 0x201A},
    {"lstrok", 0x142},    {"lt", 0x3C},         {"macr", 0xAF},       {"male", 0x2642},     {"malt", 0x2720},
    {"maltese", 0x2720},  {"map", 0x21A6},      {"mapsto", 0x21A6},   {"mdash", 0x2014},    {"micro", 0xB5},
    {"mid", 0x2223},      {"midast", 0x2A},     {"middot", 0xB7},     {"minus", 0x2212},    {"mldr", 0x2026},
    {"mnplus", 0x2213},   {"mp", 0x2213},       {"mu", 0x3BC},        {"nabla", 0x2207},    {"nacute", 0x144},
    {"napos", 0x149},     {"naturals", 0x2115}, {"nbsp", 0xA0},       {"ncaron", 0x148},    {"ncedil", 0x146},
    {"ndash", 0x2013},    {"ne", 0x2260},       {"ni", 0x220B},       {"niv", 0x220B},      {"nldr", 0x2025},
    {"not", 0xAC},        {"notin", 0x2209},    {"notinva", 0x2209},  {"nsim", 0x2241},     {"nsub", 0x2284},
    {"ntilde", 0xF1},     {"nu", 0x3BD},        {"num", 0x23},        {"numero", 0x2116},   {"oacute", 0xF3},
    {"ocirc", 0xF4},      {"odblac", 0x151},    {"oelig", 0x153},     {"ograve", 0xF2},     {"ohm", 0x3A9},
    {"oint", 0x222E},     {"oline", 0x203E},    {"omacr", 0x14D},     {"omega", 0x3C9},     {"omicron", 0x3BF},
    {"oplus", 0x2295},    {"or", 0x2228},       {"ordf", 0xAA},       {"ordm", 0xBA},       {"oslash", 0xF8},
    {"otilde", 0xF5},     {"otimes", 0x2297},   {"ouml", 0xF6},       {"par", 0x2225},      {"para", 0xB6},
    {"parallel", 0x2225}, {"part", 0x2202},     {"percnt", 0x25},     {"period", 0x2E},     {"permil", 0x2030},
    {"perp", 0x22A5},     {"pertenk", 0x2031},  {"phi", 0x3C6},       {"phiv", 0x3D5},      {"phone", 0x260E},
    {"pi", 0x3C0},        {"piv", 0x3D6},       {"planck", 0x210F},   {"plankv", 0x210F},   {"plus", 0x2B},
    {"plusmn", 0xB1},     {"pm", 0xB1},         {"pound", 0xA3},      {"prime", 0x2032},    {"prod", 0x220F},
    {"prop", 0x221D},     {"propto", 0x221D},   {"psi", 0x3C8},       {"qprime", 0x2057},   {"quest", 0x3F},
    {"quot", 0x22},       {"rArr", 0x21D2},     {"racute", 0x155},    {"radic", 0x221A},    {"rang", 0x27E9},
    {"raquo", 0xBB},      {"rarr", 0x2192},     {"rbrace", 0x7D},     {"rbrack", 0x5D},     {"rcaron", 0x159},
    {"rcedil", 0x157},    {"rceil", 0x2309},    {"rcub", 0x7D},       {"rdquo", 0x201D},    {"rdquor", 0x201D},
    {"real", 0x211C},     {"realpart", 0x211C}, {"reals", 0x211D},    {"reg", 0xAE},        {"rfloor", 0x230B},
    {"rho", 0x3C1},       {"rhov", 0x3F1},      {"rlm", 0x200F},      {"rpar", 0x29},       {"rsaquo", 0x203A},
    {"rsqb", 0x5D},       {"rsquo", 0x2019},    {"rsquor", 0x2019},   {"sacute", 0x15B},    {"sbquo", 0x201A},
    {"scaron", 0x161},    {"scedil", 0x15F},    {"scirc", 0x15D},     {"sdot", 0x22C5},     {"sect", 0xA7},
    {"semi", 0x3B},       {"setminus", 0x2216}, {"setmn", 0x2216},    {"sharp", 0x266F},    {"shortmid", 0x2223},
    {"shy", 0xAD},        {"sigma", 0x3C3},     {"sigmaf", 0x3C2},    {"sigmav", 0x3C2},    {"sim", 0x223C},
    {"sime", 0x2243},     {"simeq", 0x2243},    {"slarr", 0x2190},    {"smid", 0x2223},     {"sol", 0x2F},
    {"spades", 0x2660},   {"spar", 0x2225},     {"squ", 0x25A1},      {"square", 0x25A1},   {"squarf", 0x25AA},
    {"squf", 0x25AA},     {"srarr", 0x2192},    {"ssetmn", 0x2216},   {"star", 0x2606},     {"starf", 0x2605},
    {"strns", 0xAF},      {"sub", 0x2282},      {"sube", 0x2286},     {"subset", 0x2282},   {"subseteq", 0x2286},
    {"sum", 0x2211},      {"sung", 0x266A},     {"sup", 0x2283},      {"sup1", 0xB9},       {"sup2", 0xB2},
    {"sup3", 0xB3},       {"supe", 0x2287},     {"supset", 0x2283},   {"supseteq", 0x2287}, {"szlig", 0xDF},
    {"tau", 0x3C4},       {"tcaron", 0x165},    {"tcedil", 0x163},    {"there4", 0x2234},   {"theta", 0x3B8},
    {"thetasym", 0x3D1},  {"thetav", 0x3D1},    {"thicksim", 0x223C}, {"thinsp", 0x2009},   {"thkap", 0x2248},
    {"thksim", 0x223C},   {"thorn", 0xFE},      {"tilde", 0x2DC},     {"times", 0xD7},      {"tprime", 0x2034},
    {"trade", 0x2122},    {"triangle", 0x25B5}, {"tstrok", 0x167},    {"uArr", 0x21D1},     {"uacute", 0xFA},
    {"uarr", 0x2191},     {"ubreve", 0x16D},    {"ucirc", 0xFB},      {"udblac", 0x171},    {"ugrave", 0xF9},
    {"umacr", 0x16B},     {"uml", 0xA8},        {"uogon", 0x173},     {"uparrow", 0x2191},  {"upsi", 0x3C5},
    {"upsih", 0x3D2},     {"upsilon", 0x3C5},   {"uring", 0x16F},     {"utilde", 0x169},    {"utri", 0x25B5},
    {"uuml", 0xFC},       {"vDash", 0x22A8},    {"varphi", 0x3D5},    {"varpi", 0x3D6},     {"varrho", 0x3F1},
    {"varsigma", 0x3C2},  {"vartheta", 0x3D1},  {"vdash", 0x22A2},    {"vee", 0x2228},      {"verbar", 0x7C},
    {"vert", 0x7C},       {"vprop", 0x221D},    {"wcirc", 0x175},     {"wedge", 0x2227},    {"weierp", 0x2118},
    {"wp", 0x2118},       {"xhArr", 0x27FA},    {"xi", 0x3BE},        {"xlarr", 0x27F5},    {"xrArr", 0x27F9},
    {"xrarr", 0x27F6},    {"xutri", 0x25B3},    {"yacute", 0xFD},     {"ycirc", 0x177},     {"yen", 0xA5},
    {"yuml", 0xFF},       {"zacute", 0x17A},    {"zcaron", 0x17E},    {"zdot", 0x17C},      {"zeta", 0x3B6},
    {"zwj", 0x200D},      {"zwnj", 0x200C},
};

constexpr bool by_name(const Entity& left, const Entity& right) {
  return left.name < right.name;
}
static_assert(std::is_sorted(std::begin(entities), std::end(entities), by_name));

constexpr std::size_t longest_name = 8;
constexpr std::size_t most_digits = 16;  // with leading zeros

/// windows-1252 from 128 on, where pages mean it by what are controls in Unicode; 0 where it has nothing.
constexpr std::array<std::uint16_t, 32> windows_1252 = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                        0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::uint32_t character(std::uint32_t number) {
  constexpr std::uint32_t first_c1 = 0x80;
  if (number >= first_c1 && number < first_c1 + windows_1252.size()) return windows_1252[number - first_c1];
  const bool control = (number < 0x20 && number != '\t' && number != '\n' && number != '\r') || number == 0x7F;
  const bool surrogate = number >= 0xD800 && number < 0xE000;
  return control || surrogate || number > 0x10FFFF ? 0 : number;
}

CharacterReference read_number(std::string_view text) {
  const bool hexadecimal = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
  const std::string_view digits = text.substr(hexadecimal ? 3 : 2, most_digits);
  std::uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, hexadecimal ? 16 : 10);
  if (error != std::errc() || end == digits.data() + digits.size() || *end != ';') return {};
  return {character(number), static_cast<std::size_t>(end + 1 - text.data())};
}

CharacterReference read_name(std::string_view text) {
  const std::size_t end = text.substr(0, longest_name + 2).find(';');
  if (end == std::string_view::npos) return {};
  const Entity wanted = {text.substr(1, end - 1), 0};
  const auto* found = std::lower_bound(std::begin(entities), std::end(entities), wanted, by_name);
  if (found == std::end(entities) || found->name != wanted.name) return {};
  return {found->code_point, end + 1};
}

}  // namespace

CharacterReference read_character_reference(std::string_view text) {
  if (text.empty() || text[0] != '&') return {};
  return text.size() > 1 && text[1] == '#' ? read_number(text) : read_name(text);
}

}  // namespace farpoint::clean
