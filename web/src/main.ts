// Starts the app: wording first, then who is signed in (asked by the router's gate), then the page.
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app/App.vue'
import './app/ground'
import { i18n, startLanguage } from './app/i18n'
import { queries } from './app/query'
import { router } from './app/router'
import { useSession } from './app/session'
import { onSignedOut } from './shared/api'
import './shared/style/tokens.css'
import './shared/style/base.css'

await startLanguage()

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(VueQueryPlugin, { queryClient: queries })
app.use(router)

onSignedOut(() => {
  const session = useSession()
  if (!session.me) return
  session.forget()
  void router.push({ name: 'sign-in', query: { next: router.currentRoute.value.fullPath, ended: '1' } })
})

app.mount('#app')
