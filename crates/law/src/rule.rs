//! A rule about one firm as data: a title or a support policy, with who qualifies, how points are
//! given, what it pays, when one may apply, and what it excludes. Typed, dated and cited.
//!
//! Conditions are trees over SQL expressions; `policy` compiles and evaluates them in exact numbers.

use crate::place::{Formula, Place};
use crate::scheme::{Cite, Derived, Param, Parameter, Standing, Text};
use base::{Department, DivisionCode};
use jiff::civil::{Date, DateTime};
use serde::Serialize;

/// One version of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// Stable id, the path of its folder: `national/titles/specialised-sme`.
    pub id: String,
    /// Version: 1, 2, … of the same id.
    pub version: u32,
    /// Title or policy.
    pub kind: RuleKind,
    /// Title.
    pub title: Text,
    /// Who grants or pays.
    pub level: RuleLevel,
    /// Where its firms are registered; none for the whole country.
    pub division: Option<DivisionCode>,
    /// The department that decides.
    pub owner: Department,
    /// The document.
    pub cite: Cite,
    /// First day on which filings go by it.
    pub from: Date,
    /// Last such day, inclusive.
    pub to: Option<Date>,
    /// Read or assumed, for these days.
    pub in_force_standing: Standing,
    /// The wider rule whose conditions it takes over, and whose slots it fills.
    pub extends: Option<String>,
    /// Rule versions that it replaces.
    pub replaces: Vec<String>,
    /// Status fact that holders of the title have.
    pub grants: Option<String>,
    /// How long a grant lasts.
    pub validity: Option<Validity>,
    /// Place in a ladder.
    pub ladder: Option<Rung>,
    /// When one may apply; empty: at any time.
    pub windows: Vec<Window>,
    /// Named values.
    pub parameters: Vec<Parameter>,
    /// Values of its own.
    pub define: Vec<Derived>,
    /// Tables of points.
    pub scores: Vec<ScoreTable>,
    /// Who qualifies.
    pub requires: Condition,
    /// Who keeps it at the re-check, where that differs.
    pub renewal: Option<Condition>,
    /// What of the result is decided by comparison or judgement after the conditions are met.
    pub competitive: Option<Text>,
    /// What it pays.
    pub amount: Option<Amount>,
    /// Where the money comes from.
    pub budget: Option<Budget>,
    /// What may not be had beside it.
    pub stacking: Stacking,
    /// Legal bases of telling firms apart: trait of the review, document.
    pub basis: Vec<(String, String)>,
    /// Steps from filing to listing or payment: a process of `law/`.
    pub process: Option<String>,
    /// Where.
    pub at: Place,
}

/// What a rule decides about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// A title or a class that a firm holds.
    Title,
    /// Money or another benefit.
    Policy,
    /// Something that a reviewer is asked about a filing when its condition is met; it decides nothing.
    Question,
}

/// Who issues a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// The state.
    Nation,
    /// A province.
    Province,
    /// A city.
    City,
    /// A county.
    County,
}

/// How long a grant lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Validity {
    /// That many years from the grant.
    Years {
        /// The years.
        years: Param,
    },
    /// Until a day of the year after the grant.
    NextYear {
        /// Month.
        month: i8,
        /// Day.
        day: i8,
        /// Read or assumed.
        standing: Standing,
    },
    /// No end was seen.
    Open,
}

/// A place in a ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// Which ladder: `quality`, `science`, …
    pub line: String,
    /// From 1, the lowest.
    pub step: u8,
    /// Titles of which one must be held: ids of rules.
    pub after: Vec<String>,
}

/// When one may apply: from the first moment to the last, both inclusive, in the zone of Shanghai.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// First moment.
    pub from: DateTime,
    /// Last moment.
    pub to: DateTime,
    /// Which round it is.
    pub title: Option<Text>,
    /// Read or assumed.
    pub standing: Standing,
}

/// A condition.
#[derive(Clone, Debug, Serialize)]
pub struct Condition {
    /// Stable id within the rule.
    pub id: String,
    /// What it asks, in words; empty for a plain group.
    pub title: Text,
    /// What it is.
    pub test: Test,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Evidence to be handed in, in words: kept apart from what is asked.
    pub evidence: Option<Text>,
    /// Where.
    pub at: Place,
}

/// What a condition asks.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Test {
    /// All of them.
    All {
        /// Parts.
        of: Vec<Condition>,
    },
    /// Any of them.
    Any {
        /// Parts.
        of: Vec<Condition>,
    },
    /// At least that many of them.
    AtLeast {
        /// How many.
        count: u32,
        /// Parts.
        of: Vec<Condition>,
    },
    /// None of them.
    Not {
        /// What must not hold.
        of: Box<Condition>,
    },
    /// The part, except where the exception holds.
    Unless {
        /// What is asked.
        of: Box<Condition>,
        /// Who is freed from it.
        except: Box<Condition>,
    },
    /// An expression that is true.
    If {
        /// The expression.
        formula: Formula,
    },
    /// In each of the last years: the expression, moved back year by year.
    EachYear {
        /// How many years, counted back from the last full one.
        years: u32,
        /// The expression.
        formula: Formula,
    },
    /// What only people can judge: a fact that a review states. Until then it is unknown.
    Judged {
        /// The fact that states it, where there is one.
        fact: Option<String>,
    },
    /// A place that a narrower rule fills; met until it does.
    Slot,
}

