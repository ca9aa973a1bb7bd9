//! The register indexed for matching, and the decisions.

use super::{Candidate, Key, KnownFirm, Match, Reason};
use crate::Wording;
use crate::cells::code_fault;
use base::text::{address_key, name_key};
use base::{CreditCode, DivisionCode, code};
use std::collections::{BTreeMap, HashMap};

/// Names at least this alike agree, when the credit code does too.
const NAME_AGREES: f64 = 0.7;
/// Names less alike than this are not worth a person's look.
const NAME_WORTH_A_LOOK: f64 = 0.6;
/// Most candidates found by resemblance alone.
const MOST_SIMILAR: usize = 5;
/// Letters that are no part of codes but look like one, and what they look like; besides them,
/// pairs that people mix up.
const LOOK_ALIKES: [(char, char); 10] = [
    ('O', '0'),
    ('I', '1'),
    ('S', '5'),
    ('Z', '2'),
    ('V', 'U'),
    ('L', '1'),
    ('Q', '0'),
    ('D', '0'),
    ('B', '8'),
    ('G', '6'),
];
/// The alphabet of credit codes.
const CODE_LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

struct Entry {
    id: i64,
    division: DivisionCode,
    /// Today's name first.
    names: Vec<String>,
    /// Keys of `names`.
    keys: Vec<String>,
    address: String,
}

/// The register, ready to say whose row it is.
pub struct Matcher {
    county: DivisionCode,
    firms: Vec<Entry>,
    by_code: HashMap<String, Vec<u32>>,
    by_former_code: HashMap<String, Vec<u32>>,
    by_name: HashMap<String, Vec<u32>>,
    by_pair: HashMap<[char; 2], Vec<u32>>,
    /// Pairs of characters in more names than this tell nothing (county names, 机械 …).
    common: usize,
}

/// How a name agrees with a firm's.
#[derive(Clone, Copy, PartialEq)]
enum Agreement {
    NotGiven,
    Equal,
    EqualFormer,
    Similar(f64),
    Differs(f64),
}

impl Matcher {
    /// Indexes the register as seen from a county: rows are expected to be about its firms, and
    /// those of other counties are known only to say so.
    pub fn new(county: DivisionCode, firms: &[KnownFirm]) -> Self {
        let mut out = Self {
            county,
            firms: Vec::with_capacity(firms.len()),
            by_code: HashMap::with_capacity(firms.len()),
            by_former_code: HashMap::new(),
            by_name: HashMap::with_capacity(firms.len()),
            by_pair: HashMap::new(),
            common: (firms.len() / 20).max(200),
        };
        for (i, firm) in firms.iter().enumerate() {
            out.add(i as u32, firm);
        }
        out
    }

    fn add(&mut self, index: u32, firm: &KnownFirm) {
        if let Some(code) = &firm.credit_code {
            self.by_code.entry(code.as_str().to_owned()).or_default().push(index);
        }
        for code in &firm.former_codes {
            self.by_former_code.entry(code.as_str().to_owned()).or_default().push(index);
        }
        let keys: Vec<String> = firm.names.iter().map(|n| name_key(n)).collect();
        for key in keys.iter().filter(|k| !k.is_empty()) {
            let same = self.by_name.entry(key.clone()).or_default();
            if same.last() != Some(&index) {
                same.push(index);
            }
            for pair in pairs(key) {
                let firms = self.by_pair.entry(pair).or_default();
                if firms.last() != Some(&index) {
                    firms.push(index);
                }
            }
        }
        self.firms.push(Entry {
            id: firm.id,
            division: firm.division,
            names: firm.names.iter().map(|n| n.trim().to_owned()).collect(),
            keys,
            address: address_key(&firm.address),
        });
    }

    /// The county whose rows are matched.
    pub fn county(&self) -> DivisionCode {
        self.county
    }

