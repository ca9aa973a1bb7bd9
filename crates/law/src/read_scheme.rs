//! Schemes and frames out of their files.

use crate::node::Node;
use crate::place::Place;
use crate::read::{Sec, Step, What};
use crate::scheme::*;
use crate::template::Kind;
use base::DivisionCode;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Stands in for a date that could not be read; the fault has been reported.
pub(crate) const NO_DATE: Date = Date::constant(1, 1, 1);

pub(crate) fn no_division() -> DivisionCode {
    "110000".parse().expect("a division code")
}

/// The document at the top of a file; empty when there is none.
pub(crate) fn top_cite(sec: &Sec) -> Cite {
    sec.cite("cite").unwrap_or(Cite {
        document: String::new(),
        issuer: None,
        published: None,
        url: None,
        articles: Vec::new(),
        clause: None,
    })
}

/// Standing of a section, or of what is around it where there is none.
pub(crate) fn standing_of(sec: &Sec, key: &str) -> Standing {
    sec.sec(key).as_ref().unwrap_or(sec).standing()
}

/// The version of a frame that a scheme goes by: the one in force on its first day, else the first
/// that comes into force while the scheme is. A later amendment of the frame leaves a scheme as it was
/// until the scheme itself has a new version, so that what was published stays recomputable.
pub(crate) fn frame_for<'f>(frames: &'f [Frame], id: &str, from: Date, to: Option<Date>) -> Option<&'f Frame> {
    let own = || frames.iter().filter(|f| f.id == id);
    let on_first_day = own().filter(|f| f.from <= from && f.to.is_none_or(|last| from <= last));
    on_first_day
        .max_by_key(|f| f.version)
        .or_else(|| own().filter(|f| f.from > from && to.is_none_or(|last| f.from <= last)).min_by_key(|f| f.from))
}

pub(crate) fn in_force(sec: &Sec) -> (Date, Option<Date>) {
    sec.sec("in_force").map_or((NO_DATE, None), |s| (s.date("from").unwrap_or(NO_DATE), s.date("to")))
}

/// Exactly one of several keys must stand in a section; the one that does.
pub(crate) fn one_of<'k>(sec: &Sec, keys: &[&'k str], what: &str) -> Option<&'k str> {
    let found: Vec<&'k str> = keys.iter().copied().filter(|k| sec.has(k)).collect();
    match found.as_slice() {
        [one] => Some(one),
        [] => {
            sec.sink().error(
                "missing-key",
                &sec.at(),
                format!("{what} says nothing of how"),
                format!("exactly one of: {}", keys.join(", ")),
            );
            None
        }
        many => {
            sec.sink().error(
                "too-many-keys",
                &sec.at(),
                format!("{what} has {}", many.join(" and ")),
                format!("exactly one of: {}", keys.join(", ")),
            );
            many.first().copied()
        }
    }
}

pub(crate) fn frame(sec: &Sec) -> Frame {
    let (from, to) = in_force(sec);
    Frame {
        id: sec.name("frame"),
        version: sec.integer("version").unwrap_or(1),
        title: sec.words("title"),
        division: sec.division("division").unwrap_or_else(no_division),
        cite: top_cite(sec),
        from,
        to,
        classes: classes(sec),
        bounds: bounds(sec),
        measures: sec.secs("measures").iter().filter_map(|m| measure(m, None)).collect(),
        at: sec.at(),
    }
}

