// How a parcel's small bar is divided: what the owner keeps, what each tenant holds, and what was
// leased beyond the parcel's own area (drawn past its end, because it cannot be right).

/** One stretch of the bar. */
export interface Share {
  /** `kept`, `lease` or `beyond`. */
  kind: 'kept' | 'lease' | 'beyond'
  /** Tenant's place in the list of leases, for `lease`. */
  lease?: number
  /** Mu; for drawing only, never shown as a figure. */
  mu: number
  /** 0..1 of the bar's whole length. */
  part: number
}

/** A parcel as far as its bar is concerned. */
export interface Divided {
  area: string | null
  leases: { counted: string }[]
}

/** Stretches in order; empty when the parcel's area is unknown or nothing is known to draw. */
export function shares(parcel: Divided): Share[] {
  const area = parcel.area === null ? NaN : Number(parcel.area)
  const leased = parcel.leases.map((l) => Math.max(0, Number(l.counted) || 0))
  const out = leased.reduce((a, b) => a + b, 0)
  if (!Number.isFinite(area) || Math.max(area, out) <= 0) return []
  const whole = Math.max(area, out)
  const stretches: Share[] = []
  const kept = Math.max(0, area - out)
  if (kept > 0) stretches.push({ kind: 'kept', mu: kept, part: kept / whole })
  let room = area
  leased.forEach((mu, lease) => {
    const inside = Math.min(mu, Math.max(0, room))
    if (inside > 0) stretches.push({ kind: 'lease', lease, mu: inside, part: inside / whole })
    room -= inside
  })
  const beyond = out - area
  if (beyond > 1e-9) stretches.push({ kind: 'beyond', mu: beyond, part: beyond / whole })
  return stretches
}
