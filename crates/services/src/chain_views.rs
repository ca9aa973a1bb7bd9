//! What pages, the API and the command line see of industry chains: the graph, its gaps, stress tests,
//! proposals and the tasks that come of them, needs of lead firms and who could meet them, clusters.
//!
//! Amounts of chains are in 万元 a year unless a field says otherwise; shares are 0 to 1; days are whole.
//! A figure that is not known is null and never 0.

use crate::views::{ActionView, DivisionView, HistoryItem, Label};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

// ---- chains -------------------------------------------------------------------------------------

/// A template of `law/` by which a chain can be opened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainTemplateRow {
    /// Path of its file.
    pub id: String,
    /// Title.
    pub title: Label,
    /// Edition in force today.
    pub edition: u32,
    /// Stages.
    pub stages: u64,
    /// Products.
    pub products: u64,
    /// Why it is not verified; empty when it is.
    pub unverified: String,
}

/// A chain in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainRow {
    /// Identity.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Template that it follows.
    pub template: String,
    /// Title of the template.
    pub template_title: Label,
    /// Division whose office leads the chain.
    pub division: DivisionView,
    /// Number of the newest revision.
    pub revision: i64,
    /// When that was made.
    pub changed_at: String,
    /// Nodes today, by kind: `stage`, `product`, `firm`, `project`, `technology`, `people`, `money`.
    pub nodes: Vec<KindCount>,
    /// Links today.
    pub links: u64,
    /// Products with a maker in the division, over all products.
    pub covered: u64,
    /// Products.
    pub products: u64,
    /// Tasks that are open.
    pub tasks_open: u64,
    /// Placements that wait for a person.
    pub doubtful: u64,
}

/// How many there are of a kind.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KindCount {
    /// Kind.
    pub kind: String,
    /// How many.
    pub count: u64,
}

/// A chain in full, without its graph.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainDetail {
    /// Its line.
    pub row: ChainRow,
    /// The person may change it.
    pub may_change: bool,
    /// The person sees all of it; else only what lies in their own region.
    pub whole: bool,
    /// Every day on which something begins or ends, ascending: stops of the time slider.
    pub days: Vec<String>,
    /// The latest revisions, newest first.
    pub revisions: Vec<RevisionView>,
    /// Divisions in which there are firms, for choosing a place.
    pub places: Vec<DivisionView>,
    /// Links less sure than this are dashed and count in no figure.
    pub confidence_min: f64,
    /// Days that a stress test stops by default.
    pub stop_days: u32,
    /// Days that it follows by default.
    pub horizon_days: u32,
}

/// One revision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RevisionView {
    /// Number, from 1.
    pub number: i64,
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What: `opened`, `imported`, `changed`, `placed`, `task`.
    pub kind: String,
    /// Digest of the chain as it is from here on.
    pub digest: String,
}

/// `POST /api/chains`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewChainRequest {
    /// Template.
    pub template: String,
    /// Title; empty: that of the template.
    #[serde(default)]
    pub title: String,
}

// ---- graph --------------------------------------------------------------------------------------

/// The graph of a day. Nodes and links are told by columns: row `i` is entry `i` of every list, so that
/// a hundred thousand firms stay small on the way.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ChainGraph {
    /// Revision.
    pub revision: i64,
    /// Day.
    pub day: String,
    /// Nodes.
    pub nodes: NodeColumns,
    /// Links.
    pub links: LinkColumns,
    /// Divisions named in the nodes, code to name.
    pub places: Vec<DivisionView>,
}

/// Nodes by columns.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct NodeColumns {
    /// Id.
    pub id: Vec<String>,
    /// Kind.
    pub kind: Vec<String>,
    /// Name.
    pub name: Vec<String>,
    /// Place, a division code; null where not known.
    pub place: Vec<Option<String>>,
    /// Output in 万元 a year.
    pub output: Vec<Option<f64>>,
    /// Of a product: the row of its stage. Of a firm, project or technology: the row of the product it
    /// belongs to most. Of people and money: the row of what they work for. Null where there is none.
    pub parent: Vec<Option<u32>>,
    /// Of a product: `missing`, `single`, `few`, `covered`; empty for all others.
    pub cover: Vec<String>,
    /// A product of whose weakness a task has begun (`task`) or was carried out with evidence (`done`); else empty.
    pub task: Vec<String>,
}

