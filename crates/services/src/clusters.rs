//! Clusters of the province, found in a table of firms by place and industry and compared with the industries
//! that were declared. The table is kept as it came; what follows from it is computed anew by the rules in
//! force and kept ready by its digest.

use crate::{
    Refusal, Result, Services,
    catalogue::label,
    chain_views::*,
    chains::{refused_by, refused_one},
    views::DivisionView,
};
use base::{DivisionCode, Role, Scope};
use chain::clusters::{self, Facts, Measure, Mix, NicheRules, Row, Thresholds};
use law::chain_rules::float;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;
use store::{ChainCase, ChainCaseFilter, NewAudit, NewChainCase, ObjectAccess};

/// Largest table.
const TABLE_BYTES_MAX: usize = 64 << 20;
/// Faults that a refusal lists.
const FAULTS_SHOWN: usize = 50;
/// Industries that name a group.
const NAMED_BY: usize = 2;
/// Pairs of cities that a page lists: all of a province's.
const OVERLAPS_SHOWN: usize = 200;
/// Niches shown for each city.
const NICHES_SHOWN: usize = 6;
/// The step that is tried for a niche: a twentieth of what the city does.
const NICHE_STEP: f64 = 0.05;

const COLUMNS: [&str; 5] = ["county", "class", "firm", "output_10k_yuan", "staff"];

#[derive(Clone, Debug, Serialize, Deserialize)]
struct TableData {
    digest: String,
    name: String,
    rows: u64,
}

/// What was computed last, by digest of the table and day of the rules.
#[derive(Debug, Default)]
pub(crate) struct Ready(Mutex<Option<(String, ClustersView)>>);

impl Services {
    fn table_of(case: &ChainCase) -> Result<TableData> {
        serde_json::from_value(case.data.clone()).map_err(|e| Refusal::internal(format!("table {}: {e}", case.id)))
    }

    fn reads_clusters(scope: &Scope) -> bool {
        scope.sees_figures() && scope.firm().is_none() && scope.department().is_none() && scope.role() != Role::Firm
    }

    /// Clusters by the newest table.
    pub async fn get_clusters(&self, scope: &Scope) -> Result<ClustersView> {
        if !Self::reads_clusters(scope) {
            return Err(Refusal::forbidden());
        }
        // What is found tells of divisions and industries and of no firm, so it is for every office.
        let system = Scope::system("clusters", self.settings().root);
        let filter = ChainCaseFilter { kind: "table".into(), ..Default::default() };
        let tables = self.store().read(&system).list_chain_cases(&filter).await?;
        let newest = tables.last().ok_or_else(|| Refusal::not_found("区域产业表", "table of the region", "—"))?;
        let table = Self::table_of(newest)?;
        let rules = self.chain_rules()?;
        let key = format!("{} {}", table.digest, rules.name());
        let ready = self.clusters_ready().0.lock().ok().and_then(|r| r.clone()).filter(|(at, _)| *at == key);
        let mut view = match ready {
            Some((_, view)) => view,
            None => {
                let digest = table.digest.parse().map_err(|_| Refusal::internal("digest of a table"))?;
                let bytes = self.store().read(&system).get_object(digest).await?;
                let services = self.clone();
                let view = tokio::task::spawn_blocking(move || services.find_clusters(&read(&bytes)?))
                    .await
                    .map_err(Refusal::internal)??;
                if let Ok(mut at) = self.clusters_ready().0.lock() {
                    *at = Some((key, view.clone()));
                }
                view
            }
        };
        view.digest = table.digest;
        view.at = newest.created_at.clone();
        view.by = newest.created_by.clone();
        view.rows = table.rows;
        view.may_load = self.may_lead(scope, self.settings().root);
        Ok(view)
    }

