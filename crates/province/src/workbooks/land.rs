//! The land department's workbook: parcels in square metres on one sheet, leases in mu on the other
//! with lessors merged down over their tenants. Its faults touch firms above scale only, because a
//! smaller firm without known land would drop out of scope.

use super::firms::Book;
use super::grid::{Cell, Grid};
use super::planter::{Identity, Line, Planter};
use crate::key::{FaultKind as K, KeyTable};
use crate::land::{Lease, Parcel, mu};
use crate::{Firm, Size};
use std::collections::{BTreeMap, BTreeSet};

/// Where a lease stands in the sheet: row from 1.
pub(crate) type LeaseRows = BTreeMap<usize, u32>;

/// Column of the leased land on the sheet of leases, from 1.
pub(crate) const LEASE_AREA_COLUMN: u32 = 6;
/// The sheet of leases.
pub(crate) const LEASES: &str = "租赁";

/// Both sheets; `changed` gives one lease (by index) another area in square metres.
pub(crate) fn land(p: &mut Planter, changed: Option<(usize, i64)>) -> (Book, LeaseRows) {
    let (parcels, parcel_table) = parcels(p);
    let (leases, lease_table, rows) = leases(p, changed);
    let mut notes = Grid::named("填表说明");
    for text in [
        "填表说明",
        "一、宗地面积按不动产登记面积填写，单位为平方米。",
        "二、租赁面积按租赁合同填写，单位为亩；多层厂房按层出租的填写建筑面积和总层数。",
        "三、转租的，出租方填写转租企业。",
    ] {
        notes.push(vec![Cell::text(text)]);
    }
    let notes_table = KeyTable {
        sheet: Some(notes.name.clone()),
        subject: "notes".to_owned(),
        head_rows: Vec::new(),
        first_row: 0,
        last_row: 0,
    };
    (Book { grids: vec![parcels, leases, notes], tables: vec![parcel_table, lease_table, notes_table] }, rows)
}

fn parcels(p: &mut Planter) -> (Grid, KeyTable) {
    let mut grid = Grid::named("宗地");
    grid.title(&format!("{}年工业用地宗地台账", p.year), 7);
    grid.head(&["宗地编号", "土地使用权人", "统一社会信用代码", "坐落", "土地用途", "宗地面积（㎡）", "备注"]);
    let province = p.province;
    let county = province.demo_county();
    let mut owned: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, parcel) in province.parcels(p.year, county) {
        *owned.entry(parcel.owner).or_default() += 1;
    }
    let letting: BTreeSet<usize> = province.leases(p.year, county).flat_map(|(_, l)| [l.lessor, l.tenant]).collect();
    let plan = p.plan(
        &[
            (K::NegativeArea, 3),
            (K::WrongDigit, 3),
            (K::LetterO, 2),
            (K::LetterI, 1),
            (K::OldName, 3),
            (K::NotANumber, 2),
            (K::MissingValue, 2),
            (K::Duplicate, 2),
        ],
        // One parcel, and no tenant or landlord, so that nobody else is touched.
        |f: &Firm| f.size == Size::Above && owned.get(&f.index) == Some(&1) && !letting.contains(&f.index),
    );
    let mut rows: Vec<(Line, Parcel, bool)> = Vec::new();
    for (i, parcel) in province.parcels(p.year, county) {
        let line = p.line(parcel.owner, plan.get(&parcel.owner).copied());
        rows.push((line, parcel.clone(), province.planted().over_leased.contains(&i)));
    }
    // Parcels are listed by code; those of strangers and repeated ones stand at the end.
    let repeated: Vec<_> = rows.iter().filter(|r| r.0.fault == Some(K::Duplicate)).cloned().collect();
    let spare = |n: usize| format!("{county}009001GB{:05}", 90_000 + n);
    for n in 0..3 {
        let (model, mut parcel, _) = p.draw.pick(&rows).clone();
        let stranger = if n < 2 { Some(p.unknown(model.firm)) } else { p.other_county(|_| true) };
        parcel.code = spare(n);
        rows.extend(stranger.map(|line| (line, parcel, false)));
    }
    rows.extend(
        repeated
            .into_iter()
            .map(|(line, parcel, over)| (line, Parcel { area_m2: parcel.area_m2 + 120, ..parcel }, over)),
    );

    let identity = Identity { code: 3, name: 2 };
    for (line, parcel, over_leased) in &rows {
        let row = grid.next_row();
        let firm = (!line.stranger).then_some(line.firm);
        let code = Some(parcel.code.as_str());
        let before = p.faults.len();
        p.note_identity(&grid, row, identity, line, &["parcel_area"]);
        for fault in &mut p.faults[before..] {
            fault.parcel = Some(parcel.code.clone());
        }
        let area = match line.fault {
            Some(kind @ K::NegativeArea) => {
                let raw = (-parcel.area_m2).to_string();
                p.note(&grid, row, 6, kind, &raw, firm, code, &["parcel_area"]);
                Cell::whole(-parcel.area_m2)
            }
            Some(kind @ K::NotANumber) => {
                p.note(&grid, row, 6, kind, "待测绘", firm, code, &["parcel_area"]);
                Cell::text("待测绘")
            }
            Some(kind @ K::MissingValue) => {
                p.note(&grid, row, 6, kind, "", firm, code, &["parcel_area"]);
                Cell::Blank
            }
            Some(kind @ K::Duplicate) => {
                p.note(&grid, row, 1, kind, &parcel.code, firm, code, &["parcel_area"]);
                Cell::whole(parcel.area_m2)
            }
            _ => p.grouped_sometimes(&grid, row, 6, Cell::whole(parcel.area_m2), 0.04),
        };
        if *over_leased {
            let raw = parcel.area_m2.to_string();
            p.note(&grid, row, 6, K::SharesExceedParcel, &raw, firm, code, &[]);
        }
        grid.push(vec![
            Cell::text(&parcel.code),
            Cell::text(&line.name),
            Cell::text(&line.code),
            Cell::text(&parcel.location),
            Cell::text(parcel.land_use),
            area,
            Cell::Blank,
        ]);
    }
    let table = KeyTable {
        sheet: Some(grid.name.clone()),
        subject: "parcel".to_owned(),
        head_rows: vec![2],
        first_row: 3,
        last_row: grid.next_row() - 1,
    };
    (grid, table)
}

