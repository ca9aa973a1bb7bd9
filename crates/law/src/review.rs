//! What a policy must not say, as data: facts that tell firms apart in ways that fair competition does
//! not allow, and pairs of firms that must be treated alike.

use crate::case::Value;
use crate::load::Law;
use crate::place::Place;
use crate::read::Sec;
use crate::scheme::{Cite, Standing, Text};
use crate::shape;
use crate::template::Kind;
use serde::Serialize;
use std::collections::BTreeMap;

/// One file of review rules.
#[derive(Clone, Debug)]
pub struct Review {
    /// Stable id, the path of its folder.
    pub id: String,
    /// Title.
    pub title: Text,
    /// The document.
    pub cite: Cite,
    /// Ways of telling firms apart.
    pub traits: Vec<Trait>,
    /// Firms that must be treated alike.
    pub pairs: Vec<Pair>,
    /// Where.
    pub at: Place,
}

/// A way of telling firms apart that needs a legal basis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trait {
    /// Name that a policy's `basis` refers to.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Facts and attributes that tell.
    pub facts: Vec<String>,
    /// Only where the sum rests on them.
    pub in_amount: bool,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}

/// Two firms that are alike but for what must not matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Title.
    pub title: Text,
    /// What is known of the one that comes.
    pub newcomer: BTreeMap<String, Value>,
    /// What is known of the one that is there and expands.
    pub existing: BTreeMap<String, Value>,
    /// Clause.
    pub clause: Option<String>,
}

pub(crate) fn review(sec: &Sec, law: &Law) -> Review {
    Review {
        id: sec.name("review"),
        title: sec.words("title"),
        cite: crate::read_scheme::top_cite(sec),
        traits: sec
            .secs("traits")
            .iter()
            .map(|t| Trait {
                id: t.name("id"),
                title: t.words("title"),
                facts: t.texts("facts"),
                in_amount: t.flag("in_amount"),
                clause: t.clause(),
                standing: t.standing(),
            })
            .collect(),
        pairs: sec
            .secs("pairs")
            .iter()
            .map(|p| Pair {
                title: p.words("title"),
                newcomer: values(p, "newcomer", law),
                existing: values(p, "existing", law),
                clause: p.clause(),
            })
            .collect(),
        at: sec.at(),
    }
}

fn values(sec: &Sec, key: &str, law: &Law) -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for (name, node) in sec.entries(key) {
        let kind = law.facts.get(&name.text).map(|f| f.kind).or_else(|| law.attributes.get(&name.text).map(|a| a.kind));
        let text = node.text().unwrap_or_default();
        let value = match kind {
            Some(Kind::Number) => shape::number(text).map(Value::Number),
            Some(Kind::Boolean) => text.parse().ok().map(Value::Boolean),
            Some(Kind::Text) => Some(Value::Text(text.to_owned())),
            Some(Kind::Date) => shape::date(text).map(Value::Date),
            None => None,
        };
        match value {
            Some(value) => drop(out.insert(name.text.clone(), value)),
            None => sec.sink().error(
                "unknown-fact",
                &name.at,
                format!("`{}`", name.text),
                "a fact or attribute with a value of its type",
            ),
        }
    }
    out
}
