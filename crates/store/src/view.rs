//! The fold: what is held to be true now, or was on an earlier day, after all accepted segments in
//! order. Every older statement stays reachable.
//!
//! One statement replaces another of the same subject, fact and first day. So two validities of one
//! status (a title held 2019–2021 and again from 2023) stand side by side, and a corrected figure of a
//! year replaces the figure before. [`FactView::diff`] turns a new file into the statements that change
//! something: the same file twice gives none.
//!
//! A retraction takes back what one import stated. It copies no value: the fold passes over the
//! statements of that import, so that what stood before stands again, with its own source.

use crate::{
    BatchMeta, FactBatch, FactFault, FactRow, Segment, SegmentKind,
    facts::{self, Pool},
};
use base::{Department, DivisionCode, Source, fixed};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, OnceLock},
};

/// The facts of one division and year.
#[derive(Clone, Debug)]
pub struct FactView {
    division: DivisionCode,
    year: i32,
    parts: Vec<Arc<Part>>,
    subjects: Arc<Pool>,
    facts: Arc<Pool>,
    /// Latest statement of (fact, subject): its number counted over all parts, from 1; 0 is none.
    heads: Arc<Vec<Vec<u32>>>,
    /// Statement before, of the same subject and fact: same counting.
    previous: Arc<Vec<u32>>,
    /// Subjects that may be seen; all of them when absent.
    visible: Option<Arc<Vec<bool>>>,
    /// Subjects in text order.
    order: OnceLock<Vec<u32>>,
}

/// One segment within a fold.
#[derive(Debug)]
struct Part {
    segment: Segment,
    batch: Arc<FactBatch>,
    /// Number of the first statement, counted over all parts from 0.
    first: u32,
    /// For a retraction: all imports taken back so far.
    undoes: Option<Arc<HashSet<i64>>>,
}

impl Part {
    fn brought_by(&self, import: i64) -> bool {
        self.undoes.is_none() && self.segment.import == Some(import)
    }
}

/// One statement, with its segment.
#[derive(Clone, Copy)]
pub struct Fact<'a> {
    part: &'a Part,
    at: usize,
}

impl<'a> Fact<'a> {
    /// The statement as made.
    pub fn row(&self) -> FactRow<'a> {
        self.part.batch.row(self.at)
    }

    /// Whose.
    pub fn subject(&self) -> &'a str {
        self.row().subject
    }

    /// Which fact.
    pub fn fact(&self) -> &'a str {
        self.row().fact
    }

    /// The figure; `None` for a text, for unknown and for a retraction.
    pub fn number(&self) -> Option<Decimal> {
        self.row().number.and_then(fixed::from_scaled)
    }

    /// The figure as an integer of 10⁻¹⁸.
    pub fn scaled(&self) -> Option<i128> {
        self.row().number
    }

    /// The text.
    pub fn text(&self) -> Option<&'a str> {
        self.row().text
    }

    /// First day on which it is true, as [`crate::day_number`].
    pub fn valid_from(&self) -> i32 {
        self.part.batch.valid_from[self.at]
    }

    /// True when it takes back what was stated.
    pub fn is_retraction(&self) -> bool {
        self.part.batch.retracted[self.at]
    }

    /// True on that day.
    pub fn holds_on(&self, day: i32) -> bool {
        let row = self.row();
        row.valid_from <= day && row.valid_to.is_none_or(|to| day <= to)
    }

    /// Department, file, sheet and cell.
    pub fn source(&self) -> Source {
        self.part.batch.source(self.at)
    }

    /// The accepted segment that brought it.
    pub fn segment(&self) -> &'a Segment {
        &self.part.segment
    }
}

impl std::fmt::Debug for Fact<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} in segment {}", self.row(), self.part.segment.sequence)
    }
}

