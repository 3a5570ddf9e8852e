// SPDX-License-Identifier: Apache-2.0
//! Where a long text may be cut so that the ids of its beginning are the first ids of the whole.
//!
//! A cut lies before a space, a line break or an East Asian mark, behind an ASCII letter or digit or an unmistakable
//! letter of another script. There the whole text's pieces must end too, whatever follows, and nothing before may
//! depend on what follows. Each part of a tokenizer that is known to behave so is listed here with the reason; a part
//! that is not known forbids all cuts. The rules are checked against whole encodings in tests/tokenizer.

use serde_json::Value;
use tokenizers::{ModelWrapper, Tokenizer};

/// Letters alone (Unicode's L), and no normalizer drops them or turns their end into anything else, as some do with a
/// dotted capital I or an l with a middle dot. Other characters may count as punctuation, white space or nothing.
const LETTERS: [(char, char); 17] = [
    ('0', '9'),
    ('A', 'Z'),
    ('a', 'z'),
    ('\u{c0}', '\u{d6}'),
    ('\u{d8}', '\u{f6}'),
    ('\u{f8}', '\u{12f}'),
    ('\u{131}', '\u{13e}'),
    ('\u{141}', '\u{24f}'),
    ('\u{391}', '\u{3a1}'),
    ('\u{3a3}', '\u{3ce}'),
    ('\u{410}', '\u{44f}'),
    ('\u{5d0}', '\u{5ea}'),
    ('\u{620}', '\u{63f}'),
    ('\u{3041}', '\u{3096}'),
    ('\u{30a1}', '\u{30fa}'),
    ('\u{4e00}', '\u{9fa5}'),
    ('\u{ac00}', '\u{d7a3}'),
];
/// Comma, full stop, exclamation mark, question mark, enumeration comma.
const MARKS: [char; 5] = ['\u{ff0c}', '\u{3002}', '\u{ff01}', '\u{ff1f}', '\u{3001}'];

