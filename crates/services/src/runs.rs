//! Runs: frozen facts and rules computed into a result, kept by digest, and everything that pages ask
//! of a result.
//!
//! A run is stored as the parts of its snapshot, the texts of its rules and the parts of its outcome,
//! each an object named by digest. Whatever is shown of a run is made from those, never from today's
//! facts or today's law.

use crate::{
    ENGINE, Refusal, Result, Services, elsewhere,
    views::{ClassCount, Label, ResultRow, VerifyCheck, VerifyReport},
};
use base::{Digest, DivisionCode, Scope};
use law::place::Severity;
use law::{Law, Scheme};
use measure::outcome::Taking;
use measure::{Compiled, Dictionary, Outcome, Parts, Snapshot};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
    time::Instant,
};
use store::{ClassRecord, Evaluation, NewRun, ObjectAccess, Run, RunKind, Tx};

/// A snapshot that was just made.
pub(crate) struct Frozen {
    pub digest: Digest,
    pub sequence: i64,
    /// The last change of the county's register that went in.
    pub registry: i64,
    pub parts: Parts,
}

/// A result that was just computed.
pub(crate) struct Ran {
    pub parts: Parts,
    pub digest: Digest,
    pub law: Digest,
    pub bundle: Vec<u8>,
    pub summary: Value,
}

/// A stored run brought back: rules compiled, facts prepared, outcome at hand.
pub(crate) struct Prepared {
    pub run: Run,
    pub law: Arc<Law>,
    pub scheme: Arc<Scheme>,
    pub compiled: Compiled,
    pub snapshot: Arc<Snapshot>,
    pub prepared: measure::Prepared,
    pub outcome: Outcome,
    /// Firms whose class changes when an own fact errs by 5 % or the cut is rounded otherwise.
    pub edge: OnceLock<BTreeMap<i64, Vec<Label>>>,
    /// Final class of the year before, by firm.
    pub last: OnceLock<HashMap<i64, String>>,
    /// A line for every firm that has a result; made once, since a run never changes.
    pub rows: OnceLock<Vec<ResultRow>>,
}

/// Threads of a computation: all that the machine has.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The index object of some parts: name → digest.
fn index_of(parts: &Parts) -> Vec<u8> {
    let map: BTreeMap<&str, String> =
        parts.iter().map(|(name, bytes)| (name.as_str(), Digest::of(bytes).hex())).collect();
    serde_json::to_vec(&map).expect("a map of texts is JSON")
}

impl Services {
    /// Freezes what is known now.
    pub(crate) async fn freeze(&self, evaluation: &Evaluation) -> Result<Frozen> {
        let (snapshot, sequence, registry) = self.snapshot(evaluation.division, evaluation.year as i16).await?;
        tokio::task::spawn_blocking(move || {
            let parts = snapshot.encode().map_err(Refusal::internal)?;
            Ok(Frozen { digest: Digest::of(&index_of(&parts)), sequence, registry, parts })
        })
        .await
        .map_err(Refusal::internal)?
    }

    /// Keeps parts and their index, whose digest names the whole.
    pub(crate) async fn put_parts(&self, tx: &mut Tx, division: DivisionCode, parts: &Parts) -> Result<Digest> {
        let access = ObjectAccess::office(division);
        for (_, bytes) in parts {
            tx.put_object(bytes, access).await?;
        }
        Ok(tx.put_object(&index_of(parts), access).await?)
    }

    /// Parts by the digest of their index; a damaged one is named.
    pub(crate) async fn parts(&self, index: Digest) -> Result<Parts> {
        let scope = Scope::system("runs", self.settings().root);
        let reader = self.store().read(&scope);
        let bytes = reader.get_object(index).await.map_err(|error| in_part("index", error.into()))?;
        let map: BTreeMap<String, Digest> = serde_json::from_slice(&bytes).map_err(Refusal::internal)?;
        let mut parts = Vec::with_capacity(map.len());
        for (name, digest) in map {
            let bytes = reader.get_object(digest).await.map_err(|error| in_part(&name, error.into()))?;
            parts.push((name, bytes));
        }
        // The manifest goes first, as the engine writes it.
        parts.sort_by_key(|(name, _)| (name != "manifest.json", name.clone()));
        Ok(parts)
    }

