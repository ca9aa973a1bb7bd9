//! The schema, one migration per step that installations may have taken; both databases run the same
//! statements. Divisions are integers, moments are text (RFC 3339, UTC), JSON is text (the audit chain
//! hashes it as written), figures never become floating point or database decimals.

use crate::{Result, StoreError};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, Statement};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    prelude::*,
    sea_orm::DbErr,
    sea_query::{Index, IndexCreateStatement, Table, TableCreateStatement},
    seaql_migrations,
};

struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(First),
            Box::new(TakeBack),
            Box::new(AccountMaker),
            Box::new(OneEvaluation),
            Box::new(Rounds),
            Box::new(Chains),
        ]
    }
}

/// Applies what is missing; refuses a database from a newer program.
pub async fn apply(tx: &DatabaseTransaction) -> Result<()> {
    let found = version(tx).await?;
    let known = Migrator::migrations().len() as i64;
    if found > known {
        return Err(StoreError::SchemaTooNew { found, known });
    }
    if found < known {
        Migrator::up(tx, None).await?;
    }
    Ok(())
}

/// Number of migrations applied to the database.
pub async fn version<C: ConnectionTrait>(db: &C) -> Result<i64> {
    Migrator::install(db).await?;
    Ok(seaql_migrations::Entity::find().count(db).await? as i64)
}

/// The tables of the first release.
struct First;

impl MigrationName for First {
    fn name(&self) -> &str {
        "m0001_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            let name = table.get_table_name().cloned().expect("each table is named");
            manager.drop_table(Table::drop().table(name).to_owned()).await?;
        }
        Ok(())
    }
}

/// Imports that can be taken back, whose reading is counted and whose report has a head of its own.
struct TakeBack;

