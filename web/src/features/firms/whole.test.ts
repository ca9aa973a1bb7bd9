// Reading a whole list page by page.
import { describe, expect, it } from 'vitest'
import { everyRow } from './whole'

const list = (total: number) => async (page: number, size: number) => ({
  rows: Array.from({ length: total }, (_, i) => i).slice((page - 1) * size, page * size),
  total,
  page,
  size,
})

describe('everyRow', () => {
  it('reads every page', async () => expect(await everyRow(list(401))).toHaveLength(401))
  it('reads an empty list', async () => expect(await everyRow(list(0))).toEqual([]))
  it('refuses to pass off a part as the whole', async () => {
    const short = async (page: number) => ({ rows: page === 1 ? [1, 2] : [], total: 5, page, size: 200 })
    await expect(everyRow(short)).rejects.toThrow('2 ≠ 5')
  })
})
