//! What the command line says about clusters. Without the feature `cluster` there are no such words.

#[cfg(feature = "cluster")]
pub use with_cluster::{Executor, OnCluster, Scheduler};
#[cfg(not(feature = "cluster"))]
pub use without_cluster::OnCluster;

#[cfg(not(feature = "cluster"))]
mod without_cluster {
    use anyhow::Result;
    use services::Elsewhere;
    use std::sync::Arc;

    /// Other machines: this binary knows none.
    #[derive(clap::Args, Clone)]
    pub struct OnCluster {}

    impl OnCluster {
        /// None.
        pub fn elsewhere(&self) -> Result<Option<Arc<dyn Elsewhere>>> {
            Ok(None)
        }
    }
}

#[cfg(feature = "cluster")]
mod with_cluster {
    use anyhow::{Context, Result};
    use cluster::{Cluster, ClusterFault, ExecutorPlace};
    use measure::{Compiled, Prepared, Rows};
    use services::Elsewhere;
    use std::net::SocketAddr;
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    /// Other machines.
    #[derive(clap::Args, Clone)]
    pub struct OnCluster {
        /// Scheduler of a cluster, as host:port, that must compute the same result.
        #[arg(long, env = "BAIGONG_CLUSTER", requires = "share")]
        cluster: Option<String>,
        /// Folder that this process and all nodes of the cluster see under the same path.
        #[arg(long, env = "BAIGONG_CLUSTER_SHARE")]
        share: Option<PathBuf>,
        /// Seconds that the cluster may take.
        #[arg(long, env = "BAIGONG_CLUSTER_PATIENCE", default_value_t = 300)]
        patience: u64,
    }

    impl OnCluster {
        /// The cluster, when one is named.
        pub fn elsewhere(&self) -> Result<Option<Arc<dyn Elsewhere>>> {
            let Some(scheduler) = self.cluster.clone() else { return Ok(None) };
            let share = self.share.clone().context("--cluster needs --share")?;
            let cluster = Cluster { scheduler, share, patience: Duration::from_secs(self.patience) };
            Ok(Some(Arc::new(Machines { cluster, runtime: tokio::runtime::Handle::current() })))
        }
    }

    /// A cluster as services see it.
    #[derive(Debug)]
    struct Machines {
        cluster: Cluster,
        runtime: tokio::runtime::Handle,
    }

    impl Elsewhere for Machines {
        fn rows(&self, compiled: &Compiled, prepared: &Prepared) -> Result<Rows, (String, String)> {
            let started = Instant::now();
            let both = |fault: ClusterFault| (fault.zh(), fault.to_string());
            let computed = self.runtime.block_on(self.cluster.rows(compiled, prepared)).map_err(both)?;
            let nodes: Vec<String> = computed.nodes.iter().map(|(name, rows)| format!("{name} {rows}")).collect();
            eprintln!(
                "cluster {}: {} rows in {} parts, {} nodes ({}), {:.2} s",
                self.cluster.scheduler,
                computed.rows.len(),
                computed.parts,
                nodes.len(),
                nodes.join(", "),
                started.elapsed().as_secs_f64()
            );
            Ok(computed.rows)
        }
    }

    /// The node that hands out work.
    #[derive(clap::Args)]
    pub struct Scheduler {
        /// Address to listen on; port 0 takes any free one. Whoever reaches it can have plans computed, so
        /// it belongs on a network of its own.
        #[arg(long, env = "BAIGONG_SCHEDULER_LISTEN", default_value = "127.0.0.1:7430")]
        listen: String,
    }

    impl Scheduler {
        /// Serves until the process ends.
        pub async fn run(self) -> Result<bool> {
            let listener = tokio::net::TcpListener::bind(&self.listen)
                .await
                .with_context(|| format!("listening on {}", self.listen))?;
            println!("scheduler {}", listener.local_addr()?);
            cluster::scheduler(listener).await?;
            Ok(true)
        }
    }

    /// A node that does work.
    #[derive(clap::Args)]
    pub struct Executor {
        /// Scheduler, as host:port.
        #[arg(long, env = "BAIGONG_SCHEDULER", default_value = "127.0.0.1:7430")]
        scheduler: String,
        /// Address where results are fetched; port 0 takes any free one.
        #[arg(long, env = "BAIGONG_EXECUTOR_LISTEN", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Port where tasks arrive; 0 takes any free one.
        #[arg(long, env = "BAIGONG_EXECUTOR_TASKS_PORT", default_value_t = 0)]
        tasks_port: u16,
        /// Name under which the scheduler and clients reach this host.
        #[arg(long, env = "BAIGONG_EXECUTOR_HOST")]
        host: Option<String>,
        /// Tasks at a time; 0: one per processor.
        #[arg(long, env = "BAIGONG_EXECUTOR_SLOTS", default_value_t = 0)]
        slots: usize,
        /// Folder for intermediate results; a temporary one when absent.
        #[arg(long, env = "BAIGONG_EXECUTOR_WORK")]
        work: Option<PathBuf>,
    }

    impl Executor {
        /// Works until the process is told to end.
        pub async fn run(self) -> Result<bool> {
            let (host, port) = self.scheduler.rsplit_once(':').context("the scheduler is written as host:port")?;
            let port = port.parse().with_context(|| format!("the port of {}", self.scheduler))?;
            let results = free(self.listen).await?;
            let tasks = free(SocketAddr::new(self.listen.ip(), self.tasks_port)).await?;
            // Both are held until both are known, so that they differ.
            let (listen, tasks_port) = (results.local_addr()?, tasks.local_addr()?.port());
            drop((results, tasks));
            let own = std::env::temp_dir().join(format!("baigong-executor-{}", std::process::id()));
            let temporary = self.work.is_none();
            let work = self.work.unwrap_or(own);
            std::fs::create_dir_all(&work).with_context(|| work.display().to_string())?;
            println!("executor {listen}");
            let place = ExecutorPlace {
                scheduler: (host.to_owned(), port),
                listen,
                tasks_port,
                host: self.host,
                slots: self.slots,
                work: work.clone(),
            };
            let ended = cluster::executor(place).await;
            if temporary {
                std::fs::remove_dir_all(&work).with_context(|| work.display().to_string())?;
            }
            ended?;
            Ok(true)
        }
    }

    /// A listener on the address, or on any free port for port 0.
    async fn free(address: SocketAddr) -> Result<tokio::net::TcpListener> {
        tokio::net::TcpListener::bind(address).await.with_context(|| format!("listening on {address}"))
    }
}
