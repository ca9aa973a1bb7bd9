// Invented titles and policies for looking at their pages without a server.
import type { FirmPolicies, FirmRule, FirmRuleProof, LadderRung, PopulationCount, ReasonView, RuleHead, RulePopulation, RuleView, SourceView } from '../src/shared/api/types'
import { label } from './data.ts'

const REVISED = '2026-04-01'
const none = label('', '')
const yuan = label('万元', '10k yuan')
const head = (id: string, zh: string, en: string, more: Partial<RuleHead> = {}): RuleHead => ({
  id, version: 1, kind: 'title', title: label(zh, en), level: id.startsWith('national') ? 'nation' : 'province', owner: 'industry', document: '优质中小企业梯度培育管理办法',
  articles: [5], from: '2022-08-01', to: null, rung: null, window: { state: 'always', from: null, to: null }, unverified: false, competitive: null, ...more,
})
const heads = (on: string): RuleHead[] => [
  head('national/titles/tech-sme', '科技型中小企业', 'Technology SME', { rung: { line: 'science', step: 1 }, owner: 'science' }),
  head('national/titles/high-tech', '高新技术企业', 'High-tech enterprise', { rung: { line: 'science', step: 2 }, owner: 'science' }),
  head('shandong/titles/sci-leader', '科技领军企业', 'Leading science firm', { rung: { line: 'science', step: 3 }, unverified: true, competitive: label('在有效期内的高企中排名', 'Ranked among the valid high-tech firms') }),
  head('national/titles/innovative-sme', '创新型中小企业', 'Innovative SME', { rung: { line: 'quality', step: 1 }, window: { state: 'open', from: '2026-01-01T00:00:00', to: '2026-12-31T17:00:00' } }),
  head('national/titles/specialised-sme', '专精特新中小企业', 'Specialised and innovative SME', on < REVISED ? { rung: { line: 'quality', step: 2 }, to: '2026-03-31' } : { version: 2, from: REVISED, rung: { line: 'quality', step: 2 } }),
  head('national/titles/little-giant', '专精特新“小巨人”企业', 'Little giant', { rung: { line: 'quality', step: 3 } }),
  head('shandong/titles/champion', '山东省制造业单项冠军', 'Provincial champion', { rung: { line: 'quality', step: 4 } }),
  head('shandong/policies/upgrade-interest', '技改专项贷贴息', 'Interest aid for upgrade loans', { kind: 'policy', articles: [10, 18], window: { state: 'upcoming', from: '2027-01-01', to: '2027-01-31' } }),
  head('national/policies/first-set-insurance', '首台（套）保险补偿', 'First-set insurance', { kind: 'policy', articles: [8, 18], window: { state: 'closed', from: '2026-01-01', to: '2026-03-31' } }),
]
const missing = [
  { id: 'science_staff', title: label('科技人员', 'Science staff'), year: 2025, owner: 'science' },
  { id: 'rd_staff', title: label('研发人员', 'R&D staff'), year: 2025, owner: 'statistics' },
  { id: 'review_share', title: label('细分市场占有率较高', 'Fairly high share'), year: null, owner: null },
]
const share = label('近两年每年研发费用占比不低于 3%', 'R&D at least 3 % in each of two years')
const line = (rule: RuleHead, more: Partial<FirmRule>): FirmRule => ({ rule, outcome: 'unknown', held: null, unmet: [], missing: [], repairs: [], amount: null, route: 'review', route_facts: [], ...more })

