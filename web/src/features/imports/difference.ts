// Which characters of two short texts differ: the doubts page marks them, so that an officer sees
// at a glance whether 启衡精密传动 and 启恒精密传动 are one firm. Longest common subsequence, on
// code points (a rare character outside the basic plane is one character, not two).

/** A stretch of text that the other side has as well, or has not. */
export interface Piece {
  text: string
  same: boolean
}

/** The two texts cut into stretches. */
export interface Difference {
  left: Piece[]
  right: Piece[]
}

/** Texts longer than this are compared as a whole: an address has a few dozen characters. */
const LONGEST = 400

/** Full-width letters and digits count as their half-width twins: departments mix both. */
function folded(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCodePoint(code - 0xfee0).toLowerCase()
  if (code === 0x3000) return ' '
  return character.toLowerCase()
}

/** Length of the longest common subsequence of every pair of suffixes, row by row. */
function suffixLengths(a: string[], b: string[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        a[i] === b[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  return lengths
}

/** Joins neighbours of the same kind. */
function pieces(characters: string[], same: boolean[]): Piece[] {
  const out: Piece[] = []
  characters.forEach((character, index) => {
    const last = out[out.length - 1]
    if (last && last.same === same[index]) last.text += character
    else out.push({ text: character, same: same[index]! })
  })
  return out
}

/** Cuts both texts into stretches that agree and stretches that do not. */
export function difference(left: string, right: string): Difference {
  const a = [...left]
  const b = [...right]
  if (a.length > LONGEST || b.length > LONGEST) {
    const same = left === right
    return { left: [{ text: left, same }], right: [{ text: right, same }] }
  }
  const x = a.map(folded)
  const y = b.map(folded)
  const lengths = suffixLengths(x, y)
  const inLeft = new Array<boolean>(a.length).fill(false)
  const inRight = new Array<boolean>(b.length).fill(false)
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (x[i] === y[j]) {
      inLeft[i++] = true
      inRight[j++] = true
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++
    else j++
  }
  return { left: pieces(a, inLeft), right: pieces(b, inRight) }
}
