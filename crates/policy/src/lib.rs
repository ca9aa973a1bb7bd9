//! Rules about one firm: who qualifies for a title or a policy, why, what is missing, what would be
//! enough, and what it pays. Exact numbers and three-valued logic throughout; a result depends on the
//! rules and the facts and on nothing else.
//!
//! `law` says what rules are; `plan` compiles many of them together, `run` evaluates all of them for many
//! firms at once, `explain` one of them for one firm, `repair` looks for the smallest change that would
//! do, `amount` computes what is paid, `combine` which policies go together best, `lint` what a policy
//! must not say.

pub mod amount;
mod bind;
pub mod cases;
pub mod combine;
pub mod exact;
pub mod explain;
pub mod firm;
pub mod frame;
mod lane;
pub mod lint;
pub mod merge;
pub mod overlay;
pub mod parse;
pub mod plan;
mod quick;
pub mod repair;
pub mod run;

pub use explain::{Explanation, One};
pub use frame::{Bits, Column, Frame, Value};
pub use plan::{Plan, RulePlan};
pub use run::{Batch, Truth};

/// Every fault of every rule that shows when it is compiled, and every finding of the lints: those that
/// keep a rule from coming into force as errors, the others as warnings.
pub fn check(law: &law::Law) -> Vec<law::Diagnostic> {
    let mut out = Vec::new();
    for rule in &law.rules {
        let (plan, faults) = Plan::compile(law, &[rule], rule.from.year());
        out.extend(faults);
        for compiled in &plan.rules {
            for finding in lint::lint(law, &plan, compiled) {
                let found = match &finding.ground {
                    Some(ground) => format!("{} ({ground})", finding.message.en),
                    None => finding.message.en.clone(),
                };
                let allowed = "a rule that treats alike what is alike, and that somebody can meet";
                out.push(match finding.blocks {
                    true => law::Diagnostic::error(finding.code, &rule.at, found, allowed),
                    false => law::Diagnostic::warning(finding.code, &rule.at, found, allowed),
                });
            }
        }
    }
    out
}
