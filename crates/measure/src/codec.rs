//! Snapshots and outcomes as bytes: Parquet parts with a manifest that names each part's digest. The
//! same value always gives the same bytes; reading refuses a part that differs and names it.
//!
//! Exact figures are 128-bit decimals of 10^-18, scores are IEEE doubles kept to the bit, so a result
//! that is computed again can be compared byte by byte.

use crate::land::{LandRecords, Lease, Parcel};
use crate::outcome::{
    BaselineUsed, CutLine, FirmOutcome, Group, Limit, MergedResult, Outcome, PopulationScores, ScoreColumn, Summary,
    Taking, ValueState,
};
use crate::snapshot::{Lineage, Parts, PastBaseline, PastClass, Snapshot};
use crate::table::{Column, FirmTable};
use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    UInt32Array,
};
use arrow::datatypes::{DataType, Field, Schema};
use base::Digest;
use jiff::civil::Date;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Version of the layout below.
const LAYOUT: u32 = 1;
/// The first part of every set.
pub const MANIFEST: &str = "manifest.json";

/// Why parts cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartFault {
    /// A part that the manifest names is not there.
    #[error("part `{part}` is missing")]
    Missing {
        /// Part.
        part: String,
    },
    /// A part's bytes are not those that the manifest names.
    #[error("part `{part}` differs: {found} instead of {expected}")]
    Differs {
        /// Part.
        part: String,
        /// Digest in the manifest.
        expected: Digest,
        /// Digest of the bytes.
        found: Digest,
    },
    /// A part that nothing names.
    #[error("part `{part}` is not in the manifest")]
    Foreign {
        /// Part.
        part: String,
    },
    /// Bytes that are not what this program writes.
    #[error("part `{part}` cannot be read: {why}")]
    Unreadable {
        /// Part.
        part: String,
        /// Why.
        why: String,
    },
}

impl PartFault {
    /// The part at fault.
    pub fn part(&self) -> &str {
        match self {
            Self::Missing { part }
            | Self::Differs { part, .. }
            | Self::Foreign { part }
            | Self::Unreadable { part, .. } => part,
        }
    }
}

/// Why a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteFault {
    /// A figure with more digits than are kept.
    #[error("{0} has more digits than are kept: twenty before the point, eighteen after it")]
    Figure(Decimal),
    /// The writer failed.
    #[error("parquet: {0}")]
    Parquet(String),
}

#[derive(Serialize, Deserialize)]
struct Manifest<H> {
    layout: u32,
    what: String,
    head: H,
    parts: BTreeMap<String, Digest>,
}

fn assemble<H: Serialize>(what: &str, head: H, parts: Vec<(String, Vec<u8>)>) -> Parts {
    let manifest = Manifest {
        layout: LAYOUT,
        what: what.to_owned(),
        head,
        parts: parts.iter().map(|(name, bytes)| (name.clone(), Digest::of(bytes))).collect(),
    };
    let bytes = serde_json::to_vec_pretty(&manifest).expect("a manifest is JSON");
    let mut out = vec![(MANIFEST.to_owned(), bytes)];
    out.extend(parts);
    out
}

/// Checks every part against the manifest and gives its head.
fn opened<H: for<'de> Deserialize<'de>>(what: &str, parts: &[(String, Vec<u8>)]) -> Result<H, PartFault> {
    let unreadable = |why: String| PartFault::Unreadable { part: MANIFEST.to_owned(), why };
    let bytes = part(parts, MANIFEST)?;
    let manifest: Manifest<H> = serde_json::from_slice(bytes).map_err(|e| unreadable(e.to_string()))?;
    if manifest.what != what || manifest.layout != LAYOUT {
        return Err(unreadable(format!(
            "it is a {} of layout {}, not a {what} of layout {LAYOUT}",
            manifest.what, manifest.layout
        )));
    }
    for (name, expected) in &manifest.parts {
        let found = Digest::of(part(parts, name)?);
        if found != *expected {
            return Err(PartFault::Differs { part: name.clone(), expected: *expected, found });
        }
    }
    match parts.iter().find(|(name, _)| name != MANIFEST && !manifest.parts.contains_key(name)) {
        Some((name, _)) => Err(PartFault::Foreign { part: name.clone() }),
        None => Ok(manifest.head),
    }
}

