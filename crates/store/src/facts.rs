//! A batch of stated facts in memory and as Parquet: what one import or correction says. Strings are
//! kept once and named by number, figures are integers of 10⁻¹⁸, and every statement knows its cell.
//!
//! The bytes depend only on the statements and their order, never on how the batch was built, so the
//! same batch has the same digest everywhere.

use arrow::{
    array::{
        ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int32Array, RecordBatch,
        StringArray, UInt32Array,
    },
    datatypes::{DataType, Date32Type, Decimal128Type, Field, Int32Type, Schema, UInt32Type},
};
use base::{Department, Digest, Source, fixed};
use bytes::Bytes;
use jiff::civil::Date;
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, Encoding, ZstdLevel},
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties, WriterVersion},
    },
    schema::types::ColumnPath,
};
use std::{collections::HashMap, sync::Arc};

/// Digits that a stored figure may have: ten to this power is refused.
const PRECISION: u8 = 38;

/// Version of the layout below, kept in each blob.
const LAYOUT: &str = "1";

/// Stands for "no string" where a string is named by number.
pub(crate) const NONE: u32 = u32::MAX;

/// Why facts cannot be kept, read or compared.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FactFault {
    /// One file says two things about the same fact of the same time.
    #[error("{fact} of {subject} from {valid_from} is stated twice: in {first} and in {second}")]
    Twice {
        /// Whose fact.
        subject: String,
        /// Which fact.
        fact: String,
        /// From which day on.
        valid_from: String,
        /// Cell of the first statement.
        first: String,
        /// Cell of the second.
        second: String,
    },
    /// A figure with more than twenty digits before the point.
    #[error("{fact} of {subject} is too large: twenty digits before the decimal point are kept")]
    TooLarge {
        /// Whose fact.
        subject: String,
        /// Which fact.
        fact: String,
    },
    /// A validity that ends before it begins.
    #[error("{fact} of {subject} is valid from {valid_from} until {valid_to}: it ends before it begins")]
    EndsBeforeItBegins {
        /// Whose fact.
        subject: String,
        /// Which fact.
        fact: String,
        /// First day.
        valid_from: String,
        /// Last day.
        valid_to: String,
    },
    /// A statement with both a figure and a text, or a retraction with either.
    #[error("{fact} of {subject} states more than one value")]
    TwoValues {
        /// Whose fact.
        subject: String,
        /// Which fact.
        fact: String,
    },
    /// Bytes that are no batch.
    #[error("these bytes hold no facts: {0}")]
    NotABatch(String),
}

impl FactFault {
    /// Stable name of the kind.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Twice { .. } => "fact_stated_twice",
            Self::TooLarge { .. } => "fact_too_large",
            Self::EndsBeforeItBegins { .. } => "fact_ends_before_it_begins",
            Self::TwoValues { .. } => "fact_two_values",
            Self::NotABatch(_) => "not_a_fact_batch",
        }
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        self.to_string()
    }

    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Twice { subject, fact, valid_from, first, second } => {
                format!("{subject} 自 {valid_from} 起的 {fact} 出现两次：{first} 与 {second}")
            }
            Self::TooLarge { subject, fact } => format!("{subject} 的 {fact} 过大：小数点前最多保留二十位"),
            Self::EndsBeforeItBegins { subject, fact, valid_from, valid_to } => {
                format!("{subject} 的 {fact} 有效期为 {valid_from} 至 {valid_to}，止日早于起日")
            }
            Self::TwoValues { subject, fact } => format!("{subject} 的 {fact} 同时给出了多个值"),
            Self::NotABatch(detail) => format!("这些字节不是事实数据：{detail}"),
        }
    }
}

/// What holds for a whole batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchMeta {
    /// Whose facts.
    pub department: Department,
    /// What the file was called; for a correction, its title.
    pub file: String,
    /// The file, when there is one.
    pub file_digest: Option<Digest>,
    /// When it was handed in, RFC 3339 in UTC.
    pub received_at: String,
    /// Why it replaces earlier statements; empty for a first one.
    pub reason: String,
}

/// One statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactRow<'a> {
    /// `f:<firm>`, `p:<parcel>` or `l:<parcel>:<tenant>`.
    pub subject: &'a str,
    /// Id of the fact, e.g. `tax_paid`.
    pub fact: &'a str,
    /// First day on which it is true, as [`day_number`].
    pub valid_from: i32,
    /// Last day on which it is true; `None` when it is open.
    pub valid_to: Option<i32>,
    /// The figure in the fact's unit, as an integer of 10⁻¹⁸.
    pub number: Option<i128>,
    /// The text, for facts that are no figures. Neither figure nor text: stated to be unknown.
    pub text: Option<&'a str>,
    /// Row of the cell, from 1; 0 when there is none.
    pub row: u32,
    /// Column of the cell, from 1; 0 when there is none.
    pub column: u32,
    /// Worksheet.
    pub sheet: Option<&'a str>,
    /// Takes back what was stated for this subject, fact and first day.
    pub retracted: bool,
}

