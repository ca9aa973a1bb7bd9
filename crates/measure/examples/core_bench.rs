//! The core job of an evaluation at the size of a country, on the kernels that the schemes use: clip
//! each indicator at its sector's 5th and 95th percentile, scale it within the sector, weigh, rank
//! within the region, class by share; Parquet in and out. `bench/run.py` runs it beside its peers.
//!
//! `core_bench core IN.parquet OUT.parquet THREADS` prints one line of JSON with seconds.

use arrow::array::{ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema};
use bytes::Bytes;
use measure::kernels::{Grouping, Share, Whole, clip, count_of, percentile_pair, position, quantise, rank};
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Instant;

const INDICATORS: usize = 12;
/// Weights of the twelve indicators; they add up to 100.
const WEIGHTS: [f64; INDICATORS] = [20.0, 15.0, 12.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 1.0];
/// Decimals to which totals are kept before ranking.
const DECIMALS: u8 = 12;

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Fallible<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["core", input, output, threads] => {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
            pool.install(|| core(input, output))
        }
        _ => Err("usage: core_bench core IN.parquet OUT.parquet THREADS".into()),
    }
}

fn core(input: &str, output: &str) -> Fallible<()> {
    let start = Instant::now();
    let columns = read(input)?;
    let read_done = Instant::now();
    let firm = columns[0].as_primitive::<Int64Type>();
    let group =
        |i: usize| columns[i].as_primitive::<Int32Type>().values().iter().map(|g| *g as u32).collect::<Vec<u32>>();
    let (sector, region) = rayon::join(|| group(1), || group(2));
    let sectors = sector.iter().max().map_or(0, |m| *m as usize + 1);
    let regions = region.iter().max().map_or(0, |m| *m as usize + 1);
    let (by_sector, by_region) = rayon::join(|| Grouping::new(&sector, sectors), || Grouping::new(&region, regions));
    let values: Vec<&[f64]> =
        (0..INDICATORS).map(|i| columns[3 + i].as_primitive::<Float64Type>().values().as_ref()).collect();
    let total = totals(&values, &by_sector, firm.len());
    let key: Vec<i64> = total.par_iter().map(|t| quantise_fine(*t)).collect();
    let ranking = rank(&key, &by_region, |_, _| Ordering::Equal);
    let class = classes(&ranking.rank, &by_region);
    let computed = Instant::now();
    write(output, firm, total, ranking.rank, &class)?;
    let end = Instant::now();
    let seconds = |a: Instant, b: Instant| (b - a).as_secs_f64();
    println!(
        "{{\"total\": {:.4}, \"read\": {:.4}, \"compute\": {:.4}, \"write\": {:.4}}}",
        seconds(start, end),
        seconds(start, read_done),
        seconds(read_done, computed),
        seconds(computed, end)
    );
    Ok(())
}

/// Weighted sums of the indicators, each clipped and scaled within its sector.
fn totals(values: &[&[f64]], by_sector: &Grouping, rows: usize) -> Vec<f64> {
    let (low, high) = (Share::of(Decimal::new(5, 2)), Share::of(Decimal::new(95, 2)));
    // Each sector is one task; its rows are gathered once per indicator and scored where they lie.
    let parts: Vec<Vec<f64>> = (0..by_sector.len())
        .into_par_iter()
        .map(|s| {
            let members = by_sector.rows(s);
            let mut sums = vec![0.0; members.len()];
            let mut own = Vec::with_capacity(members.len());
            let mut scratch = Vec::with_capacity(members.len());
            for (column, weight) in values.iter().zip(WEIGHTS) {
                own.clear();
                own.extend(members.iter().map(|r| column[*r as usize]));
                scratch.clone_from(&own);
                let Some((low, high)) = percentile_pair(&mut scratch, low, high) else { continue };
                for (sum, v) in sums.iter_mut().zip(&own) {
                    *sum += weight * position(clip(*v, low, high), low, high, false);
                }
            }
            sums
        })
        .collect();
    let mut out = vec![0.0; rows];
    for (s, sums) in parts.iter().enumerate() {
        by_sector.rows(s).iter().zip(sums).for_each(|(r, sum)| out[*r as usize] = *sum);
    }
    out
}

