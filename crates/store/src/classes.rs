//! Published classes of earlier years: for comparing with last year, and for measures that grow with
//! consecutive years in a class.

use crate::{Reader, Result, StoreError, Tx, reader::on, scoped};
use base::DivisionCode;
use rust_decimal::Decimal;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use std::{collections::HashMap, ops::RangeInclusive};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "class_history")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub division: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub year: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub firm: i64,
        pub population: String,
        pub class: String,
        pub rank: Option<i64>,
        pub total: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows of one multi-row insert.
const CHUNK: usize = 4_000;

/// A firm's published class of one year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassRecord {
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// Which firm.
    pub firm: i64,
    /// Among whom it was ranked, e.g. `above_scale`.
    pub population: String,
    /// Its class.
    pub class: String,
    /// Its rank, when it was ranked.
    pub rank: Option<u32>,
    /// Its total, exactly as published.
    pub total: Option<Decimal>,
}

/// Years in a row that a firm has been in one class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Streak {
    /// The class.
    pub class: String,
    /// How many years in a row, the last one included.
    pub years: u32,
}

impl Tx {
    /// Keeps published classes; [`StoreError::Unique`] when a firm has one for that year.
    pub async fn insert_classes(&mut self, records: &[ClassRecord]) -> Result<()> {
        for record in records {
            scoped::require_office(&self.scope, record.division)?;
        }
        for chunk in records.chunks(CHUNK) {
            let rows = chunk.iter().map(|r| row::ActiveModel {
                division: Set(scoped::stored(r.division)),
                year: Set(i64::from(r.year)),
                firm: Set(r.firm),
                population: Set(r.population.clone()),
                class: Set(r.class.clone()),
                rank: Set(r.rank.map(i64::from)),
                total: Set(r.total.map(|t| t.to_string())),
            });
            let taken = |e| StoreError::from(e).or_unique("a published class of one of these firms and years");
            row::Entity::insert_many(rows).exec_without_returning(&self.db).await.map_err(taken)?;
        }
        Ok(())
    }

    /// Takes back the published classes of a division and year, before they are published anew.
    pub async fn delete_classes(&mut self, division: DivisionCode, year: i32) -> Result<u64> {
        scoped::require_office(&self.scope, division)?;
        let done = row::Entity::delete_many()
            .filter(row::Column::Division.eq(scoped::stored(division)))
            .filter(row::Column::Year.eq(i64::from(year)))
            .exec(&self.db)
            .await?;
        Ok(done.rows_affected)
    }
}

impl Reader<'_> {
    /// Published classes of a division and below it, by year and firm.
    pub async fn classes(&self, division: DivisionCode, years: RangeInclusive<i32>) -> Result<Vec<ClassRecord>> {
        let (low, high) = division.range();
        let query = row::Entity::find()
            .filter(scoped::of_firm(self.scope, row::Column::Division, row::Column::Firm))
            .filter(row::Column::Division.between(i64::from(low), i64::from(high)))
            .filter(row::Column::Year.between(i64::from(*years.start()), i64::from(*years.end())))
            .order_by_asc(row::Column::Year)
            .order_by_asc(row::Column::Firm)
            .order_by_asc(row::Column::Division);
        on!(self, |db| query.all(db).await)?.into_iter().map(ClassRecord::try_from).collect()
    }

    /// Published classes of one firm, by year.
    pub async fn classes_of_firm(&self, firm: i64) -> Result<Vec<ClassRecord>> {
        let query = row::Entity::find()
            .filter(scoped::of_firm(self.scope, row::Column::Division, row::Column::Firm))
            .filter(row::Column::Firm.eq(firm))
            .order_by_asc(row::Column::Year);
        on!(self, |db| query.all(db).await)?.into_iter().map(ClassRecord::try_from).collect()
    }

    /// For each firm with a class in `last_year`: how many years in a row, up to and including that
    /// one, it has been in it. A year without a published class ends the row.
    pub async fn class_streaks(&self, division: DivisionCode, last_year: i32) -> Result<HashMap<i64, Streak>> {
        let mut records = self.classes(division, i32::MIN..=last_year).await?;
        records.sort_by_key(|r| (r.firm, std::cmp::Reverse(r.year)));
        let mut streaks: HashMap<i64, Streak> = HashMap::new();
        for record in records {
            match streaks.get_mut(&record.firm) {
                None if record.year == last_year => {
                    streaks.insert(record.firm, Streak { class: record.class, years: 1 });
                }
                Some(streak) if streak.class == record.class && record.year == last_year - streak.years as i32 => {
                    streak.years += 1;
                }
                _ => {}
            }
        }
        Ok(streaks)
    }
}

impl TryFrom<row::Model> for ClassRecord {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let key = format!("{}:{}:{}", row.division, row.year, row.firm);
        let total = match row.total.as_deref() {
            // Not through `fixed`, which would drop the zeros that the list showed.
            Some(text) => Some(text.parse::<Decimal>().map_err(|e| StoreError::damaged("class", &key, e))?),
            None => None,
        };
        Ok(Self {
            division: scoped::division("class", &key, row.division)?,
            year: row.year as i32,
            firm: row.firm,
            population: row.population,
            class: row.class,
            rank: row.rank.map(|r| r as u32),
            total,
        })
    }
}
