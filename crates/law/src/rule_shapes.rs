//! How rule files are written: titles and policies with their conditions, points, amounts, budgets and
//! exclusions. See `shape` for what is made from it.

use crate::shape::{Key, Kind, Shape};
use crate::shapes::{CITE_KEY, DERIVED, ID, IN_FORCE, PARAMETER, TITLE, VERSION};

/// One version of a title or policy; one file, in the folder that is its id.
pub static RULE: Shape = Shape {
    name: "rule",
    doc: "One version of a title or policy; one file, in the folder that is its id.",
    cited: true,
    keys: &[
        Key {
            name: "rule",
            kind: Kind::Name,
            need: true,
            doc: "Id: the path of its folder below `law/`.",
            example: "national/titles/specialised-sme",
        },
        VERSION,
        TITLE,
        Key {
            name: "kind",
            kind: Kind::OneOf(&[
                ("title", "a title or class that a firm holds"),
                ("policy", "money or another benefit"),
                ("question", "asked of the reviewer of a filing when its condition is met; decides nothing"),
            ]),
            need: true,
            doc: "What it decides about.",
            example: "title",
        },
        Key {
            name: "level",
            kind: Kind::OneOf(&[
                ("nation", "the state"),
                ("province", "a province"),
                ("city", "a city"),
                ("county", "a county"),
            ]),
            need: true,
            doc: "Who grants or pays.",
            example: "nation",
        },
        Key {
            name: "division",
            kind: Kind::Division,
            need: false,
            doc: "Where its firms are registered; none for the whole country.",
            example: "370000",
        },
        Key { name: "owner", kind: Kind::Name, need: true, doc: "Department that decides.", example: "industry" },
        CITE_KEY,
        IN_FORCE,
        Key {
            name: "extends",
            kind: Kind::Name,
            need: false,
            doc: "Wider rule whose conditions it takes over and whose slots it fills.",
            example: "national/titles/specialised-sme",
        },
        Key {
            name: "replaces",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Ids of other rules that it replaces.",
            example: "[national/titles/innovative-sme]",
        },
        Key {
            name: "grants",
            kind: Kind::Name,
            need: false,
            doc: "Status fact that holders have.",
            example: "specialized_sme",
        },
        Key {
            name: "validity",
            kind: Kind::Shape(&VALIDITY),
            need: false,
            doc: "How long a grant lasts.",
            example: "{ years: 3 }",
        },
        Key {
            name: "ladder",
            kind: Kind::Shape(&RUNG),
            need: false,
            doc: "Its place in a ladder.",
            example: "{ line: quality, step: 2, after: [national/titles/innovative-sme] }",
        },
        Key {
            name: "windows",
            kind: Kind::List(&Kind::Shape(&WINDOW)),
            need: false,
            doc: "When one may apply; at any time when not given.",
            example: "[{ from: 2025-02-20T00:00, to: 2025-03-07T17:00 }]",
        },
        Key {
            name: "parameters",
            kind: Kind::List(&Kind::Shape(&PARAMETER)),
            need: false,
            doc: "Named numbers.",
            example: "[{ id: rate, title: 补贴比例 | Rate, value: 35% }]",
        },
        Key {
            name: "define",
            kind: Kind::List(&Kind::Shape(&DERIVED)),
            need: false,
            doc: "Values of its own, with title and unit.",
            example: "[{ id: rd_ratio, title: 研发费用占比 | R&D ratio, formula: rd_expense / revenue, unit: percent }]",
        },
        Key {
            name: "scores",
            kind: Kind::List(&Kind::Shape(&SCORE_TABLE)),
            need: false,
            doc: "Tables of points; totals, groups and items are names in conditions.",
            example: "[{ id: score, title: 评价得分 | Score, groups: […] }]",
        },
        Key {
            name: "requires",
            kind: Kind::Shape(&CONDITION),
            need: true,
            doc: "Who qualifies.",
            example: "{ all: [{ id: size, if: employees < 1000 }] }",
        },
        Key {
            name: "renewal",
            kind: Kind::Shape(&CONDITION),
            need: false,
            doc: "Who keeps it at the re-check, where that differs.",
            example: "{ all: [{ id: score, if: score >= 50 }] }",
        },
        Key {
            name: "competitive",
            kind: Kind::Words,
            need: false,
            doc: "What is decided by ranking, quota or judgement after the conditions are met.",
            example: "按名额择优 | The best within a quota",
        },
        Key {
            name: "amount",
            kind: Kind::Shape(&AMOUNT),
            need: false,
            doc: "What it pays.",
            example: "{ formula: loan_interest * 0.35, unit: 10k_yuan }",
        },
        Key {
            name: "budget",
            kind: Kind::Shape(&BUDGET),
            need: false,
            doc: "Where the money comes from.",
            example: "{ line: 技改专项, total: 50000, over: prorate }",
        },
        Key {
            name: "stacking",
            kind: Kind::Shape(&STACKING),
            need: false,
            doc: "What may not be had beside it.",
            example: "{ excludes: [shandong/policies/equipment-renewal] }",
        },
        Key {
            name: "basis",
            kind: Kind::List(&Kind::Shape(&BASIS)),
            need: false,
            doc: "Legal bases of telling firms apart where fair competition asks for one.",
            example: "[{ trait: origin, document: 国务院批准文件 }]",
        },
        Key {
            name: "process",
            kind: Kind::Name,
            need: false,
            doc: "Process from filing to listing or payment.",
            example: "title-batch",
        },
    ],
};

