//! What is wrong with definitions that read well: names that nothing defines, weights that do not
//! add up, versions that overlap, limits of the frame overstepped. All faults at once, by place.
//!
//! Types and units of formulas are not checked here but where they are compiled (`measure`).

use crate::fact::{About, Known};
use crate::load::{Law, sort};
use crate::names;
use crate::place::{Diagnostic, Place};
use crate::process::Process;
use crate::read::{Ref, Step, Use, What};
use crate::scheme::*;
use crate::shape::nearest;
use crate::template::{ColumnRole, Kind};
use jiff::civil::{Date, Weekday};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Checks the law as a whole.
pub fn check(law: &Law) -> Vec<Diagnostic> {
    let mut check = Check { law, out: Vec::new() };
    law.refs.iter().for_each(|r| check.reference(r));
    law.uses.iter().for_each(|u| check.formula(u));
    law.uses.iter().for_each(|u| check.hidden_numbers(u));
    law.schemes.iter().for_each(|s| check.scheme(s));
    law.frames.iter().for_each(|f| check.measures(&f.measures));
    check.versions();
    check.cycles();
    law.processes.values().for_each(|p| check.process(p));
    check.templates();
    check.unstated();
    check.calendars();
    check.articles();
    check.out.extend(crate::check_rule::check(law));
    check.out.extend(crate::check_chain::check(law));
    let mut out = check.out;
    sort(&mut out);
    out
}

struct Check<'a> {
    law: &'a Law,
    out: Vec<Diagnostic>,
}

impl<'a> Check<'a> {
    fn error(&mut self, code: &'static str, at: &Place, found: impl Into<String>, allowed: impl Into<String>) {
        self.out.push(Diagnostic::error(code, at, found, allowed));
    }

    fn warning(&mut self, code: &'static str, at: &Place, found: impl Into<String>, allowed: impl Into<String>) {
        self.out.push(Diagnostic::warning(code, at, found, allowed));
    }

