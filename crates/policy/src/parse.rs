//! SQL expressions of rules as terms and logic over variables. Names are resolved here: what a rule
//! defines is written out, a parameter becomes its number, `lag` moves every figure back by years.

use crate::exact::{Var, rational};
use law::rule::{Rule, ScoreTable};
use law::template::Kind;
use law::{Formula, Law};
use num_rational::BigRational;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator,
    Value, ValueWithSpan,
};
use sqlparser::{dialect::GenericDialect, parser::Parser, tokenizer::Token};
use std::collections::{BTreeMap, HashMap};

/// Years that a window may reach back.
const YEARS_BACK_MAX: i32 = 20;
/// Definitions that may stand within each other; more is a circle.
const DEPTH_MAX: usize = 40;

/// Number of points (of an item, group or table) in a plan.
pub type PointId = u32;

/// A figure, title or attribute of a firm, of some year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VarKey {
    /// Fact or attribute.
    pub name: String,
    /// Years before the last full one; −1 is the year of filing. 0 for titles and attributes, which are
    /// as of the day of filing.
    pub lag: i32,
}

/// What a variable is.
#[derive(Clone, Debug, PartialEq)]
pub struct VarDef {
    /// Which.
    pub key: VarKey,
    /// Type.
    pub kind: Kind,
    /// Of a number.
    pub unit: Option<String>,
    /// A title or certificate, looked up on the day of filing.
    pub status: bool,
    /// An attribute of the register.
    pub attribute: bool,
}

/// All variables of a plan.
#[derive(Clone, Debug, Default)]
pub struct Vars {
    /// By number.
    pub all: Vec<VarDef>,
    index: HashMap<VarKey, Var>,
}

impl Vars {
    /// The number of a variable, which is entered when it is new.
    pub fn enter(&mut self, def: VarDef) -> Var {
        if let Some(var) = self.index.get(&def.key) {
            return *var;
        }
        let var = self.all.len() as Var;
        self.index.insert(def.key.clone(), var);
        self.all.push(def);
        var
    }

    /// The number of a variable that occurs.
    pub fn find(&self, name: &str, lag: i32) -> Option<Var> {
        self.index.get(&VarKey { name: name.to_owned(), lag }).copied()
    }

    /// What a variable is.
    pub fn def(&self, var: Var) -> &VarDef {
        &self.all[var as usize]
    }
}

/// A numeric expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A number.
    Number(BigRational),
    /// A variable.
    Var(Var),
    /// Points of a table, group or item.
    Points(PointId),
    /// Negative.
    Minus(Box<Term>),
    /// Sum.
    Add(Box<Term>, Box<Term>),
    /// Product.
    Times(Box<Term>, Box<Term>),
    /// Quotient.
    Over(Box<Term>, Box<Term>),
    /// Smallest.
    Least(Vec<Term>),
    /// Largest.
    Greatest(Vec<Term>),
    /// The first case that holds.
    Case(Vec<(Logic, Term)>, Option<Box<Term>>),
    /// The first that is known.
    Coalesce(Vec<Term>),
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
    /// `<>`
    Other,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Logic {
    /// True or false by itself.
    Fixed(bool),
    /// All.
    And(Vec<Logic>),
    /// Any.
    Or(Vec<Logic>),
    /// Not.
    Not(Box<Logic>),
    /// The left is above, at least, equal to or other than the right.
    Compare(Op, Box<Term>, Box<Term>),
    /// A truth.
    Is(Var),
    /// A text is one of these.
    OneOf(Var, Vec<String>),
    /// Everything here is known.
    Known(Box<Term>),
    /// A text, truth or date is known.
    KnownVar(Var),
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFault {
    /// Stable code.
    pub code: &'static str,
    /// What was found.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
}

fn fault(code: &'static str, found: impl Into<String>, allowed: impl Into<String>) -> ParseFault {
    ParseFault { code, found: found.into(), allowed: allowed.into() }
}

type Result<T> = std::result::Result<T, ParseFault>;

/// Resolves names for one rule.
pub struct Scope<'a> {
    law: &'a Law,
    /// The rule and those that it extends, the narrowest first.
    rules: Vec<&'a Rule>,
    /// Year of filing: parameters take their value of it.
    year: i16,
    points: BTreeMap<String, PointId>,
}

