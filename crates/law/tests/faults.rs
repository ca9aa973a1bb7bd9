//! Every fault that a scheme can have is named with its code at its exact place, and many faults in
//! one file are named in one go.

use law::{Diagnostic, Law, Severity, Sources};
use std::path::Path;

const GOOD: &str = include_str!("files/good.yaml");
const PATH: &str = "shandong/example/per-mu/2025.yaml";

fn sources() -> Sources {
    Sources::from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../law")).expect("the folder is readable")
}

/// What is wrong in files below `shandong/example`.
fn findings(sources: &Sources) -> Vec<Diagnostic> {
    let (law, mut findings) = Law::load(sources);
    findings.extend(law::check(&law));
    findings.sort_by(|a, b| a.at.cmp(&b.at));
    findings.retain(|f| f.at.file.contains("example"));
    findings
}

/// Takes the mark `¶` out of a text; where it stood, as line and column.
fn unmark(text: &str) -> (String, (u32, u32)) {
    let before = text.split('¶').next().expect("a text has a first part");
    let line = before.matches('\n').count() as u32 + 1;
    let column = before.rsplit('\n').next().expect("a text has a last line").chars().count() as u32 + 1;
    (text.replace('¶', ""), (line, column))
}

#[test]
fn the_good_file_is_good() {
    assert_eq!(findings(&sources().with(PATH, GOOD)), []);
}

