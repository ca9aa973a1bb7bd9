//! What services hand out: the shapes that the API, the command line and the web app share.
//!
//! These are the wire types (see `docs/decisions/006-services-views-are-the-wire-types.md`):
//! `server` passes them on unchanged, and the web client's types are generated from them. Numbers
//! that must stay exact (facts, money) travel as decimal strings; scores travel as numbers already
//! rounded to the scheme's decimals. Times are RFC 3339 in UTC, dates `YYYY-MM-DD`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Chinese and English wording of the same thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Label {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One page of a longer list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows of this page.
    pub rows: Vec<T>,
    /// Rows in the whole list after filtering.
    pub total: u64,
    /// This page, from 1.
    pub page: u64,
    /// Rows a page.
    pub size: u64,
}

/// Who is signed in. `GET /api/session`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Me {
    /// Sign-in name.
    pub sign_in: String,
    /// Name shown.
    pub name: String,
    /// Role, such as `county_officer`.
    pub role: String,
    /// Root of the region that may be seen.
    pub region: DivisionView,
    /// Department, for those who own facts.
    pub department: Option<String>,
    /// The one firm, for a firm's account.
    pub firm: Option<i64>,
    /// Token that every changing request sends back in `x-csrf-token`.
    pub csrf: String,
    /// The password was set by someone else and must be changed first.
    pub must_change: bool,
}

/// A division's code and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DivisionView {
    /// Six digits.
    pub code: String,
    /// Name.
    pub name: String,
    /// province, city or county.
    pub level: String,
    /// Parent's code.
    pub parent: Option<String>,
}

/// Something that waits for the person who is signed in. `GET /api/work`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkItem {
    /// `deliver_facts`, `settle_doubts`, `confirm_sheet`, `answer_objection`, `accept_answer`,
    /// `freeze`, `run`, `open_notice`, `finalise`, `publish`, `verify_audit`, `unlock_account`,
    /// `review_filings`, `act_on_round`, `act_on_chain_task`.
    pub kind: String,
    /// One line.
    pub title: Label,
    /// How many things it is.
    pub count: u64,
    /// Path in the web app.
    pub link: String,
    /// Deadline, when there is one.
    pub due: Option<String>,
    /// A person must act (drawn in vermilion).
    pub urgent: bool,
}

/// What the search box found. `GET /api/search?q=`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SearchHit {
    /// `firm`.
    pub kind: String,
    /// Name.
    pub title: String,
    /// Credit code, place.
    pub detail: String,
    /// Path in the web app.
    pub link: String,
}

/// A firm in a list. `GET /api/firms`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirmRow {
    /// Number.
    pub id: i64,
    /// Credit code.
    pub credit_code: Option<String>,
    /// Name.
    pub name: String,
    /// County.
    pub division: DivisionView,
    /// Town or street.
    pub town: String,
    /// GB/T 4754 class.
    pub industry: String,
    /// Its name.
    pub industry_name: String,
    /// Founded.
    pub founded: Option<String>,
    /// Class of the newest final evaluation, with its year.
    pub class: Option<YearClass>,
}

/// A class of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct YearClass {
    /// Evaluation year.
    pub year: i16,
    /// Class or label (`A`, `不定`).
    pub class: String,
}

/// A firm in full. `GET /api/firms/{id}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirmDetail {
    /// The row.
    pub firm: FirmRow,
    /// Address.
    pub address: String,
    /// Under construction.
    pub in_construction: bool,
    /// Year it became above scale.
    pub risen_from: Option<i16>,
    /// Names over time, newest first.
    pub names: Vec<NameVersion>,
    /// Classes, newest first.
    pub classes: Vec<YearClass>,
    /// Records that were joined into this one and can be split off again.
    pub merged: Vec<MergeView>,
    /// Evaluations that have a sheet of it.
    pub sheets: Vec<i64>,
}

/// A name and since when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NameVersion {
    /// Name.
    pub name: String,
    /// Since.
    pub valid_from: String,
    /// Why it changed.
    pub reason: String,
}

/// A joined record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergeView {
    /// Number of the merge.
    pub id: i64,
    /// Firm joined into this one.
    pub gone: i64,
    /// Its name.
    pub gone_name: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: String,
}

/// Where a figure came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceView {
    /// Department.
    pub department: String,
    /// File name, or the title of a correction.
    pub file: String,
    /// `明细!F812`; empty for a correction typed on screen.
    pub cell: String,
    /// When it was received.
    pub received_at: String,
    /// Why it replaced an earlier version; empty for the first.
    pub reason: String,
}

