// Invented answers for looking at pages without a server (BAIGONG_MOCK=1 npm run dev). Never shipped:
// the plugin only takes part in `vite serve`. Addresses it does not know go on to the real server.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import type { OverlayChange, Page, ResultRow, WhatIfView } from '../src/shared/api/types'
import * as data from './data.ts'
import { answer } from './mock-b.ts'
import { policies } from './mock-policies.ts'

interface Ask {
  query: URLSearchParams
  body: Record<string, unknown>
  parts: string[]
}
type Answer = (ask: Ask) => unknown

let signedIn = true
const kept: WhatIfView[] = []

function page<Row>(rows: Row[], query: URLSearchParams): Page<Row> {
  const at = Number(query.get('page') ?? 1)
  const size = Number(query.get('size') ?? 50)
  return { rows: rows.slice((at - 1) * size, at * size), total: rows.length, page: at, size }
}

function firms({ query }: Ask): Page<ResultRow> {
  const is = (key: string, test: (value: string) => boolean) => {
    const value = query.get(key)
    return value === null || test(value)
  }
  const filters: Record<string, (row: ResultRow) => boolean> = {
    edge: (it) => it.edge.length > 0, missing: data.isMissing, up: data.isUp, down: data.isDown, objection: (it) => it.objection,
  }
  const rows = data.results.filter(
    (it) =>
      is('q', (q) => it.name.includes(q) || (it.credit_code ?? '').includes(q)) && is('class', (c) => it.class === c) && is('town', (c) => it.town === c) &&
      is('industry', (c) => it.industry.startsWith(c)) && is('filter', (f) => filters[f]?.(it) ?? true) && is('population', (p) => it.population === p) &&
      is('last', (c) => (it.last ?? '-') === c) && is('total_from', (n) => (it.total ?? -1) >= Number(n)) && is('total_to', (n) => (it.total ?? 1e9) < Number(n)),
  )
  const sort = query.get('sort') ?? 'rank'
  const field = sort.replace('-', '')
  const value = (it: ResultRow) => (field in it.indicators ? it.indicators[field]?.value : (it as unknown as Record<string, number | null>)[field]) ?? null
  if (field !== 'rank' || sort.startsWith('-'))
    rows.sort((a, b) => {
      const left = value(a)
      const right = value(b)
      if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1
      return (left < right ? -1 : left > right ? 1 : 0) * (sort.startsWith('-') ? -1 : 1)
    })
  return page(rows, query)
}

const routes: [string, RegExp, Answer][] = [
  ['GET', /^\/session$/, () => (signedIn ? data.me : 401)],
  ['POST', /^\/session$/, ({ body }) => {
    signedIn = true
    const account = data.demo.find((it) => it.sign_in === body.sign_in)
    // Each role sees its own pages; the answers are the same invented ones for all.
    if (account) Object.assign(data.me, { sign_in: account.sign_in, name: account.name, role: account.role, department: data.departmentOf(account), firm: account.role === 'firm' ? 12 : null })
    return data.me
  }],
  ['DELETE', /^\/session$/, () => void (signedIn = false)],
  ['GET', /^\/demo$/, () => data.demo],
  ['POST', /^\/demo\/clock$/, () => '2026-11-13T01:00:00Z'],
  ['GET', /^\/divisions$/, () => data.divisions],
  ['GET', /^\/work$/, () => data.work],
  ['GET', /^\/search$/, ({ query }) => data.results.filter((it) => it.name.includes(query.get('q') ?? '')).slice(0, 8).map((it) => ({ kind: 'firm', title: it.name, detail: `${it.credit_code} · ${it.town}`, link: `/firms/${it.firm}` }))],
  ['GET', /^\/evaluations$/, () => data.evaluations],
  ['GET', /^\/evaluations\/\d+$/, () => data.detail],
  ['POST', /^\/evaluations\/\d+\/actions\/\w+$/, () => data.detail],
  ['GET', /^\/runs\/\d+$/, () => data.summary],
  ['GET', /^\/runs\/\d+\/firms$/, firms],
  ['GET', /^\/runs\/\d+\/firms\/\d+\/proof$/, ({ parts }) => data.proof(Number(parts[3]))],
  ['GET', /^\/runs\/\d+\/firms\/\d+\/lift$/, ({ parts }) => data.lift(Number(parts[3]))],
  ['GET', /^\/runs\/\d+\/diff\/\d+$/, () => data.diff],
  ['GET', /^\/runs\/\d+\/verify$/, () => data.verify],
  ['GET', /^\/runs\/\d+\/what-if\/handles$/, () => data.handles],
  ['POST', /^\/runs\/\d+\/what-if$/, ({ body }) => data.whatIf(body.changes as OverlayChange[])],
  ['GET', /^\/runs\/\d+\/what-ifs$/, () => kept],
  ['POST', /^\/runs\/\d+\/what-ifs$/, ({ body }) => {
    const view: WhatIfView = { id: kept.length + 1, run: 12, title: String(body.title), changes: body.changes as OverlayChange[], by: data.me.name, at: new Date().toISOString() }
    kept.unshift(view)
    return view
  }],
  ['GET', /^\/what-ifs\/\d+$/, ({ parts }) => kept.find((it) => it.id === Number(parts[1])) ?? 404],
  ['DELETE', /^\/what-ifs\/\d+$/, ({ parts }) => void kept.splice(kept.findIndex((it) => it.id === Number(parts[1])), 1)],
]

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>
  } catch {
    return {}
  }
}

function send(response: ServerResponse, answer: unknown): void {
  const status = typeof answer === 'number' ? answer : 200
  const body = typeof answer === 'number' ? { code: `mock-${answer}`, message: data.label('没有', 'Nothing here'), fields: [] } : answer
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? '' : JSON.stringify(body))
}

/** The stand-in for the server. */
export function mock(): Plugin {
  return {
    name: 'invented-answers',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use('/api', (request, response, next) => {
        const url = new URL(request.url ?? '/', 'http://mock')
        const found = routes.find(([method, path]) => method === request.method && path.test(url.pathname))
        if (!found) {
          void read(request).then((body) => {
            const ruled = policies(url.pathname, url.searchParams, body)
            if (ruled) return send(response, ruled)
            const other = answer({ method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, body })
            if (!other) return next()
            response.writeHead(other.status ?? 200, { 'content-type': 'application/json' })
            response.end(JSON.stringify(other.body))
          })
          return
        }
        void read(request).then((body) => send(response, found[2]({ query: url.searchParams, body, parts: url.pathname.slice(1).split('/') })))
      })
    },
  }
}
