//! What a product node needs: to be built, filled, extended to or strengthened, with the arithmetic. Each
//! answer carries every figure and threshold it rests on; thresholds are arguments, because they stand in
//! policy documents. Unknown figures make an answer unknown unless the known ones decide it.
//!
//! The four are those of 建链, 补链, 延链, 强链: build where a chain hardly exists and demand does; fill what is
//! missing, hangs on one source or comes from abroad; extend to neighbours of what is made already;
//! strengthen what is present and specialised but weak.

use crate::fault::Fault;
use crate::graph::{EdgeKind, Graph, NodeKind};
use crate::measures::{Coverage, Supply};

/// What is known of a product in a place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// The product's id.
    pub product: String,
    /// Makers in the place.
    pub makers: Option<usize>,
    /// Makers anywhere that are known.
    pub sources: Option<usize>,
    /// Part of known output that is made in the place, 0 to 1.
    pub local_share: Option<f64>,
    /// Concentration of all known makers, 0 to 1.
    pub hhi: Option<f64>,
    /// Part of use in the place that is imported, 0 to 1.
    pub import_share: Option<f64>,
    /// Location quotient of the place.
    pub location_quotient: Option<f64>,
    /// Density: nearness to what the place makes, 0 to 1.
    pub density: Option<f64>,
    /// Demand of the place in a year, in the unit of the graph.
    pub demand: Option<f64>,
    /// How much of the chain passes through it, 0 to 1, by whatever measure the caller ranks by.
    pub criticality: Option<f64>,
    /// Level of technology, on the scale of the threshold.
    pub tier: Option<f64>,
    /// Margin of its makers, a share of revenue.
    pub margin: Option<f64>,
    /// Growth of its market in a year, as a factor.
    pub growth: Option<f64>,
    /// Is a product that it is made of, or that is made of it, made in the place?
    pub adjacent: Option<bool>,
    /// Products that can stand in for it, with the part of the need that they cover.
    pub substitutes: Vec<(String, Option<f64>)>,
}

/// Where a figure begins to matter; all from the caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// A chain with less coverage is to be built.
    pub coverage_min: f64,
    /// Demand of at least so much exists.
    pub demand_min: f64,
    /// Fewer sources than this are too few.
    pub sources_min: usize,
    /// Concentration from here on is too much.
    pub hhi_max: f64,
    /// Imports from here on are dependence.
    pub import_max: f64,
    /// Substitutes that cover so much of the need make dependence bearable.
    pub substitute_min: f64,
    /// Density from here on is near enough to extend to.
    pub density_min: f64,
    /// A location quotient from here on is specialisation.
    pub lq_min: f64,
    /// A lower tier is weak.
    pub tier_min: f64,
    /// A lower local share is weak.
    pub local_share_min: f64,
}

/// The four steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// 建链
    Build,
    /// 补链
    Fill,
    /// 延链
    Extend,
    /// 强链
    Strengthen,
}

/// How a figure is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The figure is below the threshold.
    Below,
    /// The figure is the threshold or above.
    AtLeast,
}

/// One comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// The figure, by its name in [`Figures`].
    pub what: &'static str,
    /// Its value; none: not known.
    pub value: Option<f64>,
    /// How it is compared.
    pub relation: Relation,
    /// With what.
    pub threshold: f64,
}

impl Test {
    /// Does it hold? None when the figure is not known.
    pub fn holds(&self) -> Option<bool> {
        let value = self.value.filter(|v| !v.is_nan())?;
        Some(match self.relation {
            Relation::Below => value < self.threshold,
            Relation::AtLeast => value >= self.threshold,
        })
    }
}

/// Whether one step is called for, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The step.
    pub step: Step,
    /// Groups of comparisons: every group must hold, and a group holds when one of its comparisons does.
    pub all_of: Vec<Vec<Test>>,
    /// Is it called for? None when unknown figures decide.
    pub holds: Option<bool>,
    /// Factors whose product ranks it among others of the same step.
    pub factors: Vec<(&'static str, Option<f64>)>,
    /// That product; none when a factor is not known.
    pub rank: Option<f64>,
}

