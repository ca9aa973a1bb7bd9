// The layout is a pure function: no chance, fewer crossings, nothing on top of anything else.
import { describe, expect, it } from 'vitest'
import type { ChainGraph } from '@/shared/api'
import { CellIndex } from './cells'
import { clip, oneByOne } from './paint'
import { cellRadius, crossings, depths, layOut, orderLayers } from './layout'
import { invented } from './invented'

const far = (graph: ChainGraph) => {
  const { cells } = layOut(graph)
  let least = Infinity
  for (const a of cells) for (const b of cells) if (a !== b) least = Math.min(least, Math.hypot(a.x - b.x, a.y - b.y) - a.r - b.r)
  return least
}

describe('order of layers', () => {
  it('uncrosses_links_that_need_not_cross', () => {
    const layers = [[0, 1, 2], [3, 4, 5]]
    const links: [number, number][] = [[0, 5], [1, 4], [2, 3]]
    expect(crossings(layers, links)).toBe(3)
    expect(crossings(orderLayers(layers, links), links)).toBe(0)
  })

  it('never_crosses_more_than_the_order_it_was_given', () => {
    const layers = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]]
    const links: [number, number][] = [[0, 7], [1, 4], [2, 6], [3, 5], [4, 10], [5, 8], [6, 9], [7, 8], [0, 9]]
    expect(crossings(orderLayers(layers, links), links)).toBeLessThanOrEqual(crossings(layers, links))
  })

  it('keeps_every_node_once', () => {
    const layers = [[3, 1], [2, 0, 4]]
    expect(orderLayers(layers, [[3, 4], [1, 0]]).map((it) => [...it].sort())).toEqual([[1, 3], [0, 2, 4]])
  })
})

describe('depths', () => {
  it('go_by_the_longest_way', () => expect(depths(4, [[0, 1], [1, 2], [0, 2], [2, 3]])).toEqual([0, 1, 2, 3]))
  it('end_in_a_ring_too', () => expect(depths(2, [[0, 1], [1, 0]])).toHaveLength(2))
})

describe('layout', () => {
  const graph = invented({ stages: 6, products: 60, firms: 500 })

  it('is_the_same_each_time', () => expect(layOut(graph)).toEqual(layOut(graph)))

  it('does_not_depend_on_the_order_of_links', () => {
    const links = Object.fromEntries(Object.entries(graph.links).map(([key, list]) => [key, [...(list as unknown[])].reverse()])) as unknown as ChainGraph['links']
    expect(layOut({ ...graph, links }).x).toEqual(layOut(graph).x)
  })

  it('leaves_room_between_cells', () => expect(far(graph)).toBeGreaterThan(0))

  it('puts_stages_from_left_to_right_in_their_order', () => {
    const { fields } = layOut(graph)
    const xs = fields.map((it) => it.x)
    expect([...xs].sort((a, b) => a - b)).toEqual(xs)
    expect(new Set(xs).size).toBe(6)
  })

  it('packs_every_node_within_its_cell', () => {
    const { cells, x, y, r, cellOf } = layOut(graph)
    for (let row = 0; row < graph.nodes.id.length; row++) {
      if (graph.nodes.kind[row] === 'stage') continue
      const cell = cells[cellOf[row]!]!
      expect(Math.hypot(x[row]! - cell.x, y[row]! - cell.y) + r[row]!).toBeLessThanOrEqual(cell.r)
    }
  })

  it('drops_nothing_that_has_no_product', () => {
    const lost = invented({ stages: 1, products: 1, firms: 2 })
    lost.nodes.parent = lost.nodes.parent.map((it, row) => (lost.nodes.kind[row] === 'firm' ? null : it))
    const { cells } = layOut(lost)
    expect(cells.find((it) => it.row === -1)?.items).toHaveLength(2)
  })

  it('does_not_move_for_one_firm_more', () => {
    expect(cellRadius(7)).toBe(cellRadius(8))
    expect(cellRadius(0)).toBeLessThan(cellRadius(1))
  })

  it('lays_out_a_hundred_thousand_firms_in_a_moment', () => {
    const many = invented({ stages: 9, products: 300, firms: 100_000 })
    const began = performance.now()
    expect(layOut(many).cells).toHaveLength(300)
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

describe('index', () => {
  const graph = invented({ stages: 4, products: 30, firms: 200 })
  const layout = layOut(graph)
  const index = new CellIndex(layout)

  it('finds_each_node_where_it_stands', () => {
    for (let row = 0; row < graph.nodes.id.length; row++) {
      if (graph.nodes.kind[row] === 'stage') continue
      expect(index.at(layout.x[row]!, layout.y[row]!, 0.5, true)).toBe(row)
    }
  })

  it('gives_the_product_of_a_bubble_whose_firms_are_not_drawn', () => {
    const cell = layout.cells[0]!
    const firm = cell.items[0]!
    expect(index.at(layout.x[firm]!, layout.y[firm]!, 1, false)).toBe(cell.row)
  })

  it('finds_in_a_window_what_a_look_at_every_cell_finds', () => {
    const rect = { left: 100, right: 420, top: 60, bottom: 300 }
    const slow = layout.cells.flatMap((it, n) => (it.x + it.r >= rect.left && it.x - it.r <= rect.right && it.y + it.r >= rect.top && it.y - it.r <= rect.bottom ? [n] : []))
    expect(index.within(rect)).toEqual(slow)
  })
})

describe('lines', () => {
  const window = { left: 0, top: 0, right: 10, bottom: 10 }
  it('are_cut_to_what_a_window_shows', () => {
    expect(clip(-10, 5, 20, 5, window)).toEqual([0, 5, 10, 5])
    expect(clip(2, 2, 8, 8, window)).toEqual([2, 2, 8, 8])
  })
  it('are_left_out_when_it_shows_nothing_of_them', () => {
    expect(clip(-10, -1, 20, -1, window)).toBeNull()
    expect(clip(-5, 5, 5, 20, window)).toBeNull()
  })
})

it('marks_are_gathered_when_they_would_be_specks_or_too_many', () => {
  expect(oneByOne(1, 500)).toBe(true)
  expect(oneByOne(0.2, 500)).toBe(false)
  expect(oneByOne(1, 1_000_000)).toBe(false)
})