#[test]
fn each_fault_is_named_at_its_exact_place() {
    // Code; text of the good file; what stands there instead, `¶` where the finding must point.
    let table: &[(&str, &str, &str)] = &[
        ("unknown-key", "division: 370783", "division: 370783\n¶divison: 370783"),
        ("missing-key", "scheme: shandong/example/per-mu\nversion: 1\n", "¶scheme: shandong/example/per-mu\n"),
        ("missing-value", "division: 370783", "¶division:"),
        ("duplicate-key", "version: 1\n", "version: 1\n¶version: 2\n"),
        ("wrong-type", "classes:\n  - { class: A, title: 优先 | Priority }\n", "classes:\n  - ¶A\n"),
        ("wrong-type", "precedence: [accident, new]", "precedence: ¶accident"),
        ("bad-number", "weight: 60", "weight: ¶6O"),
        ("bad-percent", "value: 10%", "value: ¶1o%"),
        ("wrong-value", "A: 20%, B: 75%", "A: ¶2o%, B: 75%"),
        ("bad-date", "{ from: 2025-01-10 }", "{ from: ¶2025-02-30 }"),
        ("bad-integer", "score_decimals: 2\n  - id: below", "score_decimals: ¶20\n  - id: below"),
        ("bad-boolean", "within: shandong/frame", "within: shandong/frame\nadvisory: ¶yes"),
        ("bad-words", "title: 某县方案 | A county's scheme", "title: ¶某县方案"),
        ("bad-name", "{ id: new,", "{ id: ¶new one,"),
        ("bad-division", "division: 370783", "division: ¶37078"),
        ("bad-day", "status_day: 12-31", "status_day: ¶13-31"),
        (
            "wrong-word",
            "cut: floor\n      ties_at_cut: better\n      score_decimals: 2\n  - id",
            "cut: ¶down\n      ties_at_cut: better\n      score_decimals: 2\n  - id",
        ),
        ("empty-formula", "when: above_scale\n", "when: ¶\"\"\n"),
        ("yaml-syntax", "status_day: 12-31", "status_day: 12-31¶: 1"),
        ("yaml-alias", "land: { tenants: allocate_by_area }", "land: { tenants: &x allocate_by_area }\nwithin2: ¶*x"),
        ("id-is-not-folder", "scheme: shandong/example/per-mu", "scheme: ¶shandong/exampel/per-mu"),
        ("too-many-keys", "value: 3 }", "value: 3, by_year: { 2024: 3 } }"),
        ("number-without-citation", "cite: { document: 某政发〔2025〕1号, articles: [16] }\n", ""),
        ("unknown-indicator", "use: tax_share", "use: ¶tax_shares"),
        ("unknown-fact", "evidence: high_tech", "evidence: ¶high_teck"),
        ("unknown-name", "formula: tax_paid / revenue", "formula: tax_paid / ¶revenu"),
        ("unknown-name", "safety_accidents > 0", "¶safety_accident > 0"),
        ("unknown-class", "not_better_than: C", "not_better_than: ¶E"),
        ("unknown-class", "C: 95%, D: rest", "C: 95%, ¶E: rest"),
        ("unknown-class", "managed_as: B", "managed_as: ¶Z"),
        ("unknown-population", "[above_scale]", "[¶abovescale]"),
        ("unknown-override", "precedence: [accident, new]", "precedence: [accident, new, ¶newest]"),
        ("unknown-parameter", "{ fixed: base_tax }", "{ fixed: ¶base_taxes }"),
        ("unknown-process", "use: per-mu-evaluation", "use: ¶per-mu-valuation"),
        ("unknown-frame", "within: shandong/frame", "within: ¶shandong/fram"),
        ("unknown-measure", "frame: electricity_surcharge", "frame: ¶power_surcharge"),
        ("unknown-unit", "unit: mu,", "unit: ¶mou,"),
        (
            "unknown-division",
            "scheme: shandong/example/per-mu\nversion: 1\ntitle: 某县方案 | A county's scheme\ndivision: 370783",
            "¶scheme: shandong/example/per-mu\nversion: 1\ntitle: 某县方案 | A county's scheme\ndivision: 379999",
        ),
        ("unknown-block", "weight: 60, baseline", "weight: 60, block: ¶province, baseline"),
        (
            "not-known-here",
            "when: years_since_founded < new_years",
            "when: years_since_founded < new_years AND ¶points > 1",
        ),
        ("not-known-here", "when: high_tech, points", "when: ¶ranked_class = 'A', points"),
        ("cycle", "formula: tax_paid / revenue", "formula: ¶tax_paid / tax_share"),
        ("weights-sum", "weights_total: 100", "weights_total: ¶90"),
        ("weights-sum", "- id: below_scale", "- ¶id: below_scale"),
        ("number-in-formula", "tax_paid / revenue", "tax_paid * ¶3 / revenue"),
        ("number-in-formula", "safety_accidents > 0", "safety_accidents > 0 OR ¶12.5 < tax_paid"),
        ("unless-unless", "  - { id: new, title", "  - ¶{ id: new, title"),
        ("unknown-override", "when: safety_accidents > 0,", "when: safety_accidents > 0, unless: [¶newest],"),
        ("no-frame-then", "within: shandong/frame", "within: ¶shandong/frame"),
        ("bad-time", "  notice: { working_days: 5 }", "  ends_at: ¶\"25:30\"\n  notice: { working_days: 5 }"),
        ("bad-year", "  notice: { working_days: 5 }", "  notice: { by_year: { ¶21: { working_days: 5 } } }"),
        (
            "too-many-keys",
            "  notice: { working_days: 5 }",
            "  notice: ¶{ working_days: 5, by_year: { 2024: { working_days: 5 } } }",
        ),
        ("wrong-word", "classes: [D]", "classes: [D]\n    starts: ¶later"),
        ("block-sum", "    weights_total: 100", "    blocks: { province: ¶70 }\n    weights_total: 100"),
        (
            "no-block",
            "- { use: tax_per_mu, weight: 60, baseline: { fixed: base_tax }, cap: 1.5, floor: 0 }\n      - { use: tax_share, weight: 40, baseline: mean }",
            "- { use: tax_per_mu, weight: 60, block: p, baseline: { fixed: base_tax }, cap: 1.5, floor: 0 }\n      - ¶{ use: tax_share, weight: 40, baseline: mean }\n    blocks: { p: 60 }",
        ),
        ("weight-not-positive", "weight: 100, score: rank", "weight: ¶0, score: rank"),
        ("floor-above-cap", "cap: 1.5, floor: 0", "cap: 1.5, floor: ¶91"),
        ("points-not-positive", "points: 2, evidence", "points: ¶-2, evidence"),
        (
            "rank-not-alone",
            "- { use: tax_per_mu, weight: 100, score: rank }",
            "- ¶{ use: tax_per_mu, weight: 100, score: rank }\n      - { use: tax_share, weight: 1, baseline: mean }",
        ),
        ("cuts-order", "A: 20%, B: 75%, C: 95%", "A: 20%, B: 75%, C: ¶70%"),
        ("cuts-order", "{ A: 20, B: 10, C: 5, D: rest }", "{ A: 20, B: ¶30, C: 5, D: rest }"),
        ("class-order", "A: 20%, B: 75%, C: 95%", "A: 20%, C: 75%, B: ¶95%"),
        ("bad-share", "C: 95%", "C: ¶105%"),
        ("no-rest", "shares: { A: 20%, B: 75%, C: 95%, D: rest }", "shares: ¶{ A: 20%, B: 75%, C: 95% }"),
        ("two-rests", "{ A: 20, B: 10, C: 5, D: rest }", "{ A: 20, B: 10, C: rest, D: ¶rest }"),
        ("after-rest", "{ A: 20, B: 10, C: 5, D: rest }", "{ A: 20, B: 10, C: rest, ¶D: 1 }"),
        ("outside-frame", "A: 20%", "A: ¶25%"),
        ("outside-frame", "C: 95%", "C: ¶97%"),
        (
            "precedence-incomplete",
            "not_better_than: C }\n  - { id: new, title: 新企 | New, kind: protection, when: years_since_founded < new_years, not_worse_than: C }\nprecedence: [accident, new]",
            "not_better_than: C }\n  - ¶{ id: new, title: 新企 | New, kind: protection, when: years_since_founded < new_years, not_worse_than: C }\nprecedence: [accident]",
        ),
        ("precedence-twice", "scheme: shandong/example/per-mu\n", "¶scheme: shandong/example/per-mu\n"),
        (
            "duplicate-id",
            "  - { id: new, title",
            "  - ¶{ id: accident, title: 又 | Again, kind: veto, when: dishonest, set: D }\n  - { id: new, title",
        ),
        (
            "year-gap",
            "- { id: base_tax, title: 税收基准 | Benchmark, unit: 10k_yuan_per_mu, by_year: { 2024: 12.5, 2025: 13 } }",
            "- ¶{ id: base_tax, title: 税收基准 | Benchmark, unit: 10k_yuan_per_mu, by_year: { 2024: 12.5 } }",
        ),
        (
            "year-gap",
            "- { id: base_tax, title: 税收基准 | Benchmark, unit: 10k_yuan_per_mu, by_year: { 2024: 12.5, 2025: 13 } }",
            "- ¶{ id: base_tax, title: 税收基准 | Benchmark, unit: 10k_yuan_per_mu, by_year: { 2025: 12.5 } }",
        ),
        ("bad-year", "{ 2024: 12.5, 2025: 13 }", "{ 2024: 12.5, 2025: 13, ¶24: 1 }"),
        ("bad-period", "scheme: shandong/example/per-mu\n", "¶scheme: shandong/example/per-mu\n"),
        ("unit-mismatch", "unit: 10k_yuan_per_mu, by_year: { 2024", "unit: 10k_yuan, by_year: { 2024"),
        (
            "unused-parameter",
            "- { id: least_land",
            "- ¶{ id: spare, title: 多 | Spare, value: 1 }\n  - { id: least_land",
        ),
        ("measure-without-basis", "  - id: water\n", "  - ¶id: water\n"),
    ];
    let mut misses = Vec::new();
    for (code, good, bad) in table {
        assert!(GOOD.contains(good), "{code}: the good file has no `{good}`");
        let mut text = GOOD.replacen(good, bad, 1);
        // A few faults show elsewhere than where the text is changed.
        match *code {
            "precedence-twice" => {
                text = text.replace("precedence: [accident, new]", "precedence: [accident, new, new]")
            }
            "bad-period" => text = text.replace("{ from: 2024, to: 2025 }", "{ from: 2024, to: 2023 }"),
            "measure-without-basis" => text = text.replace("    basis: { document: 某发改〔2025〕2号 }\n", ""),
            "number-without-citation" => text = text.replacen("value: 3 }", "value: ¶3 }", 1),
            "too-many-keys" if bad.contains("by_year: 3") || bad.contains("{ 2024: 3 }") => {
                text = text.replacen("- { id: least_land", "- ¶{ id: least_land", 1)
            }
            "weights-sum" if bad.contains("below_scale") => text = text.replace("weight: 100,", "weight: 90,"),
            "unless-unless" => {
                text =
                    text.replace("when: safety_accidents > 0,", "when: safety_accidents > 0, unless: [new],").replace(
                        "when: years_since_founded < new_years,",
                        "when: years_since_founded < new_years, unless: [accident],",
                    )
            }
            "no-frame-then" => text = text.replace("{ from: 2025-01-10 }", "{ from: 2018-01-10, to: 2018-12-31 }"),
            "unit-mismatch" => text = text.replacen("baseline: { fixed", "baseline: ¶{ fixed", 1),
            _ => {}
        }
        let (text, place) = unmark(&text);
        let found = findings(&sources().with(PATH, &text));
        let hit = found.iter().any(|f| f.code == *code && (f.at.line, f.at.column) == place);
        let all: Vec<String> = found.iter().map(ToString::to_string).collect();
        if !hit {
            misses.push(format!("`{code}` at {place:?} was not found for `{bad}`; found:\n{}", all.join("\n")));
        }
        assert!(found.iter().all(|f| !f.found.is_empty() && !f.allowed.is_empty()));
    }
    assert!(misses.is_empty(), "{}", misses.join("\n\n"));
}