function lines(on: string): FirmRule[] {
  const [tech, high, leader, innovative, specialised, giant, champion, interest, insurance] = heads(on) as [RuleHead, RuleHead, RuleHead, RuleHead, RuleHead, RuleHead, RuleHead, RuleHead, RuleHead]
  const failing: Partial<FirmRule> = {
    outcome: 'not_met',
    unmet: [{ id: 'ZJ26.4.b', title: share, seen: '0.0273 >= 0.03', clause: null }],
    repairs: [{ moves: [{ fact: 'rd_expense', title: label('研发费用', 'R&D expense'), year: 2025, from: '87.6', to: '96.3', by: '8.7', unit: yuan, way: 'act' }], text: label('2025 年研发费用增加 8.7 万元（87.6 → 96.3）', '8.7 10k yuan more R&D expense of 2025 (87.6 → 96.3)') }],
  }
  return [
    line(tech, { outcome: 'met', held: { from: '2025-04-01', to: '2026-12-31', days_left: 35, at_risk: false } }),
    line(high, { missing }), line(leader, { missing: missing.slice(0, 1) }),
    line(innovative, { outcome: 'not_met', held: { from: '2024-02-01', to: '2027-02-01', days_left: 67, at_risk: true }, unmet: failing.unmet ?? [] }),
    line(specialised, on < REVISED ? { missing } : failing), line(giant, failing), line(champion, { missing }),
    line(interest, { outcome: 'met', route: 'quick', amount: { low: '120.75', high: '120.75', sum: '120.75', cap: null, uplifts: [], unit: yuan, assumed: null } }),
    line(insurance, { missing: missing.slice(0, 2), route: 'no_application', amount: { low: '0', high: '50', sum: '56.2', cap: '50', uplifts: [], unit: yuan, assumed: null } }),
  ]
}

function ofFirm(on: string): FirmPolicies {
  const rules = lines(on)
  const ladder = (name: string) => {
    const rungs = rules
      .filter((it) => it.rule.rung?.line === name)
      .map((it): LadderRung => ({ rule: it.rule.id, title: it.rule.title, step: it.rule.rung?.step ?? 0, state: it.held ? 'held' : it.outcome, next: false, until: it.held?.to ?? null, at_risk: it.held?.at_risk ?? false }))
    const next = rungs.find((it) => it.state !== 'held')
    if (next) next.next = true
    return { line: name, rungs }
  }
  const [interest, insurance] = rules.slice(-2) as [FirmRule, FirmRule]
  return {
    firm: 12, name: '泰安恒信精密机械有限公司', on, year: 2025, rules, ladders: [ladder('quality'), ladder('science')],
    best: { sum: '120.75', unit: yuan, take: [{ rule: interest.rule.id, title: interest.rule.title, sum: '120.75' }], leave: [{ rule: insurance.rule.id, title: insurance.rule.title, why: label('与“技改专项贷贴息”不能同时享受', 'may not be had beside the interest aid') }] },
  }
}

const source: SourceView = { department: 'statistics', file: '2025年度规上工业统计.xlsx', cell: '明细!F812', received_at: '2026-02-03T01:00:00Z', reason: '' }
const reason = (more: Partial<ReasonView>): ReasonView => ({ id: '', title: none, kind: 'if', count: null, truth: 'met', formula: null, seen: [], inputs: [], parts: [], clause: null, assumed: null, evidence: null, ...more })
function proof(rule: string, on: string): FirmRuleProof {
  const point = { id: 'score', low: '10', high: '10', max: '20', case: null, value: null, clause: null, parts: [] }
  return {
    line: lines(on).find((it) => it.rule.id === rule) ?? (lines(on)[0] as FirmRule),
    record: 1,
    condition: reason({
      kind: 'all', truth: 'not_met',
      parts: [
        reason({ id: 'ENT.1', title: label('在中国境内依法设立', 'Lawfully established in China'), formula: 'legal_person' }),
        reason({ id: 'ENT.2', kind: 'unless', title: label('工业企业符合划型标准', 'Industrial firm below the large limits'), parts: [reason({ formula: 'employees < 1000', seen: [{ left: '1000', op: '>', right: '320', truth: 'met', undefined: false }] }), reason({ title: label('非工业企业', 'Not in industry'), truth: 'not_met' })] }),
        reason({ kind: 'any', truth: 'unknown', parts: [reason({ id: 'ZJ26.2.a', title: label('营业收入不低于 1500 万元', 'Revenue at least 1500'), truth: 'unknown', formula: 'revenue >= 1500', seen: [{ left: null, op: '>=', right: '1500', truth: 'unknown', undefined: false }], inputs: [{ id: 'revenue', title: label('营业收入', 'Revenue'), year: 2025, value: null, unit: yuan, owner: 'tax', source: null }] }), reason({ truth: 'not_met', title: label('新增股权投资不低于 2000 万元', 'New equity at least 2000'), assumed: '按两年合计' })] }),
        reason({ id: 'ZJ26.4.b', title: share, truth: 'not_met', formula: 'rd_expense / revenue >= 0.03', seen: [{ left: '0.0273', op: '>=', right: '0.03', truth: 'not_met', undefined: false }], clause: '附件1', inputs: [{ id: 'rd_expense', title: label('研发费用', 'R&D expense'), year: 2025, value: '87.6', unit: yuan, owner: 'statistics', source }] }),
        reason({ kind: 'judged', truth: 'unknown', title: label('细分市场占有率较高', 'Fairly high share'), evidence: label('第三方证明', 'third-party proof') }),
      ],
    }),
    points: [{ ...point, title: label('评价得分', 'Score'), low: '42', high: '57', max: '100', parts: [{ ...point, title: label('研发费用占比', 'R&D share'), case: label('2%–3%', '2–3 %'), value: '0.0273' }, { ...point, id: 'staff', title: label('研发人员占比', 'R&D staff'), low: '0', high: '15', max: '15' }] }],
  }
}