impl<'a> FactRow<'a> {
    /// A statement without value, cell or end, for a builder to complete.
    pub fn new(subject: &'a str, fact: &'a str, valid_from: i32) -> Self {
        Self {
            subject,
            fact,
            valid_from,
            valid_to: None,
            number: None,
            text: None,
            row: 0,
            column: 0,
            sheet: None,
            retracted: false,
        }
    }

    /// The same with a figure.
    pub fn number(self, scaled: i128) -> Self {
        Self { number: Some(scaled), ..self }
    }

    /// The same with a text.
    pub fn text(self, text: &'a str) -> Self {
        Self { text: Some(text), ..self }
    }

    /// The same with its cell.
    pub fn at(self, sheet: Option<&'a str>, row: u32, column: u32) -> Self {
        Self { sheet, row, column, ..self }
    }

    /// The same with its last day.
    pub fn until(self, valid_to: i32) -> Self {
        Self { valid_to: Some(valid_to), ..self }
    }
}

/// Days since 1970-01-01, as validity is kept.
pub fn day_number(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    // A civil date lies within ±10,000 years, so the count of days fits.
    date.duration_since(epoch).as_hours() as i32 / 24
}

/// The date of a day number; `None` outside the calendar.
pub fn date_of_day(day: i32) -> Option<Date> {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.checked_add(jiff::SignedDuration::from_hours(i64::from(day) * 24)).ok()
}

/// The date as text, or the bare number outside the calendar.
pub(crate) fn day_text(day: i32) -> String {
    date_of_day(day).map_or_else(|| format!("day {day}"), |d| d.to_string())
}

/// Strings kept once, named by number in the order of first use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pool {
    strings: Vec<Arc<str>>,
    index: HashMap<Arc<str>, u32>,
}

impl Pool {
    pub fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.index.get(text) {
            return *code;
        }
        let code = u32::try_from(self.strings.len()).expect("fewer strings than statements");
        let kept: Arc<str> = text.into();
        self.strings.push(kept.clone());
        self.index.insert(kept, code);
        code
    }

    pub fn find(&self, text: &str) -> Option<u32> {
        self.index.get(text).copied()
    }

    pub fn get(&self, code: u32) -> &str {
        &self.strings[code as usize]
    }

    pub fn get_opt(&self, code: u32) -> Option<&str> {
        (code != NONE).then(|| self.get(code))
    }

    pub fn len(&self) -> usize {
        self.strings.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.strings.iter().map(|s| &**s)
    }
}

/// Statements of one file or correction, column by column.
#[derive(Clone, Debug)]
pub struct FactBatch {
    meta: BatchMeta,
    pub(crate) subjects: Pool,
    pub(crate) facts: Pool,
    sheets: Pool,
    texts: Pool,
    pub(crate) subject: Vec<u32>,
    pub(crate) fact: Vec<u32>,
    pub(crate) valid_from: Vec<i32>,
    valid_to: Vec<Option<i32>>,
    number: Vec<Option<i128>>,
    text: Vec<u32>,
    row: Vec<u32>,
    column: Vec<u32>,
    sheet: Vec<u32>,
    pub(crate) retracted: Vec<bool>,
}

impl PartialEq for FactBatch {
    fn eq(&self, other: &Self) -> bool {
        self.meta == other.meta && self.len() == other.len() && (0..self.len()).all(|i| self.row(i) == other.row(i))
    }
}

impl FactBatch {
    /// A batch without statements.
    pub fn new(meta: BatchMeta) -> Self {
        Self {
            meta,
            subjects: Pool::default(),
            facts: Pool::default(),
            sheets: Pool::default(),
            texts: Pool::default(),
            subject: Vec::new(),
            fact: Vec::new(),
            valid_from: Vec::new(),
            valid_to: Vec::new(),
            number: Vec::new(),
            text: Vec::new(),
            row: Vec::new(),
            column: Vec::new(),
            sheet: Vec::new(),
            retracted: Vec::new(),
        }
    }

    /// What holds for all statements.
    pub fn meta(&self) -> &BatchMeta {
        &self.meta
    }

    /// Statements.
    pub fn len(&self) -> usize {
        self.subject.len()
    }

