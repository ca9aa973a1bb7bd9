//! A chain as CSV edge lists and as JSON, so that what one city publishes another can open. Reading
//! reports every fault with its line; nothing is guessed and nothing is dropped.

use crate::fault::{Code, Fault};
use crate::graph::{Edge, Evidence, Node, Raw, word};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Columns of the list of nodes.
pub const NODE_COLUMNS: [&str; 8] = ["id", "kind", "name", "code", "place", "output", "from", "until"];
/// Columns of the list of links. A link with two pieces of evidence stands in two lines.
pub const EDGE_COLUMNS: [&str; 11] =
    ["from", "to", "kind", "share", "amount", "confidence", "source", "author", "noted", "valid_from", "valid_until"];

/// The name that marks a JSON document as a chain, and the version that this code writes and reads.
pub const FORMAT: (&str, u32) = ("baigong-chain", 1);

/// A chain as one JSON document.
pub fn to_json(raw: &Raw) -> Result<String, Fault> {
    let value = serde_json::json!({
        "format": FORMAT.0, "version": FORMAT.1, "nodes": raw.nodes, "edges": raw.edges,
    });
    serde_json::to_string_pretty(&value).map_err(|e| Fault::new(Code::Text, "chain", e.to_string(), "plain values"))
}

/// A chain from one JSON document, unchecked.
pub fn from_json(text: &str) -> Result<Raw, Fault> {
    let broken = |e: serde_json::Error| {
        let place = format!("line {}, column {}", e.line(), e.column());
        Fault::new(Code::Text, place, e.to_string(), "a chain as JSON is allowed")
    };
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Document {
        format: String,
        version: u32,
        nodes: Vec<Node>,
        edges: Vec<Edge>,
    }
    let read: Document = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(broken)?;
    if (read.format.as_str(), read.version) != FORMAT {
        let found = format!("format {} version {}", read.format, read.version);
        return Err(Fault::new(Code::Text, "chain", found, format!("{} version {} is allowed", FORMAT.0, FORMAT.1)));
    }
    Ok(Raw { nodes: read.nodes, edges: read.edges })
}

/// Nodes and links as two CSV texts.
pub fn to_csv(raw: &Raw) -> Result<(String, String), Fault> {
    let mut nodes = csv::Writer::from_writer(Vec::new());
    let mut edges = csv::Writer::from_writer(Vec::new());
    let broken = |e: csv::Error| Fault::new(Code::Text, "csv", e.to_string(), "plain values are allowed");
    nodes.write_record(NODE_COLUMNS).map_err(broken)?;
    for n in &raw.nodes {
        let [code, place] = [&n.code, &n.place].map(|t| t.clone().unwrap_or_default());
        let record =
            [n.id.clone(), word(&n.kind), n.name.clone(), code, place, shown(n.output), shown(n.from), shown(n.until)];
        nodes.write_record(&record).map_err(broken)?;
    }
    edges.write_record(EDGE_COLUMNS).map_err(broken)?;
    for e in &raw.edges {
        // A link without evidence is no link of a chain, but the file must show it so that somebody can mend it.
        let listed = e.evidence.iter().map(Some).chain(e.evidence.is_empty().then_some(None));
        for evidence in listed {
            let record = [
                e.from.clone(),
                e.to.clone(),
                word(&e.kind),
                shown(e.share),
                shown(e.amount),
                e.confidence.to_string(),
                evidence.map_or(String::new(), |v| v.source.clone()),
                evidence.map_or(String::new(), |v| v.author.clone()),
                shown(evidence.map(|v| v.noted)),
                shown(e.valid_from),
                shown(e.valid_until),
            ];
            edges.write_record(&record).map_err(broken)?;
        }
    }
    Ok((text(nodes)?, text(edges)?))
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |v| v.to_string())
}

fn text(writer: csv::Writer<Vec<u8>>) -> Result<String, Fault> {
    let broken = |e: String| Fault::new(Code::Text, "csv", e, "plain values are allowed");
    String::from_utf8(writer.into_inner().map_err(|e| broken(e.to_string()))?).map_err(|e| broken(e.to_string()))
}

