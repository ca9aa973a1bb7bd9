// Invented firms and one invented evaluation, made by a seeded generator, for looking at pages
// without a server. Shapes are the wire types, so a change of those fails the type check here too.
import type * as T from '../src/shared/api/types'

let seed = 20250101
function random(): number {
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed / 2147483648
}
function pick<X>(list: readonly X[]): X {
  return list[Math.floor(random() * list.length)] as X
}
function bell(): number {
  return (random() + random() + random() + random() - 2) / 2
}
export const label = (zh: string, en: string): T.Label => ({ zh, en })
const hex = (n: number) => Array.from({ length: n }, () => Math.floor(random() * 16).toString(16)).join('')

export const county: T.DivisionView = { code: '370783', name: '演示县', level: 'county', parent: '370700' }
export const divisions: T.DivisionView[] = [
  { code: '370000', name: '山东省', level: 'province', parent: null },
  { code: '370700', name: '潍坊市', level: 'city', parent: '370000' },
  county,
]
export const me: T.Me = {
  sign_in: 'county', name: '演示·县级工信', role: 'county_officer', region: county, department: 'industry', firm: null, csrf: 'invented', must_change: false,
}
export const demo: T.DemoAccount[] = [
  ['county', '县级工信（主办）', 'county_officer'], ['county2', '县级工信（复核）', 'county_officer'], ['city', '市级工信', 'city_officer'],
  ['tax', '税务局', 'department_owner'], ['land', '自然资源局', 'department_owner'], ['firm', '一家企业', 'firm'],
  ['auditor', '监督', 'auditor'], ['system', '系统管理员', 'system_admin'], ['security', '安全管理员', 'security_admin'], ['auditadmin', '审计管理员', 'audit_admin'],
].map(([sign_in, name, role]) => ({ sign_in: sign_in as string, name: name as string, role: role as string, password: 'invented-only' }))

/** Department of an account; people of the county belong to the industry department. */
export const departmentOf = (account: T.DemoAccount) => (account.role === 'department_owner' ? account.sign_in : account.role.endsWith('_officer') ? 'industry' : null)

export const scheme: T.SchemeRef = {
  id: 'demo-county', version: 2, title: label('工业企业亩产效益综合评价办法', 'Per-mu evaluation of industrial firms'), document: '演示〔2025〕1号',
  from: '2025-03-01', digest: `sha256:${hex(64)}`, unverified: 3, advisory: false,
}
const TITLES: Record<string, T.Label> = {
  A: label('优先发展', 'Priority'), B: label('支持发展', 'Supported'), C: label('提升发展', 'To improve'), D: label('限制发展', 'Restricted'),
  不定: label('不定等级', 'Ungraded'), 不评: label('不参评', 'Not evaluated'),
}
export const heads: T.IndicatorHead[] = [
  { id: 'tax_per_mu', title: label('亩均税收', 'Tax per mu'), unit: label('万元/亩', '10k yuan/mu'), decimals: 2, weight: 45, cap: 1.5, unverified: false },
  { id: 'sales_per_tce', title: label('单位能耗销售', 'Sales per energy'), unit: label('万元/吨标煤', '10k yuan/tce'), decimals: 2, weight: 20, cap: 1.5, unverified: false },
  { id: 'sales_per_pollutant', title: label('单位排放销售', 'Sales per emission'), unit: label('万元/吨', '10k yuan/t'), decimals: 1, weight: 15, cap: 1.5, unverified: true },
  { id: 'rd_intensity', title: label('研发投入强度', 'R&D intensity'), unit: label('%', '%'), decimals: 2, weight: 15, cap: 1.5, unverified: false },
  { id: 'productivity', title: label('全员劳动生产率', 'Productivity'), unit: label('万元/人', '10k yuan/person'), decimals: 1, weight: 5, cap: 1.5, unverified: false },
]
const BASE: Record<string, number> = { tax_per_mu: 12.4, sales_per_tce: 9.3, sales_per_pollutant: 420, rd_intensity: 2.1, productivity: 24 }
const INDUSTRIES: [string, string][] = [
  ['1312', '饲料加工'], ['1392', '豆制品制造'], ['1751', '化纤织造'], ['2211', '木竹浆制造'], ['2614', '有机化学原料制造'], ['2651', '初级塑料制造'],
  ['2919', '其他橡胶制品'], ['3130', '钢压延加工'], ['3252', '铝压延加工'], ['3311', '金属结构制造'], ['3451', '滚动轴承制造'], ['3532', '农副食品专用设备'],
  ['3572', '机械化农业机具'], ['3670', '汽车零部件'], ['3829', '其他输配电设备'], ['4412', '热电联产'],
]
const TOWNS = ['圣城街道', '文家街道', '洛城街道', '侯镇', '化龙镇', '台头镇', '稻田镇', '羊口镇']
const ONE = '启泽禾澄铭东恒润嘉瑞海鲁宏盛景远博信凯腾旭安岳屿川衡'
const TWO = '衡川谷屿岳屏元和丰达泰成华立源晟通佳茂正航宁朗棠策舟'
const KIND = ['精密传动', '铝材', '食品机械', '家纺', '农机', '热力', '新材料', '化工', '包装', '电气', '饲料', '轴承', '橡胶制品', '纸业', '汽车配件', '钢结构']

