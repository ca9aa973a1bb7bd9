// A round of an award: two firms claim the same invoice line, the machine is found to have cost less,
// the payment goes by what was found, and a removal hands the line on. Needs nothing of earlier chapters.
import { dialog } from './lib/browser.mjs'
import { office } from './lib/office.mjs'
import { assert, same } from './lib/tap.mjs'

const AWARD = 'shandong/policies/equipment-renewal'
/** Filings of that May go by the figures of 2024. */
const WINDOW = { from: '2025-05-06T00:00:00', to: '2025-05-30T18:00:00' }
const FILED = '2025-05-20T09:30:00'
/** The seller of the machine; the code has its right check digit. */
const SELLER = '91350100M000100Y43'

/** The chapter; `stage` and `tap` as the story has them. */
export function awardsChapter(stage, tap) {
  const it = {}
  const { ask, later, step, blocked } = office(stage)

  const filing = async (id, who = 'province') => ask(await stage.as(who), `/filings/${id}`)

  return async function awards() {
    tap.step('Awards: an invoice line is paid once, and what was built decides the sum')
    const province = await tap.must('the provincial officer signs in', () => stage.as('province'))
    const county = await tap.must('the county officer signs in', () => stage.as('county'))
    await tap.must('two firms are found whose projects meet every condition', async () => {
      it.firms = await county.evaluate(
        async ([rule, on]) => {
          const get = async (path) => (await fetch(`/api${path}`)).json()
          const found = []
          for (let at = 1; ; at++) {
            const { rows, total } = await get(`/firms?size=200&page=${at}`)
            for (let n = 0; n < rows.length && found.length < 2; n += 8) {
              const part = rows.slice(n, n + 8)
              const proofs = await Promise.all(part.map((firm) => get(`/firms/${firm.id}/policy?rule=${encodeURIComponent(rule)}&on=${on}`)))
              part.forEach((firm, place) => proofs[place]?.line?.outcome === 'met' && found.push(firm))
            }
            if (found.length >= 2 || at * 200 >= total) return found.slice(0, 2)
          }
        },
        [AWARD, FILED.slice(0, 10)],
      )
      same(it.firms.length, 2, 'firms')
    })
    await tap.check('the best lawful combination of a firm adds up, each policy once', async () => {
      const path = `/firms/${it.firms[0].id}/policies?on=${FILED.slice(0, 10)}`
      const { best, rules } = await ask(county, path)
      assert(best?.take.some((one) => one.rule === AWARD), `the award is not in it: ${JSON.stringify(best)}`)
      same(new Set(best.take.map((one) => one.rule)).size, best.take.length, 'different policies')
      same(best.take.reduce((sum, one) => sum + Number(one.sum), 0), Number(best.sum), 'sum')
      const amount = rules.find((one) => one.rule.id === AWARD).amount
      same(Number(best.take.find((one) => one.rule === AWARD).sum), Number(amount.low), 'the expected amount of the award')
      await stage.open(county, path)
      const box = county.locator('section[aria-labelledby="best"]')
      same(await box.locator('li').count(), best.take.length + best.leave.length, 'policies in the box')
      const text = (await box.innerText()).replace(/[,，\s]/g, '')
      assert(text.includes(String(Number(best.sum))), `not ${best.sum}: ${text}`)
    })
    await stage.look(county, 'award-best')
    await tap.must('the round is opened and both are handed in as received on paper', async () => {
      const round = await ask(province, '/rounds', { rule: AWARD, kind: 'first', title: '2025 年设备更新奖补', ...WINDOW, sample_percent: '100' })
      it.round = round.row.id
      it.ids = []
      for (const firm of it.firms) {
        const made = await ask(county, `/rounds/${it.round}/filings`, { firm: firm.id, filed_at: FILED })
        it.ids.push(made.row.id)
      }
    })
    const path = (id) => `/filings/${id}`
    await tap.must('invoice lines are pasted from a spreadsheet', async () => {
      await stage.open(county, path(it.ids[0]))
      await county.getByRole('button', { name: '加入发票行', exact: true }).click()
      const box = dialog(county)
      await box.getByLabel(/从表格粘贴/).fill(`25372000000123456789\t1\t${SELLER}\t2024-08-08\t五轴加工中心\t3000000\tVMC-1`)
      await box.getByRole('button', { name: /^交入 1 行/ }).click()
      await box.waitFor({ state: 'hidden' })
      await county.getByText('五轴加工中心').first().waitFor()
    })
    await tap.must('the same line, written otherwise, is taken in at the second and marked with the first', async () => {
      await stage.open(county, path(it.ids[1]))
      await county.getByRole('button', { name: '加入发票行', exact: true }).click()
      const box = dialog(county)
      await box.getByLabel(/从表格粘贴/).fill(`２５３７２０００ 0001-2345-6789\t1\t${SELLER}\t2024-08-08\t加工中心（五轴）\t2999999\tVMC-1`)
      await box.getByRole('button', { name: /^交入 1 行/ }).click()
      await box.waitFor({ state: 'hidden' })
      const seen = await filing(it.ids[1], 'county')
      same(seen.lines[0].clash?.filing, it.ids[0], 'the filing that holds the line')
    })
    await stage.open(county, path(it.ids[1]))
    await stage.look(county, 'award-clash')
    await tap.must('cut, reviewed on three levels, drawn', async () => {
      await step('province', `/rounds/${it.round}`, '截取数据')
      for (const [who, name] of [['county', '推荐上报'], ['city', '推荐上报'], ['province', '审核通过']]) {
        for (const id of it.ids) {
          const seen = await filing(id, who)
          for (const question of seen.questions) {
            const now = await filing(id, who)
            await ask(await stage.as(who), `/filings/${id}/answers`, { version: now.version, id: question.id, value: '已核对，相符' })
          }
          await step(who, path(id), name)
        }
      }
      await step('province', `/rounds/${it.round}`, '抽取核查样本')
      for (const id of it.ids) await step('province', path(id), '核查相符', '设备在位')
    })
    await tap.must('a fifth of the machine is not there, and the sum falls with it', async () => {
      const page = await stage.as('province')
      await stage.open(page, path(it.ids[0]))
      const before = Number((await filing(it.ids[0])).row.sum)
      await page.getByRole('button', { name: /^核对/ }).first().click()
      const box = dialog(page)
      await box.getByLabel('金额不同').check()
      await box.getByLabel(/核定金额/).fill('2400000')
      await box.getByLabel(/说明/).fill('刀库未到货')
      await stage.look(page, 'award-built', { english: false })
      await box.getByRole('button', { name: '记下', exact: true }).click()
      await box.waitFor({ state: 'hidden' })
      const after = Number((await filing(it.ids[0])).row.sum)
      assert(after < before, `${before} → ${after}`)
      it.sum = after
    })
    await tap.must('notice and list', async () => {
      await step('province', `/rounds/${it.round}`, '开始公示')
      await later(12)
      await step('province', `/rounds/${it.round}`, '公布名单')
    })
    await stage.look(await stage.as('province'), 'award-listed')
    await tap.check('the second cannot be paid: its line is claimed', async () => {
      await step('county', path(it.ids[1]), '申请拨付')
      await blocked('province', path(it.ids[1]), '拨付', '费用发票行没有被其他申报占用')
    })
    await tap.check('the first is paid by another person, by what was found', async () => {
      await step('county', path(it.ids[0]), '申请拨付')
      const seen = await filing(it.ids[0])
      if (seen.payment.account_state !== 'open') {
        await blocked('province', path(it.ids[0]), '拨付', '收款账户状态正常')
        return
      }
      await step('province', path(it.ids[0]), '拨付')
      same(Number((await filing(it.ids[0])).payment.sum), it.sum, 'sum')
    })
    const page = await stage.as('province')
    await stage.open(page, path(it.ids[0]))
    await stage.look(page, 'award-paid')
    await tap.check('the round recomputes', async () => {
      const found = await ask(page, `/rounds/${it.round}/verify`)
      assert(found.agrees, JSON.stringify(found.differences))
    })
    await stage.open(page, `/rounds/${it.round}`)
    await stage.look(page, 'award-round')
  }
}
