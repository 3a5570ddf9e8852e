// SPDX-License-Identifier: Apache-2.0
//! The C functions around a Template.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::boundary::{call, free, OwnedString, Text};
use crate::template::Template;

/// Writes null where the folder has no template.
///
/// # Safety
/// `folder` as Text asks; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_template_open(folder: Text, out: *mut *mut Template) -> OwnedString {
    call(out, || {
        let template = Template::from_folder(Path::new(OsStr::from_bytes(folder.bytes())))?;
        Ok(template.map_or(std::ptr::null_mut(), |template| Box::into_raw(Box::new(template))))
    })
}

/// # Safety
/// `template` is from farpoint_template_open() and used by no one, or null.
#[no_mangle]
pub unsafe extern "C" fn farpoint_template_free(template: *mut Template) {
    free(template);
}

/// # Safety
/// `template` is open; `messages` as Text asks; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_template_render(
    template: *const Template,
    messages: Text,
    add_generation_prompt: bool,
    out: *mut OwnedString,
) -> OwnedString {
    call(out, || Ok((*template).render(&messages.utf8(), add_generation_prompt)?.into()))
}

/// # Safety
/// `template` is open; `out` may be written.
#[no_mangle]
pub unsafe extern "C" fn farpoint_template_origin(template: *const Template, out: *mut OwnedString) -> OwnedString {
    call(out, || Ok((*template).origin().to_owned().into()))
}

/// # Safety
/// `template` is open.
#[no_mangle]
pub unsafe extern "C" fn farpoint_template_uses_time(template: *const Template) -> bool {
    (*template).uses_time()
}