export interface Made {
  row: T.ResultRow
  raw: Record<string, number | null>
}

const LETTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY'
function code(): string {
  return `91370783MA${Array.from({ length: 8 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('')}`
}

function makeFirm(n: number): Made {
  const [industry, industry_name] = pick(INDUSTRIES)
  const strength = bell()
  const values: Record<string, number | null> = {}
  for (const head of heads) {
    const gone = head.id === 'rd_intensity' && random() < 0.03
    values[head.id] = gone ? null : Math.max(0, (BASE[head.id] ?? 1) * Math.exp(0.9 * strength + 0.7 * bell()))
  }
  const name = `${pick([...ONE])}${pick([...TWO])}${pick(KIND)}（示例）`
  return {
    raw: values,
    row: {
      firm: 1000 + n, name, credit_code: code(), industry, industry_name, town: pick(TOWNS), population: 'above_scale', rank: null, total: null,
      class: '', ranked_class: null, status: null, last: random() < 0.06 ? null : 'B', edge: [], land: (4 + Math.exp(3.2 + 1.2 * bell())).toFixed(2),
      indicators: {}, objection: n % 83 === 5,
    },
  }
}

export const COUNT = 640
export const made: Made[] = Array.from({ length: COUNT }, (_, n) => makeFirm(n))

export interface Rules {
  weights: Record<string, number>
  caps: Record<string, number>
  shares: [number, number, number]
}
export const rules: Rules = {
  weights: Object.fromEntries(heads.map((it) => [it.id, it.weight])),
  caps: Object.fromEntries(heads.map((it) => [it.id, it.cap ?? 1.5])),
  shares: [0.2, 0.75, 0.95],
}