#[test]
fn a_misspelt_key_offers_the_nearest_one() {
    let found = findings(&sources().with(PATH, &GOOD.replace("weights_total", "weight_total")));
    assert_eq!(found[0].code, "unknown-key");
    assert!(found[0].allowed.starts_with("did you mean `weights_total`?"), "{}", found[0].allowed);
}

#[test]
fn a_dozen_faults_are_all_reported_in_one_go_by_place() {
    let text = GOOD
        .replace("division: 370783", "division: 37")
        .replace("{ from: 2025-01-10 }", "{ from: 2025-13-10 }")
        .replace("unit: mu,", "unit: mou,")
        .replace("tenants: allocate_by_area", "tenants: by_area")
        .replace("managed_as: B", "managed_as: Q")
        .replace("use: tax_share", "use: tax_shares")
        .replace("weights_total: 100", "weights_total: 95")
        .replace("A: 20%", "A: 26%")
        .replace("least_land\n", "leest_land\n")
        .replace("not_better_than: C", "not_better_than: X")
        .replace("precedence: [accident, new]", "precedence: [accident]")
        .replace("classes: [D]", "classes: [E]")
        .replace("use: per-mu-evaluation", "use: evaluation")
        .replace("working_days: 5", "working_day: 5");
    let found = findings(&sources().with(PATH, &text));
    let expected = [
        "bad-division",
        "bad-date",
        "unknown-unit",
        "unused-parameter",
        "wrong-word",
        "unknown-class",
        "unknown-indicator",
        "weights-sum",
        "outside-frame",
        "unknown-name",
        "unknown-class",
        "precedence-incomplete",
        "unknown-class",
        "unknown-process",
        "unknown-key",
    ];
    for code in expected {
        assert!(found.iter().any(|f| f.code == code), "{code} is missing among {found:#?}");
    }
    let lines: Vec<u32> = found.iter().map(|f| f.at.line).collect();
    assert!(lines.is_sorted(), "{lines:?}");
}