    /// Whose row it is. Depends on the key and the register alone; candidates of equal confidence
    /// stand in order of their ids.
    pub fn find(&self, key: &Key<'_>) -> Match {
        let code = key.code.map(code::fold).filter(|c| !c.is_empty());
        let name = key.name.map(str::trim).filter(|n| !name_key(n).is_empty());
        let address = key.address.map(address_key).filter(|a| !a.is_empty());
        let asked = Asked { name, name_key: name.map(name_key), address };
        match code {
            None => self.by_name_alone(&asked, None),
            Some(text) => match text.parse::<CreditCode>() {
                Ok(code) => self.by_valid_code(&code, &asked),
                Err(fault) => {
                    let why = code_fault(&fault);
                    self.by_invalid_code(&text, Reason { code: why.code, agrees: false, wording: why.wording }, &asked)
                }
            },
        }
    }

    fn by_valid_code(&self, code: &CreditCode, asked: &Asked<'_>) -> Match {
        if let Some(found) = self.by_code.get(code.as_str()) {
            let reason = Reason::on("code_equal", "信用代码相同", "the credit codes are equal");
            return self.by_code_found(found, reason, 1.0, asked);
        }
        if let Some(found) = self.by_former_code.get(code.as_str()) {
            let reason =
                Reason::on("code_former", "信用代码是企业以前的代码", "the credit code is a former one of the firm");
            return self.by_code_found(found, reason, 0.96, asked);
        }
        let reason = Reason::against(
            "code_unknown",
            "信用代码有效，但名录中没有",
            "the credit code is valid but not in the register",
        );
        self.by_name_alone(asked, Some(reason))
    }

    /// A code of the register: certain unless the name contradicts it.
    fn by_code_found(&self, found: &[u32], reason: Reason, ceiling: f64, asked: &Asked<'_>) -> Match {
        let shared = found.len() > 1;
        let mut candidates = Vec::new();
        let mut certain = !shared;
        for index in found {
            let (agreement, mut reasons) = self.name_reasons(*index, asked);
            reasons.insert(0, reason.clone());
            if shared {
                let n = found.len();
                reasons.push(Reason::against(
                    "code_shared",
                    &format!("名录中有 {n} 家企业用这个代码"),
                    &format!("{n} firms of the register have this code"),
                ));
            }
            let confidence = match agreement {
                Agreement::Equal => 1.0,
                Agreement::EqualFormer => 0.98,
                Agreement::Similar(alike) => 0.9 + 0.08 * alike,
                Agreement::NotGiven => 0.95,
                Agreement::Differs(alike) => {
                    certain = false;
                    0.45 + 0.2 * alike
                }
            };
            let confidence = if shared { confidence * 0.5 } else { confidence };
            candidates.push(self.candidate(*index, confidence.min(ceiling), reasons, asked));
        }
        if certain && let Some(candidate) = candidates.pop() {
            return self.certain(candidate);
        }
        if !shared {
            candidates.extend(self.named_like(asked, found, &[]));
        }
        doubtful(candidates)
    }

    fn by_invalid_code(&self, text: &str, reason: Reason, asked: &Asked<'_>) -> Match {
        let mut candidates = Vec::new();
        let mut taken = Vec::new();
        for (index, change) in self.corrections(text) {
            let (agreement, mut reasons) = self.name_reasons(index, asked);
            reasons.insert(0, reason.clone());
            reasons.insert(1, change);
            let confidence = match agreement {
                Agreement::Equal => 0.97,
                Agreement::EqualFormer => 0.94,
                Agreement::Similar(alike) => 0.8 + 0.12 * alike,
                Agreement::NotGiven => 0.7,
                Agreement::Differs(alike) => 0.3 + 0.2 * alike,
            };
            taken.push(index);
            candidates.push(self.candidate(index, confidence, reasons, asked));
        }
        candidates.extend(self.named_like(asked, &taken, std::slice::from_ref(&reason)));
        if candidates.is_empty() {
            return Match::Unknown { reasons: vec![reason, nothing_alike(asked)] };
        }
        doubtful(candidates)
    }

