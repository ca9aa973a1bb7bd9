//! A real PostgreSQL cluster for tests: one per test process, on a free port of the loopback address,
//! gone when the process is, however it ends.
//!
//! PostgreSQL refuses to run as root, so when the tests do, it runs as the user `postgres` that its
//! package makes. A guard process waits for the end of the tests' process (its standard input closes
//! then, even after a kill) and stops and removes the cluster.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A running cluster.
pub struct Postgres {
    bin: PathBuf,
    port: u16,
    next: AtomicUsize,
    /// Its standard input stays open for as long as this process lives.
    _guard: std::process::Child,
}

impl Postgres {
    /// The cluster of this process, started at the first call.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Makes an empty database and returns its name.
    ///
    /// # Panics
    /// When the cluster refuses.
    pub fn create_database(&self) -> String {
        let name = format!("t{}", self.next.fetch_add(1, Ordering::Relaxed));
        self.sql(&format!("CREATE DATABASE {name}"));
        name
    }

    /// Removes a database, with whoever is connected to it.
    pub fn drop_database(&self, name: &str) {
        self.sql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    }

    /// `postgres://…` of a database.
    pub fn address(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn sql(&self, statement: &str) {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args(["-X", "-q", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres", "-c", statement]);
        psql.arg("-p").arg(self.port.to_string()).current_dir("/");
        expect(psql.output(), "psql");
    }

    fn start() -> Self {
        let bin = find_bin();
        let dir = tempfile::Builder::new().prefix("baigong-pg-").tempdir().expect("a temporary directory").keep();
        if is_root() {
            expect(Command::new("chown").arg("postgres").arg(&dir).output(), "chown");
        }
        let data = dir.join("data");
        let initdb = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
        expect(server_command(&bin.join("initdb")).arg("-D").arg(&data).args(initdb).output(), "initdb");
        // Another process may take the port between asking for it and using it: try again then.
        let mut attempts_left = 5;
        loop {
            let port = free_port();
            // Durability is PostgreSQL's own and is not what these tests are about.
            let settings = format!(
                "-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off \
                 -c full_page_writes=off -c max_connections=200",
                dir.display()
            );
            let mut start = server_command(&bin.join("pg_ctl"));
            start.arg("-D").arg(&data).args(["-w", "-s", "-l"]).arg(dir.join("log")).args(["-o", &settings, "start"]);
            // The server inherits these, and would hold the pipe of a captured output open.
            let started = start.stdout(Stdio::null()).stderr(Stdio::null()).status();
            if started.is_ok_and(|s| s.success()) {
                let guard = guard(&bin, &dir);
                return Self { bin, port, next: AtomicUsize::new(1), _guard: guard };
            }
            let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
            attempts_left -= 1;
            assert!(attempts_left > 0, "PostgreSQL did not start:\n{log}");
        }
    }
}

/// Waits for the end of this process, then stops and removes the cluster.
fn guard(bin: &Path, dir: &Path) -> std::process::Child {
    let stop = format!(
        "trap '' INT HUP TERM; cat >/dev/null; cd /; {} -D '{data}' -s -m immediate stop; rm -rf '{dir}'",
        if is_root() {
            format!("runuser -u postgres -- '{}'", bin.join("pg_ctl").display())
        } else {
            format!("'{}'", bin.join("pg_ctl").display())
        },
        data = dir.join("data").display(),
        dir = dir.display()
    );
    Command::new("sh")
        .args(["-c", &stop])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sh runs")
}

/// A server program, as the user that may run it.
fn server_command(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut runuser = Command::new("runuser");
        runuser.args(["-u", "postgres", "--"]).arg(program);
        runuser
    } else {
        Command::new(program)
    };
    // The user `postgres` need not be able to read the directory that the tests run in.
    command.current_dir("/");
    command
}

fn find_bin() -> PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = installed
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("initdb").exists().then_some((version, bin))
        })
        .collect();
    versions.sort();
    if let Some((_, bin)) = versions.pop() {
        return bin;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|dir| dir.join("initdb").exists())
        .expect("PostgreSQL is installed (on Debian: apt-get install postgresql)")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound address").port()
}

fn expect(output: std::io::Result<Output>, program: &str) {
    let output = output.unwrap_or_else(|e| panic!("{program} does not run: {e}"));
    assert!(
        output.status.success(),
        "{program} failed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_made_and_removed_in_a_real_cluster() {
        let cluster = Postgres::shared();
        let (one, two) = (cluster.create_database(), cluster.create_database());
        assert_ne!(one, two);
        assert!(cluster.address(&one).ends_with(&one));
        cluster.drop_database(&one);
        cluster.drop_database(&two);
    }
}
