//! Chooses the firms that get a fault, writes the fault into the row's identity, and keeps the list
//! for the key. A firm gets at most one fault over all six workbooks.

use super::grid::{Cell, Grid};
use crate::credit;
use crate::draw::{Draw, Purpose};
use crate::key::{Dirt, Expected, Fault, FaultKind, KeyFirm};
use crate::names::{self, NameParts};
use crate::{Firm, Part, Province};
use base::Department;
use std::collections::{BTreeMap, BTreeSet};

/// Who a row is about and how it is written there.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The firm whose figures the row carries.
    pub firm: usize,
    pub code: String,
    pub name: String,
    pub address: String,
    /// A fault of this row.
    pub fault: Option<FaultKind>,
    /// The row's firm is no firm of the demo county, so that the key names none.
    pub stranger: bool,
}

/// Where a workbook keeps code and name, columns from 1.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    pub code: u32,
    pub name: u32,
}

pub(crate) struct Planter<'a> {
    pub province: &'a Province,
    pub year: i16,
    pub draw: Draw,
    pub department: Department,
    pub file: String,
    free: Vec<usize>,
    names: &'a BTreeSet<String>,
    pub faults: Vec<Fault>,
    dirt: BTreeMap<(String, &'static str, u32), Dirt>,
}

/// What every import should make of a kind.
pub(crate) fn expected(kind: FaultKind) -> Expected {
    use FaultKind as K;
    match kind {
        K::TotalRow | K::ColumnMarks => Expected::Skipped,
        K::Duplicate => Expected::Duplicate,
        K::UnknownFirm => Expected::Unmatched,
        K::WrongDigit | K::LetterO | K::LetterI | K::OldNameOnly | K::NearName => Expected::Doubtful,
        K::OtherCounty => Expected::OtherCounty,
        K::OldName | K::ZeroEmployees => Expected::Accepted,
        K::NameOnly => Expected::ByName,
        K::MissingValue => Expected::Absent,
        K::SharesExceedParcel => Expected::Flagged,
        K::NotANumber | K::FormulaError | K::NegativeArea | K::FutureDate | K::EndsBeforeItBegins => Expected::Refused,
    }
}

impl<'a> Planter<'a> {
    pub(crate) fn new(
        province: &'a Province,
        year: i16,
        department: Department,
        file: &str,
        free: Vec<usize>,
        names: &'a BTreeSet<String>,
    ) -> Self {
        let draw = Draw::new(province.seed(), Purpose::Faults, department as u64);
        Self {
            province,
            year,
            draw,
            department,
            file: file.to_owned(),
            free,
            names,
            faults: Vec::new(),
            dirt: BTreeMap::new(),
        }
    }

    /// The firms not used yet, for the next workbook.
    pub(crate) fn into_parts(self) -> (Vec<usize>, Vec<Fault>, Vec<Dirt>) {
        (self.free, self.faults, self.dirt.into_values().collect())
    }

