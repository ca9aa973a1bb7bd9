//! Long jobs: what they are about, how far they are, how they ended. Progress lives in memory, so that
//! a job can report it while it holds the turn to write; beginnings and ends are kept.

use crate::{Reader, Result, Store, StoreError, open::Inner, reader::on, scoped};
use base::{DivisionCode, Role, Scope};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::HashMap, sync::Mutex};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "job")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub kind: String,
        pub subject: String,
        pub division: i64,
        pub state: String,
        pub done: i64,
        pub total: i64,
        pub stage: String,
        pub message: String,
        pub result: Option<String>,
        pub error: Option<String>,
        pub by: String,
        pub created_at: String,
        pub started_at: Option<String>,
        pub finished_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How far a job has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for its turn.
    Waiting,
    /// Runs.
    Running,
    /// Ended well.
    Done,
    /// Ended with an error.
    Failed,
    /// Ended on request.
    Cancelled,
    /// The program ended while it ran; what it had not acknowledged did not happen.
    Interrupted,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Cancelled, Self::Interrupted];

    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }

    /// True when nothing more will happen.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// A job to do.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewJob {
    /// What it does, e.g. `import`.
    pub kind: String,
    /// What it is about, e.g. `import:12`.
    pub subject: String,
    /// Where.
    pub division: DivisionCode,
}

/// How far, as a job reports it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct JobProgress {
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 while unknown.
    pub total: u64,
    /// What it is at, a stable name.
    pub stage: String,
    /// Words for people.
    pub message: String,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Job {
    /// Identity.
    pub id: i64,
    /// What it does.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Where.
    pub division: DivisionCode,
    /// How far it has come.
    pub state: JobState,
    /// How far, in steps.
    pub progress: JobProgress,
    /// What came out.
    pub result: Option<Value>,
    /// What went wrong.
    pub error: Option<Value>,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for.
    pub created_at: String,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
}

/// What running jobs of this process report.
#[derive(Default)]
pub(crate) struct LiveJobs(Mutex<HashMap<i64, Live>>);

#[derive(Clone, Default)]
struct Live {
    progress: JobProgress,
    cancel: bool,
}

impl LiveJobs {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, Live>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Jobs that a program left running when it ended.
pub(crate) async fn interrupt_running(store: &Store) -> Result<()> {
    let _turn = store.turn().await?;
    let tx = store.begin_writing().await?;
    let change = row::ActiveModel {
        state: Set(JobState::Interrupted.name().to_owned()),
        finished_at: Set(Some(store.now())),
        ..Default::default()
    };
    row::Entity::update_many()
        .set(change)
        .filter(row::Column::State.is_in([JobState::Running.name(), JobState::Waiting.name()]))
        .exec(&tx)
        .await?;
    Ok(tx.commit().await?)
}

impl Store {
    /// Notes a job to do, in state `waiting`. Housekeeping, like all of a job's life: what the job
    /// changes is audited by the changes themselves.
    pub async fn create_job(&self, scope: &Scope, new: &NewJob) -> Result<Job> {
        if !scope.region().covers(new.division) || scope.role() == Role::Public {
            return Err(StoreError::out_of_scope(scope, new.division));
        }
        let row = row::ActiveModel {
            id: NotSet,
            kind: Set(new.kind.clone()),
            subject: Set(new.subject.clone()),
            division: Set(scoped::stored(new.division)),
            state: Set(JobState::Waiting.name().to_owned()),
            done: Set(0),
            total: Set(0),
            stage: Set(String::new()),
            message: Set(String::new()),
            result: Set(None),
            error: Set(None),
            by: Set(scope.actor().to_owned()),
            created_at: Set(self.now()),
            started_at: Set(None),
            finished_at: Set(None),
        };
        let _turn = self.turn().await?;
        let tx = self.begin_writing().await?;
        let row = row.insert(&tx).await?;
        tx.commit().await?;
        job(row, &self.inner)
    }

    /// The job begins.
    pub async fn start_job(&self, id: i64) -> Result<()> {
        self.inner.jobs.lock().insert(id, Live::default());
        let change = row::ActiveModel {
            state: Set(JobState::Running.name().to_owned()),
            started_at: Set(Some(self.now())),
            ..Default::default()
        };
        self.change_job(id, &[JobState::Waiting], change).await
    }

    /// How far the job is. In memory only, so it may be called as often as one likes.
    pub fn report_progress(&self, id: i64, progress: JobProgress) {
        self.inner.jobs.lock().entry(id).or_default().progress = progress;
    }