static VALIDITY: Shape = Shape {
    name: "validity",
    doc: "How long a grant lasts; exactly one.",
    cited: true,
    keys: &[
        Key { name: "years", kind: Kind::Param, need: false, doc: "Years from the grant.", example: "3" },
        Key {
            name: "until",
            kind: Kind::Text,
            need: false,
            doc: "Month and day of the year after the grant.",
            example: "03-31",
        },
        Key { name: "open", kind: Kind::Bool, need: false, doc: "`true`: no end was seen.", example: "true" },
    ],
};

static RUNG: Shape = Shape {
    name: "rung",
    doc: "A place in a ladder.",
    cited: true,
    keys: &[
        Key { name: "line", kind: Kind::Name, need: true, doc: "Which ladder.", example: "quality" },
        Key { name: "step", kind: Kind::Integer(1, 20), need: true, doc: "From 1, the lowest.", example: "2" },
        Key {
            name: "after",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Rules of which one title must be held.",
            example: "[national/titles/innovative-sme]",
        },
    ],
};

static WINDOW: Shape = Shape {
    name: "window",
    doc: "From the first to the last moment, both inclusive.",
    cited: true,
    keys: &[
        Key { name: "from", kind: Kind::Text, need: true, doc: "First moment.", example: "2025-02-20T00:00" },
        Key { name: "to", kind: Kind::Text, need: true, doc: "Last moment.", example: "2025-03-07T17:00" },
        Key {
            name: "title",
            kind: Kind::Words,
            need: false,
            doc: "Which round it is.",
            example: "2025 年第一批 | First batch of 2025",
        },
    ],
};