    /// Computes a result twice, on all threads and on one, and a third time on other machines where an
    /// installation names some; all must agree to the bit.
    pub(crate) async fn compute(&self, scheme: &Scheme, year: i16, snapshot: &Parts) -> Result<Ran> {
        let scheme = Arc::new(scheme.clone());
        let (ran, elsewhere) = self.compute_by(self.law_arc(), scheme, year, snapshot.clone()).await?;
        match elsewhere {
            Some(elsewhere) if elsewhere != ran.digest => Err(elsewhere::differs(ran.digest, elsewhere)),
            _ => Ok(ran),
        }
    }

    /// The result as computed here, and its digest as computed elsewhere.
    pub(crate) async fn compute_by(
        &self,
        law: Arc<Law>,
        scheme: Arc<Scheme>,
        year: i16,
        parts: Parts,
    ) -> Result<(Ran, Option<Digest>)> {
        let elsewhere = self.settings().elsewhere.clone();
        tokio::task::spawn_blocking(move || {
            let snapshot = Arc::new(Snapshot::decode(&parts).map_err(Refusal::internal)?);
            let compiled = compile(&law, &scheme, year)?;
            let prepared = compiled.prepare(&snapshot).map_err(Refusal::internal)?;
            let outcome = compiled.run(&prepared, threads());
            let parts = outcome.encode().map_err(Refusal::internal)?;
            let again = compiled.run(&prepared, 1).encode().map_err(Refusal::internal)?;
            let digest = Digest::of(&index_of(&parts));
            if Digest::of(&index_of(&again)) != digest {
                return Err(Refusal::internal("one thread and many threads gave different results"));
            }
            let elsewhere = match elsewhere {
                Some(machines) => {
                    let rows = machines.rows(&compiled, &prepared).map_err(elsewhere::failed)?;
                    let outcome = compiled.run_given(&prepared, &rows, threads()).map_err(Refusal::internal)?;
                    Some(Digest::of(&index_of(&outcome.encode().map_err(Refusal::internal)?)))
                }
                None => None,
            };
            let files = law.rule_files(&scheme);
            let bundle = serde_json::to_vec(&files).map_err(Refusal::internal)?;
            let law = law.rule_digest(&scheme);
            Ok((Ran { summary: summary(&scheme, &outcome), digest, law, bundle, parts }, elsewhere))
        })
        .await
        .map_err(Refusal::internal)?
    }

    /// Keeps a run.
    pub(crate) async fn put_run(
        &self,
        tx: &mut Tx,
        evaluation: &Evaluation,
        kind: RunKind,
        snapshot: Digest,
        ran: &Ran,
        previous: Option<i64>,
    ) -> Result<Run> {
        let result_digest = self.put_parts(tx, evaluation.division, &ran.parts).await?;
        if result_digest != ran.digest {
            return Err(Refusal::internal("the result kept is not the result computed"));
        }
        let bundle = tx.put_object(&ran.bundle, ObjectAccess::office(evaluation.division)).await?;
        let mut summary = ran.summary.clone();
        summary["bundle"] = json!(bundle.hex());
        Ok(tx
            .insert_run(&NewRun {
                evaluation: evaluation.id,
                kind,
                snapshot_digest: snapshot,
                law_digest: ran.law,
                engine_version: ENGINE.to_owned(),
                result_digest,
                summary,
                previous,
            })
            .await?)
    }

    /// The rules that a run went by: today's when they are the same, else from their stored texts.
    pub(crate) async fn rules_of(&self, run: &Run) -> Result<(Arc<Law>, Arc<Scheme>)> {
        let (id, version) = scheme_named(run);
        if let Some(scheme) = self.law().scheme_version(id, version)
            && self.law().rule_digest(scheme) == run.law_digest
        {
            return Ok((self.law_arc(), Arc::new(scheme.clone())));
        }
        self.stored_rules(run).await
    }

    /// The rules that a run went by, from their stored texts and nothing else.
    async fn stored_rules(&self, run: &Run) -> Result<(Arc<Law>, Arc<Scheme>)> {
        let scope = Scope::system("runs", self.settings().root);
        let (id, version) = scheme_named(run);
        let bundle = run.summary.get("bundle").and_then(Value::as_str).unwrap_or_default();
        let bundle: Digest = bundle.parse().map_err(Refusal::internal)?;
        let bytes =
            self.store().read(&scope).get_object(bundle).await.map_err(|error| in_part("rules", error.into()))?;
        let files: BTreeMap<String, String> = serde_json::from_slice(&bytes).map_err(Refusal::internal)?;
        let mut sources = law::sources::Sources::default();
        for (path, text) in &files {
            sources = sources.with(path, text);
        }
        let (law, findings) = Law::load(&sources);
        let scheme = law.scheme_version(id, version).cloned();
        let errors: Vec<String> =
            findings.iter().filter(|f| f.severity == Severity::Error).map(ToString::to_string).collect();
        match scheme {
            Some(scheme) => Ok((Arc::new(law), Arc::new(scheme))),
            None => Err(Refusal::internal(format!("the stored rules of run {} cannot be read: {errors:?}", run.id))),
        }
    }

