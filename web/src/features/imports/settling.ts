// The keyboard of the doubts page as a pure function: what a key means, given where one stands.
// Kept apart from the page, so that the meaning of each key can be tested without a browser.

/** What a key asks for. */
export type Command =
  | { kind: 'choose'; candidate: number }
  | { kind: 'none' }
  | { kind: 'undo' }
  | { kind: 'move'; by: number }
  | { kind: 'next_open' }
  | { kind: 'help' }

/** A key press, as the browser reports it. */
export interface Press {
  key: string
  ctrlKey?: boolean
  metaKey?: boolean
  altKey?: boolean
}

/** The command of a key, if it has one. Keys with Ctrl, Alt or Meta belong to the browser. */
export function commandOf(press: Press, candidates: number): Command | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null
  if (/^[1-9]$/.test(press.key)) {
    const candidate = Number(press.key) - 1
    return candidate < candidates ? { kind: 'choose', candidate } : null
  }
  switch (press.key) {
    case '0':
      return { kind: 'none' }
    case 'u':
    case 'U':
      return { kind: 'undo' }
    case 'ArrowDown':
    case 'j':
      return { kind: 'move', by: 1 }
    case 'ArrowUp':
    case 'k':
      return { kind: 'move', by: -1 }
    case 'n':
      return { kind: 'next_open' }
    case '?':
      return { kind: 'help' }
    default:
      return null
  }
}

/** A doubt as far as settling is concerned. */
export interface Settled {
  id: number
  decision: string | null
}

/** How many are settled. */
export function settledCount(doubts: Settled[]): number {
  return doubts.filter((d) => d.decision !== null && d.decision !== undefined).length
}

/** The next doubt without a decision after `from`, going round; stays when there is none. */
export function nextOpen(doubts: Settled[], from: number): number {
  for (let step = 1; step <= doubts.length; step++) {
    const index = (from + step) % doubts.length
    if (doubts[index]!.decision == null) return index
  }
  return from
}

/** A position kept inside the list. */
export function clamped(index: number, length: number): number {
  return Math.max(0, Math.min(length - 1, index))
}

/** A doubt as far as settling many at once is concerned. */
export interface Written extends Settled {
  name: string
  code: string
  address: string
  candidates: { confidence: number }[]
}

/** Open rows whose first candidate is at least that likely and likelier than the second. */
export function likelyCount(doubts: Written[], least: number): number {
  return doubts.filter((it) => {
    const [first, second] = it.candidates
    return it.decision == null && first !== undefined && first.confidence >= least && first.confidence > (second?.confidence ?? 0)
  }).length
}

/** Other open rows that write the same as a settled one. */
export function alikeCount(doubts: Written[], model: Written): number {
  if (model.decision == null) return 0
  return doubts.filter((it) => it.decision == null && it.name === model.name && it.code === model.code && it.address === model.address).length
}
