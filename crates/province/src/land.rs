//! Parcels and leases. A firm's wanted land is drawn first; ownership and tenancy are then arranged
//! so that owned + leased in − leased out is exactly what was wanted, except where a fault is planted.
//! Areas are whole square metres, so that one is exactly 0.0015 mu.

use crate::draw::{Draw, Purpose, whole};
use crate::figures::Figures;
use crate::firm::{Firm, Part, Size};
use crate::parameters::Parameters;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// A parcel of industrial land.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parcel {
    /// 宗地代码, 19 characters.
    pub code: String,
    /// Owner, by firm index.
    pub owner: usize,
    /// Square metres.
    pub area_m2: i64,
    /// 工业用地 or 仓储用地.
    pub land_use: &'static str,
    /// Where it lies.
    pub location: String,
    /// First year it is registered.
    pub since: i16,
}

impl Parcel {
    /// The area in mu, four decimals at most.
    pub fn area_mu(&self) -> Decimal {
        mu(self.area_m2)
    }
}

/// A lease of a part of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lease {
    /// Index of the parcel in [`crate::Province::all_parcels`].
    pub parcel: usize,
    /// Who lets: the parcel's owner, or a tenant who sublets.
    pub lessor: usize,
    /// Who leases.
    pub tenant: usize,
    /// Square metres of land; none where only floors are let.
    pub land_m2: Option<i64>,
    /// Square metres of workshop.
    pub floor_m2: Option<i64>,
    /// Floors of the building.
    pub floors: Option<u8>,
    /// First year.
    pub since: i16,
}

impl Lease {
    /// The leased land in mu, when it is stated.
    pub fn land_mu(&self) -> Option<Decimal> {
        self.land_m2.map(mu)
    }

    /// Land that counts: as stated, or floor area over the building's floors.
    pub fn counted_m2(&self) -> i64 {
        self.land_m2.unwrap_or_else(|| self.floor_m2.unwrap_or(0) / i64::from(self.floors.unwrap_or(1)))
    }
}

/// Square metres as mu: 1 m² is 3/2000 mu.
pub fn mu(m2: i64) -> Decimal {
    Decimal::new(m2 * 15, 4).normalize()
}

/// Things planted in the demo county's land, for tests and the story.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// Parcels whose leases exceed their area.
    pub over_leased: Vec<usize>,
    /// Leases (by index) in which a tenant sublets.
    pub sublets: Vec<usize>,
    /// Parcels with a multi-storey building shared by several tenants.
    pub buildings: Vec<usize>,
    /// The lease whose area is corrected in the story.
    pub story: Option<usize>,
}

/// Land of one county, with indices from zero.
#[derive(Default)]
pub(crate) struct CountyLand {
    pub parcels: Vec<Parcel>,
    pub leases: Vec<Lease>,
    pub planted: Planted,
}

/// The arranger of one county.
struct Arranger<'a> {
    draw: Draw,
    firms: &'a [Firm],
    /// Wanted effective land, square metres, by position in `firms`.
    wanted: Vec<i64>,
    out: CountyLand,
}

/// Arranges the land of one county; `figures` are those of the last year, in the order of `firms`.
pub(crate) fn arrange(seed: u64, firms: &[Firm], figures: &[&Figures], demo: bool, p: &Parameters) -> CountyLand {
    let Some(first) = firms.first() else {
        return CountyLand::default();
    };
    let mut draw = Draw::new(seed, Purpose::Land, u64::from(first.division.number()));
    let wanted = firms.iter().zip(figures).map(|(firm, f)| wanted_m2(&mut draw, firm, f, p)).collect();
    let mut arranger = Arranger { draw, firms, wanted, out: CountyLand::default() };
    if demo {
        arranger.demo()
    } else {
        arranger.plain()
    }
    arranger.out
}

