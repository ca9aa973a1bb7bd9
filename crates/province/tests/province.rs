//! What the whole province promises: repeatable, plausible, valid codes, no real brand, and a demo
//! county with exactly the firms in scope that it states.

use province::{FIRST_YEAR, LAST_YEAR, Part, Province, credit, names};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::sync::OnceLock;

fn demo() -> &'static Province {
    static DEMO: OnceLock<Province> = OnceLock::new();
    DEMO.get_or_init(|| Province::generate(1))
}

#[test]
fn the_same_seed_gives_the_same_province_and_another_seed_another() {
    let digest = demo().digest();
    assert_eq!(Province::generate(1).digest(), digest);
    assert_ne!(Province::generate(2).digest(), digest);
}

#[test]
fn fifty_thousand_firms_are_spread_over_every_county() {
    let p = demo();
    assert_eq!(p.firms().len(), 50_000);
    assert!(p.firms().iter().enumerate().all(|(i, f)| f.index == i));
    for county in &p.codes().counties {
        let n = p.firms_in(county.code).len();
        assert!((40..=3_100).contains(&n), "{} has {n}", county.name);
    }
}

#[test]
fn the_largest_tenth_of_firms_has_most_of_the_revenue() {
    let mut revenue: Vec<i64> =
        demo().firms().iter().map(|f| demo().figures_of(f.index, LAST_YEAR).unwrap().revenue_k).collect();
    revenue.sort_unstable_by(|a, b| b.cmp(a));
    let total: i64 = revenue.iter().sum();
    let top: i64 = revenue[..5_000].iter().sum();
    let share = top as f64 / total as f64;
    assert!((0.60..0.90).contains(&share), "{share}");
}

#[test]
fn every_credit_code_is_valid_inside_and_out_and_unique() {
    let mut seen = BTreeSet::new();
    for firm in demo().firms() {
        assert!(firm.code.as_str().parse::<base::CreditCode>().is_ok(), "{}", firm.code);
        assert!(credit::organisation_holds(&firm.code), "{}", firm.code);
        assert!(seen.insert(firm.code.clone()), "{}", firm.code);
    }
}

#[test]
fn names_are_unique_and_hold_no_real_brand() {
    let mut seen = BTreeSet::new();
    for firm in demo().firms() {
        for name in std::iter::once(&firm.name).chain(firm.former_names.iter().map(|f| &f.name)) {
            assert!(!names::is_denied(name), "{name}");
            assert!(seen.insert(base::text::name_key(name)), "{name}");
        }
    }
    assert!(demo().near_names().len() >= 15, "{}", demo().near_names().len());
}

#[test]
fn firms_registered_in_laiwu_now_lie_in_jinan() {
    let old = |f: &&province::Firm| f.code.registered_in().starts_with("3712");
    let moved: Vec<_> = demo().firms().iter().filter(old).collect();
    assert!(moved.len() > 50, "{}", moved.len());
    assert!(moved.iter().all(|f| matches!(f.division.number(), 370_116 | 370_117)));
}

#[test]
fn the_demo_county_has_exactly_its_firms_in_scope() {
    let p = demo();
    let land = p.effective_land(LAST_YEAR);
    let line = p.parameters().small_firm_land;
    let (mut above, mut small) = (0, 0);
    for firm in p.firms_in(p.demo_county()) {
        let figures = p.figures_of(firm.index, LAST_YEAR).unwrap();
        if firm.part == Part::Utility {
            assert!(firm.industry.starts_with('4') && firm.industry.as_str() >= "44");
        } else if figures.above_scale {
            above += 1;
        } else if land[firm.index].is_some_and(|mu| mu >= line) {
            assert_eq!(firm.part, Part::Ordinary);
            small += 1;
        }
    }
    assert_eq!((above, small), (700, 2_300));
    assert_eq!(p.demo_in_scope().len(), 3_000);
}

#[test]
fn figures_are_of_the_magnitude_that_counties_publish() {
    let p = demo();
    let land = p.effective_land(LAST_YEAR);
    let (mut tax, mut mu, mut added, mut people, mut rd, mut revenue) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for i in p.demo_in_scope() {
        let f = p.figures_of(i, LAST_YEAR).unwrap();
        let Some(s) = &f.scale else { continue };
        tax += f.tax_fen as f64 / 1e6;
        mu += land[i].map_or(0.0, |d| d.to_string().parse::<f64>().unwrap());
        added += s.value_added_k as f64 / 10.0;
        people += f.employees as f64;
        rd += s.rd_k as f64 / 10.0;
        revenue += f.revenue_k as f64 / 10.0;
    }
    let within = |what: &str, value: f64, low: f64, high: f64| {
        assert!((low..high).contains(&value), "{what}: {value}");
    };
    within("tax per mu", tax / mu, 8.0, 30.0);
    within("value added per mu", added / mu, 50.0, 200.0);
    within("productivity", added / people, 10.0, 50.0);
    within("R&D share", rd / revenue, 0.01, 0.05);
}

