//! How each kind of law file is written: the sections and keys of schemes, frames, templates,
//! indicators, processes, calendars, units, articles and cases. See `shape` for what is made from it.

use crate::shape::{Key, Kind, PARAM, Shape};

pub(crate) const TITLE: Key = Key {
    name: "title",
    kind: Kind::Words,
    need: true,
    doc: "Title in both languages.",
    example: "亩均税收 | Tax per mu",
};
pub(crate) const ID: Key =
    Key { name: "id", kind: Kind::Name, need: true, doc: "Name, unique in its list.", example: "tax_per_mu" };
const WHEN: Key = Key {
    name: "when",
    kind: Kind::Formula,
    need: true,
    doc: "Condition over facts, attributes, indicators and parameters; unknown is neither true nor false.",
    example: "above_scale AND effective_land >= 3",
};
const UNIT: Key =
    Key { name: "unit", kind: Kind::Name, need: false, doc: "Unit id of `units.yaml`.", example: "10k_yuan_per_mu" };
pub(crate) const CITE_KEY: Key = Key {
    name: "cite",
    kind: Kind::Shape(&CITE),
    need: false,
    doc: "The document that everything in the file rests on.",
    example: "{ document: 某政发〔2025〕1号, articles: [16] }",
};
const CLASSES: Key = Key {
    name: "classes",
    kind: Kind::List(&Kind::Shape(&CLASS)),
    need: true,
    doc: "The classes, best first.",
    example: "[{ class: A, title: 优先发展类 | Priority }]",
};
pub(crate) const VERSION: Key =
    Key { name: "version", kind: Kind::Integer(1, 9999), need: true, doc: "1, 2, … of the same id.", example: "1" };
const DIVISION: Key =
    Key { name: "division", kind: Kind::Division, need: true, doc: "Place whose firms are meant.", example: "370783" };
pub(crate) const IN_FORCE: Key = Key {
    name: "in_force",
    kind: Kind::Shape(&IN_FORCE_SHAPE),
    need: true,
    doc: "First and last day in force, both inclusive; without `to` it runs on.",
    example: "{ from: 2025-01-01 }",
};
const BOUNDS: Key = Key {
    name: "bounds",
    kind: Kind::List(&Kind::Shape(&BOUND)),
    need: false,
    doc: "Limits on the classes' shares.",
    example: "[{ class: A, at_most: 20% }, { class: D, at_least: 5% }]",
};
const DECIMALS: Key = Key {
    name: "decimals",
    kind: Kind::Integer(0, 12),
    need: false,
    doc: "Decimals shown; 2 when not given.",
    example: "2",
};
const EVIDENCE: Key = Key {
    name: "evidence",
    kind: Kind::Name,
    need: false,
    doc: "Fact whose source is shown as evidence.",
    example: "high_tech",
};

/// A document.
pub static CITE: Shape = Shape {
    name: "cite",
    doc: "A document: number and title, issuer, date, address, clause.",
    cited: false,
    keys: &[
        Key {
            name: "document",
            kind: Kind::Text,
            need: true,
            doc: "Title and number.",
            example: "鲁政字〔2019〕235号",
        },
        Key { name: "issuer", kind: Kind::Text, need: false, doc: "Who issued it.", example: "山东省人民政府" },
        Key { name: "published", kind: Kind::Date, need: false, doc: "When it was published.", example: "2019-12-04" },
        Key {
            name: "url",
            kind: Kind::Text,
            need: false,
            doc: "Address of the text that was read.",
            example: "http://www.example.gov.cn/",
        },
        Key {
            name: "articles",
            kind: Kind::List(&Kind::Integer(1, 20)),
            need: false,
            doc: "Articles of the regulation that it carries out.",
            example: "[16]",
        },
        Key { name: "clause", kind: Kind::Text, need: false, doc: "Clause.", example: "第三条" },
        Key {
            name: "note",
            kind: Kind::Text,
            need: false,
            doc: "A remark, such as how the text was seen.",
            example: "转载页",
        },
    ],
};

static IN_FORCE_SHAPE: Shape = Shape {
    name: "in_force",
    doc: "First and last day in force.",
    cited: true,
    keys: &[
        Key { name: "from", kind: Kind::Date, need: true, doc: "First day.", example: "2025-01-01" },
        Key { name: "to", kind: Kind::Date, need: false, doc: "Last day, inclusive.", example: "2025-12-31" },
    ],
};

static EVALUATES: Shape = Shape {
    name: "evaluates",
    doc: "First and last evaluation year.",
    cited: true,
    keys: &[
        Key {
            name: "from",
            kind: Kind::Integer(1990, 2200),
            need: true,
            doc: "First evaluation year (year of the figures).",
            example: "2021",
        },
        Key {
            name: "to",
            kind: Kind::Integer(1990, 2200),
            need: false,
            doc: "Last evaluation year; without it, it runs on.",
            example: "2024",
        },
    ],
};

static CLASS: Shape = Shape {
    name: "class",
    doc: "A class.",
    cited: false,
    keys: &[Key { name: "class", kind: Kind::Name, need: true, doc: "Its letter.", example: "A" }, TITLE],
};

static BOUND: Shape = Shape {
    name: "bound",
    doc: "A limit on a class's share.",
    cited: true,
    keys: &[
        Key { name: "class", kind: Kind::Name, need: true, doc: "The class.", example: "A" },
        Key {
            name: "at_most",
            kind: Kind::Param,
            need: false,
            doc: "Largest share; the excess moves one class down.",
            example: "20%",
        },
        Key {
            name: "at_least",
            kind: Kind::Param,
            need: false,
            doc: "Smallest share; filled from the neighbouring class.",
            example: "5%",
        },
    ],
};

/// An evaluation scheme.
pub static SCHEME: Shape = Shape {
    name: "scheme",
    doc: "One version of a place's evaluation scheme; one file, in the folder that is its id.",
    cited: true,
    keys: &[
        Key {
            name: "scheme",
            kind: Kind::Name,
            need: true,
            doc: "Id: the path of its folder below `law/`.",
            example: "shandong/demo/per-mu",
        },
        VERSION,
        TITLE,
        DIVISION,
        CITE_KEY,
        IN_FORCE,
        Key {
            name: "evaluates",
            kind: Kind::Shape(&EVALUATES),
            need: true,
            doc: "Evaluation years that this version governs.",
            example: "{ from: 2021, to: 2024 }",
        },
        Key {
            name: "within",
            kind: Kind::Name,
            need: false,
            doc: "Frame that it must keep to.",
            example: "shandong/frame",
        },
        Key {
            name: "advisory",
            kind: Kind::Bool,
            need: false,
            doc: "`true` in a trial year: results advise, no measure applies.",
            example: "true",
        },
        Key {
            name: "reference",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: kept for reference, never chosen for a place by itself.",
            example: "true",
        },
        Key {
            name: "status_day",
            kind: Kind::Either(&[Kind::Text, Kind::Shape(&STATUS_DAY)]),
            need: true,
            doc: "Day of the evaluation year on which titles must be valid and ages are counted.",
            example: "12-31",
        },
        Key {
            name: "parameters",
            kind: Kind::List(&Kind::Shape(&PARAMETER)),
            need: false,
            doc: "Named numbers that formulas and baselines use.",
            example: "[{ id: least_land, title: 规下起评面积 | Least land, unit: mu, value: 3 }]",
        },
        Key {
            name: "define",
            kind: Kind::List(&Kind::Shape(&DERIVED)),
            need: false,
            doc: "Indicators, groups and conditions of its own.",
            example: "[{ id: tax_per_kwh, title: 单位用电税收 | Tax per kWh, formula: tax_paid / power_use, unit: 10k_yuan_per_kwh }]",
        },
        Key {
            name: "land",
            kind: Kind::Shape(&LAND),
            need: true,
            doc: "How parcels and leases become a firm's effective land.",
            example: "{ tenants: allocate_by_area, floors: floor_area_over_floors }",
        },
        Key {
            name: "units",
            kind: Kind::Shape(&UNITS_RULE),
            need: false,
            doc: "Whom one result belongs to, where that is not simply the firm.",
            example: "{ inherit_from_owner: NOT above_scale AND leased_in_land > 0 }",
        },
        Key {
            name: "statuses",
            kind: Kind::List(&Kind::Shape(&STATUS)),
            need: false,
            doc: "Who is not evaluated or not graded; the first that holds applies.",
            example: "[{ id: utility, title: 公用事业 | Utility, when: industry_section = 'D', state: ungraded, label: T, managed_as: B }]",
        },
        CLASSES,
        Key {
            name: "populations",
            kind: Kind::List(&Kind::Shape(&POPULATION)),
            need: true,
            doc: "Firms ranked together; the first whose condition holds takes the firm.",
            example: "[{ id: above_scale, title: 规上 | Above scale, when: above_scale, … }]",
        },
        Key {
            name: "overrides",
            kind: Kind::List(&Kind::Shape(&OVERRIDE)),
            need: false,
            doc: "Changes of class after ranking: vetoes, protections, direct grades, shifts.",
            example: "[{ id: accident, title: 安全事故 | Accident, kind: veto, when: safety_accidents > 0, not_better_than: C }]",
        },
        Key {
            name: "precedence",
            kind: Kind::Either(&[Kind::List(&Kind::Name), Kind::Shape(&PRECEDENCE)]),
            need: false,
            doc: "Ids of all overrides, the strongest first; as a section where the order was assumed.",
            example: "[accident, newly_founded]",
        },
        Key {
            name: "measures",
            kind: Kind::List(&Kind::Shape(&MEASURE)),
            need: false,
            doc: "What follows from a class.",
            example: "[{ frame: electricity_surcharge }]",
        },
        Key {
            name: "process",
            kind: Kind::Shape(&PROCESS_RULE),
            need: true,
            doc: "Stages, notice and objection.",
            example: "{ use: per-mu-evaluation, notice: { working_days: 5 }, objections_to: 县工信局 | County industry bureau }",
        },
    ],
};