    /// Asks a job of this process to stop at its next step.
    pub async fn ask_cancel(&self, scope: &Scope, id: i64) -> Result<()> {
        let found = self.read(scope).get_job(id).await?;
        if !found.state.is_over() {
            self.inner.jobs.lock().entry(id).or_default().cancel = true;
        }
        Ok(())
    }

    /// True when somebody asked the job to stop.
    pub fn is_cancel_asked(&self, id: i64) -> bool {
        self.inner.jobs.lock().get(&id).is_some_and(|live| live.cancel)
    }

    /// The job ends: `done` with a result, `failed` with an error, `cancelled` with neither.
    pub async fn finish_job(
        &self,
        id: i64,
        state: JobState,
        result: Option<&Value>,
        error: Option<&Value>,
    ) -> Result<()> {
        if !state.is_over() {
            return Err(StoreError::Invalid {
                what: "job state",
                found: state.name().into(),
                allowed: "done, failed, cancelled or interrupted".into(),
            });
        }
        let progress = self.inner.jobs.lock().get(&id).cloned().unwrap_or_default().progress;
        let change = row::ActiveModel {
            state: Set(state.name().to_owned()),
            done: Set(progress.done as i64),
            total: Set(progress.total as i64),
            stage: Set(progress.stage),
            message: Set(progress.message),
            result: Set(result.map(Value::to_string)),
            error: Set(error.map(Value::to_string)),
            finished_at: Set(Some(self.now())),
            ..Default::default()
        };
        self.change_job(id, &[JobState::Waiting, JobState::Running], change).await?;
        self.inner.jobs.lock().remove(&id);
        Ok(())
    }

    async fn change_job(&self, id: i64, from: &[JobState], change: row::ActiveModel) -> Result<()> {
        let _turn = self.turn().await?;
        let tx = self.begin_writing().await?;
        let done = row::Entity::update_many()
            .set(change)
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::State.is_in(from.iter().map(|s| s.name())))
            .exec(&tx)
            .await?;
        if done.rows_affected == 0 {
            let found = row::Entity::find_by_id(id).one(&tx).await?;
            let found = found.ok_or_else(|| StoreError::not_found("job", id))?.state;
            let expected = from.iter().map(|s| s.name()).collect::<Vec<_>>().join(" or ");
            return Err(StoreError::Conflict { what: "job", key: id.to_string(), expected, found });
        }
        Ok(tx.commit().await?)
    }
}

impl Reader<'_> {
    /// The job with that id.
    pub async fn get_job(&self, id: i64) -> Result<Job> {
        let query = row::Entity::find_by_id(id).filter(self.job_scope());
        let row = on!(self, |db| query.one(db).await)?;
        row.map_or_else(|| Err(StoreError::not_found("job", id)), |row| job(row, self.inner))
    }

    /// Jobs, newest first, `limit` at most.
    pub async fn list_jobs(&self, limit: u64) -> Result<Vec<Job>> {
        let query = row::Entity::find().filter(self.job_scope()).order_by_desc(row::Column::Id).limit(limit);
        on!(self, |db| query.all(db).await)?.into_iter().map(|row| job(row, self.inner)).collect()
    }

    /// Officers and auditors see the jobs of their region, everybody else the own ones.
    fn job_scope(&self) -> Condition {
        let own =
            matches!(self.scope.role(), Role::Firm | Role::DepartmentOwner) || self.scope.role().is_administrator();
        match self.scope.role() {
            Role::Public => scoped::nothing(),
            _ if own => Condition::all().add(row::Column::By.eq(self.scope.actor())),
            _ => scoped::figures(self.scope, row::Column::Division),
        }
    }
}

fn job(row: row::Model, inner: &Inner) -> Result<Job> {
    let state = JobState::ALL
        .into_iter()
        .find(|s| s.name() == row.state)
        .ok_or_else(|| StoreError::damaged("job", row.id, format!("state `{}`", row.state)))?;
    let stored = JobProgress { done: row.done as u64, total: row.total as u64, stage: row.stage, message: row.message };
    let live = inner.jobs.lock().get(&row.id).map(|live| live.progress.clone());
    let read = |text: Option<String>| text.map(|t| scoped::json("job", row.id, &t)).transpose();
    Ok(Job {
        division: scoped::division("job", row.id, row.division)?,
        progress: if state.is_over() { stored } else { live.unwrap_or(stored) },
        result: read(row.result)?,
        error: read(row.error)?,
        state,
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        by: row.by,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
    })
}
