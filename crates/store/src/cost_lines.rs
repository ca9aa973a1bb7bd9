//! Invoice lines that filings claim. Of one line one filing is paid: the first that claimed it holds
//! it, and the database refuses a second holder, whatever programme it files for.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::{Digest, DivisionCode};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Serialize;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cost_line")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub filing: i64,
        pub firm: i64,
        pub division: i64,
        pub fingerprint: String,
        pub held: bool,
        pub invoice: String,
        pub line: i64,
        pub seller: String,
        pub issued: String,
        pub item: String,
        pub amount: String,
        pub serial: String,
        pub built: Option<String>,
        pub built_amount: Option<String>,
        pub built_note: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An invoice line that a filing claims. A new one has the id 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostLine {
    /// Identity.
    pub id: i64,
    /// Filing.
    pub filing: i64,
    /// Its firm.
    pub firm: i64,
    /// The firm's county.
    pub division: DivisionCode,
    /// What makes it the same line wherever it is handed in.
    pub fingerprint: Digest,
    /// It may be paid for this filing and for no other.
    pub held: bool,
    /// Invoice number.
    pub invoice: String,
    /// Line of the invoice.
    pub line: u32,
    /// Credit code of the seller.
    pub seller: String,
    /// Day of the invoice.
    pub issued: String,
    /// What was bought.
    pub item: String,
    /// Sum in yuan.
    pub amount: String,
    /// Serial number or place.
    pub serial: String,
    /// `found`, `missing`, `differs`; none: not yet looked at.
    pub built: Option<String>,
    /// The sum found.
    pub built_amount: Option<String>,
    /// What was found.
    pub built_note: String,
}

impl Tx {
    /// Keeps new lines; [`StoreError::Unique`] when one is to be held that is held.
    pub async fn insert_cost_lines(&mut self, lines: &[CostLine]) -> Result<()> {
        for line in lines {
            scoped::require_firm(&self.scope, line.division, line.firm)?;
            let row = row::ActiveModel { id: NotSet, ..active(line) };
            let what = || format!("holder of invoice {} line {}", line.invoice, line.line);
            row.insert(&self.db).await.map_err(|e| StoreError::from(e).or_unique(what()))?;
        }
        Ok(())
    }

    /// Keeps a changed line: who holds it, and what was found of it.
    pub async fn update_cost_line(&mut self, line: &CostLine) -> Result<()> {
        scoped::require_division(&self.scope, line.division)?;
        let change = row::ActiveModel {
            held: Set(line.held),
            built: Set(line.built.clone()),
            built_amount: Set(line.built_amount.clone()),
            built_note: Set(line.built_note.clone()),
            ..Default::default()
        };
        let what = || format!("holder of invoice {} line {}", line.invoice, line.line);
        let done = row::Entity::update_many().set(change).filter(row::Column::Id.eq(line.id)).exec(&self.db).await;
        match done.map_err(|e| StoreError::from(e).or_unique(what()))?.rows_affected {
            0 => Err(StoreError::not_found("cost line", line.id)),
            _ => Ok(()),
        }
    }

    /// Takes a line out of a filing that is not yet decided.
    pub async fn delete_cost_line(&mut self, line: &CostLine) -> Result<()> {
        scoped::require_firm(&self.scope, line.division, line.firm)?;
        row::Entity::delete_by_id(line.id).exec(&self.db).await?;
        Ok(())
    }
}

impl Reader<'_> {
    /// Lines of filings that the scope sees, in the order in which they were handed in.
    pub async fn list_cost_lines(&self, filings: &[i64]) -> Result<Vec<CostLine>> {
        let scope = match self.scope.department() {
            Some(_) => scoped::nothing(),
            None => scoped::of_firm(self.scope, row::Column::Division, row::Column::Firm),
        };
        self.cost_lines(scope.add(row::Column::Filing.is_in(filings.iter().copied()))).await
    }

    /// Every line with one of the fingerprints, whoever handed it in: for a task of the system only.
    pub async fn cost_lines_like(&self, prints: &[Digest]) -> Result<Vec<CostLine>> {
        if !self.scope.is_system() {
            return Err(StoreError::OutOfScope {
                actor: self.scope.actor().to_owned(),
                what: "cost lines of others".to_owned(),
            });
        }
        let all = Condition::all().add(row::Column::Fingerprint.is_in(prints.iter().map(Digest::hex)));
        self.cost_lines(all).await
    }

    async fn cost_lines(&self, filter: Condition) -> Result<Vec<CostLine>> {
        let query = row::Entity::find().filter(filter).order_by_asc(row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(CostLine::try_from).collect()
    }
}

fn active(line: &CostLine) -> row::ActiveModel {
    row::ActiveModel {
        id: Set(line.id),
        filing: Set(line.filing),
        firm: Set(line.firm),
        division: Set(scoped::stored(line.division)),
        fingerprint: Set(line.fingerprint.hex()),
        held: Set(line.held),
        invoice: Set(line.invoice.clone()),
        line: Set(i64::from(line.line)),
        seller: Set(line.seller.clone()),
        issued: Set(line.issued.clone()),
        item: Set(line.item.clone()),
        amount: Set(line.amount.clone()),
        serial: Set(line.serial.clone()),
        built: Set(line.built.clone()),
        built_amount: Set(line.built_amount.clone()),
        built_note: Set(line.built_note.clone()),
    }
}

impl TryFrom<row::Model> for CostLine {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        Ok(Self {
            division: scoped::division("cost line", row.id, row.division)?,
            fingerprint: scoped::digest("cost line", row.id, &row.fingerprint)?,
            line: u32::try_from(row.line)
                .map_err(|_| StoreError::damaged("cost line", row.id, format!("line {}", row.line)))?,
            id: row.id,
            filing: row.filing,
            firm: row.firm,
            held: row.held,
            invoice: row.invoice,
            seller: row.seller,
            issued: row.issued,
            item: row.item,
            amount: row.amount,
            serial: row.serial,
            built: row.built,
            built_amount: row.built_amount,
            built_note: row.built_note,
        })
    }
}
