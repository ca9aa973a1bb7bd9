//! The rows below a table's heads, sorted into data, totals, blanks and remarks, and converted
//! column by column.

use crate::Wording;
use crate::cells::{self, Bad, Ratio};
use crate::duplicates;
use crate::fault::{CellFault, CellPlace, FileFault, Note, Weight};
use crate::grid::{Cell, Grid};
use crate::heads::{self, Found, FoundColumn};
use crate::limits::{Expected, Limits, OnProgress, Progress, Stage};
use crate::reading::{CodeCell, ColumnReading, Counts, DateSystem, TableReading, TotalRow, Values};
use crate::units::UnitTable;
use base::fixed;
use jiff::civil::Date;
use law::template::{Column, ColumnRole, Duplicates, Kind, Subject, Table};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Collects faults up to a limit and counts the rest.
pub(crate) struct Faults {
    pub list: Vec<CellFault>,
    pub left_out: u64,
    limit: usize,
}

impl Faults {
    pub fn new(limit: usize) -> Self {
        Self { list: Vec::new(), left_out: 0, limit }
    }

    pub fn push(&mut self, fault: impl FnOnce() -> CellFault) {
        if self.list.len() < self.limit {
            self.list.push(fault());
        } else {
            self.left_out += 1;
        }
    }
}

/// What all tables of a file share.
pub(crate) struct Work<'a, 'b> {
    pub dates: DateSystem,
    pub expected: &'a Expected,
    pub limits: &'a Limits,
    pub units: &'a dyn UnitTable,
    pub faults: Faults,
    pub notes: Vec<Note>,
    pub progress: &'a mut OnProgress<'b>,
}

/// How a column's cells are read.
struct Reader<'t> {
    column: &'t Column,
    found: FoundColumn,
    ratio: Option<Ratio>,
    min: Option<i128>,
    max: Option<i128>,
    percent: bool,
    unit_label: String,
    values: Values,
}

/// One row's kind.
enum RowKind {
    Data,
    Blank,
    Total(String),
    Head,
    Remark(String),
}

fn values_for(column: &Column) -> Values {
    match (&column.role, column.kind) {
        (ColumnRole::CreditCode | ColumnRole::OwnerCode, _) => Values::Code(Vec::new()),
        (ColumnRole::ValidFrom | ColumnRole::ValidTo, _) | (_, Kind::Date) => Values::Date(Vec::new()),
        (ColumnRole::Fact(_), Kind::Number) => Values::Number(Vec::new()),
        (ColumnRole::Fact(_), Kind::Boolean) => Values::Boolean(Vec::new()),
        _ => Values::Text(Vec::new()),
    }
}

/// Reads every row below the heads.
pub(crate) fn read(
    grid: &Grid,
    table: &Table,
    found: Found,
    work: &mut Work<'_, '_>,
) -> Result<TableReading, FileFault> {
    let mut readers: Vec<Reader<'_>> = found.columns.iter().map(|f| reader(table, f, work.units)).collect();
    notes_on_heads(grid, table, &found, work);
    let filled = merged_down(grid, &found, &readers, work);
    let mut rows = Vec::new();
    let mut counts = Counts::default();
    let mut totals = Vec::new();
    let mut faulty = Vec::new();
    let mut refused = Vec::new();
    let last_row = grid.extent().map_or(found.bottom, |(_, last)| last);
    counts.seen = last_row.saturating_sub(found.bottom);
    let mut filled_rows = 0;
    let mut slots: Vec<Option<&Cell>> = vec![None; readers.len()];
    let mut running = Running::new(readers.len());
    for (row, index) in grid.rows().filter(|(row, _)| *row > found.bottom) {
        if row & 0xfff == 0 {
            let step = Progress { stage: Stage::Check, done: u64::from(row), total: u64::from(last_row) };
            if let ControlFlow::Break(()) = (work.progress)(step) {
                return Err(FileFault::Cancelled);
            }
        }
        filled_rows += 1;
        let (columns, cells) = grid.at_index(index);
        take_slots(&readers, columns, cells, &mut slots);
        match kind_of(row, &found, &readers, columns, cells, &slots, work.dates) {
            RowKind::Blank => counts.blank += 1,
            RowKind::Head => counts.heads += 1,
            RowKind::Remark(text) => {
                counts.remarks += 1;
                let at = CellPlace { sheet: grid.sheet.clone(), row, column: 0 };
                work.notes.push(remark_note(at, &text));
            }
            RowKind::Total(label) => {
                counts.totals += 1;
                totals.push(running.compare(row, label, &slots, &readers, work.dates));
            }
            RowKind::Data => {
                counts.data += 1;
                fill_from_merges(grid, row, &readers, &filled, &mut slots);
                let bad = read_row(grid, row, &mut readers, &slots, &filled, work);
                let keyless = missing_key(grid, row, table.subject, &readers, work);
                running.add(&readers, rows.len());
                rows.push(row);
                faulty.push(bad || keyless);
                refused.push(keyless);
            }
        }
    }
    counts.blank += counts.seen - filled_rows;
    notes_on_totals(grid, &totals, &readers, work);
    let columns = readers.into_iter().map(column_reading).collect();
    let mut out = TableReading {
        table: table.id.clone(),
        sheet: grid.sheet.clone(),
        heads: (found.top, found.bottom),
        rows,
        columns,
        unknown_heads: found.unknown,
        totals,
        counts,
        faulty,
        refused,
        same_subject: Vec::new(),
    };
    settle_duplicates(table, &mut out, work);
    Ok(out)
}

