//! What is wrong with chains that read well: stages and products that nothing defines, circles, products
//! that hang in the air, codes that no list has, shares that cannot be, editions that overlap. A
//! narrower template is checked as merged, for it may break what was whole.

use crate::chain::{ChainProduct, ChainTemplate};
use crate::chain_rules::ChainRules;
use crate::check::among;
use crate::codes::IndustryLevel;
use crate::load::Law;
use crate::place::{Diagnostic, Place};
use crate::scheme::Cite;
use base::division::Level;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is wrong with chains, their rules and registers.
pub(crate) fn check(law: &Law) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for template in &law.chains {
        whole(law, template, &mut out);
        // A wider edition that comes later may not fit what was written for an earlier one.
        let wider = law.chain_with_wider(template, template.from);
        let later = law.chains.iter().filter(|w| wider[1..].iter().any(|known| known.id == w.id));
        let mut days: BTreeSet<Date> = later.map(|w| w.from).filter(|day| template.governs(*day)).collect();
        days.insert(template.from);
        days.iter().for_each(|day| merged(law, template, *day, &mut out));
    }
    circles(law, &mut out);
    competing(law, &mut out);
    let chains = law.chains.iter().map(|c| edition(&c.id, c.edition, c.from, c.to, &c.cite, &c.at));
    editions(chains.collect(), &mut out);
    let rules = law.chain_rules.iter().map(|r| edition(&r.id, r.edition, r.from, r.to, &r.cite, &r.at));
    editions(rules.collect(), &mut out);
    let lists = law.industry_lists.iter().map(|l| edition(&l.id, l.edition, l.from, l.to, &l.cite, &l.at));
    editions(lists.collect(), &mut out);
    law.chain_rules.iter().for_each(|rules| numbers(rules, &mut out));
    for list in &law.industry_lists {
        unique("industry", list.industries.iter().map(|i| (i.id.as_str(), &i.at)), &mut out);
        list.industries.iter().for_each(|i| codes(law, &i.codes, &i.at, &mut out));
    }
    out
}

fn unique<'p>(what: &str, items: impl Iterator<Item = (&'p str, &'p Place)>, out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    for (id, at) in items.filter(|(id, _)| !id.is_empty()) {
        match seen.get(id) {
            Some(first) => out.push(Diagnostic::error(
                "duplicate-id",
                at,
                format!("a second {what} `{id}`"),
                format!("each id once; the first is {first}"),
            )),
            None => drop(seen.insert(id, at)),
        }
    }
}

/// Codes must be groups or classes of the list.
fn codes(law: &Law, codes: &[String], at: &Place, out: &mut Vec<Diagnostic>) {
    if law.industries.all.is_empty() {
        return;
    }
    for code in codes {
        let found = match law.industries.get(code) {
            None => format!("`{code}`"),
            Some(known) if known.level < IndustryLevel::Group => format!("`{code}` ({})", known.name),
            Some(_) => continue,
        };
        let allowed = "a group (three digits) or class (four digits) of codes/gbt4754_2017.csv";
        out.push(Diagnostic::error("unknown-industry", at, found, allowed));
    }
}

/// The template as written.
fn whole(law: &Law, template: &ChainTemplate, out: &mut Vec<Diagnostic>) {
    let level = match template.division.level() {
        Level::Province => "province",
        Level::City => "city",
        Level::County => "county",
    };
    if level != template.level.name() {
        out.push(Diagnostic::error(
            "level-and-division",
            &template.at,
            format!("`level: {}` with division {}", template.level.name(), template.division),
            "a division of that level",
        ));
    }
    if !law.divisions.all.is_empty() && law.divisions.get(template.division).is_none() {
        out.push(Diagnostic::error(
            "unknown-division",
            &template.at,
            format!("{}", template.division),
            "a code of the lists under `codes/`",
        ));
    }
    if template.evidence.iter().any(Vec::is_empty) {
        out.push(Diagnostic::error(
            "empty-group",
            &template.at,
            "evidence of no kind is enough to place a firm",
            "at least one kind in each list of `evidence`",
        ));
    }
    if template.extends.is_none() {
        for (key, missing) in [("stages", template.stages.is_empty()), ("products", template.products.is_empty())] {
            if missing {
                out.push(Diagnostic::error(
                    "missing-key",
                    &template.at,
                    format!("a chain without `{key}`"),
                    format!("`{key}`, or `extends` with a template that has some"),
                ));
            }
        }
    }
    let wider = law.chain_with_wider(template, template.from);
    for outer in &wider[1..] {
        if !outer.division.covers(template.division) {
            out.push(Diagnostic::error(
                "extends-elsewhere",
                &template.at,
                format!("a template of {} extends `{}` of {}", template.division, outer.id, outer.division),
                "a template of a place around it, or of the same",
            ));
        }
    }
    unique("change of", template.changes.iter().map(|c| (c.id.as_str(), &c.at)), out);
}

