import { defineConfig } from 'vite';

import { apiPlugin } from '../api.mjs';

export default defineConfig({ plugins: [apiPlugin] });
