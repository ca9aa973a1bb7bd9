//! What-ifs: changes laid over a compiled scheme and a prepared snapshot. The scheme is never copied
//! as text; its numbers are changed by path in the typed form, compiled again and the whole
//! population is computed anew, so that a what-if obeys every rule that a run does.

use crate::{Compiled, Outcome, Prepared, Value, compile, outcome::FirmOutcome};
use law::Scheme;
use law::scheme::{AdjustItem, ClassMethod, Indicator, MeasureValue, Param, Standing, Text};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Changes, in order; a later one on the same path holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overlay {
    /// The changes.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// A number of the scheme.
    Number {
        /// As [`adjustable`] names it.
        path: String,
        /// New value; percentages as fractions.
        value: Decimal,
    },
    /// An override or status on or off.
    Switch {
        /// `overrides/<id>` or `statuses/<id>`.
        path: String,
        /// On.
        on: bool,
    },
    /// One firm's fact.
    Fact {
        /// Firm.
        firm: i64,
        /// Fact id, or `effective_land`.
        fact: String,
        /// New value; none: unknown.
        value: Option<Decimal>,
    },
}

/// Why an overlay cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverlayFault {
    /// No such number or switch.
    #[error("`{path}` is nothing that can be changed")]
    Path {
        /// As given.
        path: String,
    },
    /// A number that the scheme cannot have.
    #[error("`{path}` cannot be {value}: {allowed}")]
    Value {
        /// As given.
        path: String,
        /// As given.
        value: Decimal,
        /// What is allowed.
        allowed: &'static str,
    },
    /// No such firm or fact.
    #[error("firm {firm} has no figure `{fact}`")]
    Fact {
        /// Firm.
        firm: i64,
        /// Fact.
        fact: String,
    },
    /// The changed scheme does not compile, or its input cannot be prepared.
    #[error("the changed scheme cannot be computed: {0}")]
    Compile(String),
}

impl OverlayFault {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Path { path } => format!("“{path}”不是可以调整的参数。"),
            Self::Value { path, value, allowed } => {
                let allowed = match *allowed {
                    "0 or more" => "不小于 0",
                    "0 to 1" => "0 到 1 之间",
                    other => other,
                };
                format!("“{path}”不能取 {value}，允许：{allowed}。")
            }
            Self::Fact { firm, fact } => format!("企业 {firm} 没有数据项“{fact}”。"),
            Self::Compile(why) => format!("调整后的方案无法计算：{why}"),
        }
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        self.to_string()
    }
}

/// A number or switch that an overlay may change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Adjustable {
    /// Path.
    pub path: String,
    /// A switch; else a number.
    pub switch: bool,
    /// Group on the page.
    pub group: Text,
    /// Title.
    pub title: Text,
    /// Value in the scheme.
    pub value: String,
    /// Least, most and step of a slider.
    pub range: Option<(f64, f64, f64)>,
    /// `points`, `ratio`, `multiple`, or a unit id.
    pub unit: String,
    /// Not seen in its source.
    pub unverified: bool,
}

/// What comes of a what-if.
#[derive(Clone, Debug)]
pub struct WhatIf {
    /// The changed scheme.
    pub scheme: Arc<Scheme>,
    /// The result.
    pub outcome: Outcome,
    /// Firms whose class, rank or total differs.
    pub changed: u32,
}

fn text(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// Everything that sliders and switches may change, in the order of the scheme.
pub fn adjustable(scheme: &Scheme, year: i16) -> Vec<Adjustable> {
    let mut out = Vec::new();
    let mut scheme = scheme.clone();
    let overrides: Vec<_> = scheme.overrides.iter().map(|o| (format!("overrides/{}", o.id), o.title.clone())).collect();
    let statuses: Vec<_> = scheme.statuses.iter().map(|s| (format!("statuses/{}", s.id), s.title.clone())).collect();
    visit(&mut scheme, year, &mut |spot| {
        let value = base::fixed::to_f64(spot.param.value);
        out.push(Adjustable {
            path: spot.path.to_owned(),
            switch: false,
            group: spot.group.clone(),
            title: spot.title.clone(),
            value: spot.param.value.normalize().to_string(),
            range: Some(range(value, spot.unit)),
            unit: spot.unit.to_owned(),
            unverified: spot.param.standing != Standing::Verified,
        });
    });
    for (group, items) in [
        (text("否决、保护与调档", "Vetoes, protections, shifts"), overrides),
        (text("不定等级与不参评", "Statuses"), statuses),
    ] {
        for (path, title) in items {
            out.push(Adjustable {
                path,
                switch: true,
                group: group.clone(),
                title,
                value: "true".into(),
                range: None,
                unit: String::new(),
                unverified: false,
            });
        }
    }
    out
}

fn range(value: f64, unit: &str) -> (f64, f64, f64) {
    match unit {
        "ratio" => (0.0, 1.0, 0.01),
        "multiple" => (0.5, (value * 2.0).max(3.0), 0.1),
        "points" => (0.0, (value * 2.0).max(10.0), 1.0),
        _ => {
            let most = if value > 0.0 { value * 3.0 } else { 1.0 };
            (0.0, most, most / 100.0)
        }
    }
}

/// A number of a scheme with its path and words.
struct Spot<'a> {
    path: &'a str,
    group: &'a Text,
    title: Text,
    unit: &'a str,
    param: &'a mut Param,
}

