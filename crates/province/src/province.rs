//! The whole invented province, made from one seed.

use crate::accounts::{self, DemoAccount};
use crate::application;
use crate::certificates::{self, Certificate};
use crate::codes::Codes;
use crate::figures::{self, Figures};
use crate::firm::{self, Firm, Part, Size};
use crate::land::{self, Lease, Parcel, Planted};
use crate::parameters::{FIRST_YEAR, LAST_YEAR, Parameters};
use crate::truth::{self, TruthFact};
use base::{Department, Digest, DivisionCode};
use rayon::prelude::*;
use rust_decimal::Decimal;
use std::fmt::Write;

/// Firms, five years of figures, certificates, parcels and leases.
pub struct Province {
    seed: u64,
    parameters: Parameters,
    codes: Codes,
    firms: Vec<Firm>,
    /// By firm, ascending by year.
    figures: Vec<Vec<Figures>>,
    /// By firm.
    certificates: Vec<Vec<Certificate>>,
    parcels: Vec<Parcel>,
    leases: Vec<Lease>,
    planted: Planted,
    near_names: Vec<(usize, usize)>,
}

impl Province {
    /// The demo province of that seed.
    pub fn generate(seed: u64) -> Self {
        Self::generate_with(seed, Parameters::default())
    }

    /// A province of other magnitudes.
    ///
    /// # Panics
    /// When the demo county is no county of the list, or `firms` is less than the demo county holds.
    pub fn generate_with(seed: u64, parameters: Parameters) -> Self {
        let codes = Codes::read();
        let mut plan = Vec::with_capacity(parameters.firms);
        for (county, count) in firm::spread(seed, &codes, &parameters) {
            let place = codes.county(county);
            plan.extend(firm::roles(seed, county, count, &parameters).into_iter().map(|role| (place, role)));
        }
        // Each firm draws from its own stream, so the order in which threads take them is no matter.
        let drafts = plan
            .par_iter()
            .enumerate()
            .map(|(i, (place, role))| firm::draft(seed, i, place, &codes, *role, &parameters))
            .collect();
        let (mut firms, near_names) = firm::settle(drafts, &codes, parameters.demo_county);
        let figures: Vec<Vec<Figures>> = firms.par_iter().map(|f| figures::walk(seed, f, &parameters)).collect();
        for (firm, years) in firms.iter_mut().zip(&figures) {
            firm.risen_from = figures::risen_from(years);
        }
        let certificates = firms.par_iter().zip(&figures).map(|(f, years)| certificates::of(seed, f, years)).collect();

        let (mut parcels, mut leases, mut planted) = (Vec::new(), Vec::new(), Planted::default());
        let counties: Vec<(usize, &[Firm])> =
            firms.chunk_by(|a, b| a.division == b.division).map(|chunk| (chunk[0].index, chunk)).collect();
        let lands: Vec<land::CountyLand> = counties
            .par_iter()
            .map(|(first, chunk)| {
                let last: Vec<&Figures> = figures[*first..*first + chunk.len()]
                    .iter()
                    .map(|f| f.last().expect("figures up to the last year"))
                    .collect();
                land::arrange(seed, chunk, &last, chunk[0].division == parameters.demo_county, &parameters)
            })
            .collect();
        for mut county in lands {
            let (first_parcel, first_lease) = (parcels.len(), leases.len());
            for lease in &mut county.leases {
                lease.parcel += first_parcel;
            }
            let mut p = county.planted;
            p.over_leased.iter_mut().chain(&mut p.buildings).for_each(|i| *i += first_parcel);
            p.sublets.iter_mut().chain(&mut p.story).for_each(|i| *i += first_lease);
            if p != Planted::default() {
                planted = p;
            }
            parcels.append(&mut county.parcels);
            leases.append(&mut county.leases);
        }
        Self { seed, parameters, codes, firms, figures, certificates, parcels, leases, planted, near_names }
    }

    /// The seed it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Its magnitudes.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The code lists it stands on.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Years with figures, ascending.
    pub fn years(&self) -> impl Iterator<Item = i16> + use<> {
        FIRST_YEAR..=LAST_YEAR
    }

