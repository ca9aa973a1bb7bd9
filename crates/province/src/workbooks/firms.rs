//! The four workbooks in which a row is a firm or one of its accounts: tax, power, environment and
//! statistics.

use super::grid::{Cell, Grid};
use super::planter::{Identity, Line, Planter, full_width, grouped};
use crate::key::{FaultKind as K, KeyTable};
use crate::{Emissions, Figures, Firm};
use std::collections::{BTreeMap, BTreeSet};

/// Facts a firm loses when its row cannot be told to be its own.
const TAX: [&str; 2] = ["tax_paid", "export_credit_tax"];
const POWER: [&str; 3] = ["power_use", "utility_account", "differential_price"];
const ENVIRONMENT: [&str; 5] = ["cod", "ammonia_nitrogen", "so2", "nox", "environment_accidents"];
const STATISTICS: [&str; 7] =
    ["above_scale", "revenue", "value_added", "employees", "energy", "rd_expense", "upgrade_investment"];

/// A finished workbook.
pub(crate) struct Book {
    pub grids: Vec<Grid>,
    pub tables: Vec<KeyTable>,
}

impl Planter<'_> {
    fn figures(&self, firm: usize) -> &Figures {
        self.province.figures_of(firm, self.year).expect("only firms with figures of the year are listed")
    }

    /// Firms of the demo county with figures of the year, in an order of the department's own.
    fn listed(&mut self, wanted: impl Fn(&Firm, &Figures) -> bool) -> Vec<usize> {
        let firms = self.province.firms_in(self.province.demo_county());
        let mut out: Vec<usize> = firms
            .iter()
            .filter(|f| self.province.figures_of(f.index, self.year).is_some_and(|y| wanted(f, y)))
            .map(|f| f.index)
            .collect();
        self.draw.shuffle(&mut out);
        out
    }

    /// One line a firm, with strangers put in between.
    fn lines(
        &mut self,
        listed: &[usize],
        plan: &BTreeMap<usize, K>,
        unknown: usize,
        other_county: usize,
        fits: impl Fn(&Firm, &Figures) -> bool,
    ) -> Vec<Line> {
        let mut lines: Vec<Line> = listed.iter().map(|i| self.line(*i, plan.get(i).copied())).collect();
        let mut strangers = Vec::new();
        for _ in 0..unknown {
            let model = *self.draw.pick(listed);
            strangers.push(self.unknown(model));
        }
        let (province, year) = (self.province, self.year);
        for _ in 0..other_county {
            strangers.extend(self.other_county(|f| province.figures_of(f.index, year).is_some_and(|y| fits(f, y))));
        }
        for stranger in strangers {
            let at = self.draw.below(lines.len());
            lines.insert(at, stranger);
        }
        lines
    }
}

fn table(grid: &Grid, subject: &str, first_row: u32, last_row: u32) -> KeyTable {
    KeyTable {
        sheet: (!grid.name.is_empty()).then(|| grid.name.clone()),
        subject: subject.to_owned(),
        head_rows: grid.head_rows.iter().map(|r| r + 1).collect(),
        first_row,
        last_row,
    }
}

