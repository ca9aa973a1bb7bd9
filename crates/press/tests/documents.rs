//! The documents as people get them: what `pdftotext` reads out of the PDF, how many pages there
//! are, and that the same input gives the same bytes.

use press::*;
use std::io::Write;
use std::process::{Command, Stdio};

/// Text of a PDF without blanks and line breaks, which depend on the layout.
fn text(pdf: &[u8]) -> String {
    run("pdftotext", &["-layout", "-", "-"], pdf).chars().filter(|c| !c.is_whitespace()).collect()
}

fn pages(pdf: &[u8]) -> usize {
    // Each page ends with a form feed.
    run("pdftotext", &["-", "-"], pdf).matches('\u{c}').count()
}

fn run(program: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{program} (Debian package poppler-utils): {e}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Leaves the document where a person can look at it, when asked to.
fn keep(name: &str, pdf: &[u8]) {
    if let Some(folder) = std::env::var_os("BAIGONG_KEEP_DOCUMENTS") {
        std::fs::write(std::path::Path::new(&folder).join(name), pdf).unwrap();
    }
}

fn notice(rows: usize) -> Notice {
    let column = |head: &str, width, number| AttachmentColumn { head: head.into(), width, number };
    Notice {
        red_head: String::new(),
        number: "青工信〔2026〕12号".into(),
        title: "关于2025年度工业企业“亩产效益”\n综合评价结果的公示".into(),
        addressee: "各镇（街道）、开发区，县直有关部门，各有关企业".into(),
        paragraphs: vec![
            Paragraph::body(
                "依据本县工业企业“亩产效益”综合评价办法，经数据归集、核实、企业确认和综合评分，形成2025年度评价结果，现予公示。",
            ),
            Paragraph::section("一、评价结果"),
            Paragraph::body(format!("本年度参评企业共{rows}户，名单见附件。")),
            Paragraph::subsection("（一）公示期"),
            Paragraph::body("公示期为5个工作日，自2026年6月23日至2026年6月29日。"),
            Paragraph::section("二、异议"),
            Paragraph::body("对结果有异议的，请于公示期内登录平台“异议”栏目提出，并附证明材料；逾期不予受理。"),
        ],
        signed_by: "青禾县工业和信息化局".into(),
        date: "2026-06-23".parse().unwrap(),
        contact: vec!["联系人：评价办公室；电话：0000-0000000".into()],
        attachments: vec![Attachment {
            title: "2025年度工业企业“亩产效益”综合评价结果名单".into(),
            note: "按名次排列".into(),
            columns: vec![
                column("序号", 0, false),
                column("企业名称", 1, false),
                column("统一社会信用代码", 0, false),
                column("乡镇", 0, false),
                column("得分", 0, true),
                column("类别", 0, false),
            ],
            rows: (1..=rows)
                .map(|n| {
                    vec![
                        n.to_string(),
                        format!("示例第{n}精密机械制造有限公司"),
                        format!("91370700MA{n:08}"),
                        "城关镇".into(),
                        format!("{:.2}", 120.0 - n as f64 / 50.0),
                        ["A", "B", "C", "D"][n % 4].into(),
                    ]
                })
                .collect(),
            closing: format!("共{rows}户。名单摘要（SHA-256）：{}", "7f3a91c2".repeat(8)),
        }],
    }
}

fn sheet() -> FirmSheet {
    let fact = |name: &str, value: Option<&str>, unit: &str, file: &str, cell: &str| FactLine {
        name: name.into(),
        value: value.map(str::to_owned),
        unit: unit.into(),
        file: file.into(),
        cell: cell.into(),
        received: "2026-03-18".into(),
    };
    let land = |what: &str, parcel: &str, other: &str, how: &str, area: &str| LandLine {
        what: what.into(),
        parcel: parcel.into(),
        other: other.into(),
        how: how.into(),
        area: Some(area.into()),
    };
    FirmSheet {
        title: "2025年度工业企业“亩产效益”评价一企一表".into(),
        issuer: "青禾县工业和信息化局".into(),
        year: 2025,
        firm: SheetFirm {
            name: "示例第1精密机械制造有限公司".into(),
            credit_code: "91370700MA00000001".into(),
            town: "城关镇".into(),
            industry: "3429 其他金属加工机械制造".into(),
            address: "城关镇建设路1号".into(),
        },
        departments: vec![
            DepartmentFacts {
                department: "税务".into(),
                facts: vec![
                    fact("实缴税金", Some("1,204.50"), "万元", "2025年度企业税收（上报）.xlsx", "明细!F812"),
                    fact("免抵调库", Some("0"), "万元", "2025年度企业税收（上报）.xlsx", "明细!G812"),
                ],
            },
            DepartmentFacts {
                department: "供电".into(),
                facts: vec![fact("用电量", Some("2,860,400"), "千瓦时", "用电量_2025.xls", "Sheet1!D77")],
            },
            DepartmentFacts {
                department: "生态环境".into(),
                facts: vec![
                    fact("化学需氧量", None, "吨", "", ""),
                    fact("氮氧化物", Some("1.20"), "吨", "排污数据.csv", "H45"),
                ],
            },
            DepartmentFacts {
                department: "统计".into(),
                facts: vec![
                    fact("营业收入", Some("18,320.00"), "万元", "规上工业2025.xlsx", "B06-1!K201"),
                    fact("规上企业", Some("是"), "", "规上工业2025.xlsx", "B06-1!C201"),
                ],
            },
        ],
        land: vec![
            land("自有", "370783-001-0042", "", "", "30.00"),
            land(
                "租入",
                "370783-001-0107",
                "示例第2纺织有限公司",
                "按建筑面积分摊：1,200.00 ÷ 4,800.00 × 30.80",
                "7.70",
            ),
            land("租出", "370783-001-0042", "示例第3食品有限公司", "租赁合同登记的土地面积", "-1.50"),
        ],
        effective_land: Some("36.20".into()),
        land_rule: "自有＋租入－租出；多层厂房按建筑面积分摊（评价办法第六条）".into(),
        request: "请于2026年4月10日前核对以上数据，确认无误或提出异议；逾期未答复的，按评价办法处理。".into(),
        date: "2026-03-25".parse().unwrap(),
        printed_at: "2026-03-25 09:30".into(),
        digest: "7f3a91c2".repeat(8),
    }
}

fn proof() -> Proof {
    let indicator = |name: &str, unit: &str, value: Option<&str>, weight: &str, points: Option<&str>| IndicatorLine {
        name: name.into(),
        value: value.map(str::to_owned),
        unit: unit.into(),
        formula: "实缴税金 1,204.50 ÷ 有效用地 36.20".into(),
        baseline: "22.40，本行业（34）中位数，87户".into(),
        ratio: "1.49".into(),
        weight: weight.into(),
        points: points.map(str::to_owned),
        clause: "评价办法第八条第一项".into(),
        sources: vec![
            "税务　2025年度企业税收（上报）.xlsx　明细!F812　2026-03-18".into(),
            "自然资源　宗地与租赁.xlsx　宗地!E33　2026-03-12".into(),
        ],
    };
    Proof {
        title: "2025年度“亩产效益”评价结果说明".into(),
        firm: "示例第1精密机械制造有限公司".into(),
        credit_code: "91370700MA00000001".into(),
        population: "规上工业企业".into(),
        class: Some("B".into()),
        class_reason: "第31名；前20%为24名，前65%为78名，第31名在第25至78名之间".into(),
        class_clause: "评价办法第十条".into(),
        rank: Some("31".into()),
        ranked: "120".into(),
        total: Some("98.20".into()),
        total_how: "各指标得分之和 96.20 ＋ 加分 2.00".into(),
        indicators: vec![
            indicator("亩均税收", "万元/亩", Some("33.27"), "45", Some("66.83")),
            indicator("单位能耗营业收入", "万元/吨标准煤", Some("21.40"), "20", Some("18.92")),
            indicator("单位排放营业收入", "万元/吨", None, "15", None),
            indicator("研发强度", "%", Some("3.10"), "15", Some("10.45")),
        ],
        rules: vec![RuleLine {
            kind: "加分".into(),
            text: "省级专精特新中小企业，在有效期内".into(),
            effect: "＋2.00".into(),
            evidence: "科技　资质名单.xlsx　2025!B19".into(),
            clause: "评价办法第九条第二项".into(),
        }],
        changes: vec![Change {
            text: "实缴税金由 1,204.50 增至 1,318.20 万元".into(), effect: "B → A，第24名".into()
        }],
        scheme: "青禾县评价办法（2025版）".into(),
        unverified: vec!["单位能耗营业收入的基准取自转载文本，未见原件".into()],
        run: "运行 12（终评）".into(),
        digests: vec![("快照".into(), "7f3a91c2".repeat(8)), ("方案".into(), "0b12cc9e".repeat(8))],
        date: "2026-07-08".parse().unwrap(),
        printed_at: "2026-07-08 10:00".into(),
    }
}

#[test]
fn a_notice_reads_in_the_order_of_an_official_document() {
    let pdf = notice_pdf(&notice(40)).unwrap();
    keep("notice.pdf", &pdf);
    let text = text(&pdf);
    let mut from = 0;
    for part in [
        "青工信〔2026〕12号",
        "综合评价结果的公示",
        "各有关企业：",
        "一、评价结果",
        "本年度参评企业共40户",
        "附件：2025年度工业企业",
        "青禾县工业和信息化局",
        "2026年6月23日",
        "—1—",
        "按名次排列",
        "示例第40精密机械制造有限公司",
        "共40户",
    ] {
        let at = text[from..].find(part).unwrap_or_else(|| panic!("`{part}` after {} in {text}", &text[..from]));
        from += at + part.len();
    }
}

#[test]
fn a_red_head_stands_above_the_number() {
    let pdf = notice_pdf(&Notice { red_head: "青禾县工业和信息化局文件".into(), ..notice(3) }).unwrap();
    keep("notice-red.pdf", &pdf);
    let text = text(&pdf);
    assert!(text.find("信息化局文件").unwrap() < text.find("青工信〔2026〕12号").unwrap(), "{text}");
}

#[test]
fn three_thousand_rows_are_all_printed_with_the_head_on_each_page() {
    let started = std::time::Instant::now();
    let pdf = notice_pdf(&notice(3_000)).unwrap();
    println!("3,000 rows: {} pages, {} kB, {:?}", pages(&pdf), pdf.len() / 1000, started.elapsed());
    keep("notice-3000.pdf", &pdf);
    let text = text(&pdf);
    for n in 1..=3_000 {
        assert!(text.contains(&format!("示例第{n}精密机械制造有限公司")), "row {n}");
    }
    let list_pages = pages(&pdf) - 2;
    assert!(text.matches("统一社会信用代码").count() >= list_pages, "a head on each page of the list");
}

#[test]
fn a_row_that_does_not_fit_the_columns_is_refused_with_its_place() {
    let mut short = notice(5);
    short.attachments[0].rows[3].pop();
    let fault = notice_pdf(&short).unwrap_err();
    assert_eq!(fault, DocumentFault::Row { attachment: 1, row: 4, found: 5, expected: 6 });
    assert!(fault.zh().contains("附件 1 第 4 行"));
}

#[test]
fn a_sheet_shows_each_fact_with_its_cell_the_land_and_where_to_sign() {
    let pdf = sheet_pdf(&sheet()).unwrap();
    keep("sheet.pdf", &pdf);
    assert_eq!(pages(&pdf), 1);
    let text = text(&pdf);
    for part in [
        "91370700MA00000001",
        "1,204.50万元",
        "明细!F812",
        "未知",
        "36.20",
        "按建筑面积分摊",
        "以上数据确认无误",
        "对下列数据提出异议",
        "法定代表人（签字）",
        "数据摘要SHA-2567f3a91c2",
        "打印时间2026-03-2509:30",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn a_sheet_of_many_parcels_grows_by_pages_and_loses_no_line() {
    let mut long = sheet();
    long.land = (0..90)
        .map(|n| LandLine {
            what: "自有".into(),
            parcel: format!("P{n:03}"),
            other: String::new(),
            how: String::new(),
            area: Some("1.00".into()),
        })
        .collect();
    let pdf = sheet_pdf(&long).unwrap();
    let text = text(&pdf);
    assert!(pages(&pdf) >= 3);
    assert!((0..90).all(|n| text.contains(&format!("P{n:03}"))));
}

#[test]
fn a_proof_leads_from_the_class_to_the_cells_and_clauses() {
    let pdf = proof_pdf(&proof()).unwrap();
    keep("proof.pdf", &pdf);
    let text = text(&pdf);
    for part in [
        "等级理由",
        "第31名；前20%为24名",
        "评价办法第十条",
        "各指标得分之和96.20＋加分2.00",
        "实缴税金1,204.50÷有效用地36.20",
        "明细!F812",
        "未知",
        "省级专精特新中小企业",
        "B→A，第24名",
        "未经核实的参数",
        "如何核对",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let none = proof_pdf(&Proof { class: None, rank: None, total: None, indicators: vec![], ..proof() }).unwrap();
    assert!(self::text(&none).contains("不定级"));
}

#[test]
fn the_same_input_gives_the_same_bytes_and_another_input_another_identifier() {
    let first = sheet_pdf(&sheet()).unwrap();
    let started = std::time::Instant::now();
    assert_eq!(first, sheet_pdf(&sheet()).unwrap());
    println!("one page: {} kB, {:?}", first.len() / 1000, started.elapsed());
    assert_eq!(notice_pdf(&notice(30)).unwrap(), notice_pdf(&notice(30)).unwrap());
    assert_ne!(notice_pdf(&notice(30)).unwrap(), notice_pdf(&notice(31)).unwrap());
}

#[test]
fn text_that_looks_like_markup_is_printed_as_it_is() {
    let hostile = "#panic(\"x\") *粗* $x^2$ #import \"a\" <标签> @引 \\ // 注 [甲](乙)";
    let mut sheet = sheet();
    sheet.firm.name = hostile.into();
    sheet.departments[0].facts[0].file = hostile.into();
    sheet.departments[0].facts[0].cell = hostile.into();
    let mut notice = notice(2);
    notice.title = hostile.into();
    notice.paragraphs.push(Paragraph::body(hostile));
    notice.attachments[0].rows[0][1] = hostile.into();
    let plain: String = hostile.chars().filter(|c| !c.is_whitespace()).collect();
    let sheet = text(&sheet_pdf(&sheet).unwrap());
    assert!(sheet.contains(&plain), "{sheet}");
    let notice = text(&notice_pdf(&notice).unwrap());
    assert!(notice.matches(&plain).count() >= 1 && notice.contains("#panic"), "{notice}");
}