/// One fact on a sheet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SheetFact {
    /// Fact id.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Unit, in words.
    pub unit: Label,
    /// Value as a decimal or text; none: unknown.
    pub value: Option<String>,
    /// First and last day of validity, for status facts.
    pub valid: Option<(String, Option<String>)>,
    /// Source.
    pub source: Option<SourceView>,
    /// Number of versions; more than 1: it was corrected.
    pub versions: u32,
    /// `open`, `confirmed` or `disputed`.
    pub state: String,
    /// What the firm says is wrong with it.
    pub dispute: Option<String>,
    /// Used by the scheme.
    pub used: bool,
}

/// Facts of one department.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SheetGroup {
    /// Department.
    pub department: String,
    /// Its name.
    pub title: Label,
    /// Facts.
    pub facts: Vec<SheetFact>,
}

/// A line of how effective land came about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LandLine {
    /// `owned`, `leased_in`, `leased_out`, `merged`.
    pub kind: String,
    /// Parcel code.
    pub parcel: String,
    /// The other party.
    pub party: Option<String>,
    /// Mu, signed.
    pub mu: String,
    /// Floor area and floors, when they were converted.
    pub note: Label,
    /// Source.
    pub source: Option<SourceView>,
}

/// How effective land came about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LandView {
    /// Mu.
    pub owned: String,
    /// Mu.
    pub leased_in: String,
    /// Mu.
    pub leased_out: String,
    /// Mu.
    pub effective: String,
    /// Lines.
    pub lines: Vec<LandLine>,
    /// Things a person should look at.
    pub warnings: Vec<Label>,
}

/// One firm, one sheet. `GET /api/evaluations/{id}/sheets/{firm}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sheet {
    /// The firm.
    pub firm: FirmRow,
    /// Evaluation.
    pub evaluation: i64,
    /// Year.
    pub year: i16,
    /// By department.
    pub groups: Vec<SheetGroup>,
    /// Land.
    pub land: Option<LandView>,
    /// `open`, `confirmed`, `disputed` or `settled`.
    pub state: String,
    /// When and by whom it was confirmed.
    pub confirmed: Option<Signed>,
    /// What the firm says is wrong with its land.
    pub land_dispute: Option<String>,
    /// How an officer settled what the firm disputed.
    pub settled: Option<Settled>,
    /// What the person looking may do: `confirm`, `dispute`, `object`, `settle`.
    pub actions: Vec<ActionView>,
}

/// What came of a firm's dispute.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Settled {
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
    /// What was found.
    pub says: String,
}

/// Who and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Signed {
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
}

/// A sheet in a list. `GET /api/evaluations/{id}/sheets`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SheetRow {
    /// The firm.
    pub firm: FirmRow,
    /// `open`, `confirmed`, `disputed` or `settled`.
    pub state: String,
}

/// A demo account, offered on the sign-in page of a demo installation only. `GET /api/demo`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DemoAccount {
    /// Sign-in name.
    pub sign_in: String,
    /// Password.
    pub password: String,
    /// Name.
    pub name: String,
    /// Role.
    pub role: String,
}

/// One version of a fact. `GET /api/evaluations/{id}/sheets/{firm}/facts/{fact}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FactVersion {
    /// Value; none: taken back.
    pub value: Option<String>,
    /// Source.
    pub source: SourceView,
    /// It is the current one.
    pub current: bool,
}

/// An evaluation in a list. `GET /api/evaluations`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvaluationRow {
    /// Number.
    pub id: i64,
    /// County.
    pub division: DivisionView,
    /// Year.
    pub year: i16,
    /// State, such as `collecting`.
    pub state: String,
    /// Its name.
    pub state_title: Label,
    /// Scheme's title.
    pub scheme: Label,
    /// Firms by class, of the newest run.
    pub classes: Vec<ClassCount>,
}

/// How many firms have a class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClassCount {
    /// Class or label.
    pub class: String,
    /// Title.
    pub title: Label,
    /// Firms.
    pub count: u64,
    /// Share of the denominator, 0..1; none for labels outside the ranking.
    pub share: Option<f64>,
}

/// A stage on the track across the top of an evaluation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Stage {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Label,
    /// `done`, `now` or `ahead`.
    pub state: String,
    /// `6/6`, `第 3/5 个工作日`.
    pub detail: Label,
}

/// What one can do now, or why not.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionView {
    /// Name for `POST …/actions/{action}`.
    pub action: String,
    /// Title.
    pub title: Label,
    /// Empty: it can be done now. Else why not.
    pub blocked_by: Vec<Label>,
    /// A reason must be given.
    pub needs_reason: bool,
}

/// What a department has delivered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Delivery {
    /// Template, such as `tax`.
    pub template: String,
    /// Title.
    pub title: Label,
    /// Department.
    pub department: String,
    /// `missing`, `reading`, `waiting`, `accepted`.
    pub state: String,
    /// The newest import.
    pub import: Option<i64>,
    /// When it was accepted.
    pub at: Option<String>,
    /// Counts of the newest import.
    pub counts: Option<ImportCounts>,
}

