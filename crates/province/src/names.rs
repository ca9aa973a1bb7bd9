//! Invented firm names: region, a brand of rare syllables, what the firm makes, legal form. A deny
//! list keeps real brands out; the syllables are chosen so that well-known ones hardly arise.

use crate::draw::Draw;

/// Real brands and firms that no invented name may contain.
pub const DENIED: [&str; 195] = [
    "海尔",
    "海信",
    "青啤",
    "魏桥",
    "万华",
    "浪潮",
    "潍柴",
    "歌尔",
    "重汽",
    "山钢",
    "济钢",
    "莱钢",
    "日钢",
    "鲁花",
    "金锣",
    "双星",
    "赛轮",
    "玲珑",
    "三角",
    "恒力",
    "京博",
    "利华益",
    "东明",
    "晨鸣",
    "太阳纸",
    "华泰",
    "博汇",
    "如意",
    "鲁泰",
    "孚日",
    "即发",
    "红领",
    "酷特",
    "豪迈",
    "雷沃",
    "福田",
    "山推",
    "临工",
    "时风",
    "五征",
    "盛瑞",
    "富源",
    "晨曦",
    "恒逸",
    "东岳",
    "鲁西",
    "史丹利",
    "金正大",
    "鲁北",
    "海科",
    "石大",
    "科达",
    "迪尚",
    "威高",
    "光威",
    "新和成",
    "齐鲁制药",
    "鲁抗",
    "瑞阳",
    "罗欣",
    "绿叶",
    "荣昌",
    "步长",
    "福瑞达",
    "华熙",
    "阿胶",
    "景芝",
    "孔府",
    "古贝春",
    "泰山",
    "得利斯",
    "佳士博",
    "新郎",
    "希努尔",
    "仙坛",
    "益生",
    "民和",
    "凤祥",
    "六和",
    "南山",
    "信发",
    "宏桥",
    "裕龙",
    "国瓷",
    "科瑞",
    "杰瑞",
    "中集",
    "张裕",
    "威龙",
    "积成",
    "神思",
    "中车",
    "比亚迪",
    "华为",
    "小米",
    "格力",
    "美的",
    "联想",
    "茅台",
    "五粮液",
    "伊利",
    "蒙牛",
    "奇瑞",
    "吉利",
    "长城",
    "宝钢",
    "鞍钢",
    "石化",
    "石油",
    "国网",
    "国家电网",
    "澳柯玛",
    "软控",
    "特锐德",
    "汉缆",
    "世纪阳光",
    "蓝帆",
    "英科",
    "齐峰",
    "鲁阳",
    "兖矿",
    "招金",
    "新矿",
    "山能",
    "乐化",
    "元利",
    "英轩",
    "盛泰",
    "七星",
    "华电",
    "国电",
    "大唐",
    "华能",
    "三一",
    "中联",
    "徐工",
    "柳工",
    "海螺",
    "中建",
    "中铁",
    "中粮",
    "中国",
    "国药",
    "华润",
    "万达",
    "恒大",
    "碧桂园",
    "万科",
    "腾讯",
    "阿里",
    "百度",
    "京东",
    "字节",
    "宁德",
    "隆基",
    "通威",
    "晶澳",
    "天合",
    "阳光电源",
    "金风",
    "远景",
    "明阳",
    "三安",
    "京东方",
    "中兴",
    "富士康",
    "立讯",
    "大疆",
    "海康",
    "大华",
    "科大讯飞",
    "同方",
    "紫光",
    "长虹",
    "康佳",
    "创维",
    "苏泊尔",
    "九阳",
    "老板",
    "方太",
    "双汇",
    "雨润",
    "娃哈哈",
    "农夫",
    "康师傅",
    "统一",
    "旺旺",
    "李宁",
    "安踏",
    "特步",
    "鸿星",
    "森马",
    "波司登",
    "海澜",
    "雅戈尔",
];