/// `税务局_….xlsx`: titles, a head of two rows, yuan where the evaluation uses 万元, text numbers,
/// duplicates, a total.
pub(crate) fn tax(p: &mut Planter) -> Book {
    let mut grid = Grid::named("税收明细");
    grid.title(&format!("{}年度工业企业实缴税金情况表", p.year), 8);
    grid.title(&format!("填报单位：税务局　　所属期：{0}年1月—{0}年12月", p.year), 8);
    let heads: [(&str, &str); 8] = [
        ("序号", ""),
        ("纳税人识别号", ""),
        ("纳税人名称", ""),
        ("生产经营地址", ""),
        ("税收（元）", "实缴税金"),
        ("", "其中：增值税"),
        ("免抵调库税额（万元）", ""),
        ("备注", ""),
    ];
    grid.head(&heads.map(|h| h.0));
    grid.head(&heads.map(|h| h.1));
    for column in [0, 1, 2, 3, 6, 7] {
        grid.merges.push((2, column, 3, column));
    }
    grid.merges.push((2, 4, 2, 5));

    let plan = p.plan(
        &[
            (K::Duplicate, 5),
            (K::WrongDigit, 4),
            (K::LetterO, 3),
            (K::LetterI, 2),
            (K::OldName, 4),
            (K::MissingValue, 3),
            (K::NotANumber, 3),
            (K::NearName, 2),
        ],
        |_| true,
    );
    let listed = p.listed(|_, _| true);
    let mut lines = p.lines(&listed, &plan, 5, 4, |_, _| true);
    // The second row of a duplicate stands somewhere below the first.
    for i in (0..lines.len()).rev() {
        if lines[i].fault == Some(K::Duplicate) {
            let at = i + 1 + p.draw.below(lines.len() - i);
            let twin = lines[i].clone();
            lines.insert(at, twin);
        }
    }
    let identity = Identity { code: 2, name: 3 };
    let (mut seen, mut total) = (BTreeSet::new(), 0);
    for (n, line) in lines.iter().enumerate() {
        let row = grid.next_row();
        let figures = p.figures(line.firm).clone();
        let second = line.fault == Some(K::Duplicate) && !seen.insert(line.firm);
        let fen = match line.fault {
            // Both rows together are the truth.
            Some(K::Duplicate) if second => figures.tax_fen - figures.tax_fen / 3,
            Some(K::Duplicate) => figures.tax_fen / 3,
            _ => figures.tax_fen,
        };
        total += fen;
        p.note_identity(&grid, row, identity, line, &TAX);
        let paid = match line.fault {
            Some(kind @ K::MissingValue) => {
                p.note(&grid, row, 5, kind, "", Some(line.firm), None, &TAX[..1]);
                Cell::Blank
            }
            Some(kind @ K::NotANumber) => {
                let raw = *p.draw.pick(&["见附表", "约120000", "12万"]);
                p.note(&grid, row, 5, kind, raw, Some(line.firm), None, &TAX[..1]);
                Cell::text(raw)
            }
            _ => p.grouped_sometimes(&grid, row, 5, Cell::scaled(fen, 2), 0.08),
        };
        if line.fault == Some(K::Duplicate) {
            p.note(&grid, row, 2, K::Duplicate, &line.code, Some(line.firm), None, &TAX);
        }
        let export = if second { None } else { figures.export_credit_c };
        grid.push(vec![
            Cell::whole(n as i64 + 1),
            Cell::text(&line.code),
            Cell::text(&line.name),
            Cell::text(&line.address),
            paid,
            Cell::scaled(fen * 2 / 5, 2),
            export.map_or(Cell::Blank, |c| Cell::scaled(c, 2)),
            Cell::Blank,
        ]);
    }
    let last = grid.next_row() - 1;
    p.note(&grid, last + 1, 1, K::TotalRow, "合计", None, None, &[]);
    grid.merges.push((last, 0, last, 3));
    grid.push(vec![
        Cell::text("合计"),
        Cell::Blank,
        Cell::Blank,
        Cell::Blank,
        Cell::scaled(total, 2),
        Cell::scaled(total * 2 / 5, 2),
        Cell::Blank,
        Cell::Blank,
    ]);
    let tables = vec![table(&grid, "firm", 5, last)];
    Book { grids: vec![grid], tables }
}

/// `供电公司_….csv`: a row an account, full-width digits, rows without a code.
pub(crate) fn power(p: &mut Planter) -> Book {
    let mut grid = Grid::default();
    grid.head(&["户号", "户名", "社会信用代码", "用电地址", "全年用电量（千瓦时）", "加价标准（元/千瓦时）", "备注"]);
    let plan = p.plan(
        &[
            (K::NameOnly, 14),
            (K::NearName, 4),
            (K::OldNameOnly, 4),
            (K::OldName, 3),
            (K::LetterO, 2),
            (K::LetterI, 2),
            (K::WrongDigit, 2),
            (K::NotANumber, 2),
            (K::MissingValue, 3),
        ],
        // A firm with one account only, so that one row is all there is.
        |f| f.utility_accounts.len() == 1,
    );
    let listed = p.listed(|_, _| true);
    let lines = p.lines(&listed, &plan, 6, 3, |f, _| f.utility_accounts.len() == 1);
    let identity = Identity { code: 3, name: 2 };
    for line in &lines {
        let figures = p.figures(line.firm).clone();
        let accounts =
            if line.stranger { vec!["3799999900".to_owned()] } else { p.firm(line.firm).utility_accounts.clone() };
        let price = figures.differential_price_m.filter(|_| accounts.len() == 1 && !line.stranger);
        let mut left = figures.power_kwh;
        for (n, account) in accounts.iter().enumerate() {
            let row = grid.next_row();
            let part = if n + 1 == accounts.len() { left } else { left * p.draw.between(20, 70) / 100 };
            left -= part;
            p.note_identity(&grid, row, identity, line, &POWER);
            let used = match line.fault {
                Some(kind @ K::MissingValue) => {
                    p.note(&grid, row, 5, kind, "", Some(line.firm), None, &POWER[..1]);
                    Cell::Blank
                }
                Some(kind @ K::NotANumber) => {
                    p.note(&grid, row, 5, kind, "停用", Some(line.firm), None, &POWER[..1]);
                    Cell::text("停用")
                }
                _ => amount_as_typed(p, &grid, row, part),
            };
            if accounts.len() > 1 {
                p.dirty(&grid, row, 1, "several_accounts", account, &line.name);
            }
            grid.push(vec![
                Cell::text(account),
                Cell::text(&line.name),
                Cell::text(&line.code),
                Cell::text(&line.address),
                used,
                price.map_or(Cell::Blank, |m| Cell::scaled(m, 3)),
                Cell::Blank,
            ]);
        }
    }
    let last = grid.next_row() - 1;
    let tables = vec![table(&grid, "firm", 2, last)];
    Book { grids: vec![grid], tables }
}

