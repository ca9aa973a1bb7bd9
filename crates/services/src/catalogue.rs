//! What comes from the law and the code lists: divisions, articles, schemes, outlines for maps.

use crate::{
    Document, Refusal, Result, Services,
    views::{
        ArticleFigure, ArticleView, ClassCount, DivisionView, IndicatorHead, Label, MechanismView, PopulationSummary,
        SchemeRef, SchemeView,
    },
};
use base::{Digest, Scope};
use law::Scheme;
use law::scheme::{Population, Standing, Text};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use store::{EvaluationFilter, FilingFilter};

const COUNTIES: &str = include_str!("../../../law/codes/maps/shandong_counties.geojson");
const CITIES: &str = include_str!("../../../law/codes/maps/shandong_cities.geojson");

/// Wording of the law as wording of a view.
pub(crate) fn label(text: &Text) -> Label {
    Label { zh: text.zh.clone(), en: text.en.clone() }
}

/// What was assumed, when a value was not seen in its source.
pub(crate) fn assumed(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Verified => None,
        Standing::Unverified { assumed } => Some(assumed.clone()),
    }
}

impl Services {
    /// Current divisions that the person may see, parents first.
    pub async fn list_divisions(&self, scope: &Scope) -> Result<Vec<DivisionView>> {
        let divisions = self.law().divisions.all.values();
        Ok(divisions
            .filter(|d| d.current && scope.region().covers(d.code))
            .map(|d| self.division_view(d.code))
            .collect())
    }

    /// The twenty articles; a mechanism that nothing carries yet counts zero.
    pub async fn list_articles(&self, scope: &Scope) -> Result<Vec<ArticleView>> {
        let figures = self.article_figures(scope).await?;
        let behind = |m: &law::Mechanism| figures.iter().filter(|f| m.rules.contains(&f.rule)).collect::<Vec<_>>();
        let view = |m: &law::Mechanism| {
            let of = behind(m);
            MechanismView {
                id: m.id.clone(),
                title: label(&m.title),
                engine: m.engines.join(", "),
                live: m.is_live(),
                rules: m.rules.iter().filter(|r| self.is_rule(r)).count() as u64,
                cases: of.iter().map(|f| f.cases).sum(),
                firms: of.iter().map(|f| f.firms).sum(),
                link: m.screens.first().cloned(),
            }
        };
        let of_article = |a: &law::Article| {
            let named: BTreeSet<&String> = a.mechanisms.iter().flat_map(|m| &m.rules).collect();
            figures.iter().filter(|f| named.contains(&f.rule)).cloned().collect::<Vec<_>>()
        };
        Ok(self
            .law()
            .articles
            .iter()
            .map(|a| ArticleView {
                number: a.number,
                title: label(&a.title),
                live: a.mechanisms.iter().filter(|m| m.is_live()).count() as u32,
                mechanisms: a.mechanisms.iter().map(view).collect(),
                figures: of_article(a),
            })
            .collect())
    }

    fn is_rule(&self, id: &str) -> bool {
        self.law().schemes.iter().any(|s| s.id == id) || self.law().rules.iter().any(|r| r.id == id)
    }

    /// What stands behind schemes and rules, by year, as far as the person may see.
    async fn article_figures(&self, scope: &Scope) -> Result<Vec<ArticleFigure>> {
        if !scope.sees_figures() {
            return Ok(Vec::new());
        }
        let reader = self.store().read(scope);
        let mut out: BTreeMap<(String, i16), ArticleFigure> = BTreeMap::new();
        for evaluation in reader.list_evaluations(&EvaluationFilter::default()).await? {
            let year = evaluation.year as i16;
            let Some(scheme) = self.law().scheme(&evaluation.scheme, year) else { continue };
            let level = match scheme.division.level() {
                base::division::Level::Province => "province",
                base::division::Level::City => "city",
                base::division::Level::County => "county",
            };
            let new = || ArticleFigure {
                rule: scheme.id.clone(),
                title: label(&scheme.title),
                level: level.into(),
                year,
                on: None,
                cases: 0,
                firms: 0,
                listed: 0,
                money: None,
                unit: Label::default(),
            };
            let figure = out.entry((scheme.id.clone(), year)).or_insert_with(new);
            figure.cases += 1;
            if let Some(run) = reader.list_runs(evaluation.id).await?.first() {
                // A firm sees of an evaluation itself alone.
                figure.firms += match scope.firm() {
                    Some(_) => 1,
                    None => run.summary.get("firms").and_then(serde_json::Value::as_u64).unwrap_or(0),
                };
            }
        }
        let mut firms: BTreeMap<(String, i16), BTreeSet<i64>> = BTreeMap::new();
        let mut sums: BTreeMap<(String, i16), Decimal> = BTreeMap::new();
        for filing in reader.list_filings(&FilingFilter::default()).await? {
            let Some(rule) = self.law().rule_version(&filing.rule, filing.rule_version) else { continue };
            let year = crate::rounds::moment("filed_at", &filing.filed_at)?.year();
            let key = (rule.id.clone(), year);
            let new = || ArticleFigure {
                rule: rule.id.clone(),
                title: label(&rule.title),
                level: rule.level.name().into(),
                year,
                on: Some(filing.filed_at.get(..10).unwrap_or_default().to_owned()),
                cases: 0,
                firms: 0,
                listed: 0,
                money: None,
                unit: rule.amount.as_ref().map(|a| self.unit_label(&a.unit)).unwrap_or_default(),
            };
            let figure = out.entry(key.clone()).or_insert_with(new);
            figure.cases += 1;
            firms.entry(key.clone()).or_default().insert(filing.firm);
            if matches!(filing.state.as_str(), "listed" | "payment_asked" | "paid" | "removal_asked") {
                figure.listed += 1;
                if let (Some(_), Some(sum)) = (&rule.amount, &filing.sum) {
                    *sums.entry(key).or_default() += sum.parse::<Decimal>().unwrap_or_default();
                }
            }
        }
        for (key, figure) in &mut out {
            if let Some(of) = firms.get(key) {
                figure.firms = of.len() as u64;
            }
            figure.money = sums.get(key).map(|s| s.normalize().to_string());
        }
        Ok(out.into_values().collect())
    }

