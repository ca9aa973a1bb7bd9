//! The demo county's workbooks as six departments would send them, each dirty in its own way, and
//! the key that lists every planted fault.

mod firms;
pub(crate) mod grid;
mod land;
pub(crate) mod planter;
mod science;
pub(crate) mod xls;

use crate::error::WriteError;
use crate::key::{Key, KeyFile, LandCorrection};
use crate::land::mu;
use crate::parameters::{FIRST_YEAR, LAST_YEAR};
use crate::{Part, Province};
use base::Department;
use firms::Book;
use planter::{Planter, key_firm};
use std::collections::BTreeSet;
use std::path::Path;

/// File name of a department's workbook; `None` for departments that send none.
pub fn file_name(department: Department, year: i16) -> Option<String> {
    Some(match department {
        Department::Tax => format!("税务局_{year}年度企业税收.xlsx"),
        Department::Land => format!("自然资源局_{year}年工业用地及租赁.xlsx"),
        Department::Power => format!("供电公司_{year}年用电量.csv"),
        Department::Environment => format!("生态环境局_{year}年主要污染物排放.xls"),
        Department::Statistics => format!("统计局_{year}年工业企业主要指标.xlsx"),
        Department::Science => format!("科技局_{year}年企业资质.xlsx"),
        _ => return None,
    })
}

/// File name of the corrected land workbook.
pub fn corrected_land_name(year: i16) -> String {
    format!("自然资源局_{year}年工业用地及租赁_更正.xlsx")
}

/// File name of the key.
pub const KEY_FILE: &str = "key.json";

/// A file ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// File name.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// Makes the six workbooks and the corrected land workbook of a year, and the key to them.
///
/// # Errors
/// When the province has no figures of that year.
pub fn make_workbooks(province: &Province, year: i16) -> Result<(Vec<MadeFile>, Key), WriteError> {
    if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
        return Err(WriteError::Year { found: year, first: FIRST_YEAR, last: LAST_YEAR });
    }
    let names = every_name(province);
    let mut free = free_firms(province, year);
    let mut files = Vec::new();
    let mut key = Key {
        seed: province.seed(),
        year,
        county: province.demo_county().to_string(),
        files: Vec::new(),
        faults: Vec::new(),
        dirt: Vec::new(),
        land_correction: None,
    };
    // Rare demands first: the land workbook needs large firms with one parcel, the science workbook
    // firms with one certificate.
    for department in [
        Department::Land,
        Department::Science,
        Department::Environment,
        Department::Statistics,
        Department::Tax,
        Department::Power,
    ] {
        let name = file_name(department, year).expect("these six send workbooks");
        let mut planter = Planter::new(province, year, department, &name, free.clone(), &names);
        let book = match department {
            Department::Land => {
                let (book, rows) = land::land(&mut planter, None);
                if let Some((file, correction)) = corrected_land(province, year, &free, &names, &rows)? {
                    files.push(file);
                    key.land_correction = Some(correction);
                }
                book
            }
            Department::Science => science::science(&mut planter),
            Department::Environment => firms::environment(&mut planter),
            Department::Statistics => firms::statistics(&mut planter),
            Department::Tax => firms::tax(&mut planter),
            _ => firms::power(&mut planter),
        };
        let bytes = match department {
            Department::Environment => xls::xls(&name, &book.grids)?,
            Department::Power => {
                let text = grid::csv(&book.grids[0]);
                encoding_rs::GB18030.encode(&text).0.into_owned()
            }
            _ => grid::xlsx(&name, &book.grids)?,
        };
        files.push(MadeFile { name: name.clone(), bytes });
        let (left, faults, dirt) = planter.into_parts();
        free = left;
        key.files.push(key_file(department, name, book, &faults));
        key.faults.extend(faults);
        key.dirt.extend(dirt);
    }
    key.files.sort_by_key(|f| f.department);
    key.faults
        .sort_by(|a, b| (a.department, &a.sheet, a.row, a.column).cmp(&(b.department, &b.sheet, b.row, b.column)));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((files, key))
}

/// Writes the workbooks of a year and `key.json` into a folder, which is made when missing.
///
/// # Errors
/// When the year has no figures or the disk refuses.
pub fn write_workbooks(folder: &Path, province: &Province, year: i16) -> Result<Key, WriteError> {
    let (files, key) = make_workbooks(province, year)?;
    for file in &files {
        write(folder, &file.name, &file.bytes)?;
    }
    let text = serde_json::to_string_pretty(&key).expect("the key is plain data");
    write(folder, KEY_FILE, text.as_bytes())?;
    Ok(key)
}

