// Draws a laid-out graph on a canvas. What is drawn depends on how near one looks: from afar a product is
// one bubble with what it holds, near by every firm is a mark of its own. Marks are stamped from small
// pictures made once, because filling a path with thousands of arcs is what makes a page without a
// graphics card slow.
import type { ChainGraph } from '@/shared/api'
import type { CellIndex, Rect } from './cells'
import { CORE, type Cell, type Layout } from './layout'

/** Colours and type, from the tokens. */
export interface Look {
  paper: string
  panel: string
  sunk: string
  line: string
  lineStrong: string
  ink: string
  ink2: string
  ink3: string
  accent: string
  alarm: string
  good: string
  mark: string
  bar: string
  barStrong: string
  font: string
  /** Colour of each cover state. */
  cover: Record<string, string>
  /** Colour of each kind that is packed. */
  kind: Record<string, string>
  /** Colours of places, the commonest first; the last is for all others. */
  places: string[]
}

/** What a reader chose to see. */
export interface Shown {
  /** Kinds that are drawn round their product. */
  kinds: Set<string>
  /** Links of supply between firms. */
  supplies: boolean
  /** What products are made of. */
  made: boolean
  /** `cover` or `place`. */
  colour: string
  /** Links less sure than this are dashed. */
  sure: number
  /** Rows that are in the place asked for; none: all. */
  within: Uint8Array | null
  /** Number of the colour of each row's place. */
  placeColour: Uint8Array
  selected: number
  /** Row under the pointer. */
  hovered: number
  /** It is being moved: fewer lines do. */
  moving: boolean
  /** Rows that were not there on the day before. */
  fresh: Uint8Array | null
}

/** Where one looks from: scale, and the layout's point at the canvas's upper left corner. */
export interface Camera {
  k: number
  x: number
  y: number
}

/** What was drawn. */
export interface Drawn {
  /** Marks of their own: products and what is packed round them. */
  marks: number
  /** Packed nodes that stand in a bubble's number. */
  gathered: number
  links: number
}

/** Radius on the screen, in pixels, below which packed nodes are gathered into their bubble. */
const SMALLEST = 0.95
/** Marks beyond which bubbles gather again, however near. */
const MOST = 130_000
/** Links of supply drawn one by one. */
const MOST_LINKS = 4_000
/** And while the drawing is moved. */
const MOST_MOVING = 600

/** Links by what they join, sorted out once for a graph. */
export interface Links {
  /** Input, whole, link: products. */
  made: Int32Array
  /** Supplier, buyer, link: firms. */
  supplies: Int32Array
  /** Cell, cell, number of links: supply between products. */
  flows: { from: number; to: number; count: number; doubtful: number }[]
  /** Links of each row. */
  of: Map<number, number[]>
}

/** Sorts out the links of a graph. */
export function sortOut(graph: ChainGraph, layout: Layout, sure: number): Links {
  const { from, to, kind, confidence } = graph.links
  const made: number[] = []
  const supplies: number[] = []
  const of = new Map<number, number[]>()
  const flows = new Map<number, Links['flows'][number]>()
  const add = (row: number, n: number) => {
    const list = of.get(row)
    if (list) list.push(n)
    else of.set(row, [n])
  }
  for (let n = 0; n < kind.length; n++) {
    const a = from[n]!
    const b = to[n]!
    add(a, n)
    add(b, n)
    if (kind[n] === 'made_of') made.push(b, a, n)
    if (kind[n] !== 'supplies') continue
    supplies.push(a, b, n)
    const left = layout.cellOf[a]!
    const right = layout.cellOf[b]!
    if (left < 0 || right < 0 || left === right) continue
    const key = left * 1_000_003 + right
    const flow = flows.get(key) ?? { from: left, to: right, count: 0, doubtful: 0 }
    flow.count++
    if (confidence[n]! < sure) flow.doubtful++
    flows.set(key, flow)
  }
  return { made: Int32Array.from(made), supplies: Int32Array.from(supplies), flows: [...flows.values()].sort((a, b) => a.count - b.count || a.from - b.from || a.to - b.to), of }
}

/** Everything that is drawn. */
export interface Scene {
  graph: ChainGraph
  layout: Layout
  index: CellIndex
  links: Links
}

/** Whether packed nodes are drawn one by one at this scale, for so many of them in sight. */
export function oneByOne(k: number, inSight: number): boolean {
  return k * 2.5 >= SMALLEST && inSight <= MOST
}

