//! The numbers by which chains are placed, judged, stressed and mended, as data: `chain` takes every
//! threshold as an argument, and this is where it comes from, with its document and its standing.

use crate::chain::{EvidenceKind, number};
use crate::load::Law;
use crate::place::Place;
use crate::read::Sec;
use crate::read_scheme::{in_force, top_cite};
use crate::scheme::{Cite, Param, Standing, Text};
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;

/// The number for engines that compute in binary.
pub fn float(param: &Param) -> f64 {
    param.value.to_f64().unwrap_or(f64::NAN)
}

/// One edition of the rules.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainRules {
    /// Stable id, the path of its folder.
    pub id: String,
    /// 1, 2, … of the same id.
    pub edition: u32,
    /// Title.
    pub title: Text,
    /// First day in force.
    pub from: Date,
    /// Last day in force; none: runs on.
    pub to: Option<Date>,
    /// The document.
    pub cite: Cite,
    /// Read or assumed, for the file as a whole.
    pub standing: Standing,
    /// Where a figure begins to call for a step.
    pub gaps: GapRules,
    /// How evidence places firms.
    pub placement: PlacementRules,
    /// A link that is less sure is shown dashed and not counted.
    pub confidence_min: Param,
    /// What holds where nothing else is said of an input.
    pub defaults: InputDefaults,
    /// A stress test where nothing else is asked for.
    pub stress: StressRules,
    /// When firms are a cluster.
    pub clusters: ClusterRules,
    /// When leading industries are clear and different.
    pub niches: NicheRules,
    /// How suppliers are ranked.
    pub matching: MatchingRules,
    /// Kinds of steps that mend a chain.
    pub moves: Vec<Move>,
    /// How many entries a ranking shows.
    pub ranking_size: Param,
    /// Where.
    pub at: Place,
}

/// Thresholds of gaps; the fields of `chain::gaps::Thresholds`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GapRules {
    /// A chain with less coverage is to be built.
    pub coverage_min: Param,
    /// Demand of at least so much exists, 万元 a year.
    pub demand_min: Param,
    /// Fewer sources are too few.
    pub sources_min: Param,
    /// Concentration from here on is too much.
    pub hhi_max: Param,
    /// Imports from here on are dependence.
    pub import_max: Param,
    /// Substitutes for so much of the need make dependence bearable.
    pub substitute_min: Param,
    /// Density from here on is near enough.
    pub density_min: Param,
    /// A location quotient from here on is specialisation.
    pub lq_min: Param,
    /// A lower tier is weak.
    pub tier_min: Param,
    /// A lower local share is weak.
    pub local_share_min: Param,
}

/// How evidence places firms.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlacementRules {
    /// Weight of each kind of evidence.
    pub kinds: [Param; 5],
    /// The code is one of the product's.
    pub code_equal: Param,
    /// The code lies within one of the product's.
    pub code_within: Param,
    /// The code is one level above one of the product's.
    pub code_parent: Param,
    /// By what that is multiplied for each further level.
    pub parent_step: Param,
    /// The text is the product's name or one of its terms.
    pub name_equal: Param,
    /// A part of the text ends with the name or a term.
    pub term_ends: Param,
    /// The text contains the name or a term elsewhere.
    pub term_contained: Param,
    /// The firm buys what the product is made of.
    pub buys_inputs: Param,
    /// From here on a firm is placed.
    pub accept: Param,
    /// From here on a person is asked.
    pub doubt: Param,
    /// Words that say what is done with a product and may follow its name.
    pub endings: Vec<String>,
    /// Words that take out what follows or, at the end of a part, what stands before.
    pub exclusions: Vec<String>,
}

impl PlacementRules {
    /// The weight of a kind of evidence.
    pub fn weight(&self, kind: EvidenceKind) -> &Param {
        &self.kinds[kind as usize]
    }
}

/// What holds where nothing else is said of an input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputDefaults {
    /// Days of use in stock.
    pub stock_days: Param,
    /// Is an input essential?
    pub essential: bool,
    /// Read or assumed.
    pub standing: Standing,
}