/// An evaluation in full. `GET /api/evaluations/{id}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvaluationDetail {
    /// The row.
    pub row: EvaluationRow,
    /// Lock: sent back with every action.
    pub version: i64,
    /// Scheme.
    pub scheme: SchemeRef,
    /// Stages.
    pub stages: Vec<Stage>,
    /// Departments.
    pub deliveries: Vec<Delivery>,
    /// Sheets confirmed, disputed and open.
    pub sheets: SheetCounts,
    /// Digest of the frozen snapshot.
    pub snapshot: Option<String>,
    /// Facts changed since the freeze.
    pub stale: bool,
    /// Runs, newest first.
    pub runs: Vec<RunRow>,
    /// The notice's clock.
    pub notice: Option<ClockView>,
    /// Objections by state.
    pub objections: BTreeMap<String, u64>,
    /// What one can do.
    pub actions: Vec<ActionView>,
    /// What happened, newest first.
    pub history: Vec<HistoryItem>,
}

/// A step that was taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryItem {
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// What.
    pub title: Label,
    /// Why.
    pub reason: String,
}

/// Sheets by state.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SheetCounts {
    /// All.
    pub total: u64,
    /// Confirmed.
    pub confirmed: u64,
    /// Disputed.
    pub disputed: u64,
    /// Disputed once, and settled by an officer.
    pub settled: u64,
}

/// A scheme version by name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SchemeRef {
    /// Id.
    pub id: String,
    /// Version.
    pub version: u32,
    /// Title.
    pub title: Label,
    /// Document.
    pub document: String,
    /// First day in force.
    pub from: String,
    /// Digest of its file.
    pub digest: String,
    /// Parameters not seen in their source.
    pub unverified: u32,
    /// Results are advisory only.
    pub advisory: bool,
}

/// A running clock.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// First day.
    pub from: String,
    /// Last moment.
    pub until: String,
    /// Day number today, from 1.
    pub day: u32,
    /// Days in all.
    pub days: u32,
    /// Working days (else calendar days).
    pub working: bool,
    /// It is over.
    pub elapsed: bool,
}

/// A run in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunRow {
    /// Number.
    pub id: i64,
    /// `trial`, `notice`, `rerun`, `final`.
    pub kind: String,
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// Digest of the result.
    pub result: String,
    /// Digest of the snapshot.
    pub snapshot: String,
    /// Engine version.
    pub engine: String,
    /// The run it replaces.
    pub previous: Option<i64>,
    /// Firms by class.
    pub classes: Vec<ClassCount>,
}

/// A population's results.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PopulationSummary {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Ranked firms.
    pub ranked: u64,
    /// By class.
    pub classes: Vec<ClassCount>,
    /// Cuts: class, last rank, total there.
    pub cuts: Vec<CutView>,
    /// Bars of equal width over totals: (from, to, firms).
    pub histogram: Vec<(f64, f64, u64)>,
    /// Indicators, in the scheme's order.
    pub indicators: Vec<IndicatorHead>,
}

/// Where a class ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CutView {
    /// Class.
    pub class: String,
    /// Last rank in it.
    pub rank: u64,
    /// Total of that rank.
    pub total: Option<f64>,
}

/// An indicator's column head.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IndicatorHead {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Unit.
    pub unit: Label,
    /// Decimals shown.
    pub decimals: u8,
    /// Weight.
    pub weight: f64,
    /// Cap as a multiple of the weight.
    pub cap: Option<f64>,
    /// Not seen in its source.
    pub unverified: bool,
}

/// Counts by class for a group (industry, town).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupCount {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Firms.
    pub total: u64,
    /// By class or label.
    pub classes: BTreeMap<String, u64>,
}

/// From last year's class to this year's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Transition {
    /// Class last year; `-` for a newcomer.
    pub from: String,
    /// Class this year.
    pub to: String,
    /// Firms.
    pub count: u64,
}

/// A run's overview. `GET /api/runs/{id}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunSummary {
    /// The row.
    pub run: RunRow,
    /// Evaluation.
    pub evaluation: i64,
    /// County.
    pub division: DivisionView,
    /// Year.
    pub year: i16,
    /// Scheme.
    pub scheme: SchemeRef,
    /// Collected firms.
    pub collected: u64,
    /// Populations.
    pub populations: Vec<PopulationSummary>,
    /// Class list, best first.
    pub classes: Vec<ClassCount>,
    /// Firms outside the ranking by label, with reasons.
    pub statuses: Vec<ClassCount>,
    /// By industry division.
    pub by_industry: Vec<GroupCount>,
    /// By town.
    pub by_town: Vec<GroupCount>,
    /// Compared with last year.
    pub transition: Vec<Transition>,
    /// Firms on the edge; none while they are being worked out.
    pub edge: Option<u64>,
    /// Firms without a rank for want of data.
    pub missing: u64,
    /// Firms that moved up and down against last year.
    pub moved_up: u64,
    /// Down.
    pub moved_down: u64,
    /// Estimated yearly cost of measures, yuan, by measure.
    pub measures_cost: Vec<MeasureCost>,
}

