// Properties that are demanded or stated: how they are written, what a form of them may hold.
import type { SpecView } from '@/shared/api'
import { short } from '@/shared/format'

/** Units offered first; any other can be typed. */
export const UNITS = ['um', 'mm', 'rpm', 'count', 'h', 'kg', 't']

/** Properties that have been demanded or stated before, with the unit that went with them: whoever words one alike is found. */
export function used(lists: SpecView[][]): Map<string, SpecView> {
  const found = new Map<string, SpecView>()
  for (const list of lists) for (const it of list) if (!found.has(it.property)) found.set(it.property, it)
  return found
}

/** A line of a form. */
export interface SpecLine {
  property: string
  demand: string
  value: string
  unit: string
}

/** A property as it is written: 定位精度 ≤ 5 μm. */
export function specText(spec: SpecView, name: string, has: string): string {
  if (spec.demand === 'has' || spec.value === null) return `${name} ${has}`
  return `${name} ${spec.demand === 'at_most' ? '≤' : '≥'} ${short(spec.value, 4)}${spec.unit ? ` ${spec.unit}` : ''}`
}

/** A line as the server takes it; none: it is not complete. */
export function specOf(line: SpecLine): SpecView | null {
  const property = line.property.trim()
  if (!property) return null
  if (line.demand === 'has') return { property, demand: 'has', value: null, unit: '' }
  const value = Number(line.value)
  return line.value.trim() === '' || !Number.isFinite(value) ? null : { property, demand: line.demand, value, unit: line.unit.trim() }
}

/** A known property as a line of the form. */
export function lineOf(spec: SpecView): SpecLine {
  return { property: spec.property, demand: spec.demand, value: spec.value === null ? '' : String(spec.value), unit: spec.unit }
}