/// Walks every number that an overlay may change; listing and changing use the same walk, so that what
/// is offered is what works.
fn visit(scheme: &mut Scheme, year: i16, see: &mut dyn FnMut(Spot<'_>)) {
    let general = text("参数", "Parameters");
    for parameter in &mut scheme.parameters {
        let title = parameter.title.clone();
        let unit = parameter.unit.clone().unwrap_or_else(|| "number".into());
        // The value that holds for the year: the last one at or before it.
        if let Some((_, param)) = parameter.by_year.range_mut(..=year).next_back() {
            let path = format!("parameters/{}", parameter.id);
            see(Spot { path: &path, group: &general, title, unit: &unit, param });
        }
    }
    for population in &mut scheme.populations {
        let (base, group) = (format!("populations/{}", population.id), population.title.clone());
        for indicator in &mut population.indicators {
            visit_indicator(&base, &group, indicator, see);
        }
        for (name, cap) in
            [("bonus_cap", &mut population.total.bonus_cap), ("deduction_cap", &mut population.total.deduction_cap)]
        {
            if let Some(param) = cap {
                let title = if name == "bonus_cap" {
                    text("加分上限", "Bonus cap")
                } else {
                    text("扣分上限", "Deduction cap")
                };
                see(Spot { path: &format!("{base}/total/{name}"), group: &group, title, unit: "points", param });
            }
        }
        for adjust in &mut population.total.adjust {
            for AdjustItem { id, title, points, .. } in &mut adjust.items {
                if let Some(param) = points {
                    let path = format!("{base}/adjust/{}/{id}", adjust.id);
                    see(Spot { path: &path, group: &group, title: title.clone(), unit: "points", param });
                }
            }
        }
        let unit =
            if matches!(population.classing.method, ClassMethod::Thresholds { .. }) { "points" } else { "ratio" };
        match &mut population.classing.method {
            ClassMethod::Shares { cuts, .. } | ClassMethod::Thresholds { cuts, .. } => {
                for (class, param) in cuts {
                    let title = text(format!("{class} 档累计线"), format!("Cut of {class}"));
                    see(Spot { path: &format!("{base}/cuts/{class}"), group: &group, title, unit, param });
                }
            }
            ClassMethod::Stages { stages, .. } => {
                for stage in stages {
                    let title = text(format!("{} 档占比", stage.class), format!("Share of {}", stage.class));
                    let path = format!("{base}/stages/{}/take", stage.class);
                    see(Spot { path: &path, group: &group, title, unit: "ratio", param: &mut stage.take });
                }
            }
        }
    }
    let measures = text("措施", "Measures");
    for measure in &mut scheme.measures {
        let (base, unit) =
            (format!("measures/{}", measure.id), measure.unit.clone().unwrap_or_else(|| "number".into()));
        let title = measure.title.clone();
        match &mut measure.value {
            MeasureValue::Fixed { amount } => {
                see(Spot { path: &format!("{base}/amount"), group: &measures, title, unit: &unit, param: amount });
            }
            MeasureValue::ByConsecutiveYears { amounts } => {
                for (i, param) in amounts.iter_mut().enumerate() {
                    let title = text(
                        format!("{}（连续第 {} 年）", title.zh, i + 1),
                        format!("{} (year {} in a row)", title.en, i + 1),
                    );
                    see(Spot { path: &format!("{base}/amounts/{i}"), group: &measures, title, unit: &unit, param });
                }
            }
            MeasureValue::ByYear { amounts } => {
                for (at, param) in amounts {
                    let title = text(format!("{}（{at} 年）", title.zh), format!("{} ({at})", title.en));
                    see(Spot { path: &format!("{base}/years/{at}"), group: &measures, title, unit: &unit, param });
                }
            }
            MeasureValue::FractionOf { ratio, .. } => {
                see(Spot { path: &format!("{base}/ratio"), group: &measures, title, unit: "ratio", param: ratio });
            }
            MeasureValue::Words { .. } => (),
        }
    }
}

fn visit_indicator(base: &str, group: &Text, indicator: &mut Indicator, see: &mut dyn FnMut(Spot<'_>)) {
    let id = indicator.use_.clone();
    let base = format!("{base}/indicators/{id}");
    let title = text(format!("{id} 权重"), format!("Weight of {id}"));
    see(Spot { path: &format!("{base}/weight"), group, title, unit: "points", param: &mut indicator.weight });
    if let Some(param) = &mut indicator.cap {
        let title = text(format!("{id} 封顶倍数"), format!("Cap of {id}"));
        see(Spot { path: &format!("{base}/cap"), group, title, unit: "multiple", param });
    }
    if let Some(param) = &mut indicator.floor {
        let title = text(format!("{id} 最低分"), format!("Floor of {id}"));
        see(Spot { path: &format!("{base}/floor"), group, title, unit: "points", param });
    }
}

/// The scheme under the overlay's numbers and switches.
pub fn apply(scheme: &Scheme, overlay: &Overlay, year: i16) -> Result<Scheme, OverlayFault> {
    let mut changed = scheme.clone();
    for change in &overlay.changes {
        match change {
            Change::Number { path, value } => {
                let mut fault = Some(OverlayFault::Path { path: path.clone() });
                visit(&mut changed, year, &mut |spot| {
                    if spot.path == path {
                        fault = check(path, *value, spot.unit).err();
                        if fault.is_none() {
                            spot.param.value = *value;
                        }
                    }
                });
                if let Some(fault) = fault {
                    return Err(fault);
                }
            }
            Change::Switch { path, on } => {
                let known = match path.split_once('/') {
                    Some(("overrides", id)) => {
                        let known = scheme.overrides.iter().any(|o| o.id == id);
                        if !on {
                            changed.overrides.retain(|o| o.id != id);
                            changed.precedence.retain(|p| p != id);
                        }
                        known
                    }
                    Some(("statuses", id)) => {
                        let known = scheme.statuses.iter().any(|s| s.id == id);
                        if !on {
                            changed.statuses.retain(|s| s.id != id);
                        }
                        known
                    }
                    _ => false,
                };
                if !known {
                    return Err(OverlayFault::Path { path: path.clone() });
                }
            }
            Change::Fact { .. } => (),
        }
    }
    Ok(changed)
}

fn check(path: &str, value: Decimal, unit: &str) -> Result<(), OverlayFault> {
    let allowed = match unit {
        "ratio" if value < Decimal::ZERO || value > Decimal::ONE => "0 to 1",
        _ if value < Decimal::ZERO => "0 or more",
        _ => return Ok(()),
    };
    Err(OverlayFault::Value { path: path.to_owned(), value, allowed })
}

/// Computes the whole population under an overlay.
pub fn what_if(
    compiled: &Compiled,
    prepared: &Prepared,
    before: &Outcome,
    overlay: &Overlay,
    threads: usize,
) -> Result<WhatIf, OverlayFault> {
    let scheme = Arc::new(apply(compiled.scheme(), overlay, compiled.year())?);
    let facts: Vec<(i64, &str, Option<Decimal>)> = overlay
        .changes
        .iter()
        .filter_map(|c| match c {
            Change::Fact { firm, fact, value } => Some((*firm, fact.as_str(), *value)),
            _ => None,
        })
        .collect();
    // Numbers leave every formula as it is, so the prepared columns still fit; a switch may not.
    let rules = overlay.changes.iter().any(|c| !matches!(c, Change::Fact { .. }));
    let formulas = overlay.changes.iter().any(|c| matches!(c, Change::Switch { .. }));
    let again = match rules {
        false => None,
        true => Some(compile(&scheme, compiled.dictionary(), compiled.year()).map_err(|faults| {
            OverlayFault::Compile(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })?),
    };
    let compiled = again.as_ref().unwrap_or(compiled);
    let outcome = if overlay.changes.is_empty() {
        before.clone()
    } else {
        let fresh = match formulas {
            true => Some(
                compiled
                    .prepare_named(prepared.snapshot(), prepared.digest())
                    .map_err(|e| OverlayFault::Compile(e.to_string()))?,
            ),
            false => None,
        };
        let changed = with_facts(compiled, fresh.as_ref().unwrap_or(prepared), &facts)?;
        compiled.run(&changed, threads)
    };
    let differs = |a: &FirmOutcome, b: &FirmOutcome| a.class != b.class || a.rank != b.rank || a.total != b.total;
    let changed = before.firms.iter().zip(&outcome.firms).filter(|(a, b)| differs(a, b)).count() as u32;
    Ok(WhatIf { scheme, outcome, changed })
}

/// The prepared input with some firms' figures changed.
pub(crate) fn with_facts(
    compiled: &Compiled,
    prepared: &Prepared,
    facts: &[(i64, &str, Option<Decimal>)],
) -> Result<Prepared, OverlayFault> {
    let mut out = prepared.clone();
    for (firm, fact, value) in facts {
        let value = value.map_or(Value::Unknown, Value::Number);
        out = compiled
            .with_fact(&out, *firm, fact, value)
            .map_err(|_| OverlayFault::Fact { firm: *firm, fact: (*fact).to_owned() })?;
    }
    Ok(out)
}