fn part<'a>(parts: &'a [(String, Vec<u8>)], name: &str) -> Result<&'a [u8], PartFault> {
    let found = parts.iter().find(|(n, _)| n == name);
    found.map(|(_, bytes)| bytes.as_slice()).ok_or_else(|| PartFault::Missing { part: name.to_owned() })
}

// ---- tables ------------------------------------------------------------------------------------

/// Columns of one Parquet file on the way out.
#[derive(Default)]
struct Sheet {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Sheet {
    fn put(&mut self, name: &str, array: impl Array + 'static) {
        self.fields.push(Field::new(name, array.data_type().clone(), true));
        self.arrays.push(Arc::new(array));
    }

    fn numbers<'a>(&mut self, name: &str, values: impl Iterator<Item = Option<&'a Decimal>>) -> Result<(), WriteFault> {
        let scaled: Vec<Option<i128>> = values
            .map(|v| v.map(|d| base::fixed::to_scaled(*d).ok_or(WriteFault::Figure(*d))).transpose())
            .collect::<Result<_, _>>()?;
        let array = Decimal128Array::from(scaled)
            .with_precision_and_scale(38, base::fixed::SCALE as i8)
            .map_err(|e| WriteFault::Parquet(e.to_string()))?;
        self.put(name, array);
        Ok(())
    }

    fn texts<'a>(&mut self, name: &str, values: impl Iterator<Item = Option<&'a str>>) {
        self.put(name, values.collect::<StringArray>());
    }

    fn ids(&mut self, name: &str, values: impl Iterator<Item = Option<i64>>) {
        self.put(name, values.collect::<Int64Array>());
    }

    fn counts(&mut self, name: &str, values: impl Iterator<Item = Option<u32>>) {
        self.put(name, values.collect::<UInt32Array>());
    }

    fn floats(&mut self, name: &str, values: impl Iterator<Item = f64>) {
        self.put(name, values.map(Some).collect::<Float64Array>());
    }

    fn bytes(self) -> Result<Vec<u8>, WriteFault> {
        let fail = |e: String| WriteFault::Parquet(e);
        let schema = Arc::new(Schema::new(self.fields));
        let batch = RecordBatch::try_new(schema.clone(), self.arrays).map_err(|e| fail(e.to_string()))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("baigong".to_owned())
            .build();
        let mut out = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut out, schema, Some(properties)).map_err(|e| fail(e.to_string()))?;
        writer.write(&batch).map_err(|e| fail(e.to_string()))?;
        writer.close().map_err(|e| fail(e.to_string()))?;
        Ok(out)
    }
}

/// Columns of one Parquet file on the way in.
struct Read {
    part: String,
    batch: RecordBatch,
}

impl Read {
    fn open(parts: &[(String, Vec<u8>)], name: &str) -> Result<Self, PartFault> {
        let unreadable = |why: String| PartFault::Unreadable { part: name.to_owned(), why };
        let bytes = bytes_of(part(parts, name)?);
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|e| unreadable(e.to_string()))?;
        let schema = builder.schema().clone();
        let rows = builder.metadata().file_metadata().num_rows().max(1) as usize;
        let reader = builder.with_batch_size(rows).build().map_err(|e| unreadable(e.to_string()))?;
        let batches: Vec<RecordBatch> = reader.collect::<Result<_, _>>().map_err(|e| unreadable(e.to_string()))?;
        let batch = arrow::compute::concat_batches(&schema, &batches).map_err(|e| unreadable(e.to_string()))?;
        Ok(Self { part: name.to_owned(), batch })
    }

    fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    fn column<T: 'static>(&self, name: &str) -> Result<&T, PartFault> {
        let fault =
            || PartFault::Unreadable { part: self.part.clone(), why: format!("column `{name}` is not as written") };
        self.batch.column_by_name(name).and_then(|a| a.as_any().downcast_ref::<T>()).ok_or_else(fault)
    }

    fn number(&self, name: &str) -> Result<Vec<Option<Decimal>>, PartFault> {
        let array = self.column::<Decimal128Array>(name)?;
        let fault =
            || PartFault::Unreadable { part: self.part.clone(), why: format!("a figure of `{name}` is too long") };
        array.iter().map(|v| v.map(|s| base::fixed::from_scaled(s).ok_or_else(fault)).transpose()).collect()
    }

    fn text(&self, name: &str) -> Result<Vec<Option<String>>, PartFault> {
        Ok(self.column::<StringArray>(name)?.iter().map(|v| v.map(str::to_owned)).collect())
    }

    fn id(&self, name: &str) -> Result<Vec<Option<i64>>, PartFault> {
        Ok(self.column::<Int64Array>(name)?.iter().collect())
    }

    fn count(&self, name: &str) -> Result<Vec<Option<u32>>, PartFault> {
        Ok(self.column::<UInt32Array>(name)?.iter().collect())
    }

    fn float(&self, name: &str) -> Result<Vec<f64>, PartFault> {
        Ok(self.column::<Float64Array>(name)?.values().to_vec())
    }

    fn need<T>(&self, value: Option<T>, name: &str) -> Result<T, PartFault> {
        value.ok_or_else(|| PartFault::Unreadable { part: self.part.clone(), why: format!("`{name}` is empty") })
    }
}

