//! The one description of how law files are written. The reader checks files against it, the JSON
//! Schemas for editors and the key tables of the guide are made from it; so the three agree.

use crate::node::{Data, Key as NodeKey, Node};
use crate::place::Diagnostic;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A section with named keys.
#[derive(Debug)]
pub struct Shape {
    /// Name, used in the guide and as definition name of the JSON Schema.
    pub name: &'static str,
    /// What it says, one sentence.
    pub doc: &'static str,
    /// Its own keys.
    pub keys: &'static [Key],
    /// Also takes `clause`, `unverified`, `verified` and `note`.
    pub cited: bool,
}

/// One key of a section.
#[derive(Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The section is incomplete without it.
    pub need: bool,
    /// What it says, one sentence.
    pub doc: &'static str,
    /// A value as a policy officer would write it.
    pub example: &'static str,
}

/// What a key takes.
#[derive(Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// Chinese and English: `中文 | English`, or `{ zh: 中文, en: English }`.
    Words,
    /// A number, a percentage, or `{ value: …, clause: …, unverified: … }`.
    Param,
    /// A bare number without citation (factors, limits of a cell).
    Number,
    /// A number or an exact quotion such as `10000/15`.
    Factor,
    /// A whole number within bounds.
    Integer(i64, i64),
    /// A date, `2025-01-31`.
    Date,
    /// `true` or `false`.
    Bool,
    /// A formula or condition in SQL expression syntax.
    Formula,
    /// A name: letters, digits, `_`, `-`, `/`, `.`, `+` and Chinese characters.
    Name,
    /// A six-digit division code.
    Division,
    /// One of these words.
    OneOf(&'static [(&'static str, &'static str)]),
    /// A list.
    List(&'static Kind),
    /// Names of the writer's choice, each with such a value.
    Map(&'static Kind),
    /// A section.
    Shape(&'static Shape),
    /// Any of these; which one shows by being a text, a list or a section.
    Either(&'static [Kind]),
}

/// Keys that every cited section takes.
pub static CITED: [Key; 4] = [
    Key {
        name: "clause",
        kind: Kind::Text,
        need: false,
        doc: "Clause of the document that says so; holds for everything inside.",
        example: "第九条",
    },
    Key {
        name: "unverified",
        kind: Kind::Text,
        need: false,
        doc: "The text was not seen: what was assumed and why. Holds for everything inside; the product marks such values.",
        example: "原文未见；按常见做法取 1.5 倍封顶",
    },
    Key {
        name: "verified",
        kind: Kind::Bool,
        need: false,
        doc: "`true`: read in the document, although the section around it is unverified.",
        example: "true",
    },
    Key {
        name: "note",
        kind: Kind::Text,
        need: false,
        doc: "A remark for readers of the file.",
        example: "比例原文写“含 20%”",
    },
];

impl Shape {
    /// Its keys, those of cited sections included.
    pub fn all_keys(&self) -> impl Iterator<Item = &'static Key> + '_ {
        self.keys.iter().chain(CITED.iter().filter(|_| self.cited))
    }

    /// Checks a node against the section; every departure becomes a finding.
    pub fn check(&'static self, node: &Node, findings: &mut Vec<Diagnostic>) {
        let Data::Map(entries) = &node.data else {
            findings.push(Diagnostic::error(
                "wrong-type",
                &node.at,
                node.describe(),
                format!("a section with keys: {}", self.key_list()),
            ));
            return;
        };
        for (key, value) in entries {
            match self.all_keys().find(|k| k.name == key.text) {
                Some(known) if value.is_nothing() => {
                    if known.need {
                        findings.push(Diagnostic::error(
                            "missing-value",
                            &key.at,
                            format!("`{}` is empty", key.text),
                            known.kind.allowed(),
                        ));
                    }
                }
                Some(known) => known.kind.check(value, findings),
                None => findings.push(self.unknown(key)),
            }
        }
        for key in self.keys.iter().filter(|k| k.need) {
            if !entries.iter().any(|(k, _)| k.text == key.name) {
                findings.push(Diagnostic::error(
                    "missing-key",
                    &node.at,
                    format!("no `{}`", key.name),
                    format!("`{}: {}` ({})", key.name, key.example, key.doc.trim_end_matches('.')),
                ));
            }
        }
    }

    fn unknown(&self, key: &NodeKey) -> Diagnostic {
        let names: Vec<&str> = self.all_keys().map(|k| k.name).collect();
        let nearest = nearest(&key.text, names.iter().copied());
        let hint = nearest.map_or(String::new(), |n| format!("did you mean `{n}`? "));
        Diagnostic::error(
            "unknown-key",
            &key.at,
            format!("unknown key `{}`", key.text),
            format!("{hint}keys here: {}", names.join(", ")),
        )
    }

    fn key_list(&self) -> String {
        self.all_keys().map(|k| k.name).collect::<Vec<_>>().join(", ")
    }
}

/// The name most like what was written, when one is alike at all.
pub fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|name| (strsim::normalized_damerau_levenshtein(written, name), name))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

impl Kind {
    /// What is allowed, for messages.
    pub fn allowed(&self) -> String {
        match self {
            Kind::Text => "a text".into(),
            Kind::Words => "`中文 | English` or `{ zh: 中文, en: English }`".into(),
            Kind::Param => "a number such as `45` or `20%`, or `{ value: 45, clause: 第九条 }`".into(),
            Kind::Number => "a number such as `45`, `0.05` or `20%`".into(),
            Kind::Factor => "a number or a quotient such as `10000/15`".into(),
            Kind::Integer(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Date => "a date such as `2025-01-31`".into(),
            Kind::Bool => "`true` or `false`".into(),
            Kind::Formula => "a formula or condition, such as `tax_paid / effective_land`".into(),
            Kind::Name => "a name without blanks".into(),
            Kind::Division => "a six-digit division code such as 370783".into(),
            Kind::OneOf(words) => words.iter().map(|(w, _)| format!("`{w}`")).collect::<Vec<_>>().join(", "),
            Kind::List(of) => format!("a list of: {}", of.allowed()),
            Kind::Map(of) => format!("names, each with {}", of.allowed()),
            Kind::Shape(shape) => format!("a section with keys: {}", shape.key_list()),
            Kind::Either(kinds) => kinds.iter().map(Kind::allowed).collect::<Vec<_>>().join("; or "),
        }
    }

    fn is_for(&self, node: &Node) -> bool {
        match (self, &node.data) {
            (Kind::List(_), data) => matches!(data, Data::List(_)),
            (Kind::Map(_) | Kind::Shape(_), data) => matches!(data, Data::Map(_)),
            (Kind::Words | Kind::Param, data) => !matches!(data, Data::List(_)),
            (_, data) => matches!(data, Data::Scalar { .. }),
        }
    }

    /// Checks a value; every departure becomes a finding.
    pub fn check(&'static self, node: &Node, findings: &mut Vec<Diagnostic>) {
        let wrong = |code: &'static str| Diagnostic::error(code, &node.at, node.describe(), self.allowed());
        match self {
            Kind::Either(kinds) => {
                let fitting: Vec<&'static Kind> = kinds.iter().filter(|k| k.is_for(node)).collect();
                // Among several scalar kinds the first that has nothing to say wins.
                let mut first = None;
                for kind in &fitting {
                    let mut own = Vec::new();
                    kind.check(node, &mut own);
                    if own.is_empty() {
                        return;
                    }
                    first.get_or_insert(own);
                }
                match first {
                    Some(own) if fitting.len() == 1 => findings.extend(own),
                    None => findings.push(wrong("wrong-type")),
                    _ => findings.push(wrong("wrong-value")),
                }
            }
            Kind::Shape(shape) => shape.check(node, findings),
            Kind::List(of) => match &node.data {
                Data::List(items) => items.iter().for_each(|item| of.check(item, findings)),
                _ => findings.push(wrong("wrong-type")),
            },
            Kind::Map(of) => match &node.data {
                Data::Map(entries) => {
                    for (key, value) in entries {
                        if !is_name(&key.text) {
                            findings.push(Diagnostic::error(
                                "bad-name",
                                &key.at,
                                format!("`{}`", key.text),
                                Kind::Name.allowed(),
                            ));
                        }
                        of.check(value, findings);
                    }
                }
                _ => findings.push(wrong("wrong-type")),
            },
            Kind::Words => match &node.data {
                Data::Map(_) => WORDS.check(node, findings),
                Data::Scalar { text, .. } if text.contains('|') => {
                    if words(text).is_none() {
                        findings.push(wrong("bad-words"));
                    }
                }
                _ => findings.push(wrong("bad-words")),
            },
            Kind::Param => match &node.data {
                Data::Map(_) => PARAM.check(node, findings),
                _ => Kind::Number.check(node, findings),
            },
            scalar => match node.text() {
                None => findings.push(wrong("wrong-type")),
                Some(text) => {
                    if let Some(code) = scalar.refuses(text) {
                        findings.push(wrong(code));
                    }
                }
            },
        }
    }

    /// The code of the fault in a scalar, if there is one.
    fn refuses(&self, text: &str) -> Option<&'static str> {
        let fault = |good: bool, code: &'static str| (!good).then_some(code);
        match self {
            Kind::Number => {
                fault(number(text).is_some(), if text.contains('%') { "bad-percent" } else { "bad-number" })
            }
            Kind::Factor => fault(factor(text).is_some(), "bad-number"),
            Kind::Integer(low, high) => {
                fault(text.parse::<i64>().is_ok_and(|n| (*low..=*high).contains(&n)), "bad-integer")
            }
            Kind::Date => fault(date(text).is_some(), "bad-date"),
            Kind::Bool => fault(matches!(text, "true" | "false"), "bad-boolean"),
            Kind::Formula => fault(!text.trim().is_empty(), "empty-formula"),
            Kind::Name => fault(is_name(text), "bad-name"),
            Kind::Division => fault(text.parse::<base::DivisionCode>().is_ok(), "bad-division"),
            Kind::OneOf(words) => fault(words.iter().any(|(w, _)| *w == text), "wrong-word"),
            _ => None,
        }
    }
}

/// `{ zh: …, en: … }`.
pub static WORDS: Shape = Shape {
    name: "words",
    doc: "A text in Chinese and English.",
    cited: false,
    keys: &[
        Key { name: "zh", kind: Kind::Text, need: true, doc: "Chinese.", example: "亩均税收" },
        Key { name: "en", kind: Kind::Text, need: true, doc: "English.", example: "Tax per mu" },
    ],
};

/// `{ value: …, clause: …, unverified: … }`.
pub static PARAM: Shape = Shape {
    name: "param",
    doc: "A number with its own clause or standing.",
    cited: true,
    keys: &[Key { name: "value", kind: Kind::Number, need: true, doc: "The number.", example: "45" }],
};

/// A number as written: exact, a percentage as a fraction.
pub fn number(text: &str) -> Option<Decimal> {
    base::fixed::parse(text).ok().flatten()
}

/// `3`, `0.05` or `10000/15` as numerator and denominator.
pub fn factor(text: &str) -> Option<(Decimal, Decimal)> {
    let (above, below) = text.split_once('/').unwrap_or((text, "1"));
    let (above, below) = (number(above)?, number(below)?);
    (above > Decimal::ZERO && below > Decimal::ZERO).then_some((above, below))
}

/// A date in the one form that is allowed.
pub fn date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// `中文 | English` split.
pub fn words(text: &str) -> Option<(String, String)> {
    let (zh, en) = text.split_once('|')?;
    let (zh, en) = (zh.trim(), en.trim());
    (!zh.is_empty() && !en.is_empty()).then(|| (zh.to_owned(), en.to_owned()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-/.+".contains(c))
}