/// The template with what it takes over from wider ones on a day.
fn merged(law: &Law, template: &ChainTemplate, day: Date, out: &mut Vec<Diagnostic>) {
    let all = law.chain_with_wider(template, day);
    let known: BTreeSet<&str> = all[1..].iter().flat_map(|w| &w.products).map(|p| p.id.as_str()).collect();
    let names: Vec<&str> = known.iter().copied().collect();
    for change in template.changes.iter().filter(|c| !known.contains(c.id.as_str())) {
        let allowed = match template.extends.as_deref() {
            None => "`extends`: only what a wider template has can be changed".to_owned(),
            Some(wider) => {
                format!("a product of `{wider}`; {}; a new one goes under `products`", among(&change.id, &names))
            }
        };
        out.push(Diagnostic::error("unknown-product", &change.at, format!("a change of `{}`", change.id), allowed));
    }
    let chain = law.merged_chain(template, day);
    unique("stage", chain.stages.iter().map(|s| (s.id.as_str(), &s.at)), out);
    unique("product", chain.products.iter().map(|p| (p.id.as_str(), &p.at)), out);
    let stages: Vec<&str> = chain.stages.iter().map(|s| s.id.as_str()).collect();
    let products: Vec<&str> = chain.products.iter().map(|p| p.id.as_str()).collect();
    for stage in &chain.stages {
        for before in &stage.after {
            if *before == stage.id {
                out.push(Diagnostic::error(
                    "self-loop",
                    &stage.at,
                    format!("`{before}` after itself"),
                    "another stage",
                ));
            } else if !stages.contains(&before.as_str()) {
                let found = format!("`{before}` before `{}`", stage.id);
                out.push(Diagnostic::error("unknown-stage", &stage.at, found, among(before, &stages)));
            }
        }
        if !chain.products.iter().any(|p| p.stage == stage.id) {
            let found = format!("no product belongs to `{}`", stage.id);
            out.push(Diagnostic::warning("empty-stage", &stage.at, found, "a product of that stage"));
        }
    }
    for product in &chain.products {
        one(law, &chain, product, &stages, &products, out);
    }
    terms(&chain, out);
    let next = |id: &str| chain.product(id).map(|p| p.made_of.iter().map(|i| i.product.clone()).collect());
    circle("is made of", chain.products.iter().map(|p| (p.id.as_str(), &p.at)), next, out);
    let next = |id: &str| chain.stage(id).map(|s| s.after.clone());
    circle("comes after", chain.stages.iter().map(|s| (s.id.as_str(), &s.at)), next, out);
}

