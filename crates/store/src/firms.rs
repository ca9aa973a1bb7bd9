//! The register of firms: search, every version of every row, merging two rows that are one firm and
//! undoing that without a trace left on the rows.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{DivisionCode, text};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, ExprTrait, LikeExpr},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "firm")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub credit_code: Option<String>,
        pub name: String,
        pub name_key: String,
        pub initials: String,
        pub division: i64,
        pub town: Option<String>,
        pub address: Option<String>,
        pub industry: Option<String>,
        pub founded: Option<String>,
        pub in_construction: bool,
        pub risen_from: Option<i64>,
        pub status: String,
        pub merged_into: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod version_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "firm_version")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub firm: i64,
        pub division: i64,
        pub valid_from: String,
        pub known_at: String,
        pub row_json: String,
        pub reason: String,
        pub source: String,
        pub actor: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod merge_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "firm_merge")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub keep: i64,
        pub gone: i64,
        pub division: i64,
        pub gone_status: String,
        pub reason: String,
        pub actor: String,
        pub at: String,
        pub undone_at: Option<String>,
        pub undone_by: Option<String>,
        pub undo_reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows of one multi-row insert: SQLite binds at most 32,766 values in a statement.
const CHUNK: usize = 1_500;

/// Steps along redirects before the register is called damaged.
const REDIRECTS_MAX: usize = 64;

/// Where a firm stands in the register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirmStatus {
    /// In business.
    Active,
    /// Struck off or closed.
    Closed,
    /// The same firm as another row, which stands for both.
    Merged,
}

impl FirmStatus {
    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }

    fn read(id: i64, stored: &str) -> Result<Self> {
        [Self::Active, Self::Closed, Self::Merged]
            .into_iter()
            .find(|s| s.name() == stored)
            .ok_or_else(|| StoreError::damaged("firm", id, format!("status `{stored}`")))
    }
}

/// What is known of a firm before it has an id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewFirm {
    /// Unified social credit code, when known; unique.
    pub credit_code: Option<String>,
    /// Registered name.
    pub name: String,
    /// County.
    pub division: DivisionCode,
    /// Town, street or park.
    pub town: Option<String>,
    /// Address of business.
    pub address: Option<String>,
    /// GB/T 4754 class, four digits.
    pub industry: Option<String>,
    /// Date of founding, `2019-05-01`.
    pub founded: Option<String>,
    /// Still being built.
    pub in_construction: bool,
    /// Year in which it rose above the statistical scale.
    pub risen_from: Option<i32>,
}

/// A firm as registered now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Firm {
    /// Identity; never reused.
    pub id: i64,
    /// Unified social credit code, when known.
    pub credit_code: Option<String>,
    /// Registered name.
    pub name: String,
    /// The name as matching compares it.
    pub name_key: String,
    /// Pinyin initials of the name.
    pub initials: String,
    /// County.
    pub division: DivisionCode,
    /// Town, street or park.
    pub town: Option<String>,
    /// Address of business.
    pub address: Option<String>,
    /// GB/T 4754 class, four digits.
    pub industry: Option<String>,
    /// Date of founding.
    pub founded: Option<String>,
    /// Still being built.
    pub in_construction: bool,
    /// Year in which it rose above the statistical scale.
    pub risen_from: Option<i32>,
    /// Where it stands in the register.
    pub status: FirmStatus,
    /// The row that stands for this one, when merged.
    pub merged_into: Option<i64>,
}

impl Firm {
    /// The part that an officer may edit.
    pub fn editable(&self) -> NewFirm {
        NewFirm {
            credit_code: self.credit_code.clone(),
            name: self.name.clone(),
            division: self.division,
            town: self.town.clone(),
            address: self.address.clone(),
            industry: self.industry.clone(),
            founded: self.founded.clone(),
            in_construction: self.in_construction,
            risen_from: self.risen_from,
        }
    }
}

