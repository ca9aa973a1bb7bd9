//! An evaluation scheme as data: everything a place writes into its yearly classification of
//! industrial firms (the eleven points in which real schemes differ), typed, dated and cited.
//!
//! Conditions and formulas are SQL expressions over facts, derived indicators, parameters and firm
//! attributes; `measure` compiles them. Every number is a [`Param`]: value, clause and standing.

use crate::place::{Formula, Place};
use crate::template::Kind;
use base::DivisionCode;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::BTreeMap;

/// Chinese first, English complete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The document a definition rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cite {
    /// Title and number.
    pub document: String,
    /// Who issued it.
    pub issuer: Option<String>,
    /// When it was published.
    pub published: Option<Date>,
    /// Address of the text that was read.
    pub url: Option<String>,
    /// Articles of the regulation it carries out.
    pub articles: Vec<u8>,
    /// Clause.
    pub clause: Option<String>,
}

/// Whether a value was read in its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Read in the cited document.
    Verified,
    /// Not seen there: the product marks it and says what was assumed.
    Unverified {
        /// What was assumed, and why.
        assumed: String,
    },
}

/// A number with its clause and standing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Param {
    /// The value. Percentages are fractions: 20 % is 0.2.
    pub value: Decimal,
    /// Clause, when it is narrower than the surrounding one.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// A named, dated value that formulas use by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Name in formulas.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Unit id of `law/units.yaml`; none for a pure number.
    pub unit: Option<String>,
    /// Values by evaluation year, ascending; a year takes the last value at or before it.
    /// A parameter without years has one entry with year 0.
    pub by_year: BTreeMap<i16, Param>,
    /// Where.
    pub at: Place,
}

/// One scheme version.
#[derive(Clone, Debug, Serialize)]
pub struct Scheme {
    /// Stable id, the path of its folder: `shandong/changle/per-mu`.
    pub id: String,
    /// Version: 1, 2, … of the same id.
    pub version: u32,
    /// Title.
    pub title: Text,
    /// Place whose firms it evaluates. Places outside the code list give the city's or province's code.
    pub division: DivisionCode,
    /// The document.
    pub cite: Cite,
    /// First day in force.
    pub from: Date,
    /// Last day in force, inclusive.
    pub to: Option<Date>,
    /// First evaluation year it applies to.
    pub year_from: i16,
    /// Last evaluation year.
    pub year_to: Option<i16>,
    /// Read or assumed, for the days in force.
    pub in_force_standing: Standing,
    /// Read or assumed, for the evaluation years.
    pub evaluates_standing: Standing,
    /// A wider frame it must keep to (the province's).
    pub within: Option<String>,
    /// Results are advisory only (a trial year): no measure applies.
    pub advisory: bool,
    /// Day of the evaluation year on which status facts (titles, certificates) must be valid, and on
    /// which ages are counted.
    pub status_day: StatusDay,
    /// Kept for reference (a scheme of elsewhere, or one whose weights were not seen): never chosen
    /// by itself, see [`crate::Law::scheme_for`].
    pub reference: bool,
    /// Named values.
    pub parameters: Vec<Parameter>,
    /// Indicators of its own.
    pub define: Vec<Derived>,
    /// How effective land is made.
    pub land: LandRule,
    /// Whom one result belongs to.
    pub units: UnitRule,
    /// Who is not evaluated, not graded, or protected; the first that holds applies.
    pub statuses: Vec<Status>,
    /// Populations that are ranked apart; the first whose condition holds takes the firm.
    pub populations: Vec<Population>,
    /// Classes, best first. Populations may use a part of the list.
    pub classes: Vec<ClassDef>,
    /// Changes of class after ranking.
    pub overrides: Vec<Override>,
    /// Ids of `overrides`, the strongest first.
    pub precedence: Vec<String>,
    /// Read or assumed, for the order of precedence.
    pub precedence_standing: Standing,
    /// What follows from a class.
    pub measures: Vec<Measure>,
    /// Stages, notice and objection.
    pub process: ProcessRule,
    /// The file.
    pub at: Place,
}

/// A day of every evaluation year, such as 31 December.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusDay {
    /// 1 to 12.
    pub month: i8,
    /// 1 to 31.
    pub day: i8,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}

impl StatusDay {
    /// The day in that year; 29 February becomes 28 in a common year.
    pub fn in_year(&self, year: i16) -> Date {
        Date::new(year, self.month, self.day)
            .or_else(|_| Date::new(year, self.month, 1).map(Date::last_of_month))
            .expect("the reader admits months 1 to 12")
    }
}

