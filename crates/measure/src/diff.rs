//! What differs between two runs of one evaluation, firm by firm, and why: own facts, land, a status,
//! the baselines, or only the rank of others.

use crate::{Compiled, Outcome, Prepared, Value, outcome::FirmOutcome};
use base::Source;
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
    /// A figure of its own.
    OwnFacts,
    /// Its effective land, through a parcel or lease.
    Land,
    /// It takes part in another way.
    Status,
    /// A baseline moved, because other firms' figures did.
    Baseline,
    /// Nothing of its own: others passed it or fell behind.
    RankOnly,
    /// The scheme differs.
    Rules,
}

impl Cause {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Cause::OwnFacts => "own_facts",
            Cause::Land => "land",
            Cause::Status => "status",
            Cause::Baseline => "baseline",
            Cause::RankOnly => "rank_only",
            Cause::Rules => "rules",
        }
    }
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
    /// Own facts that differ.
    pub facts: Vec<String>,
    /// Class before and after.
    pub class: (Option<String>, Option<String>),
    /// Rank before and after.
    pub rank: (Option<u32>, Option<u32>),
    /// Total before and after.
    pub total: (Option<Decimal>, Option<Decimal>),
}

/// The whole difference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Figures that differ.
    pub facts: Vec<FactDifference>,
    /// Firms whose class, rank, total or standing differs, ascending.
    pub firms: Vec<FirmDifference>,
    /// Firms with the same result.
    pub unchanged: usize,
}

/// Compares two runs.
pub fn diff(before: &Run<'_>, after: &Run<'_>) -> Difference {
    let facts = fact_differences(before, after);
    let rules = before.outcome.rules != after.outcome.rules;
    let mut own: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for fact in &facts {
        if let Some(firm) = fact.firm {
            own.entry(firm).or_default().push(fact.fact.clone());
        }
    }
    let mut out = Difference { facts, ..Difference::default() };
    let firms: BTreeSet<i64> = before.outcome.firms.iter().chain(&after.outcome.firms).map(|f| f.firm).collect();
    for firm in firms {
        let (a, b) = (before.outcome.firm(firm), after.outcome.firm(firm));
        if let (Some(a), Some(b)) = (a, b)
            && same(before.outcome, a, after.outcome, b)
        {
            out.unchanged += 1;
            continue;
        }
        out.firms.push(firm_difference(before, after, firm, a, b, own.remove(&firm).unwrap_or_default(), rules));
    }
    out
}

fn same(before: &Outcome, a: &FirmOutcome, after: &Outcome, b: &FirmOutcome) -> bool {
    a.taking == b.taking
        && a.rank == b.rank
        && before.total(a) == after.total(b)
        && before.letter(a.class) == after.letter(b.class)
}

fn firm_difference(
    before: &Run<'_>,
    after: &Run<'_>,
    firm: i64,
    a: Option<&FirmOutcome>,
    b: Option<&FirmOutcome>,
    facts: Vec<String>,
    rules: bool,
) -> FirmDifference {
    let land = |run: &Run<'_>| run.prepared.land().get(&firm).and_then(|l| l.effective);
    let (land_a, land_b) = (land(before), land(after));
    let total = |run: &Run<'_>, f: Option<&FirmOutcome>| f.and_then(|f| run.outcome.total(f));
    let (total_a, total_b) = (total(before, a), total(after, b));
    let mut causes = Vec::new();
    if !facts.is_empty() {
        causes.push(Cause::OwnFacts);
    }
    if land_a != land_b {
        causes.push(Cause::Land);
    }
    if a.map(|f| &f.taking) != b.map(|f| &f.taking) {
        causes.push(Cause::Status);
    }
    if rules {
        causes.push(Cause::Rules);
    }
    if causes.is_empty() {
        // Nothing of its own moved: a total that did moved through a baseline.
        causes.push(if total_a != total_b { Cause::Baseline } else { Cause::RankOnly });
    }
    FirmDifference {
        firm,
        causes,
        land: (land_a != land_b).then_some((land_a, land_b)),
        facts,
        class: (
            a.and_then(|f| before.outcome.letter(f.class)).map(str::to_owned),
            b.and_then(|f| after.outcome.letter(f.class)).map(str::to_owned),
        ),
        rank: (a.and_then(|f| f.rank), b.and_then(|f| f.rank)),
        total: (total_a, total_b),
    }
}

impl FirmDifference {
    /// One sentence in Chinese.
    pub fn zh(&self) -> String {
        let mut parts = Vec::new();
        for cause in &self.causes {
            parts.push(match cause {
                Cause::OwnFacts => format!("本企业数据变化（{}）", self.facts.join("、")),
                Cause::Land => match self.land {
                    Some((a, b)) => format!("实际用地 {} → {} 亩", shown(a), shown(b)),
                    None => "实际用地变化".into(),
                },
                Cause::Status => "参评状态变化".into(),
                Cause::Baseline => "其他企业数据变化使基准值变动".into(),
                Cause::RankOnly => "本企业得分未变，名次因其他企业升降而变".into(),
                Cause::Rules => "方案不同".into(),
            });
        }
        if self.total.0 != self.total.1 {
            parts.push(format!("总分 {} → {}", shown(self.total.0), shown(self.total.1)));
        }
        parts.join("；")
    }

    /// One sentence in English.
    pub fn en(&self) -> String {
        let mut parts = Vec::new();
        for cause in &self.causes {
            parts.push(match cause {
                Cause::OwnFacts => format!("its own figures changed ({})", self.facts.join(", ")),
                Cause::Land => match self.land {
                    Some((a, b)) => format!("effective land {} → {} mu", shown(a), shown(b)),
                    None => "effective land changed".into(),
                },
                Cause::Status => "it takes part in another way".into(),
                Cause::Baseline => "a baseline moved with other firms' figures".into(),
                Cause::RankOnly => "its score is the same; others passed it or fell behind".into(),
                Cause::Rules => "the scheme differs".into(),
            });
        }
        if self.total.0 != self.total.1 {
            parts.push(format!("total {} → {}", shown(self.total.0), shown(self.total.1)));
        }
        parts.join("; ")
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