/** Scores, ranks and classes everyone by some rules. */
export function evaluate(by: Rules): T.ResultRow[] {
  const rows = made.map(({ row, raw }, n): T.ResultRow => {
    const indicators: Record<string, T.IndicatorCell> = {}
    let total = n % 61 === 7 ? 2 : 0
    for (const head of heads) {
      const value = raw[head.id] ?? null
      const points = value === null ? 0 : Math.min(value / (BASE[head.id] ?? 1), by.caps[head.id] ?? 1.5) * (by.weights[head.id] ?? 0)
      indicators[head.id] = { value: value === null ? null : Number(value.toFixed(head.decimals)), points: Number(points.toFixed(2)), gap: value === null ? 'missing' : null }
      total += points
    }
    return { ...row, indicators, total: Number(total.toFixed(2)) }
  })
  const ranked = rows.filter((_, n) => n % 53 !== 11)
  const outside = rows.filter((_, n) => n % 53 === 11)
  ranked.sort((a, b) => (b.total ?? 0) - (a.total ?? 0))
  const ends = by.shares.map((share) => Math.floor(share * ranked.length))
  ranked.forEach((row, n) => {
    row.rank = n + 1
    row.class = n < (ends[0] ?? 0) ? 'A' : n < (ends[1] ?? 0) ? 'B' : n < (ends[2] ?? 0) ? 'C' : 'D'
    if (row.last !== null) {
      const near = (n * 7919) % 100
      row.last = near < 76 ? row.class : near < 88 ? (({ A: 'B', B: 'A', C: 'B', D: 'C' })[row.class] ?? 'B') : (({ A: 'B', B: 'C', C: 'D', D: 'D' })[row.class] ?? 'C')
    }
    if (ends.some((end) => Math.abs(n + 0.5 - end) < 4)) row.edge = [label('数据相差 5% 即换档', 'Class changes within ±5 % data error')]
    if (row.class === 'A' && n % 97 === 41) {
      row.ranked_class = 'A'
      row.class = 'D'
    }
  })
  outside.forEach((row, n) => {
    row.class = n % 3 ? '不定' : '不评'
    row.population = null
    row.total = null
    row.status = n % 3 ? label('热电联产，不定等级', 'Combined heat and power: ungraded') : label('投产不满三年', 'Less than three years in operation')
    row.last = row.class
  })
  return [...ranked, ...outside]
}
export const results = evaluate(rules)

export function countClasses(rows: T.ResultRow[]): T.ClassCount[] {
  const ranked = rows.filter((it) => it.rank !== null).length
  return ['A', 'B', 'C', 'D'].map((name) => {
    const count = rows.filter((it) => it.class === name && it.rank !== null).length
    return { class: name, title: TITLES[name] as T.Label, count, share: count / ranked }
  })
}
function group(of: (row: T.ResultRow) => [string, string]): T.GroupCount[] {
  const found = new Map<string, T.GroupCount>()
  for (const row of results) {
    const [key, name] = of(row)
    const at = found.get(key) ?? { code: key, name, total: 0, classes: {} }
    at.total += 1
    at.classes[row.class] = (at.classes[row.class] ?? 0) + 1
    found.set(key, at)
  }
  return [...found.values()].sort((a, b) => b.total - a.total)
}

export const run: T.RunRow = {
  id: 12, kind: 'rerun', at: '2026-11-12T02:31:00Z', by: '县级工信（主办）', result: `sha256:${hex(64)}`, snapshot: `sha256:${hex(64)}`, engine: '0.1.0', previous: 11, classes: countClasses(results),
}
export const older: T.RunRow = { ...run, id: 11, kind: 'notice', at: '2026-11-06T01:10:00Z', previous: 10, result: `sha256:${hex(64)}`, snapshot: `sha256:${hex(64)}` }
export const trial: T.RunRow = { ...older, id: 10, kind: 'trial', at: '2026-11-02T08:45:00Z', previous: null, result: `sha256:${hex(64)}` }

const totals = results.filter((it) => it.rank !== null).map((it) => it.total ?? 0)
const low = Math.floor(Math.min(...totals))
const high = Math.ceil(Math.max(...totals))
const BARS = 40
const width = (high - low) / BARS
const histogram = Array.from({ length: BARS }, (_, n): [number, number, number] => {
  const from = Number((low + n * width).toFixed(2))
  const to = Number((low + (n + 1) * width).toFixed(2))
  return [from, to, totals.filter((it) => it >= from && (it < to || n === BARS - 1)).length]
})
const cuts: T.CutView[] = ['A', 'B', 'C'].map((name) => {
  const inside = results.filter((it) => it.rank !== null && (it.ranked_class ?? it.class) === name)
  const last = inside[inside.length - 1]
  return { class: name, rank: last?.rank ?? 0, total: last?.total ?? null }
})
const population: T.PopulationSummary = {
  id: 'above_scale', title: label('规模以上工业企业', 'Firms above scale'), ranked: totals.length, classes: run.classes, cuts, histogram, indicators: heads,
}
const transition: T.Transition[] = []
for (const from of ['A', 'B', 'C', 'D', '-'])
  for (const to of ['A', 'B', 'C', 'D']) {
    const count = results.filter((it) => it.rank !== null && (it.last ?? '-') === from && it.class === to).length
    if (count) transition.push({ from, to, count })
  }
