//! From a scheme to a plan: every formula checked and compiled once, every number resolved for the
//! evaluation year. All faults are reported at once, each with its place.

use crate::dictionary::Dictionary;
use crate::expr::{self, Checked, Entry, Frame, Names, Program};
use crate::kernels::Share;
use crate::table::Kind;
use crate::units::Quantity;
use base::Digest;
use base::fixed::to_f64;
use law::fact::Known;
use law::scheme::{
    Baseline, ClassMethod, Derived, Indicator, MeasureValue, Missing, Over, Param, Parameter, Population, Scheme,
    Score, Statistic,
};
use law::{Diagnostic, Formula, Law, Place};
use rust_decimal::prelude::ToPrimitive;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A scheme ready to run for one evaluation year. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(crate) scheme: Arc<Scheme>,
    pub(crate) dictionary: Arc<Dictionary>,
    pub(crate) year: i16,
    pub(crate) rules: Digest,
    pub(crate) plan: Arc<Plan>,
}

/// The programs of a scheme, in the shape of the scheme.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Inputs first, then derived indicators in the order of their evaluation.
    pub(crate) frame: Frame,
    pub(crate) inputs: usize,
    pub(crate) derived: Vec<DerivedPlan>,
    pub(crate) inherit: Option<Text>,
    pub(crate) mixed: Option<Text>,
    pub(crate) statuses: Vec<StatusPlan>,
    pub(crate) populations: Vec<PopulationPlan>,
    pub(crate) overrides: Vec<RankedPlan>,
    /// Positions of overrides, weakest first.
    pub(crate) order: Vec<usize>,
    /// `when` of each measure.
    pub(crate) measures: Vec<Option<RankedPlan>>,
}

/// A compiled formula with what explains it.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) program: Program,
    pub(crate) text: String,
    pub(crate) at: Place,
    pub(crate) names: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct DerivedPlan {
    pub(crate) id: String,
    pub(crate) program: Program,
    pub(crate) zero: Vec<Program>,
    pub(crate) quotient: Option<(Program, Program)>,
    /// Derived indicators that it names, by position.
    pub(crate) uses: Vec<usize>,
    pub(crate) names: Vec<String>,
    pub(crate) definition: Derived,
}

#[derive(Debug)]
pub(crate) struct StatusPlan {
    pub(crate) when: Text,
    /// Slot of `applied_<id>`.
    pub(crate) applied: Option<usize>,
}

/// A condition asked after ranking: over the firm's columns and what the ranking made.
#[derive(Debug)]
pub(crate) struct RankedPlan {
    pub(crate) text: Text,
    /// Extra columns, behind the frame's.
    pub(crate) extras: Frame,
}

#[derive(Debug)]
pub(crate) struct PopulationPlan {
    pub(crate) when: Text,
    pub(crate) within: Vec<Text>,
    pub(crate) indicators: Vec<IndicatorPlan>,
    pub(crate) weights: f64,
    pub(crate) coefficient: Option<Text>,
    pub(crate) total: Option<RankedPlan>,
    pub(crate) adjust: Vec<Vec<ItemPlan>>,
    pub(crate) ties: Vec<(Text, bool)>,
    /// `by` of each stage.
    pub(crate) stages: Vec<Option<Text>>,
}

#[derive(Debug)]
pub(crate) struct ItemPlan {
    pub(crate) when: Text,
    pub(crate) points: f64,
    pub(crate) formula: Option<Text>,
}

#[derive(Debug)]
pub(crate) struct IndicatorPlan {
    pub(crate) id: String,
    /// Column of its values.
    pub(crate) slot: usize,
    /// Position among the derived indicators, when it is one.
    pub(crate) derived: Option<usize>,
    pub(crate) weight: f64,
    pub(crate) cap: Option<f64>,
    pub(crate) floor: Option<f64>,
    pub(crate) method: Method,
    pub(crate) baselines: Vec<BaselinePlan>,
    pub(crate) missing: Rule,
    pub(crate) undefined: Rule,
    pub(crate) negative: Option<Rule>,
}

#[derive(Debug)]
pub(crate) enum Method {
    Ratio,
    MinMax { base: f64, span: f64, clipped: bool },
    Reverse,
    Formula(Box<RankedPlan>),
    Rank,
}

/// What a value that cannot be scored earns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    Unknown,
    Points(f64),
    MeanPoints,
    Redistribute,
    /// Scored as the baseline at that position.
    As(usize),
}

#[derive(Debug)]
pub(crate) struct BaselinePlan {
    pub(crate) role: String,
    pub(crate) statistic: Stat,
    pub(crate) name: &'static str,
    pub(crate) by: Vec<Text>,
    pub(crate) over: Over,
    pub(crate) multiple: f64,
    pub(crate) lag: u8,
    pub(crate) least: u32,
}