/// A stress test where nothing else is asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StressRules {
    /// Days that a source stands still.
    pub days: Param,
    /// Days that are looked at.
    pub horizon: Param,
}

/// When firms of related industries near each other are a cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterRules {
    /// Least location quotient.
    pub lq_min: Param,
    /// Least part of the province's output of the industry.
    pub share_min: Param,
    /// Least number of firms.
    pub firms_min: Param,
    /// Least Ellison–Glaeser index.
    pub gamma_min: Param,
    /// An industry counts as present in a place from this comparative advantage on; what stands a little above
    /// the average everywhere says nothing of who goes with whom.
    pub presence_min: Param,
    /// Industries at least so alike are grouped.
    pub similarity_cut: Param,
    /// Weight of being in the same places.
    pub co_location: Param,
    /// Weight of supplying each other.
    pub input_output: Param,
}

/// When a place's leading industries are clear and different from its neighbours'.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NicheRules {
    /// Least location quotient of a field of one's own.
    pub lq_min: Param,
    /// Least part of output of the leading industry.
    pub lead_share_min: Param,
    /// Likeness of two mixes from here on is the same field twice.
    pub overlap_max: Param,
}

/// Points that rank suppliers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MatchingRules {
    /// For being near.
    pub distance: Param,
    /// For free capacity.
    pub capacity: Param,
    /// For further certificates.
    pub certificates: Param,
    /// For orders kept.
    pub track_record: Param,
    /// For making the buyer hang less on one source.
    pub concentration: Param,
    /// Distance at which the points for being near have halved, km.
    pub distance_scale_km: Param,
}

/// A kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveKind {
    /// A firm that is there makes it better or more of it.
    Upgrade,
    /// Research brings it about.
    Develop,
    /// A maker is invited.
    Attract,
    /// Buyers hold more in stock.
    Stock,
    /// Buyers qualify another source.
    SecondSource,
}

impl MoveKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Upgrade, Self::Develop, Self::Attract, Self::Stock, Self::SecondSource];

    /// As files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upgrade => "upgrade",
            Self::Develop => "develop",
            Self::Attract => "attract",
            Self::Stock => "stock",
            Self::SecondSource => "second_source",
        }
    }
}

/// A kind of step with its title and what a unit of it costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// Which.
    pub kind: MoveKind,
    /// Title.
    pub title: Text,
    /// Cost of one unit, 万元; none: steps are compared by number.
    pub unit_cost: Option<Param>,
    /// What the unit is.
    pub per: Option<Text>,
    /// Read or assumed.
    pub standing: Standing,
    /// Where.
    pub at: Place,
}

impl ChainRules {
    /// Are they in force on that day?
    pub fn governs(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// `id@edition`.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.edition)
    }

    /// The step of that kind.
    pub fn step(&self, kind: MoveKind) -> Option<&Move> {
        self.moves.iter().find(|m| m.kind == kind)
    }
}

impl Law {
    /// The rules of the chain engine in force on a day.
    pub fn chain_rules_on(&self, day: Date) -> Option<&ChainRules> {
        self.chain_rules.iter().filter(|r| r.governs(day)).max_by_key(|r| r.edition)
    }
}