static CONDITION: Shape = Shape {
    name: "condition",
    doc: "A condition: exactly one of `all`, `any`, `of`, `not`, `if`, `judged`, `slot`.",
    cited: true,
    keys: &[
        Key {
            name: "id",
            kind: Kind::Name,
            need: false,
            doc: "Name within the rule; needed where it asks something.",
            example: "ZJ22.1",
        },
        Key {
            name: "title",
            kind: Kind::Words,
            need: false,
            doc: "What it asks, in words.",
            example: "研发费用占比不低于 3% | R&D at least 3 %",
        },
        Key {
            name: "all",
            kind: Kind::List(&Kind::Shape(&CONDITION)),
            need: false,
            doc: "All of these.",
            example: "[{ id: a, if: revenue > 0 }]",
        },
        Key {
            name: "any",
            kind: Kind::List(&Kind::Shape(&CONDITION)),
            need: false,
            doc: "Any of these.",
            example: "[{ id: a, if: revenue > 0 }]",
        },
        Key { name: "at_least", kind: Kind::Integer(1, 99), need: false, doc: "With `of`: how many.", example: "2" },
        Key {
            name: "of",
            kind: Kind::List(&Kind::Shape(&CONDITION)),
            need: false,
            doc: "With `at_least`: of these.",
            example: "[{ id: a, if: revenue > 0 }]",
        },
        Key {
            name: "not",
            kind: Kind::Shape(&CONDITION),
            need: false,
            doc: "This must not hold.",
            example: "{ id: veto, if: dishonest }",
        },
        Key {
            name: "if",
            kind: Kind::Formula,
            need: false,
            doc: "An expression that must be true.",
            example: "rd_expense / revenue >= 0.03",
        },
        Key {
            name: "each_year",
            kind: Kind::Integer(1, 10),
            need: false,
            doc: "With `if`: in each of that many last years.",
            example: "2",
        },
        Key {
            name: "judged",
            kind: Kind::Name,
            need: false,
            doc: "What only people can say: the fact that a review states, or `none`.",
            example: "core_technology",
        },
        Key {
            name: "slot",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: a place that a narrower rule fills.",
            example: "true",
        },
        Key {
            name: "unless",
            kind: Kind::Shape(&CONDITION),
            need: false,
            doc: "Whoever meets this is freed from the condition.",
            example: "{ id: award, if: national_award_rank <= 3 }",
        },
        Key {
            name: "evidence",
            kind: Kind::Words,
            need: false,
            doc: "Evidence to be handed in; not a condition.",
            example: "第三方证明 | Third-party proof",
        },
    ],
};

static SCORE_TABLE: Shape = Shape {
    name: "score_table",
    doc: "A table of points.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "groups",
            kind: Kind::List(&Kind::Shape(&SCORE_GROUP)),
            need: true,
            doc: "Groups of items.",
            example: "[{ id: innovation, title: 创新 | Innovation, items: […] }]",
        },
    ],
};

static SCORE_GROUP: Shape = Shape {
    name: "score_group",
    doc: "A group of items with a total of its own.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key { name: "cap", kind: Kind::Param, need: false, doc: "Most that the group gives.", example: "30" },
        Key {
            name: "items",
            kind: Kind::List(&Kind::Shape(&SCORE_ITEM)),
            need: true,
            doc: "Items.",
            example: "[{ id: s1, title: 研发 | R&D, max: 20, of: rd_ratio, bands: [{ at_least: 5%, points: 20 }] }]",
        },
    ],
};

static SCORE_ITEM: Shape = Shape {
    name: "score_item",
    doc: "An item: exactly one of `bands` (with `of`), `first`, `each`, `better_of`, `judged`, or `of` alone.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key { name: "max", kind: Kind::Param, need: true, doc: "Most that it gives.", example: "20" },
        Key {
            name: "of",
            kind: Kind::Formula,
            need: false,
            doc: "The value, for `bands`; alone: points by itself.",
            example: "rd_expense / revenue",
        },
        Key {
            name: "bands",
            kind: Kind::List(&Kind::Shape(&BAND)),
            need: false,
            doc: "Bands, best first.",
            example: "[{ at_least: 5%, points: 20 }]",
        },
        Key {
            name: "first",
            kind: Kind::List(&Kind::Shape(&POINT_CASE)),
            need: false,
            doc: "The first case that holds gives its points.",
            example: "[{ title: 一类 | Class I, if: class1_ip >= 1, points: 10 }]",
        },
        Key {
            name: "each",
            kind: Kind::List(&Kind::Shape(&POINT_CASE)),
            need: false,
            doc: "Every case that holds adds its points.",
            example: "[{ title: 质量奖 | Quality award, if: quality_award, points: 3 }]",
        },
        Key {
            name: "better_of",
            kind: Kind::List(&Kind::Shape(&GIVE)),
            need: false,
            doc: "The best of several ways.",
            example: "[{ of: rd_expense, bands: […] }, { of: rd_ratio, bands: […] }]",
        },
        Key {
            name: "judged",
            kind: Kind::Name,
            need: false,
            doc: "Given by people: the fact that states the points, or `none`.",
            example: "expert_ip_points",
        },
        Key {
            name: "rest",
            kind: Kind::Param,
            need: false,
            doc: "Points outside all bands or cases; 0 when not given.",
            example: "0",
        },
    ],
};