fn bytes_of(slice: &[u8]) -> bytes::Bytes {
    slice.to_vec().into()
}

fn day_number(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since(epoch).map(|s| s.get_days()).expect("days between two dates")
}

fn date_of(day: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(i64::from(day))).ok()
}

// ---- snapshot ----------------------------------------------------------------------------------

#[derive(Serialize, Deserialize)]
struct SnapshotHead {
    division: String,
    year: i16,
    as_of: Date,
    columns: Vec<String>,
}

impl Snapshot {
    /// As parts, the manifest first.
    pub fn encode(&self) -> Result<Parts, WriteFault> {
        let mut firms = Sheet::default();
        firms.ids("firm", self.firms.ids().iter().map(|id| Some(*id)));
        for (name, column) in self.firms.columns() {
            match column.as_ref() {
                Column::Number(v) => firms.numbers(name, v.iter().map(Option::as_ref))?,
                Column::Boolean(v) => firms.put(name, v.iter().copied().collect::<BooleanArray>()),
                Column::Text(v) => firms.texts(name, v.iter().map(Option::as_deref)),
                Column::Date(v) => firms.put(name, v.iter().map(|d| d.map(day_number)).collect::<Date32Array>()),
            }
        }
        let mut parcels_sorted: Vec<&Parcel> = self.land.parcels.iter().collect();
        parcels_sorted.sort();
        let mut parcels = Sheet::default();
        parcels.texts("code", parcels_sorted.iter().map(|p| Some(p.code.as_str())));
        parcels.ids("owner", parcels_sorted.iter().map(|p| p.owner));
        parcels.numbers("area", parcels_sorted.iter().map(|p| p.area.as_ref()))?;
        parcels.texts("use", parcels_sorted.iter().map(|p| p.use_.as_deref()));
        let mut leases_sorted: Vec<&Lease> = self.land.leases.iter().collect();
        leases_sorted.sort();
        let mut leases = Sheet::default();
        leases.texts("parcel", leases_sorted.iter().map(|l| Some(l.parcel.as_str())));
        leases.ids("tenant", leases_sorted.iter().map(|l| Some(l.tenant)));
        leases.ids("lessor", leases_sorted.iter().map(|l| l.lessor));
        leases.numbers("area", leases_sorted.iter().map(|l| l.area.as_ref()))?;
        leases.numbers("floor_area", leases_sorted.iter().map(|l| l.floor_area.as_ref()))?;
        leases.numbers("floors", leases_sorted.iter().map(|l| l.floors.as_ref()))?;
        let mut lines: Vec<&Lineage> = self.lineage.iter().collect();
        lines.sort_by(|a, b| (&a.subject, &a.fact).cmp(&(&b.subject, &b.fact)));
        let mut lineage = Sheet::default();
        lineage.texts("subject", lines.iter().map(|l| Some(l.subject.as_str())));
        lineage.texts("fact", lines.iter().map(|l| Some(l.fact.as_str())));
        lineage.texts("department", lines.iter().map(|l| Some(l.source.department.name())));
        lineage.texts("file", lines.iter().map(|l| Some(l.source.file.as_str())));
        let digests: Vec<Option<String>> = lines.iter().map(|l| l.source.digest.map(|d| d.hex())).collect();
        lineage.texts("digest", digests.iter().map(Option::as_deref));
        lineage.texts("sheet", lines.iter().map(|l| l.source.sheet.as_deref()));
        lineage.counts("row", lines.iter().map(|l| Some(l.source.row)));
        lineage.counts("column", lines.iter().map(|l| Some(l.source.column)));
        lineage.texts("received_at", lines.iter().map(|l| Some(l.source.received_at.as_str())));
        lineage.texts("reason", lines.iter().map(|l| Some(l.source.reason.as_str())));
        let mut past: Vec<&PastClass> = self.classes.iter().collect();
        past.sort();
        let mut classes = Sheet::default();
        classes.ids("firm", past.iter().map(|c| Some(c.firm)));
        classes.ids("year", past.iter().map(|c| Some(i64::from(c.year))));
        classes.texts("class", past.iter().map(|c| Some(c.class.as_str())));
        let mut before: Vec<&PastBaseline> = self.baselines.iter().collect();
        before.sort();
        let mut baselines = Sheet::default();
        baselines.texts("population", before.iter().map(|b| Some(b.population.as_str())));
        baselines.texts("indicator", before.iter().map(|b| Some(b.indicator.as_str())));
        baselines.texts("group", before.iter().map(|b| Some(b.group.as_str())));
        baselines.texts("statistic", before.iter().map(|b| Some(b.statistic.as_str())));
        baselines.numbers("value", before.iter().map(|b| Some(&b.value)))?;
        baselines.texts("published", before.iter().map(|b| Some(b.published.as_str())));
        let head = SnapshotHead {
            division: self.division.clone(),
            year: self.year,
            as_of: self.as_of,
            columns: self.firms.columns().keys().cloned().collect(),
        };
        let parts = vec![
            ("firms.parquet".to_owned(), firms.bytes()?),
            ("parcels.parquet".to_owned(), parcels.bytes()?),
            ("leases.parquet".to_owned(), leases.bytes()?),
            ("lineage.parquet".to_owned(), lineage.bytes()?),
            ("classes.parquet".to_owned(), classes.bytes()?),
            ("baselines.parquet".to_owned(), baselines.bytes()?),
        ];
        Ok(assemble("snapshot", head, parts))
    }

