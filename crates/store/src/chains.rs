//! Industry chains: each with its revisions, and what people do about them as rows with a state: tasks,
//! needs, introductions, what suppliers state, tables of the region. States are the business of the
//! process definitions; here rows are kept, and guarded against two people changing one at once.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Digest, DivisionCode, Role, Scope};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use serde::Serialize;
use serde_json::Value;

mod chain_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "chain")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub division: i64,
        pub template: String,
        pub title: String,
        pub revision: i64,
        pub created_by: String,
        pub created_at: String,
        pub changed_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod revision_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "chain_revision")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub chain: i64,
        pub number: i64,
        pub kind: String,
        pub reason: String,
        /// The whole chain as an object; none: the revision before with the changes.
        pub whole: Option<String>,
        pub changes: String,
        pub digest: String,
        pub by: String,
        pub at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod case_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "chain_case")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub kind: String,
        /// 0: none.
        pub chain: i64,
        pub division: i64,
        /// 0: none.
        pub firm: i64,
        /// The firm on the other side; 0: none.
        pub other: i64,
        /// The case that it belongs to; 0: none.
        pub parent: i64,
        pub subject: String,
        pub state: String,
        pub data: String,
        pub version: i64,
        pub created_by: String,
        pub created_at: String,
        pub changed_at: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A chain to open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewChain {
    /// Division whose office leads it.
    pub division: DivisionCode,
    /// Template that it follows.
    pub template: String,
    /// Title.
    pub title: String,
}

/// A chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chain {
    /// Identity.
    pub id: i64,
    /// Division whose office leads it.
    pub division: DivisionCode,
    /// Template that it follows.
    pub template: String,
    /// Title.
    pub title: String,
    /// Number of its newest revision; 0 before the first.
    pub revision: i64,
    /// Who opened it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub changed_at: String,
}

/// A revision to add.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewRevision {
    /// `opened`, `imported`, `changed`, `placed`, `task`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// The whole chain as an object; none: the revision before with the changes.
    pub whole: Option<Digest>,
    /// The changes.
    pub changes: Value,
    /// Digest of the chain as it is from here on.
    pub digest: Digest,
}

/// A revision of a chain.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Revision {
    /// Number, from 1.
    pub number: i64,
    /// `opened`, `imported`, `changed`, `placed`, `task`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// The whole chain as an object; none: the revision before with the changes.
    pub whole: Option<Digest>,
    /// The changes.
    pub changes: Value,
    /// Digest of the chain as it is from here on.
    pub digest: Digest,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
}

/// A case to open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewChainCase {
    /// `task`, `need`, `introduction`, `capability`, `table`.
    pub kind: String,
    /// Chain; 0 for what belongs to none.
    pub chain: i64,
    /// Division of its office, or of its firm.
    pub division: DivisionCode,
    /// Firm whose it is.
    pub firm: Option<i64>,
    /// Firm on the other side.
    pub other: Option<i64>,
    /// Case that it belongs to.
    pub parent: Option<i64>,
    /// Product node, or what else it is about.
    pub subject: String,
    /// First state.
    pub state: String,
    /// Everything else.
    pub data: Value,
}

/// A case. Change `state` and `data`, then hand it to [`Tx::update_chain_case`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainCase {
    /// Identity.
    pub id: i64,
    /// `task`, `need`, `introduction`, `capability`, `table`.
    pub kind: String,
    /// Chain; 0 for what belongs to none.
    pub chain: i64,
    /// Division of its office, or of its firm.
    pub division: DivisionCode,
    /// Firm whose it is.
    pub firm: Option<i64>,
    /// Firm on the other side.
    pub other: Option<i64>,
    /// Case that it belongs to.
    pub parent: Option<i64>,
    /// Product node, or what else it is about.
    pub subject: String,
    /// State.
    pub state: String,
    /// Everything else.
    pub data: Value,
    /// Counts changes; guards against two people changing it at once.
    pub version: i64,
    /// Who opened it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub changed_at: String,
}

/// Which cases.
#[derive(Clone, Debug, Default)]
pub struct ChainCaseFilter {
    /// Of this kind.
    pub kind: String,
    /// Of this chain.
    pub chain: Option<i64>,
    /// Of this case.
    pub parent: Option<i64>,
    /// Of this firm.
    pub firm: Option<i64>,
}

impl Tx {
    /// Opens a chain; it has no revision yet.
    pub async fn insert_chain(&mut self, new: &NewChain) -> Result<Chain> {
        scoped::require_office(&self.scope, new.division)?;
        let row = chain_row::ActiveModel {
            id: NotSet,
            division: Set(scoped::stored(new.division)),
            template: Set(new.template.clone()),
            title: Set(new.title.clone()),
            revision: Set(0),
            created_by: Set(self.scope.actor().to_owned()),
            created_at: Set(self.now.clone()),
            changed_at: Set(self.now.clone()),
        };
        Chain::try_from(row.insert(&self.db).await?)
    }