impl<'a> Scope<'a> {
    /// Names of a rule and of those that it extends, for filings of a year; `points` are numbered from
    /// `first` on: the items of a group, the group, and after its groups the table.
    pub fn new(law: &'a Law, rules: Vec<&'a Rule>, scores: &[ScoreTable], first: PointId, year: i16) -> Self {
        let mut points = BTreeMap::new();
        let mut next = first;
        let mut enter = |id: &String| {
            points.insert(id.clone(), next);
            next += 1;
        };
        for table in scores {
            for group in &table.groups {
                group.items.iter().for_each(|i| enter(&i.id));
                enter(&group.id);
            }
            enter(&table.id);
        }
        Self { law, rules, year, points }
    }

    /// Points by name.
    pub fn points(&self) -> impl Iterator<Item = (&str, PointId)> {
        self.points.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// A condition, moved back by years.
    pub fn logic(&self, vars: &mut Vars, formula: &Formula, lag: i32) -> Result<Logic> {
        let expr = parse(&formula.text)?;
        Reading { scope: self, vars, depth: 0 }.logic(&expr, lag)
    }

    /// A number, moved back by years.
    pub fn term(&self, vars: &mut Vars, formula: &Formula, lag: i32) -> Result<Term> {
        let expr = parse(&formula.text)?;
        Reading { scope: self, vars, depth: 0 }.term(&expr, lag)
    }

    /// A fact by its name, as a condition.
    pub fn truth(&self, vars: &mut Vars, fact: &str) -> Result<Logic> {
        Reading { scope: self, vars, depth: 0 }.name_logic(fact, 0)
    }

    /// A fact by its name, as a number.
    pub fn number(&self, vars: &mut Vars, fact: &str) -> Result<Term> {
        Reading { scope: self, vars, depth: 0 }.name_term(fact, 0)
    }
}

fn parse(text: &str) -> Result<Expr> {
    let syntax = |e: String| fault("formula-syntax", e, "a SQL expression such as `rd_expense / revenue >= 0.03`");
    let mut parser = Parser::new(&GenericDialect {}).try_with_sql(text).map_err(|e| syntax(e.to_string()))?;
    let expr = parser.parse_expr().map_err(|e| syntax(e.to_string()))?;
    match parser.peek_token().token {
        Token::EOF => Ok(expr),
        more => Err(syntax(format!("`{more}` after the expression"))),
    }
}

struct Reading<'s, 'a> {
    scope: &'s Scope<'a>,
    vars: &'s mut Vars,
    depth: usize,
}

impl Reading<'_, '_> {
    fn logic(&mut self, expr: &Expr, lag: i32) -> Result<Logic> {
        match expr {
            Expr::Nested(inner) => self.logic(inner, lag),
            Expr::Value(ValueWithSpan { value: Value::Boolean(b), .. }) => Ok(Logic::Fixed(*b)),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(Logic::Not(Box::new(self.logic(expr, lag)?))),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                Ok(Logic::And(vec![self.logic(left, lag)?, self.logic(right, lag)?]))
            }
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
                Ok(Logic::Or(vec![self.logic(left, lag)?, self.logic(right, lag)?]))
            }
            Expr::BinaryOp { left, op, right } => self.compare(left, op, right, lag),
            Expr::Between { expr, negated, low, high } => {
                let both = Logic::And(vec![
                    self.compare(expr, &BinaryOperator::GtEq, low, lag)?,
                    self.compare(expr, &BinaryOperator::LtEq, high, lag)?,
                ]);
                Ok(if *negated { Logic::Not(Box::new(both)) } else { both })
            }
            Expr::InList { expr, list, negated } => {
                let found = match self.text_var(expr)? {
                    Some(var) => {
                        let texts = list.iter().map(text_of).collect::<Option<Vec<_>>>();
                        Logic::OneOf(var, texts.ok_or_else(|| fault("wrong-type", expr.to_string(), "quoted texts"))?)
                    }
                    None => {
                        let equal = list.iter().map(|one| self.compare(expr, &BinaryOperator::Eq, one, lag));
                        Logic::Or(equal.collect::<Result<_>>()?)
                    }
                };
                Ok(if *negated { Logic::Not(Box::new(found)) } else { found })
            }
            Expr::IsNull(inner) => Ok(Logic::Not(Box::new(self.known(inner, lag)?))),
            Expr::IsNotNull(inner) => self.known(inner, lag),
            Expr::Identifier(name) => self.name_logic(&name.value, lag),
            Expr::Function(function) => self.shifted_logic(function, lag),
            other => {
                Err(fault("not-a-condition", format!("`{other}`"), "a comparison, a truth, AND, OR, NOT, IN, IS NULL"))
            }
        }
    }

    fn known(&mut self, expr: &Expr, lag: i32) -> Result<Logic> {
        if let Expr::Identifier(name) = expr
            && let Some(def) = self.def_of(&name.value, lag)
            && def.kind != Kind::Number
        {
            return Ok(Logic::KnownVar(self.vars.enter(def)));
        }
        Ok(Logic::Known(Box::new(self.term(expr, lag)?)))
    }

    fn shifted_logic(&mut self, function: &Function, lag: i32) -> Result<Logic> {
        let (name, args) = call(function)?;
        match (name.as_str(), args.as_slice()) {
            ("lag", [inner, years]) => self.logic(inner, self.back(lag, years)?),
            ("this_year", [inner]) => self.logic(inner, -1),
            _ => Err(fault("unknown-function", format!("`{name}`"), "`lag(x, years)` or `this_year(x)`")),
        }
    }

    fn back(&self, lag: i32, years: &Expr) -> Result<i32> {
        let years: Option<i32> = match years {
            Expr::Value(ValueWithSpan { value: Value::Number(n, _), .. }) => n.parse().ok(),
            _ => None,
        };
        years.filter(|y| (0..=YEARS_BACK_MAX).contains(y)).map(|y| lag + y).ok_or_else(|| {
            fault("bad-years", "a number of years that is no whole number", format!("0 to {YEARS_BACK_MAX}"))
        })
    }

    fn name_logic(&mut self, name: &str, lag: i32) -> Result<Logic> {
        if let Some(define) = self.scope.rules.iter().flat_map(|r| &r.define).find(|d| d.id == name) {
            let expr = self.inside(&define.formula.text)?;
            let found = self.logic(&expr, lag)?;
            self.depth -= 1;
            return Ok(found);
        }
        let def = self.def_of(name, lag).ok_or_else(|| unknown(name))?;
        match def.kind {
            Kind::Boolean => Ok(Logic::Is(self.vars.enter(def))),
            kind => Err(fault(
                "not-a-condition",
                format!("`{name}` is a {kind:?}").to_lowercase(),
                "a truth, or a comparison",
            )),
        }
    }

    fn inside(&mut self, text: &str) -> Result<Expr> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(fault("cycle", format!("`{text}` comes back to itself"), "definitions in one direction"));
        }
        parse(text)
    }

    /// The variable of a name, when it is a fact or an attribute.
    fn def_of(&self, name: &str, lag: i32) -> Option<VarDef> {
        let law = self.scope.law;
        if let Some(fact) = law.facts.get(name) {
            let lag = if fact.status { 0 } else { lag };
            return Some(VarDef {
                key: VarKey { name: name.to_owned(), lag },
                kind: fact.kind,
                unit: fact.unit.clone(),
                status: fact.status,
                attribute: false,
            });
        }
        law.attributes.get(name).map(|attribute| VarDef {
            key: VarKey { name: name.to_owned(), lag: 0 },
            kind: attribute.kind,
            unit: attribute.unit.clone(),
            status: false,
            attribute: true,
        })
    }

    /// The variable, when the expression is the name of a text.
    fn text_var(&mut self, expr: &Expr) -> Result<Option<Var>> {
        let Expr::Identifier(name) = expr else { return Ok(None) };
        match self.def_of(&name.value, 0) {
            Some(def) if def.kind == Kind::Text => Ok(Some(self.vars.enter(def))),
            _ => Ok(None),
        }
    }

    fn compare(&mut self, left: &Expr, op: &BinaryOperator, right: &Expr, lag: i32) -> Result<Logic> {
        for (name, text) in [(left, right), (right, left)] {
            let (Some(var), Some(text)) = (self.text_var(name)?, text_of(text)) else { continue };
            let found = Logic::OneOf(var, vec![text]);
            return match op {
                BinaryOperator::Eq => Ok(found),
                BinaryOperator::NotEq => Ok(Logic::Not(Box::new(found))),
                other => Err(fault("wrong-type", format!("`{other}` between texts"), "`=`, `<>` or IN")),
            };
        }
        // A truth compared with TRUE or FALSE is that truth or its contrary.
        for (side, value) in [(left, right), (right, left)] {
            if let (Expr::Value(ValueWithSpan { value: Value::Boolean(b), .. }), BinaryOperator::Eq) = (value, op) {
                let truth = self.logic(side, lag)?;
                return Ok(if *b { truth } else { Logic::Not(Box::new(truth)) });
            }
        }
        let (a, b) = (Box::new(self.term(left, lag)?), Box::new(self.term(right, lag)?));
        Ok(match op {
            BinaryOperator::Gt => Logic::Compare(Op::Above, a, b),
            BinaryOperator::GtEq => Logic::Compare(Op::AtLeast, a, b),
            BinaryOperator::Lt => Logic::Compare(Op::Above, b, a),
            BinaryOperator::LtEq => Logic::Compare(Op::AtLeast, b, a),
            BinaryOperator::Eq => Logic::Compare(Op::Equal, a, b),
            BinaryOperator::NotEq => Logic::Compare(Op::Other, a, b),
            other => return Err(fault("not-a-condition", format!("`{other}`"), "=, <>, <, <=, >, >=")),
        })
    }

    fn term(&mut self, expr: &Expr, lag: i32) -> Result<Term> {
        match expr {
            Expr::Nested(inner) => self.term(inner, lag),
            Expr::Value(ValueWithSpan { value: Value::Number(text, _), .. }) => {
                let value = base::fixed::parse(text).ok().flatten();
                value.map(|v| Term::Number(rational(v))).ok_or_else(|| fault("bad-number", text, "a decimal number"))
            }
            Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => day(text),
            Expr::TypedString(typed) if typed.data_type == DataType::Date => {
                day(&typed.value.value.clone().into_string().unwrap_or_default())
            }
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Ok(Term::Minus(Box::new(self.term(expr, lag)?))),
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.term(expr, lag),
            Expr::BinaryOp { left, op, right } => {
                let (a, b) = (Box::new(self.term(left, lag)?), Box::new(self.term(right, lag)?));
                Ok(match op {
                    BinaryOperator::Plus => Term::Add(a, b),
                    BinaryOperator::Minus => Term::Add(a, Box::new(Term::Minus(b))),
                    BinaryOperator::Multiply => Term::Times(a, b),
                    BinaryOperator::Divide => Term::Over(a, b),
                    other => return Err(fault("not-a-number", format!("`{other}`"), "+, -, *, /")),
                })
            }
            Expr::Identifier(name) => self.name_term(&name.value, lag),
            Expr::Function(function) => self.function(function, lag),
            Expr::Case { operand: None, conditions, else_result, .. } => {
                let one =
                    |me: &mut Self, case: &CaseWhen| Ok((me.logic(&case.condition, lag)?, me.term(&case.result, lag)?));
                let cases = conditions.iter().map(|case| one(self, case)).collect::<Result<Vec<_>>>()?;
                let rest = else_result.as_ref().map(|e| self.term(e, lag).map(Box::new)).transpose()?;
                Ok(Term::Case(cases, rest))
            }
            other => Err(fault(
                "not-a-number",
                format!("`{other}`"),
                "numbers, names, + - * /, lag, sum_last, mean_last, least, greatest",
            )),
        }
    }

    fn name_term(&mut self, name: &str, lag: i32) -> Result<Term> {
        if let Some(id) = self.scope.points.get(name) {
            return Ok(Term::Points(*id));
        }
        if let Some(define) = self.scope.rules.iter().flat_map(|r| &r.define).find(|d| d.id == name) {
            let expr = self.inside(&define.formula.text)?;
            let found = self.term(&expr, lag)?;
            self.depth -= 1;
            return Ok(found);
        }
        if let Some(parameter) = self.scope.rules.iter().flat_map(|r| &r.parameters).find(|p| p.id == name) {
            let found = parameter.by_year.range(..=self.scope.year).next_back();
            return found.map(|(_, p)| Term::Number(rational(p.value))).ok_or_else(|| {
                fault("year-gap", format!("`{name}` has no value for {}", self.scope.year), "a value at or before it")
            });
        }
        if let Some(def) = self.def_of(name, lag) {
            return match def.kind {
                Kind::Number | Kind::Date => Ok(Term::Var(self.vars.enter(def))),
                kind => {
                    Err(fault("not-a-number", format!("`{name}` is a {kind:?}").to_lowercase(), "a number or date"))
                }
            };
        }
        match self.scope.law.derived.get(name) {
            Some(derived) => {
                let expr = self.inside(&derived.formula.text)?;
                let found = self.term(&expr, lag)?;
                self.depth -= 1;
                Ok(found)
            }
            None => Err(unknown(name)),
        }
    }

    fn function(&mut self, function: &Function, lag: i32) -> Result<Term> {
        let (name, args) = call(function)?;
        match (name.as_str(), args.as_slice()) {
            ("lag", [inner, years]) => self.term(inner, self.back(lag, years)?),
            ("this_year", [inner]) => self.term(inner, -1),
            ("sum_last" | "mean_last", [inner, years]) => {
                let years = self.back(0, years)?;
                if years == 0 {
                    return Err(fault("bad-years", "no year", "1 or more"));
                }
                let mut sum = self.term(inner, lag)?;
                for year in 1..years {
                    sum = Term::Add(Box::new(sum), Box::new(self.term(inner, lag + year)?));
                }
                Ok(match name.as_str() {
                    "mean_last" => {
                        let years = Term::Number(BigRational::from(num_bigint::BigInt::from(years)));
                        Term::Over(Box::new(sum), Box::new(years))
                    }
                    _ => sum,
                })
            }
            ("least", many) if !many.is_empty() => Ok(Term::Least(self.terms(many, lag)?)),
            ("greatest", many) if !many.is_empty() => Ok(Term::Greatest(self.terms(many, lag)?)),
            ("coalesce", many) if !many.is_empty() => Ok(Term::Coalesce(self.terms(many, lag)?)),
            _ => Err(fault(
                "unknown-function",
                format!("`{name}` of {} values", args.len()),
                "lag(x, years), this_year(x), sum_last(x, years), mean_last(x, years), least(…), greatest(…), coalesce(…)",
            )),
        }
    }

    fn terms(&mut self, many: &[&Expr], lag: i32) -> Result<Vec<Term>> {
        many.iter().map(|e| self.term(e, lag)).collect()
    }
}

fn unknown(name: &str) -> ParseFault {
    fault("unknown-name", format!("`{name}`"), "a fact, attribute, definition, parameter or name of points")
}

/// A day as the number of days since 1970-01-01, as facts of that type are kept.
fn day(text: &str) -> Result<Term> {
    let date: jiff::civil::Date =
        text.parse().map_err(|_| fault("bad-date", format!("`{text}`"), "a date such as DATE '2025-01-31'"))?;
    let days = date.since(jiff::civil::date(1970, 1, 1)).map(|s| s.get_days()).unwrap_or_default();
    Ok(Term::Number(BigRational::from(num_bigint::BigInt::from(days))))
}

fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

/// Name and arguments of a function call.
fn call(function: &Function) -> Result<(String, Vec<&Expr>)> {
    let name = function.name.to_string().to_lowercase();
    let FunctionArguments::List(list) = &function.args else { return Ok((name, Vec::new())) };
    let args = list.args.iter().map(|arg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    let args = args.collect::<Option<Vec<_>>>();
    args.map(|args| (name.clone(), args)).ok_or_else(|| fault("bad-arguments", format!("`{name}`"), "plain values"))
}
