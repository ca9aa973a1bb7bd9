//! The proof of one firm's result, as data: class ← rank ← total ← indicators ← inputs ← sources,
//! each with its clause. Made by `explain`.

use crate::land::FirmLand;
use crate::outcome::{FirmOutcome, Limit, Truth, ValueState};
use crate::table::Value;
use base::Source;
use law::scheme::{Cite, Effect, OverrideKind, Standing, State, Text};
use rust_decimal::Decimal;
use serde::Serialize;

/// Everything behind one firm's result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proof {
    /// Firm.
    pub firm: i64,
    /// Evaluation year.
    pub year: i16,
    /// Scheme id.
    pub scheme: String,
    /// Scheme version.
    pub version: u32,
    /// Scheme title.
    pub title: Text,
    /// The document.
    pub cite: Cite,
    /// Firms of the unit of evaluation, the leading one first.
    pub members: Vec<i64>,
    /// The result itself.
    pub result: FirmOutcome,
    /// Final class or label.
    pub class: Option<String>,
    /// Label shown instead of a class.
    pub label: Option<String>,
    /// Class that measures go by.
    pub managed_as: Option<String>,
    /// Statuses in order, up to the one that applies; those after it were not asked.
    pub statuses: Vec<ConditionProof>,
    /// Populations in order, up to the one that takes the firm.
    pub populations: Vec<ConditionProof>,
    /// Why there is no rank, when there is none.
    pub unranked: Option<Text>,
    /// Rank and cuts.
    pub ranking: Option<RankProof>,
    /// Total.
    pub total: Option<TotalProof>,
    /// Indicators.
    pub indicators: Vec<IndicatorProof>,
    /// Bonuses and deductions.
    pub adjustments: Vec<AdjustProof>,
    /// Overrides in the order of application.
    pub overrides: Vec<OverrideProof>,
    /// Measures.
    pub measures: Vec<MeasureProof>,
    /// Land of each member.
    pub land: Vec<(i64, FirmLand)>,
    /// Sources of the land records named in `land`.
    pub land_sources: Vec<InputSource>,
    /// Parameters and rules used here that were assumed, not read.
    pub unverified: Vec<Assumption>,
}

/// Something assumed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assumption {
    /// Which part: `population above_scale`, `indicator tax_per_mu`, …
    pub part: String,
    /// What was assumed, and why.
    pub assumed: String,
}

/// A condition and its truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionProof {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// As written in the scheme.
    pub formula: String,
    /// Where it is written.
    pub at: String,
    /// Its truth.
    pub truth: Truth,
    /// State, for a status.
    pub state: Option<State>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Names in the condition.
    pub inputs: Vec<InputProof>,
    /// This is the one that applies.
    pub applies: bool,
}

/// A name in a formula and what it stands for here.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputProof {
    /// Name.
    pub name: String,
    /// Title.
    pub title: Text,
    /// Unit id.
    pub unit: Option<String>,
    /// Decimals shown.
    pub decimals: u8,
    /// What it is.
    pub origin: Origin,
    /// Value.
    pub value: Value,
    /// For a derived indicator: its value as the engine computed it.
    pub computed: Option<f64>,
    /// For a derived indicator: its formula.
    pub formula: Option<String>,
    /// For a derived indicator: its inputs.
    pub inputs: Vec<InputProof>,
    /// Cells that state it, one per member of the unit that states it.
    pub sources: Vec<InputSource>,
    /// Clause, of a parameter.
    pub clause: Option<String>,
    /// Assumed, of a parameter.
    pub unverified: Option<String>,
}

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A department's fact.
    Fact,
    /// The registry's, or the engine's.
    Attribute,
    /// Land, derived from parcels and leases.
    Land,
    /// A derived indicator.
    Derived,
    /// A parameter of the scheme.
    Parameter,
}

/// A source cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputSource {
    /// Subject: `f:<firm>`, `p:<parcel>`, `l:<parcel>:<tenant>`.
    pub subject: String,
    /// Fact.
    pub fact: String,
    /// That subject's own value, when the unit has several members.
    pub value: Value,
    /// The cell; none when the snapshot states no source for it.
    pub source: Option<Source>,
}

/// Rank and cuts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankProof {
    /// Rank.
    pub rank: u32,
    /// Units that share it.
    pub sharing: u32,
    /// Units ranked.
    pub of: u32,
    /// What shares are shares of.
    pub denominator: u32,
    /// Group key.
    pub group: String,
    /// Class by rank.
    pub class: Option<String>,
    /// Cuts.
    pub cuts: Vec<CutProof>,
    /// The next better class; none at the top.
    pub next: Option<NextClass>,
    /// Tie keys and this firm's values.
    pub ties: Vec<(String, Option<f64>)>,
    /// Clause of the classing.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}