    /// Loads another table.
    pub async fn load_clusters(&self, scope: &Scope, name: &str, bytes: Vec<u8>) -> Result<ClustersView> {
        if !self.may_lead(scope, self.settings().root) {
            return Err(Refusal::forbidden());
        }
        if bytes.len() > TABLE_BYTES_MAX {
            return Err(crate::too_large(bytes.len() as u64, TABLE_BYTES_MAX));
        }
        let rows = read(&bytes)?;
        let data = TableData { digest: base::Digest::of(&bytes).hex(), name: name.to_owned(), rows: rows.len() as u64 };
        let new = NewChainCase {
            kind: "table".into(),
            chain: 0,
            division: self.settings().root,
            firm: None,
            other: None,
            parent: None,
            subject: "region".into(),
            state: "loaded".into(),
            data: serde_json::to_value(&data).map_err(Refusal::internal)?,
        };
        let mut tx = self.store().begin(scope).await?;
        tx.put_object(&bytes, ObjectAccess::office(self.settings().root)).await?;
        let case = tx.insert_chain_case(&new).await?;
        tx.audit(
            NewAudit::new("cluster.load", format!("table:{}", case.id), self.settings().root)
                .with(json!({ "digest": data.digest, "rows": data.rows, "name": name })),
        );
        tx.commit().await?;
        self.get_clusters(scope).await
    }

    /// Input-output relations between industries, as the templates of chains state them: which class goes into
    /// which. How much is not known, so every relation counts the same.
    fn template_flows(&self, known: &BTreeSet<&str>) -> Result<Vec<clusters::Flow>> {
        let today = self.today()?;
        let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
        for template in self.law().chains_for(self.settings().root, today) {
            for product in &template.products {
                for input in &product.made_of {
                    let Some(source) = template.product(&input.product) else { continue };
                    for from in source.codes.iter().filter(|c| known.contains(c.as_str())) {
                        for to in product.codes.iter().filter(|c| known.contains(c.as_str()) && *c != from) {
                            pairs.insert((from.clone(), to.clone()));
                        }
                    }
                }
            }
        }
        Ok(pairs.into_iter().map(|(from, to)| clusters::Flow { from, to, amount: 1.0 }).collect())
    }

