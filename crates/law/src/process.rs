//! Processes as data: states, who may move a case from one to the next, what must hold, and which
//! clocks run. `cases` runs them.

use crate::place::Place;
use crate::scheme::{Cite, Days, Text};
use base::{Department, Role};
use serde::Serialize;

/// A state machine.
#[derive(Clone, Debug, Serialize)]
pub struct Process {
    /// Name: `per-mu-evaluation`.
    pub id: String,
    /// Title.
    pub title: Text,
    /// What it rests on.
    pub cite: Option<Cite>,
    /// State of a new case.
    pub start: String,
    /// All states, in their usual order.
    pub states: Vec<ProcessState>,
    /// Conditions by name, with the sentence shown when one refuses.
    pub guards: Vec<Guard>,
    /// What can be done.
    pub transitions: Vec<Transition>,
    /// Deadlines.
    pub clocks: Vec<Clock>,
    /// The file.
    pub at: Place,
}

/// A state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProcessState {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Nothing follows.
    pub last: bool,
    /// Where.
    pub at: Place,
}

/// A condition that services can compute, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Guard {
    /// Name.
    pub id: String,
    /// What must hold: the sentence shown when it does not.
    pub title: Text,
    /// Where.
    pub at: Place,
}

/// A step from one state to another (or the same).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// Name of the action: `freeze`.
    pub action: String,
    /// Title, a verb.
    pub title: Text,
    /// From any of these.
    pub from: Vec<String>,
    /// To.
    pub to: String,
    /// Who may; any of these.
    pub by: Vec<Actor>,
    /// All of these must hold.
    pub guards: Vec<String>,
    /// A second person must accept: whoever did the step before may not do this one.
    pub second_person: bool,
    /// A reason must be given.
    pub reason: bool,
    /// Where.
    pub at: Place,
}

/// Who may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// In this role …
    pub role: Role,
    /// … and, for department owners, of this department; none: any.
    pub department: Option<Department>,
    /// The system itself, when a clock has run out. `role` is then of no account.
    pub system: bool,
}

/// A deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Name.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Starts when a case enters this state.
    pub starts: String,
    /// Ends when the case enters any of these.
    pub stops: Vec<String>,
    /// How long.
    pub length: ClockLength,
    /// The day on which it starts is its first day. For lengths that a scheme gives, this is what holds
    /// where the scheme says nothing else.
    pub counts_first_day: bool,
    /// Guard that holds once it has run out (`notice_over`).
    pub over: Option<String>,
    /// Where.
    pub at: Place,
}

/// How long a clock runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "length", rename_all = "snake_case")]
pub enum ClockLength {
    /// The scheme's days of the result notice.
    Notice,
    /// The scheme's days of the land notice.
    LandNotice,
    /// So many.
    Days {
        /// How many, and of which kind.
        days: Days,
    },
}
