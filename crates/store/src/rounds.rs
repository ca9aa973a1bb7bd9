//! Rounds of a title or a policy, and the filings in them. States and clocks are the business of the
//! process definitions; here they are kept, and guarded against two people changing one at once.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{DivisionCode, Scope};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;
use serde_json::Value;

mod round_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "round")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub rule: String,
        pub kind: String,
        pub division: i64,
        pub title: String,
        pub opens: String,
        pub closes: String,
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

mod filing_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "filing")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub round: i64,
        pub firm: i64,
        pub division: i64,
        pub rule: String,
        pub rule_version: i64,
        pub filed_at: String,
        pub state: String,
        pub outcome: Option<String>,
        pub sum: Option<String>,
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

/// A round to open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewRound {
    /// Rule that is decided by.
    pub rule: String,
    /// `first` or `recheck`.
    pub kind: String,
    /// Division whose department decides.
    pub division: DivisionCode,
    /// Title.
    pub title: String,
    /// First moment of the window, local.
    pub opens: String,
    /// Last moment.
    pub closes: String,
    /// First state.
    pub state: String,
    /// Cuts, draw, clocks, history.
    pub data: Value,
}

/// A round. Change `state` and `data`, then hand it to [`Tx::update_round`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Round {
    /// Identity.
    pub id: i64,
    /// Rule that is decided by.
    pub rule: String,
    /// `first` or `recheck`.
    pub kind: String,
    /// Division whose department decides.
    pub division: DivisionCode,
    /// Title.
    pub title: String,
    /// First moment of the window, local.
    pub opens: String,
    /// Last moment.
    pub closes: String,
    /// State of the process.
    pub state: String,
    /// Cuts, draw, clocks, history.
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

/// A filing to hand in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewFiling {
    /// Round.
    pub round: i64,
    /// Firm.
    pub firm: i64,
    /// Its county.
    pub division: DivisionCode,
    /// Rule.
    pub rule: String,
    /// Version that holds on the day of filing.
    pub rule_version: u32,
    /// Moment of filing, local.
    pub filed_at: String,
    /// First state.
    pub state: String,
    /// Findings, documents, history.
    pub data: Value,
}

/// A filing. Change `state`, `outcome`, `sum` and `data`, then hand it to [`Tx::update_filing`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Filing {
    /// Identity.
    pub id: i64,
    /// Round.
    pub round: i64,
    /// Firm.
    pub firm: i64,
    /// Its county.
    pub division: DivisionCode,
    /// Rule.
    pub rule: String,
    /// Version that holds on the day of filing.
    pub rule_version: u32,
    /// Moment of filing, local.
    pub filed_at: String,
    /// State of the process.
    pub state: String,
    /// What came of its conditions; none before the cut.
    pub outcome: Option<String>,
    /// What it is paid.
    pub sum: Option<String>,
    /// Findings, documents, history.
    pub data: Value,
    /// Counts changes; guards against two people changing it at once.
    pub version: i64,
    /// Who handed it in.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub changed_at: String,
}

/// Which filings.
#[derive(Clone, Debug, Default)]
pub struct FilingFilter {
    /// In this round.
    pub round: Option<i64>,
    /// Of this firm.
    pub firm: Option<i64>,
    /// For this rule.
    pub rule: Option<String>,
    /// In one of these states; empty: in any.
    pub states: Vec<String>,
}

impl Tx {
    /// Opens a round.
    pub async fn insert_round(&mut self, new: &NewRound) -> Result<Round> {
        scoped::require_office(&self.scope, new.division)?;
        let row = round_row::ActiveModel {
            id: NotSet,
            rule: Set(new.rule.clone()),
            kind: Set(new.kind.clone()),
            division: Set(scoped::stored(new.division)),
            title: Set(new.title.clone()),
            opens: Set(new.opens.clone()),
            closes: Set(new.closes.clone()),
            state: Set(new.state.clone()),
            data: Set(new.data.to_string()),
            version: Set(1),
            created_by: Set(self.scope.actor().to_owned()),
            created_at: Set(self.now.clone()),
            changed_at: Set(self.now.clone()),
        };
        Round::try_from(row.insert(&self.db).await?)
    }

