// Which of the four class colours a class takes. Schemes name classes differently (A, A+, 甲, Ⅰ);
// anything else is a label outside the ranking and gets no colour.

/** Colour of a class. */
export type Tone = 'a' | 'b' | 'c' | 'd' | 'none'

const NAMES: Record<string, Tone> = { A: 'a', B: 'b', C: 'c', D: 'd', 甲: 'a', 乙: 'b', 丙: 'c', 丁: 'd', Ⅰ: 'a', Ⅱ: 'b', Ⅲ: 'c', Ⅳ: 'd' }

/** Colour of a class by its name: `A`, `A+`, `甲类`. */
export function tone(name: string): Tone {
  if (/^[A-D][+-]*$/.test(name) || /^[甲乙丙丁ⅠⅡⅢⅣ][类级档]?$/.test(name)) return NAMES[name[0] ?? ''] ?? 'none'
  return 'none'
}

/** The CSS colour of a class, for charts. */
export function toneColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--class-${tone(name)}`).trim() || '#626a75'
}
