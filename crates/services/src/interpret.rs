//! From a file's reading to facts: which firm each row is about, what its cells state, what is in
//! doubt and what is refused. Pure: the same reading, register and decisions give the same facts, so
//! that a file accepted after a restart says what it said before.

use crate::views::{Candidate, Doubt, FaultView, ImportCounts, Label};
use base::source::column_letters;
use intake::{Key, Match, Matcher, Reading, TableReading, Values, Wording};
use jiff::civil::Date;
use law::template::{ColumnRole, Duplicates, Subject, Table};
use law::{Law, Template};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{BatchMeta, FactBatch, FactRow, Unread};

/// Firms by id, as doubts show them: name, credit code, address.
pub type Known = HashMap<i64, (String, Option<String>, String)>;

/// Which row and party a doubt is about and what is written there. A decision holds on to this and not to
/// a number: the register changes, and with it which rows are in doubt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DoubtKey {
    place: String,
    role: String,
    code: String,
    name: String,
    address: String,
}

impl Doubt {
    /// What a decision about it holds on to.
    pub fn key(&self) -> DoubtKey {
        DoubtKey {
            place: self.place.clone(),
            role: self.role.clone(),
            code: self.code.clone(),
            name: self.name.clone(),
            address: self.address.clone(),
        }
    }
}

/// Decisions about rows in doubt.
pub type Decisions = HashMap<DoubtKey, Said>;

/// What a person said about a row in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// This firm.
    Firm(i64),
    /// None of them.
    None,
}

/// What a file comes to.
pub struct Interpreted {
    /// The facts of rows that are settled.
    pub batch: FactBatch,
    /// Rows in doubt, settled or not, numbered from 1 in reading order.
    pub doubts: Vec<Doubt>,
    /// Cells and rows refused, those of the reading included.
    pub faults: Vec<FaultView>,
    /// Places of the faults for the marked copy: sheet, row, column, reason.
    pub marks: Vec<(Option<String>, u32, u32, Label)>,
    /// Counts; those of differences are filled in by who compares.
    pub counts: ImportCounts,
    /// What stands in the file and could not be taken.
    pub unread: Unread,
}

/// Which file, year and rules.
pub struct Context<'a> {
    /// The law.
    pub law: &'a Law,
    /// The template.
    pub template: &'a Template,
    /// The register.
    pub matcher: &'a Matcher,
    /// Firms by id.
    pub known: &'a Known,
    /// Year of the facts.
    pub year: i16,
    /// For the batch.
    pub meta: BatchMeta,
}

/// Why a row is left out; of several reasons the last one listed counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    Refused,
    Unknown,
    Doubtful,
}

/// Whom a pair of code and name columns means.
#[derive(Clone, Copy)]
enum Party {
    /// Whose figures they are, or the tenant.
    Firm,
    /// The owner of a parcel, or the lessor.
    Owner,
}

impl Party {
    fn columns(self) -> [ColumnRole; 2] {
        match self {
            Self::Firm => [ColumnRole::CreditCode, ColumnRole::Name],
            Self::Owner => [ColumnRole::OwnerCode, ColumnRole::OwnerName],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Firm => "firm",
            Self::Owner => "owner",
        }
    }
}

/// Turns a reading into facts.
pub fn interpret(context: &Context<'_>, reading: &Reading, said: &Decisions) -> Interpreted {
    let mut work = Work {
        context,
        said,
        out: Interpreted {
            batch: FactBatch::new(context.meta.clone()),
            doubts: Vec::new(),
            faults: Vec::new(),
            marks: Vec::new(),
            counts: ImportCounts::default(),
            unread: Unread::default(),
        },
        refused: HashSet::new(),
        left: None,
        first: day(context.year, 1, 1),
        last: day(context.year, 12, 31),
    };
    for fault in &reading.faults {
        work.fault(
            fault.at.sheet.clone(),
            (fault.at.row, fault.at.column),
            &fault.value,
            fault.code,
            label(&fault.wording),
            label(&fault.allowed),
        );
        work.out.counts.refused_cells += 1;
        work.refused.insert((fault.at.sheet.clone(), fault.at.row, fault.at.column));
    }
    for reading in &reading.tables {
        if let Some(table) = context.template.tables.iter().find(|t| t.id == reading.table) {
            work.table(table, reading);
        }
    }
    work.out
}

