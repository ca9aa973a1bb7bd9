//! Rules out of their files.

use crate::read::{Sec, Step, What};
use crate::read_scheme::{NO_DATE, derived, in_force, one_of, parameter, standing_of, top_cite};
use crate::rule::{
    Amount, Band, Budget, Cap, Case, Condition, Give, OverBudget, Per, Rule, RuleKind, RuleLevel, Rung, ScoreGroup,
    ScoreItem, ScoreTable, Stacking, Test, Uplift, Validity, Window,
};
use crate::scheme::{Param, Standing, Text};
use base::Department;
use jiff::civil::DateTime;
use rust_decimal::Decimal;

/// Decimals of a sum where the rule says nothing: units of 10,000 yuan go down to the yuan.
const DECIMALS: u32 = 4;

pub(crate) fn rule(sec: &Sec) -> Rule {
    let (from, to) = in_force(sec);
    Rule {
        id: sec.name("rule"),
        version: sec.integer("version").unwrap_or(1),
        kind: match sec.name("kind").as_str() {
            "policy" => RuleKind::Policy,
            "question" => RuleKind::Question,
            _ => RuleKind::Title,
        },
        title: sec.words("title"),
        level: level(&sec.name("level")).unwrap_or(RuleLevel::Nation),
        division: sec.division("division"),
        owner: owner(sec),
        cite: top_cite(sec),
        from,
        to,
        in_force_standing: standing_of(sec, "in_force"),
        extends: sec.refers("extends", What::Rule),
        replaces: sec.names("replaces", What::Rule),
        grants: sec.refers("grants", What::Fact),
        validity: sec.sec("validity").and_then(|s| validity(&s)),
        ladder: sec.sec("ladder").map(|s| Rung {
            line: s.name("line"),
            step: s.integer("step").unwrap_or(1),
            after: s.names("after", What::Rule),
        }),
        windows: sec.secs("windows").iter().filter_map(window).collect(),
        parameters: sec.secs("parameters").iter().map(parameter).collect(),
        define: sec.secs("define").iter().map(derived).collect(),
        scores: sec.secs("scores").iter().map(table).collect(),
        requires: match sec.sec("requires") {
            Some(s) => condition(&s),
            None => nothing(sec),
        },
        renewal: sec.sec("renewal").map(|s| condition(&s)),
        competitive: sec.has("competitive").then(|| sec.words("competitive")),
        amount: sec.sec("amount").and_then(|s| amount(&s)),
        budget: sec.sec("budget").map(|s| Budget {
            line: s.name("line"),
            total: s.param("total"),
            over: match s.name("over").as_str() {
                "prorate" => OverBudget::Prorate,
                "queue" => OverBudget::Queue,
                _ => OverBudget::Refuse,
            },
        }),
        stacking: sec.sec("stacking").map(|s| stacking(&s)).unwrap_or_default(),
        basis: sec.secs("basis").iter().map(|b| (b.name("trait"), b.name("document"))).collect(),
        process: sec.refers("process", What::Process),
        at: sec.at(),
    }
}

fn owner(sec: &Sec) -> Department {
    let name = sec.name("owner");
    Department::from_name(&name).unwrap_or_else(|| {
        let at = sec.get("owner").map_or_else(|| sec.at(), |n| n.at.clone());
        let known: Vec<&str> = Department::ALL.iter().map(|d| d.name()).collect();
        sec.sink().error("unknown-department", &at, format!("`{name}`"), known.join(", "));
        Department::Industry
    })
}

fn level(name: &str) -> Option<RuleLevel> {
    RuleLevel::ALL.into_iter().find(|l| l.name() == name)
}

fn validity(sec: &Sec) -> Option<Validity> {
    match one_of(sec, &["years", "until", "open"], "the validity")? {
        "years" => sec.param("years").map(|years| Validity::Years { years }),
        "until" => {
            let text = sec.name("until");
            let day = text.split_once('-').and_then(|(m, d)| Some((m.parse().ok()?, d.parse().ok()?)));
            // A day of a leap year is a day of some year.
            match day.filter(|(m, d)| jiff::civil::Date::new(2024, *m, *d).is_ok()) {
                Some((month, day)) => Some(Validity::NextYear { month, day, standing: sec.standing() }),
                None => {
                    let at = sec.get("until").map_or_else(|| sec.at(), |n| n.at.clone());
                    sec.sink().error("bad-date", &at, format!("`{text}`"), "month and day such as `03-31`");
                    None
                }
            }
        }
        _ => Some(Validity::Open),
    }
}

