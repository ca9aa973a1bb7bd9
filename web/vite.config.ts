// How the web app is built, tested and served while it is being worked on. Requests to /api go to
// the server named by BAIGONG_SERVER; with BAIGONG_MOCK=1 invented answers stand in for it. The
// build is same-origin and free of inline scripts, so a strict content security policy holds.
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { mock } from './dev/mock.ts'

const server = process.env.BAIGONG_SERVER ?? 'http://127.0.0.1:7420'

export default defineConfig({
  plugins: [vue(), process.env.BAIGONG_MOCK ? mock() : null],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
  },
  server: { proxy: { '/api': { target: server, changeOrigin: false } } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts', 'dev/**/*.test.ts'] },
})
