//! Paper and files: the documents that an evaluation ends in (public notice, one-firm sheet, proof
//! page) as PDF, and any table as xlsx or csv with its count, source and digest.
//!
//! Pure but for finding fonts: data in, bytes out. The same input gives the same bytes. Texts are
//! handed to the typesetter as data and never as markup, so a firm's name cannot become a command.
//! Figures come in as the texts that the screen shows; nothing is computed or rounded here.

mod csv;
mod document;
mod fault;
mod fonts;
mod notice;
mod proof;
mod sheet;
mod table;
mod xlsx;

pub use csv::{about_text, table_csv};
pub use fault::{DocumentFault, TableFault};
pub use notice::{Attachment, AttachmentColumn, Level, Notice, Paragraph, notice_pdf};
pub use proof::{Change, IndicatorLine, Proof, RuleLine, proof_pdf};
pub use sheet::{DepartmentFacts, FactLine, FirmSheet, LandLine, SheetFirm, sheet_pdf};
pub use table::{Cell, Column, Kind, Language, Table};
pub use xlsx::table_xlsx;