    /// True without statements.
    pub fn is_empty(&self) -> bool {
        self.subject.is_empty()
    }

    /// The number of a subject in this batch, for [`FactBatch::push_coded`]: look it up once per row
    /// of the sheet, not once per cell.
    pub fn subject_code(&mut self, subject: &str) -> u32 {
        self.subjects.code(subject)
    }

    /// The number of a fact in this batch, for [`FactBatch::push_coded`].
    pub fn fact_code(&mut self, fact: &str) -> u32 {
        self.facts.code(fact)
    }

    /// Adds a statement.
    pub fn push(&mut self, row: FactRow<'_>) {
        let (subject, fact) = (self.subjects.code(row.subject), self.facts.code(row.fact));
        self.push_coded(subject, fact, row);
    }

    /// Adds a statement whose subject and fact are given by number; their texts in `row` are ignored.
    ///
    /// # Panics
    /// When a number was not handed out by this batch.
    pub fn push_coded(&mut self, subject: u32, fact: u32, row: FactRow<'_>) {
        assert!((subject as usize) < self.subjects.len() && (fact as usize) < self.facts.len());
        self.subject.push(subject);
        self.fact.push(fact);
        self.valid_from.push(row.valid_from);
        self.valid_to.push(row.valid_to);
        self.number.push(row.number);
        let text = row.text.map_or(NONE, |t| self.texts.code(t));
        self.text.push(text);
        self.row.push(row.row);
        self.column.push(row.column);
        let sheet = row.sheet.map_or(NONE, |s| self.sheet_code(s));
        self.sheet.push(sheet);
        self.retracted.push(row.retracted);
    }

    /// Cells come sheet by sheet, so the sheet is nearly always that of the statement before.
    fn sheet_code(&mut self, sheet: &str) -> u32 {
        match self.sheet.last() {
            Some(last) if self.sheets.get_opt(*last) == Some(sheet) => *last,
            _ => self.sheets.code(sheet),
        }
    }

    /// A batch without statements in which strings have the same numbers as here.
    pub(crate) fn emptied(&self) -> Self {
        Self {
            subjects: self.subjects.clone(),
            facts: self.facts.clone(),
            sheets: self.sheets.clone(),
            texts: self.texts.clone(),
            ..Self::new(self.meta.clone())
        }
    }

    /// Adds a statement of the batch that this one is the emptied copy of.
    pub(crate) fn copy_from(&mut self, original: &Self, i: usize) {
        self.subject.push(original.subject[i]);
        self.fact.push(original.fact[i]);
        self.valid_from.push(original.valid_from[i]);
        self.valid_to.push(original.valid_to[i]);
        self.number.push(original.number[i]);
        self.text.push(original.text[i]);
        self.row.push(original.row[i]);
        self.column.push(original.column[i]);
        self.sheet.push(original.sheet[i]);
        self.retracted.push(original.retracted[i]);
    }

    /// True when two statements say the same of the same time, wherever they come from.
    pub(crate) fn says_the_same(&self, i: usize, other: &Self, j: usize) -> bool {
        self.number[i] == other.number[j]
            && self.valid_from[i] == other.valid_from[j]
            && self.valid_to[i] == other.valid_to[j]
            && self.retracted[i] == other.retracted[j]
            && self.texts.get_opt(self.text[i]) == other.texts.get_opt(other.text[j])
    }

