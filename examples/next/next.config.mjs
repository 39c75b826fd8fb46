// `dist`, as that of the other examples.
export default { distDir: 'dist', turbopack: { root: import.meta.dirname } };
