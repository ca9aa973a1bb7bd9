//! The committed JSON Schemas and the key tables of the guide are those that the reader's own
//! description gives. `UPDATE=1` writes them anew.

use std::{env, fs, path::PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a committed text with what it should be, or writes it.
fn same(path: &str, expected: &str) {
    let file = root().join(path);
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().expect("a file in a folder")).expect("the folder can be made");
        fs::write(&file, expected).expect("the file can be written");
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} has drifted; run the law tests with UPDATE=1 to write it anew");
}

#[test]
fn the_committed_schemas_say_what_the_reader_says() {
    for (name, schema) in law::schema::schemas() {
        let text = serde_json::to_string_pretty(&schema).expect("a schema is plain data");
        same(&format!("law/schemas/{name}.schema.json"), &(text + "\n"));
    }
}

/// Writes the key tables of a guide between their marks.
fn tables(path: &str, tables: &[(&str, String)]) {
    let text = fs::read_to_string(root().join(path)).expect("the guide is there");
    let mut expected = text.clone();
    for (name, table) in tables {
        let (begin, end) = (format!("<!-- keys:{name} -->"), format!("<!-- /keys:{name} -->"));
        let from = expected.find(&begin).expect("the table has a place") + begin.len();
        let to = expected.find(&end).expect("the table's place ends");
        expected.replace_range(from..to, &format!("\n{table}\n"));
    }
    same(path, &expected);
}

#[test]
fn the_guides_key_tables_say_what_the_reader_says() {
    let of = |name: &'static str| (name, law::schema::tables(name));
    let cited = ("cited", law::schema::cited_table());
    tables("docs/guides/rule-author.md", &[cited, of("scheme"), of("frame"), of("case")]);
    tables("docs/guides/chains.md", &[of("chain"), of("industry_list"), of("chain_rules")]);
}

/// The fenced YAML blocks of a guide.
fn blocks(guide: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/guides").join(guide)).expect("the guide is there");
    text.split("```yaml\n").skip(1).map(|part| part.split("```").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_guides_examples_load_without_a_fault() {
    let (blocks, chains) = (blocks("rule-author.md"), blocks("chains.md"));
    let sources = law::Sources::from_dir(&root().join("law"))
        .expect("the folder is readable")
        .with("shandong/example/per-mu/2025.yaml", &blocks[0])
        .with("cases/example/cap.yaml", &blocks[1])
        .with("shandong/chains/wind-power/example.yaml", &chains[0])
        .with("shandong/example/wind-power/1.yaml", &chains[1]);
    let (law, mut findings) = law::Law::load(&sources);
    findings.extend(law::check(&law));
    findings.extend(law::case::load(&sources, &law).1);
    let own: Vec<String> = findings.iter().filter(|f| f.at.file.contains("example")).map(ToString::to_string).collect();
    assert!(own.is_empty(), "{}", own.join("\n"));
}