fn leases(p: &mut Planter, changed: Option<(usize, i64)>) -> (Grid, KeyTable, LeaseRows) {
    let mut grid = Grid::named(LEASES);
    grid.title(&format!("{}年工业用地及厂房租赁情况", p.year), 9);
    grid.head(&[
        "宗地编号",
        "出租方",
        "出租方统一社会信用代码",
        "承租方",
        "承租方统一社会信用代码",
        "承租土地面积（亩）",
        "承租建筑面积（㎡）",
        "建筑总层数",
        "备注",
    ]);
    let province = p.province;
    let mut leased: BTreeMap<usize, usize> = BTreeMap::new();
    let mut groups: BTreeMap<(usize, usize), Vec<(usize, Lease)>> = BTreeMap::new();
    for (i, lease) in province.leases(p.year, province.demo_county()) {
        *leased.entry(lease.tenant).or_default() += 1;
        groups.entry((lease.parcel, lease.lessor)).or_default().push((i, lease.clone()));
    }
    let subletters: BTreeSet<usize> = groups.keys().map(|(_, lessor)| *lessor).collect();
    let plan = p.plan(
        &[(K::NegativeArea, 2), (K::WrongDigit, 2), (K::LetterO, 1), (K::NearName, 2), (K::OldName, 1)],
        |f: &Firm| f.size == Size::Above && leased.get(&f.index) == Some(&1) && !subletters.contains(&f.index),
    );
    let with_stranger: Vec<usize> = (0..2).map(|_| p.draw.below(groups.len())).collect();
    let identity = Identity { code: 5, name: 4 };
    let mut places = LeaseRows::new();
    for (n, ((parcel, lessor), tenants)) in groups.into_iter().enumerate() {
        let first = grid.next_row();
        let code = province.all_parcels()[parcel].code.clone();
        let lessor = p.firm(lessor);
        let mut lines: Vec<(Line, Option<usize>, Lease)> = tenants
            .into_iter()
            .map(|(i, lease)| (p.line(lease.tenant, plan.get(&lease.tenant).copied()), Some(i), lease))
            .collect();
        if with_stranger.contains(&n) {
            let model = lines[0].2.clone();
            lines.push((p.unknown(model.tenant), None, model));
        }
        for (line, index, lease) in &lines {
            let row = grid.next_row();
            if let Some(index) = index {
                places.insert(*index, row);
            }
            let before = p.faults.len();
            p.note_identity(&grid, row, identity, line, &["lease_area", "lease_floor_area", "building_floors"]);
            let land_m2 = match changed {
                Some((which, m2)) if Some(which) == *index => Some(m2),
                _ => lease.land_m2,
            };
            let area = match (line.fault, land_m2) {
                (Some(kind @ K::NegativeArea), m2) => {
                    let wrong = -mu(m2.unwrap_or(2_000));
                    p.note(
                        &grid,
                        row,
                        LEASE_AREA_COLUMN,
                        kind,
                        &wrong.to_string(),
                        Some(line.firm),
                        None,
                        &["lease_area"],
                    );
                    Cell::Number(wrong)
                }
                (_, m2) => m2.map_or(Cell::Blank, |m2| Cell::Number(mu(m2))),
            };
            for fault in &mut p.faults[before..] {
                fault.parcel = Some(code.clone());
            }
            let opening = row == first;
            let shown = |text: &str| if opening { Cell::text(text) } else { Cell::Blank };
            if !opening {
                p.dirty(&grid, row, 2, "merged", "", &lessor.name);
            }
            grid.push(vec![
                shown(&code),
                shown(&lessor.name),
                shown(lessor.code.as_str()),
                Cell::text(&line.name),
                Cell::text(&line.code),
                area,
                lease.floor_m2.map_or(Cell::Blank, Cell::whole),
                lease.floors.map_or(Cell::Blank, |f| Cell::whole(i64::from(f))),
                Cell::Blank,
            ]);
        }
        let last = grid.next_row() - 1;
        if last > first {
            grid.merges.extend((0..3).map(|c| (first - 1, c, last - 1, c)));
        }
    }
    let table = KeyTable {
        sheet: Some(grid.name.clone()),
        subject: "lease".to_owned(),
        head_rows: vec![2],
        first_row: 3,
        last_row: grid.next_row() - 1,
    };
    (grid, table, places)
}
