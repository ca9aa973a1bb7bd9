//! What pages, the API and the command line see of titles and policies.

use crate::views::{Label, SourceView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleHead {
    /// Id: the path of its folder below `law/`.
    pub id: String,
    /// Version that governs filings of the day.
    pub version: u32,
    /// `title` or `policy`.
    pub kind: String,
    /// Title.
    pub title: Label,
    /// `nation`, `province`, `city`, `county`.
    pub level: String,
    /// Department that decides.
    pub owner: String,
    /// Document.
    pub document: String,
    /// Articles of the regulation that it carries out.
    pub articles: Vec<u8>,
    /// First day on which filings go by it.
    pub from: String,
    /// Last such day.
    pub to: Option<String>,
    /// Place in a ladder.
    pub rung: Option<RungView>,
    /// When one may apply.
    pub window: WindowView,
    /// Something of it was not seen in its source.
    pub unverified: bool,
    /// What is decided by comparison or judgement after the conditions are met.
    pub competitive: Option<Label>,
}

/// A place in a ladder.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RungView {
    /// Ladder.
    pub line: String,
    /// From 1, the lowest.
    pub step: u8,
}

/// When one may apply.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WindowView {
    /// `always`, `open`, `upcoming`, `closed`.
    pub state: String,
    /// First moment of the window that is open or next, else of the last one.
    pub from: Option<String>,
    /// Its last moment.
    pub to: Option<String>,
}

/// A rule with everything that it says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleView {
    /// Its head.
    pub head: RuleHead,
    /// Issuer of the document.
    pub issuer: Option<String>,
    /// Address of the text that was read.
    pub url: Option<String>,
    /// Its file as written.
    pub text: String,
    /// All versions.
    pub versions: Vec<RuleVersion>,
    /// Numbers that may be changed to try.
    pub adjustable: Vec<RuleNumber>,
    /// What is wrong with it, or to be looked at.
    pub findings: Vec<RuleFinding>,
    /// Figures and titles that it asks for.
    pub facts: Vec<FactAsked>,
}

/// A version of a rule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleVersion {
    /// Number.
    pub version: u32,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: Option<String>,
    /// Document.
    pub document: String,
}

/// A number of a rule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleNumber {
    /// Path.
    pub path: String,
    /// What it belongs to.
    pub title: Label,
    /// Value.
    pub value: String,
}

/// Something that a rule says and must not, or that a person should look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleFinding {
    /// `fair_competition`, `equal_treatment`, `contradiction`, `dead_branch`, `judged`.
    pub code: String,
    /// Keeps the rule from coming into force.
    pub blocks: bool,
    /// Condition.
    pub node: Option<String>,
    /// What is wrong.
    pub message: Label,
    /// Document and clause that say so.
    pub ground: Option<String>,
}

/// A fact that a rule asks for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FactAsked {
    /// Fact or attribute.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Department that states it; none for what the register supplies.
    pub owner: Option<String>,
}

/// What every rule makes of a firm.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirmPolicies {
    /// Firm.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// Day of filing that is assumed.
    pub on: String,
    /// Last full year before it.
    pub year: i16,
    /// A line for each rule.
    pub rules: Vec<FirmRule>,
    /// Ladders.
    pub ladders: Vec<LadderView>,
    /// Policies that go together best; none when none is met.
    pub best: Option<BestView>,
}

/// What a rule makes of a firm, in a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirmRule {
    /// The rule.
    pub rule: RuleHead,
    /// `met`, `not_met`, `unknown`.
    pub outcome: String,
    /// Until when the firm holds the title; the day of filing lies within.
    pub held: Option<HeldView>,
    /// Conditions that fail, in the order written.
    pub unmet: Vec<UnmetView>,
    /// Facts that are not known and would have to be.
    pub missing: Vec<MissingView>,
    /// Smallest changes that would do, the easiest first.
    pub repairs: Vec<RepairView>,
    /// What it pays, where the conditions are met or would be.
    pub amount: Option<AmountView>,
    /// `no_application`, `quick`, `review`: how it is had.
    pub route: String,
    /// Why not without application: facts that no department has stated itself.
    pub route_facts: Vec<FactAsked>,
}