/// How much a file says by what it leaves out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Coverage {
    /// Nothing: subjects and facts that it does not name stay as they are.
    Named,
    /// Everything: what its department stated earlier of the same facts and it no longer names is
    /// taken back, unless it may stand where nothing could be taken. For a corrected land register in
    /// which a lease has gone.
    Whole(Unread),
}

/// What stands in a file and could not be taken: a refused cell, a row whose firm nobody knows. What is
/// known of it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Facts of a subject.
    pub facts: BTreeSet<(String, String)>,
    /// Subjects as a whole; one that ends in a colon stands for all that begin so (`l:370802:` for the
    /// leases of a parcel).
    pub subjects: BTreeSet<String>,
}

impl Unread {
    /// May the file say something of this that was not read?
    pub fn covers(&self, subject: &str, fact: &str) -> bool {
        let begins = || subject.match_indices(':').map(|(at, _)| &subject[..=at]);
        self.subjects.contains(subject)
            || begins().any(|begin| self.subjects.contains(begin))
            || !self.facts.is_empty() && self.facts.contains(&(subject.to_owned(), fact.to_owned()))
    }
}

/// A value as stated, for people to compare.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactStatement {
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_to: Option<String>,
    /// The figure.
    pub number: Option<Decimal>,
    /// The text.
    pub text: Option<String>,
    /// Where it comes from.
    pub source: Source,
}

/// A stated fact that a new file changes or takes back.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FactChange {
    /// Whose.
    pub subject: String,
    /// Which fact.
    pub fact: String,
    /// As it stands.
    pub before: FactStatement,
    /// As it will stand; `None` when it is taken back.
    pub after: Option<FactStatement>,
}

/// What a new file changes.
#[derive(Clone, Debug)]
pub struct FactDiff {
    /// Only the statements that change something: what is accepted as a segment.
    pub batch: FactBatch,
    /// Statements of facts that were not known.
    pub new: usize,
    /// Statements that replace another value.
    pub changed: usize,
    /// Statements that say what was known.
    pub unchanged: usize,
    /// Facts taken back.
    pub retracted: usize,
    /// Facts that the file no longer names and that stay, because they may stand where it was not read.
    pub kept: usize,
    /// Each changed or retracted fact, in the order of the batch.
    pub changes: Vec<FactChange>,
}

/// A file that counts, with all that it states.
#[derive(Clone, Debug)]
pub struct StandingFile {
    /// The import.
    pub import: i64,
    /// The last segment when it was accepted, its own included.
    pub sequence: i64,
    /// How much it says by silence.
    pub coverage: Coverage,
    /// All that it states.
    pub stated: FactBatch,
}

/// What taking an import back comes to.
#[derive(Clone, Debug)]
pub struct TakeBack {
    /// A retraction of each statement that it brought.
    pub retraction: FactBatch,
    /// What other files state and would otherwise go with it, in the order in which they were accepted.
    pub restated: Vec<(i64, FactBatch)>,
}

/// Subjects, facts and first days of statements, each once.
fn all_keys<'a>(retraction: &'a FactBatch, standing: &'a [StandingFile]) -> Vec<FactRow<'a>> {
    let mut seen = HashSet::new();
    let rows = retraction.rows().chain(standing.iter().flat_map(|file| file.stated.rows()));
    rows.filter(|row| seen.insert((row.subject, row.fact, row.valid_from)))
        .map(|row| FactRow::new(row.subject, row.fact, row.valid_from))
        .collect()
}

/// What a file says of one subject, fact and first day.
enum Said {
    /// The statement there.
    Statement(usize),
    /// By silence that it does not hold.
    Gone,
}

impl StandingFile {
    fn says(&self, stated: &Stated, key: &FactRow<'_>) -> Option<Said> {
        let fact = self.stated.facts.find(key.fact)?;
        let rows = self.stated.subjects.find(key.subject).map(|subject| stated.rows_of(subject, fact));
        let mut rows = rows.into_iter().flatten().peekable();
        if rows.peek().is_none() {
            return match &self.coverage {
                Coverage::Whole(unread) if !unread.covers(key.subject, key.fact) => Some(Said::Gone),
                _ => None,
            };
        }
        let there = rows.find(|at| self.stated.valid_from[*at] == key.valid_from);
        Some(there.map_or(Said::Gone, Said::Statement))
    }
}

