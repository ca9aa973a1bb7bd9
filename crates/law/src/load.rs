//! All of `law/`, read: which file is what shows by its first key, and everything that is wrong in
//! any of them is reported in one go.

use crate::articles::Article;
use crate::calendar::Calendar;
use crate::chain::{self, ChainTemplate, IndustryList};
use crate::chain_rules::{self, ChainRules};
use crate::codes::{Divisions, Industries, Township};
use crate::fact::{Attribute, Fact};
use crate::node::{self, Node};
use crate::place::{Diagnostic, Place, Severity};
use crate::process::{ClockLength, Process};
use crate::read::{Ref, Sec, Sink, Use};
use crate::review::Review;
use crate::rule::{Rule, RuleKind};
use crate::scheme::{Derived, Frame, Scheme};
use crate::shapes;
use crate::sources::Sources;
use crate::template::Template;
use crate::units::Units;
use crate::{read_csv, read_files, read_rule, read_scheme};
use base::{Digest, DivisionCode};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use std::sync::Arc;

/// The law: every definition, typed.
#[derive(Clone, Debug, Default)]
pub struct Law {
    /// Units by id.
    pub units: Units,
    /// Facts by id.
    pub facts: BTreeMap<String, Fact>,
    /// What the registry and the engine supply to formulas, by id.
    pub attributes: BTreeMap<String, Attribute>,
    /// Indicators that every scheme may use, by id.
    pub derived: BTreeMap<String, Derived>,
    /// Departments' workbooks.
    pub templates: Vec<Template>,
    /// Provinces' frames, all versions, by id and version.
    pub frames: Vec<Frame>,
    /// Schemes, all versions, by id and version.
    pub schemes: Vec<Scheme>,
    /// Titles and policies, all versions, by id and version.
    pub rules: Vec<Rule>,
    /// What policies must not say.
    pub reviews: Vec<Review>,
    /// Templates of industry chains, all editions, by id and edition.
    pub chains: Vec<ChainTemplate>,
    /// The numbers of the chain engine, all editions.
    pub chain_rules: Vec<ChainRules>,
    /// Registers of industries, all editions, by id and edition.
    pub industry_lists: Vec<IndustryList>,
    /// Processes by id.
    pub processes: BTreeMap<String, Process>,
    /// Working days.
    pub calendar: Calendar,
    /// Divisions, with succession.
    pub divisions: Divisions,
    /// Townships.
    pub townships: Vec<Township>,
    /// GB/T 4754.
    pub industries: Industries,
    /// The regulation.
    pub articles: Vec<Article>,
    /// Texts of the YAML files, by path.
    pub texts: BTreeMap<String, Arc<str>>,
    pub(crate) refs: Vec<Ref>,
    pub(crate) uses: Vec<Use>,
}

