//! Times every shipped title and policy over many invented firms, and writes the same firms and the same
//! conditions for peers: columns as `.npy`, conditions as SQL and as numpy expressions.
//!
//! `policy_bench FIRMS FOLDER` prints milliseconds, best of five, for the batch with reasons, for one firm
//! with everything, and (once) for the nearest change over all refused firms of one title. With `batch` as
//! a third word only the batch is timed, beside which peers take their turn.

use law::template::Kind;
use law::{Law, sources::Sources};
use policy::exact::decimal;
use policy::frame::{Bits, Column, Frame, Whole};
use policy::parse::{Logic, Op, Term};
use policy::plan::{Plan, PointPlan, RulePlan, Way, What};
use policy::{One, Truth};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

/// Draws that are the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((u128::from(self.0) * u128::from(n)) >> 64) as u64
    }
}

fn frame(plan: &Plan, rows: usize) -> Frame {
    let mut draw = Draw(0x1234_5678_9ABC_DEF1);
    let columns = plan.vars.all.iter().map(|def| match def.kind {
        Kind::Number | Kind::Date => {
            // Sizes as firms have them: many small, few large; one in twenty unknown.
            let unit = def.unit.as_deref().unwrap_or("one");
            let most = match unit {
                "10k_yuan" => 6,
                "person" => 4,
                "one" => 1,
                _ => 2,
            };
            let mut values = Vec::with_capacity(rows);
            let mut known = Bits::none(rows);
            let mut top = 0;
            for row in 0..rows {
                let digits = 1 + draw.below(most) as u32;
                let value = draw.below(10u64.pow(digits + 2)) as i64;
                // Accidents, offences and patents are counted, and most firms have none.
                let value = if unit == "count" && draw.below(10) > 0 { 0 } else { value };
                let is_known = draw.below(20) > 0;
                known.set(row, is_known);
                values.push(if is_known { value } else { 0 });
                top = top.max(value.unsigned_abs());
            }
            Column::Number { scale: 2, values: Whole::new(values), known, most: top }
        }
        Kind::Boolean => {
            let (mut yes, mut no) = (Bits::none(rows), Bits::none(rows));
            for row in 0..rows {
                match draw.below(20) {
                    0 => (),
                    1..10 => yes.set(row, true),
                    _ => no.set(row, true),
                }
            }
            Column::Truth { yes, no }
        }
        Kind::Text => {
            let names: Vec<String> = ["C", "national", "provincial", "city", "A", "其他"].map(str::to_owned).to_vec();
            let codes = (0..rows).map(|_| draw.below(names.len() as u64 + 1) as u32).collect();
            Column::Text { names, codes }
        }
    });
    Frame { rows, columns: columns.collect() }
}

fn best<T>(mut work: impl FnMut() -> T) -> (f64, T) {
    let mut out = None;
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        // What was made before is not thrown away on the clock.
        drop(out.take());
        let started = Instant::now();
        out = Some(work());
        least = least.min(started.elapsed().as_secs_f64() * 1e3);
    }
    (least, out.expect("five rounds"))
}

/// Processor time of this process so far, where the system tells: on a busy machine it says more than a clock.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() * 10.0
}

/// How a peer writes an expression. Both leave unknown to what their language makes of it: SQL to NULL,
/// numpy to NaN, which compares with nothing.
#[derive(Clone, Copy, PartialEq)]
enum Peer {
    Sql,
    Numpy,
}

/// Writes a plan for a peer; `names` are the texts of each column, which peers have as codes from 1.
struct Writer<'p> {
    peer: Peer,
    plan: &'p Plan,
    frame: &'p Frame,
}

