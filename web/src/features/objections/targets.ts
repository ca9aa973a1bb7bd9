// What an objection can be about: each figure on the firm's sheet, and each parcel and lease behind
// its effective land. The server wants a fact and, for land, the subject it belongs to.
import type { LandLine, ParcelRow, Sheet, SheetFact } from '@/shared/api'

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

/** A parcel or lease that can be objected to, with its line on the sheet. */
export interface LineTarget extends Target {
  line: LandLine
}

/** Everything on a sheet that can be objected to. */
export interface Targets {
  facts: { department: string; facts: SheetFact[] }[]
  lines: LineTarget[]
  all: Target[]
}

/** Facts that belong to parcels and leases: chosen by their line, not as sums. */
const LAND = ['parcel_area', 'lease_area', 'lease_floor_area', 'parcel_owner', 'building_floors', 'lease_tenant', 'lease_lessor', 'parcel_use']

/** Number of the firm that a lease line was given out to; none when the parcel does not tell. */
function tenantOf(line: LandLine, parcels: ParcelRow[]): number | null {
  const leases = parcels.find((it) => it.code === line.parcel)?.leases ?? []
  const named = leases.filter((it) => it.tenant !== null && it.tenant_name === line.party)
  return named.length === 1 ? named[0]!.tenant : null
}

/** A parcel or lease as a target; none when it cannot be named to the server. */
function lineTarget(line: LandLine, firm: number, index: number, parcels: ParcelRow[]): LineTarget | null {
  const key = `line-${index}`
  const now = line.mu.replace(/^[-+]/, '') || null
  if (line.kind === 'leased_in') return { key, fact: 'lease_area', subject: `l:${line.parcel}:${firm}`, now, line }
  if (line.kind === 'leased_out') {
    const tenant = tenantOf(line, parcels)
    return tenant === null ? null : { key, fact: 'lease_area', subject: `l:${line.parcel}:${tenant}`, now, line }
  }
  return { key, fact: 'parcel_area', subject: `p:${line.parcel}`, now, line }
}

/** What can be objected to; `parcels` tells the tenants of what was leased out. */
export function targets(sheet: Sheet, parcels: ParcelRow[] = []): Targets {
  const lines = (sheet.land?.lines ?? [])
    .map((line, index) => lineTarget(line, sheet.firm.id, index, parcels))
    .filter((it) => it !== null)
  const facts = sheet.groups
    .map((group) => ({
      department: group.department,
      facts: group.facts.filter((it) => !(lines.length && LAND.includes(it.id))),
    }))
    .filter((group) => group.facts.length > 0)
  const own = facts.flatMap((group) => group.facts.map((it) => ({ key: it.id, fact: it.id, subject: null, now: it.value })))
  return { facts, lines, all: [...own, ...lines] }
}

/** The choice to start from: the asked fact, or the first lease when land as a whole was asked for. */
export function startWith(all: Target[], asked: string): string {
  if (asked === 'land' || LAND.includes(asked)) {
    const wanted = asked === 'land' ? 'lease_area' : asked
    return (all.find((it) => it.fact === wanted && it.subject) ?? all.find((it) => it.subject))?.key ?? ''
  }
  return all.find((it) => it.fact === asked)?.key ?? ''
}
