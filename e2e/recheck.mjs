// A re-check: whoever holds a title whose term ends up to a day is in it without filing. One firm keeps
// the title with a new term, one does not; who holds it longer is left alone. Plays on a demo whose
// evaluation still takes files.
import { settled } from './lib/browser.mjs'
import { office } from './lib/office.mjs'
import { assert, same } from './lib/tap.mjs'

const RULE = 'national/titles/smart-maturity'
const TITLE = '智能制造能力成熟度'
const NAME = '2026 年能力成熟度复核'
/** The last year of figures, by which filings of the year after go. */
const YEAR = 2025
const WINDOW = { from: '2026-02-02T00:00:00', to: '2026-02-27T18:00:00' }
const DUE = '2026-12-31'

/** The chapter; `stage` and `tap` as the story has them. */
export function recheckChapter(stage, tap) {
  const it = {}
  const { ask, later, step, blocked, deliver, firmOf } = office(stage)
  const path = (id) => `/filings/${id}`
  const filing = async (id, who = 'province') => ask(await stage.as(who), `/filings/${id}`)

  return async function recheck() {
    tap.step('Re-check: who holds a title is in it by itself; one keeps it, one does not')
    const county = await tap.must('the county officer signs in', () => stage.as('county'))
    await tap.must('the list of holders comes in, two terms ending this year and one later', async () => {
      it.firms = [await firmOf('firm1'), await firmOf('firm2'), await firmOf('firm4')]
      const of = (firm) => [firm.name, firm.credit_code]
      const ends = ['2026-12-30', DUE, '2027-06-30']
      await deliver(county, YEAR, 'titles', '称号名单.csv', [
        ['企业名称', '统一社会信用代码', '称号类别', '证书编号', '认定日期', '有效期至'],
        ...it.firms.map((firm, n) => [...of(firm), '智能制造能力成熟度证书', `CMMM-${n + 1}`, `2024-0${n + 1}-01`, ends[n]]),
      ])
      await deliver(county, YEAR, 'application', '成熟度.csv', [
        ['企业名称', '统一社会信用代码', '智能制造能力成熟度得分'],
        ...it.firms.map((firm, n) => [...of(firm), ['2.1', '0.5', '2.9'][n]]),
      ])
    })
    await tap.check('a firm sees until when it holds the title', async () => {
      const firm = await stage.as('firm1')
      await stage.open(firm, `/firms/${it.firms[0].id}/policies?q=${encodeURIComponent(TITLE)}`)
      await firm.locator('tbody [data-row]', { hasText: TITLE }).getByText('2026-12-30').first().waitFor()
    })
    await stage.look(await stage.as('firm1'), 'recheck-held')

    const province = await stage.as('province')
    await tap.must('the province opens the re-check; without its due day it is refused', async () => {
      await stage.open(province, '/rounds/new')
      await province.getByLabel(/^规则/).fill(TITLE)
      await province.getByRole('option', { name: new RegExp(TITLE) }).first().click()
      await province.getByRole('radio', { name: /^复核/ }).check()
      await province.getByLabel(/批次名称/).fill(NAME)
      await province.getByLabel(/^开始/).fill(WINDOW.from)
      await province.getByLabel(/^截止/).fill(WINDOW.to)
      await province.getByLabel(/实地核查比例/).fill('0')
      await province.getByRole('button', { name: '开批次', exact: true }).click()
      await province.waitForTimeout(500)
      assert(/\/rounds\/new/.test(province.url()), `opened without a due day: ${province.url()}`)
      await province.getByRole('textbox', { name: /到期日不晚于/ }).fill(DUE)
      await stage.look(province, 'recheck-new', { english: false })
      await province.getByRole('button', { name: '开批次', exact: true }).click()
      await province.waitForURL(/\/rounds\/\d+$/)
      await settled(province)
      it.round = Number(/rounds\/(\d+)/.exec(province.url())[1])
    })
    const roundPath = `/rounds/${it.round}`
    await tap.must('the two whose term ends by then are in it, nobody filed, the third is not', async () => {
      const rows = await ask(province, `/rounds/${it.round}/filings`)
      const found = rows.map((row) => row.firm).sort((a, b) => a - b).join()
      same(found, [it.firms[0].id, it.firms[1].id].sort((a, b) => a - b).join(), 'firms in the re-check')
      assert(rows.every((row) => row.kind === 'recheck'), rows.map((row) => row.kind).join())
      it.ids = [0, 1].map((n) => rows.find((row) => row.firm === it.firms[n].id).id)
      for (const firm of it.firms.slice(0, 2)) await province.locator('tbody [data-row]', { hasText: firm.name }).waitFor()
      await province.getByText(DUE).first().waitFor()
    })
    await stage.look(province, 'recheck-open')
    await tap.check('nobody files for it, neither a firm nor an officer', async () => {
      for (const who of ['firm4', 'county']) {
        const page = await stage.as(who)
        await stage.open(page, roundPath)
        same(await page.getByRole('button', { name: /代交申报|^申报$/ }).count(), 0, `buttons to file for ${who}`)
      }
    })
    await tap.must('the facts of both are cut', async () => {
      await step('province', roundPath, '截取数据')
      same((await filing(it.ids[0])).row.outcome, 'met', `outcome of ${it.firms[0].name}`)
      same((await filing(it.ids[1])).row.outcome, 'not_met', `outcome of ${it.firms[1].name}`)
    })
    await tap.check('who does not meet it any more cannot be recommended', () => blocked('county', path(it.ids[1]), '推荐上报', '每项条件都达到；未知不算达到'))
    await stage.look(await stage.as('county'), 'recheck-fails')
    await tap.must('one is refused, one passes three levels', async () => {
      await step('county', path(it.ids[1]), '不予通过', '总分 0.5，不到一级')
      for (const [who, name] of [['county', '推荐上报'], ['city', '推荐上报'], ['province', '审核通过']]) {
        for (const question of (await filing(it.ids[0], who)).questions) {
          const { version } = await filing(it.ids[0], who)
          await ask(await stage.as(who), `/filings/${it.ids[0]}/answers`, { version, id: question.id, value: '已核对，相符' })
        }
        await step(who, path(it.ids[0]), name)
      }
    })
    await tap.must('notice and list', async () => {
      await step('province', roundPath, '抽取核查样本')
      await step('province', roundPath, '开始公示')
      await later(12)
      await step('province', roundPath, '公布名单')
    })
    await tap.must('one keeps the title, one does not', async () => {
      const rows = await ask(await stage.as('province'), `/rounds/${it.round}/filings`)
      const states = it.ids.map((id) => rows.find((row) => row.id === id).state)
      same(states.join(), 'listed,refused', 'states')
      it.until = (await filing(it.ids[0])).row.until
      assert(it.until > '2028', `the new term ends ${it.until}`)
    })
    await stage.open(await stage.as('province'), roundPath)
    await stage.look(await stage.as('province'), 'recheck-listed')
    await tap.check('the round recomputes', async () => {
      const found = await ask(await stage.as('province'), `/rounds/${it.round}/verify`)
      assert(found.agrees, JSON.stringify(found.differences))
    })
    await tap.check('the firm that kept it sees its new last day', async () => {
      const firm = await stage.as('firm1')
      await stage.open(firm, `/firms/${it.firms[0].id}/policies?q=${encodeURIComponent(TITLE)}`)
      await firm.locator('tbody [data-row]', { hasText: TITLE }).getByText(it.until).first().waitFor()
    })
    await stage.look(await stage.as('firm1'), 'recheck-kept')
    await tap.check('the firm that did not holds it to the end of its term, and not a day longer', async () => {
      const firm = await stage.as('firm2')
      const held = async (on) => (await ask(firm, `/firms/${it.firms[1].id}/policies?on=${on}`)).rules.find((one) => one.rule.id === RULE)?.held
      same((await held(DUE))?.to, DUE, 'last day')
      assert(!(await held('2027-01-01')), `held on 2027-01-01: ${JSON.stringify(await held('2027-01-01'))}`)
    })
  }
}