fn one(
    law: &Law,
    chain: &ChainTemplate,
    product: &ChainProduct,
    stages: &[&str],
    products: &[&str],
    out: &mut Vec<Diagnostic>,
) {
    if !stages.contains(&product.stage.as_str()) {
        let found = format!("`{}` of product `{}`", product.stage, product.id);
        out.push(Diagnostic::error("unknown-stage", &product.at, found, among(&product.stage, stages)));
    }
    codes(law, &product.codes, &product.at, out);
    if product.codes.is_empty() {
        let found = format!("`{}` has no code", product.id);
        out.push(Diagnostic::error("missing-code", &product.at, found, "one group or class of GB/T 4754 at least"));
    }
    let inputs = product.made_of.iter().map(|i| ("is made of", &i.product, &i.at));
    let substitutes = product.substitutes.iter().map(|s| ("is replaced by", &s.product, &s.at));
    for (how, other, at) in inputs.chain(substitutes) {
        if *other == product.id {
            let found = format!("`{other}` {how} itself");
            out.push(Diagnostic::error("self-loop", at, found, "another product"));
        } else if !products.contains(&other.as_str()) {
            let found = format!("`{}` {how} `{other}`", product.id);
            out.push(Diagnostic::error("unknown-product", at, found, among(other, products)));
        }
    }
    unique("input", product.made_of.iter().map(|i| (i.product.as_str(), &i.at)), out);
    let shares: Vec<Decimal> = product.made_of.iter().filter_map(|i| i.share.as_ref()).map(|s| s.value).collect();
    let sum: Decimal = shares.iter().sum();
    if sum > Decimal::ONE {
        let parts: Vec<String> = shares.iter().map(|s| s.normalize().to_string()).collect();
        let found = format!("the inputs of `{}` add up to {} ({})", product.id, sum.normalize(), parts.join(" + "));
        out.push(Diagnostic::error("shares-sum", &product.at, found, "1 or less"));
    }
    if product.made_of.is_empty() && chain.used_in(&product.id).next().is_none() {
        let found = format!("`{}` is made of nothing and nothing is made of it", product.id);
        out.push(Diagnostic::error("orphan-product", &product.at, found, "`made_of` here, or in another product"));
    }
}

/// The same words for two products would place every firm that writes them at both.
fn terms(chain: &ChainTemplate, out: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for product in &chain.products {
        let own: BTreeSet<String> =
            product.terms.iter().chain([&product.title.zh]).map(|t| t.trim().to_lowercase()).collect();
        for term in own {
            if let Some(other) = seen.get(&term) {
                out.push(Diagnostic::error(
                    "ambiguous-term",
                    &product.at,
                    format!("`{term}` of `{}` is a term of `{other}` too", product.id),
                    "each term at one product",
                ));
            } else {
                seen.insert(term, &product.id);
            }
        }
    }
}

/// Follows links from each item; what comes back to itself is reported once, where it begins.
fn circle<'p>(
    how: &str,
    items: impl Iterator<Item = (&'p str, &'p Place)>,
    next: impl Fn(&str) -> Option<Vec<String>>,
    out: &mut Vec<Diagnostic>,
) {
    let mut done: BTreeSet<String> = BTreeSet::new();
    for (start, at) in items {
        // Depth first: what is on the path and met again closes a circle.
        let mut path: Vec<(String, Vec<String>)> = Vec::new();
        if !done.contains(start) {
            path.push((start.to_owned(), next(start).unwrap_or_default()));
        }
        while let Some((id, open)) = path.last_mut() {
            let Some(to) = open.pop() else {
                done.insert(id.clone());
                path.pop();
                continue;
            };
            if to == *id || done.contains(&to) {
                continue;
            }
            if let Some(from) = path.iter().position(|(seen, _)| *seen == to) {
                let round: Vec<&str> = path[from..].iter().map(|(id, _)| id.as_str()).collect();
                let found = format!("{} → {to}: each {how} the next", round.join(" → "));
                out.push(Diagnostic::error("cycle", at, found, "links in one direction"));
                done.insert(to);
                continue;
            }
            let after = next(&to).unwrap_or_default();
            path.push((to, after));
        }
    }
}

/// Templates that extend each other in a round.
fn circles(law: &Law, out: &mut Vec<Diagnostic>) {
    let next = |id: &str| Some(law.chains.iter().filter(|c| c.id == id).filter_map(|c| c.extends.clone()).collect());
    circle("extends", law.chains.iter().map(|c| (c.id.as_str(), &c.at)), next, out);
    for template in law.chains.iter().filter(|c| c.extends.as_ref() == Some(&c.id)) {
        let found = format!("`{}` extends itself", template.id);
        out.push(Diagnostic::error("cycle", &template.at, found, "a wider template"));
    }
}

