//! Yearly evaluations: which scheme, how far they have come, what was frozen. States and clocks are
//! the business of the process definitions; here they are kept, and guarded against two people
//! changing one evaluation at once.

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
    #[sea_orm(table_name = "evaluation")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub division: i64,
        pub year: i64,
        pub scheme: String,
        pub scheme_digest: Option<String>,
        pub state: String,
        pub version: i64,
        pub clocks: String,
        pub snapshot_digest: Option<String>,
        pub final_run: Option<i64>,
        pub created_by: String,
        pub created_at: String,
        pub changed_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An evaluation to open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewEvaluation {
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// Id of the scheme.
    pub scheme: String,
    /// First state.
    pub state: String,
    /// Deadlines and working-day clocks.
    pub clocks: Value,
}

/// An evaluation. Change anything but `id`, `division`, `year` and what the store writes (`version`,
/// `created_*`, `changed_at`), then hand it to [`Tx::update_evaluation`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Identity.
    pub id: i64,
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// Id of the scheme.
    pub scheme: String,
    /// Text of the scheme as frozen.
    pub scheme_digest: Option<Digest>,
    /// State of the process.
    pub state: String,
    /// Counts changes; guards against two people changing it at once.
    pub version: i64,
    /// Deadlines and working-day clocks.
    pub clocks: Value,
    /// Facts as frozen.
    pub snapshot_digest: Option<Digest>,
    /// The run that is final.
    pub final_run: Option<i64>,
    /// Who opened it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub changed_at: String,
}

/// Which evaluations.
#[derive(Clone, Debug, Default)]
pub struct EvaluationFilter {
    /// Of this division and below it.
    pub division: Option<DivisionCode>,
    /// Of this year.
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<String>,
}

impl Tx {
    /// Opens an evaluation; [`StoreError::Unique`] when that division and year has one, under whichever
    /// scheme.
    pub async fn insert_evaluation(&mut self, new: &NewEvaluation) -> Result<Evaluation> {
        scoped::require_office(&self.scope, new.division)?;
        let row = row::ActiveModel {
            id: NotSet,
            division: Set(scoped::stored(new.division)),
            year: Set(i64::from(new.year)),
            scheme: Set(new.scheme.clone()),
            scheme_digest: Set(None),
            state: Set(new.state.clone()),
            version: Set(1),
            clocks: Set(new.clocks.to_string()),
            snapshot_digest: Set(None),
            final_run: Set(None),
            created_by: Set(self.scope.actor().to_owned()),
            created_at: Set(self.now.clone()),
            changed_at: Set(self.now.clone()),
        };
        let what = || format!("evaluation {} of {}", new.year, new.division);
        let row = row.insert(&self.db).await.map_err(|e| StoreError::from(e).or_unique(what()))?;
        Evaluation::try_from(row)
    }

    /// Keeps a changed evaluation; [`StoreError::Conflict`] when someone else changed it since it was
    /// read. Returns it with its new version.
    pub async fn update_evaluation(&mut self, evaluation: &Evaluation) -> Result<Evaluation> {
        let stored = self.read().get_evaluation(evaluation.id).await?;
        scoped::require_office(&self.scope, stored.division)?;
        self.keep_evaluation(stored, evaluation).await
    }

    /// Keeps the state and the clocks of an evaluation and nothing else of it, under the same guard: the
    /// step that a firm takes by objecting, which is no officer's.
    pub async fn move_evaluation(&mut self, evaluation: &Evaluation) -> Result<Evaluation> {
        let stored = self.read().get_evaluation(evaluation.id).await?;
        scoped::require_division(&self.scope, stored.division)?;
        let moved = Evaluation {
            state: evaluation.state.clone(),
            clocks: evaluation.clocks.clone(),
            version: evaluation.version,
            ..stored.clone()
        };
        self.keep_evaluation(stored, &moved).await
    }

    async fn keep_evaluation(&mut self, stored: Evaluation, evaluation: &Evaluation) -> Result<Evaluation> {
        let change = row::ActiveModel {
            scheme: Set(evaluation.scheme.clone()),
            scheme_digest: Set(evaluation.scheme_digest.map(|d| d.hex())),
            state: Set(evaluation.state.clone()),
            version: Set(evaluation.version + 1),
            clocks: Set(evaluation.clocks.to_string()),
            snapshot_digest: Set(evaluation.snapshot_digest.map(|d| d.hex())),
            final_run: Set(evaluation.final_run),
            changed_at: Set(self.now.clone()),
            ..Default::default()
        };
        let done = row::Entity::update_many()
            .set(change)
            .filter(row::Column::Id.eq(evaluation.id))
            .filter(row::Column::Version.eq(evaluation.version))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Conflict {
                what: "evaluation",
                key: evaluation.id.to_string(),
                expected: format!("version {} in state {}", evaluation.version, evaluation.state),
                found: format!("version {} in state {}", stored.version, stored.state),
            });
        }
        self.read().get_evaluation(evaluation.id).await
    }
}

impl Reader<'_> {
    /// The evaluation with that id.
    pub async fn get_evaluation(&self, id: i64) -> Result<Evaluation> {
        let query = row::Entity::find_by_id(id).filter(scoped::figures(self.scope, row::Column::Division));
        on!(self, |db| query.one(db).await)?
            .map_or_else(|| Err(StoreError::not_found("evaluation", id)), Evaluation::try_from)
    }

    /// Evaluations, latest year first.
    pub async fn list_evaluations(&self, filter: &EvaluationFilter) -> Result<Vec<Evaluation>> {
        let mut all = scoped::figures(self.scope, row::Column::Division);
        if let Some(division) = filter.division {
            let (low, high) = division.range();
            all = all.add(row::Column::Division.between(i64::from(low), i64::from(high)));
        }
        if let Some(year) = filter.year {
            all = all.add(row::Column::Year.eq(i64::from(year)));
        }
        if let Some(state) = &filter.state {
            all = all.add(row::Column::State.eq(state));
        }
        let query = row::Entity::find()
            .filter(all)
            .order_by_desc(row::Column::Year)
            .order_by_asc(row::Column::Division)
            .order_by_asc(row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Evaluation::try_from).collect()
    }
}

impl TryFrom<row::Model> for Evaluation {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        Ok(Self {
            division: scoped::division("evaluation", row.id, row.division)?,
            scheme_digest: scoped::digest_opt("evaluation", row.id, row.scheme_digest.as_deref())?,
            snapshot_digest: scoped::digest_opt("evaluation", row.id, row.snapshot_digest.as_deref())?,
            clocks: scoped::json("evaluation", row.id, &row.clocks)?,
            id: row.id,
            year: row.year as i32,
            scheme: row.scheme,
            state: row.state,
            version: row.version,
            final_run: row.final_run,
            created_by: row.created_by,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}