/// A table of points. Its total, groups and items are names in conditions.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreTable {
    /// Name of the total.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Groups.
    pub groups: Vec<ScoreGroup>,
    /// Where.
    pub at: Place,
}

/// A group of items with a total of its own.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreGroup {
    /// Name of its total.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Most that the group gives.
    pub cap: Option<Param>,
    /// Items.
    pub items: Vec<ScoreItem>,
}

/// One item.
#[derive(Clone, Debug, Serialize)]
pub struct ScoreItem {
    /// Name of its points.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Most that it gives.
    pub max: Param,
    /// How.
    pub give: Give,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// How points are given.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Give {
    /// The first band that holds the value; below all of them `rest`.
    Bands {
        /// The value.
        of: Formula,
        /// Bands, best first.
        bands: Vec<Band>,
        /// Points outside all bands.
        rest: Param,
    },
    /// The first case that holds; else `rest`.
    First {
        /// Cases.
        cases: Vec<Case>,
        /// Points when none holds.
        rest: Param,
    },
    /// Every case that holds adds its points, up to the item's most.
    Each {
        /// Cases.
        cases: Vec<Case>,
    },
    /// The best of several ways.
    BetterOf {
        /// Ways; each an item without words of its own.
        ways: Vec<Give>,
    },
    /// A value in points, held between nothing and the item's most.
    Value {
        /// The value.
        of: Formula,
    },
    /// Given by people: a fact that a review states.
    Judged {
        /// The fact that states it, where there is one.
        fact: Option<String>,
    },
}

/// A band of values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Band {
    /// Lower end, and whether the end belongs to the band.
    pub low: Option<(Param, bool)>,
    /// Upper end, and whether the end belongs to the band.
    pub high: Option<(Param, bool)>,
    /// Points.
    pub points: Param,
}

/// A case with points.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// What it is called.
    pub title: Text,
    /// When it holds.
    pub when: Formula,
    /// Points.
    pub points: Param,
}

/// What a policy pays.
#[derive(Clone, Debug, Serialize)]
pub struct Amount {
    /// The sum before caps.
    pub formula: Formula,
    /// Unit id of money.
    pub unit: String,
    /// Caps, each over what it is per.
    pub caps: Vec<Cap>,
    /// Additions for those for whom a condition holds.
    pub uplifts: Vec<Uplift>,
    /// Decimals that are paid; more are cut off, never rounded up.
    pub decimals: u32,
    /// Who pays which share; empty: the rule's own level all of it.
    pub shares: Vec<(RuleLevel, Param)>,
    /// The fact that states the cost whose invoices are handed in; one invoice line is paid once across
    /// all rules.
    pub cost_line: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// A most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cap {
    /// The most.
    pub value: Param,
    /// Over what.
    pub per: Per,
}

/// Over what a cap holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// One project.
    Project,
    /// A firm and year, over this rule.
    Firm,
}

/// An addition.
#[derive(Clone, Debug, Serialize)]
pub struct Uplift {
    /// Title.
    pub title: Text,
    /// For whom.
    pub when: Formula,
    /// Share of the sum that is added.
    pub rate: Param,
}

/// Where the money comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Budget line.
    pub line: String,
    /// How much there is, in the amount's unit; none: not seen.
    pub total: Option<Param>,
    /// What happens when the claims come to more.
    pub over: OverBudget,
}

/// What happens when claims exceed the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OverBudget {
    /// All are cut in proportion.
    Prorate,
    /// In the order of filing, until it is used up.
    Queue,
    /// Nothing is paid before more money is found.
    Refuse,
}

/// What may not be had beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stacking {
    /// Rules that exclude it, and are excluded by it.
    pub excludes: Vec<String>,
    /// Of the policies with the same name here only one is paid.
    pub highest_of: Option<String>,
    /// A ceiling over all policies of the same name for one firm and year.
    pub ceiling: Option<(String, Param)>,
}

impl Rule {
    /// Do filings of that day go by it?
    pub fn governs(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// `id@version`.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// All conditions, the outermost first.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.requires.all().chain(self.renewal.iter().flat_map(Condition::all))
    }
}

impl Condition {
    /// Itself and everything inside, the outermost first.
    pub fn all(&self) -> Box<dyn Iterator<Item = &Condition> + '_> {
        let inside: Box<dyn Iterator<Item = &Condition>> = match &self.test {
            Test::All { of } | Test::Any { of } | Test::AtLeast { of, .. } => {
                Box::new(of.iter().flat_map(Condition::all))
            }
            Test::Not { of } => of.all(),
            Test::Unless { of, except } => Box::new(of.all().chain(except.all())),
            Test::If { .. } | Test::EachYear { .. } | Test::Judged { .. } | Test::Slot => Box::new(std::iter::empty()),
        };
        Box::new(std::iter::once(self).chain(inside))
    }
}

impl RuleLevel {
    /// Every level, the widest first.
    pub const ALL: [Self; 4] = [Self::Nation, Self::Province, Self::City, Self::County];

    /// As files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nation => "nation",
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
        }
    }
}