/// A cut.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CutProof {
    /// Class above it.
    pub class: String,
    /// Cumulative share or least total of the scheme; none for staged classing.
    pub share: Option<Decimal>,
    /// Last position that gets it.
    pub position: u32,
    /// Units that got the class.
    pub count: u32,
    /// Lowest total that got it.
    pub total: Option<Decimal>,
    /// Clause.
    pub clause: Option<String>,
    /// Assumed, not read.
    pub unverified: bool,
}

/// What the next better class takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NextClass {
    /// Class.
    pub class: String,
    /// Rank needed.
    pub rank: u32,
    /// Total at the cut.
    pub total: Option<Decimal>,
    /// Points short.
    pub short: Option<Decimal>,
}

/// How the total came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TotalProof {
    /// Sum of the indicators' points.
    pub points: f64,
    /// Coefficient.
    pub coefficient: f64,
    /// Its formula.
    pub coefficient_formula: Option<String>,
    /// Inputs of the coefficient.
    pub coefficient_inputs: Vec<InputProof>,
    /// Bonus after caps.
    pub bonus: f64,
    /// Bonus before the cap over all groups.
    pub bonus_uncapped: f64,
    /// Deduction after caps.
    pub deduction: f64,
    /// Deduction before the cap over all groups.
    pub deduction_uncapped: f64,
    /// Formula; none: points × coefficient + bonus − deduction.
    pub formula: Option<String>,
    /// Before rounding.
    pub raw: f64,
    /// As ranked.
    pub rounded: Option<Decimal>,
    /// Decimals.
    pub decimals: u8,
}

/// One indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorProof {
    /// Indicator.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit id.
    pub unit: Option<String>,
    /// Decimals shown.
    pub decimals: u8,
    /// Value.
    pub value: Option<f64>,
    /// What the value is.
    pub state: ValueState,
    /// Formula of a derived indicator.
    pub formula: Option<String>,
    /// Its inputs.
    pub inputs: Vec<InputProof>,
    /// `ratio`, `min_max`, `reverse`, `formula`, `rank`.
    pub method: String,
    /// Baselines by role.
    pub baselines: Vec<BaselineProof>,
    /// Weight.
    pub weight: Decimal,
    /// Cap as a multiple of the weight.
    pub cap: Option<Decimal>,
    /// Floor in points.
    pub floor: Option<Decimal>,
    /// Points before cap and floor.
    pub raw: Option<f64>,
    /// Which limit bound.
    pub limit: Limit,
    /// Points as they count.
    pub points: Option<f64>,
    /// Missing-data rule that was applied: `mean_points`, `redistribute`, ….
    pub rule: Option<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}

/// A baseline as used for this firm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BaselineProof {
    /// Role.
    pub role: String,
    /// Statistic.
    pub statistic: String,
    /// Group.
    pub group: String,
    /// Values in it.
    pub n: u32,
    /// Value, the multiple included.
    pub value: Option<f64>,
    /// Multiple.
    pub multiple: Option<Decimal>,
    /// Years back.
    pub lag: u8,
    /// Too few in the group: taken over everyone.
    pub widened: bool,
    /// Whose values.
    pub over: law::scheme::Over,
    /// Parameter, of a published number.
    pub parameter: Option<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}

/// A group of bonuses or deductions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdjustProof {
    /// Group.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Adds or takes off.
    pub kind: law::scheme::AdjustKind,
    /// Best or sum.
    pub take: law::scheme::Take,
    /// Points of the group as counted, before the caps over all groups.
    pub points: f64,
    /// Cap of the group.
    pub cap: Option<Decimal>,
    /// Items.
    pub items: Vec<AdjustItemProof>,
}

/// A bonus or deduction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AdjustItemProof {
    /// The condition.
    pub condition: ConditionProof,
    /// Points when it holds.
    pub points: Option<f64>,
    /// It counts (holds, and is not beaten by a better one of its group).
    pub counted: bool,
    /// Fact that is the evidence.
    pub evidence: Option<String>,
    /// Cells of the evidence.
    pub evidence_sources: Vec<InputSource>,
}

/// An override.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverrideProof {
    /// The condition.
    pub condition: ConditionProof,
    /// Kind.
    pub kind: OverrideKind,
    /// Effect.
    pub effect: Effect,
    /// Position in the precedence, 1 the strongest.
    pub precedence: u32,
    /// Override that keeps it from applying here, although its own condition may hold.
    pub set_aside_by: Option<String>,
    /// Class before.
    pub before: Option<String>,
    /// Class after.
    pub after: Option<String>,
    /// Cells of the evidence.
    pub evidence_sources: Vec<InputSource>,
}

/// A measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureProof {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What was applied.
    pub applied: crate::outcome::MeasureApplied,
    /// Unit of the amount.
    pub unit: Option<String>,
    /// Legal basis.
    pub basis: Option<Cite>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}