/// What a measure costs its firms in a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeasureCost {
    /// Measure.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Firms.
    pub firms: u64,
    /// Yuan, a decimal.
    pub yuan: Option<String>,
}

/// A firm's line in the results. `GET /api/runs/{id}/firms`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResultRow {
    /// Firm.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// Credit code.
    pub credit_code: Option<String>,
    /// Industry class.
    pub industry: String,
    /// Its name.
    pub industry_name: String,
    /// Town.
    pub town: String,
    /// Population; none outside the ranking.
    pub population: Option<String>,
    /// Rank.
    pub rank: Option<u64>,
    /// Total.
    pub total: Option<f64>,
    /// Class or label.
    pub class: String,
    /// Class that the rank alone gave, when an override changed it.
    pub ranked_class: Option<String>,
    /// Why it has a label instead of a class.
    pub status: Option<Label>,
    /// Class last year.
    pub last: Option<String>,
    /// On the edge, and why.
    pub edge: Vec<Label>,
    /// Effective land, mu.
    pub land: Option<String>,
    /// Values and points by indicator id.
    pub indicators: BTreeMap<String, IndicatorCell>,
    /// An objection is open.
    pub objection: bool,
}

/// A value and its points.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IndicatorCell {
    /// Value; none: unknown.
    pub value: Option<f64>,
    /// Points; none: unknown.
    pub points: Option<f64>,
    /// `missing`, `zero_denominator`, `negative`, or none.
    pub gap: Option<String>,
}

/// Why a firm has its class. `GET /api/runs/{id}/firms/{firm}/proof`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Proof {
    /// Run.
    pub run: i64,
    /// The firm's line.
    pub row: ResultRow,
    /// Population's title.
    pub population: Option<Label>,
    /// Firms ranked with it.
    pub ranked: u64,
    /// Last rank of each class.
    pub cuts: Vec<CutView>,
    /// Sum of indicator points.
    pub points: Option<f64>,
    /// Correction coefficient.
    pub coefficient: Option<ProofFormula>,
    /// Bonus counted.
    pub bonus: f64,
    /// Deduction counted.
    pub deduction: f64,
    /// Total.
    pub total: Option<f64>,
    /// Formula of the total.
    pub total_formula: String,
    /// Indicators.
    pub indicators: Vec<ProofIndicator>,
    /// Bonuses and deductions.
    pub adjustments: Vec<ProofAdjustment>,
    /// Statuses and overrides that were asked, with their answers.
    pub conditions: Vec<ProofCondition>,
    /// Land.
    pub land: Option<LandView>,
    /// Measures that follow.
    pub measures: Vec<MeasureRow>,
    /// Clause on classing.
    pub classing_clause: Option<String>,
    /// Tie-break keys that decided, in words.
    pub ties: Vec<Label>,
    /// Scheme.
    pub scheme: SchemeRef,
    /// Snapshot digest.
    pub snapshot: String,
}

/// A formula with what went in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofFormula {
    /// As the scheme writes it.
    pub formula: String,
    /// With the values put in.
    pub filled: String,
    /// Result; none: unknown.
    pub value: Option<f64>,
    /// What went in.
    pub inputs: Vec<ProofInput>,
    /// Clause.
    pub clause: Option<String>,
    /// What was assumed, when it was not seen in its source.
    pub unverified: Option<String>,
}

/// One input of a formula.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofInput {
    /// Id.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Value as text; none: unknown.
    pub value: Option<String>,
    /// Unit.
    pub unit: Label,
    /// Source; none for derived figures.
    pub source: Option<SourceView>,
    /// What it was derived from.
    #[schema(no_recursion)]
    pub inputs: Vec<ProofInput>,
}

/// One indicator in a proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofIndicator {
    /// Head.
    pub head: IndicatorHead,
    /// Formula and inputs.
    pub value: ProofFormula,
    /// Baselines and how they came about.
    pub baselines: Vec<ProofBaseline>,
    /// The scoring rule with values put in: `min(19.86 ÷ 25.39, 1.5) × 45`.
    pub scoring: String,
    /// Points before cap and floor.
    pub raw: Option<f64>,
    /// Points.
    pub points: Option<f64>,
    /// `cap`, `floor` or none.
    pub bound: Option<String>,
    /// The rule for a missing, undefined or negative value, when it was used.
    pub gap: Option<Label>,
    /// Clause.
    pub clause: Option<String>,
    /// What was assumed.
    pub unverified: Option<String>,
}

