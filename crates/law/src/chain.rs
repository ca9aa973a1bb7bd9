//! Templates of industry chains: stages, products and what is made of what, as data that an officer can
//! write without code. A narrower template (a city's) extends a wider one (its province's): it adds
//! stages and products and changes some of those that are there.

use crate::load::Law;
use crate::place::Place;
use crate::read::{Sec, What};
use crate::read_scheme::{in_force, no_division, top_cite};
use crate::rule::RuleLevel;
use crate::scheme::{Cite, Param, Standing, Text};
use base::{Digest, DivisionCode};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeSet;

/// One edition of a chain's template.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainTemplate {
    /// Stable id, the path of its folder.
    pub id: String,
    /// 1, 2, … of the same id.
    pub edition: u32,
    /// Title.
    pub title: Text,
    /// Whose chain it is: a province's, a city's or a county's.
    pub level: RuleLevel,
    /// The place for which it stands.
    pub division: DivisionCode,
    /// Which office leads it.
    pub lead: Option<Text>,
    /// The wider template that it extends.
    pub extends: Option<String>,
    /// First day in force.
    pub from: Date,
    /// Last day in force; none: runs on.
    pub to: Option<Date>,
    /// The document.
    pub cite: Cite,
    /// Read or assumed, for the file as a whole.
    pub standing: Standing,
    /// Stages, upstream first.
    pub stages: Vec<ChainStage>,
    /// Products and processes.
    pub products: Vec<ChainProduct>,
    /// What it changes about products of the wider template; empty once merged.
    pub changes: Vec<ChainChange>,
    /// Kinds of evidence that together are enough to place a firm; any of these.
    pub evidence: Vec<Vec<EvidenceKind>>,
    /// Where.
    pub at: Place,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainStage {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Stages right before it.
    pub after: Vec<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// A product or process.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainProduct {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Its stage.
    pub stage: String,
    /// GB/T 4754 groups and classes whose firms may make it.
    pub codes: Vec<String>,
    /// Code of the catalogue of products for statistics.
    pub product_code: Option<String>,
    /// Other names under which firms write it.
    pub terms: Vec<String>,
    /// What it is made of.
    pub made_of: Vec<ChainInput>,
    /// What can stand in for it.
    pub substitutes: Vec<ChainSubstitute>,
    /// Days of use in stock.
    pub stock_days: Option<Param>,
    /// Part of the need that comes from abroad.
    pub import_share: Option<Param>,
    /// Level of domestic technology, 1 to 5.
    pub tier: Option<Param>,
    /// Margin, a share of revenue.
    pub margin: Option<Param>,
    /// Growth of its market in a year, as a factor.
    pub growth: Option<Param>,
    /// Key technologies.
    pub tech: Vec<Text>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where; for a product that a narrower template changes, where it does.
    pub at: Place,
}

/// What a narrower template changes about a product; what is none stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainChange {
    /// The product.
    pub id: String,
    /// Title.
    pub title: Option<Text>,
    /// Stage.
    pub stage: Option<String>,
    /// Codes, all of them.
    pub codes: Option<Vec<String>>,
    /// Product code.
    pub product_code: Option<String>,
    /// Terms, all of them.
    pub terms: Option<Vec<String>>,
    /// Inputs, all of them.
    pub made_of: Option<Vec<ChainInput>>,
    /// Substitutes, all of them.
    pub substitutes: Option<Vec<ChainSubstitute>>,
    /// Days in stock.
    pub stock_days: Option<Param>,
    /// Part from abroad.
    pub import_share: Option<Param>,
    /// Level of technology.
    pub tier: Option<Param>,
    /// Margin.
    pub margin: Option<Param>,
    /// Growth.
    pub growth: Option<Param>,
    /// Technologies, all of them.
    pub tech: Option<Vec<Text>>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// An input of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainInput {
    /// The product that goes in.
    pub product: String,
    /// Its part of the value of all inputs.
    pub share: Option<Param>,
    /// Is nothing made without it? None: as the rules say.
    pub essential: Option<bool>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// What can stand in for a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainSubstitute {
    /// The product that stands in.
    pub product: String,
    /// Part of the need that it covers.
    pub share: Param,
    /// Days until it does.
    pub ready_days: Param,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// What speaks for a firm making a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Its own statement.
    Declares,
    /// Sales.
    Sells,
    /// Purchases of inputs.
    Buys,
    /// Patents.
    Patents,
    /// Licences and certificates.
    Licensed,
}

