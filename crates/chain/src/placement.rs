//! Which firm makes which product, from what firms declare, sell, buy, patent and are licensed for. Each line
//! is matched with a catalogue of products for a stated reason; lines of one kind count once, kinds that agree
//! make it surer, and people have the last word and are named. How good that is, is measured on a sample that
//! people labelled.
//!
//! Kinds combine as a noisy or (Pearl 1988, "Probabilistic Reasoning in Intelligent Systems", section 4.3): each
//! kind alone makes the link with some probability, whatever the others do. Every strength and weight is an
//! argument; none stands here.

use crate::fault::{Code, Fault, within};
use crate::graph::{Edge, EdgeKind, Evidence};
use jiff::civil::Date;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// By which list a code speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// The catalogue of products for statistics (统计用产品分类目录): 2 to 10 digits, two for each level.
    Product,
    /// GB/T 4754: 2 to 4 digits, one for each level after the second; a letter may stand before them.
    Industry,
}

/// A code of one list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classified {
    /// The list.
    pub scheme: Scheme,
    /// The code; what begins with it is part of it.
    pub code: String,
}

impl Classified {
    /// The digits, or the fault that they are none of this list.
    fn digits(&self, place: &str) -> Result<&str, Fault> {
        let code = self.code.trim();
        let (digits, most, allowed) = match self.scheme {
            Scheme::Product => (code, 10, "2, 4, 6, 8 or 10 digits of the product catalogue are allowed"),
            Scheme::Industry => (
                code.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(code),
                4,
                "2 to 4 digits of GB/T 4754 are allowed",
            ),
        };
        let even = self.scheme == Scheme::Industry || digits.len() % 2 == 0;
        match digits.bytes().all(|b| b.is_ascii_digit()) && (2..=most).contains(&digits.len()) && even {
            true => Ok(digits),
            false => Err(Fault::new(Code::UnknownCode, place, format!("code {:?}", self.code), allowed)),
        }
    }
}

/// A product as firms' lines are matched with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its node in the chain.
    pub id: String,
    /// Its codes, of either list.
    #[serde(default)]
    pub codes: Vec<Classified>,
    /// Its name and what else people call it.
    #[serde(default)]
    pub terms: Vec<String>,
    /// The products that it is made of.
    #[serde(default)]
    pub inputs: Vec<String>,
}

/// What a line says of its firm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// It says that it makes this: business scope, own list of products.
    Declares,
    /// It sold this: invoices, tax lines, tenders won.
    Sells,
    /// It bought this.
    Buys,
    /// It holds a patent on this.
    Patents,
    /// It has a permit or certificate to make this.
    Licensed,
}

/// All kinds, in the order in which they are combined.
pub const KINDS: [ClaimKind; 5] =
    [ClaimKind::Declares, ClaimKind::Sells, ClaimKind::Buys, ClaimKind::Patents, ClaimKind::Licensed];

/// One line about one firm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The firm's node.
    pub firm: String,
    /// What the line says.
    pub kind: ClaimKind,
    /// In words; words or a code are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// As a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Classified>,
    /// Value in a year, in one unit for all lines of a firm; not below 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<f64>,
    /// Where the line comes from.
    pub evidence: Evidence,
}

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The firm makes the product.
    Place,
    /// It does not.
    Refuse,
}

/// A person's decision on one firm and product; the latest counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The firm's node.
    pub firm: String,
    /// The product's node.
    pub product: String,
    /// Does it make it?
    pub verdict: Verdict,
    /// Who decided; not empty.
    pub author: String,
    /// On which day.
    pub decided: Date,
    /// Why; not empty.
    pub reason: String,
}

/// How strongly each reason for a match speaks, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strengths {
    /// The line's code is one of the product's.
    pub code_equal: f64,
    /// The line's code is finer: it lies within the product's.
    pub code_within: f64,
    /// The line's code is one level coarser than the product's.
    pub code_parent: f64,
    /// By what that is multiplied for each further level.
    pub parent_step: f64,
    /// A part of the line is a term of the product.
    pub name_equal: f64,
    /// A part of the line ends with a term: in compounds the last word says what a thing is.
    pub term_ends: f64,
    /// A part of the line has a term elsewhere.
    pub term_inside: f64,
    /// The firm buys all that the product is made of; parts of it count in proportion.
    pub buys_inputs: f64,
}

/// How far each kind of line is believed, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// See [`ClaimKind::Declares`].
    pub declares: f64,
    /// See [`ClaimKind::Sells`].
    pub sells: f64,
    /// See [`ClaimKind::Buys`].
    pub buys: f64,
    /// See [`ClaimKind::Patents`].
    pub patents: f64,
    /// See [`ClaimKind::Licensed`].
    pub licensed: f64,
}

impl Weights {
    /// The weight of a kind.
    pub fn of(&self, kind: ClaimKind) -> f64 {
        match kind {
            ClaimKind::Declares => self.declares,
            ClaimKind::Sells => self.sells,
            ClaimKind::Buys => self.buys,
            ClaimKind::Patents => self.patents,
            ClaimKind::Licensed => self.licensed,
        }
    }
}

/// What counts as a link and on what grounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// By reason.
    pub strengths: Strengths,
    /// By kind of line.
    pub weights: Weights,
    /// From here on a firm is placed.
    pub accept: f64,
    /// From here on a person should look.
    pub doubt: f64,
    /// Words that say what is done with a product and may follow its name: 制造, 销售.
    #[serde(default)]
    pub endings: Vec<String>,
    /// Words that take out what follows or, at the end of a part, what stands before: 不含, 除外.
    #[serde(default)]
    pub exclusions: Vec<String>,
}

impl Rules {
    fn check(&self) -> Vec<Fault> {
        let s = &self.strengths;
        let named = [
            ("code_equal", s.code_equal),
            ("code_within", s.code_within),
            ("code_parent", s.code_parent),
            ("parent_step", s.parent_step),
            ("name_equal", s.name_equal),
            ("term_ends", s.term_ends),
            ("term_inside", s.term_inside),
            ("buys_inputs", s.buys_inputs),
            ("weight of declares", self.weights.declares),
            ("weight of sells", self.weights.sells),
            ("weight of buys", self.weights.buys),
            ("weight of patents", self.weights.patents),
            ("weight of licensed", self.weights.licensed),
            ("accept", self.accept),
        ];
        let mut faults: Vec<Fault> = named
            .iter()
            .filter_map(|(what, value)| within(Code::Share, "rules", what, *value, 0.0, 1.0).err())
            .collect();
        // A doubt above acceptance would leave a gap in which a link is placed and doubtful at once.
        faults.extend(within(Code::Share, "rules", "doubt", self.doubt, 0.0, self.accept.clamp(0.0, 1.0)).err());
        for (what, words) in [("endings", &self.endings), ("exclusions", &self.exclusions)] {
            if words.iter().any(|w| fold(w).is_empty()) {
                faults.push(Fault::new(Code::Text, format!("rules, {what}"), "an empty word", "words are allowed"));
            }
        }
        faults
    }
}

/// Why a line speaks for a product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "with")]
pub enum Reason {
    /// The same code.
    CodeEqual(String),
    /// A code within this code of the product.
    CodeWithin(String),
    /// A code above this code of the product.
    CodeParent(String),
    /// This term and nothing else.
    NameEqual(String),
    /// This term at the end of a part.
    TermEnds(String),
    /// This term elsewhere.
    TermInside(String),
    /// It is this input of the product that the firm buys.
    BuysInput(String),
}

/// One line that speaks for a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The number of the line.
    pub claim: usize,
    /// Why.
    pub reason: Reason,
    /// How strongly, 0 to 1; for an input: how sure it is that this is the input.
    pub strength: f64,
}

/// What the lines of one kind say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The kind.
    pub kind: ClaimKind,
    /// The strongest line; for what is bought the part of the inputs times its strength.
    pub strength: f64,
    /// How far the kind is believed.
    pub weight: f64,
    /// What the confidence would be without this kind.
    pub without: f64,
    /// The lines, strongest first.
    pub hits: Vec<Hit>,
}

/// What follows for one firm and product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Not enough speaks for it, or a person refused it.
    Left,
    /// A person should look; counts in no sum.
    Doubtful,
    /// The firm makes it.
    Placed,
}

