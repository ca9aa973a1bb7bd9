//! The gate: offers what a person may do in a state, with what is in the way, and refuses the rest.

use base::{Department, Role, Scope};
use law::Process;
use law::process::{Guard, Transition};
use std::collections::BTreeSet;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Account name, or `system:task`.
    pub actor: String,
    /// Role.
    pub role: Role,
    /// Department, for those who own facts.
    pub department: Option<Department>,
    /// A task of the system itself.
    pub system: bool,
}

impl From<&Scope> for Who {
    fn from(scope: &Scope) -> Self {
        Self {
            actor: scope.actor().to_owned(),
            role: scope.role(),
            department: scope.department(),
            system: scope.is_system(),
        }
    }
}

/// What is known about the case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Guards that hold. A guard that is not named here does not hold: unknown never opens a gate.
    pub holds: BTreeSet<String>,
    /// Who took the step before.
    pub last_actor: Option<String>,
}

/// Something that a person may do, now or once nothing is in the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer<'a> {
    /// The step.
    pub transition: &'a Transition,
    /// Guards that do not hold.
    pub blocked_by: Vec<&'a Guard>,
    /// A second person is needed, and this is the one who took the step before.
    pub same_person: bool,
}

/// Why a step was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The process has no such step from this state.
    #[error("`{action}` is no step from `{state}`; allowed: {}", allowed.join(", "))]
    NoSuchStep {
        /// The step asked for.
        action: String,
        /// The state the case is in.
        state: String,
        /// Steps from that state.
        allowed: Vec<String>,
    },
    /// The person may not.
    #[error("`{action}` is not for the role `{role}`")]
    NotYours {
        /// The step.
        action: String,
        /// The person's role.
        role: &'static str,
    },
    /// A guard does not hold.
    #[error("`{action}` is blocked: {}", guards.iter().map(|g| g.title.en.as_str()).collect::<Vec<_>>().join("; "))]
    Blocked {
        /// The step.
        action: String,
        /// The guards, with their sentences.
        guards: Vec<Guard>,
    },
    /// Doer and sole acceptor are the same person.
    #[error("`{action}` needs a second person: `{actor}` took the step before")]
    SamePerson {
        /// The step.
        action: String,
        /// The person.
        actor: String,
    },
    /// No reason was given.
    #[error("`{action}` needs a reason")]
    NoReason {
        /// The step.
        action: String,
    },
}

/// Steps that this person may take from a state, in the order of the process, with what is in the way.
pub fn offers<'a>(process: &'a Process, state: &str, who: &Who, known: &Known) -> Vec<Offer<'a>> {
    process
        .transitions
        .iter()
        .filter(|t| t.from.iter().any(|s| s == state) && may(t, who))
        .map(|transition| Offer {
            transition,
            blocked_by: blocked(process, transition, known),
            same_person: same_person(transition, who, known),
        })
        .collect()
}

/// Takes a step: gives it when nothing is in the way, and says what is otherwise.
pub fn apply<'a>(
    process: &'a Process,
    state: &str,
    action: &str,
    who: &Who,
    known: &Known,
    reason: &str,
) -> Result<&'a Transition, Refused> {
    let here: Vec<&Transition> = process.transitions.iter().filter(|t| t.from.iter().any(|s| s == state)).collect();
    let named: Vec<&Transition> = here.iter().copied().filter(|t| t.action == action).collect();
    if named.is_empty() {
        return Err(Refused::NoSuchStep {
            action: action.to_owned(),
            state: state.to_owned(),
            allowed: here.iter().map(|t| t.action.clone()).collect(),
        });
    }
    let Some(transition) = named.into_iter().find(|t| may(t, who)) else {
        return Err(Refused::NotYours { action: action.to_owned(), role: who.role.name() });
    };
    let guards = blocked(process, transition, known);
    if !guards.is_empty() {
        return Err(Refused::Blocked { action: action.to_owned(), guards: guards.into_iter().cloned().collect() });
    }
    if same_person(transition, who, known) {
        return Err(Refused::SamePerson { action: action.to_owned(), actor: who.actor.clone() });
    }
    if transition.reason && reason.trim().is_empty() {
        return Err(Refused::NoReason { action: action.to_owned() });
    }
    Ok(transition)
}