/// Why a row of the register changes, and from when the change holds.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionNote {
    /// First day on which the change is true, `2025-01-01`.
    pub valid_from: String,
    /// Why.
    pub reason: String,
    /// Which document, file or register says so.
    pub source: String,
}

/// One version of a firm's row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirmVersion {
    /// First day on which it is true.
    pub valid_from: String,
    /// When the register learnt it.
    pub known_at: String,
    /// The whole row.
    pub firm: Firm,
    /// Why it changed.
    pub reason: String,
    /// Which document says so.
    pub source: String,
    /// Who wrote it.
    pub actor: String,
}

/// Two rows declared to be one firm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FirmMerge {
    /// Identity of the merge.
    pub id: i64,
    /// The row that stands for both.
    pub keep: i64,
    /// The row that redirects.
    pub gone: i64,
    /// Division of the row that redirects.
    pub division: DivisionCode,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: String,
    /// When it was undone.
    pub undone_at: Option<String>,
    /// Who undid it.
    pub undone_by: Option<String>,
    /// Why it was undone.
    pub undo_reason: Option<String>,
}

/// Which rows of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Page {
    /// Rows passed over.
    pub offset: u64,
    /// Rows returned at most.
    pub limit: u64,
}

impl Page {
    /// Everything; for lists that are known to be short, and for exports.
    pub const ALL: Page = Page { offset: 0, limit: i64::MAX as u64 };

    /// The first rows.
    pub fn first(limit: u64) -> Self {
        Self { offset: 0, limit }
    }
}

/// Rows of one page and how many there are in all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paged<T> {
    /// This page.
    pub rows: Vec<T>,
    /// All rows that fit the filter.
    pub total: u64,
}

/// Which firms.
#[derive(Clone, Debug, Default)]
pub struct FirmFilter {
    /// Part of the name, pinyin initials or the beginning of the credit code.
    pub q: Option<String>,
    /// Only this division and what lies below it.
    pub division: Option<DivisionCode>,
    /// Only this town.
    pub town: Option<String>,
    /// Beginning of the industry class, one to four digits.
    pub industry: Option<String>,
    /// Only this status; without it, everything but merged rows.
    pub status: Option<FirmStatus>,
    /// Only firms (not) in construction.
    pub in_construction: Option<bool>,
}

/// Order of a list of firms; ties fall to the id.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirmSort {
    /// As registered.
    #[default]
    Id,
    /// By name.
    Name,
    /// By name, backwards.
    NameDesc,
    /// By pinyin initials.
    Initials,
    /// By division.
    Division,
    /// By industry.
    Industry,
    /// By credit code.
    CreditCode,
    /// By date of founding.
    Founded,
    /// By date of founding, youngest first.
    FoundedDesc,
}