impl Writer<'_> {
    fn pick(&self, sql: &'static str, numpy: &'static str) -> &'static str {
        if self.peer == Peer::Sql { sql } else { numpy }
    }

    fn number(&self, n: &str) -> String {
        if self.peer == Peer::Sql { n.to_owned() } else { format!("f({n})") }
    }

    /// Nested calls of a function of two.
    fn two_of(&self, sql: &str, numpy: &str, parts: Vec<String>) -> String {
        match self.peer {
            Peer::Sql => format!("{sql}({})", parts.join(", ")),
            Peer::Numpy => {
                parts.into_iter().reduce(|a, b| format!("np.{numpy}({a}, {b})")).unwrap_or_else(|| "f(0)".into())
            }
        }
    }

    /// The first case that holds.
    fn cases(&self, cases: Vec<(String, String)>, rest: String) -> String {
        match self.peer {
            Peer::Sql => {
                let cases: String = cases.iter().map(|(when, then)| format!(" WHEN {when} THEN {then}")).collect();
                format!("CASE{cases} ELSE {rest} END")
            }
            Peer::Numpy => {
                cases.into_iter().rev().fold(rest, |rest, (when, then)| format!("np.where({when}, {then}, {rest})"))
            }
        }
    }

    fn term(&self, t: &Term) -> Option<String> {
        let two = |a: &Term, op: &str, b: &Term| Some(format!("({} {op} {})", self.term(a)?, self.term(b)?));
        let many = |many: &[Term]| many.iter().map(|t| self.term(t)).collect::<Option<Vec<_>>>();
        Some(match t {
            Term::Number(n) => self.number(&decimal(n, 12)?.to_string()),
            Term::Var(v) => format!("c{v}"),
            Term::Minus(a) => format!("(-{})", self.term(a)?),
            Term::Add(a, b) => two(a, "+", b)?,
            Term::Times(a, b) => two(a, "*", b)?,
            Term::Over(a, b) => match (self.peer, &**b) {
                (_, Term::Number(_)) | (Peer::Numpy, _) => two(a, "/", b)?,
                (Peer::Sql, _) => {
                    let d = self.term(b)?;
                    format!("({} / CASE WHEN {d} > 0 THEN {d} END)", self.term(a)?)
                }
            },
            Term::Least(of) => self.two_of("least", "minimum", many(of)?),
            Term::Greatest(of) => self.two_of("greatest", "maximum", many(of)?),
            Term::Points(point) => self.points(*point)?,
            Term::Case(..) | Term::Coalesce(_) => return None,
        })
    }

    fn points(&self, point: u32) -> Option<String> {
        Some(match &self.plan.points[point as usize] {
            PointPlan::Item { max, way, .. } => {
                let max = self.shown(*max);
                self.two_of("least", "minimum", vec![self.way(way)?, max])
            }
            PointPlan::Sum { parts, cap, .. } => {
                let parts = parts.iter().map(|p| self.points(*p)).collect::<Option<Vec<_>>>()?;
                let sum = format!("({})", parts.join(" + "));
                cap.map_or(sum.clone(), |cap| self.two_of("least", "minimum", vec![sum, self.shown(cap)]))
            }
        })
    }

    fn shown(&self, points: i64) -> String {
        self.number(&rust_decimal::Decimal::new(points, 4).normalize().to_string())
    }

    fn way(&self, way: &Way) -> Option<String> {
        Some(match way {
            Way::First { cases, rest, .. } => {
                let cases = cases.iter().map(|c| Some((self.logic(&c.logic)?, self.shown(c.points))));
                self.cases(cases.collect::<Option<_>>()?, self.shown(*rest))
            }
            Way::Each(cases) => {
                let each = cases
                    .iter()
                    .map(|c| Some(self.cases(vec![(self.logic(&c.logic)?, self.shown(c.points))], self.number("0"))));
                format!("({})", each.collect::<Option<Vec<_>>>()?.join(" + "))
            }
            Way::BetterOf(ways) => {
                let ways = ways.iter().map(|w| self.way(w)).collect::<Option<_>>()?;
                self.two_of("greatest", "maximum", ways)
            }
            Way::Value(term) | Way::Judged(Some(term)) => {
                self.two_of("greatest", "maximum", vec![self.term(term)?, self.number("0")])
            }
            Way::Judged(None) => self.pick("CAST(NULL AS DOUBLE)", "f(0)").to_owned(),
        })
    }

    fn logic(&self, l: &Logic) -> Option<String> {
        let join = |parts: &[Logic]| {
            let parts = parts.iter().map(|p| self.logic(p)).collect::<Option<Vec<_>>>()?;
            Some(parts)
        };
        let known = |e: String| match self.peer {
            Peer::Sql => format!("({e} IS NOT NULL)"),
            Peer::Numpy => format!("(~np.isnan({e}))"),
        };
        Some(match l {
            Logic::Fixed(b) => match (self.peer, b) {
                (Peer::Sql, true) => "TRUE",
                (Peer::Sql, false) => "FALSE",
                (_, true) => "yes",
                (_, false) => "no",
            }
            .to_owned(),
            Logic::And(parts) => format!("({})", join(parts)?.join(self.pick(" AND ", " & "))),
            Logic::Or(parts) => format!("({})", join(parts)?.join(self.pick(" OR ", " | "))),
            Logic::Not(a) => format!("({}{})", self.pick("NOT ", "~"), self.logic(a)?),
            Logic::Is(v) => format!("c{v}"),
            Logic::Compare(op, a, b) => {
                let op = match op {
                    Op::Above => ">",
                    Op::AtLeast => ">=",
                    Op::Equal => self.pick("=", "=="),
                    Op::Other => self.pick("<>", "!="),
                };
                format!("({} {op} {})", self.term(a)?, self.term(b)?)
            }
            Logic::OneOf(v, texts) => {
                let Column::Text { names, .. } = &self.frame.columns[*v as usize] else { return None };
                let codes = texts.iter().filter_map(|t| names.iter().position(|n| n == t)).map(|at| at + 1);
                let equal: Vec<String> = codes.map(|c| format!("(c{v} {} {c})", self.pick("=", "=="))).collect();
                match equal.is_empty() {
                    true => format!("(c{v} < 0)"),
                    false => format!("({})", equal.join(self.pick(" OR ", " | "))),
                }
            }
            Logic::Known(t) => known(self.term(t)?),
            Logic::KnownVar(v) if self.peer == Peer::Sql => known(format!("c{v}")),
            // Plain numpy has truths without unknown.
            Logic::KnownVar(_) => "yes".to_owned(),
        })
    }

    fn node(&self, rule: &RulePlan, at: usize) -> Option<String> {
        let each = |parts: &[usize]| parts.iter().map(|p| self.node(rule, *p)).collect::<Option<Vec<_>>>();
        Some(match &rule.nodes[at].what {
            What::All(parts) => format!("({})", each(parts)?.join(self.pick(" AND ", " & "))),
            What::Any(parts) => format!("({})", each(parts)?.join(self.pick(" OR ", " | "))),
            What::AtLeast(count, parts) => {
                let cast = |p: String| match self.peer {
                    Peer::Sql => format!("CAST({p} AS TINYINT)"),
                    Peer::Numpy => format!("{p}.view(np.int8)"),
                };
                format!("(({}) >= {count})", each(parts)?.into_iter().map(cast).collect::<Vec<_>>().join(" + "))
            }
            What::Not(inner) => format!("({}{})", self.pick("NOT ", "~"), self.node(rule, *inner)?),
            What::Unless(of, except) => format!("({})", each(&[*of, *except])?.join(self.pick(" OR ", " | "))),
            What::Leaf(l, _) | What::Judged(Some((l, _))) => self.logic(l)?,
            What::Judged(None) => self.pick("CAST(NULL AS BOOLEAN)", "no").to_owned(),
            What::Slot => self.pick("TRUE", "yes").to_owned(),
        })
    }

    /// Leaves of a rule, as written.
    fn leaves(&self, rule: &RulePlan) -> Vec<String> {
        let leaf = |what: &What| match what {
            What::Leaf(l, _) | What::Judged(Some((l, _))) => self.logic(l),
            _ => None,
        };
        rule.nodes.iter().filter_map(|n| leaf(&n.what)).collect()
    }
}

