//! Finds a table on a sheet by its heads: anywhere near the top, across merged cells and several
//! lines, under other names, with units in brackets, on a line of their own or above the table.
//!
//! A head is compared only after folding width, case, blanks and punctuation; there is no guessing
//! beyond that. What merely resembles is offered in the refusal, never taken.

use crate::fault::{CellPlace, FileFault, MissingColumn, Nearest, SheetHeads};
use crate::grid::{Cell, Grid, Merge};
use crate::limits::Expected;
use crate::reading::{UnitRead, UnknownHead};
use crate::units::{Factor, UnitTable};
use base::text::half_width;
use law::template::{Column, ColumnRole, Kind, Table};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

/// Most lines that one head takes.
const HEAD_LINES: u32 = 4;
/// Unknown heads that a message names: enough to find a renamed column, few enough to read.
const HEADS_NAMED: usize = 20;
/// Heads further right than this are not looked at; no department's table is that wide.
const WIDEST: u32 = 512;

/// A template column found on the sheet.
#[derive(Clone, Debug)]
pub(crate) struct FoundColumn {
    /// Index into the table's columns.
    pub index: usize,
    /// Column of the sheet.
    pub column: u32,
    /// Head as the sheet has it, parents first.
    pub found: String,
    /// How its unit was settled, for numbers with units.
    pub unit: Option<UnitRead>,
    /// A remark in the head's brackets that names no unit.
    pub remark: Option<String>,
}

/// A table found on a sheet.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub top: u32,
    pub bottom: u32,
    /// In the template's order.
    pub columns: Vec<FoundColumn>,
    pub unknown: Vec<UnknownHead>,
    /// Columns left aside because their heads name another year.
    pub other_years: Vec<UnknownHead>,
    /// Lowest line of each found column's head, folded, to recognise repeated heads.
    pub last_lines: Vec<(u32, String)>,
}

/// What looking for a table on a sheet ends in.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Every required column is there.
    Full { found: Found, score: usize },
    /// It is this table, but it cannot be taken.
    Refused { fault: FileFault, score: usize },
    /// It is not this table.
    None,
}

/// One claim of a sheet's column on a template column.
#[derive(Clone, Debug)]
struct Claim {
    index: usize,
    /// 0 for the head itself, 1 for an alias; further marks for remarks.
    rank: u8,
    unit: Option<String>,
    remark: Option<String>,
    year: Option<i16>,
}

/// Texts near the top, with merges spread out.
struct Window<'g> {
    grid: &'g Grid,
    first: u32,
    last: u32,
    width: u32,
    texts: HashMap<(u32, u32), (String, Option<Merge>)>,
}

impl<'g> Window<'g> {
    fn of(grid: &'g Grid, head_rows: u32) -> Option<Self> {
        let (first, end) = grid.extent()?;
        // Twenty rows with content, and as many rows of the sheet when it starts lower.
        let last = end.min(first.saturating_add(head_rows).saturating_sub(1)).max(end.min(head_rows));
        let mut texts = HashMap::new();
        let mut width = 0;
        for row in first..=last {
            let (columns, cells) = grid.row(row);
            for (column, cell) in columns.iter().zip(cells).filter(|(c, _)| **c <= WIDEST) {
                let text = match cell {
                    Cell::Text(text) => text.to_string(),
                    Cell::Number(n) => crate::cells::plain(*n),
                    _ => continue,
                };
                if !text.trim().is_empty() {
                    width = width.max(*column);
                    texts.insert((row, *column), (text, None));
                }
            }
        }
        for merge in &grid.merges {
            if merge.top > last || merge.bottom < first {
                continue;
            }
            let Some((text, _)) = texts.get(&(merge.top, merge.left)).cloned() else { continue };
            for row in merge.top..=merge.bottom.min(last) {
                for column in merge.left..=merge.right.min(WIDEST) {
                    texts.insert((row, column), (text.clone(), Some(*merge)));
                    width = width.max(column);
                }
            }
        }
        Some(Self { grid, first, last, width, texts })
    }

    fn text(&self, row: u32, column: u32) -> Option<&str> {
        self.texts.get(&(row, column)).map(|(t, _)| t.as_str())
    }