impl Reader<'_> {
    /// The firm with that id.
    pub async fn get_firm(&self, id: i64) -> Result<Firm> {
        self.find_firm(id).await?.ok_or_else(|| StoreError::not_found("firm", id))
    }

    /// The firm with that id, if it is there to be seen.
    pub async fn find_firm(&self, id: i64) -> Result<Option<Firm>> {
        let query = row::Entity::find_by_id(id).filter(self.firm_scope());
        on!(self, |db| query.one(db).await)?.map(Firm::try_from).transpose()
    }

    /// The firms with those ids, in the order of their ids; unseen ones are left out.
    pub async fn firms_by_id(&self, ids: &[i64]) -> Result<Vec<Firm>> {
        let mut rows = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(10_000) {
            let query =
                row::Entity::find().filter(self.firm_scope()).filter(row::Column::Id.is_in(chunk.iter().copied()));
            rows.extend(on!(self, |db| query.all(db).await)?);
        }
        rows.sort_by_key(|r| r.id);
        rows.dedup_by_key(|r| r.id);
        rows.into_iter().map(Firm::try_from).collect()
    }

    /// The firm with that credit code; when it was merged, the row that stands for it.
    pub async fn find_firm_by_code(&self, credit_code: &str) -> Result<Option<Firm>> {
        let query = row::Entity::find().filter(self.firm_scope()).filter(row::Column::CreditCode.eq(credit_code));
        let Some(found) = on!(self, |db| query.one(db).await)? else { return Ok(None) };
        if found.merged_into.is_none() {
            return Firm::try_from(found).map(Some);
        }
        self.find_firm(self.resolve_firm(found.id).await?).await
    }

    /// Firms that fit the filter, a page at a time.
    pub async fn search_firms(&self, filter: &FirmFilter, sort: FirmSort, page: Page) -> Result<Paged<Firm>> {
        let query = row::Entity::find().filter(self.firm_scope()).filter(firm_condition(filter));
        let total = on!(self, |db| query.clone().count(db).await)?;
        let (column, order) = match sort {
            FirmSort::Id => (row::Column::Id, Order::Asc),
            FirmSort::Name => (row::Column::Name, Order::Asc),
            FirmSort::NameDesc => (row::Column::Name, Order::Desc),
            FirmSort::Initials => (row::Column::Initials, Order::Asc),
            FirmSort::Division => (row::Column::Division, Order::Asc),
            FirmSort::Industry => (row::Column::Industry, Order::Asc),
            FirmSort::CreditCode => (row::Column::CreditCode, Order::Asc),
            FirmSort::Founded => (row::Column::Founded, Order::Asc),
            FirmSort::FoundedDesc => (row::Column::Founded, Order::Desc),
        };
        let query = query.order_by(column, order).order_by_asc(row::Column::Id).offset(page.offset).limit(page.limit);
        let rows = on!(self, |db| query.all(db).await)?;
        Ok(Paged { rows: rows.into_iter().map(Firm::try_from).collect::<Result<_>>()?, total })
    }

    /// Every firm of a division and below it that is not merged into another, by id: what matching
    /// compares with and what an evaluation starts from.
    pub async fn firms_of_division(&self, division: DivisionCode) -> Result<Vec<Firm>> {
        let filter = FirmFilter { division: Some(division), ..FirmFilter::default() };
        let query = row::Entity::find().filter(self.firm_scope()).filter(firm_condition(&filter));
        let rows = on!(self, |db| query.order_by_asc(row::Column::Id).all(db).await)?;
        rows.into_iter().map(Firm::try_from).collect()
    }

    /// The id that stands for a firm today: itself, or the end of its redirects.
    pub async fn resolve_firm(&self, id: i64) -> Result<i64> {
        let mut at = id;
        for _ in 0..REDIRECTS_MAX {
            let query = row::Entity::find_by_id(at).filter(scoped::figures(self.scope, row::Column::Division));
            match on!(self, |db| query.one(db).await)? {
                Some(row) => match row.merged_into {
                    Some(next) => at = next,
                    None => return Ok(at),
                },
                None => return Err(StoreError::not_found("firm", at)),
            }
        }
        Err(StoreError::damaged("firm", id, "its redirects do not end"))
    }

    /// Redirects of a division: merged id → id that stands for it today.
    pub async fn firm_redirects(&self, division: DivisionCode) -> Result<HashMap<i64, i64>> {
        let (low, high) = division.range();
        let query = row::Entity::find()
            .filter(scoped::of_office(self.scope, row::Column::Division))
            .filter(row::Column::Division.between(i64::from(low), i64::from(high)))
            .filter(row::Column::MergedInto.is_not_null());
        let merged = on!(self, |db| query.all(db).await)?;
        let next: HashMap<i64, i64> = merged.iter().filter_map(|r| Some((r.id, r.merged_into?))).collect();
        let end_of = |id: i64| {
            let mut at = id;
            for _ in 0..REDIRECTS_MAX {
                match next.get(&at) {
                    Some(further) => at = *further,
                    None => return Ok((id, at)),
                }
            }
            Err(StoreError::damaged("firm", id, "its redirects do not end"))
        };
        next.keys().map(|id| end_of(*id)).collect()
    }

    /// Every version of a firm's row, oldest first.
    pub async fn firm_versions(&self, id: i64) -> Result<Vec<FirmVersion>> {
        let query = version_row::Entity::find()
            .filter(scoped::of_firm(self.scope, version_row::Column::Division, version_row::Column::Firm))
            .filter(version_row::Column::Firm.eq(id))
            .order_by_asc(version_row::Column::Id);
        let rows = on!(self, |db| query.all(db).await)?;
        rows.into_iter().map(FirmVersion::try_from).collect()
    }

    /// Every version of the rows of all firms that are in a division today, oldest first.
    pub async fn firm_versions_of(&self, division: DivisionCode) -> Result<Vec<FirmVersion>> {
        let (low, high) = division.range();
        let firms = row::Entity::find()
            .select_only()
            .column(row::Column::Id)
            .filter(self.firm_scope())
            .filter(row::Column::Division.between(i64::from(low), i64::from(high)))
            .into_query();
        let query = version_row::Entity::find()
            .filter(version_row::Column::Firm.in_subquery(firms))
            .order_by_asc(version_row::Column::Id);
        let rows = on!(self, |db| query.all(db).await)?;
        rows.into_iter().map(FirmVersion::try_from).collect()
    }

    /// Number of the last change of the register within a division, new firms included; 0 before the
    /// first. Two readings of one division with the same number are equal.
    pub async fn registry_sequence(&self, division: DivisionCode) -> Result<i64> {
        let query = version_row::Entity::find()
            .select_only()
            .column_as(version_row::Column::Id.max(), "last")
            .filter(self.version_scope(division))
            .into_tuple::<Option<i64>>();
        Ok(on!(self, |db| query.one(db).await)?.flatten().unwrap_or(0))
    }

    /// Was a firm that the register already held at `sequence` changed since: renamed, merged, split,
    /// moved, closed? A firm that is new since then has changed nothing.
    pub async fn registry_changed_since(&self, division: DivisionCode, sequence: i64) -> Result<bool> {
        let known = version_row::Entity::find()
            .select_only()
            .column(version_row::Column::Firm)
            .filter(self.version_scope(division))
            .filter(version_row::Column::Id.lte(sequence))
            .into_query();
        let query = version_row::Entity::find()
            .filter(version_row::Column::Id.gt(sequence))
            .filter(version_row::Column::Firm.in_subquery(known));
        Ok(on!(self, |db| query.one(db).await)?.is_some())
    }

    fn version_scope(&self, division: DivisionCode) -> Condition {
        let (low, high) = division.range();
        scoped::of_office(self.scope, version_row::Column::Division)
            .add(version_row::Column::Division.between(i64::from(low), i64::from(high)))
    }

    /// The firm as the register knew it at `known_at` to have been on the day `valid_on`; `None` when
    /// it was not known then.
    pub async fn firm_as_of(&self, id: i64, valid_on: &str, known_at: &str) -> Result<Option<Firm>> {
        let versions = self.firm_versions(id).await?;
        let mut known =
            versions.into_iter().filter(|v| v.known_at.as_str() <= known_at && v.valid_from.as_str() <= valid_on);
        // Later knowledge wins among versions that are true on that day.
        Ok(known.next_back().map(|v| v.firm))
    }

    /// Merges of a division, newest first; undone ones too.
    pub async fn list_firm_merges(&self, division: DivisionCode) -> Result<Vec<FirmMerge>> {
        let (low, high) = division.range();
        let query = merge_row::Entity::find()
            .filter(scoped::of_office(self.scope, merge_row::Column::Division))
            .filter(merge_row::Column::Division.between(i64::from(low), i64::from(high)))
            .order_by_desc(merge_row::Column::Id);
        let rows = on!(self, |db| query.all(db).await)?;
        rows.into_iter().map(FirmMerge::try_from).collect()
    }

    /// The firm's own id and those of all rows that redirect to it.
    pub(crate) async fn merged_into(&self, id: i64) -> Result<Vec<i64>> {
        let mut ids = vec![id];
        let mut last = vec![id];
        while !last.is_empty() {
            let query = row::Entity::find()
                .select_only()
                .column(row::Column::Id)
                .filter(scoped::figures(self.scope, row::Column::Division))
                .filter(row::Column::MergedInto.is_in(last))
                .into_tuple::<i64>();
            last = on!(self, |db| query.all(db).await)?;
            last.retain(|further| !ids.contains(further));
            ids.extend(&last);
        }
        Ok(ids)
    }

    fn firm_scope(&self) -> Condition {
        scoped::of_firm(self.scope, row::Column::Division, row::Column::Id)
    }
}

