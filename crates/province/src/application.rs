//! What firms of the demo county declare when they apply for titles and policies, and the titles that
//! they hold beside those of the science department: invented, with plausible sizes, some of it missing.

use crate::draw::{Draw, Purpose};
use crate::figures::Figures;
use crate::firm::{Firm, Part};
use crate::names::trade_of;
use crate::parameters::LAST_YEAR;
use crate::truth::{TruthFact, Value};
use base::Department;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What a firm declares of a year.
pub(crate) fn of_year(seed: u64, firm: &Firm, f: &Figures) -> Vec<TruthFact> {
    let mut out = Vec::new();
    let Some(scale) = f.scale.as_ref().filter(|_| firm.part == Part::Ordinary) else { return out };
    // What hardly changes from year to year comes from a stream of the firm, the rest from one of the year.
    let mut kept = Draw::new(seed, Purpose::Application, firm.index as u64);
    let mut draw = Draw::new(seed, Purpose::Application, (firm.index as u64) << 16 | f.year as u64);
    let research = trade_of(&firm.industry).research;
    let mut state = |fact: &'static str, value: Value| {
        out.push(TruthFact {
            firm: firm.index,
            fact,
            department: Department::Industry,
            valid_from: Date::new(f.year, 1, 1).expect("a year of the demo"),
            valid_to: Date::new(f.year, 12, 31).expect("a year of the demo"),
            value,
            evidence: None,
        });
    };
    // Thousands of yuan as 万元; a share in per cent.
    let money = |k: i64| Value::Number(Decimal::new(k, 1).normalize());
    let count = |n: i64| Value::Number(Decimal::from(n));
    let of = |whole: i64, percent: i64| whole * percent / 100;
    let revenue = f.revenue_k;
    let assets = of(revenue, kept.between(60, 180));
    state("main_revenue", money(of(revenue, kept.between(68, 99))));
    state("total_income", money(revenue));
    state("high_tech_income", money(of(revenue, kept.between(5, 92))));
    state("total_assets", money(assets));
    state("total_liabilities", money(of(assets, kept.between(25, 88))));
    state("net_profit", money(of(revenue, draw.between(-3, 13))));
    state("total_cost", money(of(revenue, draw.between(86, 99))));
    let financed = draw.chance(0.06 + 0.1 * research);
    state("equity_financing", money(if financed { draw.between(3_000, 90_000) } else { 0 }));
    state("rd_domestic", money(of(scale.rd_k, draw.between(85, 100))));
    let staff = f.employees;
    let rd_staff = of(staff, kept.between(2, 8 + (26.0 * research) as i64));
    state("rd_staff", count(rd_staff));
    state("science_staff", count(rd_staff + of(staff, kept.between(0, 6))));
    state("full_time_rd_staff", count(of(rd_staff, kept.between(50, 95))));
    state("rd_equipment", money(of(scale.rd_k, kept.between(40, 320))));
    state("own_rd_body", Value::Truth(kept.chance(0.25 + 0.5 * research)));
    let ip = if kept.chance(0.3 + 0.5 * research) { kept.between(1, 9) } else { 0 };
    let own = if ip > 0 { kept.between(0, ip) } else { 0 };
    state("class1_ip", count(ip));
    state("class1_ip_own", count(own));
    state("class1_ip_high", count(if own > 3 { 1 } else { 0 }));
    state("class1_ip_used", count(own));
    state("class1_ip_original", count(own));
    state("class2_ip", count(kept.between(0, 24)));
    state("invention_patents", count(ip));
    state("utility_and_software", count(kept.between(0, 30)));
    state("standards_led", count(i64::from(kept.chance(0.05))));
    state("standards_led_5y", Value::Truth(kept.chance(0.06)));
    state("standards_joined", Value::Truth(kept.chance(0.2)));
    state("quality_certificate", Value::Truth(kept.chance(0.7)));
    state("management_certificate", Value::Truth(kept.chance(0.75)));
    state("overseas_product_certificate", Value::Truth(kept.chance(0.2)));
    state("own_brand", Value::Truth(kept.chance(0.6)));
    state("core_ip_owned", Value::Truth(ip > 0));
    let segment = kept.between(0, 16);
    state("segment_years", count((segment - i64::from(LAST_YEAR - f.year)).max(0)));
    state("segment_share", Value::Number(Decimal::new(kept.between(1, 24), 2)));
    state("strategic_field", Value::Truth(kept.chance(0.2 + 0.5 * research)));
    state("state_supported_field", Value::Truth(kept.chance(0.3 + 0.5 * research)));
    state("gap_filling", Value::Truth(kept.chance(0.15)));
    state("key_field", Value::Truth(kept.chance(0.35)));
    state("key_chain", Value::Truth(kept.chance(0.3)));
    state("little_giant_field", Value::Truth(kept.chance(0.35)));
    state("information_system", Value::Truth(kept.chance(0.7)));
    // Some never filled the form of the digital self-assessment in.
    if kept.chance(0.8) {
        state("digital_level", count(kept.between(1, 4)));
    }
    for award in [
        "science_award_3y",
        "provincial_award_top3",
        "national_award_top3",
        "national_award_top5",
        "national_award_top3_5y",
        "maker_top50",
        "maker_top500",
        "design_prize",
    ] {
        state(award, Value::Truth(kept.chance(0.01)));
    }
    for yes in ["legal_person", "resident_enterprise", "operates_normally", "sound_finance"] {
        state(yes, Value::Truth(true));
    }
    state("prohibited_product", Value::Truth(kept.chance(0.01)));
    for none in [
        "major_safety_accidents",
        "major_quality_accidents",
        "serious_quality_problems",
        "quality_accidents",
        "pollution_accidents",
        "major_environment_accidents",
        "data_incidents",
        "tax_offences",
        "sector_breaches",
        "research_dishonesty",
        "data_fraud",
    ] {
        state(none, count(0));
    }
    state("environment_offences", count(i64::from(draw.chance(0.01))));
    state("regulatory_offences", count(i64::from(draw.chance(0.02))));
    state("major_event_12m", Value::Truth(false));
    if draw.chance(0.75) {
        state("evaluation_score", count(draw.between(28, 82)));
    }
    if draw.chance(0.12) {
        state("in_project_catalogue", Value::Truth(draw.chance(0.7)));
        state("loan_signed", Value::Truth(true));
        state("project_loan", money(draw.between(10_000, 400_000)));
        state("lpr", Value::Number(Decimal::new(345, 4)));
        state("projects_filed", count(1));
        state("interest_aid_years", count(draw.between(0, 3)));
        state("papers_complete", Value::Truth(draw.chance(0.9)));
        state("green_threshold", Value::Truth(draw.chance(0.95)));
        state("state_interest_aid", Value::Truth(draw.chance(0.1)));
        state("priority_project", Value::Truth(draw.chance(0.1)));
        state("priority_county", Value::Truth(false));
        state("project_investment", money(draw.between(20_000, 900_000)));
        state("in_investment_statistics", Value::Truth(true));
        state("bond_aid", Value::Truth(draw.chance(0.1)));
        let filed = Date::new(f.year - 1, draw.between(1, 12) as i8, 15).expect("a day of every month");
        state("project_filed_on", Value::Text(filed.to_string()));
        state("paid_from", Value::Text(format!("{}-07-05", f.year)));
        state("paid_to", Value::Text(format!("{}-12-20", f.year)));
        state("equipment_paid", money(draw.between(5_000, 80_000)));
    }
    // What the province asks beside the state, and lists on which hardly anybody stands.
    let level = ["chain", "none"][usize::from(kept.chance(0.6))];
    state("key_industry_level", Value::Text(level.to_owned()));
    for (fact, chance) in [
        ("process_patent", 0.3),
        ("lean_production", 0.35),
        ("new_economy", 0.15),
        ("new_product_3y", 0.1),
        ("overseas_operation", 0.05),
        ("listed", 0.005),
        ("neeq", 0.01),
        ("abnormal_list", 0.01),
        ("energy_correction_open", 0.01),
        ("inspection_problems", 0.005),
        ("removed_from_green", 0.005),
        ("enforcement_dishonest", 0.01),
    ] {
        state(fact, Value::Truth(kept.chance(chance)));
    }
    state("listing_points", count(0));
    let rank = kept.between(1, 60);
    state("segment_rank_nation", count(rank));
    state("segment_rank_province", count((rank + 3) / 4));
    // A few bought what they show; a few are one of several firms in one hand.
    let bought = kept.chance(0.08);
    state("class1_ip_bought", count(if bought { ip } else { 0 }));
    state("commonly_controlled", count(if kept.chance(0.12) { kept.between(1, 3) } else { 0 }));
    out
}

