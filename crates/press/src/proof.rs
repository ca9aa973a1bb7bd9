//! 因何如此: why one firm got its class, from the class back to the cells: class ← rank ← total ←
//! indicators ← facts, each step with the clause it rests on.

use crate::DocumentFault;
use crate::document::{Template, pdf};
use jiff::civil::Date;
use serde::Serialize;

/// One firm's proof.
#[derive(Clone, Debug, Serialize)]
pub struct Proof {
    /// Title (`2025年度“亩产效益”评价结果说明`).
    pub title: String,
    /// Full name of the firm.
    pub firm: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// Population it was ranked in (`规上工业企业`).
    pub population: String,
    /// Class; `None` when the scheme gives it none.
    pub class: Option<String>,
    /// The sentence that gave the class, with its figures (`第 31 名，前 25% 为 30 名`).
    pub class_reason: String,
    /// Clause of that sentence.
    pub class_clause: String,
    /// Rank as shown; `None` when not ranked.
    pub rank: Option<String>,
    /// How many were ranked.
    pub ranked: String,
    /// Total as shown; `None` is unknown.
    pub total: Option<String>,
    /// How the total came about (`各指标得分之和 96.20 ＋ 加分 2.00`).
    pub total_how: String,
    /// Indicators in the scheme's order.
    pub indicators: Vec<IndicatorLine>,
    /// Vetoes, bonuses, penalties, exclusions and overrides that applied.
    pub rules: Vec<RuleLine>,
    /// Smallest changes that would lift the class; empty when none is known.
    pub changes: Vec<Change>,
    /// Scheme with its version and document.
    pub scheme: String,
    /// Parameters that nobody has checked against their source, each in words.
    pub unverified: Vec<String>,
    /// Run that this is from.
    pub run: String,
    /// Digests of snapshot, scheme and result, each with its name.
    pub digests: Vec<(String, String)>,
    /// Date of the print.
    pub date: Date,
    /// Time of the print, as shown at the foot.
    pub printed_at: String,
}

/// One indicator of the firm.
#[derive(Clone, Debug, Serialize)]
pub struct IndicatorLine {
    /// Name.
    pub name: String,
    /// Value as shown; `None` is unknown.
    pub value: Option<String>,
    /// Unit.
    pub unit: String,
    /// Formula with the firm's figures (`实缴税金 1,204.50 ÷ 有效用地 36.20`).
    pub formula: String,
    /// Baseline as shown and how it came about (`8.31，本行业中位数，87 户`).
    pub baseline: String,
    /// Ratio to the baseline and what clipping did (`1.62 → 1.50`); empty when the scheme has none.
    pub ratio: String,
    /// Weight as shown.
    pub weight: String,
    /// Points as shown; `None` is unknown.
    pub points: Option<String>,
    /// Clause of the scheme.
    pub clause: String,
    /// Source cells of the inputs, one line each.
    pub sources: Vec<String>,
}

/// A rule that changed points or class.
#[derive(Clone, Debug, Serialize)]
pub struct RuleLine {
    /// `一票否决`, `加分`, `扣分`, `不参评` …
    pub kind: String,
    /// What applied, in words.
    pub text: String,
    /// Its effect (`＋2.00`, `直接列为 D`).
    pub effect: String,
    /// Evidence or source cell.
    pub evidence: String,
    /// Clause of the scheme.
    pub clause: String,
}

/// A change that would lift the class.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What would have to change (`实缴税金由 1,204.50 增至 1,318.20 万元`).
    pub text: String,
    /// What it would bring (`C → B，第 84 名`).
    pub effect: String,
}

/// Prints the proof.
///
/// # Errors
/// [`DocumentFault::NoChineseFont`] when this machine cannot print Chinese.
pub fn proof_pdf(proof: &Proof) -> Result<Vec<u8>, DocumentFault> {
    pdf(Template::Proof, proof, proof.date)
}
