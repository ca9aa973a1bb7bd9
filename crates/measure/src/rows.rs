//! The part of a run that looks at one row at a time, as a plan that other machines can carry out.
//!
//! Derived indicators, and every condition, key and coefficient that names nothing but a row's own
//! columns, are the work of a run that grows with the province and that no row shares with another.
//! [`Compiled::row_plan`] writes it as a logical plan from the very expressions that [`Compiled::run`]
//! evaluates; [`Compiled::rows_from`] takes back what came of it, in any order, and
//! [`Compiled::run_given`] goes on from there. Baselines, ranks and cuts stay here: they rest on exact
//! sums and orders over all rows.

use crate::compile::{Compiled, DerivedPlan, Plan};
use crate::expr::{EvalError, Program, call, data_type, null_of};
use crate::functions::{Op, own};
use crate::prepare::Prepared;
use crate::run::plain;
use crate::table::Kind;
use arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion_common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion_common::{Column, DataFusionError};
use datafusion_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, is_not_null, is_null, is_true, lit};
use law::Diagnostic;
use std::collections::HashMap;
use std::sync::Arc;

/// The column that numbers the rows. No name of the law has a space in it.
const ROW: &str = "row number";

/// How deep messages may lie in each other in the bytes of a plan: readers of protocol buffers refuse
/// more than a hundred, and the engine puts nodes of its own around ours.
const MESSAGES_MAX: usize = 84;
/// What the plan puts around each formula: a name, and around a denominator the questions whether it is
/// zero and whether the result is known.
const MESSAGES_AROUND: usize = 8;
/// A projection in a plan.
const MESSAGES_OF_PROJECTION: usize = 2;

/// Why a plan cannot be written, or why what came of it cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowsFault {
    /// The expression layer refused.
    #[error("the plan of the rows cannot be written: {0}")]
    Plan(String),
    /// A column that is not there, or holds something else.
    #[error("column `{column}` came back as {found}; {wanted} was asked for")]
    Column {
        /// Column.
        column: String,
        /// What came.
        found: String,
        /// What was asked for.
        wanted: String,
    },
    /// A row that nobody asked for, or one that came twice.
    #[error("row {0} came back twice or was never sent")]
    Row(i64),
    /// Rows that did not come back.
    #[error("{found} rows came back; {sent} were sent")]
    Count {
        /// Rows that came.
        found: usize,
        /// Rows that were sent.
        sent: usize,
    },
}

impl From<DataFusionError> for RowsFault {
    fn from(error: DataFusionError) -> Self {
        Self::Plan(error.to_string())
    }
}

/// Values of the formulas of single rows, in the order of the rows.
#[derive(Clone, Debug)]
pub struct Rows {
    pub(crate) derived: Vec<ArrayRef>,
    pub(crate) undefined: Vec<Vec<bool>>,
    formulas: HashMap<Expr, ArrayRef>,
    rows: usize,
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// What a formula came to. One that was not sent is an error: falling back to computing it here
    /// would hide that the plan lacks it.
    pub(crate) fn values(&self, program: &Program) -> Result<ArrayRef, EvalError> {
        let found = self.formulas.get(&program.logical).cloned();
        found.ok_or_else(|| EvalError(format!("`{}` was not among the formulas that were sent", program.logical)))
    }
}

impl Compiled {
    /// Columns of [`Compiled::row_input`].
    pub fn row_schema(&self) -> SchemaRef {
        let frame = &self.plan.frame;
        let inputs = frame.names.iter().zip(&frame.kinds).take(self.plan.inputs);
        let fields = inputs.map(|(name, kind)| Field::new(name, data_type(*kind), true));
        Arc::new(Schema::new(
            std::iter::once(Field::new(ROW, DataType::Int64, false)).chain(fields).collect::<Vec<_>>(),
        ))
    }

