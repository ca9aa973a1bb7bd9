//! What an evaluation yields: for every firm its state, scores, rank, class and measures, and for
//! every group its baselines and cuts. Plain data; written to Parquet by `record`.

use base::Digest;
use jiff::civil::Date;
use law::scheme::State;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// SQL's truth values. Unknown is neither true nor false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// Does not hold.
    False,
    /// Holds.
    True,
    /// Cannot be said.
    Unknown,
}

/// How a firm takes part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Taking {
    /// Ranked and classed.
    Ranked,
    /// A status of the scheme applies; scored only when the state is `Ungraded`.
    Status {
        /// Position in `scheme.statuses`.
        status: u16,
    },
    /// Takes the class of its parcel's owner.
    Inherits {
        /// The owner.
        owner: i64,
    },
    /// No population takes it.
    Outside,
    /// Not rankable for want of data.
    Unrankable {
        /// Why.
        why: Lacking,
    },
}

/// Why a firm cannot be ranked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lacking", rename_all = "snake_case")]
pub enum Lacking {
    /// Whether a population takes it is unknown: a fact that its condition asks for is missing.
    Population,
    /// Points of this indicator (position in the population's list) are unknown.
    Indicator {
        /// Position.
        indicator: u16,
    },
    /// The group (sector, zone) within which it would be ranked is unknown.
    Group,
    /// Coefficient or total formula yields nothing.
    Total,
    /// The owner whose class it would take is not known, or takes it from this firm.
    Owner,
}

/// What a value of an indicator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueState {
    /// A number.
    Known,
    /// An input is unknown.
    Missing,
    /// All inputs are known, but the formula divides by zero or has no finite result.
    Undefined,
    /// Below zero, and the indicator has a rule for that.
    Negative,
}

/// What kept points from being as scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Nothing.
    None,
    /// The cap.
    Cap,
    /// The floor.
    Floor,
}

/// One indicator of one population, for all of the population's scored units, in `rows` order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreColumn {
    /// The indicator's `use_`.
    pub indicator: String,
    /// Value, `NaN` when there is none.
    pub value: Vec<f64>,
    /// What the value is.
    pub state: Vec<ValueState>,
    /// Points before cap and floor; `NaN` when unknown.
    pub raw: Vec<f64>,
    /// Points as they count; `NaN` when unknown.
    pub points: Vec<f64>,
    /// What limited them.
    pub limit: Vec<Limit>,
    /// Baseline used, as positions in `Outcome.baselines`, one list per named baseline of the
    /// method (`ratio`: one; `min_max`: low, high); `u32::MAX` where the firm's group is unknown.
    pub baseline: Vec<Vec<u32>>,
}

/// Scores of one population.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PopulationScores {
    /// Population id.
    pub population: String,
    /// Units (leading firm) in ascending order of firm.
    pub rows: Vec<i64>,
    /// One per indicator of the population.
    pub indicators: Vec<ScoreColumn>,
}

/// A baseline that was used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BaselineUsed {
    /// Population.
    pub population: String,
    /// Indicator.
    pub indicator: String,
    /// Role: `baseline`, `low`, `high`, the name in a formula, or `missing`.
    pub role: String,
    /// Group key; empty: everyone.
    pub group: String,
    /// `mean`, `median`, `fixed`, …
    pub statistic: String,
    /// Values that went into it; 0 for a published number.
    pub n: u32,
    /// The statistic times the multiple; `NaN` when there is none.
    pub value: f64,
    /// The group had too few values, so everyone's was taken.
    pub widened: bool,
    /// Years back.
    pub lag: u8,
}

/// An override and what it did to one firm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideApplied {
    /// Position in `scheme.overrides`.
    pub rule: u16,
    /// Class before; none when the firm had none.
    pub before: Option<u8>,
    /// Class after.
    pub after: Option<u8>,
}

/// What follows from a class for one firm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureApplied {
    /// Position in `scheme.measures`.
    pub rule: u16,
    /// Amount by rule; none for measures in words.
    pub amount: Option<Decimal>,
    /// Amount that is charged: 0 when another, higher surcharge goes before it; none in words.
    pub charged: Option<Decimal>,
    /// Fact of the other surcharge that goes before it.
    pub superseded_by: Option<String>,
    /// Other surcharges that are unknown, so that "the highest only" could not be settled.
    pub others_unknown: Vec<String>,
    /// Consecutive years in the measure's classes, this one included.
    pub consecutive: u32,
    /// Shown, not applied: it has no legal basis, or the scheme is advisory.
    pub display_only: bool,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// charged × quantity, in the currency of the amount; none when the quantity is unknown.
    pub cost: Option<Decimal>,
    /// Account at the utility.
    pub account: Option<String>,
}