/// Links by columns.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct LinkColumns {
    /// Row of the node where it starts.
    pub from: Vec<u32>,
    /// Row of the node where it ends.
    pub to: Vec<u32>,
    /// `made_of`, `precedes`, `belongs`, `places`, `supplies`, `substitutes`, `builds`, `serves`, `works_on`, `funds`.
    pub kind: Vec<String>,
    /// How sure it is, 0 to 1.
    pub confidence: Vec<f64>,
    /// Amount in 万元 a year.
    pub amount: Vec<Option<f64>>,
    /// Share.
    pub share: Vec<Option<f64>>,
}

/// One node with everything that is known of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainNodeView {
    /// Id.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Product code.
    pub code: Option<String>,
    /// Place.
    pub place: Option<DivisionView>,
    /// Output in 万元 a year.
    pub output: Option<f64>,
    /// First day.
    pub from: Option<String>,
    /// First day on which it is gone.
    pub until: Option<String>,
    /// The firm of the register, when it is one that the person may open.
    pub firm: Option<i64>,
    /// Its links on the day.
    pub links: Vec<ChainLinkView>,
    /// Of a firm: how it depends on each input.
    pub terms: Vec<TermsView>,
    /// Of a product: its figures and what follows.
    pub gap: Option<GapRow>,
}

/// A link as seen from one of its ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainLinkView {
    /// `out` or `in`.
    pub way: String,
    /// Kind.
    pub kind: String,
    /// The other end.
    pub node: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub node_kind: String,
    /// Share.
    pub share: Option<f64>,
    /// Amount in 万元 a year.
    pub amount: Option<f64>,
    /// How sure it is.
    pub confidence: f64,
    /// It counts: sure enough.
    pub counts: bool,
    /// First day.
    pub from: Option<String>,
    /// First day on which it no longer holds.
    pub until: Option<String>,
    /// Why it is believed.
    pub evidence: Vec<EvidenceView>,
}

/// Why a link is believed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EvidenceView {
    /// Document, row or declaration.
    pub source: String,
    /// Who entered it.
    pub author: String,
    /// When, a day.
    pub noted: String,
}

/// How a firm depends on an input.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TermsView {
    /// Product node.
    pub product: String,
    /// Its name.
    pub name: String,
    /// The firm stops without it.
    pub essential: bool,
    /// Stock in days of full use.
    pub stock_days: f64,
    /// Part that comes from abroad.
    pub outside: f64,
    /// Part that a second source takes over at once.
    pub secured: f64,
    /// Part that substitutes cover.
    pub substitute: f64,
    /// From which day on.
    pub substitute_from: u32,
    /// Where that is from; empty: assumed by rule.
    pub source: String,
}

/// A change to a chain. `POST /api/chains/{id}/changes`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ChainChangeRequest {
    /// Lock: the revision that the person saw.
    pub revision: i64,
    /// Why.
    pub reason: String,
    /// What.
    pub ops: Vec<ChainOp>,
}

/// One change. Fields not named by the operation stay empty.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChainOp {
    /// Adds a node or replaces the one of that id.
    PutNode {
        /// Id.
        id: String,
        /// Kind.
        kind: String,
        /// Name.
        name: String,
        /// Product code.
        #[serde(default)]
        code: Option<String>,
        /// Division code.
        #[serde(default)]
        place: Option<String>,
        /// Output in 万元 a year.
        #[serde(default)]
        output: Option<f64>,
        /// First day.
        #[serde(default)]
        from: Option<String>,
    },
    /// Ends a node and its links from a day on.
    EndNode {
        /// Id.
        id: String,
        /// First day without it.
        day: String,
    },
    /// Adds a link or replaces the one with these ends, kind and first day.
    PutLink {
        /// Node where it starts.
        from: String,
        /// Node where it ends.
        to: String,
        /// Kind.
        kind: String,
        /// Share.
        #[serde(default)]
        share: Option<f64>,
        /// Amount in 万元 a year.
        #[serde(default)]
        amount: Option<f64>,
        /// How sure it is, 0 to 1.
        confidence: f64,
        /// Document, row or declaration that says so.
        source: String,
        /// First day.
        #[serde(default)]
        valid_from: Option<String>,
    },
    /// Ends a link from a day on.
    EndLink {
        /// Node where it starts.
        from: String,
        /// Node where it ends.
        to: String,
        /// Kind.
        kind: String,
        /// First day without it.
        day: String,
    },
    /// States how a firm depends on an input.
    PutTerms {
        /// Firm node.
        buyer: String,
        /// Product node.
        product: String,
        /// The firm stops without it.
        essential: bool,
        /// Stock in days of full use.
        stock_days: f64,
        /// Part that comes from abroad.
        outside: f64,
        /// Part that a second source takes over at once.
        secured: f64,
        /// Part that substitutes cover.
        substitute: f64,
        /// From which day on.
        substitute_from: u32,
        /// Document, row or declaration that says so.
        source: String,
    },
}

