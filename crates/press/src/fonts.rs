//! Finds the fonts of the system, once. Official documents ask for 小标宋, 仿宋, 黑体 and 楷体; where
//! a machine has them they are used, and Debian's Noto fonts stand in for each otherwise.

use crate::DocumentFault;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use typst::foundations::Bytes;
use typst::text::Font;

/// Folders where Debian, other Linux systems and a user keep fonts.
const FOLDERS: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];
/// Folders below the user's own.
const HOME_FOLDERS: [&str; 2] = [".local/share/fonts", ".fonts"];

/// Parts of file names that are worth opening, in lower case without blanks. Opening every font of
/// a desktop would take seconds.
const FILES: [&str; 16] = [
    "notoserifcjk",
    "notosanscjk",
    "sourcehanserif",
    "sourcehansans",
    "fzxbs",
    "xiaobiaosong",
    "小标宋",
    "simfang",
    "fangsong",
    "仿宋",
    "simhei",
    "simkai",
    "kaiti",
    "simsun",
    "fandol",
    "wqy",
];

/// Families by part of an official document, the prescribed one first, stand-ins after it.
const TITLE: &[&str] = &["FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK"];
const BODY: &[&str] = &["FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "FandolFang R"];
const SECTION: &[&str] =
    &["SimHei", "黑体", "FandolHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei"];
const SUBSECTION: &[&str] = &["KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "FandolKai"];
/// What stands in for any of them.
const STAND_INS: &[&str] =
    &["Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "Noto Sans CJK SC", "WenQuanYi Zen Hei"];

/// The fonts of the system and which family plays which part.
pub struct Fonts {
    /// Every font that was loaded.
    pub fonts: Vec<Font>,
    /// 小标宋: titles and the issuing body's head.
    pub title: String,
    /// 仿宋: body.
    pub body: String,
    /// 黑体: first-level headings, table heads.
    pub section: String,
    /// 楷体: second-level headings.
    pub subsection: String,
}

impl Fonts {
    /// The fonts of this machine, read at the first call. A machine without Chinese fonts is asked
    /// again at the next call, so that installing the package helps without a restart.
    pub fn shared() -> Result<&'static Self, DocumentFault> {
        static SHARED: OnceLock<Fonts> = OnceLock::new();
        if let Some(fonts) = SHARED.get() {
            return Ok(fonts);
        }
        let found = Self::search(&folders())?;
        Ok(SHARED.get_or_init(|| found))
    }

    /// Fonts below the folders.
    pub fn search(folders: &[PathBuf]) -> Result<Self, DocumentFault> {
        let mut files = Vec::new();
        folders.iter().for_each(|folder| collect(folder, 6, &mut files));
        files.sort();
        let fonts: Vec<Font> = files.iter().flat_map(|file| load(file)).collect();
        let family = |wanted: &[&str]| -> Option<String> {
            let mut names = wanted.iter().chain(STAND_INS);
            names.find(|name| fonts.iter().any(|f| f.info().family.as_str() == **name)).map(|name| (*name).to_owned())
        };
        match (family(TITLE), family(BODY), family(SECTION), family(SUBSECTION)) {
            (Some(title), Some(body), Some(section), Some(subsection)) => {
                Ok(Self { title, body, section, subsection, fonts })
            }
            _ => Err(DocumentFault::NoChineseFont {
                searched: folders.iter().map(|folder| folder.display().to_string()).collect(),
            }),
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let own = home.iter().flat_map(|home| HOME_FOLDERS.iter().map(move |folder| home.join(folder)));
    FOLDERS.iter().map(PathBuf::from).chain(own).collect()
}

/// Font files below a folder whose name is worth opening; a folder that cannot be read has none.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, files);
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let plain: String = name.chars().filter(|c| !matches!(c, ' ' | '-' | '_')).collect();
        let font = [".ttf", ".otf", ".ttc"].iter().any(|end| plain.ends_with(end));
        if font && FILES.iter().any(|part| plain.contains(part)) {
            files.push(path);
        }
    }
}

/// The faces of a file that some part may use. A collection holds a face per region; only the
/// simplified Chinese ones are kept, and they share the file's bytes.
fn load(file: &Path) -> Vec<Font> {
    let Ok(bytes) = std::fs::read(file) else { return Vec::new() };
    let known = |font: &Font| {
        [TITLE, BODY, SECTION, SUBSECTION, STAND_INS].iter().any(|list| list.contains(&font.info().family.as_str()))
    };
    Font::iter(Bytes::new(bytes)).filter(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_chinese_font_the_error_names_the_package_and_the_folders() {
        let empty = tempfile::tempdir().unwrap();
        let fault = Fonts::search(&[empty.path().to_owned()]).err().expect("no fonts there");
        assert_eq!(fault.code(), "no_chinese_font");
        for text in [fault.to_string(), fault.zh()] {
            assert!(text.contains("fonts-noto-cjk") && text.contains(&*empty.path().to_string_lossy()), "{text}");
        }
    }

    #[test]
    fn every_part_of_a_document_has_a_family_that_is_loaded() {
        let fonts = Fonts::shared().unwrap();
        for part in [&fonts.title, &fonts.body, &fonts.section, &fonts.subsection] {
            assert!(fonts.fonts.iter().any(|font| font.info().family.as_str() == part), "{part}");
        }
    }
}