/// Patterns of published tokenizers whose matches end where a letter or digit is followed by a space, a line break or
/// a mark: each alternative is a run of one class of characters with at most one character before it, and only runs of
/// white space look at what follows.
const CLASS_RUNS: [&str; 7] = [
    // GPT-2
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?:'s|'t|'re|'ve|'m|'ll|'d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    // GPT-4, Llama 3
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    // Qwen 2 and 3
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    // Qwen 3.5
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    // GPT-4o
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    // DeepSeek V3
    r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##,
];
/// Patterns that set digits or ideographs apart, before another pattern: they match none of the places of cuts, and
/// their matches end with their runs.
const INNER_RUNS: [&str; 4] = [r"\p{N}{1,3}", r"\p{N}", r"\d", "[一-龥぀-ゟ゠-ヿ]+"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cuts {
    space: bool,
    line_break: bool,
    mark: bool,
}

const NONE: Cuts = Cuts { space: false, line_break: false, mark: false };
const ALL: Cuts = Cuts { space: true, line_break: true, mark: true };
const SPACE: Cuts = Cuts { space: true, ..NONE };
const WHITE_SPACE: Cuts = Cuts { space: true, line_break: true, ..NONE };

impl Cuts {
    pub fn of(tokenizer: &Tokenizer) -> Cuts {
        let normalizer = tokenizer.get_normalizer().map(to_value).unwrap_or_default();
        let pre_tokenizer = tokenizer.get_pre_tokenizer().map(to_value).unwrap_or_default();
        let normalizers = flat(&normalizer, "normalizers");
        let mut pre_tokenizers = flat(&pre_tokenizer, "pretokenizers");
        let Some(spaces) = Spaces::after(&normalizers) else { return NONE };
        if spaces == Spaces::Meta {
            // Gemma splits at spaces that are no more.
            pre_tokenizers.retain(|part| part["pattern"]["String"] != " ");
        }
        let kept = normalizers.iter().fold(ALL, |cuts, part| cuts.and(kept_by_normalizer(part, &pre_tokenizers)));
        let split = match spaces {
            Spaces::Plain => splits(&pre_tokenizers),
            Spaces::Meta | Spaces::Mixed => SPACE.only_if(split_at_meta(&pre_tokenizers)),
        };
        let joined = spaces == Spaces::Meta && pre_tokenizers.is_empty() || joins_words(&pre_tokenizers);
        let whole = SPACE.only_if(joined && model_respects_words(tokenizer));
        kept.and(split.or(whole)).and(kept_by_added_tokens(tokenizer))
    }

    pub fn none(self) -> bool {
        self == NONE
    }

    /// A place to cut in bytes [from, to) of the text.
    pub fn find(self, text: &str, from: usize, to: usize) -> Option<usize> {
        if self.none() {
            return None;
        }
        let start = (from..=from + 3).find(|&at| text.is_char_boundary(at))?;
        let mut before = None;
        for (at, c) in text[start..].char_indices() {
            if start + at >= to {
                break;
            }
            if self.allows(c) && before.is_some_and(is_letter) {
                return Some(start + at);
            }
            before = Some(c);
        }
        None
    }

    fn allows(self, c: char) -> bool {
        match c {
            ' ' => self.space,
            '\n' => self.line_break,
            _ => self.mark && MARKS.contains(&c),
        }
    }

    fn and(self, other: Cuts) -> Cuts {
        Cuts {
            space: self.space && other.space,
            line_break: self.line_break && other.line_break,
            mark: self.mark && other.mark,
        }
    }

    fn or(self, other: Cuts) -> Cuts {
        Cuts {
            space: self.space || other.space,
            line_break: self.line_break || other.line_break,
            mark: self.mark || other.mark,
        }
    }

    fn only_if(self, condition: bool) -> Cuts {
        if condition {
            self
        } else {
            NONE
        }
    }

    /// Those over which nothing reaches that is equal to `content`: a cut's character in it follows white space at most,
    /// hence no letter.
    fn not_inside(content: &str) -> Cuts {
        let mut cuts = ALL;
        let mut inside_word = false;
        for c in content.chars() {
            cuts.space &= !(inside_word && c == ' ');
            cuts.line_break &= !(inside_word && c == '\n');
            cuts.mark &= !(inside_word && MARKS.contains(&c));
            inside_word = !c.is_whitespace();
        }
        cuts
    }
}

fn is_letter(c: char) -> bool {
    LETTERS.iter().any(|&(first, last)| (first..=last).contains(&c))
}

fn to_value(part: &impl serde::Serialize) -> Value {
    // What cannot be written is not known.
    serde_json::to_value(part).unwrap_or_else(|_| Value::String("unknown".into()))
}

/// The parts of a sequence of sequences, in order.
fn flat<'a>(part: &'a Value, members: &str) -> Vec<&'a Value> {
    match part.get(members).and_then(Value::as_array) {
        Some(parts) => parts.iter().flat_map(|part| flat(part, members)).collect(),
        None if part.is_null() => Vec::new(),
        None => vec![part],
    }
}

fn type_of(part: &Value) -> &str {
    part["type"].as_str().unwrap_or_default()
}

fn first_type<'a>(parts: &[&'a Value]) -> &'a str {
    parts.first().map(|part| type_of(part)).unwrap_or_default()
}

/// What normalizers make of a space.
#[derive(PartialEq, Eq)]
enum Spaces {
    Plain,
    /// U+2581
    Meta,
    /// One stays, more become U+2581.
    Mixed,
}

impl Spaces {
    fn after(normalizers: &[&Value]) -> Option<Spaces> {
        let mut spaces = Spaces::Plain;
        for part in normalizers.iter().filter(|part| type_of(part) == "Replace") {
            let pattern = &part["pattern"];
            let content = part["content"].as_str()?;
            match (pattern["String"].as_str(), pattern["Regex"].as_str()) {
                (Some(" "), _) if content == "\u{2581}" => spaces = Spaces::Meta,
                (_, Some(" {2,}")) if content == " " => {}
                (_, Some(" {2,}")) if content == "\u{2581}" => spaces = Spaces::Mixed,
                (Some(plain), _) if !plain.contains([' ', '\n']) && !plain.contains(MARKS) => {}
                _ => return None,
            }
        }
        Some(spaces)
    }
}

fn kept_by_normalizer(part: &Value, pre_tokenizers: &[&Value]) -> Cuts {
    match type_of(part) {
        // Character by character, or letters with the marks that follow them: neither reaches over a cut.
        "Lowercase" | "NFC" | "NFKC" | "StripAccents" => ALL,
        // Letters may end in a combining mark afterwards, which some patterns take for punctuation.
        "NFD" | "NFKD" => SPACE,
        // At the ends of the text: the beginning ends in a letter.
        "Strip" | "Prepend" => ALL,
        // Spaces::after() has looked at the pattern.
        "Replace" => ALL,
        // Sets ideographs in spaces, which these drop.
        "BertNormalizer" => {
            let known = ["BertPreTokenizer", "Whitespace", "WhitespaceSplit"];
            ALL.only_if(known.contains(&first_type(pre_tokenizers)))
        }
        // By graphemes, of which none holds a letter and a space.
        "Precompiled" | "Nmt" => SPACE,
        _ => NONE,
    }
}