impl Tx {
    /// Registers firms and returns their ids in the same order.
    pub async fn insert_firms(&mut self, firms: &[NewFirm], note: &VersionNote) -> Result<Vec<i64>> {
        for firm in firms {
            scoped::require_office(&self.scope, firm.division)?;
        }
        let last: Option<Option<i64>> = row::Entity::find()
            .select_only()
            .column_as(row::Column::Id.max(), "last")
            .into_tuple()
            .one(&self.db)
            .await?;
        let mut next = last.flatten().unwrap_or(0);
        let mut ids = Vec::with_capacity(firms.len());
        for chunk in firms.chunks(CHUNK) {
            let mut rows = Vec::with_capacity(chunk.len());
            let mut versions = Vec::with_capacity(chunk.len());
            for firm in chunk {
                next += 1;
                let row = stored_row(next, firm, FirmStatus::Active, None);
                versions.push(self.version_of(&row, note));
                rows.push(row.into_active_model().reset_all());
                ids.push(next);
            }
            row::Entity::insert_many(rows).exec_without_returning(&self.db).await.map_err(|e| self.taken(chunk, e))?;
            version_row::Entity::insert_many(versions).exec_without_returning(&self.db).await?;
        }
        Ok(ids)
    }

    /// Registers one firm.
    pub async fn insert_firm(&mut self, firm: &NewFirm, note: &VersionNote) -> Result<i64> {
        Ok(self.insert_firms(std::slice::from_ref(firm), note).await?[0])
    }

