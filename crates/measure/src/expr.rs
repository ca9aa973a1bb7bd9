//! Formulas: SQL expressions read, checked and made into programs over Arrow columns.
//!
//! DataFusion's SQL parser gives the tree with the place of every token; one walk over it checks
//! names, types and units at once and builds DataFusion's own expression, which its physical layer
//! then evaluates. Only what a formula needs is admitted: no queries, no aggregates, no random
//! functions.
//!
//! Two deviations from plain SQL, both so that unknown stays unknown: division by zero yields NULL
//! (and is reported as such per firm), and `greatest`/`least` yield NULL when an argument is NULL.

use crate::functions::{self, Op};
use crate::table::{Kind, kind_word};
use crate::units::{Clash, Quantity};
use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion_common::{Column, DFSchema, ScalarValue};
use datafusion_expr::execution_props::ExecutionProps;
use datafusion_expr::expr::{Case, InList, Like, ScalarFunction};
use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion_expr::{Expr, Operator, binary_expr, lit};
use datafusion_functions::{core as core_functions, unicode};
use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};
use law::{Diagnostic, Formula, Place};
use sqlparser::ast::{
    self, BinaryOperator, DateTimeField, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart, Spanned,
    UnaryOperator,
};
use sqlparser::{dialect::GenericDialect, parser::Parser, tokenizer::Span, tokenizer::Token};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a name stands for while a formula is read.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// A column of firms' values.
    Column(Kind, Quantity),
    /// A number that is the same for all firms.
    Constant(f64, Quantity),
    /// A parameter without a value for the year.
    NoValue,
}

/// The names that a formula may use.
pub(crate) struct Names<'a> {
    pub(crate) entries: &'a BTreeMap<String, Entry>,
    /// Names of this place only: `value`, `points`, the baselines of a score formula.
    pub(crate) extras: &'a [(&'a str, Kind, Quantity)],
}

impl Names<'_> {
    fn get(&self, name: &str) -> Option<Entry> {
        let extra = self.extras.iter().find(|e| e.0 == name).map(|e| Entry::Column(e.1, e.2));
        extra.or_else(|| self.entries.get(name).cloned())
    }

    fn suggest(&self, name: &str) -> String {
        let all = self.entries.keys().map(String::as_str).chain(self.extras.iter().map(|e| e.0));
        nearest(name, all)
    }
}

/// A checked formula.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) quantity: Quantity,
    /// Columns it names.
    pub(crate) names: BTreeSet<String>,
    /// Parameters it names.
    pub(crate) constants: BTreeSet<String>,
    expr: Expr,
    /// For each division: the numerator is known and the denominator is zero.
    zero: Vec<Expr>,
    /// Numerator and denominator, when the formula as a whole is a quotient.
    quotient: Option<(Expr, Expr)>,
}

/// Type of a subexpression; `None` is NULL, which fits any.
type Typed = Option<Kind>;

struct Walk<'a> {
    names: &'a Names<'a>,
    at: &'a Place,
    faults: Vec<Diagnostic>,
    used: BTreeSet<String>,
    constants: BTreeSet<String>,
    zero: Vec<Expr>,
}

struct Part {
    expr: Expr,
    kind: Typed,
    quantity: Quantity,
}

/// Stops one branch of the walk; the fault has been noted, and sibling branches are still checked.
struct Stop;

type Walked = Result<Part, Stop>;

/// Reads and checks a formula. All its faults are returned at once.
pub(crate) fn check(formula: &Formula, names: &Names) -> Result<Checked, Vec<Diagnostic>> {
    let tree = parse(formula).map_err(|d| vec![d])?;
    let mut walk = Walk {
        names,
        at: &formula.at,
        faults: Vec::new(),
        used: BTreeSet::new(),
        constants: BTreeSet::new(),
        zero: Vec::new(),
    };
    let part = walk.expr(&tree);
    let quotient = walk.quotient(&tree);
    match part {
        Ok(part) if walk.faults.is_empty() => Ok(Checked {
            text: formula.text.clone(),
            kind: part.kind.unwrap_or(Kind::Boolean),
            quantity: part.quantity,
            names: walk.used,
            constants: walk.constants,
            expr: part.expr,
            zero: walk.zero,
            quotient,
        }),
        _ => Err(walk.faults),
    }
}

/// As [`check`], and the formula must yield that kind.
pub(crate) fn check_kind(formula: &Formula, names: &Names, kind: Kind) -> Result<Checked, Vec<Diagnostic>> {
    let checked = check(formula, names)?;
    if checked.kind == kind || matches!(checked.expr, Expr::Literal(ScalarValue::Null, _)) {
        return Ok(checked);
    }
    let (code, wanted) = match kind {
        Kind::Boolean => ("not-a-condition", "a condition that is true or false"),
        _ => ("type", kind_word(kind)),
    };
    Err(vec![Diagnostic::error(
        code,
        &formula.at,
        format!("`{}` yields a {}", formula.text, kind_word(checked.kind)),
        wanted,
    )])
}

