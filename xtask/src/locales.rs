//! The two languages say the same things: the same keys, a text under each, the same blanks to fill.

use crate::tree::Tree;
use serde_json::Value;
use std::collections::BTreeMap;

const FOLDER: &str = "web/src/locales/";
const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// Keys that one language lacks, empty texts, and texts whose `{blanks}` differ.
pub fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    let mut words = [BTreeMap::new(), BTreeMap::new()];
    for (language, words) in LANGUAGES.iter().zip(&mut words) {
        let files = tree.files.iter().filter(|file| {
            let rest = file.path.strip_prefix(FOLDER).and_then(|rest| rest.strip_prefix(language));
            file.extension() == "json" && rest.is_some_and(|rest| rest.starts_with(['.', '/']))
        });
        let mut read = 0;
        for file in files {
            read += 1;
            // Files of a folder are told apart by their path below it.
            let prefix = file.path[FOLDER.len() + language.len()..].trim_end_matches(".json");
            match serde_json::from_str::<Value>(&file.text) {
                Ok(value) => flatten(prefix.trim_start_matches('/'), &value, words),
                Err(error) => faults.push(format!("{}:{}: {error}", file.path, error.line())),
            }
        }
        if read == 0 {
            faults.push(format!("{FOLDER}{language}.json: missing; both languages are expected as JSON"));
        }
    }
    let [chinese, english] = &words;
    for (key, text) in chinese {
        match english.get(key) {
            None => faults.push(format!("{FOLDER}en: key `{key}` is missing; zh-CN has it")),
            Some(other) if blanks(text) != blanks(other) => faults.push(format!(
                "{FOLDER}: key `{key}` has the blanks {:?} in zh-CN and {:?} in en",
                blanks(text),
                blanks(other)
            )),
            Some(_) => {}
        }
    }
    faults.extend(
        english
            .keys()
            .filter(|key| !chinese.contains_key(*key))
            .map(|key| format!("{FOLDER}zh-CN: key `{key}` is missing; en has it")),
    );
    for (language, words) in LANGUAGES.iter().zip(&words) {
        let empty = words.iter().filter(|(_, text)| text.trim().is_empty());
        faults.extend(empty.map(|(key, _)| format!("{FOLDER}{language}: key `{key}` is empty")));
    }
    faults
}

fn flatten(prefix: &str, value: &Value, words: &mut BTreeMap<String, String>) {
    let key = |part: &str| if prefix.is_empty() { part.to_owned() } else { format!("{prefix}.{part}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(part, inner)| flatten(&key(part), inner, words)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, inner)| flatten(&key(&at.to_string()), inner, words))
        }
        Value::String(text) => drop(words.insert(prefix.to_owned(), text.clone())),
        other => drop(words.insert(prefix.to_owned(), other.to_string())),
    }
}

/// Names in braces, sorted, each once: a plural text may repeat them.
fn blanks(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    names.retain(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chinese: &str, english: &str) -> Vec<String> {
        faults(&Tree::of_texts(&[("web/src/locales/zh-CN.json", chinese), ("web/src/locales/en.json", english)]))
    }

    #[test]
    fn a_key_that_one_language_lacks_is_a_fault() {
        assert_eq!(check(r#"{"a":{"b":"甲"}}"#, r#"{"a":{"b":"A"}}"#), Vec::<String>::new());
        assert!(check(r#"{"a":{"b":"甲"}}"#, "{}")[0].contains("`a.b` is missing; zh-CN has it"));
        assert!(check("{}", r#"{"a":"A"}"#)[0].contains("`a` is missing; en has it"));
    }

    #[test]
    fn an_empty_text_and_other_blanks_are_faults() {
        assert_eq!(check(r#"{"a":"甲"}"#, r#"{"a":""}"#).len(), 1);
        assert_eq!(check(r#"{"a":"{n} 户"}"#, r#"{"a":"{count} firms"}"#).len(), 1);
        assert!(check(r#"{"a":"{n} 户"}"#, r#"{"a":"one firm | {n} firms, {n}"}"#).is_empty());
    }

    #[test]
    fn missing_and_broken_files_are_faults() {
        assert_eq!(faults(&Tree::of_texts(&[])).len(), 2);
        assert!(check("{", "{}")[0].starts_with("web/src/locales/zh-CN.json:1:"));
    }
}