impl Law {
    /// Reads every file. The law is complete when no finding is an error; otherwise it holds what
    /// could be read, so that checks can report the rest as well.
    pub fn load(sources: &Sources) -> (Self, Vec<Diagnostic>) {
        let mut law = Self::default();
        let sink = Sink::default();
        let mut findings = sources.findings.clone();
        let mut nodes = Vec::new();
        for (path, text) in &sources.files {
            if path.ends_with(".csv") {
                read_csv::read(&mut law, path, text, &mut findings);
            } else if !path.starts_with("cases/") {
                law.texts.insert(path.clone(), text.as_str().into());
                let file: Arc<str> = path.as_str().into();
                nodes.extend(node::parse(&file, text, &mut findings).map(|n| (path.as_str(), n)));
            }
        }
        // Facts give templates their units, frames lend schemes their measures, and processes say how
        // days are counted where a scheme does not: those come first.
        let order = ["units", "facts", "attributes", "derived", "frame", "process"];
        let rank = |kind: &str| order.iter().position(|k| *k == kind).unwrap_or(order.len());
        let mut known: Vec<(&str, &str, &Node)> = Vec::new();
        for (path, node) in &nodes {
            match kind_of(node) {
                Some(kind) => known.push((kind, path, node)),
                None => findings.push(unknown_file(node)),
            }
        }
        known.sort_by_key(|(kind, path, _)| (rank(kind), *path));
        for (kind, path, node) in known {
            let shape = shapes::FILES.iter().find(|(name, _)| *name == kind).map(|(_, shape)| *shape);
            if let Some(shape) = shape {
                shape.check(node, &mut findings);
            }
            law.take(kind, path, &Sec::top(node, &sink));
        }
        law.schemes.sort_by(|a, b| (&a.id, a.version).cmp(&(&b.id, b.version)));
        law.frames.sort_by(|a, b| (&a.id, a.version).cmp(&(&b.id, b.version)));
        law.rules.sort_by(|a, b| (&a.id, a.version).cmp(&(&b.id, b.version)));
        law.chains.sort_by(|a, b| (&a.id, a.edition).cmp(&(&b.id, b.edition)));
        law.chain_rules.sort_by(|a, b| (&a.id, a.edition).cmp(&(&b.id, b.edition)));
        law.industry_lists.sort_by(|a, b| (&a.id, a.edition).cmp(&(&b.id, b.edition)));
        law.articles.sort_by_key(|a| a.number);
        findings.extend(sink.findings.into_inner());
        law.refs = sink.refs.into_inner();
        law.uses = sink.uses.into_inner();
        sort(&mut findings);
        (law, findings)
    }

    /// The embedded law, read and checked.
    pub fn embedded() -> (Self, Vec<Diagnostic>) {
        let (law, mut findings) = Self::load(&Sources::embedded());
        findings.extend(crate::check::check(&law));
        sort(&mut findings);
        (law, findings)
    }

    fn take(&mut self, kind: &str, path: &str, sec: &Sec) {
        match kind {
            "units" => {
                for unit in read_files::units(sec) {
                    insert(&mut self.units.all, unit.id.clone(), unit.at.clone(), unit, sec);
                }
            }
            "facts" => {
                for s in sec.secs("facts") {
                    let fact = read_files::fact(&s);
                    insert(&mut self.facts, fact.id.clone(), fact.at.clone(), fact, sec);
                }
            }
            "attributes" => {
                for s in sec.secs("attributes") {
                    let attribute = read_files::attribute(&s);
                    insert(&mut self.attributes, attribute.id.clone(), attribute.at.clone(), attribute, sec);
                }
            }
            "derived" => {
                for s in sec.secs("derived") {
                    let derived = read_scheme::derived(&s);
                    insert(&mut self.derived, derived.id.clone(), derived.at.clone(), derived, sec);
                }
            }
            "template" => self.templates.push(read_files::template(sec, &self.facts)),
            "calendar" => {
                let year = read_files::calendar(sec);
                if let Some(first) = self.calendar.years.get(&year.year) {
                    sec.sink().error(
                        "duplicate-id",
                        &year.at,
                        format!("a second calendar of {}", year.year),
                        format!("one; the first is {}", first.at),
                    );
                } else {
                    self.calendar.years.insert(year.year, year);
                }
            }
            "process" => {
                let process = read_files::process(sec);
                insert(&mut self.processes, process.id.clone(), process.at.clone(), process, sec);
            }
            "articles" => self.articles.extend(sec.secs("articles").iter().map(read_files::article)),
            "frame" => {
                let frame = read_scheme::frame(sec);
                same_folder(path, &frame.id, sec, "frame");
                self.frames.push(frame);
            }
            "review" => {
                let review = crate::review::review(sec, self);
                same_folder(path, &review.id, sec, "review");
                self.reviews.push(review);
            }
            "chain" => {
                let template = chain::template(sec);
                same_folder(path, &template.id, sec, "chain");
                self.chains.push(template);
            }
            "chain_rules" => {
                let rules = chain_rules::rules(sec);
                same_folder(path, &rules.id, sec, "chain_rules");
                self.chain_rules.push(rules);
            }
            "industry_list" => {
                let list = chain::industry_list(sec);
                same_folder(path, &list.id, sec, "industry_list");
                self.industry_lists.push(list);
            }
            "rule" => {
                let rule = read_rule::rule(sec);
                same_folder(path, &rule.id, sec, "rule");
                self.rules.push(rule);
            }
            "scheme" => {
                let mut scheme = read_scheme::scheme(sec, &self.frames);
                same_folder(path, &scheme.id, sec, "scheme");
                let counts =
                    read_scheme::counts_first_day(sec).unwrap_or_else(|| self.notice_counts_first_day(&scheme));
                scheme.process.all_days().for_each(|days| days.counts_first_day = counts);
                self.schemes.push(scheme);
            }
            _ => {}
        }
    }

