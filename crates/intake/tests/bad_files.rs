//! Files that cannot be taken, each with its reason; none may take the machine along.

mod common;

use common::*;
use intake::fault::Measure;
use intake::{FileFault, Limits};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

fn refused(bytes: &[u8]) -> FileFault {
    let fault = read(bytes, &tax()).expect_err("refused");
    let wording = fault.wording();
    assert!(!wording.zh.is_empty() && !wording.en.is_empty() && !fault.code().is_empty());
    fault
}

fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn cfb_of(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, content) in streams {
        file.create_stream(name).unwrap().write_all(content).unwrap();
    }
    file.into_inner().into_inner()
}

/// One record of an Excel 97–2003 workbook.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
}

#[test]
fn nothing_and_a_workbook_without_a_cell_are_empty() {
    assert_eq!(refused(b""), FileFault::Empty);
    assert_eq!(refused(b"\xef\xbb\xbf \r\n \r\n"), FileFault::Empty);
    assert_eq!(refused(&xlsx(&[])), FileFault::Empty);
}

#[test]
fn heads_without_rows_are_told_apart_from_an_empty_file() {
    let file = xlsx(&[&["统一社会信用代码", "企业名称", "实缴税金（万元）"]]);
    assert!(matches!(refused(&file), FileFault::NoRows { at } if at.address() == "明细!1"));
}

#[test]
fn a_password_is_recognised_in_every_format() {
    let encrypted = cfb_of(&[("/EncryptionInfo", b"x"), ("/EncryptedPackage", b"y")]);
    assert_eq!(refused(&encrypted), FileFault::PasswordProtected);
    let begin = record(0x0809, &[0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let stream = [begin, record(0x002f, &[1, 0, 1, 0]), record(0x000a, &[])].concat();
    assert_eq!(refused(&cfb_of(&[("/Workbook", &stream)])), FileFault::PasswordProtected);
    let ods = zip_of(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", b"noise"),
        ("META-INF/manifest.xml", b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"),
    ]);
    assert_eq!(refused(&ods), FileFault::PasswordProtected);
}

#[test]
fn a_truncated_workbook_is_damaged() {
    let file = xlsx(&[&["统一社会信用代码", "企业名称", "实缴税金（万元）"], &[&code(1), "甲", "=5"]]);
    for length in [100, file.len() / 2, file.len() - 30] {
        assert!(matches!(refused(&file[..length]), FileFault::Corrupt { .. }), "{length}");
    }
    assert!(matches!(refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), FileFault::Corrupt { .. }));
}

#[test]
fn damage_anywhere_ends_in_a_refusal_or_a_reading_and_never_in_a_panic() {
    let file = xlsx(&[&["统一社会信用代码", "企业名称", "实缴税金（万元）"], &[&code(1), "甲", "=5"]]);
    for at in (0..file.len()).step_by(7) {
        let mut bytes = file.clone();
        bytes[at] ^= 0x5a;
        let _ = read(&bytes, &tax());
    }
}

#[test]
fn other_kinds_of_file_are_named() {
    let cases: [(&[u8], &str); 6] = [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"<html><body><table><tr><td>1</td></tr></table>", "web page"),
        (b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "XML 2003"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"Rar!\x1a\x07", "RAR"),
    ];
    for (bytes, word) in cases {
        let FileFault::UnsupportedFormat { found } = refused(bytes) else { panic!("{word}") };
        assert!(found.en.contains(word), "{}", found.en);
    }
    assert!(matches!(refused(&zip_of(&[("a.txt", b"hello")])), FileFault::UnsupportedFormat { .. }));
    assert!(matches!(
        refused(&zip_of(&[("word/document.xml", b"x"), ("[Content_Types].xml", b"x")])),
        FileFault::UnsupportedFormat { .. }
    ));
    assert!(matches!(refused(&cfb_of(&[("/WordDocument", b"x")])), FileFault::UnsupportedFormat { .. }));
}

#[test]
fn text_in_neither_encoding_is_damaged() {
    assert!(matches!(refused(b"\xb4\xfa\xff\xff,\xff"), FileFault::Corrupt { .. }));
}

