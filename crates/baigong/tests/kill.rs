//! The shipped binary is killed a hundred times, at random moments of an import, of a run and of a
//! publication. Each time the store is opened and looked at: what was acknowledged is there, nothing is
//! there by half, and the same command given again leads to the very end that an undisturbed twin reached.

#[path = "../../server/tests/common/loader.rs"]
#[allow(dead_code, reason = "the tests of the server use more of it")]
mod loader;

use base::{Department, DivisionCode, Role, Scope};
use law::Law;
use loader::YEAR;
use services::{Services, Settings};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use store::{AuditFilter, ImportFilter, ImportState, OpenOptions, Page, PublicationKind, SegmentKind, Store};

/// Firms of the county: enough to rank, few enough to be quick.
const FIRMS: usize = 60;

/// The steps that are interrupted, in their order, and how often each.
const STEPS: [(Step, u32); 6] = [
    (Step::Import, 34),
    (Step::Evaluate("freeze", "frozen"), 12),
    (Step::Evaluate("run_trial", "trial"), 21),
    (Step::Evaluate("start_notice", "notice"), 11),
    (Step::Evaluate("finalise", "final"), 11),
    (Step::Evaluate("publish", "published"), 11),
];

#[derive(Clone, Copy, PartialEq, Debug)]
enum Step {
    /// The tax bureau's file.
    Import,
    /// A step of the evaluation and the state that it leads to.
    Evaluate(&'static str, &'static str),
}

/// The law with calendars for the years around today: the binary goes by the clock of the machine.
struct Place {
    dir: tempfile::TempDir,
    law: Arc<Law>,
    county: DivisionCode,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("baigong-kill-").tempdir().unwrap();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law");
        copy(&from, &dir.path().join("law"));
        let today = jiff::ZonedDateTime::now().year();
        for year in today..=today + 1 {
            let file = dir.path().join(format!("law/national/calendars/{year}.yaml"));
            if !file.exists() {
                let text = format!(
                    "year: {year}\ncite: {{ document: 测试日历, issuer: 测试 }}\nunverified: 只供测试\nholidays:\n  \
                     - {{ title: 元旦 | New Year, from: {year}-01-01, to: {year}-01-01 }}\n"
                );
                std::fs::write(file, text).unwrap();
            }
        }
        let (law, findings) = Law::load(&law::Sources::from_dir(&dir.path().join("law")).unwrap());
        assert!(law::is_usable(&findings), "{findings:?}");
        // A clean file with the tax of every firm.
        let province = loader::province();
        let county = province.demo_county();
        let mut csv = "统一社会信用代码,企业名称,实缴税金（万元）\n".to_owned();
        let firms = &province.firms_in(county)[..FIRMS];
        let facts = province.facts_of(YEAR, county, Department::Tax);
        for fact in facts.iter().filter(|f| f.fact == "tax_paid" && f.firm < firms[0].index + FIRMS) {
            let firm = &province.firms()[fact.firm];
            let province::Value::Number(paid) = &fact.value else { panic!("tax is a number") };
            csv += &format!("{},{},{paid}\n", firm.code, firm.name);
        }
        std::fs::write(dir.path().join("税务.csv"), csv).unwrap();
        Self { dir, law: Arc::new(law), county }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    async fn open(&self, database: &Path) -> Services {
        let options = OpenOptions { interrupt_jobs: false, ..OpenOptions::default() };
        let store = Store::open(&database.display().to_string(), options).await.expect("the store opens");
        Services::new(store, self.law.clone(), Settings::for_region("370000".parse().unwrap()))
    }