    /// Changes a firm's row, keeping the version before. A merged row does not change.
    pub async fn update_firm(
        &mut self,
        id: i64,
        firm: &NewFirm,
        status: FirmStatus,
        note: &VersionNote,
    ) -> Result<Firm> {
        scoped::require_office(&self.scope, firm.division)?;
        let before = self.read().get_firm(id).await?;
        refuse_merged(&before)?;
        if status == FirmStatus::Merged {
            return Err(StoreError::Invalid {
                what: "status",
                found: "merged".into(),
                allowed: "active or closed; merging is its own operation".into(),
            });
        }
        let row = stored_row(id, firm, status, None);
        self.put_firm(row, note).await.map_err(|e| match &firm.credit_code {
            Some(code) => e.or_unique(format!("credit code {code}")),
            None => e,
        })
    }

    /// Declares `gone` to be the same firm as `keep`. Nothing of either row's content changes: `gone`
    /// redirects to `keep` until the merge is undone. Returns the id of the merge.
    pub async fn merge_firms(&mut self, keep: i64, gone: i64, note: &VersionNote) -> Result<i64> {
        let (kept, lost) = (self.read().get_firm(keep).await?, self.read().get_firm(gone).await?);
        if keep == gone {
            return Err(StoreError::Invalid {
                what: "firm to merge",
                found: gone.to_string(),
                allowed: "another firm than the one that stays".into(),
            });
        }
        scoped::require_office(&self.scope, kept.division)?;
        refuse_merged(&kept)?;
        refuse_merged(&lost)?;
        let row = stored_row(gone, &lost.editable(), FirmStatus::Merged, Some(keep));
        self.put_firm(row, note).await?;
        let merge = merge_row::ActiveModel {
            id: NotSet,
            keep: Set(keep),
            gone: Set(gone),
            division: Set(scoped::stored(lost.division)),
            gone_status: Set(lost.status.name().to_owned()),
            reason: Set(note.reason.clone()),
            actor: Set(self.scope.actor().to_owned()),
            at: Set(self.now.clone()),
            undone_at: Set(None),
            undone_by: Set(None),
            undo_reason: Set(None),
        };
        Ok(merge.insert(&self.db).await?.id)
    }

