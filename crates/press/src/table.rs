//! A table to be handed out, whatever the file: columns, rows, and what is said about them. Count and
//! digest are computed from the rows here, so that they cannot be claimed.

use crate::TableFault;
use base::Digest;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A table with what a reader must know to trust and check it.
#[derive(Clone, Debug)]
pub struct Table {
    /// What it is; names the sheet.
    pub title: String,
    /// Language of the labels around the rows; heads and texts come as given.
    pub language: Language,
    /// Columns from the left.
    pub columns: Vec<Column>,
    /// Rows, each with one cell per column. All of them: an export never truncates.
    pub rows: Vec<Vec<Cell>>,
    /// Where the figures are from.
    pub source: String,
    /// As of when.
    pub vintage: String,
    /// Filters that chose the rows, label and value; empty when there was none.
    pub filters: Vec<(String, String)>,
    /// Anything else worth saying (run, scheme, who exported), label and value.
    pub about: Vec<(String, String)>,
}

/// Language of the labels that this crate adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 中文
    Chinese,
    /// English
    English,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Stable name; what the digest covers.
    pub key: String,
    /// Head, without its unit.
    pub head: String,
    /// Unit, printed behind the head in brackets.
    pub unit: Option<String>,
    /// What its cells hold.
    pub kind: Kind,
}

impl Column {
    /// A column of that kind without a unit.
    pub fn new(key: impl Into<String>, head: impl Into<String>, kind: Kind) -> Self {
        Self { key: key.into(), head: head.into(), unit: None, kind }
    }

    /// The same column with a unit.
    pub fn in_unit(self, unit: impl Into<String>) -> Self {
        Self { unit: Some(unit.into()), ..self }
    }

    /// Head with its unit: `实缴税金（万元）`.
    pub fn title(&self, language: Language) -> String {
        match (&self.unit, language) {
            (None, _) => self.head.clone(),
            (Some(unit), Language::Chinese) => format!("{}（{unit}）", self.head),
            (Some(unit), Language::English) => format!("{} ({unit})", self.head),
        }
    }
}

/// What the cells of a column hold. Any cell may be empty: unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Exact decimals.
    Number,
    /// Any text, such as a name or a credit code.
    Text,
    /// Days.
    Date,
    /// A class letter, set in the middle.
    Class,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Unknown: neither zero nor an empty text.
    Empty,
    /// An exact decimal; the places it carries are shown.
    Number(Decimal),
    /// A text, never read as a formula.
    Text(String),
    /// A day.
    Date(Date),
}

impl Cell {
    /// The text, or an empty cell.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The number, or an empty cell.
    pub fn number(number: Option<Decimal>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }

    fn fits(&self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Self::Empty, _)
                | (Self::Number(_), Kind::Number)
                | (Self::Text(_), Kind::Text | Kind::Class)
                | (Self::Date(_), Kind::Date)
        )
    }

    fn held(&self) -> &'static str {
        match self {
            Self::Empty => "nothing",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Date(_) => "a date",
        }
    }
}

impl Kind {
    fn holds(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Text | Self::Class => "a text",
            Self::Date => "a date",
        }
    }
}

impl Table {
    /// Refuses rows whose cells are not those that the columns declare.
    pub(crate) fn check(&self) -> Result<(), TableFault> {
        for (at, row) in self.rows.iter().enumerate() {
            if row.len() != self.columns.len() {
                return Err(TableFault::Row { row: at + 1, found: row.len(), expected: self.columns.len() });
            }
            if let Some((cell, column)) = row.iter().zip(&self.columns).find(|(cell, column)| !cell.fits(column.kind)) {
                let (found, allowed) = (cell.held(), column.kind.holds());
                return Err(TableFault::Cell { row: at + 1, column: column.key.clone(), found, allowed });
            }
        }
        Ok(())
    }