    fn command(&self, step: Step, database: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_baigong"));
        match step {
            Step::Import => command.args(["import", "--as", "tax", "--evaluation", "1", "--template", "tax"]),
            // Two officers in turn: nobody accepts their own work.
            Step::Evaluate("start_notice" | "publish", _) => command.args(["evaluate", "--as", "county2"]),
            Step::Evaluate(..) => command.args(["evaluate", "--as", "county"]),
        };
        command.arg("--database").arg(database).arg("--law").arg(self.path("law"));
        match step {
            Step::Import => command.arg(self.path("税务.csv")),
            Step::Evaluate(action, _) => command.args(["1", action]),
        };
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Carries a step out; gives how long it took.
    fn carry_out(&self, step: Step, database: &Path) -> Duration {
        let started = Instant::now();
        let output = self.command(step, database).output().unwrap();
        assert!(
            output.status.success(),
            "{step:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        started.elapsed()
    }

    /// Kills the step after a while; gives whether it was still at work, and what it said until then.
    fn kill(&self, step: Step, database: &Path, after: Duration) -> (bool, String) {
        let mut child = self.command(step, database).spawn().unwrap();
        std::thread::sleep(after);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code().is_none(), said)
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Copies a database that nobody has open.
fn copy_database(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let file = |path: &Path| PathBuf::from(format!("{}{end}", path.display()));
        if file(from).exists() {
            std::fs::copy(file(from), file(to)).unwrap();
        }
    }
}

/// Everything that an undisturbed course of a step leaves behind, as far as it does not depend on when it
/// was done and by how many attempts.
#[derive(Clone, Debug, PartialEq)]
struct Picture {
    facts: Vec<String>,
    state: String,
    snapshot: Option<String>,
    /// Results of the runs, each once.
    results: BTreeSet<String>,
    /// Publications that are open.
    published: Vec<(PublicationKind, usize)>,
    classes: Vec<String>,
    /// The latest run was computed again and agreed, as far as the evaluation knows.
    verified: bool,
    /// The list of measures was kept.
    measures: bool,
    final_run: bool,
}

async fn picture(services: &Services, county: DivisionCode) -> Picture {
    let scope = Scope::system("test", services.settings().root);
    let read = services.store().read(&scope);
    let evaluation = read.get_evaluation(1).await.unwrap();
    let facts = read.facts(county, i32::from(YEAR)).await.unwrap();
    let runs = read.list_runs(1).await.unwrap();
    let mut published = Vec::new();
    for publication in read.list_publications(None).await.unwrap().iter().filter(|p| p.closed_at.is_none()) {
        let payload = read.get_object(publication.payload_digest).await.expect("a published list reads back");
        let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        published.push((publication.kind, payload["firms"].as_array().unwrap().len()));
    }
    let year = i32::from(YEAR);
    Picture {
        facts: facts.iter().map(|f| format!("{} {} {:?} {:?}", f.subject(), f.fact(), f.scaled(), f.text())).collect(),
        state: evaluation.state,
        snapshot: evaluation.snapshot_digest.map(|d| d.hex()),
        results: runs.iter().map(|r| r.result_digest.hex()).collect(),
        published,
        classes: read
            .classes(county, year..=year)
            .await
            .unwrap()
            .iter()
            .map(|c| format!("{} {} {:?} {:?}", c.firm, c.class, c.rank, c.total))
            .collect(),
        verified: runs.first().is_some_and(|r| evaluation.clocks["verified"] == r.result_digest.hex()),
        measures: evaluation.clocks["measures"]["digest"].is_string(),
        final_run: evaluation.final_run.is_some(),
    }
}

/// Looks at everything that an interrupted step may have left behind. Whatever is there must be whole.
async fn is_whole(services: &Services, county: DivisionCode) {
    let scope = Scope::system("test", services.settings().root);
    let store = services.store();
    let read = store.read(&scope);
    assert_eq!(store.verify_audit().await.unwrap().broken, None, "the audit chain holds");
    assert!(store.verify_objects().await.unwrap().damaged.is_empty(), "every object is what its name says");
    let entries = read.list_audit(&AuditFilter::default(), Page::ALL).await.unwrap().rows;
    let said =
        |action: &str, subject: &str| entries.iter().filter(|e| e.action == action && e.subject == subject).count();

    // Accepted, its segment, and the entry in the log: all three or none.
    let segments = read.list_segments(county, i32::from(YEAR)).await.unwrap();
    let mut brought: BTreeMap<i64, i64> = BTreeMap::new();
    for import in read.list_imports(&ImportFilter::default()).await.unwrap() {
        let subject = format!("import:{}", import.id);
        let accepted = import.state == ImportState::Accepted;
        assert_eq!(said("import.create", &subject), 1, "{import:?}");
        assert_eq!(said("import.accept", &subject), usize::from(accepted), "{import:?}");
        assert_eq!(said("import.read", &subject), usize::from(import.state != ImportState::Reading), "{import:?}");
        assert_eq!(import.report_digest.is_some(), import.state != ImportState::Reading, "{import:?}");
        read.get_object(import.file_digest).await.expect("a file that was handed in is kept");
        assert!(accepted || import.segment.is_none(), "{import:?}");
        if let Some(segment) = import.segment {
            assert_eq!(brought.insert(segment, import.id), None, "two imports brought segment {segment}");
        }
    }
    let from_files: Vec<i64> = segments.iter().filter(|s| s.kind == SegmentKind::Import).map(|s| s.sequence).collect();
    assert_eq!(brought.keys().copied().collect::<Vec<_>>(), from_files, "a segment without its import");
    for segment in &segments {
        assert_eq!(read.segment_facts(segment).await.unwrap().len() as u64, segment.rows);
    }

    // A run, its entry in the log, and all its parts, from which it comes out again to the bit.
    let runs = read.list_runs(1).await.unwrap();
    for run in &runs {
        let of_run =
            |e: &&store::AuditEntry| e.detail["run"] == run.id && e.detail["result"] == run.result_digest.hex();
        let (verified, made): (Vec<_>, Vec<_>) =
            entries.iter().filter(of_run).partition(|e| e.action == "evaluation.verified");
        assert_eq!(made.len(), 1, "run {}", run.id);
        assert!(verified.len() <= 1, "run {}", run.id);
        let report = services.verify_run(&scope, run.id).await.unwrap();
        assert!(report.agrees, "run {}: {:?}", run.id, report.checks);
    }
    assert_eq!(entries.iter().filter(|e| e.action == "evaluation.run_trial").count(), runs.len());

    // Publications, the state, its history and the log tell one story.
    let publications = read.list_publications(None).await.unwrap();
    for publication in &publications {
        read.get_object(publication.payload_digest).await.expect("a published list reads back");
        assert_eq!(entries.iter().filter(|e| e.detail["publication"] == publication.id).count(), 1);
    }
    let evaluation = read.get_evaluation(1).await.unwrap();
    let empty = Vec::new();
    let history = evaluation.clocks["history"].as_array().unwrap_or(&empty);
    let actions: Vec<String> =
        history.iter().map(|h| format!("evaluation.{}", h["action"].as_str().unwrap())).collect();
    let mut logged: Vec<(i64, String)> = entries
        .iter()
        .filter(|e| e.subject == "evaluation:1")
        .filter(|e| !["evaluation.create", "evaluation.verified"].contains(&e.action.as_str()))
        .map(|e| (e.seq, e.action.clone()))
        .collect();
    logged.sort();
    assert_eq!(actions, logged.into_iter().map(|(_, action)| action).collect::<Vec<_>>());
    let last = actions.last().map(|a| a.trim_start_matches("evaluation."));
    let process = services.law().processes.get("per-mu-evaluation").unwrap();
    let mut leads_to = process.transitions.iter().filter(|t| Some(t.action.as_str()) == last).map(|t| t.to.as_str());
    assert!(
        last.is_none() && evaluation.state == process.start || leads_to.any(|to| to == evaluation.state),
        "state {} after {last:?}",
        evaluation.state
    );
    let of = |kind| publications.iter().filter(|p| p.kind == kind).count();
    let did = |action: &str| actions.iter().filter(|a| **a == format!("evaluation.{action}")).count();
    assert_eq!(of(PublicationKind::Notice), did("start_notice"));
    assert_eq!(of(PublicationKind::Final), did("publish"));
    assert_eq!(evaluation.snapshot_digest.is_some(), did("freeze") > 0);
    assert_eq!(evaluation.final_run.is_some(), did("finalise") > 0);
    assert_eq!(evaluation.clocks["measures"]["digest"].is_string(), did("finalise") > 0);
    let classes = read.classes(county, i32::from(YEAR)..=i32::from(YEAR)).await.unwrap();
    assert_eq!(classes.is_empty(), did("finalise") == 0);
}

/// What a step said before it was killed must be there, and all of it.
async fn is_kept(services: &Services, step: Step, said: &str, found: &Picture, after: &Picture) {
    if said.trim().is_empty() {
        return;
    }
    assert_eq!(found, after, "acknowledged and lost: {step:?} {said}");
    if step == Step::Import {
        let scope = Scope::system("test", services.settings().root);
        let imports = services.store().read(&scope).list_imports(&ImportFilter::default()).await.unwrap();
        assert!(imports.iter().any(|i| i.state == ImportState::Accepted), "acknowledged and lost: {said}");
    }
}

/// What a step found, left behind and took where nobody disturbed it.
struct Course {
    /// The database before it.
    base: PathBuf,
    before: Picture,
    after: Picture,
    took: Mutex<Duration>,
}

/// Goes through all steps undisturbed.
async fn twin(place: &Place) -> Vec<Course> {
    let database = place.path("twin.db");
    let services = place.open(&database).await;
    let county = place.county;
    loader::load(&services, county, FIRMS, |d| d != Department::Tax).await;
    loader::accounts(
        &services,
        &[
            ("county", Role::CountyOfficer, county, None, None),
            ("county2", Role::CountyOfficer, county, None, None),
            ("tax", Role::DepartmentOwner, county, Some(Department::Tax), None),
        ],
    )
    .await;
    let officer = Scope::of_account("county", Role::CountyOfficer, county, None, None);
    let request = services::requests::NewEvaluationRequest {
        division: county.to_string(),
        year: YEAR,
        scheme: Some(loader::SCHEME.into()),
    };
    services.create_evaluation(&officer, request).await.unwrap();
    services.store().clone().close().await.unwrap();
    let mut courses = Vec::new();
    for (n, (step, _)) in STEPS.into_iter().enumerate() {
        let services = place.open(&database).await;
        match step {
            Step::Evaluate("freeze", _) => close_confirmation(&services, county).await,
            Step::Evaluate("finalise", _) => let_the_notice_run_out(&services).await,
            _ => (),
        }
        let before = picture(&services, county).await;
        services.store().clone().close().await.unwrap();
        let base = place.path(&format!("before-{n}.db"));
        copy_database(&database, &base);
        let took = Mutex::new(place.carry_out(step, &database));
        let services = place.open(&database).await;
        is_whole(&services, county).await;
        let after = picture(&services, county).await;
        assert_ne!(before, after, "{step:?} leaves something to see");
        services.store().clone().close().await.unwrap();
        courses.push(Course { base, before, after, took });
    }
    courses
}

/// The officer asks the firms, and every firm confirms.
async fn close_confirmation(services: &Services, county: DivisionCode) {
    let officer = Scope::of_account("county", Role::CountyOfficer, county, None, None);
    let version = services.get_evaluation(&officer, 1).await.unwrap().version;
    let step = services::requests::Step { version, reason: String::new() };
    services.act_on_evaluation(&officer, 1, "open_confirmation", step).await.unwrap();
    let system = Scope::system("test", services.settings().root);
    for firm in services.store().read(&system).firms_of_division(county).await.unwrap() {
        let scope = Scope::of_account("firm", Role::Firm, county, None, Some(firm.id));
        services.confirm_sheet(&scope, 1, firm.id).await.unwrap();
    }
}

/// Sets the end of the notice into the past: the test cannot wait for five working days.
async fn let_the_notice_run_out(services: &Services) {
    let scope = Scope::system("test", services.settings().root);
    let mut evaluation = services.store().read(&scope).get_evaluation(1).await.unwrap();
    for (key, day) in [("from", "2026-01-05"), ("last", "2026-01-09"), ("until", "2026-01-09T09:30:00Z")] {
        evaluation.clocks["notice"][key] = day.into();
    }
    let mut tx = services.store().begin(&scope).await.unwrap();
    tx.update_evaluation(&evaluation).await.unwrap();
    tx.audit(store::NewAudit::new("test.notice_over", "test", evaluation.division));
    tx.commit().await.unwrap();
}

/// What became of the kills.
#[derive(Default, Debug)]
struct Tally {
    kills: u32,
    /// The process was still there.
    interrupted: u32,
    /// It had changed the store and not said so.
    midway: u32,
    /// Those interrupted, by step.
    by_step: [u32; STEPS.len()],
}

#[test]
fn the_binary_killed_a_hundred_times_loses_nothing_keeps_nothing_by_half_and_ends_like_its_twin() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let place = Place::new();
    let courses = runtime.block_on(twin(&place));
    let tally = Mutex::new(Tally::default());
    let jobs: Vec<(usize, u32)> =
        STEPS.iter().enumerate().flat_map(|(n, (_, kills))| (0..*kills).map(move |i| (n, i))).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for worker in 0..2 {
            let (place, courses, tally, jobs, next, runtime) = (&place, &courses, &tally, &jobs, &next, &runtime);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some((n, i)) = jobs.get(at).copied() else { return };
                    let (step, course) = (STEPS[n].0, &courses[n]);
                    let database = place.path(&format!("killed-{worker}.db"));
                    for end in ["", "-wal", "-shm"] {
                        std::fs::remove_file(format!("{}{end}", database.display())).ok();
                    }
                    copy_database(&course.base, &database);
                    // Spread evenly over the time that the step needs undisturbed, its later two thirds the
                    // more densely: the process first has to read the law.
                    let part = f64::from(i).mul_add(0.618_033_988_75, 0.5).fract();
                    let part = if i % 4 == 0 { part } else { 0.33 + part * 0.67 };
                    let whole = *course.took.lock().unwrap();
                    let (interrupted, said) = place.kill(step, &database, whole.mul_f64(part));
                    let (midway, found) = runtime.block_on(async {
                        let services = place.open(&database).await;
                        is_whole(&services, place.county).await;
                        let scope = Scope::system("test", services.settings().root);
                        let imports =
                            services.store().read(&scope).list_imports(&ImportFilter::default()).await.unwrap();
                        let found = picture(&services, place.county).await;
                        is_kept(&services, step, &said, &found, &course.after).await;
                        let changed = found != course.before || (step == Step::Import && !imports.is_empty());
                        services.store().clone().close().await.unwrap();
                        (interrupted && changed && said.trim().is_empty(), found)
                    });
                    {
                        let mut tally = tally.lock().unwrap();
                        tally.kills += 1;
                        tally.interrupted += u32::from(interrupted);
                        tally.midway += u32::from(midway);
                        tally.by_step[n] += u32::from(interrupted);
                    }
                    // The same again, unless it was done: most steps that were taken cannot be taken twice.
                    let done = step != Step::Import && found == course.after;
                    if !done {
                        let again = place.carry_out(step, &database);
                        // The machine may be busier or idler than when the twin went: the latest two decide.
                        let mut took = course.took.lock().unwrap();
                        *took = (*took + again) / 2;
                    }
                    runtime.block_on(async {
                        let services = place.open(&database).await;
                        is_whole(&services, place.county).await;
                        assert_eq!(picture(&services, place.county).await, course.after, "{step:?}, kill {i}");
                        let scope = Scope::system("test", services.settings().root);
                        let imports =
                            services.store().read(&scope).list_imports(&ImportFilter::default()).await.unwrap();
                        let open = imports.iter().find(|i| i.state != ImportState::Accepted);
                        assert!(open.is_none(), "a repeated import leaves nothing open: {open:?}");
                        services.store().clone().close().await.unwrap();
                    });
                }
            });
        }
    });
    let tally = tally.into_inner().unwrap();
    println!("{tally:?}");
    assert_eq!(tally.kills, 100);
    assert!(tally.interrupted >= 50, "most kills must come while the binary is at work: {tally:?}");
    assert!(tally.midway >= 10, "some kills must come when the store has changed and nobody knows: {tally:?}");
    for ((step, kills), interrupted) in STEPS.iter().zip(tally.by_step) {
        assert!(interrupted * 3 >= *kills, "{step:?} must be interrupted too: {tally:?}");
    }
    assert_eq!(courses.last().unwrap().after.state, "published");
}
