//! Objections of firms to a figure or a class, with everything that happened to them since.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Department, Digest, DivisionCode};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;
use serde_json::Value;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "objection")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub evaluation: i64,
        pub division: i64,
        pub firm: i64,
        pub indicator: String,
        pub subject: String,
        pub department: Option<String>,
        pub claim: String,
        pub file_digest: Option<String>,
        pub state: String,
        pub events: String,
        pub version: i64,
        pub created_by: String,
        pub created_at: String,
        pub changed_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An objection to raise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewObjection {
    /// Against which evaluation.
    pub evaluation: i64,
    /// Who objects.
    pub firm: i64,
    /// Which indicator or fact, e.g. `lease_area`.
    pub indicator: String,
    /// About which subject, e.g. `l:370783-0001:12`.
    pub subject: String,
    /// Who is to answer; without it every department of the division sees the objection.
    pub department: Option<Department>,
    /// What the firm says: value seen, value claimed, words.
    pub claim: Value,
    /// The file it hands in.
    pub file_digest: Option<Digest>,
    /// First state.
    pub state: String,
    /// First event.
    pub events: Vec<Value>,
}

/// An objection. Change `department`, `state`, `events` and `file_digest`, then hand it to
/// [`Tx::update_objection`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Objection {
    /// Identity.
    pub id: i64,
    /// Against which evaluation.
    pub evaluation: i64,
    /// Where.
    pub division: DivisionCode,
    /// Who objects.
    pub firm: i64,
    /// Which indicator or fact.
    pub indicator: String,
    /// About which subject.
    pub subject: String,
    /// Who is to answer.
    pub department: Option<Department>,
    /// What the firm says.
    pub claim: Value,
    /// The file it handed in.
    pub file_digest: Option<Digest>,
    /// State of the process.
    pub state: String,
    /// What happened, in order: who, when, what, why.
    pub events: Vec<Value>,
    /// Counts changes; guards against two people changing it at once.
    pub version: i64,
    /// Who raised it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub changed_at: String,
}

/// Which objections.
#[derive(Clone, Debug, Default)]
pub struct ObjectionFilter {
    /// Against this evaluation.
    pub evaluation: Option<i64>,
    /// Of this firm.
    pub firm: Option<i64>,
    /// In this state.
    pub state: Option<String>,
}

impl Tx {
    /// Raises an objection.
    pub async fn insert_objection(&mut self, new: &NewObjection) -> Result<Objection> {
        let division = self.read().get_evaluation(new.evaluation).await?.division;
        scoped::require_firm(&self.scope, division, new.firm)?;
        let row = row::ActiveModel {
            id: NotSet,
            evaluation: Set(new.evaluation),
            division: Set(scoped::stored(division)),
            firm: Set(new.firm),
            indicator: Set(new.indicator.clone()),
            subject: Set(new.subject.clone()),
            department: Set(new.department.map(|d| d.name().to_owned())),
            claim: Set(new.claim.to_string()),
            file_digest: Set(new.file_digest.map(|d| d.hex())),
            state: Set(new.state.clone()),
            events: Set(Value::from(new.events.clone()).to_string()),
            version: Set(1),
            created_by: Set(self.scope.actor().to_owned()),
            created_at: Set(self.now.clone()),
            changed_at: Set(self.now.clone()),
        };
        Objection::try_from(row.insert(&self.db).await?)
    }

    /// Keeps a changed objection; [`StoreError::Conflict`] when someone else changed it since it was
    /// read. Events may be added, never taken away.
    pub async fn update_objection(&mut self, objection: &Objection) -> Result<Objection> {
        let stored = self.read().get_objection(objection.id).await?;
        if objection.version == stored.version && !objection.events.starts_with(&stored.events) {
            return Err(StoreError::Invalid {
                what: "events",
                found: format!("{} events", objection.events.len()),
                allowed: format!("the {} stored events, unchanged, and more", stored.events.len()),
            });
        }
        let change = row::ActiveModel {
            department: Set(objection.department.map(|d| d.name().to_owned())),
            file_digest: Set(objection.file_digest.map(|d| d.hex())),
            state: Set(objection.state.clone()),
            events: Set(Value::from(objection.events.clone()).to_string()),
            version: Set(objection.version + 1),
            changed_at: Set(self.now.clone()),
            ..Default::default()
        };
        let done = row::Entity::update_many()
            .set(change)
            .filter(row::Column::Id.eq(objection.id))
            .filter(row::Column::Version.eq(objection.version))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Conflict {
                what: "objection",
                key: objection.id.to_string(),
                expected: format!("version {}", objection.version),
                found: format!("version {} in state {}", stored.version, stored.state),
            });
        }
        let query = row::Entity::find_by_id(objection.id).one(&self.db).await?;
        Objection::try_from(query.ok_or_else(|| StoreError::not_found("objection", objection.id))?)
    }
}

impl Reader<'_> {
    /// The objection with that id.
    pub async fn get_objection(&self, id: i64) -> Result<Objection> {
        let query = row::Entity::find_by_id(id).filter(self.objection_scope());
        on!(self, |db| query.one(db).await)?
            .map_or_else(|| Err(StoreError::not_found("objection", id)), Objection::try_from)
    }

    /// Objections, oldest first.
    pub async fn list_objections(&self, filter: &ObjectionFilter) -> Result<Vec<Objection>> {
        let mut all = self.objection_scope();
        if let Some(evaluation) = filter.evaluation {
            all = all.add(row::Column::Evaluation.eq(evaluation));
        }
        if let Some(firm) = filter.firm {
            all = all.add(row::Column::Firm.eq(firm));
        }
        if let Some(state) = &filter.state {
            all = all.add(row::Column::State.eq(state));
        }
        let query = row::Entity::find().filter(all).order_by_asc(row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Objection::try_from).collect()
    }

    fn objection_scope(&self) -> Condition {
        let rows = scoped::of_firm(self.scope, row::Column::Division, row::Column::Firm);
        match scoped::department_of(self.scope) {
            scoped::Bound::Free => rows,
            scoped::Bound::To(own) => rows.add(
                Condition::any().add(row::Column::Department.eq(own.name())).add(row::Column::Department.is_null()),
            ),
            scoped::Bound::Nothing => scoped::nothing(),
        }
    }
}

impl TryFrom<row::Model> for Objection {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let events = match scoped::json("objection", row.id, &row.events)? {
            Value::Array(events) => events,
            _ => return Err(StoreError::damaged("objection", row.id, "its events are no list")),
        };
        Ok(Self {
            division: scoped::division("objection", row.id, row.division)?,
            department: scoped::department_opt("objection", row.id, row.department.as_deref())?,
            claim: scoped::json("objection", row.id, &row.claim)?,
            file_digest: scoped::digest_opt("objection", row.id, row.file_digest.as_deref())?,
            events,
            id: row.id,
            evaluation: row.evaluation,
            firm: row.firm,
            indicator: row.indicator,
            subject: row.subject,
            state: row.state,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}
