// SPDX-License-Identifier: Apache-2.0
//! A chat template with the variables of its model's folder.

use std::path::{Path, PathBuf};

use minijinja::{context, AutoEscape, Environment, Value};
use serde_json::{Map, Value as Json};

use crate::python;

const CONFIG: &str = "tokenizer_config.json";
const TEMPLATE: &str = "chat_template.jinja";
const NAME: &str = "chat template";
/// Fields in which templates look for what a model thought before it answered.
const REASONING: [&str; 3] = ["reasoning_content", "thinking", "reasoning"];

pub struct Template {
    environment: Environment<'static>,
    /// Where the template's text stands, for messages.
    origin: String,
    special_tokens: Value,
    uses_time: bool,
}

impl Template {
    /// None where the folder has no template.
    pub fn from_folder(folder: &Path) -> Result<Option<Self>, String> {
        let config = read_json(&folder.join(CONFIG))?.unwrap_or_default();
        let Some((origin, source)) = find_source(folder, &config)? else { return Ok(None) };
        let uses_time = source.contains("strftime_now");
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        python::add_to(&mut environment);
        let source = without_generation_blocks(&source);
        environment.add_template_owned(NAME, source).map_err(|error| explain(&origin, &error))?;
        Ok(Some(Template { environment, origin, special_tokens: special_tokens(folder, &config)?, uses_time }))
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn uses_time(&self) -> bool {
        self.uses_time
    }

    pub fn render(&self, messages: &str, add_generation_prompt: bool) -> Result<String, String> {
        let messages: Json =
            serde_json::from_str(messages).map_err(|error| format!("the messages are not JSON: {error}"))?;
        let messages = match messages {
            Json::Array(messages) if messages.iter().all(Json::is_object) => messages,
            _ => return Err("the messages are not a list of objects".into()),
        };
        let messages: Vec<Json> = messages.into_iter().map(with_reasoning).collect();
        let template = self.environment.get_template(NAME).map_err(|error| explain(&self.origin, &error))?;
        let none = Value::from(());
        template
            .render(context! {
                messages => Value::from_serialize(messages), add_generation_prompt, tools => none, documents => none,
                ..self.special_tokens.clone()
            })
            .map_err(|error| explain(&self.origin, &error))
    }
}

fn read(file: &Path) -> Result<Option<String>, String> {
    match std::fs::read(file) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(format!("{}: not UTF-8", file.display())),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

fn read_json(file: &Path) -> Result<Option<Json>, String> {
    let Some(text) = read(file)? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|error| format!("{}: not JSON: {error}", file.display()))
}

/// The template and where it stands. A file of its own wins, as in transformers.
fn find_source(folder: &Path, config: &Json) -> Result<Option<(String, String)>, String> {
    let file = folder.join(TEMPLATE);
    if let Some(source) = read(&file)? {
        return Ok(Some((file.display().to_string(), source)));
    }
    let within = |part: &str| format!("{}: {part}", folder.join(CONFIG).display());
    let named = |entry: &&Json| entry["name"] == "default";
    match &config["chat_template"] {
        Json::String(source) => Ok(Some((within("chat_template"), source.clone()))),
        Json::Array(entries) => match entries.iter().find(named).map(|entry| &entry["template"]) {
            Some(Json::String(source)) => Ok(Some((within("chat_template \"default\""), source.clone()))),
            _ => Err(within("none of the templates of chat_template has the name \"default\"")),
        },
        Json::Null => Ok(None),
        _ => Err(within("chat_template is neither a text nor a list")),
    }
}

/// bos_token and the like. Older folders keep them in a file of their own.
fn special_tokens(folder: &Path, config: &Json) -> Result<Value, String> {
    let older: PathBuf = folder.join("special_tokens_map.json");
    let older = read_json(&older)?.unwrap_or_default();
    let mut tokens = Map::new();
    for (key, value) in [&older, config].into_iter().filter_map(Json::as_object).flatten() {
        let content = value.get("content").unwrap_or(value);
        if key.ends_with("_token") && content.is_string() {
            tokens.insert(key.clone(), content.clone());
        }
    }
    Ok(Value::from_serialize(tokens))
}

/// As transformers does: what one of the fields holds, the others do too.
fn with_reasoning(message: Json) -> Json {
    let Json::Object(mut fields) = message else { return message };
    let reasoning = REASONING.iter().find_map(|key| fields.get(*key).filter(|value| !value.is_null())).cloned();
    if let Some(reasoning) = reasoning {
        fields.entry("thinking").or_insert_with(|| reasoning.clone());
        fields.insert("reasoning_content".into(), reasoning);
    }
    Json::Object(fields)
}

/// transformers' own tag marks what the assistant says and leaves it as it is; another tag that does nothing stands in,
/// so that lines keep their numbers.
fn without_generation_blocks(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find("{%") {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let Some(end) = tag.find("%}") else {
            rest = tag;
            break;
        };
        let inner = &tag[2..end];
        let name = inner.trim_matches(|c: char| c.is_whitespace() || c == '-' || c == '+');
        let stand_in = match name {
            "generation" => Some("if true"),
            "endgeneration" => Some("endif"),
            _ => None,
        };
        out.push_str("{%");
        match stand_in {
            Some(stand_in) => out.push_str(&inner.replacen(name, stand_in, 1)),
            None => out.push_str(inner),
        }
        out.push_str("%}");
        rest = &tag[end + 2..];
    }
    out.push_str(rest);
    out
}

fn explain(origin: &str, error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!(", line {line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{origin}{line}: {}{detail}", error.kind())
}
