// The yearly evaluation from department workbooks to a published, verifiable list, the titles and
// policies that firms meet, and a round in which one is granted, played by people in a real browser on
// the shipped binary (`make test-browser`). Each page on the way is looked at closely (both widths, accessibility, both
// languages); the screenshots lie in `shots/`.
import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { awardsChapter } from './awards.mjs'
import { chainsChapter } from './chains.mjs'
import { draftsChapter } from './drafts.mjs'
import { run, startDemo } from './lib/binary.mjs'
import { confirm, dialog, settled, Stage } from './lib/browser.mjs'
import { assert, same, Stopped, Tap } from './lib/tap.mjs'
import { unequalKeys } from './lib/wording.mjs'
import { recheckChapter } from './recheck.mjs'
import { removalChapter } from './removal.mjs'
import { roundsChapter } from './rounds.mjs'

const SHOTS = process.env.SHOTS ?? join(dirname(fileURLToPath(import.meta.url)), 'shots')
const YEAR = 2025
/** A title whose conditions were revised on 2026-04-01. */
const SPECIALISED = 'national/titles/specialised-sme'
const SMALL = 'national/titles/size-small'
/** Start of each department's file name in the demo's folder. */
const FILES = { tax: '税务局', land: '自然资源局', power: '供电公司', environment: '生态环境局', statistics: '统计局', science: '科技局' }

const tap = new Tap()
let server
let stage

try {
  tap.ok(unequalKeys().length === 0, 'every wording exists in Chinese and in English', unequalKeys().join('\n'))
  server = await tap.must('the binary starts on a fresh demo and prints its address', startDemo)
  stage = await Stage.open(server.url, SHOTS, tap)
  const story = new Story()
  const chapters = [
    // Both hand files in, so they come while the evaluation takes them.
    'before', 'removal', 'recheck', 'delivery', 'doubts', 'acceptance', 'land', 'confirmation', 'run', 'proof', 'whatIf', 'notice',
    'objection', 'rerun', 'finality', 'publicity', 'registry', 'policies', 'drafts', 'rounds', 'awards', 'chains', 'articles',
    'administration',
  ]
  // Chapters that need nothing of earlier ones can be played alone: STORY=policies.
  const only = process.env.STORY?.split(',')
  for (const chapter of chapters.filter((name) => !only || only.includes(name))) await story[chapter]()
} catch (error) {
  if (!(error instanceof Stopped)) tap.ok(false, 'the story goes on to its end', error?.stack ?? error)
  else console.log(`# the story stops here: ${error.message}`)
  await stage?.lastSight()
} finally {
  await stage?.close()
  await server?.stop()
}
process.exit(tap.end())