    fn scheme_in(&self, file: &str) -> Option<&'a Scheme> {
        self.law.schemes.iter().find(|s| &*s.at.file == file)
    }

    /// A name that must be defined somewhere.
    fn reference(&mut self, r: &Ref) {
        let law = self.law;
        let scheme = self.scheme_in(&r.at.file);
        let frame = law.frames.iter().find(|f| f.at.file == r.at.file);
        let (code, known): (&'static str, Vec<&str>) = match r.what {
            What::Scored => ("unknown-indicator", self.indicators(scheme)),
            What::Fact => ("unknown-fact", law.facts.keys().map(String::as_str).collect()),
            What::Class => {
                let classes = scheme.map(|s| &s.classes).or(frame.map(|f| &f.classes));
                ("unknown-class", classes.into_iter().flatten().map(|c| c.id.as_str()).collect())
            }
            What::Population => {
                ("unknown-population", scheme.into_iter().flat_map(|s| &s.populations).map(|p| p.id.as_str()).collect())
            }
            What::Override => {
                ("unknown-override", scheme.into_iter().flat_map(|s| &s.overrides).map(|o| o.id.as_str()).collect())
            }
            What::Measure => {
                let measures = scheme.map(|s| &s.measures).or(frame.map(|f| &f.measures));
                ("unknown-measure", measures.into_iter().flatten().map(|m| m.id.as_str()).collect())
            }
            What::Parameter => {
                ("unknown-parameter", scheme.into_iter().flat_map(|s| &s.parameters).map(|p| p.id.as_str()).collect())
            }
            What::Process => ("unknown-process", law.processes.keys().map(String::as_str).collect()),
            What::Frame => ("unknown-frame", law.frames.iter().map(|f| f.id.as_str()).collect()),
            What::Rule => ("unknown-rule", law.rules.iter().map(|r| r.id.as_str()).collect()),
            What::Chain => ("unknown-chain", law.chains.iter().map(|c| c.id.as_str()).collect()),
            What::Unit => ("unknown-unit", law.units.all.keys().map(String::as_str).collect()),
            What::Block => (
                "unknown-block",
                scheme
                    .into_iter()
                    .flat_map(|s| &s.populations)
                    .flat_map(|p| p.blocks.keys())
                    .map(String::as_str)
                    .collect(),
            ),
            What::Definition => {
                let mut known: Vec<&str> = law.schemes.iter().map(|s| s.id.as_str()).collect();
                known.extend(law.frames.iter().map(|f| f.id.as_str()));
                known.extend(law.processes.keys().map(String::as_str));
                known.extend(law.templates.iter().map(|t| t.id.as_str()));
                known.extend(law.rules.iter().map(|r| r.id.as_str()));
                known.extend(law.reviews.iter().map(|r| r.id.as_str()));
                known.extend(law.chains.iter().map(|c| c.id.as_str()));
                known.extend(law.chain_rules.iter().map(|r| r.id.as_str()));
                known.extend(law.industry_lists.iter().map(|l| l.id.as_str()));
                known.extend(["codes", "national/indicators", "national/calendars"]);
                ("unknown-definition", known)
            }
        };
        if !r.name.is_empty() && !known.contains(&r.name.as_str()) {
            self.error(code, &r.at, format!("`{}`", r.name), among(&r.name, &known));
        }
    }

    fn indicators(&self, scheme: Option<&'a Scheme>) -> Vec<&'a str> {
        let law = self.law;
        let numbers =
            law.facts.values().filter(|f| f.kind == Kind::Number && f.about == About::Firm).map(|f| f.id.as_str());
        let own = scheme.into_iter().flat_map(|s| &s.define).filter(|d| d.kind == Kind::Number).map(|d| d.id.as_str());
        own.chain(law.derived.keys().map(String::as_str)).chain(numbers).collect()
    }

    /// Names in a formula: defined at all, and known at that step.
    fn formula(&mut self, u: &Use) {
        let law = self.law;
        if let Some(rule) = law.rules.iter().find(|r| r.at.file == u.formula.at.file) {
            self.out.extend(crate::check_rule::names(law, rule, u));
            return;
        }
        let scheme = self.scheme_in(&u.formula.at.file);
        for name in names::of(&u.formula.text) {
            if u.also.iter().any(|a| a == name) || name.starts_with("applied_") {
                continue;
            }
            if let Some(attribute) = law.attributes.get(name) {
                let fits = match attribute.known {
                    Known::Always => true,
                    Known::Scoring => u.step == Step::Scoring,
                    Known::Total => u.step == Step::Total,
                    Known::Ranking => u.step == Step::Ranking,
                };
                let shadowed = self.is_defined(scheme, name);
                if !fits && !shadowed {
                    let at = names::place(law, &u.formula, name);
                    let when = match attribute.known {
                        Known::Always => "everywhere",
                        Known::Scoring => "in `points` formulas only",
                        Known::Total => "in `total` formulas only",
                        Known::Ranking => "in overrides and measures only, after ranking",
                    };
                    self.error(
                        "not-known-here",
                        &at,
                        format!("`{name}` is not known at this step"),
                        format!("`{name}` {when}"),
                    );
                }
                continue;
            }
            if !self.is_defined(scheme, name) {
                let at = names::place(law, &u.formula, name);
                let mut known: Vec<&str> =
                    law.facts.values().filter(|f| f.about == About::Firm).map(|f| f.id.as_str()).collect();
                known.extend(law.attributes.keys().map(String::as_str));
                known.extend(law.derived.keys().map(String::as_str));
                if let Some(scheme) = scheme {
                    known.extend(scheme.define.iter().map(|d| d.id.as_str()));
                    known.extend(scheme.parameters.iter().map(|p| p.id.as_str()));
                }
                self.error("unknown-name", &at, format!("`{name}` in a formula"), among(name, &known));
            }
        }
    }

    /// A number of the document that hides in a scheme's formula, where no clause and no mark can
    /// stand beside it. 0 and 1 are what signs and years count with.
    fn hidden_numbers(&mut self, u: &Use) {
        if self.scheme_in(&u.formula.at.file).is_none() {
            return;
        }
        for number in names::numbers(&u.formula.text).into_iter().filter(|n| !matches!(*n, "0" | "1")) {
            let at = names::place(self.law, &u.formula, number);
            self.warning(
                "number-in-formula",
                &at,
                format!("{number} stands in a formula, without clause or standing of its own"),
                "a name from `parameters`, where the number has its title, unit and clause",
            );
        }
    }

    fn is_defined(&self, scheme: Option<&Scheme>, name: &str) -> bool {
        self.law.facts.get(name).is_some_and(|f| f.about == About::Firm)
            || self.law.derived.contains_key(name)
            || scheme
                .is_some_and(|s| s.define.iter().any(|d| d.id == name) || s.parameters.iter().any(|p| p.id == name))
    }

    fn scheme(&mut self, scheme: &'a Scheme) {
        let law = self.law;
        if !law.divisions.all.is_empty() && law.divisions.get(scheme.division).is_none() {
            self.error(
                "unknown-division",
                &scheme.at,
                format!("{}", scheme.division),
                "a code of the lists under `codes/`",
            );
        }
        if scheme.to.is_some_and(|to| to < scheme.from) || scheme.year_to.is_some_and(|to| to < scheme.year_from) {
            self.error("bad-period", &scheme.at, "the last day or year lies before the first", "`from` before `to`");
        }
        self.unique("parameter", scheme.parameters.iter().map(|p| (p.id.as_str(), &p.at)));
        self.unique("indicator", scheme.define.iter().map(|d| (d.id.as_str(), &d.at)));
        self.unique("status", scheme.statuses.iter().map(|s| (s.id.as_str(), &s.at)));
        self.unique("population", scheme.populations.iter().map(|p| (p.id.as_str(), &p.at)));
        self.unique("override", scheme.overrides.iter().map(|o| (o.id.as_str(), &o.at)));
        self.unique("measure", scheme.measures.iter().map(|m| (m.id.as_str(), &m.at)));
        self.unique("class", scheme.classes.iter().map(|c| (c.id.as_str(), &scheme.at)));
        for population in &scheme.populations {
            self.weights(population);
            self.indicators_of(scheme, population);
            self.adjusts(population);
            self.cuts(scheme, population);
            self.frame_bounds(scheme, population);
        }
        self.precedence(scheme);
        self.measures(&scheme.measures);
        self.parameters(scheme);
    }

    fn unique<'p>(&mut self, what: &str, items: impl Iterator<Item = (&'p str, &'p Place)>) {
        let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
        for (id, at) in items.filter(|(id, _)| !id.is_empty()) {
            if let Some(first) = seen.get(id) {
                self.error(
                    "duplicate-id",
                    at,
                    format!("a second {what} `{id}`"),
                    format!("each id once; the first stands in line {}", first.line),
                );
            } else {
                seen.insert(id, at);
            }
        }
    }

    fn weights(&mut self, population: &Population) {
        let sum_of = |indicators: &[&Indicator]| indicators.iter().map(|i| i.weight.value).sum::<Decimal>();
        let shown = |indicators: &[&Indicator]| {
            indicators.iter().map(|i| i.weight.value.normalize().to_string()).collect::<Vec<_>>().join(" + ")
        };
        let all: Vec<&Indicator> = population.indicators.iter().collect();
        let sum =
            format!("the weights of `{}` add up to {} ({})", population.id, sum_of(&all).normalize(), shown(&all));
        match &population.weights_total {
            Some(total) if sum_of(&all) != total.value => {
                self.error("weights-sum", &total.at, sum, format!("{}", total.value.normalize()));
            }
            // A sum that is not meant is a slip of the pen; one that is meant is said.
            None if sum_of(&all) != Decimal::ONE_HUNDRED && !all.is_empty() => self.error(
                "weights-sum",
                &population.at,
                sum,
                format!("100, or `weights_total: {}` where the document says so", sum_of(&all).normalize()),
            ),
            _ => {}
        }
        for (block, sum) in &population.blocks {
            let own: Vec<&Indicator> = all.iter().copied().filter(|i| i.block.as_ref() == Some(block)).collect();
            if sum_of(&own) != sum.value {
                self.error(
                    "block-sum",
                    &sum.at,
                    format!("the weights of block `{block}` add up to {} ({})", sum_of(&own).normalize(), shown(&own)),
                    format!("{}", sum.value.normalize()),
                );
            }
        }
        for indicator in &all {
            if !population.blocks.is_empty() && indicator.block.is_none() {
                let blocks: Vec<&str> = population.blocks.keys().map(String::as_str).collect();
                self.error(
                    "no-block",
                    &indicator.at,
                    format!("`{}` belongs to no block", indicator.use_),
                    format!("`block:` with one of: {}", blocks.join(", ")),
                );
            }
            if indicator.weight.value <= Decimal::ZERO {
                self.error(
                    "weight-not-positive",
                    &indicator.weight.at,
                    format!("{}", indicator.weight.value),
                    "a weight above 0",
                );
            }
        }
        self.unique("use of indicator", all.iter().map(|i| (i.use_.as_str(), &i.at)));
        if all.len() > 1
            && let Some(rank) = all.iter().find(|i| i.score == Score::Rank)
        {
            self.error(
                "rank-not-alone",
                &rank.at,
                "`score: rank` beside other indicators",
                "`score: rank` in a population with one indicator only",
            );
        }
        if all.is_empty() {
            self.error(
                "no-indicators",
                &population.at,
                format!("`{}` scores nothing", population.id),
                "at least one indicator",
            );
        }
    }

    fn unit_of(&self, scheme: &'a Scheme, id: &str) -> Option<&'a str> {
        self.law
            .indicator(scheme, id)
            .map(|d| d.unit.as_str())
            .or_else(|| self.law.facts.get(id).and_then(|f| f.unit.as_deref()))
    }

    /// A published benchmark must be in the indicator's own unit.
    fn indicators_of(&mut self, scheme: &'a Scheme, population: &'a Population) {
        for indicator in &population.indicators {
            let Some(unit) = self.unit_of(scheme, &indicator.use_) else { continue };
            for baseline in baselines(&indicator.score) {
                let Statistic::Fixed { parameter } = &baseline.of else { continue };
                let Some(parameter) = scheme.parameters.iter().find(|p| &p.id == parameter) else { continue };
                let own = parameter.unit.as_deref().unwrap_or("one");
                if own != unit {
                    self.error(
                        "unit-mismatch",
                        &baseline.at,
                        format!(
                            "benchmark `{}` is in `{own}`, indicator `{}` in `{unit}`",
                            parameter.id, indicator.use_
                        ),
                        format!("a benchmark in `{unit}`"),
                    );
                }
            }
            if let (Some(cap), Some(floor)) = (&indicator.cap, &indicator.floor)
                && floor.value > cap.value * indicator.weight.value
            {
                self.error(
                    "floor-above-cap",
                    &floor.at,
                    format!("at least {} and at most {} points", floor.value, cap.value * indicator.weight.value),
                    "a floor below cap × weight",
                );
            }
        }
    }

    fn adjusts(&mut self, population: &Population) {
        let items = population.total.adjust.iter().flat_map(|g| &g.items);
        self.unique("bonus or deduction", items.clone().map(|i| (i.id.as_str(), &i.at)));
        for points in items.filter_map(|i| i.points.as_ref()) {
            if points.value <= Decimal::ZERO {
                self.error(
                    "points-not-positive",
                    &points.at,
                    format!("{}", points.value),
                    "points above 0; `kind: deduction` takes them off",
                );
            }
        }
    }

    fn cuts(&mut self, scheme: &Scheme, population: &Population) {
        let mut order: Vec<(&str, &Place)> = Vec::new();
        match &population.classing.method {
            ClassMethod::Shares { cuts, rest } => {
                for pair in cuts.windows(2) {
                    if pair[1].1.value <= pair[0].1.value {
                        self.error(
                            "cuts-order",
                            &pair[1].1.at,
                            format!(
                                "`{}` ends at {} and the better `{}` at {}",
                                pair[1].0,
                                percent(pair[1].1.value),
                                pair[0].0,
                                percent(pair[0].1.value)
                            ),
                            "cumulative shares that rise from class to class",
                        );
                    }
                }
                for (class, cut) in cuts {
                    if cut.value <= Decimal::ZERO || cut.value > Decimal::ONE {
                        self.error(
                            "bad-share",
                            &cut.at,
                            format!("`{class}` ends at {}", percent(cut.value)),
                            "a share above 0 % and at most 100 %",
                        );
                    }
                    order.push((class, &cut.at));
                }
                order.push((rest, &population.classing.at));
            }
            ClassMethod::Thresholds { cuts, rest } => {
                for pair in cuts.windows(2) {
                    if pair[1].1.value >= pair[0].1.value {
                        self.error(
                            "cuts-order",
                            &pair[1].1.at,
                            format!(
                                "`{}` begins at {} and the better `{}` at {}",
                                pair[1].0, pair[1].1.value, pair[0].0, pair[0].1.value
                            ),
                            "least totals that fall from class to class",
                        );
                    }
                }
                order.extend(cuts.iter().map(|(class, cut)| (class.as_str(), &cut.at)));
                order.push((rest, &population.classing.at));
            }
            ClassMethod::Stages { stages, .. } => {
                for stage in stages {
                    if stage.take.value > stage.pool.value
                        || stage.pool.value > Decimal::ONE
                        || stage.take.value <= Decimal::ZERO
                    {
                        self.error(
                            "bad-share",
                            &stage.take.at,
                            format!(
                                "takes {} out of a pool of {}",
                                percent(stage.take.value),
                                percent(stage.pool.value)
                            ),
                            "a share above 0 % and not above the pool",
                        );
                    }
                }
            }
        }
        let mut last = None;
        for (class, at) in order {
            let Some(index) = scheme.class_index(class) else { continue };
            if last.is_some_and(|l| index <= l) {
                self.error(
                    "class-order",
                    at,
                    format!("`{class}` does not come after the class before it"),
                    "the order of `classes`, best first",
                );
            }
            last = Some(index);
        }
        for bound in &population.classing.bounds {
            if bound.at_most.is_none() && bound.at_least.is_none() {
                self.error(
                    "empty-bound",
                    &population.classing.at,
                    format!("the bound of `{}` limits nothing", bound.class),
                    "`at_most` or `at_least`",
                );
            }
        }
    }

    /// The share that a class gets by the method alone, where that is fixed.
    fn share(method: &ClassMethod, class: &str) -> Option<(Decimal, Place)> {
        match method {
            ClassMethod::Shares { cuts, rest } => {
                let mut before = Decimal::ZERO;
                for (name, cut) in cuts {
                    if name == class {
                        return Some((cut.value - before, cut.at.clone()));
                    }
                    before = cut.value;
                }
                let at = cuts.last().map(|(_, cut)| cut.at.clone())?;
                (rest == class).then_some((Decimal::ONE - before, at))
            }
            ClassMethod::Stages { stages, .. } => {
                stages.iter().find(|s| s.class == class).map(|s| (s.take.value, s.take.at.clone()))
            }
            ClassMethod::Thresholds { .. } => None,
        }
    }

    fn frame_bounds(&mut self, scheme: &'a Scheme, population: &Population) {
        let law = self.law;
        if let Some(frame) = law.frame_of(scheme) {
            for bound in &frame.bounds {
                let Some((share, at)) = Self::share(&population.classing.method, &bound.class) else { continue };
                let held = population.classing.bounds.iter().find(|b| b.class == bound.class);
                if let Some(most) = &bound.at_most
                    && share > most.value
                    && held.and_then(|b| b.at_most.as_ref()).is_none_or(|own| own.value > most.value)
                {
                    self.error(
                        "outside-frame",
                        &at,
                        format!("`{}` gives class {} {}", population.id, bound.class, percent(share)),
                        format!("at most {} ({})", percent(most.value), frame.cite.document),
                    );
                }
                if let Some(least) = &bound.at_least
                    && share < least.value
                    && held.and_then(|b| b.at_least.as_ref()).is_none_or(|own| own.value < least.value)
                {
                    self.error(
                        "outside-frame",
                        &at,
                        format!("`{}` gives class {} {}", population.id, bound.class, percent(share)),
                        format!("at least {} ({})", percent(least.value), frame.cite.document),
                    );
                }
            }
        }
    }

    fn precedence(&mut self, scheme: &Scheme) {
        let listed: BTreeSet<&str> = scheme.precedence.iter().map(String::as_str).collect();
        if listed.len() < scheme.precedence.len() {
            self.error(
                "precedence-twice",
                &scheme.at,
                "an override stands twice in `precedence`",
                "each override once, the strongest first",
            );
        }
        for override_ in scheme.overrides.iter().filter(|o| !listed.contains(o.id.as_str())) {
            self.error(
                "precedence-incomplete",
                &override_.at,
                format!("`{}` is not in `precedence`", override_.id),
                "every override in `precedence`, the strongest first",
            );
        }
        // The one that sets aside must itself apply whatever else holds, or the two would wait for each other.
        for override_ in &scheme.overrides {
            let setting = |id: &String| scheme.overrides.iter().find(|o| o.id == *id);
            for other in override_.unless.iter().filter_map(setting).filter(|o| !o.unless.is_empty()) {
                self.error(
                    "unless-unless",
                    &override_.at,
                    format!("`{}` yields to `{}`, which yields itself", override_.id, other.id),
                    "in `unless`, overrides without `unless` of their own",
                );
            }
        }
    }

    fn measures(&mut self, measures: &'a [Measure]) {
        let law = self.law;
        for measure in measures {
            if measure.basis.is_none() {
                self.warning(
                    "measure-without-basis",
                    &measure.at,
                    format!("`{}` names no legal basis", measure.id),
                    "`basis: { document: … }`; without one the measure is display-only",
                );
            }
            if let MeasureValue::FractionOf { measure: other, .. } = &measure.value
                && *other == measure.id
            {
                self.error(
                    "cycle",
                    &measure.at,
                    format!("`{}` is a fraction of itself", measure.id),
                    "another measure",
                );
            }
            for fact in &measure.highest_with {
                let unit = law.facts.get(fact).and_then(|f| f.unit.as_ref());
                if unit.is_some() && unit != measure.unit.as_ref() {
                    self.error(
                        "unit-mismatch",
                        &measure.at,
                        format!("`{fact}` is in `{}`", unit.map_or("", |u| u)),
                        format!("the measure's own unit `{}`", measure.unit.as_deref().unwrap_or("one")),
                    );
                }
            }
            if let (Some(from), Some(to)) = (measure.from, measure.to)
                && to < from
            {
                self.error(
                    "bad-period",
                    &measure.at,
                    format!("{from} to {to}"),
                    "a first and a last day in that order",
                );
            }
        }
    }

    fn parameters(&mut self, scheme: &'a Scheme) {
        let law = self.law;
        let in_file = |at: &Place| at.file == scheme.at.file;
        let used: BTreeSet<&str> = law
            .uses
            .iter()
            .filter(|u| in_file(&u.formula.at))
            .flat_map(|u| names::of(&u.formula.text))
            .chain(law.refs.iter().filter(|r| in_file(&r.at) && r.what == What::Parameter).map(|r| r.name.as_str()))
            .collect();
        for parameter in &scheme.parameters {
            if !used.contains(parameter.id.as_str()) {
                self.warning(
                    "unused-parameter",
                    &parameter.at,
                    format!("nothing uses `{}`", parameter.id),
                    "a formula or a `fixed` baseline that names it",
                );
            }
            let Some((&first, _)) = parameter.by_year.first_key_value() else { continue };
            if first > scheme.year_from {
                self.error(
                    "year-gap",
                    &parameter.at,
                    format!("`{}` begins in {first}", parameter.id),
                    format!("a value for {} on, the first evaluation year", scheme.year_from),
                );
            } else if first != 0 {
                let missing: Vec<String> = (scheme.year_from..=law.last_year(scheme))
                    .filter(|y| !parameter.by_year.contains_key(y))
                    .map(|y| y.to_string())
                    .collect();
                if !missing.is_empty() {
                    self.warning(
                        "year-gap",
                        &parameter.at,
                        format!("`{}` has no value of its own for {}", parameter.id, missing.join(", ")),
                        "a value for every evaluation year; a year without one takes the last before it",
                    );
                }
            }
        }
    }

    /// Versions of one id: no two at once, no hole between two.
    fn versions(&mut self) {
        let law = self.law;
        for pair in law.schemes.windows(2).filter(|p| p[0].id == p[1].id) {
            let (old, new) = (&pair[0], &pair[1]);
            if old.version == new.version {
                self.error(
                    "duplicate-version",
                    &new.at,
                    format!("a second version {}", new.version),
                    format!("another number; the first is {}", old.at.file),
                );
            }
            self.periods(old, new);
        }
        for pair in law.frames.windows(2).filter(|p| p[0].id == p[1].id) {
            let (old, new) = (&pair[0], &pair[1]);
            if old.version == new.version {
                self.error(
                    "duplicate-version",
                    &new.at,
                    format!("a second version {}", new.version),
                    format!("another number; the first is {}", old.at.file),
                );
            }
            self.in_force(&new.at, (old.version, &old.at, old.to), new.from);
        }
        self.competing();
        self.outdated_frames();
    }

    /// Two schemes for one place and year: which one holds would be left to chance.
    fn competing(&mut self) {
        let real: Vec<&Scheme> = self.law.schemes.iter().filter(|s| !s.reference).collect();
        for (i, new) in real.iter().enumerate() {
            let both = |old: &&&Scheme| {
                old.id != new.id
                    && old.division == new.division
                    && old.year_to.is_none_or(|last| last >= new.year_from)
                    && new.year_to.is_none_or(|last| last >= old.year_from)
            };
            if let Some(old) = real[..i].iter().find(both) {
                self.error(
                    "competing-schemes",
                    &new.at,
                    format!(
                        "evaluates {} in {}, which `{}` does too",
                        new.division,
                        new.year_from.max(old.year_from),
                        old.id
                    ),
                    format!("years that do not meet those of {}, or `reference: true` in one of the two", old.at.file),
                );
            }
        }
    }

    /// A scheme keeps the frame that was in force on its first day; an amendment reaches it with its
    /// next version only.
    fn outdated_frames(&mut self) {
        let law = self.law;
        for scheme in law.schemes.iter().filter(|s| !s.reference) {
            let Some(frame) = law.frame_of(scheme) else { continue };
            let later = law.frames.iter().filter(|f| f.id == frame.id && f.version > frame.version);
            let reached = later.filter(|f| scheme.to.is_none_or(|last| f.from <= last)).min_by_key(|f| f.version);
            if let Some(newer) = reached {
                self.warning(
                    "frame-amended",
                    &scheme.at,
                    format!(
                        "goes by version {} of `{}`; version {} is in force from {}",
                        frame.version, frame.id, newer.version, newer.from
                    ),
                    format!("`to:` before {} here, and a next version of the scheme from then on", newer.from),
                );
            }
        }
    }

    /// One version after another: no two at once, no day between them.
    fn in_force(&mut self, at: &Place, old: (u32, &Place, Option<Date>), from: Date) {
        let (version, file, to) = old;
        match to {
            Some(to) if to < from => {
                if to.tomorrow().is_ok_and(|next| next < from) {
                    self.error(
                        "date-gap",
                        at,
                        format!("nothing is in force between {to} (version {version}) and {from}"),
                        "versions that follow each other day by day",
                    );
                }
            }
            _ => self.error(
                "overlapping-versions",
                at,
                format!(
                    "in force from {from} while version {version} is in force {}",
                    to.map_or("without end".to_owned(), |to| format!("until {to}"))
                ),
                format!("`to:` in {} before {from}", file.file),
            ),
        }
    }

    fn periods(&mut self, old: &Scheme, new: &Scheme) {
        self.in_force(&new.at, (old.version, &old.at, old.to), new.from);
        match old.year_to {
            Some(to) if to < new.year_from => {
                if to + 1 < new.year_from {
                    self.error(
                        "year-gap",
                        &new.at,
                        format!("no version evaluates {} to {}", to + 1, new.year_from - 1),
                        "evaluation years without a hole",
                    );
                }
            }
            _ => self.error(
                "overlapping-years",
                &new.at,
                format!("evaluates {} on, which version {} does too", new.year_from, old.version),
                format!("`evaluates: {{ to: {} }}` in {}", new.year_from - 1, old.at.file),
            ),
        }
    }

    /// Indicators that need themselves.
    fn cycles(&mut self) {
        let law = self.law;
        let global: BTreeMap<&str, &Derived> = law.derived.iter().map(|(id, d)| (id.as_str(), d)).collect();
        self.cycles_among(&global);
        for scheme in &law.schemes {
            let mut own = global.clone();
            own.extend(scheme.define.iter().map(|d| (d.id.as_str(), d)));
            self.cycles_among(&own);
        }
    }

    fn cycles_among(&mut self, all: &BTreeMap<&str, &Derived>) {
        let mut done = BTreeSet::new();
        for id in all.keys() {
            self.walk(id, all, &mut Vec::new(), &mut done);
        }
    }

    fn walk<'n>(
        &mut self,
        id: &'n str,
        all: &BTreeMap<&'n str, &'n Derived>,
        path: &mut Vec<&'n str>,
        done: &mut BTreeSet<&'n str>,
    ) {
        if let Some(start) = path.iter().position(|p| *p == id) {
            let derived = all[id];
            self.error(
                "cycle",
                &derived.formula.at,
                format!("{} → {id}", path[start..].join(" → ")),
                "formulas that do not come back to themselves",
            );
            return;
        }
        let Some(derived) = all.get(id) else { return };
        if !done.insert(id) && path.is_empty() {
            return;
        }
        path.push(id);
        for name in names::of(&derived.formula.text) {
            if path.contains(&name) || !done.contains(name) {
                self.walk(name, all, path, done);
            }
        }
        path.pop();
    }

    fn process(&mut self, process: &Process) {
        let states: Vec<&str> = process.states.iter().map(|s| s.id.as_str()).collect();
        let guards: Vec<&str> = process.guards.iter().map(|g| g.id.as_str()).collect();
        self.unique("state", process.states.iter().map(|s| (s.id.as_str(), &s.at)));
        self.unique("guard", process.guards.iter().map(|g| (g.id.as_str(), &g.at)));
        // One action may have several steps, but from one state it leads to one place.
        let steps: Vec<(String, &Place)> = process
            .transitions
            .iter()
            .flat_map(|t| t.from.iter().map(|from| (format!("{} from {from}", t.action), &t.at)))
            .collect();
        self.unique("action", steps.iter().map(|(step, at)| (step.as_str(), *at)));
        if !states.contains(&process.start.as_str()) {
            self.error(
                "unknown-state",
                &process.at,
                format!("start `{}`", process.start),
                among(&process.start, &states),
            );
        }
        for transition in &process.transitions {
            for state in transition.from.iter().chain([&transition.to]) {
                if !states.contains(&state.as_str()) {
                    self.error(
                        "unknown-state",
                        &transition.at,
                        format!("`{state}` in `{}`", transition.action),
                        among(state, &states),
                    );
                }
            }
            for guard in &transition.guards {
                if !guards.contains(&guard.as_str()) {
                    self.error(
                        "unknown-guard",
                        &transition.at,
                        format!("`{guard}` in `{}`", transition.action),
                        among(guard, &guards),
                    );
                }
            }
        }
        for clock in &process.clocks {
            for state in clock.stops.iter().chain([&clock.starts]) {
                if !states.contains(&state.as_str()) {
                    self.error(
                        "unknown-state",
                        &clock.at,
                        format!("`{state}` in clock `{}`", clock.id),
                        among(state, &states),
                    );
                }
            }
            if let Some(over) = clock.over.as_ref().filter(|o| !guards.contains(&o.as_str())) {
                self.error(
                    "unknown-guard",
                    &clock.at,
                    format!("`{over}` in clock `{}`", clock.id),
                    among(over, &guards),
                );
            }
        }
        for state in &process.states {
            let leaves = process.transitions.iter().any(|t| t.from.contains(&state.id));
            let reached = state.id == process.start
                || process.transitions.iter().any(|t| t.to == state.id && t.from.iter().any(|from| *from != state.id));
            if state.last && leaves {
                self.error(
                    "last-state-left",
                    &state.at,
                    format!("`{}` is the last and an action leaves it", state.id),
                    "no action from a last state",
                );
            }
            if !state.last && !leaves {
                self.error(
                    "dead-end",
                    &state.at,
                    format!("nothing leads out of `{}`", state.id),
                    "an action from it, or `last: true`",
                );
            }
            if !reached {
                self.error(
                    "unreachable-state",
                    &state.at,
                    format!("nothing leads to `{}`", state.id),
                    "an action to it",
                );
            }
        }
    }

    /// Facts that a formula of a scheme names and no department's workbook can bring: they would stay
    /// unknown for every firm.
    fn unstated(&mut self) {
        let law = self.law;
        let columns = || law.templates.iter().flat_map(|t| &t.tables).flat_map(|t| &t.columns);
        let mut stated: BTreeSet<&str> = columns().flat_map(|c| &c.values).map(|v| v.fact.as_str()).collect();
        stated.extend(
            columns().filter_map(|c| if let ColumnRole::Fact(fact) = &c.role { Some(fact.as_str()) } else { None }),
        );
        for u in law.uses.iter().filter(|_| !stated.is_empty()) {
            let names = names::of(&u.formula.text);
            let facts = names.into_iter().filter(|n| law.facts.get(*n).is_some_and(|f| f.about == About::Firm));
            for fact in facts.filter(|f| !stated.contains(f)) {
                let owner = law.facts[fact].owner.name();
                self.error(
                    "fact-without-template",
                    &names::place(law, &u.formula, fact),
                    format!("no template has a column for `{fact}`"),
                    format!("a column with `fact: {fact}` in a template of the department `{owner}`"),
                );
            }
        }
    }

    fn templates(&mut self) {
        let law = self.law;
        self.unique("template", law.templates.iter().map(|t| (t.id.as_str(), &t.at)));
        for column in law.templates.iter().flat_map(|t| &t.tables).flat_map(|t| &t.columns) {
            let Some(unit) = column.unit.as_deref() else { continue };
            for other in &column.accepts {
                if let Err(fault @ crate::units::UnitFault::Dimension { .. }) = law.units.factor(other, unit) {
                    self.error(
                        "unit-mismatch",
                        &column.at,
                        fault.to_string(),
                        format!("units of the same dimension as `{unit}`"),
                    );
                }
            }
            if let (ColumnRole::Fact(fact), Some(declared)) = (&column.role, &law.units.parse_head(&column.head).unit)
                && declared != unit
            {
                self.error(
                    "unit-mismatch",
                    &column.at,
                    format!("the head declares `{declared}`"),
                    format!("`{unit}`, the unit of `{fact}`"),
                );
            }
        }
    }

    fn calendars(&mut self) {
        for year in self.law.calendar.years.values() {
            for day in year.worked.keys() {
                if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                    self.error(
                        "worked-weekday",
                        &year.at,
                        format!("{day} is no Saturday or Sunday"),
                        "weekend days that are worked",
                    );
                }
                if year.off.contains_key(day) {
                    self.error("off-and-worked", &year.at, format!("{day} is both off and worked"), "one of the two");
                }
            }
            if let Some(day) = year.off.keys().find(|d| d.year() != year.year && d.year() + 1 != year.year) {
                self.error(
                    "bad-year",
                    &year.at,
                    format!("{day} in the calendar of {}", year.year),
                    "days of the year, or of the end of the year before",
                );
            }
        }
    }

    fn articles(&mut self) {
        let law = self.law;
        self.unique("mechanism", law.articles.iter().flat_map(|a| &a.mechanisms).map(|m| (m.id.as_str(), &m.at)));
        for article in &law.articles {
            for mechanism in &article.mechanisms {
                if !mechanism.id.starts_with(&format!("M{:02}-", article.number)) {
                    self.error(
                        "wrong-article",
                        &mechanism.at,
                        format!("`{}` under article {}", mechanism.id, article.number),
                        format!("`M{:02}-…`", article.number),
                    );
                }
            }
        }
    }
}

/// Baselines that a way of scoring uses.
fn baselines(score: &Score) -> Vec<&Baseline> {
    match score {
        Score::Ratio { baseline } | Score::Reverse { baseline } => vec![baseline],
        Score::MinMax { low, high, .. } => vec![low, high],
        Score::Formula { baselines, .. } => baselines.values().collect(),
        Score::Rank => Vec::new(),
    }
}

/// What is allowed, the likeliest first.
pub(crate) fn among(name: &str, known: &[&str]) -> String {
    let hint = nearest(name, known.iter().copied()).map_or(String::new(), |n| format!("did you mean `{n}`? "));
    if known.is_empty() {
        return "nothing of the kind is defined".to_owned();
    }
    format!("{hint}one of: {}", known.join(", "))
}

fn percent(share: Decimal) -> String {
    format!("{} %", (share * Decimal::ONE_HUNDRED).normalize())
}