/// Some amounts are typed in full width, some with grouping commas.
fn amount_as_typed(p: &mut Planter, grid: &Grid, row: u32, kwh: i64) -> Cell {
    let plain = kwh.to_string();
    let (kind, text) = match p.draw.unit() {
        x if x < 0.05 => ("full_width", full_width(&plain)),
        x if x < 0.10 => ("grouped_text", grouped(&plain)),
        _ => return Cell::text(plain),
    };
    p.dirty(grid, row, 5, kind, &text, &plain);
    Cell::text(text)
}

/// `生态环境局_….xls`: kilograms beside tonnes.
pub(crate) fn environment(p: &mut Planter) -> Book {
    let mut grid = Grid::named("排放量");
    grid.title(&format!("{}年工业排污单位主要污染物排放量", p.year), 8);
    grid.head(&[
        "序号",
        "排污单位名称",
        "统一社会信用代码",
        "化学需氧量（千克）",
        "氨氮（千克）",
        "二氧化硫（吨）",
        "氮氧化物（吨）",
        "环境事件（起）",
    ]);
    let (province, year) = (p.province, p.year);
    let plan = p.plan(
        &[
            (K::WrongDigit, 2),
            (K::LetterO, 1),
            (K::LetterI, 1),
            (K::OldName, 2),
            (K::MissingValue, 2),
            (K::NotANumber, 2),
        ],
        |f| province.figures_of(f.index, year).is_some_and(|y| y.emissions.is_some()),
    );
    let listed = p.listed(|_, y| y.emissions.is_some());
    let lines = p.lines(&listed, &plan, 2, 2, |_, y| y.emissions.is_some());
    let identity = Identity { code: 3, name: 2 };
    for (n, line) in lines.iter().enumerate() {
        let row = grid.next_row();
        let Emissions { cod_hg, ammonia_hg, so2_kg, nox_kg, accidents } =
            p.figures(line.firm).emissions.clone().expect("only emitters are listed");
        p.note_identity(&grid, row, identity, line, &ENVIRONMENT);
        let cod = match line.fault {
            Some(kind @ K::MissingValue) => {
                p.note(&grid, row, 4, kind, "", Some(line.firm), None, &ENVIRONMENT[..1]);
                Cell::Blank
            }
            Some(kind @ K::NotANumber) => {
                p.note(&grid, row, 4, kind, "未检出", Some(line.firm), None, &ENVIRONMENT[..1]);
                Cell::text("未检出")
            }
            _ => p.text_sometimes(&grid, row, 4, Cell::scaled(cod_hg, 1), 0.04),
        };
        grid.push(vec![
            Cell::whole(n as i64 + 1),
            Cell::text(&line.name),
            Cell::text(&line.code),
            cod,
            Cell::scaled(ammonia_hg, 1),
            Cell::scaled(so2_kg, 3),
            Cell::scaled(nox_kg, 3),
            Cell::whole(accidents),
        ]);
    }
    let last = grid.next_row() - 1;
    let tables = vec![table(&grid, "firm", 3, last)];
    Book { grids: vec![grid], tables }
}

