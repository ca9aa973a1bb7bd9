//! The two kinds of nodes. Both are Ballista's own, with our functions registered under their names.

use crate::{ClusterFault, sent};
use ballista_core::error::BallistaError;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::{SchedulerConfig, TaskDistributionPolicy};
use ballista_scheduler::scheduler_process::{create_scheduler, start_grpc_service_with_listener};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;

/// An executor says that it lives this often, seconds.
const HEARTBEAT_S: u64 = 5;
/// One that has said nothing for so long is given up, seconds.
const EXECUTOR_LOST_S: u64 = 30;
/// How often the scheduler looks for lost ones, seconds.
const LOOK_FOR_LOST_S: u64 = 5;
/// How long an executor looks for its scheduler before it gives up, seconds.
const CONNECT_S: u16 = 30;
/// Shuffle files of a finished job go after so long, seconds.
const JOB_DATA_KEPT_S: u64 = 60;

impl From<BallistaError> for ClusterFault {
    fn from(error: BallistaError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// Schedules plans on executors until the process ends.
pub async fn scheduler(listener: TcpListener) -> Result<(), ClusterFault> {
    let address = listener.local_addr().map_err(|e| ClusterFault::Engine(e.to_string()))?;
    let config = SchedulerConfig {
        bind_host: address.ip().to_string(),
        external_host: address.ip().to_string(),
        bind_port: address.port(),
        task_distribution: TaskDistributionPolicy::RoundRobin,
        executor_timeout_seconds: EXECUTOR_LOST_S,
        no_executors_grace_period_seconds: EXECUTOR_LOST_S,
        expire_dead_executor_interval_seconds: LOOK_FOR_LOST_S,
        finished_job_data_clean_up_interval_seconds: JOB_DATA_KEPT_S,
        override_session_builder: Some(Arc::new(sent::session)),
        ..SchedulerConfig::default()
    };
    config.validate()?;
    let cluster = BallistaCluster::new_from_config(&config).await?;
    let server = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, Arc::new(config)).await?;
    Ok(start_grpc_service_with_listener(listener, server).await?)
}

/// Where an executor stands.
#[derive(Clone, Debug)]
pub struct ExecutorPlace {
    /// Host and port of the scheduler.
    pub scheduler: (String, u16),
    /// Where results are fetched.
    pub listen: SocketAddr,
    /// Where the scheduler sends tasks; on the same host.
    pub tasks_port: u16,
    /// Name under which others reach this host; that of the connection when absent.
    pub host: Option<String>,
    /// Tasks at a time; 0: one per processor.
    pub slots: usize,
    /// Folder for intermediate results.
    pub work: PathBuf,
}

/// Executes tasks until the process is told to end.
pub async fn executor(place: ExecutorPlace) -> Result<(), ClusterFault> {
    let config = ExecutorProcessConfig {
        bind_host: place.listen.ip().to_string(),
        external_host: place.host.clone(),
        port: place.listen.port(),
        grpc_port: place.tasks_port,
        scheduler_host: place.scheduler.0.clone(),
        scheduler_port: place.scheduler.1,
        scheduler_connect_timeout_seconds: CONNECT_S,
        vcores: place.slots,
        work_dir: Some(place.work.display().to_string()),
        executor_heartbeat_interval_seconds: HEARTBEAT_S,
        override_function_registry: Some(Arc::new(sent::registry(&place.listen.to_string()))),
        ..ExecutorProcessConfig::default()
    };
    Ok(start_executor_process(Arc::new(config)).await?)
}