    /// All scheme versions, by id.
    pub async fn list_schemes(&self) -> Result<Vec<SchemeRef>> {
        Ok(self.law().schemes.iter().map(|s| self.scheme_ref(s)).collect())
    }

    /// One scheme version; the newest when none is named.
    pub async fn get_scheme(&self, id: &str, version: Option<u32>) -> Result<SchemeView> {
        let of_id = self.law().schemes.iter().filter(|s| s.id == id);
        let scheme = match version {
            Some(version) => self.law().scheme_version(id, version),
            None => of_id.max_by_key(|s| s.version),
        };
        let scheme = scheme.ok_or_else(|| Refusal::not_found("方案", "scheme", id))?;
        Ok(SchemeView {
            scheme: self.scheme_ref(scheme),
            file: scheme.at.file.to_string(),
            text: self.law().texts.get(&*scheme.at.file).map(|t| t.to_string()).unwrap_or_default(),
            division: self.division_view(scheme.division),
            years: (scheme.year_from, scheme.year_to),
            unverified: unverified(scheme),
            populations: scheme.populations.iter().map(|p| self.population_head(scheme, p)).collect(),
        })
    }

    /// Outlines of counties or cities.
    pub async fn get_map(&self, level: &str) -> Result<Document> {
        let text = match level {
            "counties" => COUNTIES,
            "cities" => CITIES,
            other => return Err(Refusal::not_found("地图", "map", other)),
        };
        Ok(Document {
            name: format!("{level}.geojson"),
            mime: "application/geo+json",
            digest: Digest::of(text.as_bytes()),
            bytes: text.as_bytes().to_vec(),
            rows: None,
        })
    }

    /// A scheme by name.
    pub(crate) fn scheme_ref(&self, scheme: &Scheme) -> SchemeRef {
        SchemeRef {
            id: scheme.id.clone(),
            version: scheme.version,
            title: label(&scheme.title),
            document: scheme.cite.document.clone(),
            from: scheme.from.to_string(),
            digest: self.law().rule_digest(scheme).hex(),
            unverified: unverified(scheme).len() as u32,
            advisory: scheme.advisory,
        }
    }

    /// A population without results: its indicators and classes.
    pub(crate) fn population_head(&self, scheme: &Scheme, population: &Population) -> PopulationSummary {
        PopulationSummary {
            id: population.id.clone(),
            title: label(&population.title),
            ranked: 0,
            classes: scheme
                .classes
                .iter()
                .map(|c| ClassCount { class: c.id.clone(), title: label(&c.title), count: 0, share: None })
                .collect(),
            cuts: Vec::new(),
            histogram: Vec::new(),
            indicators: population.indicators.iter().map(|i| self.indicator_head(scheme, i)).collect(),
        }
    }

    /// An indicator's column head.
    pub(crate) fn indicator_head(&self, scheme: &Scheme, indicator: &law::scheme::Indicator) -> IndicatorHead {
        let id = &indicator.use_;
        let derived = self.law().indicator(scheme, id);
        let unit = derived
            .map(|d| d.unit.clone())
            .or_else(|| self.law().facts.get(id).and_then(|f| f.unit.clone()))
            .unwrap_or_default();
        let number = |p: &law::scheme::Param| base::fixed::to_f64(p.value);
        IndicatorHead {
            id: id.clone(),
            title: self.title(Some(scheme), id),
            unit: self.unit_label(&unit),
            decimals: derived.map_or(2, |d| d.decimals),
            weight: number(&indicator.weight),
            cap: indicator.cap.as_ref().map(number),
            unverified: indicator.standing != Standing::Verified || indicator.weight.standing != Standing::Verified,
        }
    }

    /// Title of a fact, attribute, parameter or indicator; its id when it has none.
    pub(crate) fn title(&self, scheme: Option<&Scheme>, id: &str) -> Label {
        self.law().title(scheme, id).map(label).unwrap_or_else(|| Label { zh: id.to_owned(), en: id.to_owned() })
    }

    /// A unit in words; empty for pure numbers.
    pub(crate) fn unit_label(&self, id: &str) -> Label {
        self.law().units.get(id).map(|u| label(&u.title)).unwrap_or_default()
    }
}

/// Every assumption of a scheme with its place, found by walking the scheme's own data: a value that
/// is marked anywhere is found, however deep it stands.
pub(crate) fn unverified(scheme: &Scheme) -> Vec<(String, String)> {
    fn walk(value: &serde_json::Value, place: &str, out: &mut Vec<(String, String)>) {
        match value {
            serde_json::Value::Object(map) => {
                let here = map
                    .get("at")
                    .and_then(|a| Some(format!("{}:{}", a.get("file")?.as_str()?, a.get("line")?.as_u64()?)))
                    .unwrap_or_else(|| place.to_owned());
                if let Some(text) = map.get("assumed").and_then(serde_json::Value::as_str) {
                    out.push((here.clone(), text.to_owned()));
                }
                map.values().for_each(|v| walk(v, &here, out));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|v| walk(v, place, out)),
            _ => (),
        }
    }
    let mut out = Vec::new();
    walk(&serde_json::to_value(scheme).unwrap_or_default(), &scheme.at.file, &mut out);
    out.sort();
    out.dedup();
    out
}
