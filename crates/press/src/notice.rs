//! The public notice of an evaluation (评价结果公示) in the layout of official documents, with lists
//! as attachments. Layout in the spirit of GB/T 9704: A4, margins 37/35/28/26 mm, 22 lines of 28 pt.

use crate::DocumentFault;
use crate::document::{Template, pdf};
use jiff::civil::Date;
use serde::Serialize;

/// A notice, part by part as it stands on the page. An empty text leaves its part out.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// Red head of a document with one (`某某县工业和信息化局文件`); empty for a plain notice.
    pub red_head: String,
    /// Document number (`某工信〔2026〕1号`).
    pub number: String,
    /// Title. A line break in it is kept: official titles break between words, which only a person knows.
    pub title: String,
    /// To whom, without the colon.
    pub addressee: String,
    /// The text.
    pub paragraphs: Vec<Paragraph>,
    /// Who signs.
    pub signed_by: String,
    /// Date of the document.
    pub date: Date,
    /// What a reader needs to object: one line each, under the date.
    pub contact: Vec<String>,
    /// Lists behind the text, each beginning on its own page.
    pub attachments: Vec<Attachment>,
}

/// One paragraph.
#[derive(Clone, Debug, Serialize)]
pub struct Paragraph {
    /// Heading or text.
    pub level: Level,
    /// Its words, with their own number (`一、`, `（一）`).
    pub text: String,
}

impl Paragraph {
    /// Plain text.
    pub fn body(text: impl Into<String>) -> Self {
        Self { level: Level::Body, text: text.into() }
    }

    /// `一、…`, set in 黑体.
    pub fn section(text: impl Into<String>) -> Self {
        Self { level: Level::Section, text: text.into() }
    }

    /// `（一）…`, set in 楷体.
    pub fn subsection(text: impl Into<String>) -> Self {
        Self { level: Level::Subsection, text: text.into() }
    }
}

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Text in 仿宋.
    Body,
    /// First-level heading in 黑体.
    Section,
    /// Second-level heading in 楷体.
    Subsection,
}

/// A list behind the notice. Its head repeats on each page; no row is left out, however many.
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// Its name, as the notice lists it; a line break counts above the table only.
    pub title: String,
    /// Above the table on the left: unit of measure, what the list holds.
    pub note: String,
    /// Columns from the left.
    pub columns: Vec<AttachmentColumn>,
    /// Rows as printed; each has one cell per column.
    pub rows: Vec<Vec<String>>,
    /// Below the table: count and digest, so that a copy can be checked against the platform.
    pub closing: String,
}

/// A column of an attachment.
#[derive(Clone, Debug, Serialize)]
pub struct AttachmentColumn {
    /// Its head.
    pub head: String,
    /// Width relative to the other columns; 0 takes what its widest cell needs.
    pub width: u32,
    /// True for figures, which stand flush right; other columns stand left, those of width 0 in the middle.
    pub number: bool,
}

/// Prints the notice.
///
/// # Errors
/// [`DocumentFault::Row`] when a row has not one cell per column, [`DocumentFault::NoChineseFont`]
/// when this machine cannot print Chinese.
pub fn notice_pdf(notice: &Notice) -> Result<Vec<u8>, DocumentFault> {
    for (at, attachment) in notice.attachments.iter().enumerate() {
        let expected = attachment.columns.len();
        if let Some(row) = attachment.rows.iter().position(|row| row.len() != expected) {
            let found = attachment.rows[row].len();
            return Err(DocumentFault::Row { attachment: at + 1, row: row + 1, found, expected });
        }
    }
    pdf(Template::Notice, notice, notice.date)
}