/// What an import found. Nothing is kept when there are faults or when it was a trial.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainImportReport {
    /// It was kept.
    pub kept: bool,
    /// The revision that holds it.
    pub revision: Option<i64>,
    /// Nodes read.
    pub nodes: u64,
    /// Links read.
    pub links: u64,
    /// Nodes new, changed and gone against what was there.
    pub nodes_new: u64,
    /// Nodes that differ.
    pub nodes_changed: u64,
    /// Nodes that are no longer there.
    pub nodes_gone: u64,
    /// Links new or changed.
    pub links_new: u64,
    /// Links gone or changed.
    pub links_gone: u64,
    /// Everything that is wrong, in the order of the file.
    pub faults: Vec<ChainFault>,
    /// Faults beyond those listed.
    pub faults_more: u64,
}

/// What is wrong with a node, a link or a line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainFault {
    /// Kind of fault, such as `self_loop`.
    pub code: String,
    /// Where.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
}

// ---- placements ---------------------------------------------------------------------------------

/// Firms on products: what evidence says, what people decided, how good it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlacementsView {
    /// Revision.
    pub revision: i64,
    /// Placements, those that wait first, then by confidence.
    pub rows: Vec<PlacementRow>,
    /// From here on a placement is made without asking.
    pub accept: f64,
    /// Below it is left; between both a person decides.
    pub doubt: f64,
    /// How good placements are on the labelled sample; none without labels.
    pub quality: Option<PlacementQuality>,
}

/// One firm on one product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlacementRow {
    /// Firm node.
    pub firm: String,
    /// Its name.
    pub firm_name: String,
    /// Where it is.
    pub place: Option<DivisionView>,
    /// Product node.
    pub product: String,
    /// Its name.
    pub product_name: String,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// `placed`, `doubtful`, `left`; after a decision `placed_by_hand`, `refused_by_hand`.
    pub state: String,
    /// What it rests on.
    pub parts: Vec<PlacementPart>,
    /// Who decided, when and why; empty before.
    pub decided: Option<HistoryItem>,
}

/// What one kind of evidence gives.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlacementPart {
    /// `declares`, `sells`, `buys`, `patents`, `licensed`.
    pub kind: String,
    /// Why it matches: `code_equal`, `code_parent`, `name_equal`, `term_contained`, `buys_inputs`.
    pub why: String,
    /// The text or code as it stands in the source.
    pub text: String,
    /// Source.
    pub source: String,
    /// Strength of the match, 0 to 1.
    pub strength: f64,
    /// Weight of the kind.
    pub weight: f64,
}

/// Precision and recall on the labelled sample.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlacementQuality {
    /// Labelled pairs.
    pub labels: u64,
    /// Placed and right.
    pub right: u64,
    /// Placed and wrong.
    pub wrong: u64,
    /// Not placed though right.
    pub missed: u64,
    /// Precision, with its 95 % interval.
    pub precision: Option<Interval>,
    /// Recall.
    pub recall: Option<Interval>,
    /// Precision and recall at other thresholds.
    pub curve: Vec<QualityPoint>,
    /// Stated confidence against what labels say.
    pub bins: Vec<QualityBin>,
}

/// A share with the interval in which it lies with 95 % (Wilson 1927).
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Interval {
    /// The share.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Quality at a threshold.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct QualityPoint {
    /// Threshold.
    pub threshold: f64,
    /// Precision; none when nothing is placed.
    pub precision: Option<f64>,
    /// Recall.
    pub recall: Option<f64>,
}

/// Confidence as stated and as it turned out.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct QualityBin {
    /// From.
    pub low: f64,
    /// To.
    pub high: f64,
    /// Labelled pairs in it.
    pub pairs: u64,
    /// Mean stated confidence.
    pub stated: Option<f64>,
    /// Part of them that is right.
    pub observed: Option<f64>,
}

/// `POST /api/chains/{id}/placements`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct PlaceRequest {
    /// Lock: the revision that the person saw.
    pub revision: i64,
    /// Firm node.
    pub firm: String,
    /// Product node.
    pub product: String,
    /// Place it (else refuse it).
    pub place: bool,
    /// Why.
    pub reason: String,
}