    /// Does the day on which a notice starts count, as the scheme's process has it?
    fn notice_counts_first_day(&self, scheme: &Scheme) -> bool {
        let clocks = self.processes.get(&scheme.process.process).into_iter().flat_map(|p| &p.clocks);
        clocks.filter(|c| c.length == ClockLength::Notice).any(|c| c.counts_first_day)
    }

    /// The version of the frame that a scheme goes by.
    pub fn frame_of(&self, scheme: &Scheme) -> Option<&Frame> {
        read_scheme::frame_for(&self.frames, scheme.within.as_ref()?, scheme.from, scheme.to)
    }

    /// The version of a scheme that governs an evaluation year.
    pub fn scheme(&self, id: &str, year: i16) -> Option<&Scheme> {
        self.schemes.iter().filter(|s| s.id == id && s.evaluates(year)).max_by_key(|s| s.version)
    }

    /// The version of a scheme in force on a day.
    pub fn scheme_on(&self, id: &str, on: Date) -> Option<&Scheme> {
        self.schemes.iter().filter(|s| s.id == id && s.in_force(on)).max_by_key(|s| s.version)
    }

    /// The last year that a scheme can be asked to evaluate: its own last, or for one that runs on the
    /// last whose notice falls into a year with a known calendar of working days.
    pub fn last_year(&self, scheme: &Scheme) -> i16 {
        let known = self.calendar.years.keys().next_back().map_or(scheme.year_from, |year| year - 1);
        scheme.year_to.unwrap_or_else(|| known.max(scheme.year_from))
    }

    /// One version of a scheme.
    pub fn scheme_version(&self, id: &str, version: u32) -> Option<&Scheme> {
        self.schemes.iter().find(|s| s.id == id && s.version == version)
    }

    /// The scheme by which a place evaluates a year: its own, else its city's, else its province's.
    /// Schemes kept for reference are passed over. Codes that have ended are followed to today's.
    pub fn scheme_for(&self, division: DivisionCode, year: i16) -> Option<&Scheme> {
        let mut at = Some(self.divisions.today(division));
        while let Some(code) = at {
            let found = self
                .schemes
                .iter()
                .filter(|s| !s.reference && s.division == code && s.evaluates(year))
                .max_by_key(|s| s.version);
            if found.is_some() {
                return found;
            }
            at = code.parent();
        }
        None
    }

    /// The version of a rule by which filings of a day go.
    pub fn rule_on(&self, id: &str, day: Date) -> Option<&Rule> {
        self.rules.iter().filter(|r| r.id == id && r.governs(day)).max_by_key(|r| r.version)
    }

    /// One version of a rule.
    pub fn rule_version(&self, id: &str, version: u32) -> Option<&Rule> {
        self.rules.iter().find(|r| r.id == id && r.version == version)
    }

    /// A rule and those that it extends, the narrowest first; each at most once, so that a circle ends.
    pub fn with_wider<'l>(&'l self, rule: &'l Rule) -> Vec<&'l Rule> {
        let mut out = vec![rule];
        let mut at = rule;
        while let Some(id) = &at.extends {
            let wider = self.rule_on(id, rule.from).or_else(|| self.rules.iter().find(|r| r.id == *id));
            let Some(wider) = wider.filter(|w| out.iter().all(|r| r.id != w.id)) else { break };
            out.push(wider);
            at = wider;
        }
        out
    }