impl Said {
    /// Adds to `kept` what it takes to say this over what was decided before.
    fn keep(&self, stated: &FactBatch, before: Option<Fact<'_>>, key: &FactRow<'_>, kept: &mut FactBatch) {
        match (self, before) {
            (Self::Statement(at), Some(before)) if stated.says_the_same(*at, &before.part.batch, before.at) => (),
            (Self::Statement(at), _) => kept.copy_from(stated, *at),
            (Self::Gone, Some(before)) if !before.is_retraction() => {
                kept.push(FactRow { retracted: true, ..FactRow::new(key.subject, key.fact, key.valid_from) });
            }
            (Self::Gone, _) => (),
        }
    }
}

impl FactView {
    /// Without any segment.
    pub fn empty(division: DivisionCode, year: i32) -> Self {
        Self {
            division,
            year,
            parts: Vec::new(),
            subjects: Arc::default(),
            facts: Arc::default(),
            heads: Arc::default(),
            previous: Arc::default(),
            visible: None,
            order: OnceLock::new(),
        }
    }

    /// The fold of this one and the segments accepted since.
    pub fn extended(&self, added: Vec<(Segment, Arc<FactBatch>)>) -> Self {
        let mut subjects = Pool::clone(&self.subjects);
        let mut names = Pool::clone(&self.facts);
        let mut heads = Vec::clone(&self.heads);
        let mut previous = Vec::clone(&self.previous);
        let mut parts = self.parts.clone();
        let mut taken_back = self.taken_back();
        for (segment, batch) in added {
            let first = u32::try_from(previous.len()).expect("fewer than four thousand million statements");
            let subject_map: Vec<u32> = batch.subjects.iter().map(|s| subjects.code(s)).collect();
            let fact_map: Vec<u32> = batch.facts.iter().map(|f| names.code(f)).collect();
            heads.resize_with(names.len(), Vec::new);
            for head in &mut heads {
                head.resize(subjects.len(), 0);
            }
            previous.reserve(batch.len());
            for at in 0..batch.len() {
                let fact = fact_map[batch.fact[at] as usize] as usize;
                let head = &mut heads[fact][subject_map[batch.subject[at] as usize] as usize];
                previous.push(*head);
                *head = first + at as u32 + 1;
            }
            let undoes = segment.import.filter(|_| segment.kind == SegmentKind::Retraction).map(|import| {
                let mut all = HashSet::clone(&taken_back);
                all.insert(import);
                taken_back = Arc::new(all);
                taken_back.clone()
            });
            parts.push(Arc::new(Part { segment, batch, first, undoes }));
        }
        Self {
            division: self.division,
            year: self.year,
            parts,
            subjects: Arc::new(subjects),
            facts: Arc::new(names),
            heads: Arc::new(heads),
            previous: Arc::new(previous),
            visible: None,
            order: OnceLock::new(),
        }
    }

    /// Where.
    pub fn division(&self) -> DivisionCode {
        self.division
    }

    /// Facts of which year.
    pub fn year(&self) -> i32 {
        self.year
    }

    /// Segments folded, in order.
    pub fn segments(&self) -> Vec<&Segment> {
        self.parts.iter().map(|p| &p.segment).collect()
    }

    /// Sequence of the last segment folded; 0 without any. Two views of one place with the same number
    /// are equal.
    pub fn last_sequence(&self) -> i64 {
        self.parts.last().map_or(0, |p| p.segment.sequence)
    }