    /// A run with everything that pages ask of it.
    pub(crate) async fn prepared(&self, scope: &Scope, id: i64) -> Result<Arc<Prepared>> {
        let run = self.store().read(scope).get_run(id).await?;
        if let Some(prepared) = self.cached_run(id) {
            return Ok(prepared);
        }
        let (law, scheme) = self.rules_of(&run).await?;
        let snapshot = self.parts(run.snapshot_digest).await?;
        let outcome = self.parts(run.result_digest).await?;
        let prepared = tokio::task::spawn_blocking(move || {
            let snapshot = Arc::new(Snapshot::decode(&snapshot).map_err(Refusal::internal)?);
            let compiled = compile(&law, &scheme, run.year as i16)?;
            let prepared = compiled.prepare(&snapshot).map_err(Refusal::internal)?;
            let outcome = Outcome::decode(&outcome).map_err(Refusal::internal)?;
            Ok::<_, Refusal>(Prepared {
                run,
                law,
                scheme,
                compiled,
                snapshot,
                prepared,
                outcome,
                edge: OnceLock::new(),
                last: OnceLock::new(),
                rows: OnceLock::new(),
            })
        })
        .await
        .map_err(Refusal::internal)??;
        let kept = self.keep_run(id, prepared);
        // Who is on the edge takes longer than everything else on the page, so it is worked out beside it.
        let run = kept.clone();
        drop(tokio::task::spawn_blocking(move || run.edges().len()));
        Ok(kept)
    }

    /// Recomputes a run from its stored parts and compares to the bit.
    pub async fn verify_run(&self, scope: &Scope, id: i64) -> Result<VerifyReport> {
        let run = self.store().read(scope).get_run(id).await?;
        self.verify_stored(&run).await
    }

    pub(crate) async fn verify_stored(&self, run: &Run) -> Result<VerifyReport> {
        let started = Instant::now();
        let mut checks = Vec::new();
        let mut check = |zh: &str, en: &str, expected: String, found: String, differs: Option<String>| {
            let what = Label { zh: zh.into(), en: en.into() };
            checks.push(VerifyCheck { what, holds: differs.is_none() && expected == found, expected, found, differs });
        };
        let mut load = Vec::new();
        for (zh, en, digest) in [("快照", "Snapshot", run.snapshot_digest), ("结果", "Result", run.result_digest)] {
            match self.parts(digest).await {
                Ok(parts) => {
                    check(zh, en, digest.hex(), Digest::of(&index_of(&parts)).hex(), None);
                    load.push(parts);
                }
                Err(refusal) => check(zh, en, digest.hex(), "-".into(), Some(refusal.message.zh.clone())),
            }
        }
        let rules = match self.stored_rules(run).await {
            Ok((law, scheme)) => {
                check("方案与规则", "Scheme and rules", run.law_digest.hex(), law.rule_digest(&scheme).hex(), None);
                Some((law, scheme))
            }
            Err(refusal) => {
                let why = refusal.cause.unwrap_or(refusal.message.zh);
                check("方案与规则", "Scheme and rules", run.law_digest.hex(), "-".into(), Some(why));
                None
            }
        };
        check("引擎版本", "Engine version", run.engine_version.clone(), ENGINE.to_owned(), None);
        if let (Some((law, scheme)), [snapshot, outcome]) = (rules, load.as_slice()) {
            let (stored, snapshot, outcome) = (run.clone(), snapshot.clone(), outcome.clone());
            let (again, about, counts) = tokio::task::spawn_blocking(move || {
                let compiled = compile(&law, &scheme, stored.year as i16)?;
                let again = measure::verify::verify(&snapshot, &compiled, &outcome);
                let about = Snapshot::decode(&snapshot).ok().map(|s| format!("{} {}", s.division, s.year));
                let counts = Outcome::decode(&outcome).ok().map(|o| shown(&summary(&scheme, &o)));
                Ok::<_, Refusal>((again, about, counts))
            })
            .await
            .map_err(Refusal::internal)??;
            for line in again.checks {
                check(&line.zh, &line.en, line.expected, line.found, line.differs);
            }
            if let (Some(about), Some(counts)) = (about, counts) {
                check("县与年度", "County and year", format!("{} {}", run.division, run.year), about, None);
                let mut stored = run.summary.clone();
                if let Some(map) = stored.as_object_mut() {
                    map.shift_remove("bundle");
                }
                check("类别计数", "Counts by class", shown(&stored), counts, None);
            }
        }
        let agrees = checks.iter().all(|c| c.holds);
        Ok(VerifyReport { agrees, checks, ms: started.elapsed().as_secs_f64() * 1e3 })
    }