#[test]
fn versions_may_neither_overlap_nor_leave_a_gap() {
    let second = |from: &str, years: &str| {
        GOOD.replace("version: 1\n", "version: 2\n")
            .replace("{ from: 2025-01-10 }", from)
            .replace("{ from: 2024, to: 2025 }", years)
    };
    let first = GOOD
        .replace("{ from: 2025-01-10 }", "{ from: 2025-01-10, to: 2025-12-31 }")
        .replace("{ from: 2024, to: 2025 }", "{ from: 2024, to: 2024 }");
    let codes = |first: &str, second: &str| {
        let both = sources().with(PATH, first).with("shandong/example/per-mu/2026.yaml", second);
        let mut codes: Vec<&str> =
            findings(&both).iter().filter(|f| f.at.file.ends_with("2026.yaml")).map(|f| f.code).collect();
        codes.sort_unstable();
        codes
    };
    let next = second("{ from: 2026-01-01 }", "{ from: 2025, to: 2025 }");
    assert_eq!(codes(&first, &next), [""; 0]);
    assert_eq!(codes(GOOD, &next), ["overlapping-versions", "overlapping-years"]);
    let late = second("{ from: 2026-02-01 }", "{ from: 2027, to: 2027 }");
    assert_eq!(
        codes(&first, &late),
        ["date-gap", "year-gap", "year-gap"],
        "the year 2025, the benchmark of 2027 and the month of January"
    );
    assert_eq!(codes(&first, &next.replace("version: 2", "version: 1")), ["duplicate-version"]);
}