    /// Splits again what a merge joined: the row that redirected is as it was before.
    pub async fn undo_merge(&mut self, merge: i64, note: &VersionNote) -> Result<Firm> {
        let found = merge_row::Entity::find_by_id(merge)
            .filter(scoped::of_office(&self.scope, merge_row::Column::Division))
            .one(&self.db)
            .await?
            .ok_or_else(|| StoreError::not_found("firm merge", merge))?;
        if let Some(at) = &found.undone_at {
            return Err(StoreError::Conflict {
                what: "firm merge",
                key: merge.to_string(),
                expected: "not undone".into(),
                found: format!("undone at {at}"),
            });
        }
        let lost = self.read().get_firm(found.gone).await?;
        let status = FirmStatus::read(found.gone, &found.gone_status)?;
        let row = stored_row(found.gone, &lost.editable(), status, None);
        let restored = self.put_firm(row, note).await?;
        let mut undone = found.into_active_model();
        undone.undone_at = Set(Some(self.now.clone()));
        undone.undone_by = Set(Some(self.scope.actor().to_owned()));
        undone.undo_reason = Set(Some(note.reason.clone()));
        undone.update(&self.db).await?;
        Ok(restored)
    }

    async fn put_firm(&self, row: row::Model, note: &VersionNote) -> Result<Firm> {
        row.clone().into_active_model().reset_all().update(&self.db).await?;
        version_row::Entity::insert(self.version_of(&row, note)).exec_without_returning(&self.db).await?;
        Firm::try_from(row)
    }

    fn version_of(&self, row: &row::Model, note: &VersionNote) -> version_row::ActiveModel {
        version_row::ActiveModel {
            id: NotSet,
            firm: Set(row.id),
            division: Set(row.division),
            valid_from: Set(note.valid_from.clone()),
            known_at: Set(self.now.clone()),
            row_json: Set(serde_json::to_string(row).expect("a row is plain data")),
            reason: Set(note.reason.clone()),
            source: Set(note.source.clone()),
            actor: Set(self.scope.actor().to_owned()),
        }
    }

    /// Names the credit code that is taken, or stands twice in the chunk.
    fn taken(&self, chunk: &[NewFirm], error: sea_orm::DbErr) -> StoreError {
        let mut seen = std::collections::HashSet::new();
        let twice = chunk.iter().filter_map(|f| f.credit_code.as_deref()).find(|code| !seen.insert(*code));
        let what = match twice {
            Some(code) => format!("credit code {code} (twice among the firms to insert)"),
            None => "one of the credit codes to insert".to_owned(),
        };
        StoreError::from(error).or_unique(what)
    }
}

fn refuse_merged(firm: &Firm) -> Result<()> {
    match firm.merged_into {
        None => Ok(()),
        Some(into) => Err(StoreError::Conflict {
            what: "firm",
            key: firm.id.to_string(),
            expected: "a row of its own".into(),
            found: format!("merged into {into}"),
        }),
    }
}

