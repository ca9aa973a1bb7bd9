// Sums of decimal strings without floats: the sheet shows owned + leased in − leased out, and has to
// say by how much it is off when the parts do not make the total. Figures travel as decimal strings.

/** A decimal as an integer and its number of decimals. */
interface Scaled {
  units: bigint
  decimals: number
}

/** Reads a plain decimal; none when the text is not one. */
function scaled(text: string): Scaled | null {
  const match = /^\s*([+-]?)(\d+)(?:\.(\d+))?\s*$/.exec(text)
  if (!match) return null
  const fraction = match[3] ?? ''
  const units = BigInt(match[2]! + fraction)
  return { units: match[1] === '-' ? -units : units, decimals: fraction.length }
}

/** Writes it back, trailing zeros gone. */
function written({ units, decimals }: Scaled): string {
  const negative = units < 0n
  const digits = (negative ? -units : units).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`
}

/** The exact sum; none when a part is unknown or not a number. */
export function sum(parts: (string | null | undefined)[]): string | null {
  let total: Scaled = { units: 0n, decimals: 0 }
  for (const part of parts) {
    const next = part == null ? null : scaled(part)
    if (!next) return null
    const decimals = Math.max(total.decimals, next.decimals)
    const lift = (value: Scaled) => value.units * 10n ** BigInt(decimals - value.decimals)
    total = { units: lift(total) + lift(next), decimals }
  }
  return written(total)
}

/** The same figure with the other sign. */
export function negated(text: string): string {
  const value = scaled(text)
  return value ? written({ units: -value.units, decimals: value.decimals }) : text
}

/** True when both are the same number (`6.50` and `6.5`). */
export function equal(a: string, b: string): boolean {
  return sum([a, negated(b)]) === '0'
}

/** −1, 0 or 1. */
export function sign(text: string): number {
  const value = scaled(text)
  return !value || value.units === 0n ? 0 : value.units < 0n ? -1 : 1
}

/** By how much owned + leased in − leased out misses the effective area; none: it does not. */
export function gapOf(land: {
  owned: string
  leased_in: string
  leased_out: string
  effective: string
}): string | null {
  // Leased out may be written with or without its minus; either way it is taken away.
  const out = sign(land.leased_out) > 0 ? negated(land.leased_out) : land.leased_out
  const gap = sum([land.owned, land.leased_in, out, negated(land.effective)])
  return gap === null || gap === '0' ? null : gap
}
