//! Code lists from CSV files under `codes/`: divisions, their history, townships, industries. A file
//! is recognised by its head; columns that it has besides are passed over.

use crate::codes::{Division, Industry, IndustryLevel, Township};
use crate::load::Law;
use crate::place::{Diagnostic, Place};
use base::{DivisionCode, division::Level};
use std::collections::BTreeMap;

/// A row by column name, with its place.
struct Row<'a> {
    cells: BTreeMap<&'a str, &'a str>,
    at: Place,
}

impl Row<'_> {
    fn get(&self, column: &str) -> &str {
        self.cells.get(column).copied().unwrap_or_default()
    }
}

/// Reads one file into the law.
pub(crate) fn read(law: &mut Law, path: &str, text: &str, findings: &mut Vec<Diagnostic>) {
    let mut lines = text.lines().enumerate();
    let head: Vec<&str> = lines.next().map(|(_, l)| l.split(',').map(str::trim).collect()).unwrap_or_default();
    let has = |names: &[&str]| names.iter().all(|n| head.contains(n));
    let take: fn(&mut Law, &Row, &mut Vec<Diagnostic>) =
        if has(&["code", "name", "first_year", "last_year", "successor_code"]) {
            history
        } else if has(&["code", "level", "section", "parent_code", "name"]) {
            industry
        } else if has(&["code", "name", "level", "parent_code"]) {
            division
        } else if has(&["code", "name", "parent_code"]) {
            township
        } else {
            return; // lists that other crates read
        };
    for (i, line) in lines {
        let at = Place { file: path.into(), line: i as u32 + 1, column: 1 };
        if line.trim().is_empty() {
            continue;
        }
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        if cells.len() != head.len() {
            findings.push(Diagnostic::error(
                "bad-row",
                &at,
                format!("{} cells", cells.len()),
                format!("{}, as in the head", head.len()),
            ));
            continue;
        }
        take(law, &Row { cells: head.iter().copied().zip(cells).collect(), at }, findings);
    }
}

fn code(row: &Row, column: &str, findings: &mut Vec<Diagnostic>) -> Option<DivisionCode> {
    let text = row.get(column);
    if text.is_empty() {
        return None;
    }
    match text.parse() {
        Ok(code) => Some(code),
        Err(fault) => {
            findings.push(Diagnostic::error("bad-division", &row.at, fault.to_string(), "a division code"));
            None
        }
    }
}

fn division(law: &mut Law, row: &Row, findings: &mut Vec<Diagnostic>) {
    let Some(code_) = code(row, "code", findings) else { return };
    let level = match row.get("level") {
        "province" => Level::Province,
        "prefecture" | "city" => Level::City,
        _ => Level::County,
    };
    let parent = code(row, "parent_code", findings);
    let known = law.divisions.all.entry(code_).or_insert_with(|| blank(code_));
    known.name = row.get("name").to_owned();
    known.level = level;
    known.kind = row.get("kind").to_owned();
    known.parent = parent.or_else(|| code_.parent());
    known.current = true;
    let degrees = |name: &str| row.get(name).parse::<f64>().ok().map(|d| (d * 100.0).round() as i32);
    known.centre = degrees("lon").zip(degrees("lat"));
}

fn blank(code: DivisionCode) -> Division {
    Division {
        code,
        name: String::new(),
        level: code.level(),
        kind: String::new(),
        parent: code.parent(),
        current: true,
        first_year: None,
        last_year: None,
        successor: None,
        centre: None,
    }
}

fn history(law: &mut Law, row: &Row, findings: &mut Vec<Diagnostic>) {
    let Some(code_) = code(row, "code", findings) else { return };
    let successor = code(row, "successor_code", findings);
    let last: Option<i16> = row.get("last_year").parse().ok();
    let known = law.divisions.all.entry(code_).or_insert_with(|| Division { current: last.is_none(), ..blank(code_) });
    if known.name.is_empty() {
        known.name = row.get("name").to_owned();
    }
    known.first_year = row.get("first_year").parse().ok();
    known.last_year = last;
    known.current = last.is_none();
    known.successor = successor;
}

fn township(law: &mut Law, row: &Row, findings: &mut Vec<Diagnostic>) {
    let text = row.get("code");
    // Zones that statistics treat as counties come in a list of the same shape, with six digits.
    if text.len() == 6 {
        if let Some(code_) = code(row, "code", findings) {
            let parent = code(row, "parent_code", findings);
            law.divisions.all.entry(code_).or_insert_with(|| Division {
                name: row.get("name").to_owned(),
                kind: "统计区".to_owned(),
                level: Level::County,
                parent,
                current: false,
                ..blank(code_)
            });
        }
        return;
    }
    if let Some(parent) = code(row, "parent_code", findings) {
        law.townships.push(Township { code: text.to_owned(), name: row.get("name").to_owned(), parent });
    }
}

fn industry(law: &mut Law, row: &Row, findings: &mut Vec<Diagnostic>) {
    let level = match row.get("level") {
        "section" => IndustryLevel::Section,
        "division" => IndustryLevel::Division,
        "group" => IndustryLevel::Group,
        "class" => IndustryLevel::Class,
        other => {
            findings.push(Diagnostic::error(
                "bad-level",
                &row.at,
                format!("`{other}`"),
                "section, division, group or class",
            ));
            return;
        }
    };
    let industry = Industry {
        code: row.get("code").to_owned(),
        level,
        section: row.get("section").to_owned(),
        parent: row.get("parent_code").to_owned(),
        name: row.get("name").to_owned(),
    };
    law.industries.all.insert(industry.code.clone(), industry);
}
