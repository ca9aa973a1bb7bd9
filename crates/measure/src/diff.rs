//! What differs between two runs of one evaluation, firm by firm, and why: own facts, those of its
//! unit, its land, tenants or owner, a status, the baselines, or only the rank of others.

use crate::outcome::{FirmOutcome, MeasureApplied, Taking, ValueState};
use crate::prepare::DEPENDENT;
use crate::{Compiled, Outcome, Prepared, Value};
use base::Source;
use law::scheme::Text;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A run to compare.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// Its rules.
    pub compiled: &'a Compiled,
    /// Its input.
    pub prepared: &'a Prepared,
    /// Its result.
    pub outcome: &'a Outcome,
}

/// A figure that differs between the snapshots.
#[derive(Clone, Debug, PartialEq)]
pub struct FactDifference {
    /// The firm, for a firm's own figure; none for parcels and leases.
    pub firm: Option<i64>,
    /// `f:…`, `p:…` or `l:…`.
    pub subject: String,
    /// Fact.
    pub fact: String,
    /// Before.
    pub before: Value,
    /// After.
    pub after: Value,
    /// Source of the newer value.
    pub source: Option<Source>,
}

/// Why a firm's result differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A figure of its own that the scheme reads.
    OwnFacts,
    /// A figure of another firm of its unit of evaluation.
    UnitFacts,
    /// Other firms belong to its unit of evaluation.
    Unit,
    /// Land of its unit, through a parcel or lease.
    Land,
    /// Its tenants: how many there are, how many are below scale, or figures that count with its own.
    Tenants,
    /// The owner whose class it takes.
    Owner,
    /// It takes part in another way.
    Status,
    /// A baseline, or the mean points that stand in for a missing value, moved with other firms' figures.
    Baseline,
    /// Classes of earlier years.
    History,
    /// Its score is the same: others passed it or fell behind.
    RankOnly,
    /// Its rank is the same: the cut between two classes moved.
    Cut,
    /// The scheme differs.
    Rules,
    /// None of these.
    Other,
}

impl Cause {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Cause::OwnFacts => "own_facts",
            Cause::UnitFacts => "unit_facts",
            Cause::Unit => "unit",
            Cause::Land => "land",
            Cause::Tenants => "tenants",
            Cause::Owner => "owner",
            Cause::Status => "status",
            Cause::Baseline => "baseline",
            Cause::History => "history",
            Cause::RankOnly => "rank_only",
            Cause::Cut => "cut",
            Cause::Rules => "rules",
            Cause::Other => "other",
        }
    }
}

/// A measure that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureDifference {
    /// Title.
    pub title: Text,
    /// Before; none: it did not apply.
    pub before: Option<MeasureApplied>,
    /// After; none: it does not apply.
    pub after: Option<MeasureApplied>,
}

/// A firm whose result differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FirmDifference {
    /// Firm.
    pub firm: i64,
    /// Why, in the order of [`Cause`].
    pub causes: Vec<Cause>,
    /// Effective land before and after, mu, when it differs.
    pub land: Option<(Option<Decimal>, Option<Decimal>)>,
    /// Own facts that differ and that the scheme reads.
    pub facts: Vec<String>,
    /// Class before and after.
    pub class: (Option<String>, Option<String>),
    /// Rank before and after.
    pub rank: (Option<u32>, Option<u32>),
    /// Total before and after.
    pub total: (Option<Decimal>, Option<Decimal>),
    /// Measures that differ.
    pub measures: Vec<MeasureDifference>,
}

/// The whole difference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Figures that differ.
    pub facts: Vec<FactDifference>,
    /// Firms whose class, rank, total, standing or measures differ, ascending.
    pub firms: Vec<FirmDifference>,
    /// Firms with the same result.
    pub unchanged: usize,
}