#[derive(Debug)]
pub(crate) enum Stat {
    Fixed(f64),
    Mean,
    TrimmedMean(Share, Share),
    RatioOfSums(Box<(Program, Program)>),
    Percentile(Share),
    Min,
    Max,
}

/// Compiles a scheme for an evaluation year. All formula faults are returned at once, each with its
/// place inside the formula.
pub fn compile(scheme: &Arc<Scheme>, dictionary: &Arc<Dictionary>, year: i16) -> Result<Compiled, Vec<Diagnostic>> {
    let entries = entries(scheme, dictionary, year);
    let mut maker = Maker {
        scheme,
        dictionary,
        year,
        entries,
        faults: Vec::new(),
        derived: BTreeMap::new(),
        columns: BTreeSet::new(),
    };
    let plan = maker.plan();
    maker.faults.sort_by(|a, b| a.at.cmp(&b.at));
    maker.faults.dedup();
    match plan {
        Some(plan) if maker.faults.is_empty() => {
            let rules = rules_digest(scheme, dictionary, year);
            let mut faults = plan.try_all();
            faults.extend(crate::rows::too_deep(&plan));
            if !faults.is_empty() {
                return Err(faults);
            }
            Ok(Compiled { scheme: scheme.clone(), dictionary: dictionary.clone(), year, rules, plan: Arc::new(plan) })
        }
        _ => Err(maker.faults),
    }
}

/// Faults in the formulas of the law: every scheme in every year that it can be asked to evaluate, and
/// the indicators that all schemes may use, whether or not one does.
pub fn check(law: &Law) -> Vec<Diagnostic> {
    let dictionary =
        Arc::new(Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values()));
    let mut faults = Vec::new();
    for scheme in &law.schemes {
        let scheme = Arc::new(scheme.clone());
        for year in scheme.year_from..=law.last_year(&scheme) {
            faults.extend(compile(&scheme, &dictionary, year).err().into_iter().flatten());
        }
    }
    if let Some(scheme) = law.schemes.first() {
        faults.extend(check_shared(scheme, &dictionary));
    }
    faults.sort_by(|a, b| (&a.at, a.code, &a.found).cmp(&(&b.at, b.code, &b.found)));
    faults.dedup();
    faults
}

/// Checks the shared indicators on their own; `any` is a scheme whose definitions are left out.
fn check_shared(any: &Scheme, dictionary: &Arc<Dictionary>) -> Vec<Diagnostic> {
    let bare = Scheme { define: Vec::new(), parameters: Vec::new(), statuses: Vec::new(), ..any.clone() };
    let mut maker = Maker {
        scheme: &bare,
        dictionary,
        year: bare.year_from,
        entries: entries(&bare, dictionary, bare.year_from),
        faults: Vec::new(),
        derived: BTreeMap::new(),
        columns: BTreeSet::new(),
    };
    for derived in dictionary.derived.values() {
        maker.require(&derived.id, &derived.at, &mut Vec::new());
    }
    maker.faults
}

impl Plan {
    /// Evaluates every program on one row of unknown values, so that whatever the expression layer
    /// refuses is found here, with its place, and never in a run.
    fn try_all(&self) -> Vec<Diagnostic> {
        let null = |kind: &Kind| arrow::array::new_null_array(&expr::data_type(*kind), 1);
        let columns: Vec<_> = self.frame.kinds.iter().map(null).collect();
        let mut faults = Vec::new();
        let mut attempt = |program: &Program, at: &Place, extras: Option<&Frame>| {
            let mut columns = columns.clone();
            columns.extend(extras.iter().flat_map(|f| &f.kinds).map(null));
            if let Err(e) = program.eval(&columns, 1) {
                faults.push(Diagnostic::error("formula", at, e.0, "a formula that can be evaluated"));
            }
        };
        for derived in &self.derived {
            let at = &derived.definition.formula.at;
            let pair = derived.quotient.iter().flat_map(|(a, b)| [a, b]);
            std::iter::once(&derived.program).chain(&derived.zero).chain(pair).for_each(|p| attempt(p, at, None));
        }
        self.texts().into_iter().chain(&self.mixed).for_each(|t| attempt(&t.program, &t.at, None));
        self.ranked().into_iter().for_each(|r| attempt(&r.text.program, &r.text.at, Some(&r.extras)));
        faults
    }

    /// Formulas over one row's columns that a run asks for, beside the derived indicators.
    pub(crate) fn texts(&self) -> Vec<&Text> {
        let mut texts: Vec<&Text> = self.inherit.iter().chain(self.statuses.iter().map(|s| &s.when)).collect();
        for p in &self.populations {
            texts.push(&p.when);
            texts.extend(
                p.within
                    .iter()
                    .chain(&p.coefficient)
                    .chain(p.ties.iter().map(|t| &t.0))
                    .chain(p.stages.iter().flatten()),
            );
            texts.extend(p.adjust.iter().flatten().flat_map(|i| std::iter::once(&i.when).chain(&i.formula)));
            texts.extend(p.indicators.iter().flat_map(|i| &i.baselines).flat_map(|b| &b.by));
        }
        texts
    }

