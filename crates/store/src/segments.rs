//! Fact segments: the immutable blobs that an accepted import or a correction brings, in the order in
//! which they were accepted. What they hold is read in `facts.rs` and folded in `view.rs`.

use crate::{
    EncodedBatch, FactBatch, FactView, ObjectAccess, Reader, Result, StoreError, Tx, objects, reader::on, scoped,
    view::ViewKey,
};
use base::{Department, Digest, DivisionCode, Role};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "segment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub digest: String,
        pub division: i64,
        pub year: i64,
        pub department: String,
        pub kind: String,
        pub known_at: String,
        pub reason: String,
        pub actor: String,
        pub rows: i64,
        pub import: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How the facts came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// A department's workbook.
    Import,
    /// A decision on an objection, or an officer's correction.
    Correction,
    /// Loaded when the database was made.
    Seed,
    /// Takes back everything that one accepted import stated.
    Retraction,
}

impl SegmentKind {
    const ALL: [Self; 4] = [Self::Import, Self::Correction, Self::Seed, Self::Retraction];

    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Correction => "correction",
            Self::Seed => "seed",
            Self::Retraction => "retraction",
        }
    }
}

/// A segment to be accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewSegment {
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// How they came.
    pub kind: SegmentKind,
    /// Why.
    pub reason: String,
}

/// An accepted segment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// Place in the order of acceptance, over the whole database.
    pub sequence: i64,
    /// Name of its bytes.
    pub digest: Digest,
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// Whose facts.
    pub department: Department,
    /// How they came.
    pub kind: SegmentKind,
    /// When the system learnt them; never earlier than that of the segment before.
    pub known_at: String,
    /// Why.
    pub reason: String,
    /// Who accepted them.
    pub actor: String,
    /// Statements in it.
    pub rows: u64,
    /// The import that brought it, or for a retraction the one that it takes back.
    pub import: Option<i64>,
}

impl Tx {
    /// Accepts a batch of facts, encoded beforehand. From the commit on it is part of every fold.
    pub async fn insert_segment(&mut self, segment: &NewSegment, batch: &EncodedBatch) -> Result<Segment> {
        self.put_segment(segment, batch, None).await
    }

    /// Accepts the facts of an import, or with [`SegmentKind::Retraction`] takes them back.
    pub async fn insert_import_segment(
        &mut self,
        import: i64,
        segment: &NewSegment,
        batch: &EncodedBatch,
    ) -> Result<Segment> {
        self.put_segment(segment, batch, Some(import)).await
    }

    async fn put_segment(
        &mut self,
        segment: &NewSegment,
        batch: &EncodedBatch,
        import: Option<i64>,
    ) -> Result<Segment> {
        scoped::require_department(&self.scope, segment.division, batch.department())?;
        let access = ObjectAccess::department(segment.division, batch.department());
        let digest = self.put_object(batch.bytes(), access).await?;
        let last = row::Entity::find().order_by_desc(row::Column::Sequence).one(&self.db).await?;
        let (sequence, floor) = last.map_or((1, String::new()), |l| (l.sequence + 1, l.known_at));
        // A clock that was set back must not make later knowledge look earlier.
        let known_at = self.now.clone().max(floor);
        let row = row::Model {
            sequence,
            digest: digest.hex(),
            division: scoped::stored(segment.division),
            year: i64::from(segment.year),
            department: batch.department().name().to_owned(),
            kind: segment.kind.name().to_owned(),
            known_at,
            reason: segment.reason.clone(),
            actor: self.scope.actor().to_owned(),
            rows: batch.rows() as i64,
            import,
        };
        let insert = row::ActiveModel {
            sequence: Set(row.sequence),
            digest: Set(row.digest.clone()),
            division: Set(row.division),
            year: Set(row.year),
            department: Set(row.department.clone()),
            kind: Set(row.kind.clone()),
            known_at: Set(row.known_at.clone()),
            reason: Set(row.reason.clone()),
            actor: Set(row.actor.clone()),
            rows: Set(row.rows),
            import: Set(row.import),
        };
        row::Entity::insert(insert).exec_without_returning(&self.db).await?;
        Segment::try_from(row)
    }
}

