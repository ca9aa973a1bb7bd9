//! Effective land: owned + leased in − leased out, exact in decimals, from parcels and leases by
//! the scheme's tenant rule, with every step written down.

use law::scheme::{FloorRule, LandRule, TenantRule};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Mu of own parcels; none when unknown. A firm that stands in no record at all has unknown land.
    pub owned: Option<Decimal>,
    /// Mu taken on lease.
    pub leased_in: Option<Decimal>,
    /// Mu let.
    pub leased_out: Option<Decimal>,
    /// owned + leased in − leased out (by the tenant rule); none when unknown.
    pub effective: Option<Decimal>,
    /// Floor area taken on lease, m².
    pub leased_floor_area: Option<Decimal>,
    /// Most floors of a building with leased floors.
    pub most_floors: Option<Decimal>,
    /// Firms that lease from it, ascending.
    pub tenants: Vec<i64>,
    /// The steps.
    pub lines: Vec<LandLine>,
    /// What a person should look at.
    pub warnings: Vec<LandWarning>,
}

impl FirmLand {
    /// Before the first record of a firm: nothing of any kind yet.
    fn none() -> Self {
        let zero = Some(Decimal::ZERO);
        Self {
            owned: zero,
            leased_in: zero,
            leased_out: zero,
            effective: zero,
            leased_floor_area: zero,
            ..Self::default()
        }
    }
}

/// Effective land of every firm that stands in the records, and of the `firms` named.
///
/// Exact. For `AllocateByArea` the land of all firms adds up to the area of the parcels that have
/// an owner (plus what is leased on parcels without one). A figure that is unknown makes the land
/// of the firms it concerns unknown; negative records are not used, and make it unknown too. A firm
/// without any record has unknown land, not none.
pub fn effective(records: &LandRecords, firms: &[i64], rule: &LandRule) -> BTreeMap<i64, FirmLand> {
    let mut out: BTreeMap<i64, FirmLand> = BTreeMap::new();
    let parcels: BTreeMap<&str, &Parcel> = records.parcels.iter().map(|p| (p.code.as_str(), p)).collect();
    for parcel in parcels.values() {
        own(&mut out, parcel);
    }
    // Leases in a fixed order, so that lines and warnings do not depend on the order of records.
    let mut leases: Vec<&Lease> = records.leases.iter().collect();
    leases.sort();
    for lease in &leases {
        take(&mut out, lease, parcels.get(lease.parcel.as_str()).copied(), rule);
    }
    check_leases(&mut out, &parcels, &leases, rule);
    for land in out.values_mut() {
        finish(land, rule.tenants);
    }
    count_tenants(&mut out, &parcels, &leases);
    for firm in firms {
        out.entry(*firm).or_default();
    }
    out
}

fn own(out: &mut BTreeMap<i64, FirmLand>, parcel: &Parcel) {
    let Some(owner) = parcel.owner else { return };
    let land = out.entry(owner).or_insert_with(FirmLand::none);
    let subject = format!("p:{}", parcel.code);
    let mu = checked(land, &subject, parcel.area);
    land.owned = add(land.owned, mu);
    let (parcel, kind) = (parcel.code.clone(), LineKind::Owned);
    land.lines.push(LandLine { kind, parcel, other: None, mu, floor_area: None, floors: None, subject });
}

fn take(out: &mut BTreeMap<i64, FirmLand>, lease: &Lease, parcel: Option<&Parcel>, rule: &LandRule) {
    let subject = format!("l:{}:{}", lease.parcel, lease.tenant);
    let lessor = lease.lessor.or(parcel.and_then(|p| p.owner));
    let (mu, converted) = leased_mu(lease, rule.floors);
    let line = |kind, other, mu| LandLine {
        kind,
        parcel: lease.parcel.clone(),
        other,
        mu,
        floor_area: lease.floor_area.filter(|_| converted),
        floors: lease.floors.filter(|_| converted),
        subject: subject.clone(),
    };
    let tenant = out.entry(lease.tenant).or_insert_with(FirmLand::none);
    let mu = checked(tenant, &subject, mu);
    tenant.leased_in = add(tenant.leased_in, mu);
    tenant.leased_floor_area = add(tenant.leased_floor_area, Some(lease.floor_area.unwrap_or_default()));
    tenant.most_floors = tenant.most_floors.max(lease.floors);
    tenant.lines.push(line(LineKind::LeasedIn, lessor, mu));
    if parcel.is_none() {
        tenant.warnings.push(LandWarning::UnknownParcel { parcel: lease.parcel.clone() });
    }
    if let Some(lessor) = lessor {
        let land = out.entry(lessor).or_insert_with(FirmLand::none);
        land.leased_out = add(land.leased_out, mu);
        land.lines.push(line(LineKind::LeasedOut, Some(lease.tenant), mu));
    }
}