    /// The rows in the form that the digest covers: one JSON array per line, the column keys first,
    /// then each row in order; compact, UTF-8, each line ended by a line feed. A cell is `null` when
    /// empty, otherwise a string: a number without trailing zeros and without an exponent, a day as
    /// `2025-12-31`, a text as it is. Any JSON library can make it again from the exported file.
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 * (self.rows.len() + 1));
        let mut line = |cells: Vec<Option<String>>| {
            out.extend(serde_json::to_vec(&cells).expect("texts are always JSON"));
            out.push(b'\n');
        };
        line(self.columns.iter().map(|column| Some(column.key.clone())).collect());
        for row in &self.rows {
            line(
                row.iter()
                    .map(|cell| match cell {
                        Cell::Empty => None,
                        Cell::Number(number) => Some(number.normalize().to_string()),
                        Cell::Text(text) => Some(text.clone()),
                        Cell::Date(date) => Some(date.to_string()),
                    })
                    .collect(),
            );
        }
        out
    }

    /// SHA-256 of [`Table::canonical`].
    pub fn digest(&self) -> Digest {
        Digest::of(&self.canonical())
    }

    /// Everything a reader must know, label and value, in the table's language: count, source,
    /// vintage, filters, digest and how to make the digest again.
    pub fn statements(&self) -> Vec<(String, String)> {
        let say = |chinese: &str, english: &str| match self.language {
            Language::Chinese => chinese.to_owned(),
            Language::English => english.to_owned(),
        };
        let mut lines = vec![
            (say("名称", "Title"), self.title.clone()),
            (say("行数", "Rows"), self.rows.len().to_string()),
            (say("来源", "Source"), self.source.clone()),
            (say("数据时点", "As of"), self.vintage.clone()),
        ];
        lines.extend(self.about.iter().cloned());
        if self.filters.is_empty() {
            lines.push((say("筛选", "Filter"), say("无（全部）", "none (all rows)")));
        }
        lines.extend(
            self.filters.iter().map(|(label, value)| (format!("{}·{label}", say("筛选", "Filter")), value.clone())),
        );
        lines.push((say("SHA-256 摘要", "SHA-256 digest"), self.digest().hex()));
        lines.push((
            say("摘要方法", "How the digest is made"),
            say(
                "每行一个紧凑 JSON 数组（UTF-8，以换行结尾），首行为列键，其后按序为各行；空为 null，其余均为字符串：数值去尾零且不用指数，日期为 2025-12-31 式，文本照原样",
                "one compact JSON array per line (UTF-8, each ended by a line feed), the column keys first, then the rows in order; empty is null, all else a string: numbers without trailing zeros or exponent, dates as 2025-12-31, texts as they are",
            ),
        ));
        lines.push((
            say("列键", "Column keys"),
            self.columns.iter().map(|column| column.key.as_str()).collect::<Vec<_>>().join(", "),
        ));
        lines
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small table with each kind of cell and with texts that spreadsheets would run.
    pub(crate) fn sample() -> Table {
        Table {
            title: "2025年度评价结果".into(),
            language: Language::Chinese,
            columns: vec![
                Column::new("name", "企业名称", Kind::Text),
                Column::new("tax_paid", "实缴税金", Kind::Number).in_unit("万元"),
                Column::new("class", "类别", Kind::Class),
                Column::new("published", "公布日期", Kind::Date),
            ],
            rows: vec![
                vec![
                    Cell::text("青禾机械有限公司"),
                    Cell::Number("1204.50".parse().unwrap()),
                    Cell::text("A"),
                    Cell::Date("2026-06-30".parse().unwrap()),
                ],
                vec![
                    Cell::text("=HYPERLINK(\"x\")"),
                    Cell::Number("-3".parse().unwrap()),
                    Cell::text("D"),
                    Cell::Empty,
                ],
                vec![
                    Cell::text("甲,\"乙\"\n丙"),
                    Cell::Number("1234567890123456.789".parse().unwrap()),
                    Cell::Empty,
                    Cell::Empty,
                ],
            ],
            source: "某县 2025 年度评价".into(),
            vintage: "2026-05-20".into(),
            filters: vec![("乡镇".into(), "城关".into())],
            about: vec![("运行".into(), "7f3a 91c2".into())],
        }
    }

    #[test]
    fn the_digest_covers_keys_and_values_and_not_how_numbers_are_padded() {
        let table = sample();
        let mut padded = table.clone();
        padded.rows[0][1] = Cell::Number("1204.5".parse().unwrap());
        assert_eq!(table.digest(), padded.digest());
        let mut changed = table.clone();
        changed.rows[0][1] = Cell::Number("1204.51".parse().unwrap());
        assert_ne!(table.digest(), changed.digest());
        let mut zero = table.clone();
        zero.rows[1][3] = Cell::text("");
        assert_ne!(table.digest(), zero.digest(), "unknown is not an empty text");
        let text = String::from_utf8(table.canonical()).unwrap();
        assert_eq!(
            text.lines().take(2).collect::<Vec<_>>(),
            [r#"["name","tax_paid","class","published"]"#, r#"["青禾机械有限公司","1204.5","A","2026-06-30"]"#]
        );
    }

    #[test]
    fn a_row_or_cell_that_the_columns_do_not_declare_is_refused_with_its_place() {
        let mut short = sample();
        short.rows[1].pop();
        assert_eq!(short.check(), Err(TableFault::Row { row: 2, found: 3, expected: 4 }));
        let mut wrong = sample();
        wrong.rows[0][1] = Cell::text("1204.50");
        let fault = wrong.check().unwrap_err();
        assert_eq!(fault.to_string(), "row 1, column `tax_paid`: a text found; a number is allowed");
        assert_eq!(fault.zh(), "第 1 行“tax_paid”列为文本，应为数值");
    }
}