/// A derived indicator: a formula with a unit that must agree with what the formula yields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Derived {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Over facts, parameters and other derived indicators (no cycle).
    pub formula: Formula,
    /// What it yields: a number, or a text or truth value that conditions and groups use.
    pub kind: Kind,
    /// Unit id of the result; `one` for texts and truth values.
    pub unit: String,
    /// Decimals shown.
    pub decimals: u8,
    /// Clause or standard that defines it.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// How the parcels and leases of a firm become its effective land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LandRule {
    /// What tenants do to the owner's land.
    pub tenants: TenantRule,
    /// How a floor of a multi-storey building counts.
    pub floors: FloorRule,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// What tenants do to land.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantRule {
    /// owned + leased in − leased out.
    AllocateByArea,
    /// The parcel's owner and tenants form one unit; all share its result.
    MergeParcel,
    /// Land stays with the owner; tenants have none.
    OwnerOnly,
}

/// How leased floors become land.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FloorRule {
    /// Only the land area written in the lease counts.
    LandAreaOnly,
    /// Leased floor area ÷ floors of the building, when the lease gives no land area.
    FloorAreaOverFloors,
}

/// Whom one result belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnitRule {
    /// Tenants for which this holds take the class of their parcel's owner instead of a rank of
    /// their own (they are not ranked).
    pub inherit_from_owner: Option<Formula>,
    /// Firms for which this holds are evaluated alone and merged with their tenants; the better
    /// (or as `mixed_takes` says) result counts.
    pub mixed: Option<Formula>,
    /// Which of the two results of a mixed firm counts.
    pub mixed_takes: Option<Pick>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}

/// Which of two results counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// The better class.
    Better,
    /// The worse class.
    Worse,
    /// The merged one.
    Merged,
}

/// A state outside or beside ordinary ranking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Name.
    pub id: String,
    /// Title, also the reason shown.
    pub title: Text,
    /// Who.
    pub when: Formula,
    /// What.
    pub state: State,
    /// Label shown instead of a class, such as `T` or `不定`.
    pub label: String,
    /// Treated for measures as if of this class.
    pub managed_as: Option<String>,
    /// Counts in the share's denominator when that is `collected`.
    pub counted: bool,
    /// Applies only to firms that asked for it (a fact `applied_<id>` must hold).
    pub on_application: bool,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// The states a firm can be in instead of being ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not collected at all.
    Excluded,
    /// Collected, neither scored nor ranked.
    Unevaluated,
    /// Scored and ranked among no one, without a class.
    Ungraded,
    /// In a transition period: collected, not evaluated.
    Transition,
    /// In an improvement period: collected, not evaluated.
    Improvement,
    /// Exempt.
    Exempt,
}

/// Firms ranked together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Population {
    /// Name: `above_scale`, `below_scale`, …
    pub id: String,
    /// Title.
    pub title: Text,
    /// Who.
    pub when: Formula,
    /// Ranked and classed apart within each value of these expressions (sector group, zone).
    pub rank_within: Vec<Formula>,
    /// What is scored.
    pub indicators: Vec<Indicator>,
    /// Sum that the weights must have (100), or none when weights need no sum.
    pub weights_total: Option<Param>,
    /// Parts of the weight fixed by different bodies: name → sum (70 by the province, 30 by the city).
    pub blocks: BTreeMap<String, Param>,
    /// How points become a total.
    pub total: Total,
    /// How totals become classes.
    pub classing: Classing,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed, for who belongs to it.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// One scored indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// Id of a derived indicator or fact.
    pub use_: String,
    /// Weight: points at the baseline.
    pub weight: Param,
    /// Block of `blocks`.
    pub block: Option<String>,
    /// How a value becomes points.
    pub score: Score,
    /// Most points, as a multiple of the weight; none: no cap.
    pub cap: Option<Param>,
    /// Fewest points; none: no floor.
    pub floor: Option<Param>,
    /// A value is missing.
    pub if_missing: Missing,
    /// The formula divides by zero (no emission, no land).
    pub if_zero_denominator: Missing,
    /// The value is below zero; none: scored as it is.
    pub if_negative: Option<Missing>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// How a value becomes points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum Score {
    /// value ÷ baseline × weight.
    Ratio {
        /// The baseline.
        baseline: Baseline,
    },
    /// weight × (base + span × (value − low) ÷ (high − low)) ÷ 100. A baseline group with high = low
    /// gives base + span.
    MinMax {
        /// Points of the worst, in hundredths of the weight.
        base: Param,
        /// Further points of the best.
        span: Param,
        /// Usually the minimum (or a percentile: clipped).
        low: Baseline,
        /// Usually the maximum (or a percentile: clipped).
        high: Baseline,
    },
    /// (2 − value ÷ baseline) × weight ÷ 2: less is better.
    Reverse {
        /// The baseline.
        baseline: Baseline,
    },
    /// Points written as a formula over `value`, `weight` and the named baselines.
    Formula {
        /// The formula.
        points: Formula,
        /// Its baselines.
        baselines: BTreeMap<String, Baseline>,
    },
    /// The value itself is the total: used where a population is ranked by one indicator only.
    Rank,
}