    /// Departments that have delivered: with a file that was not taken back, or when the database was
    /// made. A correction alone is no delivery.
    pub fn delivered(&self) -> BTreeSet<Department> {
        let gone = self.taken_back();
        self.parts
            .iter()
            .map(|p| &p.segment)
            .filter(|s| matches!(s.kind, SegmentKind::Import | SegmentKind::Seed))
            .filter(|s| s.import.is_none_or(|import| !gone.contains(&import)))
            .map(|s| s.department)
            .collect()
    }

    /// Ids of the facts that files which count state, and corrections: what only a file that was taken
    /// back stated is not among them.
    pub fn stated(&self) -> BTreeSet<&str> {
        let gone = self.taken_back();
        let counts = |part: &&Arc<Part>| part.segment.import.is_none_or(|import| !gone.contains(&import));
        self.parts.iter().filter(counts).flat_map(|part| part.batch.facts.iter()).collect()
    }

    /// What taking an import back comes to. `standing` are the other files that count: what they state and
    /// nobody has said since stays, even where it was this import that first brought it.
    pub fn take_back(
        &self,
        import: i64,
        meta: BatchMeta,
        mut standing: Vec<StandingFile>,
    ) -> Result<TakeBack, FactFault> {
        let retraction = self.retraction(import, meta);
        let without = match self.parts.iter().find(|p| p.brought_by(import)) {
            Some(brought) => {
                let (kind, sequence) = (SegmentKind::Retraction, self.last_sequence() + 1);
                let segment = Segment { kind, sequence, ..brought.segment.clone() };
                self.extended(vec![(segment, Arc::new(retraction.clone()))])
            }
            None => self.clone(),
        };
        // The file accepted last has the last word; what the import denied by silence may hold again.
        standing.sort_by_key(|file| std::cmp::Reverse((file.sequence, file.import)));
        let mut open = all_keys(&retraction, &standing);
        let mut restated = Vec::new();
        for file in &standing {
            let stated = Stated::of(&file.stated)?;
            let mut kept = file.stated.emptied();
            open.retain(|key| {
                let Some(said) = file.says(&stated, key) else { return true };
                let before = without.decided_on(key.subject, key.fact, key.valid_from);
                if before.is_none_or(|f| f.segment().sequence <= file.sequence && !f.part.brought_by(file.import)) {
                    said.keep(&file.stated, before, key, &mut kept);
                }
                false
            });
            if !kept.is_empty() {
                restated.push((file.import, kept));
            }
        }
        restated.reverse();
        Ok(TakeBack { retraction, restated })
    }

    fn retraction(&self, import: i64, meta: BatchMeta) -> FactBatch {
        let mut batch = FactBatch::new(meta);
        let mut seen = HashSet::new();
        for part in self.parts.iter().filter(|p| p.brought_by(import)) {
            for row in part.batch.rows() {
                if seen.insert((row.subject, row.fact, row.valid_from)) {
                    batch.push(FactRow { retracted: true, ..FactRow::new(row.subject, row.fact, row.valid_from) });
                }
            }
        }
        batch
    }

