//! How answers are printed: a table for people, or with `--json` what the API gives. Files go to a path.

use anyhow::{Context, Result};
use serde::Serialize;
use services::Document;
use std::path::PathBuf;

/// A column of a table: its head and what it shows of a row.
pub type Column<T> = (&'static str, fn(&T) -> String);

/// Prints a list.
pub fn list<T: Serialize>(json: bool, rows: &[T], columns: &[Column<T>]) -> Result<()> {
    if json {
        return value(rows);
    }
    let heads: Vec<String> = columns.iter().map(|c| c.0.to_owned()).collect();
    let cells = rows.iter().map(|row| columns.iter().map(|c| (c.1)(row)).collect());
    print!("{}", table(std::iter::once(heads).chain(cells).collect()));
    println!("{} rows", rows.len());
    Ok(())
}

/// Prints one thing by its fields.
pub fn one<T: Serialize>(json: bool, thing: &T, fields: &[(&str, String)]) -> Result<()> {
    if json {
        return value(thing);
    }
    print!("{}", table(fields.iter().map(|(name, text)| vec![(*name).to_owned(), text.clone()]).collect()));
    Ok(())
}

/// Prints as JSON.
pub fn value<T: Serialize + ?Sized>(thing: &T) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(thing)?);
    Ok(())
}

/// Writes a file under its own name or the given one, and says what it holds.
pub fn file(document: &Document, to: Option<PathBuf>) -> Result<()> {
    let path = to.unwrap_or_else(|| PathBuf::from(&document.name));
    std::fs::write(&path, &document.bytes).with_context(|| path.display().to_string())?;
    let rows = document.rows.map(|n| format!("{n} rows, ")).unwrap_or_default();
    println!("{} ({rows}{})", path.display(), document.digest.hex());
    Ok(())
}

/// A text or a dash.
pub fn or_dash(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |t| t.to_string())
}

fn table(rows: Vec<Vec<String>>) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..columns).map(|c| rows.iter().filter_map(|r| r.get(c)).map(|t| width(t)).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (text, wide) in row.iter().zip(&widths) {
            line.push_str(text);
            line.push_str(&" ".repeat(wide - width(text) + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Columns of a terminal that a text takes: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_line_with_chinese_text_in_them() {
        let rows = [["id", "name", "x"], ["1", "启衡", "a"], ["22", "ab", "b"]];
        let text = table(rows.map(|r| r.map(str::to_owned).to_vec()).to_vec());
        assert_eq!(text, "id  name  x\n1   启衡  a\n22  ab    b\n");
    }
}