fn parse(formula: &Formula) -> Result<ast::Expr, Diagnostic> {
    let fault = |message: String| {
        let message = message.trim_start_matches("sql parser error: ").to_owned();
        let at = place_in_message(&formula.at, &message);
        Diagnostic::error("formula-syntax", &at, message, "an SQL expression over facts, indicators and parameters")
    };
    let dialect = GenericDialect {};
    let mut parser = Parser::new(&dialect).try_with_sql(&formula.text).map_err(|e| fault(e.to_string()))?;
    let tree = parser.parse_expr().map_err(|e| fault(e.to_string()))?;
    let rest = parser.peek_token();
    if rest.token != Token::EOF {
        let at = place_of(&formula.at, rest.span);
        return Err(Diagnostic::error(
            "formula-syntax",
            &at,
            format!("`{}` after the end of the expression", rest.token),
            "one expression",
        ));
    }
    Ok(tree)
}

/// The parser's messages end in `at Line: 1, Column: 5`.
fn place_in_message(start: &Place, message: &str) -> Place {
    let number = |key: &str| {
        let tail = message.rsplit_once(key)?.1;
        let digits: String = tail.trim_start().chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    };
    match (number("Line:"), number("Column:")) {
        (Some(line), Some(column)) => shift(start, line, column),
        _ => start.clone(),
    }
}

fn place_of(start: &Place, span: Span) -> Place {
    if span.start.line == 0 {
        return start.clone();
    }
    shift(start, span.start.line as u32, span.start.column as u32)
}

fn shift(start: &Place, line: u32, column: u32) -> Place {
    let column = if line <= 1 { start.column + column.saturating_sub(1) } else { column };
    Place { file: start.file.clone(), line: start.line + line.saturating_sub(1), column }
}

/// Up to three names nearest to the one written, or a hint where names come from.
pub(crate) fn nearest<'a>(name: &str, all: impl Iterator<Item = &'a str>) -> String {
    let mut near: Vec<(usize, &str)> = all.map(|n| (distance(name, n), n)).collect();
    near.sort_unstable();
    near.dedup();
    let most = (name.chars().count() / 3).max(2);
    let near: Vec<String> = near.iter().filter(|(d, _)| *d <= most).take(3).map(|(_, n)| format!("`{n}`")).collect();
    if near.is_empty() {
        "a fact, attribute, indicator or parameter of the law; text goes in single quotes".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    }
}

/// Edits between two names (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (above + 1).min(row[j] + 1).min(diagonal + usize::from(ca != *cb));
            diagonal = above;
        }
    }
    row[b.len()]
}