/// Land of a lease in mu, and whether it was converted from floors.
fn leased_mu(lease: &Lease, rule: FloorRule) -> (Option<Decimal>, bool) {
    match (lease.area, rule) {
        (Some(area), _) => (Some(area), false),
        (None, FloorRule::LandAreaOnly) => (lease.floor_area.map(|_| Decimal::ZERO), false),
        (None, FloorRule::FloorAreaOverFloors) => {
            let floors = lease.floors.filter(|f| *f > Decimal::ZERO);
            // 1 mu is 2000/3 m²; kept to 10^-12 mu, so that what one side gains the other loses exactly.
            let mu = lease.floor_area.zip(floors).and_then(|(area, floors)| {
                let three = Decimal::from(3);
                (area * three).checked_div(floors * Decimal::from(2000)).map(|mu| mu.round_dp(12))
            });
            (mu, true)
        }
    }
}

/// The figure when it can be used; otherwise a warning and none.
fn checked(land: &mut FirmLand, subject: &str, mu: Option<Decimal>) -> Option<Decimal> {
    match mu {
        Some(value) if value < Decimal::ZERO => {
            land.warnings.push(LandWarning::NegativeRecord { subject: subject.to_owned(), value });
            None
        }
        None => {
            land.warnings.push(LandWarning::AreaUnknown { subject: subject.to_owned() });
            None
        }
        known => known,
    }
}

fn add(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a.zip(b).and_then(|(a, b)| a.checked_add(b))
}

fn check_leases(
    out: &mut BTreeMap<i64, FirmLand>,
    parcels: &BTreeMap<&str, &Parcel>,
    leases: &[&Lease],
    rule: &LandRule,
) {
    // Let and taken by (parcel, firm).
    let mut given: BTreeMap<(&str, i64), Decimal> = BTreeMap::new();
    let mut taken: BTreeMap<(&str, i64), Decimal> = BTreeMap::new();
    for lease in leases {
        let owner = parcels.get(lease.parcel.as_str()).and_then(|p| p.owner);
        let mu = leased_mu(lease, rule.floors).0.unwrap_or_default();
        *taken.entry((&lease.parcel, lease.tenant)).or_default() += mu;
        if let Some(lessor) = lease.lessor.or(owner) {
            *given.entry((&lease.parcel, lessor)).or_default() += mu;
            if owner != Some(lessor) {
                let warning = LandWarning::Sublet { parcel: lease.parcel.clone(), lessor, tenant: lease.tenant };
                out.entry(lessor).or_insert_with(FirmLand::none).warnings.push(warning);
            }
        }
    }
    for ((code, lessor), leased) in given {
        let parcel = parcels.get(code);
        let land = out.entry(lessor).or_insert_with(FirmLand::none);
        match parcel.filter(|p| p.owner == Some(lessor)) {
            Some(parcel) => {
                if let Some(area) = parcel.area.filter(|a| leased > *a) {
                    land.warnings.push(LandWarning::LeasedMoreThanArea { parcel: code.to_owned(), area, leased });
                }
            }
            None => {
                let taken = taken.get(&(code, lessor)).copied().unwrap_or_default();
                if leased > taken {
                    land.warnings.push(LandWarning::SubletMoreThanTaken {
                        parcel: code.to_owned(),
                        lessor,
                        taken,
                        leased,
                    });
                }
            }
        }
    }
}

fn finish(land: &mut FirmLand, rule: TenantRule) {
    land.effective = match rule {
        // Merged units add their members' land, so what passes between members cancels out.
        TenantRule::AllocateByArea | TenantRule::MergeParcel => {
            add(land.owned, land.leased_in).zip(land.leased_out).map(|(has, out)| has - out)
        }
        TenantRule::OwnerOnly => land.owned,
    };
    if let Some(effective) = land.effective.filter(|e| *e < Decimal::ZERO) {
        land.warnings.push(LandWarning::Negative { effective });
    }
}

