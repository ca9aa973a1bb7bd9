//! Bytes named by their SHA-256 digest: uploaded files, fact segments, snapshots, results, notices.
//! Put once, never changed; what is read is hashed again, so a damaged object is named, not used.

use crate::{Reader, Result, Store, StoreError, Tx, publications, reader::on, scoped};
use base::{Department, Digest, DivisionCode, Role};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::OnConflict,
};
use serde::Serialize;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "object")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: String,
        pub size: i64,
        pub bytes: Vec<u8>,
        pub created_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod access_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "object_access")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub digest: String,
        pub division: i64,
        /// 0 when it is not one firm's.
        pub firm: i64,
        /// Empty when it is not one department's.
        pub department: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who may read an object besides the officers and auditors of its division.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ObjectAccess {
    /// Whose officers may read it.
    pub division: DivisionCode,
    /// The one firm that may read it too.
    pub firm: Option<i64>,
    /// The department whose people may read it too.
    pub department: Option<Department>,
}

impl ObjectAccess {
    /// For the officers of a division.
    pub fn office(division: DivisionCode) -> Self {
        Self { division, firm: None, department: None }
    }

    /// For the officers and one firm.
    pub fn firm(division: DivisionCode, firm: i64) -> Self {
        Self { division, firm: Some(firm), department: None }
    }

    /// For the officers and one department.
    pub fn department(division: DivisionCode, department: Department) -> Self {
        Self { division, firm: None, department: Some(department) }
    }
}

/// What hashing every object again found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectReport {
    /// Objects that were hashed.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects whose bytes differ from their name: name and what they hash to.
    pub damaged: Vec<(String, Digest)>,
}

impl Tx {
    /// Keeps bytes under their digest and lets `access` read them. Putting the same bytes again only
    /// adds readers.
    pub async fn put_object(&mut self, bytes: &[u8], access: ObjectAccess) -> Result<Digest> {
        match access.firm {
            Some(firm) => scoped::require_firm(&self.scope, access.division, firm)?,
            None => scoped::require_office(&self.scope, access.division)?,
        }
        let digest = Digest::of(bytes);
        let known: Option<i64> = row::Entity::find_by_id(digest.hex())
            .select_only()
            .column(row::Column::Size)
            .into_tuple()
            .one(&self.db)
            .await?;
        if known.is_none() {
            let object = row::ActiveModel {
                digest: Set(digest.hex()),
                size: Set(bytes.len() as i64),
                bytes: Set(bytes.to_vec()),
                created_at: Set(self.now.clone()),
            };
            row::Entity::insert(object).exec_without_returning(&self.db).await?;
        }
        self.allow_object(digest, access).await?;
        Ok(digest)
    }

    async fn allow_object(&self, digest: Digest, access: ObjectAccess) -> Result<()> {
        let grant = access_row::ActiveModel {
            id: NotSet,
            digest: Set(digest.hex()),
            division: Set(scoped::stored(access.division)),
            firm: Set(access.firm.unwrap_or(0)),
            department: Set(access.department.map_or("", Department::name).to_owned()),
        };
        let same = OnConflict::columns([
            access_row::Column::Digest,
            access_row::Column::Division,
            access_row::Column::Firm,
            access_row::Column::Department,
        ])
        .do_nothing()
        .to_owned();
        access_row::Entity::insert(grant).on_conflict(same).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

impl Reader<'_> {
    /// The bytes of that name, hashed again: [`StoreError::Corrupt`] names an object that has changed.
    pub async fn get_object(&self, digest: Digest) -> Result<Vec<u8>> {
        let query = row::Entity::find_by_id(digest.hex()).filter(self.object_condition(digest));
        let found = on!(self, |db| query.one(db).await)?;
        let bytes = found.ok_or_else(|| StoreError::not_found("object", digest))?.bytes;
        checked(digest, bytes)
    }

    /// True when the object is there to be read.
    pub async fn has_object(&self, digest: Digest) -> Result<bool> {
        let query = row::Entity::find_by_id(digest.hex())
            .filter(self.object_condition(digest))
            .select_only()
            .column(row::Column::Size)
            .into_tuple::<i64>();
        Ok(on!(self, |db| query.one(db).await)?.is_some())
    }

    /// Payloads of publications are for everybody; anything else is for those it was put for.
    fn object_condition(&self, digest: Digest) -> Condition {
        let published = publications::row::Entity::find()
            .select_only()
            .column(publications::row::Column::PayloadDigest)
            .filter(publications::row::Column::PayloadDigest.eq(digest.hex()))
            .filter(scoped::region(self.scope, publications::row::Column::Division))
            .into_query();
        let mut allowed = scoped::figures(self.scope, access_row::Column::Division);
        allowed = match (self.scope.role(), self.scope.firm(), scoped::department_of(self.scope)) {
            (_, Some(own), _) => allowed.add(access_row::Column::Firm.eq(own)),
            (Role::Firm, None, _) => scoped::nothing(),
            (_, None, scoped::Bound::To(own)) => allowed.add(access_row::Column::Department.eq(own.name())),
            (_, None, scoped::Bound::Nothing) => scoped::nothing(),
            (_, None, scoped::Bound::Free) => allowed,
        };
        let granted = access_row::Entity::find()
            .select_only()
            .column(access_row::Column::Digest)
            .filter(access_row::Column::Digest.eq(digest.hex()))
            .filter(allowed)
            .into_query();
        Condition::any().add(row::Column::Digest.in_subquery(granted)).add(row::Column::Digest.in_subquery(published))
    }
}

/// The bytes, if they hash to their name.
pub(crate) fn checked(digest: Digest, bytes: Vec<u8>) -> Result<Vec<u8>> {
    let found = Digest::of(&bytes);
    if found == digest {
        Ok(bytes)
    } else {
        Err(StoreError::Corrupt { digest, found: format!("its {} bytes hash to {found}", bytes.len()) })
    }
}

impl Store {
    /// Hashes every object again and names those whose bytes have changed. Reads one object at a time.
    pub async fn verify_objects(&self) -> Result<ObjectReport> {
        let db = &self.inner.db;
        let mut report = ObjectReport { objects: 0, bytes: 0, damaged: Vec::new() };
        let mut after = String::new();
        loop {
            let next = row::Entity::find()
                .filter(row::Column::Digest.gt(after.as_str()))
                .order_by_asc(row::Column::Digest)
                .one(db)
                .await?;
            let Some(object) = next else { return Ok(report) };
            let found = Digest::of(&object.bytes);
            report.objects += 1;
            report.bytes += object.bytes.len() as u64;
            if found.hex() != object.digest {
                report.damaged.push((object.digest.clone(), found));
            }
            after = object.digest;
        }
    }
}