/// A baseline in a proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofBaseline {
    /// `baseline`, `low`, `high`.
    pub name: String,
    /// Value.
    pub value: Option<f64>,
    /// `同口径中位数`, in words.
    pub how: Label,
    /// Group it was taken in.
    pub group: Option<String>,
    /// Firms in it.
    pub n: Option<u64>,
    /// Clause.
    pub clause: Option<String>,
    /// What was assumed.
    pub unverified: Option<String>,
}

/// A bonus or deduction in a proof.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofAdjustment {
    /// Group's title.
    pub group: Label,
    /// Title.
    pub title: Label,
    /// `bonus` or `deduction`.
    pub kind: String,
    /// Condition.
    pub condition: String,
    /// `true`, `false` or `unknown`.
    pub holds: String,
    /// Points it would give.
    pub points: f64,
    /// Points counted after best-of-group and caps.
    pub counted: f64,
    /// Evidence.
    pub evidence: Option<SourceView>,
    /// Clause.
    pub clause: Option<String>,
    /// What was assumed.
    pub unverified: Option<String>,
}

/// A status or override that was asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofCondition {
    /// `status`, `veto`, `protection`, `direct`, `shift`.
    pub kind: String,
    /// Title.
    pub title: Label,
    /// Condition.
    pub condition: String,
    /// `true`, `false` or `unknown`.
    pub holds: String,
    /// What went in.
    pub inputs: Vec<ProofInput>,
    /// Class before and after, when it changed something.
    pub change: Option<(String, String)>,
    /// Clause.
    pub clause: Option<String>,
    /// What was assumed.
    pub unverified: Option<String>,
}

/// A change of one fact that would lift the class. `GET /api/runs/{id}/firms/{firm}/lift`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Lift {
    /// Fact.
    pub fact: String,
    /// Title.
    pub title: Label,
    /// Unit.
    pub unit: Label,
    /// Value now.
    pub from: String,
    /// Value needed.
    pub to: String,
    /// Difference, signed.
    pub change: String,
    /// Class after.
    pub class: String,
    /// Rank after.
    pub rank: Option<u64>,
    /// Total after.
    pub total: Option<f64>,
    /// Relative size of the change.
    pub relative: f64,
}

/// The lifts of a firm, or why there is none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Lifts {
    /// Class now.
    pub class: String,
    /// Class aimed at.
    pub target: Option<String>,
    /// Cheapest first.
    pub lifts: Vec<Lift>,
    /// Why some or all paths are closed.
    pub closed: Vec<Label>,
}

/// One change of a what-if.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OverlayChange {
    /// A number of the scheme: `populations/above_scale/indicators/tax_per_mu/weight`,
    /// `…/cap`, `populations/…/classing/cuts/A`, `parameters/<id>`, `measures/<id>/amounts/0`.
    Number {
        /// Path.
        path: String,
        /// New value, a decimal.
        value: String,
    },
    /// An override (veto, protection) or status switched on or off.
    Switch {
        /// `overrides/<id>` or `statuses/<id>`.
        path: String,
        /// On.
        on: bool,
    },
    /// One firm's fact.
    Fact {
        /// Firm.
        firm: i64,
        /// Fact id, or `effective_land`.
        fact: String,
        /// New value, a decimal; none: unknown.
        value: Option<String>,
    },
}

/// A number or switch that a what-if may change. `GET /api/runs/{id}/what-if/handles`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverlayHandle {
    /// Path.
    pub path: String,
    /// `number` or `switch`.
    pub kind: String,
    /// Group: population's title, `否决与保护`, `措施`.
    pub group: Label,
    /// Title.
    pub title: Label,
    /// Value in the scheme: a decimal, or `true`/`false`.
    pub value: String,
    /// Sensible range of a slider.
    pub range: Option<(f64, f64, f64)>,
    /// `ratio` is shown as a percentage.
    pub unit: String,
}

/// What a what-if would do. `POST /api/runs/{id}/what-if`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WhatIfResult {
    /// By class, before.
    pub before: Vec<ClassCount>,
    /// By class, after.
    pub after: Vec<ClassCount>,
    /// Firms that move, up and down.
    pub up: u64,
    /// Down.
    pub down: u64,
    /// Who moves, by rank after (at most 500; `moved_total` says how many).
    pub moved: Vec<MovedFirm>,
    /// All that move.
    pub moved_total: u64,
    /// Measures before and after, yuan.
    pub measures: Vec<CostChange>,
    /// Milliseconds at the server.
    pub ms: f64,
}

/// Cost of a measure before and after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CostChange {
    /// Title.
    pub title: Label,
    /// Before, yuan.
    pub before: Option<String>,
    /// After, yuan.
    pub after: Option<String>,
}

/// A firm whose class differs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MovedFirm {
    /// Firm.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// Class before.
    pub from: String,
    /// Class after.
    pub to: String,
    /// Rank before.
    pub rank_from: Option<u64>,
    /// Rank after.
    pub rank_to: Option<u64>,
    /// Total before.
    pub total_from: Option<f64>,
    /// Total after.
    pub total_to: Option<f64>,
}