const ORDER = 'ABCD'
export const isUp = (it: T.ResultRow) => it.last !== null && it.rank !== null && ORDER.indexOf(it.class) < ORDER.indexOf(it.last)
export const isDown = (it: T.ResultRow) => it.last !== null && it.rank !== null && ORDER.indexOf(it.class) > ORDER.indexOf(it.last)
export const isMissing = (it: T.ResultRow) => Object.values(it.indicators).some((cell) => cell.value === null)

export const summary: T.RunSummary = {
  run, evaluation: 3, division: county, year: 2025, scheme, collected: results.length, populations: [population], classes: run.classes,
  statuses: [
    { class: '不定', title: TITLES['不定'] as T.Label, count: results.filter((it) => it.class === '不定').length, share: null },
    { class: '不评', title: TITLES['不评'] as T.Label, count: results.filter((it) => it.class === '不评').length, share: null },
  ],
  by_industry: group((it) => [it.industry.slice(0, 2), it.industry_name]), by_town: group((it) => [it.town, it.town]), transition,
  edge: results.filter((it) => it.edge.length).length, missing: results.filter(isMissing).length, moved_up: results.filter(isUp).length, moved_down: results.filter(isDown).length,
  measures_cost: [{ id: 'surcharge', title: label('差别化电价', 'Electricity surcharge'), firms: 31, yuan: '2136400.00' }, { id: 'land_tax', title: label('城镇土地使用税差别化减免', 'Land-use tax relief'), firms: 120, yuan: '-864000.00' }],
}