/// Compares two runs.
pub fn diff(before: &Run<'_>, after: &Run<'_>) -> Difference {
    let facts = fact_differences(before, after);
    let mut own: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for fact in &facts {
        if let Some(firm) = fact.firm
            && (reads(before.compiled, &fact.fact) || reads(after.compiled, &fact.fact))
        {
            own.entry(firm).or_default().push(fact.fact.clone());
        }
    }
    let both = Both { before, after, own };
    let mut out = Difference { facts, ..Difference::default() };
    let firms: BTreeSet<i64> = before.outcome.firms.iter().chain(&after.outcome.firms).map(|f| f.firm).collect();
    for firm in firms {
        let (a, b) = (before.outcome.firm(firm), after.outcome.firm(firm));
        let measures = measure_differences(before, a, after, b);
        if let (Some(a), Some(b)) = (a, b)
            && measures.is_empty()
            && same(before.outcome, a, after.outcome, b)
        {
            out.unchanged += 1;
            continue;
        }
        out.firms.push(both.firm(firm, a, b, measures));
    }
    out
}

/// True when a formula of the scheme, or something the engine makes for one, rests on the firm's own fact.
fn reads(compiled: &Compiled, fact: &str) -> bool {
    let named = |name: &str| compiled.inputs().iter().any(|i| i == name);
    named(fact) || DEPENDENT.iter().any(|(name, on)| *on == fact && *name != "tenants_below_scale" && named(name))
}

fn same(before: &Outcome, a: &FirmOutcome, after: &Outcome, b: &FirmOutcome) -> bool {
    a.taking == b.taking
        && a.rank == b.rank
        && before.total(a) == after.total(b)
        && before.letter(a.class) == after.letter(b.class)
        && before.letter(a.managed_as) == after.letter(b.managed_as)
}

/// Measures by id, without their position in the scheme's list.
fn measures_of<'a>(run: &Run<'a>, firm: Option<&FirmOutcome>) -> BTreeMap<&'a str, (&'a Text, MeasureApplied)> {
    let rules = &run.compiled.scheme().measures;
    let one = |m: &MeasureApplied| {
        let rule = &rules[usize::from(m.rule)];
        (rule.id.as_str(), (&rule.title, MeasureApplied { rule: 0, ..m.clone() }))
    };
    firm.into_iter().flat_map(|f| &f.measures).map(one).collect()
}

fn measure_differences(
    before: &Run<'_>,
    a: Option<&FirmOutcome>,
    after: &Run<'_>,
    b: Option<&FirmOutcome>,
) -> Vec<MeasureDifference> {
    let (old, new) = (measures_of(before, a), measures_of(after, b));
    let ids: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
    let mut out = Vec::new();
    for id in ids {
        let (x, y) = (old.get(id), new.get(id));
        if x.map(|m| &m.1) != y.map(|m| &m.1) {
            let title = y.or(x).map(|m| m.0.clone()).unwrap_or_default();
            out.push(MeasureDifference { title, before: x.map(|m| m.1.clone()), after: y.map(|m| m.1.clone()) });
        }
    }
    out
}

/// Two runs, and per firm the own figures that differ between them.
struct Both<'a> {
    before: &'a Run<'a>,
    after: &'a Run<'a>,
    own: BTreeMap<i64, Vec<String>>,
}

