// SPDX-License-Identifier: Apache-2.0
//! The C functions around an Encoder.

use crate::boundary::{call, free, OwnedString, Text};
use crate::encoder::{Encoder, Lists, Options};

#[repr(C)]
pub struct EncodeOptions {
    special_tokens: bool,
    /// 0: no limit
    max_tokens: usize,
}

/// What the lists hold, as long as they are not freed. No type ids for single texts.
#[repr(C)]
pub struct ListsView {
    ids: *const u32,
    type_ids: *const u32,
    id_count: usize,
    ends: *const u64,
    truncated: *const u8,
    count: usize,
    replaced: u64,
}

/// # Safety
/// `json` as Text asks; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_open(json: Text, out: *mut *mut Encoder) -> OwnedString {
    call(out, || {
        // The caller has threads of its own.
        tokenizers::utils::parallelism::set_parallelism(false);
        Ok(Box::into_raw(Box::new(Encoder::from_json(json.bytes())?)))
    })
}

/// # Safety
/// `tokenizer` is from farpoint_tokenizer_open() and used by no one, or null.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_free(tokenizer: *mut Encoder) {
    free(tokenizer);
}

/// # Safety
/// `tokenizer` is open; `first` and, unless it is null, `second` hold `count` texts; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_encode(
    tokenizer: *const Encoder,
    first: *const Text,
    second: *const Text,
    count: usize,
    options: EncodeOptions,
    out: *mut *mut Lists,
) -> OwnedString {
    call(out, || {
        let texts =
            |from: *const Text| -> Vec<&[u8]> { (0..count).map(|i| unsafe { (*from.add(i)).bytes() }).collect() };
        let second = (!second.is_null()).then(|| texts(second));
        let options = Options {
            special_tokens: options.special_tokens,
            max_tokens: (options.max_tokens > 0).then_some(options.max_tokens),
        };
        let lists = (*tokenizer).encode(&texts(first), second.as_deref(), options)?;
        Ok(Box::into_raw(Box::new(lists)))
    })
}

/// # Safety
/// `lists` is from farpoint_tokenizer_encode() and not freed.
#[no_mangle]
pub unsafe extern "C" fn farpoint_lists_view(lists: *const Lists) -> ListsView {
    let lists = &*lists;
    ListsView {
        ids: lists.ids.as_ptr(),
        type_ids: if lists.type_ids.is_empty() { std::ptr::null() } else { lists.type_ids.as_ptr() },
        id_count: lists.ids.len(),
        ends: lists.ends.as_ptr(),
        truncated: lists.truncated.as_ptr(),
        count: lists.ends.len(),
        replaced: lists.replaced,
    }
}

/// # Safety
/// `lists` is from farpoint_tokenizer_encode() and not freed before, or null.
#[no_mangle]
pub unsafe extern "C" fn farpoint_lists_free(lists: *mut Lists) {
    free(lists);
}

/// # Safety
/// `tokenizer` is open; `ids` holds `count` ids; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_decode(
    tokenizer: *const Encoder,
    ids: *const u32,
    count: usize,
    skip_special_tokens: bool,
    out: *mut OwnedString,
) -> OwnedString {
    call(out, || {
        let ids = if count == 0 { &[] } else { std::slice::from_raw_parts(ids, count) };
        let text = (*tokenizer).tokenizer().decode(ids, skip_special_tokens).map_err(|error| error.to_string())?;
        Ok(text.into())
    })
}

/// Writes the id, or -1 where the token is not known.
///
/// # Safety
/// `tokenizer` is open; `token` as Text asks; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_id(tokenizer: *const Encoder, token: Text, out: *mut i64) -> OwnedString {
    call(out, || Ok((*tokenizer).tokenizer().token_to_id(&token.utf8()).map_or(-1, i64::from)))
}

/// Writes the token, or no string where the id is not known.
///
/// # Safety
/// `tokenizer` is open; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_token(
    tokenizer: *const Encoder,
    id: u32,
    out: *mut OwnedString,
) -> OwnedString {
    call(out, || {
        let token = (*tokenizer).tokenizer().id_to_token(id);
        Ok(token.map_or_else(OwnedString::none, OwnedString::from))
    })
}

/// # Safety
/// `tokenizer` is open.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_vocab_size(tokenizer: *const Encoder) -> usize {
    (*tokenizer).vocab_size()
}

/// Whether long texts are cut before they are tokenised.
///
/// # Safety
/// `tokenizer` is open.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_cuts(tokenizer: *const Encoder) -> bool {
    !(*tokenizer).cuts().none()
}

/// Number of tokens that post-processing adds to `texts` (1 or 2) texts.
///
/// # Safety
/// `tokenizer` is open.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_added(tokenizer: *const Encoder, texts: usize) -> usize {
    (*tokenizer).layout(texts, true).added()
}

/// The special tokens before (`front`) or behind a single text, as lists with one record.
///
/// # Safety
/// `tokenizer` is open; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_tokenizer_edge(
    tokenizer: *const Encoder,
    front: bool,
    out: *mut *mut Lists,
) -> OwnedString {
    call(out, || {
        let ids = (*tokenizer).layout(1, true).edge(front);
        let ends = vec![ids.len() as u64];
        Ok(Box::into_raw(Box::new(Lists { ids, ends, truncated: vec![0], ..Lists::default() })))
    })
}
