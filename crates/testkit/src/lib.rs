//! What tests of several crates share: directories that vanish, a real PostgreSQL cluster, a clock that
//! stands still, and builders of scopes, firm names and credit codes. For tests only; nothing here knows
//! the store, the services or the server.

mod builders;
mod clock;
mod postgres;
mod temp;

pub use builders::{
    auditor, city_officer, county_officer, credit_code, department_owner, division, firm_name, firm_scope, visitor,
};
pub use clock::FixedClock;
pub use postgres::Postgres;
pub use temp::TempStore;