impl EvidenceKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Declares, Self::Sells, Self::Buys, Self::Patents, Self::Licensed];

    /// As files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Declares => "declares",
            Self::Sells => "sells",
            Self::Buys => "buys",
            Self::Patents => "patents",
            Self::Licensed => "licensed",
        }
    }
}

impl ChainTemplate {
    /// Is it in force on that day?
    pub fn governs(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// `id@edition`.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.edition)
    }

    /// The product of that name.
    pub fn product(&self, id: &str) -> Option<&ChainProduct> {
        self.products.iter().find(|p| p.id == id)
    }

    /// The stage of that name.
    pub fn stage(&self, id: &str) -> Option<&ChainStage> {
        self.stages.iter().find(|s| s.id == id)
    }

    /// Products that are made of this one.
    pub fn used_in<'a>(&'a self, product: &'a str) -> impl Iterator<Item = &'a ChainProduct> {
        self.products.iter().filter(move |p| p.made_of.iter().any(|i| i.product == product))
    }

    /// Is this evidence enough to place a firm? Where a template says nothing, any evidence is.
    pub fn is_enough(&self, found: &[EvidenceKind]) -> bool {
        match self.evidence.is_empty() {
            true => !found.is_empty(),
            false => self.evidence.iter().any(|all| all.iter().all(|kind| found.contains(kind))),
        }
    }

    /// This template over a wider one: what it adds, and what it changes in its place.
    fn over(&self, wider: &Self) -> Self {
        let mut products = wider.products.clone();
        for change in &self.changes {
            if let Some(product) = products.iter_mut().find(|p| p.id == change.id) {
                change.apply(product);
            }
        }
        products.extend(self.products.iter().cloned());
        let stages = wider.stages.iter().chain(&self.stages).cloned().collect();
        let evidence = if self.evidence.is_empty() { &wider.evidence } else { &self.evidence };
        Self {
            stages,
            products,
            changes: Vec::new(),
            evidence: evidence.clone(),
            lead: self.lead.clone().or_else(|| wider.lead.clone()),
            ..self.clone()
        }
    }
}

impl ChainChange {
    fn apply(&self, product: &mut ChainProduct) {
        fn take<T: Clone>(to: &mut T, new: &Option<T>) {
            if let Some(new) = new {
                *to = new.clone();
            }
        }
        fn take_some<T: Clone>(to: &mut Option<T>, new: &Option<T>) {
            if new.is_some() {
                to.clone_from(new);
            }
        }
        take(&mut product.title, &self.title);
        take(&mut product.stage, &self.stage);
        take(&mut product.codes, &self.codes);
        take(&mut product.terms, &self.terms);
        take(&mut product.made_of, &self.made_of);
        take(&mut product.substitutes, &self.substitutes);
        take(&mut product.tech, &self.tech);
        take_some(&mut product.product_code, &self.product_code);
        take_some(&mut product.stock_days, &self.stock_days);
        take_some(&mut product.import_share, &self.import_share);
        take_some(&mut product.tier, &self.tier);
        take_some(&mut product.margin, &self.margin);
        take_some(&mut product.growth, &self.growth);
        take_some(&mut product.clause, &self.clause);
        product.standing = self.standing.clone();
        product.at = self.at.clone();
    }
}

impl Law {
    /// The edition of a template in force on a day, as written.
    pub fn chain_on(&self, id: &str, day: Date) -> Option<&ChainTemplate> {
        self.chains.iter().filter(|c| c.id == id && c.governs(day)).max_by_key(|c| c.edition)
    }

    /// A template and those that it extends, the narrowest first, as they were on a day; a wider one
    /// that is not in force then is taken as it was when the narrower one came into force.
    pub fn chain_with_wider<'a>(&'a self, template: &'a ChainTemplate, day: Date) -> Vec<&'a ChainTemplate> {
        let mut out = vec![template];
        let mut at = template;
        while let Some(id) = &at.extends {
            let wider = self
                .chain_on(id, day)
                .or_else(|| self.chain_on(id, at.from))
                .or_else(|| self.chains.iter().find(|c| c.id == *id));
            let Some(wider) = wider.filter(|w| out.iter().all(|c| c.id != w.id)) else { break };
            out.push(wider);
            at = wider;
        }
        out
    }