/** The chapters in order; each leaves behind what the next one needs. */
function Story() {
  const it = {}
  const wide = () => it.county

  /** Takes a step of the evaluation by its name on the page. */
  async function step(page, name, reason = '按流程办理') {
    await stage.open(page, `/evaluations/${it.evaluation}`)
    await page.locator('section[aria-labelledby="next-steps"]').getByRole('button', { name, exact: true }).click()
    await confirm(page, reason)
    await settled(page)
  }

  /** The current detail of the evaluation, as the page got it. */
  async function detail(page) {
    return page.evaluate(async (id) => (await fetch(`/api/evaluations/${id}`)).json(), it.evaluation)
  }

  /** Moves the demo's clock; everyone's session has ended by then. */
  async function later(days) {
    const page = await stage.as('county')
    await page.evaluate(async (days) => {
      const me = await (await fetch('/api/session')).json()
      const answer = await fetch('/api/demo/clock', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-csrf-token': me.csrf },
        body: JSON.stringify({ days }),
      })
      if (!answer.ok) throw new Error(await answer.text())
    }, days)
    await stage.everyoneLeaves()
  }

  it.before = async () => {
    tap.step('1. The demo is there; a visitor sees the way in and what was published')
    const visitor = await stage.as(null)
    await stage.open(visitor, '/')
    await tap.check('the sign-in page offers one account a role', async () => {
      await visitor.getByText('演示账户').waitFor()
      assert((await visitor.locator('.demo .account').count()) >= 9, 'fewer accounts than roles')
    })
    await stage.look(visitor, 'sign-in')
    await stage.open(visitor, '/public')
    await stage.look(visitor, 'public-before')
    await tap.check('a wrong password is refused in words', async () => {
      await stage.open(visitor, '/')
      await visitor.getByLabel('用户名').fill('county')
      await visitor.getByLabel('密码').fill('not-the-password')
      await visitor.getByRole('button', { name: '登录', exact: true }).click()
      await visitor.getByRole('alert').waitFor()
    })
  }

  it.delivery = async () => {
    tap.step('2. The county officer opens the evaluation and hands in six workbooks')
    it.county = await tap.must('the county officer signs in', () => stage.as('county'))
    const page = wide()
    await settled(page)
    await stage.look(page, 'work')
    await stage.open(page, '/evaluations')
    await stage.look(page, 'evaluations')
    await tap.must("this year's evaluation waits for facts", async () => {
      const rows = await page.evaluate(async () => (await fetch('/api/evaluations')).json())
      const open = rows.find((row) => row.year === 2025)
      assert(open, 'there is no evaluation of 2025')
      same(open.state, 'collecting', 'state')
      it.evaluation = open.id
    })
    await stage.open(page, `/evaluations/${it.evaluation}`)
    await stage.look(page, 'evaluation-collecting')
    await stage.open(page, `/evaluations/${it.evaluation}/imports`)
    await stage.look(page, 'imports-empty')
    await tap.check('a blank template can be downloaded', async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: /下载模板/ }).first().click(),
      ])
      assert(/\.xlsx$/.test(file.suggestedFilename()), file.suggestedFilename())
    })
    const folder = join(server.dir, 'workbooks')
    const names = readdirSync(folder)
    it.imports = {}
    for (const [template, start] of Object.entries(FILES)) {
      await tap.must(`the ${template} file is read and reported`, async () => {
        const name = names.find((one) => one.startsWith(start) && !one.includes('更正'))
        assert(name, `no file of ${start} among ${names.join(', ')}`)
        await upload(page, template, join(folder, name))
        it.imports[template] = Number(/imports\/(\d+)/.exec(page.url())[1])
        const view = await read(page, it.imports[template])
        same(view.state, 'waiting', 'state')
        assert(view.counts.rows > 0, 'no rows')
        same(view.counts.matched + view.counts.doubtful + view.counts.unknown + view.counts.refused_rows, view.counts.rows, 'rows')
      })
    }
    await stage.open(page, `/imports/${it.imports.tax}`)
    await stage.look(page, 'import-report')
    await tap.check('bad cells come back marked in a copy of the workbook', async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: /下载标注副本/ }).click(),
      ])
      assert(/\.(xlsx|xls|csv)$/.test(file.suggestedFilename()), file.suggestedFilename())
    })
    await stage.open(page, `/evaluations/${it.evaluation}/imports`)
    await stage.look(page, 'imports-waiting')
  }

  /** Chooses a file on a department's card and waits for the report's address. */
  async function upload(page, template, path) {
    await stage.open(page, `/evaluations/${it.evaluation}/imports`)
    await page.locator(`#file-${template}`).setInputFiles(path)
    await page.waitForURL(/\/imports\/\d+$/, { timeout: 120_000 })
  }

  /** Waits until a file has been read and gives its report. */
  async function read(page, id) {
    for (let n = 0; n < 600; n++) {
      const view = await page.evaluate(async (id) => (await fetch(`/api/imports/${id}`)).json(), id)
      if (view.state !== 'reading') {
        await settled(page)
        return view
      }
      await page.waitForTimeout(200)
    }
    throw new Error('still reading after two minutes')
  }

  it.doubts = async () => {
    tap.step('3. Doubtful rows are settled by keyboard')
    const page = wide()
    let looked = false
    for (const [template, id] of Object.entries(it.imports)) {
      const open = await page.evaluate(async (id) => (await (await fetch(`/api/imports/${id}/doubts`)).json()).length, id)
      if (!open) continue
      await stage.open(page, `/imports/${id}/doubts`)
      if (!looked) {
        await stage.look(page, 'doubts')
        await tap.check('a choice is taken back with u', async () => {
          await page.keyboard.press('1')
          await page.getByRole('progressbar').waitFor()
          await page.waitForFunction(() => document.querySelector('[role=progressbar]').getAttribute('aria-valuenow') === '1')
          await page.keyboard.press('u')
          await page.waitForFunction(() => document.querySelector('[role=progressbar]').getAttribute('aria-valuenow') === '0')
        })
        looked = true
      }
      await tap.must(`the ${open} doubtful rows of ${template} are settled with keys alone`, async () => {
        for (let n = 0; n < open; n++) {
          const candidates = await page.locator('.compare .choose').count()
          await page.keyboard.press(candidates ? '1' : '0')
          await page.waitForFunction((n) => Number(document.querySelector('[role=progressbar]').getAttribute('aria-valuenow')) > n, n)
        }
        // Decisions are shown at once and stored one after the other: the store has the last word.
        const left = () => page.evaluate(async (id) => (await (await fetch(`/api/imports/${id}/doubts`)).json()).filter((one) => one.decision === null).length, id)
        for (let n = 0; n < 100 && (await left()) > 0; n++) await page.waitForTimeout(200)
        same(await left(), 0, 'rows left')
      })
    }
    tap.ok(looked, 'there were doubtful rows to settle')
  }

  it.acceptance = async () => {
    tap.step('3. Files are accepted; the same file again changes nothing')
    const page = wide()
    for (const [template, id] of Object.entries(it.imports)) {
      await tap.must(`the ${template} file is accepted`, async () => {
        await stage.open(page, `/imports/${id}`)
        await page.getByRole('button', { name: '采纳', exact: true }).click()
        await confirm(page, '经部门核对无误')
        await settled(page)
        same((await read(page, id)).state, 'accepted', 'state')
      })
    }
    await tap.check('the same tax file again brings nothing new', async () => {
      const folder = join(server.dir, 'workbooks')
      await upload(page, 'tax', join(folder, readdirSync(folder).find((one) => one.startsWith(FILES.tax))))
      const id = Number(/imports\/(\d+)/.exec(page.url())[1])
      const view = await read(page, id)
      same(view.counts.new + view.counts.changed, 0, 'new and changed facts')
      await page.getByRole('button', { name: '撤回', exact: true }).click()
      await confirm(page, '重复上传')
    })
    await stage.open(page, `/evaluations/${it.evaluation}/imports`)
    await stage.look(page, 'imports-accepted')
  }

  it.land = async () => {
    tap.step('4. Parcels, owners, tenants')
    const page = wide()
    await stage.open(page, `/evaluations/${it.evaluation}/parcels`)
    await tap.check('a parcel opens to its tenants', async () => {
      await page.locator('button[aria-expanded="false"]', { hasText: '家' }).first().click()
      await page.locator('tr.below .tenants li').first().waitFor()
    })
    await stage.look(page, 'land')
  }

  it.confirmation = async () => {
    tap.step('4. Firms look at their sheets')
    const page = wide()
    await tap.must('the officer asks the firms to confirm', () => step(page, '发企业核对'))
    await stage.open(page, `/evaluations/${it.evaluation}/sheets`)
    await stage.look(page, 'sheets')
    const firm = await tap.must('a firm signs in', () => stage.as('firm1'))
    it.firm = (await firm.evaluate(async () => (await fetch('/api/session')).json())).firm
    await settled(firm)
    await stage.look(firm, 'work-of-a-firm')
    await stage.open(firm, `/evaluations/${it.evaluation}/sheets/${it.firm}`)
    await stage.look(firm, 'sheet-of-the-firm')
    await tap.check('a figure opens to its versions and source cell', async () => {
      await firm.locator('.group .value button').first().click()
      await firm.locator('.drawer .versions li').first().waitFor()
      await stage.look(firm, 'sheet-history', { english: false })
      await firm.keyboard.press('Escape')
    })
    await tap.check('the sheet prints as PDF', async () => {
      const [file] = await Promise.all([firm.waitForEvent('download'), firm.getByRole('button', { name: /PDF/ }).click()])
      assert(/\.pdf$/.test(file.suggestedFilename()), file.suggestedFilename())
    })
    await tap.must('the firm confirms its sheet', async () => {
      await firm.getByRole('button', { name: '确认全部数据', exact: true }).first().click()
      await confirm(firm)
      await firm.getByText('已确认').first().waitFor()
    })
    await tap.check("another firm's sheet stays closed to it", async () => {
      const status = await firm.evaluate(async ([id, other]) => (await fetch(`/api/evaluations/${id}/sheets/${other}`)).status, [it.evaluation, it.firm + 1])
      assert([403, 404].includes(status), `status ${status}`)
    })
  }

  it.run = async () => {
    tap.step('5. Freeze, trial run, results')
    await tap.must('the time to confirm passes', () => later(16))
    it.county = await stage.as('county')
    const page = wide()
    await tap.must('the facts are frozen', () => step(page, '冻结数据'))
    await tap.must('the trial runs', () => step(page, '试算'))
    const runs = (await detail(page)).runs
    it.trial = runs[0].id
    await stage.look(page, 'evaluation-trial')
    await stage.open(page, `/runs/${it.trial}`)
    await stage.look(page, 'results')
    await tap.check('classes, edge and changes are filters of the list', async () => {
      await page.getByRole('button', { name: /临界/ }).first().click()
      await settled(page)
      assert(page.url().includes('filter=edge'), page.url())
    })
  }

  it.proof = async () => {
    tap.step('6. Any number opens its proof')
    const page = wide()
    await stage.open(page, `/runs/${it.trial}`)
    await tap.check("a firm's total opens to indicators and source cells, by keyboard", async () => {
      await page.locator('tbody button.why').first().focus()
      await page.keyboard.press('Enter')
      await page.locator('.drawer .indicator').first().waitFor()
      assert((await page.locator('.drawer .source').count()) > 0, 'no source cell')
    })
    await settled(page)
    await stage.look(page, 'proof')
    await stage.open(page, `/runs/${it.trial}?class=B`)
    await tap.check('a firm of the second class is told the cheapest change', async () => {
      await page.locator('tbody button.why').first().click()
      await page.locator('.drawer .lift').waitFor({ timeout: 60_000 })
      await settled(page)
    })
    await stage.look(page, 'proof-lift', { english: false })
  }

  it.whatIf = async () => {
    tap.step('7. What if')
    const page = wide()
    await stage.open(page, `/runs/${it.trial}?whatif=1`)
    await tap.check('a weight is moved and the whole population answers', async () => {
      await page.locator('.what-if').getByRole('button', { name: /权重/ }).first().click()
      const handle = page.locator('.what-if .handle', { hasText: '单位用地税收' }).first()
      await handle.waitFor()
      const box = handle.locator('input.field')
      await box.fill(String(Number(await box.inputValue()) - 5))
      await page.locator('.what-if .outcome .classes').waitFor({ timeout: 60_000 })
    })
    await stage.look(page, 'what-if')
    await tap.check('it is kept by name and can be opened again', async () => {
      await page.getByRole('button', { name: '存下', exact: true }).click()
      await page.getByPlaceholder('给这个假设起个名').fill('税收权重少五分')
      await page.getByRole('button', { name: '存下', exact: true }).click()
      await page.getByText('已存下').waitFor()
    })
  }

  it.notice = async () => {
    tap.step('8. Notice')
    it.second = await tap.must('a second officer signs in', () => stage.as('county2'))
    await tap.must('the second officer opens the notice', () => step(it.second, '开始公示'))
    await stage.look(it.second, 'evaluation-notice')
    const visitor = await stage.as(null)
    await stage.open(visitor, '/public')
    await tap.must('the list stands on the public page', async () => {
      await visitor.getByRole('link', { name: new RegExp(`${YEAR} 年度.*公示`) }).first().click()
      await settled(visitor)
      assert(/\/public\/\d+/.test(visitor.url()), visitor.url())
    })
    await stage.look(visitor, 'public-notice')
  }

  it.objection = async () => {
    tap.step('8. A firm objects to its leased area; the department answers; a second person accepts')
    const firm = await stage.as('firm1')
    await stage.open(firm, `/evaluations/${it.evaluation}/objections/new?fact=land`)
    await stage.look(firm, 'objection-form')
    await tap.must('the firm files its objection with a file', async () => {
      const now = Number((await firm.locator('.now b').innerText()).replace(/,/g, ''))
      await firm.getByLabel(/主张的数值/).fill((now / 2).toFixed(2))
      await firm.getByLabel(/理由/).fill('租赁合同已变更，实际租用面积减半。')
      const evidence = join(server.dir, '租赁变更协议.pdf')
      writeFileSync(evidence, '%PDF-1.4\n% invented evidence\n')
      await firm.locator('input[type=file]').setInputFiles(evidence)
      await firm.getByRole('button', { name: '提交异议' }).click()
      await firm.waitForURL(/\/objections\/\d+$/)
      it.objectionId = Number(/objections\/(\d+)/.exec(firm.url())[1])
    })
    await settled(firm)
    await stage.look(firm, 'objection-filed')
    const path = `/evaluations/${it.evaluation}/objections/${it.objectionId}`
    await tap.must('the county sends it to the department', () => objectionStep('county', path, '转部门核实'))
    const land = await tap.must('the land department signs in', () => stage.as('land'))
    await stage.open(land, path)
    await tap.must('the land department answers', async () => {
      await land.getByRole('button', { name: '答复', exact: true }).click()
      await dialog(land).getByLabel(/说明/).fill('经现场核实，与变更协议相符。')
      await stage.look(land, 'objection-answer', { english: false })
      await dialog(land).getByRole('button', { name: '提交' }).click()
      await dialog(land).waitFor({ state: 'hidden' })
    })
    await tap.must('another officer accepts', () => objectionStep('county2', path, '采纳', '材料齐全，予以采纳'))
    const page = await stage.as('county2')
    await stage.look(page, 'objection-accepted')
    await stage.open(page, `/evaluations/${it.evaluation}/objections`)
    await stage.look(page, 'objections')
  }

  async function objectionStep(who, path, name, reason) {
    const page = await stage.as(who)
    await stage.open(page, path)
    await page.locator('.page-head').getByRole('button', { name, exact: true }).click()
    await confirm(page, reason)
    await settled(page)
  }

  it.rerun = async () => {
    tap.step('8. The whole ranking runs again, and the difference is shown firm by firm')
    const path = `/evaluations/${it.evaluation}/objections/${it.objectionId}`
    it.county = await stage.as('county')
    const page = wide()
    await stage.open(page, path)
    if (await page.locator('.page-head').getByRole('button', { name: '办结', exact: true }).count()) {
      await tap.check('the objection is closed', () => objectionStep('county', path, '办结', '更正已入库'))
    }
    await tap.must('the whole ranking runs again', () => step(page, '更正后整体重排'))
    const run = (await detail(page)).runs[0]
    it.rerunId = run.id
    await tap.must('the rerun names the run it replaces', async () => assert(run.previous, 'no previous run'))
    await stage.open(page, `/runs/${run.id}/diff/${run.previous}`)
    await tap.check('the difference names the fact and explains each firm', async () => {
      const diff = await page.evaluate(async ([a, b]) => (await fetch(`/api/runs/${a}/diff/${b}`)).json(), [run.id, run.previous])
      same(diff.facts.length, 1, 'facts that differ')
      assert(diff.firms.length > 0, 'no firm differs')
      assert(diff.firms.every((one) => one.causes.length > 0 && one.why.zh), 'a firm without a cause')
    })
    await stage.look(page, 'difference')
  }

  it.finality = async () => {
    tap.step('8–9. Final; the measures follow')
    await tap.must('the notice period passes', () => later(14))
    it.second = await stage.as('county2')
    await tap.must('the second officer makes it final', () => step(it.second, '审定', '公示期满，异议已办结'))
    const runs = (await detail(it.second)).runs
    it.final = runs[0].id
    await stage.look(it.second, 'evaluation-final')
    await stage.open(it.second, `/runs/${it.final}/measures`)
    await tap.check('measures carry basis and dates; those without a basis say so', async () => {
      const page = await it.second.evaluate(async (id) => (await fetch(`/api/runs/${id}/measures?size=200`)).json(), it.final)
      assert(page.total > 0, 'no measures')
      assert(page.rows.every((one) => one.basis || one.display_only), 'a measure without basis that is not display-only')
    })
    await stage.look(it.second, 'measures')
    await tap.check('the list for the power company can be taken along', async () => {
      await it.second.getByRole('button', { name: '导出' }).click()
      const [file] = await Promise.all([it.second.waitForEvent('download'), it.second.getByRole('button', { name: /XLSX/ }).click()])
      assert(/\.xlsx$/.test(file.suggestedFilename()), file.suggestedFilename())
    })
  }

  it.publicity = async () => {
    tap.step('10. The final list is public and recomputes to the bit')
    it.county = await stage.as('county')
    await tap.must('the first officer publishes', () => step(wide(), '公布', '终评结果公布'))
    await stage.look(wide(), 'evaluation-published')
    const visitor = await stage.as(null)
    await stage.open(visitor, '/public')
    await stage.look(visitor, 'public-list')
    await tap.check('the final list is found and searched', async () => {
      await visitor.getByRole('link', { name: new RegExp(`${YEAR} 年度.*终评`) }).first().click()
      await settled(visitor)
      await visitor.getByRole('searchbox').first().fill('有限公司')
      await settled(visitor)
      assert((await visitor.locator('tbody [data-row]').count()) > 0, 'nothing found')
    })
    await stage.look(visitor, 'public-final')
    await tap.check('the scheme stands behind it', async () => {
      await visitor.locator('.page-head .law a').last().click()
      await visitor.waitForURL(/\/public\/schemes/)
    })
    await settled(visitor)
    await stage.look(visitor, 'public-scheme')
    await stage.open(wide(), `/runs/${it.final}/verify`)
    await tap.check('the page recomputes the run and agrees', () => wide().getByText('逐位一致').waitFor({ timeout: 60_000 }))
    await stage.look(wide(), 'verify')
    await tap.check('`baigong verify RUN` agrees', async () => {
      const { code, text } = await run('verify', '--database', join(server.dir, 'baigong.sqlite'), String(it.final))
      assert(code === 0, text)
    })
  }

  it.registry = async () => {
    tap.step('The registry, the schemes, the articles')
    const page = wide()
    await stage.open(page, '/firms')
    await stage.look(page, 'firms')
    await tap.check('a firm is found by name in the search box', async () => {
      const name = (await page.locator('tbody [data-row] a').first().innerText()).slice(0, 4)
      await page.keyboard.press('Control+k')
      await page.keyboard.type(name)
      await page.locator('[role=option]', { hasText: name }).first().waitFor()
      await page.keyboard.press('Escape')
    })
    await stage.open(page, `/firms/${it.firm}`)
    await stage.look(page, 'firm')
    await stage.open(page, '/schemes')
    await stage.look(page, 'schemes')
    await tap.check('a scheme opens to its text', async () => {
      await page.locator('tbody [data-row] a').first().click()
      await page.locator('.line code').first().waitFor()
    })
    await settled(page)
    await stage.look(page, 'scheme')
    await stage.open(page, '/articles')
    await tap.check('twenty articles stand there, the sixteenth live', async () => {
      same(await page.locator('section.article').count(), 20, 'articles')
      await page.locator('#article-16 .on').first().waitFor()
    })
    await stage.look(page, 'articles')
    await tap.check('the language is switched on the page and kept', async () => {
      await page.getByRole('button', { name: /语言/ }).click()
      await page.getByRole('button', { name: 'English', exact: true }).click()
      await page.getByRole('heading', { name: /The regulation at a glance/ }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: /The regulation at a glance/ }).waitFor()
      await page.evaluate(() => localStorage.setItem('baigong.language', 'zh-CN'))
    })
  }

  it.policies = async () => {
    tap.step('Titles and policies: what a firm meets, why, on which day; a rule and what if')
    const firm = await tap.must('the firm signs in', () => stage.as('firm1'))
    await settled(firm)
    await tap.must('it opens its policies from the navigation', async () => {
      await firm.getByRole('link', { name: '我的政策' }).click()
      await firm.locator('.ladder .rung').first().waitFor({ timeout: 60_000 })
      await settled(firm)
      it.policyFirm = Number(/firms\/(\d+)\/policies/.exec(firm.url())[1])
    })
    const path = `/firms/${it.policyFirm}/policies`
    await tap.check('two ladders stand there, each with at most one next rung, and every rule below them', async () => {
      same(await firm.locator('.ladder').count(), 2, 'ladders')
      for (const ladder of await firm.locator('.ladder').all()) assert((await ladder.locator('.flag').count()) <= 1, 'more than one next rung')
      const data = await policiesOf(firm)
      same(await firm.locator('tbody [data-row]').count(), data.rules.length, 'rules in the lists')
    })
    await tap.check('what is not known is not called failed, and names who owes it', async () => {
      const data = await policiesOf(firm)
      const open = data.rules.filter((one) => one.outcome === 'unknown')
      const mute = open.filter((one) => !one.missing.length && !one.repairs.length)
      assert(mute.length === 0, `unknown without saying what is missing: ${mute.map((one) => one.rule.id)}`)
      const failed = data.rules.filter((one) => one.outcome === 'not_met')
      assert(failed.every((one) => one.unmet.length > 0), `not met without a failing condition: ${failed.filter((one) => !one.unmet.length).map((one) => one.rule.id)}`)
    })
    await stage.look(firm, 'policies')
    await tap.check('an outcome opens its proof, by keyboard, down to conditions and cells', async () => {
      await firm.locator('tbody button.why').first().focus()
      await firm.keyboard.press('Enter')
      await firm.locator('.drawer .leaf').first().waitFor()
      assert((await firm.locator('.drawer .formula').count()) > 0, 'no formula')
      assert((await firm.locator('.drawer .source').count()) > 0, 'no source cell')
    })
    await settled(firm)
    await stage.look(firm, 'policy-proof')
    await stage.open(firm, path)
    await tap.check('the day of filing is moved across 2026-04-01 and another version of 专精特新 governs', async () => {
      await day(firm, '2026-03-31')
      const before = (await policiesOf(firm, '2026-03-31')).rules.find((one) => one.rule.id === SPECIALISED)
      await day(firm, '2026-04-01')
      const after = (await policiesOf(firm, '2026-04-01')).rules.find((one) => one.rule.id === SPECIALISED)
      assert(before?.rule.version !== after?.rule.version, `version ${before?.rule.version} on both days`)
      const row = firm.locator('tbody [data-row]', { hasText: after.rule.title.zh }).filter({ hasText: `国家` }).first()
      await row.getByText(`第 ${after.rule.version} 版`).waitFor()
    })
    await day(firm, '2026-03-31')
    await stage.look(firm, 'policies-before-revision')
    await tap.check('another firm stays closed', async () => {
      const status = await firm.evaluate(async (other) => (await fetch(`/api/firms/${other}/policies`)).status, it.policyFirm + 1)
      assert([403, 404].includes(status), `status ${status}`)
    })

    const officer = await tap.must('the county officer signs in', () => stage.as('county'))
    await tap.must('the officer opens the rules', async () => {
      await stage.open(officer, '/work')
      await officer.getByRole('link', { name: '培育', exact: true }).click()
      await officer.locator('tbody [data-row]').first().waitFor()
      await settled(officer)
    })
    await stage.look(officer, 'rules')
    await tap.must('firms are found with a title in danger and with something that comes by itself', async () => {
      const found = await officer.evaluate(async () => {
        const get = async (path) => (await fetch(`/api${path}`)).json()
        const found = {}
        for (let at = 1; at <= 12; at++) {
          for (const { id } of (await get(`/firms?size=50&page=${at}`)).rows) {
            const { rules } = await get(`/firms/${id}/policies`)
            if (rules.some((one) => one.held?.at_risk)) found.risk ??= id
            if (rules.some((one) => one.outcome === 'met' && one.route === 'no_application')) found.free ??= id
            if (found.risk && found.free) return found
          }
        }
        return found
      })
      assert(found.risk && found.free, JSON.stringify(found))
      it.risk = found.risk
      it.free = found.free
    })
    await tap.check('the ladder says where the firm stands, what the next step lacks, and which title is about to be lost', async () => {
      await stage.open(officer, `/firms/${it.risk}/policies`)
      const data = await officer.evaluate(async (id) => (await fetch(`/api/firms/${id}/policies`)).json(), it.risk)
      const risks = data.rules.filter((one) => one.held?.at_risk)
      const notice = await officer.locator('.alarm.notice').innerText()
      for (const one of risks) {
        assert(notice.includes(one.rule.title.zh), `${one.rule.title.zh} is not in: ${notice}`)
        await officer.locator('tbody [data-row]', { hasText: one.rule.title.zh }).locator('.risk').first().waitFor()
      }
      for (const ladder of data.ladders) {
        for (const rung of ladder.rungs) await officer.locator(`.ladder .rung.${rung.state}`, { hasText: rung.title.zh }).first().waitFor()
      }
      const next = data.ladders.flatMap((one) => one.rungs).filter((rung) => rung.next)
      assert(next.length > 0, 'no ladder has a next step')
      for (const rung of next) await officer.locator('.ladder .gap', { hasText: `下一级“${rung.title.zh}”` }).first().waitFor()
      const gaps = await officer.locator('.ladder .gap:not(.muted)').allInnerTexts()
      assert(gaps.every((text) => text.split('：').slice(1).join('').trim().length > 3), `a next step without what it lacks: ${gaps.join(' | ')}`)
    })
    await stage.look(officer, 'policies-at-risk')
    await tap.check('a failing condition says what it saw; changes that would do are told as one or another', async () => {
      const data = await officer.evaluate(async (id) => (await fetch(`/api/firms/${id}/policies`)).json(), it.risk)
      const failed = data.rules.find((one) => one.outcome === 'not_met' && one.unmet[0]?.seen && one.repairs.length > 1)
      assert(failed, 'no rule fails with more than one way out')
      const row = officer.locator('tbody [data-row]', { hasText: failed.rule.title.zh }).filter({ has: officer.locator('.saw') }).first()
      assert(/\d/.test(await row.locator('.saw').innerText()), `nothing was seen: ${await row.innerText()}`)
      await row.locator('details.others > summary').click()
      same(await row.locator('details.others > ul > li').count(), failed.repairs.length - 1, 'other ways')
      await stage.open(officer, `/firms/${it.risk}/policies?rule=${encodeURIComponent(failed.rule.id)}`)
      await officer.locator('.drawer .lift > ul > li').first().waitFor()
      const ways = await officer.locator('.drawer .lift > ul > li').allInnerTexts()
      same(ways.length, failed.repairs.length - 1, 'other ways in the proof')
      assert(ways.every((text) => text.startsWith('其次')), `not one or another: ${ways.join(' | ')}`)
    })
    await tap.check('what is missing has an owner on the page, and every rule its deadline', async () => {
      await stage.open(officer, `/firms/${it.risk}/policies`)
      const rows = officer.locator('tbody [data-row]').filter({ has: officer.locator('.lack') })
      assert((await rows.count()) > 0, 'nothing is missing')
      for (const text of await rows.locator('.fact small').allInnerTexts()) assert(text.trim().length > 1, 'a fact without an owner')
      const windows = await officer.locator('tbody [data-row] td', { hasText: /不限期|正在受理|今天截止|起受理|本期已截止/ }).count()
      same(windows, await officer.locator('tbody [data-row]').count(), 'rules with a deadline')
    })
    await tap.check('what is met by facts that departments stated comes without application', async () => {
      await stage.open(officer, `/firms/${it.free}/policies?outcome=met`)
      await officer.locator('tbody [data-row]').getByText('免申即享').first().waitFor()
    })
    await stage.look(officer, 'policies-no-application')
    await tap.must('a rule opens with its versions, findings, text and what it makes of every firm', async () => {
      await stage.open(officer, `/rules/one?rule=${encodeURIComponent(SPECIALISED)}&on=2026-04-01`)
      await officer.locator('.figures').first().waitFor({ timeout: 60_000 })
      assert((await officer.locator('.versions li').count()) >= 2, 'fewer than two versions')
      assert((await officer.locator('.line code').count()) > 20, 'no text')
    })
    await stage.look(officer, 'rule')
    await tap.check('a number is changed and the counts move', async () => {
      await stage.open(officer, `/rules/one?rule=${encodeURIComponent(SMALL)}&on=2025-06-01`)
      await officer.locator('.figures').first().waitFor({ timeout: 60_000 })
      // Nobody has a hundred thousand people: whoever was small is not any more.
      await officer.getByLabel(/从业人员不低于 20/).first().fill('100000')
      await officer.locator('.what-if .turns').waitFor({ timeout: 60_000 })
      await settled(officer)
      assert(officer.url().includes('w='), 'the change is not in the address')
      const turns = await officer.locator('.what-if .turns dd').allInnerTexts()
      assert(turns.some((text) => /[+−]\d/.test(text)), `nothing moved: ${turns.join(' | ')}`)
    })
    await stage.look(officer, 'rule-what-if')
    await stage.open(officer, '/articles#article-5')
    await tap.check('the fifth article names the rules in force that carry it out', () => officer.locator('#article-5 .rules a').first().waitFor())
  }

  it.rounds = roundsChapter(stage, tap)
  it.awards = awardsChapter(stage, tap)
  it.drafts = draftsChapter(stage, tap)
  it.removal = removalChapter(stage, tap)
  it.recheck = recheckChapter(stage, tap)
  it.chains = chainsChapter(stage, tap)

  it.articles = async () => {
    tap.step('The articles: what stands behind each of them, by level and year')
    const page = await tap.must('the county officer signs in', () => stage.as('county'))
    await stage.open(page, '/articles')
    const articles = await page.evaluate(async () => (await fetch('/api/articles')).json())
    const figures = [...new Map(articles.flatMap((one) => one.figures).map((one) => [`${one.rule} ${one.year}`, one])).values()]
    const cases = (list) => list.reduce((sum, one) => sum + one.cases, 0)
    /** Cases that the head of the page says. */
    const said = async () => Number((await page.locator('.totals dd').first().innerText()).replace(/,/g, ''))
    await tap.check('the head adds up every rule once, whatever number of articles name it', async () => {
      assert(figures.length > 0, 'no figures')
      same(await said(), cases(figures), 'cases')
    })
    await tap.check('every article with figures has its table, every other says that there are none', async () => {
      same(await page.locator('section.article table.figures').count(), articles.filter((one) => one.figures.length).length, 'tables')
      same(await page.locator('section.article').getByText('尚无数据').count(), articles.filter((one) => !one.figures.length).length, 'articles without')
    })
    await page.getByRole('button', { name: /^列成表格/ }).click()
    await tap.check('all of it stands in one table and can be taken along', async () => {
      same(await page.locator('tbody [data-row]').count(), figures.length, 'lines')
      await page.getByRole('button', { name: '导出' }).click()
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /CSV/ }).click()])
      assert(/\.csv$/.test(file.suggestedFilename()), file.suggestedFilename())
    })
    await stage.look(page, 'articles-figures')
    await tap.check('it is narrowed by level and by year, in the address', async () => {
      await page.getByRole('group', { name: '层级' }).getByRole('button', { name: /^国家/ }).click()
      await page.getByRole('group', { name: '年份' }).getByRole('button', { name: /^2025/ }).click()
      await page.waitForURL((url) => url.searchParams.get('level') === 'nation' && url.searchParams.get('year') === '2025')
      await settled(page)
      same(await said(), cases(figures.filter((one) => one.level === 'nation' && one.year === 2025)), 'cases')
    })
    await page.getByRole('button', { name: '只看有数据' }).click()
    await settled(page)
    await stage.look(page, 'articles-narrowed')
    await tap.check('a rule leads to its page', async () => {
      await page.locator('#article-14 table.figures a').first().click()
      await page.waitForURL(/\/rules\/one\?/)
      await page.locator('.line code').first().waitFor()
    })
    await stage.open(page, '/articles?level=province&year=2025')
    await tap.check('a scheme leads to its page', async () => {
      await page.locator('#article-16 table.figures a').first().click()
      await page.waitForURL(/\/schemes\/view\?/)
      await page.locator('.line code').first().waitFor()
    })
  }

  /** What every rule makes of the firm on a day, as the page got it. */
  async function policiesOf(page, on = '') {
    return page.evaluate(async ([id, on]) => (await fetch(`/api/firms/${id}/policies?on=${on}`)).json(), [it.policyFirm, on])
  }

  /** Moves the day of filing. */
  async function day(page, on) {
    await page.getByLabel('申报日').fill(on)
    await page.getByLabel('申报日').press('Enter')
    await page.waitForURL((url) => url.searchParams.get('on') === on)
    await settled(page)
  }

  /** Takes a step on an account by its name in the row's menu. */
  async function act(page, account, name) {
    await page.getByLabel('登录名或姓名').fill(account)
    await page.getByRole('button', { name: new RegExp(`更多操作 ${account}`) }).click()
    await page.getByRole('button', { name, exact: true }).click()
    await dialog(page).getByLabel(/理由/).fill('新到岗')
    await dialog(page).getByRole('button', { name, exact: true }).click()
    await dialog(page).waitFor({ state: 'hidden' })
    await settled(page)
  }

  /** Status of a sign-in by name and password. */
  async function enters(sign_in, password) {
    const answer = await fetch(`${server.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sign_in, password }),
    })
    return answer.status
  }

  it.administration = async () => {
    tap.step('Accounts and audit')
    const system = await stage.as('sysadmin')
    await stage.open(system, '/accounts')
    await stage.look(system, 'accounts')
    await tap.check('the system administrator makes an account', async () => {
      await system.getByRole('button', { name: '新建账户' }).click()
      await stage.look(system, 'account-new', { english: false })
      await dialog(system).getByLabel(/登录名/).fill('story.person')
      await dialog(system).getByLabel(/姓名/).fill('新经办岗')
      await dialog(system).getByRole('button', { name: '建立' }).click()
      it.secret = (await dialog(system).locator('.secret').innerText()).trim()
      assert(/^[\w-]{16,}$/.test(it.secret), `no initial password: ${it.secret}`)
      await dialog(system).getByRole('button', { name: '已记下' }).click()
      await dialog(system).waitFor({ state: 'hidden' })
      const row = system.locator('tr', { hasText: 'story.person' })
      await row.getByText('待授予角色').waitFor()
      same(await enters('story.person', it.secret), 401, 'an account without a role opens nothing')
    })
    await tap.check('the security administrator gives it a role and enables it', async () => {
      const security = await stage.as('secadmin')
      await stage.open(security, '/accounts')
      await act(security, 'story.person', '授予角色')
      await act(security, 'story.person', '启用')
      await security.locator('tr', { hasText: 'story.person' }).getByText('正常').waitFor()
      same(await enters('story.person', it.secret), 200, 'the new officer signs in')
    })
    await tap.check('administrators see no firm figures', async () => {
      const status = await system.evaluate(async (id) => (await fetch(`/api/evaluations/${id}`)).status, it.evaluation)
      assert([403, 404].includes(status), `status ${status}`)
    })
    const auditor = await stage.as('auditadmin')
    await stage.open(auditor, '/audit')
    await tap.check('the whole audit chain holds', async () => {
      await auditor.getByRole('button', { name: '查验整条链' }).click()
      await auditor.getByText('链完整').waitFor({ timeout: 60_000 })
    })
    await stage.look(auditor, 'audit')
  }

  return it
}
