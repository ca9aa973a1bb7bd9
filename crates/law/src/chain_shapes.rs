//! How templates of industry chains, the rules of the chain engine and registers of industries are
//! written. See `shape` for what is made from it.

use crate::shape::{Key, Kind, Shape};
use crate::shapes::{CITE_KEY, ID, IN_FORCE, TITLE};

const EDITION: Key =
    Key { name: "edition", kind: Kind::Integer(1, 9999), need: true, doc: "1, 2, … of the same id.", example: "1" };
const CODES: Key = Key {
    name: "codes",
    kind: Kind::List(&Kind::Name),
    need: true,
    doc: "Groups (three digits) or classes (four) of GB/T 4754 whose firms may make it.",
    example: "[\"3451\"]",
};
const EVIDENCE_KIND: Kind = Kind::OneOf(&[
    ("declares", "the firm states it as its main business or product"),
    ("sells", "invoices or contracts show that it sells it"),
    ("buys", "invoices or contracts show that it buys what it is made of"),
    ("patents", "it holds patents on it"),
    ("licensed", "it holds a licence or certificate for it"),
]);

/// A template of an industry chain.
pub static CHAIN: Shape = Shape {
    name: "chain",
    doc: "One edition of the template of an industry chain: stages, products, what is made of what; one file, in the folder that is its id.",
    cited: true,
    keys: &[
        Key {
            name: "chain",
            kind: Kind::Name,
            need: true,
            doc: "Id: the path of its folder below `law/`.",
            example: "shandong/chains/machine-tools",
        },
        EDITION,
        TITLE,
        Key {
            name: "level",
            kind: Kind::OneOf(&[("province", "a province's"), ("city", "a city's"), ("county", "a county's")]),
            need: true,
            doc: "Whose chain it is.",
            example: "province",
        },
        Key {
            name: "division",
            kind: Kind::Division,
            need: true,
            doc: "The place for which it stands, of that level.",
            example: "370000",
        },
        Key {
            name: "lead",
            kind: Kind::Words,
            need: false,
            doc: "Which office leads it, in general words.",
            example: "省级链长牵头部门 | Lead office of the chain chief",
        },
        Key {
            name: "extends",
            kind: Kind::Name,
            need: false,
            doc: "A wider template whose stages and products it takes over, adds to and changes.",
            example: "shandong/chains/machine-tools",
        },
        IN_FORCE,
        CITE_KEY,
        Key {
            name: "evidence",
            kind: Kind::List(&Kind::List(&EVIDENCE_KIND)),
            need: false,
            doc: "Which kinds of evidence are enough to place a firm: any of these lists, with every kind in it.",
            example: "[[declares], [patents, buys]]",
        },
        Key {
            name: "stages",
            kind: Kind::List(&Kind::Shape(&STAGE)),
            need: false,
            doc: "The stages, upstream first; those of a wider template are there already.",
            example: "[{ id: materials, title: 基础材料 | Materials }]",
        },
        Key {
            name: "products",
            kind: Kind::List(&Kind::Shape(&PRODUCT)),
            need: false,
            doc: "Products and processes.",
            example: "[{ id: lathe, title: 数控车床 | CNC lathe, stage: machines, codes: [\"3421\"] }]",
        },
        Key {
            name: "changes",
            kind: Kind::List(&Kind::Shape(&CHANGE)),
            need: false,
            doc: "What is different here about products of the wider template; what is not named stays.",
            example: "[{ id: lathe, stock_days: 45 }]",
        },
    ],
};

static STAGE: Shape = Shape {
    name: "chain_stage",
    doc: "A stage of a chain.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "after",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Stages right before it; no circle.",
            example: "[materials]",
        },
    ],
};

const PRODUCT_CODE: Key = Key {
    name: "product_code",
    kind: Kind::Text,
    need: false,
    doc: "Code of the catalogue of products for statistics (统计用产品分类目录), where it was read.",
    example: "\"3501010101\"",
};
const TERMS: Key = Key {
    name: "terms",
    kind: Kind::List(&Kind::Text),
    need: false,
    doc: "Other names under which firms write it; texts are matched against them.",
    example: "[电主轴, 机械主轴]",
};
const MADE_OF: Key = Key {
    name: "made_of",
    kind: Kind::List(&Kind::Shape(&INPUT)),
    need: false,
    doc: "What it is made of; no circle.",
    example: "[{ product: spindle, share: 12% }]",
};
const SUBSTITUTES: Key = Key {
    name: "substitutes",
    kind: Kind::List(&Kind::Shape(&SUBSTITUTE)),
    need: false,
    doc: "What can stand in for it.",
    example: "[{ product: ball-screw, share: 60%, ready_days: 180 }]",
};
const STOCK_DAYS: Key = Key {
    name: "stock_days",
    kind: Kind::Param,
    need: false,
    doc: "Days of use that buyers usually hold in stock; the rules' default when not given.",
    example: "30",
};
const IMPORT_SHARE: Key = Key {
    name: "import_share",
    kind: Kind::Param,
    need: false,
    doc: "Part of the need that comes from abroad.",
    example: "60%",
};
const TIER: Key = Key {
    name: "tier",
    kind: Kind::Param,
    need: false,
    doc: "Level of domestic technology, 1 (far behind) to 5 (leading).",
    example: "3",
};
const MARGIN: Key =
    Key { name: "margin", kind: Kind::Param, need: false, doc: "Usual margin, a share of revenue.", example: "18%" };
