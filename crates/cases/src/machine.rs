//! The one gate to a next state.

use crate::process::{Actor, Guard, Process, Transition, Unsound, Wording};
use base::{Department, Role, Scope};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Account name, or `system:task`.
    pub account: String,
    /// Role acted in.
    pub role: Role,
    /// Department, for those who own facts.
    pub department: Option<Department>,
    /// True for a task of the system itself.
    pub system: bool,
}

impl From<&Scope> for Who {
    fn from(scope: &Scope) -> Self {
        Self {
            account: scope.actor().to_owned(),
            role: scope.role(),
            department: scope.department(),
            system: scope.is_system(),
        }
    }
}

/// What is known about the case when someone acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether each guard holds. A guard that is not here is unknown, and unknown does not hold.
    pub guards: BTreeMap<String, bool>,
    /// Account that did the step into the present state; absent for a new case.
    pub previous: Option<String>,
}

/// Why an action cannot be done now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// The guard's name, or `second_person`.
    pub guard: String,
    /// False when it is known not to hold, true when nobody knows.
    pub unknown: bool,
    /// What must hold.
    pub wording: Wording,
}

/// An action as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionView {
    /// Name.
    pub action: String,
    /// Title, a verb.
    pub title: Wording,
    /// State that it leads to.
    pub to: String,
    /// A reason must be given.
    pub reason: bool,
    /// Empty when it can be done now.
    pub blocked_by: Vec<Block>,
}

/// A step that was allowed; the caller records it together with the change itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The process.
    pub process: String,
    /// The action.
    pub action: String,
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// Account.
    pub actor: String,
    /// Role acted in.
    pub role: Role,
    /// Why, as given.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// Clocks that start with this step.
    pub starts: Vec<String>,
    /// Clocks that stop with it.
    pub stops: Vec<String>,
}

/// Why a step is not allowed. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.wording().en)]
pub enum Refusal {
    /// The process has no such state: the record does not fit the rule version.
    UnknownState {
        /// The state.
        state: String,
    },
    /// The process has no such action.
    UnknownAction {
        /// The action.
        action: String,
        /// Those there are.
        allowed: Vec<String>,
    },
    /// Not from the present state.
    State {
        /// The action.
        action: String,
        /// The present state.
        state: String,
        /// States it leaves.
        allowed: Vec<String>,
    },
    /// Not in this role or department.
    Role {
        /// The action.
        action: String,
        /// The present state.
        state: String,
        /// The role acted in.
        role: Role,
        /// The department, if any.
        department: Option<Department>,
        /// Who may.
        allowed: Vec<Actor>,
    },
    /// Conditions do not hold.
    Guards {
        /// The action.
        action: String,
        /// The present state.
        state: String,
        /// All that fail.
        failed: Vec<Block>,
    },
    /// The same person did the step before.
    SecondPerson {
        /// The action.
        action: String,
        /// The account.
        account: String,
    },
    /// A reason must be given.
    ReasonMissing {
        /// The action.
        action: String,
    },
}

impl Refusal {
    /// Stable short code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownState { .. } => "case_state_unknown",
            Self::UnknownAction { .. } => "case_action_unknown",
            Self::State { .. } => "case_state",
            Self::Role { .. } => "case_role",
            Self::Guards { .. } => "case_guard",
            Self::SecondPerson { .. } => "case_second_person",
            Self::ReasonMissing { .. } => "case_reason_missing",
        }
    }

    /// What is wrong and what would be allowed.
    pub fn wording(&self) -> Wording {
        match self {
            Self::UnknownState { state } => {
                Wording::new(format!("流程中没有状态“{state}”"), format!("the process has no state `{state}`"))
            }
            Self::UnknownAction { action, allowed } => Wording::new(
                format!("流程中没有“{action}”这一步；可以做的有：{}", allowed.join("、")),
                format!("the process has no action `{action}`; it has: {}", allowed.join(", ")),
            ),
            Self::State { action, state, allowed } => Wording::new(
                format!("当前状态是“{state}”，不能做“{action}”；只能在这些状态下做：{}", allowed.join("、")),
                format!("`{action}` cannot be done in the state `{state}`; allowed in: {}", allowed.join(", ")),
            ),
            Self::Role { action, state, role, department, allowed } => {
                let mine = actor_name(*role, *department, false);
                let others: Vec<String> = allowed.iter().map(|a| actor_name(a.role, a.department, a.system)).collect();
                Wording::new(
                    format!("以“{mine}”的身份不能在状态“{state}”做“{action}”；可以做的身份：{}", others.join("、")),
                    format!("`{mine}` may not do `{action}` in the state `{state}`; allowed: {}", others.join(", ")),
                )
            }
            Self::Guards { action, state, failed } => {
                let zh: Vec<&str> = failed.iter().map(|b| b.wording.zh.as_str()).collect();
                let en: Vec<String> = failed.iter().map(|b| format!("{} [{}]", b.wording.en, b.guard)).collect();
                Wording::new(
                    format!("在状态“{state}”还不能做“{action}”，需要：{}", zh.join("；")),
                    format!("`{action}` cannot be done yet in the state `{state}`; needed: {}", en.join("; ")),
                )
            }
            Self::SecondPerson { action, account } => Wording::new(
                format!("上一步是“{account}”做的，“{action}”须由另一人来做"),
                format!("`{account}` did the step before; `{action}` needs a second person"),
            ),
            Self::ReasonMissing { action } => {
                Wording::new(format!("做“{action}”须写明理由"), format!("`{action}` needs a reason"))
            }
        }
    }
}

