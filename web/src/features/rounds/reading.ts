// How rounds and filings are read: states in groups, which days of a window go by which version of the
// rule, what another day of filing would have meant, money against a budget, faults beside their field.
import { ApiError, type DivisionView, type FilingRow, type Label, type RoundMoney, type RoundRow, type StateCount } from '@/shared/api'

/** What a filing's state comes to, in the order of the process. */
export const GROUPS = ['received', 'review', 'approved', 'disputed', 'listed', 'recovery', 'closed'] as const
export type Group = (typeof GROUPS)[number]

const GROUP_OF: Record<string, Group> = {
  filed: 'received',
  county_review: 'review',
  city_review: 'review',
  province_review: 'review',
  override_asked: 'review',
  approved: 'approved',
  proposed: 'approved',
  objected: 'disputed',
  refusal_objected: 'disputed',
  listed: 'listed',
  payment_asked: 'listed',
  paid: 'listed',
  removal_asked: 'recovery',
  removed: 'recovery',
  to_recover: 'recovery',
  recovered: 'recovery',
  refused: 'closed',
  withdrawn: 'closed',
  lapsed: 'closed',
}

/** Group of a filing's state; a state that is not known here is still being worked on. */
export function groupOf(state: string): Group {
  return GROUP_OF[state] ?? 'review'
}

/** Counts by state as counts by group, in the order of the process; empty groups are left out. */
export function byGroup(counts: StateCount[]): { group: Group; count: number; states: StateCount[] }[] {
  return GROUPS.map((group) => {
    const states = counts.filter((it) => groupOf(it.state) === group && it.count > 0)
    return { group, states, count: states.reduce((sum, it) => sum + it.count, 0) }
  }).filter((it) => it.count > 0)
}

/** Filings in a round, of those that one may see. */
export function total(counts: StateCount[]): number {
  return counts.reduce((sum, it) => sum + it.count, 0)
}

/** States of filings as they occur, with their titles and numbers, in the order of the process. */
export function statesOf(rows: FilingRow[]): StateCount[] {
  const found = new Map<string, StateCount>()
  for (const it of rows) {
    const known = found.get(it.state)
    if (known) known.count++
    else found.set(it.state, { state: it.state, title: it.state_title, count: 1 })
  }
  const order = Object.keys(GROUP_OF)
  const place = (it: StateCount) => (order.indexOf(it.state) + order.length + 1) % (order.length + 1)
  return [...found.values()].sort((a, b) => place(a) - place(b))
}

/** Counties of filings, by their code. */
export function countiesOf(rows: FilingRow[]): DivisionView[] {
  return [...new Map(rows.map((it) => [it.division.code, it.division])).values()].sort((a, b) => a.code.localeCompare(b.code))
}

/** Roles that open rounds, by the level of the rule. */
const OPENS: Record<string, string> = { nation: 'province_officer', province: 'province_officer', city: 'city_officer', county: 'county_officer' }

/** Whether a role opens rounds of rules of a level. */
export function opens(role: string, level: string): boolean {
  return OPENS[level] === role
}

/** What a list of filings is narrowed by; empty: everything. */
export interface Narrow {
  q: string
  state: string | null
  outcome: string | null
  county: string | null
}

/** Whether a filing is in the narrowed list. */
export function isIn(it: FilingRow, by: Narrow): boolean {
  const words = by.q.trim().toLowerCase()
  return (
    (!words || [it.name, it.round_title, it.rule_title.zh, it.rule_title.en, String(it.id)].some((text) => text.toLowerCase().includes(words))) &&
    (!by.state || it.state === by.state) &&
    (!by.outcome || it.outcome === by.outcome) &&
    (!by.county || it.division.code === by.county)
  )
}

/** Whether a round belongs to a region: within it, or of a division above it. */
export function concerns(round: RoundRow, region: string | null, divisions: DivisionView[]): boolean {
  if (!region) return true
  const parents = new Map(divisions.map((it) => [it.code, it.parent]))
  // Whoever sees a county is told nothing of the city and the province above it: there the code says it.
  const parent = (code: string) => parents.get(code) ?? (code.endsWith('0000') ? null : code.endsWith('00') ? `${code.slice(0, 2)}0000` : `${code.slice(0, 4)}00`)
  const above = (code: string): string[] => {
    const line = [code]
    for (let at = parent(code); at && !line.includes(at); at = parent(at)) line.push(at)
    return line
  }
  return above(region).includes(round.division.code) || above(round.division.code).includes(region)
}

/** A local moment to the second: 2026-03-31 23:59:59. */
export function exact(text: string): string {
  const [day = text, time = ''] = text.split('T')
  return time ? `${day} ${time.slice(0, 8)}` : day
}

/** A local moment as a field of the browser gives it, with its seconds: 2026-03-15T00:00:00. */
export function withSeconds(text: string): string {
  return /T\d{2}:\d{2}$/.test(text) ? `${text}:00` : text.slice(0, 19)
}

