import { defineConfig } from 'vite';

// The demo without a server, as a part of the documentation's site.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  publicDir: '../public',
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, emptyOutDir: true },
});