static GIVE: Shape = Shape {
    name: "give",
    doc: "A way to give points, as in an item.",
    cited: true,
    keys: &[
        Key {
            name: "of",
            kind: Kind::Formula,
            need: false,
            doc: "The value, for `bands`; alone: points by itself.",
            example: "rd_expense / revenue",
        },
        Key {
            name: "bands",
            kind: Kind::List(&Kind::Shape(&BAND)),
            need: false,
            doc: "Bands, best first.",
            example: "[{ at_least: 5%, points: 20 }]",
        },
        Key {
            name: "first",
            kind: Kind::List(&Kind::Shape(&POINT_CASE)),
            need: false,
            doc: "The first case that holds gives its points.",
            example: "[{ title: 一类 | Class I, if: class1_ip >= 1, points: 10 }]",
        },
        Key {
            name: "each",
            kind: Kind::List(&Kind::Shape(&POINT_CASE)),
            need: false,
            doc: "Every case that holds adds its points.",
            example: "[{ title: 质量奖 | Quality award, if: quality_award, points: 3 }]",
        },
        Key {
            name: "better_of",
            kind: Kind::List(&Kind::Shape(&GIVE)),
            need: false,
            doc: "The best of several ways.",
            example: "[{ of: rd_expense, bands: […] }, { of: rd_ratio, bands: […] }]",
        },
        Key {
            name: "judged",
            kind: Kind::Name,
            need: false,
            doc: "Given by people: the fact that states the points, or `none`.",
            example: "expert_ip_points",
        },
        Key {
            name: "rest",
            kind: Kind::Param,
            need: false,
            doc: "Points outside all bands or cases; 0 when not given.",
            example: "0",
        },
    ],
};

static BAND: Shape = Shape {
    name: "band",
    doc: "A band of values; an end that is not given is open.",
    cited: true,
    keys: &[
        Key { name: "at_least", kind: Kind::Param, need: false, doc: "Lower end, included.", example: "5%" },
        Key { name: "above", kind: Kind::Param, need: false, doc: "Lower end, excluded.", example: "5%" },
        Key { name: "at_most", kind: Kind::Param, need: false, doc: "Upper end, included.", example: "10%" },
        Key { name: "below", kind: Kind::Param, need: false, doc: "Upper end, excluded.", example: "10%" },
        Key { name: "points", kind: Kind::Param, need: true, doc: "Points.", example: "15" },
    ],
};

static POINT_CASE: Shape = Shape {
    name: "point_case",
    doc: "A case with points.",
    cited: true,
    keys: &[
        TITLE,
        Key { name: "if", kind: Kind::Formula, need: true, doc: "When it holds.", example: "class1_ip >= 1" },
        Key { name: "points", kind: Kind::Param, need: true, doc: "Points.", example: "10" },
    ],
};

static AMOUNT: Shape = Shape {
    name: "amount",
    doc: "What a policy pays.",
    cited: true,
    keys: &[
        Key {
            name: "formula",
            kind: Kind::Formula,
            need: true,
            doc: "The sum before caps, in exact decimals.",
            example: "loan_interest * rate",
        },
        Key { name: "unit", kind: Kind::Name, need: true, doc: "Unit of money.", example: "10k_yuan" },
        Key { name: "cap", kind: Kind::Param, need: false, doc: "Most for one project or filing.", example: "2000" },
        Key { name: "cap_per_firm", kind: Kind::Param, need: false, doc: "Most for a firm and year.", example: "500" },
        Key {
            name: "uplifts",
            kind: Kind::List(&Kind::Shape(&UPLIFT)),
            need: false,
            doc: "Additions.",
            example: "[{ title: 亩均 A 类 | Class A per mu, if: per_mu_class = 'A', rate: 20% }]",
        },
        Key {
            name: "decimals",
            kind: Kind::Integer(0, 8),
            need: false,
            doc: "Decimals that are paid, the rest cut off; 4 when not given.",
            example: "4",
        },
        Key {
            name: "shares",
            kind: Kind::Map(&Kind::Param),
            need: false,
            doc: "Who pays which share.",
            example: "{ province: 60%, city: 40% }",
        },
        Key {
            name: "cost_line",
            kind: Kind::Name,
            need: false,
            doc: "The fact that states the cost whose invoice lines are handed in.",
            example: "equipment_paid",
        },
    ],
};