    /// The texts above each other in a column, top first, each merged cell once, and whether the
    /// lowest of them begins in this column.
    fn stack(&self, column: u32, top: u32, bottom: u32) -> (Vec<(u32, &str)>, bool) {
        let mut out: Vec<(u32, &str)> = Vec::new();
        let mut begins_here = true;
        let mut row = top;
        while row <= bottom {
            let mut next = row + 1;
            if let Some((text, merge)) = self.texts.get(&(row, column)) {
                out.push((merge.map_or(row, |m| m.top), text.as_str()));
                begins_here = merge.is_none_or(|m| m.left == column);
                next = merge.map_or(next, |m| m.bottom + 1);
            }
            row = next;
        }
        (out, begins_here)
    }

    /// Merged cells that begin in the block push its lower edge down.
    fn lower_edge(&self, top: u32, bottom: u32) -> u32 {
        (1..=self.width)
            .filter_map(|c| self.texts.get(&(bottom, c)).and_then(|(_, m)| *m))
            .filter(|m| m.top >= top && m.bottom - m.top < HEAD_LINES)
            .map(|m| m.bottom)
            .max()
            .unwrap_or(bottom)
            .max(bottom)
            .min(self.last)
    }
}

/// Width, case, blanks and punctuation folded.
pub(crate) fn fold(text: &str) -> String {
    half_width(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !"*:·,、，。:_-—/\\'\"“”()[]{}【】〔〕<>《》".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A head's text outside brackets and what its brackets hold.
fn split_brackets(text: &str) -> (String, Vec<String>) {
    let (mut outside, mut inside, mut depth, mut current) = (String::new(), Vec::new(), 0u32, String::new());
    for c in half_width(text).chars() {
        match c {
            '(' | '[' | '【' | '〔' | '{' => {
                if depth > 0 {
                    current.push(c);
                }
                depth += 1;
            }
            ')' | ']' | '】' | '〕' | '}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    inside.push(std::mem::take(&mut current).trim().to_owned());
                } else {
                    current.push(c);
                }
            }
            _ if depth > 0 => current.push(c),
            _ => outside.push(c),
        }
    }
    if !current.trim().is_empty() {
        inside.push(current.trim().to_owned());
    }
    (outside, inside.into_iter().filter(|t| !t.is_empty()).collect())
}

/// `单位：万元` as `万元`; any other text as it is.
fn without_word_unit(text: &str) -> &str {
    let text = text.trim();
    for word in ["计量单位", "金额单位", "单位", "unit", "Unit"] {
        if let Some(rest) = text.strip_prefix(word) {
            return rest.trim_start_matches([':', '：', '为', ' ']).trim();
        }
    }
    text
}

/// Texts that end like units: an unknown one must be refused, not passed over as a remark.
fn looks_like_unit(text: &str) -> bool {
    let folded: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let count = folded.chars().count();
    if count == 0 || count > 8 {
        return false;
    }
    const ENDS: &str = "元吨亩度时米人次顷克焦煤%²㎡户家台套角分";
    folded.chars().last().is_some_and(|c| ENDS.contains(c))
        || ["kwh", "mwh", "wh", "tce", "t", "kg", "g", "m2", "ha", "usd", "cny", "rmb", "yuan", "mu"]
            .contains(&folded.to_lowercase().as_str())
}

/// A year that begins a head: `2025年实缴税金` gives 2025 and the rest.
fn leading_year(text: &str) -> Option<(i16, String)> {
    let folded: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let digits = folded.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
    let year: i16 = digits.parse().ok().filter(|y| (1949..2100).contains(y))?;
    let rest = folded[4..].trim_start_matches("年度").trim_start_matches('年').trim_start_matches('度');
    Some((year, rest.trim_start_matches(['1', '-', '—', '~', '至', '2', '月', '份']).to_owned()))
}

/// Second lines that mean "of the year asked for" and add nothing.
const THIS_YEAR: [&str; 9] = ["本年", "本期", "全年", "本年累计", "本年数", "本年度", "当年", "全年累计", "本年实际"];
/// Letters and signs of lines that number the columns.
const ORDINALS: &str = "甲乙丙丁戊己庚辛壬癸";

/// True for a cell of a line that numbers the columns: `1`, `甲`, `栏次`.
pub(crate) fn is_ordinal(text: &str) -> bool {
    let folded = fold(text);
    let mut chars = folded.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if ORDINALS.contains(c) || c.is_ascii_alphabetic() => true,
        _ => {
            folded == "栏次" || (folded.len() <= 2 && !folded.is_empty() && folded.bytes().all(|b| b.is_ascii_digit()))
        }
    }
}

