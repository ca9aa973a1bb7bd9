//! Chinese text as departments type it, brought to one form: full-width characters, blanks,
//! company-name suffixes, and the pinyin initials that the search box understands.

use pinyin::ToPinyin;

/// Full-width ASCII (U+FF01..U+FF5E) and the ideographic space become their half-width twins.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{3000}' | '\u{a0}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).expect("inside ASCII"),
            _ => c,
        })
        .collect()
}

/// Endings that say the legal form, longest first; dropped before names are compared.
const LEGAL_FORMS: [&str; 8] =
    ["股份有限责任公司", "有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "分公司", "公司", "厂"];

/// A firm's name for comparison: half width, no blanks or brackets' marks, capitals, legal form and
/// the province's name dropped. Two different firms may share it: a match by it is never certain.
pub fn name_key(name: &str) -> String {
    let mut key: String = half_width(name)
        .chars()
        .filter(|c| !c.is_whitespace() && !"()（）[]【】<>《》·.,，。、-—_\"'“”".contains(*c))
        .flat_map(char::to_uppercase)
        .collect();
    for form in LEGAL_FORMS {
        if let Some(rest) = key.strip_suffix(form) {
            key = rest.to_owned();
            break;
        }
    }
    for prefix in ["山东省", "山东"] {
        if let Some(rest) = key.strip_prefix(prefix)
            && rest.chars().count() >= 2
        {
            key = rest.to_owned();
            break;
        }
    }
    key
}

/// An address for comparison: half width, no blanks, punctuation or province name.
pub fn address_key(address: &str) -> String {
    let key: String =
        half_width(address).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    key.strip_prefix("山东省").map(str::to_owned).unwrap_or(key)
}

/// The first letters of each character's pinyin, lower case; other letters and digits stay:
/// `齐鲁A机械` gives `qlajx`.
pub fn initials(text: &str) -> String {
    half_width(text)
        .chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(p) => p.first_letter().chars().next(),
            None if c.is_alphanumeric() => c.to_lowercase().next(),
            None => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_width_brackets_and_legal_form_share_a_key() {
        for other in ["齐河（示例）机械有限责任公司", "齐河(示例) 机械有限公司", "山东齐河示例机械股份有限公司"]
        {
            assert_eq!(name_key(other), "齐河示例机械", "{other}");
        }
        assert_ne!(name_key("齐河示例机械有限公司"), name_key("齐河示例机电有限公司"));
    }

    #[test]
    fn initials_let_a_search_find_a_firm_by_its_first_letters() {
        assert_eq!(initials("禾谷食品机械"), "hgspjx");
        assert_eq!(initials("ＡＢ铝材1厂"), "ablc1c");
    }
}