/// A title that a firm holds.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeldView {
    /// First day.
    pub from: String,
    /// Last day; none: no end is known.
    pub to: Option<String>,
    /// Days left from the day of filing.
    pub days_left: Option<i64>,
    /// The conditions of the re-check fail today.
    pub at_risk: bool,
}

/// A condition that fails.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UnmetView {
    /// Condition.
    pub id: String,
    /// What it asks.
    pub title: Label,
    /// What it saw: `0.029 >= 0.03`.
    pub seen: Option<String>,
    /// Clause.
    pub clause: Option<String>,
}

/// A fact that is not known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MissingView {
    /// Fact or attribute.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Year, of a yearly figure.
    pub year: Option<i16>,
    /// Department that owns it; none where people judge.
    pub owner: Option<String>,
}

/// Changes that together are enough.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RepairView {
    /// The changes.
    pub moves: Vec<MoveView>,
    /// In a sentence.
    pub text: Label,
}

/// One fact as it would have to be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MoveView {
    /// Fact or attribute.
    pub fact: String,
    /// Title.
    pub title: Label,
    /// Year, of a yearly figure.
    pub year: Option<i16>,
    /// As it is; none: unknown.
    pub from: Option<String>,
    /// As it would have to be.
    pub to: Option<String>,
    /// How that is said where it only has to pass an end: below 3.
    pub beyond: Option<Label>,
    /// The difference, of numbers.
    pub by: Option<String>,
    /// Unit, in words.
    pub unit: Label,
    /// `act`, `state`, `wait`, `later_year`, `fixed`.
    pub way: String,
}

/// What a policy pays.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AmountView {
    /// The least that is certain.
    pub low: String,
    /// The most.
    pub high: String,
    /// Before additions and caps.
    pub sum: String,
    /// The cap that held it down.
    pub cap: Option<String>,
    /// Additions that hold.
    pub uplifts: Vec<Label>,
    /// Unit, in words.
    pub unit: Label,
    /// Something of it was assumed.
    pub assumed: Option<String>,
}

/// A ladder.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LadderView {
    /// `quality`, `science`, ….
    pub line: String,
    /// From the lowest.
    pub rungs: Vec<LadderRung>,
}

/// A rung of a ladder.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LadderRung {
    /// Rule.
    pub rule: String,
    /// Title.
    pub title: Label,
    /// Step.
    pub step: u8,
    /// `held`, `met`, `not_met`, `unknown`.
    pub state: String,
    /// The next one to climb.
    pub next: bool,
    /// Until when it is held.
    pub until: Option<String>,
    /// The conditions of the re-check fail today.
    pub at_risk: bool,
}

/// The best lawful combination.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BestView {
    /// Policies to take: rule, title, sum.
    pub take: Vec<TakenView>,
    /// What they pay together.
    pub sum: String,
    /// Unit, in words.
    pub unit: Label,
    /// Policies to leave, with why.
    pub leave: Vec<LeftView>,
}

/// A policy to take.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TakenView {
    /// Rule.
    pub rule: String,
    /// Title.
    pub title: Label,
    /// What it pays.
    pub sum: String,
}

/// A policy to leave.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeftView {
    /// Rule.
    pub rule: String,
    /// Title.
    pub title: Label,
    /// Why.
    pub why: Label,
}

/// Why a rule came out as it did for a firm.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirmRuleProof {
    /// The line of the list.
    pub line: FirmRule,
    /// Version of the record.
    pub record: u32,
    /// The whole condition.
    pub condition: ReasonView,
    /// Points.
    pub points: Vec<PointView>,
}

/// A condition with what it saw.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReasonView {
    /// Name in the rule.
    pub id: String,
    /// What it asks.
    pub title: Label,
    /// `all`, `any`, `at_least`, `not`, `unless`, `if`, `judged`, `slot`.
    pub kind: String,
    /// How many, of `at_least`.
    pub count: Option<u32>,
    /// `met`, `not_met`, `unknown`.
    pub truth: String,
    /// The expression as written.
    pub formula: Option<String>,
    /// What its comparisons saw.
    pub seen: Vec<SeenView>,
    /// What it rests on.
    pub inputs: Vec<InputView>,
    /// Parts.
    #[schema(no_recursion)]
    pub parts: Vec<ReasonView>,
    /// Clause.
    pub clause: Option<String>,
    /// What was assumed, where it was not seen in its source.
    pub assumed: Option<String>,
    /// Evidence to be handed in.
    pub evidence: Option<Label>,
}