fn npy(path: &Path, kind: &str, rows: usize, bytes: &[u8]) -> std::io::Result<()> {
    let mut head = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({rows},), }}");
    while (10 + head.len() + 1) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"\x93NUMPY\x01\x00")?;
    file.write_all(&(head.len() as u16).to_le_bytes())?;
    file.write_all(head.as_bytes())?;
    file.write_all(bytes)
}

/// Every explanation and every repair of one firm.
fn one_firm(plan: &Plan, frame: &Frame) {
    let facts = |var: u32| frame.value(&plan.vars, var, 17);
    let (explain_ms, _) = best(|| {
        let explained = plan.rules.iter().map(|rule| One::new(plan, rule, &facts).explain());
        explained.filter(|e| e.outcome == Truth::Met).count()
    });
    let (repairs_ms, _) =
        best(|| plan.rules.iter().map(|rule| policy::repair::repairs(plan, rule, &facts, 3).len()).sum::<usize>());
    println!("one_firm_ms {:.2} of which explain {explain_ms:.2} repairs {repairs_ms:.2}", explain_ms + repairs_ms);
}

/// The nearest change of every firm that is refused one title.
fn nearest(plan: &Plan, frame: &Frame, batch: &policy::Batch) {
    let at = plan.rules.iter().position(|r| r.rule.id == "national/titles/tech-sme").unwrap_or(0);
    let refused: Vec<usize> = batch.rules[at].nodes[0].no.rows().collect();
    let (started, before) = (Instant::now(), processor_ms());
    let nearest = policy::repair::nearest(plan, &plan.rules[at], frame, &refused);
    println!(
        "nearest_ms {:.0} processor {:.0} refused {} with_change {}",
        started.elapsed().as_secs_f64() * 1e3,
        processor_ms() - before,
        refused.len(),
        nearest.iter().flatten().count()
    );
}

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let rows: usize = args.next().and_then(|a| a.parse().ok()).unwrap_or(500_000);
    let folder = args.next();
    let (law, _) = Law::load(&Sources::embedded());
    let day = jiff::civil::date(2026, 6, 1);
    let rules: Vec<&law::Rule> = law.rules.iter().filter(|r| r.governs(day)).collect();
    let (plan, faults) = Plan::compile(&law, &rules, day.year());
    assert!(faults.is_empty(), "{faults:?}");
    let frame = frame(&plan, rows);
    let (batch_ms, batch) = best(|| plan.run(&frame));
    println!(
        "{} rules, {} questions, {} figures, {rows} firms",
        plan.rules.len(),
        plan.atoms.len(),
        plan.vars.all.len()
    );
    let before = processor_ms();
    (0..10).for_each(|_| drop(plan.run(&frame)));
    println!("batch_ms {batch_ms:.1} processor {:.1}", (processor_ms() - before) / 10.0);
    if args.next().as_deref() != Some("batch") {
        one_firm(&plan, &frame);
        nearest(&plan, &frame, &batch);
    }
    let Some(folder) = folder else { return Ok(()) };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let (sql, numpy) = (
        Writer { peer: Peer::Sql, plan: &plan, frame: &frame },
        Writer { peer: Peer::Numpy, plan: &plan, frame: &frame },
    );
    let mut rows_of_text = Vec::new();
    let mut used = std::collections::BTreeSet::new();
    let mut told = Vec::new();
    for (at, rule) in plan.rules.iter().enumerate() {
        let (Some(in_sql), Some(in_numpy)) = (sql.node(rule, 0), numpy.node(rule, 0)) else { continue };
        used.extend(policy::explain::asked(&plan, rule).into_keys());
        let top = &batch.rules[at].nodes[0];
        told.push(at);
        rows_of_text.push(format!(
            "{{\"rule\":{:?},\"sql\":{in_sql:?},\"numpy\":{in_numpy:?},\"leaves\":{:?},\"met\":{},\"not_met\":{}}}",
            rule.rule.id,
            numpy.leaves(rule),
            top.yes.count(),
            top.no.count()
        ));
    }
    std::fs::write(folder.join("rules.json"), format!("[\n{}\n]\n", rows_of_text.join(",\n")))?;
    // The same rules alone, when the peers leave some out.
    let same: Vec<&law::Rule> = told.iter().map(|at| &*plan.rules[*at].rule).collect();
    let (alone, _) = Plan::compile(&law, &same, day.year());
    let column = |def: &policy::parse::VarDef| {
        let there = plan.vars.find(&def.key.name, def.key.lag).expect("a part of all");
        frame.columns[there as usize].clone()
    };
    let frame_alone = Frame { rows, columns: alone.vars.all.iter().map(column).collect() };
    let (same_ms, _) = best(|| alone.run(&frame_alone));
    println!("same_ms {same_ms:.1} rules {}", same.len());
    for var in used {
        let path = folder.join(format!("c{var}.npy"));
        match &frame.columns[var as usize] {
            Column::Number { values, known, .. } => {
                let value = |row| if known.get(row) { values.get(row) as f64 / 100.0 } else { f64::NAN };
                let bytes: Vec<u8> = (0..rows).flat_map(|row| value(row).to_le_bytes()).collect();
                npy(&path, "<f8", rows, &bytes)?;
            }
            Column::Truth { yes, no } => {
                let code = |row| {
                    if yes.get(row) {
                        1i8
                    } else if no.get(row) {
                        0
                    } else {
                        -1
                    }
                };
                let bytes: Vec<u8> = (0..rows).map(|row| code(row) as u8).collect();
                npy(&path, "|i1", rows, &bytes)?;
            }
            Column::Text { codes, .. } => {
                let bytes: Vec<u8> = codes.iter().flat_map(|c| (*c as i32).to_le_bytes()).collect();
                npy(&path, "<i4", rows, &bytes)?;
            }
            _ => (),
        }
    }
    Ok(())
}