/// One firm and product for which anything speaks, or on which somebody decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// The firm's node.
    pub firm: String,
    /// The product's node.
    pub product: String,
    /// What the lines say, 0 to 1, whatever people decided.
    pub confidence: f64,
    /// From which kinds of lines.
    pub parts: Vec<Part>,
    /// What follows.
    pub decision: Decision,
    /// The person's decision that made it so.
    pub ruling: Option<Ruling>,
    /// The product's part of the firm's sales, at least and at most: lines that fit several products equally
    /// are in the second figure only. None when an amount is not known or nothing is sold.
    pub share: Option<(f64, f64)>,
}

/// All firms on all products.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// By firm and then product.
    pub links: Vec<Link>,
    /// Lines that speak for no product, by number.
    pub unmatched: Vec<usize>,
    /// Parts of lines that were taken out because the line says so.
    pub excluded: Vec<(usize, String)>,
    /// Decisions on products that the catalogue does not hold.
    pub idle: Vec<Ruling>,
}

/// How many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Firms that are placed; each once, on however many products.
    pub firms: usize,
    /// Products with a firm placed.
    pub products: usize,
    /// Links placed.
    pub placed: usize,
    /// Of these by people.
    pub by_people: usize,
    /// Links in doubt.
    pub doubtful: usize,
}

impl Placement {
    /// Counts what is placed.
    pub fn counts(&self) -> Counts {
        let placed = || self.links.iter().filter(|l| l.decision == Decision::Placed);
        Counts {
            firms: placed().map(|l| &l.firm).collect::<BTreeSet<_>>().len(),
            products: placed().map(|l| &l.product).collect::<BTreeSet<_>>().len(),
            placed: placed().count(),
            by_people: placed().filter(|l| l.ruling.is_some()).count(),
            doubtful: self.links.iter().filter(|l| l.decision == Decision::Doubtful).count(),
        }
    }

    /// A firm and product.
    pub fn find(&self, firm: &str, product: &str) -> Option<&Link> {
        let at = self.links.binary_search_by(|l| (l.firm.as_str(), l.product.as_str()).cmp(&(firm, product))).ok()?;
        Some(&self.links[at])
    }

    /// Links for the chain: what is placed and what is in doubt, with the evidence of every line that speaks for
    /// it; those in doubt keep their confidence and fall out where only sure links count. What a person placed
    /// is sure and has the decision as evidence. A share is stated where it is one figure.
    pub fn edges(&self, claims: &[Claim]) -> Vec<Edge> {
        let kept = self.links.iter().filter(|l| l.decision != Decision::Left);
        kept.map(|link| {
            let lines: BTreeSet<usize> = link.parts.iter().flat_map(|p| &p.hits).map(|h| h.claim).collect();
            let ruled = link.ruling.iter().map(|r| Evidence {
                source: r.reason.clone(),
                author: r.author.clone(),
                noted: r.decided,
            });
            let evidence = ruled.chain(lines.into_iter().filter_map(|at| claims.get(at)).map(|c| c.evidence.clone()));
            Edge {
                from: link.firm.clone(),
                to: link.product.clone(),
                kind: EdgeKind::Places,
                share: link.share.filter(|(low, high)| low == high).map(|(low, _)| low),
                amount: None,
                confidence: if link.ruling.is_some() { 1.0 } else { link.confidence },
                evidence: evidence.collect(),
                valid_from: None,
                valid_until: None,
            }
        })
        .collect()
    }
}

/// Products with what finds them by code and term.
#[derive(Clone, Debug)]
pub struct Catalogue {
    products: Vec<Product>,
    by_code: BTreeMap<(Scheme, String), Vec<u32>>,
    /// Folded term, and the products that have it.
    terms: Vec<(Vec<char>, String, Vec<u32>)>,
    /// Terms by their first letter, longest first.
    by_letter: HashMap<char, Vec<u32>>,
    inputs: Vec<Vec<u32>>,
    made_into: Vec<Vec<u32>>,
}

