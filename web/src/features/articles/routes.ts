// Address of the regulation's table of contents.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/articles',
    name: 'articles',
    component: () => import('./ArticlesView.vue'),
    meta: { title: 'articles.title', nav: 'articles', search: true },
  },
]
export default routes