/// Heads of a table in the form in which they are compared.
struct Names {
    /// Folded text with and without brackets' content → column and rank.
    full: HashMap<String, (usize, u8)>,
    base: HashMap<String, (usize, u8)>,
}

impl Names {
    fn of(table: &Table) -> Self {
        let (mut full, mut base) = (HashMap::new(), HashMap::new());
        for (index, column) in table.columns.iter().enumerate() {
            for (rank, text) in std::iter::once((0, &column.head)).chain(column.aliases.iter().map(|a| (1, a))) {
                full.entry(fold(text)).or_insert((index, rank));
                base.entry(fold(&split_brackets(text).0)).or_insert((index, rank));
            }
        }
        full.remove("");
        base.remove("");
        Self { full, base }
    }

    fn claim(&self, text: &str, units: &dyn UnitTable) -> Option<Claim> {
        self.claim_plain(text, units).or_else(|| {
            let (year, rest) = leading_year(text)?;
            let claim = self.claim_plain(&rest, units)?;
            Some(Claim { year: Some(year), ..claim })
        })
    }

    fn claim_plain(&self, text: &str, units: &dyn UnitTable) -> Option<Claim> {
        let (outside, inside) = split_brackets(text);
        let mut unit = None;
        let mut remark = None;
        for content in &inside {
            let named = without_word_unit(content);
            if units.find(named).is_some() || named.len() < content.len() || looks_like_unit(named) {
                unit = Some(named.to_owned());
            } else {
                remark = Some(content.clone());
            }
        }
        let claim = |(index, rank): (usize, u8), unit: Option<String>, remark: Option<String>| Claim {
            index,
            rank: rank + if remark.is_some() { 2 } else { 0 },
            unit,
            remark,
            year: None,
        };
        if let Some(hit) = self.full.get(&fold(text)) {
            return Some(claim(*hit, unit, None));
        }
        let outside_key = fold(&outside);
        if let Some(hit) = self.base.get(&outside_key) {
            return Some(claim(*hit, unit, remark));
        }
        // A unit without brackets behind the name: `实缴税金 万元`, `用电量/kWh`.
        let mut best: Option<(usize, (usize, u8), String)> = None;
        for (name, hit) in &self.base {
            if let Some(rest) = outside_key.strip_prefix(name.as_str())
                && !rest.is_empty()
                && units.find(without_word_unit(rest)).is_some()
                && best.as_ref().is_none_or(|(length, ..)| name.len() > *length)
            {
                best = Some((name.len(), *hit, without_word_unit(rest).to_owned()));
            }
        }
        best.map(|(_, hit, found)| claim(hit, Some(found), remark))
    }

    /// The claim of a stack of head texts: joined, or joined without its upper lines.
    fn claim_stack(&self, stack: &[(u32, &str)], units: &dyn UnitTable) -> Option<Claim> {
        let mut lines: Vec<&str> = stack.iter().map(|(_, t)| *t).collect();
        let mut unit_line = None;
        let mut year = None;
        while lines.len() > 1 {
            let last = *lines.last()?;
            let bare = bare_unit(last, units);
            if let Some(unit) = bare {
                unit_line = Some(unit);
            } else if !THIS_YEAR.contains(&fold(last).as_str()) && !is_ordinal(last) {
                break;
            }
            lines.pop();
        }
        for line in &lines {
            if let Some((found, rest)) = leading_year(line)
                && rest.is_empty()
            {
                year = Some(found);
            }
        }
        lines.retain(|line| leading_year(line).is_none_or(|(_, rest)| !rest.is_empty()));
        (0..lines.len()).find_map(|start| {
            let joined = lines[start..].concat();
            let claim = self.claim(&joined, units)?;
            Some(Claim { unit: unit_line.clone().or(claim.unit), year: claim.year.or(year), ..claim })
        })
    }
}

/// A line that is nothing but a unit: `万元`, `（万元）`, `单位：亩`.
fn bare_unit(text: &str, units: &dyn UnitTable) -> Option<String> {
    let (outside, inside) = split_brackets(text);
    let content = match (outside.trim(), inside.as_slice()) {
        ("", [one]) => one.clone(),
        (text, []) => text.to_owned(),
        _ => return None,
    };
    let named = without_word_unit(&content);
    units.find(named).map(|_| named.to_owned())
}