    /// Digest of the manifest, which names every part.
    pub fn digest(&self) -> Result<Digest, WriteFault> {
        Ok(Digest::of(&self.encode()?[0].1))
    }

    /// Reads what [`Snapshot::encode`] wrote, each part checked.
    pub fn decode(parts: &[(String, Vec<u8>)]) -> Result<Self, PartFault> {
        let head: SnapshotHead = opened("snapshot", parts)?;
        let firms = Read::open(parts, "firms.parquet")?;
        let ids = firms.id("firm")?.into_iter().map(|id| firms.need(id, "firm")).collect::<Result<Vec<_>, _>>()?;
        let mut columns = Vec::new();
        for name in &head.columns {
            let array = firms.need(firms.batch.column_by_name(name), name)?;
            let column = match array.data_type() {
                DataType::Decimal128(_, _) => Column::Number(firms.number(name)?),
                DataType::Boolean => Column::Boolean(firms.column::<BooleanArray>(name)?.iter().collect()),
                DataType::Utf8 => Column::Text(firms.text(name)?),
                DataType::Date32 => {
                    Column::Date(firms.column::<Date32Array>(name)?.iter().map(|d| d.and_then(date_of)).collect())
                }
                other => {
                    let why = format!("column `{name}` is {other}");
                    return Err(PartFault::Unreadable { part: firms.part.clone(), why });
                }
            };
            columns.push((name.clone(), column));
        }
        let table = FirmTable::new(ids, columns)
            .map_err(|e| PartFault::Unreadable { part: firms.part.clone(), why: e.to_string() })?;
        let read = Read::open(parts, "parcels.parquet")?;
        let (code, owner, area, use_) =
            (read.text("code")?, read.id("owner")?, read.number("area")?, read.text("use")?);
        let mut land = LandRecords::default();
        for i in 0..read.rows() {
            let code = read.need(code[i].clone(), "code")?;
            land.parcels.push(Parcel { code, owner: owner[i], area: area[i], use_: use_[i].clone() });
        }
        let read = Read::open(parts, "leases.parquet")?;
        let (parcel, tenant, lessor) = (read.text("parcel")?, read.id("tenant")?, read.id("lessor")?);
        let (area, floor_area, floors) = (read.number("area")?, read.number("floor_area")?, read.number("floors")?);
        for i in 0..read.rows() {
            land.leases.push(Lease {
                parcel: read.need(parcel[i].clone(), "parcel")?,
                tenant: read.need(tenant[i], "tenant")?,
                lessor: lessor[i],
                area: area[i],
                floor_area: floor_area[i],
                floors: floors[i],
            });
        }
        let lineage = lineage(&Read::open(parts, "lineage.parquet")?)?;
        let read = Read::open(parts, "classes.parquet")?;
        let (firm, year, class) = (read.id("firm")?, read.id("year")?, read.text("class")?);
        let classes = (0..read.rows())
            .map(|i| {
                Ok(PastClass {
                    firm: read.need(firm[i], "firm")?,
                    year: read.need(year[i], "year")? as i16,
                    class: read.need(class[i].clone(), "class")?,
                })
            })
            .collect::<Result<_, PartFault>>()?;
        let read = Read::open(parts, "baselines.parquet")?;
        let texts = |name: &str| read.text(name);
        let (population, indicator, group) = (texts("population")?, texts("indicator")?, texts("group")?);
        let (statistic, published, value) = (texts("statistic")?, texts("published")?, read.number("value")?);
        let baselines = (0..read.rows())
            .map(|i| {
                Ok(PastBaseline {
                    population: read.need(population[i].clone(), "population")?,
                    indicator: read.need(indicator[i].clone(), "indicator")?,
                    group: read.need(group[i].clone(), "group")?,
                    statistic: read.need(statistic[i].clone(), "statistic")?,
                    value: read.need(value[i], "value")?,
                    published: read.need(published[i].clone(), "published")?,
                })
            })
            .collect::<Result<_, PartFault>>()?;
        Ok(Self {
            division: head.division,
            year: head.year,
            as_of: head.as_of,
            firms: table,
            land,
            lineage,
            classes,
            baselines,
        })
    }
}