    /// Firms whose code differs from the text by one slip of hand or eye.
    fn corrections(&self, text: &str) -> BTreeMap<u32, Reason> {
        let chars: Vec<char> = text.chars().collect();
        let mut out = BTreeMap::new();
        if !(17..=19).contains(&chars.len()) {
            return out;
        }
        let mut attempt = |changed: &[char], slip: Slip| {
            let changed: String = changed.iter().collect();
            let Ok(code) = changed.parse::<CreditCode>() else { return };
            for index in
                [&self.by_code, &self.by_former_code].into_iter().filter_map(|m| m.get(code.as_str())).flatten()
            {
                out.entry(*index).or_insert_with(|| slip.reason(code.as_str()));
            }
        };
        let swapped: Vec<char> = chars
            .iter()
            .map(|c| LOOK_ALIKES[..5].iter().find(|(wrong, _)| wrong == c).map_or(*c, |(_, right)| *right))
            .collect();
        if swapped != chars {
            attempt(&swapped, Slip::LookAlike);
        }
        if chars.len() == 18 {
            for i in 0..17 {
                if chars[i] != chars[i + 1] {
                    let mut changed = chars.clone();
                    changed.swap(i, i + 1);
                    attempt(&changed, Slip::Exchanged(i + 1));
                }
            }
            for i in 0..18 {
                for c in CODE_LETTERS.chars().filter(|c| *c != chars[i]) {
                    let mut changed = chars.clone();
                    changed[i] = c;
                    let alike = LOOK_ALIKES.iter().any(|(a, b)| (*a, *b) == (chars[i], c) || (*b, *a) == (chars[i], c));
                    attempt(&changed, if alike { Slip::LookAlike } else { Slip::Character(i + 1) });
                }
            }
        }
        if chars.len() == 17 {
            for i in 0..=17 {
                for c in CODE_LETTERS.chars() {
                    let mut changed = chars.clone();
                    changed.insert(i, c);
                    attempt(&changed, Slip::Missing(i + 1));
                }
            }
        }
        if chars.len() == 19 {
            for i in 0..19 {
                let mut changed = chars.clone();
                changed.remove(i);
                attempt(&changed, Slip::Extra(i + 1));
            }
        }
        out
    }

    /// No code helps: the name decides, and the address. With a code that is none of the
    /// register's, nothing found by name is certain.
    fn by_name_alone(&self, asked: &Asked<'_>, code_reason: Option<Reason>) -> Match {
        let Some(key) = &asked.name_key else {
            let reason = code_reason.unwrap_or_else(|| {
                Reason::against(
                    "key_missing",
                    "没有信用代码，也没有企业名称",
                    "neither a credit code nor a name was given",
                )
            });
            return Match::Unknown { reasons: vec![reason] };
        };
        let here: Vec<u32> =
            self.equal_names(key).filter(|i| self.county.covers(self.firms[*i as usize].division)).collect();
        if code_reason.is_none()
            && let Some(sure) = self.sure_by_name(&here, asked)
        {
            return self.certain(sure);
        }
        let reasons: Vec<Reason> = code_reason.clone().into_iter().collect();
        let candidates = self.named_like(asked, &[], &reasons);
        if candidates.is_empty() {
            return Match::Unknown { reasons: reasons.into_iter().chain([nothing_alike(asked)]).collect() };
        }
        doubtful(candidates)
    }

    /// The one firm of the county that bears the name today and whose address does not contradict,
    /// or the only one of several at the address.
    fn sure_by_name(&self, here: &[u32], asked: &Asked<'_>) -> Option<Candidate> {
        let at_address: Vec<u32> =
            here.iter().copied().filter(|i| self.address_agrees(*i, asked) == Some(true)).collect();
        let today = |i: u32| Some(&self.firms[i as usize].keys[0]) == asked.name_key.as_ref();
        let (index, confidence) = match (here, at_address.as_slice()) {
            (_, [one]) => (*one, if here.len() == 1 && today(*one) { 0.97 } else { 0.9 }),
            ([one], []) if asked.address.is_none() && today(*one) => (*one, 0.9),
            _ => return None,
        };
        let (_, mut reasons) = self.name_reasons(index, asked);
        reasons.push(Reason::on("no_code", "这一行没有信用代码", "the row has no credit code"));
        if here.len() == 1 {
            reasons.push(Reason::on(
                "name_unique",
                "本县只有一家企业用这个名称",
                "no other firm of the county has this name",
            ));
        }
        Some(self.candidate(index, confidence, reasons, asked))
    }