    /// A template with everything that it takes over from wider ones.
    pub fn merged_chain(&self, template: &ChainTemplate, day: Date) -> ChainTemplate {
        let mut all = self.chain_with_wider(template, day).into_iter().rev();
        let widest = all.next().unwrap_or(template).clone();
        all.fold(widest, |wider, narrower| narrower.over(&wider))
    }

    /// The template that stands for a chain in a place on a day: the one of that id, or the narrowest
    /// that extends it there, merged. None where no edition is in force or the place is outside.
    pub fn chain_template(&self, id: &str, division: DivisionCode, day: Date) -> Option<ChainTemplate> {
        let here = self.divisions.today(division);
        let in_place = self.chains.iter().filter(|c| c.governs(day) && c.division.covers(here));
        let found = in_place
            .map(|c| (self.chain_with_wider(c, day), c))
            .filter(|(all, _)| all.iter().any(|c| c.id == id))
            .max_by_key(|(all, c)| (all.len(), c.edition));
        found.map(|(_, template)| self.merged_chain(template, day))
    }

    /// Every chain that stands in a place on a day, merged, by id. A template that a narrower one there
    /// extends is left to that one.
    pub fn chains_for(&self, division: DivisionCode, day: Date) -> Vec<ChainTemplate> {
        let here = self.divisions.today(division);
        let there: Vec<&ChainTemplate> =
            self.chains.iter().filter(|c| c.governs(day) && c.division.covers(here)).collect();
        let extended: BTreeSet<&str> = there.iter().filter_map(|c| c.extends.as_deref()).collect();
        there.into_iter().filter(|c| !extended.contains(c.id.as_str())).map(|c| self.merged_chain(c, day)).collect()
    }

    /// Digest of the files that a merged template consists of: the version that a computation names.
    pub fn chain_digest(&self, template: &ChainTemplate, day: Date) -> Digest {
        let files: BTreeSet<&str> = self.chain_with_wider(template, day).into_iter().map(|c| &*c.at.file).collect();
        let parts = files.into_iter().filter_map(|f| self.texts.get(f).map(|text| (f, text)));
        Digest::of_parts(parts.flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]))
    }
}

pub(crate) fn template(sec: &Sec) -> ChainTemplate {
    let (from, to) = in_force(sec);
    ChainTemplate {
        id: sec.name("chain"),
        edition: sec.integer("edition").unwrap_or(0),
        title: sec.words("title"),
        level: match sec.name("level").as_str() {
            "city" => RuleLevel::City,
            "county" => RuleLevel::County,
            _ => RuleLevel::Province,
        },
        division: sec.division("division").unwrap_or_else(no_division),
        lead: sec.get("lead").map(crate::read::words),
        extends: sec.refers("extends", What::Chain),
        from,
        to,
        cite: top_cite(sec),
        standing: sec.standing(),
        stages: sec.secs("stages").iter().map(stage).collect(),
        products: sec.secs("products").iter().map(product).collect(),
        changes: sec.secs("changes").iter().map(change).collect(),
        evidence: evidence(sec),
        at: sec.at(),
    }
}

fn evidence(sec: &Sec) -> Vec<Vec<EvidenceKind>> {
    let lists = sec.get("evidence").map(crate::node::Node::items).unwrap_or_default();
    let kind = |text: &str| EvidenceKind::ALL.into_iter().find(|k| k.name() == text);
    lists.iter().map(|list| list.items().iter().filter_map(|n| kind(n.text()?)).collect()).collect()
}

