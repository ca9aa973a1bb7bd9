// An invented graph of a given size, for tests of drawing. Its numbers come from a fixed recurrence, so that
// a test sees the same graph every time.
import type { ChainGraph } from '@/shared/api'

/** A chain of stages, products and firms with links of every kind that is drawn. */
export function invented(size: { stages: number; products: number; firms: number }): ChainGraph {
  const graph: ChainGraph = {
    revision: 1,
    day: '2026-11-01',
    nodes: { id: [], kind: [], name: [], place: [], output: [], parent: [], cover: [], task: [] },
    links: { from: [], to: [], kind: [], confidence: [], amount: [], share: [] },
    places: [],
  }
  let state = 7
  const below = (most: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * most)
  }
  const add = (kind: string, parent: number | null, more: { place?: string; output?: number; cover?: string } = {}) => {
    const row = graph.nodes.id.length
    graph.nodes.id.push(`${kind}-${row}`)
    graph.nodes.kind.push(kind)
    graph.nodes.name.push(`${kind} ${row}`)
    graph.nodes.place.push(more.place ?? null)
    graph.nodes.output.push(more.output ?? null)
    graph.nodes.parent.push(parent)
    graph.nodes.cover.push(more.cover ?? '')
    graph.nodes.task.push('')
    return row
  }
  const link = (from: number, to: number, kind: string, confidence = 1) => {
    graph.links.from.push(from)
    graph.links.to.push(to)
    graph.links.kind.push(kind)
    graph.links.confidence.push(confidence)
    graph.links.amount.push(null)
    graph.links.share.push(null)
  }
  const stages = Array.from({ length: size.stages }, () => add('stage', null))
  for (let n = 1; n < stages.length; n++) link(stages[n - 1]!, stages[n]!, 'precedes')
  const products = Array.from({ length: size.products }, (_, n) => add('product', stages[n % stages.length]!, { cover: ['covered', 'few', 'single', 'missing'][below(4)] }))
  products.forEach((row, n) => {
    if (n % stages.length === 0) return
    for (let times = 0; times < 2; times++) {
      const input = products[Math.floor(below(products.length) / stages.length) * stages.length + (n % stages.length) - 1]
      if (input !== undefined) link(row, input, 'made_of')
    }
  })
  const firms = Array.from({ length: size.firms }, () => {
    const product = products[below(products.length)]!
    const row = add('firm', product, { place: `37${String(1 + below(16)).padStart(2, '0')}01`, output: below(40_000) })
    link(row, product, 'places', below(10) / 10)
    return row
  })
  for (let n = 0; n < size.firms; n++) link(firms[below(firms.length)]!, firms[n]!, 'supplies', below(10) / 10)
  return graph
}