/// What is known of the year of filing, after the last of the figures: lists that are kept up to date,
/// titles with their validity.
pub(crate) fn of_filing_year(seed: u64, firm: &Firm, last: &Figures) -> Vec<TruthFact> {
    let mut out = Vec::new();
    if last.scale.is_none() || firm.part != Part::Ordinary {
        return out;
    }
    let year = LAST_YEAR + 1;
    let mut draw = Draw::new(seed, Purpose::Application, (firm.index as u64) << 16 | year as u64);
    let research = trade_of(&firm.industry).research;
    let whole = (Date::new(year, 1, 1).expect("a day"), Date::new(year, 12, 31).expect("a day"));
    let mut state =
        |fact: &'static str, (valid_from, valid_to): (Date, Date), value: Value, evidence: Option<String>| {
            out.push(TruthFact {
                firm: firm.index,
                fact,
                department: Department::Industry,
                valid_from,
                valid_to,
                value,
                evidence,
            });
        };
    state("dishonest", whole, Value::Truth(last.record.dishonest), None);
    state("evaluation_score", whole, Value::Number(Decimal::from(draw.between(30, 84))), None);
    state("science_staff", whole, Value::Number(Decimal::from(last.employees * draw.between(3, 30) / 100)), None);
    let titles = [
        ("sme", 0.92, 1, "QX"),
        ("tech_sme", 0.25 + 0.4 * research, 1, "KJX"),
        ("innovative_sme", 0.3 + 0.3 * research, 3, "CXX"),
        ("little_giant", 0.02, 3, "XJR"),
        ("gazelle", 0.03, 3, "DL"),
    ];
    for (fact, chance, years, prefix) in titles {
        if !draw.chance(chance) {
            continue;
        }
        let begun = year - draw.below(years as usize) as i16;
        let from = Date::new(begun, 1, 1 + draw.below(28) as i8).expect("days stay below 29");
        let to = Date::new(begun + years, 1, from.day()).expect("days stay below 29").yesterday().expect("a day");
        // A technology SME's number ends on the last of March.
        let to = if fact == "tech_sme" { Date::new(year + 1, 3, 31).expect("a day") } else { to };
        state(fact, (from, to), Value::Truth(true), Some(format!("{prefix}{begun}37{:05}", firm.index)));
    }
    // Some accounts were closed since.
    state("payment_account", whole, Value::Text(format!("1613{:012}", firm.index)), None);
    state("payment_account_open", whole, Value::Truth(draw.chance(0.93)), None);
    out
}