// ---- gaps ---------------------------------------------------------------------------------------

/// All products of a chain in a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GapsView {
    /// Revision.
    pub revision: i64,
    /// Day.
    pub day: String,
    /// Place.
    pub place: DivisionView,
    /// Products with a maker in the place.
    pub covered: u64,
    /// Products.
    pub products: u64,
    /// Money, people, technology and firms against each other, by product.
    pub rows: Vec<GapRow>,
}

/// One product in a place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GapRow {
    /// Product node.
    pub product: String,
    /// Name.
    pub name: String,
    /// Stage.
    pub stage: String,
    /// Makers in the place.
    pub makers: Option<u64>,
    /// Makers known anywhere.
    pub sources: Option<u64>,
    /// Part of known output made in the place.
    pub local_share: Option<f64>,
    /// Concentration of all known makers.
    pub hhi: Option<f64>,
    /// Part of use that is imported.
    pub import_share: Option<f64>,
    /// Location quotient.
    pub location_quotient: Option<f64>,
    /// Nearness to what the place makes.
    pub density: Option<f64>,
    /// Demand of the place in 万元 a year.
    pub demand: Option<f64>,
    /// Part of the chain's output that is lost when every source of the product stops.
    pub criticality: Option<f64>,
    /// Technology tier.
    pub tier: Option<f64>,
    /// Substitutes with the part of the need they cover.
    pub substitutes: Vec<SubstituteView>,
    /// `build`, `fill`, `extend`, `strengthen` where they are called for, the first is the label.
    pub steps: Vec<String>,
    /// All four answers with the arithmetic.
    pub findings: Vec<FindingView>,
    /// Four chains on one product.
    pub overlay: OverlayView,
    /// A task that is open on it.
    pub task: Option<i64>,
    /// Figures whose template values nobody has verified.
    pub unverified: Vec<String>,
}

/// A product that can stand in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SubstituteView {
    /// Product node.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Part of the need that it covers.
    pub share: Option<f64>,
}

/// Whether one step is called for, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingView {
    /// `build`, `fill`, `extend`, `strengthen`.
    pub step: String,
    /// Null when figures that are not known decide.
    pub holds: Option<bool>,
    /// Groups of comparisons: every group must hold, and a group holds when one of its comparisons does.
    pub all_of: Vec<Vec<TestView>>,
    /// Factors whose product ranks it.
    pub factors: Vec<FactorView>,
    /// That product.
    pub rank: Option<f64>,
}

/// One comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TestView {
    /// Figure, a field of [`GapRow`] or `coverage`, `substitute`, `adjacent`, `margin`.
    pub what: String,
    /// Its value.
    pub value: Option<f64>,
    /// `below` or `at_least`.
    pub relation: String,
    /// With what.
    pub threshold: f64,
    /// Null when the figure is not known.
    pub holds: Option<bool>,
}

/// A factor of a rank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FactorView {
    /// Figure.
    pub what: String,
    /// Value.
    pub value: Option<f64>,
}

/// Firms, technologies, people and money on a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverlayView {
    /// Firms in the place.
    pub firms: u64,
    /// Projects.
    pub projects: u64,
    /// Technologies.
    pub technologies: u64,
    /// Groups of people.
    pub people: u64,
    /// Money items.
    pub money: u64,
    /// Money in 万元, as far as amounts are known.
    pub funds: Option<f64>,
    /// Largest gap between the four, each as its rank among all products, 0 to 1; null without any.
    pub mismatch: Option<f64>,
    /// What is there without what, such as `money_without_people`; empty when nothing stands out.
    pub says: String,
}

// ---- stress -------------------------------------------------------------------------------------

/// `POST /api/chains/{id}/stress`
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct StressRequest {
    /// Day of the graph; empty: today.
    #[serde(default)]
    pub day: String,
    /// What stops.
    pub stops: Vec<StressStop>,
    /// Days followed.
    pub horizon: u32,
    /// Rivals take over in the second model (`shared`) or not (`captive`).
    #[serde(default)]
    pub market: String,
    /// Days of stock added to every input, beside what is known.
    #[serde(default)]
    pub extra_stock: f64,
}

/// One stop.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct StressStop {
    /// `firm` (id of the node), `place` (division code: a park, county, city), `product` (all makers of a product
    /// node), `abroad` (a product node from abroad).
    pub kind: String,
    /// Which.
    pub id: String,
    /// Part that stops, 0 to 1.
    pub share: f64,
    /// First day, from 0.
    #[serde(default)]
    pub from_day: u32,
    /// Days.
    pub days: u32,
}