/** Stamps: small pictures of marks, made once for each colour, shape and size. */
export class Stamps {
  private readonly kept = new Map<string, HTMLCanvasElement>()

  /** Forgets them: the colours have changed. */
  clear(): void {
    this.kept.clear()
  }

  get(colour: string, shape: string, radius: number, edge: string, ratio: number): HTMLCanvasElement {
    const step = Math.max(1, Math.round(radius * 2 * ratio))
    const key = `${colour} ${shape} ${step} ${edge}`
    const known = this.kept.get(key)
    if (known) return known
    const size = step + 4
    const stamp = document.createElement('canvas')
    stamp.width = size
    stamp.height = size
    const to = stamp.getContext('2d')
    if (to) {
      to.translate(size / 2, size / 2)
      outline(to, shape, step / 2)
      to.fillStyle = colour
      to.fill()
      if (edge && step > 5) {
        to.lineWidth = Math.max(1, ratio)
        to.strokeStyle = edge
        to.stroke()
      }
    }
    if (this.kept.size > 600) this.kept.clear()
    this.kept.set(key, stamp)
    return stamp
  }
}

/** Shapes tell the chains apart without colour: firms round, projects square, technologies triangular, people and money on a corner. */
export const SHAPES: Record<string, string> = { firm: 'round', project: 'square', technology: 'triangle', people: 'diamond', money: 'hexagon' }

/** The outline of a mark around the origin. */
export function outline(to: CanvasRenderingContext2D | Path2D, shape: string, r: number): void {
  if ('beginPath' in to) to.beginPath()
  const corners = { square: 4, triangle: 3, diamond: 4, hexagon: 6 }[shape]
  if (!corners) {
    to.arc(0, 0, r, 0, Math.PI * 2)
    return
  }
  const turn = shape === 'square' ? Math.PI / 4 : -Math.PI / 2
  for (let n = 0; n < corners; n++) {
    const angle = turn + (n * Math.PI * 2) / corners
    const far = r * (shape === 'triangle' ? 1.25 : 1.15)
    if (n) to.lineTo(Math.cos(angle) * far, Math.sin(angle) * far)
    else to.moveTo(Math.cos(angle) * far, Math.sin(angle) * far)
  }
  to.closePath()
}