const evaluationRow = (id: number, year: number, state: string, title: T.Label, classes: T.ClassCount[]): T.EvaluationRow => ({
  id, division: county, year, state, state_title: title, scheme: scheme.title, classes,
})
export const evaluations: T.EvaluationRow[] = [
  evaluationRow(3, 2025, 'noticing', label('公示中', 'Notice'), run.classes),
  evaluationRow(2, 2024, 'published', label('已公布', 'Published'), run.classes.map((it) => ({ ...it, count: it.count - 6 }))),
  evaluationRow(1, 2023, 'published', label('已公布', 'Published'), run.classes.map((it) => ({ ...it, count: it.count - 15 }))),
]
const counts = (rows: number, doubtful: number): T.ImportCounts => ({ rows, matched: rows - doubtful - 8, doubtful, unknown: 5, refused_rows: 3, refused_cells: 11, new: rows * 3, changed: 12, unchanged: 0 })
const delivery = (template: string, zh: string, en: string, state: string, n: number): T.Delivery => ({
  template, title: label(zh, en), department: template, state, import: state === 'missing' ? null : n, at: state === 'accepted' ? '2026-10-28T03:00:00Z' : null, counts: state === 'missing' ? null : counts(640 + n, state === 'waiting' ? 9 : 0),
})
export const detail: T.EvaluationDetail = {
  row: evaluations[0] as T.EvaluationRow, version: 17, scheme,
  stages: [
    ['data', '数据', 'Data', 'done', '6/6'], ['sheets', '一企一表', 'One sheet', 'done', '确认 604'], ['freeze', '冻结', 'Freeze', 'done', ''], ['trial', '试算', 'Trial', 'done', ''],
    ['notice', '公示', 'Notice', 'now', '第 3/5 个工作日'], ['objections', '异议', 'Objections', 'ahead', '4'], ['final', '终评', 'Final', 'ahead', ''], ['measures', '措施', 'Measures', 'ahead', ''],
  ].map(([id, zh, en, state, text]) => ({ id: id as string, title: label(zh as string, en as string), state: state as string, detail: label(text as string, (text as string).replace('第 3/5 个工作日', 'working day 3/5').replace('确认', 'confirmed')) })),
  deliveries: [
    delivery('tax', '税收', 'Tax', 'accepted', 1), delivery('land', '用地', 'Land', 'accepted', 2), delivery('power', '用电', 'Power', 'accepted', 3),
    delivery('environment', '排放', 'Emissions', 'waiting', 4), delivery('statistics', '统计', 'Statistics', 'accepted', 5), delivery('science', '科技', 'Science', 'missing', 6),
  ],
  sheets: { total: 640, confirmed: 604, disputed: 7, settled: 2 }, snapshot: run.snapshot, stale: true, runs: [run, older, trial],
  notice: { from: '2026-11-06', until: '2026-11-12T15:59:59Z', day: 3, days: 5, working: true, elapsed: false },
  objections: { filed: 2, answered: 1, accepted: 1 },
  actions: [
    { action: 'rerun', title: label('以更正后的数据重新运算', 'Run again on the corrected facts'), blocked_by: [], needs_reason: true },
    { action: 'finalise', title: label('定为终评', 'Make final'), blocked_by: [label('公示期未满（第 3/5 个工作日）', 'The notice is not over (working day 3 of 5)'), label('还有 3 件异议未办结', '3 objections are still open')], needs_reason: false },
    { action: 'publish', title: label('公布结果', 'Publish'), blocked_by: [label('尚未终评', 'Not final yet')], needs_reason: false },
  ],
  history: [
    { at: '2026-11-12T02:31:00Z', by: '县级工信（主办）', title: label('重新运算', 'Ran again'), reason: '异议 2 成立，租赁面积更正' },
    { at: '2026-11-06T01:10:00Z', by: '县级工信（主办）', title: label('开始公示', 'Opened the notice'), reason: '' },
    { at: '2026-11-02T08:45:00Z', by: '县级工信（主办）', title: label('试算', 'Trial run'), reason: '' },
    { at: '2026-10-30T07:20:00Z', by: '县级工信（复核）', title: label('冻结数据', 'Froze the facts'), reason: '六个部门数据齐备' },
  ],
}
export const work: T.WorkItem[] = [
  { kind: 'accept_answer', title: label('复核自然资源局对异议的答复', 'Accept the land department’s answers'), count: 1, link: '/evaluations/3/objections', due: '2026-11-12T15:59:59Z', urgent: true },
  { kind: 'settle_doubts', title: label('认领排放数据中拿不准的企业', 'Settle doubtful firms in the emissions file'), count: 9, link: '/imports/4', due: null, urgent: true },
  { kind: 'run', title: label('数据已更正，须重新运算', 'Facts were corrected; run again'), count: 1, link: '/evaluations/3', due: null, urgent: false },
  { kind: 'finalise', title: label('公示期满后定为终评', 'Make final when the notice is over'), count: 1, link: '/evaluations/3', due: '2026-11-12T15:59:59Z', urgent: false },
]

const source = (department: string, file: string, cell: string, reason = ''): T.SourceView => ({ department, file, cell, received_at: '2026-02-14T03:00:00Z', reason })

