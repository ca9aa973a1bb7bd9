//! Files that cannot, or can only partly, be imported: each is one case of the bad-input list, with
//! what an import should say about it.

use crate::draw::{Draw, Purpose};
use crate::error::WriteError;
use crate::workbooks::grid::{Cell, Grid, csv, xlsx};
use crate::workbooks::xls::pack;
use crate::workbooks::{MadeFile, write};
use crate::{Figures, Firm, LAST_YEAR, Part, Province, Size};
use base::Department;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::io::{Cursor, Read, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// What should become of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The file is refused as a whole.
    FileRefused,
    /// The file is read; the named cells are refused.
    CellsRefused,
    /// The file is read without a fault.
    Read,
}

/// One bad file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadFile {
    /// File name.
    pub file: String,
    /// Stable name of the case.
    pub case: String,
    /// As whose workbook it is handed in.
    pub department: Department,
    /// What should become of it.
    pub verdict: Verdict,
    /// Cells that should be refused, as (row, column) from 1.
    pub cells: Vec<(u32, u32)>,
    /// Values that should be read, as (row, column, text): for cases that look bad and are not.
    pub reads: Vec<(u32, u32, String)>,
}

/// File name of the list of cases.
pub const BAD_KEY_FILE: &str = "bad.json";

struct Maker<'a> {
    firms: Vec<(&'a Firm, &'a Figures)>,
    draw: Draw,
    files: Vec<MadeFile>,
    cases: Vec<BadFile>,
}

impl Maker<'_> {
    fn add(
        &mut self,
        file: &str,
        case: &str,
        department: Department,
        verdict: Verdict,
        bytes: Vec<u8>,
    ) -> &mut BadFile {
        self.files.push(MadeFile { name: file.to_owned(), bytes });
        self.cases.push(BadFile {
            file: file.to_owned(),
            case: case.to_owned(),
            department,
            verdict,
            cells: Vec::new(),
            reads: Vec::new(),
        });
        self.cases.last_mut().expect("just pushed")
    }

    /// A small, faultless tax workbook in the plainest form.
    fn tax_grid(&self, paid_head: &str) -> Grid {
        let mut grid = Grid::named("企业税收");
        grid.head(&["统一社会信用代码", "企业名称", "生产经营地址", paid_head]);
        for (firm, figures) in &self.firms {
            grid.push(vec![
                Cell::text(firm.code.as_str()),
                Cell::text(&firm.name),
                Cell::text(&firm.address),
                Cell::scaled(figures.tax_fen, 6),
            ]);
        }
        grid
    }

    fn statistics_grid(&self) -> Grid {
        let mut grid = Grid::named("工业主要指标");
        grid.head(&[
            "企业名称",
            "统一社会信用代码",
            "是否规上",
            "营业收入（万元）",
            "工业增加值（万元）",
            "平均从业人员（人）",
            "综合能源消费量（吨标准煤）",
        ]);
        for (firm, figures) in &self.firms {
            let scale = figures.scale.as_ref().expect("bad files are made of firms above scale");
            grid.push(vec![
                Cell::text(&firm.name),
                Cell::text(firm.code.as_str()),
                Cell::text("是"),
                Cell::scaled(figures.revenue_k, 1),
                Cell::scaled(scale.value_added_k, 1),
                Cell::whole(figures.employees),
                Cell::scaled(scale.energy_c, 2),
            ]);
        }
        grid
    }

    fn land_grid(&self) -> Grid {
        let mut grid = Grid::named("宗地");
        grid.head(&["宗地编号", "土地使用权人", "统一社会信用代码", "坐落", "土地用途", "宗地面积（亩）"]);
        for (n, (firm, _)) in self.firms.iter().enumerate() {
            grid.push(vec![
                Cell::text(format!("{}002GB{:05}", firm.town, n + 1)),
                Cell::text(&firm.name),
                Cell::text(firm.code.as_str()),
                Cell::text(&firm.address),
                Cell::text("工业用地"),
                Cell::whole(12 + n as i64),
            ]);
        }
        grid
    }

    fn power_grid(&self) -> Grid {
        let mut grid = Grid::default();
        grid.head(&["户号", "户名", "统一社会信用代码", "用电地址", "全年用电量（千瓦时）"]);
        for (firm, figures) in &self.firms {
            grid.push(vec![
                Cell::text(&firm.utility_accounts[0]),
                Cell::text(&firm.name),
                Cell::text(firm.code.as_str()),
                Cell::text(&firm.address),
                Cell::whole(figures.power_kwh),
            ]);
        }
        grid
    }

    /// Certificates whose dates are real date cells of the 1904 system.
    fn dates_of_1904(&mut self) -> Result<(), WriteError> {
        let file = "日期为1904体系.xlsx";
        let mut grid = Grid::named("资质名单");
        grid.head(&["企业名称", "统一社会信用代码", "资质类别", "证书编号", "发证日期", "有效期至"]);
        let epoch = jiff::civil::Date::constant(1904, 1, 1);
        let days = |d: jiff::civil::Date| i64::from((d - epoch).get_days());
        let mut reads = Vec::new();
        for (n, (firm, _)) in self.firms.iter().enumerate() {
            let issued = jiff::civil::Date::new(LAST_YEAR, 1 + n as i8 % 12, 15).expect("a date");
            let expires = jiff::civil::Date::new(LAST_YEAR + 3, 1 + n as i8 % 12, 14).expect("a date");
            reads.push((n as u32 + 2, 5, issued.to_string()));
            reads.push((n as u32 + 2, 6, expires.to_string()));
            grid.push(vec![
                Cell::text(&firm.name),
                Cell::text(firm.code.as_str()),
                Cell::text("高新技术企业"),
                Cell::text(format!("GR{LAST_YEAR}37{n:05}")),
                Cell::Date(days(issued)),
                Cell::Date(days(expires)),
            ]);
        }
        let plain = xlsx(file, &[grid])?;
        let bytes = rewrite(&plain, |name, text| {
            if name == "xl/workbook.xml" { text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ") } else { text }
        })
        .map_err(|source| WriteError::Pack { file: file.to_owned(), source })?;
        self.add(file, "dates_1904", Department::Science, Verdict::Read, bytes).reads = reads;
        Ok(())
    }
}