fn window(sec: &Sec) -> Option<Window> {
    let moment = |key: &str| -> Option<DateTime> {
        let node = sec.get(key)?;
        let found = node.text().and_then(|t| t.parse().ok());
        if found.is_none() {
            sec.sink().error("bad-moment", &node.at, node.describe(), "a moment such as `2025-03-07T17:00`");
        }
        found
    };
    let (from, to) = (moment("from"), moment("to"));
    let (from, to) = (from?, to?);
    if to < from {
        sec.sink().error("window-reversed", &sec.at(), format!("{from} to {to}"), "an end after its beginning");
        return None;
    }
    Some(Window { from, to, title: sec.has("title").then(|| sec.words("title")), standing: sec.standing() })
}

/// Where `requires` is missing, which `shape` has reported.
fn nothing(sec: &Sec) -> Condition {
    Condition {
        id: String::new(),
        title: Text::default(),
        test: Test::All { of: Vec::new() },
        clause: None,
        standing: sec.standing(),
        evidence: None,
        at: sec.at(),
    }
}

fn condition(sec: &Sec) -> Condition {
    let list = |key: &str| sec.secs(key).iter().map(condition).collect::<Vec<_>>();
    let one = |key: &str| sec.sec(key).map(|s| Box::new(condition(&s)));
    let test = match one_of(sec, &["all", "any", "of", "not", "if", "judged", "slot"], "the condition") {
        Some("all") => Test::All { of: list("all") },
        Some("any") => Test::Any { of: list("any") },
        Some("of") => {
            let (count, of) = (sec.integer("at_least").unwrap_or(0), list("of"));
            if count == 0 || count as usize > of.len() {
                sec.sink().error(
                    "at-least",
                    &sec.at(),
                    format!("`at_least: {count}` of {}", of.len()),
                    format!("a whole number from 1 to {}", of.len()),
                );
            }
            Test::AtLeast { count, of }
        }
        Some("not") => one("not").map_or(Test::Slot, |of| Test::Not { of }),
        Some("if") => match (sec.formula("if", Step::Rule), sec.integer("each_year")) {
            (Some(formula), Some(years)) => Test::EachYear { years, formula },
            (Some(formula), None) => Test::If { formula },
            (None, _) => Test::Slot,
        },
        Some("judged") => Test::Judged { fact: judged(sec) },
        Some(_) | None => Test::Slot,
    };
    let asks = matches!(test, Test::If { .. } | Test::EachYear { .. } | Test::Judged { .. } | Test::Slot);
    if asks && !(sec.has("id") && sec.has("title")) {
        sec.sink().error(
            "missing-key",
            &sec.at(),
            "a condition that asks something has no `id` or no `title`",
            "`id: ZJ22.1` and `title: 中文 | English`, so that an answer can name it",
        );
    }
    let plain = Condition {
        id: sec.name("id"),
        title: if sec.has("title") { sec.words("title") } else { Text::default() },
        test,
        clause: sec.clause(),
        standing: sec.standing(),
        evidence: sec.has("evidence").then(|| sec.words("evidence")),
        at: sec.at(),
    };
    match one("unless") {
        None => plain,
        Some(except) => Condition {
            id: format!("{}.unless", plain.id),
            title: Text::default(),
            clause: plain.clause.clone(),
            standing: plain.standing.clone(),
            evidence: None,
            at: plain.at.clone(),
            test: Test::Unless { of: Box::new(plain), except },
        },
    }
}

/// The fact that a review states; `none` where there is no such fact yet.
fn judged(sec: &Sec) -> Option<String> {
    (sec.name("judged") != "none").then(|| sec.refers("judged", What::Fact)).flatten()
}

fn table(sec: &Sec) -> ScoreTable {
    ScoreTable {
        id: sec.name("id"),
        title: sec.words("title"),
        groups: sec
            .secs("groups")
            .iter()
            .map(|g| ScoreGroup {
                id: g.name("id"),
                title: g.words("title"),
                cap: g.param("cap"),
                items: g.secs("items").iter().map(item).collect(),
            })
            .collect(),
        at: sec.at(),
    }
}