fn firm_condition(filter: &FirmFilter) -> Condition {
    let mut all = Condition::all();
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        all = all.add(matches_text(q));
    }
    if let Some(division) = filter.division {
        let (low, high) = division.range();
        all = all.add(row::Column::Division.between(i64::from(low), i64::from(high)));
    }
    if let Some(town) = &filter.town {
        all = all.add(row::Column::Town.eq(town));
    }
    if let Some(industry) = &filter.industry {
        all = all.add(Expr::col(row::Column::Industry).like(like("", industry, "%")));
    }
    all = match filter.status {
        Some(status) => all.add(row::Column::Status.eq(status.name())),
        None => all.add(row::Column::Status.ne(FirmStatus::Merged.name())),
    };
    if let Some(in_construction) = filter.in_construction {
        all = all.add(row::Column::InConstruction.eq(in_construction));
    }
    all
}

fn matches_text(q: &str) -> Condition {
    let plain = text::half_width(q);
    let key: String = plain.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect();
    let letters = key.to_lowercase();
    let mut any = Condition::any()
        .add(Expr::col(row::Column::Name).like(like("%", q, "%")))
        .add(Expr::col(row::Column::NameKey).like(like("%", &key, "%")));
    if letters.chars().all(|c| c.is_ascii_alphanumeric()) {
        any = any
            .add(Expr::col(row::Column::Initials).like(like("%", &letters, "%")))
            .add(Expr::col(row::Column::CreditCode).like(like("", &key, "%")));
    }
    any
}

/// A pattern in which the text's own `%` and `_` stand for themselves.
fn like(before: &str, text: &str, after: &str) -> LikeExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("{before}{escaped}{after}")).escape('\\')
}

fn stored_row(id: i64, firm: &NewFirm, status: FirmStatus, merged_into: Option<i64>) -> row::Model {
    row::Model {
        id,
        credit_code: firm.credit_code.clone(),
        name: firm.name.clone(),
        name_key: text::name_key(&firm.name),
        initials: text::initials(&firm.name),
        division: scoped::stored(firm.division),
        town: firm.town.clone(),
        address: firm.address.clone(),
        industry: firm.industry.clone(),
        founded: firm.founded.clone(),
        in_construction: firm.in_construction,
        risen_from: firm.risen_from.map(i64::from),
        status: status.name().to_owned(),
        merged_into,
    }
}

impl TryFrom<row::Model> for Firm {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let risen_from = row
            .risen_from
            .map(i32::try_from)
            .transpose()
            .map_err(|_| StoreError::damaged("firm", row.id, "risen_from is no year"))?;
        Ok(Self {
            division: scoped::division("firm", row.id, row.division)?,
            status: FirmStatus::read(row.id, &row.status)?,
            id: row.id,
            credit_code: row.credit_code,
            name: row.name,
            name_key: row.name_key,
            initials: row.initials,
            town: row.town,
            address: row.address,
            industry: row.industry,
            founded: row.founded,
            in_construction: row.in_construction,
            risen_from,
            merged_into: row.merged_into,
        })
    }
}

impl TryFrom<version_row::Model> for FirmVersion {
    type Error = StoreError;

    fn try_from(row: version_row::Model) -> Result<Self> {
        let stored: row::Model = serde_json::from_str(&row.row_json)
            .map_err(|e| StoreError::damaged("firm", row.firm, format!("version {}: {e}", row.id)))?;
        Ok(Self {
            firm: Firm::try_from(stored)?,
            valid_from: row.valid_from,
            known_at: row.known_at,
            reason: row.reason,
            source: row.source,
            actor: row.actor,
        })
    }
}

impl TryFrom<merge_row::Model> for FirmMerge {
    type Error = StoreError;

    fn try_from(row: merge_row::Model) -> Result<Self> {
        Ok(Self {
            division: scoped::division("firm merge", row.id, row.division)?,
            id: row.id,
            keep: row.keep,
            gone: row.gone,
            reason: row.reason,
            actor: row.actor,
            at: row.at,
            undone_at: row.undone_at,
            undone_by: row.undone_by,
            undo_reason: row.undo_reason,
        })
    }
}