    fn equal_names(&self, key: &str) -> impl Iterator<Item = u32> + '_ {
        self.by_name.get(key).into_iter().flatten().copied()
    }

    /// Firms of the same or a similar name, apart from those already taken.
    fn named_like(&self, asked: &Asked<'_>, taken: &[u32], first: &[Reason]) -> Vec<Candidate> {
        let Some(key) = &asked.name_key else { return Vec::new() };
        let equal: Vec<u32> = self.equal_names(key).filter(|i| !taken.contains(i)).collect();
        let mut out: Vec<Candidate> = equal
            .iter()
            .map(|index| {
                let (agreement, reasons) = self.name_reasons(*index, asked);
                let base = if agreement == Agreement::Equal { 0.8 } else { 0.7 };
                let confidence = if equal.len() > 1 { base - 0.15 } else { base };
                self.candidate(*index, confidence, [first, &reasons].concat(), asked)
            })
            .collect();
        let similar = self.similar(key).into_iter().filter(|(i, _)| !taken.contains(i) && !equal.contains(i));
        for (index, alike) in similar.take(MOST_SIMILAR) {
            let (_, reasons) = self.name_reasons(index, asked);
            out.push(self.candidate(index, 0.65 * alike, [first, &reasons].concat(), asked));
        }
        out
    }

    /// Firms of the county with similar names, most alike first.
    fn similar(&self, key: &str) -> Vec<(u32, f64)> {
        let asked: Vec<[char; 2]> = pairs(key).collect();
        let telling = |limit: usize| -> Vec<&Vec<u32>> {
            asked.iter().filter_map(|p| self.by_pair.get(p)).filter(|firms| firms.len() <= limit).collect()
        };
        let mut lists = telling(self.common);
        if lists.is_empty() {
            lists = telling(usize::MAX);
        }
        let mut hits: HashMap<u32, u32> = HashMap::new();
        for firms in lists {
            for index in firms {
                *hits.entry(*index).or_default() += 1;
            }
        }
        let mut out: Vec<(u32, f64)> = hits
            .into_keys()
            .filter(|i| self.county.covers(self.firms[*i as usize].division))
            .map(|i| (i, self.firms[i as usize].keys.iter().map(|k| likeness(key, k)).fold(0.0, f64::max)))
            .filter(|(_, alike)| *alike >= NAME_WORTH_A_LOOK)
            .collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1).then(self.firms[a.0 as usize].id.cmp(&self.firms[b.0 as usize].id)));
        out
    }

    /// How the row's name agrees with the firm's, with the sentence.
    fn name_reasons(&self, index: u32, asked: &Asked<'_>) -> (Agreement, Vec<Reason>) {
        let firm = &self.firms[index as usize];
        let (Some(name), Some(key)) = (asked.name, &asked.name_key) else {
            return (
                Agreement::NotGiven,
                vec![Reason::against("name_absent", "这一行没有企业名称", "the row has no name")],
            );
        };
        let today = firm.names.first().map(String::as_str).unwrap_or_default();
        if let Some(position) = firm.keys.iter().position(|k| k == key) {
            if position == 0 {
                return (Agreement::Equal, vec![Reason::on("name_equal", "名称相同", "the names are equal")]);
            }
            let reason = Reason::on(
                "name_former",
                &format!("“{name}”是“{today}”以前的名称"),
                &format!("“{name}” is a former name of “{today}”"),
            );
            return (Agreement::EqualFormer, vec![reason]);
        }
        let alike = firm.keys.iter().map(|k| likeness(key, k)).fold(0.0, f64::max);
        let percent = (alike * 100.0).floor();
        if alike >= NAME_AGREES {
            let reason = Reason::on(
                "name_similar",
                &format!("名称相近（{percent:.0}%）：“{name}”与“{today}”"),
                &format!("the names are similar ({percent:.0} %): “{name}” and “{today}”"),
            );
            (Agreement::Similar(alike), vec![reason])
        } else {
            let reason = Reason::against(
                "name_differs",
                &format!("名称不同：“{name}”与“{today}”"),
                &format!("the names differ: “{name}” and “{today}”"),
            );
            (Agreement::Differs(alike), vec![reason])
        }
    }

    fn address_agrees(&self, index: u32, asked: &Asked<'_>) -> Option<bool> {
        let own = &self.firms[index as usize].address;
        let given = asked.address.as_ref()?;
        if own.is_empty() {
            return None;
        }
        let within = |a: &str, b: &str| a.chars().count() >= 6 && b.contains(a);
        Some(
            own == given
                || within(own, given)
                || within(given, own)
                || strsim::normalized_damerau_levenshtein(own, given) >= 0.8,
        )
    }

    fn candidate(&self, index: u32, confidence: f64, mut reasons: Vec<Reason>, asked: &Asked<'_>) -> Candidate {
        let firm = &self.firms[index as usize];
        let mut confidence = confidence;
        match self.address_agrees(index, asked) {
            Some(true) => {
                reasons.push(Reason::on("address_agrees", "地址一致", "the addresses agree"));
                confidence += (1.0 - confidence) * 0.3;
            }
            Some(false) => {
                reasons.push(Reason::against("address_differs", "地址不同", "the addresses differ"));
                confidence *= 0.95;
            }
            None => {}
        }
        if !self.county.covers(firm.division) {
            reasons.push(Reason::against(
                "other_division",
                &format!("企业属于其他县（市、区）（{}）", firm.division),
                &format!("the firm belongs to another county ({})", firm.division),
            ));
        }
        Candidate { firm: firm.id, division: firm.division, confidence: (confidence * 100.0).round() / 100.0, reasons }
    }

    fn certain(&self, candidate: Candidate) -> Match {
        if self.county.covers(candidate.division) { Match::Certain(candidate) } else { Match::OtherDivision(candidate) }
    }
}