impl Both<'_> {
    fn firm(
        &self,
        firm: i64,
        a: Option<&FirmOutcome>,
        b: Option<&FirmOutcome>,
        measures: Vec<MeasureDifference>,
    ) -> FirmDifference {
        let land = |run: &Run<'_>| run.prepared.land().get(&firm).and_then(|l| l.effective);
        let (land_a, land_b) = (land(self.before), land(self.after));
        let total = |run: &Run<'_>, f: Option<&FirmOutcome>| f.and_then(|f| run.outcome.total(f));
        let letter =
            |run: &Run<'_>, f: Option<&FirmOutcome>| f.and_then(|f| run.outcome.letter(f.class)).map(str::to_owned);
        let causes = self.causes(firm, a, b, !measures.is_empty());
        let own = causes.contains(&Cause::OwnFacts);
        FirmDifference {
            firm,
            land: (land_a != land_b).then_some((land_a, land_b)),
            facts: self.own.get(&firm).filter(|_| own).cloned().unwrap_or_default(),
            causes,
            class: (letter(self.before, a), letter(self.after, b)),
            rank: (a.and_then(|f| f.rank), b.and_then(|f| f.rank)),
            total: (total(self.before, a), total(self.after, b)),
            measures,
        }
    }

    /// Only what can have moved this firm's result: something of its unit counts when what the engine
    /// makes of the unit differs; a baseline when its points moved with a value that did not.
    fn causes(&self, firm: i64, a: Option<&FirmOutcome>, b: Option<&FirmOutcome>, measures: bool) -> Vec<Cause> {
        let mut causes = BTreeSet::new();
        if self.before.outcome.rules != self.after.outcome.rules {
            causes.insert(Cause::Rules);
        }
        let (Some(a), Some(b)) = (a, b) else {
            causes.insert(Cause::Status);
            return causes.into_iter().collect();
        };
        if a.taking != b.taking {
            causes.insert(Cause::Status);
        }
        let total = self.before.outcome.total(a) == self.after.outcome.total(b);
        let (members_a, members_b) = (self.before.prepared.members(firm), self.after.prepared.members(firm));
        if members_a != members_b {
            causes.insert(Cause::Unit);
        }
        if measures || !total || self.own_parts_differ(a, b) || a.rank != b.rank {
            let members: BTreeSet<i64> = members_a.iter().chain(&members_b).copied().collect();
            self.of_unit(firm, &members, a, b, &mut causes);
        }
        if self.baselines_moved(a, b) {
            causes.insert(Cause::Baseline);
        }
        if self.owner_differs(a, b) {
            causes.insert(Cause::Owner);
        }
        let history = |run: &Run<'_>| run.prepared.history.get(&firm).cloned();
        if history(self.before) != history(self.after) && (measures || self.own_parts_differ(a, b)) {
            causes.insert(Cause::History);
        }
        if total && a.population == b.population && causes.is_empty() {
            let merged = |f: &FirmOutcome| f.merged.as_ref().and_then(|m| m.rank);
            if a.rank != b.rank || merged(a) != merged(b) {
                causes.insert(Cause::RankOnly);
            } else if a.ranked_class != b.ranked_class {
                causes.insert(Cause::Cut);
            }
        }
        if causes.is_empty() {
            causes.insert(Cause::Other);
        }
        causes.into_iter().collect()
    }

    /// What the engine makes of the unit itself, before any comparison with others.
    fn own_parts_differ(&self, a: &FirmOutcome, b: &FirmOutcome) -> bool {
        let parts = |run: &Run<'_>, f: &FirmOutcome| {
            let scores = f.population.map(|p| &run.outcome.scores[usize::from(p)]).zip(f.row);
            let values: Vec<(String, u64, ValueState)> = scores
                .into_iter()
                .flat_map(|(s, row)| s.indicators.iter().map(move |c| (c, row as usize)))
                .map(|(c, row)| (c.indicator.clone(), c.value[row].to_bits(), c.state[row]))
                .collect();
            let scheme = run.compiled.scheme();
            let rules: Vec<&str> =
                f.overrides.iter().map(|o| scheme.overrides[usize::from(o.rule)].id.as_str()).collect();
            let numbers = [f.coefficient, f.bonus, f.deduction].map(f64::to_bits);
            let merged = f.merged.as_ref().map(|m| m.total);
            format!("{values:?} {rules:?} {numbers:?} {:?} {:?} {merged:?}", f.taking, f.population)
        };
        parts(self.before, a) != parts(self.after, b)
    }

    fn of_unit(
        &self,
        firm: i64,
        members: &BTreeSet<i64>,
        a: &FirmOutcome,
        b: &FirmOutcome,
        causes: &mut BTreeSet<Cause>,
    ) {
        let parts = self.own_parts_differ(a, b);
        // A figure that changes no part of the result may still decide a tie, or a measure.
        let counts = |fact: &String| {
            parts || self.is_of_measure(fact) && a.measures != b.measures || self.is_tie(b, fact) && a.rank != b.rank
        };
        let own = |of: i64| self.own.get(&of).is_some_and(|facts| facts.iter().any(counts));
        if own(firm) {
            causes.insert(Cause::OwnFacts);
        }
        if members.iter().any(|m| *m != firm && own(*m)) {
            causes.insert(Cause::UnitFacts);
        }
        if !parts {
            return;
        }
        let land = |run: &Run<'_>, of: i64| {
            run.prepared
                .land()
                .get(&of)
                .map(|l| (l.effective, l.owned, l.leased_in, l.leased_out, l.leased_floor_area, l.most_floors))
        };
        if members.iter().any(|m| land(self.before, *m) != land(self.after, *m)) {
            causes.insert(Cause::Land);
        }
        if self.tenants_differ(firm, b) {
            causes.insert(Cause::Tenants);
        }
    }

    fn is_of_measure(&self, fact: &str) -> bool {
        let compiled = self.after.compiled;
        let rules = &compiled.scheme().measures;
        let named = rules.iter().flat_map(|m| m.quantity.iter().chain(&m.account).chain(&m.highest_with));
        let asked = compiled.plan.measures.iter().flatten().flat_map(|plan| &plan.text.names);
        named.chain(asked).any(|name| self.rests_on(name, fact))
    }

    /// True when the fact decides equal totals in the firm's population.
    fn is_tie(&self, firm: &FirmOutcome, fact: &str) -> bool {
        let plan = &self.after.compiled.plan;
        let ties = firm.population.into_iter().flat_map(|p| &plan.populations[usize::from(p)].ties);
        ties.flat_map(|(text, _)| &text.names).any(|name| self.rests_on(name, fact))
    }

    /// True when a name is the fact, or an indicator made from it.
    fn rests_on(&self, name: &str, fact: &str) -> bool {
        let derived = &self.after.compiled.plan.derived;
        name == fact
            || derived.iter().find(|d| d.id == name).is_some_and(|d| d.names.iter().any(|n| self.rests_on(n, fact)))
    }

    /// What a scheme reads of a landlord's tenants, and their figures where those count with its own.
    fn tenants_differ(&self, firm: i64, b: &FirmOutcome) -> bool {
        let count = |run: &Run<'_>, name: &str| {
            let row = run.prepared.firms().row(firm)?;
            Some(run.compiled.firm_value(run.prepared, name, row))
        };
        let named = |name: &str| self.after.compiled.inputs().iter().any(|i| i == name);
        let counted = ["tenants", "tenants_below_scale"];
        if counted.iter().any(|name| named(name) && count(self.before, name) != count(self.after, name)) {
            return true;
        }
        let tenants = |run: &Run<'_>| run.prepared.land().get(&firm).map(|l| l.tenants.clone()).unwrap_or_default();
        let (old, new) = (tenants(self.before), tenants(self.after));
        b.merged.is_some() && (old != new || new.iter().any(|t| self.own.contains_key(t)))
    }

    /// Points moved although the value did not, or the baseline itself did.
    fn baselines_moved(&self, a: &FirmOutcome, b: &FirmOutcome) -> bool {
        let scores = |run: &Run<'_>, f: &FirmOutcome| {
            f.population.map(usize::from).zip(f.row).map(|(p, row)| (run.outcome.scores[p].clone(), row as usize))
        };
        let (Some((old, x)), Some((new, y))) = (scores(self.before, a), scores(self.after, b)) else { return false };
        let used = |run: &Run<'_>, column: &crate::outcome::ScoreColumn, row: usize| -> Vec<Option<u64>> {
            let value = |at: u32| run.outcome.baselines.get(at as usize).map(|b| b.value.to_bits());
            column.baseline.iter().map(|rows| value(rows[row])).collect()
        };
        new.indicators.iter().any(|column| {
            let Some(earlier) = old.indicators.iter().find(|c| c.indicator == column.indicator) else { return false };
            let unmoved =
                earlier.value[x].to_bits() == column.value[y].to_bits() && earlier.state[x] == column.state[y];
            earlier.raw[x].to_bits() != column.raw[y].to_bits()
                && (unmoved || used(self.before, earlier, x) != used(self.after, column, y))
        })
    }

    fn owner_differs(&self, a: &FirmOutcome, b: &FirmOutcome) -> bool {
        let owner = |f: &FirmOutcome| match f.taking {
            Taking::Inherits { owner } => Some(owner),
            _ => None,
        };
        let class = |run: &Run<'_>, f: &FirmOutcome| {
            let found = owner(f).and_then(|o| run.outcome.firm(o));
            found.and_then(|o| run.outcome.letter(o.ranked_class)).map(str::to_owned)
        };
        (owner(a).is_some() || owner(b).is_some())
            && (owner(a) != owner(b) || class(self.before, a) != class(self.after, b))
    }
}