/** The day before or after, by days. */
export function dayBy(day: string, days: number): string {
  return new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** A version of a rule with the days on which filings go by it. */
export interface Dated {
  /** Rule; where places have their own, versions of one round may be of different rules. */
  id?: string
  version: number
  document: string
  from: string
  to: string | null
}

/** Days of a window that go by one version. */
export interface Span {
  id?: string
  version: number
  document: string
  from: string
  to: string
}

/** Which days of a window go by which version, the earlier first; versions that it does not touch are left out. */
export function spans(versions: Dated[], from: string, to: string): Span[] {
  const first = from.slice(0, 10)
  const last = to.slice(0, 10)
  const sorted = [...versions].sort((a, b) => a.from.localeCompare(b.from))
  return sorted.flatMap((it, n): Span[] => {
    // A later version ends the one before, whether or not that one states its own end.
    const next = sorted[n + 1]
    const ends = [last, it.to?.slice(0, 10), next ? dayBy(next.from, -1) : undefined].filter((day) => day !== undefined).sort()
    const begins = it.from.slice(0, 10) > first ? it.from.slice(0, 10) : first
    const end = ends[0] ?? last
    return begins <= end ? [{ id: it.id, version: it.version, document: it.document, from: begins, to: end }] : []
  })
}

/** The version by which a filing of a moment goes; none: no version holds then. */
export function versionAt(versions: Dated[], moment: string): Dated | null {
  const day = moment.slice(0, 10)
  const holds = versions.filter((it) => it.from.slice(0, 10) <= day && (it.to === null || day <= it.to.slice(0, 10)))
  return holds.sort((a, b) => b.from.localeCompare(a.from))[0] ?? null
}

/** What the other end of a window would have gone by. */
export interface Other {
  on: string
  rule: string
  version: number
}

/**
 * When the other version would have held: from the day after this one ends, before the day on which it
 * begins, or on the day that is named, where it is not known to be the next one. Versions of one rule are
 * next to each other by their numbers; of another rule the days on which it stands must be given.
 */
export function otherWhen(filedAt: string, rule: Dated, other: Other, stands?: { from: string; to: string | null } | null): { key: 'later' | 'earlier' | 'on'; day: string } {
  const same = rule.id === undefined || rule.id === other.rule
  const adjacent = same && Math.abs(other.version - rule.version) === 1
  if (other.on > filedAt.slice(0, 10)) {
    const next = rule.to ? dayBy(rule.to, 1) : null
    return next && (adjacent || stands?.from.slice(0, 10) === next) ? { key: 'later', day: next } : { key: 'on', day: other.on }
  }
  const begins = rule.from.slice(0, 10)
  const before = stands?.to ? dayBy(stands.to, 1) === begins : false
  return adjacent || before ? { key: 'earlier', day: begins } : { key: 'on', day: other.on }
}

/** Rounds that take filings now, by every rule that filings in them go by; of several the one that closes first. */
export function openRounds(rounds: RoundRow[]): Map<string, RoundRow> {
  const found = new Map<string, RoundRow>()
  for (const it of rounds) {
    if (it.kind !== 'first' || it.state !== 'open' || it.window !== 'open') continue
    for (const rule of new Set([it.rule, ...it.rules])) {
      const known = found.get(rule)
      if (!known || it.to < known.to) found.set(rule, it)
    }
  }
  return found
}

/** Whether filings in a round go by a rule, on some day of its window. */
export function goesBy(round: RoundRow, rule: string): boolean {
  return round.rule === rule || round.rules.includes(rule)
}

/** Widths of a budget bar in per cent of the longer of budget and demand. */
export function moneyBar(money: RoundMoney): { bound: number; claims: number; over: number; budget: number } | null {
  const budget = Number(money.budget)
  if (money.budget === null || !(budget > 0)) return null
  const bound = Math.max(0, Number(money.bound))
  const claims = Math.max(0, Number(money.claims))
  const whole = Math.max(budget, bound + claims)
  const inside = Math.max(0, Math.min(claims, budget - bound))
  const share = (part: number) => Math.round((part / whole) * 10_000) / 100
  return { bound: share(bound), claims: share(inside), over: share(claims - inside), budget: share(budget) }
}

/** Exact decimals added up; none when one of them is no decimal. */
export function sumOf(list: string[]): string | null {
  if (list.some((it) => !/^-?\d+(\.\d+)?$/.test(it))) return null
  const places = Math.max(0, ...list.map((it) => it.split('.')[1]?.length ?? 0))
  const whole = (it: string) => {
    const [left = '0', right = ''] = it.replace('-', '').split('.')
    return BigInt(left + right.padEnd(places, '0')) * (it.startsWith('-') ? -1n : 1n)
  }
  const sum = list.reduce((all, it) => all + whole(it), 0n)
  const digits = (sum < 0n ? -sum : sum).toString().padStart(places + 1, '0')
  const text = places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits
  return sum < 0n ? `-${text}` : text
}

/** What the server says about one field of a form, which it names as the place of a fault or as the code of the refusal. */
export function faultOf(error: unknown, field: string): Label[] {
  if (!(error instanceof ApiError)) return []
  const at = error.problem.fields.find((it) => it.cell === field)
  if (at) return [at.message, at.allowed]
  return error.problem.code === field ? [error.problem.message] : []
}

/** The refusal without what already stands beside its field; none when nothing is left to say. */
export function besides(error: unknown, fields: string[]): unknown {
  if (!(error instanceof ApiError)) return error
  if (fields.includes(error.problem.code)) return null
  return new ApiError(error.status, { ...error.problem, fields: error.problem.fields.filter((it) => !fields.includes(it.cell)) })
}
