//! What a department's workbook holds: the tables, columns, heads and units that an import
//! recognises. Defined by files under `law/…/templates/`.

use crate::place::Place;
use base::Department;
use serde::Serialize;

/// One department's workbook.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    /// `tax`, `land`, `power`, `environment`, `statistics`, `science`, `safety`.
    pub id: String,
    /// Chinese title.
    pub title: String,
    /// English title.
    pub title_en: String,
    /// Who sends it.
    pub department: Department,
    /// Usually one; the land workbook has two.
    pub tables: Vec<Table>,
    /// Where it is defined.
    pub at: Place,
}

/// One table of a workbook.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// `firms`, `parcels`, `leases`, `certificates`.
    pub id: String,
    /// Name of the sheet in the blank template; imports find the table by its heads.
    pub sheet: String,
    /// What a row is about.
    pub subject: Subject,
    /// Several rows of one subject: an error, or summed.
    pub duplicates: Duplicates,
    /// In the order of the blank template.
    pub columns: Vec<Column>,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A firm, found by credit code, then name and address.
    Firm,
    /// A parcel, found by its code.
    Parcel,
    /// A lease: a parcel's code and the tenant firm.
    Lease,
    /// A certificate of a firm: a status fact with validity dates.
    Certificate,
}

/// What several rows of one subject mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Every row of the subject is refused until the department says which one holds.
    Refuse,
    /// Numbers are added (several meters of one firm), texts joined.
    Sum,
}

/// One column.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// What the column says.
    pub role: ColumnRole,
    /// Head in the blank template, Chinese.
    pub head: String,
    /// Other heads under which departments send it; compared after folding width, blanks and units.
    pub aliases: Vec<String>,
    /// Type of the cells.
    pub kind: Kind,
    /// Canonical unit, for numbers.
    pub unit: Option<String>,
    /// Units that a head may declare instead; the only conversions an import makes.
    pub accepts: Vec<String>,
    /// The import stops when the column is missing.
    pub required: bool,
    /// Smallest value allowed, in the canonical unit.
    pub min: Option<rust_decimal::Decimal>,
    /// Largest value allowed, in the canonical unit.
    pub max: Option<rust_decimal::Decimal>,
    /// For `StatusKind`: what each text states; other texts are unknown titles. For `StatusLevel`:
    /// the value of a text fact that each text states, with an empty `fact`.
    pub values: Vec<StatusValue>,
    /// Where it is defined.
    pub at: Place,
}

/// A title as certificates name it, and the status fact that it states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StatusValue {
    /// As departments write it (`高新技术企业`).
    pub text: String,
    /// The fact.
    pub fact: String,
    /// The fact's value, for a text fact whose level is in the title itself; a truth fact becomes
    /// true, and a text fact without a value here takes that of the row's `StatusLevel`.
    pub value: Option<String>,
}

/// What a column says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnRole {
    /// Credit code of the row's firm.
    CreditCode,
    /// Name of the row's firm.
    Name,
    /// Address of the row's firm.
    Address,
    /// Parcel code.
    Parcel,
    /// Credit code of the parcel's owner or the lease's lessor.
    OwnerCode,
    /// Name of the parcel's owner or the lease's lessor.
    OwnerName,
    /// Which status fact a certificate row states: a text mapped to a fact id.
    StatusKind,
    /// Level of a title that has levels: the value of its text fact, by the column's `values`.
    StatusLevel,
    /// Number of the certificate.
    EvidenceNumber,
    /// First day a certificate is valid.
    ValidFrom,
    /// Last day a certificate is valid.
    ValidTo,
    /// A fact, by id.
    Fact(String),
    /// Known and passed over (row numbers, remarks), so that it is not reported as unknown.
    Ignore,
}

/// Type of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A decimal number.
    Number,
    /// Free text.
    Text,
    /// A date.
    Date,
    /// 是/否, 1/0, yes/no.
    Boolean,
}
