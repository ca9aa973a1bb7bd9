//! The commands. Each calls a service, the same as the API does, in the name of an account.

use crate::{cluster_commands, commands::Noun, demo, law_commands, open};
use anyhow::{Context, Result, bail};
use base::Scope;
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Carries out the regulation on promoting advanced manufacturing.
#[derive(Parser)]
#[command(name = "baigong", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Which installation.
#[derive(Args, Clone)]
struct Place {
    /// Database: a file (SQLite) or `postgres://…`.
    #[arg(long, env = "BAIGONG_DATABASE", default_value = "baigong.sqlite")]
    database: String,
    /// Folder of the law; the copy inside the binary when absent.
    #[arg(long, env = "BAIGONG_LAW")]
    law: Option<PathBuf>,
}

/// What stands between the server and the people.
#[derive(Args, Clone, Copy)]
struct EdgeArgs {
    /// A proxy stands in front and alone reaches the address; it writes the client's address to the end of
    /// this header, which limits and the audit log then go by.
    #[arg(long, env = "BAIGONG_BEHIND_PROXY", value_name = "HEADER", num_args = 0..=1, default_missing_value = "x-forwarded-for")]
    behind_proxy: Option<ProxyName>,
    /// People come by HTTPS only: the cookie is marked Secure and browsers are told to stay with HTTPS.
    #[arg(long, env = "BAIGONG_HTTPS")]
    https: bool,
}

/// Names of headers as the option takes them.
#[derive(Clone, Copy, clap::ValueEnum)]
enum ProxyName {
    XForwardedFor,
    Forwarded,
}