    /// Adds the revision after `seen`; [`StoreError::Conflict`] when someone else added one meanwhile.
    pub async fn insert_revision(&mut self, chain: i64, seen: i64, new: &NewRevision) -> Result<Chain> {
        let stored = self.read().get_chain(chain).await?;
        scoped::require_office(&self.scope, stored.division)?;
        let done = chain_row::Entity::update_many()
            .set(chain_row::ActiveModel {
                revision: Set(seen + 1),
                changed_at: Set(self.now.clone()),
                ..Default::default()
            })
            .filter(chain_row::Column::Id.eq(chain))
            .filter(chain_row::Column::Revision.eq(seen))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Conflict {
                what: "chain",
                key: chain.to_string(),
                expected: format!("revision {seen}"),
                found: format!("revision {}", stored.revision),
            });
        }
        let row = revision_row::ActiveModel {
            id: NotSet,
            chain: Set(chain),
            number: Set(seen + 1),
            kind: Set(new.kind.clone()),
            reason: Set(new.reason.clone()),
            whole: Set(new.whole.map(|d| d.hex())),
            changes: Set(new.changes.to_string()),
            digest: Set(new.digest.hex()),
            by: Set(self.scope.actor().to_owned()),
            at: Set(self.now.clone()),
        };
        row.insert(&self.db).await?;
        self.read().get_chain(chain).await
    }

    /// Opens a case.
    pub async fn insert_chain_case(&mut self, new: &NewChainCase) -> Result<ChainCase> {
        match new.firm {
            Some(firm) => scoped::require_firm(&self.scope, new.division, firm)?,
            None => scoped::require_office(&self.scope, new.division)?,
        }
        let row = case_row::ActiveModel {
            id: NotSet,
            kind: Set(new.kind.clone()),
            chain: Set(new.chain),
            division: Set(scoped::stored(new.division)),
            firm: Set(new.firm.unwrap_or(0)),
            other: Set(new.other.unwrap_or(0)),
            parent: Set(new.parent.unwrap_or(0)),
            subject: Set(new.subject.clone()),
            state: Set(new.state.clone()),
            data: Set(new.data.to_string()),
            version: Set(1),
            created_by: Set(self.scope.actor().to_owned()),
            created_at: Set(self.now.clone()),
            changed_at: Set(self.now.clone()),
        };
        ChainCase::try_from(row.insert(&self.db).await?)
    }

    /// Keeps a changed case; [`StoreError::Conflict`] when someone else changed it since it was read. Who may
    /// read it may change it here: who may take which step is the process's business.
    pub async fn update_chain_case(&mut self, case: &ChainCase) -> Result<ChainCase> {
        let stored = self.read().get_chain_case(&case.kind, case.id).await?;
        let done = case_row::Entity::update_many()
            .set(case_row::ActiveModel {
                state: Set(case.state.clone()),
                data: Set(case.data.to_string()),
                version: Set(case.version + 1),
                changed_at: Set(self.now.clone()),
                ..Default::default()
            })
            .filter(case_row::Column::Id.eq(case.id))
            .filter(case_row::Column::Version.eq(case.version))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Conflict {
                what: "chain_case",
                key: case.id.to_string(),
                expected: format!("version {} in state {}", case.version, case.state),
                found: format!("version {} in state {}", stored.version, stored.state),
            });
        }
        self.read().get_chain_case(&case.kind, case.id).await
    }
}

