//! A minimal writer of Excel 97–2003 workbooks: BIFF8 records ([MS-XLS]) in an OLE compound file.
//! One cell format, shared strings, numbers, merged cells; enough for what a department exports.

use super::grid::{Cell, Grid};
use crate::error::WriteError;
use base::fixed::to_f64;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::time::{Duration, UNIX_EPOCH};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const CODEPAGE: u16 = 0x0042;
const WINDOW1: u16 = 0x003d;
const DATEMODE: u16 = 0x0022;
const FONT: u16 = 0x0031;
const XF: u16 = 0x00e0;
const STYLE: u16 = 0x0293;
const BOUNDSHEET: u16 = 0x0085;
const SST: u16 = 0x00fc;
const CONTINUE: u16 = 0x003c;
const DIMENSIONS: u16 = 0x0200;
const LABELSST: u16 = 0x00fd;
const NUMBER: u16 = 0x0203;
const MERGEDCELLS: u16 = 0x00e5;
const WINDOW2: u16 = 0x023e;
/// Data that one record may carry.
const RECORD_MAX: usize = 8224;
/// The first XF for cells; the ones before are styles.
const CELL_XF: u16 = 15;

/// The sheets as an .xls file; the same sheets give the same bytes.
pub(crate) fn xls(file: &str, grids: &[Grid]) -> Result<Vec<u8>, WriteError> {
    pack(&[("/Workbook", workbook(grids))]).map_err(|source| WriteError::Pack { file: file.to_owned(), source })
}

/// Streams in an OLE compound file, with fixed time stamps.
pub(crate) fn pack(streams: &[(&str, Vec<u8>)]) -> std::io::Result<Vec<u8>> {
    let mut compound = cfb::CompoundFile::create_with_version(cfb::Version::V3, Cursor::new(Vec::new()))?;
    for (path, bytes) in streams {
        compound.create_stream(path)?.write_all(bytes)?;
    }
    let stamp = UNIX_EPOCH + Duration::from_secs(1_772_409_600);
    compound.set_modified_time("/", stamp)?;
    compound.flush()?;
    Ok(compound.into_inner().into_inner())
}

fn record(out: &mut Vec<u8>, id: u16, data: &[u8]) {
    out.extend(id.to_le_bytes());
    out.extend((data.len() as u16).to_le_bytes());
    out.extend(data);
}

/// Little-endian 16-bit words as bytes.
fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// A string of the BIFF8 kind: length, flag for two-byte characters, characters.
fn string(text: &str, short_length: bool) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = if short_length { vec![units.len() as u8] } else { words(&[units.len() as u16]) };
    out.push(1);
    out.extend(words(&units));
    out
}

/// Every distinct text with its place in the shared table, in order of first use.
fn shared_strings(grids: &[Grid]) -> (Vec<&str>, BTreeMap<&str, u32>, u32) {
    let (mut order, mut places, mut uses) = (Vec::new(), BTreeMap::new(), 0);
    for cell in grids.iter().flat_map(|g| g.rows.iter().flatten()) {
        if let Cell::Text(text) = cell {
            uses += 1;
            places.entry(text.as_str()).or_insert_with(|| {
                order.push(text.as_str());
                order.len() as u32 - 1
            });
        }
    }
    (order, places, uses)
}

fn workbook(grids: &[Grid]) -> Vec<u8> {
    let (strings, places, uses) = shared_strings(grids);
    let mut globals = Vec::new();
    record(&mut globals, BOF, &words(&[0x0600, 0x0005, 0x0dbb, 0x07cc, 0, 0, 6, 0]));
    record(&mut globals, CODEPAGE, &words(&[1200]));
    record(&mut globals, WINDOW1, &words(&[0, 0, 0x4000, 0x2000, 0x0038, 0, 0, 1, 0x0258]));
    record(&mut globals, DATEMODE, &words(&[0]));
    for _ in 0..4 {
        // Height 10 pt, no attribute, automatic colour, normal weight.
        let mut font = words(&[200, 0, 0x7fff, 400, 0, 0, 0]);
        font.extend(string("SimSun", true));
        record(&mut globals, FONT, &font);
    }
    for i in 0..=CELL_XF {
        let kind = if i < CELL_XF { 0xfff5 } else { 0x0001 };
        record(&mut globals, XF, &words(&[0, 0, kind, 0x0020, 0, 0, 0, 0, 0, 0x20c0]));
    }
    record(&mut globals, STYLE, &[0x00, 0x80, 0x00, 0xff]);

    let sheets: Vec<Vec<u8>> = grids.iter().map(|g| sheet(g, &places)).collect();
    let mut table = Vec::new();
    shared_table(&mut table, &strings, uses);
    record(&mut table, EOF, &[]);
    // Each sheet's place in the stream is known once the lengths of all that precede it are.
    let names: Vec<Vec<u8>> = grids.iter().map(|g| string(&g.name, true)).collect();
    let bound: usize = names.iter().map(|n| 4 + 6 + n.len()).sum();
    let mut at = globals.len() + bound + table.len();
    for (name, sheet) in names.iter().zip(&sheets) {
        let mut data = (at as u32).to_le_bytes().to_vec();
        data.extend([0, 0]);
        data.extend(name);
        record(&mut globals, BOUNDSHEET, &data);
        at += sheet.len();
    }
    globals.extend(table);
    globals.extend(sheets.into_iter().flatten());
    globals
}

/// The shared strings; a new record starts where the next string would not fit, so that no string
/// is cut in two.
fn shared_table(out: &mut Vec<u8>, strings: &[&str], uses: u32) {
    let mut data = uses.to_le_bytes().to_vec();
    data.extend((strings.len() as u32).to_le_bytes());
    let mut id = SST;
    for text in strings {
        let next = string(text, false);
        if data.len() + next.len() > RECORD_MAX {
            record(out, id, &data);
            id = CONTINUE;
            data.clear();
        }
        data.extend(next);
    }
    record(out, id, &data);
}

fn sheet(grid: &Grid, places: &BTreeMap<&str, u32>) -> Vec<u8> {
    let mut out = Vec::new();
    record(&mut out, BOF, &words(&[0x0600, 0x0010, 0x0dbb, 0x07cc, 0, 0, 6, 0]));
    let columns = grid.rows.iter().map(Vec::len).max().unwrap_or(0) as u16;
    let mut dimensions = Vec::new();
    dimensions.extend(0u32.to_le_bytes());
    dimensions.extend((grid.rows.len() as u32).to_le_bytes());
    dimensions.extend(words(&[0, columns, 0]));
    record(&mut out, DIMENSIONS, &dimensions);
    for (r, row) in grid.rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            let mut data = words(&[r as u16, c as u16, CELL_XF]);
            match cell {
                Cell::Blank | Cell::Formula(..) | Cell::Date(_) => {}
                Cell::Text(text) => {
                    data.extend(places[text.as_str()].to_le_bytes());
                    record(&mut out, LABELSST, &data);
                }
                Cell::Number(n) => {
                    data.extend(to_f64(*n).to_le_bytes());
                    record(&mut out, NUMBER, &data);
                }
            }
        }
    }
    record(&mut out, WINDOW2, &words(&[0x06b6, 0, 0, 0x0040, 0, 0, 0, 0, 0]));
    if !grid.merges.is_empty() {
        let mut data = words(&[grid.merges.len() as u16]);
        for (r0, c0, r1, c1) in &grid.merges {
            data.extend(words(&[*r0 as u16, *r1 as u16, *c0, *c1]));
        }
        record(&mut out, MERGEDCELLS, &data);
    }
    record(&mut out, EOF, &[]);
    out
}
