//! A chain as GraphML (Brandes, Eiglsperger, Lerner, Pich: "Graph Markup Language", 2013), the form that
//! graph programs exchange. Every property is a `data` element under a declared key; evidence is a JSON
//! list in one of them, because GraphML has no lists.

use crate::exchange::parse_word;
use crate::fault::{Code, Fault};
use crate::graph::{Edge, Evidence, Node, Raw, word};
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const NODE_KEYS: [(&str, &str); 7] = [
    ("kind", "string"),
    ("name", "string"),
    ("code", "string"),
    ("place", "string"),
    ("output", "double"),
    ("from", "string"),
    ("until", "string"),
];
const EDGE_KEYS: [(&str, &str); 7] = [
    ("kind", "string"),
    ("share", "double"),
    ("amount", "double"),
    ("confidence", "double"),
    ("evidence", "string"),
    ("valid_from", "string"),
    ("valid_until", "string"),
];

/// A chain as one GraphML document.
pub fn to_graphml(raw: &Raw) -> Result<String, Fault> {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (target, keys) in [("node", NODE_KEYS), ("edge", EDGE_KEYS)] {
        for (name, kind) in keys {
            let _ = writeln!(
                out,
                "  <key id=\"{target}_{name}\" for=\"{target}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
            );
        }
    }
    out.push_str("  <graph id=\"chain\" edgedefault=\"directed\">\n");
    for n in &raw.nodes {
        let _ = writeln!(out, "    <node id=\"{}\">", escaped(&n.id)?);
        data(&mut out, "node_kind", Some(word(&n.kind)))?;
        data(&mut out, "node_name", Some(n.name.clone()))?;
        data(&mut out, "node_code", n.code.clone())?;
        data(&mut out, "node_place", n.place.clone())?;
        data(&mut out, "node_output", n.output)?;
        data(&mut out, "node_from", n.from)?;
        data(&mut out, "node_until", n.until)?;
        out.push_str("    </node>\n");
    }
    for e in &raw.edges {
        let _ = writeln!(out, "    <edge source=\"{}\" target=\"{}\">", escaped(&e.from)?, escaped(&e.to)?);
        let evidence = serde_json::to_string(&e.evidence)
            .map_err(|e| Fault::new(Code::Text, "evidence", e.to_string(), "plain values are allowed"))?;
        data(&mut out, "edge_kind", Some(word(&e.kind)))?;
        data(&mut out, "edge_share", e.share)?;
        data(&mut out, "edge_amount", e.amount)?;
        data(&mut out, "edge_confidence", Some(e.confidence))?;
        data(&mut out, "edge_evidence", Some(evidence))?;
        data(&mut out, "edge_valid_from", e.valid_from)?;
        data(&mut out, "edge_valid_until", e.valid_until)?;
        out.push_str("    </edge>\n");
    }
    out.push_str("  </graph>\n</graphml>\n");
    Ok(out)
}

fn data<T: ToString>(out: &mut String, key: &str, value: Option<T>) -> Result<(), Fault> {
    if let Some(value) = value {
        let _ = writeln!(out, "      <data key=\"{key}\">{}</data>", escaped(&value.to_string())?);
    }
    Ok(())
}

/// Text as XML may hold it. XML 1.0 has no way to write most control characters, so they are refused
/// rather than lost.
fn escaped(text: &str) -> Result<String, Fault> {
    match text.chars().find(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        Some(bad) => {
            let found = format!("the character U+{:04X} in {text:?}", u32::from(bad));
            Err(Fault::new(Code::Text, "GraphML", found, "characters of XML 1.0 are allowed"))
        }
        None => Ok(quick_xml::escape::escape(text).into_owned()),
    }
}

/// A node or link while it is being read.
#[derive(Default)]
struct Open {
    is_node: bool,
    ids: [String; 2],
    data: BTreeMap<String, String>,
}

