// An app for each binding: one component that shows who is signed in, and notes each time that it is rendered.

/** Every app has these. `note` is called by whatever shows the session. */
const COMMON = {
  'index.html': page(''),
  'api.js': `import { createApi } from 'tokenflight';

export const api = createApi({ baseURL: '/api', onSignedOut() {} });
`,
  'note.js': `globalThis.seen = [];

export function note({ status, subject }) {
  const text = \`\${status} \${subject}\`;
  globalThis.seen.push(text);
  return text;
}
`,
};

/** A page around what a server has rendered. */
export function page(rendered) {
  return `<!doctype html>
<html lang="en">
<title>app</title>
<div id="app">${rendered}</div>
<script type="module" src="./main.js"></script>
</html>
`;
}

// The part of a page beside the app, by which a test drives it.
const main = (imports, begin) => `${imports}
import { api } from './api.js';

const root = document.querySelector('#app');
const isRendered = root.childElementCount > 0;
${begin}
globalThis.api = api;
`;

const REACT = {
  'app.jsx': `import { useSession } from 'tokenflight/react';
import { api } from './api.js';
import { note } from './note.js';

export const App = () => <p>{note(useSession(api))}</p>;
`,
  'main.js': "import './main.jsx';\n",
  'main.jsx': main(`import { StrictMode } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { App } from './app.jsx';`, `const app = <StrictMode><App /></StrictMode>;
const mounted = isRendered ? hydrateRoot(root, app) : createRoot(root);
if (!isRendered) mounted.render(app);
globalThis.unmount = () => mounted.unmount();`),
  'server.jsx': `import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { App } from './app.jsx';

export const render = () => renderToString(<StrictMode><App /></StrictMode>);
`,
  // React for development is larger than what Vite finds right.
  'vite.config.js': 'export default { build: { chunkSizeWarningLimit: 1000 } };\n',
};

const VUE = {
  'app.vue': `<script setup>
import { useSession } from 'tokenflight/vue';
import { api } from './api.js';
import { note } from './note.js';

const session = useSession(api);
</script>

<template><p>{{ note(session) }}</p></template>
`,
  'main.js': main(`import { createApp, createSSRApp } from 'vue';
import App from './app.vue';`, `const app = isRendered ? createSSRApp(App) : createApp(App);
app.mount(root);
globalThis.unmount = () => app.unmount();`),
  'server.jsx': `import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import App from './app.vue';

export const render = () => renderToString(createSSRApp(App));
`,
  'vite.config.js': "import vue from '@vitejs/plugin-vue';\n\nexport default { plugins: [vue()] };\n",
};

const SVELTE = {
  'app.svelte': `<script>
import { useSession } from 'tokenflight/svelte';
import { api } from './api.js';
import { note } from './note.js';

const session = useSession(api);
</script>

<p>{note($session)}</p>
`,
  'main.js': main(`import { hydrate, mount, unmount } from 'svelte';
import App from './app.svelte';`, `const app = (isRendered ? hydrate : mount)(App, { target: root });
globalThis.unmount = () => unmount(app);`),
  'server.jsx': `import { render as renderApp } from 'svelte/server';
import App from './app.svelte';

export const render = () => renderApp(App).body;
`,
  'vite.config.js': `import { svelte } from '@sveltejs/vite-plugin-svelte';

export default { plugins: [svelte()] };
`,
};

// With the frameworks' warnings, and with React's StrictMode at work.
const DEVELOPMENT = { mode: 'development' };
const REACT_ONCE = { of: 'react', files: REACT, times: 1, first: ['unknown null'] };
const VUE_ONCE = { of: 'vue', files: VUE, times: 1, first: ['unknown null'] };
// Svelte takes what there is, and replaces what was rendered without a word.
const SVELTE_ONCE = { of: 'svelte', release: 22, files: SVELTE, times: 1, first: [] };

/**
 * `times`: how often one change is noted. React's StrictMode renders twice, to find what is not pure.
 * `first`: what a page notes that takes over from a server, before it notes the session.
 */
export const bindings = [
  { name: 'React', ...REACT_ONCE },
  { name: 'React, StrictMode', ...REACT_ONCE, times: 2, ...DEVELOPMENT },
  { name: 'Vue', ...VUE_ONCE },
  { name: 'Vue, development', ...VUE_ONCE, ...DEVELOPMENT },
  { name: 'Svelte', ...SVELTE_ONCE },
  { name: 'Svelte, development', ...SVELTE_ONCE, ...DEVELOPMENT },
].map((binding) => ({ mode: 'production', ...binding, files: { ...COMMON, ...binding.files } }));

/** Renders the app as a server does, in a Node process of its own, and prints what that gives. */
export const RENDER = `import { render } from './server/server.js';

process.stdout.write(JSON.stringify({ html: await render(), seen: globalThis.seen }));
`;