impl Reader<'_> {
    /// Segments of a division and year, in order of acceptance.
    pub async fn list_segments(&self, division: DivisionCode, year: i32) -> Result<Vec<Segment>> {
        let scope = scoped::of_department(self.scope, row::Column::Division, row::Column::Department);
        self.segments_where(scope, division, year, None).await
    }

    /// Place of the last segment of a division and year, of every department; 0 before the first.
    pub async fn last_sequence(&self, division: DivisionCode, year: i32) -> Result<i64> {
        scoped::require_division(self.scope, division)?;
        let query = row::Entity::find()
            .filter(row::Column::Division.eq(scoped::stored(division)))
            .filter(row::Column::Year.eq(i64::from(year)))
            .order_by_desc(row::Column::Sequence);
        Ok(on!(self, |db| query.one(db).await)?.map_or(0, |last| last.sequence))
    }

    /// The facts of one segment.
    pub async fn segment_facts(&self, segment: &Segment) -> Result<FactBatch> {
        let bytes = self.get_object(segment.digest).await?;
        Ok(FactBatch::decode(&bytes)?)
    }

    /// Current facts of one division and year: the fold of its segments. A department owner gets its
    /// department's, a firm those about itself. Folded once and kept in memory until a segment is added.
    pub async fn facts(&self, division: DivisionCode, year: i32) -> Result<Arc<FactView>> {
        self.fold(division, year, None).await
    }

    /// The facts as they were known at a moment (RFC 3339 in UTC with six decimals, inclusive).
    pub async fn facts_as_of(&self, division: DivisionCode, year: i32, known_at: &str) -> Result<Arc<FactView>> {
        self.fold(division, year, Some(known_at)).await
    }

    async fn fold(&self, division: DivisionCode, year: i32, known_at: Option<&str>) -> Result<Arc<FactView>> {
        scoped::require_division(self.scope, division)?;
        if self.scope.role() == Role::Firm && self.scope.firm().is_none() {
            return Err(StoreError::out_of_scope(self.scope, division));
        }
        // A firm's facts lie in the segments of every department; its view is cut to its own subjects.
        let mut scope = scoped::figures(self.scope, row::Column::Division);
        let department = match scoped::department_of(self.scope) {
            scoped::Bound::Free => None,
            scoped::Bound::To(own) => Some(own),
            scoped::Bound::Nothing => return Err(StoreError::out_of_scope(self.scope, division)),
        };
        if let Some(own) = department {
            scope = scope.add(row::Column::Department.eq(own.name()));
        }
        let segments = self.segments_where(scope, division, year, known_at).await?;
        let key = ViewKey { division, year, department };
        // What is in memory may hold more than the list: when an earlier day is asked for, and when a
        // segment was accepted and folded by someone else after the list was read.
        let cached = self.inner.views.get(&key).filter(|view| view.is_prefix_of(&segments));
        let base = cached.unwrap_or_else(|| Arc::new(FactView::empty(division, year)));
        let have = base.segments().len();
        let view = if have == segments.len() {
            base
        } else {
            let mut added = Vec::new();
            for segment in &segments[have..] {
                added.push((segment.clone(), Arc::new(self.decode_segment(segment).await?)));
            }
            Arc::new(base.extended(added))
        };
        if known_at.is_none() && !self.in_transaction() {
            self.inner.views.put(key, view.clone());
        }
        match self.scope.firm() {
            Some(own) => Ok(Arc::new(view.of_firm(&self.merged_into(own).await?))),
            None => Ok(view),
        }
    }

    async fn decode_segment(&self, segment: &Segment) -> Result<FactBatch> {
        let query = objects::row::Entity::find_by_id(segment.digest.hex());
        let object = on!(self, |db| query.one(db).await)?;
        let object = object.ok_or(StoreError::Corrupt { digest: segment.digest, found: "it is missing".into() })?;
        let bytes = objects::checked(segment.digest, object.bytes)?;
        Ok(FactBatch::decode(&bytes)?)
    }

    async fn segments_where(
        &self,
        scope: Condition,
        division: DivisionCode,
        year: i32,
        known_at: Option<&str>,
    ) -> Result<Vec<Segment>> {
        let mut query = row::Entity::find()
            .filter(scope)
            .filter(row::Column::Division.eq(scoped::stored(division)))
            .filter(row::Column::Year.eq(i64::from(year)))
            .order_by_asc(row::Column::Sequence);
        if let Some(known_at) = known_at {
            query = query.filter(row::Column::KnownAt.lte(known_at));
        }
        on!(self, |db| query.all(db).await)?.into_iter().map(Segment::try_from).collect()
    }
}

impl TryFrom<row::Model> for Segment {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let kind = SegmentKind::ALL
            .into_iter()
            .find(|k| k.name() == row.kind)
            .ok_or_else(|| StoreError::damaged("segment", row.sequence, format!("kind `{}`", row.kind)))?;
        Ok(Self {
            digest: scoped::digest("segment", row.sequence, &row.digest)?,
            division: scoped::division("segment", row.sequence, row.division)?,
            department: scoped::department("segment", row.sequence, &row.department)?,
            kind,
            sequence: row.sequence,
            year: row.year as i32,
            known_at: row.known_at,
            reason: row.reason,
            actor: row.actor,
            rows: row.rows as u64,
            import: row.import,
        })
    }
}