impl FirmDifference {
    /// One sentence in Chinese.
    pub fn zh(&self) -> String {
        let mut parts = Vec::new();
        for cause in &self.causes {
            parts.push(match cause {
                Cause::OwnFacts => format!("本企业数据变化（{}）", self.facts.join("、")),
                Cause::UnitFacts => "同一评价单元其他企业的数据变化".into(),
                Cause::Unit => "评价单元的成员变化".into(),
                Cause::Land => match self.land {
                    Some((a, b)) => format!("实际用地 {} → {} 亩", shown(a), shown(b)),
                    None => "评价单元的用地变化".into(),
                },
                Cause::Tenants => "承租企业变化".into(),
                Cause::Owner => "所随土地使用权人的等级变化".into(),
                Cause::Status => "参评状态变化".into(),
                Cause::Baseline => "其他企业数据变化使基准值（或平均得分）变动".into(),
                Cause::History => "以往年度等级变化".into(),
                Cause::RankOnly => "本企业得分未变，名次因其他企业升降而变".into(),
                Cause::Cut => "本企业名次未变，等级分界变动".into(),
                Cause::Rules => "方案不同".into(),
                Cause::Other => "原因未能归结".into(),
            });
        }
        if self.total.0 != self.total.1 {
            parts.push(format!("总分 {} → {}", shown(self.total.0), shown(self.total.1)));
        }
        for m in &self.measures {
            let amount = |m: &Option<MeasureApplied>| measure_shown(m.as_ref(), "无", "有");
            parts.push(format!("{} {} → {}", m.title.zh, amount(&m.before), amount(&m.after)));
        }
        parts.join("；")
    }