/// A chain from two CSV texts, unchecked; or every line that cannot be read. Lines that follow each other
/// and differ in their evidence alone are one link.
pub fn from_csv(nodes: &str, edges: &str) -> Result<Raw, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut raw = Raw::default();
    lines("nodes", nodes, &NODE_COLUMNS, &mut faults, |cell| {
        raw.nodes.push(Node {
            id: cell.need("id")?,
            kind: cell.word("kind")?,
            name: cell.need("name")?,
            code: cell.option("code")?,
            place: cell.option("place")?,
            output: cell.number("output")?,
            from: cell.option_of("from", "a day such as 2026-01-31")?,
            until: cell.option_of("until", "a day such as 2026-01-31")?,
        });
        Ok(())
    });
    lines("links", edges, &EDGE_COLUMNS, &mut faults, |cell| {
        let none: Option<String> = cell.option("source")?;
        let evidence = match none {
            None => Vec::new(),
            Some(source) => {
                let noted = cell.option_of("noted", "a day such as 2026-01-31")?;
                let noted = noted.ok_or_else(|| cell.fault("noted", "", "the day of the evidence is needed"))?;
                vec![Evidence { source, author: cell.option("author")?.unwrap_or_default(), noted }]
            }
        };
        let edge = Edge {
            from: cell.need("from")?,
            to: cell.need("to")?,
            kind: cell.word("kind")?,
            share: cell.number("share")?,
            amount: cell.number("amount")?,
            confidence: cell
                .number("confidence")?
                .ok_or_else(|| cell.fault("confidence", "", "a number from 0 to 1 is needed"))?,
            evidence,
            valid_from: cell.option_of("valid_from", "a day such as 2026-01-31")?,
            valid_until: cell.option_of("valid_until", "a day such as 2026-01-31")?,
        };
        match raw.edges.last_mut() {
            Some(last) if !edge.evidence.is_empty() && same_but_evidence(last, &edge) => {
                last.evidence.extend(edge.evidence)
            }
            _ => raw.edges.push(edge),
        }
        Ok(())
    });
    match faults.is_empty() {
        true => Ok(raw),
        false => Err(faults),
    }
}

fn same_but_evidence(a: &Edge, b: &Edge) -> bool {
    let bare = |e: &Edge| Edge { evidence: Vec::new(), ..e.clone() };
    (&a.from, &a.to) == (&b.from, &b.to) && bare(a) == bare(b) && !a.evidence.iter().any(|e| b.evidence.contains(e))
}

/// One line of a CSV text with its heads.
struct Cells<'a> {
    file: &'a str,
    line: u64,
    heads: &'a [usize],
    columns: &'a [&'static str],
    record: &'a csv::StringRecord,
}

impl Cells<'_> {
    fn fault(&self, column: &str, found: &str, allowed: &str) -> Fault {
        let found = if found.is_empty() { "an empty cell".to_owned() } else { format!("{found:?}") };
        Fault::new(Code::Text, format!("{} line {}, {column}", self.file, self.line), found, allowed)
    }

    fn option(&self, column: &str) -> Result<Option<String>, Fault> {
        let at = self.columns.iter().position(|c| *c == column).map(|at| self.heads[at]);
        let cell = at.and_then(|at| self.record.get(at)).unwrap_or("").trim();
        Ok((!cell.is_empty()).then(|| cell.to_owned()))
    }

    fn need(&self, column: &str) -> Result<String, Fault> {
        self.option(column)?.ok_or_else(|| self.fault(column, "", "a text is needed"))
    }

    fn option_of<T: std::str::FromStr>(&self, column: &str, allowed: &str) -> Result<Option<T>, Fault> {
        let Some(cell) = self.option(column)? else { return Ok(None) };
        cell.parse().map(Some).map_err(|_| self.fault(column, &cell, &format!("{allowed} is allowed")))
    }

    fn number(&self, column: &str) -> Result<Option<f64>, Fault> {
        self.option_of(column, "a number")
    }

    fn word<T: DeserializeOwned>(&self, column: &str) -> Result<T, Fault> {
        parse_word(&self.need(column)?).map_err(|(found, allowed)| self.fault(column, &found, &allowed))
    }
}

/// A kind by its name; otherwise what was found and what is allowed.
pub(crate) fn parse_word<T: DeserializeOwned>(text: &str) -> Result<T, (String, String)> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|e| (text.to_owned(), e.to_string()))
}