/// A benchmark and how it comes about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Baseline {
    /// Which statistic.
    pub of: Statistic,
    /// Within each value of these expressions (industry division, county); empty: one for all.
    pub by: Vec<Formula>,
    /// Whose values: this population, every ranked firm, or every collected firm.
    pub over: Over,
    /// Times this.
    pub multiple: Option<Param>,
    /// 0: this year's values; 1: last year's (from last year's published baseline facts).
    pub lag: u8,
    /// With fewer values than this in a group, the group takes the baseline over everyone.
    pub least: Option<Param>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// Whose values make a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// Firms of this population that are scored.
    Population,
    /// Scored firms of every population.
    Evaluated,
    /// Every collected firm.
    Collected,
}

/// A statistic of an indicator's values. Unknown values take no part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "statistic", rename_all = "snake_case")]
pub enum Statistic {
    /// A published number: the parameter of that name, by evaluation year.
    Fixed {
        /// Name of a parameter.
        parameter: String,
    },
    /// Arithmetic mean.
    Mean,
    /// Mean without the given shares of the lowest and highest values.
    TrimmedMean {
        /// Share cut below.
        lower: Param,
        /// Share cut above.
        upper: Param,
    },
    /// Σ numerator ÷ Σ denominator of an indicator whose formula is a quotient.
    RatioOfSums,
    /// Median (type 7: linear interpolation).
    Median,
    /// Percentile p in 0..1 (type 7).
    Percentile {
        /// p.
        p: Param,
    },
    /// Smallest.
    Min,
    /// Largest.
    Max,
}

/// What a missing, undefined or negative value earns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Missing {
    /// Points, and so the total, are unknown; the firm is listed as not rankable for want of data.
    Unknown,
    /// No points.
    Zero,
    /// Given points.
    Points {
        /// How many.
        points: Param,
    },
    /// The average points of the population's other firms.
    MeanPoints,
    /// No points, and this many taken off.
    Deduct {
        /// How many, positive.
        points: Param,
    },
    /// The weight is spread over the firm's other indicators in proportion.
    Redistribute,
    /// Scored as if the value were this statistic.
    As {
        /// The statistic.
        baseline: Box<Baseline>,
    },
    /// weight × cap (or the weight when there is no cap).
    Full,
}

/// How points become a total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Over `points`, `coefficient`, `bonus`, `deduction`; none: points × coefficient + bonus − deduction.
    pub formula: Option<Formula>,
    /// Correction coefficient; none: 1.
    pub coefficient: Option<Formula>,
    /// Read or assumed, for the coefficient.
    pub coefficient_standing: Standing,
    /// Groups of bonuses and deductions.
    pub adjust: Vec<AdjustGroup>,
    /// Most bonus over all groups.
    pub bonus_cap: Option<Param>,
    /// Most deduction over all groups.
    pub deduction_cap: Option<Param>,
}

/// Bonuses or deductions that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdjustGroup {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Adds or takes off.
    pub kind: AdjustKind,
    /// Best of the group, or all of them.
    pub take: Take,
    /// Most points of the group.
    pub cap: Option<Param>,
    /// The items.
    pub items: Vec<AdjustItem>,
    /// Clause.
    pub clause: Option<String>,
}

/// Adds or takes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustKind {
    /// Adds.
    Bonus,
    /// Takes off.
    Deduction,
}

/// Which items of a group count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The highest only.
    Best,
    /// All.
    Sum,
}

/// One bonus or deduction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdjustItem {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Who gets it.
    pub when: Formula,
    /// Points: a number (in `at_most_once`) …
    pub points: Option<Param>,
    /// … or a formula per counted event (`5 * greatest(tenants - 1, 0)`).
    pub points_formula: Option<Formula>,
    /// Status fact whose source (certificate) is the evidence shown.
    pub evidence: Option<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// A class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassDef {
    /// Letter: `A`, `A+`, `甲`, `C-`.
    pub id: String,
    /// Title.
    pub title: Text,
}