    /// One sentence in English.
    pub fn en(&self) -> String {
        let mut parts = Vec::new();
        for cause in &self.causes {
            parts.push(match cause {
                Cause::OwnFacts => format!("its own figures changed ({})", self.facts.join(", ")),
                Cause::UnitFacts => "figures of another firm of its unit changed".into(),
                Cause::Unit => "other firms belong to its unit".into(),
                Cause::Land => match self.land {
                    Some((a, b)) => format!("effective land {} → {} mu", shown(a), shown(b)),
                    None => "land of its unit changed".into(),
                },
                Cause::Tenants => "its tenants changed".into(),
                Cause::Owner => "the class of the owner that it follows changed".into(),
                Cause::Status => "it takes part in another way".into(),
                Cause::Baseline => "a baseline (or mean points) moved with other firms' figures".into(),
                Cause::History => "classes of earlier years changed".into(),
                Cause::RankOnly => "its score is the same; others passed it or fell behind".into(),
                Cause::Cut => "its rank is the same; the cut between classes moved".into(),
                Cause::Rules => "the scheme differs".into(),
                Cause::Other => "no single cause was found".into(),
            });
        }
        if self.total.0 != self.total.1 {
            parts.push(format!("total {} → {}", shown(self.total.0), shown(self.total.1)));
        }
        for m in &self.measures {
            let amount = |m: &Option<MeasureApplied>| measure_shown(m.as_ref(), "no", "yes");
            parts.push(format!("{} {} → {}", m.title.en, amount(&m.before), amount(&m.after)));
        }
        parts.join("; ")
    }
}