    fn find_clusters(&self, rows: &[Row]) -> Result<ClustersView> {
        let rules = self.chain_rules()?;
        let facts = Facts::new(rows, Measure::Output).map_err(|f| refused_by(&f))?;
        let known: BTreeSet<&str> = facts.industries().iter().map(String::as_str).collect();
        let mix = Mix {
            present: float(&rules.clusters.presence_min),
            colocation: float(&rules.clusters.co_location),
            flows: float(&rules.clusters.input_output),
        };
        let related = clusters::relate(&facts, &self.template_flows(&known)?, mix).map_err(refused_one)?;
        let merges = clusters::group(&related);
        let grouping = clusters::cut(related.size(), &merges, float(&rules.clusters.similarity_cut));
        let thresholds = Thresholds {
            quotient: float(&rules.clusters.lq_min),
            share: float(&rules.clusters.share_min),
            firms: float(&rules.clusters.firms_min) as usize,
            amount: 0.0,
        };
        let found = clusters::find(&facts, &grouping, thresholds, &self.neighbours(&facts)).map_err(refused_one)?;
        let crowding = clusters::crowding(&facts).map_err(refused_one)?;
        let name_of = |code: &str| self.law().industries.get(code).map_or_else(|| code.to_owned(), |i| i.name.clone());
        let output: Vec<f64> = (0..facts.industries().len())
            .map(|i| (0..facts.places().len()).map(|p| facts.amount(p, i)).sum())
            .collect();
        let mut groups = Vec::new();
        for group in 0..grouping.count {
            let mut members = grouping.members(group);
            members.sort_by(|a, b| output[*b].total_cmp(&output[*a]).then(a.cmp(b)));
            let whole: f64 = members.iter().map(|i| output[*i]).sum();
            // The index of a group: that of its industries, weighted by output.
            let gammas: Vec<(f64, f64)> =
                members.iter().filter_map(|i| crowding[*i].as_ref().map(|c| (c.gamma, output[*i]))).collect();
            let weight: f64 = gammas.iter().map(|(_, w)| w).sum();
            let pairs: Vec<f64> = members
                .iter()
                .enumerate()
                .flat_map(|(at, a)| members[at + 1..].iter().map(move |b| (*a, *b)))
                .map(|(a, b)| related.of(a, b))
                .collect();
            groups.push(GroupView {
                group: group as u32,
                name: members
                    .iter()
                    .take(NAMED_BY)
                    .map(|i| name_of(&facts.industries()[*i]))
                    .collect::<Vec<_>>()
                    .join("、"),
                industries: members
                    .iter()
                    .map(|i| KindName { code: facts.industries()[*i].clone(), name: name_of(&facts.industries()[*i]) })
                    .collect(),
                output: whole,
                agglomeration: (weight > 0.0).then(|| gammas.iter().map(|(g, w)| g * w).sum::<f64>() / weight),
                relatedness: (!pairs.is_empty()).then(|| pairs.iter().sum::<f64>() / pairs.len() as f64),
            });
        }
        let today = self.today()?;
        let lists = self.law().industry_lists.iter().filter(|l| l.governs(today) && l.division == self.settings().root);
        let list = lists.max_by_key(|l| (l.id.contains("advantage"), l.edition));
        let declared: BTreeMap<String, String> = list
            .map(|list| {
                let codes = |i: &law::chain::ListedIndustry| i.codes.clone();
                let of = |industry: &str| {
                    list.industries.iter().find(|i| codes(i).iter().any(|c| industry.starts_with(c.as_str())))
                };
                facts.industries().iter().filter_map(|i| Some((i.clone(), of(i)?.id.clone()))).collect()
            })
            .unwrap_or_default();
        let compared = clusters::compare(&facts, &grouping, &declared).map_err(refused_one)?;
        let gamma_min = float(&rules.clusters.gamma_min);
        let staff = Facts::new(rows, Measure::Staff).map_err(|f| refused_by(&f))?;
        let mut views = Vec::new();
        for cluster in &found.clusters {
            // A group that is spread like everything else makes no cluster, however large a place is in it.
            if groups[cluster.group].agglomeration.is_none_or(|g| g < gamma_min) {
                continue;
            }
            let members = grouping.members(cluster.group);
            let present = |i: usize| cluster.places.iter().any(|p| facts.amount(*p, i) > 0.0);
            let pairs = members
                .iter()
                .enumerate()
                .flat_map(|(at, a)| members[at + 1..].iter().map(move |b| (*a, *b)))
                .filter(|(a, b)| related.of(*a, *b) > 0.0);
            let (mut all, mut both) = (0u32, 0u32);
            pairs.for_each(|(a, b)| {
                all += 1;
                both += u32::from(present(a) && present(b));
            });
            let people = |p: usize| {
                let at = staff.places().iter().position(|name| *name == facts.places()[p]);
                members
                    .iter()
                    .filter_map(|i| {
                        let code = &facts.industries()[*i];
                        Some(staff.amount(at?, staff.industries().iter().position(|c| c == code)?))
                    })
                    .sum::<f64>()
            };
            let fits = compared.names.iter().find(|m| m.group == cluster.group).map(|m| m.name.clone());
            views.push(ClusterView {
                group: cluster.group as u32,
                name: groups[cluster.group].name.clone(),
                places: cluster.places.iter().filter_map(|p| self.chain_place(&facts.places()[*p])).collect(),
                firms: cluster.firms.len() as u64,
                output: cluster.amount,
                staff: cluster.places.iter().map(|p| people(*p)).sum(),
                location_quotient: cluster.quotient,
                share: cluster.share.unwrap_or(0.0),
                linkage: (all > 0).then(|| f64::from(both) / f64::from(all)),
                declared: fits
                    .and_then(|id| list?.industries.iter().find(|i| i.id == id).map(|i| i.title.zh.clone()))
                    .unwrap_or_default(),
            });
        }
        views.sort_by(|a, b| b.output.total_cmp(&a.output).then(a.name.cmp(&b.name)));
        let (overlaps, niches) = self.cities(rows, &related, &merges, &groups)?;
        let declared = compared
            .names
            .iter()
            .filter_map(|m| {
                let industry = list?.industries.iter().find(|i| i.id == m.name)?;
                let fits = m.both > 0;
                Some(DeclaredView {
                    name: label(&industry.title),
                    industries: m.industries as u64,
                    group: fits.then_some(m.group as u32),
                    group_name: if fits { groups[m.group].name.clone() } else { String::new() },
                    precision: fits.then_some(m.precision),
                    recall: fits.then_some(m.recall),
                    jaccard: fits.then_some(m.jaccard),
                    clusters: views.iter().filter(|v| fits && v.group == m.group as u32).count() as u64,
                })
            })
            .collect();
        Ok(ClustersView {
            digest: String::new(),
            at: String::new(),
            by: String::new(),
            rows: rows.len() as u64,
            groups,
            clusters: views,
            overlaps,
            niches,
            declared,
            rand: compared.adjusted_rand,
            may_load: false,
        })
    }

