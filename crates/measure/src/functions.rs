//! Functions that formulas may call. Those of numbers and dates are our own: they keep SQL's rule
//! that unknown in gives unknown out (`greatest(NULL, 0)` is unknown here, not 0), and division by
//! zero gives unknown instead of infinity. Text functions are DataFusion's.
//!
//! A plan that is sent elsewhere names its functions, so ours carry names that nobody else uses: a
//! machine that lacks them says so, and never answers with another `greatest` of its own.

use arrow::array::{Array, ArrayRef, Date32Array, Float64Array, Float64Builder};
use arrow::datatypes::DataType;
use datafusion_common::{Result, cast::as_date32_array, cast::as_float64_array};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use jiff::civil::Date;
use std::sync::Arc;

/// What a function does with numbers or dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    Divide,
    Abs,
    Round,
    Floor,
    Ceil,
    Greatest,
    Least,
    Sqrt,
    Ln,
    Exp,
    Power,
    MonthsBetween,
    YearsBetween,
    DaysBetween,
    YearOf,
    MonthOf,
    /// The number, or unknown when it is not finite; no formula can name it.
    Finite,
}

/// Every operation with the name that plans give it.
const ALL: [(Op, &str); 17] = [
    (Op::Divide, "baigong_divide"),
    (Op::Abs, "baigong_abs"),
    (Op::Round, "baigong_round"),
    (Op::Floor, "baigong_floor"),
    (Op::Ceil, "baigong_ceil"),
    (Op::Greatest, "baigong_greatest"),
    (Op::Least, "baigong_least"),
    (Op::Sqrt, "baigong_sqrt"),
    (Op::Ln, "baigong_ln"),
    (Op::Exp, "baigong_exp"),
    (Op::Power, "baigong_power"),
    (Op::MonthsBetween, "baigong_months_between"),
    (Op::YearsBetween, "baigong_years_between"),
    (Op::DaysBetween, "baigong_days_between"),
    (Op::YearOf, "baigong_year_of"),
    (Op::MonthOf, "baigong_month_of"),
    (Op::Finite, "baigong_finite"),
];

/// Our functions by name: operation, fewest and most arguments, whether the arguments are dates.
pub(crate) const OWN: [(&str, Op, usize, usize, bool); 17] = [
    ("abs", Op::Abs, 1, 1, false),
    ("round", Op::Round, 1, 2, false),
    ("floor", Op::Floor, 1, 1, false),
    ("ceil", Op::Ceil, 1, 1, false),
    ("ceiling", Op::Ceil, 1, 1, false),
    ("greatest", Op::Greatest, 2, 99, false),
    ("least", Op::Least, 2, 99, false),
    ("sqrt", Op::Sqrt, 1, 1, false),
    ("ln", Op::Ln, 1, 1, false),
    ("exp", Op::Exp, 1, 1, false),
    ("power", Op::Power, 2, 2, false),
    ("pow", Op::Power, 2, 2, false),
    ("months_between", Op::MonthsBetween, 2, 2, true),
    ("years_between", Op::YearsBetween, 2, 2, true),
    ("days_between", Op::DaysBetween, 2, 2, true),
    ("year_of", Op::YearOf, 1, 1, true),
    ("month_of", Op::MonthOf, 1, 1, true),
];

/// Other names that are understood, for suggestions.
pub(crate) const OTHERS: [&str; 7] = ["coalesce", "nullif", "left", "right", "substr", "char_length", "starts_with"];

/// One of our functions as DataFusion sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Function {
    op: Op,
    name: &'static str,
    signature: Signature,
}

/// Every function of our own, for machines that are sent plans.
pub fn functions() -> Vec<Arc<ScalarUDF>> {
    ALL.iter().map(|(op, _)| own(*op)).collect()
}

/// The function for an operation.
pub(crate) fn own(op: Op) -> Arc<ScalarUDF> {
    let name = ALL.iter().find(|f| f.0 == op).map_or("baigong", |f| f.1);
    Arc::new(ScalarUDF::from(Function { op, name, signature: Signature::variadic_any(Volatility::Immutable) }))
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let columns: Vec<ArrayRef> = args.args.iter().map(|a| a.to_array(rows)).collect::<Result<_>>()?;
        let out = match self.op {
            Op::MonthsBetween => dates2(&columns, |a, b| f64::from(months_between(a, b)))?,
            Op::YearsBetween => dates2(&columns, |a, b| f64::from(months_between(a, b).div_euclid(12)))?,
            Op::DaysBetween => dates2(&columns, |a, b| f64::from(days(b) - days(a)))?,
            Op::YearOf => dates1(&columns, |d| f64::from(d.year()))?,
            Op::MonthOf => dates1(&columns, |d| f64::from(d.month()))?,
            op => numbers(op, &columns)?,
        };
        Ok(ColumnarValue::Array(Arc::new(out)))
    }
}