    /// The rules by which filings of a day go in a place: the state's, the province's, the city's and
    /// its own, by id.
    pub fn rules_for(&self, division: DivisionCode, day: Date) -> Vec<&Rule> {
        let here = self.divisions.today(division);
        let mut found: BTreeMap<&str, &Rule> = BTreeMap::new();
        let in_place = |r: &&Rule| r.kind != RuleKind::Question && r.division.is_none_or(|d| d.covers(here));
        for rule in self.rules.iter().filter(in_place).filter(|r| r.governs(day)) {
            found.insert(&rule.id, rule);
        }
        // A narrower rule that extends a wider one stands in its place.
        let extended: Vec<String> = found.values().filter_map(|r| r.extends.clone()).collect();
        found.into_values().filter(|r| !extended.contains(&r.id)).collect()
    }

    /// What reviewers of filings of a day are asked in a place.
    pub fn questions_for(&self, division: DivisionCode, day: Date) -> Vec<&Rule> {
        let here = self.divisions.today(division);
        let asked = self.rules.iter().filter(|r| r.kind == RuleKind::Question && r.governs(day));
        asked.filter(|r| r.division.is_none_or(|d| d.covers(here))).collect()
    }

    /// The rule by which a filing of a day goes in a place: the one named, or the narrower one that
    /// stands in its place there.
    pub fn rule_standing_for(&self, id: &str, division: DivisionCode, day: Date) -> Option<&Rule> {
        self.rules_for(division, day).into_iter().find(|r| self.with_wider(r).iter().any(|w| w.id == id))
    }

    /// Digest of the files that say what a rule asks and pays: its own, those of the rules that it
    /// extends and those of the shared indicators.
    pub fn digest_of_rule(&self, rule: &Rule) -> Digest {
        let mut files: BTreeSet<&str> = self.with_wider(rule).into_iter().map(|r| &*r.at.file).collect();
        files.extend(self.derived.values().map(|d| &*d.at.file));
        let parts = files.into_iter().filter_map(|f| self.texts.get(f).map(|text| (f, text)));
        Digest::of_parts(parts.flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]))
    }

    /// An indicator that a scheme may use: its own, else everyone's.
    pub fn indicator<'a>(&'a self, scheme: &'a Scheme, id: &str) -> Option<&'a Derived> {
        scheme.define.iter().find(|d| d.id == id).or_else(|| self.derived.get(id))
    }

    /// The texts that decide what a scheme computes: its own file, its frame, units, facts,
    /// attributes, indicators and process, by path. Loading these alone gives the same scheme.
    pub fn rule_files(&self, scheme: &Scheme) -> BTreeMap<String, Arc<str>> {
        let mut paths: Vec<&Place> = vec![&scheme.at];
        paths.extend(self.units.all.values().map(|u| &u.at));
        paths.extend(self.facts.values().map(|f| &f.at));
        paths.extend(self.attributes.values().map(|a| &a.at));
        paths.extend(self.derived.values().map(|d| &d.at));
        paths.extend(self.frame_of(scheme).map(|f| &f.at));
        paths.extend(self.processes.get(&scheme.process.process).map(|p| &p.at));
        let mut out = BTreeMap::new();
        for place in paths {
            if let Some(text) = self.texts.get(&*place.file) {
                out.insert(place.file.to_string(), text.clone());
            }
        }
        out
    }

    /// The digest of [`Law::rule_files`]: the rule version that a run names.
    pub fn rule_digest(&self, scheme: &Scheme) -> Digest {
        let files = self.rule_files(scheme);
        Digest::of_parts(files.iter().flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]))
    }

    /// Facts that evaluations may use: those that schemes, frames and shared indicators name. What only
    /// titles and policies ask for is no part of a snapshot.
    pub fn evaluation_facts(&self) -> BTreeSet<&str> {
        let of_rules = |at: &Place| self.rules.iter().any(|r| r.at.file == at.file);
        let of_templates = |at: &Place| self.templates.iter().any(|t| t.at.file == at.file);
        let used =
            self.uses.iter().filter(|u| !of_rules(&u.formula.at)).flat_map(|u| crate::names::of(&u.formula.text));
        let referred = self.refs.iter().filter(|r| r.what == crate::read::What::Fact);
        let referred = referred.filter(|r| !of_rules(&r.at) && !of_templates(&r.at)).map(|r| r.name.as_str());
        let mut names: BTreeSet<&str> = used.chain(referred).collect();
        // Facts that no rule asks for either are kept, as they always were.
        let asked: BTreeSet<&str> = self
            .uses
            .iter()
            .filter(|u| of_rules(&u.formula.at))
            .flat_map(|u| crate::names::of(&u.formula.text))
            .chain(self.refs.iter().filter(|r| of_rules(&r.at)).map(|r| r.name.as_str()))
            .collect();
        names.extend(self.facts.keys().map(String::as_str).filter(|f| !asked.contains(f)));
        names
    }

    /// A title for any name that formulas use: fact, attribute or indicator.
    pub fn title<'a>(&'a self, scheme: Option<&'a Scheme>, id: &str) -> Option<&'a crate::scheme::Text> {
        scheme
            .and_then(|s| s.define.iter().find(|d| d.id == id).map(|d| &d.title))
            .or_else(|| scheme.and_then(|s| s.parameters.iter().find(|p| p.id == id).map(|p| &p.title)))
            .or_else(|| self.derived.get(id).map(|d| &d.title))
            .or_else(|| self.facts.get(id).map(|f| &f.title))
            .or_else(|| self.attributes.get(id).map(|a| &a.title))
    }
}