fn actor_name(role: Role, department: Option<Department>, system: bool) -> String {
    match (system, department) {
        (true, _) => "system".to_owned(),
        (false, Some(department)) => format!("{} ({})", role.name(), department.name()),
        (false, None) => role.name().to_owned(),
    }
}

/// Runs a process.
#[derive(Clone, Debug)]
pub struct Machine {
    process: Process,
}

impl Machine {
    /// Takes a sound process; all findings when it is not.
    pub fn new(process: Process) -> Result<Self, Vec<Unsound>> {
        let findings = process.check();
        if findings.is_empty() { Ok(Self { process }) } else { Err(findings) }
    }

    /// The process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// State of a new case.
    pub fn start(&self) -> &str {
        &self.process.start
    }

    /// True when nothing follows the state.
    pub fn is_last(&self, state: &str) -> bool {
        self.process.states.iter().any(|s| s.id == state && s.last)
    }

    /// What this person could do in the state, with what blocks it. Actions of other roles are left
    /// out. Whatever is listed without a block, `apply` allows, given a reason where one is needed.
    pub fn allowed(&self, state: &str, who: &Who, facts: &Facts) -> Vec<ActionView> {
        self.process
            .transitions
            .iter()
            .filter(|t| t.from.iter().any(|f| f == state) && t.by.iter().any(|a| may(a, who)))
            .map(|t| {
                let mut blocked_by = self.failed(t, facts);
                if second_person_lacks(t, who, facts) {
                    blocked_by.push(Block {
                        guard: "second_person".to_owned(),
                        unknown: false,
                        wording: Wording::new("须由另一人来做", "a second person must do it"),
                    });
                }
                ActionView { action: t.action.clone(), title: t.title.clone(), to: t.to.clone(), reason: t.reason, blocked_by }
            })
            .collect()
    }

    /// Does a step, or says why not. Page, API, bulk action and command line all pass here.
    pub fn apply(
        &self,
        state: &str,
        action: &str,
        who: &Who,
        facts: &Facts,
        reason: &str,
        at: Timestamp,
    ) -> Result<Step, Refusal> {
        if !self.process.states.iter().any(|s| s.id == state) {
            return Err(Refusal::UnknownState { state: state.to_owned() });
        }
        let transition = self.transition(state, action)?;
        if !transition.by.iter().any(|a| may(a, who)) {
            return Err(Refusal::Role {
                action: action.to_owned(),
                state: state.to_owned(),
                role: who.role,
                department: who.department,
                allowed: transition.by.clone(),
            });
        }
        let failed = self.failed(transition, facts);
        if !failed.is_empty() {
            return Err(Refusal::Guards { action: action.to_owned(), state: state.to_owned(), failed });
        }
        if second_person_lacks(transition, who, facts) {
            return Err(Refusal::SecondPerson { action: action.to_owned(), account: who.account.clone() });
        }
        if transition.reason && reason.trim().is_empty() {
            return Err(Refusal::ReasonMissing { action: action.to_owned() });
        }
        Ok(self.step(transition, state, who, reason, at))
    }

    fn transition(&self, state: &str, action: &str) -> Result<&Transition, Refusal> {
        let named: Vec<&Transition> = self.process.transitions.iter().filter(|t| t.action == action).collect();
        if named.is_empty() {
            let mut allowed: Vec<String> = self.process.transitions.iter().map(|t| t.action.clone()).collect();
            allowed.dedup();
            return Err(Refusal::UnknownAction { action: action.to_owned(), allowed });
        }
        named.iter().copied().find(|t| t.from.iter().any(|f| f == state)).ok_or_else(|| Refusal::State {
            action: action.to_owned(),
            state: state.to_owned(),
            allowed: named.iter().flat_map(|t| t.from.iter().cloned()).collect(),
        })
    }

    fn failed(&self, transition: &Transition, facts: &Facts) -> Vec<Block> {
        transition
            .guards
            .iter()
            .filter(|g| facts.guards.get(*g) != Some(&true))
            .map(|g| {
                let title = self.process.guards.iter().find(|known| known.id == *g).map(|Guard { title, .. }| title.clone());
                Block { guard: g.clone(), unknown: !facts.guards.contains_key(g), wording: title.unwrap_or_default() }
            })
            .collect()
    }

    fn step(&self, transition: &Transition, state: &str, who: &Who, reason: &str, at: Timestamp) -> Step {
        // A step back into the same state neither starts nor stops a clock.
        let moves = transition.to != state;
        let clocks = |pick: &dyn Fn(&crate::process::ClockRule) -> bool| -> Vec<String> {
            self.process.clocks.iter().filter(|c| moves && pick(c)).map(|c| c.id.clone()).collect()
        };
        Step {
            process: self.process.id.clone(),
            action: transition.action.clone(),
            from: state.to_owned(),
            to: transition.to.clone(),
            actor: who.account.clone(),
            role: who.role,
            reason: reason.trim().to_owned(),
            at,
            starts: clocks(&|c| c.starts == transition.to),
            stops: clocks(&|c| c.stops.contains(&transition.to)),
        }
    }
}

fn may(actor: &Actor, who: &Who) -> bool {
    if actor.system || who.system {
        return actor.system && who.system;
    }
    actor.role == who.role && actor.department.is_none_or(|d| who.department == Some(d))
}

/// True when the step needs a second person and this one is not, or when nobody knows who the
/// first was.
fn second_person_lacks(transition: &Transition, who: &Who, facts: &Facts) -> bool {
    transition.second_person && facts.previous.as_ref().is_none_or(|first| *first == who.account)
}