/// What a scenario costs, by two models that share no assumption.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressView {
    /// Revision.
    pub revision: i64,
    /// Day.
    pub day: String,
    /// Firms in the network.
    pub firms: u64,
    /// Supply links in it.
    pub links: u64,
    /// Output of all firms in a day, 万元.
    pub output: f64,
    /// What stops, in words.
    pub stops: Vec<StopView>,
    /// Shortage through stocks and substitutes, day by day.
    pub shortage: ShortageView,
    /// The systemic risk index, without stocks.
    pub systemic: SystemicView,
    /// Firms that lose, the largest loss first (500 at most).
    pub rows: Vec<StressFirm>,
    /// Firms that lose in all.
    pub losing: u64,
    /// Losses by division.
    pub places: Vec<StressPlace>,
    /// Losses by product.
    pub products: Vec<StressProduct>,
    /// Where the two models differ by more than a factor that the rules name.
    pub differ: Vec<DifferView>,
    /// What the network left out or assumed.
    pub notes: Vec<Label>,
    /// Time that the models took, ms.
    pub took_ms: u64,
}

/// A stop in words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StopView {
    /// Kind.
    pub kind: String,
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Firms that it stops.
    pub firms: u64,
    /// Part.
    pub share: f64,
    /// First day.
    pub from_day: u32,
    /// Days.
    pub days: u32,
}

/// The first model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShortageView {
    /// Lost output of all firms, 万元.
    pub total: f64,
    /// That over what all would make.
    pub share: f64,
    /// Lost output by day, 万元.
    pub daily: Vec<f64>,
    /// Day from which on all run in full; null: not within the days followed.
    pub back_on: Option<u32>,
}

/// The second model.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SystemicView {
    /// Lost output in a day, 万元.
    pub total: f64,
    /// Over all output.
    pub index: f64,
    /// It came to rest.
    pub settled: bool,
    /// By how much the index can be larger; null where no bound holds.
    pub error: Option<f64>,
}

/// One firm's loss.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressFirm {
    /// Firm node.
    pub firm: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: Option<String>,
    /// Product that it makes.
    pub product: String,
    /// Output in a day, 万元.
    pub output: f64,
    /// Lost output, 万元; null where the first model has none.
    pub loss: f64,
    /// Days of full output lost.
    pub days: f64,
    /// First day that it loses anything.
    pub first_day: Option<u32>,
    /// Day from which it runs in full again.
    pub back_on: Option<u32>,
    /// Part lost by the second model: for want of inputs.
    pub down: f64,
    /// For want of buyers.
    pub up: f64,
}

/// Losses of a division.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressPlace {
    /// Division code; empty where not known.
    pub code: String,
    /// Name.
    pub name: String,
    /// Firms that lose.
    pub firms: u64,
    /// Lost output, 万元.
    pub loss: f64,
    /// Over its output in all days.
    pub share: f64,
}

/// Losses of a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressProduct {
    /// Product node.
    pub product: String,
    /// Name.
    pub name: String,
    /// Firms that lose.
    pub firms: u64,
    /// Lost output, 万元.
    pub loss: f64,
    /// First day on which one of its makers loses anything.
    pub first_day: Option<u32>,
}

/// Where models differ.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DifferView {
    /// Firm node.
    pub firm: String,
    /// Name.
    pub name: String,
    /// Part lost by the first, over the days of the stop.
    pub shortage: f64,
    /// By the second.
    pub systemic: f64,
    /// Why, as far as the models say: `stock`, `substitute`, `buyers`, `not_essential`, `other`.
    pub why: String,
}

/// Every source in turn.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RankingView {
    /// Revision.
    pub revision: i64,
    /// Day.
    pub day: String,
    /// Days that each stops.
    pub days: u32,
    /// Days followed.
    pub horizon: u32,
    /// The largest losses first.
    pub rows: Vec<RankingRow>,
    /// Sources tested.
    pub sources: u64,
    /// Rank correlation of the two models (Spearman), over firms.
    pub agreement: Option<f64>,
    /// Time that the models took, ms.
    pub took_ms: u64,
}

