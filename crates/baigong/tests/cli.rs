//! The commands on the shipped binary: a new installation from nothing to its first evaluation, and a
//! small county that has been evaluated, looked at, exported, backed up and brought back.

#[path = "../../server/tests/common/loader.rs"]
#[allow(dead_code, reason = "the tests of the server use more of it")]
mod loader;

use base::{Department, Role};
use loader::{SCHEME, YEAR, law, province};
use serde_json::Value as Json;
use services::{Services, Settings};
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};
use store::{OpenOptions, Store};

/// An installation in a folder of its own.
struct House {
    dir: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        Self { dir: tempfile::Builder::new().prefix("baigong-cli-").tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_baigong"))
            .args(words)
            .env("BAIGONG_DATABASE", self.path("baigong.sqlite"))
            .env_remove("BAIGONG_AS")
            .current_dir(self.dir.path())
            .output()
            .unwrap()
    }

    /// Stdout of a command that must succeed.
    fn ok(&self, words: &[&str]) -> String {
        let out = self.run(words);
        assert!(out.status.success(), "{words:?}: {}{}", text(&out.stdout), text(&out.stderr));
        text(&out.stdout)
    }

    /// The same as JSON.
    fn json(&self, words: &[&str]) -> Json {
        let out = self.ok(&[words, &["--json"][..]].concat());
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{words:?}: {e}: {out}"))
    }

