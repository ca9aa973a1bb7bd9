//! What can go wrong, with the place, what was found and what is allowed; in both languages, under
//! a code that pages translate and tests name.

/// Why a document was not made.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum DocumentFault {
    /// The machine has no font with Chinese characters.
    #[error("no Chinese font was found in {}; install Debian's package fonts-noto-cjk", searched.join(", "))]
    NoChineseFont {
        /// Folders that were searched.
        searched: Vec<String>,
    },
    /// The attachment's rows and columns disagree.
    #[error("attachment {attachment}, row {row}: {found} cells; {expected} columns are declared")]
    Row {
        /// Which attachment, from 1.
        attachment: usize,
        /// Which row, from 1.
        row: usize,
        /// Cells in the row.
        found: usize,
        /// Columns.
        expected: usize,
    },
    /// The typesetter refused: a fault of the template, since texts are data.
    #[error("the document could not be set: {message}")]
    Typesetting {
        /// Its own words.
        message: String,
    },
}

impl DocumentFault {
    /// Stable name of the fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoChineseFont { .. } => "no_chinese_font",
            Self::Row { .. } => "attachment_row",
            Self::Typesetting { .. } => "typesetting",
        }
    }

    /// The fault in Chinese; its `Display` is the English.
    pub fn zh(&self) -> String {
        match self {
            Self::NoChineseFont { searched } => {
                format!("在 {} 中未找到中文字体，请安装 Debian 软件包 fonts-noto-cjk", searched.join("、"))
            }
            Self::Row { attachment, row, found, expected } => {
                format!("附件 {attachment} 第 {row} 行有 {found} 个单元格，应为 {expected} 个")
            }
            Self::Typesetting { message } => format!("文书排版失败：{message}"),
        }
    }
}

/// Why a table was not exported. An export is whole or refused: it never truncates.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum TableFault {
    /// A row with more or fewer cells than there are columns.
    #[error("row {row}: {found} cells; {expected} columns are declared")]
    Row {
        /// Which row, from 1.
        row: usize,
        /// Cells in the row.
        found: usize,
        /// Columns.
        expected: usize,
    },
    /// A cell whose value is not of its column's kind.
    #[error("row {row}, column `{column}`: {found} found; {allowed} is allowed")]
    Cell {
        /// Which row, from 1.
        row: usize,
        /// Key of the column.
        column: String,
        /// What the cell holds.
        found: &'static str,
        /// What the column holds.
        allowed: &'static str,
    },
    /// More than a worksheet can hold.
    #[error("{found} {what}; a worksheet holds {allowed}: narrow the filter or export csv")]
    TooMuch {
        /// Rows, columns or characters of a cell.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        allowed: usize,
    },
    /// The workbook could not be written.
    #[error("the workbook could not be written: {message}")]
    Workbook {
        /// The writer's own words.
        message: String,
    },
}

impl TableFault {
    /// Stable name of the fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Row { .. } => "export_row",
            Self::Cell { .. } => "export_cell",
            Self::TooMuch { .. } => "export_too_much",
            Self::Workbook { .. } => "export_workbook",
        }
    }

    /// The fault in Chinese; its `Display` is the English.
    pub fn zh(&self) -> String {
        match self {
            Self::Row { row, found, expected } => format!("第 {row} 行有 {found} 个单元格，应为 {expected} 个"),
            Self::Cell { row, column, found, allowed } => {
                format!("第 {row} 行“{column}”列为{}，应为{}", chinese(found), chinese(allowed))
            }
            Self::TooMuch { what, found, allowed } => {
                format!("{}为 {found}，工作表最多容纳 {allowed}：请缩小筛选范围或导出 csv", chinese(what))
            }
            Self::Workbook { message } => format!("工作簿写出失败：{message}"),
        }
    }
}

fn chinese(word: &str) -> &str {
    match word {
        "a number" => "数值",
        "a text" => "文本",
        "a date" => "日期",
        "rows" => "行数",
        "columns" => "列数",
        "characters in a cell" => "单元格字符数",
        other => other,
    }
}
