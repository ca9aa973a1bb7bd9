// The graph's colours from the tokens, as they are now (paper or the dark wall).
import type { Look } from './paint'

/** How many places get a colour of their own; all others share one. */
export const PLACE_COLOURS = 8

/** Reads the tokens. */
export function readLook(): Look {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    paper: token('paper'),
    panel: token('panel'),
    sunk: token('sunk'),
    line: token('line'),
    lineStrong: token('line-strong'),
    ink: token('ink'),
    ink2: token('ink-2'),
    ink3: token('ink-3'),
    accent: token('accent'),
    alarm: token('alarm'),
    good: token('good'),
    mark: token('mark'),
    bar: token('bar'),
    barStrong: token('bar-strong'),
    font: token('font'),
    cover: { covered: token('good'), few: token('class-b'), single: token('mark'), missing: token('alarm') },
    kind: { firm: token('bar-strong'), project: token('group-2'), technology: token('group-3'), people: token('group-5'), money: token('group-6') },
    places: [...Array.from({ length: PLACE_COLOURS }, (_, n) => token(`group-${n + 1}`)), token('bar')],
  }
}
