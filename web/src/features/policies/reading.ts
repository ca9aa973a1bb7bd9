// How titles and policies are read: which rules are shown and in what order, what a window or a
// comparison says, what differs between two days of filing, and the conditions of a proof in one line.
import type {
  CountedCondition,
  FirmRule,
  Label,
  LadderRung,
  LadderView,
  Outcome,
  ReasonView,
  RepairView,
  RuleChange,
  RuleFinding,
  RuleHead,
  RuleNumber,
  WindowView,
} from '@/shared/api'
import { decimal } from '@/shared/format'
import { shift } from '@/features/results/overlay'

/** What a rule is to a firm: held, or what its conditions come to. */
export type State = Outcome | 'held'
export const STATES: State[] = ['held', 'met', 'not_met', 'unknown']
export const KINDS = ['title', 'policy'] as const

/** What a list of a firm's rules is narrowed by; empty: everything. */
export interface Narrow {
  outcome: string | null
  kind: string | null
  q: string
}

/** Whether a rule belongs to a state; what is held is also what its conditions come to. */
export function isIn(rule: FirmRule, state: string | null): boolean {
  return state === null || (state === 'held' ? rule.held !== null : rule.outcome === state)
}

/** Part of the name, the document or the id, in either language. */
export function found(rule: RuleHead, words: string): boolean {
  const wanted = words.trim().toLowerCase()
  return [rule.title.zh, rule.title.en, rule.document, rule.id].some((text) => text.toLowerCase().includes(wanted))
}

const WAYS = ['state', 'act', 'wait', 'later_year', 'fixed']
/** The hardest of a change's moves says what kind of change it is. */
export function hardest(repair: RepairView): string {
  return [...repair.moves].sort((a, b) => WAYS.indexOf(b.way) - WAYS.indexOf(a.way))[0]?.way ?? 'act'
}

/** What a firm should look at first: a title in danger, what can be had now, what is near, the rest. */
export function urgency(rule: FirmRule): number {
  if (rule.held) return rule.held.at_risk ? 0 : 5
  if (rule.outcome === 'met') return 1
  if (rule.outcome === 'not_met') return rule.repairs.length ? 2 : 4
  return 3
}

/** The rules that are shown, titles and policies apart, each in the order of urgency. */
export function grouped(rules: FirmRule[], narrow: Narrow): { kind: (typeof KINDS)[number]; rules: FirmRule[] }[] {
  return KINDS.filter((kind) => narrow.kind === null || narrow.kind === kind)
    .map((kind) => ({
      kind,
      rules: rules
        .filter((it) => it.rule.kind === kind && isIn(it, narrow.outcome) && found(it.rule, narrow.q))
        .map((it, n) => ({ it, n }))
        .sort((a, b) => urgency(a.it) - urgency(b.it) || a.n - b.n)
        .map(({ it }) => it),
    }))
    .filter((it) => it.rules.length > 0)
}

/** A moment as people write it: without a clock time at midnight. */
export function moment(text: string): string {
  const [day = text, time = ''] = text.split('T')
  const clock = time.slice(0, 5)
  return clock && clock !== '00:00' ? `${day} ${clock}` : day
}

/** Whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / 86_400_000)
}

/** The sentence of a window: its wording key below `policies.window` and what fills it. */
export function windowWords(window: WindowView, on: string): { key: string; values: Record<string, string | number> } {
  const from = window.from ? moment(window.from) : ''
  const to = window.to ? moment(window.to) : ''
  if (window.state === 'open' && window.to) {
    const days = daysBetween(on, window.to)
    return days > 0 ? { key: 'open', values: { to, days } } : { key: 'last', values: { to } }
  }
  if (window.state === 'upcoming' && window.from) return { key: 'upcoming', values: { from, to, days: daysBetween(on, window.from) } }
  if (window.state === 'closed' && window.to) return { key: 'closed', values: { to } }
  return { key: 'always', values: {} }
}

const SIGNS: Record<string, string> = { '>=': '≥', '<=': '≤', '<>': '≠', '!=': '≠' }
/** A sign of comparison as it is printed. */
export const sign = (op: string): string => SIGNS[op] ?? op

