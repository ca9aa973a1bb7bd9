// Finding what lies at a place or in a window without asking every node: cells stand in a grid of
// squares, and only the cells that are hit are looked into.
import type { Layout } from './layout'

/** A window in the layout's units. */
export interface Rect {
  left: number
  top: number
  right: number
  bottom: number
}

/** Cells by squares. */
export class CellIndex {
  private readonly size: number
  private readonly squares = new Map<number, number[]>()

  constructor(private readonly layout: Layout) {
    const widest = layout.cells.reduce((most, it) => Math.max(most, it.r * 2), 60)
    this.size = widest
    layout.cells.forEach((cell, n) => {
      for (const square of this.touched({ left: cell.x - cell.r, right: cell.x + cell.r, top: cell.y - cell.r, bottom: cell.y + cell.r })) {
        const list = this.squares.get(square)
        if (list) list.push(n)
        else this.squares.set(square, [n])
      }
    })
  }

  private *touched(rect: Rect): Generator<number> {
    for (let x = Math.floor(rect.left / this.size); x <= Math.floor(rect.right / this.size); x++)
      for (let y = Math.floor(rect.top / this.size); y <= Math.floor(rect.bottom / this.size); y++) yield (x + 1_000) * 100_000 + (y + 1_000)
  }

  /** Numbers of the cells that a window shows, ascending. */
  within(rect: Rect): number[] {
    const { cells, width, height } = this.layout
    const inside = (n: number) => {
      const cell = cells[n]!
      return cell.x + cell.r >= rect.left && cell.x - cell.r <= rect.right && cell.y + cell.r >= rect.top && cell.y - cell.r <= rect.bottom
    }
    // A window over everything has more squares than there are cells.
    if (rect.right - rect.left >= width || rect.bottom - rect.top >= height) return cells.map((_, n) => n).filter(inside)
    const found = new Set<number>()
    for (const square of this.touched(rect)) for (const n of this.squares.get(square) ?? []) if (inside(n)) found.add(n)
    return [...found].sort((a, b) => a - b)
  }

  /** Row of the node at a place, within `slack`; packed nodes only when they are `drawn`. −1: nothing. */
  at(x: number, y: number, slack: number, drawn: boolean): number {
    const { cells, x: xs, y: ys, r: rs } = this.layout
    let found = -1
    let nearest = Infinity
    for (const n of this.within({ left: x - slack, right: x + slack, top: y - slack, bottom: y + slack })) {
      const cell = cells[n]!
      const look = (row: number) => {
        const far = Math.hypot(xs[row]! - x, ys[row]! - y) - rs[row]!
        if (far <= slack && far < nearest) {
          nearest = far
          found = row
        }
      }
      if (cell.row >= 0) look(cell.row)
      if (drawn) for (const row of cell.items) look(row)
      // Where packed nodes are not drawn one by one, their bubble stands for the product.
      else if (found < 0 && cell.row >= 0 && Math.hypot(cell.x - x, cell.y - y) <= cell.r) found = cell.row
    }
    return found
  }
}
