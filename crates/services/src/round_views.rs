//! What pages, the API and the command line see of rounds and of the filings in them.

use crate::policy_views::{AmountView, FactAsked, MissingView, PointView, ReasonView, RuleHead, UnmetView};
use crate::views::{ActionView, ClockView, DivisionView, HistoryItem, Label, Stage};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A round in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoundRow {
    /// Identity.
    pub id: i64,
    /// Title.
    pub title: String,
    /// `first` or `recheck`.
    pub kind: String,
    /// Rule that is decided by, without version: each filing has its own.
    pub rule: String,
    /// Every rule by which filings in the window go, narrower ones that stand in its place included.
    pub rules: Vec<String>,
    /// Title of the rule.
    pub rule_title: Label,
    /// `title` or `policy`.
    pub rule_kind: String,
    /// Division whose department decides.
    pub division: DivisionView,
    /// First moment of the window, local: `2026-03-15T00:00:00`.
    pub from: String,
    /// Last moment.
    pub to: String,
    /// `upcoming`, `open`, `over`.
    pub window: String,
    /// State of the process.
    pub state: String,
    /// Its title.
    pub state_title: Label,
    /// Filings that the person may see, by state.
    pub filings: Vec<StateCount>,
}

/// How many are in a state.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StateCount {
    /// State.
    pub state: String,
    /// Its title.
    pub title: Label,
    /// How many.
    pub count: u64,
}

/// A round in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoundDetail {
    /// Its line.
    pub row: RoundRow,
    /// Counts changes; send it back with a step.
    pub version: i64,
    /// Versions of the rule that the window touches, the earlier first.
    pub versions: Vec<RuleHead>,
    /// Steps of the process with where it stands.
    pub stages: Vec<Stage>,
    /// Share of approved filings that are visited, in percent.
    pub sample_percent: String,
    /// Facts as cut; none before.
    pub cut: Option<RoundCut>,
    /// Earlier cuts, the latest first.
    pub earlier_cuts: Vec<RoundCut>,
    /// How the site sample was drawn; none before.
    pub draw: Option<DrawView>,
    /// Clock of the notice.
    pub notice: Option<ClockView>,
    /// Digest of the list as published.
    pub list: Option<String>,
    /// Of a re-check: holders whose term ends up to this day are in it.
    pub due_by: Option<String>,
    /// What a policy's listed filings come to.
    pub money: Option<RoundMoney>,
    /// What one can do.
    pub actions: Vec<ActionView>,
    /// The person may hand in filings: `own` firm, `any` firm (received on paper), or empty.
    pub may_file: String,
    /// What happened, newest first.
    pub history: Vec<HistoryItem>,
}

/// Facts of all filings as they were on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoundCut {
    /// When they were cut.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why, of a second cut.
    pub reason: String,
    /// Digest of the facts.
    pub facts: String,
    /// Digest of what came out.
    pub results: String,
    /// Filings in it.
    pub filings: u64,
    /// Filings whose result differs from the cut before.
    pub changed: u64,
}

/// How a sample was drawn: anybody can draw it again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DrawView {
    /// SHA-256 of the secret, shown since the cut.
    pub commitment: String,
    /// The secret, shown since the draw.
    pub secret: String,
    /// SHA-256 over secret and pool: orders the pool.
    pub seed: String,
    /// Filings drawn from, in the order of the draw, by county.
    pub strata: Vec<DrawnStratum>,
}

/// The draw in one county.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DrawnStratum {
    /// County.
    pub division: DivisionView,
    /// How many are visited.
    pub take: u64,
    /// All of them in order; the first `take` are visited.
    pub order: Vec<DrawnFiling>,
}

/// A filing in a draw.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DrawnFiling {
    /// Filing.
    pub filing: i64,
    /// Firm's name, for officers and auditors.
    pub name: String,
    /// SHA-256 of seed and filing, by which it is ordered.
    pub key: String,
    /// It is visited.
    pub taken: bool,
}

/// Money of a round of a policy.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoundMoney {
    /// Unit, in words.
    pub unit: Label,
    /// What the filings that stand would be paid together.
    pub claims: String,
    /// Budget line.
    pub line: Option<String>,
    /// What the budget holds.
    pub budget: Option<String>,
    /// Already bound by other rounds of the line and year.
    pub bound: String,
    /// `prorate`, `queue`, `refuse`: what happens when claims come to more.
    pub over_rule: Option<String>,
    /// Claims and what is bound exceed the budget.
    pub over: bool,
    /// Paid so far.
    pub paid: String,
}