/** Draws the scene; gives what was drawn. `ratio`: pixels of the screen to one of the page. */
export function paint(to: CanvasRenderingContext2D, scene: Scene, camera: Camera, shown: Shown, look: Look, size: { width: number; height: number }, ratio: number, stamps: Stamps): Drawn {
  const { graph, layout, index, links } = scene
  const { k } = camera
  const drawn: Drawn = { marks: 0, gathered: 0, links: 0 }
  const sx = (x: number) => (x - camera.x) * k
  const sy = (y: number) => (y - camera.y) * k
  const window: Rect = { left: camera.x, top: camera.y, right: camera.x + size.width / k, bottom: camera.y + size.height / k }
  to.setTransform(ratio, 0, 0, ratio, 0, 0)
  to.fillStyle = look.paper
  to.fillRect(0, 0, size.width, size.height)
  const cells = index.within(window)
  let inSight = 0
  for (const n of cells) inSight += layout.cells[n]!.items.length
  const each = oneByOne(k, inSight)
  const faint = (row: number) => row >= 0 && shown.within !== null && shown.within[row] === 0

  // Fields of stages, with their names in sight even when their heads are not.
  to.textAlign = 'center'
  for (const field of layout.fields) {
    if (field.x > window.right || field.x + field.width < window.left || field.y > window.bottom || field.y + field.height < window.top) continue
    to.fillStyle = look.panel
    to.strokeStyle = look.line
    to.lineWidth = 1
    to.beginPath()
    to.roundRect(sx(field.x), sy(field.y), field.width * k, field.height * k, 6)
    to.fill()
    to.stroke()
  }

  // What products are made of, behind everything.
  if (shown.made) {
    for (const sure of [true, false]) {
      to.setLineDash(sure ? [] : [4, 4])
      to.strokeStyle = look.lineStrong
      to.lineWidth = Math.max(0.7, Math.min(1.6, k * 1.2))
      to.beginPath()
      for (let n = 0; n < links.made.length; n += 3) {
        if (graph.links.confidence[links.made[n + 2]!]! >= shown.sure !== sure) continue
        if (curve(to, layout, links.made[n]!, links.made[n + 1]!, sx, sy, k, window)) drawn.links++
      }
      to.stroke()
    }
    to.setLineDash([])
  }
  if (shown.supplies && shown.kinds.has('firm')) drawn.links += each ? supplyLinks(to, scene, shown, look, sx, sy, k, window) : supplyFlows(to, scene, look, sx, sy, k, window)

  // Bubbles, marks and products.
  for (const n of cells) bubble(to, layout.cells[n]!, graph, shown, look, sx, sy, k, each, faint)
  if (each) {
    for (const n of cells) {
      const cell = layout.cells[n]!
      for (let at = 0; at < cell.items.length; at++) {
        const row = cell.items[at]!
        const kind = graph.nodes.kind[row]!
        if (!shown.kinds.has(kind)) continue
        const x = layout.x[row]!
        const y = layout.y[row]!
        const r = layout.r[row]!
        if (x + r < window.left || x - r > window.right || y + r < window.top || y - r > window.bottom) continue
        const dim = shown.within !== null && shown.within[row] === 0
        const colour = dim ? look.line : kind === 'firm' && shown.colour === 'place' ? look.places[shown.placeColour[row]!]! : look.kind[kind]!
        const px = r * k
        drawn.marks++
        if (px < 1.8) {
          to.fillStyle = colour
          to.fillRect(sx(x) - px, sy(y) - px, px * 2, px * 2)
        } else {
          const stamp = stamps.get(colour, SHAPES[kind] ?? 'round', px, look.panel, ratio)
          const wide = stamp.width / ratio
          to.drawImage(stamp, sx(x) - wide / 2, sy(y) - wide / 2, wide, wide)
        }
        if (shown.fresh?.[row] && px > 1.8) ring(to, sx(x), sy(y), px + 2, look.good, [])
      }
    }
  } else {
    for (const n of cells) drawn.gathered += layout.cells[n]!.items.length
  }
  for (const n of cells) {
    const cell = layout.cells[n]!
    if (cell.row >= 0) product(to, cell.row, graph, layout, shown, look, sx, sy, k, faint(cell.row))
    drawn.marks++
  }
  words(to, scene, cells, shown, look, sx, sy, k, size, each, faint)
  for (const row of new Set([shown.hovered, shown.selected])) if (row >= 0) emphasise(to, scene, row, shown, look, sx, sy, k, row === shown.selected)
  return drawn
}

type Scale = (at: number) => number

/** A link from the right of one product to the left of another; gives whether it can be seen. */
function curve(to: CanvasRenderingContext2D, layout: Layout, from: number, until: number, sx: Scale, sy: Scale, k: number, window: Rect): boolean {
  const a = layout.cellOf[from]!
  const b = layout.cellOf[until]!
  if (a < 0 || b < 0) return false
  const left = layout.cells[a]!
  const right = layout.cells[b]!
  if (Math.max(left.x, right.x) < window.left || Math.min(left.x, right.x) > window.right || Math.max(left.y, right.y) < window.top || Math.min(left.y, right.y) > window.bottom) return false
  const way = Math.sign(right.x - left.x) || 1
  const x1 = sx(left.x + left.r * way)
  const x2 = sx(right.x - right.r * way)
  const bend = Math.max(12, Math.abs(x2 - x1) * 0.45) * way
  to.moveTo(x1, sy(left.y))
  to.bezierCurveTo(x1 + bend, sy(left.y), x2 - bend, sy(right.y), x2, sy(right.y))
  return k > 0
}

/** The part of a line that a window shows, or nothing. Long dashed lines far outside it would cost most of a frame. */
export function clip(ax: number, ay: number, bx: number, by: number, window: Rect): [number, number, number, number] | null {
  let from = 0
  let until = 1
  for (const [step, room] of [[ax - bx, ax - window.left], [bx - ax, window.right - ax], [ay - by, ay - window.top], [by - ay, window.bottom - ay]] as const) {
    if (step === 0) {
      if (room < 0) return null
      continue
    }
    const at = room / step
    if (step < 0) from = Math.max(from, at)
    else until = Math.min(until, at)
  }
  return from > until ? null : [ax + (bx - ax) * from, ay + (by - ay) * from, ax + (bx - ax) * until, ay + (by - ay) * until]
}

