//! Whose row is it?

mod common;

use base::DivisionCode;
use common::code;
use intake::{Key, KnownFirm, Match, Matcher};
use proptest::prelude::*;

fn county() -> DivisionCode {
    "370783".parse().unwrap()
}

fn firm(id: i64, name: &str, address: &str) -> KnownFirm {
    KnownFirm {
        id,
        credit_code: Some(code(id as u32).parse().unwrap()),
        former_codes: Vec::new(),
        names: vec![name.to_owned()],
        address: address.to_owned(),
        division: county(),
        town: "示例镇".to_owned(),
    }
}

fn register() -> Vec<KnownFirm> {
    vec![
        firm(1, "齐河恒达示例机械有限公司", "示例镇东环路12号"),
        firm(2, "齐河恒远示例化工有限公司", "示例镇西环路3号"),
        firm(3, "兴隆示例木业有限公司", "示例镇北街1号"),
        firm(4, "兴隆示例木业有限责任公司", "城南街道南街8号"),
        KnownFirm { division: "370784".parse().unwrap(), ..firm(5, "邻县示例纺织有限公司", "邻镇1号") },
        KnownFirm {
            former_codes: vec![code(900).parse().unwrap()],
            names: vec!["新名示例电子有限公司".to_owned(), "旧名示例电子厂".to_owned()],
            ..firm(6, "", "示例镇电子路6号")
        },
    ]
}

fn find(code: &str, name: &str, address: &str) -> Match {
    let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
    let (c, n, a) = (some(code), some(name), some(address));
    Matcher::new(county(), &register()).find(&Key { code: c.as_deref(), name: n.as_deref(), address: a.as_deref() })
}

fn doubtful(found: &Match) -> Vec<(i64, Vec<&'static str>)> {
    let Match::Doubtful { candidates } = found else { panic!("{found:?}") };
    assert!(candidates.windows(2).all(|w| w[0].confidence >= w[1].confidence));
    candidates.iter().map(|c| (c.firm, c.reasons.iter().map(|r| r.code).collect())).collect()
}

#[test]
fn a_code_with_an_equal_similar_or_absent_name_is_certain() {
    for name in [
        "齐河恒达示例机械有限公司",
        "齐河恒达示例机械（有限）公司",
        "山东齐河恒达示例机械股份有限公司",
        "齐河恒达机械有限公司",
        "",
    ] {
        assert_eq!(find(&code(1), name, "").firm(), Some(1), "{name}");
    }
    assert_eq!(find(&format!(" {} ", code(1).to_lowercase()), "", "").firm(), Some(1));
}

#[test]
fn a_code_whose_name_is_another_firms_is_doubtful_and_offers_both() {
    let found = find(&code(1), "兴隆示例木业有限公司", "");
    let candidates = doubtful(&found);
    let firms: Vec<i64> = candidates.iter().map(|c| c.0).collect();
    assert!(firms.contains(&1) && firms.contains(&3) && firms.contains(&4), "{candidates:?}");
    let by_code = candidates.iter().find(|c| c.0 == 1).unwrap();
    assert!(by_code.1.contains(&"code_equal") && by_code.1.contains(&"name_differs"));
}

#[test]
fn former_codes_and_former_names_lead_to_the_firm() {
    assert_eq!(find(&code(900), "旧名示例电子厂", "").firm(), Some(6));
    assert_eq!(find(&code(6), "旧名示例电子厂", "").firm(), Some(6));
    let by_name = doubtful(&find("", "旧名示例电子厂", ""));
    assert_eq!(by_name[0].0, 6);
    assert!(by_name[0].1.contains(&"name_former"));
}

#[test]
fn slips_in_a_code_are_corrected_only_as_a_proposal() {
    let right = code(1);
    let zero = right.rfind('0').unwrap();
    let with_letter = format!("{}O{}", &right[..zero], &right[zero + 1..]);
    let changed = format!("{}7{}", &right[..10], &right[11..]);
    let mut exchanged: Vec<char> = right.chars().collect();
    exchanged.swap(7, 8);
    let exchanged: String = exchanged.into_iter().collect();
    let missing = format!("{}{}", &right[..5], &right[6..]);
    let surplus = format!("{}9{}", &right[..5], &right[5..]);
    for wrong in [&with_letter, &changed, &exchanged, &missing, &surplus] {
        let found = find(wrong, "齐河恒达示例机械有限公司", "");
        let candidates = doubtful(&found);
        assert_eq!(candidates[0].0, 1, "{wrong}");
        assert!(candidates[0].1.contains(&"code_corrected"), "{wrong}: {candidates:?}");
    }
}

