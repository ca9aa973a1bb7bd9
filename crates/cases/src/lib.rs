//! Cases: who may take which step of a process, and when a clock runs out.
//!
//! Processes and calendars are data of the law; this crate runs them and decides nothing else. Pure:
//! the state, the person, the facts that guards need and the moment all come in from outside. The
//! page, the API, a bulk action and the command line pass the same gate: [`gate::apply`].

pub mod clock;
pub mod draw;
pub mod gate;
pub mod spending;

pub use clock::{ClockFault, Deadline, deadline};
pub use gate::{Known, Offer, Refused, Who, apply, offers};
