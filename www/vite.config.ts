import { defineConfig } from 'vite';

// `import … from 'tokenflight'` needs no alias: this page lies inside the package of that name, and Vite
// resolves a package's own name by the `exports` of its package.json, here to dist/.
export default defineConfig({
  root: import.meta.dirname,
  build: {
    target: 'es2022',
    // The page's policy allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'bench.html'].map((page) => `${import.meta.dirname}/${page}`) },
  },
  server: {
    proxy: { '/api': 'http://127.0.0.1:4180' },
  },
});