impl Walk<'_> {
    fn fault<T>(
        &mut self,
        code: &'static str,
        span: Span,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Result<T, Stop> {
        let at = place_of(self.at, span);
        self.faults.push(Diagnostic::error(code, &at, found, allowed));
        Err(Stop)
    }

    fn expr(&mut self, e: &ast::Expr) -> Walked {
        use ast::Expr as E;
        match e {
            E::Nested(inner) => self.expr(inner),
            E::Identifier(ident) => self.name(&ident.value, ident.span),
            E::Value(value) => self.literal(value),
            E::TypedString(text) if matches!(text.data_type, ast::DataType::Date) => self.date(text),
            E::BinaryOp { left, op, right } => self.binary(e.span(), left, op, right),
            E::UnaryOp { op, expr } => self.unary(op, expr),
            E::IsNull(x) => self.is(x, Expr::IsNull),
            E::IsNotNull(x) => self.is(x, Expr::IsNotNull),
            E::IsTrue(x) => self.is_truth(x, Expr::IsTrue),
            E::IsNotTrue(x) => self.is_truth(x, Expr::IsNotTrue),
            E::IsFalse(x) => self.is_truth(x, Expr::IsFalse),
            E::IsNotFalse(x) => self.is_truth(x, Expr::IsNotFalse),
            E::IsUnknown(x) => self.is_truth(x, Expr::IsNull),
            E::IsNotUnknown(x) => self.is_truth(x, Expr::IsNotNull),
            E::IsDistinctFrom(a, b) => self.compare(e.span(), a, Operator::IsDistinctFrom, b),
            E::IsNotDistinctFrom(a, b) => self.compare(e.span(), a, Operator::IsNotDistinctFrom, b),
            E::Between { expr, negated, low, high } => self.between(e.span(), expr, *negated, low, high),
            E::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            E::Like { negated, any: false, expr, pattern, escape_char: None } => self.like(*negated, expr, pattern),
            E::Case { operand, conditions, else_result, .. } => self.case(operand.as_deref(), conditions, else_result.as_deref()),
            E::Function(function) => self.function(function),
            E::Floor { expr, field: ast::CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => self.own("floor", e.span(), &[expr.as_ref()]),
            E::Ceil { expr, field: ast::CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) } => self.own("ceil", e.span(), &[expr.as_ref()]),
            E::Extract { field: DateTimeField::Year, expr, .. } => self.own("year_of", e.span(), &[expr.as_ref()]),
            E::Extract { field: DateTimeField::Month, expr, .. } => self.own("month_of", e.span(), &[expr.as_ref()]),
            E::Substring { expr, substring_from: Some(from), substring_for, .. } => self.substring(e.span(), expr, from, substring_for.as_deref()),
            other => self.fault(
                "formula-form",
                other.span(),
                format!("`{other}`"),
                "names, numbers, 'text', DATE '2025-12-31', + - * /, comparisons, AND OR NOT, IS NULL, IN (…), BETWEEN, LIKE, CASE and the listed functions",
            ),
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Walked {
        match self.names.get(name) {
            Some(Entry::Column(kind, quantity)) => {
                self.used.insert(name.to_owned());
                Ok(Part { expr: Expr::Column(Column::new_unqualified(name)), kind: Some(kind), quantity })
            }
            Some(Entry::Constant(value, quantity)) => {
                self.constants.insert(name.to_owned());
                Ok(Part { expr: lit(value), kind: Some(Kind::Number), quantity })
            }
            Some(Entry::NoValue) => self.fault(
                "parameter-without-value",
                span,
                format!("`{name}` has no value for this evaluation year"),
                "a value at or before the year",
            ),
            None => {
                let allowed = self.names.suggest(name);
                self.fault("unknown-name", span, format!("`{name}`"), allowed)
            }
        }
    }

    fn literal(&mut self, value: &ast::ValueWithSpan) -> Walked {
        let part = |expr, kind| Ok(Part { expr, kind, quantity: Quantity::Any });
        match &value.value {
            ast::Value::Number(text, _) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => part(lit(number), Some(Kind::Number)),
                _ => self.fault("formula-form", value.span, format!("`{text}`"), "a decimal number"),
            },
            ast::Value::SingleQuotedString(text) => part(lit(text.as_str()), Some(Kind::Text)),
            ast::Value::Boolean(b) => part(lit(*b), Some(Kind::Boolean)),
            ast::Value::Null => part(Expr::Literal(ScalarValue::Null, None), None),
            other => {
                self.fault("formula-form", value.span, format!("`{other}`"), "a number, 'text', TRUE, FALSE or NULL")
            }
        }
    }

    fn date(&mut self, text: &ast::TypedString) -> Walked {
        let day = match &text.value.value {
            ast::Value::SingleQuotedString(s) => s.parse::<jiff::civil::Date>().ok(),
            _ => None,
        };
        match day {
            Some(day) => {
                let value = ScalarValue::Date32(Some(functions::days(day)));
                Ok(Part { expr: Expr::Literal(value, None), kind: Some(Kind::Date), quantity: Quantity::Any })
            }
            None => self.fault(
                "formula-form",
                text.value.span,
                format!("`{}`", text.value),
                "a date such as DATE '2025-12-31'",
            ),
        }
    }

    /// Walks a part that must be of a kind.
    fn of_kind(&mut self, e: &ast::Expr, kind: Kind) -> Walked {
        let part = self.expr(e)?;
        match part.kind {
            None => Ok(Part { expr: Expr::Literal(null_of(kind), None), kind: Some(kind), quantity: part.quantity }),
            Some(k) if k == kind => Ok(part),
            Some(k) => {
                self.fault("type", e.span(), format!("`{e}` is a {}", kind_word(k)), format!("a {}", kind_word(kind)))
            }
        }
    }

    fn unify(&mut self, span: Span, what: &str, a: Quantity, b: Quantity) -> Result<Quantity, Stop> {
        a.unify(b).or_else(|clash| {
            let (code, found) = clash_text(clash);
            self.fault(
                code,
                span,
                format!("{found} in {what}"),
                "the same unit on both sides; convert with a parameter of the law",
            )
        })
    }

    fn binary(&mut self, span: Span, left: &ast::Expr, op: &BinaryOperator, right: &ast::Expr) -> Walked {
        use BinaryOperator as B;
        let operator = match op {
            B::And | B::Or => {
                let (a, b) = (self.of_kind(left, Kind::Boolean), self.of_kind(right, Kind::Boolean));
                let (a, b) = (a?, b?);
                let operator = if *op == B::And { Operator::And } else { Operator::Or };
                return Ok(boolean(binary_expr(a.expr, operator, b.expr)));
            }
            B::Eq => Operator::Eq,
            B::NotEq => Operator::NotEq,
            B::Lt => Operator::Lt,
            B::LtEq => Operator::LtEq,
            B::Gt => Operator::Gt,
            B::GtEq => Operator::GtEq,
            B::Plus | B::Minus | B::Multiply | B::Divide => return self.arithmetic(span, left, op, right),
            other => {
                return self.fault(
                    "formula-form",
                    span,
                    format!("operator `{other}`"),
                    "+ - * / = <> < <= > >= AND OR",
                );
            }
        };
        self.compare(span, left, operator, right)
    }

    fn arithmetic(&mut self, span: Span, left: &ast::Expr, op: &BinaryOperator, right: &ast::Expr) -> Walked {
        let (a, b) = (self.of_kind(left, Kind::Number), self.of_kind(right, Kind::Number));
        let (a, b) = (a?, b?);
        let (expr, quantity) = match op {
            BinaryOperator::Multiply => (binary_expr(a.expr, Operator::Multiply, b.expr), a.quantity.times(b.quantity)),
            BinaryOperator::Divide => {
                self.zero.push(zero_division(&a.expr, &b.expr));
                (divide(a.expr, b.expr), a.quantity.over(b.quantity))
            }
            _ => {
                let (operator, word) = if *op == BinaryOperator::Plus {
                    (Operator::Plus, "a sum")
                } else {
                    (Operator::Minus, "a difference")
                };
                let quantity = self.unify(span, word, a.quantity, b.quantity)?;
                (binary_expr(a.expr, operator, b.expr), quantity)
            }
        };
        Ok(Part { expr, kind: Some(Kind::Number), quantity })
    }

    /// Two parts brought to one kind.
    fn alike(&mut self, span: Span, left: Part, right: Part) -> Result<(Expr, Expr, Kind), Stop> {
        let kind = match (left.kind, right.kind) {
            (Some(a), Some(b)) if a != b => {
                return self.fault(
                    "type",
                    span,
                    format!("a {} beside a {}", kind_word(a), kind_word(b)),
                    "two values of one type",
                );
            }
            (a, b) => a.or(b).unwrap_or(Kind::Boolean),
        };
        Ok((typed(left, kind), typed(right, kind), kind))
    }

    fn compare(&mut self, span: Span, left: &ast::Expr, operator: Operator, right: &ast::Expr) -> Walked {
        let (a, b) = (self.expr(left), self.expr(right));
        let (a, b) = (a?, b?);
        self.compare_parts(span, a, operator, b)
    }

    fn compare_parts(&mut self, span: Span, a: Part, operator: Operator, b: Part) -> Walked {
        if a.kind == Some(Kind::Number) && b.kind == Some(Kind::Number) {
            self.unify(span, "a comparison", a.quantity, b.quantity)?;
        }
        let (a, b, kind) = self.alike(span, a, b)?;
        let (a, b) = if kind == Kind::Number { (plain_zero(a), plain_zero(b)) } else { (a, b) };
        Ok(boolean(binary_expr(a, operator, b)))
    }

    fn unary(&mut self, op: &UnaryOperator, e: &ast::Expr) -> Walked {
        match op {
            UnaryOperator::Not => self.of_kind(e, Kind::Boolean).map(|p| boolean(Expr::Not(Box::new(p.expr)))),
            UnaryOperator::Plus => self.of_kind(e, Kind::Number),
            UnaryOperator::Minus => {
                let part = self.of_kind(e, Kind::Number)?;
                Ok(Part { expr: binary_expr(lit(0.0), Operator::Minus, part.expr), ..part })
            }
            other => self.fault("formula-form", e.span(), format!("operator `{other}`"), "NOT, + or -"),
        }
    }

    fn is(&mut self, e: &ast::Expr, make: fn(Box<Expr>) -> Expr) -> Walked {
        let part = self.expr(e)?;
        let kind = part.kind.unwrap_or(Kind::Boolean);
        Ok(boolean(make(Box::new(typed(part, kind)))))
    }

    fn is_truth(&mut self, e: &ast::Expr, make: fn(Box<Expr>) -> Expr) -> Walked {
        self.of_kind(e, Kind::Boolean).map(|part| boolean(make(Box::new(part.expr))))
    }

    fn between(&mut self, span: Span, e: &ast::Expr, negated: bool, low: &ast::Expr, high: &ast::Expr) -> Walked {
        let at_least = self.compare(span, e, Operator::GtEq, low);
        let at_most = self.compare(span, e, Operator::LtEq, high);
        let inside = binary_expr(at_least?.expr, Operator::And, at_most?.expr);
        Ok(boolean(if negated { Expr::Not(Box::new(inside)) } else { inside }))
    }

    fn in_list(&mut self, e: &ast::Expr, list: &[ast::Expr], negated: bool) -> Walked {
        let left = self.expr(e)?;
        let kind = left.kind.unwrap_or(Kind::Boolean);
        let mut items = Vec::new();
        for item in list {
            let part = self.of_kind(item, kind)?;
            if kind == Kind::Number {
                self.unify(item.span(), "a list", left.quantity, part.quantity)?;
            }
            items.push(part.expr);
        }
        let left = typed(left, kind);
        let left = if kind == Kind::Number { plain_zero(left) } else { left };
        Ok(boolean(Expr::InList(InList::new(Box::new(left), items, negated))))
    }

    fn like(&mut self, negated: bool, e: &ast::Expr, pattern: &ast::Expr) -> Walked {
        let (text, pattern) = (self.of_kind(e, Kind::Text), self.of_kind(pattern, Kind::Text));
        let (text, pattern) = (text?, pattern?);
        Ok(boolean(Expr::Like(Like::new(negated, Box::new(text.expr), Box::new(pattern.expr), None, false))))
    }

    fn case(&mut self, operand: Option<&ast::Expr>, arms: &[ast::CaseWhen], otherwise: Option<&ast::Expr>) -> Walked {
        let mut whens = Vec::new();
        let mut results = Vec::new();
        for arm in arms {
            let when = match operand {
                Some(operand) => self.compare(arm.condition.span(), operand, Operator::Eq, &arm.condition),
                None => self.of_kind(&arm.condition, Kind::Boolean),
            };
            let result = self.expr(&arm.result);
            whens.push(when?.expr);
            results.push((result?, arm.result.span()));
        }
        if let Some(e) = otherwise {
            results.push((self.expr(e)?, e.span()));
        }
        let (kind, quantity) = self.one_kind(&results, "the branches of CASE")?;
        let mut results: Vec<Expr> = results.into_iter().map(|(p, _)| typed(p, kind)).collect();
        let other = if otherwise.is_some() { results.pop() } else { None };
        let arms = whens.into_iter().zip(results).map(|(w, r)| (Box::new(w), Box::new(r))).collect();
        let expr = Expr::Case(Case { expr: None, when_then_expr: arms, else_expr: other.map(Box::new) });
        Ok(Part { expr, kind: Some(kind), quantity })
    }

    /// The one kind and unit of several alternatives.
    fn one_kind(&mut self, parts: &[(Part, Span)], what: &str) -> Result<(Kind, Quantity), Stop> {
        let mut kind = None;
        let mut quantity = Quantity::Any;
        for (part, span) in parts {
            match (kind, part.kind) {
                (Some(a), Some(b)) if a != b => {
                    return self.fault(
                        "type",
                        *span,
                        format!("a {} beside a {} in {what}", kind_word(b), kind_word(a)),
                        "values of one type",
                    );
                }
                (None, k) => kind = k,
                _ => {}
            }
            if part.kind == Some(Kind::Number) {
                quantity = self.unify(*span, what, quantity, part.quantity)?;
            }
        }
        Ok((kind.unwrap_or(Kind::Boolean), quantity))
    }

    fn function(&mut self, function: &ast::Function) -> Walked {
        let span = function.name.span();
        let name = match function.name.0.as_slice() {
            [ObjectNamePart::Identifier(ident)] => ident.value.to_lowercase(),
            _ => return self.fault("unknown-function", span, format!("`{}`", function.name), function_list()),
        };
        let plain = function.filter.is_none()
            && function.over.is_none()
            && function.null_treatment.is_none()
            && function.within_group.is_empty();
        let list = match &function.args {
            FunctionArguments::List(list) if plain && list.duplicate_treatment.is_none() && list.clauses.is_empty() => {
                &list.args
            }
            _ => {
                return self.fault(
                    "formula-form",
                    span,
                    format!("`{function}`"),
                    "a plain call such as greatest(a, b)",
                );
            }
        };
        let mut args = Vec::new();
        for arg in list {
            match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) => args.push(e),
                other => return self.fault("formula-form", span, format!("`{other}`"), "a plain argument"),
            }
        }
        match name.as_str() {
            "coalesce" => self.coalesce(span, &args),
            "nullif" => self.nullif(span, &args),
            "left" | "right" if args.len() == 2 => self.text_call(&name, &args),
            "char_length" | "length" if args.len() == 1 => self.text_call("char_length", &args),
            "substr" | "substring" if args.len() == 2 || args.len() == 3 => {
                self.substring(span, args[0], args[1], args.get(2).copied())
            }
            "starts_with" if args.len() == 2 => self.starts_with(&args),
            _ => self.own(&name, span, &args),
        }
    }

    /// One of our functions of numbers or dates.
    fn own(&mut self, name: &str, span: Span, args: &[&ast::Expr]) -> Walked {
        let Some((_, op, fewest, most, dates)) = functions::OWN.iter().find(|f| f.0 == name) else {
            let all = functions::OWN.iter().map(|f| f.0).chain(functions::OTHERS);
            let near = nearest(name, all);
            let allowed = if near.starts_with("did") { near } else { function_list() };
            return self.fault("unknown-function", span, format!("`{name}`"), allowed);
        };
        if !(*fewest..=*most).contains(&args.len()) {
            let wanted = if fewest == most { format!("{fewest}") } else { format!("{fewest} to {most}") };
            return self.fault("arguments", span, format!("{} arguments for `{name}`", args.len()), wanted);
        }
        let kind = if *dates { Kind::Date } else { Kind::Number };
        let parts: Vec<Walked> = args.iter().map(|a| self.of_kind(a, kind)).collect();
        let parts: Vec<Part> = parts.into_iter().collect::<Result<_, _>>()?;
        let quantity = match op {
            Op::Greatest | Op::Least => {
                let mut all = Quantity::Any;
                for (part, arg) in parts.iter().zip(args) {
                    all = self.unify(arg.span(), name, all, part.quantity)?;
                }
                all
            }
            Op::Abs | Op::Round | Op::Floor | Op::Ceil => parts[0].quantity,
            Op::MonthsBetween | Op::YearsBetween | Op::DaysBetween | Op::YearOf | Op::MonthOf => Quantity::PURE,
            _ => Quantity::Any,
        };
        let expr = call(functions::own(*op), parts.into_iter().map(|p| p.expr).collect());
        Ok(Part { expr, kind: Some(Kind::Number), quantity })
    }

    fn coalesce(&mut self, span: Span, args: &[&ast::Expr]) -> Walked {
        if args.len() < 2 {
            return self.fault("arguments", span, format!("{} arguments for `coalesce`", args.len()), "2 or more");
        }
        let parts: Vec<(Walked, Span)> = args.iter().map(|a| (self.expr(a), a.span())).collect();
        let mut known = Vec::new();
        for (part, span) in parts {
            known.push((part?, span));
        }
        let (kind, quantity) = self.one_kind(&known, "`coalesce`")?;
        let mut parts: Vec<Expr> = known.into_iter().map(|(p, _)| typed(p, kind)).collect();
        let last = parts.pop().expect("two or more");
        let arms = parts.into_iter().map(|p| (Box::new(Expr::IsNotNull(Box::new(p.clone()))), Box::new(p))).collect();
        let expr = Expr::Case(Case { expr: None, when_then_expr: arms, else_expr: Some(Box::new(last)) });
        Ok(Part { expr, kind: Some(kind), quantity })
    }

    fn nullif(&mut self, span: Span, args: &[&ast::Expr]) -> Walked {
        let [a, b] = args else {
            return self.fault("arguments", span, format!("{} arguments for `nullif`", args.len()), "2");
        };
        let (a, b) = (self.expr(a), self.expr(b));
        let (a, b) = (a?, b?);
        let quantity = a.quantity;
        let (a, b, kind) = self.alike(span, a, b)?;
        let (a, b) = if kind == Kind::Number { (plain_zero(a), plain_zero(b)) } else { (a, b) };
        Ok(Part { expr: call(core_functions::nullif(), vec![a, b]), kind: Some(kind), quantity })
    }

    fn substring(&mut self, span: Span, text: &ast::Expr, from: &ast::Expr, count: Option<&ast::Expr>) -> Walked {
        let mut args = vec![self.of_kind(text, Kind::Text)?.expr, self.whole(from)?];
        if let Some(count) = count {
            args.push(self.whole(count)?);
        }
        if args.len() > 3 {
            return self.fault("arguments", span, "too many arguments for `substr`", "2 or 3");
        }
        Ok(Part { expr: call(unicode::substr(), args), kind: Some(Kind::Text), quantity: Quantity::Any })
    }

    fn text_call(&mut self, name: &str, args: &[&ast::Expr]) -> Walked {
        let text = self.of_kind(args[0], Kind::Text)?.expr;
        if name == "char_length" {
            let count = call(unicode::character_length(), vec![text]);
            let expr = datafusion_expr::cast(count, DataType::Float64);
            return Ok(Part { expr, kind: Some(Kind::Number), quantity: Quantity::PURE });
        }
        let count = self.whole(args[1])?;
        let function = if name == "left" { unicode::left() } else { unicode::right() };
        Ok(Part { expr: call(function, vec![text, count]), kind: Some(Kind::Text), quantity: Quantity::Any })
    }

    fn starts_with(&mut self, args: &[&ast::Expr]) -> Walked {
        let text = self.of_kind(args[0], Kind::Text)?.expr;
        let prefix = self.of_kind(args[1], Kind::Text)?.expr;
        let count = call(unicode::character_length(), vec![prefix.clone()]);
        let head = call(unicode::left(), vec![text, datafusion_expr::cast(count, DataType::Int64)]);
        Ok(boolean(binary_expr(head, Operator::Eq, prefix)))
    }

    /// A whole number written as a literal.
    fn whole(&mut self, e: &ast::Expr) -> Result<Expr, Stop> {
        if let ast::Expr::Value(value) = e
            && let ast::Value::Number(text, _) = &value.value
            && let Ok(number) = text.parse::<i64>()
        {
            return Ok(lit(number));
        }
        self.fault("type", e.span(), format!("`{e}`"), "a whole number")
    }

    /// Numerator and denominator of a formula that is a quotient as a whole.
    fn quotient(&mut self, e: &ast::Expr) -> Option<(Expr, Expr)> {
        match e {
            ast::Expr::Nested(inner) => self.quotient(inner),
            ast::Expr::BinaryOp { left, op: BinaryOperator::Divide, right } => {
                let faults = self.faults.len();
                let pair = self.of_kind(left, Kind::Number).ok().zip(self.of_kind(right, Kind::Number).ok());
                self.faults.truncate(faults);
                pair.map(|(a, b)| (a.expr, b.expr))
            }
            _ => None,
        }
    }
}