/// Makes the bad files (without the huge one) and the list of what should become of each.
///
/// # Errors
/// When a container cannot be made.
pub fn make_bad_files(province: &Province) -> Result<(Vec<MadeFile>, Vec<BadFile>), WriteError> {
    let firms = province.firms_in(province.demo_county()).iter();
    let firms = firms
        .filter(|f| f.part == Part::Ordinary && f.size == Size::Above)
        .map(|f| (f, province.figures_of(f.index, LAST_YEAR).expect("figures up to the last year")))
        .take(24)
        .collect();
    let mut m =
        Maker { firms, draw: Draw::new(province.seed(), Purpose::BadFiles, 0), files: Vec::new(), cases: Vec::new() };
    let tax = Department::Tax;
    m.add("空文件.xlsx", "empty", tax, Verdict::FileRefused, Vec::new());

    let locked = password_protected(&mut m.draw)
        .map_err(|source| WriteError::Pack { file: "加密工作簿.xlsx".to_owned(), source })?;
    m.add("加密工作簿.xlsx", "password", tax, Verdict::FileRefused, locked);

    let mut other = Grid::named("签到");
    other.head(&["日期", "会议名称", "参会单位", "签到时间"]);
    other.push(["2026-01-12", "工业运行调度会", "各镇街", "9:00"].map(Cell::text).to_vec());
    let bytes = xlsx("模板不符.xlsx", &[other])?;
    m.add("模板不符.xlsx", "wrong_template", tax, Verdict::FileRefused, bytes);

    let bytes = xlsx("列名被改.xlsx", &[m.tax_grid("本年贡献数")])?;
    m.add("列名被改.xlsx", "renamed_column", tax, Verdict::FileRefused, bytes);

    let mut heads_only = m.tax_grid("实缴税金（万元）");
    heads_only.rows.truncate(1);
    let bytes = xlsx("只有表头.xlsx", &[heads_only])?;
    m.add("只有表头.xlsx", "no_rows", tax, Verdict::FileRefused, bytes);

    let mut grid = m.statistics_grid();
    let errors = [("=D2/0", "#DIV/0!"), ("=VLOOKUP(B3,Z1:Z2,1,0)", "#N/A"), ("=D4+乙", "#NAME?"), ("=#REF!", "#REF!")];
    let mut cells = Vec::new();
    for (n, (formula, error)) in errors.into_iter().enumerate() {
        grid.rows[n + 1][4] = Cell::Formula(formula, error);
        cells.push((n as u32 + 2, 5));
    }
    let bytes = xlsx("公式错误.xlsx", &[grid])?;
    m.add("公式错误.xlsx", "formula_errors", Department::Statistics, Verdict::CellsRefused, bytes).cells = cells;

    m.dates_of_1904()?;

    let mut grid = m.land_grid();
    grid.rows[3][5] = Cell::Number(Decimal::new(-85, 1));
    grid.rows[7][5] = Cell::text("(3.2)");
    let bytes = xlsx("土地面积为负.xlsx", &[grid])?;
    m.add("土地面积为负.xlsx", "negative_land", Department::Land, Verdict::CellsRefused, bytes).cells =
        vec![(4, 6), (8, 6)];

    let mut grid = m.tax_grid("实缴税金（万元）");
    let code = grid.rows[5][0].clone();
    grid.rows[6][0] = code;
    let bytes = xlsx("两户同一代码.xlsx", &[grid])?;
    m.add("两户同一代码.xlsx", "two_firms_one_code", tax, Verdict::CellsRefused, bytes).cells = vec![(6, 1), (7, 1)];

    let mut grid = m.statistics_grid();
    grid.rows[2][5] = Cell::whole(0);
    grid.rows[3][6] = Cell::whole(0);
    let bytes = xlsx("从业人员为零.xlsx", &[grid])?;
    m.add("从业人员为零.xlsx", "zero_denominators", Department::Statistics, Verdict::Read, bytes).reads =
        vec![(3, 6, "0".to_owned()), (4, 7, "0".to_owned())];

    let mut whole = xlsx("压缩包损坏.xlsx", &[m.tax_grid("实缴税金（万元）")])?;
    whole.truncate(whole.len() * 2 / 3);
    m.add("压缩包损坏.xlsx", "corrupt_zip", tax, Verdict::FileRefused, whole);

    let text = csv(&m.power_grid());
    let mut marked = vec![0xef, 0xbb, 0xbf];
    marked.extend(text.as_bytes());
    let power = Department::Power;
    let first = m.firms[0].1.power_kwh.to_string();
    m.add("UTF-8带BOM.csv", "utf8_bom", power, Verdict::Read, marked).reads = vec![(2, 5, first)];

    let mut broken = encoding_rs::GB18030.encode(&text).0.into_owned();
    let middle = broken.len() / 2;
    broken[middle..middle + 16].fill(0);
    m.add("含空字节.csv", "nul_bytes", power, Verdict::FileRefused, broken);
    Ok((m.files, m.cases))
}

