// What an objection can be about: each figure on the firm's sheet, and each parcel and lease behind
// its effective land. The server wants a fact and, for land, the subject it belongs to.
import type { LandLine, Sheet, SheetFact } from '@/shared/api'

/** One thing that can be objected to. */
export interface Target {
  /** Value of the choice in the form. */
  key: string
  fact: string
  /** `p:<parcel>` or `l:<parcel>:<tenant>`; none: the firm itself. */
  subject: string | null
  /** Value now, as a decimal or text. */
  now: string | null
}

/** Facts that belong to parcels and leases: chosen by their line, not as sums. */
const LAND = ['parcel_area', 'lease_area', 'lease_floor_area', 'parcel_owner', 'building_floors', 'lease_tenant', 'lease_lessor', 'parcel_use']

/** A figure of the firm itself. */
export function factTarget(fact: SheetFact): Target {
  return { key: fact.id, fact: fact.id, subject: null, now: fact.value }
}

/** A parcel or lease. The tenant of a lease that was leased in is the firm itself. */
export function lineTarget(line: LandLine, firm: number, index: number): Target {
  const mu = line.mu.replace(/^[-+]/, '')
  if (line.kind === 'owned' || line.kind === 'merged') {
    return { key: `line-${index}`, fact: 'parcel_area', subject: `p:${line.parcel}`, now: mu }
  }
  const subject = line.kind === 'leased_in' ? `l:${line.parcel}:${firm}` : `p:${line.parcel}`
  return { key: `line-${index}`, fact: 'lease_area', subject, now: mu }
}

/** Everything on a sheet that can be objected to. */
export function targets(sheet: Sheet): { facts: { department: string; facts: SheetFact[] }[]; lines: LandLine[]; all: Target[] } {
  const lines = sheet.land?.lines ?? []
  const facts = sheet.groups
    .map((group) => ({
      department: group.department,
      facts: group.facts.filter((it) => !(lines.length && LAND.includes(it.id))),
    }))
    .filter((group) => group.facts.length > 0)
  const all = [
    ...facts.flatMap((group) => group.facts.map(factTarget)),
    ...lines.map((line, index) => lineTarget(line, sheet.firm.id, index)),
  ]
  return { facts, lines, all }
}

/** The choice to start from: the asked fact, or the first lease when land as a whole was asked for. */
export function startWith(all: Target[], asked: string): string {
  if (asked === 'land' || LAND.includes(asked)) {
    const wanted = asked === 'land' ? 'lease_area' : asked
    return (all.find((it) => it.fact === wanted && it.subject) ?? all.find((it) => it.subject))?.key ?? ''
  }
  return all.find((it) => it.fact === asked)?.key ?? ''
}