pub(crate) fn clash_text(clash: Clash) -> (&'static str, String) {
    match clash {
        Clash::Dimension(a, b) => ("unit-dimension", format!("{a} beside {b}")),
        Clash::Scale(ratio) => ("unit-scale", format!("units that differ by the factor {ratio}")),
    }
}

fn function_list() -> String {
    let mut all: Vec<&str> = functions::OWN.iter().map(|f| f.0).chain(functions::OTHERS).collect();
    all.sort_unstable();
    all.join(", ")
}

fn boolean(expr: Expr) -> Part {
    Part { expr, kind: Some(Kind::Boolean), quantity: Quantity::Any }
}

pub(crate) fn call(function: Arc<datafusion_expr::ScalarUDF>, args: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction::new_udf(function, args))
}

fn divide(a: Expr, b: Expr) -> Expr {
    call(functions::own(Op::Divide), vec![a, b])
}

fn zero_division(a: &Expr, b: &Expr) -> Expr {
    let zero = binary_expr(plain_zero(b.clone()), Operator::Eq, lit(0.0));
    binary_expr(Expr::IsNotNull(Box::new(a.clone())), Operator::And, zero)
}

/// Arrow compares floats bit by bit, so that −0 differs from 0; adding 0 makes it 0.
fn plain_zero(e: Expr) -> Expr {
    match e {
        Expr::Literal(..) => e,
        e => binary_expr(e, Operator::Plus, lit(0.0)),
    }
}