    /// The same table by cities: how alike they are and where each could differ.
    fn cities(
        &self,
        rows: &[Row],
        related: &clusters::Related,
        merges: &[clusters::Merge],
        groups: &[GroupView],
    ) -> Result<(Vec<CityOverlapView>, Vec<NicheView>)> {
        let rules = self.chain_rules()?;
        let city = |place: &str| -> String {
            let code: Option<DivisionCode> = place.parse().ok();
            code.and_then(|c| c.parent())
                .filter(|p| p.level() == base::division::Level::City)
                .map_or_else(|| place.to_owned(), |p| p.to_string())
        };
        let of_cities: Vec<Row> = rows.iter().map(|r| Row { place: city(&r.place), ..r.clone() }).collect();
        let facts = Facts::new(&of_cities, Measure::Output).map_err(|f| refused_by(&f))?;
        // The industries are the same ones in the same order, so the groups are too.
        let grouping = clusters::cut(related.size(), merges, float(&rules.clusters.similarity_cut));
        let view = |at: usize| -> Option<DivisionView> { self.chain_place(&facts.places()[at]) };
        let mut overlaps: Vec<CityOverlapView> = clusters::overlaps(&facts, &grouping)
            .map_err(refused_one)?
            .into_iter()
            .filter_map(|o| Some(CityOverlapView { a: view(o.a)?, b: view(o.b)?, overlap: o.cosine? }))
            .collect();
        let mut mean: HashMap<String, (f64, f64)> = HashMap::new();
        for pair in &overlaps {
            for city in [&pair.a.code, &pair.b.code] {
                let of = mean.entry(city.clone()).or_default();
                *of = (of.0 + pair.overlap, of.1 + 1.0);
            }
        }
        overlaps
            .sort_by(|a, b| b.overlap.total_cmp(&a.overlap).then((&a.a.code, &a.b.code).cmp(&(&b.a.code, &b.b.code))));
        overlaps.truncate(OVERLAPS_SHOWN);
        let lq_min = float(&rules.niches.lq_min);
        let niche_rules = NicheRules {
            present: float(&rules.clusters.presence_min),
            specialised: lq_min,
            near: float(&rules.gaps.density_min),
            step: NICHE_STEP,
        };
        let mut niches = Vec::new();
        for (at, place) in facts.places().iter().enumerate() {
            let Some(city) = view(at) else { continue };
            let found = clusters::niches(&facts, &grouping, place, niche_rules).map_err(refused_one)?;
            // Single industries that nothing goes with are no field to build on.
            let found = found.into_iter().filter(|n| groups[n.group].industries.len() > 1);
            let few = facts.places().len() / 3;
            niches.push(NicheView {
                overlap: mean.get(&city.code).map_or(0.0, |(sum, n)| sum / n),
                groups: found
                    .take(NICHES_SHOWN)
                    .map(|n| NicheGroup {
                        group: n.group as u32,
                        name: groups[n.group].name.clone(),
                        location_quotient: n.quotient,
                        density: n.density,
                        rivals: n.rivals as u64,
                        advice: match (n.quotient.is_some_and(|q| q >= lq_min), n.rivals <= few) {
                            (true, true) => "keep",
                            (true, false) => "crowded",
                            (false, _) => "grow",
                        }
                        .to_owned(),
                    })
                    .collect(),
                city,
            });
        }
        niches.sort_by(|a, b| b.overlap.total_cmp(&a.overlap).then(a.city.code.cmp(&b.city.code)));
        Ok((overlaps, niches))
    }