#[test]
fn a_firm_keeps_its_level_from_year_to_year() {
    let p = demo();
    let (mut pairs, mut near) = (0, 0);
    for firm in p.firms().iter().filter(|f| f.founded.year() < FIRST_YEAR && f.part == Part::Ordinary) {
        for w in p.figures(firm.index).windows(2) {
            pairs += 1;
            let ratio = w[1].revenue_k as f64 / w[0].revenue_k.max(1) as f64;
            near += usize::from((0.6..1.8).contains(&ratio));
        }
    }
    assert!(near as f64 / pairs as f64 > 0.97, "{near} of {pairs}");
}

#[test]
fn tenancy_takes_every_form_and_planted_faults_are_where_they_are_said_to_be() {
    let p = demo();
    let planted = p.planted();
    assert_eq!((planted.over_leased.len(), planted.sublets.len()), (2, 3));
    assert!(planted.buildings.len() > 20);
    let leased_on = |parcel: usize| -> i64 {
        let direct = |l: &&province::Lease| l.parcel == parcel && l.lessor == p.all_parcels()[parcel].owner;
        p.all_leases().iter().filter(direct).map(province::Lease::counted_m2).sum()
    };
    for (i, parcel) in p.parcels(LAST_YEAR, p.demo_county()) {
        let over = leased_on(i) > parcel.area_m2;
        assert_eq!(over, planted.over_leased.contains(&i), "{}", parcel.code);
        assert!(parcel.area_mu().scale() <= 4 && parcel.area_m2 > 0);
        assert_eq!(parcel.code.len(), 19);
    }
    for i in &planted.sublets {
        let lease = &p.all_leases()[*i];
        assert_ne!(lease.lessor, p.all_parcels()[lease.parcel].owner);
    }
    let land = p.effective_land(LAST_YEAR);
    let negative = p.demo_in_scope().into_iter().filter(|i| land[*i].is_some_and(|mu| mu < Decimal::ZERO)).count();
    assert_eq!(negative, 1);
    let story = &p.all_leases()[planted.story.unwrap()];
    assert!(story.land_mu().unwrap() >= Decimal::from(9));
}

#[test]
fn certificates_of_one_title_never_overlap_and_some_have_run_out() {
    let p = demo();
    let (mut expired, mut mid_year) = (0, 0);
    for firm in p.firms_in(p.demo_county()) {
        let list = p.certificates(firm.index);
        for w in list.windows(2).filter(|w| w[0].title == w[1].title) {
            assert!(w[0].expires < w[1].issued);
        }
        expired += list.iter().filter(|c| c.is_listed_in(LAST_YEAR) && c.expires.year() < LAST_YEAR).count();
        mid_year += list.iter().filter(|c| c.issued.year() == LAST_YEAR && c.issued.month() > 1).count();
    }
    assert!(expired > 10 && mid_year > 10, "{expired} {mid_year}");
}

#[test]
fn every_role_can_sign_in() {
    let accounts = demo().accounts();
    for role in base::Role::ALL {
        assert!(accounts.iter().any(|a| a.role == role), "{role:?}");
    }
    let names: BTreeSet<_> = accounts.iter().map(|a| &a.sign_in).collect();
    assert_eq!(names.len(), accounts.len());
    assert_eq!(accounts.iter().filter(|a| a.firm.is_some()).count(), 4);
}

#[test]
fn facts_of_a_year_state_each_figure_once() {
    let p = demo();
    let facts = p.facts(LAST_YEAR, p.demo_county());
    let yearly = |f: &&province::TruthFact| f.evidence.is_none();
    let distinct: BTreeSet<_> = facts.iter().filter(yearly).map(|f| (f.firm, f.fact)).collect();
    assert_eq!(distinct.len(), facts.iter().filter(yearly).count());
    assert!(facts.iter().all(|f| f.valid_from <= f.valid_to));
    assert_eq!(facts.iter().filter(|f| f.fact == "tax_paid").count(), p.firms_in(p.demo_county()).len());
}

#[test]
fn one_thread_and_many_make_the_same_province() {
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let many = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
    let digest = |pool: &rayon::ThreadPool| pool.install(|| Province::generate(1).digest());
    assert_eq!(digest(&one), digest(&many));
}

#[test]
fn what_the_demo_needs_is_there_whatever_the_seed() {
    for seed in [3, 7, 20_260_101] {
        let p = Province::generate(seed);
        assert_eq!(p.demo_in_scope().len(), 3_000);
        let land = p.effective_land(LAST_YEAR);
        let small = p.firms_in(p.demo_county()).iter().filter(|f| {
            let below = !p.figures_of(f.index, LAST_YEAR).unwrap().above_scale;
            below && f.part != Part::Utility && land[f.index].is_some_and(|mu| mu >= p.parameters().small_firm_land)
        });
        assert_eq!(small.count(), 2_300, "seed {seed}");
        let (_, key) = province::make_workbooks(&p, LAST_YEAR).unwrap();
        assert!(key.land_correction.is_some() && key.faults.len() > 150, "seed {seed}");
        assert_eq!(p.accounts().iter().filter(|a| a.firm.is_some()).count(), 4);
        assert!(p.persistently_weak(p.demo_county(), LAST_YEAR - 2).len() > 20);
    }
}