/// Writes the bad files and `bad.json` into a folder, which is made when missing.
///
/// # Errors
/// When the disk refuses.
pub fn write_bad_files(folder: &Path, province: &Province) -> Result<Vec<BadFile>, WriteError> {
    let (files, cases) = make_bad_files(province)?;
    for file in &files {
        write(folder, &file.name, &file.bytes)?;
    }
    let text = serde_json::to_string_pretty(&cases).expect("the list is plain data");
    write(folder, BAD_KEY_FILE, text.as_bytes())?;
    Ok(cases)
}

/// Writes a tax workbook whose sheet alone has at least `unpacked` bytes; it packs to a small part
/// of that. Written to disk piece by piece, in a few megabytes of memory.
///
/// # Errors
/// When the disk refuses.
pub fn write_huge_workbook(path: &Path, unpacked: u64) -> Result<(), WriteError> {
    let make = || -> std::io::Result<()> {
        let mut zip = ZipWriter::new(std::io::BufWriter::new(std::fs::File::create(path)?));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, text) in PARTS {
            zip.start_file(name, options)?;
            zip.write_all(text.as_bytes())?;
        }
        zip.start_file("xl/worksheets/sheet1.xml", options.large_file(true))?;
        let head = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>统一社会信用代码</t></is></c><c r="B1" t="inlineStr"><is><t>企业名称</t></is></c><c r="C1" t="inlineStr"><is><t>实缴税金（万元）</t></is></c></row>"#;
        zip.write_all(head.as_bytes())?;
        let (mut written, mut row) = (head.len() as u64, 1);
        while written < unpacked {
            row += 1;
            let text = format!(
                r#"<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>91370725{:010}</t></is></c><c r="B{row}" t="inlineStr"><is><t>演示第{row}户</t></is></c><c r="C{row}"><v>{}.5</v></c></row>"#,
                row * 7,
                row % 9_000
            );
            zip.write_all(text.as_bytes())?;
            written += text.len() as u64;
        }
        zip.write_all(b"</sheetData></worksheet>")?;
        zip.finish()?.flush()
    };
    make().map_err(|source| WriteError::Io { path: path.to_owned(), source })
}

/// The parts of the smallest workbook, but for its sheet.
const PARTS: [(&str, &str); 4] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="企业税收" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

/// A workbook behind a password: the streams of agile encryption ([MS-OFFCRYPTO] 2.3.4.10) around
/// random bytes. Nobody has the password, so nothing inside needs to be a workbook.
fn password_protected(draw: &mut Draw) -> std::io::Result<Vec<u8>> {
    let mut info = vec![4, 0, 4, 0, 0x40, 0, 0, 0];
    info.extend(
        br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"><keyData saltSize="16" blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512" saltValue="AAAAAAAAAAAAAAAAAAAAAA=="/></encryption>"#,
    );
    let mut package = 4_000u64.to_le_bytes().to_vec();
    for _ in 0..512 {
        package.extend(draw.bits().to_le_bytes());
    }
    pack(&[("/EncryptionInfo", info), ("/EncryptedPackage", package)])
}

/// The same container with the text of its parts changed.
fn rewrite(bytes: &[u8], change: impl Fn(&str, String) -> String) -> std::io::Result<Vec<u8>> {
    let mut old = ZipArchive::new(Cursor::new(bytes))?;
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for i in 0..old.len() {
        let mut part = old.by_index(i)?;
        let name = part.name().to_owned();
        let mut text = String::new();
        part.read_to_string(&mut text)?;
        new.start_file(&name, options)?;
        new.write_all(change(&name, text).as_bytes())?;
    }
    Ok(new.finish()?.into_inner())
}
