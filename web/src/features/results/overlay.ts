// The changes of a what-if as values: setting, taking back, writing into the address and reading from
// it, and showing shares as per cent without passing digits through a float.
import type { Lift, OverlayChange, OverlayHandle } from '@/shared/api'

/** Handles that stand together on the page. */
export interface HandleGroup {
  title: OverlayHandle['group']
  /** `weight`, `cap`, `floor`, `classing`, `adjust`, `other`, or empty. */
  section: string
  handles: OverlayHandle[]
}

/** What a change is about; two changes with one key replace each other. */
export function keyOf(change: OverlayChange): string {
  return change.kind === 'fact' ? `fact/${change.firm}/${change.fact}` : change.path
}

/** The list with a change put in; a change back to the scheme's own value is taken out. */
export function put(changes: OverlayChange[], change: OverlayChange, handle?: OverlayHandle): OverlayChange[] {
  const rest = changes.filter((it) => keyOf(it) !== keyOf(change))
  if (handle && change.kind === 'number' && Number(change.value) === Number(handle.value)) return rest
  if (handle && change.kind === 'switch' && String(change.on) === handle.value) return rest
  return [...rest, change]
}

/** The list without one. */
export function drop(changes: OverlayChange[], key: string): OverlayChange[] {
  return changes.filter((it) => keyOf(it) !== key)
}

/** Moves the decimal point of an exact decimal: shift('0.205', 2) is 20.5. */
export function shift(text: string, places: number): string {
  const parts = /^(-?)(\d*)\.?(\d*)$/.exec(text.trim())
  if (!parts || (!parts[2] && !parts[3])) return text
  const digits = `${parts[2] ?? ''}${parts[3] ?? ''}`
  let point = (parts[2] ?? '').length + places
  let padded = digits
  if (point <= 0) {
    padded = '0'.repeat(1 - point) + padded
    point = 1
  }
  if (point > padded.length) padded = padded.padEnd(point, '0')
  const whole = padded.slice(0, point).replace(/^0+(?=\d)/, '')
  const rest = padded.slice(point).replace(/0+$/, '')
  const value = rest ? `${whole}.${rest}` : whole
  return parts[1] && Number(value) !== 0 ? `-${value}` : value
}

/** A handle's value as it is shown: a share as per cent. */
export function shown(handle: Pick<OverlayHandle, 'unit'>, value: string): string {
  return handle.unit === 'ratio' ? shift(value, 2) : value
}

/** A value as it was typed, back to the scheme's own form; none when it is not a number. */
export function typed(handle: Pick<OverlayHandle, 'unit'>, text: string): string | null {
  const value = text.trim()
  if (!/^-?\d+(\.\d+)?$/.test(value)) return null
  return handle.unit === 'ratio' ? shift(value, -2) : value
}

/** Changes as text for the address. */
export function write(changes: OverlayChange[]): string | null {
  if (!changes.length) return null
  return JSON.stringify(
    changes.map((it) => {
      if (it.kind === 'number') return ['n', it.path, it.value]
      if (it.kind === 'switch') return ['s', it.path, it.on]
      return ['f', it.firm, it.fact, it.value]
    }),
  )
}

/** The address part that tries a lift on the whole population, with the firm's proof kept open. */
export function tryLift(firm: number, lift: Pick<Lift, 'fact' | 'to'>): Record<string, string> {
  return { firm: String(firm), whatif: '1', w: write([{ kind: 'fact', firm, fact: lift.fact, value: lift.to }]) ?? '' }
}

/** Changes from the address; whatever does not read as a change is left out. */
export function read(text: string | null): OverlayChange[] {
  if (!text) return []
  let list: unknown
  try {
    list = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(list)) return []
  return list.flatMap((it: unknown): OverlayChange[] => {
    if (!Array.isArray(it)) return []
    const [kind, a, b, c] = it as unknown[]
    if (kind === 'n' && typeof a === 'string' && typeof b === 'string') return [{ kind: 'number', path: a, value: b }]
    if (kind === 's' && typeof a === 'string' && typeof b === 'boolean') return [{ kind: 'switch', path: a, on: b }]
    if (kind === 'f' && typeof a === 'number' && typeof b === 'string' && (typeof c === 'string' || c === null))
      return [{ kind: 'fact', firm: a, fact: b, value: c }]
    return []
  })
}

/** What a handle moves within its group, by its path. */
export function section(path: string): string {
  const parts = path.split('/')
  const last = parts[parts.length - 1] ?? ''
  if (parts[2] === 'indicators') return last === 'weight' || last === 'cap' || last === 'floor' ? last : 'other'
  if (parts[2] === 'cuts' || parts[2] === 'stages' || parts[2] === 'classing') return 'classing'
  if (parts[2] === 'adjust' || parts[2] === 'total') return 'adjust'
  return parts[0] === 'populations' ? 'other' : ''
}

/** Indicator that a handle belongs to: population and id. */
export function indicatorOf(path: string): { population: string; id: string } | null {
  const [root, population, kind, id] = path.split('/')
  return root === 'populations' && kind === 'indicators' && population && id ? { population, id } : null
}

/** Handles by group and section, in the order they came. */
export function grouped(handles: OverlayHandle[]): HandleGroup[] {
  const groups: HandleGroup[] = []
  for (const handle of handles) {
    const at = groups.find((it) => it.title.zh === handle.group.zh && it.section === section(handle.path))
    if (at) at.handles.push(handle)
    else groups.push({ title: handle.group, section: section(handle.path), handles: [handle] })
  }
  return groups
}