    /// The statement or retraction that decides about a subject, fact and first day.
    fn decided_on(&self, subject: &str, fact: &str, valid_from: i32) -> Option<Fact<'_>> {
        let (subject, fact) = (self.subject(subject)?, self.facts.find(fact)?);
        self.decided(subject, fact).into_iter().find(|f| f.valid_from() == valid_from)
    }

    fn taken_back(&self) -> Arc<HashSet<i64>> {
        self.parts.iter().rev().find_map(|p| p.undoes.clone()).unwrap_or_default()
    }

    /// Statements folded, old ones included.
    pub fn statements(&self) -> usize {
        self.previous.len()
    }

    pub(crate) fn is_prefix_of(&self, segments: &[Segment]) -> bool {
        self.parts.len() <= segments.len()
            && self.parts.iter().zip(segments).all(|(part, segment)| part.segment.sequence == segment.sequence)
    }

    /// What is held of a subject and fact now. Of several validities the one that begins last.
    pub fn current(&self, subject: &str, fact: &str) -> Option<Fact<'_>> {
        let (subject, fact) = (self.subject(subject)?, self.facts.find(fact)?);
        self.live(subject, fact).into_iter().next_back()
    }

    /// All validities held of a subject and fact now, by first day.
    pub fn current_all(&self, subject: &str, fact: &str) -> Vec<Fact<'_>> {
        match (self.subject(subject), self.facts.find(fact)) {
            (Some(subject), Some(fact)) => self.live(subject, fact),
            _ => Vec::new(),
        }
    }

    /// What is held of a subject and fact for one day; of overlapping validities the one that begins
    /// last.
    pub fn on_day(&self, subject: &str, fact: &str, day: i32) -> Option<Fact<'_>> {
        self.current_all(subject, fact).into_iter().rev().find(|f| f.holds_on(day))
    }

    /// The current figure.
    pub fn number(&self, subject: &str, fact: &str) -> Option<Decimal> {
        self.current(subject, fact)?.number()
    }

    /// The current text.
    pub fn text(&self, subject: &str, fact: &str) -> Option<&str> {
        self.current(subject, fact)?.text()
    }

    /// Everything ever stated of a subject and fact, newest first, retractions included.
    pub fn history(&self, subject: &str, fact: &str) -> Vec<Fact<'_>> {
        match (self.subject(subject), self.facts.find(fact)) {
            (Some(subject), Some(fact)) => self.chain(subject, fact).collect(),
            _ => Vec::new(),
        }
    }

    /// Subjects that ever had a fact, in text order.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.order().iter().map(|s| self.subjects.get(*s))
    }

    /// Subjects that begin with `prefix`, in text order: `p:` for parcels.
    pub fn subjects_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.subjects().skip_while(move |s| *s < prefix).take_while(move |s| s.starts_with(prefix))
    }

    /// Ids of facts that were ever stated, in text order.
    pub fn fact_ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.facts.iter().collect();
        ids.sort_unstable();
        ids
    }

    /// Everything held of one subject now, by fact and first day.
    pub fn facts_of(&self, subject: &str) -> Vec<Fact<'_>> {
        let Some(subject) = self.subject(subject) else { return Vec::new() };
        self.fact_order().into_iter().flat_map(|fact| self.live(subject, fact)).collect()
    }

    /// Is anything held of the subject now?
    pub fn holds_any(&self, subject: &str) -> bool {
        let Some(subject) = self.subject(subject) else { return false };
        (0..self.facts.len() as u32).any(|fact| !self.live(subject, fact).is_empty())
    }

    /// Everything held of one fact now, by subject and first day.
    pub fn facts_named(&self, fact: &str) -> Vec<Fact<'_>> {
        let Some(fact) = self.facts.find(fact) else { return Vec::new() };
        self.order().iter().flat_map(|subject| self.live(*subject, fact)).collect()
    }

    /// Everything held now, by subject, fact and first day: the order in which a snapshot is frozen.
    pub fn iter(&self) -> impl Iterator<Item = Fact<'_>> {
        let facts = self.fact_order();
        self.order().iter().flat_map(move |subject| {
            let facts = facts.clone();
            facts.into_iter().flat_map(move |fact| self.live(*subject, fact))
        })
    }

    /// What a new file changes. Fails when the file says two things about one fact.
    pub fn diff(&self, incoming: &FactBatch, coverage: &Coverage) -> Result<FactDiff, FactFault> {
        let stated = Stated::of(incoming)?;
        let mut diff = FactDiff {
            batch: incoming.emptied(),
            new: 0,
            changed: 0,
            unchanged: 0,
            retracted: 0,
            kept: 0,
            changes: Vec::new(),
        };
        let subject_map: Vec<Option<u32>> = incoming.subjects.iter().map(|s| self.subject(s)).collect();
        let fact_map: Vec<Option<u32>> = incoming.facts.iter().map(|f| self.facts.find(f)).collect();
        for at in 0..incoming.len() {
            let (subject, fact) = (incoming.subject[at], incoming.fact[at]);
            let (valid_from, retracted) = (incoming.valid_from[at], incoming.retracted[at]);
            let held = match (subject_map[subject as usize], fact_map[fact as usize]) {
                (Some(subject), Some(fact)) => self.live(subject, fact),
                _ => Vec::new(),
            };
            match held.iter().find(|f| f.valid_from() == valid_from) {
                Some(before) if incoming.says_the_same(at, &before.part.batch, before.at) => diff.unchanged += 1,
                Some(before) => diff.change(before, incoming, at),
                None if retracted => diff.unchanged += 1,
                None => {
                    diff.new += 1;
                    diff.batch.copy_from(incoming, at);
                }
            }
            // Other validities that the file no longer states; looked at once per subject and fact.
            if stated.is_first(at) {
                for gone in held.iter().filter(|f| !stated.has(incoming, at, f.valid_from())) {
                    diff.retract(gone);
                }
            }
        }
        if let Coverage::Whole(unread) = coverage {
            self.retract_unnamed(incoming, &stated, unread, &mut diff);
        }
        Ok(diff)
    }

    fn retract_unnamed(&self, incoming: &FactBatch, stated: &Stated, unread: &Unread, diff: &mut FactDiff) {
        let department = incoming.meta().department;
        for name in incoming.facts.iter() {
            let (Some(fact), Some(their_fact)) = (self.facts.find(name), incoming.facts.find(name)) else { continue };
            for subject in self.order() {
                let theirs = incoming.subjects.find(self.subjects.get(*subject));
                if theirs.is_some_and(|s| stated.names(s, their_fact)) {
                    continue;
                }
                for gone in self.live(*subject, fact) {
                    match gone.segment().department == department {
                        true if unread.covers(gone.subject(), name) => diff.kept += 1,
                        true => diff.retract(&gone),
                        false => (),
                    }
                }
            }
        }
    }

    /// The part of the view that is about one firm (under each id merged into it): itself, the parcels
    /// it owns and the leases in which it is tenant, lessor or owner of the parcel.
    pub(crate) fn of_firm(&self, ids: &[i64]) -> Self {
        let ids: HashSet<String> = ids.iter().map(i64::to_string).collect();
        // An owner is named as a subject, `f:12`, or by the bare id.
        let is_firm = |text: Option<&str>| text.is_some_and(|t| ids.contains(t.strip_prefix("f:").unwrap_or(t)));
        let own_parcels: HashSet<&str> = self
            .subjects
            .iter()
            .filter(|s| s.starts_with("p:") && is_firm(self.text(s, "parcel_owner")))
            .map(|s| &s[2..])
            .collect();
        let visible = self.subjects.iter().map(|subject| match subject.split_once(':') {
            Some(("f", rest)) => ids.contains(rest),
            Some(("p", rest)) => own_parcels.contains(rest),
            Some(("l", rest)) => rest.rsplit_once(':').is_some_and(|(parcel, tenant)| {
                ids.contains(tenant)
                    || own_parcels.contains(parcel)
                    || is_firm(self.text(subject, "lease_lessor"))
                    || is_firm(self.text(subject, "lease_tenant"))
            }),
            _ => false,
        });
        let visible = Some(Arc::new(visible.collect()));
        Self { visible, order: OnceLock::new(), ..self.clone() }
    }

    fn subject(&self, name: &str) -> Option<u32> {
        self.subjects.find(name).filter(|s| self.is_visible(*s))
    }

    fn is_visible(&self, subject: u32) -> bool {
        self.visible.as_ref().is_none_or(|v| v[subject as usize])
    }

    fn order(&self) -> &[u32] {
        self.order.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.subjects.len() as u32).filter(|s| self.is_visible(*s)).collect();
            order.sort_unstable_by(|a, b| self.subjects.get(*a).cmp(self.subjects.get(*b)));
            order
        })
    }

    fn fact_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.facts.len() as u32).collect();
        order.sort_unstable_by(|a, b| self.facts.get(*a).cmp(self.facts.get(*b)));
        order
    }

    /// Statements of one subject and fact, newest first.
    fn chain(&self, subject: u32, fact: u32) -> impl Iterator<Item = Fact<'_>> {
        let mut next = self.heads[fact as usize][subject as usize];
        std::iter::from_fn(move || {
            let number = next.checked_sub(1)?;
            next = self.previous[number as usize];
            let part = self.parts.partition_point(|p| p.first <= number) - 1;
            // A segment without statements shares its first number with the next; the last one that
            // begins at or before the number holds it.
            let part = &self.parts[part];
            Some(Fact { part, at: (number - part.first) as usize })
        })
    }

    /// Statements of one subject and fact that hold, by first day.
    fn live(&self, subject: u32, fact: u32) -> Vec<Fact<'_>> {
        let mut chain = self.chain(subject, fact);
        let Some(newest) = chain.next() else { return Vec::new() };
        if chain.next().is_none() {
            // By far the most frequent: stated once.
            return if newest.is_retraction() { Vec::new() } else { vec![newest] };
        }
        let mut held = self.decided(subject, fact);
        held.retain(|f| !f.is_retraction());
        held.sort_by_key(Fact::valid_from);
        held
    }

    /// What decides about each first day of a subject and fact: the newest statement or retraction of it
    /// that was not taken back.
    fn decided(&self, subject: u32, fact: u32) -> Vec<Fact<'_>> {
        let mut decided: Vec<Fact<'_>> = Vec::new();
        let mut undone: Vec<(i32, &HashSet<i64>)> = Vec::new();
        for statement in self.chain(subject, fact) {
            let day = statement.valid_from();
            if decided.iter().any(|f| f.valid_from() == day) {
                continue;
            }
            let gone = undone.iter().find(|(d, _)| *d == day).map(|(_, imports)| *imports);
            match (&statement.part.undoes, gone) {
                // The newest retraction names the imports of those before it as well.
                (Some(_), Some(_)) => (),
                (Some(imports), None) => undone.push((day, imports)),
                (None, Some(gone)) if statement.segment().import.is_some_and(|i| gone.contains(&i)) => (),
                (None, _) => decided.push(statement),
            }
        }
        decided
    }
}