/// Reads a scheme. `frames` are those already read, for `frame:` measures.
pub(crate) fn scheme(sec: &Sec, frames: &[Frame]) -> Scheme {
    let (from, to) = in_force(sec);
    let years = sec.sec("evaluates");
    let within = sec.refers("within", What::Frame);
    let frame = within.as_ref().and_then(|id| frame_for(frames, id, from, to));
    if let (None, Some(id)) = (frame, &within)
        && frames.iter().any(|f| f.id == *id)
    {
        let at = sec.get("within").map_or_else(|| sec.at(), |n| n.at.clone());
        sec.sink().error(
            "no-frame-then",
            &at,
            format!("no version of `{id}` is in force while this scheme is"),
            "a frame in force on the scheme's first day, or on a later one of its days",
        );
    }
    Scheme {
        id: sec.name("scheme"),
        version: sec.integer("version").unwrap_or(1),
        title: sec.words("title"),
        division: sec.division("division").unwrap_or_else(no_division),
        cite: top_cite(sec),
        from,
        to,
        year_from: years.as_ref().and_then(|y| y.integer("from")).unwrap_or(0),
        year_to: years.as_ref().and_then(|y| y.integer("to")),
        in_force_standing: standing_of(sec, "in_force"),
        evaluates_standing: standing_of(sec, "evaluates"),
        advisory: sec.flag("advisory"),
        reference: sec.flag("reference"),
        status_day: status_day(sec),
        parameters: sec.secs("parameters").iter().map(parameter).collect(),
        define: sec.secs("define").iter().map(derived).collect(),
        land: land(sec),
        units: units(sec),
        statuses: sec.secs("statuses").iter().map(status).collect(),
        populations: sec.secs("populations").iter().map(population).collect(),
        classes: classes(sec),
        overrides: sec.secs("overrides").iter().filter_map(override_).collect(),
        precedence: match sec.get("precedence").filter(|n| !n.entries().is_empty()) {
            Some(section) => sec.inside(section).names("order", What::Override),
            None => sec.names("precedence", What::Override),
        },
        precedence_standing: match sec.get("precedence").filter(|n| !n.entries().is_empty()) {
            Some(section) => sec.inside(section).standing(),
            None => sec.standing(),
        },
        measures: sec.secs("measures").iter().filter_map(|m| measure(m, frame)).collect(),
        process: process(sec),
        within,
        at: sec.at(),
    }
}

fn status_day(sec: &Sec) -> StatusDay {
    let inner = sec.sec("status_day");
    let text = inner.as_ref().map_or_else(|| sec.text("status_day"), |s| s.text("day"));
    let parsed = text.as_deref().and_then(|t| {
        let (month, day) = t.split_once('-')?;
        let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
        // 2000 was a leap year, so that 02-29 is admitted.
        Date::new(2000, month, day).ok().map(|_| (month, day))
    });
    if let (None, Some(text)) = (parsed, &text) {
        let at = sec.get("status_day").map_or_else(|| sec.at(), |n| n.at.clone());
        sec.sink().error("bad-day", &at, format!("`{text}`"), "month and day such as `12-31`");
    }
    let (month, day) = parsed.unwrap_or((12, 31));
    let around = inner.as_ref().unwrap_or(sec);
    StatusDay { month, day, clause: inner.as_ref().and_then(Sec::clause), standing: around.standing() }
}

pub(crate) fn parameter(sec: &Sec) -> Parameter {
    let by_year = match one_of(sec, &["value", "by_year"], "the parameter") {
        Some("value") => sec.param("value").map(|p| BTreeMap::from([(0, p)])).unwrap_or_default(),
        Some(_) => years(sec, "by_year"),
        None => BTreeMap::new(),
    };
    Parameter {
        id: sec.name("id"),
        title: sec.words("title"),
        unit: sec.refers("unit", What::Unit),
        by_year,
        at: sec.at(),
    }
}

/// Numbers by year.
fn years(sec: &Sec, key: &str) -> BTreeMap<i16, Param> {
    let mut out = BTreeMap::new();
    for (year, value) in sec.entries(key) {
        if let Some(n) = year_of(sec, &year.text, &year.at) {
            out.insert(n, sec.param_of(value));
        }
    }
    out
}

