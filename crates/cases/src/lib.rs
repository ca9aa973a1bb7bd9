//! Cases: who may do what next, and by when.
//!
//! A [`Machine`] runs a process that is data: states, transitions with their roles and guards. The
//! page asks it what may be done, and the page, the API, a bulk action and the command line all go
//! through the same [`Machine::apply`]; there is no other way to a next state. [`Calendar`] counts
//! working days by the official notices and refuses to guess; [`Clock`] turns days into a moment.
//!
//! Pure: nothing here reads a clock or a store. The time is an argument, and so is whether a guard
//! holds.

mod calendar;
mod clock;
mod machine;
mod process;

pub use calendar::{Calendar, CalendarYear, UnknownDay};
pub use clock::{Clock, Count, Pause, Running};
pub use machine::{ActionView, Block, Facts, Machine, Refusal, Step, Who};
pub use process::{Actor, ClockRule, Guard, Process, State, Transition, Unsound, Wording};