    /// The statement at a place, from 0.
    ///
    /// # Panics
    /// When there is none.
    pub fn row(&self, i: usize) -> FactRow<'_> {
        FactRow {
            subject: self.subjects.get(self.subject[i]),
            fact: self.facts.get(self.fact[i]),
            valid_from: self.valid_from[i],
            valid_to: self.valid_to[i],
            number: self.number[i],
            text: self.texts.get_opt(self.text[i]),
            row: self.row[i],
            column: self.column[i],
            sheet: self.sheets.get_opt(self.sheet[i]),
            retracted: self.retracted[i],
        }
    }

    /// All statements in order.
    pub fn rows(&self) -> impl Iterator<Item = FactRow<'_>> {
        (0..self.len()).map(|i| self.row(i))
    }

    /// Where the statement at a place comes from.
    pub fn source(&self, i: usize) -> Source {
        Source {
            department: self.meta.department,
            file: self.meta.file.clone(),
            digest: self.meta.file_digest,
            sheet: self.sheets.get_opt(self.sheet[i]).map(str::to_owned),
            row: self.row[i],
            column: self.column[i],
            received_at: self.meta.received_at.clone(),
            reason: self.meta.reason.clone(),
        }
    }

    /// As Parquet, checked.
    pub fn encode(&self) -> Result<EncodedBatch, FactFault> {
        self.check()?;
        let bytes = self.to_parquet().map_err(|e| FactFault::NotABatch(e.to_string()))?;
        Ok(EncodedBatch { digest: Digest::of(&bytes), bytes, rows: self.len(), department: self.meta.department })
    }

    /// Reads what [`FactBatch::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, FactFault> {
        from_parquet(bytes)
    }

    fn check(&self) -> Result<(), FactFault> {
        let limit = 10i128.pow(u32::from(PRECISION));
        for i in 0..self.len() {
            let name = || (self.subjects.get(self.subject[i]).to_owned(), self.facts.get(self.fact[i]).to_owned());
            if self.number[i].is_some_and(|n| n >= limit || n <= -limit) {
                let (subject, fact) = name();
                return Err(FactFault::TooLarge { subject, fact });
            }
            if let Some(to) = self.valid_to[i].filter(|to| *to < self.valid_from[i]) {
                let (subject, fact) = name();
                let (valid_from, valid_to) = (day_text(self.valid_from[i]), day_text(to));
                return Err(FactFault::EndsBeforeItBegins { subject, fact, valid_from, valid_to });
            }
            let values =
                u8::from(self.number[i].is_some()) + u8::from(self.text[i] != NONE) + u8::from(self.retracted[i]);
            if values > 1 {
                let (subject, fact) = name();
                return Err(FactFault::TwoValues { subject, fact });
            }
        }
        Ok(())
    }

    fn to_parquet(&self) -> Result<Vec<u8>, parquet::errors::ParquetError> {
        let number =
            Decimal128Array::from(self.number.clone()).with_precision_and_scale(PRECISION, fixed::SCALE as i8)?;
        let columns: Vec<ArrayRef> = vec![
            named(&self.subject, &self.subjects)?,
            named(&self.fact, &self.facts)?,
            Arc::new(Date32Array::from(self.valid_from.clone())),
            Arc::new(Date32Array::from(self.valid_to.clone())),
            Arc::new(number),
            named(&self.text, &self.texts)?,
            Arc::new(UInt32Array::from(self.row.clone())),
            Arc::new(UInt32Array::from(self.column.clone())),
            named(&self.sheet, &self.sheets)?,
            Arc::new(BooleanArray::from(self.retracted.clone())),
        ];
        let schema = schema();
        let batch = RecordBatch::try_new(schema.clone(), columns)?;
        let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties(&self.meta)))?;
        writer.write(&batch)?;
        writer.into_inner()
    }
}

/// A batch as it is stored: encoded and named before any transaction begins.
#[derive(Clone, Debug)]
pub struct EncodedBatch {
    bytes: Vec<u8>,
    digest: Digest,
    rows: usize,
    department: Department,
}

impl EncodedBatch {
    /// The Parquet bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Their name.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Statements in them.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whose facts.
    pub fn department(&self) -> Department {
        self.department
    }
}

fn strings() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::new(vec![
        Field::new("subject", strings(), false),
        Field::new("fact", strings(), false),
        Field::new("valid_from", DataType::Date32, false),
        Field::new("valid_to", DataType::Date32, true),
        Field::new("number", DataType::Decimal128(PRECISION, fixed::SCALE as i8), true),
        Field::new("text", strings(), true),
        Field::new("row", DataType::UInt32, false),
        Field::new("column", DataType::UInt32, false),
        Field::new("sheet", strings(), true),
        Field::new("retracted", DataType::Boolean, false),
    ]))
}

/// A column of strings named by number.
fn named(codes: &[u32], pool: &Pool) -> Result<ArrayRef, parquet::errors::ParquetError> {
    let keys: Int32Array = codes.iter().map(|c| (*c != NONE).then_some(*c as i32)).collect();
    let values = StringArray::from_iter_values(pool.iter());
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values))?))
}

fn properties(meta: &BatchMeta) -> WriterProperties {
    let pair = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    WriterProperties::builder()
        // The library's own name and version would change the digest with each upgrade.
        .set_created_by("baigong".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).expect("level 1 exists")))
        .set_statistics_enabled(EnabledStatistics::None)
        // One row group with one dictionary, so that numbers of strings read back as written.
        .set_max_row_group_row_count(Some(usize::MAX))
        .set_dictionary_page_size_limit(usize::MAX)
        .set_column_dictionary_enabled(ColumnPath::from("number"), false)
        .set_column_encoding(ColumnPath::from("number"), Encoding::BYTE_STREAM_SPLIT)
        .set_column_dictionary_enabled(ColumnPath::from("row"), false)
        .set_column_encoding(ColumnPath::from("row"), Encoding::DELTA_BINARY_PACKED)
        .set_key_value_metadata(Some(vec![
            pair("baigong.layout", LAYOUT.to_owned()),
            pair("baigong.department", meta.department.name().to_owned()),
            pair("baigong.file", meta.file.clone()),
            pair("baigong.file_digest", meta.file_digest.map_or_else(String::new, |d| d.hex())),
            pair("baigong.received_at", meta.received_at.clone()),
            pair("baigong.reason", meta.reason.clone()),
        ]))
        .build()
}