fn count_tenants(out: &mut BTreeMap<i64, FirmLand>, parcels: &BTreeMap<&str, &Parcel>, leases: &[&Lease]) {
    let mut tenants: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for lease in leases {
        let owner = parcels.get(lease.parcel.as_str()).and_then(|p| p.owner);
        if let Some(lessor) = lease.lessor.or(owner).filter(|l| *l != lease.tenant) {
            tenants.entry(lessor).or_default().insert(lease.tenant);
        }
    }
    for (firm, set) in tenants {
        out.entry(firm).or_insert_with(FirmLand::none).tenants = set.into_iter().collect();
    }
}

/// Firms that one result belongs to when a parcel's tenants are merged with its owner: connected
/// through any shared parcel. The first of each is the leading firm, the owner of most land (then
/// the smallest id). Firms that share nothing are not listed.
pub fn merged_units(records: &LandRecords) -> Vec<Vec<i64>> {
    let parcels: BTreeMap<&str, &Parcel> = records.parcels.iter().map(|p| (p.code.as_str(), p)).collect();
    let mut neighbours: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for lease in &records.leases {
        let owner = parcels.get(lease.parcel.as_str()).and_then(|p| p.owner);
        for other in [owner, lease.lessor].into_iter().flatten().filter(|o| *o != lease.tenant) {
            neighbours.entry(lease.tenant).or_default().insert(other);
            neighbours.entry(other).or_default().insert(lease.tenant);
        }
    }
    let mut owned: BTreeMap<i64, Decimal> = BTreeMap::new();
    for parcel in parcels.values() {
        if let (Some(owner), Some(area)) = (parcel.owner, parcel.area) {
            *owned.entry(owner).or_default() += area;
        }
    }
    let mut seen = BTreeSet::new();
    let mut units = Vec::new();
    for start in neighbours.keys() {
        if !seen.insert(*start) {
            continue;
        }
        let (mut unit, mut waiting) = (vec![*start], vec![*start]);
        while let Some(firm) = waiting.pop() {
            for next in &neighbours[&firm] {
                if seen.insert(*next) {
                    unit.push(*next);
                    waiting.push(*next);
                }
            }
        }
        let land = |firm: &i64| owned.get(firm).copied().unwrap_or_default();
        unit.sort_by(|a, b| land(b).cmp(&land(a)).then(a.cmp(b)));
        unit[1..].sort_unstable();
        units.push(unit);
    }
    units
}

