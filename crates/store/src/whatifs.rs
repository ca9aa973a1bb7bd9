//! What-ifs: overlays on a run, kept and shareable by a token. Only the overlay is stored, never a copy
//! of the scheme or its facts.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Digest, DivisionCode};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;
use serde_json::Value;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "what_if")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub run: i64,
        pub division: i64,
        pub title: String,
        pub overlay: String,
        pub by: String,
        pub at: String,
        pub share_token: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A what-if to keep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewWhatIf {
    /// On which run.
    pub run: i64,
    /// What it is called.
    pub title: String,
    /// What differs from the run's scheme and facts.
    pub overlay: Value,
}

/// A what-if as kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhatIf {
    /// Identity.
    pub id: i64,
    /// On which run.
    pub run: i64,
    /// Where.
    pub division: DivisionCode,
    /// What it is called.
    pub title: String,
    /// What differs from the run's scheme and facts.
    pub overlay: Value,
    /// Whose.
    pub by: String,
    /// When.
    pub at: String,
    /// Names it in a link for others who may see the run anyway; no key to anything.
    pub share_token: String,
}

impl Tx {
    /// Keeps a what-if on a run in scope.
    pub async fn insert_what_if(&mut self, new: &NewWhatIf) -> Result<WhatIf> {
        let division = self.read().get_run(new.run).await?.division;
        scoped::require_office(&self.scope, division)?;
        let mut row = row::ActiveModel {
            id: NotSet,
            run: Set(new.run),
            division: Set(scoped::stored(division)),
            title: Set(new.title.clone()),
            overlay: Set(new.overlay.to_string()),
            by: Set(self.scope.actor().to_owned()),
            at: Set(self.now.clone()),
            share_token: Set(String::new()),
        };
        // The link opens only for those who may see the run, so the token names and need not hide.
        let count = row::Entity::find().order_by_desc(row::Column::Id).one(&self.db).await?.map_or(0, |w| w.id);
        let (overlay, count) = (new.overlay.to_string(), count.to_string());
        let parts = [self.scope.actor(), &self.now, &new.title, &overlay, &count].map(str::as_bytes);
        row.share_token = Set(Digest::of_parts(parts).hex()[..20].to_owned());
        WhatIf::try_from(row.insert(&self.db).await?)
    }

    /// Forgets a what-if of one's own.
    pub async fn delete_what_if(&mut self, id: i64) -> Result<()> {
        let done = row::Entity::delete_many()
            .filter(scoped::of_office(&self.scope, row::Column::Division))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::By.eq(self.scope.actor()))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 { Err(StoreError::not_found("what-if", id)) } else { Ok(()) }
    }
}

impl Reader<'_> {
    /// What-ifs on a run, newest first.
    pub async fn list_what_ifs(&self, run: i64) -> Result<Vec<WhatIf>> {
        let query = row::Entity::find()
            .filter(scoped::of_office(self.scope, row::Column::Division))
            .filter(row::Column::Run.eq(run))
            .order_by_desc(row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(WhatIf::try_from).collect()
    }

    /// The what-if with that id.
    pub async fn get_what_if(&self, id: i64) -> Result<WhatIf> {
        let query = row::Entity::find_by_id(id).filter(scoped::of_office(self.scope, row::Column::Division));
        on!(self, |db| query.one(db).await)?.map_or_else(|| Err(StoreError::not_found("what-if", id)), WhatIf::try_from)
    }

    /// The what-if that a link names.
    pub async fn find_shared_what_if(&self, token: &str) -> Result<Option<WhatIf>> {
        let query = row::Entity::find()
            .filter(scoped::of_office(self.scope, row::Column::Division))
            .filter(row::Column::ShareToken.eq(token));
        on!(self, |db| query.one(db).await)?.map(WhatIf::try_from).transpose()
    }
}

impl TryFrom<row::Model> for WhatIf {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        Ok(Self {
            division: scoped::division("what-if", row.id, row.division)?,
            overlay: scoped::json("what-if", row.id, &row.overlay)?,
            id: row.id,
            run: row.run,
            title: row.title,
            by: row.by,
            at: row.at,
            share_token: row.share_token,
        })
    }
}