    /// What the plan reads: the prepared inputs, each row with its number.
    pub fn row_input(&self, prepared: &Prepared) -> Result<RecordBatch, RowsFault> {
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..prepared.rows() as i64));
        let columns = std::iter::once(numbers).chain(prepared.columns.iter().cloned()).collect();
        RecordBatch::try_new(self.row_schema(), columns).map_err(|e| RowsFault::Plan(e.to_string()))
    }

    /// The plan over a scan of [`Compiled::row_schema`]: projections only, so that any part of the rows
    /// can be computed anywhere.
    ///
    /// Indicators that rest on others stand one projection above them, and read them as the run does:
    /// settled, with what is not finite made unknown.
    pub fn row_plan(&self, scan: LogicalPlan) -> Result<LogicalPlan, RowsFault> {
        let plan = &self.plan;
        let mut builder = LogicalPlanBuilder::from(scan);
        let levels = levels(&plan.derived);
        for level in 0..=levels.iter().copied().max().unwrap_or(0) {
            let mut out: Vec<Expr> = builder.schema().columns().into_iter().map(Expr::Column).collect();
            for (i, derived) in plan.derived.iter().enumerate().filter(|(i, _)| levels[*i] == level) {
                out.push(value_of(derived).alias(&derived.id));
                out.push(undefined_of(derived).alias(undefined_name(i)));
            }
            builder = builder.project(out)?;
        }
        let derived = plan.derived.iter().enumerate();
        let indicators = derived.flat_map(|(i, d)| {
            [column(&d.id).alias(value_name(i)), column(&undefined_name(i)).alias(undefined_name(i))]
        });
        let formulas = plan.row_programs().into_iter().enumerate();
        let formulas = formulas.map(|(i, program)| program.logical.clone().alias(formula_name(i)));
        let all: Vec<Expr> = std::iter::once(column(ROW).alias(ROW)).chain(indicators).chain(formulas).collect();
        Ok(builder.project(all)?.build()?)
    }

    /// Puts what the plan came to in the order of the rows. Every row must be there once.
    pub fn rows_from(&self, prepared: &Prepared, batches: &[RecordBatch]) -> Result<Rows, RowsFault> {
        let rows = prepared.rows();
        let Some(first) = batches.first() else {
            return if rows == 0 { Ok(self.no_rows()) } else { Err(RowsFault::Count { found: 0, sent: rows }) };
        };
        let all =
            arrow::compute::concat_batches(&first.schema(), batches).map_err(|e| RowsFault::Plan(e.to_string()))?;
        let order = order(&all, rows)?;
        let take = |name: &str| -> Result<ArrayRef, RowsFault> {
            let column = all.column_by_name(name).ok_or_else(|| wrong(name, "nothing", "a column"))?;
            arrow::compute::take(column, &order, None).map_err(|e| RowsFault::Plan(e.to_string()))
        };
        let mut out = Rows { derived: Vec::new(), undefined: Vec::new(), formulas: HashMap::new(), rows };
        for (i, derived) in self.plan.derived.iter().enumerate() {
            let kind = derived.program.kind;
            let array = take(&value_name(i))?;
            out.derived.push(plain(kind, of_kind(&value_name(i), array, kind)?, rows));
            let undefined = take(&undefined_name(i))?;
            let flags = undefined.as_any().downcast_ref::<BooleanArray>();
            let flags = flags.ok_or_else(|| wrong(&undefined_name(i), undefined.data_type(), DataType::Boolean))?;
            out.undefined.push(flags.iter().map(|f| f == Some(true)).collect());
        }
        for (i, program) in self.plan.row_programs().into_iter().enumerate() {
            let array = of_kind(&formula_name(i), take(&formula_name(i))?, program.kind)?;
            out.formulas.insert(program.logical.clone(), array);
        }
        Ok(out)
    }

    fn no_rows(&self) -> Rows {
        let none = |kind: Kind| arrow::array::new_empty_array(&data_type(kind));
        let formulas = self.plan.row_programs().into_iter().map(|p| (p.logical.clone(), none(p.kind))).collect();
        let derived: Vec<ArrayRef> = self.plan.derived.iter().map(|d| none(d.program.kind)).collect();
        Rows { undefined: vec![Vec::new(); derived.len()], derived, formulas, rows: 0 }
    }

    /// Every expression of the scheme, those over ranks and points included, for whoever must know that
    /// each can be sent.
    pub fn expressions(&self) -> Vec<&Expr> {
        self.plan.programs().into_iter().map(|p| &p.logical).collect()
    }
}