    /// Counties of one city are neighbours: the code list knows no borders.
    fn neighbours(&self, facts: &Facts) -> Vec<(String, String)> {
        let mut cities: BTreeMap<DivisionCode, Vec<&String>> = BTreeMap::new();
        for place in facts.places() {
            if let Some(city) = place.parse::<DivisionCode>().ok().and_then(|c| c.parent()) {
                cities.entry(city).or_default().push(place);
            }
        }
        let pairs = |all: Vec<&String>| -> Vec<(String, String)> {
            all.iter()
                .enumerate()
                .flat_map(|(at, a)| all[at + 1..].iter().map(move |b| ((*a).clone(), (*b).clone())))
                .collect()
        };
        cities.into_values().flat_map(pairs).collect()
    }
}

/// Rows of a table; all faults at once, by line.
fn read(bytes: &[u8]) -> Result<Vec<Row>> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Refusal::invalid("file", "文件不是 UTF-8 文本。", "The file is not UTF-8 text."))?
        .trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let head: Vec<String> = reader.headers().map_err(Refusal::internal)?.iter().map(|h| h.trim().to_owned()).collect();
    let missing: Vec<&str> = COLUMNS.into_iter().filter(|c| !head.iter().any(|h| h == c)).collect();
    if !missing.is_empty() {
        return Err(Refusal::invalid(
            "file",
            format!("缺少列：{}；应有 {}。", missing.join("、"), COLUMNS.join("、")),
            format!("Columns missing: {}; needed: {}.", missing.join(", "), COLUMNS.join(", ")),
        ));
    }
    let column: Vec<usize> = COLUMNS.iter().map(|c| head.iter().position(|h| h == c).unwrap_or(0)).collect();
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (at, record) in reader.records().enumerate() {
        let place = format!("line {}", at + 2);
        let mut fault = |found: String, allowed: &str| {
            faults.push(chain::Fault::new(chain::Code::Text, place.clone(), found, allowed));
        };
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                fault(e.to_string(), "a row of CSV is allowed");
                continue;
            }
        };
        let cell = |of: usize| record.get(column[of]).unwrap_or("").trim();
        if cell(0).parse::<DivisionCode>().is_err() {
            fault(format!("county {:?}", cell(0)), "six digits of a division are allowed");
            continue;
        }
        if cell(1).len() != 4 || !cell(1).bytes().all(|b| b.is_ascii_digit()) {
            fault(format!("class {:?}", cell(1)), "four digits of GB/T 4754 are allowed");
            continue;
        }
        let mut figure = |of: usize| -> Option<Option<f64>> {
            match cell(of) {
                "" => Some(None),
                text => match text.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0) {
                    Some(value) => Some(Some(value)),
                    None => {
                        fault(format!("{} {text:?}", COLUMNS[of]), "a number of 0 or more, or nothing, is allowed");
                        None
                    }
                },
            }
        };
        if let (Some(output), Some(staff)) = (figure(3), figure(4)) {
            let firm = cell(2);
            rows.push(Row {
                place: cell(0).to_owned(),
                industry: cell(1).to_owned(),
                firm: (!firm.is_empty()).then(|| firm.to_owned()),
                output,
                staff,
            });
        }
    }
    match faults.is_empty() {
        true => Ok(rows),
        false => {
            faults.truncate(FAULTS_SHOWN);
            Err(refused_by(&faults))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_whole_or_refused_by_line() {
        let good = "county,class,firm,output_10k_yuan,staff\n370703,3421,a,12.5,3\n370703,3421,,,\n";
        let rows = read(good.as_bytes()).unwrap();
        assert_eq!((rows.len(), rows[0].output, rows[1].firm.clone(), rows[1].output), (2, Some(12.5), None, None));
        let bad = "county,class,firm,output_10k_yuan,staff\nx,3421,a,1,1\n370703,34,a,1,1\n370703,3421,a,-1,1\n";
        let refused = read(bad.as_bytes()).unwrap_err();
        let lines: Vec<&str> = refused.fields.iter().map(|f| f.cell.as_str()).collect();
        assert_eq!(lines, ["line 2", "line 3", "line 4"]);
        assert!(read(b"county,class\n").is_err());
    }
}
