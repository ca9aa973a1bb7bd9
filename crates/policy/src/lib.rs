//! Rules about one firm: who qualifies for a title or a policy, why, what is missing, what would be
//! enough, and what it pays. Exact numbers and three-valued logic throughout; a result depends on the
//! rules and the facts and on nothing else.
//!
//! `law` says what rules are; `plan` compiles many of them together, `run` evaluates all of them for many
//! firms at once, `explain` one of them for one firm, `repair` looks for the smallest change that would
//! do, `amount` computes what is paid, `combine` which policies go together best, `lint` what a policy
//! must not say.

pub mod amount;
pub mod cases;
pub mod combine;
pub mod exact;
pub mod explain;
pub mod firm;
pub mod frame;
pub mod lint;
pub mod merge;
pub mod parse;
pub mod plan;
pub mod repair;
pub mod run;

pub use explain::{Explanation, One};
pub use frame::{Bits, Column, Frame, Value};
pub use plan::{Plan, RulePlan};
pub use run::{Batch, Truth};