impl FactDiff {
    fn change(&mut self, before: &Fact<'_>, incoming: &FactBatch, at: usize) {
        let row = incoming.row(at);
        if row.retracted {
            self.retract(before);
            return;
        }
        self.changed += 1;
        self.changes.push(FactChange {
            subject: row.subject.to_owned(),
            fact: row.fact.to_owned(),
            before: statement(&before.row(), before.source()),
            after: Some(statement(&row, incoming.source(at))),
        });
        self.batch.copy_from(incoming, at);
    }

    fn retract(&mut self, gone: &Fact<'_>) {
        let row = gone.row();
        self.retracted += 1;
        self.changes.push(FactChange {
            subject: row.subject.to_owned(),
            fact: row.fact.to_owned(),
            before: statement(&row, gone.source()),
            after: None,
        });
        self.batch.push(FactRow { retracted: true, ..FactRow::new(row.subject, row.fact, row.valid_from) });
    }
}

fn statement(row: &FactRow<'_>, source: Source) -> FactStatement {
    FactStatement {
        valid_from: facts::day_text(row.valid_from),
        valid_to: row.valid_to.map(facts::day_text),
        number: row.number.and_then(fixed::from_scaled),
        text: row.text.map(str::to_owned),
        source,
    }
}

/// Which statements of a batch are about the same subject and fact.
struct Stated {
    /// First statement of (fact, subject), counted from 1; 0 is none.
    first: Vec<Vec<u32>>,
    /// Next statement of the same subject and fact: same counting.
    next: Vec<u32>,
    is_first: Vec<bool>,
}

