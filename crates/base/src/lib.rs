//! Words every other crate shares: identifiers, codes, digests, numbers as departments write them,
//! who is asking (`Scope`) and where a figure came from (`Source`).
//!
//! No IO lives here, and nothing here knows a policy: a threshold, weight or date from a document
//! belongs in `law/`.

pub mod code;
pub mod digest;
pub mod division;
pub mod fixed;
pub mod scope;
pub mod source;
pub mod text;

pub use code::CreditCode;
pub use digest::Digest;
pub use division::DivisionCode;
pub use scope::{Department, Role, Scope};
pub use source::Source;