fn wanted_m2(draw: &mut Draw, firm: &Firm, figures: &Figures, p: &Parameters) -> i64 {
    let line = p.small_firm_land.to_f64().expect("a line is a finite number");
    let revenue = figures.revenue_k as f64 / 10.0;
    let mu = match firm.part {
        Part::UnderConstruction => 0.0,
        Part::StartUp => line * (0.2 + 0.5 * draw.unit()),
        Part::TooLittleLand => line * (0.2 + 0.75 * draw.unit()),
        Part::Utility => draw.log_normal(20.0, 0.6),
        Part::Ordinary => {
            let per_mu = if figures.above_scale { p.revenue_per_mu } else { p.small_revenue_per_mu };
            let weak = if firm.weak_since.is_some() { 1.7 } else { 1.0 };
            let mu = (revenue / per_mu * weak * draw.log_normal(1.0, 0.6)).clamp(0.8, 4_000.0);
            // Smaller firms of the demo county all have more than the line.
            if firm.size == Size::Below && mu < line * 1.05 { line * (1.01 + 0.7 * draw.unit()) } else { mu }
        }
    };
    whole(mu * 2_000.0 / 3.0)
}

impl Arranger<'_> {
    fn parcel(&mut self, owner: usize, area_m2: i64, since: i16) -> usize {
        let firm = &self.firms[owner];
        let number = self.out.parcels.len() + 1;
        let land_use = if self.draw.chance(0.03) { "仓储用地" } else { "工业用地" };
        self.out.parcels.push(Parcel {
            code: format!("{}001GB{number:05}", firm.town),
            owner: firm.index,
            area_m2,
            land_use,
            location: firm.address.clone(),
            since,
        });
        self.out.parcels.len() - 1
    }

    fn lease(&mut self, parcel: usize, lessor: usize, tenant: usize, land_m2: i64) -> usize {
        let floor = land_m2 * self.draw.between(50, 80) / 100;
        self.out.leases.push(Lease {
            parcel,
            lessor: self.firms[lessor].index,
            tenant: self.firms[tenant].index,
            land_m2: Some(land_m2),
            floor_m2: Some(floor),
            floors: Some(1),
            since: self.firms[tenant].founded.year(),
        });
        self.out.leases.len() - 1
    }

    /// One parcel, or two for one owner in twelve.
    fn own(&mut self, owner: usize, area_m2: i64) {
        let since = self.firms[owner].founded.year();
        if area_m2 > 6_000 && self.draw.chance(0.08) {
            let part = area_m2 * self.draw.between(20, 60) / 100;
            self.parcel(owner, part, since);
            self.parcel(owner, area_m2 - part, since);
        } else if area_m2 > 0 {
            self.parcel(owner, area_m2, since);
        }
    }

    /// Every county but the demo one: owners, and one firm in ten renting from the owner before it.
    fn plain(&mut self) {
        let mut tenants: Vec<Vec<usize>> = vec![Vec::new(); self.firms.len()];
        let mut lessor: Option<usize> = None;
        let mut rents = vec![false; self.firms.len()];
        for (i, rents) in rents.iter_mut().enumerate() {
            let can_let = self.firms[i].founded.year() < 2019 && self.wanted[i] > 0;
            match lessor {
                Some(owner) if self.wanted[i] > 0 && tenants[owner].len() < 6 && self.draw.chance(0.1) => {
                    tenants[owner].push(i);
                    *rents = true;
                }
                _ if can_let => lessor = Some(i),
                _ => {}
            }
        }
        for owner in 0..self.firms.len() {
            if rents[owner] {
                continue;
            }
            let let_out: i64 = tenants[owner].iter().map(|t| self.wanted[*t]).sum();
            if let_out == 0 {
                self.own(owner, self.wanted[owner]);
                continue;
            }
            let parcel = self.parcel(owner, self.wanted[owner] + let_out, self.firms[owner].founded.year());
            for tenant in std::mem::take(&mut tenants[owner]) {
                self.lease(parcel, owner, tenant, self.wanted[tenant]);
            }
        }
    }

    /// The demo county: every form of tenancy, and the planted faults.
    fn demo(&mut self) {
        let above = |f: &Firm| f.size == Size::Above;
        let mut ordinary: Vec<usize> =
            (0..self.firms.len()).filter(|i| self.firms[*i].part == Part::Ordinary).collect();
        self.draw.shuffle(&mut ordinary);
        let is_old = |firms: &[Firm], i: usize| firms[i].founded.year() < 2019;
        let (mut landlords, mut others): (Vec<usize>, Vec<usize>) =
            ordinary.into_iter().partition(|i| is_old(self.firms, *i) && i % 7 == 0);
        let share = |n: usize, of: usize| n * self.firms.len() / of;
        landlords.truncate(share(1, 12));
        let used: std::collections::BTreeSet<usize> = landlords.iter().copied().collect();
        others.extend((0..self.firms.len()).filter(|i| {
            self.firms[*i].part == Part::Ordinary && is_old(self.firms, *i) && i % 7 == 0 && !used.contains(i)
        }));
        // Landlords above scale come last, so that `pop` gives them to the buildings first.
        landlords.sort_by_key(|i| above(&self.firms[*i]));
        let (mut large, mut small): (Vec<usize>, Vec<usize>) = others.into_iter().partition(|i| above(&self.firms[*i]));

        for _ in 0..share(1, 85) {
            self.building(&mut landlords, &mut large, &mut small);
        }
        self.story(&mut landlords, &mut large, &mut small);
        for _ in 0..2 {
            self.over_leased(&mut landlords, &mut large);
        }
        for _ in 0..3 {
            self.sublet(&mut landlords, &mut large);
        }
        let start_ups: Vec<usize> = (0..self.firms.len()).filter(|i| self.firms[*i].part == Part::StartUp).collect();
        let mut waiting = start_ups;
        while let Some(owner) = landlords.pop() {
            let count = self.draw.between(1, 6);
            let mut tenants = Vec::new();
            for n in 0..count {
                let from = if n == 0 {
                    &mut waiting
                } else if self.draw.chance(0.2) {
                    &mut large
                } else {
                    &mut small
                };
                tenants.extend(from.pop().or_else(|| small.pop()));
            }
            self.let_to(owner, &tenants);
        }
        // Owners who also lease a part of their land from one another.
        for _ in 0..share(1, 50) {
            let (Some(owner), Some(mixed)) = (large.pop(), small.pop()) else { break };
            let part = self.wanted[mixed] * 3 / 10;
            let parcel = self.parcel(owner, self.wanted[owner] + part, self.firms[owner].founded.year());
            let lease = self.lease(parcel, owner, mixed, part);
            let since = self.draw.between(2021, 2025) as i16;
            self.out.leases[lease].since =
                since.max(self.firms[mixed].founded.year().max(self.firms[owner].founded.year()));
            self.own(mixed, self.wanted[mixed] - part);
        }
        let rest: Vec<usize> = large.into_iter().chain(small).chain(waiting).collect();
        for owner in rest {
            self.own(owner, self.wanted[owner]);
        }
        for i in 0..self.firms.len() {
            if matches!(self.firms[i].part, Part::Utility | Part::TooLittleLand) {
                self.own(i, self.wanted[i]);
            }
        }
    }

    /// A landlord's parcel with tenants who have no land of their own.
    fn let_to(&mut self, owner: usize, tenants: &[usize]) -> usize {
        let let_out: i64 = tenants.iter().map(|t| self.wanted[*t]).sum();
        let parcel = self.parcel(owner, self.wanted[owner] + let_out, self.firms[owner].founded.year());
        for tenant in tenants {
            self.lease(parcel, owner, *tenant, self.wanted[*tenant]);
        }
        parcel
    }

    /// A multi-storey workshop let by floors. Tenants without land of their own are above scale, so
    /// that no scheme's floor rule moves a smaller firm across the line.
    fn building(&mut self, landlords: &mut Vec<usize>, large: &mut Vec<usize>, small: &mut Vec<usize>) {
        let Some(owner) = landlords.pop() else { return };
        let floors = self.draw.between(3, 6);
        let count = self.draw.between(3, 6);
        let mut area = self.wanted[owner];
        let parcel = self.parcel(owner, 0, self.firms[owner].founded.year());
        for _ in 0..count {
            let owns_land_too = self.draw.chance(0.4);
            let Some(tenant) = (if owns_land_too { small.pop() } else { large.pop() }) else { continue };
            let share = if owns_land_too {
                self.own(tenant, self.wanted[tenant]);
                self.draw.between(100, 500)
            } else {
                self.wanted[tenant].min(4_000)
            };
            let lease = self.lease(parcel, owner, tenant, share);
            let states_land = self.draw.chance(0.4);
            let lease = &mut self.out.leases[lease];
            lease.floor_m2 = Some(share * floors);
            lease.floors = Some(floors as u8);
            lease.land_m2 = states_land.then_some(share);
            area += share;
        }
        self.out.parcels[parcel].area_m2 = area;
        self.out.planted.buildings.push(parcel);
    }

    /// The tenancy that the story corrects: an owner and two tenants above scale, one of them with
    /// enough land to lose a quarter of it.
    fn story(&mut self, landlords: &mut Vec<usize>, large: &mut Vec<usize>, small: &mut Vec<usize>) {
        let roomy = |a: &Self, i: usize| {
            (6_000..20_000).contains(&a.wanted[i])
                && a.firms[i].founded.year() < 2019
                && a.firms[i].weak_since.is_none()
        };
        let Some(owner) = (0..landlords.len()).rev().find(|i| roomy(self, landlords[*i])).map(|i| landlords.remove(i))
        else {
            return;
        };
        let Some(tenant) = (0..large.len()).find(|i| roomy(self, large[*i])).map(|i| large.remove(i)) else { return };
        let second = small.pop();
        let tenants: Vec<usize> = std::iter::once(tenant).chain(second).collect();
        let first_lease = self.out.leases.len();
        self.let_to(owner, &tenants);
        self.out.planted.story = Some(first_lease);
    }

    /// A parcel of which more is let than there is.
    fn over_leased(&mut self, landlords: &mut Vec<usize>, large: &mut Vec<usize>) {
        let (Some(owner), Some(one), Some(two)) = (landlords.pop(), large.pop(), large.pop()) else { return };
        let parcel = self.let_to(owner, &[one, two]);
        let let_out = self.wanted[one] + self.wanted[two];
        self.out.parcels[parcel].area_m2 = let_out * 100 / 115;
        // The first such owner has land elsewhere, the second none: one stays positive, one does not.
        if self.out.planted.over_leased.is_empty() {
            self.own(owner, self.wanted[owner] + let_out);
        }
        self.out.planted.over_leased.push(parcel);
    }

    /// A chain: owner → tenant → tenant's tenant, on one parcel.
    fn sublet(&mut self, landlords: &mut Vec<usize>, large: &mut Vec<usize>) {
        let (Some(owner), Some(tenant), Some(last)) = (landlords.pop(), large.pop(), large.pop()) else { return };
        let own = self.wanted[tenant];
        let passed_on = self.wanted[last];
        let parcel = self.parcel(owner, self.wanted[owner] + own + passed_on, self.firms[owner].founded.year());
        let lease = self.lease(parcel, owner, tenant, own + passed_on);
        self.out.leases[lease].since = self.firms[tenant].founded.year();
        let lease = self.lease(parcel, tenant, last, passed_on);
        self.out.leases[lease].since = self.firms[last].founded.year().max(self.firms[tenant].founded.year());
        self.out.planted.sublets.push(lease);
    }
}
