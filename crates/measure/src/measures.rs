//! What follows from a class: amounts by rule, history and year, the highest of several surcharges
//! only, exact in decimals. A measure without a legal basis is shown, never applied.

use crate::compile::Compiled;
use crate::outcome::{FirmOutcome, MeasureApplied, Truth};
use crate::prepare::Prepared;
use crate::table::Value;
use jiff::civil::Date;
use law::Scheme;
use law::scheme::{Measure, MeasureValue, Param, Standing, Starts};
use rust_decimal::Decimal;

/// Measures of one firm. `conditions` are the truths of each measure's `when`, per unit.
pub(crate) fn measures(
    compiled: &Compiled,
    prepared: &Prepared,
    row: usize,
    unit: usize,
    firm: &FirmOutcome,
    conditions: &[Option<Vec<Truth>>],
) -> Vec<MeasureApplied> {
    let Some(class) = firm.managed_as else { return Vec::new() };
    let scheme = &compiled.scheme;
    let letter = &scheme.classes[usize::from(class)].id;
    let mut out = Vec::new();
    for (i, measure) in scheme.measures.iter().enumerate() {
        let holds = conditions[i].as_ref().is_none_or(|c| c[unit] == Truth::True);
        if !holds || !measure.classes.contains(letter) {
            continue;
        }
        let Some((from, to)) = period(measure, compiled.year) else { continue };
        let consecutive = consecutive(compiled, prepared, firm.firm, measure);
        let fact = |name: &str| match prepared.firms.column(name).map_or(Value::Unknown, |c| c.get(row)) {
            Value::Number(n) => Some(n),
            _ => None,
        };
        let amount = amount(compiled, &measure.value, consecutive, compiled.year + i16::from(measure.lag));
        let highest = measure
            .highest_with
            .iter()
            .filter_map(|f| fact(f).map(|v| (f, v)))
            .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0)));
        let superseded_by = highest.filter(|(_, v)| amount.is_some_and(|a| *v > a)).map(|(f, _)| f.clone());
        let charged = amount.map(|a| if superseded_by.is_some() { Decimal::ZERO } else { a });
        let quantity = measure.quantity.as_deref().and_then(fact);
        let account = measure.account.as_deref().and_then(|a| match prepared.firms.value(firm.firm, a) {
            Value::Text(t) => Some(t),
            _ => None,
        });
        out.push(MeasureApplied {
            rule: i as u16,
            amount,
            charged,
            superseded_by,
            others_unknown: measure.highest_with.iter().filter(|f| fact(f).is_none()).cloned().collect(),
            consecutive,
            display_only: measure.basis.is_none() || scheme.advisory,
            from,
            to: Some(to),
            cost: charged.zip(quantity).and_then(|(c, q)| c.checked_mul(q)),
            account,
        });
    }
    out
}

/// The part of the year of application in which the measure is in force. The first day of one that
/// starts with the published list is not known while the list is computed.
fn period(measure: &Measure, year: i16) -> Option<(Option<Date>, Date)> {
    let applied = year + i16::from(measure.lag);
    let (first, last) = (Date::new(applied, 1, 1).ok()?, Date::new(applied, 12, 31).ok()?);
    let from = measure.from.map_or(first, |d| d.max(first));
    let to = measure.to.map_or(last, |d| d.min(last));
    let known = match measure.starts {
        Starts::January => Some(from),
        Starts::AfterPublication => None,
    };
    (from <= to).then_some((known, to))
}

/// First and last day of a measure once the list was published on that day; none before that, for a
/// measure that starts with it, and when it was published too late for the measure to apply at all.
pub fn in_force(measure: &Measure, year: i16, published: Option<Date>) -> Option<(Date, Date)> {
    let (known, to) = period(measure, year)?;
    let from = match (known, published) {
        (Some(from), _) => from,
        (None, Some(day)) => {
            measure.from.map_or(day, |d| d.max(day)).max(Date::new(year + i16::from(measure.lag), 1, 1).ok()?)
        }
        (None, None) => return None,
    };
    (from <= to).then_some((from, to))
}

/// Whether what a firm is charged was read: assumed when the rule or a number in its amount was.
pub fn standing(scheme: &Scheme, measure: &Measure, consecutive: u32, year: i16) -> Standing {
    let numbers = params(scheme, &measure.value, consecutive, year + i16::from(measure.lag));
    let mut assumed: Vec<&str> = Vec::new();
    for standing in std::iter::once(&measure.standing).chain(numbers.into_iter().map(|p| &p.standing)) {
        if let Standing::Unverified { assumed: text } = standing
            && !assumed.contains(&text.as_str())
        {
            assumed.push(text);
        }
    }
    if assumed.is_empty() { Standing::Verified } else { Standing::Unverified { assumed: assumed.join("；") } }
}

/// The numbers of which an amount is made.
fn params<'s>(scheme: &'s Scheme, value: &'s MeasureValue, consecutive: u32, applied: i16) -> Vec<&'s Param> {
    match value {
        MeasureValue::Fixed { amount } => vec![amount],
        MeasureValue::ByConsecutiveYears { amounts } => {
            let last = amounts.len().saturating_sub(1);
            amounts.get((consecutive.max(1) as usize - 1).min(last)).into_iter().collect()
        }
        MeasureValue::ByYear { amounts } => amounts.range(..=applied).next_back().map(|(_, p)| p).into_iter().collect(),
        MeasureValue::FractionOf { measure, ratio } => {
            let other = scheme.measures.iter().find(|m| m.id == *measure);
            let mut all = other.map_or_else(Vec::new, |m| params(scheme, &m.value, consecutive, applied));
            all.push(ratio);
            all
        }
        MeasureValue::Words { .. } => Vec::new(),
    }
}

/// Years in a row in the measure's classes, this one included.
fn consecutive(compiled: &Compiled, prepared: &Prepared, firm: i64, measure: &Measure) -> u32 {
    let history = prepared.history.get(&firm);
    let was = |year: i16| history.and_then(|h| h.get(&year)).is_some_and(|c| measure.classes.contains(c));
    1 + (1..).take_while(|back| was(compiled.year - back)).count() as u32
}

/// The amount by rule; `applied` is the year in which it is charged.
fn amount(compiled: &Compiled, value: &MeasureValue, consecutive: u32, applied: i16) -> Option<Decimal> {
    match value {
        MeasureValue::Fixed { amount } => Some(amount.value),
        MeasureValue::ByConsecutiveYears { amounts } => {
            let at = (consecutive as usize - 1).min(amounts.len().checked_sub(1)?);
            Some(amounts[at].value)
        }
        MeasureValue::ByYear { amounts } => amounts.range(..=applied).next_back().map(|(_, p)| p.value),
        MeasureValue::FractionOf { measure, ratio } => {
            let other = compiled.scheme.measures.iter().find(|m| m.id == *measure)?;
            Some((amount(compiled, &other.value, consecutive, applied)? * ratio.value).normalize())
        }
        MeasureValue::Words { .. } => None,
    }
}
