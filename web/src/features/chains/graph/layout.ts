// Where everything of a chain's graph stands: stages from left to right, products in their stage in the
// order that crosses fewest links, firms and the rest packed round their product. Pure and without
// chance: the same graph is always drawn the same, on every machine and however often it is opened.
import type { ChainGraph } from '@/shared/api'

/** Product with what is packed round it; `row` −1: what belongs to no product that is known. */
export interface Cell {
  row: number
  /** Row of its stage; −1: none. */
  stage: number
  x: number
  y: number
  /** Outer radius. */
  r: number
  /** Rows packed round it, in the order of packing. */
  items: Int32Array
}

/** A stage's field. */
export interface Field {
  /** Row; −1: products without a stage. */
  row: number
  x: number
  y: number
  width: number
  height: number
}

/** Places of all nodes, by row; measures are in units that are pixels at scale 1. */
export interface Layout {
  x: Float32Array
  y: Float32Array
  r: Float32Array
  /** Number of the cell that a row is in or is the middle of; −1: a stage. */
  cellOf: Int32Array
  cells: Cell[]
  fields: Field[]
  width: number
  height: number
}

/** Radius of a product's disc. */
export const CORE = 9
/** Ground that one packed node takes: the square of this. */
const STEP = 7.4
const ITEM = 2.5
const GAP = 14
const LABEL = 17
const LEAST = 92
const HEAD = 34
const PAD = 18
const FIELD_GAP = 46
const ASPECT = 2.1
const GOLDEN = Math.PI * (3 - Math.sqrt(5))
/** Kinds from the inner to the outer rings. */
const RINGS = ['firm', 'project', 'technology', 'people', 'money']

/** Depth of each vertex on the longest way to it; links that would close a ring are left out. */
export function depths(count: number, links: [number, number][]): number[] {
  const next: number[][] = Array.from({ length: count }, () => [])
  const waits = new Array<number>(count).fill(0)
  for (const [from, to] of links) {
    if (from === to) continue
    next[from]!.push(to)
    waits[to]!++
  }
  const depth = new Array<number>(count).fill(0)
  const done = new Array<boolean>(count).fill(false)
  for (let left = count; left > 0; left--) {
    // The first that waits for nothing; in a ring the one that waits for least.
    let at = -1
    for (let n = 0; n < count; n++) if (!done[n] && (at < 0 || waits[n]! < waits[at]!)) at = n
    done[at] = true
    for (const to of next[at]!) {
      waits[to]!--
      if (!done[to]) depth[to] = Math.max(depth[to]!, depth[at]! + 1)
    }
  }
  return depth
}

/** How many pairs of links cross between layers in this order (links between any two layers). */
export function crossings(layers: number[][], links: [number, number][]): number {
  const layer = new Map<number, number>()
  const place = new Map<number, number>()
  layers.forEach((rows, n) => rows.forEach((row, at) => (layer.set(row, n), place.set(row, (at + 0.5) / rows.length))))
  const spans = links
    .filter(([a, b]) => layer.has(a) && layer.has(b) && layer.get(a) !== layer.get(b))
    .map(([a, b]) => (layer.get(a)! < layer.get(b)! ? [a, b] : [b, a]) as [number, number])
  let sum = 0
  for (let n = 0; n < spans.length; n++) {
    for (let m = n + 1; m < spans.length; m++) {
      const [a, b] = spans[n]!
      const [c, d] = spans[m]!
      if (layer.get(a) !== layer.get(c) || layer.get(b) !== layer.get(d)) continue
      if ((place.get(a)! - place.get(c)!) * (place.get(b)! - place.get(d)!) < 0) sum++
    }
  }
  return sum
}

/**
 * Orders each layer by the mean place of its neighbours (barycentre, Sugiyama 1981), sweeping forth and
 * back, and keeps the order that crossed least. Equal means keep the order before.
 */
export function orderLayers(layers: number[][], links: [number, number][], sweeps = 8): number[][] {
  const near = new Map<number, number[]>()
  for (const [a, b] of links) {
    if (a === b) continue
    near.set(a, [...(near.get(a) ?? []), b])
    near.set(b, [...(near.get(b) ?? []), a])
  }
  const layerOf = new Map<number, number>()
  layers.forEach((rows, n) => rows.forEach((row) => layerOf.set(row, n)))
  // Counting crossings is quadratic in links: beyond this many the last sweep is taken as it is.
  const counts = links.length <= 2_000
  let now = layers.map((rows) => [...rows])
  let best = now
  let least = counts ? crossings(now, links) : Infinity
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forth = sweep % 2 === 0
    const place = new Map<number, number>()
    now.forEach((rows) => rows.forEach((row, at) => place.set(row, (at + 0.5) / rows.length)))
    const order = [...now.keys()]
    if (!forth) order.reverse()
    const next = [...now]
    for (const n of order) {
      const mean = (row: number) => {
        const seen = (near.get(row) ?? []).filter((it) => {
          const of = layerOf.get(it)
          return of !== undefined && (forth ? of < n : of > n)
        })
        return seen.length ? seen.reduce((sum, it) => sum + place.get(it)!, 0) / seen.length : place.get(row)!
      }
      const means = new Map(now[n]!.map((row) => [row, mean(row)]))
      next[n] = [...now[n]!].sort((a, b) => means.get(a)! - means.get(b)! || place.get(a)! - place.get(b)!)
      next[n]!.forEach((row, at) => place.set(row, (at + 0.5) / next[n]!.length))
    }
    now = next
    const found = counts ? crossings(now, links) : least
    if (!counts || found < least) {
      best = now
      least = found
    }
  }
  return best
}