static PRECEDENCE: Shape = Shape {
    name: "precedence",
    doc: "The order of precedence with its clause or standing.",
    cited: true,
    keys: &[Key {
        name: "order",
        kind: Kind::List(&Kind::Name),
        need: true,
        doc: "Ids of all overrides, the strongest first.",
        example: "[accident, newly_founded]",
    }],
};

static STATUS_DAY: Shape = Shape {
    name: "status_day",
    doc: "A day of the evaluation year.",
    cited: true,
    keys: &[Key { name: "day", kind: Kind::Text, need: true, doc: "Month and day.", example: "12-31" }],
};

pub(crate) static PARAMETER: Shape = Shape {
    name: "parameter",
    doc: "A named number.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        UNIT,
        Key { name: "value", kind: Kind::Param, need: false, doc: "Its value in every year.", example: "3" },
        Key {
            name: "by_year",
            kind: Kind::Map(&Kind::Param),
            need: false,
            doc: "Its value by evaluation year; a year takes the last one at or before it.",
            example: "{ 2021: 26.01, 2022: 24.097 }",
        },
    ],
};

/// A derived indicator.
pub static DERIVED: Shape = Shape {
    name: "derived",
    doc: "An indicator, group or condition computed from facts.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "formula",
            kind: Kind::Formula,
            need: true,
            doc: "Over facts, attributes, parameters and other indicators; no cycle.",
            example: "tax_paid / effective_land",
        },
        UNIT,
        Key {
            name: "kind",
            kind: Kind::OneOf(&[("number", "a number"), ("text", "a text, to group by"), ("boolean", "a condition")]),
            need: false,
            doc: "What it yields; `number` when not given.",
            example: "text",
        },
        DECIMALS,
    ],
};

static LAND: Shape = Shape {
    name: "land",
    doc: "How parcels and leases become effective land.",
    cited: true,
    keys: &[
        Key {
            name: "tenants",
            kind: Kind::OneOf(&[
                ("allocate_by_area", "owned + leased in − leased out"),
                ("merge_parcel", "owner and tenants of a parcel form one unit and share its result"),
                ("owner_only", "land stays with the owner"),
            ]),
            need: true,
            doc: "What tenants do to the owner's land.",
            example: "allocate_by_area",
        },
        Key {
            name: "floors",
            kind: Kind::OneOf(&[
                ("land_area_only", "only the land area written in the lease counts"),
                ("floor_area_over_floors", "floor area ÷ floors of the building, when the lease gives no land area"),
            ]),
            need: false,
            doc: "How a leased floor counts; `land_area_only` when not given.",
            example: "floor_area_over_floors",
        },
    ],
};

static UNITS_RULE: Shape = Shape {
    name: "units",
    doc: "Whom one result belongs to.",
    cited: true,
    keys: &[
        Key {
            name: "inherit_from_owner",
            kind: Kind::Formula,
            need: false,
            doc: "Tenants for which this holds take the class of their parcel's owner and are not ranked.",
            example: "NOT above_scale AND leased_in_land > 0",
        },
        Key {
            name: "mixed",
            kind: Kind::Formula,
            need: false,
            doc: "Firms for which this holds are evaluated alone and merged with their tenants.",
            example: "owned_land > 0 AND tenants > 0",
        },
        Key {
            name: "mixed_takes",
            kind: Kind::OneOf(&[
                ("better", "the better class"),
                ("worse", "the worse class"),
                ("merged", "the merged result"),
            ]),
            need: false,
            doc: "Which of the two results counts.",
            example: "better",
        },
    ],
};

static STATUS: Shape = Shape {
    name: "status",
    doc: "A state outside or beside ordinary ranking.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        WHEN,
        Key {
            name: "state",
            kind: Kind::OneOf(&[
                ("excluded", "not collected at all"),
                ("unevaluated", "collected, neither scored nor ranked"),
                ("ungraded", "scored, not ranked, without a class"),
                ("transition", "in a transition period: collected, not evaluated"),
                ("improvement", "in an improvement period: collected, not evaluated"),
                ("exempt", "exempt"),
            ]),
            need: true,
            doc: "Which state.",
            example: "ungraded",
        },
        Key { name: "label", kind: Kind::Name, need: true, doc: "Shown instead of a class.", example: "T" },
        Key {
            name: "managed_as",
            kind: Kind::Name,
            need: false,
            doc: "Measures treat it as this class.",
            example: "B",
        },
        Key {
            name: "counted",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: counts in the denominator `collected`.",
            example: "true",
        },
        Key {
            name: "on_application",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: only for firms that asked for it (the fact `applied_<id>` holds).",
            example: "true",
        },
    ],
};

const BASELINE_KEY: Key = Key {
    name: "baseline",
    kind: Kind::Either(&[Kind::OneOf(STATISTICS), Kind::Shape(&BASELINE)]),
    need: false,
    doc: "What the value is compared with.",
    example: "{ of: mean, by: [industry_division], least: 5 }",
};
const CAP: Key = Key {
    name: "cap",
    kind: Kind::Param,
    need: false,
    doc: "Most points, as a multiple of the weight; without it, no cap.",
    example: "1.5",
};
const FLOOR: Key =
    Key { name: "floor", kind: Kind::Param, need: false, doc: "Fewest points; without it, no floor.", example: "0" };