impl Catalogue {
    /// Checks the products and prepares the search. Faults, all at once: [`Code::Duplicate`] for an id, code or
    /// input twice in the same place, [`Code::UnknownNode`] for an input that is no product, [`Code::SelfLoop`],
    /// [`Code::UnknownCode`], [`Code::Text`] for an empty id or term, [`Code::Empty`] for a product that
    /// nothing could find.
    pub fn new(mut products: Vec<Product>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        products.sort_by(|a, b| a.id.cmp(&b.id));
        for pair in products.windows(2).filter(|pair| pair[0].id == pair[1].id) {
            let allowed = "one product for each id is allowed";
            faults.push(Fault::new(Code::Duplicate, format!("product {}", pair[1].id), "the id twice", allowed));
        }
        let number: HashMap<String, u32> =
            products.iter().enumerate().map(|(at, p)| (p.id.clone(), at as u32)).collect();
        let mut by_code: BTreeMap<(Scheme, String), Vec<u32>> = BTreeMap::new();
        let mut by_term: BTreeMap<Vec<char>, (String, Vec<u32>)> = BTreeMap::new();
        let mut inputs = vec![Vec::new(); products.len()];
        let mut made_into = vec![Vec::new(); products.len()];
        for (at, product) in products.iter().enumerate() {
            let place = format!("product {}", product.id);
            if product.id.trim().is_empty() {
                faults.push(Fault::new(Code::Text, &place, "an empty id", "an id is needed"));
            }
            if product.codes.is_empty() && product.terms.is_empty() && product.inputs.is_empty() {
                let allowed = "a code, a term or inputs are needed";
                faults.push(Fault::new(Code::Empty, &place, "nothing that could find it", allowed));
            }
            for code in &product.codes {
                match code.digits(&place) {
                    Err(fault) => faults.push(fault),
                    Ok(digits) => {
                        let list = by_code.entry((code.scheme, digits.to_owned())).or_default();
                        match list.last() == Some(&(at as u32)) {
                            true => faults.push(twice(&place, "code", digits)),
                            false => list.push(at as u32),
                        }
                    }
                }
            }
            for term in &product.terms {
                let folded = fold(term);
                if folded.is_empty() {
                    faults.push(Fault::new(
                        Code::Text,
                        &place,
                        format!("term {term:?}"),
                        "letters or digits are needed",
                    ));
                    continue;
                }
                let (_, list) = by_term.entry(folded).or_insert_with(|| (term.clone(), Vec::new()));
                // Two spellings that fold to one are one term; that is what folding is for.
                if list.last() != Some(&(at as u32)) {
                    list.push(at as u32);
                }
            }
            for input in &product.inputs {
                match number.get(input) {
                    None => {
                        let allowed = "a product of the catalogue is allowed";
                        faults.push(Fault::new(Code::UnknownNode, &place, format!("input {input}"), allowed));
                    }
                    Some(of) if *of as usize == at => {
                        faults.push(Fault::new(
                            Code::SelfLoop,
                            &place,
                            format!("input {input}"),
                            "another product is allowed",
                        ));
                    }
                    Some(of) if inputs[at].contains(of) => faults.push(twice(&place, "input", input)),
                    Some(of) => {
                        inputs[at].push(*of);
                        made_into[*of as usize].push(at as u32);
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let terms: Vec<_> = by_term.into_iter().map(|(folded, (term, list))| (folded, term, list)).collect();
        let mut by_letter: HashMap<char, Vec<u32>> = HashMap::new();
        for (at, (folded, ..)) in terms.iter().enumerate() {
            by_letter.entry(folded[0]).or_default().push(at as u32);
        }
        Ok(Self { products, by_code, terms, by_letter, inputs, made_into })
    }

    /// Products, by id.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// Products that are only in the other catalogue, only in this one, and in both but not the same.
    pub fn difference(&self, other: &Self) -> (Vec<String>, Vec<String>, Vec<String>) {
        let of =
            |c: &Self| -> BTreeMap<String, Product> { c.products.iter().map(|p| (p.id.clone(), p.clone())).collect() };
        let (mine, theirs) = (of(self), of(other));
        let new = theirs.keys().filter(|id| !mine.contains_key(*id)).cloned().collect();
        let gone = mine.keys().filter(|id| !theirs.contains_key(*id)).cloned().collect();
        let changed = mine.iter().filter(|(id, p)| theirs.get(*id).is_some_and(|q| q != *p));
        (new, gone, changed.map(|(id, _)| id.clone()).collect())
    }

    /// The products that a line names, with the strongest reason for each, and the parts that it takes out.
    fn named(&self, claim: &Claim, rules: &Rules, words: &Words) -> (BTreeMap<u32, (f64, Reason)>, Vec<String>) {
        let mut found: BTreeMap<u32, (f64, Reason)> = BTreeMap::new();
        let mut put = |product: u32, strength: f64, reason: Reason| {
            let better =
                found.get(&product).is_none_or(|(known, of)| strength > *known || strength == *known && reason < *of);
            if strength > 0.0 && better {
                found.insert(product, (strength, reason));
            }
        };
        if let Some(code) = &claim.code {
            self.by_code(code, &rules.strengths, &mut put);
        }
        let mut excluded = Vec::new();
        if let Some(text) = &claim.text {
            for (part, taken_out) in parts(text, &words.exclusions) {
                match taken_out {
                    true => excluded.push(part.iter().collect()),
                    false => self.by_text(&part, rules, words, &mut put),
                }
            }
        }
        (found, excluded)
    }

    fn by_code(&self, code: &Classified, strengths: &Strengths, put: &mut impl FnMut(u32, f64, Reason)) {
        let Ok(digits) = code.digits("") else { return };
        let (step, scheme) = (if code.scheme == Scheme::Product { 2 } else { 1 }, code.scheme);
        for short in 2..=digits.len() {
            let mine = &digits[..short];
            for product in self.by_code.get(&(scheme, mine.to_owned())).into_iter().flatten() {
                match short == digits.len() {
                    true => put(*product, strengths.code_equal, Reason::CodeEqual(mine.to_owned())),
                    // What is finer lies within every coarser class, however far above: no step weakens it.
                    false => put(*product, strengths.code_within, Reason::CodeWithin(mine.to_owned())),
                }
            }
        }
        let below = self.by_code.range((scheme, digits.to_owned())..).skip_while(|((_, finer), _)| finer == digits);
        for ((_, finer), list) in below.take_while(|((s, finer), _)| *s == scheme && finer.starts_with(digits)) {
            let levels = (finer.len() - digits.len()).div_ceil(step);
            let strength = strengths.code_parent * strengths.parent_step.powi(levels as i32 - 1);
            list.iter().for_each(|product| put(*product, strength, Reason::CodeParent(finer.clone())));
        }
    }

    /// Terms in one part of a line. A term inside a longer one that was found there is not meant.
    fn by_text(&self, part: &[char], rules: &Rules, words: &Words, put: &mut impl FnMut(u32, f64, Reason)) {
        let end = stem(part, &words.endings);
        let mut found: Vec<(usize, usize, u32)> = Vec::new();
        for start in 0..end {
            for term in self.by_letter.get(&part[start]).into_iter().flatten() {
                let folded = &self.terms[*term as usize].0;
                let stop = start + folded.len();
                if stop <= end && part[start..stop] == folded[..] && whole_words(part, start, stop) {
                    found.push((start, stop, *term));
                }
            }
        }
        // Longest first; one that overlaps a longer one was only read into it.
        found.sort_by_key(|(start, stop, term)| (std::cmp::Reverse(stop - start), *start, *term));
        let mut kept: Vec<(usize, usize)> = Vec::new();
        for (start, stop, term) in found {
            let shadowed = kept.iter().any(|(a, b)| start < *b && *a < stop && b - a > stop - start);
            if shadowed {
                continue;
            }
            kept.push((start, stop));
            let (_, term, products) = &self.terms[term as usize];
            let (strength, reason) = match (start, stop == end) {
                (0, true) => (rules.strengths.name_equal, Reason::NameEqual(term.clone())),
                (_, true) => (rules.strengths.term_ends, Reason::TermEnds(term.clone())),
                _ => (rules.strengths.term_inside, Reason::TermInside(term.clone())),
            };
            products.iter().for_each(|product| put(*product, strength, reason.clone()));
        }
    }
}

fn twice(place: &str, what: &str, which: &str) -> Fault {
    Fault::new(Code::Duplicate, place, format!("{what} {which} twice"), "each once is allowed")
}

/// A text as it is compared: wide letters narrow, no difference of case, no marks, spaces only between words of
/// Latin letters, where leaving them out would make other words.
fn fold(text: &str) -> Vec<char> {
    let mut out: Vec<char> = Vec::new();
    let mut gap = false;
    for c in text.chars() {
        let narrow = match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            _ => c,
        };
        if !narrow.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && out.last().is_some_and(char::is_ascii_alphanumeric) && narrow.is_ascii_alphanumeric() {
            out.push(' ');
        }
        gap = false;
        out.extend(narrow.to_lowercase());
    }
    out
}

/// Words of the rules as lines are compared with them.
struct Words {
    endings: Vec<Vec<char>>,
    exclusions: Vec<Vec<char>>,
}

impl Words {
    fn of(rules: &Rules) -> Self {
        let folded = |words: &[String]| words.iter().map(|w| fold(w)).collect();
        Self { endings: folded(&rules.endings), exclusions: folded(&rules.exclusions) }
    }
}

/// The parts of a line, each with whether the line takes it out. Brackets, stops and line ends bound what an
/// exclusion reaches; commas bound parts.
fn parts(text: &str, words: &[Vec<char>]) -> Vec<(Vec<char>, bool)> {
    let mut out = Vec::new();
    for clause in text.split(['(', ')', '（', '）', '[', ']', '【', '】', ';', '；', '。', '\n', '\r']) {
        let from = out.len();
        let (mut on, mut all) = (false, false);
        for part in clause.split(['、', ',', '，', '/', '|', '\t']) {
            let folded = fold(part);
            if folded.is_empty() {
                continue;
            }
            on |= words.iter().any(|w| folded.windows(w.len()).any(|at| at == &w[..]));
            all |= words.iter().any(|w| folded.len() > w.len() && folded.ends_with(w));
            out.push((folded, on));
        }
        if all {
            out[from..].iter_mut().for_each(|(_, taken_out)| *taken_out = true);
        }
    }
    out
}

/// Where a part ends when words that say what is done with the product are left out.
fn stem(part: &[char], words: &[Vec<char>]) -> usize {
    let mut end = part.len();
    loop {
        let longest = words.iter().filter(|w| w.len() < end && part[..end].ends_with(w)).map(Vec::len).max();
        match longest {
            None => return end,
            Some(len) => end -= len,
        }
        if part[..end].last() == Some(&' ') {
            end -= 1;
        }
    }
}

/// Words of Latin letters must not begin or end within a word; Chinese has no such bounds.
fn whole_words(part: &[char], start: usize, stop: usize) -> bool {
    let latin = |at: usize| part.get(at).is_some_and(char::is_ascii_alphanumeric);
    let open = start == 0 || !(latin(start) && latin(start - 1));
    open && !(latin(stop - 1) && latin(stop))
}

/// Places firms on products. The result does not depend on the order of lines but for their numbers.
///
/// Faults, all at once: [`Code::Share`] for strengths, weights and limits out of range; [`Code::Text`] for a line
/// without words and code or a firm without name; [`Code::UnknownCode`]; [`Code::Number`]; [`Code::Evidence`] for
/// a line or decision that does not say who and why; [`Code::Duplicate`] for decisions of one day that disagree.
pub fn place(
    catalogue: &Catalogue,
    claims: &[Claim],
    rulings: &[Ruling],
    rules: &Rules,
) -> Result<Placement, Vec<Fault>> {
    let mut faults = rules.check();
    claims.iter().enumerate().for_each(|(at, claim)| check_claim(at, claim, &mut faults));
    let ruled = latest(rulings, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut of_firm: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    claims.iter().enumerate().for_each(|(at, claim)| of_firm.entry(&claim.firm).or_default().push(at));
    ruled.keys().for_each(|(firm, _)| {
        of_firm.entry(firm).or_default();
    });
    let words = Words::of(rules);
    let firms: Vec<(&str, Vec<usize>)> = of_firm.into_iter().collect();
    let placed: Vec<Placement> = firms
        .par_iter()
        .map(|(firm, lines)| place_firm(catalogue, firm, lines, claims, &ruled, rules, &words))
        .collect();
    let mut out = Placement::default();
    for firm in placed {
        out.links.extend(firm.links);
        out.unmatched.extend(firm.unmatched);
        out.excluded.extend(firm.excluded);
    }
    out.unmatched.sort_unstable();
    out.excluded.sort();
    let known = |id: &str| catalogue.products.binary_search_by(|p| p.id.as_str().cmp(id)).is_ok();
    out.idle = ruled.into_values().filter(|r| !known(&r.product)).cloned().collect();
    Ok(out)
}

fn check_claim(at: usize, claim: &Claim, faults: &mut Vec<Fault>) {
    let place = format!("line {at} of firm {}", claim.firm);
    if claim.firm.trim().is_empty() {
        faults.push(Fault::new(Code::Text, format!("line {at}"), "no firm", "a firm is needed"));
    }
    if claim.code.is_none() && claim.text.as_ref().is_none_or(|t| fold(t).is_empty()) {
        faults.push(Fault::new(Code::Text, &place, "neither words nor a code", "one of both is needed"));
    }
    faults.extend(claim.code.as_ref().and_then(|c| c.digits(&place).err()));
    if let Some(amount) = claim.amount {
        faults.extend(within(Code::Number, &place, "amount", amount, 0.0, f64::MAX).err());
    }
    if claim.evidence.source.trim().is_empty() || claim.evidence.author.trim().is_empty() {
        let found = format!("source {:?}, author {:?}", claim.evidence.source, claim.evidence.author);
        faults.push(Fault::new(Code::Evidence, &place, found, "evidence names its source and its author"));
    }
}

/// The latest decision on each firm and product.
fn latest<'a>(rulings: &'a [Ruling], faults: &mut Vec<Fault>) -> BTreeMap<(&'a str, &'a str), &'a Ruling> {
    let mut out: BTreeMap<(&str, &str), &Ruling> = BTreeMap::new();
    let mut sorted: Vec<&Ruling> = rulings.iter().collect();
    sorted.sort_by_key(|r| (&r.firm, &r.product, r.decided));
    for ruling in sorted {
        let place = format!("decision on {} and {}", ruling.firm, ruling.product);
        if ruling.author.trim().is_empty() || ruling.reason.trim().is_empty() {
            let found = format!("author {:?}, reason {:?}", ruling.author, ruling.reason);
            faults.push(Fault::new(Code::Evidence, &place, found, "a decision names who and why"));
        }
        let before = out.insert((&ruling.firm, &ruling.product), ruling);
        if before.is_some_and(|b| b.decided == ruling.decided && b.verdict != ruling.verdict) {
            let found = format!("both verdicts on {}", ruling.decided);
            faults.push(Fault::new(Code::Duplicate, place, found, "one verdict for each day is allowed"));
        }
    }
    out
}

fn place_firm(
    catalogue: &Catalogue,
    firm: &str,
    lines: &[usize],
    claims: &[Claim],
    ruled: &BTreeMap<(&str, &str), &Ruling>,
    rules: &Rules,
    words: &Words,
) -> Placement {
    let mut out = Placement::default();
    let mut hits: BTreeMap<(u32, ClaimKind), Vec<Hit>> = BTreeMap::new();
    // Of each product that is bought the surest line; what several lines say of it counts once.
    let mut bought: BTreeMap<u32, Hit> = BTreeMap::new();
    let mut sold: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    let mut sales = Some(0.0);
    for &at in lines {
        let claim = &claims[at];
        let (found, excluded) = catalogue.named(claim, rules, words);
        out.excluded.extend(excluded.into_iter().map(|part| (at, part)));
        let speaks = match claim.kind {
            ClaimKind::Buys => found.keys().any(|p| !catalogue.made_into[*p as usize].is_empty()),
            _ => !found.is_empty(),
        };
        if !speaks {
            out.unmatched.push(at);
        }
        if claim.kind == ClaimKind::Sells {
            sales = sales.zip(claim.amount).map(|(sum, amount)| sum + amount);
            let top = found.values().fold(0.0, |m: f64, (s, _)| m.max(*s));
            let first: Vec<u32> = found.iter().filter(|(_, (s, _))| *s == top).map(|(p, _)| *p).collect();
            for product in &first {
                let amount = claim.amount.unwrap_or(0.0);
                let (least, most) = sold.entry(*product).or_default();
                *least += if first.len() == 1 { amount } else { 0.0 };
                *most += amount;
            }
        }
        for (product, (strength, reason)) in found {
            let hit = Hit { claim: at, reason, strength };
            match claim.kind {
                ClaimKind::Buys => {
                    if bought.get(&product).is_none_or(|known| strength > known.strength) {
                        bought.insert(product, hit);
                    }
                }
                kind => hits.entry((product, kind)).or_default().push(hit),
            }
        }
    }
    for (input, hit) in &bought {
        for product in &catalogue.made_into[*input as usize] {
            let reason = Reason::BuysInput(catalogue.products[*input as usize].id.clone());
            hits.entry((*product, ClaimKind::Buys)).or_default().push(Hit { reason, ..hit.clone() });
        }
    }
    let mut products: BTreeSet<u32> = hits.keys().map(|(product, _)| *product).collect();
    for (_, product) in ruled.range((firm, "")..).map(|(key, _)| key).take_while(|(f, _)| *f == firm) {
        let at = catalogue.products.binary_search_by(|p| p.id.as_str().cmp(product));
        products.extend(at.ok().map(|at| at as u32));
    }
    for product in products {
        let mut parts = Vec::new();
        for kind in KINDS {
            let Some(mut found) = hits.remove(&(product, kind)) else { continue };
            found.sort_by(|a, b| b.strength.total_cmp(&a.strength).then(a.claim.cmp(&b.claim)));
            let strength = match kind {
                ClaimKind::Buys => {
                    let sum: f64 = found.iter().map(|h| h.strength).sum();
                    rules.strengths.buys_inputs * (sum / catalogue.inputs[product as usize].len() as f64).min(1.0)
                }
                _ => found[0].strength,
            };
            parts.push(Part { kind, strength, weight: rules.weights.of(kind), without: 0.0, hits: found });
        }
        let confidence = together(&parts, None);
        for at in 0..parts.len() {
            parts[at].without = together(&parts, Some(at));
        }
        let id = &catalogue.products[product as usize].id;
        let ruling = ruled.get(&(firm, id.as_str())).map(|r| (*r).clone());
        let decision = match ruling.as_ref().map(|r| r.verdict) {
            Some(Verdict::Place) => Decision::Placed,
            Some(Verdict::Refuse) => Decision::Left,
            None if confidence >= rules.accept => Decision::Placed,
            None if confidence >= rules.doubt => Decision::Doubtful,
            None => Decision::Left,
        };
        let share = sales.filter(|whole| *whole > 0.0).map(|whole| {
            let (least, most) = sold.get(&product).copied().unwrap_or((0.0, 0.0));
            (least / whole, most / whole)
        });
        out.links.push(Link { firm: firm.to_owned(), product: id.clone(), confidence, parts, decision, ruling, share });
    }
    out
}

/// The noisy or of all parts but one.
fn together(parts: &[Part], but: Option<usize>) -> f64 {
    let others = parts.iter().enumerate().filter(|(at, _)| Some(*at) != but);
    1.0 - others.map(|(_, p)| 1.0 - p.weight * p.strength).product::<f64>()
}

/// One pair that a person labelled by looking at the firm, without having seen what the machine said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The firm's node.
    pub firm: String,
    /// The product's node.
    pub product: String,
    /// Does it make it?
    pub holds: bool,
}

/// A rate with what its sample allows to say of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How many.
    pub hits: u64,
    /// Of how many.
    pub of: u64,
    /// One over the other.
    pub value: f64,
    /// The interval's lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The two-sided quantile of the normal distribution for 95 %.
pub const NORMAL_95: f64 = 1.959_963_984_540_054;

/// A rate with its score interval (Wilson 1927, "Probable inference, the law of succession, and statistical
/// inference"), which stays within 0 and 1 and holds for small samples. None for an empty sample.
pub fn wilson(hits: u64, of: u64, z: f64) -> Option<Rate> {
    if of == 0 || hits > of {
        return None;
    }
    let (n, p) = (of as f64, hits as f64 / of as f64);
    let whole = 1.0 + z * z / n;
    let centre = (p + z * z / (2.0 * n)) / whole;
    let half = z / whole * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the formula gives 0 and 1 but for the rounding.
    let low = if hits == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if hits == of { 1.0 } else { (centre + half).min(1.0) };
    Some(Rate { hits, of, value: p, low, high })
}

/// How good a placement is at one threshold. What cannot be said of the sample is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// The confidence from which on a link counts.
    pub threshold: f64,
    /// Counted and right.
    pub true_positive: u64,
    /// Counted and wrong.
    pub false_positive: u64,
    /// Not counted and missing.
    pub false_negative: u64,
    /// Not counted and rightly so.
    pub true_negative: u64,
    /// Right of what counts.
    pub precision: Option<Rate>,
    /// Found of what is there.
    pub recall: Option<Rate>,
    /// Their harmonic mean.
    pub f1: Option<f64>,
}