fn numbers(op: Op, columns: &[ArrayRef]) -> Result<Float64Array> {
    let columns: Vec<&Float64Array> = columns.iter().map(|c| as_float64_array(c)).collect::<Result<_>>()?;
    let first = columns[0];
    Ok(match op {
        Op::Divide => zip(first, columns[1], |a, b| if b == 0.0 { None } else { Some(a / b + 0.0) }),
        Op::Greatest => {
            columns[1..].iter().fold(first.clone(), |a, b| zip(&a, b, |x, y| Some(if y > x { y } else { x })))
        }
        Op::Least => columns[1..].iter().fold(first.clone(), |a, b| zip(&a, b, |x, y| Some(if y < x { y } else { x }))),
        Op::Power => zip(first, columns[1], |a, b| Some(a.powf(b))),
        Op::Round if columns.len() == 2 => zip(first, columns[1], |a, b| Some(crate::kernels::round_at(a, b))),
        Op::Round => map(first, |a| crate::kernels::round_at(a, 0.0)),
        Op::Abs => map(first, f64::abs),
        Op::Floor => map(first, f64::floor),
        Op::Ceil => map(first, |a| a.ceil() + 0.0),
        Op::Sqrt => map(first, f64::sqrt),
        Op::Ln => map(first, f64::ln),
        Op::Exp => map(first, f64::exp),
        Op::Finite => finite(first),
        _ => unreachable!("date functions are answered by the caller"),
    })
}

/// The numbers, unknown where they are not finite.
pub(crate) fn finite(a: &Float64Array) -> Float64Array {
    a.iter().map(|x| x.filter(|x| x.is_finite())).collect()
}

fn map(a: &Float64Array, f: impl Fn(f64) -> f64) -> Float64Array {
    a.iter().map(|x| x.map(&f)).collect()
}

fn zip(a: &Float64Array, b: &Float64Array, f: impl Fn(f64, f64) -> Option<f64>) -> Float64Array {
    let mut out = Float64Builder::with_capacity(a.len());
    for i in 0..a.len() {
        let value = if a.is_null(i) || b.is_null(i) { None } else { f(a.value(i), b.value(i)) };
        out.append_option(value);
    }
    out.finish()
}

fn dates1(columns: &[ArrayRef], f: impl Fn(Date) -> f64) -> Result<Float64Array> {
    let a: &Date32Array = as_date32_array(&columns[0])?;
    Ok(a.iter().map(|d| d.and_then(day).map(&f)).collect())
}

fn dates2(columns: &[ArrayRef], f: impl Fn(Date, Date) -> f64) -> Result<Float64Array> {
    let (a, b): (&Date32Array, &Date32Array) = (as_date32_array(&columns[0])?, as_date32_array(&columns[1])?);
    Ok(a.iter().zip(b).map(|(a, b)| a.and_then(day).zip(b.and_then(day)).map(|(a, b)| f(a, b))).collect())
}

/// Days since 1970-01-01, as Arrow counts them.
pub(crate) fn days(date: Date) -> i32 {
    let epoch = Date::constant(1970, 1, 1);
    (date - epoch).get_days()
}

/// The day that Arrow's count stands for.
pub(crate) fn day(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(days)).ok()
}

/// Whole calendar months from `from` to `to`; negative when `to` is earlier.
pub(crate) fn months_between(from: Date, to: Date) -> i32 {
    if to < from {
        return -months_between(to, from);
    }
    let months = (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month()) - i32::from(from.month());
    // The last day of a month completes a month that began on a day that month lacks.
    let complete = to.day() >= from.day() || to.day() == to.days_in_month();
    if complete { months } else { months - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_that_a_formula_may_name_is_sent_under_a_name_of_its_own() {
        let names: Vec<String> = functions().iter().map(|f| f.name().to_owned()).collect();
        for (name, op, ..) in OWN {
            assert!(names.iter().any(|n| n == own(op).name()), "{name}");
        }
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
        assert!(names.iter().all(|n| n.starts_with("baigong_")));
    }

    #[test]
    fn months_are_whole_calendar_months() {
        let d = |t: &str| t.parse::<Date>().unwrap();
        for (from, to, months) in [
            ("2022-12-31", "2025-12-31", 36),
            ("2023-01-01", "2025-12-31", 35),
            ("2025-01-31", "2025-02-28", 1),
            ("2025-02-28", "2025-01-31", -1),
            ("2025-05-05", "2025-05-05", 0),
        ] {
            assert_eq!(months_between(d(from), d(to)), months, "{from} {to}");
        }
        assert_eq!(day(days(d("2024-02-29"))), Some(d("2024-02-29")));
    }
}