fn from_parquet(bytes: &[u8]) -> Result<FactBatch, FactFault> {
    let fault = |e: &dyn std::fmt::Display| FactFault::NotABatch(e.to_string());
    let builder = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes)).map_err(|e| fault(&e))?;
    let file = builder.metadata().file_metadata();
    let meta = read_meta(file.key_value_metadata().map_or(&[], Vec::as_slice))?;
    let rows = usize::try_from(file.num_rows()).map_err(|e| fault(&e))?;
    if builder.schema().fields() != schema().fields() {
        return Err(FactFault::NotABatch(format!("its columns are {}", builder.schema())));
    }
    let reader = builder.with_batch_size(rows.max(1)).build().map_err(|e| fault(&e))?;
    let mut batch = FactBatch::new(meta);
    for part in reader {
        let part = part.map_err(|e| fault(&e))?;
        append(&mut batch, &part)?;
    }
    if batch.len() == rows {
        Ok(batch)
    } else {
        Err(FactFault::NotABatch(format!("{rows} statements are announced, {} are there", batch.len())))
    }
}

fn read_meta(pairs: &[KeyValue]) -> Result<BatchMeta, FactFault> {
    let get = |key: &str| {
        pairs
            .iter()
            .find(|p| p.key == key)
            .map(|p| p.value.clone().unwrap_or_default())
            .ok_or_else(|| FactFault::NotABatch(format!("`{key}` is missing")))
    };
    let layout = get("baigong.layout")?;
    if layout != LAYOUT {
        return Err(FactFault::NotABatch(format!("layout `{layout}`; allowed: {LAYOUT}")));
    }
    let department = get("baigong.department")?;
    let file_digest = get("baigong.file_digest")?;
    Ok(BatchMeta {
        department: Department::from_name(&department)
            .ok_or_else(|| FactFault::NotABatch(format!("`{department}` is no department")))?,
        file: get("baigong.file")?,
        file_digest: match file_digest.as_str() {
            "" => None,
            hex => Some(hex.parse().map_err(|e: base::digest::NotADigest| FactFault::NotABatch(e.to_string()))?),
        },
        received_at: get("baigong.received_at")?,
        reason: get("baigong.reason")?,
    })
}

fn append(batch: &mut FactBatch, part: &RecordBatch) -> Result<(), FactFault> {
    let rows = part.num_rows();
    append_named(&mut batch.subjects, &mut batch.subject, part.column(0))?;
    append_named(&mut batch.facts, &mut batch.fact, part.column(1))?;
    batch.valid_from.extend_from_slice(part.column(2).as_primitive::<Date32Type>().values());
    batch.valid_to.extend(part.column(3).as_primitive::<Date32Type>().iter());
    batch.number.extend(part.column(4).as_primitive::<Decimal128Type>().iter());
    append_named(&mut batch.texts, &mut batch.text, part.column(5))?;
    batch.row.extend_from_slice(part.column(6).as_primitive::<UInt32Type>().values());
    batch.column.extend_from_slice(part.column(7).as_primitive::<UInt32Type>().values());
    append_named(&mut batch.sheets, &mut batch.sheet, part.column(8))?;
    let retracted = part.column(9).as_boolean();
    batch.retracted.extend((0..rows).map(|i| retracted.value(i)));
    Ok(())
}

fn append_named(pool: &mut Pool, codes: &mut Vec<u32>, column: &ArrayRef) -> Result<(), FactFault> {
    let column = column.as_dictionary::<Int32Type>();
    let values = column.values().as_string::<i32>();
    let map: Vec<u32> = values.iter().map(|v| v.map_or(NONE, |v| pool.code(v))).collect();
    for key in column.keys().iter() {
        match key {
            None => codes.push(NONE),
            Some(key) => match map.get(key as usize) {
                Some(code) => codes.push(*code),
                None => return Err(FactFault::NotABatch(format!("string {key} is missing"))),
            },
        }
    }
    Ok(())
}