const SCORE: Key = Key {
    name: "score",
    kind: Kind::OneOf(&[
        ("ratio", "value ÷ baseline × weight"),
        ("min_max", "weight × (base + span × position between low and high) ÷ 100"),
        ("reverse", "(2 − value ÷ baseline) × weight ÷ 2: less is better"),
        ("formula", "`points` says how"),
        ("rank", "the value itself is the total"),
    ]),
    need: false,
    doc: "How a value becomes points; `ratio` when not given.",
    example: "ratio",
};
const LOW: Key = Key {
    name: "low",
    kind: Kind::Either(&[Kind::OneOf(STATISTICS), Kind::Shape(&BASELINE)]),
    need: false,
    doc: "For `min_max`: the lower end.",
    example: "min",
};
const HIGH: Key = Key {
    name: "high",
    kind: Kind::Either(&[Kind::OneOf(STATISTICS), Kind::Shape(&BASELINE)]),
    need: false,
    doc: "For `min_max`: the upper end.",
    example: "max",
};
const BASE: Key = Key {
    name: "base",
    kind: Kind::Param,
    need: false,
    doc: "For `min_max`: points of the worst, in hundredths of the weight.",
    example: "20",
};
const SPAN: Key = Key {
    name: "span",
    kind: Kind::Param,
    need: false,
    doc: "For `min_max`: further points of the best.",
    example: "80",
};
const POINTS: Key = Key {
    name: "points",
    kind: Kind::Formula,
    need: false,
    doc: "For `formula`: points over `value`, `weight` and the named baselines.",
    example: "weight * least(value / mean, 2)",
};
const BASELINES: Key = Key {
    name: "baselines",
    kind: Kind::Map(&Kind::Either(&[Kind::OneOf(STATISTICS), Kind::Shape(&BASELINE)])),
    need: false,
    doc: "For `formula`: its baselines by name.",
    example: "{ mean: mean }",
};
const IF_MISSING: Key = Key {
    name: "if_missing",
    kind: MISSING_KIND,
    need: false,
    doc: "The value is unknown; `unknown` when not given.",
    example: "mean_points",
};
const IF_ZERO: Key = Key {
    name: "if_zero_denominator",
    kind: MISSING_KIND,
    need: false,
    doc: "The formula divides by zero; `unknown` when not given.",
    example: "full",
};
const IF_NEGATIVE: Key = Key {
    name: "if_negative",
    kind: MISSING_KIND,
    need: false,
    doc: "The value is below zero; scored as it is when not given.",
    example: "zero",
};
const BLOCK: Key = Key {
    name: "block",
    kind: Kind::Name,
    need: false,
    doc: "Block of `blocks` that the weight belongs to.",
    example: "province",
};

const STATISTICS: &[(&str, &str)] = &[
    ("mean", "arithmetic mean"),
    ("trimmed_mean", "mean without the shares `cut_low` and `cut_high` of the lowest and highest values"),
    ("ratio_of_sums", "Σ numerator ÷ Σ denominator of an indicator that is a quotient"),
    ("median", "median"),
    ("percentile", "percentile `p`"),
    ("min", "smallest"),
    ("max", "largest"),
];

const MISSING_KIND: Kind = Kind::Either(&[
    Kind::OneOf(&[
        ("unknown", "points and total are unknown; the firm is listed for want of data"),
        ("zero", "no points"),
        ("mean_points", "the average points of the population's other firms"),
        ("redistribute", "the weight is spread over the firm's other indicators"),
        ("full", "weight × cap"),
    ]),
    Kind::Shape(&MISSING),
]);

static MISSING: Shape = Shape {
    name: "missing",
    doc: "What a missing, undefined or negative value earns, where it takes a number.",
    cited: true,
    keys: &[
        Key { name: "points", kind: Kind::Param, need: false, doc: "So many points.", example: "3" },
        Key { name: "deduct", kind: Kind::Param, need: false, doc: "No points, and so many taken off.", example: "5" },
        Key {
            name: "as",
            kind: Kind::Either(&[Kind::OneOf(STATISTICS), Kind::Shape(&BASELINE)]),
            need: false,
            doc: "Scored as if the value were this statistic.",
            example: "median",
        },
    ],
};

static BASELINE: Shape = Shape {
    name: "baseline",
    doc: "A benchmark and how it comes about.",
    cited: true,
    keys: &[
        Key {
            name: "of",
            kind: Kind::OneOf(STATISTICS),
            need: false,
            doc: "Which statistic of the values …",
            example: "mean",
        },
        Key {
            name: "fixed",
            kind: Kind::Name,
            need: false,
            doc: "… or the parameter that holds the published number.",
            example: "base_tax_per_mu",
        },
        Key {
            name: "by",
            kind: Kind::List(&Kind::Formula),
            need: false,
            doc: "Within each value of these.",
            example: "[industry_division]",
        },
        Key {
            name: "over",
            kind: Kind::OneOf(&[
                ("population", "firms of this population that are scored"),
                ("evaluated", "scored firms of every population"),
                ("collected", "every collected firm"),
            ]),
            need: false,
            doc: "Whose values; `population` when not given.",
            example: "evaluated",
        },
        Key { name: "multiple", kind: Kind::Param, need: false, doc: "Times this.", example: "2" },
        Key { name: "lag", kind: Kind::Integer(0, 1), need: false, doc: "1: last year's values.", example: "1" },
        Key {
            name: "least",
            kind: Kind::Param,
            need: false,
            doc: "Groups with fewer values take the baseline over everyone.",
            example: "5",
        },
        Key { name: "p", kind: Kind::Param, need: false, doc: "For `percentile`.", example: "95%" },
        Key {
            name: "cut_low",
            kind: Kind::Param,
            need: false,
            doc: "For `trimmed_mean`: share cut below.",
            example: "5%",
        },
        Key {
            name: "cut_high",
            kind: Kind::Param,
            need: false,
            doc: "For `trimmed_mean`: share cut above.",
            example: "5%",
        },
    ],
};

static EACH: Shape = Shape {
    name: "each",
    doc: "What holds for every indicator of a population that does not say otherwise.",
    cited: true,
    keys: &[SCORE, BASELINE_KEY, LOW, HIGH, BASE, SPAN, CAP, FLOOR, IF_MISSING, IF_ZERO, IF_NEGATIVE, BLOCK],
};

static INDICATOR: Shape = Shape {
    name: "indicator",
    doc: "One scored indicator.",
    cited: true,
    keys: &[
        Key { name: "use", kind: Kind::Name, need: true, doc: "Id of an indicator or fact.", example: "tax_per_mu" },
        Key { name: "weight", kind: Kind::Param, need: true, doc: "Points at the baseline.", example: "45" },
        SCORE,
        BASELINE_KEY,
        LOW,
        HIGH,
        BASE,
        SPAN,
        POINTS,
        BASELINES,
        CAP,
        FLOOR,
        IF_MISSING,
        IF_ZERO,
        IF_NEGATIVE,
        BLOCK,
    ],
};

static POPULATION: Shape = Shape {
    name: "population",
    doc: "Firms ranked together.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        WHEN,
        Key {
            name: "rank_within",
            kind: Kind::List(&Kind::Formula),
            need: false,
            doc: "Ranked and classed apart within each value of these.",
            example: "[sector_group]",
        },
        Key {
            name: "each",
            kind: Kind::Shape(&EACH),
            need: false,
            doc: "What holds for every indicator that does not say otherwise.",
            example: "{ cap: 1.5, floor: 0 }",
        },
        Key {
            name: "indicators",
            kind: Kind::List(&Kind::Shape(&INDICATOR)),
            need: true,
            doc: "What is scored.",
            example: "[{ use: tax_per_mu, weight: 45 }]",
        },
        Key {
            name: "weights_total",
            kind: Kind::Param,
            need: false,
            doc: "Sum that the weights must have; needed where they do not add up to 100.",
            example: "100",
        },
        Key {
            name: "blocks",
            kind: Kind::Map(&Kind::Param),
            need: false,
            doc: "Parts of the weight that different bodies fix, and their sums.",
            example: "{ province: 70, city: 30 }",
        },
        Key {
            name: "total",
            kind: Kind::Shape(&TOTAL),
            need: false,
            doc: "How points become a total; their sum when not given.",
            example: "{ bonus_cap: 10, adjust: [ … ] }",
        },
        Key {
            name: "classing",
            kind: Kind::Shape(&CLASSING),
            need: true,
            doc: "How totals become classes.",
            example: "{ shares: { A: 20%, B: 75%, C: 95%, D: rest }, … }",
        },
    ],
};

