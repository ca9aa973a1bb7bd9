//! What the register says of a firm, as the attributes that rules ask for, on the day of filing.

use crate::frame::Value;
use jiff::Unit;
use jiff::civil::Date;
use law::Law;
use rust_decimal::Decimal;

/// A firm as the register has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registered {
    /// Credit code.
    pub credit_code: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Six-digit division.
    pub division: Option<String>,
    /// Township.
    pub town: Option<String>,
    /// Four-digit industry.
    pub industry: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Day of foundation.
    pub founded: Option<Date>,
}

/// The last full fiscal year before a filing.
pub fn last_year(filed: Date) -> i16 {
    filed.year() - 1
}

/// The value of an attribute on the day of filing.
pub fn attribute(law: &Law, firm: &Registered, filed: Date, name: &str) -> Value {
    let text = |t: &Option<String>| t.clone().map_or(Value::Unknown, Value::Text);
    let first = |n: usize| match firm.industry.as_deref().and_then(|i| i.get(..n)) {
        Some(code) => Value::Text(code.to_owned()),
        None => Value::Unknown,
    };
    let since = |unit: Unit| {
        let span = firm.founded.filter(|f| *f <= filed).and_then(|f| f.until((unit, filed)).ok());
        span.map_or(Value::Unknown, |s| {
            Value::Number(Decimal::from(match unit {
                Unit::Year => i32::from(s.get_years()),
                Unit::Month => s.get_months(),
                _ => s.get_days(),
            }))
        })
    };
    match name {
        "credit_code" => text(&firm.credit_code),
        "name" => text(&firm.name),
        "division" => text(&firm.division),
        "town" => text(&firm.town),
        "address" => text(&firm.address),
        "industry" => text(&firm.industry),
        "industry_group" => first(3),
        "industry_division" => first(2),
        "industry_section" => {
            let section = firm.industry.as_deref().and_then(|i| law.industries.section(i));
            section.map_or(Value::Unknown, |s| Value::Text(s.to_owned()))
        }
        "founded" => firm.founded.map_or(Value::Unknown, |f| Value::Number(day(f))),
        "year" => Value::Number(Decimal::from(last_year(filed))),
        "months_since_founded" => since(Unit::Month),
        "years_since_founded" => since(Unit::Year),
        "days_since_founded" => since(Unit::Day),
        _ => Value::Unknown,
    }
}

/// A day as the number of days since 1970-01-01.
pub fn day(date: Date) -> Decimal {
    let days = date.since(jiff::civil::date(1970, 1, 1)).map(|s| s.get_days()).unwrap_or_default();
    Decimal::from(days)
}