/// Writes one file, making its folder when missing.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
    let path = folder.join(name);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, bytes))
        .map_err(|source| WriteError::Io { path, source })
}

fn key_file(department: Department, file: String, book: Book, faults: &[crate::key::Fault]) -> KeyFile {
    let rows = book.tables.iter().filter(|t| t.first_row > 0).map(|t| (t.last_row + 1 - t.first_row) as usize).sum();
    let faulty: BTreeSet<_> = faults.iter().map(|f| (&f.sheet, f.row)).collect();
    KeyFile { department, file, tables: book.tables, rows, faulty_rows: faulty.len() }
}

/// Comparison keys of every name in the registry, former ones included.
fn every_name(province: &Province) -> BTreeSet<String> {
    let names = province.firms().iter();
    names
        .flat_map(|f| std::iter::once(&f.name).chain(f.former_names.iter().map(|n| &n.name)))
        .map(|n| base::text::name_key(n))
        .collect()
}

/// Firms that may get a fault: ordinary ones of the demo county that no account, story or planted
/// land depends on, in a random order.
fn free_firms(province: &Province, year: i16) -> Vec<usize> {
    let planted = province.planted();
    let mut kept: BTreeSet<usize> = province.accounts().iter().filter_map(|a| a.firm).collect();
    let story = planted.story.map(|l| province.all_leases()[l].parcel);
    let parcels: BTreeSet<usize> = planted.over_leased.iter().chain(&planted.buildings).copied().chain(story).collect();
    for (i, lease) in province.all_leases().iter().enumerate() {
        if parcels.contains(&lease.parcel) || planted.sublets.contains(&i) {
            kept.extend([lease.lessor, lease.tenant]);
        }
    }
    let near = province.near_names().iter().flat_map(|(a, b)| [*a, *b]);
    kept.extend(near);
    let firms = province.firms_in(province.demo_county()).iter();
    let mut free: Vec<usize> = firms
        .filter(|f| {
            f.part == Part::Ordinary && !kept.contains(&f.index) && province.figures_of(f.index, year).is_some()
        })
        .map(|f| f.index)
        .collect();
    crate::draw::Draw::new(province.seed(), crate::draw::Purpose::Faults, 1_000).shuffle(&mut free);
    free
}

/// The land workbook again, with the story's tenant leasing a quarter less.
fn corrected_land(
    province: &Province,
    year: i16,
    free: &[usize],
    names: &BTreeSet<String>,
    rows: &land::LeaseRows,
) -> Result<Option<(MadeFile, LandCorrection)>, WriteError> {
    let Some(index) = province.planted().story else { return Ok(None) };
    let (lease, Some(row)) = (&province.all_leases()[index], rows.get(&index)) else { return Ok(None) };
    let Some(before) = lease.land_m2 else { return Ok(None) };
    let after = before * 3 / 4;
    let file = corrected_land_name(year);
    // The same streams as for the first version, so that everything else stays as it was.
    let mut planter = Planter::new(province, year, Department::Land, &file, free.to_vec(), names);
    let (book, _) = land::land(&mut planter, Some((index, after)));
    let bytes = grid::xlsx(&file, &book.grids)?;
    let firm = |i: usize| key_firm(&province.firms()[i]);
    let mut on_parcel: BTreeSet<usize> = BTreeSet::from([province.all_parcels()[lease.parcel].owner]);
    for (_, other) in province.leases(year, province.demo_county()).filter(|(_, l)| l.parcel == lease.parcel) {
        on_parcel.extend([other.lessor, other.tenant]);
    }
    let correction = LandCorrection {
        file: file.clone(),
        sheet: land::LEASES.to_owned(),
        row: *row,
        column: land::LEASE_AREA_COLUMN,
        parcel: province.all_parcels()[lease.parcel].code.clone(),
        tenant: firm(lease.tenant),
        lessor: firm(lease.lessor),
        before: mu(before),
        after: mu(after),
        firms: BTreeSet::from([lease.tenant, lease.lessor]).into_iter().map(firm).collect(),
        on_parcel: on_parcel.into_iter().map(firm).collect(),
    };
    Ok(Some((MadeFile { name: file, bytes }, correction)))
}