/// For each tenant, the owner on whose parcels it takes most land (then the smallest id).
pub fn main_owner(records: &LandRecords, rule: &LandRule) -> BTreeMap<i64, i64> {
    let owners: BTreeMap<&str, i64> =
        records.parcels.iter().filter_map(|p| Some((p.code.as_str(), p.owner?))).collect();
    let mut sums: BTreeMap<i64, BTreeMap<i64, Decimal>> = BTreeMap::new();
    for lease in &records.leases {
        if let Some(owner) = owners.get(lease.parcel.as_str()).filter(|o| **o != lease.tenant) {
            let mu = leased_mu(lease, rule.floors).0.unwrap_or_default();
            *sums.entry(lease.tenant).or_default().entry(*owner).or_default() += mu;
        }
    }
    let most =
        |owners: &BTreeMap<i64, Decimal>| owners.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(o, _)| *o);
    sums.iter().filter_map(|(tenant, owners)| Some((*tenant, most(owners)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use law::{Place, scheme::Standing};
    use proptest::prelude::*;

    fn rule(tenants: TenantRule, floors: FloorRule) -> LandRule {
        let at = Place { file: "test".into(), line: 1, column: 1 };
        LandRule { tenants, floors, clause: None, standing: Standing::Verified, at }
    }

    fn parcel(code: &str, owner: i64, area: i64) -> Parcel {
        Parcel { code: code.into(), owner: Some(owner), area: Some(Decimal::new(area, 2)), use_: None }
    }

    fn lease(parcel: &str, tenant: i64, area: Option<i64>) -> Lease {
        let area = area.map(|a| Decimal::new(a, 2));
        Lease { parcel: parcel.into(), tenant, lessor: None, area, floor_area: None, floors: None }
    }

    #[test]
    fn a_tenant_takes_its_share_from_the_owner() {
        let records = LandRecords { parcels: vec![parcel("A", 1, 3000)], leases: vec![lease("A", 2, Some(800))] };
        let land = effective(&records, &[3], &rule(TenantRule::AllocateByArea, FloorRule::LandAreaOnly));
        assert_eq!([1, 2, 3].map(|f| land[&f].effective), [Some(Decimal::from(22)), Some(Decimal::from(8)), None]);
        assert_eq!(land[&1].tenants, [2]);
        let land = effective(&records, &[], &rule(TenantRule::OwnerOnly, FloorRule::LandAreaOnly));
        assert_eq!(land[&1].effective, Some(Decimal::from(30)));
    }

    #[test]
    fn floors_are_converted_only_when_the_lease_gives_no_land() {
        let mut floor = lease("A", 2, None);
        (floor.floor_area, floor.floors) = (Some(Decimal::from(4000)), Some(Decimal::from(3)));
        let records = LandRecords { parcels: vec![parcel("A", 1, 3000)], leases: vec![floor] };
        let land = effective(&records, &[], &rule(TenantRule::AllocateByArea, FloorRule::FloorAreaOverFloors));
        assert_eq!(land[&2].effective, Some(Decimal::from(2)));
        assert_eq!(land[&1].effective, Some(Decimal::from(28)));
        let land = effective(&records, &[], &rule(TenantRule::AllocateByArea, FloorRule::LandAreaOnly));
        assert_eq!(land[&2].effective, Some(Decimal::ZERO));
    }

    #[test]
    fn what_cannot_be_right_is_reported() {
        let mut sublet = lease("A", 3, Some(900));
        sublet.lessor = Some(2);
        let mut records =
            LandRecords { parcels: vec![parcel("A", 1, 500)], leases: vec![lease("A", 2, Some(800)), sublet] };
        records.parcels.push(parcel("B", 4, -5));
        let land = effective(&records, &[], &rule(TenantRule::AllocateByArea, FloorRule::LandAreaOnly));
        let has = |firm: i64, f: fn(&LandWarning) -> bool| land[&firm].warnings.iter().any(f);
        assert!(has(1, |w| matches!(w, LandWarning::LeasedMoreThanArea { .. })));
        assert!(has(1, |w| matches!(w, LandWarning::Negative { .. })));
        assert!(has(2, |w| matches!(w, LandWarning::Sublet { .. })));
        assert!(has(2, |w| matches!(w, LandWarning::SubletMoreThanTaken { .. })));
        assert!(has(4, |w| matches!(w, LandWarning::NegativeRecord { .. })));
        assert_eq!(land[&4].effective, None);
    }

    #[test]
    fn firms_that_share_a_parcel_form_one_unit_led_by_the_largest_owner() {
        let records = LandRecords {
            parcels: vec![parcel("A", 7, 500), parcel("B", 5, 900)],
            leases: vec![lease("A", 2, Some(1)), lease("B", 2, Some(1)), lease("B", 3, Some(1))],
        };
        assert_eq!(merged_units(&records), [vec![5, 2, 3, 7]]);
        assert_eq!(main_owner(&records, &rule(TenantRule::AllocateByArea, FloorRule::LandAreaOnly))[&2], 5);
    }

    proptest! {
        #[test]
        fn land_given_to_firms_adds_up_to_the_parcels(
            areas in prop::collection::vec(0i64..100_000, 1..8),
            leases in prop::collection::vec((0usize..8, 1i64..12, prop::option::of(0i64..50_000), 1i64..9_000, 1i64..7, prop::bool::ANY), 0..20),
        ) {
            let parcels: Vec<Parcel> = areas.iter().enumerate().map(|(i, a)| parcel(&i.to_string(), i as i64 + 1, *a)).collect();
            let leases = leases.into_iter().map(|(p, tenant, area, floor, floors, sublet)| Lease {
                parcel: (p % parcels.len()).to_string(),
                tenant,
                lessor: sublet.then_some(3),
                area: area.map(|a| Decimal::new(a, 2)),
                floor_area: Some(Decimal::from(floor)),
                floors: Some(Decimal::from(floors)),
            }).collect();
            let records = LandRecords { parcels, leases };
            let land = effective(&records, &[], &rule(TenantRule::AllocateByArea, FloorRule::FloorAreaOverFloors));
            let given: Decimal = land.values().map(|l| l.effective.unwrap()).sum();
            let all: Decimal = records.parcels.iter().map(|p| p.area.unwrap()).sum();
            prop_assert_eq!(given, all);
        }
    }
}
