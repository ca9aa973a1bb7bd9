//! What lists may be asked for: paging, sorting and filters, the same for API, export and command line.

use serde::Deserialize;
use utoipa::IntoParams;

/// Rows a page may have at most.
pub const SIZE_MAX: u64 = 200;
/// Rows a page has when nothing is said.
pub const SIZE_DEFAULT: u64 = 50;

/// Paging and a search text.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Page, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub size: Option<u64>,
    /// Field to sort by; `-field` descending.
    pub sort: Option<String>,
    /// Text to search for.
    pub q: Option<String>,
    /// State, for lists that have one.
    pub state: Option<String>,
    /// Only rows with warnings.
    pub warnings: Option<bool>,
    /// Measure id.
    pub measure: Option<String>,
    /// Actor, for the audit log.
    pub actor: Option<String>,
    /// Beginning of an action, for the audit log.
    pub action: Option<String>,
}

/// Filters of the firm list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FirmQuery {
    /// Page, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub size: Option<u64>,
    /// `name`, `credit_code`, `industry`, `founded`; with `-` descending.
    pub sort: Option<String>,
    /// Part of the name, pinyin initials or the beginning of the credit code.
    pub q: Option<String>,
    /// Division code.
    pub division: Option<String>,
    /// Beginning of the industry code.
    pub industry: Option<String>,
    /// Town.
    pub town: Option<String>,
}

/// Filters of a run's results.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ResultQuery {
    /// Page, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub size: Option<u64>,
    /// `rank`, `name`, `total`, `class`, `last`, `land` or an indicator id; with `-` descending.
    pub sort: Option<String>,
    /// Part of the name, pinyin initials or the beginning of the credit code.
    pub q: Option<String>,
    /// Population id.
    pub population: Option<String>,
    /// Class or label.
    pub class: Option<String>,
    /// Beginning of the industry code.
    pub industry: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// `edge`, `missing`, `up`, `down`, `objection`, `overridden`.
    pub filter: Option<String>,
    /// Class last year.
    pub last: Option<String>,
    /// Least total.
    pub total_from: Option<f64>,
    /// Total below this.
    pub total_to: Option<f64>,
    /// `results` or `measures`, for exports.
    pub what: Option<String>,
    /// `xlsx` or `csv`, for exports.
    pub format: Option<String>,
    /// Measure id, for exports of measures.
    pub measure: Option<String>,
}

/// First row and number of rows of a page.
pub fn page_of(page: Option<u64>, size: Option<u64>) -> (u64, u64) {
    (page.unwrap_or(1).max(1), size.unwrap_or(SIZE_DEFAULT).clamp(1, SIZE_MAX))
}

/// Cuts one page out of a list that is held in memory.
pub fn cut<T>(rows: Vec<T>, page: Option<u64>, size: Option<u64>) -> crate::views::Page<T> {
    let (page, size) = page_of(page, size);
    let total = rows.len() as u64;
    let rows = rows.into_iter().skip(((page - 1) * size) as usize).take(size as usize).collect();
    crate::views::Page { rows, total, page, size }
}
