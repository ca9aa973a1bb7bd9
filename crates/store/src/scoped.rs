//! The SQL conditions that a [`Scope`] means. Every module filters with these and nothing else.

use crate::{Result, StoreError};
use base::{DivisionCode, Role, Scope, scope::Department};
use sea_orm::{ColumnTrait, Condition, sea_query::Expr};

/// Matches no row.
pub fn nothing() -> Condition {
    Condition::all().add(Expr::cust("1 = 0"))
}

/// Rows of the region, without regard to who asks. Only for tables that hold no firm figures.
pub fn region<C: ColumnTrait>(scope: &Scope, division: C) -> Condition {
    let (low, high) = scope.region().range();
    Condition::all().add(division.between(i64::from(low), i64::from(high)))
}

/// Rows of the region for those who see figures.
pub fn figures<C: ColumnTrait>(scope: &Scope, division: C) -> Condition {
    if scope.sees_figures() { region(scope, division) } else { nothing() }
}

/// Rows of the region that belong to a firm: a firm sees its own.
pub fn of_firm<C: ColumnTrait>(scope: &Scope, division: C, firm: C) -> Condition {
    let rows = figures(scope, division);
    match scope.firm() {
        Some(own) => rows.add(firm.eq(own)),
        None if scope.role() == Role::Firm => nothing(),
        None => rows,
    }
}

/// Rows of the region that no firm may see (imports, trial runs …).
pub fn of_office<C: ColumnTrait>(scope: &Scope, division: C) -> Condition {
    if scope.role() == Role::Firm || scope.firm().is_some() { nothing() } else { figures(scope, division) }
}

/// As [`of_office`], and a department owner sees what its own department handed in.
pub fn of_department<C: ColumnTrait>(scope: &Scope, division: C, department: C) -> Condition {
    let rows = of_office(scope, division);
    match department_of(scope) {
        Bound::Free => rows,
        Bound::To(own) => rows.add(department.eq(own.name())),
        Bound::Nothing => nothing(),
    }
}

/// How far the department narrows what a scope sees.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Not at all.
    Free,
    /// To this department.
    To(Department),
    /// A department owner without a department owns nothing.
    Nothing,
}

/// The department bound of a scope.
pub fn department_of(scope: &Scope) -> Bound {
    match (scope.role(), scope.department()) {
        (Role::DepartmentOwner, Some(own)) => Bound::To(own),
        (Role::DepartmentOwner, None) => Bound::Nothing,
        _ => Bound::Free,
    }
}

/// Refuses a division that the scope does not reach.
pub fn require_division(scope: &Scope, division: DivisionCode) -> Result<()> {
    if scope.sees_division(division) { Ok(()) } else { Err(StoreError::out_of_scope(scope, division)) }
}

/// Refuses a division that the scope does not reach, and firms altogether.
pub fn require_office(scope: &Scope, division: DivisionCode) -> Result<()> {
    if scope.firm().is_some() || scope.role() == Role::Firm {
        return Err(StoreError::out_of_scope(scope, division));
    }
    require_division(scope, division)
}

/// Refuses a department that is not the department owner's own.
pub fn require_department(scope: &Scope, division: DivisionCode, department: Department) -> Result<()> {
    require_office(scope, division)?;
    match department_of(scope) {
        Bound::Free => Ok(()),
        Bound::To(own) if own == department => Ok(()),
        _ => Err(StoreError::OutOfScope {
            actor: scope.actor().to_owned(),
            what: format!("facts of department {}", department.name()),
        }),
    }
}

/// Refuses a firm that is not the scope's own.
pub fn require_firm(scope: &Scope, division: DivisionCode, firm: i64) -> Result<()> {
    require_division(scope, division)?;
    if scope.sees_firm(firm, division) && (scope.role() != Role::Firm || scope.firm().is_some()) {
        Ok(())
    } else {
        Err(StoreError::OutOfScope { actor: scope.actor().to_owned(), what: format!("firm {firm}") })
    }
}

/// The division a row holds.
pub fn division(what: &'static str, key: impl ToString, stored: i64) -> Result<DivisionCode> {
    u32::try_from(stored)
        .ok()
        .and_then(|n| DivisionCode::try_from(n).ok())
        .ok_or_else(|| StoreError::damaged(what, key, format!("`{stored}` is not a division code")))
}

/// The digest a row holds.
pub fn digest(what: &'static str, key: impl ToString, stored: &str) -> Result<base::Digest> {
    stored.parse().map_err(|e| StoreError::damaged(what, key, e))
}

/// The digest a row may hold.
pub fn digest_opt(what: &'static str, key: impl ToString, stored: Option<&str>) -> Result<Option<base::Digest>> {
    stored.map(|s| digest(what, key, s)).transpose()
}

/// The department a row holds.
pub fn department(what: &'static str, key: impl ToString, stored: &str) -> Result<Department> {
    Department::from_name(stored).ok_or_else(|| StoreError::damaged(what, key, format!("`{stored}` is no department")))
}

/// The department a row may hold.
pub fn department_opt(what: &'static str, key: impl ToString, stored: Option<&str>) -> Result<Option<Department>> {
    stored.map(|s| department(what, key, s)).transpose()
}

/// The JSON a row holds.
pub fn json(what: &'static str, key: impl ToString, stored: &str) -> Result<serde_json::Value> {
    serde_json::from_str(stored).map_err(|e| StoreError::damaged(what, key, e))
}

/// The division as stored.
pub fn stored(division: DivisionCode) -> i64 {
    i64::from(division.number())
}