fn lineage(read: &Read) -> Result<Vec<Lineage>, PartFault> {
    let texts = |name: &str| read.text(name);
    let (subject, fact, department, file) = (texts("subject")?, texts("fact")?, texts("department")?, texts("file")?);
    let (digest, sheet, received, reason) =
        (texts("digest")?, texts("sheet")?, texts("received_at")?, texts("reason")?);
    let (row, column) = (read.count("row")?, read.count("column")?);
    (0..read.rows())
        .map(|i| {
            let department = department[i].as_deref().and_then(base::Department::from_name);
            Ok(Lineage {
                subject: read.need(subject[i].clone(), "subject")?,
                fact: read.need(fact[i].clone(), "fact")?,
                source: base::Source {
                    department: read.need(department, "department")?,
                    file: file[i].clone().unwrap_or_default(),
                    digest: digest[i].as_deref().and_then(|d| d.parse().ok()),
                    sheet: sheet[i].clone(),
                    row: row[i].unwrap_or(0),
                    column: column[i].unwrap_or(0),
                    received_at: received[i].clone().unwrap_or_default(),
                    reason: reason[i].clone().unwrap_or_default(),
                },
            })
        })
        .collect()
}

// ---- outcome -----------------------------------------------------------------------------------

/// What is small or irregular in an outcome; numbers that are not finite are kept apart as texts.
#[derive(Serialize, Deserialize)]
struct OutcomeHead {
    engine: String,
    scheme: String,
    version: u32,
    rules: Digest,
    snapshot: Digest,
    year: i16,
    classes: Vec<String>,
    score_decimals: Vec<u8>,
    groups: Vec<GroupRecord>,
    summary: SummaryRecord,
    populations: Vec<(String, Vec<(String, usize)>)>,
}