/** `3%` or `3 %` stands in what a condition is called, in either language. */
function named(title: Label, value: string): boolean {
  const per = shift(value, 2).replace('.', '\\.')
  return [title.zh, title.en].some((text) => new RegExp(`(^|[^\\d.])${per} ?[%％]`).test(text))
}

/** Words of things that are shares or rates. */
const SHARE = /比例|占比|比率|[^效]率|增幅|share|ratio|rate|margin|percent|growth|[%％]/i

/** Whether a number of a rule is a share, and is written as per cent. */
export function isShare(number: Pick<RuleNumber, 'path' | 'title' | 'value'>): boolean {
  const value = Number(number.value)
  if (!Number.isFinite(value)) return false
  if (value !== 0 && named(number.title, number.value)) return true
  if (number.path.startsWith('uplifts/')) return true
  const fraction = Math.abs(value) < 1 && value !== 0 && !Number.isInteger(value)
  return fraction && (number.path.startsWith('amount/') || SHARE.test(number.title.zh + number.title.en))
}

/** A number as it is shown: a share as per cent, digits untouched. */
export function shown(number: Pick<RuleNumber, 'path' | 'title' | 'value'>, value: string = number.value): string {
  return isShare(number) ? shift(value, 2) : value
}

/** A number as it was typed, back to the rule's own form; none when it is not a number. */
export function typed(number: Pick<RuleNumber, 'path' | 'title' | 'value'>, text: string): string | null {
  const value = text.trim().replace(/[,，%％\s]/g, '')
  if (!/^-?\d+(\.\d+)?$/.test(value)) return null
  return isShare(number) ? shift(value, -2) : value
}

/** A comparison in words: `2.9% ≥ 3%`; shares as per cent where the condition speaks of per cent. */
export function compared(left: string | null, op: string, right: string | null, title: Label, unknown: string): string {
  // The bound may stand on either side: what is asked with ≤ comes turned round.
  const share = [left, right].some((it) => it !== null && it !== '?' && Number(it) !== 0 && named(title, it))
  const side = (value: string | null) => (value === null || value === '?' ? unknown : share ? `${decimal(shift(value, 2))}%` : decimal(value))
  return `${side(left)} ${sign(op)} ${side(right)}`
}

/** What the first comparison of a failing condition saw, which comes as one text: `0.029 >= 0.03`. */
export function seenWords(seen: string, title: Label, unknown: string): string {
  const parts = /^(\S+) (>=|<=|<>|>|<|=) (\S+)$/.exec(seen)
  return parts ? compared(parts[1] ?? null, parts[2] ?? '', parts[3] ?? null, title, unknown) : seen
}

/** A line of a condition tree. */
export interface TreeLine {
  reason: ReasonView
  depth: number
  /** Place in the tree: `0.2.1`. */
  path: string
}

/** A condition with everything below it, from the top down. */
export function flat(reason: ReasonView, depth = 0, path = '0'): TreeLine[] {
  return [{ reason, depth, path }, ...reason.parts.flatMap((it, n) => flat(it, depth + 1, `${path}.${n}`))]
}

/** The conditions proper, without the groups that hold them. */
export function leaves(reason: ReasonView): ReasonView[] {
  return flat(reason).map((it) => it.reason).filter((it) => it.parts.length === 0)
}

/** How many conditions came out how. */
export function tally(reason: ReasonView): Record<Outcome, number> {
  const count = { met: 0, not_met: 0, unknown: 0 }
  for (const it of leaves(reason)) count[it.truth]++
  return count
}

/** A ladder's rungs by step, from the lowest; some steps have more than one title. */
export function steps(ladder: LadderView): { step: number; rungs: LadderRung[] }[] {
  const found = new Map<number, LadderRung[]>()
  for (const rung of ladder.rungs) found.set(rung.step, [...(found.get(rung.step) ?? []), rung])
  return [...found].sort(([a], [b]) => a - b).map(([step, rungs]) => ({ step, rungs }))
}

