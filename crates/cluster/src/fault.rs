//! What can go wrong between here and the other machines, in both languages.

use datafusion::error::DataFusionError;
use std::time::Duration;

/// Why the rows were not computed on the cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterFault {
    /// Nothing listens there.
    #[error("no scheduler answers at {address}: {why}")]
    NoScheduler {
        /// Address asked.
        address: String,
        /// What the system says.
        why: String,
    },
    /// Something else listens there.
    #[error("what answers at {address} is no scheduler of Baigong: {found}")]
    NotAScheduler {
        /// Address asked.
        address: String,
        /// First line of its answer.
        found: String,
    },
    /// A scheduler without executors.
    #[error("the scheduler at {address} has no executor")]
    NoExecutor {
        /// Address of the scheduler.
        address: String,
    },
    /// It took too long.
    #[error("the cluster at {address} did not answer within {} s; nothing was kept", after.as_secs())]
    Late {
        /// Address of the scheduler.
        address: String,
        /// Time given.
        after: Duration,
    },
    /// The folder for the inputs.
    #[error("the shared folder {folder}: {why}")]
    Share {
        /// Folder.
        folder: String,
        /// Why not.
        why: String,
    },
    /// A plan that another machine could not read.
    #[error("the plan cannot be sent: {0}")]
    Unsendable(String),
    /// A node refused, or was lost.
    #[error("the cluster failed: {0}")]
    Engine(String),
    /// What came back does not fit what was sent.
    #[error(transparent)]
    Rows(#[from] measure::RowsFault),
}

impl ClusterFault {
    /// The sentence in Chinese; `Display` has the English one.
    pub fn zh(&self) -> String {
        match self {
            Self::NoScheduler { address, why } => format!("{address} 没有调度节点应答：{why}"),
            Self::NotAScheduler { address, found } => format!("{address} 应答的不是百工的调度节点：{found}"),
            Self::NoExecutor { address } => format!("调度节点 {address} 没有执行节点"),
            Self::Late { address, after } => {
                format!("集群 {address} 在 {} 秒内没有给出结果，未保存任何内容", after.as_secs())
            }
            Self::Share { folder, why } => format!("共享目录 {folder}：{why}"),
            Self::Unsendable(why) => format!("计算计划无法发送：{why}"),
            Self::Engine(why) => format!("集群计算失败：{why}"),
            Self::Rows(fault) => format!("集群返回的结果与发出的不符：{fault}"),
        }
    }
}

impl From<DataFusionError> for ClusterFault {
    fn from(error: DataFusionError) -> Self {
        Self::Engine(error.to_string())
    }
}
