//! From views to paper and files: what is printed or exported is what the page shows, nothing is
//! computed again.

use crate::{
    Document, Refusal, Result,
    imports::XLSX,
    views::{MeasureRow, Proof, Publication, ResultRow, RunSummary, Sheet},
};
use base::Digest;
use jiff::civil::Date;
use press::{Attachment, AttachmentColumn, Cell, Column, Kind, Language, Paragraph, Table};
use rust_decimal::Decimal;

fn day(now: &str) -> Result<Date> {
    let stamp: jiff::Timestamp = now.parse().map_err(Refusal::internal)?;
    cases::clock::local_day(stamp).map_err(Refusal::internal)
}

fn shown(now: &str) -> String {
    let stamp = now.parse::<jiff::Timestamp>().ok().and_then(|t| t.in_tz("Asia/Shanghai").ok());
    stamp.map(|z| z.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_else(|| now.to_owned())
}

/// The one-firm sheet.
pub(crate) fn sheet_pdf(sheet: &Sheet, now: &str) -> Result<Vec<u8>> {
    let land = sheet.land.as_ref();
    let what = |kind: &str| match kind {
        "owned" => "自有",
        "leased_in" => "租入",
        "leased_out" => "租出",
        _ => "并入",
    };
    let facts = serde_json::to_vec(&(&sheet.groups, &sheet.land)).map_err(Refusal::internal)?;
    let page = press::FirmSheet {
        title: format!("{}年度工业企业亩产效益评价一企一表", sheet.year),
        issuer: sheet.firm.division.name.clone(),
        year: sheet.year,
        firm: press::SheetFirm {
            name: sheet.firm.name.clone(),
            credit_code: sheet.firm.credit_code.clone().unwrap_or_default(),
            town: sheet.firm.town.clone(),
            industry: format!("{} {}", sheet.firm.industry, sheet.firm.industry_name),
            address: String::new(),
        },
        departments: sheet
            .groups
            .iter()
            .map(|group| press::DepartmentFacts {
                department: group.title.zh.clone(),
                facts: group
                    .facts
                    .iter()
                    .map(|fact| press::FactLine {
                        name: fact.title.zh.clone(),
                        value: fact.value.as_deref().map(words),
                        unit: fact.unit.zh.clone(),
                        file: fact.source.as_ref().map(|s| s.file.clone()).unwrap_or_default(),
                        cell: fact.source.as_ref().map(|s| s.cell.clone()).unwrap_or_default(),
                        received: fact.source.as_ref().map(|s| shown(&s.received_at)).unwrap_or_default(),
                    })
                    .collect(),
            })
            .collect(),
        land: land
            .map(|land| {
                land.lines
                    .iter()
                    .map(|line| press::LandLine {
                        what: what(&line.kind).into(),
                        parcel: line.parcel.clone(),
                        other: line.party.clone().unwrap_or_default(),
                        how: line.note.zh.clone(),
                        area: (!line.mu.is_empty()).then(|| line.mu.clone()),
                    })
                    .collect()
            })
            .unwrap_or_default(),
        effective_land: land.map(|l| l.effective.clone()).filter(|e| !e.is_empty()),
        land_rule: "实际用地 = 自有 + 租入 − 租出".into(),
        request: "请核对本表所列数据；有疑义的，请在核对期内提出并附证明材料。".into(),
        date: day(now)?,
        printed_at: shown(now),
        digest: Digest::of(&facts).hex(),
    };
    press::sheet_pdf(&page).map_err(document)
}

/// Truths in words, everything else as it is.
fn words(value: &str) -> String {
    match value {
        "true" => "是".into(),
        "false" => "否".into(),
        other => other.to_owned(),
    }
}

fn document(fault: press::DocumentFault) -> Refusal {
    let text = fault.to_string();
    Refusal::new(crate::Kind::Conflict, "document", format!("无法生成文件：{text}"), text)
}

fn score(value: Option<f64>, decimals: usize) -> Option<String> {
    value.map(|v| format!("{v:.decimals$}"))
}

/// The proof of one firm.
pub(crate) fn proof_pdf(proof: &Proof, lifts: &[crate::views::Lift], now: &str) -> Result<Vec<u8>> {
    let row = &proof.row;
    let page = press::Proof {
        title: "亩产效益评价结果说明".into(),
        firm: row.name.clone(),
        credit_code: row.credit_code.clone().unwrap_or_default(),
        population: proof.population.as_ref().map(|p| p.zh.clone()).unwrap_or_default(),
        class: Some(row.class.clone()),
        class_reason: match row.rank {
            Some(rank) => {
                let cuts: Vec<String> =
                    proof.cuts.iter().map(|c| format!("{} 类至第 {} 名", c.class, c.rank)).collect();
                format!("第 {rank} 名，参加排名 {} 家；{}", proof.ranked, cuts.join("，"))
            }
            None => row.status.as_ref().map(|s| s.zh.clone()).unwrap_or_default(),
        },
        class_clause: proof.classing_clause.clone().unwrap_or_default(),
        rank: row.rank.map(|r| r.to_string()),
        ranked: proof.ranked.to_string(),
        total: score(proof.total, 2),
        total_how: proof.total_formula.clone(),
        indicators: proof
            .indicators
            .iter()
            .map(|i| press::IndicatorLine {
                name: i.head.title.zh.clone(),
                value: score(i.value.value, usize::from(i.head.decimals)),
                unit: i.head.unit.zh.clone(),
                formula: i.value.filled.clone(),
                baseline: i
                    .baselines
                    .iter()
                    .map(|b| format!("{}（{}）", score(b.value, 4).unwrap_or("未知".into()), b.how.zh))
                    .collect::<Vec<_>>()
                    .join("；"),
                ratio: i.scoring.clone(),
                weight: format!("{}", i.head.weight),
                points: score(i.points, 4),
                clause: i.clause.clone().unwrap_or_default(),
                sources: sources(&i.value.inputs),
            })
            .collect(),
        rules: proof
            .conditions
            .iter()
            .filter(|c| c.holds == "true")
            .map(|c| press::RuleLine {
                kind: c.kind.clone(),
                text: c.title.zh.clone(),
                effect: c.change.as_ref().map(|(a, b)| format!("{a} → {b}")).unwrap_or_default(),
                evidence: sources(&c.inputs).join("；"),
                clause: c.clause.clone().unwrap_or_default(),
            })
            .collect(),
        changes: lifts
            .iter()
            .map(|l| press::Change {
                text: format!("{}：{} → {}（{} {}）", l.title.zh, l.from, l.to, l.change, l.unit.zh),
                effect: format!("{} 类", l.class),
            })
            .collect(),
        scheme: format!("{} 第 {} 版（{}）", proof.scheme.title.zh, proof.scheme.version, proof.scheme.document),
        unverified: proof.indicators.iter().filter_map(|i| i.unverified.clone()).collect(),
        run: proof.run.to_string(),
        digests: vec![("快照".into(), proof.snapshot.clone()), ("方案".into(), proof.scheme.digest.clone())],
        date: day(now)?,
        printed_at: shown(now),
    };
    press::proof_pdf(&page).map_err(document)
}

fn sources(inputs: &[crate::views::ProofInput]) -> Vec<String> {
    let mut out = Vec::new();
    for input in inputs {
        if let (Some(value), Some(source)) = (&input.value, &input.source) {
            out.push(format!("{} {value} {} · {} {}", input.title.zh, input.unit.zh, source.file, source.cell));
        }
        out.extend(sources(&input.inputs));
    }
    out
}

/// The public notice of a run's results.
pub(crate) fn notice_pdf(run: &RunSummary, publication: &Publication, now: &str) -> Result<Vec<u8>> {
    let place = &run.division.name;
    let mut paragraphs = vec![Paragraph::body(format!(
        "根据{}，{place}工业和信息化主管部门会同有关部门完成了 {} 年度工业企业亩产效益综合评价，现将结果予以公示。",
        run.scheme.document, run.year
    ))];
    paragraphs.push(Paragraph::section("一、评价结果"));
    for class in &run.classes {
        paragraphs.push(Paragraph::body(format!("{} 类（{}）{} 家。", class.class, class.title.zh, class.count)));
    }
    paragraphs.push(Paragraph::section("二、公示与异议"));
    if let Some(clock) = &publication.row.notice {
        let unit = if clock.working { "个工作日" } else { "天" };
        paragraphs.push(Paragraph::body(format!(
            "公示期 {} {unit}，自 {} 起。逾期未提出的，视为无异议。",
            clock.days, clock.from
        )));
    }
    paragraphs.push(Paragraph::body(format!("异议受理：{}。", publication.objections_to.zh)));
    paragraphs.push(Paragraph::section("三、复算核对"));
    paragraphs.push(Paragraph::body(format!(
        "快照摘要 {}，结果摘要 {}，引擎 {}。任何人可据此复算。",
        &publication.snapshot[..16],
        &publication.result[..16],
        publication.engine
    )));
    let notice = press::Notice {
        red_head: String::new(),
        number: String::new(),
        title: format!("{place}{}年度工业企业亩产效益综合评价结果公示", run.year),
        addressee: String::new(),
        paragraphs,
        signed_by: format!("{place}工业和信息化局"),
        date: day(now)?,
        contact: Vec::new(),
        attachments: vec![Attachment {
            title: "评价结果名单".into(),
            note: String::new(),
            columns: vec![
                AttachmentColumn { head: "序号".into(), width: 2, number: true },
                AttachmentColumn { head: "企业名称".into(), width: 9, number: false },
                AttachmentColumn { head: "统一社会信用代码".into(), width: 6, number: false },
                AttachmentColumn { head: "类别".into(), width: 4, number: false },
                AttachmentColumn { head: "等级".into(), width: 2, number: false },
            ],
            rows: publication
                .firms
                .iter()
                .enumerate()
                .map(|(i, f)| {
                    vec![
                        (i + 1).to_string(),
                        f.name.clone(),
                        f.credit_code.clone().unwrap_or_default(),
                        f.population.clone(),
                        f.class.clone(),
                    ]
                })
                .collect(),
            closing: format!("共 {} 家。", publication.firms.len()),
        }],
    };
    press::notice_pdf(&notice).map_err(document)
}

/// A table as a file, with count and digest.
pub(crate) fn table_file(table: &Table, name: &str, format: &str) -> Result<Document> {
    let internal = |fault: press::TableFault| Refusal::internal(fault);
    let (bytes, mime, ending) = match format {
        "csv" => (press::table_csv(table).map_err(internal)?, "text/csv; charset=utf-8", "csv"),
        "xlsx" => (press::table_xlsx(table).map_err(internal)?, XLSX, "xlsx"),
        other => {
            return Err(Refusal::invalid(
                "format",
                format!("没有格式“{other}”，可用：xlsx、csv。"),
                format!("There is no format `{other}`; allowed: xlsx, csv."),
            ));
        }
    };
    Ok(Document {
        name: format!("{name}.{ending}"),
        mime,
        digest: table.digest(),
        rows: Some(table.rows.len() as u64),
        bytes,
    })
}

fn decimal(value: Option<f64>, decimals: u32) -> Cell {
    Cell::number(value.and_then(Decimal::from_f64_retain).map(|d| d.round_dp(decimals)))
}

/// Results as a table; the columns are those of the page.
pub(crate) fn results_table(run: &RunSummary, rows: &[ResultRow], filters: Vec<(String, String)>) -> Table {
    let mut columns = vec![
        Column::new("rank", "名次", Kind::Number),
        Column::new("name", "企业名称", Kind::Text),
        Column::new("credit_code", "统一社会信用代码", Kind::Text),
        Column::new("industry", "行业", Kind::Text),
        Column::new("town", "镇街", Kind::Text),
        Column::new("population", "评价群体", Kind::Text),
        Column::new("land", "实际用地", Kind::Number).in_unit("亩"),
    ];
    let mut heads: Vec<&crate::views::IndicatorHead> = Vec::new();
    for head in run.populations.iter().flat_map(|p| &p.indicators) {
        if !heads.iter().any(|h| h.id == head.id) {
            heads.push(head);
        }
    }
    for head in &heads {
        columns.push(Column::new(&head.id, &head.title.zh, Kind::Number).in_unit(&head.unit.zh));
        columns.push(Column::new(format!("{}_points", head.id), format!("{}得分", head.title.zh), Kind::Number));
    }
    columns.push(Column::new("total", "总分", Kind::Number));
    columns.push(Column::new("class", "等级", Kind::Class));
    columns.push(Column::new("last", "上年", Kind::Class));
    columns.push(Column::new("status", "说明", Kind::Text));
    let text = |t: Option<&str>| t.map_or(Cell::Empty, Cell::text);
    let body = rows
        .iter()
        .map(|r| {
            let mut cells = vec![
                Cell::number(r.rank.map(Decimal::from)),
                Cell::text(&r.name),
                text(r.credit_code.as_deref()),
                Cell::text(format!("{} {}", r.industry, r.industry_name)),
                Cell::text(&r.town),
                text(r.population.as_deref()),
                Cell::number(r.land.as_deref().and_then(|l| l.parse().ok())),
            ];
            for head in &heads {
                let cell = r.indicators.get(&head.id);
                cells.push(decimal(cell.and_then(|c| c.value), 6));
                cells.push(decimal(cell.and_then(|c| c.points), 4));
            }
            cells.push(decimal(r.total, 4));
            cells.push(Cell::text(&r.class));
            cells.push(text(r.last.as_deref()));
            cells.push(text(r.status.as_ref().map(|s| s.zh.as_str())));
            cells
        })
        .collect();
    Table {
        title: format!("{}{}年度亩产效益评价结果", run.division.name, run.year),
        language: Language::Chinese,
        columns,
        rows: body,
        source: format!("第 {} 次运算", run.run.id),
        vintage: shown(&run.run.at),
        filters,
        about: vec![
            ("方案".into(), format!("{} 第 {} 版", run.scheme.title.zh, run.scheme.version)),
            ("快照摘要".into(), run.run.snapshot.clone()),
            ("结果摘要".into(), run.run.result.clone()),
        ],
    }
}

/// Measures as a table that a power company can use.
pub(crate) fn measures_table(run: &RunSummary, rows: &[MeasureRow], filters: Vec<(String, String)>) -> Table {
    let columns = vec![
        Column::new("account", "用户编号", Kind::Text),
        Column::new("firm", "企业名称", Kind::Text),
        Column::new("class", "等级", Kind::Class),
        Column::new("measure", "措施", Kind::Text),
        Column::new("amount", "标准", Kind::Number),
        Column::new("unit", "单位", Kind::Text),
        Column::new("years", "连续年数", Kind::Number),
        Column::new("from", "执行起", Kind::Text),
        Column::new("to", "执行止", Kind::Text),
        Column::new("basis", "依据", Kind::Text),
        Column::new("note", "说明", Kind::Text),
    ];
    let text = |t: Option<&str>| t.map_or(Cell::Empty, Cell::text);
    let body = rows
        .iter()
        .map(|m| {
            let note = match (m.display_only, &m.instead) {
                (true, _) => "仅展示，不执行".to_owned(),
                (false, Some(other)) => format!("按{}从高执行，不叠加", other.zh),
                _ => String::new(),
            };
            vec![
                text(m.account.as_deref()),
                Cell::text(&m.firm_name),
                Cell::text(&m.class),
                Cell::text(&m.title.zh),
                Cell::number(m.amount.as_deref().and_then(|a| a.parse().ok())),
                Cell::text(&m.unit.zh),
                Cell::number(m.years.map(Decimal::from)),
                text(m.from.as_deref()),
                text(m.to.as_deref()),
                text(m.basis.as_deref()),
                Cell::text(note),
            ]
        })
        .collect();
    Table {
        title: format!("{}{}年度差别化措施清单", run.division.name, run.year),
        language: Language::Chinese,
        columns,
        rows: body,
        source: format!("第 {} 次运算", run.run.id),
        vintage: shown(&run.run.at),
        filters,
        about: vec![("结果摘要".into(), run.run.result.clone())],
    }
}

/// A published list as a file.
pub(crate) fn publication_file(publication: &Publication, format: &str, _now: &str) -> Result<Document> {
    let row = &publication.row;
    let kind = if row.kind == "final" { "公布" } else { "公示" };
    let table = Table {
        title: format!("{}{}年度亩产效益评价结果{kind}", row.division.name, row.year),
        language: Language::Chinese,
        columns: vec![
            Column::new("name", "企业名称", Kind::Text),
            Column::new("credit_code", "统一社会信用代码", Kind::Text),
            Column::new("town", "镇街", Kind::Text),
            Column::new("population", "评价群体", Kind::Text),
            Column::new("class", "等级", Kind::Class),
        ],
        rows: publication
            .firms
            .iter()
            .map(|f| {
                vec![
                    Cell::text(&f.name),
                    f.credit_code.as_deref().map_or(Cell::Empty, Cell::text),
                    Cell::text(&f.town),
                    Cell::text(&f.population),
                    Cell::text(&f.class),
                ]
            })
            .collect(),
        source: format!("{kind} {}", row.id),
        vintage: shown(&row.at),
        filters: Vec::new(),
        about: vec![
            ("快照摘要".into(), publication.snapshot.clone()),
            ("结果摘要".into(), publication.result.clone()),
            ("引擎".into(), publication.engine.clone()),
        ],
    };
    table_file(&table, &table.title, format)
}