impl Stated {
    fn of(batch: &FactBatch) -> Result<Self, FactFault> {
        let mut first = vec![vec![0u32; batch.subjects.len()]; batch.facts.len()];
        let mut next = vec![0u32; batch.len()];
        let mut is_first = vec![false; batch.len()];
        for at in 0..batch.len() {
            let slot = &mut first[batch.fact[at] as usize][batch.subject[at] as usize];
            if *slot == 0 {
                *slot = at as u32 + 1;
                is_first[at] = true;
                continue;
            }
            let mut earlier = *slot as usize - 1;
            loop {
                if batch.valid_from[earlier] == batch.valid_from[at] {
                    return Err(twice(batch, earlier, at));
                }
                match next[earlier] {
                    0 => break,
                    further => earlier = further as usize - 1,
                }
            }
            next[earlier] = at as u32 + 1;
        }
        Ok(Self { first, next, is_first })
    }

    fn is_first(&self, at: usize) -> bool {
        self.is_first[at]
    }

    fn names(&self, subject: u32, fact: u32) -> bool {
        self.first[fact as usize][subject as usize] != 0
    }

    /// True when the batch states that first day for the subject and fact of a statement.
    fn has(&self, batch: &FactBatch, at: usize, valid_from: i32) -> bool {
        self.rows_of(batch.subject[at], batch.fact[at]).any(|at| batch.valid_from[at] == valid_from)
    }