/// Two templates of one place that extend the same one: which stands would be left to chance.
fn competing(law: &Law, out: &mut Vec<Diagnostic>) {
    for (i, new) in law.chains.iter().enumerate() {
        let rival = |old: &&ChainTemplate| {
            old.id != new.id
                && new.extends.is_some()
                && old.extends == new.extends
                && old.division == new.division
                && old.to.is_none_or(|to| to >= new.from)
                && new.to.is_none_or(|to| to >= old.from)
        };
        if let Some(old) = law.chains[..i].iter().find(rival) {
            out.push(Diagnostic::error(
                "competing-chains",
                &new.at,
                format!(
                    "extends `{}` in {}, which `{}` does too",
                    new.extends.as_deref().unwrap_or(""),
                    new.division,
                    old.id
                ),
                "one template in each place for one chain",
            ));
        }
    }
}

struct Edition<'a> {
    id: &'a str,
    number: u32,
    from: Date,
    to: Option<Date>,
    cite: &'a Cite,
    at: &'a Place,
}

fn edition<'a>(id: &'a str, number: u32, from: Date, to: Option<Date>, cite: &'a Cite, at: &'a Place) -> Edition<'a> {
    Edition { id, number, from, to, cite, at }
}

/// Editions of one id: each rests on a document, and no two are in force on one day.
fn editions(all: Vec<Edition>, out: &mut Vec<Diagnostic>) {
    for (i, new) in all.iter().enumerate() {
        if new.cite.document.is_empty() {
            let allowed = "`cite: { document: … }`: every edition rests on a document";
            out.push(Diagnostic::error("missing-key", new.at, "no `cite`", allowed));
        }
        if new.to.is_some_and(|to| to < new.from) {
            let allowed = "`from` before `to`";
            out.push(Diagnostic::error("bad-period", new.at, "the last day lies before the first", allowed));
        }
        for old in all[..i].iter().filter(|old| old.id == new.id) {
            if old.number == new.number {
                let found = format!("a second edition {}", new.number);
                let allowed = format!("another number; the first is {}", old.at.file);
                out.push(Diagnostic::error("duplicate-version", new.at, found, allowed));
            }
            let (early, late) = if old.from <= new.from { (old, new) } else { (new, old) };
            if early.to.is_none_or(|to| to >= late.from) {
                out.push(Diagnostic::error(
                    "overlapping-versions",
                    late.at,
                    format!("edition {} is in force on {} beside edition {}", late.number, late.from, early.number),
                    format!("`in_force: {{ to: … }}` in {} that ends before {}", early.at.file, late.from),
                ));
            }
        }
    }
}

/// Numbers of the rules that must agree with each other.
fn numbers(rules: &ChainRules, out: &mut Vec<Diagnostic>) {
    let placement = &rules.placement;
    if placement.doubt.value > placement.accept.value {
        out.push(Diagnostic::error(
            "doubt-above-accept",
            &placement.doubt.at,
            format!("{}", placement.doubt.value.normalize()),
            format!("at most `accept`, {}", placement.accept.value.normalize()),
        ));
    }
    let sum = rules.clusters.co_location.value + rules.clusters.input_output.value;
    if sum != Decimal::ONE {
        out.push(Diagnostic::error(
            "weights-sum",
            &rules.clusters.co_location.at,
            format!("`co_location` and `input_output` add up to {}", sum.normalize()),
            "1",
        ));
    }
    if rules.stress.horizon.value < rules.stress.days.value {
        out.push(Diagnostic::error(
            "horizon-too-short",
            &rules.stress.horizon.at,
            format!("{} days", rules.stress.horizon.value.normalize()),
            format!("at least `days`, {}", rules.stress.days.value.normalize()),
        ));
    }
    let days = [&rules.stress.days, &rules.stress.horizon];
    for whole in days.into_iter().chain([&rules.ranking_size, &rules.gaps.sources_min, &rules.clusters.firms_min]) {
        if !whole.value.fract().is_zero() {
            let found = whole.value.normalize().to_string();
            out.push(Diagnostic::error("bad-integer", &whole.at, found, "a whole number"));
        }
    }
    unique("move", rules.moves.iter().map(|m| (m.kind.name(), &m.at)), out);
}
