//! 一企一表: one firm's facts of one year on paper, each with its department and source cell, how its
//! land was derived, and room to confirm or dispute. A figure nobody has stated is printed as unknown.

use crate::DocumentFault;
use crate::document::{Template, pdf};
use jiff::civil::Date;
use serde::Serialize;

/// One firm's sheet.
#[derive(Clone, Debug, Serialize)]
pub struct FirmSheet {
    /// Title (`2025年度“亩产效益”评价一企一表`).
    pub title: String,
    /// Who hands it out.
    pub issuer: String,
    /// Year of the facts.
    pub year: i16,
    /// Whose facts.
    pub firm: SheetFirm,
    /// Facts by department, in the order of printing.
    pub departments: Vec<DepartmentFacts>,
    /// How the land came about, line by line; the amounts add up to `effective_land`.
    pub land: Vec<LandLine>,
    /// Effective land as shown, in mu; `None` when it is unknown.
    pub effective_land: Option<String>,
    /// The rule that derived it, with its clause.
    pub land_rule: String,
    /// What the firm is asked to do, and until when.
    pub request: String,
    /// Date of the print.
    pub date: Date,
    /// Time of the print, as shown at the foot.
    pub printed_at: String,
    /// Digest of the facts, as shown at the foot: the firm signs exactly these.
    pub digest: String,
}

/// The head of the sheet.
#[derive(Clone, Debug, Serialize)]
pub struct SheetFirm {
    /// Full name.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// Town or park.
    pub town: String,
    /// Industry with its code.
    pub industry: String,
    /// Address.
    pub address: String,
}

/// What one department stated.
#[derive(Clone, Debug, Serialize)]
pub struct DepartmentFacts {
    /// Name of the department.
    pub department: String,
    /// Its facts.
    pub facts: Vec<FactLine>,
}

/// One fact.
#[derive(Clone, Debug, Serialize)]
pub struct FactLine {
    /// Name of the fact.
    pub name: String,
    /// Its value as shown; `None` is unknown.
    pub value: Option<String>,
    /// Unit; empty for texts and yes-or-no facts.
    pub unit: String,
    /// File that stated it.
    pub file: String,
    /// Cell of that file (`明细!F812`).
    pub cell: String,
    /// Day it was received, as shown.
    pub received: String,
}

/// One step of the land's derivation.
#[derive(Clone, Debug, Serialize)]
pub struct LandLine {
    /// What it is (`自有`, `租入`, `租出`).
    pub what: String,
    /// Parcel.
    pub parcel: String,
    /// The other firm of a lease; empty otherwise.
    pub other: String,
    /// How the area came about (`按建筑面积分摊：1,200 ÷ 4,800 × 30.00`); empty when it was stated.
    pub how: String,
    /// Area added, in mu, as shown; a lease out begins with a minus. `None` is unknown.
    pub area: Option<String>,
}

/// Prints the sheet.
///
/// # Errors
/// [`DocumentFault::NoChineseFont`] when this machine cannot print Chinese.
pub fn sheet_pdf(sheet: &FirmSheet) -> Result<Vec<u8>, DocumentFault> {
    pdf(Template::Sheet, sheet, sheet.date)
}