#[derive(Serialize, Deserialize)]
struct GroupRecord {
    population: u16,
    key: String,
    ranked: u32,
    denominator: u32,
    cuts: Vec<(u8, u32, u32, Option<i64>)>,
}

#[derive(Serialize, Deserialize)]
struct SummaryRecord {
    firms: u32,
    ranked: u32,
    status: u32,
    inherits: u32,
    outside: u32,
    unrankable: u32,
    classes: Vec<u32>,
    cost: Decimal,
    cost_unknown: u32,
    absent_columns: Vec<String>,
}

/// The irregular part of a firm's result, as JSON in its row.
#[derive(Serialize, Deserialize)]
struct FirmRecord {
    taking: Taking,
    overrides: Vec<crate::outcome::OverrideApplied>,
    measures: Vec<crate::outcome::MeasureApplied>,
    merged: Option<(Option<i64>, Option<u32>, Option<u8>, bool)>,
}

impl Outcome {
    /// As parts, the manifest first.
    pub fn encode(&self) -> Result<Parts, WriteFault> {
        let mut firms = Sheet::default();
        let f = || self.firms.iter();
        firms.ids("firm", f().map(|x| Some(x.firm)));
        firms.ids("unit", f().map(|x| Some(x.unit)));
        firms.counts("population", f().map(|x| x.population.map(u32::from)));
        firms.counts("group", f().map(|x| x.group));
        firms.counts("row", f().map(|x| x.row));
        firms.floats("points", f().map(|x| x.points));
        firms.floats("coefficient", f().map(|x| x.coefficient));
        firms.floats("bonus", f().map(|x| x.bonus));
        firms.floats("deduction", f().map(|x| x.deduction));
        firms.floats("total_raw", f().map(|x| x.total_raw));
        firms.ids("total", f().map(|x| x.total));
        firms.counts("rank", f().map(|x| x.rank));
        firms.counts("ranked_class", f().map(|x| x.ranked_class.map(u32::from)));
        firms.counts("class", f().map(|x| x.class.map(u32::from)));
        firms.counts("managed_as", f().map(|x| x.managed_as.map(u32::from)));
        firms.counts("unknown_conditions", f().map(|x| Some(u32::from(x.unknown_conditions))));
        let rest: Vec<String> = f()
            .map(|x| {
                let record = FirmRecord {
                    taking: x.taking.clone(),
                    overrides: x.overrides.clone(),
                    measures: x.measures.clone(),
                    merged: x.merged.as_ref().map(|m| (m.total, m.rank, m.class, m.counts)),
                };
                serde_json::to_string(&record).expect("a record is JSON")
            })
            .collect();
        firms.texts("rest", rest.iter().map(|r| Some(r.as_str())));
        let mut parts = vec![("firms.parquet".to_owned(), firms.bytes()?)];
        for (i, scores) in self.scores.iter().enumerate() {
            let mut sheet = Sheet::default();
            sheet.ids("firm", scores.rows.iter().map(|r| Some(*r)));
            for (j, column) in scores.indicators.iter().enumerate() {
                sheet.floats(&format!("{j}.value"), column.value.iter().copied());
                sheet.counts(&format!("{j}.state"), column.state.iter().map(|s| Some(state_number(*s))));
                sheet.floats(&format!("{j}.raw"), column.raw.iter().copied());
                sheet.floats(&format!("{j}.points"), column.points.iter().copied());
                sheet.counts(&format!("{j}.limit"), column.limit.iter().map(|l| Some(limit_number(*l))));
                for (k, positions) in column.baseline.iter().enumerate() {
                    sheet.counts(&format!("{j}.baseline.{k}"), positions.iter().map(|p| Some(*p)));
                }
            }
            parts.push((format!("scores-{i:02}.parquet"), sheet.bytes()?));
        }
        let mut baselines = Sheet::default();
        let b = || self.baselines.iter();
        baselines.texts("population", b().map(|x| Some(x.population.as_str())));
        baselines.texts("indicator", b().map(|x| Some(x.indicator.as_str())));
        baselines.texts("role", b().map(|x| Some(x.role.as_str())));
        baselines.texts("group", b().map(|x| Some(x.group.as_str())));
        baselines.texts("statistic", b().map(|x| Some(x.statistic.as_str())));
        baselines.counts("n", b().map(|x| Some(x.n)));
        baselines.floats("value", b().map(|x| x.value));
        baselines.put("widened", b().map(|x| Some(x.widened)).collect::<BooleanArray>());
        baselines.counts("lag", b().map(|x| Some(u32::from(x.lag))));
        parts.push(("baselines.parquet".to_owned(), baselines.bytes()?));
        let s = &self.summary;
        let head = OutcomeHead {
            engine: self.engine.clone(),
            scheme: self.scheme.clone(),
            version: self.version,
            rules: self.rules,
            snapshot: self.snapshot,
            year: self.year,
            classes: self.classes.clone(),
            score_decimals: self.score_decimals.clone(),
            groups: self
                .groups
                .iter()
                .map(|g| GroupRecord {
                    population: g.population,
                    key: g.key.clone(),
                    ranked: g.ranked,
                    denominator: g.denominator,
                    cuts: g.cuts.iter().map(|c| (c.class, c.position, c.count, c.total)).collect(),
                })
                .collect(),
            summary: SummaryRecord {
                firms: s.firms,
                ranked: s.ranked,
                status: s.status,
                inherits: s.inherits,
                outside: s.outside,
                unrankable: s.unrankable,
                classes: s.classes.clone(),
                cost: s.cost,
                cost_unknown: s.cost_unknown,
                absent_columns: s.absent_columns.clone(),
            },
            populations: self
                .scores
                .iter()
                .map(|p| {
                    let columns = p.indicators.iter().map(|c| (c.indicator.clone(), c.baseline.len())).collect();
                    (p.population.clone(), columns)
                })
                .collect(),
        };
        Ok(assemble("outcome", head, parts))
    }