/// A unit declared outside the heads: its text, its id when known, and where.
#[derive(Clone, Debug)]
struct LineUnit {
    text: String,
    id: Option<String>,
    at: CellPlace,
}

/// Words before 单位 that make it an organisation, not a unit of measure.
const NOT_A_MEASURE: [&str; 12] =
    ["填报", "报送", "编报", "编制", "制表", "主管", "建设", "企业", "用人", "上报", "责任", "供电"];

/// `单位：万元、吨标准煤` in any text above the table.
fn line_units(text: &str, at: &CellPlace, units: &dyn UnitTable) -> Vec<LineUnit> {
    let folded = half_width(text);
    let mut out = Vec::new();
    for (position, word) in folded.match_indices("单位").chain(folded.match_indices("Unit")) {
        if NOT_A_MEASURE.iter().any(|w| folded[..position].ends_with(w)) {
            continue;
        }
        let rest = folded[position + word.len()..].trim_start();
        let Some(rest) = rest.strip_prefix([':', '：', '为']) else { continue };
        let end = rest.find([')', ']', '】', '〕', '\n']).unwrap_or(rest.len());
        for piece in rest[..end].split(['、', ',', '，', ';', '；', ' ']).map(str::trim).filter(|p| !p.is_empty()) {
            let id = units.find(piece);
            if id.is_some() || looks_like_unit(piece) {
                out.push(LineUnit { text: piece.to_owned(), id, at: at.clone() });
            }
        }
    }
    out
}

fn place(grid: &Grid, row: u32, column: u32) -> CellPlace {
    CellPlace { sheet: grid.sheet.clone(), row, column }
}

/// True for the roles by which a row says what it is about.
pub(crate) fn is_key(role: &ColumnRole) -> bool {
    matches!(
        role,
        ColumnRole::CreditCode | ColumnRole::Name | ColumnRole::Parcel | ColumnRole::OwnerCode | ColumnRole::OwnerName
    )
}

/// Where a block of heads claims which columns.
struct Block {
    top: u32,
    bottom: u32,
    /// Sheet column → claim and head text.
    claims: BTreeMap<u32, (Claim, String)>,
}

/// Looks for a table of the template on a sheet.
pub(crate) fn find(grid: &Grid, table: &Table, units: &dyn UnitTable, expected: &Expected, head_rows: u32) -> Outcome {
    let Some(window) = Window::of(grid, head_rows) else { return Outcome::None };
    let names = Names::of(table);
    let mut best: Option<(usize, Block)> = None;
    for bottom in window.first..=window.last {
        for lines in 1..=HEAD_LINES.min(bottom - window.first + 1) {
            let top = bottom + 1 - lines;
            let block = claims_of(&window, &names, units, top, window.lower_edge(top, bottom));
            let score = score(table, &block);
            if score > best.as_ref().map_or(0, |(s, _)| *s) {
                best = Some((score, block));
            }
        }
    }
    let Some((score, block)) = best else { return Outcome::None };
    if !is_this_table(table, &block) {
        return Outcome::None;
    }
    match settle(&window, table, units, expected, &names, block) {
        Ok(found) => Outcome::Full { found, score },
        Err(fault) => Outcome::Refused { fault: *fault, score },
    }
}

fn claims_of(window: &Window<'_>, names: &Names, units: &dyn UnitTable, top: u32, bottom: u32) -> Block {
    let mut claims = BTreeMap::new();
    for column in 1..=window.width {
        let (stack, begins_here) = window.stack(column, top, bottom);
        if stack.is_empty() || !begins_here {
            continue;
        }
        if let Some(claim) = names.claim_stack(&stack, units) {
            claims.insert(column, (claim, head_text(&stack)));
        }
    }
    Block { top, bottom, claims }
}