pub(crate) fn null_of(kind: Kind) -> ScalarValue {
    match kind {
        Kind::Number => ScalarValue::Float64(None),
        Kind::Boolean => ScalarValue::Boolean(None),
        Kind::Text => ScalarValue::Utf8(None),
        Kind::Date => ScalarValue::Date32(None),
    }
}

/// A part as a kind; NULL takes any.
fn typed(part: Part, kind: Kind) -> Expr {
    match part.kind {
        None => Expr::Literal(null_of(kind), None),
        Some(_) => part.expr,
    }
}

// ---------------------------------------------------------------------------------------------
// Programs

/// Arrow's type of a kind.
pub(crate) fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Number => DataType::Float64,
        Kind::Boolean => DataType::Boolean,
        Kind::Text => DataType::Utf8,
        Kind::Date => DataType::Date32,
    }
}

/// A compiled expression over the columns that it names.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// What it was made of; what a plan sent elsewhere is made of too.
    pub(crate) logical: Expr,
    expr: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    /// Positions of its columns in the frame.
    slots: Vec<usize>,
    pub(crate) kind: Kind,
}

/// The columns that programs read: their order, names and kinds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(crate) names: Vec<String>,
    pub(crate) kinds: Vec<Kind>,
    index: BTreeMap<String, usize>,
}

