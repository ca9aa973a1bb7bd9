// The browser: one context per person, and a close look at each page: both widths, accessibility,
// nothing that scrolls sideways, and the English interface.
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { assert } from './tap.mjs'
import { leftOver, rawKeys } from './wording.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const WIDE = { width: 1440, height: 900 }
const NARROW = { width: 390, height: 844 }

/** The browser with its people. */
export class Stage {
  #people = new Map()
  #n = 0

  static async open(url, shots, tap) {
    const stage = new Stage()
    stage.url = url
    stage.shots = shots
    stage.tap = tap
    mkdirSync(shots, { recursive: true })
    stage.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    })
    return stage
  }

  async close() {
    await this.browser.close()
  }

  /** Every session ends: the people sign in again when they are next needed. */
  async everyoneLeaves() {
    for (const page of this.#people.values()) await page.context().close()
    this.#people.clear()
  }

  /** What each person saw last, for whoever reads why the story stopped. */
  async lastSight() {
    for (const [name, page] of this.#people) {
      await page.screenshot({ path: join(this.shots, `stopped-${name || 'visitor'}.png`) }).catch(() => undefined)
    }
  }

  /** A person's page; nobody's when unnamed. The first time they sign in by the form. */
  async as(name) {
    const key = name ?? ''
    const known = this.#people.get(key)
    if (known) return known
    const context = await this.browser.newContext({ viewport: WIDE, reducedMotion: 'reduce', acceptDownloads: true, locale: 'zh-CN' })
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    page.faults = []
    page.on('pageerror', (error) => page.faults.push(error.message))
    page.on('console', (message) => {
      // A refusal by status is part of the story; a broken script is not.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) page.faults.push(message.text())
    })
    if (name) await this.signIn(page, name)
    this.#people.set(key, page)
    return page
  }

  /** Signs in with name and password, as typed. The password is the one that the demo prints. */
  async signIn(page, name) {
    await page.goto(this.url)
    await page.getByLabel('用户名').fill(name)
    await page.getByLabel('密码').fill(await this.password(name))
    await page.getByRole('button', { name: '登录', exact: true }).click()
    await page.locator('nav').first().waitFor()
  }

  /** Password of a demo account, as its sign-in page shows it. */
  async password(name) {
    this.accounts ??= await (await fetch(`${this.url}/api/demo`)).json()
    const found = this.accounts.find((it) => it.sign_in === name)
    assert(found, `the demo has no account ${name}`)
    return found.password
  }

  /** Opens a path and waits until nothing is being fetched. */
  async open(page, path) {
    await page.goto(this.url + path)
    await settled(page)
  }

  /**
   * Looks closely at what a page shows now: screenshots at both widths, accessibility at both, no
   * sideways scrolling, no script faults; then the same address in English.
   */
  async look(page, name, { english = true } = {}) {
    const number = String(++this.#n).padStart(2, '0')
    const faults = []
    for (const size of [WIDE, NARROW]) {
      await page.setViewportSize(size)
      await settled(page)
      await page.screenshot({ path: join(this.shots, `${number}-${name}-${size.width}.png`), fullPage: size === NARROW })
      faults.push(...(await axe(page)).map((it) => `${size.width}: ${it}`))
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (over > 0) faults.push(`${size.width}: the page scrolls sideways by ${over} px`)
      faults.push(...rawKeys(await texts(page)).map((it) => `${size.width}: raw key ${it}`))
    }
    await page.setViewportSize(WIDE)
    faults.push(...page.faults.splice(0).map((it) => `script: ${it}`))
    if (english) faults.push(...(await this.#english(page, `${number}-${name}`)))
    this.tap.ok(faults.length === 0, `page ${name}: 1440 and 390 px, accessible, Chinese and English`, [...new Set(faults)].join('\n'))
  }

  /** The same address in English, in a page beside it. */
  async #english(page, name) {
    const faults = []
    const other = await page.context().newPage()
    other.on('pageerror', (error) => faults.push(`English: ${error.message}`))
    await other.addInitScript(() => localStorage.setItem('baigong.language', 'en'))
    await other.setViewportSize(WIDE)
    await other.goto(page.url())
    await settled(other)
    const found = await texts(other)
    faults.push(...rawKeys(found).map((it) => `English: raw key ${it}`))
    faults.push(...leftOver(found).map((it) => `English: Chinese wording ${it}`))
    await other.screenshot({ path: join(this.shots, `${name}-english.png`) })
    await other.evaluate(() => localStorage.setItem('baigong.language', 'zh-CN'))
    await other.close()
    return faults
  }
}

/** Waits until no request runs and nothing is drawn as still loading. */
export async function settled(page) {
  await page.waitForLoadState('networkidle').catch(() => undefined)
  await page
    .waitForFunction(() => !document.querySelector('.skeleton, [aria-busy="true"]'), undefined, { timeout: 20_000 })
    .catch(() => undefined)
  await page.evaluate(() => document.fonts.ready.then(() => true))
  await page.waitForTimeout(150)
}

/** Violations that axe finds, one line each. */
async function axe(page) {
  await page.evaluate(AXE)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.map((it) => {
    const node = it.nodes[0]
    return `axe ${it.id} (${it.nodes.length}): ${node.target.join(' ')} ${(node.failureSummary ?? '').split('\n')[1]?.trim() ?? ''}`
  })
}

/** Every text that can be seen or is read out. */
async function texts(page) {
  return page.evaluate(() => {
    const found = new Set()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest('script, style, code, .mono')) continue
      const text = node.data.trim()
      if (text) found.add(text)
    }
    for (const it of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
      for (const name of ['aria-label', 'placeholder', 'title']) {
        const text = it.getAttribute(name)?.trim()
        if (text) found.add(text)
      }
    }
    found.add(document.title)
    return [...found]
  })
}

/** The dialog over the page. */
export function dialog(page) {
  return page.locator('dialog[open]')
}

/** Confirms the open dialog, with a reason when it asks for one. */
export async function confirm(page, reason = '') {
  const box = dialog(page)
  await box.waitFor()
  const text = box.locator('textarea')
  if ((await text.count()) && reason) await text.fill(reason)
  await box.locator('footer button').last().click()
  await box.waitFor({ state: 'hidden', timeout: 180_000 })
}