    /// Formulas that name what only the run itself makes: points, ranks, baselines.
    pub(crate) fn ranked(&self) -> Vec<&RankedPlan> {
        let mut ranked: Vec<&RankedPlan> = self.overrides.iter().chain(self.measures.iter().flatten()).collect();
        for p in &self.populations {
            ranked.extend(&p.total);
            ranked.extend(
                p.indicators
                    .iter()
                    .filter_map(|i| if let Method::Formula(f) = &i.method { Some(f.as_ref()) } else { None }),
            );
        }
        ranked
    }

    /// What [`Plan::texts`] compute and the sums that baselines are made of; each formula once.
    pub(crate) fn row_programs(&self) -> Vec<&Program> {
        let baselines = self.populations.iter().flat_map(|p| &p.indicators).flat_map(|i| &i.baselines);
        let sums = baselines.filter_map(|b| if let Stat::RatioOfSums(pair) = &b.statistic { Some(pair) } else { None });
        let all = self.texts().into_iter().map(|t| &t.program).chain(sums.flat_map(|pair| [&pair.0, &pair.1]));
        let mut seen = std::collections::HashSet::new();
        all.filter(|p| !p.is_constant() && seen.insert(&p.logical)).collect()
    }

    /// Every program of the scheme.
    pub(crate) fn programs(&self) -> Vec<&Program> {
        let derived = self.derived.iter().flat_map(|d| std::iter::once(&d.program).chain(&d.zero));
        derived
            .chain(self.row_programs())
            .chain(self.mixed.iter().map(|t| &t.program))
            .chain(self.ranked().into_iter().map(|r| &r.text.program))
            .collect()
    }
}

/// Digest of everything that decides what a scheme computes.
fn rules_digest(scheme: &Scheme, dictionary: &Dictionary, year: i16) -> Digest {
    let text = |v: serde_json::Result<String>| v.expect("definitions are plain data");
    let parts = [text(serde_json::to_string(scheme)), text(serde_json::to_string(dictionary)), year.to_string()];
    Digest::of_parts(parts.iter().map(String::as_bytes))
}

impl Compiled {
    /// The scheme.
    pub fn scheme(&self) -> &Arc<Scheme> {
        &self.scheme
    }

    /// The names.
    pub fn dictionary(&self) -> &Arc<Dictionary> {
        &self.dictionary
    }

    /// Evaluation year.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// Digest of the rules: scheme, dictionary and year.
    pub fn rules(&self) -> Digest {
        self.rules
    }

    /// Facts and attributes that its formulas name, in alphabetical order.
    pub fn inputs(&self) -> &[String] {
        &self.plan.frame.names[..self.plan.inputs]
    }
}

/// Names of the law and of the scheme. A scheme's own definitions go before the law's.
fn entries(scheme: &Scheme, dictionary: &Dictionary, year: i16) -> BTreeMap<String, Entry> {
    let quantity = |unit: Option<&str>| Quantity::of(&dictionary.units, unit).unwrap_or(Quantity::Any);
    let mut out = BTreeMap::new();
    for name in dictionary.names.values().filter(|n| n.known == Known::Always) {
        out.insert(name.id.clone(), Entry::Column(name.kind, quantity(name.unit.as_deref())));
    }
    for derived in dictionary.derived.values().chain(&scheme.define) {
        out.insert(derived.id.clone(), Entry::Column(derived.kind, quantity(Some(&derived.unit))));
    }
    for parameter in &scheme.parameters {
        let entry = match parameter.in_year(year) {
            Some(param) => Entry::Constant(to_f64(param.value), quantity(parameter.unit.as_deref())),
            None => Entry::NoValue,
        };
        out.insert(parameter.id.clone(), entry);
    }
    for status in scheme.statuses.iter().filter(|s| s.on_application) {
        out.insert(format!("applied_{}", status.id), Entry::Column(Kind::Boolean, Quantity::PURE));
    }
    out
}

struct Maker<'a> {
    scheme: &'a Scheme,
    dictionary: &'a Dictionary,
    year: i16,
    entries: BTreeMap<String, Entry>,
    faults: Vec<Diagnostic>,
    /// Derived indicators that are used, checked.
    derived: BTreeMap<String, (Derived, Checked)>,
    /// Inputs that are used.
    columns: BTreeSet<String>,
}

/// A formula checked but not yet compiled, because the frame is not complete.
struct Draft {
    checked: Checked,
    at: Place,
}

struct PopulationDraft {
    when: Option<Draft>,
    within: Vec<Option<Draft>>,
    coefficient: Option<Option<Draft>>,
    total: Option<Option<Draft>>,
    adjust: Vec<Vec<(Option<Draft>, Option<Option<Draft>>)>>,
    ties: Vec<(Option<Draft>, bool)>,
    stages: Vec<Option<Option<Draft>>>,
    by: Vec<Vec<Vec<Option<Draft>>>>,
    points: Vec<Option<Option<Draft>>>,
}