/// Amount and yearly cost of a measure, or that it applies at all.
fn measure_shown(measure: Option<&MeasureApplied>, no: &str, yes: &str) -> String {
    let Some(measure) = measure else { return no.to_owned() };
    match (measure.charged.or(measure.amount), measure.cost) {
        (Some(amount), Some(cost)) => format!("{} ({})", amount.normalize(), cost.normalize()),
        (Some(amount), None) => amount.normalize().to_string(),
        (None, _) => yes.to_owned(),
    }
}

fn shown(number: Option<Decimal>) -> String {
    number.map_or_else(|| "?".to_owned(), |n| n.normalize().to_string())
}

fn fact_differences(before: &Run<'_>, after: &Run<'_>) -> Vec<FactDifference> {
    let (a, b) = (before.prepared.snapshot(), after.prepared.snapshot());
    let source = |subject: &str, fact: &str| {
        let found = b.lineage.iter().find(|l| l.subject == subject && l.fact == fact);
        found.map(|l| l.source.clone())
    };
    let mut out = Vec::new();
    let names: BTreeSet<&String> = a.firms.columns().keys().chain(b.firms.columns().keys()).collect();
    let ids: BTreeSet<i64> = a.firms.ids().iter().chain(b.firms.ids()).copied().collect();
    for firm in ids {
        for name in &names {
            let (old, new) = (a.firms.value(firm, name), b.firms.value(firm, name));
            if old != new {
                let subject = format!("f:{firm}");
                let source = source(&subject, name);
                out.push(FactDifference {
                    firm: Some(firm),
                    subject,
                    fact: (*name).clone(),
                    before: old,
                    after: new,
                    source,
                });
            }
        }
    }
    let number = |n: Option<Decimal>| n.map_or(Value::Unknown, Value::Number);
    let firm = |f: Option<i64>| f.map_or(Value::Unknown, |f| Value::Number(f.into()));
    let records = |run: &Run<'_>| {
        let mut map: BTreeMap<(String, &'static str), Value> = BTreeMap::new();
        for p in &run.prepared.snapshot().land.parcels {
            let subject = format!("p:{}", p.code);
            map.insert((subject.clone(), "parcel_area"), number(p.area));
            map.insert((subject, "parcel_owner"), firm(p.owner));
        }
        for l in &run.prepared.snapshot().land.leases {
            let subject = format!("l:{}:{}", l.parcel, l.tenant);
            map.insert((subject.clone(), "lease_area"), number(l.area));
            map.insert((subject.clone(), "lease_floor_area"), number(l.floor_area));
            map.insert((subject.clone(), "building_floors"), number(l.floors));
            map.insert((subject, "lease_lessor"), firm(l.lessor));
        }
        map
    };
    let (old, new) = (records(before), records(after));
    let keys: BTreeSet<&(String, &'static str)> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (x, y) = (old.get(key).cloned().unwrap_or(Value::Unknown), new.get(key).cloned().unwrap_or(Value::Unknown));
        if x != y {
            out.push(FactDifference {
                firm: None,
                subject: key.0.clone(),
                fact: key.1.to_owned(),
                before: x,
                after: y,
                source: source(&key.0, key.1),
            });
        }
    }
    out
}