/// A comparison with its two sides.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeenView {
    /// Left side.
    pub left: Option<String>,
    /// `>`, `>=`, `=`, `<>`.
    pub op: String,
    /// Right side.
    pub right: Option<String>,
    /// `met`, `not_met`, `unknown`.
    pub truth: String,
    /// A divisor is zero or negative.
    pub undefined: bool,
}

/// A figure, title or attribute.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InputView {
    /// Fact or attribute.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Year, of a yearly figure.
    pub year: Option<i16>,
    /// Value; none: unknown.
    pub value: Option<String>,
    /// Unit, in words.
    pub unit: Label,
    /// Department that owns it.
    pub owner: Option<String>,
    /// Where the value came from.
    pub source: Option<SourceView>,
}

/// Points of a table, group or item.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PointView {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Least points that what is unknown leaves open.
    pub low: String,
    /// Most.
    pub high: String,
    /// Most that there are.
    pub max: Option<String>,
    /// Band or case.
    pub case: Option<Label>,
    /// The value that bands hold.
    pub value: Option<String>,
    /// Clause.
    pub clause: Option<String>,
    /// Groups or items.
    #[schema(no_recursion)]
    pub parts: Vec<PointView>,
}

/// What a rule makes of all firms of a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RulePopulation {
    /// The rule.
    pub rule: RuleHead,
    /// Division looked at.
    pub division: String,
    /// Day of filing.
    pub on: String,
    /// Firms.
    pub firms: u64,
    /// As it stands.
    pub now: PopulationCount,
    /// With the changes, where there are some.
    pub then: Option<PopulationCount>,
    /// Firms that qualify only with the changes, and only without.
    pub gain: u64,
    /// See `gain`.
    pub lose: u64,
    /// Some of those that move.
    pub moved: Vec<MovedView>,
    /// Conditions by how many firms fail them.
    pub failing: Vec<CountedCondition>,
    /// Facts by how many firms they are unknown of.
    pub missing: Vec<CountedFact>,
    /// Milliseconds of computation.
    pub ms: f64,
}

/// Counts and the bill.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PopulationCount {
    /// Qualify.
    pub met: u64,
    /// Do not.
    pub not_met: u64,
    /// Not known.
    pub unknown: u64,
    /// What those that qualify would be paid together.
    pub bill: Option<String>,
    /// What the budget holds.
    pub budget: Option<String>,
    /// The bill exceeds the budget.
    pub over: bool,
    /// Unit, in words.
    pub unit: Label,
}

/// A firm that a change moves.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MovedView {
    /// Firm.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// Before.
    pub from: String,
    /// After.
    pub to: String,
}

/// A condition and how many firms fail it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CountedCondition {
    /// Condition.
    pub id: String,
    /// What it asks.
    pub title: Label,
    /// Firms that fail it.
    pub not_met: u64,
    /// Firms of which it is not known.
    pub unknown: u64,
}

/// A fact and of how many firms it is unknown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CountedFact {
    /// Fact.
    pub fact: FactAsked,
    /// Firms.
    pub firms: u64,
}

/// A change of a number to try.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleChange {
    /// Path, as `RuleView.adjustable` names it.
    pub path: String,
    /// New value; percentages as fractions.
    pub value: String,
}

/// What to try.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SimulateRule {
    /// Rule.
    pub rule: String,
    /// Day of filing; today when not given.
    #[serde(default)]
    pub on: Option<String>,
    /// Division; that of the one who asks when not given.
    #[serde(default)]
    pub division: Option<String>,
    /// Changes.
    #[serde(default)]
    pub changes: Vec<RuleChange>,
    /// Another version of the rule, to which the changes are made instead: who would change by it.
    #[serde(default)]
    pub against: Option<u32>,
}
