//! YAML text as a tree in which every key and value knows its place. Scalars stay text, so that a
//! number is read exactly as written; keys keep their order; a key written twice is a finding.

use crate::place::{Diagnostic, Place};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use std::sync::Arc;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it begins.
    pub at: Place,
    /// What it is.
    pub data: Data,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Data {
    /// Text as written, without its quotes.
    Scalar {
        /// The text.
        text: String,
        /// Written in quotes or as a block, so that `""` is an empty text and not "nothing".
        quoted: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys and values in the order written.
    Map(Vec<(Key, Node)>),
}

/// A key with its place.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where.
    pub at: Place,
    /// The key.
    pub text: String,
}

impl Node {
    /// The text of a scalar; `None` for lists, maps and nothing.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar { text, .. } if !self.is_nothing() => Some(text),
            _ => None,
        }
    }

    /// True for a value left empty, `~` or `null`.
    pub fn is_nothing(&self) -> bool {
        matches!(&self.data, Data::Scalar { text, quoted: false } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// The value of a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, v)| k.text == key && !v.is_nothing()).map(|(_, v)| v)
    }

    /// Keys and values of a map; empty for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Items of a list; empty for anything else.
    pub fn items(&self) -> &[Node] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// What a person would call it in a message.
    pub fn describe(&self) -> String {
        match &self.data {
            Data::Scalar { .. } if self.is_nothing() => "nothing".to_owned(),
            Data::Scalar { text, .. } => format!("`{text}`"),
            Data::List(items) => format!("a list of {}", items.len()),
            Data::Map(_) => "a section with keys".to_owned(),
        }
    }
}

/// Reads one YAML document. `None` when the text is no YAML; the finding then says where.
pub fn parse(file: &Arc<str>, text: &str, findings: &mut Vec<Diagnostic>) -> Option<Node> {
    let mut builder = Builder { file: file.clone(), open: Vec::new(), done: None, findings };
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => builder.take(event, &span.start),
            Err(error) => {
                let at = place(file, error.marker());
                builder.findings.push(Diagnostic::error(
                    "yaml-syntax",
                    &at,
                    format!("this is no YAML: {}", error.info()),
                    "keys and values as `key: value`, lists with `- `, indented by spaces",
                ));
                return None;
            }
        }
    }
    let done = builder.done.take();
    if done.is_none() {
        let at = Place { file: file.clone(), line: 1, column: 1 };
        findings.push(Diagnostic::error("empty-file", &at, "the file holds nothing", "a definition"));
    }
    done
}

fn place(file: &Arc<str>, mark: &Marker) -> Place {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Place { file: file.clone(), line: count(mark.line()), column: count(mark.col()).saturating_add(1) }
}

/// A list or map that has begun and not ended.
enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<(Key, Node)>, Option<Key>),
}

struct Builder<'a> {
    file: Arc<str>,
    open: Vec<Open>,
    done: Option<Node>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, mark: &Marker) {
        let at = place(&self.file, mark);
        match event {
            Event::Scalar(text, style, ..) => {
                let quoted = style != ScalarStyle::Plain;
                self.put(Node { at, data: Data::Scalar { text: text.into_owned(), quoted } });
            }
            Event::SequenceStart(..) => self.open.push(Open::List(at, Vec::new())),
            Event::MappingStart(..) => self.open.push(Open::Map(at, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List(at, items)) => self.put(Node { at, data: Data::List(items) }),
                Some(Open::Map(at, entries, _)) => self.put(Node { at, data: Data::Map(entries) }),
                None => {}
            },
            Event::Alias(_) => {
                self.findings.push(Diagnostic::error(
                    "yaml-alias",
                    &at,
                    "a reference to another place of the file",
                    "the value itself: every definition reads without looking elsewhere",
                ));
                self.put(Node { at, data: Data::Scalar { text: String::new(), quoted: false } });
            }
            Event::DocumentStart(_) if self.done.is_some() => {
                self.findings.push(Diagnostic::error(
                    "second-document",
                    &at,
                    "a second document",
                    "one definition per file",
                ));
            }
            _ => {}
        }
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, waiting)) => match waiting.take() {
                Some(key) => entries.push((key, node)),
                None => {
                    let text = match &node.data {
                        Data::Scalar { text, .. } => text.clone(),
                        _ => {
                            self.findings.push(Diagnostic::error(
                                "yaml-key",
                                &node.at,
                                "a key that is no text",
                                "a plain key",
                            ));
                            String::new()
                        }
                    };
                    if let Some((first, _)) = entries.iter().find(|(k, _)| k.text == text) {
                        self.findings.push(Diagnostic::error(
                            "duplicate-key",
                            &node.at,
                            format!("`{text}` is written twice, first in line {}", first.at.line),
                            "each key once",
                        ));
                    }
                    *waiting = Some(Key { at: node.at, text });
                }
            },
            None if self.done.is_none() => self.done = Some(node),
            None => {}
        }
    }
}