/// One source's place.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RankingRow {
    /// `firm` or `abroad`.
    pub kind: String,
    /// Node of the firm or product.
    pub id: String,
    /// Name.
    pub name: String,
    /// Place.
    pub place: Option<String>,
    /// Product that it makes.
    pub product: String,
    /// Output in a day, 万元.
    pub output: Option<f64>,
    /// Rank by output among firms.
    pub output_rank: Option<u64>,
    /// Lost output by the first model, 万元.
    pub loss: f64,
    /// Rank by it.
    pub rank: u64,
    /// Index by the second model; null for what only the first knows.
    pub index: Option<f64>,
    /// Rank by it.
    pub index_rank: Option<u64>,
    /// Loss over own lost output: how much more it matters than its size.
    pub leverage: Option<f64>,
}

// ---- proposals and tasks ------------------------------------------------------------------------

/// What could be done about a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProposalsView {
    /// Revision.
    pub revision: i64,
    /// Day.
    pub day: String,
    /// Product node.
    pub product: String,
    /// Name.
    pub name: String,
    /// Scenario by which effects are measured: what stops.
    pub scenario: StressRequest,
    /// Lost output in it as things stand, 万元.
    pub loss: f64,
    /// Moves, the largest effect first.
    pub moves: Vec<MoveView>,
    /// The cheapest moves that halve the loss of others than the source, by their numbers in `moves`; null: all together are not enough.
    pub smallest: Option<Vec<u64>>,
    /// Nearest related products that the place already makes: the path to it.
    pub path: Vec<PathView>,
}

/// One move.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MoveView {
    /// Name to accept it by.
    pub id: String,
    /// `upgrade`, `develop`, `attract`, `stock`, `second_source`.
    pub kind: String,
    /// What, in words.
    pub title: Label,
    /// Firm that it is about, when a name is lawful.
    pub firm: Option<String>,
    /// Its name.
    pub firm_name: String,
    /// Lost output after it, 万元.
    pub loss_after: f64,
    /// What it saves, 万元.
    pub effect: f64,
    /// Cost in 万元; null where nobody has stated one.
    pub cost: Option<f64>,
    /// Coverage and sources after it.
    pub sources_after: Option<u64>,
    /// What must be shown to call it done.
    pub evidence: Label,
    /// The changes to the chain when it is carried out as planned.
    pub ops: Vec<ChainOp>,
}

/// A related product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PathView {
    /// Product node.
    pub product: String,
    /// Name.
    pub name: String,
    /// Proximity to the product asked for.
    pub proximity: f64,
    /// Makers in the place.
    pub makers: u64,
}

/// `POST /api/chains/{id}/tasks`: accepts a proposal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewChainTaskRequest {
    /// Lock: the revision that the person saw.
    pub revision: i64,
    /// Day of the graph; empty: today.
    #[serde(default)]
    pub day: String,
    /// Product node.
    pub product: String,
    /// Move.
    #[serde(rename = "move")]
    pub chosen: String,
    /// Sign-in of who carries it out.
    pub owner: String,
    /// Last day.
    pub deadline: String,
    /// Note.
    #[serde(default)]
    pub note: String,
}

/// A task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChainTaskView {
    /// Identity.
    pub id: i64,
    /// Lock.
    pub version: i64,
    /// Chain.
    pub chain: i64,
    /// Its title.
    pub chain_title: String,
    /// Product node.
    pub product: String,
    /// Its name.
    pub product_name: String,
    /// Kind of move.
    pub kind: String,
    /// What.
    pub title: Label,
    /// State.
    pub state: String,
    /// Its title.
    pub state_title: Label,
    /// Who.
    pub owner: String,
    /// Last day.
    pub deadline: String,
    /// It is over and the task is not done.
    pub overdue: bool,
    /// Loss before, as predicted with it, and as measured once carried out, 万元.
    pub effect: TaskEffect,
    /// Planned changes.
    pub ops: Vec<ChainOp>,
    /// Changes as carried out; null before.
    pub done: Option<Vec<ChainOp>>,
    /// What must be shown.
    pub evidence_wanted: Label,
    /// Files and notes that show it.
    pub evidence: Vec<TaskEvidence>,
    /// What one can do.
    pub actions: Vec<ActionView>,
    /// What happened.
    pub history: Vec<HistoryItem>,
}

/// Predicted and measured.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskEffect {
    /// Scenario.
    pub scenario: StressRequest,
    /// Revision on which it was predicted.
    pub revision: i64,
    /// Day of the graph.
    pub day: String,
    /// Loss before.
    pub before: f64,
    /// Loss after, as predicted.
    pub predicted: f64,
    /// Loss after, as measured on the chain with what was carried out and nothing else changed.
    pub measured: Option<f64>,
    /// Loss on the chain as it is now, with everything else that changed.
    pub now: Option<f64>,
}

