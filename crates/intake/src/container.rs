//! What the bytes are, judged by themselves and never by the file's name, and unpacking within
//! bounds.
//!
//! A zipped workbook is unpacked once, counting what really comes out (a header may lie about it),
//! into an archive without compression. Everything after works on memory of a known size.

use crate::Wording;
use crate::fault::{FileFault, Measure};
use crate::limits::Limits;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A file ready for decoding.
pub(crate) enum Opened<'a> {
    Xlsx(Package),
    Ods(Package),
    Xls(&'a [u8]),
    Text(Decoded),
}

/// A zipped workbook, unpacked into an archive without compression.
pub(crate) struct Package {
    /// The archive.
    pub bytes: Vec<u8>,
    parts: Vec<(String, Range<usize>)>,
}

impl Package {
    /// Content of a part; names compare without case, as packages allow.
    pub fn part(&self, name: &str) -> Option<&[u8]> {
        let (_, range) = self.parts.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        self.bytes.get(range.clone())
    }

    fn has(&self, name: &str) -> bool {
        self.parts.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    }

    fn has_below(&self, folder: &str) -> bool {
        self.parts.iter().any(|(n, _)| n.len() > folder.len() && n[..folder.len()].eq_ignore_ascii_case(folder))
    }
}

/// A text file, decoded.
pub(crate) struct Decoded {
    pub text: String,
    pub encoding: &'static str,
}

const CFB_MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Content that people rename to `.xls` or `.csv`: how it begins and what it is.
const KNOWN_OTHERS: [(&[u8], &str, &str); 8] = [
    (b"%PDF", "PDF 文档", "a PDF document"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"GIF8", "图片", "a picture"),
    (b"Rar!", "RAR 压缩包", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "a 7z archive"),
    (b"\x1f\x8b", "GZIP 压缩文件", "a gzip file"),
    (b"SQLite format 3", "数据库文件", "a database file"),
];

fn unsupported(zh: &str, en: &str) -> FileFault {
    FileFault::UnsupportedFormat { found: Wording::new(zh, en) }
}

fn corrupt(part: &str, detail: impl ToString) -> FileFault {
    FileFault::Corrupt { part: part.to_owned(), detail: detail.to_string() }
}

/// Tells what the bytes are and unpacks or decodes them.
pub(crate) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Opened<'a>, FileFault> {
    if bytes.is_empty() {
        return Err(FileFault::Empty);
    }
    if bytes.len() as u64 > limits.file_bytes {
        return Err(FileFault::TooLarge {
            measure: Measure::FileBytes,
            found: bytes.len() as u64,
            limit: limits.file_bytes,
        });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return open_zip(bytes, limits);
    }
    if bytes.starts_with(CFB_MAGIC) {
        check_compound_file(bytes, limits)?;
        return Ok(Opened::Xls(bytes));
    }
    if let Some((_, zh, en)) = KNOWN_OTHERS.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return Err(unsupported(zh, en));
    }
    if bytes.starts_with(b"PK") {
        return Err(unsupported("空的压缩包", "an empty archive"));
    }
    let decoded = decode(bytes)?;
    let start: String = decoded.text.trim_start().chars().take(2000).collect::<String>().to_lowercase();
    if start.is_empty() {
        return Err(FileFault::Empty);
    }
    if start.starts_with("<?xml") && start.contains("spreadsheet") {
        return Err(unsupported("XML 2003 表格", "an XML 2003 spreadsheet"));
    }
    if ["<!doctype", "<html", "<table", "<meta", "<head", "<style"].iter().any(|tag| start.starts_with(tag)) {
        return Err(unsupported("网页（常见于系统“导出 Excel”）", "a web page (some systems export one as “Excel”)"));
    }
    if start.starts_with("<?xml") || start.starts_with("{\\rtf") {
        return Err(unsupported("XML 或 RTF 文档", "an XML or RTF document"));
    }
    Ok(Opened::Text(decoded))
}