fn may(transition: &Transition, who: &Who) -> bool {
    transition.by.iter().any(|a| {
        if a.system || who.system {
            return a.system && who.system;
        }
        a.role == who.role && (a.department.is_none() || a.department == who.department)
    })
}

fn blocked<'a>(process: &'a Process, transition: &Transition, known: &Known) -> Vec<&'a Guard> {
    process.guards.iter().filter(|g| transition.guards.contains(&g.id) && !known.holds.contains(&g.id)).collect()
}

fn same_person(transition: &Transition, who: &Who, known: &Known) -> bool {
    transition.second_person && known.last_actor.as_deref() == Some(who.actor.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use law::Place;
    use law::process::Actor;
    use law::scheme::Text;

    fn text(s: &str) -> Text {
        Text { zh: s.into(), en: s.into() }
    }

    fn at() -> Place {
        Place { file: "p.yaml".into(), line: 1, column: 1 }
    }

    fn process() -> Process {
        let by = |role| vec![Actor { role, department: None, system: false }];
        let step = |action: &str, from: &str, to: &str, role, guards: &[&str], second, reason| Transition {
            action: action.into(),
            title: text(action),
            from: vec![from.into()],
            to: to.into(),
            by: by(role),
            guards: guards.iter().map(|g| (*g).to_owned()).collect(),
            second_person: second,
            reason,
            at: at(),
        };
        Process {
            id: "p".into(),
            title: text("p"),
            cite: None,
            start: "open".into(),
            states: Vec::new(),
            guards: vec![Guard { id: "ready".into(), title: text("must be ready"), at: at() }],
            transitions: vec![
                step("answer", "open", "answered", Role::DepartmentOwner, &[], false, false),
                step("accept", "answered", "done", Role::CountyOfficer, &["ready"], true, true),
            ],
            clocks: Vec::new(),
            at: at(),
        }
    }

    fn who(actor: &str, role: Role) -> Who {
        Who { actor: actor.into(), role, department: None, system: false }
    }

    #[test]
    fn a_step_passes_only_for_the_right_role_guard_person_and_reason() {
        let process = process();
        let ready = Known { holds: ["ready".to_owned()].into(), last_actor: Some("wang".into()) };
        let li = who("li", Role::CountyOfficer);
        assert_eq!(apply(&process, "answered", "accept", &li, &ready, "seen").unwrap().to, "done");
        assert!(matches!(apply(&process, "open", "accept", &li, &ready, "x"), Err(Refused::NoSuchStep { .. })));
        let firm = who("f", Role::Firm);
        assert!(matches!(apply(&process, "answered", "accept", &firm, &ready, "x"), Err(Refused::NotYours { .. })));
        let unknown = Known { holds: BTreeSet::new(), ..ready.clone() };
        assert!(matches!(apply(&process, "answered", "accept", &li, &unknown, "x"), Err(Refused::Blocked { .. })));
        let wang = who("wang", Role::CountyOfficer);
        assert!(matches!(apply(&process, "answered", "accept", &wang, &ready, "x"), Err(Refused::SamePerson { .. })));
        assert!(matches!(apply(&process, "answered", "accept", &li, &ready, " "), Err(Refused::NoReason { .. })));
    }

    #[test]
    fn an_offer_says_what_is_in_the_way() {
        let process = process();
        let known = Known::default();
        let all = offers(&process, "answered", &who("li", Role::CountyOfficer), &known);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].blocked_by[0].id, "ready");
        assert!(offers(&process, "answered", &who("f", Role::Firm), &known).is_empty());
    }
}