/// A row's name and address, prepared once.
struct Asked<'a> {
    name: Option<&'a str>,
    name_key: Option<String>,
    address: Option<String>,
}

/// How a code went wrong, by position from 1.
enum Slip {
    LookAlike,
    Exchanged(usize),
    Character(usize),
    Missing(usize),
    Extra(usize),
}

impl Slip {
    fn reason(&self, code: &str) -> Reason {
        let (zh, en) = match self {
            Slip::LookAlike => ("把形近的字符换过来".to_owned(), "with a look-alike character put right".to_owned()),
            Slip::Exchanged(i) => {
                (format!("把第 {i}、{} 位对调", i + 1), format!("with characters {i} and {} exchanged", i + 1))
            }
            Slip::Character(i) => (format!("改正第 {i} 位"), format!("with character {i} put right")),
            Slip::Missing(i) => (format!("补上第 {i} 位"), format!("with a missing character {i} put in")),
            Slip::Extra(i) => (format!("去掉第 {i} 位"), format!("with a surplus character {i} left out")),
        };
        Reason::on("code_corrected", &format!("{zh}就是名录中的 {code}"), &format!("{en} it is {code} of the register"))
    }
}

impl Reason {
    fn on(code: &'static str, zh: &str, en: &str) -> Self {
        Self { code, agrees: true, wording: Wording::new(zh, en) }
    }

    fn against(code: &'static str, zh: &str, en: &str) -> Self {
        Self { code, agrees: false, wording: Wording::new(zh, en) }
    }
}

fn nothing_alike(asked: &Asked<'_>) -> Reason {
    let name = asked.name.unwrap_or_default();
    Reason::against(
        "name_unknown",
        &format!("名录中没有名称与“{name}”相近的企业"),
        &format!("no firm of the register has a name like “{name}”"),
    )
}

fn doubtful(mut candidates: Vec<Candidate>) -> Match {
    candidates.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.firm.cmp(&b.firm)));
    Match::Doubtful { candidates }
}

fn pairs(key: &str) -> impl Iterator<Item = [char; 2]> + '_ {
    key.chars().zip(key.chars().skip(1)).map(|(a, b)| [a, b])
}

/// How alike two name keys are, 0 to 1: by edits, by shared pairs, or one within the other.
fn likeness(a: &str, b: &str) -> f64 {
    let edits = strsim::normalized_damerau_levenshtein(a, b);
    let (short, long) = if a.chars().count() <= b.chars().count() { (a, b) } else { (b, a) };
    let within = if short.chars().count() >= 4 && long.contains(short) { 0.88 } else { 0.0 };
    edits.max(within).max(strsim::sorensen_dice(a, b) * 0.95)
}