    /// The county whose workbooks are written.
    pub fn demo_county(&self) -> DivisionCode {
        self.parameters.demo_county
    }

    /// Every firm; a firm's `index` is its place here. Counties ascend by code.
    pub fn firms(&self) -> &[Firm] {
        &self.firms
    }

    /// The firms of a county, city or the province.
    pub fn firms_in(&self, division: DivisionCode) -> &[Firm] {
        let first = self.firms.partition_point(|f| f.division.number() < division.range().0);
        let end = self.firms.partition_point(|f| f.division.number() <= division.range().1);
        &self.firms[first..end]
    }

    /// A firm's figures in the departments' own units, ascending by year.
    pub fn figures(&self, firm: usize) -> &[Figures] {
        &self.figures[firm]
    }

    /// A firm's figures of one year; none before it was founded.
    pub fn figures_of(&self, firm: usize, year: i16) -> Option<&Figures> {
        self.figures[firm].iter().find(|f| f.year == year)
    }

    /// A firm's certificates.
    pub fn certificates(&self, firm: usize) -> &[Certificate] {
        &self.certificates[firm]
    }

    /// Every true fact of that year about the firms of a division, ordered by firm. Certificates are
    /// listed as the science department lists them that year: those issued by its end that had not
    /// run out before the year before. Each carries its own dates.
    pub fn facts(&self, year: i16, division: DivisionCode) -> Vec<TruthFact> {
        let mut out = Vec::new();
        for firm in self.firms_in(division) {
            if let Some(figures) = self.figures_of(firm.index, year) {
                out.extend(truth::of_year(firm, figures));
            }
            let listed = self.certificates[firm.index].iter().filter(|c| c.is_listed_in(year));
            out.extend(listed.map(truth::of_certificate));
        }
        out
    }

    /// The same, of one department only.
    pub fn facts_of(&self, year: i16, division: DivisionCode, department: Department) -> Vec<TruthFact> {
        let mut out = self.facts(year, division);
        out.retain(|f| f.department == department);
        out
    }

    /// The facts of that year about the demo county's firms that come in none of the six workbooks:
    /// records of the safety, market, land and industry departments, and the environment department's
    /// statement that firms without emissions had no event.
    pub fn facts_beside_workbooks(&self, year: i16) -> Vec<TruthFact> {
        let mut out = self.facts(year, self.demo_county());
        out.retain(|f| match self.figures_of(f.firm, year) {
            Some(figures) => !truth::is_in_a_workbook(f, figures),
            None => false,
        });
        out
    }

    /// What firms of the demo county declare of a year when they apply for titles and policies, and for
    /// the year after the last one the titles that they hold then.
    pub fn applications(&self, year: i16) -> Vec<TruthFact> {
        let mut out = Vec::new();
        for firm in self.firms_in(self.demo_county()) {
            match self.figures_of(firm.index, year) {
                Some(figures) => out.extend(application::of_year(self.seed(), firm, figures)),
                None if year == LAST_YEAR + 1 => {
                    let last = self.figures_of(firm.index, LAST_YEAR);
                    out.extend(last.into_iter().flat_map(|f| application::of_filing_year(self.seed(), firm, f)));
                }
                None => (),
            }
        }
        out
    }

    /// Every parcel; leases name them by index.
    pub fn all_parcels(&self) -> &[Parcel] {
        &self.parcels
    }

    /// Every lease.
    pub fn all_leases(&self) -> &[Lease] {
        &self.leases
    }

    /// Parcels of a division that were registered in that year, with their indices.
    pub fn parcels(&self, year: i16, division: DivisionCode) -> impl Iterator<Item = (usize, &Parcel)> {
        self.parcels
            .iter()
            .enumerate()
            .filter(move |(_, p)| p.since <= year && division.covers(self.firms[p.owner].division))
    }

