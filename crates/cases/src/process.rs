//! A process as data, and the check that it is sound.

use base::{Department, Role};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The same sentence in Chinese and English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Wording {
    /// Both languages at once.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A state machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Name: `per-mu-evaluation`.
    pub id: String,
    /// State of a new case.
    pub start: String,
    /// All states.
    pub states: Vec<State>,
    /// Conditions that transitions name.
    #[serde(default)]
    pub guards: Vec<Guard>,
    /// What can be done.
    pub transitions: Vec<Transition>,
    /// Deadlines by the states that start and stop them.
    #[serde(default)]
    pub clocks: Vec<ClockRule>,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Wording,
    /// Nothing follows.
    #[serde(default)]
    pub last: bool,
}

/// A condition, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// Name.
    pub id: String,
    /// What must hold: the sentence shown when it does not.
    pub title: Wording,
}

/// A step from one state to another, or back to the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Name of the action.
    pub action: String,
    /// Title, a verb.
    pub title: Wording,
    /// From any of these.
    pub from: Vec<String>,
    /// To.
    pub to: String,
    /// Who may; any of these.
    pub by: Vec<Actor>,
    /// All of these must hold.
    #[serde(default)]
    pub guards: Vec<String>,
    /// Whoever did the step before may not do this one.
    #[serde(default)]
    pub second_person: bool,
    /// A reason must be given.
    #[serde(default)]
    pub reason: bool,
}

/// Who may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// In this role.
    pub role: Role,
    /// Of this department; any when absent.
    #[serde(default)]
    pub department: Option<Department>,
    /// The system itself, when a clock has run out; `role` is then of no account.
    #[serde(default)]
    pub system: bool,
}

/// When a deadline runs. How long it is stands in the scheme or the process file and is given to
/// [`crate::Clock`] by the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRule {
    /// Name.
    pub id: String,
    /// Starts on entering this state.
    pub starts: String,
    /// Ends on entering any of these.
    #[serde(default)]
    pub stops: Vec<String>,
    /// Guard that holds once it has run out.
    #[serde(default)]
    pub over: Option<String>,
}

/// What is wrong with a process; all findings at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsound {
    /// A state that is not listed.
    #[error("{place} names the state `{found}`; the process has: {allowed}")]
    State {
        /// Where it is named.
        place: String,
        /// The name.
        found: String,
        /// States there are.
        allowed: String,
    },
    /// A guard that is not listed.
    #[error("the action `{action}` names the guard `{found}`, which the process does not list")]
    Guard {
        /// The action.
        action: String,
        /// The guard.
        found: String,
    },
    /// Two transitions of one name leave the same state.
    #[error("two transitions `{action}` leave the state `{state}`")]
    Twice {
        /// The action.
        action: String,
        /// The state.
        state: String,
    },
    /// A last state that something leaves.
    #[error("`{state}` is a last state, but `{action}` leaves it")]
    AfterLast {
        /// The state.
        state: String,
        /// The action.
        action: String,
    },
    /// A state from which no last state can be reached.
    #[error("from the state `{state}` no last state can be reached")]
    DeadEnd {
        /// The state.
        state: String,
    },
    /// A state that no case can reach.
    #[error("the state `{state}` cannot be reached from the start")]
    Unreachable {
        /// The state.
        state: String,
    },
    /// A transition that nobody may do.
    #[error("nobody may do `{action}`")]
    Nobody {
        /// The action.
        action: String,
    },
}

impl Process {
    /// Everything that is wrong with it; empty when sound.
    pub fn check(&self) -> Vec<Unsound> {
        let mut out = self.check_names();
        if out.is_empty() {
            out.extend(self.check_paths());
        }
        out
    }