/// Formulas that lie too deep in the bytes of a plan to be read by another machine.
pub(crate) fn too_deep(plan: &Plan) -> Vec<Diagnostic> {
    let levels = levels(&plan.derived);
    let highest = levels.iter().copied().max().unwrap_or(0);
    let mut faults = Vec::new();
    let mut check = |expr: &Expr, at: &law::Place, projections: usize| {
        let found = messages(expr) + MESSAGES_AROUND + MESSAGES_OF_PROJECTION * projections;
        if found > MESSAGES_MAX {
            let found = format!("parts that lie {found} levels deep in a plan that is sent");
            let allowed = format!("{MESSAGES_MAX} or fewer; give the inner part a name under `define`");
            faults.push(Diagnostic::error("formula-depth", at, found, allowed));
        }
    };
    for (derived, level) in plan.derived.iter().zip(levels) {
        let deepest = derived.zero.iter().chain([&derived.program]).max_by_key(|p| messages(&p.logical));
        let above = highest - level + 1;
        deepest.into_iter().for_each(|p| check(&p.logical, &derived.definition.formula.at, above));
    }
    plan.texts().into_iter().chain(&plan.mixed).for_each(|t| check(&t.program.logical, &t.at, 0));
    plan.ranked().into_iter().for_each(|r| check(&r.text.program.logical, &r.text.at, 0));
    faults
}

