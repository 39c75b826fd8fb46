import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

import { apiPlugin } from '../api.mjs';

export default defineConfig({ plugins: [svelte(), apiPlugin] });