fn lines(
    file: &'static str,
    text: &str,
    columns: &[&'static str],
    faults: &mut Vec<Fault>,
    mut each: impl FnMut(&Cells<'_>) -> Result<(), Fault>,
) {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let heads = match reader.headers() {
        Ok(heads) => heads.clone(),
        Err(e) => return faults.push(Fault::new(Code::Text, file, e.to_string(), "a CSV text is allowed")),
    };
    let mut places = Vec::new();
    for column in columns {
        match heads.iter().position(|h| h.trim() == *column) {
            Some(at) => places.push(at),
            None => faults.push(Fault::new(
                Code::Text,
                format!("{file} line 1"),
                format!("no column {column}"),
                format!("the columns {} are needed", columns.join(", ")),
            )),
        }
    }
    for head in heads.iter().filter(|h| !columns.contains(&h.trim())) {
        let allowed = format!("the columns {} are allowed", columns.join(", "));
        faults.push(Fault::new(Code::Text, format!("{file} line 1"), format!("column {head:?}"), allowed));
    }
    if places.len() < columns.len() {
        return;
    }
    for record in reader.records() {
        match record {
            Err(e) => faults.push(Fault::new(Code::Text, file, e.to_string(), "as many cells as heads are allowed")),
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                let cells = Cells { file, line, heads: &places, columns, record: &record };
                faults.extend(each(&cells).err());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::graph::tests::{checks, day, small};

    fn rich() -> Raw {
        let mut raw = small();
        raw.nodes[0].output = Some(0.1 + 0.2);
        raw.nodes[1].name = "主轴, \"P4\" <级> & 更好".into();
        raw.nodes[1].place = Some("370703".into());
        raw.edges[2].share = Some(1.0 / 3.0);
        raw.edges[2].valid_from = Some(day("2024-02-29"));
        let second = Evidence { source: "patent 12".into(), author: "王".into(), noted: day("2026-02-01") };
        raw.edges[2].evidence.push(second);
        Graph::check(raw, &checks()).unwrap().to_raw()
    }

    #[test]
    fn a_chain_comes_back_from_csv_json_and_graphml_as_it_was() {
        let raw = rich();
        let (nodes, edges) = to_csv(&raw).unwrap();
        assert_eq!(from_csv(&nodes, &edges).unwrap(), raw);
        assert_eq!(from_json(&to_json(&raw).unwrap()).unwrap(), raw);
        assert_eq!(crate::graphml::from_graphml(&crate::graphml::to_graphml(&raw).unwrap()).unwrap(), raw);
    }

    #[test]
    fn every_unreadable_line_is_named() {
        let (nodes, edges) = to_csv(&rich()).unwrap();
        let nodes = nodes.replacen("product", "produkt", 2);
        let edges = edges.replace("2024-02-29", "2024-02-30").replace("0.9,", "much,");
        let faults = from_csv(&nodes, &edges).unwrap_err();
        assert_eq!(faults.len(), 2 + 6, "{faults:?}");
        assert!(faults[0].to_string().contains("nodes line 2, kind: \"produkt\" found"), "{}", faults[0]);
        assert_eq!(from_csv("id,kind\n", "from\n").unwrap_err().len(), 6 + 10);
        assert!(from_json("{\"format\":\"other\",\"version\":1,\"nodes\":[],\"edges\":[]}").is_err());
        assert!(from_json("{").unwrap_err().place.starts_with("line 1"));
    }

    #[test]
    fn a_link_without_evidence_is_read_and_then_refused() {
        let mut raw = small();
        raw.edges[0].evidence.clear();
        let edges = "from,to,kind,share,amount,confidence,source,author,noted,valid_from,valid_until\n\
                     lathe,spindle,made_of,,,1,,,,,\n";
        let (nodes, _) = to_csv(&raw).unwrap();
        let faults = Graph::check(from_csv(&nodes, edges).unwrap(), &checks()).unwrap_err();
        assert!(faults.iter().any(|f| f.code == Code::Evidence));
        // It is also written, not dropped.
        let (nodes, edges) = to_csv(&raw).unwrap();
        assert_eq!(from_csv(&nodes, &edges).unwrap(), raw);
    }
}