impl MigrationName for TakeBack {
    fn name(&self) -> &str {
        "m0002_take_back"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for TakeBack {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ("import", text_opt("summary")),
            ("import", int("attempts").default(0).to_owned()),
            ("import", text_opt("stated_digest")),
            ("import", int_opt("accepted_sequence")),
            ("import", text_opt("taken_back_by")),
            ("import", text_opt("taken_back_at")),
            ("segment", int_opt("import")),
        ];
        // SQLite takes one column a statement.
        for (table, column) in columns {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        let known = "UPDATE segment SET import = (SELECT i.id FROM import i WHERE i.segment = segment.sequence)";
        manager.get_connection().execute_unprepared(known).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("import", "summary"),
            ("import", "attempts"),
            ("import", "stated_digest"),
            ("import", "accepted_sequence"),
            ("import", "taken_back_by"),
            ("import", "taken_back_at"),
            ("segment", "import"),
        ] {
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// Who made an account, so that nobody enables what they made.
struct AccountMaker;

impl MigrationName for AccountMaker {
    fn name(&self) -> &str {
        "m0003_account_maker"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for AccountMaker {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter().table("account").add_column(text_opt("created_by")).to_owned();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("account").drop_column("created_by").to_owned()).await
    }
}

/// A division's year has one evaluation. Classes are kept by division and year, so a second one under
/// another scheme would put its classes in the place of the first one's.
struct OneEvaluation;

impl MigrationName for OneEvaluation {
    fn name(&self) -> &str {
        "m0004_one_evaluation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for OneEvaluation {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        refuse_second_evaluations(manager).await?;
        let only =
            Index::create().name("evaluation_year").table("evaluation").col("division").col("year").unique().to_owned();
        manager.create_index(only).await?;
        manager.drop_index(Index::drop().name("evaluation_place").table("evaluation").to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("evaluation_year").table("evaluation").to_owned()).await
    }
}

/// Rounds of titles and policies, the filings in them and the invoice lines that they claim.
struct Rounds;

impl MigrationName for Rounds {
    fn name(&self) -> &str {
        "m0005_rounds"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Rounds {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in rounds() {
            manager.create_table(table).await?;
        }
        let plain = |name: &'static str, table: &'static str, column: &'static str| {
            Index::create().name(name).table(table).col(column).to_owned()
        };
        for index in [
            plain("round_division", "round", "division"),
            Index::create().name("filing_once").table("filing").col("round").col("firm").unique().to_owned(),
            plain("filing_firm", "filing", "firm"),
            plain("filing_division", "filing", "division"),
            plain("cost_line_filing", "cost_line", "filing"),
            plain("cost_line_print", "cost_line", "fingerprint"),
        ] {
            manager.create_index(index).await?;
        }
        // Of an invoice line one filing is paid, whatever programmes it was handed in to.
        let held = "CREATE UNIQUE INDEX cost_line_held ON cost_line (fingerprint) WHERE held";
        manager.get_connection().execute_unprepared(held).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["cost_line", "filing", "round"] {
            manager.drop_table(Table::drop().table(name).to_owned()).await?;
        }
        Ok(())
    }
}

/// Industry chains, their revisions, and what people do about them.
struct Chains;

impl MigrationName for Chains {
    fn name(&self) -> &str {
        "m0006_chains"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Chains {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in chains() {
            manager.create_table(table).await?;
        }
        let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            index
        };
        for index in [
            index("chain_division", "chain", &["division"]),
            index("chain_revision_number", "chain_revision", &["chain", "number"]).unique().to_owned(),
            index("chain_case_chain", "chain_case", &["kind", "chain"]),
            index("chain_case_parent", "chain_case", &["parent"]),
            index("chain_case_firm", "chain_case", &["firm"]),
        ] {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["chain_case", "chain_revision", "chain"] {
            manager.drop_table(Table::drop().table(name).to_owned()).await?;
        }
        Ok(())
    }
}

fn chains() -> Vec<TableCreateStatement> {
    vec![
        table(
            "chain",
            vec![
                id(),
                int("division"),
                text("template"),
                text("title"),
                int("revision"),
                text("created_by"),
                text("created_at"),
                text("changed_at"),
            ],
        ),
        table(
            "chain_revision",
            vec![
                id(),
                int("chain"),
                int("number"),
                text("kind"),
                text("reason"),
                text_opt("whole"),
                text("changes"),
                text("digest"),
                text("by"),
                text("at"),
            ],
        ),
        table(
            "chain_case",
            vec![
                id(),
                text("kind"),
                int("chain"),
                int("division"),
                int("firm"),
                int("other"),
                int("parent"),
                text("subject"),
                text("state"),
                text("data"),
                int("version"),
                text("created_by"),
                text("created_at"),
                text("changed_at"),
            ],
        ),
    ]
}

fn rounds() -> Vec<TableCreateStatement> {
    vec![
        table(
            "round",
            vec![
                id(),
                text("rule"),
                text("kind"),
                int("division"),
                text("title"),
                text("opens"),
                text("closes"),
                text("state"),
                text("data"),
                int("version"),
                text("created_by"),
                text("created_at"),
                text("changed_at"),
            ],
        ),
        table(
            "filing",
            vec![
                id(),
                int("round"),
                int("firm"),
                int("division"),
                text("rule"),
                int("rule_version"),
                text("filed_at"),
                text("state"),
                text_opt("outcome"),
                text_opt("sum"),
                text("data"),
                int("version"),
                text("created_by"),
                text("created_at"),
                text("changed_at"),
            ],
        ),
        table(
            "cost_line",
            vec![
                id(),
                int("filing"),
                int("firm"),
                int("division"),
                text("fingerprint"),
                flag("held"),
                text("invoice"),
                int("line"),
                text("seller"),
                text("issued"),
                text("item"),
                text("amount"),
                text("serial"),
                text_opt("built"),
                text_opt("built_amount"),
                text("built_note"),
            ],
        ),
    ]
}

/// Names the years that have several evaluations: which one counts is for people to say, not for a program.
async fn refuse_second_evaluations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let twice = "SELECT division, year FROM evaluation GROUP BY division, year HAVING count(*) > 1 ORDER BY 1, 2";
    let found = db.query_all_raw(Statement::from_string(db.get_database_backend(), twice)).await?;
    let mut places = Vec::with_capacity(found.len());
    for row in found {
        places.push(format!("{} {}", row.try_get_by_index::<i64>(0)?, row.try_get_by_index::<i64>(1)?));
    }
    if places.is_empty() {
        return Ok(());
    }
    Err(DbErr::Custom(format!(
        "one evaluation a county and year is allowed, several found for {}; keep one of each before upgrading",
        places.join(", ")
    )))
}

/// A column that must hold a text.
fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

/// A column that may hold a text.
fn text_opt(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().to_owned()
}

/// A column that must hold an integer.
fn int(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

/// A column that may hold an integer.
fn int_opt(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().to_owned()
}

/// A column that must hold true or false.
fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

/// The id that the database counts up.
fn id() -> ColumnDef {
    ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key().to_owned()
}

/// An integer id that the store counts up itself.
fn own_id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().primary_key().to_owned()
}

fn table(name: &'static str, columns: Vec<ColumnDef>) -> TableCreateStatement {
    let mut table = Table::create().table(name).to_owned();
    for column in columns {
        table.col(column);
    }
    table
}

fn tables() -> Vec<TableCreateStatement> {
    let mut all = registry();
    all.extend(facts());
    all.extend(evaluation());
    all.extend(house());
    all
}

fn registry() -> Vec<TableCreateStatement> {
    vec![
        table(
            "firm",
            vec![
                own_id("id"),
                text_opt("credit_code").unique_key().to_owned(),
                text("name"),
                text("name_key"),
                text("initials"),
                int("division"),
                text_opt("town"),
                text_opt("address"),
                text_opt("industry"),
                text_opt("founded"),
                flag("in_construction"),
                int_opt("risen_from"),
                text("status"),
                int_opt("merged_into"),
            ],
        ),
        table(
            "firm_version",
            vec![
                id(),
                int("firm"),
                int("division"),
                text("valid_from"),
                text("known_at"),
                text("row_json"),
                text("reason"),
                text("source"),
                text("actor"),
            ],
        ),
        table(
            "firm_merge",
            vec![
                id(),
                int("keep"),
                int("gone"),
                int("division"),
                text("gone_status"),
                text("reason"),
                text("actor"),
                text("at"),
                text_opt("undone_at"),
                text_opt("undone_by"),
                text_opt("undo_reason"),
            ],
        ),
        table(
            "class_history",
            vec![
                int("division"),
                int("year"),
                int("firm"),
                text("population"),
                text("class"),
                int_opt("rank"),
                text_opt("total"),
            ],
        )
        .primary_key(Index::create().col("division").col("year").col("firm"))
        .to_owned(),
    ]
}

fn facts() -> Vec<TableCreateStatement> {
    vec![
        table(
            "object",
            vec![
                text("digest").primary_key().to_owned(),
                int("size"),
                ColumnDef::new("bytes").blob().not_null().to_owned(),
                text("created_at"),
            ],
        ),
        table("object_access", vec![id(), text("digest"), int("division"), int("firm"), text("department")]),
        table(
            "file",
            vec![
                id(),
                text("digest"),
                text("name"),
                int("size"),
                int("division"),
                int_opt("firm"),
                text_opt("department"),
                text("uploader"),
                text("at"),
            ],
        ),
        table(
            "import",
            vec![
                id(),
                int("evaluation"),
                int("division"),
                int("year"),
                text("template"),
                text("department"),
                text("file_digest"),
                text("file_name"),
                text("state"),
                text("counts"),
                text_opt("report_digest"),
                text("created_by"),
                text("created_at"),
                text_opt("accepted_by"),
                text_opt("accepted_at"),
                int_opt("segment"),
                int("version"),
            ],
        ),
        table(
            "doubt",
            vec![
                int("import"),
                int("row"),
                int("division"),
                text("department"),
                text("payload"),
                text("decision"),
                int_opt("firm"),
                text_opt("decided_by"),
                text_opt("decided_at"),
            ],
        )
        .primary_key(Index::create().col("import").col("row"))
        .to_owned(),
        table(
            "segment",
            vec![
                own_id("sequence"),
                text("digest"),
                int("division"),
                int("year"),
                text("department"),
                text("kind"),
                text("known_at"),
                text("reason"),
                text("actor"),
                int("rows"),
            ],
        ),
    ]
}

fn evaluation() -> Vec<TableCreateStatement> {
    vec![
        table(
            "evaluation",
            vec![
                id(),
                int("division"),
                int("year"),
                text("scheme"),
                text_opt("scheme_digest"),
                text("state"),
                int("version"),
                text("clocks"),
                text_opt("snapshot_digest"),
                int_opt("final_run"),
                text("created_by"),
                text("created_at"),
                text("changed_at"),
            ],
        ),
        table(
            "run",
            vec![
                id(),
                int("evaluation"),
                int("division"),
                int("year"),
                text("kind"),
                text("snapshot_digest"),
                text("law_digest"),
                text("engine_version"),
                text("result_digest"),
                text("summary"),
                text("by"),
                text("at"),
                int_opt("previous"),
            ],
        ),
        table(
            "confirmation",
            vec![
                int("evaluation"),
                int("firm"),
                int("division"),
                text("state"),
                text("by"),
                text("at"),
                text("detail"),
            ],
        )
        .primary_key(Index::create().col("evaluation").col("firm"))
        .to_owned(),
        table(
            "objection",
            vec![
                id(),
                int("evaluation"),
                int("division"),
                int("firm"),
                text("indicator"),
                text("subject"),
                text_opt("department"),
                text("claim"),
                text_opt("file_digest"),
                text("state"),
                text("events"),
                int("version"),
                text("created_by"),
                text("created_at"),
                text("changed_at"),
            ],
        ),
        table(
            "what_if",
            vec![
                id(),
                int("run"),
                int("division"),
                text("title"),
                text("overlay"),
                text("by"),
                text("at"),
                text("share_token").unique_key().to_owned(),
            ],
        ),
        table(
            "publication",
            vec![
                id(),
                int("evaluation"),
                int("run"),
                text("kind"),
                int("division"),
                int("year"),
                text("at"),
                text_opt("closed_at"),
                text("payload_digest"),
                text("by"),
            ],
        ),
    ]
}

fn house() -> Vec<TableCreateStatement> {
    vec![
        table(
            "account",
            vec![
                id(),
                text("sign_in").unique_key().to_owned(),
                text("name"),
                text("role"),
                int("division"),
                text_opt("department"),
                int_opt("firm"),
                text("password_hash"),
                int("failed_count"),
                text_opt("locked_until"),
                flag("must_change"),
                flag("disabled"),
                text("created_at"),
            ],
        ),
        table(
            "session",
            vec![
                text("token_digest").primary_key().to_owned(),
                int("account"),
                text("csrf"),
                text("created_at"),
                text("last_seen_at"),
                text("expires_at"),
            ],
        )
        .foreign_key(
            ForeignKey::create().from("session", "account").to("account", "id").on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned(),
        table(
            "audit",
            vec![
                own_id("seq"),
                text("at"),
                text("actor"),
                text("role"),
                text("action"),
                text("subject"),
                int("division"),
                text("detail"),
                text("prev_hash"),
                text("hash"),
            ],
        ),
        table("audit_head", vec![own_id("id"), int("seq"), text("hash")]),
        table(
            "job",
            vec![
                id(),
                text("kind"),
                text("subject"),
                int("division"),
                text("state"),
                int("done"),
                int("total"),
                text("stage"),
                text("message"),
                text_opt("result"),
                text_opt("error"),
                text("by"),
                text("created_at"),
                text_opt("started_at"),
                text_opt("finished_at"),
            ],
        ),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let plain = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create().name(name).table(table).to_owned();
        for column in columns {
            index.col(*column);
        }
        index
    };
    let unique = |name, table, columns: &[&'static str]| plain(name, table, columns).unique().to_owned();
    vec![
        plain("firm_division", "firm", &["division"]),
        plain("firm_name_key", "firm", &["name_key"]),
        plain("firm_merged_into", "firm", &["merged_into"]),
        plain("firm_version_firm", "firm_version", &["firm"]),
        plain("firm_merge_gone", "firm_merge", &["gone"]),
        plain("class_history_firm", "class_history", &["firm"]),
        unique("object_access_unique", "object_access", &["digest", "division", "firm", "department"]),
        plain("file_division", "file", &["division"]),
        plain("file_digest", "file", &["digest"]),
        plain("import_evaluation", "import", &["evaluation"]),
        plain("segment_place", "segment", &["division", "year", "sequence"]),
        unique("evaluation_place", "evaluation", &["division", "year", "scheme"]),
        plain("run_evaluation", "run", &["evaluation"]),
        plain("objection_evaluation", "objection", &["evaluation"]),
        plain("what_if_run", "what_if", &["run"]),
        plain("publication_place", "publication", &["division", "year"]),
        plain("publication_payload", "publication", &["payload_digest"]),
        plain("publication_run", "publication", &["run"]),
        plain("session_account", "session", &["account"]),
        plain("audit_subject", "audit", &["subject"]),
        plain("audit_at", "audit", &["at"]),
        plain("job_state", "job", &["state"]),
    ]
}