    /// Stderr of a command that must be refused: exit code 2.
    fn refused(&self, words: &[&str]) -> String {
        let out = self.run(words);
        assert_eq!(out.status.code(), Some(2), "{words:?}: {}{}", text(&out.stdout), text(&out.stderr));
        text(&out.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(path: &Path, content: &str) -> String {
    std::fs::write(path, content).unwrap();
    path.display().to_string()
}

#[test]
fn a_new_installation_goes_from_nothing_to_its_first_evaluation_by_commands() {
    let house = House::new();
    let first = house.json(&["init"]);
    let roles: Vec<&str> = first.as_array().unwrap().iter().map(|a| a["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system_admin", "security_admin", "audit_admin"]);
    assert!(first.as_array().unwrap().iter().all(|a| a["secret"].as_str().unwrap().len() >= 16));
    assert!(house.refused(&["init"]).contains("not_empty"));

    let county = province().demo_county().to_string();
    let made = house.json(&["accounts", "create", "li.officer", "经办岗", &county, "--as", "sysadmin"]);
    assert_eq!((made[0]["role"].as_str(), made[0]["disabled"].as_bool()), (Some("public"), Some(true)));
    let act = ["accounts", "act", "li.officer"];
    let by =
        |who: &'static str, more: &[&'static str]| [&act[..], more, &["--reason", "到岗", "--as", who][..]].concat();
    assert!(house.refused(&by("sysadmin", &["set_role", "--role", "county_officer"])).contains("forbidden"));
    assert!(house.refused(&by("secadmin", &["enable"])).contains("no_role"));
    assert!(house.refused(&["evaluations", "list", "--as", "li.officer"]).contains("no account"));
    house.ok(&by("secadmin", &["set_role", "--role", "county_officer"]));
    assert!(house.ok(&by("secadmin", &["enable"])).contains("enabled"));
    assert!(house.refused(&["evaluations", "list"]).contains("--as"));

    firms_by_commands(&house);
    let officer = ["--as", "li.officer"];
    let year = YEAR.to_string();
    let create = ["evaluations", "create", county.as_str(), year.as_str(), "--scheme", SCHEME];
    let made = house.json(&[&create[..], &officer[..]].concat());
    assert_eq!((made[0]["id"].as_i64(), made[0]["state"].as_str()), (Some(1), Some("collecting")));
    assert!(house.refused(&[&create[..], &officer[..]].concat()).contains("evaluation_exists"));
    let blank = house.path("tax.xlsx");
    house.ok(&["template", "tax", "--evaluation", "1", "--out", blank.to_str().unwrap(), "--as", "li.officer"]);
    assert!(std::fs::read(&blank).unwrap().starts_with(b"PK"));
    assert_eq!(house.json(&["imports", "list", "1", "--as", "li.officer"]), serde_json::json!([]));
    let new = house.json(&["accounts", "recover", "auditadmin"]);
    assert_ne!(new[0]["secret"], first[2]["secret"]);
    assert!(house.refused(&["accounts", "recover", "li.officer"]).contains("not_found"));
    assert!(house.ok(&["audit", "verify"]).contains("the chain holds"));
}

fn firms_by_commands(house: &House) {
    let codes: Vec<String> =
        province().firms_in(province().demo_county()).iter().take(2).map(|f| f.code.to_string()).collect();
    let list = format!(
        "企业名称,统一社会信用代码,行业代码,成立日期\n启衡机械有限公司,{},3311,2012-05-01\n泰禾纺织有限公司,{},1711,\n",
        codes[0], codes[1]
    );
    let good = write(&house.path("firms.csv"), &list);
    let bad = write(&house.path("bad.csv"), &list.replace("3311", "9999"));
    let officer = ["--as", "li.officer"];
    let refused = house.run(&[&["firms", "import", &bad][..], &officer[..]].concat());
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stdout);
    assert!(said.contains("C2 `9999`") && said.contains("nothing was changed"), "{said}");
    let taken = house.json(&[&["firms", "import", &good][..], &officer[..]].concat());
    assert_eq!((taken["new"].as_u64(), taken["applied"].as_bool()), (Some(2), Some(true)));
    let again = house.json(&[&["firms", "import", &good][..], &officer[..]].concat());
    assert_eq!((again["same"].as_u64(), again["applied"].as_bool()), (Some(2), Some(false)));
    let edit = ["firms", "edit", "1", "--name", "启衡装备有限公司", "--reason", "更名"];
    let edited = house.json(&[&edit[..], &officer[..]].concat());
    assert_eq!(edited["names"].as_array().unwrap().len(), 2);
    assert!(house.ok(&["firms", "list", "--as", "li.officer"]).contains("启衡装备有限公司"));
}

/// A county of some firms with its year evaluated and published; gives the run's number.
async fn an_evaluated_county(house: &House) -> i64 {
    let database = house.path("baigong.sqlite");
    let store = Store::open(database.to_str().unwrap(), OpenOptions::default()).await.unwrap();
    let services = Services::new(store, law(), Settings::for_region("370000".parse().unwrap()));
    let here = province().demo_county();
    let loaded = loader::load(&services, here, 60, |_| true).await;
    let elsewhere = province().firms().iter().map(|f| f.division).find(|d| d.parent() != here.parent()).unwrap();
    loader::accounts(
        &services,
        &[
            ("county", Role::CountyOfficer, here, None, None),
            ("land", Role::DepartmentOwner, here, Some(Department::Land), None),
            ("firm", Role::Firm, here, None, Some(loaded.firms[0])),
            ("stranger", Role::CountyOfficer, elsewhere, None, None),
        ],
    )
    .await;
    let run = services.seed_past_year(here, YEAR, SCHEME).await.unwrap();
    services.store().clone().close().await.unwrap();
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn an_evaluated_county_is_looked_at_exported_and_brought_back() {
    let house = House::new();
    let run = an_evaluated_county(&house).await.to_string();
    let run = run.as_str();
    let county = ["--as", "county"];

    for (what, format) in [("results", "csv"), ("results", "xlsx"), ("measures", "csv")] {
        let out = house.path(&format!("{what}.{format}"));
        let words = ["export", run, "--what", what, "--format", format, "--out", out.to_str().unwrap()];
        assert!(house.ok(&[&words[..], &county[..]].concat()).contains("rows"), "{what} {format}");
        assert!(std::fs::metadata(out).unwrap().len() > 100);
    }
    let handles = house.json(&[&["what-if", run][..], &county[..]].concat());
    let number = handles.as_array().unwrap().iter().find(|h| h["kind"] == "number").unwrap();
    let change = format!("{}={}", number["path"].as_str().unwrap(), number["value"].as_str().unwrap());
    let same = house.json(&[&["what-if", run, "--set", &change][..], &county[..]].concat());
    assert_eq!(same["moved_total"], 0, "the value that holds moves nobody");
    assert!(house.refused(&["what-if", run, "--set", "no/such/path=1", "--as", "county"]).contains("overlay"));
    let sheet = house.ok(&["sheet", "1", "1", "--as", "firm"]);
    assert!(sheet.contains("tax") && sheet.contains("effective land"), "{sheet}");
    let lists = house.json(&["publications", "list"]);
    assert_eq!((lists[0]["kind"].as_str(), lists.as_array().unwrap().len()), (Some("final"), 1));
    assert!(house.ok(&["publications", "show", "1"]).contains("rows"));
    assert_eq!(house.json(&["objections", "list", "1", "--as", "county"]), serde_json::json!([]));
    for words in [["sheet", "1", "1"], ["export", run, "--what=results"], ["objections", "list", "1"]] {
        let out = house.run(&[&words[..], &["--as", "stranger"][..]].concat());
        let seen = text(&out.stdout);
        assert!(!out.status.success() || seen.starts_with("id") && seen.contains("0 rows"), "{words:?}: {seen}");
    }
    brought_back(&house, run);
}

fn brought_back(house: &House, run: &str) {
    let copy = house.path("copy.sqlite");
    let copy = copy.to_str().unwrap();
    house.ok(&["backup", copy]);
    assert!(house.refused(&["restore", copy]).contains("--force"));
    let garbage = write(&house.path("garbage.sqlite"), "this is no database, however long it may be");
    assert!(house.refused(&["restore", &garbage, "--force"]).contains("nothing was changed"));
    assert!(house.ok(&["verify", run]).contains("agrees"), "the database is as it was");
    std::fs::remove_file(house.path("baigong.sqlite")).unwrap();
    assert!(house.ok(&["restore", copy]).contains("0 damaged"));
    let said = house.ok(&["restore", copy, "--force"]);
    assert!(said.contains("the chain holds"), "{said}");
    assert!(house.path("baigong.sqlite.before-restore").exists());
    assert!(house.ok(&["verify", run]).contains("agrees"));
}
