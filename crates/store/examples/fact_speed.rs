//! How long a large workbook's facts take: 50,000 firms × 30 columns stated, compared, encoded, stored,
//! read back and folded. Prints one line a step; `docs/performance.md` quotes it.

use base::{Department, Digest, Scope};
use std::time::Instant;
use store::*;

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let (firms, facts) = (50_000u32, 30u32);
    let start = Instant::now();
    let mut batch = FactBatch::new(BatchMeta {
        department: Department::Statistics,
        file: "统计.xlsx".into(),
        file_digest: Some(Digest::of(b"workbook")),
        received_at: "2026-03-02T00:00:00.000000Z".into(),
        reason: String::new(),
    });
    let names: Vec<String> = (0..facts).map(|f| format!("fact_{f:02}")).collect();
    let codes: Vec<u32> = names.iter().map(|n| batch.fact_code(n)).collect();
    for firm in 0..firms {
        let name = format!("f:{firm}");
        let subject = batch.subject_code(&name);
        for (fact, code) in codes.iter().enumerate() {
            // Figures of two decimals, skewed as figures of firms are.
            let hundredths = i128::from(firm.wrapping_mul(2_654_435_761) % 10_000_000) >> (fact % 12);
            let row = FactRow::new(&name, &names[fact], 20_089).until(20_453).number(hundredths * 10i128.pow(16)).at(
                Some("明细"),
                firm + 4,
                fact as u32 + 3,
            );
            batch.push_coded(subject, *code, row);
        }
    }
    say("state", start, batch.len());
    let start = Instant::now();
    let view = FactView::empty("370783".parse()?, 2025);
    let diff = view.diff(&batch, &Coverage::Named)?;
    say("compare with nothing", start, diff.new);
    let start = Instant::now();
    let encoded = diff.batch.encode()?;
    say("encode and name", start, encoded.bytes().len());
    let start = Instant::now();
    let decoded = FactBatch::decode(encoded.bytes())?;
    say("decode", start, decoded.len());

    let dir = tempfile::tempdir()?;
    let path = dir.path().join("speed.db").display().to_string();
    let store = Store::open(&path, OpenOptions::default()).await?;
    let scope = Scope::system("speed", "370000".parse()?);
    let division = "370783".parse()?;
    let start = Instant::now();
    store
        .write(&scope, async |tx| {
            let new = NewSegment { division, year: 2025, kind: SegmentKind::Import, reason: String::new() };
            tx.audit(NewAudit::new("facts.accept", "speed", division));
            tx.insert_segment(&new, &encoded).await
        })
        .await?;
    say("store", start, encoded.bytes().len());
    let start = Instant::now();
    let view = store.read(&scope).facts(division, 2025).await?;
    say("read and fold", start, view.statements());
    let start = Instant::now();
    let view = store.read(&scope).facts(division, 2025).await?;
    say("fold from memory", start, view.statements());
    let start = Instant::now();
    let diff = view.diff(&batch, &Coverage::Whole(Unread::default()))?;
    say("compare with the same", start, diff.unchanged);
    let start = Instant::now();
    say("walk what is held", start, view.iter().count());
    Ok(())
}

fn say(step: &str, start: Instant, size: usize) {
    println!("{step:<24} {:>8.1} ms  {size:>10}", start.elapsed().as_secs_f64() * 1e3);
}
