//! The science department's workbook: a row is a certificate, dates are text in three forms, names
//! are often the ones on the paper.

use super::firms::Book;
use super::grid::{Cell, Grid};
use super::planter::{Identity, Line, Planter};
use crate::Firm;
use crate::certificates::Certificate;
use crate::key::{FaultKind as K, KeyTable};
use jiff::civil::Date;

/// `2024-12-07`, `2024年12月7日` or `2024/12/7`.
fn typed(p: &mut Planter, grid: &Grid, row: u32, column: u32, date: Date) -> Cell {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let text = match p.draw.below(3) {
        0 => date.to_string(),
        1 => format!("{year}年{month}月{day}日"),
        _ => format!("{year}/{month}/{day}"),
    };
    p.dirty(grid, row, column, "date_text", &text, &date.to_string());
    Cell::text(text)
}

pub(crate) fn science(p: &mut Planter) -> Book {
    let mut grid = Grid::named("资质名单");
    grid.title(&format!("{}年度企业科技创新资质名单", p.year), 8);
    grid.head(&["序号", "企业名称", "统一社会信用代码", "资质类别", "级别", "证书编号", "发证日期", "有效期至"]);

    let (province, year) = (p.province, p.year);
    let listed = |f: &Firm| -> Vec<Certificate> {
        province.certificates(f.index).iter().filter(|c| c.is_listed_in(year)).cloned().collect()
    };
    let plan = p.plan(
        &[
            (K::OldNameOnly, 2),
            (K::OldName, 4),
            (K::WrongDigit, 2),
            (K::LetterO, 1),
            (K::LetterI, 1),
            (K::NameOnly, 5),
            (K::FutureDate, 2),
            (K::EndsBeforeItBegins, 1),
            (K::MissingValue, 2),
        ],
        // A firm with one certificate, so that one row is all there is.
        |f| listed(f).len() == 1,
    );
    let mut rows: Vec<(Line, Certificate)> = Vec::new();
    for firm in province.firms_in(province.demo_county()) {
        for certificate in listed(firm) {
            let line = p.line(firm.index, plan.get(&firm.index).copied());
            rows.push((line, certificate));
        }
    }
    p.draw.shuffle(&mut rows);
    for _ in 0..3 {
        let (model, certificate) = p.draw.pick(&rows).clone();
        let stranger = p.unknown(model.firm);
        let number = format!("{}X", certificate.number);
        let at = p.draw.below(rows.len());
        rows.insert(at, (stranger, Certificate { number, ..certificate }));
    }
    if let Some(line) = p.other_county(|f| !listed(f).is_empty()) {
        let certificate = listed(p.firm(line.firm)).remove(0);
        let at = p.draw.below(rows.len());
        rows.insert(at, (line, certificate));
    }
    let identity = Identity { code: 3, name: 2 };
    for (n, (line, certificate)) in rows.iter().enumerate() {
        let row = grid.next_row();
        let fact = certificate.title.fact();
        p.note_identity(&grid, row, identity, line, &[fact]);
        let firm = Some(line.firm);
        let mut issued = typed(p, &grid, row, 7, certificate.issued);
        let mut expires = typed(p, &grid, row, 8, certificate.expires);
        match line.fault {
            Some(kind @ K::FutureDate) => {
                let raw = format!("{}-06-18", year + 2);
                p.note(&grid, row, 7, kind, &raw, firm, None, &[fact]);
                issued = Cell::text(raw);
                expires = Cell::text(format!("{}-06-17", year + 5));
            }
            Some(kind @ K::EndsBeforeItBegins) => {
                let raw = certificate.issued.yesterday().expect("within the calendar").to_string();
                p.note(&grid, row, 8, kind, &raw, firm, None, &[fact]);
                expires = Cell::text(raw);
            }
            Some(kind @ K::MissingValue) => {
                p.note(&grid, row, 7, kind, "", firm, None, &[fact]);
                issued = Cell::Blank;
            }
            _ => {}
        }
        if certificate.expires.year() < year {
            p.dirty(&grid, row, 8, "expired", &expires.shown(), &certificate.expires.to_string());
        }
        grid.push(vec![
            Cell::whole(n as i64 + 1),
            Cell::text(&line.name),
            Cell::text(&line.code),
            Cell::text(certificate.title.label()),
            Cell::text(certificate.grade.label()),
            Cell::text(&certificate.number),
            issued,
            expires,
        ]);
    }
    let tables = vec![KeyTable {
        sheet: Some(grid.name.clone()),
        subject: "certificate".to_owned(),
        head_rows: vec![2],
        first_row: 3,
        last_row: grid.next_row() - 1,
    }];
    Book { grids: vec![grid], tables }
}