/// One row of the table that compares what is stated with what is so.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Confidence from here on.
    pub from: f64,
    /// To below here; the last bin includes it.
    pub to: f64,
    /// The mean of what is stated; none for an empty bin.
    pub stated: Option<f64>,
    /// What is so.
    pub observed: Option<Rate>,
}

/// All that a labelled sample says of a placement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// At the threshold in force.
    pub quality: Quality,
    /// At every threshold that makes a difference, highest first.
    pub curve: Vec<Quality>,
    /// Stated beside observed.
    pub calibration: Vec<Bin>,
    /// Mean of (stated - observed) squared (Brier 1950).
    pub brier: f64,
    /// Mean distance of stated and observed over bins, by their size (Naeini, Cooper, Hauskrecht 2015).
    pub gap: f64,
    /// Labelled pairs for which no line speaks at all; their confidence is 0.
    pub unseen: u64,
}

/// Measures a placement on a labelled sample. Confidence counts and people's decisions do not: they would
/// measure themselves. `accept` is the threshold in force, `bins` the inner bounds of the calibration table,
/// `z` the width of intervals ([`NORMAL_95`]). Recall speaks for all pairs only if the sample was drawn from
/// all pairs and not from those that were found.
///
/// Faults: [`Code::Empty`] for no labels, [`Code::Duplicate`] for a pair labelled twice, [`Code::Share`] for
/// bounds that do not rise between 0 and 1.
pub fn measure(placement: &Placement, labels: &[Label], accept: f64, bins: &[f64], z: f64) -> Result<Report, Fault> {
    within(Code::Share, "quality", "threshold", accept, 0.0, 1.0)?;
    if labels.is_empty() {
        return Err(Fault::new(Code::Empty, "labels", "none", "one label at least is needed"));
    }
    let mut seen = BTreeSet::new();
    if let Some(again) = labels.iter().find(|l| !seen.insert((&l.firm, &l.product))) {
        let place = format!("label of {} and {}", again.firm, again.product);
        return Err(Fault::new(Code::Duplicate, place, "the pair twice", "each pair once is allowed"));
    }
    let mut bounds = vec![0.0];
    for bound in bins.iter().chain([&1.0]) {
        if !(*bound > bounds[bounds.len() - 1] && *bound <= 1.0) {
            let found = format!("bound {bound} after {}", bounds[bounds.len() - 1]);
            return Err(Fault::new(Code::Share, "calibration", found, "bounds that rise between 0 and 1 are allowed"));
        }
        bounds.push(*bound);
    }
    let mut unseen = 0;
    let mut pairs: Vec<(f64, bool)> = Vec::with_capacity(labels.len());
    for label in labels {
        let stated = placement.find(&label.firm, &label.product).filter(|l| !l.parts.is_empty());
        unseen += u64::from(stated.is_none());
        pairs.push((stated.map_or(0.0, |l| l.confidence), label.holds));
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let holds = pairs.iter().filter(|(_, holds)| *holds).count() as u64;
    let at = |threshold: f64| {
        let counted = &pairs[..pairs.partition_point(|(stated, _)| *stated >= threshold)];
        let right = counted.iter().filter(|(_, holds)| *holds).count() as u64;
        let wrong = counted.len() as u64 - right;
        Quality {
            threshold,
            true_positive: right,
            false_positive: wrong,
            false_negative: holds - right,
            true_negative: pairs.len() as u64 - holds - wrong,
            precision: wilson(right, right + wrong, z),
            recall: wilson(right, holds, z),
            f1: (holds + right + wrong > 0).then(|| 2.0 * right as f64 / (holds + right + wrong) as f64),
        }
    };
    let mut thresholds: Vec<f64> = pairs.iter().map(|(stated, _)| *stated).collect();
    thresholds.dedup();
    let (mut calibration, mut gap) = (Vec::new(), 0.0);
    for (from, to) in bounds.windows(2).map(|b| (b[0], b[1])) {
        let inside: Vec<_> = pairs.iter().filter(|(s, _)| *s >= from && (*s < to || to == 1.0)).collect();
        let count = inside.len() as u64;
        let stated = (count > 0).then(|| inside.iter().map(|(s, _)| s).sum::<f64>() / count as f64);
        let observed = wilson(inside.iter().filter(|(_, holds)| *holds).count() as u64, count, z);
        gap += stated.zip(observed).map_or(0.0, |(s, o)| (s - o.value).abs() * count as f64 / pairs.len() as f64);
        calibration.push(Bin { from, to, stated, observed });
    }
    let error = |(stated, holds): &(f64, bool)| (stated - f64::from(u8::from(*holds))).powi(2);
    Ok(Report {
        quality: at(accept),
        curve: thresholds.into_iter().map(at).collect(),
        calibration,
        brier: pairs.iter().map(error).sum::<f64>() / pairs.len() as f64,
        gap,
        unseen,
    })
}

/// A rising step function from stated confidence to the rate observed: the isotonic fit by pooling
/// neighbours that fall (Ayer et al. 1955; for calibration Zadrozny & Elkan 2002).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibrated {
    /// From which confidence on which rate holds, rising.
    pub steps: Vec<(f64, f64)>,
}