const FIRST: &str = "砚岑峤沅珩榆槿樾汀沚洄漪澈霁霖暄昱晏晗翊翎翀骐骁鹄蔚苒芷蘅蓁菡稷黍垚岚嵘湉溆滢潋濯烁煦燊琮琰瑄璟";
const SECOND: &str = "砺砥铄铎锴镒铨镝矗屹碣磐崧巍崎岐峋峣嶂嶙彧彰徽怀恪恺慧懿抒拓挚捷攸敏旃旌昀昶晟晔曜朔杞枢柏栎";
const THIRD: &str = "尔诺格维德森拓纳科泽凯沃普迪伦索";

/// What firms of a GB/T 4754 division call their business, with the division's weight in the
/// province (invented) and its energy and emission intensity relative to the mean.
pub struct Trade {
    /// Two digits.
    pub division: &'static str,
    /// Endings of the name before the legal form.
    pub words: &'static [&'static str],
    /// Share of firms.
    pub weight: f64,
    /// Energy and emissions per value added, relative.
    pub intensity: f64,
    /// R&D share, relative.
    pub research: f64,
}

const fn trade(
    division: &'static str,
    words: &'static [&'static str],
    weight: f64,
    intensity: f64,
    research: f64,
) -> Trade {
    Trade { division, words, weight, intensity, research }
}

/// Manufacturing (section C), ascending.
pub const TRADES: [Trade; 31] = [
    trade("13", &["粮油", "饲料", "农产品加工", "肉食品"], 7.0, 0.7, 0.4),
    trade("14", &["食品", "乳品", "调味品", "烘焙食品"], 4.0, 0.7, 0.6),
    trade("15", &["饮料", "酒业", "茶业"], 1.5, 0.8, 0.4),
    trade("16", &["烟叶加工"], 0.1, 0.5, 0.3),
    trade("17", &["纺织", "棉纺", "织造", "家纺"], 6.0, 1.2, 0.6),
    trade("18", &["服装", "服饰", "制衣"], 3.0, 0.3, 0.4),
    trade("19", &["皮革", "鞋业", "箱包"], 1.0, 0.5, 0.4),
    trade("20", &["木业", "板材", "木制品"], 5.0, 0.6, 0.3),
    trade("21", &["家具", "家居", "木器"], 2.0, 0.3, 0.5),
    trade("22", &["纸业", "纸制品", "包装材料"], 2.5, 2.2, 0.6),
    trade("23", &["印务", "彩印", "包装印刷"], 1.8, 0.4, 0.5),
    trade("24", &["文体用品", "工艺品", "玩具"], 1.8, 0.3, 0.5),
    trade("25", &["能源化工", "焦化"], 0.4, 3.5, 0.6),
    trade("26", &["化工", "精细化工", "新材料", "化学制品"], 8.0, 2.6, 1.1),
    trade("27", &["药业", "生物医药", "制药"], 2.2, 0.7, 2.4),
    trade("28", &["化纤", "纤维材料"], 0.7, 1.6, 1.0),
    trade("29", &["橡塑", "塑料", "塑胶制品", "橡胶制品"], 7.0, 0.7, 0.7),
    trade("30", &["建材", "玻璃", "陶瓷", "混凝土", "耐火材料"], 8.5, 2.8, 0.5),
    trade("31", &["特钢", "钢管", "铸造"], 1.6, 4.5, 0.7),
    trade("32", &["铝业", "铜业", "有色金属"], 1.5, 3.2, 0.8),
    trade("33", &["金属制品", "五金", "紧固件", "钢结构"], 8.0, 0.7, 0.8),
    trade("34", &["机械", "通用设备", "泵业", "轴承", "阀门"], 9.0, 0.5, 1.3),
    trade("35", &["装备", "专用设备", "矿山机械", "农业装备"], 7.0, 0.4, 1.7),
    trade("36", &["汽车零部件", "车桥", "车辆配件"], 4.0, 0.6, 1.3),
    trade("37", &["船舶配套", "轨道装备", "车辆制造"], 0.9, 0.5, 1.5),
    trade("38", &["电气", "电器", "线缆", "变压器"], 5.0, 0.4, 1.5),
    trade("39", &["电子", "光电", "微电子"], 2.5, 0.3, 2.4),
    trade("40", &["仪器仪表", "测控技术", "传感器"], 1.3, 0.2, 2.6),
    trade("41", &["日用制品", "新型制品"], 0.8, 0.4, 0.5),
    trade("42", &["再生资源", "资源循环利用"], 1.2, 1.1, 0.5),
    trade("43", &["机电维修", "设备维修"], 0.7, 0.2, 0.4),
];