    pub(crate) fn firm(&self, index: usize) -> &'a Firm {
        &self.province.firms()[index]
    }

    pub(crate) fn key_firm(&self, index: usize) -> KeyFirm {
        key_firm(self.firm(index))
    }

    /// Takes a free firm for which the condition holds.
    pub(crate) fn take(&mut self, fits: impl Fn(&Firm) -> bool) -> Option<usize> {
        let at = self.free.iter().position(|i| fits(self.firm(*i)))?;
        Some(self.free.remove(at))
    }

    /// Takes a firm for each fault of the plan.
    pub(crate) fn plan(
        &mut self,
        wanted: &[(FaultKind, usize)],
        fits: impl Fn(&Firm) -> bool,
    ) -> BTreeMap<usize, FaultKind> {
        let mut out = BTreeMap::new();
        for (kind, count) in wanted {
            for _ in 0..*count {
                let year = self.year;
                let suits = |f: &Firm| fits(f) && suits(*kind, f, year);
                if let Some(firm) = self.take(suits) {
                    out.insert(firm, *kind);
                }
            }
        }
        out
    }

    /// The row of a firm, with its identity spoilt when the plan says so.
    pub(crate) fn line(&mut self, firm: usize, fault: Option<FaultKind>) -> Line {
        let f = self.firm(firm);
        let mut line = Line {
            firm,
            code: f.code.to_string(),
            name: f.name.clone(),
            address: f.address.clone(),
            fault,
            stranger: false,
        };
        let former = || f.former_names.last().map_or_else(|| f.name.clone(), |n| n.name.clone());
        match fault {
            Some(FaultKind::WrongDigit) => line.code = self.wrong_digit(&line.code),
            Some(FaultKind::LetterO) => line.code = replace_last(&line.code, '0', 'O'),
            Some(FaultKind::LetterI) => line.code = replace_last(&line.code, '1', 'I'),
            Some(FaultKind::OldName) => line.name = former(),
            Some(FaultKind::OldNameOnly) => (line.code, line.name) = (String::new(), former()),
            Some(FaultKind::NearName) => (line.code, line.name) = (String::new(), self.near_name(&f.name)),
            Some(FaultKind::NameOnly) => line.code = String::new(),
            _ => {}
        }
        line
    }

    /// A row about a firm that the registry does not know; its figures are borrowed.
    pub(crate) fn unknown(&mut self, figures_of: usize) -> Line {
        let model = self.firm(figures_of);
        let county = self.province.demo_county();
        let mut code;
        loop {
            code = credit::make(&mut self.draw, county, false);
            if !self.province.firms().iter().any(|f| f.code == code) {
                break;
            }
        }
        let name = loop {
            let name = NameParts {
                region: self.province.codes().county(county).short().to_owned(),
                brand: names::brand(&mut self.draw),
                trade: names::trade_of(&model.industry).words[0],
                form: "有限公司",
            }
            .full();
            if !self.names.contains(&base::text::name_key(&name)) {
                break name;
            }
        };
        Line {
            firm: figures_of,
            code: code.to_string(),
            name,
            address: format!("{}内", model.address),
            fault: Some(FaultKind::UnknownFirm),
            stranger: true,
        }
    }

    /// A row about a firm of a neighbouring county.
    pub(crate) fn other_county(&mut self, fits: impl Fn(&Firm) -> bool) -> Option<Line> {
        let city = self.province.demo_county().parent()?;
        let demo = self.province.demo_county();
        let near: Vec<usize> = self
            .province
            .firms_in(city)
            .iter()
            .filter(|f| f.division != demo && f.part == Part::Ordinary && fits(f))
            .map(|f| f.index)
            .collect();
        let firm = *self.draw.pick(&near);
        let mut line = self.line(firm, None);
        line.fault = Some(FaultKind::OtherCounty);
        Some(line)
    }

    /// Lists the identity fault of a row just about to be written at `row`.
    pub(crate) fn note_identity(&mut self, grid: &Grid, row: u32, columns: Identity, line: &Line, facts: &[&str]) {
        use FaultKind as K;
        let Some(kind) = line.fault else { return };
        let column = match kind {
            K::UnknownFirm | K::WrongDigit | K::LetterO | K::LetterI | K::OtherCounty => columns.code,
            K::OldName | K::OldNameOnly | K::NearName | K::NameOnly => columns.name,
            _ => return,
        };
        let raw = if column == columns.code { &line.code } else { &line.name };
        let lost = match expected(kind) {
            Expected::Doubtful | Expected::ByName => facts,
            _ => &[],
        };
        let firm = (!line.stranger).then_some(line.firm);
        self.note(grid, row, column, kind, raw, firm, None, lost);
    }

    /// Lists a fault.
    #[expect(clippy::too_many_arguments, reason = "a fault has that many parts, and each caller names them all")]
    pub(crate) fn note(
        &mut self,
        grid: &Grid,
        row: u32,
        column: u32,
        kind: FaultKind,
        raw: &str,
        firm: Option<usize>,
        parcel: Option<&str>,
        facts: &[&str],
    ) {
        self.faults.push(Fault {
            id: format!("{}-{:03}", self.department.name(), self.faults.len() + 1),
            department: self.department,
            file: self.file.clone(),
            sheet: (!grid.name.is_empty()).then(|| grid.name.clone()),
            row,
            column,
            head: grid.head_of(column),
            kind,
            raw: raw.to_owned(),
            expected: expected(kind),
            firm: firm.map(|i| self.key_firm(i)),
            parcel: parcel.map(str::to_owned),
            facts: facts.iter().map(|f| (*f).to_owned()).collect(),
        });
    }

    /// Counts a cell of harmless dirt and keeps the first as the example.
    pub(crate) fn dirty(&mut self, grid: &Grid, row: u32, column: u32, kind: &'static str, raw: &str, value: &str) {
        let sheet = (!grid.name.is_empty()).then(|| grid.name.clone());
        let entry = self.dirt.entry((grid.name.clone(), kind, column)).or_insert_with(|| Dirt {
            file: self.file.clone(),
            sheet,
            kind: kind.to_owned(),
            cells: 0,
            row,
            column,
            raw: raw.to_owned(),
            value: value.to_owned(),
        });
        entry.cells += 1;
    }

    /// Writes a share of the numbers as text with grouping commas.
    pub(crate) fn grouped_sometimes(&mut self, grid: &Grid, row: u32, column: u32, cell: Cell, share: f64) -> Cell {
        let Cell::Number(n) = &cell else { return cell };
        if !self.draw.chance(share) {
            return cell;
        }
        let text = grouped(&n.to_string());
        self.dirty(grid, row, column, "grouped_text", &text, &n.to_string());
        Cell::Text(text)
    }

    /// Writes a share of the numbers as plain text.
    pub(crate) fn text_sometimes(&mut self, grid: &Grid, row: u32, column: u32, cell: Cell, share: f64) -> Cell {
        let Cell::Number(n) = &cell else { return cell };
        if !self.draw.chance(share) {
            return cell;
        }
        self.dirty(grid, row, column, "text_number", &n.to_string(), &n.to_string());
        Cell::Text(n.to_string())
    }

    fn wrong_digit(&mut self, code: &str) -> String {
        let mut chars: Vec<char> = code.chars().collect();
        // Within the organisation code, where a digit may be any other digit.
        let at = (8..17)
            .rev()
            .find(|i| chars[*i].is_ascii_digit())
            .expect("its check character is a digit or X, and numbers precede it");
        let old = chars[at].to_digit(10).expect("a digit");
        chars[at] = char::from_digit((old + 1 + self.draw.below(9) as u32) % 10, 10).expect("below ten");
        chars.into_iter().collect()
    }

    fn near_name(&mut self, name: &str) -> String {
        loop {
            let near = names::near_name(&mut self.draw, name);
            if !self.names.contains(&base::text::name_key(&near)) && !names::is_denied(&near) {
                return near;
            }
        }
    }
}

/// The firm as the key names it.
pub(crate) fn key_firm(firm: &Firm) -> KeyFirm {
    KeyFirm { index: firm.index, code: firm.code.to_string(), name: firm.name.clone() }
}

/// Whether that fault can be made of that firm.
fn suits(kind: FaultKind, firm: &Firm, year: i16) -> bool {
    let tail = &firm.code.as_str()[8..17];
    match kind {
        FaultKind::LetterO => tail.contains('0'),
        FaultKind::LetterI => tail.contains('1'),
        FaultKind::WrongDigit => tail.contains(|c: char| c.is_ascii_digit()),
        FaultKind::OldName | FaultKind::OldNameOnly => {
            firm.former_names.last().is_some_and(|n| n.until.year() >= year - 6)
        }
        _ => true,
    }
}

fn replace_last(code: &str, from: char, to: char) -> String {
    let at = code[..17].rfind(from).expect("the plan chose a code that has one");
    format!("{}{to}{}", &code[..at], &code[at + 1..])
}

/// `1234567.8` as `1,234,567.8`.
pub(crate) fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |r| ("-", r));
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Digits and points in their full-width forms.
pub(crate) fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xfee0).expect("full-width forms") } else { c })
        .collect()
}
