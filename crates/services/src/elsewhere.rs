//! Other machines that can compute the rows of a run. Services know that there may be some; what they
//! are is the caller's affair.

use crate::{Kind, Refusal, Result, Services};
use base::{Digest, Scope};
use measure::{Compiled, Prepared, Rows};

/// Machines that compute the rows of a run. Called on a blocking thread.
pub trait Elsewhere: std::fmt::Debug + Send + Sync {
    /// The rows, or why there are none: in Chinese and in English. Never waits without an end.
    fn rows(&self, compiled: &Compiled, prepared: &Prepared) -> std::result::Result<Rows, (String, String)>;
}

/// A stored run computed again, here and elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// Digest that was stored.
    pub stored: Digest,
    /// Digest of the computation here.
    pub here: Digest,
    /// Digest with the rows computed elsewhere; none when no other machines were named.
    pub elsewhere: Option<Digest>,
}

impl Recomputed {
    /// True when nothing differs.
    pub fn agrees(&self) -> bool {
        self.here == self.stored && self.elsewhere.is_none_or(|e| e == self.stored)
    }
}

/// A result that other machines do not confirm is not kept.
pub(crate) fn differs(here: Digest, elsewhere: Digest) -> Refusal {
    let mut refusal = Refusal::new(
        Kind::Conflict,
        "cluster_differs",
        format!("集群与本机的计算结果不一致（{elsewhere} 与 {here}），未保存。"),
        format!("The cluster and this machine computed different results ({elsewhere} and {here}); nothing was kept."),
    );
    refusal.cause = Some("rows computed elsewhere differ".to_owned());
    refusal
}

/// The other machines did not compute. Computing here alone would hide that, so it is refused.
pub(crate) fn failed((zh, en): (String, String)) -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "cluster_failed",
        format!("集群没有完成计算：{zh}。"),
        format!("The cluster did not compute: {en}."),
    )
}

impl Services {
    /// Computes a stored run again from its own snapshot and rules, here and on the other machines.
    pub async fn recompute_run(&self, scope: &Scope, id: i64) -> Result<Recomputed> {
        let run = self.store().read(scope).get_run(id).await?;
        let (law, scheme) = self.rules_of(&run).await?;
        let snapshot = self.parts(run.snapshot_digest).await?;
        let both = self.compute_by(law, scheme, run.year as i16, snapshot).await?;
        Ok(Recomputed { stored: run.result_digest, here: both.0.digest, elsewhere: both.1 })
    }
}