impl Calibrated {
    /// Fits labelled pairs of a placement; pairs for which no line speaks have confidence 0. None without labels.
    pub fn fit(placement: &Placement, labels: &[Label]) -> Option<Self> {
        let stated = |l: &Label| placement.find(&l.firm, &l.product).map_or(0.0, |link| link.confidence);
        let mut pairs: Vec<(f64, u64)> = labels.iter().map(|l| (stated(l), u64::from(l.holds))).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        // (confidence, hits, of): equal confidences are one block, and a block that falls joins the one before.
        let mut blocks: Vec<(f64, u64, u64)> = Vec::new();
        for group in pairs.chunk_by(|a, b| a.0 == b.0) {
            blocks.push((group[0].0, group.iter().map(|(_, hit)| hit).sum(), group.len() as u64));
            while let [.., a, b] = blocks[..]
                && u128::from(a.1) * u128::from(b.2) >= u128::from(b.1) * u128::from(a.2)
            {
                blocks.truncate(blocks.len() - 2);
                blocks.push((a.0, a.1 + b.1, a.2 + b.2));
            }
        }
        let steps: Vec<_> = blocks.into_iter().map(|(from, hits, of)| (from, hits as f64 / of as f64)).collect();
        (!steps.is_empty()).then_some(Self { steps })
    }

    /// The rate observed for a confidence; below the first step that of the first step.
    pub fn rate(&self, stated: f64) -> Option<f64> {
        let at = self.steps.partition_point(|(from, _)| *from <= stated);
        self.steps.get(at.saturating_sub(1)).map(|(_, rate)| *rate)
    }
}

/// One firm and product on which two placements decide differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The firm's node.
    pub firm: String,
    /// The product's node.
    pub product: String,
    /// What was decided and how sure it was; none: nothing spoke for it.
    pub before: Option<(Decision, f64)>,
    /// What is decided now.
    pub after: Option<(Decision, f64)>,
}

