// How chains are read: covers and steps in their order, comparisons and ranks in words' parts, places by
// code, scenarios in an address and back, what a stop may be, summands that must add up.
import type { ChainLinkView, DivisionView, FindingView, GapRow, KindCount, StressRequest, StressStop, TestView } from '@/shared/api'
import { number, percent, short } from '@/shared/format'

/** Kinds of nodes in the order of their rings; the four chains are firms, technologies, people and money. */
export const PACKED = ['firm', 'project', 'technology', 'people', 'money'] as const
/** Cover states, the worst first. */
export const COVERS = ['missing', 'single', 'few', 'covered'] as const
/** Steps in the order of the law: build, fill, extend, strengthen. */
export const STEPS = ['build', 'fill', 'extend', 'strengthen'] as const

/** Count of a kind. */
export function countOf(list: KindCount[], kind: string): number {
  return list.find((it) => it.kind === kind)?.count ?? 0
}

/** Whether a division code lies in a region: the region itself, or its code's beginning without noughts. */
export function liesIn(code: string | null, region: string | null): boolean {
  if (!region) return true
  if (!code) return false
  const stem = region.replace(/0000$|00$/, '')
  return code.startsWith(stem)
}

/** Code of the city that a division lies in. */
export function cityOf(code: string): string {
  return `${code.slice(0, 4)}00`
}

/** Places by how often they occur, the commonest first: one colour each for the first few. */
export function commonest(codes: (string | null)[], most: number): string[] {
  const counts = new Map<string, number>()
  for (const code of codes) if (code) counts.set(code, (counts.get(code) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most).map(([code]) => code)
}

/** Figures that are shares and written as per cent. */
const SHARES = new Set(['local_share', 'import_share', 'criticality', 'coverage', 'substitute', 'density'])

/** A figure of a product as it is written; null stays null. */
export function figure(what: string, value: number | null): string | null {
  if (value === null) return null
  if (SHARES.has(what)) return percent(value, 1)
  if (what === 'demand') return number(value, 0)
  return short(value, 2)
}

/** Sign of a comparison. */
export function sign(relation: string): string {
  return relation === 'below' ? '<' : '≥'
}

/** Whether a group of comparisons holds: one that does is enough, and one that is not known leaves it open. */
export function groupHolds(tests: TestView[]): boolean | null {
  if (tests.some((it) => it.holds === true)) return true
  return tests.some((it) => it.holds === null) ? null : false
}

/** What decides a finding that does not hold or is not known: the groups that stand in its way. */
export function inTheWay(finding: FindingView): TestView[][] {
  return finding.all_of.filter((it) => groupHolds(it) !== true)
}

/** The product of a rank's factors, when all are known: must be the rank itself. */
export function rankOf(finding: FindingView): number | null {
  let product = 1
  for (const it of finding.factors) {
    if (it.value === null) return null
    product *= it.value
  }
  return finding.factors.length ? product : null
}

/** Heat of a cell of the four chains: how much of the most that any product has, 0 to 4. */
export function heat(value: number, most: number): number {
  if (value <= 0 || most <= 0) return 0
  return Math.max(1, Math.min(4, Math.ceil((Math.log1p(value) / Math.log1p(most)) * 4)))
}

/** The most of each of the four chains over all products. */
export function mostOf(rows: GapRow[]): Record<string, number> {
  const most: Record<string, number> = { firms: 0, projects: 0, technologies: 0, people: 0, money: 0 }
  for (const row of rows) for (const key of Object.keys(most)) most[key] = Math.max(most[key]!, Number(row.overlay[key as 'firms']))
  return most
}

/** Links by their kind and way, kinds in the order in which they first occur. */
export function byKind(links: ChainLinkView[]): { key: string; links: ChainLinkView[] }[] {
  const groups = new Map<string, ChainLinkView[]>()
  for (const link of links) {
    const key = `${link.kind}_${link.way}`
    groups.set(key, [...(groups.get(key) ?? []), link])
  }
  return [...groups].map(([key, list]) => ({ key, links: [...list].sort((a, b) => (b.amount ?? -1) - (a.amount ?? -1) || b.confidence - a.confidence) }))
}

/** A stop in an address: kind~id~share~from~days. */
export function stopText(stop: StressStop): string {
  return [stop.kind, encodeURIComponent(stop.id).replace(/[~!]/g, (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`), stop.share, stop.from_day, stop.days].join('~')
}

/** A scenario as words of an address, to be shared. */
export function scenarioQuery(scenario: StressRequest): Record<string, string | null> {
  return {
    stops: scenario.stops.map(stopText).join('!') || null,
    horizon: String(scenario.horizon),
    market: scenario.market || null,
    stock: scenario.extra_stock ? String(scenario.extra_stock) : null,
  }
}

/** The scenario of an address; what is not one is left out. */
export function scenarioOf(query: Record<string, string | null | undefined>, days: number, horizon: number): StressRequest {
  const stops = (query.stops ?? '').split('!').flatMap((text): StressStop[] => {
    const [kind, id, share, from, length] = text.split('~')
    if (!id || !['firm', 'place', 'product', 'abroad'].includes(kind ?? '')) return []
    return [{ kind: kind!, id: decodeURIComponent(id), share: bounded(Number(share), 0, 1, 1), from_day: Math.round(bounded(Number(from), 0, 3_650, 0)), days: Math.round(bounded(Number(length), 1, 3_650, days)) }]
  })
  return {
    day: query.day ?? '',
    stops,
    horizon: Math.round(bounded(Number(query.horizon ?? NaN), 1, 3_650, horizon)),
    market: query.market === 'captive' ? 'captive' : 'shared',
    extra_stock: bounded(Number(query.stock ?? 0), 0, 3_650, 0),
  }
}

function bounded(value: number, least: number, most: number, otherwise: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise
}

/** Whether summands come to their total, as far as figures are written. */
export function addsUp(parts: number[], total: number): boolean {
  return Math.abs(parts.reduce((sum, it) => sum + it, 0) - total) < 0.5
}

/** An amount in 万元 in the unit that reads best: 320 万元, 1.25 亿元. Amounts of chains are whole enough. */
export function amount(value: number | null, language: 'zh-CN' | 'en'): string | null {
  if (value === null) return null
  const size = Math.abs(value)
  if (language === 'en') return size >= 100 ? `CNY ${number(value / 100, size >= 10_000 ? 0 : 1)} m` : `CNY ${number(value * 10, 0)} k`
  if (size >= 10_000) return `${number(value / 10_000, 2)} 亿元`
  return `${number(value, size >= 100 || size === 0 ? 0 : 1)} 万元`
}

/** A name of a place by its code among those that are known. */
export function placeName(code: string | null | undefined, places: DivisionView[]): string {
  if (!code) return ''
  return places.find((it) => it.code === code)?.name ?? code
}

/** Whether a file is a graph of its own or one of two tables; what is wrong with a choice of files. */
export function filesFit(names: string[]): boolean {
  const ends = (name: string, ...ext: string[]) => ext.some((it) => name.toLowerCase().endsWith(it))
  if (names.length === 1) return ends(names[0]!, '.json', '.graphml', '.xml')
  return names.length === 2 && names.every((it) => ends(it, '.csv'))
}
