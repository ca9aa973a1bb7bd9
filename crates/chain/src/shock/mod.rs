//! What an outage costs. Two models that share no assumption beyond who supplies whom:
//!
//! - [`Shortage`]: stocks run down day by day and a firm stops when an essential input is used up. After the
//!   inventory model of Hallegatte 2008 and 2014 ("Modeling the role of inventories and heterogeneity in the
//!   assessment of the economic costs of natural disasters") at the level of firms as in Henriet, Hallegatte,
//!   Tabourier 2012. What is left out is stated there.
//! - [`Leontief`]: the least losses that generalised Leontief production allows, up and down the chain, without
//!   stocks: the economic systemic risk index of Diem, Borsos, Reisch, Kertész, Thurner 2022, "Quantifying
//!   firm-level economic systemic risk from nation-wide supply networks".
//!
//! Both compute in whole numbers of a small unit. Sums of whole numbers do not depend on their order, so the
//! result is the same on any number of threads, and a larger outage can never come out smaller by rounding.
//!
//! Both follow a shock only where it goes: a firm is looked at when one of its suppliers or buyers has lost
//! more than before, and at no other time. What a shock cannot reach costs nothing, and the result is that of
//! looking at every firm in every step.

mod leontief;
mod network;
mod rank;
mod shortage;

pub use leontief::{Leontief, Market, Reach, Spread, Systemic};
pub use network::{Firm, Import, Input, InputRule, Link, Network, Stop};
pub use rank::{Ranked, by_loss, spearman};
pub use shortage::{Loss, Shortage, ShortageFirm};

/// Shares in the unit of 2^-30.
pub(crate) const ONE: u64 = 1 << 30;

/// A share 0 to 1 in that unit, rounded down.
pub(crate) fn part(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * ONE as f64) as u32
}