fn item(sec: &Sec) -> ScoreItem {
    ScoreItem {
        id: sec.name("id"),
        title: sec.words("title"),
        max: sec.param("max").unwrap_or_else(|| zero(sec)),
        give: give(sec),
        clause: sec.clause(),
        standing: sec.standing(),
        at: sec.at(),
    }
}

fn give(sec: &Sec) -> Give {
    let rest = || sec.param("rest").unwrap_or_else(|| zero(sec));
    if sec.has("of") {
        let of = sec.formula("of", Step::Rule).unwrap_or_else(|| crate::Formula { text: "0".into(), at: sec.at() });
        return match sec.has("bands") {
            true => Give::Bands { of, bands: sec.secs("bands").iter().map(band).collect(), rest: rest() },
            false => Give::Value { of },
        };
    }
    match one_of(sec, &["first", "each", "better_of", "judged"], "the item") {
        Some("first") => Give::First { cases: cases(sec, "first"), rest: rest() },
        Some("each") => Give::Each { cases: cases(sec, "each") },
        Some("better_of") => Give::BetterOf { ways: sec.secs("better_of").iter().map(give).collect() },
        _ => Give::Judged { fact: judged(sec) },
    }
}

fn zero(sec: &Sec) -> Param {
    Param { value: Decimal::ZERO, clause: sec.clause(), standing: Standing::Verified, at: sec.at() }
}

fn cases(sec: &Sec, key: &str) -> Vec<Case> {
    let case = |s: &Sec| {
        Some(Case {
            title: s.words("title"),
            when: s.formula("if", Step::Rule)?,
            points: s.param("points").unwrap_or_else(|| zero(s)),
        })
    };
    sec.secs(key).iter().filter_map(case).collect()
}

fn band(sec: &Sec) -> Band {
    let end = |with: &str, without: &str| match (sec.param(with), sec.param(without)) {
        (Some(p), None) => Some((p, true)),
        (None, Some(p)) => Some((p, false)),
        (None, None) => None,
        (Some(_), Some(_)) => {
            sec.sink().error("too-many-keys", &sec.at(), format!("{with} and {without}"), "one of them");
            None
        }
    };
    Band {
        low: end("at_least", "above"),
        high: end("at_most", "below"),
        points: sec.param("points").unwrap_or_else(|| zero(sec)),
    }
}

fn amount(sec: &Sec) -> Option<Amount> {
    let mut caps = Vec::new();
    for (key, per) in [("cap", Per::Project), ("cap_per_firm", Per::Firm)] {
        caps.extend(sec.param(key).map(|value| Cap { value, per }));
    }
    let mut shares = Vec::new();
    for (key, value) in sec.entries("shares") {
        match level(&key.text) {
            Some(level) => shares.push((level, sec.param_of(value))),
            None => {
                let allowed: Vec<&str> = RuleLevel::ALL.iter().map(|l| l.name()).collect();
                sec.sink().error("wrong-word", &key.at, format!("`{}`", key.text), allowed.join(", "));
            }
        }
    }
    let whole: Decimal = shares.iter().map(|(_, p)| p.value).sum();
    if !shares.is_empty() && whole != Decimal::ONE {
        let at = sec.get("shares").map_or_else(|| sec.at(), |n| n.at.clone());
        sec.sink().error("shares-not-whole", &at, format!("shares that add up to {whole}"), "shares that add up to 1");
    }
    Some(Amount {
        formula: sec.formula("formula", Step::Amount)?,
        unit: sec.refers("unit", What::Unit).unwrap_or_default(),
        caps,
        uplifts: sec
            .secs("uplifts")
            .iter()
            .filter_map(|s| {
                Some(Uplift { title: s.words("title"), when: s.formula("if", Step::Rule)?, rate: s.param("rate")? })
            })
            .collect(),
        decimals: sec.integer("decimals").unwrap_or(DECIMALS),
        shares,
        cost_line: sec.refers("cost_line", What::Fact),
        standing: sec.standing(),
        at: sec.at(),
    })
}

fn stacking(sec: &Sec) -> Stacking {
    Stacking {
        excludes: sec.names("excludes", What::Rule),
        highest_of: sec.text("highest_of"),
        ceiling: sec.sec("ceiling").and_then(|c| Some((c.name("of"), c.param("value")?))),
    }
}

impl Rule {
    /// True when the file gave no first day, which `shape` has reported.
    pub fn has_no_date(&self) -> bool {
        self.from == NO_DATE
    }
}