/// A chain from one GraphML document, unchecked; or every part of it that cannot be read. Keys of other
/// programs are refused by name, and so are undirected links and nested graphs, which a chain has not.
pub fn from_graphml(text: &str) -> Result<Raw, Vec<Fault>> {
    let mut reader = quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut raw, mut faults) = (Raw::default(), Vec::new());
    let mut keys: BTreeMap<String, (String, String)> = BTreeMap::new();
    let (mut open, mut field): (Option<Open>, Option<(String, String)>) = (None, None);
    let mut graphs = 0;
    loop {
        let place = format!("byte {}", reader.buffer_position());
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(e) => {
                faults.push(Fault::new(Code::Text, place, e.to_string(), "well-formed XML is allowed"));
                break;
            }
        };
        match event {
            Event::Eof => break,
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == "key" => {
                let [id, target, name] = ["id", "for", "attr.name"].map(|a| attribute(&e, a).unwrap_or_default());
                keys.insert(id, (target, name));
            }
            Event::Start(e) if e.local_name().as_ref() == "graph" => {
                graphs += 1;
                let given = attribute(&e, "edgedefault").unwrap_or_default();
                if graphs > 1 || given != "directed" {
                    let found = format!("graph {graphs}, edgedefault {given:?}");
                    faults.push(Fault::new(Code::Text, place, found, "one directed graph is allowed"));
                }
            }
            Event::Start(e) if matches!(e.local_name().as_ref(), "node" | "edge") => open = Some(opened(&e)),
            Event::Empty(e) if matches!(e.local_name().as_ref(), "node" | "edge") => {
                close(opened(&e), &keys, &mut raw, &mut faults);
            }
            Event::Start(e) if e.local_name().as_ref() == "data" => {
                field = Some((attribute(&e, "key").unwrap_or_default(), String::new()));
            }
            Event::Text(t) => {
                if let Some((_, value)) = &mut field {
                    value.push_str(&t.xml10_content());
                }
            }
            Event::CData(t) => {
                if let Some((_, value)) = &mut field {
                    value.push_str(&t.xml10_content());
                }
            }
            Event::GeneralRef(r) => {
                if let Some((_, value)) = &mut field {
                    let name = r.xml10_content();
                    let meant = match r.resolve_char_ref() {
                        Ok(Some(c)) => Some(c.to_string()),
                        Ok(None) => quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned),
                        Err(_) => None,
                    };
                    match meant {
                        Some(meant) => value.push_str(&meant),
                        None => {
                            let found = format!("the entity {name}");
                            faults.push(Fault::new(Code::Text, place, found, "entities of XML itself are allowed"));
                        }
                    }
                }
            }
            Event::End(e) if e.local_name().as_ref() == "data" => {
                if let (Some(open), Some((key, value))) = (&mut open, field.take())
                    && open.data.insert(key.clone(), value).is_some()
                {
                    let found = format!("key {key} twice");
                    faults.push(Fault::new(Code::Duplicate, place, found, "each key once is allowed"));
                }
            }
            Event::End(e) if matches!(e.local_name().as_ref(), "node" | "edge") => {
                if let Some(open) = open.take() {
                    close(open, &keys, &mut raw, &mut faults);
                }
            }
            _ => (),
        }
    }
    match faults.is_empty() {
        true => Ok(raw),
        false => Err(faults),
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|a| a.key.as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(|v| v.into_owned())
}

fn opened(element: &BytesStart<'_>) -> Open {
    let is_node = element.local_name().as_ref() == "node";
    let names = if is_node { ["id", "id"] } else { ["source", "target"] };
    Open { is_node, ids: names.map(|a| attribute(element, a).unwrap_or_default()), data: BTreeMap::new() }
}

