// SPDX-License-Identifier: Apache-2.0
//! What crosses the C boundary: texts, strings that Rust allocated, errors; never a panic.

use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

/// Bytes of the caller's, alive during the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    data: *const u8,
    size: usize,
}

impl Text {
    /// # Safety
    /// `data` points to `size` bytes that outlive the result, or is null where `size` is 0.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.size == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.data, self.size)
    }

    /// # Safety
    /// As bytes().
    pub unsafe fn utf8<'a>(self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.bytes())
    }
}

/// A string for the caller, who gives it back to farpoint_string_free(). No data: no string.
#[repr(C)]
pub struct OwnedString {
    data: *mut u8,
    size: usize,
}

impl OwnedString {
    pub fn none() -> Self {
        OwnedString { data: std::ptr::null_mut(), size: 0 }
    }
}

impl From<String> for OwnedString {
    fn from(text: String) -> Self {
        let bytes = text.into_bytes().into_boxed_slice();
        let size = bytes.len();
        OwnedString { data: Box::into_raw(bytes).cast(), size }
    }
}

/// # Safety
/// `string` came from this crate and was not freed before.
#[no_mangle]
pub unsafe extern "C" fn farpoint_string_free(string: OwnedString) {
    if !string.data.is_null() {
        drop(Box::from_raw(std::ptr::slice_from_raw_parts_mut(string.data, string.size)));
    }
}

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A panic is reported as the error of the call, so it need not be printed too.
fn keep_panics_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|panic| LAST_PANIC.set(panic.to_string())));
    });
}

fn unwound<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    keep_panics_quiet();
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        // The payload's own destructor may panic.
        std::mem::forget(payload);
        Err(format!("internal error: {}", LAST_PANIC.take()))
    })
}

/// Calls `work` and keeps its result in `out`; returns what went wrong, or no string.
///
/// # Safety
/// `out` may be written.
pub unsafe fn call<T>(out: *mut T, work: impl FnOnce() -> Result<T, String>) -> OwnedString {
    match unwound(work) {
        Ok(value) => {
            out.write(value);
            OwnedString::none()
        }
        Err(message) => message.into(),
    }
}

/// Drops what the caller owned; a panic on the way is of no use to anyone.
///
/// # Safety
/// `owned` came from Box::into_raw and was not dropped before, or is null.
pub unsafe fn free<T>(owned: *mut T) {
    let _ = unwound(|| {
        if !owned.is_null() {
            drop(Box::from_raw(owned));
        }
        Ok(())
    });
}