/// All four answers for one product, in the order of [`Step`]; `coverage` is that of the chain in the place.
pub fn findings(figures: &Figures, coverage: Coverage, limits: &Thresholds) -> Vec<Finding> {
    use Relation::{AtLeast, Below};
    let test = |what, value, relation, threshold| Test { what, value, relation, threshold };
    let count = |value: Option<usize>| value.map(|v| v as f64);
    let truth = |value: Option<bool>| value.map(|v| f64::from(u8::from(v)));
    let covered = coverage.share();
    // The best substitute; products without any are covered to no part, and an unknown one could be enough.
    let substitute = match figures.substitutes.iter().map(|(_, s)| *s).collect::<Option<Vec<f64>>>() {
        Some(known) => Some(known.into_iter().fold(0.0, f64::max)),
        None => {
            let known = figures.substitutes.iter().filter_map(|(_, s)| *s).fold(0.0, f64::max);
            (known >= limits.substitute_min).then_some(known)
        }
    };
    let none_here = test("makers", count(figures.makers), Below, 1.0);
    let some_here = test("makers", count(figures.makers), AtLeast, 1.0);
    let demand = test("demand", figures.demand, AtLeast, limits.demand_min);
    let build = vec![vec![test("coverage", covered, Below, limits.coverage_min)], vec![none_here], vec![demand]];
    let fill = vec![
        vec![test("coverage", covered, AtLeast, limits.coverage_min)],
        vec![demand],
        vec![
            none_here,
            test("sources", count(figures.sources), Below, limits.sources_min as f64),
            test("hhi", figures.hhi, AtLeast, limits.hhi_max),
            test("import_share", figures.import_share, AtLeast, limits.import_max),
        ],
        vec![test("substitute", substitute, Below, limits.substitute_min)],
    ];
    let extend = vec![
        vec![none_here],
        vec![test("adjacent", truth(figures.adjacent), AtLeast, 1.0)],
        vec![test("density", figures.density, AtLeast, limits.density_min)],
    ];
    let strengthen = vec![
        vec![some_here],
        vec![test("location_quotient", figures.location_quotient, AtLeast, limits.lq_min)],
        vec![
            test("tier", figures.tier, Below, limits.tier_min),
            test("local_share", figures.local_share, Below, limits.local_share_min),
        ],
    ];
    let by = |name: &'static str, value: Option<f64>| (name, value);
    let criticality = by("criticality", figures.criticality);
    let wanted = by("demand", figures.demand);
    vec![
        finding(Step::Build, build, vec![criticality, wanted]),
        finding(Step::Fill, fill, vec![criticality, wanted, by("import_share", figures.import_share)]),
        finding(
            Step::Extend,
            extend,
            vec![by("density", figures.density), by("margin", figures.margin), by("growth", figures.growth)],
        ),
        finding(Step::Strengthen, strengthen, vec![criticality, by("location_quotient", figures.location_quotient)]),
    ]
}

