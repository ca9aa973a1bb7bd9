//! Everything that can be wrong with a file or a cell, in words for the person who sent it: the
//! place, what was found there and what is allowed.

use crate::Wording;
use base::source::column_letters;
use serde::Serialize;

/// A place in a workbook. Rows and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct CellPlace {
    /// Worksheet; absent for text files.
    pub sheet: Option<String>,
    /// From 1; 0 when the place is a whole sheet.
    pub row: u32,
    /// From 1; 0 when the place is a whole row.
    pub column: u32,
}

impl CellPlace {
    /// `明细!F812`, as spreadsheet users write it.
    pub fn address(&self) -> String {
        let cell = match (self.row, self.column) {
            (0, _) => String::new(),
            (row, 0) => row.to_string(),
            (row, column) => format!("{}{row}", column_letters(column)),
        };
        match &self.sheet {
            Some(sheet) if cell.is_empty() => sheet.clone(),
            Some(sheet) => format!("{sheet}!{cell}"),
            None => cell,
        }
    }
}

/// What a size limit measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Bytes of the file.
    FileBytes,
    /// Bytes after unpacking.
    UnpackedBytes,
    /// Cells with content.
    Cells,
    /// Sheets.
    Sheets,
}

/// A template column that no head of the sheet names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MissingColumn {
    /// Head that is expected.
    pub head: String,
    /// Other heads that would do.
    pub aliases: Vec<String>,
    /// The head of the sheet that comes closest and is not used otherwise.
    pub nearest: Option<String>,
}

/// Heads found on a sheet that holds no known table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetHeads {
    /// Worksheet; absent for text files.
    pub sheet: Option<String>,
    /// Texts of the row that looks most like heads.
    pub heads: Vec<String>,
}

/// Heads that a table of the template needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpectedTable {
    /// Table id.
    pub table: String,
    /// Heads of its required columns.
    pub heads: Vec<String>,
}

/// A head of the file and the expected head it resembles.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Nearest {
    /// As the file has it.
    pub found: String,
    /// As the template has it.
    pub expected: String,
}