static UPLIFT: Shape = Shape {
    name: "uplift",
    doc: "An addition to the sum.",
    cited: true,
    keys: &[
        TITLE,
        Key { name: "if", kind: Kind::Formula, need: true, doc: "For whom.", example: "per_mu_class = 'A'" },
        Key { name: "rate", kind: Kind::Param, need: true, doc: "Share of the sum that is added.", example: "20%" },
    ],
};

static BUDGET: Shape = Shape {
    name: "budget",
    doc: "Where the money comes from.",
    cited: true,
    keys: &[
        Key { name: "line", kind: Kind::Text, need: true, doc: "Budget line.", example: "省级技术改造专项" },
        Key {
            name: "total",
            kind: Kind::Param,
            need: false,
            doc: "How much there is, in the amount's unit.",
            example: "50000",
        },
        Key {
            name: "over",
            kind: Kind::OneOf(&[
                ("prorate", "all are cut in proportion"),
                ("queue", "in the order of filing"),
                ("refuse", "nothing is paid before more money is found"),
            ]),
            need: true,
            doc: "What happens when claims exceed it.",
            example: "prorate",
        },
    ],
};

static STACKING: Shape = Shape {
    name: "stacking",
    doc: "What may not be had beside it.",
    cited: true,
    keys: &[
        Key {
            name: "excludes",
            kind: Kind::List(&Kind::Name),
            need: false,
            doc: "Rules that exclude it.",
            example: "[shandong/policies/equipment-renewal]",
        },
        Key {
            name: "highest_of",
            kind: Kind::Name,
            need: false,
            doc: "Of all policies with this name only one is paid.",
            example: "first_set",
        },
        Key {
            name: "ceiling",
            kind: Kind::Shape(&CEILING),
            need: false,
            doc: "Most over all policies of one name, for a firm and year.",
            example: "{ of: upgrade, value: 2000 }",
        },
    ],
};

static CEILING: Shape = Shape {
    name: "ceiling",
    doc: "A ceiling over several policies.",
    cited: true,
    keys: &[
        Key { name: "of", kind: Kind::Name, need: true, doc: "Name that the policies share.", example: "upgrade" },
        Key { name: "value", kind: Kind::Param, need: true, doc: "The most, in the amount's unit.", example: "2000" },
    ],
};

/// Firms and what a title or policy must make of them.
pub static RULE_CASE: Shape = Shape {
    name: "rule_case",
    doc: "Firms and what a title or policy must make of them.",
    cited: false,
    keys: &[
        Key {
            name: "rule_case",
            kind: Kind::Words,
            need: true,
            doc: "What the case shows, as a sentence.",
            example: "两项下限须同时满足 | Both lower limits must hold",
        },
        Key { name: "rule", kind: Kind::Name, need: true, doc: "Rule.", example: "national/titles/size-medium" },
        Key {
            name: "filed",
            kind: Kind::Date,
            need: true,
            doc: "Day of filing; it picks the version.",
            example: "2025-06-01",
        },
        Key { name: "note", kind: Kind::Text, need: false, doc: "The arithmetic in words.", example: "15 % 得 8 分" },
        Key {
            name: "firms",
            kind: Kind::List(&Kind::Shape(&RULE_CASE_FIRM)),
            need: true,
            doc: "The firms.",
            example: "[{ name: 甲, facts: { employees: 300 }, expect: { outcome: met } }]",
        },
    ],
};

static RULE_CASE_FIRM: Shape = Shape {
    name: "rule_case_firm",
    doc: "A firm of a case.",
    cited: false,
    keys: &[
        Key { name: "name", kind: Kind::Text, need: true, doc: "Its name.", example: "甲" },
        Key { name: "division", kind: Kind::Division, need: false, doc: "Where it is registered.", example: "370102" },
        Key { name: "industry", kind: Kind::Text, need: false, doc: "Four-digit industry.", example: "\"3411\"" },
        Key { name: "founded", kind: Kind::Date, need: false, doc: "Day of foundation.", example: "2015-03-01" },
        Key {
            name: "facts",
            kind: Kind::Map(&Kind::Text),
            need: false,
            doc: "Figures of the last full year; titles on the day of filing.",
            example: "{ employees: 300 }",
        },
        Key {
            name: "years",
            kind: Kind::Map(&Kind::Map(&Kind::Text)),
            need: false,
            doc: "Figures of other years: -1 the year before, 1 the year of filing.",
            example: "{ -1: { revenue: 1800 } }",
        },
        Key {
            name: "expect",
            kind: Kind::Shape(&RULE_EXPECT),
            need: true,
            doc: "What must come out.",
            example: "{ outcome: met }",
        },
    ],
};