fn open_zip<'a>(bytes: &[u8], limits: &Limits) -> Result<Opened<'a>, FileFault> {
    let package = unpack(bytes, limits)?;
    if package.has("xl/workbook.bin") {
        return Err(unsupported("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)"));
    }
    if package.has_below("xl/") && package.has("[Content_Types].xml") {
        check_shared_strings(&package)?;
        return Ok(Opened::Xlsx(package));
    }
    if package.has("content.xml") && package.part("mimetype").is_some_and(|m| m.ends_with(b"spreadsheet")) {
        return match package.part("META-INF/manifest.xml") {
            Some(manifest) if contains(manifest, b"encryption-data") => Err(FileFault::PasswordProtected),
            _ => Ok(Opened::Ods(package)),
        };
    }
    if package.has_below("word/") || package.has_below("ppt/") {
        return Err(unsupported("文字或演示文档", "a text document or slides"));
    }
    Err(unsupported("压缩包；请先解压，再逐个上传其中的表格", "an archive; unpack it and send the tables one by one"))
}

/// The count that a shared-string table announces is room that a decoder takes at once.
fn check_shared_strings(package: &Package) -> Result<(), FileFault> {
    let Some(strings) = package.part("xl/sharedStrings.xml") else { return Ok(()) };
    let head = String::from_utf8_lossy(&strings[..strings.len().min(2000)]);
    let announced = head
        .split_once("uniqueCount=")
        .and_then(|(_, rest)| rest.get(1..))
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    match announced.map(|digits| digits.parse::<usize>()) {
        // The shortest entry, `<si/>`, takes five bytes.
        Some(Ok(count)) if count <= strings.len() / 5 + 1 => Ok(()),
        Some(Err(_)) | Some(Ok(_)) => Err(corrupt("xl/sharedStrings.xml", "uniqueCount")),
        None => Ok(()),
    }
}

/// A sink that refuses to grow beyond a limit.
struct Bounded {
    inner: Cursor<Vec<u8>>,
    written: u64,
    limit: u64,
}

const OVER: &str = "over the limit";

impl Write for Bounded {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.written += buf.len() as u64;
        if self.written > self.limit {
            return Err(std::io::Error::other(OVER));
        }
        self.inner.write(buf)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Bounded {
    fn seek(&mut self, pos: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(pos)
    }
}

fn unpack(bytes: &[u8], limits: &Limits) -> Result<Package, FileFault> {
    let too_large =
        |found: u64| FileFault::TooLarge { measure: Measure::UnpackedBytes, found, limit: limits.unpacked_bytes };
    let mut source = ZipArchive::new(Cursor::new(bytes)).map_err(|e| corrupt("zip", e))?;
    let announced: u128 = (0..source.len()).map(|i| source.by_index_raw(i).map_or(0, |f| u128::from(f.size()))).sum();
    if announced > u128::from(limits.unpacked_bytes) {
        return Err(too_large(u64::try_from(announced).unwrap_or(u64::MAX)));
    }
    // Headers of the new archive come on top of the content; they are small and counted too.
    let room = usize::try_from(announced).unwrap_or(0) + 4096;
    let sink = Bounded { inner: Cursor::new(Vec::with_capacity(room)), written: 0, limit: limits.unpacked_bytes };
    let mut writer = ZipWriter::new(sink);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for i in 0..source.len() {
        let mut file = source.by_index(i).map_err(zip_fault)?;
        if !file.is_file() || skipped(file.name()) {
            continue;
        }
        let name = file.name().replace('\\', "/");
        let write_fault = |e: std::io::Error| {
            if e.to_string().contains(OVER) { too_large(limits.unpacked_bytes + 1) } else { corrupt(&name, e) }
        };
        writer.start_file(name.as_str(), options).map_err(|e| corrupt(&name, e))?;
        std::io::copy(&mut file, &mut writer).map_err(write_fault)?;
    }
    let bytes = writer.finish().map_err(|e| match e.to_string().contains(OVER) {
        true => too_large(limits.unpacked_bytes + 1),
        false => corrupt("zip", e),
    })?;
    index(bytes.inner.into_inner())
}

/// Pictures and the like never hold figures; leaving them out saves memory.
fn skipped(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["xl/media/", "pictures/", "thumbnails/", "xl/printersettings/"].iter().any(|folder| name.starts_with(folder))
}

fn index(bytes: Vec<u8>) -> Result<Package, FileFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes.as_slice())).map_err(|e| corrupt("zip", e))?;
    let mut parts = Vec::with_capacity(archive.len());
    for i in 0..archive.len() {
        let file = archive.by_index_raw(i).map_err(|e| corrupt("zip", e))?;
        let start = file.data_start().unwrap_or(0) as usize;
        parts.push((file.name().to_owned(), start..start + file.size() as usize));
    }
    Ok(Package { bytes, parts })
}