/** Outer radius of a cell with so many packed nodes; in steps, so that a firm more moves nothing around it. */
export function cellRadius(items: number): number {
  let room = 6
  while (room < items) room = Math.ceil(room * 1.35)
  return items === 0 ? CORE + 5 : Math.sqrt(CORE * CORE * 1.7 + (room * STEP * STEP) / Math.PI) + STEP / 2
}

/** Place of the `n`th packed node, from the middle of its cell: a sunflower. */
export function packed(n: number): [number, number] {
  const way = Math.sqrt(CORE * CORE * 1.7 + ((n + 1) * STEP * STEP) / Math.PI)
  return [way * Math.cos(n * GOLDEN), way * Math.sin(n * GOLDEN)]
}

/** How many nodes side by side: the fewest with which a stage is no higher than `most`. */
function across(heights: number[], most: number): number {
  for (let side = 1; side < heights.length; side++) if (stacked(heights, side) <= most) return side
  return Math.max(1, heights.length)
}

/** Height of shelves with `side` cells each. */
function stacked(heights: number[], side: number): number {
  let sum = 0
  for (let at = 0; at < heights.length; at += side) sum += Math.max(...heights.slice(at, at + side))
  return sum
}

/** The product that a node is packed round: its own parent, or that of what it works for. */
function productOf(graph: ChainGraph, row: number): number {
  let at: number | null | undefined = row
  for (let steps = 0; steps < 8 && at !== null && at !== undefined; steps++) {
    if (graph.nodes.kind[at] === 'product') return at
    at = graph.nodes.parent[at]
  }
  return -1
}