impl Frame {
    pub(crate) fn push(&mut self, name: &str, kind: Kind) -> usize {
        *self.index.entry(name.to_owned()).or_insert_with(|| {
            self.names.push(name.to_owned());
            self.kinds.push(kind);
            self.names.len() - 1
        })
    }

    /// Adds a column behind all others, found by this name even where an earlier one has it.
    pub(crate) fn hide(&mut self, name: &str, kind: Kind) {
        self.index.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        self.kinds.push(kind);
    }

    pub(crate) fn slot(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}

/// What makes of a checked formula runs over a frame.
impl Checked {
    pub(crate) fn program(&self, frame: &Frame) -> Result<Program, String> {
        program(&self.expr, self.kind, &self.names, frame)
    }

    pub(crate) fn zero_programs(&self, frame: &Frame) -> Result<Vec<Program>, String> {
        self.zero.iter().map(|e| program(e, Kind::Boolean, &self.names, frame)).collect()
    }

    pub(crate) fn quotient_programs(&self, frame: &Frame) -> Result<Option<(Program, Program)>, String> {
        let Some((a, b)) = &self.quotient else { return Ok(None) };
        let make = |e| program(e, Kind::Number, &self.names, frame);
        Ok(Some((make(a)?, make(b)?)))
    }

    pub(crate) fn is_quotient(&self) -> bool {
        self.quotient.is_some()
    }
}

fn program(expr: &Expr, kind: Kind, names: &BTreeSet<String>, frame: &Frame) -> Result<Program, String> {
    let slots: Vec<usize> =
        names.iter().map(|n| frame.slot(n).ok_or_else(|| format!("`{n}` is no column"))).collect::<Result<_, _>>()?;
    let fields: Vec<Field> =
        slots.iter().map(|s| Field::new(&frame.names[*s], data_type(frame.kinds[*s]), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let df = DFSchema::try_from(schema.clone()).map_err(|e| e.to_string())?;
    let logical = expr.clone();
    let expr = create_physical_expr(expr, &df, &ExecutionProps::new(), &PhysicalPlanningContext::default())
        .map_err(|e| e.to_string())?;
    Ok(Program { logical, expr, schema, slots, kind })
}

/// Why a program could not be evaluated: never expected, because programs are checked when compiled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a formula could not be evaluated: {0}")]
pub struct EvalError(pub String);

impl Program {
    /// True for a formula that is one written value: the same for every row.
    pub(crate) fn is_constant(&self) -> bool {
        matches!(self.logical, Expr::Literal(..))
    }

    /// Evaluates over columns in frame order, of which only those it names need be there.
    pub(crate) fn eval(&self, columns: &[ArrayRef], rows: usize) -> Result<ArrayRef, EvalError> {
        let arrays: Vec<ArrayRef> = self.slots.iter().map(|s| columns[*s].clone()).collect();
        let fault = |e: String| EvalError(e);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map_err(|e| fault(e.to_string()))?;
        let value = self.expr.evaluate(&batch).map_err(|e| fault(e.to_string()))?;
        value.into_array(rows).map_err(|e| fault(e.to_string()))
    }

    /// Numbers, `NaN` where unknown or not finite.
    pub(crate) fn numbers(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<f64>, EvalError> {
        let array = self.eval(columns, rows)?;
        if array.data_type() == &DataType::Null {
            return Ok(vec![f64::NAN; rows]);
        }
        Ok(numbers_of(&array))
    }

    /// Truth values.
    pub(crate) fn truths(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<crate::outcome::Truth>, EvalError> {
        use crate::outcome::Truth;
        let array = self.eval(columns, rows)?;
        let Some(array) = array.as_any().downcast_ref::<BooleanArray>() else {
            return Ok(vec![Truth::Unknown; rows]);
        };
        Ok(array.iter().map(|v| v.map_or(Truth::Unknown, |v| if v { Truth::True } else { Truth::False })).collect())
    }
}

/// Numbers of an array; `NaN` where null or not finite.
pub(crate) fn numbers_of(array: &ArrayRef) -> Vec<f64> {
    let array = array.as_any().downcast_ref::<Float64Array>().expect("numbers are Float64 by construction");
    if array.null_count() == 0 {
        return array.values().iter().map(|v| if v.is_finite() { *v + 0.0 } else { f64::NAN }).collect();
    }
    array.iter().map(|v| v.filter(|v| v.is_finite()).map_or(f64::NAN, |v| v + 0.0)).collect()
}

/// Texts of an array, as group keys and pages write them.
pub(crate) fn texts_of(array: &ArrayRef, kind: Kind) -> Vec<Option<String>> {
    let any = array.as_any();
    match kind {
        Kind::Text => match any.downcast_ref::<StringArray>() {
            Some(a) => a.iter().map(|v| v.map(str::to_owned)).collect(),
            // Text functions may answer with views of their argument.
            None => any
                .downcast_ref::<arrow::array::StringViewArray>()
                .map_or_else(|| vec![None; array.len()], |a| a.iter().map(|v| v.map(str::to_owned)).collect()),
        },
        Kind::Number => numbers_of(array).into_iter().map(|v| (!v.is_nan()).then(|| v.to_string())).collect(),
        Kind::Boolean => match any.downcast_ref::<BooleanArray>() {
            Some(a) => a.iter().map(|v| v.map(|b| b.to_string())).collect(),
            None => vec![None; array.len()],
        },
        Kind::Date => match any.downcast_ref::<Date32Array>() {
            Some(a) => a.iter().map(|v| v.and_then(functions::day).map(|d| d.to_string())).collect(),
            None => vec![None; array.len()],
        },
    }
}
