//! Imports of departments' workbooks, from reading to acceptance, and the rows in doubt that a person
//! settles. An import that was never accepted has no segment and changed no fact.

use crate::{Reader, Result, Store, StoreError, Tx, reader::on, scoped};
use base::{Department, Digest, DivisionCode, Scope};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "import")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub evaluation: i64,
        pub division: i64,
        pub year: i64,
        pub template: String,
        pub department: String,
        pub file_digest: String,
        pub file_name: String,
        pub state: String,
        pub counts: String,
        pub report_digest: Option<String>,
        pub created_by: String,
        pub created_at: String,
        pub accepted_by: Option<String>,
        pub accepted_at: Option<String>,
        pub segment: Option<i64>,
        pub version: i64,
        pub summary: Option<String>,
        pub attempts: i64,
        pub stated_digest: Option<String>,
        pub accepted_sequence: Option<i64>,
        pub taken_back_by: Option<String>,
        pub taken_back_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod doubt_row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "doubt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub import: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub row: i64,
        pub division: i64,
        pub department: String,
        pub payload: String,
        pub decision: String,
        pub firm: Option<i64>,
        pub decided_by: Option<String>,
        pub decided_at: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows of one multi-row insert.
const CHUNK: usize = 2_000;

/// How far an import has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// The workbook is being read.
    Reading,
    /// Read; waits for decisions on doubtful rows or for acceptance.
    Waiting,
    /// Its facts count.
    Accepted,
    /// Put aside by who handed it in, before acceptance.
    Withdrawn,
    /// Could not be read, or was turned down.
    Refused,
    /// Its facts counted and count no longer.
    TakenBack,
}

impl ImportState {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Reading, Self::Waiting, Self::Accepted, Self::Withdrawn, Self::Refused, Self::TakenBack];

    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Waiting => "waiting",
            Self::Accepted => "accepted",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
            Self::TakenBack => "taken_back",
        }
    }
}

/// An import that begins.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewImport {
    /// For which evaluation.
    pub evaluation: i64,
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// Template the workbook follows.
    pub template: String,
    /// Whose facts.
    pub department: Department,
    /// The workbook.
    pub file_digest: Digest,
    /// What it was called.
    pub file_name: String,
}

/// An import. Change anything from `state` on that is not `created_…`, `attempts` or `version`, then hand
/// it to [`Tx::update_import`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Import {
    /// Identity.
    pub id: i64,
    /// For which evaluation.
    pub evaluation: i64,
    /// Where.
    pub division: DivisionCode,
    /// Facts of which year.
    pub year: i32,
    /// Template the workbook follows.
    pub template: String,
    /// Whose facts.
    pub department: Department,
    /// The workbook.
    pub file_digest: Digest,
    /// What it was called.
    pub file_name: String,
    /// How far it has come.
    pub state: ImportState,
    /// Rows in, matched, doubtful, refused, changed …
    pub counts: Value,
    /// The report, an object.
    pub report_digest: Option<Digest>,
    /// Who began it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// Who accepted it.
    pub accepted_by: Option<String>,
    /// When.
    pub accepted_at: Option<String>,
    /// The facts it brought.
    pub segment: Option<i64>,
    /// The head of its report, for lists; none until it was read.
    pub summary: Option<Value>,
    /// How often its reading was begun.
    pub attempts: i64,
    /// All that it stated when it was accepted, what was known already included: a batch, an object.
    pub stated_digest: Option<Digest>,
    /// The last segment of its place when it was accepted, its own included.
    pub accepted_sequence: Option<i64>,
    /// Who took it back after it was accepted.
    pub taken_back_by: Option<String>,
    /// When.
    pub taken_back_at: Option<String>,
    /// Counts changes; guards against two people changing it at once.
    pub version: i64,
}