/// One firm's result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirmOutcome {
    /// Firm.
    pub firm: i64,
    /// Leading firm of its unit of evaluation; itself when evaluated alone.
    pub unit: i64,
    /// How it takes part.
    pub taking: Taking,
    /// Position in `scheme.populations`.
    pub population: Option<u16>,
    /// Position in `Outcome.groups`: the group within which it is ranked.
    pub group: Option<u32>,
    /// Position of its scores in `Outcome.scores[population]`.
    pub row: Option<u32>,
    /// Sum of points; `NaN` when unknown.
    pub points: f64,
    /// Correction coefficient; 1 when the scheme has none.
    pub coefficient: f64,
    /// Bonus after caps.
    pub bonus: f64,
    /// Deduction after caps.
    pub deduction: f64,
    /// Before rounding; `NaN` when unknown.
    pub total_raw: f64,
    /// In units of 10^-`score_decimals`.
    pub total: Option<i64>,
    /// 1 is best; equal firms share a rank.
    pub rank: Option<u32>,
    /// Class by rank, position in `scheme.classes`.
    pub ranked_class: Option<u8>,
    /// Overrides that hold, in the order in which they were applied (weakest first).
    pub overrides: Vec<OverrideApplied>,
    /// Final class.
    pub class: Option<u8>,
    /// Class that measures go by.
    pub managed_as: Option<u8>,
    /// Measures.
    pub measures: Vec<MeasureApplied>,
    /// For a mixed firm: result of the merged unit.
    pub merged: Option<MergedResult>,
    /// Conditions of statuses, populations or overrides that are unknown for this firm.
    pub unknown_conditions: u16,
}

/// Result of a mixed firm together with its tenants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MergedResult {
    /// Total in units of 10^-`score_decimals`.
    pub total: Option<i64>,
    /// Rank it has in the place of the firm alone.
    pub rank: Option<u32>,
    /// Class by that rank.
    pub class: Option<u8>,
    /// True when this result, not the firm's own, became the class by rank.
    pub counts: bool,
}

/// Firms ranked together and where the cuts fell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Population, position in `scheme.populations`.
    pub population: u16,
    /// Value of `rank_within`, joined by ` / `; empty when the population is ranked as one.
    pub key: String,
    /// Firms (units) with a rank.
    pub ranked: u32,
    /// What shares are shares of.
    pub denominator: u32,
    /// One per class that has a cut.
    pub cuts: Vec<CutLine>,
}

/// A cut between two classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutLine {
    /// Class above the cut, position in `scheme.classes`.
    pub class: u8,
    /// Ranks at or above this position get the class or a better one (before ties).
    pub position: u32,
    /// Units that got the class by rank.
    pub count: u32,
    /// Lowest total that got it, in units of 10^-`score_decimals`.
    pub total: Option<i64>,
}

/// Counts of an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Firms in the input.
    pub firms: u32,
    /// Ranked.
    pub ranked: u32,
    /// Under a status.
    pub status: u32,
    /// Taking an owner's class.
    pub inherits: u32,
    /// In no population.
    pub outside: u32,
    /// Not rankable for want of data.
    pub unrankable: u32,
    /// Firms per final class, in the scheme's order.
    pub classes: Vec<u32>,
    /// Sum of the measures' known costs.
    pub cost: Decimal,
    /// Measures whose cost is unknown.
    pub cost_unknown: u32,
    /// Columns that formulas name and the input lacks: unknown for every firm.
    pub absent_columns: Vec<String>,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// Version of the computation; results of different versions need not agree.
    pub engine: String,
    /// Scheme id.
    pub scheme: String,
    /// Its version.
    pub version: u32,
    /// Digest of the rules that ran: scheme, indicators, units.
    pub rules: Digest,
    /// Digest of the snapshot.
    pub snapshot: Digest,
    /// Evaluation year.
    pub year: i16,
    /// Class letters, best first.
    pub classes: Vec<String>,
    /// Decimals of totals, per population.
    pub score_decimals: Vec<u8>,
    /// Ascending by firm.
    pub firms: Vec<FirmOutcome>,
    /// One per population of the scheme.
    pub scores: Vec<PopulationScores>,
    /// Baselines.
    pub baselines: Vec<BaselineUsed>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Counts.
    pub summary: Summary,
}

impl Outcome {
    /// The firm's result.
    pub fn firm(&self, firm: i64) -> Option<&FirmOutcome> {
        self.firms.binary_search_by_key(&firm, |f| f.firm).ok().map(|i| &self.firms[i])
    }

    /// A total as an exact decimal at the population's decimals.
    pub fn total(&self, firm: &FirmOutcome) -> Option<Decimal> {
        let decimals = self.score_decimals[usize::from(firm.population?)];
        Some(Decimal::new(firm.total?, u32::from(decimals)))
    }

    /// Letter of a class position.
    pub fn letter(&self, class: Option<u8>) -> Option<&str> {
        class.map(|c| self.classes[usize::from(c)].as_str())
    }
}

/// True for states whose firms are scored although they are not ranked.
pub(crate) fn is_scored(state: State) -> bool {
    state == State::Ungraded
}
