// The client against answers as servers and networks really give them.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { address, ApiError, del, fileName, get, onSignedOut, poll, post, setCsrf } from './client'

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const call = vi.fn((_path: string, _init: RequestInit) => Promise.resolve(new Response(status === 204 ? null : text, { status, headers })))
  vi.stubGlobal('fetch', call)
  return call
}
const problem = { code: 'stage-not-ready', message: { zh: '还不能冻结', en: 'Not ready' }, fields: [] }

afterEach(() => {
  vi.unstubAllGlobals()
  setCsrf('')
  onSignedOut(() => {})
})

describe('addresses', () => {
  it('leave_out_what_is_not_set_and_escape_the_rest', () => {
    expect(address('/firms', { q: '启 衡&', page: 2, class: null, town: undefined, sort: '' })).toBe('/api/firms?q=%E5%90%AF+%E8%A1%A1%26&page=2')
    expect(address('/work')).toBe('/api/work')
  })
})

describe('requests', () => {
  it('send_the_token_with_every_change_and_with_nothing_else', async () => {
    setCsrf('token')
    const call = answer(200, {})
    await get('/work')
    await post('/session/password', { old: 'a', new: 'b' })
    await del('/what-ifs/3')
    const tokens = call.mock.calls.map(([, init]) => (init.headers as Record<string, string>)['x-csrf-token'])
    expect(tokens).toEqual([undefined, 'token', 'token'])
  })
  it('say_when_nobody_asked_for_them', async () => {
    const call = answer(200, [])
    await get('/work')
    await poll('/work')
    const marks = call.mock.calls.map(([, init]) => (init.headers as Record<string, string>)['x-baigong-background'])
    expect(marks).toEqual([undefined, '1'])
  })
  it('an_empty_answer_is_no_error', async () => {
    answer(204, '')
    await expect(post('/session/password')).resolves.toBeUndefined()
  })
})

describe('refusals', () => {
  it('carry_the_problem_of_the_server', async () => {
    answer(409, problem)
    const error = await post('/evaluations/3/actions/freeze').catch((it: unknown) => it)
    expect(error).toBeInstanceOf(ApiError)
    expect((error as ApiError).status).toBe(409)
    expect((error as ApiError).problem).toEqual(problem)
  })
  it('of_a_proxy_are_still_said_in_both_languages', async () => {
    answer(502, '<html>bad gateway</html>')
    const error = (await get('/work').catch((it: unknown) => it)) as ApiError
    expect(error.problem.code).toBe('http-502')
    expect(error.problem.message.zh).toContain('502')
    expect(error.problem.message.en).toContain('502')
  })
  it('a_lost_connection_is_a_problem_of_its_own', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')))
    const error = (await get('/work').catch((it: unknown) => it)) as ApiError
    expect(error.status).toBe(0)
    expect(error.problem.code).toBe('no-answer')
  })
  it('a_stopped_request_is_not_a_refusal', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('stopped', 'AbortError')))
    await expect(get('/search')).rejects.toMatchObject({ name: 'AbortError' })
  })
  it('an_ended_session_is_noticed_but_a_wrong_password_is_not_one', async () => {
    const ended = vi.fn()
    onSignedOut(ended)
    answer(401, problem)
    await post('/session', {}).catch(() => {})
    expect(ended).not.toHaveBeenCalled()
    await get('/work').catch(() => {})
    expect(ended).toHaveBeenCalledOnce()
  })
})

describe('files', () => {
  it('take_their_chinese_name_from_the_header', () => {
    expect(fileName("attachment; filename=\"a.xlsx\"; filename*=UTF-8''%E5%90%8D%E5%8D%95.xlsx", 'x')).toBe('名单.xlsx')
    expect(fileName('attachment; filename="list.csv"', 'x')).toBe('list.csv')
    expect(fileName(null, 'x')).toBe('x')
  })
})
