//! Taking typed values out of a checked tree. `shape` has already reported every departure, so what
//! is missing here falls back to an empty value; citation and standing flow from the enclosing
//! section to what lies inside.

use crate::node::{Key, Node};
use crate::place::{Diagnostic, Formula, Place};
use crate::scheme::{Cite, Param, Standing, Text};
use crate::shape;
use base::DivisionCode;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::cell::RefCell;

/// Something in a file that names something defined elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ref {
    pub what: What,
    pub name: String,
    pub at: Place,
}

/// What a name must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Scored,
    Fact,
    Class,
    Population,
    Override,
    Measure,
    Parameter,
    Process,
    Frame,
    Unit,
    Block,
    Definition,
    Rule,
    Chain,
}

/// A formula and where in a definition it stands.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub formula: Formula,
    pub step: Step,
    /// Names that this formula may use besides (baselines of a `points` formula).
    pub also: Vec<String>,
}

/// Which step of an evaluation computes a formula; decides what it may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Before ranking.
    Facts,
    /// A `points` formula.
    Scoring,
    /// A `total` formula.
    Total,
    /// Overrides and measures.
    Ranking,
    /// Conditions and points of a rule about one firm.
    Rule,
    /// The sum that a policy pays.
    Amount,
}

/// What reading gathers besides the values.
#[derive(Default)]
pub(crate) struct Sink {
    pub findings: RefCell<Vec<Diagnostic>>,
    pub refs: RefCell<Vec<Ref>>,
    pub uses: RefCell<Vec<Use>>,
}

impl Sink {
    pub fn error(&self, code: &'static str, at: &Place, found: impl Into<String>, allowed: impl Into<String>) {
        self.findings.borrow_mut().push(Diagnostic::error(code, at, found, allowed));
    }

    pub fn refer(&self, what: What, name: &str, at: &Place) {
        self.refs.borrow_mut().push(Ref { what, name: name.to_owned(), at: at.clone() });
    }
}

/// A section being read, with what it inherits.
#[derive(Clone)]
pub(crate) struct Sec<'a> {
    pub node: &'a Node,
    /// Looked up when the section itself has no such key (`each`).
    behind: Option<&'a Node>,
    sink: &'a Sink,
    cited: bool,
    standing: Standing,
}

impl<'a> Sec<'a> {
    /// The outermost section of a file.
    pub fn top(node: &'a Node, sink: &'a Sink) -> Self {
        let cited = node.get("cite").and_then(|c| c.get("document")).is_some();
        Self { node, behind: None, sink, cited, standing: Standing::Verified }.marked()
    }

    /// Takes the section's own `clause`, `unverified` and `verified` into account.
    fn marked(mut self) -> Self {
        if self.node.get("clause").is_some() {
            self.cited = true;
        }
        if let Some(assumed) = self.node.get("unverified").and_then(Node::text) {
            self.standing = Standing::Unverified { assumed: assumed.to_owned() };
        }
        if self.node.get("verified").and_then(Node::text) == Some("true") {
            self.standing = Standing::Verified;
        }
        self
    }

    /// A node inside this section.
    pub fn inside(&self, node: &'a Node) -> Self {
        Self { node, behind: None, ..self.clone() }.marked()
    }

    /// The same section, with another one to look into for keys that it lacks.
    pub fn backed_by(mut self, behind: Option<&'a Node>) -> Self {
        self.behind = behind;
        self
    }

    pub fn at(&self) -> Place {
        self.node.at.clone()
    }

