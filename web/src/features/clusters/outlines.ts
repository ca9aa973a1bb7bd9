// Outlines of divisions as paths of a drawing: a plate carrée around the middle of the province, which at
// this size no eye tells from a better projection.
/** A division's outline. */
export interface Outline {
  code: string
  name: string
  path: string
}

interface Feature {
  properties: Record<string, unknown>
  geometry: { type: string; coordinates: unknown }
}
type Ring = [number, number][]

/** Outlines of a GeoJSON, in a box of that width; height follows. */
export function outlines(map: unknown, width: number): { list: Outline[]; height: number } {
  const features = (map as { features?: Feature[] }).features ?? []
  const shapes = features.map((it) => ({
    code: String(it.properties.code ?? it.properties.adcode ?? it.properties.id ?? ''),
    name: String(it.properties.name ?? ''),
    rings: rings(it.geometry),
  }))
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const { rings } of shapes)
    for (const ring of rings)
      for (const [x, y] of ring) {
        west = Math.min(west, x)
        east = Math.max(east, x)
        south = Math.min(south, y)
        north = Math.max(north, y)
      }
  if (west > east) return { list: [], height: 0 }
  const wide = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const k = width / ((east - west) * wide)
  const at = ([x, y]: [number, number]) => `${((x - west) * wide * k).toFixed(1)} ${((north - y) * k).toFixed(1)}`
  return { list: shapes.map(({ code, name, rings }) => ({ code, name, path: rings.map((ring) => `M${ring.map(at).join('L')}Z`).join('') })), height: (north - south) * k }
}

function rings(geometry: Feature['geometry']): Ring[] {
  if (geometry.type === 'Polygon') return geometry.coordinates as Ring[]
  if (geometry.type === 'MultiPolygon') return (geometry.coordinates as Ring[][]).flat()
  return []
}

/** Overlap of two cities, from a list that holds each pair once. */
export function overlapOf(pairs: { a: { code: string }; b: { code: string }; overlap: number }[], a: string, b: string): number | null {
  if (a === b) return null
  return pairs.find((it) => (it.a.code === a && it.b.code === b) || (it.a.code === b && it.b.code === a))?.overlap ?? null
}

/** Shade of a share of the most, 0 to 4. */
export function shade(value: number, most: number): number {
  return value > 0 && most > 0 ? Math.max(1, Math.min(4, Math.ceil((value / most) * 4))) : 0
}