static TOTAL: Shape = Shape {
    name: "total",
    doc: "How points become a total.",
    cited: true,
    keys: &[
        Key {
            name: "formula",
            kind: Kind::Formula,
            need: false,
            doc: "Over `points`, `coefficient`, `bonus`, `deduction`; `points * coefficient + bonus - deduction` when not given.",
            example: "(points + bonus) * coefficient",
        },
        Key {
            name: "coefficient",
            kind: Kind::Either(&[Kind::Formula, Kind::Shape(&COEFFICIENT)]),
            need: false,
            doc: "Correction coefficient; 1 when not given.",
            example: "CASE WHEN energy_intensive THEN low_factor ELSE 1 END",
        },
        Key {
            name: "adjust",
            kind: Kind::List(&Kind::Shape(&ADJUST)),
            need: false,
            doc: "Groups of bonuses and deductions.",
            example: "[{ id: titles, title: 称号 | Titles, kind: bonus, take: best, items: [ … ] }]",
        },
        Key { name: "bonus_cap", kind: Kind::Param, need: false, doc: "Most bonus over all groups.", example: "10" },
        Key {
            name: "deduction_cap",
            kind: Kind::Param,
            need: false,
            doc: "Most deduction over all groups.",
            example: "10",
        },
    ],
};

static COEFFICIENT: Shape = Shape {
    name: "coefficient",
    doc: "A correction coefficient with its standing.",
    cited: true,
    keys: &[Key { name: "formula", kind: Kind::Formula, need: true, doc: "The coefficient.", example: "correction" }],
};

static ADJUST: Shape = Shape {
    name: "adjust",
    doc: "Bonuses or deductions that belong together.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "kind",
            kind: Kind::OneOf(&[("bonus", "adds"), ("deduction", "takes off")]),
            need: true,
            doc: "Adds or takes off.",
            example: "bonus",
        },
        Key {
            name: "take",
            kind: Kind::OneOf(&[("best", "the highest only"), ("sum", "all")]),
            need: true,
            doc: "Which items count.",
            example: "best",
        },
        Key { name: "cap", kind: Kind::Param, need: false, doc: "Most points of the group.", example: "5" },
        Key {
            name: "items",
            kind: Kind::List(&Kind::Shape(&ITEM)),
            need: true,
            doc: "The items.",
            example: "[{ id: high_tech, title: 高新技术企业 | High-tech firm, when: high_tech, points: 2 }]",
        },
    ],
};

static ITEM: Shape = Shape {
    name: "item",
    doc: "One bonus or deduction.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        WHEN,
        Key { name: "points", kind: Kind::Param, need: false, doc: "So many points, positive …", example: "2" },
        Key {
            name: "points_formula",
            kind: Kind::Formula,
            need: false,
            doc: "… or a formula, for counted events.",
            example: "further_tenant * greatest(tenants - 1, 0)",
        },
        EVIDENCE,
    ],
};

static CLASSING: Shape = Shape {
    name: "classing",
    doc: "How totals become classes. Exactly one of `shares`, `thresholds`, `stages`.",
    cited: true,
    keys: &[
        Key {
            name: "shares",
            kind: Kind::Map(&Kind::Either(&[Kind::OneOf(&[("rest", "what is left")]), Kind::Param])),
            need: false,
            doc: "Upper cumulative share of ranks of each class, best first; the last takes the `rest`.",
            example: "{ A: 20%, B: 75%, C: 95%, D: rest }",
        },
        Key {
            name: "thresholds",
            kind: Kind::Map(&Kind::Either(&[Kind::OneOf(&[("rest", "what is left")]), Kind::Param])),
            need: false,
            doc: "Least total of each class, best first; the last takes the `rest`.",
            example: "{ A: 90, B: 60, C: rest }",
        },
        Key {
            name: "stages",
            kind: Kind::List(&Kind::Shape(&STAGE)),
            need: false,
            doc: "Stages: each takes firms from a pool, re-ranked by something else.",
            example: "[{ class: A, pool: 50%, by: tax_per_mu, take: 15% }]",
        },
        Key {
            name: "rest",
            kind: Kind::Name,
            need: false,
            doc: "For `stages`: the class of everyone else.",
            example: "B",
        },
        BOUNDS,
        Key {
            name: "denominator",
            kind: Kind::OneOf(&[
                ("ranked", "firms with a rank"),
                ("collected", "those, and firms of statuses that are `counted`"),
            ]),
            need: true,
            doc: "What a share is a share of.",
            example: "ranked",
        },
        Key {
            name: "cut",
            kind: Kind::OneOf(&[("floor", "down"), ("ceil", "up"), ("half_up", "half away from zero")]),
            need: true,
            doc: "How share × denominator becomes a count.",
            example: "floor",
        },
        Key {
            name: "ties_at_cut",
            kind: Kind::OneOf(&[("better", "all get the better class"), ("worse", "all get the worse class")]),
            need: true,
            doc: "Firms that are still equal at a cut.",
            example: "better",
        },
        Key {
            name: "ties",
            kind: Kind::List(&Kind::Either(&[Kind::Formula, Kind::Shape(&TIE)])),
            need: false,
            doc: "What decides equal totals, in order; higher first.",
            example: "[tax_paid, revenue]",
        },
        Key {
            name: "score_decimals",
            kind: Kind::Integer(0, 9),
            need: true,
            doc: "Decimals to which totals are rounded before ranking.",
            example: "2",
        },
    ],
};

static TIE: Shape = Shape {
    name: "tie",
    doc: "A key that decides equal totals.",
    cited: false,
    keys: &[
        Key { name: "by", kind: Kind::Formula, need: true, doc: "Over facts and indicators.", example: "energy" },
        Key {
            name: "lower_first",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: the lower value comes first.",
            example: "true",
        },
    ],
};

static STAGE: Shape = Shape {
    name: "stage",
    doc: "One stage of staged classing.",
    cited: true,
    keys: &[
        Key { name: "class", kind: Kind::Name, need: true, doc: "Class given.", example: "A" },
        Key {
            name: "pool",
            kind: Kind::Param,
            need: true,
            doc: "Share of the population that may get it, by total.",
            example: "50%",
        },
        Key {
            name: "from",
            kind: Kind::OneOf(&[("best", "from the best end"), ("worst", "from the worst end")]),
            need: false,
            doc: "From which end; `best` when not given.",
            example: "worst",
        },
        Key {
            name: "by",
            kind: Kind::Formula,
            need: false,
            doc: "The pool is re-ranked by this; by total when not given.",
            example: "tax_per_mu",
        },
        Key {
            name: "take",
            kind: Kind::Param,
            need: true,
            doc: "Share of the whole population that gets the class.",
            example: "15%",
        },
    ],
};

static OVERRIDE: Shape = Shape {
    name: "override",
    doc: "A change of class after ranking. Exactly one of `set`, `not_better_than`, `not_worse_than`, `shift`.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "kind",
            kind: Kind::OneOf(&[
                ("veto", "一票否决"),
                ("protection", "保护"),
                ("direct", "直接定档"),
                ("shift", "升降档"),
            ]),
            need: true,
            doc: "What people call it.",
            example: "veto",
        },
        Key {
            name: "populations",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Populations it applies to; all when not given.",
            example: "[above_scale]",
        },
        WHEN,
        Key {
            name: "unless",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Overrides that set this one aside for the firms for which they hold (a protection \"except under veto\").",
            example: "[accident]",
        },
        Key { name: "set", kind: Kind::Name, need: false, doc: "Exactly this class.", example: "D" },
        Key { name: "not_better_than", kind: Kind::Name, need: false, doc: "This class or worse.", example: "C" },
        Key { name: "not_worse_than", kind: Kind::Name, need: false, doc: "This class or better.", example: "C" },
        Key {
            name: "shift",
            kind: Kind::Integer(-9, 9),
            need: false,
            doc: "Up (positive) or down by grades.",
            example: "1",
        },
        EVIDENCE,
    ],
};