/// Utilities (section D).
pub const UTILITIES: [Trade; 3] = [
    trade("44", &["热力", "热电", "新能源发电"], 5.0, 5.0, 0.1),
    trade("45", &["燃气", "天然气"], 3.0, 0.8, 0.1),
    trade("46", &["供水", "水务", "污水处理"], 3.0, 1.2, 0.1),
];

/// The trade of that GB/T 4754 class or division code.
pub fn trade_of(code: &str) -> &'static Trade {
    TRADES.iter().chain(&UTILITIES).find(|t| code.starts_with(t.division)).expect("firms are made of these trades only")
}

/// True when a name contains a real brand.
pub fn is_denied(name: &str) -> bool {
    DENIED.iter().any(|brand| name.contains(brand))
}

fn syllable(draw: &mut Draw, pool: &str) -> char {
    let at = draw.below(pool.chars().count());
    pool.chars().nth(at).expect("drawn below the length")
}

/// A brand of two characters, or of three for one firm in four.
pub fn brand(draw: &mut Draw) -> String {
    let mut out = String::new();
    out.push(syllable(draw, FIRST));
    out.push(syllable(draw, SECOND));
    if draw.chance(0.25) {
        out.push(syllable(draw, THIRD));
    }
    out
}

/// The brand with its second character changed: a near-duplicate.
pub fn near_brand(draw: &mut Draw, brand: &str) -> String {
    let mut chars: Vec<char> = brand.chars().collect();
    let before = chars[1];
    while chars[1] == before {
        chars[1] = syllable(draw, SECOND);
    }
    chars.into_iter().collect()
}

/// A whole name with one syllable of its brand changed.
pub fn near_name(draw: &mut Draw, name: &str) -> String {
    let mut chars: Vec<char> = name.chars().collect();
    let at = chars.iter().position(|c| SECOND.contains(*c)).expect("every name has a brand of these syllables");
    let before = chars[at];
    while chars[at] == before {
        chars[at] = syllable(draw, SECOND);
    }
    chars.into_iter().collect()
}

/// The parts of a firm's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameParts {
    /// 昌乐, 潍坊 or 山东.
    pub region: String,
    /// 砚砺.
    pub brand: String,
    /// 机械.
    pub trade: &'static str,
    /// 有限公司.
    pub form: &'static str,
}

impl NameParts {
    /// The whole name.
    pub fn full(&self) -> String {
        format!("{}{}{}{}", self.region, self.brand, self.trade, self.form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Purpose;
    use std::collections::BTreeSet;

    #[test]
    fn syllables_do_not_repeat_and_belong_to_no_denied_pair() {
        for pool in [FIRST, SECOND, THIRD] {
            let distinct: BTreeSet<char> = pool.chars().collect();
            assert_eq!(distinct.len(), pool.chars().count(), "{pool}");
        }
        for first in FIRST.chars() {
            for second in SECOND.chars() {
                assert!(!is_denied(&format!("{first}{second}")), "{first}{second}");
            }
        }
    }

    #[test]
    fn a_near_brand_differs_in_one_character() {
        let mut draw = Draw::new(1, Purpose::Firm, 1);
        for _ in 0..100 {
            let one = brand(&mut draw);
            let other = near_brand(&mut draw, &one);
            assert_eq!(one.chars().zip(other.chars()).filter(|(a, b)| a != b).count(), 1);
        }
    }
}