struct Work<'a> {
    context: &'a Context<'a>,
    said: &'a Decisions,
    out: Interpreted,
    /// Sheet, row and column of cells that were refused.
    refused: HashSet<(Option<String>, u32, u32)>,
    /// Why the row at hand is left out, as far as is known.
    left: Option<Left>,
    first: i32,
    last: i32,
}

/// A row ready to be stated: its subject and the index of the row.
struct Ready {
    subject: String,
    firm: Option<i64>,
    lessor: Option<i64>,
    index: usize,
}

impl Work<'_> {
    fn table(&mut self, table: &Table, reading: &TableReading) {
        let mut ready: Vec<Ready> = Vec::with_capacity(reading.rows.len());
        for index in 0..reading.rows.len() {
            self.out.counts.rows += 1;
            self.left = None;
            match self.subject(table, reading, index) {
                Some(row) => ready.push(row),
                None => self.count_left(),
            }
        }
        // A parcel or firm that stands in several rows: refused or summed, as the template says.
        let mut by_subject: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        if table.subject != Subject::Certificate {
            for (i, row) in ready.iter().enumerate() {
                by_subject.entry(&row.subject).or_default().push(i);
            }
        }
        let mut groups: Vec<Vec<usize>> = if table.subject == Subject::Certificate {
            (0..ready.len()).map(|i| vec![i]).collect()
        } else {
            by_subject.into_values().collect()
        };
        groups.sort_unstable();
        for group in groups {
            if group.len() > 1 && table.duplicates == Duplicates::Refuse {
                let rows: Vec<String> = group.iter().map(|i| reading.rows[ready[*i].index].to_string()).collect();
                self.out.counts.refused_rows += group.len() as u64;
                for i in &group {
                    self.refuse_row(
                        reading,
                        ready[*i].index,
                        "duplicate",
                        (
                            format!("同一对象出现在第 {} 行，无法判断以哪一行为准。", rows.join("、")),
                            format!(
                                "The same subject stands in rows {}; which one holds is not said.",
                                rows.join(", ")
                            ),
                        ),
                        ("每个对象一行".into(), "one row per subject".into()),
                    );
                }
                self.out.unread.subjects.insert(ready[group[0]].subject.clone());
                continue;
            }
            let stated = match table.subject {
                Subject::Certificate => self.certificate(reading, &ready[group[0]]),
                _ => {
                    self.state(table, reading, &ready, &group);
                    true
                }
            };
            match stated {
                true => self.out.counts.matched += group.len() as u64,
                false => self.out.counts.refused_rows += group.len() as u64,
            }
        }
    }

    /// Counts a row that is left out, once, whatever is wrong with it.
    fn count_left(&mut self) {
        let counts = &mut self.out.counts;
        match self.left {
            Some(Left::Doubtful) => counts.doubtful += 1,
            Some(Left::Unknown) => counts.unknown += 1,
            Some(Left::Refused) | None => counts.refused_rows += 1,
        }
    }

    fn leave(&mut self, why: Left) {
        self.left = self.left.max(Some(why));
    }

    /// The subject of a row, or none when the row is in doubt or refused.
    fn subject(&mut self, table: &Table, reading: &TableReading, index: usize) -> Option<Ready> {
        let ready = |subject, firm, lessor| Some(Ready { subject, firm, lessor, index });
        match table.subject {
            Subject::Firm | Subject::Certificate => {
                let firm = self.firm(reading, index, Party::Firm)?;
                ready(format!("f:{firm}"), Some(firm), None)
            }
            Subject::Parcel => {
                let code = self.parcel(reading, index, "p:")?;
                let subject = format!("p:{code}");
                match self.owner(reading, index) {
                    Some(owner) => ready(subject, owner, None),
                    None => self.not_read(subject),
                }
            }
            Subject::Lease => {
                let code = self.parcel(reading, index, "l:")?;
                // Both parties are looked for before one of them ends the row: a person settles both at once.
                match (self.firm(reading, index, Party::Firm), self.owner(reading, index)) {
                    (Some(tenant), Some(lessor)) => ready(format!("l:{code}:{tenant}"), Some(tenant), lessor),
                    _ => self.not_read(format!("l:{code}:")),
                }
            }
        }
    }

    /// Remembers of which subjects a row may be that is not taken.
    fn not_read(&mut self, subjects: String) -> Option<Ready> {
        self.out.unread.subjects.insert(subjects);
        None
    }

    /// The owner, for a row that names one; `None` when it names one that is not settled.
    fn owner(&mut self, reading: &TableReading, index: usize) -> Option<Option<i64>> {
        let named = Party::Owner.columns().iter().any(|role| text(reading, role, index).is_some());
        match named {
            true => self.firm(reading, index, Party::Owner).map(Some),
            false => Some(None),
        }
    }

    fn parcel(&mut self, reading: &TableReading, index: usize, any: &str) -> Option<String> {
        let code = text(reading, &ColumnRole::Parcel, index);
        if code.is_none() {
            self.leave(Left::Refused);
            self.refuse_row(
                reading,
                index,
                "parcel_missing",
                ("这一行没有宗地代码。".into(), "The row has no parcel code.".into()),
                ("宗地代码".into(), "a parcel code".into()),
            );
            self.not_read(any.to_owned());
        }
        code
    }

    /// The firm that a pair of code and name columns means; `None` when it is in doubt or none.
    fn firm(&mut self, reading: &TableReading, index: usize, party: Party) -> Option<i64> {
        let roles = party.columns();
        let code = text(reading, &roles[0], index);
        let name = text(reading, &roles[1], index);
        let address = text(reading, &ColumnRole::Address, index);
        let key = Key { code: code.as_deref(), name: name.as_deref(), address: address.as_deref() };
        match self.context.matcher.find(&key) {
            Match::Certain(candidate) => Some(candidate.firm),
            Match::Doubtful { candidates } => {
                let mut doubt = self.doubt(reading, index, party, &candidates);
                (doubt.name, doubt.code) = (name.unwrap_or_default(), code.unwrap_or_default());
                doubt.address = address.unwrap_or_default();
                self.settle(reading, index, doubt)
            }
            Match::OtherDivision(candidate) => {
                self.leave(Left::Unknown);
                let place = self.context.law.divisions.name(candidate.division);
                self.refuse_row(
                    reading,
                    index,
                    "other_division",
                    (
                        format!("该企业登记在{place}，不在本县。"),
                        format!("The firm is registered in {place}, not in this county."),
                    ),
                    ("本县企业".into(), "a firm of this county".into()),
                );
                None
            }
            Match::Unknown { reasons } => {
                self.leave(Left::Unknown);
                let why = reasons.first().map(|r| label(&r.wording)).unwrap_or_default();
                self.refuse_row(
                    reading,
                    index,
                    "unknown_firm",
                    (format!("登记库中没有这家企业。{}", why.zh), format!("No such firm is registered. {}", why.en)),
                    ("登记库中的企业".into(), "a registered firm".into()),
                );
                None
            }
        }
    }

    /// A doubt about a row, without what is written there.
    fn doubt(&self, reading: &TableReading, index: usize, party: Party, found: &[intake::Candidate]) -> Doubt {
        let at = reading.rows[index];
        let candidates: Vec<Candidate> = found.iter().map(|c| self.candidate(c)).collect();
        let why = candidates.first().and_then(|c| c.reasons.iter().find(|r| !r.zh.is_empty()).cloned());
        Doubt {
            id: self.out.doubts.len() as i64 + 1,
            place: match &reading.sheet {
                Some(sheet) => format!("{sheet}!{at}"),
                None => at.to_string(),
            },
            role: party.name().to_owned(),
            name: String::new(),
            code: String::new(),
            address: String::new(),
            why: why.unwrap_or_default(),
            candidates,
            decision: None,
        }
    }

    /// The firm that a person chose for a doubt; the doubt is listed whether settled or not.
    fn settle(&mut self, reading: &TableReading, index: usize, mut doubt: Doubt) -> Option<i64> {
        // An answer that names a record which has been joined into another since is asked for again.
        let stands = |said: &Said| match said {
            Said::Firm(firm) => self.context.known.contains_key(firm),
            Said::None => true,
        };
        let said = self.said.get(&doubt.key()).copied().filter(stands);
        doubt.decision = said.map(|said| match said {
            Said::Firm(firm) => firm.to_string(),
            Said::None => "none".to_owned(),
        });
        if let Some(Said::Firm(firm)) = said
            && doubt.candidates.iter().all(|c| c.firm != firm)
        {
            doubt.candidates.extend(picked(self.context.known, firm));
        }
        self.out.doubts.push(doubt);
        match said {
            Some(Said::Firm(firm)) => Some(firm),
            Some(Said::None) => {
                self.leave(Left::Unknown);
                self.refuse_row(
                    reading,
                    index,
                    "left_out",
                    (
                        "经人工判断不是登记库中的企业，未采用。".into(),
                        "A person decided that it is no registered firm.".into(),
                    ),
                    ("登记库中的企业".into(), "a registered firm".into()),
                );
                None
            }
            None => {
                self.leave(Left::Doubtful);
                None
            }
        }
    }

    fn candidate(&self, candidate: &intake::Candidate) -> Candidate {
        let known = self.context.known.get(&candidate.firm);
        Candidate {
            firm: candidate.firm,
            name: known.map(|k| k.0.clone()).unwrap_or_default(),
            credit_code: known.and_then(|k| k.1.clone()),
            address: known.map(|k| k.2.clone()).unwrap_or_default(),
            confidence: candidate.confidence,
            reasons: candidate.reasons.iter().map(|r| label(&r.wording)).collect(),
        }
    }

    /// States the facts of one subject from its rows (several only where the template sums).
    fn state(&mut self, table: &Table, reading: &TableReading, ready: &[Ready], group: &[usize]) {
        let head = &ready[group[0]];
        let subject = self.out.batch.subject_code(&head.subject);
        for (fact, firm) in match table.subject {
            Subject::Parcel => vec![("parcel_owner", head.firm)],
            Subject::Lease => vec![("lease_tenant", head.firm), ("lease_lessor", head.lessor)],
            _ => Vec::new(),
        } {
            let Some(firm) = firm else { continue };
            let key = format!("f:{firm}");
            let role = if fact == "lease_tenant" { ColumnRole::Name } else { ColumnRole::OwnerName };
            let column = reading.column(&role).map_or(1, |c| c.column);
            self.push(subject, fact, reading, head.index, column, None, Some(&key));
        }
        for column in &reading.columns {
            let ColumnRole::Fact(fact) = &column.role else { continue };
            let indexes = group.iter().map(|i| ready[*i].index);
            let refused = |i: usize| self.refused.contains(&(reading.sheet.clone(), reading.rows[i], column.column));
            // A sum of which a part was refused is no sum.
            if indexes.clone().any(refused) {
                self.out.unread.facts.insert((head.subject.clone(), fact.clone()));
                continue;
            }
            match &column.values {
                Values::Number(values) => {
                    let known: Vec<i128> = indexes.clone().filter_map(|i| values[i]).collect();
                    if !known.is_empty() {
                        self.push(subject, fact, reading, head.index, column.column, Some(known.iter().sum()), None);
                    }
                }
                Values::Boolean(values) => {
                    if let Some(value) = indexes.clone().find_map(|i| values[i]) {
                        let scaled = i128::from(value) * 10i128.pow(base::fixed::SCALE);
                        self.push(subject, fact, reading, head.index, column.column, Some(scaled), None);
                    }
                }
                Values::Text(values) => {
                    let texts: Vec<&str> = indexes.clone().filter_map(|i| values[i].as_deref()).collect();
                    if !texts.is_empty() {
                        self.push(subject, fact, reading, head.index, column.column, None, Some(&texts.join("、")));
                    }
                }
                Values::Date(values) => {
                    if let Some(date) = indexes.clone().find_map(|i| values[i]) {
                        self.push(subject, fact, reading, head.index, column.column, None, Some(&date.to_string()));
                    }
                }
                Values::Code(_) => (),
            }
        }
    }

    fn push(
        &mut self,
        subject: u32,
        fact: &str,
        reading: &TableReading,
        index: usize,
        column: u32,
        number: Option<i128>,
        text: Option<&str>,
    ) {
        let mut row =
            FactRow::new("", "", self.first).until(self.last).at(reading.sheet.as_deref(), reading.rows[index], column);
        row.number = number;
        row.text = text;
        let fact = self.out.batch.fact_code(fact);
        self.out.batch.push_coded(subject, fact, row);
    }

    /// A certificate: a status fact with validity dates of its own. False when the row is refused.
    fn certificate(&mut self, reading: &TableReading, ready: &Ready) -> bool {
        let index = ready.index;
        let Some(kind) = text(reading, &ColumnRole::StatusKind, index) else {
            self.refuse_row(
                reading,
                index,
                "title_missing",
                ("没有写明资质名称。".into(), "The row does not name the title.".into()),
                ("资质名称".into(), "a title".into()),
            );
            return false;
        };
        let column =
            self.context.template.tables.iter().flat_map(|t| &t.columns).find(|c| c.role == ColumnRole::StatusKind);
        let key = base::text::name_key(&kind);
        let value = column.and_then(|c| c.values.iter().find(|v| base::text::name_key(&v.text) == key)).cloned();
        let Some(value) = value else {
            let allowed = column.map(|c| c.values.iter().map(|v| v.text.as_str()).collect::<Vec<_>>().join("、"));
            let allowed = allowed.unwrap_or_default();
            self.refuse_row(
                reading,
                index,
                "unknown_title",
                (format!("不认识的资质“{kind}”。"), format!("`{kind}` is no known title.")),
                (allowed.clone(), allowed),
            );
            return false;
        };
        let (from, to) = (date(reading, &ColumnRole::ValidFrom, index), date(reading, &ColumnRole::ValidTo, index));
        let Some(from) = from else {
            self.refuse_row(
                reading,
                index,
                "date_missing",
                ("没有可用的发证日期。".into(), "There is no usable date of issue.".into()),
                ("发证日期".into(), "a date of issue".into()),
            );
            return false;
        };
        if to.is_some_and(|to| to < from) {
            self.refuse_row(
                reading,
                index,
                "dates_reversed",
                (format!("有效期止早于发证日期 {from}。"), format!("It ends before it begins on {from}.")),
                ("不早于发证日期".into(), "not before the date of issue".into()),
            );
            return false;
        }
        let subject = self.out.batch.subject_code(&ready.subject);
        let fact = self.out.batch.fact_code(&value.fact);
        let column = reading.column(&ColumnRole::StatusKind).map_or(1, |c| c.column);
        let mut row = FactRow::new("", "", store_day(from)).at(reading.sheet.as_deref(), reading.rows[index], column);
        row.valid_to = to.map(store_day);
        match &value.value {
            Some(text) => row.text = Some(text),
            None => row.number = Some(10i128.pow(base::fixed::SCALE)),
        }
        self.out.batch.push_coded(subject, fact, row);
        true
    }

    fn refuse_row(
        &mut self,
        reading: &TableReading,
        index: usize,
        code: &str,
        message: (String, String),
        allowed: (String, String),
    ) {
        let column = [ColumnRole::Name, ColumnRole::CreditCode, ColumnRole::Parcel]
            .iter()
            .find_map(|r| reading.column(r))
            .map_or(1, |c| c.column);
        let value = [ColumnRole::Name, ColumnRole::CreditCode, ColumnRole::Parcel]
            .iter()
            .find_map(|r| text(reading, r, index))
            .unwrap_or_default();
        self.fault(
            reading.sheet.clone(),
            (reading.rows[index], column),
            &value,
            code,
            Label { zh: message.0, en: message.1 },
            Label { zh: allowed.0, en: allowed.1 },
        );
    }

    fn fault(
        &mut self,
        sheet: Option<String>,
        (row, column): (u32, u32),
        value: &str,
        code: &str,
        message: Label,
        allowed: Label,
    ) {
        self.out.marks.push((sheet.clone(), row, column, message.clone()));
        self.out.faults.push(FaultView {
            sheet,
            cell: format!("{}{row}", column_letters(column)),
            value: value.to_owned(),
            code: code.to_owned(),
            message,
            allowed,
        });
    }
}