fn zip_fault(error: ZipError) -> FileFault {
    match error {
        ZipError::UnsupportedArchive(text) if text == ZipError::PASSWORD_REQUIRED => FileFault::PasswordProtected,
        other => corrupt("zip", other),
    }
}

/// Walks the records of an Excel 97–2003 workbook: a password record, or cells so far apart that
/// the rectangle around them would not fit, end it here.
fn check_compound_file(bytes: &[u8], limits: &Limits) -> Result<(), FileFault> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(|e| corrupt("compound file", e))?;
    if file.exists("/EncryptedPackage") || file.exists("/EncryptionInfo") {
        return Err(FileFault::PasswordProtected);
    }
    let Some(stream) = ["/Workbook", "/Book", "/WORKBOOK", "/BOOK"].into_iter().find(|s| file.is_stream(s)) else {
        return Err(unsupported("旧版 Office 的其他文档", "another kind of old Office document"));
    };
    let mut records = Vec::new();
    file.open_stream(stream)
        .and_then(|s| s.take(limits.unpacked_bytes).read_to_end(&mut records))
        .map_err(|e| corrupt("Workbook", e))?;
    check_records(&records, limits)
}

const RECORD_BEGIN: u16 = 0x0809;
const RECORD_END: u16 = 0x000a;
const RECORD_PASSWORD: u16 = 0x002f;
/// Records that hold cells and begin with row and column.
const RECORDS_OF_CELLS: [u16; 9] = [0x0203, 0x027e, 0x00bd, 0x00fd, 0x0204, 0x0006, 0x0205, 0x0201, 0x00be];

fn check_records(records: &[u8], limits: &Limits) -> Result<(), FileFault> {
    let word = |at: usize| records.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    let (mut at, mut area) = (0usize, 0u64);
    let mut corners: Option<(u16, u16, u16, u16)> = None;
    while let (Some(kind), Some(length)) = (word(at), word(at + 2)) {
        match kind {
            RECORD_PASSWORD if length >= 2 && word(at + 4) != Some(0) => return Err(FileFault::PasswordProtected),
            RECORD_BEGIN | RECORD_END => {
                if let Some((top, left, bottom, right)) = corners.take() {
                    area += (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1);
                }
            }
            _ if RECORDS_OF_CELLS.contains(&kind) && length >= 4 => {
                if let (Some(row), Some(column)) = (word(at + 4), word(at + 6)) {
                    let (top, left, bottom, right) = corners.unwrap_or((row, column, row, column));
                    corners = Some((top.min(row), left.min(column), bottom.max(row), right.max(column)));
                }
            }
            _ => {}
        }
        at += 4 + usize::from(length);
    }
    if area > limits.cells {
        return Err(FileFault::TooLarge { measure: Measure::Cells, found: area, limit: limits.cells });
    }
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<Decoded, FileFault> {
    for (mark, encoding, name) in [
        (b"\xff\xfe".as_slice(), encoding_rs::UTF_16LE, "UTF-16LE"),
        (b"\xfe\xff".as_slice(), encoding_rs::UTF_16BE, "UTF-16BE"),
    ] {
        if let Some(rest) = bytes.strip_prefix(mark) {
            let text = encoding
                .decode_without_bom_handling_and_without_replacement(rest)
                .ok_or_else(|| corrupt("text", format!("not {name}")))?;
            return Ok(Decoded { text: text.into_owned(), encoding: name });
        }
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(unsupported("无法识别的二进制文件", "a binary file of unknown kind"));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded { text: text.to_owned(), encoding: "UTF-8" });
    }
    match encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(Decoded { text: text.into_owned(), encoding: "GB18030" }),
        None => Err(FileFault::Corrupt {
            part: "text".to_owned(),
            detail: "neither UTF-8 nor GB18030 / 既不是 UTF-8 也不是 GB18030".to_owned(),
        }),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}
