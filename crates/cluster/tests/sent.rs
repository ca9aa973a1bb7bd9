//! No plan is written that cannot be sent: for every scheme under `law/` and every year of it, the plan
//! of its rows goes through the bytes that a scheduler reads, is planned as a scheduler plans it, goes
//! through the bytes that an executor reads, and is there to be carried out.
#![cfg(feature = "engine")]

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, new_null_array};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::Expr;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionConfig;
use datafusion_proto::bytes::Serializeable;
use law::Law;
use measure::{Compiled, Dictionary, compile};
use std::path::Path;
use std::sync::Arc;

/// Every scheme for every year that it evaluates; one that has no last year for its first.
fn everything() -> Vec<Compiled> {
    let (law, _) = Law::embedded();
    let names = Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values());
    let names = Arc::new(names);
    let mut all = Vec::new();
    for scheme in &law.schemes {
        let scheme = Arc::new(scheme.clone());
        for year in scheme.year_from..=scheme.year_to.unwrap_or(scheme.year_from) {
            all.push(compile(&scheme, &names, year).unwrap_or_else(|f| panic!("{} {year}: {f:?}", scheme.id)));
        }
    }
    assert!(all.len() >= 8, "{} schemes", all.len());
    all
}

/// Two rows without a single figure.
fn unknown_rows(compiled: &Compiled) -> RecordBatch {
    let schema = compiled.row_schema();
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![0, 1]));
    let inputs = schema.fields().iter().skip(1).map(|f| new_null_array(f.data_type(), 2));
    let columns = std::iter::once(numbers).chain(inputs).collect();
    RecordBatch::try_new(schema.clone(), columns).unwrap()
}

fn write(folder: &Path, rows: &RecordBatch) {
    let file = std::fs::File::create(folder.join("part-00000.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
}

#[tokio::test]
async fn every_scheme_under_law_compiles_to_a_plan_that_scheduler_and_executor_can_read() {
    for compiled in everything() {
        let name = format!("{} {}", compiled.scheme().id, compiled.year());
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &unknown_rows(&compiled));
        let scan = cluster::scan(folder.path(), compiled.row_schema()).unwrap();
        let plan = compiled.row_plan(scan).unwrap();
        let read = cluster::sent_and_read(&plan).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.display_indent_schema().to_string(), plan.display_indent_schema().to_string(), "{name}");
        let state = cluster::session(SessionConfig::new()).unwrap();
        let physical = state.create_physical_plan(&read).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        let executed =
            cluster::sent_to_executors_and_read(physical, &state, "one").unwrap_or_else(|e| panic!("{name}: {e}"));
        let rows =
            collect(executed, Arc::new(TaskContext::from(&state))).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 2, "{name}");
    }
}

#[test]
fn every_expression_of_every_scheme_comes_back_from_its_bytes_as_it_was() {
    let state = cluster::session(SessionConfig::new()).unwrap();
    let context = TaskContext::from(&state);
    let mut seen = 0;
    for compiled in everything() {
        for expr in compiled.expressions() {
            let bytes = expr.to_bytes().unwrap_or_else(|e| panic!("{expr}: {e}"));
            assert_eq!(&Expr::from_bytes_with_ctx(&bytes, &context).unwrap(), expr);
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen} expressions");
}

#[test]
fn a_node_without_our_functions_refuses_instead_of_using_others_of_the_same_meaning() {
    let plain = TaskContext::default();
    let all: Vec<Compiled> = everything();
    let ours = all.iter().flat_map(Compiled::expressions).find(|e| e.to_string().contains("baigong_")).unwrap();
    let refused = Expr::from_bytes_with_ctx(&ours.to_bytes().unwrap(), &plain).unwrap_err().to_string();
    assert!(refused.contains("baigong_"), "{refused}");
}

#[tokio::test]
async fn the_deepest_formula_that_compiles_can_be_sent_and_a_deeper_one_is_refused_at_its_place() {
    let (law, _) = Law::embedded();
    let names = Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values());
    let names = Arc::new(names);
    let scheme = law.schemes.iter().find(|s| s.populations.len() == 1).unwrap();
    let year = scheme.year_from;
    let with = |condition: String| {
        let mut scheme = scheme.clone();
        scheme.populations[0].when.text = condition;
        compile(&Arc::new(scheme), &names, year)
    };
    // Sums and differences by turns, whose parts lie in each other; conditions in the arms of CASE.
    let sums = |n: usize| format!("employees{} > 0", " + employees - employees".repeat(n));
    let arms = |n: usize| {
        let open = "CASE WHEN employees > 1 THEN employees < 9 ELSE ".repeat(n);
        format!("{open}employees > 2{}", " END".repeat(n))
    };
    for deep in [&sums as &dyn Fn(usize) -> String, &arms] {
        let mut deepest = None;
        let refused = (1..200).find_map(|n| match with(deep(n)) {
            Ok(compiled) => {
                deepest = Some(compiled);
                None
            }
            Err(faults) => Some(faults),
        });
        let refused = refused.unwrap();
        assert!(refused.iter().any(|f| f.code == "formula-depth"), "{refused:?}");
        let compiled = deepest.unwrap();
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &unknown_rows(&compiled));
        let plan = compiled.row_plan(cluster::scan(folder.path(), compiled.row_schema()).unwrap()).unwrap();
        let read = cluster::sent_and_read(&plan).unwrap();
        let state = cluster::session(SessionConfig::new()).unwrap();
        let physical = state.create_physical_plan(&read).await.unwrap();
        cluster::sent_to_executors_and_read(physical, &state, "one").unwrap();
    }
}