/** Supply from firm to firm, those that can be seen; doubtful ones dashed. */
function supplyLinks(to: CanvasRenderingContext2D, { graph, layout, links }: Scene, shown: Shown, look: Look, sx: Scale, sy: Scale, k: number, window: Rect): number {
  let drawn = 0
  to.lineWidth = Math.max(0.5, Math.min(1.2, k * 0.5))
  to.strokeStyle = look.bar
  for (const sure of [true, false]) {
    to.setLineDash(sure ? [] : [3, 3])
    to.beginPath()
    for (let n = 0; n < links.supplies.length && drawn < (shown.moving ? MOST_MOVING : MOST_LINKS); n += 3) {
      const a = links.supplies[n]!
      const b = links.supplies[n + 1]!
      if (graph.links.confidence[links.supplies[n + 2]!]! >= shown.sure !== sure) continue
      if (shown.within && !shown.within[a] && !shown.within[b]) continue
      const seen = clip(layout.x[a]!, layout.y[a]!, layout.x[b]!, layout.y[b]!, window)
      if (!seen) continue
      to.moveTo(sx(seen[0]), sy(seen[1]))
      to.lineTo(sx(seen[2]), sy(seen[3]))
      drawn++
    }
    to.stroke()
  }
  to.setLineDash([])
  return drawn
}

/** Supply from bubble to bubble, as wide as there are links. */
function supplyFlows(to: CanvasRenderingContext2D, { layout, links }: Scene, look: Look, sx: Scale, sy: Scale, k: number, window: Rect): number {
  const most = links.flows[links.flows.length - 1]?.count ?? 1
  const shownFlows = links.flows.slice(-600)
  to.strokeStyle = look.bar
  to.globalAlpha = 0.7
  for (const flow of shownFlows) {
    const a = layout.cells[flow.from]!
    const b = layout.cells[flow.to]!
    const seen = clip(a.x, a.y, b.x, b.y, window)
    if (!seen) continue
    to.lineWidth = 0.5 + Math.sqrt(flow.count / most) * Math.max(1.5, 5 * k)
    to.setLineDash(flow.doubtful * 2 > flow.count ? [4, 4] : [])
    to.beginPath()
    to.moveTo(sx(seen[0]), sy(seen[1]))
    to.lineTo(sx(seen[2]), sy(seen[3]))
    to.stroke()
  }
  to.globalAlpha = 1
  to.setLineDash([])
  return shownFlows.length
}

function ring(to: CanvasRenderingContext2D, x: number, y: number, r: number, colour: string, dash: number[], width = 1.5): void {
  to.setLineDash(dash)
  to.strokeStyle = colour
  to.lineWidth = width
  to.beginPath()
  to.arc(x, y, Math.max(1, r), 0, Math.PI * 2)
  to.stroke()
  to.setLineDash([])
}

/** The ground of a cell; from afar it says what it holds by its rim: how much is of which place or kind. */
function bubble(to: CanvasRenderingContext2D, cell: Cell, graph: ChainGraph, shown: Shown, look: Look, sx: Scale, sy: Scale, k: number, each: boolean, faint: (row: number) => boolean): void {
  if (!cell.items.length) return
  const x = sx(cell.x)
  const y = sy(cell.y)
  const r = cell.r * k
  to.fillStyle = look.sunk
  to.beginPath()
  to.arc(x, y, r, 0, Math.PI * 2)
  to.fill()
  if (each) return
  const parts = new Map<string, number>()
  let sum = 0
  // A look at every tenth of many is near enough for a rim.
  const stride = cell.items.length > 2_000 ? 10 : 1
  for (let n = 0; n < cell.items.length; n += stride) {
    const row = cell.items[n]!
    const kind = graph.nodes.kind[row]!
    if (!shown.kinds.has(kind)) continue
    const colour = faint(row) ? look.line : kind === 'firm' && shown.colour === 'place' ? look.places[shown.placeColour[row]!]! : look.kind[kind]!
    parts.set(colour, (parts.get(colour) ?? 0) + 1)
    sum++
  }
  let from = -Math.PI / 2
  const width = Math.max(1.5, r * 0.22)
  to.lineWidth = width
  for (const [colour, count] of [...parts].sort((a, b) => b[1] - a[1])) {
    const until = from + (count / sum) * Math.PI * 2
    to.strokeStyle = colour
    to.beginPath()
    to.arc(x, y, Math.max(0.5, r - width / 2), from, until)
    to.stroke()
    from = until
  }
}

