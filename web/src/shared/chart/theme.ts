// The charts' look, read from the tokens so that the wall's dark ground changes it too. Option
// builders take it as a value and stay pure.
import { tone } from '../ui/tone'

/** Colours and type of a chart. */
export interface ChartTheme {
  ink: string
  ink2: string
  ink3: string
  line: string
  panel: string
  bar: string
  barStrong: string
  accent: string
  font: string
  /** Ink on a class colour. */
  onClass: string
  /** Colour of a class by its name. */
  class: (name: string) => string
}

/** Reads the tokens as they are now. */
export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: token('ink'),
    ink2: token('ink-2'),
    ink3: token('ink-3'),
    line: token('line'),
    panel: token('panel'),
    bar: token('bar'),
    barStrong: token('bar-strong'),
    accent: token('accent'),
    font: token('font'),
    onClass: token('on-class'),
    class: (name) => token(`class-${tone(name)}`),
  }
}