static MEASURE: Shape = Shape {
    name: "measure",
    doc: "What follows from a class: `frame` alone, or exactly one of `value`, `by_consecutive_years`, `by_year`, `fraction_of`, `words`.",
    cited: true,
    keys: &[
        Key {
            name: "frame",
            kind: Kind::Name,
            need: false,
            doc: "Takes over the frame's measure of that id.",
            example: "electricity_surcharge",
        },
        Key { name: "id", kind: Kind::Name, need: false, doc: "Name.", example: "electricity_surcharge" },
        Key {
            name: "title",
            kind: Kind::Words,
            need: false,
            doc: "Title in both languages.",
            example: "差别化电价 | Electricity surcharge",
        },
        Key {
            name: "classes",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Classes it applies to.",
            example: "[D]",
        },
        Key {
            name: "when",
            kind: Kind::Formula,
            need: false,
            doc: "Firms of those classes to which it applies; all when not given.",
            example: "power_use > 0",
        },
        Key { name: "value", kind: Kind::Param, need: false, doc: "One amount.", example: "0.1" },
        Key {
            name: "by_consecutive_years",
            kind: Kind::List(&Kind::Param),
            need: false,
            doc: "First, second, third … year in the class; the last for all beyond.",
            example: "[0.05, 0.10, 0.15]",
        },
        Key {
            name: "by_year",
            kind: Kind::Map(&Kind::Param),
            need: false,
            doc: "By calendar year of application; later years take the last.",
            example: "{ 2019: 0.1, 2020: 0.2 }",
        },
        Key {
            name: "fraction_of",
            kind: Kind::Shape(&FRACTION),
            need: false,
            doc: "A fraction of another measure.",
            example: "{ measure: surcharge_d, ratio: 50% }",
        },
        Key {
            name: "words",
            kind: Kind::Words,
            need: false,
            doc: "No number: a priority, a ban, an obligation.",
            example: "优先保障用地 | Land first",
        },
        UNIT,
        Key {
            name: "quantity",
            kind: Kind::Name,
            need: false,
            doc: "Fact by which the amount is multiplied to estimate a year's cost.",
            example: "power_use",
        },
        Key {
            name: "account",
            kind: Kind::Name,
            need: false,
            doc: "Fact that names the account at the utility.",
            example: "utility_account",
        },
        Key {
            name: "highest_with",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Other surcharges (facts) of which only the highest applies.",
            example: "[differential_price]",
        },
        Key {
            name: "basis",
            kind: Kind::Shape(&CITE),
            need: false,
            doc: "Legal basis; without one the measure is display-only.",
            example: "{ document: 某发改〔2025〕2号 }",
        },
        Key { name: "from", kind: Kind::Date, need: false, doc: "First day.", example: "2022-03-01" },
        Key { name: "to", kind: Kind::Date, need: false, doc: "Last day.", example: "2025-12-31" },
        Key {
            name: "starts",
            kind: Kind::OneOf(&[
                ("january", "on 1 January of the year of application"),
                ("after_publication", "on the day on which the final list is published"),
            ]),
            need: false,
            doc: "From when in the year of application; `january` when not given.",
            example: "after_publication",
        },
        Key {
            name: "lag",
            kind: Kind::Integer(0, 5),
            need: false,
            doc: "Applied so many years after the evaluation year; 1 when not given.",
            example: "1",
        },
        Key {
            name: "owner",
            kind: Kind::Words,
            need: false,
            doc: "Who applies it.",
            example: "供电公司 | Power supply company",
        },
    ],
};

static FRACTION: Shape = Shape {
    name: "fraction",
    doc: "A fraction of another measure.",
    cited: true,
    keys: &[
        Key { name: "measure", kind: Kind::Name, need: true, doc: "Its id.", example: "surcharge_d" },
        Key { name: "ratio", kind: Kind::Param, need: true, doc: "The fraction.", example: "50%" },
    ],
};

static PROCESS_RULE: Shape = Shape {
    name: "process",
    doc: "Stages, notice and objection.",
    cited: true,
    keys: &[
        Key {
            name: "use",
            kind: Kind::Name,
            need: true,
            doc: "Process that it follows.",
            example: "per-mu-evaluation",
        },
        Key {
            name: "notice",
            kind: Kind::Shape(&NOTICE),
            need: true,
            doc: "Days of the result notice.",
            example: "{ working_days: 5 }",
        },
        Key {
            name: "land_notice",
            kind: Kind::Shape(&DAYS),
            need: false,
            doc: "Days of a notice of land areas before scoring.",
            example: "{ working_days: 6 }",
        },
        Key {
            name: "ends_at",
            kind: Kind::Either(&[Kind::Text, Kind::Map(&Kind::Text)]),
            need: false,
            doc: "Local time at which the last day ends; by evaluation year where the notices differ.",
            example: "\"17:30\"",
        },
        Key {
            name: "counts_first_day",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: the day on which a notice starts is its first day; what the process says when not given.",
            example: "true",
        },
        Key {
            name: "objections_to",
            kind: Kind::Words,
            need: true,
            doc: "Where objections go.",
            example: "县工信局 | County industry bureau",
        },
    ],
};

static NOTICE: Shape = Shape {
    name: "notice",
    doc: "Days of a notice; exactly one key.",
    cited: true,
    keys: &[
        WORKING_DAYS,
        CALENDAR_DAYS,
        Key {
            name: "by_year",
            kind: Kind::Map(&Kind::Shape(&DAYS)),
            need: false,
            doc: "By evaluation year, where the published notices differ; a later year takes the last.",
            example: "{ 2021: { calendar_days: 4 }, 2022: { calendar_days: 3 } }",
        },
    ],
};

const WORKING_DAYS: Key = Key {
    name: "working_days",
    kind: Kind::Param,
    need: false,
    doc: "Working days of the official calendar.",
    example: "5",
};
const CALENDAR_DAYS: Key =
    Key { name: "calendar_days", kind: Kind::Param, need: false, doc: "Calendar days.", example: "7" };

static DAYS: Shape = Shape {
    name: "days",
    doc: "A number of days; exactly one key.",
    cited: true,
    keys: &[WORKING_DAYS, CALENDAR_DAYS],
};

/// A province's frame.
pub static FRAME: Shape = Shape {
    name: "frame",
    doc: "What a province fixes for its counties' schemes.",
    cited: true,
    keys: &[
        Key {
            name: "frame",
            kind: Kind::Name,
            need: true,
            doc: "Id: the path of its folder below `law/`.",
            example: "shandong/frame",
        },
        VERSION,
        TITLE,
        DIVISION,
        CITE_KEY,
        IN_FORCE,
        CLASSES,
        BOUNDS,
        Key {
            name: "measures",
            kind: Kind::List(&Kind::Shape(&MEASURE)),
            need: false,
            doc: "Measures that schemes may take over.",
            example: "[ … ]",
        },
    ],
};

/// `units.yaml`.
pub static UNITS: Shape = Shape {
    name: "units_file",
    doc: "Every unit, once.",
    cited: false,
    keys: &[Key {
        name: "units",
        kind: Kind::List(&Kind::Shape(&UNIT_SHAPE)),
        need: true,
        doc: "The units.",
        example: "[ … ]",
    }],
};

static UNIT_SHAPE: Shape = Shape {
    name: "unit",
    doc: "A unit.",
    cited: false,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "aliases",
            kind: Kind::List(&Kind::Text),
            need: false,
            doc: "Other ways departments write it.",
            example: "[万元人民币]",
        },
        Key {
            name: "dimension",
            kind: Kind::Map(&Kind::Integer(-4, 4)),
            need: true,
            doc: "Exponents of the base dimensions.",
            example: "{ money: 1, area: -1 }",
        },
        Key {
            name: "factor",
            kind: Kind::Factor,
            need: true,
            doc: "So many of the dimension's base unit make one; exact.",
            example: "10000/15",
        },
    ],
};

const KIND: Key = Key {
    name: "kind",
    kind: Kind::OneOf(&[
        ("number", "a decimal number"),
        ("text", "a text"),
        ("date", "a date"),
        ("boolean", "yes or no"),
    ]),
    need: true,
    doc: "Type of its values.",
    example: "number",
};

/// `facts.yaml`.
pub static FACTS: Shape = Shape {
    name: "facts_file",
    doc: "Facts that departments state.",
    cited: false,
    keys: &[Key {
        name: "facts",
        kind: Kind::List(&Kind::Shape(&FACT)),
        need: true,
        doc: "The facts.",
        example: "[ … ]",
    }],
};