/** A rule that another day of filing sees differently. */
export interface Difference {
  id: string
  title: Label
  /** None: no version is in force. */
  today: { version: number; outcome: Outcome } | null
  then: { version: number; outcome: Outcome } | null
}

/** What another day of filing changes: versions, rules that come and go, outcomes. */
export function differences(today: FirmRule[], then: FirmRule[]): Difference[] {
  const was = new Map(today.map((it) => [it.rule.id, it]))
  const is = new Map(then.map((it) => [it.rule.id, it]))
  const short = (it: FirmRule | undefined) => (it ? { version: it.rule.version, outcome: it.outcome } : null)
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((id) => ({ id, title: (is.get(id) ?? was.get(id))!.rule.title, today: short(was.get(id)), then: short(is.get(id)) }))
    .filter((it) => it.today?.version !== it.then?.version || it.today?.outcome !== it.then?.outcome)
}

/** What keeps a rule from coming into force first, then what a person should look at. */
export function sortedFindings(findings: RuleFinding[]): RuleFinding[] {
  return [...findings].sort((a, b) => Number(b.blocks) - Number(a.blocks))
}

/** Line of the file in which a condition is written; none when it is not found. */
export function lineOfNode(text: string, node: string): number | null {
  const id = node.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const at = text.split('\n').findIndex((line) => new RegExp(`\\bid:\\s*['"]?${id}['"]?\\s*(,|}|$|#)`).test(line))
  return at < 0 ? null : at + 1
}

/** Conditions of the re-check and exceptions are not in the way of one who applies: who fails those fails nothing. */
export function inTheWay(text: string, node: string): boolean {
  const at = lineOfNode(text, node)
  if (at === null) return true
  const lines = text.split('\n')
  const renewal = lines.findIndex((line) => /^renewal:/.test(line))
  if (renewal >= 0 && at - 1 > renewal) return false
  const line = lines[at - 1] ?? ''
  return !/(unless|except):/.test(line.slice(0, line.indexOf(node)))
}

/** Condition that a number belongs to; none for parameters and amounts. */
export function nodeOf(path: string): string | null {
  return /^conditions\/(.+)\/\d+$/.exec(path)?.[1] ?? null
}

/** Numbers with the firms that fail their condition; those that hold somebody back come first. */
export function byWeight(numbers: RuleNumber[], failing: CountedCondition[]): { number: RuleNumber; fails: number }[] {
  const fails = new Map(failing.map((it) => [it.id, it.not_met]))
  return numbers
    .map((number, n) => ({ number, fails: fails.get(nodeOf(number.path) ?? '') ?? 0, n }))
    .sort((a, b) => b.fails - a.fails || a.n - b.n)
    .map(({ number, fails }) => ({ number, fails }))
}

/** Changes with one put in; a change back to the rule's own value is taken out. */
export function put(changes: RuleChange[], number: RuleNumber, value: string): RuleChange[] {
  const rest = changes.filter((it) => it.path !== number.path)
  return Number(value) === Number(number.value) ? rest : [...rest, { path: number.path, value }]
}

/** Changes as text for the address. */
export function write(changes: RuleChange[]): string | null {
  return changes.length ? JSON.stringify(changes.map((it) => [it.path, it.value])) : null
}

/** Changes from the address; whatever does not read as a change is left out. */
export function read(text: string | null): RuleChange[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(list)) return []
    return list.flatMap((it: unknown): RuleChange[] => {
      const [path, value] = Array.isArray(it) ? (it as unknown[]) : []
      return typeof path === 'string' && typeof value === 'string' ? [{ path, value }] : []
    })
  } catch {
    return []
  }
}

/** Facts that are missing, by the department that owes them; what people judge stands last. */
export function byOwner<T>(list: T[], owner: (it: T) => string | null): { owner: string | null; list: T[] }[] {
  const found = new Map<string | null, T[]>()
  for (const it of list) found.set(owner(it), [...(found.get(owner(it)) ?? []), it])
  return [...found].map(([name, list]) => ({ owner: name, list })).sort((a, b) => Number(a.owner === null) - Number(b.owner === null))
}
