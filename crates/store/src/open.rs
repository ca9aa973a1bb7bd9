//! Opening a database: SQLite by path or PostgreSQL by address, its schema brought up to date.

use crate::{Reader, Result, StoreError, Tx, audit::ReadQueue, jobs, migrations, reader::Db, time, view::ViewCache};
use base::Scope;
use jiff::Timestamp;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Tells the time. Tests pass one that stands still.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of the machine.
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// How to open.
#[derive(Clone)]
pub struct OpenOptions {
    /// Tells the time.
    pub clock: Clock,
    /// Marks jobs left `running` as `interrupted`. The server, which runs jobs, does; a command that
    /// looks into the same database beside a running server does not.
    pub interrupt_jobs: bool,
    /// How long a writer waits for its turn before [`StoreError::Busy`].
    pub busy_timeout: Duration,
    /// Largest size of an SQLite file in bytes; beyond it a change ends as [`StoreError::Full`].
    pub size_bytes_max: Option<u64>,
    /// Connections kept for reading.
    pub connections_max: u32,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            clock: system_clock(),
            interrupt_jobs: true,
            busy_timeout: Duration::from_secs(30),
            size_bytes_max: None,
            connections_max: 8,
        }
    }
}

/// A database, open for work. Cheap to clone; clones share connections and caches.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub db: DatabaseConnection,
    pub clock: Clock,
    pub busy_timeout: Duration,
    /// Whose turn it is to write, within this process.
    pub turn: Arc<tokio::sync::Mutex<()>>,
    pub views: ViewCache,
    pub reads: ReadQueue,
    pub jobs: jobs::LiveJobs,
}

/// Names the lock by which writers of several processes take turns on PostgreSQL: `baigong` in ASCII.
const WRITER_LOCK: i64 = 0x62_61_69_67_6f_6e_67;

/// SQLite's page size when a file is made by this program.
const PAGE_BYTES: u64 = 4096;

impl Store {
    /// Opens `address`: `postgres://…`, `sqlite:path` or a plain path to an SQLite
    /// file, made when absent (a database in memory is not offered: it would not survive). Applies what is missing of the schema.
    pub async fn open(address: &str, options: OpenOptions) -> Result<Self> {
        let connect = connect_options(address, &options)?;
        let db = Database::connect(connect).await?;
        let store = Self {
            inner: Arc::new(Inner {
                db,
                clock: options.clock,
                busy_timeout: options.busy_timeout,
                turn: Arc::default(),
                views: ViewCache::default(),
                reads: ReadQueue::default(),
                jobs: jobs::LiveJobs::default(),
            }),
        };
        store.migrate().await?;
        if options.interrupt_jobs {
            jobs::interrupt_running(&store).await?;
        }
        Ok(store)
    }

    /// Reads what is committed, on behalf of `scope`.
    pub fn read<'a>(&'a self, scope: &'a Scope) -> Reader<'a> {
        Reader { inner: &self.inner, db: Db::Pool(&self.inner.db), scope }
    }

    /// Begins a change on behalf of `scope`, waiting for the turn to write.
    pub async fn begin(&self, scope: &Scope) -> Result<Tx> {
        let turn = self.turn().await?;
        let db = self.begin_writing().await?;
        Ok(Tx::new(self.inner.clone(), db, scope.clone(), turn))
    }

    /// Does `work` in one transaction: committed when it succeeds, forgotten when it fails.
    ///
    /// ```text
    /// store.write(&scope, async |tx| {
    ///     tx.insert_firms(&rows, note).await?;
    ///     tx.audit(NewAudit::new("firms.load", "registry", county));
    ///     Ok(())
    /// }).await?;
    /// ```
    pub async fn write<T, E: From<StoreError>>(
        &self,
        scope: &Scope,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = self.begin(scope).await?;
        match work(&mut tx).await {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // The first error says why. When the database has rolled back by itself (a full disk),
                // there is nothing left to roll back, which is no news.
                tx.rollback().await.ok();
                Err(error)
            }
        }
    }

    /// Version of the schema: the number of migrations applied.
    pub async fn schema_version(&self) -> Result<i64> {
        migrations::version(&self.inner.db).await
    }

    /// Now, as rows carry it.
    pub fn now(&self) -> String {
        time::to_text((self.inner.clock)())
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        if self.is_sqlite() { "sqlite" } else { "postgres" }
    }

    /// Closes the connections. A store that is dropped closes them too, a little later.
    pub async fn close(self) -> Result<()> {
        Ok(self.inner.db.clone().close().await?)
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.inner.db.get_database_backend() == DbBackend::Sqlite
    }

    pub(crate) async fn turn(&self) -> Result<tokio::sync::OwnedMutexGuard<()>> {
        tokio::time::timeout(self.inner.busy_timeout, self.inner.turn.clone().lock_owned())
            .await
            .map_err(|_| StoreError::Busy(format!("no turn to write within {:?}", self.inner.busy_timeout)))
    }

    /// A transaction that no other writer, of this process or another, can overlap.
    pub(crate) async fn begin_writing(&self) -> Result<DatabaseTransaction> {
        if self.is_sqlite() {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            return Ok(self.inner.db.begin_with_options(options).await?);
        }
        let tx = self.inner.db.begin().await?;
        let limit = format!("SET LOCAL lock_timeout = {}", self.inner.busy_timeout.as_millis());
        tx.execute_unprepared(&limit).await?;
        let lock = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_advisory_xact_lock($1)",
            [WRITER_LOCK.into()],
        );
        tx.query_one_raw(lock).await?;
        Ok(tx)
    }

    async fn migrate(&self) -> Result<()> {
        let _turn = self.turn().await?;
        let tx = self.begin_writing().await?;
        migrations::apply(&tx).await?;
        Ok(tx.commit().await?)
    }
}

fn connect_options(address: &str, options: &OpenOptions) -> Result<ConnectOptions> {
    let busy = options.busy_timeout;
    if address.starts_with("postgres://") || address.starts_with("postgresql://") {
        let mut connect = ConnectOptions::new(address.to_owned());
        connect.max_connections(options.connections_max).acquire_timeout(busy).sqlx_logging(false);
        return Ok(connect);
    }
    let path = address.strip_prefix("sqlite://").or_else(|| address.strip_prefix("sqlite:")).unwrap_or(address);
    if path.is_empty() || path.starts_with(":memory:") || path.contains("://") {
        return Err(StoreError::Invalid {
            what: "database address",
            found: address.to_owned(),
            allowed: "a file path, sqlite:PATH or postgres://USER@HOST:PORT/NAME".into(),
        });
    }
    let file = PathBuf::from(path);
    let pages = options.size_bytes_max.map(|bytes| (bytes / PAGE_BYTES).max(1));
    // The name is set below, where no character of a path is special.
    let mut connect = ConnectOptions::new("sqlite:baigong.db");
    connect.max_connections(options.connections_max).acquire_timeout(busy).sqlx_logging(false);
    connect.map_sqlx_sqlite_opts(move |sqlite| {
        let sqlite = sqlite
            .filename(&file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Acknowledged work survives the loss of power, not only of the process.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(busy)
            .statement_cache_capacity(200);
        match pages {
            Some(pages) => sqlite.pragma("max_page_count", pages.to_string()),
            None => sqlite,
        }
    });
    Ok(connect)
}