const DEPARTMENTS: Kind = Kind::OneOf(&[
    ("industry", "工信"),
    ("tax", "税务"),
    ("land", "自然资源"),
    ("power", "供电"),
    ("environment", "生态环境"),
    ("statistics", "统计"),
    ("science", "科技"),
    ("safety", "应急管理"),
    ("market", "市场监管"),
]);

static FACT: Shape = Shape {
    name: "fact",
    doc: "A fact: one owner, one unit, many uses.",
    cited: false,
    keys: &[
        ID,
        TITLE,
        Key { name: "owner", kind: DEPARTMENTS, need: true, doc: "Department that owns it.", example: "tax" },
        Key {
            name: "about",
            kind: Kind::OneOf(&[("firm", "a firm"), ("parcel", "a parcel"), ("lease", "a lease")]),
            need: false,
            doc: "What it is about; a firm when not given.",
            example: "parcel",
        },
        KIND,
        UNIT,
        Key {
            name: "status",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: a title with validity dates of its own.",
            example: "true",
        },
        Key {
            name: "values",
            kind: Kind::List(&Kind::Text),
            need: false,
            doc: "Texts allowed.",
            example: "[national, provincial, city]",
        },
        Key { name: "min", kind: Kind::Number, need: false, doc: "Smallest value allowed.", example: "0" },
        Key { name: "max", kind: Kind::Number, need: false, doc: "Largest value allowed.", example: "100000" },
    ],
};

/// `attributes.yaml`.
pub static ATTRIBUTES: Shape = Shape {
    name: "attributes_file",
    doc: "Names that the registry and the engine supply to formulas.",
    cited: false,
    keys: &[Key {
        name: "attributes",
        kind: Kind::List(&Kind::Shape(&ATTRIBUTE)),
        need: true,
        doc: "The attributes.",
        example: "[ … ]",
    }],
};

static ATTRIBUTE: Shape = Shape {
    name: "attribute",
    doc: "A name that the registry or the engine supplies.",
    cited: false,
    keys: &[
        ID,
        TITLE,
        KIND,
        UNIT,
        Key {
            name: "known",
            kind: Kind::OneOf(&[
                ("always", "from the start"),
                ("scoring", "inside `points` only"),
                ("total", "inside `total` only"),
                ("ranking", "after ranking: overrides and measures"),
            ]),
            need: false,
            doc: "From which step on; `always` when not given.",
            example: "ranking",
        },
    ],
};

/// `derived.yaml`.
pub static DERIVED_FILE: Shape = Shape {
    name: "derived_file",
    doc: "Indicators that every scheme may use.",
    cited: true,
    keys: &[
        CITE_KEY,
        Key {
            name: "derived",
            kind: Kind::List(&Kind::Shape(&DERIVED)),
            need: true,
            doc: "The indicators.",
            example: "[ … ]",
        },
    ],
};

/// A template.
pub static TEMPLATE: Shape = Shape {
    name: "template",
    doc: "A department's workbook.",
    cited: false,
    keys: &[
        Key { name: "template", kind: Kind::Name, need: true, doc: "Id.", example: "tax" },
        TITLE,
        Key { name: "department", kind: DEPARTMENTS, need: true, doc: "Who sends it.", example: "tax" },
        Key {
            name: "tables",
            kind: Kind::List(&Kind::Shape(&TABLE)),
            need: true,
            doc: "Its tables.",
            example: "[ … ]",
        },
    ],
};

static TABLE: Shape = Shape {
    name: "table",
    doc: "One table of a workbook.",
    cited: false,
    keys: &[
        Key { name: "table", kind: Kind::Name, need: true, doc: "Id.", example: "firms" },
        Key {
            name: "sheet", kind: Kind::Text, need: true, doc: "Sheet name of the blank template.", example: "税收"
        },
        Key {
            name: "subject",
            kind: Kind::OneOf(&[
                ("firm", "a firm"),
                ("parcel", "a parcel"),
                ("lease", "a lease"),
                ("certificate", "a certificate of a firm"),
            ]),
            need: true,
            doc: "What a row is about.",
            example: "firm",
        },
        Key {
            name: "duplicates",
            kind: Kind::OneOf(&[("refuse", "every row of the subject is refused"), ("sum", "numbers are added")]),
            need: true,
            doc: "Several rows of one subject.",
            example: "refuse",
        },
        Key {
            name: "columns",
            kind: Kind::List(&Kind::Shape(&COLUMN)),
            need: true,
            doc: "Its columns, in order.",
            example: "[ … ]",
        },
    ],
};

static COLUMN: Shape = Shape {
    name: "column",
    doc: "One column: exactly one of `role` and `fact`.",
    cited: false,
    keys: &[
        Key {
            name: "role",
            kind: Kind::OneOf(&[
                ("credit_code", "credit code of the row's firm"),
                ("name", "name of the row's firm"),
                ("address", "address of the row's firm"),
                ("parcel", "parcel code"),
                ("owner_code", "credit code of the owner or lessor"),
                ("owner_name", "name of the owner or lessor"),
                ("status_kind", "which title a certificate row states"),
                ("status_level", "level of a title that has levels"),
                ("evidence_number", "number of the certificate"),
                ("valid_from", "first day valid"),
                ("valid_to", "last day valid"),
                ("ignore", "known and passed over"),
            ]),
            need: false,
            doc: "What the column says …",
            example: "credit_code",
        },
        Key { name: "fact", kind: Kind::Name, need: false, doc: "… or the fact it states.", example: "tax_paid" },
        Key {
            name: "head",
            kind: Kind::Text,
            need: true,
            doc: "Head in the blank template.",
            example: "实缴税金（万元）",
        },
        Key {
            name: "aliases",
            kind: Kind::List(&Kind::Text),
            need: false,
            doc: "Other heads under which departments send it.",
            example: "[入库税收]",
        },
        Key {
            name: "accepts",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Units that a head may declare instead.",
            example: "[yuan]",
        },
        Key {
            name: "required",
            kind: Kind::Bool,
            need: false,
            doc: "The import stops when the column is missing.",
            example: "true",
        },
        Key {
            name: "values",
            kind: Kind::Map(&Kind::Name),
            need: false,
            doc: "For `status_kind`: text → fact, or fact.value; for `status_level`: text → the fact's value.",
            example: "{ 高新技术企业: high_tech }",
        },
    ],
};

/// A calendar.
pub static CALENDAR: Shape = Shape {
    name: "calendar",
    doc: "Public holidays and make-up days of a year.",
    cited: true,
    keys: &[
        Key { name: "year", kind: Kind::Integer(1990, 2200), need: true, doc: "The year.", example: "2025" },
        CITE_KEY,
        Key {
            name: "holidays",
            kind: Kind::List(&Kind::Shape(&HOLIDAY)),
            need: true,
            doc: "The holidays.",
            example: "[ … ]",
        },
    ],
};

static HOLIDAY: Shape = Shape {
    name: "holiday",
    doc: "A holiday.",
    cited: true,
    keys: &[
        TITLE,
        Key { name: "from", kind: Kind::Date, need: true, doc: "First day off.", example: "2025-01-28" },
        Key { name: "to", kind: Kind::Date, need: true, doc: "Last day off.", example: "2025-02-04" },
        Key {
            name: "worked",
            kind: Kind::List(&Kind::Date),
            need: false,
            doc: "Saturdays and Sundays worked instead.",
            example: "[2025-01-26, 2025-02-08]",
        },
    ],
};

