interface ImportMeta {
  readonly env: {
    readonly VITE_SUPABASE_URL: string;
    readonly VITE_SUPABASE_KEY: string;
    readonly VITE_API_URL: string;
    readonly VITE_ISSUER: string;
    readonly VITE_CLIENT_ID: string;
  };
}
