// Invented answers for the pages of imports, firms, sheets, land, objections, measures, publications,
// schemes, articles, accounts and audit, so that they can be seen and worked on without a server.
// Development only: never part of the shipped app. All firms, figures and documents are invented.

/** A question to the mock. */
export interface Asked {
  method: string
  /** Path without `/api`, such as `/firms/12`. */
  path: string
  query: URLSearchParams
  body: any
}

/** Its answer; nothing when the path belongs to another mock. */
export interface Answered {
  status?: number
  body?: unknown
  /** A file instead of JSON. */
  text?: string
  type?: string
}

const label = (zh: string, en: string) => ({ zh, en })
const county = { code: '370783', name: '寿光市', level: 'county', parent: '370700' }
const divisions = [
  { code: '370000', name: '山东省', level: 'province', parent: null },
  { code: '370700', name: '潍坊市', level: 'city', parent: '370000' },
  county,
]

/** Small repeatable draw. */
function draw(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

const random = draw(7)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const HEADS = ['启衡', '泽川', '禾谷', '澄屿', '铭岳', '东屏', '朗汀', '砚北', '槐序', '青筑', '岱霖', '汇垚', '沐衡', '霁川', '屿桐', '临弥']
const CORES = ['精密传动', '铝材', '食品机械', '家纺', '农机', '热力', '橡塑', '化工', '智能装备', '纸业', '生物科技', '电子材料']
const TOWNS = ['圣城街道', '洛城街道', '文家街道', '羊口镇', '台头镇', '田柳镇']
const INDUSTRIES: [string, string][] = [
  ['3453', '齿轮及齿轮减、变速箱制造'],
  ['3252', '铝压延加工'],
  ['3531', '食品、酒、饮料及茶生产专用设备制造'],
  ['1771', '床上用品制造'],
  ['3572', '机械化农业及园艺机具制造'],
  ['2221', '机制纸及纸板制造'],
  ['2614', '有机化学原料制造'],
]
const CLASSES = ['A', 'B', 'B', 'B', 'C', 'D']
const CODE = '0123456789ABCDEFGHJKLMNPQRTUWXY'

function code(): string {
  let out = '91370783MA'
  for (let i = 0; i < 8; i++) out += CODE[Math.floor(random() * CODE.length)]
  return out
}

const firms = Array.from({ length: 160 }, (_, i) => {
  const [industry, industry_name] = pick(INDUSTRIES)
  return {
    id: i + 1,
    credit_code: i % 37 === 9 ? null : code(),
    name: `${HEADS[i % HEADS.length]}${CORES[(i * 7) % CORES.length]}有限公司（示例${i + 1}）`,
    division: county,
    town: pick(TOWNS),
    industry,
    industry_name,
    founded: `20${String(2 + (i % 20)).padStart(2, '0')}-0${1 + (i % 9)}-1${i % 9}`,
    class: i % 11 === 5 ? null : { year: 2024, class: pick(CLASSES) },
  }
})

const scheme = {
  id: 'shandong-demo-county-2025',
  version: 1,
  title: label('演示县工业企业亩产效益综合评价办法', 'Demo county: evaluation of industrial firms per mu'),
  document: '演示政发〔2025〕1号',
  from: '2025-03-01',
  digest: 'b1946ac92492d2347c6235b4d2611184d4f1b8a6a0c9e2c6a5d1f4f1e2a7c3b9',
  unverified: 3,
  advisory: false,
}
const schemes = [
  scheme,
  { ...scheme, id: 'huancui-2024', version: 2, title: label('环翠区工业企业综合评价（2024）', 'Huancui district 2024'), document: '威环政办字〔2024〕8号', from: '2024-01-01', unverified: 0 },
  { ...scheme, id: 'maanshan-2023', version: 1, title: label('马鞍山市亩均效益评价（2023）', 'Ma’anshan 2023'), document: '马政办〔2023〕12号', from: '2023-06-01', unverified: 7, advisory: true },
]

const TEMPLATES: [string, string, string, string][] = [
  ['tax', '税收', 'Tax', 'tax'],
  ['land', '宗地与租赁', 'Parcels and leases', 'land'],
  ['power', '用电', 'Power', 'power'],
  ['environment', '排放', 'Emissions', 'environment'],
  ['statistics', '统计', 'Statistics', 'statistics'],
  ['science', '科技资质', 'Science titles', 'science'],
]

const counts = (rows: number, doubtful: number, unknown: number, refused_rows: number, refused_cells: number) => ({
  rows,
  matched: rows - doubtful - unknown - refused_rows,
  doubtful,
  unknown,
  refused_rows,
  refused_cells,
  new: rows * 2 - refused_cells,
  changed: 14,
  unchanged: 230,
})

const action = (name: string, zh: string, en: string, needs_reason = true, blocked: any[] = []) => ({
  action: name,
  title: label(zh, en),
  blocked_by: blocked,
  needs_reason,
})

const faultKinds: [string, string, string, any, any][] = [
  ['F812', '１２．３.４', 'not_a_number', label('不是数字', 'Not a number'), label('数字，如 844.05', 'A number, such as 844.05')],
  ['D77', '-3.20', 'below_min', label('土地面积为负', 'Land area is negative'), label('不小于 0 亩', 'At least 0 mu')],
  ['B1203', '91370783MA3O5XYI8K', 'credit_code_character', label('统一社会信用代码含字母 O 或 I', 'The credit code has the letter O or I'), label('18 位，不含 I、O、S、V、Z', '18 characters without I, O, S, V, Z')],
  ['G45', '#DIV/0!', 'formula_error', label('公式出错', 'Formula error'), label('公式的结果，或直接写数字', 'The result of the formula, or the number itself')],
  ['A98', '启衡精密传动有限公司', 'duplicate_subject', label('同一企业出现两行', 'The firm has two rows'), label('每家企业一行；请确认哪一行有效', 'One row a firm; say which one holds')],
]

const faults = Array.from({ length: 64 }, (_, i) => {
  const [cell, value, faultCode, message, allowed] = faultKinds[i % faultKinds.length]!
  return { sheet: i % 3 ? '明细' : '2025年入库', cell: cell.replace(/\d+/, (n) => String(Number(n) + i * 3)), value, code: faultCode, message, allowed }
})

function importOf(id: number, template: number, state: string) {
  const [name, zh, en] = TEMPLATES[template]!
  return {
    id,
    evaluation: 1,
    template: name,
    title: label(zh, en),
    file: `${zh}2025（各科室汇总）最终版2.xlsx`,
    digest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    bytes: 1_843_220 + id * 7_001,
    state,
    progress: state === 'reading' ? { stage: 'matching', done: 1830, total: 3012 } : null,
    counts: counts(3012, template === 0 ? 12 : 0, 9, 6, 64),
    refusal:
      state === 'refused'
        ? { sheet: null, cell: '', value: '密码保护', code: 'password', message: label('工作簿设有打开密码', 'The workbook is protected by a password'), allowed: label('不设密码的 .xlsx、.xls 或 .csv', 'An .xlsx, .xls or .csv without password') }
        : null,
    columns: [
      { sheet: '明细', column: 'B', head: '统一社会信用代码（18位）', taken_as: label('信用代码', 'Credit code'), conversion: null },
      { sheet: '明细', column: 'C', head: '纳税人名称', taken_as: label('企业名称', 'Firm name'), conversion: null },
      { sheet: '明细', column: 'F', head: '入库税额合计(元)', taken_as: label('实缴税金', 'Tax paid'), conversion: '元 → 万元' },
      { sheet: '明细', column: 'G', head: '免抵调库额（万元）', taken_as: label('免抵调库', 'Export credit'), conversion: null },
      { sheet: '明细', column: 'H', head: '备注', taken_as: label('不采用', 'Not used'), conversion: null },
    ],
    notes: [
      label('跳过第 1 至 3 行的标题', 'Rows 1 to 3 are a title and were passed over'),
      label('第 3016 行是合计，与明细之和相符', 'Row 3016 is a total and agrees with the rows'),
      label('“入库税额合计”按表头声明由元换算为万元', 'Tax was converted from yuan to 10,000 yuan as its head declares'),
    ],
    faults: state === 'refused' ? [] : faults,
    faults_total: state === 'refused' ? 0 : 64,
    created: { by: '税务局数据员', at: '2026-02-14T01:22:10Z' },
    accepted: state === 'accepted' ? { by: '工信局综合科', at: '2026-02-15T02:10:00Z' } : null,
    actions:
      state === 'waiting'
        ? [
            action('accept', '接收', 'Accept', true, template === 0 && openDoubts() > 0 ? [label(`还有 ${openDoubts()} 行疑似未核定`, `${openDoubts()} doubtful rows are not settled`)] : []),
            action('withdraw', '撤回', 'Withdraw'),
          ]
        : state === 'accepted'
          ? [action('withdraw', '撤回', 'Withdraw')]
          : [],
  }
}

const doubts = Array.from({ length: 12 }, (_, i) => {
  const a = firms[i * 3]!
  const b = firms[i * 3 + 16]!
  const written = a.name.replace('衡', '恒').replace('有限公司', i % 2 ? '公司' : '有限责任公司')
  return {
    id: i + 1,
    place: `明细!${40 + i * 17}`,
    name: written,
    code: i % 3 === 0 ? '' : `${(a.credit_code ?? '').slice(0, 16)}8K`,
    address: `寿光市${a.town}工业路${12 + i}号`,
    why: i % 3 === 0 ? label('未写信用代码，名称与两家相近', 'No credit code; the name is close to two firms') : label('信用代码校验位不符', 'The check digit of the credit code is wrong'),
    candidates: [a, b, ...(i % 4 === 0 ? [firms[i + 60]!] : [])].map((f, n) => ({
      firm: f.id,
      name: f.name,
      credit_code: f.credit_code,
      address: `山东省寿光市${f.town}工业路${12 + i + n * 3}号`,
      confidence: [0.93, 0.71, 0.4][n]!,
      reasons: n === 0 ? [label('名称一字之差', 'The name differs by one character'), label('同一镇街', 'Same town')] : [label('字号相同', 'Same trade name')],
    })),
    decision: (i === 1 ? String(b.id) : i === 4 ? 'none' : null) as string | null,
  }
})
const openDoubts = () => doubts.filter((d) => d.decision === null).length

let imports = [importOf(7, 0, 'waiting'), importOf(6, 1, 'accepted'), importOf(5, 3, 'reading'), importOf(4, 4, 'refused'), importOf(3, 2, 'accepted')]
const templateIndex = (name: string) => TEMPLATES.findIndex((t) => t[0] === name)
const fresh = () => imports.map((i) => ({ ...importOf(i.id, templateIndex(i.template), i.state), file: i.file }))

const classCounts = (a: number, b: number, c: number, d: number) => {
  const all = a + b + c + d
  return [
    { class: 'A', title: label('优先发展', 'Priority'), count: a, share: a / all },
    { class: 'B', title: label('支持发展', 'Supported'), count: b, share: b / all },
    { class: 'C', title: label('提升发展', 'To improve'), count: c, share: c / all },
    { class: 'D', title: label('限制发展', 'Restricted'), count: d, share: d / all },
  ]
}

const clock = { from: '2026-05-06', until: '2026-05-12T16:00:00Z', day: 3, days: 5, working: true, elapsed: false }

const evaluationRow = {
  id: 1,
  division: county,
  year: 2025,
  state: 'notice',
  state_title: label('公示', 'Notice'),
  scheme: scheme.title,
  classes: classCounts(591, 1627, 592, 148),
}

const run = (id: number, kind: string, previous: number | null) => ({
  id,
  kind,
  at: '2026-05-04T02:00:00Z',
  by: '工信局综合科',
  result: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  snapshot: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
  engine: '0.1.0',
  previous,
  classes: classCounts(591, 1627, 592, 148),
})

const evaluation = () => ({
  row: evaluationRow,
  version: 9,
  scheme,
  stages: [
    { id: 'collecting', title: label('数据', 'Data'), state: 'done', detail: label('6/6', '6/6') },
    { id: 'confirming', title: label('一企一表', 'Sheets'), state: 'done', detail: label('', '') },
    { id: 'frozen', title: label('冻结', 'Frozen'), state: 'done', detail: label('', '') },
    { id: 'trial', title: label('试算', 'Trial'), state: 'done', detail: label('', '') },
    { id: 'notice', title: label('公示', 'Notice'), state: 'now', detail: label('第 3/5 个工作日', 'working day 3 of 5') },
    { id: 'final', title: label('终评', 'Final'), state: 'ahead', detail: label('', '') },
  ],
  deliveries: TEMPLATES.map(([template, zh, en, department], i) => {
    const mine = fresh().find((x) => x.template === template)
    return {
      template,
      title: label(zh, en),
      department,
      state: !mine ? 'missing' : mine.state === 'refused' ? 'missing' : mine.state,
      import: mine?.id ?? null,
      at: mine?.accepted?.at ?? null,
      counts: mine?.counts ?? null,
      order: i,
    }
  }),
  sheets: { total: 3000, confirmed: 2411, disputed: 6 },
  snapshot: run(2, 'notice', 1).snapshot,
  stale: false,
  runs: [run(2, 'rerun', 1), run(1, 'trial', null)],
  notice: clock,
  objections: { filed: 1, answered: 1, accepted: 1, rejected: 1 },
  actions: [action('rerun', '整体重算', 'Run again')],
  history: [{ at: '2026-05-06T01:00:00Z', by: '工信局综合科', title: label('开始公示', 'Notice opened'), reason: '试算核对无误' }],
})

const source = (department: string, cell: string, reason = '') => ({
  department,
  file: `${department}2025.xlsx`,
  cell,
  received_at: '2026-02-14T01:22:10Z',
  reason,
})

const fact = (id: string, zh: string, en: string, unitZh: string, unitEn: string, value: string | null, department: string, cell: string, extra: object = {}) => ({
  id,
  title: label(zh, en),
  unit: label(unitZh, unitEn),
  value,
  valid: null,
  source: value === null ? null : source(department, cell),
  versions: 1,
  state: 'open',
  used: true,
  ...extra,
})

function sheetOf(id: number) {
  const firm = firms[id - 1]!
  return {
    firm,
    evaluation: 1,
    year: 2025,
    groups: [
      { department: 'tax', title: label('税务', 'Tax'), facts: [fact('tax_paid', '实缴税金', 'Tax paid', '万元', '10,000 yuan', '844.05', 'tax', '明细!F812', { versions: 2, state: 'confirmed' }), fact('export_credit_tax', '免抵调库', 'Export credit', '万元', '10,000 yuan', '0', 'tax', '明细!G812', { state: 'confirmed' })] },
      { department: 'land', title: label('自然资源', 'Natural resources'), facts: [fact('parcel_area', '宗地面积', 'Parcel area', '亩', 'mu', '40.00', 'land', '宗地!D77', { state: 'confirmed' }), fact('lease_area', '租赁面积', 'Leased area', '亩', 'mu', '6.00', 'land', '租赁!E31', { state: 'disputed', versions: 1, dispute: '租赁合同已于七月变更，实际租用三亩。' })] },
      { department: 'power', title: label('供电', 'Power'), facts: [fact('power_use', '用电量', 'Power used', '千瓦时', 'kWh', '3184520', 'power', '2025!H19'), fact('utility_account', '户号', 'Account', '', '', '3070012345678', 'power', '2025!B19')] },
      { department: 'environment', title: label('生态环境', 'Environment'), facts: [fact('cod', '化学需氧量', 'COD', '吨', 't', '1.204', 'environment', 'Sheet1!D5'), fact('so2', '二氧化硫', 'SO₂', '吨', 't', null, 'environment', ''), fact('environment_accidents', '环境事件', 'Incidents', '起', 'count', '0', 'environment', 'Sheet1!K5')] },
      { department: 'statistics', title: label('统计', 'Statistics'), facts: [fact('revenue', '营业收入', 'Revenue', '万元', '10,000 yuan', '18832.6', 'statistics', '107-1!F90'), fact('energy', '综合能耗', 'Energy', '吨标煤', 'tce', '883.1', 'statistics', '205!C90'), fact('employees', '平均从业人员', 'Employees', '人', 'persons', '236', 'statistics', '107-1!K90'), fact('rd_expense', '研发费用', 'R&D', '万元', '10,000 yuan', '829.0', 'statistics', '107-1!M90', { versions: 3 })] },
      { department: 'science', title: label('科技', 'Science'), facts: [fact('high_tech', '高新技术企业', 'High-tech firm', '', '', 'true', 'science', '名单!A14', { valid: ['2023-11-29', '2026-11-28'] }), fact('rd_platform', '研发平台', 'R&D platform', '', '', '省级', 'science', '平台!B3', { valid: ['2022-01-01', null], used: false })] },
    ],
    land: {
      owned: '40.00',
      leased_in: '6.00',
      leased_out: '3.50',
      effective: '42.50',
      lines: [
        { kind: 'owned', parcel: '370783-104-0007', party: null, mu: '40.00', note: label('', ''), source: source('land', '宗地!D77') },
        { kind: 'leased_in', parcel: '370783-104-0012', party: firms[8]!.name, mu: '6.00', note: label('建筑面积 12,000 平方米 ÷ 3 层 ÷ 666.67', '12,000 m² of floor ÷ 3 floors ÷ 666.67'), source: source('land', '租赁!E31') },
        { kind: 'leased_out', parcel: '370783-104-0007', party: firms[21]!.name, mu: '-3.50', note: label('按租赁合同', 'By the lease'), source: source('land', '租赁!E44') },
      ],
      warnings: [label('宗地 370783-104-0012 租出面积之和超过宗地面积 0.40 亩', 'Leases on parcel 370783-104-0012 exceed it by 0.40 mu')],
    },
    state: id % 3 === 0 ? 'confirmed' : 'open',
    confirmed: id % 3 === 0 ? { by: '企业账户', at: '2026-03-02T03:00:00Z' } : null,
    actions: [action('settle', '办结疑义', 'Settle what is disputed'), action('confirm', '确认全部数据', 'Confirm all', false), action('dispute', '提出疑义', 'Dispute', false), action('object', '提出异议', 'Object', false)],
  }
}

const parcels = Array.from({ length: 90 }, (_, i) => {
  const area = 6 + ((i * 37) % 120) / 2
  const n = i % 4
  const leases = Array.from({ length: n }, (_, k) => {
    const counted = (area * (0.12 + 0.11 * k) * (i % 13 === 7 ? 3 : 1)).toFixed(2)
    const tenant = firms[(i * 5 + k * 11) % firms.length]!
    return { tenant: tenant.id, tenant_name: tenant.name, area: k % 2 ? null : counted, floor_area: k % 2 ? '4200' : null, floors: k % 2 ? '3' : null, counted, source: source('land', `租赁!E${30 + i}`) }
  })
  const leased = leases.reduce((a, l) => a + Number(l.counted), 0)
  const owner = i % 17 === 3 ? null : firms[i % firms.length]!
  return {
    code: `370783-104-${String(i + 1).padStart(4, '0')}`,
    owner: owner?.id ?? null,
    owner_name: owner?.name ?? '东屏置业管理处（示例）',
    area: i % 23 === 11 ? null : area.toFixed(2),
    leased: leased.toFixed(2),
    use_: i % 9 ? '工业用地' : null,
    leases,
    warnings: [...(leased > area ? [label(`租出合计超过宗地 ${(leased - area).toFixed(2)} 亩`, `Leases exceed the parcel by ${(leased - area).toFixed(2)} mu`)] : []), ...(owner ? [] : [label('权利人未匹配到企业', 'The owner is not matched to a firm')])],
    source: source('land', `宗地!D${70 + i}`),
  }
})

const objections = ['filed', 'answered', 'accepted', 'rejected', 'withdrawn'].map((state, i) => {
  const firm = firms[i * 4 + 2]!
  const title = { filed: label('待答复', 'To answer'), answered: label('待复核', 'To review'), accepted: label('成立', 'Accepted'), rejected: label('不成立', 'Rejected'), withdrawn: label('已撤回', 'Withdrawn') }[state]!
  return {
    id: i + 1,
    evaluation: 1,
    firm: firm.id,
    firm_name: firm.name,
    fact: 'lease_area',
    title: label('租赁面积', 'Leased area'),
    department: 'land',
    now: '6.00',
    claimed: '4.50',
    says: '租赁合同已于 2025 年 7 月变更，厂房退租一半，附变更协议。',
    state,
    state_title: title,
    file: i === 4 ? null : '租赁变更协议.pdf',
    answer: ['answered', 'accepted', 'rejected'].includes(state) ? { verdict: state === 'rejected' ? 'refuse' : 'agree', value: state === 'rejected' ? null : '4.50', says: '经现场核实，与变更协议相符。', by: '自然资源局数据员' } : null,
    events: [
      ...(state === 'accepted' ? [{ at: '2026-05-09T06:00:00Z', by: '工信局复核员', title: label('复核：成立', 'Review: accepted'), reason: '材料齐全' }] : []),
      ...(['answered', 'accepted', 'rejected'].includes(state) ? [{ at: '2026-05-08T02:00:00Z', by: '自然资源局数据员', title: label('部门答复', 'Answered'), reason: '经现场核实，与变更协议相符。' }] : []),
      { at: '2026-05-07T01:00:00Z', by: firm.name, title: label('提出异议', 'Filed'), reason: '租赁合同已变更' },
    ],
    version: 1,
    actions: state === 'filed' ? [action('answer', '答复', 'Answer'), action('withdraw', '撤回异议', 'Withdraw')] : state === 'answered' ? [action('accept', '复核：成立', 'Accept'), action('reject', '复核：不成立', 'Reject', true, [label('答复人与复核人不能是同一人', 'The one who answers may not review')])] : [],
  }
})

const measures = Array.from({ length: 120 }, (_, i) => {
  const firm = firms[i % firms.length]!
  const kind = i % 4
  const years = 1 + (i % 3)
  return {
    firm: firm.id,
    firm_name: firm.name,
    class: kind === 2 ? 'A' : kind === 3 ? 'C' : 'D',
    measure: ['power_surcharge', 'power_surcharge', 'credit_support', 'water_price'][kind]!,
    title: [label('差别化电价加价', 'Power surcharge'), label('差别化电价加价', 'Power surcharge'), label('优先授信', 'Credit support'), label('差别化水价', 'Water price')][kind]!,
    amount: kind === 2 ? null : ['0.1', '0.15', '', '0.2'][kind]!,
    unit: kind === 3 ? label('元/立方米', 'yuan/m³') : kind === 2 ? label('', '') : label('元/千瓦时', 'yuan/kWh'),
    years: kind < 2 ? years : null,
    instead: i % 19 === 4 ? label('惩罚性电价', 'Penalty price') : null,
    from: '2026-07-01',
    to: kind === 2 ? null : '2027-06-30',
    account: kind < 2 ? `30700${String(12345000 + i)}` : null,
    basis: kind === 2 ? null : '演示发改〔2025〕2号',
    display_only: kind === 2,
    cost: kind === 2 ? null : (31845.2 * (1 + (i % 7))).toFixed(2),
    unverified: i % 10 === 3 ? '执行期起始日未见原文，假设为公布后次月' : null,
  }
})

const heads = (weights: number[]) =>
  [
    ['tax_per_mu', '亩均税收', 'Tax per mu', '万元/亩', '10k yuan/mu'],
    ['sales_per_tce', '单位能耗销售', 'Sales per tce', '万元/吨标煤', '10k yuan/tce'],
    ['sales_per_pollutant', '单位排放销售', 'Sales per pollutant', '万元/吨', '10k yuan/t'],
    ['rd_intensity', '研发投入强度', 'R&D intensity', '%', '%'],
    ['productivity', '全员劳动生产率', 'Productivity', '万元/人', '10k yuan/person'],
  ].map(([id, zh, en, uz, ue], i) => ({ id: id!, title: label(zh!, en!), unit: label(uz!, ue!), decimals: 2, weight: weights[i]!, cap: i < 4 ? 1.5 : null, unverified: i === 2 }))

const schemeText = `# 演示县工业企业亩产效益综合评价
id: shandong-demo-county-2025
version: 1
title: { zh: 演示县工业企业亩产效益综合评价办法, en: Demo county evaluation }
cite: { document: 演示政发〔2025〕1号, articles: [16] }
in_force: { from: 2025-03-01 }

populations:
  - id: above_scale            # 规上工业企业
    include: above_scale AND industry_section = 'C'
    indicators:
      - { use: tax_per_mu, weight: 45, cap: 1.5, clause: 第五条 }
      - { use: sales_per_tce, weight: 20, cap: 1.5, clause: 第五条 }
      - use: sales_per_pollutant
        weight: 15
        cap: { value: 1.5, unverified: "原文未见，按同类县取值" }
    classing:
      shares: { A: 20%, B: 55%, C: 20%, D: 5% }
      rounding: floor
    ties: [ total, tax_per_mu ]

overrides:
  - { id: major_accident, when: safety_accidents > 0, class: D, clause: 第九条 }

notice: { working_days: 5 }
`

const schemeView = (ref: any) => ({
  scheme: ref,
  file: `law/cities/weifang/schemes/${ref.id}.yaml`,
  text: schemeText,
  division: county,
  years: [2025, null],
  unverified: ref.unverified
    ? [
        ['populations/above_scale/indicators/sales_per_pollutant/cap', '封顶倍数未见原文，假设与其他指标相同，为 1.5'],
        ['measures/power_surcharge/from', '执行期起始日未见原文，假设为公布后次月'],
        ['ties', '同分处理未见原文，假设按亩均税收高者在前'],
      ]
    : [],
  populations: [
    { id: 'above_scale', title: label('规上企业', 'Above scale'), ranked: 2958, classes: classCounts(591, 1627, 592, 148), cuts: [{ class: 'A', rank: 591, total: 84.02 }, { class: 'B', rank: 2218, total: 61.4 }, { class: 'C', rank: 2810, total: 40.1 }, { class: 'D', rank: 2958, total: 3.2 }], histogram: [], indicators: heads([45, 20, 15, 15, 5]) },
    { id: 'below_scale', title: label('规下企业', 'Below scale'), ranked: 611, classes: classCounts(122, 336, 122, 31), cuts: [], histogram: [], indicators: heads([70, 30, 0, 0, 0]).slice(0, 2) },
  ],
})

const publications = [
  { id: 3, division: county, year: 2025, kind: 'notice', at: '2026-05-06T01:00:00Z', notice: clock, scheme, classes: classCounts(591, 1627, 592, 148) },
  { id: 2, division: county, year: 2024, kind: 'final', at: '2025-06-20T01:00:00Z', notice: null, scheme: { ...scheme, unverified: 0 }, classes: classCounts(560, 1540, 561, 139) },
]
const publication = (id: number) => {
  const row = publications.find((p) => p.id === id)
  return row && {
    row,
    objections_to: label('演示县工业和信息化局运行科，电话 0536-0000000，或登录本系统提出', 'Demo county industry bureau, 0536-0000000, or sign in here'),
    snapshot: run(1, 'notice', null).snapshot,
    result: run(1, 'notice', null).result,
    engine: '0.1.0',
    firms: firms.map((f, i) => ({ name: f.name, credit_code: f.credit_code, town: f.town, population: i % 5 ? '规上企业' : '规下企业', class: i % 29 === 3 ? '不定' : CLASSES[i % CLASSES.length]! })),
  }
}

const ARTICLES: [string, string, number][] = [
  ['立法目的', 'Purpose', 1], ['发展方向与原则', 'Directions and principles', 4], ['规划、机制与监测', 'Plan, mechanism, monitoring', 9], ['产业清单与专家咨询', 'Industry lists and experts', 6], ['梯度培育与融通', 'Cultivation ladder', 5], ['产业链与链长', 'Chains and chain chiefs', 8], ['集群与开发区', 'Clusters and zones', 7], ['创新', 'Innovation', 10], ['人才与技能', 'People and skills', 12], ['项目与技术改造', 'Projects and upgrading', 8], ['数字化', 'Digital', 7], ['质量与标准', 'Quality and standards', 6], ['开放合作', 'Opening up', 5], ['绿色制造', 'Green manufacturing', 8], ['服务型制造', 'Service manufacturing', 5], ['要素与分类评价', 'Factors and evaluation', 7], ['用地保障', 'Land', 7], ['资金与金融', 'Money and finance', 8], ['服务与监督', 'Service and supervision', 9], ['施行', 'In force', 1],
]
const articles = ARTICLES.map(([zh, en, n], i) => {
  const number = i + 1
  const mechanisms = Array.from({ length: n }, (_, k) => {
    const live = (number === 16 && k === 2) || (number === 20 && k === 0)
    return { id: `M${String(number).padStart(2, '0')}-${k + 1}`, title: live ? (number === 16 ? label('亩产效益综合评价', 'Per-mu evaluation') : label('规则按时间生效', 'Rules in time')) : label(`${zh}机制${k + 1}`, `${en} ${k + 1}`), engine: 'rules', live, rules: live ? 9 : 0, cases: live ? 5 : 0, firms: live ? 3000 : 0, link: live ? (number === 16 ? '/evaluations' : '/schemes') : null }
  })
  const figures = number === 16 ? [2025, 2024, 2023, 2022].map((year) => ({ rule: schemes[0]!.id, title: schemes[0]!.title, level: 'province', year, cases: 1, firms: year === 2025 ? 0 : 3060, listed: 0, money: null, unit: label('', '') })) : number === 5 || number === 18 ? [['nation', 12, null], ['province', 9, '1286.5']].map(([level, cases, money]) => ({ rule: `${level}/policies/upgrade-interest`, title: label('技改专项贷贴息', 'Interest aid for upgrade loans'), level, year: 2026, cases, firms: cases, listed: money ? 7 : 0, money, unit: label('万元', 'CNY 10,000') })) : []
  return { number, title: label(zh, en), mechanisms, live: mechanisms.filter((m) => m.live).length, figures }
})

const accounts = [
  ['officer', '工信局综合科', 'county_officer', null], ['reviewer', '工信局复核员', 'county_officer', null], ['tax', '税务局数据员', 'department_owner', 'tax'], ['land', '自然资源局数据员', 'department_owner', 'land'], ['firm', '企业账户', 'firm', null], ['auditor', '审计员', 'auditor', null], ['system', '系统管理员', 'system_admin', null], ['security', '安全管理员', 'security_admin', null], ['audit', '审计管理员', 'audit_admin', null],
].map(([sign_in, name, role, department], i) => ({ id: i + 1, sign_in: sign_in!, name: name!, role: role!, division: county, department, firm: role === 'firm' ? 12 : null, locked_until: i === 2 ? '2026-05-07T03:30:00Z' : null, disabled: i === 5 }))

const ACTIONS = ['session.begin', 'firm.read', 'import.accept', 'sheet.confirm', 'evaluation.run_trial', 'evaluation.freeze', 'objection.answer']
const audit = Array.from({ length: 240 }, (_, i) => ({
  seq: 240 - i,
  at: new Date(Date.UTC(2026, 4, 7, 8, 0) - i * 61_000).toISOString(),
  actor: accounts[i % 5]!.sign_in,
  role: accounts[i % 5]!.role,
  action: ACTIONS[i % ACTIONS.length]!,
  subject: i % 2 ? `firm:${(i % 160) + 1}` : 'evaluation:1',
  detail: i % 3 ? { year: 2025, reason: '核对无误', rows: 3012 } : {},
  hash: ((i + 1) * 2654435761).toString(16).padStart(64, '7'),
}))

function page<T>(rows: T[], query: URLSearchParams) {
  const size = Number(query.get('size') ?? 50)
  const at = Number(query.get('page') ?? 1)
  return { rows: rows.slice((at - 1) * size, at * size), total: rows.length, page: at, size }
}

const found = (text: string | null, ...where: (string | null)[]) => !text || where.some((w) => w?.includes(text))

/** Answers a question of these features. */
export function answer({ method, path, query, body }: Asked): Answered | undefined {
  const q = query.get('q')
  let m: RegExpExecArray | null
  if (path === '/divisions') return { body: divisions }
  if (path === '/articles') return { body: articles }
  if (path === '/schemes') return { body: schemes }
  if (path === '/schemes/view' || path === '/public/schemes/view') return { body: schemeView(schemes.find((s) => s.id === query.get('id')) ?? scheme) }
  if (path === '/firms') return { body: page(firms.filter((f) => found(q, f.name, f.credit_code) && (!query.get('class') || f.class?.class === query.get('class'))), query) }
  if (path === '/firms/merge' || /^\/firms\/merge\/\d+\/undo$/.test(path)) return { body: { id: 1, gone: 40, gone_name: firms[39]!.name, reason: body?.reason ?? '', at: '2026-05-01T00:00:00Z' } }
  if ((m = /^\/firms\/(\d+)$/.exec(path))) {
    const firm = firms[Number(m[1]) - 1]
    if (!firm) return { status: 404, body: { code: 'not-found', message: label('没有这家企业', 'No such firm'), fields: [] } }
    return {
      body: {
        firm,
        address: `山东省寿光市${firm.town}工业路12号`,
        in_construction: false,
        risen_from: 2018,
        names: [{ name: firm.name, valid_from: '2021-03-01', reason: '变更登记' }, { name: firm.name.replace('有限公司', '厂'), valid_from: '2009-01-01', reason: '' }],
        classes: [2024, 2023, 2022, 2021].map((year, i) => ({ year, class: ['B', 'B', 'C', 'A'][i]! })),
        merged: firm.id % 2 ? [{ id: 1, gone: 40, gone_name: firms[39]!.name, reason: '同一企业的旧名称', at: '2026-01-12T01:00:00Z' }] : [],
        sheets: [1],
      },
    }
  }
  if (path === '/evaluations') return { body: [evaluationRow, { ...evaluationRow, id: 0, year: 2024 }] }
  if (/^\/evaluations\/\d+$/.test(path)) return { body: evaluation() }
  if ((m = /^\/evaluations\/(\d+)\/imports$/.exec(path))) {
    if (method === 'GET') return { body: fresh() }
    const next = importOf(imports.length + 10, Math.max(0, templateIndex(query.get('template') ?? 'tax')), 'waiting')
    imports = [next, ...imports]
    return { body: next }
  }
  if ((m = /^\/imports\/(\d+)$/.exec(path))) return { body: fresh().find((i) => i.id === Number(m![1])) ?? importOf(Number(m[1]), 0, 'waiting') }
  if (/^\/imports\/\d+\/doubts$/.test(path)) return { body: doubts }
  if ((m = /^\/imports\/\d+\/doubts\/(\d+)$/.exec(path))) {
    const doubt = doubts[Number(m[1]) - 1]!
    doubt.decision = body?.choose ?? null
    return { body: doubt }
  }
  if ((m = /^\/imports\/(\d+)\/(accept|withdraw)$/.exec(path))) {
    const one = imports.find((i) => i.id === Number(m![1]))!
    one.state = m[2] === 'accept' ? 'accepted' : 'withdrawn'
    return { body: importOf(one.id, templateIndex(one.template), one.state) }
  }
  if (/^\/evaluations\/\d+\/sheets$/.test(path)) {
    const rows = firms.filter((f) => found(q, f.name, f.credit_code)).map((firm) => ({ firm, state: firm.id % 3 === 0 ? 'confirmed' : firm.id % 41 === 5 ? 'disputed' : 'open' }))
    return { body: page(rows.filter((r) => !query.get('state') || r.state === query.get('state')), query) }
  }
  if ((m = /^\/evaluations\/\d+\/sheets\/(\d+)(\/confirm|\/dispute|\/settle)?$/.exec(path))) return { body: sheetOf(Number(m[1])) }
  if (/^\/evaluations\/\d+\/sheets\/\d+\/facts\/\w+$/.test(path)) {
    return {
      body: [
        { value: '844.05', source: source('tax', '明细!F812', '补缴入库'), current: true },
        { value: '840.95', source: source('tax', '明细!F809'), current: false },
        { value: null, source: { ...source('tax', ''), reason: '文件撤回' }, current: false },
      ],
    }
  }
  if (/^\/evaluations\/\d+\/parcels$/.test(path)) return { body: page(parcels.filter((p) => found(q, p.code, p.owner_name) && (query.get('warnings') !== 'true' || p.warnings.length)), query) }
  if (/^\/evaluations\/\d+\/objections$/.test(path)) return { body: method === 'GET' ? objections : objections[0] }
  if ((m = /^\/objections\/(\d+)\/actions\/\w+$/.exec(path))) return { body: objections[Number(m[1]) - 1] }
  if (/^\/runs\/\d+\/measures$/.test(path)) return { body: page(measures.filter((x) => found(q, x.firm_name, x.account) && (!query.get('measure') || x.measure === query.get('measure'))), query) }
  if (path === '/public/publications') return { body: publications }
  if ((m = /^\/public\/publications\/(\d+)$/.exec(path))) {
    const one = publication(Number(m[1]))
    return one ? { body: one } : { status: 404, body: { code: 'not-found', message: label('名单不存在', 'No such list'), fields: [] } }
  }
  if (path === '/accounts') return { body: method === 'GET' ? accounts : accounts[0] }
  if ((m = /^\/accounts\/(\d+)\/actions\/\w+$/.exec(path))) return { body: accounts[Number(m[1]) - 1] }
  if (path === '/audit') return { body: page(audit.filter((a) => found(q, a.subject, a.action) && found(query.get('actor'), a.actor) && found(query.get('action'), a.action)), query) }
  if (path === '/audit/verify') return { body: { holds: true, entries: 240, head: audit[0]!.hash, broken: null } }
  return undefined
}