const GROWTH: Key = Key {
    name: "growth",
    kind: Kind::Param,
    need: false,
    doc: "Growth of its market in a year, as a factor.",
    example: "1.08",
};
const TECH: Key = Key {
    name: "tech",
    kind: Kind::List(&Kind::Words),
    need: false,
    doc: "Key technologies.",
    example: "[超精密磨削 | Ultra-precision grinding]",
};

static PRODUCT: Shape = Shape {
    name: "chain_product",
    doc: "A product or process of a chain.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key { name: "stage", kind: Kind::Name, need: true, doc: "Its stage.", example: "machines" },
        CODES,
        PRODUCT_CODE,
        TERMS,
        MADE_OF,
        SUBSTITUTES,
        STOCK_DAYS,
        IMPORT_SHARE,
        TIER,
        MARGIN,
        GROWTH,
        TECH,
    ],
};

static CHANGE: Shape = Shape {
    name: "chain_change",
    doc: "What is different here about a product of the wider template.",
    cited: true,
    keys: &[
        ID,
        Key { need: false, ..TITLE },
        Key { name: "stage", kind: Kind::Name, need: false, doc: "Its stage.", example: "machines" },
        Key { need: false, ..CODES },
        PRODUCT_CODE,
        TERMS,
        MADE_OF,
        SUBSTITUTES,
        STOCK_DAYS,
        IMPORT_SHARE,
        TIER,
        MARGIN,
        GROWTH,
        TECH,
    ],
};

static INPUT: Shape = Shape {
    name: "chain_input",
    doc: "An input of a product.",
    cited: true,
    keys: &[
        Key { name: "product", kind: Kind::Name, need: true, doc: "The product that goes in.", example: "spindle" },
        Key {
            name: "share",
            kind: Kind::Param,
            need: false,
            doc: "Its part of the value of all inputs.",
            example: "12%",
        },
        Key {
            name: "essential",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: nothing is made without it; the rules' default when not given.",
            example: "true",
        },
    ],
};

static SUBSTITUTE: Shape = Shape {
    name: "chain_substitute",
    doc: "What can stand in for a product.",
    cited: true,
    keys: &[
        Key {
            name: "product",
            kind: Kind::Name,
            need: true,
            doc: "The product that stands in.",
            example: "ball-screw",
        },
        Key { name: "share", kind: Kind::Param, need: true, doc: "Part of the need that it covers.", example: "60%" },
        Key {
            name: "ready_days",
            kind: Kind::Param,
            need: true,
            doc: "Days until it does, tests and certificates included.",
            example: "180",
        },
    ],
};

macro_rules! numbers {
    ($static:ident, $name:literal, $doc:literal, $($key:literal: $says:literal, $example:literal;)+) => {
        static $static: Shape = Shape {
            name: $name,
            doc: $doc,
            cited: true,
            keys: &[$(Key { name: $key, kind: Kind::Param, need: true, doc: $says, example: $example }),+],
        };
    };
}