impl EdgeArgs {
    fn edge(self) -> server::edge::Edge {
        let proxy = self.behind_proxy.map(|name| match name {
            ProxyName::XForwardedFor => server::edge::ProxyHeader::XForwardedFor,
            ProxyName::Forwarded => server::edge::ProxyHeader::Forwarded,
        });
        server::edge::Edge { proxy, https: self.https }
    }
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Noun(Noun),
    /// Serve the web app and the API.
    Serve {
        #[command(flatten)]
        place: Place,
        /// Address to listen on.
        #[arg(long, env = "BAIGONG_LISTEN", default_value = "127.0.0.1:7420")]
        listen: String,
        #[command(flatten)]
        edge: EdgeArgs,
    },
    /// Load the demo province if it is not there yet, serve it and print address and sign-ins.
    Demo {
        /// Folder for database and workbooks.
        #[arg(long, default_value = "demo")]
        dir: PathBuf,
        /// Address to listen on; port 0 takes any free one.
        #[arg(long, default_value = "127.0.0.1:7420")]
        listen: String,
        /// Seed of the province.
        #[arg(long, default_value_t = 20241201)]
        seed: u64,
        /// Load and stop.
        #[arg(long)]
        load_only: bool,
        /// Load all firms as if they were of one county, for measuring.
        #[arg(long)]
        one_county: bool,
    },
    /// The law as data.
    Law {
        #[command(subcommand)]
        command: LawCommand,
    },
    /// Recompute a run from its snapshot and rules and compare to the bit.
    Verify {
        #[command(flatten)]
        place: Place,
        /// Number of the run.
        run: i64,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The audit chain.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Hand in a department's file, and accept it when nothing is in doubt.
    Import {
        #[command(flatten)]
        place: Place,
        /// In whose name.
        #[arg(long = "as")]
        actor: String,
        /// Evaluation.
        #[arg(long)]
        evaluation: i64,
        /// Template: tax, land, power, environment, statistics, science, safety, market.
        #[arg(long)]
        template: String,
        /// Why, when it replaces figures.
        #[arg(long, default_value = "")]
        reason: String,
        /// The file.
        file: PathBuf,
    },
    /// Take a step of an evaluation: freeze, run_trial, start_notice, finalise, publish …
    Evaluate {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        on: cluster_commands::OnCluster,
        /// In whose name.
        #[arg(long = "as")]
        actor: String,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
        /// Evaluation.
        evaluation: i64,
        /// Step; without one the state and the steps that are open are shown, and with a cluster the last
        /// run is computed again there.
        step: Option<String>,
    },
    /// The node of a cluster that hands out work.
    #[cfg(feature = "cluster")]
    Scheduler(cluster_commands::Scheduler),
    /// A node of a cluster that does work.
    #[cfg(feature = "cluster")]
    Executor(cluster_commands::Executor),
    /// Why a firm has its class.
    Explain {
        #[command(flatten)]
        place: Place,
        /// In whose name.
        #[arg(long = "as")]
        actor: String,
        /// Run: explain the firm's class in it.
        #[arg(long, conflicts_with = "rule", required_unless_present = "rule")]
        run: Option<i64>,
        /// Firm.
        firm: i64,
        /// Rule: explain what this title or policy makes of the firm.
        rule: Option<String>,
        /// Day of filing for a rule; today when absent.
        #[arg(long)]
        on: Option<String>,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Copy an SQLite database while it is in use.
    Backup {
        #[command(flatten)]
        place: Place,
        /// File to write.
        to: PathBuf,
    },
}

#[derive(Subcommand)]
enum LawCommand {
    /// Report every fault with file, line and column.
    Check {
        /// Folder of the law.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compare two versions of a rule, `ID@VERSION`: what differs in the text, and who of a place changes.
    Diff {
        #[command(flatten)]
        place: Place,
        /// In whose name.
        #[arg(long = "as")]
        actor: String,
        /// The older version.
        older: String,
        /// The newer version.
        newer: String,
        /// Division; the person's own when absent.
        #[arg(long)]
        division: Option<String>,
    },
    /// Run the cases.
    Test {
        /// Folder of the law.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Walk the whole chain.
    Verify {
        #[command(flatten)]
        place: Place,
    },
}

impl Cli {
    /// Carries the command out; `false` when what was asked does not hold.
    pub async fn run(self) -> Result<bool> {
        match self.command {
            Command::Noun(noun) => noun.run().await,
            Command::Serve { place, listen, edge } => {
                let services = open::services(&place.database, place.law.as_deref(), true, None).await?;
                serve(services, &listen, edge.edge(), None).await
            }
            Command::Demo { dir, listen, seed, load_only, one_county } => {
                run_demo(dir, &listen, seed, load_only, one_county).await
            }
            Command::Law { command: LawCommand::Check { dir, json } } => law_commands::check(dir.as_deref(), json),
            Command::Law { command: LawCommand::Test { dir } } => law_commands::test(dir.as_deref()),
            Command::Law { command: LawCommand::Diff { place, actor, older, newer, division } } => {
                let services = open::services(&place.database, place.law.as_deref(), false, None).await?;
                let scope = open::scope_of(&services, &actor).await?;
                law_commands::diff(&services, &scope, &older, &newer, division).await
            }
            Command::Verify { place, run, json } => verify(&place, run, json).await,
            Command::Audit { command: AuditCommand::Verify { place } } => {
                let services = open::services(&place.database, place.law.as_deref(), false, None).await?;
                let report = services.verify_audit(&system(&services)).await?;
                match &report.broken {
                    None => println!("{} entries, the chain holds, head {}", report.entries, report.head),
                    Some((seq, what)) => println!("broken at entry {seq}: {what}"),
                }
                Ok(report.holds)
            }
            Command::Import { place, actor, evaluation, template, reason, file } => {
                import(&place, &actor, evaluation, &template, &reason, &file).await
            }
            Command::Evaluate { place, on, actor, reason, evaluation, step } => {
                evaluate(&place, &on, &actor, evaluation, step, reason).await
            }
            #[cfg(feature = "cluster")]
            Command::Scheduler(scheduler) => scheduler.run().await,
            #[cfg(feature = "cluster")]
            Command::Executor(executor) => executor.run().await,
            Command::Explain { place, actor, run, firm, rule, on } => {
                let services = open::services(&place.database, place.law.as_deref(), false, None).await?;
                let scope = open::scope_of(&services, &actor).await?;
                match (run, rule) {
                    (_, Some(rule)) => {
                        let proof = services.firm_rule(&scope, firm, &rule, on.as_deref()).await?;
                        crate::commands::rules::explained(false, &proof)?;
                    }
                    (Some(run), None) => {
                        println!("{}", serde_json::to_string_pretty(&services.get_proof(&scope, run, firm).await?)?);
                    }
                    (None, None) => unreachable!("one of them is required"),
                }
                Ok(true)
            }
            Command::Openapi => {
                println!("{}", server::openapi().to_pretty_json()?);
                Ok(true)
            }
            Command::Backup { place, to } => {
                let services = open::services(&place.database, place.law.as_deref(), false, None).await?;
                services.store().backup(&to).await?;
                println!("{}", to.display());
                Ok(true)
            }
        }
    }
}

fn system(services: &services::Services) -> Scope {
    Scope::system("cli", services.settings().root)
}

async fn serve(
    services: services::Services,
    listen: &str,
    edge: server::edge::Edge,
    sign_ins: Option<&Path>,
) -> Result<bool> {
    let resumed = services.resume_imports().await?;
    if resumed > 0 {
        tracing::info!(resumed, "imports that were cut off are read again");
    }
    // A run that a person may have to wait for is looked at beside the first requests.
    let verifying = services.clone();
    tokio::spawn(async move {
        match verifying.resume_verifications().await {
            Ok(0) => (),
            Ok(count) => tracing::info!(count, "runs that were not verified when the process ended are verified now"),
            Err(error) => tracing::error!(%error, "runs that were not verified could not be verified"),
        }
    });
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    let address = listener.local_addr()?;
    println!("百工 http://{address}");
    if let Some(workbooks) = sign_ins {
        println!("六个部门的工作簿 workbooks: {}", workbooks.display());
        println!("密码 password: {}", demo::PASSWORD);
        for account in services.demo_accounts()? {
            println!("  {:<14} {}", account.sign_in, account.name);
        }
    }
    server::serve(server::App::behind(services, edge), listener).await?;
    Ok(true)
}

async fn run_demo(dir: PathBuf, listen: &str, seed: u64, load_only: bool, one_county: bool) -> Result<bool> {
    let place = open::DemoDir(dir);
    std::fs::create_dir_all(&place.0).with_context(|| place.0.display().to_string())?;
    let ready: Option<Vec<services::views::DemoAccount>> =
        std::fs::read(place.ready()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let database = place.database().display().to_string();
    let set_clock = |services: &services::Services, ahead: i64| {
        if let Some(clock) = &services.settings().demo_clock {
            clock.store(ahead, std::sync::atomic::Ordering::SeqCst);
        }
    };
    let services = match ready {
        Some(accounts) => {
            let services = open::services(&database, None, true, Some(accounts)).await?;
            let ahead = std::fs::read(place.clock()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            set_clock(&services, ahead.unwrap_or(0));
            services
        }
        None => {
            eprintln!("loading the demo province (once) …");
            for file in ["baigong.sqlite", "baigong.sqlite-wal", "baigong.sqlite-shm"] {
                match std::fs::remove_file(place.0.join(file)) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                    _ => (),
                }
            }
            let province = province::Province::generate(seed);
            let accounts = demo::accounts(&province);
            let services = open::services(&database, None, true, Some(accounts.clone())).await?;
            let first: jiff::Timestamp = demo::FIRST_MOMENT.parse().context("the demo's first moment")?;
            let ahead = first.as_second() - jiff::Timestamp::now().as_second();
            set_clock(&services, ahead);
            std::fs::write(place.clock(), serde_json::to_vec(&ahead)?)?;
            match one_county {
                true => demo::load_as_one_county(&services, &province).await?,
                false => demo::load(&services, &province, &place.workbooks()).await?,
            }
            std::fs::write(place.ready(), serde_json::to_vec_pretty(&accounts)?)?;
            services
        }
    };
    if load_only {
        return Ok(true);
    }
    serve(services, listen, server::edge::Edge::default(), Some(&place.workbooks())).await
}

async fn verify(place: &Place, run: i64, json: bool) -> Result<bool> {
    let services = open::services(&place.database, place.law.as_deref(), false, None).await?;
    let report = services.verify_run(&system(&services), run).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(report.agrees);
    }
    for check in &report.checks {
        let mark = if check.holds { "ok  " } else { "FAIL" };
        println!("{mark} {} {}", check.what.zh, check.expected);
        if !check.holds {
            println!("     found {}", check.found);
        }
        if let Some(differs) = &check.differs {
            println!("     {differs}");
        }
    }
    println!("{} ({:.0} ms)", if report.agrees { "agrees to the bit" } else { "DIFFERS" }, report.ms);
    Ok(report.agrees)
}

async fn import(
    place: &Place,
    actor: &str,
    evaluation: i64,
    template: &str,
    reason: &str,
    file: &Path,
) -> Result<bool> {
    let services = open::services(&place.database, place.law.as_deref(), false, None).await?;
    let scope = open::scope_of(&services, actor).await?;
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let started = Instant::now();
    let mut view = services.create_import(&scope, evaluation, template, name, bytes).await?;
    while view.state == "reading" {
        tokio::time::sleep(Duration::from_millis(50)).await;
        view = services.get_import(&scope, view.id).await?;
    }
    if let Some(refusal) = &view.refusal {
        bail!("{} {}", refusal.cell, refusal.message.zh);
    }
    let blocked = view.actions.iter().find(|a| a.action == "accept").map(|a| a.blocked_by.clone()).unwrap_or_default();
    if blocked.is_empty() {
        view = services.accept_import(&scope, view.id, reason).await?;
    }
    println!("{}", serde_json::to_string_pretty(&view.counts)?);
    for fault in view.faults.iter().take(20) {
        println!(
            "{}{} `{}`: {}",
            fault.sheet.as_deref().map(|s| format!("{s}!")).unwrap_or_default(),
            fault.cell,
            fault.value,
            fault.message.zh
        );
    }
    println!("{} ({:.1} s)", view.state, started.elapsed().as_secs_f64());
    blocked.iter().for_each(|b| println!("{}", b.zh));
    Ok(view.state == "accepted")
}

async fn evaluate(
    place: &Place,
    on: &cluster_commands::OnCluster,
    actor: &str,
    id: i64,
    step: Option<String>,
    reason: String,
) -> Result<bool> {
    let elsewhere = on.elsewhere()?;
    let again = elsewhere.is_some() && step.is_none();
    let services = open::services_with(&place.database, place.law.as_deref(), false, None, elsewhere).await?;
    let scope = open::scope_of(&services, actor).await?;
    let mut detail = services.get_evaluation(&scope, id).await?;
    if let Some(step) = step {
        let request = services::requests::Step { version: detail.version, reason };
        detail = services.act_on_evaluation(&scope, id, &step, request).await?;
    }
    println!("{} {} {}", detail.row.division.name, detail.row.year, detail.row.state_title.zh);
    for run in &detail.runs {
        let classes: Vec<String> = run.classes.iter().map(|c| format!("{} {}", c.class, c.count)).collect();
        println!("run {} {} {} {}", run.id, run.kind, classes.join(" "), run.result);
    }
    for action in &detail.actions {
        let blocked: Vec<&str> = action.blocked_by.iter().map(|b| b.zh.as_str()).collect();
        println!("  {} ({}) {}", action.action, action.title.zh, blocked.join("；"));
    }
    match detail.runs.first() {
        Some(run) if again => compute_again(&services, &scope, run.id).await,
        None if again => bail!("there is no run yet that could be computed again"),
        _ => Ok(true),
    }
}

/// Computes a stored run here and on the cluster, and prints every digest.
async fn compute_again(services: &services::Services, scope: &Scope, run: i64) -> Result<bool> {
    let again = services.recompute_run(scope, run).await?;
    println!("run {run} computed again");
    println!("  stored   {}", again.stored);
    println!("  embedded {}", again.here);
    if let Some(elsewhere) = again.elsewhere {
        println!("  cluster  {elsewhere}");
    }
    println!("{}", if again.agrees() { "agrees to the bit" } else { "DIFFERS" });
    Ok(again.agrees())
}