/// A total as an integer of its last decimal.
fn quantise_fine(total: f64) -> i64 {
    quantise(total, DECIMALS).unwrap_or(i64::MIN)
}

fn classes(rank: &[u32], by_region: &Grouping) -> Vec<&'static str> {
    let shares = [("A", Decimal::new(2, 1)), ("B", Decimal::new(65, 2)), ("C", Decimal::new(95, 2))];
    let mut out = vec!["D"; rank.len()];
    for g in 0..by_region.len() {
        let rows = by_region.rows(g);
        let cuts = shares.map(|(class, share)| (class, count_of(share, rows.len() as u32, Whole::Floor)));
        for row in rows {
            let row = *row as usize;
            out[row] = cuts.iter().find(|(_, last)| rank[row] <= *last).map_or("D", |(class, _)| class);
        }
    }
    out
}

/// Every column on a thread of its own.
fn read(path: &str) -> Fallible<Vec<ArrayRef>> {
    let bytes = Bytes::from(std::fs::read(path)?);
    let metadata = ArrowReaderMetadata::load(&bytes, Default::default())?;
    let groups = metadata.metadata().num_row_groups();
    let columns = metadata.schema().fields().len();
    let parts: Vec<ArrayRef> = (0..columns * groups)
        .into_par_iter()
        .map(|i| {
            let (column, group) = (i / groups, i % groups);
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone());
            let mask = ProjectionMask::leaves(builder.parquet_schema(), [column]);
            let rows = builder.metadata().row_group(group).num_rows() as usize;
            let mut reader =
                builder.with_projection(mask).with_row_groups(vec![group]).with_batch_size(rows).build()?;
            let batch = reader.next().ok_or("an empty row group")??;
            Ok(batch.column(0).clone())
        })
        .collect::<Fallible<_>>()?;
    parts
        .par_chunks(groups)
        .map(|p| Ok(arrow::compute::concat(&p.iter().map(AsRef::as_ref).collect::<Vec<_>>())?))
        .collect()
}

fn write(path: &str, firm: &Int64Array, total: Vec<f64>, rank: Vec<u32>, class: &[&'static str]) -> Fallible<()> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("firm", DataType::Int64, false),
        Field::new("score", DataType::Float64, false),
        Field::new("rank", DataType::Int32, false),
        Field::new("class", DataType::Utf8, false),
    ]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(firm.clone()),
        Arc::new(Float64Array::from(total)),
        Arc::new(Int32Array::from_iter_values(rank.into_iter().map(|r| r as i32))),
        Arc::new(StringArray::from_iter_values(class)),
    ];
    let properties = Arc::new(
        WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(false)
            .set_column_dictionary_enabled("class".into(), true)
            .build(),
    );
    let parquet = ArrowSchemaConverter::new().convert(&schema)?;
    let mut file = SerializedFileWriter::new(std::fs::File::create(path)?, parquet.root_schema_ptr(), properties)?;
    let writers = ArrowRowGroupWriterFactory::new(&file, schema.clone()).create_column_writers(0)?;
    let chunks = writers
        .into_par_iter()
        .zip(columns.par_iter())
        .zip(schema.fields().par_iter())
        .map(|((mut writer, column), field)| {
            for leaf in compute_leaves(field, column)? {
                writer.write(&leaf)?;
            }
            writer.close()
        })
        .collect::<Result<Vec<_>, _>>()?;
    let mut group = file.next_row_group()?;
    for chunk in chunks {
        chunk.append_to_row_group(&mut group)?;
    }
    group.close()?;
    file.close()?;
    Ok(())
}