/// How totals become classes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Classing {
    /// How.
    pub method: ClassMethod,
    /// Limits on shares, applied after the method and before overrides.
    pub bounds: Vec<Bound>,
    /// What a share is a share of.
    pub denominator: Denominator,
    /// How share × denominator becomes a count of firms.
    pub cut: Cut,
    /// What happens to firms that share the rank at a cut.
    pub ties_at_cut: TiesAtCut,
    /// After the total: further keys, in order, that decide equal totals.
    pub ties: Vec<TieKey>,
    /// Decimals to which totals are rounded (half away from zero) before ranking.
    pub score_decimals: u8,
    /// Read or assumed, for denominator, cut, ties and decimals.
    pub standing: Standing,
    /// Clause.
    pub clause: Option<String>,
    /// Where.
    pub at: Place,
}

/// The ways of classing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ClassMethod {
    /// By cumulative share of ranks: each (class, upper share); `rest` takes what is left.
    Shares {
        /// Best first, shares ascending.
        cuts: Vec<(String, Param)>,
        /// The last class.
        rest: String,
    },
    /// By total: each (class, least total).
    Thresholds {
        /// Best first, totals descending.
        cuts: Vec<(String, Param)>,
        /// The last class.
        rest: String,
    },
    /// Stages: each takes firms from a pool ordered by total, re-ranked by another expression.
    Stages {
        /// In order.
        stages: Vec<Stage>,
        /// Everyone else.
        rest: String,
    },
}

/// One stage of staged classing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Class given.
    pub class: String,
    /// Pool: this share of the population from the best (or worst) end by total.
    pub pool: Param,
    /// Pool and take from the worst end.
    pub from_worst: bool,
    /// Re-rank the pool by this; none: keep the order by total.
    pub by: Option<Formula>,
    /// Share of the whole population that gets the class.
    pub take: Param,
}

/// A limit on a class's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// The class.
    pub class: String,
    /// At most (excess moves one class down, from the lowest rank up).
    pub at_most: Option<Param>,
    /// At least (the shortage is filled from the neighbouring class nearest the cut).
    pub at_least: Option<Param>,
}

/// What a share is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Denominator {
    /// Firms with a rank.
    Ranked,
    /// Firms with a rank and those of statuses marked `counted`.
    Collected,
}

/// How a share becomes a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Down.
    Floor,
    /// Up.
    Ceil,
    /// Half away from zero.
    HalfUp,
}

/// Firms with equal keys at a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TiesAtCut {
    /// All get the better class.
    Better,
    /// All get the worse class.
    Worse,
}

/// A key that decides equal totals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TieKey {
    /// Over facts and indicators.
    pub by: Formula,
    /// Higher first.
    pub higher_first: bool,
}

/// A change of class after ranking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Override {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// For people: veto, protection, direct grading, shift.
    pub kind: OverrideKind,
    /// Populations it applies to; empty: all.
    pub populations: Vec<String>,
    /// Who.
    pub when: Formula,
    /// Overrides that set this one aside for firms for which they hold: a protection that yields to a
    /// veto does nothing at all, although the veto itself says only "not better than".
    pub unless: Vec<String>,
    /// What.
    pub effect: Effect,
    /// Status fact or fact that is the evidence shown.
    pub evidence: Option<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// What an override is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideKind {
    /// 一票否决
    Veto,
    /// 保护
    Protection,
    /// 直接定档
    Direct,
    /// 升降档
    Shift,
}

/// What an override does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Exactly this class.
    Set {
        /// The class.
        class: String,
    },
    /// This class or worse.
    NotBetterThan {
        /// The class.
        class: String,
    },
    /// This class or better.
    NotWorseThan {
        /// The class.
        class: String,
    },
    /// Up (positive) or down by grades, within the list.
    Shift {
        /// Grades.
        grades: i8,
    },
}

/// What follows from a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Classes it applies to.
    pub classes: Vec<String>,
    /// Firms of those classes to which it applies; none: all of them.
    pub when: Option<Formula>,
    /// How much.
    pub value: MeasureValue,
    /// Unit of the amount (`yuan_per_kwh`).
    pub unit: Option<String>,
    /// Fact that the amount is multiplied by to estimate the yearly cost (`power_use`).
    pub quantity: Option<String>,
    /// Fact that names the account at the utility (`utility_account`).
    pub account: Option<String>,
    /// Other surcharges (facts, same unit) of which only the highest applies.
    pub highest_with: Vec<String>,
    /// Legal basis; without one the measure is display-only.
    pub basis: Option<Cite>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// From when in the year of application it applies.
    pub starts: Starts,
    /// The class of year Y is applied in year Y + lag.
    pub lag: u8,
    /// Who applies it.
    pub owner: Text,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

