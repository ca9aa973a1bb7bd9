// How figures are written, at their edges.
import { describe, expect, it } from 'vitest'
import { bytes, count, date, dateTime, decimal, digest, duration, money, number, percent, short, shortCode, signed, signedNumber } from './format'

describe('numbers', () => {
  it('groups_thousands_and_writes_a_true_minus', () => {
    expect(count(2958)).toBe('2,958')
    expect(count(-1234567)).toBe('−1,234,567')
    expect(number(1282.25, 1)).toBe('1,282.3')
    expect(number(12)).toBe('12')
  })
  it('a_number_that_rounds_to_nothing_has_no_sign', () => {
    expect(number(-0.004, 2)).toBe('0.00')
    expect(signedNumber(0.001, 2)).toBe('0.00')
  })
  it('an_exact_decimal_keeps_every_digit', () => {
    expect(decimal('12345678901234567890.123456789012345678')).toBe('12,345,678,901,234,567,890.123456789012345678')
    expect(decimal('-0.160')).toBe('−0.160')
    expect(decimal('一号厂房')).toBe('一号厂房')
  })
  it('computed_numbers_are_cut_where_they_say_nothing_more', () => {
    expect(short(25.390000000000004)).toBe('25.39')
    expect(short(12)).toBe('12')
    expect(short(1200)).toBe('1,200')
    expect(short(-0.12345)).toBe('−0.1235')
    expect(short(0)).toBe('0')
    expect(short(0.0000123)).toBe('1.23e−5')
  })
  it('signs_are_written_out_when_asked', () => {
    expect(signed('3.10')).toBe('+3.10')
    expect(signed('+3.10')).toBe('+3.10')
    expect(signed('-0.16')).toBe('−0.16')
    expect(signed('0.00')).toBe('0.00')
    expect(signedNumber(-6)).toBe('−6')
    expect(signedNumber(6)).toBe('+6')
  })
  it('shares_are_per_cent', () => {
    expect(percent(0.19979716)).toBe('19.98%')
  })
})

describe('money', () => {
  it('takes_the_unit_that_reads_best', () => {
    expect(money('2136400.00')).toBe('213.6 万元')
    expect(money('125000000')).toBe('1.25 亿元')
    expect(money('-864000')).toBe('−86.4 万元')
    expect(money('980.5')).toBe('980.50 元')
    expect(money('2136400', 'en')).toBe('CNY 2.14 m')
  })
  it('says_unknown_for_unknown', () => {
    expect(money(null)).toBe('未知')
    expect(money(null, 'en')).toBe('unknown')
  })
})

describe('times_and_names', () => {
  it('shows_chinese_time', () => {
    expect(dateTime('2026-11-12T15:59:59Z')).toBe('2026-11-12 23:59')
    expect(date('2026-11-12T16:30:00Z')).toBe('2026-11-13')
    expect(date('2026-02-14')).toBe('2026-02-14')
    expect(dateTime('not a time')).toBe('not a time')
  })
  it('shortens_digests_and_codes', () => {
    expect(digest('sha256:7f3a91c2aaaa')).toBe('7f3a 91c2')
    expect(digest('abc')).toBe('abc')
    expect(shortCode('91370783MA3C4K7Q0X')).toBe('9137…7Q0X')
    expect(shortCode('123')).toBe('123')
  })
  it('writes_sizes_and_durations', () => {
    expect(bytes(13002342)).toBe('12.4 MB')
    expect(duration(38.2)).toBe('38 ms')
    expect(duration(1234)).toBe('1.2 s')
  })
})