/// What differs between two placements: pairs on which they decide differently, by firm and product, and how
/// many others have another confidence under the same decision.
pub fn difference(before: &Placement, after: &Placement) -> (Vec<Change>, usize) {
    let of = |p: &Placement| -> BTreeMap<(String, String), (Decision, f64)> {
        p.links.iter().map(|l| ((l.firm.clone(), l.product.clone()), (l.decision, l.confidence))).collect()
    };
    let (old, new) = (of(before), of(after));
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let (mut changes, mut moved) = (Vec::new(), 0);
    for key in keys {
        let (a, b) = (old.get(key).copied(), new.get(key).copied());
        // A pair that nothing speaks for is left: it may appear as left and nothing changes.
        let decided = |of: Option<(Decision, f64)>| of.map_or(Decision::Left, |(decision, _)| decision);
        match decided(a) == decided(b) {
            true => moved += usize::from(a.map_or(0.0, |x| x.1) != b.map_or(0.0, |x| x.1)),
            false => changes.push(Change { firm: key.0.clone(), product: key.1.clone(), before: a, after: b }),
        }
    }
    (changes, moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;
    use crate::graph::tests::{checks, day, node};
    use crate::graph::{Graph, NodeKind, Raw};
    use proptest::prelude::*;

    fn product(id: &str, codes: &[(Scheme, &str)], terms: &[&str], inputs: &[&str]) -> Product {
        Product {
            id: id.into(),
            codes: codes.iter().map(|(scheme, code)| Classified { scheme: *scheme, code: (*code).into() }).collect(),
            terms: terms.iter().map(|t| (*t).into()).collect(),
            inputs: inputs.iter().map(|i| (*i).into()).collect(),
        }
    }

    fn machine_tools() -> Vec<Product> {
        use Scheme::{Industry, Product as P};
        vec![
            product("bearing", &[(P, "345101"), (Industry, "C3451")], &["轴承", "bearing"], &[]),
            product("spindle", &[(P, "34250401")], &["主轴", "spindle"], &["bearing", "steel"]),
            product("spindle-bearing", &[(P, "34510108")], &["主轴轴承"], &[]),
            product("lathe", &[(P, "342101"), (Industry, "3421")], &["车床", "数控车床", "CNC lathe"], &["spindle"]),
            product("steel", &[(P, "3120")], &["轴承钢", "钢材"], &[]),
            product("washer", &[], &["清洗机"], &[]),
        ]
    }

    fn claim(firm: &str, kind: ClaimKind, text: &str) -> Claim {
        let evidence = Evidence { source: "税票 3".into(), author: "tax".into(), noted: day("2026-03-01") };
        Claim { firm: firm.into(), kind, text: Some(text.into()), code: None, amount: None, evidence }
    }

    fn coded(firm: &str, kind: ClaimKind, scheme: Scheme, code: &str) -> Claim {
        Claim { text: None, code: Some(Classified { scheme, code: code.into() }), ..claim(firm, kind, "") }
    }

    fn rules() -> Rules {
        Rules {
            strengths: Strengths {
                code_equal: 0.98,
                code_within: 0.9,
                code_parent: 0.5,
                parent_step: 0.4,
                name_equal: 0.95,
                term_ends: 0.8,
                term_inside: 0.25,
                buys_inputs: 0.6,
            },
            weights: Weights { declares: 0.5, sells: 0.95, buys: 0.5, patents: 0.4, licensed: 0.9 },
            accept: 0.75,
            doubt: 0.3,
            endings: ["制造", "销售", "生产", "加工", "manufacture"].map(Into::into).into(),
            exclusions: ["不含", "除外"].map(Into::into).into(),
        }
    }

    /// Products named by one line with their strengths.
    fn named(claim: &Claim) -> Vec<(String, f64)> {
        let catalogue = Catalogue::new(machine_tools()).unwrap();
        let found = catalogue.named(claim, &rules(), &Words::of(&rules())).0;
        found.into_iter().map(|(p, (s, _))| (catalogue.products[p as usize].id.clone(), s)).collect()
    }

    fn text(line: &str) -> Vec<(String, f64)> {
        named(&claim("f", ClaimKind::Declares, line))
    }

    fn list(want: &[(&str, f64)]) -> Vec<(String, f64)> {
        want.iter().map(|(id, s)| ((*id).to_owned(), *s)).collect()
    }

    #[test]
    fn the_longest_term_is_meant_and_the_last_word_says_what_a_thing_is() {
        assert_eq!(text("轴承"), list(&[("bearing", 0.95)]));
        assert_eq!(text("高速主轴轴承"), list(&[("spindle-bearing", 0.8)]));
        assert_eq!(text("轴承钢"), list(&[("steel", 0.95)]));
        assert_eq!(text("轴承清洗机"), list(&[("bearing", 0.25), ("washer", 0.8)]));
        assert_eq!(text("精密轴承的生产、数控车床制造销售"), list(&[("bearing", 0.25), ("lathe", 0.95)]));
        assert_eq!(text("数控车床、轴承加工"), list(&[("bearing", 0.95), ("lathe", 0.95)]));
        assert_eq!(text("螺丝"), list(&[]));
    }

    #[test]
    fn wide_letters_case_and_marks_make_no_difference_and_latin_words_stay_whole() {
        assert_eq!(text("ＣＮＣ　Ｌａｔｈｅ"), list(&[("lathe", 0.95)]));
        assert_eq!(text("cnc-lathe manufacture"), list(&[("lathe", 0.95)]));
        assert_eq!(text("ball bearing"), list(&[("bearing", 0.8)]));
        assert_eq!(text("forbearing"), list(&[]));
        assert_eq!(text("bearings"), list(&[]));
    }

    #[test]
    fn what_a_line_takes_out_does_not_count_and_is_listed() {
        assert_eq!(text("数控车床（不含轴承、主轴）"), list(&[("lathe", 0.95)]));
        assert_eq!(text("轴承、主轴除外；数控车床"), list(&[("lathe", 0.95)]));
        let catalogue = Catalogue::new(machine_tools()).unwrap();
        let claims = [claim("f", ClaimKind::Declares, "车床(不含轴承)")];
        let placed = place(&catalogue, &claims, &[], &rules()).unwrap();
        assert_eq!(placed.excluded, [(0, "不含轴承".to_owned())]);
    }

    #[test]
    fn codes_match_as_equal_finer_or_coarser_and_never_across_lists() {
        let code = |scheme, code| named(&coded("f", ClaimKind::Sells, scheme, code));
        assert_eq!(code(Scheme::Product, "345101"), list(&[("bearing", 0.98), ("spindle-bearing", 0.5)]));
        assert_eq!(code(Scheme::Product, "34510108"), list(&[("bearing", 0.9), ("spindle-bearing", 0.98)]));
        assert_eq!(code(Scheme::Product, "3451"), list(&[("bearing", 0.5), ("spindle-bearing", 0.5 * 0.4)]));
        assert_eq!(code(Scheme::Industry, "C3421"), list(&[("lathe", 0.98)]));
        assert_eq!(code(Scheme::Industry, "34"), list(&[("bearing", 0.5 * 0.4), ("lathe", 0.5 * 0.4)]));
        assert_eq!(code(Scheme::Industry, "3510"), list(&[]));
    }

    #[test]
    fn kinds_that_agree_make_it_surer_and_lines_of_one_kind_count_once() {
        let catalogue = Catalogue::new(machine_tools()).unwrap();
        let mut claims = vec![
            claim("f", ClaimKind::Declares, "轴承制造"),
            claim("f", ClaimKind::Declares, "轴承销售"),
            claim("f", ClaimKind::Sells, "滚动轴承"),
        ];
        let placed = place(&catalogue, &claims, &[], &rules()).unwrap();
        let link = placed.find("f", "bearing").unwrap();
        assert!((link.confidence - (1.0 - (1.0 - 0.5 * 0.95) * (1.0 - 0.95 * 0.8))).abs() < 1e-15);
        assert_eq!(link.decision, Decision::Placed);
        assert_eq!(link.parts.iter().map(|p| p.hits.len()).collect::<Vec<_>>(), [2, 1]);
        assert!((link.parts[0].without - 0.76).abs() < 1e-15 && (link.parts[1].without - 0.475).abs() < 1e-15);
        claims.pop();
        let declared = place(&catalogue, &claims, &[], &rules()).unwrap();
        assert_eq!(declared.find("f", "bearing").unwrap().decision, Decision::Doubtful);
        assert_eq!(declared.counts(), Counts { doubtful: 1, ..Counts::default() });
    }

    #[test]
    fn buying_is_a_sign_of_making_what_it_goes_into_and_not_of_making_it() {
        let catalogue = Catalogue::new(machine_tools()).unwrap();
        let one = [claim("f", ClaimKind::Buys, "轴承"), claim("f", ClaimKind::Buys, "轴承")];
        let placed = place(&catalogue, &one, &[], &rules()).unwrap();
        assert!(placed.find("f", "bearing").is_none());
        // One of two inputs: half of the strength, however many lines say so.
        assert!((placed.find("f", "spindle").unwrap().confidence - 0.5 * 0.6 * 0.95 / 2.0).abs() < 1e-15);
        let both = [claim("f", ClaimKind::Buys, "轴承"), coded("f", ClaimKind::Buys, Scheme::Product, "3120")];
        let placed = place(&catalogue, &both, &[], &rules()).unwrap();
        let link = placed.find("f", "spindle").unwrap();
        assert!((link.confidence - 0.5 * 0.6 * (0.95 + 0.98) / 2.0).abs() < 1e-15);
        assert_eq!(link.parts[0].hits[0].reason, Reason::BuysInput("steel".into()));
        // A washer goes into nothing here: that line speaks for no product and is not lost.
        let idle = place(&catalogue, &[claim("f", ClaimKind::Buys, "清洗机")], &[], &rules()).unwrap();
        assert_eq!((idle.links.len(), idle.unmatched), (0, vec![0]));
    }

    #[test]
    fn people_have_the_last_word_and_the_latest_of_them() {
        let catalogue = Catalogue::new(machine_tools()).unwrap();
        let claims = [coded("f", ClaimKind::Sells, Scheme::Product, "345101")];
        let ruling = |verdict, on: &str, product: &str| Ruling {
            firm: "f".into(),
            product: product.into(),
            verdict,
            author: "王".into(),
            decided: day(on),
            reason: "到厂看过".into(),
        };
        let rulings = [
            ruling(Verdict::Place, "2026-01-02", "bearing"),
            ruling(Verdict::Refuse, "2026-05-01", "bearing"),
            ruling(Verdict::Place, "2026-05-01", "lathe"),
            ruling(Verdict::Place, "2026-05-01", "no-longer-there"),
        ];
        let placed = place(&catalogue, &claims, &rulings, &rules()).unwrap();
        let bearing = placed.find("f", "bearing").unwrap();
        assert_eq!((bearing.decision, bearing.confidence > 0.9), (Decision::Left, true));
        assert_eq!(bearing.ruling.as_ref().unwrap().decided, day("2026-05-01"));
        let lathe = placed.find("f", "lathe").unwrap();
        assert_eq!((lathe.decision, lathe.confidence, lathe.parts.len()), (Decision::Placed, 0.0, 0));
        assert_eq!(placed.idle.len(), 1);
        assert_eq!((placed.counts().placed, placed.counts().by_people), (1, 1));
        let both = [ruling(Verdict::Place, "2026-05-01", "bearing"), ruling(Verdict::Refuse, "2026-05-01", "bearing")];
        assert_eq!(place(&catalogue, &claims, &both, &rules()).unwrap_err()[0].code, Code::Duplicate);
    }

    #[test]
    fn shares_come_from_sales_and_are_an_interval_where_a_line_fits_several_products() {
        let mut products = machine_tools();
        products.push(product("roller", &[], &["轴承"], &[]));
        let catalogue = Catalogue::new(products).unwrap();
        let sold = |text: &str, amount| Claim { amount, ..claim("f", ClaimKind::Sells, text) };
        let claims = [sold("数控车床", Some(60.0)), sold("轴承", Some(30.0)), sold("杂项", Some(10.0))];
        let placed = place(&catalogue, &claims, &[], &rules()).unwrap();
        assert_eq!(placed.find("f", "lathe").unwrap().share, Some((0.6, 0.6)));
        assert_eq!(placed.find("f", "bearing").unwrap().share, Some((0.0, 0.3)));
        assert_eq!(placed.unmatched, [2]);
        let unknown = [sold("数控车床", Some(60.0)), sold("轴承", None)];
        assert_eq!(place(&catalogue, &unknown, &[], &rules()).unwrap().find("f", "lathe").unwrap().share, None);
    }

    #[test]
    fn links_stand_in_a_chain_with_the_evidence_of_every_line() {
        let catalogue = Catalogue::new(machine_tools()).unwrap();
        let claims = [
            claim("f", ClaimKind::Sells, "数控车床"),
            claim("f", ClaimKind::Declares, "车床"),
            claim("f", ClaimKind::Declares, "主轴"),
        ];
        let placed = place(&catalogue, &claims, &[], &rules()).unwrap();
        let edges = placed.edges(&claims);
        let nodes = ["lathe", "spindle"].map(|id| node(id, NodeKind::Product)).into_iter();
        let nodes = nodes.chain([node("f", NodeKind::Firm)]).collect();
        let graph = Graph::check(Raw { nodes, edges }, &checks()).unwrap();
        assert_eq!(graph.edges().iter().map(|e| e.evidence.len()).collect::<Vec<_>>(), [2, 1]);
        // A doubtful link is there and falls out where only sure ones count.
        assert_eq!(graph.surer_than(0.75).edges().len(), 1);
    }

    #[test]
    fn every_fault_is_named() {
        let codes = |products| -> Vec<Code> { Catalogue::new(products).unwrap_err().iter().map(|f| f.code).collect() };
        assert_eq!(
            codes(vec![product("a", &[], &["x"], &["a"]), product("b", &[], &["x"], &["c"])]),
            [Code::SelfLoop, Code::UnknownNode]
        );
        assert_eq!(codes(vec![product("a", &[], &["x"], &[]), product("a", &[], &["y"], &[])]), [Code::Duplicate]);
        assert_eq!(
            codes(vec![
                product("a", &[(Scheme::Product, "123")], &[], &[]),
                product("b", &[(Scheme::Industry, "C12345")], &[], &[])
            ]),
            [Code::UnknownCode; 2]
        );
        assert_eq!(codes(vec![product("a", &[], &["、"], &[])]), [Code::Text]);
        assert_eq!(codes(vec![product("a", &[], &[], &[])]), [Code::Empty]);
        let catalogue = Catalogue::new(machine_tools()).unwrap();
        let bad = |change: &dyn Fn(&mut Claim)| -> String {
            let mut line = claim("f", ClaimKind::Sells, "轴承");
            change(&mut line);
            place(&catalogue, &[line], &[], &rules()).unwrap_err()[0].to_string()
        };
        assert_eq!(
            bad(&|c| c.amount = Some(-1.0)),
            "line 0 of firm f: amount -1 found; amount of 0 or more is allowed"
        );
        assert!(bad(&|c| c.text = None).contains("one of both is needed"));
        assert!(bad(&|c| c.evidence.author.clear()).contains("evidence names its source"));
        assert!(
            bad(&|c| c.code = Some(Classified { scheme: Scheme::Industry, code: "3".into() })).contains("GB/T 4754")
        );
        let wrong = Rules { doubt: 0.8, ..rules() };
        assert_eq!(
            place(&catalogue, &[], &[], &wrong).unwrap_err()[0].to_string(),
            "rules: doubt 0.8 found; doubt from 0 to 0.75 is allowed"
        );
        let text = r#"{"firm":"f","kind":"sells","text":"轴承","evidence":{"source":"s","author":"a","noted":"2026-01-01"},"colour":1}"#;
        assert!(serde_json::from_str::<Claim>(text).unwrap_err().to_string().contains("colour"));
    }

    #[test]
    fn intervals_are_those_of_the_literature() {
        // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        for (hits, of, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let rate = wilson(hits, of, NORMAL_95).unwrap();
            assert!((rate.low - low).abs() < 5e-5 && (rate.high - high).abs() < 5e-5, "{rate:?}");
        }
        assert_eq!(wilson(0, 0, NORMAL_95), None);
        let all = wilson(9, 9, NORMAL_95).unwrap();
        assert_eq!((all.value, all.high), (1.0, 1.0));
    }

    #[test]
    fn intervals_hold_the_true_rate_as_often_as_they_say() {
        // Exact: the chance of each count under a true rate, summed over counts whose interval holds the rate.
        for n in [20u32, 100] {
            let (mut sum, mut least) = (0.0, 1.0f64);
            for step in 1..100 {
                let p = f64::from(step) / 100.0;
                let mut chance = (1.0 - p).powi(n as i32);
                let mut held = 0.0;
                for hits in 0..=n {
                    let rate = wilson(u64::from(hits), u64::from(n), NORMAL_95).unwrap();
                    held += if rate.low <= p && p <= rate.high { chance } else { 0.0 };
                    chance *= f64::from(n - hits) / f64::from(hits + 1) * p / (1.0 - p);
                }
                sum += held;
                least = least.min(held);
            }
            assert!((sum / 99.0 - 0.95).abs() < 0.01 && least > 0.83, "{n}: {} {least}", sum / 99.0);
        }
    }

    /// A placement with stated confidences, for measuring.
    fn stated(pairs: &[(f64, bool)]) -> (Placement, Vec<Label>) {
        let link = |(at, (confidence, _)): (usize, &(f64, bool))| Link {
            firm: format!("f{at:04}"),
            product: "p".into(),
            confidence: *confidence,
            parts: vec![Part {
                kind: ClaimKind::Sells,
                strength: *confidence,
                weight: 1.0,
                without: 0.0,
                hits: vec![],
            }],
            decision: Decision::Left,
            ruling: None,
            share: None,
        };
        let links = pairs.iter().enumerate().map(link).collect();
        let labels = pairs.iter().enumerate().map(|(at, (_, holds))| Label {
            firm: format!("f{at:04}"),
            product: "p".into(),
            holds: *holds,
        });
        (Placement { links, ..Placement::default() }, labels.collect())
    }

    #[test]
    fn quality_counts_what_a_sample_says() {
        let (placed, mut labels) = stated(&[(0.9, true), (0.8, true), (0.8, false), (0.4, true), (0.2, false)]);
        labels.push(Label { firm: "nobody".into(), product: "p".into(), holds: true });
        let report = measure(&placed, &labels, 0.75, &[0.5], NORMAL_95).unwrap();
        let q = report.quality;
        assert_eq!((q.true_positive, q.false_positive, q.false_negative, q.true_negative), (2, 1, 2, 1));
        assert_eq!((q.precision.unwrap().value, q.recall.unwrap().value, q.f1.unwrap()), (2.0 / 3.0, 0.5, 4.0 / 7.0));
        assert_eq!(report.curve.iter().map(|q| q.threshold).collect::<Vec<_>>(), [0.9, 0.8, 0.4, 0.2, 0.0]);
        assert_eq!(report.unseen, 1);
        assert_eq!(report.calibration[1].observed.unwrap().of, 3);
        assert!((report.calibration[0].stated.unwrap() - 0.2).abs() < 1e-15);
        let twice: Vec<Label> = labels.iter().chain(&labels[..1]).cloned().collect();
        assert_eq!(measure(&placed, &twice, 0.75, &[0.5], NORMAL_95).unwrap_err().code, Code::Duplicate);
        assert_eq!(measure(&placed, &labels, 0.75, &[0.5, 0.5], NORMAL_95).unwrap_err().code, Code::Share);
        assert_eq!(measure(&placed, &[], 0.75, &[], NORMAL_95).unwrap_err().code, Code::Empty);
    }

    #[test]
    fn a_changed_definition_places_anew_and_the_difference_says_what() {
        let before = Catalogue::new(machine_tools()).unwrap();
        let mut products = machine_tools();
        products[0].terms.push("滚子".into());
        products[3].codes.clear();
        let after = Catalogue::new(products).unwrap();
        assert_eq!(before.difference(&after), (vec![], vec![], vec!["bearing".into(), "lathe".into()]));
        let claims = [
            claim("f", ClaimKind::Sells, "圆锥滚子"),
            coded("g", ClaimKind::Sells, Scheme::Product, "342101"),
            claim("h", ClaimKind::Sells, "主轴"),
        ];
        let run = |catalogue| place(catalogue, &claims, &[], &rules()).unwrap();
        let (changes, moved) = difference(&run(&before), &run(&after));
        let seen: Vec<_> =
            changes.iter().map(|c| (c.firm.as_str(), c.before.map(|b| b.0), c.after.map(|a| a.0))).collect();
        assert_eq!(seen, [("f", None, Some(Decision::Placed)), ("g", Some(Decision::Placed), None)]);
        assert_eq!(moved, 0);
        assert_eq!(difference(&run(&before), &run(&before)).0, []);
    }

    #[test]
    fn lines_of_drawn_truth_come_back_with_the_precision_that_was_drawn() {
        // Firms that make one product each; some lines name it, some name another one.
        let names: Vec<Product> = (0..40)
            .map(|p| product(&format!("p{p:02}"), &[], &[&format!("品{}号", char::from_u32(0x4E00 + p).unwrap())], &[]))
            .collect();
        let term = |p: u64| names[p as usize].terms[0].clone();
        let mut draw = Draw::new(11);
        let (mut claims, mut labels, mut wrong) = (Vec::new(), Vec::new(), 0);
        for firm in 0..400 {
            let makes = draw.below(40);
            let slip = draw.unit() < 0.2;
            let says = if slip { (makes + 1 + draw.below(39)) % 40 } else { makes };
            wrong += u64::from(slip);
            claims.push(claim(&format!("f{firm:03}"), ClaimKind::Sells, &term(says)));
            for p in 0..40 {
                labels.push(Label { firm: format!("f{firm:03}"), product: format!("p{p:02}"), holds: p == makes });
            }
        }
        let catalogue = Catalogue::new(names.clone()).unwrap();
        let placed = place(&catalogue, &claims, &[], &rules()).unwrap();
        let report = measure(&placed, &labels, 0.75, &[0.5], NORMAL_95).unwrap();
        let (precision, recall) = (report.quality.precision.unwrap(), report.quality.recall.unwrap());
        assert_eq!((precision.hits, precision.of, recall.of), (400 - wrong, 400, 400));
        // Stated confidence is 0.9025, and the sample says that it should be lower.
        let fitted = Calibrated::fit(&placed, &labels).unwrap();
        assert_eq!(fitted.rate(0.9025), Some(precision.value));
    }

    proptest! {
        #[test]
        fn more_evidence_never_makes_it_less_sure_and_order_does_not_matter(seed in 0u64..5000, lines in 1usize..12) {
            let catalogue = Catalogue::new(machine_tools()).unwrap();
            let mut draw = Draw::new(seed);
            let texts = ["轴承", "主轴轴承制造", "数控车床", "轴承清洗机", "钢材", "主轴", "别的"];
            let claims: Vec<Claim> = (0..lines)
                .map(|_| claim(["f", "g"][draw.below(2) as usize], KINDS[draw.below(5) as usize], texts[draw.below(7) as usize]))
                .collect();
            let all = place(&catalogue, &claims, &[], &rules()).unwrap();
            let fewer = place(&catalogue, &claims[..lines - 1], &[], &rules()).unwrap();
            for link in &fewer.links {
                let now = all.find(&link.firm, &link.product).unwrap();
                prop_assert!(now.confidence >= link.confidence && now.confidence <= 1.0);
                for part in &now.parts {
                    prop_assert!(part.without <= now.confidence);
                }
            }
            let turned: Vec<Claim> = claims.iter().rev().cloned().collect();
            let again = place(&catalogue, &turned, &[], &rules()).unwrap();
            let bare = |p: &Placement| -> Vec<(String, String, f64)> { p.links.iter().map(|l| (l.firm.clone(), l.product.clone(), l.confidence)).collect() };
            prop_assert_eq!(bare(&all), bare(&again));
            prop_assert_eq!(all.unmatched.len(), again.unmatched.len());
            // Every line that is not in the list of unmatched ones names or feeds a product that has a link.
            let ids: BTreeSet<&str> = all.links.iter().filter(|l| !l.parts.is_empty()).map(|l| l.product.as_str()).collect();
            for (at, claim) in claims.iter().enumerate() {
                let found = catalogue.named(claim, &rules(), &Words::of(&rules())).0;
                let id = |p: u32| catalogue.products[p as usize].id.as_str();
                let linked = |p: &u32| match claim.kind {
                    ClaimKind::Buys => catalogue.made_into[*p as usize].iter().any(|m| ids.contains(id(*m))),
                    _ => ids.contains(id(*p)),
                };
                prop_assert_eq!(all.unmatched.contains(&at), !found.keys().any(linked));
            }
        }

        #[test]
        fn the_fit_rises_and_no_rising_fit_is_nearer(pairs in prop::collection::vec((0u8..6, any::<bool>()), 1..12)) {
            let pairs: Vec<(f64, bool)> = pairs.iter().map(|(s, h)| (f64::from(*s) / 5.0, *h)).collect();
            let (placed, labels) = stated(&pairs);
            let fitted = Calibrated::fit(&placed, &labels).unwrap();
            prop_assert!(fitted.steps.windows(2).all(|s| s[0].0 < s[1].0 && s[0].1 < s[1].1));
            // The isotonic fit by its definition: max over a <= i of min over b >= i of the mean from a to b.
            let levels: BTreeSet<u64> = pairs.iter().map(|(s, _)| s.to_bits()).collect();
            let levels: Vec<f64> = levels.into_iter().map(f64::from_bits).collect();
            let mean = |a: usize, b: usize| {
                let inside: Vec<bool> = pairs.iter().filter(|(s, _)| *s >= levels[a] && *s <= levels[b]).map(|(_, h)| *h).collect();
                inside.iter().filter(|h| **h).count() as f64 / inside.len() as f64
            };
            for i in 0..levels.len() {
                let least = |a: usize| (i..levels.len()).map(|b| mean(a, b)).fold(f64::INFINITY, f64::min);
                let want = (0..=i).map(least).fold(f64::NEG_INFINITY, f64::max);
                prop_assert!((fitted.rate(levels[i]).unwrap() - want).abs() < 1e-12);
            }
        }
    }
}