/// A process.
pub static PROCESS: Shape = Shape {
    name: "process_file",
    doc: "A state machine: states, guards, who may, clocks.",
    cited: false,
    keys: &[
        Key { name: "process", kind: Kind::Name, need: true, doc: "Id.", example: "per-mu-evaluation" },
        TITLE,
        CITE_KEY,
        Key { name: "start", kind: Kind::Name, need: true, doc: "State of a new case.", example: "collecting" },
        Key {
            name: "states",
            kind: Kind::List(&Kind::Shape(&STATE)),
            need: true,
            doc: "All states.",
            example: "[ … ]",
        },
        Key {
            name: "guards",
            kind: Kind::List(&Kind::Shape(&GUARD)),
            need: false,
            doc: "Conditions by name.",
            example: "[ … ]",
        },
        Key {
            name: "transitions",
            kind: Kind::List(&Kind::Shape(&TRANSITION)),
            need: true,
            doc: "What can be done.",
            example: "[ … ]",
        },
        Key {
            name: "clocks",
            kind: Kind::List(&Kind::Shape(&CLOCK)),
            need: false,
            doc: "Deadlines.",
            example: "[ … ]",
        },
    ],
};

static STATE: Shape = Shape {
    name: "state",
    doc: "A state.",
    cited: false,
    keys: &[
        Key { name: "state", kind: Kind::Name, need: true, doc: "Id.", example: "collecting" },
        TITLE,
        Key { name: "last", kind: Kind::Bool, need: false, doc: "`true`: nothing follows.", example: "true" },
    ],
};

static GUARD: Shape = Shape {
    name: "guard",
    doc: "A condition that the services compute; its title is shown when it refuses.",
    cited: false,
    keys: &[Key { name: "guard", kind: Kind::Name, need: true, doc: "Id.", example: "snapshot_frozen" }, TITLE],
};

static TRANSITION: Shape = Shape {
    name: "transition",
    doc: "A step.",
    cited: false,
    keys: &[
        Key { name: "action", kind: Kind::Name, need: true, doc: "Id.", example: "freeze" },
        TITLE,
        Key {
            name: "from",
            kind: Kind::List(&Kind::Name),
            need: true,
            doc: "From any of these.",
            example: "[confirming]",
        },
        Key { name: "to", kind: Kind::Name, need: true, doc: "To.", example: "frozen" },
        Key {
            name: "by",
            kind: Kind::List(&Kind::Name),
            need: true,
            doc: "Roles that may; `department_owner/land` for one department; `system` for clocks.",
            example: "[county_officer]",
        },
        Key {
            name: "guards",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "All must hold.",
            example: "[snapshot_frozen]",
        },
        Key {
            name: "second_person",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: not whoever did the step before.",
            example: "true",
        },
        Key { name: "reason", kind: Kind::Bool, need: false, doc: "`true`: a reason must be given.", example: "true" },
    ],
};

static CLOCK: Shape = Shape {
    name: "clock",
    doc: "A deadline.",
    cited: true,
    keys: &[
        Key { name: "clock", kind: Kind::Name, need: true, doc: "Id.", example: "notice" },
        TITLE,
        Key { name: "starts", kind: Kind::Name, need: true, doc: "State that starts it.", example: "notice" },
        Key {
            name: "stops",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "States that end it.",
            example: "[final]",
        },
        Key {
            name: "length",
            kind: Kind::Either(&[
                Kind::OneOf(&[("notice", "the scheme's notice"), ("land_notice", "the scheme's land notice")]),
                Kind::Shape(&DAYS),
            ]),
            need: true,
            doc: "How long.",
            example: "notice",
        },
        Key {
            name: "counts_first_day",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: the day on which it starts is its first day; a scheme may say otherwise of its notices.",
            example: "true",
        },
        Key {
            name: "over",
            kind: Kind::Name,
            need: false,
            doc: "Guard that holds once it has run out.",
            example: "notice_over",
        },
    ],
};

/// `articles.yaml`.
pub static ARTICLES: Shape = Shape {
    name: "articles_file",
    doc: "The regulation's articles and the mechanisms that carry them out.",
    cited: false,
    keys: &[Key {
        name: "articles",
        kind: Kind::List(&Kind::Shape(&ARTICLE)),
        need: true,
        doc: "The articles.",
        example: "[ … ]",
    }],
};

static ARTICLE: Shape = Shape {
    name: "article",
    doc: "An article.",
    cited: false,
    keys: &[
        Key { name: "article", kind: Kind::Integer(1, 20), need: true, doc: "Number.", example: "16" },
        TITLE,
        Key {
            name: "mechanisms",
            kind: Kind::List(&Kind::Shape(&MECHANISM)),
            need: true,
            doc: "What carries it out.",
            example: "[ … ]",
        },
    ],
};

static MECHANISM: Shape = Shape {
    name: "mechanism",
    doc: "A mechanism.",
    cited: false,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "engines",
            kind: Kind::List(&Kind::OneOf(&[
                ("registry", "E1"),
                ("indicators", "E2"),
                ("rules", "E3"),
                ("workflow", "E4"),
                ("graph", "E5"),
                ("ledger", "E6"),
                ("geo", "E7"),
                ("events", "E8"),
                ("selection", "E9"),
            ])),
            need: true,
            doc: "Engines it stands on.",
            example: "[rules, indicators]",
        },
        Key {
            name: "rules",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Definitions that carry it today.",
            example: "[shandong/demo/per-mu]",
        },
        Key {
            name: "screens",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Screens that carry it today.",
            example: "[evaluation]",
        },
    ],
};

/// A case.
pub static CASE: Shape = Shape {
    name: "case",
    doc: "Facts of a few firms and what the scheme must make of them.",
    cited: false,
    keys: &[
        Key {
            name: "case",
            kind: Kind::Words,
            need: true,
            doc: "What it shows, as a sentence.",
            example: "封顶 1.5 倍 | A cap of 1.5 holds",
        },
        Key { name: "scheme", kind: Kind::Name, need: true, doc: "Scheme.", example: "shandong/demo/per-mu" },
        Key {
            name: "year",
            kind: Kind::Integer(1990, 2200),
            need: true,
            doc: "Evaluation year; it picks the version.",
            example: "2025",
        },
        Key {
            name: "note",
            kind: Kind::Text,
            need: false,
            doc: "The arithmetic, or where it stands.",
            example: "见注释",
        },
        Key {
            name: "all",
            kind: Kind::Shape(&CASE_DATA),
            need: false,
            doc: "What every firm has that does not say otherwise.",
            example: "{ facts: { above_scale: true } }",
        },
        Key {
            name: "firms",
            kind: Kind::List(&Kind::Shape(&CASE_FIRM)),
            need: true,
            doc: "The firms.",
            example: "[ … ]",
        },
        Key {
            name: "parcels",
            kind: Kind::List(&Kind::Shape(&CASE_PARCEL)),
            need: false,
            doc: "Land, where owners and tenants matter.",
            example: "[ … ]",
        },
        Key {
            name: "past_baselines",
            kind: Kind::List(&Kind::Shape(&CASE_BASELINE)),
            need: false,
            doc: "Baselines of the year before, where the scheme looks back to them (`lag: 1`).",
            example: "[{ population: all, indicator: tax_per_mu, value: 12.5 }]",
        },
        Key {
            name: "expect",
            kind: Kind::Shape(&EXPECT),
            need: true,
            doc: "What must come out.",
            example: "{ firms: { 甲: { total: 144.5 } } }",
        },
    ],
};

const FACT_VALUES: Key = Key {
    name: "facts",
    kind: Kind::Map(&Kind::Either(&[Kind::Text, Kind::Shape(&SERIES)])),
    need: false,
    doc: "Facts in their canonical units; what is absent is unknown.",
    example: "{ above_scale: true, tax_paid: 1200 }",
};
const ATTRIBUTE_VALUES: Key = Key {
    name: "attributes",
    kind: Kind::Map(&Kind::Text),
    need: false,
    doc: "Registry attributes and those of earlier years.",
    example: "{ industry: \"3411\", founded: 2015-01-01 }",
};
const LAND_VALUE: Key =
    Key { name: "land", kind: Kind::Number, need: false, doc: "Owns one parcel of so many mu.", example: "10" };
const HISTORY: Key = Key {
    name: "history",
    kind: Kind::Map(&Kind::Name),
    need: false,
    doc: "Classes of earlier years.",
    example: "{ 2023: D, 2024: D }",
};