/** A product's disc: its cover by colour and by how full it is, its task by a ring. */
function product(to: CanvasRenderingContext2D, row: number, graph: ChainGraph, layout: Layout, shown: Shown, look: Look, sx: Scale, sy: Scale, k: number, dim: boolean): void {
  const x = sx(layout.x[row]!)
  const y = sy(layout.y[row]!)
  const r = Math.max(2.5, CORE * k)
  const cover = graph.nodes.cover[row] || 'unknown'
  const colour = dim ? look.lineStrong : (look.cover[cover] ?? look.ink3)
  to.beginPath()
  to.arc(x, y, r, 0, Math.PI * 2)
  to.fillStyle = look.panel
  to.fill()
  const full = { covered: 1, few: 0.62, single: 0.34 }[cover] ?? 0
  if (full === 1) {
    to.fillStyle = colour
    to.fill()
  } else if (full) {
    to.beginPath()
    to.moveTo(x, y)
    to.arc(x, y, r, -Math.PI / 2, -Math.PI / 2 + full * Math.PI * 2)
    to.closePath()
    to.fillStyle = colour
    to.fill()
  }
  ring(to, x, y, r, colour, cover === 'missing' || cover === 'unknown' ? [3, 2] : [], Math.max(1.2, Math.min(2.4, k * 1.8)))
  const task = graph.nodes.task[row]
  if (task) ring(to, x, y, r + 4, task === 'done' ? look.good : look.accent, task === 'done' ? [] : [5, 3], 2)
  if (task === 'done') {
    to.strokeStyle = full === 1 ? look.panel : look.good
    to.lineWidth = Math.max(1.5, r * 0.2)
    to.beginPath()
    to.moveTo(x - r * 0.4, y)
    to.lineTo(x - r * 0.08, y + r * 0.35)
    to.lineTo(x + r * 0.45, y - r * 0.35)
    to.stroke()
  }
  if (shown.fresh?.[row]) ring(to, x, y, r + 3, look.good, [], 1.5)
}

/** Names, the most telling first, and none upon another. */
function words(to: CanvasRenderingContext2D, { graph, layout }: Scene, cells: number[], shown: Shown, look: Look, sx: Scale, sy: Scale, k: number, size: { width: number; height: number }, each: boolean, faint: (row: number) => boolean): void {
  const taken: [number, number, number, number][] = []
  const free = (x: number, y: number, width: number, height: number) => {
    const box: [number, number, number, number] = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    if (taken.some((it) => box[0] < it[2] && box[2] > it[0] && box[1] < it[3] && box[3] > it[1])) return false
    taken.push(box)
    return true
  }
  to.textBaseline = 'middle'
  to.textAlign = 'center'
  to.font = `600 13px ${look.font}`
  for (const field of layout.fields) {
    const left = Math.max(4, sx(field.x))
    const right = Math.min(size.width - 4, sx(field.x + field.width))
    const bottom = sy(field.y + field.height)
    if (right - left < 30 || bottom < 24 || sy(field.y) > size.height) continue
    const text = fitted(to, field.row >= 0 ? graph.nodes.name[field.row]! : '', right - left - 8, 13)
    const y = Math.max(14, Math.min(sy(field.y) + Math.min(17, 17 * Math.max(k, 0.6)), bottom - 12))
    if (!text) continue
    const wide = to.measureText(text).width + 12
    const x = (left + right) / 2
    taken.push([x - wide / 2, y - 10, x + wide / 2, y + 10])
    to.fillStyle = look.panel
    to.fillRect(x - wide / 2, y - 9, wide, 18)
    to.fillStyle = faint(field.row) ? look.ink3 : look.ink
    to.fillText(text, x, y)
  }
  // Products: those that are wanting first, then those that hold most.
  const rank = { missing: 0, single: 1, few: 2, covered: 3 } as Record<string, number>
  const order = cells
    .filter((n) => layout.cells[n]!.row >= 0)
    .sort((a, b) => (rank[graph.nodes.cover[layout.cells[a]!.row]!] ?? 4) - (rank[graph.nodes.cover[layout.cells[b]!.row]!] ?? 4) || layout.cells[b]!.items.length - layout.cells[a]!.items.length || a - b)
  const px = Math.max(10.5, Math.min(14, 11 * Math.sqrt(Math.max(k, 0.7))))
  to.font = `${px}px ${look.font}`
  for (const n of order) {
    const cell = layout.cells[n]!
    const y = sy(cell.y) - Math.max(4, cell.r * k) - px * 0.65
    if (y < -20 || y > size.height + 20) continue
    const text = fitted(to, graph.nodes.name[cell.row]!, Math.max(86 * k, 72), px)
    if (!text || !free(sx(cell.x), y, to.measureText(text).width + 4, px + 2)) continue
    to.lineWidth = 3
    to.strokeStyle = look.panel
    to.strokeText(text, sx(cell.x), y)
    to.fillStyle = faint(cell.row) ? look.ink3 : look.cover[graph.nodes.cover[cell.row]!] && graph.nodes.cover[cell.row] === 'missing' ? look.alarm : look.ink
    to.fillText(text, sx(cell.x), y)
    if (!each && cell.items.length && cell.r * k > 13) {
      to.fillStyle = look.ink2
      to.font = `11px ${look.font}`
      to.fillText(String(cell.items.length), sx(cell.x), sy(cell.y) + Math.max(10, CORE * k + 9))
      to.font = `${px}px ${look.font}`
    }
  }
  if (!each || k < 2.6) return
  // Near enough to read what is packed.
  to.font = `10.5px ${look.font}`
  to.fillStyle = look.ink2
  let most = 160
  for (const n of cells) {
    for (const row of layout.cells[n]!.items) {
      if (!shown.kinds.has(graph.nodes.kind[row]!) || faint(row)) continue
      const x = sx(layout.x[row]!)
      const y = sy(layout.y[row]!) + layout.r[row]! * k + 7
      if (x < 0 || x > size.width || y < 0 || y > size.height) continue
      const text = fitted(to, graph.nodes.name[row]!, 30 * k, 10.5)
      if (!text || !free(x, y, to.measureText(text).width + 3, 12)) continue
      to.lineWidth = 2.5
      to.strokeStyle = look.sunk
      to.strokeText(text, x, y)
      to.fillText(text, x, y)
      if (--most <= 0) return
    }
  }
}