/// Evidence for a task.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskEvidence {
    /// What it shows.
    pub title: String,
    /// File name; empty for a note.
    pub name: String,
    /// Digest of the file.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// Who gave it.
    pub by: String,
    /// When.
    pub at: String,
}

/// A step of a task. `POST /api/chain-tasks/{id}/actions/{action}`
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ChainTaskStep {
    /// Lock.
    pub version: i64,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// A new last day.
    #[serde(default)]
    pub deadline: String,
    /// Changes as carried out where they differ from the plan.
    #[serde(default)]
    pub ops: Option<Vec<ChainOp>>,
}

// ---- needs and suppliers ------------------------------------------------------------------------

/// A property that is demanded or stated.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SpecView {
    /// Property, such as `positioning_accuracy`.
    pub property: String,
    /// `at_least`, `at_most`, `has`.
    pub demand: String,
    /// Value; empty for `has`.
    #[serde(default)]
    pub value: Option<f64>,
    /// Unit; empty for `has`.
    #[serde(default)]
    pub unit: String,
}

/// `POST /api/needs`
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NewNeedRequest {
    /// Chain.
    pub chain: i64,
    /// Firm of the register that has the need.
    pub firm: i64,
    /// Product node.
    pub product: String,
    /// Title.
    pub title: String,
    /// Amount in 万元 a year.
    pub amount: f64,
    /// How far a supplier may be, km; null: anywhere.
    #[serde(default)]
    pub distance_max: Option<f64>,
    /// Last day for introductions.
    pub until: String,
    /// What is demanded; every one must be met.
    pub specs: Vec<SpecView>,
}

/// A need.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NeedRow {
    /// Identity.
    pub id: i64,
    /// Lock.
    pub version: i64,
    /// Chain.
    pub chain: i64,
    /// Firm.
    pub firm: i64,
    /// Its name.
    pub firm_name: String,
    /// Where it is.
    pub division: DivisionView,
    /// Product node.
    pub product: String,
    /// Its name.
    pub product_name: String,
    /// Title.
    pub title: String,
    /// Amount in 万元 a year.
    pub amount: f64,
    /// How far, km.
    pub distance_max: Option<f64>,
    /// Last day.
    pub until: String,
    /// `open`, `closed`, `withdrawn`.
    pub state: String,
    /// Its title.
    pub state_title: Label,
    /// Introductions by state.
    pub introductions: Vec<KindCount>,
}

/// A need with who could meet it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NeedDetail {
    /// Its line.
    pub row: NeedRow,
    /// What is demanded.
    pub specs: Vec<SpecView>,
    /// Suppliers, those that meet everything first, by points.
    pub suppliers: Vec<SupplierView>,
    /// Suppliers that state nothing on a property that decides: they are asked, not refused.
    pub unknown: u64,
    /// Introductions.
    pub introductions: Vec<IntroductionView>,
    /// What one can do.
    pub actions: Vec<ActionView>,
    /// What happened.
    pub history: Vec<HistoryItem>,
}

/// Who could meet a need.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SupplierView {
    /// Firm of the register.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// Where.
    pub division: DivisionView,
    /// Distance in km between the centres of both divisions.
    pub distance: Option<f64>,
    /// `fits`, `unknown`, `refused`.
    pub state: String,
    /// Every requirement with what was found.
    pub verdicts: Vec<VerdictView>,
    /// The rank as the sum of its parts.
    pub parts: Vec<PointPart>,
    /// That sum.
    pub points: u32,
    /// Assigned when all open needs of the chain are served together.
    pub assigned: bool,
}

/// One requirement.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VerdictView {
    /// Property.
    pub property: String,
    /// What is demanded, such as `≤ 5 μm`.
    pub demand: String,
    /// What was found; empty: nothing stated.
    pub stated: String,
    /// Null: not known.
    pub met: Option<bool>,
}

/// A summand of a rank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PointPart {
    /// `distance`, `capacity`, `certificates`, `record`, `concentration`.
    pub criterion: String,
    /// How well it is met, 0 to 1.
    pub value: f64,
    /// Most points.
    pub weight: u32,
    /// Points.
    pub points: u32,
}

