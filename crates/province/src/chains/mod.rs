//! The demo's industry chain and what else the chain engine is shown and measured with: one chain of
//! invented firms made from a template of `law/`, large networks of numbers, and a table of the province
//! for finding clusters. Everything follows from the province's seed.

mod cast;
mod claims;
mod document;
mod graph;
mod needs;
mod network;
mod region;

pub use cast::{ABROAD, Player, SINGLE_SOURCE, SMALL_FIRM};
pub use document::{Capability, ChainDocument, Claim, ClaimKind, Label, Need, Property, Relation, Requirement, Terms};
pub use network::LargeNetwork;
pub use region::{CLUSTERS, PlantedCluster, RegionRow, rows as region_rows, to_csv as region_csv};

use crate::province::Province;
use law::ChainTemplate;

/// The id of the template that the demo's chain is made from.
pub const TEMPLATE: &str = "shandong/chains/machine-tools";

/// The demo's chain, and what is planted in it.
#[derive(Clone, Debug)]
pub struct ChainDemo {
    /// Graph, terms, claims and labels.
    pub document: ChainDocument,
    /// What lead firms look for.
    pub needs: Vec<Need>,
    /// What others can do.
    pub capabilities: Vec<Capability>,
    /// Its firms, by node.
    pub players: Vec<Player>,
    /// What is planted.
    pub planted: Planted,
}

/// What is planted in the demo's chain, by node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planted {
    /// The only maker of [`Planted::single_product`] whose link is sure enough.
    pub single_source: String,
    /// What it makes.
    pub single_product: String,
    /// A firm of whose makers somebody has heard, with a link too unsure to count.
    pub rumoured: Option<String>,
    /// A small firm on which much more hangs than its size.
    pub small_firm: String,
    /// What it makes.
    pub small_product: String,
    /// Products that come from abroad for the most part.
    pub abroad: Vec<String>,
}

/// The demo's chain from a template, merged.
///
/// # Panics
/// When the template lacks the products that are planted: it must be an edition of [`TEMPLATE`].
pub fn demo(province: &Province, template: &ChainTemplate) -> ChainDemo {
    let seed = province.seed();
    let players = cast::cast(province, template);
    let (graph, terms) = graph::make(seed, template, &players);
    let (claims, labels) = claims::make(seed, template, &players);
    let maker = |product: &str| {
        let found = players.iter().find(|p| p.product() == product);
        found.expect("the template has the product and somebody makes it").id.clone()
    };
    let single_product = format!("product:{SINGLE_SOURCE}");
    let rumoured = graph
        .edges
        .iter()
        .find(|e| e.kind == chain::EdgeKind::Places && e.to == single_product && e.confidence < 0.6)
        .map(|e| e.from.clone());
    let planted = Planted {
        single_source: maker(SINGLE_SOURCE),
        single_product,
        rumoured,
        small_firm: maker(SMALL_FIRM),
        small_product: format!("product:{SMALL_FIRM}"),
        abroad: ABROAD.map(|id| format!("product:{id}")).to_vec(),
    };
    ChainDemo {
        needs: needs::needs(seed, &players),
        capabilities: needs::capabilities(seed, template, &players),
        document: ChainDocument { graph, terms, claims, labels, rulings: Vec::new() },
        players,
        planted,
    }
}