/// A section of numbers that are all there once the shape was checked.
struct Numbers<'s, 'a>(Option<Sec<'a>>, &'s Sec<'a>);

impl Numbers<'_, '_> {
    fn get(&self, key: &str, low: i64, high: i64) -> Param {
        self.0.as_ref().and_then(|s| number(s, key, low, high)).unwrap_or_else(|| Param {
            value: Decimal::ZERO,
            clause: None,
            standing: self.1.standing(),
            at: self.1.at(),
        })
    }

    fn share(&self, key: &str) -> Param {
        self.get(key, 0, 1)
    }
}

pub(crate) fn rules(sec: &Sec) -> ChainRules {
    let (from, to) = in_force(sec);
    let of = |key: &str| Numbers(sec.sec(key), sec);
    let (gaps, links, stress, clusters) = (of("gaps"), of("links"), of("stress"), of("clusters"));
    let (niches, matching, defaults, placement) = (of("niches"), of("matching"), of("defaults"), of("placement"));
    let inner = |key: &str| Numbers(placement.0.as_ref().and_then(|p| p.sec(key)), sec);
    let (kinds, reasons) = (inner("kinds"), inner("reasons"));
    let flag = |numbers: &Numbers, key: &str| numbers.0.as_ref().is_some_and(|s| s.flag(key));
    ChainRules {
        id: sec.name("chain_rules"),
        edition: sec.integer("edition").unwrap_or(0),
        title: sec.words("title"),
        from,
        to,
        cite: top_cite(sec),
        standing: sec.standing(),
        gaps: GapRules {
            coverage_min: gaps.share("coverage_min"),
            demand_min: gaps.get("demand_min", 0, 1_000_000_000),
            sources_min: gaps.get("sources_min", 1, 100),
            hhi_max: gaps.share("hhi_max"),
            import_max: gaps.share("import_max"),
            substitute_min: gaps.share("substitute_min"),
            density_min: gaps.share("density_min"),
            lq_min: gaps.get("lq_min", 0, 100),
            tier_min: gaps.get("tier_min", 1, 5),
            local_share_min: gaps.share("local_share_min"),
        },
        placement: PlacementRules {
            kinds: EvidenceKind::ALL.map(|kind| kinds.share(kind.name())),
            code_equal: reasons.share("code_equal"),
            code_within: reasons.share("code_within"),
            code_parent: reasons.share("code_parent"),
            parent_step: reasons.share("parent_step"),
            name_equal: reasons.share("name_equal"),
            term_ends: reasons.share("term_ends"),
            term_contained: reasons.share("term_contained"),
            buys_inputs: reasons.share("buys_inputs"),
            accept: placement.share("accept"),
            doubt: placement.share("doubt"),
            endings: placement.0.as_ref().map(|s| s.texts("endings")).unwrap_or_default(),
            exclusions: placement.0.as_ref().map(|s| s.texts("exclusions")).unwrap_or_default(),
        },
        confidence_min: links.share("confidence_min"),
        defaults: InputDefaults {
            stock_days: defaults.get("stock_days", 0, 512),
            essential: flag(&defaults, "essential"),
            standing: defaults.0.as_ref().unwrap_or(sec).standing(),
        },
        stress: StressRules { days: stress.get("days", 1, 3650), horizon: stress.get("horizon", 1, 3650) },
        clusters: ClusterRules {
            lq_min: clusters.get("lq_min", 0, 100),
            share_min: clusters.share("share_min"),
            firms_min: clusters.get("firms_min", 1, 100_000),
            gamma_min: clusters.get("gamma_min", -1, 1),
            presence_min: clusters.get("presence_min", 0, 100),
            similarity_cut: clusters.share("similarity_cut"),
            co_location: clusters.share("co_location"),
            input_output: clusters.share("input_output"),
        },
        niches: NicheRules {
            lq_min: niches.get("lq_min", 0, 100),
            lead_share_min: niches.share("lead_share_min"),
            overlap_max: niches.share("overlap_max"),
        },
        matching: MatchingRules {
            distance: matching.get("distance", 0, 1_000_000),
            capacity: matching.get("capacity", 0, 1_000_000),
            certificates: matching.get("certificates", 0, 1_000_000),
            track_record: matching.get("track_record", 0, 1_000_000),
            concentration: matching.get("concentration", 0, 1_000_000),
            distance_scale_km: matching.get("distance_scale_km", 1, 20_000),
        },
        moves: sec.secs("moves").iter().filter_map(step).collect(),
        ranking_size: Numbers(Some(sec.clone()), sec).get("ranking_size", 1, 10_000),
        at: sec.at(),
    }
}

fn step(sec: &Sec) -> Option<Move> {
    let name = sec.name("move");
    Some(Move {
        kind: MoveKind::ALL.into_iter().find(|k| k.name() == name)?,
        title: sec.words("title"),
        unit_cost: number(sec, "unit_cost", 0, 1_000_000_000),
        per: sec.get("per").map(crate::read::words),
        standing: sec.standing(),
        at: sec.at(),
    })
}