/// Where the parts, one after the other, surely split. Once pieces end at a cut, what later parts do to each of them
/// does not matter; before, parts must leave the cuts alone.
fn splits(pre_tokenizers: &[&Value]) -> Cuts {
    let mut kept = ALL;
    let mut split = NONE;
    for part in pre_tokenizers {
        split = split.or(kept.and(split_by(part)));
        kept = kept.and(kept_by_pre_tokenizer(part));
    }
    split
}

fn split_by(part: &Value) -> Cuts {
    match type_of(part) {
        "BertPreTokenizer" | "Whitespace" => ALL,
        "WhitespaceSplit" => WHITE_SPACE,
        "Metaspace" => SPACE.only_if(part["split"] != Value::Bool(false)),
        // GPT-2's pattern
        "ByteLevel" => ALL.only_if(part["use_regex"] != Value::Bool(false)),
        "Split" => ALL.only_if(has_pattern(part, &CLASS_RUNS)),
        _ => NONE,
    }
}

fn kept_by_pre_tokenizer(part: &Value) -> Cuts {
    match type_of(part) {
        "Digits" => ALL,
        // As the rest of a line may be joined to a mark, but never a letter to white space.
        "Punctuation" => WHITE_SPACE,
        "Split" => ALL.only_if(has_pattern(part, &INNER_RUNS)),
        _ => NONE,
    }
}

fn has_pattern(split: &Value, patterns: &[&str]) -> bool {
    let invert = split["invert"] == Value::Bool(true);
    let keeps_matches_apart = match split["behavior"].as_str() {
        Some("Isolated") => true,
        Some("Removed") => invert,
        _ => false,
    };
    keeps_matches_apart && split["pattern"]["Regex"].as_str().is_some_and(|pattern| patterns.contains(&pattern))
}

/// Metaspace makes a space of its own of each space, and splits there.
fn split_at_meta(pre_tokenizers: &[&Value]) -> bool {
    let known = pre_tokenizers.iter().all(|part| ["WhitespaceSplit", "Metaspace"].contains(&type_of(part)));
    known && pre_tokenizers.iter().any(|part| type_of(part) == "Metaspace" && part["split"] != Value::Bool(false))
}

/// Spaces become U+2581, and words stay together.
fn joins_words(pre_tokenizers: &[&Value]) -> bool {
    let [only] = pre_tokenizers else { return false };
    type_of(only) == "Metaspace" && only["split"] == Value::Bool(false)
}

/// Whether no token reaches from the end of a word into the next one: then no merge does either, and the best way to
/// the end of a word is a part of the best way through the text.
fn model_respects_words(tokenizer: &Tokenizer) -> bool {
    let plain = match tokenizer.get_model() {
        ModelWrapper::BPE(model) => {
            // Affixes are set at the ends of the text.
            let no_affix = |affix: &Option<String>| affix.as_ref().is_none_or(String::is_empty);
            no_affix(&model.continuing_subword_prefix) && no_affix(&model.end_of_word_suffix) && !model.ignore_merges
        }
        ModelWrapper::Unigram(_) => tokenizer.token_to_id("\u{2581}").is_some(),
        _ => false,
    };
    plain && tokenizer.get_vocab(false).keys().all(|token| !enters_next_word(token))
}

fn enters_next_word(token: &str) -> bool {
    let first_of_word = token.find(|c| c != '\u{2581}').unwrap_or(token.len());
    token[first_of_word..].contains('\u{2581}')
}

/// Added tokens are searched in the whole text, before and after it is normalized.
fn kept_by_added_tokens(tokenizer: &Tokenizer) -> Cuts {
    tokenizer.get_added_tokens_decoder().iter().fold(ALL, |cuts, (&id, token)| {
        let normalized = tokenizer.id_to_token(id).unwrap_or_default();
        let meta = SPACE.only_if(!enters_next_word(&normalized)).or(Cuts { space: false, ..ALL });
        cuts.and(Cuts::not_inside(&token.content)).and(Cuts::not_inside(&normalized)).and(meta)
    })
}
