// The one place that talks to the server: sends the session's token with every change, turns every
// refusal into an ApiError that carries the server's Problem, and moves files both ways. Nothing
// here knows a feature; the addresses are in `endpoints.ts`.
import type { Label, Problem } from './types'

/** Values that may stand in an address after the question mark; empty ones are left out. */
export type Query = Record<string, string | number | boolean | null | undefined>

/** A request that was refused or did not arrive. `problem` can be shown as it is. */
export class ApiError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number
  /** What the server says, or our own words when it could not be asked. */
  readonly problem: Problem

  constructor(status: number, problem: Problem) {
    super(problem.message.zh)
    this.name = 'ApiError'
    this.status = status
    this.problem = problem
  }
}

const NO_ANSWER: Label = {
  zh: '没有连上服务器，请检查网络后重试。',
  en: 'The server could not be reached. Check the network and try again.',
}

let csrf = ''
let signedOut: () => void = () => {}

/** Token for changing requests, from `Me.csrf`; empty when nobody is signed in. */
export function setCsrf(token: string): void {
  csrf = token
}

/** What to do when the session has ended on the server. */
export function onSignedOut(act: () => void): void {
  signedOut = act
}

/** Path under /api with its query; keeps the order in which the query was written. */
export function address(path: string, query: Query = {}): string {
  const words = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue
    words.set(key, String(value))
  }
  const text = words.toString()
  return `/api${path}${text ? `?${text}` : ''}`
}

function isProblem(value: unknown): value is Problem {
  const it = value as Problem | null
  return typeof it?.code === 'string' && typeof it.message?.zh === 'string'
}

/** The server's problem, or one made of the status when the answer is not one of ours. */
function problemOf(status: number, text: string): Problem {
  try {
    const body: unknown = JSON.parse(text)
    if (isProblem(body)) return { ...body, fields: body.fields ?? [] }
  } catch {
    // Not JSON: a proxy or the network answered instead of our server.
  }
  return {
    code: `http-${status}`,
    message: {
      zh: `服务器答复 ${status}，没有说明原因。`,
      en: `The server answered ${status} without giving a reason.`,
    },
    fields: [],
  }
}

function refuse(status: number, text: string, path: string): ApiError {
  // Asking who is signed in and signing in themselves answer 401 in the ordinary course.
  if (status === 401 && !path.startsWith('/session')) signedOut()
  return new ApiError(status, problemOf(status, text))
}

function noAnswer(): ApiError {
  return new ApiError(0, { code: 'no-answer', message: NO_ANSWER, fields: [] })
}

interface Options {
  query?: Query
  body?: unknown
  signal?: AbortSignal
  /** Asked by the page itself, with nobody there: does not keep the session alive. */
  background?: boolean
}

async function ask(method: string, path: string, options: Options): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  let body: BodyInit | undefined
  if (options.body instanceof FormData) {
    body = options.body
  } else if (options.body !== undefined) {
    headers['content-type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  if (method !== 'GET' && csrf) headers['x-csrf-token'] = csrf
  if (options.background) headers['x-baigong-background'] = '1'
  let answer: Response
  try {
    answer = await fetch(address(path, options.query), {
      method,
      headers,
      body,
      signal: options.signal,
      credentials: 'same-origin',
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw noAnswer()
  }
  if (!answer.ok) throw refuse(answer.status, await answer.text(), path)
  return answer
}

async function json<T>(method: string, path: string, options: Options): Promise<T> {
  const answer = await ask(method, path, options)
  const text = await answer.text()
  return (text ? JSON.parse(text) : undefined) as T
}

/** GET; throws ApiError. */
export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return json<T>('GET', path, { query, signal })
}

/** GET that the page repeats by itself; the session ends all the same when nobody uses it. */
export function poll<T>(path: string): Promise<T> {
  return json<T>('GET', path, { background: true })
}

/** POST of JSON (or FormData without progress); throws ApiError. */
export function post<T>(path: string, body?: unknown, query?: Query, signal?: AbortSignal): Promise<T> {
  return json<T>('POST', path, { body: body ?? {}, query, signal })
}

/** PUT of JSON; throws ApiError. */
export function put<T>(path: string, body: unknown): Promise<T> {
  return json<T>('PUT', path, { body })
}

/** DELETE; throws ApiError. */
export function del<T = void>(path: string, query?: Query): Promise<T> {
  return json<T>('DELETE', path, { query })
}

/** How far an upload has come, 0..1. */
export type OnProgress = (share: number) => void

/** POST of a file with progress; `signal` stops it. Throws ApiError. */
export function upload<T>(
  path: string,
  form: FormData,
  query: Query = {},
  onProgress: OnProgress = () => {},
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((done, fail) => {
    const call = new XMLHttpRequest()
    call.open('POST', address(path, query))
    call.setRequestHeader('accept', 'application/json')
    if (csrf) call.setRequestHeader('x-csrf-token', csrf)
    call.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    call.onerror = () => fail(noAnswer())
    call.onabort = () => fail(new DOMException('stopped', 'AbortError'))
    call.onload = () => {
      if (call.status >= 200 && call.status < 300) done(JSON.parse(call.responseText) as T)
      else fail(refuse(call.status, call.responseText, path))
    }
    signal?.addEventListener('abort', () => call.abort())
    call.send(form)
  })
}

/** A file as it came, with what the server says about it. */
export interface Downloaded {
  /** File name. */
  name: string
  /** Rows in it, when it is a list. */
  rows: number | null
  /** Digest of its bytes, when the server states one. */
  digest: string | null
}

/** Name in a Content-Disposition header; the UTF-8 form wins. */
export function fileName(header: string | null, fallback: string): string {
  const utf8 = header?.match(/filename\*=(?:UTF-8|utf-8)''([^;]+)/)
  if (utf8?.[1]) return decodeURIComponent(utf8[1])
  const plain = header?.match(/filename="?([^";]+)"?/)
  return plain?.[1] ?? fallback
}

/** Fetches a file and hands it to the browser's downloads. Throws ApiError. */
export async function download(path: string, query: Query = {}): Promise<Downloaded> {
  const answer = await ask('GET', path, { query })
  const name = fileName(answer.headers.get('content-disposition'), path.split('/').pop() ?? 'file')
  const rows = answer.headers.get('x-row-count')
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
  return { name, rows: rows === null ? null : Number(rows), digest: answer.headers.get('x-digest') }
}
