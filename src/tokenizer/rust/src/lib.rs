// SPDX-License-Identifier: Apache-2.0
//! What Farpoint takes from Rust: Hugging Face tokenizers and chat templates, behind the C interface that
//! tokenizer_abi.h declares.

mod boundary;
mod cuts;
mod encoder;
mod layout;
mod python;
mod template;
mod template_abi;
mod tokenizer_abi;