/// Which imports.
#[derive(Clone, Debug, Default)]
pub struct ImportFilter {
    /// Of this evaluation.
    pub evaluation: Option<i64>,
    /// Of this department.
    pub department: Option<Department>,
    /// In this state.
    pub state: Option<ImportState>,
    /// Of this very file.
    pub file_digest: Option<Digest>,
    /// Of this very place, whatever the evaluation.
    pub division: Option<DivisionCode>,
    /// With facts of this year.
    pub year: Option<i32>,
}

/// What a person decided about a row in doubt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "firm")]
pub enum Decision {
    /// Nothing yet.
    Open,
    /// It is this firm.
    Firm(i64),
    /// It is none of the registered firms: the row is left out.
    NoFirm,
}

/// A row that matching was not sure about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewDoubt {
    /// Its number within the import.
    pub row: u32,
    /// The row and the firms it might be, as the screen shows them.
    pub payload: Value,
}

/// A row in doubt and what was decided.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Doubt {
    /// Of which import.
    pub import: i64,
    /// Its number within the import.
    pub row: u32,
    /// The row and the firms it might be.
    pub payload: Value,
    /// What was decided.
    pub decision: Decision,
    /// By whom.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<String>,
}

impl Tx {
    /// Begins an import, in state `reading`.
    pub async fn insert_import(&mut self, import: &NewImport) -> Result<Import> {
        scoped::require_department(&self.scope, import.division, import.department)?;
        let row = row::ActiveModel {
            id: NotSet,
            evaluation: Set(import.evaluation),
            division: Set(scoped::stored(import.division)),
            year: Set(i64::from(import.year)),
            template: Set(import.template.clone()),
            department: Set(import.department.name().to_owned()),
            file_digest: Set(import.file_digest.hex()),
            file_name: Set(import.file_name.clone()),
            state: Set(ImportState::Reading.name().to_owned()),
            counts: Set("{}".to_owned()),
            report_digest: Set(None),
            created_by: Set(self.scope.actor().to_owned()),
            created_at: Set(self.now.clone()),
            accepted_by: Set(None),
            accepted_at: Set(None),
            segment: Set(None),
            version: Set(1),
            summary: Set(None),
            attempts: Set(0),
            stated_digest: Set(None),
            accepted_sequence: Set(None),
            taken_back_by: Set(None),
            taken_back_at: Set(None),
        };
        Import::try_from(row.insert(&self.db).await?)
    }

    /// Keeps a changed import; [`StoreError::Conflict`] when someone else changed it since it was read.
    pub async fn update_import(&mut self, import: &Import) -> Result<Import> {
        let stored = self.read().get_import(import.id).await?;
        let change = row::ActiveModel {
            state: Set(import.state.name().to_owned()),
            counts: Set(import.counts.to_string()),
            report_digest: Set(import.report_digest.map(|d| d.hex())),
            accepted_by: Set(import.accepted_by.clone()),
            accepted_at: Set(import.accepted_at.clone()),
            segment: Set(import.segment),
            version: Set(import.version + 1),
            summary: Set(import.summary.as_ref().map(Value::to_string)),
            stated_digest: Set(import.stated_digest.map(|d| d.hex())),
            accepted_sequence: Set(import.accepted_sequence),
            taken_back_by: Set(import.taken_back_by.clone()),
            taken_back_at: Set(import.taken_back_at.clone()),
            ..Default::default()
        };
        let done = row::Entity::update_many()
            .set(change)
            .filter(row::Column::Id.eq(import.id))
            .filter(row::Column::Version.eq(import.version))
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 {
            return Err(StoreError::Conflict {
                what: "import",
                key: import.id.to_string(),
                expected: format!("version {}", import.version),
                found: format!("version {}", stored.version),
            });
        }
        self.read().get_import(import.id).await
    }