#[test]
fn without_a_code_a_unique_name_or_the_address_decides() {
    let Match::Certain(found) = find("", "齐河恒达示例机械有限公司", "") else { panic!() };
    assert_eq!(found.firm, 1);
    assert!(found.confidence < 0.95, "less than by code");
    let shared = doubtful(&find("", "兴隆示例木业有限公司", ""));
    assert_eq!(shared.iter().map(|c| c.0).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(find("", "兴隆示例木业有限公司", "山东省城南街道南街8号").firm(), Some(4));
    let elsewhere = doubtful(&find("", "齐河恒达示例机械有限公司", "完全不同的另一处地址99号"));
    assert!(elsewhere[0].1.contains(&"address_differs"));
}

#[test]
fn a_valid_code_outside_the_register_never_makes_a_name_certain() {
    let found = find(&code(77), "齐河恒达示例机械有限公司", "示例镇东环路12号");
    let candidates = doubtful(&found);
    assert_eq!(candidates[0].0, 1);
    assert!(candidates[0].1.contains(&"code_unknown"));
    assert!(matches!(find(&code(77), "毫无关系的某某单位", ""), Match::Unknown { .. }));
}

#[test]
fn a_firm_of_another_county_has_its_own_verdict() {
    let Match::OtherDivision(found) = find(&code(5), "邻县示例纺织有限公司", "") else { panic!() };
    assert_eq!((found.firm, found.division), (5, "370784".parse().unwrap()));
    assert!(found.reasons.iter().any(|r| r.code == "other_division"));
}

#[test]
fn nothing_given_is_unknown() {
    assert!(matches!(find("", "", ""), Match::Unknown { .. }));
    assert!(matches!(find("", "（）", ""), Match::Unknown { .. }));
}

#[test]
fn two_firms_with_one_code_in_the_register_are_never_certain() {
    let mut firms = register();
    firms.push(KnownFirm { credit_code: Some(code(1).parse().unwrap()), ..firm(9, "另一家示例公司", "") });
    let found = Matcher::new(county(), &firms).find(&Key { code: Some(&code(1)), ..Key::default() });
    let candidates = doubtful(&found);
    assert_eq!(candidates.len(), 2);
    assert!(candidates.iter().all(|c| c.1.contains(&"code_shared")));
}

const PARTS: [&str; 12] = ["恒", "达", "兴", "隆", "鑫", "源", "机械", "化工", "木业", "示例", "电子", "齐河"];

fn names() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PARTS[..]), 2..6).prop_map(|p| format!("{}有限公司", p.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_verdict_never_depends_on_the_order_of_the_register(
        names in prop::collection::vec(names(), 3..30),
        seed in any::<u64>(),
        asked in names(),
        asked_code in 0u32..40,
        with_code in any::<bool>(),
    ) {
        let firms: Vec<KnownFirm> = names.iter().enumerate().map(|(i, n)| firm(i as i64, n, "示例镇1号")).collect();
        let mut shuffled = firms.clone();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        let text = code(asked_code);
        let key = Key { code: with_code.then_some(text.as_str()), name: Some(&asked), address: None };
        prop_assert_eq!(Matcher::new(county(), &firms).find(&key), Matcher::new(county(), &shuffled).find(&key));
    }

    #[test]
    fn a_row_with_a_firms_own_code_and_name_always_finds_it(names in prop::collection::vec(names(), 1..40), pick in any::<prop::sample::Index>()) {
        let firms: Vec<KnownFirm> = names.iter().enumerate().map(|(i, n)| firm(i as i64, n, "示例镇1号")).collect();
        let wanted = &firms[pick.index(firms.len())];
        let code = wanted.credit_code.as_ref().map(|c| c.as_str());
        let key = Key { code, name: Some(&wanted.names[0]), address: None };
        prop_assert_eq!(Matcher::new(county(), &firms).find(&key).firm(), Some(wanted.id));
    }

    #[test]
    fn a_wrong_code_is_never_certain(n in 0u32..1000, at in 0usize..18, letter in prop::sample::select(&b"0123456789ABCDEFGHJKLMNPQRTUWXYOIZ"[..])) {
        let firms: Vec<KnownFirm> = (0..50).map(|i| firm(i, &format!("示例{i}号机械有限公司"), "")).collect();
        let mut text = code(n % 50).into_bytes();
        prop_assume!(text[at] != letter);
        text[at] = letter;
        let text = String::from_utf8(text).unwrap();
        let name = format!("示例{}号机械有限公司", n % 50);
        let found = Matcher::new(county(), &firms).find(&Key { code: Some(&text), name: Some(&name), address: None });
        // One changed character always breaks the check, so no single slip can pass for a code.
        let is_doubtful = matches!(found, Match::Doubtful { .. });
        prop_assert!(is_doubtful);
    }
}