/// A filing in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingRow {
    /// Identity.
    pub id: i64,
    /// Round.
    pub round: i64,
    /// Title of the round.
    pub round_title: String,
    /// Rule.
    pub rule: String,
    /// Title of the rule.
    pub rule_title: Label,
    /// Version of the rule that holds for it, by the day of filing.
    pub rule_version: u32,
    /// Firm.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// County.
    pub division: DivisionView,
    /// Moment of filing, local.
    pub filed_at: String,
    /// `first` or `recheck`.
    pub kind: String,
    /// State of the process.
    pub state: String,
    /// Its title.
    pub state_title: Label,
    /// `met`, `not_met`, `unknown`; none before the cut.
    pub outcome: Option<String>,
    /// Passed by two persons although a condition is not met.
    pub exception: bool,
    /// It was drawn for a visit.
    pub sampled: bool,
    /// `passed`, `failed`; none: not visited.
    pub site: Option<String>,
    /// Questions to the reviewer that are not answered.
    pub questions: u64,
    /// Cost lines that another filing has already claimed.
    pub clashes: u64,
    /// What it would be paid, or is.
    pub sum: Option<String>,
    /// Unit of the sum, in words.
    pub unit: Label,
    /// Last day of the title, once listed.
    pub until: Option<String>,
}

/// A filing in full.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingDetail {
    /// Its line.
    pub row: FilingRow,
    /// Counts changes; send it back with a step.
    pub version: i64,
    /// The rule by which it goes.
    pub rule: RuleHead,
    /// The version that would hold had it been filed at the other end of the window, where that differs.
    pub other_version: Option<RuleVersionAt>,
    /// Why it came out so; none before the cut.
    pub proof: Option<FilingProof>,
    /// What people judge, with what they found.
    pub judged: Vec<JudgedView>,
    /// Questions to the reviewer. Never a verdict.
    pub questions: Vec<QuestionView>,
    /// Invoice lines.
    pub lines: Vec<LineView>,
    /// Documents.
    pub documents: Vec<DocumentView>,
    /// What it is paid, of a policy.
    pub amount: Option<AmountView>,
    /// The payment.
    pub payment: Option<PaymentView>,
    /// Payments that rest on the title, of a title that was removed.
    pub claw_back: Vec<ClawBackView>,
    /// What one can do.
    pub actions: Vec<ActionView>,
    /// Invoice lines and documents may be handed in, as filed or as built: `filed`, `built`, or empty.
    pub may_add: String,
    /// What people judge may be stated by the one who looks.
    pub may_judge: bool,
    /// Questions may be answered by the one who looks.
    pub may_answer: bool,
    /// What happened, newest first.
    pub history: Vec<HistoryItem>,
}

/// The version of a rule on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RuleVersionAt {
    /// Day.
    pub on: String,
    /// Rule; often the one that the other stands in the place of.
    pub rule: String,
    /// Its title.
    pub title: Label,
    /// Version.
    pub version: u32,
    /// Document.
    pub document: String,
    /// What that version makes of the same firm; none before the cut.
    pub outcome: Option<String>,
}

/// Why a filing came out as it did, from the facts as cut.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FilingProof {
    /// `met`, `not_met`, `unknown`.
    pub outcome: String,
    /// Version of the record.
    pub record: u32,
    /// Digest of the cut that holds its facts.
    pub facts: String,
    /// The whole condition.
    pub condition: ReasonView,
    /// Points.
    pub points: Vec<PointView>,
    /// Conditions that fail.
    pub unmet: Vec<UnmetView>,
    /// Facts that are not known.
    pub missing: Vec<MissingView>,
}

/// Something that people judge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JudgedView {
    /// Fact that states it.
    pub fact: FactAsked,
    /// `boolean`, `number`, `text`.
    pub kind: String,
    /// What was found; none: not yet.
    pub value: Option<String>,
    /// On what that rests.
    pub says: Option<String>,
    /// Who found it.
    pub by: Option<String>,
    /// When.
    pub at: Option<String>,
}

/// A question to the reviewer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuestionView {
    /// Id.
    pub id: String,
    /// The question.
    pub title: Label,
    /// What it rests on: what was seen.
    pub seen: Vec<Label>,
    /// Document.
    pub document: String,
    /// What was assumed, where no document says so.
    pub assumed: Option<String>,
    /// The reviewer's answer.
    pub answer: Option<String>,
    /// Who answered.
    pub by: Option<String>,
    /// When.
    pub at: Option<String>,
}

