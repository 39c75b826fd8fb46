import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

import { apiPlugin } from '../api.mjs';

export default defineConfig({ plugins: [vue(), apiPlugin] });
