// An industry chain in a browser: the graph with its overlays, days and evidence; placements and how good they
// are; the arithmetic of a gap; stress tests by two models; a proposal that becomes a task, is shown to be done,
// confirmed by a second person and measured; clusters; and a need that leads to a first order.
import { confirm, dialog, settled } from './lib/browser.mjs'
import { office } from './lib/office.mjs'
import { assert, same } from './lib/tap.mjs'

const TITLE = '工业母机'
/** Frames a second that a pan of the demo's graph must reach, on a machine without a graphics card. */
const FLUENT = Number(process.env.CHAIN_FPS ?? 20)

/** The chapter; `stage` and `tap` as the story has them. */
export function chainsChapter(stage, tap) {
  const { ask } = office(stage)
  const it = {}
  const side = (name = '', query = '') => `/chains/${it.chain}${name ? `/${name}` : ''}${query}`
  const steps = (page) => page.locator('section[aria-labelledby="next-steps"]')

  /** Takes a step by its name on the page that is open. */
  async function take(page, name, reason = '按计划办理') {
    await steps(page).getByRole('button', { name, exact: true }).click()
    await confirm(page, reason)
    await settled(page)
  }

  async function graph() {
    tap.step('Chains 1: the graph, its overlays, its days, its evidence')
    const page = await tap.must('the provincial officer signs in', () => stage.as('province'))
    await stage.open(page, '/chains')
    await tap.must('the chain of machine tools is in the list with its coverage', async () => {
      const found = (await ask(page, '/chains')).find((row) => row.title.includes(TITLE))
      assert(found, 'there is no such chain')
      it.chain = found.id
      const row = page.locator('tbody [data-row]').filter({ hasText: found.title }).first()
      await row.getByText(`${found.covered}`, { exact: true }).first().waitFor()
    })
    await stage.look(page, 'chains')
    await tap.check('a chain could be opened by a template, and unverified ones say so', async () => {
      await page.getByRole('button', { name: '开一条产业链', exact: true }).first().click()
      await dialog(page).getByRole('radio').first().waitFor()
      await dialog(page).getByRole('button', { name: '取消', exact: true }).click()
    })
    await page.locator('tbody [data-row] a').filter({ hasText: TITLE }).first().click()
    await page.locator('canvas.graph').waitFor()
    await settled(page)
    it.detail = await ask(page, `/chains/${it.chain}`)
    it.graph = await ask(page, `/chains/${it.chain}/graph`)
    const { nodes, links } = it.graph
    const kinds = (kind) => nodes.kind.filter((one) => one === kind).length
    await tap.check('the drawing says how much it shows', async () => {
      const label = await page.locator('canvas.graph').getAttribute('aria-label')
      assert(label.includes(`${kinds('product')} 种产品`), label)
      assert(Number(await page.locator('canvas.graph').getAttribute('data-marks')) >= kinds('product'), 'fewer marks than products')
    })
    await stage.look(page, 'chain-graph')
    await tap.check(`it moves fluently (${FLUENT} frames a second)`, async () => {
      const measured = await page.evaluate(() => globalThis.__chainFrames(2_000))
      console.log(`  ${measured.fps.toFixed(1)} frames a second, ${measured.drawn.marks} marks, ${measured.drawn.links} links`)
      assert(measured.fps >= FLUENT, `${measured.fps.toFixed(1)} frames a second`)
    })
    await tap.check('each of the four chains can be taken off and laid on', async () => {
      const overlays = page.getByRole('group', { name: '叠加' })
      for (const name of ['技术', '人才', '资金']) {
        const chip = overlays.getByRole('button', { name: new RegExp(`^${name}`) })
        same(await chip.getAttribute('aria-pressed'), 'true', name)
        await chip.click()
        same(await chip.getAttribute('aria-pressed'), 'false', `${name} taken off`)
        await chip.click()
      }
      await overlays.getByRole('button', { name: '供应关系', exact: true }).click()
      await page.waitForURL(/supply=1/)
    })
    await tap.check('colours go by region, and the legend names regions', async () => {
      await page.getByRole('button', { name: '按地区', exact: true }).click()
      await page.locator('.legend .dot').first().waitFor()
    })
    await tap.check('the slider goes to another day, and the graph is that of the day', async () => {
      assert(it.detail.days.length > 1, `${it.detail.days.length} days`)
      await page.getByRole('button', { name: '前一个日子', exact: true }).click()
      await page.waitForURL(/day=\d{4}/)
      await settled(page)
      const day = /day=([\d-]+)/.exec(page.url())[1]
      await page.locator('.time .day').getByText(day).waitFor()
    })
    await tap.check('a node is found by name and opens with evidence: source, author, day', async () => {
      const doubtful = links.kind.findIndex((kind, n) => kind === 'places' && links.confidence[n] >= it.detail.confidence_min)
      const product = links.to[doubtful]
      await stage.open(page, side())
      await page.getByRole('combobox', { name: /找节点/ }).fill(nodes.name[product])
      await page.getByRole('option').first().waitFor()
      await page.getByRole('combobox', { name: /找节点/ }).press('Enter')
      await page.locator('.drawer h2').waitFor()
      await page.locator('.drawer .evidence li').first().waitFor()
      assert(/\d{4}-\d{2}-\d{2}/.test(await page.locator('.drawer .evidence li').first().innerText()), 'no day in the evidence')
    })
    await stage.look(page, 'chain-node')
    await tap.check('the same nodes stand in a list', async () => {
      await stage.open(page, side('', '?as=list'))
      const said = await page.locator('.data-table .foot').innerText()
      assert(said.replace(/,/g, '').includes(String(nodes.id.length)), said)
    })
    await stage.look(page, 'chain-list')
  }

  async function placements() {
    tap.step('Chains 2: placements wait for a person, and their quality is measured')
    const page = await stage.as('province')
    await stage.open(page, side('placements'))
    const before = await ask(page, `/chains/${it.chain}/placements`)
    await tap.check('precision and recall stand there with their intervals', async () => {
      assert(before.quality, 'there is no labelled sample')
      const card = page.locator('section[aria-labelledby="quality"]')
      await card.getByText(`${(before.quality.precision.value * 100).toFixed(1)}%`).first().waitFor()
      await card.getByText(`${(before.quality.recall.low * 100).toFixed(1)}%`).first().waitFor()
    })
    await stage.look(page, 'chain-placements')
    const waiting = before.rows.filter((row) => row.state === 'doubtful')
    await tap.check('one that waits is placed by a key, for a reason', async () => {
      assert(waiting.length > 0, 'none waits')
      await page.getByLabel('理由').fill('与年报和销项发票核对一致')
      await page.locator('main').click({ position: { x: 4, y: 4 } })
      await page.keyboard.press('a')
      await page.getByText('已归位到').first().waitFor()
      const after = await ask(page, `/chains/${it.chain}/placements`)
      same(after.rows.filter((row) => row.state === 'doubtful').length, waiting.length - 1, 'that wait')
    })
  }

  async function gaps() {
    tap.step('Chains 3: gaps with their arithmetic')
    const page = await stage.as('province')
    await stage.open(page, side('gaps'))
    it.gaps = await ask(page, `/chains/${it.chain}/gaps`)
    await tap.check('every product is a line, and steps are counted', async () => {
      const said = await page.locator('.data-table .foot').innerText()
      assert(said.includes(String(it.gaps.rows.length)), said)
    })
    await stage.look(page, 'chain-gaps')
    const row = it.gaps.rows.find((one) => one.steps.includes('fill')) ?? it.gaps.rows.find((one) => one.steps.length)
    await tap.must('one calls for a step', () => assert(row, 'none does'))
    await tap.check('its line opens the comparisons, and the rank is the product of its factors', async () => {
      await page.getByRole('searchbox', { name: '产品名称' }).fill(row.name)
      await page.locator('tbody [data-row]').filter({ hasText: row.name }).first().click()
      await page.locator('.drawer .finding').first().waitFor()
      same(await page.locator('.drawer .finding .groups').count(), 4, 'answers')
      same(await page.locator('.drawer').getByText('与因子之积').count(), 0, 'ranks that do not come out')
    })
    await stage.look(page, 'chain-gap')
    await stage.open(page, side('gaps', '?face=chains'))
    await tap.check('the four chains lie upon each other', () => page.locator('.heat').first().waitFor())
    await stage.look(page, 'chain-four')
    it.product = row.product
  }

  async function stress() {
    tap.step('Chains 4: what stops, by two models, and every source in turn')
    const page = await stage.as('province')
    const { nodes } = it.graph
    const firm = nodes.id.map((_, row) => row).filter((row) => nodes.kind[row] === 'firm' && nodes.output[row] !== null).sort((a, b) => nodes.output[b] - nodes.output[a])[0]
    const county = it.detail.places.find((one) => one.level === 'county') ?? it.detail.places.at(-1)
    for (const [kind, id] of [['firm', nodes.id[firm]], ['place', county.code], ['abroad', it.product]]) {
      await tap.check(`a stop of kind ${kind} is computed, both models side by side`, async () => {
        await stage.open(page, side('stress', `?stops=${kind}~${encodeURIComponent(id)}~1~0~${it.detail.stop_days}`))
        await page.locator('#first-model').waitFor()
        await page.locator('#second-model').waitFor()
        await page.locator('.stress-result .chart').first().waitFor()
      })
      if (kind !== 'place') await stage.look(page, `chain-stress-${kind}`)
    }
    await tap.check('the scenario is built by hand too', async () => {
      await stage.open(page, side('stress'))
      await page.getByRole('group', { name: '停的是' }).getByRole('button', { name: '园区或地区', exact: true }).click()
      await page.getByRole('combobox', { name: '园区或地区' }).selectOption(county.code)
      await page.getByRole('button', { name: '测算', exact: true }).click()
      await page.locator('#first-model').waitFor()
      await page.waitForURL(/stops=place/)
    })
    await stage.open(page, side('stress', '?face=ranking'))
    await tap.check('every source was stopped in turn and is ranked', async () => {
      await page.locator('tbody [data-row]').first().waitFor({ timeout: 120_000 })
      await page.getByText('两个模型的位次相关').waitFor()
    })
    await stage.look(page, 'chain-ranking')
  }

  async function task() {
    tap.step('Chains 5: a proposal becomes a task, is shown to be done, confirmed by a second person and measured')
    const page = await stage.as('province')
    const asked = async (product) => ask(page, `/chains/${it.chain}/proposals?product=${encodeURIComponent(product)}`)
    await tap.must('a product has a move that saves something', async () => {
      for (const row of it.gaps.rows.filter((one) => !one.task && one.steps.length)) {
        const found = await asked(row.product)
        const best = found.moves.findIndex((one) => one.effect > 0 && one.ops.length)
        if (best < 0) continue
        it.product = row.product
        it.at = best
        it.move = found.moves[best]
        return
      }
      assert(false, 'none has')
    })
    await stage.open(page, side('proposals', `?product=${encodeURIComponent(it.product)}`))
    await stage.look(page, 'chain-proposals')
    await tap.must('it is accepted with an owner and a deadline', async () => {
      await page.locator('.moves > li').nth(it.at).getByRole('button', { name: '立为任务', exact: true }).click()
      const box = dialog(page)
      await box.getByLabel(/^承办人/).fill('city')
      await box.getByLabel(/^期限/).fill('2027-06-30')
      await box.getByRole('button', { name: '立为任务', exact: true }).click()
      await page.waitForURL(/chain-tasks\/\d+/)
      it.task = Number(/chain-tasks\/(\d+)/.exec(page.url())[1])
    })
    await stage.look(page, 'chain-task')
    await tap.check('the product carries the mark of a task on the graph', async () => {
      const { nodes } = await ask(page, `/chains/${it.chain}/graph`)
      same(nodes.task[nodes.id.indexOf(it.product)], 'task', 'mark')
    })
    const city = await tap.must('the city officer signs in', () => stage.as('city'))
    await tap.must('the owner begins, shows what was done and hands it in', async () => {
      await stage.open(city, `/chain-tasks/${it.task}`)
      await take(city, '开始办理')
      await steps(city).getByText('附有证据').first().waitFor()
      await city.getByLabel('证明什么').fill('首批验收单')
      await city.getByLabel('文件').setInputFiles({ name: '验收单.txt', mimeType: 'text/plain', buffer: Buffer.from('首批验收合格') })
      await city.getByRole('button', { name: '交依据', exact: true }).click()
      await city.getByText('验收单.txt').waitFor()
      await take(city, '提交证据')
    })
    await tap.check('who gave the evidence cannot confirm it', async () => {
      const button = steps(city).getByRole('button', { name: '确认成效', exact: true })
      assert((await button.count()) === 0, '确认成效 can be pressed')
    })
    await tap.must('a second person confirms', async () => {
      await stage.open(page, `/chain-tasks/${it.task}`)
      await take(page, '确认成效')
    })
    await tap.check('what is measured is what was predicted', async () => {
      const seen = await ask(page, `/chain-tasks/${it.task}`)
      assert(Math.abs(seen.effect.measured - seen.effect.predicted) <= 0.05, `${seen.effect.predicted} → ${seen.effect.measured}`)
      await page.getByText('实测与预计一致').waitFor()
    })
    await stage.look(page, 'chain-task-done')
    await tap.check('the node is green now', async () => {
      const { nodes } = await ask(page, `/chains/${it.chain}/graph`)
      same(nodes.task[nodes.id.indexOf(it.product)], 'done', 'mark')
    })
    await stage.open(page, side('data'))
    await stage.look(page, 'chain-data')
  }

  async function clusters() {
    tap.step('Chains 6: clusters found by data')
    const page = await stage.as('province')
    await stage.open(page, '/clusters')
    await tap.must('clusters stand there with their map', async () => {
      await page.locator('tbody [data-row]').first().waitFor()
      await page.locator('figure svg path').first().waitFor()
    })
    await stage.look(page, 'clusters')
    for (const face of ['groups', 'overlap', 'niches', 'declared']) {
      await stage.open(page, `/clusters?face=${face}`)
      await stage.look(page, `clusters-${face}`)
    }
    await tap.check('nine declared industries stand against what was found', async () => {
      const found = await ask(page, '/clusters')
      assert(found.declared.length >= 9, `${found.declared.length}`)
    })
  }

  async function need() {
    tap.step('Chains 7: a need, who meets it, and the first order')
    const page = await stage.as('province')
    const rows = await ask(page, '/needs')
    const buyer = await tap.must('the firm in need signs in', () => stage.as('firm1'))
    const own = await ask(buyer, '/needs')
    const me = (await ask(buyer, '/session')).firm
    const mine = own.find((row) => row.firm === me)
    const another = own.find((row) => row.firm !== me)
    await tap.must('it sees its own need with all suppliers, and of another one only how it stands itself', async () => {
      assert(mine && another, `${own.length} needs, ${rows.length} in all`)
      assert((await ask(buyer, `/needs/${mine.id}`)).suppliers.length > 1, 'no suppliers')
      const others = (await ask(buyer, `/needs/${another.id}`)).suppliers.filter((one) => one.firm !== me)
      same(others.length, 0, 'suppliers of another need')
    })
    it.need = mine.id
    await stage.open(buyer, '/needs')
    await stage.look(buyer, 'needs-own')
    await stage.open(page, `/needs/${it.need}`)
    const seen = await ask(page, `/needs/${it.need}`)
    const supplier = seen.suppliers.find((one) => one.state === 'fits')
    await tap.must('a supplier meets everything, and its points add up', async () => {
      assert(supplier, 'none does')
      same(supplier.parts.reduce((sum, one) => sum + one.points, 0), supplier.points, 'points')
      same(await page.getByText('与各项之和不符').count(), 0, 'sums that differ')
    })
    await stage.look(page, 'need')
    const seller = await stage.as('firm2')
    const { firm } = await ask(seller, '/session')
    const chosen = seen.suppliers.find((one) => one.firm === firm && one.state === 'fits') ?? supplier
    await tap.must('it is introduced', async () => {
      await page.locator('.supplier').filter({ hasText: chosen.name }).first().getByRole('button', { name: '引荐', exact: true }).click()
      await page.locator('.introduction').first().waitFor()
    })
    const act = async (who, name) => {
      await stage.open(who, `/needs/${it.need}`)
      await who.locator('.introduction').getByRole('button', { name, exact: true }).first().click()
      await confirm(who, '双方已确认')
      await settled(who)
    }
    await tap.must('both get in contact', () => act(page, '接洽'))
    if (chosen.firm === firm) {
      await tap.must('the supplier sends a sample, the buyer qualifies it', async () => {
        await act(seller, '送样')
        await act(buyer, '通过认证')
      })
    }
    await tap.must('the first order counts with its evidence', async () => {
      await stage.open(buyer, `/needs/${it.need}`)
      await buyer.locator('.introduction input[type=file]').first().setInputFiles({ name: '首单.txt', mimeType: 'text/plain', buffer: Buffer.from('采购合同') })
      await buyer.getByText('首单：首单.txt').waitFor()
      await act(buyer, '下订单')
    })
    await stage.open(page, `/needs/${it.need}`)
    await stage.look(page, 'need-ordered')
    await tap.check('the introduction stands as ordered', async () => {
      const after = await ask(page, `/needs/${it.need}`)
      assert(after.introductions.some((one) => one.state === 'ordered'), JSON.stringify(after.introductions.map((one) => one.state)))
    })
  }

  return async function chains() {
    await graph()
    await placements()
    await gaps()
    await stress()
    await task()
    await clusters()
    await need()
  }
}