/// `统计局_….xlsx`: thousands of yuan, a row of column marks, a hidden column that looks like
/// another, numbers as text, formula errors.
pub(crate) fn statistics(p: &mut Planter) -> Book {
    let mut grid = Grid::named("工业主要指标");
    grid.head(&[
        "单位详细名称",
        "统一社会信用代码",
        "行业代码",
        "是否规上",
        "营业收入（千元）",
        "上年同期营业收入（千元）",
        "工业增加值（千元）",
        "期末从业人员（人）",
        "平均从业人员（人）",
        "综合能源消费量（吨标准煤）",
        "研究开发费用（千元）",
        "技术改造投资（万元）",
    ]);
    grid.hidden_columns.push(5);
    p.note(&grid, 2, 1, K::ColumnMarks, "甲", None, None, &[]);
    let marks = ["甲", "乙", "丙", "丁", "1", "2", "3", "4", "5", "6", "7", "8"];
    grid.push(marks.map(Cell::text).to_vec());

    let (province, year) = (p.province, p.year);
    let scale = |f: &Firm| province.figures_of(f.index, year).is_some_and(|y| y.above_scale);
    let mut plan = p.plan(&[(K::FormulaError, 4), (K::ZeroEmployees, 3), (K::MissingValue, 4)], scale);
    plan.extend(p.plan(
        &[(K::WrongDigit, 3), (K::LetterO, 2), (K::LetterI, 2), (K::OldName, 5), (K::NotANumber, 2), (K::NearName, 2)],
        |_| true,
    ));
    let listed = p.listed(|_, _| true);
    let lines = p.lines(&listed, &plan, 4, 3, |_, _| true);
    let identity = Identity { code: 2, name: 1 };
    for line in &lines {
        let row = grid.next_row();
        let figures = p.figures(line.firm).clone();
        let before = province.figures_of(line.firm, year - 1).map(|y| y.revenue_k);
        p.note_identity(&grid, row, identity, line, &STATISTICS);
        let firm = Some(line.firm);
        let revenue = if line.fault == Some(K::NotANumber) {
            p.note(&grid, row, 5, K::NotANumber, "待核", firm, None, &["revenue"]);
            Cell::text("待核")
        } else {
            p.text_sometimes(&grid, row, 5, Cell::whole(figures.revenue_k), 0.10)
        };
        let reported = figures.scale.as_ref();
        let unreported = |p: &mut Planter, column: u32, cell: Option<Cell>| {
            cell.unwrap_or_else(|| {
                p.dirty(&grid, row, column, "blank_mark", "-", "");
                Cell::text("-")
            })
        };
        let added = if line.fault == Some(K::FormulaError) {
            let (formula, error) =
                *p.draw.pick(&[("=E3/0", "#DIV/0!"), ("=VLOOKUP(B3,Z1:Z2,1,0)", "#N/A"), ("=E3+乙", "#NAME?")]);
            p.note(&grid, row, 7, K::FormulaError, error, firm, None, &["value_added"]);
            Cell::Formula(formula, error)
        } else {
            unreported(p, 7, reported.map(|s| Cell::whole(s.value_added_k)))
        };
        let employees = match line.fault {
            Some(kind @ K::ZeroEmployees) => {
                p.note(&grid, row, 9, kind, "0", firm, None, &["employees"]);
                Cell::whole(0)
            }
            Some(kind @ K::MissingValue) => {
                p.note(&grid, row, 9, kind, "", firm, None, &["employees"]);
                Cell::Blank
            }
            _ => Cell::whole(figures.employees),
        };
        let energy = unreported(p, 10, reported.map(|s| Cell::scaled(s.energy_c, 2)));
        let research = unreported(p, 11, reported.map(|s| Cell::whole(s.rd_k)));
        let upgrade = unreported(p, 12, reported.map(|s| Cell::scaled(s.upgrade_c, 2)));
        let industry = p.firm(line.firm).industry.clone();
        grid.push(vec![
            Cell::text(&line.name),
            Cell::text(&line.code),
            Cell::text(industry),
            Cell::text(if figures.above_scale { "是" } else { "否" }),
            revenue,
            before.map_or(Cell::Blank, Cell::whole),
            added,
            Cell::whole(figures.employees + 2),
            employees,
            energy,
            research,
            upgrade,
        ]);
    }
    let last = grid.next_row() - 1;
    let tables = vec![table(&grid, "firm", 3, last)];
    Book { grids: vec![grid], tables }
}