#[test]
fn a_scheme_that_runs_on_needs_its_benchmarks_for_every_year_with_a_calendar() {
    let open = GOOD.replace("{ from: 2024, to: 2025 }", "{ from: 2024 }");
    let found = findings(&sources().with(PATH, &open));
    let last = Law::load(&sources()).0.calendar.years.keys().next_back().expect("there are calendars") - 1;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].code, found[0].at.line, found[0].severity), ("year-gap", 12, Severity::Warning));
    assert!(found[0].found.ends_with(&format!("{last}")), "{}", found[0].found);
}

/// A frame of the example's own, in two versions, and the example within it.
fn framed(first: &str, second: &str) -> Sources {
    let frame = |version: u32, period: &str, amount: &str| {
        format!(
            "frame: shandong/example/frame\nversion: {version}\ntitle: 框架 | Frame\ndivision: 370000\n\
             cite: {{ document: 某文, articles: [16] }}\nin_force: {period}\nclasses:\n  - {{ class: D, title: 限制 | Restrict }}\n\
             measures:\n  - {{ id: electricity_surcharge, title: 加价 | Surcharge, classes: [D], value: {amount}, \
             unit: yuan_per_kwh, basis: {{ document: 某文 }}, owner: 供电 | Power company }}\n"
        )
    };
    sources()
        .with("shandong/example/frame/2020.yaml", &frame(1, first, "0.05"))
        .with("shandong/example/frame/2026.yaml", &frame(2, second, "0.30"))
        .with(PATH, &GOOD.replace("within: shandong/frame", "within: shandong/example/frame"))
}

#[test]
fn an_amendment_of_the_frame_leaves_earlier_schemes_as_they_were() {
    let sources = framed("{ from: 2020-01-01, to: 2025-12-31 }", "{ from: 2026-01-01 }");
    let (law, _) = Law::load(&sources);
    let scheme = law.scheme("shandong/example/per-mu", 2024).expect("the example evaluates 2024");
    let law::scheme::MeasureValue::Fixed { amount } = &scheme.measures[0].value else { panic!("one amount") };
    assert_eq!(amount.value.to_string(), "0.05", "the version in force on 10 January 2025");
    let digest = law.rule_digest(scheme);
    let files: Vec<String> = law.rule_files(scheme).into_keys().filter(|f| f.contains("frame")).collect();
    assert_eq!(files, ["shandong/example/frame/2020.yaml"]);
    // The amendment is not part of what the scheme rests on.
    let amended = &sources.files["shandong/example/frame/2026.yaml"].replace("0.30", "0.90");
    let (law, _) = Law::load(&sources.with("shandong/example/frame/2026.yaml", amended));
    assert_eq!(law.rule_digest(law.scheme("shandong/example/per-mu", 2024).expect("as before")), digest);
    // And its author is told that the scheme has to be renewed.
    let found = findings(&framed("{ from: 2020-01-01, to: 2025-12-31 }", "{ from: 2026-01-01 }"));
    let told: Vec<_> = found.iter().map(|f| (f.code, &*f.at.file, f.at.line)).collect();
    assert_eq!(told, [("frame-amended", PATH, 1)]);
}