static RULE_EXPECT: Shape = Shape {
    name: "rule_expect",
    doc: "What must come out; what is not named is not compared.",
    cited: false,
    keys: &[
        Key {
            name: "outcome",
            kind: Kind::OneOf(&[
                ("met", "qualifies"),
                ("not_met", "does not"),
                ("unknown", "depends on what is not known"),
            ]),
            need: false,
            doc: "Of the whole.",
            example: "met",
        },
        Key {
            name: "conditions",
            kind: Kind::Map(&Kind::Text),
            need: false,
            doc: "By condition.",
            example: "{ ZJ22.1: met }",
        },
        Key {
            name: "scores",
            kind: Kind::Map(&Kind::Text),
            need: false,
            doc: "Points by table, group or item; a range where unknown items leave one.",
            example: "{ score: 60 }",
        },
        Key {
            name: "unmet",
            kind: Kind::List(&Kind::Text),
            need: false,
            doc: "Conditions that ask something and fail, in the order written.",
            example: "[ZJ22.1]",
        },
        Key {
            name: "amount",
            kind: Kind::Number,
            need: false,
            doc: "What is paid, in the rule's unit.",
            example: "120.75",
        },
    ],
};

/// What a policy must not say.
pub static REVIEW: Shape = Shape {
    name: "review",
    doc: "What a policy must not say.",
    cited: true,
    keys: &[
        Key {
            name: "review",
            kind: Kind::Name,
            need: true,
            doc: "Id: the path of its folder below `law/`.",
            example: "national/review/fair-competition",
        },
        TITLE,
        CITE_KEY,
        Key {
            name: "traits",
            kind: Kind::List(&Kind::Shape(&TRAIT)),
            need: false,
            doc: "Ways of telling firms apart that need a legal basis.",
            example: "[{ id: ownership, title: 所有制 | Ownership, facts: [ownership_type] }]",
        },
        Key {
            name: "pairs",
            kind: Kind::List(&Kind::Shape(&PAIR)),
            need: false,
            doc: "Firms that must be treated alike.",
            example: "[{ title: 新引进与增资扩产 | Newcomer and expansion, newcomer: { is_newcomer: true }, existing: { is_newcomer: false } }]",
        },
    ],
};

static TRAIT: Shape = Shape {
    name: "trait",
    doc: "A way of telling firms apart.",
    cited: true,
    keys: &[
        ID,
        TITLE,
        Key {
            name: "facts",
            kind: Kind::List(&Kind::Name),
            need: true,
            doc: "Facts and attributes that tell.",
            example: "[ownership_type]",
        },
        Key {
            name: "in_amount",
            kind: Kind::Bool,
            need: false,
            doc: "`true`: only where the sum rests on them.",
            example: "true",
        },
    ],
};

static PAIR: Shape = Shape {
    name: "pair",
    doc: "Two firms that are alike but for what must not matter.",
    cited: true,
    keys: &[
        TITLE,
        Key {
            name: "newcomer",
            kind: Kind::Map(&Kind::Text),
            need: true,
            doc: "What is known of the one that comes.",
            example: "{ is_newcomer: true }",
        },
        Key {
            name: "existing",
            kind: Kind::Map(&Kind::Text),
            need: true,
            doc: "What is known of the one that is there.",
            example: "{ is_newcomer: false }",
        },
    ],
};

static BASIS: Shape = Shape {
    name: "basis",
    doc: "The legal basis of telling firms apart.",
    cited: true,
    keys: &[
        Key { name: "trait", kind: Kind::Name, need: true, doc: "Which trait of the review.", example: "origin" },
        Key {
            name: "document",
            kind: Kind::Text,
            need: true,
            doc: "Document that allows it.",
            example: "国务院令第783号",
        },
    ],
};