    /// Statements of a subject and fact.
    fn rows_of(&self, subject: u32, fact: u32) -> impl Iterator<Item = usize> + '_ {
        let mut number = self.first[fact as usize][subject as usize];
        std::iter::from_fn(move || {
            let at = number.checked_sub(1)? as usize;
            number = self.next[at];
            Some(at)
        })
    }
}

fn twice(batch: &FactBatch, first: usize, second: usize) -> FactFault {
    let row = batch.row(second);
    FactFault::Twice {
        subject: row.subject.to_owned(),
        fact: row.fact.to_owned(),
        valid_from: facts::day_text(row.valid_from),
        first: batch.source(first).cell(),
        second: batch.source(second).cell(),
    }
}

/// Which fold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ViewKey {
    pub division: DivisionCode,
    pub year: i32,
    pub department: Option<Department>,
}

/// Folds kept in memory; the least recently made go first.
#[derive(Default)]
pub(crate) struct ViewCache(Mutex<Cached>);

#[derive(Default)]
struct Cached {
    views: HashMap<ViewKey, Arc<FactView>>,
    age: VecDeque<ViewKey>,
    statements: usize,
}

/// Statements kept at most, over all folds: at about a hundred bytes each, some 600 MB.
const STATEMENTS_MAX: usize = 6_000_000;

impl ViewCache {
    pub fn get(&self, key: &ViewKey) -> Option<Arc<FactView>> {
        let mut cached = self.lock();
        let view = cached.views.get(key).cloned()?;
        cached.age.retain(|k| k != key);
        cached.age.push_back(*key);
        Some(view)
    }

    pub fn put(&self, key: ViewKey, view: Arc<FactView>) {
        let mut cached = self.lock();
        // Two folds may race; the one that knows more stays.
        if cached.views.get(&key).is_some_and(|have| have.last_sequence() >= view.last_sequence()) {
            return;
        }
        cached.statements += view.statements();
        if let Some(old) = cached.views.insert(key, view) {
            cached.statements -= old.statements();
        }
        cached.age.retain(|k| *k != key);
        cached.age.push_back(key);
        while cached.statements > STATEMENTS_MAX && cached.age.len() > 1 {
            let Some(oldest) = cached.age.pop_front() else { break };
            if let Some(old) = cached.views.remove(&oldest) {
                cached.statements -= old.statements();
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cached> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
