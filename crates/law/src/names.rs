//! The names that a formula uses, found without parsing SQL: enough to say which of them nothing
//! defines, and where. Types and units are checked by `measure`, which compiles the formula.

use crate::load::Law;
use crate::place::{Formula, Place};

/// Words of SQL expressions that are no names.
const WORDS: [&str; 31] = [
    "and", "or", "not", "in", "is", "null", "true", "false", "case", "when", "then", "else", "end", "between", "like",
    "as", "cast", "distinct", "from", "unknown", "interval", "date", "double", "int", "integer", "bigint", "varchar",
    "decimal", "boolean", "text", "escape",
];

/// What stands in a formula outside quoted texts.
enum Token<'f> {
    Number(&'f str),
    /// A name, keyword or function, with what follows it.
    Name(&'f str, &'f str),
}

fn tokens(formula: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = formula;
    std::iter::from_fn(move || {
        while let Some(first) = rest.chars().next() {
            if first == '\'' {
                let body = &rest[1..];
                rest = body.find('\'').map_or("", |end| &body[end + 1..]);
            } else if first.is_ascii_digit() {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '.')).unwrap_or(rest.len());
                let (number, after) = rest.split_at(end);
                rest = after;
                return Some(Token::Number(number));
            } else if is_part(first) {
                let (name, after) = rest.split_at(rest.find(|c: char| !is_part(c)).unwrap_or(rest.len()));
                rest = after;
                return Some(Token::Name(name, after));
            } else {
                rest = &rest[first.len_utf8()..];
            }
        }
        None
    })
}

fn in_order_of_first_use<'f>(found: impl Iterator<Item = &'f str>) -> Vec<&'f str> {
    let mut out = Vec::new();
    for one in found {
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

/// Names in the order of first use; functions, keywords and quoted texts left out.
pub fn of(formula: &str) -> Vec<&str> {
    in_order_of_first_use(tokens(formula).filter_map(|token| match token {
        Token::Name(name, after) => {
            let is_function = after.trim_start().starts_with('(');
            let is_word = WORDS.contains(&name.to_lowercase().as_str());
            (!is_word && !is_function).then_some(name)
        }
        Token::Number(_) => None,
    }))
}

/// Numbers in the order of first use, as written; those inside names and quoted texts left out.
pub fn numbers(formula: &str) -> Vec<&str> {
    in_order_of_first_use(tokens(formula).filter_map(|token| match token {
        Token::Number(number) => Some(number),
        Token::Name(..) => None,
    }))
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a name stands in a formula: its first occurrence as a whole word from the formula's begin.
pub fn place(law: &Law, formula: &Formula, name: &str) -> Place {
    let Some(text) = law.texts.get(&*formula.at.file) else { return formula.at.clone() };
    for (i, line) in text.lines().enumerate().skip(formula.at.line as usize - 1) {
        let from = if i + 1 == formula.at.line as usize { formula.at.column as usize - 1 } else { 0 };
        let chars: Vec<char> = line.chars().collect();
        let wanted: Vec<char> = name.chars().collect();
        let found = (from..chars.len()).find(|&at| {
            chars[at..].starts_with(&wanted)
                && (at == 0 || !is_part(chars[at - 1]))
                && chars.get(at + wanted.len()).is_none_or(|c| !is_part(*c))
        });
        if let Some(at) = found {
            return Place { file: formula.at.file.clone(), line: i as u32 + 1, column: at as u32 + 1 };
        }
    }
    formula.at.clone()
}

#[cfg(test)]
mod tests {
    use super::{numbers, of};

    #[test]
    fn names_are_told_from_words_functions_and_texts() {
        assert_eq!(
            of(
                "CASE WHEN industry_division IN ('17', 'it''s') THEN greatest(tax_paid, 1.5e3) ELSE coalesce (x1,0) END"
            ),
            ["industry_division", "tax_paid", "x1"]
        );
    }

    #[test]
    fn numbers_are_told_from_names_and_texts() {
        assert_eq!(numbers("x1 > 12 AND industry IN ('3411') OR so2 < 0.5 * 12"), ["12", "0.5"]);
    }
}