fn finding(step: Step, all_of: Vec<Vec<Test>>, factors: Vec<(&'static str, Option<f64>)>) -> Finding {
    let any = |group: &Vec<Test>| fold(group.iter().map(Test::holds), true);
    let holds = fold(all_of.iter().map(any), false);
    let rank = factors.iter().map(|(_, value)| *value).product();
    Finding { step, all_of, holds, factors, rank }
}

/// Or when `decides` is true, and when it is false, with unknown in neither.
fn fold(truths: impl Iterator<Item = Option<bool>>, decides: bool) -> Option<bool> {
    let mut out = Some(!decides);
    for truth in truths {
        match truth {
            Some(truth) if truth == decides => return Some(decides),
            Some(_) => (),
            None => out = None,
        }
    }
    out
}

/// What the graph itself knows of each product: makers, concentration, neighbours and substitutes. Where firms
/// make a product in unknown amounts, counts stand and shares do not.
pub fn figures(graph: &Graph, supply: &[Supply]) -> Result<Vec<Figures>, Fault> {
    let mut here = vec![false; graph.nodes().len()];
    supply.iter().for_each(|s| here[s.product] = !s.local.is_empty());
    let mut out = Vec::with_capacity(supply.len());
    for row in supply {
        let links = || graph.edges().iter().zip(graph.ends());
        let adjacent = links().any(|(edge, (from, to))| {
            let (from, to) = (*from as usize, *to as usize);
            edge.kind == EdgeKind::MadeOf && (from == row.product && here[to] || to == row.product && here[from])
        });
        let substitutes = links()
            .filter(|(edge, (_, to))| edge.kind == EdgeKind::Substitutes && *to as usize == row.product)
            .map(|(edge, _)| (edge.from.clone(), edge.share))
            .collect();
        let known = row.unknown.is_empty();
        debug_assert_eq!(graph.nodes()[row.product].kind, NodeKind::Product);
        out.push(Figures {
            product: graph.nodes()[row.product].id.clone(),
            // A maker whose place is not known may be one of the place.
            makers: (known || !row.local.is_empty()).then_some(row.local.len()),
            sources: Some(row.local.len() + row.outside.len() + row.unknown.len()),
            local_share: row.local_share().filter(|_| known),
            hhi: row.concentration()?.map(|c| c.hhi).filter(|_| known),
            adjacent: Some(adjacent),
            substitutes,
            ..Figures::default()
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::{checks, edge, node, small};
    use crate::measures::supply;

    const LIMITS: Thresholds = Thresholds {
        coverage_min: 0.5,
        demand_min: 10.0,
        sources_min: 2,
        hhi_max: 0.4,
        import_max: 0.5,
        substitute_min: 0.6,
        density_min: 0.2,
        lq_min: 1.0,
        tier_min: 3.0,
        local_share_min: 0.1,
    };

    fn holds(figures: &Figures, covered: usize) -> Vec<Option<bool>> {
        findings(figures, Coverage { nodes: 10, covered }, &LIMITS).iter().map(|f| f.holds).collect()
    }

    #[test]
    fn each_step_follows_from_its_figures() {
        let missing = Figures {
            makers: Some(0),
            sources: Some(1),
            demand: Some(50.0),
            import_share: Some(0.9),
            criticality: Some(0.5),
            density: Some(0.3),
            adjacent: Some(true),
            ..Figures::default()
        };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(holds(&missing, 2), [yes, no, yes, no]);
        assert_eq!(holds(&missing, 7), [no, yes, yes, no]);
        let fill = &findings(&missing, Coverage { nodes: 10, covered: 7 }, &LIMITS)[1];
        assert_eq!(fill.rank, Some(0.5 * 50.0 * 0.9));
        assert_eq!(fill.all_of[2][3].threshold, 0.5);
        let substituted = Figures { substitutes: vec![("x".into(), Some(0.7)), ("y".into(), None)], ..missing.clone() };
        assert_eq!(holds(&substituted, 7)[1], no);
        let strong = Figures { makers: Some(4), location_quotient: Some(2.0), tier: Some(1.0), ..Figures::default() };
        assert_eq!(holds(&strong, 7)[3], yes);
        assert_eq!(holds(&Figures { tier: None, ..strong.clone() }, 7)[3], None);
        // A local share that is low decides although the tier is not known.
        assert_eq!(holds(&Figures { tier: None, local_share: Some(0.05), ..strong }, 7)[3], yes);
    }

    #[test]
    fn the_graph_gives_makers_neighbours_and_substitutes() {
        let mut raw = small();
        raw.nodes.push(node("ceramic", NodeKind::Product));
        let mut stand_in = edge("ceramic", "bearing", EdgeKind::Substitutes);
        stand_in.share = Some(0.4);
        raw.edges.push(stand_in);
        for at in [3, 4] {
            raw.nodes[at].output = Some(10.0);
            raw.nodes[at].place = Some(if at == 3 { "370703" } else { "110101" }.into());
        }
        raw.edges[2].share = Some(1.0);
        raw.edges[3].share = Some(1.0);
        let graph = Graph::check(raw, &checks()).unwrap();
        let rows = figures(&graph, &supply(&graph, 0.0, |p| p.starts_with("37"))).unwrap();
        let of = |id: &str| rows.iter().find(|r| r.product == id).unwrap();
        assert_eq!(
            (of("bearing").makers, of("bearing").hhi, of("bearing").local_share),
            (Some(1), Some(1.0), Some(1.0))
        );
        assert_eq!(of("bearing").substitutes, [("ceramic".to_owned(), Some(0.4))]);
        assert_eq!((of("spindle").makers, of("spindle").adjacent), (Some(0), Some(true)));
        assert_eq!((of("lathe").makers, of("lathe").adjacent), (Some(0), Some(false)));
    }
}