fn head_text(stack: &[(u32, &str)]) -> String {
    stack.iter().map(|(_, t)| t.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(" / ")
}

/// Distinct template columns claimed, keys and required ones counting double.
fn score(table: &Table, block: &Block) -> usize {
    let mut claimed: Vec<usize> = block.claims.values().map(|(c, _)| c.index).collect();
    claimed.sort_unstable();
    claimed.dedup();
    claimed.iter().map(|i| if table.columns[*i].required || is_key(&table.columns[*i].role) { 2 } else { 1 }).sum()
}

/// Two columns of substance, one of them a key: anything less could be any table.
fn is_this_table(table: &Table, block: &Block) -> bool {
    let mut substance: Vec<usize> =
        block.claims.values().map(|(c, _)| c.index).filter(|i| table.columns[*i].role != ColumnRole::Ignore).collect();
    substance.sort_unstable();
    substance.dedup();
    substance.len() >= 2 && substance.iter().any(|i| is_key(&table.columns[*i].role))
}

type Refusal = Box<FileFault>;

fn settle(
    window: &Window<'_>,
    table: &Table,
    units: &dyn UnitTable,
    expected: &Expected,
    names: &Names,
    mut block: Block,
) -> Result<Found, Refusal> {
    extend_below(window, names, units, &mut block);
    let mut other_years = Vec::new();
    let mut wrong_year: HashMap<usize, (u32, String)> = HashMap::new();
    if let Some(asked) = expected.year {
        block.claims.retain(|column, (claim, head)| {
            let other = claim.year.is_some_and(|y| y != asked);
            if other {
                other_years.push(UnknownHead { column: *column, head: head.clone() });
                wrong_year.insert(claim.index, (*column, head.clone()));
            }
            !other
        });
    }
    let chosen = choose(window, table, &block)?;
    let lines = units_above(window, &block, units);
    let mut columns = Vec::new();
    let mut missing = Vec::new();
    for (index, column) in table.columns.iter().enumerate() {
        let Some((sheet_column, claim, head)) = chosen.get(&index) else {
            if column.required && !replaced(table, column, &chosen) {
                if let (Some((at, head)), Some(asked)) = (wrong_year.get(&index), expected.year) {
                    let at = place(window.grid, block.bottom, *at);
                    return Err(Box::new(FileFault::WrongYear { at, head: head.clone(), expected: asked }));
                }
                missing.push(index);
            }
            continue;
        };
        if column.role == ColumnRole::Ignore {
            continue;
        }
        let at = place(window.grid, block.bottom, *sheet_column);
        let unit = settle_unit(window, column, claim, head, &at, &lines, &block, units)?;
        columns.push(FoundColumn {
            index,
            column: *sheet_column,
            found: head.clone(),
            unit,
            remark: claim.remark.clone(),
        });
    }
    let unknown = unknown_heads(window, &block, &other_years);
    if !missing.is_empty() {
        let columns = missing.iter().map(|i| missing_column(&table.columns[*i], &unknown)).collect();
        let at = CellPlace { sheet: window.grid.sheet.clone(), row: block.bottom, column: 0 };
        let unknown = unknown.into_iter().map(|u| u.head).take(HEADS_NAMED).collect();
        return Err(Box::new(FileFault::MissingColumns { at, columns, unknown }));
    }
    let last_lines = columns
        .iter()
        .filter_map(|c| {
            let (stack, _) = window.stack(c.column, block.top, block.bottom);
            stack.last().map(|(_, t)| (c.column, fold(t)))
        })
        .collect();
    Ok(Found { top: block.top, bottom: block.bottom, columns, unknown, other_years, last_lines })
}

/// A firm is found by its code or its name: a required one of the two is replaced by the other.
fn replaced(table: &Table, column: &Column, chosen: &HashMap<usize, (u32, Claim, String)>) -> bool {
    let twin = match column.role {
        ColumnRole::Name => ColumnRole::CreditCode,
        ColumnRole::OwnerName => ColumnRole::OwnerCode,
        _ => return false,
    };
    table.columns.iter().enumerate().any(|(i, c)| c.role == twin && chosen.contains_key(&i))
}

/// Lines right below the heads that hold nothing but units belong to them.
fn extend_below(window: &Window<'_>, names: &Names, units: &dyn UnitTable, block: &mut Block) {
    let next = block.bottom + 1;
    if next > window.last {
        return;
    }
    let texts: Vec<&str> = (1..=window.width).filter_map(|c| window.text(next, c)).collect();
    let all_units =
        !texts.is_empty() && texts.iter().all(|t| bare_unit(t, units).is_some() || matches!(t.trim(), "-" | "—" | "/"));
    if all_units && texts.iter().any(|t| bare_unit(t, units).is_some()) {
        let longer = claims_of(window, names, units, block.top, next);
        if longer.claims.len() >= block.claims.len() {
            *block = longer;
        }
    }
}

/// One sheet column for each template column; a tie is refused.
fn choose(window: &Window<'_>, table: &Table, block: &Block) -> Result<HashMap<usize, (u32, Claim, String)>, Refusal> {
    let mut by_index: BTreeMap<usize, Vec<(u32, &Claim, &String)>> = BTreeMap::new();
    for (column, (claim, head)) in &block.claims {
        by_index.entry(claim.index).or_default().push((*column, claim, head));
    }
    let mut out = HashMap::new();
    for (index, claimants) in by_index {
        let best = claimants.iter().map(|(_, c, _)| c.rank).min().unwrap_or(0);
        let first: Vec<_> = claimants.iter().filter(|(_, c, _)| c.rank == best).collect();
        if first.len() > 1 && table.columns[index].role != ColumnRole::Ignore {
            return Err(Box::new(FileFault::AmbiguousColumns {
                head: table.columns[index].head.clone(),
                at: first.iter().map(|(c, ..)| place(window.grid, block.bottom, *c)).collect(),
                found: first.iter().map(|(.., h)| (*h).clone()).collect(),
            }));
        }
        if let Some((column, claim, head)) = first.first() {
            out.insert(index, (*column, (*claim).clone(), (*head).clone()));
        }
    }
    Ok(out)
}

fn units_above(window: &Window<'_>, block: &Block, units: &dyn UnitTable) -> Vec<LineUnit> {
    let mut out: Vec<LineUnit> = Vec::new();
    for row in window.first..=block.bottom {
        let (columns, cells) = window.grid.row(row);
        for (column, cell) in columns.iter().zip(cells) {
            // A head's own brackets speak for that head alone.
            let own = row >= block.top && block.claims.contains_key(column);
            if let (Cell::Text(text), false) = (cell, own) {
                out.extend(line_units(text, &place(window.grid, row, *column), units));
            }
        }
    }
    out
}

#[allow(clippy::too_many_arguments)] // one column's whole situation, used once
fn settle_unit(
    window: &Window<'_>,
    column: &Column,
    claim: &Claim,
    head: &str,
    at: &CellPlace,
    lines: &[LineUnit],
    block: &Block,
    units: &dyn UnitTable,
) -> Result<Option<UnitRead>, Refusal> {
    let (Kind::Number, Some(canonical)) = (column.kind, &column.unit) else { return Ok(None) };
    let mut accepted: Vec<&String> = vec![canonical];
    accepted.extend(column.accepts.iter().filter(|id| *id != canonical));
    let only = accepted.len() == 1;
    let labels = || accepted.iter().map(|id| units.label(id)).collect::<Vec<_>>();
    let read = |id: &str, at: Option<CellPlace>| -> Option<UnitRead> {
        let factor = if id == canonical {
            Factor { numerator: Decimal::ONE, denominator: Decimal::ONE }
        } else {
            units.factor(id, canonical)?
        };
        Some(UnitRead { canonical: canonical.clone(), declared: id.to_owned(), at, factor })
    };
    let unknown = |found: &str, at: &CellPlace| {
        Box::new(FileFault::UnknownUnit {
            at: at.clone(),
            head: head.to_owned(),
            found: found.to_owned(),
            allowed: labels(),
        })
    };
    if let Some(text) = &claim.unit {
        let id = units.find(text).filter(|id| accepted.contains(&id)).ok_or_else(|| unknown(text, at))?;
        return read(&id, Some(at.clone())).map(Some).ok_or_else(|| unknown(text, at));
    }
    // Parents of the head, nearest first, then lines above the table.
    let (stack, _) = window.stack(at.column, window.first.max(block.bottom.saturating_sub(HEAD_LINES)), block.bottom);
    for (row, text) in stack.iter().rev().skip(1) {
        for content in split_brackets(text).1 {
            if let Some(id) = units.find(without_word_unit(&content)).filter(|id| accepted.contains(&id)) {
                return Ok(read(&id, Some(place(window.grid, *row, at.column))));
            }
        }
    }
    let mut fitting: Vec<(&LineUnit, &String)> = Vec::new();
    for line in lines {
        if let Some(id) = line.id.as_ref().filter(|id| accepted.contains(id))
            && !fitting.iter().any(|(_, known)| *known == id)
        {
            fitting.push((line, id));
        }
    }
    match fitting.as_slice() {
        [(line, id)] => return Ok(read(id, Some(line.at.clone()))),
        [] => {}
        several => {
            return Err(Box::new(FileFault::UnitAmbiguous {
                at: at.clone(),
                head: head.to_owned(),
                found: several.iter().map(|(l, _)| l.text.clone()).collect(),
            }));
        }
    }
    if let (Some(line), false) = (lines.iter().find(|l| l.id.is_none()), only) {
        return Err(unknown(&line.text, &line.at));
    }
    if only {
        return Ok(read(canonical, None));
    }
    Err(Box::new(FileFault::UnitNotDeclared { at: at.clone(), head: head.to_owned(), allowed: labels() }))
}

fn unknown_heads(window: &Window<'_>, block: &Block, other_years: &[UnknownHead]) -> Vec<UnknownHead> {
    (1..=window.width)
        .filter(|c| !block.claims.contains_key(c) && !other_years.iter().any(|o| o.column == *c))
        .filter_map(|column| {
            let (stack, begins_here) = window.stack(column, block.top, block.bottom);
            (begins_here && !stack.is_empty()).then(|| UnknownHead { column, head: head_text(&stack) })
        })
        .collect()
}

/// How alike two heads are, 0 to 1.
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    let (a, b) = (fold(&split_brackets(a).0), fold(&split_brackets(b).0));
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let edit = strsim::normalized_damerau_levenshtein(&a, &b);
    let (short, long) = if a.chars().count() < b.chars().count() { (&a, &b) } else { (&b, &a) };
    let within = if short.chars().count() >= 2 && long.contains(short.as_str()) { 0.7 } else { 0.0 };
    let shared = short.chars().filter(|c| long.contains(*c)).count() as f64 / long.chars().count() as f64;
    edit.max(within).max(shared * 0.8)
}

