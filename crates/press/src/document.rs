//! Sets a template with its data and prints it: the one place that drives the typesetter.

use crate::DocumentFault;
use crate::fonts::Fonts;
use base::Digest;
use serde::Serialize;
use std::sync::OnceLock;
use typst::foundations::{Bytes, Dict, IntoValue, Smart};
use typst_as_lib::{TypstAsLibError, TypstEngine};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

/// What every template shares.
const HOUSE: (&str, &str) = ("house.typ", include_str!("../templates/house.typ"));

/// A template and its file name.
#[derive(Clone, Copy)]
pub enum Template {
    /// 评价结果公示.
    Notice,
    /// 一企一表.
    Sheet,
    /// 因何如此.
    Proof,
}

impl Template {
    const ALL: [Template; 3] = [Template::Notice, Template::Sheet, Template::Proof];

    /// File name and text.
    fn source(self) -> (&'static str, &'static str) {
        match self {
            Self::Notice => ("notice.typ", include_str!("../templates/notice.typ")),
            Self::Sheet => ("sheet.typ", include_str!("../templates/sheet.typ")),
            Self::Proof => ("proof.typ", include_str!("../templates/proof.typ")),
        }
    }
}

/// Sets the template with the data and prints it as PDF. The document's date is the given one and
/// its identifier the digest of the data, so that the same data gives the same bytes.
pub fn pdf(template: Template, data: &impl Serialize, date: jiff::civil::Date) -> Result<Vec<u8>, DocumentFault> {
    let json = serde_json::to_vec(data).map_err(|error| fault(error.to_string()))?;
    let (name, text) = template.source();
    let ident = Digest::of_parts([HOUSE.1.as_bytes(), text.as_bytes(), &json]).hex();
    let fonts = Fonts::shared()?;
    let mut inputs = Dict::new();
    inputs.insert("data".into(), Bytes::new(json).into_value());
    for (part, family) in
        [("title", &fonts.title), ("body", &fonts.body), ("section", &fonts.section), ("subsection", &fonts.subsection)]
    {
        inputs.insert(part.into(), family.as_str().into_value());
    }
    let document: PagedDocument =
        engine(fonts).compile_with_input(name, inputs).output.map_err(|error| fault(words(&error)))?;
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator: Smart::Custom(Some("Baigong 百工".to_owned())),
        timestamp: midnight(date),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&document, &options).map_err(|errors| fault(words(&TypstAsLibError::TypstSource(errors))))
}

fn engine(fonts: &Fonts) -> &'static TypstEngine {
    static ENGINE: OnceLock<TypstEngine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        TypstEngine::builder()
            .fonts(fonts.fonts.clone())
            .with_static_source_file_resolver([HOUSE].into_iter().chain(Template::ALL.map(Template::source)))
            // A document of thousands of rows leaves hundreds of megabytes in the typesetter's
            // cache; the next document shares next to nothing with it.
            .comemo_evict_max_age(Some(0))
            .build()
    })
}

fn midnight(date: jiff::civil::Date) -> Option<Timestamp> {
    let date = typst::foundations::Datetime::from_ymd_hms(
        date.year().into(),
        date.month().unsigned_abs(),
        date.day().unsigned_abs(),
        0,
        0,
        0,
    )?;
    Some(Timestamp::new_utc(date))
}

fn fault(message: String) -> DocumentFault {
    DocumentFault::Typesetting { message }
}

/// The typesetter's messages without its internal places.
fn words(error: &TypstAsLibError) -> String {
    match error {
        TypstAsLibError::TypstSource(list) => {
            list.iter().map(|fault| fault.message.to_string()).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}