fn stage(sec: &Sec) -> ChainStage {
    ChainStage {
        id: sec.name("id"),
        title: sec.words("title"),
        after: sec.texts("after"),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn product(sec: &Sec) -> ChainProduct {
    let change = change(sec);
    ChainProduct {
        id: change.id,
        title: change.title.unwrap_or_default(),
        stage: change.stage.unwrap_or_default(),
        codes: change.codes.unwrap_or_default(),
        product_code: change.product_code,
        terms: change.terms.unwrap_or_default(),
        made_of: change.made_of.unwrap_or_default(),
        substitutes: change.substitutes.unwrap_or_default(),
        stock_days: change.stock_days,
        import_share: change.import_share,
        tier: change.tier,
        margin: change.margin,
        growth: change.growth,
        tech: change.tech.unwrap_or_default(),
        clause: change.clause,
        standing: change.standing,
        at: change.at,
    }
}

fn change(sec: &Sec) -> ChainChange {
    let given = |key: &str| sec.has(key);
    let inputs = || sec.secs("made_of").iter().map(input).collect();
    let substitutes = || sec.secs("substitutes").iter().map(substitute).collect();
    let tech = || {
        let items = sec.get("tech").map(crate::node::Node::items).unwrap_or_default();
        items.iter().map(crate::read::words).collect()
    };
    ChainChange {
        id: sec.name("id"),
        title: sec.get("title").map(crate::read::words),
        stage: sec.text("stage"),
        codes: given("codes").then(|| sec.texts("codes")),
        product_code: sec.text("product_code"),
        terms: given("terms").then(|| sec.texts("terms")),
        made_of: given("made_of").then(inputs),
        substitutes: given("substitutes").then(substitutes),
        stock_days: number(sec, "stock_days", 0, 512),
        import_share: number(sec, "import_share", 0, 1),
        tier: number(sec, "tier", 1, 5),
        margin: number(sec, "margin", -1, 1),
        growth: number(sec, "growth", 0, 10),
        tech: given("tech").then(tech),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn input(sec: &Sec) -> ChainInput {
    ChainInput {
        product: sec.name("product"),
        share: number(sec, "share", 0, 1),
        essential: sec.has("essential").then(|| sec.flag("essential")),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn substitute(sec: &Sec) -> ChainSubstitute {
    let nothing = || Param { value: Decimal::ZERO, clause: None, standing: sec.standing(), at: sec.at() };
    ChainSubstitute {
        product: sec.name("product"),
        share: number(sec, "share", 0, 1).unwrap_or_else(nothing),
        ready_days: number(sec, "ready_days", 0, 3650).unwrap_or_else(nothing),
        standing: sec.standing(),
        at: sec.at(),
    }
}

/// A number within bounds, both inclusive.
pub(crate) fn number(sec: &Sec, key: &str, low: i64, high: i64) -> Option<Param> {
    let param = sec.param(key)?;
    if param.value < Decimal::from(low) || param.value > Decimal::from(high) {
        let allowed = format!("a number from {low} to {high}");
        sec.sink().error("out-of-range", &param.at, format!("`{key}` of {}", param.value), allowed);
    }
    Some(param)
}

/// One edition of a register of industries.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndustryList {
    /// Stable id, the path of its folder.
    pub id: String,
    /// 1, 2, … of the same id.
    pub edition: u32,
    /// Title.
    pub title: Text,
    /// The place that declares it.
    pub division: DivisionCode,
    /// First day in force.
    pub from: Date,
    /// Last day in force; none: runs on.
    pub to: Option<Date>,
    /// The document.
    pub cite: Cite,
    /// Read or assumed.
    pub standing: Standing,
    /// The industries, in the document's order.
    pub industries: Vec<ListedIndustry>,
    /// Where.
    pub at: Place,
}

/// An industry of a register.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListedIndustry {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Groups and classes of GB/T 4754 that belong to it.
    pub codes: Vec<String>,
    /// Words that show it in texts.
    pub terms: Vec<String>,
    /// The template of its chain.
    pub chain: Option<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

impl IndustryList {
    /// Is it in force on that day?
    pub fn governs(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// The industries to which a class belongs: those that name it, or a group or division above it.
    pub fn of_class<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a ListedIndustry> {
        self.industries.iter().filter(move |i| i.codes.iter().any(|code| class.starts_with(code.as_str())))
    }
}

impl Law {
    /// The edition of a register in force on a day.
    pub fn industry_list_on(&self, id: &str, day: Date) -> Option<&IndustryList> {
        self.industry_lists.iter().filter(|l| l.id == id && l.governs(day)).max_by_key(|l| l.edition)
    }
}

pub(crate) fn industry_list(sec: &Sec) -> IndustryList {
    let (from, to) = in_force(sec);
    IndustryList {
        id: sec.name("industry_list"),
        edition: sec.integer("edition").unwrap_or(0),
        title: sec.words("title"),
        division: sec.division("division").unwrap_or_else(no_division),
        from,
        to,
        cite: top_cite(sec),
        standing: sec.standing(),
        industries: sec
            .secs("industries")
            .iter()
            .map(|i| ListedIndustry {
                id: i.name("id"),
                title: i.words("title"),
                codes: i.texts("codes"),
                terms: i.texts("terms"),
                chain: i.refers("chain", What::Chain),
                clause: i.clause(),
                standing: i.standing(),
                at: i.at(),
            })
            .collect(),
        at: sec.at(),
    }
}