/// From when in the year of application a measure applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Starts {
    /// From 1 January.
    January,
    /// From the day on which the final list is published; before that nobody can say the day.
    AfterPublication,
}

/// How much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MeasureValue {
    /// One amount.
    Fixed {
        /// The amount.
        amount: Param,
    },
    /// By the number of consecutive years in the class, the last entry for all beyond.
    ByConsecutiveYears {
        /// First, second, third … year.
        amounts: Vec<Param>,
    },
    /// By calendar year of application; later years take the last.
    ByYear {
        /// Year → amount.
        amounts: BTreeMap<i16, Param>,
    },
    /// A fraction of what another class pays under the measure of that id.
    FractionOf {
        /// Measure.
        measure: String,
        /// Fraction.
        ratio: Param,
    },
    /// No number: a priority, a ban, an obligation in words.
    Words {
        /// What.
        text: Text,
    },
}

/// Stages, notice and objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProcessRule {
    /// Id of a process under `law/…/processes/`.
    pub process: String,
    /// Days of the result notice.
    pub notice: Days,
    /// Days of the result notice by evaluation year, where the published notices differ.
    pub notice_by_year: BTreeMap<i16, Days>,
    /// Days of the separate notice of land areas; none: no such notice.
    pub land_notice: Option<Days>,
    /// Local time at which the last day ends, `17:30`; none: midnight.
    pub ends_at: Option<String>,
    /// The same by evaluation year.
    pub ends_at_by_year: BTreeMap<i16, String>,
    /// Where objections go, in words.
    pub objections_to: Text,
    /// Clause.
    pub clause: Option<String>,
    /// Read or assumed.
    pub standing: Standing,
}

/// A number of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Days {
    /// How many.
    pub days: Param,
    /// Working days of the official calendar, or calendar days.
    pub working: bool,
    /// The day on which the time starts is its first day; otherwise the day after is.
    pub counts_first_day: bool,
}

impl ProcessRule {
    /// Days of the result notice of an evaluation year: its own, else the last before it, else the
    /// general ones.
    pub fn notice_in(&self, year: i16) -> &Days {
        self.notice_by_year.range(..=year).next_back().map_or(&self.notice, |(_, days)| days)
    }

    /// Local time at which the last day of that year's notice ends; none: midnight.
    pub fn ends_at_in(&self, year: i16) -> Option<&str> {
        let own = self.ends_at_by_year.range(..=year).next_back().map(|(_, time)| time);
        own.or(self.ends_at.as_ref()).map(String::as_str)
    }
}

/// What a province fixes for the schemes of its counties: limits and measures.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// Stable id, the path of its folder: `shandong/frame`.
    pub id: String,
    /// Version: 1, 2, … of the same id.
    pub version: u32,
    /// Title.
    pub title: Text,
    /// The province.
    pub division: DivisionCode,
    /// The document.
    pub cite: Cite,
    /// First day in force.
    pub from: Date,
    /// Last day in force, inclusive.
    pub to: Option<Date>,
    /// Classes that every scheme within it uses, best first.
    pub classes: Vec<ClassDef>,
    /// Limits on the classes' shares.
    pub bounds: Vec<Bound>,
    /// Measures that schemes take over by `frame: <id>`.
    pub measures: Vec<Measure>,
    /// The file.
    pub at: Place,
}

impl Param {
    /// The clause that the value itself names, else the one around it.
    pub fn clause_or<'a>(&'a self, around: Option<&'a str>) -> Option<&'a str> {
        self.clause.as_deref().or(around)
    }

    /// False when the value was assumed.
    pub fn is_verified(&self) -> bool {
        self.standing == Standing::Verified
    }
}

impl Scheme {
    /// Position of a class in the list, 0 the best.
    pub fn class_index(&self, class: &str) -> Option<usize> {
        self.classes.iter().position(|c| c.id == class)
    }

    /// The population of that name.
    pub fn population(&self, id: &str) -> Option<&Population> {
        self.populations.iter().find(|p| p.id == id)
    }

    /// True when it evaluates that year.
    pub fn evaluates(&self, year: i16) -> bool {
        self.year_from <= year && self.year_to.is_none_or(|last| year <= last)
    }

    /// True when it is in force on that day.
    pub fn in_force(&self, on: Date) -> bool {
        self.from <= on && self.to.is_none_or(|last| on <= last)
    }
}

impl Parameter {
    /// The value for an evaluation year: the last one at or before it; `None` before the first.
    pub fn in_year(&self, year: i16) -> Option<&Param> {
        self.by_year.range(..=year).next_back().map(|(_, param)| param)
    }
}
