//! What is wrong with definitions that read well: names that nothing defines, weights that do not
//! add up, versions that overlap. All faults at once, by place.

use crate::load::Law;
use crate::place::Diagnostic;

/// Checks the law as a whole.
pub fn check(law: &Law) -> Vec<Diagnostic> {
    let _ = law;
    Vec::new()
}
