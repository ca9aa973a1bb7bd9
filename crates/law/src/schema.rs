//! JSON Schemas for editors and the key tables of the guide, both made from `shapes`, so that they
//! can never say something else than the reader does.

use crate::shape::{CITED, Key, Kind, PARAM, Shape, WORDS};
use crate::shapes::FILES;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The JSON Schema (draft 2020-12) of each kind of file, by name: `scheme`, `frame`, `case`, ….
pub fn schemas() -> BTreeMap<&'static str, Value> {
    FILES.iter().map(|(name, shape)| (*name, schema(shape))).collect()
}

fn schema(shape: &'static Shape) -> Value {
    let mut definitions = Map::new();
    let top = object(shape, &mut definitions);
    definitions.remove(shape.name);
    let mut out = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": shape.name,
    });
    let Value::Object(out_map) = &mut out else { unreachable!("just made an object") };
    if let Value::Object(top) = top {
        out_map.extend(top);
    }
    out_map.insert("$defs".into(), Value::Object(definitions));
    out
}

fn object(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for key in shape.all_keys() {
        let mut value = kind(&key.kind, definitions);
        if let Value::Object(map) = &mut value {
            map.insert("description".into(), json!(format!("{} Example: {}", key.doc, key.example)));
        }
        properties.insert(key.name.into(), value);
    }
    let needed: Vec<&str> = shape.keys.iter().filter(|k| k.need).map(|k| k.name).collect();
    json!({
        "description": shape.doc,
        "type": "object",
        "additionalProperties": false,
        "required": needed,
        "properties": properties,
    })
}

fn reference(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(shape.name) {
        // Placed first, so that a section within itself ends here.
        definitions.insert(shape.name.into(), Value::Null);
        let value = object(shape, definitions);
        definitions.insert(shape.name.into(), value);
    }
    json!({ "$ref": format!("#/$defs/{}", shape.name) })
}

fn kind(of: &'static Kind, definitions: &mut Map<String, Value>) -> Value {
    match of {
        Kind::Text => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Words => json!({ "anyOf": [{ "type": "string", "pattern": "\\|" }, reference(&WORDS, definitions)] }),
        Kind::Param => json!({ "anyOf": [number(), reference(&PARAM, definitions)] }),
        Kind::Number => json!({ "anyOf": [number()] }),
        Kind::Factor => json!({ "type": ["number", "string"] }),
        Kind::Integer(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Formula => json!({ "type": ["string", "number", "boolean"] }),
        Kind::Name => json!({ "type": ["string", "number"] }),
        Kind::Division => json!({ "type": ["string", "integer"], "pattern": "^[1-8][0-9]{5}$" }),
        Kind::OneOf(words) => json!({ "enum": words.iter().map(|(w, _)| w).collect::<Vec<_>>() }),
        Kind::List(item) => json!({ "type": "array", "items": kind(item, definitions) }),
        Kind::Map(value) => json!({ "type": "object", "additionalProperties": kind(value, definitions) }),
        // Wrapped, because a description beside `$ref` belongs to the key and not to the section.
        Kind::Shape(shape) => json!({ "allOf": [reference(shape, definitions)] }),
        Kind::Either(kinds) => json!({ "anyOf": kinds.iter().map(|k| kind(k, definitions)).collect::<Vec<_>>() }),
    }
}

fn number() -> Value {
    json!({ "type": ["number", "string"], "pattern": "^[-0-9.,]+ ?%?$" })
}

/// The key tables of one kind of file in Markdown: every section, every key, with an example.
pub fn tables(name: &str) -> String {
    let mut out = String::new();
    let Some((_, shape)) = FILES.iter().find(|(n, _)| *n == name) else { return out };
    let mut waiting: Vec<&'static Shape> = vec![shape];
    let mut seen: Vec<&str> = Vec::new();
    while !waiting.is_empty() {
        let shape = waiting.remove(0);
        if seen.contains(&shape.name) || [PARAM.name, WORDS.name].contains(&shape.name) {
            continue;
        }
        seen.push(shape.name);
        out.push_str(&format!("\n### `{}`\n\n{}\n", shape.name, shape.doc));
        if shape.cited {
            out.push_str("Also takes `clause`, `unverified`, `verified` and `note`.\n");
        }
        out.push_str("\n| key | takes | says | example |\n| --- | --- | --- | --- |\n");
        for key in shape.keys {
            out.push_str(&row(key));
            inner(&key.kind, &mut waiting);
        }
    }
    out
}

/// The keys that every cited section takes, as a table.
pub fn cited_table() -> String {
    let rows: String = CITED.iter().map(row).collect();
    format!("\n| key | takes | says | example |\n| --- | --- | --- | --- |\n{rows}")
}

fn row(key: &Key) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let need = if key.need { " (needed)" } else { "" };
    format!("| `{}`{need} | {} | {} | `{}` |\n", key.name, cell(&takes(&key.kind)), cell(key.doc), cell(key.example))
}

fn takes(of: &Kind) -> String {
    match of {
        Kind::Text => "a text".into(),
        Kind::Words => "`中文 | English`".into(),
        Kind::Param => "a number".into(),
        Kind::Number => "a bare number".into(),
        Kind::Factor => "a number or quotient".into(),
        Kind::Integer(low, high) => format!("a whole number, {low} to {high}"),
        Kind::Date => "a date".into(),
        Kind::Bool => "`true` or `false`".into(),
        Kind::Formula => "a formula".into(),
        Kind::Name => "a name".into(),
        Kind::Division => "a division code".into(),
        Kind::OneOf(words) => words.iter().map(|(w, doc)| format!("`{w}` ({doc})")).collect::<Vec<_>>().join(", "),
        Kind::List(item) => format!("a list, each {}", takes(item)),
        Kind::Map(value) => format!("names, each with {}", takes(value)),
        Kind::Shape(shape) => format!("section `{}`", shape.name),
        Kind::Either(kinds) => kinds.iter().map(takes).collect::<Vec<_>>().join("; or "),
    }
}

fn inner(of: &'static Kind, out: &mut Vec<&'static Shape>) {
    match of {
        Kind::Shape(shape) => out.push(shape),
        Kind::List(kind) | Kind::Map(kind) => inner(kind, out),
        Kind::Either(kinds) => kinds.iter().for_each(|k| inner(k, out)),
        _ => {}
    }
}