/// A kept what-if.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WhatIfView {
    /// Number.
    pub id: i64,
    /// Run it lies over.
    pub run: i64,
    /// Title.
    pub title: String,
    /// Changes.
    pub changes: Vec<OverlayChange>,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
}

/// The difference of two runs. `GET /api/runs/{id}/diff/{other}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunDiff {
    /// Older run.
    pub before: RunRow,
    /// Newer run.
    pub after: RunRow,
    /// Facts that differ between the snapshots.
    pub facts: Vec<FactChange>,
    /// Firms whose result differs.
    pub firms: Vec<FirmDiff>,
    /// Firms with the same result.
    pub unchanged: u64,
}

/// A fact that differs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FactChange {
    /// Firm.
    pub firm: Option<i64>,
    /// Name of the firm, parcel or lease.
    pub subject: String,
    /// Fact.
    pub fact: Label,
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
    /// Source of the newer value.
    pub source: Option<SourceView>,
}

/// A firm whose result differs, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirmDiff {
    /// Moves.
    pub moved: MovedFirm,
    /// `own_facts`, `baseline`, `rank_only`, `status`.
    pub causes: Vec<String>,
    /// One sentence.
    pub why: Label,
}

/// What a department's file came to. `GET /api/imports/{id}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ImportView {
    /// Number.
    pub id: i64,
    /// Evaluation.
    pub evaluation: i64,
    /// Template.
    pub template: String,
    /// Title.
    pub title: Label,
    /// File name.
    pub file: String,
    /// File digest.
    pub digest: String,
    /// Bytes.
    pub bytes: u64,
    /// `reading`, `waiting`, `accepted`, `withdrawn`, `refused`, `taken_back`.
    pub state: String,
    /// Progress, while reading.
    pub progress: Option<Progress>,
    /// Counts.
    pub counts: ImportCounts,
    /// Why the whole file was refused.
    pub refusal: Option<FaultView>,
    /// How heads were understood.
    pub columns: Vec<ImportColumn>,
    /// Things to know: title rows skipped, totals found, units converted.
    pub notes: Vec<Label>,
    /// Bad cells (first 500; `faults_total` says how many; all are in the marked copy). A list of imports
    /// leaves them out.
    pub faults: Vec<FaultView>,
    /// All bad cells.
    pub faults_total: u64,
    /// Who and when.
    pub created: Signed,
    /// Who accepted it and when.
    pub accepted: Option<Signed>,
    /// Who took it back after it was accepted, and when.
    pub taken_back: Option<Signed>,
    /// What one can do: `accept`, `withdraw` (while it is read, that ends the reading), `take_back`.
    pub actions: Vec<ActionView>,
}

/// How far long work has come.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Progress {
    /// `queued`, `reading`, `open`, `cells`, `check`, `matching`.
    pub stage: String,
    /// Done.
    pub done: u64,
    /// Of.
    pub total: u64,
}

/// Counts of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportCounts {
    /// Data rows in the file.
    pub rows: u64,
    /// Rows matched to a firm for certain (or settled).
    pub matched: u64,
    /// Rows that wait for a decision.
    pub doubtful: u64,
    /// Rows of firms that the registry does not know, or of another county.
    pub unknown: u64,
    /// Rows refused (duplicates, bad keys).
    pub refused_rows: u64,
    /// Cells refused.
    pub refused_cells: u64,
    /// Facts that are new.
    pub new: u64,
    /// Facts that differ from what is known.
    pub changed: u64,
    /// Facts that are the same.
    pub unchanged: u64,
}

/// How a column was understood.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportColumn {
    /// Sheet.
    pub sheet: String,
    /// Column letters.
    pub column: String,
    /// Head as written.
    pub head: String,
    /// Taken as.
    pub taken_as: Label,
    /// Unit declared, when it was converted: `元 → 万元`.
    pub conversion: Option<String>,
}

/// A fault in a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FaultView {
    /// Sheet.
    pub sheet: Option<String>,
    /// Cell, such as `F812`.
    pub cell: String,
    /// Value as written.
    pub value: String,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: Label,
    /// What is allowed.
    pub allowed: Label,
}

/// A row that might be one of several firms. `GET /api/imports/{id}/doubts`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Doubt {
    /// Number.
    pub id: i64,
    /// Sheet and row.
    pub place: String,
    /// Whom the row means: `firm` (the firm or tenant) or `owner` (the owner or lessor).
    #[serde(default)]
    pub role: String,
    /// Name as written.
    pub name: String,
    /// Code as written.
    pub code: String,
    /// Address as written.
    pub address: String,
    /// Why it is doubtful.
    pub why: Label,
    /// Candidates, best first.
    pub candidates: Vec<Candidate>,
    /// Decision: a firm's number, `none`, or nothing yet.
    pub decision: Option<String>,
}

