// The draw of the site sample, done again in the browser from what is published of it: the digest of the
// secret is the commitment; that of secret, line end and pool (`division:filing` a line, by filing) the
// seed; that of seed, colon and filing the key that orders each county.
import type { DrawView } from '@/shared/api'

/** What agrees when it is drawn again. */
export interface Redrawn {
  commitment: boolean
  seed: boolean
  /** Keys, their order, and that the first of each county are taken. */
  order: boolean
  /** The number taken is the share rounded up. */
  take: boolean
}

/** SHA-256 of bytes as hex. */
export type Hash = (bytes: Uint8Array<ArrayBuffer>) => Promise<string>

/** The browser's own; none outside a secure context. */
export function browserHash(): Hash | null {
  const subtle = globalThis.crypto?.subtle
  if (!subtle) return null
  return async (bytes) => [...new Uint8Array(await subtle.digest('SHA-256', bytes))].map((it) => it.toString(16).padStart(2, '0')).join('')
}

/** Parts in a row, as `sha256sum` reads them. */
export function joined(...parts: string[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(parts.join(''))
}

const hex = (digest: string) => digest.replace(/^[a-z0-9]+:/, '').toLowerCase()

/** How many of so many are drawn: a share in per cent with its decimals, rounded up. */
export function taken(count: number, percent: string): number {
  const [whole = '0', rest = ''] = percent.trim().split('.')
  const hundred = 100n * 10n ** BigInt(rest.length)
  const share = BigInt(whole + rest) * BigInt(count)
  return Math.min(count, Number((share + hundred - 1n) / hundred))
}

/** Draws again and compares. */
export async function redraw(draw: DrawView, percent: string, hash: Hash): Promise<Redrawn> {
  const pool = draw.strata.flatMap((it) => it.order.map((one) => ({ division: it.division.code, filing: one.filing })))
  pool.sort((a, b) => a.filing - b.filing || Number(a.division) - Number(b.division))
  const seed = await hash(joined(draw.secret, '\n', pool.map((it) => `${it.division}:${it.filing}\n`).join('')))
  let order = true
  for (const stratum of draw.strata) {
    const keys = await Promise.all(stratum.order.map((it) => hash(joined(seed, ':', String(it.filing)))))
    order &&= keys.every((key, n) => key === hex(stratum.order[n]!.key) && (n === 0 || keys[n - 1]! < key))
    order &&= stratum.order.every((it, n) => it.taken === n < stratum.take)
  }
  return {
    commitment: (await hash(new TextEncoder().encode(draw.secret))) === hex(draw.commitment),
    seed: seed === hex(draw.seed),
    order,
    take: draw.strata.every((it) => it.take === taken(it.order.length, percent)),
  }
}