/// Why a file cannot be taken at all. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.wording().en)]
pub enum FileFault {
    /// No bytes, or a workbook without a single filled cell.
    Empty,
    /// Opens only with a password.
    PasswordProtected,
    /// A known format that cannot be decoded.
    Corrupt {
        /// Which part.
        part: String,
        /// What the decoder said.
        detail: String,
    },
    /// Content of another kind.
    UnsupportedFormat {
        /// What it is.
        found: Wording,
    },
    /// Beyond a limit.
    TooLarge {
        /// What was measured.
        measure: Measure,
        /// How much there is, or at least is.
        found: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// No sheet holds a table of this template.
    NoTable {
        /// Title of the template asked for.
        template: String,
        /// Heads found.
        found: Vec<SheetHeads>,
        /// Heads expected.
        expected: Vec<ExpectedTable>,
        /// Closest pairs.
        nearest: Vec<Nearest>,
    },
    /// A table was found but required columns were not.
    MissingColumns {
        /// The row of the heads.
        at: CellPlace,
        /// Which.
        columns: Vec<MissingColumn>,
        /// Heads of that row that mean nothing here: a renamed column is among them.
        unknown: Vec<String>,
    },
    /// Several columns claim to be the same.
    AmbiguousColumns {
        /// The expected head.
        head: String,
        /// Where the claimants are.
        at: Vec<CellPlace>,
        /// Their heads.
        found: Vec<String>,
    },
    /// Several sheets hold the same table with rows about the same subjects.
    AmbiguousSheets {
        /// Table id.
        table: String,
        /// The sheets.
        sheets: Vec<String>,
        /// A subject on more than one of them.
        example: String,
    },
    /// A head declares a unit that is unknown or not accepted for its column.
    UnknownUnit {
        /// The cell that declares it.
        at: CellPlace,
        /// The column's head.
        head: String,
        /// The unit as written.
        found: String,
        /// Units accepted.
        allowed: Vec<String>,
    },
    /// Neither the head nor a line above it declares a unit, and more than one is possible.
    UnitNotDeclared {
        /// The head.
        at: CellPlace,
        /// The column's head.
        head: String,
        /// Units accepted.
        allowed: Vec<String>,
    },
    /// A line above the heads declares several units that the column could have.
    UnitAmbiguous {
        /// The head.
        at: CellPlace,
        /// The column's head.
        head: String,
        /// Units declared.
        found: Vec<String>,
    },
    /// The heads name another year than the one asked for.
    WrongYear {
        /// The head.
        at: CellPlace,
        /// As written.
        head: String,
        /// The year asked for.
        expected: i16,
    },
    /// Heads without a row of figures below them.
    NoRows {
        /// The row of the heads.
        at: CellPlace,
    },
    /// The caller stopped the reading.
    Cancelled,
}

fn list(items: &[String]) -> String {
    items.join("、")
}

fn list_en(items: &[String]) -> String {
    items.iter().map(|i| format!("“{i}”")).collect::<Vec<_>>().join(", ")
}

/// A size with its unit, for people.
fn size(measure: Measure, amount: u64) -> (String, String) {
    match measure {
        Measure::FileBytes | Measure::UnpackedBytes => {
            let text = if amount >= 1 << 20 { format!("{} MB", amount >> 20) } else { format!("{amount} B") };
            (text.clone(), text)
        }
        Measure::Cells => (format!("{amount} 个单元格"), format!("{amount} cells")),
        Measure::Sheets => (format!("{amount} 张工作表"), format!("{amount} sheets")),
    }
}

impl FileFault {
    /// Stable short code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::PasswordProtected => "file_password",
            Self::Corrupt { .. } => "file_corrupt",
            Self::UnsupportedFormat { .. } => "file_format",
            Self::TooLarge { .. } => "file_too_large",
            Self::NoTable { .. } => "no_table",
            Self::MissingColumns { .. } => "columns_missing",
            Self::AmbiguousColumns { .. } => "columns_ambiguous",
            Self::AmbiguousSheets { .. } => "sheets_ambiguous",
            Self::UnknownUnit { .. } => "unit_unknown",
            Self::UnitNotDeclared { .. } => "unit_not_declared",
            Self::UnitAmbiguous { .. } => "unit_ambiguous",
            Self::WrongYear { .. } => "year_wrong",
            Self::NoRows { .. } => "no_rows",
            Self::Cancelled => "cancelled",
        }
    }

    /// Where in the file, when it is a place.
    pub fn place(&self) -> Option<&CellPlace> {
        match self {
            Self::MissingColumns { at, .. }
            | Self::UnknownUnit { at, .. }
            | Self::UnitNotDeclared { at, .. }
            | Self::UnitAmbiguous { at, .. }
            | Self::WrongYear { at, .. }
            | Self::NoRows { at } => Some(at),
            Self::AmbiguousColumns { at, .. } => at.first(),
            _ => None,
        }
    }

    /// What is wrong and what is allowed, in both languages.
    pub fn wording(&self) -> Wording {
        match self {
            Self::Empty => Wording::new(
                "文件是空的，没有任何数据。请上传含有表头和数据的 .xlsx、.xls、.ods 或 .csv 文件。",
                "The file is empty. Send a .xlsx, .xls, .ods or .csv file with heads and rows.",
            ),
            Self::PasswordProtected => Wording::new(
                "文件设有打开密码，无法读取。请在表格软件中取消密码后重新上传。",
                "The file is protected by a password. Remove the password in the spreadsheet program and send it again.",
            ),
            Self::Corrupt { part, detail } => Wording::new(
                format!("文件已损坏，{part} 无法读取（{detail}）。请用表格软件打开并另存为 .xlsx 后重新上传。"),
                format!(
                    "The file is damaged: {part} cannot be read ({detail}). Open it in a spreadsheet program, save it as .xlsx and send it again."
                ),
            ),
            Self::UnsupportedFormat { found } => Wording::new(
                format!(
                    "文件内容是{}，不是可以导入的表格。可以导入 .xlsx、.xls、.ods 和 .csv（UTF-8 或 GB18030）；请另存为 .xlsx 后重新上传。",
                    found.zh
                ),
                format!(
                    "The content is {}, which cannot be imported. Allowed: .xlsx, .xls, .ods and .csv (UTF-8 or GB18030); save it as .xlsx and send it again.",
                    found.en
                ),
            ),
            Self::TooLarge { measure, found, limit } => {
                let ((found_zh, found_en), (limit_zh, limit_en)) = (size(*measure, *found), size(*measure, *limit));
                let (what_zh, what_en) = match measure {
                    Measure::UnpackedBytes => ("文件解压后", "Unpacked, the file"),
                    _ => ("文件", "The file"),
                };
                Wording::new(
                    format!(
                        "{what_zh}至少有 {found_zh}，超过上限 {limit_zh}。请删除无关的工作表、图片和空行格式，或分成几个文件上传。"
                    ),
                    format!(
                        "{what_en} has at least {found_en}; at most {limit_en} are allowed. Remove unrelated sheets, pictures and formatted empty rows, or send it in parts."
                    ),
                )
            }
            Self::NoTable { template, found, expected, nearest } => {
                let heads: Vec<String> = found.iter().flat_map(|s| s.heads.iter().cloned()).take(20).collect();
                let wanted_zh: Vec<String> = expected.iter().map(|t| list(&t.heads)).collect();
                let wanted_en: Vec<String> = expected.iter().map(|t| list_en(&t.heads)).collect();
                let near_zh: Vec<String> =
                    nearest.iter().map(|n| format!("“{}”近似“{}”", n.found, n.expected)).collect();
                let near_en: Vec<String> =
                    nearest.iter().map(|n| format!("“{}” resembles “{}”", n.found, n.expected)).collect();
                let seen_zh = if heads.is_empty() {
                    "没有找到表头".to_owned()
                } else {
                    format!("找到的表头：{}", list(&heads))
                };
                let seen_en = if heads.is_empty() {
                    "no heads were found".to_owned()
                } else {
                    format!("heads found: {}", list_en(&heads))
                };
                let tail_zh =
                    if near_zh.is_empty() { String::new() } else { format!("其中{}。", near_zh.join("，")) };
                let tail_en = if near_en.is_empty() { String::new() } else { format!(" {}.", near_en.join(", ")) };
                Wording::new(
                    format!("这不是“{template}”：{seen_zh}；应有的表头：{}。{tail_zh}", wanted_zh.join("；或 ")),
                    format!(
                        "This is not “{template}”: {seen_en}; heads expected: {}.{tail_en}",
                        wanted_en.join("; or ")
                    ),
                )
            }
            Self::MissingColumns { at, columns, unknown } => {
                let zh: Vec<String> = columns
                    .iter()
                    .map(|c| {
                        let near = c
                            .nearest
                            .as_ref()
                            .map(|n| format!("；最接近的表头是“{n}”，如果就是这一列，请改名"))
                            .unwrap_or_default();
                        let also = if c.aliases.is_empty() {
                            String::new()
                        } else {
                            format!("（也可写作：{}）", list(&c.aliases))
                        };
                        format!("缺少“{}”{also}{near}", c.head)
                    })
                    .collect();
                let en: Vec<String> = columns
                    .iter()
                    .map(|c| {
                        let near = c
                            .nearest
                            .as_ref()
                            .map(|n| format!("; the closest head is “{n}”: rename it if it is this column"))
                            .unwrap_or_default();
                        let also = if c.aliases.is_empty() {
                            String::new()
                        } else {
                            format!(" (also accepted: {})", list_en(&c.aliases))
                        };
                        format!("“{}”{also} is missing{near}", c.head)
                    })
                    .collect();
                let (found_zh, found_en) = match unknown.as_slice() {
                    [] => Default::default(),
                    some => (
                        format!("这一行还有不认识的表头：{}；其中若有所缺的列，请改为上述名称。", list(some)),
                        format!(
                            " Heads found there that are not known: {}; if a missing column is among them, give it a name from above.",
                            list_en(some)
                        ),
                    ),
                };
                Wording::new(
                    format!("{} 行的表头不全：{}。{found_zh}", at.address(), zh.join("。")),
                    format!("The heads at {} are incomplete: {}.{found_en}", at.address(), en.join(". ")),
                )
            }
            Self::AmbiguousColumns { head, at, found } => {
                let places: Vec<String> = at.iter().zip(found).map(|(p, f)| format!("{} {f}", p.address())).collect();
                Wording::new(
                    format!("有多列都可以是“{head}”：{}。请只保留一列，或改名加以区分。", list(&places)),
                    format!(
                        "Several columns could be “{head}”: {}. Keep one, or rename the others.",
                        places.join(", ")
                    ),
                )
            }
            Self::AmbiguousSheets { table, sheets, example } => Wording::new(
                format!(
                    "工作表 {} 都是同一种表（{table}），并且有相同的对象（如 {example}）。请只保留一张，或合并为一张。",
                    list(sheets)
                ),
                format!(
                    "The sheets {} hold the same table ({table}) with the same subjects (such as {example}). Keep one of them, or merge them.",
                    list_en(sheets)
                ),
            ),
            Self::UnknownUnit { at, head, found, allowed } => Wording::new(
                format!(
                    "{} 表头“{head}”标明的单位“{found}”不能用于这一列；可用的单位：{}。",
                    at.address(),
                    list(allowed)
                ),
                format!(
                    "{}: the head “{head}” declares the unit “{found}”, which this column does not accept; allowed: {}.",
                    at.address(),
                    list_en(allowed)
                ),
            ),
            Self::UnitNotDeclared { at, head, allowed } => Wording::new(
                format!(
                    "{} 表头“{head}”没有标明单位，而这一列可能是多种单位。请在表头括号内或表上方“单位：”处标明：{}。",
                    at.address(),
                    list(allowed)
                ),
                format!(
                    "{}: no unit is declared for “{head}”, and more than one is possible. State it in brackets in the head or on a unit line above the table: {}.",
                    at.address(),
                    list_en(allowed)
                ),
            ),
            Self::UnitAmbiguous { at, head, found } => Wording::new(
                format!(
                    "{} 表头“{head}”没有自己的单位，表上方同时写了：{}。请在表头括号内标明这一列的单位。",
                    at.address(),
                    list(found)
                ),
                format!(
                    "{}: “{head}” states no unit of its own and the line above declares several: {}. State the column's unit in brackets.",
                    at.address(),
                    list_en(found)
                ),
            ),
            Self::WrongYear { at, head, expected } => Wording::new(
                format!("{} 表头“{head}”不是 {expected} 年的数据。请上传 {expected} 年的表。", at.address()),
                format!("{}: the head “{head}” is not about {expected}. Send the table of {expected}.", at.address()),
            ),
            Self::NoRows { at } => Wording::new(
                format!("{} 行的表头下面没有数据行。", at.address()),
                format!("There are no rows below the heads at {}.", at.address()),
            ),
            Self::Cancelled => {
                Wording::new("导入已取消，没有保存任何数据。", "The import was cancelled; nothing was kept.")
            }
        }
    }
}

/// One bad cell. The cell's figure is not taken; the rest of its row is still read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CellFault {
    /// Where.
    pub at: CellPlace,
    /// The column's head.
    pub head: String,
    /// As the cell shows it; empty when it is blank.
    pub value: String,
    /// Stable short code.
    pub code: &'static str,
    /// What is wrong.
    pub wording: Wording,
    /// What is allowed there.
    pub allowed: Wording,
}

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// For the record.
    Info,
    /// Someone should look.
    Warning,
}

/// Something done while reading that the sender should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where, when it has a place.
    pub at: Option<CellPlace>,
    /// How much it matters.
    pub weight: Weight,
    /// Stable short code.
    pub code: &'static str,
    /// What was done.
    pub wording: Wording,
}
