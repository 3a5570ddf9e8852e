// SPDX-License-Identifier: Apache-2.0
//! Where a tokenizer's post-processor puts special tokens. It is asked once, with one stand-in token a text: what it
//! adds depends on no text.

use tokenizers::tokenizer::{Encoding, PostProcessor, Token};
use tokenizers::PostProcessorWrapper;

const STAND_INS: [u32; 2] = [u32::MAX, u32::MAX - 1];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Special(u32),
    Text(usize),
}

/// The parts of a finished encoding, each with its type id.
pub struct Layout {
    parts: Vec<(Part, u32)>,
    added: usize,
}

impl Layout {
    /// Of one text or of a pair.
    pub fn of(processor: Option<&PostProcessorWrapper>, texts: usize, special_tokens: bool) -> Result<Self, String> {
        let plain = |text: usize| (Part::Text(text), text as u32);
        let parts = match processor {
            None => (0..texts).map(plain).collect(),
            Some(processor) => ask(processor, texts, special_tokens)?,
        };
        for text in 0..texts {
            if parts.iter().filter(|(part, _)| *part == Part::Text(text)).count() != 1 {
                return Err("its post-processor leaves a text out or repeats it".into());
            }
        }
        let added = parts.len() - texts;
        Ok(Layout { parts, added })
    }

    /// Number of tokens besides those of the texts.
    pub fn added(&self) -> usize {
        self.added
    }

    /// The special tokens before the first text (`true`) or behind the last.
    pub fn edge(&self, front: bool) -> Vec<u32> {
        let special = |&(part, _): &(Part, u32)| match part {
            Part::Special(id) => Some(id),
            Part::Text(_) => None,
        };
        if front {
            return self.parts.iter().map_while(special).collect();
        }
        let mut ids: Vec<u32> = self.parts.iter().rev().map_while(special).collect();
        ids.reverse();
        ids
    }

    pub fn write(&self, texts: &[&[u32]], ids: &mut Vec<u32>, mut type_ids: Option<&mut Vec<u32>>) {
        for (part, type_id) in &self.parts {
            let before = ids.len();
            match part {
                Part::Special(id) => ids.push(*id),
                Part::Text(text) => ids.extend_from_slice(texts[*text]),
            }
            if let Some(type_ids) = type_ids.as_deref_mut() {
                type_ids.resize(type_ids.len() + ids.len() - before, *type_id);
            }
        }
    }
}

fn ask(processor: &PostProcessorWrapper, texts: usize, special_tokens: bool) -> Result<Vec<(Part, u32)>, String> {
    let stand_in = |text: usize| {
        let token = Token::new(STAND_INS[text], String::new(), (0, 0));
        Encoding::from_tokens(vec![token], text as u32)
    };
    let pair = (texts == 2).then(|| stand_in(1));
    let encoding = processor.process(stand_in(0), pair, special_tokens).map_err(|error| error.to_string())?;
    let part = |id: &u32| match STAND_INS.iter().position(|stand_in| stand_in == id) {
        Some(text) => Part::Text(text),
        None => Part::Special(*id),
    };
    Ok(encoding.get_ids().iter().map(part).zip(encoding.get_type_ids().iter().copied()).collect())
}