#[test]
fn a_file_of_two_hundred_megabytes_is_refused_by_its_size() {
    let bytes = vec![b'a'; 200 << 20];
    let FileFault::TooLarge { measure: Measure::FileBytes, found, limit } = refused(&bytes) else { panic!() };
    assert_eq!((found, limit), (200 << 20, 64 << 20));
}

#[test]
fn what_unpacks_beyond_the_limit_is_refused_before_it_is_unpacked() {
    let zeros = vec![0u8; 4 << 20];
    let bomb = zip_of(&[("[Content_Types].xml", b"x"), ("xl/worksheets/sheet1.xml", &zeros)]);
    assert!(bomb.len() < 10_000);
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let fault = read_within(&bomb, &tax(), &limits).unwrap_err();
    assert!(matches!(fault, FileFault::TooLarge { measure: Measure::UnpackedBytes, .. }), "{fault:?}");
}

#[test]
fn an_archive_that_lies_about_its_sizes_is_stopped_while_unpacking() {
    let zeros = vec![0u8; 4 << 20];
    let mut bomb = zip_of(&[("xl/worksheets/sheet1.xml", &zeros)]);
    // The size stands in the local header (offset 22) and in the central directory.
    let honest = (4u32 << 20).to_le_bytes();
    let positions: Vec<usize> = bomb.windows(4).enumerate().filter(|(_, w)| *w == honest).map(|(i, _)| i).collect();
    assert!(!positions.is_empty());
    for at in positions {
        bomb[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let fault = read_within(&bomb, &tax(), &limits).unwrap_err();
    assert!(matches!(fault, FileFault::TooLarge { .. } | FileFault::Corrupt { .. }), "{fault:?}");
}

#[test]
fn more_cells_or_sheets_than_allowed_are_refused() {
    let rows: Vec<Vec<String>> = (0..200).map(|i| vec![code(i), "甲".to_owned(), "=5".to_owned()]).collect();
    let borrowed: Vec<Vec<&str>> = rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
    let file = xlsx(&borrowed.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let limits = Limits { cells: 500, ..Limits::default() };
    assert!(matches!(
        read_within(&file, &tax(), &limits).unwrap_err(),
        FileFault::TooLarge { measure: Measure::Cells, .. }
    ));
    let mut book = rust_xlsxwriter::Workbook::new();
    for _ in 0..3 {
        book.add_worksheet().write_number(0, 0, 1).unwrap();
    }
    let limits = Limits { sheets: 2, ..Limits::default() };
    let fault = read_within(&book.save_to_buffer().unwrap(), &tax(), &limits).unwrap_err();
    assert!(matches!(fault, FileFault::TooLarge { measure: Measure::Sheets, found: 3, limit: 2 }));
}

#[test]
fn a_few_cells_far_apart_do_not_take_the_memory_of_the_rectangle_around_them() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, &[&["企业名称", "用电量（千瓦时）"], &["甲示例公司", "=5"]]);
    sheet.write_number(1_048_575, 16_383, 1).unwrap();
    let reading = read(&book.save_to_buffer().unwrap(), &power()).unwrap();
    assert_eq!(shown(reading.tables[0].numbers("power_use").unwrap())[0], "5");
    // The same trick in the old format, where the decoder would take the whole rectangle.
    let begin = record(0x0809, &[0, 6, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let number = |row: u16, column: u16| {
        record(0x0203, &[&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &1f64.to_le_bytes()].concat())
    };
    let stream = [begin, number(0, 0), number(65_535, 255), record(0x000a, &[])].concat();
    assert!(matches!(refused(&cfb_of(&[("/Workbook", &stream)])), FileFault::TooLarge { measure: Measure::Cells, .. }));
}

#[test]
fn faults_beyond_the_limit_are_counted() {
    let mut rows: Vec<Vec<String>> =
        vec![["统一社会信用代码", "企业名称", "实缴税金（万元）"].map(str::to_owned).to_vec()];
    rows.extend((0..50).map(|i| vec![code(i), "甲".to_owned(), "无数".to_owned()]));
    let borrowed: Vec<Vec<&str>> = rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
    let file = xlsx(&borrowed.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let limits = Limits { faults: 10, ..Limits::default() };
    let reading = read_within(&file, &tax(), &limits).unwrap();
    assert_eq!((reading.faults.len(), reading.faults_left_out), (10, 40));
}