impl Reader<'_> {
    /// The chain with that id.
    pub async fn get_chain(&self, id: i64) -> Result<Chain> {
        let query = chain_row::Entity::find_by_id(id).filter(chains_of(self.scope));
        on!(self, |db| query.one(db).await)?.map_or_else(|| Err(StoreError::not_found("chain", id)), Chain::try_from)
    }

    /// Chains of the region and of what lies above it, in the order in which they were opened.
    pub async fn list_chains(&self) -> Result<Vec<Chain>> {
        let query = chain_row::Entity::find().filter(chains_of(self.scope)).order_by_asc(chain_row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Chain::try_from).collect()
    }

    /// Revisions of a chain from number `from` to number `to`, ascending.
    pub async fn list_revisions(&self, chain: i64, from: i64, to: i64) -> Result<Vec<Revision>> {
        self.get_chain(chain).await?;
        let query = revision_row::Entity::find()
            .filter(revision_row::Column::Chain.eq(chain))
            .filter(revision_row::Column::Number.between(from, to))
            .order_by_asc(revision_row::Column::Number);
        on!(self, |db| query.all(db).await)?.into_iter().map(Revision::try_from).collect()
    }

    /// The newest revision up to number `to` that holds the chain as a whole; none before the first.
    pub async fn whole_revision(&self, chain: i64, to: i64) -> Result<Option<i64>> {
        self.get_chain(chain).await?;
        let query = revision_row::Entity::find()
            .select_only()
            .column(revision_row::Column::Number)
            .filter(revision_row::Column::Chain.eq(chain))
            .filter(revision_row::Column::Number.lte(to))
            .filter(revision_row::Column::Whole.is_not_null())
            .order_by_desc(revision_row::Column::Number)
            .limit(1)
            .into_tuple::<i64>();
        Ok(on!(self, |db| query.one(db).await)?)
    }

    /// The case of that kind with that id.
    pub async fn get_chain_case(&self, kind: &str, id: i64) -> Result<ChainCase> {
        let query =
            case_row::Entity::find_by_id(id).filter(cases_of(self.scope)).filter(case_row::Column::Kind.eq(kind));
        on!(self, |db| query.one(db).await)?
            .map_or_else(|| Err(StoreError::not_found("chain_case", id)), ChainCase::try_from)
    }

    /// Cases, in the order in which they were opened.
    pub async fn list_chain_cases(&self, filter: &ChainCaseFilter) -> Result<Vec<ChainCase>> {
        let mut all = cases_of(self.scope).add(case_row::Column::Kind.eq(filter.kind.as_str()));
        for (column, value) in [
            (case_row::Column::Chain, filter.chain),
            (case_row::Column::Parent, filter.parent),
            (case_row::Column::Firm, filter.firm),
        ] {
            if let Some(value) = value {
                all = all.add(column.eq(value));
            }
        }
        let query = case_row::Entity::find().filter(all).order_by_asc(case_row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(ChainCase::try_from).collect()
    }
}

/// A chain concerns the region below it and everyone inside; what they see of it the service cuts to size.
fn chains_of(scope: &Scope) -> Condition {
    if !scope.sees_figures() || scope.department().is_some() {
        return scoped::nothing();
    }
    let (low, high) = scope.region().range();
    let above = std::iter::successors(scope.region().parent(), |d| d.parent()).map(scoped::stored);
    Condition::any()
        .add(chain_row::Column::Division.between(i64::from(low), i64::from(high)))
        .add(chain_row::Column::Division.is_in(above))
}

/// Offices and auditors see the cases of their region. A firm sees what is its own on either side, and the open
/// needs of chains that concern its region.
fn cases_of(scope: &Scope) -> Condition {
    if !scope.sees_figures() || scope.department().is_some() {
        return scoped::nothing();
    }
    let own = match (scope.role(), scope.firm()) {
        (_, Some(firm)) => {
            Condition::any().add(case_row::Column::Firm.eq(firm)).add(case_row::Column::Other.eq(firm)).add(
                Condition::all().add(case_row::Column::Kind.eq("need")).add(case_row::Column::State.eq("open")).add(
                    case_row::Column::Chain.in_subquery(
                        chain_row::Entity::find()
                            .select_only()
                            .column(chain_row::Column::Id)
                            .filter(chains_of(scope))
                            .into_query(),
                    ),
                ),
            )
        }
        (Role::Firm, None) => return scoped::nothing(),
        (_, None) => {
            let (low, high) = scope.region().range();
            Condition::any().add(case_row::Column::Division.between(i64::from(low), i64::from(high)))
        }
    };
    Condition::all().add(own)
}

fn digest(what: &'static str, key: impl ToString, text: &str) -> Result<Digest> {
    text.parse().map_err(|_| StoreError::damaged(what, key, format!("digest {text}")))
}

impl TryFrom<chain_row::Model> for Chain {
    type Error = StoreError;

    fn try_from(row: chain_row::Model) -> Result<Self> {
        Ok(Self {
            division: scoped::division("chain", row.id, row.division)?,
            id: row.id,
            template: row.template,
            title: row.title,
            revision: row.revision,
            created_by: row.created_by,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}

impl TryFrom<revision_row::Model> for Revision {
    type Error = StoreError;

    fn try_from(row: revision_row::Model) -> Result<Self> {
        let whole = row.whole.as_deref().map(|text| digest("chain_revision", row.id, text)).transpose()?;
        Ok(Self {
            whole,
            digest: digest("chain_revision", row.id, &row.digest)?,
            changes: scoped::json("chain_revision", row.id, &row.changes)?,
            number: row.number,
            kind: row.kind,
            reason: row.reason,
            by: row.by,
            at: row.at,
        })
    }
}

impl TryFrom<case_row::Model> for ChainCase {
    type Error = StoreError;

    fn try_from(row: case_row::Model) -> Result<Self> {
        let some = |id: i64| (id != 0).then_some(id);
        Ok(Self {
            division: scoped::division("chain_case", row.id, row.division)?,
            data: scoped::json("chain_case", row.id, &row.data)?,
            id: row.id,
            kind: row.kind,
            chain: row.chain,
            firm: some(row.firm),
            other: some(row.other),
            parent: some(row.parent),
            subject: row.subject,
            state: row.state,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}