    /// Final classes for the history.
    pub(crate) async fn class_records(&self, run: &Run) -> Result<Vec<ClassRecord>> {
        let scope = Scope::system("finalise", self.settings().root);
        let prepared = self.prepared(&scope, run.id).await?;
        let outcome = &prepared.outcome;
        Ok(outcome
            .firms
            .iter()
            .filter_map(|f| {
                let population = f.population.map(|p| prepared.scheme.populations[usize::from(p)].id.clone());
                Some(ClassRecord {
                    division: run.division,
                    year: run.year,
                    firm: f.firm,
                    population: population.unwrap_or_default(),
                    class: class_of(&prepared.scheme, outcome, f)?,
                    rank: f.rank,
                    total: outcome.total(f),
                })
            })
            .collect())
    }
}

/// A refusal that names the part it is about.
fn in_part(name: &str, mut refusal: Refusal) -> Refusal {
    refusal.message =
        Label { zh: format!("{name}：{}", refusal.message.zh), en: format!("{name}: {}", refusal.message.en) };
    refusal.cause = refusal.cause.map(|cause| format!("{name}: {cause}"));
    refusal
}

/// The scheme and version that a run's row names.
fn scheme_named(run: &Run) -> (&str, u32) {
    let id = run.summary.get("scheme").and_then(Value::as_str).unwrap_or_default();
    (id, run.summary.get("version").and_then(Value::as_u64).unwrap_or(0) as u32)
}

/// A summary as text, the same before and after it was stored: numbers are read back from text first.
fn shown(summary: &Value) -> String {
    serde_json::from_str(&summary.to_string()).map_or_else(|_| summary.to_string(), |v: Value| v.to_string())
}

/// Compiles a scheme; its faults were found by `law check`, so one here is a fault of ours.
pub(crate) fn compile(law: &Law, scheme: &Arc<Scheme>, year: i16) -> Result<Compiled> {
    let dictionary = Arc::new(dictionary(law));
    measure::compile(scheme, &dictionary, year)
        .map_err(|faults| Refusal::internal(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))
}

/// The names that formulas may use.
pub fn dictionary(law: &Law) -> Dictionary {
    Dictionary::new(law.units.clone(), law.facts.values(), law.attributes.values(), law.derived.values())
}

/// Class, or the label of what stands in its place; none for firms that take no part.
pub(crate) fn class_of(scheme: &Scheme, outcome: &Outcome, firm: &measure::outcome::FirmOutcome) -> Option<String> {
    if let Some(letter) = outcome.letter(firm.class) {
        return Some(letter.to_owned());
    }
    match &firm.taking {
        Taking::Status { status } => Some(scheme.statuses[usize::from(*status)].label.clone()),
        Taking::Unrankable { .. } => Some("缺数".to_owned()),
        Taking::Ranked | Taking::Inherits { .. } | Taking::Outside => None,
    }
}

/// What lists show of a run.
fn summary(scheme: &Scheme, outcome: &Outcome) -> Value {
    let ranked: u64 = outcome.groups.iter().map(|g| u64::from(g.denominator)).sum();
    let classes: Vec<ClassCount> = scheme
        .classes
        .iter()
        .zip(&outcome.summary.classes)
        .map(|(class, count)| ClassCount {
            class: class.id.clone(),
            title: crate::catalogue::label(&class.title),
            count: u64::from(*count),
            share: (ranked > 0).then(|| f64::from(*count) / ranked as f64),
        })
        .collect();
    json!({
        "scheme": scheme.id,
        "version": scheme.version,
        "firms": outcome.summary.firms,
        "ranked": outcome.summary.ranked,
        "classes": classes,
        "verified": true,
    })
}