/// A firm that a person looked up in the register, beside the candidates that matching found.
pub fn picked(known: &Known, firm: i64) -> Option<Candidate> {
    let (name, credit_code, address) = known.get(&firm)?.clone();
    let reason =
        Label { zh: "由人工从登记库检索选定".into(), en: "looked up in the register by a person".into() };
    Some(Candidate { firm, name, credit_code, address, confidence: 0.0, reasons: vec![reason] })
}

/// Wording of intake as wording of a view.
pub fn label(wording: &Wording) -> Label {
    Label { zh: wording.zh.clone(), en: wording.en.clone() }
}

fn text(reading: &TableReading, role: &ColumnRole, index: usize) -> Option<String> {
    match &reading.column(role)?.values {
        Values::Text(values) => values[index].as_deref().map(str::to_owned),
        Values::Code(values) => values[index].text().map(str::to_owned),
        _ => None,
    }
}

fn date(reading: &TableReading, role: &ColumnRole, index: usize) -> Option<Date> {
    match &reading.column(role)?.values {
        Values::Date(values) => values[index],
        _ => None,
    }
}

fn day(year: i16, month: i8, day: i8) -> i32 {
    store_day(jiff::civil::date(year, month, day))
}

fn store_day(date: Date) -> i32 {
    store::day_number(date)
}