/// A supplier introduced to a need, up to the first order and beyond.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IntroductionView {
    /// Identity.
    pub id: i64,
    /// Lock.
    pub version: i64,
    /// Need.
    pub need: i64,
    /// Supplier.
    pub firm: i64,
    /// Name.
    pub name: String,
    /// State.
    pub state: String,
    /// Its title.
    pub state_title: Label,
    /// Evidence of the order: file name; empty before.
    pub order: String,
    /// What one can do.
    pub actions: Vec<ActionView>,
    /// What happened.
    pub history: Vec<HistoryItem>,
}

/// What a supplier states of itself. `PUT /api/capabilities`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CapabilityView {
    /// Chain.
    pub chain: i64,
    /// Firm of the register.
    pub firm: i64,
    /// Name (in answers).
    #[serde(default)]
    pub name: String,
    /// Product node.
    pub product: String,
    /// Free capacity in 万元 a year.
    pub capacity: f64,
    /// Properties: `has`, or a value with its unit under `at_least` (as good as at least) or `at_most`.
    pub specs: Vec<SpecView>,
    /// The firm agrees that buyers see this.
    pub consent: bool,
    /// When it was stated (in answers).
    #[serde(default)]
    pub at: String,
}

// ---- clusters -----------------------------------------------------------------------------------

/// Clusters of the province, found by data.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClustersView {
    /// Digest of the table that they come from.
    pub digest: String,
    /// When it was loaded.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Rows in it.
    pub rows: u64,
    /// Groups of related industries.
    pub groups: Vec<GroupView>,
    /// Clusters.
    pub clusters: Vec<ClusterView>,
    /// Overlap between cities.
    pub overlaps: Vec<CityOverlapView>,
    /// Advice for each city.
    pub niches: Vec<NicheView>,
    /// The declared industries against what was found.
    pub declared: Vec<DeclaredView>,
    /// Agreement of both groupings, adjusted for chance (Hubert & Arabie 1985).
    pub rand: Option<f64>,
    /// The person may load another table.
    pub may_load: bool,
}

/// Industries that go together.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupView {
    /// Number.
    pub group: u32,
    /// Named by its largest industries.
    pub name: String,
    /// Industries, GB/T 4754 code and name.
    pub industries: Vec<KindName>,
    /// Output, 万元.
    pub output: f64,
    /// Ellison–Glaeser index; null where it is not defined.
    pub agglomeration: Option<f64>,
    /// Mean relatedness within.
    pub relatedness: Option<f64>,
}

/// A code with its name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KindName {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A cluster: a group of industries in neighbouring divisions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClusterView {
    /// Group.
    pub group: u32,
    /// Name of the group.
    pub name: String,
    /// Divisions.
    pub places: Vec<DivisionView>,
    /// Firms.
    pub firms: u64,
    /// Output, 万元.
    pub output: f64,
    /// Staff.
    pub staff: f64,
    /// Location quotient.
    pub location_quotient: Option<f64>,
    /// Share of the province's output in the group.
    pub share: f64,
    /// Linkage: part of related pairs of industries that are both present.
    pub linkage: Option<f64>,
    /// Declared industry that it fits most; empty: none.
    pub declared: String,
}

/// How alike two cities are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CityOverlapView {
    /// One.
    pub a: DivisionView,
    /// The other.
    pub b: DivisionView,
    /// Cosine of their industries, 0 to 1.
    pub overlap: f64,
}

/// Where a city could differ.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NicheView {
    /// City.
    pub city: DivisionView,
    /// Mean overlap with the others.
    pub overlap: f64,
    /// Groups, best first.
    pub groups: Vec<NicheGroup>,
}

/// A group for a city.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NicheGroup {
    /// Group.
    pub group: u32,
    /// Name.
    pub name: String,
    /// Location quotient there.
    pub location_quotient: Option<f64>,
    /// Nearness to what it makes.
    pub density: Option<f64>,
    /// Other cities that are specialised in it.
    pub rivals: u64,
    /// `keep` (specialised, few rivals), `grow` (near, few rivals), `crowded` (specialised, many rivals).
    pub advice: String,
}

/// A declared industry against what was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeclaredView {
    /// Name.
    pub name: Label,
    /// Industries declared.
    pub industries: u64,
    /// The group that fits most; null: none.
    pub group: Option<u32>,
    /// Name of that group.
    pub group_name: String,
    /// Part of the group that is declared.
    pub precision: Option<f64>,
    /// Part of what is declared that is in the group.
    pub recall: Option<f64>,
    /// Both over either.
    pub jaccard: Option<f64>,
    /// Clusters found whose group it is.
    pub clusters: u64,
}