fn reader<'t>(table: &'t Table, found: &FoundColumn, units: &dyn UnitTable) -> Reader<'t> {
    let column = &table.columns[found.index];
    let ratio = found.unit.as_ref().filter(|u| u.declared != u.canonical).and_then(|u| Ratio::of(u.factor));
    let percent = found.unit.as_ref().is_none_or(|u| matches!(u.canonical.as_str(), "one" | "percent" | "ratio"));
    Reader {
        column,
        found: found.clone(),
        ratio,
        min: column.min.and_then(fixed::to_scaled),
        max: column.max.and_then(fixed::to_scaled),
        percent,
        unit_label: found.unit.as_ref().map(|u| units.label(&u.canonical)).unwrap_or_default(),
        values: values_for(column),
    }
}

fn column_reading(reader: Reader<'_>) -> ColumnReading {
    ColumnReading {
        role: reader.column.role.clone(),
        kind: reader.column.kind,
        head: reader.column.head.clone(),
        found: reader.found.found,
        column: reader.found.column,
        unit: reader.found.unit,
        values: reader.values,
    }
}

fn take_slots<'g>(readers: &[Reader<'_>], columns: &[u32], cells: &'g [Cell], slots: &mut [Option<&'g Cell>]) {
    for (slot, reader) in slots.iter_mut().zip(readers) {
        *slot = columns.binary_search(&reader.found.column).ok().map(|i| &cells[i]);
    }
}

fn is_blank(cell: &Cell) -> bool {
    matches!(cell, Cell::Text(t) if t.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty())
}

const TOTAL_WORDS: [&str; 8] = ["合计", "总计", "小计", "累计", "共计", "汇总", "总和", "合计数"];
const REMARK_STARTS: [&str; 18] = [
    "注",
    "备注",
    "说明",
    "填表",
    "制表",
    "审核",
    "复核",
    "联系",
    "负责人",
    "单位负责人",
    "填报",
    "报送",
    "经办",
    "日期",
    "数据来源",
    "此表",
    "本表",
    "统计负责人",
];

/// `合 计`, `全县合计`, `小计：`, `Total`.
fn is_total(text: &str) -> bool {
    let folded = heads::fold(text);
    let short = folded.chars().count() <= 12;
    short
        && (TOTAL_WORDS.iter().any(|w| folded == *w || folded.ends_with(w))
            || ["合计", "总计", "小计"].iter().any(|w| folded.starts_with(w))
            || matches!(folded.as_str(), "total" | "subtotal" | "grandtotal" | "sum"))
}