    pub fn sink(&self) -> &'a Sink {
        self.sink
    }

    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key).or_else(|| self.behind.and_then(|b| b.get(key)))
    }

    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub fn clause(&self) -> Option<String> {
        self.node.get("clause").and_then(Node::text).map(str::to_owned)
    }

    pub fn standing(&self) -> Standing {
        self.standing.clone()
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(Node::text).map(str::to_owned)
    }

    pub fn name(&self, key: &str) -> String {
        self.text(key).unwrap_or_default()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Node::text) == Some("true")
    }

    pub fn integer<T: TryFrom<i64>>(&self, key: &str) -> Option<T> {
        self.get(key).and_then(Node::text)?.parse::<i64>().ok().and_then(|n| T::try_from(n).ok())
    }

    pub fn date(&self, key: &str) -> Option<Date> {
        self.get(key).and_then(Node::text).and_then(shape::date)
    }

    pub fn number(&self, key: &str) -> Option<Decimal> {
        self.get(key).and_then(Node::text).and_then(shape::number)
    }

    pub fn division(&self, key: &str) -> Option<DivisionCode> {
        self.get(key).and_then(Node::text)?.parse().ok()
    }

    pub fn words(&self, key: &str) -> Text {
        self.get(key).map(words).unwrap_or_default()
    }

    pub fn sec(&self, key: &str) -> Option<Sec<'a>> {
        self.get(key).filter(|n| n.text().is_none()).map(|n| self.inside(n))
    }

    pub fn secs(&self, key: &str) -> Vec<Sec<'a>> {
        self.get(key).map(|n| n.items().iter().map(|i| self.inside(i)).collect()).unwrap_or_default()
    }

    pub fn entries(&self, key: &str) -> &'a [(Key, Node)] {
        self.get(key).map(Node::entries).unwrap_or_default()
    }

    pub fn texts(&self, key: &str) -> Vec<String> {
        self.text_nodes(key).filter_map(|n| n.text().map(str::to_owned)).collect()
    }

    fn text_nodes(&self, key: &str) -> impl Iterator<Item = &'a Node> + use<'a> {
        self.get(key).map(Node::items).unwrap_or_default().iter()
    }

    /// Names that must be defined as `what`.
    pub fn names(&self, key: &str, what: What) -> Vec<String> {
        for node in self.text_nodes(key) {
            if let Some(name) = node.text() {
                self.sink.refer(what, name, &node.at);
            }
        }
        self.texts(key)
    }

    /// A name that must be defined as `what`.
    pub fn refers(&self, key: &str, what: What) -> Option<String> {
        let node = self.get(key)?;
        let name = node.text()?;
        self.sink.refer(what, name, &node.at);
        Some(name.to_owned())
    }

    pub fn formula(&self, key: &str, step: Step) -> Option<Formula> {
        self.get(key).and_then(|n| self.formula_of(n, step, &[]))
    }

    pub fn formulas(&self, key: &str, step: Step) -> Vec<Formula> {
        self.text_nodes(key).filter_map(|n| self.formula_of(n, step, &[])).collect()
    }

    pub fn formula_of(&self, node: &Node, step: Step, also: &[String]) -> Option<Formula> {
        let formula = Formula { text: node.text()?.to_owned(), at: node.at.clone() };
        self.sink.uses.borrow_mut().push(Use { formula: formula.clone(), step, also: also.to_vec() });
        Some(formula)
    }

    pub fn param(&self, key: &str) -> Option<Param> {
        self.get(key).map(|n| self.param_of(n))
    }

    pub fn params(&self, key: &str) -> Vec<Param> {
        self.text_nodes_or_sections(key).map(|n| self.param_of(n)).collect()
    }

    fn text_nodes_or_sections(&self, key: &str) -> impl Iterator<Item = &'a Node> + use<'a> {
        self.get(key).map(Node::items).unwrap_or_default().iter()
    }

    /// A number with its clause and standing; a number that no document or clause carries is a fault.
    pub fn param_of(&self, node: &'a Node) -> Param {
        let inner = self.inside(node);
        let text = node.text().map(str::to_owned).or_else(|| inner.text("value"));
        if !inner.cited {
            self.sink.error(
                "number-without-citation",
                &node.at,
                format!("{} rests on no document or clause", text.as_deref().unwrap_or("a number")),
                "a `clause` here or around it, or `cite: { document: … }` at the top of the file",
            );
        }
        Param {
            value: text.as_deref().and_then(shape::number).unwrap_or_default(),
            clause: inner.clause(),
            standing: inner.standing,
            at: node.at.clone(),
        }
    }

    pub fn cite(&self, key: &str) -> Option<Cite> {
        let sec = self.sec(key)?;
        Some(Cite {
            document: sec.name("document"),
            issuer: sec.text("issuer"),
            published: sec.date("published"),
            url: sec.text("url"),
            articles: sec.texts("articles").iter().filter_map(|a| a.parse().ok()).collect(),
            clause: sec.text("clause"),
        })
    }
}

/// `中文 | English` or `{ zh: …, en: … }`.
pub(crate) fn words(node: &Node) -> Text {
    if let Some((zh, en)) = node.text().and_then(shape::words) {
        return Text { zh, en };
    }
    let part = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    Text { zh: part("zh"), en: part("en") }
}