    /// Keeps a changed round; [`StoreError::Conflict`] when someone else changed it since it was read.
    pub async fn update_round(&mut self, round: &Round) -> Result<Round> {
        let stored = self.read().get_round(round.id).await?;
        scoped::require_office(&self.scope, stored.division)?;
        let change = round_row::ActiveModel {
            state: Set(round.state.clone()),
            data: Set(round.data.to_string()),
            version: Set(round.version + 1),
            changed_at: Set(self.now.clone()),
            ..Default::default()
        };
        let done = round_row::Entity::update_many()
            .set(change)
            .filter(round_row::Column::Id.eq(round.id))
            .filter(round_row::Column::Version.eq(round.version))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Conflict {
                what: "round",
                key: round.id.to_string(),
                expected: format!("version {} in state {}", round.version, round.state),
                found: format!("version {} in state {}", stored.version, stored.state),
            });
        }
        self.read().get_round(round.id).await
    }

    /// Hands in a filing; [`StoreError::Unique`] when the firm has one in the round.
    pub async fn insert_filing(&mut self, new: &NewFiling) -> Result<Filing> {
        scoped::require_firm(&self.scope, new.division, new.firm)?;
        let row = filing_row::ActiveModel {
            id: NotSet,
            round: Set(new.round),
            firm: Set(new.firm),
            division: Set(scoped::stored(new.division)),
            rule: Set(new.rule.clone()),
            rule_version: Set(i64::from(new.rule_version)),
            filed_at: Set(new.filed_at.clone()),
            state: Set(new.state.clone()),
            outcome: Set(None),
            sum: Set(None),
            data: Set(new.data.to_string()),
            version: Set(1),
            created_by: Set(self.scope.actor().to_owned()),
            created_at: Set(self.now.clone()),
            changed_at: Set(self.now.clone()),
        };
        let what = || format!("filing of firm {} in round {}", new.firm, new.round);
        let row = row.insert(&self.db).await.map_err(|e| StoreError::from(e).or_unique(what()))?;
        Filing::try_from(row)
    }

    /// Keeps a changed filing; [`StoreError::Conflict`] when someone else changed it since it was read.
    pub async fn update_filing(&mut self, filing: &Filing) -> Result<Filing> {
        let stored = self.read().get_filing(filing.id).await?;
        scoped::require_firm(&self.scope, stored.division, stored.firm)?;
        let change = filing_row::ActiveModel {
            state: Set(filing.state.clone()),
            outcome: Set(filing.outcome.clone()),
            sum: Set(filing.sum.clone()),
            data: Set(filing.data.to_string()),
            version: Set(filing.version + 1),
            changed_at: Set(self.now.clone()),
            ..Default::default()
        };
        let done = filing_row::Entity::update_many()
            .set(change)
            .filter(filing_row::Column::Id.eq(filing.id))
            .filter(filing_row::Column::Version.eq(filing.version))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Conflict {
                what: "filing",
                key: filing.id.to_string(),
                expected: format!("version {} in state {}", filing.version, filing.state),
                found: format!("version {} in state {}", stored.version, stored.state),
            });
        }
        self.read().get_filing(filing.id).await
    }
}

impl Reader<'_> {
    /// The round with that id.
    pub async fn get_round(&self, id: i64) -> Result<Round> {
        let query = round_row::Entity::find_by_id(id).filter(rounds_of(self.scope));
        on!(self, |db| query.one(db).await)?.map_or_else(|| Err(StoreError::not_found("round", id)), Round::try_from)
    }

    /// Rounds of the region and of what lies above it, newest first.
    pub async fn list_rounds(&self) -> Result<Vec<Round>> {
        let query = round_row::Entity::find().filter(rounds_of(self.scope)).order_by_desc(round_row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Round::try_from).collect()
    }

    /// The filing with that id.
    pub async fn get_filing(&self, id: i64) -> Result<Filing> {
        let query = filing_row::Entity::find_by_id(id).filter(filings_of(self.scope));
        on!(self, |db| query.one(db).await)?.map_or_else(|| Err(StoreError::not_found("filing", id)), Filing::try_from)
    }

    /// Filings, in the order in which they were handed in.
    pub async fn list_filings(&self, filter: &FilingFilter) -> Result<Vec<Filing>> {
        let mut all = filings_of(self.scope);
        if let Some(round) = filter.round {
            all = all.add(filing_row::Column::Round.eq(round));
        }
        if let Some(firm) = filter.firm {
            all = all.add(filing_row::Column::Firm.eq(firm));
        }
        if let Some(rule) = &filter.rule {
            all = all.add(filing_row::Column::Rule.eq(rule));
        }
        if !filter.states.is_empty() {
            all = all.add(filing_row::Column::State.is_in(filter.states.iter().cloned()));
        }
        let query = filing_row::Entity::find()
            .filter(all)
            .order_by_asc(filing_row::Column::FiledAt)
            .order_by_asc(filing_row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Filing::try_from).collect()
    }
}

/// A round concerns the region below it and everyone inside; it holds no figures of firms.
fn rounds_of(scope: &Scope) -> Condition {
    if !scope.sees_figures() || scope.department().is_some() {
        return scoped::nothing();
    }
    let (low, high) = scope.region().range();
    let above = std::iter::successors(scope.region().parent(), |d| d.parent()).map(scoped::stored);
    Condition::any()
        .add(round_row::Column::Division.between(i64::from(low), i64::from(high)))
        .add(round_row::Column::Division.is_in(above))
}

/// Filings of the region: of its own for a firm, of all for the industry department and auditors.
pub(crate) fn filings_of(scope: &Scope) -> Condition {
    match scope.department() {
        Some(_) => scoped::nothing(),
        None => scoped::of_firm(scope, filing_row::Column::Division, filing_row::Column::Firm),
    }
}

impl TryFrom<round_row::Model> for Round {
    type Error = StoreError;

    fn try_from(row: round_row::Model) -> Result<Self> {
        Ok(Self {
            division: scoped::division("round", row.id, row.division)?,
            data: scoped::json("round", row.id, &row.data)?,
            id: row.id,
            rule: row.rule,
            kind: row.kind,
            title: row.title,
            opens: row.opens,
            closes: row.closes,
            state: row.state,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}

impl TryFrom<filing_row::Model> for Filing {
    type Error = StoreError;

    fn try_from(row: filing_row::Model) -> Result<Self> {
        let rule_version = u32::try_from(row.rule_version)
            .map_err(|_| StoreError::damaged("filing", row.id, format!("version {}", row.rule_version)))?;
        Ok(Self {
            division: scoped::division("filing", row.id, row.division)?,
            data: scoped::json("filing", row.id, &row.data)?,
            id: row.id,
            round: row.round,
            firm: row.firm,
            rule: row.rule,
            rule_version,
            filed_at: row.filed_at,
            state: row.state,
            outcome: row.outcome,
            sum: row.sum,
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at,
            changed_at: row.changed_at,
        })
    }
}