/// Turns what was read into a node or link.
fn close(open: Open, keys: &BTreeMap<String, (String, String)>, raw: &mut Raw, faults: &mut Vec<Fault>) {
    let place = match open.is_node {
        true => format!("node {}", open.ids[0]),
        false => format!("link {} -> {}", open.ids[0], open.ids[1]),
    };
    let (target, known) = if open.is_node { ("node", NODE_KEYS) } else { ("edge", EDGE_KEYS) };
    let mut values = BTreeMap::new();
    for (id, value) in open.data {
        match keys.get(&id) {
            Some((of, name)) if (of == target || of == "all") && known.iter().any(|(k, _)| k == name) => {
                values.insert(name.clone(), value);
            }
            _ => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                let allowed = format!("keys for {} are allowed", names.join(", "));
                faults.push(Fault::new(Code::Text, &place, format!("data under key {id}"), allowed));
            }
        }
    }
    let mut fields = Fields { place: &place, values, faults };
    if open.is_node {
        let kind = fields.kind();
        let node = Node {
            id: open.ids[0].clone(),
            kind: kind.unwrap_or(crate::graph::NodeKind::Firm),
            name: fields.take("name").unwrap_or_default(),
            code: fields.take("code"),
            place: fields.take("place"),
            output: fields.parse("output", "a number"),
            from: fields.parse("from", "a day"),
            until: fields.parse("until", "a day"),
        };
        raw.nodes.extend(kind.map(|_| node));
    } else {
        let kind = fields.kind();
        let confidence: Option<f64> = fields.parse("confidence", "a number");
        let evidence = fields.evidence();
        let [from, to] = open.ids;
        let edge = Edge {
            from,
            to,
            kind: kind.unwrap_or(crate::graph::EdgeKind::Supplies),
            share: fields.parse("share", "a number"),
            amount: fields.parse("amount", "a number"),
            confidence: confidence.unwrap_or(f64::NAN),
            evidence,
            valid_from: fields.parse("valid_from", "a day"),
            valid_until: fields.parse("valid_until", "a day"),
        };
        // A missing confidence stays not a number: the check of the graph names it with the link.
        raw.edges.extend(kind.map(|_| edge));
    }
}

struct Fields<'a> {
    place: &'a str,
    values: BTreeMap<String, String>,
    faults: &'a mut Vec<Fault>,
}

impl Fields<'_> {
    fn take(&mut self, name: &str) -> Option<String> {
        self.values.remove(name)
    }

    fn parse<T: std::str::FromStr>(&mut self, name: &str, allowed: &str) -> Option<T> {
        let text = self.take(name)?;
        let parsed = text.trim().parse().ok();
        if parsed.is_none() {
            let allowed = format!("{allowed} is allowed");
            self.faults.push(Fault::new(Code::Text, self.place, format!("{name} {text:?}"), allowed));
        }
        parsed
    }

    fn kind<T: serde::de::DeserializeOwned>(&mut self) -> Option<T> {
        let text = self.take("kind").unwrap_or_default();
        match parse_word(text.trim()) {
            Ok(kind) => Some(kind),
            Err((found, allowed)) => {
                self.faults.push(Fault::new(Code::Text, self.place, format!("kind {found:?}"), allowed));
                None
            }
        }
    }

    fn evidence(&mut self) -> Vec<Evidence> {
        let Some(text) = self.take("evidence") else { return Vec::new() };
        match serde_json::from_str(&text) {
            Ok(list) => list,
            Err(e) => {
                let found = format!("evidence {e}");
                self.faults.push(Fault::new(Code::Text, self.place, found, "a JSON list of evidence is allowed"));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_chain_has_not_is_refused_by_name() {
        let text = r#"<graphml><key id="k" for="node" attr.name="colour"/>
            <graph edgedefault="undirected"><node id="a"><data key="k">red</data></node></graph></graphml>"#;
        let faults = from_graphml(text).unwrap_err();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(from_graphml("<graphml><graph edgedefault='directed'><node").is_err());
    }

    #[test]
    fn a_control_character_is_refused_and_not_lost() {
        let mut raw = crate::graph::tests::small();
        raw.nodes[0].name = "a\u{1}b".into();
        assert!(to_graphml(&raw).is_err());
    }
}