pub(crate) fn derived(sec: &Sec) -> Derived {
    let kind = match sec.text("kind").as_deref() {
        Some("text") => Kind::Text,
        Some("boolean") => Kind::Boolean,
        _ => Kind::Number,
    };
    if kind == Kind::Number && !sec.has("unit") {
        sec.sink().error(
            "missing-key",
            &sec.at(),
            "no `unit` on an indicator that is a number",
            "`unit:` with an id of `units.yaml`, `one` for a pure number",
        );
    }
    Derived {
        id: sec.name("id"),
        title: sec.words("title"),
        formula: sec.formula("formula", Step::Facts).unwrap_or_else(|| no_formula(sec.at())),
        kind,
        unit: sec.refers("unit", What::Unit).unwrap_or_else(|| "one".to_owned()),
        decimals: sec.integer("decimals").unwrap_or(2),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn no_formula(at: Place) -> crate::Formula {
    crate::Formula { text: String::new(), at }
}

fn land(sec: &Sec) -> LandRule {
    let Some(s) = sec.sec("land") else {
        return LandRule {
            tenants: TenantRule::AllocateByArea,
            floors: FloorRule::LandAreaOnly,
            clause: None,
            standing: sec.standing(),
            at: sec.at(),
        };
    };
    LandRule {
        tenants: match s.name("tenants").as_str() {
            "merge_parcel" => TenantRule::MergeParcel,
            "owner_only" => TenantRule::OwnerOnly,
            _ => TenantRule::AllocateByArea,
        },
        floors: match s.name("floors").as_str() {
            "floor_area_over_floors" => FloorRule::FloorAreaOverFloors,
            _ => FloorRule::LandAreaOnly,
        },
        clause: s.clause(),
        standing: s.standing(),
        at: s.at(),
    }
}

fn units(sec: &Sec) -> UnitRule {
    let Some(s) = sec.sec("units") else {
        return UnitRule {
            inherit_from_owner: None,
            mixed: None,
            mixed_takes: None,
            clause: None,
            standing: sec.standing(),
        };
    };
    let takes = match s.text("mixed_takes").as_deref() {
        Some("better") => Some(Pick::Better),
        Some("worse") => Some(Pick::Worse),
        Some("merged") => Some(Pick::Merged),
        _ => None,
    };
    if s.has("mixed") != s.has("mixed_takes") {
        sec.sink().error("missing-key", &s.at(), "`mixed` and `mixed_takes` belong together", "both, or neither");
    }
    UnitRule {
        inherit_from_owner: s.formula("inherit_from_owner", Step::Facts),
        mixed: s.formula("mixed", Step::Facts),
        mixed_takes: takes,
        clause: s.clause(),
        standing: s.standing(),
    }
}

fn status(sec: &Sec) -> Status {
    Status {
        id: sec.name("id"),
        title: sec.words("title"),
        when: sec.formula("when", Step::Facts).unwrap_or_else(|| no_formula(sec.at())),
        state: match sec.name("state").as_str() {
            "excluded" => State::Excluded,
            "ungraded" => State::Ungraded,
            "transition" => State::Transition,
            "improvement" => State::Improvement,
            "exempt" => State::Exempt,
            _ => State::Unevaluated,
        },
        label: sec.name("label"),
        managed_as: sec.refers("managed_as", What::Class),
        counted: sec.flag("counted"),
        on_application: sec.flag("on_application"),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn classes(sec: &Sec) -> Vec<ClassDef> {
    sec.secs("classes").iter().map(|c| ClassDef { id: c.name("class"), title: c.words("title") }).collect()
}

fn bounds(sec: &Sec) -> Vec<Bound> {
    sec.secs("bounds")
        .iter()
        .map(|b| Bound {
            class: b.refers("class", What::Class).unwrap_or_default(),
            at_most: b.param("at_most"),
            at_least: b.param("at_least"),
        })
        .collect()
}

fn population(sec: &Sec) -> Population {
    let each = sec.get("each").filter(|n| !n.entries().is_empty());
    let behind = sec.sec("each");
    let mut indicators = Vec::new();
    for item in sec.get("indicators").map(Node::items).unwrap_or_default() {
        // What is taken from `each` keeps the clause and standing of `each`.
        let own = sec.inside(item).backed_by(each);
        indicators.push(indicator(&own, behind.as_ref()));
    }
    Population {
        id: sec.name("id"),
        title: sec.words("title"),
        when: sec.formula("when", Step::Facts).unwrap_or_else(|| no_formula(sec.at())),
        rank_within: sec.formulas("rank_within", Step::Facts),
        indicators,
        weights_total: sec.param("weights_total"),
        blocks: sec.entries("blocks").iter().map(|(k, v)| (k.text.clone(), sec.param_of(v))).collect(),
        total: total(sec),
        classing: classing(sec),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn indicator(own: &Sec, each: Option<&Sec>) -> Indicator {
    let from = |key: &str| match each {
        Some(each) if own.node.get(key).is_none() => each.clone(),
        _ => own.clone(),
    };
    let param = |key: &str| from(key).param(key);
    let use_ = own.refers("use", What::Scored).unwrap_or_default();
    let need_baseline = |key: &str| {
        let sec = from(key);
        sec.get(key).map(|n| baseline(&sec, n)).unwrap_or_else(|| {
            own.sink().error(
                "missing-key",
                &own.at(),
                format!("no `{key}` for this way of scoring"),
                format!("`{key}: mean`, or a section with `of` or `fixed`"),
            );
            baseline_of(own, Statistic::Mean)
        })
    };
    let need_param = |key: &str| {
        param(key).unwrap_or_else(|| {
            own.sink().error(
                "missing-key",
                &own.at(),
                format!("no `{key}` for `score: min_max`"),
                format!("`{key}:` with a number"),
            );
            Param { value: Default::default(), clause: None, standing: own.standing(), at: own.at() }
        })
    };
    let score = match from("score").text("score").as_deref() {
        Some("min_max") => Score::MinMax {
            base: need_param("base"),
            span: need_param("span"),
            low: need_baseline("low"),
            high: need_baseline("high"),
        },
        Some("reverse") => Score::Reverse { baseline: need_baseline("baseline") },
        Some("rank") => Score::Rank,
        Some("formula") => {
            let baselines: BTreeMap<String, Baseline> =
                own.entries("baselines").iter().map(|(k, v)| (k.text.clone(), baseline(own, v))).collect();
            let names: Vec<String> = baselines.keys().cloned().collect();
            let points =
                own.get("points").and_then(|n| own.formula_of(n, Step::Scoring, &names)).unwrap_or_else(|| {
                    own.sink().error(
                        "missing-key",
                        &own.at(),
                        "no `points` for `score: formula`",
                        "`points:` with a formula over `value`, `weight` and the baselines",
                    );
                    no_formula(own.at())
                });
            Score::Formula { points, baselines }
        }
        _ => Score::Ratio { baseline: need_baseline("baseline") },
    };
    let rule = |key: &str| from(key).get(key).map(|n| missing(&from(key), n));
    Indicator {
        use_,
        weight: own.param("weight").unwrap_or(Param {
            value: Default::default(),
            clause: None,
            standing: own.standing(),
            at: own.at(),
        }),
        block: own.refers("block", What::Block),
        score,
        cap: param("cap"),
        floor: param("floor"),
        if_missing: rule("if_missing").unwrap_or(Missing::Unknown),
        if_zero_denominator: rule("if_zero_denominator").unwrap_or(Missing::Unknown),
        if_negative: rule("if_negative"),
        clause: own.clause(),
        standing: own.standing(),
        at: own.at(),
    }
}

fn missing<'a>(sec: &Sec<'a>, node: &'a Node) -> Missing {
    match node.text() {
        Some("zero") => return Missing::Zero,
        Some("mean_points") => return Missing::MeanPoints,
        Some("redistribute") => return Missing::Redistribute,
        Some("full") => return Missing::Full,
        Some(_) => return Missing::Unknown,
        None => {}
    }
    let inner = sec.inside(node);
    match one_of(&inner, &["points", "deduct", "as"], "the rule") {
        Some("points") => inner.param("points").map_or(Missing::Unknown, |points| Missing::Points { points }),
        Some("deduct") => inner.param("deduct").map_or(Missing::Unknown, |points| Missing::Deduct { points }),
        Some(_) => {
            inner.get("as").map_or(Missing::Unknown, |n| Missing::As { baseline: Box::new(baseline(&inner, n)) })
        }
        None => Missing::Unknown,
    }
}

fn baseline_of(sec: &Sec, of: Statistic) -> Baseline {
    Baseline {
        of,
        by: Vec::new(),
        over: Over::Population,
        multiple: None,
        lag: 0,
        least: None,
        clause: None,
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn baseline<'a>(sec: &Sec<'a>, node: &'a Node) -> Baseline {
    if let Some(word) = node.text() {
        let of = match word {
            "median" => Statistic::Median,
            "min" => Statistic::Min,
            "max" => Statistic::Max,
            "ratio_of_sums" => Statistic::RatioOfSums,
            "mean" => Statistic::Mean,
            other => {
                sec.sink().error(
                    "missing-key",
                    &node.at,
                    format!("`{other}` needs further numbers"),
                    "a section: `{ of: percentile, p: 95% }`, `{ of: trimmed_mean, cut_low: 5%, cut_high: 5% }`",
                );
                Statistic::Mean
            }
        };
        return Baseline { at: node.at.clone(), ..baseline_of(sec, of) };
    }
    let inner = sec.inside(node);
    let need = |key: &str| {
        inner.param(key).unwrap_or_else(|| {
            inner.sink().error(
                "missing-key",
                &inner.at(),
                format!("no `{key}` for `of: {}`", inner.name("of")),
                format!("`{key}: 5%`"),
            );
            Param { value: Default::default(), clause: None, standing: inner.standing(), at: inner.at() }
        })
    };
    let of = match one_of(&inner, &["of", "fixed"], "the baseline") {
        Some("fixed") => Statistic::Fixed { parameter: inner.refers("fixed", What::Parameter).unwrap_or_default() },
        _ => match inner.name("of").as_str() {
            "trimmed_mean" => Statistic::TrimmedMean { lower: need("cut_low"), upper: need("cut_high") },
            "ratio_of_sums" => Statistic::RatioOfSums,
            "median" => Statistic::Median,
            "percentile" => Statistic::Percentile { p: need("p") },
            "min" => Statistic::Min,
            "max" => Statistic::Max,
            _ => Statistic::Mean,
        },
    };
    Baseline {
        of,
        by: inner.formulas("by", Step::Facts),
        over: match inner.text("over").as_deref() {
            Some("evaluated") => Over::Evaluated,
            Some("collected") => Over::Collected,
            _ => Over::Population,
        },
        multiple: inner.param("multiple"),
        lag: inner.integer("lag").unwrap_or(0),
        least: inner.param("least"),
        clause: inner.clause(),
        standing: inner.standing(),
        at: inner.at(),
    }
}

fn total(population: &Sec) -> Total {
    let Some(sec) = population.sec("total") else {
        return Total {
            formula: None,
            coefficient: None,
            coefficient_standing: population.standing(),
            adjust: Vec::new(),
            bonus_cap: None,
            deduction_cap: None,
        };
    };
    let (coefficient, standing) = match sec.sec("coefficient") {
        Some(inner) => (inner.formula("formula", Step::Facts), inner.standing()),
        None => (sec.formula("coefficient", Step::Facts), sec.standing()),
    };
    Total {
        formula: sec.formula("formula", Step::Total),
        coefficient,
        coefficient_standing: standing,
        adjust: sec.secs("adjust").iter().map(adjust).collect(),
        bonus_cap: sec.param("bonus_cap"),
        deduction_cap: sec.param("deduction_cap"),
    }
}

fn adjust(sec: &Sec) -> AdjustGroup {
    AdjustGroup {
        id: sec.name("id"),
        title: sec.words("title"),
        kind: if sec.name("kind") == "deduction" { AdjustKind::Deduction } else { AdjustKind::Bonus },
        take: if sec.name("take") == "best" { Take::Best } else { Take::Sum },
        cap: sec.param("cap"),
        items: sec.secs("items").iter().map(item).collect(),
        clause: sec.clause(),
    }
}

fn item(sec: &Sec) -> AdjustItem {
    one_of(sec, &["points", "points_formula"], "the item");
    AdjustItem {
        id: sec.name("id"),
        title: sec.words("title"),
        when: sec.formula("when", Step::Facts).unwrap_or_else(|| no_formula(sec.at())),
        points: sec.param("points"),
        points_formula: sec.formula("points_formula", Step::Facts),
        evidence: sec.refers("evidence", What::Fact),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn classing(population: &Sec) -> Classing {
    let sec = population.sec("classing").unwrap_or_else(|| population.clone());
    let method = match one_of(&sec, &["shares", "thresholds", "stages"], "classing") {
        Some("thresholds") => {
            let (cuts, rest) = cuts(&sec, "thresholds");
            ClassMethod::Thresholds { cuts, rest }
        }
        Some("stages") => ClassMethod::Stages {
            stages: sec.secs("stages").iter().map(stage).collect(),
            rest: sec.refers("rest", What::Class).unwrap_or_else(|| {
                sec.sink().error(
                    "missing-key",
                    &sec.at(),
                    "no `rest` beside `stages`",
                    "`rest:` with the class of everyone else",
                );
                String::new()
            }),
        },
        _ => {
            let (cuts, rest) = cuts(&sec, "shares");
            ClassMethod::Shares { cuts, rest }
        }
    };
    let ties = sec.get("ties").map(Node::items).unwrap_or_default().iter().filter_map(|n| tie(&sec, n)).collect();
    Classing {
        method,
        bounds: bounds(&sec),
        denominator: if sec.name("denominator") == "collected" { Denominator::Collected } else { Denominator::Ranked },
        cut: match sec.name("cut").as_str() {
            "ceil" => Cut::Ceil,
            "half_up" => Cut::HalfUp,
            _ => Cut::Floor,
        },
        ties_at_cut: if sec.name("ties_at_cut") == "worse" { TiesAtCut::Worse } else { TiesAtCut::Better },
        ties,
        score_decimals: sec.integer("score_decimals").unwrap_or(2),
        standing: sec.standing(),
        clause: sec.clause(),
        at: sec.at(),
    }
}

/// `{ A: 20%, B: 75%, C: rest }`: cuts in the order written, and who takes the rest.
fn cuts(sec: &Sec, key: &str) -> (Vec<(String, Param)>, String) {
    let mut cuts = Vec::new();
    let mut rest = None;
    for (class, value) in sec.entries(key) {
        sec.sink().refer(What::Class, &class.text, &class.at);
        if value.text() == Some("rest") {
            if rest.replace(class.text.clone()).is_some() {
                sec.sink().error("two-rests", &value.at, "a second `rest`", "one class takes what is left");
            }
        } else {
            if rest.is_some() {
                sec.sink().error(
                    "after-rest",
                    &class.at,
                    format!("`{}` stands after the class that takes the rest", class.text),
                    "the class with `rest` last",
                );
            }
            let number = value.text().or_else(|| value.get("value").and_then(Node::text));
            // A cut that is no number has been reported; as 0 it would only raise further findings.
            if number.and_then(crate::shape::number).is_some() {
                cuts.push((class.text.clone(), sec.param_of(value)));
            }
        }
    }
    if rest.is_none() && sec.has(key) {
        let at = sec.get(key).map_or_else(|| sec.at(), |n| n.at.clone());
        sec.sink().error("no-rest", &at, "no class takes what is left", "one class with `rest`, last");
    }
    (cuts, rest.unwrap_or_default())
}

fn stage(sec: &Sec) -> Stage {
    let number = |key: &str| {
        sec.param(key).unwrap_or(Param {
            value: Default::default(),
            clause: None,
            standing: sec.standing(),
            at: sec.at(),
        })
    };
    Stage {
        class: sec.refers("class", What::Class).unwrap_or_default(),
        pool: number("pool"),
        from_worst: sec.text("from").as_deref() == Some("worst"),
        by: sec.formula("by", Step::Facts),
        take: number("take"),
    }
}

fn tie<'a>(sec: &Sec<'a>, node: &'a Node) -> Option<TieKey> {
    if node.text().is_some() {
        return Some(TieKey { by: sec.formula_of(node, Step::Facts, &[])?, higher_first: true });
    }
    let by = node.get("by").and_then(|n| sec.formula_of(n, Step::Facts, &[]))?;
    Some(TieKey { by, higher_first: node.get("lower_first").and_then(Node::text) != Some("true") })
}

fn override_(sec: &Sec) -> Option<Override> {
    let effect = match one_of(sec, &["set", "not_better_than", "not_worse_than", "shift"], "the override")? {
        "shift" => Effect::Shift { grades: sec.integer("shift").unwrap_or(0) },
        key => {
            let class = sec.refers(key, What::Class).unwrap_or_default();
            match key {
                "set" => Effect::Set { class },
                "not_better_than" => Effect::NotBetterThan { class },
                _ => Effect::NotWorseThan { class },
            }
        }
    };
    Some(Override {
        id: sec.name("id"),
        title: sec.words("title"),
        kind: match sec.name("kind").as_str() {
            "veto" => OverrideKind::Veto,
            "protection" => OverrideKind::Protection,
            "direct" => OverrideKind::Direct,
            _ => OverrideKind::Shift,
        },
        populations: sec.names("populations", What::Population),
        when: sec.formula("when", Step::Ranking).unwrap_or_else(|| no_formula(sec.at())),
        unless: sec.names("unless", What::Override),
        effect,
        evidence: sec.refers("evidence", What::Fact),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    })
}

fn measure(sec: &Sec, frame: Option<&Frame>) -> Option<Measure> {
    if let Some(wanted) = sec.text("frame") {
        let lent = || frame.into_iter().flat_map(|f| &f.measures);
        let found = lent().find(|m| m.id == wanted);
        if found.is_none() {
            let known: Vec<&str> = lent().map(|m| m.id.as_str()).collect();
            let at = sec.get("frame").map_or_else(|| sec.at(), |n| n.at.clone());
            sec.sink().error(
                "unknown-measure",
                &at,
                format!("the frame has no measure `{wanted}`"),
                format!("measures of the frame named by `within`: {}", known.join(", ")),
            );
        }
        return found.cloned();
    }
    for key in ["id", "title", "classes", "owner"] {
        if !sec.has(key) {
            sec.sink().error(
                "missing-key",
                &sec.at(),
                format!("no `{key}`"),
                "a measure has `id`, `title`, `classes` and `owner`, or only `frame`",
            );
        }
    }
    let kind = one_of(sec, &["value", "by_consecutive_years", "by_year", "fraction_of", "words"], "the measure")?;
    let value = match kind {
        "value" => MeasureValue::Fixed { amount: sec.param("value")? },
        "by_consecutive_years" => MeasureValue::ByConsecutiveYears { amounts: sec.params("by_consecutive_years") },
        "by_year" => MeasureValue::ByYear { amounts: years(sec, "by_year") },
        "fraction_of" => {
            let inner = sec.sec("fraction_of")?;
            MeasureValue::FractionOf { measure: inner.refers("measure", What::Measure)?, ratio: inner.param("ratio")? }
        }
        _ => MeasureValue::Words { text: sec.words("words") },
    };
    if kind != "words" && !sec.has("unit") {
        sec.sink().error(
            "missing-key",
            &sec.at(),
            "no `unit` on a measure with an amount",
            "`unit:` with an id of `units.yaml`",
        );
    }
    Some(Measure {
        id: sec.name("id"),
        title: sec.words("title"),
        classes: sec.names("classes", What::Class),
        when: sec.formula("when", Step::Ranking),
        value,
        unit: sec.refers("unit", What::Unit),
        quantity: sec.refers("quantity", What::Fact),
        account: sec.refers("account", What::Fact),
        highest_with: sec.names("highest_with", What::Fact),
        basis: sec.cite("basis"),
        from: sec.date("from"),
        to: sec.date("to"),
        starts: match sec.text("starts").as_deref() {
            Some("after_publication") => Starts::AfterPublication,
            _ => Starts::January,
        },
        lag: sec.integer("lag").unwrap_or(1),
        owner: sec.words("owner"),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    })
}

fn process(top: &Sec) -> ProcessRule {
    let sec = top.sec("process").unwrap_or_else(|| top.clone());
    let nothing = || Days {
        days: Param { value: Default::default(), clause: None, standing: sec.standing(), at: sec.at() },
        working: true,
        counts_first_day: false,
    };
    let notice_sec = sec.sec("notice");
    let mut notice_by_year = BTreeMap::new();
    for (year, node) in notice_sec.iter().flat_map(|n| n.entries("by_year")) {
        let inner = notice_sec.as_ref().expect("iterated above").inside(node);
        if let (Some(year), Some(days)) = (year_of(&sec, &year.text, &year.at), days(&inner)) {
            notice_by_year.insert(year, days);
        }
    }
    let notice = match &notice_sec {
        Some(inner) if inner.has("by_year") => {
            for key in ["working_days", "calendar_days"].iter().filter(|key| inner.has(key)) {
                sec.sink().error(
                    "too-many-keys",
                    &inner.at(),
                    format!("the notice has by_year and {key}"),
                    "exactly one of: working_days, calendar_days, by_year",
                );
            }
            notice_by_year.values().next().cloned()
        }
        Some(inner) => days(inner),
        None => None,
    };
    let mut ends_at_by_year = BTreeMap::new();
    for (year, node) in sec.entries("ends_at") {
        if let (Some(year), Some(time)) = (year_of(&sec, &year.text, &year.at), time(&sec, node)) {
            ends_at_by_year.insert(year, time);
        }
    }
    ProcessRule {
        process: sec.refers("use", What::Process).unwrap_or_default(),
        notice: notice.unwrap_or_else(nothing),
        notice_by_year,
        land_notice: sec.sec("land_notice").and_then(|s| days(&s)),
        ends_at: sec.get("ends_at").and_then(|node| time(&sec, node)),
        ends_at_by_year,
        objections_to: sec.words("objections_to"),
        clause: sec.clause(),
        standing: sec.standing(),
    }
}

/// What a scheme says of the first day of its notices; none: what its process says.
pub(crate) fn counts_first_day(top: &Sec) -> Option<bool> {
    let sec = top.sec("process")?;
    sec.has("counts_first_day").then(|| sec.flag("counts_first_day"))
}

impl ProcessRule {
    /// All numbers of days that the scheme itself gives.
    pub(crate) fn all_days(&mut self) -> impl Iterator<Item = &mut Days> {
        std::iter::once(&mut self.notice).chain(self.notice_by_year.values_mut()).chain(&mut self.land_notice)
    }
}

fn year_of(sec: &Sec, text: &str, at: &Place) -> Option<i16> {
    let year = text.parse::<i16>().ok().filter(|n| (1990..=2200).contains(n));
    if year.is_none() {
        sec.sink().error("bad-year", at, format!("`{text}`"), "a year from 1990 to 2200");
    }
    year
}

/// A time of day; a text that is none is a fault.
fn time(sec: &Sec, node: &Node) -> Option<String> {
    let text = node.text()?;
    if text.parse::<jiff::civil::Time>().is_err() {
        sec.sink().error("bad-time", &node.at, format!("`{text}`"), "hours and minutes in quotes, such as `\"17:30\"`");
    }
    Some(text.to_owned())
}

pub(crate) fn days(sec: &Sec) -> Option<Days> {
    let key = one_of(sec, &["working_days", "calendar_days"], "the number of days")?;
    let days = sec.param(key)?;
    if !days.value.is_integer() || days.value.is_sign_negative() {
        sec.sink().error("bad-integer", &days.at, format!("{} days", days.value), "a whole number of days");
    }
    Some(Days { days, working: key == "working_days", counts_first_day: false })
}