/// A firm that a row might be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// Firm.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// Credit code.
    pub credit_code: Option<String>,
    /// Address.
    pub address: String,
    /// 0..1.
    pub confidence: f64,
    /// Why.
    pub reasons: Vec<Label>,
}

/// A parcel with its tenants. `GET /api/evaluations/{id}/parcels`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ParcelRow {
    /// Parcel code.
    pub code: String,
    /// Owner.
    pub owner: Option<i64>,
    /// Owner's name.
    pub owner_name: String,
    /// Mu.
    pub area: Option<String>,
    /// Leased out, mu.
    pub leased: String,
    /// Use.
    pub use_: Option<String>,
    /// Leases.
    pub leases: Vec<LeaseRow>,
    /// Things a person should look at.
    pub warnings: Vec<Label>,
    /// Source.
    pub source: Option<SourceView>,
}

/// A lease.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeaseRow {
    /// Tenant.
    pub tenant: Option<i64>,
    /// Name.
    pub tenant_name: String,
    /// Land, mu.
    pub area: Option<String>,
    /// Floor area, m².
    pub floor_area: Option<String>,
    /// Floors of the building.
    pub floors: Option<String>,
    /// Land counted, mu.
    pub counted: String,
    /// Source.
    pub source: Option<SourceView>,
}

/// An objection. `GET /api/evaluations/{id}/objections`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObjectionView {
    /// Number.
    pub id: i64,
    /// Evaluation.
    pub evaluation: i64,
    /// Firm.
    pub firm: i64,
    /// Name.
    pub firm_name: String,
    /// Fact or `land`.
    pub fact: String,
    /// Title of the fact.
    pub title: Label,
    /// Department that answers.
    pub department: String,
    /// Value now.
    pub now: Option<String>,
    /// Value claimed.
    pub claimed: Option<String>,
    /// Reason.
    pub says: String,
    /// `filed`, `answered`, `accepted`, `rejected`, `withdrawn`.
    pub state: String,
    /// Its name.
    pub state_title: Label,
    /// File name.
    pub file: Option<String>,
    /// Answer's value and text.
    pub answer: Option<Answer>,
    /// Steps.
    pub events: Vec<HistoryItem>,
    /// Lock.
    pub version: i64,
    /// What one can do.
    pub actions: Vec<ActionView>,
}

/// The department's answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// `agree`, `agree_other`, `refuse`.
    pub verdict: String,
    /// Value.
    pub value: Option<String>,
    /// Text.
    pub says: String,
    /// Who.
    pub by: String,
}

/// A measure that follows for a firm. `GET /api/runs/{id}/measures`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MeasureRow {
    /// Firm.
    pub firm: i64,
    /// Name.
    pub firm_name: String,
    /// Class.
    pub class: String,
    /// Measure.
    pub measure: String,
    /// Title.
    pub title: Label,
    /// Amount, a decimal.
    pub amount: Option<String>,
    /// Unit.
    pub unit: Label,
    /// Consecutive years in the class.
    pub years: Option<u32>,
    /// Other surcharge that is higher and so applies alone, when there is one.
    pub instead: Option<Label>,
    /// First and last day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Account at the utility.
    pub account: Option<String>,
    /// Legal basis.
    pub basis: Option<String>,
    /// No legal basis: shown only, never applied.
    pub display_only: bool,
    /// Estimated cost a year, yuan.
    pub cost: Option<String>,
    /// What was assumed.
    pub unverified: Option<String>,
}

/// What `verify` found. `GET /api/runs/{id}/verify`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerifyReport {
    /// Everything agrees to the bit.
    pub agrees: bool,
    /// Checks in order.
    pub checks: Vec<VerifyCheck>,
    /// Milliseconds.
    pub ms: f64,
}

/// One check.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerifyCheck {
    /// What.
    pub what: Label,
    /// It holds.
    pub holds: bool,
    /// Digest or figure expected.
    pub expected: String,
    /// Found.
    pub found: String,
    /// Where the first difference is.
    pub differs: Option<String>,
}

/// A published list. `GET /api/public/publications`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublicationRow {
    /// Number.
    pub id: i64,
    /// County.
    pub division: DivisionView,
    /// Year.
    pub year: i16,
    /// `notice` or `final`.
    pub kind: String,
    /// Published.
    pub at: String,
    /// Since when it no longer holds: withdrawn, or replaced by a later list.
    pub closed_at: Option<String>,
    /// Notice's clock.
    pub notice: Option<ClockView>,
    /// Scheme.
    pub scheme: SchemeRef,
    /// By class.
    pub classes: Vec<ClassCount>,
}

