//! A table as csv: UTF-8 with a byte order mark (without it spreadsheet programs in China read
//! GB18030), RFC 4180, the first line the heads. A csv has no place for anything else, so what is
//! said about the table comes as a text of its own.

use crate::table::{Cell, Table};
use crate::{Language, TableFault};

/// Characters that make spreadsheet programs read a text as a formula, in both widths, and the
/// control characters that they skip before looking.
const FORMULA_STARTS: [char; 11] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n'];

/// True when a spreadsheet program could run the text.
pub(crate) fn looks_like_formula(text: &str) -> bool {
    text.starts_with(FORMULA_STARTS)
}

/// The table as csv. A text that a spreadsheet program would run begins with an apostrophe here and
/// nowhere else; [`about_text`] says how many do.
pub fn table_csv(table: &Table) -> Result<Vec<u8>, TableFault> {
    table.check()?;
    let mut out = String::with_capacity(64 * (table.rows.len() + 1));
    out.push('\u{feff}');
    line(&mut out, table.columns.iter().map(|column| guarded(&column.title(table.language))));
    for row in &table.rows {
        line(
            &mut out,
            row.iter().map(|cell| match cell {
                Cell::Empty => String::new(),
                Cell::Number(number) => number.to_string(),
                Cell::Text(text) => guarded(text),
                Cell::Date(date) => date.to_string(),
            }),
        );
    }
    Ok(out.into_bytes())
}

/// What is said about the table, one `label: value` per line; to be handed out beside its csv.
pub fn about_text(table: &Table) -> String {
    let mut text = String::new();
    let colon = if table.language == Language::Chinese { "：" } else { ": " };
    for (label, value) in table.statements() {
        text.push_str(&format!("{label}{colon}{value}\r\n"));
    }
    let guarded = table.rows.iter().flatten().filter(|cell| matches!(cell, Cell::Text(t) if looks_like_formula(t)));
    text.push_str(&match (table.language, guarded.count()) {
        (_, 0) => String::new(),
        (Language::Chinese, n) => {
            format!("防公式注入{colon}{n} 个文本单元格以 = + - @ 等开头，csv 中前加撇号 '；摘要按原文计算\r\n")
        }
        (Language::English, n) => format!(
            "Formula guard{colon}{n} text cells begin with = + - @ or the like and carry an apostrophe ' in the csv; the digest covers the texts without it\r\n"
        ),
    });
    text
}

fn guarded(text: &str) -> String {
    if looks_like_formula(text) { format!("'{text}") } else { text.to_owned() }
}

fn line(out: &mut String, fields: impl Iterator<Item = String>) {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            out.push(',');
        }
        if field.contains(['"', ',', '\r', '\n']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&field);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::sample;

    #[test]
    fn quotes_commas_and_line_breaks_survive_and_formulas_do_not_run() {
        let text = String::from_utf8(table_csv(&sample()).unwrap()).unwrap();
        assert_eq!(
            text,
            "\u{feff}企业名称,实缴税金（万元）,类别,公布日期\r\n\
             青禾机械有限公司,1204.50,A,2026-06-30\r\n\
             \"'=HYPERLINK(\"\"x\"\")\",-3,D,\r\n\
             \"甲,\"\"乙\"\"\n丙\",1234567890123456.789,,\r\n"
        );
    }

    #[test]
    fn every_way_to_begin_a_formula_is_guarded_and_a_negative_number_is_left_alone() {
        for start in FORMULA_STARTS {
            assert!(guarded(&format!("{start}1")).starts_with('\''), "{start:?}");
        }
        assert_eq!(guarded("A=1"), "A=1");
        let text = about_text(&sample());
        assert!(text.contains("防公式注入：1 个文本单元格"), "{text}");
    }

    #[test]
    fn the_text_beside_the_csv_states_count_source_vintage_filter_and_digest() {
        let table = sample();
        let text = about_text(&table);
        for part in
            ["行数：3", "来源：某县 2025 年度评价", "数据时点：2026-05-20", "筛选·乡镇：城关", "运行：7f3a 91c2"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains(&table.digest().hex()));
        let english = about_text(&Table { language: Language::English, filters: vec![], ..table });
        assert!(english.contains("Filter: none (all rows)") && english.contains("Rows: 3"), "{english}");
    }
}