function rule(id: string, on: string): RuleView {
  const number = (path: string, title: RuleHead['title'], value: string) => ({ path, title, value })
  return {
    head: heads(on).find((it) => it.id === id) ?? (heads(on)[0] as RuleHead),
    issuer: '工业和信息化部', url: null,
    text: 'rule: national/titles/specialised-sme\nversion: 2\nrequires:\n  all:\n    - { id: ZJ26.4.b, title: 占比, if: rd_expense / revenue >= 0.03, each_year: 2 }\n    - { id: ZJ26.6, judged: review_share, unverified: 未见原文 }\n',
    versions: [{ version: 1, from: '2022-08-01', to: '2026-03-31', document: '暂行办法' }, { version: 2, from: REVISED, to: null, document: '管理办法' }],
    adjustable: [number('conditions/ENT.2/1', label('工业企业符合划型标准', 'Industrial firm below the large limits'), '1000'), number('conditions/ZJ26.4.b/1', share, '0.03')],
    findings: [{ code: 'judged', blocks: false, node: 'ZJ26.6', message: label('由人评定。', 'Judged by people.'), ground: null }, { code: 'fair_competition', blocks: true, node: 'ZJ26.4.b', message: label('须写明法律依据。', 'Give its legal basis.'), ground: '公平竞争审查条例 第八条' }],
    facts: missing.map(({ id: fact, title, owner }) => ({ id: fact, title, owner })),
  }
}

function simulate(id: string, on: string, changed: boolean): RulePopulation {
  const side = (met: number, bill: string): PopulationCount => ({ met, not_met: 2020 - met, unknown: 1100, bill, budget: '5000', over: Number(bill) > 5000, unit: yuan })
  return {
    rule: rule(id, on).head, division: '370112', on, firms: 3120, now: side(214, '3120.5'), then: changed ? side(260, '5120.5') : null, gain: changed ? 46 : 0, lose: 0,
    moved: changed ? [{ firm: 12, name: '泰安恒信精密机械有限公司', from: 'not_met', to: 'met' }] : [],
    failing: [{ id: 'ZJ26.4.b', title: share, not_met: 1204, unknown: 300 }],
    missing: missing.map(({ id: fact, title, owner }, n) => ({ fact: { id: fact, title, owner }, firms: 1000 - n * 40 })), ms: 38.4,
  }
}

/** Answers about titles and policies; nothing for other addresses. */
export function policies(path: string, query: URLSearchParams, body: Record<string, unknown>): unknown {
  const on = query.get('on') ?? (body.on as string | null) ?? '2026-11-26'
  if (path === '/rules') return heads(on)
  if (path === '/rule') return rule(query.get('rule') ?? '', on)
  if (path === '/rules/simulate') return simulate(String(body.rule), on, (body.changes as unknown[]).length > 0)
  if (/^\/firms\/\d+\/policies$/.test(path)) return ofFirm(on)
  if (/^\/firms\/\d+\/policy$/.test(path)) return proof(query.get('rule') ?? '', on)
  return undefined
}