/// A published list in full. `GET /api/public/publications/{id}`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Publication {
    /// The row.
    pub row: PublicationRow,
    /// Where objections go.
    pub objections_to: Label,
    /// Digests that let anyone recompute it.
    pub snapshot: String,
    /// Result digest.
    pub result: String,
    /// Engine.
    pub engine: String,
    /// Firms: only name, code, class, as the law allows.
    pub firms: Vec<PublicFirm>,
}

/// A firm as published.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicFirm {
    /// Name.
    pub name: String,
    /// Credit code.
    pub credit_code: Option<String>,
    /// Town.
    pub town: String,
    /// Population's title.
    pub population: String,
    /// Class or label.
    pub class: String,
}

/// An article and what of it is live. `GET /api/articles`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleView {
    /// 1 to 20.
    pub number: u8,
    /// Subject.
    pub title: Label,
    /// Mechanisms.
    pub mechanisms: Vec<MechanismView>,
    /// Live mechanisms.
    pub live: u32,
    /// What stands behind it, by rule, level and year.
    pub figures: Vec<ArticleFigure>,
}

/// What one rule came to in a year, as far as the person may see.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArticleFigure {
    /// Scheme or rule.
    pub rule: String,
    /// Its title.
    pub title: Label,
    /// `nation`, `province`, `city`, `county`.
    pub level: String,
    /// Year of the evaluation or of the filings.
    pub year: i16,
    /// A day of that year on which the rule was in force; none of a scheme.
    pub on: Option<String>,
    /// Evaluations, or filings.
    pub cases: u64,
    /// Firms in them.
    pub firms: u64,
    /// Filings that were listed.
    pub listed: u64,
    /// Sum bound or paid; none where nothing is paid.
    pub money: Option<String>,
    /// Unit of the sum, in words.
    pub unit: Label,
}

/// A mechanism.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MechanismView {
    /// `M16-3`.
    pub id: String,
    /// Short term.
    pub title: Label,
    /// Engine.
    pub engine: String,
    /// Works today.
    pub live: bool,
    /// Rules (schemes) in force.
    pub rules: u64,
    /// Cases (evaluations, objections).
    pub cases: u64,
    /// Firms touched.
    pub firms: u64,
    /// Page of the web app.
    pub link: Option<String>,
}

/// A scheme in full. `GET /api/schemes/{id}?version=`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SchemeView {
    /// Name.
    pub scheme: SchemeRef,
    /// Path of the file.
    pub file: String,
    /// Text of the file.
    pub text: String,
    /// Place.
    pub division: DivisionView,
    /// Years it evaluates.
    pub years: (i16, Option<i16>),
    /// Parameters not seen in their source: place and what was assumed.
    pub unverified: Vec<(String, String)>,
    /// Populations with indicators.
    pub populations: Vec<PopulationSummary>,
}

/// What a file of firms comes to. `POST /api/firms/import`
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct FirmsReport {
    /// File name.
    pub file: String,
    /// Digest of the file.
    pub digest: String,
    /// Rows; the sum of the four counts below.
    pub rows: u64,
    /// Firms that are not registered yet.
    pub new: u64,
    /// Firms of which something differs.
    pub changed: u64,
    /// Firms that are registered like that.
    pub same: u64,
    /// Rows that cannot be taken.
    pub refused: u64,
    /// Whether the file was taken; a file with refused rows is not.
    pub applied: bool,
    /// What is wrong, cell by cell.
    pub faults: Vec<FaultView>,
    /// All faults, shown or not.
    pub faults_total: u64,
}

/// An account. `GET /api/accounts`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Number.
    pub id: i64,
    /// Sign-in name.
    pub sign_in: String,
    /// Name.
    pub name: String,
    /// Role; `public` until one is given.
    pub role: String,
    /// Region.
    pub division: DivisionView,
    /// Department.
    pub department: Option<String>,
    /// Firm.
    pub firm: Option<i64>,
    /// Locked until.
    pub locked_until: Option<String>,
    /// Disabled.
    pub disabled: bool,
    /// Initial password, told once: in the answer that made it.
    pub secret: Option<String>,
}

/// An audit entry. `GET /api/audit`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditView {
    /// Number in the chain.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// What.
    pub action: String,
    /// About what.
    pub subject: String,
    /// Details.
    pub detail: serde_json::Value,
    /// Link.
    pub hash: String,
}

/// State of the audit chain. `GET /api/audit/verify`
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditCheck {
    /// The chain holds.
    pub holds: bool,
    /// Entries.
    pub entries: u64,
    /// Last link.
    pub head: String,
    /// First broken entry and what differs.
    pub broken: Option<(i64, String)>,
}

/// Every refusal on the wire: a stable code, a sentence in both languages, and where.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Stable code, such as `stage-not-ready`.
    pub code: String,
    /// Sentence.
    pub message: Label,
    /// Field faults.
    pub fields: Vec<FaultView>,
}
