//! Many machines: the rows of a run are computed on a Ballista cluster whose scheduler and executors
//! are this same program, so that the functions of our formulas exist on every node.
//!
//! `measure` writes the plan and reads what comes back; this crate carries it: prepared inputs as
//! Parquet in a folder that the nodes share, the plan over them to the scheduler, the computed columns
//! home. Whatever fails is an error with the node's name in it; nothing is computed here instead in
//! silence, and nothing waits without an end.
//!
//! All of it stands behind the feature `engine`, since the engine takes minutes to compile.

#[cfg(feature = "engine")]
mod client;
#[cfg(feature = "engine")]
mod fault;
#[cfg(feature = "engine")]
mod names;
#[cfg(feature = "engine")]
mod nodes;
#[cfg(feature = "engine")]
mod probe;
#[cfg(feature = "engine")]
mod sent;

#[cfg(feature = "engine")]
pub use client::{Cluster, Computed};
#[cfg(feature = "engine")]
pub use fault::ClusterFault;
#[cfg(feature = "engine")]
pub use nodes::{ExecutorPlace, executor, scheduler};
#[cfg(feature = "engine")]
pub use sent::{scan, sent_and_read, sent_to_executors_and_read, session};