export function proof(firm: number): T.Proof {
  const row = results.find((it) => it.firm === firm) as T.ResultRow
  const land = Number(row.land)
  const tax = (row.indicators.tax_per_mu?.value ?? 0) * land
  const landView: T.LandView = {
    owned: (land * 0.94).toFixed(2), leased_in: (land * 0.14).toFixed(2), leased_out: (land * 0.08).toFixed(2), effective: row.land ?? '0',
    lines: [
      { kind: 'owned', parcel: '370783-0412-017', party: null, mu: (land * 0.94).toFixed(2), note: label('', ''), source: source('land', '2025用地.xlsx', '宗地!D418') },
      { kind: 'leased_in', parcel: '370783-0412-022', party: '远和包装（示例）', mu: (land * 0.14).toFixed(2), note: label('建筑 5,600 m²，3 层折算', '5,600 m² of floor over 3 storeys'), source: source('land', '2025用地.xlsx', '租赁!F92') },
      { kind: 'leased_out', parcel: '370783-0412-017', party: '瑞丰电气（示例）', mu: (-land * 0.08).toFixed(2), note: label('', ''), source: source('land', '异议 2 更正', '', '企业异议成立，按实测面积更正') },
    ],
    warnings: [],
  }
  const total = row.total
  const bonus = (firm - 1000) % 61 === 7 ? 2 : 0
  return {
    run: run.id, row, population: population.title, ranked: population.ranked, cuts, points: total === null ? null : Number((total - bonus).toFixed(2)), coefficient: null,
    bonus, deduction: 0, total, total_formula: '指标得分合计 + 加分 − 扣分',
    indicators: heads.map((head): T.ProofIndicator => {
      const cell = row.indicators[head.id] as T.IndicatorCell
      const base = BASE[head.id] ?? 1
      const ratio = cell.value === null ? null : cell.value / base
      return {
        head, points: cell.points, raw: ratio === null ? null : Number((ratio * head.weight).toFixed(2)), bound: ratio !== null && ratio > 1.5 ? 'cap' : null,
        value: {
          formula: head.id === 'tax_per_mu' ? 'tax_paid / effective_land' : head.id === 'rd_intensity' ? 'rd_expense / revenue * 100' : 'revenue / energy',
          filled: head.id === 'tax_per_mu' ? `${tax.toFixed(2)} ÷ ${row.land}` : cell.value === null ? '未知 ÷ 8432.10' : `${(cell.value * 310).toFixed(2)} ÷ 310.00`,
          value: cell.value, clause: '第六条第（一）项', unverified: null,
          inputs: head.id === 'tax_per_mu'
            ? [
                { id: 'tax_paid', title: label('实缴税金', 'Tax paid'), value: tax.toFixed(2), unit: label('万元', '10k yuan'), source: source('tax', '2025入库.xlsx', '明细!F812'), inputs: [] },
                { id: 'effective_land', title: label('有效用地', 'Effective land'), value: row.land, unit: label('亩', 'mu'), source: null, inputs: landView.lines.map((it) => ({ id: it.kind, title: label({ owned: '自有', leased_in: '租入', leased_out: '租出' }[it.kind] ?? '', it.kind), value: it.mu, unit: label('亩', 'mu'), source: it.source, inputs: [] })) },
              ]
            : [
                { id: 'revenue', title: label('营业收入', 'Revenue'), value: cell.value === null ? null : (cell.value * 310).toFixed(2), unit: label('万元', '10k yuan'), source: cell.value === null ? null : source('statistics', '2025统计.xlsx', '规上!H77', '企业更正'), inputs: [] },
                { id: 'energy', title: label('综合能耗', 'Energy'), value: '310.00', unit: label('吨标煤', 'tce'), source: source('statistics', '2025统计.xlsx', '规上!K77'), inputs: [] },
              ],
        },
        baselines: [{ name: 'baseline', value: base, how: label('同口径中位数 × 1.2', 'Median of its group × 1.2'), group: '规模以上', n: population.ranked, clause: '第七条', unverified: head.unverified ? '取全县中位数' : null }],
        scoring: cell.value === null ? '缺数据计 0 分' : `min(${cell.value} ÷ ${base}, 1.5) × ${head.weight}`,
        gap: cell.value === null ? label('缺数据，计 0 分', 'Missing: 0 points') : null, clause: '第八条', unverified: head.unverified ? '无排放企业按中位数计' : null,
      }
    }),
    adjustments: [
      { group: label('创新加分（取高）', 'Innovation (the best)'), title: label('省级单项冠军', 'Provincial champion'), kind: 'bonus', condition: 'champion', holds: bonus ? 'true' : 'false', points: 2, counted: bonus, evidence: source('science', '2025科技.xlsx', '名单!C31'), clause: '第十一条', unverified: null },
      { group: label('创新加分（取高）', 'Innovation (the best)'), title: label('高新技术企业', 'High-tech firm'), kind: 'bonus', condition: 'high_tech', holds: 'unknown', points: 1, counted: 0, evidence: null, clause: '第十一条', unverified: null },
    ],
    conditions: [
      { kind: 'status', title: label('投产不满三年不参评', 'Less than three years in operation'), condition: 'months_since_founding < 36', holds: 'false', inputs: [{ id: 'months_since_founding', title: label('成立月数', 'Months since founding'), value: '118', unit: label('月', 'months'), source: null, inputs: [] }], change: null, clause: '第四条', unverified: null },
      { kind: 'veto', title: label('较大以上安全事故为 D', 'Serious safety accident: D'), condition: 'safety_accidents > 0', holds: row.ranked_class ? 'true' : 'false', inputs: [{ id: 'safety_accidents', title: label('较大及以上安全事故', 'Serious accidents'), value: row.ranked_class ? '1' : '0', unit: label('起', ''), source: source('safety', '2025应急.xlsx', '事故!B4'), inputs: [] }], change: row.ranked_class ? ['A', 'D'] : null, clause: '第十二条', unverified: null },
      { kind: 'veto', title: label('严重失信为 D', 'Seriously dishonest: D'), condition: 'dishonest', holds: 'unknown', inputs: [{ id: 'dishonest', title: label('严重失信', 'Dishonest'), value: null, unit: label('', ''), source: null, inputs: [] }], change: null, clause: '第十二条', unverified: null },
    ],
    land: landView,
    measures: row.class === 'D' ? [{ firm, firm_name: row.name, class: 'D', measure: 'surcharge', title: label('差别化电价', 'Electricity surcharge'), amount: '0.10', unit: label('元/千瓦时', 'yuan/kWh'), years: 2, instead: null, from: '2026-07-01', to: '2027-06-30', account: '0370783001', basis: '演示〔2025〕2号', display_only: false, cost: '68900.00', unverified: null }] : [],
    classing_clause: '第九条', ties: [], scheme, snapshot: run.snapshot,
  }
}
export const lift = (firm: number): T.Lifts => {
  const row = results.find((it) => it.firm === firm) as T.ResultRow
  if (row.class === 'A' || row.rank === null) return { class: row.class, target: null, lifts: [], closed: [row.rank === null ? label('不在排名内', 'Not ranked') : label('已是最高一档', 'Already the best class')] }
  const target = ({ B: 'A', C: 'B', D: 'C' })[row.class] ?? 'A'
  return {
    class: row.class, target,
    lifts: [
      { fact: 'tax_paid', title: label('实缴税金', 'Tax paid'), unit: label('万元', '10k yuan'), from: '844.05', to: '847.15', change: '3.10', class: target, rank: 120, total: 84.01, relative: 0.0037 },
      { fact: 'effective_land', title: label('有效用地', 'Effective land'), unit: label('亩', 'mu'), from: '42.50', to: '42.34', change: '-0.16', class: target, rank: 120, total: 84.0, relative: 0.0038 },
      { fact: 'rd_expense', title: label('研发费用', 'R&D expense'), unit: label('万元', '10k yuan'), from: '310.00', to: '341.20', change: '31.20', class: target, rank: 119, total: 84.02, relative: 0.1 },
    ],
    closed: [label('单位能耗销售已到封顶，再高也不加分', 'Sales per energy is at its cap')],
  }
}