/// How many messages deep an expression is. A chain of one operator is a list in its bytes.
fn messages(expr: &Expr) -> usize {
    let mut deepest = 0;
    match expr {
        Expr::BinaryExpr(chain) => {
            let mut left = chain.left.as_ref();
            deepest = messages(&chain.right);
            while let Expr::BinaryExpr(inner) = left
                && inner.op == chain.op
            {
                deepest = deepest.max(messages(&inner.right));
                left = inner.left.as_ref();
            }
            deepest = deepest.max(messages(left));
        }
        _ => {
            let visited = expr.apply_children(|child| {
                deepest = deepest.max(messages(child));
                Ok(TreeNodeRecursion::Continue)
            });
            visited.expect("looking at the parts of an expression cannot fail");
        }
    }
    // An arm of CASE is a message of its own.
    deepest + if matches!(expr, Expr::Case(_)) { 3 } else { 2 }
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

fn value_name(at: usize) -> String {
    format!("value {at}")
}

fn undefined_name(at: usize) -> String {
    format!("undefined {at}")
}

fn formula_name(at: usize) -> String {
    format!("formula {at}")
}

/// How many indicators stand below each on its longest path.
fn levels(derived: &[DerivedPlan]) -> Vec<usize> {
    let mut levels: Vec<usize> = Vec::new();
    for plan in derived {
        // Each stands behind those that it uses.
        levels.push(plan.uses.iter().map(|u| levels[*u] + 1).max().unwrap_or(0));
    }
    levels
}

/// A formula's value; NULL written alone as one of its kind.
fn raw(derived: &DerivedPlan) -> Expr {
    match &derived.program.logical {
        Expr::Literal(value, _) if value.is_null() => Expr::Literal(null_of(derived.program.kind), None),
        expr => expr.clone(),
    }
}

/// What the run takes a derived indicator to be.
fn value_of(derived: &DerivedPlan) -> Expr {
    match derived.program.kind {
        Kind::Number => call(own(Op::Finite), vec![raw(derived)]),
        // Text functions may answer with views of their argument.
        Kind::Text => cast(raw(derived), DataType::Utf8),
        _ => raw(derived),
    }
}

/// Where it divides by zero, rests on what does, or has no finite result.
fn undefined_of(derived: &DerivedPlan) -> Expr {
    if derived.program.kind != Kind::Number {
        return lit(false);
    }
    let below = derived.uses.iter().map(|used| column(&undefined_name(*used)));
    let zero = derived.zero.iter().map(|z| is_true(z.logical.clone()));
    let why = zero.chain(below).fold(is_not_null(raw(derived)), Expr::or);
    is_null(value_of(derived)).and(why)
}

/// Where each row stands in what came back.
fn order(all: &RecordBatch, rows: usize) -> Result<UInt32Array, RowsFault> {
    let column = all.column_by_name(ROW).ok_or_else(|| wrong(ROW, "nothing", "a column"))?;
    let numbers = column.as_any().downcast_ref::<Int64Array>();
    let numbers = numbers.ok_or_else(|| wrong(ROW, column.data_type(), DataType::Int64))?;
    let mut order = vec![None; rows];
    for (at, number) in numbers.values().iter().enumerate() {
        match usize::try_from(*number).ok().and_then(|n| order.get_mut(n)) {
            Some(slot @ None) => *slot = Some(at as u32),
            _ => return Err(RowsFault::Row(*number)),
        }
    }
    let order: Option<Vec<u32>> = order.into_iter().collect();
    order.map(UInt32Array::from).ok_or(RowsFault::Count { found: all.num_rows(), sent: rows })
}

fn of_kind(name: &str, array: ArrayRef, kind: Kind) -> Result<ArrayRef, RowsFault> {
    let wanted = data_type(kind);
    let fits = match kind {
        Kind::Text => matches!(array.data_type(), DataType::Utf8 | DataType::Utf8View),
        Kind::Number => array.as_any().is::<Float64Array>(),
        _ => *array.data_type() == wanted,
    };
    if fits { Ok(array) } else { Err(wrong(name, array.data_type(), wanted)) }
}

fn wrong(column: &str, found: impl ToString, wanted: impl ToString) -> RowsFault {
    RowsFault::Column { column: column.to_owned(), found: found.to_string(), wanted: wanted.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dictionary, cases, compile};
    use datafusion_common::DFSchema;
    use datafusion_expr::execution_props::ExecutionProps;
    use datafusion_expr::logical_plan::builder::LogicalTableSource;
    use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
    use datafusion_physical_expr::create_physical_expr;
    use law::Law;

    fn scan(compiled: &Compiled) -> LogicalPlan {
        let source = Arc::new(LogicalTableSource::new(compiled.row_schema()));
        LogicalPlanBuilder::scan("firms", source, None).unwrap().build().unwrap()
    }

    /// Carries out projections over some rows, as any engine would.
    fn carry_out(plan: &LogicalPlan, input: &RecordBatch) -> RecordBatch {
        match plan {
            LogicalPlan::TableScan(_) => input.clone(),
            LogicalPlan::Projection(projection) => {
                let below = carry_out(&projection.input, input);
                let schema: &DFSchema = projection.input.schema();
                let names = plan.schema().fields().iter().map(|f| f.name().clone());
                let arrays = projection.expr.iter().map(|e| {
                    let (props, context) = (ExecutionProps::new(), PhysicalPlanningContext::default());
                    let expr = create_physical_expr(e, schema, &props, &context).unwrap();
                    expr.evaluate(&below).unwrap().into_array(below.num_rows()).unwrap()
                });
                RecordBatch::try_from_iter_with_nullable(names.zip(arrays).map(|(n, a)| (n, a, true))).unwrap()
            }
            other => panic!("{}", other.display()),
        }
    }

    /// The rows in three parts, the last part first and backwards.
    fn parts(input: &RecordBatch) -> Vec<RecordBatch> {
        let n = input.num_rows();
        let cut = n / 3;
        let backwards = UInt32Array::from_iter_values((2 * cut as u32..n as u32).rev());
        let last = input.columns().iter().map(|c| arrow::compute::take(c, &backwards, None).unwrap()).collect();
        let last = RecordBatch::try_new(input.schema(), last).unwrap();
        vec![last, input.slice(0, cut), input.slice(cut, cut)]
    }

    fn law_and_dictionary() -> (Law, Arc<Dictionary>) {
        let (law, _) = Law::embedded();
        let names =
            Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values());
        (law, Arc::new(names))
    }

    #[test]
    fn rows_computed_elsewhere_give_the_bytes_of_the_embedded_run_in_every_case_of_the_law() {
        let (law, dictionary) = law_and_dictionary();
        let (cases, faults) = law::case::load(&law::sources::Sources::embedded(), &law);
        assert!(faults.is_empty() && !cases.is_empty(), "{faults:?}");
        for case in &cases {
            let scheme = Arc::new(law.scheme(&case.scheme, case.year).unwrap().clone());
            let compiled = compile(&scheme, &dictionary, case.year).unwrap();
            let ids = case.firms.iter().zip(1..).map(|(f, id)| (f.name.as_str(), id)).collect();
            let snapshot = Arc::new(cases::snapshot(&law, &scheme, &dictionary, case, &ids).unwrap());
            let prepared = compiled.prepare(&snapshot).unwrap();
            let plan = compiled.row_plan(scan(&compiled)).unwrap();
            let input = compiled.row_input(&prepared).unwrap();
            let back: Vec<RecordBatch> = parts(&input).iter().map(|part| carry_out(&plan, part)).collect();
            let rows = compiled.rows_from(&prepared, &back).unwrap();
            let elsewhere = compiled.run_given(&prepared, &rows, 1).unwrap().encode().unwrap();
            let embedded = compiled.run(&prepared, 1).encode().unwrap();
            assert!(elsewhere == embedded, "{}", case.title.zh);
        }
    }

    #[test]
    fn a_row_that_is_missing_twice_there_or_never_sent_is_named() {
        let (law, dictionary) = law_and_dictionary();
        let (cases, _) = law::case::load(&law::sources::Sources::embedded(), &law);
        let case = cases.iter().find(|c| c.firms.len() > 5).unwrap();
        let scheme = Arc::new(law.scheme(&case.scheme, case.year).unwrap().clone());
        let compiled = compile(&scheme, &dictionary, case.year).unwrap();
        let ids = case.firms.iter().zip(1..).map(|(f, id)| (f.name.as_str(), id)).collect();
        let snapshot = Arc::new(cases::snapshot(&law, &scheme, &dictionary, case, &ids).unwrap());
        let prepared = compiled.prepare(&snapshot).unwrap();
        let plan = compiled.row_plan(scan(&compiled)).unwrap();
        let all = carry_out(&plan, &compiled.row_input(&prepared).unwrap());
        let sent = all.num_rows();
        let found = |batches: &[RecordBatch]| compiled.rows_from(&prepared, batches).unwrap_err();
        assert_eq!(found(&[all.slice(1, sent - 1)]), RowsFault::Count { found: sent - 1, sent });
        assert_eq!(found(&[all.clone(), all.slice(2, 1)]), RowsFault::Row(2));
        assert_eq!(found(&[]), RowsFault::Count { found: 0, sent });
        let without = all.project(&[0]).unwrap();
        assert!(matches!(found(&[without]), RowsFault::Column { column, .. } if column == "value 0"));
        let rows = compiled.rows_from(&prepared, &[all]).unwrap();
        let other = compile(&scheme, &dictionary, case.year).unwrap();
        let mut less = rows.clone();
        less.formulas.clear();
        let refused = other.run_given(&prepared, &less, 1).unwrap_err().to_string();
        assert!(refused.contains("was not among the formulas that were sent"), "{refused}");
    }
}
