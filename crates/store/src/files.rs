//! Files as they were handed in: what they were called, by whom and when. The bytes are an object.

use crate::{Page, Paged, Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Department, Digest, DivisionCode, Role};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "file")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub digest: String,
        pub name: String,
        pub size: i64,
        pub division: i64,
        pub firm: Option<i64>,
        pub department: Option<String>,
        pub uploader: String,
        pub at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A file handed in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewStoredFile {
    /// Name of its bytes, already put as an object.
    pub digest: Digest,
    /// What it was called.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// Which division it is about.
    pub division: DivisionCode,
    /// Which firm handed it in, when one did.
    pub firm: Option<i64>,
    /// Which department handed it in, when one did.
    pub department: Option<Department>,
}

/// A file handed in, as kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredFile {
    /// Identity.
    pub id: i64,
    /// Name of its bytes.
    pub digest: Digest,
    /// What it was called.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// Which division it is about.
    pub division: DivisionCode,
    /// Which firm handed it in.
    pub firm: Option<i64>,
    /// Which department handed it in.
    pub department: Option<Department>,
    /// Who.
    pub uploader: String,
    /// When.
    pub at: String,
}

impl Tx {
    /// Notes that a file was handed in.
    pub async fn insert_file(&mut self, file: &NewStoredFile) -> Result<StoredFile> {
        match file.firm {
            Some(firm) => scoped::require_firm(&self.scope, file.division, firm)?,
            None => scoped::require_office(&self.scope, file.division)?,
        }
        let row = row::ActiveModel {
            id: NotSet,
            digest: Set(file.digest.hex()),
            name: Set(file.name.clone()),
            size: Set(file.size as i64),
            division: Set(scoped::stored(file.division)),
            firm: Set(file.firm),
            department: Set(file.department.map(|d| d.name().to_owned())),
            uploader: Set(self.scope.actor().to_owned()),
            at: Set(self.now.clone()),
        };
        StoredFile::try_from(row.insert(&self.db).await?)
    }
}

impl Reader<'_> {
    /// The file with that id.
    pub async fn get_file(&self, id: i64) -> Result<StoredFile> {
        let query = row::Entity::find_by_id(id).filter(self.file_scope());
        on!(self, |db| query.one(db).await)?
            .map_or_else(|| Err(StoreError::not_found("file", id)), StoredFile::try_from)
    }

    /// Files, newest first.
    pub async fn list_files(&self, page: Page) -> Result<Paged<StoredFile>> {
        let query = row::Entity::find().filter(self.file_scope());
        let total = on!(self, |db| query.clone().count(db).await)?;
        let query = query.order_by_desc(row::Column::Id).offset(page.offset).limit(page.limit);
        let rows = on!(self, |db| query.all(db).await)?;
        Ok(Paged { rows: rows.into_iter().map(StoredFile::try_from).collect::<Result<_>>()?, total })
    }

    fn file_scope(&self) -> Condition {
        let rows = scoped::figures(self.scope, row::Column::Division);
        match (self.scope.role(), self.scope.firm(), scoped::department_of(self.scope)) {
            (_, Some(own), _) => rows.add(row::Column::Firm.eq(own)),
            (Role::Firm, None, _) | (_, None, scoped::Bound::Nothing) => scoped::nothing(),
            (_, None, scoped::Bound::To(own)) => rows.add(row::Column::Department.eq(own.name())),
            (_, None, scoped::Bound::Free) => rows,
        }
    }
}

impl TryFrom<row::Model> for StoredFile {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        Ok(Self {
            digest: scoped::digest("file", row.id, &row.digest)?,
            division: scoped::division("file", row.id, row.division)?,
            department: scoped::department_opt("file", row.id, row.department.as_deref())?,
            id: row.id,
            name: row.name,
            size: row.size as u64,
            firm: row.firm,
            uploader: row.uploader,
            at: row.at,
        })
    }
}
