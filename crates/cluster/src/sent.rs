//! Plans as bytes: what goes to the scheduler, and what the scheduler sends on to executors. A plan is
//! read back before it is sent, so that one which cannot be read is known here and by its name.

use crate::{ClusterFault, names};
use ballista_core::extension::SessionConfigExt;
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::serde::{BallistaLogicalExtensionCodec, BallistaPhysicalExtensionCodec};
use ballista_core::utils::default_session_builder;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::execution::{FunctionRegistry, SessionState, TaskContext};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ScalarUDF};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionConfig;
use datafusion_proto::bytes::{
    logical_plan_from_bytes_with_extension_codec, logical_plan_to_bytes_with_extension_codec,
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};
use std::path::Path;
use std::sync::Arc;

/// How every node plans: texts stay what the plan says they are, files are not cut, statistics are not
/// gathered from files that are read once.
pub(crate) fn config(parts: usize) -> SessionConfig {
    SessionConfig::new_with_ballista()
        .with_target_partitions(parts)
        .with_collect_statistics(false)
        .with_repartition_file_scans(false)
        .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
        // One part a task, so that the parts go round the executors.
        .set_usize("ballista.scheduler.max_partitions_per_task", 1)
}

/// A scheduler's session: Ballista's own, with our functions.
pub fn session(config: SessionConfig) -> Result<SessionState> {
    let mut state = default_session_builder(config)?;
    for function in functions(None) {
        state.register_udf(function)?;
    }
    Ok(state)
}

/// What an executor knows: every function of DataFusion, ours, and its name.
pub(crate) fn registry(node: &str) -> BallistaFunctionRegistry {
    let mut registry = BallistaFunctionRegistry::default();
    for function in functions(Some(node.to_owned())) {
        registry.scalar_functions.insert(function.name().to_owned(), function);
    }
    registry
}

fn functions(node: Option<String>) -> Vec<Arc<ScalarUDF>> {
    let mut all = measure::functions();
    all.push(names::node(node));
    all
}

/// A scan of the Parquet files in a folder, which need not be there yet.
pub fn scan(folder: &Path, schema: SchemaRef) -> Result<LogicalPlan> {
    let url = ListingTableUrl::parse(format!("{}/", folder.display()))?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(schema);
    let table = Arc::new(ListingTable::try_new(config)?);
    LogicalPlanBuilder::scan("firms", provider_as_source(table), None)?.build()
}

/// The plan as a scheduler reads it from its bytes.
pub fn sent_and_read(plan: &LogicalPlan) -> Result<LogicalPlan, ClusterFault> {
    let fault = |e: datafusion::error::DataFusionError| ClusterFault::Unsendable(e.to_string());
    let codec = BallistaLogicalExtensionCodec::default();
    let state = session(config(1))?;
    let bytes = logical_plan_to_bytes_with_extension_codec(plan, &codec).map_err(fault)?;
    logical_plan_from_bytes_with_extension_codec(&bytes, &TaskContext::from(&state), &codec).map_err(fault)
}

/// The scheduler's plan as an executor of that name reads it from its bytes.
pub fn sent_to_executors_and_read(
    plan: Arc<dyn ExecutionPlan>,
    state: &SessionState,
    node: &str,
) -> Result<Arc<dyn ExecutionPlan>, ClusterFault> {
    let fault = |e: datafusion::error::DataFusionError| ClusterFault::Unsendable(e.to_string());
    let codec = BallistaPhysicalExtensionCodec::default();
    let known = registry(node);
    let context = TaskContext::new(
        None,
        "sent".to_owned(),
        state.config().clone(),
        known.scalar_functions,
        known.higher_order_functions,
        known.aggregate_functions,
        known.window_functions,
        state.runtime_env().clone(),
    );
    let bytes = physical_plan_to_bytes_with_extension_codec(plan, &codec).map_err(fault)?;
    physical_plan_from_bytes_with_extension_codec(&bytes, &context, &codec).map_err(fault)
}