const RANKING_EXTRAS: [(&str, Kind, Quantity); 6] = [
    ("total", Kind::Number, Quantity::Any),
    ("points", Kind::Number, Quantity::Any),
    ("rank", Kind::Number, Quantity::PURE),
    ("ranked_class", Kind::Text, Quantity::PURE),
    ("class", Kind::Text, Quantity::PURE),
    ("population", Kind::Text, Quantity::PURE),
];

const TOTAL_EXTRAS: [(&str, Kind, Quantity); 4] = [
    ("points", Kind::Number, Quantity::Any),
    ("coefficient", Kind::Number, Quantity::Any),
    ("bonus", Kind::Number, Quantity::Any),
    ("deduction", Kind::Number, Quantity::Any),
];

impl Maker<'_> {
    fn check(&mut self, formula: &Formula, kind: Option<Kind>, extras: &[(&str, Kind, Quantity)]) -> Option<Draft> {
        let names = Names { entries: &self.entries, extras };
        let checked = match kind {
            Some(kind) => expr::check_kind(formula, &names, kind),
            None => expr::check(formula, &names),
        };
        match checked {
            Ok(checked) => {
                let used: Vec<String> =
                    checked.names.iter().filter(|n| !extras.iter().any(|e| e.0 == *n)).cloned().collect();
                for name in used {
                    self.require(&name, &formula.at, &mut Vec::new());
                }
                Some(Draft { checked, at: formula.at.clone() })
            }
            Err(faults) => {
                self.faults.extend(faults);
                None
            }
        }
    }

    fn condition(&mut self, formula: &Formula) -> Option<Draft> {
        self.check(formula, Some(Kind::Boolean), &[])
    }

    /// Notes that a column is used; a derived indicator is checked with everything below it.
    /// `path` are the indicators being checked above it.
    fn require(&mut self, name: &str, from: &Place, path: &mut Vec<String>) {
        if let Some(start) = path.iter().position(|n| n == name) {
            let mut cycle: Vec<&str> = path[start..].iter().map(String::as_str).collect();
            cycle.push(name);
            let found = cycle.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(" → ");
            self.faults.push(Diagnostic::error(
                "indicator-cycle",
                from,
                found,
                "indicators that rest on facts in the end",
            ));
            return;
        }
        if self.derived.contains_key(name) {
            return;
        }
        let own = self.scheme.define.iter().find(|d| d.id == name);
        let Some(derived) = own.or_else(|| self.dictionary.derived.get(name)).cloned() else {
            self.columns.insert(name.to_owned());
            return;
        };
        let names = Names { entries: &self.entries, extras: &[] };
        match expr::check_kind(&derived.formula, &names, derived.kind) {
            Ok(checked) => {
                self.check_unit(&derived, &checked);
                path.push(name.to_owned());
                for used in checked.names.clone() {
                    self.require(&used, &derived.formula.at, path);
                }
                path.pop();
                self.derived.insert(name.to_owned(), (derived, checked));
            }
            Err(faults) => {
                self.faults.extend(faults);
                // An entry of its own would need a checked formula; the faults already stop the run.
            }
        }
    }

    fn check_unit(&mut self, derived: &Derived, checked: &Checked) {
        if derived.kind != Kind::Number {
            return;
        }
        let Some(declared) = Quantity::of(&self.dictionary.units, Some(&derived.unit)) else {
            let near = expr::nearest(&derived.unit, self.dictionary.units.all.keys().map(String::as_str));
            self.faults.push(Diagnostic::error("unknown-unit", &derived.at, format!("`{}`", derived.unit), near));
            return;
        };
        if let Err(clash) = checked.quantity.unify(declared) {
            let (code, found) = expr::clash_text(clash);
            let found = format!(
                "`{}` yields another unit than `{}` declares (`{}`): {found}",
                derived.formula.text, derived.id, derived.unit
            );
            self.faults.push(Diagnostic::error(code, &derived.formula.at, found, "the unit that the formula yields"));
        }
    }

    fn plan(&mut self) -> Option<Plan> {
        let scheme = self.scheme;
        // First every formula is checked, so that all faults are found and all columns known …
        let inherit = scheme.units.inherit_from_owner.as_ref().map(|f| self.condition(f));
        let mixed = scheme.units.mixed.as_ref().map(|f| self.condition(f));
        let statuses: Vec<Option<Draft>> = scheme.statuses.iter().map(|s| self.condition(&s.when)).collect();
        for status in scheme.statuses.iter().filter(|s| s.on_application) {
            self.columns.insert(format!("applied_{}", status.id));
        }
        let populations: Vec<PopulationDraft> = scheme.populations.iter().map(|p| self.population(p)).collect();
        let overrides: Vec<Option<Draft>> =
            scheme.overrides.iter().map(|o| self.check(&o.when, Some(Kind::Boolean), &RANKING_EXTRAS)).collect();
        let measures: Vec<Option<Option<Draft>>> = scheme
            .measures
            .iter()
            .map(|m| m.when.as_ref().map(|f| self.check(f, Some(Kind::Boolean), &RANKING_EXTRAS)))
            .collect();
        self.other_columns();
        for own in &scheme.define {
            self.require(&own.id, &own.at, &mut Vec::new());
        }
        let order = self.precedence();
        if !self.faults.is_empty() {
            return None;
        }
        // … then they are compiled against the complete frame.
        let (frame, inputs, derived) = self.frame()?;
        let text = |this: &mut Self, draft: Option<Draft>| draft.and_then(|d| this.text(d, &frame));
        let inherit = match inherit {
            Some(d) => Some(text(self, d)?),
            None => None,
        };
        let mixed = match mixed {
            Some(d) => Some(text(self, d)?),
            None => None,
        };
        let mut status_plans = Vec::new();
        for (status, draft) in scheme.statuses.iter().zip(statuses) {
            let applied = if status.on_application { frame.slot(&format!("applied_{}", status.id)) } else { None };
            status_plans.push(StatusPlan { when: text(self, draft)?, applied });
        }
        let mut population_plans = Vec::new();
        for (population, draft) in scheme.populations.iter().zip(populations) {
            population_plans.push(self.population_plan(population, draft, &frame, &derived)?);
        }
        let mut override_plans = Vec::new();
        for draft in overrides {
            override_plans.push(self.ranked(draft?, &RANKING_EXTRAS, &frame)?);
        }
        let mut measure_plans = Vec::new();
        for draft in measures {
            measure_plans.push(match draft {
                Some(draft) => Some(self.ranked(draft?, &RANKING_EXTRAS, &frame)?),
                None => None,
            });
        }
        Some(Plan {
            frame,
            inputs,
            derived,
            inherit,
            mixed,
            statuses: status_plans,
            populations: population_plans,
            overrides: override_plans,
            order,
            measures: measure_plans,
        })
    }

    /// Columns that measures read beside formulas.
    fn other_columns(&mut self) {
        for measure in &self.scheme.measures {
            let facts = measure.quantity.iter().chain(&measure.account).chain(&measure.highest_with);
            for fact in facts {
                match self.dictionary.names.get(fact) {
                    Some(_) => {
                        self.columns.insert(fact.clone());
                    }
                    None => {
                        let near = expr::nearest(fact, self.dictionary.names.keys().map(String::as_str));
                        self.faults.push(Diagnostic::error("unknown-name", &measure.at, format!("`{fact}`"), near));
                    }
                }
            }
            if let MeasureValue::FractionOf { measure: other, .. } = &measure.value
                && !self
                    .scheme
                    .measures
                    .iter()
                    .any(|m| m.id == *other && !matches!(m.value, MeasureValue::FractionOf { .. }))
            {
                let allowed = "the id of a measure with an amount of its own";
                self.faults.push(Diagnostic::error("unknown-measure", &measure.at, format!("`{other}`"), allowed));
            }
        }
    }

    fn precedence(&mut self) -> Vec<usize> {
        let scheme = self.scheme;
        for id in &scheme.precedence {
            if !scheme.overrides.iter().any(|o| o.id == *id) {
                let near = expr::nearest(id, scheme.overrides.iter().map(|o| o.id.as_str()));
                self.faults.push(Diagnostic::error(
                    "unknown-override",
                    &scheme.at,
                    format!("`{id}` in precedence"),
                    near,
                ));
            }
        }
        let place = |o: &law::scheme::Override| scheme.precedence.iter().position(|id| *id == o.id);
        for o in &scheme.overrides {
            if place(o).is_none() {
                let allowed = "every override in `precedence`, the strongest first";
                self.faults.push(Diagnostic::error(
                    "no-precedence",
                    &o.at,
                    format!("`{}` has no place in precedence", o.id),
                    allowed,
                ));
            }
        }
        let mut order: Vec<usize> = (0..scheme.overrides.len()).collect();
        order.sort_by_key(|i| std::cmp::Reverse(place(&scheme.overrides[*i])));
        order
    }

    fn population(&mut self, p: &Population) -> PopulationDraft {
        let mut by = Vec::new();
        let mut points = Vec::new();
        for indicator in &p.indicators {
            self.indicator(indicator);
            let baselines = baselines_of(indicator);
            by.push(baselines.iter().map(|(_, b)| self.baseline(indicator, b)).collect());
            points.push(self.points(indicator));
        }
        PopulationDraft {
            when: self.condition(&p.when),
            within: p.rank_within.iter().map(|f| self.check(f, None, &[])).collect(),
            coefficient: p.total.coefficient.as_ref().map(|f| self.check(f, Some(Kind::Number), &[])),
            total: p.total.formula.as_ref().map(|f| self.check(f, Some(Kind::Number), &TOTAL_EXTRAS)),
            adjust: p.total.adjust.iter().map(|g| g.items.iter().map(|i| self.item(i)).collect()).collect(),
            ties: p
                .classing
                .ties
                .iter()
                .map(|t| (self.check(&t.by, Some(Kind::Number), &[]), t.higher_first))
                .collect(),
            stages: match &p.classing.method {
                ClassMethod::Stages { stages, .. } => {
                    stages.iter().map(|s| s.by.as_ref().map(|f| self.check(f, Some(Kind::Number), &[]))).collect()
                }
                _ => Vec::new(),
            },
            by,
            points,
        }
    }

    fn item(&mut self, item: &law::scheme::AdjustItem) -> (Option<Draft>, Option<Option<Draft>>) {
        if item.points.is_some() == item.points_formula.is_some() {
            let allowed = "either `points` or `points_formula`";
            self.faults.push(Diagnostic::error(
                "adjust-points",
                &item.at,
                format!("`{}` has both or neither", item.id),
                allowed,
            ));
        }
        let when = self.condition(&item.when);
        (when, item.points_formula.as_ref().map(|f| self.check(f, Some(Kind::Number), &[])))
    }

    /// The indicator's name must be a number.
    fn indicator(&mut self, indicator: &Indicator) {
        let formula = Formula { text: indicator.use_.clone(), at: indicator.at.clone() };
        self.check(&formula, Some(Kind::Number), &[]);
    }

    fn points(&mut self, indicator: &Indicator) -> Option<Option<Draft>> {
        let Score::Formula { points, baselines } = &indicator.score else { return None };
        let mut extras = vec![("value", Kind::Number, Quantity::Any), ("weight", Kind::Number, Quantity::Any)];
        extras.extend(baselines.keys().map(|k| (k.as_str(), Kind::Number, Quantity::Any)));
        Some(self.check(points, Some(Kind::Number), &extras))
    }

    fn baseline(&mut self, indicator: &Indicator, baseline: &Baseline) -> Vec<Option<Draft>> {
        match &baseline.of {
            Statistic::Fixed { parameter } => match self.parameter(parameter) {
                None => {
                    let near = expr::nearest(parameter, self.scheme.parameters.iter().map(|p| p.id.as_str()));
                    self.faults.push(Diagnostic::error(
                        "unknown-parameter",
                        &baseline.at,
                        format!("`{parameter}`"),
                        near,
                    ));
                }
                Some(p) if p.in_year(self.year).is_none() => {
                    let found = format!("`{parameter}` has no value for {}", self.year);
                    self.faults.push(Diagnostic::error(
                        "parameter-without-value",
                        &baseline.at,
                        found,
                        "a value at or before the year",
                    ));
                }
                Some(_) => {}
            },
            Statistic::RatioOfSums => {
                let quotient = self.derived.get(&indicator.use_).is_some_and(|(_, c)| c.is_quotient());
                if !quotient {
                    let found = format!("`{}` is no quotient", indicator.use_);
                    self.faults.push(Diagnostic::error(
                        "ratio-of-sums",
                        &baseline.at,
                        found,
                        "an indicator whose formula is a quotient a / b",
                    ));
                }
            }
            _ => {}
        }
        baseline.by.iter().map(|f| self.check(f, None, &[])).collect()
    }

    fn parameter(&self, id: &str) -> Option<&Parameter> {
        self.scheme.parameters.iter().find(|p| p.id == id)
    }

    /// Inputs in alphabetical order, then derived indicators so that each stands behind what it uses.
    fn frame(&mut self) -> Option<(Frame, usize, Vec<DerivedPlan>)> {
        let mut frame = Frame::default();
        for name in &self.columns {
            let kind = match self.entries.get(name) {
                Some(Entry::Column(kind, _)) => *kind,
                _ => self.dictionary.names.get(name).map_or(Kind::Number, |n| n.kind),
            };
            frame.push(name, kind);
        }
        let inputs = frame.names.len();
        let mut order = Vec::new();
        for id in self.derived.keys() {
            visit(id, &self.derived, &mut order);
        }
        for id in &order {
            frame.push(id, self.derived[id].0.kind);
        }
        let mut plans = Vec::new();
        for id in &order {
            let (definition, checked) = &self.derived[id];
            let made = checked.program(&frame).and_then(|program| {
                Ok(DerivedPlan {
                    id: id.clone(),
                    program,
                    zero: checked.zero_programs(&frame)?,
                    quotient: checked.quotient_programs(&frame)?,
                    uses: checked.names.iter().filter_map(|n| order.iter().position(|o| o == n)).collect(),
                    names: names_of(checked),
                    definition: definition.clone(),
                })
            });
            match made {
                Ok(plan) => plans.push(plan),
                Err(e) => self.faults.push(Diagnostic::error(
                    "formula",
                    &definition.formula.at,
                    e,
                    "a formula that can be evaluated",
                )),
            }
        }
        self.faults.is_empty().then_some((frame, inputs, plans))
    }

    fn text(&mut self, draft: Draft, frame: &Frame) -> Option<Text> {
        match draft.checked.program(frame) {
            Ok(program) => {
                Some(Text { program, text: draft.checked.text.clone(), at: draft.at, names: names_of(&draft.checked) })
            }
            Err(e) => {
                self.faults.push(Diagnostic::error("formula", &draft.at, e, "a formula that can be evaluated"));
                None
            }
        }
    }

    /// Compiles against the frame followed by extra columns.
    fn ranked(&mut self, draft: Draft, extras: &[(&str, Kind, Quantity)], frame: &Frame) -> Option<RankedPlan> {
        let mut wide = frame.clone();
        let mut own = Frame::default();
        for (name, kind, _) in extras {
            // A name of this place hides a column of the same name.
            own.push(name, *kind);
            wide.hide(name, *kind);
        }
        let text = self.text(draft, &wide)?;
        Some(RankedPlan { text, extras: own })
    }

    fn population_plan(
        &mut self,
        p: &Population,
        draft: PopulationDraft,
        frame: &Frame,
        derived: &[DerivedPlan],
    ) -> Option<PopulationPlan> {
        let mut indicators = Vec::new();
        for ((indicator, by), points) in p.indicators.iter().zip(draft.by).zip(draft.points) {
            indicators.push(self.indicator_plan(indicator, by, points, frame, derived)?);
        }
        let mut within = Vec::new();
        for d in draft.within {
            within.push(self.text(d?, frame)?);
        }
        let mut adjust = Vec::new();
        for (group, drafts) in p.total.adjust.iter().zip(draft.adjust) {
            let mut items = Vec::new();
            for (item, (when, formula)) in group.items.iter().zip(drafts) {
                let formula = match formula {
                    Some(d) => Some(self.text(d?, frame)?),
                    None => None,
                };
                let points = item.points.as_ref().map_or(0.0, |p| to_f64(p.value));
                items.push(ItemPlan { when: self.text(when?, frame)?, points, formula });
            }
            adjust.push(items);
        }
        let mut ties = Vec::new();
        for (d, higher) in draft.ties {
            ties.push((self.text(d?, frame)?, higher));
        }
        let mut stages = Vec::new();
        for d in draft.stages {
            stages.push(match d {
                Some(d) => Some(self.text(d?, frame)?),
                None => None,
            });
        }
        let coefficient = match draft.coefficient {
            Some(d) => Some(self.text(d?, frame)?),
            None => None,
        };
        let total = match draft.total {
            Some(d) => Some(self.ranked(d?, &TOTAL_EXTRAS, frame)?),
            None => None,
        };
        let weights = to_f64(p.indicators.iter().map(|i| i.weight.value).sum());
        Some(PopulationPlan {
            when: self.text(draft.when?, frame)?,
            within,
            indicators,
            weights,
            coefficient,
            total,
            adjust,
            ties,
            stages,
        })
    }

    fn indicator_plan(
        &mut self,
        indicator: &Indicator,
        by: Vec<Vec<Option<Draft>>>,
        points: Option<Option<Draft>>,
        frame: &Frame,
        derived: &[DerivedPlan],
    ) -> Option<IndicatorPlan> {
        let slot = frame.slot(&indicator.use_)?;
        let position = derived.iter().position(|d| d.id == indicator.use_);
        let mut baselines = Vec::new();
        for ((role, baseline), by) in baselines_of(indicator).into_iter().zip(by) {
            let mut texts = Vec::new();
            for d in by {
                texts.push(self.text(d?, frame)?);
            }
            baselines.push(BaselinePlan {
                role,
                statistic: self.stat(baseline, position.map(|p| &derived[p]))?,
                name: statistic_name(&baseline.of),
                by: texts,
                over: baseline.over,
                multiple: baseline.multiple.as_ref().map_or(1.0, |m| to_f64(m.value)),
                lag: baseline.lag,
                least: baseline.least.as_ref().and_then(|l| l.value.ceil().to_u32()).unwrap_or(0),
            });
        }
        let weight = indicator.weight.value;
        let rule = |missing: &Missing, role: &str| match missing {
            Missing::Unknown => Rule::Unknown,
            Missing::Zero => Rule::Points(0.0),
            Missing::Points { points } => Rule::Points(to_f64(points.value)),
            Missing::Deduct { points } => Rule::Points(-to_f64(points.value)),
            Missing::Full => {
                Rule::Points(to_f64(weight * indicator.cap.as_ref().map_or(rust_decimal::Decimal::ONE, |c| c.value)))
            }
            Missing::MeanPoints => Rule::MeanPoints,
            Missing::Redistribute => Rule::Redistribute,
            Missing::As { .. } => baselines.iter().position(|b| b.role == role).map_or(Rule::Unknown, Rule::As),
        };
        let missing = rule(&indicator.if_missing, ROLE_MISSING);
        let undefined = rule(&indicator.if_zero_denominator, ROLE_UNDEFINED);
        let negative = indicator.if_negative.as_ref().map(|m| rule(m, ROLE_NEGATIVE));
        let method = match &indicator.score {
            Score::Ratio { .. } => Method::Ratio,
            Score::MinMax { base, span, low, high } => Method::MinMax {
                base: to_f64(base.value),
                span: to_f64(span.value),
                clipped: is_range(low) && is_range(high),
            },
            Score::Reverse { .. } => Method::Reverse,
            Score::Formula { baselines, .. } => {
                let mut extras = vec![("value", Kind::Number, Quantity::Any), ("weight", Kind::Number, Quantity::Any)];
                extras.extend(baselines.keys().map(|k| (k.as_str(), Kind::Number, Quantity::Any)));
                Method::Formula(Box::new(self.ranked(points??, &extras, frame)?))
            }
            Score::Rank => Method::Rank,
        };
        Some(IndicatorPlan {
            id: indicator.use_.clone(),
            slot,
            derived: position,
            weight: to_f64(weight),
            cap: indicator.cap.as_ref().map(|c| to_f64(c.value * weight)),
            floor: indicator.floor.as_ref().map(|f| to_f64(f.value)),
            method,
            baselines,
            missing,
            undefined,
            negative,
        })
    }

    fn stat(&self, baseline: &Baseline, derived: Option<&DerivedPlan>) -> Option<Stat> {
        let share = |p: &Param| Share::of(p.value);
        Some(match &baseline.of {
            Statistic::Fixed { parameter } => Stat::Fixed(to_f64(self.parameter(parameter)?.in_year(self.year)?.value)),
            Statistic::Mean => Stat::Mean,
            Statistic::TrimmedMean { lower, upper } => Stat::TrimmedMean(share(lower), share(upper)),
            Statistic::RatioOfSums => Stat::RatioOfSums(Box::new(derived?.quotient.clone()?)),
            Statistic::Median => Stat::Percentile(Share::of(rust_decimal::Decimal::new(5, 1))),
            Statistic::Percentile { p } => Stat::Percentile(share(p)),
            Statistic::Min => Stat::Min,
            Statistic::Max => Stat::Max,
        })
    }
}