/** Lays out a graph. */
export function layOut(graph: ChainGraph): Layout {
  const { nodes, links } = graph
  const count = nodes.id.length
  const stages: number[] = []
  const products: number[] = []
  const round = new Map<number, number[]>()
  for (let row = 0; row < count; row++) {
    const kind = nodes.kind[row]
    if (kind === 'stage') stages.push(row)
    else if (kind === 'product') products.push(row)
    else {
      const product = productOf(graph, row)
      const list = round.get(product)
      if (list) list.push(row)
      else round.set(product, [row])
    }
  }
  const stageOf = (product: number) => {
    const parent = nodes.parent[product]
    return parent !== null && parent !== undefined && nodes.kind[parent] === 'stage' ? parent : -1
  }
  const made: [number, number][] = []
  const precedes: [number, number][] = []
  const place = new Map(stages.map((row, n) => [row, n]))
  for (let n = 0; n < links.kind.length; n++) {
    const from = links.from[n]!
    const to = links.to[n]!
    // A product stands to the right of what it is made of.
    if (links.kind[n] === 'made_of') made.push([to, from])
    if (links.kind[n] === 'precedes' && place.has(from) && place.has(to)) precedes.push([place.get(from)!, place.get(to)!])
  }
  // By number and not as they came: sums of means depend on the order.
  for (const list of [made, precedes]) list.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  if (!precedes.length) {
    // Stages without an order of their own: that of what their products are made of.
    for (const [input, whole] of made) {
      const from = place.get(stageOf(input))
      const to = place.get(stageOf(whole))
      if (from !== undefined && to !== undefined && from !== to) precedes.push([from, to])
    }
  }
  const depth = depths(stages.length, precedes)
  const columns: number[][] = []
  stages.forEach((row, n) => (columns[depth[n]!] ??= []).push(row))
  const present = columns.filter((it) => it !== undefined)
  if (products.some((row) => stageOf(row) < 0) || round.has(-1)) present.push([-1])

  // Products, ordered within columns; stages that share one are then stacked in that order.
  const byStage = new Map<number, number[]>()
  const words = [...products].sort((a, b) => (nodes.id[a]! < nodes.id[b]! ? -1 : 1))
  for (const row of words) byStage.set(stageOf(row), [...(byStage.get(stageOf(row)) ?? []), row])
  const ordered = orderLayers(present.map((column) => column.flatMap((stage) => byStage.get(stage) ?? [])), made)

  const cells: Cell[] = []
  const cellOf = new Int32Array(count).fill(-1)
  const fieldCells: { stage: number; cells: number[] }[][] = present.map((column, n) => {
    const rank = new Map(ordered[n]!.map((row, at) => [row, at]))
    const list = column.map((stage) => {
      const rows = [...(byStage.get(stage) ?? [])].sort((a, b) => rank.get(a)! - rank.get(b)!)
      if (stage < 0 && round.has(-1)) rows.push(-1)
      const mean = rows.reduce((sum, row) => sum + (rank.get(row) ?? 0), 0) / Math.max(1, rows.length)
      return { stage, rows, mean }
    })
    return list
      .sort((a, b) => a.mean - b.mean || a.stage - b.stage)
      .map(({ stage, rows }) => ({
        stage,
        cells: rows.map((row) => {
          const items = (round.get(row) ?? []).sort(byRing(graph))
          cells.push({ row, stage, x: 0, y: 0, r: cellRadius(items.length), items: Int32Array.from(items) })
          if (row >= 0) cellOf[row] = cells.length - 1
          for (const it of items) cellOf[it] = cells.length - 1
          return cells.length - 1
        }),
      }))
  })

  const height = (cell: Cell) => cell.r * 2 + LABEL + GAP
  const area = cells.reduce((sum, it) => sum + height(it) * Math.max(LEAST, it.r * 2 + GAP), 0)
  const tallest = cells.reduce((most, it) => Math.max(most, height(it)), 0)
  const target = Math.max(tallest, Math.sqrt((area * 1.25) / ASPECT))

  // Fields: cells on shelves, stages stacked in their column.
  const fields: Field[] = []
  let x = 0
  let total = 0
  const stacks: { fields: Field[]; height: number; of: number[][] }[] = []
  for (const column of fieldCells) {
    const whole = column.reduce((sum, it) => sum + it.cells.reduce((part, n) => part + height(cells[n]!), 0), 0)
    let width = 0
    let y = 0
    const stack: Field[] = []
    const of: number[][] = []
    for (const { stage, cells: inside } of column) {
      const heights = inside.map((n) => height(cells[n]!))
      const share = whole ? heights.reduce((sum, it) => sum + it, 0) / whole : 1
      const side = across(heights, Math.max(target * share, Math.max(0, ...heights)))
      const widths = Array.from({ length: side }, (_, n) => Math.max(LEAST, ...inside.filter((_, at) => at % side === n).map((it) => cells[it]!.r * 2 + GAP)))
      const field: Field = { row: stage, x, y, width: widths.reduce((sum, it) => sum + it, 0) + PAD * 2, height: stacked(heights, side) + HEAD + PAD }
      let top = y + HEAD
      for (let at = 0; at < inside.length; at += side) {
        const shelf = inside.slice(at, at + side)
        const high = Math.max(...shelf.map((n) => height(cells[n]!)))
        let left = x + PAD
        shelf.forEach((n, place) => {
          const cell = cells[n]!
          cell.x = left + widths[place]! / 2
          cell.y = top + LABEL + (high - LABEL - GAP) / 2
          left += widths[place]!
        })
        top += high
      }
      width = Math.max(width, field.width)
      stack.push(field)
      of.push(inside)
      y += field.height + GAP
    }
    // Fields of one column are equally wide; their cells stay in the middle.
    stack.forEach((field, n) => {
      const more = (width - field.width) / 2
      field.width = width
      for (const cell of of[n]!) cells[cell]!.x += more
    })
    stacks.push({ fields: stack, height: y - GAP, of })
    total = Math.max(total, y - GAP)
    fields.push(...stack)
    x += width + FIELD_GAP
  }
  // Columns stand around one middle line.
  for (const stack of stacks) {
    const down = (total - stack.height) / 2
    for (const field of stack.fields) field.y += down
    for (const inside of stack.of) for (const n of inside) cells[n]!.y += down
  }

  const layout: Layout = { x: new Float32Array(count), y: new Float32Array(count), r: new Float32Array(count), cellOf, cells, fields, width: Math.max(1, x - FIELD_GAP), height: Math.max(1, total) }
  for (const field of fields) {
    if (field.row < 0) continue
    layout.x[field.row] = field.x + field.width / 2
    layout.y[field.row] = field.y + HEAD / 2
  }
  for (const cell of cells) {
    if (cell.row >= 0) set(layout, cell.row, cell.x, cell.y, CORE)
    for (let n = 0; n < cell.items.length; n++) {
      const [dx, dy] = packed(n)
      const row = cell.items[n]!
      const output = nodes.kind[row] === 'firm' ? (nodes.output[row] ?? 0) : 0
      set(layout, row, cell.x + dx, cell.y + dy, ITEM + Math.min(0.9, Math.log10(1 + output) / 7))
    }
  }
  return layout
}

function set(layout: Layout, row: number, x: number, y: number, r: number): void {
  layout.x[row] = x
  layout.y[row] = y
  layout.r[row] = r
}

/** Firms within, the largest first; around them projects, technologies, people and money. */
function byRing({ nodes }: ChainGraph): (a: number, b: number) => number {
  const ring = (row: number) => {
    const at = RINGS.indexOf(nodes.kind[row]!)
    return at < 0 ? RINGS.length : at
  }
  return (a, b) => ring(a) - ring(b) || (nodes.output[b] ?? -1) - (nodes.output[a] ?? -1) || (nodes.id[a]! < nodes.id[b]! ? -1 : 1)
}
