// SPDX-License-Identifier: Apache-2.0
//! A tokenizer.json without its truncation and padding, and lists of ids made with it.

use std::borrow::Cow;

use tokenizers::{ModelWrapper, Tokenizer};

use crate::cuts::Cuts;
use crate::layout::Layout;

/// What a batch is turned into: flat lists, one for each record.
#[derive(Default)]
pub struct Lists {
    pub ids: Vec<u32>,
    pub type_ids: Vec<u32>,
    pub ends: Vec<u64>,
    pub truncated: Vec<u8>,
    pub replaced: u64,
}

#[derive(Clone, Copy)]
pub struct Options {
    pub special_tokens: bool,
    /// None: no limit.
    pub max_tokens: Option<usize>,
}

pub struct Encoder {
    tokenizer: Tokenizer,
    cuts: Cuts,
    /// [texts - 1][special_tokens]
    layouts: [[Layout; 2]; 2],
    vocab_size: usize,
}

/// Ids of one text, perhaps of its beginning alone.
struct Encoded {
    ids: Vec<u32>,
    complete: bool,
}

impl Encoder {
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        let mut tokenizer = Tokenizer::from_bytes(json).map_err(|error| explain(json, &error.to_string()))?;
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|error| error.to_string())?;
        // Dropout is for training tokenizers' users: with it, a text has no one list of ids.
        if let ModelWrapper::BPE(model) = tokenizer.get_model() {
            if model.dropout.is_some() {
                let mut model = model.clone();
                model.dropout = None;
                tokenizer.with_model(model);
            }
        }
        let processor = tokenizer.get_post_processor().cloned();
        let layout = |texts, special| Layout::of(processor.as_ref(), texts, special);
        let layouts = [[layout(1, false)?, layout(1, true)?], [layout(2, false)?, layout(2, true)?]];
        tokenizer.with_post_processor(None::<tokenizers::PostProcessorWrapper>);
        let cuts = Cuts::of(&tokenizer);
        let vocab_size = tokenizer.get_vocab_size(true);
        Ok(Encoder { tokenizer, cuts, layouts, vocab_size })
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    pub fn cuts(&self) -> Cuts {
        self.cuts
    }

    pub fn layout(&self, texts: usize, special_tokens: bool) -> &Layout {
        &self.layouts[texts - 1][usize::from(special_tokens)]
    }

    /// Records of one text, or of two where `second` is given (as many as `first`).
    pub fn encode(&self, first: &[&[u8]], second: Option<&[&[u8]]>, options: Options) -> Result<Lists, String> {
        let layout = self.layout(if second.is_some() { 2 } else { 1 }, options.special_tokens);
        let room = options.max_tokens.map(|most| most.saturating_sub(layout.added()));
        let mut lists = Lists::default();
        for (i, text) in first.iter().enumerate() {
            let (first, first_replaced) = decoded(text);
            let second = second.map(|texts| decoded(texts[i]));
            let replaced = first_replaced || second.as_ref().is_some_and(|(_, replaced)| *replaced);
            lists.replaced += u64::from(replaced);
            let truncated = match second {
                None => {
                    let Encoded { ids, complete } = self.beginning(&first, room)?;
                    let kept = room.map_or(ids.len(), |room| room.min(ids.len()));
                    layout.write(&[&ids[..kept]], &mut lists.ids, None);
                    !complete || kept < ids.len()
                }
                Some((second, _)) => self.encode_pair(&first, &second, room, layout, &mut lists)?,
            };
            lists.truncated.push(u8::from(truncated));
            lists.ends.push(lists.ids.len() as u64);
        }
        Ok(lists)
    }

    fn encode_pair(
        &self,
        first: &str,
        second: &str,
        room: Option<usize>,
        layout: &Layout,
        lists: &mut Lists,
    ) -> Result<bool, String> {
        let mut a = self.beginning(first, room)?;
        let mut b = self.beginning(second, room)?;
        if let Some(room) = room {
            // The odd token goes to the longer one: then both lengths must be known.
            if room % 2 == 1 && a.ids.len() > room && b.ids.len() > room {
                if !a.complete {
                    a = self.all(first)?;
                }
                if !b.complete {
                    b = self.all(second)?;
                }
            }
        }
        let (kept_a, kept_b) =
            room.map_or((a.ids.len(), b.ids.len()), |room| longest_first(a.ids.len(), b.ids.len(), room));
        layout.write(&[&a.ids[..kept_a], &b.ids[..kept_b]], &mut lists.ids, Some(&mut lists.type_ids));
        Ok(!(a.complete && b.complete) || kept_a < a.ids.len() || kept_b < b.ids.len())
    }

    fn all(&self, text: &str) -> Result<Encoded, String> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(|error| error.to_string())?;
        Ok(Encoded { ids: encoding.get_ids().to_vec(), complete: true })
    }

    /// All ids of the text; or, where they are surely more than `room` and it saves work, its first ones, more than
    /// `room`.
    fn beginning(&self, text: &str, room: Option<usize>) -> Result<Encoded, String> {
        const LIKELY_BYTES_OF_TOKEN: usize = 8;
        const LEAST_BYTES: usize = 512;
        const GROWTH: usize = 4;
        let Some(room) = room else { return self.all(text) };
        let mut bytes = room.saturating_mul(LIKELY_BYTES_OF_TOKEN).saturating_add(LEAST_BYTES);
        while bytes < text.len() / 2 {
            if let Some(cut) = self.cuts.find(text, bytes, bytes * 2) {
                let encoded = self.all(&text[..cut])?;
                if encoded.ids.len() > room {
                    return Ok(Encoded { complete: false, ..encoded });
                }
            }
            bytes = bytes.saturating_mul(GROWTH);
        }
        self.all(text)
    }
}

/// A text and whether bytes in it that are not UTF-8 were replaced.
fn decoded(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let text = String::from_utf8_lossy(bytes);
    let replaced = matches!(text, Cow::Owned(_));
    (text, replaced)
}

/// How many tokens of each text of a pair are kept: the longer one loses first.
fn longest_first(a: usize, b: usize, room: usize) -> (usize, usize) {
    if a + b <= room {
        return (a, b);
    }
    let shorter = a.min(b);
    let (shorter, longer) = if 2 * shorter >= room { (room / 2, room - room / 2) } else { (shorter, room - shorter) };
    if a > b {
        (longer, shorter)
    } else {
        (shorter, longer)
    }
}

/// The library says of a model that it does not know no more than that nothing fitted.
fn explain(json: &[u8], error: &str) -> String {
    let root: Result<serde_json::Value, _> = serde_json::from_slice(json);
    match root {
        Err(error) => format!("not JSON: {error}"),
        Ok(root) => match root.pointer("/model/type") {
            Some(kind) => format!("not a tokenizer that can be read (its model is of type {kind}): {error}"),
            None => format!("not a tokenizer that can be read: {error}"),
        },
    }
}