const ROLE_MISSING: &str = "if_missing";
const ROLE_UNDEFINED: &str = "if_zero_denominator";
const ROLE_NEGATIVE: &str = "if_negative";

/// Baselines of an indicator: those of its method first, in the method's order, then those that
/// stand in for values that cannot be scored.
pub(crate) fn baselines_of(indicator: &Indicator) -> Vec<(String, &Baseline)> {
    let mut out: Vec<(String, &Baseline)> = match &indicator.score {
        Score::Ratio { baseline } | Score::Reverse { baseline } => vec![("baseline".to_owned(), baseline)],
        Score::MinMax { low, high, .. } => vec![("low".to_owned(), low), ("high".to_owned(), high)],
        Score::Formula { baselines, .. } => baselines.iter().map(|(k, b)| (k.clone(), b)).collect(),
        Score::Rank => Vec::new(),
    };
    let rules = [
        (ROLE_MISSING, Some(&indicator.if_missing)),
        (ROLE_UNDEFINED, Some(&indicator.if_zero_denominator)),
        (ROLE_NEGATIVE, indicator.if_negative.as_ref()),
    ];
    for (role, rule) in rules {
        if let Some(Missing::As { baseline }) = rule {
            out.push((role.to_owned(), baseline));
        }
    }
    out
}

/// Values beyond a minimum, maximum or percentile are taken as lying on it.
fn is_range(baseline: &Baseline) -> bool {
    matches!(baseline.of, Statistic::Min | Statistic::Max | Statistic::Percentile { .. })
}

/// The word for a statistic.
pub(crate) fn statistic_name(statistic: &Statistic) -> &'static str {
    match statistic {
        Statistic::Fixed { .. } => "fixed",
        Statistic::Mean => "mean",
        Statistic::TrimmedMean { .. } => "trimmed_mean",
        Statistic::RatioOfSums => "ratio_of_sums",
        Statistic::Median => "median",
        Statistic::Percentile { .. } => "percentile",
        Statistic::Min => "min",
        Statistic::Max => "max",
    }
}

/// Columns and parameters that a formula names.
fn names_of(checked: &Checked) -> Vec<String> {
    checked.names.iter().chain(&checked.constants).cloned().collect()
}

fn visit(id: &str, all: &BTreeMap<String, (Derived, Checked)>, order: &mut Vec<String>) {
    if order.iter().any(|o| o == id) {
        return;
    }
    let Some((_, checked)) = all.get(id) else { return };
    for name in &checked.names {
        visit(name, all, order);
    }
    order.push(id.to_owned());
}
