// The draw done again: an honest one agrees, and any other is found.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { DrawView } from '@/shared/api'
import { joined, redraw, taken } from './draw'

const hash = (bytes: Uint8Array) => Promise.resolve(createHash('sha256').update(bytes).digest('hex'))
const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const county = (code: string) => ({ code, name: code, level: 'county', parent: '370700' })

/** A draw of four filings in two counties, made here by the published recipe. */
function drawn(secret = 's'): DrawView {
  const pool = [['370783', 1], ['370783', 2], ['370784', 3], ['370783', 10]] as const
  const seed = sum(joined(secret, '\n', pool.map(([code, id]) => `${code}:${id}\n`).join('')))
  const strata = ['370783', '370784'].map((code) => {
    const order = pool.filter(([of]) => of === code).map(([, filing]) => ({ filing, name: '', key: sum(joined(seed, ':', String(filing))), taken: false }))
    order.sort((a, b) => (a.key < b.key ? -1 : 1))
    const take = taken(order.length, '50')
    return { division: county(code), take, order: order.map((one, n) => ({ ...one, taken: n < take })) }
  })
  return { commitment: sum(new TextEncoder().encode(secret)), secret, seed, strata }
}

it('a_known_commitment_stays_as_it_is', () => expect(drawn().commitment).toBe('043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89'))

it('an_honest_draw_agrees_when_it_is_drawn_again', async () => expect(await redraw(drawn(), '50', hash)).toEqual({ commitment: true, seed: true, order: true, take: true }))

it('another_secret_is_not_the_one_committed_to', async () => expect(await redraw({ ...drawn(), secret: 't' }, '50', hash)).toMatchObject({ commitment: false, seed: false, order: false }))

it('one_who_is_taken_out_of_turn_is_found', async () => {
  const draw = drawn()
  const order = draw.strata[0]!.order
  order[0]!.taken = false
  order[order.length - 1]!.taken = true
  expect(await redraw(draw, '50', hash)).toMatchObject({ commitment: true, seed: true, order: false })
})

it('the_share_is_rounded_up_and_exact_to_its_decimals', () => {
  expect([taken(10, '20'), taken(11, '20'), taken(1, '0.5'), taken(0, '50'), taken(7, '100'), taken(7, '0'), taken(200, '0.5')]).toEqual([2, 3, 1, 0, 7, 0, 1])
})

it('parts_are_digested_as_sha256sum_does', () => expect(sum(joined('s', '\n', '370783:1\n370783:2\n370784:3\n'))).toBe('f56918058bbdf5b419df70b6b7fd9c84637a8fb6bd8ab4a91c9797f30954e5ba'))