fn kind_of(
    row: u32,
    found: &Found,
    readers: &[Reader<'_>],
    columns: &[u32],
    cells: &[Cell],
    slots: &[Option<&Cell>],
    dates: DateSystem,
) -> RowKind {
    let mut filled = columns.iter().zip(cells).filter(|(_, c)| !is_blank(c));
    let Some((first_column, first)) = filled.next() else { return RowKind::Blank };
    let filled_count = 1 + filled.count();
    let has_code = slots.iter().zip(readers).any(|(slot, r)| {
        matches!(r.column.role, ColumnRole::CreditCode | ColumnRole::Parcel)
            && slot.is_some_and(|cell| {
                !is_blank(cell) && !matches!(cell, Cell::Text(t) if is_total(t) || t.trim() == "-" || t.trim() == "—")
            })
    });
    if !has_code {
        // The word may stand in any of the leading texts: a sequence number can come first.
        let label = cells.iter().filter_map(|c| match c {
            Cell::Text(t) if is_total(t) => Some(t.trim().to_owned()),
            _ => None,
        });
        if let Some(label) = label.into_iter().next() {
            return RowKind::Total(label);
        }
        if let Cell::Text(text) = first {
            let folded = heads::fold(text);
            let figures = slots
                .iter()
                .zip(readers)
                .any(|(s, r)| matches!(r.values, Values::Number(_)) && s.is_some_and(|c| matches!(c, Cell::Number(_))));
            let outside_keys =
                !readers.iter().any(|r| r.found.column == *first_column && r.column.role != ColumnRole::Name);
            if !figures && outside_keys && REMARK_STARTS.iter().any(|s| folded.starts_with(s)) {
                let all: Vec<String> = cells.iter().filter(|c| !is_blank(c)).map(|c| c.shown(dates)).collect();
                return RowKind::Remark(all.join(" "));
            }
        }
    }
    // Nothing in any column of the table: a note beside or below it.
    if slots.iter().all(|slot| slot.is_none_or(is_blank)) {
        let all: Vec<String> = cells.iter().filter(|c| !is_blank(c)).map(|c| c.shown(dates)).collect();
        return RowKind::Remark(all.join(" "));
    }
    if repeats_heads(found, columns, cells) {
        return RowKind::Head;
    }
    if row <= found.bottom + 2 && filled_count >= 3 && cells.iter().all(|c| is_ordinal_cell(c, dates)) {
        return RowKind::Head;
    }
    RowKind::Data
}

fn is_ordinal_cell(cell: &Cell, dates: DateSystem) -> bool {
    match cell {
        Cell::Text(t) => t.trim().is_empty() || heads::is_ordinal(t),
        Cell::Number(n) => n.fract() == 0.0 && (1.0..100.0).contains(n) && heads::is_ordinal(&cell.shown(dates)),
        _ => false,
    }
}

/// A further page prints the heads again.
fn repeats_heads(found: &Found, columns: &[u32], cells: &[Cell]) -> bool {
    let mut same = 0;
    for (column, line) in &found.last_lines {
        if let Ok(i) = columns.binary_search(column)
            && let Cell::Text(text) = &cells[i]
            && heads::fold(text) == *line
        {
            same += 1;
        }
    }
    same >= 2 && same * 2 >= found.last_lines.len()
}

/// Cells covered by a merge that runs down: (row, column) → row of its first cell.
type Filled = HashMap<(u32, u32), u32>;

fn merged_down(grid: &Grid, found: &Found, readers: &[Reader<'_>], work: &mut Work<'_, '_>) -> Filled {
    let mut out = Filled::new();
    let last = grid.extent().map_or(0, |(_, last)| last);
    for merge in grid.merges.iter().filter(|m| m.bottom > m.top && m.top > found.bottom) {
        let Some(reader) = readers.iter().find(|r| r.found.column == merge.left) else { continue };
        let column = &reader.found;
        let bottom = merge.bottom.min(last);
        for row in merge.top..=bottom {
            out.insert((row, column.column), merge.top);
        }
        // A merged figure is refused, not filled: it belongs to one row, and which is not known.
        let text = !matches!(reader.values, Values::Number(_));
        if text && grid.cell(merge.top, merge.left).is_some() {
            work.notes.push(Note {
                at: Some(CellPlace { sheet: grid.sheet.clone(), row: merge.top, column: merge.left }),
                weight: Weight::Info,
                code: "merge_filled",
                wording: Wording::new(
                    format!("“{}”的合并单元格按首格内容填到第 {}–{bottom} 行", column.found, merge.top),
                    format!(
                        "the merged cell of “{}” was filled into rows {} to {bottom} from its first cell",
                        column.found, merge.top
                    ),
                ),
            });
        }
    }
    out
}

fn fill_from_merges<'g>(
    grid: &'g Grid,
    row: u32,
    readers: &[Reader<'_>],
    filled: &Filled,
    slots: &mut [Option<&'g Cell>],
) {
    if filled.is_empty() {
        return;
    }
    for (slot, reader) in slots.iter_mut().zip(readers) {
        if slot.is_none()
            && let Some(top) = filled.get(&(row, reader.found.column))
        {
            *slot = grid.cell(*top, reader.found.column);
        }
    }
}

/// Converts one row; true when a cell was bad.
fn read_row(
    grid: &Grid,
    row: u32,
    readers: &mut [Reader<'_>],
    slots: &[Option<&Cell>],
    filled: &Filled,
    work: &mut Work<'_, '_>,
) -> bool {
    let mut any = false;
    for (reader, slot) in readers.iter_mut().zip(slots) {
        let merged = !filled.is_empty() && filled.contains_key(&(row, reader.found.column));
        let outcome = match slot {
            Some(_) if merged && matches!(reader.values, Values::Number(_)) => {
                reader.push_nothing();
                Err(merged_number())
            }
            Some(cell) => reader.push(cell, work),
            None => {
                reader.push_nothing();
                Ok(())
            }
        };
        if let Err(bad) = outcome {
            any = true;
            let (dates, column, head) = (work.dates, reader.found.column, &reader.found.found);
            work.faults.push(|| CellFault {
                at: CellPlace { sheet: grid.sheet.clone(), row, column },
                head: head.clone(),
                value: slot.map(|c| c.shown(dates)).unwrap_or_default(),
                code: bad.code,
                wording: bad.wording,
                allowed: bad.allowed,
            });
        }
    }
    any
}

fn merged_number() -> Bad {
    Bad {
        code: "merged_number",
        wording: Wording::new(
            "数字所在的单元格跨行合并，不知道属于哪一行",
            "the figure stands in a cell merged over several rows; to which of them it belongs cannot be told",
        ),
        allowed: Wording::new("每行各有自己的数字", "a figure in each row"),
    }
}

impl Reader<'_> {
    fn push_nothing(&mut self) {
        match &mut self.values {
            Values::Number(v) => v.push(None),
            Values::Text(v) => v.push(None),
            Values::Date(v) => v.push(None),
            Values::Boolean(v) => v.push(None),
            Values::Code(v) => v.push(CodeCell::Absent),
        }
    }

    /// Appends the cell's value, or nothing and the reason.
    fn push(&mut self, cell: &Cell, work: &Work<'_, '_>) -> Result<(), Bad> {
        let dates = work.dates;
        let role = &self.column.role;
        let mut bad = None;
        let mut keep = |reason: Bad| bad = Some(reason);
        match &mut self.values {
            Values::Number(v) => {
                let value = cells::number(cell, dates, self.percent).and_then(|n| match n {
                    Some(n) => figure(
                        n,
                        cell,
                        dates,
                        self.ratio,
                        self.min,
                        self.max,
                        &self.found,
                        &self.unit_label,
                        work.units,
                    )
                    .map(Some),
                    None => Ok(None),
                });
                v.push(value.unwrap_or_else(|b| {
                    keep(b);
                    None
                }));
            }
            Values::Text(v) => {
                let value = match role {
                    ColumnRole::Parcel => cells::plain_code(cell, dates),
                    _ => cells::text(cell, dates),
                };
                v.push(value.unwrap_or_else(|b| {
                    keep(b);
                    None
                }));
            }
            Values::Date(v) => {
                let open = *role == ColumnRole::ValidTo;
                let value = cells::date(cell, dates, open).and_then(|d| not_future(d, open, work.expected.today));
                v.push(value.unwrap_or_else(|b| {
                    keep(b);
                    None
                }));
            }
            Values::Boolean(v) => v.push(cells::boolean(cell, dates).unwrap_or_else(|b| {
                keep(b);
                None
            })),
            Values::Code(v) => {
                let (code, reason) = cells::credit_code(cell, dates);
                v.push(code);
                bad = reason;
            }
        }
        bad.map_or(Ok(()), Err)
    }
}

/// The last day of a validity may lie ahead; everything else has happened.
fn not_future(day: Option<Date>, open: bool, today: Date) -> Result<Option<Date>, Bad> {
    match day {
        Some(day) if !open && day > today => Err(cells::future(day, today)),
        other => Ok(other),
    }
}

#[allow(clippy::too_many_arguments)] // one cell with its column's settings, on the hottest path
fn figure(
    value: i128,
    cell: &Cell,
    dates: DateSystem,
    ratio: Option<Ratio>,
    min: Option<i128>,
    max: Option<i128>,
    found: &FoundColumn,
    unit_label: &str,
    units: &dyn UnitTable,
) -> Result<i128, Bad> {
    let value = match ratio {
        None => value,
        Some(ratio) => ratio.apply(value).ok_or_else(|| {
            let declared = found.unit.as_ref().map(|u| units.label(&u.declared)).unwrap_or_default();
            cells::inexact(&cell.shown(dates), &declared, unit_label)
        })?,
    };
    match (min, max) {
        (Some(min), _) if value < min => Err(cells::below(value, min, unit_label)),
        (_, Some(max)) if value > max => Err(cells::above(value, max, unit_label)),
        _ => Ok(value),
    }
}

/// A row with figures that does not say whose they are; true when so.
fn missing_key(grid: &Grid, row: u32, subject: Subject, readers: &[Reader<'_>], work: &mut Work<'_, '_>) -> bool {
    let last_filled = |role: &ColumnRole| {
        readers.iter().find(|r| r.column.role == *role).map(|r| match &r.values {
            Values::Code(v) => v.last().is_some_and(|c| *c != CodeCell::Absent),
            Values::Text(v) => v.last().is_some_and(Option::is_some),
            _ => false,
        })
    };
    let firm = last_filled(&ColumnRole::CreditCode) == Some(true) || last_filled(&ColumnRole::Name) == Some(true);
    let parcel = last_filled(&ColumnRole::Parcel) == Some(true);
    let (missing, role) = match subject {
        Subject::Firm | Subject::Certificate => (!firm, ColumnRole::CreditCode),
        Subject::Parcel => (!parcel, ColumnRole::Parcel),
        Subject::Lease if !parcel => (true, ColumnRole::Parcel),
        Subject::Lease => (!firm, ColumnRole::CreditCode),
    };
    if !missing {
        return false;
    }
    let at = readers
        .iter()
        .find(|r| r.column.role == role)
        .or_else(|| readers.iter().find(|r| heads::is_key(&r.column.role)));
    let (column, head) = at.map_or((0, String::new()), |r| (r.found.column, r.found.found.clone()));
    let parcel = role == ColumnRole::Parcel;
    work.faults.push(|| CellFault {
        at: CellPlace { sheet: grid.sheet.clone(), row, column },
        head,
        value: String::new(),
        code: "key_missing",
        wording: if parcel {
            Wording::new("这一行没有宗地编号", "this row has no parcel code")
        } else {
            Wording::new("这一行没有信用代码，也没有企业名称", "this row has neither a credit code nor a firm's name")
        },
        allowed: if parcel {
            Wording::new("宗地编号", "a parcel code")
        } else {
            Wording::new("信用代码，或企业名称", "a credit code, or a firm's name")
        },
    });
    true
}

/// Sums of the number columns: over all rows, and since the last subtotal.
struct Running {
    all: Vec<i128>,
    part: Vec<i128>,
}

impl Running {
    fn new(columns: usize) -> Self {
        Self { all: vec![0; columns], part: vec![0; columns] }
    }

    fn add(&mut self, readers: &[Reader<'_>], row: usize) {
        for (i, reader) in readers.iter().enumerate() {
            if let Values::Number(values) = &reader.values
                && let Some(Some(value)) = values.get(row)
            {
                self.all[i] = self.all[i].saturating_add(*value);
                self.part[i] = self.part[i].saturating_add(*value);
            }
        }
    }

    /// A subtotal sums since the one before, any other total everything above.
    fn compare(
        &mut self,
        row: u32,
        label: String,
        slots: &[Option<&Cell>],
        readers: &[Reader<'_>],
        dates: DateSystem,
    ) -> TotalRow {
        let partial = heads::fold(&label).contains("小计") || heads::fold(&label) == "subtotal";
        let mut figures = Vec::new();
        for (i, (slot, reader)) in slots.iter().zip(readers).enumerate() {
            let Values::Number(_) = reader.values else { continue };
            let stated = slot.and_then(|cell| cells::number(cell, dates, reader.percent).ok().flatten());
            let stated = stated.and_then(|n| reader.ratio.map_or(Some(n), |r| r.apply(n)));
            if let Some(stated) = stated {
                figures.push((i, stated, if partial { self.part[i] } else { self.all[i] }));
            }
        }
        if partial {
            self.part.iter_mut().for_each(|p| *p = 0);
        }
        TotalRow { row, label, figures }
    }
}

fn remark_note(at: CellPlace, text: &str) -> Note {
    Note {
        at: Some(at),
        weight: Weight::Info,
        code: "remark_row",
        wording: Wording::new(
            format!("这一行是说明，不是数据：{text}"),
            format!("this row is a remark, not data: {text}"),
        ),
    }
}

fn notes_on_heads(grid: &Grid, table: &Table, found: &Found, work: &mut Work<'_, '_>) {
    let at = |column: u32| CellPlace { sheet: grid.sheet.clone(), row: found.bottom, column };
    let mut note = |column: u32, weight: Weight, code: &'static str, zh: String, en: String| {
        work.notes.push(Note { at: Some(at(column)), weight, code, wording: Wording::new(zh, en) });
    };
    for column in &found.columns {
        if let Some(remark) = &column.remark {
            note(
                column.column,
                Weight::Warning,
                "head_remark",
                format!(
                    "表头“{}”括号里的“{remark}”不是单位，已按“{}”读取，请核对口径",
                    column.found, table.columns[column.index].head
                ),
                format!(
                    "“{remark}” in the head “{}” is no unit; the column was read as “{}”: check that it means the same",
                    column.found, table.columns[column.index].head
                ),
            );
        }
        let Some(unit) = &column.unit else { continue };
        let (declared, canonical) = (work.units.label(&unit.declared), work.units.label(&unit.canonical));
        if unit.declared != unit.canonical {
            note(
                column.column,
                Weight::Info,
                "unit_converted",
                format!("“{}”的单位是{declared}，已换算成{canonical}", column.found),
                format!("“{}” is in {declared} and was converted to {canonical}", column.found),
            );
        } else if unit.at.is_none() {
            note(
                column.column,
                Weight::Info,
                "unit_assumed",
                format!("“{}”没有标明单位，按唯一允许的单位{canonical}读取", column.found),
                format!("“{}” states no unit and was read in {canonical}, the only one allowed", column.found),
            );
        }
    }
    for head in &found.other_years {
        note(
            head.column,
            Weight::Info,
            "other_year",
            format!("“{}”是其他年度的数据，没有读取", head.head),
            format!("“{}” is about another year and was not read", head.head),
        );
    }
    for head in &found.unknown {
        note(
            head.column,
            Weight::Info,
            "unknown_head",
            format!("“{}”不在模板里，这一列没有读取", head.head),
            format!("“{}” is not in the template; its column was not read", head.head),
        );
    }
}

fn notes_on_totals(grid: &Grid, totals: &[TotalRow], readers: &[Reader<'_>], work: &mut Work<'_, '_>) {
    for total in totals {
        for (i, stated, computed) in total.figures.iter().filter(|(_, s, c)| s != c) {
            let reader = &readers[*i];
            let (stated, computed) = (cells::shown_scaled(*stated), cells::shown_scaled(*computed));
            work.notes.push(Note {
                at: Some(CellPlace { sheet: grid.sheet.clone(), row: total.row, column: reader.found.column }),
                weight: Weight::Warning,
                code: "total_differs",
                wording: Wording::new(
                    format!(
                        "“{}”行“{}”写的是 {stated}，各行相加是 {computed}（单位：{}）",
                        total.label, reader.found.found, reader.unit_label
                    ),
                    format!(
                        "“{}” states {stated} for “{}”; its rows add up to {computed} ({})",
                        total.label, reader.found.found, reader.unit_label
                    ),
                ),
            });
        }
    }
}

fn settle_duplicates(table: &Table, out: &mut TableReading, work: &mut Work<'_, '_>) {
    out.same_subject = duplicates::groups(duplicates::subject_keys(out, table.subject));
    if table.duplicates != Duplicates::Refuse {
        return;
    }
    for fault in duplicates::duplicate_faults(out, &out.same_subject) {
        work.faults.push(|| fault);
    }
    for row in out.same_subject.iter().flatten() {
        out.faulty[*row as usize] = true;
        out.refused[*row as usize] = true;
    }
}