#[test]
fn versions_of_a_frame_follow_each_other_day_by_day() {
    let codes = |first: &str, second: &str| {
        let found = findings(&framed(first, second));
        let at = |f: &&Diagnostic| f.at.file.ends_with("2026.yaml");
        found.iter().filter(at).map(|f| (f.code, f.at.line, f.at.column)).collect::<Vec<_>>()
    };
    assert_eq!(codes("{ from: 2020-01-01, to: 2025-12-31 }", "{ from: 2026-01-01 }"), []);
    assert_eq!(codes("{ from: 2020-01-01, to: 2025-11-30 }", "{ from: 2026-01-01 }"), [("date-gap", 1, 1)]);
    assert_eq!(codes("{ from: 2020-01-01 }", "{ from: 2026-01-01 }"), [("overlapping-versions", 1, 1)]);
}

#[test]
fn a_used_fact_that_no_workbook_can_bring_is_named_where_it_is_used() {
    let facts = "national/indicators/facts.yaml";
    let with = sources();
    let text = with.files[facts].replace(
        "  # 工信\n",
        "  # 工信\n  - { id: export_zone, title: 位于综保区 | In the bonded zone, owner: industry, kind: boolean }\n",
    );
    let (scheme, (line, column)) =
        unmark(&GOOD.replace("when: above_scale\n", "when: above_scale AND NOT ¶export_zone\n"));
    let found = findings(&with.with(facts, &text).with(PATH, &scheme));
    let told: Vec<_> = found.iter().map(|f| (f.code, f.at.line, f.at.column)).collect();
    assert_eq!(told, [("fact-without-template", line, column)]);
    assert!(found[0].allowed.contains("`industry`"), "{}", found[0].allowed);
}

#[test]
fn two_schemes_may_not_evaluate_one_place_in_one_year() {
    let other = GOOD.replace("shandong/example/per-mu", "shandong/example/second");
    let at = "shandong/example/second/2025.yaml";
    let found = findings(&sources().with(PATH, GOOD).with(at, &other));
    let told: Vec<_> = found.iter().map(|f| (f.code, &*f.at.file, f.at.line, f.at.column)).collect();
    assert_eq!(told, [("competing-schemes", at, 1, 1)]);
    let kept = other.replace("version: 1\n", "version: 1\nreference: true\n");
    assert_eq!(findings(&sources().with(PATH, GOOD).with(at, &kept)), []);
    let later = other.replace("{ from: 2024, to: 2025 }", "{ from: 2026, to: 2026 }");
    let found = findings(&sources().with(PATH, GOOD).with(at, &later));
    assert!(found.iter().all(|f| f.code == "year-gap"), "{found:#?}");
}

#[test]
fn a_demonstration_shows_its_unverified_values() {
    let (law, _) = Law::load(&sources());
    let scheme = law.scheme("shandong/weifang/changle/per-mu", 2023).expect("Changle evaluates 2023");
    let above = scheme.population("above_scale").expect("Changle ranks firms above scale");
    assert!(!above.indicators[0].weight.is_verified(), "the weight was assumed");
    let law::scheme::ClassMethod::Shares { cuts, .. } = &above.classing.method else {
        panic!("Changle classes by shares")
    };
    assert!(cuts.iter().all(|(_, cut)| cut.is_verified()), "the shares were read");
}

#[test]
fn severity_decides_whether_the_law_can_be_used() {
    let warned = GOOD.replace("    basis: { document: 某发改〔2025〕2号 }\n", "");
    let found = findings(&sources().with(PATH, &warned));
    assert!(found.iter().all(|f| f.severity == Severity::Warning) && law::is_usable(&found));
    assert!(!law::is_usable(&findings(&sources().with(PATH, &GOOD.replace("weights_total: 100", "weights_total: 1")))));
}