export const handles: T.OverlayHandle[] = [
  ...heads.map((it): T.OverlayHandle => ({ path: `populations/above_scale/indicators/${it.id}/weight`, kind: 'number', group: population.title, title: it.title, value: String(it.weight), range: [0, 60, 1], unit: 'points' })),
  ...heads.map((it): T.OverlayHandle => ({ path: `populations/above_scale/indicators/${it.id}/cap`, kind: 'number', group: population.title, title: it.title, value: String(it.cap), range: [1, 3, 0.1], unit: 'multiple' })),
  ...['A', 'B', 'C'].map((name, n): T.OverlayHandle => ({ path: `populations/above_scale/cuts/${name}`, kind: 'number', group: population.title, title: label(`至 ${name} 档`, `Up to ${name}`), value: String(rules.shares[n]), range: [0, 1, 0.01], unit: 'ratio' })),
  { path: 'overrides/safety', kind: 'switch', group: label('否决与保护', 'Vetoes and protection'), title: label('较大以上安全事故为 D', 'Serious safety accident: D'), value: 'true', range: null, unit: '' },
  { path: 'measures/surcharge/amounts/0', kind: 'number', group: label('措施', 'Measures'), title: label('D 档电价加价', 'Surcharge of class D'), value: '0.10', range: [0, 0.5, 0.01], unit: 'yuan_per_kwh' },
]
export function whatIf(changes: T.OverlayChange[]): T.WhatIfResult {
  const by: Rules = { weights: { ...rules.weights }, caps: { ...rules.caps }, shares: [...rules.shares] }
  let price = 0.1
  for (const it of changes) {
    if (it.kind !== 'number') continue
    const parts = it.path.split('/')
    if (it.path.endsWith('/weight')) by.weights[parts[3] as string] = Number(it.value)
    else if (it.path.endsWith('/cap')) by.caps[parts[3] as string] = Number(it.value)
    else if (it.path.includes('/cuts/')) by.shares['ABC'.indexOf(parts[3] as string)] = Number(it.value)
    else if (it.path.startsWith('measures')) price = Number(it.value)
  }
  const after = evaluate(by)
  const before = new Map(results.map((it) => [it.firm, it]))
  const moved = after.flatMap((it): T.MovedFirm[] => {
    const was = before.get(it.firm) as T.ResultRow
    return was.class === it.class ? [] : [{ firm: it.firm, name: it.name, from: was.class, to: it.class, rank_from: was.rank, rank_to: it.rank, total_from: was.total, total_to: it.total }]
  })
  const up = moved.filter((it) => ORDER.indexOf(it.to) < ORDER.indexOf(it.from)).length
  return {
    before: countClasses(results), after: countClasses(after), up, down: moved.length - up, moved, moved_total: moved.length,
    measures: [{ title: label('差别化电价', 'Electricity surcharge'), before: '2136400.00', after: (2136400 * (price / 0.1)).toFixed(2) }], ms: 38.2,
  }
}
export const diff: T.RunDiff = {
  before: older, after: run, unchanged: COUNT - 5,
  facts: [
    { firm: 1042, subject: '租约 370783-0412-017 · 瑞丰电气（示例）', fact: label('租赁面积', 'Leased area'), before: '3.50', after: '5.10', source: source('land', '异议 2 更正', '', '企业异议成立，按实测面积更正') },
  ],
  firms: results.slice(118, 123).map((it, n): T.FirmDiff => ({
    moved: { firm: it.firm, name: it.name, from: n === 0 ? 'B' : it.class, to: it.class, rank_from: (it.rank ?? 0) + (n ? -1 : 4), rank_to: it.rank, total_from: n === 0 ? 83.1 : it.total, total_to: it.total },
    causes: n === 0 ? ['own_facts'] : ['rank_only'],
    why: n === 0 ? label('租出面积由 3.50 亩更正为 5.10 亩，有效用地减少，亩均税收上升。', 'Land leased out was corrected from 3.50 to 5.10 mu; effective land falls and tax per mu rises.') : label('得分未变，因他企升位而退后一名。', 'Same points; one place lower because another firm rose.'),
  })),
}
export const verify: T.VerifyReport = {
  agrees: true, ms: 412.6,
  checks: [
    { what: label('快照摘要', 'Digest of the snapshot'), holds: true, expected: run.snapshot, found: run.snapshot, differs: null },
    { what: label('方案摘要', 'Digest of the scheme'), holds: true, expected: scheme.digest, found: scheme.digest, differs: null },
    { what: label('重新运算的结果摘要', 'Digest of the recomputed result'), holds: true, expected: run.result, found: run.result, differs: null },
    { what: label('分档家数', 'Firms by class'), holds: true, expected: '125/345/126/31', found: '125/345/126/31', differs: null },
  ],
}