/// True when nothing keeps the law from being used.
pub fn is_usable(findings: &[Diagnostic]) -> bool {
    findings.iter().all(|f| f.severity != Severity::Error)
}

/// By place, then code; the same finding twice is one.
pub(crate) fn sort(findings: &mut Vec<Diagnostic>) {
    findings.sort_by(|a, b| (&a.at, a.code, &a.found).cmp(&(&b.at, b.code, &b.found)));
    findings.dedup();
}

/// What a file is, by its keys.
fn kind_of(node: &Node) -> Option<&'static str> {
    let by_key = [
        ("scheme", "scheme"),
        ("rule", "rule"),
        ("review", "review"),
        ("chain", "chain"),
        ("chain_rules", "chain_rules"),
        ("industry_list", "industry_list"),
        ("frame", "frame"),
        ("template", "template"),
        ("process", "process"),
        ("holidays", "calendar"),
        ("units", "units"),
        ("facts", "facts"),
        ("attributes", "attributes"),
        ("derived", "derived"),
        ("articles", "articles"),
    ];
    // A scheme has `process` and `units` too; the order above settles it.
    by_key.into_iter().find(|(key, _)| node.entries().iter().any(|(k, _)| k.text == *key)).map(|(_, kind)| kind)
}

fn unknown_file(node: &Node) -> Diagnostic {
    Diagnostic::error(
        "unknown-file",
        &node.at,
        "nothing says what this file defines",
        "one of the keys: scheme, rule, review, chain, chain_rules, industry_list, frame, template, process, holidays, units, facts, attributes, derived, articles",
    )
}

fn same_folder(path: &str, id: &str, sec: &Sec, key: &str) {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if folder != id {
        let at = sec.get(key).map_or_else(|| sec.at(), |n| n.at.clone());
        sec.sink().error("id-is-not-folder", &at, format!("`{id}`"), format!("`{folder}`, the folder of the file"));
    }
}

fn insert<T>(all: &mut BTreeMap<String, T>, id: String, at: Place, value: T, sec: &Sec) {
    match all.entry(id) {
        Entry::Occupied(taken) => {
            sec.sink().error("duplicate-id", &at, format!("`{}` is defined twice", taken.key()), "each id once");
        }
        Entry::Vacant(free) => {
            free.insert(value);
        }
    }
}
