//! What each firm said of its own sheet: that it is right, or what is not.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::DivisionCode;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "confirmation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub evaluation: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub firm: i64,
        pub division: i64,
        pub state: String,
        pub by: String,
        pub at: String,
        pub detail: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the firm said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmationState {
    /// The sheet is right.
    Confirmed,
    /// Something on it is not.
    Disputed,
    /// An officer looked into what was disputed and wrote down what came of it.
    Settled,
}

impl ConfirmationState {
    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Disputed => "disputed",
            Self::Settled => "settled",
        }
    }
}

/// A firm's word on its sheet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confirmation {
    /// Of which evaluation.
    pub evaluation: i64,
    /// Which firm.
    pub firm: i64,
    /// Where.
    pub division: DivisionCode,
    /// What it said.
    pub state: ConfirmationState,
    /// Who said it.
    pub by: String,
    /// When.
    pub at: String,
    /// Which figures are disputed and why.
    pub detail: Value,
}

impl Tx {
    /// Keeps a firm's word; a later word replaces it (the earlier one stays in the audit log).
    pub async fn put_confirmation(
        &mut self,
        evaluation: i64,
        firm: i64,
        state: ConfirmationState,
        detail: &Value,
    ) -> Result<Confirmation> {
        let division = self.read().get_evaluation(evaluation).await?.division;
        scoped::require_firm(&self.scope, division, firm)?;
        let row = row::Model {
            evaluation,
            firm,
            division: scoped::stored(division),
            state: state.name().to_owned(),
            by: self.scope.actor().to_owned(),
            at: self.now.clone(),
            detail: detail.to_string(),
        };
        let insert = row::ActiveModel {
            evaluation: Set(row.evaluation),
            firm: Set(row.firm),
            division: Set(row.division),
            state: Set(row.state.clone()),
            by: Set(row.by.clone()),
            at: Set(row.at.clone()),
            detail: Set(row.detail.clone()),
        };
        let replace = OnConflict::columns([row::Column::Evaluation, row::Column::Firm])
            .update_columns([row::Column::State, row::Column::By, row::Column::At, row::Column::Detail])
            .to_owned();
        row::Entity::insert(insert).on_conflict(replace).exec_without_returning(&self.db).await?;
        Confirmation::try_from(row)
    }
}

impl Reader<'_> {
    /// Words of firms on an evaluation, by firm.
    pub async fn list_confirmations(&self, evaluation: i64) -> Result<Vec<Confirmation>> {
        let query = row::Entity::find()
            .filter(scoped::of_firm(self.scope, row::Column::Division, row::Column::Firm))
            .filter(row::Column::Evaluation.eq(evaluation))
            .order_by_asc(row::Column::Firm);
        on!(self, |db| query.all(db).await)?.into_iter().map(Confirmation::try_from).collect()
    }

    /// One firm's word on an evaluation.
    pub async fn find_confirmation(&self, evaluation: i64, firm: i64) -> Result<Option<Confirmation>> {
        let query = row::Entity::find_by_id((evaluation, firm)).filter(scoped::of_firm(
            self.scope,
            row::Column::Division,
            row::Column::Firm,
        ));
        on!(self, |db| query.one(db).await)?.map(Confirmation::try_from).transpose()
    }
}

impl TryFrom<row::Model> for Confirmation {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let key = format!("{}:{}", row.evaluation, row.firm);
        let state = match row.state.as_str() {
            "confirmed" => ConfirmationState::Confirmed,
            "disputed" => ConfirmationState::Disputed,
            "settled" => ConfirmationState::Settled,
            other => return Err(StoreError::damaged("confirmation", key, format!("state `{other}`"))),
        };
        Ok(Self {
            division: scoped::division("confirmation", &key, row.division)?,
            detail: scoped::json("confirmation", &key, &row.detail)?,
            state,
            evaluation: row.evaluation,
            firm: row.firm,
            by: row.by,
            at: row.at,
        })
    }
}