    /// Digest of the manifest, which names every part.
    pub fn digest(&self) -> Result<Digest, WriteFault> {
        Ok(Digest::of(&self.encode()?[0].1))
    }

    /// Reads what [`Outcome::encode`] wrote, each part checked.
    pub fn decode(parts: &[(String, Vec<u8>)]) -> Result<Self, PartFault> {
        let head: OutcomeHead = opened("outcome", parts)?;
        let read = Read::open(parts, "firms.parquet")?;
        let (firm, unit, total) = (read.id("firm")?, read.id("unit")?, read.id("total")?);
        let (population, group, row) = (read.count("population")?, read.count("group")?, read.count("row")?);
        let (points, coefficient) = (read.float("points")?, read.float("coefficient")?);
        let (bonus, deduction, total_raw) = (read.float("bonus")?, read.float("deduction")?, read.float("total_raw")?);
        let (rank, ranked_class) = (read.count("rank")?, read.count("ranked_class")?);
        let (class, managed_as) = (read.count("class")?, read.count("managed_as")?);
        let (unknown, rest) = (read.count("unknown_conditions")?, read.text("rest")?);
        let mut firms = Vec::with_capacity(read.rows());
        for i in 0..read.rows() {
            let text = read.need(rest[i].as_deref(), "rest")?;
            let record: FirmRecord = serde_json::from_str(text)
                .map_err(|e| PartFault::Unreadable { part: read.part.clone(), why: e.to_string() })?;
            firms.push(FirmOutcome {
                firm: read.need(firm[i], "firm")?,
                unit: read.need(unit[i], "unit")?,
                taking: record.taking,
                population: population[i].map(|p| p as u16),
                group: group[i],
                row: row[i],
                points: points[i],
                coefficient: coefficient[i],
                bonus: bonus[i],
                deduction: deduction[i],
                total_raw: total_raw[i],
                total: total[i],
                rank: rank[i],
                ranked_class: ranked_class[i].map(|c| c as u8),
                overrides: record.overrides,
                class: class[i].map(|c| c as u8),
                managed_as: managed_as[i].map(|c| c as u8),
                measures: record.measures,
                merged: record.merged.map(|(total, rank, class, counts)| MergedResult { total, rank, class, counts }),
                unknown_conditions: unknown[i].unwrap_or(0) as u16,
            });
        }
        let mut scores = Vec::with_capacity(head.populations.len());
        for (i, (population, columns)) in head.populations.iter().enumerate() {
            let read = Read::open(parts, &format!("scores-{i:02}.parquet"))?;
            let rows = read.id("firm")?.into_iter().map(|r| read.need(r, "firm")).collect::<Result<Vec<_>, _>>()?;
            let mut indicators = Vec::with_capacity(columns.len());
            for (j, (indicator, baselines)) in columns.iter().enumerate() {
                let all = |name: String| -> Result<Vec<u32>, PartFault> {
                    read.count(&name)?.into_iter().map(|v| read.need(v, &name)).collect()
                };
                indicators.push(ScoreColumn {
                    indicator: indicator.clone(),
                    value: read.float(&format!("{j}.value"))?,
                    state: all(format!("{j}.state"))?.into_iter().map(state_of).collect(),
                    raw: read.float(&format!("{j}.raw"))?,
                    points: read.float(&format!("{j}.points"))?,
                    limit: all(format!("{j}.limit"))?.into_iter().map(limit_of).collect(),
                    baseline: (0..*baselines).map(|k| all(format!("{j}.baseline.{k}"))).collect::<Result<_, _>>()?,
                });
            }
            scores.push(PopulationScores { population: population.clone(), rows, indicators });
        }
        let read = Read::open(parts, "baselines.parquet")?;
        let texts = |name: &str| read.text(name);
        let (population, indicator, role) = (texts("population")?, texts("indicator")?, texts("role")?);
        let (group, statistic) = (texts("group")?, texts("statistic")?);
        let (n, value, lag) = (read.count("n")?, read.float("value")?, read.count("lag")?);
        let widened = read.column::<BooleanArray>("widened")?;
        let baselines = (0..read.rows())
            .map(|i| BaselineUsed {
                population: population[i].clone().unwrap_or_default(),
                indicator: indicator[i].clone().unwrap_or_default(),
                role: role[i].clone().unwrap_or_default(),
                group: group[i].clone().unwrap_or_default(),
                statistic: statistic[i].clone().unwrap_or_default(),
                n: n[i].unwrap_or(0),
                value: value[i],
                widened: widened.value(i),
                lag: lag[i].unwrap_or(0) as u8,
            })
            .collect();
        let s = head.summary;
        Ok(Self {
            engine: head.engine,
            scheme: head.scheme,
            version: head.version,
            rules: head.rules,
            snapshot: head.snapshot,
            year: head.year,
            classes: head.classes,
            score_decimals: head.score_decimals,
            firms,
            scores,
            baselines,
            groups: head
                .groups
                .into_iter()
                .map(|g| Group {
                    population: g.population,
                    key: g.key,
                    ranked: g.ranked,
                    denominator: g.denominator,
                    cuts: g
                        .cuts
                        .into_iter()
                        .map(|(class, position, count, total)| CutLine { class, position, count, total })
                        .collect(),
                })
                .collect(),
            summary: Summary {
                firms: s.firms,
                ranked: s.ranked,
                status: s.status,
                inherits: s.inherits,
                outside: s.outside,
                unrankable: s.unrankable,
                classes: s.classes,
                cost: s.cost,
                cost_unknown: s.cost_unknown,
                absent_columns: s.absent_columns,
            },
        })
    }
}

fn state_number(state: ValueState) -> u32 {
    match state {
        ValueState::Known => 0,
        ValueState::Missing => 1,
        ValueState::Undefined => 2,
        ValueState::Negative => 3,
    }
}

fn state_of(number: u32) -> ValueState {
    match number {
        0 => ValueState::Known,
        2 => ValueState::Undefined,
        3 => ValueState::Negative,
        _ => ValueState::Missing,
    }
}

fn limit_number(limit: Limit) -> u32 {
    match limit {
        Limit::None => 0,
        Limit::Cap => 1,
        Limit::Floor => 2,
    }
}

fn limit_of(number: u32) -> Limit {
    match number {
        1 => Limit::Cap,
        2 => Limit::Floor,
        _ => Limit::None,
    }
}
