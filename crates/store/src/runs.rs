//! Runs: one computation of one frozen snapshot under one text of the law. A run is written once and
//! can be recomputed from the digests it names. A firm sees a run only once it has been published.

use crate::{Reader, Result, StoreError, Tx, publications, reader::on, scoped};
use base::{Digest, DivisionCode, Role};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "run")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub evaluation: i64,
        pub division: i64,
        pub year: i64,
        pub kind: String,
        pub snapshot_digest: String,
        pub law_digest: String,
        pub engine_version: String,
        pub result_digest: String,
        pub summary: String,
        pub by: String,
        pub at: String,
        pub previous: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a run is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// To look at.
    Trial,
    /// For the notice.
    Notice,
    /// After an objection was upheld.
    Rerun,
    /// What holds.
    Final,
}

impl RunKind {
    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Notice => "notice",
            Self::Rerun => "rerun",
            Self::Final => "final",
        }
    }
}

/// A run to keep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewRun {
    /// Of which evaluation.
    pub evaluation: i64,
    /// What for.
    pub kind: RunKind,
    /// Facts it computed from.
    pub snapshot_digest: Digest,
    /// Texts of the law it followed.
    pub law_digest: Digest,
    /// Engine that computed it.
    pub engine_version: String,
    /// What came out.
    pub result_digest: Digest,
    /// Counts by class and the like, for lists.
    pub summary: Value,
    /// The run it is compared with.
    pub previous: Option<i64>,
}

/// A run as kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Identity.
    pub id: i64,
    /// Of which evaluation.
    pub evaluation: i64,
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// What for.
    pub kind: RunKind,
    /// Facts it computed from.
    pub snapshot_digest: Digest,
    /// Texts of the law it followed.
    pub law_digest: Digest,
    /// Engine that computed it.
    pub engine_version: String,
    /// What came out.
    pub result_digest: Digest,
    /// Counts by class and the like.
    pub summary: Value,
    /// Who ran it.
    pub by: String,
    /// When.
    pub at: String,
    /// The run it is compared with.
    pub previous: Option<i64>,
}

impl Tx {
    /// Keeps a run of an evaluation in scope.
    pub async fn insert_run(&mut self, run: &NewRun) -> Result<Run> {
        let evaluation = self.read().get_evaluation(run.evaluation).await?;
        scoped::require_office(&self.scope, evaluation.division)?;
        let row = row::ActiveModel {
            id: NotSet,
            evaluation: Set(run.evaluation),
            division: Set(scoped::stored(evaluation.division)),
            year: Set(i64::from(evaluation.year)),
            kind: Set(run.kind.name().to_owned()),
            snapshot_digest: Set(run.snapshot_digest.hex()),
            law_digest: Set(run.law_digest.hex()),
            engine_version: Set(run.engine_version.clone()),
            result_digest: Set(run.result_digest.hex()),
            summary: Set(run.summary.to_string()),
            by: Set(self.scope.actor().to_owned()),
            at: Set(self.now.clone()),
            previous: Set(run.previous),
        };
        Run::try_from(row.insert(&self.db).await?)
    }
}

impl Reader<'_> {
    /// The run with that id.
    pub async fn get_run(&self, id: i64) -> Result<Run> {
        let query = row::Entity::find_by_id(id).filter(self.run_scope());
        on!(self, |db| query.one(db).await)?.map_or_else(|| Err(StoreError::not_found("run", id)), Run::try_from)
    }

    /// Runs of an evaluation, newest first.
    pub async fn list_runs(&self, evaluation: i64) -> Result<Vec<Run>> {
        let query = row::Entity::find()
            .filter(self.run_scope())
            .filter(row::Column::Evaluation.eq(evaluation))
            .order_by_desc(row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Run::try_from).collect()
    }

    fn run_scope(&self) -> Condition {
        let rows = scoped::figures(self.scope, row::Column::Division);
        if self.scope.firm().is_none() && self.scope.role() != Role::Firm {
            return rows;
        }
        let published =
            publications::row::Entity::find().select_only().column(publications::row::Column::Run).into_query();
        rows.add(row::Column::Id.in_subquery(published))
    }
}

impl TryFrom<row::Model> for Run {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let kind = [RunKind::Trial, RunKind::Notice, RunKind::Rerun, RunKind::Final]
            .into_iter()
            .find(|k| k.name() == row.kind)
            .ok_or_else(|| StoreError::damaged("run", row.id, format!("kind `{}`", row.kind)))?;
        Ok(Self {
            division: scoped::division("run", row.id, row.division)?,
            snapshot_digest: scoped::digest("run", row.id, &row.snapshot_digest)?,
            law_digest: scoped::digest("run", row.id, &row.law_digest)?,
            result_digest: scoped::digest("run", row.id, &row.result_digest)?,
            summary: scoped::json("run", row.id, &row.summary)?,
            kind,
            id: row.id,
            evaluation: row.evaluation,
            year: row.year as i32,
            engine_version: row.engine_version,
            by: row.by,
            at: row.at,
            previous: row.previous,
        })
    }
}
