//! A run's rows on a cluster: inputs into the shared folder, the plan to the scheduler, the columns
//! home.

use crate::{ClusterFault, names, probe, sent};
use ballista::prelude::SessionContextExt;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::prelude::SessionContext;
use measure::{Compiled, Prepared, Rows};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The column that says who computed a row.
const NODE: &str = "node";

/// Parts per executor: enough that a slow node leaves work to the others.
const PARTS_PER_EXECUTOR: usize = 4;

/// How long a scheduler may take to say that it is there.
const PROBE_PATIENCE: Duration = Duration::from_secs(10);

/// A cluster, by the address of its scheduler.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// `host:port` of the scheduler.
    pub scheduler: String,
    /// A folder that this process, the scheduler and every executor see under the same path.
    pub share: PathBuf,
    /// How long the whole may take.
    pub patience: Duration,
}

/// Rows that came home.
#[derive(Clone, Debug)]
pub struct Computed {
    /// The values.
    pub rows: Rows,
    /// Files that the inputs were written to, each computed by one node.
    pub parts: usize,
    /// Rows by the node that computed them.
    pub nodes: BTreeMap<String, usize>,
}

impl Cluster {
    /// Computes the rows of a run there. Ends in any case: with the rows, or with what failed.
    pub async fn rows(&self, compiled: &Compiled, prepared: &Prepared) -> Result<Computed, ClusterFault> {
        let late = |_| ClusterFault::Late { address: self.scheduler.clone(), after: self.patience };
        tokio::time::timeout(self.patience, self.carry(compiled, prepared)).await.map_err(late)?
    }

    async fn carry(&self, compiled: &Compiled, prepared: &Prepared) -> Result<Computed, ClusterFault> {
        let executors = probe::executors(&self.scheduler, PROBE_PATIENCE).await?;
        let input = compiled.row_input(prepared)?;
        let parts = (executors * PARTS_PER_EXECUTOR).clamp(1, input.num_rows().max(1));
        // Removed when it goes out of scope, also when the time is over.
        let folder = self.folder()?;
        write_parts(folder.path(), &input, parts)
            .map_err(|e| ClusterFault::Share { folder: folder.path().display().to_string(), why: e })?;
        let plan = compiled.row_plan(sent::scan(folder.path(), input.schema())?)?;
        let plan = with_node(plan)?;
        sent::sent_and_read(&plan)?;
        let batches = self.collect(plan, parts).await?;
        let rows = compiled.rows_from(prepared, &batches)?;
        Ok(Computed { rows, parts, nodes: nodes(&batches) })
    }

    /// A folder for one run inside the shared one, readable by this user only.
    fn folder(&self) -> Result<tempfile::TempDir, ClusterFault> {
        let fault =
            |e: std::io::Error| ClusterFault::Share { folder: self.share.display().to_string(), why: e.to_string() };
        let share = self.share.canonicalize().map_err(fault)?;
        tempfile::Builder::new().prefix("rows-").tempdir_in(share).map_err(fault)
    }

    async fn collect(&self, plan: LogicalPlan, parts: usize) -> Result<Vec<RecordBatch>, ClusterFault> {
        let state = SessionStateBuilder::new().with_default_features().with_config(sent::config(parts)).build();
        let url = format!("df://{}", self.scheduler);
        let context = SessionContext::remote_with_state(&url, state).await?;
        Ok(context.execute_logical_plan(plan).await?.collect().await?)
    }
}

fn with_node(plan: LogicalPlan) -> Result<LogicalPlan, ClusterFault> {
    let columns = plan.schema().columns().into_iter().map(Expr::Column);
    let all: Vec<Expr> = columns.chain([names::node(None).call(vec![]).alias(NODE)]).collect();
    Ok(LogicalPlanBuilder::from(plan).project(all)?.build()?)
}

/// Writes the rows as that many files of nearly equal length.
fn write_parts(folder: &Path, input: &RecordBatch, parts: usize) -> Result<(), String> {
    let rows = input.num_rows();
    for part in 0..parts {
        let (from, to) = (rows * part / parts, rows * (part + 1) / parts);
        let file = File::create(folder.join(format!("part-{part:05}.parquet"))).map_err(|e| e.to_string())?;
        let mut writer = ArrowWriter::try_new(file, input.schema(), None).map_err(|e| e.to_string())?;
        writer.write(&input.slice(from, to - from)).map_err(|e| e.to_string())?;
        writer.close().map_err(|e| e.to_string())?;
    }
    Ok(())
}

fn nodes(batches: &[RecordBatch]) -> BTreeMap<String, usize> {
    let mut nodes = BTreeMap::new();
    for names in batches.iter().filter_map(|b| b.column_by_name(NODE)?.as_string_opt::<i32>()) {
        for name in names.iter().flatten() {
            *nodes.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    nodes
}
