//! What is true in the demo province, as plain facts: the loader seeds past years and other
//! counties with them, and tests compare imports against them.

use crate::certificates::{Certificate, Title};
use crate::figures::Figures;
use crate::firm::{Firm, Part};
use base::Department;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;

/// What a fact says, in its canonical unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Exact.
    Number(Decimal),
    /// Yes or no.
    Truth(bool),
    /// Text.
    Text(String),
}

/// One true fact about a firm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TruthFact {
    /// Index of the firm.
    pub firm: usize,
    /// Fact id, as `law/` lists it.
    pub fact: &'static str,
    /// Who owns it.
    pub department: Department,
    /// First day.
    pub valid_from: Date,
    /// Last day, inclusive.
    pub valid_to: Date,
    /// Value in the canonical unit.
    pub value: Value,
    /// Number of the certificate, for status facts.
    pub evidence: Option<String>,
}

/// The facts of one firm's year, in a fixed order.
pub(crate) fn of_year(firm: &Firm, f: &Figures) -> Vec<TruthFact> {
    let mut out = Vec::with_capacity(20);
    let mut state = |department, fact, value| {
        out.push(TruthFact {
            firm: firm.index,
            fact,
            department,
            valid_from: Date::new(f.year, 1, 1).expect("a year of the demo"),
            valid_to: Date::new(f.year, 12, 31).expect("a year of the demo"),
            value,
            evidence: None,
        });
    };
    let number = |n: i64, scale: u32| Value::Number(Decimal::new(n, scale).normalize());
    state(Department::Tax, "tax_paid", number(f.tax_fen, 6));
    if let Some(c) = f.export_credit_c {
        state(Department::Tax, "export_credit_tax", number(c, 2));
    }
    state(Department::Power, "power_use", number(f.power_kwh, 0));
    state(Department::Power, "utility_account", Value::Text(firm.utility_accounts.join("；")));
    if let Some(m) = f.differential_price_m.filter(|_| firm.utility_accounts.len() == 1) {
        state(Department::Power, "differential_price", number(m, 3));
    }
    if let Some(e) = &f.emissions {
        state(Department::Environment, "cod", number(e.cod_hg, 4));
        state(Department::Environment, "ammonia_nitrogen", number(e.ammonia_hg, 4));
        state(Department::Environment, "so2", number(e.so2_kg, 3));
        state(Department::Environment, "nox", number(e.nox_kg, 3));
    }
    // Firms without emissions are in no list of the department, and it has no event on record.
    let events = f.emissions.as_ref().map_or(0, |e| e.accidents);
    state(Department::Environment, "environment_accidents", number(events, 0));
    state(Department::Statistics, "above_scale", Value::Truth(f.above_scale));
    state(Department::Statistics, "revenue", number(f.revenue_k, 1));
    state(Department::Statistics, "employees", number(f.employees, 0));
    if let Some(s) = &f.scale {
        state(Department::Statistics, "value_added", number(s.value_added_k, 1));
        state(Department::Statistics, "energy", number(s.energy_c, 2));
        state(Department::Statistics, "rd_expense", number(s.rd_k, 1));
        state(Department::Statistics, "upgrade_investment", number(s.upgrade_c, 2));
    }
    let record = &f.record;
    state(Department::Environment, "emission_task_missed", Value::Truth(record.emission_task_missed));
    state(Department::Land, "land_violation", Value::Truth(record.land_violation));
    state(Department::Safety, "safety_accidents", number(record.safety_accidents, 0));
    state(Department::Safety, "any_safety_accidents", number(record.any_safety_accidents, 0));
    state(Department::Market, "dishonest", Value::Truth(record.dishonest));
    state(Department::Market, "food_accidents", number(record.food_accidents, 0));
    state(Department::Market, "standards_unmet", Value::Truth(record.standards_unmet));
    state(Department::Industry, "energy_task_missed", Value::Truth(record.energy_task_missed));
    state(Department::Industry, "public_utility", Value::Truth(firm.part == Part::Utility));
    state(Department::Industry, "major_project", Value::Truth(firm.in_construction));
    out
}

/// True for facts that one of the six workbooks carries about that firm's year; the others reach
/// the system by other ways.
pub(crate) fn is_in_a_workbook(fact: &TruthFact, figures: &Figures) -> bool {
    match fact.department {
        Department::Tax | Department::Power | Department::Statistics | Department::Science => true,
        Department::Environment => figures.emissions.is_some() && fact.fact != "emission_task_missed",
        _ => false,
    }
}

/// The status fact that a certificate states.
pub(crate) fn of_certificate(c: &Certificate) -> TruthFact {
    TruthFact {
        firm: c.firm,
        fact: c.title.fact(),
        department: Department::Science,
        valid_from: c.issued,
        valid_to: c.expires,
        value: match c.title {
            Title::RdPlatform => Value::Text(c.grade.name().to_owned()),
            _ => Value::Truth(true),
        },
        evidence: Some(c.number.clone()),
    }
}