static CASE_DATA: Shape = Shape {
    name: "case_data",
    doc: "What every firm has.",
    cited: false,
    keys: &[FACT_VALUES, ATTRIBUTE_VALUES, LAND_VALUE, HISTORY],
};

static CASE_FIRM: Shape = Shape {
    name: "case_firm",
    doc: "A firm, or `repeat` alike firms named 名1, 名2, ….",
    cited: false,
    keys: &[
        Key { name: "name", kind: Kind::Text, need: true, doc: "Name; any words.", example: "甲" },
        Key {
            name: "repeat",
            kind: Kind::Integer(1, 100_000),
            need: false,
            doc: "So many firms, numbered from 1.",
            example: "120",
        },
        FACT_VALUES,
        ATTRIBUTE_VALUES,
        LAND_VALUE,
        HISTORY,
    ],
};

static SERIES: Shape = Shape {
    name: "series",
    doc: "A value that changes along `repeat`.",
    cited: false,
    keys: &[
        Key { name: "from", kind: Kind::Number, need: true, doc: "Value of the first.", example: "120" },
        Key { name: "step", kind: Kind::Number, need: true, doc: "Added for each further one.", example: "-1" },
    ],
};

static CASE_BASELINE: Shape = Shape {
    name: "case_baseline",
    doc: "A baseline of the year before.",
    cited: false,
    keys: &[
        Key { name: "population", kind: Kind::Name, need: true, doc: "Population.", example: "all" },
        Key { name: "indicator", kind: Kind::Name, need: true, doc: "Indicator.", example: "tax_per_mu" },
        Key { name: "group", kind: Kind::Text, need: false, doc: "Group, where there are several.", example: "\"34\"" },
        Key {
            name: "statistic",
            kind: Kind::Name,
            need: false,
            doc: "Statistic; `mean` when not given.",
            example: "median",
        },
        Key { name: "value", kind: Kind::Number, need: true, doc: "Its value.", example: "12.5" },
    ],
};

static CASE_PARCEL: Shape = Shape {
    name: "case_parcel",
    doc: "A parcel.",
    cited: false,
    keys: &[
        Key { name: "parcel", kind: Kind::Name, need: true, doc: "Code.", example: "P1" },
        Key { name: "owner", kind: Kind::Text, need: true, doc: "Firm.", example: "甲" },
        Key { name: "area", kind: Kind::Number, need: true, doc: "Mu.", example: "30" },
        Key {
            name: "leases",
            kind: Kind::List(&Kind::Shape(&CASE_LEASE)),
            need: false,
            doc: "Leases.",
            example: "[{ tenant: 乙, area: 5 }]",
        },
    ],
};

static CASE_LEASE: Shape = Shape {
    name: "case_lease",
    doc: "A lease of a parcel or part of it.",
    cited: false,
    keys: &[
        Key { name: "tenant", kind: Kind::Text, need: true, doc: "Firm.", example: "乙" },
        Key { name: "area", kind: Kind::Number, need: false, doc: "Land area, mu.", example: "5" },
        Key { name: "floor_area", kind: Kind::Number, need: false, doc: "Floor area, m2.", example: "3000" },
        Key { name: "floors", kind: Kind::Number, need: false, doc: "Floors of the building.", example: "4" },
    ],
};

static EXPECT: Shape = Shape {
    name: "expect",
    doc: "What must come out. What is not named is not compared.",
    cited: false,
    keys: &[
        Key {
            name: "firms",
            kind: Kind::Map(&Kind::Shape(&EXPECT_FIRM)),
            need: false,
            doc: "By firm.",
            example: "{ 甲: { total: 144.5, class: A } }",
        },
        Key {
            name: "classes",
            kind: Kind::Map(&Kind::Map(&Kind::Integer(0, 1_000_000))),
            need: false,
            doc: "By population: firms per class after overrides, and per label.",
            example: "{ above_scale: { A: 24, B: 54, C: 36, D: 6 } }",
        },
        Key {
            name: "last_ranks",
            kind: Kind::Map(&Kind::Map(&Kind::Integer(0, 1_000_000))),
            need: false,
            doc: "By population: the last rank of each class before overrides.",
            example: "{ above_scale: { A: 9, B: 25, C: 35 } }",
        },
        Key {
            name: "baselines",
            kind: Kind::Map(&Kind::Number),
            need: false,
            doc: "Baseline that must have been computed, by indicator (one group only).",
            example: "{ tax_per_mu: 12.5 }",
        },
    ],
};

static EXPECT_FIRM: Shape = Shape {
    name: "expect_firm",
    doc: "What must come out for a firm.",
    cited: false,
    keys: &[
        Key {
            name: "population",
            kind: Kind::Name,
            need: false,
            doc: "Population, or `none`.",
            example: "above_scale",
        },
        Key { name: "land", kind: Kind::Number, need: false, doc: "Effective land, mu.", example: "25" },
        Key {
            name: "values",
            kind: Kind::Map(&Kind::Text),
            need: false,
            doc: "Indicator values, to the decimals written; `unknown`.",
            example: "{ tax_per_mu: 48.194 }",
        },
        Key {
            name: "points",
            kind: Kind::Map(&Kind::Text),
            need: false,
            doc: "Points per indicator, to the decimals written; `unknown`.",
            example: "{ tax_per_mu: 60.0000 }",
        },
        Key { name: "bonus", kind: Kind::Text, need: false, doc: "Bonus that counted.", example: "3" },
        Key { name: "deduction", kind: Kind::Text, need: false, doc: "Deduction that counted.", example: "5" },
        Key {
            name: "total",
            kind: Kind::Text,
            need: false,
            doc: "Total, to the decimals written; `unknown`.",
            example: "144.5",
        },
        Key {
            name: "rank",
            kind: Kind::Text,
            need: false,
            doc: "Rank in its population and group; `none`.",
            example: "1",
        },
        Key { name: "by_rank", kind: Kind::Name, need: false, doc: "Class by rank, before overrides.", example: "B" },
        Key { name: "class", kind: Kind::Name, need: false, doc: "Class after overrides; `none`.", example: "C" },
        Key { name: "status", kind: Kind::Name, need: false, doc: "Status that applied; `none`.", example: "utility" },
        Key { name: "label", kind: Kind::Name, need: false, doc: "Label shown instead of a class.", example: "T" },
        Key {
            name: "overrides",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Overrides whose condition held, the strongest first.",
            example: "[accident]",
        },
        Key {
            name: "items",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Bonus and deduction items whose points counted.",
            example: "[high_tech]",
        },
        Key {
            name: "missing",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Indicators whose missing, zero or negative rule applied.",
            example: "[rd_intensity]",
        },
        Key {
            name: "measures",
            kind: Kind::Map(&Kind::Text),
            need: false,
            doc: "Measures that apply: amount in the measure's unit, `words`, or `none` when it must not apply.",
            example: "{ electricity_surcharge: 0.05 }",
        },
        Key {
            name: "result_of",
            kind: Kind::Text,
            need: false,
            doc: "Firm whose result it takes (owner of its parcel).",
            example: "甲",
        },
    ],
};

/// Every kind of file with the name of its schema, for the JSON Schemas and the guide.
pub static FILES: [(&str, &Shape); 17] = [
    ("scheme", &SCHEME),
    ("rule", &crate::rule_shapes::RULE),
    ("rule_case", &crate::rule_shapes::RULE_CASE),
    ("review", &crate::rule_shapes::REVIEW),
    ("chain", &crate::chain_shapes::CHAIN),
    ("chain_rules", &crate::chain_shapes::CHAIN_RULES),
    ("industry_list", &crate::chain_shapes::INDUSTRY_LIST),
    ("frame", &FRAME),
    ("case", &CASE),
    ("template", &TEMPLATE),
    ("facts", &FACTS),
    ("attributes", &ATTRIBUTES),
    ("derived", &DERIVED_FILE),
    ("units", &UNITS),
    ("process", &PROCESS),
    ("calendar", &CALENDAR),
    ("articles", &ARTICLES),
];

/// The shape of a number with its own clause, for the schema of `Kind::Param`.
pub static NUMBER: &Shape = &PARAM;