    fn check_names(&self) -> Vec<Unsound> {
        let states: BTreeSet<&str> = self.states.iter().map(|s| s.id.as_str()).collect();
        let allowed = states.iter().copied().collect::<Vec<_>>().join(", ");
        let mut named: Vec<(String, &str)> = vec![("the start".to_owned(), &self.start)];
        for t in &self.transitions {
            named.extend(t.from.iter().map(|s| (format!("the action `{}`", t.action), s.as_str())));
            named.push((format!("the action `{}`", t.action), &t.to));
        }
        for c in &self.clocks {
            named.push((format!("the clock `{}`", c.id), &c.starts));
            named.extend(c.stops.iter().map(|s| (format!("the clock `{}`", c.id), s.as_str())));
        }
        let mut out: Vec<Unsound> = named
            .into_iter()
            .filter(|(_, state)| !states.contains(state))
            .map(|(place, found)| Unsound::State { place, found: found.to_owned(), allowed: allowed.clone() })
            .collect();
        let mut seen = BTreeSet::new();
        for t in &self.transitions {
            for guard in t.guards.iter().filter(|g| !self.guards.iter().any(|known| known.id == **g)) {
                out.push(Unsound::Guard { action: t.action.clone(), found: guard.clone() });
            }
            if t.by.is_empty() {
                out.push(Unsound::Nobody { action: t.action.clone() });
            }
            for from in &t.from {
                if !seen.insert((from, &t.action)) {
                    out.push(Unsound::Twice { action: t.action.clone(), state: from.clone() });
                }
                if self.states.iter().any(|s| s.last && s.id == *from) {
                    out.push(Unsound::AfterLast { state: from.clone(), action: t.action.clone() });
                }
            }
        }
        out
    }

    fn check_paths(&self) -> Vec<Unsound> {
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut before: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for t in &self.transitions {
            for from in &t.from {
                next.entry(from).or_default().push(&t.to);
                before.entry(&t.to).or_default().push(from);
            }
        }
        let reached = spread(&next, [self.start.as_str()]);
        let ending = spread(&before, self.states.iter().filter(|s| s.last).map(|s| s.id.as_str()));
        let mut out = Vec::new();
        for state in &self.states {
            if !reached.contains(state.id.as_str()) {
                out.push(Unsound::Unreachable { state: state.id.clone() });
            }
            if !ending.contains(state.id.as_str()) {
                out.push(Unsound::DeadEnd { state: state.id.clone() });
            }
        }
        out
    }
}

fn spread<'a>(edges: &BTreeMap<&'a str, Vec<&'a str>>, from: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut open: Vec<&str> = from.into_iter().collect();
    let mut seen: BTreeSet<&str> = open.iter().copied().collect();
    while let Some(state) = open.pop() {
        for next in edges.get(state).into_iter().flatten() {
            if seen.insert(next) {
                open.push(next);
            }
        }
    }
    seen
}

fn wording(text: &law::scheme::Text) -> Wording {
    Wording::new(text.zh.clone(), text.en.clone())
}

impl From<&law::Process> for Process {
    fn from(p: &law::Process) -> Self {
        Self {
            id: p.id.clone(),
            start: p.start.clone(),
            states: p.states.iter().map(|s| State { id: s.id.clone(), title: wording(&s.title), last: s.last }).collect(),
            guards: p.guards.iter().map(|g| Guard { id: g.id.clone(), title: wording(&g.title) }).collect(),
            transitions: p
                .transitions
                .iter()
                .map(|t| Transition {
                    action: t.action.clone(),
                    title: wording(&t.title),
                    from: t.from.clone(),
                    to: t.to.clone(),
                    by: t.by.iter().map(|a| Actor { role: a.role, department: a.department, system: a.system }).collect(),
                    guards: t.guards.clone(),
                    second_person: t.second_person,
                    reason: t.reason,
                })
                .collect(),
            clocks: p
                .clocks
                .iter()
                .map(|c| ClockRule { id: c.id.clone(), starts: c.starts.clone(), stops: c.stops.clone(), over: c.over.clone() })
                .collect(),
        }
    }
}