/// An invoice line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
    /// Identity.
    pub id: i64,
    /// Invoice number.
    pub invoice: String,
    /// Line of the invoice, from 1.
    pub line: u32,
    /// Credit code of the seller.
    pub seller: String,
    /// Day of the invoice.
    pub on: String,
    /// What was bought.
    pub item: String,
    /// Sum without tax, yuan.
    pub amount: String,
    /// Serial number or place of the thing bought, as filed.
    pub serial: String,
    /// Fingerprint.
    pub fingerprint: String,
    /// The filing that claimed it first, where that is another one.
    pub clash: Option<ClashView>,
    /// As found on the spot: `found`, `missing`, `differs`; none: not yet looked at.
    pub built: Option<String>,
    /// The sum found, yuan.
    pub built_amount: Option<String>,
    /// What was found.
    pub built_note: String,
}

/// The filing that has a cost line already.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClashView {
    /// Filing.
    pub filing: i64,
    /// Title of its rule.
    pub rule_title: Label,
    /// Name of its firm, for those who may see it.
    pub name: Option<String>,
}

/// A document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DocumentView {
    /// Name.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Digest.
    pub digest: String,
    /// Filings of other firms that hold the same document.
    pub shared_with: Vec<i64>,
}

/// A payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PaymentView {
    /// Sum.
    pub sum: String,
    /// Unit, in words.
    pub unit: Label,
    /// Account that it goes to; none: not known.
    pub account: Option<String>,
    /// `open`, `closed`, `unknown`.
    pub account_state: String,
    /// Who pays which share.
    pub shares: Vec<ShareView>,
    /// `due`, `asked`, `paid`, `to_recover`, `recovered`.
    pub state: String,
    /// When it was paid.
    pub paid_at: Option<String>,
}

/// A level's share of a payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShareView {
    /// `nation`, `province`, `city`, `county`.
    pub level: String,
    /// Sum.
    pub sum: String,
}

/// A payment that rests on a title that was removed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClawBackView {
    /// Filing that was paid.
    pub filing: i64,
    /// Title of its rule.
    pub rule_title: Label,
    /// Sum.
    pub sum: String,
    /// Unit, in words.
    pub unit: Label,
    /// State.
    pub state: String,
}

/// Whether a round recomputes from its cut and the rules.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoundVerification {
    /// Round.
    pub round: i64,
    /// Everything is the same.
    pub agrees: bool,
    /// Filings recomputed.
    pub filings: u64,
    /// Digest of the results as kept.
    pub kept: String,
    /// Digest as recomputed.
    pub recomputed: String,
    /// What differs.
    pub differences: Vec<Label>,
}

/// A round to open.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NewRoundRequest {
    /// Rule.
    pub rule: String,
    /// `first` or `recheck`.
    pub kind: String,
    /// Title, such as `2026 年第一批`.
    pub title: String,
    /// First moment of the window, local: `2026-03-15T00:00:00`.
    pub from: String,
    /// Last moment, inclusive.
    pub to: String,
    /// Share of approved filings that are visited, in percent: 0 to 100.
    pub sample_percent: String,
    /// Of a re-check: holders whose term ends up to this day are in it.
    #[serde(default)]
    pub due_by: Option<String>,
}

/// A filing to hand in.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct NewFilingRequest {
    /// Firm; a firm's own account leaves it out.
    #[serde(default)]
    pub firm: Option<i64>,
    /// Moment at which an officer received it on paper, local; now when not given.
    #[serde(default)]
    pub filed_at: Option<String>,
}

/// A step of a filing.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct FilingStep {
    /// Version that was looked at.
    pub version: i64,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// What a reviewer found of something that people judge, or answers to a question.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct FindingRequest {
    /// Version that was looked at.
    pub version: i64,
    /// Fact judged, or question answered.
    pub id: String,
    /// What was found: `true`, `false`, a number, a text; of a question the answer. Empty takes it back.
    pub value: String,
    /// On what that rests.
    #[serde(default)]
    pub says: String,
}

/// Invoice lines to hand in.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct LinesRequest {
    /// Version that was looked at.
    pub version: i64,
    /// Lines, added to those that are there.
    pub lines: Vec<NewLine>,
}

/// An invoice line.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct NewLine {
    /// Invoice number: 8, 12, 18 or 20 digits.
    pub invoice: String,
    /// Line of the invoice, from 1.
    pub line: u32,
    /// Credit code of the seller.
    pub seller: String,
    /// Day of the invoice.
    pub on: String,
    /// What was bought.
    pub item: String,
    /// Sum without tax, yuan.
    pub amount: String,
    /// Serial number or place.
    #[serde(default)]
    pub serial: String,
}

/// What was found on the spot of a cost line.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
pub struct BuiltRequest {
    /// Version that was looked at.
    pub version: i64,
    /// `found`, `missing`, `differs`.
    pub built: String,
    /// The sum found, yuan; needed when it differs.
    #[serde(default)]
    pub amount: Option<String>,
    /// What was found.
    #[serde(default)]
    pub note: String,
}