numbers!(GAPS, "chain_gaps", "Where a figure begins to call for building, filling, extending or strengthening.",
    "coverage_min": "A chain with a smaller part of its products made in the place is to be built.", "50%";
    "demand_min": "Demand of at least so much in a year exists, 万元.", "1000";
    "sources_min": "Fewer known makers than this are too few.", "2";
    "hhi_max": "Concentration of makers from here on is too much.", "0.4";
    "import_max": "A part imported from here on is dependence.", "50%";
    "substitute_min": "Substitutes for so much of the need make dependence bearable.", "50%";
    "density_min": "Nearness to what the place makes from here on is near enough to extend to.", "30%";
    "lq_min": "A location quotient from here on is specialisation.", "1";
    "tier_min": "Technology below this level is weak.", "3";
    "local_share_min": "A local share below this is weak.", "30%";
);
numbers!(PLACEMENT_KINDS, "placement_kinds", "How much each kind of evidence weighs when a firm is placed.",
    "declares": "The firm's own statement.", "0.6";
    "sells": "Sales.", "1";
    "buys": "Purchases of inputs.", "0.35";
    "patents": "Patents.", "0.45";
    "licensed": "Licences and certificates.", "0.8";
);
numbers!(PLACEMENT_REASONS, "placement_reasons", "How strongly each way of agreeing speaks for a product.",
    "code_equal": "The code is one of the product's.", "0.4";
    "code_within": "The code lies within one of the product's.", "0.35";
    "code_parent": "The code is one level above one of the product's.", "0.2";
    "parent_step": "By what that is multiplied for each further level.", "0.5";
    "name_equal": "The text is the product's name or one of its terms.", "0.9";
    "term_ends": "A part of the text ends with the name or a term.", "0.8";
    "term_contained": "The text contains the name or a term elsewhere.", "0.3";
    "buys_inputs": "The firm buys what the product is made of.", "0.4";
);

static PLACEMENT: Shape = Shape {
    name: "chain_placement",
    doc: "How evidence places firms at products.",
    cited: true,
    keys: &[
        Key {
            name: "kinds",
            kind: Kind::Shape(&PLACEMENT_KINDS),
            need: true,
            doc: "Weights of kinds of evidence.",
            example: "{ sells: 1, … }",
        },
        Key {
            name: "reasons",
            kind: Kind::Shape(&PLACEMENT_REASONS),
            need: true,
            doc: "Strengths of ways of agreeing.",
            example: "{ code_equal: 0.95, … }",
        },
        Key {
            name: "endings",
            kind: Kind::List(&Kind::Text),
            need: false,
            doc: "Words that say what is done with a product and may follow its name.",
            example: "[制造, 生产]",
        },
        Key {
            name: "exclusions",
            kind: Kind::List(&Kind::Text),
            need: false,
            doc: "Words that take out what follows or, at the end of a part, what stands before.",
            example: "[不含, 除外]",
        },
        Key { name: "accept", kind: Kind::Param, need: true, doc: "From here on a firm is placed.", example: "0.7" },
        Key {
            name: "doubt",
            kind: Kind::Param,
            need: true,
            doc: "From here on a person is asked; below, nothing is said.",
            example: "0.35",
        },
    ],
};

numbers!(LINKS, "chain_links", "Which links count.",
    "confidence_min": "A link that is less sure is shown dashed and not counted.", "0.6";
);

static DEFAULTS: Shape = Shape {
    name: "chain_defaults",
    doc: "What holds where neither template nor firm says otherwise.",
    cited: true,
    keys: &[
        Key { name: "stock_days", kind: Kind::Param, need: true, doc: "Days of use in stock.", example: "15" },
        Key {
            name: "essential",
            kind: Kind::Bool,
            need: true,
            doc: "`true`: an input is essential unless said otherwise.",
            example: "true",
        },
    ],
};

numbers!(STRESS, "chain_stress", "A stress test where nothing else is asked for.",
    "days": "Days that a source stands still.", "90";
    "horizon": "Days that are looked at.", "360";
);
numbers!(CLUSTERS, "chain_clusters", "When firms of related industries near each other are a cluster.",
    "lq_min": "Least location quotient of the industry in the place.", "1.5";
    "share_min": "Least part of the province's output of the industry.", "5%";
    "firms_min": "Least number of firms.", "10";
    "gamma_min": "Least excess of geographic concentration over that of plant sizes (Ellison–Glaeser).", "0.05";
    "presence_min": "An industry counts as present in a place from this comparative advantage on.", "3";
    "similarity_cut": "Industries at least so alike are grouped together.", "0.3";
    "co_location": "Weight of being in the same places in that likeness.", "0.5";
    "input_output": "Weight of supplying each other in that likeness.", "0.5";
);
numbers!(NICHES, "chain_niches", "When a place's leading industries are clear and different from its neighbours'.",
    "lq_min": "Least location quotient of what may be a place's own field.", "1.5";
    "lead_share_min": "Least part of the place's output that its leading industry should have.", "20%";
    "overlap_max": "Likeness of two places' mixes of industries (cosine) from here on is the same field twice.", "80%";
);
numbers!(MATCHING, "chain_matching", "Points that rank suppliers who meet every requirement of a need.",
    "distance": "Most points for being near.", "200";
    "capacity": "Most points for free capacity.", "250";
    "certificates": "Most points for certificates beyond those required.", "150";
    "track_record": "Most points for orders kept.", "250";
    "concentration": "Most points for making the buyer hang less on one source.", "150";
    "distance_scale_km": "Distance at which the points for being near have halved, km.", "100";
);

