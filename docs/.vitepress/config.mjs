// The documentation's site. `npm run docs` serves it, `npm run docs -- build` builds it; both by scripts/docs.mjs.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { defineConfig } from 'vitepress';

const REPOSITORY = 'https://github.com/tokenflight/tokenflight';
const docs = dirname(import.meta.dirname);

const SIDEBAR = [
  ['Start', [
    ['Start', '/start'],
    ['Installation', '/install'],
    ['Sign-in and sign-out', '/sign-in'],
    ['Your server', '/servers'],
    ['Recipes for servers', '/server-recipes'],
    ['Options', '/options'],
    ['API reference', '/api/'],
  ]],
  ['With what you have', [
    ['React, Vue, Svelte, Angular', '/frameworks'],
    ['Guards of routes', '/guards'],
    ['Rendering on a server', '/ssr'],
    ['HTTP clients', '/clients'],
    ['WebSocket and server-sent events', '/live'],
    ['Recipes', '/recipes'],
    ['Rust front-ends', '/rust'],
    ['Testing', '/testing'],
    ['Devtools', '/devtools'],
    ['Migration', '/migration'],
    ['Examples', `${REPOSITORY}/tree/main/examples`],
  ]],
  ['How it works', [
    ['Behaviour', '/behaviour'],
    ['Tabs', '/tabs'],
    ['Security', '/security'],
    ['Tokens bound to a key (DPoP)', '/dpop'],
    ['A fleet of clients', '/fleet'],
    ['Benchmarks', '/benchmarks'],
  ]],
  ['Help', [
    ['Troubleshooting', '/troubleshooting'],
    ['FAQ', '/faq'],
    ['Contributing', '/contributing'],
  ]],
];

export default defineConfig({
  title: 'tokenflight',
  description: 'A fetch that stays signed in: one token refresh for all requests of all tabs.',
  lang: 'en',
  // GitHub's pages of a project lie in a folder.
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  srcExclude: ['node_modules/**'],
  // Its pages are built by Vite, not by VitePress.
  ignoreDeadLinks: [/^\/demo/],
  markdown: { config: (md) => md.core.ruler.push('repository-links', linkToRepository) },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start' }, { text: 'API', link: '/api/' },
      { text: 'Demo', link: '/demo/index.html', target: '_self' },
    ],
    sidebar: SIDEBAR.map(([text, items]) => ({ text, items: items.map(([name, link]) => ({ text: name, link })) })),
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path` },
    footer: { message: 'MIT or Apache-2.0' },
  },
  buildEnd: writeForLanguageModels,
});

/** Lets links to files of the repository that are no pages of the site lead to GitHub. */
function linkToRepository({ tokens }) {
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    const href = token.type === 'link_open' ? token.attrGet('href') : null;
    if (!href || /^([a-z]+:|\/|#)/.test(href)) continue;
    const [path] = href.split('#');
    const isPage = !path.startsWith('../') && [path, `${path}.md`].some((file) => existsSync(join(docs, file)));
    if (!path || isPage) continue;
    token.attrSet('href', `${REPOSITORY}/blob/main/${path.replace(/^(\.\.\/)+/, '')}`);
  }
}

/** Writes llms.txt, a list of the pages, and llms-full.txt, all of them as text (llmstxt.org). */
function writeForLanguageModels({ outDir, userConfig: { title, description } }) {
  const pages = SIDEBAR.flatMap(([, items]) => items).filter(([, link]) => !/^https|\/$/.test(link) && link !== '/contributing');
  const list = pages.map(([name, link]) => `- [${name}](${link}.md)`);
  writeFileSync(join(outDir, 'llms.txt'), [`# ${title}`, '', `> ${description}`, '', '## Pages', '', ...list, ''].join('\n'));
  const texts = pages.map(([, link]) => {
    const text = readFileSync(join(docs, `${link}.md`), 'utf8');
    writeFileSync(join(outDir, `${link}.md`), text);
    return text;
  });
  writeFileSync(join(outDir, 'llms-full.txt'), texts.join('\n'));
}