/// Below this two heads have nothing to do with each other.
const ALIKE: f64 = 0.4;

fn missing_column(column: &Column, unknown: &[UnknownHead]) -> MissingColumn {
    let mut nearest: Option<(f64, &str)> = None;
    for head in unknown {
        let last = head.head.rsplit(" / ").next().unwrap_or(&head.head);
        let alike = std::iter::once(&column.head)
            .chain(&column.aliases)
            .map(|name| likeness(last, name).max(likeness(&head.head, name)))
            .fold(0.0, f64::max);
        if alike >= ALIKE && nearest.is_none_or(|(best, _)| alike > best) {
            nearest = Some((alike, &head.head));
        }
    }
    MissingColumn {
        head: column.head.clone(),
        aliases: column.aliases.clone(),
        nearest: nearest.map(|(_, head)| head.to_owned()),
    }
}

/// Texts of the row near the top that has the most of them: what the sheet offers as heads.
pub(crate) fn offered_heads(grid: &Grid, head_rows: u32) -> SheetHeads {
    let Some(window) = Window::of(grid, head_rows) else {
        return SheetHeads { sheet: grid.sheet.clone(), heads: Vec::new() };
    };
    let texts = |row: u32| -> Vec<String> {
        let (columns, cells) = grid.row(row);
        columns
            .iter()
            .zip(cells)
            .filter_map(|(_, cell)| match cell {
                Cell::Text(t) => Some(t.split_whitespace().collect::<Vec<_>>().join(" ")),
                _ => None,
            })
            .collect()
    };
    let mut best = Vec::new();
    for row in window.first..=window.last {
        let found = texts(row);
        if found.len() > best.len() {
            best = found;
        }
    }
    SheetHeads { sheet: grid.sheet.clone(), heads: best }
}

/// Pairs of found and expected heads that resemble each other, best first.
pub(crate) fn nearest_pairs(found: &[SheetHeads], tables: &[Table]) -> Vec<Nearest> {
    let mut pairs: Vec<(f64, Nearest)> = Vec::new();
    for expected in tables.iter().flat_map(|t| &t.columns).filter(|c| c.required) {
        let best = found
            .iter()
            .flat_map(|s| &s.heads)
            .map(|head| (likeness(head, &expected.head), head))
            .filter(|(alike, _)| *alike >= ALIKE)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((alike, head)) = best
            && !pairs.iter().any(|(_, p)| p.expected == expected.head)
        {
            pairs.push((alike, Nearest { found: head.clone(), expected: expected.head.clone() }));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs.into_iter().map(|(_, p)| p).collect()
}