static MOVE: Shape = Shape {
    name: "chain_move",
    doc: "A kind of step that mends a chain.",
    cited: true,
    keys: &[
        Key {
            name: "move",
            kind: Kind::OneOf(&[
                ("upgrade", "a firm that is there makes it better or more of it"),
                ("develop", "research brings it about"),
                ("attract", "a maker is invited"),
                ("stock", "buyers hold more in stock"),
                ("second_source", "buyers qualify another source"),
            ]),
            need: true,
            doc: "Which.",
            example: "stock",
        },
        TITLE,
        Key {
            name: "unit_cost",
            kind: Kind::Param,
            need: false,
            doc: "Cost of one unit of it, 万元; without it, steps are compared by number.",
            example: "0.03",
        },
        Key {
            name: "per", kind: Kind::Words, need: false, doc: "What the unit is.", example: "每个来源 | per source"
        },
    ],
};

/// The rules of the chain engine.
pub static CHAIN_RULES: Shape = Shape {
    name: "chain_rules",
    doc: "One edition of the numbers by which chains are placed, judged, stressed and mended.",
    cited: true,
    keys: &[
        Key {
            name: "chain_rules",
            kind: Kind::Name,
            need: true,
            doc: "Id: the path of its folder below `law/`.",
            example: "national/chains",
        },
        EDITION,
        TITLE,
        IN_FORCE,
        CITE_KEY,
        Key { name: "gaps", kind: Kind::Shape(&GAPS), need: true, doc: "Gaps.", example: "{ hhi_max: 0.4, … }" },
        Key {
            name: "placement",
            kind: Kind::Shape(&PLACEMENT),
            need: true,
            doc: "Placing firms.",
            example: "{ accept: 0.7, … }",
        },
        Key { name: "links", kind: Kind::Shape(&LINKS), need: true, doc: "Links.", example: "{ confidence_min: 0.6 }" },
        Key {
            name: "defaults",
            kind: Kind::Shape(&DEFAULTS),
            need: true,
            doc: "Defaults.",
            example: "{ stock_days: 15, essential: true }",
        },
        Key {
            name: "stress",
            kind: Kind::Shape(&STRESS),
            need: true,
            doc: "Stress tests.",
            example: "{ days: 90, horizon: 360 }",
        },
        Key {
            name: "clusters",
            kind: Kind::Shape(&CLUSTERS),
            need: true,
            doc: "Clusters.",
            example: "{ lq_min: 1.5, … }",
        },
        Key {
            name: "niches",
            kind: Kind::Shape(&NICHES),
            need: true,
            doc: "Fields of one's own.",
            example: "{ overlap_max: 80%, … }",
        },
        Key {
            name: "matching",
            kind: Kind::Shape(&MATCHING),
            need: true,
            doc: "Needs and suppliers.",
            example: "{ distance: 200, … }",
        },
        Key {
            name: "moves",
            kind: Kind::List(&Kind::Shape(&MOVE)),
            need: true,
            doc: "Kinds of steps.",
            example: "[{ move: stock, title: 增加库存 | More stock }]",
        },
        Key {
            name: "ranking_size",
            kind: Kind::Param,
            need: true,
            doc: "How many entries a ranking shows.",
            example: "20",
        },
    ],
};

static LISTED: Shape = Shape {
    name: "listed_industry",
    doc: "An industry of a register.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key { need: false, ..CODES },
        TERMS,
        Key {
            name: "chain",
            kind: Kind::Name,
            need: false,
            doc: "The template of its chain.",
            example: "shandong/chains/machine-tools",
        },
    ],
};

/// A register of industries.
pub static INDUSTRY_LIST: Shape = Shape {
    name: "industry_list",
    doc: "One edition of a register of industries that a document declares, with the codes that belong to each.",
    cited: true,
    keys: &[
        Key {
            name: "industry_list",
            kind: Kind::Name,
            need: true,
            doc: "Id: the path of its folder below `law/`.",
            example: "shandong/chains/advantage",
        },
        EDITION,
        TITLE,
        Key {
            name: "division",
            kind: Kind::Division,
            need: true,
            doc: "The place that declares it.",
            example: "370000",
        },
        IN_FORCE,
        CITE_KEY,
        Key {
            name: "industries",
            kind: Kind::List(&Kind::Shape(&LISTED)),
            need: true,
            doc: "The industries.",
            example: "[{ id: machine-tools, title: 工业母机 | Machine tools, codes: [\"342\"] }]",
        },
    ],
};