    /// Leases in force in that year on a division's parcels, with their indices.
    pub fn leases(&self, year: i16, division: DivisionCode) -> impl Iterator<Item = (usize, &Lease)> {
        self.leases.iter().enumerate().filter(move |(_, l)| {
            let parcel = &self.parcels[l.parcel];
            l.since <= year && parcel.since <= year && division.covers(self.firms[parcel.owner].division)
        })
    }

    /// What is planted in the demo county's land.
    pub fn planted(&self) -> &Planted {
        &self.planted
    }

    /// Pairs of firms of the demo county whose names differ in one character.
    pub fn near_names(&self) -> &[(usize, usize)] {
        &self.near_names
    }

    /// Effective land in square metres of every firm by index: owned + leased in − leased out, floors
    /// counted as floor area over the building's floors. `None` for a firm without any parcel or lease.
    pub fn effective_land_m2(&self, year: i16) -> Vec<Option<i64>> {
        let mut out = vec![None; self.firms.len()];
        let mut add = |firm: usize, m2: i64| *out[firm].get_or_insert(0) += m2;
        let all = self.province();
        for (_, parcel) in self.parcels(year, all) {
            add(parcel.owner, parcel.area_m2);
        }
        for (_, lease) in self.leases(year, all) {
            add(lease.tenant, lease.counted_m2());
            add(lease.lessor, -lease.counted_m2());
        }
        out
    }

    /// The same in mu.
    pub fn effective_land(&self, year: i16) -> Vec<Option<Decimal>> {
        self.effective_land_m2(year).into_iter().map(|m2| m2.map(land::mu)).collect()
    }

    /// The firms of the demo county in scope in the last year, ascending: manufacturers above scale,
    /// or with more land than the line for smaller firms.
    pub fn demo_in_scope(&self) -> Vec<usize> {
        let firms = self.firms_in(self.demo_county()).iter();
        firms.filter(|f| f.part == Part::Ordinary).map(|f| f.index).collect()
    }

    /// Firms of the division that have been weak without a break from that year or earlier: they
    /// end up at the bottom year after year.
    pub fn persistently_weak(&self, division: DivisionCode, since: i16) -> Vec<usize> {
        let firms = self.firms_in(division).iter();
        firms.filter(|f| f.weak_since.is_some_and(|w| w <= since)).map(|f| f.index).collect()
    }

    /// The demo's accounts. `firm1` is the tenant of the story's correction, `firm2` its landlord,
    /// `firm3` a firm that has been weak for three years, `firm4` a small one.
    pub fn accounts(&self) -> Vec<DemoAccount> {
        let county = self.demo_county();
        let name = |i: usize| (i, self.firms[i].name.clone());
        let mut firms = Vec::new();
        if let Some(story) = self.planted.story {
            firms.push(name(self.leases[story].tenant));
            firms.push(name(self.leases[story].lessor));
        }
        let weak = self.persistently_weak(county, LAST_YEAR - 2);
        firms.extend(weak.into_iter().find(|i| self.firms[*i].size == Size::Above).map(name));
        let small = |f: &&Firm| f.part == Part::Ordinary && f.size == Size::Below && f.weak_since.is_none();
        firms.extend(self.firms_in(county).iter().find(small).map(|f| name(f.index)));
        accounts::list(county, self.codes.county(county).name, &firms)
    }

    fn province(&self) -> DivisionCode {
        let city = self.demo_county().parent().expect("a county has a city");
        city.parent().expect("a city has a province")
    }

    /// A digest over everything: equal for equal seeds, whatever the machine and thread count.
    pub fn digest(&self) -> Digest {
        let parts: Vec<String> = self
            .firms
            .par_iter()
            .map(|firm| {
                let mut text = String::new();
                let (figures, certificates) = (&self.figures[firm.index], &self.certificates[firm.index]);
                write!(text, "{firm:?}{figures:?}{certificates:?}").expect("writing to a string");
                text
            })
            .collect();
        let land = format!("{:?}{:?}{:?}{:?}", self.parcels, self.leases, self.planted, self.near_names);
        Digest::of_parts(parts.iter().map(String::as_bytes).chain([land.as_bytes()]))
    }
}