/** A name that is no wider than there is room, cut with an ellipsis; nothing when not even two letters fit. */
export function fitted(to: { measureText: (text: string) => { width: number } }, text: string, room: number, px: number): string {
  if (!text || room < px * 2) return ''
  if (to.measureText(text).width <= room) return text
  const letters = [...text]
  let low = 1
  let high = letters.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (to.measureText(`${letters.slice(0, middle).join('')}…`).width <= room) low = middle
    else high = middle - 1
  }
  return low < 2 ? '' : `${letters.slice(0, low).join('')}…`
}

/** The node that is looked at, with its links over everything else. */
function emphasise(to: CanvasRenderingContext2D, { graph, layout, links }: Scene, row: number, shown: Shown, look: Look, sx: Scale, sy: Scale, k: number, chosen: boolean): void {
  if (graph.nodes.kind[row] === 'stage') return
  const x = sx(layout.x[row]!)
  const y = sy(layout.y[row]!)
  to.strokeStyle = look.accent
  to.lineWidth = chosen ? 1.6 : 1
  for (const n of (links.of.get(row) ?? []).slice(0, 400)) {
    const kind = graph.links.kind[n]!
    if (kind === 'places' || kind === 'belongs') continue
    const other = graph.links.from[n] === row ? graph.links.to[n]! : graph.links.from[n]!
    if (layout.cellOf[other]! < 0) continue
    to.setLineDash(graph.links.confidence[n]! < shown.sure ? [4, 4] : [])
    to.beginPath()
    to.moveTo(x, y)
    to.lineTo(sx(layout.x[other]!), sy(layout.y[other]!))
    to.stroke()
    ring(to, sx(layout.x[other]!), sy(layout.y[other]!), Math.max(3, layout.r[other]! * k + 1.5), look.accent, [], 1.2)
  }
  to.setLineDash([])
  const r = Math.max(4, layout.r[row]! * k)
  ring(to, x, y, r + 3, look.accent, [], chosen ? 3 : 1.6)
  const name = graph.nodes.name[row]!
  to.font = `600 12px ${look.font}`
  to.textAlign = 'center'
  const wide = to.measureText(name).width + 14
  const top = y + r + 8
  to.fillStyle = look.panel
  to.strokeStyle = look.accent
  to.lineWidth = 1
  to.beginPath()
  to.roundRect(x - wide / 2, top, wide, 20, 4)
  to.fill()
  to.stroke()
  to.fillStyle = look.ink
  to.fillText(name, x, top + 10.5)
}