    /// Adds rows in doubt to an import.
    pub async fn insert_doubts(&mut self, import: i64, doubts: &[NewDoubt]) -> Result<()> {
        let import = self.read().get_import(import).await?;
        for chunk in doubts.chunks(CHUNK) {
            let rows = chunk.iter().map(|doubt| doubt_row::ActiveModel {
                import: Set(import.id),
                row: Set(i64::from(doubt.row)),
                division: Set(scoped::stored(import.division)),
                department: Set(import.department.name().to_owned()),
                payload: Set(doubt.payload.to_string()),
                decision: Set("open".to_owned()),
                firm: Set(None),
                decided_by: Set(None),
                decided_at: Set(None),
            });
            doubt_row::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Puts other rows in doubt in the place of those of an import, with what was decided about them.
    pub async fn replace_doubts(&mut self, import: i64, doubts: &[(NewDoubt, Decision)]) -> Result<()> {
        doubt_row::Entity::delete_many()
            .filter(scoped::of_department(&self.scope, doubt_row::Column::Division, doubt_row::Column::Department))
            .filter(doubt_row::Column::Import.eq(import))
            .exec(&self.db)
            .await?;
        let rows: Vec<NewDoubt> = doubts.iter().map(|(doubt, _)| doubt.clone()).collect();
        self.insert_doubts(import, &rows).await?;
        for (doubt, decision) in doubts.iter().filter(|(_, decision)| *decision != Decision::Open) {
            self.decide_doubt(import, doubt.row, *decision).await?;
        }
        Ok(())
    }

    /// Changes what the screen shows of a row in doubt.
    pub async fn update_doubt(&mut self, import: i64, row: u32, payload: &Value) -> Result<()> {
        let found = self.find_doubt(import, row).await?;
        let mut changed: doubt_row::ActiveModel = found.into();
        changed.payload = Set(payload.to_string());
        changed.update(&self.db).await?;
        Ok(())
    }

    async fn find_doubt(&self, import: i64, row: u32) -> Result<doubt_row::Model> {
        doubt_row::Entity::find_by_id((import, i64::from(row)))
            .filter(scoped::of_department(&self.scope, doubt_row::Column::Division, doubt_row::Column::Department))
            .one(&self.db)
            .await?
            .ok_or_else(|| StoreError::not_found("doubt", format!("{import}:{row}")))
    }

    /// Settles a row in doubt, or opens it again.
    pub async fn decide_doubt(&mut self, import: i64, row: u32, decision: Decision) -> Result<Doubt> {
        let found = self.find_doubt(import, row).await?;
        let (name, firm) = match decision {
            Decision::Open => ("open", None),
            Decision::Firm(firm) => ("firm", Some(firm)),
            Decision::NoFirm => ("no_firm", None),
        };
        let open = decision == Decision::Open;
        let mut changed: doubt_row::ActiveModel = found.into();
        changed.decision = Set(name.to_owned());
        changed.firm = Set(firm);
        changed.decided_by = Set((!open).then(|| self.scope.actor().to_owned()));
        changed.decided_at = Set((!open).then(|| self.now.clone()));
        Doubt::try_from(changed.update(&self.db).await?)
    }
}

impl Store {
    /// Counts one more attempt to read the file of an import and gives it; `None` when it is not to be
    /// read (any more). Housekeeping: it changes nothing that anyone decided.
    pub async fn begin_reading(&self, scope: &Scope, id: i64) -> Result<Option<Import>> {
        let _turn = self.turn().await?;
        let tx = self.begin_writing().await?;
        row::Entity::update_many()
            .col_expr(row::Column::Attempts, Expr::col(row::Column::Attempts).add(1))
            .filter(row::Column::Id.eq(id))
            .filter(row::Column::State.eq(ImportState::Reading.name()))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        let import = self.read(scope).get_import(id).await?;
        Ok(Some(import).filter(|i| i.state == ImportState::Reading))
    }
}

impl Reader<'_> {
    /// The import with that id.
    pub async fn get_import(&self, id: i64) -> Result<Import> {
        let query = row::Entity::find_by_id(id).filter(scoped::of_department(
            self.scope,
            row::Column::Division,
            row::Column::Department,
        ));
        on!(self, |db| query.one(db).await)?.map_or_else(|| Err(StoreError::not_found("import", id)), Import::try_from)
    }

    /// Imports, newest first.
    pub async fn list_imports(&self, filter: &ImportFilter) -> Result<Vec<Import>> {
        let mut all = scoped::of_department(self.scope, row::Column::Division, row::Column::Department);
        if let Some(evaluation) = filter.evaluation {
            all = all.add(row::Column::Evaluation.eq(evaluation));
        }
        if let Some(department) = filter.department {
            all = all.add(row::Column::Department.eq(department.name()));
        }
        if let Some(state) = filter.state {
            all = all.add(row::Column::State.eq(state.name()));
        }
        if let Some(digest) = filter.file_digest {
            all = all.add(row::Column::FileDigest.eq(digest.hex()));
        }
        if let Some(division) = filter.division {
            all = all.add(row::Column::Division.eq(scoped::stored(division)));
        }
        if let Some(year) = filter.year {
            all = all.add(row::Column::Year.eq(i64::from(year)));
        }
        let query = row::Entity::find().filter(all).order_by_desc(row::Column::Id);
        on!(self, |db| query.all(db).await)?.into_iter().map(Import::try_from).collect()
    }

    /// Rows in doubt of an import, by row.
    pub async fn list_doubts(&self, import: i64) -> Result<Vec<Doubt>> {
        let query = doubt_row::Entity::find()
            .filter(scoped::of_department(self.scope, doubt_row::Column::Division, doubt_row::Column::Department))
            .filter(doubt_row::Column::Import.eq(import))
            .order_by_asc(doubt_row::Column::Row);
        on!(self, |db| query.all(db).await)?.into_iter().map(Doubt::try_from).collect()
    }
}

impl TryFrom<row::Model> for Import {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self> {
        let state = ImportState::ALL
            .into_iter()
            .find(|s| s.name() == row.state)
            .ok_or_else(|| StoreError::damaged("import", row.id, format!("state `{}`", row.state)))?;
        Ok(Self {
            division: scoped::division("import", row.id, row.division)?,
            department: scoped::department("import", row.id, &row.department)?,
            file_digest: scoped::digest("import", row.id, &row.file_digest)?,
            report_digest: scoped::digest_opt("import", row.id, row.report_digest.as_deref())?,
            counts: scoped::json("import", row.id, &row.counts)?,
            summary: row.summary.as_deref().map(|s| scoped::json("import", row.id, s)).transpose()?,
            stated_digest: scoped::digest_opt("import", row.id, row.stated_digest.as_deref())?,
            state,
            id: row.id,
            evaluation: row.evaluation,
            year: row.year as i32,
            template: row.template,
            file_name: row.file_name,
            created_by: row.created_by,
            created_at: row.created_at,
            accepted_by: row.accepted_by,
            accepted_at: row.accepted_at,
            segment: row.segment,
            attempts: row.attempts,
            accepted_sequence: row.accepted_sequence,
            taken_back_by: row.taken_back_by,
            taken_back_at: row.taken_back_at,
            version: row.version,
        })
    }
}

impl TryFrom<doubt_row::Model> for Doubt {
    type Error = StoreError;

    fn try_from(row: doubt_row::Model) -> Result<Self> {
        let key = format!("{}:{}", row.import, row.row);
        let decision = match (row.decision.as_str(), row.firm) {
            ("open", None) => Decision::Open,
            ("firm", Some(firm)) => Decision::Firm(firm),
            ("no_firm", None) => Decision::NoFirm,
            (other, _) => return Err(StoreError::damaged("doubt", key, format!("decision `{other}`"))),
        };
        Ok(Self {
            payload: scoped::json("doubt", key, &row.payload)?,
            decision,
            import: row.import,
            row: row.row as u32,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        })
    }
}
