//! Publications: notices and final lists. The only rows that somebody who has not signed in can read,
//! with the one object each of them names.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Digest, DivisionCode};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "publication")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub evaluation: i64,
        pub run: i64,
        pub kind: String,
        pub division: i64,
        pub year: i64,
        pub at: String,
        pub closed_at: Option<String>,
        pub payload_digest: String,
        pub by: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is published.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicationKind {
    /// For objection.
    Notice,
    /// The list that holds.
    Final,
}

impl PublicationKind {
    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Final => "final",
        }
    }
}

/// A publication to make.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewPublication {
    /// Of which run.
    pub run: i64,
    /// Notice or final.
    pub kind: PublicationKind,
    /// Exactly what the public reads, already put as an object.
    pub payload_digest: Digest,
}

/// A publication as made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Publication {
    /// Identity.
    pub id: i64,
    /// Of which evaluation.
    pub evaluation: i64,
    /// Of which run.
    pub run: i64,
    /// Notice or final.
    pub kind: PublicationKind,
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// Since when.
    pub at: String,
    /// Until when the notice ran, or when the list was replaced.
    pub closed_at: Option<String>,
    /// Exactly what the public reads.
    pub payload_digest: Digest,
    /// Who published it.
    pub by: String,
}

impl Tx {
    /// Publishes a run. From the commit on anyone may read the payload.
    pub async fn insert_publication(&mut self, new: &NewPublication) -> Result<Publication> {
        let run = self.read().get_run(new.run).await?;
        scoped::require_office(&self.scope, run.division)?;
        if !self.read().has_object(new.payload_digest).await? {
            return Err(StoreError::not_found("object", new.payload_digest));
        }
        let row = row::ActiveModel {
            id: NotSet,
            evaluation: Set(run.evaluation),
            run: Set(run.id),
            kind: Set(new.kind.name().to_owned()),
            division: Set(scoped::stored(run.division)),
            year: Set(i64::from(run.year)),
            at: Set(self.now.clone()),
            closed_at: Set(None),
            payload_digest: Set(new.payload_digest.hex()),
            by: Set(self.scope.actor().to_owned()),
        };
        Publication::try_from(row.insert(&self.db).await?)
    }

    /// Ends a publication: the notice has run, or the list was replaced. It stays readable.
    pub async fn close_publication(&mut self, id: i64) -> Result<Publication> {
        let found = self.read().get_publication(id).await?;
        scoped::require_office(&self.scope, found.division)?;
        if let Some(at) = found.closed_at {
            return Err(StoreError::Conflict {
                what: "publication",
                key: id.to_string(),
                expected: "open".into(),
                found: format!("closed at {at}"),
            });
        }
        let change = row::ActiveModel { id: Set(id), closed_at: Set(Some(self.now.clone())), ..Default::default() };
        Publication::try_from(change.update(&self.db).await?)
    }
}

impl Reader<'_> {
    /// The publication with that id.
    pub async fn get_publication(&self, id: i64) -> Result<Publication> {
        let query = row::Entity::find_by_id(id).filter(scoped::region(self.scope, row::Column::Division));
        on!(self, |db| query.one(db).await)?
            .map_or_else(|| Err(StoreError::not_found("publication", id)), Publication::try_from)
    }

    /// Publications, newest first; of one division and below it when given.
    pub async fn list_publications(&self, division: Option<DivisionCode>) -> Result<Vec<Publication>> {
        let mut all = scoped::region(self.scope, row::Column::Division);
        if let Some(division) = division {
            let (low, high) = division.range();
            all = all.add(row::Column::Division.between(i64::from(low), i64::from(high)));
        }
        let query = row::Entity::find().filter(all).order_by_desc(row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Publication::try_from).collect()
    }
}

impl TryFrom<row::Model> for Publication {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let kind = match row.kind.as_str() {
            "notice" => PublicationKind::Notice,
            "final" => PublicationKind::Final,
            other => return Err(StoreError::damaged("publication", row.id, format!("kind `{other}`"))),
        };
        Ok(Self {
            division: scoped::division("publication", row.id, row.division)?,
            payload_digest: scoped::digest("publication", row.id, &row.payload_digest)?,
            kind,
            id: row.id,
            evaluation: row.evaluation,
            run: row.run,
            year: row.year as i32,
            at: row.at,
            closed_at: row.closed_at,
            by: row.by,
        })
    }
}
