//! Separated text as a sheet: delimiter sniffed, quotes understood. Rows are numbered as a
//! spreadsheet program would number them on opening the file.

use crate::container::Decoded;
use crate::fault::FileFault;
use crate::grid::{Book, Cell, Grid, Meter};
use crate::reading::{DateSystem, Format};

/// Tried in this order; the earlier wins a tie.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Lines looked at to find the delimiter.
const SNIFFED_LINES: usize = 50;

/// The delimiter that divides the first lines most evenly: the one with the most lines of the same
/// number of cells, counted only outside quotes.
fn sniff(text: &str) -> u8 {
    let score = |delimiter: u8| {
        let mut tally = std::collections::BTreeMap::new();
        for count in cells_per_line(text, delimiter) {
            *tally.entry(count).or_insert(0usize) += 1;
        }
        tally.into_iter().filter(|(count, _)| *count > 1).map(|(count, lines)| lines * (count - 1)).max().unwrap_or(0)
    };
    let mut best = (DELIMITERS[0], 0);
    for delimiter in DELIMITERS {
        let found = score(delimiter);
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    best.0
}

fn cells_per_line(text: &str, delimiter: u8) -> Vec<usize> {
    let (mut out, mut count, mut quoted) = (Vec::new(), 1, false);
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => {
                out.push(count);
                count = 1;
                if out.len() == SNIFFED_LINES {
                    return out;
                }
            }
            _ if byte == delimiter && !quoted => count += 1,
            _ => {}
        }
    }
    out.push(count);
    out
}

pub(crate) fn grid(decoded: Decoded, meter: &mut Meter<'_, '_>) -> Result<Book, FileFault> {
    let delimiter = sniff(&decoded.text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(decoded.text.as_bytes());
    let mut grid = Grid::new(None, true);
    let mut record = csv::StringRecord::new();
    let mut row = 0u32;
    let corrupt = |row: u32, detail: String| FileFault::Corrupt { part: format!("row {row}"), detail };
    while reader.read_record(&mut record).map_err(|e| corrupt(row + 1, e.to_string()))? {
        // The reader passes over empty lines; a spreadsheet program gives each a row.
        let start = record.position().map_or(0, |p| p.byte() as usize);
        row += 1 + empty_lines(decoded.text.as_bytes(), start);
        for (index, cell) in record.iter().enumerate() {
            let cell = unprotect(cell);
            if !cell.trim().is_empty() {
                meter.tick()?;
                grid.push(row, index as u32 + 1, Cell::Text(cell.into())).map_err(|_| FileFault::Corrupt {
                    part: format!("row {row}"),
                    detail: "cells out of order".to_owned(),
                })?;
            }
        }
    }
    Ok(Book {
        format: Format::Text { encoding: decoded.encoding, delimiter: delimiter as char },
        dates: DateSystem::From1900,
        sheets: vec![grid],
    })
}

/// Empty lines from a byte on, before the next one with content.
fn empty_lines(text: &[u8], start: usize) -> u32 {
    let mut rest = &text[start.min(text.len())..];
    // The end of the line before may still be half unread.
    if start > 0 && text.get(start - 1) == Some(&b'\r') {
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    let mut count = 0;
    while let Some(next) =
        rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).or_else(|| rest.strip_prefix(b"\r"))
    {
        rest = next;
        count += 1;
    }
    count
}

/// `="0123"`, by which exports keep a spreadsheet program from reading a code as a number, and a
/// trailing tab, by which others do the same.
fn unprotect(cell: &str) -> &str {
    let cell = cell.trim_end_matches('\t');
    cell.strip_prefix("=\"").and_then(|c| c.strip_suffix('"')).or_else(|| cell.strip_prefix('\'')).unwrap_or(cell)
}
