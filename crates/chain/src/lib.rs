//! Industry chains: what a chain consists of and on what evidence, where it breaks, what breaking costs,
//! and which step repairs most. Pure: no IO, no clock, no randomness; the same input gives the same bits
//! on any number of threads.
//!
//! [`graph`] holds the chain with valid time and evidence and refuses what cannot be one; [`exchange`]
//! reads and writes it as CSV, GraphML and JSON; [`csr`] is the form that algorithms use.
//! [`measures`] and [`space`] say how present and how related things are, [`paths`] which nodes and links
//! everything passes through, [`shock`] what an outage costs under two models that share no assumption,
//! [`gaps`] what follows for each product, [`repair`] the smallest set of steps that is enough, and
//! [`matching`] who could supply whom. [`placement`] says from evidence which firm makes what, and
//! [`clusters`] which industries stand together where. [`table`] takes a published input-output table for a network.
//!
//! Every threshold is an argument: numbers from policy documents stand in `law/` and not here.

pub mod clusters;
pub mod csr;
pub mod document;
pub mod draw;
pub mod exchange;
pub mod fault;
pub mod gaps;
pub mod graph;
pub mod graphml;
pub mod matching;
pub mod measures;
pub mod model;
pub mod paths;
pub mod placement;
pub mod repair;
pub mod shock;
pub mod space;
pub mod table;

pub use csr::Csr;
pub use fault::{Code, Fault};
pub use graph::{Edge, EdgeKind, Evidence, Graph, Node, NodeKind, Raw};
