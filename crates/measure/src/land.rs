//! Effective land: owned + leased in − leased out, exact in decimals, from parcels and leases by
//! the scheme's tenant rule, with every step written down.


use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A parcel and who owns its land right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Parcel {
    /// Parcel code (宗地代码).
    pub code: String,
    /// Owner; none when it is no firm of the register.
    pub owner: Option<i64>,
    /// Area in mu; none when unknown.
    pub area: Option<Decimal>,
    /// Use; only shown.
    pub use_: Option<String>,
}

/// Land or floors let by the owner (or by a tenant) to a firm.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Lease {
    /// Parcel.
    pub parcel: String,
    /// Who takes it.
    pub tenant: i64,
    /// Who lets it; none: the parcel's owner.
    pub lessor: Option<i64>,
    /// Land area in mu, as written in the lease.
    pub area: Option<Decimal>,
    /// Floor area in m².
    pub floor_area: Option<Decimal>,
    /// Floors of the building.
    pub floors: Option<Decimal>,
}

/// Parcels and leases of one county and year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandRecords {
    /// Parcels.
    pub parcels: Vec<Parcel>,
    /// Leases.
    pub leases: Vec<Lease>,
}

/// One line of a firm's land derivation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LandLine {
    /// What the line is.
    pub kind: LineKind,
    /// Parcel.
    pub parcel: String,
    /// The other side of a lease.
    pub other: Option<i64>,
    /// Mu, positive; what is let out counts against.
    pub mu: Option<Decimal>,
    /// Floor area in m² that was converted, when that is how `mu` came about.
    pub floor_area: Option<Decimal>,
    /// Floors it was divided by.
    pub floors: Option<Decimal>,
    /// Subject of the facts behind the line: `p:<parcel>` or `l:<parcel>:<tenant>`.
    pub subject: String,
}

/// What a land line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Own parcel.
    Owned,
    /// Taken on lease.
    LeasedIn,
    /// Let.
    LeasedOut,
}

/// Something about land records that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "warning", rename_all = "snake_case")]
pub enum LandWarning {
    /// More is let than the parcel has.
    LeasedMoreThanArea {
        /// Parcel.
        parcel: String,
        /// Mu of the parcel.
        area: Decimal,
        /// Mu let by its owner.
        leased: Decimal,
    },
    /// A tenant lets on.
    Sublet {
        /// Parcel.
        parcel: String,
        /// Tenant that lets on.
        lessor: i64,
        /// Who takes it.
        tenant: i64,
    },
    /// A tenant lets on more than it took, or without having taken anything.
    SubletMoreThanTaken {
        /// Parcel.
        parcel: String,
        /// Tenant that lets on.
        lessor: i64,
        /// Mu taken.
        taken: Decimal,
        /// Mu let on.
        leased: Decimal,
    },
    /// Effective land below zero.
    Negative {
        /// Mu.
        effective: Decimal,
    },
    /// A record has a negative figure; it is not used.
    NegativeRecord {
        /// `p:<parcel>` or `l:<parcel>:<tenant>`.
        subject: String,
        /// As recorded.
        value: Decimal,
    },
    /// No area, or no floors to divide by: the firm's land is unknown.
    AreaUnknown {
        /// `p:<parcel>` or `l:<parcel>:<tenant>`.
        subject: String,
    },
    /// A lease on a parcel that is not recorded.
    UnknownParcel {
        /// Parcel.
        parcel: String,
    },
}

/// How a firm's effective land came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirmLand {
    /// Mu of own parcels; none when unknown; a firm without records has none of it: 0 in `known` lines.
    pub owned: Option<Decimal>,
    /// Mu taken on lease.
    pub leased_in: Option<Decimal>,
    /// Mu let.
    pub leased_out: Option<Decimal>,
    /// owned + leased in − leased out (by the tenant rule); none when unknown.
    pub effective: Option<Decimal>,
    /// Floor area taken on lease, m².
    pub leased_floor_area: Option<Decimal>,
    /// Firms that lease on own parcels.
    pub tenants: u32,
    /// The steps.
    pub lines: Vec<LandLine>,
    /// What a person should look at.
    pub warnings: Vec<LandWarning>,
}
